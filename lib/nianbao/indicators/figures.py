"""
Every figure (数) of a report: cells, sums, shares, rates, facts and changes since last year, each with its formula and inputs.

A figure is the only thing that prints a number: prose, tables, charts and `figures.json` all show the same object. Shares and
rates are exact fractions; a `values.Policy` makes their display.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from nianbao.indicators import frozen, values
from nianbao.indicators.form import labelled
from nianbao.indicators.values import Quantity, State, largest_remainder, rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nianbao.indicators.form import Form, Row
    from nianbao.indicators.report import AnnualReport, Fact, Key
    from nianbao.indicators.values import Policy, Strings


# What stands in the place of a number that is not there: in a sentence, and in a table.
WORDS = {State.MISSING: "缺数", State.NOT_APPLICABLE: "不适用", State.UNDEFINED: "无定义"}
# What stands before the id of a figure of last year, and after a difference of percentages.
LAST, POINTS = "last_year.", "个百分点"
# What stands between the ids of figures in the id of their sum, and of a ratio: no id of a row or column begins like that.
AND, OF = "._and_.", "._of_."
_DIFFERENCE, _CHANGE = "difference", "change"
_NUMBERS = {**WORDS, State.NOT_APPLICABLE: "-"}


@frozen
class Figure:
    """
    A number that can be shown, or the reason why there is none.

    Args:
        kind: `cell`, `sum`, `share`, `rate`, `fact`, `published`, `check` or `change`.

        number: the display without its unit, as a table prints it.

        display: the display with its unit, as prose prints it.

        formula: how it follows from `inputs`, in figure ids; empty for what is declared.

        source: the file, line and cell of a cell, or the source of a fact.
    """

    id: str
    label: str
    kind: str
    quantity: Quantity
    number: str
    display: str
    unit: str = ""
    formula: str = ""
    inputs: Strings = ()
    source: str = ""
    note: str = ""


# What stands, unseen and without width, before the id of a figure in a text, between id and numeral, and behind: so a text may be put
# together in any way and still tell which of its numerals is which figure. The id is written in bytes from `FIRST_BYTE` on.
OPENS, SHOWS, ENDS, FIRST_BYTE = "\ufe00", "\ufe01", "\ufe02", 0xE0100


def carrying(figure: Figure, *, bare: bool = False, of: str = "") -> str:
    """
    Return *figure* as it is printed, or without its unit where *bare*, as a text that tells wherever it goes which figure it is.

    Args:
        of: whose it is, `unit/year`, where that is not clear from where the text goes.
    """
    name = "".join(chr(FIRST_BYTE + byte) for byte in (f"{of}:{figure.id}" if of else figure.id).encode())
    return f"{OPENS}{name}{SHOWS}{figure.number if bare else figure.display}{ENDS}"


class Figures:
    """
    The figures of one report, by id; iterating yields them in the order of the form.

    A figure that only a sentence asks for (a share of a column, a sum of rows, a change in a column) is computed from its id when
    first asked for, and kept: whoever has the id, in a page or in its evidence, computes the same again.

    Args:
        report: what further figures are computed from; without it there are none.
    """

    def __init__(self, figures: Iterable[Figure], report: AnnualReport | None = None) -> None:
        self._by_id = {figure.id: figure for figure in figures}
        self._report = report

    def __getitem__(self, figure_id: str) -> Figure:
        return self._by_id[figure_id]

    def cell(self, row_id: str, column_id: str) -> Figure:
        """Return the figure of a cell, or of a sum that the table does not print."""
        return self._by_id[cell_id(row_id, column_id)]

    def __contains__(self, figure_id: object) -> bool:
        return figure_id in self._by_id

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    @cached_property
    def before(self) -> Figures | None:
        """The figures of last year's report; None where there is none."""
        last = self._report.last_year if self._report else None
        return compute(last) if last else None

    def take(self, figures: Iterable[Figure]) -> None:
        """Keep *figures* too, those that are new after those that are there."""
        for figure in figures:
            self._by_id.setdefault(figure.id, figure)

    def derived(self, figure_id: str) -> Figure | None:
        """Return the figure of this id, computed now where it is not there yet; None where the id names none."""
        if figure_id not in self._by_id and self._report:
            self.take(_derived(self._report, self, figure_id))
        return self._by_id.get(figure_id)


def compute(report: AnnualReport) -> Figures:
    """Return every figure of *report*: all cells, all shares and rates in every column, all facts."""
    cells = Figures(_cells(report))
    figures = Figures([*cells, *_shares(report, cells), *_rates(report, cells), *_facts(report)], report)
    figures.take(_fact_shares(report, figures))
    figures.take(_own_rates(report, figures))
    return figures


def compute_changes(report: AnnualReport, figures: Figures) -> Iterator[Figure]:
    """Yield the figures of all changes since last year, with last year's figures that they follow from."""
    told: set[str] = set()
    for row, column in _prose_cells(report.form):
        for key in (cell_id(row, column), share_id(row, column)):
            yield from _changes(report, figures, key, told)


def _derived(report: AnnualReport, figures: Figures, figure_id: str) -> Iterator[Figure]:
    """Yield the figure that *figure_id* says how to compute, those that it follows from first; nothing where it says no such thing."""
    base, _, last = figure_id.rpartition(".")
    over, of, under = figure_id.partition(OF)
    terms = figure_id.split(AND)
    if last in {_DIFFERENCE, _CHANGE} and not base.endswith((f".{_DIFFERENCE}", f".{_CHANGE}")):
        yield from _changes(report, figures, base, set())
    elif figure_id.startswith(LAST):
        key = figure_id.removeprefix(LAST)
        if figures.before and figures.before.derived(key) and _alike(report, key):
            yield from _last(figures.before, report.year - 1, key, set())
    elif of and OF not in under:
        part, whole = figures.derived(over), figures.derived(under)
        if part and whole:
            yield ratio(figure_id, f"{part.label}占{whole.label}的比例", "share", part, whole, report.policy)
    elif len(terms) > 1 and all(term in figures and figures[term].kind in {"cell", "sum"} for term in terms):
        label = "＋".join(figures[term].label for term in terms)
        yield added(figure_id, label, "sum", figures[terms[0]].unit, [(1, figures[term]) for term in terms])


def sum_id(figure_ids: Iterable[str]) -> str:
    """Name the figure of the sum of figures."""
    return AND.join(figure_ids)


def part_id(over: str, under: str) -> str:
    """Name the figure of the share of one figure in another."""
    return f"{over}{OF}{under}"


def cell_id(row_id: str, column_id: str) -> str:
    """Name the figure of a cell, or of a sum that the table does not print."""
    return f"{row_id}.{column_id}"


def share_id(row_id: str, column_id: str) -> str:
    """Name the figure of a row's share of its whole in a column."""
    return f"{row_id}.{column_id}.share"


def rate_id(rate: str, column_id: str) -> str:
    """Name the figure of a declared rate in a column."""
    return f"rates.{rate}.{column_id}"


def difference_id(figure_id: str) -> str:
    """Name the figure of the difference from last year: how much more or, where it fell, how much less."""
    return f"{figure_id}.{_DIFFERENCE}"


def change_id(figure_id: str) -> str:
    """Name the figure of the difference in per cent of last year's value."""
    return f"{figure_id}.{_CHANGE}"


def named(report: AnnualReport, name: str) -> str | None:
    """
    Return the id of the figure that prose calls *name*, or None.

    `disclosed.district` means its narrative column; `.share` after it the share there; `rates.reply` likewise.
    """
    base, _, last = name.rpartition(".")
    if base == "rates" and last in report.rates:
        return name
    if base == "rates":
        rate = next((rate for rate in report.form.rates if rate.id == last), None)
        return rate_id(last, report.form.column_of(rate.numerator)) if rate else None
    if last == "share" and base in report.form.rows and report.form.rows[base].parent:
        return share_id(base, report.form.column_of(base))
    if name in report.form.rows:
        return cell_id(name, report.form.column_of(name))
    return None


def value(report: AnnualReport, row_id: str, column_id: str) -> Quantity:
    """Return the cell's quantity, or the sum of the parts of a row that the table does not print."""
    row = report.form.rows[row_id]
    if row.printed:
        return report.cells[row_id, column_id].quantity
    return values.total((1, value(report, part, column_id)) for part in report.form.parts(row_id))


def counted(figure_id: str, label: str, kind: str, read: Quantity, unit: str, **rest: str | Strings) -> Figure:
    """Return the figure of a quantity that is printed with all its digits."""
    number = _NUMBERS.get(read.state, read.exact or "")
    display = number + unit if read.is_given else WORDS[read.state]
    return Figure(id=figure_id, label=label, kind=kind, quantity=read, number=number, display=display, unit=unit, **rest)  # type: ignore[arg-type]


def added(figure_id: str, label: str, kind: str, unit: str, terms: Sequence[tuple[int, Figure]]) -> Figure:
    """Return the figure of the sum of *terms*, each with its sign, and how it follows from them."""
    read = values.total((sign, figure.quantity) for sign, figure in terms)
    formula = " ".join(f"{'+' if sign > 0 else '-'} {figure.id}" for sign, figure in terms).removeprefix("+ ")
    inputs = tuple(figure.id for _sign, figure in terms)
    return counted(figure_id, label, kind, read, unit, formula=formula, inputs=inputs)


def ratio(figure_id: str, label: str, kind: str, over: Figure, under: Figure, policy: Policy, adjusted: str = "") -> Figure:
    """Return the figure of *over* ÷ *under*; *adjusted* is its display where one of a set was made to add up."""
    read = values.ratio(over.quantity, under.quantity)
    given = read.is_given
    number = policy.percent(read.fraction) if given else _NUMBERS[read.state]
    return Figure(
        id=figure_id,
        label=label,
        kind=kind,
        quantity=read,
        number=adjusted or number,
        display=adjusted or number if given else WORDS[read.state],
        unit="%",
        formula=f"{over.id} / {under.id}",
        inputs=(over.id, under.id),
        note="最大余数法" if adjusted else "",
    )


def _cells(report: AnnualReport) -> Iterator[Figure]:
    for row, column in _grid(report.form):
        read = value(report, row.id, column)
        figure_id = cell_id(row.id, column)
        unit = report.form.unit_at(row.id, column)
        label = f"{row.numbered_label}（{_column_label(report, row, column)}）"
        if row.printed:
            cell = report.cells[row.id, column]
            source = f"{report.folder}/{report.form.table_of(row.id).id}.csv 第{cell.line}行 {cell.address}"
            yield counted(figure_id, label, "cell", read, unit, source=source)
        else:
            inputs = tuple(cell_id(part, column) for part in report.form.parts(row.id))
            yield counted(figure_id, label, "sum", read, unit, formula=" + ".join(inputs), inputs=inputs)


def _shares(report: AnnualReport, cells: Figures) -> Iterator[Figure]:
    """Yield the share of every part and subset in its whole, in every column."""
    adjusted = _adjusted(report, cells)
    for row, column in _grid(report.form):
        if row.parent is not None:
            whole = report.form.rows[row.parent]
            name = share_id(row.id, column)
            label = f"{row.numbered_label}占{whole.name}的比例（{_column_label(report, row, column)}）"
            over, under = cells.cell(row.id, column), cells.cell(whole.id, column)
            yield ratio(name, label, "share", over, under, report.policy, adjusted.get(name, ""))


def _adjusted(report: AnnualReport, cells: Figures) -> dict[str, str]:
    """Return the displays of the shares that the largest-remainder method makes add up to 100, by figure id."""
    adjusted: dict[str, str] = {}
    for whole in report.policy.sum_to_100:
        parts = report.form.parts(whole)
        for column in report.form.table_of(whole).columns:
            base = cells.cell(whole, column.id).quantity
            read = [values.ratio(cells.cell(part, column.id).quantity, base) for part in parts]
            if all(each.is_given for each in read) and sum(each.fraction for each in read) == 1:
                shares = largest_remainder([each.fraction * 100 for each in read], report.policy.places)
                for part, share in zip(parts, shares, strict=True):
                    adjusted[share_id(part, column.id)] = f"{report.policy.printed(share)}%"
    return adjusted


def _rates(report: AnnualReport, cells: Figures) -> Iterator[Figure]:
    for rate in report.form.rates:
        for column in report.form.table_of(rate.numerator).columns:
            label = f"{rate.label}（{labelled(column.label, year=report.year)}）"
            over, under = (cells.cell(row, column.id) for row in (rate.numerator, rate.denominator))
            yield ratio(rate_id(rate.id, column.id), label, "rate", over, under, report.policy)


def _own_rates(report: AnnualReport, figures: Figures) -> Iterator[Figure]:
    """Yield the rates that the report declares for itself."""
    for key, rate in report.rates.items():
        over, under = (figures.derived(sum_id(cell_id(*cell) for cell in cells)) for cells in (rate.numerator, rate.denominator))
        assert over
        assert under
        made = ratio(f"rates.{key}", rate.label, "rate", over, under, report.policy)
        yield replace(made, source=f"{report.folder}/report.yaml 第{rate.line}行")


def _fact_shares(report: AnnualReport, figures: Figures) -> Iterator[Figure]:
    """Yield the shares of the facts that say what they are a part of."""
    for key, fact in report.facts.items():
        if fact.of:
            under = figures[fact.of if fact.of in figures else cell_id(*(report.form.cell_named(fact.of) or ()))]
            over = figures[f"facts.{key}"]
            yield ratio(f"facts.{key}.share", f"{fact.label}占{under.label}的比例", "share", over, under, report.policy)


def _facts(report: AnnualReport) -> Iterator[Figure]:
    for prefix, facts in (("facts", report.facts), ("contact", report.contact)):
        for key, fact in facts.items():
            yield _fact(report, f"{prefix}.{key}", fact)


def _fact(report: AnnualReport, figure_id: str, fact: Fact) -> Figure:
    absent = fact.text == "-"
    # A text is given, and no number.
    read = values.NOT_APPLICABLE if absent else Quantity(State.GIVEN, fact.exact)
    source = report.sources[fact.source] + (f" {fact.at}" if fact.at else "")
    display = WORDS[State.NOT_APPLICABLE] if absent else fact.display
    return Figure(
        id=figure_id,
        label=fact.label,
        kind="fact",
        quantity=read,
        number=display if absent else fact.number,
        display=display,
        unit=fact.unit,
        source=source,
    )


def _grid(form: Form) -> Iterator[tuple[Row, str]]:
    """Yield every row, printed or not, with every column of its table, down the tree as the form lists it."""
    for row in form.rows.values():
        for column in () if row.heading else form.table_of(row.id).columns:
            yield row, column.id


def _column_label(report: AnnualReport, row: Row, column_id: str) -> str:
    return report.form.column(row.id, column_id).name(report.year)


def _prose_cells(form: Form) -> Iterator[Key]:
    """Yield the cells that prose speaks of: a row in its own column, and every column where the table has one row."""
    for row in form.rows.values():
        if row.heading:
            continue
        table = form.table_of(row.id)
        for column in table.columns:
            if not column.signed and (column.id == form.column_of(row.id) or len(table.rows) == 1):
                yield row.id, column.id


def _changes(report: AnnualReport, figures: Figures, key: str, told: set[str]) -> Iterator[Figure]:
    """
    Yield what changed in the figure *key* since last year, where both years have one that means the same.

    Args:
        told: the figures of last year that were yielded already.
    """
    now, before = figures.derived(key), figures.before
    old = before.derived(key) if before else None
    if before and now and old and now.quantity.is_given and old.quantity.is_given and _alike(report, key):
        yield from _last(before, report.year - 1, key, told)
        made = _points if now.kind == "share" else _counts
        yield from made(report, now, replace(old, id=LAST + key))


def _alike(report: AnnualReport, key: str) -> bool:
    """Tell whether last year's form means the same by the cells of the figure *key*, and none of them may be negative."""
    last = report.last_year
    cells = (cell.removesuffix(".share").rpartition(".") for cell in key.replace(OF, AND).split(AND))
    return last is not None and all(
        row in report.form.rows and report.form.alike(last.form, row, column) and not report.form.column(row, column).signed
        for row, _dot, column in cells
    )


def _last(before: Figures, year: int, key: str, told: set[str]) -> Iterator[Figure]:
    """Yield the figure *key* of last *year* under a name of its own, what it follows from first; none twice."""
    if key in told:
        return
    told.add(key)
    figure = before[key]
    for each in figure.inputs:
        yield from _last(before, year, each, told)
    inputs = tuple(LAST + each for each in figure.inputs)
    operator = " / " if figure.kind == "share" else " + "
    yield replace(figure, id=LAST + key, label=f"{year}年报告的{figure.label}", inputs=inputs, formula=operator.join(inputs))


def _counts(report: AnnualReport, now: Figure, old: Figure) -> Iterator[Figure]:
    """Yield the difference between two counts and, over a base that is not 0, the rate of change."""
    larger, smaller = _larger_first(now, old)
    label = f"{now.label}比上年{'增加' if larger is now else '减少'}"
    difference = added(difference_id(now.id), label, "change", now.unit, ((1, larger), (-1, smaller)))
    yield difference
    yield ratio(change_id(now.id), f"{label}的比例", "rate", difference, old, report.policy)


def _points(report: AnnualReport, now: Figure, old: Figure) -> Iterator[Figure]:
    """Yield the difference between two shares in percentage points, from their exact values, rounded once."""
    larger, smaller = _larger_first(now, old)
    gap = larger.quantity.fraction - smaller.quantity.fraction
    policy = report.policy
    points = policy.printed(rounded(gap * 100, policy.places, policy.method))
    yield Figure(
        id=difference_id(now.id),
        label=f"{now.label}比上年{'上升' if larger is now else '下降'}",
        kind="change",
        quantity=values.given(gap),
        number=points,
        display=points + POINTS,
        unit=POINTS,
        formula=f"{larger.id} - {smaller.id}",
        inputs=(larger.id, smaller.id),
    )


def _larger_first(now: Figure, old: Figure) -> tuple[Figure, Figure]:
    """Return both in the order in which how far they are apart is never negative."""
    return (now, old) if now.quantity.fraction >= old.quantity.fraction else (old, now)
