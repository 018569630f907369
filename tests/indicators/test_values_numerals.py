import re
from decimal import Decimal

import pytest
from hypothesis import given
from nianbao.indicators import values
from nianbao.indicators.values import NotANumeralError
from strategies import AMOUNTS, LONG_COUNTS, SIGNED_AMOUNTS

# What people type, and the words that tell them what it is and what to do.
HABITS = [
    ("１２", "含全角数字", "改用半角数字"),
    ("1２", "含全角数字", "改用半角数字"),
    ("－5", "含全角数字", "改用半角数字"),
    ("1．5", "含全角数字", "改用半角数字"),
    ("1,234", "含千位分隔符", "去掉逗号"),
    ("1,234,567", "含千位分隔符", "去掉逗号"),
    ("1,234.50", "含千位分隔符", "去掉逗号"),
    ("1，234", "含千位分隔符", "去掉逗号"),
    ("010", "以0开头", "去掉前面的0"),
    ("00", "以0开头", "去掉前面的0"),
    ("01.5", "以0开头", "去掉前面的0"),
    ("12:30", "像是时间", "改写为数"),
    ("1:02:03", "像是时间", "改写为数"),
    ("1e3", "是科学记数法", "写出全部数字"),
    ("1.5E+06", "是科学记数法", "写出全部数字"),
    ("5%", "带百分号", "只写数"),
    ("5.2 ％", "带百分号", "只写数"),
    ("+5", "带正号", "去掉正号"),
    (".5", "缺整数或小数部分", "写全"),
    ("5.", "缺整数或小数部分", "写全"),
    ("3万", "带“万”“亿”", "按本行单位写出全部数字"),
    ("1.2亿", "带“万”“亿”", "按本行单位写出全部数字"),
    ("5件", "数后面带文字", "只写数"),
    ("2013年", "数后面带文字", "只写数"),
    ("/", "像是“不适用”", "用半角“-”表示不适用"),
    ("／", "像是“不适用”", "用半角“-”表示不适用"),
    ("—", "像是“不适用”", "用半角“-”表示不适用"),
    ("——", "像是“不适用”", "用半角“-”表示不适用"),
    ("–", "像是“不适用”", "用半角“-”表示不适用"),
    ("−", "像是“不适用”", "用半角“-”表示不适用"),
    ("－", "像是“不适用”", "用半角“-”表示不适用"),
    ("", "不是数", "填半角阿拉伯数字"),
    (" ", "不是数", "填半角阿拉伯数字"),
    ("٣", "不是数", "填半角阿拉伯数字"),
    ("५", "不是数", "填半角阿拉伯数字"),
    ("二十", "不是数", "填半角阿拉伯数字"),
    ("无", "不是数", "填半角阿拉伯数字"),
    ("0x1F", "不是数", "填半角阿拉伯数字"),
    ("1_000", "不是数", "填半角阿拉伯数字"),
    ("1 000", "不是数", "填半角阿拉伯数字"),
    ("1-5", "不是数", "填半角阿拉伯数字"),
    ("--5", "不是数", "填半角阿拉伯数字"),
    ("1.2.3", "不是数", "填半角阿拉伯数字"),
    ("NaN", "不是数", "填半角阿拉伯数字"),
    ("Infinity", "不是数", "填半角阿拉伯数字"),
    ("#N/A", "不是数", "填半角阿拉伯数字"),
    ("-5", "是负数", "填不小于0的数"),
    ("-0", "是负数", "填不小于0的数"),
    ("1" * 31, "多于30位数字", "核对是否粘贴有误"),
]


@pytest.mark.parametrize(("typed", "found", "remedy"), HABITS)
def test_a_count_typed_out_of_habit_is_refused_with_what_it_is_and_what_to_do(typed, found, remedy):
    with pytest.raises(NotANumeralError, match=re.escape(found)) as refused:
        values.count(typed)
    assert refused.value.found == found
    assert remedy in refused.value.remedy


@pytest.mark.parametrize(("typed", "found", "remedy"), HABITS)
def test_an_amount_typed_out_of_habit_is_refused_in_the_same_words(typed, found, remedy):
    with pytest.raises(NotANumeralError, match=re.escape(found)) as refused:
        values.amount(typed, 2)
    assert refused.value.found == found
    assert remedy in refused.value.remedy


@pytest.mark.parametrize("typed", ["3.0", "3.5", "-3.0", "0.1"])
def test_a_count_has_no_decimals_not_even_zero(typed):
    with pytest.raises(NotANumeralError, match=r"^有小数$") as refused:
        values.count(typed)
    assert refused.value.remedy == "填整数"


@pytest.mark.parametrize(("typed", "read"), [("0", 0), ("7", 7), ("115352", 115352), ("9" * 30, 10**30 - 1)])
def test_a_plain_numeral_is_read_as_it_stands(typed, read):
    assert values.count(typed) == read


@pytest.mark.parametrize(("typed", "read"), [("-5", -5), ("0", 0), ("4002", 4002)])
def test_a_signed_count_may_be_negative(typed, read):
    assert values.count(typed, signed=True) == read


@pytest.mark.parametrize(("typed", "places"), [("0", 0), ("12", 2), ("12.5", 2), ("12.50", 2), ("0.000001", 6)])
def test_an_amount_keeps_the_digits_it_was_typed_with(typed, places):
    assert format(values.amount(typed, places), "f") == typed


@pytest.mark.parametrize(("typed", "places"), [("12.505", 2), ("1.0", 0), ("0.0000000", 6)])
def test_an_amount_with_too_many_decimals_is_refused_not_rounded(typed, places):
    with pytest.raises(NotANumeralError, match=re.escape(f"小数多于{places}位")) as refused:
        values.amount(typed, places)
    assert refused.value.remedy == f"保留不多于{places}位小数"


def test_thirty_digits_may_stand_on_both_sides_of_the_point():
    assert values.amount("1" * 24 + ".111111", 6) == Decimal("1" * 24 + ".111111")
    with pytest.raises(NotANumeralError, match=r"^多于30位数字$"):
        values.amount("1" * 25 + ".111111", 6)


@pytest.mark.parametrize("typed", ["-0", "-0.0", "-0.00"])
def test_there_is_no_negative_zero(typed):
    assert not values.amount(typed, 2, signed=True).is_signed()


@given(LONG_COUNTS)
def test_reading_a_written_count_is_the_identity(number):
    assert values.count(str(number)) == number
    assert values.count(str(-number), signed=True) == -number


@given(AMOUNTS)
def test_reading_a_written_amount_is_the_identity(number):
    assert values.amount(format(number, "f"), 6) == number


@given(SIGNED_AMOUNTS)
def test_reading_a_written_signed_amount_gives_the_same_number(number):
    assert values.amount(format(number, "f"), 6, signed=True) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("零", 0),
        ("〇", 0),
        ("两", 2),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("九十九", 99),
        ("百", 100),
        ("一百一十", 110),
        ("三百五", 350),
        ("三百零五", 305),
        ("三百〇五", 305),
        ("一千零三十", 1030),
        ("两千零八", 2008),
        ("二千五百六十五", 2565),
        ("十二万", 120_000),
        ("一万二", 12_000),
        ("一万零二", 10_002),
        ("三千零五万六百", 30_050_600),
        ("两亿零三万", 200_030_000),
        ("二〇一三", 2013),
        ("二○二五", 2025),
        ("一二三", 123),
    ],
)
def test_a_whole_number_in_chinese_numerals_is_read(text, number):
    assert values.chinese_integer(text) == number


@pytest.mark.parametrize("text", ["", "十月", "2013", "１２", "十二百", "二十一十", "二十二三", "一" * 31, "千" * 5000])
def test_what_is_no_chinese_numeral_is_refused(text):
    assert values.chinese_integer(text) is None


def _in_chinese(number):
    digits = "零一二三四五六七八九"
    places = [(int(digit), unit) for digit, unit in zip(f"{number:04d}", "千百十 ", strict=True)]
    words = "".join(digits[digit] + unit.strip() if digit else "零" for digit, unit in places)
    return re.sub("零+", "零", words).strip("零") or "零"


def test_every_number_below_ten_thousand_is_read_as_it_is_written():
    assert all(values.chinese_integer(_in_chinese(number)) == number for number in range(10_000))
