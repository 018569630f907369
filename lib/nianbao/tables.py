"""
The tables of a report as grids: the statistical table in its official layout, findings, gaps, published percentages.

A grid is for readers; `frame` gives the same cells to pandas for analysts who explore. No table here computes anything.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from . import figures as fig
from .blocks import Datum, Grid, GridCell, Text, datum
from .figures import Figure
from .form import labelled
from .quantity import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from .blocks import Inline
    from .figures import Figures
    from .findings import Finding
    from .form import Row, Table
    from .report import AnnualReport

    Cells = tuple[GridCell, ...]

# Parts of the line: 类别, 指标 and 单位 share what the columns of values leave.
STUB_WIDTHS = (0.2, 0.67, 0.13)
LEAST_VALUE, MOST_VALUES = 0.16, 0.6
DIGIT = 0.0125


def statistics(report: AnnualReport, figures: Figures, table: Table) -> Grid:
    """Return *table* with its sections, merged group cells, units and values, `-` and blanks as reported."""
    columns = [labelled(column.label, year=report.year) for column in table.columns]
    head = tuple(_text(label, "col") for label in ("类别", "指标", "单位", *columns))
    bodies = tuple(
        _section(title, list(rows), table, figures, len(head)) for title, rows in groupby(table.rows, key=lambda row: row.section)
    )
    caption = labelled(table.title, year=report.year, name=report.name)
    longest = max(len(figures[fig.cell_id(row.id, column.id)].number) for row in table.rows for column in table.columns)
    widths = _widths(longest, len(columns))
    note = "“-”表示该项不适用，空格表示没有填报，数字零表示没有发生。"
    return Grid(caption=caption, head=(head,), bodies=bodies, widths=widths, note=note)


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
        line: dict[str, object] = {"id": row.id, "指标": row.printed_label, "单位": row.unit}
        for column in table.columns:
            label = labelled(column.label, year=report.year)
            line[label] = _exact(figures[fig.cell_id(row.id, column.id)])
            if row.parent:
                line[f"{label}占比"] = _exact(figures[fig.share_id(row.id, column.id)])
        lines.append(line)
    return pd.DataFrame(lines, dtype=object).set_index("id")


def _widths(longest: int, columns: int) -> tuple[float, ...]:
    """Share the line so that *columns* of numbers with *longest* digits have room, as far as the labels can spare it."""
    value = min(max(LEAST_VALUE, (longest + 2) * DIGIT), MOST_VALUES / columns)
    rest = 1 - value * columns
    return (*(round(part * rest, 4) for part in STUB_WIDTHS), *[round(value, 4)] * columns)


def _exact(figure: Figure) -> object:
    if figure.quantity.state is State.NOT_APPLICABLE:
        return "-"
    return figure.quantity.value


def _section(title: str, rows: list[Row], table: Table, figures: Figures, width: int) -> tuple[Cells, ...]:
    lines: list[Cells] = [(GridCell(children=(Text(title),), header="rowgroup", colspan=width),)]
    for _group, members in groupby(rows, key=lambda row: row.group):
        group = list(members)
        for index, row in enumerate(group):
            heading = (_text(row.group, "rowgroup", rowspan=len(group)),) if index == 0 else ()
            cells = (_figure(figures[fig.cell_id(row.id, column.id)]) for column in table.columns)
            label = _text(row.printed_label, "row", indent=row.depth)
            lines.append((*heading, label, _text(row.unit, ""), *cells))
    return tuple(lines)


def _figure(figure: Figure) -> GridCell:
    text = "" if figure.quantity.state is State.MISSING else figure.number
    shown = Datum(figure=figure.id, text=text, value=figure.quantity.exact, label=figure.label)
    return GridCell(children=(shown,), numeric=True)


def _text(text: str, header: str, *, rowspan: int = 1, indent: int = 0) -> GridCell:
    return GridCell(children=(Text(text),), header=header, rowspan=rowspan, indent=indent)
