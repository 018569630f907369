"""
Blocks to a Word file (.docx) in the layout of GB/T 9704: one that an office can go on writing in.

Text goes in as text, numbers as plain runs with bookmarks, tables as tables; the typography is `wordpagestyles`. Nothing here
computes a figure or reads a clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import wordpagefile, wordpageimage, wordpagesetup, wordpagestyles, wordpagetable
from .blocks import Block, Grid, Heading, Items, Notice, Paragraph, Picture, Quote, from_json, plain
from .wordpagesetup import BULLETS
from .wordpagetext import TextWriter
from .wordpagexml import element, paragraph, run
from .wordpagexml import field as word_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEEPEST_CONTENTS = 2
_DEEPEST_HEADING = 5
_BEFORE_PAGE_BREAK = ("}pStyle", "}keepNext", "}keepLines")


def document(metadata: Mapping[str, Any], blocks: Iterable[Block]) -> bytes:
    """
    Return a report as a Word file, the same bytes each time.

    Args:
        metadata: what the notebook says of itself under `nianbao`; its notice stands above the contents.

        blocks: the report's, without the notice.
    """
    writer = _Writer()
    notice = writer.blocks(from_json(list(metadata.get("notice", []))))
    body = writer.blocks(blocks)
    if body:
        _on_a_new_page(body)
    front = [*_title(metadata), *notice, *writer.contents()]
    draft = bool(metadata.get("draft"))
    parts = {
        "document": element("document", element("body", *front, *body, wordpagesetup.page())),
        "styles": wordpagestyles.styles(),
        "settings": wordpagesetup.settings(),
        "fontTable": wordpagesetup.fonts(),
        "numbering": wordpagesetup.lists(writer.counts["ordered"]),
        "odd": wordpagesetup.footer(odd=True, draft=draft),
        "even": wordpagesetup.footer(odd=False, draft=draft),
    }
    text = writer.text
    return wordpagefile.assembled(metadata, parts, figures=text.figures(), pictures=writer.pictures, links=text.links)


@dataclass(slots=True)
class _Writer:
    """Writes the blocks of one report, and remembers what its other parts need to know of them."""

    text: TextWriter = field(default_factory=TextWriter)
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def blocks(self, blocks: Iterable[Block], style: str = "Normal") -> list[Any]:
        """Return *blocks* as paragraphs and tables; *style* is that of their paragraphs."""
        return [each for block in blocks for each in self._block(block, style)]

    def contents(self) -> list[Any]:
        """Return the headings written so far as a table of contents; pages come when Word updates it."""
        found = [heading for heading in self.headings if heading[0] <= DEEPEST_CONTENTS]
        if not found:
            return []
        lines = [paragraph(f"TOC{level}", element("hyperlink", run(text), anchor=name)) for level, name, text in found]
        begin, asked, separate, end = word_field(rf'TOC \o "1-{DEEPEST_CONTENTS}" \h \z \u')
        for place, mark in enumerate((begin, asked, separate), 1):
            lines[0].insert(place, mark)
        lines[-1].append(end)
        gallery = element("docPartObj", element("docPartGallery", val="Table of Contents"), element("docPartUnique"))
        heading = paragraph("TOCHeading", run("目　录"))
        return [element("sdt", element("sdtPr", gallery), element("sdtContent", heading, *lines))]

    def _block(self, block: Block, style: str) -> list[Any]:
        if isinstance(block, Heading):
            return [self._heading(block)]
        if isinstance(block, Paragraph):
            return [paragraph(style, *self.text.inlines(block.children))]
        if isinstance(block, Items):
            return self._items(block, 0)
        if isinstance(block, Quote):
            return self.blocks(block.children, "Quote")
        if isinstance(block, Grid):
            return self._grid(block)
        if isinstance(block, Picture):
            return self._picture(block)
        assert isinstance(block, Notice)
        return [paragraph("NoticeTitle", run(block.title)), *self.blocks(block.children, "Notice")]

    def _heading(self, block: Heading) -> Any:
        # Level 1 is the title, which stands above everything.
        level = min(max(block.level - 1, 1), _DEEPEST_HEADING)
        name = f"_Toc{len(self.headings) + 1:08}"
        self.headings.append((level, name, plain(block.children)))
        return paragraph(f"Heading{level}", *self.text.bookmark(name, self.text.inlines(block.children)))

    def _items(self, block: Items, level: int) -> list[Any]:
        """Return the items of a list; lists in it go one level deeper."""
        number = BULLETS
        if block.ordered:
            self.counts["ordered"] += 1
            number = BULLETS + self.counts["ordered"]
        style = "ListNumber" if block.ordered else "ListBullet"
        made = []
        for item in block.items:
            numbered = element("numPr", element("ilvl", val=min(level, 8)), element("numId", val=number))
            first, rest = (item[0].children, item[1:]) if item and isinstance(item[0], Paragraph) else ((), item)
            made.append(paragraph(style, *self.text.inlines(first), properties=(numbered,)))
            for each in rest:
                made += self._items(each, level + 1) if isinstance(each, Items) else self._block(each, "ListContinue")
        return made

    def _grid(self, grid: Grid) -> list[Any]:
        caption = [self._caption("表", grid.caption, element("keepNext"))] if grid.caption else []
        # Without a paragraph between them Word would make one table of two.
        note = paragraph("TableNote", run(grid.note))
        return [*caption, wordpagetable.table(grid, self.text.inlines), note]

    def _picture(self, picture: Picture) -> list[Any]:
        image = wordpageimage.png(picture.svg)
        self.pictures.append(image)
        number = len(self.pictures)
        shown = wordpageimage.drawing(image, number=number, relationship=f"picture{number}", name=f"图{number}", alt=picture.alt)
        return [paragraph("Picture", shown), self._caption("图", picture.caption)]

    def _caption(self, what: str, words: str, *properties: Any) -> Any:
        self.counts[what] += 1
        number = word_field(rf"SEQ {what} \* ARABIC", run(str(self.counts[what])))
        return paragraph("Caption", run(what), *number, run(f"　{words}"), properties=properties)


def _title(metadata: Mapping[str, Any]) -> list[Any]:
    lines = metadata.get("title_lines") or [metadata["title"]]
    first, *others = (run(line) for line in lines)
    content = [first, *(each for line in others for each in (element("r", element("br")), line))]
    date = metadata.get("date_text", "")
    return [paragraph("Title", *content), *([paragraph("Date", run(date))] if date else [])]


def _on_a_new_page(body: list[Any]) -> None:
    """Make *body* begin on a new page."""
    if not body[0].tag.endswith("}p"):
        body.insert(0, paragraph("TableNote"))
    properties = body[0][0]
    place = sum(each.tag.endswith(_BEFORE_PAGE_BREAK) for each in properties)
    properties.insert(place, element("pageBreakBefore"))
