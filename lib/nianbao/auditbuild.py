"""
Make the auditor's working paper of one report: a published text against its table, as notebook, HTML, PDF and JSON.

It goes to `outputs/<unit>/<year>/audit/`, beside the report that it is about, and is put there whole or not at all.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import execute, manifest, papers, publish
from .auditing import paper, readers
from .document import Document
from .errors import UnknownReportError
from .report import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .form import Form
    from .project import Project

NAME = "audit"
NOTEBOOK = "audit.ipynb"
PARAMETERS = ("params_path", "published_path")

_SUFFIXES = (".txt", ".html", ".htm", ".docx", ".pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What an audit came to; `clean` says that nobody has to look at anything."""

    folder: str
    files: tuple[str, ...]
    paper: paper.WorkingPaper


def build(
    project: Project,
    unit: str,
    year: str,
    published: Path | None,
    forms: Mapping[str, Form],
    say: Callable[[str], None],
    *,
    progress: bool,
) -> Audited:
    """
    Hold *published* (or the text `published.*` beside the parameters) against the table of *unit* for *year*.

    Raises:
        InvalidInputError, UnreadableError: where the parameters or the text cannot be read.
        NotebookFailedError: where a cell of the notebook raised.
        UnknownReportError: where there is no such report or no text.
    """
    params = project.params(unit, year)
    target = project.output(unit, year) / publish.AUDIT
    text = published or _beside(params, f"params/{unit}/{year}")
    with publish.scratch(project.outputs) as scratch, execute.ready(scratch) as shell:
        say("读取公布文本，与统计表逐项核对")
        copied = scratch / "params" / unit / year
        shutil.copytree(params, copied, ignore=shutil.ignore_patterns(".*"))
        working = scratch / f"published{text.suffix}"
        shutil.copyfile(text, working)
        document = Document(load(copied, f"params/{unit}/{year}", forms))
        made = paper.WorkingPaper(document, readers.read(working, text.name))
        say("执行审计底稿，生成网页和 PDF")
        given = dict(zip(PARAMETERS, (f"../params/{unit}/{year}", f"../{working.name}"), strict=True))
        executed = papers.executed(project, scratch, NOTEBOOK, given, shell, target, progress=progress)
        executed.metadata["nianbao"] = _metadata(document)
        outputs, _shown = papers.pages(executed, NAME)
        outputs["findings.json"] = manifest.text(made.record()).encode()
        papers.put(outputs, scratch, target)
    return Audited(folder=target.relative_to(project.root).as_posix(), files=tuple(outputs), paper=made)


def _beside(params: Path, shown: str) -> Path:
    for suffix in _SUFFIXES:
        if (params / f"published{suffix}").is_file():
            return params / f"published{suffix}"
    raise UnknownReportError(f"没有公布文本：放在 {shown}/published.txt（或 .html、.docx、.pdf），或用 --published 指明文件。")


def _metadata(document: Document) -> dict[str, Any]:
    report = document.report
    lines = [*report.title_lines, "审计工作底稿"]
    blank = {"date": "", "date_text": "", "draft": False, "notice": []}
    return {
        "title": "".join(lines),
        "title_lines": lines,
        "author": report.name,
        "unit": report.unit,
        "year": str(report.year),
        **blank,
    }
