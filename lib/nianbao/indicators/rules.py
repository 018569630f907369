"""
One relation between cells in one place: whether it holds, what to say where it fails, and which values would mend it.

A relation stands in a column, where its terms are rows, or in a row, where its terms are columns. Values that would mend it are
offered and never written. Pure: no file, no notebook.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nianbao.indicators import figures as fig
from nianbao.indicators import findings, values
from nianbao.indicators.findings import PENDING, Finding
from nianbao.indicators.form import OPERATORS
from nianbao.indicators.values import State
from nianbao.prose import lint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.form import Form, Relation, Row, Rule, Term
    from nianbao.indicators.report import Acceptance, AnnualReport
    from nianbao.indicators.values import Quantity

    Key = tuple[str, str]


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
    read = values.total((sign, figure.quantity) for sign, figure in terms)
    formula = " ".join(f"{'+' if sign > 0 else '-'} {figure.id}" for sign, figure in terms).removeprefix("+ ")
    inputs = tuple(figure.id for _sign, figure in terms)
    return fig.counted(figure_id, label, "check", read, unit, formula=formula, inputs=inputs)


def column_name(report: AnnualReport, row: str, column_id: str) -> str:
    """Return what the column is called in *report*."""
    return report.form.table_of(row).column(column_id).name(report.year)


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
    return _with_acceptances([*found, *findings.compare(report, figures), *prose], report)


def outcomes(report: AnnualReport) -> Iterator[Outcome]:
    """Yield whether each relation of the form holds, in every place."""
    for rule in report.form.rules:
        yield from (place.outcome() for place in _places(rule, report))


def not_run(report: AnnualReport) -> tuple[str, ...]:
    """Return the ids of rules that need last year's report where it is not there or its form means something else by all the cells."""
    rules = (rule for rule in report.form.rules if rule.relation and rule.relation.needs_last_year)
    ids = tuple(rule.id for rule in rules if not any(_places(rule, report)))
    return ids if report.last_year else (*ids, lint.RULE)


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
            read = values.total((sign, fig.value(last, *cell)) for sign, cell in terms)
            fits = read.state is State.GIVEN and (read.fraction >= 0 or form.table_of(row).column(column).signed)
            if fits and form.rows[row].printed and column not in form.rows[row].not_applicable:
                source = "".join(_written_source(last, sign, cell) for sign, cell in terms).removeprefix("＋")
                found.setdefault((row, column), Carried(value=read.exact or "", rule=rule.id, source=source))
    return found


def reminders(form: Form, last: AnnualReport) -> tuple[str, ...]:
    """Return, in words, the equations that tie this year's cells to those of *last* and settle none alone."""
    return tuple(
        f"{rule.id}：{relation(form, rule, last.year + 1)}"
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


def _written_source(last: AnnualReport, sign: int, cell: tuple[str, str]) -> str:
    """Return the cell of last year's report in words, with the file it stands in where it is printed."""
    row = last.form.rows[cell[0]]
    where = f"{last.folder}/{last.form.table_of(row.id).id}.csv"
    address = f" {last.cells[cell].address}" if cell in last.cells else ""
    return f"{'＋' if sign > 0 else '－'}{where}{address}“{row.numbered_label}”"
