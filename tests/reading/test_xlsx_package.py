"""What a file is that is said to be a workbook: opened within limits, or told by its name."""

import zipfile
import zlib

import filled
import pytest
from nianbao.reading.xlsx import MOST_BYTES, NotAWorkbookError, Package

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"/>'
    "</Relationships>"
)
MAIN = {"_rels/.rels": RELATIONS.format("xl/workbook.xml").encode(), "xl/workbook.xml": b"<workbook/>"}


def _stream(name):
    """What begins an old Office file that holds a stream called *name*."""
    return OLE + b"\0" * 600 + name.encode("utf-16-le") + b"\0" * 40


STRANGERS = [
    (b"", "文件是空的", "选填好的 Excel 工作簿"),
    (b"\0" * 4096, "文件是空的", "选填好的 Excel 工作簿"),
    (_stream("EncryptedPackage"), "有打开密码", "去掉密码"),
    (_stream("Workbook"), "旧格式 .xls", "另存为“Excel 工作簿（.xlsx）”"),
    (_stream("Book"), "旧格式 .xls", "另存为“Excel 工作簿（.xlsx）”"),
    (_stream("WordDocument"), "是 Word 文档", "选填好的 Excel 工作簿"),
    (_stream("PowerPoint Document"), "是演示文稿", "选填好的 Excel 工作簿"),
    (_stream("Something"), "旧格式的 Office 文件", "另存为"),
    (b"%PDF-1.7\n", "是 PDF", "选填好的 Excel 工作簿"),
    ("\ufeff<html><table>".encode(), "是网页或 XML", "另存为"),
    (b"<?xml version='1.0'?><Workbook/>", "是网页或 XML", "另存为"),
    ("部分,类别,指标\n".encode(), "是文本（CSV 等）", "CSV 直接放进资料文件夹"),
    ("部分\t类别".encode("gbk"), "是文本（CSV 等）", "另存为 .xlsx"),
    (b"\x89PNG\r\n\x1a\n\0\0", "不是 Excel 工作簿", "选填好的 Excel 工作簿"),
    (filled.zipped({"word/document.xml": b"<document/>"}), "是 Word 文档", "选填好的 Excel 工作簿"),
    (filled.zipped({"ppt/presentation.xml": b"<p/>"}), "是演示文稿", "选填好的 Excel 工作簿"),
    (filled.zipped({"xl/workbook.bin": b"\0"}), "二进制格式 .xlsb", "另存为"),
    (filled.zipped({"mimetype": b"", "content.xml": b"<x/>"}), "OpenDocument 格式（.ods 等）", "另存为“Excel 工作簿（.xlsx）”"),
    (filled.zipped({"readme.txt": b"hello"}), "是压缩包，不是 Excel 工作簿", "选填好的 Excel 工作簿"),
    (filled.zipped({"_rels/.rels": RELATIONS.format("xl/workbook.xml").encode()}), "是压缩包", "选填好的 Excel 工作簿"),
]


@pytest.mark.parametrize(("content", "found", "remedy"), STRANGERS)
def test_what_is_no_workbook_is_told_by_its_name(content, found, remedy):
    with pytest.raises(NotAWorkbookError) as refused:
        Package(content).main()

    assert found in refused.value.found
    assert remedy in refused.value.remedy


def test_the_part_that_lists_the_sheets_is_found_by_the_references():
    parts = {"_rels/.rels": RELATIONS.format("/Other/Book.xml").encode(), "other/book.xml": b"<workbook/>"}

    assert Package(filled.zipped(parts)).main() == "other/book.xml"


def test_names_of_parts_are_found_whatever_their_slashes_and_case():
    package = Package(filled.zipped({**MAIN, "XL\\Worksheets\\Sheet1.xml": b"<worksheet/>"}))

    assert package.part("/xl/worksheets/sheet1.xml").tag == "worksheet"


def test_a_part_that_is_not_there_is_none():
    assert Package(filled.zipped(MAIN)).part("xl/styles.xml") is None


def test_what_lies_outside_the_file_is_not_referred_to():
    outside = RELATIONS.format("http://example.org/a.xml").replace("Target=", 'TargetMode="External" Target=')

    assert Package(filled.zipped({**MAIN, "xl/_rels/workbook.xml.rels": outside.encode()})).relations("xl/workbook.xml") == {}


@pytest.mark.parametrize(("parts", "macros"), [({}, False), ({"xl/vbaProject.bin": b"\0"}, True)])
def test_macros_are_noticed(parts, macros):
    assert Package(filled.zipped({**MAIN, **parts})).macros == macros


# ---- damaged files


@pytest.mark.parametrize("length", [100, 1000, 3000])
def test_a_file_that_is_cut_off_is_told_so(form, length):
    content = filled.saved(filled.numbered(form, 2013))

    with pytest.raises(NotAWorkbookError, match="文件不完整或已损坏"):
        Package(content[:length])


@pytest.mark.parametrize("xml", [b"", b"<workbook>", b"<a></b>", b"\xff\xfe\0", b"not xml"])
def test_a_part_that_is_no_xml_is_told_as_damage(xml):
    with pytest.raises(NotAWorkbookError, match="文件不完整或已损坏"):
        Package(filled.zipped({**MAIN, "xl/workbook.xml": xml})).part("xl/workbook.xml")


def test_a_byte_that_is_wrong_is_told_as_damage():
    content = bytearray(filled.zipped({"xl/workbook.xml": b"<workbook>" + b"abc" * 100 + b"</workbook>"}, zipfile.ZIP_STORED))
    content[content.index(b"abc")] ^= 1

    with pytest.raises(NotAWorkbookError, match="文件不完整或已损坏"):
        Package(bytes(content)).part("xl/workbook.xml")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_told_as_damage(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("XL/workbook.xml", "<workbook/>")

    with pytest.raises(NotAWorkbookError, match="文件不完整或已损坏"):
        Package((tmp_path / "a.zip").read_bytes())


def test_a_locked_zip_file_is_told_so():
    content = bytearray(filled.zipped(MAIN))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1

    with pytest.raises(NotAWorkbookError, match="加了密"):
        Package(bytes(content))


# ---- harmful files


def test_a_big_file_is_refused_before_it_is_opened():
    with pytest.raises(NotAWorkbookError, match="文件大于20MB"):
        Package(b"PK" + b"\0" * MOST_BYTES)


def test_many_entries_are_refused():
    with pytest.raises(NotAWorkbookError, match="多于2000个"):
        Package(filled.zipped({f"{number}.xml": b"" for number in range(2001)}))


def test_a_file_that_unpacks_to_much_is_refused_before_it_is_unpacked():
    with pytest.raises(NotAWorkbookError, match="解压后大于100MB"):
        Package(filled.zipped({f"{number}.bin": b"\0" * 26_000_000 for number in range(4)}))


def test_a_sheet_that_unpacks_to_much_is_named():
    with pytest.raises(NotAWorkbookError, match=r"xl/workbook\.xml 解压后大于16MB"):
        Package(filled.zipped({**MAIN, "xl/workbook.xml": b" " * 16_000_001})).part("xl/workbook.xml")


def test_no_more_is_unpacked_than_the_file_says_of_itself():
    content = filled.zipped({"xl/workbook.xml": b"<workbook>" + b" " * 1_000_000 + b"</workbook>"})
    small = content.replace((1_000_021).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert small != content

    with pytest.raises(NotAWorkbookError, match="文件不完整或已损坏"):
        Package(small).part("xl/workbook.xml")


LAUGHS = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12))


@pytest.mark.parametrize("use", ["<workbook>&a11;</workbook>", '<workbook a="&a11;"/>', "<workbook/>"])
def test_entities_that_grow_without_end_are_refused(use):
    bomb = f'<!DOCTYPE workbook [<!ENTITY a0 "ha">{LAUGHS}]>{use}'.encode()

    with pytest.raises(NotAWorkbookError, match=r"文档类型声明|已损坏"):
        Package(filled.zipped({**MAIN, "xl/workbook.xml": bomb})).part("xl/workbook.xml")


def test_an_entity_that_names_another_file_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret")
    xml = f'<!DOCTYPE workbook [<!ENTITY a SYSTEM "{(tmp_path / "secret").as_uri()}">]><workbook>&a;</workbook>'

    with pytest.raises(NotAWorkbookError, match="文档类型声明") as refused:
        Package(filled.zipped({**MAIN, "xl/workbook.xml": xml.encode("utf-16")})).part("xl/workbook.xml")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("seed", range(60))
def test_no_damage_escapes_as_a_bug(form, seed):
    content = bytearray(filled.saved(filled.numbered(form, 2013)))
    for step in range(8):
        content[zlib.crc32(f"{seed}/{step}".encode()) % len(content)] ^= 1 + step
    problems = filled.read(bytes(content), form, 2013)[1]

    assert all("\n" not in str(problem) for problem in problems)
