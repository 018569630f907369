"""
The headings over the columns of a table: which text, at which level, over how many columns and levels.

Pages and workbooks draw the same headings from it. No page, no workbook and no value belongs here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from nianbao.indicators import figures as fig
from nianbao.indicators.figures import Figure
from nianbao.indicators.form import HEADING, labelled
from nianbao.indicators.values import State
from nianbao.page.blocks import Datum, Grid, GridCell, Text, datum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nianbao.indicators.figures import Figures
    from nianbao.indicators.findings import Finding
    from nianbao.indicators.form import Column, Form, Row, Table
    from nianbao.indicators.report import AnnualReport
    from nianbao.page.blocks import Inline

    Cells = tuple[GridCell, ...]


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


# How the columns of labels share what the columns of values leave: 类别, 指标, 单位.
STUB_WIDTHS = {"group": 0.2, "label": 0.67, "unit": 0.13}
LEAST_VALUE, MOST_VALUES = 0.16, 0.6
DIGIT = 0.0125
# More columns than this are set smaller, and closer.
MOST_COLUMNS = 4


def statistics(report: AnnualReport, figures: Figures, table: Table) -> Grid:
    """Return *table* in its official layout: sections, merged groups, grouped columns, `-` and blanks as reported."""
    layout = _Layout.of(table)
    head = _head(table, report.year, layout)
    width = len(layout.stub) + len(table.columns)
    bodies = tuple(
        _section(title, list(rows), table, figures, width, layout)
        for title, rows in groupby(table.rows, key=lambda row: row.section)
    )
    caption = labelled(table.title, year=report.year, name=report.name)
    longest = max(
        len(figures[fig.cell_id(row.id, column.id)].number) for row in table.rows for column in table.columns if not row.heading
    )
    unit = f"单位：{layout.unit}。" if layout.unit else ""
    small = len(table.columns) > MOST_COLUMNS
    return Grid(
        caption=caption,
        head=head,
        bodies=bodies,
        widths=_widths(longest, len(table.columns), layout),
        note=unit + note(report, figures, table),
        small=small,
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns of labels a table has, and the unit of all its values where they share one and no column says it."""

    stub: tuple[str, ...]
    unit: str

    @classmethod
    def of(cls, table: Table) -> _Layout:
        grouped = any(row.group for row in table.rows)
        named = any(column.unit for column in table.columns)
        stub = (*(("group",) if grouped else ()), "label", *(() if table.common_unit or named else ("unit",)))
        return cls(stub, table.common_unit)


def note(report: AnnualReport, figures: Figures, table: Table) -> str:
    """Return what `-` and blanks mean, where the table has any."""
    states = {
        figures[fig.cell_id(row.id, column.id)].quantity.state for own, row, column in report.form.cells() if own.id == table.id
    }
    if states <= {State.GIVEN}:
        return ""
    return "“-”表示该项不适用，空格表示没有填报，数字零表示没有发生。"


def _head(table: Table, year: int, layout: _Layout) -> tuple[Cells, ...]:
    """Return the header rows: the groups of columns above, the columns below, each as tall as it must be."""
    names = {"group": "类别", "label": "指标", "unit": "单位"}
    rows: list[list[GridCell]] = [[] for _ in range(levels(table))]
    rows[0] += [_text(names[each], "col", rowspan=len(rows)) for each in layout.stub]
    for head in heads(table, year):
        if head.group:
            rows[head.level].append(GridCell(children=(Text(head.text),), header="colgroup", colspan=head.width))
        else:
            rows[head.level].append(_text(head.text, "col", rowspan=head.height))
    return tuple(tuple(row) for row in rows)


def findings(caption: str, found: Iterable[tuple[Finding, tuple[Inline, ...]]]) -> Grid:
    """Return findings with the reasons why they were accepted."""
    head = tuple(_text(label, "col") for label in ("规则", "问题", "认可理由"))
    rows = tuple(
        (_text(finding.rule, "row"), GridCell(children=said(finding)), GridCell(children=reason)) for finding, reason in found
    )
    return Grid(caption=caption, head=(head,), bodies=(rows,), widths=(10, 54, 36))


def listing(caption: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]], widths: tuple[int, ...]) -> Grid:
    """Return a plain table of words; the first of each row is its heading."""
    body = tuple(tuple(_text(text, "row" if index == 0 else "") for index, text in enumerate(row)) for row in rows)
    return Grid(caption=caption, head=(tuple(_text(label, "col") for label in head),), bodies=(body,), widths=widths)


def values(caption: str, head: tuple[str, ...], rows: Iterable[tuple[str, tuple[Figure, ...]]], widths: tuple[int, ...]) -> Grid:
    """Return a table of figures: a heading and figures in each row, empty cells where a row has fewer."""
    body = tuple(
        (_text(label, "row"), *(_figure(figure) for figure in shown), *[_text("", "")] * (len(head) - 1 - len(shown)))
        for label, shown in rows
    )
    return Grid(caption=caption, head=(tuple(_text(label, "col") for label in head),), bodies=(body,), widths=widths)


def said(finding: Finding) -> tuple[Inline, ...]:
    """Return the sentence of *finding* with its figures in place."""
    return tuple(datum(part, bare=True) if isinstance(part, Figure) else Text(part) for part in finding.parts)


def _widths(longest: int, columns: int, layout: _Layout) -> tuple[float, ...]:
    """Share the line so that *columns* of numbers with *longest* digits have room, as far as the labels can spare it."""
    least = LEAST_VALUE if columns <= MOST_COLUMNS else 0.0
    value = min(max(least, (longest + 2) * DIGIT), (MOST_VALUES if columns <= MOST_COLUMNS else 0.85) / columns)
    if columns > MOST_COLUMNS:
        value = max(value, min(0.085, 0.85 / columns))
    parts = [STUB_WIDTHS[each] for each in layout.stub]
    rest = 1 - value * columns
    return (*(round(part / sum(parts) * rest, 4) for part in parts), *[round(value, 4)] * columns)


def _section(title: str, rows: list[Row], table: Table, figures: Figures, width: int, layout: _Layout) -> tuple[Cells, ...]:
    lines: list[Cells] = [(GridCell(children=(Text(title),), header="rowgroup", colspan=width),)] if title else []
    for name, members in groupby(rows, key=lambda row: row.group):
        group = list(members)
        for index, row in enumerate(group):
            lines.append((*_stub(row, name, layout, index, len(group)), *_values(row, table, figures)))
    return tuple(lines)


def _stub(row: Row, group: str, layout: _Layout, index: int, height: int) -> Iterator[GridCell]:
    """Yield the labels of a row; a group's name stands once, and a row without one takes its place too."""
    grouped = "group" in layout.stub
    if grouped and group and index == 0:
        yield _text(group, "rowgroup", rowspan=height)
    across = 2 if grouped and not group else 1
    yield GridCell(children=(Text(row.printed_label),), header="row", colspan=across, indent=row.depth)
    if "unit" in layout.stub:
        yield _text("——" if row.heading else row.unit, "")


def _values(row: Row, table: Table, figures: Figures) -> Iterator[GridCell]:
    for column in table.columns:
        yield _text("——", "") if row.heading else _figure(figures[fig.cell_id(row.id, column.id)])


def _figure(figure: Figure) -> GridCell:
    text = "" if figure.quantity.state is State.MISSING else figure.number
    shown = Datum(figure=figure.id, text=text, value=figure.quantity.exact, label=figure.label)
    return GridCell(children=(shown,), numeric=True)


def _text(text: str, header: str, *, rowspan: int = 1, indent: int = 0) -> GridCell:
    return GridCell(children=(Text(text),), header=header, rowspan=rowspan, indent=indent)


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
    stub = _stub_columns(table)
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


def _stub_columns(table: Table) -> tuple[str, ...]:
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


def letter(index: int) -> str:
    """Name the column *index* (from 0) as a spreadsheet does."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
