"""`nianbao table import`: a workbook into the folder of a report, whole or not at all."""

import resource
import shutil
from decimal import Decimal
from pathlib import Path

import builds
import filled
import pytest
from nianbao.indicators import report as tablefile
from nianbao.indicators import values as quantity
from nianbao.inputs import formfile, report, tables
from nianbao.page import grid
from nianbao.workbook import read

FORM = formfile.shipped()["national-2021"]
SHOWN = "params/demo/2025"


@pytest.fixture
def project(tmp_path):
    """A project in which the unit `demo` has the specimen of 2025 and nothing else."""
    made = builds.new_project(tmp_path / "project", units=())
    shutil.copytree(builds.ROOT / "params/specimen/2025", made / SHOWN)
    builds.replace(made / SHOWN / "report.yaml", "unit: specimen", "unit: demo")
    return made


@pytest.fixture
def taken(run, project, tmp_path):
    """Import a workbook's bytes as `表.xlsx`, and return what the command said."""

    def import_(content, unit="demo", year="2025"):
        (tmp_path / "表.xlsx").write_bytes(content)
        return run(project, "table", "import", unit, year, str(tmp_path / "表.xlsx"))

    return import_


def _loaded(project):
    return report.load(project / SHOWN, formfile.shipped())


def _book(project):
    """Return a workbook that holds what the folder holds, open to be changed."""
    cells = _loaded(project).cells

    def value(row, column):
        held = cells[row, column].quantity
        return "-" if held == quantity.NOT_APPLICABLE else held.value

    return filled.with_values(FORM, 2025, value)


def _contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_was_exported_changes_nothing_when_it_is_imported(taken, project):
    before = _contents(project / SHOWN)
    cells = {key: cell.quantity for key, cell in _loaded(project).cells.items()}

    told = taken(filled.export(FORM, 2025, _loaded(project).name, cells))

    assert (told.returncode, told.stderr) == (0, "")
    assert f"{SHOWN} 的统计表与工作簿相同，没有改动。" in told.stdout
    assert "注意" not in told.stdout
    assert _contents(project / SHOWN) == before


def test_a_changed_cell_is_written_to_its_table_alone_and_told(taken, project):
    before = _contents(project / SHOWN)
    book = _book(project)
    book["表二·规章"]["B4"] = 4

    told = taken(filled.saved(book))

    assert "改动　表二·规章!B4　规章 本年制发件数：3 → 4\n" in told.stdout
    assert f"已写入 {SHOWN}/：regulations.csv；改动1格。" in told.stdout
    after = _contents(project / SHOWN)
    assert {name for name in after if after[name] != before.get(name)} == {"regulations.csv"}
    assert after["regulations.csv"] == before["regulations.csv"].replace("规章,,3,".encode(), "规章,,4,".encode())


def test_it_says_what_check_says_and_ends_with_0_because_it_was_read(taken, run, project):
    book = _book(project)
    book["表三"]["D7"] = 5346

    told = taken(filled.saved(book))

    assert told.returncode == 0
    assert "错误　C02" in told.stdout
    assert told.stdout.endswith(run(project, "check", "demo", "2025").stdout)


def test_a_cell_that_was_blank_or_becomes_so_is_told(taken, project):
    book = _book(project)
    book["表三"]["D7"] = None

    assert "改动　表三!D7　（一）予以公开 自然人：5345 → 空\n" in taken(filled.saved(book)).stdout
    assert "改动　表三!D7　（一）予以公开 自然人：空 → 5345\n" in taken(filled.saved(_book_of_the_specimen())).stdout


def _book_of_the_specimen():
    loaded = report.load(builds.ROOT / "params/specimen/2025", formfile.shipped())
    return filled.with_values(FORM, 2025, lambda row, column: loaded.cells[row, column].quantity.value)


def test_of_many_changes_the_first_are_told_and_the_others_counted(taken):
    told = taken(filled.saved(filled.numbered(FORM, 2025)))
    changes = [line for line in told.stdout.splitlines() if line.startswith("改动")]

    assert len(changes) == 20
    assert "……　共改动" in told.stdout


def test_what_was_overlooked_is_told(taken, project):
    book = _book(project)
    book["表三"]["D7"] = "５３４５"
    book["表三"].title = "Sheet1"

    told = taken(filled.saved(book))

    assert told.returncode == 0
    assert "注意：表三现在叫“Sheet1”，按表头和行名认出。\n" in told.stdout
    assert "注意：Sheet1!D7 是全角数字，按半角读。\n" in told.stdout


def test_one_problem_and_nothing_is_written(taken, project, tmp_path):
    before = _contents(project)
    book = _book(project)
    book["表二·规章"]["B4"] = 4
    book["表三"]["D7"] = "无"

    told = taken(filled.saved(book))

    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith(
        f"nianbao：有1处需要改正：\n  1. {tmp_path / '表.xlsx'}（表三!D7 （一）予以公开 自然人）：读到“无”"
    )
    assert _contents(project) == before


def test_every_problem_is_told_and_a_line_before_those_below_it(taken, project):
    book = _book(project)
    book["表二·规章"]["B4"] = 4.5
    book["表三"]["D14"], book["表三"]["D7"] = "无", "无"
    book["表四"]["B6"] = -1

    said = taken(filled.saved(book)).stderr

    assert said.startswith("nianbao：有4处需要改正：\n")
    assert said.index("表三!D7") < said.index("表三!D14")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04", "文件不完整或已损坏"),
        (b"%PDF-1.7", "是 PDF"),
        (b"PK" + b"\0" * 20_000_001, "文件大于20MB"),
    ],
)
def test_what_is_no_workbook_is_told(taken, content, words):
    told = taken(content)

    assert told.returncode == 2
    assert words in told.stderr


@pytest.mark.parametrize(("name", "words"), [("没有.xlsx", "没有这个文件"), (".", "是文件夹")])
def test_a_file_that_is_not_there_is_told(run, project, name, words):
    told = run(project, "table", "import", "demo", "2025", str(project / name))

    assert told.returncode == 2
    assert words in told.stderr


@pytest.mark.parametrize(
    ("unit", "year", "words"), [("nowhere", "2025", "没有单位“nowhere”"), ("demo", "2024", "没有2024年的资料")]
)
def test_a_folder_that_is_not_there_is_told(taken, unit, year, words):
    told = taken(b"", unit, year)

    assert told.returncode == 2
    assert words in told.stderr


def test_a_folder_without_a_declaration_is_told_to_be_begun_first(taken, project):
    (project / SHOWN / "report.yaml").unlink()

    told = taken(b"")

    assert told.returncode == 2
    assert "先用 nianbao new demo 2025 建立这一年的资料" in told.stderr


@pytest.mark.parametrize(
    ("declared", "words"),
    [(b"form: nothing\nyear: 2025\n", "没有叫“nothing”的表式"), ("单位: 某".encode("gbk"), "不是 UTF-8 编码")],
)
def test_a_declaration_that_names_no_form_is_told(taken, project, declared, words):
    (project / SHOWN / "report.yaml").write_bytes(declared)

    told = taken(filled.saved(filled.numbered(FORM, 2025)))

    assert told.returncode == 2
    assert words in told.stderr


def test_tables_that_are_missing_or_spoilt_are_written_anew(taken, project):
    before = _contents(project / SHOWN)
    book = _book(project)
    (project / SHOWN / "requests.csv").unlink()
    (project / SHOWN / "charges.csv").write_text("部分,类别", "utf-8")

    told = taken(filled.saved(book))

    assert told.returncode == 0
    assert "requests.csv" in told.stdout
    assert _contents(project / SHOWN) == before


def test_an_amount_keeps_the_decimals_it_was_typed_with(taken, project):
    builds.replace(project / SHOWN / "charges.csv", "316441", "316441.50")
    book = _book(project)
    book["表二·规章"]["B4"] = 4

    taken(filled.saved(book))

    assert _loaded(project).cells["fees", "amount"].quantity.exact == "316441.50"


def test_what_is_written_is_what_a_new_folder_has(run, project, taken):
    run(project, "new", "other", "2025", "--name", "某市", "--province", "某省")
    fresh = _contents(project / "params/other/2025")

    told = taken(filled.export(FORM, 2025, "某市"), "other")

    assert "没有改动" in told.stdout
    assert _contents(project / "params/other/2025") == fresh


def test_files_of_cells_are_read_back_as_the_same_cells():
    values = {(row.id, column.id): quantity.given(number) for number, (_table, row, column) in enumerate(FORM.cells())}
    values["fees", "amount"] = quantity.given(Decimal("12.50"))
    values["rules", "issued"], values["rules", "repealed"] = quantity.MISSING, quantity.NOT_APPLICABLE
    cells = {key: tablefile.Cell(value, 1, "") for key, value in values.items()}
    problems, back = [], {}
    for table in FORM.tables:
        content = read.files(FORM, 2025, cells)[f"{table.id}.csv"]
        back |= tables.TableReader("a.csv", problems, FORM, table, 2025).read(content)

    assert problems == []
    assert {key: cell.quantity for key, cell in back.items()} == values


# ---- in one step


def test_everything_else_in_the_folder_stays(taken, project):
    folder = project / SHOWN
    (folder / "附件").mkdir()
    (folder / "附件" / "台账.txt").write_text("x", "utf-8")
    (folder / "link.txt").symlink_to("report.yaml")
    before = _contents(folder)
    book = _book(project)
    book["表二·规章"]["B4"] = 4

    taken(filled.saved(book))

    after = _contents(folder)
    assert {name for name in after if after[name] != before.get(name)} == {"regulations.csv"}
    assert after.keys() == before.keys()
    assert (folder / "link.txt").readlink() == Path("report.yaml")


def test_nothing_is_left_beside_the_folder(taken, project):
    book = _book(project)
    book["表二·规章"]["B4"] = 4
    taken(filled.saved(book))

    assert [path.name for path in (project / "params/demo").iterdir()] == ["2025"]


def test_a_disk_that_fills_up_leaves_every_table_as_it_was(project, tmp_path):
    (tmp_path / "表.xlsx").write_bytes(filled.saved(filled.numbered(FORM, 2025)))
    before = _contents(project)

    told = builds.nianbao(
        project,
        *("table", "import", "demo", "2025", str(tmp_path / "表.xlsx")),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )

    assert told.returncode == 2
    assert told.stderr.startswith("nianbao：")
    assert "Traceback" not in told.stderr
    assert _contents(project) == before


def test_a_folder_that_is_a_link_is_written_where_it_leads(taken, project, tmp_path):
    shutil.move(project / SHOWN, tmp_path / "elsewhere")
    (project / SHOWN).symlink_to(tmp_path / "elsewhere")
    book = _book(project)
    book["表二·规章"]["B4"] = 4

    taken(filled.saved(book))

    assert (project / SHOWN).is_symlink()
    assert "规章,,4,".encode() in (tmp_path / "elsewhere/regulations.csv").read_bytes()


def test_a_workbook_of_another_year_is_told(taken):
    told = taken(filled.saved(filled.numbered(FORM, 2024)))

    assert told.returncode == 2
    assert "是表式 national-2021 2024年的表；应为：表式 national-2021 2025年的表" in told.stderr


def test_a_workbook_of_another_unit_is_told(taken, project):
    before = _contents(project)
    cells = {key: cell.quantity for key, cell in _loaded(project).cells.items()}

    told = taken(filled.export(FORM, 2025, "邻市人民政府", cells))

    assert told.returncode == 2
    name = _loaded(project).name
    assert f"（表二·规章!A2）：填报单位是“邻市人民政府”；应为：“{name}”。请选对文件；确是本单位的表，先改正这一格。" in told.stderr
    assert _contents(project) == before


def test_a_workbook_of_another_unit_is_told_without_its_mark_too(taken, project):
    book = _book(project)
    book.defined_names.clear()
    book["表三"]["A2"] = "填报单位：邻市人民政府　年份：2025年　单位：件"

    told = taken(filled.saved(book))

    assert told.returncode == 2
    assert "（表三!A2）：填报单位是“邻市人民政府”" in told.stderr


def test_the_sheets_of_the_workbook_are_those_of_the_messages():
    assert [sheet.name for sheet in grid.sheets(FORM, 2025)] == [
        "表二·规章",
        "表二·行政许可",
        "表二·行政处罚",
        "表二·行政事业性收费",
        "表三",
        "表四",
    ]


# ---- zeros


def _blanked(project, table):
    path = project / SHOWN / f"{table}.csv"
    head, *rows = path.read_text("utf-8-sig").splitlines()
    kept = 4
    blank = [",".join(row.split(",")[:kept] + [""] * (len(head.split(",")) - kept)) for row in rows]
    path.write_text("\ufeff" + "\n".join([head, *blank]) + "\n", "utf-8")


def test_zeros_fill_what_is_blank_and_totals_with_it_and_nothing_else(run, project):
    _blanked(project, "disputes")
    before = _contents(project / SHOWN)
    told = run(project, "table", "zeros", "demo", "2025")
    after = _contents(project / SHOWN)
    assert told.returncode == 0
    assert f"已写入 {SHOWN}/：disputes.csv；填了15格。" in told.stdout
    assert {name for name in after if after[name] != before[name]} == {"disputes.csv"}
    assert {cell.quantity.value for key, cell in _loaded(project).cells.items() if key[0] == "cases"} == {0}


def test_a_total_is_what_its_parts_come_to_and_no_zero(run, project):
    path = project / SHOWN / "requests.csv"
    text = path.read_text("utf-8-sig")
    cells = _loaded(project).cells
    natural, total = (cells["received", column].quantity for column in ("natural", "total"))
    path.write_text(
        "\ufeff" + text.replace(f",{total.value}\n", ",\n", 1).replace(f",{total.value}\r\n", ",\r\n", 1), "utf-8", newline=""
    )
    assert _loaded(project).cells["received", "total"].quantity == quantity.MISSING
    run(project, "table", "zeros", "demo", "2025")
    again = _loaded(project).cells
    assert (again["received", "natural"].quantity, again["received", "total"].quantity) == (natural, total)


def test_zeros_fill_only_the_tables_that_are_named(run, project):
    _blanked(project, "disputes")
    _blanked(project, "regulations")
    run(project, "table", "zeros", "demo", "2025", "disputes")
    cells = _loaded(project).cells
    assert cells["cases", "review_total"].quantity.value == 0
    assert cells["rules", "issued"].quantity == quantity.MISSING


def test_an_unknown_table_is_told_which_there_are_and_nothing_is_filled(run, project):
    before = _contents(project / SHOWN)
    told = run(project, "table", "zeros", "demo", "2025", "dispute")
    assert (told.returncode, _contents(project / SHOWN)) == (2, before)
    assert "没有叫“dispute”的表；有：regulations、" in told.stderr


def test_where_nothing_is_blank_zeros_write_nothing(run, project):
    assert "没有空格，没有改动" in run(project, "table", "zeros", "demo", "2025").stdout
