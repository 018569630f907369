"""
Where everything of a form stands in a workbook: one sheet a table, in the official grid.

Whoever writes a workbook and whoever reads one back take the places from here. It knows a form and a year; no value, no rule and no
library for workbooks belongs here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from nianbao.form import labelled
from nianbao.heads import heads, levels
from nianbao.tablefile import HEADING, letter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nianbao.form import Form, Row, Table

STUB = {"section": "部分", "group": "类别", "label": "指标", "unit": "单位"}
# Names defined in the workbook, whose values are the form's id, as a text, and the year, as a number.
FORM_NAME, YEAR_NAME = "NIANBAO_FORM", "NIANBAO_YEAR"
# What stands before the unit's name, and before the year after it, on the second line of each sheet.
OWNER, YEAR = "填报单位：", "　年份："
# The first line is the title, the second says whose table it is; the headings follow.
TITLE, ABOUT, HEADS = 0, 1, 2

_LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_CHAPTER = re.compile(r"[一二三四五六七八九十]+(?=、)")
_ANNEX = "统计表"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A cell of a sheet: line and column, both from 0."""

    line: int
    column: int

    @property
    def address(self) -> str:
        """The cell as a spreadsheet names it, `D14`."""
        return f"{letter(self.column)}{self.line + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """
    A text of the form and the cells it takes; where it is more than one, they are merged.

    Args:
        kind: `title`, `head`, `section`, `group`, `label`, `unit` or `none` (a cell of a line without values).

        depth: how many rows a `label` stands under.
    """

    text: str
    kind: str
    at: Position
    height: int = 1
    width: int = 1
    depth: int = 0

    @property
    def end(self) -> Position:
        """The last of its cells."""
        return Position(self.at.line + self.height - 1, self.at.column + self.width - 1)

    @property
    def range(self) -> str:
        """Its cells as a spreadsheet names them, `A3:B5` or `A3`."""
        return self.at.address if self.at == self.end else f"{self.at.address}:{self.end.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """
    One table of the form as a sheet.

    Args:
        stub: which columns of labels it has, from the left: some of `section`, `group`, `label`, `unit`.

        cells: the cell of each value, by row and column id.

        first, last: the first and the last cell of the block of values, the lines without values among them.
    """

    name: str
    table: Table
    stub: tuple[str, ...]
    labels: tuple[Label, ...]
    cells: Mapping[tuple[str, str], Position]
    first: Position
    last: Position

    def place(self, row: str, column: str) -> str:
        """Return the cell as a message names it, `表三!D14`."""
        return f"{self.name}!{self.cells[row, column].address}"


def sheets(form: Form, year: int, name: str = "") -> tuple[Sheet, ...]:
    """Return the sheets of *form*, in the order of its tables; *name* is the unit's, which titles may hold."""
    names = sheet_names(form)
    return tuple(_sheet(table, names[table.id], year, name) for table in form.tables)


def sheet_names(form: Form) -> dict[str, str]:
    """Return what the sheet of each table is called: 表三 for that of chapter three, 表二·规章 where a chapter has more than one."""
    stems = {table.id: _stem(form, table) for table in form.tables}
    alone = [stem for stem in stems.values() if list(stems.values()).count(stem) == 1]
    found: dict[str, str] = {}
    for table in form.tables:
        stem = stems[table.id]
        wanted = stem if stem in alone else f"{stem}·{table.rows[0].label}"
        found[table.id] = _free(_FORBIDDEN.sub("", wanted)[:_LONGEST_NAME], found.values())
    return found


def _stem(form: Form, table: Table) -> str:
    """Return 表 and the number of the chapter that *table* belongs to, or 统计表 where it belongs to none that has a number."""
    titles = {chapter.id: chapter.title for chapter in form.chapters}
    numbered = _CHAPTER.match(titles.get(table.chapter, ""))
    return f"表{numbered[0]}" if numbered else _ANNEX


def _free(wanted: str, taken: Iterable[str]) -> str:
    """Return *wanted*, with a number where it is taken."""
    known = {each.lower() for each in taken}
    number, name = 1, wanted
    while name.lower() in known:
        number += 1
        name = wanted[: _LONGEST_NAME - len(str(number))] + str(number)
    return name


def _sheet(table: Table, name: str, year: int, unit_name: str) -> Sheet:
    stub = _stub(table)
    top, left = HEADS + levels(table), len(stub)
    lines = {row.id: top + index for index, row in enumerate(table.rows)}
    last = Position(top + len(table.rows) - 1, left + len(table.columns) - 1)
    title = labelled(table.title, year=year, name=unit_name)
    labels = (
        Label(text=title, kind="title", at=Position(TITLE, 0), width=last.column + 1),
        *_heads(table, year, stub),
        *_labels(table, stub, top),
    )
    cells = {
        (row.id, column.id): Position(lines[row.id], left + index)
        for row in table.rows
        if not row.heading
        for index, column in enumerate(table.columns)
    }
    return Sheet(name=name, table=table, stub=stub, labels=labels, cells=cells, first=Position(top, left), last=last)


def _stub(table: Table) -> tuple[str, ...]:
    """Return the columns of labels that *table* needs; a unit that all its values share stands above it."""
    wanted = {
        "section": any(row.section for row in table.rows),
        "group": any(row.group for row in table.rows),
        "label": True,
        "unit": not table.common_unit and not any(column.unit for column in table.columns),
    }
    return tuple(kind for kind in STUB if wanted[kind])


def _heads(table: Table, year: int, stub: tuple[str, ...]) -> Iterator[Label]:
    for index, kind in enumerate(stub):
        yield Label(text=STUB[kind], kind="head", at=Position(HEADS, index), height=levels(table))
    for head in heads(table, year):
        at = Position(HEADS + head.level, len(stub) + head.first)
        yield Label(text=head.text, kind="head", at=at, height=head.height, width=head.width)


def _labels(table: Table, stub: tuple[str, ...], top: int) -> Iterator[Label]:
    """Yield the labels beside the values: a section and a group once for all their lines, a row across the places it leaves free."""
    line = top
    for section, members in groupby(table.rows, key=lambda row: row.section):
        rows = list(members)
        if section:
            yield Label(text=section, kind="section", at=Position(line, stub.index("section")), height=len(rows))
        for group, grouped in groupby(rows, key=lambda row: row.group):
            of_group = list(grouped)
            if group:
                yield _group(group, stub, Position(line, _after(stub, section=section)), len(of_group))
            for row in of_group:
                yield from _row(row, table, stub, line)
                line += 1


def _group(text: str, stub: tuple[str, ...], at: Position, height: int) -> Label:
    return Label(text=text, kind="group", at=at, height=height, width=stub.index("group") + 1 - at.column)


def _after(stub: tuple[str, ...], **taken: str) -> int:
    """Return the first column of labels after those that are taken."""
    return max((stub.index(kind) + 1 for kind, text in taken.items() if text), default=0)


def _row(row: Row, table: Table, stub: tuple[str, ...], line: int) -> Iterator[Label]:
    start = _after(stub, section=row.section, group=row.group)
    width = stub.index("label") + 1 - start
    yield Label(text=row.printed_label, kind="label", at=Position(line, start), width=width, depth=row.depth)
    if "unit" in stub:
        yield Label(text=HEADING if row.heading else row.unit, kind="unit", at=Position(line, stub.index("unit")))
    for index in range(len(table.columns) if row.heading else 0):
        yield Label(text=HEADING, kind="none", at=Position(line, len(stub) + index))
