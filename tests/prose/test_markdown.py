"""Markdown to blocks: what it means, what is shown as the text it is, and where line ends go."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nianbao.page.blocks import Datum, Emphasis, Grid, Heading, Items, LineBreak, Link, Paragraph, Quote, Strong, Text, plain, walk
from nianbao.prose import markdown
from nianbao.prose.markdown import parse, token

VALUE = Datum(figure="staff.year", text="97人", value="97", label="从事信息公开工作人员数")


def paragraph(text):
    return (Paragraph((Text(text),)),)


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("甲", paragraph("甲")),
        ("甲\n\n乙", (*paragraph("甲"), *paragraph("乙"))),
        ("# 题", (Heading(1, (Text("题"),)),)),
        ("### 1.题", (Heading(3, (Text("1.题"),)),)),
        ("甲**乙**丙", (Paragraph((Text("甲"), Strong((Text("乙"),)), Text("丙"))),)),
        ("*甲*", (Paragraph((Emphasis((Text("甲"),)),)),)),
        ("> 甲", (Quote(paragraph("甲")),)),
        ("- 甲\n- 乙", (Items(ordered=False, items=(paragraph("甲"), paragraph("乙"))),)),
        ("1. 甲\n2. 乙", (Items(ordered=True, items=(paragraph("甲"), paragraph("乙"))),)),
        ("甲  \n乙", (Paragraph((Text("甲"), LineBreak(), Text("乙"))),)),
        ("[甲](https://a.cn/)", (Paragraph((Link("https://a.cn/", (Text("甲"),)),)),)),
        ("[甲](mailto:a@b.cn)", (Paragraph((Link("mailto:a@b.cn", (Text("甲"),)),)),)),
        ("　　甲", paragraph("甲")),
        ("", ()),
    ],
)
def test_markdown_becomes_blocks(source, blocks):
    assert parse(source, {}) == blocks


@pytest.mark.parametrize(("source", "deeper", "level"), [("# 甲", 0, 1), ("# 甲", 1, 2), ("## 甲", 2, 4), ("###### 甲", 1, 6)])
def test_headings_move_down_together_and_stop_at_six(source, deeper, level):
    assert parse(source, {}, deeper=deeper) == (Heading(level, (Text("甲"),)),)


def test_a_table_has_its_first_line_for_head():
    (grid,) = parse("| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |", {})
    assert [[plain(cell.children) for cell in row] for row in (*grid.head, *grid.bodies[0])] == [["甲", "乙"], ["丙", "丁"]]
    assert {cell.header for cell in grid.head[0]} == {"col"}


def test_a_table_of_a_head_alone_has_no_body():
    (grid,) = parse("| 甲 | 乙 |\n|---|---|\n", {})
    assert (type(grid), grid.bodies) == (Grid, ())


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("甲<script>alert(1)</script>乙", "甲<script>alert(1)</script>乙"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("<!-- 甲 -->", "<!-- 甲 -->"),
        ("<div>\n甲\n</div>", "<div>\n甲\n</div>"),
        ("[甲](javascript:alert(1))", "[甲](javascript:alert(1))"),
        ("[甲](JaVaScRiPt:alert(1))", "[甲](JaVaScRiPt:alert(1))"),
        ("[甲](data:text/html;base64,AAAA)", "[甲](data:text/html;base64,AAAA)"),
        ("[甲](file:///etc/passwd)", "[甲](file:///etc/passwd)"),
        ("[甲](/etc/passwd)", "[甲](/etc/passwd)"),
        ("甲![乙](a.png)", "甲![乙](a.png)"),
        ("`a<b & c`", "a<b & c"),
        ("```\n<b>&amp;\n```", "<b>&amp;"),
        ("    <b>", "<b>"),
        ("&lt;b&gt; &amp; &#60; &nbsp;", "&lt;b&gt; &amp; &#60; &nbsp;"),
        ("$x$ \\(y\\)", "$x$ (y)"),
        ('#read("/etc/passwd")', '#read("/etc/passwd")'),
        ("#set page(fill: red)", "#set page(fill: red)"),
        ("C:\\甲\\乙", "C:\\甲\\乙"),
        (r"\*甲\*", "*甲*"),
        (r"\\", "\\"),
        ("@甲 <label> ~ -- ...", "@甲 <label> ~ -- ..."),
    ],
)
def test_what_could_do_harm_is_shown_as_the_text_it_is(source, shown):
    blocks = parse(source, {})
    assert "\n".join(plain(block.children) for block in blocks) == shown
    assert [node for node in walk(blocks) if isinstance(node, Link)] == []


def test_a_reference_leads_nowhere_unsafe():
    nodes = walk(parse("[甲][乙]\n\n[乙]: javascript:alert(1)", {}))
    assert [node for node in nodes if isinstance(node, Link)] == []


def test_a_note_that_looks_like_a_reference_is_not_lost():
    assert parse("[注]: 本表不含乡镇。", {}) == paragraph("[注]: 本表不含乡镇。")


@pytest.mark.parametrize("url", ["https://a.cn/x%20y", "https://a.cn/?q=a%26b", "https://a.cn/100%25", "http://a.cn/甲?b=c&d#e"])
def test_an_address_is_kept_as_it_was_typed(url):
    assert parse(f"[甲]({url})", {}) == (Paragraph((Link(url, (Text("甲"),)),)),)


@pytest.mark.parametrize(
    ("source", "joined"),
    [
        ("公开\n信息", "公开信息"),
        ("公开，\n信息", "公开，信息"),
        ("“公开\n”信息", "“公开”信息"),
        ("公开\nabc", "公开abc"),
        ("abc\n公开", "abc公开"),
        ("abc\ndef", "abc def"),
        ("公开\n**信息**", "公开信息"),
        ("**公开**\n信息", "公开信息"),
        ("*abc\ndef*", "abc def"),
        ("abc\n**def**", "abc def"),
        ("**abc**\ndef", "abc def"),
        ("一\n二\n三", "一二三"),
        ("（甲）\n（乙）", "（甲）（乙）"),
    ],
)
def test_a_line_end_is_no_space_beside_an_ideograph(source, joined):
    assert "".join(plain(block.children) for block in parse(source, {})) == joined


@pytest.mark.parametrize(
    "source",
    [
        "共%s。",
        "# 共%s",
        "**%s**",
        "- %s",
        "> %s",
        "| 甲 |\n|---|\n| %s |",
        "`%s`",
        "<b>%s</b>",
        "<div>\n%s\n</div>",
        "    %s",
        "[%s](https://a.cn/)",
    ],
)
def test_a_token_becomes_its_value_wherever_it_stands(source):
    nodes = list(walk(parse(source % token(3), {3: VALUE})))
    assert [node for node in nodes if isinstance(node, Datum)] == [VALUE]


def test_a_value_makes_an_address_only_where_the_whole_is_safe():
    safe, unsafe = Text("https://a.cn/"), Text("javascript:alert(1)")
    assert parse(f"[甲]({token(0)})", {0: safe}) == (Paragraph((Link("https://a.cn/", (Text("甲"),)),)),)
    (block,) = parse(f"[甲]({token(0)})", {0: unsafe})
    assert plain(block.children) == "[甲](javascript:alert(1))"


@pytest.mark.parametrize(
    "value",
    [
        "**甲**",
        "# 甲",
        "<b>",
        "[甲](https://a.cn/)",
        "| 甲 |",
        "- 甲",
        "`甲`",
        "> 甲",
        "&lt;",
        "\\*",
        "1. 甲",
        "a_b_c",
        "***",
        "甲  ",
    ],
)
@pytest.mark.parametrize("source", ["%s", "甲%s乙", "%s\n\n%s", "**%s**"])
def test_a_value_is_never_read_as_markdown(source, value):
    blocks = parse(source.replace("%s", token(0)), {0: Text(value)})
    assert "\n\n".join(plain(block.children) for block in blocks) == source.replace("**", "").replace("%s", value)
    assert {type(block) for block in blocks} == {Paragraph}


@given(st.text(st.sampled_from("#*_`<>[]()!|-+1.\\&;\n \t甲{}$@~\"'=:/ab")))
@example("[甲]: 乙")
@example("***")
def test_no_text_makes_anything_but_blocks_and_safe_links(source):
    nodes = list(walk(parse(source, {})))
    assert all(node.url.lower().startswith(("http://", "https://", "mailto:")) for node in nodes if isinstance(node, Link))
    assert not any(isinstance(node, Datum) for node in nodes)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("甲**乙", ["**"]),
        ("甲~~乙~~", ["~~", "~~"]),
        ("甲![乙](a.png)", ["![", "]("]),
        ("<img src='a.png'>", ["<img src='a.png'>"]),
        ("甲</b>", ["</b>"]),
        ("&nbsp;", ["&nbsp;"]),
        ("[甲](javascript:x)", ["]("]),
        ("甲<乙，丙>丁", []),
        ("3 < 4", []),
        ("**甲**与*乙*", []),
    ],
)
def test_source_that_was_not_set_is_found(source, found):
    assert list(markdown.raw(parse(source, {}))) == found


@pytest.mark.parametrize("inner", ["“重点”", "公开。", "（一）", token(1), "甲"])
def test_weight_between_chinese_marks_is_weight(inner):
    blocks = parse(f"收到**{inner}**，甲*{inner}*乙", {1: Text("67件")})

    assert [type(node).__name__ for node in walk(blocks) if isinstance(node, Strong | Emphasis)] == ["Strong", "Emphasis"]
    assert list(markdown.raw(blocks)) == []


def test_pictures_that_stand_alone_are_asked_for_with_address_caption_and_title():
    asked = []

    def picture(url, caption, title):
        asked.append((url, plain(caption), title))
        return Paragraph(caption)

    parse('![甲 乙](图/a%20b.png "丙")\n![丁](d.svg)', {}, pictures=picture)

    assert asked == [("图/a b.png", "甲 乙", "丙"), ("d.svg", "丁", "")]
