"""The lines of a Word document (.docx): its paragraphs and table rows in order, read with the standard library."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING
from xml.parsers import expat

from nianbao.reading.lines import Collector, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nianbao.reading.lines import Line


BODY = "word/document.xml"

# Unpacked; a report of a hundred pages has three.
_MOST_BYTES = 60_000_000

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main ",
    "http://purl.oclc.org/ooxml/wordprocessingml/main ",
)
_FALLBACK = "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"

# Deleted and moved text is no longer there; a fallback says again what stands beside it.
_SILENT = frozenset({"del", "moveFrom", _FALLBACK})
_WRITES = {"tab": " ", "noBreakHyphen": "-"}


def lines(content: bytes, file: str) -> tuple[Line, ...]:
    """
    Return the lines of the document *content*.

    Args:
        file: how messages name it.

    Raises:
        UnreadableError: where it is broken, too big, or not what Word writes.
    """
    return _Document(file).read(_body(content, file))


def _body(content: bytes, file: str) -> bytes:
    """Return the main part, unpacking no more than `_MOST_BYTES` whatever the archive says of its size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(BODY) as part:
            body = part.read(_MOST_BYTES + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableError(file, "文件已损坏或加了密，打不开", remedy="用 Word 或 WPS 打开后另存为 .docx") from error
    if len(body) > _MOST_BYTES:
        raise UnreadableError(file, f"正文解压后大于{_MOST_BYTES // 1_000_000}MB", remedy="检查是否放错了文件")
    return body


class _Document:
    """Follows the elements of the main part."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.collected = Collector()
        self.silent = 0
        self.in_text = False
        self.vanished = False

    def read(self, body: bytes) -> tuple[Line, ...]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        try:
            parser.Parse(body, True)  # noqa: FBT003 - expat takes no names
        except expat.ExpatError as error:
            raise UnreadableError(self.file, "文件已损坏，正文读不出来", remedy="用 Word 或 WPS 打开后另存为 .docx") from error
        return self.collected.finish()

    def _refuse_doctype(self, *_declared: object) -> None:
        """Word never writes one: it could name other files, or grow without end."""
        raise UnreadableError(self.file, "正文中有文档类型声明，不是 Word 写的", remedy="用 Word 或 WPS 打开后另存为 .docx")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = _local(name)
        if self.silent or tag in _SILENT:
            self.silent += 1
        elif tag == "r":
            self.vanished = False
        elif tag == "vanish":
            self.vanished = not any(value in {"0", "false", "off"} for value in attributes.values())
        elif tag == "t":
            self.in_text = True
        elif tag in _WRITES:
            self.collected.write(_WRITES[tag])
        elif tag in {"p", "br", "cr"}:
            self.collected.end_line()
        elif tag == "tr":
            self.collected.start_row()
        elif tag == "tc":
            self.collected.start_cell()

    def _end(self, name: str) -> None:
        tag = _local(name)
        if self.silent:
            self.silent -= 1
        elif tag == "t":
            self.in_text = False
        elif tag in {"p", "tc"}:
            self.collected.end_line()
            self.vanished = False
        elif tag == "tr":
            self.collected.end_row()

    def _data(self, text: str) -> None:
        if self.in_text and not self.silent and not self.vanished:
            self.collected.write(text)


def _local(name: str) -> str:
    """Return the name of a Word element without its namespace, and any other name as it is."""
    for namespace in _WORD:
        if name.startswith(namespace):
            return name.removeprefix(namespace)
    return name
