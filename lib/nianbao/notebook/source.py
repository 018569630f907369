"""
A notebook as its file says it, not run: the one door to nbformat, its parameters, and what is wrong with its sentences.

nbformat imports jsonschema; where JupyterLab is installed, that imports rfc3987_syntax, which builds forty parsers of web addresses
at once and takes most of a second in every process. No notebook is checked for addresses, so here they are built when first asked for.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nianbao.document.document import Document
from nianbao.indicators.errors import InvalidInputError, Problem
from nianbao.indicators.report import Passage
from nianbao.inputs.report import load
from nianbao.page import faces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from nianbao.indicators.findings import Finding
    from nianbao.indicators.form import Form
    from nianbao.inputs.project import Project


PARAMETER = "params_path"

_GRAMMAR = "rfc3987_syntax"
_PROSE = re.compile(r"%%prose[ \t]*\n")


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


def read(path: Path, parameters: tuple[str, ...] = (PARAMETER,)) -> NotebookNode:
    """
    Return the notebook at *path*, which declares *parameters*.

    Raises:
        InvalidInputError: where it is no notebook, or its parameters cell is not what it must be.
    """
    file = f"notebooks/{path.name}"
    try:
        text = path.read_text("utf-8")
        content = json.loads(text)
        if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
            raise ValueError("没有 cells")  # noqa: TRY004, TRY301 - told as every other fault of the file
        notebook = parsed(text)
    except (ValueError, RecursionError) as error:
        found = f"不是有效的笔记本（{error}）"
        raise InvalidInputError([Problem(file=file, found=found, remedy="用 git 恢复它")]) from error
    _check_parameters(notebook, file, parameters)
    return notebook


def _check_parameters(notebook: NotebookNode, file: str, wanted: tuple[str, ...]) -> None:
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    names = [name for cell in tagged for name in re.findall(r"^(\w+)\s*=", cell.source, re.MULTILINE)]
    if len(tagged) != 1 or tuple(names) != wanted:
        found = f"带 parameters 标签的单元格有{len(tagged)}个，声明了：{'、'.join(names) or '无'}"
        allowed = f"只有一个这样的单元格，且只声明 {'、'.join(wanted)}"
        raise InvalidInputError([Problem(file=file, found=found, allowed=allowed)])


def examine(project: Project, unit: str, year: str, forms: Mapping[str, Form]) -> Document:
    """
    Return the report of *unit* for *year* with all findings, those of its notebook's sentences included, without running it.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
    """
    document = Document(load(project.params(unit, year), forms))
    path = project.notebook(document.form.notebook)
    document.take_up(lint(read(path), f"notebooks/{path.name}", document))
    return document


def lint(notebook: NotebookNode, file: str, document: Document) -> list[Finding]:
    """
    Return what is wrong with the sentences of *notebook* as typed.

    Raises:
        InvalidInputError: with every placeholder that names what does not exist.
    """
    findings: list[Finding] = []
    problems: list[Problem] = []
    for passage in _passages(notebook, file):
        try:
            findings += document.lint(passage)
        except InvalidInputError as error:
            problems += error.problems
    if problems:
        raise InvalidInputError(problems)
    for cell in notebook.cells:
        if "aside" not in cell.metadata.get("tags", []):
            findings += document.odd(_lines(cell), f"{file} 单元格{cell.id}")
    return findings


def _lines(cell: NotebookNode) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of *cell* that could be shown: all but comments in code."""
    for number, line in enumerate(cell.source.split("\n"), 1):
        if cell.cell_type == "markdown" or not line.lstrip().startswith("#"):
            yield number, line


def _passages(notebook: NotebookNode, file: str) -> Iterator[Passage]:
    for cell in notebook.cells:
        opening = _PROSE.match(cell.source)
        if cell.cell_type == "code" and opening:
            yield Passage(source=faces.coded(cell.source[opening.end() :]), file=f"{file} 单元格{cell.id}", line=2)
