"""
Roll up a district: read its members' tables, add them up, hold the rules and its own table against them, write the working paper.

Filling the sum into the district's own table is asked for apart; it fills blank cells and changes no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import checks, members, publish, report, rollup, rolluppaper, tablefile
from .quantity import State
from .rolluppaper import Fault, Rollup
from .tablefile import Cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from .form import Column, Form, Row
    from .members import Submission
    from .project import Project
    from .quantity import Quantity
    from .report import AnnualReport
    from .rollup import Sum


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
    folder, shown = project.params(unit, year), f"params/{unit}/{year}"
    output = project.output(unit, year)
    district = report.load_tables(folder, shown, forms)
    submissions = members.read(project, district, forms, told)
    tables = [{} if each.report is None else _quantities(each.report) for each in submissions]
    sums = rollup.add_up(district.form, tables, _quantities(district))
    faults = tuple(_faults(submissions, _summed(district, sums), told))
    done = Rollup(district=district, submissions=submissions, sums=sums, faults=faults)
    publish.write_beside(output / publish.ROLLUP, rolluppaper.table(done))
    filled = _fill(done, report.load_tables(folder, shown, forms), folder) if write else ()
    return RolledUp(rollup=done, paper=f"outputs/{unit}/{year}/{publish.ROLLUP}", filled=filled)


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
    for outcome in checks.outcomes(read):
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
        publish.write_beside(folder / name, text)
        said.append(f"已填入 {now.folder}/{name}：{cells}格。")
    return tuple(said)


def _fillings(done: Rollup) -> Iterator[tuple[str, bytes, int]]:
    """Yield the name and the new text of each file with blank cells, and how many are filled."""
    values = {(each.row.id, each.column.id): each.whole if each.own.state is State.MISSING else each.own for each in done.sums}

    def value(row: Row, column: Column) -> str:
        return rolluppaper.as_typed(values[row.id, column.id])

    for table in done.district.form.tables:
        blank = sum(each.own.state is State.MISSING for each in done.sums if each.table.id == table.id)
        if blank:
            yield f"{table.id}.csv", tablefile.written(table, done.district.year, value), blank
