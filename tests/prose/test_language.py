"""Prose: sentences with their numbers in place, and what is wrong with numbers that people type."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nianbao.indicators import figures, values
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.report import Fact, Literal, Passage
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, Quantity
from nianbao.page.blocks import Datum, Heading, Items, Link, Paragraph, Picture, Text, plain, walk
from nianbao.prose import language, lint
from nianbao.prose import names as placeholders

HOSTILE = [
    "<script>alert(1)</script>",
    "{{ ''.__class__ }}",
    "{{ staff.__class__ }}",
    "{{ 7*7 }}",
    "{{ " + "(" * 5000 + "staff" + ")" * 5000 + " }}",
    "{% for x in y %}",
    "{% include 'x' %}",
    "{{",
    "}}",
    "{%",
    '#read("/etc/passwd")',
    "[x](javascript:alert(1))",
    "![x](data:image/png;base64,AAAA)",
    "$x$",
    "&lt;b&gt;&amp;&#60;",
    "C:\\x\\y",
]

# A value meets no language at all, so it is also safe from what Markdown would take out of typed text.
HOSTILE_VALUES = [
    *HOSTILE,
    "**x**",
    "# x",
    "> x",
    "- x",
    "`x`",
    "\\*x\\*",
    "| x | y |",
    "x_y_z",
    "*",
    "#let x = 1",
    '"]; #x',
    "{# x #}",
    "\ue0000\ue001",
]

FRAGMENTS = [
    *"{}#%|()\"'*_[]`<>!\\\n 甲0$-+",
    "{{ ",
    " }}",
    "{% ",
    " %}",
    "{#",
    "#}",
    "{{ staff }}",
    "{{ staff.",
    "staff",
    "full_time",
    "share",
    "name",
    "facts",
    "rates.reply",
    "if ",
    "elif ",
    "else",
    "endif",
    " is zero",
    "not ",
    " and ",
    "say",
    "portion",
    "breakdown",
    "raw",
    "for x in facts",
    "](https://a.cn/",
    "](javascript:",
    "\n\n",
    "\n---\n",
    "| 甲 |\n|---|\n",
    "\ue0007\ue001",
    r"\ue0007\ue001",
    "{{ staff | ",
    '{{ staff | say("',
    '") }}',
    "{% if staff is zero %}",
    "{% if name is ",
    "{% else %}",
    "{% endif %}",
    "{%- ",
    " -%}\n",
]


def changed(read, cells):
    """Return the report *read* with other values in *cells*, named as figures are."""
    changes = {
        tuple(name.rsplit(".", 1)): each if isinstance(each, Quantity) else values.given(each) for name, each in cells.items()
    }
    return replace(read, cells=read.cells | {key: replace(read.cells[key], quantity=each) for key, each in changes.items()})


def names(read):
    return placeholders.tree(read, figures.compute(read))


def rendered(read, source, **options):
    return language.render(Passage(source=source, file="params/x/narrative.md", line=10), names(read), **options)


def said(read, source):
    """Return the characters that *source* comes to, its blocks on lines of their own."""
    return "\n".join(plain(block.children) for block in rendered(read, source).blocks)


def linted(read, source, *literals):
    passage = Passage(source=source, file="params/x/narrative.md", line=10)
    return lint.lint(passage, names(read), literals=[Literal(text=text, reason="名称") for text in literals])


@pytest.fixture(scope="module")
def root(longtan):
    return names(longtan)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("共{{ staff }}", "共97人"),
        ("共{{ staff.number }}人", "共97人"),
        ("{{ disclosed.cumulative }}", "14613条"),
        ("{{ disclosed.district }}", "953条"),
        ("{{ disclosed.district.cumulative }}", "765条"),
        ("{{ disclosed.cumulative.district }}", "765条"),
        ("{{ reading_points }}", "10个"),
        ("{{ reading_points.electronic }}", "7个"),
        ("{{ web_timely }}", "1170条"),
        ("{{ disclosed.district.share }}", "37.15%"),
        ("{{ disclosed.district.cumulative.share }}", "5.24%"),
        ("{{ disclosed.cumulative.district.share }}", "5.24%"),
        ("{{ disclosed.district.share.number }}", "37.15%"),
        ("{{ rates.reply }}", "100.00%"),
        ("{{ facts.site_visits }}", "789万余次"),
        ("{{ facts.departments }}", "36个"),
        ("{{ facts.departments.number }}个", "36个"),
        ("{{ facts.pennants }}", "几十面"),
        ("{{ contact.postcode }}", "132021"),
        ("{{ gap.deadline }}", "〔原公布文本此处缺：期限及其后的文字〕"),
        ("{{ name }}", "龙潭区人民政府"),
        ("{{ short_name }}{{ year }}年", "龙潭区2013年"),
        ("{{ title }}", "龙潭区人民政府2013年政府信息公开工作年度报告"),
        ("{{ staff.unit }}、{{ staff.name }}", "人、从事政府信息公开工作人员"),
        ("{{ staff.cumulative }}", "不适用"),
        ("{{ reviews.accepted.share }}", "无定义"),
    ],
)
def test_a_placeholder_says_what_it_names(longtan, source, text):
    assert said(longtan, source) == text


def test_a_number_in_prose_is_a_datum_with_its_figure_and_exact_value(longtan):
    (block,) = rendered(longtan, "占{{ disclosed.district.share }}。").blocks
    assert block.children[0] == Text("占")
    assert (block.children[1].figure, block.children[1].text) == ("disclosed.district.year.share", "37.15%")
    assert block.children[1].value == "953/2565"


@pytest.mark.parametrize(
    ("cells", "source", "text"),
    [
        ({}, '{{ staff | say("共{}") }}', "共97人"),
        ({}, '{{ staff | say("共{}", zero="没有人") }}', "共97人"),
        ({}, '{{ staff | say("{}又{}") }}', "97人又97人"),
        ({}, '{{ litigation | say("发生{}", zero="未发生诉讼") }}', "未发生诉讼"),
        ({}, '{{ litigation | say("发生{}", zero="") }}', ""),
        ({}, '{{ litigation | say("发生{}") }}', "未发生与信息公开相关的行政诉讼"),
        ({}, '{{ litigation.number | say("发生{}件") }}', "未发生与信息公开相关的行政诉讼"),
        ({}, '{{ applications.letter.share | say("占{}", zero="") }}', ""),
        ({"litigation.year": MISSING}, '{{ litigation | say("发生{}", zero="未发生") }}', "发生缺数"),
        ({"litigation.year": NOT_APPLICABLE}, '{{ litigation | say("发生{}", zero="未发生") }}', "发生不适用"),
        ({"litigation.year": NOT_APPLICABLE}, '{{ litigation | say("发生{}", absent="") }}', ""),
        ({"replies.year": NOT_APPLICABLE}, '{{ rates.reply | say("答复率为{}") }}', ""),
        ({"litigation.year": NOT_APPLICABLE}, '{{ litigation | say("发生{}", absent="本年不计") }}', "本年不计"),
        ({"applications.year": 0}, '{{ rates.reply | say("答复率为{}", zero="") }}', "答复率为无定义"),
        ({}, '{{ name | say("由{}编制", zero="无") }}', "由龙潭区人民政府编制"),
        ({}, '{{ facts.departments | say("共{}") }}', "共36个"),
        ({}, '{{ contact.phone | say("电话：{}", absent="无") }}', "电话：0432-63041810"),
        ({"fees.year": Decimal("0.00")}, '{{ fees | say("收费{}", zero="未收费") }}', "未收费"),
    ],
)
def test_say_has_words_for_a_number_for_zero_and_for_what_is_absent(longtan, cells, source, text):
    assert said(changed(longtan, cells), source) == text


def test_say_leaves_out_a_contact_that_the_unit_does_not_have(longtan):
    contact = longtan.contact | {"fax": replace(longtan.contact["fax"], text="-")}
    assert said(replace(longtan, contact=contact), '甲{{ contact.fax | say("，传真：{}") }}。') == "甲。"


@pytest.mark.parametrize(
    ("cells", "source", "text"),
    [
        ({}, "applications.online", "网上申请258件，占申请总数的19.18%"),
        ({}, "applications.letter", "没有信函申请"),
        ({}, "applications.cumulative.online", "累计网上申请259件，占累计申请总数的6.55%"),
        ({}, "applications", "申请总数1345件"),
        ({}, "replies.refused.secret", "涉密免于公开1件，占否决公开答复的0.37%"),
        ({"applications.online.year": MISSING}, "applications.online", "网上申请缺数"),
        ({"applications.year": 0}, "applications.online", "网上申请258件，占申请总数的比例无定义"),
    ],
)
def test_portion_says_a_part_and_its_share(longtan, cells, source, text):
    assert said(changed(longtan, cells), "{{ " + source + " | portion }}") == text


def test_breakdown_says_every_part_those_that_are_zero_last(longtan):
    assert said(longtan, "{{ applications | breakdown }}") == (
        "网上申请258件，占申请总数的19.18%；当面申请1083件，占申请总数的80.52%；其他形式申请4件，占申请总数的0.30%；没有信函申请"
    )


def test_breakdown_stays_in_the_column_it_was_asked_for(longtan):
    assert said(longtan, "{{ disclosed.cumulative | breakdown }}") == (
        "累计区本级公开信息765条，占累计公开信息总数的5.24%；累计乡（镇）街道公开信息9846条，占累计公开信息总数的67.38%"
    )


def test_every_number_of_a_breakdown_is_a_datum(longtan):
    shown = [node.figure for node in walk(rendered(longtan, "{{ staff | breakdown }}").blocks) if isinstance(node, Datum)]
    assert shown == ["staff.full_time.year", "staff.full_time.year.share", "staff.part_time.year", "staff.part_time.year.share"]


@pytest.mark.parametrize(
    ("value", "condition", "holds"),
    [
        (0, "litigation is zero", True),
        (1, "litigation is zero", False),
        (MISSING, "litigation is zero", False),
        (NOT_APPLICABLE, "litigation is zero", False),
        (0, "litigation is positive", False),
        (1, "litigation is positive", True),
        (MISSING, "litigation is positive", False),
        (MISSING, "litigation is missing", True),
        (0, "litigation is missing", False),
        (NOT_APPLICABLE, "litigation is not_applicable", True),
        (0, "litigation is not_applicable", False),
        (1, "litigation is not zero", True),
        (1, "not litigation is zero", True),
        (1, "litigation is zero or staff is positive", True),
        (1, "litigation is zero and staff is positive", False),
        (1, "litigation.year is positive", True),
        (1, "facts.departments is positive", True),
        (1, "rates.reply is zero", False),
    ],
)
def test_a_condition_chooses_between_two_texts(longtan, value, condition, holds):
    source = "{% if " + condition + " %}甲{% else %}乙{% endif %}"
    assert said(changed(longtan, {"litigation.year": value}), source) == ("甲" if holds else "乙")


def test_the_first_condition_that_holds_is_taken(longtan):
    source = "{% if staff is zero %}甲{% elif staff is missing %}乙{% elif staff is positive %}{{ staff }}{% else %}丁{% endif %}"
    assert said(longtan, source) == "97人"


def test_conditions_stand_inside_each_other_and_across_paragraphs(longtan):
    source = "{% if staff is positive %}\n\n甲{% if litigation is zero %}乙{% endif %}\n\n丙\n\n{% endif %}丁"
    assert said(longtan, source) == "甲乙\n丙\n丁"


def test_a_statement_alone_on_its_line_does_not_split_a_paragraph(longtan):
    assert said(longtan, "甲\n{% if staff is positive %}\n乙\n{% endif %}\n丙") == "甲乙丙"


@pytest.mark.parametrize(
    "source",
    [
        "# 题{{ staff }}",
        "- 甲{{ staff }}",
        "> {{ staff }}",
        "**{{ staff }}**",
        "[甲{{ staff }}](https://a.cn/)",
        "| {{ staff }} |\n|---|\n",
    ],
)
def test_a_placeholder_may_stand_in_any_markdown(longtan, source):
    shown = [node for node in walk(rendered(longtan, source).blocks) if isinstance(node, Datum)]
    assert [(datum.figure, datum.text) for datum in shown] == [("staff.year", "97人")]


def test_headings_move_down_as_asked(longtan):
    assert [block.level for block in rendered(longtan, "## 甲\n\n### 乙", deeper=1).blocks] == [3, 4]


# What does not exist


def test_a_misspelt_name_is_refused_with_file_line_and_a_suggestion(longtan):
    with pytest.raises(InvalidInputError, match=r"params/x/narrative\.md 第12行（stafff）：没有叫“stafff”的数，是不是“staff”"):
        rendered(longtan, "甲\n\n{{ stafff }}")


def test_a_misspelt_name_is_refused_by_lint_too(longtan):
    with pytest.raises(InvalidInputError, match=r"第10行（staff\.fulltime）：“staff”之下没有“fulltime”，是不是“full_time”"):
        linted(longtan, "{{ staff.fulltime }}")


def test_an_unknown_filter_is_refused(longtan):
    with pytest.raises(InvalidInputError, match="没有叫“upper”的写法。请用 say、portion、breakdown"):
        rendered(longtan, "{{ staff | upper }}")


@pytest.mark.parametrize("source", ["{% if staff is zero %}甲", "甲{% endif %}", "{% else %}"])
def test_an_unbalanced_condition_is_refused(longtan, source):
    with pytest.raises(InvalidInputError, match=r"（\{% .* %\}）"):
        rendered(longtan, source)


def test_a_private_use_character_is_refused(longtan):
    with pytest.raises(InvalidInputError, match=r"第10行：含有私用区字符 U\+E000"):
        rendered(longtan, "甲\ue0000\ue001")


# Hostile text


@pytest.mark.parametrize("text", [text for text in HOSTILE if not re.search(r"[{%]{2}|[%}]{2}|\{%", text)])
def test_hostile_text_shows_as_the_text_it_is(longtan, text):
    blocks = rendered(longtan, f"甲{text}乙").blocks
    assert "".join(plain(block.children) for block in blocks) == f"甲{text}乙"
    assert {type(node) for node in walk(blocks)} == {Paragraph, Text}


@pytest.mark.parametrize("text", [text for text in HOSTILE if re.search(r"[{%]{2}|[%}]{2}|\{%", text)])
def test_what_looks_like_a_placeholder_and_is_none_is_refused_with_its_line(longtan, text):
    with pytest.raises(InvalidInputError, match=r"params/x/narrative\.md 第12行"):
        linted(longtan, f"甲\n\n乙{text}")


@pytest.mark.parametrize("text", HOSTILE_VALUES)
@pytest.mark.parametrize(
    "source", ["甲{{ name }}乙", '{{ name | say("甲{}乙") }}', "甲{{ facts.x }}乙", '{{ facts.x | say("甲{}乙") }}']
)
def test_a_value_stays_text_whatever_it_holds(longtan, source, text):
    read = replace(longtan, name=text, facts={"x": Fact(label=text, text=text, source="table")})
    (block,) = rendered(read, source).blocks
    assert type(block) is Paragraph
    assert plain(block.children) == f"甲{text}乙"
    assert {type(node) for node in block.children} <= {Text, Datum}


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
@example("\ue0000\ue001")
@example("  x  ")
def test_any_name_of_a_unit_stays_text(text):
    (block,) = language.render(
        Passage(source="甲{{ name }}乙", file="x"), placeholders.Namespace({"name": placeholders.Words(text)})
    ).blocks
    assert block == Paragraph((Text(f"甲{text}乙"),))


# Fixtures stay out of the arguments that Hypothesis draws: a failure would print all of them.
def test_whatever_is_typed_is_shown_or_refused_and_nothing_else(root):
    @settings(max_examples=400)
    @given(source=st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
    def check(source):
        passage = Passage(source=source, file="params/x/narrative.md")
        try:
            blocks = language.render(passage, root).blocks
        except InvalidInputError:
            return
        lint.lint(passage, root, literals=())
        assert not any(isinstance(node, Link) and not node.url.startswith("https://") for node in walk(blocks))
        assert not any(isinstance(node, Picture) for node in walk(blocks))

    check()


# Numbers typed by hand


@pytest.mark.parametrize(
    "text",
    [
        "2013年",
        "2012年和2014年",
        "2014年3月5日",
        "2011年",
        "2015年",
        "到2030年",
        "２０１３年",
        "１２月",
        "３１日",
        "第３号",
        "2013-03-31",
        "2013年1月1日至12月31日",
        "7月至8月",
        "12月初",
        "31日",
        "吉市政公办发〔2012〕3号",
        "国务院令第492号",
        "1.建立制度",
        "### 1.建立制度",
        "## 3、甲",
        "(1)甲",
        "（12）甲",
        "2）甲",
        "一、甲\n\n2. 乙",
        "第三十一条",
        "甲{# 12件 #}乙",
        "{{ staff }}和{{ disclosed.district.share }}",
        '{{ staff | say("2013年共{}", zero="2013年没有") }}',
        "{{ year }}年",
    ],
)
def test_years_of_the_report_dates_numbering_and_document_numbers_may_be_typed(longtan, text):
    assert linted(longtan, text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "13件",
        "共1345件",
        "公开1,345条",
        "占37.15%",
        "占37.15％",
        "5个",
        "3000余人次",
        "789万余次",
        "1：500",
        "共１３件",
        "08年至12年",
        "一百二十件",
        "一、甲\n2. 乙",
        "13年发生数",
        "2013",
        "12013年",
        "遵义东路65号",
        "1.5亿元",
        "1. 共13件",
        "1.13件",
        "### 1.共13件",
        "{{ short_name }}12）项",
        "{{ short_name }}3、甲",
        "**12**件",
        "[甲12](https://a.cn/)",
        "| 13 |\n|---|\n",
        "{% if staff is zero %}12件{% endif %}",
        '{{ staff | say("共12{}") }}',
        '{{ staff | say("共{}", zero="0件") }}',
        '{{ staff | say("共{}", absent="12件") }}',
        '{{ staff | say("1.{}") }}',
        r'{{ staff | say("\x31\x32件{}") }}',
        "x<b>12</b>",
    ],
)
def test_any_other_number_typed_by_hand_is_an_error(longtan, text):
    found = [finding for finding in linted(longtan, text) if finding.rule == "T01"]
    assert found
    assert {finding.severity for finding in found} == {"error"}


def test_a_typed_number_is_told_with_its_line_and_its_neighbours(longtan):
    (finding,) = linted(longtan, "甲\n乙\n全年共公开13件信息")
    assert finding.id == "T01.narrative.md.12"
    assert finding.sentence.startswith("params/x/narrative.md 第12行有手写的数“")
    assert "公开13件" in finding.sentence
    assert "统计表里的数请改用占位符，别的数写进 report.yaml 的 facts" in finding.sentence
    assert "在 report.yaml 的 literals 中说明理由" in finding.sentence


def test_a_typed_number_inside_a_line_is_quoted_as_typed(longtan):
    (finding,) = linted(longtan, "{{ short_name }}共12件")
    assert "“共12件”" in finding.sentence


def test_every_typed_number_of_a_line_is_a_finding_of_its_own(longtan):
    found = linted(longtan, "共12件，其中{{ staff }}，又13件；此外还另有14件")
    assert [number for finding in found for number in ("12", "13", "14") if number in finding.sentence] == ["12", "13", "14"]
    assert len({finding.id for finding in found}) == len(found) == 3


def test_a_literal_with_its_reason_may_be_typed(longtan):
    assert linted(longtan, "装有LED5000屏", "LED5000") == ()
    assert [finding.rule for finding in linted(longtan, "装有LED5000屏13块", "LED5000")] == ["T01"]


# Zero


@pytest.mark.parametrize(
    "source", ["{{ litigation }}", "{{ litigation.year }}", "{{ litigation.number }}件", "{{ applications.letter.share }}"]
)
def test_a_bare_zero_is_told_with_its_line(longtan, source):
    (finding,) = rendered(longtan, f"甲\n\n发生{source}").findings
    assert (finding.rule, finding.severity) == ("T03", "warning")
    assert finding.sentence.startswith("params/x/narrative.md 第12行印出“0")
    assert "zero=" in finding.sentence


@pytest.mark.parametrize(
    "source",
    [
        '{{ litigation | say("发生{}") }}',
        "{{ litigation | portion }}",
        "{{ applications | breakdown }}",
        "{% if litigation is zero %}未发生{% else %}{{ litigation }}{% endif %}",
        "{{ staff }}",
        "{{ staff.cumulative }}",
    ],
)
def test_a_zero_that_is_said_in_words_is_none(longtan, source):
    assert rendered(longtan, source).findings == ()


def test_the_report_of_2013_has_nothing_wrong_in_its_prose(longtan, root):
    for passage in longtan.narrative.values():
        assert lint.lint(passage, root, literals=longtan.literals) == ()
        assert language.render(passage, root).findings == ()


def test_a_list_keeps_its_numbers_as_numbering(longtan):
    (block,) = rendered(longtan, "1. {{ staff }}\n2. 乙").blocks
    assert (type(block), block.ordered, len(block.items)) == (Items, True, 2)


def test_a_title_is_a_heading_of_level_one(longtan):
    (block,) = rendered(longtan, "# {{ title }}").blocks
    assert (type(block), block.level) == (Heading, 1)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("甲\n\n![](a.png)", "第12行.*没有说明文字"),
        ("![收到{{ staff }}](a.png)", "第10行.*有占位符"),
        ('![甲](a.png "未追溯：")', "没有理由"),
    ],
)
def test_a_picture_that_says_nothing_is_refused_with_its_line(longtan, source, words):
    with pytest.raises(InvalidInputError, match=words):
        rendered(longtan, source)


def test_under_a_picture_stands_that_nobody_checked_its_numbers(longtan):
    given = {"pictures": lambda url, caption, alt: Paragraph((Text(f"{url}|{caption}|{alt}"),))}
    own = [rendered(longtan, source, **given).blocks[0] for source in ('![甲](a.png "乙")', '![甲](a.png "未追溯：取自台账")')]

    assert [plain(each.children[0].children) for each in own] == ["a.png|甲|乙", "a.png|甲|"]
    assert [each.note for each in own] == ["注：图片由本单位提供，其中的数未经核对。", "注：本单位自行计算，取自台账。"]


def test_the_digits_in_the_name_of_a_picture_are_no_number(longtan):
    assert linted(longtan, "![专区](IMG_20250123.jpg)") == ()


@pytest.mark.parametrize("source", ["甲~~乙~~", "甲<img src='x'>", "甲![乙](a.png)", "**甲"])
def test_source_that_would_be_printed_is_an_error_with_its_line(longtan, source):
    found = linted(longtan, f"甲\n\n{source}")

    assert {(each.rule, each.severity) for each in found} == {("T02", "error")}
    assert "第12行" in found[0].sentence
