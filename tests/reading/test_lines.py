"""A text is cut into clauses with positions; headings and tables are no narrative."""

import pytest
from nianbao.reading import lines
from nianbao.reading.lines import Line


def cut(*texts):
    return list(lines.paragraphs([Line(number, text) for number, text in enumerate(texts, 1)]))


def texts(line):
    return [clause.text for paragraph in cut(line) for clause in paragraph.clauses]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("全区97人,其中专职14人，兼职83人;合计97人。", ["全区97人", "其中专职14人", "兼职83人", "合计97人"]),
        ("收到申请1,345件，答复1，345件。", ["收到申请1,345件", "答复1，345件"]),
        ("增长3.5%,培训929人次.", ["增长3.5%", "培训929人次"]),
        ("上午9:30开会，地址http://a.cn/b。", ["上午9:30开会", "地址http://a.cn/b"]),
        ("情况如下：网上258件！当面1083件？", ["情况如下", "网上258件", "当面1083件"]),
        ("网上，，当面。。", ["网上", "当面"]),
    ],
)
def test_a_line_is_cut_at_its_marks_and_not_inside_a_number(line, parts):
    assert texts(line) == parts


def test_a_clause_knows_its_columns():
    (paragraph,) = cut("全区97人， 其中专职14人。")
    assert [paragraph.text[clause.start : clause.end] for clause in paragraph.clauses] == ["全区97人", "其中专职14人"]


def test_a_sentence_ends_at_its_full_stop_and_with_the_line():
    found = [clause.sentence for paragraph in cut("甲,乙;丙。丁,戊", "己。") for clause in paragraph.clauses]
    assert found == [0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize("line", ["一、基本情况", "(二)公开的内容", "2.强化制度管理,保障服务质量", "申请情况", "七、附表"])
def test_a_heading_is_no_narrative(line):
    assert cut(line) == []


@pytest.mark.parametrize("line", ["4.公开信息总数 |", "94", "- |", "其中:⑴专职人员数 | - | 14", "规章\t3\t5", "", "——", "12.5%"])
def test_a_row_of_a_table_is_no_narrative(line):
    assert cut(line) == []


def test_a_paragraph_knows_the_headings_over_it():
    (paragraph,) = cut("二、主动公开", "(一)公开的数量", "2013年,全区公开信息总数2565条。")
    assert paragraph.headings == ("二、主动公开", "(一)公开的数量")


def test_a_heading_inside_a_line_is_the_lines_own():
    paragraph = cut("三、依申请公开", "(一)申请情况。2013年收到申请1345件。")[0]
    assert paragraph.headings == ("三、依申请公开", "(一)申请情况")


def test_the_clause_at_a_column_is_the_one_that_holds_it():
    (paragraph,) = cut("甲乙，丙丁。")
    assert [paragraph.clause_at(column).text for column in (0, 1, 3, 4)] == ["甲乙", "甲乙", "丙丁", "丙丁"]


def test_full_width_digits_become_half_width_one_for_one():
    assert lines.half_width("１３４５件，５０％（一）") == "1345件,50%(一)"


@pytest.mark.parametrize(
    ("text", "ends", "closing", "parts"),
    [
        ("甲。乙！丙", "。！？", "", ["甲。", "乙！", "丙"]),
        ("“甲。”乙。 ", "。！？", "”", ["“甲。”", "乙。"]),
        ("甲；乙", "。", "", ["甲；乙"]),
        ("  ", "。", "", []),
    ],
)
def test_a_sentence_goes_up_to_its_mark_and_what_closes_it(text, ends, closing, parts):
    assert [found.group() for found in lines.sentences(text, ends, closing)] == parts
