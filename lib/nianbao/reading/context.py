"""
The thread of a paragraph: what stands before a number, which row, group and base the numbers before it were about, and its list.

A thread remembers and answers; it decides nothing about a number.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.reading.names import canonical
from nianbao.reading.numbers import LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from re import Pattern

    from nianbao.indicators.form import Form
    from nianbao.indicators.values import Strings
    from nianbao.reading.lines import Clause, Paragraph
    from nianbao.reading.names import Target
    from nianbao.reading.numbers import Mention

    Bindings = Sequence["Binding"]


PART = "其中"
_MOST_PIECES = 4
_ADVERBIAL = re.compile(r"\s*(?:通过|利用|在|经|对|依托|借助|从|针对|依据|根据)")
_TOPIC = re.compile(r"(?:方面|中|后|时|来看|情况|内|期间|上|下)\s*$")
_BLANK = re.compile(r"[\s,;:]*")


@frozen
class Binding:
    """
    What a number is about.

    Args:
        target: the row and column; of a percentage, the numerator. None where there is none.

        base: the denominator of a percentage.

        figure: the id of the table's own figure for it; for a ratio that has none, the numerator's cell.

        firm: whether a text can be held to it; otherwise agreement confirms and disagreement proves nothing.

        reason: why there is no target; `near`, what the words come closest to; `note`, what an official should know.
    """

    mention: Mention
    clause: Clause
    words: str = ""
    target: Target | None = None
    base: Target | None = None
    figure: str = ""
    firm: bool = False
    cross_unit: bool = False
    reason: str = ""
    note: str = ""
    near: Target | None = None


@dataclass(slots=True)
class Thread:
    """
    What has been read of a paragraph so far.

    Args:
        mentions: all of the paragraph, in their order.

        inherited: the row that the paragraph before spoke of last, where this one goes on with its list.
    """

    paragraph: Paragraph
    form: Form
    mentions: tuple[Mention, ...]
    inherited: str = ""
    bound: list[Binding] = field(default_factory=list)
    counted: tuple[Mention, ...] = field(init=False, repr=False)
    _masked: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.counted = tuple(each for each in self.mentions if not each.excluded)
        self._masked = _without(self.paragraph.flat, [each for each in self.mentions if each.excluded and each.excluded != LABEL])

    def pieces(self, mention: Mention) -> list[str]:
        """Return what the sentence says between the number before and *mention*, clause by clause, without dates and numbering."""
        clause = self.paragraph.clause_at(mention.start)
        sentence = self.paragraph.sentence_of(clause)
        start = max(sentence[0].start, max((each.mention.end for each in self.bound), default=0))
        first = bisect_left(sentence, start, key=attrgetter("end"))
        last = bisect_left(sentence, mention.start, key=attrgetter("start"))
        spans = [(max(each.start, start), min(each.end, mention.start)) for each in sentence[first:last]]
        return [self._masked[low:high] for low, high in spans if low < high]

    def carried(self, mention: Mention, pieces: list[str]) -> list[str]:
        """Return *pieces*, or where they say nothing, those of the number before if it counts another thing: 培训34次、929人次."""
        last = self.bound[-1] if self.bound else None
        silent = not canonical("".join(pieces)) and not canonical(self.after(mention))
        follows = last is not None and last.clause.sentence == self.paragraph.clause_at(mention.start).sentence
        if silent and follows and last and last.mention.unit != mention.unit and not last.mention.is_percentage:
            return [last.words]
        return pieces

    def blank(self, mention: Mention, pieces: list[str]) -> Binding:
        """Return *mention*, after the words *pieces*, bound to nothing yet."""
        words = "，".join(piece.strip() for piece in pieces)
        return Binding(mention=mention, clause=self.paragraph.clause_at(mention.start), words=words)

    def said(self, mention: Mention) -> str:
        """Return the sentence up to *mention*, as printed."""
        sentence = self.paragraph.sentence_of(self.paragraph.clause_at(mention.start))
        return self.paragraph.flat[sentence[0].start : mention.start]

    def before(self, mention: Mention) -> str:
        """Return the paragraph up to *mention*, as printed."""
        return self.paragraph.flat[: mention.start]

    def after(self, mention: Mention) -> str:
        """Return the rest of the clause, up to the next number or 、."""
        clause = self.paragraph.clause_at(mention.start)
        place = bisect_left(self.counted, mention.end, key=attrgetter("start"))
        following = [each.start for each in self.counted[place : place + 1]]
        return self.paragraph.flat[mention.end : min([clause.end, *following])].partition("、")[0]

    @property
    def last_count(self) -> Binding | None:
        """The number before, where it is a count."""
        return next((each for each in reversed(self.bound) if not each.mention.is_percentage), None)

    def group(self, words: str) -> str:
        """Return the row whose parts are being told, or nothing."""
        last = self.last_count
        if last is None or last.target is None:
            return ""
        row = self.form.rows[last.target.row]
        return row.id if PART in words and row.children else row.parent or (row.id if row.children else "")

    def wholes(self) -> frozenset[str]:
        """Return the rows of which a part may be named shortly: the last row and all it belongs to."""
        last = self.last_count
        found: list[str] = []
        row = last.target.row if last and last.target else "" if last else self.inherited
        while row:
            found.append(row)
            row = self.form.rows[row].parent or ""
        return frozenset(found)


def _without(text: str, mentions: Iterable[Mention]) -> str:
    """Return *text*, half-width, with *mentions*, which state no quantity, blanked."""
    characters = list(text)
    for each in mentions:
        characters[each.start : each.end] = " " * (each.end - each.start)
    return re.sub(r"\s年度?", lambda found: " " * len(found[0]), "".join(characters))


def windows(pieces: list[str], idle: Pattern[str]) -> list[str]:
    """
    Return what may be the name before a number, in canonical form: its clause, and more clauses before it.

    A clause that says how or where (通过政府网站，) belongs to the next: it makes the quantity another one.
    """
    found, text = [], ""
    kept = [piece for piece in pieces if not _BLANK.fullmatch(piece)][-_MOST_PIECES:]
    for index in range(len(kept) - 1, -1, -1):
        text = kept[index].replace(PART, "") + text
        if index and _is_adverbial(kept[index - 1], idle):
            continue
        found.append(canonical(text))
    return [each for each in dict.fromkeys(found) if each]


def _is_adverbial(piece: str, idle: Pattern[str]) -> bool:
    return bool(_ADVERBIAL.match(piece) and not _TOPIC.search(piece) and idle.sub("", canonical(piece)))


_OPENS = re.compile(r"分别|两者|二者|三者|四者|依次")
_ASIDE = re.compile(r"其中|分别.*$|依次.*$")
_BETWEEN = re.compile(r"[、和与及]")
_JOINT = re.compile(r"\s*[、,和与及]\s*")


@frozen
class Listed:
    """A percentage of a list: its numerator, and the words that open the list."""

    target: Target
    opening: str


def of(mention: Mention, thread: Thread) -> Listed | None:
    """Return what *mention* is in a list, or None where it stands in none."""
    run, opening = _run(mention, thread)
    told = [each.target for each in thread.bound if not each.mention.is_percentage and each.mention.end <= run[0].start]
    if not opening or len(told) < len(run):
        return None
    target = told[-len(run) :][run.index(mention)]
    return Listed(target=target, opening=opening) if target else None


def names(mention: Mention, thread: Thread) -> Strings | None:
    """
    Return what a count of a list may be called: its own piece of the names before it, and that with the last one's tail.

    None where it stands in no list; nothing where the list has more names than numbers, or fewer.
    """
    run, opening = _run(mention, thread)
    if not opening:
        return None
    pieces = [piece for piece in _BETWEEN.split(_ASIDE.sub("", opening.split(",")[-1])) if piece.strip()]
    if len(pieces) != len(run):
        return ()
    own, last = pieces[run.index(mention)], pieces[-1]
    return (own, *(own + last[start:] for start in range(1, len(last)))) if own != last else (own,)


def _run(mention: Mention, thread: Thread) -> tuple[list[Mention], str]:
    """Return the numbers of its kind that are joined with *mention*, and the words that open their list, if it is one."""
    run = [mention]
    place = thread.counted.index(mention)
    for before in reversed(thread.counted[:place]):
        if not _joined(before, run[0], thread.paragraph.flat):
            break
        run.insert(0, before)
    for after in thread.counted[place + 1 :]:
        if not _joined(run[-1], after, thread.paragraph.flat):
            break
        run.append(after)
    opening = _opening(run[0], thread) if len(run) > 1 else ""
    return run, opening if _OPENS.search(opening) else ""


def _joined(one: Mention, other: Mention, text: str) -> bool:
    between = _JOINT.fullmatch(text[one.end : other.start])
    return one.is_percentage == other.is_percentage and bool(between)


def _opening(first: Mention, thread: Thread) -> str:
    """Return what the sentence says between the number before the list and the list."""
    clause = thread.paragraph.clause_at(first.start)
    ends = [each.end for each in thread.counted if each.end <= first.start]
    start = max([thread.paragraph.sentence_of(clause)[0].start, *ends])
    return thread.paragraph.flat[start : first.start]
