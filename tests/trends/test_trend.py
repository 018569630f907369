"""What a trend notebook shows: sentences, tables and notes made of the figures of each year."""

import shutil

import pytest
from nianbao.indicators.errors import InvalidInputError, UnknownNameError, UnknownReportError
from nianbao.page.blocks import Datum, Grid, Items, Paragraph, plain, walk
from nianbao.trends import trend as trendpage

RECEIVED = "一、本年新收政府信息公开申请数量"


def _sentences(display):
    return [plain(block.children) for block in display.blocks if isinstance(block, Paragraph)]


def _rows(display):
    """Return the words of every row of the table of *display*."""
    (grid,) = [block for block in display.blocks if isinstance(block, Grid)]
    return [[plain(cell.children) for cell in row] for body in grid.bodies for row in body]


def _of(display, concept):
    """Return the rows of *concept* in a table by year."""
    rows = _rows(display)
    start = next(index for index, row in enumerate(rows) if row == [concept])
    end = next((index for index, row in enumerate(rows) if index > start and len(row) == 1), len(rows))
    return rows[start + 1 : end]


# ---- sentences


@pytest.mark.parametrize(
    ("group", "sentence"),
    [
        ("requests", "2024年，收到的申请为121件，比上年增加34件，增长39.08%。"),
        ("requests", "2024年，上年结转的申请为3件，比上年增加3件（上年为零，增减幅度无定义）。"),
        ("requests", "2024年，结转下年度的申请为2件，比上年减少1件，下降33.33%。"),
        ("requests", "2024年的收到的申请、答复（办理结果），与2018年口径不同，不作比较。"),
        ("outcomes", "2024年，部分公开为零，比上年减少1件，下降100.00%。"),
        ("disputes", "2024年，行政诉讼为零，与上年持平。"),
        ("charges", "2024年，行政事业性收费为86.5万元，与上年持平。"),
        ("people", "2018年，工作人员为34人；2023年至2024年表中没有此项。"),
    ],
)
def test_a_sentence_says_the_last_number_and_how_it_moved(invented, group, sentence):
    assert sentence in _sentences(invented.sentences(group))


def test_a_last_year_after_a_missing_one_is_not_compared(unit, forms):
    shutil.rmtree(unit / "2023")

    assert "2024年，行政许可决定为4224件，上年没有资料，不作比较。" in _sentences(
        trendpage.read(unit, forms).sentences("disclosure")
    )


def test_three_years_of_one_definition_name_the_greatest_and_the_least(begin, changed):
    begin("2021", "2022")
    trend = changed(("2021/requests.csv", RECEIVED, "", "121"), ("2022/requests.csv", RECEIVED, "", "60"))

    assert (
        "2024年，收到的申请为121件，比上年增加34件，增长39.08%。同一口径的各年中，最多的是2021年、2024年，为121件，最少的是2022年，为60件。"
    ) in _sentences(trend.sentences("requests"))


def test_three_years_that_are_all_the_same_say_so(begin, changed):
    begin("2022")
    trend = changed(("2022/penalties.csv", "行政强制", "", "12"))

    assert "2024年，行政强制决定为12件，与上年持平。同一口径的各年都相同。" in _sentences(trend.sentences("disclosure"))


def test_every_number_of_a_sentence_is_a_figure(invented):
    known = {figure.id: figure for figure in invented.figures}
    shown = [node for group in invented.groups for node in walk(invented.sentences(group).blocks) if isinstance(node, Datum)]

    assert [node.figure for node in shown if node.value != known[node.figure].quantity.exact] == []
    assert [node.figure for node in shown if node.text != known[node.figure].display.lstrip("+−")] == []


# ---- tables


def test_a_table_gives_each_year_its_number_its_change_and_the_reason_where_there_is_none(invented):
    assert _of(invented.table("requests", "表"), "收到的申请（件）") == [
        ["2018年", "52", "—", "—", ""],
        ["2019年至2022年", "—", "—", "—", "没有资料"],
        ["2023年", "87", "—", "—", "①口径有变，不作比较"],
        ["2024年", "121", "+34", "+39.08%", ""],
    ]


def test_a_change_from_nothing_is_not_defined(invented):
    assert _of(invented.table("requests", "表"), "上年结转的申请（件）")[-1] == ["2024年", "3", "+3", "无定义", ""]


def test_a_year_that_is_a_draft_is_called_one(changed):
    trend = changed(("2024/requests.csv", RECEIVED, "121", "122"))

    assert [row[0] for row in _of(trend.table("requests", "表"), "收到的申请（件）")] == [
        "2018年",
        "2019年至2022年",
        "2023年",
        "2024年（草稿）",
    ]
    assert [row[-1] for row in _rows(trend.sources("表"))] == ["成稿", "成稿", "草稿"]
    assert "含草稿：2024年" in [notice.title for notice in trend.notice()]


def test_a_draft_is_called_one_where_its_number_is_missing_too(changed):
    trend = changed(("2024/requests.csv", RECEIVED, "121", ""))

    assert _of(trend.table("requests", "表"), "收到的申请（件）")[-1] == ["2024年（草稿）", "—", "—", "—", "缺数"]


def test_missing_years_of_two_definitions_stay_apart_with_the_note_between(begin, changed):
    begin("2019", "2020")
    rows = _of(changed(("2018/statistics.csv", "（一）收到申请数", "52", "")).table("requests", "表"), "收到的申请（件）")

    assert [row for row in rows if row[1] == "—"] == [
        ["2018年（草稿）", "—", "—", "—", "缺数"],
        ["2019年至2020年", "—", "—", "—", "缺数，①口径有变"],
        ["2021年至2022年", "—", "—", "—", "没有资料"],
    ]


def test_years_without_open_findings_have_no_notice(invented):
    assert invented.notice() == ()


def test_the_reports_are_listed_with_the_years_between_that_are_missing(invented):
    display = invented.sources("表")

    assert _sentences(display) == ["本文取自2018年、2023年至2024年的政府信息公开工作年度报告。其间2019年至2022年没有资料。"]
    assert [row[2] for row in _rows(display)] == ["政府信息公开情况统计表", *["政府信息公开工作年度报告格式"] * 2]


# ---- definitions


def test_a_note_says_what_was_counted_before_and_after_as_the_forms_word_it(invented):
    (items,) = [block for block in invented.changes("requests").blocks if isinstance(block, Items)]
    notes = [plain(item[0].children) for item in items.items]

    assert notes[0] == (
        "收到的申请①：2018年取“（一）收到申请数”；2023年取“一、本年新收政府信息公开申请数量”（总计）（只计本年新收的，上年结转的另列一行）。"
    )


def test_a_group_whose_definitions_never_changed_has_no_notes(invented):
    assert invented.changes("people").blocks == ()


def test_every_concept_is_listed_with_the_cell_it_was_taken_from(invented):
    rows = _rows(invented.definitions("表"))

    assert rows[:2] == [
        ["收到的申请", "2018年", "“（一）收到申请数”", ""],
        ["2023年至2024年", "“一、本年新收政府信息公开申请数量”（总计）", "只计本年新收的，上年结转的另列一行"],
    ]
    assert ["2023年至2024年", "表中没有此项", "表中的行政事业性收费是第二十条第（八）项所列收费的金额，不是信息公开收费"] in rows


def test_a_group_that_no_year_has_says_so_and_shows_nothing_else(unit, forms):
    shutil.rmtree(unit / "2018")
    trend = trendpage.read(unit, forms)

    assert _sentences(trend.sentences("people")) == ["各年的表中都没有这方面的数。"]
    assert [trend.chart("people", "图").blocks, trend.table("people", "表").blocks, trend.changes("people").blocks] == [()] * 3


def test_a_group_that_is_not_there_is_answered_with_those_that_are(invented):
    with pytest.raises(UnknownNameError, match="没有叫“staff”的组；有：requests、outcomes、"):
        invented.sentences("staff")


# ---- reading


def test_a_unit_with_one_year_is_told_that_a_trend_needs_two(unit, forms):
    shutil.rmtree(unit / "2018")
    shutil.rmtree(unit / "2023")

    with pytest.raises(
        UnknownReportError,
        match="单位“invented”只有2024年一年的资料，看变化至少要有两年。请先建立另一年：make new UNIT=invented YEAR=2025。",
    ):
        trendpage.read(unit, forms)


def test_a_unit_without_a_year_is_told_so(tmp_path, forms):
    with pytest.raises(UnknownReportError, match="还没有一年的资料"):
        trendpage.read(tmp_path, forms)


def test_all_problems_of_all_years_are_told_at_once(unit, forms):
    for year, name, cell in (("2018", "statistics.csv", "52"), ("2023", "requests.csv", "87"), ("2024", "licences.csv", "4224")):
        path = unit / year / name
        path.write_bytes(path.read_bytes().replace(f",{cell}".encode(), ",一".encode(), 1))

    with pytest.raises(InvalidInputError) as raised:
        trendpage.read(unit, forms)

    assert {problem.file.split("/")[2] for problem in raised.value.problems} == {"2018", "2023", "2024"}


def test_a_year_that_cannot_be_read_is_told_once_though_the_next_reads_it_too(unit, forms):
    (unit / "2023" / "licences.csv").unlink()

    with pytest.raises(InvalidInputError, match="有1处需要改正"):
        trendpage.read(unit, forms)


def test_the_title_names_the_unit_and_the_first_and_the_last_year(invented):
    assert "".join(invented.title_lines) == "虚构县人民政府（示例）2018年至2024年政府信息公开工作情况变化"
