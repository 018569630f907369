"""Parts against the whole that a sentence names."""

import pytest


def shortfalls(found):
    return [issue.sentence for issue in found.issues if issue.code == "E07"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "公开信息总数2565条。其中，区本级公开信息953条，乡镇街道公开信息1611条。",
            "953条＋1611条合计2564，与所述总数2565条不等。",
        ),
        ("收到申请1345件，其中网上258件，当面1083件，其他形式5件。", "258件＋1083件＋5件合计1346，与所述总数1345件不等。"),
        ("收到来信50件，其中甲类30件，乙类25件。", "30件＋25件合计55，与所述总数50件不等。"),
    ],
)
def test_parts_that_do_not_add_up_are_told_with_their_sum(said, text, sentence):
    assert shortfalls(said(text)) == [sentence]


@pytest.mark.parametrize(
    "text",
    [
        "收到申请1345件，其中网上258件，当面1083件，其他形式4件。",
        "收到申请1345件，其中网上259件。",
        "收到来信50件，其中甲类30件，乙类10件。",
        "申请比上年增加2件，其中甲类3件，乙类4件。",
        "收到来信50余件，其中甲类30件，乙类25件。",
    ],
)
def test_parts_that_are_fewer_or_not_all_are_no_shortfall(said, text):
    assert shortfalls(said(text)) == []
