"""
The tables of a trend: a concept's values by year, which reports there are, and which cells were taken.

Numbers are the figures of a `Series`; nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .blocks import Grid, GridCell, Text, datum
from .series import NO_CELL, blanks, sign, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .figures import Figure
    from .report import AnnualReport
    from .series import Series

    Cells = tuple[GridCell, ...]

_NONE = "—"


def by_year(caption: str, found: Iterable[Series], named: Callable[[int], str]) -> Grid:
    """
    Return the values of *found* by year, each with its change on the year before or why there is none.

    Args:
        named: what a year is called.
    """
    head = tuple(_cell(label, "col") for label in ("年份", "数量", "比上年增减", "增减幅度", "说明"))
    bodies = tuple(tuple(_lines(each, named)) for each in found)
    return Grid(caption=caption, head=(head,), bodies=bodies, widths=(22, 14, 15, 16, 33))


def origins(caption: str, found: Iterable[Series], reports: Mapping[int, AnnualReport]) -> Grid:
    """Return which cells each concept was taken from in which years, and why a form has it not."""
    rows = [row for each in found for row in _origins(each, reports)]
    return words(caption, ("项目", "年份", "表中的指标", "说明"), rows, (15, 22, 34, 29))


def words(caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], widths: tuple[int, ...]) -> Grid:
    """Return a table of words; a heading that is the same as in the row above stands once."""
    body: list[Cells] = []
    for index, (first, *rest) in enumerate(rows):
        below = next((number for number, row in enumerate(rows[index:]) if row[0] != first), len(rows) - index)
        above = index > 0 and rows[index - 1][0] == first
        heading = () if above else (_cell(first, "row" if below == 1 else "rowgroup", rowspan=below),)
        body.append((*heading, *(_cell(text) for text in rest)))
    return Grid(caption=caption, head=(tuple(_cell(label, "col") for label in head),), bodies=(tuple(body),), widths=widths)


def _lines(followed: Series, named: Callable[[int], str]) -> Iterator[Cells]:
    """Yield the rows of one concept: its name, then a row a year, years without a number that follow each other in one."""
    yield (_cell(f"{followed.concept.label}（{followed.concept.unit}）", "rowgroup", colspan=5),)
    gaps = {years[0]: (why, years) for why, years in blanks(followed.points)}
    changed = {after.year: number for number, (_before, after) in enumerate(followed.breaks)}
    for point in followed.points:
        note = f"{sign(changed[point.year])}口径有变" if point.year in changed else ""
        if point.given and point.value:
            told = note or point.apart
            values = (_figure(point.value), _figure(point.change), _figure(point.rate))
            yield (_cell(named(point.year), "row"), *values, _cell(f"{told}，不作比较" if told else ""))
        elif point.year in gaps:
            why, years = gaps[point.year]
            name = spans(years) if len(years) > 1 else named(point.year)
            yield (_cell(name, "row"), *[_figure(None)] * 3, _cell("，".join(filter(None, (why, note)))))


def _origins(followed: Series, reports: Mapping[int, AnnualReport]) -> Iterator[tuple[str, ...]]:
    found: dict[tuple[str, str], list[int]] = {}
    for point in followed.points:
        if point.year in reports:
            absent = followed.concept.absent.get(reports[point.year].form.id, "")
            key = (point.quoted or NO_CELL, point.definition.note if point.definition else absent)
            found.setdefault(key, []).append(point.year)
    for (quoted, note), years in found.items():
        yield followed.concept.label, spans(years), quoted, note


def _figure(figure: Figure | None) -> GridCell:
    shown = Text(_NONE) if figure is None else datum(figure, bare=True)
    return GridCell(children=(shown,), numeric=True)


def _cell(text: str, header: str = "", *, colspan: int = 1, rowspan: int = 1) -> GridCell:
    return GridCell(children=(Text(text),), header=header, colspan=colspan, rowspan=rowspan)
