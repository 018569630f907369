"""The file that says how Word documents look: made again from the theme, and what of it a report has."""

import io
import os
import subprocess
import sys
import zipfile

import pytest
import reference
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.shared import Mm
from nianbao.page.blocks import Datum, Heading, Link, Paragraph, Text
from nianbao.render import docx

METADATA = {"title": "某区2013年报告", "title_lines": ["某区", "2013年报告"], "author": "某区人民政府", "date": "2014-03-05"}
BLOCKS = (
    Heading(2, (Text("一、甲"),)),
    Paragraph((Text("共"), Datum(figure="a.b", text="97人", value="97", label="人数"), Text("，㙍𠮷"))),
    Paragraph((Link("https://a.cn/", (Text("链"),)),)),
)
BUILD = f"""
import sys
if sys.argv[1:]:
    import openpyxl
from nianbao.page.blocks import *
from nianbao.render import docx
sys.stdout.buffer.write(docx.document({METADATA!r}, {BLOCKS!r}))
"""


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_reference_of_the_library_is_what_the_theme_makes_of_it():
    assert docx.REFERENCE.read_bytes() == reference.document()


def test_the_reference_shows_each_of_its_styles():
    shown = Document(docx.REFERENCE)
    assert {each.style.name for each in shown.paragraphs} == {each.name for each in shown.styles if each.type == 1}


def test_no_text_of_the_reference_is_in_a_report():
    made = parts(docx.document(METADATA, BLOCKS))
    assert not [name for name, content in made.items() if "样式：".encode() in content]


@pytest.mark.parametrize(("seed", "first"), [("0", ""), ("1", ""), ("2", "openpyxl")])
def test_the_file_depends_on_no_hash_and_on_nothing_that_was_imported_before(seed, first):
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    run = subprocess.run([sys.executable, "-c", BUILD, *first.split()], env=environment, capture_output=True, check=False)
    assert run.stderr == b""
    assert run.stdout == docx.document(METADATA, BLOCKS)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A reference of somebody's own, who has worked on it with `change`."""

    def write(change):
        file = Document(docx.REFERENCE)
        change(file)
        monkeypatch.setattr(docx, "REFERENCE", tmp_path / "reference.docx")
        file.save(docx.REFERENCE)

    return write


def test_styles_margins_and_footers_of_a_changed_reference_are_those_of_the_report(own):
    def change(file):
        file.styles["Heading 1"].font.name = "Some Face"
        file.sections[0].left_margin = Mm(40)
        file.sections[0].footer.paragraphs[0].add_run("某区")

    own(change)
    made = Document(io.BytesIO(docx.document(METADATA, BLOCKS)))
    assert made.styles["Heading 1"].font.name == "Some Face"
    assert made.sections[0].left_margin.mm == pytest.approx(40, abs=0.1)
    assert made.sections[0].footer.paragraphs[0].text.endswith("某区")


def test_nothing_else_of_a_changed_reference_is_in_the_report(own):
    def change(file):
        file.core_properties.author = file.core_properties.comments = file.core_properties.keywords = "Somebody"
        file.add_paragraph("Some Text")
        file.part.relate_to("https://somewhere.cn/", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)

    own(change)
    made = parts(docx.document(METADATA, BLOCKS))
    assert not [name for name, content in made.items() if b"Some" in content or b"somewhere" in content]
