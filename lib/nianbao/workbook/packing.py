"""
A workbook as a file: made in memory, the same bytes at any time and in any place.

What stands in it is for the modules that write one; here are only its properties and the zip file.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import TYPE_CHECKING

import xlsxwriter

from nianbao.errors import UNFIT
from nianbao.wordpagefile import zipped

if TYPE_CHECKING:
    from collections.abc import Callable

# A date that claims nothing.
_NO_DATE = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
_CORE, _END = "docProps/core.xml", b"</cp:coreProperties>"
_SHEETS = "xl/worksheets/"
# A formula that comes to an empty text says that it does, as Excel writes it; XlsxWriter leaves that open.
_BLANK = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?)(><f>[^<]*</f><v></v>)')
_UNFIT = re.compile(rf"[{UNFIT}\ud800-\udfff]")
_LONGEST = 200


def packed(
    write: Callable[[xlsxwriter.Workbook], None], *, title: str, author: str = "", date: datetime.date | None = None
) -> bytes:
    """
    Return the workbook that *write* fills.

    Args:
        date: what its properties give as the time it was made; nothing that is known of a machine stands in them.
    """
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        created = datetime.datetime.combine(date, datetime.time(), datetime.UTC) if date else _NO_DATE
        book.set_properties({"title": plain(title), "author": plain(author), "created": created})
        write(book)
    with zipfile.ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts |= {name: _BLANK.sub(rb'\1 t="str"\2', part) for name, part in parts.items() if name.startswith(_SHEETS)}
    parts[_CORE] = parts[_CORE].replace(_END, b"<dc:language>zh-CN</dc:language>" + _END)
    return zipped(parts)


def plain(text: str) -> str:
    """Return a name from outside as one line of text that a workbook can hold."""
    line = " ".join(_UNFIT.sub("", text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 2] + "……"
