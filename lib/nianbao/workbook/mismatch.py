"""
What of a table of the form a sheet lacks, has twice or words otherwise, and what it holds besides.

It names cells and says what to do; values are for `reading`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nianbao.errors import Problem
from nianbao.tablefile import letter, short

from .labels import key
from .layout import HEADS, STUB, Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nianbao.form import Row

    from .labels import Found

_RESTORE = "恢复表式的文字"
_DASHES = frozenset("-—－–―─")


class Mismatch:
    """Holds what was found on a sheet against the table of the form."""

    def __init__(self, found: Found, file: str, year: int) -> None:
        self.found = found
        self.file = file
        self.year = year
        self.sheet = found.sheet
        self.table = found.wanted.table
        self.lines = sorted(at.line for at in found.rows.values())
        self.columns = sorted(columns[0] for columns in found.columns.values())
        # Lines that take the place of a row that is missing, which is said of them once.
        self.taken: set[int] = set()

    def problems(self) -> Iterator[Problem]:
        """Yield what makes the table unreadable, in part or as a whole."""
        yield from self._columns()
        repeated = [row for row in self.table.rows if len(self._places(row)) > self._wanted(row)]
        if len(repeated) * 2 > len(self.table.rows) > 1:
            where = "、".join(at.address for at in self._places(repeated[0]))
            found = f"同一张表不止一次，如“{repeated[0].printed_label}”在 {where}，不知道以哪一处为准"
            yield self._problem("", found, remedy="只留一处")
            return
        for row in self.table.rows:
            yield from self._row(row)
        if len(self.columns) == len(self.table.columns):
            yield from self._stubs()
        yield from self._headings()

    def extras(self) -> Iterator[str]:
        """Yield what the sheet holds between the rows and beside the columns of the table, which is not read."""
        last = self.lines[-1] if self.lines else -1
        inside = {at.line for at in self.sheet.cells if self.found.top <= at.line <= last}
        for line in sorted(inside - set(self.lines) - self.taken):
            yield f"{self.sheet.name} 第{line + 1}行{self._first(line)}不是表式的行，没有读"
        beside: dict[int, int] = {}
        for at, cell in self.sheet.cells.items():
            beyond = self.columns and at.column > self.columns[0] and at.column not in self.columns
            if beyond and at.line in self.lines and not cell.formula and self.sheet.merge(at) is None:
                beside[at.column] = beside.get(at.column, 0) + 1
        for column, count in sorted(beside.items()):
            yield f"{self.sheet.name} {letter(column)}列有{count}格内容，不是表式的栏，没有读"

    def _columns(self) -> Iterator[Problem]:
        """Yield a problem for each heading that is missing or worded otherwise, and for each column that is there twice or not."""
        missing = [column for column in self.table.columns if column.id not in self.found.columns]
        lacking = self.found.lacking_heads([column.id for column in missing])
        strange = self._strange_heads()
        paired = len(strange) == len(lacking)
        for index, head in enumerate(lacking):
            if paired:
                at = strange[index]
                stands = short(self.sheet.cells[at].text)
                yield self._problem(at.address, f"表头是“{stands}”", allowed=f"“{head.text}”", remedy="恢复表式的表头")
            else:
                yield self._problem("", f"没有表头“{head.text}”", remedy="恢复表式的表头")
        under = {column.id for head in lacking for column in self.found.under(head)}
        for column in self.table.columns:
            heading, places = column.heading(self.year), self.found.columns.get(column.id, ())
            if len(places) > 1:
                letters = "、".join(letter(each) for each in places)
                found = f"表头“{heading}”出现了{len(places)}次（{letters}列），不知道以哪一栏为准"
                yield self._problem("", found, remedy="只留一栏")
            elif not places and column.id not in under:
                yield self._problem("", f"没有一栏的表头是“{heading}”", remedy="恢复表式的表头")

    def _strange_heads(self) -> list[Position]:
        """Return the texts beside the headings that are none, from the left."""
        known = {key(label.text) for label in self.found.wanted.labels}
        wanted = self.found.wanted
        lines = range(self.found.top - (wanted.first.line - HEADS), self.found.top)
        found = [at for at, text in self.found.keys.items() if at.line in lines and text not in known]
        return sorted(found, key=lambda at: (at.column, at.line))

    def _row(self, row: Row) -> Iterator[Problem]:
        if row.id in self.found.rows:
            return
        label, places = row.printed_label, self._places(row)
        if places:
            where = "、".join(at.address for at in places)
            found = f"“{label}”应有{self._wanted(row)}行，有{len(places)}行（{where}），分不清是哪一行"
            yield self._problem("", found, remedy="按表式的次序，每行只留一次")
            return
        at = self._line_instead(row)
        if at is None:
            yield self._problem("", f"缺少“{label}”一行", remedy="按表式补上")
        else:
            self.taken.add(at.line)
            stands = short(self.sheet.cells[at].text)
            yield self._problem(at.address, f"行名是“{stands}”", allowed=f"“{label}”", remedy=_RESTORE)

    def _places(self, row: Row) -> Sequence[Position]:
        return self.found.labels.get(key(row.printed_label), ())

    def _wanted(self, row: Row) -> int:
        """Return how many rows of the form are called as *row* is."""
        return sum(key(each.printed_label) == key(row.printed_label) for each in self.table.rows)

    def _line_instead(self, row: Row) -> Position | None:
        """Return the label of the line that stands where *row* should: right below the row before it, or above the one after."""
        order = [each.id for each in self.table.rows]
        index = order.index(row.id)
        columns = [label.at.column for label in self.found.wanted.labels if label.kind == "label"]
        for other, step in ((index - 1, 1), (index + 1, -1)):
            if 0 <= other < len(order) and (near := self.found.rows.get(order[other])):
                line = near.line + step
                texts = [at for at, cell in self.sheet.cells.items() if at.line == line and cell.kind == "text"]
                stub = [at for at in texts if not self.columns or at.column < self.columns[0]]
                if stub and line not in self.lines and line not in self.taken and line >= self.found.top - 1:
                    return min(stub, key=lambda at: abs(at.column - near.column - columns[index] + columns[other]))
        return None

    def _stubs(self) -> Iterator[Problem]:
        """Yield a problem for each section, group and unit that is not beside its rows."""
        told = set()
        known = {key(label.text) for label in self.found.wanted.labels}
        for row in self.table.rows:
            if row.id not in self.found.rows or row.heading:
                continue
            beside = list(self._beside(self.found.rows[row.id].line))
            texts = {text for _at, text in beside}
            for kind in self.found.wanted.stub:
                wanted = "" if kind == "label" else str(getattr(row, kind))
                if not wanted or key(wanted) in texts or (kind == "unit" and not self._unit(row)):
                    continue
                strange = next((at for at, text in beside if text not in known), None)
                if (kind, wanted, strange) not in told:
                    told.add((kind, wanted, strange))
                    at = strange or self.found.rows[row.id]
                    words = f"是“{short(self.sheet.cells[at].text)}”" if strange else f"不对（“{row.printed_label}”这一行）"
                    yield self._problem(at.address, f"{STUB[kind]}{words}", allowed=f"“{wanted}”", remedy=_RESTORE)

    def _unit(self, row: Row) -> str:
        """Return what stands between the label of *row* and its values."""
        at = self.found.rows[row.id]
        between = (self.found.text(Position(at.line, column)) for column in range(at.column + 1, self.columns[0]))
        return "".join(text for text in between if text != self.found.text(at))

    def _beside(self, line: int) -> Iterator[tuple[Position, str]]:
        """Yield the texts left of the values on *line*; a blank goes on with what stands above it, as a section does."""
        for column in range(self.columns[0]):
            for above in range(line, self.found.top - 1, -1):
                at = Position(above, column)
                merge = self.sheet.merge(at)
                if text := self.found.text(at):
                    yield (merge.first if merge else at), text
                    break

    def _headings(self) -> Iterator[Problem]:
        """Yield a problem for each number on a line that has none."""
        for row in self.table.rows:
            if row.heading and row.id in self.found.rows:
                line = self.found.rows[row.id].line
                for column in self.columns:
                    cell = self.sheet.cells.get(Position(line, column))
                    if cell and set(cell.text.strip()) - _DASHES:
                        found = f"读到“{short(cell.text)}”，“{row.printed_label}”是标题行，不填数"
                        yield self._problem(Position(line, column).address, found, remedy="把数填到它应在的行")

    def _first(self, line: int) -> str:
        """Return the first text of *line* in quotes, or nothing."""
        texts = [cell.text for at, cell in sorted(self.sheet.cells.items()) if at.line == line and cell.kind == "text"]
        return f"“{short(texts[0])}”" if texts else ""

    def _problem(self, address: str, found: str, *, allowed: str = "", remedy: str = "") -> Problem:
        place = f"{self.sheet.name}!{address}" if address else self.sheet.name
        return Problem(file=self.file, place=place, found=found, allowed=allowed, remedy=remedy)
