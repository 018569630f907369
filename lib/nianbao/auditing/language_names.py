"""Another agency's name where the report's own should stand, and an outdated legal basis (E16, E18)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .language_text import Found, is_quoted
from .lines import HAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .language_text import Text

_CONTACT = re.compile(rf"(?:请与|请向|请直接与|可与|可向|由)(?P<agency>[{HAN}]{{2,30}}?)(?:进行)?(?:联系|咨询|反映|负责解释)")
_TITLE = re.compile(
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


def foreign_names(text: Text) -> Iterator[Found]:
    """Yield the name of an agency of the same kind and another place or charge, where the report's own should stand."""
    for index, line in enumerate(text.plain):
        for found in _CONTACT.finditer(line):
            if _is_foreign(found["agency"], text.report.name):
                yield _found(found, index, f"联系单位写作“{found['agency']}”")
    for index in text.preface:
        for found in _TITLE.finditer(text.plain[index]):
            agency = _FRAMES.sub("", found["agency"])
            if not is_quoted(text.plain[index], found.start()) and _is_foreign(agency, text.report.name):
                yield _found(found, index, f"报告的单位写作“{agency}”")


def _found(found: re.Match[str], index: int, reason: str) -> Found:
    return Found(
        "E16", index, found.start("agency"), found.end("agency"), f"{reason}，与本报告的单位不符，像是从别处抄来的：请核对"
    )


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


def foreign_selves(text: Text) -> Iterator[Found]:
    """Yield 我县 in the report of a 区, and the like."""
    places = _PLACE.findall(text.report.name)
    own = places[-1][1][-1] if places else ""
    rank = next((rank for rank in _RANKS if own and own in rank), "")
    for index, line in text.prose():
        for found in _SELF.finditer(line):
            if found[1] in rank and found[1] != own:
                sentence = f"本报告的单位是“{text.report.name}”，这里却自称“{found.group()}”，像是从别处抄来的：请核对"
                yield Found("E16", index, found.start(), found.end(), sentence)


def outdated_bases(text: Text) -> Iterator[Found]:
    """Yield a basis in the preface that no longer held in the report's year."""
    for index in text.preface:
        line = text.plain[index]
        if not re.search("根据|依据|按照", line):
            continue
        for year, pattern, now in _BASES:
            if text.report.year >= year and (found := pattern.search(line)) and "711号" not in line:
                sentence = f"前言所依据的“{found.group()}”在{text.report.year}年已不适用：{now}"
                yield Found("E18", index, found.start(), found.end(), sentence)
