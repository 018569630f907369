"""
What a report consists of: the one list of its files, with the type of each, what a link to it is called, and what writes it.

A new file is a line of `REPORT`; builds, manifests, verification, batches, the index, the preview and clusters follow it. The tables of a
notebook, of which there may be any number, stand beside them (`of_report`). Trends, roll-ups and working papers have lists of their own,
where they are made. Importing this loads nothing that only a build needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nianbao.indicators import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


HTML, PDF, NOTEBOOK = "text/html; charset=utf-8", "application/pdf", "application/x-ipynb+json"
CSV, JSON = "text/csv; charset=utf-8", "application/json"
_OFFICE = "application/vnd.openxmlformats-officedocument"


@frozen
class Output:
    """
    One file.

    Args:
        name, type: what it is called and of which MIME type it is.

        write: returns its content; given what is being made (`build.pipeline.Job`), the files before it among its `files`.

        label: what a link to it is called; empty where readers are not led to it.

        early: whether it needs nothing but what the notebook shows, so that it can be written while the PDF is set.
    """

    name: str
    type: str
    write: Callable[[Any], bytes]
    label: str = ""
    early: bool = False


def _word(job: Any) -> bytes:
    from nianbao.render import docx  # noqa: PLC0415 - see the module

    return docx.document(job.executed.metadata, job.executed.body, job.reference)


def _workbook(job: Any) -> bytes:
    from nianbao.render import xlsx  # noqa: PLC0415 - see the module

    return xlsx.tables(job.document.report, job.document.figures)


def _data(job: Any) -> bytes:
    from nianbao.render import opendata  # noqa: PLC0415 - see the module

    return opendata.data_csv(job.document.report, job.document.figures)


def _package(job: Any) -> bytes:
    from nianbao.render import opendata  # noqa: PLC0415 - see the module

    content: bytes = job.json(opendata.datapackage(job.document.report, job.files[opendata.DATA]))
    return content


def pages(name: str) -> tuple[Output, ...]:
    """Return the notebook as it was run, its web page and its PDF, called *name*."""
    return (
        Output(name=f"{name}.ipynb", type=NOTEBOOK, write=lambda job: job.notebook()),
        Output(name=f"{name}.html", type=HTML, label="网页", write=lambda job: job.page()),
        Output(name=f"{name}.pdf", type=PDF, label="PDF", write=lambda job: job.pdf()),
    )


FIGURES = Output(name="figures.json", type=JSON, write=lambda job: job.json(job.figures))
FINDINGS = Output(name="findings.json", type=JSON, write=lambda job: job.json(job.told.findings))
# The last that is written: it holds the hashes of all others.
MANIFEST = Output(name="manifest.json", type=JSON, write=lambda job: job.json(job.manifest()))

REPORT = (
    *pages("report"),
    Output(name="report.docx", type=f"{_OFFICE}.wordprocessingml.document", label="Word", write=_word, early=True),
    Output(name="tables.xlsx", type=f"{_OFFICE}.spreadsheetml.sheet", label="Excel", write=_workbook),
    Output(name="data.csv", type=CSV, write=_data),
    Output(name="datapackage.json", type=JSON, write=_package),
    FIGURES,
    FINDINGS,
    MANIFEST,
)

# What the file of a table is called that its notebook shows: after its caption, and numbered where several are called alike.
TABLE = re.compile(r"table-[\w-]{1,50}\.csv")
_LONGEST_CAPTION = 40


def of_report(tables: Iterable[tuple[str, str]]) -> tuple[Output, ...]:
    """
    Return the files that a report consists of whose notebook shows *tables*.

    Args:
        tables: the caption of each, and the whole of it as CSV.
    """
    own: dict[str, Output] = {}
    for caption, data in tables:
        name = re.sub(r"\W+", "-", caption).strip("-")[:_LONGEST_CAPTION] or "1"
        times = sum(each.removesuffix(".csv").partition("--")[0] == f"table-{name}" for each in own)
        file = f"table-{name}{f'--{times + 1}' if times else ''}.csv"
        own[file] = Output(name=file, type=CSV, write=_same(data.encode()))
    place = REPORT.index(FIGURES)
    return (*REPORT[:place], *own.values(), *REPORT[place:])


def _same(content: bytes) -> Callable[[Any], bytes]:
    return lambda _job: content
