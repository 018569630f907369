"""Frames that an analyst's notebook shows: tables of the report in every format, their files beside it, their numbers in its evidence."""

import csv
import json

import builds
import pytest

pytestmark = pytest.mark.slow

UNIT, YEAR = "specimen", "2025"
CELLS = {
    "own-shares": """\
wide = report.frame("requests").set_index("指标")[["自然人", "商业企业", "总计"]].head(4)
report.table_of(wide.div(wide["总计"], axis=0), caption="各类申请人的比例")""",
    "own-bare": '# 表：新收和办结\nreport.frame("requests").loc[["received", "handled"], ["自然人", "总计"]]',
    "own-groups": """\
long = report.frame("requests").loc[["received", "carried_in"], ["自然人", "商业企业"]].stack().rename("件").reset_index()
report.table_of(long.groupby("level_1")["件"].sum().rename_axis("申请人"), caption="按申请人合计")""",
    "own-many": """\
import pandas as pd
many = pd.DataFrame({"镇": ["甲"] * 2000, "户数": [number % 97 * 1.37 for number in range(2000)]})
report.table_of(many, caption="各镇", untraced="按镇的台账统计")""",
}
FAULTS = {
    "own-swapped": 'report.frame("requests")[["自然人"]].head(2).set_axis(["商业企业"], axis=1)',
    "own-wide": "import pandas as pd\npd.DataFrame([[1.5] * 70])",
    "own-floats": '# 表：浮点数\nreport.frame("requests")[["总计"]].head(2).astype(float)',
}


def add(project, cells):
    path = project / "notebooks" / "report-national.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    place = next(index for index, cell in enumerate(notebook["cells"]) if cell["id"] == "requests-own")
    made = [
        {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for name, source in cells.items()
    ]
    notebook["cells"][place:place] = made
    path.write_text(json.dumps(notebook, ensure_ascii=False), "utf-8")


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    project = builds.new_project(tmp_path_factory.mktemp("tables"), units=(UNIT,))
    add(project, CELLS)
    return builds.report(project, UNIT, YEAR)


def table(shown, caption):
    return next(each for each in shown.page.iter("table") if each.findtext("caption", "").endswith(f"　{caption}"))


def test_a_report_whose_frames_are_traced_is_no_draft(shown):
    assert not shown.manifest["report"]["draft"]
    assert {each["rule"] for each in shown.findings} == {"N04"}


@pytest.mark.parametrize(
    ("caption", "figures"),
    [
        ("各类申请人的比例", {"received.natural/received.total": "96.75%", "received.total/received.total": "100.00%"}),
        ("新收和办结", {"received.natural": "13612", "handled.total": "13810"}),
        ("按申请人合计", {"received.natural+carried_in.natural": "14147", "received.business+carried_in.business": "258"}),
    ],
)
def test_its_numbers_are_figures_on_the_page(shown, caption, figures):
    held = {each.get("data-figure"): each.text for each in table(shown, caption).iter("data")}
    assert held | figures == held


def test_a_calculated_figure_has_formula_and_inputs_in_the_evidence(shown):
    found = shown.figures["received.natural/received.total"]
    assert (found["kind"], found["formula"], found["inputs"], found["value"]) == (
        "calculated",
        "received.natural / received.total",
        ["received.natural", "received.total"],
        "13612/14069",
    )


def test_what_the_office_computed_is_marked_and_stands_in_the_annex(shown):
    words = " ".join(shown.page.text_content().split())
    assert "注：本单位自行计算，按镇的台账统计。" in words
    assert words.count("按镇的台账统计") >= 2


def test_of_two_thousand_rows_a_hundred_are_shown_and_all_stand_beside(shown):
    assert len(table(shown, "各镇").findall("tbody/tr")) == 100
    lines = list(csv.reader((shown.folder / "table-各镇.csv").read_text("utf-8").splitlines()))
    assert (len(lines), lines[0], lines[-1]) == (2001, ["镇", "户数"], ["甲", "80.83"])


def test_every_table_has_a_file_that_the_manifest_seals(shown):
    own = {name for name in shown.manifest["outputs"] if name.startswith("table-")}
    assert own == {f"table-{name}.csv" for name in ("各类申请人的比例", "新收和办结", "按申请人合计", "各镇")}
    assert own == {path.name for path in shown.folder.glob("table-*")}


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_a_stranger_computes_its_tables_again(shown, name):
    verified = builds.nianbao(shown.project, "verify", str(shown.folder / name))
    assert verified.returncode == 0, verified.stdout
    assert "自行计算" in verified.stdout


def test_a_calculated_number_that_was_changed_in_the_page_is_found(shown, tmp_path):
    spoilt = tmp_path / "report.html"
    spoilt.write_text(shown.files["report.html"].decode().replace(">96.75%</data>", ">96.57%</data>"), "utf-8")
    verified = builds.nianbao(shown.project, "verify", str(spoilt))
    assert verified.returncode == 1
    assert "96.57%" in verified.stdout


def test_it_is_made_again_to_the_byte(shown):
    verified = builds.nianbao(shown.project, "verify", UNIT, YEAR)
    assert verified.returncode == 0, verified.stdout


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    project = builds.new_project(tmp_path_factory.mktemp("faults"), units=(UNIT,))
    add(project, FAULTS)
    return builds.report(project, UNIT, YEAR)


def test_numbers_without_a_source_make_a_draft_that_names_the_cell_by_its_first_line(faulty):
    assert faulty.manifest["report"]["draft"]
    said = [each["sentence"] for each in faulty.findings if each["rule"] == "N01"]
    assert any('“report.frame("requests")' in each and "三、收到和处理政府信息公开申请情况”之下" in each for each in said)
    assert any("有没有来历的数“14069”、“560”" in each for each in said)
    assert not any("own-" in each for each in said)


def test_a_frame_that_no_page_has_room_for_is_left_out_with_what_to_do(faulty):
    (said,) = [each["sentence"] for each in faulty.findings if each["rule"] == "N03"]
    assert "“import pandas as pd”" in said
    assert "有70列数，纸上至多排60列：请转置（df.T），或分成几张表" in said


def test_a_figure_under_the_name_of_another_is_told_with_both_names(faulty):
    said = " ".join(each["sentence"] for each in faulty.findings)
    assert "“一、本年新收政府信息公开申请数量、商业企业”处的数是“一、本年新收政府信息公开申请数量（自然人）”" in said


DRAWN = {
    "own-bars": """\
import matplotlib.pyplot as plt
# 图：两种申请人的申请
two = report.frame("requests").loc["received", ["自然人", "商业企业"]]
axes = plt.figure().subplots()
axes.bar_label(axes.bar(list(two.index), [float(each) for each in two]), labels=two)
axes.set_title(f"合计{two.sum()}件")
plt.show()""",
    "own-words": """\
from IPython.display import Markdown
Markdown(f"自然人的申请{report.frame('requests').loc['received', '自然人']}件。")""",
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    project = builds.new_project(tmp_path_factory.mktemp("drawn"), units=(UNIT,))
    add(project, DRAWN)
    return builds.report(project, UNIT, YEAR)


def test_numbers_of_a_frame_are_traced_in_a_chart_and_in_words_too(drawn):
    assert not drawn.manifest["report"]["draft"], drawn.findings
    (chart,) = [each for each in drawn.page.iter("figure") if "两种申请人的申请" in each.text_content()]
    shown = {each.get("data-figure"): each.text_content() for each in chart.iter() if each.get("data-figure")}
    assert shown == {
        "received.natural": "13612",
        "received.business": "252",
        "received.natural+received.business": "13864",
    }
    assert any("自然人的申请13612件" in each.text_content() and len(each.findall("data")) == 1 for each in drawn.page.iter("p"))
