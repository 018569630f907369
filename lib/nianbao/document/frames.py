"""
A table of figures in pandas: each cell stays its figure, wherever pandas moves it.

`FigureArray` is a column of `Traced` numbers. What pandas does with whole cells, selecting, sorting, joining, reshaping, keeps them;
sums, differences and quotients of them are figures too. All else gives plain numbers, which have no trace, and may stand between the
others: cell by cell it is known which is which, and nothing is ever found by its value.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import extensions, types
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pandas.api.indexers import check_array_indexer

from nianbao.document import calculation
from nianbao.document.calculation import Traced
from nianbao.indicators import figures as fig
from nianbao.indicators.form import labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nianbao.document.calculation import Owner
    from nianbao.indicators.figures import Figures
    from nianbao.indicators.form import Table
    from nianbao.inputs.yaml import Json

_NO_NUMBER = "这一列是数，不能填进“{value}”；要放文字，先用 astype(object)。"


class FigureDtype(ExtensionDtype):  # type: ignore[misc] # pandas ships no types
    """The type of a column of figures."""

    type = Traced
    name = "figure"
    na_value = pd.NA
    _is_numeric = True

    @classmethod
    def construct_array_type(cls) -> Any:
        """Return what holds such a column."""
        return FigureArray


class FigureArray(ExtensionArray):  # type: ignore[misc] # see above
    """
    A column of figures.

    Args:
        cells: each a `Traced`, a plain number, or None where there is no cell: reshaping leaves such places.
    """

    # Its cells change.
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, cells: np.ndarray[Any, Any]) -> None:
        self._cells = cells

    # What an array is to pandas.

    @classmethod
    def _from_sequence(cls, scalars: Iterable[Any], *, dtype: Any = None, copy: bool = False) -> FigureArray:
        del dtype, copy
        found = list(scalars)
        cells = np.empty(len(found), dtype=object)
        for index, each in enumerate(found):
            cells[index] = _cell(each)
        return cls(cells)

    @classmethod
    def _from_factorized(cls, values: Any, original: FigureArray) -> FigureArray:
        del original
        return cls._from_sequence(values)

    @property
    def dtype(self) -> FigureDtype:
        """The type of its cells."""
        return FigureDtype()

    @property
    def nbytes(self) -> int:
        """The room that it takes."""
        return int(self._cells.nbytes)

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, item: Any) -> Any:
        item = check_array_indexer(self, item)
        found = self._cells[item]
        if isinstance(found, np.ndarray):
            return type(self)(found)
        return pd.NA if found is None else found

    def __setitem__(self, key: Any, value: Any) -> None:
        key = check_array_indexer(self, key)
        many = isinstance(value, FigureArray | list | np.ndarray | pd.Series)
        self._cells[key] = type(self)._from_sequence(value)._cells if many else _cell(value)

    def isna(self) -> Any:
        """Return which have no number: not reported, not applicable, or no cell at all."""
        return np.fromiter(map(_is_lacking, self._cells), bool, len(self))

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> FigureArray:
        """Return the cells at *indices*."""
        fill = _cell(fill_value) if allow_fill else None
        return type(self)(extensions.take(self._cells, indices, fill_value=fill, allow_fill=allow_fill))

    def copy(self) -> FigureArray:
        """Return another array of the same cells."""
        return type(self)(self._cells.copy())

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[FigureArray]) -> FigureArray:
        return cls(np.concatenate([each._cells for each in to_concat]))

    def _formatter(self, boxed: bool = False) -> Callable[[Any], str]:
        del boxed
        return printed

    # Without their trace.

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        del copy
        if dtype is not None and np.dtype(dtype) == object:
            return np.array([*self, None], dtype=object)[:-1]
        return np.array(self._plain(float("nan")), dtype=dtype or float)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Return the cells as *dtype*; all but objects are plain numbers or texts."""
        dtype = types.pandas_dtype(dtype)
        if isinstance(dtype, FigureDtype):
            return self.copy() if copy else self
        if types.is_object_dtype(dtype):
            return np.asarray(self, dtype=object)
        if types.is_string_dtype(dtype):
            return pd.array([pd.NA if each is None else printed(each) for each in self._cells], dtype=dtype)
        if isinstance(dtype, ExtensionDtype):
            return pd.array(self._plain(pd.NA), dtype=dtype)
        return np.array(self._plain(float("nan")), dtype=float).astype(dtype)

    def _plain(self, missing: Any) -> list[Any]:
        """Return plain numbers, whole ones as int, with *missing* where there is none."""
        return [missing if _is_lacking(each) else calculation.least(calculation.plain(each)) for each in self._cells]

    def _numbers(self) -> Any:
        return self.astype("Float64")

    # Order and equality.

    def _values_for_argsort(self) -> Any:
        keys = np.empty(len(self), dtype=object)
        for index, each in enumerate(self._cells):
            keys[index] = Fraction() if _is_lacking(each) else calculation.plain(each)
        return keys

    def _values_for_factorize(self) -> tuple[Any, Any]:
        keys = np.empty(len(self), dtype=object)
        for index, each in enumerate(self._cells):
            keys[index] = None if _is_lacking(each) else each
        return keys, None

    def value_counts(self, dropna: bool = True) -> Any:
        """Return how often each number stands here; a number that stands for many cells is none of them."""
        return self._numbers().value_counts(dropna=dropna)

    # Arithmetic.

    def _operated(self, operate: Callable[[Any, Any], Any], other: Any, *, swapped: bool = False) -> Any:
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented
        others = list(other) if types.is_list_like(other) else [other] * len(self)
        if len(others) != len(self):
            raise ValueError("Lengths must match")
        pairs = zip(others, self, strict=True) if swapped else zip(self, others, strict=True)
        return boxed([_of_two(operate, one, two) for one, two in pairs])

    def __add__(self, other: Any) -> Any:
        return self._operated(operator.add, other)

    def __radd__(self, other: Any) -> Any:
        return self._operated(operator.add, other, swapped=True)

    def __sub__(self, other: Any) -> Any:
        return self._operated(operator.sub, other)

    def __rsub__(self, other: Any) -> Any:
        return self._operated(operator.sub, other, swapped=True)

    def __truediv__(self, other: Any) -> Any:
        return self._operated(operator.truediv, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._operated(operator.truediv, other, swapped=True)

    def __mul__(self, other: Any) -> Any:
        return self._operated(operator.mul, other)

    def __rmul__(self, other: Any) -> Any:
        return self._operated(operator.mul, other, swapped=True)

    def __floordiv__(self, other: Any) -> Any:
        return self._operated(operator.floordiv, other)

    def __mod__(self, other: Any) -> Any:
        return self._operated(operator.mod, other)

    def __pow__(self, other: Any) -> Any:
        return self._operated(operator.pow, other)

    def __neg__(self) -> Any:
        return boxed([each if each is pd.NA else -each for each in self])

    def __abs__(self) -> Any:
        return boxed([each if each is pd.NA else abs(each) for each in self])

    def _compared(self, compare: Callable[[Any, Any], Any], other: Any) -> Any:
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented
        others = list(other) if types.is_list_like(other) else [other] * len(self)
        if len(others) != len(self):
            raise ValueError("Lengths must match")
        pairs = zip(self, others, strict=True)
        lacking = compare is operator.ne
        return np.array([lacking if one is pd.NA or two is pd.NA else bool(compare(one, two)) for one, two in pairs], dtype=bool)

    def __eq__(self, other: object) -> Any:
        return self._compared(operator.eq, other)

    def __ne__(self, other: object) -> Any:
        return self._compared(operator.ne, other)

    def __lt__(self, other: Any) -> Any:
        return self._compared(operator.lt, other)

    def __le__(self, other: Any) -> Any:
        return self._compared(operator.le, other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(operator.gt, other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(operator.ge, other)

    def round(self, decimals: int = 0, *args: Any, **kwargs: Any) -> Any:
        """Return plain numbers: a figure is rounded where it is printed, once."""
        return self._numbers().round(decimals, *args, **kwargs)

    # Many to one.

    def _reduce(self, name: str, *, skipna: bool = True, keepdims: bool = False, **kwargs: Any) -> Any:
        found = _of_group(name, list(self))
        if found is NotImplemented:
            return self._numbers()._reduce(name, skipna=skipna, keepdims=keepdims, **kwargs)
        return boxed([found]) if keepdims else found

    def _accumulate(self, name: str, *, skipna: bool = True, **kwargs: Any) -> Any:
        if name != "cumsum":
            return self._numbers()._accumulate(name, skipna=skipna, **kwargs)
        return boxed([_of_group("sum", list(self[: index + 1])) for index in range(len(self))])

    def _groupby_op(self, *, how: str, has_dropped_na: bool, min_count: int, ngroups: int, ids: Any, **kwargs: Any) -> Any:
        groups: list[list[Any]] = [[] for _group in range(ngroups)]
        for group, cell in zip(ids, self, strict=True):
            if group >= 0:
                groups[group].append(cell)
        found = [_of_group(how, cells) for cells in groups]
        if any(each is NotImplemented for each in found):
            return self._numbers()._groupby_op(
                how=how, has_dropped_na=has_dropped_na, min_count=min_count, ngroups=ngroups, ids=ids, **kwargs
            )
        return boxed(found)

    def interpolate(self, **kwargs: Any) -> Any:
        """Return plain numbers, with what lies between them where there is none."""
        return self._numbers().interpolate(**kwargs)

    def _quantile(self, qs: Any, interpolation: str) -> Any:
        return self._numbers()._quantile(qs, interpolation)

    def _rank(self, **kwargs: Any) -> Any:
        return self._numbers()._rank(**kwargs)


def boxed(found: Sequence[Any]) -> Any:
    """Return *found* as a column: of figures where any is one, else of plain numbers as pandas has them."""
    if any(isinstance(each, Traced) for each in found):
        return FigureArray._from_sequence(found)
    plain = [pd.NA if _is_lacking(_cell(each)) else each for each in found]
    return pd.array(plain, dtype="Float64" if any(isinstance(each, float) for each in plain) else "Int64")


def printed(cell: Any) -> str:
    """Return what a table shows of *cell*."""
    if cell is None or cell is pd.NA:
        return ""
    return cell.figure.number if isinstance(cell, Traced) else str(calculation.least(calculation.plain(cell)))


def _cell(value: Any) -> Any:
    """
    Return *value* as a cell.

    Raises:
        TypeError: where it is no number.
    """
    if isinstance(value, Traced):
        return value
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if not isinstance(value, Real | Decimal):
        raise TypeError(_NO_NUMBER.format(value=value))
    return None if value != value else value  # noqa: PLR0124 - nan is what is not itself


def _is_lacking(cell: Any) -> bool:
    return cell is None or (isinstance(cell, Traced) and not cell.is_given)


def _of_two(operate: Callable[[Any, Any], Any], one: Any, two: Any) -> Any:
    return pd.NA if one is pd.NA or two is pd.NA else operate(one, two)


_PICKED: dict[str, Callable[[list[Any]], Any]] = {
    "first": lambda cells: cells[0],
    "last": lambda cells: cells[-1],
    "min": min,
    "max": max,
}


def _of_group(how: str, cells: list[Any]) -> Any:
    """
    Return what *cells* come to: their sum, the one of them that is meant, or NotImplemented where plain numbers must do.

    A place that no cell fills counts for nothing; a cell without a number leaves a sum without one.
    """
    held = [cell for cell in cells if cell is not pd.NA]
    if how == "sum":
        return _summed(held)
    given = [cell for cell in held if not _is_lacking(cell)]
    if how in _PICKED:
        return _PICKED[how](given) if given else _first(held)
    if how in {"mean", "median"} and len(held) <= 1:
        return _first(held)
    return NotImplemented


def _first(cells: Sequence[Any]) -> Any:
    return cells[0] if cells else pd.NA


def _summed(cells: list[Any]) -> Any:
    if not cells:
        return pd.NA
    traced = all(isinstance(cell, Traced) for cell in cells)
    found = calculation.total([(1, cell) for cell in cells]) if traced else None
    return calculation.least(sum(map(calculation.plain, cells))) if found is None else found


# The texts beside the numbers of a table; what stands behind the heading of a column for its shares.
LABEL, UNIT, SHARE = "指标", "单位", "占比"


def of_table(figures: Figures, table: Table, of: Owner) -> pd.DataFrame:
    """Return *table* as a frame: a line for each row by its id, its label and unit, its cells, and behind them their shares."""
    rows = [row for row in table.rows if not row.heading]
    columns: Json = {LABEL: [row.printed_label for row in rows], UNIT: [row.unit for row in rows]}
    heads = headings(table, of.year)
    for column, head in zip(table.columns, heads, strict=True):
        columns[head] = _column(figures, (fig.cell_id(row.id, column.id) for row in rows), of)
    for column, head in zip(table.columns, heads, strict=True):
        if any(row.parent for row in rows):
            columns[head + SHARE] = _column(figures, (fig.share_id(row.id, column.id) for row in rows), of)
    return pd.DataFrame(columns, index=pd.Index([row.id for row in rows], name="id"))


def headings(table: Table, year: int) -> list[str]:
    """Return what each column of *table* is called: by its own heading or, where others have the same, with those above it."""
    own = [labelled(column.label, year=year) for column in table.columns]
    pairs = zip(own, table.columns, strict=True)
    return [head if own.count(head) == 1 else column.heading(year) for head, column in pairs]


def _column(figures: Figures, ids: Iterable[str], of: Owner) -> FigureArray:
    return FigureArray._from_sequence([Traced(figures[each], of) if each in figures else None for each in ids])
