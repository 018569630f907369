"""
The one door to nbformat: notebooks read from text, written as text and made from parts.

nbformat imports jsonschema; where JupyterLab is installed, that imports rfc3987_syntax, which builds forty parsers of web addresses
at once and takes most of a second in every process. No notebook is checked for addresses, so here they are built when first asked for.
"""

from __future__ import annotations

import importlib.util
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbformat import NotebookNode

_GRAMMAR = "rfc3987_syntax"


def parsed(text: str) -> NotebookNode:
    """
    Return the notebook that *text* is.

    Raises:
        ValueError: where it is none; the message is nbformat's first line.
    """
    nbformat = _nbformat()
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        # nbformat trips over what it does not foresee, each time in another way.
        raise ValueError((str(error) or type(error).__name__).splitlines()[0]) from error
    return notebook


def written(notebook: NotebookNode) -> str:
    """Return *notebook* as the text of its file."""
    text: str = _nbformat().writes(notebook)
    return text


def made(parts: Mapping[str, Any]) -> NotebookNode:
    """Return the notebook that consists of *parts*."""
    return _nbformat().from_dict(dict(parts))


def empty() -> NotebookNode:
    """Return a notebook without cells."""
    return made({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})


def _nbformat() -> Any:
    with addresses_on_demand():
        import nbformat  # noqa: PLC0415 - a tenth of a second
    return nbformat


@contextmanager
def addresses_on_demand() -> Iterator[None]:
    """Let what is imported inside take the grammar of web addresses for loaded; it is loaded by the first address to be checked."""
    if _GRAMMAR in sys.modules or importlib.util.find_spec(_GRAMMAR) is None:
        yield
        return
    promise = ModuleType(_GRAMMAR)
    promise.is_valid_syntax = _is_valid_syntax  # type: ignore[attr-defined]
    sys.modules[_GRAMMAR] = promise
    try:
        yield
    finally:
        # Whoever imports it by name gets the real one.
        del sys.modules[_GRAMMAR]


def _is_valid_syntax(term: str, text: str) -> bool:
    return bool(importlib.import_module(_GRAMMAR).is_valid_syntax(term, text))
