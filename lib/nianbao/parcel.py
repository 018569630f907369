"""
What travels of one report between machines: its inputs there, its outputs back, and what must hold before an answer is believed.

All of it is plain text and bytes by name, so that two versions of this library can still tell each other that they differ. How it
is sent is not known here, and nothing is built or put into place.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import carried, manifest
from .freshness import SEAL
from .project import check_parameters, parameter_files, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .form import Form
    from .project import Project

FAILED, LOCK = "report.failed.ipynb", "requirements.lock"
# Every file of a report's outputs: no other name is ever taken from an answer, and no path.
NAMES = (
    "report.ipynb",
    "report.html",
    "report.pdf",
    "report.docx",
    "tables.xlsx",
    "data.csv",
    "datapackage.json",
    "figures.json",
    "findings.json",
    SEAL,
)
_FINGERPRINT = 12


def software() -> dict[str, str]:
    """Return what a report depends on beside its inputs: the hash of this library, the kind of machine, the versions of the rest."""
    told = manifest.environment()
    library = manifest.digest(manifest.text(dict(manifest.library())).encode())
    return {"nianbao": library, "python": told["python"], "platform": told["platform"], **told["packages"]}


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Return in words how the software *there* differs from that *here*; empty where it does not."""
    return "；".join(f"{name} 本机 {_short(here.get(name))}，那边 {_short(there.get(name))}" for name in _unequal(here, there))


def pack(project: Project, unit: str, year: str, forms: Iterable[Form]) -> dict[str, bytes]:
    """
    Return all files that the report of *unit* for *year* can be made from, by path in the project.

    Args:
        forms: the forms there are; only the worker reads which of their notebooks it takes.

    Raises:
        UnknownReportError: where its folder of parameters is not there.
        InvalidInputError: where a file of it is too large, or a link to somewhere else.
    """
    folder = project.params(unit, year)
    folders = folder, folder.with_name(str(int(year) - 1))
    for each in folders:
        check_parameters(each)
    paths = [file for each in folders for file in parameter_files(each)]
    paths += [project.root / "notebooks" / name for name in sorted({form.notebook for form in forms})]
    paths.append(project.root / LOCK)
    return {path.relative_to(project.root).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def unpack(files: Mapping[str, bytes], root: Path, unit: str, year: str) -> None:
    """Make a project in the folder *root* of what was packed of *unit* for *year*."""
    for name in ("notebooks", f"params/{unit}/{year}"):
        (root / name).mkdir(parents=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def collect(folder: Path) -> dict[str, bytes]:
    """Return what a build has left in the folder of outputs *folder*."""
    return {name: (folder / name).read_bytes() for name in (*NAMES, FAILED) if (folder / name).is_file()}


def doubt(unit: str, year: str, sent: Mapping[str, str], library: Mapping[str, str], outputs: Mapping[str, bytes]) -> str:
    """
    Return in words why *outputs* are not what they must be; empty where they are.

    They must be whole, of *unit* and *year*, and made by this library from what was sent.

    Args:
        sent: the hash of each file that was packed; *library*, that of each part of this library.
    """
    strange = sorted({*outputs} ^ {*NAMES})
    if strange:
        return f"缺少或多出文件 {'、'.join(map(repr, strange))}"
    try:
        sealed = json.loads(outputs[SEAL])
    except (ValueError, RecursionError):
        return f"{SEAL} 不能读取"
    if not carried.fits(sealed, carried.MANIFEST) or sealed["schema"] != manifest.SCHEMA:
        return f"{SEAL} 残缺"
    if (sealed["report"]["unit"], sealed["report"]["year"]) != (unit, year):
        return f"{SEAL} 是“{sealed['report']['unit']}/{sealed['report']['year']}”的"
    made = {name: manifest.digest(content) for name, content in outputs.items() if name != SEAL}
    taken = {name: digest for name, digest in sent.items() if not name.startswith("notebooks/") or name in sealed["inputs"]}
    taken |= manifest.shipped(sealed)
    wrong = _unequal(made, sealed["outputs"]) + _unequal(taken, sealed["inputs"]) + _unequal(library, sealed["library"])
    return f"{some(wrong)} 与 {SEAL} 不符" if wrong else ""


def _unequal(found: Mapping[str, str], expected: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {**found, **expected} if found.get(name) != expected.get(name))


def _short(told: str | None) -> str:
    return "没有" if told is None else told[:_FINGERPRINT]
