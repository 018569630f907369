"""
A relation of a form in words, for whoever has no report yet: 总计 = 自然人＋法人或其他组织·商业企业.

What a finding says of a report with its values stands in `relations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .form import OPERATORS

if TYPE_CHECKING:
    from .form import Form, Rule, Term


def relation(form: Form, rule: Rule, year: int) -> str:
    """Return the relation of *rule* in the names that *form* has for a report of *year*."""
    if rule.relation is None:
        return ""
    left, right = (_side(form, rule, terms, year) for terms in (rule.relation.left, rule.relation.right))
    return f"{left} {OPERATORS[rule.relation.operator]} {right}"


def _side(form: Form, rule: Rule, terms: tuple[Term, ...], year: int) -> str:
    return "".join(_term(form, rule, term, year) for term in terms).removeprefix("＋")


def _term(form: Form, rule: Rule, term: Term, year: int) -> str:
    if rule.rows:
        column = next(column for table in form.tables for column in table.columns if column.id == term.ref)
        name = column.name(year - 1 if term.last_year else year)
    else:
        name = form.rows[term.ref].numbered_label
    return f"{'＋' if term.sign > 0 else '－'}{f'{year - 1}年报告的' if term.last_year else ''}{name}"
