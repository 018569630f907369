"""
The tables of the units that a report names as its members (部门、乡镇街道): who has handed in one, and what is wrong with the others.

A member without a table stops nothing; that a unit would be counted twice does. What the tables add up to is for `rollup`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from . import report
from .errors import InvalidInputError, Problem
from .quantity import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .form import Form
    from .project import Project
    from .report import AnnualReport


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
        read = report.load_tables(folder, shown, forms)
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
