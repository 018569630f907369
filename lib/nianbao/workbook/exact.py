"""
A quantity as a cell of a workbook holds it, without loss.

A spreadsheet keeps fifteen significant digits of a number; one with more is written as text, so that none is lost in silence.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nianbao.quantity import State

if TYPE_CHECKING:
    from nianbao.quantity import Quantity

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
