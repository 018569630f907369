"""
The tables and the sentences of a trend: values by year, the cells they were taken from, and what changed, in words.

Numbers are the figures of a `Series`; nothing is computed here.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from nianbao.indicators.errors import listed
from nianbao.indicators.series import NO_CELL, blanks, sign, spans
from nianbao.page import grid
from nianbao.page.blocks import Datum, GridCell, Text, datum
from nianbao.page.grid import cell, listing, ruled

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from fractions import Fraction

    from nianbao.indicators.figures import Figure
    from nianbao.indicators.report import AnnualReport, Key
    from nianbao.indicators.series import Point, Series
    from nianbao.indicators.values import Strings
    from nianbao.page.blocks import Grid, Inline
    from nianbao.page.grid import Content


_NONE = "—"


def by_year(caption: str, found: Iterable[Series], named: Callable[[int], str]) -> Grid:
    """
    Return the values of *found* by year, each with its change on the year before or why there is none.

    Args:
        named: what a year is called.
    """
    head = ("年份", "数量", "比上年增减", "增减幅度", "说明")
    return ruled(caption, head, [_lines(each, named) for each in found], (22, 14, 15, 16, 33))


def origins(caption: str, found: Iterable[Series], reports: Mapping[int, AnnualReport]) -> Grid:
    """Return which cells each concept was taken from in which years, and why a form has it not."""
    rows = [row for each in found for row in _origins(each, reports)]
    return words(caption, ("项目", "年份", "表中的指标", "说明"), rows, (15, 22, 34, 29))


def words(caption: str, head: Strings, rows: Sequence[Strings], widths: tuple[int, ...]) -> Grid:
    """Return a table of words; a heading that is the same as in the row above stands once."""
    body: list[tuple[Content, ...]] = []
    for heading, members in groupby(rows, key=itemgetter(0)):
        alike = list(members)
        spanning = cell(heading, "row" if len(alike) == 1 else "rowgroup", rowspan=len(alike))
        body.append((spanning, *alike[0][1:]))
        # Below a heading that spans them, rows begin with a cell that is no heading.
        body += [(cell(row[1]), *row[2:]) for row in alike[1:]]
    return listing(caption, head, body, widths)


def _lines(followed: Series, named: Callable[[int], str]) -> Iterator[tuple[Content, ...]]:
    """Yield the rows of one concept: its name, then a row a year, years without a number that follow each other in one."""
    yield (cell(f"{followed.concept.label}（{followed.concept.unit}）", "rowgroup", colspan=5),)
    gaps = {years[0]: (why, years) for why, years in blanks(followed.points)}
    changed = {after.year: number for number, (_before, after) in enumerate(followed.breaks)}
    for point in followed.points:
        note = f"{sign(changed[point.year])}口径有变" if point.year in changed else ""
        if point.given and point.value:
            told = note or point.apart
            values = map(_number, (point.value, point.change, point.rate))
            yield (named(point.year), *values, f"{told}，不作比较" if told else "")
        elif point.year in gaps:
            why, years = gaps[point.year]
            name = spans(years) if len(years) > 1 else named(point.year)
            yield (name, *[_number(None)] * 3, "，".join(filter(None, (why, note))))


def _origins(followed: Series, reports: Mapping[int, AnnualReport]) -> Iterator[Strings]:
    years: dict[Key, list[int]] = {}
    for point in followed.points:
        if point.year in reports:
            absent = followed.concept.absent.get(reports[point.year].form.id, "")
            origin = (point.quoted or NO_CELL, point.definition.note if point.definition else absent)
            years.setdefault(origin, []).append(point.year)
    for origin, counted in years.items():
        yield followed.concept.label, spans(counted), *origin


def _number(figure: Figure | None) -> GridCell:
    return GridCell(children=(Text(_NONE),), numeric=True) if figure is None else grid.number(figure)


# Sentences.

# A run of comparable years shorter than this has no greatest and least worth a sentence.
_RUN = 3


def sentence(followed: Series, reported: Container[int]) -> Iterator[Inline]:
    """
    Yield the last number of *followed* with its change, and the extremes of the years that compare with it.

    Args:
        reported: the years that have a report.
    """
    point = followed.given[-1]
    yield from _value(point, f"{point.year}年，{followed.concept.label}")
    yield from _moved(point)
    run = [each for each in followed.given if each.definition is point.definition]
    if len(run) >= _RUN:
        yield from _extremes(run)
    later = [each for each in followed.points if each.year > point.year and each.year in reported]
    for words, years in blanks(later):
        yield Text(f"；{spans(years)}{words}")
    yield Text("。")


def apart(found: Iterable[Series]) -> Iterator[str]:
    """Yield a sentence for the concepts of *found* whose last number was counted by another definition than the same years."""
    named: dict[tuple[int, str], list[str]] = {}
    for each in found:
        last = each.given[-1]
        if other := [point.year for point in each.given if point.definition is not last.definition]:
            named.setdefault((last.year, spans(other)), []).append(each.concept.label)
    for (year, others), names in named.items():
        yield f"{year}年的{listed(names)}，与{others}口径不同，不作比较。"


def notes(followed: Series) -> Iterator[str]:
    """Yield, for each change of definition, its number and what was counted before and after."""
    for number, (before, after) in enumerate(followed.breaks):
        yield f"{followed.concept.label}{sign(number)}：{_counted(before)}；{_counted(after)}。"


def _value(point: Point, words: str) -> Iterator[Inline]:
    assert point.value is not None
    if point.value.quantity.is_zero:
        yield Text(f"{words}为零")
    else:
        yield Text(f"{words}为")
        yield datum(point.value)


def _moved(point: Point) -> Iterator[Inline]:
    """Yield the change on the year before in words, or why there is none; the first year of all has nothing before it."""
    if point.change is None or point.rate is None:
        if point.apart:
            yield Text(f"，{point.apart}，不作比较")
    elif point.change.quantity.is_zero:
        yield Text("，与上年持平")
    else:
        up = point.change.quantity.fraction > 0
        yield Text("，比上年增加" if up else "，比上年减少")
        yield _unsigned(point.change)
        if point.rate.quantity.is_given:
            yield Text("，增长" if up else "，下降")
            yield _unsigned(point.rate)
        else:
            yield Text("（上年为零，增减幅度无定义）")


def _extremes(run: Sequence[Point]) -> Iterator[Inline]:
    """Yield in which of the years of *run*, which compare with each other, the concept was greatest and least."""
    by_value: dict[Fraction, list[Point]] = {}
    for point in run:
        assert point.value is not None
        by_value.setdefault(point.value.quantity.fraction, []).append(point)
    if len(by_value) == 1:
        yield Text("。同一口径的各年都相同")
        return
    for words, value in (("。同一口径的各年中，最多的是", max(by_value)), ("，最少的是", min(by_value))):
        points = by_value[value]
        yield from _value(points[0], f"{words}{spans([point.year for point in points])}，")


def _unsigned(figure: Figure) -> Datum:
    """Return a change without its sign, which the words beside it say."""
    return replace(datum(figure), text=figure.display.lstrip("+−"))


def _counted(point: Point) -> str:
    """Return what *point* was counted by: its cells as the form words them, and what is known of them."""
    note = f"（{point.definition.note}）" if point.definition and point.definition.note else ""
    return f"{point.year}年取{point.quoted}{note}"
