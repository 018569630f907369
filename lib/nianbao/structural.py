"""
Which numerals in a text are no figures: years of the report, dates, numbering, document numbers, and what names hold.

The same rule serves the prose as typed and the pages as rendered, so a number cannot pass one and fail the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .form import labelled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .report import AnnualReport

NUMERAL = re.compile(r"\d[\d.,，:％%]*")


def pattern(*reported: int) -> re.Pattern[str]:
    """Return the pattern of numerals that may be typed by hand in what is about the years *reported*."""
    years = "|".join(str(each) for each in sorted({year + step for year in reported for step in (-1, 0, 1)}))
    return re.compile(
        rf"(?<![0-9])(?:{years})(?:年|(?=〕))|〔[0-9]{{4}}〕[0-9]+号|第[0-9]+号"
        r"|(?<![0-9])[0-9]{1,2}月(?:[0-9]{1,2}日)?|(?<![0-9])[0-9]{1,2}日"
        r"|^\s*(?:#+\s*)?[（(]?[0-9]{1,2}[）).．、](?![0-9])|^[图表][0-9]{1,3}　",
        re.MULTILINE,
    )


def names(report: AnnualReport) -> tuple[str, ...]:
    """Return the texts of *report* that hold numerals by their nature: labels, titles, sources, literals; the longest first."""
    form = report.form
    found = {report.title, report.name, report.short_name, *form.contact.values(), *report.sources.values()}
    for table in form.tables:
        found.add(labelled(table.title, year=report.year, name=report.name))
        found |= {labelled(column.label, year=report.year) for column in table.columns}
    for row in form.rows.values():
        found |= {row.label, row.name, row.zero, row.section, row.group, row.numbered_label}
    found |= {rate.label for rate in form.rates} | {rule.id for rule in form.rules} | {chapter.title for chapter in form.chapters}
    found |= {text for gap in report.gaps.values() for text in (gap.at, gap.after, gap.missing)}
    found |= {published.at for published in report.published} | {literal.text for literal in report.literals}
    return tuple(sorted((text for text in found if NUMERAL.search(text)), key=lambda text: (-len(text), text)))


def without(text: str, known: Iterable[str]) -> str:
    """Return *text* with every text of *known* blanked out, in the order given."""
    for each in known:
        text = text.replace(each, " ")
    return text
