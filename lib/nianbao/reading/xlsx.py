"""
The sheets of an .xlsx file: its cells with their formats and merged ranges, as they are stored.

Nothing is unpacked before its size is known, no part is run, and nothing outside the file is followed; whatever else a file turns out
to be is told by its name. What the cells mean is for `tables`.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from lxml import etree

from nianbao.indicators import frozen, positional
from nianbao.indicators.errors import NotFitError, short
from nianbao.page.grid import Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


MOST_BYTES = 20_000_000

_MOST_ENTRIES = 2_000
_MOST_UNPACKED = 100_000_000
# What is read of a file is its sheets and texts; a filled form has some ten thousand bytes of each.
_MOST_PART = 16_000_000
_AGAIN = "用 Excel 或 WPS 打开后另存为“Excel 工作簿（.xlsx）”"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Old binary files: the name of a stream in them, what the file is, what to do.
_STREAMS = (
    ("EncryptedPackage", "文件有打开密码", "打开后在“文件—信息—保护工作簿”中去掉密码，另存为 .xlsx"),
    ("WordDocument", "是 Word 文档", "选填好的 Excel 工作簿"),
    ("PowerPoint Document", "是演示文稿", "选填好的 Excel 工作簿"),
    ("Workbook", "是旧格式 .xls", _AGAIN),
    ("Book", "是旧格式 .xls", _AGAIN),
)
# Zip files that are no .xlsx: a file inside, what it is, what to do.
_INSIDE = (
    ("word/document.xml", "是 Word 文档", "选填好的 Excel 工作簿"),
    ("ppt/presentation.xml", "是演示文稿", "选填好的 Excel 工作簿"),
    ("xl/workbook.bin", "是二进制格式 .xlsb", _AGAIN),
    ("content.xml", "是 OpenDocument 格式（.ods 等）", "打开后另存为“Excel 工作簿（.xlsx）”"),
)
_STARTS = (
    (b"%PDF-", "是 PDF", "选填好的 Excel 工作簿"),
    (b"<", "是网页或 XML，只是改了扩展名", _AGAIN),
    (b"PK", "文件不完整或已损坏", "重新复制一份，或用 Excel、WPS 打开修复后另存"),
)


class NotAWorkbookError(NotFitError):
    """The file cannot be read as an .xlsx."""


class Package:
    """An .xlsx file whose sizes are known to be harmless."""

    def __init__(self, content: bytes) -> None:
        """
        Open *content*.

        Raises:
            NotAWorkbookError: where it is no .xlsx, is damaged, locked or too big.
        """
        if len(content) > MOST_BYTES:
            raise NotAWorkbookError(f"文件大于{MOST_BYTES // 1_000_000}MB", "检查是否放错了文件；图片等无关内容请删去")
        if not zipfile.is_zipfile(io.BytesIO(content)):
            raise _stranger(content)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise damaged() from error
        self._entries = _entries(self._archive)

    @property
    def macros(self) -> bool:
        """Whether the file holds macros."""
        return any(name.endswith("vbaproject.bin") for name in self._entries)

    def main(self) -> str:
        """
        Return the name of the part that lists the sheets.

        Raises:
            NotAWorkbookError: where there is none.
        """
        for name, found, remedy in _INSIDE:
            if name in self._entries:
                raise NotAWorkbookError(found, remedy)
        for kind, target in self.relations("").values():
            if kind == "officeDocument" and target in self._entries:
                return target
        raise NotAWorkbookError("是压缩包，不是 Excel 工作簿", "选填好的 Excel 工作簿（.xlsx）")

    def relations(self, part: str) -> Mapping[str, tuple[str, str]]:
        """Return the kind and the name of each part that *part* refers to, by the id of the reference."""
        folder, name = posixpath.split(part)
        root = self.part(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = {}
        for each in root.iterfind("{*}Relationship") if root is not None else ():
            # What lies outside the file is never followed.
            if each.get("TargetMode") != "External":
                kind = each.get("Type", "").rpartition("/")[2]
                found[each.get("Id", "")] = (kind, _plain(posixpath.join("/", folder, each.get("Target", ""))))
        return found

    def part(self, name: str) -> etree._Element | None:
        """
        Return the root of the part called *name*, or None where there is no such part.

        Raises:
            NotAWorkbookError: where it is too big, damaged, or declares a document type, which no program for sheets does.
        """
        entry = self._entries.get(_plain(name))
        if entry is None:
            return None
        if entry.file_size > _MOST_PART:
            raise NotAWorkbookError(
                f"其中的 {entry.filename} 解压后大于{_MOST_PART // 1_000_000}MB", "只留要填的表，或把数填进新导出的空表"
            )
        try:
            content = self._archive.read(entry)
            root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, etree.XMLSyntaxError) as error:
            raise damaged() from error
        if root.getroottree().docinfo.doctype:
            raise NotAWorkbookError("其中有文档类型声明，不是 Excel 或 WPS 写的", _AGAIN)
        return root


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > _MOST_ENTRIES:
        raise NotAWorkbookError(f"其中的文件多于{_MOST_ENTRIES}个", "检查是否放错了文件")
    if sum(info.file_size for info in infos) > _MOST_UNPACKED:
        raise NotAWorkbookError(f"解压后大于{_MOST_UNPACKED // 1_000_000}MB", "检查是否放错了文件；图片等无关内容请删去")
    if any(info.flag_bits & 1 for info in infos):
        raise NotAWorkbookError("是加了密的压缩包", _AGAIN)
    found = {_plain(info.filename): info for info in infos}
    if len(found) != len(infos):
        # Which of two one program shows and another reads is anybody's guess.
        raise damaged()
    return found


def _plain(name: str) -> str:
    """Return the name of a part as it is looked up: programs differ in case, in slashes and in the one they begin with."""
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/").lower()


def damaged(what: str = "") -> NotAWorkbookError:
    """Return the refusal of a file that is broken; *what* says of which part that is known."""
    return NotAWorkbookError(f"文件不完整或已损坏{what and f'（{what}）'}", "重新复制一份，或用 Excel、WPS 打开修复后另存")


def _stranger(content: bytes) -> NotAWorkbookError:
    """Say what a file is that is no zip file."""
    if not content.strip(b"\0"):
        return NotAWorkbookError("文件是空的", "选填好的 Excel 工作簿（.xlsx）")
    if content.startswith(_OLE):
        for stream, found, remedy in _STREAMS:
            if stream.encode("utf-16-le") in content:
                return NotAWorkbookError(found, remedy)
        return NotAWorkbookError("是旧格式的 Office 文件", _AGAIN)
    begun = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, found, remedy in _STARTS:
        if begun.startswith(start):
            return NotAWorkbookError(found, remedy)
    if b"\0" not in content and any(mark in content for mark in (b",", b"\t", b";")):
        return NotAWorkbookError(
            "是文本（CSV 等），不是 Excel 工作簿", "用 Excel 打开后另存为 .xlsx；表式自己的 CSV 直接放进资料文件夹"
        )
    return NotAWorkbookError("不是 Excel 工作簿", "选填好的 Excel 工作簿（.xlsx）")


# Formats that a file names by number only, without writing them out; those of dates differ by language.
_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}
BUILT_IN = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??"}
BUILT_IN |= {48: "##0.0E+0", 49: "@"} | dict.fromkeys(_DATES, "yyyy-mm-dd")
GENERAL = "General"

_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_GENERAL = re.compile(r"General|G/通用格式", re.IGNORECASE)
_DATE = re.compile(r"[ymdhs年月日]|a{3,4}", re.IGNORECASE)
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_DIGIT = re.compile(r"[0#?@]")
_BY_SIGN = 3


class Shown(StrEnum):
    """What stands on the screen."""

    NUMBER = "number"
    DATE = "date"
    PERCENT = "percent"
    SCALED = "scaled"
    OTHER = "other"


def shown(code: str, sign: int) -> Shown:
    """Return what the format *code* shows of a number whose sign is *sign*: 1, 0 or -1."""
    sections = _GENERAL.sub("0", _LITERAL.sub("", code)).split(";")
    section = _section(sections, sign)
    if _DATE.search(re.sub(r"[eE][+-]", "", section)):
        return Shown.DATE
    if "%" in section:
        return Shown.PERCENT
    if _SCALED.search(section):
        return Shown.SCALED
    return Shown.NUMBER if _DIGIT.search(section) else Shown.OTHER


def places(code: str) -> int | None:
    """Return how many decimals the format *code* shows, or None where it shows as many as there are."""
    section = _LITERAL.sub("", code).split(";")[0]
    if _GENERAL.search(section) or not re.search(r"[0#?]", section) or "/" in section:
        return None
    return len(re.sub(r"[^0#?]", "", section.partition(".")[2]))


def _section(sections: list[str], sign: int) -> str:
    """Return the section that holds for a number of that sign: they are positive; negative; zero, and the first stands for those left out."""
    if sign < 0 and len(sections) > 1:
        return sections[1]
    if sign == 0 and len(sections) >= _BY_SIGN:
        return sections[2]
    return sections[0]


_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_HALVES = re.compile(r"[dD][89a-fA-F].*")
_TRUE = {"1", "true"}
# What the file says of a cell's content, in our words; text that stands in a list of the whole file among them.
_KINDS = {"n": "number", "s": "text", "str": "text", "inlineStr": "text", "b": "truth", "e": "error", "d": "date"}


@frozen
class Stored:
    """
    What a file holds for one cell.

    Args:
        kind: `number`, `text`, `truth`, `error` or `date`.

        text: the characters of the value; of a formula, of its result as it was last computed.

        formula: whether the value is the result of a formula.

        computed: whether that result is there.

        code: the number format.
    """

    kind: str
    text: str
    formula: bool = False
    computed: bool = True
    code: str = GENERAL


@positional
class Range:
    """A rectangle of cells."""

    first: Position
    last: Position

    def __contains__(self, at: Position) -> bool:
        return self.first.line <= at.line <= self.last.line and self.first.column <= at.column <= self.last.column

    @property
    def address(self) -> str:
        """The rectangle as a spreadsheet names it."""
        return f"{self.first.address}:{self.last.address}"


@frozen
class Sheet:
    """
    One sheet as it is in the file.

    Args:
        cells: those that hold something.

        merged: the rectangles that show the first of their cells alone.

        hidden_lines: from 0.

        hidden_columns: first and last, from 0.
    """

    name: str
    hidden: bool
    cells: Mapping[Position, Stored]
    merged: tuple[Range, ...] = ()
    hidden_lines: frozenset[int] = frozenset()
    hidden_columns: tuple[tuple[int, int], ...] = ()

    def merge(self, at: Position) -> Range | None:
        """Return the merged rectangle that *at* lies in."""
        return next((each for each in self.merged if at in each), None)

    def column_hidden(self, column: int) -> bool:
        """Tell whether the column *column* is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


@frozen
class Book:
    """
    A workbook as it is in the file.

    Args:
        names: the texts and numbers that the workbook gives a name, as they are written.

        since_1904: whether day 0 of its dates is in 1904.
    """

    sheets: tuple[Sheet, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    macros: bool = False
    since_1904: bool = False


def read(content: bytes) -> Book:
    """
    Return what stands in the workbook *content*.

    Raises:
        NotAWorkbookError: where it cannot be read; the message says why.
    """
    package = Package(content)
    main = package.main()
    root = package.part(main)
    assert root is not None
    if not root.tag.endswith("}workbook"):
        raise NotAWorkbookError("不是 Excel 工作簿", "选填好的 Excel 工作簿（.xlsx）")
    properties = root.find("{*}workbookPr")
    # A sheet that was copied from another workbook may have brought a name of its own.
    defined = [each for each in root.iterfind("{*}definedNames/{*}definedName") if each.get("localSheetId") is None]
    names = {each.get("name", ""): (each.text or "").strip() for each in defined}
    return Book(
        sheets=tuple(_Reader(package, main).sheets(root)),
        names={name: text.removeprefix('"').removesuffix('"') for name, text in names.items()},
        macros=package.macros,
        since_1904=properties is not None and properties.get("date1904") in _TRUE,
    )


class _Reader:
    """Reads the sheets of one workbook, which share their texts and formats."""

    def __init__(self, package: Package, main: str) -> None:
        self.package = package
        self.relations = package.relations(main)
        self.texts = [_text(each) for each in self._shared("sharedStrings", "{*}si")]
        written = {each.get("numFmtId"): each.get("formatCode", "") for each in self._shared("styles", "{*}numFmts/{*}numFmt")}
        self.codes = [_code(each.get("numFmtId", "0"), written) for each in self._shared("styles", "{*}cellXfs/{*}xf")]

    def sheets(self, root: etree._Element) -> Iterator[Sheet]:
        """Yield the sheets of cells, in the order of their tabs."""
        for each in root.iterfind("{*}sheets/{*}sheet"):
            reference = next((value for key, value in each.attrib.items() if str(key).endswith("}id")), "")
            kind, target = self.relations.get(str(reference), ("", ""))
            if kind != "worksheet":
                continue
            part = self.package.part(target)
            if part is None:
                raise damaged(f"缺少工作表“{each.get('name')}”的内容")
            # Messages name the sheet.
            yield self._sheet(part, short(each.get("name", "")), hidden=each.get("state", "visible") != "visible")

    def _shared(self, kind: str, path: str) -> list[etree._Element]:
        target = next((target for each, target in self.relations.values() if each == kind), "")
        part = self.package.part(target) if target else None
        return [] if part is None else part.findall(path)

    def _sheet(self, root: etree._Element, name: str, *, hidden: bool) -> Sheet:
        cells: dict[Position, Stored] = {}
        hidden_lines = set()
        line = -1
        for row in root.iterfind("{*}sheetData/{*}row"):
            line = _count(row.get("r"), line + 2) - 1
            if row.get("hidden") in _TRUE:
                hidden_lines.add(line)
            column = -1
            for each in row.iterfind("{*}c"):
                at = _position(each.get("r")) if each.get("r") else Position(line, column + 1)
                column = at.column
                if (stored := self._stored(each)) is not None:
                    if at in cells or at.line != line:
                        raise damaged(f"工作表“{name}”的单元格 {at.address} 写了两次或错了位")
                    cells[at] = stored
        return Sheet(
            name=name,
            hidden=hidden,
            cells=cells,
            merged=tuple(_range(each.get("ref", "")) for each in root.iterfind("{*}mergeCells/{*}mergeCell")),
            hidden_lines=frozenset(hidden_lines),
            hidden_columns=tuple(
                (_count(each.get("min"), 1) - 1, _count(each.get("max"), 1) - 1)
                for each in root.iterfind("{*}cols/{*}col")
                if each.get("hidden") in _TRUE
            ),
        )

    def _stored(self, cell: etree._Element) -> Stored | None:
        kind = cell.get("t", "n")
        formula = cell.find("{*}f") is not None
        inline, value = cell.find("{*}is"), cell.find("{*}v")
        text = _text(inline) if inline is not None else _unescaped(value.text or "") if value is not None else ""
        if kind == "s" and text:
            text = self.texts[_index(text, len(self.texts))]
        if not text and not formula:
            return None
        style = cell.get("s", "")
        code = self.codes[int(style)] if style.isdecimal() and int(style) < len(self.codes) else GENERAL
        # A formula whose result is an empty text says so; without that, there is no result.
        computed = bool(text) or kind == "str"
        return Stored(kind=_KINDS.get(kind, "text"), text=text, formula=formula, computed=computed, code=code)


def _text(element: etree._Element) -> str:
    """Return the text of a string with its runs, without what only says how to pronounce it."""
    return "".join(_unescaped(each.text or "") for path in ("{*}t", "{*}r/{*}t") for each in element.iterfind(path))


def _unescaped(text: str) -> str:
    """Return *text* with the characters that the file writes by their numbers; halves of a pair stay as written."""
    return _ESCAPE.sub(lambda found: found[0] if _HALVES.fullmatch(found[1]) else chr(int(found[1], 16)), text)


def _code(number: str, written: Mapping[str | None, str]) -> str:
    return written.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, GENERAL)


def _index(text: str, length: int) -> int:
    if not text.isdecimal() or int(text) >= length:
        raise damaged("单元格引用了不存在的文字")
    return int(text)


def _count(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,6}", text):
        raise damaged(f"行号是“{text}”")
    return int(text)


def _position(address: str | None) -> Position:
    found = _ADDRESS.fullmatch(address or "")
    if not found:
        raise damaged(f"单元格的地址是“{address}”")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return Position(int(found[2]) - 1, column - 1)


def _range(reference: str) -> Range:
    first, _colon, last = reference.partition(":")
    return Range(_position(first), _position(last or first))
