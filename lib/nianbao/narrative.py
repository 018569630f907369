"""
Split `narrative.md` into the form's chapters.

The file is Markdown whose first-level headings are chapter titles of the form; what stands under one is the year's own prose of
that chapter. A chapter that holds nothing but notes (`{# … #}`), which are not printed, has no prose. What the prose says is `prose`'s business.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import UNFIT, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .form import Chapter


_UNFIT = re.compile(f"[{UNFIT}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """
    Prose from a file or a notebook cell, as written.

    Args:
        file: where it stands; `line` is the line of its first character.
    """

    source: str
    file: str
    line: int = 1

    @property
    def said(self) -> str:
        """The source without its notes, every line where it was."""
        return _unnoted(self.source)


def split(text: str, chapters: Sequence[Chapter], file: str, problems: list[Problem]) -> dict[str, Passage]:
    """Return the passages by chapter id; what cannot be placed goes to *problems*."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    problems.extend(_bad_characters(text, file))
    by_title = {_same(chapter.title): chapter for chapter in chapters}
    found: dict[str, Passage] = {}
    for line, title, body in _parts(text):
        chapter = by_title.get(_same(title))
        allowed = "、".join(f"“{each.title}”" for each in chapters)
        said = _unnoted(body)
        if title == "" and said.strip():
            first = line + said[: len(said) - len(said.lstrip())].count("\n")
            problems.append(Problem(file=file, line=first, found="第一个章标题之前有文字", remedy="移到某一章之下"))
        elif title and chapter is None:
            problems.append(Problem(file=file, line=line - 1, found=f"没有叫“{title}”的一章", allowed=allowed))
        elif chapter and chapter.id in found:
            problems.append(Problem(file=file, line=line - 1, found=f"“{title}”一章重复", remedy="合并到一处"))
        elif chapter and said.strip():
            found[chapter.id] = Passage(source=body, file=file, line=line)
    return found


def _unnoted(text: str) -> str:
    """Return *text* with nothing but the line ends of its notes, in one pass: a search from each opening would take the square."""
    pieces: list[str] = []
    end = 0
    while (start := text.find("{#", end)) >= 0 and (close := text.find("#}", start + 2)) >= 0:
        pieces += [text[end:start], "\n" * text.count("\n", start, close)]
        end = close + 2
    return "".join([*pieces, text[end:]])


def _parts(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line of the first character, title, body) of what stands under each first-level heading, and before the first."""
    pieces = re.split(r"^#[ \t]+(.*?)[ \t#]*$\n?", text, flags=re.MULTILINE)
    line = 1
    yield line, "", pieces[0]
    line += pieces[0].count("\n")
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        line += 1
        yield line, title, body
        line += body.count("\n")


def _bad_characters(text: str, file: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        for character in line:
            if character == "\r" or _UNFIT.match(character) or unicodedata.category(character) in {"Co", "Cs", "Cn"}:
                found = f"含有不能印出的字符 U+{ord(character):04X}"
                yield Problem(file=file, line=number, found=found, remedy="删去或改用正式的字符")


def _same(title: str) -> str:
    return "".join(title.split()).translate(str.maketrans("(),", "（），"))
