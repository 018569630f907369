"""Blocks as Typst: text enters as string literals only, and tables keep their places."""

import datetime
import json
import re

import pytest
import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nianbao.build import gate
from nianbao.indicators import figures
from nianbao.page import grid as tables
from nianbao.page import typst as typstpage
from nianbao.page.blocks import (
    Datum,
    Emphasis,
    Grid,
    GridCell,
    Heading,
    Items,
    LineBreak,
    Link,
    Notice,
    Paragraph,
    Picture,
    Quote,
    Strong,
    Text,
)
from nianbao.render import exporters

HOSTILE = [
    '#read("/etc/passwd")',
    '"]; #read("/etc/passwd") #["',
    '\\"; #x',
    "\\",
    '\\\\"',
    "\\u{41}",
    "\\n",
    "$x$ *x* _x_ `x` <x> @x // x /* x */",
    "#let x = 1",
    "a\nb",
    "= 题",
    "- x\n+ y",
    "https://a.cn/",
    "--- ... ~",
    "甲\u2028乙\u200b",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1) | st.sampled_from(HOSTILE)
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def unescaped(literal):
    """Read a Typst string literal, of which only these escapes are written."""
    assert LITERAL.fullmatch(literal)
    escapes = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
    return re.sub(r"\\.", lambda found: escapes[found.group()], literal[1:-1])


def grid(caption="题", note="注", body="9"):
    head = ((GridCell(children=(Text("头"),), header="col"),),)
    return Grid(caption=caption, head=head, bodies=(((GridCell(children=(Text(body),)),),),), widths=(1,), note=note)


def picture(caption="题", alt="图", svg="<svg/>"):
    return Picture(caption=caption, svg=svg, alt=alt, data=grid())


PLACES = {
    "text": lambda text: Paragraph((Text(text),)),
    "heading": lambda text: Heading(2, (Text(text),)),
    "strong": lambda text: Paragraph((Strong((Text(text),)),)),
    "emphasis": lambda text: Paragraph((Emphasis((Text(text),)),)),
    "link": lambda text: Paragraph((Link("https://a.cn/", (Text(text),)),)),
    "address": lambda text: Paragraph((Link(text, (Text("甲"),)),)),
    "datum": lambda text: Paragraph((Datum(figure="staff.year", text=text, value="97", label="人数"),)),
    "item": lambda text: Items(ordered=True, items=((Paragraph((Text(text),)),),)),
    "quote": lambda text: Quote((Paragraph((Text(text),)),)),
    "notice": lambda text: Notice(title=text, children=()),
    "notice text": lambda text: Notice(title="草稿", children=(Paragraph((Text(text),)),)),
    "cell": lambda text: grid(body=text),
    "table caption": lambda text: grid(caption=text),
    "table note": lambda text: grid(note=text),
    "picture": lambda text: picture(svg=text),
    "picture caption": lambda text: picture(caption=text),
    "picture alt": lambda text: picture(alt=text),
}


@given(TEXTS)
@example("")
@example('\\"')
def test_a_literal_is_read_back_as_the_text_it_was_made_from(text):
    assert unescaped(typstpage.literal(text)) == text


@pytest.mark.parametrize(("text", "read"), [("a\r\nb", "a\nb"), ("a\tb", "a b")])
def test_line_ends_are_one_character_and_tabs_are_spaces(text, read):
    assert unescaped(typstpage.literal(text)) == read


def test_typst_itself_reads_every_literal_back(tmp_path):
    source = tmp_path / "x.typ"
    source.write_text("".join(f"#metadata({typstpage.literal(text)})<x>\n" for text in HOSTILE), "utf-8")
    assert json.loads(typst.query(str(source), "<x>", field="value")) == HOSTILE


@pytest.mark.parametrize("place", PLACES)
def test_any_text_stands_in_a_literal_and_nowhere_else(place):
    def parts(text):
        source = typstpage.blocks([PLACES[place](text)])
        return LITERAL.sub('""', source), [unescaped(found) for found in LITERAL.findall(source)]

    skeleton, _ = parts("x")

    @settings(max_examples=40)
    @given(TEXTS)
    @example('"]; #read("/etc/passwd") #["')
    @example("\\")
    def check(text):
        found, literals = parts(text)
        assert found == skeleton
        assert text in literals

    check()


@pytest.mark.parametrize(
    ("block", "source"),
    [
        (Heading(1, (Text("题"),)), '#heading(level: 1)[#"题";]\n'),
        (Heading(2, (Text("甲"),)), '#heading(level: 1)[#"甲";]\n'),
        (Heading(4, (Text("甲"),)), '#heading(level: 3)[#"甲";]\n'),
        (Paragraph((Text("甲"), LineBreak(), Strong((Text("乙"),)))), '#par[#"甲";#linebreak();#strong[#"乙";];]\n'),
        (Paragraph((Link("https://a.cn/", (Text("甲"),)),)), '#par[#link("https://a.cn/")[#"甲";];]\n'),
        (Paragraph((Datum(figure="x", text="97人", value="97", label="人数"),)), '#par[#"97人";]\n'),
        (Items(ordered=False, items=((Paragraph((Text("甲"),)),), ())), '#list([#par[#"甲";]\n], [])\n'),
        (Items(ordered=True, items=((Paragraph((Text("甲"),)),),)), '#enum([#par[#"甲";]\n])\n'),
        (Quote((Paragraph((Text("甲"),)),)), '#quote(block: true)[#par[#"甲";]\n]\n'),
        (picture(), '#report-picture("<svg/>", caption: "题", alt: "图")\n'),
        (Notice(title="草稿", children=()), '#report-notice("草稿")[]\n'),
    ],
)
def test_a_block_becomes_a_call_of_its_function(block, source):
    assert typstpage.blocks([block]) == source


def cell(text, **options):
    return GridCell(children=(Text(text),), **options)


MERGED = Grid(
    caption="",
    head=((cell("类别", header="col"), cell("指标", header="col"), cell("数", header="col")),),
    bodies=(
        (
            (cell("一、", header="rowgroup", colspan=3),),
            (cell("组", header="rowgroup", rowspan=2), cell("甲", header="row"), cell("1", numeric=True)),
            (cell("乙", header="row", indent=1), cell("2", numeric=True)),
        ),
        ((cell("丙", header="row", colspan=2), cell("3", numeric=True)),),
    ),
    widths=(1, 2, 1),
)


def placed(source):
    """Return text: (column, row, columns, rows) of each cell."""
    found = re.findall(r'report-cell\(x: (\d+), y: (\d+), colspan: (\d+), rowspan: (\d+),.*?\)\[#"(.*?)";\]', source)
    return {text: tuple(map(int, place)) for *place, text in found}


def test_cells_stand_where_spanning_cells_leave_room():
    assert placed(typstpage.blocks([MERGED])) == {
        "类别": (0, 0, 1, 1),
        "指标": (1, 0, 1, 1),
        "数": (2, 0, 1, 1),
        "一、": (0, 1, 3, 1),
        "组": (0, 2, 1, 2),
        "甲": (1, 2, 1, 1),
        "1": (2, 2, 1, 1),
        "乙": (1, 3, 1, 1),
        "2": (2, 3, 1, 1),
        "丙": (0, 4, 2, 1),
        "3": (2, 4, 1, 1),
    }


def test_a_heading_across_the_table_stands_apart_from_the_rows_under_it():
    source = typstpage.blocks([MERGED])
    assert (
        'body: (((report-cell(x: 0, y: 1, colspan: 3, rowspan: 1, kind: "rowgroup", numeric: false, indent: 0)[#"一、";], ), ('
        in source
    )
    assert "head-rows: 1" in source
    assert "widths: (1fr, 2fr, 1fr, )" in source


def test_the_headings_of_each_row_are_counted_without_those_above_the_columns():
    assert typstpage.row_headings(MERGED) == [2, 1, 1]


def test_the_statistical_table_fills_its_grid_without_a_hole_or_an_overlap(longtan, form):
    found = tables.statistics(longtan, figures.compute(longtan), form.tables[0])
    places = [
        (int(x) + right, int(y) + down)
        for x, y, width, height in re.findall(
            r"report-cell\(x: (\d+), y: (\d+), colspan: (\d+), rowspan: (\d+)", typstpage.blocks([found])
        )
        for right in range(int(width))
        for down in range(int(height))
    ]
    assert sorted(places) == [(x, y) for x in range(5) for y in range(1 + 5 + 54)]


@pytest.mark.parametrize("small", [False, True])
def test_numbers_of_a_table_with_many_columns_do_not_touch(small):
    numbers = ["5548", "40.00%", "14069", "100.00%"] * 4
    row = tuple(GridCell(children=(Text(each),), numeric=True) for each in numbers)
    grid = Grid(caption="", head=(row,), bodies=((row,),), widths=(1,) * len(row), small=small)
    source = f"""#import "report.typ": *
#show: report.with(title: "甲", title-lines: ("甲",), author: "甲", notice: [], draft: true)
{typstpage.blocks([grid])}
"""
    text = gate.pages(exporters._compiled(source, datetime.date(2014, 3, 5)))[-1]

    assert [each for each in gate.tokens(text) if each in "5548 40.00 14069 100.00"] == [each.rstrip("%") for each in numbers] * 2
