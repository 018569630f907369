"""
The lines of a PDF: lines of the page are joined to the paragraphs they were set from, page numbers are left out.

PDFium, the engine of a widely used browser, says which characters stand where; it also says which blanks are on no page but
follow from a gap between characters.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from nianbao.indicators import positional
from nianbao.reading.lines import BETWEEN, HAN, Line, UnreadableError, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from re import Match

    import pypdfium2

    from nianbao.reading.lines import Lines


_PAGE_NUMBER = re.compile(r"[—–―─\-－·•]?\s*(?:第\s*)?\d{1,4}\s*(?:页)?\s*(?:[/／，,]?\s*(?:共\s*)?\d{1,4}\s*页?)?\s*[—–―─\-－·•]?")
_LEADER = re.compile(r"\s*(?:[.．…·]\s*){4,}\d{1,4}$")
_MARKER = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]{1,3}[、．.章条]|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.．、](?!\d)|[⑴-⑽①-⑩])"
)
_CLOSED = re.compile(r"[。！？；：]$")
_WIDE = re.compile(rf"[{HAN}，。、；：！？“”《》（）〔〕]")
# What stands together at the beginning of a line: no line is broken within a number or an address, nor before a closing mark.
_UNBROKEN = re.compile(r"[“‘《〈（〔【「(]*(?:[!-~]+|.(?:[,.:;!?)%][!-~]*)?)[，。、；：！？”’》〉）〕】」％‰]*")

# In characters: a gap that parts two cells of a row; an indented first line; what a full line may lack at its end.
_CELL_GAP, _INDENT, _SLACK = 1.2, 1.2, 1.6
# The width of a digit or letter; the blank beside a Chinese character, with what a mark may hang over the edge.
_NARROW, _SPACING = 0.55, 0.7


@positional
class _SetLine:
    """One line as set on a page, its ends in points and the size of its characters."""

    text: str
    page: int
    left: float
    right: float
    size: float


def lines(content: bytes, file: str) -> Lines:
    """
    Return the lines of the PDF *content*.

    Args:
        file: how messages name it.

    Raises:
        UnreadableError: where it is broken, locked, or holds pictures of text.
    """
    # pypdfium2 takes a fifth of a second to import.
    import pypdfium2  # noqa: PLC0415

    try:
        with pypdfium2.PdfDocument(content) as document:
            pages = [tuple(_page(document, index)) for index in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(file, "文件已损坏或加了密，打不开", remedy="换成没有密码的 PDF，或改用 .docx") from error
    joined = tuple(_joined([line for page in pages for line in page]))
    if not joined:
        raise UnreadableError(file, "没有文字，可能是扫描件", remedy="改用电子版，或先做文字识别")
    return tuple(Line(number, line.text, line.page) for number, line in enumerate(joined, 1))


def _page(document: pypdfium2.PdfDocument, index: int) -> Iterator[_SetLine]:
    """Yield the lines of a page without its number, which stands first or last."""
    textpage = document[index].get_textpage()
    found = [line for line in _set_lines(textpage, index + 1) if line.text]
    for place, line in enumerate(found):
        if place not in {0, len(found) - 1} or not _PAGE_NUMBER.fullmatch(line.text):
            yield line


def _set_lines(textpage: pypdfium2.PdfTextPage, page: int) -> Iterator[_SetLine]:
    here: list[_Character] = []
    for character in _characters(textpage):
        if character.text not in "\r\n":
            here.append(character)
        elif here:
            yield _set_line(here, page)
            here = []
    if here:
        yield _set_line(here, page)


@positional
class _Character:
    text: str
    generated: bool
    left: float
    right: float
    size: float


def _characters(textpage: pypdfium2.PdfTextPage) -> Iterator[_Character]:
    from pypdfium2 import raw  # noqa: PLC0415 - with pypdfium2 itself

    for index in range(textpage.count_chars()):
        # A hyphen at the end of a line comes as 2.
        text = chr(raw.FPDFText_GetUnicode(textpage, index)).replace("\x02", "-")
        left, bottom, right, top = textpage.get_charbox(index, loose=True)
        yield _Character(text, raw.FPDFText_IsGenerated(textpage, index) == 1, left, right, top - bottom)


def _set_line(characters: Sequence[_Character], page: int) -> _SetLine:
    printed = [each for each in characters if not each.text.isspace()] or list(characters)
    size = sorted(each.size for each in printed)[len(printed) // 2]
    pieces = [each.text for each in characters]
    for index, (before, after) in enumerate(zip(characters, characters[2:], strict=False), 1):
        if characters[index].generated and characters[index].text == " ":
            pieces[index] = _blank(before, after, size)
    text = _LEADER.sub("", tidy("".join(pieces)))
    return _SetLine(text, page, min(each.left for each in printed), max(each.right for each in printed), size)


def _blank(before: _Character, after: _Character, size: float) -> str:
    """Return what a blank that is on no page stands for: the border of a cell, nothing beside a Chinese character, or a blank."""
    if after.left - before.right > _CELL_GAP * size:
        return BETWEEN
    return "" if _WIDE.match(before.text) or _WIDE.match(after.text) else " "


def _joined(found: Sequence[_SetLine]) -> Iterator[_SetLine]:
    """Yield paragraphs: a line goes on in the next one where it is full and the next is neither indented nor numbered."""
    if not found:
        return
    columns = _columns(found)
    paragraph = found[0]
    for before, after in pairwise(found):
        if _goes_on(before, after, columns[round(before.size)]):
            paragraph = replace(paragraph, text=paragraph.text + after.text)
        else:
            yield paragraph
            paragraph = after
    yield paragraph


@positional
class _Column:
    """Where lines of one size of characters begin and end; `flush` where none is indented."""

    left: float
    right: float
    flush: bool


def _columns(found: Sequence[_SetLine]) -> dict[int, _Column]:
    columns = {}
    for size in {round(line.size) for line in found}:
        alike = [line for line in found if round(line.size) == size]
        left, right = min(line.left for line in alike), max(line.right for line in alike)
        columns[size] = _Column(left, right, not any(line.left > left + _INDENT * size for line in alike))
    return columns


def _goes_on(before: _SetLine, after: _SetLine, column: _Column) -> bool:
    """Tell whether *after* is of the paragraph of *before*; where none is indented, a full stop at the end of a line ends it."""
    lacks = _SLACK if column.flush else max(_SLACK, _width(_UNBROKEN.match(after.text)))
    is_full = before.right > column.right - lacks * before.size
    starts = after.left > column.left + _INDENT * after.size or _MARKER.match(after.text) or BETWEEN in after.text
    same = abs(before.size - after.size) < 1 and BETWEEN not in before.text
    return is_full and same and not starts and not (column.flush and _CLOSED.search(before.text))


def _width(found: Match[str] | None) -> float:
    """Return how wide what was found is at least to be taken for, in characters."""
    return sum(_NARROW if each.isascii() else 1 for each in found[0]) + _SPACING if found else 0
