"""
What does not hold together across the claims of a text, each with its code from the catalogue of errors.

A claim is judged alone elsewhere; here sums, repeated quantities, neighbouring cells, units and precision are looked at. The
codes are those of the project's domain notes, section 3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from . import amounts, scope, sums
from . import conventions as con
from .claims import CONTRADICTED, part
from .conventions import agrees
from .targets import Board, ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nianbao.figures import Figures
    from nianbao.report import AnnualReport

    from .claims import Claim, Judged
    from .reading import Passage
    from .targets import Target
    from .thread import Binding

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """
    One thing that does not hold together.

    Args:
        id: the code and the claim it is about, `E07.L47.1`; `code` is a key of `CODES`.

        start, end: columns of the line, from 0.

        sentence: one sentence in Chinese; `claims`, the ids of the claims that take part.
    """

    id: str
    code: str
    line: int
    start: int
    end: int
    clause: str
    sentence: str
    claims: tuple[str, ...]


def issues(passages: Sequence[Passage], report: AnnualReport, figures: Figures) -> Iterator[Issue]:
    """Yield what does not hold together in *passages*, in reading order."""
    board = Board(report, figures)
    found = [issue for passage in passages for issue in _of_passage(passage, board)]
    repeated = _two_values([each for passage in passages for each in passage.judged])
    yield from sorted((*found, *repeated), key=lambda issue: (issue.line, issue.start, issue.id))


def _of_passage(passage: Passage, board: Board) -> Iterator[Issue]:
    for shortfall in sums.shortfalls([each.binding for each in passage.judged], board):
        claims = [each.claim for each in passage.judged if each.binding in shortfall.bindings]
        yield _issue("E07", claims, shortfall.sentence)
    for each in passage.judged:
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
    target, mention = each.binding.target, each.binding.mention
    if each.claim.verdict != CONTRADICTED or target is None or each.binding.base is not None:
        return
    for near in (*board.others(target), *board.relatives(target)):
        if near.value and agrees(mention, near):
            first = board.report.form.rows[target.row].children[:1] == (near.row,)
            sentence = f"{target.label}公布为{mention.text}，表中为{target.display}；{mention.text}是{near.label}的数。"
            yield _issue("E06" if first else "E05", [each.claim], sentence)
            return


def _wrong_base(each: Judged, board: Board) -> Iterator[Issue]:
    binding, mine = each.binding, part(each.binding)
    if each.claim.verdict != CONTRADICTED or mine is None or binding.target is None or binding.base is None:
        return
    for near in board.relatives(binding.base):
        share = ratio(binding.target, near)
        if near.row != binding.target.row and share is not None and con.own(replace(mine, exact=share)):
            sentence = f"{binding.mention.text}不是占{binding.base.label}的比例，而与占{near.label}的比例相同，基数不符。"
            yield _issue("E09", [each.claim], sentence)
            return


def _wrong_unit(each: Judged) -> Iterator[Issue]:
    target, mention = each.binding.target, each.binding.mention
    if target is None or target.value is None or each.binding.base is not None:
        return
    if each.binding.cross_unit:
        yield _issue("E11", [each.claim], f"{target.label}在表中为{target.display}，公布为{mention.text}，单位不符。")
    elif each.claim.verdict == CONTRADICTED and (slip := _scale_slip(mention.value, target)):
        yield _issue("E11", [each.claim], f"{target.label}在表中为{target.display}，公布为{mention.text}，{slip}。")


def _scale_slip(value: Fraction, target: Target) -> str:
    assert target.value is not None
    for name in ("万", "亿"):
        if target.value and value == target.value * amounts.SCALES[name]:
            return f"多了一个“{name}”"
        if target.value and value * amounts.SCALES[name] == target.value:
            return f"少了一个“{name}”"
    return ""


def _points(judged: Sequence[Judged]) -> Iterator[Issue]:
    before = ""
    for each in judged:
        words = each.binding.words
        said = before + words if _CARRIED.fullmatch(words) else words
        if each.binding.mention.is_percentage and _POINTS.search(said):
            yield _issue("E23", [each.claim], f"比例的升降应以百分点表示，公布为{each.claim.text}。")
        before = words if each.binding.mention.is_percentage and _RATE.search(words) else ""


def _two_values(judged: Iterable[Judged]) -> Iterator[Issue]:
    """Yield one issue for each claim that an earlier one of the same quantity differs from, against the first that does."""
    counts = [each for each in judged if each.binding.figure and each.binding.firm and each.binding.mention.bounds is None]
    key = _quantity_key
    for _key, group in groupby(sorted(counts, key=key), key=key):
        told: dict[tuple[Fraction, Fraction], Judged] = {}
        for other in group:
            one = next((each for each in told.values() if _differ(each, other)), None)
            if one is not None:
                where = f"第{one.claim.line}行为{one.claim.text}，第{other.claim.line}行为{other.claim.text}"
                yield _issue("E12", [other.claim, one.claim], f"同一项有两个数：{where}。")
            told.setdefault((other.binding.mention.value, other.binding.mention.place), other)


def _quantity_key(each: Judged) -> tuple[str, str, str]:
    base = each.binding.base
    return (each.claim.kind, each.binding.figure, base.figure if base else "")


def _differ(one: Judged, other: Judged) -> bool:
    """Tell whether two printed values of one quantity cannot both be roundings of it."""
    place = max(one.binding.mention.place, other.binding.mention.place)
    gap = abs(one.binding.mention.value - other.binding.mention.value)
    coarse = one.binding.mention.place != other.binding.mention.place
    return gap > (place if coarse else 0)


def _mixed_precision(judged: Sequence[Judged]) -> Iterator[Issue]:
    shares = [each for each in judged if _is_plain_share(each.binding)]
    places = sorted({each.binding.mention.places for each in shares})
    if len(places) > 1:
        odd = [each.claim for each in shares if each.binding.mention.places != places[-1]]
        texts = "、".join(claim.text for claim in odd)
        yield _issue("E26", odd, f"同段百分比有的保留{places[-1]}位小数，有的不是：{texts}。")


def _is_plain_share(binding: Binding) -> bool:
    """Tell whether a percentage is one whose decimals can be compared: exact, no change, and not all or nothing."""
    mention = binding.mention
    return mention.is_percentage and not mention.approx and mention.value not in _WHOLE_PERCENT and binding.reason != scope.CHANGE
