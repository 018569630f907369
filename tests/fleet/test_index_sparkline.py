"""A row of numbers as a drawing the size of a word."""

import re

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nianbao.fleet import index
from nianbao.indicators import values as quantities
from nianbao.indicators.series import Concept, Definition

VALUES = st.lists(st.fractions(min_value=-(10**18), max_value=10**18), min_size=1, max_size=20)


def _path(values, runs=None):
    points = [
        index.Point(year=2013 + number, value=quantities.given(value), run=runs[number] if runs else 0)
        for number, value in enumerate(values)
    ]
    return index.sparkline(points)


def test_what_is_drawn_is_told_in_words():
    concept = Concept(id="r", label="<申请>", unit="件", definitions=(Definition(cells={"f": (("received", "total"),)}),))
    years = [("2013", "1"), ("2014", "2")]
    entries = [index.Entry(unit="u", year=year, state="成稿", form="f", values={"received.total": value}) for year, value in years]
    (drawn,) = lxml.html.document_fromstring(index.page(entries, {}, [concept])).xpath("//*[@id='lines']//svg")

    words = "<申请>：2013年1件；2014年2件。"
    assert (drawn.get("role"), drawn.get("aria-label"), drawn.findtext("title")) == ("img", words, words)
    assert (drawn.get("viewbox"), drawn.find("path").get("d")) == ("0 0 120 32", _path([1, 2]))


def test_a_line_goes_from_year_to_year():
    assert _path([0, 10, 5]) == "M3.0 29.0L60.0 3.0L117.0 16.0"


def test_a_line_does_not_cross_to_another_run():
    assert re.findall("[MLh]", _path([1, 2, 3, 4], runs=[0, 0, 1, 1])) == ["M", "L", "M", "L"]


def test_a_run_of_one_year_is_a_dot():
    assert _path([1, 2], runs=[0, 1]) == "M3.0 29.0h.01M117.0 3.0h.01"


@pytest.mark.parametrize("values", [[7, 7], [7], [0, 0, 0]])
def test_numbers_that_do_not_differ_lie_on_one_level(values):
    assert set(re.findall(r"[ML][\d.]+ ([\d.]+)", _path(values))) == {"29.0"}


@given(VALUES)
def test_every_point_lies_inside_the_drawing(values):
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", _path(values))

    assert len(points) == len(values)
    assert all(0 <= float(x) <= index.WIDTH and 0 <= float(y) <= index.HEIGHT for x, y in points)
