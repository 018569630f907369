"""`nianbao table export`: where the workbook goes, what is said of it, and that it comes back as it went."""

import csv
import io
import shutil

import builds
import filled
import openpyxl
import pytest
from nianbao.inputs import formfile
from nianbao.workbook import read

FORMS = formfile.shipped()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with every unit of this one, and a folder of one's own to stand in."""
    made = builds.new_project(tmp_path / "project")
    for unit in ("specimen", "invented"):
        shutil.copytree(builds.ROOT / "params" / unit, made / "params" / unit)
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    return made


def export(run, project, *arguments):
    done = run(project, "table", "export", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_workbook_goes_where_one_stands_by_unit_and_year(run, project, tmp_path):
    said = export(run, project, "longtan", "2013")

    assert [path.name for path in (tmp_path / "desk").iterdir()] == ["longtan-2013.xlsx"]
    assert "已生成：longtan-2013.xlsx" in said
    assert "make table-import UNIT=longtan YEAR=2013 FILE=longtan-2013.xlsx" in said


def test_the_workbook_goes_where_it_is_asked_for(run, project, tmp_path):
    export(run, project, "specimen", "2025", "-o", str(tmp_path / "表.xlsx"))

    assert "表三" in openpyxl.load_workbook(tmp_path / "表.xlsx").sheetnames
    assert list((tmp_path / "desk").iterdir()) == []


def test_a_file_that_is_there_is_not_overwritten_unless_asked(run, project, tmp_path):
    there = tmp_path / "desk/longtan-2013.xlsx"
    there.write_bytes(b"mine")
    refused = run(project, "table", "export", "longtan", "2013")

    assert refused.returncode == 2
    assert "已经有了，没有改动它" in refused.stderr
    assert there.read_bytes() == b"mine"

    export(run, project, "longtan", "2013", "--force")
    assert there.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("表.xls", "不是 .xlsx 文件名，请写成 表.xlsx"),
        ("表", "不是 .xlsx 文件名"),
        ("nowhere/表.xlsx", "没有文件夹 nowhere"),
        ("folder.xlsx", "是文件夹"),
    ],
)
def test_a_place_where_no_workbook_can_stand_is_refused(run, project, tmp_path, target, words):
    (tmp_path / "desk/folder.xlsx").mkdir()
    refused = run(project, "table", "export", "longtan", "2013", "--force", "-o", target)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert words in refused.stderr
    assert [path.name for path in (tmp_path / "desk").iterdir()] == ["folder.xlsx"]


@pytest.mark.parametrize(
    ("unit", "year", "words"),
    [("nowhere", "2013", "没有单位"), ("../x", "2013", "不是文件夹名"), ("longtan", "2010", "没有2010年")],
)
def test_an_unknown_report_is_refused_as_everywhere(run, project, tmp_path, unit, year, words):
    refused = run(project, "table", "export", unit, year)

    assert refused.returncode == 2
    assert words in refused.stderr
    assert list((tmp_path / "desk").iterdir()) == []


def test_a_folder_just_begun_is_exported_with_what_is_carried(run, project, tmp_path):
    assert run(project, "new", "specimen", "2026").returncode == 0
    said = export(run, project, "specimen", "2026")
    book = openpyxl.load_workbook(tmp_path / "desk/specimen-2026.xlsx")

    assert "空格" in said
    assert book["表三"]["D6"].value == 783
    assert book["表三"]["D5"].value is None
    assert "上年数" in book.sheetnames
    assert "C05" not in said


def test_without_last_year_the_command_names_the_rules_left_out(run, project):
    assert "J91要与上一年核对；没有上一年意义相同的数" in export(run, project, "longtan", "2013")


def test_a_total_that_does_not_agree_is_told_by_its_cell(run, project):
    assert "3个合计与各项之和不符，或各项没有填齐，照原数写出，没有改成公式：统计表!E9、统计表!E23、统计表!E36" in export(
        run, project, "longtan", "2013"
    )


def test_a_folder_that_cannot_be_read_says_all_that_is_wrong(run, project, tmp_path):
    table = project / "params/longtan/2013/statistics.csv"
    builds.replace(table, ",953\n", ",９５３\n")
    refused = run(project, "table", "export", "longtan", "2013")

    assert refused.returncode == 2
    assert "含全角数字" in refused.stderr
    assert list((tmp_path / "desk").iterdir()) == []


@pytest.mark.parametrize(("unit", "year"), [("longtan", "2013"), ("specimen", "2025"), ("invented", "2024"), ("invented", "2018")])
def test_what_goes_out_comes_back_the_same_even_after_calc_has_saved_it(calc, run, project, tmp_path, unit, year):
    export(run, project, unit, year, "-o", str(tmp_path / "out.xlsx"))
    own = (tmp_path / "out.xlsx").read_bytes()
    folder = project / "params" / unit / year
    before = {path.name: _rows(path) for path in folder.glob("*.csv")}
    for name, content in (("own", own), ("calc", calc.converted({"out": own}, "xlsx")["out"])):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(content)
        assert run(project, "table", "import", unit, year, str(path)).returncode in {0, 1}
        assert {path.name: _rows(path) for path in folder.glob("*.csv")} == before


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_blank_form_comes_back_blank(calc, form):
    own = filled.export(form, 2021, "某市人民政府")
    for content in (own, calc.converted({"out": own}, "xlsx")["out"]):
        problems, notes = [], []
        cells = read.read(content, form, 2021, "out.xlsx", problems, notes)

        assert (problems, notes) == ([], [])
        assert {str(cell.quantity.state) for cell in cells.values()} <= {"missing", "not-applicable"}


def _rows(path):
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
