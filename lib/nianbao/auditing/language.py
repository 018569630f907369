"""
What is wrong with the language of a published text, whatever its numbers say.

Each check is a function that yields what it found; a right text gives nothing. The codes are those of the catalogue of errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import (
    language_counts,
    language_endings,
    language_lists,
    language_marks,
    language_names,
    language_repeats,
    language_times,
    language_words,
)
from .language_text import Found, Text, clause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nianbao.report import AnnualReport

    from .lines import Line

CHECKS: tuple[Callable[[Text], Iterator[Found]], ...] = (
    language_counts.counts,
    language_times.periods,
    language_times.impossible_dates,
    language_times.early_dates,
    language_times.stray_years,
    language_names.foreign_names,
    language_names.foreign_selves,
    language_names.outdated_bases,
    language_endings.cut_off,
    language_endings.until,
    language_endings.stray_marks,
    language_marks.doubled,
    language_marks.blanks,
    language_marks.half_width,
    language_marks.unpaired,
    language_words.misprints,
    language_lists.mixed_numbering,
    language_lists.run_together,
    language_repeats.repeated,
    language_repeats.document_numbers,
)


@dataclass(frozen=True, slots=True)
class Defect:
    """
    One thing wrong with the text.

    Args:
        code: the kind of error, as the catalogue names it.

        line: the number of the line; `start` and `end` are columns of its text, from 0, `end` excluded.

        clause: the clause it stands in.

        sentence: what is wrong and what is meant.
    """

    code: str
    line: int
    start: int
    end: int
    clause: str
    sentence: str


def defects(lines: Iterable[Line], report: AnnualReport) -> tuple[Defect, ...]:
    """Return what is wrong with the language of *lines*, published as *report*, in the order of the text."""
    text = Text(tuple(lines), report)
    found = {each for check in CHECKS for each in check(text)}
    return tuple(_cited(text, each) for each in sorted(found, key=lambda each: (each.index, each.start, each.code, each.sentence)))


def _cited(text: Text, found: Found) -> Defect:
    line = text.lines[found.index]
    return Defect(found.code, line.number, found.start, found.end, clause(line.text, found.start, found.end), found.sentence)
