"""Read a text paragraph by paragraph into judged claims, keeping for each the binding that `coherence` looks at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import clauses, statements
from .binding import binder
from .claims import judge
from .clauses import half_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nianbao.figures import Figures
    from nianbao.report import AnnualReport

    from .binding import Binder
    from .claims import Claim, Judged
    from .clauses import Paragraph
    from .lines import Line


_ITEM = re.compile(r"\s*(?:\d{1,2}[.、)]|\(\d{1,2}\)|[①-⒛]|其中)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph with its judged numbers, and what it states in words alone."""

    paragraph: Paragraph
    judged: tuple[Judged, ...]
    statements: tuple[Claim, ...] = ()


def read(report: AnnualReport, figures: Figures, lines: Iterable[Line]) -> tuple[Passage, ...]:
    """Return the paragraphs of *lines* with their claims."""
    by = binder(report, figures)
    passages: list[Passage] = []
    for paragraph in clauses.paragraphs(lines):
        passages.append(_passage(by, paragraph, _inherited(passages[-1], paragraph) if passages else ""))
    return tuple(passages)


def _inherited(before: Passage, paragraph: Paragraph) -> str:
    """Return the row that the passage before spoke of last, where *paragraph* is an item of its list."""
    rows = [each.binding.target.row for each in before.judged if each.binding.target and not each.binding.base]
    same = before.paragraph.headings[:1] == paragraph.headings[:1]
    return rows[-1] if rows and same and _ITEM.match(half_width(paragraph.text)) else ""


def claims(passages: Iterable[Passage]) -> Iterator[Claim]:
    """Yield all claims in reading order."""
    for passage in passages:
        found = (*(each.claim for each in passage.judged), *passage.statements)
        yield from sorted(found, key=lambda claim: (claim.start, claim.id))


def _passage(by: Binder, paragraph: Paragraph, inherited: str) -> Passage:
    judged = judge(by.bind(paragraph, inherited), by.board)
    return Passage(paragraph=paragraph, judged=judged, statements=tuple(statements.claims(by, paragraph, judged)))
