"""
What is wrong with the language of a published text: `defects` runs every check and cites what it finds.

The checks here are for what sentences say: counts of parts that are listed otherwise (E13), periods, dates and years (E14, E15, E17),
names of other agencies (E16), bases no longer in force (E18), sentences said twice (E20) and document numbers (E25). How a text is set
is checked in `text`.
"""

from __future__ import annotations

import calendar
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from nianbao.auditing.text import (
    Found,
    Stretch,
    Text,
    blanks,
    clause,
    cut_off,
    half_width,
    is_quoted,
    matches,
    misprints,
    mixed_numbering,
    number,
    run_together,
    stray_marks,
    told,
    unpaired,
)
from nianbao.indicators import positional
from nianbao.reading.lines import HAN, NUMERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from re import Match

    from nianbao.auditing.text import Faults
    from nianbao.indicators.report import AnnualReport
    from nianbao.reading.lines import Line


_COUNT = rf"(?P<said>(?P<count>\d{{1,2}}|[{NUMERAL}两]{{1,3}})\s*(?:个|大|项)?\s*(?P<word>部分|方面|章节|章|项内容|板块))"
_LISTED_BEFORE = re.compile(
    rf"(?:由|包括|包含|分为|涵盖)(?P<items>[^。！？：:]{{4,500}}?)[，,、]?\s*(?P<open>等)?[，,]?\s*(?:共计|共|总计)?{_COUNT}(?P<end>(?:的?内容)?(?:组成|构成))?"
)
_LISTED_AFTER = re.compile(rf"{_COUNT}(?:的?内容)?(?:组成|构成)?[：:](?P<items>[^。！？]{{4,600}})")
_SPOKEN = re.compile(rf"(?P<said>(?P<count>[{NUMERAL}两]|\d)个方面)[^。：:]{{0,20}}[。：:]\s*(?=一是)")
_ORDINAL = re.compile(rf"(?:^|(?<=[。；;：:，,]))\s*([{NUMERAL}]{{1,3}})是")
_ENUMERATED = re.compile(
    rf"(?:^|(?<=[：:；;，,、\s]))(?:[{NUMERAL}]{{1,3}}、|[（(](?:[{NUMERAL}]{{1,3}}|\d{{1,2}})[)）]|\d{{1,2}}[.．、])"
)
_SUMMED_UP = re.compile(r"(?:等|共|共计|总计|情况|附表|附件|事项|措施|打算|说明|概述|内容|减免|诉讼|问题|改进)[，,、]?\s*$")
_INSIDE = re.compile(r"[（(][^（）()]*[)）]|“[^“”]*”|《[^《》]*》")
# Pairs that are often one item with 、 in it.
_HALVES = (("复议", "诉讼|申诉"), ("诉讼", "申诉"), ("收费", "减免"), ("问题", "改进|措施|打算"))
_PLURAL = re.compile(r"和|及|与")


def counts(text: Text) -> Faults:
    """Yield a count of parts that no reading of the list beside it gives."""
    for sentence in text.sentences():
        for _sentence, match in (*matches([sentence], _LISTED_BEFORE), *matches([sentence], _LISTED_AFTER)):
            yield from _compared(sentence, match)
    for line, match in matches(text.prose(), _SPOKEN):
        yield from _spoken(text, line, match)


def _compared(sentence: Stretch, match: Match[str]) -> Faults:
    said = number(match["count"])
    least, most = _listed(match["items"])
    # 等 may stand for more; not after 一、二、三、, which is a whole list.
    is_open = match.re is _LISTED_BEFORE and match["open"] and len(_ENUMERATED.findall(match["items"])) <= 1
    if most <= 1 or not _is_list(match) or least <= said <= most or (is_open and said > most):
        return
    listed = str(least) if least == most else f"{least}至{most}"
    reason = f"这里说“{match['count']}个{match['word']}”，列出的却是{listed}个：请核对个数，或补全所列各项"
    yield told(sentence, match, reason, "said")


def _is_list(found: Match[str]) -> bool:
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
        parts = _split(mark, bare)
        count = len(parts)
        if count > 2:  # noqa: PLR2004 - one comma may be no more than a pause before the last item
            marked = sum("、" in part for part in parts)
            extra = sum(part.count("、") for part in parts) if marked * 2 > count else 0
            return count, count + extra + _joined(parts[-1])
    parts = _split("、，,；;", bare)
    certain, possible = _merged(parts)
    return len(parts) - possible, len(parts) - certain + _joined(parts[-1])


def _split(marks: str, items: str) -> list[str]:
    return [part for part in re.split(f"[{marks}]", items) if part.strip()]


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


def _spoken(text: Text, line: Stretch, match: Match[str]) -> Faults:
    """Yield a count of 方面 that the 一是, 二是 … after it in the same paragraph do not reach or exceed."""
    ordinals = [number(each) for each in _ORDINAL.findall(line.text[match.end() :])]
    run = len(ordinals)
    goes_on = line.line + 1 < len(text.lines) and _ORDINAL.match(text.masked[line.line + 1])
    said = number(match["count"])
    if run > 1 and run != said and not goes_on and ordinals == list(range(1, run + 1)):
        counted = "只数到" if run < said else "却数到"
        reason = f"这里说“{match['count']}个方面”，后面{counted}“{NUMERAL[run - 1]}是”：请核对个数"
        yield told(line, match, reason, "said")


_CONTACT = re.compile(rf"(?:请与|请向|请直接与|可与|可向|由)(?P<agency>[{HAN}]{{2,30}}?)(?:进行)?(?:联系|咨询|反映|负责解释)")
_OFFICIAL_TITLE = re.compile(
    rf"(?P<agency>[{HAN}]{{2,18}}(?:人民政府|局|委员会|厅))(?:办公室)?\d{{4}}年(?:度)?政府信息公开(?:工作)?(?:年度报告|年报)"
)
_PLACE = re.compile(rf"([{HAN}]{{2,4}}?)(特别行政区|自治区|自治州|自治县|开发区|[省市区县旗镇乡])")
_BUREAU = re.compile(rf"(?P<stem>[{HAN}]{{2,12}})(?P<kind>局|委员会|厅)")
# A place's own words for itself; only one of the same rank and another kind is surely another's.
_RANKS = ("区县旗", "镇乡")
_SELF = re.compile(r"我([区县旗镇乡])(?=[政全共主的在将以始坚对把，,特高])")
_FRAMES = re.compile(r"^(?:本年报由|本报告由|现公布|公布|发布|由|请与|与|向|现将)")

# From which reporting year a basis no longer holds, and what took its place.
_BASES = (
    (2019, re.compile(r"(?:国务院令)?第?492号"), "《条例》已于2019年修订（国务院令第711号）"),
    (2021, re.compile(r"国办公开办函[〔\[（(]2019[〕\]）)]60号"), "年度报告格式自2021年起依国办公开办函〔2021〕30号"),
)


def foreign_names(text: Text) -> Faults:
    """Yield the name of an agency of the same kind and another place or charge, where the report's own should stand."""
    for line, match in matches(text.every(), _CONTACT):
        if _is_foreign(match["agency"], text.report.name):
            yield _foreign(line, match, f"联系单位写作“{match['agency']}”")
    for line, match in matches(text.preface(), _OFFICIAL_TITLE):
        agency = _FRAMES.sub("", match["agency"])
        if not is_quoted(line.text, match.start()) and _is_foreign(agency, text.report.name):
            yield _foreign(line, match, f"报告的单位写作“{agency}”")


def _foreign(line: Stretch, match: Match[str], reason: str) -> Found:
    return told(line, match, f"{reason}，与本报告的单位不符，像是从别处抄来的：请核对", "agency")


def _is_foreign(agency: str, own: str) -> bool:
    """Tell whether *agency* is surely another: of the same kind as *own*, and neither it nor a part or a superior of it."""
    if own in agency or agency in own:
        return False
    there, here = _PLACE.findall(agency), _PLACE.findall(own)
    if there and here and there[-1][1] == here[-1][1] and there[-1][0][-2:] != here[-1][0][-2:]:
        return True
    theirs, ours = _BUREAU.search(agency), _BUREAU.search(own)
    if not theirs or not ours or theirs["kind"] != ours["kind"]:
        return False
    charge, own_charge = (_PLACE.sub("", each["stem"]).lstrip("省市区县旗州") for each in (theirs, ours))
    return bool(charge) and not _abbreviates(charge, own_charge) and not _abbreviates(own_charge, charge)


def _abbreviates(short: str, full: str) -> bool:
    """Tell whether *full* holds the characters of *short* in their order: 文旅 and 文化和旅游."""
    rest = iter(full)
    return all(character in rest for character in short)


def foreign_selves(text: Text) -> Faults:
    """Yield 我县 in the report of a 区, and the like."""
    places = _PLACE.findall(text.report.name)
    own = places[-1][1][-1] if places else ""
    rank = next((rank for rank in _RANKS if own and own in rank), "")
    for line, match in matches(text.prose(), _SELF):
        if match[1] in rank and match[1] != own:
            reason = f"本报告的单位是“{text.report.name}”，这里却自称“{match.group()}”，像是从别处抄来的：请核对"
            yield told(line, match, reason)


def outdated_bases(text: Text) -> Faults:
    """Yield a basis in the preface that no longer held in the report's year."""
    for line in text.preface():
        if "711号" in line.text or not re.search("根据|依据|按照", line.text):
            continue
        for year, pattern, now in _BASES:
            if text.report.year >= year and (match := pattern.search(line.text)):
                yield told(line, match, f"前言所依据的“{match.group()}”在{text.report.year}年已不适用：{now}")


_PERIOD = re.compile(
    r"(?:(?P<from>自|从)\s*)?(?P<y1>\d{4})年(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日起?\s*(?:至|到|—{1,2}|-|~|～)\s*"
    r"(?:(?P<y2>\d{4})年)?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日(?P<to>止)?"
)
_STATISTICS = re.compile(r"(?:统计|数据|报告|所列)[^。；，,]{0,8}(?:期限|时限|期间|时间|范围|区间|周期)|统计期|报告期")
_DATE = re.compile(r"(?<![\d.])(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?!份?均)(?:(?P<day>\d{1,2})[日号](?!线|楼))?")
_ISO = re.compile(r"(?<![\d./-])(?P<year>20\d{2})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\d-])")
_WRITTEN = r"(?P<y>\d{4}|[〇○零一二三四五六七八九]{4})[年.\-/](?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})[月.\-/](?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})日?"
_SIGNED = re.compile(rf"\s*[（(]?(?P<date>{_WRITTEN})[)）]?\s*")
_LABELLED = re.compile(rf"(?:发布|公布|公开|成文|发文|编制|生成|印发)(?:日期|时间)\s*[：:|]\s*(?P<date>{_WRITTEN})")

_REPORT_TITLE = re.compile(r"(?P<year>\d{4})年(?:度)?政府信息公开(?:工作)?(?:年度报告|年报)")
_UNTIL = re.compile(r"\s*截[至止](?P<year>\d{4})年(?:12月31日|12月底|年?底|年?末)")
_OPENING = re.compile(
    r"\s*(?P<year>\d{4})年(?:度)?[，,]?\s*(?:全[区市县旗省州]|我[区市县旗局委办厅院镇乡]|本[机关局委区市县]|共|主动公开|累计主动)"
)
_PLAN = re.compile(r"(?P<year>\d{4})年(?:度)?(?:政府信息公开|政务公开)?(?:工作|重点工作)?(?P<word>计划|要点|打算|安排|目标|思路)")
_HISTORY = re.compile(
    r"以来|自|从|起|开始|曾|经|批准|成立|建成|颁布|施行|修订|同比|相比|比|历年|去年|上年|前年|当时|分别|(?<!截)至\d{4}年"
)
_FACT = re.compile(r"\d+(?:\.\d+)?余?[万]?[条件次人份个]|未发生|未收到|没有收到|没有发生|答复率")


def periods(text: Text) -> Faults:
    """Yield a statistical period that is not the report's year from its first to its last day."""
    year = text.report.year
    meant = ((year, 1, 1), (year, 12, 31))
    for sentence, match in matches(text.sentences(), _PERIOD):
        first = tuple(map(int, match.group("y1", "m1", "d1")))
        last = (int(match["y2"] or match["y1"]), *map(int, match.group("m2", "d2")))
        named = _STATISTICS.search(sentence.text[: match.start()])
        # Without the word, only a period that misses the year by one slip is taken for it.
        near = match["from"] and match["to"] and (first == meant[0]) != (last == meant[1]) and last[1] == meant[1][1]
        if (first, last) != meant and (named or near) and not is_quoted(sentence.text, match.start()):
            yield told(sentence, match, f"统计期限应为{year}年1月1日至{year}年12月31日，这里写作“{match.group()}”")


def impossible_dates(text: Text) -> Faults:
    """Yield a date that no calendar has."""
    masked = [Stretch(index, 0, line) for index, line in enumerate(text.masked)]
    for line, match in (*matches(masked, _DATE), *matches(masked, _ISO)):
        if reason := _impossible(match["year"], match["month"], match["day"]):
            yield told(line, match, f"没有“{match.group()}”这一天：{reason}，请核对日期")


def _impossible(year: str | None, month: str, day: str | None) -> str:
    if not 1 <= int(month) <= 12:  # noqa: PLR2004 - months
        return "月份只有1至12月" if year or day else ""
    if day is None:
        return ""
    # A leap year, where none is named: nothing right is called wrong.
    most = calendar.monthrange(int(year) if year and int(year) else 2000, int(month))[1]
    return "" if 1 <= int(day) <= most else f"{int(month)}月只有{most}天"


def early_dates(text: Text) -> Faults:
    """Yield a date of the report that lies before the end of its year."""
    year = text.report.year
    for line in text.every():
        match = _SIGNED.fullmatch(line.text) or _LABELLED.search(line.text)
        if match and (number(match["y"]), number(match["m"]), number(match["d"])) < (year, 12, 31):
            reason = f"报告的日期是“{match['date']}”，早于{year}年12月31日，当年还没有结束：请核对日期"
            yield told(line, match, reason, "date")


def stray_years(text: Text) -> Faults:
    """Yield years that do not belong: in the report's own title, in a plan, in a statement of the year's work."""
    year = text.report.year
    for line, match in matches(text.preface(), _REPORT_TITLE):
        if int(match["year"]) != year and not is_quoted(line.text, match.start()):
            yield _stray(line, match, f"本报告是{year}年度的，标题或前言却写作“{match.group()}”")
    for sentence, match in matches(text.sentences(), _PLAN):
        quoted = is_quoted(sentence.text, match.start())
        if abs(int(match["year"]) - year) > 1 and not quoted and not _HISTORY.search(sentence.text):
            yield _stray(sentence, match, f"本报告是{year}年度的，这里却说到“{match.group()}”，像是从别的年份抄来的")
    for sentence in text.sentences():
        years = set(re.findall(r"\d{4}(?=年)", text.plain[sentence.line]))
        if _FACT.search(sentence.text) and not _HISTORY.search(sentence.text) and len(years) <= 1:
            yield from _statement(sentence, year)


def _statement(sentence: Stretch, year: int) -> Faults:
    """Yield the year of a sentence that states figures of the year's work and names another year."""
    if (match := _OPENING.match(sentence.text)) and abs(int(match["year"]) - year) > 1:
        yield _stray(sentence, match, f"本报告说的是{year}年的工作，这一句却写作“{match['year']}年”")
    if (match := _UNTIL.match(sentence.text)) and int(match["year"]) != year:
        yield _stray(sentence, match, f"本报告的数截至{year}年末，这一句却写作“{match.group().lstrip()}”")


def _stray(stretch: Stretch, match: Match[str], reason: str) -> Found:
    start = stretch.column + match.start("year")
    return Found(stretch.line, start, start + len(match["year"]) + 1, f"{reason}：请核对年份")


_CITED = re.compile(
    r"《(?P<title>[^《》]{6,100})》?(?:的通知》)?\s*[（(](?P<number>[^（）()《》\d]{1,12}[〔\[［【（(](?P<year>\d{4})[〕\]］】)）]第?\d{1,4}号)[)）]"
)
_MARK = re.compile(rf"\s*(?:(?:第?[{NUMERAL}]{{1,3}}[、，,是]|[（(][{NUMERAL}\d]{{1,3}}[)）]|\d{{1,2}}[.．、])\s*)?")
_LEAST = 20
_LONGEST_QUOTE = 18
_SAME = str.maketrans("[]［］【】（）(),;:", "〔〕〔〕〔〕〔〕〔〕，；：")


def repeated(text: Text) -> Faults:
    """Yield a whole sentence that stood before."""
    seen: dict[str, int] = {}
    for index, column, sentence in text.sentences():
        quote = _MARK.sub("", sentence, count=1).rstrip()
        key = _plain(quote)
        if len(re.findall(f"[{HAN}]", key)) < _LEAST:
            continue
        if key in seen:
            short = quote if len(quote) <= _LONGEST_QUOTE else quote[:_LONGEST_QUOTE] + "……"
            reason = f"“{short}”与第{text.lines[seen[key]].number}行的一句完全相同：请删去一处，或核对是否抄重"
            end = column + len(sentence.rstrip())
            yield Found(index, end - len(quote), end, reason)
        seen.setdefault(key, index)


def document_numbers(text: Text) -> Faults:
    """Yield the number of a notice that was cited before, with the same name and year, under another number."""
    seen: dict[tuple[str, str, str], str] = {}
    for line, match in matches(text.every(), _CITED):
        # The first character of a number names the place; offices of two places may name notices alike.
        title, now = match["title"], match["number"]
        before = seen.setdefault((_plain(title), match["year"], now.strip()[0]), now)
        if _plain(before) != _plain(now):
            reason = f"同一文件《{title}》前面的文号是“{before}”，这里是“{now}”：请核对"
            yield told(line, match, reason, "number")


def _plain(text: str) -> str:
    return "".join(text.split()).translate(_SAME).rstrip("。；")


CHECKS: tuple[tuple[str, Callable[[Text], Faults]], ...] = (
    ("E13", counts),
    ("E14", periods),
    ("E15", impossible_dates),
    ("E15", early_dates),
    ("E16", foreign_names),
    ("E16", foreign_selves),
    ("E17", stray_years),
    ("E18", outdated_bases),
    ("E20", repeated),
    ("E22", blanks),
    ("E22", cut_off),
    ("E22", half_width),
    ("E22", misprints),
    ("E22", mixed_numbering),
    ("E22", run_together),
    ("E22", stray_marks),
    ("E22", unpaired),
    ("E25", document_numbers),
)


@positional
class Defect:
    """
    One thing wrong with the text.

    Args:
        code: the kind of error, as the catalogue names it.

        line: the number of the line; `start` and `end` are columns of its text, from 0, `end` excluded.

        clause: the clause it stands in.

        sentence: what is wrong and what is meant.
    """

    code: str
    line: int
    start: int
    end: int
    clause: str
    sentence: str


def defects(lines: Iterable[Line], report: AnnualReport) -> tuple[Defect, ...]:
    """Return what is wrong with the language of *lines*, published as *report*, in the order of the text."""
    text = Text(tuple(lines), report)
    found = {(code, each) for code, check in CHECKS for each in check(text)}
    defects = sorted(found, key=lambda pair: (pair[1].index, pair[1].start, pair[0], pair[1].sentence))
    return tuple(_cited(text, code, each) for code, each in defects)


def _cited(text: Text, code: str, found: Found) -> Defect:
    line = text.lines[found.index]
    return Defect(code, line.number, found.start, found.end, clause(line.text, found.start, found.end), found.sentence)
