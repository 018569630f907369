"""Blocks as a Word file: styles that Word and WPS know, tables as tables, text as text, the same bytes each time."""

import base64
import io
import os
import re
import struct
import subprocess
import time
import zipfile
from collections import Counter

import pytest
from docx.oxml import ns
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from nianbao.document.document import Document
from nianbao.indicators import figures
from nianbao.indicators.errors import PublishError
from nianbao.page import faces as typeface
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
    Own,
    Paragraph,
    Photo,
    Picture,
    Quote,
    Strong,
    Text,
    plain,
    to_json,
)
from nianbao.render import docx
from nianbao.render.docx import DRAFT
from PIL import Image

NAMESPACES = ns.nsmap
METADATA = {
    "title": "某区2013年报告",
    "title_lines": ["某区", "2013年报告"],
    "author": "某区人民政府",
    "date": "2014-03-05",
    "date_text": "2014年3月5日",
    "draft": False,
    "notice": [],
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40pt" height="20pt" viewBox="0 0 40 20"><text x="1" y="9">甲</text></svg>'
FACES = {
    "Normal": "仿宋_GB2312",
    "Title": "方正小标宋简体",
    "heading 1": "黑体",
    "heading 2": "楷体_GB2312",
    "heading 3": "仿宋_GB2312",
    "caption": "黑体",
    "Quote": "楷体_GB2312",
    "toc 1": "黑体",
    "toc 2": "仿宋_GB2312",
    "footer": "宋体",
    "表文": "宋体",
    "表头": "黑体",
}


def w(name):
    return f"{{{NAMESPACES['w']}}}{name}"


class Word:
    """What a reader of the file finds."""

    def __init__(self, content):
        self.archive = zipfile.ZipFile(io.BytesIO(content))

    def part(self, name):
        return etree.fromstring(self.archive.read(name))

    @property
    def body(self):
        return self.part("word/document.xml")[0]

    def find(self, path, root=None):
        return (self.body if root is None else root).xpath(path, namespaces=NAMESPACES)

    def styled(self, style):
        """The text of the paragraphs of *style*, leaving out what fields are made from."""
        return [said(each) for each in self.find(f"//w:p[w:pPr/w:pStyle/@w:val='{style}']")]

    def links(self):
        return {each.get("Id"): each for each in self.part("word/_rels/document.xml.rels")}

    def led_to(self, kind):
        """Where the document leads by relationships of a *kind*."""
        return [each.get("Target") for each in self.links().values() if each.get("Type").endswith(f"/{kind}")]

    def merge(self, cell):
        """How a cell of a table belongs to those above it; what Word does not say is that it goes on."""
        return "".join(each.get(w("val"), "continue") for each in self.find("w:tcPr/w:vMerge", cell))

    def fields(self, root=None):
        """What the fields are computed from."""
        return [each.strip() for each in self.find(".//w:instrText/text() | .//w:fldSimple/@w:instr", root)]


def said(root):
    return "".join(each.text or "" for each in root.iter(w("t")))


def word(*blocks, **changed):
    return Word(docx.document({**METADATA, **changed}, blocks))


def para(*children):
    return Paragraph(tuple(Text(each) if isinstance(each, str) else each for each in children))


def datum(text="97人", value="97", figure="staff.full_time.year", label="人数"):
    return Datum(figure=figure, text=text, value=value, label=label)


def cell(*children, **options):
    return GridCell(children=tuple(Text(each) if isinstance(each, str) else each for each in children), **options)


def grid(caption="题", note="注", body="9", columns=1):
    head = (tuple(cell("头", header="col") for _ in range(columns)),)
    rows = (tuple(cell(body) for _ in range(columns)),)
    return Grid(caption=caption, head=head, bodies=(rows,), widths=(1,) * columns, note=note)


def picture(caption="题", alt="横条图：甲9件。", svg=SVG):
    return Picture(caption=caption, svg=svg, alt=alt, data=grid())


@pytest.fixture(scope="module")
def whole(longtan):
    """The 2013 report's prose, table and a chart, as blocks."""
    document = Document(longtan)
    found = []
    for chapter in longtan.form.chapters:
        found += [Heading(2, (Text(chapter.title),)), *document.narrative(chapter.id).blocks]
    found += document.bars("staff.full_time", "staff.part_time", caption="人员").blocks
    return (*found, *document.table(longtan.form.tables[0].id).blocks)


# Styles and page


@pytest.fixture(scope="module")
def named():
    """The paragraph styles by the names that Word knows."""
    root = word().part("word/styles.xml")
    return {style.find(w("name")).get(w("val")): style for style in root.iter(w("style"))}


@pytest.mark.parametrize("name", FACES)
def test_a_style_has_its_chinese_face(named, name):
    assert named[name].find(f".//{w('rFonts')}").get(w("eastAsia")) == FACES[name]


@pytest.mark.parametrize("name", [name for name in FACES if name != "footer"])
def test_latin_letters_are_times(named, name):
    faces = named[name].find(f".//{w('rFonts')}")
    assert {faces.get(w(kind)) for kind in ("ascii", "hAnsi")} == {"Times New Roman"}


def test_the_page_number_is_all_song_as_the_norm_wants(named):
    assert set(named["footer"].find(f".//{w('rFonts')}").values()) == {"eastAsia", "宋体"}
    assert named["footer"].find(f".//{w('sz')}").get(w("val")) == "28"


@pytest.mark.parametrize(("name", "level"), [("heading 1", "0"), ("heading 2", "1"), ("heading 3", "2")])
def test_a_heading_has_its_outline_level_and_stays_with_what_follows(named, name, level):
    assert named[name].find(f".//{w('outlineLvl')}").get(w("val")) == level
    assert named[name].find(f".//{w('keepNext')}") is not None


def test_only_the_third_heading_is_bold(named):
    assert [name for name, style in named.items() if style.find(f".//{w('b')}") is not None] == ["heading 3"]


def test_the_body_is_sanhao_indented_by_two_characters_on_lines_of_29_points(named):
    look = named["Normal"]
    assert look.find(f".//{w('sz')}").get(w("val")) == "32"
    assert look.find(f".//{w('ind')}").get(w("firstLineChars")) == "200"
    spacing = look.find(f".//{w('pPr')}/{w('spacing')}")
    assert (spacing.get(w("line")), spacing.get(w("lineRule"))) == ("580", "exact")


def test_every_style_that_a_paragraph_asks_for_is_there(whole):
    found = word(*whole, Items(ordered=True, items=((para("甲"), para("乙")),)), Quote((para("丙"),)))
    asked = set(found.find("//w:pStyle/@w:val")) | set(found.find("//w:tblStyle/@w:val")) | set(found.find("//w:rStyle/@w:val"))
    assert asked <= set(found.find("//w:style/@w:styleId", found.part("word/styles.xml")))


def test_a_face_that_a_machine_lacks_has_a_substitute():
    root = word().part("word/fontTable.xml")
    assert {each.get(w("name")): each[0].get(w("val")) for each in root}["方正小标宋简体"] == "华文中宋,宋体"


def test_the_page_is_a4_with_the_margins_of_the_norm():
    section = word().body[-1]
    size, margins = section.find(w("pgSz")), section.find(w("pgMar"))
    millimetres = {side: round(int(margins.get(w(side))) / 1440 * 25.4) for side in ("top", "bottom", "left", "right")}
    assert (size.get(w("w")), size.get(w("h"))) == ("11906", "16838")
    assert millimetres == {"top": 37, "bottom": 35, "left": 28, "right": 26}


def test_page_numbers_stand_outside_between_dashes():
    found = word()
    assert found.find("w:evenAndOddHeaders", found.part("word/settings.xml"))
    sides = {}
    for reference in found.find("//w:footerReference"):
        target = found.links()[reference.get(f"{{{NAMESPACES['r']}}}id")].get("Target")
        footer = found.part(f"word/{target}")
        assert found.fields(footer) == ["PAGE"]
        sides[reference.get(w("type"))] = (found.find("//w:jc/@w:val", footer), re.sub(r"\d", "N", said(footer)))
    assert sides == {"default": (["right"], "— N —"), "even": (["left"], "— N —")}


# Headings and contents


def test_headings_are_headings_of_word_one_level_up():
    found = word(Heading(2, (Text("一、甲"),)), Heading(3, (datum(),)), Heading(4, (Text("1.丙"),)), Heading(6, (Text("末"),)))
    assert [found.styled(f"Heading{level}") for level in (1, 2, 3, 5)] == [["一、甲"], ["97人"], ["1.丙"], ["末"]]


def test_the_contents_show_without_being_updated_and_lead_to_their_headings():
    found = word(Heading(2, (Text("<甲>"),)), Heading(3, (datum(),)), Heading(4, (Text("丙"),)))
    assert (found.styled("TOCHeading"), found.styled("TOC1"), found.styled("TOC2")) == (["目　录"], ["<甲>"], ["97人"])
    places = found.find("//w:bookmarkStart/@w:name")
    assert set(found.find("//w:hyperlink/@w:anchor")) <= set(places)
    assert len(set(places)) == len(places)


def test_the_contents_are_a_field_that_word_can_update():
    found = word(Heading(2, (Text("甲"),)), Heading(2, (Text("乙"),)))
    (contents,) = found.find("//w:sdt[w:sdtPr/w:docPartObj]")
    assert found.find("string(.//w:instrText)", contents).split()[:3] == ["TOC", "\\o", '"1-2"']
    assert found.find(".//w:fldChar/@w:fldCharType", contents) == ["begin", "separate", "end"]


def test_a_report_without_headings_has_no_contents():
    assert word(para("甲")).styled("TOCHeading") == []


@pytest.mark.parametrize("first", [Heading(2, (Text("甲"),)), para("甲"), grid(caption=""), grid()])
def test_the_report_begins_on_a_new_page(first):
    (broken,) = word(first).find("//w:p[w:pPr/w:pageBreakBefore]")
    order = [each.tag for each in broken[0]]
    assert order.index(w("pageBreakBefore")) == len([each for each in order if each in {w("pStyle"), w("keepNext")}])


def test_the_title_stands_in_its_lines_with_the_date_below():
    found = word()
    assert found.styled("Title") == ["某区2013年报告"]
    assert len(found.find("//w:p[w:pPr/w:pStyle/@w:val='Title']//w:br")) == 1
    assert found.styled("Date") == ["2014年3月5日"]
    assert word(date_text="").styled("Date") == []


# Tables


def test_merged_cells_span_columns_and_rows():
    head = (
        (cell("甲", header="col", rowspan=2), cell("乙", header="colgroup", colspan=2)),
        (cell("丙", header="col"), cell("丁", header="col")),
    )
    body = (
        (cell("一、", header="rowgroup", colspan=3),),
        (cell("组", header="rowgroup", rowspan=2), cell("1"), cell("2")),
        (cell("3"), cell("4")),
    )
    found = word(Grid(caption="题", head=head, bodies=(body,), widths=(2, 1, 1)))
    rows = [
        [
            (
                said(each),
                found.find("string(w:tcPr/w:gridSpan/@w:val)", each),
                found.merge(each),
            )
            for each in row.iter(w("tc"))
        ]
        for row in found.find("//w:tr")
    ]
    assert rows == [
        [("甲", "", "restart"), ("乙", "2", "")],
        [("", "", "continue"), ("丙", "", ""), ("丁", "", "")],
        [("一、", "3", "")],
        [("组", "", "restart"), ("1", "", ""), ("2", "", "")],
        [("", "", "continue"), ("3", "", ""), ("4", "", "")],
    ]


def test_every_row_of_the_statistical_table_fills_its_columns(longtan, form):
    found = word(tables.statistics(longtan, figures.compute(longtan), form.tables[0]))
    widths = [int(each) for each in found.find("//w:gridCol/@w:w")]
    assert sum(widths) == 8844
    for row in found.find("//w:tr"):
        spans = [
            int(found.find("number(w:tcPr/w:gridSpan/@w:val)", each) or 1) if found.find("w:tcPr/w:gridSpan", each) else 1
            for each in row.iter(w("tc"))
        ]
        assert sum(spans) == len(widths)
        assert sum(int(each) for each in found.find(".//w:tcW/@w:w", row)) == sum(widths)


def test_a_row_that_lacks_cells_is_filled():
    short = Grid(caption="", head=(), bodies=(((cell("1"),), (cell("2"), cell("3"))),), widths=(1, 1))
    assert [len(list(row.iter(w("tc")))) for row in word(short).find("//w:tr")] == [2, 2]


def test_header_rows_are_repeated_and_no_row_is_divided(longtan, form):
    found = word(tables.statistics(longtan, figures.compute(longtan), form.tables[0]))
    rows = found.find("//w:tr")
    assert [bool(found.find("w:trPr/w:tblHeader", row)) for row in rows] == [True] + [False] * (len(rows) - 1)
    assert all(found.find("w:trPr/w:cantSplit", row) for row in rows)


def test_numbers_stand_right_labels_left_and_deeper_labels_further_in():
    row = (cell("乙", header="row", indent=1), cell(datum(), numeric=True))
    found = word(Grid(caption="", head=(), bodies=((row,),), widths=(1, 1)))
    label, number = found.find("//w:tc/w:p/w:pPr")
    assert (found.find("string(w:ind/@w:leftChars)", label), found.find("string(w:jc/@w:val)", number)) == ("100", "right")


@pytest.mark.parametrize(("columns", "size"), [(5, "21"), (10, "18")])
def test_a_table_is_set_in_wuhao_and_one_with_many_columns_in_xiaowu(columns, size):
    found = word(grid(columns=columns))
    used = set(found.find("//w:tc//w:pStyle/@w:val"))
    sizes = {
        found.find("string(.//w:sz/@w:val)", each)
        for each in found.part("word/styles.xml").iter(w("style"))
        if each.get(w("styleId")) in used
    }
    assert sizes == {size}


def test_captions_are_numbered_by_fields_that_show_their_number():
    found = word(grid(caption="甲"), picture(caption="乙"), grid(caption=""), grid(caption="丙"))
    assert found.styled("Caption") == ["表1　甲", "图1　乙", "表2　丙"]
    assert [each.split()[:2] for each in found.fields()] == [["SEQ", "表"], ["SEQ", "图"], ["SEQ", "表"]]
    assert found.find("//w:tblCaption/@w:val") == ["甲", "丙"]


def test_the_caption_of_a_table_stays_with_it():
    assert len(word(grid()).find("//w:p[w:pPr/w:pStyle/@w:val='Caption'][w:pPr/w:keepNext]")) == 1


def test_two_tables_do_not_run_together():
    assert all(not table.getnext().tag.endswith("}tbl") for table in word(grid(note=""), grid(note="")).find("//w:tbl"))


# Charts


def test_a_chart_is_a_picture_across_the_line_with_its_words_beside_it():
    found = word(picture(), picture(alt="横条图：乙。"))
    shown = found.find("//wp:docPr")
    assert [(each.get("name"), each.get("descr")) for each in shown] == [("图1", "横条图：甲9件。"), ("图2", "横条图：乙。")]
    assert len({each.get("id") for each in shown}) == 2
    for extent in found.find("//wp:extent"):
        # To a twip, by which the margins are measured.
        assert int(extent.get("cx")) == pytest.approx(156 * 36000, abs=635)
        assert int(extent.get("cy")) == pytest.approx(78 * 36000, rel=0.001)
    for name in found.find("//a:blip/@r:embed"):
        assert found.archive.read(f"word/{found.links()[name].get('Target')}").startswith(b"\x89PNG")


def test_a_chart_is_drawn_in_our_faces_and_the_same_each_time():
    image = docx.png(SVG)
    assert image == docx.png(SVG)
    assert struct.unpack(">I", image[16:20])[0] == pytest.approx(156 / 25.4 * 300, abs=2)
    assert image != docx.png(SVG.replace("甲", "乙"))


def test_a_high_chart_leaves_room_on_its_page():
    found = word(picture(svg='<svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="50pt"/>'))
    (extent,) = found.find("//wp:extent")
    assert int(extent.get("cy")) <= 205 * 36000
    assert int(extent.get("cx")) == pytest.approx(int(extent.get("cy")) / 5, rel=0.01)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_of_pixels_is_in_the_file_as_it_is(kind):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, kind)
    size = {"width": 40, "height": 20}
    content = base64.b64encode(out.getvalue()).decode()
    photo = Photo(caption="题", alt="红", mimetype=f"image/{kind.lower()}", content=content, **size)
    found = word(Own(note="注：按签到表。", children=(photo,)))
    assert [each.get("descr") for each in found.find("//wp:docPr")] == ["红"]
    assert [found.archive.read(f"word/{target}") for target in found.led_to("image")] == [out.getvalue()]
    assert found.styled("Caption") == ["图1　题"]
    assert found.styled("TableNote") == ["注：按签到表。"]


def test_what_is_no_picture_stops_the_build():
    with pytest.raises(PublishError, match="Word 文件中的图无法绘制"):
        docx.png("no picture")


# Numbers


def test_a_number_is_a_plain_run_that_names_its_figure():
    found = word(para("共有", datum(), "，", datum(text="14.43%", value="14/97", figure="a.share"), datum(text="-", value=None)))
    assert found.styled("Normal") == ["共有97人，14.43%-"]
    item = found.part("customXml/item1.xml")
    listed = [dict(each.attrib) for each in item]
    assert [(each["id"], each.get("value"), each["text"]) for each in listed] == [
        ("staff.full_time.year", "97", "97人"),
        ("a.share", "14/97", "14.43%"),
        ("staff.full_time.year", None, "-"),
    ]
    for each in listed:
        (start,) = found.find(f"//w:bookmarkStart[@w:name='{each['bookmark']}']")
        assert said(start.getnext()) == each["text"]
        assert start.getnext().getnext().get(w("id")) == start.get(w("id"))


@pytest.mark.parametrize("figure", ["J08.cumulative.implied.reading_items.electronic.cumulative", "三.甲", "a.b"])
def test_the_name_of_a_bookmark_is_one_that_word_takes(figure):
    names = word(para(datum(figure=figure), datum(figure=figure))).find("//w:bookmarkStart/@w:name")
    assert len(set(names)) == 2
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,39}", name) for name in names)


def test_every_number_of_the_report_can_be_found(longtan, form):
    found = word(tables.statistics(longtan, figures.compute(longtan), form.tables[0]))
    assert len(found.part("customXml/item1.xml")) == sum(1 for _ in form.cells())


# Other blocks


def test_lists_are_lists_and_each_ordered_one_begins_at_one():
    inner = Items(ordered=False, items=((para("丙"),),))
    found = word(
        Items(ordered=True, items=((para("甲"), para("续")), (para("乙"), inner))), Items(ordered=True, items=((para("丁"),), ()))
    )
    numbered = [
        (found.find("string(w:ilvl/@w:val)", each), found.find("string(w:numId/@w:val)", each)) for each in found.find("//w:numPr")
    ]
    assert [level for level, _number in numbered] == ["0", "0", "1", "0", "0"]
    first, again, bullets, second, last = (number for _level, number in numbered)
    assert (first, second) == (again, last)
    assert len({first, bullets, second}) == 3
    assert found.styled("ListContinue") == ["续"]
    root = found.part("word/numbering.xml")
    for number, kind in ((first, "decimal"), (second, "decimal"), (bullets, "bullet")):
        (of,) = found.find(f"w:num[@w:numId='{number}']/w:abstractNumId/@w:val", root)
        assert set(found.find(f"w:abstractNum[@w:abstractNumId='{of}']/w:lvl/w:numFmt/@w:val", root)) == {kind}
    for number in (first, second):
        (begins,) = found.find(f"w:num[@w:numId='{number}']/w:lvlOverride", root)
        assert (begins.get(w("ilvl")), begins.find(w("startOverride")).get(w("val"))) == ("0", "1")


def test_weight_emphasis_links_and_line_breaks_are_words_own():
    found = word(para(Strong((Text("重"), Emphasis((Text("楷"),)))), LineBreak(), Link("https://a.cn/?b=1&c", (Text("链"),))))
    assert [said(each) for each in found.find("//w:r[w:rPr/w:b]")] == ["重", "楷"]
    (emphasis,) = found.find(
        "//w:style[w:rPr/w:rFonts/@w:eastAsia='楷体_GB2312'][@w:type='character']", found.part("word/styles.xml")
    )
    assert [said(each) for each in found.find(f"//w:r[w:rPr/w:rStyle/@w:val='{emphasis.get(w('styleId'))}']")] == ["楷"]
    assert len(found.find("//w:p[w:pPr/w:pStyle/@w:val='Normal']//w:br")) == 1
    (link,) = found.find("//w:hyperlink/@r:id")
    target = found.links()[link]
    assert (target.get("Target"), target.get("TargetMode")) == ("https://a.cn/?b=1&c", "External")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.cn/甲 b", "https://a.cn/%E7%94%B2%20b"),
        ("https://a.cn/100%", "https://a.cn/100%25"),
        ("https://a.cn/%E7", "https://a.cn/%E7"),
    ],
)
def test_an_address_holds_only_what_word_takes(url, target):
    assert word(para(Link(url, (Text("甲"),)))).led_to("hyperlink") == [target]


def test_a_draft_says_so_in_a_box_and_on_every_page():
    notice = to_json((Notice(title="草稿：有1个问题没有处理，不得公布", children=(para("J01　", datum()),)),))
    found = word(para("甲"), draft=True, notice=notice)
    assert (found.styled("NoticeTitle"), found.styled("Notice")) == (["草稿：有1个问题没有处理，不得公布"], ["J01　97人"])
    assert [DRAFT in said(found.part(f"word/{name}")) for name in found.led_to("footer")] == [True, True]
    final = word(para("甲"))
    assert [DRAFT in said(final.part(f"word/{name}")) for name in final.led_to("footer")] == [False, False]
    assert final.styled("NoticeTitle") == []


# The file


@pytest.mark.parametrize(("date", "written"), [("2014-03-05", "2014-03-05T00:00:00Z"), ("", "1980-01-01T00:00:00Z")])
def test_the_properties_are_the_reports_own_and_know_no_clock(date, written):
    root = word(date=date).part("docProps/core.xml")
    said_of_it = {etree.QName(each).localname: each.text for each in root}
    assert said_of_it == {
        "title": "某区2013年报告",
        "creator": "某区人民政府",
        "lastModifiedBy": "某区人民政府",
        "created": written,
        "modified": written,
        "language": "zh-CN",
    }


def test_the_language_is_chinese():
    found = word()
    assert found.find("//w:rPrDefault//w:lang/@w:eastAsia", found.part("word/styles.xml")) == ["zh-CN"]


def test_the_same_report_gives_the_same_bytes_at_any_time_and_place(whole, monkeypatch):
    made = []
    for zone in ("Asia/Shanghai", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        made.append(docx.document(METADATA, whole))
    monkeypatch.undo()
    time.tzset()
    assert made[0] == made[1]


def test_the_zip_is_dated_stored_and_begins_with_its_types():
    entries = word(picture()).archive.infolist()
    assert entries[0].filename == "[Content_Types].xml"
    assert {each.date_time for each in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {each.compress_type for each in entries} == {zipfile.ZIP_STORED}
    assert {(each.create_system, each.external_attr) for each in entries} == {(3, 0o644 << 16)}


def test_every_part_has_a_kind_and_every_relationship_a_part():
    found = word(picture(), para(Link("https://a.cn/", (Text("甲"),))))
    names = set(found.archive.namelist())
    kinds = found.part("[Content_Types].xml")
    known = {each.get("Extension") for each in kinds} | {(each.get("PartName") or "").removeprefix("/") for each in kinds}
    assert all(name in known or name.rpartition(".")[2] in known for name in names)
    inside = [each.get("Target") for each in found.links().values() if each.get("TargetMode") != "External"]
    assert {os.path.normpath(f"word/{target}") for target in inside} <= names


# Text

# All that XML can hold but control characters, which are refused where a report is read.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1)
PLACES = {
    "text": para,
    "heading": lambda text: Heading(2, (Text(text),)),
    "strong": lambda text: para(Strong((Text(text),))),
    "emphasis": lambda text: para(Emphasis((Text(text),))),
    "link": lambda text: para(Link("https://a.cn/", (Text(text),))),
    "datum": lambda text: para(datum(text=text)),
    "item": lambda text: Items(ordered=True, items=((para(text),),)),
    "quote": lambda text: Quote((para(text),)),
    "notice": lambda text: Notice(title=text, children=()),
    "cell": lambda text: grid(body=text),
    "table caption": lambda text: grid(caption=text),
    "table note": lambda text: grid(note=text),
}
ATTRIBUTES = {
    "address": (lambda text: para(Link(text, (Text("甲"),))), None),
    "alt": (lambda text: picture(alt=text), "string(//wp:docPr/@descr)"),
    "table caption": (lambda text: grid(caption=text), "string(//w:tblCaption/@w:val)"),
}


RUNS = {w(name) for name in ("r", "rPr", "rStyle", "rFonts", "b", "t")}


def shape(found):
    return [each.tag for each in found.body.iter()]


@pytest.mark.parametrize("place", PLACES)
def test_any_text_comes_back_unchanged_and_adds_no_element(place):
    expected = shape(word(PLACES[place]("x")))

    @settings(max_examples=30)
    @given(TEXTS)
    @example("</w:t><w:br/>")
    @example("  两端空格  ")
    @example("&amp; &#60; ]]> \u2028")
    def check(text):
        found = word(PLACES[place](text))
        texts = [each.text for each in found.body.iter(w("t"))]
        if any(each.get(w("ascii")).startswith("Report ") for each in found.body.iter(w("rFonts"))):
            # Characters whose faces travel in the file stand in runs of their own.
            assert set(Counter(shape(found)) - Counter(expected)) <= RUNS
            assert text in "".join(texts)
        else:
            assert shape(found) == expected
            # Behind the number of a caption stands a space.
            assert {text, f"　{text}"} & set(texts)

    check()


@pytest.mark.parametrize("place", ATTRIBUTES)
def test_any_text_stands_in_an_attribute_and_adds_no_element(place):
    build, path = ATTRIBUTES[place]
    expected = shape(word(build("x")))

    @settings(max_examples=15)
    @given(TEXTS)
    @example('"><w:p/>')
    def check(text):
        found = word(build(text))
        assert shape(found) == expected
        assert path is None or found.find(path) == text

    check()


@given(TEXTS, TEXTS)
@settings(max_examples=30)
def test_title_author_and_figure_come_back_unchanged(title, author):
    found = word(para(datum(figure=title, label=author, value=title)), title=title, title_lines=[title], author=author)
    core = found.part("docProps/core.xml")
    assert (core[0].text, core[1].text, found.styled("Title")) == (title, author, [title])
    (item,) = found.part("customXml/item1.xml")
    assert (item.get("id"), item.get("label"), item.get("value")) == (title, author, title)


def test_the_whole_report_reads_as_its_blocks(whole):
    found = word(*whole)
    read = [said(each) for each in found.find("/w:document/w:body/w:p")]
    for block in whole:
        if isinstance(block, Paragraph | Heading):
            assert plain(block.children) in read


# Rendered


FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{folder}</dir>
<cachedir>{cache}</cachedir>{aliases}</fontconfig>"""
ALIAS = '<alias binding="same"><family>{}</family><prefer><family>{}</family></prefer></alias>'
STAND_INS = {
    "仿宋_GB2312": "Report Fang</family><family>Report Fang Extra",
    "楷体_GB2312": "Report Kai",
    "黑体": "Report Hei",
    "宋体": "Report Song",
    "方正小标宋简体": "Report Song",
    "Times New Roman": "Report Song",
}


@pytest.mark.slow
def test_libreoffice_sets_the_report_on_its_pages_with_words_that_can_be_searched(whole, needs, tmp_path):
    office, reader = needs("soffice"), needs("pdftotext")
    (tmp_path / "report.docx").write_bytes(docx.document(METADATA, whole))
    aliases = "".join(ALIAS.format(*pair) for pair in STAND_INS.items())
    (tmp_path / "fonts.conf").write_text(FONTS.format(folder=typeface.FOLDER, cache=tmp_path / "cache", aliases=aliases), "utf-8")
    environment = {**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "HOME": str(tmp_path)}
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    arguments = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "report.docx"]
    subprocess.run(arguments, env=environment, check=True, capture_output=True, timeout=240)

    run = subprocess.run([reader, tmp_path / "report.pdf", "-"], check=True, capture_output=True, encoding="utf-8")
    pages = run.stdout.split("\f")[:-1]
    text = re.sub(r"\s", "", run.stdout)
    assert len(pages) > 5
    assert all(f"—{number}—" in re.sub(r"\s", "", page) for number, page in enumerate(pages, 1))
    sentence = max((plain(block.children) for block in whole if isinstance(block, Paragraph)), key=len).split("。")[0]
    assert re.sub(r"\s", "", sentence) in re.sub("—[0-9]+—", "", text)
    # The head of the long table stands on each of its pages.
    assert sum("累计数" in re.sub(r"\s", "", page) and "指标" in page for page in pages) >= 2
