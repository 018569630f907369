"""
What last year's report settles of this year's tables, read off the form's own rules.

A cell is settled by an equation with that one cell of this year on one side and nothing but last year's on the other. Other
equations between the years settle nothing alone, and are told to whoever fills in the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import figures as fig
from . import quantity, rulewords
from .quantity import State

if TYPE_CHECKING:
    from .form import Form, Rule, Term
    from .report import AnnualReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A cell that last year's report settles: its value, and the rule and the cells it follows from, in words."""

    value: str
    rule: str
    source: str


def settled(form: Form, last: AnnualReport) -> dict[tuple[str, str], Carried]:
    """Return the cells of *form* that an equation with last year's cells alone settles, by row and column id."""
    found: dict[tuple[str, str], Carried] = {}
    for rule in form.rules:
        if (sides := _rolled(rule)) is None:
            continue
        own, others = sides
        for place in form.places(rule, last.form):
            row, column = _cell(place, own)
            terms = [(term.sign, _cell(place, term)) for term in others]
            read = quantity.total((sign, fig.value(last, *cell)) for sign, cell in terms)
            fits = read.state is State.GIVEN and (read.fraction >= 0 or form.table_of(row).column(column).signed)
            if fits and form.rows[row].printed and column not in form.rows[row].not_applicable:
                source = "".join(_written(last, sign, cell) for sign, cell in terms).removeprefix("＋")
                found.setdefault((row, column), Carried(value=read.exact or "", rule=rule.id, source=source))
    return found


def reminders(form: Form, last: AnnualReport) -> tuple[str, ...]:
    """Return, in words, the equations that tie this year's cells to those of *last* and settle none alone."""
    return tuple(
        f"{rule.id}：{rulewords.relation(form, rule, last.year + 1)}"
        for rule in form.rules
        if rule.relation and rule.relation.needs_last_year and rule.relation.operator == "==" and _rolled(rule) is None
        if any(form.places(rule, last.form))
    )


def _rolled(rule: Rule) -> tuple[Term, tuple[Term, ...]] | None:
    """Return the one term of this year and those of last year that it equals, or None where *rule* is no such equation."""
    relation = rule.relation
    if relation is None or relation.operator != "==":
        return None
    for own, others in ((relation.left, relation.right), (relation.right, relation.left)):
        alone = len(own) == 1 and own[0].sign == 1 and not own[0].last_year
        if alone and all(term.last_year for term in others):
            return own[0], others
    return None


def _cell(place: tuple[str, str], term: Term) -> tuple[str, str]:
    """Return the row and column that *term* stands for in *place*, which names one of them."""
    row, column = place
    return row or term.ref, column or term.ref


def _written(last: AnnualReport, sign: int, cell: tuple[str, str]) -> str:
    """Return the cell of last year's report in words, with the file it stands in where it is printed."""
    row = last.form.rows[cell[0]]
    where = f"{last.folder}/{last.form.table_of(row.id).id}.csv"
    address = f" {last.cells[cell].address}" if cell in last.cells else ""
    return f"{'＋' if sign > 0 else '－'}{where}{address}“{row.numbered_label}”"
