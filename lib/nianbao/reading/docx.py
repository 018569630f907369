"""The lines of a Word document (.docx): its paragraphs and table rows in order, and of each what shows."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from nianbao.reading.lines import Collector, UnreadableError

if TYPE_CHECKING:
    from lxml import etree

    from nianbao.reading.lines import Lines


BODY = "word/document.xml"

# Unpacked; a report of a hundred pages has three.
_MOST_BYTES = 60_000_000

_SAVE_AS = "用 Word 或 WPS 打开后另存为 .docx"
_WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
# Deleted and moved text is no longer there; a fallback says again what stands beside it.
_SILENT = frozenset({"del", "moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"})
_WRITES = {"tab": " ", "noBreakHyphen": "-"}


def lines(content: bytes, file: str) -> Lines:
    """
    Return the lines of the document *content*.

    Args:
        file: how messages name it.

    Raises:
        UnreadableError: where it is broken, too big, or not what Word writes.
    """
    from lxml import etree  # noqa: PLC0415 - only a Word document needs it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True)
    try:
        root = etree.fromstring(_body(content, file), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(file, "文件已损坏，正文读不出来", remedy=_SAVE_AS) from error
    if root.getroottree().docinfo.doctype:
        # Word never writes one: it could name other files, or grow without end.
        raise UnreadableError(file, "正文中有文档类型声明，不是 Word 写的", remedy=_SAVE_AS)
    document = _Document()
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = _local(str(element.tag))
        if tag in _SILENT:
            walk.skip_subtree()
        elif event == "start":
            document.start(tag, element)
        else:
            document.end(tag)
    return document.collected.finish()


def _body(content: bytes, file: str) -> bytes:
    """Return the main part, unpacking no more than `_MOST_BYTES` whatever the archive says of its size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(BODY) as part:
            body = part.read(_MOST_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableError(file, "文件已损坏或加了密，打不开", remedy=_SAVE_AS) from error
    if len(body) > _MOST_BYTES:
        raise UnreadableError(file, f"正文解压后大于{_MOST_BYTES // 1_000_000}MB", remedy="检查是否放错了文件")
    return body


class _Document:
    """Follows the elements of the main part."""

    def __init__(self) -> None:
        self.collected = Collector()
        self.vanished = False

    def start(self, tag: str, element: etree._Element) -> None:
        """Begin what *tag* begins, and take the text of *element* where it shows."""
        if tag == "r":
            self.vanished = False
        elif tag == "vanish":
            self.vanished = not {"0", "false", "off"} & set(map(str, element.attrib.values()))
        elif tag == "t" and not self.vanished:
            self.collected.write(element.text or "")
        elif tag in _WRITES:
            self.collected.write(_WRITES[tag])
        elif tag in {"p", "br", "cr"}:
            self.collected.end_line()
        elif tag == "tr":
            self.collected.start_row()
        elif tag == "tc":
            self.collected.start_cell()

    def end(self, tag: str) -> None:
        """End what *tag* ends."""
        if tag in {"p", "tc"}:
            self.collected.end_line()
            self.vanished = False
        elif tag == "tr":
            self.collected.end_row()


def _local(name: str) -> str:
    """Return the name of a Word element without its namespace, and any other name as it is."""
    for namespace in _WORD:
        name = name.removeprefix(namespace)
    return name
