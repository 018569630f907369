"""Blocks as HTML: nothing in a text is markup, every number is a <data> element, tables and charts are accessible."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nianbao.indicators import figures
from nianbao.page import grid as tables
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
    from_json,
    plain,
    to_json,
    walk,
)
from nianbao.page.html import PageWriter

VOID = {"br", "col"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><b onclick="x">',
    "' onclick='x",
    "&lt;b&gt; &amp &#60;",
    "</data></p>",
    "<!--",
    "]]>",
    "</title>",
    "\\1 \\g<0>",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1) | st.sampled_from(HOSTILE)
SVG = '<svg width="9"><defs><path id="p"/></defs><use xlink:href="#p" clip-path="url(#p)"/><text>9</text></svg>'


def datum(text="97人", figure="staff.year", value="97", label="人数"):
    return Datum(figure=figure, text=text, value=value, label=label)


def cell(*children, **options):
    return GridCell(children=children, **options)


def grid(caption="题", note="注", body="9"):
    return Grid(
        caption=caption, head=((cell(Text("头"), header="col"),),), bodies=(((cell(Text(body)),),),), widths=(1,), note=note
    )


def picture(caption="题", alt="图中是", svg=SVG):
    return Picture(caption=caption, svg=svg, alt=alt, data=grid(caption=f"{caption}（数据）", note=""))


# Where a text can stand: a block with the text in it, and the attributes that hold it; "" where it is shown.
PLACES = {
    "text": (lambda text: Paragraph((Text(text),)), [""]),
    "heading": (lambda text: Heading(2, (Text(text),)), [""]),
    "strong": (lambda text: Paragraph((Strong((Text(text),)),)), [""]),
    "emphasis": (lambda text: Paragraph((Emphasis((Text(text),)),)), [""]),
    "link": (lambda text: Paragraph((Link("https://a.cn/", (Text(text),)),)), [""]),
    "address": (lambda text: Paragraph((Link(text, (Text("甲"),)),)), ["href"]),
    "datum": (lambda text: Paragraph((datum(text=text),)), [""]),
    "value": (lambda text: Paragraph((datum(value=text),)), ["value"]),
    "no value": (lambda text: Paragraph((datum(text=text, value=None),)), ["", "value"]),
    "label": (lambda text: Paragraph((datum(label=text),)), ["title"]),
    "figure": (lambda text: Paragraph((datum(figure=text),)), ["id", "data-figure"]),
    "item": (lambda text: Items(ordered=True, items=((Paragraph((Text(text),)),),)), [""]),
    "quote": (lambda text: Quote((Paragraph((Text(text),)),)), [""]),
    "notice": (lambda text: Notice(title=text, children=()), ["", "aria-label"]),
    "cell": (lambda text: grid(body=text), [""]),
    "table caption": (lambda text: grid(caption=text), ["", "aria-label"]),
    "table note": (lambda text: grid(note=text), [""]),
    "picture caption": (lambda text: picture(caption=text), [""]),
    "picture alt": (lambda text: picture(alt=text), [""]),
}


class Page(HTMLParser):
    """What a browser finds: elements with their attributes, the characters shown, and whether all is closed."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.elements, self.text, self.open = [], "", []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert len({name for name, _ in attributes}) == len(attributes)
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        pytest.fail(f"a comment: {data}")

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, name):
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    @property
    def shape(self):
        """The elements with the names of their attributes."""
        return [(tag, sorted(attributes)) for tag, attributes in self.elements]


def page(*blocks, **options):
    return Page(PageWriter(**options).blocks(blocks))


@pytest.mark.parametrize("place", PLACES)
def test_any_text_comes_back_unchanged_and_adds_no_element(place):
    build, holders = PLACES[place]
    shape = page(build("x")).shape

    @settings(max_examples=40)
    @given(TEXTS)
    @example("<script>alert(1)</script>")
    @example('"><b onclick="x">')
    @example("&lt;b&gt; &amp; &#60;")
    def check(text):
        found = page(build(text))
        assert found.shape == shape
        for holder in holders:
            held = [found.text] if holder == "" else found.values(holder)
            assert any(text in each for each in held)

    check()


def children(inner):
    return st.lists(inner, max_size=3).map(tuple)


INLINES = st.recursive(
    st.builds(Text, TEXTS)
    | st.builds(Datum, figure=TEXTS, text=TEXTS, value=TEXTS | st.none(), label=TEXTS)
    | st.just(LineBreak()),
    lambda inner: (
        st.builds(Strong, children(inner)) | st.builds(Emphasis, children(inner)) | st.builds(Link, TEXTS, children(inner))
    ),
    max_leaves=4,
)


CELLS = st.builds(
    GridCell,
    children=children(INLINES),
    header=st.sampled_from(["", "col", "colgroup", "row", "rowgroup"]),
    colspan=st.integers(1, 3),
    rowspan=st.integers(1, 3),
    numeric=st.booleans(),
    indent=st.integers(0, 3),
)
ROWS = children(st.lists(CELLS, min_size=1, max_size=3).map(tuple))
GRIDS = st.builds(Grid, caption=TEXTS, head=ROWS, bodies=children(ROWS), widths=st.just((1, 2)), note=TEXTS)
BLOCKS = st.recursive(
    st.builds(Heading, st.integers(1, 6), children(INLINES))
    | st.builds(Paragraph, children(INLINES))
    | GRIDS
    | st.builds(Picture, caption=TEXTS, svg=TEXTS, alt=TEXTS, data=GRIDS),
    lambda inner: (
        st.builds(Items, st.booleans(), children(children(inner)))
        | st.builds(Quote, children(inner))
        | st.builds(Notice, title=TEXTS, children=children(inner))
    ),
    max_leaves=4,
)


@settings(max_examples=60)
@given(children(BLOCKS))
def test_blocks_go_to_json_and_back_unchanged(blocks):
    assert from_json(json.loads(json.dumps(to_json(blocks), ensure_ascii=False))) == blocks


@settings(max_examples=60)
@given(st.builds(Paragraph, children(INLINES)))
def test_a_reader_sees_exactly_the_characters_of_the_blocks(block):
    found = page(block)
    assert found.text == plain(block.children).replace("\n", "")
    assert len(found.all("data")) == sum(isinstance(node, Datum) for node in walk(block))


@pytest.mark.parametrize(
    ("block", "html"),
    [
        (Heading(2, (Text("甲"),)), '<h2 id="section-1">甲</h2>'),
        (Paragraph((Text("甲"), LineBreak(), Strong((Text("乙"),)))), "<p>甲<br><strong>乙</strong></p>"),
        (Items(ordered=False, items=((Paragraph((Text("甲"),)),),)), "<ul><li><p>甲</p></li></ul>"),
        (Items(ordered=True, items=()), "<ol></ol>"),
        (Quote((Paragraph((Text("甲"),)),)), "<blockquote><p>甲</p></blockquote>"),
        (
            Paragraph((Link("https://a.cn/?b=1&c", (Text("甲"),)),)),
            '<p><a href="https://a.cn/?b=1&amp;c" rel="noopener noreferrer">甲</a></p>',
        ),
        (
            Notice(title="草稿", children=(Paragraph((Text("甲"),)),)),
            '<section class="notice" aria-label="草稿"><p class="notice-title">草稿</p><p>甲</p></section>',
        ),
    ],
)
def test_a_block_becomes_its_element(block, html):
    assert PageWriter().blocks([block]) == html


# Numbers


def test_a_number_is_a_data_element_with_its_figure_and_exact_value():
    (found,) = page(Paragraph((datum(text="37.15%", figure="disclosed.district.year.share", value="953/2565"),))).all("data")
    assert (found["id"], found["data-figure"], found["value"]) == (*["disclosed.district.year.share"] * 2, "953/2565")


def test_a_figure_shown_again_gets_an_id_of_its_own():
    writer = PageWriter()
    found = Page(writer.blocks([Paragraph((datum(), datum(), datum(figure="staff.share"), datum()))])).all("data")
    assert [each["id"] for each in found] == ["staff.year", "staff.year--2", "staff.share", "staff.year--3"]
    assert [each["data-figure"] for each in found] == ["staff.year", "staff.year", "staff.share", "staff.year"]
    assert writer.shown == [
        ("staff.year", "staff.year"),
        ("staff.year", "staff.year--2"),
        ("staff.share", "staff.share"),
        ("staff.year", "staff.year--3"),
    ]


def test_ids_stay_distinct_from_one_call_to_the_next():
    writer = PageWriter()
    html = writer.blocks([Paragraph((datum(),)), Heading(2, (Text("甲"),))]) + writer.blocks(
        [Paragraph((datum(),)), Heading(2, ())]
    )
    assert Page(html).values("id") == ["staff.year", "section-1", "staff.year--2", "section-2"]


def test_the_cell_of_a_notebook_has_no_ids_and_no_numbers_of_captions():
    found = page(Heading(2, (Text("甲"),)), Paragraph((datum(),)), grid(), numbered=False)
    assert found.values("id") == []
    assert [each["data-figure"] for each in found.all("data")] == ["staff.year"]
    assert "表1" not in found.text


def test_every_cell_of_the_statistical_table_is_a_data_element(longtan, form):
    computed = figures.compute(longtan)
    found = page(tables.statistics(longtan, computed, form.tables[0])).all("data")
    assert len(found) == sum(1 for _ in form.cells()) == len({each["id"] for each in found})
    assert {each["data-figure"]: each["value"] for each in found} == {
        f"{row.id}.{column.id}": computed[f"{row.id}.{column.id}"].quantity.exact or "-" for _, row, column in form.cells()
    }


# Tables


def test_headings_of_a_table_say_what_they_head_and_empty_cells_are_none():
    head = ((cell(Text("甲"), header="col"), cell(Text("乙"), header="colgroup", colspan=2)),)
    body = (
        (cell(Text("一、"), header="rowgroup", colspan=3),),
        (cell(Text("丙"), header="row", indent=1), cell(datum(), numeric=True), cell(Text(""), header="row")),
    )
    found = page(Grid(caption="题", head=head, bodies=(body,), widths=(2, 1, 1)))
    assert [each.get("scope") for each in found.all("th")] == ["col", "colgroup", "rowgroup", "row"]
    assert [each.get("colspan") for each in found.all("th")] == [None, "2", "3", None]
    assert [each.get("class") for each in found.all("td")] == ["number", None]
    assert found.all("th")[3]["class"] == "indent-1"


def test_the_statistical_table_has_scopes_and_merged_groups(longtan, form):
    found = page(tables.statistics(longtan, figures.compute(longtan), form.tables[0]))
    scopes = [each["scope"] for each in found.all("th")]
    groups = {(row.section, row.group) for row in form.tables[0].rows}
    sections = {row.section for row in form.tables[0].rows}
    assert (scopes.count("col"), scopes.count("row")) == (5, 54)
    assert scopes.count("rowgroup") == len(groups) + len(sections)
    assert (
        sum(int(each.get("rowspan", 1)) for each in found.all("th") if each["scope"] == "rowgroup" and "colspan" not in each) == 54
    )
    assert len(found.all("tbody")) == 5


def test_a_table_has_its_caption_its_region_and_its_note():
    found = page(grid(caption="题", note="注"))
    (region,) = [each for each in found.all("div") if each.get("role") == "region"]
    assert (region["aria-label"], region["tabindex"]) == ("表1　题", "0")
    assert len(found.all("caption")) == 1
    assert found.text.endswith("注")


def test_a_table_without_caption_takes_no_number():
    found = page(grid(caption="", note=""), grid(caption="甲"), grid(caption="乙"))
    assert len(found.all("caption")) == 2
    assert [each["aria-label"] for each in found.all("div") if "aria-label" in each] == ["表1　甲", "表2　乙"]


def test_columns_share_the_whole_line():
    widths = page(Grid(caption="", head=(), bodies=(((cell(Text("1")),),),), widths=(11, 48, 9, 16, 16))).all("col")
    assert sum(float(re.search(r"[\d.]+", each["style"]).group()) for each in widths) == pytest.approx(100, abs=0.05)


# Charts


def test_a_chart_has_a_name_a_description_and_its_data_as_a_table():
    found = page(picture(caption="题", alt="横条图：甲9件。"))
    (svg,) = found.all("svg")
    ids = set(found.values("id"))
    assert svg["role"] == "img"
    assert {svg["aria-labelledby"], svg["aria-describedby"]} <= ids
    assert "横条图：甲9件。" in found.text
    assert "图1　题" in found.text
    assert (len(found.all("figcaption")), len(found.all("details")), len(found.all("table"))) == (1, 1, 1)


def test_the_data_of_a_chart_takes_no_number_from_the_tables():
    found = page(picture(caption="甲"), grid(caption="乙"), picture(caption="丙"))
    assert {"图1　甲", "表1　乙", "图2　丙"} == set(re.findall(r"[图表]\d+　.", found.text))


def test_two_charts_share_no_id_and_point_to_their_own():
    found = page(picture(), picture())
    ids = found.values("id")
    assert len(set(ids)) == len(ids)
    pointed = [each.removeprefix("#") for each in found.values("xlink:href")]
    pointed += [re.search(r"#(.*)\)", each).group(1) for each in found.values("clip-path")]
    assert pointed == ["picture-1-p", "picture-2-p", "picture-1-p", "picture-2-p"]
    assert set(pointed) <= set(ids)


@pytest.mark.parametrize("text", ['id="p"', 'href="#p"', "url(#p)"])
def test_the_words_of_a_chart_are_not_taken_for_ids(text):
    assert text in page(picture(svg=f'<svg width="9"><text>{text}</text></svg>')).text


def test_the_contents_list_the_headings_down_to_a_depth():
    writer = PageWriter()
    writer.blocks([Heading(1, (Text("题"),)), Heading(2, (Text("<甲>"),)), Heading(4, (Text("丁"),)), Heading(3, (datum(),))])
    found = Page(writer.contents())
    assert [each["href"] for each in found.all("a")] == ["#section-1", "#section-2", "#section-4"]
    assert [each["class"] for each in found.all("li")] == ["level-1", "level-2", "level-3"]
    assert found.text == "题<甲>97人"
