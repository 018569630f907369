"""
What a notebook may be before it is run, and what is wrong with its text.

A report notebook has one cell tagged `parameters`, which declares `params_path` and nothing else; its sentences are `%%prose`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from . import notebookfile
from .errors import InvalidInputError, Problem
from .narrative import Passage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbformat import NotebookNode

    from .document import Document
    from .findings import Finding

PARAMETER = "params_path"
_PROSE = re.compile(r"%%prose[ \t]*\n")


def read(path: Path, parameters: tuple[str, ...] = (PARAMETER,)) -> NotebookNode:
    """
    Return the notebook at *path*, which declares *parameters*.

    Raises:
        InvalidInputError: where it is no notebook, or its parameters cell is not what it must be.
    """
    file = f"notebooks/{path.name}"
    try:
        text = path.read_text("utf-8")
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(file, str(error)) from error
    if not isinstance(held, dict) or not isinstance(held.get("cells"), list):
        raise _unreadable(file, "没有 cells")
    try:
        notebook = notebookfile.parsed(text)
    except ValueError as error:
        raise _unreadable(file, str(error)) from error
    problems = list(_parameters(notebook, file, parameters))
    if problems:
        raise InvalidInputError(problems)
    return notebook


def _unreadable(file: str, reason: str) -> InvalidInputError:
    return InvalidInputError([Problem(file=file, found=f"不是有效的笔记本（{reason}）", remedy="用 git 恢复它")])


def lint(notebook: NotebookNode, file: str, document: Document) -> list[Finding]:
    """
    Return what is wrong with the sentences of *notebook* as typed.

    Raises:
        InvalidInputError: with every placeholder that names what does not exist.
    """
    found: list[Finding] = []
    problems: list[Problem] = []
    for passage in _passages(notebook, file):
        try:
            found += document.lint(passage)
        except InvalidInputError as error:
            problems += error.problems
    if problems:
        raise InvalidInputError(problems)
    return found


def _passages(notebook: NotebookNode, file: str) -> Iterator[Passage]:
    for cell in notebook.cells:
        opening = _PROSE.match(cell.source)
        if cell.cell_type == "code" and opening:
            yield Passage(source=cell.source[opening.end() :], file=f"{file} 单元格{cell.id}", line=2)


def _parameters(notebook: NotebookNode, file: str, wanted: tuple[str, ...]) -> Iterator[Problem]:
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    names = [name for cell in tagged for name in re.findall(r"^(\w+)\s*=", cell.source, re.MULTILINE)]
    if len(tagged) != 1 or tuple(names) != wanted:
        found = f"带 parameters 标签的单元格有{len(tagged)}个，声明了：{'、'.join(names) or '无'}"
        yield Problem(file=file, found=found, allowed=f"只有一个这样的单元格，且只声明 {'、'.join(wanted)}")
