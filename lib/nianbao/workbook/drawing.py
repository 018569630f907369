"""
The official grid of a table on a sheet: labels and merges, widths and heights, what stays in sight, how it is printed.

The values are for whoever draws it.
"""

from __future__ import annotations

import unicodedata
from math import ceil
from typing import TYPE_CHECKING

from .layout import ABOUT, TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.worksheet import Worksheet

    from .exact import Content
    from .layout import Label, Position, Sheet
    from .styles import Styles

_WIDTHS = {"section": 11.0, "group": 13.0, "label": 42.0, "unit": 7.0}
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
        write(page, label, styles(label.kind, indent=label.depth) if label.depth else styles(label.kind))
    _heights(page, labels, widths)
    page.merge_range(ABOUT, 0, ABOUT, max(sheet.last.column, 1), "", styles("about"))
    page.write_string(ABOUT, 0, about, styles("about"))
    page.freeze_panes(sheet.first.line, sheet.first.column)
    set_up(page, across=len(sheet.table.columns) + len(sheet.stub) > _MOST_UPRIGHT)
    page.repeat_rows(TITLE, sheet.first.line - 1)
    page.print_area(TITLE, 0, sheet.last.line, sheet.last.column)


def write(page: Worksheet, label: Label, look: object) -> None:
    """Write the text of *label* into its cells, merged where they are more than one; never as a formula."""
    if label.at != label.end:
        page.merge_range(label.at.line, label.at.column, label.end.line, label.end.column, "", look)
    page.write_string(label.at.line, label.at.column, label.text, look)


def put(page: Worksheet, at: Position, held: Content, look: object) -> None:
    """Write what a cell holds: a number as a number with all its digits, text as text, nothing as a blank."""
    if held == "":
        page.write_blank(at.line, at.column, None, look)
    elif isinstance(held, str):
        page.write_string(at.line, at.column, held, look)
    else:
        page.write_number(at.line, at.column, held, look)


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
    widths = {**_WIDTHS, "label": min(max(longest, _LEAST_LABEL), _WIDTHS["label"])}
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
