"""
One relation between cells in one place: whether it holds, what to say where it fails, and which values would mend it.

A relation stands in a column, where its terms are rows, or in a row, where its terms are columns. Values that would mend it are
offered and never written. Pure: no file, no notebook.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import figures as fig
from . import quantity
from .findings import Finding
from .form import OPERATORS
from .quantity import State

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from .figures import Figure, Figures
    from .form import Relation, Rule, Term
    from .quantity import Quantity
    from .report import AnnualReport

_FAILS = {"==": "≠", "<=": ">", ">=": "<"}


@dataclass(frozen=True, slots=True)
class _Addend:
    """A term of a relation in one place: its figure there, what it is called, and its value."""

    term: Term
    figure: Figure
    name: str

    @property
    def quantity(self) -> Quantity:
        return self.figure.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    Whether a relation holds in one place.

    Args:
        holds: None where a value is missing or not applicable, or last year's report is not there.

        words: the relation in the names of the form.
    """

    id: str
    rule: str
    severity: str
    cells: tuple[str, ...]
    holds: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """A relation in one column (its terms are rows) or one row (its terms are columns)."""

    report: AnnualReport
    rule: Rule
    relation: Relation
    row: str = ""
    column: str = ""

    @property
    def id(self) -> str:
        """The id of the finding that a failure here is."""
        return f"{self.rule.id}.{self.row or self.column}"

    def outcome(self) -> Outcome:
        """Return whether the relation holds here."""
        left, right = self._addends(self.relation.left), self._addends(self.relation.right)
        totals = self._totals(left, right)
        given = all(total.quantity.state is State.GIVEN for total in totals)
        written = f" {OPERATORS[self.relation.operator]} ".join(_named(side) for side in (left, right))
        return Outcome(
            id=self.id,
            rule=self.rule.id,
            severity=self.rule.severity,
            cells=tuple(each.figure.id for each in left + right),
            holds=_holds(self.relation.operator, totals) if given else None,
            words=f"{self._where()}：{written}",
        )

    def finding(self) -> Iterator[Finding]:
        """Yield a finding where the relation fails; where a value is missing or not applicable there is nothing to compare."""
        left, right = self._addends(self.relation.left), self._addends(self.relation.right)
        totals = self._totals(left, right)
        if any(total.quantity.state is not State.GIVEN for total in totals) or _holds(self.relation.operator, totals):
            return
        gap = self._derived("difference", "左边减右边", [(1, totals[0]), (-1, totals[1])])
        yield Finding(
            id=self.id,
            rule=self.rule.id,
            severity=self.rule.severity,
            parts=self._parts(left, right, totals, gap),
            cells=tuple(each.figure.id for each in left + right),
            left=totals[0],
            right=totals[1],
            difference=gap,
            implied=tuple(self._implied(left, right, gap)) if self.relation.operator == "==" else (),
        )

    def _totals(self, left: list[_Addend], right: list[_Addend]) -> list[Figure]:
        sides = [[(each.term.sign, each.figure) for each in side] for side in (left, right)]
        return [self._derived("left", "左边合计", sides[0]), self._derived("right", "右边合计", sides[1])]

    def _where(self) -> str:
        """Return what the place is called: the row, or the column."""
        if self.row:
            return self.report.form.rows[self.row].numbered_label
        return column_name(self.report, self.relation.left[0].ref, self.column)

    def _addends(self, terms: tuple[Term, ...]) -> list[_Addend]:
        return [self._addend(term) for term in terms]

    def _addend(self, term: Term) -> _Addend:
        source = self.report.last_year if term.last_year else self.report
        assert source is not None
        row, column = self.row or term.ref, self.column or term.ref
        name = column_name(source, row, column) if self.row else source.form.rows[row].numbered_label
        read = fig.value(source, row, column)
        prefix, said = ("last_year.", f"{source.year}年报告的{name}") if term.last_year else ("", name)
        figure = fig.counted(f"{prefix}{fig.cell_id(row, column)}", said, "cell", read, fig.unit_of(source.form, row, column))
        return _Addend(term, figure, said)

    def _derived(self, what: str, label: str, terms: list[tuple[int, Figure]]) -> Figure:
        """Return the figure of a sum that exists only in this finding."""
        first = self.relation.left[0].ref
        unit = fig.unit_of(self.report.form, self.row or first, self.column or first)
        return derived(f"{self.id}.{what}", f"{self.id} {label}", unit, terms)

    def _parts(self, left: list[_Addend], right: list[_Addend], totals: list[Figure], gap: Figure) -> tuple[str | Figure, ...]:
        written = [[*_written(side, total)] for side, total in zip((left, right), totals, strict=True)]
        wanted, fails = OPERATORS[self.relation.operator], _FAILS[self.relation.operator]
        more = gap.quantity.fraction > 0
        terms = [(1 if more else -1, totals[0]), (-1 if more else 1, totals[1])]
        apart = self._derived("gap", "相差", sorted(terms, key=lambda term: -term[0]))
        side = "左边多" if more else "左边少"
        return (f"{self._where()}：", *written[0], f" {fails} ", *written[1], f"，应为“{wanted}”，{side}", apart)

    def _implied(self, left: list[_Addend], right: list[_Addend], gap: Figure) -> Iterator[tuple[str, Figure]]:
        """Yield, for each cell of this year, the value that would make both sides equal; never a negative one."""
        for addends, direction in ((left, -1), (right, 1)):
            for each in addends:
                terms = [(1, each.figure), (direction * each.term.sign, gap)]
                figure = self._derived(f"implied.{each.figure.id}", "推算值", terms)
                if not each.term.last_year and figure.quantity.fraction >= 0:
                    yield each.figure.id, figure


def _holds(operator: str, totals: list[Figure]) -> bool:
    difference = totals[0].quantity.fraction - totals[1].quantity.fraction
    return {"==": difference == 0, "<=": difference <= 0, ">=": difference >= 0}[operator]


def _named(side: list[_Addend]) -> str:
    return "".join(("＋" if each.term.sign > 0 else "－") + each.name for each in side).removeprefix("＋")


def _written(side: list[_Addend], total: Figure) -> Iterator[str | Figure]:
    for index, each in enumerate(side):
        sign = "＋" if each.term.sign > 0 else "－"
        yield each.name if index == 0 and each.term.sign > 0 else sign + each.name
        yield each.figure
    if len(side) > 1:
        yield "（合计"
        yield total
        yield "）"


def with_offer(finding: Finding, figures: Figures, doubts: Counter[str]) -> Finding:
    """Order the implied values, those of cells that most other findings doubt too first, and say them in the sentence."""
    if not finding.implied or finding.left is None:
        return finding
    implied = tuple(sorted(finding.implied, key=lambda offer: -doubts[offer[0]]))
    offers: list[str | Figure] = ["。若其余各数无误，"]
    for index, (cell, figure) in enumerate(implied):
        offers += ["；或" if index else "", f"{figures[cell].label}应为", figure]
    return replace(finding, implied=implied, parts=(*finding.parts, *offers))


def derived(figure_id: str, label: str, unit: str, terms: list[tuple[int, Figure]]) -> Figure:
    """Return the figure of the sum of *terms*, each with its sign, and how it follows from them."""
    read = quantity.total((sign, figure.quantity) for sign, figure in terms)
    formula = " ".join(f"{'+' if sign > 0 else '-'} {figure.id}" for sign, figure in terms).removeprefix("+ ")
    inputs = tuple(figure.id for _sign, figure in terms)
    return fig.counted(figure_id, label, "check", read, unit, formula=formula, inputs=inputs)


def column_name(report: AnnualReport, row: str, column_id: str) -> str:
    """Return what the column is called in *report*."""
    return report.form.table_of(row).column(column_id).name(report.year)
