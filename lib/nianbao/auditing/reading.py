"""Read a text paragraph by paragraph into judged claims, keeping for each the binding that `coherence` looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import clauses, statements
from .binding import binder
from .claims import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nianbao.figures import Figures
    from nianbao.report import AnnualReport

    from .binding import Binder
    from .claims import Claim, Judged
    from .clauses import Paragraph
    from .lines import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph with its judged numbers, and what it states in words alone."""

    paragraph: Paragraph
    judged: tuple[Judged, ...]
    statements: tuple[Claim, ...] = ()


def read(report: AnnualReport, figures: Figures, lines: Iterable[Line]) -> tuple[Passage, ...]:
    """Return the paragraphs of *lines* with their claims."""
    by = binder(report, figures)
    return tuple(_passage(by, paragraph) for paragraph in clauses.paragraphs(lines))


def claims(passages: Iterable[Passage]) -> Iterator[Claim]:
    """Yield all claims in reading order."""
    for passage in passages:
        found = (*(each.claim for each in passage.judged), *passage.statements)
        yield from sorted(found, key=lambda claim: (claim.start, claim.id))


def _passage(by: Binder, paragraph: Paragraph) -> Passage:
    judged = judge(by.bind(paragraph), by.board)
    return Passage(paragraph=paragraph, judged=judged, statements=tuple(statements.claims(by, paragraph, judged)))
