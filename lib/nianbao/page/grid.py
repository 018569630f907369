"""
The grid of a table, once for everything that draws one: HTML, PDF, Word and Excel.

`laid_out` says where each heading, label and value of a table of the form stands. A page's table (`statistics`) and a workbook's
sheet (`sheets`) are both made from it, so another layout, as the official one, is a change in `laid_out` alone. Below it are the
rows and cells that every other table is made of, and `placed`, by which a writer learns in which column a cell stands. How a table
looks is for the writers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby, pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from nianbao.indicators import frozen, positional
from nianbao.indicators.figures import Figure, cell_id
from nianbao.indicators.form import HEADING, labelled
from nianbao.page.blocks import Grid, GridCell, Text, datum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nianbao.indicators.figures import Figures
    from nianbao.indicators.findings import Finding
    from nianbao.indicators.form import Column, Form, Row, Table
    from nianbao.indicators.report import AnnualReport, Key
    from nianbao.indicators.values import Strings
    from nianbao.page.blocks import Cells, Inlines, Rows, Widths

    # What a cell may be given as: words, a run of inlines, or the cell.
    Content = str | Inlines | GridCell


STUB = {"section": "部分", "group": "类别", "label": "指标", "unit": "单位"}
# How wide such a column is in a workbook, in characters.
SHEET_WIDTHS = {"section": 11.0, "group": 13.0, "label": 42.0, "unit": 7.0}


class Position(NamedTuple):
    """A cell of a grid: line and column, both from 0."""

    line: int
    column: int

    @property
    def address(self) -> str:
        """The cell as a spreadsheet names it, `D14`."""
        return f"{letter(self.column)}{self.line + 1}"


@frozen
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


@frozen
class Sheet:
    """
    Where everything of one table of the form stands, on a page or in a workbook.

    Args:
        name: what a workbook calls it; empty on a page.

        stub: which columns of labels it has, from the left: some of `section`, `group`, `label`, `unit`.

        sections: the line in which each section of rows begins.

        cells: the cell of each value, by row and column id.

        first, last: the first and the last cell of the block of values, the lines without values among them.
    """

    name: str = ""
    table: Table
    stub: Strings
    labels: tuple[Label, ...]
    sections: tuple[int, ...]
    cells: Mapping[Key, Position]
    first: Position
    last: Position

    def place(self, row: str, column: str) -> str:
        """Return the cell as a message names it, `表三!D14`."""
        return f"{self.name}!{self.cells[row, column].address}"


def laid_out(table: Table, year: int, *, top: int = 0, across: bool) -> Sheet:
    """
    Return where everything of *table* stands.

    Args:
        top: the line of the first headings.

        across: whether the name of a section has a line of its own across the table, and not a column beside its rows.
    """
    stub = _stub(table, across=across)
    depth, width = _depth(table), len(stub) + len(table.columns)
    labels = [Label(text=STUB[kind], kind="head", at=Position(top, index), height=depth) for index, kind in enumerate(stub)]
    labels += _headings(table, year, Position(top, len(stub)))
    cells: dict[Key, Position] = {}
    sections = []
    line = top + depth
    for section, members in groupby(table.rows, key=lambda row: row.section):
        sections.append(line)
        rows = list(members)
        if section and across:
            labels.append(Label(text=section, kind="section", at=Position(line, 0), width=width))
            line += 1
        elif section:
            labels.append(Label(text=section, kind="section", at=Position(line, 0), height=len(rows)))
        for row, stood in _stubs(rows, stub, Position(line, 1 if section and not across else 0)):
            labels += stood
            places = [Position(line, len(stub) + index) for index in range(len(table.columns))]
            if row.heading:
                labels += [Label(text=HEADING, kind="none", at=at) for at in places]
            else:
                cells |= {(row.id, column.id): at for column, at in zip(table.columns, places, strict=True)}
            line += 1
    return Sheet(
        table=table,
        stub=stub,
        labels=tuple(labels),
        sections=tuple(sections),
        cells=cells,
        first=Position(top + depth, len(stub)),
        last=Position(line - 1, width - 1),
    )


def _stub(table: Table, *, across: bool) -> Strings:
    """Return the columns of labels that *table* needs; a unit that all its values share stands above it."""
    wanted = {
        "section": not across and any(row.section for row in table.rows),
        "group": any(row.group for row in table.rows),
        "label": True,
        "unit": not table.common_unit and not any(column.unit for column in table.columns),
    }
    return tuple(kind for kind in STUB if wanted[kind])


def _depth(table: Table) -> int:
    """Return how many lines of headings *table* has."""
    return max(len(column.groups) for column in table.columns) + 1


def _headings(table: Table, year: int, start: Position) -> Iterator[Label]:
    """Yield the headings over the values, line by line: a group over its columns, a column's own down to the values."""
    depth = _depth(table)
    for level in range(depth):
        at = Position(start.line + level, start.column)
        for groups, members in groupby(table.columns, key=lambda column: column.groups[: level + 1]):
            columns = list(members)
            if len(groups) > level:
                yield Label(text=groups[level], kind="head", at=at, width=len(columns))
                at = Position(at.line, at.column + len(columns))
                continue
            for column in columns:
                if len(column.groups) == level:
                    yield Label(text=_heading(column, year), kind="head", at=at, height=depth - level)
                at = Position(at.line, at.column + 1)


def _heading(column: Column, year: int) -> str:
    unit = f"（{column.unit}）" if column.unit else ""
    return labelled(column.label, year=year) + unit


def _stubs(rows: Iterable[Row], stub: Strings, at: Position) -> Iterator[tuple[Row, list[Label]]]:
    """Yield each of *rows* with the labels that begin in its line: a group's name once, a row's over the places left free."""
    line, left = at
    end = stub.index("label") + 1
    for group, members in groupby(rows, key=lambda row: row.group):
        of_group = list(members)
        labels, start = [], left
        if group:
            start = end - 1
            labels = [Label(text=group, kind="group", at=Position(line, left), height=len(of_group), width=start - left)]
        for row in of_group:
            at = Position(line, start)
            labels.append(Label(text=row.printed_label, kind="label", at=at, width=end - start, depth=row.depth))
            if "unit" in stub:
                labels.append(Label(text=HEADING if row.heading else row.unit, kind="unit", at=Position(line, end)))
            yield row, labels
            labels = []
            line += 1


# On a page: how the columns of labels share what the columns of values leave: 类别, 指标, 单位.
STUB_WIDTHS = {"group": 0.2, "label": 0.67, "unit": 0.13}
# The room that a digit takes of the line; the least that a column of values has, and the most that all have.
DIGIT = 0.0125
LEAST_VALUE, MOST_VALUES = 0.16, 0.6
# What the caption of the further parts of a wide table says.
CONTINUED = "（续）"
# More columns than this are set smaller, and closer.
MOST_COLUMNS = 4
LEAST_SMALL_VALUE, MOST_SMALL_VALUES = 0.085, 0.85
_SCOPES = {"section": "rowgroup", "group": "rowgroup", "label": "row"}


def statistics(report: AnnualReport, figures: Figures, table: Table, prefix: str = "") -> Grid:
    """
    Return *table* in its official layout: sections, merged groups, grouped columns, `-` and blanks as reported.

    Args:
        prefix: what stands before the id of a cell in that of its figure.
    """
    sheet = laid_out(table, report.year, across=True)
    shown = {at: figures[prefix + cell_id(*key)] for key, at in sheet.cells.items()}
    places = {label.at: _labelling(label, sheet) for label in sheet.labels}
    places |= {at: number(figure) for at, figure in shown.items()}
    rows: list[list[GridCell]] = [[] for _line in range(sheet.last.line + 1)]
    for at in sorted(places):
        rows[at.line].append(places[at])
    lines = [tuple(row) for row in rows]
    ends = pairwise((*sheet.sections, len(lines)))
    unit = f"单位：{table.common_unit}。" if table.common_unit else ""
    return Grid(
        caption=labelled(table.title, year=report.year, name=report.name),
        head=tuple(lines[: sheet.first.line]),
        bodies=tuple(tuple(lines[start:end]) for start, end in ends),
        widths=_widths(max(len(figure.number) for figure in shown.values()), sheet),
        note=unit + note(shown.values()),
        small=len(table.columns) > MOST_COLUMNS,
    )


def note(figures: Iterable[Figure]) -> str:
    """Return what `-` and blanks mean, where *figures* have any."""
    if all(figure.quantity.is_given for figure in figures):
        return ""
    return "“-”表示该项不适用，空格表示没有填报，数字零表示没有发生。"


def _labelling(label: Label, sheet: Sheet) -> GridCell:
    """Return *label* as a cell of a page's table; a heading that does not reach down to the values heads a group of columns."""
    scope = _SCOPES.get(label.kind, "")
    if label.kind == "head":
        scope = "col" if label.end.line + 1 == sheet.first.line else "colgroup"
    return cell(label.text, scope, colspan=label.width, rowspan=label.height, indent=label.depth)


def _widths(longest: int, sheet: Sheet) -> Widths:
    """Share the line so that columns of numbers with *longest* digits have room, as far as the labels can spare it."""
    columns = len(sheet.table.columns)
    few = columns <= MOST_COLUMNS
    least, most = (LEAST_VALUE, MOST_VALUES) if few else (LEAST_SMALL_VALUE, MOST_SMALL_VALUES)
    value = min(max(least, (longest + 2) * DIGIT), most / columns)
    parts = [STUB_WIDTHS[kind] for kind in sheet.stub]
    rest = 1 - value * columns
    return (*(round(part / sum(parts) * rest, 4) for part in parts), *[round(value, 4)] * columns)


# What any table is made of.


def cell(content: Content, header: str = "", *, colspan: int = 1, rowspan: int = 1, indent: int = 0) -> GridCell:
    """Return *content* as a cell; what is a cell stays as it is."""
    if isinstance(content, GridCell):
        return content
    children = (Text(content),) if isinstance(content, str) else content
    return GridCell(children=children, header=header, colspan=colspan, rowspan=rowspan, indent=indent)


def number(figure: Figure) -> GridCell:
    """Return the cell that shows *figure*, without its unit; nothing where there is none."""
    shown = datum(figure, bare=True)
    if figure.quantity.is_missing:
        shown = replace(shown, text="")
    return GridCell(children=(shown,), numeric=True)


def said(finding: Finding) -> Inlines:
    """Return the sentence of *finding* with its figures in place."""
    return worded(finding.parts)


def worded(parts: Iterable[str | Figure]) -> Inlines:
    """Return a sentence that is made of words and figures."""
    return tuple(datum(part, bare=True) if isinstance(part, Figure) else Text(part) for part in parts)


def ruled(caption: str, head: Iterable[str], bodies: Iterable[Iterable[Sequence[Content]]], widths: Widths) -> Grid:
    """Return a table with one line of headings above *bodies* of rows; the first of each row is its heading."""
    headings = tuple(cell(label, "col") for label in head)
    return Grid(caption=caption, head=(headings,), bodies=tuple(map(_body, bodies)), widths=widths)


def _body(rows: Iterable[Sequence[Content]]) -> Rows:
    return tuple((cell(first, "row"), *map(cell, rest)) for first, *rest in rows)


def listing(caption: str, head: Iterable[str], rows: Iterable[Sequence[Content]], widths: Widths) -> Grid:
    """Return a plain table of *rows*; the first of each is its heading."""
    return ruled(caption, head, (rows,), widths)


def findings(caption: str, found: Iterable[tuple[Finding, Inlines]]) -> Grid:
    """Return findings with the reasons why they were accepted."""
    rows = [(finding.rule, said(finding), reason) for finding, reason in found]
    return listing(caption, ("规则", "问题", "认可理由"), rows, (10, 54, 36))


def values(caption: str, head: Sequence[str], rows: Iterable[tuple[str, Sequence[Figure]]], widths: Widths) -> Grid:
    """Return a table of figures: a heading and figures in each row, empty cells where a row has fewer."""
    filled: list[tuple[Content, ...]] = []
    for label, shown in rows:
        filled.append((label, *map(number, shown), *[""] * (len(head) - 1 - len(shown))))
    return listing(caption, head, filled, widths)


@positional
class Place:
    """A cell and where it begins."""

    cell: GridCell
    at: Position


def placed(rows: Iterable[Cells]) -> dict[Position, Place]:
    """Return what takes each place; a cell begins at the first of its row that no cell before it takes."""
    taken: dict[Position, Place] = {}
    for line, row in enumerate(rows):
        column = 0
        for each in row:
            while (line, column) in taken:
                column += 1
            place = Place(each, Position(line, column))
            for down, right in product(range(each.rowspan), range(each.colspan)):
                taken[Position(line + down, column + right)] = place
    return taken


# In a workbook.

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


def sheets(form: Form, year: int, name: str = "") -> tuple[Sheet, ...]:
    """Return the sheets of *form*, in the order of its tables; *name* is the unit's, which titles may hold."""
    names = sheet_names(form)
    drawn = []
    for table in form.tables:
        sheet = laid_out(table, year, top=HEADS, across=False)
        text = labelled(table.title, year=year, name=name)
        title = Label(text=text, kind="title", at=Position(TITLE, 0), width=sheet.last.column + 1)
        drawn.append(replace(sheet, name=names[table.id], labels=(title, *sheet.labels)))
    return tuple(drawn)


def sheet_names(form: Form) -> dict[str, str]:
    """Return what the sheet of each table is called: 表三 for that of chapter three, 表二·规章 where a chapter has more than one."""
    stems = {table.id: _stem(form, table) for table in form.tables}
    taken = list(stems.values())
    names: dict[str, str] = {}
    for table in form.tables:
        stem = stems[table.id]
        wanted = stem if taken.count(stem) == 1 else f"{stem}·{table.rows[0].label}"
        names[table.id] = _free(_FORBIDDEN.sub("", wanted)[:_LONGEST_NAME], names.values())
    return names


def _stem(form: Form, table: Table) -> str:
    """Return 表 and the number of the chapter that *table* belongs to, or 统计表 where it belongs to none that has a number."""
    titles = {chapter.id: chapter.title for chapter in form.chapters}
    numbered = _CHAPTER.match(titles.get(table.chapter, ""))
    return f"表{numbered[0]}" if numbered else _ANNEX


def _free(wanted: str, taken: Iterable[str]) -> str:
    """Return *wanted*, with a number where it is taken."""
    known = {each.lower() for each in taken}
    count, name = 1, wanted
    while name.lower() in known:
        count += 1
        name = wanted[: _LONGEST_NAME - len(str(count))] + str(count)
    return name


def letter(index: int) -> str:
    """Name the column *index* (from 0) as a spreadsheet does."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
