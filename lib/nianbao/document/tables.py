"""
A frame of pandas as a table of the report: heads, labels, units, numbers, and the same as CSV.

A number of it that is a figure is shown as one where the labels of its row and column can mean it. Where they name another row or
column of the form it is a number without a trace, as is every number that pandas or numpy computed. This module computes nothing.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from itertools import groupby
from numbers import Number
from typing import TYPE_CHECKING, Any

import pandas as pd

from nianbao.document import calculation
from nianbao.document.calculation import Traced
from nianbao.document.frames import LABEL, SHARE, UNIT
from nianbao.indicators import figures as fig
from nianbao.indicators import frozen
from nianbao.indicators.figures import POINTS
from nianbao.indicators.form import labelled
from nianbao.indicators.values import rounded
from nianbao.page import theme
from nianbao.page.blocks import Grid, GridCell, Text, datum
from nianbao.page.grid import CONTINUED, cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nianbao.document.document import Document
    from nianbao.indicators.values import Strings
    from nianbao.page.blocks import Widths

    # The rows and the columns of the form that a label can mean.
    Meant = tuple[frozenset[str], frozenset[str]]
    # The labels beside a number, and those above it.
    Labels = tuple[Sequence[str], Sequence[str]]
    # The words over each column, level by level.
    Heads = Sequence[Strings]


# A page has room for no more; of more rows the first are shown, and all stand in the file beside the report.
MOST_COLUMNS, MOST_ROWS = 60, 100
# More than any frame of a report can need.
MOST_CELLS = 50_000
_CUT = "这里列出前一百行，全部各行在与表同名的 CSV 文件中。"
# More columns are set smaller.
_SMALL = 5
_YEAR, _BEFORE, _NOW = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])"), re.compile("上年|上一年|去年"), re.compile("本年|今年")
_WITH_UNIT = re.compile(r"[（(][^（）()]*[）)]$")
# Ems: a column of labels is not made narrower than this where the labels are longer, a column of values has room for two ideographs.
_LABEL, _TWO = 6.0, 2.0
# Points that a cell keeps free, left and right together.
_INSET = 6
_RUN = re.compile(r"[!-~]+|.", re.DOTALL)
# Units that numbers show themselves.
_SHOWN = {"", "%", POINTS}


@frozen
class Laid:
    """
    A frame as a table.

    Args:
        grids: the table, in as many parts as the width of a page asks for; they may show its beginning alone.

        data: the whole of it as CSV.

        misplaced: in words, the figures whose labels name other cells.
    """

    grids: tuple[Grid, ...]
    data: str
    misplaced: Strings

    @property
    def grid(self) -> Grid:
        """The first of its parts."""
        return self.grids[0]


def laid_out(found: Any, document: Document, caption: str) -> Laid:
    """
    Return the frame, series or styled frame *found* as a table.

    Raises:
        TypeError: where it is nothing of that kind.
        ValueError: where it is empty or too large, in Chinese.
    """
    frame = _frame(found)
    _check_size(frame)
    return _Table(frame, document, caption).laid()


def _frame(found: Any) -> pd.DataFrame:
    found = getattr(found, "data", found) if type(found).__name__ == "Styler" else found
    if isinstance(found, pd.Series):
        return found.to_frame("数" if found.name is None else found.name)
    if not isinstance(found, pd.DataFrame):
        raise TypeError(f"report.table_of 要一个 DataFrame 或 Series，这里是 {type(found).__name__}")
    return found


def _check_size(frame: pd.DataFrame) -> None:
    if not frame.size:
        raise ValueError("是空的，没有可列的行或列")
    if frame.size > MOST_CELLS:
        raise ValueError(f"有{len(frame)}行，太大了：先汇总（groupby、pivot_table）再列出")


class _Table:
    """A frame while it is laid out."""

    def __init__(self, frame: pd.DataFrame, document: Document, caption: str) -> None:
        self.document = document
        self.caption = caption
        self.words = Words(document)
        columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
        self.heads = [self._levels(key) for key in frame.columns]
        # Labels beside the numbers: the levels of the index, and the columns of texts that stand before the first number.
        self.stub_heads, self.stub = self._index(frame)
        while columns and _is_text(columns[0]):
            head, texts = self.heads.pop(0)[-1], [self._text(each) for each in columns.pop(0)]
            if head != UNIT or any(texts):
                self.stub_heads.append(head)
                self.stub.append(texts)
        if len(columns) > MOST_COLUMNS:
            raise ValueError(f"有{len(columns)}列数，纸上至多排{MOST_COLUMNS}列：请转置（df.T），或分成几张表")
        self.values = [list(column) for column in columns]
        self.length = len(frame)
        self.misplaced: list[str] = []

    def laid(self) -> Laid:
        """Return the table."""
        units = [self._unit(column) for column in self.values]
        heads = [
            (*levels[:-1], levels[-1] + _in_brackets(unit, levels[-1])) for levels, unit in zip(self.heads, units, strict=True)
        ]
        rows = [self._row(line, units) for line in range(self.length)]
        return Laid(
            grids=tuple(self._part(number, places, heads, rows) for number, places in enumerate(self._parts(heads, rows))),
            data=self._csv(heads, rows),
            misplaced=tuple(self.misplaced),
        )

    def _part(self, number: int, places: Sequence[int], heads: Heads, rows: Sequence[list[GridCell]]) -> Grid:
        """Return the columns at *places* beside the labels, the part with that *number* of the table."""
        shown = [[row[place] for place in places] for row in rows[:MOST_ROWS]]
        above = [heads[place] for place in places]
        return Grid(
            caption=f"{self.caption}{CONTINUED}" if number else self.caption,
            head=self._head(above),
            bodies=(tuple(self._with_labels(shown)),),
            widths=self._widths(above, shown),
            note=_CUT if self.length > MOST_ROWS else "",
            small=self._is_small(len(places)),
        )

    def _is_small(self, columns: int) -> bool:
        return columns + len(self.stub) > _SMALL

    def _parts(self, heads: Heads, rows: Sequence[list[GridCell]]) -> list[list[int]]:
        """Return the places of the columns that fit a page beside one another, part by part."""
        labels = sum(self._label_needs(len(rows)))
        needs = [_need(head, [row[place] for row in rows[:MOST_ROWS]]) for place, head in enumerate(heads)]
        parts: list[list[int]] = [[]]
        for place in range(len(needs)):
            wanted = [*parts[-1], place]
            small = self._is_small(len(wanted))
            room = _line(len(wanted) + len(self.stub), small=small)
            if parts[-1] and labels + sum(needs[each] for each in wanted) > room:
                parts.append([])
            parts[-1].append(place)
        return parts

    def _label_needs(self, length: int) -> list[float]:
        """Return how wide each column of labels has to be, in ems: a label may be broken between ideographs, not within a word."""
        columns = [[head, *column[:length]] for head, column in zip(self.stub_heads, self.stub, strict=True)]
        return [max(_unbroken(column), min(_LABEL, max(map(_width, column)))) for column in columns]

    def _levels(self, key: Any) -> Strings:
        return tuple(self._text(each) for each in (key if isinstance(key, tuple) else (key,)))

    def _text(self, value: Any) -> str:
        """Return a label or text as it is shown; the id of a row stands for its label."""
        if isinstance(value, str) and value in self.document.form.rows:
            return self.document.form.rows[value].printed_label
        if isinstance(value, Traced) or (isinstance(value, Number) and not isinstance(value, bool)):
            return self._number(value)
        return "" if value is None or value is pd.NA or value is pd.NaT or value != value else str(value)  # noqa: PLR0124

    def _index(self, frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
        """Return the heads and the labels of the index; nothing where it only counts, or says again what a column says."""
        index = frame.index
        names = [_index_name(name) for name in index.names]
        if isinstance(index, pd.RangeIndex) and names == [""]:
            return [], []
        if LABEL in frame.columns and index.nlevels == 1 and all(each in self.document.form.rows for each in index):
            return [], []
        return names, [[self._text(each) for each in index.get_level_values(level)] for level in range(index.nlevels)]

    def _unit(self, column: Sequence[Any]) -> str:
        """Return the unit that all figures of *column* share, where their numbers do not show it and no label says it."""
        units = {each.figure.unit for each in column if isinstance(each, Traced)}
        return units.pop() if len(units) == 1 and UNIT not in self.stub_heads else ""

    def _row(self, line: int, units: Sequence[str]) -> list[GridCell]:
        labels = [column[line] for head, column in zip(self.stub_heads, self.stub, strict=True) if head != UNIT]
        cells = []
        for levels, column, unit in zip(self.heads, self.values, units, strict=True):
            cells.append(self._cell(column[line], (labels, levels), unit))
        return cells

    def _cell(self, value: Any, labels: Labels, unit: str) -> GridCell:
        if isinstance(value, Traced):
            return self._figure(value, labels, unit)
        if isinstance(value, Number) and not isinstance(value, bool):
            return GridCell(children=(Text(self._number(value)),), numeric=True)
        text = {True: "是", False: "否"}.get(value) if isinstance(value, bool) else self._text(value)
        return cell(text or "")

    def _figure(self, traced: Traced, labels: Labels, unit: str) -> GridCell:
        """Return the cell of a figure, with its unit where no head has it; a number alone where its labels name another cell."""
        of = self.document.owner
        same = calculation.of_one_report([Traced(traced.figure, of), traced])
        own = same[-1] if same and same[-1].of.name == of.name else None
        if own is None or not self.words.lead_to(own, labels, self.caption):
            what = f"是“{own.figure.label}”" if own is not None else f"是{traced.of.name}的，不是本报告或上一年报告的"
            remedy = "，要在名称或题名里写明是上年的" if own is not None and own.figure.id.startswith(fig.LAST) else ""
            self.misplaced.append(f"“{'、'.join(filter(None, (*labels[0], *labels[1])))}”处的数{what}{remedy}")
            return GridCell(children=(Text(traced.figure.number),), numeric=True)
        bare = unit == own.figure.unit or UNIT in self.stub_heads or not own.is_given
        shown = datum(own.figure, bare=bare)
        return GridCell(children=(replace(shown, text="") if own.quantity.is_missing else shown,), numeric=True)

    def _number(self, number: Any) -> str:
        """Return a number without a trace as it is shown: whole, or with as many places as a percentage has."""
        plain = calculation.plain(number)
        if plain != plain:  # noqa: PLR0124 - nan is what is not itself
            return ""
        if plain in {float("inf"), float("-inf")}:
            return "∞" if plain > 0 else "-∞"
        if plain == int(plain):
            return str(int(plain))
        policy = self.document.report.policy
        return format(rounded(calculation.exactly(plain), policy.places, policy.method), "f")

    def _head(self, heads: Sequence[Strings]) -> tuple[tuple[GridCell, ...], ...]:
        """Return the lines of heads; what several columns share stands over them once."""
        depth = max(map(len, heads), default=1)
        lines = []
        for level in range(depth):
            line = [cell(head, "col", rowspan=depth) for head in self.stub_heads] if level == 0 else []
            for above, members in groupby(heads, key=lambda head: head[: level + 1]):
                last = level + 1 == depth
                count = len(list(members))
                line += [cell(above[-1], "col")] * count if last else [cell(above[-1], "colgroup", colspan=count)]
            lines.append(tuple(line))
        return tuple(lines)

    def _with_labels(self, rows: Sequence[list[GridCell]]) -> Iterator[tuple[GridCell, ...]]:
        """Yield *rows* with their labels; one that stands for several lines stands once."""
        begun = [_runs([column[:depth] for column in self._together()], len(rows)) for depth in range(1, len(self.stub) + 1)]
        for line, values in enumerate(rows):
            labels = []
            for level, column in enumerate(self.stub):
                span = begun[level].get(line, 0) if level + 1 < len(self.stub) else 1
                if span:
                    labels.append(cell(column[line], "row" if span == 1 else "rowgroup", rowspan=span))
            yield (*labels, *values)

    def _together(self) -> list[Strings]:
        return list(zip(*self.stub, strict=True))

    def _widths(self, heads: Heads, rows: Sequence[Sequence[GridCell]]) -> Widths:
        """Share the line: no number is broken, and labels take what is left in proportion to their length."""
        count = len(heads) + len(self.stub)
        needs = [_need(head, [row[place] for row in rows]) for place, head in enumerate(heads)]
        least = self._label_needs(len(rows))
        longest = [max(_width(each) for each in column[: len(rows)]) + 1 for column in self.stub]
        # The size does not matter here: all are shares of one line.
        left = _line(count, small=self._is_small(len(heads))) - sum(needs) - sum(least)
        wished = [max(0.0, whole - own) for whole, own in zip(longest, least, strict=True)]
        more = min(1.0, max(0.0, left) / sum(wished)) if any(wished) else 0.0
        labels = [own + more * wish for own, wish in zip(least, wished, strict=True)]
        rest = max(0.0, left - more * sum(wished)) / max(1, len(heads))
        widths = [*labels, *(need + rest for need in needs)]
        return tuple(round(width / sum(widths), 4) for width in widths)

    def _csv(self, heads: Sequence[Strings], rows: Sequence[Sequence[GridCell]]) -> str:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*self.stub_heads, *("/".join(filter(None, head)) for head in heads)])
        for line, row in enumerate(rows):
            writer.writerow([*(column[line] for column in self.stub), *map(_said, row)])
        return out.getvalue()


def _index_name(name: Any) -> str:
    return LABEL if name == "id" else "" if name is None else str(name)


def _is_text(column: Any) -> bool:
    held = [each for each in column if not (each is None or each is pd.NA or each != each)]  # noqa: PLR0124
    return bool(held) and all(isinstance(each, str) for each in held)


def _in_brackets(unit: str, head: str) -> str:
    return "" if unit in _SHOWN or unit in head else f"（{unit}）"


def _said(shown: GridCell) -> str:
    return "".join(each.text for each in shown.children if hasattr(each, "text"))


def _need(head: Strings, column: Sequence[GridCell]) -> float:
    """Return how wide a column of values has to be, in ems: no number and no word of its head is broken."""
    return (
        max(_TWO, _unbroken(head[-1:]), *(_width(_said(each)) if each.numeric else _unbroken([_said(each)]) for each in column))
        + 0.3
    )


def _unbroken(texts: Iterable[str]) -> float:
    """Return the width of the longest run in *texts* that no line may break."""
    runs = [run for text in texts for run in _RUN.findall(text)]
    return max(map(_width, runs), default=1.0)


def _line(columns: int, *, small: bool) -> float:
    """Return what a line of so many columns has room for, in ems, beside the space within the cells."""
    points = theme.TEXT_WIDTH / theme.INCH * 72 - columns * _INSET
    return points / theme.TYPST_SIZES["xiaowu" if small else "wu"]


def _width(text: str) -> float:
    """Return how wide *text* is, in ideographs."""
    return sum(1 if unicodedata.east_asian_width(each) in "WF" else 0.55 for each in text)


def _runs(keys: Sequence[Strings], length: int) -> dict[int, int]:
    """Return at which lines a run of equal *keys* begins, and how long it is."""
    runs, line = {}, 0
    for _key, members in groupby(keys[:length]):
        runs[line] = len(list(members))
        line += runs[line]
    return runs


# What labels mean.


_NOTHING: Meant = (frozenset(), frozenset())


class Words:
    """The words by which a table can call the rows and columns of a report's form."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.form = document.form

    def lead_to(self, traced: Traced, labels: Labels, caption: str) -> bool:
        """
        Tell whether *labels*, of a row and a column, can mean *traced*: none of them names something else.

        A label that names nothing of the form is free. One that names a row or a column must be that of the figure, or of all that it
        was calculated from, or of a whole over it where the label of the figure stands beside; of what was calculated also one whose own
        cell holds the same, as the name of a whole over the sum of its parts, and one of several terms where a free label says what
        became of them. A number of last year must be said to be one, by a free label or the *caption*; of a year that a free label
        names it must be.
        """
        sides = [[self._named.get(key(label), _NOTHING) for label in side if label] for side in labels]
        free = [label for side in labels for label in side if label and self._named.get(key(label), _NOTHING) == _NOTHING]
        if not self._is_of_its_year(traced, free, caption):
            return False
        own = {row for row, _column in self._places(traced)}
        for side in sides:
            exact = any(_is_one_of(own, rows) for rows, _columns in side)
            if not all(self._can_mean(each, traced, free=bool(free), exact=exact) for each in side if each != _NOTHING):
                return False
        return True

    def _is_of_its_year(self, traced: Traced, free: Sequence[str], caption: str) -> bool:
        """Tell whether the years that are said are those of *traced*; of what two years were taken for nothing is asked."""
        year = self.document.report.year
        years = {year - 1 if each.startswith(fig.LAST) else year for each in (traced.figure.inputs or (traced.figure.id,))}
        if len(years) > 1:
            return True
        said = _years(" ".join(free), year)
        own = years.pop()
        return own in (said or (_years(caption, year) if own != year else {year}))

    def _can_mean(self, meant: Meant, traced: Traced, *, free: bool, exact: bool) -> bool:
        rows, columns = meant
        places = self._places(traced)
        own_rows, own_columns = {row for row, _column in places}, {column for _row, column in places}
        if _is_one_of(own_rows, rows) or (own_columns and own_columns <= columns):
            return True
        if exact and own_rows and any(own_rows <= self._below(row) for row in rows):
            return True
        if not traced.made:
            return False
        return (free and bool(own_rows & rows or own_columns & columns)) or self._equals(traced, meant, own_rows, own_columns)

    def _equals(self, traced: Traced, meant: Meant, own_rows: set[str], own_columns: set[str]) -> bool:
        """Tell whether the cell that a label names beside what is sure holds the value that was calculated."""
        rows, columns = meant
        named = [(row, column) for row in rows for column in own_columns if len(own_columns) == 1]
        named += [(row, column) for column in columns for row in own_rows if len(own_rows) == 1]
        cells = [fig.cell_id(*each) for each in named]
        held = [self.document.figures[each].quantity for each in cells if each in self.document.figures]
        return traced.is_given and traced.quantity.value in [each.value for each in held]

    def _places(self, traced: Traced) -> set[tuple[str, str]]:
        """Return the cells that *traced* counts: of a quotient those above the line."""
        if traced.is_quotient:
            return self._places(traced.made[0][1])
        if traced.made:
            return {place for _word, part in traced.made for place in self._places(part)}
        figure_id = traced.figure.id.removeprefix(fig.LAST)
        return {self._cells[figure_id]} if figure_id in self._cells else set()

    def _below(self, row: str) -> set[str]:
        """Return *row* and all that stand below it in the tree."""
        found = {row}
        for child in self.form.rows[row].children:
            found |= self._below(child)
        return found

    @cached_property
    def _cells(self) -> dict[str, tuple[str, str]]:
        """The row and column of every figure that counts one cell, by its id."""
        found = {}
        for row in self.form.rows.values():
            for column in () if row.heading else self.form.table_of(row.id).columns:
                found[fig.cell_id(row.id, column.id)] = (row.id, column.id)
                found[fig.share_id(row.id, column.id)] = (row.id, column.id)
        for rate in self.form.rates:
            for column in self.form.table_of(rate.numerator).columns:
                found[fig.rate_id(rate.id, column.id)] = (rate.numerator, column.id)
        return found

    @cached_property
    def _named(self) -> dict[str, Meant]:
        """The rows and the columns that each word can mean."""
        rows: defaultdict[str, set[str]] = defaultdict(set)
        columns: defaultdict[str, set[str]] = defaultdict(set)
        year = self.document.report.year
        for row in self.form.rows.values():
            for words in (row.id, row.label, row.name, row.numbered_label, row.printed_label):
                rows[key(words)].add(row.id)
        for table in self.form.tables:
            for column in table.columns:
                for words in (labelled(column.label, year=year), column.heading(year), column.name(year), *column.groups):
                    columns[key(words)].add(column.id)
        known = filter(None, (*rows, *columns))
        return {each: (frozenset(rows.get(each, ())), frozenset(columns.get(each, ()))) for each in known}


def _years(words: str, year: int) -> set[int]:
    """Return the years that *words* name, those that a report for *year* speaks of by name among them."""
    found = {int(each) for each in _YEAR.findall(words)}
    found |= {each for each in (year - 1, year) if re.search(rf"(?<![0-9]){each % 100:02}年", words)}
    return found | ({year - 1} if _BEFORE.search(words) else set()) | ({year} if _NOW.search(words) else set())


def _is_one_of(own: set[str], named: frozenset[str]) -> bool:
    return len(own) == 1 and own <= named


def key(words: str) -> str:
    """Return *words* as labels are compared: of one width, without blanks, a unit in brackets behind them, or 占比."""
    bare = "".join(unicodedata.normalize("NFKC", words).split())
    return _WITH_UNIT.sub("", bare).removesuffix(SHARE)
