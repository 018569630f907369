"""
The cells of a report as open data: one tidy CSV file, and the Frictionless Data Package that says what is in it.

Specification: https://specs.frictionlessdata.io/ (Data Package, Tabular Data Resource and Table Schema, version 1). A blank
value has its reason in `status`; missing, not applicable and zero stay three things.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from typing import TYPE_CHECKING

from nianbao.indicators.values import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nianbao.indicators.figures import Figures
    from nianbao.indicators.report import AnnualReport
    from nianbao.inputs.yaml import Json


DATA, PACKAGE = "data.csv", "datapackage.json"
STATUSES = (State.GIVEN, State.MISSING, State.NOT_APPLICABLE)

_KEY = ["unit", "year", "form", "table", "row", "column"]
_ID = r"[a-z][a-z0-9_.]*"
_REQUIRED = {"required": True}
_IDENTIFIED = {"required": True, "pattern": _ID}
# Name, title, type and constraints of each field, in the order of the file.
_FIELDS: tuple[tuple[str, str, str, Json], ...] = (
    ("unit", "单位（文件夹名）", "string", _REQUIRED),
    ("year", "年份", "year", _REQUIRED),
    ("form", "表式编号", "string", _REQUIRED),
    ("table", "表", "string", _IDENTIFIED),
    ("row", "指标编号", "string", _IDENTIFIED),
    ("row_label", "指标", "string", _REQUIRED),
    ("column", "栏目编号", "string", _IDENTIFIED),
    ("column_label", "栏目", "string", _REQUIRED),
    ("value", "数值；空的原因见 status", "number", {}),
    ("unit_of_measure", "计量单位", "string", _REQUIRED),
    (
        "status",
        "given 有数，missing 没有填报，not-applicable 不适用",
        "string",
        {"required": True, "enum": [str(each) for each in STATUSES]},
    ),
)


def data_csv(report: AnnualReport, figures: Figures) -> bytes:
    """Return every cell of *report* as a line of UTF-8 CSV."""
    lines: list[Sequence[object]] = [[name for name, *_rest in _FIELDS]]
    form = report.form
    for table, row, column in form.cells():
        quantity = figures.cell(row.id, column.id).quantity
        cell = (table.id, row.id, row.printed_label, column.id, column.heading(report.year))
        value = (quantity.exact or "", form.unit_of(row, column), quantity.state)
        lines.append([report.unit, report.year, form.id, *cell, *value])
    return csv_file(lines)


def csv_file(lines: Iterable[Iterable[object]]) -> bytes:
    """Return *lines*, the headings first, as a file of UTF-8 CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue().encode()


def datapackage(report: AnnualReport, data: bytes, licence: Mapping[str, str] | None = None) -> Json:
    """
    Return the description of *data*, which `data_csv` made of *report*.

    Args:
        licence: `name`, `path` or `title` of a licence that the unit has given; without one the package claims none.
    """
    package = {
        "profile": "tabular-data-package",
        "name": _name(f"{report.unit}-{report.year}"),
        "title": report.title,
        "description": f"{report.name}{report.year}年{report.form.title}：每格一行。依据：{report.form.basis}",
        "keywords": ["政府信息公开", report.form.id, str(report.year)],
        "resources": [_resource(report, data)],
    }
    return package | ({"licenses": [dict(licence)]} if licence else {})


def _resource(report: AnnualReport, data: bytes) -> Json:
    return {
        "profile": "tabular-data-resource",
        "name": "data",
        "path": DATA,
        "title": report.title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {
            "fields": [_field(report, *each) for each in _FIELDS],
            "missingValues": [""],
            "primaryKey": _KEY,
        },
    }


def _field(report: AnnualReport, name: str, title: str, kind: str, constraints: Json) -> Json:
    field = {"name": name, "title": title, "type": kind}
    if name == "value" and not any(column.signed for _table, _row, column in report.form.cells()):
        constraints = {"minimum": 0}
    return field | {"constraints": dict(constraints)} if constraints else field


def _name(text: str) -> str:
    """Return *text* in the characters that a package's name may have; others as their code point."""
    return re.sub(r"[^a-z0-9._-]", lambda found: f"u{ord(found[0]):x}", text.lower())
