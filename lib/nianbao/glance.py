"""
A few concepts of each unit over its years, as the manifests of its reports have them: for a glance, not for publication.

Which concepts, and which cells give them in which form, is data. A trend with its changes and sources is `series`' business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from . import figures, quantity, sparkline
from .quantity import Quantity, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from .concepts import Concept, Definition
    from .inventory import Entry

# What a cell of a form can hold; a manifest may hold anything.
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One year's value; `run` counts the stretches of years that follow each other and count by one definition."""

    year: int
    value: Quantity
    run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One concept of one unit, in the years that have a number."""

    label: str
    unit: str
    points: tuple[Point, ...]

    @property
    def words(self) -> str:
        """Every year in words, and where years may not be compared."""
        told, run = [], 0
        for point in self.points:
            apart = "（与前不连续）" if point.run != run else ""
            told.append(f"{point.year}年{point.value.exact}{self.unit}{apart}")
            run = point.run
        return f"{self.label}：{'；'.join(told)}。"

    @property
    def last(self) -> str:
        """The last year in words; empty where there is none."""
        return f"{self.points[-1].year}年{self.points[-1].value.exact}{self.unit}" if self.points else ""

    @property
    def svg(self) -> str:
        """The drawing; empty where there is nothing to compare."""
        points: list[tuple[int, Fraction, int]] = [(point.year, point.value.fraction, point.run) for point in self.points]
        return sparkline.svg(points, self.words) if len(points) > 1 else ""


def cells(concepts: Iterable[Concept]) -> set[str]:
    """Return the ids of the figures that *concepts* are made from, in any form."""
    found = (cell for concept in concepts for each in concept.definitions for own in each.cells.values() for cell in own)
    return {figures.cell_id(*cell) for cell in found}


def follow(concepts: Sequence[Concept], entries: Sequence[Entry]) -> tuple[Line, ...]:
    """Return each of *concepts* over *entries*, the reports of one unit by year."""
    return tuple(_line(concept, entries) for concept in concepts)


def _line(concept: Concept, entries: Sequence[Entry]) -> Line:
    points: list[Point] = []
    before: tuple[int, Definition] | None = None
    for entry in entries:
        definition = concept.definition(entry.form)
        value = _value(definition, entry) if definition else quantity.MISSING
        if definition is None or value.state is not State.GIVEN:
            continue
        follows = before is not None and before[0] == int(entry.year) - 1 and before[1] is definition
        run = points[-1].run + (not follows) if points else 0
        points.append(Point(year=int(entry.year), value=value, run=run))
        before = int(entry.year), definition
    return Line(label=concept.label, unit=concept.unit, points=tuple(points))


def _value(definition: Definition, entry: Entry) -> Quantity:
    cells = definition.cells[entry.form]
    read = quantity.total((1, _number(entry.values.get(figures.cell_id(*cell)))) for cell in cells)
    return read if definition.times is None else quantity.scaled(read, definition.times)


def _number(text: str | None) -> Quantity:
    return quantity.given(Decimal(text)) if text is not None and _NUMBER.fullmatch(text) else quantity.MISSING
