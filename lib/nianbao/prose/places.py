"""
Where a placeholder stands in its sentence, and whether all that it can come to makes sense there.

A filter writes a whole clause, or nothing where there is nothing to compare with; a zero is a clause of its own. What stands before
and after a placeholder is followed through all branches of a passage, whatever this year's values are: what could leave half a
sentence in another year is refused in this one. What filters write is `language`'s business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.prose.names import Counted, Shown, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Leaf = Words | Shown | Counted
    # What is wrong with a place, and what to write instead.
    Fault = tuple[str, str]


@frozen
class Typed:
    """Text typed by hand."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placeholder:
    """
    A placeholder: what it names, and the filter that says it.

    Args:
        given: what the filter was given, by name.

        newline: the end of its line, where it stands alone there.

        paragraph: the number of its paragraph in the passage.
    """

    node: Leaf
    filter: str
    given: Mapping[str, str]
    line: int
    newline: str
    paragraph: int

    @property
    def path(self) -> str:
        """How it is written."""
        return self.node.path if isinstance(self.node, Counted) else ""

    @property
    def written(self) -> str:
        """How a message calls it."""
        named = self.path or (self.node.figure.id if isinstance(self.node, Shown) else "")
        return " | ".join(filter(None, (named, self.filter)))

    @property
    def may_be_nothing(self) -> bool:
        """Whether it can come to nothing at all."""
        if self.filter == "change":
            return True
        if self.filter != "say" or isinstance(self.node, Words):
            return False
        shown = isinstance(self.node, Shown) and not self.node.zero and not self.node.figure.id.startswith("facts.")
        return "" in self.given.values() or (shown and "absent" not in self.given)

    @property
    def says_a_clause_for_zero(self) -> bool:
        """Whether the form's own clause stands in its place where the value is zero."""
        if self.filter == "say":
            return "zero" not in self.given and not isinstance(self.node, Words) and bool(self.node.zero)
        return self.filter in {"portion", "breakdown"}


@frozen
class Branch:
    """An `if`, `elif`, `else` or `endif`; `zeros` are the figures that are zero where its text stands."""

    word: str
    zeros: frozenset[str] = frozenset()


@frozen
class _Before:
    """What stands before a place: its clause, with what ended the last one, and the placeholder that it follows at once."""

    clause: str = "¶"
    told: Placeholder | None = None

    @property
    def words(self) -> str:
        """The words of the clause so far."""
        return _MARKS.sub("", self.clause[1:])

    @property
    def opens_a_sentence(self) -> bool:
        """Whether a sentence begins here."""
        return not self.words and self.clause[0] in "¶。！？"


_MOST = 64
_LONGEST = 40
NAME, NUMBER = "\ufffb", "\ufffc"
_ENDS = "，。；：、！？（）,;:!?()|¶"
_CLOSING = "，。；：、！？（）,;:!?()|¶”"
_MARKS = re.compile(r"[\s*_`\u2060\u3000]+")
# How much of what follows is looked at: a unit, and what ends it.
_SEEN = 4
# What begins a block of Markdown ends the sentence before.
_BLOCK = re.compile(r"[ \t]*\n[ \t]*\n\s*|(?:\n|(?<=¶))[ \t]*(?:#+|[-*+>]|[0-9]+[.)])[ \t]+")
_OPENERS = re.compile(
    rf"(?:其中|另外?|另有|此外|同时|并|本年度?|今年|全年|当年|年内|[全我本][省市州盟区县旗局厅委]|{NAME}(?:年度?)?)*"
)
_DANGLING = re.compile(r"(?:[为是占达共计有比较至到的和与及或将被由向对在从]|增长|增加|下降|减少|上升|提高|降低)$")
_COMPARING = re.compile(r"(?:比|较|与|同)(?:上一?年|去年)|同比|环比")
_GROWN = re.compile(
    r"(?:(?:比|较)(?:上一?年|去年)(?:度|同期)?|同比|环比)(?:增长|增加|增|提高|上升|减少|下降|降低|减|多|少)?(?:了|约|近)?$"
)

_OF_LAST_YEAR = re.compile(
    r"(?<![比较与同和跟从])(?:上年|去年|上一年)度?(?:同期)?(?:共|全年)?(?:新收|收到|受理|办理|办结|答复|公开|处理)?"
    r"(?:政府信息公开)?(?:申请)?(?:总?数量?)?(?:为|是|有|共|达)?$"
)


def faults(pieces: Sequence[Typed | Placeholder | Branch]) -> Iterator[tuple[Placeholder, Fault]]:
    """Yield each placeholder of *pieces* that could leave no sentence where it stands, with what is wrong and what to write."""
    followed = list(_afters(pieces))
    for piece, (before, zeros), after in zip(pieces, _befores(pieces), followed, strict=True):
        if isinstance(piece, Placeholder):
            for check in _CHECKS:
                if fault := check(piece, before, after, zeros):
                    yield piece, fault


def _befores(pieces: Iterable[Typed | Placeholder | Branch]) -> Iterator[tuple[set[_Before], frozenset[str]]]:
    """Yield, for each piece, all that can stand before it, and the figures that are zero there."""
    branches: list[tuple[set[_Before], set[_Before], frozenset[str], bool]] = []
    now: set[_Before] = {_Before()}
    for piece in pieces:
        yield now, frozenset().union(*(zeros for _entered, _ended, zeros, _closing in branches))
        if not isinstance(piece, Branch):
            now = _few(each for before in now for each in _onward(before, piece))
        elif piece.word == "if":
            branches.append((now, set(), piece.zeros, False))
        else:
            entered, ended, _zeros, closing = branches.pop()
            ended = ended | now
            now = entered
            if piece.word == "endif":
                now = _few(ended if closing else ended | entered)
            else:
                branches.append((entered, ended, piece.zeros, piece.word == "else"))


def _few(found: Iterable[_Before]) -> set[_Before]:
    """Return *found*, or the first of them where they are more than anybody writes."""
    every = set(found)
    return every if len(every) <= _MOST else set(sorted(every, key=lambda each: each.clause)[:_MOST])


def _onward(before: _Before, piece: Typed | Placeholder) -> Iterator[_Before]:
    """Yield what stands before the place after *piece*."""
    if isinstance(piece, Typed):
        told = before.told
        said = _MARKS.sub("", piece.text)
        if said and not (told and not isinstance(told.node, Words) and said == told.node.figure.unit):
            told = None
        yield _Before(clause=_clause(before.clause + piece.text), told=told)
        return
    if piece.may_be_nothing:
        yield before
    if piece.filter == "shifts":
        yield _Before(clause="。" + piece.newline)
        return
    mark = NAME if isinstance(piece.node, Words) else NUMBER
    said = piece.given.get("phrase", "{}").replace("{}", mark)
    yield _Before(clause=_clause(before.clause + said + piece.newline), told=piece)


def _clause(text: str) -> str:
    """Return the last clause of *text*, with what ends the one before."""
    text = _BLOCK.sub("¶", text)
    start = max(text.rfind(end) for end in _ENDS)
    return text[start] + text[start + 1 :][-_LONGEST:]


def _afters(pieces: Sequence[Typed | Placeholder | Branch]) -> Iterator[set[str]]:
    """Yield, for each piece, how the text can go on behind it: ¶ where its paragraph ends."""
    found: list[set[str]] = []
    branches: list[tuple[set[str], set[str], bool]] = []
    now = {"¶"}
    for piece in reversed(pieces):
        found.append({each.strip() for each in now})
        if not isinstance(piece, Branch):
            now = {each for after in now for each in _backward(after, piece)}
        elif piece.word == "endif":
            branches.append((now, set(), False))
        else:
            entered, begun, closing = branches.pop()
            begun = begun | now
            now = entered
            if piece.word == "if":
                now = begun if closing else begun | entered
            else:
                branches.append((entered, begun, closing or piece.word == "else"))
    yield from reversed(found)


def _backward(after: str, piece: Typed | Placeholder) -> Iterator[str]:
    """Yield how the text begins that *piece* and what comes *after* make, and the end of line before that."""
    if isinstance(piece, Typed):
        yield _beginning(piece.text + after)
        return
    if piece.may_be_nothing:
        yield after
    opening = {"change": "，", "shifts": "与"}.get(piece.filter, piece.given.get("phrase", NUMBER))
    yield _beginning(opening.replace("{}", NUMBER) + after)


def _beginning(text: str) -> str:
    """Return the first characters of *text* with the end of line before them; ¶ where that ends the paragraph."""
    words = text.lstrip("*_`\u2060\u3000")
    seen = words.lstrip()
    ends = words[: len(words) - len(seen)].count("\n")
    if ends > 1 or (ends and re.match(r"(?:#+|[-*+>]|[0-9]+[.)])\s|\|", seen)):
        return "¶"
    return "\n" * ends + seen[:_SEEN]


def _change(here: Placeholder, before: set[_Before], after: set[str], zeros: frozenset[str]) -> Fault | None:
    """Check a change: it begins with a comma, or is nothing, and so follows its number, or words that say there is none."""
    if here.filter != "change":
        return None
    mine = here.node.figure.id  # type: ignore[union-attr]
    remedy = f"写成 {{{{ {here.path} }}}}{{{{ {here.path} | change }}}}，它自己会写“比上年增加”“增长”这些话"
    for each in before:
        if found := _COMPARING.search(each.words):
            return f"change 自己写出整句比较，没有上年数时什么也不写，前面的“{found.group()}……”就不成句", f"删去它，{remedy}"
        follows = each.told is not None and each.told.node.figure.id == mine  # type: ignore[union-attr]
        if not follows and not (mine in zeros and each.words):
            return "change 没有上年数可比时什么也不写，只能紧跟在这个数之后", remedy
    return _ending("change", after)


def _whole(here: Placeholder, before: set[_Before], after: set[str], _zeros: frozenset[str]) -> Fault | None:
    """Check what is a whole clause, at least where the value is zero."""
    if not here.says_a_clause_for_zero:
        return None
    said = next((each.words for each in before if not _OPENERS.fullmatch(each.words)), "")
    if said:
        told = said.replace(NAME, "…").replace(NUMBER, "…")
        zero = "没有……" if here.filter == "breakdown" else here.node.zero  # type: ignore[union-attr]
        remedy = '写明数为零时怎么说：say("…{}", zero="…")，或把它移到逗号、句号或“其中”之后'
        return f"数为零时 {here.filter} 写成“{zero}”，接在“{told}”后面不成句", remedy
    return _ending(here.filter, after)


def _ending(name: str, after: set[str]) -> Fault | None:
    if any(each[:1] not in _CLOSING for each in after):
        return f"{name} 写出的是整个分句，后面的文字接不上", "在它后面写逗号、分号或句号"
    return None


def _sentence(here: Placeholder, before: set[_Before], after: set[str], _zeros: frozenset[str]) -> Fault | None:
    """Check what is a whole sentence, or nothing."""
    if here.filter != "shifts":
        return None
    if not all(each.opens_a_sentence for each in before) or any(each[:1] in tuple("，；：、）,;:)。！？”") for each in after):
        return "shifts 写出的是整个句子，没有上年数可比时什么也不写，要单独成句", "放在句号之后，后面不再写标点"
    return None


def _nothing(here: Placeholder, before: set[_Before], _after: set[str], _zeros: frozenset[str]) -> Fault | None:
    """Check a phrase that may be left out: it takes its words with it, and leaves none that wait for a number."""
    if here.filter != "say" or not here.may_be_nothing:
        return None
    remedy = '把有关的话都写进 say 的引号里，如 say("，……为{}")，或用 zero=、absent= 写明没有时怎么说'
    if not re.search(r"\w", here.given["phrase"].partition("{}")[0]):
        return "这个数可能没有，那时 say 什么也不写，它前后的话就不成句", remedy
    waiting = next((found.group() for each in before if (found := _DANGLING.search(each.words))), "")
    return (f"这个数可能没有，那时 say 什么也不写，前面的“{waiting}”就没有着落", remedy) if waiting else None


def _grown(here: Placeholder, before: set[_Before], _after: set[str], _zeros: frozenset[str]) -> Fault | None:
    """Check a value of this year: it is no difference from last year's."""
    node = here.node
    own = isinstance(node, Counted) or (isinstance(node, Shown) and node.figure.kind in {"share", "rate"} and not node.of_last_year)
    if isinstance(node, Words) or not own or here.filter not in {"", "say"}:
        return None
    opening = re.sub(r"\s+", "", here.given.get("phrase", "").partition("{}")[0])
    said = [each.words + opening for each in before]
    if any(_GROWN.search(each) for each in said):
        remedy = f"写成 {{{{ {here.path} }}}}{{{{ {here.path} | change }}}}" if here.path else "写明本年和上年各是多少"
        return "这里印的是本年的数，不是比上年的增减", remedy
    about_last_year = "上年" in node.figure.label or "上一年" in node.figure.label
    if not about_last_year and any(_OF_LAST_YEAR.search(each) for each in said):
        remedy = f"写成 {{{{ {_last_year(here.path)} }}}}" if here.path else "写统计表的行，后面加 .last_year"
        return "这里印的是本年的数，不是上年的", remedy
    return None


def _last_year(path: str) -> str:
    return f"({path}).last_year" if " " in path else f"{path}.last_year"


def _twice(here: Placeholder, _before: set[_Before], after: set[str], _zeros: frozenset[str]) -> Fault | None:
    """Check what is printed with its unit: the text does not say it again."""
    node = here.node
    if isinstance(node, Words) or (isinstance(node, Shown) and node.bare) or here.filter not in {"", "say"} or not node.figure.unit:
        return None
    rest = here.given.get("phrase", "{}").rpartition("{}")[2]
    unit = re.escape(node.figure.unit) if node.figure.unit != "%" else "[%％]"
    again = re.compile(rf"{unit}(?:[{re.escape(_CLOSING)}的]|$)")
    if not any(again.match(_MARKS.sub("", rest + each)) for each in after):
        return None
    return f"数已带单位，后面又写了“{node.figure.unit}”，单位印了两遍", "删去后面的单位，或写 .number 只印数"


_CHECKS: tuple[Callable[[Placeholder, set[_Before], set[str], frozenset[str]], Fault | None], ...] = (
    _change,
    _whole,
    _sentence,
    _nothing,
    _grown,
    _twice,
)
