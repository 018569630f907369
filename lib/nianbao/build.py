"""
One report from parameters to published outputs: made by a `Job`, then put into place.

Everything is made in a scratch folder from a copy of the inputs, so what is hashed is what was read; the last good outputs stand
until the new ones are whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import charts, execute, notebookfile, publish
from .errors import NotebookFailedError
from .job import NAME, Job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .findings import Finding
    from .form import Form
    from .project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """
    What a build came to.

    Args:
        folder: where the outputs are, relative to the project.

        waiting: the findings that make it a draft.

        stray: cells whose output is not the library's and did not enter the report.

        needs: what the notebook needed that only the ordinary kernel has.
    """

    folder: str
    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    waiting: tuple[Finding, ...]
    stray: tuple[str, ...]
    needs: tuple[str, ...]


def build(
    project: Project,
    unit: str,
    year: str,
    forms: Mapping[str, Form],
    say: Callable[[str], None],
    *,
    progress: bool,
    by: str = execute.FORK,
) -> Built:
    """
    Build the report of *unit* for *year* and put it into place.

    Args:
        say: told each step as it begins.

        progress: whether the notebook's run draws a bar on the terminal.

        by: how the notebook is run, `execute.FORK` or `execute.KERNEL`.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
        NotebookFailedError: where a cell raised.
        PublishError: where a step after that was refused.
    """
    params = project.params(unit, year)
    target = project.output(unit, year)
    with publish.scratch(project.outputs) as scratch, execute.ready(scratch, by, charts.load) as shell:
        say("读取参数，核对勾稽关系")
        job = Job.prepare(project, params, scratch, forms)
        say(f"执行笔记本（{len(job.source.cells)}个单元格）")
        try:
            job.run(shell, progress=progress)
        except execute.CellFailed as error:
            raise _failed(error, target, project) from error
        say("生成网页、PDF 和数据文件")
        outputs = job.outputs()
        publish.put(outputs, scratch, target)
    shown = target.relative_to(project.root).as_posix()
    return Built(
        folder=shown,
        files=tuple(outputs),
        findings=job.document.findings,
        waiting=job.waiting,
        stray=job.stray(),
        needs=tuple(job.needs),
    )


def _failed(error: execute.CellFailed, target: Path, project: Project) -> NotebookFailedError:
    """Leave the failed notebook beside the last good outputs under another name, and return what to say."""
    saved = target / f"{NAME}.failed.ipynb"
    publish.write_beside(saved, notebookfile.written(error.notebook))
    shown = saved.relative_to(project.root).as_posix()
    return NotebookFailedError(cell=error.cell, source=error.source, reason=error.reason, saved=shown)
