"""
One report as data, for scripts and fresh notebooks: every ratio, figure, finding and table as a frame of plain numbers.

What is loaded here is for computing and does not enter a report: its numbers are float64, Int64 or Float64, as pandas expects them,
and lead to no figure. Frames whose cells stay figures are `Document.frame`'s. Each frame says the exact value or the reason why there
is none beside the number, so that nothing is lost on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from nianbao.document.document import Document, named
from nianbao.document.frames import LABEL, SHARE, UNIT, headings
from nianbao.indicators import figures as fig
from nianbao.indicators.figures import LAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nianbao.indicators.figures import Figure
    from nianbao.indicators.findings import Finding
    from nianbao.indicators.values import Quantity, Strings
    from nianbao.inputs.yaml import Json


# What stands behind the heading of a column for why a value is missing.
STATUS = "状态"
_RATIOS = {"share", "rate"}
# Whole numbers from here on have no room in Int64.
_TOO_LARGE = 2**63


class Loaded:
    """
    One report as data: `nianbao.load` gives it.

    >>> import nianbao
    >>> report = nianbao.load("longtan", 2013)
    >>> report
    <龙潭区人民政府2013年政府信息公开工作年度报告>
    >>> report.tables
    ('statistics',)
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.unit, self.year = document.report.unit, document.report.year

    def __repr__(self) -> str:
        return f"<{self.document.report.title}>"

    @property
    def tables(self) -> Strings:
        """The tables of its form, by the ids that `frame` takes."""
        return tuple(table.id for table in self.document.form.tables)

    def ratios(self) -> pd.DataFrame:
        """
        Return every ratio: all shares and rates in all columns, and the changes since last year, a line each by its id.

        `指标` says what it is of what; `分子` and `分母` are the numbers above and below the line, in their own units (Int64, or Float64
        where some are amounts); `value` is the ratio itself (float64, 0.3715 and not 37.15), `exact` the same as a Fraction, `display`
        what the report prints; `formula` names both figures, `source` says in which cells they stand. Where there is no number `value`
        is NaN and `status` says why: missing, not-applicable, or undefined (over 0).

        >>> import nianbao
        >>> ratios = nianbao.load("longtan", 2013).ratios()
        >>> print(ratios.loc["disclosed.district.year.share", ["分子", "分母", "exact", "display"]].to_string())
        分子            953.0
        分母           2565.0
        exact      953/2565
        display      37.15%
        """
        own = [each for each in self.document.figures if each.kind in _RATIOS and not each.id.startswith(LAST)]
        over, under = ([self.document.figures[each.inputs[place]] for each in own] for place in (0, 1))
        columns = {
            LABEL: [each.label for each in own],
            "分子": _numbers([each.quantity for each in over]),
            "分母": _numbers([each.quantity for each in under]),
            **_values(own),
            "display": [each.display for each in own],
            "formula": [each.formula for each in own],
            "source": [_sources(pair) for pair in zip(over, under, strict=True)],
            "status": [str(each.quantity.state) for each in own],
        }
        return _by_id(columns, own)

    def figures(self) -> pd.DataFrame:
        """
        Return every figure: cells, sums, shares, rates, facts and changes, a line each by its id.

        `value` is the number (float64; a share of 37.15 % is 0.3715), `exact` the same without loss (int, Decimal or Fraction), `unit` what
        it is counted in; `status` says why there is none.

        >>> import nianbao
        >>> figures = nianbao.load("longtan", 2013).figures()
        >>> print(figures.loc["disclosed.year", ["value", "display", "unit"]].to_string())
        value      2565.0
        display     2565条
        unit            条
        """
        every = list(self.document.figures)
        columns = {
            LABEL: [each.label for each in every],
            "kind": [each.kind for each in every],
            **_values(every),
            "display": [each.display for each in every],
            "unit": [each.unit for each in every],
            "formula": [each.formula for each in every],
            "source": [each.source for each in every],
            "status": [str(each.quantity.state) for each in every],
        }
        return _by_id(columns, every)

    def findings(self) -> pd.DataFrame:
        """
        Return all that does not agree in tables and narrative, a line each by its id; what a notebook says is not looked at.

        `left`, `right` and `difference` are the numbers of a rule that does not hold (Float64), `accepted` whether somebody let it stand
        and `reason` why, `cells` the figures that take part.

        >>> import nianbao
        >>> findings = nianbao.load("longtan", 2013).findings()
        >>> bool(findings["accepted"].all())
        True
        """
        every = self.document.findings
        columns: Json = {
            "rule": [each.rule for each in every],
            "severity": [each.severity for each in every],
            "sentence": [each.sentence for each in every],
            "accepted": [each.accepted for each in every],
            "reason": [each.reason for each in every],
            "cells": [each.cells for each in every],
        }
        for side in ("left", "right", "difference"):
            figures = [getattr(each, side) for each in every]
            columns[side] = _numbers([each.quantity if each else None for each in figures], whole=False)
        return _by_id(columns, every)

    def frame(self, table: str) -> pd.DataFrame:
        """
        Return a table of the form as numbers, a line for each row by its id.

        After `指标` and `单位` comes a column for each of the table, called by its printed heading (Int64, or Float64 where amounts stand
        in it), then its shares (`…占比`, Float64, 0.3715 and not 37.15), and at the end for each of these why a value is missing
        (`…状态`: given, missing, not-applicable, undefined); `-` and blanks are both NA.

        Raises:
            UnknownNameError: where the form has no such table; the message lists those there are.

        >>> import nianbao
        >>> frame = nianbao.load("longtan", 2013).frame("statistics")
        >>> int(frame.loc["disclosed", "13年发生数"])
        2565
        >>> frame.loc["staff", ["累计数", "累计数状态"]].tolist()
        [<NA>, 'not-applicable']
        """
        found = named(table, self.document.form.tables, "表")
        rows = [row for row in found.rows if not row.heading]
        pairs = list(zip(headings(found, self.year), found.columns, strict=True))
        cells = {head: [self._held(fig.cell_id(row.id, column.id)) for row in rows] for head, column in pairs}
        shares = {head + SHARE: [self._held(fig.share_id(row.id, column.id)) for row in rows] for head, column in pairs}
        held = cells | (shares if any(row.parent for row in rows) else {})
        columns: Json = {LABEL: [row.printed_label for row in rows], UNIT: [row.unit for row in rows]}
        columns |= {head: _numbers(found, whole=head in cells) for head, found in held.items()}
        columns |= {head + STATUS: [str(each.state) if each else pd.NA for each in found] for head, found in held.items()}
        return pd.DataFrame(columns, index=pd.Index([row.id for row in rows], name="id"))

    def _held(self, figure_id: str) -> Quantity | None:
        return self.document.figures[figure_id].quantity if figure_id in self.document.figures else None


def _values(found: Sequence[Figure]) -> Json:
    """Return the numbers of *found*: for computing, and without loss."""
    quantities = [each.quantity for each in found]
    return {
        "value": [float(each.fraction) if each.value is not None else float("nan") for each in quantities],
        "exact": pd.Series([each.value for each in quantities], dtype=object),
    }


def _numbers(found: Sequence[Quantity | None], *, whole: bool = True) -> Any:
    """Return quantities as a column of pandas: of whole numbers where all are, and *whole* ones are meant."""
    held = [None if each is None else each.value for each in found]
    given = [each for each in held if each is not None]
    if whole and all(isinstance(each, int) and abs(each) < _TOO_LARGE for each in given):
        return pd.array([pd.NA if each is None else each for each in held], dtype="Int64")
    return pd.array([pd.NA if each is None else float(each) for each in held], dtype="Float64")


def _sources(figures: Iterable[Figure]) -> str:
    """Return in which cells *figures* stand, or from which figures they follow."""
    return "；".join(each.source or each.formula for each in figures)


def _by_id(columns: Json, found: Sequence[Figure | Finding]) -> pd.DataFrame:
    """Return *columns* as a frame of *found*, a line each by its id."""
    return pd.DataFrame(columns).set_axis(pd.Index([each.id for each in found], name="id"), axis=0)
