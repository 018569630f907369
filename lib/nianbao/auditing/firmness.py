"""
Whether a text can be held to the reading of a number: not where words or sums around it say that it may be another quantity.

In doubt a number is left alone; agreement still confirms it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .naming import canonical

if TYPE_CHECKING:
    from fractions import Fraction

    from .targets import Board, Target
    from .thread import Binding

_INCLUDING = re.compile(r"\s*[(,]?\s*(?:其中)?(?:含|包括|包含|不含|不包括)")
# So many characters at the end of two labels make their rows two of a kind: 本年新收…申请数量, 上年结转…申请数量.
_KIN = 4


def is_qualified(after: str, idle: re.Pattern[str]) -> bool:
    """Tell whether what follows a number takes it for something more (含上年结转) or of something else (的乡镇街道)."""
    describes = after.startswith("的") and bool(idle.sub("", canonical(after)))
    return describes or bool(_INCLUDING.match(after))


def is_joint(value: Fraction, target: Target, board: Board) -> bool:
    """Tell whether *value* is that of *target* and a row of its kind together: new requests with those carried in."""
    form = board.report.form
    if form.rows[target.row].parent:
        return False
    own = canonical(form.rows[target.row].label)
    kin = [row for row in form.rows.values() if row.id != target.row and canonical(row.label)[-_KIN:] == own[-_KIN:]]
    others = [board.target(row.id, target.columns) for row in kin if form.table_of(row.id) is form.table_of(target.row)]
    return any(other.value and target.value is not None and value == target.value + other.value for other in others)


def goes_on(target: Target, last: Binding | None, board: Board) -> bool:
    """Tell whether *target* goes on with the columns of the row told before: 自然人38件、法人或其他组织4件."""
    if last is None or last.target is None or last.target.row != target.row:
        return False
    return last.target.columns not in {target.columns, board.target(target.row).columns}
