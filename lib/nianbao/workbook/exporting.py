"""Write the tables of a report, filled in or not, as a workbook; what stands in it is for `filling`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nianbao import publish, report
from nianbao.errors import WorkbookError
from nianbao.quantity import State

from .checking import left_out
from .filling import Filling

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nianbao.form import Form
    from nianbao.project import Project
    from nianbao.quantity import Quantity
    from nianbao.report import AnnualReport

SUFFIX = ".xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """
    What was written.

    Args:
        sheets: the names of the tables' sheets.

        blank: how many cells hold nothing yet.

        kept: totals that stand as they were given, by sheet and address.

        not_checked: the rules that need last year's report on the same form where there is none.
    """

    form: Form
    sheets: tuple[str, ...]
    blank: int
    kept: tuple[str, ...]
    not_checked: tuple[str, ...]


def write(project: Project, unit: str, year: str, target: Path, forms: Mapping[str, Form], *, force: bool) -> Exported:
    """
    Write the tables of *unit* for *year* as the workbook *target*; what stood there is replaced only where *force* says so.

    Raises:
        InvalidInputError: where the folder of parameters cannot be read.
        WorkbookError: where *target* cannot be written; nothing is changed then.
    """
    folder = project.params(unit, year)
    _check(target, force=force)
    found = report.load(folder, f"params/{unit}/{year}", forms)
    filling = Filling(found.form, found.year, found.name, _quantities(found), _last_year(found))
    publish.write_beside(target, filling.file())
    return Exported(
        form=found.form,
        sheets=tuple(sheet.name for sheet in filling.sheets),
        blank=sum(cell.quantity.state is State.MISSING for cell in found.cells.values()),
        kept=filling.kept,
        not_checked=left_out(found.form, filling.contents),
    )


def _quantities(found: AnnualReport) -> dict[tuple[str, str], Quantity]:
    return {key: cell.quantity for key, cell in found.cells.items()}


def _last_year(found: AnnualReport) -> dict[tuple[str, str], Quantity]:
    """Return last year's cells that mean the same as this year's."""
    if found.last_year is None:
        return {}
    form = found.last_year.form
    return {key: value for key, value in _quantities(found.last_year).items() if found.form.alike(form, *key)}


def _check(target: Path, *, force: bool) -> None:
    """Refuse a place where no workbook can stand, or where something stands that was not to be replaced."""
    if target.suffix.lower() != SUFFIX:
        raise WorkbookError(f"{target} 不是 {SUFFIX} 文件名，请写成 {target.stem or 'table'}{SUFFIX}。")
    if not target.parent.is_dir():
        raise WorkbookError(f"没有文件夹 {target.parent}，请先建立，或换一个地方。")
    if target.is_dir():
        raise WorkbookError(f"{target} 是文件夹，请换一个文件名。")
    if (target.exists() or target.is_symlink()) and not force:
        raise WorkbookError(f"{target} 已经有了，没有改动它。换一个文件名（-o），或加 --force 覆盖。")
