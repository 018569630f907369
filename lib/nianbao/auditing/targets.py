"""
What a number of the text can be held against: a cell, a sum of cells, or a ratio of two, with its exact value.

A target knows its cells and its value, not the words that led to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nianbao import figures as fig
from nianbao import quantity
from nianbao.quantity import State

from . import amounts

if TYPE_CHECKING:
    from fractions import Fraction

    from nianbao.figures import Figures
    from nianbao.quantity import Quantity
    from nianbao.report import AnnualReport

_UNIT_CLASSES = (
    {"件", "条", "份", "篇", "项", "宗", "起", "例", "封", "册", "本", "期", "部", "批"},
    {"人", "名", "人次", "位"},
    {"次", "场", "场次", "班次", "批次", "期次", "期", "轮", "批", "人次", "件次", "条次"},
    {"个", "家", "处", "所"},
    {"元"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    A row in one column, or in several that are added.

    Args:
        figures: the ids of the cells.

        unit: without 万 or 亿, which `quantity` already holds.
    """

    row: str
    columns: tuple[str, ...]
    figures: tuple[str, ...]
    label: str
    quantity: Quantity
    unit: str

    @property
    def value(self) -> Fraction | None:
        """The exact value, or None where the table has no number."""
        return self.quantity.fraction if self.quantity.state is State.GIVEN else None

    @property
    def figure(self) -> str:
        """The id of the cell, or of the cells with + between them."""
        return "+".join(self.figures)

    @property
    def display(self) -> str:
        """The value with its unit, as a text would print it."""
        return f"{self.quantity.exact}{self.unit}" if self.value is not None else fig.WORDS[self.quantity.state]

    @property
    def cited(self) -> str:
        """The label with the value, for a sentence."""
        return f"{self.label}为{self.display}"


class Board:
    """Makes targets from the figures of one report."""

    def __init__(self, report: AnnualReport, figures: Figures) -> None:
        self.report = report
        self.figures = figures
        self._made: dict[tuple[str, tuple[str, ...]], Target] = {}

    def target(self, row: str, columns: tuple[str, ...] = ()) -> Target:
        """Return *row* in *columns* together, or in the column that prose means."""
        key = (row, columns or (self.report.form.column_of(row),))
        if key not in self._made:
            self._made[key] = self._target(*key)
        return self._made[key]

    def _target(self, row: str, columns: tuple[str, ...]) -> Target:
        form = self.report.form
        ids = tuple(fig.cell_id(row, column) for column in columns)
        held = [form.table_of(row).column(column) for column in columns]
        scale, unit = split_unit(form.unit_of(form.rows[row], held[0]))
        total = quantity.total((scale, self.figures[each].quantity) for each in ids)
        label = f"{form.rows[row].numbered_label}（{_together([column.heading(self.report.year) for column in held])}）"
        return Target(row=row, columns=columns, figures=ids, label=label, quantity=total, unit=unit)

    def columns_of(self, row: str) -> tuple[str, ...]:
        """Return the ids of all columns of *row*'s table."""
        return tuple(column.id for column in self.report.form.table_of(row).columns)

    def others(self, target: Target) -> tuple[Target, ...]:
        """Return the same row in each other column, the column of prose first."""
        rest = [each for each in self.columns_of(target.row) if (each,) != target.columns]
        return tuple(self.target(target.row, (each,)) for each in rest)

    def relatives(self, target: Target) -> tuple[Target, ...]:
        """Return the whole, the parts and the siblings of *target* in its columns."""
        rows = self.report.form.rows
        row = rows[target.row]
        near = [*row.children, *((row.parent, *rows[row.parent].children) if row.parent else ())]
        return tuple(self.target(each, target.columns) for each in near if each != target.row)


def _together(titles: list[str]) -> str:
    """Name columns: by the title over them, where there are several, or by their own."""
    over = {title.rpartition("/")[0] for title in titles}
    return over.pop() if len(titles) > 1 and len(over) == 1 and "" not in over else "、".join(titles)


def split_unit(unit: str) -> tuple[int, str]:
    """Split 万元 into 10000 and 元."""
    for scale in ("万", "亿"):
        if unit.startswith(scale) and len(unit) > 1:
            return amounts.SCALES[scale], unit[1:]
    return 1, unit


def same_kind(first: str, second: str) -> bool:
    """Tell whether two units count the same sort of thing (件 and 条); without a unit nothing is excluded."""
    return not first or not second or first == second or any({first, second} <= kind for kind in _UNIT_CLASSES)


def ratio(part: Target, whole: Target) -> Fraction | None:
    """Return *part* in hundredths of *whole*, or None where that has no value."""
    read = quantity.ratio(part.quantity, whole.quantity)
    return read.fraction * 100 if read.state is State.GIVEN else None
