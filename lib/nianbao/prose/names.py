"""
What a placeholder may name: the tree of rows, shares, rates, facts and gaps that prose can reach, and nothing else.

A name resolves to a node; a node answers to the attributes listed in its `names` and to no Python attribute at all. That is the
whole sandbox: Jinja asks these nodes, never `getattr`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nianbao.indicators import figures as fig
from nianbao.indicators import rules
from nianbao.indicators.form import labelled
from nianbao.page.blocks import Datum, Text, datum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.form import Form, Rate, Row
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Quantity
    from nianbao.page.blocks import Inline


class Node:
    """What a name leads to."""

    __slots__ = ()

    def names(self) -> tuple[str, ...]:
        """Return the attributes there are."""
        return ()

    def child(self, name: str) -> Node | None:
        """Return the node that attribute *name* leads to, or None."""
        del name
        return None


@dataclass(frozen=True, slots=True)
class Words(Node):
    """A text that is no figure: a name, a year, a note."""

    text: str

    def inline(self) -> Inline:
        """Return what is shown where the placeholder stands."""
        return Text(self.text)


@dataclass(frozen=True, slots=True)
class Shown(Node):
    """A figure that has no row of its own: a share, a rate, a fact; `bare` shows it without its unit."""

    figure: Figure
    bare: bool = False
    zero: str = ""

    @property
    def quantity(self) -> Quantity:
        """The value of the figure."""
        return self.figure.quantity

    def names(self) -> tuple[str, ...]:
        """Return `number`, unless that led here."""
        return () if self.bare else ("number",)

    def child(self, name: str) -> Node | None:
        """Return the figure without its unit for `number`."""
        return replace(self, bare=True) if name in self.names() else None

    def inline(self) -> Datum:
        """Return the figure where it is shown."""
        return datum(self.figure, bare=self.bare)


@dataclass(frozen=True, slots=True)
class Namespace(Node):
    """Names under one name, such as `facts`."""

    children: Mapping[str, Node]

    def names(self) -> tuple[str, ...]:
        """Return the names there are."""
        return tuple(self.children)

    def child(self, name: str) -> Node | None:
        """Return the node called *name*, or None."""
        return self.children.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How far a value is from last year's, and in per cent of it where that is known."""

    difference: Figure
    rate: Figure | None
    risen: bool


@dataclass(frozen=True, slots=True)
class Indicator(Node):
    """
    A row in a column: `disclosed.district`, `disclosed.cumulative`, `disclosed.district.share`.

    Args:
        named_column: the column, where the name says one; empty for the one that prose means.

        called: what it is called where the row's own name says too little: one of the columns that add up to another.
    """

    report: AnnualReport
    figures: Figures
    id: str
    named_column: str = ""
    called: str = ""

    @property
    def row(self) -> Row:
        """The row as the form has it."""
        return self.report.form.rows[self.id]

    @property
    def column(self) -> str:
        """The column it stands in."""
        return self.named_column or self.report.form.column_of(self.id)

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return self.called or self.row.name

    @property
    def whole(self) -> str:
        """What a sentence calls the row that it is a part of; empty where it is none."""
        return self.report.form.rows[self.row.parent].name if self.row.parent else ""

    @property
    def figure(self) -> Figure:
        """The figure of the cell."""
        return self.figures[fig.cell_id(self.id, self.column)]

    @property
    def quantity(self) -> Quantity:
        """The value of the cell."""
        return self.figure.quantity

    @property
    def zero(self) -> str:
        """The clause that the form has for a zero here."""
        return f"没有{self.called}的" if self.called else self.row.zero

    def names(self) -> tuple[str, ...]:
        """Return the children, the columns and the properties there are."""
        children = [child.rpartition(".")[2] for child in self.row.children]
        columns = [] if self.named_column else [column.id for column in self.report.form.table_of(self.id).columns]
        return (*children, *columns, *(("share",) if self.row.parent else ()), "number", "name", "unit", "label")

    def child(self, name: str) -> Node | None:
        """Return the node that attribute *name* leads to, or None."""
        if f"{self.id}.{name}" in self.row.children:
            return replace(self, id=f"{self.id}.{name}")
        if name not in self.names():
            return None
        if name == "share":
            return self.share()
        if name == "number":
            return Shown(self.figure, bare=True, zero=self.zero)
        if name in {"name", "unit", "label"}:
            return Words(getattr(self.row, name))
        return replace(self, named_column=name)

    def share(self) -> Shown:
        """Return the row's share of its whole in the same column."""
        return Shown(self.figures[fig.share_id(self.id, self.column)])

    def parts(self) -> list[Indicator]:
        """Return the rows that add up to this one, in the same column; where there are none, the columns that do, in this row."""
        form = self.report.form
        if rows := form.parts(self.id):
            return [replace(self, id=part) for part in rows]
        table = form.table_of(self.id)
        columns = [table.column(column) for column in rules.column_parts(form, self.id, self.column)]
        return [replace(self, named_column=column.id, called=labelled(column.label, year=self.report.year)) for column in columns]

    def change(self) -> Change | None:
        """Return what changed since last year, or None where last year has nothing to compare with."""
        return self._change(self.figure.id, fig.change_id(self.figure.id))

    def shift(self) -> Change | None:
        """Return by how much the share changed since last year, or None where last year has nothing to compare with."""
        return self._change(fig.share_id(self.id, self.column), "")

    def _change(self, figure_id: str, rate_id: str) -> Change | None:
        difference = fig.difference_id(figure_id)
        if difference not in self.figures:
            return None
        now, before = self.figures[figure_id], self.figures[fig.LAST + figure_id]
        risen = now.quantity.fraction >= before.quantity.fraction
        return Change(difference=self.figures[difference], rate=self.figures[rate_id] if rate_id else None, risen=risen)

    def inline(self) -> Datum:
        """Return the cell's figure where it is shown."""
        return datum(self.figure)


Leaf = Words | Shown | Indicator


def tree(report: AnnualReport, figures: Figures) -> Namespace:
    """Return everything that the prose of *report* can name."""
    rows = {row.id: Indicator(report, figures, row.id) for row in report.form.rows.values() if row.parent is None}
    names: dict[str, Node] = {
        **rows,
        "rates": Namespace({rate.id: Shown(figures[_rate_id(rate, report.form)]) for rate in report.form.rates}),
        "facts": Namespace({key: Shown(figures[f"facts.{key}"]) for key in report.facts}),
        "contact": Namespace({key: Shown(figures[f"contact.{key}"]) for key in report.contact}),
        "gap": Namespace({key: Words(f"〔原公布文本此处缺：{gap.missing}〕") for key, gap in report.gaps.items()}),
        "name": Words(report.name),
        "short_name": Words(report.short_name),
        "title": Words(report.title),
        "year": Words(str(report.year)),
    }
    return Namespace(names)


def with_finding(root: Namespace, numbers: Mapping[str, Node]) -> Namespace:
    """Return *root* with `finding`: the *numbers* of a finding, for the reason why it was accepted."""
    return Namespace({**root.children, "finding": Namespace(numbers)})


def find(path: tuple[str, ...], root: Namespace) -> Node | None:
    """Return the node that *path* leads to, or None."""
    node: Node | None = root
    for name in path:
        node = node.child(name) if node else None
    return node


def unknown(path: tuple[str, ...], root: Namespace) -> tuple[str, str] | None:
    """Return (what is wrong, what there is) where *path* leads to nothing that can be shown, or None."""
    node: Node = root
    for index, name in enumerate(path):
        child = node.child(name)
        if child is None:
            return _no_such(path[:index], name, node)
        node = child
    if isinstance(node, Namespace):
        return f"“{'.'.join(path)}”之下要再写一级", "、".join(node.names())
    return None


def _no_such(before: tuple[str, ...], name: str, node: Node) -> tuple[str, str]:
    where = f"“{'.'.join(before)}”之下没有“{name}”" if before else f"没有叫“{name}”的数"
    return where + likely(name, node.names()), "、".join(node.names()) or "到此为止，之后不能再写"


def likely(name: str, names: Iterable[str]) -> str:
    """Return the hint which of *names* may be meant by *name*, or nothing where none is like it."""
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"，是不是“{close[0]}”" if close else ""


def _rate_id(rate: Rate, form: Form) -> str:
    return fig.rate_id(rate.id, form.column_of(rate.numerator))
