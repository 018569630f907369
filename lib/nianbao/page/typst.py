"""
Blocks to Typst source. All text goes in as string literals, so no character of it can be markup.

The typography is `templates/typst/report.typ`'s; here blocks become calls of its functions.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from nianbao.page import images, theme
from nianbao.page.blocks import (
    Block,
    Datum,
    Emphasis,
    Grid,
    GridCell,
    Heading,
    Inline,
    Items,
    LineBreak,
    Link,
    Notice,
    Own,
    Paragraph,
    Photo,
    Picture,
    Quote,
    Strong,
    Text,
    plain,
    walk,
)
from nianbao.page.grid import placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nianbao.page.blocks import Cells, Rows, Widths


# How many pixels have room across a page.
_ACROSS = 900
# Points that a cell leaves free on both sides, and how small its text may become.
_INSETS, _SMALLEST = 6, 0.2
# What no line end may break, and how wide its letters are: digits and most others half an em.
_UNBROKEN = re.compile(r"[!-~−＋]+")
_HALF = 0.56
_WIDTHS = {"%": 0.85, "+": 0.6, "−": 0.6, "m": 0.85, "w": 0.75, "M": 0.9, "W": 0.95, ".": 0.28, ",": 0.28}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "", "\t": " "})


def literal(text: str) -> str:
    """Return *text* as a Typst string literal: the only way text enters the source."""
    return f'"{text.translate(_ESCAPES)}"'


def blocks(found: Iterable[Block]) -> str:
    """Return *found* as Typst source."""
    return "\n".join(map(_block, found))


def row_headings(grid: Grid) -> list[int]:
    """Return how many cells at the start of each row are headings, those above the columns left out: for whoever tags the PDF."""
    counts: list[int] = []
    for body in grid.bodies:
        rows = body[1:] if _has_heading(body, len(grid.widths)) else body
        counts += map(_headings, rows)
    return counts


def _headings(row: Cells) -> int:
    return sum(bool(cell.header) for cell in row)


def _block(block: Block) -> str:  # noqa: PLR0911 - one for each kind
    match block:
        case Heading(level, children):
            # Level 1 is the title, which the template sets.
            return f"#heading(level: {max(level - 1, 1)})[{_inlines(children)}]\n"
        case Paragraph(children):
            return f"#par[{_inlines(children)}]\n"
        case Items(ordered, items):
            contents = ", ".join(f"[{blocks(item)}]" for item in items)
            return f"#{'enum' if ordered else 'list'}({contents})\n"
        case Quote(children):
            return f"#quote(block: true)[{blocks(children)}]\n"
        case Grid():
            return _grid(block)
        case Picture():
            # The library's own charts are drawn for paper; what somebody else drew is made ready for it.
            svg = block.svg if block.data else images.printed(block.svg)
            look = "" if block.data else f"width: {100 * images.share(svg):.2f}%, "
            return f"#report-picture({literal(svg)}, {look}caption: {literal(block.caption)}, alt: {literal(block.alt)})\n"
        case Photo():
            return _photo(block)
        case Own(children=children):
            alone = len(children) == 1 and isinstance(children[0], Picture | Photo)
            return f"#report-own({literal(block.note)}, alone: {str(alone).lower()})[{blocks(children)}]\n"
        case Notice():
            return f"#report-notice({literal(block.title)})[{blocks(block.children)}]\n"


def _photo(photo: Photo) -> str:
    width = min(1.0, images.PHOTO_HIGHEST * photo.width / (theme.TEXT_WIDTH * photo.height), photo.width / _ACROSS)
    kind = photo.mimetype.removeprefix("image/").replace("jpeg", "jpg")
    words = f"caption: {literal(photo.caption)}, alt: {literal(photo.alt)}"
    return f"#report-photo(read({literal(photo_name(photo))}, encoding: none), format: {literal(kind)}, width: {100 * width:.2f}%, {words})\n"


def photo_name(photo: Photo) -> str:
    """Return what the file of *photo* is called beside the source."""
    return f"photo-{hashlib.sha256(photo.content.encode()).hexdigest()[:16]}.{photo.mimetype.rpartition('/')[2]}"


def photos(found: Iterable[Block]) -> dict[str, bytes]:
    """Return the files that the source of *found* reads, by name."""
    return {photo_name(node): base64.b64decode(node.content) for node in walk(tuple(found)) if isinstance(node, Photo)}


def _grid(grid: Grid) -> str:
    rooms = _rooms(grid)
    head = _list(_placed(grid.head, 0, rooms))
    y = len(grid.head)
    sections = []
    for body in grid.bodies:
        cells = _placed(body, y, rooms)
        heading = int(_has_heading(body, len(grid.widths)))
        sections.append(f"(({_list(cells[:heading])}), ({_list(cells[heading:])}))")
        y += len(body)
    widths = _list(f"{width}fr" for width in grid.widths)
    size = "small: true, " if grid.small else ""
    arguments = f"{size}caption: {literal(grid.caption)}, note: {literal(grid.note)}, widths: ({widths})"
    return f"#report-table({arguments}, head-rows: {len(grid.head)}, head: ({head}), body: ({_list(sections)}))\n"


def _rooms(grid: Grid) -> Widths:
    """Return how many letters have room in each column of *grid*, one beside the other."""
    points = theme.TYPST_SIZES["xiaowu" if grid.small else "wu"]
    line = theme.TEXT_WIDTH / theme.INCH * 72
    return tuple((line * width / sum(grid.widths) - _INSETS) / points for width in grid.widths)


def _wide(text: str) -> float:
    """Return how many letters wide the longest piece of *text* is that no line end may break."""
    return max((_em(piece) for piece in _UNBROKEN.findall(text)), default=0.0)


def _em(piece: str) -> float:
    return sum(_WIDTHS.get(letter, _HALF) for letter in piece)


def _has_heading(body: Rows, width: int) -> bool:
    """Tell whether the first row of *body* is one heading across the table."""
    return len(body[0]) == 1 and bool(body[0][0].header) and body[0][0].colspan == width


def _list(items: Iterable[str]) -> str:
    """Return the inside of a Typst array, which wants its comma even around one item."""
    return "".join(f"{item}, " for item in items)


def _placed(rows: Iterable[Cells], first: int, rooms: Sequence[float]) -> list[str]:
    """Return a call for each cell with its column and its line, from *first*; *rooms* are what the columns have room for."""
    cells = []
    for at, place in placed(rows).items():
        if at == place.at:
            room = sum(rooms[at.column : at.column + place.cell.colspan]) - place.cell.indent
            cells.append(_cell(place.cell, at.column, first + at.line, room))
    return cells


def _cell(cell: GridCell, x: int, y: int, room: float) -> str:
    spans = f"x: {x}, y: {y}, colspan: {cell.colspan}, rowspan: {cell.rowspan}"
    kind = f"kind: {literal(cell.header)}, numeric: {str(cell.numeric).lower()}, indent: {cell.indent}"
    content = _inlines(cell.children)
    # What would reach into the next column is set smaller: two numbers that touch are read as one.
    if (wide := _wide(plain(cell.children))) > room:
        content = f"#text(size: {max(room / wide, _SMALLEST):.2f}em)[{content}]"
    return f"report-cell({spans}, {kind})[{content}]"


def _inlines(children: Iterable[Inline]) -> str:
    return "".join(map(_inline, children))


def _inline(inline: Inline) -> str:
    match inline:
        case Text() | Datum():
            return f"#{literal(inline.text)};"
        case Strong(children):
            return f"#strong[{_inlines(children)}];"
        case Emphasis(children):
            return f"#emph[{_inlines(children)}];"
        case Link(url, children):
            return f"#link({literal(url)})[{_inlines(children)}];"
        case LineBreak():
            return "#linebreak();"
