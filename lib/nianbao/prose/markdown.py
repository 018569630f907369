"""
Markdown to blocks. Values never pass through here as Markdown: they arrive as tokens and leave as what they stand for.

Pictures that stand alone are blocks. Raw HTML, code and links to anything but http, https and mailto are shown as the text they are;
`raw` finds what a reader would take for source.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING, Any

import mistune

from nianbao.page.blocks import (
    Emphasis,
    Grid,
    GridCell,
    Heading,
    Items,
    LineBreak,
    Link,
    Paragraph,
    Photo,
    Quote,
    Strong,
    Text,
    plain,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nianbao.page.blocks import Block, Blocks, Cells, Inline, Inlines

    # What gives the block of a picture by its address, its caption and its title.
    Pictures = Callable[[str, Inlines, str], Block]
    # What Mistune makes of a piece of Markdown.
    Node = dict[str, Any]


TOKEN = re.compile("\ue000([0-9]+)\ue001")

# Beside a mark of CommonMark that stands between punctuation and a character, as in **“重点”**的, this letter, which shows nothing,
# makes it one; it is taken out again.
_LETTER = "\u3164"
_WEIGHTY = re.compile(r"(?<![*\\])(\*{1,2})(?=[^\s*])([^*\n]*[^\s*])\1(?!\*)")

_ESCAPED = re.compile(r"(?:%[89A-F][0-9A-F])+")
_LINE_END = Text("\n")
# How many neighbours of a line end are looked at for the characters beside it: more than one shows nothing.
_NEAR = 8
_WEIGHTS: dict[str, type[Strong | Emphasis]] = {"strong": Strong, "emphasis": Emphasis}
_SAFE_URL = re.compile(r"(https?://|mailto:)[^\s]+", re.IGNORECASE)
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\u2018-\u201d\u2026\u2014]")


def token(number: int) -> str:
    """Return the characters that stand for value *number* while Markdown is read."""
    return f"\ue000{number}\ue001"


def unread(url: str, caption: Inlines, title: str) -> Block:
    """Return a picture of nothing, for who does not show it."""
    del url, title
    return Photo(caption=plain(caption), alt=plain(caption), mimetype="", content="", width=1, height=1)


def parse(source: str, values: Mapping[int, Inline], *, deeper: int = 0, pictures: Pictures = unread) -> Blocks:
    """
    Return the blocks of *source*.

    Args:
        values: what each token stands for.

        deeper: how many levels its headings move down.

        pictures: gives the block of a picture by its address, its caption and its title.
    """
    # Writers indent with two ideographic spaces; the page does that itself.
    source = re.sub(r"^[\u3000]+", "", source, flags=re.MULTILINE)
    source = _WEIGHTY.sub(rf"\1{_LETTER}\2{_LETTER}\1", source)
    reader = mistune.create_markdown(renderer=None, plugins=["table"])
    # `[注]: 文字` would be taken for the definition of a link and vanish.
    reader.block.rules.remove("ref_link")
    tree = reader(source)
    assert isinstance(tree, list)
    return tuple(_Reader(values, deeper, pictures).blocks(tree))


class _Reader:
    def __init__(self, values: Mapping[int, Inline], deeper: int, pictures: Pictures) -> None:
        self.values = values
        self.deeper = deeper
        self.pictures = pictures

    def blocks(self, nodes: Iterable[Node]) -> Iterator[Block]:
        for node in nodes:
            yield from self._block(node)

    def _block(self, node: Node) -> Iterator[Block]:
        kind, children = node["type"], node.get("children", [])
        if kind == "heading":
            yield Heading(min(node["attrs"]["level"] + self.deeper, 6), self._line(children))
        elif kind in {"paragraph", "block_text"}:
            yield from self._paragraph(children)
        elif kind == "list":
            items = tuple(tuple(self.blocks(item["children"])) for item in children)
            yield Items(bool(node["attrs"]["ordered"]), items)
        elif kind == "block_quote":
            yield Quote(tuple(self.blocks(children)))
        elif kind == "table":
            yield self._table(children)
        elif kind in {"block_html", "block_code"}:
            yield Paragraph(self._text(node["raw"].strip("\n")))

    def _paragraph(self, nodes: list[Node]) -> Iterator[Block]:
        """Yield a paragraph, or the pictures that it consists of: one beside words stays the text that it is, which is told."""
        said = [node for node in nodes if node["type"] not in {"softbreak", "linebreak"} and node.get("raw", "x").strip()]
        if not said or any(node["type"] != "image" for node in said):
            yield Paragraph(self._line(nodes))
            return
        for node in said:
            title = plain(self._text(node["attrs"].get("title") or ""))
            yield self.pictures(self._address(node["attrs"]["url"]), self._line(node["children"]), title)

    def _address(self, url: str) -> str:
        """Return *url* as it was typed: Mistune escapes what is not ASCII, tokens included."""
        return plain(self._text(urllib.parse.unquote(url)))

    def _table(self, parts: list[Node]) -> Grid:
        head = self._row(parts[0], "col")
        body = tuple(self._row(row, "") for row in parts[1]["children"]) if len(parts) > 1 else ()
        return Grid(caption="", head=(head,), bodies=(body,) if body else (), widths=(1,) * len(head))

    def _row(self, row: Node, header: str) -> Cells:
        return tuple(GridCell(children=self._line(cell["children"]), header=header) for cell in row["children"])

    def _line(self, nodes: Iterable[Node]) -> Inlines:
        return _joined([inline for node in nodes for inline in self._inline(node)])

    def _inline(self, node: Node) -> Inlines:
        kind, children = node["type"], node.get("children", [])
        if kind in _WEIGHTS:
            return (_WEIGHTS[kind](self._line(children)),)
        if kind == "link":
            return self._link(node["attrs"]["url"], self._line(children))
        if kind == "image":
            return self._text(f"![{plain(self._line(children))}]({urllib.parse.unquote(node['attrs']['url'])})")
        if kind == "linebreak":
            return (LineBreak(),)
        if kind == "softbreak":
            return (_LINE_END,)
        return self._text(node["raw"])

    def _link(self, url: str, children: Inlines) -> Inlines:
        # Mistune escapes what is not ASCII, tokens included; an address is shown and linked as it was typed.
        url = plain(self._text(_ESCAPED.sub(lambda escaped: urllib.parse.unquote(escaped.group()), url)))
        if _SAFE_URL.fullmatch(url):
            return (Link(url, children),)
        return (Text("["), *children, Text(f"]({urllib.parse.unquote(url)})"))

    def _text(self, raw: str) -> Inlines:
        """Return *raw* with its tokens replaced by what they stand for."""
        pieces = enumerate(TOKEN.split(raw.replace(_LETTER, "")))
        return tuple(self.values[int(piece)] if index % 2 else Text(piece) for index, piece in pieces if piece)


def _joined(inlines: list[Inline]) -> Inlines:
    """Merge neighbouring texts and drop line ends beside characters that take no space between them."""
    merged: list[Inline] = []
    for index, inline in enumerate(inlines):
        if inline == _LINE_END:
            before, after = reversed(inlines[max(index - _NEAR, 0) : index]), inlines[index + 1 : index + 1 + _NEAR]
            edges = next(filter(None, map(_plainly, before)), ""), next(filter(None, map(_plainly, after)), "")
            inline = Text(_space(*edges))  # noqa: PLW2901 - what it becomes
        if isinstance(inline, Text) and merged and isinstance(merged[-1], Text):
            merged[-1] = Text(merged[-1].text + inline.text)
        else:
            merged.append(inline)
    return tuple(each for each in merged if each != Text(""))


def _plainly(inline: Inline) -> str:
    return plain((inline,))


def _space(before: str, after: str) -> str:
    """Return what stands for a line end between *before* and *after*: nothing beside an ideograph or at an edge."""
    edges = (before[-1:], after[:1])
    return "" if any(not edge or edge.isspace() or _WIDE.match(edge) for edge in edges) else " "


_RAW = re.compile(
    r"\*\*|~~|!\[|\]\(|\{\{|\}\}|\{%|%\}|</?[A-Za-z!][^<>]{0,200}>|```|&(?:#[0-9]+|#x[0-9a-fA-F]+|[A-Za-z]{2,8});|\|[ \t]*:?-{3,}"
)


def raw(blocks: Blocks) -> Iterator[str]:
    """Yield what in *blocks* a reader would take for source that was not set."""
    for node in walk(blocks):
        if isinstance(node, Text):
            yield from (found.group() for found in _RAW.finditer(node.text))
