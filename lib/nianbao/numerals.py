"""
Numerals as people type them: what is read as a number, and what is wrong with the rest.

Used for table cells and for YAML alike, so that `010` or `１２` gets the same answer everywhere. Nothing is guessed: a numeral
that could be meant in two ways is refused with what to do.
"""

from __future__ import annotations

import re
from decimal import Decimal

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


class NotANumeralError(ValueError):
    """
    The text is not a plain numeral.

    Args:
        found: what it is, as the middle of a sentence.

        remedy: what to do, as an imperative.
    """

    def __init__(self, found: str, remedy: str) -> None:
        self.found = found
        self.remedy = remedy
        super().__init__(found)


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


def _check(text: str, pattern: re.Pattern[str], *, signed: bool) -> None:
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
