"""
The seal of what is made: the hashes of inputs, of the parts of this library and of outputs, and every figure.

Here it is written, with what may differ between machines, and read back where it has the shape in which it is written.

Versions of packages are read from the names of their folders: `importlib.metadata` reads each package's description as a letter with
headers, a fifth of the time of finding out that nothing changed, and is asked where a folder's name does not tell.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import stat
import sys
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nianbao.inputs.yaml import STRING, STRING_OR_NOTHING, Keys, MapOf, Of, from_json, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nianbao.build.inputs import Files
    from nianbao.document.document import Document
    from nianbao.indicators.figures import Figure
    from nianbao.indicators.findings import Finding
    from nianbao.inputs.yaml import Json, Shape


_SUFFIX = ".dist-info"


def version(name: str) -> str:
    """
    Return the version of the package *name*, the first on the path as for `import`.

    Raises:
        importlib.metadata.PackageNotFoundError: where it is not installed.
    """
    wanted = _plain(name)
    for folder in sys.path:
        found = [version for package, version in _packages(folder) if package == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            # What an update left behind.
            break
    from importlib import metadata  # noqa: PLC0415 - see the module

    return metadata.version(name)


@cache
def _packages(folder: str) -> tuple[tuple[str, str], ...]:
    """Return (package, version) of each that is installed in *folder*."""
    try:
        names = os.listdir(folder or ".")  # noqa: PTH208 - names, not files
    except OSError:
        # A zip file, or a folder that is not there: both may stand on the path.
        return ()
    parts = (name.removesuffix(_SUFFIX).partition("-") for name in names if name.endswith(_SUFFIX))
    return tuple((_plain(package), version) for package, _dash, version in parts if version)


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


# 1 held the hash of each file of the library among the inputs; 2 holds one for each part of it that can change a report.
SCHEMA = 2
# The packages of the library that can change a report; commands, audits, previews and the like cannot.
SEALED = ("indicators", "forms", "inputs", "page", "reading", "prose", "document", "notebook", "render", "build")
PACKAGES = (
    "ipykernel",
    "jinja2",
    "matplotlib",
    "mistune",
    "nbconvert",
    "papermill",
    "pikepdf",
    "pypdfium2",
    "python-docx",
    "pyyaml",
    "typst",
    "uharfbuzz",
    "xlsxwriter",
)

_LIBRARY = Path(__file__).parents[1]


def text(value: Any) -> str:
    """Return *value* as JSON that is the same each time and reads line by line."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def digest(content: bytes) -> str:
    """Return the SHA-256 of *content*."""
    return hashlib.sha256(content).hexdigest()


@cache
def library() -> MappingProxyType[str, str]:
    """Return one hash for each part of this library that can change a report: as it was when first asked for in this process."""
    return MappingProxyType({part: _digest_of(_LIBRARY / part) for part in SEALED})


def _digest_of(folder: Path) -> str:
    """Return the hash of the files in *folder*: what `sha256sum` prints of them, sorted by name, hashed once more."""
    lines = []
    for place, _folders, names in os.walk(folder):
        for name in names:
            if not name.endswith((".pyc", ".pyo")):
                path = os.path.join(place, name)  # noqa: PTH118 - a path object for each takes as long
                with open(path, "rb") as file:  # noqa: PTH123
                    shown = os.path.relpath(path, folder).replace(os.sep, "/")
                    lines.append(f"{digest(file.read())}  {shown}\n")
    return digest("".join(sorted(lines, key=lambda line: line.partition("  ")[2])).encode())


def every_figure(document: Document) -> dict[str, Figure]:
    """Return every figure that *document* shows or computes, by id: its own, and those of findings."""
    every = {figure.id: figure for figure in document.figures} | document.calculated
    every |= {figure.id: figure for finding in document.findings for figure in finding.figures()}
    for finding in document.findings:
        for part in finding.parts:
            if not isinstance(part, str):
                every.setdefault(part.id, part)
    return every


def figures(listed: Iterable[Figure], cells: Mapping[str, list[str]], elements: Mapping[str, list[str]]) -> list[Json]:
    """
    Return what `figures.json` holds.

    Args:
        listed: the figures; `cells` of the notebook that show each, by its id, and `elements` of the web page.
    """
    return [
        {
            "id": figure.id,
            "label": figure.label,
            "kind": figure.kind,
            "state": str(figure.quantity.state),
            "value": figure.quantity.exact,
            "display": figure.display,
            "unit": figure.unit,
            "formula": figure.formula,
            "inputs": list(figure.inputs),
            "source": figure.source,
            "note": figure.note,
            "shown": {"cells": cells.get(figure.id, []), "html": elements.get(figure.id, [])},
        }
        for figure in listed
    ]


def findings(found: Iterable[Finding], reason: Callable[[Finding], str] = attrgetter("reason")) -> list[Json]:
    """
    Return what `findings.json` holds.

    Args:
        reason: why one that was accepted was, as it is printed.
    """
    return [
        {
            "id": finding.id,
            "rule": finding.rule,
            "severity": finding.severity,
            "accepted": finding.accepted,
            "reason": reason(finding) if finding.accepted else "",
            "cells": list(finding.cells),
            "left": _exact(finding.left),
            "right": _exact(finding.right),
            "difference": _exact(finding.difference),
            "implied": [{"cell": cell, "value": _exact(figure)} for cell, figure in finding.implied],
            "sentence": finding.sentence,
        }
        for finding in found
    ]


def seal(heading: Json, inputs: Files, shown: Any) -> Json:
    """
    Return what a manifest says before there are outputs; a report carries this much of it inside itself.

    Args:
        heading: what it is that is sealed; `shown` are its figures as in their file.
    """
    return {
        "schema": SCHEMA,
        **heading,
        "inputs": {name: digest(content) for name, content in sorted(inputs.items())},
        "library": dict(library()),
        "figures": {figure["id"]: {"value": figure["value"], "display": figure["display"]} for figure in shown},
    }


def with_outputs(sealed: Json, outputs: Files) -> Json:
    """Return what `manifest.json` holds: *sealed*, the hash of every output, and the environment."""
    hashes = {name: digest(content) for name, content in sorted(outputs.items())}
    return {**sealed, "outputs": hashes, "environment": dict(environment())}


@cache
def environment() -> MappingProxyType[str, Any]:
    """Return what may differ between machines, to be told beside a result: Python, platform, packages."""
    told = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: version(name) for name in PACKAGES},
    }
    return MappingProxyType(told)


def _exact(figure: Figure | None) -> str | None:
    return figure.quantity.exact if figure else None


CARRIED_MANIFEST = keys(
    schema=Of(int),
    report=keys(**dict.fromkeys(("unit", "year", "form", "title"), STRING), draft=Of(bool)),
    inputs=MapOf(STRING),
    library=MapOf(STRING),
    figures=MapOf(keys(value=STRING_OR_NOTHING, display=STRING)),
)
# The manifest as committed has the outputs and the environment too.
MANIFEST = {
    **CARRIED_MANIFEST.shapes,
    "outputs": MapOf(STRING),
    "environment": keys(packages=MapOf(STRING), python=STRING, platform=STRING),
}
ANY_MANIFEST = keys(schema=Of(int), inputs=MapOf(STRING))
# More than any file of JSON that is written here; nobody shall run out of memory over what was put in its place.
_MOST_BYTES = 50_000_000
_OUTPUT = re.compile(r"[\w-]{1,60}\.[a-z]{1,9}")
_LONGEST_NAME = 255  # bytes, on every file system there is


def other_version(schema: int) -> str:
    """Return what to say of a manifest of another version than this program writes."""
    age = "旧" if schema < SCHEMA else "新"
    return f"是{age}版程序写的（清单第{schema}版，本程序是第{SCHEMA}版）：用写它的那一版核对，或用 make report 重新生成。"


def content(path: Path) -> bytes | None:
    """
    Return what the file *path* holds, or None where it is too large for what is written here, or a pipe or device, which may never end.

    Raises:
        OSError: where nothing is there, or it cannot be read.
    """
    found = path.stat()
    return path.read_bytes() if stat.S_ISREG(found.st_mode) and found.st_size <= _MOST_BYTES else None


def sealed(path: Path) -> Any:
    """
    Return the manifest at *path*, of another version too, or None where it is none.

    Of this version its outputs are names of files in one folder, and no path in it can lead out of the project.

    Raises:
        OSError: where nothing is there, or it cannot be read.
    """
    held = from_json(content(path), ANY_MANIFEST)
    if held is None or held["schema"] != SCHEMA:
        return held
    held = held if fits(held, MANIFEST) else None
    plain = held is not None and all(map(_OUTPUT.fullmatch, held["outputs"])) and all(map(_is_plain, held["inputs"]))
    return held if plain else None


def _is_plain(name: str) -> bool:
    if name.startswith("/") or ".." in name.split("/"):
        return False
    return len(name.encode()) <= _LONGEST_NAME or all(len(part.encode()) <= _LONGEST_NAME for part in name.split("/"))


def fits(value: Any, shapes: Mapping[str, Shape]) -> bool:
    """Tell whether *value* has these keys, each of its shape."""
    return Keys(shapes).holds(value)
