"""A few concepts of a unit over its years, as the manifests have them."""

from decimal import Decimal

import pytest
from nianbao.fleet import index
from nianbao.fleet.index import Entry
from nianbao.indicators.series import Concept, Definition

OLD = Definition(cells={"old": (("applications", "year"),)})
NEW = Definition(cells={"new": (("received", "total"), ("carried", "total")), "newer": (("received", "total"),)})
CONCEPT = Concept(id="received", label="收到的申请", unit="件", definitions=(OLD, NEW))


def _entry(year, form, **values):
    named = {name.replace("__", "."): value for name, value in values.items()}
    return Entry(unit="unit", year=str(year), state="成稿", form=form, values=named)


def _line(*entries, concept=CONCEPT):
    return index.follow(concept, entries)


def _points(line):
    return [(point.year, point.value.exact, point.run) for point in line.points]


def test_a_value_is_the_sum_of_the_cells_that_the_form_s_definition_names():
    assert _points(_line(_entry(2020, "new", received__total="97", carried__total="3"))) == [(2020, "100", 0)]


def test_years_that_count_by_one_definition_are_one_run_whatever_their_forms():
    entries = [_entry(2020, "new", received__total="1", carried__total="0"), _entry(2021, "newer", received__total="2")]

    assert _points(_line(*entries)) == [(2020, "1", 0), (2021, "2", 0)]


def test_another_definition_begins_another_run():
    entries = [_entry(2020, "old", applications__year="1"), _entry(2021, "newer", received__total="2")]

    assert _points(_line(*entries)) == [(2020, "1", 0), (2021, "2", 1)]


def test_a_year_without_a_report_begins_another_run():
    entries = [_entry(year, "newer", received__total="1") for year in (2020, 2022)]

    assert [point.run for point in _line(*entries).points] == [0, 1]


@pytest.mark.parametrize("value", [None, "1/3", "1e9", "nan", "九", "９", "1" * 19, ""])
def test_a_value_that_no_cell_can_hold_is_none(value):
    assert _points(_line(_entry(2020, "newer", received__total=value))) == []


def test_a_form_without_the_concept_has_no_point():
    assert _points(_line(_entry(2020, "elsewhere", received__total="1"))) == []


def test_a_form_s_unit_is_brought_to_the_concept_s():
    brought = Definition(cells={"old": (("fees", "year"),)}, times=Decimal("0.0001"))
    concept = Concept(id="fees", label="收费", unit="万元", definitions=(brought,))

    assert _line(_entry(2020, "old", fees__year="1234"), concept=concept).last == "2020年0.1234万元"


def test_the_words_tell_every_year_and_where_they_are_apart():
    entries = [_entry(2020, "old", applications__year="1"), _entry(2021, "newer", received__total="2")]

    assert _line(*entries).words == "收到的申请：2020年1件；2021年2件（与前不连续）。"


def test_one_year_alone_is_told_and_not_drawn():
    line = _line(_entry(2020, "newer", received__total="1"))

    assert (line.last, line.path) == ("2020年1件", "")


def test_no_year_at_all_is_nothing():
    line = _line()

    assert (line.last, line.path) == ("", "")


def test_the_figures_that_concepts_are_made_from_are_those_of_every_form():
    assert index.cells([CONCEPT]) == {"applications.year", "received.total", "carried.total"}
