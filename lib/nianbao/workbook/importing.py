"""
Take a filled workbook into the folder of a report: its values become the tables' CSV files, all of them or none.

What the values are is for `reading`, whether they agree is for the checks that follow.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nianbao import declaration, publish
from nianbao.errors import InvalidInputError, Problem
from nianbao.quantity import MISSING
from nianbao.report import YAML
from nianbao.tablefile import Cell, TableReader, written

from .package import MOST_BYTES
from .reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nianbao.form import Form
    from nianbao.project import Project
    from nianbao.quantity import Quantity

    Cells = Mapping[tuple[str, str], Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A cell whose value is another than before: where it stands in the workbook, whose it is, what it was and is, as text."""

    place: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """
    What an import came to.

    Args:
        folder: relative to the project.

        files: those that were written; none where every value was there already.
    """

    folder: str
    files: tuple[str, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def take(project: Project, unit: str, year: str, workbook: Path, forms: Mapping[str, Form]) -> Imported:
    """
    Read *workbook* and put its values into the tables of *unit* for *year*.

    Raises:
        InvalidInputError: with every problem of the workbook; nothing is changed then.
    """
    folder, shown = project.params(unit, year), f"params/{unit}/{year}"
    form, name = _form(folder, shown, unit, forms)
    problems: list[Problem] = []
    notes: list[str] = []
    cells = read(_content(workbook), form, int(year), str(workbook), problems, notes, name)
    if problems:
        raise InvalidInputError(problems)
    before = _before(folder, form, int(year))
    # A value that is the same stays as it was written: 12.50 is no 12.5.
    kept = {key: before[key] if key in before and before[key].quantity == cell.quantity else cell for key, cell in cells.items()}
    fresh = files(form, int(year), kept)
    changed = {name: content for name, content in fresh.items() if not _holds(folder / name, content)}
    if changed:
        _write(folder, changed)
    return Imported(folder=shown, files=tuple(changed), changes=_changes(form, int(year), before, cells), notes=tuple(notes))


def files(form: Form, year: int, cells: Cells) -> dict[str, bytes]:
    """Return the files of the tables of *form* that hold *cells*, by name."""
    return {
        f"{table.id}.csv": written(table, year, lambda row, column: _text(cells[row.id, column.id].quantity))
        for table in form.tables
    }


def _form(folder: Path, shown: str, unit: str, forms: Mapping[str, Form]) -> tuple[Form, str]:
    """Return the form that the folder's report is on, and the unit's name."""
    path, file = folder / YAML, f"{shown}/{YAML}"
    if not path.is_file():
        remedy = f"先用 nianbao new {unit} {folder.name} 建立这一年的资料"
        raise InvalidInputError([Problem(file=file, found="没有这个文件，不知道用哪种表式", remedy=remedy)])
    problems: list[Problem] = []
    try:
        declared = declaration.read(path.read_text("utf-8"), file, problems)
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            [Problem(file=file, found="不是 UTF-8 编码（可能是 GBK）", remedy="用编辑器另存为 UTF-8")]
        ) from error
    form = declaration.choose(declared, forms, problems)
    if form is None:
        raise InvalidInputError(problems)
    return form, declared.values.get("name", "")


def _content(workbook: Path) -> bytes:
    if not workbook.is_file():
        found, remedy = ("是文件夹", "写明其中的文件") if workbook.is_dir() else ("没有这个文件", "检查文件名和所在的文件夹")
        raise InvalidInputError([Problem(file=str(workbook), found=found, remedy=remedy)])
    with workbook.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _before(folder: Path, form: Form, year: int) -> dict[tuple[str, str], Cell]:
    """Return the cells that the folder holds so far; a table that cannot be read has none."""
    cells: dict[tuple[str, str], Cell] = {}
    for table in form.tables:
        path = folder / f"{table.id}.csv"
        if path.is_file():
            cells |= TableReader(form, table, year, path.name, []).read(path.read_bytes())
    return cells


def _changes(form: Form, year: int, before: Cells, after: Cells) -> tuple[Change, ...]:
    changes = []
    for _table, row, column in form.cells():
        key = (row.id, column.id)
        was, now = before[key].quantity if key in before else MISSING, after[key].quantity
        if was != now:
            label = f"{row.numbered_label} {column.name(year)}"
            changes.append(Change(place=after[key].address, label=label, before=_text(was), after=_text(now)))
    return tuple(changes)


def _text(quantity: Quantity) -> str:
    """Return *quantity* as a cell of a table's file holds it."""
    if quantity.exact is not None:
        return quantity.exact
    return "" if quantity == MISSING else "-"


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Put *contents* into *folder* in one step: the folder with them is made beside it, and the two are exchanged."""
    target = folder.resolve()
    with publish.scratch(target.parent) as scratch:
        fresh = scratch / target.name
        shutil.copytree(target, fresh, symlinks=True)
        for name, content in contents.items():
            # A link is replaced, and what it leads to stays as it is.
            (fresh / name).unlink(missing_ok=True)
            (fresh / name).write_bytes(content)
        publish.replace(fresh, target)
