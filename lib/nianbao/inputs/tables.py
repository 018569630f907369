"""
A table of a report as a CSV file, in the form's own grid: how it is read, and how it is written.

A line holds 部分, 类别, 指标, 单位 and the values; the first four must say what the form says, so that no value can slip into
another row. All problems of a file are found in one reading. Excel and WPS open and save this as "CSV UTF-8".
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from nianbao.indicators import values
from nianbao.indicators.errors import Reading, short
from nianbao.indicators.form import HEADING, labelled, same
from nianbao.indicators.report import Cell
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, NotANumeralError
from nianbao.page.grid import letter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nianbao.indicators.form import Column, Form, Row, Table, Unit
    from nianbao.indicators.report import Cells, Key
    from nianbao.indicators.values import Quantity

    # The number of a line in its file, and what its places hold.
    Line = tuple[int, list[str]]


STUB = ("部分", "类别", "指标", "单位")
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class TableReader(Reading):
    """Reads the file of one table; `problems` says what is wrong with it."""

    form: Form
    table: Table
    year: int

    def read(self, content: bytes) -> Cells:
        """Return the cells by row and column id, leaving out those that could not be read."""
        lines = self._lines(content)
        if lines == []:
            self.note("文件是空的", remedy="从表式重新导出")
        return dict(self._cells(lines[1:])) if lines and self._header(*lines[0]) else {}

    def _lines(self, content: bytes) -> list[Line] | None:
        """Return the non-empty lines with their numbers, or None where *content* is no text."""
        text = self.text(content.removeprefix(_BOM), "在 Excel 或 WPS 中另存为“CSV UTF-8”")
        if text is None:
            return None
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = []
        line = 0
        try:
            for texts in reader:
                line = reader.line_num
                trimmed = [value.strip(" \t\u00a0\u3000") for value in texts]
                if any(trimmed):
                    lines.append((line, trimmed))
        except csv.Error:
            self.note("引号不成对，这一行读不出来", line=line + 1, remedy="检查这一行的引号")
            return None
        return lines

    def _header(self, line: int, header: Sequence[str]) -> bool:
        wanted = [*STUB, *(column.heading(self.year) for column in self.table.columns)]
        labels = list(header)
        while len(labels) > len(wanted) and not labels[-1]:
            labels.pop()
        if [*map(same, labels)] == [*map(same, wanted)]:
            return True
        words = f"读到“{'，'.join(labels)}”"
        self.note(words, line=line, place="表头", allowed="，".join(wanted), remedy="恢复表式的表头")
        return False

    def _cells(self, body: Sequence[Line]) -> Iterator[tuple[Key, Cell]]:
        """Pair the lines with the form's rows by their labels, and yield the cells of those that pair."""
        wanted = [same(row.printed_label) for row in self.table.rows]
        labels = [same(_label(texts)) for _line, texts in body]
        matcher = SequenceMatcher(None, wanted, labels, autojunk=False)
        for tag, first, last, start, stop in matcher.get_opcodes():
            rows, lines = self.table.rows[first:last], body[start:stop]
            if tag == "equal":
                for row, (line, texts) in zip(rows, lines, strict=True):
                    yield from self._row(row, line, texts)
            else:
                self._mismatch(rows, lines)

    def _mismatch(self, rows: Sequence[Row], lines: Sequence[Line]) -> None:
        """Tell of rows of the form and lines of the file that do not pair."""
        for row, (line, texts) in zip(rows, lines, strict=False):
            found, allowed = f"指标是“{_label(texts)}”", f"“{row.printed_label}”"
            self.note(found, line=line, place=f"C{line}", allowed=allowed, remedy="恢复表式的文字和次序")
        for row in rows[len(lines) :]:
            self.note(f"缺少“{row.printed_label}”一行", remedy="按表式的次序补上")
        for line, texts in lines[len(rows) :]:
            self.note(f"多出“{_label(texts)}”一行，表式中没有", line=line, place=f"C{line}", remedy="删去")

    def _row(self, row: Row, line: int, texts: Sequence[str]) -> Iterator[tuple[Key, Cell]]:
        if row.heading:
            return
        label = row.printed_label
        for index, (name, text, wanted) in enumerate(zip(STUB, texts, (row.section, row.group, label, row.unit), strict=False)):
            if same(text) != same(wanted):
                place, allowed = f"{letter(index)}{line}", f"“{wanted}”"
                self.note(f"{name}是“{text}”", line=line, place=place, allowed=allowed, remedy="恢复表式的文字")
        if extra := "，".join(filter(None, texts[len(STUB) + len(self.table.columns) :])):
            self.note(f"行末多出“{extra}”", line=line, place=label, remedy="删去；数中的逗号也会多出一栏")
            return
        for index, column in enumerate(self.table.columns, len(STUB)):
            address = f"{letter(index)}{line}"
            if index >= len(texts):
                self.note(f"“{label}”缺少一栏", line=line, place=address, remedy="补上逗号；空格表示缺数")
            elif (quantity := self._quantity(row, column, texts[index], line, address)) is not None:
                yield (row.id, column.id), Cell(quantity, line, address)

    def _quantity(self, row: Row, column: Column, text: str, line: int, address: str) -> Quantity | None:
        unit = self.form.units[self.form.unit_of(row, column)]
        try:
            return quantity_of(text, unit, signed=column.signed)
        except NotANumeralError as error:
            place = f"{address} {row.printed_label} {labelled(column.label, year=self.year)}"
            found = f"读到“{short(text)}”，{error.found}"
            self.note(found, line=line, place=place, allowed=allowed(unit, signed=column.signed), remedy=error.remedy)
            return None


def written(table: Table, year: int, value: Callable[[Row, Column], str]) -> bytes:
    """Return the file of *table* for *year*, each cell holding what *value* says."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow([*STUB, *(column.heading(year) for column in table.columns)])
    for row in table.rows:
        cells = [HEADING if row.heading else value(row, column) for column in table.columns]
        lines.writerow([row.section, row.group, row.printed_label, row.unit, *cells])
    return _BOM + text.getvalue().encode()


def quantity_of(text: str, unit: Unit, *, signed: bool) -> Quantity:
    """
    Return what the text of a cell says: a number, `-` for not applicable, or nothing.

    Raises:
        NotANumeralError: where it says anything else.
    """
    if not text:
        return MISSING
    if text == "-":
        return NOT_APPLICABLE
    if unit.kind == "count":
        return values.given(values.count(text, signed=signed))
    return values.given(values.amount(text, unit.places, signed=signed))


def allowed(unit: Unit, *, signed: bool) -> str:
    """Return what a cell may hold, in words."""
    return f"{number_words(unit, signed=signed)}、“-”（不适用）或空（缺数）"


def number_words(unit: Unit, *, signed: bool) -> str:
    """Return what numbers a cell may hold, in words."""
    return ("" if signed else "不小于0的") + ("整数" if unit.kind == "count" else "数")


def _label(texts: Sequence[str]) -> str:
    return "".join(texts[STUB.index("指标") :][:1])
