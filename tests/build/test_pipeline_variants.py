"""Reports that nobody foresaw: hostile text, values of any size, zeros everywhere, and tables with nothing in them."""

import json
import re
from fractions import Fraction

import builds
import lxml.html
import pytest
from lxml import etree
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.report import Passage
from nianbao.prose import language, names

pytestmark = pytest.mark.slow

HOSTILE = (
    "<script>alert('in')</script>",
    "<img src=x onerror=alert('in')>",
    "</style></title><svg onload=alert('in')>",
    "{{ ''.__class__.__mro__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{% include '/etc/passwd' %}",
    "{% for x in x %}{% endfor %}",
    '#read("/etc/passwd")',
    '"); #read("/etc/passwd"); ("',
    "[click](javascript:alert('in'))",
    "[click](data:text/html,<script>alert('in')</script>)",
    "图![picture](data:image/svg+xml;base64,AAAA)",
    "图![picture](https://example.org/x.png)",
    "[click](  JaVaScRiPt:alert('in') )",
    "<javascript:alert('in')>",
    "$x^y$ @ref <label> = a \\ b ~ c `d` *e* _f_",
    "&lt;b&gt; &amp; &#x3c;",
)
# What of it looks like a placeholder, and may not be typed at all.
REFUSED = HOSTILE[3:7]
# What of it must be read as it was typed; the rest is Markdown and says something.
SHOWN = (*HOSTILE[:3], *HOSTILE[7:9], *(text for text in HOSTILE if re.match(r"图?!?\[\w+\]\(\S", text)))
FORBIDDEN = {"script", "img", "iframe", "object", "embed", "base", "form", "input", "link", "math", "template", "b", "i"}
NAME = '某<script>alert("in")</script>{{ name }}#read("/etc/passwd")区'
FACT = "".join(HOSTILE[:2]) + HOSTILE[3] + HOSTILE[7] + HOSTILE[9]
HUGE = "12345678901234567890"
NARRATIVE = """# 前言

<div onclick="alert('in')">块</div>

{hostile}

# 一、基本工作情况

## （一）{hostile_heading}

- {{{{ facts.odd }}}}，{{{{ gap.odd }}}}
- {{{{ disclosed.district.share }}}}，{{{{ facts.many }}}}

| 甲 | 乙 |
|---|---|
| {{{{ web_visits }}}} | <b>乙</b> |

# 六、主要问题及下一步工作打算

```
#set page(width: auto)
```

    <script>alert('in')</script>

> 引{{{{ short_name }}}}文
"""


def _narrative():
    lines = "\n\n".join(text for text in HOSTILE if text not in REFUSED)
    return NARRATIVE.format(hostile=lines, hostile_heading="<i>x</i> [y](javascript:alert('in'))")


def _hostile_values(number, column):
    """Give values of twenty digits, zeros, blanks and `-` by turns, with more in all than in the year."""
    if number in {0, 1, 2} and column == "cumulative":
        return "-"
    by_turns = {0: HUGE, 1: "0", 2: "", 3: "-", 4: str(number + 1)}
    return by_turns[(number * 7 + (column == "year")) % 5]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A unit whose every text is an attack, and whose table holds whatever a table can hold."""
    project = builds.new_project(tmp_path_factory.mktemp("hostile"), units=())
    fact = {"label": FACT, "source": "own", "at": FACT}
    contact = ("office", "address", "postcode", "phone", "fax", "email", "website", "disclosure_site")
    declared = {
        "name": NAME,
        "short_name": NAME,
        "sources": {"own": f"统计<b>表</b>{HOSTILE[0]}"},
        "contact": {name: {"text": FACT, "source": "own"} for name in contact},
        "facts": {"odd": {**fact, "text": FACT}, "many": {**fact, "value": int(HUGE), "unit": "次", "approx": "余"}},
        "gaps": {"odd": {"at": FACT, "after": FACT, "missing": FACT}},
        "publication": {"date": "2013-03-31", "source": "own"},
        "literals": [{"text": "x", "reason": FACT}],
    }
    folder = project / "params" / "甲区-x_1" / "2012"
    builds.write_report(folder, declared=declared, narrative=_narrative(), values=_hostile_values, year=2012)
    return builds.report(project, "甲区-x_1", "2012")


@pytest.fixture(scope="module")
def zeros(tmp_path_factory):
    """A unit in which nothing happened at all."""
    project = builds.new_project(tmp_path_factory.mktemp("zeros"), units=())
    narrative = (
        "# 一、基本工作情况\n\n区本级公开的占{{ disclosed.district.share }}，答复率为{{ rates.reply }}。"
        '{{ staff | say("配备{}") }}。{{ disclosed | portion }}；{{ replies | breakdown }}。\n\n'
        "# 六、主要问题及下一步工作打算\n\n没有发现需要改进的主要问题。\n"
    )
    values = lambda number, column: "-" if number < 3 and column == "cumulative" else "0"  # noqa: E731
    builds.write_report(project / "params" / "zeros" / "2011", declared={}, narrative=narrative, values=values, year=2011)
    return builds.report(project, "zeros", "2011")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A unit that filled in nothing: blanks in one column and `-` in the other."""
    project = builds.new_project(tmp_path_factory.mktemp("empty"), units=())
    narrative = "# 一、基本工作情况\n\n{{ staff }}，{{ disclosed.cumulative }}。\n\n# 六、主要问题及下一步工作打算\n\n没有发现需要改进的主要问题。\n"
    values = lambda number, column: "-" if column == "cumulative" else ""  # noqa: ARG005, E731
    builds.write_report(project / "params" / "empty" / "2010", declared={}, narrative=narrative, values=values, year=2010)
    return builds.report(project, "empty", "2010")


@pytest.fixture(params=["hostile", "zeros", "empty"])
def variant(request):
    """Each of these reports in turn."""
    return request.getfixturevalue(request.param)


# ---- every one of them


def test_it_is_built_whole(variant):
    assert sorted(path.name for path in variant.folder.iterdir()) == sorted(builds.NAMES)


def test_the_terminal_shows_no_trace_of_a_bug(variant):
    assert variant.run.stderr == ""


def test_nothing_prints_a_number_that_is_none(variant, poppler):
    assert poppler
    shown = variant.page.xpath("//body//text()[not(ancestor::script)]")
    text = "".join(shown) + variant.pdf_text

    assert re.findall(r"\b(?:nan|NaN|None|inf|Infinity|undefined|null|Undefined)\b", text) == []


def test_no_value_in_the_data_files_is_a_number_of_another_kind(variant):
    numeral = re.compile(r"-?\d+(\.\d+|/\d+)?")

    assert [each for each in variant.figures.values() if each["value"] is not None and not numeral.fullmatch(each["value"])] == []


def test_the_prose_prints_no_bare_zero(variant):
    assert re.findall(r"\S{0,8}(?<![\d.])0(?:\.0+)?(?:人次|[件条人次个份元])\S{0,4}", variant.prose()) == []


def test_every_shown_figure_is_listed_and_every_id_is_there_once(variant):
    elements = [each.get("id") for each in variant.page.iter("data")]
    listed = [place for each in variant.figures.values() for place in each["shown"]["html"]]

    assert sorted(elements) == sorted(listed)
    assert len(set(elements)) == len(elements)


def test_every_id_of_the_page_is_there_once(variant):
    ids = variant.page.xpath("//@id")

    assert sorted(ids) == sorted(set(ids))


def test_no_sentence_of_the_prose_stumbles_over_its_punctuation(variant):
    assert (
        re.findall(
            r".{0,12}(?:[，；：、][，；。、]|。。|^[，；。、]).{0,8}", re.sub(r"[ \u3000]", "", variant.prose()), re.MULTILINE
        )
        == []
    )


# ---- hostile text


def test_the_page_holds_no_element_that_a_writer_smuggled_in(hostile):
    found = {each.tag for each in hostile.page.iter() if isinstance(each.tag, str)}

    assert found & FORBIDDEN == {"script"}
    assert [each.get("type") for each in hostile.page.iter("script")] == ["application/json", None]


def test_no_element_of_the_page_listens(hostile):
    assert hostile.page.xpath("//@*[starts-with(name(), 'on')]") == []


def test_links_lead_to_places_in_the_page_or_to_plain_addresses(hostile):
    targets = hostile.page.xpath("//@href | //@src | //@action | //@formaction | //@*[name()='xlink:href']")

    assert [target for target in targets if not re.match(r"#|https?://|mailto:", target)] == []


@pytest.mark.parametrize("text", SHOWN)
def test_hostile_text_is_a_paragraph_of_the_page_as_it_was_typed(hostile, text):
    assert text in hostile.prose().splitlines()


def test_hostile_text_in_the_parameters_is_read_as_text_in_the_page(hostile):
    assert f"请与{FACT}联系" in hostile.prose()
    assert "编制本报告" in hostile.prose().partition(NAME)[2]


@pytest.mark.parametrize("text", SHOWN)
def test_hostile_text_is_read_as_text_in_the_pdf(hostile, poppler, text):
    assert poppler
    assert builds.squeezed(text) in builds.squeezed(re.sub(r"—\d+—", "", builds.squeezed(hostile.pdf_text)))


def test_nothing_of_the_machine_is_read(hostile):
    for name in ("report.html", "figures.json", "findings.json", "report.ipynb"):
        assert b"root:x:" not in hostile.files[name]
    assert "root:x:" not in hostile.pdf_text


def test_the_hostile_name_is_the_title_of_the_page(hostile):
    assert hostile.page.findtext(".//title") == f"{NAME}2012年政府信息公开工作年度报告"


def test_the_hostile_name_is_the_title_of_the_pdf(hostile):
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(hostile.folder / "report.pdf") as opened:
        assert str(opened.docinfo.Title) == f"{NAME}2012年政府信息公开工作年度报告"


def test_drawings_of_a_hostile_report_are_well_formed(hostile):
    drawings = re.findall(r"<svg.*?</svg>", hostile.files["report.html"].decode(), re.DOTALL)

    assert drawings
    for drawing in drawings:
        etree.fromstring(drawing)


@pytest.mark.parametrize("text", REFUSED)
def test_what_looks_like_a_placeholder_and_is_none_is_refused(text):
    root = names.Namespace({"name": names.Words(NAME)})
    with pytest.raises(InvalidInputError, match=r"narrative\.md 第1行"):
        language.render(Passage(source=text, file="params/x/2012/narrative.md"), root)


def test_an_html_view_of_a_cell_is_as_harmless_as_the_page(hostile):
    shown = [output.data["text/html"] for cell in hostile.notebook.cells for output in cell.get("outputs", [])]
    trees = [lxml.html.fragment_fromstring(each, create_parent="div") for each in shown]

    assert "alert" in "".join(tree.text_content() for tree in trees)
    for tree in trees:
        assert {element.tag for element in tree.iter()} & FORBIDDEN == set()
        assert tree.xpath(".//@*[starts-with(name(), 'on')]") == []
        assert [target for target in tree.xpath(".//@href | .//@src") if not re.match(r"#|https?://|mailto:", target)] == []


def test_the_report_is_dated_as_it_says(hostile, poppler):
    assert poppler
    assert "2013年3月31日" in builds.squeezed(hostile.pdf_text)
    assert hostile.page.xpath("string(//p[@class='byline'])") == "2013年3月31日"


# ---- values of any size


def test_a_value_of_twenty_digits_keeps_every_digit(hostile, poppler):
    assert poppler
    assert HUGE in hostile.pdf_text
    assert hostile.page.xpath(f"//data[@value='{HUGE}']")
    assert HUGE in {each["value"] for each in hostile.figures.values()}


def test_a_share_of_values_of_twenty_digits_is_exact(hostile):
    for each in hostile.figures.values():
        if each["kind"] == "share" and each["value"]:
            part, whole = (Fraction(hostile.figures[name]["value"]) for name in each["inputs"])

            assert Fraction(each["value"]) == part / whole


def test_no_word_of_the_pdf_stands_on_another_or_outside_the_page(hostile, poppler):
    assert poppler
    for number, words in enumerate(hostile.pdf_words, 1):
        numerals = [word for word in words if re.search(r"\d{15}", word[4])]
        for left, top, right, bottom, text in numerals:
            assert left >= 79, (number, text)
            assert right <= 523, (number, text)
            over = [
                word
                for word in words
                if word[4] != text and word[0] < right - 1 and word[2] > left + 1 and word[1] < bottom - 4 and word[3] > top + 4
            ]
            assert over == [], (number, text)


def test_the_text_of_a_drawing_stays_inside_it(hostile, zeros, empty):
    for outputs in (hostile, zeros, empty):
        for drawing in outputs.page.xpath("//*[local-name()='svg']"):
            width = float(drawing.get("viewbox", drawing.get("viewBox")).split()[2])
            for text in drawing.xpath(".//*[local-name()='text']"):
                if place := re.match(r"translate\((-?[\d.]+)", text.get("transform", "")):
                    words = text.text_content().strip()
                    length = sum(9 if character >= "\u2e80" else 5.5 for character in words)

                    assert float(place[1]) >= 0, words
                    assert float(place[1]) + length <= width + 9, words


def test_a_hostile_page_fits_a_phone(hostile, measured):
    assert measured(hostile, 390) == {"scroll": 390, "client": 390, "wide": []}


def test_a_hostile_draft_is_as_accessible_as_any_report(hostile, audited):
    assert audited(hostile, 390) == []


# ---- nothing happened


def test_a_share_of_nothing_is_printed_as_not_defined(zeros):
    assert "区本级公开的占无定义，答复率为无定义。" in zeros.prose()


def test_a_share_of_nothing_is_printed_as_not_defined_in_the_pdf(zeros, poppler):
    assert poppler
    assert "区本级公开的占无定义，答复率为无定义" in builds.squeezed(zeros.pdf_text)


def test_every_share_of_nothing_is_not_defined_in_the_data(zeros):
    shares = [each for each in zeros.figures.values() if each["kind"] in {"share", "rate"} and "staff" not in each["id"]]

    assert {(each["state"], each["value"], each["display"]) for each in shares} == {("undefined", None, "无定义")}


def test_nothing_happened_is_said_as_people_say_it(zeros):
    for words in (
        "未收到政府信息公开申请",
        "未召开新闻发布会",
        "未发生与信息公开相关的行政复议和行政诉讼案件",
        "没有从事政府信息公开工作的人员",
    ):
        assert words in zeros.prose()


def test_a_chart_of_nothing_is_told_in_words(zeros):
    charts = [cell for cell in zeros.notebook.cells if cell.source.startswith(("report.bars", "report.parts", "report.stacks"))]

    assert zeros.page.xpath("//*[local-name()='svg']") == []
    assert zeros.prose().count("，不作图。）") == len(charts)


def test_nothing_happened_is_no_fault(zeros):
    assert [each["id"] for each in zeros.findings if each["severity"] == "error"] == []
    assert zeros.run.stdout.splitlines()[-1].startswith("成稿：")


def test_a_zero_in_the_table_is_a_zero(zeros):
    (table,) = [table for table in zeros.page.iter("table") if "统计表" in (table.findtext("caption") or "")]

    assert {each.text_content() for each in table.iter("data")} == {"0", "-"}


# ---- nothing was filled in


def test_what_was_not_filled_in_is_said_and_is_no_zero(empty):
    assert "缺数，不适用。" in empty.prose()
    assert re.search(r"(?<![\d.])0(?![\d.])", empty.prose()) is None


def test_an_empty_cell_stays_empty_in_the_table(empty):
    (table,) = [table for table in empty.page.iter("table") if "统计表" in (table.findtext("caption") or "")]

    assert {each.text_content() for each in table.iter("data")} == {"", "-"}


def test_nothing_filled_in_makes_a_draft(empty):
    assert empty.run.stdout.splitlines()[-1].startswith("草稿：")
    assert json.loads(empty.files["manifest.json"])["report"]["draft"] is True
