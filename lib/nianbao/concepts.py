"""
What the forms have in common: concepts, and which cells of a form give one under which definition.

They are data, read from `concepts.yaml` by `conceptfile`. Values belong to `series`; no concept and no form is named here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    # A row and a column.
    Cell = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """
    Cells whose values may be compared with each other.

    Args:
        cells: by form, the cells that add up to the value.

        times: what brings the forms' unit to the concept's, where they differ.

        note: what the forms' own labels show of how it differs from the others.
    """

    cells: Mapping[str, tuple[Cell, ...]]
    times: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Concepts that are read together."""

    id: str
    title: str
    concepts: tuple[Concept, ...]
