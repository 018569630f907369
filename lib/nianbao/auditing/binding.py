"""
Bind the numbers of a paragraph, in their order, to rows, columns and bases.

Each number is read in the thread of those before it; how is for `counts` and `ratios`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from . import exclusions, mentions, naming
from .counts import Counts
from .ratios import Ratios
from .targets import Board
from .thread import Binding, Thread

if TYPE_CHECKING:
    import re

    from nianbao.figures import Figures
    from nianbao.report import AnnualReport

    from .clauses import Paragraph
    from .mentions import Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class Binder:
    """Binds the numbers of paragraphs to one report's table."""

    board: Board
    idle: re.Pattern[str]
    names: tuple[naming.Name, ...]
    label_numbers: re.Pattern[str] | None

    def bind(self, paragraph: Paragraph, inherited: str = "") -> tuple[Binding, ...]:
        """Return what each number of *paragraph* is about; *inherited* is the row of which it goes on to tell the parts."""
        found = mentions.find(paragraph.line, paragraph.text, self.label_numbers)
        thread = Thread(paragraph=paragraph, form=self.board.report.form, mentions=found, inherited=inherited)
        for mention in found:
            if not mention.excluded:
                thread.bound.append(self._one(mention, thread))
        return _loosened(thread.bound)

    def _one(self, mention: Mention, thread: Thread) -> Binding:
        if mention.is_percentage:
            return Ratios(self.board, self.names, self.idle).bind(mention, thread)
        if mention.unit == mentions.POINTS:
            return Binding(
                mention=mention, clause=thread.paragraph.clause_at(mention.start), reason="说的是比例的升降，表中没有可比的上年数"
            )
        return Counts(self.board, self.names, self.idle).bind(mention, thread)


def _loosened(bound: list[Binding]) -> tuple[Binding, ...]:
    """Hold no text to numbers that tell one cell in pieces: 乡镇1000条、街道612条, where the row is 乡镇街道."""
    pieces: dict[str, list[Binding]] = {}
    for each in bound:
        if each.target and not each.base and not each.mention.bounds:
            pieces.setdefault(each.figure, []).append(each)
    split = [each for group in pieces.values() if _is_split(group) for each in group]
    return tuple(replace(each, firm=False) if each in split else each for each in bound)


def _is_split(group: list[Binding]) -> bool:
    target = group[0].target
    total = sum((each.mention.value for each in group), Fraction())
    return len(group) > 1 and target is not None and total == target.value


def binder(report: AnnualReport, figures: Figures) -> Binder:
    """Return what binds numbers to the table of *report*."""
    form = report.form
    labels = (text for row in form.rows.values() for text in (row.label, row.name))
    own = (report.name, report.short_name, *(report.short_name[-1:] + level for level in ("级", "本级", "政府")))
    idle = naming.neutral(own)
    return Binder(
        board=Board(report, figures),
        idle=idle,
        names=naming.names(form, idle),
        label_numbers=exclusions.label_pattern(labels),
    )
