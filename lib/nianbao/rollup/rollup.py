"""
The tables of the units that a report names as its members (部门、乡镇街道), added up: what its notebook opens, and its making.

Who has handed in one, what is wrong with the others, where the district's own table differs. A member without a table stops nothing;
that a unit would be counted twice does. Of very many members some are followed to their cells, the rest is one number in each cell,
so that a page stays small; the CSV file has the numbers of all. `RollupJob` says in what its making differs from a report's.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nianbao.build import inputs, swap
from nianbao.build.evidence import Told, outcomes, policy
from nianbao.build.gate import Allowance
from nianbao.build.inputs import Scope
from nianbao.build.manifest import findings
from nianbao.build.pipeline import Gathered, GatheredJob, Making
from nianbao.document.document import ASIDE, rounded_words
from nianbao.indicators import figures as fig
from nianbao.indicators import frozen, rules, series, values
from nianbao.indicators.errors import InvalidInputError, Problem, PublishError
from nianbao.indicators.figures import Figures
from nianbao.indicators.findings import Finding
from nianbao.indicators.report import Cell
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, State
from nianbao.inputs import formfile, report
from nianbao.inputs import tables as tablefile
from nianbao.inputs.tables import STUB
from nianbao.page import faces, grid
from nianbao.page.blocks import Notice, Paragraph, paragraph
from nianbao.prose import lint
from nianbao.reading import numbers
from nianbao.render import outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nianbao.build.inputs import Files
    from nianbao.document.document import Display
    from nianbao.indicators.figures import Figure
    from nianbao.indicators.form import Column, Form, Forms, Row
    from nianbao.indicators.report import AnnualReport, Key, Member
    from nianbao.indicators.series import Cells, Sum
    from nianbao.indicators.values import Quantity, Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json
    from nianbao.page.grid import Content
    from nianbao.render.outputs import Output

    # A sentence: words, and the figures between them.
    Parts = tuple[str | Figure, ...]
    Say = Callable[[str], None]


NAME, NOTEBOOK = swap.ROLLUP, "rollup.ipynb"
# As many members are followed to their cells, and listed one by one: each takes 200 figures of the page, 100 kB.
FOLLOWED = 50
_MOST, _NAMED = 5, 20


class Status(StrEnum):
    """What has become of a member's table."""

    WHOLE = "齐全"
    UNFINISHED = "没有填完"
    UNREADABLE = "读不了"
    OTHER_FORM = "表式不同"
    ABSENT = "没有报送"


# The rules that findings of a roll-up go by, and what a line about one begins with.
DIFFERS, BROKEN = "M01", "M02"
WAITING = {Status.ABSENT: "M03", Status.UNFINISHED: "M04", Status.UNREADABLE: "M05", Status.OTHER_FORM: "M06"}
OPENINGS = {DIFFERS: "不同", BROKEN: "对不上", **{rule: str(status) for status, rule in WAITING.items()}}


@frozen
class Submission:
    """
    What one member has handed in.

    Args:
        folder: where its table is or should be, as messages name it.

        cells: its table, where it can be added up; `blanks` the first of those that it has not filled, as file and address.

        problems: the first things that are wrong with it; `wrong` how many there are.

        form: the form that it is on, where that is another.

        members: whose tables are added up in its own.
    """

    unit: str
    name: str
    folder: str
    status: Status
    cells: Cells = field(default_factory=dict)
    blanks: Strings = ()
    problems: Strings = ()
    wrong: int = 0
    form: str = ""
    members: Mapping[str, Member] = field(default_factory=dict)

    def held(self) -> Json:
        """Return it as a page carries it that has not its files."""
        typed = ",".join(map(as_typed, self.cells.values()))
        return {"status": self.status, "cells": typed, "blanks": list(self.blanks), "form": self.form} | {
            "problems": list(self.problems),
            "wrong": self.wrong,
        }


def _submission(district: AnnualReport, unit: str, folder: Path, forms: Forms) -> Submission:
    """Return what the member *unit* has handed in in *folder*."""
    bare = _bare(district, unit)
    if not folder.is_dir():
        return bare
    try:
        read = report.load_tables(folder, forms)
    except InvalidInputError as error:
        shown = tuple(map(str, error.problems[:_MOST]))
        return replace(bare, status=Status.UNREADABLE, problems=shown, wrong=len(error.problems))
    if read.form.id != district.form.id:
        return replace(bare, status=Status.OTHER_FORM, form=read.form.id)
    blanks = tuple(_blanks(read))
    status = Status.UNFINISHED if blanks else Status.WHOLE
    return replace(bare, status=status, cells=_quantities(read), blanks=blanks[:_MOST], members=read.members)


def _bare(district: AnnualReport, unit: str) -> Submission:
    name, folder = district.members[unit].name, f"params/{unit}/{district.year}"
    return Submission(unit=unit, name=name, folder=folder, status=Status.ABSENT)


def _blanks(read: AnnualReport) -> Iterator[str]:
    for table, row, column in read.form.cells():
        cell = read.cells[row.id, column.id]
        if cell.quantity.state is State.MISSING:
            yield f"{table.id}.csv {cell.address}"


def _quantities(read: AnnualReport) -> Cells:
    """Return what stands in each cell of *read*, in the order of the form."""
    keys = [(row.id, column.id) for _table, row, column in read.form.cells()]
    return {key: read.cells[key].quantity for key in keys}


def _recalled(district: AnnualReport, unit: str, held: Any) -> Submission:
    """Return what the member *unit* has handed in as a page carries it, which may be made up: `ValueError` where it cannot be."""
    keys = [(row.id, column.id) for _table, row, column in district.form.cells()]
    typed = held["cells"].split(",") if held["cells"] else ()
    cells = dict(zip(keys, map(_typed, typed), strict=bool(typed)))
    return replace(
        _bare(district, unit),
        status=Status(held["status"]),
        cells=cells,
        blanks=tuple(map(str, held["blanks"])),
        problems=tuple(map(str, held["problems"])),
        wrong=int(held["wrong"]),
        form=str(held["form"]),
    )


def _typed(text: str) -> Quantity:
    """Return the quantity that `as_typed` made *text* of."""
    if text in {"", "-"}:
        return NOT_APPLICABLE if text else MISSING
    return values.given(values.amount(text, values.MOST_DIGITS, signed=True) if "." in text else values.count(text, signed=True))


def as_typed(read: Quantity) -> str:
    """Return what stands in a cell of a table that holds *read*."""
    return "-" if read.state is State.NOT_APPLICABLE else read.exact or ""


def read(folder: Path, forms: Forms, say: Say = lambda _step: None, held: Mapping[str, Any] = MappingProxyType({})) -> Rollup:
    """
    Add up the members of the report in *folder*, in the order in which it names them.

    Args:
        say: told again and again with how far the work is, in words.

        held: by unit, what a page carries of members whose files are not there.

    Raises:
        InvalidInputError: where the report cannot be read or has no members, or a unit would be counted twice.
    """
    district = report.load_tables(folder, forms)
    if not district.members:
        found = "没有写明由哪些单位汇总"
        remedy = "加上 members，每行一个单位，先写 params/ 下的文件夹名，再写名称，如“  jinzhu: 金珠镇”"
        raise InvalidInputError([Problem(file=f"{district.folder}/{report.YAML}", place="members", found=found, remedy=remedy)])
    places = {unit: folder.parents[1] / unit / folder.name for unit in district.members}
    submissions = []
    for unit, place in places.items():
        recalled = _recalled(district, unit, held[unit]) if unit in held else None
        submissions.append(recalled or _submission(district, unit, place, forms))
        say(f"已读{len(submissions)}个单位，共{len(places)}个")
    if twice := tuple(_twice(district, submissions)):
        raise InvalidInputError(twice)
    sums = series.add_up(district.form, [each.cells for each in submissions], _quantities(district))
    followed = {
        number: fig.compute(report.load_tables(places[submissions[number].unit], forms)) for number in _followed(sums, submissions)
    }
    return Rollup(district, tuple(submissions), sums, tuple(_faults(district, submissions, sums, say)), followed)


def _twice(district: AnnualReport, submissions: list[Submission]) -> Iterator[Problem]:
    """Yield a problem for each member that another member's table already holds, or that holds the district's own."""
    below = {each.unit: each.members for each in submissions}
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


def _followed(sums: Iterable[Sum], submissions: Sequence[Submission]) -> list[int]:
    """Return the members, by their number, that are followed to their cells: of very many those that have the most."""
    added = [number for number, each in enumerate(submissions) if each.cells]
    if len(added) <= FOLLOWED:
        return added
    times: Counter[int] = Counter()
    for each in sums:
        for place, number in enumerate(each.largest()[:_MOST]):
            times[number] += _MOST - place
    return sorted(sorted(added, key=lambda number: -times[number])[:FOLLOWED])


@frozen
class Fault:
    """A rule of the form that does not hold in one place: in words, in whose tables, and with which cells in the sum of all."""

    id: str
    words: str
    names: Strings
    summed: Strings = ()

    @property
    def tables(self) -> Strings:
        """Whose tables these are."""
        return (*self.names, *(["汇总表"] if self.summed else []))


def _faults(district: AnnualReport, submissions: Sequence[Submission], sums: Iterable[Sum], say: Say) -> Iterator[Fault]:
    """Yield each rule within one year that does not hold somewhere, with the members in whose tables it does not."""
    in_sum = {each.id: each for each in _broken(_summed(district, sums))}
    words = {each.id: each.words for each in in_sum.values()}
    names: dict[str, list[str]] = {each: [] for each in words}
    for number, submission in enumerate(submissions, 1):
        for each in _broken(_with(district, submission.cells)) if submission.cells else ():
            words.setdefault(each.id, each.words)
            names.setdefault(each.id, []).append(submission.name)
        say(f"已核对{number}个单位的表，共{len(submissions)}个")
    for name, broken in names.items():
        summed = tuple(f"sum.{cell}" for cell in in_sum[name].cells) if name in in_sum else ()
        yield Fault(id=name, words=words[name], names=tuple(broken), summed=summed)


def _summed(district: AnnualReport, sums: Iterable[Sum]) -> AnnualReport:
    """Return the district's report with the sum in place of its own table; a cell that one member has not filled is missing."""
    return _with(district, {(each.row.id, each.column.id): each.whole for each in sums})


def _with(district: AnnualReport, cells: Cells) -> AnnualReport:
    return replace(district, cells={key: Cell(quantity) for key, quantity in cells.items()})


def _broken(read: AnnualReport) -> Iterator[rules.Outcome]:
    return (each for each in rules.outcomes(read) if each.holds is False and each.severity != "info")


class Rollup(Gathered):
    """
    The tables of a district's members added up, and what was found on the way.

    Args:
        district: its own report.

        followed: the figures of the members that are followed to their cells, by their number.
    """

    def __init__(
        self,
        district: AnnualReport,
        submissions: tuple[Submission, ...],
        sums: tuple[Sum, ...],
        faults: tuple[Fault, ...],
        followed: Mapping[int, Figures],
    ) -> None:
        super().__init__(f"{district.unit}/{district.year}/{NAME}")
        self.report = district
        self.title_lines = (f"{district.name}{district.year}年", "政府信息公开统计表汇总")
        self.submissions, self.sums, self.faults = submissions, sums, faults
        self.followed = {number: submissions[number] for number in followed}
        self.figures: dict[str, Figure] = {}
        for number, figures in followed.items():
            self._keep(
                *(series.of_one(each, f"m{number + 1}", submissions[number].name) for each in _cells(district.form, figures))
            )
        self._keep(*(series.of_one(each, "own", "本级填报") for each in _cells(district.form, fig.compute(district))))
        for line, cell in enumerate(sums, 2):
            self._keep(*self._sum(cell, line))
        self._keep(*self._counts())
        self.findings = (*map(self._difference, self.differing), *map(_fault, faults), *self._waiting())

    def __repr__(self) -> str:
        return f"<{''.join(self.title_lines)}>"

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

    # What the notebook shows.

    def status(self) -> Display:
        """Return what an editor should know: what was read, and how much there is to look at."""
        words = f"{''.join(self.title_lines)}：{len(self.submissions)}个单位，需要处理的问题{len(self.findings)}个。"
        return self._display(paragraph(words), part=ASIDE)

    def summary(self) -> Display:
        """Return who has handed in, how the district's own table compares, and which members can be followed, in sentences."""
        return self._display(*(Paragraph(grid.worded(parts)) for parts in (*self._summary(), *self._limits())))

    def units(self, caption: str) -> Display:
        """Return the members with what became of their tables; of very many those that someone has to ask."""
        waiting = {each.unit: finding for each, finding in zip(self._lacking(), self._waiting(), strict=True)}
        shown = self.submissions if len(self.submissions) <= FOLLOWED else tuple(self._lacking())[: 4 * FOLLOWED]
        rows = [(each.name, each.status, _after(waiting[each.unit]) if each.unit in waiting else "") for each in shown]
        return self._rows(caption, ("单位", "结果", "说明"), rows, (24, 14, 62))

    def differences(self, caption: str) -> Display:
        """Return the cells in which the district's own table has something else than the sum."""
        rows = [self._compared(cell) for cell in self.differing]
        head = ("格和指标", "本级填报", "汇总", "本级相差", "汇总中最大的")
        return self._rows(caption, head, rows, (27, 17, 17, 17, 22))

    def broken(self, caption: str) -> Display:
        """Return the rules that do not hold in the sum or in a member's table, with whose tables these are."""
        rows = [(each.id.partition(".")[0], each.words, _listed(each.tables, "张表", most=_NAMED)) for each in self.faults]
        return self._rows(caption, ("规则", "应有的关系", "不符的表"), rows, (9, 54, 37))

    def tables(self) -> Display:
        """Return the statistical tables in their official layout, with the sum in each cell."""
        figures = Figures(self.figures.values())
        return self._display(*(grid.statistics(self.report, figures, table, "sum.") for table in self.report.form.tables))

    def notice(self) -> tuple[Notice, ...]:
        """Return the box that says that members are lacking, or nothing where all is there."""
        if self.complete:
            return ()
        return (Notice(title=_TITLE, children=(paragraph(_INCOMPLETE),)),)

    def _rows(self, caption: str, head: Strings, rows: Sequence[tuple[Content, ...]], widths: tuple[int, ...]) -> Display:
        return self._display(grid.listing(caption, head, rows, widths) if rows else paragraph(f"{caption}：没有。"))

    def _compared(self, cell: Sum) -> tuple[Content, ...]:
        gap = self._gap(cell)
        words = grid.worded(("多" if cell.difference.fraction > 0 else "少", gap)) if gap else ""
        numbers = [grid.number(self.figures[f"{each}.{_id(cell)}"]) for each in ("own", "sum")]
        return (self._called(cell), *numbers, words, grid.worded(self._largest(cell, 3)))

    # The figures, and what was found.

    def _keep(self, *figures: Figure) -> None:
        self.figures |= {figure.id: figure for figure in figures}

    def place(self, cell: Sum) -> str:
        """Return the file and the address of *cell* in the district's own table."""
        return f"{cell.table.id}.csv {self.report.cells[cell.row.id, cell.column.id].address}"

    def _called(self, cell: Sum) -> str:
        return f"{self.place(cell)} {cell.row.numbered_label}（{cell.column.name(self.report.year)}）"

    def _largest(self, cell: Sum, most: int) -> Iterator[str | Figure]:
        """Yield the members that have the most in *cell*, each with its number."""
        for place, number in enumerate(cell.largest()[:most]):
            yield ("、" if place else "") + self.submissions[number].name
            yield self._part(number, cell)

    def _sum(self, cell: Sum, line: int) -> Iterator[Figure]:
        """Yield the sum of *cell*, which has a *line* of the CSV file, and before it that of the members that are not followed."""
        key, own = _id(cell), self.report.form.unit_of(cell.row, cell.column)
        label = self.figures[f"own.{key}"].label.removeprefix("本级填报 ")
        parts = [self.figures[f"m{number + 1}.{key}"] for number in self.followed]
        if others := [part for number, part in enumerate(cell.parts) if self._is_added(number) and number not in self.followed]:
            known = series.added(part for part in others if part.state is not State.MISSING)
            words, source = f"其余{len(others)}个单位 {label}", f"{NAME}.csv 第{line}行"
            parts.append(fig.counted(f"rest.{key}", words, "sum", known, own, source=source))
            yield parts[-1]
        taken = [part for part in parts if part.quantity.state is cell.known.state is not State.MISSING]
        note = f"汇总不完整，没有加进去的：{self._names(cell.lacking)}" if cell.lacking else ""
        made = fig.added(f"sum.{key}", f"汇总 {label}", "sum", own, [(1, part) for part in taken])
        shown = fig.counted(made.id, made.label, "sum", cell.known, own, formula=made.formula, inputs=made.inputs)
        yield replace(shown, note=note)

    def _is_added(self, number: int) -> bool:
        return bool(self.submissions[number].cells)

    def _names(self, numbers: Iterable[int]) -> str:
        return _listed([self.submissions[number].name for number in numbers])

    def _part(self, number: int, cell: Sum) -> Figure:
        """Return what the member *number* has in *cell*; of one that is not followed, without the line of its file."""
        name = f"m{number + 1}.{_id(cell)}"
        if name not in self.figures:
            label = self.figures[f"own.{_id(cell)}"].label.replace("本级填报", self.submissions[number].name, 1)
            source = f"{self.submissions[number].folder}/{cell.table.id}.csv"
            unit = self.report.form.unit_of(cell.row, cell.column)
            self._keep(fig.counted(name, label, "cell", cell.parts[number], unit, source=source))
        return self.figures[name]

    def _gap(self, cell: Sum) -> Figure | None:
        """Return how much more or less the district's own table has in *cell*; None where one of the two is no number."""
        name = f"gap.{_id(cell)}"
        own, whole = (self.figures[f"{each}.{_id(cell)}"] for each in ("own", "sum"))
        if cell.difference.state is not State.GIVEN:
            return None
        more = cell.difference.fraction > 0
        larger, smaller = (own, whole) if more else (whole, own)
        label = f"{own.label}比汇总{'多' if more else '少'}"
        self._keep(fig.added(name, label, "check", own.unit, ((1, larger), (-1, smaller))))
        return self.figures[name]

    def _counts(self) -> Iterator[Figure]:
        """Yield how many members and cells there are of each kind."""
        added = sum(map(self._is_added, range(len(self.submissions))))
        alone = sum(each.known.state is State.MISSING and each.own.state is not State.MISSING for each in self.sums)
        same = len(self.sums) - len(self.differing) - self.blank - alone
        cells = {"all": len(self.sums), "same": same, "differing": len(self.differing), "blank": self.blank, "alone": alone}
        members = Counter(each.status.name.lower() for each in self.submissions)
        counts = {f"cells.{name}": (number, "格") for name, number in cells.items()}
        counts |= {f"units.{name}": (number, "个") for name, number in members.items()}
        counts |= {"units.all": (len(self.submissions), "个"), "units.followed": (len(self.followed), "个")}
        counts["units.rest"] = (added - len(self.followed), "个")
        for name, (number, unit) in counts.items():
            yield fig.counted(f"count.{name}", _COUNTED[name], "check", values.given(number), unit)

    def _summary(self) -> Iterator[Parts]:
        count = {name.removeprefix("count."): figure for name, figure in self.figures.items() if name.startswith("count.")}
        words: list[str | Figure] = []
        for status in Status:
            if figure := count.get(f"units.{status.name.lower()}"):
                words += ["，" if words else "", str(status), figure, "个"]
        yield (f"{self.report.name}{self.report.year}年，", count["units.all"], "个单位：", *words, "。")
        words = ["本级统计表", count["cells.all"], "格：与汇总相同", count["cells.same"], "格，不同", count["cells.differing"]]
        alone = ("，各单位都没有填", count["cells.alone"], "格") if not count["cells.alone"].quantity.is_zero else ()
        yield (*words, "格，本级没有填", count["cells.blank"], "格", *alone, "。")

    def _limits(self) -> Iterator[Parts]:
        rest, followed = (self.figures[f"count.units.{name}"] for name in ("rest", "followed"))
        if not rest.quantity.is_zero:
            words = f"个单位在每一格中并为一个数，它们各自的数在 {NAME}.csv 中，文件的哈希值在清单中。"
            yield ("单位很多，本页逐格附有其中在各格中数最大的", followed, "个单位的数和表，其余", rest, words)

    def _difference(self, cell: Sum) -> Finding:
        key = _id(cell)
        own, whole, gap = self.figures[f"own.{key}"], self.figures[f"sum.{key}"], self._gap(cell)
        parts: list[str | Figure] = [f"{self._called(cell)}：本级填报", *_said(own), "，汇总", *_said(whole)]
        if gap:
            parts += [f"，本级{'多' if cell.difference.fraction > 0 else '少'}", gap, gap.unit]
        largest = cell.largest()
        parts += ["；汇总中："] if largest else []
        parts += self._largest(cell, _MOST)
        parts += [f"等{len(largest)}个单位"] if len(largest) > _MOST else []
        parts += [f"；缺：{self._names(cell.lacking)}"] if cell.lacking else []
        return Finding(
            id=f"{DIFFERS}.{key}",
            rule=DIFFERS,
            severity="error",
            parts=tuple(parts),
            cells=(own.id, whole.id),
            left=own,
            right=whole,
            difference=gap,
        )

    def _lacking(self) -> Iterator[Submission]:
        return (each for each in self.submissions if each.status is not Status.WHOLE)

    def _waiting(self) -> Iterator[Finding]:
        """Yield a finding for each member that has not handed in a whole table."""
        for submission in self._lacking():
            rule = WAITING[submission.status]
            parts = (f"{submission.name}：", *_handed_in(submission, self.report))
            yield Finding(id=f"{rule}.{submission.unit}", rule=rule, severity="warning", parts=parts)

    def sentences(self) -> Iterator[str]:
        """Yield what to tell, a line each; who is still to hand in comes near the end, where a screen stops."""
        for finding in self.findings:
            unreadable = finding.rule == WAITING[Status.UNREADABLE]
            shown = finding.parts[:2] if unreadable else finding.parts
            yield f"{OPENINGS[finding.rule]}　{_joined(shown)}{'' if unreadable else '。'}"
            yield from (f"  {_joined((part,))}" for part in finding.parts[len(shown) :])
        yield from map(_joined, self._summary())
        if not self.complete:
            yield f"{_TITLE}：{_INCOMPLETE}"

    def told(self) -> Told:
        """Return what the roll-up tells; of members that are not followed what it takes to add them up again."""
        allowance = self.allowance()
        return Told(
            title="".join(self.title_lines),
            figures=self.figures,
            findings=findings(self.findings),
            checks=[*self._checks(), *self._rules()],
            policy=policy(self.report.policy, rounded_words(self.report.policy)),
            names=allowance.known,
            allowance=allowance,
            more={"units": {each.unit: each.held() for number, each in enumerate(self.submissions) if number not in self.followed}},
        )

    def allowance(self) -> Allowance:
        """Return what may stand on the pages of a roll-up without being a figure: names, cells, and what findings say."""
        known = {*lint.names(self.report), *(each.name for each in self.submissions), *map(self._called, self.differing)}
        known |= {part for finding in self.findings for part in finding.parts if isinstance(part, str)}
        known |= {text for fault in self.faults for text in (fault.id, fault.words, _listed(fault.tables, "张表", most=_NAMED))}
        known = {text for text in faces.coded(sorted(known)) if numbers.NUMBER.search(text)}
        ordered = tuple(sorted(known, key=lambda text: (-len(text), text)))
        return Allowance(known=ordered)

    def _checks(self) -> Iterator[Json]:
        """Yield for each cell whether the district's own table has the sum of its members."""
        for cell in self.sums:
            held = State.MISSING not in {cell.own.state, cell.known.state}
            cells = [f"own.{_id(cell)}", f"sum.{_id(cell)}"]
            yield {"id": f"{DIFFERS}.{_id(cell)}", "rule": DIFFERS, "severity": "error", "cells": cells} | {
                "holds": not cell.differs if held else None,
                "words": "本级填报的数等于各单位之和",
            }

    def _rules(self) -> Iterator[Json]:
        """Yield the rules of the form as they hold in the sums."""
        for each in outcomes(_summed(self.report, self.sums)):
            yield {**each, "cells": [f"sum.{cell}" for cell in each["cells"]]}

    def data(self) -> bytes:
        """Return a line for each cell as CSV, with the sum, the own value, the difference and each member's value."""
        out = io.StringIO(newline="")
        lines = csv.writer(out)
        names = [each.name + ("" if each.status is Status.WHOLE else f"（{each.status}）") for each in self.submissions]
        lines.writerow([*_BEFORE_MEMBERS, *names])
        for cell in self.sums:
            file, _, address = self.place(cell).partition(" ")
            unit = self.report.form.unit_of(cell.row, cell.column)
            row = cell.row
            where = (file, address, row.section, row.group, row.printed_label, unit, cell.column.heading(self.report.year))
            gap = as_typed(cell.difference) if cell.differs else ""
            counted = (as_typed(cell.known), as_typed(cell.own), gap, self._note(cell))
            lines.writerow([*where, *counted, *map(as_typed, cell.parts)])
        return (_BOM + out.getvalue()).encode()

    def _note(self, cell: Sum) -> str:
        said = [words for words, holds in (("本级没有填", cell.own.state is State.MISSING), ("不同", cell.differs)) if holds]
        return "；".join([*said, *([f"汇总不完整，缺：{self._names(cell.lacking)}"] if cell.lacking else [])])


_BOM = "\ufeff"
_BEFORE_MEMBERS = ("文件", "格", *STUB, "栏目", "汇总", "本级填报", "相差", "说明")
_TITLE, _INCOMPLETE = "汇总不完整", "只是已填各格之和，所缺的单位补齐后请重新汇总。"
_COUNTED = {
    "cells.all": "本级统计表的格数",
    "cells.same": "本级填报与汇总相同的格数",
    "cells.differing": "本级填报与汇总不同的格数",
    "cells.blank": "本级没有填的格数",
    "cells.alone": "各单位都没有填的格数",
    "units.all": "所属单位数",
    "units.followed": "本页附有原表的单位数",
    "units.rest": "本页没有附原表的单位数",
    **{f"units.{status.name.lower()}": f"{status}的单位数" for status in Status},
}


def _id(cell: Sum) -> str:
    return fig.cell_id(cell.row.id, cell.column.id)


def _cells(form: Form, figures: Figures) -> Iterator[Figure]:
    """Yield the figures of the cells of *form*."""
    return (figures[fig.cell_id(row.id, column.id)] for _table, row, column in form.cells())


def _fault(fault: Fault) -> Finding:
    # Nothing else says whose tables these are, so none is left out.
    parts = (f"{fault.id}　{fault.words}：{'、'.join(fault.tables)}",)
    return Finding(id=f"{BROKEN}.{fault.id}", rule=BROKEN, severity="error", parts=parts, cells=fault.summed)


def _handed_in(submission: Submission, district: AnnualReport) -> Iterator[str]:
    """Yield what is wrong with what a member has handed in, in one piece or, where there are several things, in pieces."""
    if submission.status is Status.ABSENT:
        yield f"没有 {submission.folder}"
    elif submission.status is Status.UNREADABLE:
        yield f"有{submission.wrong}处需要改正，它的数没有加进去："
        yield from (f"{number}. {problem}" for number, problem in enumerate(submission.problems, 1))
        if submission.wrong > len(submission.problems):
            yield f"其余见：nianbao check {submission.unit} {district.year}"
    elif submission.status is Status.OTHER_FORM:
        own = district.form.id
        yield f"{submission.folder} 用的是 {submission.form}，本级是 {own}，不能相加，它的数没有加进去"
    else:
        blank = sum(each.state is State.MISSING for each in submission.cells.values())
        cells = _listed(submission.blanks, "格", of=blank)
        yield f"{submission.folder} 的{len(submission.cells)}格中空着{blank}格：{cells}"


def _after(finding: Finding) -> str:
    """Return the sentence of *finding* without the name that it begins with."""
    return _joined(finding.parts[1:])


def _joined(parts: Parts) -> str:
    return "".join(part if isinstance(part, str) else part.number for part in parts)


def _said(figure: Figure) -> Parts:
    return ("“-”",) if figure.quantity.exact is None else (figure, figure.unit)


def _listed(texts: Sequence[str], what: str = "个单位", *, most: int = _MOST, of: int = 0) -> str:
    """Return the first of *texts*, and how many there are, or how many they are the first *of*."""
    number = of or len(texts)
    return "、".join(texts[:most]) + (f"等{number}{what}" if number > most else "")


def fill(project: Project, unit: str, year: str, forms: Forms, say: Say) -> Strings:
    """
    Fill the blank cells of the district's own table with a complete sum that its other cells agree with, and say what was done.

    Raises:
        NianbaoError: where the district's own folder cannot be read, names no members, or a unit would be counted twice.
    """
    folder = project.params(unit, year)
    done = read(folder, forms, say)
    why = ""
    if not done.complete:
        why = "汇总不完整"
    elif done.differing:
        why = f"有{len(done.differing)}格已填了不同的数，请先改为一致，或清空这几格"
    elif report.load_tables(folder, forms).cells != done.report.cells:
        why = "汇总的时候有人改了它，请重新汇总"
    elif not done.blank:
        why = "没有空格"
    if why:
        return (f"没有写入本级统计表：{why}。",)
    said = []
    for name, text, cells in _fillings(done):
        swap.write_beside(folder / name, text)
        said.append(f"已填入 {done.report.folder}/{name}：{cells}格。")
    return tuple(said)


def _fillings(done: Rollup) -> Iterator[tuple[str, bytes, int]]:
    """Yield the name and the new text of each file with blank cells, and how many are filled."""
    filled: dict[Key, Quantity] = {}
    for each in done.sums:
        filled[each.row.id, each.column.id] = each.whole if each.own.state is State.MISSING else each.own

    def value(row: Row, column: Column) -> str:
        return as_typed(filled[row.id, column.id])

    for table in done.report.form.tables:
        blank = sum(each.own.state is State.MISSING for each in done.sums if each.table.id == table.id)
        if blank:
            yield f"{table.id}.csv", tablefile.written(table, done.report.year, value), blank


class RollupJob(GatheredJob):
    """The making of the roll-up of a district."""

    name = NAME
    notebook_name = NOTEBOOK
    opened: Rollup

    def __init__(self, project: Project, year: str, scope: Scope, scratch: Path, forms: Forms, say: Say) -> None:
        self.year, self.say = year, say
        super().__init__(project, scope, scratch, forms)

    def read(self, folder: Path, scope: Scope, forms: Forms) -> None:
        """Read the tables of the district and of its members, and add them up."""
        rollup = read(folder / self.year, forms, self.say)
        if not {*_files(rollup.report, forms)} <= {*scope.tables}:
            raise PublishError(f"汇总的时候有人改了 {rollup.report.folder}/{report.YAML}，请重新汇总；上一次的成果没有改动。")
        self.take(rollup, self.year, rollup.report.folder, (rollup.report.form.id,))

    def enclosed(self) -> Files:
        """Return the inputs that its pages carry: of the members those files that are followed to their cells."""
        shown = (self.folder, *(each.folder for each in self.opened.followed.values()))
        kept = {f"{folder}/{name}" for folder in shown for name in _names(self.report.form)}
        return {name: content for name, content in self.inputs.items() if name in kept or not name.startswith(inputs.PARAMS)}

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The files that a roll-up consists of."""
        *others, last = super().outputs
        return (*others, outputs.FINDINGS, last)

    def heading(self) -> Json:
        """Return which members it adds up, and what became of their tables."""
        return {**super().heading(), NAME: {"members": {each.unit: str(each.status) for each in self.opened.submissions}}}


def making(project: Project, unit: str, year: str, forms: Forms, say: Say = lambda _step: None) -> Making:
    """
    Return the roll-up of *unit* for *year*, to be made.

    Args:
        say: told again and again with how far the work is, in words.

    Raises:
        NianbaoError: where the unit's own folder is not there or cannot be read.
    """
    scope = Scope(unit=unit, tables=tuple(_files(report.load_tables(project.params(unit, year), forms), forms)))
    return Making(
        target=project.output(unit, year, NAME),
        scope=scope,
        reading="读取各单位的统计表，逐格相加",
        begin=lambda scratch: RollupJob(project, year, scope, scratch, forms, say),
    )


def _files(district: AnnualReport, forms: Forms) -> Iterator[str]:
    """Yield the files that the roll-up of *district* is made from, where they are there, by their names below `params/`."""
    # A member on another form has other tables.
    names = dict.fromkeys(name for form in forms.values() for name in _names(form))
    for unit in (district.unit, *district.members):
        yield from (f"{unit}/{district.year}/{name}" for name in names)


def _names(form: Form) -> Strings:
    """Return the names of the files that a table on *form* is read from."""
    return (report.YAML, *(f"{table.id}.csv" for table in form.tables))


def open_rollup(params_path: str) -> Rollup:
    """
    Add up the members of the report in the folder *params_path*.

    Raises:
        InvalidInputError: where it cannot be read or has no members, or a unit would be counted twice.
    """
    return read(Path(params_path), formfile.shipped())


def told_again(unit: Path, held: Json, forms: Forms) -> Told:
    """Return what a roll-up tells of which only *held*, its evidence, is there, with what it carries beside the folder *unit*."""
    return read(unit / held["manifest"]["report"]["year"], forms, held=held["units"]).told()
