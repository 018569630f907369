"""`nianbao rollup`: what a district's members add up to as a page, a PDF and data, sealed, verified, and led to like a report."""

import json
import re
import shutil
from pathlib import Path

import builds
import lxml.html
import pytest
from districts import FEES, FORMS, LICENCES, TOWNS, YEAR, district, fill, put
from nianbao.build import manifest as library
from nianbao.build import swap
from nianbao.fleet import index
from nianbao.inputs.project import Project
from nianbao.rollup import rollup
from nianbao.verify import file

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "outputs/district/2025/rollup"
NAMES = ("rollup.ipynb", "rollup.html", "rollup.pdf", "rollup.csv", "figures.json", "findings.json", "manifest.json")
OTHERS = {rollup.NAME: rollup.told_again}
ROLL = ("rollup", "district", str(YEAR))


def _project(folder):
    """Make a project that has the district and its members alone."""
    builds.new_project(folder, units=())
    return district(folder)


def _files(project):
    return {path.name: path.read_bytes() for path in (project / FOLDER).iterdir()}


def _evidence(files):
    page = lxml.html.document_fromstring(files["rollup.html"].decode())
    return json.loads(page.get_element_by_id("nianbao-evidence").text)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The roll-up of a district that has counted four licences too many, and what the command said."""
    project = _project(tmp_path_factory.mktemp("rollup"))
    fill(project / "params/district/2025", {LICENCES: "50", FEES: "1.55"})
    run = builds.nianbao(project, *ROLL)
    assert run.returncode == 1, run.stderr
    return project, run


@pytest.fixture(scope="module")
def files(built):
    """The outputs, by name."""
    return _files(built[0])


@pytest.fixture(scope="module")
def evidence(files):
    """What the page carries."""
    return _evidence(files)


@pytest.fixture(scope="module")
def figures(evidence):
    """The figures that the page carries, by id."""
    return {each["id"]: each for each in evidence["figures"]}


@pytest.fixture
def workshop(built, tmp_path):
    """A copy of the project with its outputs, for a test to spoil."""
    return Path(shutil.copytree(built[0], tmp_path / "project", symlinks=True))


# ---- what it leaves


def test_the_command_says_what_it_does_what_it_made_and_what_differs(built):
    assert built[1].stdout.splitlines() == [
        "[1/3] 读取各单位的统计表，逐格相加…",
        "[2/3] 执行笔记本…",
        "[3/3] 生成网页、PDF 和数据文件…",
        "已生成：" + "、".join(f"{FOLDER}/{name}" for name in NAMES),
        "不同　licences.csv E2 行政许可（本年处理决定数量）：本级填报50件，汇总46件，本级多4件；汇总中：北镇30、南镇12、区政府办公室4。",
        "district镇2025年，3个单位：齐全3个。",
        "本级统计表200格：与汇总相同199格，不同1格，本级没有填0格。",
        f"各单位的数见 {FOLDER}/rollup.csv，可用 Excel 或 WPS 打开。",
    ]


def test_it_leaves_seven_files_and_changes_no_input(built, files):
    assert sorted(files) == sorted(NAMES)
    assert [path.name for path in (built[0] / "outputs/district/2025").iterdir()] == ["rollup"]


def test_the_manifest_seals_the_tables_of_every_member_and_says_what_became_of_them(built, files):
    sealed = json.loads(files["manifest.json"])
    for unit in ("district", *TOWNS):
        for path in (built[0] / "params" / unit / "2025").iterdir():
            if path.suffix != ".md":
                name = path.relative_to(built[0]).as_posix()
                assert sealed["inputs"].pop(name) == library.digest(path.read_bytes())
    assert [name for name in sealed["inputs"] if name.startswith("params/")] == []
    assert sealed["rollup"] == {"members": dict.fromkeys(TOWNS, "齐全")}
    assert {name: library.digest(files[name]) for name in NAMES[:-1]} == sealed["outputs"]


# ---- traced to the members' cells


def test_a_sum_follows_from_the_cells_of_the_members_each_with_its_file_and_line(figures):
    total = figures["sum.licensing.decisions"]
    assert (total["value"], total["formula"]) == ("46", "m1.licensing.decisions + m2.licensing.decisions + m3.licensing.decisions")
    assert [figures[name]["label"] for name in total["inputs"]] == [
        f"{name} 行政许可（本年处理决定数量）" for name in TOWNS.values()
    ]
    assert figures["m2.licensing.decisions"]["source"] == "params/south/2025/licences.csv 第2行 E2"
    assert figures["m2.licensing.decisions"]["value"] == "12"


def test_a_dash_is_no_term_of_a_sum_that_has_a_number(figures):
    assert figures["sum.fees.amount"]["formula"] == "m1.fees.amount + m2.fees.amount"
    assert (figures["m3.fees.amount"]["state"], figures["sum.fees.amount"]["value"]) == ("not-applicable", "1.55")


def test_every_number_of_the_page_leads_to_a_figure_that_the_page_carries(files, figures):
    page = lxml.html.document_fromstring(files["rollup.html"].decode())
    shown = page.xpath("//*[@data-figure]")
    assert len(shown) > 200
    assert [each.get("id") for each in shown if each.get("value") != figures[each.get("data-figure")]["value"]] == []
    assert {each for figure in figures.values() for each in figure["inputs"]} <= set(figures)
    # As the panel reads them: names of letters, digits, dots and underscores, so that a formula can be computed again.
    assert [name for name in figures if not re.fullmatch(r"[A-Za-z_][\w.]*", name, re.ASCII)] == []


def test_the_page_carries_the_tables_of_the_members_and_the_hash_of_each(evidence):
    carried = {name: text for name, text in evidence["files"].items() if name.startswith("params/")}
    assert {name.split("/")[1] for name in carried} == {"district", *TOWNS}
    assert {name: library.digest(text.encode()) for name, text in carried.items()}.items() <= evidence["manifest"]["inputs"].items()


def test_what_differs_is_a_finding_about_both_numbers_and_a_check_of_each_cell(evidence):
    (finding,) = evidence["findings"]
    held = {check["id"]: check["holds"] for check in evidence["checks"] if check["rule"] == rollup.DIFFERS}
    assert (finding["id"], finding["left"], finding["right"], finding["difference"]) == ("M01.licensing.decisions", "50", "46", "4")
    assert finding["cells"] == ["own.licensing.decisions", "sum.licensing.decisions"]
    assert (len(held), [name for name, holds in held.items() if not holds]) == (200, [finding["id"]])


# ---- verified


@pytest.mark.slow
def test_a_roll_up_is_held_against_its_manifest(workshop, run):
    done = run(workshop, "verify", "district", "2025/rollup")
    assert (done.returncode, done.stderr) == (0, "")
    assert "不同0" in done.stdout
    assert f"详见 {FOLDER}/verdict.html" in done.stdout


@pytest.mark.slow
def test_a_member_that_changed_its_table_afterwards_is_named(workshop, run):
    fill(workshop / "params/south/2025", {LICENCES: "13", FEES: "0.5"})
    done = run(workshop, "verify", "district", "2025/rollup")
    assert done.returncode == 1
    assert "不同　哈希　params/south/2025/licences.csv" in done.stdout
    assert "不同　数　sum.licensing.decisions" in done.stdout


@pytest.mark.slow
def test_what_a_manifest_says_of_the_members_is_held_against_them(workshop, run):
    builds.replace(workshop / FOLDER / "manifest.json", '"south": "齐全"', '"south": "没有报送"')
    done = run(workshop, "verify", "district", "2025/rollup")
    assert done.returncode == 1
    assert "不同　报告信息　rollup" in done.stdout


@pytest.mark.parametrize("name", ["rollup.html", "rollup.pdf"])
def test_a_page_of_a_roll_up_is_held_against_itself(files, run, tmp_path, name):
    (tmp_path / name).write_bytes(files[name])
    done = run(tmp_path, "verify", str(tmp_path / name))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("一致：")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (">46</data>", ">47</data>", "不同　看得见的文字　sum.licensing.decisions"),
        ("行政许可,,12", "行政许可,,13", "不同　所带的证据　params/south/2025/licences.csv"),
        ("行政许可,,12", "行政许可,,13", "不同　重算的数　sum.licensing.decisions"),
        ('"m1.licensing.decisions + ', '"', "不同　勾稽关系和问题　sum.licensing.decisions"),
    ],
)
def test_a_change_in_the_page_of_a_roll_up_is_named(files, run, tmp_path, old, new, named):
    page = files["rollup.html"].decode()
    assert old in page
    (tmp_path / "rollup.html").write_text(page.replace(old, new), "utf-8")
    done = run(tmp_path, "verify", str(tmp_path / "rollup.html"))
    assert done.returncode == 1
    assert named in done.stdout


# ---- members that are lacking


@pytest.fixture(scope="module")
def lacking(tmp_path_factory):
    """A roll-up of members of whom one is not there, one has a blank, one cannot be read, is no text, and one is on another form."""
    project = _project(tmp_path_factory.mktemp("lacking"))
    members = TOWNS | {"gone": "失联镇", "gbk": "编码镇", "wrong": "错字镇", "older": "旧表镇"}
    folder = project / "params/district/2025"
    builds.replace(
        folder / "report.yaml",
        "".join(f"  {unit}: {name}\n" for unit, name in TOWNS.items()),
        "".join(f"  {unit}: {name}\n" for unit, name in members.items()),
    )
    fill(project / "params/south/2025", {LICENCES: ""})
    (put(project, "gbk") / "licences.csv").write_bytes("行政许可".encode("gbk"))
    put(project, "wrong", {LICENCES: "１２"})
    put(project, "older", form="national-2019")
    run = builds.nianbao(project, *ROLL)
    assert run.returncode == 1, run.stderr
    return project, run, _files(project)


@pytest.mark.slow
def test_members_that_are_lacking_are_told_on_the_screen_and_in_the_findings(lacking):
    _project, run, files = lacking
    found = {each["id"]: each["sentence"] for each in json.loads(files["findings.json"])}
    for words in ("没有填完　南镇：", "读不了　编码镇：", "读不了　错字镇：", "表式不同　旧表镇：", "没有报送　失联镇："):
        assert words in run.stdout
    assert {"M03.gone", "M04.south", "M05.gbk", "M05.wrong", "M06.older"} <= set(found)
    assert found["M06.older"].startswith("旧表镇：params/older/2025 用的是 national-2019，本级是 national-2021，不能相加")


@pytest.mark.slow
def test_an_incomplete_roll_up_is_a_draft_and_says_so_on_its_page(lacking):
    page = lxml.html.document_fromstring(lacking[2]["rollup.html"].decode())
    assert json.loads(lacking[2]["manifest.json"])["report"]["draft"] is True
    assert page.xpath("string(//section[@class='notice'])").startswith("汇总不完整")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rollup.html", "rollup.pdf"])
def test_an_incomplete_roll_up_is_verified_from_its_file(lacking, run, tmp_path, name):
    (tmp_path / name).write_bytes(lacking[2][name])
    done = run(tmp_path, "verify", str(tmp_path / name))
    assert (done.returncode, done.stderr) == (0, "")
    assert "4个单位的" in done.stdout


# ---- very many members


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A roll-up of five members of which two are followed."""
    project = tmp_path_factory.mktemp("crowd")
    names = {f"u{number}": f"第{number}镇" for number in range(5)}
    for number, unit in enumerate(names):
        put(project, unit, {LICENCES: str(number), FEES: "-"})
    put(project, "district", {LICENCES: "10", FEES: "-"}, members=names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollup, "FOLLOWED", 2)
        yield project, rollup.read(project / "params/district/2025", FORMS)


def test_of_very_many_members_those_with_the_most_are_followed_and_the_rest_is_one_number(crowd):
    figures = crowd[1].figures
    total = figures["sum.licensing.decisions"]
    assert total.formula == "m4.licensing.decisions + m5.licensing.decisions + rest.licensing.decisions"
    assert [figures[name].quantity.exact for name in total.inputs] == ["3", "4", "3"]
    assert figures["rest.licensing.decisions"].source == "rollup.csv 第8行"
    assert crowd[1].data().decode("utf-8-sig").split("\r\n")[7].startswith("licences.csv,E2")


def test_the_rest_of_cells_that_no_member_has_is_a_dash_too(crowd):
    figures = crowd[1].figures
    assert str(figures["rest.fees.amount"].quantity.state) == str(figures["sum.fees.amount"].quantity.state) == "not-applicable"


def test_the_page_says_how_many_are_followed(crowd):
    words = "".join(part if isinstance(part, str) else part.number for parts in crowd[1]._limits() for part in parts)
    assert words.startswith("单位很多，本页逐格附有其中在各格中数最大的2个单位的数和表，其余3个单位在每一格中并为一个数")


def test_what_is_carried_of_the_rest_adds_up_to_the_same_figures(crowd, tmp_path):
    project, done = crowd
    held = {"manifest": {"report": {"year": "2025"}}, "units": json.loads(json.dumps(done.told().more["units"]))}
    for unit in ("district", "u3", "u4"):
        shutil.copytree(project / "params" / unit, tmp_path / unit)
    again = rollup.told_again(tmp_path / "district", held, FORMS)
    assert again == done.told()


@pytest.mark.parametrize("cells", ["0", "x" + ",0" * 199, "1.0e99999" + ",0" * 199, ",".join(["9" * 5000] * 200)])
def test_made_up_numbers_of_members_are_refused(crowd, cells):
    held = crowd[1].told().more["units"]["u0"] | {"cells": cells}
    with pytest.raises(ValueError, match=r".+"):
        rollup._recalled(crowd[1].report, "u0", held)


# ---- what outlives what


@pytest.mark.slow
def test_a_notebook_that_fails_leaves_the_last_good_outputs(workshop):
    before = _files(workshop)
    builds.replace(workshop / "notebooks/rollup.ipynb", "rollup.tables()", "rollup.tables(0)")
    run = builds.nianbao(workshop, *ROLL)
    after = _files(workshop)
    assert run.returncode == 2
    assert f"出错的笔记本存为 {FOLDER}/rollup.failed.ipynb；上一次的成果没有改动。" in run.stderr
    assert after.pop("rollup.failed.ipynb")
    assert after == before


@pytest.mark.slow
def test_a_number_typed_by_hand_stops_the_making(workshop):
    before = _files(workshop)
    builds.replace(workshop / "notebooks/rollup.ipynb", "下列各表是各单位的数之和", "下列37张表是各单位的数之和")
    run = builds.nianbao(workshop, *ROLL)
    assert run.returncode == 2
    assert "“37”，在“下列37张表" in run.stderr
    assert _files(workshop) == before


def test_a_report_built_afterwards_keeps_the_roll_up(workshop, tmp_path):
    before = _files(workshop)
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh/report.html").write_text("new", "utf-8")
    swap.replace(tmp_path / "fresh", workshop / "outputs/district/2025")
    assert _files(workshop) == before


def test_the_page_of_all_reports_leads_to_the_roll_up(built):
    shown = index.page(list(index.entries(Project(built[0])).values()), {}, ())
    links = lxml.html.document_fromstring(shown).xpath("//a[text()='汇总']")
    assert [(each.get("href"), each.get("aria-label")) for each in links] == [
        ("district/2025/rollup/rollup.html", "district 2025 汇总")
    ]


# ---- into the district's own table


@pytest.mark.slow
def test_a_blank_table_is_told_how_to_be_filled_is_filled_and_then_rolled_up(tmp_path):
    project = _project(tmp_path / "project")
    fill(project / "params/district/2025", {}, filling="")
    before = {path: path.read_bytes() for path in (project / "params").rglob("*.*")}
    said = builds.nianbao(project, *ROLL)
    assert (said.returncode, said.stdout.splitlines()[-2]) == (
        0,
        "要把汇总数填入本级统计表的空格：make rollup UNIT=district YEAR=2025 WRITE=1",
    )
    assert {path: path.read_bytes() for path in before} == before
    said = builds.nianbao(project, *ROLL, "--write")
    assert (said.returncode, said.stdout.splitlines()[0][:6]) == (0, "已填入 pa")
    assert "与汇总相同200格，不同0格，本级没有填0格。" in said.stdout
    assert builds.nianbao(project, "verify", "district", "2025/rollup").returncode == 0


def test_what_a_file_carries_of_a_roll_up_is_read_again_by_the_command_that_verifies_files(files, tmp_path):
    (tmp_path / "rollup.html").write_bytes(files["rollup.html"])
    assert file.verify(tmp_path / "rollup.html", None, OTHERS).title == "district镇2025年政府信息公开统计表汇总"


def test_the_notebook_is_the_one_that_the_project_has():
    assert (ROOT / "notebooks" / rollup.NOTEBOOK).is_file()
