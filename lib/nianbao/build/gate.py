"""
The last check of a build: every numeral that a page or a PDF shows is a figure, or may stand there; and the PDF shows every figure.

Finished files are read back as a reader reads them. What the typesetter was given is laid beside what is extracted from the pages; what
these have in addition must be furniture: folios, page numbers of the contents, numbers of captions, repeated heads of tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nianbao.document.document import draft_notice
from nianbao.indicators import frozen, positional
from nianbao.indicators.errors import DamagedPdfError, PublishError
from nianbao.indicators.findings import open_findings
from nianbao.page import faces, images
from nianbao.page.blocks import (
    Datum,
    Grid,
    GridCell,
    Heading,
    Items,
    LineBreak,
    Notice,
    Own,
    Paragraph,
    Photo,
    Picture,
    Quote,
    Text,
    inside,
)
from nianbao.prose import lint
from nianbao.reading import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from re import Match

    from nianbao.document.document import Document
    from nianbao.indicators.values import Strings
    from nianbao.page.blocks import Block, Inline

    # A numeral and the figure that it belongs to, or nothing where it is structural; and those of a page, in order.
    Token = tuple[str, str]
    Numerals = list[list[str]]


TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# What the typesetter adds: folios, page numbers at the end of the lines of the contents, numbers of captions. The leader of a long
# title may be a single dot; a dot behind a digit is a decimal point.
FURNITURE = re.compile(r"—\s*[0-9]+\s*—|(?<![0-9])[.．][.． ]*[0-9]+[ ]*$|^[图表][ ]*[0-9]{1,3}(?![0-9])", re.MULTILINE)
# Stands for the figure of a numeral that the office answers for, as a reader sees.
OWN = "*"

_SVG_TEXT = re.compile(r'<g data-figure="([^"]*)">.*?</g>|<text[^>]*>([^<]*)</text>', re.DOTALL)


# A build asks thrice for the pages of one PDF, which takes as long as setting a third of it.
@lru_cache(maxsize=1)
def pages(pdf: bytes) -> Strings:
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


def places(pdf: bytes, blocks: Iterable[Block]) -> tuple[list[Numerals], list[str]]:
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
            continue
        around = expected[first:last] or expected[max(first - 1, 0) : first + 1]
        if stop > start and all(figure == OWN for _token, figure in around):
            # What the office answers for may be broken over lines, or run together, in narrow columns.
            for entry in found[start:stop]:
                entry[1] = OWN
        if tag in {"delete", "replace"}:
            lost += [token for token, figure in expected[first:last] if figure and figure != OWN]
    return laid, lost


def _but_furniture(text: str, entries: Numerals) -> Iterator[list[str]]:
    """Yield those of *entries*, the numerals of the page *text* in order, that the typesetter did not add."""
    added = {found.end() for each in FURNITURE.finditer(text) for found in TOKEN.finditer(text, *each.span())}
    for entry, found in zip(entries, TOKEN.finditer(text), strict=True):
        if found.end() not in added:
            yield entry


def without_figures(text: str, placed: Numerals) -> str:
    """Return the *text* of a page with the numerals of its figures blanked out, ready for the gate."""
    remaining = iter(placed)

    def blank(found: Match[str]) -> str:
        _token, figure = next(remaining)
        return "\ufffc" if figure else found.group()

    return TOKEN.sub(blank, text)


def _expected(blocks: Iterable[Block]) -> Iterator[Token]:
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            yield from _line(block.children)
        elif isinstance(block, Notice):
            yield from _structural(block.title)
            yield from _expected(block.children)
        elif isinstance(block, Own):
            yield from ((token, figure or OWN) for token, figure in _expected(block.children))
            yield from ((token, OWN) for token in tokens(block.note))
        elif isinstance(block, Quote | Items):
            yield from _expected(inside(block))
        elif isinstance(block, Grid):
            yield from _grid(block)
        elif isinstance(block, Photo):
            yield from _structural(block.caption)
        elif isinstance(block, Picture):
            yield from _picture(block)


def _structural(text: str) -> Iterator[Token]:
    """Yield the numerals of *text*, which holds no figure."""
    for token in tokens(text):
        yield token, ""


def _grid(grid: Grid) -> Iterator[Token]:
    yield from _structural(grid.caption)
    cells: Iterable[GridCell] = (cell for rows in (grid.head, *grid.bodies) for row in rows for cell in row)
    for cell in cells:
        yield from _line(cell.children)
    yield from _structural(grid.note)


def _picture(picture: Picture) -> Iterator[Token]:
    if picture.data is None:
        for words in images.words(images.printed(picture.svg)):
            yield from ((token, figure) for text, figure in words.pieces for token in tokens(text))
        yield from _structural(picture.caption)
        return
    for found in _SVG_TEXT.finditer(picture.svg):
        if found[1] is not None:
            text = "".join(re.findall(r"<text[^>]*>([^<]*)</text>", found.group()))
            yield from ((token, found[1]) for token in tokens(text))
        else:
            yield from _structural(found[2])
    yield from _structural(picture.caption)


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


# Elements whose text is read together; the rest (`em`, `strong`, `a`, `span`) runs on in them.
_BLOCKS = {"p", "li", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "figcaption", "summary", "text", "div"}
_UNSEEN = {"style", "script", "title", "desc", "head", "template"}
# What stands beside the folio of a draft, without its blanks.
_DRAFT = "草稿不得公布"
# Stands for a figure in the text around it.
_FIGURE = "\ufffc"


@positional
class Shown:
    """A figure where a page shows it: the element's id, the figure it claims, its text and its exact value."""

    element: str
    figure: str
    text: str
    value: str | None


@positional
class Reading:
    """
    What a reader finds on a page: the text of its blocks with figures taken out, and the figures.

    Args:
        own: the numbers of those blocks that hold names of places on an axis, or what the page says the office computed by itself.
    """

    blocks: Strings
    figures: tuple[Shown, ...]
    own: frozenset[int] = frozenset()

    @property
    def claimed(self) -> Strings:
        """The texts in which every numeral must be a figure, or may stand."""
        return tuple(text for number, text in enumerate(self.blocks) if number not in self.own)


@lru_cache(maxsize=1)
def read(page: str) -> Reading:
    """Return what the HTML *page* shows; a build asks it of one page, and twice."""
    # lxml takes a tenth of a second to import.
    from lxml import html  # noqa: PLC0415

    body = html.document_fromstring(page).find("body")
    gathered = _Gathered()
    gathered.take(body, own=False)
    texts = [(text.strip(), own) for text, own in gathered.blocks]
    shown = [(text, own) for text, own in texts if text]
    own = frozenset(number for number, (_text, own) in enumerate(shown) if own)
    return Reading(tuple(text for text, _own in shown), tuple(gathered.figures), own)


@frozen
class Allowance:
    """
    Which numbers may stand on a page without being figures, beside those that need no origin: years, dates, numbering.

    Args:
        known: texts that hold digits by their nature, the longest first.

        reported: numbers that the page itself names as still to be mended.

        anything: whether all of them may, because the page quotes what others wrote.
    """

    known: Strings = ()
    reported: frozenset[str] = frozenset()
    anything: bool = False


ANYTHING = Allowance(anything=True)


def allowance(document: Document) -> Allowance:
    """Return what may stand on the pages of a report."""
    reported = frozenset(number for finding in document.findings for number in lint.numbers_told(finding))
    return Allowance(known=faces.coded((*_said(document), *lint.names(document.report))), reported=reported)


def untraced(blocks: Iterable[str], allowed: Allowance) -> Iterator[tuple[str, str]]:
    """Yield (number, the text it stands in) for each number that needs an origin and is not on the allow-list."""
    for text in () if allowed.anything else blocks:
        for found in numbers.unfounded(lint.without(text, allowed.known)):
            # What the draft notice already names may stand: the report is a draft until it is mended.
            if found.group() not in allowed.reported:
                yield found.group(), text


def check(page: str, pdf: bytes, places: list[Numerals], lost: list[str], allowed: Allowance) -> None:
    """
    Make sure that every numeral of the HTML *page* and of the *pdf* is traced, and that the PDF shows every figure.

    Args:
        places: the numerals of each page of the PDF with their figures; `lost` are those that no page shows.

    Raises:
        PublishError: with each numeral that is not, and its sentence.
    """
    found = list(untraced(read(page).claimed, allowed))
    for number, (text, placed) in enumerate(zip(pages(pdf), places, strict=True), 1):
        found += [(numeral, f"PDF 第{number}页：{line}") for numeral, line in untraced_in_pdf(text, placed, allowed)]
    found += [(numeral, "PDF 中找不到它") for numeral in lost]
    _refuse(found)


def check_page(page: str, allowed: Allowance) -> None:
    """
    Make sure that every numeral of the HTML *page* is traced.

    Raises:
        PublishError: with each numeral that is not, and its sentence.
    """
    _refuse(list(untraced(read(page).claimed, allowed)))


def _refuse(found: list[tuple[str, str]]) -> None:
    if found:
        lines = [f"  “{numeral}”，在“{text[:80]}”中" for numeral, text in found]
        words = "改用占位符，或在 report.yaml 的 literals 中说明理由；上一次的成果没有改动。"
        raise PublishError("\n".join([f"有{len(found)}个数没有来历：", *lines, words]))


def untraced_in_pdf(text: str, placed: Numerals, allowed: Allowance) -> Iterator[tuple[str, str]]:
    """Yield (numeral, the line it stands in) for each numeral on a page of a PDF that is no figure, not structural, no furniture."""
    # A reader of PDF gives U+FFFE for a hyphen at the end of a line.
    text = re.sub(r"[ \u3000\u00a0]+", "", without_figures(text, placed).replace("\ufffe", "-"))
    # A name may be broken over lines; a date too.
    unbroken = "".join(text.split())
    for name in ("".join(known.split()) for known in allowed.known):
        if name in unbroken:
            text = re.sub(r"\s*".join(map(re.escape, name)), "", text)
            unbroken = "".join(text.split())
    text = re.sub(r"(?<=[0-9])\n(?=[年月日0-9])", "", text)
    text = FURNITURE.sub("", text).replace(_DRAFT, "").rstrip()
    # A year that ends a page has its 年 on the next.
    text += "年" if text[-1:].isdecimal() else ""
    # What excuses a number may stand on the next line: 12345政务服务 | 热线.
    starts = set() if allowed.anything else {found.start() for found in numbers.unfounded(text.replace("\n", ""))}
    begins = 0
    for line in text.split("\n"):
        owed = [
            found for found in numbers.unfounded(line) if starts.intersection(range(begins + found.start(), begins + found.end()))
        ]
        yield from ((found.group(), line) for found in owed if found.group() not in allowed.reported)
        begins += len(line)


def _said(document: Document) -> Strings:
    """Return the words of findings, which name files, lines and rules; their figures stand apart."""
    words = {part for finding in document.findings for part in finding.parts if isinstance(part, str)}
    words |= {notice.title for notice in draft_notice(open_findings(document.findings))}
    words |= {finding.id for finding in document.findings} | {finding.rule for finding in document.findings}
    return tuple(sorted(filter(numbers.NUMBER.search, words), key=lambda text: (-len(text), text)))


@dataclass(slots=True)
class _Gathered:
    """The texts of a page, each with whether the office answers for its numbers, and its figures."""

    blocks: list[tuple[str, bool]] = field(default_factory=lambda: [("", False)])
    figures: list[Shown] = field(default_factory=list)

    def take(self, element: Any, *, own: bool) -> None:
        """Add the text of *element* to the last block, beginning a new one where a block element begins or ends."""
        tag = element.tag if isinstance(element.tag, str) else "script"
        if tag in _UNSEEN:
            return
        if (figure := element.get("data-figure")) is not None:
            self.figures.append(Shown(element.get("id", ""), figure, str(element.text_content()).strip(), element.get("value")))
            self._say(_FIGURE)
            return
        own = own or element.get("data-tick") is not None or (tag == "div" and element.get("class") == "own")
        if tag in _BLOCKS:
            self.blocks.append(("", own))
        self._say(element.text or "")
        for child in element:
            self.take(child, own=own)
            self._say(child.tail or "", own=own)
        if tag in _BLOCKS:
            self.blocks.append(("", False))

    def _say(self, text: str, *, own: bool = False) -> None:
        before, was = self.blocks[-1]
        self.blocks[-1] = (before + text, was if before.strip() else was or own)
