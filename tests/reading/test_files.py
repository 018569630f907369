"""A published report is read into the same lines whatever it was published as; what cannot be read is refused with advice."""

import io
import zipfile

import pytest
from nianbao import cli
from nianbao.reading import files
from nianbao.reading import lines as readers

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

TEXT = "龙潭区人民政府2013年\n\n2013年，全区公开信息2565条。\n"


@pytest.fixture
def read(tmp_path):
    """Return the lines of a file with this content, as (number, text)."""

    def lines(content, name="report.txt"):
        path = tmp_path / name
        path.write_bytes(content)
        return [(line.number, line.text) for line in files.read(path)]

    return lines


def docx(body, **others):
    """Return a Word document whose body is *body*."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')
        for name, content in others.items():
            archive.writestr(name, content)
    return packed.getvalue()


def paragraph(*runs):
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def table(*rows):
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_is_read_in_every_encoding_officials_save(read, encoding, end):
    content = TEXT.replace("\n", end).encode(encoding)
    assert read(content) == [(1, "龙潭区人民政府2013年"), (3, "2013年，全区公开信息2565条。")]


def test_the_lines_of_a_text_stay_as_typed(read):
    assert read("　　一、 概述  \n".encode()) == [(1, "　　一、 概述  ")]


def test_a_text_that_speaks_of_tags_is_no_page(read):
    assert read("公开<p>标记。\n".encode()) == [(1, "公开<p>标记。")]


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("<p>一、概述</p><p>2013年，<b>全区</b>公开信息<span>2565</span>条。</p>", ["一、概述", "2013年，全区公开信息2565条。"]),
        ("<p>首行<br>次行<br/>末行", ["首行", "次行", "末行"]),
        ("<div>外<div>内</div>后</div>", ["外", "内", "后"]),
        ("<p>公开&nbsp;&lt;目录&gt;&#65292;共&#x35;条</p>", ["公开 <目录>，共5条"]),
        ("<p>前</p><script>var a = '<p>9</p>';</script><style>p {}</style><noscript>无</noscript><p>后</p>", ["前", "后"]),
        ("<p>前</p><p hidden>9</p><div style='display: none'>8</div><p>后</p>", ["前", "后"]),
        ("<ul><li hidden>9<li>甲</ul><p>后</p>", ["甲", "后"]),
        ("<p>政府\n   信息</p><p>见 》</p>", ["政府信息", "见 》"]),
        ("<h1>题</h1><ul><li>甲<li>乙</ul>", ["题", "甲", "乙"]),
        ("<p>前</p><!-- 9 --><p>后</p>", ["前", "后"]),
        ("<p>一\u200b二\u202e三</p>", ["一二三"]),
    ],
)
def test_a_page_is_read_block_by_block(read, page, lines):
    content = f"<!DOCTYPE html><html><head><title>题名</title></head><body>{page}</body></html>".encode()
    assert [text for _number, text in read(content)] == lines


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("<tr><td>指标</td><td>累计数</td></tr><tr><td>人员</td><td>97</td></tr>", ["指标 | 累计数", "人员 | 97"]),
        ("<tr><th>指标<td><p>97</p><td></tr>", ["指标 | 97 | "]),
        ("<tr><td>甲<td>1<tr><td>乙<td>2", ["甲 | 1", "乙 | 2"]),
        ("<tbody><tr><td>其中：<p>专职</p></td><td> 14 </td></tr></tbody>", ["其中：专职 | 14"]),
        ("<tr><td><p>一、概述</p><p>公开信息。</p></td></tr>", ["一、概述", "公开信息。"]),
        ("<tr><td>栏目</td><td><table><tr><td>甲</td><td>1</td></tr></table></td></tr>", ["栏目", "甲 | 1"]),
        ("<tr><td></td><td> </td></tr>", []),
    ],
)
def test_a_row_of_a_page_is_one_line_unless_the_table_is_the_layout(read, rows, lines):
    content = f"<html><body><p>前</p><table>{rows}</table><p>后</p></body></html>".encode()
    assert [text for _number, text in read(content)] == ["前", *lines, "后"]


def test_what_an_element_nobody_knows_holds_runs_on(read):
    assert read(b"<html><body><p>1<o:p>2</o:p>3</p></body></html>") == [(1, "123")]


@pytest.mark.parametrize("name", files.SUFFIXES)
def test_every_kind_of_file_that_can_be_read_is_one_that_the_messages_allow(read, name):
    with pytest.raises(readers.UnreadableError) as refused:
        read(b"Rar!", f"report{name}")
    assert all(each.name in refused.value.problem.allowed for each in files.FORMATS)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_page_is_decoded_by_what_it_is_not_by_what_it_says(read, encoding):
    page = '<html><head><meta charset="gb2312"></head><body><p>公开信息2565条。</p></body></html>'
    assert read(page.encode(encoding), "report.html") == [(1, "公开信息2565条。")]


def test_a_word_document_is_read_in_its_order(read):
    body = paragraph("一、", "概述") + paragraph() + table(["指标", "13年"], ["人员", "97"]) + paragraph("二、主动公开")
    assert read(docx(body), "report.bin") == [(1, "一、概述"), (2, "指标 | 13年"), (3, "人员 | 97"), (4, "二、主动公开")]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<w:p><w:r><w:t>前</w:t><w:br/><w:t>后</w:t></w:r></w:p>", ["前", "后"]),
        ("<w:p><w:r><w:t>1</w:t><w:tab/><w:t>2</w:t></w:r></w:p>", ["1 2"]),
        ("<w:p><w:del><w:r><w:t>旧</w:t></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p>", ["新"]),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r><w:r><w:t>露</w:t></w:r></w:p>", ["露"]),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>文</w:t></w:r></w:p>", ["文"]),
        ("<w:p><w:r><w:t>甲&amp;乙</w:t></w:r></w:p>", ["甲&乙"]),
        ("<w:sdt><w:sdtContent><w:p><w:r><w:t>目录</w:t></w:r></w:p></w:sdtContent></w:sdt>", ["目录"]),
    ],
)
def test_of_a_word_document_what_shows_is_read(read, body, lines):
    assert [text for _number, text in read(docx(body), "report.docx")] == lines


def typeset(source):
    typst = pytest.importorskip("typst", reason="typst sets the PDF of this test")
    pytest.importorskip("pypdfium2", reason="PDFs are read with pypdfium2, which is not installed")
    return typst.compile(source.encode(), font_paths=[str(files.__file__).rpartition("/auditing")[0] + "/fonts"])


PDF = """
#set page(width: 300pt, height: 260pt, margin: 40pt, numbering: "— 1 —")
#set text(font: "ReportSong", size: 10pt, lang: "zh")
#set par(first-line-indent: (amount: 2em, all: true), justify: true)
"""


def test_a_pdf_gives_paragraphs_with_the_page_they_begin_on_and_no_page_numbers(tmp_path):
    words = "根据条例规定，全区2013年公开政府信息2565条，占全部信息的37.15%，其余各项信息均按规定的时限公布。"
    path = tmp_path / "report.pdf"
    path.write_bytes(typeset(f"{PDF}\n一、概述\n\n{words}\n\n{words}{words}\n#pagebreak()\n二、主动公开\n"))
    assert [(line.number, line.page, line.text) for line in files.read(path)] == [
        (1, 1, "一、概述"),
        (2, 1, words),
        (3, 1, words + words),
        (4, 2, "二、主动公开"),
    ]


def test_a_paragraph_of_a_pdf_goes_on_over_the_page(tmp_path):
    words = "全区各部门对照公开目录逐项梳理应当公开的政府信息，并在规定时限内公布。" * 16
    path = tmp_path / "report.pdf"
    path.write_bytes(typeset(f"{PDF}\n{words}\n\n二、主动公开"))
    assert [line.text for line in files.read(path)] == [words, "二、主动公开"]


def test_a_row_of_a_pdf_keeps_its_cells_apart(tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(typeset(f"{PDF}\n#table(columns: (100pt, 60pt, 60pt), [公开信息总数], [14613], [2565])"))
    assert [line.text for line in files.read(path)] == ["公开信息总数 | 14613 | 2565"]


def test_a_pdf_without_text_is_refused(tmp_path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(typeset("#rect()"))
    with pytest.raises(readers.UnreadableError, match=r"没有文字，可能是扫描件。请改用电子版"):
        files.read(path)


def test_a_broken_pdf_is_refused(tmp_path):
    pytest.importorskip("pypdfium2", reason="PDFs are read with pypdfium2, which is not installed")
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\nnothing")
    with pytest.raises(readers.UnreadableError, match="已损坏或加了密"):
        files.read(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"旧版 Office 或 WPS 文件.*请用 Word 或 WPS 打开后另存为 \.docx"),
        (b"{\\rtf1 }", r"RTF 文件.*另存为 \.docx"),
        (b"MIME-Version: 1.0", "网页归档文件"),
        (b"\x89PNG\r\n", "图片"),
        (b"ab\x00\x01", "二进制内容"),
        (b"\xff\xff\xff", "认不出文字编码"),
        ("公开信息。\n".encode() * 500 + b"\xe5\n", "第501行：UTF-8 文字中有损坏的字节"),
        (b"", "文件中没有文字"),
        (b" \n\n", "文件中没有文字"),
        (b"<html><body></body></html>", "文件中没有文字"),
        (b"PK\x03\x04 broken", "文件已损坏"),
        (docx(""), "文件中没有文字"),
        (docx("<w:p>"), "正文读不出来"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(read, content, words):
    with pytest.raises(readers.UnreadableError, match=words):
        read(content)


def archive(names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in names.items():
            made.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (archive({"xl/workbook.xml": "<x/>"}), "这是Excel 文件，不是 Word 文档"),
        (archive({"a.txt": "1"}), "压缩包或别种文档"),
        (archive({"word/document.xml": "<a/>"}).replace(b"\xb3I\xd4\xb7\x03\x00", b"\xff" * 6), "已损坏或加了密"),
        (archive({"word/document.xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'}), "文档类型声明"),
        (archive({"word/document.xml": b" " * 61_000_000}), "解压后大于60MB"),
    ],
)
def test_an_archive_that_is_no_word_document_is_refused(read, content, words):
    with pytest.raises(readers.UnreadableError, match=words):
        read(content, "report.docx")


def test_a_file_over_20_mb_is_refused_unread(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(readers.UnreadableError, match="大于20MB"):
        files.read(path)


@pytest.mark.parametrize(("name", "words"), [("missing.txt", "没有这个文件"), ("", "打不开")])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path, name, words):
    with pytest.raises(readers.UnreadableError, match=words):
        files.read(tmp_path / name)


def test_the_message_names_the_file_as_asked(tmp_path):
    with pytest.raises(readers.UnreadableError, match=r"^params/a\.txt：没有这个文件。请检查文件名。$"):
        files.read(tmp_path / "a.txt", "params/a.txt")


def test_the_help_of_audit_names_every_kind_of_file(capsys):
    with pytest.raises(SystemExit):
        cli.main(["audit", "--help"])
    told = capsys.readouterr().out
    assert all(each.suffixes[0] in told for each in files.FORMATS)
