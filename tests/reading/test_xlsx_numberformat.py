"""What number formats show of a number."""

import pytest
from nianbao.reading.xlsx import BUILT_IN, Shown, places, shown

ACCOUNTING = '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '


@pytest.mark.parametrize(
    ("code", "sign", "what"),
    [
        ("General", 1, Shown.NUMBER),
        ("G/通用格式", 1, Shown.NUMBER),
        ("0", 1, Shown.NUMBER),
        ("@", 1, Shown.NUMBER),
        ("#,##0.00", 1, Shown.NUMBER),
        ('#,##0"件"', 1, Shown.NUMBER),
        ("[Red]0;[Blue]-0", -1, Shown.NUMBER),
        ("[$¥-804]#,##0.00", 1, Shown.NUMBER),
        ("0.00E+00", 1, Shown.NUMBER),
        ("# ?/?", 1, Shown.NUMBER),
        (ACCOUNTING, 0, Shown.NUMBER),
        (ACCOUNTING, 1, Shown.NUMBER),
        ("\\d0", 1, Shown.NUMBER),
        ('"day"0', 1, Shown.NUMBER),
        ("yyyy/m/d", 1, Shown.DATE),
        ("yyyy年m月d日", 1, Shown.DATE),
        ('[$-804]yyyy"年"m"月"', 1, Shown.DATE),
        ("h:mm", 1, Shown.DATE),
        ("[h]:mm:ss", 1, Shown.DATE),
        ("aaaa", 1, Shown.DATE),
        ("0%", 1, Shown.PERCENT),
        ("0.00%", 0, Shown.PERCENT),
        ("0,", 1, Shown.SCALED),
        ('#,##0.0,,"百万"', 1, Shown.SCALED),
        ("0!.0,", 1, Shown.SCALED),
        (";;;", 1, Shown.OTHER),
        (";;;", 0, Shown.OTHER),
        ("#,##0;-#,##0;", 0, Shown.OTHER),
        ("#,##0;-#,##0;", 1, Shown.NUMBER),
        ('0;-0;"无"', 0, Shown.OTHER),
        ('"有"', 1, Shown.OTHER),
    ],
)
def test_a_format_shows_the_number_or_something_else(code, sign, what):
    assert shown(code, sign) == what


@pytest.mark.parametrize(
    ("number", "what"),
    [(1, Shown.NUMBER), (3, Shown.NUMBER), (9, Shown.PERCENT), (14, Shown.DATE), (31, Shown.DATE), (57, Shown.DATE)],
)
def test_formats_that_a_file_names_by_number_are_known(number, what):
    assert shown(BUILT_IN[number], 1) == what


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("0", 0),
        ("#,##0", 0),
        ("0.00", 2),
        ("0.0#", 2),
        ("General", None),
        ("@", None),
        ("# ?/?", None),
        ('0.00"元"', 2),
        (ACCOUNTING, 2),
    ],
)
def test_a_format_shows_so_many_decimals(code, count):
    assert places(code) == count
