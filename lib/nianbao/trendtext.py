"""
The sentences of a trend: the last number of a concept, how it moved, and what was counted before and after a change of definition.

Numbers are the figures of a `Series`; only words are made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .blocks import Datum, Text, datum
from .quantity import State
from .series import blanks, sign, spans

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from .blocks import Inline
    from .figures import Figure
    from .series import Point, Series

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
        yield f"{year}年的{'、'.join(names)}，与{others}口径不同，不作比较。"


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
        if point.rate.quantity.state is State.GIVEN:
            yield Text("，增长" if up else "，下降")
            yield _unsigned(point.rate)
        else:
            yield Text("（上年为零，增减幅度无定义）")


def _extremes(run: Sequence[Point]) -> Iterator[Inline]:
    """Yield in which of the years of *run*, which compare with each other, the concept was greatest and least."""
    read = [(point.value.quantity.fraction, point) for point in run if point.value]
    most, least = max(value for value, _point in read), min(value for value, _point in read)
    if most == least:
        yield Text("。同一口径的各年都相同")
        return
    for words, wanted in (("。同一口径的各年中，最多的是", most), ("，最少的是", least)):
        found = [point for value, point in read if value == wanted]
        yield from _value(found[0], f"{words}{spans([point.year for point in found])}，")


def _unsigned(figure: Figure) -> Datum:
    """Return a change without its sign, which the words beside it say."""
    return Datum(figure=figure.id, text=figure.display.lstrip("+−"), value=figure.quantity.exact, label=figure.label)


def _counted(point: Point) -> str:
    """Return what *point* was counted by: its cells as the form words them, and what is known of them."""
    note = f"（{point.definition.note}）" if point.definition and point.definition.note else ""
    return f"{point.year}年取{point.quoted}{note}"
