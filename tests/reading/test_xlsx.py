"""What stands in the sheets of a file, as different programs write it."""

import filled
import openpyxl
import pytest
from nianbao.page.grid import Position
from nianbao.reading import xlsx
from nianbao.reading.xlsx import NotAWorkbookError, Stored

TYPES = "http://schemas.openxmlformats.org"
STRICT = "http://purl.oclc.org/ooxml"


def _package(rows, *, before="", after="", home=TYPES, book="", styles="", texts=""):
    """Return a workbook of one sheet, by hand, in the dialect whose namespaces begin with *home*."""
    office, main = ("/officeDocument/2006/relationships", "/spreadsheetml/2006/main")
    if home == STRICT:
        office, main = "/officeDocument/relationships", "/spreadsheetml/main"
    reference = '<Relationship Id="{0}" Type="{1}" Target="{2}"/>'
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    inner = [
        reference.format("r1", f"{home}{office}/worksheet", "worksheets/sheet1.xml"),
        reference.format("r2", f"{home}{office}/styles", "styles.xml"),
        reference.format("r3", f"{home}{office}/sharedStrings", "/xl/sharedStrings.xml"),
    ]
    workbook = f'<workbook xmlns="{home}{main}" xmlns:r="{home}{office}">{book}<sheets><sheet name="甲" sheetId="1" r:id="r1"/></sheets></workbook>'
    return filled.zipped(
        {
            "_rels/.rels": relations.format(reference.format("r1", f"{home}{office}/officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": workbook,
            "xl/_rels/workbook.xml.rels": relations.format("".join(inner)),
            "xl/styles.xml": f'<styleSheet xmlns="{home}{main}">{styles}</styleSheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{home}{main}">{texts}</sst>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{home}{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>',
        }
    )


def _cell(cell, **more):
    """Return what a sheet with the one cell *cell* holds."""
    (sheet,) = xlsx.read(_package(f'<row r="1">{cell}</row>', **more)).sheets
    return sheet.cells.get(Position(0, 0))


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        ('<c r="A1"><v>12</v></c>', "number", "12"),
        ('<c r="A1" t="n"><v>1.1000000000000001</v></c>', "number", "1.1000000000000001"),
        ('<c r="A1" t="s"><v>1</v></c>', "text", "乙丙"),
        ('<c r="A1" t="inlineStr"><is><t>甲</t></is></c>', "text", "甲"),
        ('<c r="A1" t="inlineStr"><is><r><t>甲</t></r><r><t xml:space="preserve"> 乙</t></r></is></c>', "text", "甲 乙"),
        ('<c r="A1" t="str"><v>甲</v></c>', "text", "甲"),
        ('<c r="A1" t="str"><v>1_x000D_2_xD83D_</v></c>', "text", "1\r2_xD83D_"),
        ('<c r="A1" t="b"><v>1</v></c>', "truth", "1"),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "error", "#N/A"),
        ('<c r="A1" t="d"><v>2021-01-02</v></c>', "date", "2021-01-02"),
    ],
)
@pytest.mark.parametrize("home", [TYPES, STRICT])
def test_a_cell_is_read_in_both_dialects_of_the_standard(home, cell, kind, text):
    texts = "<si><t>甲</t></si><si><r><t>乙</t></r><r><t>丙</t></r><rPh><t>ding</t></rPh></si>"

    assert _cell(cell, home=home, texts=texts) == Stored(kind=kind, text=text)


@pytest.mark.parametrize("cell", ['<c r="A1"/>', '<c r="A1" s="0"/>', '<c r="A1"><v/></c>', '<c r="A1" t="s"><v>0</v></c>'])
def test_a_cell_without_a_value_holds_nothing(cell):
    assert _cell(cell, texts="<si><t/></si>") is None


@pytest.mark.parametrize(
    ("cell", "text", "computed"),
    [
        ('<c r="A1"><f>SUM(B1:C1)</f><v>3</v></c>', "3", True),
        ('<c r="A1" t="str"><f>B1</f><v>甲</v></c>', "甲", True),
        ('<c r="A1" t="str"><f>B1</f><v></v></c>', "", True),
        ('<c r="A1"><f t="shared" si="0"/><v>3</v></c>', "3", True),
        ('<c r="A1"><f>SUM(B1:C1)</f></c>', "", False),
        ('<c r="A1"><f>SUM(B1:C1)</f><v/></c>', "", False),
    ],
)
def test_a_formula_has_the_result_that_the_file_holds_or_none(cell, text, computed):
    stored = _cell(cell)

    assert (stored.formula, stored.text, stored.computed) == (True, text, computed)


def test_the_format_of_a_number_is_that_of_its_style():
    styles = (
        '<numFmts><numFmt numFmtId="176" formatCode="0.0&quot;件&quot;"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/></cellXfs>'
    )
    codes = [_cell(f'<c r="A1" s="{number}"><v>1</v></c>', styles=styles).code for number in (0, 1, 2, 3)]

    assert codes == ["General", "yyyy-mm-dd", '0.0"件"', "General"]


def test_cells_that_do_not_say_where_they_are_follow_each_other():
    (sheet,) = xlsx.read(
        _package('<row><c><v>1</v></c><c><v>2</v></c></row><row><c r="C2"><v>3</v></c><c><v>4</v></c></row>')
    ).sheets

    assert {at.address: cell.text for at, cell in sheet.cells.items()} == {"A1": "1", "B1": "2", "C2": "3", "D2": "4"}


def test_what_is_merged_and_what_is_hidden_is_known():
    content = _package(
        '<row r="2" hidden="1"/><row r="3" hidden="true"/><row r="4" hidden="0"/>',
        before='<cols><col min="2" max="3" hidden="1"/><col min="5" max="5"/></cols>',
        after='<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="D4"/></mergeCells>',
    )
    (sheet,) = xlsx.read(content).sheets

    assert [each.address for each in sheet.merged] == ["A1:B2", "D4:D4"]
    assert sheet.merge(Position(1, 1)).first == Position(0, 0)
    assert sheet.merge(Position(2, 1)) is None
    assert sheet.hidden_lines == {1, 2}
    assert [column for column in range(6) if sheet.column_hidden(column)] == [1, 2]


def test_names_of_the_workbook_are_read_and_those_of_a_sheet_are_not():
    names = (
        '<definedNames><definedName name="A">"national-2021"</definedName><definedName name="B">2025</definedName>'
        '<definedName name="A" localSheetId="0">"national-2019"</definedName></definedNames>'
    )

    assert xlsx.read(_package("", book=names)).names == {"A": "national-2021", "B": "2025"}


@pytest.mark.parametrize(("properties", "since"), [("", False), ("<workbookPr/>", False), ('<workbookPr date1904="1"/>', True)])
def test_the_calendar_is_that_of_the_workbook(properties, since):
    assert xlsx.read(_package("", book=properties)).since_1904 == since


def test_sheets_come_in_the_order_of_their_tabs_with_what_is_hidden():
    book = openpyxl.Workbook()
    book.active.title = "二"
    book.create_sheet("一", 0).sheet_state = "hidden"
    book.create_sheet("三").sheet_state = "veryHidden"
    book.create_chartsheet("图")

    assert [(each.name, each.hidden) for each in xlsx.read(filled.saved(book)).sheets] == [
        ("一", True),
        ("二", False),
        ("三", True),
    ]


def test_a_name_that_turns_the_reading_order_is_shown_without_that():
    there = filled.parts(_package(""))
    content = filled.zipped(there | {"xl/workbook.xml": there["xl/workbook.xml"].replace("甲".encode(), "甲\u202e乙".encode())})

    assert xlsx.read(content).sheets[0].name == "甲\ufffd乙"


def test_comments_links_and_drawings_are_passed_over():
    book = openpyxl.Workbook()
    book.active["A1"] = 5
    book.active["A1"].comment = openpyxl.comments.Comment("备注", "某人")
    book.active["A1"].hyperlink = "https://example.org/"

    (sheet,) = xlsx.read(filled.saved(book)).sheets

    assert {at.address: cell.text for at, cell in sheet.cells.items()} == {"A1": "5"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', "工作表“甲”的单元格 A1 写了两次或错了位"),
        ('<row r="1"><c r="A2"><v>1</v></c></row>', "工作表“甲”的单元格 A2 写了两次或错了位"),
        ('<row r="1"><c r="1A"><v>1</v></c></row>', "单元格的地址是“1A”"),
        ('<row r="x"/>', "行号是“x”"),
        ('<row r="0"/>', "行号是“0”"),
        ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "单元格引用了不存在的文字"),
    ],
)
def test_a_sheet_that_contradicts_itself_is_told_as_damage(rows, words):
    with pytest.raises(NotAWorkbookError) as refused:
        xlsx.read(_package(rows))

    assert refused.value.found == f"文件不完整或已损坏（{words}）"


def test_a_sheet_that_is_listed_and_not_there_is_told_as_damage():
    there = filled.parts(_package(""))
    del there["xl/worksheets/sheet1.xml"]

    with pytest.raises(NotAWorkbookError, match="缺少工作表“甲”的内容"):
        xlsx.read(filled.zipped(there))


def test_a_part_that_is_no_workbook_is_refused():
    there = filled.parts(_package(""))

    with pytest.raises(NotAWorkbookError, match="不是 Excel 工作簿"):
        xlsx.read(filled.zipped(there | {"xl/workbook.xml": b"<document/>"}))
