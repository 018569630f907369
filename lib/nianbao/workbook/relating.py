"""
The relations of a form between the cells of its sheets: which cells are totals, and what is to be held against what, where.

It reads them off the form and knows no rule. How they are written as formulas stands in `formulas`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nianbao.form import Form, Rule, Term

    Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Addend:
    """A cell, by row and column id, with the sign it has in a sum; of this year's report or the last."""

    key: Key
    sign: int
    last_year: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A relation in one place: `row` or `column` names it, the other is empty. A row without a line is there as its parts."""

    rule: Rule
    row: str
    column: str
    left: tuple[Addend, ...]
    right: tuple[Addend, ...]

    @property
    def addends(self) -> tuple[Addend, ...]:
        """The cells of both sides."""
        return self.left + self.right


def checks(form: Form, rule: Rule) -> Iterator[Check]:
    """Yield the places in which the relation of *rule* is to hold."""
    if rule.relation is None:
        return
    for row, column in form.places(rule, form):
        sides = (tuple(_addends(form, terms, row, column)) for terms in (rule.relation.left, rule.relation.right))
        left, right = sides
        yield Check(rule=rule, row=row, column=column, left=left, right=right)


def totals(form: Form) -> dict[Key, tuple[Key, ...]]:
    """
    Return the parts of every cell that one equation of the form makes the sum of others.

    A cell in which the form wants `-` is none, nor one that would depend on itself.
    """
    found: dict[Key, tuple[Key, ...]] = {}
    for rule in form.rules:
        if rule.relation is None or rule.relation.operator != "==" or len(rule.relation.left) > 1:
            continue
        for check in checks(form, rule):
            parts = tuple(each.key for each in check.right)
            added = len(check.left) == 1 and len(parts) > 1 and all(each.sign > 0 and not each.last_year for each in check.addends)
            total = check.left[0].key
            if added and total not in found and _asks_for_a_number(form, total) and total not in _reached(found, parts):
                found[total] = parts
    return found


def printed(form: Form, row: str) -> Iterator[str]:
    """Yield the row, or the rows with a line that add up to it where it has none."""
    if form.rows[row].printed:
        yield row
    else:
        for part in form.parts(row):
            yield from printed(form, part)


def _addends(form: Form, terms: tuple[Term, ...], row: str, column: str) -> Iterator[Addend]:
    for term in terms:
        for each in printed(form, row or term.ref):
            yield Addend((each, column or term.ref), term.sign, term.last_year)


def _asks_for_a_number(form: Form, key: Key) -> bool:
    row, column = key
    return column not in form.rows[row].not_applicable


def _reached(found: Mapping[Key, tuple[Key, ...]], parts: tuple[Key, ...]) -> set[Key]:
    """Return all cells that *parts* depend on, themselves among them."""
    reached: set[Key] = set()
    left = list(parts)
    while left:
        key = left.pop()
        if key not in reached:
            reached.add(key)
            left += found.get(key, ())
    return reached
