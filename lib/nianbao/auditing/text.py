"""A published text as the checks of its language see it: what each line is, its sentences, and where something is found."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from nianbao.reading.lines import BETWEEN, HAN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nianbao.indicators.report import AnnualReport
    from nianbao.reading.lines import Line


Kind = Literal["row", "heading", "label", "prose"]

NUMERAL = "一二三四五六七八九十"

_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_ADDRESS = re.compile(r"(?:https?://|www\.)[\w./:?=&%#~+-]+|[\w.+-]{1,64}@[\w.-]+", re.ASCII)
_HEADING = re.compile(
    rf"\s*(?:[{NUMERAL}]{{1,3}}[、．.]|第[{NUMERAL}]{{1,3}}章|[（(][{NUMERAL}\d]{{1,3}}[)）]|\d{{1,2}}[.．、](?!\d))"
)
_CHAPTER = re.compile(rf"\s*(?:[{NUMERAL}]{{1,3}}[、．.]|第[{NUMERAL}]{{1,3}}章)")
_SENTENCE_END = re.compile(r"[。！？；]")
_SENTENCE = re.compile(r"[^。！？]*[。！？]?[”’》）)]*")
_LONGEST_HEADING = 60
_DIGITS = {"〇": 0, "○": 0, "零": 0, "两": 2} | {digit: value for value, digit in enumerate(NUMERAL, 1)}
_TEN = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A defect before it is cited: `index` counts lines from 0, `start` and `end` are columns in it."""

    code: str
    index: int
    start: int
    end: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Text:
    """
    The lines of a text with what every check asks of them.

    Args:
        plain: the lines with full-width digits made half-width; columns stay.

        masked: those with web and mail addresses made letters, so that their dots and colons are no punctuation.

        kinds: a table row, a heading, a line without sentences (a title, a name, a date), or prose.
    """

    lines: tuple[Line, ...]
    report: AnnualReport
    plain: tuple[str, ...] = field(init=False)
    masked: tuple[str, ...] = field(init=False)
    kinds: tuple[Kind, ...] = field(init=False)

    def __post_init__(self) -> None:
        plain = tuple(line.text.translate(_WIDE_DIGITS) for line in self.lines)
        object.__setattr__(self, "plain", plain)
        object.__setattr__(self, "masked", tuple(_ADDRESS.sub(lambda found: "x" * len(found.group()), line) for line in plain))
        object.__setattr__(self, "kinds", tuple(_kind(line) for line in plain))

    def prose(self) -> Iterator[tuple[int, str]]:
        """Yield the lines of prose, masked, with their indexes."""
        for index, kind in enumerate(self.kinds):
            if kind == "prose":
                yield index, self.masked[index]

    def sentences(self) -> Iterator[tuple[int, int, str]]:
        """Yield each sentence of the prose, unmasked, with its line and column."""
        for index, _line in self.prose():
            for found in _SENTENCE.finditer(self.plain[index]):
                if found.group().strip():
                    yield index, found.start(), found.group()

    @property
    def preface(self) -> range:
        """The lines before the first chapter, a table of contents left out: the title and the preface."""
        chapters = [index for index, kind in enumerate(self.kinds) if kind == "heading" and _CHAPTER.match(self.plain[index])]
        first = chapters[0] if chapters else len(self.lines)
        return range(first)


def number(text: str) -> int:
    """Return what a numeral up to 99 says: 8, 八, 十二, 二十."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS[digit]) for digit in text))
    return (_DIGITS[tens] if tens else 1) * _TEN + (_DIGITS[ones] if ones else 0)


def is_quoted(text: str, start: int) -> bool:
    """Tell whether column *start* of *text* stands within 《》, in the name of another document."""
    return text.count("《", 0, start) > text.count("》", 0, start)


def clause(text: str, start: int, end: int) -> str:
    """Return the clauses of *text* that hold the columns from *start* to *end*."""
    marks = "。！？；;，,|"
    first = max((text.rfind(mark, 0, start) for mark in marks), default=-1) + 1
    lasts: Sequence[int] = [place for mark in marks if (place := text.find(mark, max(end - 1, start))) >= 0]
    return text[first : min(lasts) + 1 if lasts else len(text)].strip(" |　")


def _kind(text: str) -> Kind:
    if BETWEEN.strip() in text or text.count("\t") > 1:
        return "row"
    stripped = text.strip()
    if _HEADING.match(stripped) and len(stripped) <= _LONGEST_HEADING and not _SENTENCE_END.search(stripped):
        return "heading"
    return "prose" if re.search(r"[。！？；，,;]|[^\d]\.$", text.strip()) else "label"


_DOUBLED = re.compile(r"([。，、；：？])\1+|([,;:])\2+|[，、；：,;:][。；，、,;]|。[，、；：,;:]")
_COMMA_BEFORE_AND = re.compile(r"[》”’）)](、)等(?![级待额同候效])")
_BLANK = re.compile(rf"(?<=[{HAN}”》）〕])[ \u00a0\u3000]+(?=[。，、；：！？》”）〕])|(?<=[《“（〔])[ \u00a0\u3000]+(?=\S)")
_WORD_BLANK = re.compile(rf"(?<=[{HAN}])[ \u00a0]+(?=[{HAN}])")
_DOUBLED_MARK = re.compile(
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
    found = [(index, each) for index, line in text.prose() for each in _DOUBLED_MARK.finditer(line) if not _is_first(line, each)]
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


_CLOSED = re.compile(r"[。！？；：…!?;:.”’》）)】〕」』—|]$")
_FULL_STOP = re.compile(r"[。！？]")
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
        if (dangles and not _LABEL.match(stripped)) or (_FULL_STOP.search(stripped) and not _is_labelled(stripped)):
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
    last = _FULL_STOP.split(stripped)[-1]
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


# What is printed, and what is wrong with it: `{}` is what was found.
_MISPRINTS = (
    (
        re.compile(r"(?<=上年)转结|(?<=上年度)转结|(?<=上一年度)转结|转结(?=到?至?下年|到?至?下一年|到?至?本年|继续办理)"),
        "“{}”应为“结转”",
    ),
    (re.compile(r"(?:^|(?<=[，。、；：“《的在]))务公开(?=栏|工作|办|网|领导|信息)"), "“{}”前缺“政”字，应为“政务公开”"),
    (re.compile(rf"(?<=[{HAN}])[\[［【(（](?:19|20)\d{{2}}[\]］】)）]第?\d{{1,4}}号"), "文号“{}”中的年份应括以六角括号“〔〕”"),
    (
        re.compile(r"(?:https?://|www\.|@)[\w.-]+\.(?:ccm|con|cmo|cim|xom|vom|comm|ocm|og)(?![\w.-])", re.ASCII),
        "网址或邮箱“{}”的后缀有误，似为“.com”",
    ),
    (re.compile(r"(?:https?(?::/(?!/)|//|：//)|htpp://|htttp://)[\w.-]+", re.ASCII), "网址“{}”的开头有误，应为“http://”"),
    (re.compile(r"[A-Za-z0-9][。，](?:com|cn|gov|net|org)(?![a-z])"), "网址或邮箱中的“{}”用了中文标点，应为半角的点"),
    (
        re.compile(
            r"(?:https?://|www\.)[\w./-]+(?=(?:本(?:报告|年报)|欢迎|如对|如有|联系|地址|邮编|电话|传真|电子邮箱))", re.ASCII
        ),
        "网址“{}”与后面的文字连在一起，中间缺标点",
    ),
    (re.compile(r"(?:https?://|www\.)[\w./-]+?(?=https?://)", re.ASCII), "两个网址连在一起：“{}”后面缺标点"),
)


def misprints(text: Text) -> Iterator[Found]:
    """Yield the known misprints."""
    for index, line in enumerate(text.plain):
        for pattern, reason in _MISPRINTS:
            for found in pattern.finditer(line):
                yield Found("E22", index, found.start(), found.end(), reason.format(found.group()))


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
