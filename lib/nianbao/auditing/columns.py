"""
Which column a count speaks of: the one that prose means, the cumulative one where 累计 is said, or the one where a stock agrees.

A flow is never looked for in another column unless the words leave it open: a number that is right only there is a wrong one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import scope
from .conventions import agrees
from .naming import divides

if TYPE_CHECKING:
    from .mentions import Mention
    from .targets import Board, Target

_CUMULATIVE = "累计"


def chosen(board: Board, mention: Mention, said: str, row: str, columns: tuple[str, ...] = ()) -> tuple[Target, str]:
    """
    Return the target of *row* in the column that the words ask for, and what to say about the choice.

    Args:
        said: the sentence up to the number.

        columns: those that the words named themselves.
    """
    target = board.target(row, columns)
    if columns or divides(board.report.form.table_of(row)):
        return target, ""
    others = board.others(target)
    standing = [each for each in others if _CUMULATIVE in each.label.rpartition("（")[2]]
    if scope.is_cumulative(said, board.report.year) and standing:
        target, others = standing[0], (target,)
    if agrees(mention, target):
        return target, _beside(board, target)
    open_to_both = board.report.form.rows[row].nature == "stock" or scope.is_standing(said)
    other = next((each for each in others if agrees(mention, each)), None)
    if other and open_to_both and target.value is not None:
        return other, f"取自{title(other)}一栏，{title(target)}一栏为{target.display}"
    return target, ""


def title(target: Target) -> str:
    """Return what the column of *target* is called."""
    return target.label.rpartition("（")[2].removesuffix("）")


def _beside(board: Board, target: Target) -> str:
    """Say which column a number is from where it is not the one that prose of its table means, and what stands there."""
    table = board.report.form.table_of(target.row)
    if target.columns == (table.narrative_column,):
        return ""
    usual = board.target(target.row, (table.narrative_column,))
    return f"取自{title(target)}一栏，{title(usual)}一栏为{usual.display}"
