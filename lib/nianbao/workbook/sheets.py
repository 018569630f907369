"""
What stands in the sheets of an .xlsx file: the cells as the file has them, which are merged, which are hidden.

Numbers stay the text that the file holds. What a cell means in a form is for others; formats of cells that change no reading, drawings,
comments, macros and links to other files are passed over. It reads what Excel, WPS and LibreOffice write, in both dialects of the
standard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nianbao.tablefile import short

from .layout import Position
from .numberformat import BUILT_IN, GENERAL
from .package import NotAWorkbookError, Package, damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree

_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_HALVES = re.compile(r"[dD][89a-fA-F].*")
_TRUE = {"1", "true"}
# What the file says of a cell's content, in our words; text that stands in a list of the whole file among them.
_KINDS = {"n": "number", "s": "text", "str": "text", "inlineStr": "text", "b": "truth", "e": "error", "d": "date"}


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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
