"""
Whether a clause speaks of the reporting year at all: other years, parts of a year, changes, goals, averages.

A number of another scope is never held against this year's table. Words only; no table.
"""

from __future__ import annotations

import re

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


def _last_year(text: str, backwards: re.Pattern[str]) -> int | None:
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
