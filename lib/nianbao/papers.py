"""
What the papers made of a notebook have in common: a copy executed in the scratch folder, its displays, its pages, its place.

Which paper, of what and with which files, is the business of the modules that build reports, audits and trends.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from . import execute, notebookfile, publish, sources
from .blocks import MIMETYPE, Datum, walk
from .errors import NotebookFailedError, PublishError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from .blocks import Block
    from .forking import Forked
    from .project import Project


def executed(
    project: Project, scratch: Path, name: str, given: Mapping[str, str], shell: Forked | None, target: Path, *, progress: bool
) -> NotebookNode:
    """
    Return the notebook *name* of *project* executed in *scratch* with the parameters *given*.

    Args:
        shell: what `execute.ready` gave.

        target: the folder that its outputs are for; a notebook that failed is kept beside it.

    Raises:
        NotebookFailedError: where a cell raised.
    """
    path = scratch / "notebooks" / name
    path.parent.mkdir()
    shutil.copyfile(project.notebook(name), path)
    sources.read(path, tuple(given))
    try:
        return execute.run(path, path.with_name("executed.ipynb"), given, shell, progress=progress)
    except execute.CellFailed as error:
        saved = target.parent / f"{path.stem}.failed.ipynb"
        publish.write_beside(saved, notebookfile.written(error.notebook))
        shown = saved.relative_to(project.root).as_posix()
        raise NotebookFailedError(cell=error.cell, source=error.source, reason=error.reason, saved=shown) from error


def payloads(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return the displays that the outputs of *notebook* carry, in order."""
    return [
        output.data[MIMETYPE] for cell in notebook.cells for output in cell.get("outputs", []) if MIMETYPE in output.get("data", {})
    ]


def identify(notebook: NotebookNode, owner: str) -> None:
    """
    Make sure that the displays of *notebook* are those of *owner*.

    Raises:
        PublishError: where one is another's.
    """
    found = {payload["report"] for payload in payloads(notebook)}
    if found != {owner}:
        raise PublishError(f"笔记本的输出属于{'、'.join(sorted(found)) or '未知的报告'}，不是 {owner}；成果没有改动。")


def words(blocks: tuple[Block, ...]) -> set[str]:
    """Return every text that *blocks* show."""
    return {value for node in walk(blocks) for value in (getattr(node, "text", ""), getattr(node, "caption", "")) if value}


def pages(notebook: NotebookNode, name: str) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """Return the executed *notebook*, its HTML page and its PDF as files called *name*; and the elements that show each figure."""
    from .exporters import ReportHTMLExporter, ReportPDFExporter  # noqa: PLC0415 - half a second of nbconvert

    page, resources = ReportHTMLExporter().from_notebook_node(notebook)
    pdf, _resources = ReportPDFExporter().from_notebook_node(notebook)
    files = {f"{name}.ipynb": (notebookfile.written(notebook) + "\n").encode(), f"{name}.html": page.encode(), f"{name}.pdf": pdf}
    return files, grouped(resources["shown"])


def cells(notebook: NotebookNode) -> dict[str, list[str]]:
    """Return the cells of *notebook* that show each figure."""
    from .exporters import report_blocks  # noqa: PLC0415

    pairs = [(node.figure, cell.id) for cell in notebook.cells for node in walk(report_blocks(cell)) if isinstance(node, Datum)]
    return grouped(dict.fromkeys(pairs))


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the second of *pairs* by the first, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def put(outputs: Mapping[str, bytes], scratch: Path, target: Path) -> None:
    """Write *outputs* by name and put their folder where *target* is."""
    fresh = scratch / "new"
    fresh.mkdir()
    for name, content in outputs.items():
        (fresh / name).write_bytes(content)
    publish.replace(fresh, target)
