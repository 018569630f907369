"""A table whose sheet is not as the form has it: found all the same where that is beyond doubt, refused by cell where not."""

import csv
import io
import itertools

import filled
import openpyxl
import pytest
from nianbao.inputs import formfile, tables
from nianbao.page import grid
from nianbao.reading.tables import key

FORMS = formfile.shipped()
YEARS = {"national-2021": 2021, "national-2019": 2020, "national-2014": 2015, "jilin-2013": 2013}


def _spoilt(form_id, spoil):
    """Return what reading a workbook of a form gives after *spoil* was done to it, and what it held before."""
    form, year = FORMS[form_id], YEARS[form_id]
    book = filled.numbered(form, year)
    before = filled.values(filled.read(filled.saved(book), form, year)[0])
    spoil(book)
    cells, problems, notes = filled.read(filled.saved(book), form, year)
    return before, filled.values(cells), [str(problem) for problem in problems], notes


def _unmerged(sheet):
    for each in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(each))
    return sheet


def _changed(address, text, sheet="表三"):
    def spoil(book):
        book[sheet][address] = text

    return spoil


def _moved(book):
    """Put the line of 其他法律行政法规禁止公开 below that of 保护第三方合法权益."""
    sheet = _unmerged(book["表三"])
    lines = {line: [cell.value for cell in sheet[line]][2:] for line in (10, 11, 12)}
    for line, source in ((10, 11), (11, 12), (12, 10)):
        for column, value in enumerate(lines[source], 3):
            sheet.cell(line, column).value = value


def _columns_swapped(book):
    sheet = _unmerged(book["表三"])
    for line in range(3, 30):
        one, other = sheet.cell(line, 4), sheet.cell(line, 10)
        one.value, other.value = other.value, one.value


def _with_lines_above(book):
    _unmerged(book["表三"]).insert_rows(1, 5)


def _into_one_sheet(book):
    """Put 表四 below 表三."""
    source, target = book["表四"], book["表三"]
    for row in source.iter_rows():
        for cell in row:
            if not isinstance(cell, openpyxl.cell.cell.MergedCell):
                target.cell(cell.row + 40, cell.column).value = cell.value
    for each in source.merged_cells.ranges:
        target.merge_cells(None, each.min_row + 40, each.min_col, each.max_row + 40, each.max_col)
    del book["表四"]


# ---- what changes no value

HARMLESS = {
    "nothing": lambda _book: None,
    "every merge undone": lambda book: [_unmerged(sheet) for sheet in book],
    "a blank line put in": lambda book: _unmerged(book["表三"]).insert_rows(12),
    "a blank column put in": lambda book: _unmerged(book["表三"]).insert_cols(6),
    "a blank column put in on the left": lambda book: _unmerged(book["表三"]).insert_cols(1),
    "lines put in above": _with_lines_above,
    "a line moved": _moved,
    "columns moved": _columns_swapped,
    "sheets in another order": lambda book: book.move_sheet("表三", -4),
    "two tables on one sheet": _into_one_sheet,
    "blanks in a label": _changed("C10", " 2. 其他法律行政法规\n禁止公开 "),
    "full width in a label": _changed("C10", "２．其他法律行政法规禁止公开"),
    "other quotation marks": _changed("C11", '3.危及"三安全一稳定"'),
    "another width of brackets": _changed("B7", "(一)予以公开"),
    "something invisible in a heading": _changed("E4", "商业\u200b企业"),
    "a cell merged with blanks beside the table": lambda book: book["表三"].merge_cells("J14:M14"),
}


@pytest.mark.parametrize("spoil", HARMLESS.values(), ids=HARMLESS)
def test_what_does_not_touch_labels_or_values_changes_no_value(spoil):
    before, after, problems, _notes = _spoilt("national-2021", spoil)

    assert problems == []
    assert after == before


@pytest.mark.parametrize("form_id", FORMS)
def test_every_form_is_found_with_every_merge_undone(form_id):
    before, after, problems, notes = _spoilt(form_id, lambda book: [_unmerged(sheet) for sheet in book])

    assert (problems, notes) == ([], [])
    assert after == before


def _remark(book):
    _unmerged(book["表三"]).insert_cols(6)
    book["表三"]["F8"] = "见附件"


def _subtotal(book):
    _unmerged(book["表三"]).insert_rows(12)
    book["表三"]["C12"], book["表三"]["D12"] = "小计", 4


NOTED = {
    "a renamed sheet": (lambda book: setattr(book["表三"], "title", "Sheet9"), "表三现在叫“Sheet9”，按表头和行名认出"),
    "a sheet of one's own": (lambda book: book.create_sheet("算").append([1, 2]), "没有读这些工作表，它们不是表式的表：算"),
    "a column of one's own": (_remark, "表三 F列有1格内容，不是表式的栏，没有读"),
    "a line of one's own": (_subtotal, "表三 第12行“小计”不是表式的行，没有读"),
    "a hidden sheet": (lambda book: setattr(book["表三"], "sheet_state", "hidden"), "表三是隐藏的工作表，照样读了"),
    "a hidden line": (lambda book: setattr(book["表三"].row_dimensions[14], "hidden", True), "表三 第14行是隐藏的，照样读了"),
    "a hidden column": (lambda book: setattr(book["表三"].column_dimensions["E"], "hidden", True), "表三 E列是隐藏的，照样读了"),
}


@pytest.mark.parametrize(("spoil", "note"), NOTED.values(), ids=NOTED)
def test_what_is_overlooked_is_told(spoil, note):
    before, after, problems, notes = _spoilt("national-2021", spoil)

    assert (problems, notes) == ([], [note])
    assert after == before


@pytest.mark.parametrize("form_id", FORMS)
def test_the_csv_files_of_a_form_saved_as_sheets_of_a_workbook_are_read(form_id):
    form, year = FORMS[form_id], YEARS[form_id]
    values = itertools.count()
    book = openpyxl.Workbook()
    for table in form.tables:
        content = tables.written(table, year, lambda _row, _column: str(next(values)))
        page = book.create_sheet(table.id)
        for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            page.append([int(text) if text.isdecimal() else text for text in line])

    cells, problems, _notes = filled.read(filled.saved(book), form, year)

    assert problems == []
    assert [cell.quantity.value for cell in cells.values()] == list(range(next(values)))


# ---- what is refused


def _line_taken_out(book):
    _unmerged(book["表三"]).delete_rows(12)


def _column_taken_out(book):
    _unmerged(book["表三"]).delete_cols(6)


def _line_twice(book):
    sheet = _unmerged(book["表三"])
    sheet.insert_rows(12)
    for column in range(1, 11):
        sheet.cell(12, column).value = sheet.cell(11, column).value


def _column_twice(book):
    sheet = _unmerged(book["表三"])
    for line in range(1, 30):
        sheet.cell(line, 11).value = sheet.cell(line, 4).value


def _table_twice(book):
    sheet = _unmerged(book["表三"])
    for line in range(1, 30):
        for column in range(1, 11):
            sheet.cell(line + 40, column).value = sheet.cell(line, column).value


def _of_another_group(book):
    sheet = _unmerged(book["表三"])
    for column in range(3, 11):
        sheet.cell(20, column).value, sheet.cell(17, column).value = sheet.cell(17, column).value, sheet.cell(20, column).value


def _heads_gone(book):
    _unmerged(book["表三"])
    for column in range(4, 11):
        book["表三"].cell(3, column).value = book["表三"].cell(4, column).value = None


REFUSED = {
    "a label": (
        _changed("C10", "2.其它法律行政法规禁止公开"),
        ["表三!C10", "行名是“2.其它法律行政法规禁止公开”；应为：“2.其他法律行政法规禁止公开”"],
    ),
    "the first label of a group": (_changed("C9", "1.国家秘密"), ["表三!C9", "行名是“1.国家秘密”；应为：“1.属于国家秘密”"]),
    "the first label": (_changed("A5", "一、新收"), ["表三!A5", "行名是“一、新收”；应为：“一、本年新收政府信息公开申请数量”"]),
    "the last label": (_changed("A29", "四、结转"), ["表三!A29", "行名是“四、结转”；应为：“四、结转下年度继续办理”"]),
    "a section": (_changed("A7", "三、办理结果"), ["表三!A7", "部分是“三、办理结果”；应为：“三、本年度办理结果”"]),
    "a group": (_changed("B9", "（三）不公开"), ["表三!B9", "类别是“（三）不公开”；应为：“（三）不予公开”"]),
    "a heading": (_changed("E4", "企业"), ["表三!E4", "表头是“企业”；应为：“商业企业”"]),
    "the first heading": (_changed("D3", "个人"), ["表三!D3", "表头是“个人”；应为：“自然人”"]),
    "a heading over headings": (_changed("E3", "法人"), ["表三!E3", "表头是“法人”；应为：“法人或其他组织”"]),
    "a unit in a heading": (
        _changed("B3", "本年收费金额（元）", "表二·行政事业性收费"),
        ["表二·行政事业性收费!B3", "表头是“本年收费金额（元）”；应为：“本年收费金额（万元）”"],
    ),
    "a line taken out": (_line_taken_out, ["（表三）", "缺少“4.保护第三方合法权益”一行"]),
    "a line twice": (_line_twice, ["“3.危及“三安全一稳定””应有1行，有2行（C11、C12）", "每行只留一次"]),
    "a table twice on one sheet": (_table_twice, ["（表三）", "同一张表不止一次", "A5、A45", "只留一处"]),
    "a column taken out": (_column_taken_out, ["（表三）", "没有表头“科研机构”"]),
    "a column twice": (_column_twice, ["（表三）", "表头“自然人”出现了2次（D、K列）", "只留一栏"]),
    "a sheet twice": (lambda book: book.copy_worksheet(book["表三"]), ["表三、表三 Copy", "有2张工作表都像表三", "只留一张"]),
    "a sheet taken out": (lambda book: book.remove(book["表三"]), ["没有找到表三（收到和处理政府信息公开申请情况）", "补上这张表"]),
    "values merged": (lambda book: book["表三"].merge_cells("D14:D15"), ["表三!D14:D15", "只看得见 D14", "取消合并，逐格填写"]),
    "a block of values merged": (lambda book: book["表三"].merge_cells("D14:F16"), ["表三!D14:F16", "取消合并"]),
    "a value merged into its label": (lambda book: book["表三"].merge_cells("C14:D14"), ["表三!C14:D14", "只看得见 C14"]),
}


@pytest.mark.parametrize(("spoil", "words"), REFUSED.values(), ids=REFUSED)
def test_what_could_put_a_value_in_another_place_is_refused_once_by_cell(spoil, words):
    before, after, problems, _notes = _spoilt("national-2021", spoil)

    (problem,) = problems
    assert [each for each in words if each not in problem] == []
    assert {key: value for key, value in after.items() if value != before[key]} == {}


def test_labels_that_changed_places_with_those_of_another_group_are_refused():
    problems = _spoilt("national-2021", _of_another_group)[2]

    assert any("表三!C17" in problem and "应为：“（五）不予处理”" in problem for problem in problems)
    assert any("表三!C20" in problem and "应为：“（四）无法提供”" in problem for problem in problems)


def test_a_table_without_headings_is_not_read():
    _before, after, problems, _notes = _spoilt("national-2021", _heads_gone)

    assert not {row for row, _column in after} & {row.id for row in FORMS["national-2021"].tables[4].rows}
    assert {"自然人", "法人或其他组织", "商业企业", "总计"} <= {
        problem.partition("没有表头“")[2].partition("”")[0] for problem in problems
    }


@pytest.mark.parametrize(
    ("form_id", "address", "text", "words"),
    [
        ("jilin-2013", "D5", "万人", "统计表!D5）：单位是“万人”；应为：“人”"),
        ("jilin-2013", "F3", "14年发生数", "统计表!F3）：表头是“14年发生数”；应为：“13年发生数”"),
        ("jilin-2013", "C5", "其中：⑵专职人员数", "统计表!C5）：行名是“其中：⑵专职人员数”；应为：“其中：⑴专职人员数”"),
        ("national-2014", "B6", "万条", "统计表!B6）：单位是“万条”；应为：“条”"),
        ("national-2014", "C4", 5, "统计表!C4）：读到“5”，“一、主动公开情况”是标题行，不填数。请把数填到它应在的行"),
    ],
)
def test_a_changed_unit_heading_label_or_line_without_values_is_refused(form_id, address, text, words):
    (problem,) = _spoilt(form_id, _changed(address, text, "统计表"))[2]

    assert words in problem


def test_digits_as_text_under_a_changed_heading_are_not_taken_for_labels():
    def spoil(book):
        book["表三"]["D3"], book["表三"]["D7"] = "个人", "12"

    (problem,) = _spoilt("national-2021", spoil)[2]

    assert "表头是“个人”" in problem


def test_a_unit_that_was_wiped_out_changes_nothing():
    before, after, problems, _notes = _spoilt("jilin-2013", _changed("D5", None, "统计表"))

    assert (after, problems) == (before, [])


def test_rows_that_are_called_the_same_are_told_apart_by_their_order():
    before, after, problems, _notes = _spoilt("national-2014", lambda _book: None)
    labels = [key(row.printed_label) for row in FORMS["national-2014"].tables[0].rows]

    assert len(set(labels)) < len(labels)
    assert (after, problems) == (before, [])


def test_rows_that_are_called_the_same_are_refused_where_one_is_missing():
    sheet = grid.sheets(FORMS["national-2014"], 2015)[0]
    at = next(label.at.address for label in sheet.labels if label.text == "（二）被依法纠错数")
    problems = set(_spoilt("national-2014", _changed(at, "（二）其他", "统计表"))[2])

    assert len(problems) == 1
    assert "“（二）被依法纠错数”应有2行，有1行" in problems.pop()


def test_rows_that_are_called_the_same_are_refused_where_their_order_changed():
    def move(book):
        """Put the line of the first of them at the end."""
        sheet = _unmerged(book["统计表"])
        line = next(line for line in range(1, 70) if sheet.cell(line, 1).value == "（二）被依法纠错数")
        values = [cell.value for cell in sheet[line]]
        sheet.delete_rows(line)
        sheet.append(values)

    before, after, problems, _notes = _spoilt("national-2014", move)

    assert {key: value for key, value in after.items() if value != before[key]} == {}
    assert any("“（二）被依法纠错数”应有2行，有2行" in problem and "分不清" in problem for problem in problems)
