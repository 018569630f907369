import datetime
from decimal import Decimal

import pytest
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.values import MISSING
from nianbao.inputs import report
from nianbao.page import faces

SHOWN = "params/longtan/2013"
YAML, CSV, PROSE = "report.yaml", "statistics.csv", "narrative.md"
FAX = '  fax: {text: "0432-63041988", source: published, at: 前言}\n'


def spoil(params, file, old, new):
    """Put *new* in the place of the first *old* in *file*."""
    text = (params / file).read_text("utf-8")
    assert old in text
    (params / file).write_text(text.replace(old, new, 1), "utf-8", newline="")


def line_of(params, file, old):
    """Return the line on which *old* begins."""
    return (params / file).read_text("utf-8").partition(old)[0].count("\n") + 1


def load(params, forms):
    return report.load(params, forms)


def message_of(params, forms):
    with pytest.raises(InvalidInputError, match=r"^有[1-9][0-9]*处需要改正：\n") as refused:
        load(params, forms)
    return str(refused.value)


def told(said):
    """Return where each problem of a message is."""
    return [line.strip().partition(". ")[2].partition("：")[0].removeprefix(f"{SHOWN}/") for line in said.splitlines()[1:]]


# ------------------------------------------------------------------------------------------------ what is read


def test_the_2013_report_is_read_whole(longtan):
    assert (longtan.unit, longtan.name, longtan.year, longtan.form.id) == ("longtan", "龙潭区人民政府", 2013, "jilin-2013")
    assert longtan.title_lines == ("龙潭区人民政府2013年", "政府信息公开工作年度报告")
    assert longtan.title == "龙潭区人民政府2013年政府信息公开工作年度报告"
    assert (len(longtan.cells), len(longtan.published)) == (108, 27)
    assert (longtan.date, longtan.last_year) == (None, None)


def test_a_fact_keeps_its_number_its_words_and_its_source(longtan):
    visits = longtan.facts["site_visits"]
    assert (visits.value, visits.exact, visits.display) == (789, 7_890_000, "789万余次")
    assert (visits.source, visits.at) == ("published", "一（二）4")


def test_contact_details_are_text_with_the_labels_of_the_form(longtan):
    assert (longtan.contact["postcode"].label, longtan.contact["postcode"].text) == ("邮编", "132021")
    assert list(longtan.contact) == list(longtan.form.contact)


def test_the_policy_is_the_forms_where_the_report_says_nothing_else(params, forms, longtan):
    assert longtan.policy == longtan.form.rounding
    spoil(params, YAML, "facts:\n", "rounding: {places: 1, sum_to_100: [content]}\nfacts:\n")
    policy = load(params, forms).policy
    assert (policy.places, policy.method, policy.sum_to_100) == (1, "half-up", ("content",))


def test_members_are_kept_in_their_order_with_their_lines(params, forms, longtan):
    assert longtan.members == {}
    spoil(params, YAML, "literals: []", "literals: []\nmembers:\n  jinzhu: 金珠镇\n  220203: 二〇三\n  龙潭-办公室: 区政府办公室")
    first = line_of(params, YAML, "  jinzhu:")
    assert [(unit, each.name, each.line) for unit, each in load(params, forms).members.items()] == [
        ("jinzhu", "金珠镇", first),
        ("220203", "二〇三", first + 1),
        ("龙潭-办公室", "区政府办公室", first + 2),
    ]


def test_tables_alone_are_read_without_prose_and_last_year(params, last_year, forms):
    (params / PROSE).unlink()
    (last_year / YAML).write_text("坏", "utf-8")
    read = report.load_tables(params, forms)
    assert (len(read.cells), read.narrative, read.last_year) == (108, {}, None)


def test_a_chapter_knows_where_it_stands(longtan, params):
    lines = (params / PROSE).read_text("utf-8").split("\n")
    for chapter in longtan.form.chapters:
        if chapter.id in longtan.narrative:
            passage = longtan.narrative[chapter.id]
            assert lines[passage.line - 2] == f"# {chapter.title}"
            assert passage.source.split("\n")[0] == lines[passage.line - 1]
            assert passage.file == f"{SHOWN}/narrative.md"


# What differs from the committed folder, and is good all the same.
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (YAML, 'text: "14.43"', "text: 14.43"),
        (YAML, 'text: "15.20"', "text: 15.20"),
        (YAML, "form: jilin-2013\n", ""),
        (YAML, "literals: []", "literals:"),
        (YAML, "literals: []\n", ""),
        (YAML, "# 龙潭区2013年度报告", "\ufeff# 龙潭区2013年度报告"),
        (YAML, "text: 龙潭区政府信息公开工作领导小组办公室", 'text: "-"'),
        (YAML, "value: 122, unit: 项", "value: 122.50, unit: 项"),
        (PROSE, "# 六、主要问题", "#  六、 主要问题"),
        (PROSE, "# 一、基本工作情况\n", "\ufeff# 一、基本工作情况 #\n"),
        (CSV, "\ufeff", ""),
    ],
)
def test_what_cannot_be_misread_is_accepted(params, forms, file, old, new):
    spoil(params, file, old, new)
    assert load(params, forms).year == 2013


def test_a_percentage_without_quotes_keeps_its_last_nought(params, forms):
    spoil(params, YAML, 'text: "15.20"', "text: 15.20")
    assert "15.20" in [each.text for each in load(params, forms).published]


@pytest.mark.parametrize(
    ("typed", "date"),
    [("", None), ("2014-03-05", datetime.date(2014, 3, 5)), ("~", None), ("2014-03-05  # 公布", datetime.date(2014, 3, 5))],
)
def test_the_date_of_publication_may_be_unknown(params, forms, typed, date):
    spoil(params, YAML, "  date: ", f"  date: {typed} # ")
    assert load(params, forms).date == date


@pytest.mark.parametrize(
    ("typed", "read"), [("4002", 4002), ("-188", -188), ("0.10", Decimal("0.10")), ("-0.07", Decimal("-0.07"))]
)
def test_an_accepted_difference_is_exact_and_may_be_negative(params, forms, typed, read):
    spoil(params, YAML, "difference: 4002", f"difference: {typed}")
    difference = load(params, forms).accepted[0].difference
    assert (difference, str(difference)) == (read, typed)


def test_prose_with_windows_line_ends_reads_the_same(params, forms, longtan):
    text = (params / PROSE).read_text("utf-8")
    (params / PROSE).write_text(text, "utf-8", newline="\r\n")
    assert load(params, forms).narrative == longtan.narrative


# ------------------------------------------------------------------------------------------------ one bad folder for each defect


YAML_DEFECTS = [
    # what the report is
    ("schema: 1", "schema: 2", "（schema）", "读到“2”", "应为：1"),
    ("schema: 1\n", "", "（schema）", "缺少这一项", "补上"),
    ("year: 2013", "year: 2014", "（year）", "year 是2014，文件夹却是2013", "改为一致"),
    ("year: 2013", "year: 13", "（year）", "读到“13”", "2000到2999之间的数"),
    ("year: 2013", 'year: "2013"', "（year）", "“2013”带引号，是文字", "去掉引号"),
    ("year: 2013", "year: 2013年", "（year）", "数后面带文字", "只写数"),
    ("unit: longtan", "unit: changyi", "（unit）", "unit 是“changyi”，文件夹却是“longtan”", "改为一致"),
    ("form: jilin-2013", "form: cn-2021", "（form）", "没有叫“cn-2021”的表式", "应为：jilin-2013"),
    ("name: 龙潭区人民政府\n", "", "（name）", "缺少这一项", "补上"),
    ("name: 龙潭区人民政府", "nmae: 龙潭区人民政府", "（nmae）", "不认识的键“nmae”", "应为：schema、unit、name"),
    ("name: 龙潭区人民政府", "name: 龙潭区人民政府\nname: 龙潭区", "（name）", "键“name”重复，第5行已有", "只留一个"),
    # dates and rounding
    ("  date: ", "  date: 2014-02-30 # ", "（publication.date）", "读到“2014-02-30”", "存在的日期"),
    ("  date: ", "  date: 2014/3/5 # ", "（publication.date）", "读到“2014/3/5”", "年-月-日"),
    ("facts:\n", "rounding: {places: 9}\nfacts:\n", "（rounding.places）", "读到“9”", "0到6之间的数"),
    ("facts:\n", "rounding: {places: 1.5}\nfacts:\n", "（rounding.places）", "有小数", "填整数"),
    ("facts:\n", "rounding: {method: up}\nfacts:\n", "（rounding.method）", "读到“up”", "half-up、half-even、truncate"),
    ("facts:\n", "rounding: {zeros: drop}\nfacts:\n", "（rounding.zeros）", "读到“drop”", "keep、strip"),
    ("facts:\n", "rounding: {sum_to_100: [nothing]}\nfacts:\n", "（rounding.sum_to_100）", "“nothing”不是由几部分相加的行", ""),
    ("facts:\n", "rounding: {sum_to_100: [reviews]}\nfacts:\n", "（rounding.sum_to_100）", "“reviews”不是由几部分相加的行", ""),
    # facts
    ("value: 122, unit: 项", "value: 122, text: 一百余, unit: 项", "（facts.hall_items）", "要填一样，且只填一样", ""),
    ("value: 122, unit: 项, ", "", "（facts.hall_items）", "要填一样，且只填一样", ""),
    ("value: 122, unit: 项", "text: 一百余, unit: 项", "（facts.hall_items）", "文字没有单位", "写进 text"),
    ("value: 122, unit: 项", "value: 122", "（facts.hall_items）", "数没有单位", "填 unit"),
    ("value: 122, unit: 项", 'value: "122", unit: 项', "（facts.hall_items.value）", "“122”带引号", "去掉引号"),
    ("value: 122, unit: 项", "value: 1,220, unit: 项", "（facts.hall_items.220）", "不认识的键“220”", "label、source"),
    ("value: 122, unit: 项", "value: 0122, unit: 项", "（facts.hall_items.value）", "以0开头", "去掉前面的0"),
    ("value: 122, unit: 项", "value: 122, scale: 千, unit: 项", "（facts.hall_items.scale）", "读到“千”", "万、亿"),
    ("value: 122, unit: 项", "value: 122, approx: 大约, unit: 项", "（facts.hall_items.approx）", "读到“大约”", "约、近、超过"),
    ("unit: 项, source: published", "unit: 项", "（facts.hall_items.source）", "缺少这一项", "补上"),
    (
        "unit: 项, source: published",
        "unit: 项, source: survey",
        "（facts.hall_items）",
        "来源“survey”没有在 sources 中说明",
        "应为：published、table",
    ),
    ("  hall_items: {", "  hall-items: {", "（facts.hall-items）", "键“hall-items”不合规", "小写英文字母、数字和下划线"),
    (
        "{label: 政务服务中心入厅审批项目, value: 122, unit: 项, source: published, at: 一（三）}",
        "",
        "（facts.hall_items.label）",
        "缺少这一项",
        "",
    ),
    # contact
    (FAX, "", "（contact.fax）", "缺少传真", '没有就填 "-"'),
    (FAX, FAX + FAX.replace("fax", "telex"), "（contact.telex）", "不认识的键“telex”", "office、address、postcode"),
    (
        FAX,
        FAX.replace("source: published", "source: rumour"),
        "（contact.fax）",
        "来源“rumour”没有在 sources 中说明",
        "published、table",
    ),
    (FAX, "  fax:\n", "（contact.fax.text）", "缺少这一项", "补上"),
    # sources, published, gaps, accepted
    (
        "  source: published\n\nsources",
        "  source: rumour\n\nsources",
        "（publication.source）",
        "来源“rumour”没有在 sources 中说明",
        "",
    ),
    (
        "published:\n  source: published",
        "published:\n  source: rumour",
        "（published.source）",
        "来源“rumour”没有在 sources 中说明",
        "",
    ),
    ('text: "14.43"', 'text: "14.43%"', "（published.percentages[1].text）", "读到“14.43%”", "带引号的百分数"),
    ('text: "14.43"', 'text: "１4.43"', "（published.percentages[1].text）", "读到“１4.43”", "带引号的百分数"),
    ("{figure: staff.full_time.share, ", "{", "（published.percentages[1].figure）", "缺少这一项", "补上"),
    (", missing: 期限及其后的文字", "", "（gaps.deadline.missing）", "缺少这一项", "补上"),
    ("difference: 4002", "difference: 4千", "（accepted[1].difference）", "数后面带文字", "只写数"),
    ("literals: []", "literals: [{text: 一百}]", "（literals[1].reason）", "缺少这一项", "补上"),
    ("literals: []", "literals:\n  -", "（literals[1].text）", "缺少这一项", "补上"),
    # members
    (
        "literals: []",
        "literals: []\nmembers:\n  longtan: 本区",
        "（members.longtan）",
        "本级不能是自己的成员",
        "另建一个文件夹填报",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  a: 甲镇\n  a: 乙镇",
        "（members.a）",
        "键“a”重复，第",
        "只留一个",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  a: 甲镇\n  b: 甲镇",
        "（members.b）",
        "与 a 的名称都是“甲镇”",
        "写成不同的名称",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  ../jinzhu: 甲镇",
        "（members.../jinzhu）",
        "键“../jinzhu”不合规",
        "只能用文字、数字、“_”和“-”，不能是路径",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  a/b: 甲镇",
        "（members.a/b）",
        "键“a/b”不合规",
        "只能用文字、数字、“_”和“-”，不能是路径",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  .hidden: 甲镇",
        "（members..hidden）",
        "键“.hidden”不合规",
        "只能用文字、数字、“_”和“-”，不能是路径",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  a.b: 甲镇",
        "（members.a.b）",
        "键“a.b”不合规",
        "只能用文字、数字、“_”和“-”，不能是路径",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  甲 镇: 甲镇",
        "（members.甲 镇）",
        "键“甲 镇”不合规",
        "只能用文字、数字、“_”和“-”，不能是路径",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  a:",
        "（members.a）",
        "读到“”",
        "单位名称",
    ),
    (
        "literals: []",
        'literals: []\nmembers:\n  a: "=1+2"',
        "（members.a）",
        "读到“=1+2”",
        "不以 =、+、-、@ 开头",
    ),
    (
        "literals: []",
        'literals: []\nmembers:\n  a: "+甲"',
        "（members.a）",
        "读到“+甲”",
        "不以 =、+、-、@ 开头",
    ),
    (
        "literals: []",
        'literals: []\nmembers:\n  a: "@甲"',
        "（members.a）",
        "读到“@甲”",
        "不以 =、+、-、@ 开头",
    ),
    (
        "literals: []",
        'literals: []\nmembers:\n  a: "-甲"',
        "（members.a）",
        "读到“-甲”",
        "不以 =、+、-、@ 开头",
    ),
    (
        "literals: []",
        'literals: []\nmembers:\n  a: "＝甲"',
        "（members.a）",
        "读到“＝甲”",
        "不以 =、+、-、@ 开头",
    ),
    (
        "literals: []",
        'literals: []\nmembers:\n  a: "甲\\n乙"',
        "（members.a）",
        "读到“甲\n乙”",
        "一行文字",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  a: {name: 甲镇}",
        "（members.a）",
        "应是一个值，这里却是一组",
        "单位名称",
    ),
    (
        "literals: []",
        "literals: []\nmembers:\n  - 甲镇",
        "（members）",
        "应是若干“键: 值”",
        "每个键一行",
    ),
    # no YAML at all
    ("year: 2013", "year 2013", "第9行", "不是有效的 YAML", "缩进、冒号和引号"),
    ("year: 2013", "year: &y 2013\nother: *y", "第9行", "用了引用“*y”", "把值写全"),
]


@pytest.mark.parametrize(("old", "new", "place", "found", "remedy"), YAML_DEFECTS)
def test_a_spoilt_declaration_is_refused_with_its_key_and_what_to_do(params, forms, old, new, place, found, remedy):
    spoil(params, YAML, old, new)
    said = message_of(params, forms)
    assert "params/longtan/2013/report.yaml" in said
    assert place in said
    assert found in said
    assert remedy in said


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("schema: 1", "schema: 2", "schema: 2"),
        ("year: 2013", "year: 2014", "year: 2014"),
        ("unit: longtan", "unit: changyi", "unit: changyi"),
        ("form: jilin-2013", "form: cn-2021", "form: cn-2021"),
        ("value: 122, unit: 项", "value: 122", "  hall_items:"),
        ("value: 122,", "value: 0122,", "  hall_items:"),
        (FAX, FAX + FAX.replace("fax", "telex"), "  telex:"),
        ("published:\n  source: published", "published:\n  source: rumour", "  source: rumour"),
        ("facts:\n", "rounding: {places: 9}\nfacts:\n", "rounding:"),
        ("facts:\n", "rounding: {sum_to_100: [nothing]}\nfacts:\n", "rounding:"),
        ("  date: ", "  date: 2014-02-30 # ", "  date:"),
        ("literals: []", "literals: []\nmembers:\n  a: 甲镇\n  longtan: 本区", "  longtan: 本区"),
        ("literals: []", "literals: []\nmembers:\n  a: 甲镇\n  b: 甲镇", "  b: 甲镇"),
    ],
)
def test_a_message_about_a_declaration_names_its_line(params, forms, old, new, changed):
    spoil(params, YAML, old, new)
    assert f"report.yaml 第{line_of(params, YAML, changed)}行（" in message_of(params, forms)


PROSE_DEFECTS = [
    ("# 六、主要问题及下一步工作打算", "# 六、主要问题", "没有叫“六、主要问题”的一章", "“六、主要问题及下一步工作打算”"),
    (
        "# 六、主要问题及下一步工作打算",
        "# 六、主要问题及下一步工作打算\n\n甲。\n\n# 六、主要问题及下一步工作打算",
        "“六、主要问题及下一步工作打算”一章重复",
        "合并到一处",
    ),
    ("# 一、基本工作情况", "开头的话。\n\n# 一、基本工作情况", "第一个章标题之前有文字", "移到某一章之下"),
    ("# 一、基本工作情况", "#一、基本工作情况", "第一个章标题之前有文字", "移到某一章之下"),
    ("回顾全年工作", "回顾\x07全年工作", "含有不能印出的字符 U+0007", "删去或改用正式的字符"),
    ("回顾全年工作", "回顾\x0b全年工作", "含有不能印出的字符 U+000B", "删去或改用正式的字符"),
    ("回顾全年工作", "回顾\x00全年工作", "含有不能印出的字符 U+0000", "删去或改用正式的字符"),
]


@pytest.mark.parametrize(("old", "new", "found", "remedy"), PROSE_DEFECTS)
def test_spoilt_prose_is_refused_with_what_to_do(params, forms, old, new, found, remedy):
    spoil(params, PROSE, old, new)
    said = message_of(params, forms)
    assert "params/longtan/2013/narrative.md 第" in said
    assert found in said
    assert remedy in said


@pytest.mark.parametrize("name", [YAML, CSV, PROSE])
def test_a_file_that_is_not_there_is_asked_for(params, forms, name):
    (params / name).unlink()
    assert f"{SHOWN}/{name}：没有这个文件。请补上" in message_of(params, forms)


@pytest.mark.parametrize("name", [YAML, PROSE])
def test_a_text_file_saved_as_gbk_is_recognised(params, forms, name):
    text = (params / name).read_text("utf-8")
    line = next(number for number, each in enumerate(text.split("\n"), 1) if not each.isascii())
    (params / name).write_text(text, "gb18030")
    assert f"{SHOWN}/{name} 第{line}行：不是 UTF-8 编码（可能是 GBK）。请用编辑器另存为 UTF-8" in message_of(params, forms)


@pytest.mark.parametrize("content", ["", "\ufeff", "# 只有注释\n", "~\n"])
def test_an_empty_declaration_is_told_to_be_filled(params, forms, content):
    (params / YAML).write_text(content, "utf-8")
    said = message_of(params, forms)
    assert said.startswith("有1处需要改正：")
    assert "report.yaml：文件是空的。请填写内容" in said


def test_a_file_that_is_too_large_is_not_read(params, forms):
    (params / PROSE).write_bytes(b"a" * 4_000_001)
    assert f"{SHOWN}/narrative.md：文件大于4MB。请检查是否放错了文件" in message_of(params, forms)


# ------------------------------------------------------------------------------------------------ all at once


def test_everything_wrong_with_a_folder_is_told_at_once_in_the_order_of_its_files(params, forms):
    spoil(params, PROSE, "# 六、主要问题及下一步工作打算", "# 六、主要问题")
    spoil(params, PROSE, "# 五、政府信息公开的收费和减免情况", "# 五、收费")
    spoil(params, YAML, "value: 122, unit: 项", "value: 122")
    spoil(params, YAML, "value: 39, unit: 家, source: published", "value: 39, unit: 家, source: rumour")
    spoil(params, CSV, "次,94,34", "次,０,34")
    spoil(params, CSV, "收费金额,元,0,0", "收费金额,元,-1,1e3")
    said = message_of(params, forms)
    assert said.startswith("有7处需要改正：\n  1. ")
    assert told(said) == [
        f"narrative.md 第{line_of(params, PROSE, '# 六、')}行",
        f"narrative.md 第{line_of(params, PROSE, '# 五、')}行",
        f"report.yaml 第{line_of(params, YAML, '  sub_sites:')}行（facts.sub_sites）",
        f"report.yaml 第{line_of(params, YAML, '  hall_items:')}行（facts.hall_items）",
        "statistics.csv 第5行（E5 2.举办培训次数 累计数）",
        "statistics.csv 第53行（E53 24.与信息公开相关的收费金额 累计数）",
        "statistics.csv 第53行（F53 24.与信息公开相关的收费金额 13年发生数）",
    ]


def test_a_slip_in_the_declaration_does_not_hide_those_in_the_other_files(params, forms):
    spoil(params, YAML, "value: 122,", "value: 0122,")
    spoil(params, PROSE, "# 六、主要问题及下一步工作打算", "# 六、主要问题")
    spoil(params, CSV, "次,94,34", "次,０,34")
    said = message_of(params, forms)
    assert [place.partition(" ")[0] for place in told(said)] == ["narrative.md", "report.yaml", "statistics.csv"]


def test_a_slip_in_one_value_does_not_hide_what_is_wrong_with_another(params, forms):
    spoil(params, YAML, "value: 36, unit: 个", "value: 036, unit: 个")
    spoil(params, YAML, "value: 122, unit: 项", "value: 122")
    spoil(params, YAML, FAX, "")
    places = [place.rpartition("（")[2] for place in told(message_of(params, forms))]
    assert sorted(places) == ["contact.fax）", "facts.departments.value）", "facts.hall_items）"]


def test_the_messages_are_numbered(params, forms):
    spoil(params, CSV, "次,94,34", "次,０,１")
    assert [line[:5] for line in message_of(params, forms).splitlines()] == ["有2处需要", "  1. ", "  2. "]


# ------------------------------------------------------------------------------------------------ last year


@pytest.fixture
def last_year(params):
    """The folder of the year before, beside the 2013 one: the same report, one year older."""
    folder = params.parent / "2012"
    folder.mkdir()
    for name in (YAML, CSV, PROSE):
        (folder / name).write_bytes((params / name).read_bytes())
    spoil(folder, YAML, "year: 2013", "year: 2012")
    spoil(folder, CSV, "累计数,13年发生数", "累计数,12年发生数")
    spoil(folder, CSV, "次,94,34", "次,60,34")
    return folder


@pytest.mark.usefixtures("last_year")
def test_the_folder_of_last_year_is_read_where_it_is_there(params, forms):
    loaded = load(params, forms)
    assert (loaded.last_year.year, loaded.last_year.folder) == (2012, "params/longtan/2012")
    assert loaded.last_year.cells["training_sessions", "cumulative"].quantity.value == 60


@pytest.mark.usefixtures("params")
def test_only_the_year_before_is_read_not_the_one_before_that(last_year, forms):
    assert load(last_year, forms).last_year is None


def test_what_is_wrong_with_last_years_folder_is_told_with_its_own_name(params, last_year, forms):
    spoil(last_year, CSV, "次,60,34", "次,６0,34")
    spoil(params, CSV, "次,94,34", "次,９4,34")
    said = message_of(params, forms)
    assert "params/longtan/2012/statistics.csv 第5行（E5 2.举办培训次数 累计数）：读到“６0”" in said
    assert "params/longtan/2013/statistics.csv 第5行（E5 2.举办培训次数 累计数）：读到“９4”" in said


def test_a_folder_of_last_year_without_a_declaration_is_no_report(params, forms):
    (params.parent / "2012").mkdir()
    assert load(params, forms).last_year is None


def test_a_blank_cell_of_last_year_is_missing_not_nought(params, last_year, forms):
    spoil(last_year, CSV, "次,60,34", "次,,34")
    assert load(params, forms).last_year.cells["training_sessions", "cumulative"].quantity == MISSING


# ---- characters that are not as easily shown as others


def test_a_character_that_no_face_has_is_read_as_its_code_and_told_with_its_line(params, forms):
    spoil(params, YAML, "name: 龙潭区人民政府", "name: 龙\ue123区\U00030000人民政府 # \U0001f600")
    spoil(params, PROSE, "回顾全年工作", "回顾\U000323b0全年𠮷工作{# \U0001f600 #}")
    read = report.load(params, forms)
    lines = [(each.file.rpartition("/")[2], each.line, each.characters, each.shown) for each in read.odd]
    first = next(
        number for number, line in enumerate((params / YAML).read_text("utf-8").split("\n"), 1) if line.startswith("name:")
    )
    second = next(number for number, line in enumerate((params / PROSE).read_text("utf-8").split("\n"), 1) if "𠮷" in line)

    assert read.name == "龙〔U+E123〕区〔U+30000〕人民政府"
    assert "〔U+323B0〕全年𠮷工作" in "".join(each.source for each in read.narrative.values())
    assert lines == [
        (YAML, first, "\ue123\U00030000", False),
        (PROSE, second, "𠮷", True),
        (PROSE, second, "\U000323b0", False),
    ]


def test_a_character_that_is_written_as_an_escape_is_told_with_the_line_of_the_escape(params, forms):
    spoil(params, YAML, "name: 龙潭区人民政府", 'name: "龙潭区\\U00030000人民政府"')
    (odd,) = report.load(params, forms).odd

    assert (odd.characters, odd.line, odd.shown) == ("\U00030000", 5, False)


def test_a_byte_order_mark_is_told_only_where_it_does_not_begin_the_file(params, forms):
    spoil(params, PROSE, "回顾全年工作", "回顾\ufeff全年工作")
    path = params / PROSE
    path.write_text("\ufeff" + path.read_text("utf-8"), "utf-8")

    assert [each.characters for each in report.load(params, forms).odd] == ["\ufeff"]


def test_an_ordinary_report_opens_no_face(params, forms, monkeypatch):
    monkeypatch.setattr(faces, "_codes", lambda file: pytest.fail(str(file)))

    assert report.load(params, forms).odd == ()
