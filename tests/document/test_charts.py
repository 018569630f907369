"""Charts: the figures they print, in the drawing, in their alternative text and in their data."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from nianbao.document import charts
from nianbao.document.document import Document
from nianbao.indicators import figures, values
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, Quantity
from nianbao.page.blocks import Datum, Paragraph, Picture, Text, plain, walk
from nianbao.prose import names

SVG = "{http://www.w3.org/2000/svg}"
REPLIES = ["replies.granted", "replies.partial", "replies.refused", "replies.refused.absent", "replies.refused.unclear"]
LARGE = 10**30 - 1
ODD_NAMES = ["$x$", r"$\frac{1}{0}$", "<b>甲</b>", "甲&乙", '"甲"', "甲_乙^丙", r"\甲", "100%", "{甲}", "&lt;"]


def changed(read, cells):
    """Return the report *read* with other values in *cells*, named as figures are."""
    changes = {
        tuple(name.rsplit(".", 1)): each if isinstance(each, Quantity) else values.given(each) for name, each in cells.items()
    }
    return replace(read, cells=read.cells | {key: replace(read.cells[key], quantity=each) for key, each in changes.items()})


def renamed(read, row, name):
    """Return the report *read* on a form that calls *row* by another name."""
    rows = {**read.form.rows, row: replace(read.form.rows[row], name=name)}
    return replace(read, form=replace(read.form, rows=rows))


def bars(read, *rows, **options):
    document = Document(read)
    return charts.bars([names.find(tuple(row.split(".")), document.names) for row in rows], "答复情况", **options)


def stacks(read, *wholes):
    return charts.stacks(read, figures.compute(read), wholes, "来源")


def drawn(picture):
    """Return the SVG of *picture* as a tree."""
    return ET.fromstring(picture.svg)


def texts(picture):
    return [node.text for node in drawn(picture).iter() if node.tag == f"{SVG}text"]


def marked(picture):
    """Return figure id: its characters in the drawing."""
    return {
        node.get("data-figure"): "".join(text.strip() for text in node.itertext())
        for node in drawn(picture).iter(f"{SVG}g")
        if node.get("data-figure")
    }


def widths(picture):
    """Return how wide each bar is, in the order they are drawn."""
    found = []
    for node in drawn(picture).iter(f"{SVG}path"):
        if "clip-path" in node.attrib and "stroke-linejoin" in node.get("style", ""):
            across = [float(x) for x in re.findall(r"[ML] (-?[\d.]+) ", node.get("d"))]
            found.append(max(across) - min(across))
    return found


@pytest.fixture(scope="module")
def replies(longtan):
    return bars(longtan, *REPLIES)


@pytest.fixture(scope="module")
def sources(longtan):
    return stacks(longtan, ("人员", "staff"), ("申请方式", "applications"))


def data(picture):
    return [[plain(cell.children) for cell in row] for row in (*picture.data.head, *picture.data.bodies[0])]


@pytest.mark.parametrize("name", ["replies", "sources"])
def test_every_number_of_a_chart_is_a_searchable_text_equal_to_the_figures_display(request, longtan, name):
    picture = request.getfixturevalue(name)
    computed = figures.compute(longtan)
    found = marked(picture)
    assert found == {figure: computed[figure].display for figure in found}
    assert set(found) == {node.figure for node in walk(picture.data) if isinstance(node, Datum)}


@pytest.mark.parametrize("name", ["replies", "sources"])
def test_the_alternative_text_holds_every_figure_of_the_chart(request, longtan, name):
    picture = request.getfixturevalue(name)
    computed = figures.compute(longtan)
    assert [figure for figure in marked(picture) if computed[figure].display not in picture.alt] == []
    assert picture.caption in picture.alt


def test_the_alternative_text_of_bars_reads_like_this(replies):
    assert replies.alt == (
        "横条图：答复情况。同意公开答复1073件（79.78%）；同意部分公开答复4件（0.30%）；否决公开答复268件（19.93%）；"
        "信息不存在142件（52.99%）；申请内容不明0件。"
    )


def test_the_alternative_text_of_stacks_reads_like_this(sources):
    assert sources.alt == (
        "比例条图：来源。人员：专职人员14人（14.43%），兼职人员83人（85.57%）；"
        "申请方式：网上申请258件（19.18%），当面申请1083件（80.52%），信函申请0件，其他形式申请4件（0.30%）。"
    )


def test_the_data_of_a_chart_are_its_figures_as_a_table(replies):
    assert replies.data.caption == "答复情况（数据）"
    assert data(replies) == [
        ["项目", "数量", "占比"],
        ["同意公开答复", "1073", "79.78%"],
        ["同意部分公开答复", "4", "0.30%"],
        ["否决公开答复", "268", "19.93%"],
        ["信息不存在", "142", "52.99%"],
        ["申请内容不明", "0", ""],
    ]


def test_without_shares_a_chart_prints_none(longtan):
    picture = bars(longtan, *REPLIES, shares=False)
    assert "%" not in picture.alt
    assert set(marked(picture)) == {f"{row}.year" for row in REPLIES}
    assert data(picture)[0] == ["项目", "数量"]


def test_a_row_that_is_no_part_of_another_has_no_share(longtan):
    picture = bars(longtan, "gazettes", "other_bulletins")
    assert picture.alt == "横条图：答复情况。政府公报（政报）发放83件；其他种类公报发放42件。"


def test_a_chart_takes_the_narrative_column(longtan):
    assert marked(bars(longtan, "reading_points", "reading_points.electronic"))["reading_points.cumulative"] == "10个"


def test_bars_are_as_long_as_their_values(replies):
    found = widths(replies)
    assert [width / found[0] for width in found] == pytest.approx([1, 4 / 1073, 268 / 1073, 142 / 1073, 0], abs=1e-4)


def test_the_parts_of_a_stack_fill_it(longtan):
    found = widths(stacks(longtan, ("人员", "staff")))
    # Each part is a piece of the bar and a patch of the legend.
    pieces = found[0::2]
    assert [piece / sum(pieces) for piece in pieces] == pytest.approx([14 / 97, 83 / 97], abs=1e-4)


@pytest.mark.parametrize("name", ["replies", "sources"])
def test_no_bar_and_no_word_stands_outside_the_drawing(request, name):
    picture = request.getfixturevalue(name)
    assert outside(picture) == []


def outside(picture):
    """Return the texts that reach over an edge, by the estimate that the drawing itself uses."""
    right = float(drawn(picture).get("viewBox").split()[2])
    found = []
    for node in drawn(picture).iter(f"{SVG}text"):
        width = charts.inches(node.text or "") * 72
        x = node.get("x") or re.search(r"translate\(([\d.-]+)", node.get("transform")).group(1)
        start = float(x) - (width if "text-anchor: end" in node.get("style") else 0)
        if start < 0 or start + width > right:
            found.append(node.text)
    return found


def test_a_chart_is_drawn_the_same_every_time(longtan, replies, sources):
    assert bars(longtan, *REPLIES) == replies
    assert stacks(longtan, ("人员", "staff"), ("申请方式", "applications")) == sources


def test_a_chart_is_drawn_the_same_whatever_matplotlib_is_told_elsewhere(longtan, replies):
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path", "figure.facecolor": "red", "axes.unicode_minus": False}):
        assert bars(longtan, *REPLIES) == replies
        assert mpl.rcParams["font.size"] == 30


@pytest.mark.parametrize("name", ["replies", "sources"])
def test_a_drawing_holds_no_date_no_tool_no_picture_and_no_script(request, name):
    svg = request.getfixturevalue(name).svg
    assert svg.startswith("<svg")
    assert not re.search(r"<metadata|<image|<script|<!|matplotlib|\d{4}-\d\d-\d\d", svg)


def test_ids_of_a_drawing_are_distinct(sources):
    ids = [node.get("id") for node in drawn(sources).iter() if node.get("id")]
    assert len(set(ids)) == len(ids)


NOTHING = {
    "各项都为零": dict.fromkeys([f"{row}.year" for row in REPLIES], 0),
    "各项都缺数": dict.fromkeys([f"{row}.year" for row in REPLIES], MISSING),
    "各项都不适用": dict.fromkeys([f"{row}.year" for row in REPLIES], NOT_APPLICABLE),
}


@pytest.mark.parametrize("words", NOTHING)
def test_where_there_is_nothing_to_draw_a_sentence_says_why(longtan, words):
    assert bars(changed(longtan, NOTHING[words]), *REPLIES) == Paragraph((Text(f"（答复情况：{words}，不作图。）"),))


def test_where_items_are_empty_each_in_its_way_each_is_named(longtan):
    cells = {f"{row}.year": (0 if row.endswith("granted") else MISSING) for row in REPLIES}
    (text,) = bars(changed(longtan, cells), *REPLIES).children

    zero, *missing = (longtan.form.rows[row].name for row in REPLIES)
    assert text.text == f"（答复情况：{zero}为零，{'、'.join(missing)}缺数，不作图。）"


NO_WHOLE = {"收费为零": {"fees.year": 0}, "收费缺数": {"fees.year": MISSING}}


@pytest.mark.parametrize("words", NO_WHOLE)
def test_a_whole_of_nothing_makes_no_stack(longtan, words):
    assert stacks(changed(longtan, NO_WHOLE[words]), ("收费", "fees")) == Paragraph((Text(f"（来源：{words}，不作图。）"),))


def test_a_whole_of_nothing_is_left_out_beside_others(longtan):
    picture = stacks(longtan, ("收费", "fees"), ("人员", "staff"))
    assert "收费" not in picture.alt
    assert "收费" not in texts(picture)
    assert set(marked(picture)) == {f"staff.{part}.year{share}" for part in ("full_time", "part_time") for share in ("", ".share")}


def test_a_missing_value_is_said_and_has_no_length(longtan):
    picture = bars(changed(longtan, {"replies.partial.year": MISSING}), *REPLIES)
    assert "同意部分公开答复缺数；" in picture.alt
    assert marked(picture)["replies.partial.year"] == "缺数"
    assert widths(picture)[1] == 0
    assert data(picture)[2] == ["同意部分公开答复", "", ""]


def test_a_missing_part_of_a_stack_is_said(longtan):
    assert "信函申请缺数，" in stacks(changed(longtan, {"applications.letter.year": MISSING}), ("申请", "applications")).alt


def test_values_of_thirty_digits_are_printed_whole(longtan):
    picture = bars(changed(longtan, {"replies.granted.year": LARGE, "replies.year": LARGE + 272}), *REPLIES)
    assert marked(picture)["replies.granted.year"] == f"{LARGE}件"
    assert f"同意公开答复{LARGE}件（100.00%）" in picture.alt
    assert outside(picture) == []


def test_stacks_of_thirty_digits_are_printed_whole(longtan):
    picture = stacks(
        changed(longtan, {"staff.year": LARGE, "staff.full_time.year": LARGE, "staff.part_time.year": 0}), ("人员", "staff")
    )
    assert marked(picture)["staff.full_time.year"] == f"{LARGE}人"
    assert marked(picture)["staff.full_time.year.share"] == "100.00%"
    assert outside(picture) == []


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_literal_text_in_a_drawing(longtan, name):
    picture = bars(renamed(longtan, "replies.granted", name), "replies.granted", "replies.partial")
    assert texts(picture)[0] == name
    assert f"。{name}1073件" in picture.alt
    assert data(picture)[1][0] == name


@pytest.mark.parametrize("name", ODD_NAMES)
def test_the_names_of_a_stack_are_literal_text(longtan, name):
    picture = stacks(renamed(longtan, "staff.full_time", name), (name, "staff"))
    assert texts(picture).count(name) == 2
    assert f"{name}：{name}14人" in picture.alt


def test_a_long_name_is_broken_into_lines_that_lose_nothing(longtan):
    name = "依申请提供政府信息收取的复印、递送等成本费用以及其他费用"
    picture = bars(renamed(longtan, "replies.granted", name), "replies.granted", "replies.partial")
    found = "".join(text for text in drawn(picture).itertext() if text.strip())
    assert name in found
    assert outside(picture) == []


def test_parts_of_parts_stand_further_in(longtan):
    found = texts(bars(longtan, "replies.refused", "replies.refused.absent"))
    assert found[0] == "否决公开答复"
    assert "　信息不存在" in found


def test_a_chart_of_everything_the_notebook_draws_is_a_picture(longtan, form):
    wholes = [(row.name, row.id) for row in form.rows.values() if form.parts(row.id)]
    assert isinstance(stacks(longtan, *wholes), Picture)
