"""Lists: numbered in two styles, or with two items in one paragraph (E22)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .language_text import NUMERAL, Found, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .language_text import Text

_WORDS = {"首先": 1, "其次": 2, "再次": 3}
_ITEM = re.compile(
    rf"(?:^|(?<=[。；;]))\s*(?P<word>首先|其次|再次|第(?P<ordinal>[{NUMERAL}]{{1,3}}))(?P<mark>[、，,：:])(?!\s*(?:第|[{NUMERAL}]、))"
)
_SPOKEN = re.compile(rf"(?:^|(?<=[。；;]))\s*(?P<word>(?P<ordinal>[{NUMERAL}]{{1,3}})是)")
_FULL = str.maketrans(",:", "，：")
_NAMES = {"、": "顿号", "，": "逗号", "：": "冒号"}
_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class _Item:
    index: int
    start: int
    end: int
    ordinal: int
    word: str
    mark: str
    opens: bool


def mixed_numbering(text: Text) -> Iterator[Found]:
    """Yield the first item of a list that is numbered otherwise than the rest."""
    for items in _lists(text, _ITEM):
        words = [item for item in items if item.word in _WORDS]
        numbered = [item for item in items if item.word not in _WORDS]
        if words and numbered:
            before = "、".join(f"“{item.word}”" for item in words)
            sentence = f"前面用{before}，这里改用“{numbered[0].word}”：同一列举中的序号应统一"
            yield _found(numbered[0], sentence)
        yield from _mixed_marks(numbered)


def _mixed_marks(items: Sequence[_Item]) -> Iterator[Found]:
    """Yield the first item whose mark is not the list's: that of its beginning, unless the first item stands alone with it."""
    counted = Counter(item.mark for item in items)
    if len(counted) <= 1:
        return
    usual = items[0].mark if counted[items[0].mark] > 1 or len(items) <= _ENOUGH else items[1].mark
    others = [item for item in items if item.mark != usual]
    named = "".join(f"“{item.word}”" for item in others)
    marks = "、".join(sorted({_NAMES[item.mark] for item in others}))
    yield _found(others[0], f"{named}后用{marks}，其余各项后用{_NAMES[usual]}：同一列举中的序号应统一")


def run_together(text: Text) -> Iterator[Found]:
    """Yield an item within a paragraph, where the list otherwise gives each item its own."""
    for pattern in (_ITEM, _SPOKEN):
        for items in _lists(text, pattern):
            within = [item for item in items if not item.opens]
            if len(items) - len(within) >= _ENOUGH and len(items) > len(within) * _ENOUGH:
                for item in within:
                    yield _found(item, f"“{item.word}”与上一项连在同一段里：其余各项都另起一段，这一项也应另起一段")


def _lists(text: Text, pattern: re.Pattern[str]) -> Iterator[list[_Item]]:
    """Yield the lists: items in rising order, with no heading between them."""
    items: list[_Item] = []
    for index, kind in enumerate(text.kinds):
        if kind == "prose":
            for item in _items(text.masked[index], index, pattern):
                if items and item.ordinal <= items[-1].ordinal:
                    yield items
                    items = []
                items.append(item)
        elif items:
            yield items
            items = []
    if items:
        yield items


def _items(line: str, index: int, pattern: re.Pattern[str]) -> Iterator[_Item]:
    for found in pattern.finditer(line):
        word = found["word"]
        ordinal = _WORDS.get(word) or number(found["ordinal"])
        mark = found.groupdict().get("mark") or ""
        start = found.start("word")
        yield _Item(index, start, start + len(word) + len(mark), ordinal, word, mark.translate(_FULL), not line[:start].strip())


def _found(item: _Item, sentence: str) -> Found:
    return Found("E22", item.index, item.start, item.end, sentence)
