"""
The report as a tree of blocks: what prose, tables and charts make, and what every writer (HTML, Typst) reads.

A block is a frozen value that goes to JSON and back unchanged, so it can travel inside the output of a notebook cell. A number
is always a `Datum`, which names its figure; a writer never sees a number as plain text.
"""

from __future__ import annotations

import dataclasses
import re
from html import unescape
from typing import TYPE_CHECKING, Any, get_args

from nianbao.indicators import frozen, positional
from nianbao.indicators.figures import ENDS, FIRST_BYTE, OPENS, SHOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nianbao.indicators.figures import Figure


MIMETYPE = "application/vnd.nianbao.blocks+json"


@positional
class Text:
    """Characters, to be shown as they are."""

    text: str


@frozen
class Datum:
    """
    A figure where it is shown.

    Args:
        figure: the id of the figure.

        text: what the reader sees.

        value: the exact value, or None where there is no number.
    """

    figure: str
    text: str
    value: str | None
    label: str


@positional
class Strong:
    """Text of weight."""

    children: Inlines


@positional
class Emphasis:
    """Text set apart."""

    children: Inlines


@positional
class Link:
    """Text that leads to `url`, which is an http, https or mailto address."""

    url: str
    children: Inlines


@positional
class LineBreak:
    """A new line inside a paragraph."""


@positional
class Heading:
    """A heading; level 1 is the report's title."""

    level: int
    children: Inlines


@positional
class Paragraph:
    """A paragraph."""

    children: Inlines


@positional
class Items:
    """A list; each item is a run of blocks."""

    ordered: bool
    items: tuple[Blocks, ...]


@positional
class Quote:
    """Quoted blocks."""

    children: Blocks


@frozen
class GridCell:
    """
    One cell of a grid.

    Args:
        header: `col`, `colgroup`, `row` or `rowgroup` for a heading of those, empty for data.

        indent: how deep a row's label stands, in steps.
    """

    children: Inlines
    header: str = ""
    colspan: int = 1
    rowspan: int = 1
    numeric: bool = False
    indent: int = 0


@frozen
class Grid:
    """
    A table with merged cells.

    Args:
        head: header rows, repeated on each page.

        bodies: groups of rows that belong together.

        widths: the share of the line that each column takes.

        small: set in smaller type, for tables of many columns.
    """

    caption: str
    head: Rows
    bodies: tuple[Rows, ...]
    widths: Widths
    note: str = ""
    small: bool = False


@frozen
class Picture:
    """
    A chart as SVG with searchable text.

    Args:
        alt: what it shows, in words made from its data.

        data: the same figures as a grid; None where somebody drew it in a cell of the notebook.
    """

    caption: str
    svg: str
    alt: str
    data: Grid | None = None


@frozen
class Photo:
    """
    A picture made of pixels.

    Args:
        content: the file, in Base64; `mimetype` is `image/png` or `image/jpeg`.

        width, height: in pixels.
    """

    caption: str
    alt: str
    mimetype: str
    content: str
    width: int
    height: int


@frozen
class Notice:
    """A box that must not be overlooked."""

    title: str
    children: Blocks


@frozen
class Own:
    """
    Blocks of a cell whose numbers lead to no figure: a reader is told so under them.

    Args:
        note: what stands under them.
    """

    note: str
    children: Blocks


Inline = Text | Datum | Strong | Emphasis | Link | LineBreak
Block = Heading | Paragraph | Items | Quote | Grid | Picture | Photo | Notice | Own
# What runs on in a line, what follows one another on a page, and a row of a table.
Inlines = tuple[Inline, ...]
Blocks = tuple[Block, ...]
Cells = tuple[GridCell, ...]
Rows = tuple[Cells, ...]
# The share of a line that each column of a table takes.
Widths = tuple[float, ...]

_KINDS = {kind.__name__: kind for kind in (*get_args(Inline), *get_args(Block), GridCell)}

_FIELDS = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in _KINDS.values()}


def datum(figure: Figure, *, bare: bool = False) -> Datum:
    """Return *figure* as it is shown in prose, or without its unit where *bare*."""
    return Datum(figure=figure.id, text=figure.number if bare else figure.display, value=figure.quantity.exact, label=figure.label)


_CARRIED = re.compile(f"{OPENS}([\U000e0100-\U000e01ef]+){SHOWS}([^{ENDS}]*){ENDS}")
_UNSEEN = re.compile(f"[{OPENS}{SHOWS}{ENDS}\U000e0100-\U000e01ef]")


def carried(text: str) -> list[tuple[str, str]]:
    """Return *text* in pieces without marks, each with the name of the figure that it claims to print, or nothing: see `carrying`."""
    pieces, end = [], 0
    for found in _CARRIED.finditer(text):
        name = bytes(ord(each) - FIRST_BYTE for each in found[1]).decode("utf-8", "replace")
        pieces += [(_UNSEEN.sub("", text[end : found.start()]), ""), (_UNSEEN.sub("", found[2]), name)]
        end = found.end()
    pieces.append((_UNSEEN.sub("", text[end:]), ""))
    return [piece for piece in pieces if piece[0]]


_IN_DRAWING = re.compile(r' data-figure="([^"]*)"')


def paragraph(words: str) -> Paragraph:
    """Return a paragraph of plain *words*."""
    return Paragraph((Text(words),))


def own(reason: str, children: Blocks) -> Own:
    """Return *children* as what the office computed by itself, and *reason*, which only a draft may lack, in its own words."""
    return Own(note=f"注：本单位自行计算，{reason or '没有说明理由'}。", children=children)


def inside(block: Block) -> Blocks:
    """Return the blocks that *block* consists of, those of its items one after the other."""
    if isinstance(block, Items):
        return tuple(each for item in block.items for each in item)
    return block.children if isinstance(block, Quote | Notice | Own) else ()


def to_json(node: Any) -> Any:
    """Return *node* (a block, an inline or a tuple of them) as JSON values."""
    if isinstance(node, tuple):
        return [to_json(child) for child in node]
    if (names := _FIELDS.get(type(node))) is not None:
        return {"kind": type(node).__name__, **{name: to_json(getattr(node, name)) for name in names}}
    return node


def from_json(value: Any) -> Any:
    """Return what `to_json` made *value* from."""
    if isinstance(value, list):
        return tuple(from_json(child) for child in value)
    if isinstance(value, dict):
        return _KINDS[value["kind"]](**{key: from_json(child) for key, child in value.items() if key != "kind"})
    return value


def plain(children: Iterable[Inline]) -> str:
    """Return the characters a reader sees in *children*."""
    return "".join(map(_plain, children))


def _plain(child: Inline) -> str:
    match child:
        case Text() | Datum():
            return child.text
        case LineBreak():
            return "\n"
        case _:
            return plain(child.children)


def walk(node: Any) -> Iterator[Any]:
    """Yield *node* and everything below it, in reading order."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += reversed(node)
        elif (names := _FIELDS.get(type(node))) is not None:
            yield node
            waiting += [getattr(node, name) for name in reversed(names)]


def figures_of(node: Any) -> list[str]:
    """Return the ids of the figures that *node* itself shows, in a drawing too."""
    if isinstance(node, Datum):
        return [node.figure]
    return [unescape(each) for each in _IN_DRAWING.findall(node.svg)] if isinstance(node, Picture) else []
