"""
How a printed number can come from the exact one: rounded, cut, or made to fit its siblings. All that fit are named.

Only arithmetic: which number is meant was decided before. A convention never makes a number right that the table does not give.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.rounding import largest_remainder, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from .mentions import Mention
    from .targets import Target

EXACT, BOUND, HALF_UP = "准确数", "概数", "四舍五入"
TRUNCATED, RESIDUAL, LARGEST_REMAINDER = "截去尾数", "倒减", "最大余数法"

# What agrees without need of an explanation.
PLAIN = frozenset({EXACT, BOUND, HALF_UP})

_WHOLE = Fraction(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    A percentage of an enumeration.

    Args:
        exact: what the table gives, in hundredths; `printed`, what the text says, of `places` decimals.
    """

    exact: Fraction
    printed: Decimal
    places: int


def agrees(mention: Mention, target: Target) -> bool:
    """Tell whether a count fits the value of *target*: exactly, within its bounds, or rounded to its last 万."""
    return bool(target.value is not None and of_count(mention, target.value))


def of_count(mention: Mention, value: Fraction) -> tuple[str, ...]:
    """Return the conventions by which *mention* can state *value*."""
    if mention.bounds is not None:
        return (BOUND,) if mention.bounds.admits(value) else ()
    if mention.value == value:
        return (EXACT,)
    if mention.place <= 1:
        return ()
    units, printed = value / mention.place, mention.value / mention.place
    return tuple(name for name, method in ((HALF_UP, "half-up"), (TRUNCATED, "truncate")) if rounded(units, 0, method) == printed)


def of_percentage(part: Part, siblings: Sequence[Part], *, closes: bool = False) -> tuple[str, ...]:
    """
    Return the conventions by which *part* can be printed as it is.

    Args:
        siblings: the other parts of the same whole in the same enumeration.

        closes: whether *part* stands last in it, where 100 is usually made up.
    """
    methods = ((HALF_UP, "half-up"), (TRUNCATED, "truncate"))
    found = [name for name, method in methods if rounded(part.exact, part.places, method) == part.printed]
    if siblings and part.exact + sum(each.exact for each in siblings) == _WHOLE:
        found += [RESIDUAL] if _is_residual(part, siblings, closes=closes) else []
        found += [LARGEST_REMAINDER] if _is_apportioned(part, siblings) else []
    return tuple(found)


def own(part: Part) -> bool:
    """Tell whether *part* can be printed as it is without regard to others."""
    return bool(of_percentage(part, ()))


def _is_residual(part: Part, siblings: Sequence[Part], *, closes: bool) -> bool:
    """
    Tell whether *part* is what the printed siblings leave of 100.

    A sibling that no convention of its own gives may be the one that is wrong: before the last part, it is taken as it should
    have been; after another part, it is more likely to be the residual itself.
    """
    slack = sum((Fraction(1, 10**each.places) for each in siblings), Fraction())
    wrong = [each for each in siblings if not own(each)]
    if abs(Fraction(part.printed) - part.exact) > slack or (wrong and not closes):
        return False
    printed = sum((Fraction(each.printed) for each in siblings if own(each)), Fraction())
    mended = [sum((Fraction(rounded(each.exact, each.places, way)) for each in wrong), printed) for way in ("half-up", "truncate")]
    return Fraction(part.printed) in {_WHOLE - total for total in mended}


def _is_apportioned(part: Part, siblings: Sequence[Part]) -> bool:
    """Tell whether the largest-remainder method gives *part* and every sibling as printed."""
    every = (part, *siblings)
    shares = largest_remainder([each.exact for each in every], part.places)
    return [(each.places, each.printed) for each in every] == [(part.places, share) for share in shares]
