"""
What a printed number means: digits, Chinese numerals, 万 and 亿, and the bounds that 余, 约 or 以上 put on it.

Only the numeral and its qualifying words belong here; which number of the table is meant does not. Exact throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

SCALES = {"": 1, "千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}

AT_LEAST = ("余", "多", "来", "几")
ABOVE = ("以上", "超过", "逾", "超", "突破", "不少于", "不低于", "至少")
BELOW = ("以下", "不足", "不到", "少于", "低于")
NEARLY = ("近", "将近", "接近")
ABOUT = ("约", "大约", "左右", "上下", "大概")

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS = {"十": 10, "百": 100, "千": 1000}
_VAGUE = {
    "几十": (20, 100),
    "数十": (20, 100),
    "几百": (200, 1000),
    "数百": (200, 1000),
    "上百": (100, 1000),
    "上千": (1000, 10000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The values that an approximate number admits: at least `low`, and below `high` or, where `closed`, up to it."""

    low: Fraction | None = None
    high: Fraction | None = None
    closed: bool = False

    def admits(self, value: Fraction) -> bool:
        """Tell whether *value* lies inside."""
        above = self.low is None or value >= self.low
        below = self.high is None or value < self.high or (self.closed and value == self.high)
        return above and below


def chinese(text: str) -> int | None:
    """Read a Chinese numeral below 万, such as 十二 or 三百零五; None where it is none."""
    total, digit = 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            total, digit = total + (digit or 1) * _TENS[char], 0
        else:
            return None
    return total + digit


def vague(text: str) -> Bounds | None:
    """Return the bounds of a word such as 几十; None where it has none."""
    low_high = _VAGUE.get(text)
    return Bounds(low=Fraction(low_high[0]), high=Fraction(low_high[1])) if low_high else None


def last_place(digits: str, places: int) -> Fraction:
    """Return the weight of the last digit that counts: 1000 for 3000, 100 for 3400, 0.01 for 0.35."""
    if places:
        return Fraction(1, 10**places)
    return Fraction(10 ** (len(digits) - len(digits.rstrip("0")))) if digits.strip("0") else Fraction(1)


def bounds(word: str, value: Fraction, place: Fraction) -> Bounds | None:
    """Return what *word* makes of *value*, whose last counting digit weighs *place*; None where it is an exact number."""
    if word in AT_LEAST:
        return Bounds(low=value, high=value + place)
    if word in ABOVE:
        return Bounds(low=value)
    if word in BELOW:
        return Bounds(high=value, closed=word == "以下")
    if word in NEARLY:
        return Bounds(low=value - place, high=value, closed=True)
    if word in ABOUT:
        slack = max(place / 2, value / 20)
        return Bounds(low=value - slack, high=value + slack, closed=True)
    return None
