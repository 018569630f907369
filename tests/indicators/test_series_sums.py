"""Adding up tables cell by cell: three states kept apart, every digit kept, the order and the grouping of the units no matter."""

from decimal import Decimal
from fractions import Fraction

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from nianbao.indicators import series
from nianbao.indicators import values as quantity
from nianbao.indicators.values import MISSING, NOT_APPLICABLE

QUANTITIES = st.sampled_from([MISSING, NOT_APPLICABLE]) | (strategies.LONG_COUNTS | strategies.SIGNED_AMOUNTS).map(quantity.given)
LISTS = st.lists(QUANTITIES, min_size=1, max_size=12)
CELL = ("licensing", "decisions")


def n(value):
    """Return what a cell holds that says *value*."""
    return {"": MISSING, "-": NOT_APPLICABLE}.get(value) or quantity.given(Decimal(value) if "." in value else int(value))


def one(forms, parts, own="0"):
    """Return the sum of one cell."""
    tables = [{CELL: n(each)} for each in parts]
    sums = series.add_up(forms["national-2021"], tables, {CELL: n(own)})
    return next(each for each in sums if (each.row.id, each.column.id) == CELL)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["1", "2", "3"], "6"),
        (["0", "0"], "0"),
        (["-", "3"], "3"),
        (["-", "0"], "0"),
        (["-", "-"], "-"),
        (["1", "", "3"], ""),
        (["-", ""], ""),
        (["0.1", "0.2"], "0.3"),
        (["86.5", "13.5"], "100"),
        (["0.000001", "12345678901234567890123456789"], "12345678901234567890123456789.000001"),
        ([], ""),
    ],
)
def test_missing_dash_and_zero_are_added_as_three_things(parts, whole):
    assert series.added(map(n, parts)) == n(whole)


@given(LISTS, st.randoms(use_true_random=False))
def test_the_order_of_the_units_changes_nothing(parts, random):
    other = list(parts)
    random.shuffle(other)
    assert series.added(other) == series.added(parts)


@given(LISTS, LISTS)
def test_the_sum_of_two_sums_is_the_sum_of_all(some, others):
    assert series.added([series.added(some), series.added(others)]) == series.added([*some, *others])


@given(st.lists(strategies.LONG_COUNTS | strategies.AMOUNTS, min_size=1, max_size=12))
def test_no_digit_is_lost(values):
    assert series.added(map(quantity.given, values)).fraction == sum(map(Fraction, values))


def test_every_cell_of_the_form_has_its_sum(forms):
    form = forms["national-2021"]
    sums = series.add_up(form, [], {})
    assert [(each.row.id, each.column.id) for each in sums] == [(row.id, column.id) for _table, row, column in form.cells()]


def test_what_one_unit_has_not_filled_makes_no_whole_sum_but_the_rest_is_known(forms):
    cell = one(forms, ["1", "", "5"])
    assert (cell.whole, cell.known, cell.lacking) == (MISSING, n("6"), (1,))


def test_a_unit_without_a_table_lacks_every_cell(forms):
    sums = series.add_up(forms["national-2021"], [{}, {}], {})
    assert {each.lacking for each in sums} == {(0, 1)}
    assert {each.known for each in sums} == {MISSING}


@pytest.mark.parametrize(
    ("parts", "own", "differs", "difference"),
    [
        (["1", "2"], "3", False, "0"),
        (["1", "2"], "5", True, "2"),
        (["1", "2"], "2", True, "-1"),
        (["1.25", "2"], "3.250", False, "0"),
        (["1.25", "2"], "3.26", True, "0.01"),
        (["-", "-"], "-", False, "-"),
        (["-", "-"], "0", True, "-"),
        (["0", "-"], "-", True, "-"),
        (["1", "2"], "", False, ""),
        (["", ""], "5", False, ""),
        (["1", ""], "5", True, "4"),
    ],
)
def test_the_own_value_is_held_against_what_is_known_of_the_sum(forms, parts, own, differs, difference):
    cell = one(forms, parts, own)
    assert (cell.differs, cell.difference) == (differs, n(difference))


def test_the_units_with_most_come_first_and_those_with_nothing_not_at_all(forms):
    assert one(forms, ["2", "0", "9", "-", "", "2", "10"]).largest() == (6, 2, 0, 5)
