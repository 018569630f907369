"""Periods, dates and years that cannot be, or belong to another report (E14, E15, E17)."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING

from .language_text import Found, is_quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .language_text import Text

_PERIOD = re.compile(
    r"(?:(?P<from>自|从)\s*)?(?P<y1>\d{4})年(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日起?\s*(?:至|到|—{1,2}|-|~|～)\s*"
    r"(?:(?P<y2>\d{4})年)?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日(?P<to>止)?"
)
_STATISTICS = re.compile(r"(?:统计|数据|报告|所列)[^。；，,]{0,8}(?:期限|时限|期间|时间|范围|区间|周期)|统计期|报告期")
_DATE = re.compile(r"(?<![\d.])(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?!份?均)(?:(?P<day>\d{1,2})[日号](?!线|楼))?")
_ISO = re.compile(r"(?<![\d./-])(?P<year>20\d{2})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\d-])")
_WRITTEN = r"(?P<y>\d{4}|[〇○零一二三四五六七八九]{4})[年.\-/](?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})[月.\-/](?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})日?"
_SIGNED = re.compile(rf"[（(]?{_WRITTEN}[)）]?")
_LABELLED = re.compile(
    rf"(?:发布|公布|公开|成文|发文|编制|生成|印发)(?:日期|时间)\s*[：:|]\s*{_WRITTEN}",
)
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")

_TITLE = re.compile(r"(?P<year>\d{4})年(?:度)?政府信息公开(?:工作)?(?:年度报告|年报)")
_UNTIL = re.compile(r"截[至止](?P<year>\d{4})年(?:12月31日|12月底|年?底|年?末)")
_OPENING = re.compile(
    r"\s*(?P<year>\d{4})年(?:度)?[，,]?\s*(?:全[区市县旗省州]|我[区市县旗局委办厅院镇乡]|本[机关局委区市县]|共|主动公开|累计主动)"
)
_PLAN = re.compile(r"(?P<year>\d{4})年(?:度)?(?:政府信息公开|政务公开)?(?:工作|重点工作)?(?P<word>计划|要点|打算|安排|目标|思路)")
_HISTORY = re.compile(
    r"以来|自|从|起|开始|曾|经|批准|成立|建成|颁布|施行|修订|同比|相比|比|历年|去年|上年|前年|当时|分别|(?<!截)至\d{4}年"
)
_FACT = re.compile(r"\d+(?:\.\d+)?余?[万]?[条件次人份个]|未发生|未收到|没有收到|没有发生|答复率")


def periods(text: Text) -> Iterator[Found]:
    """Yield a statistical period that is not the report's year from its first to its last day."""
    year = text.report.year
    for index, column, sentence in text.sentences():
        for found in _PERIOD.finditer(sentence):
            first = (int(found["y1"]), int(found["m1"]), int(found["d1"]))
            last = (int(found["y2"] or found["y1"]), int(found["m2"]), int(found["d2"]))
            meant = ((year, 1, 1), (year, 12, 31))
            named = _STATISTICS.search(sentence[: found.start()])
            # Without the word, only a period that misses the year by one slip is taken for it.
            near = found["from"] and found["to"] and (first == meant[0]) != (last == meant[1]) and last[1] == meant[1][1]
            if (first, last) != meant and (named or near) and not is_quoted(sentence, found.start()):
                sentence_ = f"统计期限应为{year}年1月1日至{year}年12月31日，这里写作“{found.group()}”"
                yield Found("E14", index, column + found.start(), column + found.end(), sentence_)


def impossible_dates(text: Text) -> Iterator[Found]:
    """Yield a date that no calendar has."""
    for index, line in enumerate(text.masked):
        for pattern in (_DATE, _ISO):
            for found in pattern.finditer(line):
                if reason := _impossible(found["year"], found["month"], found["day"]):
                    yield Found("E15", index, found.start(), found.end(), f"没有“{found.group()}”这一天：{reason}，请核对日期")


def _impossible(year: str | None, month: str, day: str | None) -> str:
    if not 1 <= int(month) <= 12:  # noqa: PLR2004 - months
        return "月份只有1至12月" if year or day else ""
    if day is None:
        return ""
    # A leap year, where none is named: nothing right is called wrong.
    most = calendar.monthrange(int(year) if year and int(year) else 2000, int(month))[1]
    return "" if 1 <= int(day) <= most else f"{int(month)}月只有{most}天"


def early_dates(text: Text) -> Iterator[Found]:
    """Yield a date of the report that lies before the end of its year."""
    year = text.report.year
    for index, line in enumerate(text.plain):
        start = len(line) - len(line.lstrip())
        found = _SIGNED.fullmatch(line, start, start + len(line.strip())) or _LABELLED.search(line)
        if found and (read := _read(found)) and read < (year, 12, 31):
            sentence = f"报告的日期是“{line[found.start('y') : found.end()].strip(' ）)')}”，早于{year}年12月31日，当年还没有结束：请核对日期"
            yield Found(
                "E15",
                index,
                found.start("y"),
                found.start("y") + len(line[found.start("y") : found.end()].rstrip(" ）)")),
                sentence,
            )


def _read(found: re.Match[str]) -> tuple[int, int, int] | None:
    year = int(found["y"].translate(_HAN_DIGITS))
    return (year, _small(found["m"]), _small(found["d"]))


def _small(text: str) -> int:
    """Return a number up to 31 in either digits."""
    if text.isdecimal() and text.isascii():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    plain = "〇一二三四五六七八九"
    return (plain.find(tens or "一") if ten else 0) * 10 + (plain.find(ones) if ones else 0)


def stray_years(text: Text) -> Iterator[Found]:
    """Yield years that do not belong: in the report's own title, in a plan, in a statement of the year's work."""
    year = text.report.year
    for index in text.preface:
        for found in _TITLE.finditer(text.plain[index]):
            if int(found["year"]) != year and not is_quoted(text.plain[index], found.start()):
                yield _stray(found, index, 0, f"本报告是{year}年度的，标题或前言却写作“{found.group()}”")
    for index, column, sentence in text.sentences():
        for found in _PLAN.finditer(sentence):
            if abs(int(found["year"]) - year) > 1 and not is_quoted(sentence, found.start()) and not _HISTORY.search(sentence):
                yield _stray(found, index, column, f"本报告是{year}年度的，这里却说到“{found.group()}”，像是从别的年份抄来的")
        yield from _statement(text, index, column, sentence)


def _statement(text: Text, index: int, column: int, sentence: str) -> Iterator[Found]:
    """Yield the year of a sentence that states figures of the year's work and names another year."""
    year = text.report.year
    years = set(re.findall(r"\d{4}(?=年)", text.plain[index]))
    if not _FACT.search(sentence) or _HISTORY.search(sentence) or len(years) > 1:
        return
    if (found := _OPENING.match(sentence)) and abs(int(found["year"]) - year) > 1:
        yield _stray(found, index, column, f"本报告说的是{year}年的工作，这一句却写作“{found['year']}年”")
    if (found := _UNTIL.match(sentence.lstrip())) and int(found["year"]) != year and "年" in sentence:
        shift = len(sentence) - len(sentence.lstrip())
        yield _stray(found, index, column + shift, f"本报告的数截至{year}年末，这一句却写作“{found.group()}”")


def _stray(found: re.Match[str], index: int, column: int, reason: str) -> Found:
    start = column + found.start("year")
    return Found("E17", index, start, start + len(found["year"]) + 1, f"{reason}：请核对年份")
