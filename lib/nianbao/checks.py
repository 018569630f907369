"""
Hold a report against its form's rules (勾稽关系).

The form declares the rules; this module knows only their kinds, and returns findings. Whether one stops anything is for the
caller. Pure: no file, no notebook.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from . import figures as fig
from . import published, repetition
from .findings import PENDING, Finding
from .quantity import State
from .relations import Outcome, Place, derived, with_offer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .facts import Acceptance
    from .figures import Figure, Figures
    from .form import Row, Rule
    from .report import AnnualReport


def run(report: AnnualReport, figures: Figures, prose: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """
    Return all findings about *report*, accepted ones marked.

    Args:
        prose: findings about its text, which can be accepted like any other.
    """
    found = [finding for rule in report.form.rules for finding in _apply(rule, report, figures)]
    doubts = Counter(cell for finding in found for cell in set(finding.cells))
    found = [with_offer(finding, figures, doubts) for finding in found]
    found += [*_out_of_force(report), *_pending(report)]
    return _with_acceptances([*found, *published.compare(report, figures), *prose], report)


def outcomes(report: AnnualReport) -> Iterator[Outcome]:
    """Yield whether each relation of the form holds, in every place."""
    for rule in report.form.rules:
        yield from (place.outcome() for place in _places(rule, report))


def not_run(report: AnnualReport) -> tuple[str, ...]:
    """Return the ids of rules that need last year's report where it is not there or its form means something else by all the cells."""
    rules = (rule for rule in report.form.rules if rule.relation and rule.relation.needs_last_year)
    ids = tuple(rule.id for rule in rules if not any(_places(rule, report)))
    return ids if report.last_year else (*ids, repetition.RULE)


def _out_of_force(report: AnnualReport) -> Iterator[Finding]:
    form = report.form
    if not form.first_year <= report.year <= form.last_year:
        sentence = f"表式 {form.id} 适用于{form.first_year}年至{form.last_year}年的报告，本报告是{report.year}年"
        yield Finding(id="F01", rule="F01", severity="warning", parts=(sentence,))


def _pending(report: AnnualReport) -> Iterator[Finding]:
    """Yield a finding for each fact and line of prose that still stands as in a new folder of parameters."""
    for key, fact in (*report.contact.items(), *report.facts.items()):
        if fact.text == PENDING:
            sentence = f"{fact.label}没有填（{report.folder}/report.yaml 第{fact.line}行）；没有的填“-”"
            yield Finding(id=f"F02.{key}", rule="F02", severity="error", parts=(sentence,))
    for passage in report.narrative.values():
        for number, line in enumerate(passage.said.split("\n"), passage.line):
            if PENDING in line:
                sentence = f"{passage.file} 第{number}行还写着“{PENDING}”，请换成本年的情况"
                yield Finding(id=f"F02.narrative.{number}", rule="F02", severity="error", parts=(sentence,))


def _apply(rule: Rule, report: AnnualReport, figures: Figures) -> Iterator[Finding]:
    if rule.kind == "not-applicable":
        yield from _not_applicable(rule, report, figures)
    elif rule.kind == "filled":
        yield from _filled(rule, report, figures)
    elif rule.kind == "stated":
        yield from _stated(rule, report, figures)
    else:
        for place in _places(rule, report):
            yield from place.finding()


def _places(rule: Rule, report: AnnualReport) -> Iterator[Place]:
    if rule.relation:
        for row, column in report.form.places(rule, report.last_year.form if report.last_year else None):
            yield Place(report, rule, rule.relation, row=row, column=column)


def _not_applicable(rule: Rule, report: AnnualReport, figures: Figures) -> Iterator[Finding]:
    for _table, row, column in report.form.cells():
        cell = figures[fig.cell_id(row.id, column.id)]
        if column.id in row.not_applicable and cell.quantity.state is not State.NOT_APPLICABLE:
            what: tuple[str | Figure, ...] = ("空着",) if cell.quantity.state is State.MISSING else ("填了", cell)
            parts = (f"{cell.label}在表式中不适用，应填“-”，现在", *what)
            yield Finding(id=f"{rule.id}.{cell.id}", rule=rule.id, severity=rule.severity, parts=parts, cells=(cell.id,))


def _filled(rule: Rule, report: AnnualReport, figures: Figures) -> Iterator[Finding]:
    for _table, row, column in report.form.cells():
        cell = figures[fig.cell_id(row.id, column.id)]
        if column.id not in row.not_applicable and cell.quantity.state is not State.GIVEN:
            yield _unfilled(rule, report, figures, row, column.id)


def _stated(rule: Rule, report: AnnualReport, figures: Figures) -> Iterator[Finding]:
    """Yield a finding where the chapter that must tell of something does not: always, or when it happened."""
    happened = [cell for row in rule.when if _is_positive(cell := figures[fig.cell_id(row, report.form.column_of(row))])]
    passage = report.narrative.get(rule.chapter)
    missing = [words for words in rule.words if passage is None or words not in passage.said]
    # Of a chapter that is not there at all another finding tells.
    if missing and (happened or (passage and not rule.when)):
        chapter = next(each.title for each in report.form.chapters if each.id == rule.chapter)
        where = f"（{passage.file} 第{passage.line}行起）" if passage else ""
        must = f"“{chapter}”一章{where}应写明{'、'.join(f'“{words}”' for words in missing)}"
        parts: tuple[str | Figure, ...] = (f"{happened[0].label}为", happened[0], f"，{must}") if happened else (must,)
        cells = tuple(cell.id for cell in happened)
        yield Finding(id=f"{rule.id}.{rule.chapter}", rule=rule.id, severity=rule.severity, parts=parts, cells=cells)


def _is_positive(figure: Figure) -> bool:
    return figure.quantity.state is State.GIVEN and not figure.quantity.is_zero


def _unfilled(rule: Rule, report: AnnualReport, figures: Figures, row: Row, column: str) -> Finding:
    cell = figures[fig.cell_id(row.id, column)]
    what = "没有填" if cell.quantity.state is State.MISSING else "填了“-”，表式中这一格应有数"
    parts: list[str | Figure] = [f"{cell.label}{what}（{cell.source}）；没有发生的填“0”"]
    finding_id = f"{rule.id}.{cell.id}"
    implied = tuple(_settled(report, figures, cell, row, column, finding_id))
    if implied:
        parts += ["。按勾稽关系可推出", implied[0][1]]
    return Finding(id=finding_id, rule=rule.id, severity=rule.severity, parts=tuple(parts), cells=(cell.id,), implied=implied)


def _settled(
    report: AnnualReport, figures: Figures, cell: Figure, row: Row, column: str, finding_id: str
) -> Iterator[tuple[str, Figure]]:
    """Yield the value of an empty cell that an equation of the form settles, if one does."""
    for rule in report.form.rules:
        relation = rule.relation
        if rule.rows or relation is None or relation.operator != "==":
            continue
        signed = [(term.sign, term.ref) for term in relation.left] + [(-term.sign, term.ref) for term in relation.right]
        own = [sign for sign, ref in signed if ref == row.id]
        if len(own) == 1:
            others = [(-own[0] * sign, figures[fig.cell_id(ref, column)]) for sign, ref in signed if ref != row.id]
            figure = derived(f"{finding_id}.implied.{cell.id}", f"{finding_id} 推算值", cell.unit, others)
            if figure.quantity.state is State.GIVEN and figure.quantity.fraction >= 0:
                yield cell.id, figure
                return


def _with_acceptances(found: list[Finding], report: AnnualReport) -> tuple[Finding, ...]:
    """Mark the findings that `report.yaml` accepts, and add one for each acceptance that fits nothing."""
    by_id = {finding.id: finding for finding in found}
    stale = []
    for acceptance in report.accepted:
        finding = by_id.get(acceptance.finding)
        why = _misfit(acceptance, finding)
        if finding is None or why:
            stale.append(_stale(acceptance, report, why))
        else:
            by_id[finding.id] = replace(finding, accepted=True, reason=acceptance.reason)
    return (*by_id.values(), *stale)


def _misfit(acceptance: Acceptance, finding: Finding | None) -> str:
    """Return why *acceptance* does not cover *finding*, or nothing where it does."""
    if finding is None:
        return "现在没有这个问题，请删去"
    now = finding.difference
    if now is None:
        return "" if acceptance.difference is None else "这个问题没有差数，请删去 difference"
    if acceptance.difference is None:
        return f"没有写明接受的差数，请填 difference: {now.quantity.exact}"
    if acceptance.difference != now.quantity.value:
        return f"接受时差数是{acceptance.difference}，现在差数是{now.quantity.exact}，请重新核对"
    return ""


def _stale(acceptance: Acceptance, report: AnnualReport, why: str) -> Finding:
    sentence = f"{report.folder}/report.yaml 第{acceptance.line}行接受了“{acceptance.finding}”，但{why}"
    return Finding(id=f"A01.{acceptance.finding}", rule="A01", severity="warning", parts=(sentence,))
