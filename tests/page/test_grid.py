"""Tables: the statistical table in its official layout, and the same cells for pandas."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from nianbao.document import document
from nianbao.indicators import figures, values
from nianbao.indicators.findings import Finding
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, Quantity
from nianbao.page import grid as tables
from nianbao.page.blocks import Datum, GridCell, Text, plain


def changed(read, cells):
    """Return the report *read* with other values in *cells*, named as figures are."""
    changes = {
        tuple(name.rsplit(".", 1)): each if isinstance(each, Quantity) else values.given(each) for name, each in cells.items()
    }
    return replace(read, cells=read.cells | {key: replace(read.cells[key], quantity=each) for key, each in changes.items()})


def statistics(read):
    return tables.statistics(read, figures.compute(read), read.form.tables[0])


def frame(read):
    return document.Document(read).frame(read.form.tables[0].id)


def written(cell):
    """Return a cell as text: how many rows it spans after ×, an arrow for each step its label is set in."""
    spans = f"×{cell.rowspan}" if cell.rowspan > 1 else ""
    return "›" * cell.indent + plain(cell.children) + spans


def shown(grid, figure):
    """Return the cell of *grid* that shows *figure*."""
    cells = [cell for body in grid.bodies for row in body for cell in row]
    return next(cell for cell in cells if isinstance(cell.children[0], Datum) and cell.children[0].figure == figure)


@pytest.fixture(scope="module")
def grid(longtan):
    return statistics(longtan)


def test_the_statistical_table_of_2013_reads_like_this(grid, golden):
    rows = [row for rows in (grid.head, *grid.bodies) for row in rows]
    golden("longtan-2013-statistics.txt", "\n".join(" | ".join(map(written, row)) for row in rows) + "\n")


def test_the_caption_names_the_unit_and_the_year(grid):
    assert grid.caption == "龙潭区人民政府2013年政府信息公开工作年度报告相关数据统计表"
    assert grid.note == "“-”表示该项不适用，空格表示没有填报，数字零表示没有发生。"


def test_the_head_names_the_columns_of_the_year(grid):
    assert [[plain(cell.children) for cell in row] for row in grid.head] == [["类别", "指标", "单位", "累计数", "13年发生数"]]
    assert {cell.header for cell in grid.head[0]} == {"col"}
    assert len(grid.widths) == 5


def test_each_section_is_a_body_under_a_heading_across_the_table(grid, form):
    titles = list(dict.fromkeys(row.section for row in form.tables[0].rows))
    assert [plain(body[0][0].children) for body in grid.bodies] == titles
    assert [(len(body[0]), body[0][0].colspan, body[0][0].header) for body in grid.bodies] == [(1, 5, "rowgroup")] * 5


def test_a_group_spans_its_rows_and_no_others(grid):
    for body in grid.bodies:
        left = 0
        for row in body[1:]:
            if left == 0:
                assert (len(row), row[0].header) == (5, "rowgroup")
                left = row[0].rowspan
            else:
                assert len(row) == 4
            left -= 1
        assert left == 0


def test_every_printed_cell_stands_once_in_reading_order(grid, form):
    found = [cell.children[0].figure for body in grid.bodies for row in body for cell in row if isinstance(cell.children[0], Datum)]
    assert found == [f"{row.id}.{column.id}" for _, row, column in form.cells()]


def test_labels_stand_in_as_deep_as_they_are_in_the_tree(grid):
    deep = {plain(row[-4].children): row[-4].indent for body in grid.bodies for row in body[1:]}
    assert deep["22.与信息公开事务相关的行政复议申请数"] == 0
    assert [deep[f"其中：{label}"] for label in ("⑴受理数", "①办结数", "Ⅰ维持行为数")] == [1, 2, 3]
    # What the table does not print takes no step.
    assert deep["16.文件信息从生成到网上公开不超过20个工作日的数量"] == 0


@pytest.mark.parametrize(
    ("value", "text", "exact"),
    [
        (MISSING, "", None),
        (NOT_APPLICABLE, "-", None),
        (0, "0", "0"),
        (97, "97", "97"),
        (10**30 - 1, "9" * 30, "9" * 30),
    ],
)
def test_blank_dash_and_zero_are_three_different_things(longtan, value, text, exact):
    cell = shown(statistics(changed(longtan, {"gazettes.year": value})), "gazettes.year")
    assert (cell.children[0].text, cell.children[0].value, cell.numeric) == (text, exact, True)


def test_an_amount_keeps_its_places(longtan):
    cell = shown(statistics(changed(longtan, {"fees.year": Decimal("12.50")})), "fees.year")
    assert cell.children[0].text == "12.50"


def test_findings_stand_with_their_rule_their_sentence_and_the_reason():
    left = figures.Figure(
        id="J02.left", label="左边", kind="check", quantity=values.given(14613), number="14613", display="14613条", unit="条"
    )
    finding = Finding(id="J02.cumulative", rule="J02", severity="error", parts=("总数", left, "不符"))
    grid = tables.findings("差异", [(finding, (Text("照录"),))])
    assert [[plain(cell.children) for cell in row] for row in (*grid.head, *grid.bodies[0])] == [
        ["规则", "问题", "认可理由"],
        ["J02", "总数14613不符", "照录"],
    ]
    assert tables.said(finding)[1] == Datum(figure="J02.left", text="14613", value="14613", label="左边")


def test_a_listing_has_the_first_of_each_row_for_heading():
    grid = tables.listing("题", ("位置", "内容"), [("一", "甲"), ("二", "乙")], (1, 3))
    assert [[(plain(cell.children), cell.header) for cell in row] for row in grid.bodies[0]] == [
        [("一", "row"), ("甲", "")],
        [("二", "row"), ("乙", "")],
    ]


def test_rows_with_fewer_figures_are_filled_with_empty_cells(longtan):
    computed = figures.compute(longtan)
    rows = [("甲", (computed["staff.year"],)), ("乙", (computed["staff.full_time.year"], computed["staff.full_time.year.share"]))]
    grid = tables.values("题", ("项目", "数量", "占比"), rows, (2, 1, 1))
    assert [[plain(cell.children) for cell in row] for row in grid.bodies[0]] == [["甲", "97", ""], ["乙", "14", "14.43%"]]
    assert grid.bodies[0][0][2] == GridCell(children=(Text(""),))


def test_a_cell_stands_where_none_from_above_comes_down():
    one, two, tall, wide = (GridCell(children=(Text(text),)) for text in "甲乙丙丁")
    tall, wide = replace(tall, rowspan=2), replace(wide, colspan=2, rowspan=2)
    taken = tables.placed([(one, tall, wide), (two,), (two, one)])

    assert [(tuple(at), plain(place.cell.children)) for at, place in taken.items() if at == place.at] == [
        ((0, 0), "甲"),
        ((0, 1), "丙"),
        ((0, 2), "丁"),
        ((1, 0), "乙"),
        ((2, 0), "乙"),
        ((2, 1), "甲"),
    ]
    assert [plain(taken[1, column].cell.children) for column in range(4)] == ["乙", "丙", "丁", "丁"]
    assert (2, 2) not in taken


# For pandas


def test_a_frame_has_a_line_for_each_row_and_the_labels_of_the_table(longtan, form):
    found = frame(longtan)
    assert list(found.index) == [row.id for row in form.tables[0].rows]
    assert list(found.columns) == ["指标", "单位", "累计数", "13年发生数", "累计数占比", "13年发生数占比"]
    assert found.loc["disclosed.district", "指标"] == "其中：⑴县（市）区、开发区本级公开信息数"


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ("disclosed", "13年发生数", 2565),
        ("disclosed", "累计数", 14613),
        ("disclosed.district", "13年发生数占比", Fraction(953, 2565)),
        ("disclosed.district", "累计数占比", Fraction(765, 14613)),
        ("staff", "累计数", None),
        ("staff.full_time", "累计数占比", None),
        ("litigation", "13年发生数", 0),
        ("fees", "累计数", Decimal(0)),
        ("web_timely.within", "13年发生数占比", Fraction(962, 1170)),
    ],
)
def test_a_frame_holds_exact_values(longtan, row, column, value):
    found = frame(longtan).loc[row, column].number
    assert (found, type(found)) == (value, type(value))


def test_values_of_thirty_digits_stay_whole_in_a_frame(longtan):
    found = frame(changed(longtan, {"staff.year": 10**30 - 1})).loc["staff", "13年发生数"].number
    assert (found, type(found)) == (10**30 - 1, int)


@pytest.mark.parametrize(
    ("cells", "row", "column"),
    [
        ({"staff.year": MISSING}, "staff", "13年发生数"),
        ({"staff.year": MISSING}, "staff.full_time", "13年发生数占比"),
        ({}, "reviews.accepted", "13年发生数占比"),
        ({}, "staff", "13年发生数占比"),
    ],
)
def test_what_has_no_value_is_na_in_a_frame(longtan, cells, row, column):
    assert frame(changed(longtan, cells)).isna().loc[row, column]
