"""
The parts of an .xlsx file as parsed XML, within limits; whatever else a file turns out to be is told by its name.

Nothing is unpacked before its size is known, no part is run, and nothing outside the file is followed. What the parts mean is for
`sheets`.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 20_000_000

_MOST_ENTRIES = 2_000
_MOST_UNPACKED = 100_000_000
# What is read of a file is its sheets and texts; a filled form has some ten thousand bytes of each.
_MOST_PART = 16_000_000
_AGAIN = "用 Excel 或 WPS 打开后另存为“Excel 工作簿（.xlsx）”"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Old binary files: the name of a stream in them, what the file is, what to do.
_STREAMS = (
    ("EncryptedPackage", "文件有打开密码", "打开后在“文件—信息—保护工作簿”中去掉密码，另存为 .xlsx"),
    ("WordDocument", "是 Word 文档", "选填好的 Excel 工作簿"),
    ("PowerPoint Document", "是演示文稿", "选填好的 Excel 工作簿"),
    ("Workbook", "是旧格式 .xls", _AGAIN),
    ("Book", "是旧格式 .xls", _AGAIN),
)
# Zip files that are no .xlsx: a file inside, what it is, what to do.
_INSIDE = (
    ("word/document.xml", "是 Word 文档", "选填好的 Excel 工作簿"),
    ("ppt/presentation.xml", "是演示文稿", "选填好的 Excel 工作簿"),
    ("xl/workbook.bin", "是二进制格式 .xlsb", _AGAIN),
    ("content.xml", "是 OpenDocument 格式（.ods 等）", "打开后另存为“Excel 工作簿（.xlsx）”"),
)
_STARTS = (
    (b"%PDF-", "是 PDF", "选填好的 Excel 工作簿"),
    (b"<", "是网页或 XML，只是改了扩展名", _AGAIN),
    (b"PK", "文件不完整或已损坏", "重新复制一份，或用 Excel、WPS 打开修复后另存"),
)


class NotAWorkbookError(ValueError):
    """
    The file cannot be read as an .xlsx.

    Args:
        found: what it is, as the middle of a sentence.

        remedy: what to do, as an imperative.
    """

    def __init__(self, found: str, remedy: str) -> None:
        self.found = found
        self.remedy = remedy
        super().__init__(found)


class Package:
    """An .xlsx file whose sizes are known to be harmless."""

    def __init__(self, content: bytes) -> None:
        """
        Open *content*.

        Raises:
            NotAWorkbookError: where it is no .xlsx, is damaged, locked or too big.
        """
        if len(content) > MOST_BYTES:
            raise NotAWorkbookError(f"文件大于{MOST_BYTES // 1_000_000}MB", "检查是否放错了文件；图片等无关内容请删去")
        if not zipfile.is_zipfile(io.BytesIO(content)):
            raise _stranger(content)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise damaged() from error
        self._entries = _entries(self._archive)

    @property
    def macros(self) -> bool:
        """Whether the file holds macros."""
        return any(name.endswith("vbaproject.bin") for name in self._entries)

    def main(self) -> str:
        """
        Return the name of the part that lists the sheets.

        Raises:
            NotAWorkbookError: where there is none.
        """
        for name, found, remedy in _INSIDE:
            if name in self._entries:
                raise NotAWorkbookError(found, remedy)
        for kind, target in self.relations("").values():
            if kind == "officeDocument" and target in self._entries:
                return target
        raise NotAWorkbookError("是压缩包，不是 Excel 工作簿", "选填好的 Excel 工作簿（.xlsx）")

    def relations(self, part: str) -> Mapping[str, tuple[str, str]]:
        """Return the kind and the name of each part that *part* refers to, by the id of the reference."""
        folder, name = posixpath.split(part)
        root = self.part(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = {}
        for each in root.iterfind("{*}Relationship") if root is not None else ():
            # What lies outside the file is never followed.
            if each.get("TargetMode") != "External":
                kind = each.get("Type", "").rpartition("/")[2]
                found[each.get("Id", "")] = (kind, _plain(posixpath.join("/", folder, each.get("Target", ""))))
        return found

    def part(self, name: str) -> etree._Element | None:
        """
        Return the root of the part called *name*, or None where there is no such part.

        Raises:
            NotAWorkbookError: where it is too big, damaged, or declares a document type, which no program for sheets does.
        """
        entry = self._entries.get(_plain(name))
        if entry is None:
            return None
        if entry.file_size > _MOST_PART:
            raise NotAWorkbookError(
                f"其中的 {entry.filename} 解压后大于{_MOST_PART // 1_000_000}MB", "只留要填的表，或把数填进新导出的空表"
            )
        try:
            content = self._archive.read(entry)
            root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, etree.XMLSyntaxError) as error:
            raise damaged() from error
        if root.getroottree().docinfo.doctype:
            raise NotAWorkbookError("其中有文档类型声明，不是 Excel 或 WPS 写的", _AGAIN)
        return root


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > _MOST_ENTRIES:
        raise NotAWorkbookError(f"其中的文件多于{_MOST_ENTRIES}个", "检查是否放错了文件")
    if sum(info.file_size for info in infos) > _MOST_UNPACKED:
        raise NotAWorkbookError(f"解压后大于{_MOST_UNPACKED // 1_000_000}MB", "检查是否放错了文件；图片等无关内容请删去")
    if any(info.flag_bits & 1 for info in infos):
        raise NotAWorkbookError("是加了密的压缩包", _AGAIN)
    found = {_plain(info.filename): info for info in infos}
    if len(found) != len(infos):
        # Which of two one program shows and another reads is anybody's guess.
        raise damaged()
    return found


def _plain(name: str) -> str:
    """Return the name of a part as it is looked up: programs differ in case, in slashes and in the one they begin with."""
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/").lower()


def damaged(what: str = "") -> NotAWorkbookError:
    """Return the refusal of a file that is broken; *what* says of which part that is known."""
    return NotAWorkbookError(f"文件不完整或已损坏{what and f'（{what}）'}", "重新复制一份，或用 Excel、WPS 打开修复后另存")


def _stranger(content: bytes) -> NotAWorkbookError:
    """Say what a file is that is no zip file."""
    if not content.strip(b"\0"):
        return NotAWorkbookError("文件是空的", "选填好的 Excel 工作簿（.xlsx）")
    if content.startswith(_OLE):
        for stream, found, remedy in _STREAMS:
            if stream.encode("utf-16-le") in content:
                return NotAWorkbookError(found, remedy)
        return NotAWorkbookError("是旧格式的 Office 文件", _AGAIN)
    begun = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, found, remedy in _STARTS:
        if begun.startswith(start):
            return NotAWorkbookError(found, remedy)
    if b"\0" not in content and any(mark in content for mark in (b",", b"\t", b";")):
        return NotAWorkbookError(
            "是文本（CSV 等），不是 Excel 工作簿", "用 Excel 打开后另存为 .xlsx；表式自己的 CSV 直接放进资料文件夹"
        )
    return NotAWorkbookError("不是 Excel 工作簿", "选填好的 Excel 工作簿（.xlsx）")
