"""All reports on one page: what a row says, that nothing of it can become markup, that it needs no script and no network."""

import dataclasses
import re
from types import SimpleNamespace

import lxml.html
import pytest
from nianbao.fleet import index
from nianbao.fleet.index import Entry
from nianbao.indicators.series import Concept, Definition

# Fill in the filter, and tell what it says and which rows it leaves.
FILTER = """
<script>
const form = document.getElementById("filter");
{steps}
form.dispatchEvent(new Event("input"));
const rows = [...document.querySelectorAll("tbody tr")].filter((row) => !row.hidden).map((row) => row.dataset.unit);
parent.postMessage(JSON.stringify([form.hidden, form.querySelector("output").textContent, rows]), "*");
</script>
"""
PAGES = ("report.html", "report.pdf", "report.docx", "tables.xlsx")
ENTRY = Entry(unit="longtan", year="2013", state="成稿", title="龙潭区年度报告", waiting=0, accepted=10, pages=PAGES)
HOSTILE = '"><script>alert(1)</script>&<img src=x onerror=alert(1)>'


def _page(*entries, failures=None, concepts=()):
    return lxml.html.document_fromstring(index.page(entries or (ENTRY,), failures or {}, concepts))


def _cells(page):
    return [[cell.text_content().strip() for cell in row] for row in page.xpath("//*[@id='reports']/tbody/tr")]


def test_a_row_tells_unit_year_title_state_and_findings():
    assert _cells(_page()) == [["longtan", "2013", "龙潭区年度报告\u3000PDF\u3000Word\u3000Excel", "成稿", "0", "10", ""]]


def test_a_report_s_files_are_linked_beside_the_page():
    links = _page().xpath("//*[@id='reports']//a/@href")

    assert links == [f"longtan/2013/{name}" for name in PAGES]


def test_a_chinese_unit_s_link_is_written_as_an_address():
    page = _page(dataclasses.replace(ENTRY, unit="龙潭"))

    assert page.xpath("//*[@id='reports']//a/@href")[0] == "%E9%BE%99%E6%BD%AD/2013/report.html"


def test_a_failure_is_told_with_its_reason_and_what_stands():
    row = _cells(_page(failures={("longtan", "2013"): "超过时限"}))[0]

    assert (row[3], row[6]) == ("失败", "超过时限\u3000现有成果：成稿。")


def test_a_manifest_that_is_spoiled_has_a_row_that_says_so():
    row = _cells(_page(Entry(unit="a", year="2013", state="清单损坏", doubt="manifest.json 残缺")))[0]

    assert row == ["a", "2013", "", "清单损坏", "", "", "manifest.json 残缺"]


def test_a_report_of_another_version_has_a_row_that_says_so_and_can_be_filtered():
    page = _page(Entry(unit="a", year="2013", state="清单版本不同", doubt="manifest.json 是旧版程序写的"))

    assert _cells(page)[0] == ["a", "2013", "", "清单版本不同", "", "", "manifest.json 是旧版程序写的"]
    assert page.xpath("//select[@name='state']/option/text()") == ["全部", "清单版本不同"]


def test_a_report_that_was_verified_can_be_filtered_by_both_words():
    page = _page(dataclasses.replace(ENTRY, verified="已核对"))

    assert page.xpath("//*[@id='reports']/tbody/tr/@data-states") == ["成稿 已核对"]
    assert page.xpath("//select[@name='state']/option/text()") == ["全部", "成稿", "已核对"]


def test_the_page_counts_the_reports_by_state():
    page = _page(ENTRY, dataclasses.replace(ENTRY, unit="other", state="草稿"))

    assert page.xpath("//*[@class='byline']/text()") == ["共2份：成稿1份，草稿1份。"]


@pytest.mark.parametrize("place", ["unit", "title", "doubt"])
def test_no_text_of_a_report_becomes_markup(place):
    page = _page(dataclasses.replace(ENTRY, **{place: HOSTILE}))

    assert len(page.xpath("//script")) == 1
    assert page.xpath("//img | //*[@onerror]") == []
    assert HOSTILE in page.xpath("//*[@id='reports']")[0].text_content()


def test_no_reason_of_a_failure_becomes_markup():
    page = _page(failures={("longtan", "2013"): HOSTILE})

    assert len(page.xpath("//script | //img")) == 1


def test_every_row_is_there_without_script():
    page = _page()

    assert page.xpath("//tr[@hidden]") == []
    assert page.xpath("//form/@hidden") == [""]


def test_the_page_asks_the_network_for_nothing():
    text = index.page((ENTRY,), {}, ())

    assert re.findall(r"https?://|@import|url\(", text) == []
    assert "default-src 'none'" in text


def test_the_page_s_policy_allows_its_own_script_alone():
    text = index.page((ENTRY,), {}, ())

    assert len(re.findall(r"script-src 'sha256-[\w+/]{43}='\"", text)) == 1
    assert "unsafe-inline'; script" in text


def test_three_thousand_reports_stay_below_two_megabytes():
    entries = [dataclasses.replace(ENTRY, unit=f"unit-{number:04d}", verified="已核对") for number in range(3000)]

    assert len(index.page(entries, {}, ()).encode()) < 2_000_000


@pytest.mark.parametrize("words", ["长" * 100_000])
def test_a_long_reason_is_cut_on_the_page(words):
    assert len(index.page((ENTRY,), {("longtan", "2013"): words}, ())) < 20_000


# ---- in a browser


@pytest.fixture(scope="module")
def opened():
    """A page of three reports of two units, one of them with values in two years, as the fixtures for browsers take it."""
    concept = Concept(id="r", label="收到的申请", unit="件", definitions=(Definition(cells={"f": (("received", "total"),)}),))
    named = dataclasses.replace(ENTRY, unit="昌邑", form="f", title="昌邑区年度报告")
    entries = [
        dataclasses.replace(ENTRY, verified="已核对"),
        dataclasses.replace(named, year="2013", values={"received.total": "5"}),
        dataclasses.replace(named, year="2014", state="草稿", waiting=3, values={"received.total": "8"}),
    ]
    page = index.page(entries, {("longtan", "2013"): "超过时限"}, [concept])
    return SimpleNamespace(files={"report.html": page.encode()})


@pytest.mark.parametrize(
    ("steps", "said", "units"),
    [
        ("", "显示3份，共3份", ["longtan", "昌邑", "昌邑", "昌邑"]),
        ("form.elements.unit.value = '昌邑';", "显示2份，共3份", ["昌邑", "昌邑", "昌邑"]),
        ("form.elements.unit.value = ' 龙潭 ';", "显示1份，共3份", ["longtan"]),
        ("form.elements.year.value = '2014';", "显示1份，共3份", ["昌邑", "昌邑"]),
        ("form.elements.state.value = '失败';", "显示1份，共3份", ["longtan"]),
        ("form.elements.state.value = '草稿'; form.elements.year.value = '2013';", "显示0份，共3份", []),
    ],
)
def test_the_filter_leaves_what_is_asked_for_and_says_how_many(told, opened, steps, said, units):
    assert told(opened, FILTER.format(steps=steps), 1200) == [False, said, units]


@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_has_no_violation_that_axe_finds(audited, opened, width):
    assert audited(opened, width) == []


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_stands_out_of_the_page(measured, opened, width):
    found = measured(opened, width)

    assert (found["scroll"] <= found["client"], found["wide"]) == (True, [])
