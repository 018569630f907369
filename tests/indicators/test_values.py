from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nianbao.indicators import values as quantity
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, UNDEFINED, State
from strategies import COUNTS, SIGNED_AMOUNTS, partitions

ZERO, ONE = quantity.given(0), quantity.given(1)


def test_missing_not_applicable_undefined_and_zero_are_four_different_things():
    assert len({MISSING, NOT_APPLICABLE, UNDEFINED, ZERO}) == 4


def test_only_a_given_nought_is_zero():
    assert [each.is_zero for each in (ZERO, quantity.given(Decimal("0.00")), ONE, MISSING, NOT_APPLICABLE, UNDEFINED)] == [
        *[True] * 2,
        *[False] * 4,
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2565, "2565"),
        (0, "0"),
        (-188, "-188"),
        (Decimal("12.50"), "12.50"),
        (Decimal("0.000001"), "0.000001"),
        (Decimal("1E+6"), "1000000"),
        (10**30, "1" + "0" * 30),
        (Fraction(953, 2565), "953/2565"),
        (Fraction(2, 4), "1/2"),
        (Fraction(1345, 1345), "1"),
    ],
)
def test_the_exact_text_loses_nothing(value, text):
    assert quantity.given(value).exact == text


@pytest.mark.parametrize("empty", [MISSING, NOT_APPLICABLE, UNDEFINED])
def test_a_quantity_without_a_value_has_no_text_and_no_fraction(empty):
    assert empty.exact is None
    with pytest.raises(ValueError, match="has no value"):
        _ = empty.fraction


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ([(1, 14), (1, 83)], "97"),
        ([(1, 765), (1, 9846), (-1, 14613)], "-4002"),
        ([], "0"),
        ([(1, Decimal("0.10")), (1, Decimal("0.20"))], "0.3"),
        ([(1, Decimal("0.5"))], "0.5"),
        ([(1, Decimal("0.25"))], "0.25"),
        ([(1, Decimal("12.25")), (1, 1)], "13.25"),
        ([(1, Decimal("0.75")), (-1, 1)], "-0.25"),
        ([(1, Decimal("0.05"))], "0.05"),
        ([(1, Decimal("0.125"))], "0.125"),
        ([(1, Decimal("0.000001")), (1, 10**20)], "100000000000000000000.000001"),
        ([(1, Decimal("1.50")), (1, Decimal("1.50"))], "3"),
    ],
)
def test_a_total_is_exact_and_written_without_idle_zeros(terms, text):
    assert quantity.total((sign, quantity.given(value)) for sign, value in terms).exact == text


@pytest.mark.parametrize(
    ("terms", "state"),
    [
        ([ONE, ZERO], State.GIVEN),
        ([ONE, MISSING], State.MISSING),
        ([ONE, NOT_APPLICABLE], State.NOT_APPLICABLE),
        ([NOT_APPLICABLE, MISSING], State.MISSING),
        ([UNDEFINED, NOT_APPLICABLE], State.UNDEFINED),
        ([UNDEFINED, MISSING, NOT_APPLICABLE, ONE], State.MISSING),
    ],
)
def test_one_term_without_a_value_leaves_the_total_without_one(terms, state):
    assert quantity.total((1, term) for term in terms).state is state


@pytest.mark.parametrize(
    ("numerator", "denominator", "result"),
    [
        (quantity.given(953), quantity.given(2565), quantity.given(Fraction(953, 2565))),
        (quantity.given(Decimal("0.1")), quantity.given(Decimal("0.3")), quantity.given(Fraction(1, 3))),
        (ZERO, ONE, ZERO),
        (ONE, ZERO, UNDEFINED),
        (ZERO, ZERO, UNDEFINED),
        (ONE, quantity.given(Decimal("0.00")), UNDEFINED),
        (MISSING, ZERO, MISSING),
        (ONE, MISSING, MISSING),
        (NOT_APPLICABLE, ONE, NOT_APPLICABLE),
        (NOT_APPLICABLE, ZERO, NOT_APPLICABLE),
        (NOT_APPLICABLE, MISSING, MISSING),
        (UNDEFINED, ONE, UNDEFINED),
    ],
)
def test_a_ratio_is_exact_and_a_zero_base_gives_not_defined(numerator, denominator, result):
    assert quantity.ratio(numerator, denominator) == result


# Shares of a whole sum to one.
@given(partitions())
def test_the_shares_of_a_partition_add_up_to_exactly_one_before_rounding(parts):
    whole = quantity.total((1, quantity.given(part)) for part in parts)
    shares = [quantity.ratio(quantity.given(part), whole) for part in parts]
    assert quantity.total((1, share) for share in shares) == ONE


# Scaling every amount leaves ratios unchanged.
@given(COUNTS, st.integers(1, 10**9), st.integers(1, 10**6) | st.decimals("0.01", 10**6, places=2))
def test_scaling_every_value_leaves_the_ratio_unchanged(numerator, denominator, scale):
    plain = quantity.ratio(quantity.given(numerator), quantity.given(denominator))
    scaled = quantity.ratio(
        quantity.given(Fraction(scale) * numerator),
        quantity.given(Fraction(scale) * denominator),
    )
    assert plain == scaled


@given(st.lists(st.tuples(st.sampled_from([1, -1]), SIGNED_AMOUNTS), max_size=8))
def test_the_total_of_amounts_is_the_total_of_their_fractions(terms):
    added = quantity.total((sign, quantity.given(value)) for sign, value in terms)
    assert added.fraction == sum((sign * Fraction(value) for sign, value in terms), Fraction())


@given(SIGNED_AMOUNTS)
def test_the_text_of_an_amount_reads_back_as_the_same_amount(value):
    assert Decimal(quantity.given(value).exact) == value


@given(st.lists(SIGNED_AMOUNTS, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_terms_does_not_matter(values, random):
    shuffled = random.sample(values, len(values))
    assert quantity.total((1, quantity.given(value)) for value in values) == quantity.total(
        (1, quantity.given(v)) for v in shuffled
    )


@pytest.mark.parametrize(
    ("value", "times", "exact"),
    [
        (125, "0.0001", "0.0125"),
        (Decimal("12.50"), "0.0001", "0.00125"),
        (0, "0.0001", "0"),
        (30000, "0.0001", "3"),
        (3, "10000", "30000"),
    ],
)
def test_a_value_in_another_unit_is_exact(value, times, exact):
    assert quantity.scaled(quantity.given(value), Decimal(times)).exact == exact


@pytest.mark.parametrize("absent", [MISSING, NOT_APPLICABLE, UNDEFINED])
def test_what_is_no_number_stays_so_in_any_unit(absent):
    assert quantity.scaled(absent, Decimal("0.0001")) is absent


@given(SIGNED_AMOUNTS)
def test_there_and_back_between_units_is_the_same_value(amount):
    there = quantity.scaled(quantity.given(amount), Decimal("0.0001"))

    assert quantity.scaled(there, Decimal(10000)).value == amount
