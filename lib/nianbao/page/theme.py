"""
How everything looks that nianbao makes: its colours, the sizes of its type, the widths of its page, each once.

Python reads them here. A style sheet says `theme(red)` where it wants a colour, and gets it when it is read (`filled`); Typst gets
all of them as a file (`for_typst`). What a thing is drawn with, a border or a margin of its own, is for whoever draws it.
"""

from __future__ import annotations

import re

COLOURS = {
    "black": "#000",
    "ink": "#1a1a1a",
    "paper": "#fff",
    "quiet": "#4a5560",  # words that stand back
    "shade": "#f3f5f7",  # behind what is set apart
    "shadow": "#0003",
    "line": "#8a8a8a",
    "rule": "#c9d1da",
    "field": "#767676",  # around what can be typed into
    "dots": "#6b6b6b",  # under a number that can be asked about
    "blue": "#0b4f9e",  # what can be pressed
    "blue-tint": "#e6effa",
    "green": "#1b6e2e",  # what agrees
    "green-tint": "#eef7ee",
    "red": "#a40000",  # what does not, and what must not be overlooked
    "red-tint": "#fdeaea",
    "warning": "#fff5f5",  # behind a warning
    "here": "#b34700",  # where the reader is
    "marked": "#ffe08a",
    "marked-edge": "#8a6d00",
    # The preview.
    "bar": "#10365f",
    "ready": "#7fd69b",
    "building": "#ffd257",
    "wrong": "#ff9d9d",
    "gone": "#c3cbd4",
    "stale": "#fff3cd",
    "stale-edge": "#c9a227",
    "remedy": "#14532d",
    "quoted-edge": "#d9b8b8",
    "below": "#5a4a4a",
    # Charts: shades that differ in lightness too.
    "chart-1": "#1f4e79",
    "chart-2": "#d9e2ec",
    "chart-3": "#7f9db9",
    "chart-4": "#a6a6a6",
    "chart-5": "#404040",
    "absent": "#595959",  # why there is no value
    # Tables on paper.
    "grid": "#737373",
    "band": "#f0f0f0",  # behind the name of a section
    # Workbooks.
    "sheet-grid": "#7F7F7F",
    "sheet-stub": "#E8EDF3",
    "sheet-computed": "#F2F2F2",
    "fails": "#9C0006",
    "fails-tint": "#FFC7CE",
    "lacks": "#7F6000",
    "lacks-tint": "#FFF2CC",
    "agrees": "#00612E",
}

# GB/T 9704-2012. Points: 二号, 三号, 四号, 小四, 五号, 小五; and as Typst sets them, which has 28 characters of 三号 in a line.
SIZES = {"er": 22, "san": 16, "si": 14, "xiaosi": 12, "wu": 10.5, "xiaowu": 9}
TYPST_SIZES = {**SIZES, "san": 15.75, "xiaowu": 8}
# From line to line, 22 of which are a page: points.
PITCH = 29
# Millimetres: the margins of A4, and the width between them.
MARGINS = {"top": 37, "bottom": 35, "left": 28, "right": 26}
TEXT_WIDTH = 156
INCH = 25.4

_WANTED = re.compile(r"theme\(([a-z0-9-]+)\)")


def filled(style: str) -> str:
    """Return the text of a style sheet with its colours."""
    return _WANTED.sub(lambda found: COLOURS[found[1]], style)


def digits(colour: str) -> str:
    """Return *colour* as six hexadecimal digits, as Office wants it."""
    short = COLOURS[colour].lstrip("#").upper()
    return short if len(short) > 3 else "".join(2 * digit for digit in short)  # noqa: PLR2004 - `#fff` is `#ffffff`


def twips(millimetres: float) -> int:
    """Return a length as Word measures it: 1,440 to the inch."""
    return round(millimetres * 1440 / INCH)


def for_typst() -> str:
    """Return what a Typst source imports: `colour`, `size`, `pitch`, `margin` and `text-width`."""
    colours = "".join(f'"{name}": rgb("{colour}"), ' for name, colour in COLOURS.items())
    sizes = "".join(f"{name}: {size}pt, " for name, size in TYPST_SIZES.items())
    margins = "".join(f"{side}: {width}mm, " for side, width in MARGINS.items())
    return (
        f"#let colour = ({colours})\n#let size = ({sizes})\n#let margin = ({margins})\n"
        f"#let pitch = {PITCH}pt\n#let text-width = {TEXT_WIDTH}mm\n"
    )
