"""
How cells look: fonts, borders, fills, number formats. A look is named by what the cell is for; no content belongs here.

Colours never stand alone: what they mark says so in words too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xlsxwriter
    from xlsxwriter.format import Format

_INK, _LINE, _HEAD, _FORMULA = "#000000", "#7F7F7F", "#E8EDF3", "#F2F2F2"
_BASE = {"font_name": "宋体", "font_size": 11, "font_color": _INK, "valign": "vcenter", "text_wrap": True, "locked": True}
_FRAMED = {"border": 1, "border_color": _LINE}
_STUB = {**_FRAMED, "bg_color": _HEAD}
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
    "none": {**_FRAMED, **_CENTRED, "bg_color": _FORMULA},
    "input": {**_NUMBER, "locked": False},
    "total": {**_NUMBER, "bg_color": _FORMULA},
    "value": _NUMBER,
    "word": _FRAMED,
    "rule": {**_FRAMED, "font_size": 9},
    "check": {**_FRAMED, **_CENTRED, "font_size": 9},
    "red": {"bg_color": "#FFC7CE", "font_color": "#9C0006", "bold": True},
    "amber": {"bg_color": "#FFF2CC", "font_color": "#7F6000"},
    "green": {"font_color": "#00612E"},
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
            base = {} if marks else {**_BASE, "num_format": number, "indent": indent}
            self._made[key] = self._book.add_format({**base, **_LOOKS[look]})
        return self._made[key]


def number_format(places: int) -> str:
    """Return the format of numbers with at most *places* decimals: all digits that there are."""
    return "General" if places else "0"
