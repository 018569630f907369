"""A filled form read back from a workbook: values, refusals by cell, and what goes out comes in again."""

import datetime
import random
import re
from decimal import Decimal

import filled
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nianbao.indicators import values as quantity
from nianbao.indicators.rules import totals
from nianbao.indicators.values import MISSING, NOT_APPLICABLE
from nianbao.inputs import formfile
from nianbao.page import grid

FORMS = formfile.shipped()
YEARS = {"national-2021": 2021, "national-2019": 2020, "national-2014": 2015, "jilin-2013": 2013}
FORM = FORMS["national-2021"]
# The cell E7 of 表三 is that of the row granted and the column business; B4 of 表二·行政事业性收费 that of fees and amount.
CELL = ("handled.granted", "business")
MONEY = "表二·行政事业性收费"


def _read(spoil, form=FORM, year=2021):
    book = filled.numbered(form, year)
    spoil(book)
    return filled.read(filled.saved(book), form, year)


def _typed(value, code=None, sheet="表三", address="E7"):
    """Return what reading gives where *value* was typed into one cell, in the number format *code*."""

    def spoil(book):
        book[sheet][address] = value
        if code:
            book[sheet][address].number_format = code

    return _read(spoil)


@pytest.mark.parametrize("form_id", FORMS)
def test_a_workbook_that_is_filled_in_gives_every_value_without_a_word(form_id):
    form, year = FORMS[form_id], YEARS[form_id]
    cells, problems, notes = filled.read(filled.saved(filled.numbered(form, year)), form, year)

    assert (problems, notes) == ([], [])
    assert list(cells) == [(row.id, column.id) for _table, row, column in form.cells()]
    assert [cell.quantity.value for cell in cells.values()] == list(range(len(cells)))


def test_a_cell_knows_its_sheet_its_line_and_its_address():
    cell = _typed(5)[0][CELL]

    assert (cell.address, cell.line, cell.quantity.value) == ("表三!E7", 7, 5)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (5, quantity.given(5)),
        (12.0, quantity.given(12)),
        ("12", quantity.given(12)),
        ("-", NOT_APPLICABLE),
        ("—", NOT_APPLICABLE),
        (None, MISSING),
        ("", MISSING),
        (" ", MISSING),
        (0, quantity.given(0)),
        ("0", quantity.given(0)),
    ],
)
def test_blank_is_missing_a_dash_is_not_applicable_and_nought_is_nought(value, read):
    cells, problems, _notes = _typed(value)

    assert problems == []
    assert cells[CELL].quantity == read


@pytest.mark.parametrize(
    ("value", "read"),
    [(12, 12), (12.5, Decimal("12.5")), (1.1, Decimal("1.1")), (0.1 + 0.2, Decimal("0.3")), ("1,234.56", Decimal("1234.56"))],
)
def test_an_amount_is_read_exactly(value, read):
    cells, problems, _notes = _typed(value, sheet=MONEY, address="B4")

    assert problems == []
    assert cells["fees", "amount"].quantity.value == read


REFUSED = [
    (12.5, None, "读到“12.5”，有小数；应为：不小于0的整数、“-”（不适用）或空（缺数）。请填整数"),
    (12.4, "0", "读到“12.4”，有小数（显示的是四舍五入后的数）"),
    (-3, None, "读到“-3”，是负数"),
    ("无", None, "读到“无”，不是数；应为：不小于0的整数、“-”（不适用）或空（缺数）"),
    ("/", None, "读到“/”，像是“不适用”"),
    ("1 234", None, "读到“1 234”，不是数"),
    ("12件", None, "读到“12件”，数后面带文字"),
    ("１２件", None, "读到“12件”，数后面带文字"),
    ("3.4E+2", None, "读到“3.4E+2”，是科学记数法"),
    ("12%", None, "读到“12%”，带百分号"),
    ("012", None, "读到“012”，以0开头"),
    ("2021-1-2", None, "读到“2021-1-2”"),
    ("1\n2", None, "读到“1 2”，不是数"),
    ("3_x001B_[31m", None, "读到“3\ufffd[31m”，不是数"),
    ("=SUM(D7:D8)", "@", "是公式，文件里没有存计算结果"),
    (True, None, "是逻辑值 TRUE"),
    ("#REF!", None, "是错误值 #REF!。"),
    (datetime.date(2021, 1, 2), None, "是日期或时间（2021年1月2日）"),
    (5, "m月d日", "是日期或时间（1900年1月5日）"),
    (0.12, "0%", "显示为百分数，存的是0.12"),
    (12000, "0,", "显示的数缩小了千倍或更多，存的是12000"),
    (1e16, None, "多于15位"),
    ("9" * 31, None, "多于30位数字"),
]


@pytest.mark.parametrize(("value", "code", "words"), REFUSED)
def test_what_is_no_value_is_refused_by_cell(value, code, words):
    cells, problems, _notes = _typed(value, code)

    (problem,) = problems
    assert str(problem).startswith("filled.xlsx（表三!E7")
    assert words.removesuffix("。") in str(problem)
    assert CELL not in cells
    assert len(cells) == sum(1 for _cell in FORM.cells()) - 1


def test_a_refusal_names_the_row_and_the_column():
    (problem,) = _typed("无")[1]

    assert problem.place == "表三!E7 （一）予以公开 法人或其他组织·商业企业"


def test_an_amount_with_more_decimals_than_its_unit_has_is_refused():
    (problem,) = _typed(0.1234567, sheet=MONEY, address="B4")[1]

    assert "读到“0.1234567”，小数多于6位" in str(problem)


def test_a_column_of_changes_may_be_negative():
    form = FORMS["national-2019"]
    cells, problems, _notes = _read(lambda book: book["表二·行政许可"].__setitem__("C4", "－12"), form, 2020)

    assert problems == []
    assert cells["licensing", "change"].quantity.value == -12


def test_all_problems_of_all_sheets_are_told_at_once():
    def spoil(book):
        book["表三"]["E7"] = "无"
        book["表三"]["F8"] = 1.5
        book["表四"]["C6"] = "#N/A"
        book["表二·规章"]["A5"] = "规范性文件"

    assert len(_read(spoil)[1]) == 4


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"D7": "12", "D8": "13", "D9": "14", "F9": "5"}, "表三!D7:D9、F9 是文字形式的数字，按数读"),
        ({"E7": "－"}, "表三!E7 用了其他横线，按“-”读"),
        ({"E7": "１２"}, "表三!E7 是全角数字，按半角读"),
        (
            {f"{column}{line}": "12" for column, line in zip("DEFGHIJ", range(7, 20, 2), strict=True)},
            "表三!D7、E9、F11、G13、H15、I17等7处 是文字形式的数字，按数读",
        ),
    ],
)
def test_what_was_overlooked_is_told_once_for_all_its_cells(values, note):
    def spoil(book):
        for address, value in values.items():
            book["表三"][address] = value

    _cells, problems, notes = _read(spoil)

    assert problems == []
    assert note in notes


# ---- formulas


def _with_formula(result):
    """Return a workbook in which E7 of 表三 is a formula whose result the file holds as *result*, in XML."""
    content = filled.saved(filled.numbered(FORM, 2021))
    return filled.edited(content, "xl/worksheets/sheet5.xml", filled.cell_xml("E7"), f'<c r="E7"{result}</c>')


def test_a_formula_is_read_as_the_result_that_the_file_holds():
    cells, problems, notes = filled.read(_with_formula("><f>40+2</f><v>42</v>"), FORM, 2021)

    assert (problems, notes) == ([], ["表三!E7 是公式，按文件里存的计算结果读"])
    assert cells[CELL].quantity.value == 42


def test_a_formula_of_another_workbook_is_read_as_its_result_and_not_followed():
    cells, problems, _notes = filled.read(_with_formula("><f>[1]Sheet1!A1</f><v>42</v>"), FORM, 2021)

    assert problems == []
    assert cells[CELL].quantity.value == 42


@pytest.mark.parametrize(
    ("result", "words"), [("><f>1/8</f><v>0.125</v>", "有小数"), (' t="e"><f>1/0</f><v>#DIV/0!</v>', "#DIV/0!")]
)
def test_a_result_that_is_no_value_is_refused(result, words):
    (problem,) = filled.read(_with_formula(result), FORM, 2021)[1]

    assert "表三!E7" in str(problem)
    assert words in str(problem)


def test_formulas_without_results_are_told_together_with_what_to_do():
    def spoil(book):
        for column in "DEFGHIJ":
            book["表三"][f"{column}28"] = f"=SUM({column}7:{column}27)"
        book["表三"]["J5"] = "=SUM(D5:I5)"

    (problem,) = _read(spoil)[1]

    assert str(problem) == (
        "filled.xlsx（表三!J5、D28:J28）：8格是公式，文件里没有存计算结果。请用 Excel 或 WPS 打开、保存一次，再导入。"
    )


def test_the_totals_of_an_exported_form_are_read_without_a_word():
    given_ = {(row.id, column.id): quantity.given(0) for _table, row, column in FORM.cells()}
    _cells, problems, notes = filled.read(filled.export(FORM, 2021, "某市", given_), FORM, 2021)

    assert (problems, notes) == ([], [])


# ---- which form, which file


@pytest.mark.parametrize(
    ("form_id", "year", "words"),
    [
        ("national-2019", 2020, "是表式 national-2019 2020年的表；应为：表式 national-2021 2021年的表"),
        ("national-2021", 2022, "是表式 national-2021 2022年的表；应为：表式 national-2021 2021年的表"),
    ],
)
def test_another_form_or_year_is_told_and_nothing_else(form_id, year, words):
    cells, problems, _notes = filled.read(filled.saved(filled.numbered(FORMS[form_id], year)), FORM, 2021)

    assert cells == {}
    (problem,) = problems
    assert words in str(problem)


def test_a_workbook_that_does_not_say_its_form_is_read_by_its_labels():
    cells, problems, notes = _read(lambda book: book.defined_names.clear())

    assert problems == []
    assert len(cells) == 200
    assert notes == ["文件不是由本程序导出的，或去掉了表式标记；各表按表头和行名认出"]


def test_macros_are_not_run_and_told():
    content = filled.zipped(filled.parts(filled.saved(filled.numbered(FORM, 2021))) | {"xl/vbaProject.bin": b"\0"})
    _cells, problems, notes = filled.read(content, FORM, 2021)

    assert (problems, notes) == ([], ["文件带有宏，没有运行，只读了数"])


def test_a_file_that_is_no_workbook_is_one_problem():
    (problem,) = filled.read("部分,类别\n".encode(), FORM, 2021)[1]

    assert str(problem).startswith("filled.xlsx：是文本（CSV 等），不是 Excel 工作簿。请")


def test_an_empty_workbook_lacks_every_table():
    def spoil(book):
        book.create_sheet("空")
        for sheet in grid.sheets(FORM, 2021):
            del book[sheet.name]

    problems = _read(spoil)[1]

    assert len(problems) == len(FORM.tables)
    assert all("没有找到" in str(problem) for problem in problems)


def _spoilt_xml(content, seed):
    """Return *content* with a few characters of one of its parts, or the value of one attribute, put wrong."""
    drawn, there = random.Random(seed), filled.parts(content)
    name = drawn.choice([name for name in there if name.endswith((".xml", ".rels"))])
    part = bytearray(there[name])
    if seed % 2:
        for _time in range(3):
            part[drawn.randrange(len(part))] = drawn.choice(b'09Az"<>/ =-')
    else:
        place = drawn.choice(list(re.finditer(rb'"[^"<>]*"', bytes(part))))
        part[place.start() : place.end()] = drawn.choice([b'"-1"', b'"99999999999"', b'"x"', b'""', b'"A0"', b'"s"', b'"e"'])
    return filled.zipped(there | {name: bytes(part)})


@pytest.mark.parametrize("seed", range(100))
def test_a_part_that_is_spoilt_is_no_bug(seed):
    problems = filled.read(_spoilt_xml(filled.export(FORMS["jilin-2013"], 2013, "某区"), seed), FORMS["jilin-2013"], 2013)[1]

    assert all(problem.file == filled.NAME for problem in problems)


# ---- out and in again


def _drawn(form, seed):
    """Return values of all cells of *form*, among them blanks, `-`, amounts and long numbers; a blank total would be made a sum."""
    drawn, sums = random.Random(f"{form.id}/{seed}"), totals(form)

    def value(row, column):
        unit = form.units[form.unit_of(row, column)]
        if unit.kind != "count":
            return quantity.given(
                Decimal(drawn.randrange(10 ** drawn.choice((3, 8, 14)))).scaleb(-drawn.randrange(unit.places + 1))
            )
        blank = NOT_APPLICABLE if (row.id, column.id) in sums else MISSING
        return drawn.choice([blank, NOT_APPLICABLE, *(quantity.given(drawn.randrange(10**power)) for power in (1, 3, 9, 15, 30))])

    return {(row.id, column.id): value(row, column) for _table, row, column in form.cells()}


@pytest.mark.parametrize("form_id", FORMS)
@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_what_is_exported_is_read_back_as_it_was(form_id, seed):
    form, year = FORMS[form_id], YEARS[form_id]
    cells = _drawn(form, seed)

    back, problems, _notes = filled.read(filled.export(form, year, "某市", cells), form, year)

    assert problems == []
    assert filled.values(back) == cells


@pytest.mark.parametrize("number", [10**15 - 1, 10**15, 10**20, 10**29, 123 * 10**20])
def test_a_round_number_of_many_digits_is_read_back_as_it_was(number):
    given_ = {(row.id, column.id): MISSING for _table, row, column in FORM.cells()} | {CELL: quantity.given(number)}
    cells, problems, _notes = filled.read(filled.export(FORM, 2021, "某市", given_), FORM, 2021)

    assert problems == []
    assert cells[CELL].quantity.value == number


@pytest.mark.parametrize("form_id", FORMS)
def test_a_blank_form_is_read_back_blank(form_id):
    form, year = FORMS[form_id], YEARS[form_id]
    cells, problems, notes = filled.read(filled.export(form, year, "某市"), form, year)

    assert (problems, notes) == ([], [])
    wanted = {
        (row.id, column.id): NOT_APPLICABLE if column.id in row.not_applicable else MISSING for _table, row, column in form.cells()
    }
    assert filled.values(cells) == wanted


@pytest.mark.slow
def test_what_calc_saves_is_read_as_it_was(calc):
    given_ = {form_id: _drawn(form, 0) for form_id, form in FORMS.items()}
    exported = {form_id: filled.export(form, YEARS[form_id], "某市", given_[form_id]) for form_id, form in FORMS.items()}
    through_ods = calc.converted(calc.converted(exported, "ods"), "xlsx", "ods")

    for form_id, content in (*calc.converted(exported, "xlsx").items(), *through_ods.items()):
        cells, problems, _notes = filled.read(content, FORMS[form_id], YEARS[form_id])
        assert problems == []
        assert filled.values(cells) == given_[form_id]


@pytest.mark.slow
def test_old_and_open_formats_that_calc_saves_are_told_by_their_names(calc):
    exported = {"a": filled.export(FORM, 2021, "某市")}

    for suffix, words in (
        ("xls", "是旧格式 .xls"),
        ("ods", "是 OpenDocument 格式"),
        ("pdf", "是 PDF"),
        ("csv", "是文本（CSV 等）"),
    ):
        (problem,) = filled.read(calc.converted(exported, suffix)["a"], FORM, 2021)[1]
        assert words in str(problem)


@pytest.mark.slow
def test_formulas_without_results_have_them_once_calc_has_saved(calc):
    def spoil(book):
        for line in range(5, 30):
            book["表三"][f"J{line}"] = f"=SUM(D{line}:I{line})"

    book = filled.numbered(FORM, 2021)
    spoil(book)
    cells, problems, _notes = filled.read(calc.converted({"a": filled.saved(book)}, "xlsx")["a"], FORM, 2021)

    assert problems == []
    assert all(cells[row.id, "total"].quantity.value > 0 for row in FORM.tables[4].rows)
