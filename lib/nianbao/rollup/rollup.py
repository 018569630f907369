"""
The tables of the units that a report names as its members (部门、乡镇街道), added up.

Who has handed in one, what is wrong with the others, where the district's own table differs; the working paper says it cell by cell.
A member without a table stops nothing; that a unit would be counted twice does.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from nianbao.build import swap
from nianbao.indicators import rules, series
from nianbao.indicators.errors import InvalidInputError, Problem
from nianbao.indicators.report import Cell
from nianbao.indicators.values import State
from nianbao.inputs import report
from nianbao.inputs import tables as tablefile
from nianbao.inputs.tables import STUB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nianbao.indicators.form import Column, Form, Row
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.series import Sum
    from nianbao.indicators.values import Quantity
    from nianbao.inputs.project import Project


class Status(StrEnum):
    """What has become of a member's table."""

    WHOLE = "齐全"
    UNFINISHED = "没有填完"
    UNREADABLE = "读不了"
    OTHER_FORM = "表式不同"
    ABSENT = "没有报送"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """
    What one member has handed in.

    Args:
        folder: where its table is or should be, as messages name it.

        report: its tables, where they can be added up; its prose is not read.

        form: the form that it is on, where that is another.
    """

    unit: str
    name: str
    folder: str
    status: Status
    report: AnnualReport | None = None
    problems: tuple[Problem, ...] = ()
    form: str = ""

    def blanks(self) -> tuple[str, ...]:
        """Return the cells that it has not filled, as file and address."""
        if self.report is None:
            return ()
        cells, form = self.report.cells, self.report.form
        return tuple(
            f"{table.id}.csv {cells[row.id, column.id].address}"
            for table, row, column in form.cells()
            if cells[row.id, column.id].quantity.state is State.MISSING
        )


def read(
    project: Project, district: AnnualReport, forms: Mapping[str, Form], told: Callable[[str], None]
) -> tuple[Submission, ...]:
    """
    Read the tables of the members of *district*, in the order in which it names them.

    Args:
        told: called after each with how far the work is, in words.

    Raises:
        InvalidInputError: where there are no members, or a unit would be counted twice.
    """
    if not district.members:
        found = "没有写明由哪些单位汇总"
        remedy = "加上 members，每行一个单位，先写 params/ 下的文件夹名，再写名称，如“  jinzhu: 金珠镇”"
        raise InvalidInputError([Problem(file=f"{district.folder}/{report.YAML}", place="members", found=found, remedy=remedy)])
    submissions = []
    for unit in district.members:
        submissions.append(_submission(project, district, unit, forms))
        told(f"已读{len(submissions)}个单位，共{len(district.members)}个")
    if twice := tuple(_twice(district, submissions)):
        raise InvalidInputError(twice)
    return tuple(submissions)


def _submission(project: Project, district: AnnualReport, unit: str, forms: Mapping[str, Form]) -> Submission:
    year = str(district.year)
    name, shown = district.members[unit].name, f"params/{unit}/{year}"
    folder = project.find(unit, year)
    if folder is None:
        return Submission(unit=unit, name=name, folder=shown, status=Status.ABSENT)
    try:
        read = report.load_tables(folder, forms)
    except InvalidInputError as error:
        return Submission(unit=unit, name=name, folder=shown, status=Status.UNREADABLE, problems=error.problems)
    if read.form.id != district.form.id:
        return Submission(unit=unit, name=name, folder=shown, status=Status.OTHER_FORM, form=read.form.id)
    whole = all(cell.quantity.state is not State.MISSING for cell in read.cells.values())
    status = Status.WHOLE if whole else Status.UNFINISHED
    return Submission(unit=unit, name=name, folder=shown, status=status, report=read)


def _twice(district: AnnualReport, submissions: list[Submission]) -> Iterator[Problem]:
    """Yield a problem for each member that another member's table already holds, or that holds the district's own."""
    below = {each.unit: each.report.members for each in submissions if each.report}
    times = Counter([*district.members, district.unit, *(unit for members in below.values() for unit in members)])
    for unit, members in below.items():
        for each, member in members.items():
            if times[each] > 1:
                found = f"{unit} 的表已由“{member.name}”（{each}）汇总，{each} 另外还有一处汇总，会加两次"
                yield Problem(
                    file=f"{district.folder}/{report.YAML}",
                    line=district.members[unit].line,
                    place=f"members.{unit}",
                    found=found,
                    remedy=f"只留一处；{unit} 的成员写在 params/{unit}/{district.year}/{report.YAML}",
                )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledUp:
    """
    A finished roll-up.

    Args:
        paper: where the working paper is, relative to the project.

        filled: what was written into the district's own table, or why nothing was, in sentences; empty where it was not asked for.
    """

    rollup: Rollup
    paper: str
    filled: tuple[str, ...] = ()


def build(
    project: Project, unit: str, year: str, forms: Mapping[str, Form], told: Callable[[str], None], *, write: bool
) -> RolledUp:
    """
    Add up the members of *unit* for *year*.

    Args:
        told: called again and again with how far the work is, in words.

        write: whether to fill the blank cells of the district's own table with a complete sum that its other cells agree with.

    Raises:
        NianbaoError: where the district's own folder cannot be read, names no members, or a unit would be counted twice.
    """
    folder = project.params(unit, year)
    output = project.output(unit, year)
    district = report.load_tables(folder, forms)
    submissions = read(project, district, forms, told)
    tables = [{} if each.report is None else _quantities(each.report) for each in submissions]
    sums = series.add_up(district.form, tables, _quantities(district))
    faults = tuple(_faults(submissions, _summed(district, sums), told))
    done = Rollup(district=district, submissions=submissions, sums=sums, faults=faults)
    swap.write_beside(output / swap.ROLLUP, table(done))
    filled = _fill(done, report.load_tables(folder, forms), folder) if write else ()
    return RolledUp(rollup=done, paper=f"outputs/{unit}/{year}/{swap.ROLLUP}", filled=filled)


def _quantities(read: AnnualReport) -> dict[tuple[str, str], Quantity]:
    return {place: cell.quantity for place, cell in read.cells.items()}


def _summed(district: AnnualReport, sums: tuple[Sum, ...]) -> AnnualReport:
    """Return the district's report with the sum in place of its own table; a cell that one member has not filled is missing."""
    return replace(district, cells={(each.row.id, each.column.id): Cell(each.whole, 0, "") for each in sums})


def _faults(submissions: tuple[Submission, ...], summed: AnnualReport, told: Callable[[str], None]) -> Iterator[Fault]:
    """Yield each rule within one year that does not hold somewhere, with the members in whose tables it does not."""
    in_sum = dict(_broken(summed))
    words: dict[str, str] = dict(in_sum)
    names: dict[str, list[str]] = {each: [] for each in words}
    for number, submission in enumerate(submissions, 1):
        for each, said in _broken(submission.report) if submission.report else ():
            words[each] = said
            names.setdefault(each, []).append(submission.name)
        told(f"已核对{number}个单位的表，共{len(submissions)}个")
    for each, broken in names.items():
        yield Fault(id=each, words=words[each], names=tuple(broken), summed=each in in_sum)


def _broken(read: AnnualReport) -> Iterator[tuple[str, str]]:
    for outcome in rules.outcomes(read):
        if outcome.holds is False and outcome.severity != "info":
            yield outcome.id, outcome.words


def _fill(done: Rollup, now: AnnualReport, folder: Path) -> tuple[str, ...]:
    """Fill the blank cells in *folder* with the sum, unless something is in the way, and say what was done."""
    why = ""
    if not done.complete:
        why = "汇总不完整"
    elif done.differing:
        why = f"有{len(done.differing)}格已填了不同的数，请先改为一致，或清空这几格"
    elif now.cells != done.district.cells:
        why = "汇总的时候有人改了它，请重新汇总"
    elif not done.blank:
        why = "没有空格"
    if why:
        return (f"没有写入本级统计表：{why}。",)
    said = []
    for name, text, cells in _fillings(done):
        swap.write_beside(folder / name, text)
        said.append(f"已填入 {now.folder}/{name}：{cells}格。")
    return tuple(said)


def _fillings(done: Rollup) -> Iterator[tuple[str, bytes, int]]:
    """Yield the name and the new text of each file with blank cells, and how many are filled."""
    values = {(each.row.id, each.column.id): each.whole if each.own.state is State.MISSING else each.own for each in done.sums}

    def value(row: Row, column: Column) -> str:
        return as_typed(values[row.id, column.id])

    for table in done.district.form.tables:
        blank = sum(each.own.state is State.MISSING for each in done.sums if each.table.id == table.id)
        if blank:
            yield f"{table.id}.csv", tablefile.written(table, done.district.year, value), blank
