"""The untraced-number gate: what a page may show as a numeral, and that a build with any other stops and names it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree

import builds
import pytest
from nianbao.build import gate
from nianbao.document.document import Document
from nianbao.indicators.errors import PublishError
from nianbao.inputs import report
from nianbao.render import pdf as pdftags

LONGTAN = "params/longtan/2013"


@pytest.fixture(scope="module")
def document(longtan):
    """The 2013 report, which has no open finding and no literal."""
    return Document(longtan)


@pytest.fixture
def declared(params, forms):
    """Read the 2013 report with something changed in one of its files."""

    def read(name, old, new):
        builds.replace(params / name, old, new)
        return Document(report.load(params, forms))

    return read


def _named(document, *blocks):
    return [numeral for numeral, _text in gate.untraced(blocks, gate.allowance(document))]


def _in_pdf(document, text, figures=()):
    """What the gate names in the *text* of a page whose numerals in *figures* are figures."""
    placed = [[token, "staff.year" if token in figures else ""] for token in gate.tokens(text)]
    return [numeral for numeral, _line in gate.untraced_in_pdf(text, placed, gate.allowance(document))]


# ---- what may stand

STRUCTURAL = {
    "the year of the report": "2013年，全区公开了政府信息",
    "the year before": "印发《关于做好2012年政府信息公开年度报告编制公布工作的通知》",
    "the year after": "对2014年如何做好政务公开提出了安排",
    "the year of the report as a period": "公布2013年度政府信息公开工作情况",
    "a month": "7月至8月，完成系统软件的维护和升级",
    "a date": "12月31日前完成",
    "a day": "每月15日公布",
    "a year to come": "到2030年基本建成",
    "a year long ago": "1995年建成",
    "a time": "上午8:30开放",
    "a quarter": "第3季度",
    "a number to call": "12345热线",
    "a name with a digit": "5G基站",
    "the number of a heading": "1.建立健全制度和工作机制",
    "the number of a heading with a full-width stop": "10．完善公开载体",
    "the number of an item": "2、拓宽渠道",
    "a number in brackets": "（3）其他",
    "a number with a closing bracket": "4）其他",
    "the number of a document": "吉龙政发〔2013〕5号",
    "the number of a document of an earlier year": "国发〔2008〕36号",
    "the number of a decree": "国务院令第492号",
    "the caption of a chart": "图1　公开信息的来源",
    "the caption of a table": "表12　已认可的差异及理由",
    "a label of the form": "16.文件信息从生成到网上公开不超过20个工作日的数量",
    "a label of the form inside a text": "其中“文件信息从生成到网上公开不超过20个工作日的数量”一项",
    "the head of a column": "13年发生数",
    "the title": "龙潭区人民政府2013年政府信息公开工作年度报告",
    "a source": "《龙潭区人民政府2013年政府信息公开工作年度报告相关数据统计表》（公布文本所附）",
    "the place of a gap": "一（二）2",
    "the name of a rule": "按J02核对",
    "numbers in words": "全区三十七个部门",
    "a figure": "共公开政府信息\ufffc",
}


@pytest.mark.parametrize("text", STRUCTURAL.values(), ids=STRUCTURAL.keys())
def test_a_numeral_that_is_structural_may_stand(document, text):
    assert _named(document, text) == []


def test_every_row_and_column_of_the_form_may_be_shown(document):
    rows = [text for row in document.form.rows.values() for text in (row.label, row.numbered_label, row.zero, row.name)]

    assert _named(document, *rows) == []


UNTRACED = {
    "a count": ("共收到申请37件", "37"),
    "a true count typed by hand": ("共公开政府信息2565条", "2565"),
    "a percentage": ("占43.44%", "43.44%"),
    "a percentage at the beginning of a text": ("37.5%的申请", "37.5%"),
    "a number with thousands": ("点击115,352次", "115,352"),
    "a number in full-width digits": ("另有３７件", "３７"),
    "a year that is not called one": ("共2013条", "2013"),
    "a longer number that ends as a year does": ("共12013年", "12013"),
    "a number before a date": ("37个部门于7月1日前完成", "37"),
    "a number after a date": ("7月1日前收到37件", "37"),
    "a number after the number of a heading": ("1.公开37件", "37"),
    "a number in a caption": ("图1　公开信息的来源（2565条）", "2565"),
    "a number that only looks like that of a decree": ("第37件", "37"),
    "a number that a label of the form holds": ("共20个部门", "20"),
    "a number beside a label of the form": ("16.文件信息从生成到网上公开不超过20个工作日的数量37件", "37"),
    "the head of a column of another year": ("12年发生数", "12"),
    "a number that touches a figure": ("\ufffc37件", "37"),
    "a letter and a number that are no rule": ("按J37核对", "37"),
    "a number at the end of brackets": ("（新收：67)", "67"),
    "a count of what is called": ("热线12345件", "12345"),
}


@pytest.mark.parametrize(("text", "numeral"), UNTRACED.values(), ids=UNTRACED.keys())
def test_a_numeral_without_origin_is_named(document, text, numeral):
    assert _named(document, text) == [numeral]


def test_a_numeral_without_origin_is_named_with_the_text_it_stands_in(document):
    assert list(gate.untraced(["无数", "另有37件。"], gate.allowance(document))) == [("37", "另有37件。")]


def test_every_numeral_without_origin_is_named(document):
    assert _named(document, "另有37件，其中8件", "9份") == ["37", "8", "9"]


# ---- what a report declares


def test_a_literal_may_stand(declared):
    read = declared("report.yaml", "literals: []", "literals:\n  - {text: 12345热线, reason: 电话号码的名称}")

    assert _named(read, "拨打12345热线咨询") == []


@pytest.mark.parametrize("text", ["接听12345次", "共12345件", "接听12345热线67次"])
def test_a_literal_may_stand_as_a_whole_only(declared, text):
    read = declared("report.yaml", "literals: []", "literals:\n  - {text: 12345热线, reason: 电话号码的名称}")

    assert _named(read, text) != []


@pytest.mark.parametrize(("text", "numerals"), [("龙潭9区人民政府", []), ("龙潭9区人民政府有9个部门", ["9"]), ("另有9区", ["9"])])
def test_a_number_in_the_name_of_the_unit_may_stand_as_part_of_the_name_only(declared, text, numerals):
    read = declared("report.yaml", "name: 龙潭区人民政府\n", "name: 龙潭9区人民政府\n")

    assert _named(read, text) == numerals


def test_a_number_in_the_label_of_a_fact_may_not_be_shown(declared):
    read = declared("report.yaml", "label: 区政府部门,", "label: 区政府37个部门,")

    assert _named(read, "区政府37个部门") == ["37"]


@pytest.fixture
def draft(declared):
    """A draft whose narrative holds a number typed by hand."""
    return declared("narrative.md", "五是组织监督评议。", "五是组织监督评议38次。")


def test_a_number_typed_by_hand_that_the_draft_notice_names_may_stand(draft):
    assert "T01" in {finding.rule for finding in draft.findings}
    assert _named(draft, "五是组织监督评议38次。") == []


def test_another_number_beside_one_that_the_draft_notice_names_is_still_named(draft):
    assert _named(draft, "五是组织监督评议38次、39次。") == ["39"]


def test_the_line_that_the_draft_notice_names_does_not_let_its_number_stand_elsewhere(draft):
    (finding,) = [each for each in draft.findings if each.rule == "T01"]
    line = re.search(r"第(\d+)行", finding.sentence)[1]

    assert _named(draft, f"另有{line}件。") == [line]


def test_the_draft_notice_itself_may_stand(draft):
    said = [finding.sentence for finding in draft.findings if finding.rule == "T01"]

    assert _named(draft, *said, "草稿：有1个问题没有处理，不得公布") == []


# ---- how a page is read


def _body(content):
    return gate.read(f"<!DOCTYPE html><html><head><title>37</title></head><body>{content}</body></html>")


@pytest.mark.parametrize(
    ("content", "blocks"),
    [
        ("<p>另有37件</p><p>8件</p>", ("另有37件", "8件")),
        ("<p>另有3<em>7</em><strong>8</strong>件</p>", ("另有378件",)),
        ("<p>一<a href='#x'>二37</a>三</p>", ("一二37三",)),
        ("<ul><li>37</li><li><p>8</p>9</li></ul>", ("37", "8", "9")),
        ("<table><caption>37</caption><tr><th>8</th><td>9</td></tr></table>", ("37", "8", "9")),
        ("<figure><svg><text>37</text><text>8</text></svg><figcaption>9</figcaption></figure>", ("37", "8", "9")),
        ("<details><summary>37</summary>8</details>", ("37", "8")),
        ("甲<section>37</section>乙", ("甲37乙",)),
        ("<p>共<data data-figure='a'>37人</data>，8件</p>", ("共\ufffc，8件",)),
    ],
)
def test_a_page_is_read_block_by_block_without_its_figures(content, blocks):
    assert _body(content).blocks == blocks


@pytest.mark.parametrize(
    "content",
    [
        "<style>p { width: 37px }</style>",
        "<script>let x = 37</script>",
        '<script type="application/json">{"x": 37}</script>',
        "<template><p>37</p></template>",
        "<!-- 37 -->",
        "<svg><title>37</title><desc>37</desc><style>a { width: 37px }</style><path d='M 37 37'/></svg>",
        "<p title='37' id='37' aria-label='37'></p>",
    ],
)
def test_what_no_reader_sees_is_not_read(content):
    assert _body(f"<p>甲</p>{content}<p>乙</p>").blocks == ("甲", "乙")


def test_a_figure_is_read_with_its_element_its_name_its_text_and_its_value():
    (shown,) = _body("<p><data id='staff.year' data-figure='staff.year' value='97'>97人</data></p>").figures

    assert (shown.element, shown.figure, shown.text, shown.value) == ("staff.year", "staff.year", "97人", "97")


def test_a_figure_of_a_chart_has_no_element():
    (shown,) = _body("<svg><g data-figure='staff.year'>\n <text>97人</text>\n</g></svg>").figures

    assert (shown.element, shown.figure, shown.text) == ("", "staff.year", "97人")


# ---- the PDF's own gate

FURNITURE = {
    "a folio": "正文\n— 14 —",
    "a line of the contents": "一、基本工作情况 . . . . . . . . . . . . 2",
    "a line of the contents without spaces": "（一）加强组织领导 .................................. 12",
    "the caption of a chart": "图 1　公开信息的来源",
    "a line of the contents whose title leaves room for one dot": "四、行政复议、行政诉讼情况 . 5",
    "the caption of a table": "表 12　已认可的差异及理由",
    "the head of a table": "累计数\n13 年发生数",
    "the title in two lines": "龙潭区人民政府 2013 年\n政府信息公开工作年度报告",
    "a year broken after the number": "关于做好 2012\n年政府信息公开年度报告",
    "a date broken after the month": "12\n月 31\n日前",
    "a label broken in the middle": "16.文件信息从生成到网上公开不超过 20\n个工作日的数量",
}


@pytest.mark.parametrize("text", FURNITURE.values(), ids=FURNITURE.keys())
def test_furniture_of_a_pdf_may_stand(document, text):
    assert _in_pdf(document, text) == []


PRINTED = {
    "a number": ("另有 37 件", ["37"]),
    "a number that a line breaks": ("另有 3\n7 件", ["37"]),
    "a number beside a folio": ("另有 37 件\n— 14 —", ["37"]),
    "a number in a caption": ("图 1　公开信息的来源（2565 条）", ["2565"]),
    "a number beside a line of the contents": ("37 件 . . . . . . . 2", ["37"]),
    "a number in full-width digits": ("另有３７件", ["３７"]),
    "the decimals of a number at a line's end": ("占14.43\n左右", ["14.43"]),
    "a number on a line of its own": ("件\n37\n件", ["37"]),
}


@pytest.mark.parametrize(("text", "numerals"), PRINTED.values(), ids=PRINTED.keys())
def test_a_number_that_only_the_pdf_shows_is_named(document, text, numerals):
    assert _in_pdf(document, text) == numerals


def test_a_number_of_a_pdf_that_is_a_figure_may_stand(document):
    assert _in_pdf(document, "全区共 97 人，另有 37 件", figures={"97"}) == ["37"]


def test_a_number_of_a_pdf_is_named_with_its_line(document):
    assert list(gate.untraced_in_pdf("甲\n另有 37 件\n乙", [["37", ""]], gate.allowance(document))) == [("37", "另有37件")]


@pytest.mark.parametrize("folio", ["— 5 —", "草稿　不得公布　— 5 —", "— 6 —　草稿　不得公布"])
def test_a_year_that_ends_a_page_may_have_its_word_on_the_next(document, folio):
    assert _in_pdf(document, f"工作情况；2013\n{folio}") == []


def test_a_number_that_ends_a_page_is_named_all_the_same(document):
    assert _in_pdf(document, "另有\n37") == ["37"]


# ---- all that a build checks


def _check(built, document, page="<body><p>甲</p></body>", lost=()):
    places = [[] for _page in range(len(gate.pages(built.files["report.pdf"])))]
    for number, text in enumerate(gate.pages(built.files["report.pdf"])):
        places[number] = [[token, "staff.year"] for token in gate.tokens(text)]
    gate.check(page, built.files["report.pdf"], places, list(lost), gate.allowance(document))


@pytest.mark.slow
def test_a_page_and_a_pdf_without_an_untraced_number_pass(built, document):
    assert _check(built, document) is None


@pytest.mark.slow
def test_a_figure_that_the_pdf_does_not_show_stops_the_build(built, document):
    with pytest.raises(PublishError, match=r"有1个数没有来历：\n  “97”，在“PDF 中找不到它”中\n"):
        _check(built, document, lost=["97"])


@pytest.mark.slow
def test_every_untraced_number_is_told_with_its_sentence_and_what_to_do(built, document):
    with pytest.raises(PublishError) as raised:
        _check(built, document, page="<body><p>另有37件。</p><p>其中8件。</p></body>")

    assert str(raised.value).splitlines() == [
        "有2个数没有来历：",
        "  “37”，在“另有37件。”中",
        "  “8”，在“其中8件。”中",
        "改用占位符，或在 report.yaml 的 literals 中说明理由；上一次的成果没有改动。",
    ]


@pytest.mark.slow
def test_the_page_and_the_pdf_of_2013_hold_no_untraced_number(built, document):
    page, pdf = built.files["report.html"].decode(), built.files["report.pdf"]
    places = json.loads(_attached(pdf)["places.json"])

    assert gate.check(page, pdf, places, [], gate.allowance(document)) is None


def _attached(pdf):

    return pdftags.attached(pdf)


# ---- a build

MARKDOWN = "## 二、主动公开政府信息情况\n\n另有37件正在办理。"
CHART = 'report.stacks("disclosed", caption="公开信息2565条的来源")'


def _untraced(project):
    builds.edit(project, "chart-sources", CHART)


def _typed(project):
    builds.edit(project, "part-disclosure", MARKDOWN)
    builds.replace(project / LONGTAN / "narrative.md", "五是组织监督评议。", "五是组织监督评议38次。")


@pytest.fixture(scope="module")
def attempts(built, tmp_path_factory):
    """Two builds over good outputs, side by side: one with numbers that nothing knows, one with digits that `check` reports."""

    def attempt(change):
        project = Path(copytree(built.project, tmp_path_factory.mktemp("gate") / "project"))
        change(project)
        return project, builds.nianbao(project, "report", "longtan", "2013")

    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(("untraced", "typed"), pool.map(attempt, (_untraced, _typed)), strict=True))


@pytest.mark.slow
def test_a_build_with_an_untraced_number_ends_with_2(attempts):
    assert attempts["untraced"][1].returncode == 2
    assert "Traceback" not in attempts["untraced"][1].stderr


@pytest.mark.slow
def test_a_build_with_an_untraced_number_points_at_its_sentence(attempts):
    assert "  “2565”，在“图2　公开信息2565条的来源”中" in attempts["untraced"][1].stderr.splitlines()


@pytest.mark.slow
def test_a_build_with_an_untraced_number_names_it_in_the_pdf_too(attempts):
    assert re.search(r"“2565”，在“PDF 第\d+页：公开信息2565条的来源”中", attempts["untraced"][1].stderr)


@pytest.mark.slow
def test_a_build_with_an_untraced_number_names_no_other(attempts):
    named = re.findall(r"^  “(\S+)”，在", attempts["untraced"][1].stderr, re.MULTILINE)

    assert set(named) == {"2565"}


@pytest.mark.slow
def test_a_build_with_an_untraced_number_leaves_the_last_good_outputs(built, attempts):
    project, run = attempts["untraced"]

    assert "上一次的成果没有改动" in run.stderr
    assert builds.hashes(project / "outputs/longtan/2013") == builds.hashes(built.folder)
    assert [path.name for path in (project / "outputs").iterdir()] == ["longtan"]


@pytest.mark.slow
def test_digits_that_check_reports_make_a_draft_and_do_not_stop_the_build(attempts):
    run = attempts["typed"][1]

    assert run.returncode == 0
    assert run.stdout.splitlines()[-1].startswith("草稿：有2个问题没有处理")
    assert "有手写的数“另有37件”" in run.stdout
    assert "有手写的数“组织监督评议38次”" in run.stdout
