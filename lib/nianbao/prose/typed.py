"""
Numbers that prose holds as typed by hand: where each stands, how it is quoted, and what a reader of the finished page would see of them.

What counts as a number is for `reading.numbers`, which reads the finished pages too. What should stand instead is for `offers`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.page.blocks import Datum, GridCell, Heading, Paragraph, Text, walk
from nianbao.prose.language import MASK
from nianbao.reading import numbers
from nianbao.reading.lines import half_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nianbao.indicators.report import Passage
    from nianbao.page.blocks import Blocks
    from nianbao.prose.language import Template
    from nianbao.reading.numbers import Mention


# How many characters before a number its quotation holds, and what ends the clause that they are taken from.
_BEFORE, _LONGEST = 6, 40
_BORDER = re.compile(rf"[\d\s,.;:!?。、|*_“”{MASK}]")


@frozen
class Typed:
    """
    A number typed by hand.

    Args:
        line: of the file; `text`, that line with its placeholders masked.

        placed: whether it stands in the line itself, at the columns of `mention`, and not in the words of a placeholder.
    """

    line: int
    text: str
    mention: Mention
    placed: bool = True

    @property
    def words(self) -> str:
        """What stands before it in its clause."""
        before = self.text[max(self.mention.start - _LONGEST, 0) : self.mention.start]
        border = max((found.end() for found in _BORDER.finditer(half_width(before))), default=0)
        return before[border:]

    @property
    def quote(self) -> str:
        """The number, whole, with a few characters before it."""
        return self.words[-_BEFORE:] + self.mention.text


def find(prepared: Template, passage: Passage, known: Iterable[str], *, hanzi: bool = True) -> Iterator[Typed]:
    """
    Yield the numbers typed by hand in *passage*, but for those of the texts *known*, line by line.

    Args:
        hanzi: whether those in Chinese numerals count.
    """
    texts = tuple(known)
    for line, text in enumerate(prepared.typed.split("\n"), passage.line):
        left = blanked(text, texts)
        yield from (Typed(line=line, text=text, mention=each) for each in numbers.typed(line, left, hanzi=hanzi))
    for line, text in prepared.inside:
        # It stands inside a line: nothing at its beginning passes for the number of a list or heading.
        left = blanked(MASK + text, texts)
        yield from (
            Typed(line=line, text=MASK + text, mention=each, placed=False) for each in numbers.typed(line, left, hanzi=hanzi)
        )


def blanked(text: str, known: Iterable[str]) -> str:
    """Return *text* with blanks in the place of each text of *known*, every other character where it was."""
    for each in filter(None, known):
        text = text.replace(each, " " * len(each))
    return text


def shown(blocks: Blocks, known: Iterable[str]) -> Iterator[str]:
    """Yield each number in digits that a page with *blocks* would owe an origin, but for those of the texts *known*."""
    texts = tuple(known)
    for node in walk(blocks):
        if isinstance(node, Heading | Paragraph | GridCell):
            text = "".join(_seen(node))
            yield from (found.group() for found in numbers.unfounded(blanked(text, texts)))


def _seen(node: Heading | Paragraph | GridCell) -> Iterator[str]:
    """Yield what is seen of *node*, figures masked."""
    for each in walk(node.children):
        if isinstance(each, Text | Datum):
            yield each.text if isinstance(each, Text) else MASK
