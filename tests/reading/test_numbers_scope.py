"""Whether a number is of the reporting year at all."""

import pytest
from nianbao.reading import numbers


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("比上年增加", "增减"),
        ("同比增长", "增减"),
        ("较去年减少了", "增减"),
        ("去年收到申请", "其他年度"),
        ("上半年收到申请", "一段时间"),
        ("一季度收到申请", "一段时间"),
        ("3月份收到申请", "一段时间"),
        ("平均每月收到申请", ""),
        ("人均办理申请", "平均"),
        ("力争收到申请", "目标"),
        ("2012年收到申请", "2012年"),
        ("08年收到申请", "2008年"),
    ],
)
def test_words_of_another_scope_are_told(words, part):
    assert part in numbers.elsewhere(words, "", 2013)
    assert numbers.elsewhere(words, "", 2013)


@pytest.mark.parametrize(
    "words",
    [
        "2013年收到申请",
        "截至12月31日收到申请",
        "按时办结",
        "新增规范性文件",
        "自2008年条例施行以来公开信息",
        "2013年1月1日至12月31日收到申请",
    ],
)
def test_words_of_the_year_are_not(words):
    assert numbers.elsewhere(words, "", 2013) == ""


def test_the_year_last_named_before_holds_on():
    assert numbers.elsewhere("收到申请", "2012年的情况是，", 2013) == "说的是2012年"


def test_a_name_that_holds_the_word_takes_its_meaning_away():
    assert numbers.elsewhere("上年结转申请", "", 2013, "上年结转政府信息公开申请") == ""


@pytest.mark.parametrize(
    ("words", "told"), [("累计公开信息", True), ("全年累计公开信息", False), ("2013年累计公开", False), ("公开信息", False)]
)
def test_cumulative_is_what_is_not_of_the_year(words, told):
    assert numbers.is_cumulative(words, 2013) is told


def test_what_stands_by_now_may_be_of_either_column():
    assert [numbers.is_standing(words) for words in ("目前设立", "截至年底", "收到")] == [True, True, False]
