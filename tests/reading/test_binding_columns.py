"""The column of a count, and what is said about it."""

import pytest


@pytest.mark.parametrize(
    ("text", "figure", "verdict"),
    [
        ("信息公共查阅点10个。", "reading_points.cumulative", "confirmed"),
        ("信息公共查阅点12个。", "reading_points.cumulative", "contradicted"),
        ("公开信息14613条。", "disclosed.year", "contradicted"),
        ("累计公开信息14613条。", "disclosed.cumulative", "confirmed"),
        ("累计公开信息14631条。", "disclosed.cumulative", "contradicted"),
        ("全年累计公开信息2565条。", "disclosed.year", "confirmed"),
        ("目前公开信息14613条。", "disclosed.cumulative", "confirmed"),
    ],
)
def test_a_flow_is_not_looked_for_in_a_column_that_nobody_mentions(said, text, figure, verdict):
    (claim,) = said(text).claims
    assert (claim.figure, claim.verdict) == (figure, verdict)


def test_a_number_beside_the_usual_column_is_told_with_what_stands_there(said):
    (claim,) = said("目前公开信息14613条。").claims
    assert claim.reason.endswith("取自累计数一栏，13年发生数一栏为2565条。")
