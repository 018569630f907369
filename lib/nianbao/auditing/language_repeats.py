"""The same sentence twice, the same notice under two numbers (E20, E25)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .language_text import NUMERAL, Found
from .lines import HAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .language_text import Text

_CITED = re.compile(
    r"《(?P<title>[^《》]{6,100})》?(?:的通知》)?\s*[（(](?P<number>[^（）()《》\d]{1,12}[〔\[［【（(](?P<year>\d{4})[〕\]］】)）]第?\d{1,4}号)[)）]"
)
_MARK = re.compile(rf"^\s*(?:第?[{NUMERAL}]{{1,3}}[、，,是]|[（(][{NUMERAL}\d]{{1,3}}[)）]|\d{{1,2}}[.．、])\s*")
_LEAST = 20
_LONGEST_QUOTE = 18
_SAME = str.maketrans("[]［］【】（）(),;:", "〔〕〔〕〔〕〔〕〔〕，；：")


def repeated(text: Text) -> Iterator[Found]:
    """Yield a whole sentence that stood before."""
    seen: dict[str, int] = {}
    for index, column, sentence in text.sentences():
        mark = _MARK.match(sentence)
        start = mark.end() if mark else len(sentence) - len(sentence.lstrip())
        key = _plain(sentence[start:])
        if len(re.findall(f"[{HAN}]", key)) < _LEAST:
            continue
        if key in seen:
            quote = sentence[start:].strip()
            quote = quote if len(quote) <= _LONGEST_QUOTE else quote[:_LONGEST_QUOTE] + "……"
            reason = f"“{quote}”与第{text.lines[seen[key]].number}行的一句完全相同：请删去一处，或核对是否抄重"
            yield Found("E20", index, column + start, column + len(sentence.rstrip()), reason)
        seen.setdefault(key, index)


def document_numbers(text: Text) -> Iterator[Found]:
    """Yield the number of a notice that was cited before, with the same name and year, under another number."""
    seen: dict[tuple[str, str, str], str] = {}
    for index, line in enumerate(text.plain):
        for found in _CITED.finditer(line):
            # The first character of a number names the place; offices of two places may name notices alike.
            key = (_plain(found["title"]), found["year"], found["number"].strip()[0])
            before = seen.setdefault(key, found["number"])
            if _plain(before) != _plain(found["number"]):
                reason = f"同一文件《{found['title']}》前面的文号是“{before}”，这里是“{found['number']}”：请核对"
                yield Found("E25", index, found.start("number"), found.end("number"), reason)


def _plain(text: str) -> str:
    return "".join(text.split()).translate(_SAME).rstrip("。；")
