"""
Hold a report against its form's rules (勾稽关系).

The form declares the rules; this module knows only their kinds, and returns findings. Whether one stops anything is for the
caller. Pure: no file, no notebook.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import figures as fig
from . import published, quantity
from .findings import Finding
from .form import OPERATORS, labelled
from .quantity import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .facts import Acceptance
    from .figures import Figure, Figures
    from .form import Relation, Row, Rule, Term
    from .quantity import Quantity
    from .report import AnnualReport

_FAILS = {"==": "≠", "<=": ">", ">=": "<"}


def run(report: AnnualReport, figures: Figures, prose: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """
    Return all findings about *report*, accepted ones marked.

    Args:
        prose: findings about its text, which can be accepted like any other.
    """
    found = [finding for rule in report.form.rules for finding in _apply(rule, report, figures)]
    doubts = Counter(cell for finding in found for cell in set(finding.cells))
    found = [_with_offer(finding, figures, doubts) for finding in found]
    return _with_acceptances([*found, *published.compare(report, figures), *prose], report)


def not_run(report: AnnualReport) -> tuple[str, ...]:
    """Return the ids of rules that need last year's report where it is not there or is on another form."""
    if _comparable(report):
        return ()
    return tuple(rule.id for rule in report.form.rules if rule.relation and rule.relation.needs_last_year)


def _comparable(report: AnnualReport) -> bool:
    return report.last_year is not None and report.last_year.form.id == report.form.id


def _apply(rule: Rule, report: AnnualReport, figures: Figures) -> Iterator[Finding]:
    if rule.kind == "not-applicable":
        yield from _not_applicable(rule, report, figures)
    elif rule.kind == "filled":
        yield from _filled(rule, report, figures)
    elif rule.relation and (_comparable(report) or not rule.relation.needs_last_year):
        for place in _places(rule, rule.relation, report):
            yield from place.finding()


def _places(rule: Rule, relation: Relation, report: AnnualReport) -> Iterator[_Place]:
    """Yield each place where the rule is to hold: every column, or every row of the nature it names."""
    if not rule.rows:
        for column in report.form.table_of(relation.left[0].ref).columns:
            yield _Place(report, rule, relation, column=column.id)
        return
    terms = {term.ref for term in (*relation.left, *relation.right)}
    for table in report.form.tables:
        if terms <= {column.id for column in table.columns}:
            for row in table.rows:
                if rule.rows in {"all", row.nature}:
                    yield _Place(report, rule, relation, row=row.id)


@dataclass(frozen=True, slots=True)
class _Addend:
    """A term of a relation in one place: its figure there, what it is called, and its value."""

    term: Term
    figure: Figure
    name: str

    @property
    def quantity(self) -> Quantity:
        return self.figure.quantity


@dataclass(frozen=True, slots=True)
class _Place:
    """A relation in one column (its terms are rows) or one row (its terms are columns)."""

    report: AnnualReport
    rule: Rule
    relation: Relation
    row: str = ""
    column: str = ""

    @property
    def id(self) -> str:
        return f"{self.rule.id}.{self.row or self.column}"

    def finding(self) -> Iterator[Finding]:
        """Yield a finding where the relation fails; where a value is missing or not applicable there is nothing to compare."""
        left, right = self._addends(self.relation.left), self._addends(self.relation.right)
        totals = [quantity.total((each.term.sign, each.quantity) for each in side) for side in (left, right)]
        if any(total.state is not State.GIVEN for total in totals):
            return
        difference = totals[0].fraction - totals[1].fraction
        if {"==": difference == 0, "<=": difference <= 0, ">=": difference >= 0}[self.relation.operator]:
            return
        figures = [self._check("left", totals[0], left), self._check("right", totals[1], right)]
        gap = self._check("difference", quantity.total([(1, totals[0]), (-1, totals[1])]), left + right)
        yield Finding(
            id=self.id,
            rule=self.rule.id,
            severity=self.rule.severity,
            parts=self._parts(left, right, figures, gap),
            cells=tuple(each.figure.id for each in left + right),
            left=figures[0],
            right=figures[1],
            difference=gap,
            implied=tuple(self._implied(left, right, gap)) if self.relation.operator == "==" else (),
        )

    def _addends(self, terms: tuple[Term, ...]) -> list[_Addend]:
        return [self._addend(term) for term in terms]

    def _addend(self, term: Term) -> _Addend:
        source = self.report.last_year if term.last_year else self.report
        assert source is not None
        row, column = self.row or term.ref, self.column or term.ref
        name = _column_name(source, row, column) if self.row else source.form.rows[row].numbered_label
        read = fig.value(source, row, column)
        prefix, said = ("last_year.", f"{source.year}年报告的{name}") if term.last_year else ("", name)
        figure = fig.counted(f"{prefix}{fig.cell_id(row, column)}", said, "cell", read, source.form.rows[row].unit)
        return _Addend(term, figure, said)

    def _check(self, what: str, read: Quantity, addends: list[_Addend]) -> Figure:
        """Return the figure of a number that exists only in this finding."""
        label = {"left": "左边合计", "right": "右边合计", "difference": "相差"}.get(what, "推算值")
        inputs = tuple(each.figure.id for each in addends)
        signs = ("+" if each.term.sign > 0 else "-" for each in addends)
        formula = " ".join(f"{sign} {key}" for sign, key in zip(signs, inputs, strict=True)).removeprefix("+ ")
        if what not in {"left", "right"}:
            formula = f"{self.id}.left - {self.id}.right"
            inputs = (f"{self.id}.left", f"{self.id}.right")
        unit = self.report.form.rows[self.row or self.relation.left[0].ref].unit
        return fig.counted(f"{self.id}.{what}", f"{self.id} {label}", "check", read, unit, formula=formula, inputs=inputs)

    def _parts(self, left: list[_Addend], right: list[_Addend], totals: list[Figure], gap: Figure) -> tuple[str | Figure, ...]:
        rows = self.report.form.rows
        place = rows[self.row].numbered_label if self.row else _column_name(self.report, self.relation.left[0].ref, self.column)
        written = [[*_written(side, total)] for side, total in zip((left, right), totals, strict=True)]
        wanted, fails = OPERATORS[self.relation.operator], _FAILS[self.relation.operator]
        side = "左边少" if gap.number.startswith("-") else "左边多"
        gap = replace(gap, number=gap.number.removeprefix("-"))
        return (f"{place}：", *written[0], f" {fails} ", *written[1], f"，应为“{wanted}”，{side}", gap)

    def _implied(self, left: list[_Addend], right: list[_Addend], gap: Figure) -> Iterator[tuple[str, Figure]]:
        """Yield, for each cell of this year, the value that would make both sides equal; never a negative one."""
        for addends, direction in ((left, -1), (right, 1)):
            for each in addends:
                read = quantity.total([(1, each.quantity), (direction * each.term.sign, gap.quantity)])
                if not each.term.last_year and read.fraction >= 0:
                    yield each.figure.id, self._check(f"implied.{each.figure.id}", read, [each])


def _written(side: list[_Addend], total: Figure) -> Iterator[str | Figure]:
    for index, each in enumerate(side):
        sign = "＋" if each.term.sign > 0 else "－"
        yield each.name if index == 0 and each.term.sign > 0 else sign + each.name
        yield each.figure
    if len(side) > 1:
        yield "（合计"
        yield total
        yield "）"


def _with_offer(finding: Finding, figures: Figures, doubts: Counter[str]) -> Finding:
    """Order the implied values, those of cells that most other findings doubt too first, and say them in the sentence."""
    if not finding.implied or finding.left is None:
        return finding
    implied = tuple(sorted(finding.implied, key=lambda offer: -doubts[offer[0]]))
    offers: list[str | Figure] = ["。若其余各数无误，"]
    for index, (cell, figure) in enumerate(implied):
        offers += ["；或" if index else "", f"{figures[cell].label}应为", figure]
    return replace(finding, implied=implied, parts=(*finding.parts, *offers))


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
            yield _unfilled(rule, report, row, column.id, cell)


def _unfilled(rule: Rule, report: AnnualReport, row: Row, column: str, cell: Figure) -> Finding:
    what = "没有填" if cell.quantity.state is State.MISSING else "填了“-”，表式中这一格应有数"
    parts: list[str | Figure] = [f"{cell.label}{what}（{cell.source}）；没有发生的填“0”"]
    finding_id = f"{rule.id}.{cell.id}"
    implied = tuple(_settled(report, row, column, finding_id))
    if implied:
        parts += ["。按勾稽关系可推出", implied[0][1]]
    return Finding(id=finding_id, rule=rule.id, severity=rule.severity, parts=tuple(parts), cells=(cell.id,), implied=implied)


def _settled(report: AnnualReport, row: Row, column: str, finding_id: str) -> Iterator[tuple[str, Figure]]:
    """Yield the value of an empty cell that an equation of the form settles, if one does."""
    for rule in report.form.rules:
        relation = rule.relation
        if rule.rows or relation is None or relation.operator != "==":
            continue
        signed = [(term.sign, term.ref) for term in relation.left] + [(-term.sign, term.ref) for term in relation.right]
        own = [sign for sign, ref in signed if ref == row.id]
        if len(own) != 1:
            continue
        others = [(-own[0] * sign, ref) for sign, ref in signed if ref != row.id]
        read = quantity.total((sign, fig.value(report, ref, column)) for sign, ref in others)
        if read.state is State.GIVEN and read.fraction >= 0:
            cell = fig.cell_id(row.id, column)
            inputs = tuple(fig.cell_id(ref, column) for _sign, ref in others)
            formula = " ".join(f"{'+' if sign > 0 else '-'} {key}" for (sign, _), key in zip(others, inputs, strict=True))
            figure_id = f"{finding_id}.implied.{cell}"
            label = f"{finding_id} 推算值"
            yield cell, fig.counted(figure_id, label, "check", read, row.unit, formula=formula.removeprefix("+ "), inputs=inputs)
            return


def _column_name(report: AnnualReport, row: str, column_id: str) -> str:
    column = next(column for column in report.form.table_of(row).columns if column.id == column_id)
    return labelled(column.label, year=report.year)


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
