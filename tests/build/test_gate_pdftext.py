"""The numerals of a PDF: read page by page in the order of the text, each laid beside the figure that it is."""

import json

import pytest
from nianbao.build import gate
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
from nianbao.render import exporters, pdf


def _datum(text, figure="a"):
    return Datum(figure=figure, text=text, value=None, label="")


def _paragraph(*children):
    return Paragraph(tuple(Text(each) if isinstance(each, str) else each for each in children))


def _cell(*children):
    return GridCell(children=tuple(Text(each) if isinstance(each, str) else each for each in children))


@pytest.fixture
def laid(monkeypatch):
    """Lay *blocks* beside pages that show the texts given."""

    def lay(blocks, *shown):
        monkeypatch.setattr(gate, "pages", lambda _pdf: list(shown))
        return gate.places(b"", blocks)

    return lay


# ---- numerals


@pytest.mark.parametrize(
    ("text", "numerals"),
    [
        ("共 97 人，占 14.43%", ["97", "14.43"]),
        ("2013年7月", ["2013", "7"]),
        ("1.建立", ["1"]),
        ("3.14.15", ["3.14", "15"]),
        ("115,352", ["115", "352"]),
        ("0432-63041810", ["0432", "63041810"]),
        ("三十七", []),
        ("", []),
    ],
)
def test_numerals_are_read_in_their_order(text, numerals):
    assert gate.tokens(text) == numerals


def test_the_numerals_of_figures_are_blanked_out_and_the_others_left():
    placed = [["2013", ""], ["97", "staff.year"], ["14.43", "share"], ["4", ""]]

    assert gate.without_figures("2013年 97 人，14.43%\n— 4 —", placed) == "2013年 \ufffc 人，\ufffc%\n— 4 —"


# ---- figures laid beside numerals


def test_a_numeral_of_a_figure_is_laid_beside_it(laid):
    assert laid([_paragraph("共", _datum("97人", "staff.year"), "。")], "共 97 人。") == ([[["97", "staff.year"]]], [])


def test_a_numeral_of_no_figure_is_laid_beside_nothing(laid):
    assert laid([_paragraph("2013年，共", _datum("97人"))], "2013 年，共 97 人") == ([[["2013", ""], ["97", "a"]]], [])


def test_what_a_page_has_in_addition_is_no_figure(laid):
    places, lost = laid([_paragraph("共", _datum("97人"))], "目录 . . . 2", "共 97 人\n— 2 —")

    assert (places, lost) == ([[["2", ""]], [["97", "a"], ["2", ""]]], [])


def test_a_figure_that_no_page_shows_is_lost(laid):
    assert laid([_paragraph(_datum("97人"), _datum("98人", "b"))], "97 人")[1] == ["98"]


def test_a_figure_that_a_page_shows_with_another_digit_is_lost_and_what_stands_there_is_none(laid):
    assert laid([_paragraph("共", _datum("97人"))], "共 98 人") == ([[["98", ""]]], ["97"])


def test_the_numerals_of_one_figure_may_be_many(laid):
    places, _lost = laid([_paragraph(_datum("2008年至2012年", "past"))], "2008 年至\n2012 年")

    assert places == [[["2008", "past"], ["2012", "past"]]]


def test_a_figure_may_be_broken_over_two_pages(laid):
    places, lost = laid([_paragraph(_datum("2008年至2012年", "past"))], "2008 年至\n— 1 —", "2012 年\n— 2 —")

    assert (places, lost) == ([[["2008", "past"], ["1", ""]], [["2012", "past"], ["2", ""]]], [])


def test_the_same_number_twice_is_laid_beside_two_figures_in_their_order(laid):
    places, _lost = laid([_paragraph(_datum("97人", "a"), "和", _datum("97件", "b"))], "97 人和 97 件")

    assert places == [[["97", "a"], ["97", "b"]]]


def test_a_numeral_that_a_figure_and_its_neighbour_make_together_belongs_to_the_figure(laid):
    assert laid([_paragraph("1", _datum("97人"))], "197 人")[0] == [[["197", "a"]]]


def test_a_figure_without_digits_is_laid_beside_nothing(laid):
    assert laid([_paragraph(_datum("几十面"), "37")], "几十面 37") == ([[["37", ""]]], [])


@pytest.mark.parametrize(
    "wrap", [lambda inline: Strong((inline,)), lambda inline: Emphasis((inline,)), lambda inline: Link("https://x", (inline,))]
)
def test_a_figure_inside_other_text_is_found(laid, wrap):
    assert laid([_paragraph("共", wrap(_datum("97人")))], "共 97 人") == ([[["97", "a"]]], [])


def test_a_line_break_parts_numerals(laid):
    assert laid([_paragraph("1", LineBreak(), _datum("97人"))], "1\n97 人") == ([[["1", ""], ["97", "a"]]], [])


GRID = Grid(
    caption="一览7",
    head=((_cell("13年"), _cell("人")),),
    bodies=(((_cell("16.行"), _cell(_datum("97", "b"))),),),
    widths=(1.0, 1.0),
    note="注8",
)
SVG = '<svg><g id="t"><text x="1">图例5</text></g><g data-figure="c">\n <text x="99">14人</text>\n</g></svg>'


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (Heading(2, (Text("1.标题"),)), [["1", ""]]),
        (Quote((_paragraph(_datum("97")),)), [["97", "a"]]),
        (Items(ordered=False, items=((_paragraph(_datum("97")),), (_paragraph("8"),))), [["97", "a"], ["8", ""]]),
        (Notice(title="有1个", children=(_paragraph(_datum("97")),)), [["1", ""], ["97", "a"]]),
        (GRID, [["7", ""], ["13", ""], ["16", ""], ["97", "b"], ["8", ""]]),
        (Picture(caption="图中6", svg=SVG, alt="99", data=GRID), [["5", ""], ["14", "c"], ["6", ""]]),
    ],
    ids=["heading", "quote", "items", "notice", "grid", "picture"],
)
def test_the_numerals_of_a_block_are_expected_in_the_order_in_which_it_is_set(laid, block, expected):
    shown = " ".join(token for token, _figure in expected)

    assert laid([block], shown) == ([expected], [])


# ---- the PDF of 2013


@pytest.fixture(scope="module")
def shown(built):
    """The text of each page."""
    return gate.pages(built.files["report.pdf"])


@pytest.fixture(scope="module")
def places(built):
    """The places that the PDF carries."""
    return json.loads(pdf.attached(built.files["report.pdf"])["places.json"])


@pytest.mark.slow
def test_the_text_of_a_page_ends_with_its_folio(shown):
    assert [text.strip().splitlines()[-1] for text in shown] == [f"— {number} —" for number in range(1, len(shown) + 1)]


@pytest.mark.slow
def test_the_text_of_the_pages_is_in_the_order_of_the_report(built, shown):
    text = "".join("".join(shown[1:]).split())
    headings = ["".join(each.text_content().split()) for each in built.page.xpath("//main//h2 | //main//h3")]
    found = [text.find(each) for each in headings[1:] if each in text]

    assert len(found) > 10
    assert found == sorted(found)


@pytest.mark.slow
def test_a_sentence_is_read_from_left_to_right_and_from_line_to_line(shown):
    text = "".join("".join(shown).split())

    assert "专职人员14人，占从事政府信息公开工作人员的14.43%；兼职人员83人" in text


@pytest.mark.slow
def test_every_numeral_of_every_page_has_a_place(shown, places):
    assert [[token for token, _figure in placed] for placed in places] == [gate.tokens(text) for text in shown]


@pytest.mark.slow
def test_the_places_are_those_of_the_blocks_and_none_is_lost(built, places):
    assert gate.places(built.files["report.pdf"], exporters.Executed(built.notebook).blocks) == (places, [])


@pytest.mark.slow
def test_every_figure_that_the_page_shows_has_a_place_in_the_pdf(built, places):
    placed = {figure for page in places for _token, figure in page}
    shown = {
        each.get("data-figure")
        for each in built.page.xpath("//*[@data-figure][not(ancestor::details)]")
        if gate.tokens(each.text_content())
    }

    assert len(shown) > 100
    assert shown - placed == set()


@pytest.mark.slow
def test_the_figures_of_the_pdf_stand_in_the_order_of_the_page(built, places):
    elements = built.page.xpath("//main//*[@data-figure][not(ancestor::details)]")
    expected = [(token, each.get("data-figure")) for each in elements for token in gate.tokens(each.text_content())]

    assert [(token, figure) for page in places for token, figure in page if figure] == expected


@pytest.mark.slow
def test_every_place_names_a_figure_that_prints_what_stands_there(built, places):
    for page in places:
        for token, figure in page:
            if figure:
                assert token in gate.tokens(built.figures[figure]["display"]), figure


# ---- what the typesetter adds


@pytest.mark.parametrize(
    ("page", "placed"),
    [
        ("表 2　处罚\n行政处罚 2\n— 2 —", [["2", ""], ["2", "a"], ["2", ""]]),
        ("四、行政诉讼情况 . 2\n行政处罚 2", [["2", ""], ["2", "a"]]),
        ("二、情况 . . . . . . 2\n— 2 —\n图 2　来源\n行政处罚 2", [["2", ""], ["2", ""], ["2", ""], ["2", "a"]]),
    ],
)
def test_a_folio_or_the_number_of_a_page_or_caption_does_not_pass_for_a_figure_of_the_same_digits(laid, page, placed):
    assert laid([_paragraph("行政处罚", _datum("2"))], page) == ([placed], [])


def test_the_decimals_of_a_figure_at_a_lines_end_are_the_figures(laid):
    assert laid([_paragraph("占", _datum("14.43"))], "占 14.43\n— 1 —") == ([[["14.43", "a"], ["1", ""]]], [])


def test_a_figure_behind_an_ellipsis_at_a_lines_end_is_the_figure(laid):
    assert laid([_paragraph("甲……", _datum("3"))], "甲…… 3") == ([[["3", "a"]]], [])
