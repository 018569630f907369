"""Numbers that state no quantity, with why."""

import pytest
from nianbao.reading import numbers


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("详见www.longtan.gov.cn/2013/", "网址或邮箱"),
        ("http://222.162.179.83/zwdtSjgl/", "网址或邮箱"),
        ("邮箱ltqzwgk163@163.com", "网址或邮箱"),
        ("电话:0432-63041810", "电话、传真或邮编"),
        ("邮编:132021", "电话、传真或邮编"),
        ("拨打12345政务服务热线", "电话、传真或邮编"),
        ("《关于2012年编制工作的通知》", "文件名称"),
        ("国办公开办函〔2021〕30号", "文号"),
        ("2013年度", "年份或日期"),
        ("08年至12年", "年份或日期"),
        ("12月31日", "年份或日期"),
        ("2013-12-31", "年份或日期"),
        ("上午9:30", "时刻"),
        ("15个工作日", "期限"),
        ("30日内", "期限"),
        ("第20条", "序次"),
        ("遵义东路65号", "地址"),
        ("由6个部分组成", "篇章数"),
        ("获“2012杯”奖", "引号中的名称"),
        ("1.完善制度", "序号"),
        ("图3 构成", "图表编号"),
    ],
)
def test_a_number_of_this_kind_is_left_out(text, reason):
    found = numbers.find(1, text)
    assert found
    assert {mention.excluded for mention in found} == {reason}


@pytest.mark.parametrize("text", ["咨询电话接听120次", "发放图书3册", "答复申请15件", "3.5%", "规章3件"])
def test_a_quantity_is_not_left_out(text):
    assert [mention.excluded for mention in numbers.find(1, text)] == [""]


def test_a_number_inside_a_label_of_the_form_belongs_to_the_name():
    pattern = numbers.label_pattern(iter(["超过20个工作日的数量", "网上申请数"]))
    found = numbers.find(1, "超过20个工作日的数量为208条", pattern)
    assert [(mention.text, mention.excluded) for mention in found] == [("超过20个", numbers.LABEL), ("208条", "")]


def test_a_form_without_numbers_in_its_labels_has_no_pattern():
    assert numbers.label_pattern(iter(["网上申请数"])) is None
