"""A row of numbers over years as a drawing the size of a word, with the same in words: SVG that needs no script and no library."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

WIDTH, HEIGHT = 120, 32
_MARGIN = 3


def svg(points: Sequence[tuple[int, Fraction, int]], words: str) -> str:
    """
    Return *points* as a drawing.

    Args:
        points: (year, value, run), in order of the years; a line joins only points of one run.

        words: what a reader who does not see it is told.
    """
    years = [year for year, _value, _run in points]
    values = [value for _year, value, _run in points]
    across, up = max(years) - min(years) or 1, max(values) - min(values) or 1
    placed = [
        (
            _MARGIN + (WIDTH - 2 * _MARGIN) * (year - years[0]) / across,
            # The one length that is drawn, not read: a float will do.
            HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * float((value - min(values)) / up),
            run,
        )
        for year, value, run in points
    ]
    path = "".join(_run([(x, y) for x, y, _run in run]) for _number, run in groupby(placed, key=lambda point: point[2]))
    name = escape(words)
    return f'<svg class="line" role="img" aria-label="{name}" viewBox="0 0 {WIDTH} {HEIGHT}"><title>{name}</title><path d="{path}"/></svg>'


def _run(points: Sequence[tuple[float, float]]) -> str:
    """Return the points of one run as a line; a single one as a stroke as short as it is wide, which its round ends make a dot."""
    first, *rest = (f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{first}" + ("L" + "L".join(rest) if rest else "h.01")
