"""
Figures that an analyst draws with matplotlib, pandas or seaborn: how they look by default, and how one becomes a picture of the report.

Whatever face a figure asks for, it is drawn in the report's own, so that every character is there on every machine. The numbers that
it prints are not looked at here: what a text carries (`blocks.carrying`) stays in it.
"""

from __future__ import annotations

import io
import re
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nianbao.document.charts import FAMILIES, FILES, WIDTH
from nianbao.page import images
from nianbao.page import theme as looks
from nianbao.page.blocks import Picture, carried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.text import Text


_CYCLE = ("chart-1", "chart-3", "chart-4", "chart-5", "chart-2")
_TICK = "nianbao-tick"
_SALT = {"svg.fonttype": "none", "svg.hashsalt": "nianbao", "svg.image_inline": True, "font.family": FAMILIES}
_KINDS = (("BarContainer", "柱形图"), ("Wedge", "饼图"), ("Line2D", "折线图"), ("PathCollection", "散点图"), ("AxesImage", "热图"))
_MOST_NAMED = 20


def theme() -> None:
    """Have matplotlib draw as a report looks from now on: its faces with Chinese, its colours and sizes."""
    import matplotlib as mpl  # noqa: PLC0415 - set when someone imports it
    from cycler import cycler  # noqa: PLC0415
    from matplotlib import font_manager  # noqa: PLC0415

    manager = font_manager.fontManager
    known = {each.fname for each in manager.ttflist}
    for file in map(str, FILES):
        if file not in known:
            manager.addfont(file)
    _always_stand_in(manager)
    words, quiet = float(looks.SIZES["wu"]), looks.COLOURS["quiet"]
    mpl.rcParams.update(
        {
            "font.family": FAMILIES,
            "font.size": words,
            "axes.titlesize": 13.0,
            "axes.labelsize": words,
            "xtick.labelsize": words,
            "ytick.labelsize": words,
            "legend.fontsize": words,
            "axes.unicode_minus": False,
            "mathtext.fontset": "custom",
            "mathtext.fallback": None,
            **{f"mathtext.{style}": FAMILIES[0] for style in ("rm", "it", "bf", "sf", "tt", "cal", "bfit")},
            "axes.prop_cycle": cycler(color=[looks.COLOURS[name] for name in _CYCLE]),
            "axes.edgecolor": quiet,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "legend.frameon": False,
            "figure.figsize": (WIDTH, round(0.6 * WIDTH, 2)),
            "svg.fonttype": "none",
        }
    )


def _always_stand_in(manager: Any) -> None:
    """Have our faces stand in for every other, last: a style that names its own faces (seaborn's do) shows no empty boxes either."""
    if getattr(manager, "nianbao", False):
        return
    found = manager._find_fonts_by_props  # noqa: SLF001 - there is no public way to a last resort
    known = {each.name for each in manager.ttflist}

    def with_ours(prop: Any, *given: Any, **named: Any) -> list[Any]:
        wanted = prop.copy()
        # What is not on this machine would be told in a line each time.
        wanted.set_family(list(dict.fromkeys([*(name for name in _families(prop) if name in known), *FAMILIES])))
        return list(found(wanted, *given, **named))

    manager._find_fonts_by_props = with_ours  # noqa: SLF001
    manager.nianbao = True


def _families(prop: Any) -> Iterator[str]:
    """Yield the names of faces that *prop* asks for, generic ones by what stands for them."""
    import matplotlib as mpl  # noqa: PLC0415

    for name in prop.get_family():
        generic = mpl.rcParams.get(f"font.{name}") if name in {"serif", "sans-serif", "cursive", "fantasy", "monospace"} else None
        yield from generic or [name]


def canvas(thing: Any) -> Canvas:
    """
    Return the figure that *thing* is, or that it is drawn on: axes, many of them as pandas returns them, a grid of seaborn.

    Raises:
        TypeError: where it is nothing drawn.
    """
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415 - only who draws pays for it

    held = thing
    while isinstance(held, list | tuple) or hasattr(held, "flat"):
        held = next(iter(getattr(held, "flat", held)), None)
    held = getattr(held, "figure", held)
    while not isinstance(held, Canvas) and getattr(held, "figure", held) is not held:
        held = held.figure
    if not isinstance(held, Canvas):
        raise TypeError(f"report.chart 要一张 matplotlib 的图（Figure 或 Axes），得到的是 {type(thing).__name__}")
    return held


def picture(thing: Any, caption: str, alt: str, names: Mapping[str, str] = MappingProxyType({})) -> Picture:
    """
    Return what *thing* is drawn on as a picture.

    Args:
        names: what a reader sees on an axis in the place of the ids that frames have for their rows.

    Raises:
        TypeError, ValueError: where it is nothing drawn, or its drawing is too large; the message says so in Chinese.
    """
    drawn = canvas(thing)
    _name_places(drawn, names)
    return Picture(caption=caption, svg=_svg(drawn), alt=alt or described(drawn))


def _name_places(drawn: Canvas, names: Mapping[str, str]) -> None:
    """Have the axes of *drawn* call their places by *names*."""
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415 - only who draws pays for it

    # Only what is drawn has its places named.
    drawn.draw_without_rendering()
    for axes in drawn.axes:
        for axis in axes._axis_map.values():  # noqa: SLF001 - as below
            if names.keys() & {label.get_text() for label in axis.get_ticklabels()}:
                axis.set_major_formatter(FuncFormatter(partial(_named, axis.get_major_formatter(), names)))


def _named(shown: Any, names: Mapping[str, str], place: float, position: int | None = None) -> str:
    text = str(shown(place, position))
    return names.get(text, text)


def close(thing: Any) -> None:
    """Take the figure of *thing* from pyplot's list, so that it is not shown again at the end of its cell."""
    from matplotlib._pylab_helpers import Gcf  # noqa: PLC0415 - what pyplot.close does, without choosing a backend

    Gcf.destroy_fig(canvas(thing))


def _svg(drawn: Canvas) -> str:
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.text import Text  # noqa: PLC0415

    out = io.StringIO()
    with mpl.rc_context(_SALT):
        drawn.draw_without_rendering()
        for text in drawn.findobj(Text):
            text.get_fontproperties().set_file(None)
            text.set_fontfamily(FAMILIES)
        for label in _tick_labels(drawn):
            label.set_gid(_TICK)
        drawn.savefig(
            out, format="svg", bbox_inches="tight", pad_inches=0.05, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    # Whatever else has an id of this kind was given it by hand.
    svg = re.sub(r"\sdata-(?:tick|figure)=", " data-x=", out.getvalue())
    return images.drawing(svg.replace(f'id="{_TICK}"', 'data-tick=""'))


def _tick_labels(drawn: Canvas) -> Iterator[Text]:
    """Yield what names places on the axes of *drawn*; a number with a unit, put there by hand, is a statement and no name."""
    for axes in drawn.axes:
        for axis in axes._axis_map.values():  # noqa: SLF001 - x, y, and z where there is one
            labels = [*axis.get_ticklabels(minor=False), *axis.get_ticklabels(minor=True), axis.get_offset_text()]
            yield from (label for label in labels if not _STATED.search(label.get_text()))


_STATED = re.compile(r"\d\s*(?:[余多]?[万亿]?(?:件|条|次|宗|起|份|篇|个|人|户|元|项)|[%％‰])")


def described(drawn: Canvas) -> str:
    """Return in words what *drawn* shows, made from what is written in it."""
    sentences = []
    for axes in drawn.axes:
        kinds = [words for name, words in _KINDS if _holds(axes, name)]
        said = {
            "横轴": axes.get_xlabel(),
            "横轴各项": _names(axes.get_xticklabels()),
            "纵轴": axes.get_ylabel(),
            "纵轴各项": _names(axes.get_yticklabels()),
            "图例": "、".join(_legend(axes)),
        }
        title = _plain(axes.get_title())
        parts = [f"{name}：{_plain(words)}" for name, words in said.items() if words]
        sentences.append("，".join(filter(None, ["、".join(kinds) or "图", title])) + "".join(f"；{part}" for part in parts))
    return "。".join(sentences or ["图"]) + "。"


def _holds(axes: Axes, kind: str) -> bool:
    return any(type(each).__name__ == kind for each in (*axes.containers, *axes.get_children()))


def _names(labels: list[Text]) -> str:
    words = [label.get_text() for label in labels if re.search(r"[^\W\d_]", label.get_text())]
    return "、".join(words[:_MOST_NAMED]) + ("等" if len(words) > _MOST_NAMED else "")


def _legend(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def _plain(text: str) -> str:
    return " ".join("".join(piece for piece, _figure in carried(text)).split())
