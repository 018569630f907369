"""
One report in the making: a snapshot of its inputs, its notebook's run, and every file that comes of it, in memory.

Nothing here is put into place; `build` publishes, `verify` compares.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from . import (
    evidence,
    execute,
    formfile,
    gate,
    manifest,
    notebookfile,
    opendata,
    panel,
    papers,
    pdftags,
    pdftext,
    sources,
    typeface,
    warm,
)
from .blocks import MIMETYPE, to_json
from .document import Document, draft_notice
from .findings import Finding, open_findings
from .project import check_parameters, check_text, parameter_files
from .report import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from .forking import Forked
    from .form import Form
    from .project import Project

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
        copied = scratch / "params" / unit
        for folder in (params, params.with_name(str(int(year) - 1))):
            (copied / folder.name).mkdir(parents=True)
            check_parameters(folder)
            for file in parameter_files(folder):
                shutil.copyfile(file, copied / folder.name / file.name)
        document = Document(load(copied / year, f"params/{unit}/{year}", forms))
        path = scratch / "notebooks" / document.form.notebook
        path.parent.mkdir()
        shutil.copyfile(project.notebook(path.name), path)
        inputs: dict[str, bytes] = {}
        for folder in sorted(copied.iterdir()):
            inputs |= {f"params/{unit}/{folder.name}/{file.name}": file.read_bytes() for file in parameter_files(folder)}
        check_text(inputs)
        inputs[f"notebooks/{path.name}"] = path.read_bytes()
        last = document.report.last_year
        inputs |= formfile.carried(document.form, last.form if last else None)
        lock = project.root / "requirements.lock"
        if lock.is_file():
            inputs[lock.name] = lock.read_bytes()
        return cls(document, sources.read(path), path, inputs)

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
        executed = execute.run(
            self.path, scratch, parameters, shell, progress=progress, told=self.needs.append, meanwhile=warm.for_outputs
        )
        self.executed = executed
        papers.identify(executed, f"{report.unit}/{report.year}")
        self._zeros()
        executed.metadata["nianbao"] = self._metadata()

    def page(self) -> dict[str, bytes]:
        """Return the web page alone, by its name: the bytes that it has among all outputs."""
        page, carried = self._page()
        gate.check_page(page, gate.allowance(self.document))
        return {f"{NAME}.html": panel.attach(page, evidence.of_page(carried, page)).encode()}

    def outputs(self) -> dict[str, bytes]:
        """Return every file of the outputs, by name."""
        # nbconvert takes half a second to import.
        from . import wordpage, workbook  # noqa: PLC0415
        from .exporters import ReportPDFExporter, draft_blocks, report_blocks  # noqa: PLC0415

        body = tuple(block for cell in self.executed.cells for block in report_blocks(cell))
        blocks = (*draft_blocks(self.executed), *body)
        with ThreadPoolExecutor(2) as pool:
            # Typst, which sets the PDF and draws Word's charts, leaves Python to others while it works.
            laid = pool.submit(ReportPDFExporter().from_notebook_node, self.executed)
            word = pool.submit(wordpage.document, self.executed.metadata.nianbao, body)
            page, carried = self._page()
        pdf, _resources = laid.result()
        places, lost = pdftext.places(pdf, blocks)
        gate.check(page, pdf, places, lost, gate.allowance(self.document))
        pdf = pdftags.attach(pdf, evidence.attachments(carried, places, pdftext.pages(pdf)))
        data = opendata.data_csv(self.document.report, self.document.figures)
        made = {
            f"{NAME}.ipynb": (notebookfile.written(self.executed) + "\n").encode(),
            f"{NAME}.html": panel.attach(page, evidence.of_page(carried, page)).encode(),
            f"{NAME}.pdf": pdf,
            f"{NAME}.docx": word.result(),
            "tables.xlsx": workbook.tables(self.document.report, self.document.figures),
            opendata.DATA: data,
            opendata.PACKAGE: manifest.text(opendata.datapackage(self.document.report, data)).encode(),
            "figures.json": manifest.text(carried["figures"]).encode(),
            "findings.json": manifest.text(carried["findings"]).encode(),
        }
        return made | {"manifest.json": manifest.text(manifest.with_outputs(carried["manifest"], made)).encode()}

    def _page(self) -> tuple[str, dict[str, Any]]:
        """Return the web page without its panel, and the evidence that the report carries."""
        from .exporters import ReportHTMLExporter, all_blocks  # noqa: PLC0415

        report = self.document.report
        typeface.require({*papers.words(all_blocks(self.executed)), report.title, report.name}, report.folder)
        page, resources = ReportHTMLExporter().from_notebook_node(self.executed)
        figures = manifest.figures(self.document, papers.cells(self.executed), papers.grouped(resources["shown"]))
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
        printed = {each["id"]: each["sentence"] for payload in papers.payloads(self.executed) for each in payload["findings"]}
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
