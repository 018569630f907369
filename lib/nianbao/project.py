"""
Where things are: the folder that holds `params/`, `notebooks/` and `outputs/`, and the names of units and years.

Names from outside become paths only here, and only where they are plain folder names that exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import NewReportError, UnknownReportError, UnsafeNameError

if TYPE_CHECKING:
    from pathlib import Path

# A report's folder holds these two and a table for each of its form's.
YAML, PROSE = "report.yaml", "narrative.md"

_UNIT = re.compile(r"\w[\w-]{0,63}")
_YEAR = re.compile(r"2[0-9]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of reports."""

    root: Path

    @property
    def outputs(self) -> Path:
        """The folder that everything generated goes to."""
        return self.root / "outputs"

    def units(self) -> list[str]:
        """Return the units that have a folder of parameters."""
        return _folders(self.root / "params", _UNIT)

    def years(self, unit: str) -> list[str]:
        """Return the years of *unit* that have a folder of parameters."""
        return _folders(self.root / "params" / unit, _YEAR)

    def params(self, unit: str, year: str) -> Path:
        """
        Return the folder of parameters of one report.

        Raises:
            UnsafeNameError: where *unit* or *year* is no plain name.
            UnknownReportError: where there is no such folder; the message says what there is and what to type.
        """
        self._check_names(unit, year)
        if unit not in self.units():
            raise UnknownReportError(f"没有单位“{unit}”。{self._known_units()}")
        if year not in self.years(unit):
            raise UnknownReportError(f"单位“{unit}”没有{year}年的资料。{self._known_years(unit)}")
        return self.root / "params" / unit / year

    def fresh(self, unit: str, year: str) -> Path:
        """
        Return where the folder of parameters of a report that is still to be begun goes.

        Raises:
            UnsafeNameError: where *unit* or *year* is no plain name.
            NewReportError: where something stands there already.
        """
        self._check_names(unit, year)
        folder = self.root / "params" / unit / year
        if folder.exists() or folder.is_symlink():
            raise NewReportError(f"params/{unit}/{year} 已经有了，没有改动它。要重新建立，请先把它移走或改名。")
        return folder

    def output(self, unit: str, year: str) -> Path:
        """
        Return the folder of one report's outputs.

        Raises:
            UnsafeNameError: where a link would lead it elsewhere.
        """
        folder = self.outputs / unit / year
        for each in (folder.parent, folder):
            if each.is_symlink():
                shown = each.relative_to(self.root).as_posix()
                raise UnsafeNameError(f"{shown} 是一个链接，成果会写到 outputs/{unit}/{year} 之外，请删去这个链接。")
        return folder

    def notebook(self, name: str) -> Path:
        """
        Return the notebook called *name*.

        Raises:
            UnknownReportError: where there is none.
        """
        path = self.root / "notebooks" / name
        if not path.is_file():
            raise UnknownReportError(f"没有笔记本 notebooks/{name}。")
        return path

    def _check_names(self, unit: str, year: str) -> None:
        if not _UNIT.fullmatch(unit):
            raise UnsafeNameError(f"单位“{unit}”不是文件夹名：只能用文字、数字、“_”和“-”，不能是路径。{self._known_units()}")
        if not _YEAR.fullmatch(year):
            raise UnsafeNameError(f"年份“{year}”不是四位数的年份，如 2013。{self._known_years(unit)}")

    def _known_units(self) -> str:
        units = self.units()
        whole = [unit for unit in units if self.years(unit)]
        if not whole:
            return "params/ 下还没有单位和年份。"
        return f"已有单位：{'、'.join(units)}；如：make report UNIT={whole[0]} YEAR={self.years(whole[0])[-1]}"

    def _known_years(self, unit: str) -> str:
        years = self.years(unit) if unit in self.units() else []
        if not years:
            return self._known_units()
        return f"已有年份：{'、'.join(years)}；如：make report UNIT={unit} YEAR={years[-1]}"


def parameter_files(folder: Path) -> list[Path]:
    """Return the files of *folder* that a report is made from, and none of what editors leave beside them."""
    if not folder.is_dir():
        return []
    found = [folder / YAML, folder / PROSE, *sorted(folder.glob("[!.~]*.csv"))]
    return [file for file in found if file.is_file()]


def _folders(parent: Path, pattern: re.Pattern[str]) -> list[str]:
    if not parent.is_dir():
        return []
    return sorted(entry.name for entry in parent.iterdir() if entry.is_dir() and pattern.fullmatch(entry.name))
