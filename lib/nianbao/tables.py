"""
The tables of a report as grids: the statistical table in its official layout, findings, gaps, published percentages.

A grid is for readers; `frame` gives the same cells to pandas for analysts who explore. No table here computes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from . import figures as fig
from .blocks import Datum, Grid, GridCell, Text, datum
from .figures import Figure
from .form import labelled
from .heads import heads, levels
from .quantity import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from .blocks import Inline
    from .figures import Figures
    from .findings import Finding
    from .form import Row, Table
    from .report import AnnualReport

    Cells = tuple[GridCell, ...]

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


def frame(report: AnnualReport, figures: Figures, table: Table) -> pd.DataFrame:
    """
    Return *table* for exploring in pandas: one line per row, exact values (dtype object), shares as fractions.

    Missing is NA; not applicable is the text `-`.
    """
    import pandas as pd  # noqa: PLC0415 - half a second that only those who ask pay

    lines = []
    for row in table.rows:
        if row.heading:
            continue
        line: dict[str, object] = {"id": row.id, "指标": row.printed_label, "单位": row.unit}
        for column in table.columns:
            label = labelled(column.label, year=report.year)
            line[label] = _exact(figures[fig.cell_id(row.id, column.id)])
            if row.parent:
                line[f"{label}占比"] = _exact(figures[fig.share_id(row.id, column.id)])
        lines.append(line)
    return pd.DataFrame(lines, dtype=object).set_index("id")


def _widths(longest: int, columns: int, layout: _Layout) -> tuple[float, ...]:
    """Share the line so that *columns* of numbers with *longest* digits have room, as far as the labels can spare it."""
    least = LEAST_VALUE if columns <= MOST_COLUMNS else 0.0
    value = min(max(least, (longest + 2) * DIGIT), (MOST_VALUES if columns <= MOST_COLUMNS else 0.85) / columns)
    if columns > MOST_COLUMNS:
        value = max(value, min(0.085, 0.85 / columns))
    parts = [STUB_WIDTHS[each] for each in layout.stub]
    rest = 1 - value * columns
    return (*(round(part / sum(parts) * rest, 4) for part in parts), *[round(value, 4)] * columns)


def _exact(figure: Figure) -> object:
    if figure.quantity.state is State.NOT_APPLICABLE:
        return "-"
    return figure.quantity.value


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
