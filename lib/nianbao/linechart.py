"""
Charts of series over years: a small panel for each, drawn on a sheet of `charts`.

Every value is printed at its mark, so no scale is needed. A line joins two years only where they follow each other and count by one
definition; where the definition changes a dashed line stands with the number of its note, and the marks after it have another shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from . import charts, tables
from .blocks import Paragraph, Picture
from .series import blanks, sign, spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

    from .series import Point, Series

# Inches: a panel, what of it is drawn in, and the room beside it.
_HEIGHT, _DRAWN, _FOOT, _SIDE, _BETWEEN = 1.6, 0.72, 0.3, 0.12, 0.2
_SMALL = 8.0
# More years than this do not fit into half the width.
_MOST_IN_HALF = 8
_MARKERS = ("o", "s", "^", "D")
_INK, _GREY = charts.STYLES[0][0], "#595959"


def lines(series: Sequence[Series], caption: str) -> Picture | Paragraph:
    """Return a panel for each of *series* that has a number in some year."""
    drawn = [each for each in series if each.given]
    if not drawn:
        return charts.nothing(caption)
    with charts.same_everywhere():
        svg = _draw(drawn)
    alt = f"折线图：{caption}。" + "".join(f"{each.concept.label}：{'；'.join(_told(each))}。" for each in drawn)
    rows = [(f"{each.concept.label} {point.year}年", (point.value,)) for each in drawn for point in each.given if point.value]
    return Picture(caption=caption, svg=svg, alt=alt, data=tables.values(f"{caption}（数据）", ("项目", "数量"), rows, (70, 30)))


def _told(series: Series) -> Iterator[str]:
    """Yield what each year shows, and each change of definition where it comes."""
    breaks = {after.year: number for number, (_before, after) in enumerate(series.breaks)}
    gaps = {years[0]: f"{spans(years)}{words}" for words, years in blanks(series.points)}
    for point in series.points:
        changed = f"（{sign(breaks[point.year])}口径有变）" if point.year in breaks else ""
        if point.given and point.value:
            yield f"{point.year}年{point.value.display}{changed}"
        elif point.year in gaps:
            yield gaps[point.year] + changed


@dataclass(frozen=True, slots=True)
class _Panel:
    """Where one series is drawn: inches from the left and from the bottom of the sheet, and the width."""

    series: Series
    left: float
    bottom: float
    width: float

    @property
    def points(self) -> float:
        """The size of type in which the names of years stand beside each other."""
        return min(
            _SMALL, _SMALL * self.width / len(self.series.points) / charts.inches(f"{self.series.points[0].year}年 ", _SMALL)
        )

    def x(self, year: float) -> float:
        """Return where *year* stands."""
        points = self.series.points
        return self.left + self.width * (year - points[0].year + 0.5) / len(points)

    def y(self, point: Point) -> float:
        """Return how high the value of *point* stands."""
        return self.bottom + _FOOT + _DRAWN * float(_length(self.series, point))


def _length(series: Series, point: Point) -> Fraction:
    """Return the value of *point* as a part of the way from the least value, or nought, to the greatest."""
    read = [each.value.quantity.fraction for each in series.given if each.value]
    least, most = min(*read, Fraction()), max(*read, Fraction())
    assert point.value is not None
    return (point.value.quantity.fraction - least) / (most - least) if most > least else Fraction()


def _draw(drawn: Sequence[Series]) -> str:
    across = 2 if len(drawn[0].points) <= _MOST_IN_HALF and len(drawn) > 1 else 1
    down = -(-len(drawn) // across)
    canvas, font = charts.sheet(_HEIGHT * down)
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, charts.WIDTH)
    axes.set_ylim(0, _HEIGHT * down)
    width = (charts.WIDTH - 2 * _SIDE - _BETWEEN * (across - 1)) / across
    for number, series in enumerate(drawn):
        row, column = divmod(number, across)
        panel = _Panel(series, _SIDE + column * (width + _BETWEEN), _HEIGHT * (down - 1 - row), width)
        _draw_panel(axes, panel, font)
    return charts.written(canvas)


def _draw_panel(axes: Axes, panel: _Panel, font: FontProperties) -> None:
    small = font.copy()
    small.set_size(panel.points)
    series, floor = panel.series, panel.bottom + _FOOT
    concept = series.concept
    title = f"{concept.label}（{concept.unit}）"
    axes.text(panel.left, panel.bottom + _HEIGHT - 0.1, title, ha="left", va="top", font=font, parse_math=False)
    axes.plot((panel.left, panel.left + panel.width), (floor, floor), color="black", linewidth=0.8)
    _draw_breaks(axes, panel, small)
    _draw_blanks(axes, panel, small)
    _draw_lines(axes, panel)
    _draw_values(axes, panel, small)


def _draw_breaks(axes: Axes, panel: _Panel, font: FontProperties) -> None:
    top = panel.bottom + _FOOT + _DRAWN + 0.16
    for number, (before, after) in enumerate(panel.series.breaks):
        x = panel.x((before.year + after.year) / 2)
        axes.plot((x, x), (panel.bottom + _FOOT, top), color="#a40000", linewidth=0.9, linestyle=(0, (4, 3)))
        axes.text(x, top + 0.02, sign(number), ha="center", va="bottom", font=font, color="#a40000")


def _draw_blanks(axes: Axes, panel: _Panel, font: FontProperties) -> None:
    """Say why there is no number, beside a dashed line where one stands in the way."""
    crossed = [(before.year + after.year) / 2 for before, after in panel.series.breaks]
    for words, years in blanks(panel.series.points):
        middle = (years[0] + years[-1]) / 2
        room = panel.x(years[-1] + 1) - panel.x(years[0])
        written = words if charts.inches(words, panel.points) < room else "\n".join(words)
        x, side = (panel.x(middle) + 0.05, "left") if middle in crossed else (panel.x(middle), "center")
        axes.text(x, panel.bottom + _FOOT + 0.06, written, ha=side, va="bottom", font=font, color=_GREY)


def _draw_lines(axes: Axes, panel: _Panel) -> None:
    points = panel.series.points
    for one, other in pairwise(points):
        if one.given and other.given and one.definition is other.definition:
            axes.plot((panel.x(one.year), panel.x(other.year)), (panel.y(one), panel.y(other)), color=_INK, linewidth=1.4)
    known = list(panel.series.concept.definitions)
    for point in panel.series.given:
        assert point.definition is not None
        marker = _MARKERS[known.index(point.definition) % len(_MARKERS)]
        axes.plot((panel.x(point.year),), (panel.y(point),), marker=marker, color=_INK, markersize=4.2, linestyle="none")


def _draw_values(axes: Axes, panel: _Panel, font: FontProperties) -> None:
    """Name each year and print its value above its mark, in this order, in which a reader of the page gets them."""
    for point in panel.series.points:
        x = panel.x(point.year)
        axes.text(x, panel.bottom + _FOOT - 0.06, f"{point.year}年", ha="center", va="top", font=font)
        if point.given and point.value:
            half, low = charts.inches(point.value.number, panel.points) / 2, panel.y(point) + 0.06
            # Paper under the number, so that no line runs through it.
            corners = (x - half, x + half, x + half, x - half), (low, low, low + panel.points / 72, low + panel.points / 72)
            axes.fill(*corners, color="white", alpha=0.8, linewidth=0, zorder=2.5)
            printed = axes.text(x, low, point.value.number, ha="center", va="bottom", font=font)
            printed.set_gid(f"datum:{point.value.id}")
