"""
The lines of a Word document (.docx): its paragraphs and table rows in order, and of each what shows.

And the parts of one that others are made from, where it holds text and looks alone.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from nianbao.indicators.errors import InvalidInputError, Reading
from nianbao.reading.lines import Collector, UnreadableError

if TYPE_CHECKING:
    from lxml import etree

    from nianbao.indicators.errors import Problems
    from nianbao.reading.lines import Lines


BODY = "word/document.xml"

# Unpacked; a report of a hundred pages has three.
_MOST_BYTES = 60_000_000

# What a broken archive is met with.
_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
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

    root = _root(_body(content, file), file, "正文")
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
    except _BROKEN as error:
        raise UnreadableError(file, "文件已损坏或加了密，打不开", remedy=_SAVE_AS) from error
    if len(body) > _MOST_BYTES:
        raise UnreadableError(file, f"正文解压后大于{_MOST_BYTES // 1_000_000}MB", remedy="检查是否放错了文件")
    return body


def _root(part: bytes, file: str, called: str) -> etree._Element:
    """Return a *part* of the file, which messages call *called*."""
    from lxml import etree  # noqa: PLC0415 - only a Word document needs it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True)
    try:
        root = etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(file, f"文件已损坏，{called}读不出来", remedy=_SAVE_AS) from error
    if root.getroottree().docinfo.doctype:
        # Word never writes one: it could name other files, or grow without end.
        raise UnreadableError(file, f"{called}中有文档类型声明，不是 Word 写的", remedy=_SAVE_AS)
    return root


# What a file that others are made from may consist of: parts of Word's, and pictures as a header has them.
_PLAIN = re.compile(
    r"application/vnd\.openxmlformats-(?:officedocument|package)\.[A-Za-z.-]+\+xml"
    r"|application/vnd\.ms-word\.stylesWithEffects\+xml|application/xml|image/(?:png|jpeg)"
)
# What another part is called, by a word of its type or name.
_REFUSED = {"macro": "宏", "vba": "宏", "activex": "控件", "font": "嵌入的字体", "": "嵌入的对象"}
# What leads out of the file: by a relationship, from a shape, to the data of letters.
_LEADING = (
    "//*[local-name()='Relationship'][@TargetMode != 'Internal']/@Target"
    " | //@*[local-name()='src' or local-name()='href'] | //*[local-name()='mailMerge']/*/@*"
)
# What fields are computed from, and what of it says only how; fields of a header or footer may tell pages, and nothing from elsewhere.
_FIELDS = "//*[local-name()='instrText']/text() | //@*[local-name()='instr']"
_SWITCH = re.compile(r"\\\S\s*(?:\"[^\"]*\"|\S*)")
_WITH_FIELDS = re.compile(r"\.(?:header|footer|footnotes|endnotes)\+xml$")
_PAGES = {"PAGE", "NUMPAGES", "SECTIONPAGES"}
_MOST_PARTS, _MOST_PLAIN_BYTES, _LONGEST = 500, 20_000_000, 100
_TYPES = "[Content_Types].xml"


def plain_parts(content: bytes, file: str) -> dict[str, bytes]:
    """
    Return the parts of the Word file *content*, by name: nothing in it runs, leads out of it, or is a file of its own.

    Raises:
        InvalidInputError: with everything in it that does, or is.
        UnreadableError: where it is broken or too big.
    """
    problems: Problems = []
    reading = Reading(file, problems)
    parts = _unpacked(content, file)
    kinds = {}
    for each in _root(parts[_TYPES], file, _TYPES):
        kinds[each.get("PartName", each.get("Extension", "")).lower()] = each.get("ContentType", "")
    for name, part in parts.items():
        kind = kinds.get(f"/{name}".lower(), kinds.get(name.rpartition(".")[2].lower(), ""))
        if name != _TYPES and not _PLAIN.fullmatch(kind):
            told = next(words for word, words in _REFUSED.items() if word in f"{kind} {name}".lower())
            reading.note(f"里面有{told}（{name[:_LONGEST]}）", allowed="只有文字和样式的文件", remedy="去掉后重新保存")
        if not name.endswith((".xml", ".rels")):
            continue
        root: Any = _root(part, file, name)
        for target in root.xpath(_LEADING):
            reading.note(
                f"里面有指向文件以外的链接（{target[:_LONGEST]}）", allowed="只有文字和样式的文件", remedy="取消链接后重新保存"
            )
        fields = set(_SWITCH.sub(" ", "".join(root.xpath(_FIELDS))).upper().split()) if _WITH_FIELDS.search(kind) else set()
        if not fields <= _PAGES:
            reading.note(
                f"页眉、页脚或脚注中有域“{' '.join(sorted(fields - _PAGES))[:_LONGEST]}”", allowed="页码", remedy="删去这个域"
            )
    if problems:
        raise InvalidInputError(problems)
    return parts


def _unpacked(content: bytes, file: str) -> dict[str, bytes]:
    """Return all parts of a file by name, unpacking no more than `_MOST_PLAIN_BYTES` whatever the archive says of its size."""
    parts: dict[str, bytes] = {}
    room = _MOST_PLAIN_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist()[:_MOST_PARTS]:
                with archive.open(name) as part:
                    parts[name] = part.read(room + 1)
                room -= len(parts[name])
                if room < 0:
                    break
            too_much = room < 0 or len(archive.namelist()) > _MOST_PARTS
    except _BROKEN as error:
        raise UnreadableError(file, "文件已损坏或加了密，打不开", remedy=_SAVE_AS) from error
    if too_much:
        raise UnreadableError(
            file, f"解压后大于{_MOST_PLAIN_BYTES // 1_000_000}MB或多于{_MOST_PARTS}个部分", remedy="检查是否放错了文件"
        )
    if _TYPES not in parts:
        raise UnreadableError(file, "不是 Word 文件", remedy=_SAVE_AS)
    return {name: part for name, part in parts.items() if not name.endswith("/")}


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
