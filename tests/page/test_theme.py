"""How everything looks: each colour is said once, and a change of it is seen in whatever is made."""

import datetime
import io
import re
import zipfile
from pathlib import Path

import nianbao
import openpyxl
import pikepdf
import pytest
import reference
from nianbao import render
from nianbao.document import charts
from nianbao.indicators import values
from nianbao.indicators.figures import counted
from nianbao.page import theme, typst
from nianbao.page.blocks import Notice, paragraph
from nianbao.render import docx, exporters, worksheet

LIBRARY = Path(nianbao.__file__).parent
STYLES = sorted(path.name for path in (LIBRARY / "render/templates/html").glob("*.css"))
DRAWN = [path for path in LIBRARY.rglob("*") if path.suffix in {".py", ".css", ".typ", ".j2"} and path.name != "theme.py"]
NOTICE = Notice(title="草稿", children=(paragraph("不得公布"),))


def pdf():
    source = f"""#import "report.typ": *
#show: report.with(title: "甲", title-lines: ("甲",), author: "甲", notice: [], draft: true)
{typst.blocks([NOTICE])}
"""
    return exporters._compiled(source, datetime.date(2014, 3, 5))


def chart():
    bar = charts.Bar(name="甲", shown=(counted("a", "甲", "check", values.given(1), "处"),), length=1)
    return charts.picture([bar], "题").svg


def test_no_other_file_says_a_colour():
    said = re.compile(r"""#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?\b|(?<![\w#])(?=[0-9A-F]*[A-F])[0-9A-F]{6}\b|luma\(\d""")
    found = {path.name: said.findall(path.read_text("utf-8")) for path in DRAWN}

    assert {name: colours for name, colours in found.items() if colours} == {}


@pytest.mark.parametrize("name", STYLES)
def test_a_style_sheet_gets_its_colours_when_it_is_read(name):
    style = render.template(name)

    assert re.search(r"#[0-9a-f]{3}", style)
    assert "theme(" not in style


def test_a_colour_that_the_theme_has_not_is_an_error():
    with pytest.raises(KeyError, match="mauve"):
        theme.filled("a { color: theme(mauve); }")


def test_every_colour_is_used():
    text = "".join(path.read_text("utf-8") for path in DRAWN)

    assert [name for name in theme.COLOURS if not re.search(rf'theme\({name}\)|"{name}"|colour\.{name}\b', text)] == []


def test_a_changed_red_is_seen_on_the_page_in_the_pdf_and_in_word(monkeypatch, tmp_path):
    before = (render.template("report.css"), pdf())
    monkeypatch.setitem(theme.COLOURS, "red", "#123456")
    monkeypatch.setattr(docx, "REFERENCE", tmp_path / "reference.docx")
    # That the file of the library is as the theme has it is a test of its own.
    docx.REFERENCE.write_bytes(reference.document())
    style, printed, word = (render.template("report.css"), pdf(), docx.document({"title": "甲"}, [NOTICE]))

    assert before[0].replace("#a40000", "#123456") == style
    assert before[1] != printed
    with pikepdf.open(io.BytesIO(printed)) as file:
        drawn = b"".join(page.Contents.read_bytes() for page in file.pages)
    assert re.search(rb"0\.0705\d* 0\.2039\d* 0\.3372\d* (?:sc|SC|rg|RG|scn|SCN)\b", drawn)
    with zipfile.ZipFile(io.BytesIO(word)) as file:
        styles = file.read("word/styles.xml")
    assert (styles.count(b"123456"), styles.count(b"A40000")) == (9, 0)


def test_a_changed_shade_is_seen_in_a_chart(monkeypatch):
    assert "#1f4e79" in chart()
    monkeypatch.setitem(theme.COLOURS, "chart-1", "#123456")

    assert "#123456" in chart()
    assert "#1f4e79" not in chart()


def test_a_changed_shade_is_seen_in_a_workbook(monkeypatch):
    monkeypatch.setitem(theme.COLOURS, "sheet-stub", "#123456")

    def write(book):
        book.add_worksheet("甲").write_string(0, 0, "乙", worksheet.Styles(book)("head"))

    cell = openpyxl.load_workbook(io.BytesIO(worksheet.packed(write, title="甲")))["甲"]["A1"]
    assert cell.fill.fgColor.rgb == "FF123456"


def test_office_gets_six_digits():
    assert [theme.digits(each) for each in ("paper", "red", "sheet-grid")] == ["FFFFFF", "A40000", "7F7F7F"]


def test_the_margins_and_the_width_of_the_text_make_a_page_of_a4():
    across, down = 210, 297

    assert theme.MARGINS["left"] + theme.TEXT_WIDTH + theme.MARGINS["right"] == across
    # 22 lines, the last of which may hang a little lower.
    assert down - theme.MARGINS["top"] - theme.MARGINS["bottom"] == pytest.approx(22 * theme.PITCH * theme.INCH / 72, abs=0.1)
