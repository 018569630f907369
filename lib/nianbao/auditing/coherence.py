"""
What does not hold together in a published text: parts and their whole, a number and the cell, base or unit it was taken from.

Only printed numbers are added; the table says which of them are parts of which, and whether any part was left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.auditing.claims import CONTRADICTED, fitting_base
from nianbao.auditing.language import Defect
from nianbao.indicators import frozen
from nianbao.indicators.errors import listed
from nianbao.reading.binding import NO_ROW
from nianbao.reading.context import PART
from nianbao.reading.names import Board, agrees, divides
from nianbao.reading.numbers import CHANGE, SCALES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nianbao.auditing.claims import Claim, Judged, Passage
    from nianbao.indicators.figures import Figures
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Strings
    from nianbao.reading.context import Binding, Bindings


_LEAST = 2


@frozen
class Shortfall:
    """A whole, the parts told after it, and why they do not add up; the whole is the first of `bindings`."""

    bindings: tuple[Binding, ...]
    sentence: str


def shortfalls(bindings: Bindings, board: Board) -> Iterator[Shortfall]:
    """Yield the wholes of one line whose printed parts do not add up to them."""
    counts = [each for each in bindings if not each.mention.is_percentage and each.mention.bounds is None and each.base is None]
    for number, whole in enumerate(counts, 1):
        following = counts[number:]
        if whole.target is not None:
            yield from _of_table(whole, following, board)
            yield from _of_columns(whole, following, board)
        elif whole.reason == NO_ROW:
            yield from _of_words(whole, following)


def _of_table(whole: Binding, following: Bindings, board: Board) -> Iterator[Shortfall]:
    """Hold a whole against its parts in the table, where all that are not zero have been told."""
    own = whole.target
    assert own
    wanted = {row: board.target(row, own.columns) for row in board.form.parts(own.row)}
    told: dict[str, Binding] = {}
    for each in following:
        target = each.target
        if target and target.row == own.row:
            break
        if target and target.row in wanted and target.columns == own.columns:
            told.setdefault(target.row, each)
    missing = [target for row, target in wanted.items() if row not in told and target.value != 0]
    if len(told) >= _LEAST and not missing:
        yield from _compared(whole, list(told.values()), exact=True)


def _of_columns(whole: Binding, following: Bindings, board: Board) -> Iterator[Shortfall]:
    """Hold a row's total against the columns that divide it, where all of them have been told."""
    own = whole.target
    assert own
    if not divides(board.form.table_of(own.row)):
        return
    told: list[Binding] = []
    columns: list[str] = []
    for each in following:
        target = each.target
        if target is None or target.row != own.row or target.columns == own.columns:
            break
        told.append(each)
        columns += target.columns
    rest = set(board.columns_of(own.row)) - set(own.columns)
    if len(told) >= _LEAST and set(columns) == rest and len(columns) == len(rest):
        yield from _compared(whole, told, exact=True)


def _of_words(whole: Binding, following: Bindings) -> Iterator[Shortfall]:
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


CODES = {
    "E05": "数取自别的单元格",
    "E06": "合计只取了第一个分项",
    "E07": "各部分之和与总数不符",
    "E08": "文字与表矛盾",
    "E09": "比例的基数不符",
    "E11": "单位有误",
    "E12": "同一项有两个数",
    "E23": "百分比与百分点混用",
    "E26": "同段百分比小数位数不一",
}

_RATE = re.compile(r"率(?:为|是|达到?)?$")
_CARRIED = re.compile(r"，?(?:同比|环比|[较比](?:上年|去年|上一年)(?:同期)?)?(?:提高|上升|下降|降低|提升|回落)了?约?")
_POINTS = re.compile(r"(?:率|比例|比重|占比)[^,。;；]*(?:提高|上升|下降|降低|提升|增加|增长|减少|回落|\+|-)了?约?\s*$")
_WHOLE_PERCENT = (Fraction(0), Fraction(100))


@frozen
class Issue(Defect):
    """
    One thing that does not hold together; its `code` is a key of `CODES`.

    Args:
        id: the code and the claim it is about, `E07.L47.1`.

        claims: the ids of the claims that take part.
    """

    id: str
    claims: Strings


def issues(passages: Sequence[Passage], report: AnnualReport, figures: Figures) -> Iterator[Issue]:
    """Yield what does not hold together in *passages*, in reading order."""
    board = Board(report, figures)
    found = [issue for passage in passages for issue in _of_passage(passage, board)]
    repeated = _two_values([each for passage in passages for each in passage.judged])
    yield from sorted((*found, *repeated), key=lambda issue: (issue.line, issue.start, issue.id))


def _of_passage(passage: Passage, board: Board) -> Iterator[Issue]:
    for shortfall in shortfalls([each.binding for each in passage.judged], board):
        claims = [each.claim for each in passage.judged if each.binding in shortfall.bindings]
        yield _issue("E07", claims, shortfall.sentence)
    for each in passage.judged:
        if each.claim.verdict == CONTRADICTED:
            yield from _wrong_cell(each, board)
            yield from _wrong_base(each, board)
        yield from _wrong_unit(each)
    yield from _points(passage.judged)
    yield from (_issue("E08", [claim], claim.reason) for claim in passage.statements if claim.verdict == CONTRADICTED)
    yield from _mixed_precision(passage.judged)


def _issue(code: str, claims: Sequence[Claim], sentence: str) -> Issue:
    first = claims[0]
    return Issue(
        id=f"{code}.{first.id}",
        code=code,
        line=first.line,
        start=first.start,
        end=claims[-1].end if claims[-1].line == first.line else first.end,
        clause=first.clause,
        sentence=sentence,
        claims=tuple(claim.id for claim in claims),
    )


def _wrong_cell(each: Judged, board: Board) -> Iterator[Issue]:
    target = each.binding.target
    if target is None or each.binding.base is not None:
        return
    near = next((near for near in board.near(target) if near.value and agrees(each.mention, near)), None)
    if near:
        first = board.form.rows[target.row].children[:1] == (near.row,)
        text = each.mention.text
        sentence = f"{target.label}公布为{text}，表中为{target.display}；{text}是{near.label}的数。"
        yield _issue("E06" if first else "E05", [each.claim], sentence)


def _wrong_base(each: Judged, board: Board) -> Iterator[Issue]:
    near, base = fitting_base(each.binding, board), each.binding.base
    if near and base:
        sentence = f"{each.mention.text}不是占{base.label}的比例，而与占{near.label}的比例相同，基数不符。"
        yield _issue("E09", [each.claim], sentence)


def _wrong_unit(each: Judged) -> Iterator[Issue]:
    target = each.binding.target
    if target is None or target.value is None or each.binding.base is not None:
        return
    slip = _scale_slip(each.mention.value, target.value) if each.claim.verdict == CONTRADICTED else ""
    if each.binding.cross_unit:
        slip = "单位不符"
    if slip:
        yield _issue("E11", [each.claim], f"{target.label}在表中为{target.display}，公布为{each.mention.text}，{slip}。")


def _scale_slip(printed: Fraction, value: Fraction) -> str:
    for name in ("万", "亿") if value else ():
        if printed == value * SCALES[name]:
            return f"多了一个“{name}”"
        if printed * SCALES[name] == value:
            return f"少了一个“{name}”"
    return ""


def _points(judged: Sequence[Judged]) -> Iterator[Issue]:
    before = ""
    for each in judged:
        words = each.binding.words
        said = before + words if _CARRIED.fullmatch(words) else words
        if each.mention.is_percentage and _POINTS.search(said):
            yield _issue("E23", [each.claim], f"比例的升降应以百分点表示，公布为{each.claim.text}。")
        before = words if each.mention.is_percentage and _RATE.search(words) else ""


def _two_values(judged: Iterable[Judged]) -> Iterator[Issue]:
    """Yield one issue for each claim that an earlier one of the same quantity differs from, against the first that does."""
    told: defaultdict[tuple[str, str, str], dict[tuple[Fraction, Fraction], Judged]] = defaultdict(dict)
    for other in judged:
        if not other.binding.figure or not other.binding.firm or other.mention.bounds is not None:
            continue
        before = told[_quantity_key(other)]
        one = next((each for each in before.values() if _differ(each, other)), None)
        if one is not None:
            where = f"第{one.claim.line}行为{one.claim.text}，第{other.claim.line}行为{other.claim.text}"
            yield _issue("E12", [other.claim, one.claim], f"同一项有两个数：{where}。")
        before.setdefault((other.mention.value, other.mention.place), other)


def _quantity_key(each: Judged) -> tuple[str, str, str]:
    base = each.binding.base
    return (each.claim.kind, each.binding.figure, base.figure if base else "")


def _differ(one: Judged, other: Judged) -> bool:
    """Tell whether two printed values of one quantity cannot both be roundings of it."""
    places = {one.mention.place, other.mention.place}
    return abs(one.mention.value - other.mention.value) > (max(places) if len(places) > 1 else 0)


def _mixed_precision(judged: Sequence[Judged]) -> Iterator[Issue]:
    shares = [each for each in judged if _is_plain_share(each.binding)]
    places = sorted({each.mention.places for each in shares})
    if len(places) > 1:
        odd = [each.claim for each in shares if each.mention.places != places[-1]]
        texts = listed(claim.text for claim in odd)
        yield _issue("E26", odd, f"同段百分比有的保留{places[-1]}位小数，有的不是：{texts}。")


def _is_plain_share(binding: Binding) -> bool:
    """Tell whether a percentage is one whose decimals can be compared: exact, no change, and not all or nothing."""
    mention = binding.mention
    return mention.is_percentage and not mention.approx and mention.value not in _WHOLE_PERCENT and binding.reason != CHANGE
