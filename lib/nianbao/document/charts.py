"""
Charts (图): bars, divided bars and lines, drawn by matplotlib as SVG with searchable text.

A chart takes rows of the form, or series, and shows their figures; its alternative text and its data grid are made from the same
figures. Lengths are fractions of the longest bar, so values of any size can be drawn; what is printed is the figure, never the
length. Readable in black and white: shades differ in lightness and carry hatches. Colours and widths are the theme's; how a number
is worded and what there is to draw is decided elsewhere.
"""

from __future__ import annotations

import io
import re
import textwrap
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Any

from nianbao.indicators import figures as fig
from nianbao.indicators import frozen, positional
from nianbao.indicators.errors import UnknownNameError
from nianbao.indicators.series import blanks, sign, spans
from nianbao.indicators.values import State
from nianbao.page import faces, grid, theme
from nianbao.page.blocks import Paragraph, Picture, paragraph
from nianbao.prose.names import Counted, Indicator, Shown, UnsayableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.font_manager import FontProperties

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.series import Point, Series
    from nianbao.page.blocks import Grid, Widths


# Units that stand beside no other.
_OWN_SCALES = {"%", fig.POINTS, "元", "万元"}
# What a bar can stand for.
Item = Counted | Shown
# Inches: the width of the type area.
WIDTH = round(theme.TEXT_WIDTH / theme.INCH, 2)
POINTS = float(theme.SIZES["xiaowu"])
# The first is that of lines too.
STYLES = (
    ("chart-1", ""),
    ("chart-2", "////"),
    ("chart-3", "...."),
    ("paper", "xxxx"),
    ("chart-4", "\\\\\\\\"),
    ("chart-5", "--"),
)
_FIRST_IDEOGRAPH = "\u2e80"
# The face of the words, and those that stand in for what it lacks.
FAMILIES = ["Report Hei", "Report Kai", "Report Wide", "Report Rare"]
FILES = (faces.HEI, faces.KAI, faces.WIDE, faces.RARE)


# The sheet that charts are drawn on.


def load() -> None:
    """Import what drawing takes, which is a third of a second, before it is asked for."""
    import matplotlib.backends.backend_svg  # noqa: PLC0415 - see above
    import matplotlib.figure  # noqa: F401, PLC0415


@contextmanager
def _same_everywhere() -> Iterator[None]:
    """Draw with matplotlib's own defaults, whatever a user's configuration says."""
    import matplotlib as mpl  # noqa: PLC0415 - a second that only charts pay

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "nianbao", "hatch.linewidth": 0.6})
        yield


@_same_everywhere()
def rehearse() -> None:
    """Draw a chart of nothing, which has matplotlib read its styles and the face of the words; the next is drawn sooner."""
    sheet = _framed(1, left=1)
    sheet.bar(0, 0, 1, 1)
    sheet.say(0, 0, "0")
    sheet.svg()


def inches(text: str, points: float = POINTS) -> float:
    """Estimate how wide *text* stands: ideographs take an em, the rest a little over half."""
    return max(map(_ems, text.split("\n"))) * points / 72


def _ems(line: str) -> float:
    return sum(1.0 if character >= _FIRST_IDEOGRAPH else 0.58 for character in line)


@positional
class _Sheet:
    """A drawing, its one pair of axes, and the face of its words."""

    canvas: Canvas
    axes: Axes
    font: FontProperties

    @property
    def width(self) -> float:
        """How wide the axes are, in inches."""
        return float(self.axes.get_position().width) * WIDTH

    @property
    def inch(self) -> float:
        """How much of the horizontal scale an inch is."""
        low, high = self.axes.get_xlim()
        return (high - low) / self.width

    def in_size(self, points: float) -> _Sheet:
        """Return this sheet with smaller words."""
        font = self.font.copy()
        font.set_size(points)
        return replace(self, font=font)

    def say(
        self, x: float, y: float, text: str, *, ha: str = "left", va: str = "center", colour: str = "black", figure: str = ""
    ) -> None:
        """Print *text*; where it is a number, *figure* is the id of its figure."""
        text = faces.coded(text)
        font = _font(self.font.get_size()) if faces.lacking(faces.HEI, text) else self.font
        shown = self.axes.text(x, y, text, ha=ha, va=va, font=font, color=theme.COLOURS[colour], parse_math=False)
        if figure:
            shown.set_gid(f"datum:{figure}")

    def bar(self, style: int, y: float, length: float, height: float, left: float = 0.0) -> None:
        """Draw a horizontal bar in the style of that number."""
        colour, hatch = STYLES[style % len(STYLES)]
        edge = theme.COLOURS["black"]
        self.axes.barh(y, length, height, left=left, color=theme.COLOURS[colour], hatch=hatch, edgecolor=edge, linewidth=0.6)

    def line(self, xs: Widths, ys: Widths, colour: str, **look: Any) -> None:
        """Draw a line through places."""
        self.axes.plot(xs, ys, color=theme.COLOURS[colour], **look)

    def svg(self) -> str:
        """Return the drawing as SVG without dates and names of tools, each number marked with its figure."""
        out = io.StringIO()
        self.canvas.savefig(out, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
        svg = out.getvalue()
        svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
        # matplotlib's style sheet would reach beyond its drawing; what it says can stand on the drawing itself.
        svg = re.sub(r"<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>\s*", "", svg)
        svg = svg.replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)
        return svg.replace("#datum:", "#datum-").replace('id="datum:', 'data-figure="')


def _font(points: float) -> FontProperties:
    """Return the face of words that have rare characters, and those that stand in for it."""
    from matplotlib.font_manager import FontProperties, fontManager  # noqa: PLC0415 - only who draws pays for it

    known = {each.fname for each in fontManager.ttflist}
    for file in map(str, FILES):
        if file not in known:
            fontManager.addfont(file)
    return FontProperties(family=FAMILIES, size=points)


def _sheet(height: float, box: tuple[float, float, float, float] = (0, 0, 1, 1)) -> _Sheet:
    """Return an empty sheet as wide as the type area and *height* inches high; *box* is the part of it that the axes take."""
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415 - only who draws pays for it
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    canvas = Canvas(figsize=(WIDTH, height))
    axes = canvas.add_axes(box)
    axes.set_axis_off()
    return _Sheet(canvas, axes, FontProperties(family=FAMILIES[0], fname=str(faces.HEI), size=POINTS))


def _framed(height: float, *, left: float) -> _Sheet:
    """Return a sheet with axes *height* inches high, room all around, and *left* inches for words beside them."""
    whole, margin = height + 0.2, (left + 0.15) / WIDTH
    return _sheet(whole, (margin, 0.1 / whole, 0.99 - margin, height / whole))


def nothing(caption: str, items: Iterable[tuple[str, Figure]] = ()) -> Paragraph:
    """Return what stands in the place of a chart whose *items*, each with its name, have no length to draw, with the reason."""
    states: dict[str, list[str]] = {}
    for name, figure in items:
        words = "为零" if figure.quantity.is_zero else fig.WORDS[figure.quantity.state]
        states.setdefault(words, []).append(name)
    told = "，".join(f"{'、'.join(names)}{words}" for words, names in states.items())
    if [len(names) > 1 for names in states.values()] == [True]:
        told = f"各项都{next(iter(states))}"
    return paragraph(f"（{caption}：{told or '没有数据'}，不作图。）")


# Bars, and bars divided into parts.

_LINE = 0.29  # inches a bar takes
_MOST_CHARACTERS = 14


@frozen
class Bar:
    """One bar: its name, the figures printed beside it, its length as a part of the longest, and its depth in the tree."""

    name: str
    shown: tuple[Figure, ...]
    length: Fraction
    depth: int = 0

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """What is printed beside the bar, piece by piece, each with the id of its figure where it is one."""
        first, *others = self.shown
        pieces = [(first.display, first.id)]
        for index, figure in enumerate(others):
            pieces += [("，" if index else "（", ""), (figure.display, figure.id)]
        return [*pieces, ("）", "")] if others else pieces

    @property
    def words(self) -> str:
        """What is printed beside the bar."""
        return "".join(text for text, _figure in self.pieces)


def bars(items: Sequence[Item], caption: str, *, shares: bool = True) -> Picture | Paragraph:
    """
    Return a bar for each of *items*, with its share of what it is a part of where *shares*.

    Raises:
        UnknownNameError: where they cannot stand on one scale.
    """
    amounts = [each.figure for each in items]
    if len({_scale(figure) for figure in amounts}) > 1:
        words = "、".join(f"{figure.label}（{figure.unit or '无单位'}）" for figure in amounts)
        raise UnknownNameError(f"数量、金额和比例不能画在一张图里：{words}。请分成几张图")
    given = [figure for figure in amounts if figure.quantity.is_given]
    if below := [figure.label for figure in given if figure.quantity.fraction < 0]:
        raise UnknownNameError(f"{'、'.join(below)}是负数，横条图画不出来；请用表")
    longest = max((figure.quantity.fraction for figure in given), default=Fraction())
    names = [_name(each) for each in items]
    if longest == 0:
        return nothing(caption, zip(names, amounts, strict=True))
    rows = [each.id if isinstance(each, Indicator) and not each.named_column else "" for each in items]
    top = min(row.count(".") for row in rows)
    drawn = []
    for name, row, each in zip(names, rows, items, strict=True):
        amount = each.figure
        share = _share(each) if shares else None
        length = amount.quantity.fraction / longest if amount.quantity.is_given else Fraction()
        shown = (amount, share) if share else (amount,)
        drawn.append(Bar(name=name, shown=shown, length=length, depth=row.count(".") - top))
    return picture(drawn, caption)


def _scale(figure: Figure) -> str:
    """Return what stands for the scale that *figure* can be drawn on: things of any kind can be counted beside one another."""
    return figure.unit if figure.unit in _OWN_SCALES else ""


def _name(item: Item) -> str:
    """Return what a bar is called: the row where it is in the column that prose means, else what a sentence or the table calls it."""
    if isinstance(item, Shown):
        return item.name or item.figure.label
    if isinstance(item, Indicator) and (item.short or item.path == item.id):
        return item.short or item.row.name
    try:
        return item.wording.full
    except UnsayableError:
        # A bar needs no word that fits into a sentence.
        return item.label


def _share(item: Item) -> Figure | None:
    """Return the share to print beside a bar: of the row above, or of the column that adds up this one; nothing is no share."""
    share = item.share if isinstance(item, Shown) else None
    if isinstance(item, Counted) and (bases := item.bases()):
        # Beside the other columns of a row the whole is that row; beside other rows it is the row above.
        across = isinstance(item, Indicator) and bool(item.short)
        share = item.share_in(bases[-1 if across else 0])
    if share is None or not share.quantity.is_given or share.quantity.is_zero:
        return None
    return share.figure


def picture(drawn: Sequence[Bar], caption: str) -> Picture:
    """Return *drawn* as a chart of horizontal bars."""
    alt = f"横条图：{caption}。" + "；".join(f"{bar.name}{bar.words}" for bar in drawn) + "。"
    return Picture(caption=caption, svg=_draw_bars(drawn), alt=alt, data=_data(caption, drawn))


def stacks(report: AnnualReport, figures: Figures, wholes: Sequence[tuple[str, str]], caption: str) -> Picture | Paragraph:
    """
    Return a full bar for each of *wholes*, divided into its parts.

    Args:
        wholes: (what the bar is called, the row).
    """
    drawn = []
    for name, row in wholes:
        parts = [_bar(report, figures, part) for part in report.form.parts(row)]
        if any(part.length for part in parts):
            drawn.append((name, parts))
    if not drawn:
        return nothing(caption, [(name, figures.cell(row, report.form.column_of(row))) for name, row in wholes])
    sentences, bars = [], []
    for name, parts in drawn:
        sentences.append(f"{name}：" + "，".join(f"{part.name}{part.words}" for part in parts))
        bars += parts
    alt = f"比例条图：{caption}。" + "；".join(sentences) + "。"
    return Picture(caption=caption, svg=_draw_stacks(drawn), alt=alt, data=_data(caption, bars))


def _bar(report: AnnualReport, figures: Figures, row: str) -> Bar:
    """Return the bar of *row*, as long as its share of its whole; where there is no share to print, it has none."""
    form = report.form
    shown, length = [figures[fig.cell_id(row, form.column_of(row))]], Fraction()
    if form.rows[row].parent is not None:
        share = figures[fig.share_id(row, form.column_of(row))]
        # Nothing is no share of anything.
        if share.quantity.state is State.GIVEN and not share.quantity.is_zero:
            shown.append(share)
            length = share.quantity.fraction
    return Bar(name=form.rows[row].name, shown=tuple(shown), length=length)


def _data(caption: str, drawn: Sequence[Bar]) -> Grid:
    """Return the figures of a chart as a grid with as many columns as its fullest bar has figures."""
    columns = 1 + max(len(bar.shown) for bar in drawn)
    rows = [(bar.name, bar.shown) for bar in drawn]
    return grid.values(f"{caption}（数据）", ("项目", "数量", "占比")[:columns], rows, (50, 25, 25)[:columns])


@_same_everywhere()
def _draw_bars(drawn: Sequence[Bar]) -> str:
    labels = [_wrapped("　" * bar.depth + bar.name, bar.depth) for bar in drawn]
    heights = [_LINE * (1 + 0.55 * label.count("\n")) for label in labels]
    top = sum(heights)
    sheet = _framed(top, left=max(map(inches, labels)))
    room = 1 - max(inches(bar.words) for bar in drawn) / sheet.width - 0.03
    end = 1 / max(room, 0.2)
    sheet.axes.set_xlim(0, end)
    sheet.axes.set_ylim(0, top)
    for bar, label, height in zip(drawn, labels, heights, strict=True):
        middle = top - height / 2
        sheet.bar(bar.depth, middle, float(bar.length), _LINE * 0.62)
        sheet.say(-0.01 * end, middle, label, ha="right")
        _print(sheet, bar, float(bar.length) + 0.012 * end, middle)
        top -= height
    sheet.axes.axvline(0, color=theme.COLOURS["black"], linewidth=0.8)
    return sheet.svg()


@_same_everywhere()
def _draw_stacks(drawn: Sequence[tuple[str, list[Bar]]]) -> str:
    """Draw each divided bar, and under it a line of legend for each part."""
    block = _LINE * (1.25 + max(len(parts) for _name, parts in drawn))
    height = block * len(drawn)
    sheet = _framed(height, left=max(inches(_wrapped(name)) for name, _parts in drawn))
    sheet.axes.set_xlim(0, 1)
    sheet.axes.set_ylim(0, height)
    for index, (name, parts) in enumerate(drawn):
        top, start = block * (len(drawn) - index), 0.0
        middle = top - _LINE * 0.55
        sheet.say(-0.012, middle, _wrapped(name), ha="right")
        for number, part in enumerate(parts):
            sheet.bar(number, middle, float(part.length), _LINE * 0.75, left=start)
            below = top - _LINE * (1.5 + number)
            sheet.bar(number, below, 0.035, _LINE * 0.5)
            sheet.say(0.045, below, part.name)
            _print(sheet, part, 0.045 + inches(part.name + "　") * sheet.inch, below)
            start += float(part.length)
    return sheet.svg()


def _print(sheet: _Sheet, bar: Bar, x: float, y: float) -> None:
    """Print the figures of *bar*, each as a text of its own that names its figure, with brackets between."""
    for text, figure in bar.pieces:
        sheet.say(x, y, text, figure=figure)
        x += inches(text) * sheet.inch


def _wrapped(name: str, depth: int = 0) -> str:
    lines = textwrap.wrap(faces.decoded(name), _MOST_CHARACTERS) or [name]
    return ("\n" + "　" * depth).join(map(faces.coded, lines))


# Lines: a panel for each series.

# Inches: a panel, what of it is drawn in, and the room beside it.
_HEIGHT, _DRAWN, _FOOT, _SIDE, _BETWEEN = 1.6, 0.72, 0.3, 0.12, 0.2
_SMALL = float(theme.TYPST_SIZES["xiaowu"])
# How much of the room of a year its words may take.
_FILLED = 0.96
# More rows of panels than this are another picture, so that pages break between them.
_MOST_ROWS, _NUMBERS = 3, "一二三四五六七八九"
_MARKERS = ("o", "s", "^", "D")
_INK = STYLES[0][0]


def lines(series: Sequence[Series], caption: str) -> tuple[Picture | Paragraph, ...]:
    """Return a panel for each of *series* that has a number in some year, in as many pictures as pages ask for."""
    drawn = [each for each in series if each.given]
    if not drawn:
        return (nothing(caption),)
    across = _across(drawn)
    rows = ceil(len(drawn) / across)
    size = ceil(rows / ceil(rows / _MOST_ROWS)) * across
    parts = [drawn[start : start + size] for start in range(0, len(drawn), size)]
    captions = [caption] if len(parts) == 1 else [f"{caption}（{number}）" for number in _NUMBERS]
    return tuple(_panels(part, across, name) for part, name in zip(parts, captions, strict=False))


def _panels(drawn: Sequence[Series], across: int, caption: str) -> Picture:
    alt, rows = f"折线图：{caption}。", []
    for series in drawn:
        label = series.concept.label
        alt += f"{label}：{'；'.join(_told(series))}。"
        rows += [(f"{label} {point.year}年", (value,)) for point, value in _given(series)]
    data = grid.values(f"{caption}（数据）", ("项目", "数量"), rows, (70, 30))
    return Picture(caption=caption, svg=_draw_panels(drawn, across), alt=alt, data=data)


def _given(series: Series) -> Iterator[tuple[Point, Figure]]:
    """Yield the years of *series* with a number, and the number."""
    for point in series.given:
        assert point.value is not None
        yield point, point.value


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


def _widest(series: Series) -> float:
    """Return how wide the widest of the years and values of *series* stands, in inches."""
    words = [f"{series.points[0].year}年", *(value.number for _point, value in _given(series))]
    return max(inches(each, _SMALL) for each in words)


def _across(drawn: Sequence[Series]) -> int:
    """Return how many panels stand side by side: two, where all their years and values have room in half the width."""
    half = (WIDTH - 2 * _SIDE - _BETWEEN) / 2 / len(drawn[0].points) * _FILLED
    return 2 if len(drawn) > 1 and max(map(_widest, drawn)) <= half else 1


@_same_everywhere()
def _draw_panels(drawn: Sequence[Series], across: int) -> str:
    height = _HEIGHT * ceil(len(drawn) / across)
    sheet = _sheet(height)
    sheet.axes.set_xlim(0, WIDTH)
    sheet.axes.set_ylim(0, height)
    width = (WIDTH - 2 * _SIDE - _BETWEEN * (across - 1)) / across
    for number, series in enumerate(drawn):
        row, column = divmod(number, across)
        bottom = _HEIGHT * (ceil(len(drawn) / across) - 1 - row)
        points = min(_SMALL, _SMALL * _FILLED * width / len(series.points) / _widest(series))
        panel = _Panel(series, sheet.in_size(points), _SIDE + column * (width + _BETWEEN), bottom + _FOOT, width, points)
        title = f"{series.concept.label}（{series.concept.unit}）"
        sheet.say(panel.left, bottom + _HEIGHT - 0.1, title, va="top")
        panel.draw()
    return sheet.svg()


@positional
class _Panel:
    """
    Where one series is drawn: inches from the left of the sheet, from its bottom to the line of the years, and the width.

    Args:
        points: the size of type in which years and values stand beside each other.
    """

    series: Series
    sheet: _Sheet
    left: float
    floor: float
    width: float
    points: float

    def draw(self) -> None:
        """Draw the panel without its title."""
        self.sheet.line((self.left, self.left + self.width), (self.floor, self.floor), "black", linewidth=0.8)
        self._breaks()
        self._blanks()
        self._lines()
        self._values()

    def _x(self, year: float) -> float:
        points = self.series.points
        return self.left + self.width * (year - points[0].year + 0.5) / len(points)

    def _y(self, figure: Figure) -> float:
        """Return how high *figure* stands on the way from the least value, or nought, to the greatest."""
        read = [Fraction(), *(value.quantity.fraction for _point, value in _given(self.series))]
        least, most = min(read), max(read)
        part = (figure.quantity.fraction - least) / (most - least) if most > least else Fraction()
        return self.floor + _DRAWN * float(part)

    def _breaks(self) -> None:
        top = self.floor + _DRAWN + 0.16
        for number, (before, after) in enumerate(self.series.breaks):
            x = self._x((before.year + after.year) / 2)
            self.sheet.line((x, x), (self.floor, top), "red", linewidth=0.9, linestyle=(0, (4, 3)))
            self.sheet.say(x, top + 0.02, sign(number), ha="center", va="bottom", colour="red")

    def _blanks(self) -> None:
        """Say why there is no number, beside a dashed line where one stands in the way."""
        crossed = [(before.year + after.year) / 2 for before, after in self.series.breaks]
        for words, years in blanks(self.series.points):
            middle = (years[0] + years[-1]) / 2
            room = self._x(years[-1] + 1) - self._x(years[0])
            written = words if inches(words, self.points) < room else "\n".join(words)
            aside, side = (0.05, "left") if middle in crossed else (0.0, "center")
            self.sheet.say(self._x(middle) + aside, self.floor + 0.06, written, ha=side, va="bottom", colour="absent")

    def _lines(self) -> None:
        """Join years that follow each other and compare; each definition has a mark of its own."""
        for (one, value), (other, next_value) in pairwise(_given(self.series)):
            if other.year == one.year + 1 and one.definition is other.definition:
                ends = (self._x(one.year), self._x(other.year)), (self._y(value), self._y(next_value))
                self.sheet.line(*ends, _INK, linewidth=1.4)
        definitions = list(self.series.concept.definitions)
        for point, value in _given(self.series):
            assert point.definition is not None
            marker = _MARKERS[definitions.index(point.definition) % len(_MARKERS)]
            at = (self._x(point.year),), (self._y(value),)
            self.sheet.line(*at, _INK, marker=marker, markersize=4.2, linestyle="none")

    def _values(self) -> None:
        """Name each year and print its value above its mark, in this order, in which a reader of the page gets them."""
        for point in self.series.points:
            x = self._x(point.year)
            self.sheet.say(x, self.floor - 0.06, f"{point.year}年", ha="center", va="top")
            if point.given and point.value:
                half, low = inches(point.value.number, self.points) / 2, self._y(point.value) + 0.06
                high = low + self.points / 72
                # Paper under the number, so that no line runs through it.
                corners = (x - half, x + half, x + half, x - half), (low, low, high, high)
                self.sheet.axes.fill(*corners, color=theme.COLOURS["paper"], alpha=0.8, linewidth=0, zorder=2.5)
                self.sheet.say(x, low, point.value.number, ha="center", va="bottom", figure=point.value.id)
