"""
Make the trend of one unit: all its years as notebook, HTML, PDF and data, in `outputs/<unit>/trend/`.

It is made from a copy of the parameters of every year and put into place whole or not at all. It is no report: a year that is a draft
does not stop it, and is marked as one.
"""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import charts, execute, formfile, gate, manifest, papers, pdftext, publish, sources, trendpage, typeface
from .blocks import to_json
from .project import parameter_files
from .trendpage import NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .form import Form
    from .project import Project
    from .series import Point, Series
    from .trendpage import Trend

NOTEBOOK = "trend.ipynb"

_FIELDS = (
    *("unit", "year", "form", "concept", "concept_label", "definition", "cells"),
    *("value", "unit_of_measure", "status", "change", "change_rate", "not_compared"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a trend came to."""

    folder: str
    files: tuple[str, ...]
    trend: Trend


def build(project: Project, unit: str, forms: Mapping[str, Form], say: Callable[[str], None], *, progress: bool) -> Built:
    """
    Build the trend of *unit* and put it into place.

    Args:
        say: told each step as it begins.

        progress: whether the notebook's run draws a bar on the terminal.

    Raises:
        InvalidInputError: with everything that is wrong with any year.
        NotebookFailedError: where a cell of the notebook raised.
        PublishError: where a step after that was refused.
        UnknownReportError: where there is no such unit, or fewer than two years of it.
    """
    params = project.unit(unit)
    target = project.output(unit, NAME)
    with publish.scratch(project.outputs) as scratch, execute.ready(scratch, warm=charts.load) as shell:
        say("读取各年的资料，对照各表式的口径")
        inputs = _copied(project, params, scratch)
        trend = trendpage.read(scratch / "params" / unit, forms)
        inputs |= formfile.carried(*(each.form for each in trend.documents.values()))
        say("执行笔记本")
        given = {sources.PARAMETER: f"../params/{unit}"}
        executed = papers.executed(project, scratch, NOTEBOOK, given, shell, target, progress=progress)
        papers.identify(executed, f"{unit}/{NAME}")
        inputs[f"notebooks/{NOTEBOOK}"] = (scratch / "notebooks" / NOTEBOOK).read_bytes()
        executed.metadata["nianbao"] = _metadata(trend)
        say("生成网页、PDF 和数据文件")
        outputs = _outputs(executed, trend, inputs)
        papers.put(outputs, scratch, target)
    return Built(folder=target.relative_to(project.root).as_posix(), files=tuple(outputs), trend=trend)


def _copied(project: Project, params: Path, scratch: Path) -> dict[str, bytes]:
    """Copy the parameters of every year to *scratch*, and return them with the lock by their paths in the project."""
    inputs = {}
    for year in project.years(params.name):
        copied = scratch / "params" / params.name / year
        copied.mkdir(parents=True)
        for file in parameter_files(params / year):
            shutil.copyfile(file, copied / file.name)
            inputs[f"params/{params.name}/{year}/{file.name}"] = (copied / file.name).read_bytes()
    lock = project.root / "requirements.lock"
    if lock.is_file():
        inputs[lock.name] = lock.read_bytes()
    return inputs


def _metadata(trend: Trend) -> dict[str, Any]:
    return {
        "title": "".join(trend.title_lines),
        "title_lines": list(trend.title_lines),
        "author": trend.last.name,
        "unit": trend.last.unit,
        "year": str(trend.last.year),
        "date": "",
        "date_text": "",
        "draft": bool(trend.drafts),
        "notice": to_json(trend.notice()),
    }


def _outputs(executed: Any, trend: Trend, inputs: Mapping[str, bytes]) -> dict[str, bytes]:
    from .exporters import all_blocks  # noqa: PLC0415 - half a second of nbconvert

    blocks = all_blocks(executed)
    typeface.require({*papers.words(blocks), *trend.title_lines}, f"params/{trend.last.unit}")
    made, elements = papers.pages(executed, NAME)
    page, pdf = made[f"{NAME}.html"].decode(), made[f"{NAME}.pdf"]
    gate.check(page, pdf, *pdftext.places(pdf, blocks), trend.allowance())
    cells = papers.cells(executed)
    figures = [manifest.figure(each, cells.get(each.id, []), elements.get(each.id, [])) for each in trend.figures]
    made |= {f"{NAME}.csv": _data(trend), "figures.json": manifest.text(figures).encode()}
    sealed = {
        "schema": manifest.SCHEMA,
        "trend": {
            "unit": trend.last.unit,
            "years": {str(year): each.form.id for year, each in trend.documents.items()},
            "drafts": [str(year) for year in trend.drafts],
        },
        "inputs": {name: manifest.digest(content) for name, content in sorted(inputs.items())},
        "library": dict(manifest.library()),
        "figures": {each["id"]: {"value": each["value"], "display": each["display"]} for each in figures},
    }
    return made | {"manifest.json": manifest.text(manifest.with_outputs(sealed, made)).encode()}


def _data(trend: Trend) -> bytes:
    """Return every concept in every year as a line of UTF-8 CSV; a change is exact, and a rate a fraction."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_FIELDS)
    for found in trend.series.values():
        for followed in found:
            writer.writerows(_line(trend, followed, point) for point in followed.counted)
    return out.getvalue().encode("utf-8")


def _line(trend: Trend, followed: Series, point: Point) -> tuple[str, ...]:
    assert point.value is not None
    assert point.definition is not None
    concept, form = followed.concept, trend.documents[point.year].form.id
    cells = " + ".join("/".join(cell) for cell in point.definition.cells[form])
    number = str(concept.definitions.index(point.definition) + 1)
    said = (trend.last.unit, str(point.year), form, concept.id, concept.label, number, cells)
    read = point.value.quantity
    compared = [figure.quantity.exact or "" if figure else "" for figure in (point.change, point.rate)]
    return (*said, read.exact or "", concept.unit, str(read.state), *compared, point.apart)
