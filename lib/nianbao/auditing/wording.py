"""
The one sentence that says why: the cells with their values, the arithmetic, and the convention, in words an official uses.

Only words; every number in them was computed elsewhere.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.rounding import rounded

from . import conventions as con
from .columns import title
from .conventions import agrees
from .naming import divides
from .targets import ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .targets import Board, Target
    from .thread import Binding

_SHOWN_PLACES = 4


def unbound(binding: Binding, board: Board) -> str:
    """Say why a number is held against nothing, and what comes nearest."""
    reason = binding.reason or "表中没有这一项，无从核对"
    near = binding.near
    if near is None or near.value is None:
        return f"{reason}。"
    others = (
        [] if divides(board.report.form.table_of(near.row)) else [each for each in board.others(near) if each.value is not None]
    )
    cited = "，".join([near.cited, *(f"{title(each)}为{each.display}" for each in others)])
    return f"{reason}；最接近的是{cited}，口径是否相同须另行核实。"


def no_ratio(binding: Binding) -> str:
    """Say why a ratio has no value."""
    assert binding.target is not None
    assert binding.base is not None
    return f"{binding.target.cited}，{binding.base.cited}，比例无定义，无从核对。"


def count(binding: Binding, target: Target, ways: tuple[str, ...], board: Board, *, firm: bool) -> str:
    """Say how a count and its cell compare."""
    text = binding.mention.text
    if ways:
        kind = {con.EXACT: "与表一致", con.BOUND: "表中数在其范围之内"}.get(ways[0], f"由表中数{ways[0]}到最后一位得出")
        note = f"；{binding.note}" if binding.note else ""
        return f"{target.cited}，公布为{text}，{kind}{note}。"
    if not firm:
        return f"表中最接近的{target.cited}，与公布的{text}不同，但所指是否为同一项不能确定。"
    return f"{target.cited}，公布为{text}，不一致{_gap(binding, target)}{_elsewhere(binding, target, board)}。"


def percentage(binding: Binding, mine: con.Part, ways: tuple[str, ...], others: Sequence[Binding], board: Board) -> str:
    """Say how a percentage follows from its cells, or does not."""
    assert binding.target is not None
    assert binding.base is not None
    part, whole = binding.target, binding.base
    sum_ = f"{_name(part, board)}{part.quantity.exact}÷{_name(whole, board)}{whole.quantity.exact}={_digits(mine.exact)}%"
    rounded_to = percent(mine.exact, mine.places)
    text = binding.mention.text
    if con.PLAIN & set(ways):
        return f"{sum_}，{_plain(ways, rounded_to)}，与公布的{text}一致。"
    head = f"{sum_}，四舍五入为{rounded_to}，公布为{text}"
    if ways:
        return f"{head}；{_explained(ways, mine, others)}。"
    if not binding.firm:
        return f"{head}，但所指是否为这一比例不能确定。"
    return f"{head}，不一致，也不合截尾、倒减等常见做法{_other_base(binding, mine, board)}。"


def percent(exact: Fraction, places: int) -> str:
    """Print *exact*, in hundredths, rounded half up."""
    return f"{rounded(exact, places, 'half-up'):f}%"


def _plain(ways: tuple[str, ...], rounded_to: str) -> str:
    return "在其范围之内" if con.BOUND in ways else f"四舍五入为{rounded_to}"


def _digits(exact: Fraction) -> str:
    """Print *exact* with enough digits to see how it was rounded; … where more follow."""
    cut = rounded(exact, _SHOWN_PLACES, "truncate")
    if Fraction(cut) == exact:
        text = f"{cut:f}"
        return text.rstrip("0").rstrip(".")
    return f"{cut:f}…"


def _explained(ways: tuple[str, ...], mine: con.Part, others: Sequence[Binding]) -> str:
    parts = []
    if con.TRUNCATED in ways:
        parts.append(f"与截去第{mine.places + 1}位小数起的尾数的结果一致" if mine.places else "与截去小数的结果一致")
    if con.RESIDUAL in ways:
        rest = "、".join(each.mention.text for each in others)
        parts.append(f"与100%减去{rest}的结果一致")
    if con.LARGEST_REMAINDER in ways:
        parts.append("与使各项之和为100%的最大余数法的结果一致")
    return "；".join(parts)


def _gap(binding: Binding, target: Target) -> str:
    mention = binding.mention
    if mention.bounds is not None or target.value is None:
        return ""
    difference = mention.value - target.value
    shown = abs(difference)
    digits = str(shown.numerator) if shown.denominator == 1 else f"{rounded(shown, 2, 'half-up'):f}"
    return f"，{'多' if difference > 0 else '少'}{digits}{target.unit}"


def _elsewhere(binding: Binding, target: Target, board: Board) -> str:
    """Name the cell whose value the printed number has, where there is one near."""
    for near in (*board.others(target), *board.relatives(target)):
        if agrees(binding.mention, near):
            return f"；公布数与{near.label}相同，可能取错了单元格"
    return ""


def _other_base(binding: Binding, mine: con.Part, board: Board) -> str:
    target, base = binding.target, binding.base
    assert target is not None
    assert base is not None
    for near in board.relatives(base):
        share = ratio(target, near)
        if share is not None and near.row != target.row:
            part = con.Part(exact=share, printed=mine.printed, places=mine.places)
            if con.own(part):
                return f"；若以{near.label}{near.quantity.exact}为基数则相符"
    return ""


def _name(target: Target, board: Board) -> str:
    return board.report.form.rows[target.row].name
