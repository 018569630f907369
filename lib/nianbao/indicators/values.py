"""
What a number is: a quantity or the reason why there is none, how it is added and divided, rounded once, and read as people type it.

Missing, not applicable and zero are three different things, and a ratio over zero is a fourth. Everything is exact until it is
rounded, which happens here and nowhere else. Of a numeral nothing is guessed: one that could be meant in two ways is refused with
what to do, in table cells and in YAML alike.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.indicators import frozen, positional
from nianbao.indicators.errors import NotFitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from re import Pattern

    Number = int | Decimal | Fraction
    # Ids or words, in their order.
    Strings = tuple[str, ...]


class State(StrEnum):
    """What is known of a value."""

    GIVEN = "given"
    MISSING = "missing"
    NOT_APPLICABLE = "not-applicable"
    UNDEFINED = "undefined"


@positional
class Quantity:
    """A number, or the reason why there is none."""

    state: State
    value: Number | None = None

    @property
    def is_given(self) -> bool:
        """Whether there is a number, or a text in the place of one."""
        return self.state is State.GIVEN

    @property
    def is_missing(self) -> bool:
        """Whether nothing was filled in."""
        return self.state is State.MISSING

    @property
    def is_zero(self) -> bool:
        """Whether the value is given and is 0."""
        return self.is_given and self.value == 0

    @property
    def exact(self) -> str | None:
        """The value as text without loss: `2565`, `12.50`, `953/2565` in lowest terms; None where there is no number."""
        if self.value is None:
            return None
        return format(self.value, "f") if isinstance(self.value, Decimal) else str(self.value)

    @property
    def fraction(self) -> Fraction:
        """The value as a fraction; only of a given one."""
        if self.value is None:
            message = f"a {self.state} quantity has no value"
            raise ValueError(message)
        return Fraction(self.value)


MISSING = Quantity(State.MISSING)
NOT_APPLICABLE = Quantity(State.NOT_APPLICABLE)
UNDEFINED = Quantity(State.UNDEFINED)


def given(value: Number) -> Quantity:
    """Return the quantity that *value* is."""
    return Quantity(State.GIVEN, value)


def total(terms: Iterable[tuple[int, Quantity]]) -> Quantity:
    """
    Add up *terms*, each with its sign.

    One missing term makes the sum missing; otherwise one that is not applicable makes it not applicable.
    """
    terms = list(terms)
    if empty := _empty(quantity for _sign, quantity in terms):
        return empty
    return given(_whole(sum((sign * quantity.fraction for sign, quantity in terms), Fraction())))


def ratio(numerator: Quantity, denominator: Quantity) -> Quantity:
    """Divide exactly; over zero the result is not defined."""
    if empty := _empty((numerator, denominator)):
        return empty
    if denominator.is_zero:
        return UNDEFINED
    return given(numerator.fraction / denominator.fraction)


def scaled(quantity: Quantity, times: Decimal) -> Quantity:
    """Multiply exactly: what an amount is in another unit."""
    return quantity if quantity.value is None else given(_whole(quantity.fraction * Fraction(times)))


def _empty(quantities: Iterable[Quantity]) -> Quantity | None:
    states = {quantity.state for quantity in quantities}
    for state in (State.MISSING, State.UNDEFINED, State.NOT_APPLICABLE):
        if state in states:
            return Quantity(state)
    return None


def _whole(value: Fraction) -> Number:
    """Return a sum as what its terms are: of cells a whole number or a decimal, of ratios a fraction."""
    if value.denominator == 1:
        return value.numerator
    if pow(10, value.denominator.bit_length(), value.denominator):
        # No power of ten is a multiple of it: it has a prime factor beside 2 and 5.
        return value
    places = 1
    while (value * 10**places).denominator != 1:
        places += 1
    scaled = (value * 10**places).numerator
    digits = tuple(int(digit) for digit in str(abs(scaled)))
    return Decimal((int(scaled < 0), digits, -places))


_HALF = Fraction(1, 2)


@positional
class Method:
    """
    A way to round.

    Args:
        up: whether a whole number, given with the rest that is cut off from it, goes up by 1; the size of a number alone counts.

        formula: the same in a workbook, of a number `{0}` that is not negative.
    """

    words: str
    up: Callable[[int, Fraction], bool]
    formula: str


# The one place that a method of rounding is added to: forms and reports may name it then, and all that rounds follows.
METHODS = {
    "half-up": Method("四舍五入", lambda _whole, rest: rest >= _HALF, "ROUND({0},0)"),
    "half-even": Method(
        "四舍六入五成双",
        lambda whole, rest: rest > _HALF or (rest == _HALF and whole % 2 == 1),
        "IF({0}-INT({0})=0.5,2*ROUND({0}/2,0),ROUND({0},0))",
    ),
    "truncate": Method("截去尾数", lambda _whole, _rest: False, "TRUNC({0},0)"),
}
ZEROS = ("keep", "strip")
MOST_PLACES = 6


@frozen
class Policy:
    """
    How ratios are printed.

    Args:
        places: decimals of a percentage.

        method: a key of `METHODS`.

        zeros: `keep` prints 15.20 %, `strip` prints 15.2 %.

        sum_to_100: rows whose parts' percentages are made to add up to exactly 100 by the largest-remainder method.
    """

    places: int = 2
    method: str = "half-up"
    zeros: str = "keep"
    sum_to_100: Strings = ()

    def percent(self, ratio: Fraction) -> str:
        """Print *ratio* (1 is the whole) as a percentage."""
        return self.printed(rounded(ratio * 100, self.places, self.method)) + "%"

    def printed(self, value: Decimal) -> str:
        """Print an already rounded *value*."""
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if self.zeros == "strip" and "." in text else text


# Two decimals, half up, and no zero left out.
USUAL = Policy()


def rounded(value: Fraction, places: int, method: str) -> Decimal:
    """
    Round *value* to *places* decimals by *method*, exactly: no intermediate step of limited precision.

    Halves of `half-up` go away from zero, as `decimal.ROUND_HALF_UP` has it.
    """
    scaled = abs(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    up = METHODS[method].up(whole, Fraction(rest, scaled.denominator))
    return _decimal(whole + up, places, negative=value < 0)


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


def _decimal(units: int, places: int, *, negative: bool) -> Decimal:
    digits = tuple(int(digit) for digit in str(units))
    return Decimal((int(negative and units != 0), digits, -places))


MOST_DIGITS = 30

_COUNT = re.compile(r"-?(0|[1-9][0-9]*)")
_AMOUNT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")

# What people type instead of a plain numeral, most telling first: pattern, what it is, what to do.
_HABITS = (
    (r"[/\uff0f\u2014\u2013\u2212\uff0d]+", "像是“不适用”", "用半角“-”表示不适用"),
    (r".*[\uff10-\uff19\uff0d\uff0e].*", "含全角数字", "改用半角数字"),
    (r"-?[0-9]{1,3}([,\uff0c][0-9]{3})+(\.[0-9]+)?", "含千位分隔符", "去掉逗号"),
    (r"[0-9]+:[0-9]+(:[0-9]+)?", "像是时间", "改写为数"),
    (r"-?0[0-9]+(\.[0-9]+)?", "以0开头", "去掉前面的0"),
    (r"-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+", "是科学记数法", "写出全部数字"),
    (r"-?[0-9.]+\s*[%％]", "带百分号", "只写数"),
    (r"\+[0-9.]+", "带正号", "去掉正号"),
    (r"-?(\.[0-9]+|[0-9]+\.)", "缺整数或小数部分", "写全，如0.5"),
    (r"-?[0-9][0-9.]*\s*[万亿]", "带“万”“亿”", "按本行单位写出全部数字"),
    (r"-?[0-9][0-9.]*\s*\D+", "数后面带文字", "只写数，单位已在单位栏中"),
)


class NotANumeralError(NotFitError):
    """The text is not a plain numeral."""


def count(text: str, *, signed: bool = False) -> int:
    """
    Read *text* as a whole number, not negative unless *signed*.

    Raises:
        NotANumeralError: where *text* is anything but a plain numeral.
    """
    if _AMOUNT.fullmatch(text) and "." in text:
        raise NotANumeralError("有小数", "填整数")
    _check(text, _COUNT, signed=signed)
    return int(text)


def amount(text: str, places: int, *, signed: bool = False) -> Decimal:
    """
    Read *text* as an amount with at most *places* decimals, not negative unless *signed*.

    Raises:
        NotANumeralError: where *text* is anything but a plain numeral.
    """
    _check(text, _AMOUNT, signed=signed)
    if len(text.partition(".")[2]) > places:
        raise NotANumeralError(f"小数多于{places}位", f"保留不多于{places}位小数")
    return Decimal(text) or Decimal(text.removeprefix("-"))


def _check(text: str, pattern: Pattern[str], *, signed: bool) -> None:
    if not pattern.fullmatch(text):
        raise _diagnosis(text)
    if text.startswith("-") and not signed:
        raise NotANumeralError("是负数", "填不小于0的数")
    if sum(map(str.isdigit, text)) > MOST_DIGITS:
        raise NotANumeralError(f"多于{MOST_DIGITS}位数字", "核对是否粘贴有误")


def _diagnosis(text: str) -> NotANumeralError:
    for habit, found, remedy in _HABITS:
        if re.fullmatch(habit, text, re.ASCII):
            return NotANumeralError(found, remedy)
    return NotANumeralError("不是数", "填半角阿拉伯数字")


_HAN_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
# Each unit with what a number before it stays below: 十二 and 二百 are numbers, 十二百 is none.
_HAN_UNITS = (("亿", 10**8, 10**8), ("万", 10**4, 10**4), ("千", 1000, 10), ("百", 100, 10), ("十", 10, 10))


def chinese_integer(text: str) -> int | None:
    """Read a whole number in Chinese numerals, by places (二〇一三) or by units (两千零八, 三百五, 十二万); None where it is none."""
    if not text or len(text) > MOST_DIGITS:
        return None
    if all(character in _HAN_DIGITS for character in text):
        return int("".join(str(_HAN_DIGITS[character]) for character in text))
    for name, unit, most in _HAN_UNITS:
        before, found, after = text.rpartition(name)
        if found:
            times = chinese_integer(before) if before else 1
            rest = chinese_integer(after) if after else 0
            if times is None or rest is None or times >= most or rest >= unit:
                return None
            # 三百五 is 350, 三百零五 is 305.
            return times * unit + (rest * unit // 10 if len(after) == 1 else rest)
    return None
