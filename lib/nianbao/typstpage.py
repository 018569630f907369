"""Blocks to Typst source. All text goes in as string literals, so no character of it can be markup.

The typography is `templates/typst/report.typ`'s; here blocks become calls of its functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .blocks import (
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
    Paragraph,
    Picture,
    Quote,
    Strong,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "", "\t": " "})


def literal(text: str) -> str:
    """Return *text* as a Typst string literal: the only way text enters the source."""
    return f'"{text.translate(_ESCAPES)}"'


def blocks(found: Iterable[Block]) -> str:
    """Return *found* as Typst source."""
    return "\n".join(_block(block) for block in found)


def row_headings(grid: Grid) -> list[int]:
    """Return how many cells at the start of each body row are headings, for whoever tags them in the PDF."""
    return [sum(1 for cell in row if cell.header) for body in grid.bodies for row in body]


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        # Level 1 is the title, which the template sets.
        return f"#heading(level: {max(block.level - 1, 1)})[{_inlines(block.children)}]\n"
    if isinstance(block, Paragraph):
        return f"#par[{_inlines(block.children)}]\n"
    if isinstance(block, Items):
        kind = "enum" if block.ordered else "list"
        return f"#{kind}({', '.join(f'[{blocks(item)}]' for item in block.items)})\n"
    if isinstance(block, Quote):
        return f"#quote(block: true)[{blocks(block.children)}]\n"
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Picture):
        return f"#report-picture({literal(block.svg)}, caption: {literal(block.caption)}, alt: {literal(block.alt)})\n"
    assert isinstance(block, Notice)
    return f"#report-notice({literal(block.title)})[{blocks(block.children)}]\n"


def _grid(grid: Grid) -> str:
    head = ", ".join(_placed(grid.head, 0))
    rows = [row for body in grid.bodies for row in body]
    body = ", ".join(_placed(rows, len(grid.head)))
    widths = ", ".join(f"{width}fr" for width in grid.widths)
    arguments = f"caption: {literal(grid.caption)}, note: {literal(grid.note)}, widths: ({widths},)"
    return f"#report-table({arguments}, head-rows: {len(grid.head)}, head: ({head},), body: ({body}{',' if body else ''}))\n"


def _placed(rows: Iterable[tuple[GridCell, ...]], first: int) -> Iterator[str]:
    """Yield a call for each cell with its column and row, leaving out places that a spanning cell covers."""
    covered: set[tuple[int, int]] = set()
    for y, row in enumerate(rows, first):
        x = 0
        for cell in row:
            while (x, y) in covered:
                x += 1
            covered |= {(x + right, y + down) for right in range(cell.colspan) for down in range(cell.rowspan)}
            yield _cell(cell, x, y)
            x += cell.colspan


def _cell(cell: GridCell, x: int, y: int) -> str:
    spans = f"x: {x}, y: {y}, colspan: {cell.colspan}, rowspan: {cell.rowspan}"
    kind = f"kind: {literal(cell.header)}, numeric: {str(cell.numeric).lower()}, indent: {cell.indent}"
    return f"report-cell({spans}, {kind})[{_inlines(cell.children)}]"


def _inlines(children: Iterable[Inline]) -> str:
    return "".join(_inline(child) for child in children)


def _inline(inline: Inline) -> str:
    if isinstance(inline, Text | Datum):
        return f"#{literal(inline.text)};"
    if isinstance(inline, Strong):
        return f"#strong[{_inlines(inline.children)}];"
    if isinstance(inline, Emphasis):
        return f"#emph[{_inlines(inline.children)}];"
    if isinstance(inline, Link):
        return f"#link({literal(inline.url)})[{_inlines(inline.children)}];"
    assert isinstance(inline, LineBreak)
    return "#linebreak();"
