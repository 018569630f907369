"""Punctuation: doubled, half-width, unpaired, blanks beside it (E22)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING

from .language_text import NUMERAL, Found
from .lines import HAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .language_text import Text

_DOUBLED = re.compile(r"([。，、；：？])\1+|([,;:])\2+|[，、；：,;:][。；，、,;]|。[，、；：,;:]")
_COMMA_BEFORE_AND = re.compile(r"[》”’）)](、)等(?![级待额同候效])")
_BLANK = re.compile(rf"(?<=[{HAN}”》）〕])[ \u00a0\u3000]+(?=[。，、；：！？》”）〕])|(?<=[《“（〔])[ \u00a0\u3000]+(?=\S)")
_WORD_BLANK = re.compile(rf"(?<=[{HAN}])[ \u00a0]+(?=[{HAN}])")
_STOP = re.compile(
    rf"(?<=[{HAN}”》）)])\.(?=$|\s*[{HAN}“《])|(?<=[\d%％])\.$",
)
_FIRST = re.compile(rf"\s*(?:第?[{NUMERAL}]{{1,3}}|附件?\d*|其[一二三四五])\.")
# Half-width marks between Chinese characters, and the marks that are meant.
_HALF = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
_SIDES = {
    "(": re.compile(rf"(?<=[{HAN}”》，。、])\((?=[{HAN}“《])"),
    ")": re.compile(rf"(?<=[{HAN}”》])\)(?=$|[{HAN}，。、；：])"),
} | {mark: re.compile(rf"(?<=[{HAN}”》）%％\d]){re.escape(mark)}(?=\s*(?:[{HAN}“《（]|$))") for mark in ",;:?!"}
_ENUMERATED = re.compile(rf"\s*\((?:[{NUMERAL}]+|\d+)\)")
_NUMBERED = re.compile(r"(?:^|(?<=[\s。；;，,：、])|(?<=\D:))(?:\d{1,2}|[a-zA-Z]|[①-⑩])[)）]")
_OPENING = {"（": "）", "《": "》", "〈": "〉", "【": "】", "〔": "〕", "“": "”", "「": "」"}
_CLOSING = {close: opening for opening, close in _OPENING.items()}
_AS_FULL = str.maketrans("()", "（）")
# A mark is told as stray where it is one of few among so many times as many of the other width.
_TIMES = 4
_BLANKS = 5
_REACH = 3


def doubled(text: Text) -> Iterator[Found]:
    """Yield two marks where one is meant, and 、 before 等."""
    for index, line in text.prose():
        for found in _DOUBLED.finditer(line):
            yield Found("E22", index, found.start(), found.end(), f"标点重复：“{found.group()}”应只留一个")
        for found in _COMMA_BEFORE_AND.finditer(line):
            yield Found("E22", index, found.start(1) - 1, found.end(), f"“{found.group()}”中的顿号多余：“等”前不用顿号")


def blanks(text: Text) -> Iterator[Found]:
    """Yield blanks beside punctuation, and within a sentence where the text otherwise has none."""
    inside = [
        (index, found) for index, line in text.prose() for found in _WORD_BLANK.finditer(line) if found.start() > _OPENING_WORDS
    ]
    beside = [(index, found) for index, line in text.prose() for found in _BLANK.finditer(line)]
    for index, found in [*beside, *(inside if len(inside) <= _BLANKS else ())]:
        start, end = max(found.start() - 1, 0), found.end() + 1
        yield Found("E22", index, start, end, f"“{found.string[start:end]}”中多了空格，应删去")


# A blank after the first few characters parts a heading from what follows it.
_OPENING_WORDS = 12


def half_width(text: Text) -> Iterator[Found]:
    """Yield half-width marks between Chinese characters, where the text otherwise uses full-width ones."""
    joined = "\n".join(line for _index, line in text.prose())
    for mark, full in _HALF.items():
        total = sum(1 for index, line in text.prose() for _found in _halves(mark, line))
        if total and joined.count(full) >= _TIMES * total:
            for index, line in text.prose():
                for found in _halves(mark, line):
                    yield Found("E22", index, found.start(), found.end(), f"这里用了半角的“{mark}”，应为全角的“{full}”")
    yield from _half_stops(text, joined)


def _halves(mark: str, line: str) -> Iterator[re.Match[str]]:
    first = _ENUMERATED.match(line)
    return (found for found in _SIDES[mark].finditer(line) if not first or found.start() >= first.end())


def _half_stops(text: Text, joined: str) -> Iterator[Found]:
    found = [(index, each) for index, line in text.prose() for each in _STOP.finditer(line) if not _is_first(line, each)]
    if joined.count("。") >= _TIMES * len(found):
        for index, each in found:
            words = re.search(rf"[{HAN}\d%％]{{1,2}}$", each.string[: each.start()])
            start = words.start() if words else each.start()
            yield Found("E22", index, start, each.end(), f"“{each.string[start : each.end()]}”的句号是半角的点，应为“。”")


def _is_first(line: str, found: re.Match[str]) -> bool:
    """Tell whether the dot belongs to the number of a heading or item."""
    first = _FIRST.match(line)
    return bool(first and first.end() == found.end())


def unpaired(text: Text) -> Iterator[Found]:
    """Yield brackets and quotation marks without their other half, in this paragraph or the next few."""
    left: list[tuple[int, int, str]] = []
    for index, kind in enumerate(text.kinds):
        if kind != "row":
            left += ((index, column, mark) for column, mark in _unpaired(text.masked[index]))
    closing: defaultdict[tuple[int, str], deque[tuple[int, int, str]]] = defaultdict(deque)
    for each in left:
        if each[2] in _CLOSING:
            closing[each[0], each[2]].append(each)
    spent: set[tuple[int, int, str]] = set()
    for index, column, mark in left:
        if mark in _OPENING:
            reached = [closing[later, _OPENING[mark]] for later in range(index + 1, index + _REACH + 1)]
            other = next((marks.popleft() for marks in reached if marks), None)
            # A quotation of several paragraphs opens each of them.
            again = mark == "“" and text.masked[min(index + 1, len(text.masked) - 1)].lstrip().startswith("“")
            if other or again:
                spent |= {(index, column, mark), other or (index, column, mark)}
    for each in left:
        index, column, mark = each
        if each not in spent and text.kinds[index] == "prose":
            half, meant = ("后半", _OPENING[mark]) if mark in _OPENING else ("前半", _CLOSING[mark])
            yield Found("E22", index, column, column + 1, f"“{text.masked[index][column]}”没有配对，缺{half}个“{meant}”")


def _unpaired(line: str) -> Iterator[tuple[int, str]]:
    """Yield the marks of *line* that pair with none in it."""
    numbered = {found.end() - 1 for found in _NUMBERED.finditer(line)}
    opened: list[tuple[int, str]] = []
    waiting: Counter[str] = Counter()
    for column, mark in enumerate(line.translate(_AS_FULL)):
        if mark in _OPENING:
            opened.append((column, mark))
            waiting[mark] += 1
        elif mark in _CLOSING and column not in numbered:
            if not waiting[_CLOSING[mark]]:
                yield column, mark
                continue
            match = next(place for place in range(len(opened) - 1, -1, -1) if opened[place][1] == _CLOSING[mark])
            waiting -= Counter(each for _column, each in opened[match:])
            yield from opened[match + 1 :]
            del opened[match:]
    yield from opened
