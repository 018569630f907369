"""The numbers that a line states, as printed and as meant."""

from fractions import Fraction

import pytest
from nianbao.reading import numbers


def only(text):
    (mention,) = [each for each in numbers.find(7, text) if not each.excluded]
    return mention


@pytest.mark.parametrize(
    ("text", "printed", "value", "unit"),
    [
        ("收到申请1345件。", "1345件", 1345, "件"),
        ("收到申请１３４５件。", "１３４５件", 1345, "件"),
        ("收到1,345件", "1,345件", 1345, "件"),
        ("收到1，345件", "1，345件", 1345, "件"),
        ("点击1.2万次", "1.2万次", 12000, "次"),
        ("收费316441万元", "316441万元", 3164410000, "元"),
        ("占14.43%", "14.43%", Fraction(1443, 100), "%"),
        ("占５０％", "５０％", 50, "%"),
        ("占百分之十二", "百分之十二", 12, "%"),
        ("占百分之80", "百分之80", 80, "%"),
        ("提高3.5个百分点", "3.5个百分点", Fraction(7, 2), "百分点"),
        ("发放公报八十三件", "八十三件", 83, "件"),
        ("面积20平方米", "20平方米", 20, "平方米"),
        ("数量：2565", "2565", 2565, ""),
        ("培训929 人次", "929 人次", 929, "人次"),
    ],
)
def test_a_number_is_read_with_its_unit(text, printed, value, unit):
    mention = only(text)
    assert (mention.text, mention.value, mention.unit) == (printed, value, unit)
    assert text[mention.start : mention.end] == printed


@pytest.mark.parametrize(
    ("text", "approx", "low", "high"),
    [
        ("接待3000余人次", "余", 3000, 4000),
        ("接待3400多件次", "多", 3400, 3500),
        ("访问量达789万余次", "余", 7890000, 7900000),
        ("访问量达789余万次", "余", 7890000, 7900000),
        ("99%以上", "以上", 99, None),
        ("超过20件", "超过", 20, None),
        ("百余封", "余", 100, 200),
        ("锦旗几十面", "几十", 20, 100),
    ],
)
def test_an_approximate_number_is_a_range(text, approx, low, high):
    mention = only(text)
    assert (mention.approx, mention.bounds.low, mention.bounds.high) == (approx, low, high)


@pytest.mark.parametrize(
    "text", ["一个良好的工作格局", "一次性告知制", "每家网站", "三级联动", "办公大楼一楼", "推出“五权”", "这两项工作"]
)
def test_a_way_of_speaking_is_no_number(text):
    assert numbers.find(1, text) == ()


def test_one_that_is_counted_is_a_number():
    assert only("全年收到一件").value == 1


def test_the_decimal_keeps_the_zeros_that_were_printed():
    mention = only("占15.20%")
    assert (str(mention.decimal), mention.places) == ("15.20", 2)


def test_mentions_come_in_the_order_of_the_line():
    assert [mention.text for mention in numbers.find(1, "十二件、3条、五名")] == ["十二件", "3条", "五名"]
