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
    from collections.abc import Mapping

    from .document import Document
    from .figures import Figure

SCHEMA = 1
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
    """Return the hash of every file of this library, by its path in the project: as it was when first asked for in this process."""
    found = {}
    for folder, _folders, names in os.walk(_LIBRARY):
        place = f"lib/nianbao{folder.removeprefix(str(_LIBRARY))}".replace(os.sep, "/")
        for name in names:
            if not name.endswith((".pyc", ".pyo")):
                with open(os.path.join(folder, name), "rb") as file:  # noqa: PTH118, PTH123 - a path object for each takes as long
                    found[f"{place}/{name}"] = digest(file.read())
    return MappingProxyType(dict(sorted(found.items())))


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
        "inputs": {name: digest(content) for name, content in sorted(inputs.items())} | library(),
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
