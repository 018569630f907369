"""
The seal of a build: what went in, what came out, and every figure as a string, by hash and value.

Two builds of the same inputs give the same bytes. Only `environment` may differ between machines; it is told, not compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from . import installed
from .blocks import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .document import Document
    from .figures import Figure

# 1 held the hash of each file of the library among the inputs; 2 holds one for each part of it that can change a report.
SCHEMA = 2
# The folders of the library that can change a report, "" for what lies in none. Commands and audits cannot.
SEALED = ("", "fonts", "forms", "templates", "workbook")
# Where the inputs that come with the library stand in a manifest.
FORMS = "forms/"
PACKAGES = (
    "ipykernel",
    "jinja2",
    "matplotlib",
    "mistune",
    "nbconvert",
    "papermill",
    "pikepdf",
    "pypdfium2",
    "pyyaml",
    "typst",
    "uharfbuzz",
    "xlsxwriter",
)

_LIBRARY = Path(__file__).parent


def text(value: Any) -> str:
    """Return *value* as JSON that is the same each time and reads line by line."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def digest(content: bytes) -> str:
    """Return the SHA-256 of *content*."""
    return hashlib.sha256(content).hexdigest()


@cache
def library() -> MappingProxyType[str, str]:
    """Return one hash for each part of this library that can change a report: as it was when first asked for in this process."""
    return MappingProxyType({part or _LIBRARY.name: _digest_of(_LIBRARY / part, deep=bool(part)) for part in SEALED})


def shipped(sealed: Mapping[str, Any], used: Iterable[str] = ()) -> dict[str, str]:
    """
    Return the hashes of forms as they come with this library: of the report's in *sealed*, those among its inputs, and others *used*.

    Names that are no form of this library are left out, whatever they are: those of a manifest may be made up.
    """
    names = {*sealed["inputs"], *used, f"{FORMS}{sealed['report']['form']}.yaml"}
    files = {f"{FORMS}{file.name}": file for file in (_LIBRARY / FORMS).iterdir()}
    return {name: digest(file.read_bytes()) for name, file in files.items() if name in names}


def _digest_of(folder: Path, *, deep: bool) -> str:
    """
    Return the hash of the files in *folder*: what `sha256sum` prints of them, sorted by name, hashed once more.

    Args:
        deep: whether the files in the folders below count too.
    """
    lines = []
    for place, folders, names in os.walk(folder):
        if not deep:
            folders.clear()
        for name in names:
            if not name.endswith((".pyc", ".pyo")):
                path = os.path.join(place, name)  # noqa: PTH118 - a path object for each takes as long
                with open(path, "rb") as file:  # noqa: PTH123
                    shown = os.path.relpath(path, folder).replace(os.sep, "/")
                    lines.append(f"{digest(file.read())}  {shown}\n")
    return digest("".join(sorted(lines, key=lambda line: line.partition("  ")[2])).encode())


def figures(document: Document, cells: Mapping[str, list[str]], elements: Mapping[str, list[str]]) -> Any:
    """
    Return what `figures.json` holds: every figure shown or computed.

    Args:
        cells: the notebook cells that show each figure; `elements` the elements of the HTML page.
    """
    found = {figure.id: figure for figure in document.figures}
    found |= {figure.id: figure for finding in document.findings for figure in finding.figures()}
    parts = (part for finding in document.findings for part in finding.parts if not isinstance(part, str))
    found |= {part.id: part for part in parts if part.id not in found}
    return [figure(each, cells.get(each.id, []), elements.get(each.id, [])) for each in found.values()]


def findings(document: Document) -> Any:
    """Return what `findings.json` holds."""
    return [
        {
            "id": finding.id,
            "rule": finding.rule,
            "severity": finding.severity,
            "accepted": finding.accepted,
            "reason": plain(document.reason(finding)) if finding.accepted else "",
            "cells": list(finding.cells),
            "left": _exact(finding.left),
            "right": _exact(finding.right),
            "difference": _exact(finding.difference),
            "implied": [{"cell": cell, "value": _exact(figure)} for cell, figure in finding.implied],
            "sentence": finding.sentence,
        }
        for finding in document.findings
    ]


def seal(document: Document, inputs: Mapping[str, bytes], shown: Any, *, draft: bool) -> dict[str, Any]:
    """Return what a manifest says before there are outputs; a report carries this much of it inside itself."""
    report = document.report
    return {
        "schema": SCHEMA,
        "report": {"unit": report.unit, "year": str(report.year), "form": report.form.id, "title": report.title, "draft": draft},
        "inputs": {name: digest(content) for name, content in sorted(inputs.items())},
        "library": dict(library()),
        "figures": {figure["id"]: {"value": figure["value"], "display": figure["display"]} for figure in shown},
    }


def with_outputs(sealed: Mapping[str, Any], outputs: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what `manifest.json` holds: *sealed*, the hash of every output, and the environment."""
    hashes = {name: digest(content) for name, content in sorted(outputs.items())}
    return {**sealed, "outputs": hashes, "environment": dict(environment())}


@cache
def environment() -> MappingProxyType[str, Any]:
    """Return what may differ between machines, to be told beside a result: Python, platform, packages."""
    told = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: installed.version(name) for name in PACKAGES},
    }
    return MappingProxyType(told)


def figure(shown: Figure, cells: list[str], elements: list[str]) -> dict[str, Any]:
    """Return what `figures.json` says of one figure, and where it is shown."""
    return {
        "id": shown.id,
        "label": shown.label,
        "kind": shown.kind,
        "state": str(shown.quantity.state),
        "value": shown.quantity.exact,
        "display": shown.display,
        "unit": shown.unit,
        "formula": shown.formula,
        "inputs": list(shown.inputs),
        "source": shown.source,
        "note": shown.note,
        "shown": {"cells": cells, "html": elements},
    }


def _exact(figure: Figure | None) -> str | None:
    return figure.quantity.exact if figure else None
