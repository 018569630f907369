"""How a printed percentage or count can come from the exact one."""

from decimal import Decimal
from fractions import Fraction

import pytest
from nianbao.reading import names, numbers


def part(exact, printed):
    return names.Part(exact=Fraction(exact) * 100, printed=Decimal(printed), places=len(printed.partition(".")[2]))


@pytest.mark.parametrize(
    ("exact", "printed", "ways"),
    [
        ("14/97", "14.43", [names.HALF_UP, names.TRUNCATED]),
        ("14/97", "14.4", [names.HALF_UP, names.TRUNCATED]),
        ("390/2565", "15.20", [names.HALF_UP, names.TRUNCATED]),
        ("940/2565", "36.65", [names.HALF_UP]),
        ("940/2565", "36.64", [names.TRUNCATED]),
        ("1/268", "0.3", [names.TRUNCATED]),
        ("1/268", "0.4", [names.HALF_UP]),
        ("1/1", "100", [names.HALF_UP, names.TRUNCATED]),
        ("940/2565", "36.63", []),
        ("940/2565", "36.60", []),
    ],
)
def test_a_percentage_alone_is_rounded_cut_or_neither(exact, printed, ways):
    assert list(names.of_percentage(part(exact, printed), ())) == ways


def test_the_last_part_may_be_what_the_others_leave_of_100():
    others = [part("142/268", "52.98"), part("1/268", "0.3")]
    assert names.of_percentage(part("125/268", "46.72"), others, closes=True) == (names.RESIDUAL,)


def test_it_stays_so_where_another_part_was_put_wrong_later():
    others = [part("142/268", "62.98"), part("1/268", "0.3")]
    assert names.of_percentage(part("125/268", "46.72"), others, closes=True) == (names.RESIDUAL,)


def test_a_part_before_the_residual_is_not_a_residual_too():
    others = [part("1/268", "0.3"), part("125/268", "46.72")]
    assert names.of_percentage(part("142/268", "52.98"), others) == (names.TRUNCATED,)


def test_parts_that_leave_something_out_have_no_residual():
    assert names.of_percentage(part("125/268", "46.72"), [part("142/268", "52.98")], closes=True) == ()


def test_what_is_far_from_its_share_is_no_residual():
    assert names.of_percentage(part("125/268", "50.00"), [part("142/268", "50.00"), part("1/268", "0.00")], closes=True) == ()


def test_largest_remainders_are_named_where_they_give_every_part():
    first, second, third = part("1/3", "33.34"), part("1/3", "33.33"), part("1/3", "33.33")
    assert names.of_percentage(first, [second, third]) == (names.RESIDUAL, names.LARGEST_REMAINDER)


@pytest.mark.parametrize(
    ("text", "value", "ways"),
    [
        ("1345件", 1345, (names.EXACT,)),
        ("1345件", 1346, ()),
        ("3000余人次", 3999, (names.BOUND,)),
        ("3000余人次", 4000, ()),
        ("11.5万次", 115352, (names.HALF_UP, names.TRUNCATED)),
        ("11.6万次", 115852, (names.HALF_UP,)),
        ("11.5万次", 115852, (names.TRUNCATED,)),
        ("1345万件", 1345, ()),
    ],
)
def test_a_count_is_exact_within_its_bounds_or_rounded_to_its_scale(text, value, ways):
    (mention,) = numbers.find(1, text)
    assert names.of_count(mention, Fraction(value)) == ways
