"""
What builds import and read where they need it, beforehand: nothing is built here.

A process that does so is the one that others are forked from, so that they need not. It must leave no thread, no open socket and no
state of a report behind; every child begins from the same parent.
"""

from __future__ import annotations

import gc
import importlib
import os
import shutil
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from nianbao.build import evidence, gate, manifest, swap
from nianbao.build import inputs as taken
from nianbao.document import charts
from nianbao.document.document import Document, draft_notice
from nianbao.indicators.errors import NotebookFailedError, PublishError
from nianbao.indicators.findings import Finding, open_findings
from nianbao.inputs import formfile
from nianbao.inputs.report import load
from nianbao.notebook import run
from nianbao.notebook import source as notebookfile
from nianbao.notebook import source as sources
from nianbao.page import faces
from nianbao.page.blocks import MIMETYPE, Datum, to_json, walk
from nianbao.render import docx, opendata, xlsx
from nianbao.render import pdf as pdftags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from nianbao.indicators.form import Form
    from nianbao.inputs.project import Project
    from nianbao.page.blocks import Block
    from nianbao.processes.fork import Forked


# Not `matplotlib_inline.backend_inline`, which configures itself at import, nor pyplot, which chooses a backend: drawings go through
# figures of their own.
NOTEBOOK = (
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.zmqshell",
    "jinja2.ext",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "nbclient",
    "nianbao.build.pipeline",
    "nianbao.notebook.engine",
    "nianbao.notebook.shell",
    "nianbao.inputs.project",
    "papermill.execute",
    "tqdm.auto",
)
OUTPUTS = (
    "nianbao.render.exporters",
    "typst",
    "uharfbuzz",
    "fontTools.ttLib.sfnt",
    "pikepdf",
    "pypdfium2",
    "lxml.html",
    "nianbao.render.docx",
    "nianbao.render.xlsx",
)


def preload() -> None:
    """Import what builds need, and set this process ready to be forked; it must have one thread only."""
    # Threads of a numerical library would not live on in a child; one report a process keeps each processor busy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # As a notebook's process has it, where matplotlib asks for it at import.
    os.environ["MPLBACKEND"] = run.BACKEND
    with notebookfile.addresses_on_demand():
        for name in NOTEBOOK:
            importlib.import_module(name)
        for_outputs()
    formfile.shipped()
    # The first notebook has nbformat compile its schema.
    notebookfile.parsed(notebookfile.written(notebookfile.empty()))
    charts.rehearse()
    # What stays for good is not looked through again, so children share its pages with this process.
    gc.collect()
    gc.freeze()


@cache
def for_outputs() -> None:
    """Import what makes outputs of an executed notebook, and read what all of them use: the faces, and this library for the seal."""
    for name in OUTPUTS:
        importlib.import_module(name)
    manifest.library()
    manifest.environment()
    faces.uncovered("0")
    faces.for_typst()


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
        return run.run(path, path.with_name("executed.ipynb"), given, shell, progress=progress)
    except run.CellFailed as error:
        saved = target.parent / f"{path.stem}.failed.ipynb"
        swap.write_beside(saved, notebookfile.written(error.notebook))
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
    from nianbao.render.exporters import (  # noqa: PLC0415
        ReportHTMLExporter,
        ReportPDFExporter,
    )

    page, resources = ReportHTMLExporter().from_notebook_node(notebook)
    pdf, _resources = ReportPDFExporter().from_notebook_node(notebook)
    files = {f"{name}.ipynb": (notebookfile.written(notebook) + "\n").encode(), f"{name}.html": page.encode(), f"{name}.pdf": pdf}
    return files, grouped(resources["shown"])


def cells(notebook: NotebookNode) -> dict[str, list[str]]:
    """Return the cells of *notebook* that show each figure."""
    from nianbao.render.exporters import report_blocks  # noqa: PLC0415

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
    swap.replace(fresh, target)


NAME = "report"


class Job:
    """One build: a snapshot of the inputs, and what becomes of them."""

    def __init__(self, document: Document, source: NotebookNode, path: Path, inputs: dict[str, bytes]) -> None:
        self.document = document
        self.source = source
        self.path = path
        self.inputs = inputs
        document.take_up(sources.lint(source, f"notebooks/{path.name}", document))
        self.executed = source
        # What the notebook needed that only the ordinary kernel has, so that it ran it.
        self.needs: list[str] = []

    @classmethod
    def prepare(cls, project: Project, params: Path, scratch: Path, forms: Mapping[str, Form]) -> Job:
        """
        Copy the inputs to *scratch* and read them there.

        Raises:
            InvalidInputError: where they cannot be used as they stand.
        """
        year, unit = params.name, params.parent.name
        scope = taken.of_report(unit, year)
        taken.copied(project.root, scope, scratch)
        report = load(scratch / taken.PARAMS / unit / year, forms)
        used = [report.form, *([report.last_year.form] if report.last_year else [])]
        notebook = project.notebook(report.form.notebook)
        scope = replace(scope, notebooks=(notebook.name,), forms=tuple(form.id for form in used))
        inputs = taken.copied(project.root, scope, scratch)
        taken.check_text({name: content for name, content in inputs.items() if name.startswith(taken.PARAMS)})
        path = scratch / taken.NOTEBOOKS / notebook.name
        return cls(Document(report), sources.read(path), path, inputs)

    @property
    def waiting(self) -> tuple[Finding, ...]:
        """The findings that make the report a draft."""
        return open_findings(self.document.findings)

    def run(self, shell: Forked | None, *, progress: bool) -> None:
        """
        Execute the notebook in *shell*, or where that is None by the ordinary kernel.

        Raises:
            execute.CellFailed: where a cell raised.
            PublishError: where its outputs are another report's.
        """
        report = self.document.report
        scratch = self.path.with_name("executed.ipynb")
        parameters = {sources.PARAMETER: f"../params/{report.unit}/{report.year}"}
        # Another process is at work then; what comes after it takes half a second to import.
        executed = run.run(self.path, scratch, parameters, shell, progress=progress, told=self.needs.append, meanwhile=for_outputs)
        self.executed = executed
        identify(executed, f"{report.unit}/{report.year}")
        self._zeros()
        executed.metadata["nianbao"] = self._metadata()

    def page(self) -> dict[str, bytes]:
        """Return the web page alone, by its name: the bytes that it has among all outputs."""
        page, carried = self._page()
        gate.check_page(page, gate.allowance(self.document))
        return {f"{NAME}.html": evidence.attach(page, evidence.of_page(carried, page)).encode()}

    def outputs(self) -> dict[str, bytes]:
        """Return every file of the outputs, by name."""
        from nianbao.render.exporters import (  # noqa: PLC0415
            ReportPDFExporter,
            draft_blocks,
            report_blocks,
        )

        body = tuple(block for cell in self.executed.cells for block in report_blocks(cell))
        blocks = (*draft_blocks(self.executed), *body)
        with ThreadPoolExecutor(2) as pool:
            # Typst, which sets the PDF and draws Word's charts, leaves Python to others while it works.
            laid = pool.submit(ReportPDFExporter().from_notebook_node, self.executed)
            word = pool.submit(docx.document, self.executed.metadata.nianbao, body)
            page, carried = self._page()
        pdf, _resources = laid.result()
        places, lost = gate.places(pdf, blocks)
        gate.check(page, pdf, places, lost, gate.allowance(self.document))
        pdf = pdftags.attach(pdf, evidence.attachments(carried, places, gate.pages(pdf)))
        data = opendata.data_csv(self.document.report, self.document.figures)
        made = {
            f"{NAME}.ipynb": (notebookfile.written(self.executed) + "\n").encode(),
            f"{NAME}.html": evidence.attach(page, evidence.of_page(carried, page)).encode(),
            f"{NAME}.pdf": pdf,
            f"{NAME}.docx": word.result(),
            "tables.xlsx": xlsx.tables(self.document.report, self.document.figures),
            opendata.DATA: data,
            opendata.PACKAGE: manifest.text(opendata.datapackage(self.document.report, data)).encode(),
            "figures.json": manifest.text(carried["figures"]).encode(),
            "findings.json": manifest.text(carried["findings"]).encode(),
        }
        return made | {"manifest.json": manifest.text(manifest.with_outputs(carried["manifest"], made)).encode()}

    def _page(self) -> tuple[str, dict[str, Any]]:
        """Return the web page without its panel, and the evidence that the report carries."""
        from nianbao.render.exporters import (  # noqa: PLC0415
            ReportHTMLExporter,
            all_blocks,
        )

        report = self.document.report
        faces.require({*words(all_blocks(self.executed)), report.title, report.name}, report.folder)
        page, resources = ReportHTMLExporter().from_notebook_node(self.executed)
        figures = manifest.figures(self.document, cells(self.executed), grouped(resources["shown"]))
        sealed = manifest.seal(self.document, self.inputs, figures, draft=bool(self.waiting))
        return page, evidence.collect(self.document, self.inputs, figures, manifest.findings(self.document), sealed)

    def stray(self) -> tuple[str, ...]:
        """Return the cells whose outputs are not the library's."""
        return tuple(
            cell.id
            for cell in self.executed.cells
            if any(MIMETYPE not in output.get("data", {}) for output in cell.get("outputs", []))
        )

    def _zeros(self) -> None:
        """Take up the bare zeros that sentences printed while the notebook ran."""
        known = {finding.id for finding in self.document.findings}
        printed = {each["id"]: each["sentence"] for payload in payloads(self.executed) for each in payload["findings"]}
        fresh = {key: sentence for key, sentence in printed.items() if key not in known}
        self.document.take_up(Finding(id=key, rule="T03", severity="warning", parts=(said,)) for key, said in fresh.items())

    def _metadata(self) -> dict[str, Any]:
        report = self.document.report
        date = report.date
        return {
            "title": report.title,
            "title_lines": list(report.title_lines),
            "author": report.name,
            "unit": report.unit,
            "year": str(report.year),
            "date": date.isoformat() if date else "",
            "date_text": f"{date.year}年{date.month}月{date.day}日" if date else "",
            "draft": bool(self.waiting),
            "notice": to_json(draft_notice(self.waiting)),
        }


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
    by: str = run.FORK,
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
    with swap.scratch(project.outputs) as scratch, run.ready(scratch, by, charts.load) as shell:
        say("读取参数，核对勾稽关系")
        job = Job.prepare(project, params, scratch, forms)
        say(f"执行笔记本（{len(job.source.cells)}个单元格）")
        try:
            job.run(shell, progress=progress)
        except run.CellFailed as error:
            raise _failed(error, target, project) from error
        say("生成网页、PDF 和数据文件")
        outputs = job.outputs()
        swap.put(outputs, scratch, target)
    shown = target.relative_to(project.root).as_posix()
    return Built(
        folder=shown,
        files=tuple(outputs),
        findings=job.document.findings,
        waiting=job.waiting,
        stray=job.stray(),
        needs=tuple(job.needs),
    )


def _failed(error: run.CellFailed, target: Path, project: Project) -> NotebookFailedError:
    """Leave the failed notebook beside the last good outputs under another name, and return what to say."""
    saved = target / f"{NAME}.failed.ipynb"
    swap.write_beside(saved, notebookfile.written(error.notebook))
    shown = saved.relative_to(project.root).as_posix()
    return NotebookFailedError(cell=error.cell, source=error.source, reason=error.reason, saved=shown)
