from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nianbao.indicators import values as quantity
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.form import Unit
from nianbao.indicators.values import MISSING, NOT_APPLICABLE
from nianbao.inputs import report
from nianbao.inputs.tables import TableReader, allowed
from strategies import LONG_COUNTS

SHOWN = "params/longtan/2013"
SESSIONS = "一、基本情况,学习培训,2.举办培训次数,次,94,34\n"
ATTENDANCE = "一、基本情况,学习培训,3.参加培训人次数,人次,2441,929\n"
FEES = "五、收费和减免情况,收费,24.与信息公开相关的收费金额,元,0,0\n"
LAST = "五、收费和减免情况,收费,⑵其他费用金额,元,0,0\n"


def text_of(params):
    return (params / "statistics.csv").read_text("utf-8-sig")


def spoil(params, old, new):
    """Put *new* in the place of *old*, which stands in the file once, as Excel would save it."""
    text = text_of(params)
    assert text.count(old) == 1
    (params / "statistics.csv").write_text(text.replace(old, new), "utf-8-sig", newline="")


def message_of(params, forms):
    with pytest.raises(InvalidInputError, match=r"^有[1-9][0-9]*处需要改正：\n") as refused:
        report.load(params, forms)
    return str(refused.value)


# One bad table for each defect: what stood there, what stands there now, where the message says it is, and what it says.
DEFECTS = [
    # a value
    ("次,94,34", "次,94,３４", "第5行（F5 2.举办培训次数 13年发生数）", "读到“３４”，含全角数字", "改用半角数字"),
    ("次,94,34", "次,９4,34", "第5行（E5 2.举办培训次数 累计数）", "读到“９4”，含全角数字", "改用半角数字"),
    ("人次,2441,929", '人次,"2,441",929', "第6行（E6 3.参加培训人次数 累计数）", "读到“2,441”，含千位分隔符", "去掉逗号"),
    ("人次,2441,929", "人次,“2,441”,929", "第6行（3.参加培训人次数）", "行末多出“929”", "数中的逗号也会多出一栏"),
    ("人次,2441,929", "人次,2,441,929", "第6行（3.参加培训人次数）", "行末多出“929”", "数中的逗号也会多出一栏"),
    ("人次,2441,929", "人次,2441,092", "第6行（F6 ", "读到“092”，以0开头", "去掉前面的0"),
    ("次,94,34", "次,010,34", "第5行（E5 ", "读到“010”，以0开头", "去掉前面的0"),
    ("次,94,34", "次,94,-34", "第5行（F5 ", "读到“-34”，是负数", "填不小于0的数"),
    ("次,94,34", "次,94,+34", "第5行（F5 ", "读到“+34”，带正号", "去掉正号"),
    ("次,94,34", "次,94,34.0", "第5行（F5 ", "读到“34.0”，有小数", "填整数"),
    ("次,94,34", "次,94,3.4E+1", "第5行（F5 ", "读到“3.4E+1”，是科学记数法", "写出全部数字"),
    ("次,94,34", "次,94,34次", "第5行（F5 ", "读到“34次”，数后面带文字", "只写数"),
    ("次,94,34", "次,94,1万", "第5行（F5 ", "读到“1万”，带“万”“亿”", "按本行单位写出全部数字"),
    ("次,94,34", "次,94,无", "第5行（F5 ", "读到“无”，不是数", "不小于0的整数、“-”（不适用）或空（缺数）"),
    ("次,94,34", "次,94,—", "第5行（F5 ", "像是“不适用”", "用半角“-”表示不适用"),
    ("次,94,34", "次,94,／", "第5行（F5 ", "像是“不适用”", "用半角“-”表示不适用"),
    ("次,94,34", "次,94,－", "第5行（F5 ", "像是“不适用”", "用半角“-”表示不适用"),
    ("次,94,34", "次,94,10:30", "第5行（F5 ", "像是时间", "改写为数"),
    ("次,94,34", "次,94,=SUM(F2:F4)", "第5行（F5 ", "读到“=SUM(F2:F4)”，不是数", "填半角阿拉伯数字"),
    ("次,94,34", "次,94," + "3" * 31, "第5行（F5 ", "多于30位数字", "核对是否粘贴有误"),
    ("收费金额,元,0,0", "收费金额,元,0,12.505", "第53行（F53 ", "小数多于2位", "不小于0的数、“-”（不适用）或空（缺数）"),
    ("收费金额,元,0,0", "收费金额,元,0,-12.50", "第53行（F53 ", "是负数", "不小于0的数、“-”（不适用）或空（缺数）"),
    # what says which value it is
    (
        "2.举办培训次数",
        "2.举办培训班次数",
        "第5行（C5）",
        "指标是“2.举办培训班次数”；应为：“2.举办培训次数”",
        "恢复表式的文字和次序",
    ),
    ("次,94,34", "场,94,34", "第5行（D5）", "单位是“场”；应为：“次”", "恢复表式的文字"),
    ("学习培训,2.举办", "培训学习,2.举办", "第5行（B5）", "类别是“培训学习”；应为：“学习培训”", "恢复表式的文字"),
    ("一、基本情况,学习培训,2.举办", ",学习培训,2.举办", "第5行（A5）", "部分是“”；应为：“一、基本情况”", "恢复表式的文字"),
    (SESSIONS, "", "statistics.csv：", "缺少“2.举办培训次数”一行", "按表式的次序补上"),
    (LAST, "", "statistics.csv：", "缺少“⑵其他费用金额”一行", "按表式的次序补上"),
    (SESSIONS, SESSIONS + SESSIONS.replace("2.举办", "2.又举办"), "第6行（C6）", "多出“2.又举办培训次数”一行，表式中没有", "删去"),
    (SESSIONS, SESSIONS * 2, "第5行（C5）", "多出“2.举办培训次数”一行，表式中没有", "删去"),
    (LAST, LAST + "合计,,,,1,1\n", "第56行（C56）", "多出“”一行，表式中没有", "删去"),
    (SESSIONS + ATTENDANCE, ATTENDANCE + SESSIONS, "第5行（C5）", "多出“3.参加培训人次数”一行", "按表式的次序补上"),
    ("累计数,13年发生数", "累计数,14年发生数", "第1行（表头）", "累计数，14年发生数", "部分，类别，指标，单位，累计数，13年发生数"),
    ("累计数,13年发生数", "13年发生数,累计数", "第1行（表头）", "13年发生数，累计数", "恢复表式的表头"),
    ("部分,类别,指标,单位", "类别,指标,单位", "第1行（表头）", "“类别，指标，单位", "恢复表式的表头"),
    ("累计数,13年发生数", "累计数,13年发生数,备注", "第1行（表头）", "备注", "恢复表式的表头"),
    # the line as a whole
    ("次,94,34", "次,94", "第5行（F5）", "“2.举办培训次数”缺少一栏", "空格表示缺数"),
    ("次,94,34", "次,94,34,备注", "第5行（2.举办培训次数）", "行末多出“备注”", "删去"),
    ("次,94,34", '次,94,"34', "statistics.csv 第5行：", "引号不成对", "检查这一行的引号"),
    ("次,94,34", '次,94,"34"0', "statistics.csv 第5行：", "引号不成对", "检查这一行的引号"),
]


@pytest.mark.parametrize(("old", "new", "where", "found", "remedy"), DEFECTS)
def test_a_spoilt_table_is_refused_with_the_cell_and_what_to_do(params, forms, old, new, where, found, remedy):
    spoil(params, old, new)
    said = message_of(params, forms)
    assert "params/longtan/2013/statistics.csv" in said
    assert where in said
    assert found in said
    assert remedy in said


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("次,94,34", "次,94,３４", 1),
        ("2.举办培训次数", "2.举办培训班次数", 1),
        ("次,94,34", "场,94,34", 1),
        (SESSIONS, "", 1),
        (SESSIONS, SESSIONS * 2, 1),
        ("累计数,13年发生数", "累计数,14年发生数", 1),
        ("次,94,34", '次,94,"34', 1),
        ("次,94,34", "场,１,２", 3),
        (SESSIONS + ATTENDANCE, ATTENDANCE + SESSIONS, 2),
    ],
)
def test_one_slip_does_not_set_off_messages_about_other_rows(params, forms, old, new, count):
    spoil(params, old, new)
    assert message_of(params, forms).startswith(f"有{count}处需要改正：")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "statistics.csv：文件是空的。请从表式重新导出"),
        (b"\xef\xbb\xbf", "statistics.csv：文件是空的。请从表式重新导出"),
        (b"\r\n,,,,,\r\n", "statistics.csv：文件是空的。请从表式重新导出"),
        ("部分,类别".encode("gbk"), "statistics.csv 第1行：不是 UTF-8 编码（可能是 GBK）。请在 Excel 或 WPS 中另存为“CSV UTF-8”"),
        ("a,b\nc,类别".encode("gbk"), "statistics.csv 第2行：不是 UTF-8 编码"),
        ("部分,类别".encode("utf-16"), "statistics.csv 第1行：不是 UTF-8 编码"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff\xfe", "statistics.csv 第1行：不是 UTF-8 编码"),
        (b" " * 4_000_001, "statistics.csv：文件大于4MB。请检查是否放错了文件"),
    ],
)
def test_what_is_no_table_at_all_is_told_in_one_sentence(params, forms, content, words):
    (params / "statistics.csv").write_bytes(content)
    said = message_of(params, forms)
    assert said.startswith("有1处需要改正：")
    assert f"params/longtan/2013/{words}" in said


def test_a_table_saved_as_gbk_is_recognised(params, forms):
    (params / "statistics.csv").write_text(text_of(params).replace("\u2160", "I").replace("\u2161", "II"), "gbk")
    assert "statistics.csv 第1行：不是 UTF-8 编码（可能是 GBK）。请在 Excel 或 WPS 中另存为“CSV UTF-8”" in message_of(params, forms)


def test_a_table_that_is_not_there_is_asked_for(params, forms):
    (params / "statistics.csv").unlink()
    assert "params/longtan/2013/statistics.csv：没有这个文件。请补上" in message_of(params, forms)


def test_a_table_with_a_header_alone_lacks_every_row(params, forms):
    (params / "statistics.csv").write_text(text_of(params).splitlines()[0], "utf-8")
    assert message_of(params, forms).startswith("有54处需要改正：")


@pytest.mark.parametrize(
    ("kind", "signed", "words"),
    [
        ("count", False, "不小于0的整数、“-”（不适用）或空（缺数）"),
        ("count", True, "整数、“-”（不适用）或空（缺数）"),
        ("amount", True, "数、“-”（不适用）或空（缺数）"),
    ],
)
def test_what_is_allowed_follows_the_unit_and_the_column(kind, signed, words):
    assert allowed(Unit(kind=kind), signed=signed) == words


# ------------------------------------------------------------------------------------------------ what reads the same


def values_of(loaded):
    return {key: cell.quantity for key, cell in loaded.cells.items()}


@pytest.mark.parametrize(("encoding", "newline"), [("utf-8-sig", "\n"), ("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("utf-8", "\r")])
def test_marks_and_line_ends_change_nothing(params, forms, longtan, encoding, newline):
    (params / "statistics.csv").write_text(text_of(params), encoding, newline=newline)
    assert report.load(params, forms).cells == longtan.cells


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("⑴县（市）区", "⑴县(市)区"),
        ("其中：⑴专职人员数", "其中:⑴专职人员数"),
        ("专栏或网站的点击次数", "专栏或网站 的点击次数"),
        ("次,94,34", " 次 , 94,34 "),
        ("次,94,34", "次,\u300094\u3000,\u00a034"),
        ("次,94,34", "次,94,34,,"),
        ("次,94,34", '次,"94","34"'),
        ("2.举办培训次数", '"2.举办\n培训次数"'),
        (SESSIONS, ",,,,,\n" + SESSIONS),
        ("累计数,13年发生数", "累计数 , 13年发生数,,"),
    ],
)
def test_widths_of_brackets_blanks_quotes_and_empty_columns_change_no_value(params, forms, longtan, old, new):
    spoil(params, old, new)
    assert values_of(report.load(params, forms)) == values_of(longtan)


# ------------------------------------------------------------------------------------------------ what is read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", MISSING),
        ("  ", MISSING),
        ("-", NOT_APPLICABLE),
        (" - ", NOT_APPLICABLE),
        ("0", quantity.given(0)),
        ("7", quantity.given(7)),
    ],
)
def test_blank_is_missing_a_dash_is_not_applicable_and_nought_is_nought(params, forms, typed, read):
    spoil(params, "次,94,34", f"次,94,{typed}")
    assert report.load(params, forms).cells["training_sessions", "year"].quantity == read


@pytest.mark.parametrize("typed", ["0", "12", "12.5", "12.50"])
def test_money_keeps_the_decimals_it_was_typed_with(params, forms, typed):
    spoil(params, "收费金额,元,0,0", f"收费金额,元,0,{typed}")
    read = report.load(params, forms).cells["fees", "year"].quantity
    assert (read.value, read.exact) == (Decimal(typed), typed)


@pytest.mark.parametrize(
    ("row", "column", "line", "address", "value"),
    [
        ("staff", "year", 2, "F2", 97),
        ("training_sessions", "cumulative", 5, "E5", 94),
        ("disclosed.district", "cumulative", 8, "E8", 765),
        ("fees.other", "year", 55, "F55", 0),
    ],
)
def test_a_cell_knows_its_line_and_its_address_in_a_spreadsheet(longtan, row, column, line, address, value):
    cell = longtan.cells[row, column]
    assert (cell.line, cell.address, cell.quantity.value) == (line, address, value)


def test_an_empty_line_counts_in_the_addresses_as_a_spreadsheet_shows_them(params, forms):
    spoil(params, SESSIONS, "\n" + SESSIONS)
    assert report.load(params, forms).cells["training_sessions", "year"].address == "F6"


@settings(max_examples=30)
@given(st.lists(st.none() | LONG_COUNTS, min_size=108, max_size=108))
def test_a_table_that_is_written_and_read_back_holds_the_same_values(form, values):
    table = form.tables[0]
    drawn = iter(["" if value is None else str(value) for value in values])
    lines = [["部分", "类别", "指标", "单位", "累计数", "13年发生数"]]
    lines += [[row.section, row.group, row.printed_label, row.unit, next(drawn), next(drawn)] for row in table.rows]
    problems = []
    cells = TableReader("a.csv", problems, form, table, 2013).read("\n".join(map(",".join, lines)).encode())
    assert problems == []
    assert [cell.quantity.value for cell in cells.values()] == values
