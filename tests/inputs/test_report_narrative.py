import pytest
from nianbao.indicators.errors import Reading
from nianbao.indicators.form import Chapter
from nianbao.indicators.report import Passage
from nianbao.inputs.report import split

CHAPTERS = (
    Chapter(id="one", title="一、申请情况（含答复）", prose="required"),
    Chapter(id="two", title="二、收费情况", prose="optional"),
)


def passages_of(text):
    """Return the passages by chapter, and what is wrong with the text as a reader sees it."""
    problems = []
    found = split(text, CHAPTERS, Reading("n.md", problems))
    return {chapter: (passage.line, passage.source) for chapter, passage in found.items()}, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("# 一、申请情况（含答复）\n甲。\n", {"one": (2, "甲。\n")}),
        ("# 一、申请情况（含答复）\n\n甲。\n\n乙。", {"one": (2, "\n甲。\n\n乙。")}),
        ("\n# 二、收费情况\n甲。\n# 一、申请情况（含答复）\n乙。\n", {"two": (3, "甲。\n"), "one": (5, "乙。\n")}),
        ("# 一、申请情况(含答复)\n甲。\n", {"one": (2, "甲。\n")}),
        ("# 一、申请 情况（含答复） ##\n甲。\n", {"one": (2, "甲。\n")}),
        ("\ufeff# 二、收费情况\r\n甲。\r\n", {"two": (2, "甲。\n")}),
        ("# 二、收费情况\n## （一）收取\n甲。\n", {"two": (2, "## （一）收取\n甲。\n")}),
        ("# 二、收费情况\n\n\n# 一、申请情况（含答复）\n", {}),
        ("# 二、收费情况", {}),
        ("# 二、收费情况\n\t甲。\n", {"two": (2, "\t甲。\n")}),
        ("\n\n", {}),
        ("", {}),
    ],
)
def test_what_stands_under_a_first_level_heading_is_the_prose_of_that_chapter(text, passages):
    assert passages_of(text) == (passages, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# 三、其他\n甲。\n", ["n.md 第1行：没有叫“三、其他”的一章；应为：“一、申请情况（含答复）”、“二、收费情况”。"]),
        ("# 二、收费情况\n甲。\n\n# 二、收费情况\n乙。\n", ["n.md 第4行：“二、收费情况”一章重复。请合并到一处。"]),
        ("甲。\n# 二、收费情况\n", ["n.md 第1行：第一个章标题之前有文字。请移到某一章之下。"]),
        ("\n\n甲。\n# 二、收费情况\n", ["n.md 第3行：第一个章标题之前有文字。请移到某一章之下。"]),
        ("# 二、收费情况\n甲\x08乙\n", ["n.md 第2行：含有不能印出的字符 U+0008。请删去或改用正式的字符。"]),
        ("# 二、收费情况\n甲\r乙\n", ["n.md 第2行：含有不能印出的字符 U+000D。请删去或改用正式的字符。"]),
        (
            "甲。\n# 三、\n# 四、\n",
            [
                "n.md 第1行：第一个章标题之前有文字。请移到某一章之下。",
                "n.md 第2行：没有叫“三、”的一章；应为：“一、申请情况（含答复）”、“二、收费情况”。",
                "n.md 第3行：没有叫“四、”的一章；应为：“一、申请情况（含答复）”、“二、收费情况”。",
            ],
        ),
    ],
)
def test_what_cannot_be_placed_is_told_with_its_line(text, words):
    assert passages_of(text)[1] == words


def test_the_second_of_two_equal_chapters_does_not_replace_the_first():
    assert passages_of("# 二、收费情况\n甲。\n# 二、收费情况\n乙。\n")[0] == {"two": (2, "甲。\n")}


def test_a_passage_begins_on_line_one_unless_told_otherwise():
    assert Passage(source="甲", file="n.md").line == 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("甲{# 注 #}乙", "甲乙"),
        ("甲{# 注\n注\n#}乙", "甲\n\n乙"),
        ("甲{##}乙{# 没有完", "甲乙{# 没有完"),
        ("{#}甲#}乙", "乙"),
        ("甲#}{# 注 #}", "甲#}"),
    ],
)
def test_what_is_said_is_all_but_the_notes_and_keeps_its_lines(source, said):
    assert Passage(source=source, file="n.md").said == said


def test_openings_of_notes_that_never_close_take_no_time():
    assert Passage(source="{#" * 1_000_000, file="n.md").said == "{#" * 1_000_000


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("## 甲\n### 乙\n#### 丙\n## 丁\n### 戊", []),
        ("### 甲", ["n.md 第2行：标题“甲”跳级，用了3个“#”。请改用“## ”开头。"]),
        ("## 甲\n文字。\n#### 乙", ["n.md 第4行：标题“乙”跳级，用了4个“#”。请改用“### ”开头。"]),
        ("### 甲\n### 乙", ["n.md 第2行：标题“甲”跳级，用了3个“#”。请改用“## ”开头。"]),
        ("{# ### 甲 #}\n## 乙", []),
        ("文字里的 ### 不是标题\n    ### 缩进四格的也不是", []),
        ("#### ", ["n.md 第2行：标题“”跳级，用了4个“#”。请改用“## ”开头。"]),
    ],
)
def test_a_heading_that_skips_a_level_is_told_with_its_line(body, told):
    assert passages_of(f"# 二、收费情况\n{body}\n")[1] == told
