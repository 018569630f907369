"""
A province that does not exist: a project with as many units as asked for, each a copy of one of this project's reports.

    python benchmarks/province.py FOLDER UNITS

Names, tables and prose are those of the copied report, so every unit costs what that report costs; only `unit` differs.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ("specimen/2025", "longtan/2013")


def make(folder: Path, units: int, reports: tuple[str, ...] = REPORTS) -> list[tuple[str, str]]:
    """Make a project of *units* in *folder*, copying *reports* in turn, and return its (unit, year) in order."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / "requirements.lock", folder)
    made = []
    for number in range(units):
        copied = reports[number % len(reports)]
        unit, year = f"unit{number:05d}", copied.partition("/")[2]
        target = folder / "params" / unit / year
        shutil.copytree(ROOT / "params" / copied, target)
        declared = (target / "report.yaml").read_text("utf-8")
        (target / "report.yaml").write_text(declared.replace(f"\nunit: {copied.partition('/')[0]}\n", f"\nunit: {unit}\n"), "utf-8")
        made.append((unit, year))
    return made


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
