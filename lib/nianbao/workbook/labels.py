"""
Where a table of the form lies in a sheet of a file: each row by its label, each column by the headings above it.

The place on the sheet counts for nothing: lines and columns may have been put in, moved or taken out. What is missing, there twice
or worded otherwise is noted, and never guessed. No value is read here.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from nianbao.tablefile import same

from .layout import Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nianbao.form import Column, Row

    from . import layout, sheets

# How many lines above the first row may hold its headings; further up stands something else.
_HEADINGS = 12
_QUOTES = str.maketrans("“”„‟＂〝〞‘’＇", '"""""""' + "'''")


def key(text: str) -> str:
    """Return what of a label counts in a spreadsheet: no blanks, no width, no kind of quotation mark, nothing invisible."""
    visible = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return same(visible).translate(_QUOTES)


def keys(sheet: sheets.Sheet) -> dict[Position, str]:
    """Return what counts of each text of *sheet*."""
    return {at: key(cell.text) for at, cell in sheet.cells.items() if cell.kind == "text"}


class Found:
    """The rows and columns of one table of the form, as far as a sheet has them; `keys` is what counts of the sheet's texts."""

    def __init__(self, wanted: layout.Sheet, sheet: sheets.Sheet, keys: Mapping[Position, str]) -> None:
        self.wanted = wanted
        self.sheet = sheet
        self.keys = keys

    @cached_property
    def labels(self) -> Mapping[str, Sequence[Position]]:
        """Where each label of a row stands, by its key, from the top: the leftmost on a line counts."""
        known = {key(row.printed_label) for row in self.wanted.table.rows}
        found: dict[str, list[Position]] = defaultdict(list)
        taken = set()
        for at, text in sorted(self.keys.items()):
            if text in known and at.line not in taken:
                taken.add(at.line)
                found[text].append(at)
        return found

    @cached_property
    def rows(self) -> Mapping[str, Position]:
        """Where the label of each row stands, by the row's id, where that is beyond doubt."""
        found: dict[str, Position] = {}
        for text, rows in self._by_label.items():
            places = self.labels.get(text, ())
            if len(places) == len(rows):
                found |= {row.id: at for row, at in zip(rows, places, strict=True)}
        for row in self._ambiguous(found):
            del found[row.id]
        return found

    @cached_property
    def columns(self) -> Mapping[str, Sequence[int]]:
        """The columns that stand under the headings of each column of the form, by its id; one where all is well."""
        wanted = {path: column.id for column in self.wanted.table.columns for path in self._paths(column)}
        found: dict[str, list[int]] = defaultdict(list)
        for column in sorted({at.column for at, text in self.keys.items() if at.line < self.top and text in self._heads}):
            if (name := wanted.get(self._path(column))) is not None:
                found[name].append(column)
        return found

    @property
    def likeness(self) -> tuple[int, int]:
        """How many of the form's labels, and of its columns, the sheet has."""
        return len(self.labels), len(self.columns)

    @cached_property
    def top(self) -> int:
        """The line of the first row that is there; the headings stand above it."""
        return min((places[0].line for places in self.labels.values()), default=0)

    def cell(self, row: str, column: str) -> Position | None:
        """Return the cell of a value, where its row and its column are beyond doubt."""
        columns = self.columns.get(column, ())
        if row not in self.rows or len(columns) != 1:
            return None
        return Position(self.rows[row].line, columns[0])

    def text(self, at: Position) -> str:
        """Return the key of the text that *at* shows: its own, or that of the merged cells it is one of."""
        merge = self.sheet.merge(at)
        return self.keys.get(merge.first if merge else at, "")

    def under(self, head: layout.Label) -> Sequence[Column]:
        """Return the columns of the form that the heading *head* stands over."""
        first = self.wanted.first.column
        return self.wanted.table.columns[head.at.column - first : head.end.column - first + 1]

    def lacking_heads(self, columns: Sequence[str]) -> list[layout.Label]:
        """Return the headings over the form's *columns* that the sheet has less often than the form, from the left."""
        above = Counter(text for at, text in self.keys.items() if self.top - _HEADINGS <= at.line < self.top)
        wanted = Counter(key(label.text) for label in self._value_heads)
        over = [label for label in self._value_heads if any(column.id in columns for column in self.under(label))]
        lacking = [label for label in over if above[key(label.text)] < wanted[key(label.text)]]
        return sorted(lacking, key=lambda label: (label.at.column, label.at.line))

    @cached_property
    def _by_label(self) -> Mapping[str, Sequence[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.wanted.table.rows:
            found[key(row.printed_label)].append(row)
        return found

    def _ambiguous(self, found: Mapping[str, Position]) -> Iterator[Row]:
        """Yield the rows that share their label with another and do not follow the row that they follow in the form."""
        order = [row.id for row in self.wanted.table.rows if row.id in found]
        there = sorted(order, key=lambda row: found[row])
        before = dict(zip(order[1:], order, strict=False))
        before_there = dict(zip(there[1:], there, strict=False))
        for rows in self._by_label.values():
            yield from (row for row in rows if len(rows) > 1 and before.get(row.id) != before_there.get(row.id) and row.id in found)

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(text for column in self.wanted.table.columns for path in self._paths(column) for text in path)

    @cached_property
    def _value_heads(self) -> tuple[layout.Label, ...]:
        return tuple(label for label in self.wanted.labels if label.kind == "head" and label.at.column >= self.wanted.first.column)

    def _paths(self, column: Column) -> Iterator[tuple[str, ...]]:
        """Yield the headings over *column*, outermost first, as the sheet has them, and in one cell, as the table's CSV file does."""
        over = sorted((label for label in self._value_heads if column in self.under(label)), key=lambda label: label.at.line)
        yield tuple(key(label.text) for label in over)
        yield (key("/".join(label.text.removesuffix(f"（{column.unit}）") for label in over)),)

    def _path(self, column: int) -> tuple[str, ...]:
        """Return the headings over *column*, outermost first; empty where what stands lowest is no heading of the form."""
        found: list[str] = []
        for line in range(self.top - 1, max(self.top - _HEADINGS, 0) - 1, -1):
            text = self.text(Position(line, column)) or (self._left_of(Position(line, column)) if found else "")
            if not found and text and text not in self._heads:
                return ()
            if text in self._heads and text not in found[-1:]:
                found.append(text)
        return tuple(reversed(found))

    def _left_of(self, at: Position) -> str:
        """Return the text that stands left of the blank cell *at*, where the heading that covered both is no longer merged."""
        if self.sheet.merge(at):
            return ""
        for column in range(at.column - 1, -1, -1):
            left = Position(at.line, column)
            if text := self.text(left):
                return "" if self.sheet.merge(left) else text
        return ""
