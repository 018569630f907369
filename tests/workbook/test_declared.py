"""Contacts, date and facts filled in as sheets, and what becomes of report.yaml: those values, and not one other character."""

import datetime
import io

import builds
import openpyxl
import pytest
from nianbao.inputs import formfile, report
from nianbao.inputs.yaml import Edited
from nianbao.workbook import declared

SHOWN = "params/demo/2025"
CONTACTS = {
    "联系机构": "某市办公室",
    "地址": "某街1号",
    "邮编": "012345",
    "电话": "0432-64235000",
    "传真": "-",
    "电子邮箱": "a@b.cn",
    "政府网站": "www.a.cn",
}


@pytest.fixture
def project(tmp_path, run):
    made = builds.new_project(tmp_path / "project", units=())
    (made / "params").mkdir(exist_ok=True)
    assert run(made, "new", "demo", "2025", "--name", "某市人民政府", "--province", "某省").returncode == 0
    return made


@pytest.fixture
def workbook(project, run, tmp_path):
    """Export the workbook, let *fill* change it, import it, and return what was said."""

    def filled(fill, *, marks=True):
        path = tmp_path / "表.xlsx"
        assert run(project, "table", "export", "--force", "-o", str(path), "demo", "2025").returncode == 0
        book = openpyxl.load_workbook(path)
        for sheet in book:
            for cell in (
                each for row in sheet.iter_rows() for each in row if isinstance(each.value, str) and each.value.startswith("=")
            ):
                cell.value = None
        front = book["填表说明"]
        for row in front.iter_rows():
            if marks and row[0].value in book.sheetnames and row[0].row > 1:
                row[2].value = "是"
        fill(book)
        book.save(path)
        return run(project, "table", "import", "demo", "2025", str(path))

    return filled


def at(sheet, label, column=2):
    return next(row[column - 1] for row in sheet.iter_rows() if str(row[0].value).startswith(label))


def fact(book, *texts):
    sheet = book["事实"]
    row = next(row for row in sheet.iter_rows(min_row=4) if not row[0].value)
    for cell, text in zip(row, texts, strict=False):
        cell.value = text


def everything(book):
    for label, text in CONTACTS.items():
        at(book["单位信息"], label).value = text
    at(book["单位信息"], "公布日期").value = "2026年1月20日"
    fact(book, "信息处理费实收金额", "400", "元")
    fact(book, "锦旗", "几十面")
    fact(book, "网站访问量", "789万余", "次", "visits")


def loaded(project):
    return report.load(project / SHOWN, formfile.shipped())


def text(project):
    return (project / SHOWN / "report.yaml").read_text("utf-8")


def test_contacts_date_and_facts_are_filled_in_without_opening_any_yaml(workbook, project):
    assert workbook(everything).returncode == 0
    read = loaded(project)
    assert {each.label: each.text for each in read.contact.values()} == CONTACTS
    assert read.date == datetime.date(2026, 1, 20)
    assert {each.label: each.display for each in read.facts.values()} == {
        "信息处理费实收金额": "400元",
        "锦旗": "几十面",
        "网站访问量": "789万余次",
    }
    assert read.facts["visits"].label == "网站访问量"


def test_comments_and_all_other_lines_stay(workbook, project):
    before = text(project).splitlines()
    workbook(everything)
    after = text(project).splitlines()
    assert [line for line in before if line not in after] == [
        line for line in before if '（待填）"' in line or line.startswith(("  date:", "facts: {}"))
    ]
    assert all(line.partition("#")[2] == now.partition("#")[2] for line, now in zip(before[:26], after[:26], strict=True))


def test_what_was_filled_in_is_told_and_comes_back_in_the_next_workbook(workbook, project):
    told = workbook(everything).stdout
    assert "改动　单位信息　电话：（待填） → 0432-64235000" in told
    assert "改动　单位信息　公布日期：空 → 2026-01-20" in told
    assert "改动　事实　信息处理费实收金额（fact_1）：空 → 400元" in told
    before = text(project)
    assert "没有改动" in workbook(lambda _book: None).stdout
    assert text(project) == before


def test_a_fact_that_changed_keeps_its_key_and_its_source(workbook, project):
    workbook(everything)

    def change(book):
        at(book["事实"], "信息处理费").value = "500"

    told = workbook(change)
    assert "信息处理费实收金额（fact_1）：400元 → 500元" in told.stdout
    assert loaded(project).facts["fact_1"].display == "500元"
    assert 'fact_1: {label: "信息处理费实收金额", value: 500, unit: "元", source: own}' in text(project)


def test_a_fact_keeps_what_it_is_a_part_of():
    before = 'sources: {own: 甲}\nfacts:\n  mails: {label: "邮件", value: 30, unit: "件", source: own, of: received}\n'
    same = 'label: "邮件", value: 30, unit: "件"'
    assert declared.put(before, declared.Declared(date="", contact=(), facts=(("mails", same),))) == before
    changed = declared.put(before, declared.Declared(date="", contact=(), facts=(("mails", same.replace("30", "31")),)))
    assert 'value: 31, unit: "件", source: own, of: received}' in changed


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (lambda book: setattr(at(book["单位信息"], "公布日期"), "value", "明年初"), "单位信息!B4）：“明年初”不是日期"),
        (lambda book: setattr(at(book["单位信息"], "公布日期"), "value", "2026-02-30"), "不是日期"),
        (lambda book: fact(book, "培训", "3", ""), "事实!C4）：“3”是数，没有单位"),
        (lambda book: fact(book, "锦旗", "几十面", "面"), "是文字，不带单位"),
        (lambda book: fact(book, "", "3", "次"), "事实!A4）：一项事实要有名称"),
        (lambda book: fact(book, "培训", "", "次"), "事实!B4）：一项事实要有名称"),
        (lambda book: fact(book, "培训", "3", "次", "3a"), "代号“3a”不合规"),
        (lambda book: (fact(book, "培训", "3", "次", "a"), fact(book, "讲座", "3", "次", "a")), "代号“a”重复"),
        (lambda book: setattr(at(book["填表说明"], "表三", 3), "value", "不"), "“不”看不懂"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_cell_and_nothing_is_written(workbook, project, fill, said):
    before = {path: path.read_bytes() for path in (project / SHOWN).iterdir()}
    told = workbook(fill)
    assert told.returncode == 2
    assert said in told.stderr
    assert {path: path.read_bytes() for path in (project / SHOWN).iterdir()} == before


def test_a_date_that_the_spreadsheet_took_for_one_is_a_date(workbook, project):
    workbook(lambda book: setattr(at(book["单位信息"], "公布日期"), "value", datetime.datetime(2026, 1, 20)))  # noqa: DTZ001 - as Excel has it
    assert loaded(project).date == datetime.date(2026, 1, 20)


def test_a_mark_fills_the_blank_cells_of_its_table_and_of_no_other(workbook, project):
    def only_the_last(book):
        for row in book["填表说明"].iter_rows():
            if row[2].value == "是" and row[0].value != "表四":
                row[2].value = None

    told = workbook(only_the_last)
    assert "表四的空格都按0读" in told.stdout
    cells = loaded(project).cells
    assert cells["cases", "review_total"].quantity.value == 0
    assert cells["received", "natural"].quantity.is_missing


def test_without_marks_blank_cells_stay_blank(workbook, project):
    workbook(everything, marks=False)
    assert loaded(project).cells["cases", "review_total"].quantity.is_missing


def test_a_workbook_without_the_sheets_changes_nothing_in_yaml(workbook, project):
    before = text(project)

    def without(book):
        del book["单位信息"], book["事实"]

    workbook(without)
    assert text(project) == before


def test_an_export_of_an_earlier_year_shows_what_is_carried_over_and_import_makes_it_ones_own(workbook, run, project):
    workbook(everything)
    run(project, "new", "demo", "2026")
    assert 'phone: {text: "0432-64235000", source: last_year}' in (project / "params/demo/2026/report.yaml").read_text("utf-8")


# ---- the editing of YAML

DECLARED = declared.Declared(date="2026-01-20", contact=(("phone", "1"),), facts=(("new", 'label: "甲", value: 1, unit: "件"'),))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("facts:\n  old: {a: b}   # 留\n# 尾\n", "facts:\n  new: {X}\n  old: {a: b}   # 留\n# 尾\n"),
        ("facts:   # 空\nx: 1\n", "facts:\n  new: {X}   # 空\nx: 1\n"),
        ("facts: {}\n", "facts:\n  new: {X}\n"),
        ("facts: {old: {a: b}}\n", "facts: {old: {a: b}, new: {X}}\n"),
        ("facts:\n    old:\n      a: b\n\n# 尾\nx: 1\n", "facts:\n    new: {X}\n    old:\n      a: b\n\n# 尾\nx: 1\n"),
        ("x: 1", "x: 1\nfacts:\n  new: {X}\n"),
        ("\ufefffacts: {}\r\nx: 1\r\n", "\ufefffacts:\n  new: {X}\r\nx: 1\r\n"),
    ],
)
def test_a_fact_is_added_wherever_facts_are_written_and_the_rest_stays(before, after):
    made = declared.put(before, declared.Declared(facts=DECLARED.facts))
    assert made == after.replace("X", 'label: "甲", value: 1, unit: "件", source: own').replace("  # 空", "  # 空")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("publication:\n  date:    # 填\n  source: own\n", "publication:\n  date: 2026-01-20    # 填\n  source: own\n"),
        ("publication:\n  date: 2025-01-01 # 填\n", "publication:\n  date: 2026-01-20 # 填\n"),
        ("publication: {date: 2025-01-01, source: own}\n", "publication: {date: 2026-01-20, source: own}\n"),
        ("x: 1\n", "x: 1\npublication:\n  date: 2026-01-20\n  source: own\n"),
    ],
)
def test_a_date_is_put_wherever_it_is_written(before, after):
    assert declared.put(before, declared.Declared(date="2026-01-20")) == after


def test_a_contact_that_changed_is_no_longer_last_years():
    before = (
        'sources:\n  own: 甲\ncontact:\n  phone: {text: "2", source: last_year}  # 电话\n  fax: {text: "3", source: last_year}\n'
    )
    after = before.replace('{text: "2", source: last_year}', '{text: "1", source: own}')
    assert declared.put(before, declared.Declared(contact=(("phone", "1"), ("fax", "3")))) == after


def test_nothing_declared_changes_nothing():
    text = (builds.ROOT / "params/longtan/2013/report.yaml").read_text("utf-8")
    assert declared.put(text, declared.Declared()) == text
    assert Edited(text).text() == text
    assert io.StringIO(text).read() == text


@pytest.mark.parametrize(("number", "code"), [(0.3715, "0.00%"), (1_234_000, '0,"千"'), (46_000, "yyyy-mm-dd")])
def test_a_fact_whose_cell_shows_another_number_than_it_holds_is_refused(workbook, project, number, code):
    def fill(book):
        fact(book, "按期办结率", number, "%")
        row = next(row for row in book["事实"].iter_rows(min_row=4) if row[0].value == "按期办结率")
        row[1].number_format = code

    before, told = text(project), workbook(fill)
    assert told.returncode != 0
    assert "这一格显示的与文件里存的不同" in told.stderr
    assert text(project) == before


def test_a_percentage_has_no_other_unit(workbook, project):
    before, told = text(project), workbook(lambda book: fact(book, "实收金额", "37%", "元"))
    assert told.returncode != 0
    assert text(project) == before
