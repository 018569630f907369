"""
Many tables: what their forms have in common, one concept over the years, and the tables of many units added up.

A concept says which cells of a form give it, under which definition. Concepts are data, read from `concepts.yaml` by
`inputs.formfile`; no concept and no form is named here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from nianbao.indicators import figures as fig
from nianbao.indicators import frozen, values
from nianbao.indicators.errors import listed
from nianbao.indicators.figures import WORDS, counted, ratio
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.form import Column, Form, Row, Table
    from nianbao.indicators.report import AnnualReport, Key
    from nianbao.indicators.values import Policy

    Reports = Mapping[int, tuple[AnnualReport, Figures]]
    Cells = Mapping[Key, Quantity]


@frozen
class Definition:
    """
    Cells whose values may be compared with each other.

    Args:
        cells: by form, the cells that add up to the value.

        times: what brings the forms' unit to the concept's, where they differ.

        note: what the forms' own labels show of how it differs from the others.
    """

    cells: Mapping[str, tuple[Key, ...]]
    times: Decimal | None = None
    note: str = ""


@frozen
class Concept:
    """
    One thing that several forms count.

    Args:
        absent: by form, why none of its cells gives it.

        glance: whether the page of all reports draws it for each unit.
    """

    id: str
    label: str
    unit: str
    definitions: tuple[Definition, ...]
    absent: Mapping[str, str] = field(default_factory=dict)
    glance: bool = False

    def definition(self, form_id: str) -> Definition | None:
        """Return the definition that *form_id* counts by, or None where it does not."""
        return next((each for each in self.definitions if form_id in each.cells), None)


@frozen
class Group:
    """Concepts that are read together."""

    id: str
    title: str
    concepts: tuple[Concept, ...]


NO_REPORT, NO_CELL = "没有资料", "表中没有此项"


@frozen
class Point:
    """
    What one year says of a concept.

    Args:
        value: the figure, missing or not applicable as reported; None where there is no report or its form has no such cell.

        absent: why there is no figure, in words.

        definition: what the year counts by.

        quoted: the cells as the year's form words them.

        change, rate: on the year before, where the two may be compared; `apart` says why they may not.
    """

    year: int
    value: Figure | None = None
    absent: str = ""
    definition: Definition | None = None
    quoted: str = ""
    change: Figure | None = None
    rate: Figure | None = None
    apart: str = ""

    @property
    def given(self) -> bool:
        """Whether the year has a number."""
        return self.value is not None and self.value.quantity.is_given

    @property
    def words(self) -> str:
        """What stands in the place of a number that is not there."""
        if self.value is None:
            return self.absent
        return "" if self.given else WORDS[self.value.quantity.state]


@dataclass(frozen=True, kw_only=True)
class Series:
    """A concept in every year from the first to the last, years without a report among them."""

    concept: Concept
    points: tuple[Point, ...]

    @cached_property
    def counted(self) -> tuple[Point, ...]:
        """The years whose form has the concept."""
        return tuple(point for point in self.points if point.value is not None)

    @cached_property
    def given(self) -> tuple[Point, ...]:
        """The years with a number."""
        return tuple(point for point in self.points if point.given)

    @cached_property
    def breaks(self) -> tuple[tuple[Point, Point], ...]:
        """The last year before each change of definition, and the first after it."""
        return tuple((one, other) for one, other in pairwise(self.counted) if one.definition is not other.definition)


def follow(concept: Concept, reports: Reports) -> Series:
    """Return *concept* in each year from the first of *reports* to the last."""
    points: list[Point] = []
    for year in range(min(reports), max(reports) + 1):
        point = _point(concept, year, reports)
        points.append(_compared(concept, points[-1], point, reports) if points else point)
    return Series(concept=concept, points=tuple(points))


def traced(series: Sequence[Series], reports: Reports) -> Iterator[Figure]:
    """Yield every figure of *series*, and those it is computed from down to the cells, each once."""
    seen: set[str] = set()
    for each in series:
        for point in each.points:
            for figure in (point.value, point.change, point.rate):
                for found in _down(figure, reports) if figure else ():
                    if found.id not in seen:
                        seen.add(found.id)
                        yield found


def sign(number: int) -> str:
    """Return how the note of the change of definition *number*, from 0, is numbered."""
    return chr(ord("①") + number)


def spans(years: Sequence[int]) -> str:
    """Return *years* in words, those that follow each other as one span: 2013年、2015年至2018年."""
    runs = [[year for _index, year in run] for _key, run in groupby(enumerate(years), key=lambda pair: pair[1] - pair[0])]
    return listed(f"{run[0]}年至{run[-1]}年" if len(run) > 1 else f"{run[0]}年" for run in runs)


def blanks(points: Sequence[Point]) -> Iterator[tuple[str, list[int]]]:
    """Yield (why there is no number, the years that follow each other for which that is so)."""
    # Two years with different definitions stay apart: the change between them has its note.
    for (words, _definition), run in groupby(points, key=lambda point: ("" if point.given else point.words, id(point.definition))):
        if words:
            yield words, [point.year for point in run]


def _point(concept: Concept, year: int, reports: Reports) -> Point:
    if year not in reports:
        return Point(year=year, absent=NO_REPORT)
    report, figures = reports[year]
    definition = concept.definition(report.form.id)
    if definition is None:
        return Point(year=year, absent=NO_CELL)
    value = _value(concept, definition, year, report, figures)
    return Point(year=year, value=value, definition=definition, quoted=_quoted(report, definition))


def _value(concept: Concept, definition: Definition, year: int, report: AnnualReport, figures: Figures) -> Figure:
    """Return the cell's own figure, or what several cells or another unit come to."""
    taken = [_of_year(figures.cell(*cell), year) for cell in definition.cells[report.form.id]]
    if len(taken) == 1 and definition.times is None:
        return taken[0]
    name, label = f"y{year}.concepts.{concept.id}", f"{year}年{concept.label}"
    whole = fig.added(name, label, "sum", concept.unit, [(1, each) for each in taken])
    if definition.times is None:
        return whole
    read = values.scaled(whole.quantity, definition.times)
    formula = whole.formula if len(taken) == 1 else f"({whole.formula})"
    formula = f"{formula} * {definition.times}"
    return counted(name, label, "sum", read, concept.unit, formula=formula, inputs=whole.inputs)


def _compared(concept: Concept, before: Point, point: Point, reports: Reports) -> Point:
    """Return *point* with its change on the year *before*, or with the reason why there is none."""
    if point.value is None or not point.given:
        return point
    if before.value is None:
        return replace(point, apart=f"上年{before.absent}")
    if before.definition is not point.definition:
        return replace(point, apart="与上年口径不同")
    if not before.given:
        return replace(point, apart=f"上年{before.words}")
    change = _change(concept, before.value, point.value, point.year)
    # One way of rounding for all years, that of the last.
    last, _figures = reports[max(reports)]
    return replace(point, change=change, rate=_rate(concept, before.value, change, point.year, last.policy))


def _change(concept: Concept, before: Figure, now: Figure, year: int) -> Figure:
    """Return how much *now* is more than *before*."""
    name, label = f"y{year}.concepts.{concept.id}.change", f"{year}年{concept.label}比上年增减"
    change = fig.added(name, label, "change", concept.unit, ((1, now), (-1, before)))
    moved = change.quantity
    return replace(change, number=signed(change.number, moved), display=signed(change.display, moved))


def _rate(concept: Concept, before: Figure, change: Figure, year: int, policy: Policy) -> Figure:
    """Return *change* as a part of *before*, which is not defined where that is nought."""
    name, label = f"y{year}.concepts.{concept.id}.rate", f"{year}年{concept.label}比上年增减幅度"
    rate = ratio(name, label, "rate", change, before, policy)
    if not rate.quantity.is_given:
        return rate
    printed = signed(rate.number, change.quantity)
    return replace(rate, number=printed, display=printed)


def signed(printed: str, moved: Quantity) -> str:
    """Return *printed* with a plus before a rise and a minus sign, which is no hyphen, before a fall."""
    if moved.is_zero:
        return printed
    return f"−{printed.removeprefix('-')}" if moved.fraction < 0 else f"+{printed}"


def _quoted(report: AnnualReport, definition: Definition) -> str:
    """Return the cells of *definition* as the form of *report* words them."""
    return "与".join(_worded(report, *cell) for cell in definition.cells[report.form.id])


def _worded(report: AnnualReport, row_id: str, column_id: str) -> str:
    row, table = report.form.rows[row_id], report.form.table_of(row_id)
    label = row.numbered_label if row.printed else row.group or row.label
    column = f"（{table.column(column_id).name(report.year)}）" if len(table.columns) > 1 else ""
    section = f"“{row.section}”中" if row.section else ""
    return f"{section}“{label}”{column}"


def of_one(figure: Figure, prefix: str, name: str) -> Figure:
    """Return a cell or a sum of one report as one of many reports: its own is marked by *prefix*, and called *name*."""
    inputs = tuple(f"{prefix}.{each}" for each in figure.inputs)
    formula = " + ".join(inputs) if inputs else ""
    return replace(figure, id=f"{prefix}.{figure.id}", label=f"{name} {figure.label}", formula=formula, inputs=inputs)


def _of_year(figure: Figure, year: int) -> Figure:
    return of_one(figure, f"y{year}", f"{year}年")


def _down(figure: Figure, reports: Reports) -> Iterator[Figure]:
    """Yield *figure* and the figures of its year's report below it; a change stands on values that are yielded with their years."""
    yield figure
    for name in figure.inputs:
        year, _, own = name.removeprefix("y").partition(".")
        _report, figures = reports[int(year)]
        if own in figures:
            yield from _down(_of_year(figures[own], int(year)), reports)


@frozen
class Sum:
    """
    One cell of the form, added up.

    Args:
        parts: what each unit has there, in the order of the units; missing too where a unit has no table.

        known: what those add up to that are not missing; missing where all are.

        own: what the table that is held against the sum has there.
    """

    table: Table
    row: Row
    column: Column
    parts: tuple[Quantity, ...]
    known: Quantity
    own: Quantity

    @property
    def lacking(self) -> tuple[int, ...]:
        """The units, by their number in the order, whose value is missing."""
        return tuple(number for number, part in enumerate(self.parts) if part.is_missing)

    @property
    def whole(self) -> Quantity:
        """The sum of all units, missing where that of one is."""
        return MISSING if any(part.is_missing for part in self.parts) else self.known

    @property
    def differs(self) -> bool:
        """Whether the own table has something else than what is known of the sum; a missing one is no other."""
        return not self.own.is_missing and not self.known.is_missing and self.own != self.known

    @property
    def difference(self) -> Quantity:
        """The own value less what is known of the sum; not applicable or missing where one of the two is no number."""
        return values.total(((1, self.own), (-1, self.known)))

    def largest(self) -> tuple[int, ...]:
        """Return the units, by their number in the order, that have a number other than 0, the largest first."""
        sizes = {number: abs(part.fraction) for number, part in enumerate(self.parts) if part.value}
        return tuple(sorted(sizes, key=lambda number: (-sizes[number], number)))


def added(parts: Iterable[Quantity]) -> Quantity:
    """Return the sum of *parts*: missing where one is or there are none, `-` where all are."""
    parts = list(parts)
    if not parts or any(part.is_missing for part in parts):
        return MISSING
    given = [part for part in parts if part.is_given]
    return values.total((1, part) for part in given) if given else NOT_APPLICABLE


def add_up(form: Form, tables: Sequence[Cells], own: Cells) -> tuple[Sum, ...]:
    """
    Return every cell of *form* added up, in reading order.

    Args:
        tables: one for each unit, with the cells that it has.

        own: the table to hold against the sum.
    """
    sums = []
    for table, row, column in form.cells():
        cell = (row.id, column.id)
        parts = tuple(each.get(cell, MISSING) for each in tables)
        known = added(part for part in parts if not part.is_missing)
        sums.append(Sum(table=table, row=row, column=column, parts=parts, known=known, own=own.get(cell, MISSING)))
    return tuple(sums)
