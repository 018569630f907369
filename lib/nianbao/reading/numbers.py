"""
What a printed number means: digits, Chinese numerals, 万 and 亿, and the bounds that 余, 约 or 以上 put on it.

`find` reads the numbers of a line; `spans` says which of them state no quantity, and `elsewhere` which are of no matter to the year.
`typed` reads the numbers that prose of one's own owes an origin, and `unfounded` their digits alone: the text as typed and the pages as
made are read by the same rule. Which number of the table is meant is for `binding`. Exact throughout.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.indicators.values import chinese_integer
from nianbao.reading.lines import HAN, half_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from re import Match, Pattern

    # Stretches in which no number counts, from and to which column, and why.
    Barred = list[tuple[int, int, str]]


SCALES = {"": 1, "千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}

AT_LEAST = ("余", "多", "来", "几")
ABOVE = ("以上", "超过", "逾", "超", "突破", "不少于", "不低于", "至少")
BELOW = ("以下", "不足", "不到", "少于", "低于")
NEARLY = ("近", "将近", "接近")
ABOUT = ("约", "大约", "左右", "上下", "大概")

_VAGUE = {
    "几十": (20, 100),
    "数十": (20, 100),
    "几百": (200, 1000),
    "数百": (200, 1000),
    "上百": (100, 1000),
    "上千": (1000, 10000),
}


@frozen
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


def vague(text: str) -> Bounds | None:
    """Return the bounds of a word such as 几十; None where it has none."""
    if text not in _VAGUE:
        return None
    low, high = _VAGUE[text]
    return Bounds(low=Fraction(low), high=Fraction(high))


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


DATE, TERM = "年份或日期", "期限"
LABEL = "指标名称中的数"
_FRACTION = "比例尺或分数"
TOO_LONG = "位数过多的数"

_CN = "一二三四五六七八九十百零〇两"
# The end of a number is enough to tell what it is; a pattern that may begin anywhere in a long one takes too long.
_SOME = r"\d{1,20}"

_UNITS = (
    "个百分点 百分点 平方公里 平方米 公里 公顷 场次 班次 批次 期次 人次 件次 册次 条次 份次 次 件 条 份 人 名 位 个 家 项 篇 场 期 元 封 面 幅 册 本 部 起 "
    "宗 例 处 所 种 类 户 台 套 块 张 亩 吨 字 批 轮 % ‰"
)
_UNIT = _UNITS.replace(" ", "|")
_ADDRESS = r"https?://[!-~]+|www\.[!-~]+|[A-Za-z0-9.+_\-]{1,64}@[A-Za-z0-9.\-]+"
# Why a number states no quantity, and what tells that, the first that fits.
_REASONS = (
    ("网址或邮箱", rf"{_ADDRESS}|(?<!\d)\d{{1,3}}(?:\.\d{{1,3}}){{3}}"),
    (
        "电话、传真或邮编",
        (
            r"(?:电话|传真|邮编|邮政编码|邮码)(?:号码)?\s*[:为是]?\s*[\d\-()]{5,}|(?<!\d)\d{3,4}-\d{7,8}(?:-\d+)?"
            r"|(?<!\d)1[3-9]\d{9}(?!\d)|\d{5}(?=[^\d,。;]{0,6}(?:热线|平台))"
        ),
    ),
    ("文件名称", r"《[^》]*》"),
    ("文号", r"(?:[〔\[(]\d{4}[〕\])]|令)\s*第?\s*\d+\s*号"),
    (
        DATE,
        (
            r"(?<!\d)(?:\d{4}|\d{2})\s*[-—~至到]\s*(?:\d{4}|\d{2})\s*年度?|(?<![\d.])\d{1,4}\s*年(?:度|\d{1,2}月(?:\d{1,2}[日号])?)?"
            rf"|(?<!\d)\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*[日号]|份)?|[{_CN}]{{4}}年|(?<!\d)\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}}"
            r"|(?<!\d)\d{1,2}日(?=[前后起止至,。;])"
        ),
    ),
    ("时刻", r"(?<!\d)\d{1,2}:\d{2}|\d{1,2}\s*[时点]\s*\d{1,2}\s*分"),
    (TERM, rf"(?:{_SOME}|[{_CN}]{{1,20}})\s*个?(?:工作日|自然日|小时|分钟|秒钟|天|日|月|星期|周)"),
    ("序次", rf"第\s*(?:\d+|[{_CN}]+)\s*[条章节款项号届次个位批期名]?"),
    ("地址", rf"{_SOME}\s*(?:号楼|号|楼|层|室|栋|幢|单元|弄)"),
    ("篇章数", rf"(?:{_SOME}|[{_CN}]{{1,20}})\s*(?:大|个)?(?:部分|方面|章|大类)"),
    (_FRACTION, r"(?<![\d.])\d+\s*[:/]\s*\d+|分之(?!百)(?<!百分之)\S"),
    ("图表编号", r"[图表]\s*\d+(?:[-.]\d+)?(?![\d.]*\s*[张份个幅%])"),
    ("引号中的名称", r"“[^”]{0,12}”"),
    ("序号", rf"(?:^|(?<=[。;:\s)!?]))\s*(?:\([{_CN}]+\)|[{_CN}]+、|\(\d{{1,2}}\)|\d{{1,2}}(?:\.(?!\d)|、|\)))"),
)


def spans(text: str, label_numbers: Pattern[str] | None = None) -> Iterator[tuple[int, int, str]]:
    """
    Yield (start, end, reason) of what holds no quantity in *text*, a line made half-width.

    Args:
        label_numbers: what the form's own labels hold, such as 20个工作日.
    """
    reasons = (*_REASONS,) if label_numbers is None else ((LABEL, label_numbers), *_REASONS)
    for reason, pattern in reasons:
        yield from ((*found.span(), reason) for found in re.finditer(pattern, text))


def label_pattern(labels: Iterator[str]) -> Pattern[str] | None:
    """Return a pattern of the numbers that *labels* hold, each with the two characters after it."""
    found = {number for label in labels for number in re.findall(r"\d+[^\d\s]{2,4}", label)}
    return re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True)))) if found else None


# What tells a count from a name or a code that has the same digits: 12345热线 and 12345件, IPv6 and APP6个.
_NO_COUNT = r"(?!\d|[.,]\d|\s*(?:[余多几万亿千百%‰件条份个次家元名篇场宗]|期(?![间限])|人(?:次|[,。;、)]|$)))"
_NO_UNIT = rf"{_NO_COUNT}(?!\s*(?:人(?![社民力])|{_UNIT.replace('|人|', '|')}))"
_TO = r"\s*[-—–~至到、和及与]\s*"
_YEAR_NUMBER = r"(?:19|20)\d\d"
_MONTH, _DAY = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_CLOCK = r"(?:[01]?\d|2[0-4])"
_HALF_DAY = r"(?:上午|下午|早上|早晨|晚上|中午|凌晨|[早晚])\s*"
_HOUR = rf"{_CLOCK}(?:\s*点|\s*时(?![间段长效常代候]))(?:\s*[0-5]?\d\s*分|\s*半|\s*整(?![改治体理合顿]))?"
# Which digits prose of one's own may hold without an origin, by what they are. Whatever fits none of these is a number.
_FREE = re.compile(
    "|".join(
        (
            # The code that is printed of a character that no face has; lines may break in it.
            r"〔\s*U\s*\+\s*[0-9A-F](?:\s*[0-9A-F]){3,5}\s*〕",
            # Addresses in the web, numbers to call, titles and numbers of documents.
            _ADDRESS,
            rf"(?:电话|传真|邮编|邮政编码|邮码)(?:号码)?\s*[:为是]?\s*[\d\-()]{{5,}}+{_NO_UNIT}",
            rf"(?<!\d)(?:\(0\d{{2,3}}\)|0\d{{2,3}}\s?[-—–]?\s?|\d{{3,4}}-)\d{{7,8}}(?:[-—–转]\d{{1,6}})?{_NO_UNIT}|(?<!\d)[48]00[-—– ]?\d{{3,4}}[-—– ]?\d{{3,4}}{_NO_UNIT}|(?<!\d)1[3-9]\d{{9}}{_NO_UNIT}",
            rf"(?:拨打|致电|热线|专线)(?:电话|热线|号码)?[:为是]?[“\"]?\d{{3,6}}{_NO_UNIT}",
            rf"(?<![\d.])(?<!\d,)\d{{3}}(?:\d\d)?(?:[、和及/]\d{{3}}(?:\d\d)?)*{_NO_UNIT}(?=[^\d,。;、]{{0,8}}(?:热线|专线|平台|电话))",
            r"《[^》]{0,200}》",
            rf"〔{_YEAR_NUMBER}〕(?:\s*第?\s*\d{{1,5}}\s*号)?|[\[(]{_YEAR_NUMBER}[\])]\s*第?\s*\d{{1,5}}\s*号|[令第]\s*第?\s*\d{{1,5}}\s*号",
            # Dates and times.
            rf"(?<!\d){_YEAR_NUMBER}([-./])\d{{1,2}}\1\d{{1,2}}(?!\d)|(?<!\d){_YEAR_NUMBER}(?:年?{_TO}{_YEAR_NUMBER})*\s*年",
            rf"(?<![\d.])(?:{_MONTH}{_TO})?{_MONTH}\s*月(?:\s*{_DAY}\s*[日号])?|(?<![\d.])(?:{_DAY}{_TO})?{_DAY}日",
            r"(?<![\d.·])\d{1,2}[·•]\d{1,2}(?![\d.·])",
            rf"(?<![\d.:比按例])(?<!比为)(?<!例为){_CLOCK}:[0-5]\d(?![\d:])",
            rf"{_HALF_DAY}(?:{_CLOCK}{_TO})?{_HOUR}(?:{_TO}(?:{_HALF_DAY})?{_HOUR})?|(?<![\d.]){_CLOCK}\s*点\s*(?:[0-5]?\d\s*分|半)",
            rf"(?<![\d.])(?:{_CLOCK}时?{_TO})?{_CLOCK}时(?![间段长效常代候])(?:\s*[0-5]?\d\s*分)?",
            rf"(?<![\d.第])[1-4](?:{_TO}[1-4])?\s*季度",
            # The time that a rule allows, the place of something in an order, the number of a heading, an item or a picture.
            r"(?<![\d.])\d{1,3}\s*个?(?:工作日|自然日)(?:之|以)?内",
            rf"第\s*\d{{1,4}}(?:{_TO}第?\s*\d{{1,4}})*(?!\d|\s*[件宗元%份封])",
            r"^\s*(?:#+\s*)?[(]?\d{1,2}[).、](?!\d)",
            rf"(?<=[。;])\s*(?:\(\d{{1,2}}\)|\d{{1,2}}[.)])(?=[{HAN}])|(?<=:)\s*(?:\(1\)|1[.)])(?=[{HAN}])",
            r"^[图表]\d{1,3}\s|(?<=[见如在由])[图表]\s*\d{1,3}(?!\d|\.\d|\s*[张份个幅%])",
            # Letters make a name of digits: 5G, 4K, IPv6, PM2.5, GB18030, A4, V2.0; but 500MB, 20M and APP12个 count.
            r"(?<![A-Za-z])[Vv]\d{1,2}(?:\.\d{1,2})+|(?<![\d.])\d{1,2}\.\d{1,2}版|(?<!\d)\d[×xX*]\d{1,2}小时",
            r"(?<![\d.A-Za-z])(?<!\d,)\d[A-LN-SU-Z](?![A-Za-z])",
            rf"(?<![A-Za-z])[A-Za-z]{{2,20}}[-.]?\d{{1,5}}(?:\.\d)?{_NO_COUNT}|(?<![A-Za-z])[A-Z]\d{_NO_COUNT}",
        )
    ),
    re.MULTILINE,
)
NUMBER = re.compile(r"(?:\d{1,3}(?:[,，]\d{3})+(?!\d)|\d+)(?:[.．]\d+)?[%％‰]?")


def unfounded(text: str) -> Iterator[Match[str]]:
    """Yield the numbers in digits that *text*, a line or paragraph, owes an origin."""
    blanked = list(text)
    for free in _FREE.finditer(half_width(text)):
        blanked[free.start() : free.end()] = " " * (free.end() - free.start())
    return NUMBER.finditer("".join(blanked))


CHANGE = "说的是增减变化，表中没有可比的上年数"

_CENTURY, _PIVOT = 2000, 60
# Read from its end, a text tells at once which year it named last; 比2012年 names one only to compare.
_YEAR = re.compile(r"年\s*(\d{4}|\d{2})(?!\d)")
_OWN_YEAR = re.compile(_YEAR.pattern + r"(?!\s*[比较与同])")
_CHANGE = re.compile(
    r"(?:增加|增长|减少|下降|上升|提高|降低|提升|回落|增幅|降幅|增速|多|少|(?<!新)增|减|升|降)(?:了|约|幅度?)?(?:为|达|约)?[+\-]?\s*$|(?:同比|环比|比上年|比去年|较上年|较去年)[^,;。]*$"
)
_OTHER_YEAR = re.compile(r"上年|去年|上一年|前年|同期|往年|明年|下年|来年")
_PART_OF_YEAR = re.compile(r"上半年|下半年|季度|(?<!12)月份?(?!末|底)|上旬|中旬|下旬|每[日天周月季]|一度")
_FULL_YEAR_END = re.compile(r"12\s*月\s*31\s*[日号]|12\s*月[底末]|1\s*月\s*1\s*[日号]")
_GOAL = re.compile(r"力争|预计|目标|不少于|不低于|不得少于|应当?达到|按\s*$|拟")
_AVERAGE = re.compile(r"平均|人均|件均|每[件条人次个家名]")
_STANDING = re.compile(r"累计|目前|截至|截止|历年|至今|以来|现有|年末|年底|现已")
_SINCE = re.compile(r"以来|历年|自\S{0,12}起")
_WITHIN_YEAR = re.compile(r"全年|本年|当年|年内|今年|年度")


def is_standing(words: str) -> bool:
    """Tell whether *words* speak of what there is by now and not of what the year brought."""
    return bool(_STANDING.search(words))


def is_cumulative(words: str, year: int) -> bool:
    """Tell whether *words* ask for the cumulative column; 全年累计 does not."""
    return "累计" in words and not (_WITHIN_YEAR.search(words) or str(year) in words)


def is_change(words: str) -> bool:
    """Tell whether *words* announce a change and not a quantity."""
    return bool(_CHANGE.search(words))


def elsewhere(words: str, before: str, year: int, name: str = "") -> str:
    """
    Return why the number after *words* is not one of *year*, or nothing.

    Args:
        before: the sentence and paragraph up to *words*, for the year they last named.

        name: the name the words fit, whose own 上年 or 目标 says nothing.
    """
    words = _masked(words, name)
    if is_change(words):
        return CHANGE
    if _OTHER_YEAR.search(words):
        return "说的是其他年度"
    if _PART_OF_YEAR.search(_FULL_YEAR_END.sub("", words)):
        return "说的是一年中的一段时间"
    if _AVERAGE.search(words):
        return "说的是平均数"
    if _GOAL.search(words):
        return "说的是目标或要求"
    said = _last_year(words, _YEAR) or _last_year(before, _OWN_YEAR)
    if said and said != year and not _SINCE.search(words):
        return f"说的是{said}年"
    return ""


def _last_year(text: str, backwards: Pattern[str]) -> int | None:
    found = backwards.search(text[::-1])
    if not found:
        return None
    last = int(found[1][::-1])
    return last if last > 99 else last + (_CENTURY if last < _PIVOT else _CENTURY - 100)  # noqa: PLR2004 - two digits


def _masked(words: str, name: str) -> str:
    for found in ("上年", "去年", "下年", "往年", "目标", "平均", "月"):
        if found in name:
            words = words.replace(found, "")
    return words


PERCENT, POINTS = "%", "百分点"

_CN_DIGITS = _CN + "千"
_CN_PLACES = "〇零一二三四五六七八九"
_BEFORE = "|".join(sorted((*NEARLY, *ABOUT, *ABOVE, *BELOW), key=len, reverse=True))
_AFTER = "以上|以下|左右|上下|余|多"
_ARABIC = re.compile(
    rf"(?P<before>{_BEFORE})?\s*(?P<percent>百分之)?(?<![\d.A-Za-z])(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?P<decimals>\.\d+)?\s*"
    rf"(?P<within>余|多|几)?(?P<scale>百万|千万|万|亿|千)?(?P<beyond>余|多)?\s*(?P<unit>{_UNIT})?(?P<after>{_AFTER})?"
)
_CHINESE = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<percent>百分之)?(?P<vague>几十|数十|几百|数百|上百|上千)?(?P<digits>(?<![几数上第每万亿{_CN_DIGITS}])[{_CN_DIGITS}]+(?:[万亿][{_CN_DIGITS}]+)*)?"
    rf"(?P<decimals>点[{_CN_PLACES}]+)?(?P<within>余|多)?(?P<scale>万|亿)?(?P<unit>{_UNIT})?(?P<after>{_AFTER})?"
)
_IDIOM = re.compile(r"[一两](?:个|项|种|类|次|件|位|名|家|批|套|部|面|本|份|处|轮|所|条|张|块)")
# No count of a report has so many digits; nobody can compare them, and Python refuses to read a few thousand.
_MOST_DIGITS = 40
_COUNTING = re.compile(r"(?:仅|只|共|收到|受理|答复|发生|召开|举办|有)$")


@frozen
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
    bounds: Bounds | None = None
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


def find(line: int, text: str, label_numbers: Pattern[str] | None = None) -> tuple[Mention, ...]:
    """Return the mentions of *text*, the line as read, in their order; *label_numbers* are those of the form's own labels."""
    flat = half_width(text)
    barred = list(spans(flat, label_numbers))
    found = [*_arabic(line, text, flat, barred), *_chinese(line, text, flat, barred, _is_idiom)]
    return tuple(sorted(found, key=lambda mention: mention.start))


def _arabic(line: int, text: str, flat: str, barred: Barred) -> Iterator[Mention]:
    for found in _ARABIC.finditer(flat):
        whole, decimals, excluded = found["digits"].replace(",", ""), found["decimals"] or "", _reason(found, barred)
        if len(whole) + len(decimals) > _MOST_DIGITS:
            whole, decimals, excluded = "0", "", excluded or TOO_LONG
        places = max(len(decimals) - 1, 0)
        counting = last_place(whole, places)
        yield _mention(line, text, found, Fraction(whole + decimals), counting, places=places, excluded=excluded)


def _chinese(line: int, text: str, flat: str, barred: Barred, spoken: Callable[[Match[str], str], bool]) -> Iterator[Mention]:
    """Yield the numbers in Chinese numerals, but for those that *spoken* takes for a way of speaking."""
    for found in _CHINESE.finditer(flat):
        if not (found["unit"] or found["percent"]) or spoken(found, flat) or _reason(found, barred):
            continue
        limits = vague(found["vague"] or "")
        value = chinese_integer(found["digits"] or "")
        if limits and limits.low and not found["digits"]:
            vaguely = _mention(line, text, found, limits.low, limits.low, chinese=True)
            yield replace(vaguely, value=limits.low, place=limits.low, scale="", approx=found["vague"], bounds=limits)
        elif value is not None:
            yield _in_hanzi(line, text, found, value)


def _in_hanzi(line: int, text: str, found: Match[str], value: int) -> Mention:
    """Return the number in Chinese numerals that *found* is, of *value* before its decimals: 百分之十二点五."""
    after = "".join(str(chinese_integer(each)) for each in (found["decimals"] or "").removeprefix("点"))
    exact, places = Fraction(f"{value}.{after or 0}"), len(after)
    return _mention(line, text, found, exact, last_place(str(value), places), places=places, chinese=True)


# Up to here a numeral before a noun may be a way of speaking (三项制度, 四种载体); what says that it counts: the verb before it, its
# place at the end of a clause (文件八件，), or a unit that only things counted one by one have.
_FEW = 10
_COUNTED = re.compile("[件宗起例元封篇幅场]|[场班批期人件册条份]次|个?百分点")
_COUNTS = re.compile(
    r"(?:仅|只|共|计|为|达|至|收到|受理|答复|发生|召开|举办|开展|制定|制发|出台|印发|修订|新增|新收|(?<!部分)(?<!予以)(?<!不予)公开|办理|办结|(?<!不予)处理|处罚|发布|设立|设置"
    r"|建成|组织|增加|减少|下降|增长|收取|接待|接听|结转|废止|维持|纠正|审结)了?$"
)
_HAS, _BODIES = re.compile(r"(?<!各)有$"), frozenset("名人位家")
_CLAUSE_END = re.compile(r"\s*(?:[,。;、!?)]|$)")
_SPOKEN = frozenset("百千万")
_PARTS = re.compile(
    rf"(?<![第每{_CN_DIGITS}])(?:(?!百分之)[{_CN_DIGITS}]+分之[{_CN_DIGITS}]+"
    rf"|[一二三四五六七八九两](?:成[半{_CN_PLACES}]|成(?![功立员果长品为交效绩就]))|[¼-¾⅐-⅞])"
)


def typed(line: int, text: str, *, hanzi: bool = True) -> tuple[Mention, ...]:
    """
    Return the numbers of *text*, a line as typed, that owe an origin, in their order; none overlaps another.

    Args:
        hanzi: whether those in Chinese numerals count, and shares told in words.
    """
    flat = half_width(text)
    whole = {found.start("digits"): found for found in _ARABIC.finditer(flat)}
    digits = [_digits(line, text, found, whole.get(found.start())) for found in unfounded(text)]
    if not hanzi:
        return tuple(digits)
    taken = {place for each in digits for place in range(each.start, each.end)}
    barred = [each for each in spans(flat) if each[2] != _FRACTION]
    words = [*_chinese(line, text, flat, barred, _is_spoken)]
    words += [_share(line, text, found) for found in _PARTS.finditer(flat)]
    apart = [each for each in words if taken.isdisjoint(range(each.start, each.end))]
    return tuple(sorted((*digits, *apart), key=lambda each: each.start))


def _digits(line: int, text: str, found: Match[str], whole: Match[str] | None) -> Mention:
    """Return the number of the digits *found*, with the unit and words that *whole* has around them."""
    plain = half_width(found.group()).replace(",", "").rstrip("%‰")
    if whole is None or len(plain) > _MOST_DIGITS:
        excluded = TOO_LONG if len(plain) > _MOST_DIGITS else ""
        value, one = Fraction(0 if excluded else plain), Fraction(1)
        return Mention(
            line=line, start=found.start(), end=found.end(), text=found.group(), value=value, place=one, excluded=excluded
        )
    before, after = plain.partition(".")[::2]
    return _mention(line, text, whole, Fraction(plain), last_place(before, len(after)), places=len(after))


def _share(line: int, text: str, found: Match[str]) -> Mention:
    """Return a share told in words (三分之一, 四成五), whose value nobody needs."""
    start, end = found.span()
    return Mention(line=line, start=start, end=end, text=text[start:end], value=Fraction(0), place=Fraction(1), excluded=_FRACTION)


def _is_spoken(found: Match[str], flat: str) -> bool:
    """Tell whether a number in Chinese numerals in the half-width line *flat* is a way of speaking where one's own prose has it."""
    value = chinese_integer(found["digits"] or "")
    if found["percent"] or value is None:
        return False
    if flat.startswith("性", found.end()) or (found["digits"] in _SPOKEN and not (found["within"] or found["before"])):
        return True
    if value > _FEW:
        return False
    if not value:
        # 零元 says that there was nothing.
        return True
    before, is_last = flat[: found.start()], bool(_CLAUSE_END.match(flat, found.end()))
    counted = bool(_COUNTED.fullmatch(found["unit"]))
    if value == 1:
        return not (_COUNTS.search(before) or (counted and is_last))
    return not (counted or is_last or _COUNTS.search(before) or (found["unit"] in _BODIES and _HAS.search(before)))


def _is_idiom(found: Match[str], flat: str) -> bool:
    """Tell whether 一个, 一次性 or 十面 is a way of speaking and not a count."""
    if found["percent"]:
        return False
    single = _IDIOM.fullmatch(found[0]) and not _COUNTING.search(flat[max(found.start() - 2, 0) : found.start()])
    return bool(single) or flat[found.end() : found.end() + 1] == "性"


def _reason(found: Match[str], barred: Barred) -> str:
    start, end = found.span("digits") if found["digits"] else found.span()
    return next((reason for low, high, reason in barred if low < end and start < high), "")


def _mention(
    line: int,
    text: str,
    found: Match[str],
    value: Fraction,
    counting: Fraction,
    *,
    places: int = 0,
    chinese: bool = False,
    excluded: str = "",
) -> Mention:
    scale = found["scale"] or ""
    times = SCALES[scale]
    value *= times
    groups = found.groupdict()
    approx = next((groups[key] for key in ("within", "beyond", "after", "before") if groups.get(key)), "")
    printed = found[0]
    start = found.start() + len(printed) - len(printed.lstrip())
    end = start + len(printed.strip())
    return Mention(
        line=line,
        start=start,
        end=end,
        text=text[start:end],
        value=value,
        place=Fraction(times, 10**places),
        places=places,
        scale=scale,
        unit=_unit(found),
        approx=approx,
        bounds=bounds(approx, value, counting * times),
        chinese=chinese,
        excluded=excluded,
    )


def _unit(found: Match[str]) -> str:
    unit = found["unit"] or ""
    if found["percent"]:
        return PERCENT
    return POINTS if unit.endswith(POINTS) else unit
