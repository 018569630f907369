"""
The formulas of a workbook as text, in the few functions that Excel, WPS and LibreOffice Calc all have.

A blank is no zero: a sum stays blank until every part is given, and a check waits. `-` is a text, which no formula here adds.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from nianbao.tablefile import letter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .layout import Position

AGREES, WAITS, NOT_APPLICABLE = "✓ 相符", "待填", "不适用"
# What every check says that fails, and every count of cells that still lack a number.
FAILS, LACKS, UNFILLED = "不符", "还缺", "还缺数"
NOTHING = "没有勾稽关系"
MORE, LESS = "左边多", "左边少"


def ranges(cells: Iterable[Position], sheet: str = "", *, fixed: bool = False) -> tuple[str, ...]:
    """
    Return *cells* as few ranges, each one column wide or one line tall.

    Args:
        sheet: where they stand, if it is another than the formula's.

        fixed: whether they stay the same wherever the formula is applied.
    """
    columns = _runs(sorted(cells, key=lambda at: (at.column, at.line)), along="line")
    single = [run[0] for run in columns if run[0] == run[-1]]
    lines = _runs(sorted(single), along="column")
    found = [run for run in columns if run[0] != run[-1]] + lines
    return tuple(prefix(sheet) + _range(run[0], run[-1], "$" if fixed else "") for run in sorted(found))


def total(parts: Sequence[str], count: int, places: int) -> str:
    """
    Return the sum of *count* cells in the ranges *parts*: blank until all are given, `-` where one of them is.

    Args:
        places: the decimals that a value has at most; a sum of binary fractions is rounded back to them.
    """
    listed = ",".join(parts)
    added = f"ROUND(SUM({listed}),{places})" if places else f"SUM({listed})"
    return f'=IF(COUNT({listed})={count},{added},IF(COUNT({listed})+{_dashes(parts)}={count},"-",""))'


def taken(cells: Sequence[str], count: int, places: int) -> str:
    """Return the one cell of *cells*, or the sum of all *count* of them, each of which holds a number."""
    if count == 1:
        return f"={cells[0]}"
    added = f"SUM({','.join(cells)})"
    return f"=ROUND({added},{places})" if places else f"={added}"


def percentage(over: str, under: str, *, scale: int, places: int, method: str) -> str:
    """
    Return the share of the cell *over* in the cell *under*, rounded by *method* to *places* decimals of a percentage.

    The quotient is taken of whole numbers, so that what lies exactly between two is seen to: shown with a format alone it would
    be a binary fraction beside it.

    Args:
        scale: the decimals that the two cells have at most.
    """
    over, under = (f"ROUND({each}*{10**scale},0)" if scale else each for each in (over, under))
    units = 10 ** (places + 2)
    ratio = f"{over}*{units}/{under}"
    even = f"IF({ratio}-INT({ratio})=0.5,2*ROUND({ratio}/2,0),ROUND({ratio},0))"
    rounded = {"half-up": f"ROUND({ratio},0)", "half-even": even, "truncate": f"TRUNC({ratio},0)"}
    return f"={rounded[method]}/{units}"


def check(rule: str, operator: str, sides: tuple[str, str], cells: Sequence[str], count: int, places: int) -> str:
    """
    Return what says whether `left operator right` holds.

    Args:
        sides: both as sums.

        cells: the ranges of the *count* cells in them.
    """
    # Whole numbers need no rounding, which would hide a fraction that was pasted in.
    gap = f"ROUND({sides[0]}-({sides[1]}),{places})" if places else f"({sides[0]}-({sides[1]}))"
    holds = {"==": "=", "<=": "<=", ">=": ">="}[operator]
    apart = f"FIXED(ABS({gap}),{places},TRUE)" if places else f"ABS({gap})"
    said = f'"{rule} {FAILS}："&IF({gap}>0,"{MORE}","{LESS}")&{apart}'
    listed = ",".join(cells)
    waits = f'IF({_dashes(cells)}>0,"{NOT_APPLICABLE}","{WAITS}")'
    return f'=IF(COUNT({listed})<{count},{waits},IF({gap}{holds}0,"{AGREES}",{said}))'


def lacking(cells: Sequence[str], count: int) -> str:
    """Return how many of *count* cells hold no number."""
    numbers = f"{count}-COUNT({','.join(cells)})"
    return f'=IF({numbers}=0,"{AGREES}","{LACKS}"&{numbers}&"格")'


def not_dashes(rule: str, cells: Sequence[str], count: int) -> str:
    """Return how many of *count* cells do not hold the `-` that the form wants there."""
    others = f"{count}-({_dashes(cells)})"
    return f'=IF({others}=0,"{AGREES}","{rule} {FAILS}："&{others}&"格应填“-”")'


def overview(cells: Sequence[str]) -> str:
    """Return how many of the checks in the ranges *cells* fail or lack something."""
    if not cells:
        return f'="{NOTHING}"'
    fails, lacks = failing(cells), _counted(cells, f"*{LACKS}*")
    also = f'IF({lacks}>0,"；{UNFILLED}","")'
    return f'=IF({fails}>0,({fails})&"处{FAILS}"&{also},IF({lacks}>0,"{UNFILLED}","{AGREES}"))'


def failing(cells: Sequence[str]) -> str:
    """Return the number of checks in the ranges *cells* that fail."""
    return _counted(cells, f"*{FAILS}*")


def prefix(sheet: str) -> str:
    """Return what stands before a cell of *sheet* in a formula on another."""
    return "'" + sheet.replace("'", "''") + "'!" if sheet else ""


def _dashes(cells: Sequence[str]) -> str:
    return _counted(cells, "-")


def _counted(cells: Sequence[str], wanted: str) -> str:
    return "+".join(f'COUNTIF({each},"{wanted}")' for each in cells)


def _runs(cells: Sequence[Position], *, along: str) -> list[list[Position]]:
    """Group *cells* into runs of neighbours in one column (*along* the line) or one line (along the column)."""
    across = "column" if along == "line" else "line"
    numbered = enumerate(cells)
    grouped = groupby(numbered, key=lambda pair: (getattr(pair[1], across), getattr(pair[1], along) - pair[0]))
    return [[at for _index, at in run] for _key, run in grouped]


def _range(first: Position, last: Position, mark: str) -> str:
    ends = [f"{mark}{letter(at.column)}{mark}{at.line + 1}" for at in ((first,) if first == last else (first, last))]
    return ":".join(ends)
