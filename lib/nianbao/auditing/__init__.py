"""
A published text held against the table of its report.

`audit` finds its claims and judges them (`claims`), and says what does not hold together across them (`coherence`). `language.defects`
says what is wrong with the text as text, `text` gives it the text to look at. `paper` shows all of it, for a notebook and the command.
Nothing here but `paper` opens a file: lines come from `reading.files`, figures from the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nianbao.auditing import claims, coherence
from nianbao.indicators import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nianbao.auditing.claims import Claim
    from nianbao.auditing.coherence import Issue
    from nianbao.indicators.figures import Figures
    from nianbao.indicators.report import AnnualReport
    from nianbao.reading.lines import Line


@frozen
class Audit:
    """What a text claims, each claim judged, and what does not hold together across claims."""

    claims: tuple[Claim, ...]
    issues: tuple[Issue, ...]


def audit(report: AnnualReport, figures: Figures, lines: Iterable[Line]) -> Audit:
    """Return what *lines* claim and how it stands against *report*, whose *figures* were computed from its table."""
    passages = claims.read(report, figures, lines)
    return Audit(claims=tuple(claims.claims(passages)), issues=tuple(coherence.issues(passages, report, figures)))
