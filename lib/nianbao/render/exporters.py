"""
nbconvert exporters: an executed report notebook to one HTML page, through Typst to PDF, and to Word.

They read the blocks that travel in the outputs of the notebook's cells, so nothing is computed and no code is shown. The names
`nianbao-html`, `nianbao-pdf` and `nianbao-docx` also work with `jupyter nbconvert --to`, on what papermill or JupyterLab saved too:
what was not made by a build was held to nothing, and says so on top.
"""

from __future__ import annotations

import datetime
import shutil
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import Exporter, TemplateExporter
from nbformat import from_dict

from nianbao.document import cells
from nianbao.document.document import ASIDE, MADE, SHOWN, Document, draft_notice
from nianbao.indicators.errors import PublishError
from nianbao.indicators.findings import open_findings
from nianbao.inputs.formfile import shipped
from nianbao.inputs.project import around
from nianbao.inputs.report import load
from nianbao.page import faces, theme, typst
from nianbao.page.blocks import (
    MIMETYPE,
    Emphasis,
    Grid,
    Heading,
    Notice,
    Paragraph,
    Photo,
    Picture,
    Quote,
    Text,
    from_json,
    inside,
    to_json,
    walk,
)
from nianbao.page.html import PageWriter
from nianbao.prose import markdown
from nianbao.render import TEMPLATES, docx, pdf, template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nbformat import NotebookNode

    from nianbao.indicators.report import AnnualReport
    from nianbao.inputs.yaml import Json
    from nianbao.page.blocks import Block, Blocks


# What a PDF is dated where its report has no date of its own: a date that claims nothing.
_NO_DATE = datetime.date(1980, 1, 1)


class Executed:
    """
    A notebook that was run, and the blocks of the report that it holds, each read once.

    Args:
        cells: the blocks of each cell; `body` all of them in order, `notice` the box that opens a draft, `blocks` both.
    """

    def __init__(self, notebook: NotebookNode) -> None:
        self.notebook = notebook
        self.cells = tuple(_of_cell(cell) for cell in notebook.cells)
        self.body = tuple(block for blocks in self.cells for block in blocks)

    @property
    def tables(self) -> tuple[tuple[str, str], ...]:
        """The tables that the notebook shows: the caption of each, and the whole of it as CSV."""
        outputs = [output.get("data", {}) for cell in self.notebook.cells for output in cell.get("outputs", [])]
        return tuple((data[MIMETYPE]["caption"], data[MIMETYPE]["data"]) for data in outputs if "data" in data.get(MIMETYPE, {}))

    @property
    def metadata(self) -> Any:
        """What the notebook says of its report."""
        return self.notebook.metadata.nianbao

    @property
    def notice(self) -> Blocks:
        """The box that opens a draft."""
        blocks: Blocks = from_json(self.metadata.get("notice", []))
        return blocks

    @property
    def blocks(self) -> Blocks:
        """The box, and all blocks of the body."""
        return (*self.notice, *self.body)


def about(report: AnnualReport, title_lines: Sequence[str], date: datetime.date | None, notice: Sequence[Notice]) -> Json:
    """Return what a notebook that was run says of its report under `nianbao`; *notice* is the box that opens a draft."""
    return {
        "title": "".join(title_lines),
        "title_lines": list(title_lines),
        "author": report.name,
        "unit": report.unit,
        "year": str(report.year),
        "date": date.isoformat() if date else "",
        "date_text": f"{date.year}年{date.month}月{date.day}日" if date else "",
        "draft": bool(notice),
        "notice": to_json(faces.coded(tuple(notice))),
    }


def _executed(notebook: NotebookNode, resources: Any) -> Executed:
    """Return *notebook* as a build leaves it, or, where somebody else ran it, made so, under a box that says that it was not checked."""
    if "nianbao" in notebook.metadata:
        return Executed(notebook)
    data = [output.get("data", {}).get(MIMETYPE) for cell in notebook.cells for output in cell.get("outputs", [])]
    payloads = [payload for payload in data if payload]
    owners = sorted({payload["report"] for payload in payloads if payload["part"] != MADE})
    if len(owners) != 1 or owners[0].count("/") != 1:
        told = f"其中有 {'、'.join(owners)} 的内容" if owners else "其中没有报告的内容"
        raise PublishError(f"这个笔记本不是一份运行过的报告（{told}）：先从头到尾运行一遍，存盘，再转换。")
    folder = Path((resources or {}).get("metadata", {}).get("path") or ".")
    unit, year = owners[0].split("/")
    document = Document(load(around(folder).params(unit, year), shipped()))
    document.take_up_printed(faces.coded(payloads))
    notebook = from_dict(faces.coded(notebook))
    document.take_up(cells.settle(notebook, document, lambda _cell: "笔记本"))
    waiting = draft_notice(open_findings(document.findings))
    lines = waiting[0].children if waiting else (Paragraph((Text("核对和封存由 make report 去做，成稿在 outputs/ 中。"),)),)
    notice = Notice(title="未经核对和封存的转换稿，不得公布", children=lines)
    notebook.metadata["nianbao"] = about(document.report, document.report.title_lines, document.report.date, [notice])
    return Executed(notebook)


def _of_cell(cell: NotebookNode) -> Blocks:
    """
    Return the blocks of the report that *cell* holds: its Markdown, or the report parts of its outputs.

    The title is the page's own, and a cell tagged `aside` speaks to editors only.
    """
    if ASIDE in cell.metadata.get("tags", []):
        return ()
    blocks: Blocks = ()
    if told := cell.metadata.get("nianbao"):
        blocks = from_json(told["blocks"])
    elif cell.cell_type == "markdown":
        blocks = markdown.parse(cell.source, {})
    elif cell.cell_type == "code":
        payloads = [output.get("data", {}).get(MIMETYPE) for output in cell.outputs]
        blocks = from_json([block for payload in payloads if payload and payload["part"] == SHOWN for block in payload["blocks"]])
    return tuple(block for block in blocks if not (isinstance(block, Heading) and block.level == 1))


class _ReportExporter(TemplateExporter):  # type: ignore[misc] # nbconvert ships no types
    """What both exporters share: our templates, given blocks rather than cells."""

    # The output of other tools has no place in a report; `build` says so where there is any.
    exclude_input = True

    def __init__(self, **settings: Any) -> None:
        # nbconvert's preprocessors prepare what other templates show; before and after each of them it checks the whole notebook.
        super().__init__(extra_template_basedirs=[str(TEMPLATES)], default_preprocessors=[], **settings)

    def from_notebook_node(self, nb: NotebookNode | Executed, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Return what the template makes of *nb*, a notebook that was run, or one whose blocks were read already."""
        if self._preprocessors:
            # What prepares a notebook does so before its blocks are read.
            given = nb.notebook if isinstance(nb, Executed) else nb
            nb, resources = super()._preprocess(given, self._init_resources(resources))
        self.executed = nb if isinstance(nb, Executed) else _executed(nb, resources)
        notebook = self.executed.notebook
        self.environment.globals.update(notice=self.executed.notice, cells=self.executed.cells)
        # nbconvert copies what it is given.
        made: tuple[Any, Any] = super().from_notebook_node(type(notebook)({**notebook, "cells": []}), resources, **kw)
        return made

    def _preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Leave out the copies that nbconvert makes for preprocessors: they have had the notebook."""
        return nb, resources


class ReportHTMLExporter(_ReportExporter):
    """One HTML page that needs no network and no script."""

    export_from_notebook = "nianbao HTML"
    output_mimetype = "text/html"
    file_extension = ".html"
    template_extension = ".html.j2"
    template_name = "html"

    def from_notebook_node(self, nb: NotebookNode | Executed, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        """Return the page; `resources["shown"]` lists (figure, element) in the order of the page."""
        self.writer = PageWriter()
        self.environment.globals.update(contents=self.writer.contents, style=self._style)
        page, resources = super().from_notebook_node(nb, resources, **kw)
        resources["shown"] = self.writer.shown
        return page, resources

    def default_filters(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Yield the filters that write HTML too."""
        yield from super().default_filters()
        yield "html", lambda blocks: self.writer.blocks(blocks)  # noqa: PLW0108 - each page has its own writer
        yield "font_faces", lambda _body: self._font_faces()

    def _style(self) -> str:
        return template("report.css")

    def _font_faces(self) -> str:
        """Return the faces of the page, each with the characters that it may have to show."""
        blocks, title = self.executed.blocks, self.executed.metadata.title
        everywhere = {*title, *self.executed.metadata.date_text, *_characters(blocks), *"0123456789目录跳到正文图表中数据　"}
        above = set(title) | _characters(_set_apart(blocks)) | set("0123456789目录图表　")
        return "\n".join(faces.page(everywhere, above))


class ReportPDFExporter(_ReportExporter):
    """PDF/A and PDF/UA in the layout of GB/T 9704, by Typst."""

    export_from_notebook = "nianbao PDF"
    output_mimetype = "application/pdf"
    file_extension = ".pdf"
    template_extension = ".typ.j2"
    template_name = "typst"

    def from_notebook_node(self, nb: NotebookNode | Executed, resources: Any = None, **kw: Any) -> tuple[bytes, Any]:
        """Return the PDF; `resources["typst"]` is the source that it was set from."""
        source, resources = super().from_notebook_node(nb, resources, **kw)
        resources["typst"] = source
        resources["output_extension"] = ".pdf"
        declared = self.executed.metadata.date
        date = datetime.date.fromisoformat(declared) if declared else _NO_DATE
        counts = [typst.row_headings(grid) for grid in _grids(self.executed.blocks)]
        return pdf.tag_row_headings(_compiled(source, date, typst.photos(self.executed.blocks)), counts), resources

    def default_filters(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Yield the filters that write Typst too."""
        yield from super().default_filters()
        yield "typst", typst.blocks
        yield "typst_text", typst.literal
        yield "stood_in", lambda text: sorted(faces.stood_in(text))


class ReportWordExporter(Exporter):  # type: ignore[misc] # nbconvert ships no types
    """A Word file, which an office goes on writing in."""

    export_from_notebook = "nianbao Word"
    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    file_extension = ".docx"

    def from_notebook_node(self, nb: NotebookNode | Executed, resources: Any = None, **kw: Any) -> tuple[bytes, Any]:
        """Return the file."""
        if not isinstance(nb, Executed):
            nb, resources = super().from_notebook_node(nb, resources, **kw)
            nb = _executed(nb, resources)
        return docx.document(nb.metadata, nb.body), resources


def _compiled(source: str, date: datetime.date, files: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """Return what Typst makes of *source*, which reads *files*, with our faces only and the same bytes each time."""
    import typst  # noqa: PLC0415 - only a PDF needs it

    moment = datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC)
    with tempfile.TemporaryDirectory(prefix="nianbao-") as scratch:
        shutil.copy(TEMPLATES / "typst" / "report.typ", scratch)
        (Path(scratch) / "theme.typ").write_text(theme.for_typst(), "utf-8")
        for name, content in files.items():
            (Path(scratch) / name).write_bytes(content)
        main = Path(scratch) / "main.typ"
        main.write_text(source, "utf-8")
        try:
            made = typst.compile(
                str(main),
                root=scratch,
                font_paths=faces.for_typst(),
                ignore_system_fonts=True,
                pdf_standards=["a-3a", "ua-1"],
                timestamp=int(moment.timestamp()),
            )
        except typst.TypstError as error:
            raise PublishError(f"PDF 排版失败（{error}）；上一次的成果没有改动。") from error
    assert isinstance(made, bytes)
    return made


def _characters(blocks: Iterable[Block]) -> set[str]:
    found: set[str] = set()
    for node in walk(tuple(blocks)):
        for name in ("text", "caption", "note", "alt", "title", "svg"):
            found |= set(getattr(node, name, ""))
    return found


def _set_apart(blocks: Iterable[Block]) -> tuple[Any, ...]:
    """Return the blocks and words that are not set in the face of the body."""
    return tuple(
        node for node in walk(tuple(blocks)) if isinstance(node, Heading | Picture | Photo | Grid | Notice | Quote | Emphasis)
    )


def _grids(blocks: Iterable[Block]) -> Iterator[Grid]:
    """Yield the tables that a page shows as tables; the data of a chart is drawn."""
    for block in blocks:
        if isinstance(block, Grid):
            yield block
        else:
            yield from _grids(inside(block))
