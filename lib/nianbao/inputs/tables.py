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

from nianbao.indicators import values as numerals
from nianbao.indicators import values as quantity
from nianbao.indicators.errors import Problem, short
from nianbao.indicators.form import HEADING, labelled, same
from nianbao.indicators.report import Cell
from nianbao.page.grid import letter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nianbao.indicators.form import Column, Form, Row, Table, Unit
    from nianbao.indicators.values import Quantity


STUB = ("部分", "类别", "指标", "单位")
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class TableReader:
    """Reads one file; `problems` says what is wrong with it."""

    form: Form
    table: Table
    year: int
    file: str
    problems: list[Problem]

    def read(self, content: bytes) -> dict[tuple[str, str], Cell]:
        """Return the cells by row and column id, leaving out those that could not be read."""
        lines = self._lines(content)
        if lines is None:
            return {}
        if not lines:
            self._refuse(None, "", "文件是空的", remedy="从表式重新导出")
            return {}
        (number, header), *body = lines
        if not self._header(number, header):
            return {}
        return dict(self._cells(body))

    def _lines(self, content: bytes) -> list[tuple[int, list[str]]] | None:
        """Return the non-empty lines with their numbers, or None where *content* is no text."""
        try:
            text = content.removeprefix(_BOM).decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._refuse(line, "", "不是 UTF-8 编码（可能是 GBK）", remedy="在 Excel 或 WPS 中另存为“CSV UTF-8”")
            return None
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        found = []
        line = 0
        try:
            for values in reader:
                line = reader.line_num
                trimmed = [value.strip(" \t\u00a0\u3000") for value in values]
                if any(trimmed):
                    found.append((line, trimmed))
        except csv.Error:
            self._refuse(line + 1, "", "引号不成对，这一行读不出来", remedy="检查这一行的引号")
            return None
        return found

    def _header(self, line: int, header: Sequence[str]) -> bool:
        wanted = [*STUB, *(column.heading(self.year) for column in self.table.columns)]
        found = list(header)
        while len(found) > len(wanted) and not found[-1]:
            found.pop()
        if [same(text) for text in found] == [same(text) for text in wanted]:
            return True
        self._refuse(line, "表头", f"读到“{'，'.join(found)}”", allowed="，".join(wanted), remedy="恢复表式的表头")
        return False

    def _cells(self, body: Sequence[tuple[int, list[str]]]) -> Iterator[tuple[tuple[str, str], Cell]]:
        """Pair the lines with the form's rows by their labels, and yield the cells of those that pair."""
        wanted = [same(row.printed_label) for row in self.table.rows]
        found = [same(_label(values)) for _line, values in body]
        matcher = SequenceMatcher(None, wanted, found, autojunk=False)
        for tag, first, last, start, stop in matcher.get_opcodes():
            rows, lines = self.table.rows[first:last], body[start:stop]
            if tag == "equal":
                for row, (line, values) in zip(rows, lines, strict=True):
                    yield from self._row(row, line, values)
            else:
                self._mismatch(rows, lines)

    def _mismatch(self, rows: Sequence[Row], lines: Sequence[tuple[int, list[str]]]) -> None:
        """Tell of rows of the form and lines of the file that do not pair."""
        for row, (line, values) in zip(rows, lines, strict=False):
            label = _label(values)
            self._refuse(line, f"C{line}", f"指标是“{label}”", allowed=f"“{row.printed_label}”", remedy="恢复表式的文字和次序")
        for row in rows[len(lines) :]:
            self._refuse(None, "", f"缺少“{row.printed_label}”一行", remedy="按表式的次序补上")
        for line, values in lines[len(rows) :]:
            label = _label(values)
            self._refuse(line, f"C{line}", f"多出“{label}”一行，表式中没有", remedy="删去")

    def _row(self, row: Row, line: int, values: Sequence[str]) -> Iterator[tuple[tuple[str, str], Cell]]:
        stub = (row.section, row.group, row.printed_label, row.unit)
        if row.heading:
            return
        for index, wanted in enumerate(stub[: len(values)]):
            if same(values[index]) != same(wanted):
                address = f"{letter(index)}{line}"
                self._refuse(line, address, f"{STUB[index]}是“{values[index]}”", allowed=f"“{wanted}”", remedy="恢复表式的文字")
        extra = [value for value in values[len(STUB) + len(self.table.columns) :] if value]
        if extra:
            self._refuse(line, row.printed_label, f"行末多出“{'，'.join(extra)}”", remedy="删去；数中的逗号也会多出一栏")
            return
        for index, column in enumerate(self.table.columns, len(STUB)):
            address = f"{letter(index)}{line}"
            if index >= len(values):
                self._refuse(line, address, f"“{row.printed_label}”缺少一栏", remedy="补上逗号；空格表示缺数")
            elif (read := self._quantity(row, column, values[index], line, address)) is not None:
                yield (row.id, column.id), Cell(read, line, address)

    def _quantity(self, row: Row, column: Column, text: str, line: int, address: str) -> Quantity | None:
        unit = self.form.units[self.form.unit_of(row, column)]
        try:
            return quantity_of(text, unit, signed=column.signed)
        except numerals.NotANumeralError as error:
            place = f"{address} {row.printed_label} {labelled(column.label, year=self.year)}"
            found = f"读到“{short(text)}”，{error.found}"
            self._refuse(line, place, found, allowed=allowed(unit, signed=column.signed), remedy=error.remedy)
            return None

    def _refuse(self, line: int | None, place: str, found: str, *, allowed: str = "", remedy: str = "") -> None:
        self.problems.append(Problem(file=self.file, line=line, place=place, found=found, allowed=allowed, remedy=remedy))


def written(table: Table, year: int, value: Callable[[Row, Column], str]) -> bytes:
    """Return the file of *table* for *year*, each cell holding what *value* says."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow([*STUB, *(column.heading(year) for column in table.columns)])
    for row in table.rows:
        values = [HEADING if row.heading else value(row, column) for column in table.columns]
        lines.writerow([row.section, row.group, row.printed_label, row.unit, *values])
    return _BOM + text.getvalue().encode()


def quantity_of(text: str, unit: Unit, *, signed: bool) -> Quantity:
    """
    Return what the text of a cell says: a number, `-` for not applicable, or nothing.

    Raises:
        NotANumeralError: where it says anything else.
    """
    if not text:
        return quantity.MISSING
    if text == "-":
        return quantity.NOT_APPLICABLE
    if unit.kind == "count":
        return quantity.given(numerals.count(text, signed=signed))
    return quantity.given(numerals.amount(text, unit.places, signed=signed))


def allowed(unit: Unit, *, signed: bool) -> str:
    """Return what a cell may hold, in words."""
    return f"{number_words(unit, signed=signed)}、“-”（不适用）或空（缺数）"


def number_words(unit: Unit, *, signed: bool) -> str:
    """Return what numbers a cell may hold, in words."""
    return ("" if signed else "不小于0的") + ("整数" if unit.kind == "count" else "数")


def _label(values: Sequence[str]) -> str:
    return "".join(values[STUB.index("指标") :][:1])
