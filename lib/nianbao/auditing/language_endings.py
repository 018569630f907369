"""Sentences that break off, lines that hold a stray mark, 截止 for 截至 (E22)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .language_text import Found
from .lines import HAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .language_text import Text

_CLOSED = re.compile(r"[。！？；：…!?;:.”’》）)】〕」』—|]$")
_STOP = re.compile(r"[。！？]")
# A sentence does not end in one of these.
_DANGLING = re.compile(
    r"(?:截[止至]|[，,、]|(?:必须|应当|应|须|将|已|定|设|位|成立|开始)?于|(?<![作认成行以因])为|(?<![总])共计?|达到|[^直到表传送到]达|(?<![参涉以])与|(?<![以])及|(?<!之)和|面积|分别)$"
)
_LAST_CLAUSE = re.compile(r"[^。！？；，,;：:]*[，,、]?$")
_LABEL = re.compile(rf"^[{HAN}（）()/、\s]{{2,14}}[：:]")
_UNTIL = re.compile(
    r"截止(?=\s*(?:(?:20|19)?\d{2}年|[〇○零一二三四五六七八九]{4}年|\d{1,2}月|\d{4}[-.]|目前|现在|当前|本年|今年|年末|年底|报告期|上年|去年))"
)
_ONLY_MARKS = re.compile(rf"[^\w{HAN}|\-—–*_=·.…~]{{1,3}}")
_WRAPPED_SHARE = 0.35
_FEW = 6
_SHORTEST = 8
_CELL_WIDTH = 28


def cut_off(text: Text) -> Iterator[Found]:
    """Yield sentences without an end, where the next line begins something else."""
    wrapped = _is_wrapped(text)
    for index, line in text.prose():
        stripped = line.rstrip()
        if _CLOSED.search(stripped) or len(stripped) < _SHORTEST:
            continue
        dangles = _DANGLING.search(stripped)
        last = index + 1 == len(text.lines)
        if wrapped and not (dangles and not last and text.kinds[index + 1] == "heading"):
            continue
        # In the tables of a PDF, the lines of a cell stand one by one.
        if text.lines[index].page is not None and len(stripped) < _CELL_WIDTH and not stripped.endswith(("截止", "截至")):
            continue
        if (dangles and not _LABEL.match(stripped)) or (_STOP.search(stripped) and not _is_labelled(stripped)):
            yield _cut(index, stripped)


def _cut(index: int, stripped: str) -> Found:
    found = _LAST_CLAUSE.search(stripped)
    start = found.start() if found and found.group() else len(stripped) - 1
    start += len(stripped[start:]) - len(stripped[start:].lstrip())
    tail = stripped[start:]
    if tail.endswith("截止"):
        reason = f"句子写到“{tail}”就断了，后面缺日期和下文：请补全；表示到某日为止，用“截至”"
    elif tail.endswith(("，", ",", "、")):
        reason = f"句子写到“{tail}”就断了，后面缺下文：请补全，或改用句号"
    else:
        reason = f"句子写到“{tail}”没有结束，后面缺下文或句号：请补全"
    return Found("E22", index, start, len(stripped), reason)


def _is_labelled(stripped: str) -> bool:
    """Tell whether the last sentence is an address, a telephone number or the like, which ends in no full stop."""
    last = _STOP.split(stripped)[-1]
    return bool(re.search(r"[：:]", last)) or not re.search(f"[{HAN}]", last[-6:])


def _is_wrapped(text: Text) -> bool:
    """Tell whether lines are broken at a width, as in mail: then the end of a line says nothing."""
    long = [line.rstrip() for _index, line in text.prose() if len(line) >= _SHORTEST]
    unfinished = sum(1 for line in long if not _CLOSED.search(line))
    return unfinished >= _FEW and unfinished > _WRAPPED_SHARE * len(long)


def until(text: Text) -> Iterator[Found]:
    """Yield 截止 before a date, where 截至 is meant."""
    for index, kind in enumerate(text.kinds):
        if kind != "row":
            for found in _UNTIL.finditer(text.plain[index]):
                sentence = "“截止”是到期停止的意思，后面不带日期；表示到某日为止，用“截至”"
                yield Found("E22", index, found.start(), found.end(), sentence)


def stray_marks(text: Text) -> Iterator[Found]:
    """Yield lines that hold nothing but a mark of punctuation."""
    for index, line in enumerate(text.masked):
        stripped = line.strip()
        if stripped and _ONLY_MARKS.fullmatch(stripped):
            start = line.index(stripped)
            sentence = f"这一行只有“{stripped}”，其余文字缺失，或是多余的符号：请补全或删去"
            yield Found("E22", index, start, start + len(stripped), sentence)
