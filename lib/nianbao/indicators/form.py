"""
A statistical form (统计表): rows, columns, units, rules, rates, and the years it was in force.

A form is data, read from `forms/*.yaml` by `inputs.formfile`. This module holds what a form is and how its parts find each other; it
knows no particular form, no file and no value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR
from functools import cached_property
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.indicators.values import USUAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nianbao.indicators.rules import Rule
    from nianbao.indicators.values import Policy, Strings

    # The forms there are, by their ids.
    Forms = Mapping[str, "Form"]


SEVERITIES = ("error", "warning", "info")


@frozen
class Unit:
    """How a quantity is written: a `count` is a whole number, an `amount` has at most `places` decimals."""

    kind: str
    places: int = 0


@frozen
class Column:
    """
    One column of values.

    Args:
        label: may hold `{year}` and `{yy}`.

        groups: the headings above it, outermost first.

        unit: what its values are counted in, where it is the column that says so and not the row.

        signed: whether its values may be negative.

        noun: what a sentence calls what it counts (商业企业), which a row's `called` holds as `{column}`.

        called: what a sentence calls a row in this column, the row's own name as `{name}`: 制发{name}.

        zero: the clause for a zero in this column, the row's name as `{name}`, its clause as `{zero}`; without it, 没有 and the name.
    """

    id: str
    label: str
    groups: Strings = ()
    unit: str = ""
    signed: bool = False
    noun: str = ""
    called: str = ""
    zero: str = ""

    def heading(self, year: int) -> str:
        """Return what stands over it in a file: the headings above it and its own, with / between them."""
        return labelled("/".join((*self.groups, self.label)), year=year)

    def name(self, year: int) -> str:
        """Return what a sentence calls it."""
        return labelled("·".join((*self.groups, self.label)), year=year)


@frozen
class Row:
    """
    One indicator (指标), or a sum that the table does not print.

    Args:
        id: the path of ids down the tree, `replies.refused.secret`.

        name: what prose and charts call it; `zero` is the clause that stands where its value is zero.

        called: what prose calls it in another column than its own, the column's noun as `{column}`; the rows below it are told
            inside that: 本年办理的商业企业的申请中，予以公开….

        also: other words that published texts use for it, by which an audit finds it.

        nature: `stock` (what there is at the end of the year) or `flow` (what happened in it).

        parent: the row whose part or subset this is, or None.

        subset: contained in the parent (其中) but not one of the parts that add up to it.

        printed: whether the table has a line for it; the others are the sum of their parts.

        not_applicable: columns in which the form wants `-`.

        narrative_column: the column that prose means where it names none.

        prefix: words before the number, which the first child under its parent gets (其中：).

        heading: a line that the table prints without values.

        closes: printed after its children, as 总计 is.

        depth: how many printed rows stand above it in the tree.
    """

    id: str
    label: str
    no: str = ""
    name: str = ""
    zero: str = ""
    unit: str = ""
    nature: str = ""
    section: str = ""
    group: str = ""
    parent: str | None = None
    children: Strings = ()
    subset: bool = False
    printed: bool = True
    not_applicable: frozenset[str] = frozenset()
    narrative_column: str = ""
    prefix: str = ""
    heading: bool = False
    closes: bool = False
    depth: int = 0
    also: Strings = ()
    called: str = ""

    @property
    def numbered_label(self) -> str:
        """The row's label with its number, which tells apart rows that are called the same."""
        return self.label if self.no.startswith("其中") else self.no + self.label

    @property
    def printed_label(self) -> str:
        """The row's label as the table prints it, with its number and the words before it."""
        return (self.no if self.no.startswith("其中") else self.prefix) + self.numbered_label


@frozen
class Wording:
    """
    What a sentence calls the value of a cell.

    Args:
        name: its row, with its column unless `among` says that.

        zero: the clause that stands where it is zero.

        among: what it is told inside, 本年办理的商业企业的申请; empty where its name says all.

        within: the row that `among` counts, whose share needs no other words.
    """

    name: str
    zero: str
    among: str = ""
    within: str = ""

    @property
    def full(self) -> str:
        """The name that says all."""
        return f"{self.among}中{self.name}" if self.among else self.name

    @property
    def opening(self) -> str:
        """What stands before it in a sentence."""
        return f"{self.among}中，" if self.among else ""


@frozen
class Table:
    """
    One table of the form; its file is `<id>.csv`.

    Args:
        rows: the printed rows, headings among them, in the order of the table.

        chapter: the chapter of the report that the table belongs to; empty for an annex.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    narrative_column: str
    chapter: str = ""

    def column(self, column_id: str) -> Column:
        """Return the column that has this id."""
        return next(column for column in self.columns if column.id == column_id)

    @property
    def common_unit(self) -> str:
        """The unit that all its values share, where they share one and no column says it; empty otherwise."""
        units = {row.unit for row in self.rows if not row.heading}
        return units.pop() if len(units) == 1 and not any(column.unit for column in self.columns) else ""


@frozen
class Rate:
    """A declared ratio between two rows, in every column: `numerator` ÷ `denominator`."""

    id: str
    label: str
    numerator: str
    denominator: str


@frozen
class Chapter:
    """A chapter of the narrative; `prose` says whether the year's own text is `required` or `optional` there."""

    id: str
    title: str
    prose: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """A whole form. Row ids are unique across its tables, and a row that its table does not print is in `rows` alone."""

    id: str
    tables: tuple[Table, ...]
    rows: Mapping[str, Row]
    units: Mapping[str, Unit]
    rates: tuple[Rate, ...] = ()
    rules: tuple[Rule, ...] = ()
    rounding: Policy = USUAL
    first_year: int = MINYEAR
    last_year: int = MAXYEAR
    province: str = ""
    title: str = ""
    basis: str = ""
    notebook: str = ""
    report_title: str = ""
    chapters: tuple[Chapter, ...] = ()
    contact: Mapping[str, str] = field(default_factory=dict)

    def covers(self, province: str, year: int) -> bool:
        """Tell whether the form was in force for a report of *year* in *province*."""
        return self.province in {"", province} and self.first_year <= year <= self.last_year

    def table_of(self, row_id: str) -> Table:
        """Return the table that holds *row_id*, or its first printed descendant where the row is not printed."""
        row = self.rows[row_id]
        return self._tables[row_id] if row_id in self._tables else self.table_of(row.children[0])

    def parts(self, row_id: str) -> Strings:
        """Return the children of *row_id* that add up to it."""
        return tuple(child for child in self.rows[row_id].children if not self.rows[child].subset)

    def column_of(self, row_id: str) -> str:
        """Return the column that prose means when it names *row_id* alone."""
        return self.rows[row_id].narrative_column or self.table_of(row_id).narrative_column

    def cell_named(self, name: str) -> tuple[str, str] | None:
        """Return the cell that `received` or `received.natural` names, a row alone in the column that prose means; None where none is."""
        if name in self.rows:
            return None if self.rows[name].heading else (name, self.column_of(name))
        row, _, column = name.rpartition(".")
        known = row in self.rows and not self.rows[row].heading and any(each.id == column for each in self.table_of(row).columns)
        return (row, column) if known else None

    def wording(self, row_id: str, column_id: str, noun: str = "") -> Wording | None:
        """
        Return what a sentence calls a row in a column, or None where the form has no words for it.

        Args:
            noun: what stands for the column's own noun: those of several.
        """
        row, column, usual = self.rows[row_id], self.column(row_id, column_id), self.column_of(row_id)
        plain = Wording(name=row.name, zero=row.zero)
        if column_id == row.narrative_column:
            return plain
        noun = noun or column.noun
        if column_id != usual:
            above = row
            while not above.called and above.parent:
                above = self.rows[above.parent]
            if above.called and (noun or "{column}" not in above.called):
                called = above.called.replace("{column}", noun)
                if above is row:
                    return Wording(name=called, zero=f"没有{called}")
                return Wording(name=row.name, zero=row.zero, among=called, within=above.id)
        if column.called:
            name = column.called.replace("{name}", row.name)
            zero = column.zero.replace("{name}", row.name).replace("{zero}", row.zero)
            return Wording(name=name, zero=zero or f"没有{name}")
        return plain if column_id == usual else None

    def cells(self) -> Iterator[tuple[Table, Row, Column]]:
        """Yield every cell of every table, in reading order."""
        for table in self.tables:
            for row in table.rows:
                for column in () if row.heading else table.columns:
                    yield table, row, column

    def alike(self, other: Form, row_id: str, column_id: str) -> bool:
        """Tell whether *other* means the same by a cell: the same row and column, under the same labels and in the same unit."""
        if other is self:
            return True
        if row_id not in other.rows:
            return False
        own, old = self.rows[row_id], other.rows[row_id]
        column, before = (
            [(each.label, each.groups, each.unit, each.signed) for each in form.table_of(row_id).columns if each.id == column_id]
            for form in (self, other)
        )
        return own.label == old.label and own.unit == old.unit and column == before

    def unit_of(self, row: Row, column: Column) -> str:
        """Return what the value of a cell is counted in."""
        return column.unit or row.unit

    def column(self, row_id: str, column_id: str) -> Column:
        """Return the column of this id in the table of a row."""
        return self.table_of(row_id).column(column_id)

    def unit_at(self, row_id: str, column_id: str) -> str:
        """Return what the value of a cell, or of a sum that the table does not print, is counted in."""
        return self.unit_of(self.rows[row_id], self.column(row_id, column_id))

    @cached_property
    def _tables(self) -> dict[str, Table]:
        return {row.id: table for table in self.tables for row in table.rows}


def labelled(text: str, *, year: int, name: str = "") -> str:
    """Fill `{year}`, `{yy}` and `{name}` of a form's label or title."""
    return text.replace("{year}", str(year)).replace("{yy}", f"{year % 100:02d}").replace("{name}", name)


HEADING = "——"
# A label may be typed with half-width punctuation; that changes no meaning.
_WIDTHS = str.maketrans("():,;", "（）：，；")


def same(text: str) -> str:
    """Return what of a label counts: its characters without blanks, its punctuation in full width."""
    return "".join(text.split()).translate(_WIDTHS)
