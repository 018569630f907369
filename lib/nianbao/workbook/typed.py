"""
What a cell of a spreadsheet says, as the text that a table's CSV file would hold: what is meant beyond doubt is taken and named.

Numbers are read from the file's own digits, never through a float that would be printed. A spreadsheet keeps and shows 15
significant digits; what a file holds beyond them (`0.30000000000000004` for 0.1 + 0.2) is what binary arithmetic leaves behind.
Whether the text is allowed in its cell is for `tablefile`, where it lies for `reading`.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from nianbao.numerals import NotANumeralError

from .numberformat import Shown, places, shown

if TYPE_CHECKING:
    from .sheets import Stored

_DIGITS = 15
_MOST_PLACES = 30
_NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?", re.ASCII)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
_LONG_DASH = re.compile(r"-{2,}")
_WIDE = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {ord("．"): ".", ord("，"): ","}
_DASHES = dict.fromkeys(map(ord, "－—–−‐‑‒―─﹣"), "-")
_APOSTROPHES = "'‘’＇`"
_DAYS = 2_950_000
_NEVER = 60
_REFILL = "把单元格格式改为“常规”，重新填数"


@dataclass(frozen=True, slots=True)
class Typed:
    """
    The text that a cell means.

    Args:
        habits: what was overlooked to read it so, in words.

        rounded: whether the screen shows fewer decimals than there are.
    """

    text: str
    habits: tuple[str, ...] = ()
    rounded: bool = False


def typed(stored: Stored | None, *, since_1904: bool = False) -> Typed:
    """
    Return what *stored* says.

    Raises:
        NotANumeralError: where it cannot be what a cell of a form holds.
    """
    if stored is None:
        return Typed("")
    if not stored.computed:
        raise NotANumeralError("是公式，文件里没有存计算结果", "用 Excel 或 WPS 打开、保存一次，再导入")
    if stored.kind == "error":
        raise NotANumeralError(f"是错误值 {stored.text}", "改正公式，或直接填数")
    if stored.kind == "truth":
        raise NotANumeralError(f"是逻辑值 {'TRUE' if stored.text == '1' else 'FALSE'}", _REFILL)
    if stored.kind == "date":
        raise NotANumeralError(f"是日期 {stored.text}", _REFILL)
    return _text(stored.text) if stored.kind == "text" else _number(stored, since_1904=since_1904)


def _number(stored: Stored, *, since_1904: bool) -> Typed:
    if not _NUMBER.fullmatch(stored.text):
        raise NotANumeralError(f"写的是“{stored.text}”，不是数", _REFILL)
    value = exact(stored.text)
    match shown(stored.code, (value > 0) - (value < 0)):
        case Shown.DATE:
            raise NotANumeralError(f"是日期或时间{_day(value, since_1904=since_1904)}", _REFILL)
        case Shown.PERCENT:
            raise NotANumeralError(f"显示为百分数，存的是{value:f}", _REFILL)
        case Shown.SCALED:
            raise NotANumeralError(f"显示的数缩小了千倍或更多，存的是{value:f}", _REFILL)
        case Shown.OTHER:
            habits: tuple[str, ...] = ("的数字格式不显示这个数，按存的数读",)
        case _:
            habits = ()
    text, decimals = format(value, "f"), places(stored.code)
    if decimals is not None and decimals < len(text.partition(".")[2]):
        return Typed(text, (*habits, "显示的是四舍五入后的数，按存的数读"), rounded=True)
    return Typed(text, habits)


def exact(text: str) -> Decimal:
    """
    Return the number that a file writes as *text*, to the 15 significant digits that a spreadsheet keeps.

    Raises:
        NotANumeralError: where it has more digits before the decimal point, or more decimals than any table has.
    """
    value = Decimal(text)
    if not value:
        return Decimal(0)
    if len(value.as_tuple().digits) > _DIGITS:
        value = Decimal(format(float(text), f".{_DIGITS}g"))
    if value.adjusted() >= _DIGITS:
        raise NotANumeralError(
            f"是{value:.4E}，多于{_DIGITS}位；电子表格只保留前{_DIGITS}位", "核对原数，把单元格格式改为“文本”后重新填写"
        )
    if value.adjusted() < -_MOST_PLACES:
        raise NotANumeralError(f"是{value:.4E}，小得不是数", "核对后重新填数")
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if whole == value else value.normalize()


def _day(value: Decimal, *, since_1904: bool) -> str:
    """Return the day that *value* counts up to, where there is one."""
    if not 1 <= value < _DAYS:
        return ""
    # The calendar that begins in 1900 has a 29 February of that year, its day 60, that never was.
    first = datetime.date(1904, 1, 1) if since_1904 else datetime.date(1899, 12, 31 if value < _NEVER else 30)
    day = first + datetime.timedelta(days=int(value))
    return f"（{day.year}年{day.month}月{day.day}日）"


def _text(raw: str) -> Typed:
    """Read a text as people type a number, overlooking what changes nothing."""
    habits = []
    text = "".join(each for each in raw if unicodedata.category(each) != "Cf").strip()
    if text != raw:
        habits.append("只有空格，按空（缺数）读" if not text else "带空格或看不见的字符，已去掉")
    if text[:1] in set(_APOSTROPHES):
        text = text[1:].strip()
        habits.append("带撇号，已去掉")
    if text.startswith("="):
        raise NotANumeralError(f"写的是“{text}”，是没有计算的公式", "把单元格格式改为“常规”，重新输入公式，或直接填数")
    for table, words in ((_WIDE, "是全角数字，按半角读"), (_DASHES, "用了其他横线，按“-”读")):
        if (narrow := text.translate(table)) != text:
            text = narrow
            habits.append(words)
    text = "-" if _LONG_DASH.fullmatch(text) else text
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
        habits.append("带千位分隔符，已去掉")
    if text and text != "-":
        habits.append("是文字形式的数字，按数读")
    return Typed(text, tuple(habits))
