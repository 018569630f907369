"""
Numbers told as a list: 分别为14.43%和85.57% after their counts, 网上、当面申请分别为258件和1083件 after their names.

The list is found by what joins its numbers; counts or names before it are taken in their order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .clauses import half_width

if TYPE_CHECKING:
    from .mentions import Mention
    from .targets import Target
    from .thread import Thread

_OPENS = re.compile(r"分别|两者|二者|三者|四者|依次")
_ASIDE = re.compile(r"其中|分别.*$|依次.*$")
_BETWEEN = re.compile(r"[、和与及]")
_JOINT = re.compile(r"\s*[、,和与及]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A percentage of a list: its numerator, and the words that open the list."""

    target: Target
    opening: str


def of(mention: Mention, thread: Thread) -> Listed | None:
    """Return what *mention* is in a list, or None where it stands in none."""
    run = _run(mention, thread)
    opening = _opening(run[0], thread)
    if len(run) == 1 or not _OPENS.search(opening):
        return None
    told = [each.target for each in thread.bound if not each.mention.is_percentage and each.mention.end <= run[0].start]
    target = told[-len(run) :][run.index(mention)] if len(told) >= len(run) else None
    return Listed(target=target, opening=opening) if target else None


def names(mention: Mention, thread: Thread) -> tuple[str, ...] | None:
    """
    Return what a count of a list may be called: its own piece of the names before it, and that with the last one's tail.

    None where it stands in no list; nothing where the list has more names than numbers, or fewer.
    """
    run = _run(mention, thread)
    opening = _opening(run[0], thread)
    if len(run) == 1 or not _OPENS.search(opening):
        return None
    pieces = [piece for piece in _BETWEEN.split(_ASIDE.sub("", opening.split(",")[-1])) if piece.strip()]
    if len(pieces) != len(run):
        return ()
    own, last = pieces[run.index(mention)], pieces[-1]
    return (own, *(own + last[start:] for start in range(1, len(last)))) if own != last else (own,)


def _run(mention: Mention, thread: Thread) -> list[Mention]:
    """Return the numbers of its kind that are joined with *mention*, itself among them."""
    text = half_width(thread.paragraph.text)
    all_ = [each for each in thread.mentions if not each.excluded]
    first = last = all_.index(mention)
    while first and _joined(all_[first - 1], all_[first], text):
        first -= 1
    while last + 1 < len(all_) and _joined(all_[last], all_[last + 1], text):
        last += 1
    return all_[first : last + 1]


def _joined(one: Mention, other: Mention, text: str) -> bool:
    between = _JOINT.fullmatch(text[one.end : other.start])
    return one.is_percentage == other.is_percentage and bool(between)


def _opening(first: Mention, thread: Thread) -> str:
    """Return what the sentence says between the number before the list and the list."""
    clause = thread.paragraph.clause_at(first.start)
    ends = [each.end for each in thread.mentions if not each.excluded and each.end <= first.start]
    start = max([thread.paragraph.sentence_of(clause)[0].start, *ends])
    return half_width(thread.paragraph.text)[start : first.start]
