"""
Where things are: the folder that holds `params/`, `notebooks/` and `outputs/`, and the names of units and years.

Names from outside become paths only here, and only where they are plain folder names that exist.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from nianbao.indicators import positional
from nianbao.indicators.errors import NewReportError, Problem, UnknownReportError, UnsafeNameError, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from re import Pattern

    # A unit and a year, or a folder and why it is passed over.
    Pairs = list[tuple[str, str]]


# A report's folder holds these two and a table for each of its form's.
YAML, PROSE = "report.yaml", "narrative.md"
# A unit that wants another notebook than the shared one puts it beside its years; or cells that the shared one is run with.
OWN_NOTEBOOK, OWN_CELLS = "report.ipynb", "cells.ipynb"
UNIT, UNIT_WORDS = r"\w[\w-]{0,63}", "只能用文字、数字、“_”和“-”，不能是路径"

_MOST_NAMES = 20
# More than any file of a report can need.
MOST_BYTES = 4_000_000
_UNIT = re.compile(UNIT)
_YEAR = re.compile(r"2[0-9]{3}", re.ASCII)


@positional
class Project:
    """A folder of reports."""

    root: Path

    @property
    def _parameters(self) -> Path:
        return self.root / "params"

    @property
    def outputs(self) -> Path:
        """The folder that everything generated goes to."""
        return self.root / "outputs"

    def units(self) -> list[str]:
        """Return the units that have a folder of parameters."""
        return _folders(self._parameters, _UNIT)

    def years(self, unit: str) -> list[str]:
        """Return the years of *unit* that have a folder of parameters."""
        return years_in(self._parameters / unit)

    def unit(self, unit: str) -> Path:
        """
        Return the folder of parameters of all years of *unit*.

        Raises:
            UnsafeNameError: where *unit* is no plain name.
            UnknownReportError: where there is no such folder; the message says what there is and what to type.
        """
        self._check_unit(unit)
        if unit not in self.units():
            raise UnknownReportError(f"没有单位“{unit}”。{self._known_units()}")
        return self._parameters / unit

    def reports(self) -> Pairs:
        """Return (unit, year) of every report that has a folder of parameters."""
        return _units_and_years(self._parameters)

    def built(self) -> Pairs:
        """Return (unit, year) of every report that has a folder of outputs."""
        return _units_and_years(self.outputs)

    def passed_over(self) -> Pairs:
        """Return (folder, why) of what lies under `params/` and is neither a unit nor a year of one; hidden folders excepted."""
        others = _others(self._parameters, _UNIT, "params", "不是单位名")
        for unit in self.units():
            others += _others(self._parameters / unit, _YEAR, f"params/{unit}", "不是年份")
        return others

    def params(self, unit: str, year: str) -> Path:
        """
        Return the folder of parameters of one report.

        Raises:
            UnsafeNameError: where *unit* or *year* is no plain name.
            UnknownReportError: where there is no such folder; the message says what there is and what to type.
        """
        self._check_names(unit, year)
        folder = self.unit(unit)
        if year not in self.years(unit):
            raise UnknownReportError(f"单位“{unit}”没有{year}年的资料。{self._known_years(unit)}")
        return folder / year

    def find(self, unit: str, year: str) -> Path | None:
        """
        Return the folder of parameters of one report, or None where there is none.

        Raises:
            UnsafeNameError: where *unit* or *year* is no plain name.
        """
        self._check_names(unit, year)
        folder = self._parameters / unit / year
        return folder if folder.is_dir() else None

    def fresh(self, unit: str, year: str) -> Path:
        """
        Return where the folder of parameters of a report that is still to be begun goes.

        Raises:
            UnsafeNameError: where *unit* or *year* is no plain name.
            NewReportError: where something stands there already.
        """
        self._check_names(unit, year)
        folder = self._parameters / unit / year
        if folder.exists() or folder.is_symlink():
            raise NewReportError(f"params/{unit}/{year} 已经有了，没有改动它。要重新建立，请先把它移走或改名。")
        return folder

    def output(self, unit: str, *names: str) -> Path:
        """
        Return the folder of outputs of *unit* that *names* lead to: a year's, or that of another paper of the unit or the year.

        Raises:
            UnsafeNameError: where a link would lead it elsewhere, or a file is in its place.
        """
        folder = self.outputs.joinpath(unit, *names)
        for each in (*reversed(folder.parents[: len(names)]), folder):
            shown = each.relative_to(self.root).as_posix()
            if each.is_symlink():
                raise UnsafeNameError(
                    f"{shown} 是一个链接，成果会写到 {folder.relative_to(self.root).as_posix()} 之外，请删去这个链接。"
                )
            if each.exists() and not each.is_dir():
                raise UnsafeNameError(f"{shown} 是一个文件，成果要放在同名的文件夹中，请把它移走。")
        return folder

    def notebook(self, name: str, unit: str = "") -> Path:
        """
        Return the notebook called *name*, which all units share, or the own one of *unit* where that has one.

        Raises:
            UnknownReportError: where there is none.
        """
        own = self._parameters / unit / OWN_NOTEBOOK
        if unit and own.is_file():
            return own
        path = self.root / "notebooks" / name
        if not path.is_file():
            raise UnknownReportError(f"没有笔记本 notebooks/{name}。")
        return path

    def example(self) -> str:
        """Return how one of its reports is named in a script."""
        found = self.reports()[:1] or [("单位", "年份")]
        return f"({found[0][0]!r}, {found[0][1]})"

    def _check_unit(self, unit: str) -> None:
        if not _UNIT.fullmatch(unit):
            raise UnsafeNameError(f"单位“{unit}”不是文件夹名：{UNIT_WORDS}。{self._known_units()}")

    def _check_names(self, unit: str, year: str) -> None:
        self._check_unit(unit)
        if not _YEAR.fullmatch(year):
            raise UnsafeNameError(f"年份“{year}”不是四位数的年份，如 2013。{self._known_years(unit)}")

    def _known_units(self) -> str:
        latest = dict(self.reports())
        if not latest:
            return "params/ 下还没有单位和年份。"
        unit, year = next(iter(latest.items()))
        return f"已有单位：{some(self.units())}；如：make report UNIT={unit} YEAR={year}"

    def _known_years(self, unit: str) -> str:
        years = self.years(unit) if unit in self.units() else []
        if not years:
            return self._known_units()
        return f"已有年份：{listed(years)}；如：make report UNIT={unit} YEAR={years[-1]}"


def located(reference: str | Path | int, year: str | int | None, start: Path) -> Path:
    """
    Return the folder of parameters of the report that is meant.

    Args:
        reference: a unit, with its *year*; or `unit/year`, `params/unit/year`, or the folder itself; or a year that one unit alone has.

        start: the folder that a relative path begins in; the project is the nearest around it that holds `params/`.

    Raises:
        UnsafeNameError: where a unit or year is no plain name.
        UnknownReportError: where there is no such report, or several are meant; the message says what was tried and what there is.
    """
    words = str(reference).strip()
    years = [] if year is None else [str(year)]
    tried = start.joinpath(words, *years)
    if words and (tried / YAML).is_file():
        return tried
    project = around(start)
    names = [part for part in PurePath(words, *years).parts if part not in {".", ".."}]
    names = names[names[:1] == ["params"] :]
    if len(names) == 1:
        # Among the outputs of a unit its years go by themselves, as among its parameters.
        inside = PurePath(os.path.relpath(start.resolve(), project.root)).parts
        if inside[:1] == ("outputs",) and len(inside) > 1 and names[0] in project.years(inside[1]):
            return project.params(inside[1], names[0])
        return _only(project, names[0])
    if len(names) != 2 or PurePath(words).is_absolute():  # noqa: PLR2004 - a unit and a year
        raise UnknownReportError(f"没有 {tried}，或其中没有 {YAML}。写单位和年份，如：{project.example()}")
    return project.params(*names)


def around(start: Path) -> Project:
    """
    Return the project that the folder *start* is in, or else the one that this library is in.

    Raises:
        UnknownReportError: where no folder around it holds `params/`.
    """
    start = start.resolve()
    # At last the folder that this library lies in, for who calls it from anywhere.
    for folder in (start, *start.parents, Path(__file__).parents[3]):
        if (folder / "params").is_dir():
            return Project(folder)
    raise UnknownReportError(
        f"从 {start} 往上找，没有含 params/ 的文件夹：请先进入项目的文件夹，或写出 params/单位/年份 的全路径。"
    )


def _only(project: Project, name: str) -> Path:
    """Return the one report that a unit or a year alone can mean."""
    is_year = _YEAR.fullmatch(name) is not None and name not in project.units()
    found = [pair for pair in project.reports() if name == pair[1 if is_year else 0]]
    if len(found) == 1:
        return project.params(*found[0])
    if not found:
        if not is_year:
            project.unit(name)
        raise UnknownReportError(f"没有{name}{'年的资料' if is_year else '的年份'}。已有：{_pairs(project.reports())}")
    what = f"有{name}年资料的单位不止一个" if is_year else f"单位“{name}”有几年的资料"
    raise UnknownReportError(f"{what}：{_pairs(found)}。请写明单位和年份，如：({found[0][0]!r}, {found[0][1]})")


def _pairs(reports: Sequence[tuple[str, str]]) -> str:
    return some([f"{unit} {year}" for unit, year in reports]) or "还没有"


def years_in(unit: Path) -> list[str]:
    """Return the years that have a folder in the folder *unit*."""
    return _folders(unit, _YEAR)


def some(names: Sequence[str]) -> str:
    """Return *names* for a message; of very many, the first."""
    shown = listed(names[:_MOST_NAMES])
    return f"{shown} 等{len(names)}个" if len(names) > _MOST_NAMES else shown


def too_large(shown: str, most: int = MOST_BYTES) -> Problem:
    """Return what is wrong with a file of more than *most* bytes."""
    return Problem(file=shown, found=f"文件大于{most // 1_000_000}MB", remedy="检查是否放错了文件")


def _units_and_years(parent: Path) -> Pairs:
    return [(unit, year) for unit in _folders(parent, _UNIT) for year in years_in(parent / unit)]


def _others(parent: Path, pattern: Pattern[str], shown: str, reason: str) -> Pairs:
    """Return (folder, why) of *parent*, called *shown*, where nobody may look into it, and of what in it is not called so."""
    if parent.is_dir() and not os.access(parent, os.R_OK | os.X_OK):
        return [(shown, "没有读取的权限")]
    names = [entry.name for entry in _entries(parent)]
    return [(f"{shown}/{name}", reason) for name in names if name[0] != "." and not pattern.fullmatch(name)]


def _folders(parent: Path, pattern: Pattern[str]) -> list[str]:
    return [entry.name for entry in _entries(parent) if pattern.fullmatch(entry.name)]


def _entries(parent: Path) -> list[os.DirEntry[str]]:
    """Return the folders in *parent* in order; none where it is not there, no folder, or nobody may look into it."""
    try:
        with os.scandir(parent) as entries:
            return sorted(filter(_is_folder, entries), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Tell whether *entry* is a folder or leads to one; a link that leads nowhere is none, and no error."""
    if entry.is_symlink():
        return os.path.isdir(entry)  # noqa: PTH112 - `Path.is_dir` and `DirEntry.is_dir` raise at some such links
    return entry.is_dir()
