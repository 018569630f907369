from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nianbao.indicators.values import Policy, largest_remainder, rounded
from strategies import COUNTS, FRACTIONS, PLACES, halves, partitions


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (14, 97, "14.43%"),
        (83, 97, "85.57%"),
        (953, 2565, "37.15%"),
        (390, 2565, "15.20%"),
        (940, 2565, "36.65%"),
        (963, 2565, "37.54%"),
        (4, 1345, "0.30%"),
        (1345, 1345, "100.00%"),
        (0, 97, "0.00%"),
        (3, 1, "300.00%"),
        (1, 20_000, "0.01%"),
        (1, 20_001, "0.00%"),
        (-1, 20_000, "-0.01%"),
        (-1, 20_001, "0.00%"),
        (10**30 - 1, 10**30, "100.00%"),
    ],
)
def test_a_ratio_is_printed_as_a_percentage_with_two_places(part, whole, printed):
    assert Policy().percent(Fraction(part, whole)) == printed


@pytest.mark.parametrize(
    ("value", "places", "half_up", "half_even", "truncate"),
    [
        # exactly half
        ("0.5", 0, "1", "0", "0"),
        ("1.5", 0, "2", "2", "1"),
        ("2.5", 0, "3", "2", "2"),
        ("-0.5", 0, "-1", "0", "0"),
        ("-1.5", 0, "-2", "-2", "-1"),
        ("-2.5", 0, "-3", "-2", "-2"),
        ("0.125", 2, "0.13", "0.12", "0.12"),
        ("0.135", 2, "0.14", "0.14", "0.13"),
        ("1.005", 2, "1.01", "1.00", "1.00"),
        ("2.675", 2, "2.68", "2.68", "2.67"),
        ("9.995", 2, "10.00", "10.00", "9.99"),
        ("0.0000005", 6, "0.000001", "0.000000", "0.000000"),
        ("0.0000015", 6, "0.000002", "0.000002", "0.000001"),
        # a hair beside it
        ("2.4999999999999999999999999999999999", 0, "2", "2", "2"),
        ("2.5000000000000000000000000000000001", 0, "3", "3", "2"),
        ("-2.5000000000000000000000000000000001", 0, "-3", "-3", "-2"),
        # every number of places
        ("14.4329896907", 0, "14", "14", "14"),
        ("14.4329896907", 1, "14.4", "14.4", "14.4"),
        ("14.4329896907", 2, "14.43", "14.43", "14.43"),
        ("14.4329896907", 3, "14.433", "14.433", "14.432"),
        ("14.4329896907", 4, "14.4330", "14.4330", "14.4329"),
        ("14.4329896907", 5, "14.43299", "14.43299", "14.43298"),
        ("14.4329896907", 6, "14.432990", "14.432990", "14.432989"),
        # nothing to round
        ("0", 2, "0.00", "0.00", "0.00"),
        ("100", 2, "100.00", "100.00", "100.00"),
        ("-7", 0, "-7", "-7", "-7"),
        # more digits than a context of 28 keeps
        (
            "123456789012345678901234567890.125",
            2,
            "123456789012345678901234567890.13",
            "123456789012345678901234567890.12",
            "123456789012345678901234567890.12",
        ),
        (
            "999999999999999999999999999999.995",
            2,
            "1000000000000000000000000000000.00",
            "1000000000000000000000000000000.00",
            "999999999999999999999999999999.99",
        ),
    ],
)
def test_each_method_rounds_as_its_name_says(value, places, half_up, half_even, truncate):
    exact = Fraction(value)
    assert format(rounded(exact, places, "half-up"), "f") == half_up
    assert format(rounded(exact, places, "half-even"), "f") == half_even
    assert format(rounded(exact, places, "truncate"), "f") == truncate


def test_what_rounds_to_zero_has_no_minus_sign():
    assert not rounded(Fraction(-1, 1000), 2, "half-up").is_signed()


@pytest.mark.parametrize(
    ("value", "kept", "stripped"),
    [
        ("15.20", "15.20", "15.2"),
        ("15.00", "15.00", "15"),
        ("0.00", "0.00", "0"),
        ("100.00", "100.00", "100"),
        ("100", "100", "100"),
        ("-1.50", "-1.50", "-1.5"),
        ("0.000000", "0.000000", "0"),
        ("1000000000000000000000000000000.00", "1000000000000000000000000000000.00", "1000000000000000000000000000000"),
    ],
)
def test_zeros_at_the_end_are_kept_or_stripped_but_never_those_of_a_whole_number(value, kept, stripped):
    assert Policy(zeros="keep").printed(Decimal(value)) == kept
    assert Policy(zeros="strip").printed(Decimal(value)) == stripped


# GB/T 8170: a number is rounded to the nearest at the place kept.
@given(FRACTIONS, PLACES, st.sampled_from(["half-up", "half-even"]))
def test_rounding_never_moves_a_value_by_more_than_half_a_unit_of_the_last_place(value, places, method):
    assert abs(Fraction(rounded(value, places, method)) - value) <= Fraction(1, 2 * 10**places)


@given(FRACTIONS, PLACES)
def test_truncation_moves_a_value_by_less_than_a_unit_and_never_away_from_zero(value, places):
    cut = Fraction(rounded(value, places, "truncate"))
    assert abs(cut - value) < Fraction(1, 10**places)
    assert abs(cut) <= abs(value)


# GB/T 8170 rounds once: what is rounded already does not move again.
@given(FRACTIONS, PLACES, st.sampled_from(["half-up", "half-even", "truncate"]))
def test_rounding_twice_is_rounding_once(value, places, method):
    once = rounded(value, places, method)
    assert rounded(Fraction(once), places, method) == once


@given(halves())
def test_exact_halves_go_away_from_zero_or_to_the_even_digit(case):
    places, value = case
    assert abs(Fraction(rounded(value, places, "half-up"))) > abs(value)
    assert rounded(value, places, "half-even") * 10**places % 2 == 0


# The decimal module's ROUND_HALF_UP: "to nearest with ties going away from zero".
@given(st.decimals(-(10**30), 10**30, places=12), PLACES)
def test_half_up_agrees_with_the_decimal_module(value, places):
    with localcontext() as context:
        context.prec = 200
        wanted = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    assert rounded(Fraction(value), places, "half-up") == wanted


@pytest.mark.parametrize(
    ("parts", "places", "printed"),
    [
        (["33.333", "33.333", "33.334"], 2, ["33.33", "33.33", "33.34"]),
        (
            ["12.67056530", "15.20467836", "16.02339181", "12.67056530", "43.43079923"],
            2,
            ["12.67", "15.21", "16.02", "12.67", "43.43"],
        ),
        (["50.5", "49.5"], 0, ["51", "49"]),  # on a tie the earlier part gets the unit
        (["100", "0"], 2, ["100.00", "0.00"]),
        ([], 2, []),
    ],
)
def test_the_units_still_lacking_go_to_the_largest_remainders(parts, places, printed):
    assert [format(part, "f") for part in largest_remainder([Fraction(part) for part in parts], places)] == printed


def test_three_thirds_add_up_to_a_hundred():
    assert [str(part) for part in largest_remainder([Fraction(100, 3)] * 3, 2)] == ["33.34", "33.33", "33.33"]


# Hamilton's method keeps to the quota: every part gets its share cut or its share cut plus one unit.
@given(partitions(), PLACES)
def test_largest_remainder_adds_up_to_exactly_a_hundred_and_moves_no_part_by_a_whole_unit(parts, places):
    shares = [Fraction(100 * part, sum(parts)) for part in parts]
    printed = [Fraction(part) for part in largest_remainder(shares, places)]
    assert sum(printed) == 100
    assert all(abs(after - before) < Fraction(1, 10**places) for before, after in zip(shares, printed, strict=True))


@given(st.lists(COUNTS, min_size=1, max_size=6), st.integers(1, 10**6), PLACES)
def test_largest_remainder_leaves_alone_what_has_no_more_places_than_are_kept(parts, scale, places):
    exact = [Fraction(part * scale, 10**places) for part in parts]
    assert [Fraction(part) for part in largest_remainder(exact, places)] == exact
