"""
What a placeholder may name: the tree of rows, sums, shares, rates, facts and gaps that prose can reach, and nothing else.

A name resolves to a node; a node answers to the attributes listed in its `names` and to no Python attribute at all. What a node is
called in a sentence names row and column, in the words of the form (`Form.wording`); where the form has none, it is refused.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from nianbao.indicators import figures as fig
from nianbao.indicators import frozen, positional, rules
from nianbao.indicators.form import Wording
from nianbao.indicators.values import NOT_APPLICABLE, State
from nianbao.page.blocks import Datum, Text, datum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.form import Form, Row
    from nianbao.indicators.report import AnnualReport, Key
    from nianbao.indicators.values import Quantity, Strings
    from nianbao.page.blocks import Inline


class UnsayableError(ValueError):
    """
    A placeholder that names no figure, or one that no sentence can say.

    Args:
        found: what is wrong, as a sentence; `remedy` what to write instead, as an imperative; `allowed` what there is.

        place: the word that is meant, where it is not the whole placeholder.
    """

    def __init__(self, found: str, remedy: str, *, allowed: str = "", place: str = "") -> None:
        self.found, self.remedy, self.allowed, self.place = found, remedy, allowed, place
        super().__init__(found)


class Node:
    """What a name leads to."""

    __slots__ = ()

    def names(self) -> Strings:
        """Return the attributes there are."""
        return ()

    def child(self, name: str) -> Node | None:
        """
        Return the node that attribute *name* leads to, or None.

        Raises:
            UnsayableError: where there is such a thing, and no sentence can say it.
        """
        del name
        return None


@positional
class Words(Node):
    """A text that is no figure: a name, a year, a note."""

    text: str

    def inline(self) -> Inline:
        """Return what is shown where the placeholder stands."""
        return Text(self.text)


@positional
class Shown(Node):
    """
    A figure that has no row of its own: a share, a rate, a fact, a value of last year.

    Args:
        bare: it is shown without its unit.

        zero: the clause that stands for a zero.

        name: what a sentence calls it; `whole` what it is a part of, and `share` how large a part.
    """

    figure: Figure
    bare: bool = False
    zero: str = ""
    name: str = ""
    whole: str = ""
    share: Shown | None = None

    @property
    def quantity(self) -> Quantity:
        """The value of the figure."""
        return self.figure.quantity

    @property
    def of_last_year(self) -> bool:
        """Whether it is last year's, which there may be none of."""
        return self.figure.id.startswith(fig.LAST)

    def names(self) -> Strings:
        """Return `number`, unless that led here, and what else is known."""
        known = {"number": not self.bare, "name": self.name, "share": self.share}
        return tuple(name for name, there in known.items() if there)

    def child(self, name: str) -> Node | None:
        """Return the figure without its unit for `number`, its name, or its share."""
        if name not in self.names():
            return None
        if name == "share":
            return self.share
        return Words(self.name) if name == "name" else replace(self, bare=True)

    def inline(self) -> Datum:
        """Return the figure where it is shown."""
        return datum(self.figure, bare=self.bare)


@positional
class Namespace(Node):
    """Names under one name, such as `facts`."""

    children: Mapping[str, Node]

    def names(self) -> Strings:
        """Return the names there are."""
        return tuple(self.children)

    def child(self, name: str) -> Node | None:
        """Return the node called *name*, or None."""
        return self.children.get(name)


@frozen
class Change:
    """How far a value is from last year's, and in per cent of it where that is known."""

    difference: Figure
    rate: Figure | None
    risen: bool


PROPERTIES = ("number", "name", "unit", "label", "last_year")


class Counted(Node):
    """What is counted in cells of the table: one of them, or a sum of several."""

    __slots__ = ()

    report: AnnualReport
    figures: Figures

    @property
    def path(self) -> str:
        """How a placeholder writes it."""
        raise NotImplementedError

    @property
    def figure(self) -> Figure:
        """Its figure."""
        raise NotImplementedError

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return self.figure.unit

    @property
    def label(self) -> str:
        """What the table calls it."""
        raise NotImplementedError

    @property
    def wording(self) -> Wording:
        """
        What a sentence calls it.

        Raises:
            UnsayableError: where the form has no words for it.
        """
        raise NotImplementedError

    @property
    def cells(self) -> tuple[Key, ...]:
        """The cells that it is the sum of, by row and column."""
        raise NotImplementedError

    def bases(self) -> list[Counted]:
        """Return what it is a part of: the row above it, and the column that adds up its own."""
        raise NotImplementedError

    @property
    def quantity(self) -> Quantity:
        """Its value."""
        return self.figure.quantity

    @property
    def zero(self) -> str:
        """The clause for a zero."""
        return self.wording.opening + self.wording.zero

    def names(self) -> Strings:
        """Return the properties there are."""
        return (*(("share",) if self.bases() else ()), *PROPERTIES)

    def child(self, name: str) -> Node | None:
        """Return the node that property *name* leads to, or None."""
        if name not in Counted.names(self):
            return None
        if name == "share":
            return self.share_in(self._base())
        if name == "number":
            return Shown(self.figure, bare=True, zero=self.zero)
        if name == "last_year":
            return self._before()
        return Words(self.wording.full if name == "name" else str(getattr(self, name)))

    def _base(self) -> Counted:
        bases = self.bases()
        if len(bases) == 1:
            return bases[0]
        ways = "，".join(f"占{base.wording.full}的" for base in bases)
        written = " 或 ".join(f"{{{{ {_bracketed(self)} / {_bracketed(base)} }}}}" for base in bases)
        raise UnsayableError(f"“{self.path}”的比例不止一种：{ways}", f"写明占什么：{written}")

    def share_in(self, base: Counted) -> Shown:
        """Return its share of *base*."""
        over, under = self.figure.id, base.figure.id
        own = f"{over}.share"
        found = self.figures.derived(own)
        if found is None or found.inputs != (over, under):
            found = self.figures.derived(fig.part_id(over, under))
        if found is None:
            raise UnsayableError(f"“{self.path}”占“{base.path}”的比例算不出来", "核对名称")
        return Shown(found)

    def base_words(self, base: Counted) -> str:
        """Return what a sentence calls *base* after this: nothing where it is all that was spoken of."""
        own, whole = self.wording, base.wording
        if not own.among or base.cells[0][1] != self.cells[0][1]:
            return whole.full
        return "" if base.cells[0][0] == own.within else whole.name

    def change(self) -> Change | None:
        """Return what changed since last year, or None where last year has nothing to compare with."""
        return _change(self.figures, self.figure.id, rated=True)

    def shift(self) -> Change | None:
        """Return by how much its share of the row above changed since last year, or None where last year has none."""
        return _change(self.figures, self.share_in(self.bases()[0]).figure.id, rated=False)

    def _before(self) -> Shown:
        """Return last year's value; where there is none, what is not applicable."""
        found = self._of_last_year(self.figure)
        bases = self.bases()
        share = self._of_last_year(self.share_in(bases[0]).figure) if len(bases) == 1 else None
        return Shown(found, share=Shown(share) if share else None)

    def _of_last_year(self, figure: Figure) -> Figure:
        found = self.figures.derived(fig.LAST + figure.id)
        if found and found.quantity.state is not State.MISSING:
            return found
        label = f"{self.report.year - 1}年报告的{figure.label}"
        return fig.counted(fig.LAST + figure.id, label, figure.kind, NOT_APPLICABLE, figure.unit)

    def inline(self) -> Datum:
        """Return its figure where it is shown."""
        return datum(self.figure)


@positional
class Indicator(Counted):
    """
    A row in a column: `disclosed.district`, `disclosed.cumulative`, `disclosed.district.share`.

    Args:
        named_column: the column, where the name says one; empty for the one that prose means.

        short: what it is called beside the other columns of its row, where a sentence has named what they add up to.
    """

    report: AnnualReport
    figures: Figures
    id: str
    named_column: str = ""
    short: str = ""

    @property
    def row(self) -> Row:
        """The row as the form has it."""
        return self.report.form.rows[self.id]

    @property
    def column(self) -> str:
        """The column it stands in."""
        return self.named_column or self.report.form.column_of(self.id)

    @property
    def path(self) -> str:
        """How a placeholder writes it."""
        usual = self.column == self.report.form.column_of(self.id)
        return self.id if usual else f"{self.id}.{self.column}"

    @property
    def figure(self) -> Figure:
        """The figure of the cell."""
        return self.figures[fig.cell_id(self.id, self.column)]

    @property
    def label(self) -> str:
        """What the table calls it, with the column where that is not the one that prose means."""
        form, year = self.report.form, self.report.year
        usual = self.column == form.column_of(self.id)
        return self.row.label if usual else f"{self.row.label}（{form.column(self.id, self.column).name(year)}）"

    @property
    def wording(self) -> Wording:
        """What a sentence calls it."""
        if self.short:
            return Wording(name=self.short, zero=f"没有{self.short}的")
        form = self.report.form
        if found := form.wording(self.id, self.column):
            return found
        label = form.column(self.id, self.column).name(self.report.year)
        found_words = f"表式 {form.id} 没有写明“{self.row.label}”在“{label}”一栏怎样称呼"
        remedy = f"自己写出名称，数写 {{{{ {self.path} }}}}；或在 lib/nianbao/forms/{form.id}.yaml 的栏 {self.column} 写明 called"
        raise UnsayableError(found_words, remedy)

    @property
    def cells(self) -> tuple[Key, ...]:
        """The cell."""
        return ((self.id, self.column),)

    def names(self) -> Strings:
        """Return the children, the columns and the properties there are."""
        children = [child.rpartition(".")[2] for child in self.row.children]
        columns = [] if self.named_column else [column.id for column in self.report.form.table_of(self.id).columns]
        return (*children, *columns, *Counted.names(self))

    def child(self, name: str) -> Node | None:
        """Return the node that attribute *name* leads to, or None."""
        if f"{self.id}.{name}" in self.row.children:
            return replace(self, id=f"{self.id}.{name}")
        if not self.named_column and any(column.id == name for column in self.report.form.table_of(self.id).columns):
            return replace(self, named_column=name)
        return Counted.child(self, name)

    def bases(self) -> list[Counted]:
        """Return the row above in the same column, and the column that adds up this one in the same row."""
        form = self.report.form
        rows: list[Counted] = [replace(self, id=self.row.parent, short="")] if self.row.parent else []
        totals = [
            column.id for column in form.table_of(self.id).columns if self.column in rules.column_parts(form, self.id, column.id)
        ]
        return [*rows, *(replace(self, named_column=total, short="") for total in totals)]

    def parts(self) -> list[Indicator]:
        """Return the rows that add up to this one, in the same column; where there are none, the columns that do, in this row."""
        form = self.report.form
        if rows := form.parts(self.id):
            return [replace(self, id=part) for part in rows]
        return [replace(self, named_column=column) for column in rules.column_parts(form, self.id, self.column)]

    def beside(self) -> Indicator:
        """Return this one of the columns of a row as it is called beside the others."""
        column = self.report.form.column(self.id, self.column)
        return replace(self, short=column.noun or column.label)


@positional
class Sum(Counted):
    """Several cells added up, none of which is counted in another: rows in one column, or columns of one row."""

    terms: tuple[Indicator, ...]

    @property
    def report(self) -> AnnualReport:  # type: ignore[override]
        """The report of its cells."""
        return self.terms[0].report

    @property
    def figures(self) -> Figures:  # type: ignore[override]
        """The figures of the report."""
        return self.terms[0].figures

    @property
    def path(self) -> str:
        """How a placeholder writes it."""
        return " + ".join(term.path for term in self.terms)

    @property
    def figure(self) -> Figure:
        """The figure of the sum."""
        found = self.figures.derived(fig.sum_id(term.figure.id for term in self.terms))
        assert found
        return found

    @property
    def label(self) -> str:
        """What the table calls its cells."""
        return _listed([term.label for term in self.terms])

    @property
    def cells(self) -> tuple[Key, ...]:
        """The cells."""
        return tuple(term.cells[0] for term in self.terms)

    @property
    def wording(self) -> Wording:
        """What a sentence calls it."""
        form = self.report.form
        first = self.terms[0]
        nouns = [form.column(*cell).noun for cell in self.cells]
        if self._of_one_row and all(nouns):
            found = form.wording(first.id, first.column, _listed(nouns))
            assert found
            return found
        said = [term.wording for term in self.terms]
        zero = "，也".join(each.zero for each in said)
        if len({each.among for each in said}) == 1:
            return replace(said[0], name=_listed([each.name for each in said]), zero=zero)
        return Wording(name=_listed([each.full for each in said]), zero=zero)

    @property
    def _of_one_row(self) -> bool:
        return len({row for row, _column in self.cells}) == 1

    def bases(self) -> list[Counted]:
        """Return what all its cells are parts of: the row above in the same columns, and the column that adds theirs up."""
        every = [term.bases() for term in self.terms]
        common: list[Counted] = [base for base in every[0] if all(base.cells in [each.cells for each in bases] for bases in every)]
        parent = self.terms[0].row.parent
        if self._of_one_row and parent:
            return [Sum(tuple(replace(term, id=parent) for term in self.terms)), *common]
        return common


def _listed(names: list[str]) -> str:
    return "和".join(filter(None, ("、".join(names[:-1]), names[-1])))


def _bracketed(counted: Counted) -> str:
    return f"({counted.path})" if " " in counted.path else counted.path


def _change(figures: Figures, figure_id: str, *, rated: bool) -> Change | None:
    difference = figures.derived(fig.difference_id(figure_id))
    if difference is None:
        return None
    now, before = figures[figure_id], figures[fig.LAST + figure_id]
    risen = now.quantity.fraction >= before.quantity.fraction
    return Change(difference=difference, rate=figures[fig.change_id(figure_id)] if rated else None, risen=risen)


def added(one: Node, other: Node) -> Sum:
    """
    Return the sum of two nodes.

    Raises:
        UnsayableError: where they are no cells, or something would be counted twice.
    """
    for each in (one, other):
        if not isinstance(each, Counted):
            raise UnsayableError("只有统计表中的数可以相加", "别的数写进 report.yaml 的 facts，或在 rates 中写明比率")
    terms = tuple(term for each in (one, other) for term in (each.terms if isinstance(each, Sum) else (each,)))
    form = terms[0].report.form  # type: ignore[attr-defined]
    if said := rules.overlap(form, [term.cells[0] for term in terms]):  # type: ignore[attr-defined]
        raise UnsayableError(f"{said}，不能相加", "只把互不重合、单位相同的行（或同一行的栏）相加")
    return Sum(terms)  # type: ignore[arg-type]


def divided(part: Node, whole: Node) -> Shown:
    """
    Return the share of one node in another, which it must be a part of.

    Raises:
        UnsayableError: where it is none.
    """
    remedy = "写成 部分 / 总数；别的比率在 report.yaml 的 rates 中写明名称、分子（numerator）、分母（denominator）"
    if not isinstance(part, Counted) or not isinstance(whole, Counted):
        raise UnsayableError("只有统计表中的数可以写成“部分 / 总数”", "事实的占比在 report.yaml 的 facts 中写 of，再用 .share")
    form = part.report.form
    terms = part.terms if isinstance(part, Sum) else (part,)
    wholes = whole.cells
    if any(not any(_holds(form, cell, term) for cell in wholes) for term in (each.cells[0] for each in terms)):
        raise UnsayableError(f"“{part.path}”不是“{whole.path}”的一部分", remedy)
    return part.share_in(whole)


def _holds(form: Form, whole: Key, part: Key) -> bool:
    """Tell whether the cell *whole* counts all that the cell *part* does, and more."""
    rows = [part[0]]
    while parent := form.rows[rows[-1]].parent:
        rows.append(parent)
    columns = {
        part[1],
        *(each.id for each in form.table_of(part[0]).columns if part[1] in rules.column_parts(form, part[0], each.id)),
    }
    return whole != part and whole[0] in rows and whole[1] in columns


def tree(report: AnnualReport, figures: Figures) -> Namespace:
    """Return everything that the prose of *report* can name."""
    form = report.form
    rows = {row.id: Indicator(report, figures, row.id) for row in form.rows.values() if row.parent is None and not row.heading}
    rates = {rate.id: (fig.rate_id(rate.id, form.column_of(rate.numerator)), rate.label) for rate in form.rates}
    rates |= {key: (f"rates.{key}", rate.label) for key, rate in report.rates.items()}
    names: dict[str, Node] = {
        **rows,
        "rates": Namespace({key: Shown(figures[figure_id], name=label) for key, (figure_id, label) in rates.items()}),
        "facts": Namespace({key: _fact(report, figures, key) for key in report.facts}),
        "contact": Namespace({key: Shown(figures[f"contact.{key}"]) for key in report.contact}),
        "gap": Namespace({key: Words(f"〔原公布文本此处缺：{gap.missing}〕") for key, gap in report.gaps.items()}),
        "name": Words(report.name),
        "short_name": Words(report.short_name),
        "title": Words(report.title),
        "year": Words(str(report.year)),
    }
    return Namespace(names)


def _fact(report: AnnualReport, figures: Figures, key: str) -> Shown:
    fact = report.facts[key]
    shown = Shown(figures[f"facts.{key}"], name=fact.label)
    if not fact.of:
        return shown
    whole = report.facts.get(fact.of.removeprefix("facts."))
    cell = report.form.cell_named(fact.of)
    words = whole.label if whole and not cell else Indicator(report, figures, *(cell or ())).wording.full
    return replace(shown, whole=words, share=Shown(figures[f"facts.{key}.share"]))


def with_finding(root: Namespace, numbers: Mapping[str, Node]) -> Namespace:
    """Return *root* with `finding`: the *numbers* of a finding, for the reason why it was accepted."""
    return Namespace({**root.children, "finding": Namespace(numbers)})


def find(path: Strings, root: Node) -> Node:
    """
    Return the node that *path* leads to.

    Raises:
        UnsayableError: where it leads to nothing that can be shown.
    """
    node, place = root, ".".join(path)
    for index, name in enumerate(path):
        child = node.child(name)
        if child is None:
            where = f"“{'.'.join(path[:index])}”之下没有“{name}”" if index else f"没有叫“{name}”的数"
            allowed = "、".join(node.names()) or "到此为止，之后不能再写"
            raise UnsayableError(where + likely(name, node.names()), "核对名称", allowed=allowed, place=place)
        node = child
    if isinstance(node, Namespace):
        raise UnsayableError(f"“{place}”之下要再写一级", "核对名称", allowed="、".join(node.names()), place=place)
    return node


def likely(name: str, names: Iterable[str]) -> str:
    """Return the hint which of *names* may be meant by *name*, or nothing where none is like it."""
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"，是不是“{close[0]}”" if close else ""
