"""In doubt a text is not held to a reading; agreement still confirms."""

import pytest


@pytest.mark.parametrize(
    "text",
    [
        "全年共受理政府信息公开申请44件（含上年结转2件）。",
        "全年共受理政府信息公开申请44件。",
        "新收政府信息公开申请42件，上年结转2件，其中自然人40件。",
        "上年结转2件。自然人38件。",
    ],
)
def test_a_number_that_may_count_something_more_is_not_contradicted(said_nationally, text):
    assert "contradicted" not in {claim.verdict for claim in said_nationally(text).claims}


def test_a_cell_told_in_pieces_is_not_contradicted(said):
    found = said("其中，各乡镇公开信息1000条，街道公开信息612条。")
    assert {claim.verdict for claim in found.claims} == {"not-checkable"}


def test_a_number_that_describes_what_follows_is_not_contradicted(said):
    assert [claim.verdict for claim in said("公开信息1000条的乡镇街道。").claims] == ["not-checkable"]


def test_a_general_word_is_no_row_before_its_whole_was_named(said):
    assert [claim.figure for claim in said("收到申请1345件，办结1345件。").claims] == ["applications.year", None]
    assert said("行政复议申请0件，受理0件，办结0件。").claims[-1].figure == "reviews.accepted.concluded.year"


def test_two_parts_of_one_whole_are_not_taken_together(said):
    assert [claim.verdict for claim in said("同意公开答复数为1077件。").claims] == ["contradicted"]
