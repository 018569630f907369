"""
One report from parameters to published outputs: snapshot, run, write, seal, put into place.

Everything is made in a scratch folder from a copy of the inputs, so what is hashed is what was read; the last good outputs stand
until the new ones are whole.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat

from . import execute, manifest, publish, sources, typeface
from .blocks import MIMETYPE, Datum, to_json, walk
from .document import Document, draft_notice
from .errors import InvalidInputError, NotebookFailedError, Problem, PublishError
from .findings import Finding, open_findings
from .report import PROSE, YAML, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from .form import Form
    from .project import Project

NAME = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """
    What a build came to.

    Args:
        folder: where the outputs are, relative to the project.

        waiting: the findings that make it a draft.

        stray: cells whose output is not the library's and did not enter the report.
    """

    folder: str
    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    waiting: tuple[Finding, ...]
    stray: tuple[str, ...]


def build(
    project: Project, unit: str, year: str, forms: Mapping[str, Form], say: Callable[[str], None], *, progress: bool
) -> Built:
    """
    Build the report of *unit* for *year* and put it into place.

    Args:
        say: told each step as it begins.

        progress: whether the notebook's run draws a bar on the terminal.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
        NotebookFailedError: where a cell raised.
        PublishError: where a step after that was refused.
    """
    params = project.params(unit, year)
    target = project.output(unit, year)
    with publish.scratch(project.outputs) as scratch:
        say("读取参数，核对勾稽关系")
        job = _Job.prepare(project, params, scratch, forms)
        say(f"执行笔记本（{len(job.source.cells)}个单元格）")
        job.run(target, progress=progress)
        say("生成网页、PDF 和数据文件")
        outputs = job.outputs()
        fresh = scratch / "new"
        fresh.mkdir()
        for name, content in outputs.items():
            (fresh / name).write_bytes(content)
        publish.replace(fresh, target)
    shown = target.relative_to(project.root).as_posix()
    return Built(folder=shown, files=tuple(outputs), findings=job.findings, waiting=job.waiting, stray=job.stray())


def examine(project: Project, unit: str, year: str, forms: Mapping[str, Form]) -> Document:
    """
    Return the report of *unit* for *year* with all findings, those of its notebook's sentences included, without running it.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
    """
    folder = project.params(unit, year)
    document = Document(load(folder, f"params/{unit}/{year}", forms))
    path = project.notebook(document.form.notebook)
    document.findings = (*document.findings, *sources.lint(sources.read(path), f"notebooks/{path.name}", document))
    return document


class _Job:
    """One build: a snapshot of the inputs, and what becomes of them."""

    def __init__(self, document: Document, source: NotebookNode, path: Path, inputs: dict[str, bytes]) -> None:
        self.document = document
        self.source = source
        self.path = path
        self.inputs = inputs
        self.findings = (*document.findings, *sources.lint(source, f"notebooks/{path.name}", document))
        self.waiting = open_findings(self.findings)
        self.executed = source

    @classmethod
    def prepare(cls, project: Project, params: Path, scratch: Path, forms: Mapping[str, Form]) -> _Job:
        """Copy the inputs to *scratch* and read them there."""
        year, unit = params.name, params.parent.name
        copied = scratch / "params" / unit
        for folder in (params, params.with_name(str(int(year) - 1))):
            (copied / folder.name).mkdir(parents=True)
            for file in _parameters(folder):
                shutil.copyfile(file, copied / folder.name / file.name)
        document = Document(load(copied / year, f"params/{unit}/{year}", forms))
        path = scratch / "notebooks" / document.form.notebook
        path.parent.mkdir()
        shutil.copyfile(project.notebook(path.name), path)
        inputs = {f"notebooks/{path.name}": path.read_bytes()}
        for folder in sorted(copied.iterdir()):
            inputs |= {f"params/{unit}/{folder.name}/{file.name}": file.read_bytes() for file in _parameters(folder)}
        lock = project.root / "requirements.lock"
        if lock.is_file():
            inputs[lock.name] = lock.read_bytes()
        return cls(document, sources.read(path), path, inputs)

    def run(self, target: Path, *, progress: bool) -> None:
        """Execute the notebook; a failed one is left beside the last good outputs under another name."""
        report = self.document.report
        try:
            executed = execute.run(
                self.path, self.path.with_name("executed.ipynb"), f"../params/{report.unit}/{report.year}", progress=progress
            )
        except execute.CellFailed as error:
            saved = target / f"{NAME}.failed.ipynb"
            publish.write_beside(saved, nbformat.writes(error.notebook))
            shown = f"outputs/{report.unit}/{report.year}/{saved.name}"
            raise NotebookFailedError(cell=error.cell, source=error.source, reason=error.reason, saved=shown) from error
        self.executed = executed
        self._identify()
        self._zeros()
        executed.metadata["nianbao"] = self._metadata()

    def outputs(self) -> dict[str, bytes]:
        """Return every file of the outputs, by name."""
        from .exporters import ReportHTMLExporter, ReportPDFExporter, all_blocks  # noqa: PLC0415 - half a second of nbconvert

        self._glyphs(all_blocks(self.executed))
        page, resources = ReportHTMLExporter().from_notebook_node(self.executed)
        pdf, _resources = ReportPDFExporter().from_notebook_node(self.executed)
        figures = manifest.figures(self.document, self.findings, self._cells(), _grouped(resources["shown"]))
        made = {
            f"{NAME}.ipynb": (nbformat.writes(self.executed) + "\n").encode(),
            f"{NAME}.html": page.encode(),
            f"{NAME}.pdf": pdf,
            "figures.json": manifest.text(figures).encode(),
            "findings.json": manifest.text(manifest.findings(self.findings, self.document)).encode(),
        }
        sealed = manifest.seal(self.document, bool(self.waiting), self.inputs, made, figures)
        return made | {"manifest.json": manifest.text(sealed).encode()}

    def stray(self) -> tuple[str, ...]:
        """Return the cells whose outputs are not the library's."""
        return tuple(
            cell.id
            for cell in self.executed.cells
            if any(MIMETYPE not in output.get("data", {}) for output in cell.get("outputs", []))
        )

    def _identify(self) -> None:
        """Make sure that the notebook's outputs are this report's and no other's."""
        report = self.document.report
        found = {payload["report"] for _cell, payload in self._payloads()}
        if found != {f"{report.unit}/{report.year}"}:
            message = (
                f"笔记本的输出属于{'、'.join(sorted(found)) or '未知的报告'}，不是 {report.unit}/{report.year}；成果没有改动。"
            )
            raise PublishError(message)

    def _zeros(self) -> None:
        """Take up the bare zeros that sentences printed while the notebook ran."""
        known = {finding.id for finding in self.findings}
        printed = {each["id"]: each["sentence"] for _cell, payload in self._payloads() for each in payload["findings"]}
        fresh = [
            Finding(id=key, rule="T03", severity="warning", parts=(sentence,))
            for key, sentence in printed.items()
            if key not in known
        ]
        self.findings = (*self.findings, *fresh)
        self.waiting = open_findings(self.findings)

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

    def _glyphs(self, blocks: tuple[Any, ...]) -> None:
        """Refuse characters that no face has, and say where they stand."""
        words = {value for node in walk(blocks) for value in (getattr(node, "text", ""), getattr(node, "caption", "")) if value}
        words |= {self.document.report.title, self.document.report.name}
        missing = typeface.uncovered({character for each in words for character in each})
        problems = []
        for character in missing:
            where = next(each for each in sorted(words) if character in each)
            found = f"字体中没有“{character}”（U+{ord(character):04X}），在“{where[:40]}”中"
            problems.append(Problem(file=self.document.report.folder, found=found, remedy="换用常用字，或在 fonts/ 中补字"))
        if problems:
            raise InvalidInputError(problems)

    def _payloads(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            (cell.id, output.data[MIMETYPE])
            for cell in self.executed.cells
            for output in cell.get("outputs", [])
            if MIMETYPE in output.get("data", {})
        ]

    def _cells(self) -> dict[str, list[str]]:
        """Return the cells that show each figure."""
        from .exporters import report_blocks  # noqa: PLC0415

        pairs = [
            (node.figure, cell.id) for cell in self.executed.cells for node in walk(report_blocks(cell)) if isinstance(node, Datum)
        ]
        return _grouped(dict.fromkeys(pairs))


def _parameters(folder: Path) -> list[Path]:
    """Return the files of *folder* that a report is made from, and none of what editors leave beside them."""
    if not folder.is_dir():
        return []
    found = [folder / YAML, folder / PROSE, *sorted(folder.glob("[!.~]*.csv"))]
    return [file for file in found if file.is_file()]


def _grouped(pairs: Any) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        grouped[key].append(value)
    return grouped
