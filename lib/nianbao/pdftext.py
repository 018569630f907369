"""
The numerals that a PDF shows, page by page, and which figure each of them is.

What the typesetter was given is laid beside what a reader extracts from the pages; what the pages have in addition must be furniture:
folios, page numbers of the contents, numbers of captions, repeated heads of tables. `gate` judges the rest as it does for HTML.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from .blocks import Datum, Grid, GridCell, Heading, Items, LineBreak, Notice, Paragraph, Picture, Quote, Text
from .errors import DamagedPdfError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .blocks import Block, Inline

TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# What the typesetter adds: folios, page numbers at the end of the lines of the contents, numbers of captions. The leader of a long
# title may be a single dot; a dot behind a digit is a decimal point.
FURNITURE = re.compile(r"—\s*[0-9]+\s*—|(?<![0-9])[.．][.． ]*[0-9]+[ ]*$|^[图表][ ]*[0-9]{1,3}(?![0-9])", re.MULTILINE)
# A numeral and the figure that it belongs to, or nothing where it is structural.
Token = tuple[str, str]

_SVG_TEXT = re.compile(r'<g data-figure="([^"]*)">.*?</g>|<text[^>]*>([^<]*)</text>', re.DOTALL)


# A build asks thrice for the pages of one PDF, which takes as long as setting a third of it.
@lru_cache(maxsize=1)
def pages(pdf: bytes) -> tuple[str, ...]:
    """
    Return the text of each page of *pdf*, line by line as it was set.

    Raises:
        DamagedPdfError: where it cannot be opened.
    """
    import pypdfium2  # noqa: PLC0415 - only a build and a verification need it

    try:
        opened = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise DamagedPdfError(f"PDF 打不开（{error}）。") from error
    with opened:
        return tuple(str(page.get_textpage().get_text_range()).replace("\r\n", "\n") for page in opened)


def tokens(text: str) -> list[str]:
    """Return the numerals of *text* in order."""
    return TOKEN.findall(text)


def places(pdf: bytes, blocks: Iterable[Block]) -> tuple[list[list[list[str]]], list[str]]:
    """
    Return, for each page of *pdf*, its numerals with their figures; and the figures' numerals of *blocks* that no page shows.

    Args:
        blocks: what the PDF was set from.
    """
    expected = list(_expected(blocks))
    shown = pages(pdf)
    laid = [[[token, ""] for token in tokens(text)] for text in shown]
    # Furniture is none of what was expected: a folio must not pass for a figure of the same digits.
    found = [entry for text, entries in zip(shown, laid, strict=True) for entry in _but_furniture(text, entries)]
    lost: list[str] = []
    matcher = SequenceMatcher(None, [token for token, _figure in expected], [token for token, _figure in found], autojunk=False)
    for tag, first, last, start, stop in matcher.get_opcodes():
        if tag == "equal":
            for entry, (_token, figure) in zip(found[start:stop], expected[first:last], strict=True):
                entry[1] = figure
        elif tag in {"delete", "replace"}:
            lost += [token for token, figure in expected[first:last] if figure]
    return laid, lost


def _but_furniture(text: str, entries: list[list[str]]) -> Iterator[list[str]]:
    """Yield those of *entries*, the numerals of the page *text* in order, that the typesetter did not add."""
    added = {found.end() for each in FURNITURE.finditer(text) for found in TOKEN.finditer(text, *each.span())}
    for entry, found in zip(entries, TOKEN.finditer(text), strict=True):
        if found.end() not in added:
            yield entry


def without_figures(text: str, placed: list[list[str]]) -> str:
    """Return the *text* of a page with the numerals of its figures blanked out, ready for the gate."""
    remaining = iter(placed)

    def blank(found: re.Match[str]) -> str:
        _token, figure = next(remaining)
        return "\ufffc" if figure else found.group()

    return TOKEN.sub(blank, text)


def _expected(blocks: Iterable[Block]) -> Iterator[Token]:
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            yield from _line(block.children)
        elif isinstance(block, Notice):
            yield from ((token, "") for token in tokens(block.title))
            yield from _expected(block.children)
        elif isinstance(block, Quote):
            yield from _expected(block.children)
        elif isinstance(block, Items):
            yield from _expected(each for item in block.items for each in item)
        elif isinstance(block, Grid):
            yield from _grid(block)
        elif isinstance(block, Picture):
            yield from _picture(block)


def _grid(grid: Grid) -> Iterator[Token]:
    yield from ((token, "") for token in tokens(grid.caption))
    cells: Iterable[GridCell] = (cell for rows in (grid.head, *grid.bodies) for row in rows for cell in row)
    for cell in cells:
        yield from _line(cell.children)
    yield from ((token, "") for token in tokens(grid.note))


def _picture(picture: Picture) -> Iterator[Token]:
    for found in _SVG_TEXT.finditer(picture.svg):
        if found[1] is not None:
            text = "".join(re.findall(r"<text[^>]*>([^<]*)</text>", found.group()))
            yield from ((token, found[1]) for token in tokens(text))
        else:
            yield from ((token, "") for token in tokens(found[2]))
    yield from ((token, "") for token in tokens(picture.caption))


def _line(children: Iterable[Inline]) -> Iterator[Token]:
    """Yield the numerals of inlines that run on; one that spans a figure and its neighbours belongs to the figure."""
    text, spans = "", []
    for inline in _flat(children):
        if isinstance(inline, Datum):
            spans.append((len(text), len(text) + len(inline.text), inline.figure))
        text += inline.text if isinstance(inline, Text | Datum) else "\n"
    for found in TOKEN.finditer(text):
        figure = next((name for start, end, name in spans if start < found.end() and found.start() < end), "")
        yield found.group(), figure


def _flat(children: Iterable[Inline]) -> Iterator[Text | Datum | LineBreak]:
    for child in children:
        if isinstance(child, Text | Datum | LineBreak):
            yield child
        else:
            yield from _flat(child.children)
