"""
What every workbook shares: how a quantity stands in a cell, how sheets look and are drawn, how formulas are worded.

A spreadsheet keeps fifteen significant digits of a number; one with more is written as text, so that none is lost in silence.
Where everything stands is the grid's; what a report or a form to fill in puts there is `xlsx`' and `workbook`'s.
"""

from __future__ import annotations

import datetime
import io
import re
import unicodedata
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any

import xlsxwriter

from nianbao.indicators.errors import UNFIT
from nianbao.indicators.rules import OPERATORS
from nianbao.indicators.values import METHODS, State
from nianbao.page import theme
from nianbao.page.grid import ABOUT, SHEET_WIDTHS, TITLE, Label, Position, letter
from nianbao.render import unzipped, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from nianbao.indicators.values import Quantity, Strings
    from nianbao.page.grid import Sheet

    Content = int | Decimal | str


MOST_DIGITS = 15


def content(quantity: Quantity) -> Content:
    """Return the number, its digits as text where a spreadsheet would lose some, `-` for not applicable, or an empty text."""
    if quantity.state is State.NOT_APPLICABLE:
        return "-"
    value = quantity.value
    if not isinstance(value, int | Decimal):
        return ""
    return value if _digits(value) <= MOST_DIGITS else quantity.exact or ""


def is_number(found: Content) -> bool:
    """Tell whether a formula sees a number there."""
    return not isinstance(found, str)


def is_long(found: Content) -> bool:
    """Tell whether it is a number that stands there as text."""
    return isinstance(found, str) and len(found) > MOST_DIGITS


def _digits(value: int | Decimal) -> int:
    """Count the digits from the first that is not 0: noughts at the end, too, are noughts that a spreadsheet may have put there."""
    return len(str(value).replace(".", "").lstrip("-0") or "0")


# A date that claims nothing.
_NO_DATE = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
_CORE, _END = "docProps/core.xml", b"</cp:coreProperties>"
_SHEETS = "xl/worksheets/"
# A formula that comes to an empty text says that it does, as Excel writes it; XlsxWriter leaves that open.
_BLANK = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?)(><f>[^<]*</f><v></v>)')
_UNFIT = re.compile(rf"[{UNFIT}\ud800-\udfff]")
_LONGEST = 200


def packed(
    write: Callable[[xlsxwriter.Workbook], None], *, title: str, author: str = "", date: datetime.date | None = None
) -> bytes:
    """
    Return the workbook that *write* fills.

    Args:
        date: what its properties give as the time it was made; nothing that is known of a machine stands in them.
    """
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        created = datetime.datetime.combine(date, datetime.time(), datetime.UTC) if date else _NO_DATE
        book.set_properties({"title": plain(title), "author": plain(author), "created": created})
        write(book)
    parts = unzipped(made)
    parts |= {name: _BLANK.sub(rb'\1 t="str"\2', part) for name, part in parts.items() if name.startswith(_SHEETS)}
    parts[_CORE] = parts[_CORE].replace(_END, b"<dc:language>zh-CN</dc:language>" + _END)
    return zipped(parts)


def plain(text: str) -> str:
    """Return a name from outside as one line of text that a workbook can hold."""
    line = " ".join(_UNFIT.sub("", text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 2] + "……"


_BASE = {"font_name": "宋体", "font_size": 11, "font_color": "black", "valign": "vcenter", "text_wrap": True, "locked": True}
_FRAMED = {"border": 1, "border_color": "sheet-grid"}
_STUB = {**_FRAMED, "bg_color": "sheet-stub"}
_CENTRED = {"align": "center"}
_NUMBER = {**_FRAMED, "align": "right", "text_wrap": False}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "text": {},
    "title": {"font_name": "黑体", "font_size": 16, **_CENTRED},
    "about": {"font_size": 10},
    "remark": {"font_size": 10, "text_wrap": False},
    "head": {**_STUB, **_CENTRED, "font_name": "黑体"},
    "section": {**_STUB, **_CENTRED},
    "group": {**_STUB, **_CENTRED},
    "label": _STUB,
    "unit": {**_STUB, **_CENTRED},
    "none": {**_FRAMED, **_CENTRED, "bg_color": "sheet-computed"},
    "input": {**_NUMBER, "locked": False},
    "total": {**_NUMBER, "bg_color": "sheet-computed"},
    "value": _NUMBER,
    "word": _FRAMED,
    "typed": {**_FRAMED, "num_format": "@", "locked": False},
    "rule": {**_FRAMED, "font_size": 9},
    "check": {**_FRAMED, **_CENTRED, "font_size": 9},
    "red": {"bg_color": "fails-tint", "font_color": "fails", "bold": True},
    "amber": {"bg_color": "lacks-tint", "font_color": "lacks"},
    "green": {"font_color": "agrees"},
}


class Styles:
    """The looks of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, str, int], Format] = {}

    def __call__(self, look: str, number: str = "General", indent: int = 0) -> Format:
        """Return the format of *look*; *number* is the format of numbers in it."""
        key = (look, number, indent)
        if key not in self._made:
            marks = look in {"red", "amber", "green"}
            made = dict(_LOOKS[look]) if marks else {**_BASE, "num_format": number, "indent": indent, **_LOOKS[look]}
            made |= {name: "#" + theme.digits(colour) for name, colour in made.items() if name.endswith("_color")}
            self._made[key] = self._book.add_format(made)
        return self._made[key]


def number_format(places: int) -> str:
    """Return the format of numbers with at most *places* decimals: all digits that there are."""
    return "General" if places else "0"


_VALUE, _FEW_VALUES, _FEW = 11.0, 16.0, 3
_LEAST_LABEL = 24.0
_GAP = 3.0
_LINE, _TALLEST = 16.0, 400.0
# How large letters are beside the usual ones.
_SIZES = {"title": 1.5, "rule": 0.85}
_A4 = 9
# More columns than this are printed across the page.
_MOST_UPRIGHT = 6
_MARGIN = 0.6


def draw(page: Worksheet, sheet: Sheet, styles: Styles, about: str, beside: Sequence[tuple[Label, float]] = ()) -> None:
    """
    Draw *sheet* without its values.

    Args:
        about: stands under the title.

        beside: labels outside the grid, each with the width of its column; the column left free between has none of its own.
    """
    widths = dict(enumerate(column_widths(sheet)))
    widths |= {label.at.column: width for label, width in beside if label.at.column not in widths}
    for column in range(max(widths) + 1):
        page.set_column(column, column, widths.setdefault(column, _GAP))
    labels = [*sheet.labels, *(label for label, _width in beside)]
    for label in labels:
        write(page, label, styles(label.kind, indent=label.depth))
    _heights(page, labels, widths)
    write(page, Label(text=about, kind="about", at=Position(ABOUT, 0), width=max(sheet.last.column, 1) + 1), styles("about"))
    page.freeze_panes(sheet.first.line, sheet.first.column)
    set_up(page, across=len(sheet.table.columns) + len(sheet.stub) > _MOST_UPRIGHT)
    page.repeat_rows(TITLE, sheet.first.line - 1)
    page.print_area(TITLE, 0, sheet.last.line, sheet.last.column)


def set_out(page: Worksheet, title: str, widths: Sequence[float], styles: Styles) -> None:
    """Give a sheet that is no form its columns and its title across them."""
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.merge_range(TITLE, 0, TITLE, len(widths) - 1, title, styles("title"))
    page.set_row(TITLE, 30)


def write_texts(page: Worksheet, line: int, texts: Iterable[str], look: object) -> None:
    """Write *texts* beside each other, from the first column on."""
    for column, text in enumerate(texts):
        page.write_string(line, column, text, look)


def write(page: Worksheet, label: Label, look: object) -> None:
    """Write the text of *label* into its cells, merged where they are more than one; never as a formula."""
    if label.at != label.end:
        page.merge_range(*label.at, *label.end, "", look)
    page.write_string(*label.at, label.text, look)


def put(page: Worksheet, at: Position, held: Content, look: object) -> None:
    """Write what a cell holds: a number as a number with all its digits, text as text, nothing as a blank."""
    if held == "":
        page.write_blank(*at, None, look)
    elif isinstance(held, str):
        page.write_string(*at, held, look)
    else:
        page.write_number(*at, held, look)


def set_up(page: Worksheet, *, across: bool) -> None:
    """Set a sheet up for A4, as wide as the page; *across* for landscape."""
    page.set_paper(_A4)
    if across:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=_MARGIN, right=_MARGIN)
    page.center_horizontally()
    page.set_footer("&C&P / &N")


def column_widths(sheet: Sheet) -> list[float]:
    """Return the width of each column of the grid, in characters."""
    few = len(sheet.table.columns) <= _FEW
    longest = max(_letters(label.text) + 2.0 for label in sheet.labels if label.kind == "label")
    widths = {**SHEET_WIDTHS, "label": min(max(longest, _LEAST_LABEL), SHEET_WIDTHS["label"])}
    # Few columns have room for what stands over them.
    over = max(_letters(label.text) + 2.0 for label in sheet.labels if label.kind == "head" and label.at.column >= len(sheet.stub))
    return [*(widths[kind] for kind in sheet.stub), *[max(over, _FEW_VALUES) if few else _VALUE] * len(sheet.table.columns)]


def height(text: str, width: float, size: float = 1.0) -> float:
    """Return how tall *text* is in a cell of *width* characters; *size* is that of its letters beside the usual one."""
    lines = sum(ceil(max(1, _letters(line)) * size / (width - 1)) for line in text.split("\n"))
    return _LINE * lines * size + 3


def _letters(text: str) -> int:
    """Return how many letters of the Latin alphabet are as wide as *text*."""
    return sum(2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in text)


def _heights(page: Worksheet, labels: Sequence[Label], widths: Mapping[int, float]) -> None:
    """Make each line as tall as the tallest text in it; one over several lines shares its height out among them."""
    tall = {ABOUT: _LINE + 3}
    # What a check says takes two lines of a narrow column.
    tall |= {label.at.line: 2 * _LINE for label in labels if label.kind == "rule"}
    for label in labels:
        width = sum(widths[column] for column in range(label.at.column, label.end.column + 1))
        needed = height(label.text, width, _SIZES.get(label.kind, 1.0)) / label.height
        for line in range(label.at.line, label.end.line + 1):
            tall[line] = max(tall.get(line, _LINE + 3), needed)
    for line, needed in tall.items():
        page.set_row(line, min(needed, _TALLEST))


AGREES, WAITS, NOT_APPLICABLE = "✓ 相符", "待填", "不适用"
# What every check says that fails, and every count of cells that still lack a number.
FAILS, LACKS, UNFILLED = "不符", "还缺", "还缺数"
NOTHING = "没有勾稽关系"
MORE, LESS = "左边多", "左边少"


def ranges(cells: Iterable[Position], sheet: str = "", *, fixed: bool = False) -> Strings:
    """
    Return *cells* as few ranges, each one column wide or one line tall.

    Args:
        sheet: where they stand, if it is another than the formula's.

        fixed: whether they stay the same wherever the formula is applied.
    """
    columns = _runs(sorted(cells, key=lambda at: (at.column, at.line)), lines=1)
    lines = _runs(sorted(run[0] for run in columns if len(run) == 1), columns=1)
    runs = [run for run in columns if len(run) > 1] + lines
    mark = "$" if fixed else ""
    return tuple(prefix(sheet) + _range(run, mark) for run in sorted(runs))


def total(parts: Sequence[str], count: int, places: int) -> str:
    """
    Return the sum of *count* cells in the ranges *parts*: blank until all are given, `-` where one of them is.

    Args:
        places: the decimals that a value has at most; a sum of binary fractions is rounded back to them.
    """
    listed = ",".join(parts)
    added = f"ROUND(SUM({listed}),{places})" if places else f"SUM({listed})"
    return f'=IF(COUNT({listed})={count},{added},IF(COUNT({listed})+{_dashes(parts)}={count},"-",""))'


def taken(cells: Sequence[str], count: int, places: int) -> str:
    """Return the one cell of *cells*, or the sum of all *count* of them, each of which holds a number."""
    if count == 1:
        return f"={cells[0]}"
    added = f"SUM({','.join(cells)})"
    return f"=ROUND({added},{places})" if places else f"={added}"


def percentage(over: str, under: str, *, scale: int, places: int, method: str) -> str:
    """
    Return the share of the cell *over* in the cell *under*, rounded by *method* to *places* decimals of a percentage.

    The quotient is taken of whole numbers, so that what lies exactly between two is seen to: shown with a format alone it would
    be a binary fraction beside it.

    Args:
        scale: the decimals that the two cells have at most.
    """
    over, under = (f"ROUND({each}*{10**scale},0)" if scale else each for each in (over, under))
    units = 10 ** (places + 2)
    ratio = f"{over}*{units}/{under}"
    return f"={METHODS[method].formula.format(ratio)}/{units}"


def check(rule: str, operator: str, sides: tuple[str, str], cells: Sequence[str], count: int, places: int) -> str:
    """
    Return what says whether `left operator right` holds.

    Args:
        sides: both as sums.

        cells: the ranges of the *count* cells in them.
    """
    # Whole numbers need no rounding, which would hide a fraction that was pasted in.
    gap = f"ROUND({sides[0]}-({sides[1]}),{places})" if places else f"({sides[0]}-({sides[1]}))"
    holds = OPERATORS[operator].formula
    apart = f"FIXED(ABS({gap}),{places},TRUE)" if places else f"ABS({gap})"
    said = f'"{rule} {FAILS}："&IF({gap}>0,"{MORE}","{LESS}")&{apart}'
    listed = ",".join(cells)
    waits = f'IF({_dashes(cells)}>0,"{NOT_APPLICABLE}","{WAITS}")'
    return f'=IF(COUNT({listed})<{count},{waits},IF({gap}{holds}0,"{AGREES}",{said}))'


def lacking(cells: Sequence[str], count: int) -> str:
    """Return how many of *count* cells hold no number."""
    numbers = f"{count}-COUNT({','.join(cells)})"
    return f'=IF({numbers}=0,"{AGREES}","{LACKS}"&{numbers}&"格")'


def not_dashes(rule: str, cells: Sequence[str], count: int) -> str:
    """Return how many of *count* cells do not hold the `-` that the form wants there."""
    others = f"{count}-({_dashes(cells)})"
    return f'=IF({others}=0,"{AGREES}","{rule} {FAILS}："&{others}&"格应填“-”")'


def overview(cells: Sequence[str]) -> str:
    """Return how many of the checks in the ranges *cells* fail or lack something."""
    if not cells:
        return f'="{NOTHING}"'
    fails, lacks = failing(cells), _counted(cells, f"*{LACKS}*")
    also = f'IF({lacks}>0,"；{UNFILLED}","")'
    return f'=IF({fails}>0,({fails})&"处{FAILS}"&{also},IF({lacks}>0,"{UNFILLED}","{AGREES}"))'


def failing(cells: Sequence[str]) -> str:
    """Return the number of checks in the ranges *cells* that fail."""
    return _counted(cells, f"*{FAILS}*")


def prefix(sheet: str) -> str:
    """Return what stands before a cell of *sheet* in a formula on another."""
    return "'" + sheet.replace("'", "''") + "'!" if sheet else ""


def _dashes(cells: Sequence[str]) -> str:
    return _counted(cells, "-")


def _counted(cells: Sequence[str], wanted: str) -> str:
    return "+".join(f'COUNTIF({each},"{wanted}")' for each in cells)


def _runs(cells: Iterable[Position], lines: int = 0, columns: int = 0) -> list[list[Position]]:
    """Group *cells* into runs in which each is so many *lines* and *columns* after the one before."""
    runs: list[list[Position]] = []
    for at in cells:
        if runs and runs[-1][-1] == (at.line - lines, at.column - columns):
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _range(run: Sequence[Position], mark: str) -> str:
    ends = run[:1] if len(run) == 1 else (run[0], run[-1])
    return ":".join(f"{mark}{letter(at.column)}{mark}{at.line + 1}" for at in ends)
