"""
Read a published report, whatever it was published as, into numbered lines of text.

`FORMATS` is the one list of what can be read: another type of file is a module with a `lines` and a row there. What kind of file it
is is told from its content; only where that leaves it open does its name say.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.indicators.errors import UNFIT, listed
from nianbao.reading import docx, html, pdf
from nianbao.reading.lines import Line, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nianbao.indicators.values import Strings
    from nianbao.reading.lines import Lines


_MOST_BYTES = 20_000_000

_SAVE_AS = "用 Word 或 WPS 打开后另存为 .docx"
# What a file begins with, what that is, and what to do.
_REFUSED: tuple[tuple[bytes | tuple[bytes, ...], str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "旧版 Office 或 WPS 文件（.doc、.xls、.wps）", _SAVE_AS),
    (b"{\\rtf", "RTF 文件", _SAVE_AS),
    (b"MIME-Version:", "网页归档文件（.mht）", "在浏览器中另存为“仅 HTML”"),
    ((b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*"), "图片", "改用电子版，或先做文字识别"),
    ((b"Rar!", b"7z\xbc\xaf"), "压缩包", "先解压"),
)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LINE_END = re.compile(r"\r\n|\n|\r")
# What shows nothing, as `lines.tidy` has it; here each becomes one blank, so that columns stay those of the file.
_UNFIT = re.compile(f"[{UNFIT}\u200b\u2060\ufeff\u00ad]")
# How many bytes tell a format.
_HEAD = 8192
# A few bytes lost among so many characters: the encoding is right and the file is damaged.
_RARE = 1000


@frozen
class Format:
    """
    A type of file that can be read.

    Args:
        name: what messages call it.

        suffixes: how the names of such files end, the usual one first.

        start: how the first bytes of the content tell it, of which each is a character here.

        by_name: whether a suffix is enough, where no content tells another format.
    """

    name: str
    suffixes: Strings
    lines: Callable[[bytes, str], Lines]
    start: str
    by_name: bool = False


def read(path: Path, shown: str = "") -> Lines:
    """
    Return the lines of the file *path* that hold text.

    Args:
        shown: how messages name it; its name, where nothing else is given.

    Raises:
        UnreadableError: where it is no text, page, Word document or PDF that can be read.
    """
    file = shown or path.name
    content = _content(path, file)
    lines = _format(content, path.suffix.lower()).lines(content, file)
    if not lines:
        raise UnreadableError(file, "文件中没有文字", remedy="检查是否放错了文件")
    return lines


def either(words: Sequence[str], last: str) -> str:
    """Join *words* of which one is enough, with *last* before the last of them."""
    return listed(words[:-1]) + last + words[-1]


def _content(path: Path, file: str) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableError(file, f"文件大于{_MOST_BYTES // 1_000_000}MB", remedy="检查是否放错了文件，或去掉图片后再试")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableError(file, "没有这个文件", remedy="检查文件名") from error
    except OSError as error:
        raise UnreadableError(file, "打不开", remedy="检查它是不是文件、有没有读取的权限") from error
    for starts, kind, remedy in _REFUSED:
        if content.startswith(starts):
            raise UnreadableError(file, f"这是{kind}", allowed=ALLOWED, remedy=remedy)
    return content


def _word(content: bytes, file: str) -> Lines:
    """Return the lines of a Word document; refuse an archive that is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise UnreadableError(file, "文件已损坏，打不开", remedy=_SAVE_AS) from error
    if docx.BODY not in names:
        is_sheet = any(name.startswith("xl/") for name in names)
        kind = "Excel 文件" if is_sheet else "压缩包或别种文档"
        raise UnreadableError(file, f"这是{kind}，不是 Word 文档", allowed=ALLOWED, remedy="换成报告的正文")
    return docx.lines(content, file)


def _page(content: bytes, file: str) -> Lines:
    return html.lines(_decoded(content, file))


def _text(content: bytes, file: str) -> Lines:
    numbered = enumerate((_UNFIT.sub(" ", line) for line in _LINE_END.split(_decoded(content, file))), 1)
    return tuple(Line(number, line) for number, line in numbered if line.strip())


def _decoded(content: bytes, file: str) -> str:
    """
    Return the text of *content*.

    UTF-8 is tried before what a page says of itself: many pages that call themselves gb2312 were saved as UTF-8, and nothing
    else passes for UTF-8 by chance.
    """
    marked = _by_mark(content)
    if marked is not None:
        return marked
    if b"\x00" in content:
        raise UnreadableError(file, "不是文字，里面有二进制内容", allowed=ALLOWED, remedy="检查是否放错了文件")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        broken = content.decode("utf-8", errors="replace")
        if broken.count("\ufffd") * _RARE > len(broken):
            return _as_gb18030(content, file)
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableError(file, "UTF-8 文字中有损坏的字节", line=line, remedy="改正这一行后另存为 UTF-8") from error


def _as_gb18030(content: bytes, file: str) -> str:
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise UnreadableError(file, "认不出文字编码", allowed="UTF-8 或 GB18030（GBK）", remedy="用编辑器另存为 UTF-8") from error


_PAGE_START = r"(?is)\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|div|p|table|h[1-6])\b"
# The last that fits is taken.
FORMATS = (
    Format(name="文本（.txt）", suffixes=(".txt",), lines=_text, start=""),
    Format(name="网页（.html）", suffixes=(".html", ".htm"), lines=_page, start=_PAGE_START, by_name=True),
    Format(name="Word 文档（.docx）", suffixes=(".docx",), lines=_word, start="PK"),
    Format(name="PDF", suffixes=(".pdf",), lines=pdf.lines, start="(?s).{,1019}%PDF-"),
)
SUFFIXES = tuple(suffix for each in FORMATS for suffix in each.suffixes)


ALLOWED = either([each.name for each in FORMATS], "或 ")


def _format(content: bytes, suffix: str) -> Format:
    """Return what format *content* has, in a file whose name ends in *suffix*."""
    head = _plain(content)
    fitting = [each for each in FORMATS if (each.by_name and suffix in each.suffixes) or re.match(each.start, head)]
    return fitting[-1]


def _plain(content: bytes) -> str:
    """Return how *content* begins, with every byte beyond ASCII as some letter."""
    head = content[:_HEAD]
    marked = _by_mark(head)
    return head.decode("latin-1") if marked is None else marked


def _by_mark(content: bytes) -> str | None:
    """Return the text of *content* in the encoding that its byte order mark names, or None where it has none."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.removeprefix(mark).decode(encoding, errors="replace")
    return None
