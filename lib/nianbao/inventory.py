"""
What lies in `outputs/`: one entry for each report, as its own files say it, and a plain word where they cannot be believed.

Nothing is built, recomputed or repaired here. `manifest.json` is what is believed, and another file only where the manifest holds
its hash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import carried, manifest
from .errors import UnsafeNameError
from .freshness import SEAL
from .verdict import DIFFERS, SAME, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from .project import Project

FINAL, DRAFT, ABSENT, SPOILED, OUTDATED = "成稿", "草稿", "未生成", "清单损坏", "清单版本不同"
VERIFIED, UNEQUAL, UNFINISHED = "已核对", "核对不一致", "未核对完"

FINDINGS, VERDICT = "findings.json", "verdict.json"
_ALONE = "只有清单，没有成果文件"
PAGES = ("report.html", "report.pdf", "report.docx", "tables.xlsx")

_FINDINGS = [{"severity": str, "accepted": bool}]
_VERDICT = {"counts": {"*": {SAME: int, DIFFERS: int, SKIPPED: int}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One report as it lies there.

    Args:
        state: `FINAL`, `DRAFT`, `ABSENT`, `SPOILED` or `OUTDATED`.

        doubt: what of it is not believed, and why.

        verified: `VERIFIED`, `UNEQUAL`, `UNFINISHED`, or empty where nobody has verified it since it was built.

        waiting, accepted: how many findings wait, and how many were accepted; None where that cannot be told.

        values: the exact values of the figures asked for, by id.

        pages: which of `PAGES` are there.
    """

    unit: str
    year: str
    state: str
    doubt: str = ""
    title: str = ""
    form: str = ""
    verified: str = ""
    waiting: int | None = None
    accepted: int | None = None
    values: Mapping[str, str | None] = field(default_factory=dict)
    pages: tuple[str, ...] = ()


def take(project: Project, figures: Collection[str] = ()) -> Iterator[Entry]:
    """Yield an entry for each report that has parameters or outputs, by unit and year, with the values of *figures*."""
    for unit, year in sorted({*project.reports(), *project.built()}):
        yield entry(project, unit, year, figures)


def entry(project: Project, unit: str, year: str, figures: Collection[str] = ()) -> Entry:
    """Return what the outputs of *unit* for *year* say of themselves, with the values of *figures*."""
    try:
        folder = project.output(unit, year)
        held = carried.sealed(folder / SEAL)
    except (FileNotFoundError, NotADirectoryError):
        return Entry(unit=unit, year=year, state=ABSENT)
    except UnsafeNameError as error:
        return Entry(unit=unit, year=year, state=SPOILED, doubt=str(error))
    except OSError as error:
        return Entry(unit=unit, year=year, state=SPOILED, doubt=f"{SEAL} 不能读取：{error.strerror}")
    if held is None:
        return Entry(unit=unit, year=year, state=SPOILED, doubt=f"{SEAL} 残缺或被改动，不是本工具写出的样子")
    pages = tuple(name for name in PAGES if (folder / name).is_file())
    if held["schema"] != manifest.SCHEMA:
        state, doubt = (OUTDATED, f"{SEAL} {carried.other_version(held['schema'])}") if pages else (ABSENT, _ALONE)
        return Entry(unit=unit, year=year, state=state, doubt=doubt)
    report = held["report"]
    if (report["unit"], report["year"]) != (unit, year):
        doubt = f"{SEAL} 是“{report['unit']}/{report['year']}”的，不是这份报告的"
        return Entry(unit=unit, year=year, state=SPOILED, doubt=doubt)
    told: dict[str, Any] = {"title": report["title"], "form": report["form"]}
    told["values"] = {name: held["figures"][name]["value"] for name in figures if name in held["figures"]}
    if not pages:
        return Entry(unit=unit, year=year, state=ABSENT, doubt=_ALONE, **told)
    told |= _findings(folder, held["outputs"])
    return Entry(unit=unit, year=year, state=DRAFT if report["draft"] else FINAL, verified=_verified(folder), pages=pages, **told)


def _findings(folder: Path, outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return how many findings there are, from the file whose hash is in the manifest and from no other."""
    try:
        content = carried.content(folder / FINDINGS)
    except OSError:
        return {"doubt": f"{FINDINGS} 不能读取"}
    same = content is not None and manifest.digest(content) == outputs.get(FINDINGS)
    held = carried.from_json(content, _FINDINGS) if same else None
    if held is None:
        return {"doubt": f"{FINDINGS} 与清单不符"}
    accepted = sum(each["accepted"] for each in held)
    return {"accepted": accepted, "waiting": sum(not each["accepted"] and each["severity"] != "info" for each in held)}


def _verified(folder: Path) -> str:
    """Return what the verification came to that was made since the report was built."""
    path = folder / VERDICT
    try:
        if path.stat().st_mtime_ns < (folder / SEAL).stat().st_mtime_ns:
            return ""
        held = carried.from_json(carried.content(path), _VERDICT)
    except OSError:
        return ""
    if held is None:
        return UNFINISHED
    same, differs, skipped = (sum(depth[outcome] for depth in held["counts"].values()) for outcome in (SAME, DIFFERS, SKIPPED))
    if differs:
        return UNEQUAL
    return VERIFIED if same and not skipped else UNFINISHED
