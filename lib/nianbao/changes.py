"""
What changed since last year: for every cell that prose speaks of, last year's value, the difference, and the rate of change.

Only like is compared with like: a row and a column that both forms have, by the same id, under the same label and in the same unit,
with a number in both years. Shares differ by percentage points (百分点). Pure: no file, no notebook.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import figures as fig
from . import quantity
from .figures import Figure
from .quantity import State
from .rounding import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figures
    from .form import Form
    from .report import AnnualReport

LAST = "last_year."
POINTS = "个百分点"


def compute(report: AnnualReport, figures: Figures) -> Iterator[Figure]:
    """Yield the figures of all changes since last year, with last year's figures that they follow from."""
    if report.last_year is None:
        return
    before = fig.compute(report.last_year)
    told: set[str] = set()
    for row, column in _cells(report.form):
        if not report.form.alike(report.last_year.form, row, column):
            continue
        for key, made in ((fig.cell_id(row, column), _counts), (fig.share_id(row, column), _points)):
            if key in figures and key in before and _given(figures[key]) and _given(before[key]):
                yield from _last(before, key, report.last_year.year, told)
                yield from made(report, figures[key], before[key])


def difference_id(figure_id: str) -> str:
    """Name the figure of the difference from last year: how much more or, where it fell, how much less."""
    return f"{figure_id}.difference"


def change_id(figure_id: str) -> str:
    """Name the figure of the difference in per cent of last year's value."""
    return f"{figure_id}.change"


def _cells(form: Form) -> Iterator[tuple[str, str]]:
    """Yield the cells that prose speaks of: a row in its own column, and every column where the table has one row."""
    for row in form.rows.values():
        if row.heading:
            continue
        table = form.table_of(row.id)
        for column in table.columns:
            if not column.signed and (column.id == form.column_of(row.id) or len(table.rows) == 1):
                yield row.id, column.id


def _given(figure: Figure) -> bool:
    return figure.quantity.state is State.GIVEN


def _last(before: Figures, key: str, year: int, told: set[str]) -> Iterator[Figure]:
    """Yield last year's figure *key* under a name of its own, what it follows from first; none twice."""
    if key in told:
        return
    told.add(key)
    figure = before[key]
    for each in figure.inputs:
        yield from _last(before, each, year, told)
    inputs = tuple(LAST + each for each in figure.inputs)
    operator = " / " if figure.kind == "share" else " + "
    yield replace(figure, id=LAST + key, label=f"{year}年报告的{figure.label}", inputs=inputs, formula=operator.join(inputs))


def _counts(report: AnnualReport, now: Figure, before: Figure) -> Iterator[Figure]:
    """Yield the difference between two counts and, over a base that is not 0, the rate of change."""
    sign, formula, inputs = _larger_first(now, before)
    gap = quantity.total([(sign, now.quantity), (-sign, before.quantity)])
    label = f"{now.label}比上年{'增加' if sign > 0 else '减少'}"
    difference = fig.counted(difference_id(now.id), label, "change", gap, now.unit, formula=formula, inputs=inputs)
    yield difference
    base = LAST + now.id
    read = quantity.ratio(gap, before.quantity)
    yield fig.percentage(change_id(now.id), f"{label}的比例", "rate", read, (difference.id, base), report.policy)


def _points(report: AnnualReport, now: Figure, before: Figure) -> Iterator[Figure]:
    """Yield the difference between two shares in percentage points, from their exact values, rounded once."""
    sign, formula, inputs = _larger_first(now, before)
    gap = quantity.given(sign * (now.quantity.fraction - before.quantity.fraction))
    policy = report.policy
    points = policy.printed(rounded(gap.fraction * 100, policy.places, policy.method))
    yield Figure(
        id=difference_id(now.id),
        label=f"{now.label}比上年{'上升' if sign > 0 else '下降'}",
        kind="change",
        quantity=gap,
        number=points,
        display=points + POINTS,
        unit=POINTS,
        formula=formula,
        inputs=inputs,
    )


def _larger_first(now: Figure, before: Figure) -> tuple[int, str, tuple[str, str]]:
    """Return the sign of the change, and the formula and the inputs of how far apart two values are, which is never negative."""
    old = LAST + now.id
    sign = 1 if now.quantity.fraction >= before.quantity.fraction else -1
    inputs = (now.id, old) if sign > 0 else (old, now.id)
    return sign, " - ".join(inputs), inputs
