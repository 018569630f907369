"""
The rules of a form (勾稽关系): a class for each kind, and what follows from them for one report.

A new kind of rule is a class here and its line in `KINDS`; a new way to compare is a line in `OPERATORS`. A form file takes the
keys that the class names; what does not hold, its words, the values that would mend it, what last year's report settles, and the
checks of a workbook all follow from the `checks` and `cells` that the class yields. Values are offered and never written.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import TYPE_CHECKING, ClassVar

from nianbao.indicators import figures as fig
from nianbao.indicators import frozen, positional, values
from nianbao.indicators.errors import listed
from nianbao.indicators.figures import LAST, cell_id, counted
from nianbao.indicators.findings import PENDING, REPEATED, Finding, compare
from nianbao.indicators.values import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from fractions import Fraction

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.findings import Findings, Parts
    from nianbao.indicators.form import Form
    from nianbao.indicators.report import Acceptance, AnnualReport, Key
    from nianbao.indicators.values import Strings

    Keys = tuple[Key, ...]
    Terms = tuple["Term", ...]
    Addends = tuple["Addend", ...]
    # What is added up, each with its figure.
    Side = list[tuple["Addend", Figure]]


@positional
class Operator:
    """A way to compare two sums: as it is printed, as it is printed where it fails, in a workbook, and whether a gap is right."""

    sign: str
    fails: str
    formula: str
    holds: Callable[[Fraction], bool]


OPERATORS = {
    "==": Operator("=", "≠", "=", lambda gap: gap == 0),
    "<=": Operator("≤", ">", "<=", lambda gap: gap <= 0),
    ">=": Operator("≥", "<", ">=", lambda gap: gap >= 0),
}


@frozen
class Term:
    """One row or column in a relation, added or (sign −1) subtracted, of this year's report or the last."""

    ref: str
    sign: int = 1
    last_year: bool = False

    def at(self, row: str, column: str) -> Addend:
        """Return the cell that it stands for in a place, which is a row or a column."""
        return Addend((row or self.ref, column or self.ref), self.sign, self.last_year)


@frozen
class Relation:
    """`left` `operator` `right`, each side a sum of terms."""

    left: Terms
    operator: str
    right: Terms

    @property
    def terms(self) -> Terms:
        """The terms of both sides."""
        return (*self.left, *self.right)

    @property
    def needs_last_year(self) -> bool:
        """Whether the relation takes a cell of last year's report."""
        return any(term.last_year for term in self.terms)


_NAME = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"


def parse_relation(text: str) -> Relation | None:
    """Read *text*, such as `a == b + last_year.c`, as a relation, or return None where it is none."""
    side, operators = rf"({_NAME}(?:\s*[+-]\s*{_NAME})*)", "|".join(sorted(OPERATORS, reverse=True))
    found = re.fullmatch(rf"{side}\s*({operators})\s*{side}", text.strip())
    return Relation(left=_terms(found[1]), operator=found[2], right=_terms(found[3])) if found else None


def _terms(side: str) -> Terms:
    terms = []
    for sign, name in re.findall(rf"([+-]?)\s*({_NAME})", side):
        ref = name.removeprefix("last_year.")
        terms.append(Term(ref=ref, sign=-1 if sign == "-" else 1, last_year=ref != name))
    return tuple(terms)


@positional
class Addend:
    """A cell, by row and column id, with the sign it has in a sum; of this year's report or the last."""

    key: Key
    sign: int = 1
    last_year: bool = False

    @property
    def mark(self) -> str:
        """The sign as it is printed."""
        return "＋" if self.sign > 0 else "－"

    def printed(self, form: Form) -> Iterator[Addend]:
        """Yield the cells with a line that it is the sum of: itself, where it has one."""
        return (replace(self, key=(row, self.key[1])) for row in printed(form, self.key[0]))


@frozen
class Check:
    """Two sums of cells compared in one place, for `rule`: `row` or `column` names the place, the other is empty."""

    rule: Rule
    row: str = ""
    column: str = ""
    left: Addends
    operator: str
    right: Addends = ()

    @property
    def id(self) -> str:
        """The id of the finding that a failure here is."""
        return f"{self.rule.id}.{self.row or self.column}"

    @property
    def addends(self) -> Addends:
        """The cells of both sides."""
        return self.left + self.right

    def where(self, form: Form, year: int) -> str:
        """Return what the place is called: the row, or the column."""
        return form.rows[self.row].numbered_label if self.row else form.column(*self.left[0].key).name(year)

    def name(self, form: Form, addend: Addend, year: int) -> str:
        """Return what *addend* is called beside the others of this place."""
        before = year - addend.last_year
        name = form.column(*addend.key).name(before) if self.row else form.rows[addend.key[0]].numbered_label
        return f"{before}年报告的{name}" if addend.last_year else name

    def words(self, form: Form, year: int) -> str:
        """Return both sides in the names that *form* has for a report of *year*."""
        sides = []
        for side in (self.left, self.right):
            named = "".join(each.mark + self.name(form, each, year) for each in side)
            sides.append(named.removeprefix("＋") or "0")
        return f" {OPERATORS[self.operator].sign} ".join(sides)

    def printed(self, form: Form) -> Check:
        """Return the same with the cells that *form* prints, in place of a sum that has no line."""
        left = tuple(part for each in self.left for part in each.printed(form))
        right = tuple(part for each in self.right for part in each.printed(form))
        return replace(self, left=left, right=right)

    def rolled(self) -> tuple[Addend, Addends] | None:
        """Return the one cell of this year and those of last year that it equals, or None where this is no such equation."""
        for own, others in ((self.left, self.right), (self.right, self.left)):
            alone = len(own) == 1 and own[0].sign == 1 and not own[0].last_year
            if self.operator == "==" and alone and all(each.last_year for each in others):
                return own[0], others
        return None


@dataclass(frozen=True)
class Outcome:
    """A check held against *report*."""

    check: Check
    report: AnnualReport

    @property
    def id(self) -> str:
        """The id of the finding that a failure is."""
        return self.check.id

    @property
    def rule(self) -> str:
        """The id of the rule."""
        return self.check.rule.id

    @property
    def severity(self) -> str:
        """How much a failure weighs."""
        return self.check.rule.severity

    @property
    def cells(self) -> Strings:
        """The ids of the figures that are added up."""
        return tuple(figure.id for _addend, figure in self._left + self._right)

    @property
    def holds(self) -> bool | None:
        """Whether the relation holds; None where a value is missing or not applicable."""
        left, right = (total.quantity for total in self._totals)
        if not (left.is_given and right.is_given):
            return None
        return OPERATORS[self.check.operator].holds(left.fraction - right.fraction)

    @property
    def words(self) -> str:
        """The place and the relation in the names of the form."""
        return f"{self._where}：{self.check.words(self.report.form, self.report.year)}"

    def finding(self) -> Finding:
        """Return what to say where the relation does not hold."""
        left, right = self._totals
        gap = self._sum("difference", "左边减右边", ((1, left), (-1, right)))
        operator = OPERATORS[self.check.operator]
        more = gap.quantity.fraction > 0
        larger, smaller = (left, right) if more else (right, left)
        parts = (
            f"{self._where}：",
            *_written(self._left, left),
            f" {operator.fails} ",
            *_written(self._right, right),
            f"，应为“{operator.sign}”，{'左边多' if more else '左边少'}",
            self._sum("gap", "相差", ((1, larger), (-1, smaller))),
        )
        implied = tuple(self._implied(gap)) if self.check.operator == "==" else ()
        found = self.check.rule.finding(self.check.row or self.check.column, parts, self.cells, implied)
        return replace(found, left=left, right=right, difference=gap)

    @property
    def _where(self) -> str:
        return self.check.where(self.report.form, self.report.year)

    @cached_property
    def _left(self) -> Side:
        return [(each, self._figure(each)) for each in self.check.left]

    @cached_property
    def _right(self) -> Side:
        return [(each, self._figure(each)) for each in self.check.right]

    @cached_property
    def _totals(self) -> tuple[Figure, Figure]:
        left = self._sum("left", "左边合计", [(each.sign, figure) for each, figure in self._left])
        return left, self._sum("right", "右边合计", [(each.sign, figure) for each, figure in self._right])

    def _figure(self, addend: Addend) -> Figure:
        source = self.report.last_year if addend.last_year else self.report
        assert source is not None
        figure_id = f"{LAST if addend.last_year else ''}{cell_id(*addend.key)}"
        label = self.check.name(self.report.form, addend, self.report.year)
        return counted(figure_id, label, "cell", fig.value(source, *addend.key), source.form.unit_at(*addend.key))

    def _implied(self, gap: Figure) -> Iterator[tuple[str, Figure]]:
        """Yield, for each cell of this year, the value that would make both sides equal; never a negative one."""
        for side, direction in ((self._left, -1), (self._right, 1)):
            for addend, figure in side:
                offer = self._sum(f"implied.{figure.id}", "推算值", ((1, figure), (direction * addend.sign, gap)))
                if not addend.last_year and offer.quantity.fraction >= 0:
                    yield figure.id, offer

    def _sum(self, what: str, label: str, terms: Sequence[tuple[int, Figure]]) -> Figure:
        """Return the figure of a sum that exists only here."""
        unit = self.report.form.unit_at(*self.check.left[0].key)
        return fig.added(f"{self.id}.{what}", f"{self.id} {label}", "check", unit, terms)


def _written(side: Side, total: Figure) -> Iterator[str | Figure]:
    for index, (addend, figure) in enumerate(side):
        yield figure.label if index == 0 and addend.sign > 0 else addend.mark + figure.label
        yield figure
    if len(side) > 1:
        yield "（合计"
        yield total
        yield "）"
    elif not side:
        yield total


# So many blank cells of a table are told one by one, and so many rectangles of them are named.
_SINGLY, _AREAS = 3, 6


@frozen
class Rule:
    """
    One rule of a form.

    A kind of rule yields what it wants of the table: `checks`, sums that are compared, or `cells`, each of which holds what the
    class `wants`, a number or the `-`. One about something else has `findings` of its own.

    Args:
        kind: what a form file calls the kind; `keys` are the keys it takes there beside `id`, `severity` and `kind`, one for each
            further field of the class, with what their values are: `relation`, `nature`, `row`, `rows`, `chapter` or `texts`.
    """

    kind: ClassVar[str]
    keys: ClassVar[Mapping[str, str]] = {}
    wants: ClassVar[State] = State.GIVEN
    about_cells: ClassVar[bool] = True

    id: str
    severity: str

    @property
    def needs_last_year(self) -> bool:
        """Whether it takes cells of last year's report."""
        return False

    def checks(self, form: Form, before: Form | None) -> Iterator[Check]:  # noqa: ARG002 - the kinds that compare take them
        """Yield what is to be compared, place by place; *before* is last year's form, for the rules that take its cells."""
        yield from ()

    def cells(self, form: Form) -> Iterator[Key]:  # noqa: ARG002 - the kinds that want something of cells take it
        """Yield the cells that must hold what the rule wants, in reading order."""
        yield from ()

    def wording(self, form: Form, year: int) -> str:
        """Return what is to hold, in the names that *form* has for a report of *year*."""
        return next(self.checks(form, form)).words(form, year)

    def outcomes(self, report: AnnualReport) -> Iterator[Outcome]:
        """Yield the outcome of each of its checks in *report*."""
        before = report.last_year.form if report.last_year else None
        for check in self.checks(report.form, before):
            yield Outcome(check, report)

    def findings(self, report: AnnualReport, figures: Figures) -> Iterator[Finding]:
        """Yield what does not hold in *report*."""
        for outcome in self.outcomes(report):
            if outcome.holds is False:
                yield outcome.finding()
        unlike = [key for key in self.cells(report.form) if figures.cell(*key).quantity.state is not self.wants]
        equations = _equations(report.form) if unlike else []
        blank: dict[str, list[Key]] = defaultdict(list)
        for key in unlike:
            cell = figures.cell(*key)
            if self.wants is State.GIVEN and cell.quantity.is_missing and _solved(equations, figures, key, "") is None:
                blank[report.form.table_of(key[0]).id].append(key)
        yield from (self._blank(report, table, keys) for table, keys in blank.items() if len(keys) > _SINGLY)
        folded = {key for keys in blank.values() if len(keys) > _SINGLY for key in keys}
        for key in (each for each in unlike if each not in folded):
            cell = figures.cell(*key)
            if self.wants is State.NOT_APPLICABLE:
                what: Parts = ("空着",) if cell.quantity.is_missing else ("填了", cell)
                yield self.finding(cell.id, (f"{cell.label}在表式中不适用，应填“-”，现在", *what), (cell.id,))
            else:
                yield self._unfilled(cell, _solved(equations, figures, key, f"{self.id}.{cell.id}"))

    def _blank(self, report: AnnualReport, table: str, keys: list[Key]) -> Finding:
        """Return the one finding about many blank cells of *table*."""
        file, places = f"{report.folder}/{table}.csv", areas(filter(None, (report.cells[key].address for key in keys)))
        shown = "、".join(places[:_AREAS]) + ("等" if len(places) > _AREAS else "")
        zeros = f"make table-zeros UNIT={report.unit} YEAR={report.year} TABLES={table}"
        sentence = f"{file} 还有{len(keys)}格没有填：{shown}；没有发生的填“0”，余下的都没有发生，可用 {zeros} 一次填好"
        return self.finding(table, (sentence,), tuple(cell_id(*key) for key in keys))

    def _unfilled(self, cell: Figure, offer: Figure | None) -> Finding:
        what = "没有填" if cell.quantity.is_missing else "填了“-”，表式中这一格应有数"
        sentence = f"{cell.label}{what}（{cell.source}）；没有发生的填“0”"
        if offer is None:
            return self.finding(cell.id, (sentence,), (cell.id,))
        return self.finding(cell.id, (sentence, "。按勾稽关系可推出", offer), (cell.id,), ((cell.id, offer),))

    def finding(
        self,
        place: str,
        parts: Parts,
        cells: Strings = (),
        implied: tuple[tuple[str, Figure], ...] = (),
    ) -> Finding:
        """Return a finding of this rule at *place*."""
        return Finding(id=f"{self.id}.{place}", rule=self.id, severity=self.severity, parts=parts, cells=cells, implied=implied)


def areas(addresses: Iterable[str]) -> list[str]:
    """Return the rectangles that cells at *addresses*, row by row, make up: E2, E3, F2 and F3 are E2:F3."""
    rows: dict[int, list[int]] = defaultdict(list)
    for address in addresses:
        letters = address.rstrip("0123456789")
        rows[int(address[len(letters) :])].append(sum((ord(each) - 64) * 26**power for power, each in enumerate(reversed(letters))))
    # What is open: the columns of a rectangle, and the rows it begins and ends with.
    found: list[tuple[int, int, int, int]] = []
    for row, columns in sorted(rows.items()):
        for first, last in _runs(sorted(columns)):
            above = next((each for each in found if each[:2] == (first, last) and each[3] == row - 1), None)
            if above:
                found.remove(above)
            found.append((first, last, above[2] if above else row, row))
    corners = [(f"{_letters(first)}{top}", f"{_letters(last)}{bottom}") for first, last, top, bottom in found]
    return [start if start == end else f"{start}:{end}" for start, end in corners]


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of *numbers* that follow one another."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _letters(number: int) -> str:
    """Return what a spreadsheet calls column *number*, from 1."""
    text = ""
    while number:
        number, place = divmod(number - 1, 26)
        text = chr(65 + place) + text
    return text


@frozen
class Comparison(Rule):
    """
    A relation between rows, which holds in every column, or between columns, which holds in rows.

    Partition, subset, balance and roll-forward are such relations.

    Args:
        rows: for one between columns, the nature of the rows in which it holds, or `all`; empty for one between rows.
    """

    kind = "relation"
    keys: ClassVar[Mapping[str, str]] = {"relation": "relation", "rows": "nature"}

    relation: Relation
    rows: str = ""

    @property
    def needs_last_year(self) -> bool:
        """Whether it takes cells of last year's report."""
        return self.relation.needs_last_year

    def checks(self, form: Form, before: Form | None) -> Iterator[Check]:
        """Yield the relation in each place; with last year's cells where its form *before* means the same by them."""
        for row, column in self._places(form):
            left = tuple(term.at(row, column) for term in self.relation.left)
            right = tuple(term.at(row, column) for term in self.relation.right)
            last = [each.key for each in left + right if each.last_year]
            if not last or (before and all(form.alike(before, *key) for key in last)):
                yield Check(rule=self, row=row, column=column, left=left, operator=self.relation.operator, right=right)

    def _places(self, form: Form) -> Iterator[Key]:
        """Yield each place as row and column, one of which is empty."""
        if not self.rows:
            yield from (("", column.id) for column in form.table_of(self.relation.left[0].ref).columns)
            return
        refs = {term.ref for term in self.relation.terms}
        for table in form.tables:
            if refs <= {column.id for column in table.columns}:
                yield from ((row.id, "") for row in table.rows if not row.heading and self.rows in {"all", row.nature})


@frozen
class NotApplicable(Rule):
    """The cells in which the form wants `-` hold it."""

    kind = "not-applicable"
    wants = State.NOT_APPLICABLE

    def cells(self, form: Form) -> Iterator[Key]:
        """Yield the cells that want `-`."""
        return ((row.id, column.id) for _table, row, column in form.cells() if column.id in row.not_applicable)

    def wording(self, form: Form, year: int) -> str:  # noqa: ARG002 - the same in every form
        """Return what is to hold."""
        return "表式规定不填数的格填“-”"


@frozen
class Filled(Rule):
    """All cells but those that want `-` hold a number."""

    kind = "filled"

    def cells(self, form: Form) -> Iterator[Key]:
        """Yield the cells that want a number."""
        return ((row.id, column.id) for _table, row, column in form.cells() if column.id not in row.not_applicable)

    def wording(self, form: Form, year: int) -> str:  # noqa: ARG002 - the same in every form
        """Return what is to hold."""
        return "每格都要有数，没有发生的填“0”"


@frozen
class Stated(Rule):
    """Where a row of `when` is above 0, or always where there is no `when`, the own prose of `chapter` holds each of `words`."""

    kind = "stated"
    keys: ClassVar[Mapping[str, str]] = {"when": "rows", "chapter": "chapter", "words": "texts"}
    about_cells = False

    chapter: str
    when: Strings = ()
    words: Strings = ()

    def findings(self, report: AnnualReport, figures: Figures) -> Iterator[Finding]:
        """Yield a finding where the chapter that must tell of something does not: always, or when it happened."""
        cells = [figures.cell(row, report.form.column_of(row)) for row in self.when]
        happened = [cell for cell in cells if cell.quantity.is_given and not cell.quantity.is_zero]
        passage = report.narrative.get(self.chapter)
        missing = [words for words in self.words if passage is None or words not in passage.said]
        # Of a chapter that is not there at all another finding tells.
        if missing and (happened or (passage and not self.when)):
            chapter = next(each.title for each in report.form.chapters if each.id == self.chapter)
            where = f"（{passage.file} 第{passage.line}行起）" if passage else ""
            must = f"“{chapter}”一章{where}应写明{listed(f'“{words}”' for words in missing)}"
            parts: Parts = (must,)
            if happened:
                parts = (f"{happened[0].label}为", happened[0], f"，{must}")
            yield self.finding(self.chapter, parts, tuple(cell.id for cell in happened))


KINDS: dict[str, type[Rule]] = {each.kind: each for each in (Comparison, NotApplicable, Filled, Stated)}


def all_checks(form: Form, before: Form | None) -> Iterator[Check]:
    """Yield the checks of all rules of *form*; *before* is last year's form."""
    for rule in form.rules:
        yield from rule.checks(form, before)


def outcomes(report: AnnualReport) -> Iterator[Outcome]:
    """Yield the outcome of each check of the form, rule by rule and place by place."""
    for rule in report.form.rules:
        yield from rule.outcomes(report)


def not_run(report: AnnualReport) -> Strings:
    """Return the ids of rules that need last year's report where it is not there or its form means something else by all the cells."""
    before = report.last_year.form if report.last_year else None
    rules = [rule for rule in report.form.rules if rule.needs_last_year]
    ids = tuple(rule.id for rule in rules if not any(rule.checks(report.form, before)))
    return ids if before else (*ids, REPEATED)


def stated(form: Form, chapter_id: str) -> tuple[Stated, ...]:
    """Return the rules about what the own prose of a chapter must hold."""
    return tuple(rule for rule in form.rules if isinstance(rule, Stated) and rule.chapter == chapter_id)


def run(report: AnnualReport, figures: Figures, prose: Iterable[Finding] = ()) -> Findings:
    """
    Return all findings about *report*, accepted ones marked.

    Args:
        prose: findings about its text, which can be accepted like any other.
    """
    found = [finding for rule in report.form.rules for finding in rule.findings(report, figures)]
    doubts = Counter(cell for finding in found for cell in set(finding.cells))
    found = [_with_offer(finding, figures, doubts) for finding in found]
    found += [*_out_of_force(report), *_pending(report)]
    return _with_acceptances([*found, *compare(report, figures), *prose], report)


def _with_offer(finding: Finding, figures: Figures, doubts: Counter[str]) -> Finding:
    """Order the implied values, those of cells that most other findings doubt too first, and say them in the sentence."""
    if not finding.implied or finding.left is None:
        return finding
    implied = tuple(sorted(finding.implied, key=lambda offer: -doubts[offer[0]]))
    offers: list[str | Figure] = ["。若其余各数无误，"]
    for index, (cell, figure) in enumerate(implied):
        offers += ["；或" if index else "", f"{figures[cell].label}应为", figure]
    return replace(finding, implied=implied, parts=(*finding.parts, *offers))


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


def _with_acceptances(found: list[Finding], report: AnnualReport) -> Findings:
    """Mark the findings that `report.yaml` accepts, and add one for each acceptance that fits nothing."""
    by_id = {finding.id: finding for finding in found}
    stale = []
    for acceptance in report.accepted:
        why = _misfit(acceptance, by_id.get(acceptance.finding))
        if why:
            sentence = f"{report.folder}/report.yaml 第{acceptance.line}行接受了“{acceptance.finding}”，但{why}"
            stale.append(Finding(id=f"A01.{acceptance.finding}", rule="A01", severity="warning", parts=(sentence,)))
        else:
            accepted = replace(by_id[acceptance.finding], accepted=True, reason=acceptance.reason)
            by_id[acceptance.finding] = accepted
    return (*by_id.values(), *stale)


# Source printed as it stands, outputs without a source, captions that lack, outputs that were left out: nobody's reason mends them.
NEVER_ACCEPTED = frozenset({"T02", "N01", "N02", "N03"})


def _misfit(acceptance: Acceptance, finding: Finding | None) -> str:
    """Return why *acceptance* does not cover *finding*, or nothing where it does."""
    if finding is None:
        return "现在没有这个问题，请删去"
    if finding.rule in NEVER_ACCEPTED and finding.left is None:
        return "这一类问题不能认可，只能改正"
    now = finding.difference
    if now is None:
        return "" if acceptance.difference is None else "这个问题没有差数，请删去 difference"
    if acceptance.difference is None:
        return f"没有写明接受的差数，请填 difference: {now.quantity.exact}"
    if acceptance.difference != now.quantity.value:
        return f"接受时差数是{acceptance.difference}，现在差数是{now.quantity.exact}，请重新核对"
    return ""


def _equations(form: Form) -> list[Check]:
    """Return the equations between rows of one year."""
    return [check for check in all_checks(form, None) if check.operator == "==" and check.column]


def _solved(equations: Iterable[Check], figures: Figures, key: Key, finding_id: str) -> Figure | None:
    """Return the value of an empty cell that one of *equations* settles, if one does."""
    cell = figures.cell(*key)
    for check in equations:
        # All on one side, where they come to 0.
        signed = [(each.sign, each.key) for each in check.left] + [(-each.sign, each.key) for each in check.right]
        own = [sign for sign, other in signed if other == key]
        if len(own) == 1:
            others = [(-own[0] * sign, figures.cell(*other)) for sign, other in signed if other != key]
            offer = fig.added(f"{finding_id}.implied.{cell.id}", f"{finding_id} 推算值", "check", cell.unit, others)
            if offer.quantity.is_given and offer.quantity.fraction >= 0:
                return offer
    return None


def printed(form: Form, row: str) -> Iterator[str]:
    """Yield the row, or the rows with a line that add up to it where it has none."""
    if form.rows[row].printed:
        yield row
    else:
        for part in form.parts(row):
            yield from printed(form, part)


def totals(form: Form) -> dict[Key, Keys]:
    """
    Return the parts of every cell that one equation of the form makes the sum of others.

    A cell in which the form wants `-` is none, nor one that would depend on itself.
    """
    found: dict[Key, Keys] = {}
    for equation in all_checks(form, None):
        check = equation.printed(form)
        if check.operator == "==" and len(check.left) == 1:
            (row, column), parts = check.left[0].key, tuple(each.key for each in check.right)
            added = len(parts) > 1 and all(each.sign > 0 for each in check.addends)
            wanted = (row, column) not in found and column not in form.rows[row].not_applicable
            if added and wanted and (row, column) not in _reached(found, parts):
                found[row, column] = parts
    return found


def _reached(found: Mapping[Key, Keys], parts: Keys) -> set[Key]:
    """Return all cells that *parts* depend on, themselves among them."""
    reached: set[Key] = set()
    left = list(parts)
    while left:
        key = left.pop()
        if key not in reached:
            reached.add(key)
            left += found.get(key, ())
    return reached


def column_parts(form: Form, row_id: str, column_id: str) -> Strings:
    """Return the columns that, by a rule of the form, add up to *column_id* in a row."""
    known = {column.id for column in form.table_of(row_id).columns}
    for rule in form.rules:
        if isinstance(rule, Comparison) and rule.rows and rule.relation.operator == "==" and not rule.needs_last_year:
            whole, parts = rule.relation.left, rule.relation.right
            refs = tuple(term.ref for term in parts)
            if [term.ref for term in whole] == [column_id] and known >= set(refs) and all(term.sign > 0 for term in parts):
                return refs
    return ()


def overlap(form: Form, keys: Sequence[Key]) -> str:
    """Return why the cells *keys* of *form* cannot be added up, as a clause; empty where they can."""
    for one, other in combinations(keys, 2):
        if said := _overlap(form, one, other):
            return said
    return ""


def _overlap(form: Form, one: Key, other: Key) -> str:
    pair = f"“{'.'.join(one)}”和“{'.'.join(other)}”"
    column, second = form.column(*one), form.column(*other)
    if one == other:
        return f"“{'.'.join(one)}”加了两次"
    if form.unit_at(*one) != form.unit_at(*other):
        return f"{pair}的单位不同（{form.unit_at(*one)}、{form.unit_at(*other)}）"
    if column.signed or second.signed:
        return f"{pair}中有增减数，不是数量"
    if one[0] == other[0]:
        return _columns_overlap(form, one, second.id, pair)
    if column != second:
        return f"{pair}既不同行，又不同栏"
    rows = form.rows[one[0]], form.rows[other[0]]
    if rows[0].nature != rows[1].nature:
        return f"{pair}一个是年末数，一个是全年数"
    return f"{pair}有重合，相加会重复计算" if _rows_overlap(form, rows[0].id, rows[1].id) else ""


def _columns_overlap(form: Form, one: Key, second: str, pair: str) -> str:
    row, column = one
    parts = {each.id: column_parts(form, row, each.id) for each in form.table_of(row).columns}
    counted = {each for whole, added in parts.items() for each in (whole, *added) if added}
    if not {column, second} <= counted:
        return f"表式没有写明{pair}互不重合"
    return f"{pair}一个含在另一个中" if column in parts[second] or second in parts[column] else ""


def _rows_overlap(form: Form, one: str, other: str) -> bool:
    """Tell whether something may be counted in both rows: one holds the other, or a rule compares them or what holds them."""
    first, second = _lineage(form, one), _lineage(form, other)
    if one in second or other in first:
        return True
    for mine, its in product([row for row in first if row not in second], [row for row in second if row not in first]):
        siblings = form.rows[mine].parent is not None and form.rows[mine].parent == form.rows[its].parent
        subset = siblings and (form.rows[mine].subset or form.rows[its].subset)
        if _across(form, mine, its) or (subset and not _together(form, mine, its)):
            return True
    return False


def _lineage(form: Form, row: str) -> list[str]:
    """Return *row* and the rows that it is a part of."""
    found = [row]
    while parent := form.rows[found[-1]].parent:
        found.append(parent)
    return found


def _sides(form: Form) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the rows on both sides of each rule that compares rows of one year."""
    for rule in form.rules:
        if isinstance(rule, Comparison) and not rule.rows and not rule.needs_last_year:
            left, right = rule.relation.left, rule.relation.right
            yield {term.ref for term in left}, {term.ref for term in right}


def _across(form: Form, one: str, other: str) -> bool:
    """Tell whether a rule compares *one* with *other*."""
    return any((one in left and other in right) or (one in right and other in left) for left, right in _sides(form))


def _together(form: Form, one: str, other: str) -> bool:
    """Tell whether a rule adds *one* to *other*."""
    return any({one, other} <= side for sides in _sides(form) for side in sides)


@frozen
class Carried:
    """A cell that last year's report settles: its value, and the rule and the cells it follows from, in words."""

    value: str
    rule: str
    source: str


def settled(form: Form, last: AnnualReport) -> dict[Key, Carried]:
    """Return the cells of *form* that an equation with last year's cells alone settles, by row and column id."""
    found: dict[Key, Carried] = {}
    for check in all_checks(form, last.form):
        if sides := check.rolled():
            own, others = sides
            row, column = own.key
            read = values.total((each.sign, fig.value(last, *each.key)) for each in others)
            fits = read.is_given and (read.fraction >= 0 or form.column(row, column).signed)
            if fits and form.rows[row].printed and column not in form.rows[row].not_applicable:
                source = "".join(_written_source(last, each) for each in others).removeprefix("＋")
                found.setdefault(own.key, Carried(value=read.exact or "", rule=check.rule.id, source=source))
    return found


def _written_source(last: AnnualReport, addend: Addend) -> str:
    """Return the cell of last year's report in words, with the file it stands in where it is printed."""
    row = last.form.rows[addend.key[0]]
    where = f"{last.folder}/{last.form.table_of(row.id).id}.csv"
    address = f" {last.cells[addend.key].address}" if addend.key in last.cells else ""
    return f"{addend.mark}{where}{address}“{row.numbered_label}”"


def reminders(form: Form, last: AnnualReport) -> Strings:
    """Return, in words, the equations that tie this year's cells to those of *last* and settle none alone."""
    said = []
    for rule in form.rules:
        check = next(rule.checks(form, last.form), None)
        if rule.needs_last_year and check and check.operator == "==" and not check.rolled():
            said.append(f"{rule.id}：{check.words(form, last.year + 1)}")
    return tuple(said)
