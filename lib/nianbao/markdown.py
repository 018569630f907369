"""
Markdown to blocks. Values never pass through here as Markdown: they arrive as tokens and leave as what they stand for.

Raw HTML, images, code and links to anything but http, https and mailto are shown as the text they are.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING, Any

import mistune

from .blocks import Emphasis, Grid, GridCell, Heading, Items, LineBreak, Link, Paragraph, Quote, Strong, Text, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .blocks import Block, Inline

TOKEN = re.compile("\ue000([0-9]+)\ue001")

_SAFE_URL = re.compile(r"(https?://|mailto:)[^\s]+", re.IGNORECASE)
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\u2018-\u201d\u2026\u2014]")


def token(number: int) -> str:
    """Return the characters that stand for value *number* while Markdown is read."""
    return f"\ue000{number}\ue001"


def parse(source: str, values: Mapping[int, Inline], *, deeper: int = 0) -> tuple[Block, ...]:
    """
    Return the blocks of *source*.

    Args:
        values: what each token stands for.

        deeper: how many levels its headings move down.
    """
    # Writers indent with two ideographic spaces; the page does that itself.
    source = re.sub(r"^[\u3000]+", "", source, flags=re.MULTILINE)
    tree = mistune.create_markdown(renderer=None, plugins=["table"])(source)
    assert isinstance(tree, list)
    return tuple(_Reader(values, deeper).blocks(tree))


class _Reader:
    def __init__(self, values: Mapping[int, Inline], deeper: int) -> None:
        self.values = values
        self.deeper = deeper

    def blocks(self, nodes: Iterable[dict[str, Any]]) -> Iterator[Block]:
        for node in nodes:
            yield from self._block(node)

    def _block(self, node: dict[str, Any]) -> Iterator[Block]:
        kind, children = node["type"], node.get("children", [])
        if kind == "heading":
            yield Heading(min(node["attrs"]["level"] + self.deeper, 6), self._line(children))
        elif kind in {"paragraph", "block_text"}:
            yield Paragraph(self._line(children))
        elif kind == "list":
            items = tuple(tuple(self.blocks(item["children"])) for item in children)
            yield Items(bool(node["attrs"]["ordered"]), items)
        elif kind == "block_quote":
            yield Quote(tuple(self.blocks(children)))
        elif kind == "table":
            yield self._table(children)
        elif kind in {"block_html", "block_code"}:
            yield Paragraph(self._text(node["raw"].strip("\n")))

    def _table(self, parts: list[dict[str, Any]]) -> Grid:
        head = tuple(self._cell(cell, "col") for cell in parts[0]["children"])
        rows = parts[1]["children"] if len(parts) > 1 else []
        body = tuple(tuple(self._cell(cell, "") for cell in row["children"]) for row in rows)
        return Grid(caption="", head=(head,), bodies=(body,) if body else (), widths=(1,) * len(head))

    def _cell(self, cell: dict[str, Any], header: str) -> GridCell:
        return GridCell(children=self._line(cell["children"]), header=header)

    def _line(self, nodes: Iterable[dict[str, Any]]) -> tuple[Inline, ...]:
        return _joined([inline for node in nodes for inline in self._inline(node)])

    def _inline(self, node: dict[str, Any]) -> tuple[Inline, ...]:
        kind, children = node["type"], node.get("children", [])
        if kind == "strong":
            return (Strong(self._line(children)),)
        if kind == "emphasis":
            return (Emphasis(self._line(children)),)
        if kind == "link":
            return self._link(node["attrs"]["url"], self._line(children))
        if kind == "image":
            return self._text(f"![{plain(self._line(children))}]({urllib.parse.unquote(node['attrs']['url'])})")
        if kind == "linebreak":
            return (LineBreak(),)
        if kind == "softbreak":
            return (Text("\n"),)
        return self._text(node["raw"])

    def _link(self, url: str, children: tuple[Inline, ...]) -> tuple[Inline, ...]:
        url = plain(self._text(urllib.parse.unquote(url)))
        if _SAFE_URL.fullmatch(url):
            return (Link(url, children),)
        return (Text("["), *children, Text(f"]({url})"))

    def _text(self, raw: str) -> tuple[Inline, ...]:
        """Return *raw* with its tokens replaced by what they stand for."""
        pieces = TOKEN.split(raw)
        found: list[Inline] = []
        for index, piece in enumerate(pieces):
            if index % 2:
                found.append(self.values[int(piece)])
            elif piece:
                found.append(Text(piece))
        return tuple(found)


def _joined(inlines: list[Inline]) -> tuple[Inline, ...]:
    """Merge neighbouring texts and drop line ends between characters that take no space between them."""
    merged: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, Text) and merged and isinstance(merged[-1], Text):
            merged[-1] = Text(merged[-1].text + inline.text)
        else:
            merged.append(inline)
    return tuple(Text(_soft(each.text)) if isinstance(each, Text) else each for each in merged)


def _soft(text: str) -> str:
    def space(found: re.Match[str]) -> str:
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        return "" if not before or not after or _WIDE.match(before) or _WIDE.match(after) else " "

    return re.sub(r"\n", space, text)
