"""Reasons are sentences that an official can check by hand."""

from fractions import Fraction

import pytest
from nianbao.auditing import claims


@pytest.mark.parametrize(
    ("exact", "places", "shown"),
    [(Fraction(26800, 1345), 2, "19.93%"), (Fraction(26800, 1345), 1, "19.9%"), (Fraction(100), 0, "100%")],
)
def test_a_percentage_is_shown_at_the_precision_of_the_text(exact, places, shown):
    assert claims.percent(exact, places) == shown


def test_what_comes_nearest_is_told_with_all_its_columns(said):
    (claim,) = said("网站累计访问量达789万余次。").claims
    assert "（13年发生数）为115352次，累计数为387275次，口径是否相同须另行核实。" in claim.reason


def test_another_base_that_fits_is_offered(said):
    claim = said("信息不存在142件，占否决公开答复数的10.56%。").claims[-1]
    assert claim.reason.endswith("若以21.对申请的答复数（13年发生数）1345为基数则相符。")
