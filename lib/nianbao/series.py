"""
One concept over the years of a unit: its value in each year, its change on the year before, and where its definition changed.

A value is a figure of that year's report, under the year's name: `2024/received.total`. A change is computed only between two years
that follow each other and count by one definition; otherwise the reason stands in its place. Pure: no file, plot or notebook.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from . import figures as fig
from . import quantity
from .figures import Figure
from .quantity import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .concepts import Concept, Definition
    from .figures import Figures
    from .quantity import Quantity
    from .report import AnnualReport

    Reports = Mapping[int, tuple[AnnualReport, Figures]]

NO_REPORT, NO_CELL = "没有资料", "表中没有此项"
_WORDS = {State.MISSING: "缺数", State.NOT_APPLICABLE: "不适用"}


@dataclass(frozen=True, slots=True, kw_only=True)
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
        return self.value is not None and self.value.quantity.state is State.GIVEN

    @property
    def words(self) -> str:
        """What stands in the place of a number that is not there."""
        if self.value is None:
            return self.absent
        return _WORDS.get(self.value.quantity.state, "")


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
    return "、".join(f"{run[0]}年至{run[-1]}年" if len(run) > 1 else f"{run[0]}年" for run in runs)


def blanks(points: Sequence[Point]) -> Iterator[tuple[str, list[int]]]:
    """Yield (why there is no number, the years that follow each other for which that is so)."""
    for words, run in groupby(points, key=lambda point: "" if point.given else point.words):
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
    taken = [figures[fig.cell_id(*cell)] for cell in definition.cells[report.form.id]]
    if len(taken) == 1 and definition.times is None:
        return _of_year(taken[0], year)
    read = quantity.total((1, each.quantity) for each in taken)
    inputs = tuple(f"{year}/{each.id}" for each in taken)
    formula = " + ".join(inputs)
    if definition.times is not None:
        read = quantity.scaled(read, definition.times)
        formula = f"{formula} × {definition.times}" if len(inputs) == 1 else f"({formula}) × {definition.times}"
    name, label = f"{year}/concepts.{concept.id}", f"{year}年{concept.label}"
    return fig.counted(name, label, "sum", read, concept.unit, formula=formula, inputs=inputs)


def _compared(concept: Concept, before: Point, point: Point, reports: Reports) -> Point:
    """Return *point* with its change on the year *before*, or with the reason why there is none."""
    if not point.given:
        return point
    if before.value is None:
        return replace(point, apart=f"上年{before.absent}")
    if before.definition is not point.definition:
        return replace(point, apart="与上年口径不同")
    if not before.given:
        return replace(point, apart=f"上年{before.words}")
    assert point.value is not None
    name, label = f"{point.year}/concepts.{concept.id}", f"{point.year}年{concept.label}比上年"
    moved = quantity.total(((1, point.value.quantity), (-1, before.value.quantity)))
    change = fig.counted(
        f"{name}.change",
        f"{label}增减",
        "change",
        moved,
        concept.unit,
        formula=f"{point.value.id} - {before.value.id}",
        inputs=(point.value.id, before.value.id),
    )
    change = replace(change, number=signed(change.number, moved), display=signed(change.display, moved))
    ratio = quantity.ratio(moved, before.value.quantity)
    report, _figures = reports[point.year]
    printed = fig.WORDS[State.UNDEFINED]
    if ratio.state is State.GIVEN:
        printed = signed(report.policy.percent(ratio.fraction), moved)
    rate = Figure(
        id=f"{name}.rate",
        label=f"{label}增减幅度",
        kind="rate",
        quantity=ratio,
        number=printed,
        display=printed,
        unit="%",
        formula=f"{change.id} / {before.value.id}",
        inputs=(change.id, before.value.id),
    )
    return replace(point, change=change, rate=rate)


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


def _of_year(figure: Figure, year: int) -> Figure:
    """Return a figure of one report as one of many years."""
    inputs = tuple(f"{year}/{each}" for each in figure.inputs)
    formula = " + ".join(inputs) if inputs else ""
    return replace(figure, id=f"{year}/{figure.id}", label=f"{year}年 {figure.label}", formula=formula, inputs=inputs)


def _down(figure: Figure, reports: Reports) -> Iterator[Figure]:
    """Yield *figure* and the figures of its year's report below it; a change stands on values that are yielded with their years."""
    yield figure
    for name in figure.inputs:
        year, _, own = name.partition("/")
        _report, figures = reports[int(year)]
        if own in figures:
            yield from _down(_of_year(figures[own], int(year)), reports)
