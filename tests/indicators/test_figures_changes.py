"""What changed since last year, as figures and in words."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from builds import ROOT
from hypothesis import given
from hypothesis import strategies as st
from nianbao.document.document import Document
from nianbao.indicators import figures, values
from nianbao.indicators.report import Passage
from nianbao.inputs import report
from nianbao.page.blocks import plain
from nianbao.prose import language, names
from strategies import COUNTS


@pytest.fixture(scope="module")
def invented(forms):
    """The invented report of 2024, with that of 2023 beside it."""
    return report.load(ROOT / "params/invented/2024", forms)


def with_cells(read, cells):
    """Return *read* with other values in *cells*, by row and column joined by a dot; None is a blank."""
    made = {}
    for name, value in cells.items():
        key = tuple(name.rsplit(".", 1))
        made[key] = replace(read.cells[key], quantity=values.MISSING if value is None else values.given(value))
    return replace(read, cells={**read.cells, **made})


def both(read, now, before):
    """Return *read* with *now* in its cells, and *before* in last year's."""
    return replace(with_cells(read, now), last_year=with_cells(read.last_year, before))


def received(read, now, before):
    return both(read, {"received.total": now}, {"received.total": before})


def said(read, source):
    document = Document(read)
    rendered = language.render(Passage(source=source, file="narrative.md"), document.names)
    return "\n".join(plain(block.children) for block in rendered.blocks)


def computed(read):
    own = figures.compute(read)
    return {each.id: each for each in figures.compute_changes(read, own)}


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (121, 87, "，比上年增加34件，增长39.08%"),
        (87, 121, "，比上年减少34件，下降28.10%"),
        (87, 87, "，与上年持平"),
        (0, 0, "，上年也没有"),
        (5, 0, "，比上年增加5件（上年为零，不计算增长率）"),
        (0, 5, "，比上年减少5件，下降100.00%"),
        (100_001, 100_000, "，比上年增加1件"),
        (None, 87, ""),
        (121, None, ""),
    ],
)
def test_a_change_is_said_as_far_as_there_is_one(invented, now, before, words):
    shown = "缺数" if now is None else f"{now}件"
    assert said(received(invented, now, before), "新收{{ received }}{{ received | change }}。") == f"新收{shown}{words}。"


def test_without_last_year_nothing_is_said(invented):
    read = replace(invented, last_year=None)
    assert said(read, "甲{{ received }}{{ received | change }}。{{ handled | shifts }}") == "甲121件。"
    assert computed(read) == {}


def test_a_dash_is_not_compared(invented):
    key = ("received", "total")
    dashed = replace(invented.cells[key], quantity=values.NOT_APPLICABLE)
    assert (
        said(replace(invented, cells={**invented.cells, key: dashed}), "甲{{ received }}{{ received | change }}。") == "甲不适用。"
    )


def test_amounts_are_compared_in_their_unit(invented):
    read = both(invented, {"fees.amount": Decimal("10.5")}, {"fees.amount": Decimal("8.40")})
    assert said(read, "收费{{ fees }}{{ fees | change }}。") == "收费10.5万元，比上年增加2.1万元，增长25.00%。"


def test_shares_differ_by_percentage_points(invented):
    assert said(invented, "{{ handled | shifts }}") == (
        "与上年相比，予以公开所占比例上升14.77个百分点，部分公开所占比例下降1.19个百分点，不予公开所占比例下降9.66个百分点，"
        "无法提供所占比例下降3.04个百分点，不予处理所占比例上升0.98个百分点，其他处理所占比例下降1.85个百分点。"
    )


def test_points_are_rounded_once_from_the_exact_shares(invented):
    assert computed(invented)["handled.granted.total.share.difference"].quantity.value == Fraction(95, 122) - Fraction(53, 84)


def test_shares_that_stayed_are_said_to_have_stayed(invented):
    assert said(replace(invented, last_year=invented), "{{ handled | shifts }}") == "与上年相比，各项所占比例与上年基本持平。"


def test_a_whole_of_zero_last_year_gives_no_points(invented):
    assert said(both(invented, {}, {"handled.total": 0}), "甲。{{ handled | shifts }}") == "甲。"


def test_the_parts_of_a_total_column_are_the_columns_that_the_rule_adds_up(invented):
    read = both(invented, {"cases.review_upheld": 2, "cases.review_pending": 1}, {})
    words = "结果维持2件；尚未审结1件；没有结果纠正的；没有其他结果的"
    assert said(read, "复议{{ cases.review_total }}，其中{{ cases.review_total | breakdown }}。") == f"复议3件，其中{words}。"


def test_what_the_other_form_does_not_have_alike_is_not_compared(invented, forms):
    other = forms["national-2019"]
    cells = {
        (row.id, column.id): replace(next(iter(invented.cells.values())), quantity=values.given(1))
        for _table, row, column in other.cells()
    }
    found = computed(replace(invented, last_year=replace(invented.last_year, form=other, cells=cells)))
    assert "received.total.change" in found
    assert "handled.other.total.change" in found
    assert {name.partition(".")[0] for name in found} & {"rules", "normative", "licensing", "fees"} == {"rules"} & set(found)


def test_the_form_of_2018_has_nothing_that_the_form_of_2019_calls_the_same(forms):
    one, two = forms["national-2014"], forms["national-2019"]
    assert {row.id for row in one.rows.values() if row.id in two.rows and two.rows[row.id].label == row.label} == set()


def test_every_input_of_a_change_is_a_figure_of_the_report(invented):
    document = Document(invented)
    assert [each for figure in document.figures for each in figure.inputs if each not in document.figures] == []


@given(COUNTS, COUNTS)
def test_the_difference_is_never_negative_and_leads_back_to_this_year(invented, now, before):
    found = computed(received(invented, now, before))
    sign = 1 if now >= before else -1
    difference = found["received.total.difference"].quantity.value
    assert difference >= 0
    assert before + sign * difference == now


@given(COUNTS, st.integers(1, 10**9))
def test_the_rate_is_the_difference_over_last_year(invented, now, before):
    found = computed(received(invented, now, before))
    assert found["received.total.change"].quantity.fraction == Fraction(abs(now - before), before)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{{ received | change("甲") }}', "change 不带参数"),
        ("{{ rates.handled | change }}", "change 只用于表中的行"),
        ("{{ fees | shifts }}", "没有组成部分"),
    ],
)
def test_a_filter_used_wrongly_is_refused_with_what_to_do(invented, source, words):
    with pytest.raises(Exception, match=words):
        said(invented, source)


def test_the_names_of_prose_lead_to_the_change(invented):
    own = figures.compute(invented)
    every = figures.Figures([*own, *figures.compute_changes(invented, own)])
    change = names.tree(invented, every).child("received").change()
    assert (change.risen, change.difference.quantity.value) == (True, 34)
