"""Take the evidence out of a report's own file, and make sure that it has the shape of evidence before anything reads it."""

from __future__ import annotations

import json
import re
import stat
from typing import TYPE_CHECKING, Any

from . import manifest, pdftags
from .errors import DamagedPdfError, UnknownReportError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TEXT_OR_NOTHING = (str, type(None))
_STRINGS: list[Any] = [str]
_FIGURE = {
    **dict.fromkeys(("id", "label", "kind", "state", "display", "unit", "formula", "source", "note"), str),
    "value": _TEXT_OR_NOTHING,
    "inputs": _STRINGS,
    "shown": {"cells": _STRINGS, "html": _STRINGS},
}
_FINDING = {
    **dict.fromkeys(("id", "rule", "severity", "reason", "sentence"), str),
    **dict.fromkeys(("left", "right", "difference"), _TEXT_OR_NOTHING),
    "accepted": bool,
    "cells": _STRINGS,
    "implied": [{"cell": str, "value": _TEXT_OR_NOTHING}],
}
_CHECK = {**dict.fromkeys(("id", "rule", "severity", "words"), str), "cells": _STRINGS, "holds": (bool, type(None))}
_MANIFEST = {
    "schema": int,
    "report": {**dict.fromkeys(("unit", "year", "form", "title"), str), "draft": bool},
    "inputs": {"*": str},
    "library": {"*": str},
    "figures": {"*": {"value": _TEXT_OR_NOTHING, "display": str}},
}
# The manifest as committed has the outputs and the environment too.
MANIFEST = {**_MANIFEST, "outputs": {"*": str}, "environment": {"packages": {"*": str}, "python": str, "platform": str}}
_POLICY = {"places": int, "method": str, "zeros": str, "sum_to_100": _STRINGS, "words": str}
# A dict asks for these keys, `*` for any; a list for items of one shape; a tuple for one of several types.
_COMMON = {
    "files": {"*": str},
    "figures": [_FIGURE],
    "findings": [_FINDING],
    "checks": [_CHECK],
    "manifest": _MANIFEST,
    "policy": _POLICY,
    "report": {"title": str},
}
_OLD = {"schema": int, "inputs": {"*": str}}
PAGE = {**_COMMON, "reading": {"blocks": _STRINGS, "order": [_STRINGS]}}
PDF = {**_COMMON, "reading": _STRINGS, "places": [[_STRINGS]]}
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLACE = 2  # a numeral and its figure
# More than any file of JSON that is written here; nobody shall run out of memory over what was put in its place.
_MOST_BYTES = 50_000_000
_OUTPUT = re.compile(r"[\w-]{1,60}\.[a-z]{1,9}")
_LONGEST_NAME = 255  # bytes, on every file system there is


def from_pdf(content: bytes) -> dict[str, Any]:
    """
    Return the evidence attached to the PDF *content*.

    Raises:
        UnknownReportError: where it is damaged, locked, or carries no evidence.
    """
    try:
        files = pdftags.attached(content)
        held = {name: json.loads(files[f"{name}.json"]) for name in PDF if name != "files"}
        held["files"] = {name: text.decode("utf-8") for name, text in files.items() if name.startswith(("params/", "forms/"))}
    except (KeyError, ValueError, RecursionError, DamagedPdfError) as error:
        raise UnknownReportError("这个 PDF 已损坏、加了密，或没有带齐证据（附件），无法只凭它核对。") from error
    _same_version(held)
    places = held["places"]
    if not fits(held, PDF) or any(len(place) != _PLACE for page in places for place in page):
        raise UnknownReportError("这个 PDF 所带的证据残缺或被改动，不是本工具写出的样子，无法核对。")
    return held


def from_page(content: bytes) -> dict[str, Any]:
    """
    Return the evidence inside the HTML page *content*.

    Raises:
        UnknownReportError: where there is none, or not in the shape of evidence.
    """
    try:
        text = content.decode("utf-8")
        found = re.search(r'<script type="application/json" id="nianbao-evidence">(.*?)</script>', text, re.DOTALL)
        held = json.loads(found[1]) if found else None
    except (ValueError, RecursionError) as error:
        raise UnknownReportError("这个文件读不出证据：不是 UTF-8 的网页，或证据已损坏。") from error
    if held is None:
        raise UnknownReportError("这个文件不是带有证据的报告（应为本工具生成的 .html 或 .pdf）。")
    _same_version(held)
    if not fits(held, PAGE):
        raise UnknownReportError("这个网页所带的证据残缺或被改动，不是本工具写出的样子，无法核对。")
    return dict(held)


def other_version(schema: int) -> str:
    """Return what to say of a manifest of another version than this program writes."""
    age = "旧" if schema < manifest.SCHEMA else "新"
    return f"是{age}版程序写的（清单第{schema}版，本程序是第{manifest.SCHEMA}版）：用写它的那一版核对，或用 make report 重新生成。"


def _same_version(held: Any) -> None:
    sealed: Any = held.get("manifest") if isinstance(held, dict) else None
    if fits(sealed, _OLD) and sealed["schema"] != manifest.SCHEMA:
        raise UnknownReportError(f"这个文件{other_version(sealed['schema'])}")


def content(path: Path) -> bytes | None:
    """
    Return what the file *path* holds, or None where it is too large for what is written here, or a pipe or device, which may never end.

    Raises:
        OSError: where nothing is there, or it cannot be read.
    """
    found = path.stat()
    return path.read_bytes() if stat.S_ISREG(found.st_mode) and found.st_size <= _MOST_BYTES else None


def from_json(content: bytes | None, shape: Any) -> Any:
    """Return what the JSON *content* says, or None where it has not *shape*."""
    try:
        held = json.loads(content or b"")
    except (ValueError, RecursionError):
        return None
    return held if fits(held, shape) else None


def sealed(path: Path) -> Any:
    """
    Return the manifest at *path*, of another version too, or None where it is none.

    Of this version its outputs are names of files in one folder, and no path in it can lead out of the project.

    Raises:
        OSError: where nothing is there, or it cannot be read.
    """
    held = from_json(content(path), _OLD)
    if held is None or held["schema"] != manifest.SCHEMA:
        return held
    held = held if fits(held, MANIFEST) else None
    plain = held is not None and all(map(_OUTPUT.fullmatch, held["outputs"])) and all(map(_is_plain, held["inputs"]))
    return held if plain else None


def _is_plain(name: str) -> bool:
    if name.startswith("/") or ".." in name.split("/"):
        return False
    return len(name.encode()) <= _LONGEST_NAME or all(len(part.encode()) <= _LONGEST_NAME for part in name.split("/"))


def fits(value: Any, shape: Any) -> bool:
    """Tell whether *value* has *shape*; text must be text that can be written out."""
    # Most of what is asked is text: a manifest has hundreds of figures, a province thousands of manifests.
    if shape is str:
        return isinstance(value, str) and _writable(value)
    if isinstance(shape, dict):
        return isinstance(value, dict) and _has_keys(value, shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(each, shape[0]) for each in value)
    if not isinstance(value, shape) or (isinstance(value, bool) and shape is int):
        return False
    return not isinstance(value, str) or _writable(value)


def _writable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not _SURROGATE.search(text))


def _has_keys(value: Mapping[str, Any], shape: Mapping[str, Any]) -> bool:
    if "*" in shape:
        each = shape["*"]
        return all(fits(key, str) and fits(held, each) for key, held in value.items())
    return all(key in value and fits(value[key], each) for key, each in shape.items())
