"""“由…N个部分组成”, “分为N个方面：…”: how many are named, and how many are listed (E13)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from .language_text import NUMERAL, Found, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .language_text import Text

_COUNT = rf"(?P<count>\d{{1,2}}|[{NUMERAL}两]{{1,3}})\s*(?:个|大|项)?\s*(?P<word>部分|方面|章节|章|项内容|板块)"
_LISTED_BEFORE = re.compile(
    rf"(?:由|包括|包含|分为|涵盖)(?P<items>[^。！？：:]{{4,500}}?)[，,、]?\s*(?P<open>等)?[，,]?\s*(?:共计|共|总计)?{_COUNT}(?P<end>(?:的?内容)?(?:组成|构成))?"
)
_LISTED_AFTER = re.compile(rf"{_COUNT}(?:的?内容)?(?:组成|构成)?[：:](?P<items>[^。！？]{{4,600}})")
_SPOKEN = re.compile(rf"(?P<count>[{NUMERAL}两]|\d)个方面[^。：:]{{0,20}}[。：:]\s*(?=一是)")
_ORDINAL = re.compile(rf"(?:^|(?<=[。；;：:，,]))\s*([{NUMERAL}]{{1,3}})是")
_ENUMERATED = re.compile(
    rf"(?:^|(?<=[：:；;，,、\s]))(?:[{NUMERAL}]{{1,3}}、|[（(](?:[{NUMERAL}]{{1,3}}|\d{{1,2}})[)）]|\d{{1,2}}[.．、])"
)
_SUMMED_UP = re.compile(r"(?:等|共|共计|总计|情况|附表|附件|事项|措施|打算|说明|概述|内容|减免|诉讼|问题|改进)[，,、]?\s*$")
_INSIDE = re.compile(r"[（(][^（）()]*[)）]|“[^“”]*”|《[^《》]*》")
# Pairs that are often one item with 、 in it.
_HALVES = (("复议", "诉讼|申诉"), ("诉讼", "申诉"), ("收费", "减免"), ("问题", "改进|措施|打算"))
_PLURAL = re.compile(r"和|及|与")


def counts(text: Text) -> Iterator[Found]:
    """Yield a count of parts that no reading of the list beside it gives."""
    for index, column, sentence in text.sentences():
        for pattern in (_LISTED_BEFORE, _LISTED_AFTER):
            for found in pattern.finditer(sentence):
                yield from _compared(found, index, column)
    for index, line in text.prose():
        yield from _spoken(text, index, line)


def _compared(found: re.Match[str], index: int, column: int) -> Iterator[Found]:
    said = number(found["count"])
    least, most = _listed(found["items"])
    # 等 may stand for more; not after 一、二、三、, which is a whole list.
    is_open = "open" in found.re.groupindex and found["open"] and len(_ENUMERATED.findall(found["items"])) <= 1
    if most <= 1 or not _is_list(found) or least <= said <= most or (is_open and said > most):
        return
    listed = str(least) if least == most else f"{least}至{most}"
    sentence = f"这里说“{found['count']}个{found['word']}”，列出的却是{listed}个：请核对个数，或补全所列各项"
    yield Found("E13", index, column + found.start("count"), column + found.end("word"), sentence)


def _is_list(found: re.Match[str]) -> bool:
    """Tell whether the count sums up the items: 由…组成, or directly after an item, and not after 涉及, 下设 and the like."""
    if found.re is _LISTED_AFTER or found["end"]:
        return True
    return not found.group().startswith("由") and bool(_SUMMED_UP.search(found.group()[: found.start("count") - found.start()]))


def _listed(items: str) -> tuple[int, int]:
    """
    Return the least and the most items that *items* may be read as.

    Between commas, 、 may part one item in two (行政复议、行政诉讼情况); 和 and 及 may join two items or stand in one.
    """
    enumerated = len(_ENUMERATED.findall(items))
    if enumerated > 1:
        return enumerated, enumerated
    bare = re.sub(r"^\s*[了：:]", "", _INSIDE.sub("某", items)).strip("，,、；; ")
    for mark in ("；;", "，,"):
        parts = [part for part in re.split(f"[{mark}]", bare) if part.strip()]
        if len(parts) > 2:  # noqa: PLR2004 - one comma may be no more than a pause before the last item
            marked = sum("、" in part for part in parts)
            extra = sum(part.count("、") for part in parts) if marked * 2 > len(parts) else 0
            return len(parts), len(parts) + extra + _joined(parts[-1])
    parts = [part for part in re.split("[、，,；;]", bare) if part.strip()]
    certain, possible = _merged(parts)
    return len(parts) - possible, len(parts) - certain + _joined(parts[-1])


def _joined(last: str) -> int:
    """Return how many more items the last one may hold."""
    return len(_PLURAL.findall(re.sub("^(?:以及|和|及|与)", "", last.strip())))


def _merged(parts: list[str]) -> tuple[int, int]:
    """
    Return how many of *parts* surely, and how many possibly, belong to the one after them.

    In a list of which each item ends in 情况, 行政复议 does not: it is the first half of 行政复议、诉讼情况.
    """
    named = [part.strip().endswith("情况") for part in parts]
    mostly = sum(named) * 2 >= len(parts)
    certain = possible = 0
    for before, after in pairwise(parts):
        related = any(re.search(first, before) and re.search(second, after) for first, second in _HALVES)
        if related and not before.strip().endswith("情况"):
            possible += 1
            certain += mostly and after.strip().endswith("情况")
    return certain, possible


def _spoken(text: Text, index: int, line: str) -> Iterator[Found]:
    """Yield a count of 方面 that the 一是, 二是 … after it in the same paragraph do not reach or exceed."""
    for found in _SPOKEN.finditer(line):
        ordinals = [number(each) for each in _ORDINAL.findall(line[found.end() :])]
        run = 0
        while run < len(ordinals) and ordinals[run] == run + 1:
            run += 1
        goes_on = index + 1 < len(text.lines) and _ORDINAL.match(text.masked[index + 1])
        if run > 1 and run != number(found["count"]) and not goes_on and run == len(ordinals):
            sentence = (
                f"这里说“{found['count']}个方面”，后面只数到“{NUMERAL[run - 1]}是”：请核对个数"
                if run < number(found["count"])
                else ""
            )
            sentence = sentence or f"这里说“{found['count']}个方面”，后面却数到“{NUMERAL[run - 1]}是”：请核对个数"
            yield Found("E13", index, found.start("count"), found.start("count") + len(found["count"]) + 3, sentence)
