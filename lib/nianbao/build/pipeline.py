"""
One way from inputs to files in their place: copied and read once, the notebook run, the files written, held to the gate and sealed.

A report is made here; a working paper is a `Job` as well, and so are the papers over many reports, a trend and a roll-up
(`GatheredJob`): their classes say what is read, what is sealed and which files there are. `preload` imports all that beforehand, for a process that others are copied from.
"""

from __future__ import annotations

import gc
import importlib
import os
from abc import ABC, abstractmethod
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field, replace
from functools import cache, cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from nianbao.build import evidence, gate, inputs, manifest, swap
from nianbao.document import cells, charts
from nianbao.document.document import MADE, PARAMETER, SHOWN, Document, Opened, draft_notice
from nianbao.indicators import frozen
from nianbao.indicators.errors import InvalidInputError, NotebookFailedError, Problem, PublishError
from nianbao.indicators.findings import open_findings
from nianbao.inputs import formfile
from nianbao.inputs.report import load
from nianbao.notebook import run, source
from nianbao.notebook.source import Source
from nianbao.page import faces
from nianbao.page.blocks import MIMETYPE, Datum, Heading, figures_of, plain, walk
from nianbao.render import outputs
from nianbao.render import pdf as pdftags
from nianbao.render.outputs import Output

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

    from nianbao.build.evidence import Told
    from nianbao.build.inputs import Files, Scope
    from nianbao.indicators.findings import Findings
    from nianbao.indicators.form import Forms
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json
    from nianbao.page.blocks import Notice
    from nianbao.processes.fork import Forked
    from nianbao.render.exporters import Executed


NAME = "report"


class Job(ABC):
    """
    One making, step by step.

    Args:
        scope: what it is made from, as far as that is known before anything is read.

        scratch: the folder to work in.
    """

    # What its files are called; what is said as its notebook is run, and as its files are written.
    name: ClassVar[str]
    running: ClassVar[str]
    writing: ClassVar[str] = "生成网页、PDF 和数据文件"
    # What the notebook opens; the report whose names it bears, and the year or the word that stands for one; the folder of its
    # parameters; the lines of its title; its day.
    opened: Opened
    report: AnnualReport
    place: str
    folder: str
    title_lines: Strings
    date: datetime.date | None = None
    # The name of the notebook, its parameters (paths in the project), and the forms that were read.
    notebook_name: str
    given: dict[str, str]
    forms: Strings
    # What the notebook shows; the web page without its panel, and the PDF without its attachments, with what stands where in it.
    executed: Executed
    html: str
    set_pdf: bytes
    places: list[list[list[str]]]
    # What `figures.json` and the manifest hold, the latter without the hashes of the outputs; what the pages carry inside.
    figures: Any
    sealed: Json
    carried: Json

    def __init__(self, project: Project, scope: Scope, scratch: Path, forms: Forms) -> None:
        inputs.copied(project.root, scope, scratch)
        self.read(scratch / inputs.PARAMS / scope.unit, scope, forms)
        file = self.notebook_file(project)
        shared = (PurePosixPath(file).name,) if file.startswith(inputs.NOTEBOOKS) else ()
        self.inputs = inputs.copied(project.root, replace(scope, notebooks=shared, forms=self.forms), scratch)
        inputs.check_text(self.enclosed())
        self.source = self.sourced(scratch, file)
        # It is run as from where it lies, so that the same words open the same file in JupyterLab.
        self.path = scratch / self.source.folder / PurePosixPath(file).name
        self.path.write_text(source.written(self.source.notebook), "utf-8")
        self.given = {name: os.path.relpath(path, self.source.folder) for name, path in self.given.items()}
        # What the notebook needed that only the ordinary kernel has, so that it ran it.
        self.needs: list[str] = []
        # The cells whose outputs did not enter it, as people are told of them.
        self.stray: list[str] = []
        self.files: dict[str, bytes] = {}

    @abstractmethod
    def read(self, folder: Path, scope: Scope, forms: Forms) -> None:
        """Read the parameters of a unit in *folder*."""

    def enclosed(self) -> Files:
        """Return the inputs that its pages may carry inside: all."""
        return self.inputs

    def notebook_file(self, project: Project) -> str:
        """Return the path of the notebook in the project."""
        return project.notebook(self.notebook_name).relative_to(project.root).as_posix()

    def sourced(self, root: Path, file: str) -> Source:
        """Return the notebook *file* of the project in *root* as it is to be run."""
        return Source(notebook=source.read(root / file, file, tuple(self.given)), file=file, folder=inputs.NOTEBOOKS)

    @property
    @abstractmethod
    def outputs(self) -> tuple[Output, ...]:
        """The files that are made."""

    @abstractmethod
    def notice(self) -> tuple[Notice, ...]:
        """Return the box that opens a draft, or nothing where it is none."""

    def check(self, lost: list[str]) -> None:
        """
        Make sure that every numeral of its pages is a figure, or may stand there.

        Args:
            lost: the figures' numerals that the PDF does not show.
        """
        gate.check(self.html, self.set_pdf, self.places, lost, self.told.allowance)

    @abstractmethod
    def tell(self) -> Told:
        """Return what it tells, once the notebook was run."""

    @cached_property
    def told(self) -> Told:
        """What it tells."""
        return self.tell()

    def heading(self) -> Json:
        """Return what its manifest says that it is."""
        report, title, draft = self.report, "".join(self.title_lines), bool(self.notice())
        return {
            "report": {"unit": report.unit, "year": self.place, "form": report.form.id, "title": title, "draft": draft},
        }

    def take_up(self, payloads: list[Json]) -> None:  # noqa: B027 - most need nothing of it
        """Take up what the displays of the notebook say beside what they show."""

    def settle(self, notebook: NotebookNode) -> None:
        """Settle what the cells of *notebook* show that the library did not make; a paper has no room for it, and says so."""
        for index, cell in enumerate(notebook.cells):
            payloads = [output.get("data", {}).get(MIMETYPE) for output in cell.get("outputs", [])]
            if any(payload is None or payload["part"] == MADE for payload in payloads):
                self.stray.append(cells.called(notebook.cells, index, {}))

    def take_up_codes(self, notebook: NotebookNode) -> None:  # noqa: B027 - most need nothing of it
        """Take up which characters that no face has the cells of *notebook* show."""

    def run(self, shell: Forked | None, *, progress: bool) -> None:
        """
        Run the notebook in *shell*, or where that is None by the ordinary kernel.

        Raises:
            run.CellFailed: where a cell raised.
            PublishError: where its displays are another's.
        """
        saved = self.path.with_name("executed.ipynb")
        # Another process is at work then; what comes after it takes half a second to import.
        notebook = run.run(self.path, saved, self.given, shell, progress=progress, told=self.needs.append, meanwhile=for_outputs)
        outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
        payloads = [data[MIMETYPE] for data in outputs if MIMETYPE in data]
        owners = {payload["report"] for payload in payloads if payload["part"] != MADE}
        if owners != {self.opened.name}:
            told = "、".join(sorted(owners)) or "未知的报告"
            raise PublishError(f"笔记本的输出属于{told}，不是 {self.opened.name}；成果没有改动。")
        self.take_up(faces.coded(payloads))
        self.settle(notebook)
        shown = faces.coded(notebook)
        if shown != notebook:
            self.take_up_codes(notebook)
        notebook = source.made(shown)
        from nianbao.render.exporters import Executed, about  # noqa: PLC0415 - loaded while the notebook ran

        notebook.metadata["nianbao"] = about(self.report, self.title_lines, self.date, self.notice())
        self.executed = Executed(notebook)
        self._check_levels()

    def _check_levels(self) -> None:
        """
        Make sure that no heading skips a level: no PDF can be made then that a screen reader could follow.

        Raises:
            InvalidInputError: with each that does, and its cell.
        """
        problems, level = [], 1
        for index, blocks in enumerate(self.executed.cells):
            for heading in (each for each in walk(blocks) if isinstance(each, Heading)):
                if heading.level > level + 1:
                    problems.append(self._skipped(index, heading, level))
                level = heading.level
        if problems:
            raise InvalidInputError(problems)

    def _skipped(self, index: int, heading: Heading, level: int) -> Problem:
        all_cells, words = self.executed.notebook.cells, plain(heading.children)
        source = enumerate(all_cells[index].source.split("\n"), 1)
        line = next((number for number, text in source if text.lstrip().startswith("#") and words in text), None)
        found = f"标题“{words}”跳级，是第{heading.level}级，前面的是第{level}级"
        remedy = f"改为第{level + 1}级，或在前面补上上一级的标题"
        return Problem(file=cells.called(all_cells, index, {}), line=line, found=found, remedy=remedy)

    def made(self) -> dict[str, bytes]:
        """
        Return every file of the outputs, by name.

        Raises:
            PublishError: where the gate refuses a page, or one cannot be made.
        """
        from nianbao.render.exporters import ReportPDFExporter  # noqa: PLC0415 - loaded while the notebook ran

        with ThreadPoolExecutor(2) as pool:
            # Typst, which sets the PDF and draws Word's charts, leaves Python to others while it works.
            laid = pool.submit(ReportPDFExporter().from_notebook_node, self.executed)
            early = {output.name: pool.submit(output.write, self) for output in self.outputs if output.early}
            self._set_page()
        self.set_pdf, _resources = laid.result()
        self.places, lost = gate.places(self.set_pdf, self.executed.blocks)
        self.check(lost)
        for output in self.outputs:
            self.files[output.name] = early[output.name].result() if output.early else output.write(self)
        return self.files

    def made_page(self) -> dict[str, bytes]:
        """Return the web page alone, by its name: the bytes that it has among all outputs."""
        self._set_page()
        gate.check_page(self.html, self.told.allowance)
        return {f"{self.name}.html": self.page()}

    def _check_figures(self) -> None:
        """
        Make sure that what is shown as a figure is what that figure prints: a display may have been made by hand.

        Raises:
            PublishError: with each that is not.
        """
        printed = self.told.printed()
        shown = [node for node in walk(self.executed.blocks) if isinstance(node, Datum)]
        nothing: tuple[Strings, str | None] = ((), None)
        false = [node for node in shown if node.text not in printed.get(node.figure, nothing)[0]]
        if false:
            lines = dict.fromkeys(f"  “{node.text}”不是 {node.figure} 的数" for node in false)
            raise PublishError("\n".join(["单元格的输出中有数与来历不符：", *lines, "不要自己拼装输出；上一次的成果没有改动。"]))

    def _set_page(self) -> None:
        """Make the web page, as it is without its panel, and what is sealed of what it shows."""
        from nianbao.render.exporters import ReportHTMLExporter  # noqa: PLC0415 - loaded while the notebook ran

        self._check_figures()
        self.html, resources = ReportHTMLExporter().from_notebook_node(self.executed)
        shown = zip(self.executed.notebook.cells, self.executed.cells, strict=True)
        pairs = [(node.figure, cell.id) for cell, blocks in shown for node in walk(blocks) if isinstance(node, Datum)]
        in_cells, in_page = _grouped(dict.fromkeys(pairs)), _grouped(resources["shown"])
        self.figures = manifest.figures(self.told.figures.values(), in_cells, in_page)
        self.sealed = manifest.seal(self.heading(), self.inputs, self.figures)
        self.carried = evidence.collect(self.told, self.enclosed(), self.figures, self.sealed)

    # What the writers of the outputs ask for.

    def json(self, value: Any) -> bytes:
        """Return *value* as JSON that is the same each time."""
        return manifest.text(value).encode()

    def notebook(self) -> bytes:
        """Return the notebook as it was run."""
        return (source.written(self.executed.notebook) + "\n").encode()

    def page(self) -> bytes:
        """Return the web page with what it carries."""
        return evidence.attach(self.html, evidence.of_page(self.carried, self.html)).encode()

    def pdf(self) -> bytes:
        """Return the PDF with what it carries."""
        return pdftags.attach(self.set_pdf, evidence.attachments(self.carried, self.places, gate.pages(self.set_pdf)))

    def manifest(self) -> Json:
        """Return the manifest, with the hash of every output before it."""
        return manifest.with_outputs(self.sealed, self.files)


class ReportJob(Job):
    """The making of the report of *unit* for *year*."""

    name = NAME
    running = "执行笔记本（{cells}个单元格）"
    document: Document

    def __init__(self, project: Project, unit: str, year: str, scratch: Path, forms: Forms) -> None:
        super().__init__(project, inputs.of_report(unit, year), scratch, forms)
        self.document.take_up(source.lint(self.source, self.document))
        # How its Word document looks, where the unit has a file for that.
        self.reference: bytes | None = None
        if (name := inputs.reference(unit)) in self.inputs:
            from nianbao.render.docx import checked  # noqa: PLC0415 - only who has such a file pays for it

            self.reference = checked(self.inputs[name], name)

    def notebook_file(self, project: Project) -> str:
        """Return the path of the notebook in the project, which may be one of the unit's own."""
        return project.notebook(self.notebook_name, self.report.unit).relative_to(project.root).as_posix()

    def sourced(self, root: Path, file: str) -> Source:
        """Return the notebook *file* of the project in *root* with the cells that the unit adds."""
        return source.complete(root, file, self.report.unit, self.report.form)

    def read(self, folder: Path, scope: Scope, forms: Forms) -> None:
        """Read the report."""
        self.report = load(folder / scope.years[0], forms)
        self.document = self.opened = Document(self.report)
        self.place, self.folder = str(self.report.year), self.report.folder
        self.title_lines, self.date = self.report.title_lines, self.report.date
        self.notebook_name = self.report.form.notebook
        self.given = {PARAMETER: self.report.folder}
        last = self.report.last_year
        self.forms = (self.report.form.id, *([last.form.id] if last else []))

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The files that a report consists of, the tables that its notebook shows as CSV among them."""
        return outputs.of_report(self.executed.tables)

    def waiting(self) -> Findings:
        """Return the findings that make the report a draft."""
        return open_findings(self.document.findings)

    def notice(self) -> tuple[Notice, ...]:
        """Return the box that lists them."""
        return draft_notice(self.waiting())

    def tell(self) -> Told:
        """Return what the report tells."""
        return evidence.of_document(self.document)

    def run(self, shell: Forked | None, *, progress: bool) -> None:
        """
        Run the notebook, and take up the figures that it calculated.

        Raises:
            run.CellFailed: where a cell raised.
            PublishError: where its displays are another's.
            UnknownNameError: where they show a figure that is none of this report.
        """
        super().run(shell, progress=progress)
        known = manifest.every_figure(self.document)
        shown = dict.fromkeys(figure for node in walk(self.executed.body) for figure in figures_of(node))
        self.document.take_up_figures(figure for figure in shown if figure not in known)

    def take_up(self, payloads: list[Json]) -> None:
        """Take up the bare zeros that sentences printed while the notebook ran."""
        self.document.take_up_printed(payloads)

    def settle(self, notebook: NotebookNode) -> None:
        """Make every output of *notebook* a block of the report, or a finding."""
        self.document.take_up(cells.settle(notebook, self.document, self.source.home))

    def take_up_codes(self, notebook: NotebookNode) -> None:
        """Take up the characters that no face has and that cells show without having them in their source."""
        for index, cell in enumerate(notebook.cells):
            payloads = [output.get("data", {}).get(MIMETYPE, {}) for output in cell.get("outputs", [])]
            blocks = [payload["blocks"] for payload in payloads if payload.get("part") == SHOWN]
            shown = faces.uncovered(manifest.text(blocks))
            made = "".join(sorted(shown.difference(cell.source)))
            where = cells.in_file(self.source.home(cell), notebook.cells, index, self.document)
            self.document.take_up(self.document.odd([(0, made)], where))


class Gathered(Opened, ABC):
    """
    What the notebook of a paper over many reports opens.

    Args:
        report: the one whose names the paper bears; `title_lines` the lines of its title.
    """

    report: AnnualReport
    title_lines: Strings

    @abstractmethod
    def notice(self) -> tuple[Notice, ...]:
        """Return the box that opens a draft, or nothing where it is none."""

    @abstractmethod
    def told(self) -> Told:
        """Return what the paper tells."""

    @abstractmethod
    def data(self) -> bytes:
        """Return its numbers as a table for machines."""


class GatheredJob(Job):
    """The making of a paper over many reports, which says of itself what it tells."""

    running = "执行笔记本"
    opened: Gathered

    def take(self, opened: Gathered, place: str, folder: str, forms: Iterable[str]) -> None:
        """Take up what was *opened* from *folder*: the paper that stands where *place* says."""
        self.opened, self.report, self.title_lines = opened, opened.report, opened.title_lines
        self.place, self.folder, self.forms = place, folder, tuple(forms)
        self.given = {PARAMETER: folder}

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The files that it consists of."""
        data = Output(name=f"{self.name}.csv", type=outputs.CSV, write=lambda _job: self.opened.data())
        return (*outputs.pages(self.name), data, outputs.FIGURES, outputs.MANIFEST)

    def notice(self) -> tuple[Notice, ...]:
        """Return the box that opens a draft."""
        return self.opened.notice()

    def tell(self) -> Told:
        """Return what it tells."""
        return self.opened.told()


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the second of *pairs* by the first, in order."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


@frozen
class Built:
    """
    What a making came to.

    Args:
        folder: where the outputs are, relative to the project; `files` their names.

        opened: what the notebook opened: a document, a trend, a working paper.

        stray: cells whose output is not the library's and did not enter the pages.

        needs: what the notebook needed that only the ordinary kernel has.
    """

    folder: str
    files: Strings
    opened: Any
    stray: Strings
    needs: Strings


@frozen
class Making:
    """
    Something that can be made, before it is begun.

    Args:
        target: the folder of its outputs; `scope` what it is made from.

        begin: begins the making in a folder to work in; `reading` is what is said then.

        apart: files that it is made from and that lie anywhere, by their names among the inputs.
    """

    target: Path
    scope: Scope
    reading: str
    begin: Callable[[Path], Job]
    apart: Mapping[str, Path] = field(default_factory=dict)


def report(project: Project, unit: str, year: str, forms: Forms) -> Making:
    """
    Return the report of *unit* for *year*, to be made.

    Raises:
        UnknownReportError: where its folder of parameters is not there.
    """
    project.params(unit, year)
    return Making(
        target=project.output(unit, year),
        scope=inputs.of_report(unit, year),
        reading="读取参数，核对勾稽关系",
        begin=lambda scratch: ReportJob(project, unit, year, scratch, forms),
    )


def make(project: Project, making: Making, say: Callable[[str], None], *, progress: bool, by: str = run.FORK) -> Built:
    """
    Make what *making* is, and put it into place.

    Args:
        say: told each step as it begins.

        progress: whether the notebook's run draws a bar on the terminal.

        by: how the notebook is run, `run.FORK` or `run.KERNEL`.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
        NotebookFailedError: where a cell raised.
        PublishError: where a step after that was refused.
    """
    target = making.target
    with swap.scratch(project.outputs) as scratch, run.ready(scratch, by, charts.load) as shell:
        say(making.reading)
        job = making.begin(scratch)
        say(job.running.format(cells=len(job.source.notebook.cells)))
        try:
            job.run(shell, progress=progress)
        except run.CellFailed as error:
            raise _failed(error, target / f"{job.name}.failed.ipynb", project, job.source.folder) from error
        say(job.writing)
        files = job.made()
        swap.put(files, scratch, target)
    shown = target.relative_to(project.root).as_posix()
    return Built(folder=shown, files=tuple(files), opened=job.opened, stray=tuple(job.stray), needs=tuple(job.needs))


def _failed(error: run.CellFailed, saved: Path, project: Project, folder: str) -> NotebookFailedError:
    """Leave the failed notebook, run from *folder*, beside the last good outputs under another name, and return what to say."""
    swap.write_beside(saved, source.written(error.notebook))
    shown = saved.relative_to(project.root).as_posix()
    reason = error.reason
    if reason.startswith("FileNotFoundError"):
        where = PurePosixPath(folder).as_posix()
        reason += f"\n  路径从 {where}/ 算起；生成报告时只有本单位的资料和 params/单位/data/ 中的文件，把要读的文件放进去"
    return NotebookFailedError(cell=error.cell, source=error.source, reason=reason, saved=shown)


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
    "nianbao.render.opendata",
    "nianbao.render.xlsx",
)


def preload() -> None:
    """Import what builds need, and set this process ready to be forked; it must have one thread only."""
    # Threads of a numerical library would not live on in a child; one report a process keeps each processor busy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # As a notebook's process has it, where matplotlib asks for it at import.
    os.environ["MPLBACKEND"] = run.BACKEND
    with source.addresses_on_demand():
        for name in NOTEBOOK:
            importlib.import_module(name)
        for_outputs()
    formfile.shipped()
    # The first notebook has nbformat compile its schema.
    source.parsed(source.written(source.empty()))
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
