"""
A number of the text as a claim, and what the table says to it.

The verdict follows from the binding and from arithmetic alone; its reason is one sentence that can be checked by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import conventions as con
from . import wording
from .targets import ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .mentions import Mention
    from .targets import Board, Target
    from .thread import Binding

CONFIRMED, EXPLAINED, CONTRADICTED, NOT_CHECKABLE = VERDICTS = ("confirmed", "explained", "contradicted", "not-checkable")
COUNT, PERCENTAGE, CHANGE, STATEMENT = KINDS = ("count", "percentage", "change", "statement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    Something that the text states and the table may know.

    Args:
        id: line and order in it, `L33.4`.

        kind: `count`, `percentage`, `change` (百分点) or `statement` (words without a number).

        start, end: columns of the line, from 0; `clause` is what stands around.

        figure: the id of the figure it is held against; `base`, of a ratio's denominator.

        expected: what the table gives, at the precision of the text; `exact`, without loss.

        conventions: the ways in which the printed number can come from the exact one.

        reason: one sentence in Chinese.
    """

    id: str
    kind: str
    line: int
    start: int
    end: int
    clause: str
    text: str
    figure: str | None
    base: str | None
    expected: str
    exact: str
    verdict: str
    conventions: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A claim with the binding it was judged by."""

    claim: Claim
    binding: Binding


def judge(bindings: Sequence[Binding], board: Board) -> tuple[Judged, ...]:
    """Judge *bindings*, all of one line in their order."""
    shown = [each for each in bindings if _is_shown(each)]
    return tuple(
        Judged(claim=_claim(binding, f"L{binding.mention.line}.{order}", bindings, board), binding=binding)
        for order, binding in enumerate(shown, 1)
    )


def enumeration(binding: Binding, bindings: Iterable[Binding], board: Board) -> list[Binding]:
    """
    Return the other percentages of the line that are parts of the same whole, each row once.

    One that is told as a share of another whole, and is none, counts as a part of this one.
    """
    found: list[Binding] = []
    taken = {binding.target.row} if binding.target else set()
    for each in bindings:
        if each is binding or not each.mention.is_percentage or each.target is None or each.target.row in taken:
            continue
        if _same_whole(binding, each, board):
            taken.add(each.target.row)
            found.append(replace(each, base=binding.base))
    return found


def part(binding: Binding) -> con.Part | None:
    """Return *binding* as a part of an enumeration, or None where the table gives no ratio."""
    if binding.target is None or binding.base is None:
        return None
    exact = ratio(binding.target, binding.base)
    mention = binding.mention
    return None if exact is None else con.Part(exact=exact, printed=mention.decimal, places=mention.places)


def _is_shown(binding: Binding) -> bool:
    """Tell whether a number is worth a verdict; a Chinese numeral only where it is bound or approximate."""
    mention = binding.mention
    return not mention.chinese or binding.target is not None or bool(mention.approx) or mention.is_percentage


def _same_whole(one: Binding, other: Binding, board: Board) -> bool:
    if one.base is None or other.base is None or other.target is None or one.target is None:
        return False
    if one.target.columns != other.target.columns:
        return False
    told = part(other)
    strayed = board.report.form.rows[other.target.row].parent == one.base.row and told is not None and not con.own(told)
    return one.base.figure == other.base.figure or strayed


def _claim(binding: Binding, claim_id: str, bindings: Sequence[Binding], board: Board) -> Claim:
    mention = binding.mention
    claim = Claim(
        id=claim_id,
        kind=_kind(mention),
        line=mention.line,
        start=mention.start,
        end=mention.end,
        clause=binding.clause.text,
        text=mention.text,
        figure=binding.figure or None,
        base=binding.base.figure if binding.base else None,
        expected="",
        exact="",
        verdict=NOT_CHECKABLE,
        conventions=(),
        reason="",
    )
    if binding.target is None:
        return replace(claim, reason=wording.unbound(binding, board))
    return _of_ratio(claim, binding, bindings, board) if binding.base else _of_count(claim, binding, binding.target, board)


def _kind(mention: Mention) -> str:
    if mention.is_percentage:
        return PERCENTAGE
    return CHANGE if mention.unit == "百分点" else COUNT


def _of_count(claim: Claim, binding: Binding, target: Target, board: Board) -> Claim:
    if target.value is None:
        return replace(claim, reason=f"{target.label}在表中{target.display}，无从核对。")
    ways = con.of_count(binding.mention, target.value)
    claim = replace(claim, expected=target.display, exact=target.quantity.exact or "", conventions=ways)
    verdict = _verdict(ways, firm=binding.firm)
    return replace(claim, verdict=verdict, reason=wording.count(binding, target, ways, board, firm=binding.firm))


def _of_ratio(claim: Claim, binding: Binding, bindings: Sequence[Binding], board: Board) -> Claim:
    mine = part(binding)
    if mine is None:
        return replace(claim, reason=wording.no_ratio(binding))
    others = _disjoint(binding, bindings, board)
    ways = _ways(binding, mine, others)
    expected = wording.percent(mine.exact, mine.places)
    reason = wording.percentage(binding, mine, ways, others, board)
    return replace(
        claim,
        expected=expected,
        exact=str(mine.exact / 100),
        conventions=ways,
        verdict=_verdict(ways, firm=binding.firm),
        reason=reason,
    )


def _disjoint(binding: Binding, bindings: Sequence[Binding], board: Board) -> list[Binding]:
    """Return the siblings that add up to the whole with *binding*; what is only contained in it (其中) has none."""
    rows = board.report.form.rows
    pool = [each for each in enumeration(binding, bindings, board) if each.target and not rows[each.target.row].subset]
    contained = binding.target is not None and rows[binding.target.row].subset
    return [] if contained else [each for each in pool if part(each) is not None]


def _ways(binding: Binding, mine: con.Part, others: list[Binding]) -> tuple[str, ...]:
    if binding.mention.bounds is not None:
        return (con.BOUND,) if binding.mention.bounds.admits(mine.exact) else ()
    closes = all(each.mention.start < binding.mention.start for each in others)
    return con.of_percentage(mine, [found for each in others if (found := part(each)) is not None], closes=closes)


def _verdict(ways: tuple[str, ...], *, firm: bool) -> str:
    if not ways:
        return CONTRADICTED if firm else NOT_CHECKABLE
    return CONFIRMED if con.PLAIN & set(ways) else EXPLAINED
