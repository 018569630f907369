"""Names that could not be set: offices, officials and sentences with every character of the table, rarer ones, and ones that no face has."""

import base64
import io
import json
import re
import subprocess
import zipfile

import builds
import lxml.etree
import lxml.html
import pytest
from docx.oxml.ns import qn
from fontTools.ttLib import TTFont
from nianbao.build import gate
from nianbao.inputs import report

pytestmark = pytest.mark.slow

TABLE = "".join(
    line
    for line in (builds.ROOT / "tests" / "data" / "tongyong-guifan-hanzi.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
)
# Unit, which is the name of its folder → the name of the office.
COUNTIES = {
    "湾沚": "湾沚区人民政府",
    "埇桥": "埇桥区人民政府",
    "瀍河": "瀍河回族区人民政府",
    "浉河": "浉河区人民政府",
    "硚口": "硚口区人民政府",
    "猇亭": "猇亭区人民政府",
    "鄠邑": "鄠邑区人民政府",
}
RARE = "𠮷㙍縣鄉人民政府"
NONE = "\U00030000县\U0001f600乡人民政府"
CODED = "〔U+30000〕县〔U+1F600〕乡人民政府"
OFFICES = {**COUNTIES, "rare": RARE, "none": NONE, "𰀀": "𰀀县人民政府"}
TITLE = "2025年政府信息公开工作年度报告"


def office(project, unit, name, said="", official="喆堃科"):
    """Put the report of an office called *name* into *project*."""
    folder = _copied(project, unit)
    yaml = folder / "report.yaml"
    builds.replace(yaml, "unit: specimen", f"unit: {unit}")
    builds.replace(yaml, "name: 样本市人民政府（示例）", f"name: {name}")
    builds.replace(yaml, "short_name: 样本市", f"short_name: {name[:2]}")
    builds.replace(yaml, "样本市人民政府办公室政务公开科", official)
    builds.replace(folder / "narrative.md", "样本市围绕", f"{said}围绕")


def _copied(project, unit):
    folder = project / "params" / unit / "2025"
    folder.mkdir(parents=True)
    for path in (builds.ROOT / "params" / "specimen" / "2025").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    """One project with all offices, built by one command."""
    project = builds.new_project(tmp_path_factory.mktemp("offices"), units=())
    for unit, name in OFFICES.items():
        said = {"rare": "臺灣，𪚥𫝀**裏𬭛**，*㑇*", "none": "联系人\U00031111、\ue000，下一句\U000323b0"}.get(
            unit, f"{name}二〇二五年"
        )
        office(project, unit, name, said)
    run = builds.nianbao(project, "batch", "--jobs", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    return {unit: builds.Outputs(project, unit, "2025", run) for unit in OFFICES}


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """The 2013 report with all 8,105 characters in its narrative, some of them in bold, in 楷体 and in a heading."""
    project = builds.new_project(tmp_path_factory.mktemp("every"))
    path = project / "params/longtan/2013/narrative.md"
    paragraphs = [TABLE[at : at + 300] for at in range(0, len(TABLE), 300)]
    ending = f"\n\n## （九）{TABLE[-60:]}\n\n" + "\n\n".join(paragraphs) + f"\n\n**{TABLE[6500:6800]}**\n\n> {TABLE[6500:6800]}\n"
    path.write_text(path.read_text("utf-8") + ending, "utf-8")
    return builds.report(project)


def embedded(page):
    """The characters of each face that the HTML *page* carries, by its family and weight."""
    rules = re.findall(r'@font-face\{font-family:"([^"]+)";font-weight:(\d+);.*?base64,([^)]+)\)', page)
    faces = {}
    for family, weight, content in rules:
        with TTFont(io.BytesIO(base64.b64decode(content))) as face:
            faces[family, weight] = {chr(code) for code in face.getBestCmap()}
    return faces


def word(content):
    """The text of a Word file."""
    root = lxml.etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml"))
    return "".join(root.itertext(qn("w:t")))


def carried(content):
    """The characters of the faces that a Word file carries, by what they are called."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        table = lxml.etree.fromstring(archive.read("word/fontTable.xml"))
        led_to = {
            each.get("Id"): each.get("Target") for each in lxml.etree.fromstring(archive.read("word/_rels/fontTable.xml.rels"))
        }
        faces = {}
        for font in table.iter(qn("w:font")):
            for kept in font.iter(qn("w:embedRegular")):
                key = bytes.fromhex(re.sub(r"[{}-]", "", kept.get(qn("w:fontKey"))))[::-1]
                locked = archive.read(f"word/{led_to[kept.get(qn('r:id'))]}")
                opened = bytes(each ^ key[place % 16] for place, each in enumerate(locked[:32])) + locked[32:]
                with TTFont(io.BytesIO(opened)) as face:
                    faces[font.get(qn("w:name"))] = {chr(code) for code in face.getBestCmap()}
    return faces


def pdf_text(outputs):
    """The words of a PDF, without blanks."""
    return re.sub(r"\s", "", "".join(gate.pages(outputs.files["report.pdf"])))


def sheets(outputs):
    """The words of the workbook of a report."""
    with zipfile.ZipFile(io.BytesIO(outputs.files["tables.xlsx"])) as archive:
        return archive.read("xl/sharedStrings.xml").decode()


# ---- the table


def test_the_page_shows_all_characters_of_the_table_in_its_own_faces(every):
    said, faces = every.page.text_content(), embedded(every.files["report.html"].decode())

    assert set(TABLE) <= set(said)
    assert set(TABLE) <= faces["Report Song", "400"]
    assert set(TABLE[6500:6800]) <= faces["Report Kai", "400"]
    assert "Report Wide" not in {family for family, _weight in faces}


def test_the_pdf_shows_all_characters_of_the_table_in_our_faces(every, needs):
    run = subprocess.run([needs("pdffonts"), every.folder / "report.pdf"], capture_output=True, encoding="utf-8", check=True)
    used = {line.split()[0].partition("+")[2] for line in run.stdout.splitlines()[2:]}

    assert set(TABLE) <= set(pdf_text(every))
    assert {"ReportFang-Regular", "ReportFangExtra-Regular"} <= used
    assert all(name.startswith("Report") for name in used)
    assert not used & {"ReportWide-Regular", "ReportRare-Regular"}


def test_the_word_file_shows_all_characters_of_the_table_and_carries_those_that_few_machines_have(every):
    content = every.files["report.docx"]
    few = {each for each in TABLE if not each.encode("gbk", "ignore")}

    assert set(TABLE) <= set(word(content))
    assert len(few) > 190
    assert few <= carried(content)["Report Song"]


def test_no_character_of_the_table_is_told_in_the_findings(every):
    assert [each["id"] for each in every.findings if each["rule"] in {"T06", "T07"}] == []
    assert every.manifest["report"]["draft"] is False


def test_a_report_with_all_characters_of_the_table_verifies(every, run):
    for name in ("report.html", "report.pdf"):
        said = run(every.project, "verify", str(every.folder / name))
        assert said.returncode == 0, said.stdout


# ---- offices


@pytest.mark.parametrize("unit", COUNTIES)
def test_an_office_of_each_county_that_could_not_be_set_has_all_its_files(offices, unit):
    outputs, name = offices[unit], COUNTIES[unit]
    faces = embedded(outputs.files["report.html"].decode())

    assert outputs.page.find(".//h1").text_content() == name + TITLE
    assert set(name) <= faces["Report Song", "700"] & faces["Report Song", "400"] & faces["Report Panel", "400"]
    assert f"{name}{TITLE}" in pdf_text(outputs)
    assert f"{name}二〇二五年围绕" in pdf_text(outputs)
    assert f"{name}二〇二五年围绕" in word(outputs.files["report.docx"])
    assert name in sheets(outputs)
    assert outputs.findings == []


def test_an_official_is_named_in_every_file(offices):
    outputs = offices["湾沚"]

    assert "喆堃科" in outputs.prose()
    assert "喆堃科" in pdf_text(outputs)
    assert "喆堃科" in word(outputs.files["report.docx"])


def test_a_rare_name_is_shown_by_the_faces_that_stand_in(offices):
    outputs, shown = offices["rare"], set("𠮷㙍𪚥𫝀𬭛裏㑇")
    faces = embedded(outputs.files["report.html"].decode())

    assert outputs.page.find(".//h1").text_content() == RARE + TITLE
    assert shown <= set().union(*(codes for (family, _weight), codes in faces.items() if not family.startswith("Report Panel")))
    assert set("𠮷𪚥") <= faces["Report Rare", "400"] & faces["Report Panel Rare", "400"]
    assert RARE + TITLE in pdf_text(outputs)
    assert shown <= set(pdf_text(outputs))
    assert shown <= set(word(outputs.files["report.docx"]))
    assert set("𠮷㙍𪚥𫝀𬭛㑇") <= set().union(*carried(outputs.files["report.docx"]).values())
    assert RARE in sheets(outputs)


def test_a_character_that_only_a_stand_in_has_is_marked_and_makes_no_draft(offices, run):
    outputs = offices["rare"]
    said = run(outputs.project, "check", "rare", "2025")

    assert outputs.manifest["report"]["draft"] is False
    assert {each["severity"] for each in outputs.findings} == {"info"}
    assert "提示　T07.report.yaml.4：params/rare/2025/report.yaml 第4行的“𠮷”（U+20BB7）不在正文的字体中" in said.stdout
    assert "params/rare/2025/narrative.md 第5行的“裏”（U+88CF）、“𪚥”（U+2A6A5）" in said.stdout
    assert said.returncode == 0


def test_check_tells_a_character_that_no_face_has_with_its_line(offices, run):
    said = run(offices["none"].project, "check", "none", "2025")

    assert (
        "错误　T06.report.yaml.4：params/none/2025/report.yaml 第4行的“😀〔U+1F600〕”、“𰀀〔U+30000〕”所有字体都没有" in said.stdout
    )
    assert "params/none/2025/narrative.md 第5行的“\ue000〔U+E000〕”、“𱄑〔U+31111〕”、“\U000323b0〔U+323B0〕”" in said.stdout
    assert said.returncode == 1


def test_a_report_with_a_character_that_no_face_has_is_a_draft_that_shows_its_code_everywhere(offices):
    outputs = offices["none"]
    sentence = "联系人〔U+31111〕、〔U+E000〕，下一句〔U+323B0〕围绕"

    assert outputs.manifest["report"]["draft"] is True
    assert outputs.page.find(".//h1").text_content() == CODED + TITLE
    assert CODED + TITLE in pdf_text(outputs)
    for text in (outputs.prose(), pdf_text(outputs), word(outputs.files["report.docx"]), outputs.files["report.ipynb"].decode()):
        assert sentence in text
    assert CODED in sheets(outputs)
    for name in ("report.ipynb", "report.docx", "tables.xlsx", "data.csv", "datapackage.json", "figures.json", "findings.json"):
        assert "\U00030000".encode() not in outputs.files[name]


@pytest.mark.parametrize("unit", ["rare", "none", "𰀀"])
def test_page_and_pdf_with_such_characters_verify(offices, run, unit):
    for name in ("report.html", "report.pdf"):
        said = run(offices[unit].project, "verify", str(offices[unit].folder / name))
        assert said.returncode == 0, said.stdout


def test_a_character_that_a_cell_makes_is_told_with_the_cell(tmp_path):
    project = builds.new_project(tmp_path)
    builds.edit(project, "chart-staff", 'report.stacks("staff", names=(chr(0x30000) + "𠮷",), caption="构成" + chr(0x30003))')
    outputs = builds.report(project)

    said = "".join(each["sentence"] for each in outputs.findings)
    assert re.search(r"单元格“report\.stacks[^（]*（“[^”]*”之下）的“〔U\+30000〕”、“〔U\+30003〕”所有字体都没有", said)
    assert "构成〔U+30003〕" in pdf_text(outputs)
    assert "𠮷" in pdf_text(outputs)
    assert "Report Rare" in {family for family, _weight in embedded(outputs.files["report.html"].decode())}


# ---- other ways in


def test_a_text_in_traditional_or_unknown_characters_is_audited_against_an_office_so_named(offices, run, tmp_path):
    project = offices["none"].project
    text = "{}2025年政府信息公开工作年度报告\n一、总体情况\n{}收到申请14069件，\u200b聯繫人𰀂、😀。\n"
    for unit in ("rare", "none"):
        path = tmp_path / "published.txt"
        path.write_text(text.format(OFFICES[unit], OFFICES[unit]), "utf-8")
        said = run(project, "audit", unit, "2025", "--published", str(path))
        found = json.loads((project / f"outputs/{unit}/2025/audit/findings.json").read_text("utf-8"))

        assert (said.returncode, said.stderr) == (0, "") or said.returncode == 1, said.stderr
        assert "全部说法1处" in said.stdout
        assert [each for each in found if each["type"] == "language"] == []
    page = (project / "outputs/none/2025/audit/audit.html").read_text("utf-8")
    assert CODED in page


def test_the_year_after_begins_with_the_name_itself(offices, run, forms):
    project = offices["none"].project
    assert run(project, "new", "none", "2026").returncode == 0

    assert NONE in (project / "params/none/2026/report.yaml").read_text("utf-8")
    assert report.load(project / "params/none/2026", forms).name == CODED


def test_an_exported_workbook_is_read_back_by_an_office_so_named(offices, run, tmp_path):
    project = offices["none"].project
    assert run(project, "table", "export", "-o", str(tmp_path / "none.xlsx"), "none", "2025").returncode == 0
    said = run(project, "table", "import", "none", "2025", str(tmp_path / "none.xlsx"))

    assert "统计表与工作簿相同，没有改动" in said.stdout, said.stderr


def test_the_page_of_all_reports_names_every_office(offices):
    page = lxml.html.parse(str(offices["rare"].project / "outputs/index.html")).getroot().text_content()

    assert all(name in page for name in [*COUNTIES.values(), RARE, CODED])
