"""
Parts of a sentence against the whole it names: whether what is printed adds up.

Only the printed numbers are added; the table says which of them are parts of which, and whether any part was left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from .counts import NO_ROW
from .naming import divides
from .thread import PART

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .targets import Board
    from .thread import Binding

_LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A whole, the parts told after it, and why they do not add up; the whole is the first of `bindings`."""

    bindings: tuple[Binding, ...]
    sentence: str


def shortfalls(bindings: Sequence[Binding], board: Board) -> Iterator[Shortfall]:
    """Yield the wholes of one line whose printed parts do not add up to them."""
    counts = [each for each in bindings if not each.mention.is_percentage and each.mention.bounds is None and each.base is None]
    for index, whole in enumerate(counts):
        if whole.target is not None:
            yield from _of_table(whole, counts[index + 1 :], board)
            yield from _of_columns(whole, counts[index + 1 :], board)
        elif whole.reason == NO_ROW:
            yield from _of_words(whole, counts[index + 1 :])


def _of_table(whole: Binding, following: Sequence[Binding], board: Board) -> Iterator[Shortfall]:
    """Hold a whole against its parts in the table, where all that are not zero have been told."""
    assert whole.target is not None
    wanted = {row: board.target(row, whole.target.columns) for row in board.report.form.parts(whole.target.row)}
    told: dict[str, Binding] = {}
    for each in following:
        if each.target and each.target.row == whole.target.row:
            break
        if each.target and each.target.row in wanted and each.target.columns == whole.target.columns:
            told.setdefault(each.target.row, each)
    missing = [target for row, target in wanted.items() if row not in told and target.value != 0]
    if len(told) >= _LEAST and not missing:
        yield from _compared(whole, list(told.values()), exact=True)


def _of_columns(whole: Binding, following: Sequence[Binding], board: Board) -> Iterator[Shortfall]:
    """Hold a row's total against the columns that divide it, where all of them have been told."""
    assert whole.target is not None
    if not divides(board.report.form.table_of(whole.target.row)):
        return
    told: list[Binding] = []
    for each in following:
        if each.target is None or each.target.row != whole.target.row or each.target.columns == whole.target.columns:
            break
        told.append(each)
    columns = [column for each in told if each.target for column in each.target.columns]
    rest = set(board.columns_of(whole.target.row)) - set(whole.target.columns)
    if len(told) >= _LEAST and set(columns) == rest and len(columns) == len(rest):
        yield from _compared(whole, told, exact=True)


def _of_words(whole: Binding, following: Sequence[Binding]) -> Iterator[Shortfall]:
    """Hold a whole that no row is, against the parts of its own sentence: they may be fewer, but not more."""
    same = [each for each in following if each.clause.sentence == whole.clause.sentence and each.mention.unit == whole.mention.unit]
    opened = bool(same) and PART in same[0].words and sum(PART in each.words for each in same) == 1
    if opened and len(same) >= _LEAST and all(each.reason == NO_ROW for each in same):
        yield from _compared(whole, same, exact=False)


def _compared(whole: Binding, parts: list[Binding], *, exact: bool) -> Iterator[Shortfall]:
    total = sum((each.mention.value for each in parts), Fraction())
    if total == whole.mention.value or (not exact and total < whole.mention.value):
        return
    written = "＋".join(each.mention.text for each in parts)
    sentence = f"{written}合计{_plain(total)}，与所述总数{whole.mention.text}不等。"
    yield Shortfall(bindings=(whole, *parts), sentence=sentence)


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(value)
