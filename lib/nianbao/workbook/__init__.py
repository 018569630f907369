"""
A form as an Excel workbook in its official grid: to fill in, to read back, and with a report's exact values.

`layout` says where everything stands; `packing` alone knows XlsxWriter, and those that read a workbook open it as the zip file of
XML that it is. No rule of a form stands here: rules are read off the form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nianbao.render import xlsx
from nianbao.workbook import form as filling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nianbao.indicators.figures import Figures
    from nianbao.indicators.form import Form
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Quantity


def export(
    form: Form,
    year: int,
    name: str,
    cells: Mapping[tuple[str, str], Quantity] | None = None,
    last_year: Mapping[tuple[str, str], Quantity] | None = None,
) -> bytes:
    """
    Return *form* as an .xlsx file for filling in.

    Args:
        name: the unit's.

        cells: what is known already, by row and column id; without it the form is blank but for the `-` that it wants.

        last_year: last year's cells that mean the same; the rules that need others are left out, and the file says so.
    """
    return filling.Filling(form, year, name, cells, last_year).file()


def tables(report: AnnualReport, figures: Figures) -> bytes:
    """Return the tables of *report* as an .xlsx file: exact values, and every share and rate as a division of cells."""
    return xlsx.tables(report, figures)
