"""The PDF: the layout of GB/T 9704-2012, and a structure that archives and screen readers can rely on."""

import datetime
import itertools
import re
import subprocess

import builds
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from nianbao.page import faces, typst
from nianbao.render import exporters

pytestmark = pytest.mark.slow

# GB/T 9704-2012, 5.2: A4, head margin 37 mm, binding margin 28 mm, type area 156 mm × 225 mm; 22 lines of 28 characters.
MILLIMETRE = 72 / 25.4
LEFT, TOP, WIDTH, HEIGHT = (each * MILLIMETRE for each in (28, 37, 156, 225))
LINES, CHARACTERS, PITCH = 22, 28, 29


@pytest.fixture(scope="module")
def pdf(built):
    """The PDF of 2013, opened."""
    with pikepdf.open(built.folder / "report.pdf") as opened:
        yield opened


@pytest.fixture(scope="module")
def metadata(pdf):
    """The XMP metadata of the PDF."""
    with pdf.open_metadata() as opened:
        yield opened


@pytest.fixture(scope="module")
def text(built, poppler):
    """The text of each page, without white space."""
    assert poppler
    return [builds.squeezed(page) for page in built.pdf_text.split("\f")[:-1]]


@pytest.fixture(scope="module")
def lines(built, poppler):
    """The lines of each page inside the type area: (baseline, left, right, text)."""
    assert poppler
    return [_lines(words) for words in built.pdf_words]


@pytest.fixture(scope="module")
def prose_pages(built, lines):
    """The pages that hold nothing but the running text of the report: 22 lines with the same distance all the way."""
    assert built
    found = []
    for page in lines[:-1]:
        steps = {round(below[0] - above[0], 1) for above, below in itertools.pairwise(page)}
        if len(page) > 1 and all(abs(step - PITCH) < 1 for step in steps):
            found.append(page)
    return found


def _lines(words):
    grouped = {}
    for left, top, right, bottom, word in sorted(words):
        if bottom < TOP + HEIGHT + 10:
            grouped.setdefault(round((top + bottom) / 2), []).append((left, right, word, (top + bottom) / 2))
    return [
        (line[0][3], min(each[0] for each in line), max(each[1] for each in line), " ".join(each[2] for each in line))
        for _middle, line in sorted(grouped.items())
    ]


def _elements(node, path=()):
    """Yield (path of tags, element) of the structure tree below *node*."""
    if isinstance(node, pikepdf.Array):
        for each in node:
            yield from _elements(each, path)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        inner = (*path, str(node.S))
        yield inner, node
        if "/K" in node:
            yield from _elements(node.K, inner)


@pytest.fixture(scope="module")
def structure(pdf):
    """Every element of the structure tree, with the tags that lead to it."""
    return list(_elements(pdf.Root.StructTreeRoot.K))


def _scope(cell):
    attributes = cell.get("/A")
    listed = list(attributes) if isinstance(attributes, pikepdf.Array) else [attributes]
    return [str(each.Scope) for each in listed if each is not None and "/Scope" in each]


# ---- the document


def test_every_page_is_a4(pdf):
    sizes = {tuple(round(float(side) / MILLIMETRE) for side in page.MediaBox) for page in pdf.pages}

    assert sizes == {(0, 0, 210, 297)}


def test_pdf_a_and_pdf_ua_are_declared(metadata):
    assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
    assert metadata["pdfuaid:part"] == "1"


def test_title_author_and_language_are_told(pdf, metadata):
    assert metadata["dc:title"] == "龙潭区人民政府2013年政府信息公开工作年度报告"
    assert "龙潭区人民政府" in str(metadata["dc:creator"])
    assert str(pdf.Root.Lang) == "zh-CN"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle is True


def test_the_document_is_tagged(pdf):
    assert pdf.Root.MarkInfo.Marked is True
    assert "/StructTreeRoot" in pdf.Root


def test_the_document_runs_nothing(pdf):
    assert "/OpenAction" not in pdf.Root
    assert "/AA" not in pdf.Root
    assert "/AcroForm" not in pdf.Root


def test_the_bookmarks_have_the_seven_parts_and_their_sections(pdf):
    with pdf.open_outline() as outline:
        assert [each.title for each in outline.root] == builds.PARTS
        assert [each.title for each in outline.root[2].children] == ["（一）申请情况", "（二）申请处理情况"]


def test_the_report_has_as_many_pages_as_it_had(pdf):
    # Where this changes, look at the pages one by one before the number is changed here.
    assert len(pdf.pages) == 20


def test_every_font_is_embedded_and_cut_down(built, needs):
    run = subprocess.run([needs("pdffonts"), built.folder / "report.pdf"], capture_output=True, encoding="utf-8", check=True)
    fonts = [line.split() for line in run.stdout.splitlines()[2:]]

    assert len(fonts) >= 4
    for font in fonts:
        assert re.fullmatch(r"[A-Z]{6}\+Report(Song|Hei|Fang|FangExtra|Kai|Wide|Rare)-(Regular|Bold)", font[0])
        embedded, subset, unicode = font[-5:-2]
        assert (embedded, subset, unicode) == ("yes", "yes", "yes")


def test_no_picture_is_made_of_pixels(pdf):
    assert [each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"] == []


# ---- text


def test_a_sentence_with_a_figure_can_be_searched(text):
    assert "区本级公开信息953条，占公开信息总数的37.15%；乡（镇）街道公开信息1612条，占公开信息总数的62.85%" in "".join(text)


def test_the_numbers_of_a_chart_can_be_searched(text):
    assert "当面申请1083件（80.52%）" in "".join(text)


def test_no_code_is_shown(text):
    found = [
        words for words in ("%%prose", "nianbao", "report.", "params_path", "{{", "{%", "import") for page in text if words in page
    ]

    assert found == []


def test_every_part_begins_on_the_page_that_the_contents_name(text):
    contents = "".join(text[: _first_page(text) - 1])
    for part in builds.PARTS:
        page = int(re.search(re.escape(part) + r"[.⁠\s]*?(\d+)", contents)[1])
        assert part in text[page - 1], part


def test_the_text_of_the_pdf_is_that_of_the_page(built, text):
    whole = re.sub(r"—\d+—", "", "".join(text))
    for paragraph in built.page.xpath("//main//p[not(ancestor::table or ancestor::figure)]")[:40]:
        assert builds.squeezed(paragraph.text_content()) in whole


# ---- the page


def test_the_title_is_set_in_size_two_and_every_line_of_it_is_whole(built, poppler):
    assert poppler
    top = [word for word in built.pdf_words[0] if word[3] < 330]
    found = [line[3].replace(" ", "") for line in _lines(top)]

    assert found[:2] == ["龙潭区人民政府2013年", "政府信息公开工作年度报告"]
    widths = [(right - left) / len(word) for left, _top, right, _bottom, word in top if re.fullmatch(r"[\u4e00-\u9fff]{4,}", word)]
    assert widths[:2] == [pytest.approx(22, abs=0.3)] * 2


def test_the_folio_stands_outside_between_dashes_and_one_character_in(built, pdf):
    for number, words in enumerate(built.pdf_words, 1):
        folio = sorted(word for word in words if word[1] > TOP + HEIGHT)
        assert "".join(word[4] for word in folio) == f"—{number}—"
        inner, outer = (LEFT, LEFT + WIDTH)
        if number % 2:
            assert folio[-1][2] == pytest.approx(outer - 14, abs=3)
        else:
            assert folio[0][0] == pytest.approx(inner + 14, abs=3)
    assert len(built.pdf_words) == len(pdf.pages)


def test_the_folio_stands_7_mm_below_the_type_area(built):
    for words in built.pdf_words:
        dash = next(word for word in words if word[1] > TOP + HEIGHT - 10 and word[4].startswith("—"))
        middle = (dash[1] + dash[3]) / 2

        assert middle - (TOP + HEIGHT) == pytest.approx(7 * MILLIMETRE + 7, abs=8)


def test_there_are_pages_that_hold_nothing_but_text(prose_pages):
    assert len(prose_pages) >= 5


def test_a_full_page_has_22_lines_at_29_points(prose_pages):
    full = [page for page in prose_pages if page[-1][0] > TOP + HEIGHT - 40]

    assert len(full) >= 5
    for page in full:
        assert len(page) == LINES
        for above, below in itertools.pairwise(page):
            assert below[0] - above[0] == pytest.approx(PITCH, abs=0.5)


def test_a_full_line_has_28_characters(prose_pages):
    han = [line[3] for page in prose_pages for line in page if re.fullmatch(r"[\u3001-\u9fff\uff00-\uffef]{24,}", line[3])]

    assert max(map(len, han)) in {CHARACTERS, CHARACTERS + 1, CHARACTERS + 2}
    assert sum(len(line) in {CHARACTERS, CHARACTERS - 1, CHARACTERS + 1} for line in han) > len(han) / 2


def test_the_text_fills_the_type_area_and_stays_inside_it(prose_pages):
    rights, lefts = [], []
    for page in prose_pages:
        for _middle, left, right, words in page:
            # Punctuation at either end takes half of its square; what is measured is the square.
            assert left >= LEFT - (8 if words[0] in "（《“〔〈「" else 0.5), words
            assert right <= LEFT + WIDTH + (8 if words[-1] in "。，；：、！？）》”〕" else 0.5), words
            rights.append(right)
            lefts.append(left)

    assert sorted(lefts)[len(lefts) // 2] == pytest.approx(LEFT, abs=0.5)
    assert max(rights) >= LEFT + WIDTH - 1


def test_the_type_area_begins_37_mm_from_the_head(prose_pages):
    for page in prose_pages:
        assert page[0][0] - 15.75 / 2 == pytest.approx(TOP, abs=2)


def test_no_page_of_text_ends_early_but_before_the_appendix(lines):
    """No page is left half empty: a chart or table that does not fit may leave a third at most."""
    first = next(number for number, page in enumerate(lines) if any("根据《中华人民共和国" in line[3] for line in page))
    short = [
        number + 1 for number, page in enumerate(lines) if first <= number < len(lines) - 1 and page[-1][0] < TOP + HEIGHT * 2 / 3
    ]

    assert short == []


def test_the_contents_are_no_longer_than_they_need_be(lines):
    """Contents that run over end on a page with at least five lines."""
    first = next(number for number, page in enumerate(lines) if any("根据《中华人民共和国" in line[3] for line in page))

    assert [number + 1 for number in range(first) if len(lines[number]) < 5] == []


def test_every_character_that_a_face_has_can_be_set_anywhere():
    every = set()
    for path in faces.FOLDER.glob("*.ttf"):
        # The two that stand in have 78,000; one in forty of theirs, here set seven times over, stands for the others.
        few = 40 if path in (faces.WIDE, faces.RARE) else 1
        with TTFont(path, lazy=True) as face:
            every |= {chr(code) for code in sorted(face.getBestCmap())[::few]}
    shown = "".join(sorted(each for each in every if each.isprintable() and not each.isspace()))
    # A title and a heading are strings of the PDF too, which may be 32,767 bytes long.
    parts = [shown[at : at + 6000] for at in range(0, len(shown), 6000)]

    assert len(shown) > 14_000
    assert all(exporters._compiled(everywhere(part), datetime.date(2013, 3, 31)).startswith(b"%PDF-") for part in parts)


def everywhere(shown):
    """The source of a PDF that has the words *shown* in every place."""
    words = typst.literal(shown)
    return f"""#import "report.typ": *
#show: report.with(title: "x", title-lines: ({words},), author: "x", date-text: {words}, notice: [], draft: false)
#heading(level: 1)[#{words};]
#heading(level: 2)[#{words};]
#par[#{words}; #strong[#{words};] #emph[#{words};]]
#report-table(caption: {words}, note: {words}, widths: (1fr, ), head-rows: 1,
  head: (report-cell(x: 0, y: 0, kind: "col")[#{words};], ), body: (((), (report-cell(x: 0, y: 1)[#{words};], )), ))
"""


# ---- structure


def test_the_first_element_is_the_title_and_the_headings_follow(structure):
    tags = [path[-1] for path, _element in structure]

    assert tags[1] == "/Title"
    assert tags.count("/H1") == len(builds.PARTS)
    assert "/H2" in tags


def test_a_heading_carries_its_text(structure):
    assert [str(element.T) for path, element in structure if path[-1] == "/H1"] == builds.PARTS


def test_every_picture_has_words_in_its_place(structure):
    figures = [element for path, element in structure if path[-1] == "/Figure"]

    assert len(figures) >= 5
    for figure in figures:
        assert re.search(r"条图：.+\d", str(figure.Alt))


def test_every_cell_of_a_header_row_heads_its_column(structure):
    cells = [(path, element) for path, element in structure if "/THead" in path and path[-1] in {"/TH", "/TD"}]

    assert len(cells) > 10
    assert {path[-1] for path, _cell in cells} == {"/TH"}
    for _path, cell in cells:
        assert _scope(cell) in (["/Column"], ["/Both"], ["/Row"])


def test_every_row_of_a_table_begins_with_a_heading_of_its_row(structure):
    rows = [(path, element) for path, element in structure if path[-1] == "/TR" and "/TBody" in path]

    assert len(rows) > 54
    for _path, row in rows:
        first, *rest = [element for path, element in _elements(row.K) if path in {("/TH",), ("/TD",)}]
        assert str(first.S) == "/TH"
        # A heading that stands alone in its row heads the rows below it.
        assert _scope(first) in ([["/Row"]] if rest else [["/Column"], ["/Both"], ["/Row"]])


def test_a_cell_with_a_number_is_no_heading(structure):
    data = [element for path, element in structure if path[-1] == "/TD"]

    # 54 rows with two values and a unit each
    assert len(data) >= 54 * 3


def test_a_table_says_what_it_is(structure):
    captions = [path for path, _element in structure if path[-1] == "/Caption"]
    tables = [path for path, _element in structure if path[-1] == "/Table"]
    figures = [path for path, _element in structure if path[-1] == "/Figure"]

    assert len(captions) >= len(tables) + len(figures)


def test_the_long_table_repeats_its_head(text):
    heads = [number for number, page in enumerate(text) if "类别指标单位累计数13年发生数" in page]

    assert len(heads) >= 2


def test_every_link_says_where_it_leads(pdf):
    links = [note for page in pdf.pages for note in page.get("/Annots", [])]

    assert links
    assert [note for note in links if not str(note.get("/Contents", ""))] == []


def _first_page(text):
    """Return the number of the page where the report proper begins."""
    return next(number for number, page in enumerate(text, 1) if page.startswith("根据《中华人民共和国"))
