"""The published text of 2013, and a report on a form like the national one of 2021, for the tests of the audit."""

from dataclasses import replace
from pathlib import Path

import pytest
from builds import ROOT
from nianbao.auditing import audit
from nianbao.indicators import figures
from nianbao.indicators import values as quantity
from nianbao.indicators.report import Cell
from nianbao.inputs import formfile
from nianbao.reading.lines import Line

HERE = Path(__file__).parent / "auditing"

# A form like that of 国办公开办函〔2021〕30号: rows divided by applicant. Numbers: the golden specimen for 2025.
APPLICANTS = ("自然人", "法人或其他组织/商业企业", "法人或其他组织/科研机构", "法人或其他组织/社会公益组织", "总计")
NATIONAL = {
    "new": ("一、", "本年新收政府信息公开申请数量", (38, 2, 1, 1, 42)),
    "carried_in": ("二、", "上年结转政府信息公开申请数量", (2, 0, 0, 0, 2)),
    "results": ("（七）", "办理结果总计", (39, 2, 1, 1, 43)),
    "results.granted": ("（一）", "予以公开", (20, 1, 1, 0, 22)),
    "results.partial": ("（二）", "部分公开（区分处理的，只计这一情形，不计其他情形）", (6, 0, 0, 0, 6)),
    "results.refused": ("（三）", "不予公开", (5, 1, 0, 0, 6)),
    "results.refused.secret": ("1.", "属于国家秘密", (2, 0, 0, 0, 2)),
    "results.refused.internal": ("5.", "属于三类内部事务信息", (3, 1, 0, 0, 4)),
    "results.unavailable": ("（四）", "无法提供", (8, 0, 0, 1, 9)),
    "carried_out": ("四、", "结转下年度继续办理", (1, 0, 0, 0, 1)),
    "reviews": ("", "行政复议总计", (0, 0, 0, 0, 12)),
    "reviews.upheld": ("", "结果维持", (0, 0, 0, 0, 9)),
    "reviews.pending": ("", "尚未审结", (0, 0, 0, 0, 3)),
}


def _national_rows(prefix="", indent=16):
    for row, (number, label, _values) in NATIONAL.items():
        parent, _, last = row.rpartition(".")
        if parent != prefix:
            continue
        pad = " " * indent
        yield f"{pad}- id: {last}\n{pad}  no: {number or '·'}\n{pad}  label: {label}\n{pad}  name: {label}\n"
        yield f"{pad}  zero: 没有{label}\n{pad}  unit: 件\n{pad}  nature: flow\n"
        below = list(_national_rows(row, indent + 4))
        if below:
            yield f"{pad}  children:\n" + "".join(below)


def _column(index, *titles):
    return f"      - {{id: c{index}, label: {titles[-1]}, groups: [{', '.join(titles[:-1])}]}}\n"


def _national_form(text):
    """Return the text of the Jilin form with the national table in place of its own."""
    head = text[: text.index("tables:")].replace("id: jilin-2013", "id: national")
    columns = "".join(_column(index, *title.split("/")) for index, title in enumerate(APPLICANTS))
    table = "tables:\n  - id: requests\n    title: 申请\n    narrative_column: c4\n    columns:\n" + columns
    table += "    sections:\n      - title: 三、收到和处理政府信息公开申请情况\n        groups:\n          - title: 申请\n            rows:\n"
    return head + table + "".join(_national_rows()) + "rates: []\nrules: []\n"


@pytest.fixture(scope="session")
def national(longtan):
    """A report on a form like the national one."""
    form = formfile.parse(_national_form((ROOT / "lib/nianbao/forms/jilin-2013.yaml").read_text("utf-8")), "national.yaml")
    cells = {
        (row, f"c{column}"): Cell(quantity=quantity.given(value), line=1, address="A1")
        for row, (_number, _label, values) in NATIONAL.items()
        for column, value in enumerate(values)
    }
    return replace(longtan, form=form, cells=cells, year=2025, name="某市人民政府", short_name="某市", facts={}, published=())


@pytest.fixture(scope="session")
def published():
    """The published text of 2013, as lines."""
    text = (HERE / "published-2013.txt").read_text("utf-8")
    return tuple(Line(number, line) for number, line in enumerate(text.splitlines(), 1))


@pytest.fixture(scope="session")
def computed(longtan):
    """The figures of the 2013 report."""
    return figures.compute(longtan)


@pytest.fixture(scope="session")
def said(longtan, computed):
    """Audit a text of some lines against the 2013 report."""

    def read(text):
        return audit(longtan, computed, [Line(number, line) for number, line in enumerate(text.split("\n"), 1)])

    return read


@pytest.fixture(scope="session")
def said_nationally(national):
    """Audit a text of some lines against the report on the national form."""
    computed = figures.compute(national)

    def read(text):
        return audit(national, computed, [Line(number, line) for number, line in enumerate(text.split("\n"), 1)])

    return read
