"""
The untraced-number gate: every numeral on a page is a figure, is structural, or is on the allow-list; the rest is named.

It reads the page as a reader gets it, not the blocks it was made from, so nothing that writes a page can get past it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from . import pdftext, structural
from .document import draft_notice
from .errors import PublishError
from .findings import open_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .document import Document

# Elements whose text is read together; the rest (`em`, `strong`, `a`, `span`) runs on in them.
_BLOCKS = {"p", "li", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "figcaption", "summary", "text", "div"}
_UNSEEN = {"style", "script", "title", "desc", "head", "template"}
# What stands beside the folio of a draft, without its blanks.
_DRAFT = "草稿不得公布"
# Stands for a figure in the text around it.
_FIGURE = "\ufffc"


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure where a page shows it: the element's id, the figure it claims, its text and its exact value."""

    element: str
    figure: str
    text: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader finds on a page: the text of its blocks with figures taken out, and the figures."""

    blocks: tuple[str, ...]
    figures: tuple[Shown, ...]


@lru_cache(maxsize=1)
def read(page: str) -> Reading:
    """Return what the HTML *page* shows; a build asks it of one page, and twice."""
    # lxml takes a tenth of a second to import.
    from lxml import html  # noqa: PLC0415

    body = html.document_fromstring(page).find("body")
    figures: list[Shown] = []
    blocks = [""]
    _gather(body, blocks, figures)
    return Reading(tuple(text for text in map(str.strip, blocks) if text), tuple(figures))


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """
    Which numerals may stand on a page without being figures.

    Args:
        structural: years, dates, numbering.

        known: texts that hold numerals by their nature, the longest first.

        reported: numerals that the page itself names as still to be mended.
    """

    structural: re.Pattern[str]
    known: tuple[str, ...]
    reported: frozenset[str] = frozenset()


def allowance(document: Document) -> Allowance:
    """Return what may stand on the pages of a report."""
    reported = {
        numeral
        for finding in document.findings
        if finding.rule == "T01"
        for numeral in _numerals(finding.sentence.partition("“")[2].partition("”")[0])
    }
    known = (*_said(document), *structural.names(document.report))
    return Allowance(structural=structural.pattern(document.report.year), known=known, reported=frozenset(reported))


def untraced(blocks: Iterable[str], allowed: Allowance) -> Iterator[tuple[str, str]]:
    """Yield (numeral, the text it stands in) for each numeral that is neither structural nor on the allow-list."""
    for text in blocks:
        left = allowed.structural.sub(" ", structural.without(text, allowed.known))
        for found in structural.NUMERAL.finditer(left):
            # What the draft notice already names may stand: the report is a draft until it is mended.
            if found.group().strip(".,，:") not in allowed.reported:
                yield found.group(), text


def check(page: str, pdf: bytes, places: list[list[list[str]]], lost: list[str], allowed: Allowance) -> None:
    """
    Make sure that every numeral of the HTML *page* and of the *pdf* is traced, and that the PDF shows every figure.

    Args:
        places: the numerals of each page of the PDF with their figures; `lost` are those that no page shows.

    Raises:
        PublishError: with each numeral that is not, and its sentence.
    """
    found = list(untraced(read(page).blocks, allowed))
    for number, (text, placed) in enumerate(zip(pdftext.pages(pdf), places, strict=True), 1):
        found += [(numeral, f"PDF 第{number}页：{line}") for numeral, line in untraced_in_pdf(text, placed, allowed)]
    found += [(numeral, "PDF 中找不到它") for numeral in lost]
    _refuse(found)


def check_page(page: str, allowed: Allowance) -> None:
    """
    Make sure that every numeral of the HTML *page* is traced.

    Raises:
        PublishError: with each numeral that is not, and its sentence.
    """
    _refuse(list(untraced(read(page).blocks, allowed)))


def _refuse(found: list[tuple[str, str]]) -> None:
    if found:
        lines = [f"  “{numeral}”，在“{text[:80]}”中" for numeral, text in found]
        words = "改用占位符，或在 report.yaml 的 literals 中说明理由；上一次的成果没有改动。"
        raise PublishError("\n".join([f"有{len(found)}个数没有来历：", *lines, words]))


def untraced_in_pdf(text: str, placed: list[list[str]], allowed: Allowance) -> Iterator[tuple[str, str]]:
    """Yield (numeral, the line it stands in) for each numeral on a page of a PDF that is no figure, not structural, no furniture."""
    # A reader of PDF gives U+FFFE for a hyphen at the end of a line.
    text = re.sub(r"[ \u3000\u00a0]+", "", pdftext.without_figures(text, placed).replace("\ufffe", "-"))
    # A name may be broken over lines; a date too.
    unbroken = "".join(text.split())
    for name in ("".join(known.split()) for known in allowed.known):
        if name in unbroken:
            text = re.sub(r"\s*".join(map(re.escape, name)), "", text)
            unbroken = "".join(text.split())
    text = re.sub(r"(?<=[0-9])\n(?=[年月日0-9])", "", text)
    text = pdftext.FURNITURE.sub("", text).replace(_DRAFT, "").rstrip()
    # A year that ends a page has its 年 on the next.
    yield from untraced((text + "年" if text[-1:].isdecimal() else text).split("\n"), allowed)


def _said(document: Document) -> tuple[str, ...]:
    """Return the words of findings, which name files, lines and rules; their figures stand apart."""
    words = {part for finding in document.findings for part in finding.parts if isinstance(part, str)}
    words |= {notice.title for notice in draft_notice(open_findings(document.findings))}
    words |= {finding.id for finding in document.findings} | {finding.rule for finding in document.findings}
    return tuple(sorted(filter(structural.NUMERAL.search, words), key=lambda text: (-len(text), text)))


def _numerals(sentence: str) -> set[str]:
    return {found.group().strip(".,，:") for found in structural.NUMERAL.finditer(sentence)}


def _gather(element: Any, blocks: list[str], figures: list[Shown]) -> None:
    """Add the text of *element* to the last of *blocks*, beginning a new one where a block element begins or ends."""
    tag = element.tag if isinstance(element.tag, str) else "script"
    if tag in _UNSEEN:
        return
    if (figure := element.get("data-figure")) is not None:
        figures.append(Shown(element.get("id", ""), figure, str(element.text_content()).strip(), element.get("value")))
        blocks[-1] += _FIGURE
        return
    if tag in _BLOCKS:
        blocks.append("")
    blocks[-1] += element.text or ""
    for child in element:
        _gather(child, blocks, figures)
        blocks[-1] += child.tail or ""
    if tag in _BLOCKS:
        blocks.append("")
