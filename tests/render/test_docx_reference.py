"""The file that says how Word documents look: made again from the theme, and what of it a report has."""

import hashlib
import io
import os
import subprocess
import sys
import zipfile

import builds
import pytest
import reference
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.shared import Mm
from nianbao.indicators.errors import InvalidInputError
from nianbao.page.blocks import Datum, Heading, Link, Paragraph, Text
from nianbao.reading.lines import UnreadableError
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


# ---- a reference of an office's own


NAME = "params/specimen/reference.docx"
RELATIONSHIPS = "word/_rels/document.xml.rels"
EMBEDDED = "application/vnd.openxmlformats-officedocument.oleObject"


def spoilt(changes):
    """The reference of the library with parts added or changed by `changes`: name → content, or what makes it of what there was."""
    made = parts(docx.REFERENCE.read_bytes())
    for name, change in changes.items():
        made[name] = change(made[name]) if callable(change) else change
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made.items():
            archive.writestr(name, content)
    return out.getvalue()


def typed(name, kind):
    """Declare that the part *name* is of a *kind*."""
    return lambda types: types.replace(b"</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'.encode())


def related(kind, target, mode="External"):
    """Have the document lead to *target*."""
    added = f'<Relationship Id="rId99" Type="http://x/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    return lambda relationships: relationships.replace(b"</Relationships>", added.encode())


def without(before, after=b""):
    return lambda part: part.replace(before, after)


TYPES = "[Content_Types].xml"
DANGEROUS = {
    "a macro": (
        {"word/vbaProject.bin": b"x", TYPES: typed("word/vbaProject.bin", "application/vnd.ms-office.vbaProject")},
        r"里面有宏（word/vbaProject\.bin）",
    ),
    "a macro of no type": ({"word/vbaProject.bin": b"x"}, r"里面有宏（word/vbaProject\.bin）"),
    "a file for macros": (
        {
            TYPES: without(
                b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                b"application/vnd.ms-word.document.macroEnabled.main+xml",
            )
        },
        r"里面有宏（word/document\.xml）",
    ),
    "a control": (
        {"word/activeX/activeX1.bin": b"x", TYPES: typed("word/activeX/activeX1.bin", "application/vnd.ms-office.activeX")},
        "里面有控件",
    ),
    "an object": (
        {"word/embeddings/o.bin": b"x", TYPES: typed("word/embeddings/o.bin", EMBEDDED)},
        r"里面有嵌入的对象（word/embeddings/o\.bin）",
    ),
    "a workbook": ({"word/embeddings/o.xlsx": b"x"}, r"里面有嵌入的对象（word/embeddings/o\.xlsx）"),
    "a page": ({"word/a.html": b"x", TYPES: typed("word/a.html", "text/html")}, r"里面有嵌入的对象（word/a\.html）"),
    "a face": ({"word/fonts/f.odttf": b"x"}, r"里面有嵌入的字体（word/fonts/f\.odttf）"),
    "a link": ({RELATIONSHIPS: related("hyperlink", "https://a.cn/")}, r"里面有指向文件以外的链接（https://a\.cn/）"),
    "a template": (
        {
            "word/_rels/settings.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://x/attachedTemplate" Target="file:///C:/x.dotm" TargetMode="External"/></Relationships>'
        },
        r"链接（file:///C:/x\.dotm）",
    ),
    "a shape's picture from elsewhere": (
        {"word/odd.xml": without(b"</w:p>", b'<w:r><w:pict><x:y xmlns:x="urn:x" src="https://a.cn/b.png"/></w:pict></w:r></w:p>')},
        r"链接（https://a\.cn/b\.png）",
    ),
    "letters": (
        {"word/settings.xml": without(b"<w:zoom", b'<w:mailMerge><w:connectString w:val="DSN=x"/></w:mailMerge><w:zoom')},
        "链接（DSN=x）",
    ),
    "a field that reads a file": (
        {"word/odd.xml": without(b" PAGE ", b" INCLUDETEXT x.txt ")},
        "有域“INCLUDETEXT X.TXT”；应为：页码",
    ),
    "a field in pieces": (
        {
            "word/odd.xml": without(
                b"</w:p>", b"<w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO a</w:instrText></w:r></w:p>"
            )
        },
        "有域“A DDEAUTO”",
    ),
    "the time": ({"word/even.xml": without(b" PAGE ", b" DATE ")}, "有域“DATE”"),
    "a declaration of what things are called": (
        {"word/theme.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'},
        "有文档类型声明",
    ),
    "a link of an unknown mode": ({RELATIONSHIPS: related("image", "https://a.cn/", "external")}, "指向文件以外的链接"),
}


@pytest.mark.parametrize("what", DANGEROUS)
def test_what_runs_leads_out_or_is_a_file_of_its_own_is_refused(what):
    changes, message = DANGEROUS[what]
    with pytest.raises((InvalidInputError, UnreadableError), match=message):
        docx.checked(spoilt(changes), NAME)


def test_all_that_is_refused_is_told_at_once():
    changes = {"word/vbaProject.bin": b"x", "word/o.bin": b"x", RELATIONSHIPS: related("hyperlink", "https://a.cn/")}
    with pytest.raises(InvalidInputError) as refused:
        docx.checked(spoilt(changes), NAME)
    assert len(refused.value.problems) == 3
    assert {each.file for each in refused.value.problems} == {NAME}


USELESS = {
    "no styles": ({"word/styles.xml": without(b'w:val="toc 1"', b'w:val="x"')}, "没有样式toc 1。请从自带的 reference.docx 改起"),
    "no footer": ({"word/document.xml": without(b'w:type="even"', b'w:type="first"')}, "有的页没有页脚"),
    "no room": ({"word/document.xml": without(b'w:left="1588"', b'w:left="9000"')}, "版心太小；应为：宽和高都不小于80毫米"),
    "no page": ({"word/document.xml": without(b'<w:pgSz w:w="11906" w:h="16838"/>')}, "报告写不进去"),
    "no numbers": ({"word/styles.xml": without(b'<w:numId w:val="2"/>')}, "报告写不进去"),
    "unknown numbers": ({"word/styles.xml": without(b'<w:numId w:val="2"/>', b'<w:numId w:val="7"/>')}, "报告写不进去"),
    "no table of faces": ({RELATIONSHIPS: without(b"relationships/fontTable", b"relationships/theme")}, "报告写不进去"),
    "a style without a name to refer to": ({"word/styles.xml": without(b' w:styleId="TOC1"')}, "没有样式toc 1"),
    "no alignment": ({"word/odd.xml": without(b'<w:jc w:val="right"/>', b"<w:jc/>")}, "报告写不进去"),
    "no numbering": ({RELATIONSHIPS: without(b"relationships/numbering", b"relationships/theme")}, "报告写不进去"),
    "strange styles": ({"word/styles.xml": b"<styles/>"}, "报告写不进去|没有样式"),
}


@pytest.mark.parametrize("what", USELESS)
def test_a_reference_that_a_report_cannot_be_written_into_is_refused(what):
    changes, message = USELESS[what]
    with pytest.raises(InvalidInputError, match=message):
        docx.checked(spoilt(changes), NAME)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04", "文件已损坏或加了密，打不开"),
        (b"", "文件已损坏或加了密，打不开"),
        (spoilt({RELATIONSHIPS: b"<Relationships"}), "读不出来"),
        (spoilt({"word/styles.xml": b"<w:styles"}), r"word/styles\.xml读不出来"),
        (spoilt({TYPES: b'<!DOCTYPE x [<!ENTITY a "b">]><Types>&a;</Types>'}), "有文档类型声明"),
        (spoilt({"word/big.xml": b" " * 21_000_000}), "解压后大于20MB"),
        (spoilt({f"word/{number}.xml": b"<a/>" for number in range(600)}), "多于500个部分"),
    ],
    ids=["cut off", "empty", "broken", "broken styles", "entities", "a bomb", "many parts"],
)
def test_a_broken_reference_is_refused(content, message):
    with pytest.raises(UnreadableError, match=message):
        docx.checked(content, NAME)


def test_a_reference_that_was_saved_by_an_office_is_taken_and_used():
    file = Document(docx.REFERENCE)
    file.styles["Heading 1"].font.name = "Some Face"
    out = io.BytesIO()
    file.save(out)
    made = docx.document(METADATA, BLOCKS, docx.checked(out.getvalue(), NAME))
    assert Document(io.BytesIO(made)).styles["Heading 1"].font.name == "Some Face"


@pytest.mark.parametrize("code", [rb" PAGE  \* MERGEFORMAT ", rb' NUMPAGES \# "0" ', b"PAGE"])
def test_the_number_of_a_page_may_be_written_in_any_way(code):
    content = spoilt({"word/odd.xml": without(b" PAGE ", code.replace(b'"', b"&quot;"))})
    assert docx.document(METADATA, BLOCKS, docx.checked(content, NAME))


def test_the_names_of_styles_may_be_written_in_capitals():
    content = spoilt({"word/styles.xml": without(b'w:val="toc 1"', b'w:val="TOC 1"')})
    assert docx.document(METADATA, BLOCKS, docx.checked(content, NAME))


@pytest.fixture
def project(tmp_path):
    return builds.new_project(tmp_path / "project", units=("specimen",))


def test_check_tells_what_is_wrong_with_the_reference_of_a_unit(project, run):
    (project / NAME).write_bytes(spoilt({"word/vbaProject.bin": b"x"}))
    said = run(project, "check", "specimen", "2025")
    assert said.returncode == 2
    assert f"{NAME}：里面有宏（word/vbaProject.bin）" in said.stderr


@pytest.mark.slow
def test_a_report_is_made_and_sealed_with_the_reference_of_its_unit(project, run):
    content = spoilt({"word/styles.xml": without("仿宋_GB2312".encode(), b"Some Face")})
    (project / NAME).write_bytes(content)
    built = builds.report(project, "specimen", "2025")
    assert b"Some Face" in parts(built.files["report.docx"])["word/styles.xml"]
    assert built.manifest["inputs"][NAME] == hashlib.sha256(content).hexdigest()
    (project / NAME).write_bytes(docx.REFERENCE.read_bytes())
    assert "Word 文件的样式 reference.docx 有改动" in run(project, "report", "specimen", "2025", "--explain").stdout


@pytest.mark.slow
def test_a_report_whose_reference_is_refused_is_not_made(project, run):
    (project / NAME).write_bytes(spoilt({RELATIONSHIPS: related("hyperlink", "https://a.cn/")}))
    said = run(project, "report", "specimen", "2025")
    assert said.returncode == 2
    assert "指向文件以外的链接（https://a.cn/）" in said.stderr
    assert not (project / "outputs/specimen/2025").exists()
