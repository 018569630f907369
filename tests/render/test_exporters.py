"""The HTML page: one file that anyone can read, with any eyes, on any screen, without a network."""

import itertools
import re

import builds
import pytest
from nianbao.notebook import source
from nianbao.render.exporters import ReportHTMLExporter

pytestmark = pytest.mark.slow

# ---- the page as a document


def test_the_page_says_what_it_is_written_in(built):
    text = built.files["report.html"].decode()

    assert text.startswith('<!DOCTYPE html>\n<html lang="zh-CN">')
    assert '<meta charset="utf-8">' in text[:300]


def test_the_page_has_a_title_and_one_first_heading_that_say_the_same(built):
    (heading,) = built.page.iter("h1")

    assert heading.text_content() == built.page.findtext(".//title") == "龙潭区人民政府2013年政府信息公开工作年度报告"


def test_the_page_fits_the_width_of_a_phone(built):
    assert built.page.xpath("//meta[@name='viewport']/@content") == ["width=device-width, initial-scale=1"]


def test_the_page_has_its_seven_parts(built):
    assert [each.text_content() for each in built.page.xpath("//main//h2")] == builds.PARTS


def test_headings_go_down_one_level_at_a_time(built):
    levels = [int(each.tag[1]) for each in built.page.iter("h1", "h2", "h3", "h4", "h5", "h6")]

    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_contents_lead_to_the_headings_they_name(built):
    links = built.page.xpath("//nav//a")

    assert [link.text_content() for link in links if link.get("href") == "#main"] == []
    assert len(links) == len(built.page.xpath("//main//h2 | //main//h3"))
    for link in links:
        target = built.page.get_element_by_id(link.get("href").removeprefix("#"))
        assert target.tag in {"h2", "h3"}
        assert target.text_content() == link.text_content()


def test_every_link_inside_the_page_has_a_target(built):
    ids = set(built.page.xpath("//@id"))

    assert [each for each in built.page.xpath("//a/@href") if each.startswith("#") and each[1:] not in ids] == []


def test_ids_are_unique(built):
    ids = built.page.xpath("//@id")

    assert sorted(ids) == sorted(set(ids))


def test_what_an_element_refers_to_by_id_is_there(built):
    ids = set(built.page.xpath("//@id"))
    named = built.page.xpath("//@aria-labelledby | //@aria-describedby | //@*[local-name()='href' and starts-with(., '#')]")
    drawn = re.findall(r"url\(#([^)]+)\)", built.files["report.html"].decode())

    assert {name.removeprefix("#") for each in named for name in each.split()} | set(drawn) <= ids


def test_no_code_of_the_notebook_is_shown(built):
    text = "".join(built.page.xpath("//body//text()[not(parent::script or parent::style)]"))

    assert [words for words in ("%%prose", "nianbao", "import ", "report.", "{{", "{%", "In [", "Out[") if words in text] == []


# ---- nothing from outside


def test_no_element_runs_or_loads_anything(built):
    found = {each.tag for each in built.page.iter() if isinstance(each.tag, str)}

    assert found & {"iframe", "object", "embed", "link", "img", "audio", "video", "source", "base", "form"} == set()
    # One block of data, and one script that the page's own policy knows by its hash.
    assert [each.get("type") for each in built.page.iter("script")] == ["application/json", None]
    assert built.page.xpath("//@src | //@srcset | //@data | //@action | //@*[starts-with(name(), 'on')]") == []


def test_no_address_is_loaded_but_links_may_lead_to_one(built):
    text = built.files["report.html"].decode()
    outside = re.findall(r"""(?:url\(|@import\s|(?:href|src)=)["']?(?:https?:)?//[^"')\s>]+""", text)
    links = {each for each in built.page.xpath("//a/@href") if each.startswith("http")}

    assert [each for each in outside if not any(each.endswith(link) for link in links)] == []


def test_the_page_forbids_itself_what_it_does_not_need(built):
    (policy,) = built.page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/=]+'", rules.pop("script-src"))
    assert not any(re.search(r"https?:|\*|unsafe-eval", rule) for rule in rules.values())


# ---- numbers


def test_every_number_in_the_prose_is_a_figure_or_stands_in_a_name(built):
    # A year, a date, a document number, a chapter's number and the name of a table are no figures.
    names = r"20\d\d年(?:度|末)?|\d{1,2}月|\d{1,2}日|^\d\.|[图表]\d+|\d+个工作日|[A-Z]\d+\S*"
    for paragraph in built.page.xpath("//main//p[not(ancestor::table or @class='note')] | //main//li"):
        words = "".join(paragraph.xpath(".//text()[not(ancestor::data)]"))

        assert re.findall(r"\S{0,5}\d\S{0,5}", re.sub(names, "", words)) == [], words


def test_every_data_element_has_id_figure_value_and_label(built):
    found = list(built.page.iter("data"))

    assert len(found) > 200
    assert [
        each.attrib
        for each in found
        if not (each.get("id") and each.get("data-figure") and each.get("value") and each.get("title"))
    ] == []


def test_a_share_keeps_its_exact_value_beside_what_is_printed(built):
    element = built.page.get_element_by_id("disclosed.district.year.share")

    assert (element.get("value"), element.text_content()) == ("953/2565", "37.15%")


# ---- tables


def test_every_table_has_a_caption(built):
    assert [each for each in built.page.iter("table") if not (each.findtext("caption") or "").strip()] == []


def test_every_heading_of_a_table_says_what_it_heads(built):
    assert {each.get("scope") for each in built.page.iter("th")} <= {"col", "colgroup", "row", "rowgroup"}
    assert [each for each in built.page.xpath("//thead//th") if each.get("scope") not in {"col", "colgroup"}] == []


def test_every_row_of_a_table_has_a_heading(built):
    assert [row.text_content() for row in built.page.xpath("//tbody/tr") if not row.xpath("th")] == []


def test_the_rows_of_a_table_are_all_as_wide_as_its_head(built):
    for table in built.page.iter("table"):
        wide, covered = len(table.xpath("colgroup/col")), {}
        for index, row in enumerate(table.iter("tr")):
            taken = covered.get(index, 0)
            for cell in row:
                columns, rows = int(cell.get("colspan", 1)), int(cell.get("rowspan", 1))
                taken += columns
                for below in range(1, rows):
                    covered[index + below] = covered.get(index + below, 0) + columns
            assert taken == wide


def test_the_statistical_table_is_the_reported_one_with_its_merged_groups(built):
    reported = (built.project / "params/longtan/2013/statistics.csv").read_text("utf-8-sig").splitlines()[1:]
    rows = [line.split(",") for line in reported]
    groups = [(name, len(list(members))) for name, members in itertools.groupby(rows, key=lambda row: (row[0], row[1]))]
    (table,) = [table for table in built.page.iter("table") if "统计表" in table.findtext("caption")]

    assert [[cell.text_content() for cell in row.xpath("*[position() > last() - 4]")] for row in table.xpath(".//tr[td/data]")] == [
        row[2:] for row in rows
    ]
    assert [
        (each.text_content(), int(each.get("rowspan", 1))) for each in table.xpath(".//th[@scope='rowgroup'][not(@colspan)]")
    ] == [(group, size) for (_part, group), size in groups]
    assert [each.text_content() for each in table.xpath(".//th[@colspan]")] == list(dict.fromkeys(row[0] for row in rows))


# ---- charts


def test_at_least_five_charts_have_a_caption_and_say_what_they_show(built):
    figures = built.page.xpath("//main//figure")

    assert len(figures) >= 5
    for number, figure in enumerate(figures, 1):
        (drawing,) = figure.xpath(".//*[local-name()='svg']")
        title, alt = drawing[0], drawing[1]
        assert figure.findtext("figcaption").startswith(f"图{number}　")
        assert (drawing.get("role"), drawing.get("aria-labelledby"), drawing.get("aria-describedby")) == (
            "img",
            title.get("id"),
            alt.get("id"),
        )
        assert re.search(r"\d", alt.text)


def test_the_words_of_a_chart_can_be_searched(built):
    words = "".join(text.text_content() for text in built.page.xpath("//*[local-name()='svg']//*[local-name()='text']"))

    assert "区本级公开信息" in words
    assert "37.15%" in words


def test_a_chart_is_read_without_colour(built):
    for drawing in built.page.xpath("//main//figure//*[local-name()='svg']"):
        if "比例条图" in drawing[1].text:
            assert drawing.xpath(".//*[local-name()='pattern']")


def test_the_numbers_of_a_chart_stand_in_a_table_below_it(built):
    for figure in built.page.xpath("//main//figure"):
        assert figure.xpath("details//table//data")


# ---- in a browser


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation(built, audited, width):
    assert audited(built, width) == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_does_not_scroll_sideways(built, measured, width):
    assert measured(built, width) == {"scroll": width, "client": width, "wide": []}


def test_a_preprocessor_that_is_registered_prepares_the_notebook(built):
    def drop(notebook, resources):
        notebook.cells = [cell for cell in notebook.cells if "seldom" not in cell.source]
        return notebook, resources

    exporter = ReportHTMLExporter()
    exporter.register_preprocessor(drop, enabled=True)
    notebook = source.parsed(built.files["report.ipynb"].decode())
    cell = notebook.cells[0].__class__(cell_type="markdown", id="seldom", metadata={}, source="seldom said")
    notebook.cells.append(cell)

    assert "seldom said" in ReportHTMLExporter().from_notebook_node(notebook)[0]
    assert "seldom said" not in exporter.from_notebook_node(notebook)[0]
