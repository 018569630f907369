"""The audit of whole texts: the published text of 2013, copies of it with one thing changed, and texts in other words."""

from collections import Counter

import pytest
from nianbao.auditing import audit, claims
from nianbao.reading.lines import Line


@pytest.fixture(scope="module")
def whole(longtan, computed, published):
    return audit(longtan, computed, published)


@pytest.fixture(scope="module")
def altered(longtan, computed, published):
    """Audit the published text with one passage replaced; only its line is read, as no line depends on another here."""

    def read(old, new):
        lines = [line for line in published if old in line.text]
        assert len(lines) == 1, f"{old} stands in {len(lines)} lines"
        return audit(longtan, computed, [Line(lines[0].number, lines[0].text.replace(old, new, 1))])

    return read


def verdicts(found):
    return {claim.id: claim.verdict for claim in found}


def test_the_27_percentages_of_2013_are_held_against_ratios_of_the_table(whole, longtan):
    shares = [claim for claim in whole.claims if claim.kind == "percentage" and claim.figure]
    assert [claim.text.removesuffix("%") for claim in shares] == [each.text for each in longtan.published]
    assert all(claim.figure.endswith(".share") or claim.figure.startswith("rates.") for claim in shares)


def test_21_of_them_are_confirmed_and_six_explained(whole):
    shares = [claim for claim in whole.claims if claim.kind == "percentage" and claim.figure]
    assert Counter(claim.verdict for claim in shares) == {"confirmed": 21, "explained": 6}


def test_each_of_the_six_has_its_conventions(whole):
    explained = {
        (claim.text, claim.figure.split(".")[-3]): claim.conventions for claim in whole.claims if claim.verdict == "explained"
    }
    assert explained == {
        ("43.44%", "other"): ("倒减",),
        ("36.64%", "public_interest"): ("截去尾数",),
        ("19.92%", "refused"): ("截去尾数", "倒减"),
        ("52.98%", "absent"): ("截去尾数",),
        ("0.3%", "secret"): ("截去尾数",),
        ("46.72%", "other"): ("倒减",),
    }


def test_every_count_of_chapters_two_and_three_and_of_the_staff_is_confirmed(whole):
    counts = [claim for claim in whole.claims if claim.kind == "count" and claim.line in {14, *range(38, 50)}]
    assert len(counts) == 42
    assert {claim.verdict for claim in counts} == {"confirmed"}


def test_reading_points_are_confirmed_from_the_cumulative_column_and_told_to_be(whole):
    points = {claim.text: claim for claim in whole.claims if claim.text in {"10个", "7个"}}
    assert {claim.figure for claim in points.values()} == {"reading_points.cumulative", "reading_points.electronic.cumulative"}
    assert all("取自累计数一栏，13年发生数一栏为0个" in claim.reason for claim in points.values())


def test_what_the_table_has_no_row_for_is_not_checkable(whole):
    open_ = [claim.text for claim in whole.claims if claim.verdict == "not-checkable"]
    assert open_ == [
        *(
            "36个",
            "19个",
            "789万余次",
            "39家",
            "20平方米",
            "3000余人次",
            "3400余件次",
            "122项",
            "99%以上",
            "几十面",
            "百余封",
            "17%",
        )
    ]


def test_the_visits_that_the_table_does_not_hold_are_told_with_what_comes_nearest(whole):
    (visits,) = [claim for claim in whole.claims if claim.text == "789万余次"]
    assert "累计数为387275次" in visits.reason


def test_nothing_in_the_published_text_is_contradicted(whole):
    assert [claim for claim in whole.claims if claim.verdict == "contradicted"] == []


def test_the_only_issues_of_2013_are_mixed_precision_in_two_paragraphs(whole):
    assert [(issue.code, issue.line) for issue in whole.issues] == [("E26", 47), ("E26", 48)]


def test_the_order_of_claims_is_that_of_the_text(whole):
    places = [(claim.line, claim.start) for claim in whole.claims]
    assert places == sorted(places)
    assert len({claim.id for claim in whole.claims}) == len(whole.claims)


def test_every_claim_stands_where_it_says(whole, published):
    text = {line.number: line.text for line in published}
    assert all(text[claim.line][claim.start : claim.end] == claim.text for claim in whole.claims)
    assert all(claim.verdict in claims.VERDICTS and claim.kind in claims.KINDS for claim in whole.claims)
    assert all(claim.reason.endswith("。") and "\n" not in claim.reason for claim in whole.claims)


# What stands in the published text, what is put there, the claims then wrong (text: figure), and the code of the issue.
DOCTORED = [
    ("工作人员97人", "工作人员96人", {"96人": "staff.year"}, "E07"),
    ("专职人员14人", "专职人员41人", {"41人": "staff.full_time.year"}, "E07"),
    ("兼职人员83人", "兼职人员88人", {"88人": "staff.part_time.year"}, "E07"),
    ("14.43%", "14.34%", {"14.34%": "staff.full_time.year.share"}, ""),
    ("85.57%", "86.57%", {"86.57%": "staff.part_time.year.share"}, ""),
    ("培训34次", "培训94次", {"94次": "training_sessions.year"}, "E05"),
    ("培训929人次", "培训2441人次", {"2441人次": "training_attendance.year"}, "E05"),
    ("信息总数2565条。", "信息总数2656条。", {"2656条": "disclosed.year"}, "E07"),
    ("本级公开信息数953条", "本级公开信息数765条", {"765条": "disclosed.district.year"}, "E05"),
    ("占37.15%", "占37.51%", {"37.51%": "disclosed.district.year.share"}, ""),
    ("信息数1612条", "信息数1621条", {"1621条": "disclosed.township.year"}, "E07"),
    ("类信息390条", "类信息411条", {"411条": "content.plans.year"}, "E05"),
    ("占12.67%,规划", "占12.76%,规划", {"12.76%": "content.normative.year.share"}, ""),
    ("占43.44%", "占43.45%", {"43.45%": "content.other.year.share"}, ""),
    ("等信息940条", "等信息945条", {"945条": "content.public_interest.year"}, ""),
    ("发布信息963条", "发布信息3218条", {"3218条": "web_posts.year"}, "E05"),
    ("37.54%", "37.45%", {"37.45%": "rates.web_posting.year"}, ""),
    ("次数为115352次", "次数为115325次", {"115325次": "web_visits.year"}, ""),
    ("一共为10个", "一共为12个", {"12个": "reading_points.cumulative"}, ""),
    ("为7个", "为10个", {"10个": "reading_points.electronic.cumulative"}, "E05"),
    ("信息数27540条", "信息数27450条", {"27450条": "reading_items.electronic.year"}, "E07"),
    ("查阅2732人", "查阅2723人", {"2723人": "reading_visitors.year"}, ""),
    ("数量为962条", "数量为926条", {"926条": "web_timely.within.year"}, "E07"),
    ("82.22%和17.78%", "17.78%和82.22%", {"17.78%": "web_timely.within.year.share", "82.22%": "web_timely.over.year.share"}, ""),
    ("申请的总数为1345件", "申请的总数为1345万件", {"1345万件": "applications.year"}, "E11"),
    ("申请的总数为1345件", "申请的总数为3955件", {"3955件": "applications.year"}, "E05"),
    ("申请的总数为1345件", "申请的总数为258件", {"258件": "applications.year"}, "E06"),
    ("网上申请数为258件", "网上申请数为259件", {"259件": "applications.online.year"}, "E05"),
    ("形式申请数为4件", "形式申请数为5件", {"5件": "applications.other.year"}, "E07"),
    ("的答复数为1345件", "的答复数为1073件", {"1073件": "replies.year"}, "E06"),
    ("答复率为100%", "答复率为99.9%", {"99.9%": "rates.reply.year"}, ""),
    ("79.78%", "78.79%", {"78.79%": "replies.granted.year.share"}, ""),
    ("答复数为268件", "答复数为286件", {"286件": "replies.refused.year"}, "E07"),
    ("不存在数142件", "不存在数124件", {"124件": "replies.refused.absent.year"}, "E07"),
    ("占否决公开答复数的比例为52.98%", "占答复总数的比例为52.98%", {"52.98%": "replies.refused.absent.year"}, "E09"),
    ("免于公开数为1件", "免于公开数为11件", {"11件": "replies.refused.secret.year"}, "E07"),
    ("46.72%", "46.27%", {"46.27%": "replies.refused.other.year.share"}, ""),
    (
        "全社会提出的政府信息公开申请的总数为1345件。",
        "全区未收到政府信息公开申请。",
        {"未收到政府信息公开申请": "applications.year"},
        "E08",
    ),
    ("全区举办培训34次", "全区未举办培训", {"未举办培训": "training_sessions.year"}, "E08"),
]


@pytest.mark.parametrize(("old", "new", "wrong", "code"), DOCTORED)
def test_one_change_is_contradicted_with_the_figure_it_is_about_and_nothing_else_is(altered, old, new, wrong, code):
    found = altered(old, new)
    contradicted = [claim for claim in found.claims if claim.verdict == "contradicted"]
    assert {claim.text: claim.figure for claim in contradicted} == wrong
    assert code in {issue.code for issue in found.issues} | {""}


def test_a_swap_of_two_rows_contradicts_both_counts_and_names_the_cells_they_are_from(altered):
    found = altered(
        "网上申请数为258件,占申请总数的比例为19.18%;当面申请数", "当面申请数为258件,占申请总数的比例为19.18%;网上申请数"
    )
    wrong = {claim.text: claim.figure for claim in found.claims if claim.verdict == "contradicted" and claim.kind == "count"}
    assert wrong == {"258件": "applications.in_person.year", "1083件": "applications.online.year"}
    assert [issue.code for issue in found.issues if issue.code == "E05"] == ["E05", "E05"]


def test_a_contradicted_count_does_not_take_its_percentage_with_it(altered):
    found = altered("网上申请数为258件", "网上申请数为285件")
    assert verdicts(found.claims)["L47.3"] == "confirmed"


@pytest.mark.parametrize(
    "text",
    [
        "本年新收政府信息公开申请1345件，其中网上申请258件、当面申请1083件、其他形式申请4件；答复率为100％；同比增长12.5%。",
        "2013年共收到政府信息公开申请１３４５件，其中：网上258件，当面1083件，其他形式4件，分别占19.18%、80.52%和0.30%。",
        "全年办结答复1345件申请，其中同意公开1073件，占79.78%；同意部分公开4件，占0.30%；否决公开268件，占19.93%。",
        "2013年，网上申请占申请总数的19.18%，当面申请占80.52%。",
        "我区从事政府信息公开工作的人员共97名，其中专职14名，占14.4%，兼职83名，占85.6%。",
        "专职人员14名，兼职人员83名，合计97人。全年培训34次、929人次。举办培训34次、929人次。",
        "我局2013年度主动公开政府信息2565条（其中本级953条、乡镇街道1612条）。",
        "本年度全区共收到申请1,345件，办理答复1，345件，全部予以答复。对1345件申请均已答复。",
        "截至年底，信息公开专栏和网站点击次数达387275次，全区累计公开信息14613条，网站点击次数约11.5万次。",
        "全年发放政府公报八十三件，召开新闻发布会0次，未召开新闻发布会；同意公开的占百分之八十。",
        "公开信息1612条的乡镇街道占公开总数62.85%。由2012年的1200件增至1345件，增加145件。",
        "2012年，收到政府信息公开申请1200件。上半年收到政府信息公开申请600件。平均每月收到申请112件。",
        "区教育局收到政府信息公开申请3件。通过政府网站，公开政府信息1200条。区法院政府信息公开申请20件。",
        "全区未发生行政复议，也没有行政诉讼案件，没有因信息不存在而被投诉的，未按时答复的申请为0件。",
        "力争明年公开信息3000条，主动公开政府信息比上年增加300条，答复率同比提高2个百分点。",
        "接待公众查阅2732人次，借阅文件2736份；公共信息查阅点10处，电子查阅点7个。",
        "在公开的2565条信息中，规范性文件类325条（占12.67%）、规划计划和完成情况类390条（占15.20%）。",
    ],
)
def test_a_right_text_in_other_words_is_never_contradicted(said, text):
    assert [(claim.text, claim.reason) for claim in said(text).claims if claim.verdict == "contradicted"] == []


@pytest.mark.parametrize(
    ("text", "confirmed"),
    [
        ("本年新收政府信息公开申请42件，其中自然人38件、法人或其他组织4件，上年结转2件。", 4),
        ("全年办理答复，予以公开22件，占51.16%，部分公开6件，不予公开6件，无法提供9件；结转下年度继续办理1件。", 6),
        ("共收到公民、法人和其他组织的政府信息公开申请42件，其中自然人申请38件，商业企业2件。", 3),
        ("不予公开6件，其中属于国家秘密2件、属于三类内部事务信息4件。", 3),
        ("行政复议12件，其中结果维持9件，尚未审结3件。", 3),
    ],
)
def test_the_phrases_of_the_national_form_are_read(said_nationally, text, confirmed):
    assert [claim.verdict for claim in said_nationally(text).claims] == ["confirmed"] * confirmed


@pytest.mark.parametrize(
    ("text", "figure", "code"),
    [
        ("本年新收政府信息公开申请42件，其中自然人39件、法人或其他组织4件。", "new.c0", "E07"),
        ("2025年，共收到政府信息公开申请38件。", "new.c4", "E05"),
        ("不予公开2件。", "results.refused.c4", "E06"),
        ("行政复议12件，均获维持。", "reviews.upheld.c4", "E08"),
        ("本年度未收到行政复议申请。", "reviews.c4", "E08"),
    ],
)
def test_the_known_errors_of_national_reports_are_found(said_nationally, text, figure, code):
    found = said_nationally(text)
    assert [claim.figure for claim in found.claims if claim.verdict == "contradicted"] == [figure]
    assert code in {issue.code for issue in found.issues}
