"""A target is a cell or a sum of cells with its exact value."""

from fractions import Fraction

import pytest
from nianbao.reading import names


@pytest.fixture(scope="module")
def board(longtan, computed):
    return names.Board(longtan, computed)


def test_a_row_alone_is_in_the_column_that_prose_means(board):
    assert [board.target(row).figure for row in ("applications", "reading_points")] == [
        "applications.year",
        "reading_points.cumulative",
    ]


def test_columns_together_are_their_sum(board):
    both = board.target("applications", ("cumulative", "year"))
    assert (both.value, both.figure) == (3955 + 1345, "applications.cumulative+applications.year")


def test_a_cell_without_a_number_has_no_value(board):
    assert board.target("staff", ("cumulative",)).value is None


def test_the_relatives_of_a_row_are_its_whole_its_siblings_and_its_parts(board):
    near = {each.row for each in board.relatives(board.target("replies.refused"))}
    assert {"replies", "replies.granted", "replies.refused.absent"} <= near
    assert "replies.refused" not in near


def test_a_ratio_is_exact_and_over_zero_there_is_none(board):
    assert names.ratio(board.target("staff.full_time"), board.target("staff")) == Fraction(1400, 97)
    assert names.ratio(board.target("reviews.accepted"), board.target("reviews")) is None


@pytest.mark.parametrize(
    ("unit", "split"), [("万元", (10_000, "元")), ("亿元", (100_000_000, "元")), ("件", (1, "件")), ("万", (1, "万"))]
)
def test_a_unit_is_split_from_its_scale(unit, split):
    assert names.split_unit(unit) == split


@pytest.mark.parametrize(
    ("one", "other", "same"), [("件", "条", True), ("人", "名", True), ("件", "", True), ("件", "个", False), ("件", "元", False)]
)
def test_units_count_the_same_sort_of_thing_or_not(one, other, same):
    assert names.same_kind(one, other) is same
