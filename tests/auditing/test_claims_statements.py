"""What is said in words alone, against the cells it is about."""

import pytest


def spoken(found):
    return [(claim.figure, claim.verdict) for claim in found.claims if claim.kind == "statement"]


@pytest.mark.parametrize(
    ("text", "figure", "verdict"),
    [
        ("全区未发生与信息公开相关的收费和减免情况。", "fees.year", "confirmed"),
        ("全年无行政复议案件。", "reviews.year", "confirmed"),
        ("未发生行政复议。", "reviews.year", "confirmed"),
        ("没有行政诉讼案件。", "litigation.year", "confirmed"),
        ("未召开新闻发布会。", "press_conferences.year", "confirmed"),
        ("未收到信函申请。", "applications.letter.year", "confirmed"),
        ("全区未收到政府信息公开申请。", "applications.year", "contradicted"),
        ("我区未举办培训。", "training_sessions.year", "contradicted"),
        ("没有当面申请。", "applications.in_person.year", "contradicted"),
        ("未发放政府公报。", "gazettes.year", "contradicted"),
    ],
)
def test_that_nothing_happened_is_held_against_the_row_it_names(said, text, figure, verdict):
    assert spoken(said(text)) == [(figure, verdict)]


def test_two_things_that_did_not_happen_are_two_claims(said):
    found = spoken(said("全区未发生与信息公开相关的行政复议和诉讼案件。"))
    assert found == [("reviews.year", "confirmed"), ("litigation.year", "confirmed")]


@pytest.mark.parametrize(
    ("text", "figure", "verdict"),
    [
        ("收到申请1345件，全部予以答复。", "replies.year", "confirmed"),
        ("收到申请1345件，均为当面申请。", "applications.in_person.year", "contradicted"),
        ("答复1345件，均为同意公开。", "replies.granted.year", "contradicted"),
    ],
)
def test_that_all_were_so_is_held_against_the_part_it_names(said, text, figure, verdict):
    assert spoken(said(text)) == [(figure, verdict)]


@pytest.mark.parametrize(
    "text",
    [
        "政务大厅统一收费窗口没有启用。",
        "没有因政府信息公开申请引起的投诉。",
        "未按时答复的申请为0件。",
        "如未收到政府信息公开申请，应当说明。",
        "2012年未收到政府信息公开申请。",
        "防止没有当面申请的情况。",
        "对1345件申请均已答复。",
        "2013年全部公开的信息总数2565条。",
        "收到申请1345件，全部录入系统。",
        "廉政建设无纰漏。",
    ],
)
def test_what_names_no_row_plainly_is_no_claim(said, text):
    assert spoken(said(text)) == []


def test_a_statement_stands_where_it_says_with_an_id_of_its_own(said):
    (claim,) = said("2013年，全区未收到政府信息公开申请。").claims
    assert (claim.id, claim.text, claim.start) == ("L1.w1", "未收到政府信息公开申请", 8)
