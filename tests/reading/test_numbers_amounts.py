"""What a printed number admits."""

from fractions import Fraction

import pytest
from nianbao.reading import numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [("十二件", 12), ("三百零五件", 305), ("二千五百六十五件", 2565), ("两百五件", 250), ("三万件", 30000), ("几十万件", 20)],
)
def test_a_chinese_numeral_is_read(text, value):
    (mention,) = numbers.find(1, text)
    assert mention.value == value


def test_what_is_no_chinese_numeral_is_no_number():
    assert numbers.find(1, "二十百件") == ()


@pytest.mark.parametrize(
    ("digits", "places", "place"), [("3000", 0, 1000), ("3400", 0, 100), ("789", 0, 1), ("0", 0, 1), ("12", 2, Fraction(1, 100))]
)
def test_the_last_digit_that_counts_has_its_weight(digits, places, place):
    assert numbers.last_place(digits, places) == place


@pytest.mark.parametrize(
    ("word", "inside", "outside"),
    [
        ("余", [3000, 3999], [2999, 4000]),
        ("多", [3000, 3999], [2999, 4000]),
        ("以上", [3000, 9000], [2999]),
        ("超过", [3000, 9000], [2999]),
        ("以下", [0, 3000], [3001]),
        ("不足", [2999], [3000]),
        ("近", [2000, 3000], [1999, 3001]),
        ("约", [2500, 3500], [2499, 3501]),
        ("左右", [2500, 3500], [2499, 3501]),
    ],
)
def test_a_word_makes_3000_a_range(word, inside, outside):
    limits = numbers.bounds(word, Fraction(3000), Fraction(1000))
    assert all(limits.admits(Fraction(value)) for value in inside)
    assert not any(limits.admits(Fraction(value)) for value in outside)


def test_without_a_word_a_number_is_exact():
    assert numbers.bounds("", Fraction(3000), Fraction(1000)) is None


def test_several_tens_are_from_20_to_99():
    limits = numbers.vague("几十")
    assert [limits.admits(Fraction(value)) for value in (19, 20, 99, 100)] == [False, True, True, False]
    assert numbers.vague("三十") is None
