import datetime
import json
from decimal import Decimal

import pytest
from nianbao.inputs.yaml import Day, Door, Keys, ListOf, MapOf, Number, Of, Record, Text, Truth, choice, from_json

SHAPE = Record(
    dict,
    required={"title": Text()},
    optional={
        "whole": Number(),
        "small": Number(least=0, most=6),
        "decimal": Number(places=2, signed=True),
        "truth": Truth(),
        "word": choice("stock", "flow"),
        "day": Day(),
        "list": ListOf(Text()),
        "map": MapOf(Text()),
        "deep": Record(dict, {"inner": Number()}),
        "records": ListOf(Record(dict, {"id": Text()}, {}, "line")),
    },
)


def take(text):
    """Return what the shape makes of *text*, and what is wrong with it as a reader sees it."""
    door = Door("a.yaml")
    return door.take(text, SHAPE), [str(problem) for problem in door.problems]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("title: 年报", "title", "年报"),
        ("title: NO", "title", "NO"),
        ("title: yes", "title", "yes"),
        ("title: 12:30", "title", "12:30"),
        ("title: 010", "title", "010"),
        ("title: 3.10", "title", "3.10"),
        ("title: 1e3", "title", "1e3"),
        ("title: 2014-02-30", "title", "2014-02-30"),
        ('title: "132021"', "title", "132021"),
        ("title: '~'", "title", "~"),
        ("title: 一 # 注", "title", "一"),
        ("title: 一#二", "title", "一#二"),
    ],
)
def test_text_is_what_is_written_and_never_anything_else(line, key, value):
    assert take(f"{line}\n") == ({key: value}, [])


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("whole: 0", "whole", 0),
        ("whole: 387275", "whole", 387275),
        ("small: 6", "small", 6),
        ("decimal: 3.10", "decimal", Decimal("3.10")),
        ("decimal: -0.01", "decimal", Decimal("-0.01")),
        ("decimal: -188", "decimal", -188),
        ("truth: true", "truth", True),
        ("truth: false", "truth", False),
        ("word: flow", "word", "flow"),
        ("day: 2014-03-05", "day", datetime.date(2014, 3, 5)),
        ("day: 2012-02-29", "day", datetime.date(2012, 2, 29)),
        ("list: [a, b]", "list", ("a", "b")),
        ("list:", "list", None),
        ("map: {a: b}", "map", {"a": "b"}),
        ("deep: {inner: 1}", "deep", {"inner": 1}),
    ],
)
def test_a_value_of_its_shape_is_taken(line, key, value):
    taken, problems = take(f"title: x\n{line}\n")
    assert problems == []
    assert taken.get(key) == value


def test_a_decimal_keeps_its_last_nought():
    assert str(take("title: x\ndecimal: 3.10\n")[0]["decimal"]) == "3.10"


@pytest.mark.parametrize("nothing", ["", "~", "null", "# 留空"])
def test_an_optional_key_left_blank_is_as_if_it_were_not_there(nothing):
    assert take(f"title: x\nday: {nothing}\nwhole: {nothing}\n") == ({"title": "x"}, [])


def test_a_record_knows_its_line():
    assert take("title: x\nrecords:\n  - {id: a}\n\n  - id: b\n")[0]["records"] == ({"id": "a", "line": 3}, {"id": "b", "line": 5})


def test_the_mark_that_windows_puts_at_the_start_is_not_read():
    assert take("\ufefftitle: x\n") == take("title: x\n")


def test_both_kinds_of_line_ends_read_the_same():
    assert take("title: x\r\nwhole: 1\r\n") == take("title: x\nwhole: 1\n")


# Each line stands second, after `title: x`.
DEFECTS = [
    ("title: y", "a.yaml 第2行（title）：键“title”重复，第1行已有", "只留一个"),
    ("deep: {inner: 1, inner: 2}", "第2行（deep.inner）：键“inner”重复，第2行已有", "只留一个"),
    ("map:\n  a: b\n  a: c", "第4行（map.a）：键“a”重复，第3行已有", "只留一个"),
    ("whole: NO", "第2行（whole）：读到“NO”，不是数", "应为：数"),
    ("whole: yes", "第2行（whole）：读到“yes”，不是数", "应为：数"),
    ("whole: 12:30", "第2行（whole）：读到“12:30”，像是时间", "改写为数"),
    ("whole: 010", "第2行（whole）：读到“010”，以0开头", "去掉前面的0"),
    ("whole: 0o17", "第2行（whole）：读到“0o17”，不是数", "应为：数"),
    ("whole: 0x1F", "第2行（whole）：读到“0x1F”，不是数", "应为：数"),
    ("whole: 1e3", "第2行（whole）：读到“1e3”，是科学记数法", "写出全部数字"),
    ("whole: 1_000", "第2行（whole）：读到“1_000”，不是数", "应为：数"),
    ("whole: .inf", "第2行（whole）：读到“.inf”，不是数", "应为：数"),
    ("whole: 3.10", "第2行（whole）：读到“3.10”，有小数", "填整数"),
    ("whole: １２", "第2行（whole）：读到“１２”，含全角数字", "改用半角数字"),
    ("whole: -1", "第2行（whole）：读到“-1”，是负数", "填不小于0的数"),
    ('whole: "12"', "第2行（whole）：“12”带引号，是文字", "去掉引号"),
    ("whole: '12'", "第2行（whole）：“12”带引号，是文字", "去掉引号"),
    ("whole: [1]", "第2行（whole）：应是一个值，这里却是一组", "应为：数"),
    ("decimal: 3.105", "第2行（decimal）：读到“3.105”，小数多于2位", "保留不多于2位小数"),
    ("small: 7", "第2行（small）：读到“7”", "0到6之间的数"),
    ("deep: {inner: ~}", "第2行（deep.inner）：读到“~”", "应为：数"),
    ("truth: yes", "第2行（truth）：读到“yes”", "true 或 false"),
    ("truth: NO", "第2行（truth）：读到“NO”", "true 或 false"),
    ("truth: True", "第2行（truth）：读到“True”", "true 或 false"),
    ("word: flows", "第2行（word）：读到“flows”", "stock、flow"),
    ("day: 2014-02-30", "第2行（day）：读到“2014-02-30”", "存在的日期"),
    ("day: 2014-3-5", "第2行（day）：读到“2014-3-5”", "年-月-日"),
    ("day: 20140305", "第2行（day）：读到“20140305”", "年-月-日"),
    ("day: 2014年3月5日", "第2行（day）：读到“2014年3月5日”", "年-月-日"),
    ("list: a", "第2行（list）：应是列表", "以“- ”开头"),
    ("list: [a, {b: c}]", "第2行（list[2]）：应是一个值，这里却是一组", "文字"),
    ("list:\n  - a\n  -", "第4行（list[2]）：读到“”", "应为：文字"),
    ("map: [a]", "第2行（map）：应是若干“键: 值”", "每个键一行"),
    ("map: {Ab: c}", "第2行（map.Ab）：键“Ab”不合规", "小写英文字母"),
    ("map: {键: c}", "第2行（map.键）：键“键”不合规", "小写英文字母"),
    ("deep: {}", "第2行（deep.inner）：缺少这一项", "补上"),
    ("deep: {inner: 1, outer: 2}", "第2行（deep.outer）：不认识的键“outer”", "应为：inner"),
    ("titel: y", "第2行（titel）：不认识的键“titel”", "应为：title、whole"),
    ("<<: {whole: 1}", "第2行（<<）：不认识的键“<<”", "应为：title、whole"),
    ("? [whole]\n: 1", "第2行：应是一个值，这里却是一组", "应为：键"),
    ("deep: " + "[" * 100_000, "a.yaml 第2行：嵌套多于20层", "检查括号和缩进"),
    ("word: &w flow\nmap: {a: *w}", "a.yaml 第3行：用了引用“*w”", "把值写全"),
    ("list: [一\ue000]", "第2行（list[1]）：含有私用区字符 U+E000", "改用正式的字符"),
    ("list: [一\U000f0000]", "第2行（list[1]）：含有私用区字符 U+F0000", "改用正式的字符"),
    ('list: ["\\uE000"]', "第2行（list[1]）：含有私用区字符 U+E000", "改用正式的字符"),
    ('list: ["响\\x07铃"]', "第2行（list[1]）：含有", "U+0007"),
    ("deep:\n   inner: 1\n  outer: 2", "a.yaml 第4行：不是有效的 YAML", "检查这一行及上一行的缩进"),
    ("deep:\n\tinner: 1", "a.yaml 第3行：不是有效的 YAML", "缩进"),
    (" whole: 1", "a.yaml 第2行：不是有效的 YAML", "缩进"),
    ("whole 1", "a.yaml 第3行：不是有效的 YAML", "冒号"),
    ("map: {a: b", "a.yaml 第3行：不是有效的 YAML", "检查这一行及上一行"),
    ('map: {a: "b}', "a.yaml 第3行：不是有效的 YAML", "引号"),
    ("---\nwhole: 1", "a.yaml 第2行：不是有效的 YAML", "检查"),
    ("whole: 1\x00", "a.yaml 第2行：", "检查"),
]


@pytest.mark.parametrize(("line", "found", "allowed"), DEFECTS)
def test_a_message_names_the_line_and_the_key_what_stands_there_and_what_may(line, found, allowed):
    taken, problems = take(f"title: x\n{line}\n")
    assert taken is None
    assert len(problems) == 1
    assert found in problems[0]
    assert allowed in problems[0]


@pytest.mark.parametrize("text", ["", "\n\n", "# 只有注释\n", "\ufeff", "~\n", "---\n"])
def test_an_empty_file_is_told_to_be_filled(text):
    assert take(text) == (None, ["a.yaml：文件是空的。请填写内容。"])


@pytest.mark.parametrize(
    ("text", "words"), [("- a\n", "应是若干“键: 值”"), ("年报\n", "应是若干“键: 值”"), ("whole: 1\n", "（title）：缺少这一项")]
)
def test_a_file_without_the_required_keys_is_refused(text, words):
    taken, problems = take(text)
    assert taken is None
    assert len(problems) == 1
    assert words in problems[0]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title: x\nrecords:\n  -\n", "第3行（records[1].id）"),
        ("title: x\nrecords: [~]\n", "第2行（records[1].id）"),
        ("title: x\nrecords: [{}]\n", "第2行（records[1].id）"),
    ],
)
def test_a_blank_record_lacks_its_required_keys(text, place):
    taken, problems = take(text)
    assert taken is None
    assert len(problems) == 1
    assert f"{place}：缺少这一项" in problems[0]


@pytest.mark.parametrize("blank", ["", "~", "null"])
def test_a_required_record_left_blank_lacks_its_required_keys(blank):
    door = Door("a.yaml")
    door.take(f"years: {blank}\n", Record(dict, {"years": Record(dict, {"first": Number()})}))
    assert [str(problem) for problem in door.problems] == ["a.yaml 第1行（years.first）：缺少这一项。请补上。"]


def test_a_required_text_left_blank_is_refused():
    assert take("title:\n") == (None, ["a.yaml 第1行（title）：读到“”；应为：文字。"])


def test_everything_that_is_wrong_is_told_at_once():
    text = "title: x\ntitel: y\nwhole: 010\ntruth: yes\nday: 2014-02-30\ndeep: {}\nlist: [a, [b]]\nmap: {B: c}\n"
    taken, problems = take(text)
    assert taken is None
    lines = [problem.partition("：")[0] for problem in sorted(problems)]
    assert lines == [
        "a.yaml 第2行（titel）",
        "a.yaml 第3行（whole）",
        "a.yaml 第4行（truth）",
        "a.yaml 第5行（day）",
        "a.yaml 第6行（deep.inner）",
        "a.yaml 第7行（list[2]）",
        "a.yaml 第8行（map.B）",
    ]


def test_a_file_that_nests_without_end_is_refused_as_a_problem():
    taken, problems = take("title: x\nlist: " + "[" * 5000 + "]" * 5000 + "\n")
    assert taken is None
    assert len(problems) == 1
    assert "a.yaml 第2行" in problems[0]


OF_JSON = Keys(
    {"schema": Of(int), "inputs": MapOf(Of(str)), "figures": ListOf(Keys({"value": Of(str, type(None)), "draft": Of(bool)}))}
)


@pytest.mark.parametrize(
    "content",
    [
        '{"schema": 2, "inputs": {}, "figures": []}',
        '{"schema": 2, "inputs": {"报告.yaml": "ab\\n"}, "figures": [], "more": {"deep": [1]}}',
        '{"schema": 2, "inputs": {}, "figures": [{"value": null, "draft": true}, {"value": "", "draft": false}]}',
    ],
)
def test_json_of_a_shape_is_what_it_says(content):
    assert from_json(content.encode(), OF_JSON) == json.loads(content)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[" * 100_000,
        "[]",
        '"schema"',
        '{"schema": 2, "inputs": {}}',
        '{"schema": true, "inputs": {}, "figures": []}',
        '{"schema": 2.0, "inputs": {}, "figures": []}',
        '{"schema": 2, "inputs": [], "figures": []}',
        '{"schema": 2, "inputs": {"a": 1}, "figures": []}',
        '{"schema": 2, "inputs": {"a": "\\u0000"}, "figures": []}',
        '{"schema": 2, "inputs": {"\\ud800": "a"}, "figures": []}',
        '{"schema": 2, "inputs": {}, "figures": {}}',
        '{"schema": 2, "inputs": {}, "figures": [{"value": 1, "draft": true}]}',
        '{"schema": 2, "inputs": {}, "figures": [{"value": "\\udfff", "draft": true}]}',
        '{"schema": 2, "inputs": {}, "figures": [{"draft": true}]}',
        '{"schema": 2, "inputs": {}, "figures": [{"value": "1", "draft": 0}]}',
    ],
)
def test_json_of_another_shape_is_nothing(content):
    assert from_json(content.encode(), OF_JSON) is None


def test_no_json_is_nothing():
    assert from_json(None, OF_JSON) is None
