"""A number is bound to the row that its words name, never to one that only has its value."""

import pytest


def figures_of(found):
    return [claim.figure for claim in found.claims]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("网上申请258件", ["applications.online.year"]),
        ("收到政府信息公开申请1345件", ["applications.year"]),
        ("全区各级行政机关对政府信息公开申请的答复数为1345件", ["replies.year"]),
        ("共答复政府信息公开申请1345件", ["replies.year"]),
        ("办理1345件申请的答复", ["replies.year"]),
        ("与公众利益密切相关事项类,包括公共卫生、扶贫优抚等信息940条", ["content.public_interest.year"]),
        ("超过20个工作日的数量为208条", ["web_timely.over.year"]),
        ("超过30个工作日的数量为182条", ["reading_timely.over.year"]),
        ("全区公开的文件信息总数1170条", ["web_timely.year"]),
        ("全年培训34次、929人次", ["training_sessions.year", "training_attendance.year"]),
    ],
)
def test_the_words_before_and_after_a_number_name_its_row(said, text, figures):
    assert figures_of(said(text)) == figures


@pytest.mark.parametrize(
    "text",
    [
        "收到信访件1345件",
        "发放宣传单2565份",
        "通过政府网站公开政府信息963条",
        "区教育局收到政府信息公开申请258件",
        "接待查阅档案信息人数2732人次",
        "1345件",
    ],
)
def test_a_value_alone_binds_nothing(said, text):
    assert figures_of(said(text)) == [None]


def test_among_which_opens_the_parts_of_the_whole_before(said):
    found = said("否决公开答复数为268件,其中信息不存在142件,其他原因125件。")
    assert figures_of(found) == ["replies.refused.year", "replies.refused.absent.year", "replies.refused.other.year"]


def test_a_part_may_leave_out_what_its_whole_has_said(said):
    assert figures_of(said("收到申请1345件，其中网上258件，当面1083件。"))[1:] == [
        "applications.online.year",
        "applications.in_person.year",
    ]
    assert figures_of(said("其中网上285件。")) == [None]


def test_an_item_of_a_list_goes_on_with_the_paragraph_before(said):
    assert figures_of(said("2013年收到申请1345件。\n1.网上258件。\n2.当面1083件。"))[1] == "applications.online.year"


def test_a_heading_decides_between_rows_of_one_name(said):
    found = said("二、主动公开情况\n(二)公开的内容\n其他类信息1114条，占43.43%。")
    assert figures_of(found) == ["content.other.year", "content.other.year.share"]


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("全区累计公开信息14613条", "disclosed.cumulative"),
        ("2013年累计公开信息2565条", "disclosed.year"),
        ("截至年底，网站和信息公开专栏点击387275次", "web_visits.cumulative"),
        ("信息公共查阅点10个", "reading_points.cumulative"),
        ("2013年公开信息14613条", "disclosed.year"),
    ],
)
def test_the_column_is_the_one_that_the_words_ask_for(said, text, figure):
    assert figures_of(said(text)) == [figure]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("网上申请258件，占19.18%。", ("applications.online.year.share", "applications.year")),
        ("网上申请258件，占申请总数的比例为19.18%。", ("applications.online.year.share", "applications.year")),
        ("网上申请占申请总数的19.18%。", ("applications.online.year.share", "applications.year")),
        ("在信息公开专栏或网站发布信息963条,占全区公开信息总数的37.54%。", ("rates.web_posting.year", "disclosed.year")),
        ("答复率达到100%。", ("rates.reply.year", "applications.year")),
        ("信息不存在142件,占答复总数的10.56%。", ("replies.refused.absent.year", "replies.year")),
    ],
)
def test_a_percentage_has_a_numerator_and_a_base(said, text, bound):
    claim = said(text).claims[-1]
    assert (claim.figure, claim.base, claim.verdict) == (*bound, "confirmed")


@pytest.mark.parametrize(
    "text", ["群众满意率达到99%以上。", "按17%的比例下发名额。", "占辖区面积的12%。", "收到信访件50件，占40%。"]
)
def test_a_percentage_of_what_the_table_does_not_hold_is_bound_to_nothing(said, text):
    assert said(text).claims[-1].figure is None


def test_a_list_of_percentages_goes_with_the_counts_before_it(said):
    found = said("专职人员14人，兼职人员83人，占从事信息公开工作人员数的比例分别为14.43%和85.57%。")
    assert figures_of(found)[2:] == ["staff.full_time.year.share", "staff.part_time.year.share"]


def test_both_of_two_go_with_the_two_before(said):
    found = said("不超过20个工作日的数量为962条,超过20个工作日的数量为208条,两者占应公开文件信息总数的比例分别为82.22%和17.78%。")
    assert figures_of(found)[2:] == ["web_timely.within.year.share", "web_timely.over.year.share"]


def test_applicants_are_columns_of_the_row_just_named(said_nationally):
    found = said_nationally("本年新收政府信息公开申请42件，其中自然人38件、法人或其他组织4件。")
    assert figures_of(found) == ["new.c4", "new.c0", "new.c1+new.c2+new.c3"]
