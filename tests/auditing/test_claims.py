"""Verdicts follow from the table, and their reasons can be checked by hand."""

import pytest


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        ("网上申请258件。", "confirmed", "⑴网上申请数（13年发生数）为258件，公布为258件，与表一致。"),
        ("网上申请285件。", "contradicted", "⑴网上申请数（13年发生数）为258件，公布为285件，不一致，多27件。"),
        (
            "网上申请1083件。",
            "contradicted",
            "⑴网上申请数（13年发生数）为258件，公布为1083件，不一致，多825件；公布数与⑵当面申请数（13年发生数）相同，可能取错了单元格。",
        ),
        ("网上申请200余件。", "confirmed", "⑴网上申请数（13年发生数）为258件，公布为200余件，表中数在其范围之内。"),
        ("网上申请300余件。", "contradicted", "⑴网上申请数（13年发生数）为258件，公布为300余件，不一致。"),
        ("收到信访件50件。", "not-checkable", "表中没有这一项，无从核对。"),
        ("收到政府信息公开申请比上年增加50件。", "not-checkable", "说的是增减变化，表中没有可比的上年数。"),
    ],
)
def test_a_count_has_its_reason(said, text, verdict, reason):
    (claim,) = said(text).claims
    assert claim.verdict == verdict
    assert claim.reason.startswith(reason)


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        ("网上申请258件，占19.18%。", "confirmed", "网上申请258÷申请总数1345=19.1821…%，四舍五入为19.18%，与公布的19.18%一致。"),
        (
            "否决公开268件，占19.92%。",
            "explained",
            "否决公开答复268÷答复总数1345=19.9256…%，四舍五入为19.93%，公布为19.92%；与截去第3位小数起的尾数的结果一致。",
        ),
        (
            "网上申请258件，占19.81%。",
            "contradicted",
            "网上申请258÷申请总数1345=19.1821…%，四舍五入为19.18%，公布为19.81%，不一致，也不合截尾、倒减等常见做法。",
        ),
        ("答复率为100%。", "confirmed", "答复总数1345÷申请总数1345=100%，四舍五入为100%，与公布的100%一致。"),
        (
            "行政复议申请0件，受理0件，占0%。",
            "not-checkable",
            "⑴受理数（13年发生数）为0件，22.与信息公开事务相关的行政复议申请数（13年发生数）为0件，比例无定义，无从核对。",
        ),
    ],
)
def test_a_percentage_has_its_arithmetic(said, text, verdict, reason):
    claim = said(text).claims[-1]
    assert (claim.verdict, claim.reason) == (verdict, reason)


def test_a_residual_is_told_with_what_it_is_left_of(said):
    claim = said("同意公开1073件，占79.78%；同意部分公开4件，占0.3%；否决公开268件，占19.92%。").claims[-1]
    assert claim.conventions == ("截去尾数", "倒减")
    assert "与100%减去79.78%、0.3%的结果一致" in claim.reason


def test_a_claim_holds_what_was_expected_at_the_precision_of_the_text_and_without_loss(said):
    count, share = said("网上申请258件，占19.2%。").claims
    assert (count.expected, count.exact) == ("258件", "258")
    assert (share.expected, share.exact) == ("19.2%", "258/1345")


def test_ids_are_the_line_and_the_order_in_it(said):
    found = said("公开信息2565条。\n网上申请258件，占19.18%。")
    assert [claim.id for claim in found.claims] == ["L1.1", "L2.1", "L2.2"]


def test_a_fit_that_is_not_plain_confirms_and_never_contradicts(said):
    right, wrong = said("门户网站点击次数11.5万次。").claims, said("门户网站点击次数21.5万次。").claims
    assert [claim.verdict for claim in (*right, *wrong)] == ["confirmed", "not-checkable"]
