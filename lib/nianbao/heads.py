"""
The headings over the columns of a table: which text, at which level, over how many columns and levels.

Pages and workbooks draw the same headings from it. No page, no workbook and no value belongs here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from .form import labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .form import Column, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """
    One heading.

    Args:
        first: the index of the first column under it, from 0; `width` columns are.

        level: the line of headings it begins in, from 0; it is `height` lines tall.

        group: whether it stands over the headings of columns, and not over a column itself.
    """

    text: str
    first: int
    width: int = 1
    level: int
    height: int = 1
    group: bool


def levels(table: Table) -> int:
    """Return how many lines of headings *table* has."""
    return max(len(column.groups) for column in table.columns) + 1


def heads(table: Table, year: int) -> Iterator[Head]:
    """Yield the headings of *table*, line by line, each line from the left."""
    deepest = levels(table)
    numbered = list(enumerate(table.columns))
    for level in range(deepest):
        for groups, members in groupby(numbered, key=lambda pair: pair[1].groups[: level + 1]):
            under = list(members)
            if len(groups) > level:
                yield Head(text=groups[level], first=under[0][0], width=len(under), level=level, group=True)
            else:
                own = [(index, column) for index, column in under if len(column.groups) == level]
                for index, column in own:
                    yield Head(text=_heading(column, year), first=index, level=level, height=deepest - level, group=False)


def _heading(column: Column, year: int) -> str:
    unit = f"（{column.unit}）" if column.unit else ""
    return labelled(column.label, year=year) + unit
