"""Reports on the national forms as built: their narrative beside last year's, and their tables with grouped columns in every format."""

import csv
import io
import shutil
import zipfile

import builds
import lxml.etree
import pikepdf
import pytest
from nianbao.indicators.findings import PENDING
from nianbao.inputs import formfile, scaffold
from nianbao.verify import file

pytestmark = pytest.mark.slow

FORMS = formfile.shipped()
WORD = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
GROUP = "法人或其他组织"
OF_GROUP = ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """The invented report of 2024, with that of 2023 beside it, built once."""
    project = builds.new_project(tmp_path_factory.mktemp("invented"), units=())
    for year in ("2023", "2024"):
        shutil.copytree(builds.ROOT / "params/invented" / year, project / "params/invented" / year)
    return builds.report(project, "invented", "2024")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A project to put reports of every form into."""
    return builds.new_project(tmp_path_factory.mktemp("national"), units=())


def filled(project, year, number):
    """Put a report of the unit `demo` for *year* into *project*, with *number* in each cell that nothing adds up to."""
    form = next(form for form in FORMS.values() if form.covers("某省", year))
    begun = scaffold.begin(FORMS, "demo", year, scaffold.Wishes(name="某市人民政府", province="某省"))
    folder = project / "params/demo" / str(year)
    folder.mkdir(parents=True)
    for name, text in begun.files.items():
        (folder / name).write_text(text.replace(PENDING, f"{year}年有新的进展。"), "utf-8", newline="")
    for table in form.tables:
        path = folder / f"{table.id}.csv"
        lines = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
        for line in lines[1:]:
            line[4:] = [value or str(number) for value in line[4:]]
        with path.open("w", encoding="utf-8-sig", newline="") as written:
            csv.writer(written).writerows(lines)


def _tables(node, tags=()):
    """Yield (tags above it, element) of the structure tree below *node*."""
    if isinstance(node, pikepdf.Array):
        for each in node:
            yield from _tables(each, tags)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield (*tags, str(node.S)), node
        yield from _tables(node.get("/K", pikepdf.Array()), (*tags, str(node.S)))


def _spans(element):
    attributes = element.get("/A", pikepdf.Array())
    listed = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
    return [int(each.ColSpan) for each in listed if "/ColSpan" in each]


def test_the_narrative_says_what_changed_since_last_year(invented):
    said = invented.prose()
    assert "新收政府信息公开申请121件，比上年增加34件，增长39.08%" in said
    assert "与上年相比，予以公开所占比例上升14.77个百分点" in said
    assert "政府信息公开行政复议3件，与上年持平，其中结果维持3件" in said


def test_a_change_leads_back_to_both_years(invented):
    difference = invented.figures["received.total.difference"]
    assert difference["formula"] == "received.total - last_year.received.total"
    assert invented.figures["last_year.received.total"]["source"] == "params/invented/2023/requests.csv 第2行 K2"


def test_the_page_groups_the_columns_of_table_three(invented):
    (table,) = invented.page.xpath("//main//table[caption[contains(., '收到和处理')]]")
    (group,) = table.xpath("thead//th[@scope='colgroup']")
    assert (group.text_content(), group.get("colspan")) == (GROUP, "5")
    assert [each.text_content() for each in table.xpath("thead/tr[2]/th[@scope='col']")] == OF_GROUP


def test_the_pdf_tags_the_group_of_columns_with_its_width(invented):
    with pikepdf.open(io.BytesIO(invented.files["report.pdf"])) as opened:
        heads = [element for tags, element in _tables(opened.Root.StructTreeRoot.K) if "/THead" in tags and tags[-1] == "/TH"]
        assert [5] in [_spans(each) for each in heads]


def test_the_pdf_repeats_all_of_table_threes_head_on_its_second_page(invented, poppler):
    assert poppler
    pages = [builds.squeezed(page) for page in invented.pdf_text.split("\f")]
    assert sum("类别指标自然人" in page and GROUP in page and "法律服务机构" in page for page in pages) == 2


def test_table_three_stays_inside_the_type_area(invented, poppler):
    assert poppler
    words = [word for page in invented.pdf_words for word in page]
    # The type area is 156 mm wide and begins 28 mm from the left: 79.4 pt to 521.6 pt.
    assert min(word[0] for word in words if word[4].startswith("（七）总计")) >= 78
    assert max(word[2] for word in words if word[4].isdecimal()) <= 522


def test_word_repeats_both_rows_of_table_threes_head(invented):
    with zipfile.ZipFile(io.BytesIO(invented.files["report.docx"])) as held:
        body = lxml.etree.fromstring(held.read("word/document.xml"))
    rows = body.xpath("//w:tbl/w:tr[w:trPr/w:tblHeader]", namespaces=WORD)
    texts = ["".join(row.xpath(".//w:t/text()", namespaces=WORD)) for row in rows]
    assert any(GROUP in text for text in texts)
    assert any(text.endswith("".join(OF_GROUP)) for text in texts)


@pytest.mark.parametrize(("year", "number"), [(2015, 1), (2019, 1), (2020, 2), (2022, 3)])
def test_a_report_of_any_form_with_the_same_small_number_in_every_cell_is_built(workshop, year, number):
    filled(workshop, year, number)
    assert builds.report(workshop, "demo", str(year)).run.returncode == 0


def test_a_file_is_verified_alone_where_last_year_was_on_another_form(workshop):
    filled(workshop, 2021, 2)
    built = builds.report(workshop, "demo", "2021")
    assert "比上年" in built.prose() or "与上年" in built.prose()
    for name in ("report.pdf", "report.html"):
        verdict = file.verify(built.folder / name, None)
        assert verdict.ran
        assert verdict.differences == ()
