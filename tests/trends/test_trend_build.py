"""`nianbao trend`: all years of a unit as a page, a PDF and data, put into place whole or not at all."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import builds
import lxml.html
import nbformat
import pypdfium2
import pytest
from nianbao.build import manifest as library
from nianbao.trends import trend

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("figures.json", "manifest.json", "trend.csv", "trend.html", "trend.ipynb", "trend.pdf")
HOSTILE = ["..", "../x", "/etc", "a/b", "", ".git", "a b", "x\n", "invented/2024", "invented/..", "trend;ls"]


def _project(folder):
    """Make a project that has the invented unit alone."""
    builds.new_project(folder, units=())
    shutil.copytree(ROOT / "params/invented", folder / "params/invented")
    return folder


def _files(project):
    return {path.name: path.read_bytes() for path in (project / "outputs/invented/trend").iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The trend of the invented unit, and what the command said."""
    project = _project(tmp_path_factory.mktemp("trend"))
    run = builds.nianbao(project, "trend", "invented")
    assert run.returncode == 0, run.stderr
    return project, run


@pytest.fixture(scope="module")
def files(built):
    """The outputs, by name."""
    return _files(built[0])


@pytest.fixture(scope="module")
def page(files):
    """The HTML page."""
    return lxml.html.document_fromstring(files["trend.html"].decode())


@pytest.fixture(scope="module")
def figures(files):
    """What `figures.json` says, by id."""
    return {each["id"]: each for each in json.loads(files["figures.json"])}


@pytest.fixture
def workshop(built, tmp_path):
    """A copy of the project with its outputs, for a test to spoil."""
    return Path(shutil.copytree(built[0], tmp_path / "project"))


# ---- what it leaves


def test_the_command_says_what_it_does_what_it_made_and_of_which_years(built):
    project, run = built

    assert run.stdout.splitlines() == [
        "[1/3] 读取各年的资料，对照各表式的口径…",
        "[2/3] 执行笔记本…",
        "[3/3] 生成网页、PDF 和数据文件…",
        "已生成："
        + "、".join(
            f"outputs/invented/trend/{name}"
            for name in ("trend.ipynb", "trend.html", "trend.pdf", "trend.csv", "figures.json", "manifest.json")
        ),
        "所据年份：2018年、2023年至2024年；没有资料：2019年至2022年。",
    ]
    assert sorted(path.name for path in (project / "outputs").iterdir()) == ["invented"]


def test_it_leaves_six_files_and_nothing_else(built, files):
    assert tuple(sorted(files)) == NAMES
    assert [path.name for path in (built[0] / "outputs/invented").iterdir()] == ["trend"]


def test_the_notebook_it_leaves_is_valid_and_names_no_place(files):
    notebook = nbformat.reads(files["trend.ipynb"].decode(), as_version=nbformat.NO_CONVERT)

    nbformat.validate(notebook)
    assert re.findall(r"/(?:home|root|tmp|work)/", files["trend.ipynb"].decode()) == []


def test_it_changes_no_input(built):
    for path in (built[0] / "params").rglob("*.*"):
        assert path.read_bytes() == (ROOT / path.relative_to(built[0])).read_bytes()


# ---- the page


def test_every_number_of_the_page_is_a_figure_with_its_exact_value(page, figures):
    shown = page.xpath("//data[@data-figure]")

    assert len(shown) > 150
    assert [each.get("id") for each in shown if each.get("value") != (figures[each.get("data-figure")]["value"] or each.text)] == []


def test_every_figure_says_where_it_is_shown(page, figures):
    elements = {each.get("id") for each in page.xpath("//data[@id]")}
    told = {element for each in figures.values() for element in each["shown"]["html"]}

    assert told == elements
    assert figures["y2024.received.total"]["shown"]["cells"] == ["requests-text", "requests-chart", "requests-table"]


def test_a_figure_names_the_file_the_line_and_the_cell(figures):
    assert figures["y2018.applications.count"]["source"] == "params/invented/2018/statistics.csv 第23行 E23"


def test_ids_of_the_page_are_unique(page):
    ids = page.xpath("//@id")

    assert len(set(ids)) == len(ids)


def test_the_page_is_one_file_with_no_script_but_the_panel_s(files, page):
    assert [each.get("type") for each in page.iter("script")] == ["application/json", None]
    assert page.xpath("//link | //img | //iframe") == []
    assert re.findall(r"(?:src|href)=\"(?!#)", files["trend.html"].decode()) == []


def test_every_chart_has_words_and_a_table_of_its_data(page):
    charts = page.xpath("//figure")

    assert len(charts) == 6
    for chart in charts:
        assert chart.xpath(".//svg/desc")[0].text.startswith("折线图：")
        assert len(chart.xpath(".//details//td")) > 0


def test_the_pdf_shows_title_sentence_and_chart(files):
    with pypdfium2.PdfDocument(files["trend.pdf"]) as pdf:
        text = builds.squeezed("".join(page.get_textpage().get_text_range() for page in pdf))

    for words in ("2018年至2024年", "收到的申请为121件，比上年增加34件，增长39.08%", "①口径有变，不作比较", "没有资料"):
        assert builds.squeezed(words) in text
    assert "草稿" not in text


# ---- the data


def test_each_year_of_a_concept_is_a_line(files):
    lines = list(csv.DictReader(io.StringIO(files["trend.csv"].decode())))
    received = [line for line in lines if line["concept"] == "received"]

    assert [(line["year"], line["form"], line["cells"], line["value"]) for line in received] == [
        ("2018", "national-2014", "applications/count", "52"),
        ("2023", "national-2021", "received/total", "87"),
        ("2024", "national-2021", "received/total", "121"),
    ]
    assert [line["definition"] for line in received] == ["2", "3", "3"]
    assert [(line["change"], line["change_rate"], line["not_compared"]) for line in received] == [
        ("", "", ""),
        ("", "", "上年没有资料"),
        ("34", "34/87", ""),
    ]


def test_the_changes_of_the_data_are_exact(files):
    lines = list(csv.DictReader(io.StringIO(files["trend.csv"].decode())))
    values = {(line["concept"], line["year"]): line["value"] for line in lines}
    compared = [line for line in lines if line["change_rate"]]

    assert len(compared) > 8
    for line in compared:
        before, now = (Fraction(values[line["concept"], year]) for year in (str(int(line["year"]) - 1), line["year"]))
        assert (Fraction(line["change"]), Fraction(line["change_rate"])) == (now - before, (now - before) / before)


def test_the_manifest_names_years_forms_inputs_and_outputs(files):
    manifest = json.loads(files["manifest.json"])

    title = "虚构县人民政府（示例）2018年至2024年政府信息公开工作情况变化"
    report = {"unit": "invented", "year": "trend", "form": "national-2021", "title": title, "draft": False}
    assert manifest["report"] == report
    assert manifest["trend"] == {
        "years": {"2018": "national-2014", "2023": "national-2021", "2024": "national-2021"},
        "drafts": [],
    }
    forms = {name for name in manifest["inputs"] if not name.startswith("params/")} - {"notebooks/trend.ipynb", "requirements.lock"}
    assert forms == {"forms/national-2014.yaml", "forms/national-2021.yaml"}
    assert {"notebooks/trend.ipynb", "params/invented/2018/statistics.csv", "requirements.lock"} <= set(manifest["inputs"])
    assert manifest["library"] == dict(library.library())
    assert set(manifest["outputs"]) == set(NAMES) - {"manifest.json"}


# ---- the same each time, whole or not at all


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes_elsewhere(files, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    environment |= {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "USER": "someone"}
    project = _project(tmp_path / "b c" / "报告")
    run = builds.nianbao(project, "trend", "invented", env=environment, umask=0o077)

    assert run.returncode == 0, run.stderr
    assert _files(project) == files


@pytest.mark.slow
def test_a_draft_is_named_on_the_screen_on_the_page_and_in_the_manifest(workshop):
    builds.replace(workshop / "params/invented/2024/requests.csv", "105,10,3,2,0,1,121", "105,10,3,2,0,1,122")
    run = builds.nianbao(workshop, "trend", "invented")
    made = _files(workshop)
    page = lxml.html.document_fromstring(made["trend.html"].decode())

    assert run.returncode == 0
    assert re.search(r"^草稿　2024年：有\d+个问题没有处理（make check UNIT=invented YEAR=2024）。$", run.stdout, re.MULTILINE)
    assert page.xpath("string(//section[@class='notice'])").startswith("含草稿：2024年")
    assert page.xpath("//th[text()='2024年（草稿）']")
    assert json.loads(made["manifest.json"])["trend"]["drafts"] == ["2024"]


@pytest.mark.slow
def test_a_notebook_that_fails_leaves_the_last_good_outputs(workshop):
    before = _files(workshop)
    builds.replace(workshop / "notebooks/trend.ipynb", "trend.rounding()", "trend.rounding(0)")
    run = builds.nianbao(workshop, "trend", "invented")
    after = _files(workshop)

    assert run.returncode == 2
    assert "出错的笔记本存为 outputs/invented/trend/trend.failed.ipynb；上一次的成果没有改动。" in run.stderr
    assert after.pop("trend.failed.ipynb")
    assert after == before


@pytest.mark.slow
def test_a_number_typed_by_hand_stops_the_build(workshop):
    before = _files(workshop)
    builds.replace(workshop / "notebooks/trend.ipynb", "各年使用的统计表式不尽相同。", "各年使用的统计表式不尽相同，共37种。")
    run = builds.nianbao(workshop, "trend", "invented")

    assert run.returncode == 2
    assert "“37”，在“各年使用的统计表式不尽相同，共37种。" in run.stderr
    assert _files(workshop) == before


@pytest.mark.slow
def test_a_notebook_that_opens_another_unit_stops_the_build(workshop):
    shutil.copytree(workshop / "params/invented", workshop / "params/other")
    for path in (workshop / "params/other").glob("*/report.yaml"):
        builds.replace(path, "unit: invented", "unit: other")
    builds.replace(
        workshop / "notebooks/trend.ipynb", "nianbao.trend(params_path)", f"nianbao.trend('{workshop / 'params/other'}')"
    )
    run = builds.nianbao(workshop, "trend", "invented")

    assert run.returncode == 2
    assert "笔记本的输出属于other/trend，不是 invented/trend；成果没有改动。" in run.stderr


def test_a_year_that_cannot_be_read_stops_the_build_with_all_that_is_wrong(workshop, run):
    before = _files(workshop)
    (workshop / "params/invented/2018/statistics.csv").unlink()
    (workshop / "params/invented/2024/charges.csv").unlink()
    said = run(workshop, "trend", "invented")

    assert said.returncode == 2
    assert "有2处需要改正" in said.stderr
    assert _files(workshop) == before


@pytest.mark.slow
def test_a_report_and_a_trend_leave_each_other_alone(workshop, run):
    before = _files(workshop)

    assert run(workshop, "report", "invented", "2024").returncode == 0
    assert _files(workshop) == before
    assert sorted(path.name for path in (workshop / "outputs/invented").iterdir()) == ["2024", "trend"]


# ---- what it refuses


def test_a_unit_with_one_year_is_told_what_to_do(tmp_path, run):
    said = run(builds.new_project(tmp_path), "trend", "longtan")

    assert said.returncode == 2
    assert said.stderr.splitlines() == [
        "nianbao：单位“longtan”只有2013年一年的资料，看变化至少要有两年。请先建立另一年：make new UNIT=longtan YEAR=2014。"
    ]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_unit_that_is_no_plain_name_is_refused(workshop, run, unit):
    said = run(workshop, "trend", "--", unit)

    assert said.returncode == 2
    assert said.stderr.startswith(f"nianbao：单位“{unit}”不是文件夹名")


def test_a_unit_that_is_not_there_is_answered_with_those_that_are(workshop, run):
    said = run(workshop, "trend", "nobody")

    assert (said.returncode, said.stderr.startswith("nianbao：没有单位“nobody”。已有单位：invented")) == (2, True)


def test_outputs_never_follow_a_link(workshop, run, tmp_path):
    shutil.rmtree(workshop / "outputs/invented/trend")
    (tmp_path / "elsewhere").mkdir()
    (workshop / "outputs/invented/trend").symlink_to(tmp_path / "elsewhere")
    said = run(workshop, "trend", "invented")

    assert said.returncode == 2
    assert "outputs/invented/trend 是一个链接" in said.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_trend_shows_a_rare_character_and_the_code_of_one_that_no_face_has(workshop, run, poppler):
    name = "虚构县人民政府（𠮷\U00030000）"
    builds.replace(workshop / "params/invented/2024/report.yaml", "name: 虚构县人民政府（示例）", f"name: {name}")
    said = run(workshop, "trend", "invented")
    text = subprocess.run([poppler, workshop / "outputs/invented/trend/trend.pdf", "-"], check=True, capture_output=True).stdout

    assert said.returncode == 0, said.stderr
    assert "虚构县人民政府（𠮷〔U+30000〕）" in text.decode()
    assert "虚构县人民政府（𠮷〔U+30000〕）" in (workshop / "outputs/invented/trend/trend.html").read_text("utf-8")
    assert "草稿　2024年" in said.stdout


def test_the_notebook_is_the_one_that_the_project_has():
    assert (ROOT / "notebooks" / trend.NOTEBOOK).is_file()


# ---- verified, and followed


def _carried(files):
    page = lxml.html.document_fromstring(files["trend.html"].decode())
    return json.loads(page.get_element_by_id("nianbao-evidence").text)


def test_every_number_of_the_page_leads_to_a_figure_that_the_page_carries(files):
    carried = _carried(files)
    page = lxml.html.document_fromstring(files["trend.html"].decode())
    known = {figure["id"] for figure in carried["figures"]}
    shown = page.xpath("//*[@data-figure]/@data-figure")

    assert shown
    assert set(shown) <= known
    # As the panel reads them: names of letters, digits, dots and underscores, so that a formula can be computed again.
    assert [name for name in known if not re.fullmatch(r"[A-Za-z_][\w.]*", name)] == []
    assert {each for figure in carried["figures"] for each in figure["inputs"]} <= known


def test_the_page_carries_the_parameters_of_every_year(files):
    carried = _carried(files)

    assert {name.split("/")[2] for name in carried["files"] if name.startswith("params/")} == {"2018", "2023", "2024"}
    assert {name: library.digest(text.encode()) for name, text in carried["files"].items()}.items() <= carried["manifest"][
        "inputs"
    ].items()


@pytest.mark.slow
def test_a_trend_is_held_against_its_manifest(built, run):
    project = built[0]
    done = run(project, "verify", "invented", "trend")

    assert (done.returncode, done.stderr) == (0, "")
    assert "不同0" in done.stdout
    assert "详见 outputs/invented/trend/verdict.html" in done.stdout
    for name in ("verdict.html", "verdict.json"):
        (project / "outputs/invented/trend" / name).unlink()


@pytest.mark.parametrize("name", ["trend.html", "trend.pdf"])
def test_a_page_of_a_trend_is_held_against_itself(files, run, tmp_path, name):
    (tmp_path / name).write_bytes(files[name])
    done = run(tmp_path, "verify", str(tmp_path / name))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("一致：")


def test_a_changed_number_on_the_page_of_a_trend_is_named(files, run, tmp_path):
    page = files["trend.html"].decode()
    (tmp_path / "trend.html").write_text(page.replace(">121件</data>", ">122件</data>", 1), "utf-8")
    done = run(tmp_path, "verify", str(tmp_path / "trend.html"))

    assert done.returncode == 1
    assert "不同　看得见的文字　y2024.received.total" in done.stdout
