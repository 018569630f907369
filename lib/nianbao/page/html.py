"""Blocks to HTML: accessible, escaped, every number a `<data>` element. No style and no page around it; those are templates."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from nianbao.page import images
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
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nianbao.page.blocks import Cells


@dataclass(slots=True)
class PageWriter:
    """
    Writes the blocks of one page, and remembers what a page needs to know of them.

    Args:
        numbered: whether captions get 图1, 表1 and headings get ids; a notebook's cells do not.
    """

    numbered: bool = True
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Return *blocks* as HTML."""
        return "\n".join(map(self._block, blocks))

    def contents(self, deepest: int = 3) -> str:
        """Return the headings written so far as a nested list of links."""
        lines = ""
        for level, anchor, text in self.headings:
            if level <= deepest:
                lines += f'<li class="level-{level}"><a href="#{anchor}">{escape(text)}</a></li>'
        return f"<ol>{lines}</ol>"

    def _block(self, block: Block) -> str:  # noqa: PLR0911 - one for each kind
        match block:
            case Heading():
                return self._heading(block)
            case Paragraph(children):
                return f"<p>{self._inlines(children)}</p>"
            case Items():
                tag = "ol" if block.ordered else "ul"
                items = "".join(f"<li>{self.blocks(item)}</li>" for item in block.items)
                return f"<{tag}>{items}</{tag}>"
            case Quote(children):
                return f"<blockquote>{self.blocks(children)}</blockquote>"
            case Grid():
                return self._grid(block)
            case Picture():
                return self._picture(block)
            case Photo():
                return self._photo(block)
            case Notice():
                return self._notice(block)
            case Own(children=children):
                return f'<div class="own">{self.blocks(children)}<p class="note">{escape(block.note)}</p></div>'

    def _heading(self, block: Heading) -> str:
        anchor = ""
        if self.numbered:
            name = f"section-{len(self.headings) + 1}"
            self.headings.append((block.level, name, plain(block.children)))
            anchor = f' id="{name}"'
        return f"<h{block.level}{anchor}>{self._inlines(block.children)}</h{block.level}>"

    def _notice(self, block: Notice) -> str:
        title = escape(block.title)
        return f'<section class="notice" aria-label="{title}"><p class="notice-title">{title}</p>{self.blocks(block.children)}</section>'

    def _grid(self, grid: Grid, *, number: bool = True) -> str:
        label = self._numbered("表") if number and grid.caption else ""
        caption = f"<caption>{escape(label + grid.caption)}</caption>" if grid.caption else ""
        head = self._rows(grid.head)
        bodies = "".join(f"<tbody>{self._rows(body)}</tbody>" for body in grid.bodies)
        columns = "".join(f'<col style="width:{100 * width / sum(grid.widths):.2f}%">' for width in grid.widths)
        table = f"<table>{caption}<colgroup>{columns}</colgroup><thead>{head}</thead>{bodies}</table>"
        note = f'<p class="note">{escape(grid.note)}</p>' if grid.note else ""
        region = f' role="region" aria-label="{escape(label + grid.caption)}" tabindex="0"' if grid.caption else ""
        kind = "table small" if grid.small else "table"
        return f'<div class="{kind}"{region}>{table}</div>{note}'

    def _rows(self, rows: Iterable[Cells]) -> str:
        return "".join(f"<tr>{''.join(map(self._cell, row))}</tr>" for row in rows)

    def _cell(self, cell: GridCell) -> str:
        spans = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
        spans += f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
        classes = ["number"] if cell.numeric else []
        classes += [f"indent-{cell.indent}"] if cell.indent else []
        looks = (f' class="{" ".join(classes)}"' if classes else "") + spans
        content = self._inlines(cell.children)
        if cell.header and content:
            return f'<th scope="{cell.header}"{looks}>{content}</th>'
        return f"<td{looks}>{content}</td>"

    def _picture(self, picture: Picture) -> str:
        label = self._numbered("图")
        self.counts["picture"] += 1
        prefix = f"picture-{self.counts['picture']}-"
        caption = escape(label + picture.caption)
        names = f'<title id="{prefix}title">{caption}</title><desc id="{prefix}alt">{escape(picture.alt)}</desc>'
        svg = re.sub(r"<[^>]+>", lambda tag: _own_ids(tag.group(), prefix), picture.svg)
        opening = f'<svg role="img" aria-labelledby="{prefix}title" aria-describedby="{prefix}alt"'
        svg = re.sub(r"<svg([^>]*)>", lambda found: f"{opening}{found[1]}>{names}", svg, count=1)
        grid = self._grid(picture.data, number=False) if picture.data else ""
        data = f"<details><summary>图中数据</summary>{grid}</details>" if grid else ""
        size = "" if picture.data else f' style="max-width: {100 * images.share(picture.svg):.2f}%; margin: 0 auto"'
        chart = f'<div class="chart" role="group" aria-label="{caption}" tabindex="0"{size}>{svg}</div>'
        return f"<figure>{chart}<figcaption>{caption}</figcaption>{data}</figure>"

    def _photo(self, photo: Photo) -> str:
        caption = escape(self._numbered("图") + photo.caption)
        size = f'width="{photo.width}" height="{photo.height}"'
        shown = f'<img src="data:{photo.mimetype};base64,{photo.content}" alt="{escape(photo.alt)}" {size}>'
        return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"

    def _numbered(self, what: str) -> str:
        if not self.numbered:
            return ""
        self.counts[what] += 1
        return f"{what}{self.counts[what]}　"

    def _inlines(self, children: Iterable[Inline]) -> str:
        return "".join(map(self._inline, children))

    def _inline(self, inline: Inline) -> str:
        match inline:
            case Text(text):
                return escape(text, quote=False)
            case Datum():
                return self._datum(inline)
            case Strong(children):
                return f"<strong>{self._inlines(children)}</strong>"
            case Emphasis(children):
                return f"<em>{self._inlines(children)}</em>"
            case Link(url, children):
                return f'<a href="{escape(url)}" rel="noopener noreferrer">{self._inlines(children)}</a>'
            case LineBreak():
                return "<br>"

    def _datum(self, datum: Datum) -> str:
        self.counts[datum.figure] += 1
        times = self.counts[datum.figure]
        element = datum.figure if times == 1 else f"{datum.figure}--{times}"
        self.shown.append((datum.figure, element))
        identity = f' id="{escape(element)}"' if self.numbered else ""
        value = escape(datum.value if datum.value is not None else datum.text)
        title = escape(datum.label)
        return (
            f'<data class="figure"{identity} data-figure="{escape(datum.figure)}" value="{value}" title="{title}">'
            f"{escape(datum.text, quote=False)}</data>"
        )


def _own_ids(tag: str, prefix: str) -> str:
    """Return an SVG *tag* with its ids, and what refers to them, made this picture's own."""
    tag = re.sub(r'(?<![\w-])id="', f'id="{prefix}', tag)
    return tag.replace('href="#', f'href="#{prefix}').replace("url(#", f"url(#{prefix}")
