"""
Add up the tables of many units cell by cell, and hold a table of one's own against the sum.

Missing, `-` and zero stay three things: a cell that one unit has not filled has no whole sum, `-` adds nothing to a number, and
only `-` and `-` are `-`. Pure: who the units are and how their tables are read is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import quantity
from .quantity import MISSING, NOT_APPLICABLE, Quantity, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .form import Column, Form, Row, Table

    Cells = Mapping[tuple[str, str], Quantity]


@dataclass(frozen=True, slots=True, kw_only=True)
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
        return tuple(number for number, part in enumerate(self.parts) if part.state is State.MISSING)

    @property
    def whole(self) -> Quantity:
        """The sum of all units, missing where that of one is."""
        return MISSING if any(part.state is State.MISSING for part in self.parts) else self.known

    @property
    def differs(self) -> bool:
        """Whether the own table has something else than what is known of the sum; a missing one is no other."""
        return State.MISSING not in {self.own.state, self.known.state} and self.own != self.known

    @property
    def difference(self) -> Quantity:
        """The own value less what is known of the sum; not applicable or missing where one of the two is no number."""
        return quantity.total(((1, self.own), (-1, self.known)))

    def largest(self) -> tuple[int, ...]:
        """Return the units, by their number in the order, that have a number other than 0, the largest first."""
        given = [
            (-abs(part.fraction), number)
            for number, part in enumerate(self.parts)
            if part.state is State.GIVEN and not part.is_zero
        ]
        return tuple(number for _size, number in sorted(given))


def added(parts: Iterable[Quantity]) -> Quantity:
    """Return the sum of *parts*: missing where one is or there are none, `-` where all are."""
    parts = list(parts)
    if not parts or any(part.state is State.MISSING for part in parts):
        return MISSING
    given = [part for part in parts if part.state is State.GIVEN]
    return quantity.total((1, part) for part in given) if given else NOT_APPLICABLE


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
        known = added(part for part in parts if part.state is not State.MISSING)
        sums.append(Sum(table=table, row=row, column=column, parts=parts, known=known, own=own.get(cell, MISSING)))
    return tuple(sums)
