"""Numbers that stay figures while they are calculated with, and what their names say."""

import dataclasses
import operator
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nianbao.document import calculation
from nianbao.document.calculation import Owner, Traced
from nianbao.indicators import figures as fig
from nianbao.indicators import values
from nianbao.indicators.values import State

POLICY = values.Policy()
OWNER = Owner(name="longtan/2013", year=2013, last="longtan/2012", policy=POLICY)
BEFORE = Owner(name="longtan/2012", year=2012, last="", policy=POLICY)
ELSEWHERE = Owner(name="yongji/2013", year=2013, last="yongji/2012", policy=POLICY)


def traced(name, value, unit="件", of=OWNER):
    quantity = value if isinstance(value, values.Quantity) else values.given(value)
    return Traced(fig.counted(name, f"{name}的名称", "cell", quantity, unit), of)


A, B, C = traced("a.total", 32), traced("b.total", 7), traced("c.total", 68)


def told(found):
    figure = found.figure
    return figure.id, figure.formula, figure.inputs, figure.display


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (A + B, ("a.total+b.total", "a.total + b.total", ("a.total", "b.total"), "39件")),
        (A - B, ("a.total-b.total", "a.total - b.total", ("a.total", "b.total"), "25件")),
        (A / C, ("a.total/c.total", "a.total / c.total", ("a.total", "c.total"), "47.06%")),
        ((A + B) / C, ("(a.total+b.total)/c.total", "(a.total + b.total) / c.total", ("a.total", "b.total", "c.total"), "57.35%")),
        (A - (B - C), ("a.total-b.total+c.total", "a.total - b.total + c.total", ("a.total", "b.total", "c.total"), "93件")),
        (A / C - B / C, ("a.total/c.total-b.total/c.total", "a.total / c.total - b.total / c.total", ("a.total", "c.total", "b.total"), "36.76个百分点")),
        (A / C + B / C, ("a.total/c.total+b.total/c.total", "a.total / c.total + b.total / c.total", ("a.total", "c.total", "b.total"), "57.35%")),
        (A / B - 1, ("(a.total-b.total)/b.total", "(a.total - b.total) / b.total", ("a.total", "b.total"), "357.14%")),
        (1 - A / C, ("(c.total-a.total)/c.total", "(c.total - a.total) / c.total", ("c.total", "a.total"), "52.94%")),
        (sum([A, B, C]), ("a.total+b.total+c.total", "a.total + b.total + c.total", ("a.total", "b.total", "c.total"), "107件")),
        (B - A + C, ("b.total-a.total+c.total", "b.total - a.total + c.total", ("b.total", "a.total", "c.total"), "43件")),
        (-A + B, ("b.total-a.total", "b.total - a.total", ("b.total", "a.total"), "-25件")),
    ],
)  # fmt: skip
def test_sums_differences_and_quotients_are_figures_with_formula_and_inputs(found, expected):
    if isinstance(found, Traced):
        assert told(found) == expected
    else:
        # A number alone below zero is plain: a formula begins with what is added.
        assert found == -25


def test_a_quotient_of_two_units_is_so_many_of_the_one_for_one_of_the_other():
    figure = (traced("fees.total", Decimal("12.50"), "万元") / B).figure
    assert (figure.display, figure.quantity.value) == ("1.79万元/件", Fraction(25, 14))


@pytest.mark.parametrize(
    ("calculate", "number"),
    [
        (lambda: A * 2, 64),
        (lambda: A + 7, 39),
        (lambda: 7 + A, 39),
        (lambda: A * B, 224),
        (lambda: A / 2, 16),
        (lambda: A + 0.5, 32.5),
        (lambda: A // 5, 6),
        (lambda: 2**B, 128),
        (lambda: A + traced("b.total", 7, "条"), 39),
        (lambda: A + traced("b.total", 7, of=ELSEWHERE), 39),
        (lambda: A - 1, 31),
        (lambda: A / C + True, float(Fraction(100, 68))),
        (lambda: round(A), 32),
        (lambda: float(A), 32.0),
    ],
)
def test_with_any_other_number_a_figure_gives_a_plain_number(calculate, number):
    found = calculate()
    assert not isinstance(found, Traced)
    assert found == number


def test_a_number_equal_to_a_figure_is_no_figure():
    assert A == 32
    assert not isinstance(A * 1, Traced)


@pytest.mark.parametrize("operate", [operator.add, operator.sub, operator.truediv])
def test_last_year_s_figure_goes_by_its_name_in_this_year_s_report(operate):
    found = operate(A, traced("a.total", 30, of=BEFORE)).figure
    assert found.inputs == ("a.total", "last_year.a.total")
    assert "2012年报告的" in found.label


def test_what_was_calculated_last_year_goes_by_the_names_of_this_year_s_report():
    before = traced("a.total", 30, of=BEFORE) / traced("c.total", 60, of=BEFORE)
    found = (before - A / C).figure
    assert found.formula == "last_year.a.total / last_year.c.total - a.total / c.total"
    assert found.display == "2.94个百分点"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (values.MISSING, values.given(1), State.MISSING),
        (values.NOT_APPLICABLE, values.given(1), State.NOT_APPLICABLE),
        (values.NOT_APPLICABLE, values.MISSING, State.MISSING),
    ],
)
def test_missing_and_not_applicable_are_no_zeros(first, second, expected):
    one, other = traced("a.total", first), traced("b.total", second)
    assert {(one + other).quantity.state, (one / other).quantity.state} == {expected}


def test_a_quotient_over_zero_is_not_defined():
    assert (A / traced("z", 0)).quantity.state is State.UNDEFINED


NAMES = {each.figure.id: each.figure for each in (A, B, C, traced("z", 0), traced("m.x", values.MISSING))}


@st.composite
def formulas(draw, depth=3):
    """A number made of the figures by random steps."""
    if depth == 0 or draw(st.booleans()):
        return Traced(NAMES[draw(st.sampled_from(sorted(NAMES)))], OWNER)
    operate = draw(st.sampled_from([operator.add, operator.sub, operator.truediv]))
    return operate(draw(formulas(depth=depth - 1)), draw(formulas(depth=depth - 1)))


@given(formulas())
def test_a_calculated_figure_can_be_computed_again_from_its_name(found):
    if isinstance(found, Traced) and found.made:
        assert calculation.calculated(found.figure.id, NAMES.__getitem__, OWNER) == found.figure


@given(formulas())
def test_python_computes_the_same_from_the_formula(found):
    if isinstance(found, Traced) and found.is_given:
        numbers = {key: Fraction(figure.quantity.value or 0) for key, figure in NAMES.items()}
        spelled = found.figure.formula if found.made else found.figure.id
        for key in sorted(numbers, key=len, reverse=True):
            spelled = spelled.replace(key, f"Fraction({numbers[key]})")
        assert eval(spelled, {"Fraction": Fraction}) == found.quantity.fraction


@pytest.mark.parametrize(
    "name",
    ["", "a.total", "a.total+", "+a.total", "(a.total)", "a.total+(b.total)", "a.total/b.total/c.total", "a.total + b.total",
     "(((", "a.total+b.total)", "a.total*b.total", "a.total+1", "nobody+a.total", "(" * 50 + "a.total" + ")" * 50, "-a.total",
     "+".join(["a.total"] * 400)],
)  # fmt: skip
def test_a_name_that_no_calculation_gives_is_refused(name):
    with pytest.raises((ValueError, KeyError)):
        calculation.calculated(name, NAMES.__getitem__, OWNER)


def test_a_sum_that_nobody_could_follow_is_a_plain_number():
    assert sum([A] * 400) == 32 * 400
    assert not isinstance(sum([A] * 400), Traced)


@given(st.fractions(-1000, 1000))
def test_a_percentage_is_rounded_once(value):
    figure = dataclasses.replace(A.figure, quantity=values.given(value), unit="%")
    total = calculation.total([(1, Traced(figure, OWNER)), (1, Traced(figure, OWNER))])
    assert total.figure.number == POLICY.percent(2 * value)
