"""A frame as a table of the report: heads, labels, units; and which of its numbers are figures."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nianbao.document import tables
from nianbao.document.document import Document
from nianbao.inputs.report import load
from nianbao.page import theme
from nianbao.page.blocks import Datum, plain

PARAMS = Path(__file__).parents[2] / "params"


@pytest.fixture(scope="module")
def report(forms):
    return Document(load(PARAMS / "specimen" / "2025", forms))


@pytest.fixture(scope="module")
def frame(report):
    return report.frame("requests")[["自然人", "商业企业", "总计"]]


@pytest.fixture(scope="module")
def two_years(forms):
    """A report and that of the year before, of the same form."""
    now = load(PARAMS / "invented" / "2024", forms)
    return Document(now), Document(now.last_year)


def laid(found, report, caption="题"):
    return tables.laid_out(found, report, caption)


def texts(rows):
    return [[plain(cell.children) for cell in row] for row in rows]


def traced(found):
    """Return the figures that a table shows."""
    cells = [each for row in found.grid.bodies[0] for each in row]
    return [child.figure for each in cells for child in each.children if isinstance(child, Datum)]


def test_a_table_has_the_labels_of_its_rows_and_units_in_its_heads(frame, report):
    found = laid(frame.head(2), report).grid
    assert texts(found.head) == [["指标", "自然人（件）", "商业企业（件）", "总计（件）"]]
    assert texts(found.bodies[0]) == [
        ["一、本年新收政府信息公开申请数量", "13612", "252", "14069"],
        ["二、上年结转政府信息公开申请数量", "535", "6", "560"],
    ]
    assert [cell.header for cell in found.bodies[0][0]] == ["row", "", "", ""]
    assert [cell.numeric for cell in found.bodies[0][0]] == [False, True, True, True]


def test_a_whole_frame_of_the_report_is_a_table_with_its_units(report):
    found = laid(report.frame("charges"), report).grid
    assert texts(found.head) == [["指标", "本年收费金额（万元）"]]


def test_heads_of_several_levels_stand_over_their_columns(frame, report):
    shares = frame.div(frame["总计"], axis=0)
    found = laid(pd.concat({"数": frame, "占比": shares}, axis=1), report).grid
    assert [[(plain(cell.children), cell.colspan, cell.rowspan, cell.header) for cell in row] for row in found.head] == [
        [("指标", 1, 2, "col"), ("数", 3, 1, "colgroup"), ("占比", 3, 1, "colgroup")],
        [(f"{each}（件）", 1, 1, "col") for each in frame] + [(each, 1, 1, "col") for each in frame],
    ]


def test_an_index_of_several_levels_stands_once_for_its_lines(frame, report):
    long = frame.head(2).stack(future_stack=True).to_frame("件数")
    found = laid(long, report).grid.bodies[0]
    assert [(plain(row[0].children), row[0].rowspan, row[0].header) for row in (found[0], found[3])] == [
        ("一、本年新收政府信息公开申请数量", 3, "rowgroup"),
        ("二、上年结转政府信息公开申请数量", 3, "rowgroup"),
    ]
    assert [len(row) for row in found] == [3, 2, 2, 3, 2, 2]


def test_rows_that_are_only_counted_have_no_label(report):
    found = laid(pd.DataFrame({"镇": ["甲", "乙"], "户": [3, 4.5]}), report).grid
    assert texts(found.head) == [["镇", "户"]]
    assert texts(found.bodies[0]) == [["甲", "3"], ["乙", "4.50"]]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1.0, 2.0], ["1", "2"]),
        ([0.005, None], ["0.01", ""]),
        ([True, False], ["是", "否"]),
        ([float("nan"), pd.NA], ["", ""]),
        ([Fraction(1, 3), 10**30], ["0.33", "1" + "0" * 30]),
        ([float("inf"), -float("inf")], ["∞", "-∞"]),
        ([pd.Timestamp("2025-01-02"), "文字"], ["2025-01-02 00:00:00", "文字"]),
    ],
)
def test_numbers_without_a_source_are_printed_as_numbers(report, values, shown):
    found = laid(pd.DataFrame({"户": [1, 2], "值": pd.Series(values, dtype=object)}), report)
    assert [row[-1] for row in texts(found.grid.bodies[0])] == shown
    assert traced(found) == []


MEANT = {
    "as it is": lambda df: df,
    "turned": lambda df: df.head(4).T,
    "sorted": lambda df: df.sort_values("总计"),
    "renamed to words of one's own": lambda df: df.rename(columns={"自然人": "公民个人"}),
    "renamed without its number": lambda df: df.rename(index={"handled.granted": "予以公开"}),
    "shares of the row": lambda df: df.div(df["总计"], axis=0),
    "shares of one cell": lambda df: df / df.loc["received", "总计"],
    "a sum called by the name of the whole": lambda df: pd.DataFrame({"总计": df["总计"] + df["自然人"] - df["自然人"]}),
    "a difference under a word of one's own": lambda df: df.assign(差额=df["自然人"] - df["商业企业"]),
    "growth under a word of one's own": lambda df: df[["总计"]].pct_change().iloc[1:].set_axis(["与上一行相比"], axis=1),
}


@pytest.mark.parametrize("name", MEANT)
def test_figures_whose_labels_can_mean_them_are_traced(frame, report, name):
    found = laid(MEANT[name](frame), report)
    assert found.misplaced == ()
    assert len(traced(found)) == sum(cell.numeric for row in found.grid.bodies[0] for cell in row)


ATTACKS = {
    "columns swapped": lambda df: df[["自然人"]].set_axis(["商业企业"], axis=1),
    "a row renamed to another": lambda df: df.loc[["handled.granted"]].rename(index={"handled.granted": "handled.partial"}),
    "a row renamed to another's label": lambda df: df.loc[["handled.granted"]].rename(index={"handled.granted": "部分公开"}),
    "rows moved down": lambda df: df.iloc[:3].shift().iloc[1:],
    "the index turned round": lambda df: df.iloc[[0, 2]].set_axis(["handled.granted", "received"]),
    "a sum under one of its terms": lambda df: pd.DataFrame({"自然人": df["自然人"] + df["商业企业"]}).loc[["received"]],
    "the share of another": lambda df: pd.DataFrame({"商业企业占比": df["自然人"] / df["总计"]}).loc[["received"]],
    "an equal cell under another label": lambda df: df.loc[["handled.refused.secret"], ["自然人"]].set_axis(["总计"], axis=1),
    "differences down under the rows": lambda df: df.diff().loc[["carried_in", "handled.granted"]],
    "merged by equal numbers": lambda df: df[["自然人"]].set_axis(["handled.granted", *df.index[1:]]).iloc[[0]],
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_figure_under_the_name_of_another_is_a_number_without_a_source(frame, report, name):
    found = laid(ATTACKS[name](frame), report)
    assert traced(found) == []
    assert found.misplaced
    assert all("处的数是“" in each for each in found.misplaced)


UNTRACED = {
    "floats": lambda df: df.astype(float),
    "floats under their right labels": lambda df: df.astype(float).astype(object),
    "means": lambda df: df.mean().to_frame("平均"),
    "filled in": lambda df: df.reindex(["received", "nobody"]).fillna(0).loc[["nobody"]],
    "replaced": lambda df: df[df["商业企业"] == 0][["商业企业"]].replace(0, 7),
    "numpy": lambda df: pd.DataFrame({name: df[name].to_numpy() for name in df}, index=df.index),
}


@pytest.mark.parametrize("name", UNTRACED)
def test_a_number_equal_to_a_figure_is_none_under_the_right_labels_either(frame, report, name):
    found = laid(UNTRACED[name](frame), report)
    assert traced(found) == []
    assert found.misplaced == ()


def test_only_what_was_replaced_has_no_source(frame, report):
    found = laid(frame.iloc[:4].replace(252, 7), report)
    assert len(traced(found)) == 11


@pytest.mark.parametrize("word", ["2023年", "上年", "去年总计"])
def test_last_year_s_number_is_called_by_its_year(two_years, word):
    now, before = two_years
    found = pd.DataFrame({"本年": now.frame("requests")["总计"], word: before.frame("requests")["总计"]})
    assert laid(found, now).misplaced == ()
    assert "last_year.received.total" in traced(laid(found, now))


@pytest.mark.parametrize(("first", "second"), [("总计", "其他"), ("本年", "今年"), ("2024年", "2022年"), ("上年", "去年")])
def test_a_year_s_number_under_another_year_is_a_number_without_a_source(two_years, first, second):
    now, before = two_years
    found = pd.DataFrame({first: now.frame("requests")["总计"], second: before.frame("requests")["总计"]})
    assert laid(found, now).misplaced


def test_a_difference_of_two_years_is_a_figure_of_both(two_years):
    now, before = two_years
    found = laid(pd.DataFrame({"增减": now.frame("requests")["总计"] - before.frame("requests")["总计"]}), now)
    assert traced(found)[0] == "received.total-last_year.received.total"


def test_figures_of_another_unit_are_numbers_without_a_source(frame, two_years):
    found = laid(frame.head(1), two_years[0])
    assert traced(found) == []
    assert "specimen/2025" in found.misplaced[0]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (pd.DataFrame(), "是空的"),
        (pd.DataFrame([[1.5] * 70]), "有70列数，纸上至多排60列：请转置"),
        (pd.DataFrame({"甲": range(60_000)}), "有60000行，太大了"),
    ],
)
def test_what_no_page_has_room_for_is_refused(report, found, words):
    with pytest.raises(ValueError, match=words):
        laid(found, report)


def test_what_is_no_frame_is_refused(report):
    with pytest.raises(TypeError, match="要一个 DataFrame 或 Series，这里是 list"):
        laid([1, 2], report)


def test_of_two_thousand_rows_the_first_hundred_are_shown_and_all_are_in_the_file(report):
    found = laid(pd.DataFrame({"项目": ["甲"] * 2000, "数": range(2000)}), report)
    assert len(found.grid.bodies[0]) == 100
    assert found.grid.note == "这里列出前一百行，全部各行在与表同名的 CSV 文件中。"
    assert found.data.splitlines()[0] == "项目,数"
    assert found.data.splitlines()[-1] == "甲,1999"


def test_the_file_holds_what_the_table_prints(frame, report):
    found = laid(frame.div(frame["总计"], axis=0).head(1), report)
    assert found.data == "指标,自然人,商业企业,总计\n一、本年新收政府信息公开申请数量,96.75%,1.79%,100.00%\n"


def test_columns_called_alike_keep_their_own_numbers(frame, report):
    found = laid(pd.concat([frame[["总计"]], frame[["总计"]]], axis=1).head(1), report)
    assert traced(found) == ["received.total"] * 2


def test_a_blank_and_a_dash_stay_what_they_are(longtan):
    document = Document(longtan)
    found = laid(document.frame("statistics").loc[["staff"], ["指标", "累计数"]], document)
    assert texts(found.grid.bodies[0])[0][-1] == "-"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_label_of_the_form_ever_stands_over_another_cell_s_figure(frame, report, data):
    rows = data.draw(st.lists(st.sampled_from(list(frame.index)), min_size=1, max_size=5))
    called = data.draw(st.lists(st.sampled_from(list(frame.index)), min_size=len(rows), max_size=len(rows)))
    heads = data.draw(st.permutations(list(frame.columns)))
    found = laid(frame.loc[rows].set_axis(called).set_axis(heads, axis=1), report)
    words = tables.Words(report)
    named = {words._cells[figure][0] for figure in traced(found)}
    shown = dict(zip(called, rows, strict=True)) if len(set(called)) == len(called) else {}
    for label, row in shown.items():
        below = words._below(label)
        assert row not in named or row in below or label != row
    for line, (label, row) in enumerate(zip(called, rows, strict=True)):
        if row not in words._below(label):
            cells = found.grid.bodies[0][line]
            assert not any(isinstance(child, Datum) for cell in cells for child in cell.children)


def test_a_frame_that_names_its_reasons_in_texts_is_shown_as_texts(report):
    found = laid(pd.DataFrame({"事项": ["甲", "乙"], "说明": ["一", "二"]}), report)
    assert texts(found.grid.bodies[0]) == [["甲", "一"], ["乙", "二"]]


def test_a_figure_of_mixed_units_says_its_own(longtan):
    document = Document(replace(longtan))
    found = laid(document.frame("statistics").loc[["disclosed", "staff"], ["指标", "13年发生数"]], document)
    assert [row[-1] for row in texts(found.grid.bodies[0])] == ["2565条", "97人"]


@pytest.mark.parametrize("columns", [1, 3, 6, 9, 14, 40])
@pytest.mark.parametrize("number", [1, 12_345, 1_234_567_890_123])
def test_a_number_has_room_in_its_column_however_many_there_are(report, columns, number):
    head = [f"第{place}栏的名称很长" for place in range(columns)]
    found = laid(pd.DataFrame([[number] * columns], columns=head, index=["一个很长很长的行的名称"]), report)

    for grid in found.grids:
        points = theme.TEXT_WIDTH / theme.INCH * 72
        size = theme.TYPST_SIZES["xiaowu" if grid.small else "wu"]
        room = min(grid.widths[1:]) * points - 6
        # A digit takes a little over half an em.
        assert len(str(number)) * 0.55 * size <= room
    assert sum(len(grid.widths) - 1 for grid in found.grids) == columns


def test_the_further_parts_of_a_wide_table_are_called_after_it(report):
    found = laid(pd.DataFrame([[123_456] * 30]), report, "各镇的数")

    assert [grid.caption for grid in found.grids] == ["各镇的数", *["各镇的数（续）"] * (len(found.grids) - 1)]
    assert len(found.grids) > 1
