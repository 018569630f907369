"""
What a roll-up says: who has handed in a table, where the district's own differs from the sum, which rules the tables break.

In sentences for the screen, and as one CSV file for Excel and WPS with a line for each cell and a column for each member. Nothing
is read or added up here.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .members import Status
from .quantity import State
from .tablefile import STUB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .members import Submission
    from .quantity import Quantity
    from .report import AnnualReport
    from .rollup import Sum

_BOM = "\ufeff"
_MOST = 5
_BEFORE_MEMBERS = ("文件", "格", *STUB, "栏目", "汇总", "本级填报", "相差", "说明")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule of the form that does not hold in one place: in words, in whose tables, and whether in the sum of all."""

    id: str
    words: str
    names: tuple[str, ...]
    summed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """The tables of a district's members added up, and what was found on the way."""

    district: AnnualReport
    submissions: tuple[Submission, ...]
    sums: tuple[Sum, ...]
    faults: tuple[Fault, ...]

    @property
    def complete(self) -> bool:
        """Whether every member has handed in a whole table."""
        return all(each.status is Status.WHOLE for each in self.submissions)

    @property
    def differing(self) -> tuple[Sum, ...]:
        """The cells in which the district's own table has something else than the sum."""
        return tuple(each for each in self.sums if each.differs)

    @property
    def blank(self) -> int:
        """How many cells of the district's own table are blank."""
        return sum(each.own.state is State.MISSING for each in self.sums)

    @property
    def clean(self) -> bool:
        """Whether there is nothing to look at."""
        return self.complete and not self.differing and not self.faults

    def place(self, cell: Sum) -> str:
        """Return the file and the address of *cell* in the district's own table."""
        return f"{cell.table.id}.csv {self.district.cells[cell.row.id, cell.column.id].address}"


def sentences(rollup: Rollup) -> Iterator[str]:
    """Yield what to tell, a line each; who is still to hand in comes near the end, where a screen stops."""
    for cell in rollup.differing:
        yield _difference(cell, rollup)
    for fault in rollup.faults:
        # Nothing else says whose tables these are, so none is left out.
        tables = [*fault.names, *(["汇总表"] if fault.summed else [])]
        yield f"对不上　{fault.id}　{fault.words}：{'、'.join(tables)}。"
    for submission in rollup.submissions:
        yield from _handed_in(submission, rollup)
    yield from _summary(rollup)


def _handed_in(submission: Submission, rollup: Rollup) -> Iterator[str]:
    opening = f"{submission.status}　{submission.name}："
    if submission.status is Status.ABSENT:
        yield f"{opening}没有 {submission.folder}。"
    elif submission.status is Status.UNREADABLE:
        shown = submission.problems[:_MOST]
        yield f"{opening}有{len(submission.problems)}处需要改正，它的数没有加进去："
        yield from (f"  {number}. {problem}" for number, problem in enumerate(shown, 1))
        if len(submission.problems) > len(shown):
            yield f"  其余见：nianbao check {submission.unit} {rollup.district.year}"
    elif submission.status is Status.OTHER_FORM:
        own = rollup.district.form.id
        yield f"{opening}{submission.folder} 用的是 {submission.form}，本级是 {own}，不能相加，它的数没有加进去。"
    elif submission.status is Status.UNFINISHED:
        blanks = submission.blanks()
        yield f"{opening}{submission.folder} 的{len(rollup.sums)}格中空着{len(blanks)}格：{_listed(blanks, '格')}。"


def _difference(cell: Sum, rollup: Rollup) -> str:
    unit = rollup.district.form.unit_of(cell.row, cell.column)
    label = f"{cell.row.numbered_label}（{cell.column.name(rollup.district.year)}）"
    known, own = (_said(each, unit) for each in (cell.known, cell.own))
    parts = [f"{rollup.submissions[number].name}{cell.parts[number].exact}" for number in cell.largest()]
    made_of = f"；汇总中：{_listed(parts)}" if parts else ""
    return f"不同　{rollup.place(cell)} {label}：本级填报{own}，汇总{known}{_apart(cell, unit)}{made_of}{_lacking(cell, rollup)}。"


def _apart(cell: Sum, unit: str) -> str:
    gap = cell.difference
    if gap.state is not State.GIVEN:
        return ""
    return f"，本级{'多' if gap.fraction > 0 else '少'}{(gap.exact or '').removeprefix('-')}{unit}"


def _lacking(cell: Sum, rollup: Rollup) -> str:
    names = [rollup.submissions[number].name for number in cell.lacking]
    return f"；缺：{_listed(names)}" if names else ""


def _said(read: Quantity, unit: str) -> str:
    return "“-”" if read.exact is None else read.exact + unit


def _listed(texts: Sequence[str], what: str = "个单位") -> str:
    return "、".join(texts[:_MOST]) + (f"等{len(texts)}{what}" if len(texts) > _MOST else "")


def _summary(rollup: Rollup) -> Iterator[str]:
    statuses = [each.status for each in rollup.submissions]
    counted = "，".join(f"{status}{number}个" for status in Status if (number := statuses.count(status)))
    yield f"{rollup.district.name}{rollup.district.year}年，{len(statuses)}个单位：{counted}。"
    if not rollup.complete:
        yield "汇总不完整：只是已填各格之和，上面列出的单位补齐后请重新汇总。"
    alone = sum(each.known.state is State.MISSING and each.own.state is not State.MISSING for each in rollup.sums)
    same = len(rollup.sums) - len(rollup.differing) - rollup.blank - alone
    counted = f"与汇总相同{same}格，不同{len(rollup.differing)}格，本级没有填{rollup.blank}格"
    yield f"本级统计表{len(rollup.sums)}格：{counted}" + (f"，各单位都没有填{alone}格。" if alone else "。")


def table(rollup: Rollup) -> str:
    """Return the working paper: a line for each cell, with the sum, the own value, the difference and each member's value."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    names = [each.name + ("" if each.status is Status.WHOLE else f"（{each.status}）") for each in rollup.submissions]
    lines.writerow([*_BEFORE_MEMBERS, *names])
    year = rollup.district.year
    for cell in rollup.sums:
        file, _, address = rollup.place(cell).partition(" ")
        unit = rollup.district.form.unit_of(cell.row, cell.column)
        where = (file, address, cell.row.section, cell.row.group, cell.row.printed_label, unit, cell.column.heading(year))
        values = (cell.known, cell.own, cell.difference if cell.differs else None, *cell.parts)
        known, own, gap, *parts = ("" if each is None else as_typed(each) for each in values)
        lines.writerow([*where, known, own, gap, _note(cell, rollup), *parts])
    return _BOM + out.getvalue()


def _note(cell: Sum, rollup: Rollup) -> str:
    said = [words for words, holds in (("本级没有填", cell.own.state is State.MISSING), ("不同", cell.differs)) if holds]
    names = [rollup.submissions[number].name for number in cell.lacking]
    return "；".join([*said, *([f"汇总不完整，缺：{_listed(names)}"] if names else [])])


def as_typed(read: Quantity) -> str:
    """Return what stands in a cell of a table that holds *read*."""
    return "-" if read.state is State.NOT_APPLICABLE else read.exact or ""
