"""The chart of series over years: a panel each, gaps where there is no number, a dashed line where the definition changed."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from nianbao.document import charts
from nianbao.page.blocks import Paragraph, walk
from trends import series_of

SVG = "{http://www.w3.org/2000/svg}"
RECEIVED = "一、本年新收政府信息公开申请数量"


@pytest.fixture(scope="module")
def received(invented):
    """The chart of the applications received."""
    return _picture([series_of(invented, "received")], "收到的申请各年情况")


def _picture(series, caption):
    (picture,) = charts.lines(series, caption)
    return picture


def _texts(picture):
    return [node.text for node in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def _places(picture):
    """Return where the name of each year stands."""
    texts = ET.fromstring(picture.svg).iter(f"{SVG}text")
    return {node.text: float(node.get("x")) for node in texts if re.fullmatch(r"\d{4}年", node.text)}


def _strokes(picture, pattern):
    """Return the end points of the lines whose style matches *pattern*."""
    drawn = [node for node in ET.fromstring(picture.svg).iter(f"{SVG}path") if re.search(pattern, node.get("style", ""))]
    return [re.findall(r"[ML] ([\d.]+) ([\d.]+)", node.get("d")) for node in drawn]


def _joined(picture):
    return _strokes(picture, r"stroke: #1f4e79; stroke-width: 1\.4")


def _dashed(picture):
    return _strokes(picture, r"stroke-dasharray.*stroke: #a40000")


def test_every_value_is_printed_as_its_figure(received, invented):
    marked = {
        node.get("data-figure"): "".join(node.itertext()).strip()
        for node in ET.fromstring(received.svg).iter()
        if node.get("data-figure")
    }

    assert marked == {f"{point.value.id}": point.value.number for point in series_of(invented, "received").given}


def test_every_year_is_named_under_the_line_in_order(received):
    assert [text for text in _texts(received) if re.fullmatch(r"\d{4}年", text)] == [f"{year}年" for year in range(2018, 2025)]


def test_two_years_that_follow_each_other_are_joined(received):
    assert len(_joined(received)) == 1


def test_no_line_runs_over_missing_years(invented):
    picture = _picture([series_of(invented, "normative_issued")], "图")

    assert len(_joined(picture)) == 1
    assert "没有资料" in "".join(_texts(picture))


def test_a_change_of_definition_is_a_dashed_line_with_the_number_of_its_note(received):
    ((bottom, top),) = _dashed(received)

    assert bottom[0] == top[0]
    assert _texts(received).count("①") == 1


def test_the_dashed_line_stands_between_the_years_that_it_divides(received):
    places = _places(received)
    ((x, _bottom), _top) = _dashed(received)[0]

    assert places["2018年"] < float(x) < places["2023年"]


def test_years_of_two_definitions_are_not_joined(begin, changed):
    begin("2019")
    trend = changed(("2019/requests.csv", RECEIVED, "", "52"))
    picture = _picture([series_of(trend, "received")], "图")

    assert len(_joined(picture)) == 1
    assert len(_dashed(picture)) == 1


@pytest.mark.parametrize(("cell", "words"), [("", "缺数"), ("-", "不适用")])
def test_a_cell_without_a_number_leaves_a_gap_and_says_why(begin, changed, cell, words):
    begin("2022")
    trend = changed(
        ("2022/requests.csv", RECEIVED, "", "80"),
        ("2023/requests.csv", RECEIVED, "87", cell),
        ("2024/requests.csv", RECEIVED, "121", "121"),
    )
    picture = _picture([series_of(trend, "received")], "图")

    assert _joined(picture) == []
    assert words in _texts(picture)


def test_marks_of_two_definitions_have_two_shapes(received):
    shapes = [node.get("{http://www.w3.org/1999/xlink}href") for node in ET.fromstring(received.svg).iter(f"{SVG}use")]

    assert shapes[1] == shapes[2] != shapes[0]


def test_the_alternative_text_tells_every_year(received):
    assert received.alt == (
        "折线图：收到的申请各年情况。收到的申请：2018年52件；2019年至2022年没有资料；2023年87件（①口径有变）；2024年121件。"
    )


def test_the_data_of_a_chart_are_the_same_figures(received, invented):
    shown = [node.figure for node in walk(received.data) if hasattr(node, "figure")]

    assert shown == [point.value.id for point in series_of(invented, "received").given]


def test_a_series_without_a_number_has_no_panel(changed):
    trend = changed(
        ("2023/charges.csv", "行政事业性收费", "86.5", ""),
        ("2024/charges.csv", "行政事业性收费", "86.5", ""),
    )
    picture = _picture([series_of(trend, "fees"), series_of(trend, "administrative_charges")], "收费")

    assert "行政事业性收费" not in picture.alt


def test_without_any_number_a_sentence_stands_in_the_place_of_the_chart():
    assert isinstance(_picture([], "收费"), Paragraph)


def test_values_that_are_all_zero_lie_on_the_line(invented):
    picture = _picture([series_of(invented, "litigation")], "图")
    ((left, right),) = _joined(picture)

    assert left[1] == right[1]


def test_the_same_series_give_the_same_bytes(received, invented):
    assert _picture([series_of(invented, "received")], "收到的申请各年情况") == received


def test_long_values_get_the_whole_width(changed):
    whole = changed(("2024/charges.csv", "行政事业性收费", "86.5", "86.123456"))
    places = _places(_picture(whole.series["charges"], "收费"))

    assert places["2024年"] - places["2018年"] > 300


def test_short_values_stand_in_two_columns(invented):
    assert (
        len(
            {
                node.get("x")
                for node in ET.fromstring(_picture(invented.series["requests"], "图").svg).iter(f"{SVG}text")
                if node.text == "2018年"
            }
        )
        == 2
    )


def test_many_panels_are_several_pictures_that_fit_a_page(begin, changed):
    begin("2025", "2026", "2027", "2028")
    pictures = charts.lines(changed().series["outcomes"], "办理的结果")

    assert [picture.caption for picture in pictures] == ["办理的结果（一）", "办理的结果（二）"]
    assert [picture.alt.count("：", 3) - 1 for picture in pictures] == [3, 3]
    assert max(float(re.search(r'height="([\d.]+)pt"', picture.svg)[1]) for picture in pictures) < 400


def test_names_of_years_do_not_touch_over_twenty_years(begin, changed):
    begin(
        *(str(year) for year in range(2014, 2018)),
        *(str(year) for year in range(2019, 2023)),
        *(str(year) for year in range(2025, 2034)),
    )
    trend = changed(("2024/requests.csv", RECEIVED, "121", "121"))
    picture = _picture([series_of(trend, "received")], "图")
    places = sorted(_places(picture).values())
    size = min(float(found) for found in re.findall(r"font-size: ([\d.]+)px", picture.svg))

    assert len(places) == 20
    assert min(right - left for left, right in pairwise(places)) > size * (4 * 0.56 + 1)
