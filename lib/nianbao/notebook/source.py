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
from functools import partial
from pathlib import PurePosixPath
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nianbao.document import cells
from nianbao.document.document import ASIDE, PARAMETER, Document
from nianbao.indicators import frozen
from nianbao.indicators.errors import InvalidInputError, Problem
from nianbao.indicators.report import Passage
from nianbao.inputs.project import OWN_CELLS, OWN_NOTEBOOK
from nianbao.inputs.report import load
from nianbao.page import faces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from nianbao.indicators.errors import Problems
    from nianbao.indicators.findings import Finding
    from nianbao.indicators.form import Form, Forms
    from nianbao.indicators.values import Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json


_GRAMMAR = "rfc3987_syntax"
_PROSE = re.compile(r"%%prose[ \t]*\n")
_TITLE = re.compile(r"#[ \t]+(.+?)[ \t#]*(?:\n|\Z)")
# What the ids of the cells begin with that a unit adds to the shared notebook.
_OWN = "own-"


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


def read(path: Path, file: str, parameters: Strings = (PARAMETER,)) -> NotebookNode:
    """
    Return the notebook at *path*, called *file* in messages, which declares *parameters*.

    Raises:
        InvalidInputError: where it is no notebook, or its parameters cell is not what it must be.
    """
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


def _check_parameters(notebook: NotebookNode, file: str, wanted: Strings) -> None:
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    names = [name for cell in tagged for name in re.findall(r"^(\w+)\s*=", cell.source, re.MULTILINE)]
    if len(tagged) != 1 or not {*wanted} <= {*names}:
        found = f"带 parameters 标签的单元格有{len(tagged)}个，声明了：{'、'.join(names) or '无'}"
        allowed = f"只有一个这样的单元格，声明 {'、'.join(wanted)}"
        raise InvalidInputError([Problem(file=file, found=found, allowed=allowed)])


def examine(project: Project, unit: str, year: str, forms: Forms) -> Document:
    """
    Return the report of *unit* for *year* with all findings, those of its notebook's sentences included, without running it.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
    """
    document = Document(load(project.params(unit, year), forms))
    document.take_up(lint(of_report(project, unit, document.form), document))
    return document


def of_report(project: Project, unit: str, form: Form) -> Source:
    """
    Return the notebook of the reports of *unit* on *form*.

    Raises:
        InvalidInputError: where it cannot be used.
    """
    file = project.notebook(form.notebook, unit).relative_to(project.root).as_posix()
    return complete(project.root, file, unit, form)


@frozen
class Source:
    """
    A notebook to be run, and whose it is.

    Args:
        file: how messages call it, its path in the project; *folder*, where it is run from.

        own: the file of the cells that a unit added to the shared one, which have ids of their own.
    """

    notebook: NotebookNode
    file: str
    folder: str
    own: str = ""

    def home(self, cell: NotebookNode) -> str:
        """Return the file that *cell* stands in."""
        return self.own if self.own and cell.id.startswith(_OWN) else self.file


def complete(root: Path, file: str, unit: str, form: Form) -> Source:
    """
    Return the notebook *file* of the project in *root*, with the cells that *unit* adds to it.

    Raises:
        InvalidInputError: where one of the two is no notebook, or the cells have no place in it.
    """
    notebook = read(root / file, file)
    folder = PurePosixPath(f"params/{unit}")
    own = (folder / OWN_CELLS).as_posix()
    if not (root / own).is_file():
        return Source(notebook=notebook, file=file, folder=PurePosixPath(file).parent.as_posix())
    if PurePosixPath(file).parent == folder:
        found = f"和 {OWN_NOTEBOOK} 都有"
        raise InvalidInputError([Problem(file=own, found=found, allowed="两个之中的一个", remedy="把用不到的移走")])
    groups = _by_chapter(read(root / own, own), own, form)
    return Source(notebook=_inserted(notebook, groups, own, file), file=file, folder=folder.as_posix(), own=own)


def begun(shared: NotebookNode, form: Form, unit: str, year: str, *, whole: bool) -> NotebookNode:
    """
    Return a notebook of the own of *unit* to begin with, which opens the report for *year*.

    Args:
        whole: the shared one with its own parameters; else cells to be added to it, the first chapter of *form* standing for all.
    """
    parameters = f'UNIT = "{unit}"\nYEAR = {year}\n{PARAMETER} = ""'
    if whole:
        notebook = made(shared)
        for cell in notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = parameters
        return notebook
    titles = "、".join(f"“{chapter.title}”" for chapter in form.chapters)
    about = (
        "# 本单位加的单元格\n\n生成报告时，这里的单元格加进共用的笔记本：一级标题写一章的标题，其后的单元格接在这一章自己的文字之后。"
        f"各章是：{titles}。\n\n数据放在旁边的 `data/` 中，这里写 `data/文件名`。图、表的题写在单元格的第一行：`# 图：……`、`# 表：……`。"
    )
    opening = f'import nianbao\n\nreport = nianbao.open({PARAMETER} or f"{{UNIT}}/{{YEAR}}")\nreport'
    first = next(chapter.title for chapter in form.chapters if chapter.prose == "required")
    sources = [
        ("about", "markdown", about, [ASIDE]),
        ("parameters", "code", parameters, ["parameters"]),
        ("open", "code", opening, []),
        ("chapter", "markdown", f"# {first}", []),
    ]
    cells: list[Json] = [
        {"id": name, "cell_type": kind, "source": source, "metadata": {"tags": tags} if tags else {}}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for name, kind, source, tags in sources
    ]
    return made({**shared, "cells": cells})


def _by_chapter(added: NotebookNode, file: str, form: Form) -> dict[str, list[NotebookNode]]:
    """Return the cells of *added* by the chapter whose title stands over them, as in a narrative; under "" those before the first."""
    titles = {" ".join(chapter.title.split()): chapter.id for chapter in form.chapters}
    groups: dict[str, list[NotebookNode]] = {"": []}
    chapter = ""
    problems = []
    for cell in added.cells:
        tags = cell.metadata.get("tags", [])
        found = _TITLE.match(cell.source) if cell.cell_type == "markdown" and ASIDE not in tags else None
        if found:
            title = " ".join(found[1].split())
            chapter = titles.get(title, "")
            if not chapter:
                allowed = "、".join(f"“{each}”" for each in titles)
                problems.append(Problem(file=file, found=f"单元格“# {title}”不是本表式的章", allowed=f"一级标题：{allowed}"))
            groups.setdefault(chapter, [])
            cell.source = cell.source[found.end() :].strip("\n")
        if "parameters" not in tags and cell.source.strip():
            cell.id = _OWN + cell.id
            groups[chapter].append(cell)
    if problems:
        raise InvalidInputError(problems)
    return groups


def _inserted(shared: NotebookNode, groups: Mapping[str, list[NotebookNode]], file: str, into: str) -> NotebookNode:
    """Return *shared* with each group after the cell that shows the year's own prose of its chapter, the first after the opening."""
    places = {chapter: rf"""\.narrative\(\s*["']{re.escape(chapter)}["']""" for chapter in groups if chapter} | {"": r"\bopen\("}
    cells: list[NotebookNode] = []
    left = dict(groups)
    for cell in shared.cells:
        cells.append(cell)
        for chapter in [each for each in left if cell.cell_type == "code" and re.search(places[each], cell.source)]:
            cells += left.pop(chapter)
    problems = [
        Problem(file=file, found=f'{into} 没有 report.narrative("{chapter}")', remedy=f"写一个 {OWN_NOTEBOOK}")
        for chapter, cells in left.items()
        if cells
    ]
    if problems:
        raise InvalidInputError(problems)
    return made({**shared, "cells": cells})


def lint(given: Source, document: Document) -> list[Finding]:
    """
    Return what is wrong with the sentences of the notebook *given*, as typed.

    Raises:
        InvalidInputError: with every placeholder that names what does not exist.
    """
    findings: list[Finding] = []
    problems: Problems = []
    for _home, passage in passages(given, document):
        problems += _problems(lambda: findings.extend(document.lint(passage)))  # noqa: B023 - done at once
        problems += _problems(partial(document.rendered, passage))
    # What the year's own prose says was looked at when it was read; whether its pictures are there was not.
    for passage in document.report.narrative.values():
        problems += _problems(partial(document.rendered, passage, 1))
    if problems:
        raise InvalidInputError(list(dict.fromkeys(problems)))
    for index, cell in _shown(given):
        findings += document.odd(_lines(cell), cells.in_file(given.home(cell), given.notebook.cells, index, document))
    return findings


def _problems(work: Callable[[], object]) -> Problems:
    """Return what is wrong with the input that *work* looks at."""
    try:
        work()
    except InvalidInputError as error:
        return list(error.problems)
    return []


def _shown(given: Source) -> Iterator[tuple[int, NotebookNode]]:
    """Yield the cells that a reader sees something of, numbered."""
    for index, cell in enumerate(given.notebook.cells):
        if ASIDE not in cell.metadata.get("tags", []):
            yield index, cell


def _lines(cell: NotebookNode) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of *cell* that could be shown: all but comments in code."""
    for number, line in enumerate(cell.source.split("\n"), 1):
        if cell.cell_type == "markdown" or not line.lstrip().startswith("#"):
            yield number, line


def passages(given: Source, document: Document) -> Iterator[tuple[str, Passage]]:
    """Yield the prose of the notebook, Markdown cells and those that begin with `%%prose`, each with the file that it stands in."""
    for index, cell in _shown(given):
        opening = _PROSE.match(cell.source)
        file = cells.in_file(given.home(cell), given.notebook.cells, index, document)
        if cell.cell_type == "markdown":
            yield given.home(cell), Passage(source=faces.coded(cell.source), file=file)
        elif cell.cell_type == "code" and opening:
            yield given.home(cell), Passage(source=faces.coded(cell.source[opening.end() :]), file=file, line=2)
