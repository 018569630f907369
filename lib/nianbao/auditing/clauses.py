"""
Cut a published text into clauses that know where they stand.

Here is what a line is (narrative, heading, row of a table) and where a clause or a sentence ends. What a clause says, and which
numbers it holds, is for others. A column counts characters of the line as it was read, from 0.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .lines import Line

# Full-width ASCII (digits, %, comma, brackets) to half width, one character for one, so that positions stay.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_CLAUSE_ENDS, _SENTENCE_ENDS = ",;。!?:", "。!?."
_LONGEST_HEADING = 45
_LONGEST_TITLE = 16
# So many digits stand between the commas of a number.
_GROUP = 3

_CELL = re.compile(r"[|\t]")
_BARE = re.compile(r"[\d\s.,%/\-—–]+|\s*")
_MAJOR = re.compile(r"\s*(?:第?[一二三四五六七八九十]+[、.章]|附[件表])")
_MINOR = re.compile(r"\s*(?:\([一二三四五六七八九十]+\)|\d{1,2}[.、](?!\d))")
_OWN_SENTENCE = re.compile(r"[。;!?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """
    A stretch of narrative between two marks.

    Args:
        start, end: columns of the line; the closing mark is outside.

        sentence: a number that clauses of one sentence share.
    """

    line: int
    start: int
    end: int
    text: str
    sentence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """
    A line of narrative, its clauses, and the headings that stand over it, the nearest last.

    Args:
        flat: the line made half-width.
    """

    line: int
    text: str
    clauses: tuple[Clause, ...]
    headings: tuple[str, ...] = ()
    flat: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "flat", half_width(self.text))

    def clause_at(self, column: int) -> Clause:
        """Return the clause that holds *column*, or the last one before it."""
        return self.clauses[max(bisect_right(self.clauses, column, key=attrgetter("start")) - 1, 0)]

    def sentence_of(self, clause: Clause) -> tuple[Clause, ...]:
        """Return the clauses of the sentence that holds *clause*."""
        first = bisect_left(self.clauses, clause.sentence, key=attrgetter("sentence"))
        last = bisect_right(self.clauses, clause.sentence, lo=first, key=attrgetter("sentence"))
        return self.clauses[first:last]


def half_width(text: str) -> str:
    """Return *text* with full-width ASCII made half-width; every character keeps its place."""
    return text.translate(_HALF_WIDTH)


def paragraphs(lines: Iterable[Line]) -> Iterator[Paragraph]:
    """Yield the narrative of *lines*; headings and tables are left out."""
    major, minor, sentences = "", "", 0
    for line in lines:
        text = half_width(line.text)
        if _is_table(text):
            continue
        if _is_heading(text):
            major, minor = (text, "") if _MAJOR.match(text) else (major, text)
            continue
        clauses = tuple(_clauses(line, text, sentences))
        if clauses:
            sentences = clauses[-1].sentence + 1
            own = half_width(clauses[0].text) if _MINOR.match(text) else ""
            yield Paragraph(line=line.number, text=line.text, clauses=clauses, headings=(major, own or minor))


def _is_table(text: str) -> bool:
    return bool(_CELL.search(text) or _BARE.fullmatch(text))


def _is_heading(text: str) -> bool:
    if len(text) > _LONGEST_HEADING or _OWN_SENTENCE.search(text):
        return False
    numbered = bool(_MAJOR.match(text) or _MINOR.match(text))
    return numbered if re.search(r"[,:]", text) else numbered or (len(text) <= _LONGEST_TITLE and not re.search(r"\d", text))


def _clauses(line: Line, text: str, sentence: int) -> Iterator[Clause]:
    start = 0
    for end, mark in _borders(text):
        piece = text[start:end]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield Clause(line=line.number, start=start + lead, end=end, text=line.text[start + lead : end], sentence=sentence)
        sentence += mark in _SENTENCE_ENDS
        start = end + 1


def _borders(text: str) -> Iterator[tuple[int, str]]:
    for index, mark in enumerate(text):
        if (mark in _CLAUSE_ENDS and not _inside_number(text, index)) or (mark == "." and _is_stop(text, index)):
            yield index, mark
    yield len(text), ""


def _inside_number(text: str, index: int) -> bool:
    """Tell whether the mark at *index* belongs to 1,345 or 9:30 or http://."""
    if text[index] == ",":
        before, after = text[max(index - _GROUP - 1, 0) : index], text[index + 1 : index + _GROUP + 2]
        return bool(re.search(r"(?<!\d)\d{1,3}$", before) and re.match(r"\d{3}(?!\d)", after))
    if text[index] == ":":
        return text[index + 1 : index + 3] == "//" or (text[index - 1 : index].isdigit() and text[index + 1 : index + 2].isdigit())
    return False


def _is_stop(text: str, index: int) -> bool:
    """Tell whether a half-width full stop ends a sentence: a Chinese character before it, no digit or letter after it."""
    before, after = text[max(index - 1, 0) : index], text[index + 1 : index + 2]
    return bool(re.match(r"[\u4e00-\u9fff)%]", before)) and not re.match(r"[0-9A-Za-z]", after)
