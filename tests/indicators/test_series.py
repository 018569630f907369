"""A concept over the years: exact values with their cells, changes where two years may be compared, and reasons where not."""

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from nianbao.indicators import figures, series
from nianbao.indicators import values as quantity
from nianbao.indicators.values import State
from nianbao.inputs import formfile
from trends import point_of, series_of

RECEIVED = "一、本年新收政府信息公开申请数量"


# ---- values


def test_a_value_is_the_cell_of_its_year(invented):
    values = {point.year: point.value.quantity.value for point in series_of(invented, "received").given}

    assert values == {2018: 52, 2023: 87, 2024: 121}


def test_a_value_is_called_after_its_year_row_and_column(invented):
    point = point_of(invented, "received", 2024)

    assert point.value.id == "y2024.received.total"
    assert point.value.source == "params/invented/2024/requests.csv 第2行 K2"


def test_a_sum_of_cells_names_those_it_adds_up(changed):
    trend = changed(("2024/disputes.csv", "案件数量", "0,0,0,0,0,0,0,0,0,0", "1,0,0,1,2,0,1,0,0,1"))
    point = point_of(trend, "litigation", 2024)

    assert point.value.quantity.value == 3
    assert point.value.formula == "y2024.cases.suit_total + y2024.cases.suit_after_total"


def test_a_sum_that_the_table_does_not_print_names_its_parts(invented):
    point = point_of(invented, "unavailable", 2024)

    assert point.value.quantity.value == 5
    assert point.value.inputs == tuple(f"y2024.handled.unavailable.{name}.total" for name in ("not_held", "not_ready", "unclear"))


def test_every_figure_can_be_followed_to_cells(invented):
    by_id = {figure.id: figure for figure in invented.figures}

    assert {each for figure in by_id.values() for each in figure.inputs} <= set(by_id)
    assert {figure.id for figure in by_id.values() if not figure.inputs} == {
        figure.id for figure in by_id.values() if figure.source.startswith("params/invented/")
    }


def test_every_figure_is_there_once(invented):
    ids = [figure.id for figure in invented.figures]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("cell", "state", "words"), [("", State.MISSING, "缺数"), ("-", State.NOT_APPLICABLE, "不适用"), ("0", State.GIVEN, "")]
)
def test_missing_not_applicable_and_zero_stay_three_things(changed, cell, state, words):
    point = point_of(
        changed(("2018/statistics.csv", "1.当面申请数", "11", "11"), ("2018/statistics.csv", "（一）收到申请数", "52", cell)),
        "received",
        2018,
    )

    assert point.value.quantity.state is state
    assert (point.given, point.words) == (state is State.GIVEN, words)


def test_a_year_without_a_report_has_no_value(invented):
    points = series_of(invented, "received").points

    assert [point.year for point in points] == list(range(2018, 2025))
    assert {point.absent for point in points if 2018 < point.year < 2023} == {"没有资料"}


def test_a_year_whose_form_has_no_such_cell_says_so(invented):
    assert point_of(invented, "staff", 2024).words == "表中没有此项"
    assert point_of(invented, "carried_in", 2018).words == "表中没有此项"


def test_yuan_are_brought_to_ten_thousand_yuan_exactly(forms, longtan):
    (concept,) = [each for group in formfile.shipped_concepts(forms) for each in group.concepts if each.id == "fees"]
    cell = dataclasses.replace(longtan.cells["fees", "year"], quantity=quantity.given(12345))
    charged = dataclasses.replace(longtan, cells={**longtan.cells, ("fees", "year"): cell})

    (point,) = series.follow(concept, {2013: (charged, figures.compute(charged))}).points

    assert point.value.display == "1.2345万元"
    assert point.value.formula == "y2013.fees.year * 0.0001"


# ---- changes


def test_a_change_is_the_difference_and_its_part_of_last_year(invented):
    point = point_of(invented, "received", 2024)

    assert (point.change.quantity.value, point.rate.quantity.value) == (34, Fraction(34, 87))
    assert (point.change.number, point.rate.number) == ("+34", "+39.08%")
    assert point.change.formula == "y2024.received.total - y2023.received.total"
    assert point.rate.formula == "y2024.concepts.received.change / y2023.received.total"


def test_a_fall_has_a_minus_sign_that_is_no_hyphen(invented):
    point = point_of(invented, "carried_out", 2024)

    assert (point.change.number, point.change.quantity.exact, point.rate.number) == ("−1", "-1", "−33.33%")


def test_no_change_has_no_sign(invented):
    point = point_of(invented, "reviews", 2024)

    assert (point.change.number, point.rate.number) == ("0", "0.00%")


def test_a_change_from_nothing_has_no_rate(invented):
    point = point_of(invented, "carried_in", 2024)

    assert (point.change.number, point.rate.number, point.rate.quantity.state) == ("+3", "无定义", State.UNDEFINED)


def test_all_rates_are_printed_as_the_last_year_prints_its_own(unit, changed):
    path = unit / "2024/report.yaml"
    path.write_text(path.read_text("utf-8") + "\nrounding: {places: 1, method: truncate}\n", "utf-8")
    path = unit / "2023/report.yaml"
    path.write_text(path.read_text("utf-8") + "\nrounding: {places: 3}\n", "utf-8")

    assert point_of(changed(), "received", 2024).rate.number == "+39.0%"


def test_the_first_year_is_compared_with_nothing(invented):
    point = point_of(invented, "received", 2018)

    assert (point.change, point.rate, point.apart) == (None, None, "")


def test_two_years_with_one_missing_between_are_not_compared(invented):
    point = point_of(invented, "licensing", 2023)

    assert (point.change, point.apart) == (None, "上年没有资料")


def test_a_change_across_definitions_is_not_computed(begin, changed):
    begin("2019")
    point = point_of(changed(("2019/requests.csv", RECEIVED, "", "52")), "received", 2019)

    assert (point.value.quantity.value, point.change, point.rate, point.apart) == (52, None, None, "与上年口径不同")


def test_a_change_across_forms_of_one_definition_is_computed(begin, changed):
    begin("2020", "2021")
    trend = changed(("2020/requests.csv", RECEIVED, "", "90"), ("2021/requests.csv", RECEIVED, "", "60"))

    assert {trend.documents[year].form.id for year in (2020, 2021)} == {"national-2019", "national-2021"}
    assert point_of(trend, "received", 2021).change.number == "−30"


def test_a_year_after_a_missing_cell_is_not_compared(changed):
    trend = changed(("2023/requests.csv", RECEIVED, "87", ""))

    assert point_of(trend, "received", 2024).apart == "上年缺数"


def test_a_missing_cell_is_compared_with_nothing(changed):
    trend = changed(("2024/requests.csv", RECEIVED, "121", ""))
    point = point_of(trend, "received", 2024)

    assert (point.change, point.words) == (None, "缺数")


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_last_year_and_its_rate_give_this_year(before, now):
    moved = quantity.total(((1, quantity.given(now)), (-1, quantity.given(before))))
    rate = quantity.ratio(moved, quantity.given(before))

    assert before * (1 + rate.fraction) == now


@given(st.integers(-(10**9), 10**9))
def test_a_sign_says_where_it_went(value):
    assume(value)
    printed = series.signed(str(value), quantity.given(value))

    assert printed == f"{'+' if value > 0 else '−'}{abs(value)}"


# ---- definitions


def test_a_break_stands_between_the_last_year_before_and_the_first_after(invented):
    ((before, after),) = series_of(invented, "received").breaks

    assert (before.year, after.year) == (2018, 2023)


def test_a_concept_counted_by_one_definition_has_no_break(invented):
    assert series_of(invented, "carried_in").breaks == ()
    assert series_of(invented, "disclosed").breaks == ()


def test_a_cell_is_quoted_as_its_form_words_it(invented):
    assert point_of(invented, "received", 2018).quoted == "“（一）收到申请数”"
    assert point_of(invented, "granted", 2024).quoted == "“三、本年度办理结果”中“（一）予以公开”（总计）"
    assert (
        point_of(invented, "litigation", 2024).quoted
        == "“案件数量”（行政诉讼·未经复议直接起诉·总计）与“案件数量”（行政诉讼·复议后起诉·总计）"
    )


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ([2013], "2013年"),
        ([2013, 2014], "2013年至2014年"),
        ([2008, 2009, 2010, 2013, 2015, 2016], "2008年至2010年、2013年、2015年至2016年"),
        ([], ""),
    ],
)
def test_years_that_follow_each_other_are_one_span(years, words):
    assert series.spans(years) == words


def test_notes_are_numbered_in_circles():
    assert [series.sign(number) for number in range(3)] == ["①", "②", "③"]
