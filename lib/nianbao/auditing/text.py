"""
A published text as the checks of its language see it, and those checks that look at how it is set.

`Text` says what each line is and where its sentences stand. The checks here are for marks, blanks, unfinished sentences, misprints
and the numbering of lists (E22); what sentences say is checked in `language`.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import field
from typing import TYPE_CHECKING, Literal, NamedTuple

from nianbao.indicators import positional
from nianbao.indicators.errors import listed
from nianbao.indicators.values import chinese_integer
from nianbao.reading.lines import BETWEEN, HAN, NUMERAL, sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from re import Match, Pattern

    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Strings
    from nianbao.reading.lines import Lines

    Faults = Iterator["Found"]


Kind = Literal["row", "heading", "label", "prose"]

_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_ADDRESS = re.compile(r"(?:https?://|www\.)[\w./:?=&%#~+-]+|[\w.+-]{1,64}@[\w.-]+", re.ASCII)
_HEADING = re.compile(
    rf"\s*(?:[{NUMERAL}]{{1,3}}[、．.]|第[{NUMERAL}]{{1,3}}章|[（(][{NUMERAL}\d]{{1,3}}[)）]|\d{{1,2}}[.．、](?!\d))"
)
_CHAPTER = re.compile(rf"\s*(?:[{NUMERAL}]{{1,3}}[、．.]|第[{NUMERAL}]{{1,3}}章)")
_SENTENCE_END = re.compile(r"[。！？；]")
_CLAUSE_END = re.compile("([。！？；;，,|])")
_LONGEST_HEADING = 60


class Stretch(NamedTuple):
    """A line, counted from 0, or what stands in it from a column on."""

    line: int
    column: int
    text: str


@positional
class Found:
    """Something wrong: `index` counts lines from 0, `start` and `end` are columns in it."""

    index: int
    start: int
    end: int
    sentence: str


@positional
class Text:
    """
    The lines of a text with what every check asks of them.

    Args:
        plain: the lines with full-width digits made half-width; columns stay.

        masked: those with web and mail addresses made letters, so that their dots and colons are no punctuation.

        kinds: a table row, a heading, a line without sentences (a title, a name, a date), or prose.
    """

    lines: Lines
    report: AnnualReport
    plain: Strings = field(init=False)
    masked: Strings = field(init=False)
    kinds: tuple[Kind, ...] = field(init=False)

    def __post_init__(self) -> None:
        plain = tuple(line.text.translate(_WIDE_DIGITS) for line in self.lines)
        object.__setattr__(self, "plain", plain)
        object.__setattr__(self, "masked", tuple(_ADDRESS.sub(lambda found: "x" * len(found.group()), line) for line in plain))
        object.__setattr__(self, "kinds", tuple(_kind(line) for line in plain))

    def every(self) -> list[Stretch]:
        """Return all lines."""
        return [Stretch(index, 0, line) for index, line in enumerate(self.plain)]

    def outside_tables(self) -> list[Stretch]:
        """Return the lines that are no rows of a table."""
        return [line for line in self.every() if self.kinds[line.line] != "row"]

    def prose(self) -> list[Stretch]:
        """Return the lines of prose, masked."""
        return [Stretch(index, 0, line) for index, line in enumerate(self.masked) if self.kinds[index] == "prose"]

    def sentences(self) -> Iterator[Stretch]:
        """Yield each sentence of the prose, unmasked."""
        for index, _column, _line in self.prose():
            for found in sentences(self.plain[index], "。！？", "”’》）)"):
                yield Stretch(index, found.start(), found.group())

    def preface(self) -> list[Stretch]:
        """Return the lines before the first chapter, a table of contents left out: the title and the preface."""
        lines = self.every()
        chapters = (line.line for line in lines if self.kinds[line.line] == "heading" and _CHAPTER.match(line.text))
        return lines[: next(chapters, len(lines))]


def matches(stretches: Iterable[Stretch], pattern: Pattern[str]) -> Iterator[tuple[Stretch, Match[str]]]:
    """Yield where *pattern* fits in *stretches*, each with its stretch."""
    for stretch in stretches:
        for match in pattern.finditer(stretch.text):
            yield stretch, match


def told(stretch: Stretch, match: Match[str], sentence: str, group: int | str = 0) -> Found:
    """Return *sentence* at the place of *match*, or of its *group*, in *stretch*."""
    return Found(stretch.line, stretch.column + match.start(group), stretch.column + match.end(group), sentence)


def number(text: str) -> int:
    """Return what a numeral says, in either digits: 8, 八, 十二, 二十; of a misprinted one, 0."""
    return int(text) if text.isdecimal() else chinese_integer(text) or 0


def is_quoted(text: str, start: int) -> bool:
    """Tell whether column *start* of *text* stands within 《》, in the name of another document."""
    return text.count("《", 0, start) > text.count("》", 0, start)


def clause(text: str, start: int, end: int) -> str:
    """Return the clauses of *text* that hold the columns from *start* to *end*."""
    last = max(end - 1, start)
    before = _CLAUSE_END.split(text[:start])[-1]
    rest = _CLAUSE_END.split(text[last:], maxsplit=1)[:2]
    return "".join([before, text[start:last], *rest]).strip(" |　")


def _kind(text: str) -> Kind:
    if BETWEEN.strip() in text or text.count("\t") > 1:
        return "row"
    stripped = text.strip()
    if _HEADING.match(stripped) and len(stripped) <= _LONGEST_HEADING and not _SENTENCE_END.search(stripped):
        return "heading"
    return "prose" if re.search(r"[。！？；，,;]|[^\d]\.$", stripped) else "label"


# What is printed, where, and what is wrong with it: `{}` is what was found.
_MISPRINTS = (
    (Text.prose, r"([。，、；：？])\1+|([,;:])\2+|[，、；：,;:][。；，、,;]|。[，、；：,;:]", "标点重复：“{}”应只留一个"),
    (Text.prose, r"[》”’）)]、等(?![级待额同候效])", "“{}”中的顿号多余：“等”前不用顿号"),
    (
        Text.outside_tables,
        (
            r"截止(?=\s*(?:(?:20|19)?\d{2}年|[〇○零一二三四五六七八九]{4}年|\d{1,2}月|\d{4}[-.]|目前|现在|当前|本年|今年|年末|年底|报告期|上年"
            r"|去年))"
        ),
        "“截止”是到期停止的意思，后面不带日期；表示到某日为止，用“截至”",
    ),
    (
        Text.every,
        r"(?<=上年)转结|(?<=上年度)转结|(?<=上一年度)转结|转结(?=到?至?下年|到?至?下一年|到?至?本年|继续办理)",
        "“{}”应为“结转”",
    ),
    (Text.every, r"(?:^|(?<=[，。、；：“《的在]))务公开(?=栏|工作|办|网|领导|信息)", "“{}”前缺“政”字，应为“政务公开”"),
    (Text.every, rf"(?<=[{HAN}])[\[［【(（](?:19|20)\d{{2}}[\]］】)）]第?\d{{1,4}}号", "文号“{}”中的年份应括以六角括号“〔〕”"),
    (
        Text.every,
        r"(?a:(?:https?://|www\.|@)[\w.-]+\.(?:ccm|con|cmo|cim|xom|vom|comm|ocm|og)(?![\w.-]))",
        "网址或邮箱“{}”的后缀有误，似为“.com”",
    ),
    (Text.every, r"(?a:(?:https?(?::/(?!/)|//|：//)|htpp://|htttp://)[\w.-]+)", "网址“{}”的开头有误，应为“http://”"),
    (Text.every, r"[A-Za-z0-9][。，](?:com|cn|gov|net|org)(?![a-z])", "网址或邮箱中的“{}”用了中文标点，应为半角的点"),
    (
        Text.every,
        r"(?a:(?:https?://|www\.)[\w./-]+(?=(?:本(?:报告|年报)|欢迎|如对|如有|联系|地址|邮编|电话|传真|电子邮箱)))",
        "网址“{}”与后面的文字连在一起，中间缺标点",
    ),
    (Text.every, r"(?a:(?:https?://|www\.)[\w./-]+?(?=https?://))", "两个网址连在一起：“{}”后面缺标点"),
)


def misprints(text: Text) -> Faults:
    """Yield what a pattern alone shows to be wrong."""
    for stretches, pattern, reason in _MISPRINTS:
        for stretch, match in matches(stretches(text), re.compile(pattern)):
            yield told(stretch, match, reason.format(match.group()))


_BLANK = re.compile(rf"(?<=[{HAN}”》）〕])[ \u00a0\u3000]+(?=[。，、；：！？》”）〕])|(?<=[《“（〔])[ \u00a0\u3000]+(?=\S)")
_WORD_BLANK = re.compile(rf"(?<=[{HAN}])[ \u00a0]+(?=[{HAN}])")
# A blank after the first few characters parts a heading from what follows it; more blanks than these are the text's manner.
_OPENING_WORDS, _BLANKS = 12, 5


def blanks(text: Text) -> Faults:
    """Yield blanks beside punctuation, and within a sentence where the text otherwise has none."""
    beside = list(matches(text.prose(), _BLANK))
    within = [each for each in matches(text.prose(), _WORD_BLANK) if each[1].start() > _OPENING_WORDS]
    for stretch, match in beside + (within if len(within) <= _BLANKS else []):
        start, end = max(match.start() - 1, 0), match.end() + 1
        yield Found(stretch.line, start, end, f"“{stretch.text[start:end]}”中多了空格，应删去")


# The marks that are meant between Chinese characters, and where half-width ones stand for them.
_HALF = {
    "（": re.compile(rf"(?<=[{HAN}”》，。、])\((?=[{HAN}“《])"),
    "）": re.compile(rf"(?<=[{HAN}”》])\)(?=$|[{HAN}，。、；：])"),
    "。": re.compile(rf"(?<=[{HAN}”》）)])\.(?=$|\s*[{HAN}“《])|(?<=[\d%％])\.$"),
} | {
    full: re.compile(rf"(?<=[{HAN}”》）%％\d]){re.escape(half)}(?=\s*(?:[{HAN}“《（]|$))")
    for half, full in zip(",;:?!", "，；：？！", strict=True)
}
_NUMBERING = re.compile(rf"\s*(?:\((?:[{NUMERAL}]+|\d+)\)|(?:第?[{NUMERAL}]{{1,3}}|附件?\d*|其[一二三四五])\.)")
_LAST_WORDS = re.compile(rf"[{HAN}\d%％]{{,2}}$")
# A mark is told as stray where it is one of few among so many times as many of the other width.
_TIMES = 4


def half_width(text: Text) -> Faults:
    """Yield half-width marks between Chinese characters, where the text otherwise uses full-width ones."""
    joined = "\n".join(line.text for line in text.prose())
    for full, pattern in _HALF.items():
        stray = [each for each in matches(text.prose(), pattern) if not _is_numbering(each[1])]
        if joined.count(full) >= _TIMES * len(stray):
            yield from (_half(stretch, match, full) for stretch, match in stray)


def _half(stretch: Stretch, match: Match[str], full: str) -> Found:
    if full != "。":
        return told(stretch, match, f"这里用了半角的“{match.group()}”，应为全角的“{full}”")
    words = _LAST_WORDS.search(stretch.text[: match.start()])
    start = words.start() if words else match.start()
    return Found(stretch.line, start, match.end(), f"“{stretch.text[start : match.end()]}”的句号是半角的点，应为“。”")


def _is_numbering(match: Match[str]) -> bool:
    """Tell whether the mark belongs to the number of a heading or item."""
    numbering = _NUMBERING.match(match.string)
    return bool(numbering and match.start() < numbering.end())


_NUMBERED = re.compile(r"(?:^|(?<=[\s。；;，,：、])|(?<=\D:))(?:\d{1,2}|[a-zA-Z]|[①-⑩])[)）]")
_OPENING = {"（": "）", "《": "》", "〈": "〉", "【": "】", "〔": "〕", "“": "”", "「": "」"}
_CLOSING = {close: opening for opening, close in _OPENING.items()}
_AS_FULL = str.maketrans("()", "（）")
_REACH = 3


def unpaired(text: Text) -> Faults:
    """Yield brackets and quotation marks without their other half, in this paragraph or the next few."""
    left = [
        Stretch(line.line, column, mark) for line in text.outside_tables() for column, mark in _unpaired(text.masked[line.line])
    ]
    paired = _paired(left, text.masked)
    for each in left:
        if each not in paired and text.kinds[each.line] == "prose":
            printed = text.masked[each.line][each.column]
            half, meant = ("后半", _OPENING[each.text]) if each.text in _OPENING else ("前半", _CLOSING[each.text])
            yield Found(each.line, each.column, each.column + 1, f"“{printed}”没有配对，缺{half}个“{meant}”")


def _paired(marks: Iterable[Stretch], lines: Sequence[str]) -> set[Stretch]:
    """Return those of *marks*, in the order of the lines, whose other half stands in one of the next lines, and those halves."""
    paired: set[Stretch] = set()
    opened: dict[str, deque[Stretch]] = {opening: deque() for opening in _OPENING}
    for each in marks:
        if each.text in _OPENING:
            opened[each.text].append(each)
            # A quotation of several paragraphs opens each of them.
            below = lines[min(each.line + 1, len(lines) - 1)]
            if each.text == "“" and below.lstrip().startswith("“"):
                paired.add(each)
            continue
        waiting = opened[_CLOSING[each.text]]
        while waiting and waiting[0].line < each.line - _REACH:
            waiting.popleft()
        if waiting and waiting[0].line < each.line:
            paired |= {waiting.popleft(), each}
    return paired


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
            crossed = []
            while (last := opened.pop())[1] != _CLOSING[mark]:
                crossed.append(last)
            waiting -= Counter([_CLOSING[mark], *(each for _column, each in crossed)])
            yield from reversed(crossed)
    yield from opened


_CLOSED = re.compile(r"[。！？；：…!?;:.”’》）)】〕」』—|]$")
_FULL_STOP = re.compile(r"[。！？]")
# A sentence does not end in one of these.
_DANGLING = re.compile(
    r"(?:截[止至]|[，,、]|(?:必须|应当|应|须|将|已|定|设|位|成立|开始)?于|(?<![作认成行以因])为|(?<![总])共计?|达到|[^直到表传送到]达|(?<![参涉以])与|(?<![以])及|(?<!之)和|面积|分别)$"
)
_LAST_CLAUSE = re.compile(r"[^。！？；，,;：:]*[，,、]?$")
_LABEL = re.compile(rf"^[{HAN}（）()/、\s]{{2,14}}[：:]")
_WRAPPED_SHARE = 0.35
_FEW = 6
_SHORTEST = 8
_CELL_WIDTH = 28


def cut_off(text: Text) -> Faults:
    """Yield sentences without an end, where the next line begins something else."""
    wrapped = _is_wrapped(text)
    for index, _column, line in text.prose():
        stripped = line.rstrip()
        if _CLOSED.search(stripped) or len(stripped) < _SHORTEST:
            continue
        dangles = _DANGLING.search(stripped)
        if wrapped and not (dangles and text.kinds[index + 1 : index + 2] == ("heading",)):
            continue
        # In the tables of a PDF, the lines of a cell stand one by one.
        if text.lines[index].page is not None and len(stripped) < _CELL_WIDTH and not stripped.endswith(("截止", "截至")):
            continue
        if (dangles and not _LABEL.match(stripped)) or (_FULL_STOP.search(stripped) and not _is_labelled(stripped)):
            yield _cut(index, stripped)


def _cut(index: int, stripped: str) -> Found:
    found = _LAST_CLAUSE.search(stripped)
    tail = (found.group() if found else "").lstrip() or stripped[-1]
    if tail.endswith("截止"):
        reason = "就断了，后面缺日期和下文：请补全；表示到某日为止，用“截至”"
    elif tail.endswith(("，", ",", "、")):
        reason = "就断了，后面缺下文：请补全，或改用句号"
    else:
        reason = "没有结束，后面缺下文或句号：请补全"
    return Found(index, len(stripped) - len(tail), len(stripped), f"句子写到“{tail}”{reason}")


def _is_labelled(stripped: str) -> bool:
    """Tell whether the last sentence is an address, a telephone number or the like, which ends in no full stop."""
    last = _FULL_STOP.split(stripped)[-1]
    return bool(re.search(r"[：:]", last)) or not re.search(f"[{HAN}]", last[-6:])


def _is_wrapped(text: Text) -> bool:
    """Tell whether lines are broken at a width, as in mail: then the end of a line says nothing."""
    long = [line.text.rstrip() for line in text.prose() if len(line.text) >= _SHORTEST]
    unfinished = sum(1 for line in long if not _CLOSED.search(line))
    return unfinished >= _FEW and unfinished > _WRAPPED_SHARE * len(long)


_ONLY_MARKS = re.compile(rf"^\s*(?=\S)([^\w{HAN}|\-—–*_=·.…~]{{1,3}})(?<=\S)\s*$")


def stray_marks(text: Text) -> Faults:
    """Yield lines that hold nothing but a mark of punctuation."""
    for line, match in matches(text.every(), _ONLY_MARKS):
        yield told(line, match, f"这一行只有“{match[1]}”，其余文字缺失，或是多余的符号：请补全或删去", 1)


_WORDS = {"首先": 1, "其次": 2, "再次": 3}
_ITEM = re.compile(
    rf"(?:^|(?<=[。；;]))\s*(?P<item>(?P<word>首先|其次|再次|第(?P<ordinal>[{NUMERAL}]{{1,3}}))(?P<mark>[、，,：:]))(?!\s*(?:第|[{NUMERAL}]、))"
)
_SPOKEN = re.compile(rf"(?:^|(?<=[。；;]))\s*(?P<item>(?P<word>(?P<ordinal>[{NUMERAL}]{{1,3}})是)(?P<mark>))")
_MARKS = {"、": "顿号", "，": "逗号", ",": "逗号", "：": "冒号", ":": "冒号"}
_ENOUGH = 3


@positional
class _Item:
    line: Stretch
    match: Match[str]

    @property
    def word(self) -> str:
        return self.match["word"]

    @property
    def ordinal(self) -> int:
        return _WORDS.get(self.word) or number(self.match["ordinal"])

    @property
    def mark(self) -> str:
        """What the mark after the word is called."""
        return _MARKS.get(self.match["mark"], "")

    @property
    def opens(self) -> bool:
        """Whether it stands at the beginning of its paragraph."""
        return not self.line.text[: self.match.start("item")].strip()

    def told(self, sentence: str) -> Found:
        return told(self.line, self.match, sentence, "item")


def mixed_numbering(text: Text) -> Faults:
    """Yield the first item of a list that is numbered otherwise than the rest."""
    for items in _lists(text, _ITEM):
        words = [item for item in items if item.word in _WORDS]
        numbered = [item for item in items if item.word not in _WORDS]
        if words and numbered:
            before = listed(f"“{item.word}”" for item in words)
            yield numbered[0].told(f"前面用{before}，这里改用“{numbered[0].word}”：同一列举中的序号应统一")
        yield from _mixed_marks(numbered)


def _mixed_marks(items: Sequence[_Item]) -> Faults:
    """Yield the first item whose mark is not the list's: that of its beginning, unless the first item stands alone with it."""
    counted = Counter(item.mark for item in items)
    if len(counted) <= 1:
        return
    usual = items[0].mark if counted[items[0].mark] > 1 or len(items) <= _ENOUGH else items[1].mark
    others = [item for item in items if item.mark != usual]
    named = "".join(f"“{item.word}”" for item in others)
    marks = listed(sorted({item.mark for item in others}))
    yield others[0].told(f"{named}后用{marks}，其余各项后用{usual}：同一列举中的序号应统一")


def run_together(text: Text) -> Faults:
    """Yield an item within a paragraph, where the list otherwise gives each item its own."""
    for items in (*_lists(text, _ITEM), *_lists(text, _SPOKEN)):
        within = [item for item in items if not item.opens]
        if len(items) - len(within) >= _ENOUGH and len(items) > len(within) * _ENOUGH:
            for item in within:
                yield item.told(f"“{item.word}”与上一项连在同一段里：其余各项都另起一段，这一项也应另起一段")


def _lists(text: Text, pattern: Pattern[str]) -> Iterator[list[_Item]]:
    """Yield the lists: items in rising order, with no heading between them."""
    items: list[_Item] = []
    for index, line in enumerate(text.masked):
        if text.kinds[index] != "prose":
            yield items
            items = []
            continue
        for match in pattern.finditer(line):
            item = _Item(Stretch(index, 0, line), match)
            if items and item.ordinal <= items[-1].ordinal:
                yield items
                items = []
            items.append(item)
    yield items
