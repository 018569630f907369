"""
Exact numbers and the one step that makes them printable.

Values stay integers, decimals or fractions everywhere else; only here does a value lose digits, once, on its way to the page.
Methods and habits: GB/T 8170 for half up; the conventions found in published reports are listed in the project's domain notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

METHODS = ("half-up", "half-even", "truncate")
METHOD_WORDS = {"half-up": "四舍五入", "half-even": "四舍六入五成双", "truncate": "截去尾数"}
ZEROS = ("keep", "strip")
MOST_PLACES = 6

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    How ratios are printed.

    Args:
        places: decimals of a percentage.

        method: `half-up`, `half-even` or `truncate`.

        zeros: `keep` prints 15.20 %, `strip` prints 15.2 %.

        sum_to_100: rows whose parts' percentages are made to add up to exactly 100 by the largest-remainder method.
    """

    places: int = 2
    method: str = "half-up"
    zeros: str = "keep"
    sum_to_100: tuple[str, ...] = ()

    def percent(self, ratio: Fraction) -> str:
        """Print *ratio* (1 is the whole) as a percentage."""
        return self.printed(rounded(ratio * 100, self.places, self.method)) + "%"

    def printed(self, value: Decimal) -> str:
        """Print an already rounded *value*."""
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if self.zeros == "strip" and "." in text else text


def rounded(value: Fraction, places: int, method: str) -> Decimal:
    """
    Round *value* to *places* decimals, exactly: no intermediate step of limited precision.

    Halves of `half-up` go away from zero, as `decimal.ROUND_HALF_UP` has it.
    """
    scaled = abs(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    return _decimal(whole + _step(whole, Fraction(rest, scaled.denominator), method), places, negative=value < 0)


def largest_remainder(parts: Sequence[Fraction], places: int) -> list[Decimal]:
    """
    Round *parts* so that they add up to their rounded sum (Hamilton's method).

    Each is cut to *places* decimals; the units still lacking go to the largest remainders, the earlier part first on a tie.
    """
    scaled = [part * 10**places for part in parts]
    floors = [value.numerator // value.denominator for value in scaled]
    lacking = round(sum(scaled, Fraction())) - sum(floors)
    order = sorted(range(len(parts)), key=lambda index: (floors[index] - scaled[index], index))
    for index in order[:lacking]:
        floors[index] += 1
    return [_decimal(abs(value), places, negative=value < 0) for value in floors]


def _step(whole: int, rest: Fraction, method: str) -> int:
    if method == "half-up":
        return int(rest >= _HALF)
    if method == "half-even":
        return int(rest > _HALF or (rest == _HALF and whole % 2 == 1))
    return 0


def _decimal(units: int, places: int, *, negative: bool) -> Decimal:
    digits = tuple(int(digit) for digit in str(units))
    return Decimal((int(negative and units != 0), digits, -places))
