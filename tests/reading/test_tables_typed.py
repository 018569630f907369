"""What a cell of a spreadsheet means, as the text of a number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nianbao.indicators.values import NotANumeralError
from nianbao.reading.tables import exact, typed
from nianbao.reading.xlsx import Stored
from strategies import AMOUNTS, SIGNED_AMOUNTS


def _text(text):
    return typed(Stored(kind="text", text=text))


def _number(text, code="General", **more):
    return typed(Stored(kind="number", text=text, code=code), **more)


def _refused(stored, **more):
    with pytest.raises(NotANumeralError) as refused:
        typed(stored, **more)
    return refused.value


def test_a_cell_that_holds_nothing_means_nothing():
    assert typed(None).text == ""


# ---- numbers


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("12", "12"),
        ("12.0", "12"),
        ("12.50", "12.5"),
        ("1E2", "100"),
        ("1.2E+3", "1200"),
        ("1.25E-2", "0.0125"),
        (".5", "0.5"),
        ("5.", "5"),
        ("100", "100"),
        ("-3", "-3"),
        ("999999999999999", "999999999999999"),
        # What Excel writes for 1.1, for 0.1+0.2 and for 33.3*3.
        ("1.1000000000000001", "1.1"),
        ("0.30000000000000004", "0.3"),
        ("99.899999999999991", "99.9"),
        ("12.000000000000002", "12"),
    ],
)
def test_a_number_is_what_the_file_says_to_fifteen_digits(stored, meant):
    assert _number(stored).text == meant


@pytest.mark.parametrize("stored", ["1000000000000000", "12345678901234567", "1E+15", "9.9E+307"])
def test_a_number_of_more_than_fifteen_digits_is_refused(stored):
    refused = _refused(Stored(kind="number", text=stored))

    assert "多于15位" in refused.found
    assert "“文本”" in refused.remedy


@pytest.mark.parametrize("stored", ["1E-300", "1E-9999", "1E-40"])
def test_a_number_that_is_next_to_nothing_is_refused(stored):
    assert "小得不是数" in _refused(Stored(kind="number", text=stored)).found


@pytest.mark.parametrize("stored", ["abc", "1,2", "NaN", "INF", "1e", "１２", "0x1", "1 2"])
def test_what_no_program_writes_for_a_number_is_refused(stored):
    assert f"“{stored}”，不是数" in _refused(Stored(kind="number", text=stored)).found


@given(AMOUNTS | SIGNED_AMOUNTS)
def test_a_decimal_that_went_through_a_double_is_read_without_loss(value):
    assert exact(repr(float(value))) == value
    assert exact(f"{float(value):.17g}") == value


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_whole_number_that_went_through_a_double_is_read_without_loss(value):
    assert _number(f"{float(value):.17g}").text == str(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14))
def test_no_number_is_read_with_an_exponent(value):
    text = f"{value:E}"
    try:
        meant = _number(text).text
    except NotANumeralError:
        return
    assert "E" not in meant
    assert Decimal(meant) == Decimal(f"{value:.14E}") or Decimal(meant) == value


@pytest.mark.parametrize(
    ("stored", "code", "words"),
    [
        ("44198", "yyyy/m/d", "是日期或时间（2021年1月2日）"),
        ("5", "m月d日", "是日期或时间（1900年1月5日）"),
        ("0.5", "h:mm", "是日期或时间"),
        ("99999999", "yyyy/m/d", "是日期或时间"),
        ("1", "0%", "显示为百分数，存的是1"),
        ("12000", "0,", "显示的数缩小了千倍或更多，存的是12000"),
    ],
)
def test_a_number_that_shows_as_something_else_is_refused(stored, code, words):
    refused = _refused(Stored(kind="number", text=stored, code=code))

    assert words in refused.found
    assert "“常规”" in refused.remedy


def test_a_date_is_told_by_the_calendar_of_its_workbook():
    assert "（2021年1月2日）" in _refused(Stored(kind="number", text="42736", code="yyyy/m/d"), since_1904=True).found


def test_a_number_that_its_format_hides_is_read_and_told():
    assert _number("7", ";;;").habits == ("的数字格式不显示这个数，按存的数读",)


def test_a_number_whose_decimals_do_not_show_is_told():
    meant = _number("12.4", "0")

    assert (meant.text, meant.rounded) == ("12.4", True)
    assert meant.habits == ("显示的是四舍五入后的数，按存的数读",)


@pytest.mark.parametrize("code", ["General", "0.0", "0.00", "@"])
def test_a_number_that_shows_whole_is_read_without_a_word(code):
    assert _number("12.4", code).habits == ()


# ---- texts


DIGITS = "是文字形式的数字，按数读"
BLANKS = "带空格或看不见的字符，已去掉"
WIDE = "是全角数字，按半角读"
DASHES = "用了其他横线，按“-”读"
THOUSANDS = "带千位分隔符，已去掉"
APOSTROPHE = "带撇号，已去掉"


@pytest.mark.parametrize(
    ("written", "meant", "habits"),
    [
        ("12", "12", (DIGITS,)),
        ("123456789012345678901", "123456789012345678901", (DIGITS,)),
        ("１２．５", "12.5", (WIDE, DIGITS)),
        (" 12 ", "12", (BLANKS, DIGITS)),
        ("\u3000\u00a012\u202f\n", "12", (BLANKS, DIGITS)),
        ("\u200b1\u200d2\ufeff", "12", (BLANKS, DIGITS)),
        ("\u202d12\u202c", "12", (BLANKS, DIGITS)),
        ("1,234", "1234", (THOUSANDS, DIGITS)),
        ("-1,234,567.50", "-1234567.50", (THOUSANDS, DIGITS)),
        ("１，２３４", "1234", (WIDE, THOUSANDS, DIGITS)),
        ("'12", "12", (APOSTROPHE, DIGITS)),
        ("’12", "12", (APOSTROPHE, DIGITS)),
        ("－5", "-5", (DASHES, DIGITS)),
        ("", "", ()),
        ("  ", "", ("只有空格，按空（缺数）读",)),
        ("-", "-", ()),
    ],
)
def test_a_text_is_read_as_what_is_meant_beyond_doubt(written, meant, habits):
    read = _text(written)

    assert (read.text, read.habits) == (meant, habits)


@pytest.mark.parametrize("dash", ["－", "—", "–", "−", "‐", "‑", "‒", "―", "─", "﹣", "——", "--"])
def test_every_dash_is_the_one_for_not_applicable(dash):
    assert _text(dash).text == "-"


@pytest.mark.parametrize(
    "written", ["1 234", "12,34", "1,2345", "1,23", "12²", "①", "0012", "12件", "无", "/", "十二", "12%", "1e3", "1.2.3"]
)
def test_what_could_be_meant_in_two_ways_is_left_as_it_is_written(written):
    assert _text(written).text == written


def test_a_formula_that_is_a_text_is_refused():
    assert "“=SUM(A1:A2)”，是没有计算的公式" in _refused(Stored(kind="text", text="=SUM(A1:A2)")).found


# ---- everything else


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (Stored(kind="error", text="#REF!"), "是错误值 #REF!"),
        (Stored(kind="error", text="#DIV/0!", formula=True), "是错误值 #DIV/0!"),
        (Stored(kind="truth", text="1"), "是逻辑值 TRUE"),
        (Stored(kind="truth", text="0"), "是逻辑值 FALSE"),
        (Stored(kind="date", text="2021-01-02"), "是日期 2021-01-02"),
        (Stored(kind="number", text="", formula=True, computed=False), "是公式，文件里没有存计算结果"),
    ],
)
def test_what_is_no_number_is_told_by_its_name(stored, words):
    assert _refused(stored).found == words
