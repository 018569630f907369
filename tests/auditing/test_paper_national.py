"""The published text of an office under the form in force, read against its own tables."""

from pathlib import Path

import pytest
from nianbao.auditing import audit
from nianbao.indicators import figures
from nianbao.inputs import formfile, report
from nianbao.reading.lines import Line

SPECIMEN = Path(__file__).parents[2] / "params" / "specimen" / "2025"


@pytest.fixture(scope="module")
def said():
    read = report.load(SPECIMEN, formfile.shipped())
    computed = figures.compute(read)

    def claims(text):
        return audit(read, computed, [Line(number=1, text=text)]).claims

    return claims


def verdicts(claims):
    return {claim.text: (claim.figure, claim.verdict) for claim in claims}


RIGHT = (
    ("制发行政规范性文件564件", "564件", "normative.issued"),
    ("现行有效的行政规范性文件4185件", "4185件", "normative.in_force"),
    ("作出行政许可决定1139.89万件", "1139.89万件", "licensing.decisions"),
    ("新收政府信息公开申请14069件，其中自然人13612件，占96.75%", "96.75%", "received.natural"),
    ("本年度办理答复13810件，其中予以公开5548件，占40.17%", "40.17%", "handled.granted.total.share"),
    ("本年度办理答复13810件", "13810件", "handled.total"),
    ("行政复议790件", "790件", "cases.review_total"),
    ("行政复议790件，其中结果维持376件", "376件", "cases.review_upheld"),
)


@pytest.mark.parametrize(("text", "number", "figure"), RIGHT)
def test_a_right_number_is_confirmed_by_its_cell(said, text, number, figure):
    assert verdicts(said(f"{text}。"))[number] == (figure, "confirmed")


WRONG = (
    ("制发行政规范性文件546件", "546件"),
    ("新收政府信息公开申请14069件，其中自然人13621件", "13621件"),
    ("办理答复13810件，其中予以公开5548件，占41.17%", "41.17%"),
    ("全年未发生行政诉讼", "未发生行政诉讼"),
)


@pytest.mark.parametrize(("text", "number"), WRONG)
def test_a_wrong_number_or_word_is_contradicted(said, text, number):
    assert verdicts(said(f"{text}。"))[number][1] == "contradicted"


def test_a_name_that_stands_under_several_titles_is_never_held_against_one_of_them(said):
    assert verdicts(said("结果纠正98件。"))["98件"][1] == "not-checkable"
