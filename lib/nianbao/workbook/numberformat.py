"""
What a cell's number format makes of a number: shows it, or shows something else in its place.

Only what can mislead whoever reads the sheet is told apart. It knows formats alone, no cell and no sheet.
"""

from __future__ import annotations

import re
from enum import StrEnum

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
