"""Which characters a face takes from its source; the lists come from standards and from the Unicode files, none is typed here by hand."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ZERO = 0x3007
# Signs beyond GB/T 2312 that the faces have had from the beginning.
_SIGNS = "—…·～％‰℃①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㎡㎞²³×÷±≤≥≈≠∑∏√∞−–“”‘’•▲△●○◎★☆■□◆◇→←↑↓〔〕﹝﹞∋≅∼\u3000\u2002\u2003\ufeff"
_HAN = (
    (ZERO, ZERO),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
# The ideographs of GB 18030-2022 by extension, as far as its level 3 goes: 66,899 of its 87,887.
LATER = range(0x20000, 0x2EBF0)
# Words of kana in a square and letters in a box are no signs of a report.
_IDLE = (range(0x3300, 0x3358), range(0x1F100, 0x1F300))
# Controls, formats, surrogates, private and unassigned codes show nothing.
_NOTHING = {"Cc", "Cf", "Cs", "Co", "Cn"}


def begun() -> set[int]:
    """Return the characters that the faces have had from the beginning: GB/T 2312, Latin letters and some signs."""
    made = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | set(map(ord, _SIGNS))
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            made |= set(map(ord, bytes((row, cell)).decode("gb2312", "ignore")))
    return made


def gbk() -> set[int]:
    """Return the signs of GBK, the two-byte part of GB 18030."""
    made: set[int] = set()
    for row in range(0xA1, 0xAA):
        for cell in range(0x40, 0xFF):
            made |= set(map(ord, bytes((row, cell)).decode("gbk", "ignore")))
    return signs(made)


def is_han(code: int) -> bool:
    """Tell whether *code* is a Chinese character."""
    return any(first <= code <= last for first, last in _HAN)


def signs(codes: Iterable[int]) -> set[int]:
    """Return those of *codes* that show something and are no Chinese characters."""
    found = {code for code in codes if not is_han(code) and not any(code in idle for idle in _IDLE)}
    return {code for code in found if unicodedata.category(chr(code)) not in _NOTHING}


def table(mappings: str) -> list[int]:
    """Return the 8,105 characters of 《通用规范汉字表》 in its own order, from the text of `Unihan_OtherMappings`."""
    found = re.findall(r"^U\+([0-9A-F]+)\tkTGH\t2013:([0-9]+)$", mappings, re.MULTILINE)
    numbered = {int(number): int(code, 16) for code, number in found}
    assert sorted(numbered) == list(range(1, 8106))
    return [numbered[number] for number in sorted(numbered)]


def traditional(variants: str, of: Iterable[int]) -> set[int]:
    """Return the traditional forms of the characters *of*, from the text of `Unihan_Variants`."""
    wanted, made = set(of), set()
    for code, forms in re.findall(r"^U\+([0-9A-F]+)\tkTraditionalVariant\t(.+)$", variants, re.MULTILINE):
        if int(code, 16) in wanted:
            made |= {int(form, 16) for form in re.findall(r"U\+([0-9A-F]+)", forms)}
    return made
