"""A report whose notebook has cells of an analyst's own, run by the real kernel: what is in every format, and what verification says."""

import io
import json
import re
import zipfile

import builds
import nbformat
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

UNIT, YEAR = "specimen", "2025"
SECRET = "a camera at home"
PROSE = "### （一）图表\n\n收到申请**{{ received }}**。\n\n![政务公开专区](zone.jpg)\n\n![流程](../data/flow.svg)"
CHARTS = [
    "import pandas as pd\n# 图：各类申请人\npd.Series({'自然人': 3, '商业企业': 2}).plot.bar()",
    (
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nbars = axes.bar(['收到', '办结'], [5, 6])\n"
        "axes.bar_label(bars, labels=[report.label('received'), report.label('handled', unit=False)])\n"
        "axes.set_title(f\"共{report.label('received')}\")\naxes.twinx().plot([1, 2])\nreport.chart(figure, caption='收到和办结')"
    ),
    "# 图：构成\n# 未追溯：取自业务系统\nplt.pie([1, 2], labels=['甲', '乙'], autopct='%1.1f%%')\nplt.show()",
    (
        "from IPython.display import HTML, Markdown, display\ndisplay(Markdown('办结{{ handled }}。'))\n"
        "display(HTML('<table><tr><th>项</th><td>甲</td></tr></table>'))"
    ),
]
DRAFT = ["print('共', 67)", "plt.plot([1, 2]); plt.show()", "42"]


def _project(folder, cells):
    project = builds.new_project(folder, units=(UNIT,))
    path = project / "notebooks/report-national.ipynb"
    notebook = nbformat.read(path, as_version=4)
    place = [cell.id for cell in notebook.cells].index("part-notes")
    made = [nbformat.v4.new_markdown_cell(PROSE), *map(nbformat.v4.new_code_cell, cells)]
    notebook.cells[place:place] = made
    nbformat.write(notebook, path)
    exif = Image.Exif()
    exif[0x010E] = SECRET
    Image.new("RGB", (800, 600), (90, 140, 200)).save(project / f"params/{UNIT}/{YEAR}/zone.jpg", exif=exif)
    flow = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50"><text x="5" y="20">第一步，20日内</text></svg>'
    (project / f"params/{UNIT}/data").mkdir()
    (project / f"params/{UNIT}/data/flow.svg").write_text(flow, "utf-8")
    return project


@pytest.fixture(scope="module")
def final(tmp_path_factory):
    return builds.report(_project(tmp_path_factory.mktemp("cells"), CHARTS), UNIT, YEAR)


def test_the_report_is_final(final):
    assert "成稿" in final.run.stdout


def test_every_picture_is_numbered_and_captioned_on_the_page(final):
    captions = ["".join(each.itertext()) for each in final.page.iter("figcaption")]

    assert [each.partition("　")[2] for each in captions][-5:] == ["政务公开专区", "流程", "各类申请人", "收到和办结", "构成"]


def test_the_words_of_a_chart_can_be_searched_on_the_page_and_in_the_pdf(final):
    assert "自然人" in "".join("".join(each.itertext()) for each in final.page.iter("{*}text", "text"))
    assert "商业企业" in final.pdf_text


def test_numbers_that_the_report_labelled_are_figures_on_the_page_and_in_the_pdf(final):
    shown = {each.get("data-figure"): "".join(each.itertext()) for each in final.page.iter("tspan", "{*}tspan")}

    assert shown["received.total"] == final.figures["received.total"]["display"]
    assert final.pdf_text.count(final.figures["received.total"]["display"]) >= 2


def test_every_picture_has_words_for_who_cannot_see_it(final):
    assert [each.get("alt") for each in final.page.iter("img")] == ["政务公开专区"]
    assert all("".join(each.itertext()).strip() for each in final.page.iter("desc", "{*}desc"))


def test_word_holds_every_picture_with_its_caption(final):
    with zipfile.ZipFile(io.BytesIO(final.files["report.docx"])) as package:
        media = [name for name in package.namelist() if name.startswith("word/media/")]
        text = re.sub("<[^>]+>", "", package.read("word/document.xml").decode())

    assert len(media) >= 5
    assert "收到和办结" in text
    assert "注：本单位自行计算，取自业务系统。" in text


def test_nothing_of_the_camera_is_in_any_file(final):
    assert [name for name, content in final.files.items() if SECRET.encode() in content] == []


def test_what_the_office_answers_for_is_marked_and_stands_in_the_annex(final):
    text = final.page.text_content()

    assert "注：本单位自行计算，取自业务系统。" in text
    assert "附：没有追溯到统计表的内容" in text
    assert "注：图片由本单位提供，其中的数未经核对。" in text


def test_no_source_stands_on_the_page(final):
    text = final.page.find("body/main").text_content()

    assert re.findall(r"\{\{|!\[|~~|\*\*|<img", text) == []


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_each_file_verifies_itself(final, name):
    run = builds.nianbao(final.project, "verify", str(final.folder / name))

    assert run.returncode == 0, run.stdout
    assert "一致" in run.stdout


def test_a_second_build_gives_the_same_bytes(final):
    run = builds.nianbao(final.project, "verify", UNIT, YEAR)

    assert run.returncode == 0, run.stdout + run.stderr


def test_a_draft_names_each_cell_by_its_first_line(tmp_path):
    made = builds.report(_project(tmp_path, [*CHARTS, *DRAFT]), UNIT, YEAR)
    told = {each["rule"]: each["sentence"] for each in made.findings if each["rule"].startswith("N")}

    assert "草稿" in made.run.stdout
    assert set(told) == {"N02", "N03", "N04"}
    assert "plt.plot([1, 2]); plt.show()" in told["N02"]
    assert json.dumps(made.findings).count("N03") >= 2


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("收到{{ no.such }}", "单元格“收到{{ no.such }}”"),
        ("![](zone.jpg)", "没有说明文字"),
        ("![专区](none.jpg)", "没有这个文件"),
        ("![专区](https://a.cn/x.png)", "是网址"),
        ("![专区](../../longtan/zone.jpg)", "没有这个文件"),
        ("![专区](report.yaml)", "文件名应以"),
    ],
)
def test_what_a_markdown_cell_cannot_show_stops_check_with_cell_and_line(tmp_path, cell, words):
    project = _project(tmp_path, [])
    path = project / "notebooks/report-national.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell(cell))
    nbformat.write(notebook, path)
    run = builds.nianbao(project, "check", UNIT, YEAR)

    assert run.returncode == 2
    assert words in run.stderr
    assert "第1行" in run.stderr
