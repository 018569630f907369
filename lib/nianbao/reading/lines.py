"""
The lines of a published text as a reader gives them, and what they are cut into: sentences, clauses, paragraphs with their headings.

Every reader of a file gives its lines through `Collector`, or refuses the file with an `UnreadableError`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from nianbao.indicators import frozen, positional
from nianbao.indicators.errors import UNFIT, NianbaoError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from re import Match

    from nianbao.indicators.values import Strings


HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"

# The digits that number chapters and items.
NUMERAL = "一二三四五六七八九十"

# What stands between the cells of a table row.
BETWEEN = " | "

# A cell with more text than this, in several paragraphs, is a column of the page's layout and no cell of a table.
_LONGEST_CELL = 200

_WRAPPED = re.compile(rf"(?<=[{HAN}，。、；：！？“”《》（）])[ \t]*[\r\n]\s*(?=[{HAN}，。、；：！？“”《》（）])")
_SPACE = re.compile(r"\s+")
_UNFIT = re.compile(f"[{UNFIT}\u200b\u2060\ufeff\u00ad]")


@positional
class Line:
    """
    One line of a published text.

    Args:
        number: the line of a text file, from 1; elsewhere the paragraph, counting those that hold text.

        page: the page of a PDF on which the line begins.
    """

    number: int
    text: str
    page: int | None = None


Lines = tuple[Line, ...]


class UnreadableError(NianbaoError):
    """The file holds no text that can be read; `problem` says what it is, what is allowed and what to do."""

    def __init__(self, file: str, found: str, *, remedy: str, allowed: str = "", line: int | None = None) -> None:
        self.problem = Problem(file=file, line=line, found=found, allowed=allowed, remedy=remedy)
        super().__init__(str(self.problem))


@dataclass(slots=True)
class _Cell:
    lines: list[str] = field(default_factory=list)
    nested: bool = False

    @property
    def is_layout(self) -> bool:
        return self.nested or (len(self.lines) > 1 and sum(map(len, self.lines)) > _LONGEST_CELL)


class Collector:
    """
    Gathers text into lines as a document is read from its beginning to its end.

    A row of a table becomes one line. A cell that holds a table, or pages of prose, is layout: its paragraphs are lines.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._text: list[str] = []
        self._rows: list[list[_Cell]] = []

    def write(self, text: str) -> None:
        """Add *text* to the line at hand."""
        self._text.append(text)

    def end_line(self) -> None:
        """Close the line at hand; what is only white space is no line."""
        line = tidy("".join(self._text))
        self._text.clear()
        if line:
            self._open.append(line)

    def start_row(self) -> None:
        """Begin a row, in a cell too."""
        self.end_line()
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].nested = True
        self._rows.append([])

    def start_cell(self) -> None:
        """Begin a cell of the row at hand."""
        self.end_line()
        if self._rows:
            self._rows[-1].append(_Cell())

    def end_row(self) -> None:
        """Close the row at hand."""
        self.end_line()
        if self._rows:
            self._add(self._rows.pop())

    def finish(self) -> Lines:
        """Return all lines, closing what is still open."""
        while self._rows:
            self.end_row()
        self.end_line()
        return tuple(Line(number, text) for number, text in enumerate(self.lines, 1))

    @property
    def _open(self) -> list[str]:
        """Where a finished line goes: the cell at hand, or the page."""
        return self._rows[-1][-1].lines if self._rows and self._rows[-1] else self.lines

    def _add(self, cells: Sequence[_Cell]) -> None:
        filled = [cell for cell in cells if cell.lines]
        if len(filled) <= 1 or any(cell.is_layout for cell in cells):
            self._open.extend(line for cell in filled for line in cell.lines)
        else:
            self._open.append(BETWEEN.join("".join(cell.lines) for cell in cells))


def tidy(text: str) -> str:
    """Return *text* as a browser shows it: white space is one blank, and a line end between Chinese characters is nothing."""
    return _SPACE.sub(" ", _WRAPPED.sub("", _UNFIT.sub("", text))).strip()


# Full-width ASCII (digits, %, comma, brackets) to half width, one character for one, so that positions stay.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
# Where a clause ends: at a mark that is no part of 1,345, 9:30 or http://, and at a half-width full stop after a Chinese character.
_BORDER = re.compile(
    r"(?<!\d)\d{1,3}(?:,\d{3}(?!\d))+|(?P<mark>[,;。!?]|:(?!//)(?!(?<=\d:)\d)|(?<=[\u4e00-\u9fff)%])\.(?![0-9A-Za-z]))|$"
)
_SENTENCE_ENDS = {"。", "!", "?", "."}
_LONGEST_HEADING = 45
_LONGEST_TITLE = 16

_CELL = re.compile(r"[|\t]")
_BARE = re.compile(r"[\d\s.,%/\-—–]+|\s*")
_MAJOR = re.compile(rf"\s*(?:第?[{NUMERAL}]+[、.章]|附[件表])")
_MINOR = re.compile(rf"\s*(?:\([{NUMERAL}]+\)|\d{{1,2}}[.、](?!\d))")
_OWN_SENTENCE = re.compile(r"[。;!?]")


@frozen
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


@frozen
class Paragraph:
    """
    A line of narrative, its clauses, and the headings that stand over it, the nearest last.

    Args:
        flat: the line made half-width.
    """

    line: int
    text: str
    clauses: tuple[Clause, ...]
    headings: Strings = ()
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
    for border in _BORDER.finditer(text):
        mark = border["mark"]
        if mark is None and border.end() < len(text):
            continue
        end = border.start("mark") if mark else len(text)
        piece = text[start:end]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield Clause(line=line.number, start=start + lead, end=end, text=line.text[start + lead : end], sentence=sentence)
        sentence += mark in _SENTENCE_ENDS
        start = end + 1


def sentences(text: str, ends: str, closing: str = "") -> Iterator[Match[str]]:
    """Yield the sentences of *text*: each up to one of *ends* and the marks *closing* it; what is only white space is none."""
    pattern = f"[^{ends}]*[{ends}]?[{closing}]*" if closing else f"[^{ends}]*[{ends}]?"
    return (found for found in re.finditer(pattern, text) if found.group().strip())
