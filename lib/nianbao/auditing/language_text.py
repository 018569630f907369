"""A published text as the checks of its language see it: what each line is, its sentences, and where something is found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .lines import BETWEEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nianbao.report import AnnualReport

    from .lines import Line

Kind = Literal["row", "heading", "label", "prose"]

NUMERAL = "一二三四五六七八九十"

_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_ADDRESS = re.compile(r"(?:https?://|www\.)[\w./:?=&%#~+-]+|[\w.+-]{1,64}@[\w.-]+", re.ASCII)
_HEADING = re.compile(
    rf"\s*(?:[{NUMERAL}]{{1,3}}[、．.]|第[{NUMERAL}]{{1,3}}章|[（(][{NUMERAL}\d]{{1,3}}[)）]|\d{{1,2}}[.．、](?!\d))"
)
_CHAPTER = re.compile(rf"\s*(?:[{NUMERAL}]{{1,3}}[、．.]|第[{NUMERAL}]{{1,3}}章)")
_STOP = re.compile(r"[。！？；]")
_SENTENCE = re.compile(r"[^。！？]*[。！？]?[”’》）)]*")
_LONGEST_HEADING = 60
_DIGITS = {"〇": 0, "○": 0, "零": 0, "两": 2} | {digit: value for value, digit in enumerate(NUMERAL, 1)}
_TEN = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A defect before it is cited: `index` counts lines from 0, `start` and `end` are columns in it."""

    code: str
    index: int
    start: int
    end: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Text:
    """
    The lines of a text with what every check asks of them.

    Args:
        plain: the lines with full-width digits made half-width; columns stay.

        masked: those with web and mail addresses made letters, so that their dots and colons are no punctuation.

        kinds: a table row, a heading, a line without sentences (a title, a name, a date), or prose.
    """

    lines: tuple[Line, ...]
    report: AnnualReport
    plain: tuple[str, ...] = field(init=False)
    masked: tuple[str, ...] = field(init=False)
    kinds: tuple[Kind, ...] = field(init=False)

    def __post_init__(self) -> None:
        plain = tuple(line.text.translate(_WIDE_DIGITS) for line in self.lines)
        object.__setattr__(self, "plain", plain)
        object.__setattr__(self, "masked", tuple(_ADDRESS.sub(lambda found: "x" * len(found.group()), line) for line in plain))
        object.__setattr__(self, "kinds", tuple(_kind(line) for line in plain))

    def prose(self) -> Iterator[tuple[int, str]]:
        """Yield the lines of prose, masked, with their indexes."""
        for index, kind in enumerate(self.kinds):
            if kind == "prose":
                yield index, self.masked[index]

    def sentences(self) -> Iterator[tuple[int, int, str]]:
        """Yield each sentence of the prose, unmasked, with its line and column."""
        for index, _line in self.prose():
            for found in _SENTENCE.finditer(self.plain[index]):
                if found.group().strip():
                    yield index, found.start(), found.group()

    @property
    def preface(self) -> range:
        """The lines before the first chapter, a table of contents left out: the title and the preface."""
        chapters = [index for index, kind in enumerate(self.kinds) if kind == "heading" and _CHAPTER.match(self.plain[index])]
        first = chapters[0] if chapters else len(self.lines)
        return range(first)


def number(text: str) -> int:
    """Return what a numeral up to 99 says: 8, 八, 十二, 二十."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS[digit]) for digit in text))
    return (_DIGITS[tens] if tens else 1) * _TEN + (_DIGITS[ones] if ones else 0)


def is_quoted(text: str, start: int) -> bool:
    """Tell whether column *start* of *text* stands within 《》, in the name of another document."""
    return text.count("《", 0, start) > text.count("》", 0, start)


def clause(text: str, start: int, end: int) -> str:
    """Return the clauses of *text* that hold the columns from *start* to *end*."""
    marks = "。！？；;，,|"
    first = max((text.rfind(mark, 0, start) for mark in marks), default=-1) + 1
    lasts: Sequence[int] = [place for mark in marks if (place := text.find(mark, max(end - 1, start))) >= 0]
    return text[first : min(lasts) + 1 if lasts else len(text)].strip(" |　")


def _kind(text: str) -> Kind:
    if BETWEEN.strip() in text or text.count("\t") > 1:
        return "row"
    stripped = text.strip()
    if _HEADING.match(stripped) and len(stripped) <= _LONGEST_HEADING and not _STOP.search(stripped):
        return "heading"
    return "prose" if re.search(r"[。！？；，,;]|[^\d]\.$", text.strip()) else "label"
