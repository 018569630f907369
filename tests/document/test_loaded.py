"""One report as data: frames of plain numbers, with the exact value and the reason why there is none beside them."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import nianbao
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from nianbao.document.document import Document
from nianbao.document.loaded import Loaded
from nianbao.indicators import values
from nianbao.indicators.errors import UnknownNameError

PARAMS = Path(__file__).parents[2] / "params"


@pytest.fixture(scope="module")
def report():
    return nianbao.load(PARAMS / "longtan" / "2013")


@pytest.fixture(scope="module")
def specimen():
    return nianbao.load(PARAMS / "specimen" / "2025")


def test_ratios_are_one_frame_by_id(report):
    found = report.ratios()
    assert found.index.name == "id"
    assert list(found.columns) == ["指标", "分子", "分母", "value", "exact", "display", "formula", "source", "status"]
    assert found["value"].dtype == np.float64


def test_every_share_and_rate_of_the_form_is_among_the_ratios(report):
    own = {each.id for each in report.document.figures if each.kind in {"share", "rate"}}
    assert set(report.ratios().index) == own
    assert {name.split(".")[0] for name in own} >= {"rates", "disclosed"}


def test_a_ratio_says_where_its_numbers_stand(report):
    found = report.ratios().loc["disclosed.district.year.share"]
    assert (found["分子"], found["分母"], found["exact"], found["display"]) == (953, 2565, Fraction(953, 2565), "37.15%")
    assert found["formula"] == "disclosed.district.year / disclosed.year"
    assert found["source"].count("params/longtan/2013/statistics.csv 第") == 2


def test_a_ratio_is_its_numerator_over_its_denominator(report):
    found = report.ratios().dropna(subset=["value"])
    assert np.allclose(found["value"], found["分子"].astype(float) / found["分母"].astype(float))
    assert all(abs(float(exact) - value) < 1e-12 for exact, value in zip(found["exact"], found["value"], strict=True))


def test_a_ratio_without_a_number_says_why(report):
    found = report.ratios()
    lacking = found[found["value"].isna()]
    assert set(lacking["status"]) == {"not-applicable", "undefined"}
    assert set(found.dropna(subset=["value"])["status"]) == {"given"}


def test_figures_are_all_figures(report):
    found = report.figures()
    assert list(found.index) == [each.id for each in report.document.figures]
    assert found["value"].dtype == np.float64
    assert found.loc["disclosed.year", ["value", "exact", "unit"]].tolist() == [2565.0, 2565, "条"]


def test_findings_are_a_frame_even_where_there_are_none(report, specimen):
    assert list(report.findings().columns) == list(specimen.findings().columns)
    assert report.findings()["accepted"].all()


@pytest.mark.parametrize("table", ["requests", "disputes", "regulations", "licences"])
def test_whole_numbers_are_int64_and_shares_float64(specimen, table):
    found = specimen.frame(table)
    numbers = [name for name in found if name not in {"指标", "单位"} and not name.endswith("状态")]
    assert {str(found[name].dtype) for name in numbers if not name.endswith("占比")} == {"Int64"}
    assert {str(found[name].dtype) for name in numbers if name.endswith("占比")} <= {"Float64"}
    assert list(found.columns)[-len(numbers) :] == [f"{name}状态" for name in numbers]


def test_amounts_are_float64(specimen):
    assert str(specimen.frame("charges")["本年收费金额"].dtype) == "Float64"


def test_a_dash_and_a_blank_are_na_and_told_apart_at_the_end(report):
    found = report.frame("statistics")
    assert found.loc["staff", "累计数"] is pd.NA
    assert found.loc["staff", "累计数状态"] == "not-applicable"
    assert found.loc["disclosed", "13年发生数状态"] == "given"


def test_numbers_plot_at_once(specimen):
    assert len(specimen.frame("requests")["总计"].plot.bar(ax=Figure().subplots()).patches) == 25


def test_no_number_of_it_is_a_figure(specimen):
    held = {type(each).__name__ for name in specimen.frame("requests") for each in specimen.frame("requests")[name]}
    assert "Traced" not in held


def test_a_number_without_room_in_int64_keeps_its_size(longtan):
    key = ("staff", "year")
    cells = dict(longtan.cells) | {key: replace(longtan.cells[key], quantity=values.given(10**30 - 1))}
    found = Loaded(Document(replace(longtan, cells=cells)))
    assert found.frame("statistics").loc["staff", "13年发生数"] == 1e30
    assert found.figures().loc["staff.year", "exact"] == 10**30 - 1


def test_an_unknown_table_is_refused_with_those_there_are(report):
    with pytest.raises(UnknownNameError, match=r"没有叫“requests”的表.*statistics"):
        report.frame("requests")
