"""
Charts (图): horizontal bars and stacked bars, drawn by matplotlib as SVG with searchable text, and the sheet that others draw on.

A chart takes rows of the form and shows their figures; its alternative text and its data grid are made from the same figures.
Lengths are fractions of the longest bar, so values of any size can be drawn; what is printed is the figure, never the length.
Readable in black and white: shades differ in lightness and carry hatches.
"""

from __future__ import annotations

import io
import re
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nianbao.indicators import figures as fig
from nianbao.indicators.series import blanks, sign, spans
from nianbao.indicators.values import State
from nianbao.page import faces, grid
from nianbao.page.blocks import Paragraph, Picture, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.font_manager import FontProperties

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.series import Point, Series
    from nianbao.page.blocks import Grid


WIDTH = 6.14  # inches: the 156 mm of the type area
POINTS = 9.0
STYLES = (
    ("#1f4e79", ""),
    ("#d9e2ec", "////"),
    ("#7f9db9", "...."),
    ("#ffffff", "xxxx"),
    ("#a6a6a6", "\\\\\\\\"),
    ("#404040", "--"),
)

_LINE = 0.29  # inches a bar takes
_MOST_CHARACTERS = 14
_FIRST_IDEOGRAPH = "\u2e80"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: its name, the figures printed beside it, its length as a part of the longest, and its depth in the tree."""

    name: str
    shown: tuple[Figure, ...]
    length: Fraction
    depth: int = 0

    @property
    def words(self) -> str:
        """What is printed beside the bar."""
        first, *rest = (figure.display for figure in self.shown)
        return first + (f"（{'，'.join(rest)}）" if rest else "")


def bars(report: AnnualReport, figures: Figures, rows: Sequence[str], caption: str, *, shares: bool = True) -> Picture | Paragraph:
    """Return a bar for each of *rows*, with its share of its whole where it is a part of one and *shares*."""
    base = min(row.count(".") for row in rows)
    read = [_cell(report, figures, row) for row in rows]
    longest = max((figure.quantity.fraction for figure in read if figure.quantity.state is State.GIVEN), default=Fraction())
    if longest == 0:
        return nothing(caption)
    drawn = [
        Bar(
            name=report.form.rows[row].name,
            shown=(figure, *(_share(report, figures, row) if shares else ())),
            length=_length(figure, longest),
            depth=row.count(".") - base,
        )
        for row, figure in zip(rows, read, strict=True)
    ]
    return picture(drawn, caption)


def picture(drawn: Sequence[Bar], caption: str) -> Picture:
    """Return *drawn* as a chart of horizontal bars."""
    with same_everywhere():
        svg = _draw_bars(drawn)
    alt = f"横条图：{caption}。" + "；".join(f"{bar.name}{bar.words}" for bar in drawn) + "。"
    return Picture(caption=caption, svg=svg, alt=alt, data=_data(caption, drawn))


def stacks(report: AnnualReport, figures: Figures, wholes: Sequence[tuple[str, str]], caption: str) -> Picture | Paragraph:
    """
    Return a full bar for each of *wholes*, divided into its parts.

    Args:
        wholes: (what the bar is called, the row).
    """
    drawn = [(name, [_part(report, figures, part) for part in report.form.parts(row)]) for name, row in wholes]
    drawn = [(name, parts) for name, parts in drawn if any(part.length for part in parts)]
    if not drawn:
        return nothing(caption)
    with same_everywhere():
        svg = _draw_stacks(drawn)
    sentences = (f"{name}：" + "，".join(f"{part.name}{part.words}" for part in parts) for name, parts in drawn)
    alt = f"比例条图：{caption}。" + "；".join(sentences) + "。"
    rows = [part for _name, parts in drawn for part in parts]
    return Picture(caption=caption, svg=svg, alt=alt, data=_data(caption, rows))


def nothing(caption: str) -> Paragraph:
    """Return what stands in the place of a chart without anything to draw."""
    return Paragraph((Text(f"（{caption}：没有可作图的数据。）"),))


def _cell(report: AnnualReport, figures: Figures, row: str) -> Figure:
    return figures[fig.cell_id(row, report.form.column_of(row))]


def _share(report: AnnualReport, figures: Figures, row: str) -> tuple[Figure, ...]:
    """Return the row's share of its whole where there is one to print; nothing is no share of anything."""
    if report.form.rows[row].parent is None:
        return ()
    share = figures[fig.share_id(row, report.form.column_of(row))]
    return () if share.quantity.is_zero or share.quantity.state is not State.GIVEN else (share,)


def _part(report: AnnualReport, figures: Figures, row: str) -> Bar:
    shown = (_cell(report, figures, row), *_share(report, figures, row))
    length = shown[1].quantity.fraction if len(shown) > 1 else Fraction()
    return Bar(name=report.form.rows[row].name, shown=shown, length=length)


def _length(figure: Figure, longest: Fraction) -> Fraction:
    return figure.quantity.fraction / longest if figure.quantity.state is State.GIVEN else Fraction()


def _data(caption: str, drawn: Sequence[Bar]) -> Grid:
    """Return the figures of a chart as a grid with as many columns as its fullest bar has figures."""
    most = max(len(bar.shown) for bar in drawn)
    rows = [(bar.name, bar.shown) for bar in drawn]
    return grid.values(f"{caption}（数据）", ("项目", "数量", "占比")[: most + 1], rows, (50, 25, 25)[: most + 1])


def _draw_bars(drawn: Sequence[Bar]) -> str:
    labels = [_wrapped("　" * bar.depth + bar.name, bar.depth) for bar in drawn]
    heights = [_LINE * (1 + 0.55 * label.count("\n")) for label in labels]
    canvas, axes, font = _canvas(sum(heights), left=max(map(inches, labels)))
    room = 1 - max(inches(bar.words) for bar in drawn) / (_span(axes) * WIDTH) - 0.03
    axes.set_xlim(0, 1 / max(room, 0.2))
    top = sum(heights)
    for bar, label, height in zip(drawn, labels, heights, strict=True):
        middle = top - height / 2
        colour, hatch = STYLES[bar.depth % len(STYLES)]
        axes.barh(middle, float(bar.length), _LINE * 0.62, color=colour, hatch=hatch, edgecolor="black", linewidth=0.6)
        axes.text(-0.01 * axes.get_xlim()[1], middle, label, ha="right", va="center", font=font, parse_math=False)
        _numbers(axes, bar, float(bar.length) + 0.012 * axes.get_xlim()[1], middle, font)
        top -= height
    axes.set_ylim(0, sum(heights))
    axes.axvline(0, color="black", linewidth=0.8)
    return written(canvas)


def _draw_stacks(drawn: Sequence[tuple[str, list[Bar]]]) -> str:
    legend = max(len(parts) for _name, parts in drawn)
    block = _LINE * (1.25 + legend)
    canvas, axes, font = _canvas(block * len(drawn), left=max(inches(_wrapped(name, 0)) for name, _parts in drawn))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, block * len(drawn))
    for index, (name, parts) in enumerate(drawn):
        top = block * (len(drawn) - index)
        axes.text(-0.012, top - _LINE * 0.55, _wrapped(name, 0), ha="right", va="center", font=font, parse_math=False)
        _draw_stack(axes, parts, top, font)
    return written(canvas)


def _draw_stack(axes: Axes, parts: Sequence[Bar], top: float, font: FontProperties) -> None:
    """Draw one divided bar below *top*, and under it a line of legend for each part."""
    start = 0.0
    for number, part in enumerate(parts):
        colour, hatch = STYLES[number % len(STYLES)]
        style: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "black", "linewidth": 0.6}
        axes.barh(top - _LINE * 0.55, float(part.length), _LINE * 0.75, left=start, **style)
        middle = top - _LINE * (1.5 + number)
        axes.barh(middle, 0.035, _LINE * 0.5, left=0.0, **style)
        axes.text(0.045, middle, part.name, ha="left", va="center", font=font, parse_math=False)
        _numbers(axes, part, 0.045 + inches(part.name + "　") / (_span(axes) * WIDTH), middle, font)
        start += float(part.length)


def _numbers(axes: Axes, bar: Bar, x: float, y: float, font: FontProperties) -> None:
    """Print the figures of *bar*, each as a text of its own that names its figure, with brackets between."""
    scale = (axes.get_xlim()[1] - axes.get_xlim()[0]) / (_span(axes) * WIDTH)
    pieces: list[tuple[str, str]] = [(bar.shown[0].display, bar.shown[0].id)]
    for index, figure in enumerate(bar.shown[1:]):
        pieces += [("，" if index else "（", ""), (figure.display, figure.id)]
    pieces += [("）", "")] if len(bar.shown) > 1 else []
    for text, figure_id in pieces:
        drawn = axes.text(x, y, text, ha="left", va="center", font=font, parse_math=False)
        if figure_id:
            drawn.set_gid(f"datum:{figure_id}")
        x += inches(text) * scale


def load() -> None:
    """Import what drawing takes, which is a third of a second, before it is asked for."""
    import matplotlib.backends.backend_svg  # noqa: PLC0415 - see above
    import matplotlib.figure  # noqa: F401, PLC0415


def rehearse() -> None:
    """Draw a chart of nothing, which has matplotlib read its styles and the face of the words; the next is drawn sooner."""
    with same_everywhere():
        canvas, axes, font = _canvas(1, left=1)
        axes.barh([0], [1])
        axes.text(0, 0, "0", font=font, parse_math=False)
        written(canvas)


def _canvas(height: float, *, left: float) -> tuple[Canvas, Axes, FontProperties]:
    canvas, font = sheet(height + 0.2)
    margin = (left + 0.15) / WIDTH
    axes = canvas.add_axes((margin, 0.1 / (height + 0.2), 0.99 - margin, height / (height + 0.2)))
    axes.set_axis_off()
    return canvas, axes, font


def sheet(height: float) -> tuple[Canvas, FontProperties]:
    """Return an empty drawing as wide as the type area and *height* inches high, and the face of its words."""
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    return Canvas(figsize=(WIDTH, height)), FontProperties(family="Report Hei", fname=str(faces.HEI), size=POINTS)


def _span(axes: Axes) -> float:
    return float(axes.get_position().width)


@contextmanager
def same_everywhere() -> Iterator[None]:
    """Draw with matplotlib's own defaults, whatever a user's configuration says."""
    import matplotlib as mpl  # noqa: PLC0415 - a second that only charts pay

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "nianbao", "hatch.linewidth": 0.6})
        yield


def written(canvas: Canvas) -> str:
    """Return the drawing as SVG without dates and names of tools, each number marked with its figure."""
    out = io.StringIO()
    canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    # matplotlib's style sheet would reach beyond its drawing; what it says can stand on the drawing itself.
    svg = re.sub(r"<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>\s*", "", svg)
    svg = svg.replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)
    return svg.replace("#datum:", "#datum-").replace('id="datum:', 'data-figure="')


def _wrapped(name: str, depth: int) -> str:
    return ("\n" + "　" * depth).join(textwrap.wrap(name, _MOST_CHARACTERS) or [name])


def inches(text: str, points: float = POINTS) -> float:
    """Estimate how wide *text* stands: ideographs take an em, the rest a little over half."""
    lines = [sum(1.0 if character >= _FIRST_IDEOGRAPH else 0.58 for character in line) for line in text.split("\n")]
    return max(lines) * points / 72


# Inches: a panel, what of it is drawn in, and the room beside it.
_HEIGHT, _DRAWN, _FOOT, _SIDE, _BETWEEN = 1.6, 0.72, 0.3, 0.12, 0.2
_SMALL = 8.0
# How much of the room of a year its words may take.
_FILLED = 0.96
# More rows of panels than this are another picture, so that pages break between them.
_MOST_ROWS, _NUMBERS = 3, "一二三四五六七八九"
_MARKERS = ("o", "s", "^", "D")
_INK, _GREY = STYLES[0][0], "#595959"


def lines(series: Sequence[Series], caption: str) -> tuple[Picture | Paragraph, ...]:
    """Return a panel for each of *series* that has a number in some year, in as many pictures as pages ask for."""
    drawn = [each for each in series if each.given]
    if not drawn:
        return (nothing(caption),)
    across = _across(drawn)
    rows = -(-len(drawn) // across)
    pictures = -(-rows // _MOST_ROWS)
    size = -(-rows // pictures) * across
    parts = [drawn[start : start + size] for start in range(0, len(drawn), size)]
    if len(parts) == 1:
        return (_picture(drawn, across, caption),)
    return tuple(_picture(part, across, f"{caption}（{number}）") for part, number in zip(parts, _NUMBERS, strict=False))


def _picture(drawn: Sequence[Series], across: int, caption: str) -> Picture:
    with same_everywhere():
        svg = _draw(drawn, across)
    alt = f"折线图：{caption}。" + "".join(f"{each.concept.label}：{'；'.join(_told(each))}。" for each in drawn)
    rows = [(f"{each.concept.label} {point.year}年", (point.value,)) for each in drawn for point in each.given if point.value]
    return Picture(caption=caption, svg=svg, alt=alt, data=grid.values(f"{caption}（数据）", ("项目", "数量"), rows, (70, 30)))


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
        """The size of type in which years and values stand beside each other."""
        return min(_SMALL, _SMALL * _FILLED * self.width / len(self.series.points) / _widest(self.series))

    def x(self, year: float) -> float:
        """Return where *year* stands."""
        points = self.series.points
        return self.left + self.width * (year - points[0].year + 0.5) / len(points)

    def y(self, point: Point) -> float:
        """Return how high the value of *point* stands."""
        return self.bottom + _FOOT + _DRAWN * float(_height(self.series, point))


def _height(series: Series, point: Point) -> Fraction:
    """Return the value of *point* as a part of the way from the least value, or nought, to the greatest."""
    read = [each.value.quantity.fraction for each in series.given if each.value]
    least, most = min(*read, Fraction()), max(*read, Fraction())
    assert point.value is not None
    return (point.value.quantity.fraction - least) / (most - least) if most > least else Fraction()


def _widest(series: Series) -> float:
    """Return how wide the widest of the years and values of *series* stands, in inches."""
    words = [f"{series.points[0].year}年", *(point.value.number for point in series.given if point.value)]
    return max(inches(each, _SMALL) for each in words)


def _across(drawn: Sequence[Series]) -> int:
    """Return how many panels stand side by side: two, where all their years and values have room in half the width."""
    half = (WIDTH - 2 * _SIDE - _BETWEEN) / 2 / len(drawn[0].points) * _FILLED
    return 2 if len(drawn) > 1 and max(map(_widest, drawn)) <= half else 1


def _draw(drawn: Sequence[Series], across: int) -> str:
    down = -(-len(drawn) // across)
    canvas, font = sheet(_HEIGHT * down)
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, _HEIGHT * down)
    width = (WIDTH - 2 * _SIDE - _BETWEEN * (across - 1)) / across
    for number, series in enumerate(drawn):
        row, column = divmod(number, across)
        panel = _Panel(series, _SIDE + column * (width + _BETWEEN), _HEIGHT * (down - 1 - row), width)
        _draw_panel(axes, panel, font)
    return written(canvas)


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
        written = words if inches(words, panel.points) < room else "\n".join(words)
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
            half, low = inches(point.value.number, panel.points) / 2, panel.y(point) + 0.06
            # Paper under the number, so that no line runs through it.
            corners = (x - half, x + half, x + half, x - half), (low, low, low + panel.points / 72, low + panel.points / 72)
            axes.fill(*corners, color="white", alpha=0.8, linewidth=0, zorder=2.5)
            printed = axes.text(x, low, point.value.number, ha="center", va="bottom", font=font)
            printed.set_gid(f"datum:{point.value.id}")
