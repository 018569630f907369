"""
Find the numbers that a line of narrative states, with unit, scale and bounds, and those that are none with the reason.

This module sees one line and no table. Positions are columns of the line as it was read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from . import amounts as num
from . import exclusions
from .clauses import half_width

if TYPE_CHECKING:
    from collections.abc import Iterator

PERCENT, POINTS = "%", "百分点"

_UNITS = (
    "个百分点 百分点 平方公里 平方米 公里 公顷 场次 班次 批次 期次 人次 件次 册次 条次 份次 次 件 条 份 人 名 位 个 家 项 篇 场 期 元 封 面 幅 册 本 部 起 "
    "宗 例 处 所 种 类 户 台 套 块 张 亩 吨 字 批 轮 % ‰"
)
_CN = "一二三四五六七八九十百千零〇两"
_LEADING = (*num.NEARLY, *num.ABOUT, *num.ABOVE, *num.BELOW)
_BEFORE = "|".join(sorted(_LEADING, key=len, reverse=True))
_UNIT = _UNITS.replace(" ", "|")
_AFTER = "以上|以下|左右|上下|余|多"
_ARABIC = re.compile(
    rf"(?P<before>{_BEFORE})?\s*(?P<percent>百分之)?(?<![\d.A-Za-z])(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?P<decimals>\.\d+)?\s*"
    rf"(?P<within>余|多|几)?(?P<scale>百万|千万|万|亿|千)?(?P<beyond>余|多)?\s*(?P<unit>{_UNIT})?(?P<after>{_AFTER})?"
)
_CHINESE = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<percent>百分之)?(?P<vague>几十|数十|几百|数百|上百|上千)?(?P<digits>(?<![几数上第每{_CN}])[{_CN}]+)?"
    rf"(?P<within>余|多)?(?P<scale>万|亿)?(?P<unit>{_UNIT})?(?P<after>{_AFTER})?"
)
_IDIOM = re.compile(r"[一两](?:个|项|种|类|次|件|位|名|家|批|套|部|面|本|份|处|轮|所|条|张|块)")
# No count of a report has so many digits; nobody can compare them, and Python refuses to read a few thousand.
_MOST_DIGITS = 40
_COUNTING = re.compile(r"(?:仅|只|共|收到|受理|答复|发生|召开|举办|有)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """
    One number as printed.

    Args:
        value: with its scale (1.2万 is 12000); of a percentage, the number before the sign.

        place: the weight of the last printed digit, scale included.

        approx: the word that makes it approximate; `bounds` is what it then admits.

        chinese: whether it is written in Chinese numerals.

        excluded: why it states no quantity; empty for what may be a claim. A number too long to read has the value 0.
    """

    line: int
    start: int
    end: int
    text: str
    value: Fraction
    place: Fraction
    places: int = 0
    scale: str = ""
    unit: str = ""
    approx: str = ""
    bounds: num.Bounds | None = None
    chinese: bool = False
    excluded: str = ""

    @property
    def is_percentage(self) -> bool:
        """Whether it is printed with % or 百分之."""
        return self.unit == PERCENT

    @property
    def decimal(self) -> Decimal:
        """The number before the sign, as printed."""
        scaled = self.value * 10**self.places
        return Decimal((0, tuple(int(digit) for digit in str(scaled.numerator)), -self.places))


def find(line: int, text: str, label_numbers: re.Pattern[str] | None = None) -> tuple[Mention, ...]:
    """Return the mentions of *text*, the line as read, in their order; *label_numbers* are those of the form's own labels."""
    flat = half_width(text)
    barred = list(exclusions.spans(flat, label_numbers))
    found = [*_arabic(line, text, flat, barred), *_chinese(line, text, flat, barred)]
    return tuple(sorted(found, key=lambda mention: mention.start))


def _arabic(line: int, text: str, flat: str, barred: list[tuple[int, int, str]]) -> Iterator[Mention]:
    for found in _ARABIC.finditer(flat):
        whole = found["digits"].replace(",", "")
        yield _mention(line, text, found, whole, found["decimals"] or "", _reason(found, barred))


def _chinese(line: int, text: str, flat: str, barred: list[tuple[int, int, str]]) -> Iterator[Mention]:
    for found in _CHINESE.finditer(flat):
        read = num.chinese(found["digits"]) if found["digits"] else None
        stated = found["unit"] or found["percent"]
        if not stated or _is_idiom(found, flat) or _reason(found, barred):
            continue
        if found["vague"] and not found["digits"]:
            yield _vague(line, text, found)
        elif read is not None:
            yield _mention(line, text, found, str(read), "", "", chinese=True)


def _is_idiom(found: re.Match[str], flat: str) -> bool:
    """Tell whether 一个, 一次性 or 十面 is a way of speaking and not a count."""
    if found["percent"]:
        return False
    single = _IDIOM.fullmatch(found[0]) and not _COUNTING.search(flat[max(found.start() - 2, 0) : found.start()])
    return bool(single) or flat[found.end() : found.end() + 1] == "性"


def _reason(found: re.Match[str], barred: list[tuple[int, int, str]]) -> str:
    start, end = found.span("digits") if found["digits"] else found.span()
    return next((reason for low, high, reason in barred if low < end and start < high), "")


def _vague(line: int, text: str, found: re.Match[str]) -> Mention:
    limits = num.vague(found["vague"])
    assert limits is not None
    low = limits.low or Fraction()
    return Mention(
        line=line,
        start=found.start(),
        end=found.end(),
        text=text[slice(*found.span())],
        value=low,
        place=low,
        unit=_unit(found),
        approx=found["vague"],
        bounds=limits,
        chinese=True,
    )


def _mention(
    line: int, text: str, found: re.Match[str], whole: str, decimals: str, excluded: str, *, chinese: bool = False
) -> Mention:
    if len(whole) + len(decimals) > _MOST_DIGITS:
        whole, decimals, excluded = "0", "", excluded or exclusions.TOO_LONG
    scale, places = found["scale"] or "", max(len(decimals) - 1, 0)
    value = Fraction(whole + decimals) * num.SCALES[scale]
    counting = num.last_place(whole, places) * num.SCALES[scale]
    groups = found.groupdict()
    approx = next((groups[key] for key in ("within", "beyond", "after", "before") if groups.get(key)), "")
    start = found.start() + len(found[0]) - len(found[0].lstrip())
    end = start + len(found[0].strip())
    return Mention(
        line=line,
        start=start,
        end=end,
        text=text[start:end],
        value=value,
        place=Fraction(num.SCALES[scale], 10**places),
        places=places,
        scale=scale,
        unit=_unit(found),
        approx=approx,
        bounds=num.bounds(approx, value, counting),
        chinese=chinese,
        excluded=excluded,
    )


def _unit(found: re.Match[str]) -> str:
    unit = found["unit"] or ""
    if found["percent"]:
        return PERCENT
    return POINTS if unit.endswith(POINTS) else unit
