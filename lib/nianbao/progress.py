"""How far a batch has come, in words and as a bar; and what it came to. Nothing is printed here."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .batch import BUILT, FAILED, STOPPED, UNCHANGED
from .errors import UNFIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .batch import Result

_BAR = 24
_MINUTE, _HOUR = 60, 3600
_NAMES = 3
_LEAST_BETWEEN = 10.0  # seconds between two lines where there is no terminal
_MOST_LINES = 50
_MOST_WORDS = 160


@dataclass(slots=True)
class Progress:
    """
    The count of what has ended.

    Args:
        total: how many reports are meant; `unchanged` of them need no building.
    """

    total: int
    unchanged: int
    counts: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def take(self, result: Result) -> None:
        """Count *result*."""
        self.counts[result.outcome] += 1

    def bar(self, running: Sequence[str]) -> str:
        """Return the state as one line for a terminal."""
        done = self.unchanged + self.counts.total()
        filled = _BAR * done // self.total
        names = "、".join(running[:_NAMES]) + ("…" if len(running) > _NAMES else "")
        return f"[{'█' * filled}{'·' * (_BAR - filled)}] {self._words()}　{names}"

    def line(self) -> str:
        """Return the state as a line where there is no terminal; empty where the last one is not long ago."""
        now = time.monotonic()
        if now - self.told < _LEAST_BETWEEN:
            return ""
        self.told = now
        return self._words()

    def _words(self) -> str:
        ended = self.counts.total()
        words = f"{self.unchanged + ended}/{self.total}　失败{self.counts[FAILED]}"
        if not ended:
            return words
        left = (time.monotonic() - self.started) / ended * (self.total - self.unchanged - ended)
        return f"{words}　约剩{duration(left)}"


def duration(seconds: float) -> str:
    """Return *seconds* in words, as fine as is of use."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{max(whole, 1)}秒"
    if whole < _HOUR:
        return f"{whole // _MINUTE}分{whole % _MINUTE:02d}秒"
    return f"{whole // _HOUR}小时{whole % _HOUR // _MINUTE:02d}分"


def failure(result: Result) -> str:
    """Return one line about a report that failed."""
    words = clean(result.message)
    return f"失败　{result.unit} {result.year}：{words if len(words) <= _MOST_WORDS else words[:_MOST_WORDS] + '…'}"


def closing(results: Sequence[Result], states: Counter[str], seconds: float) -> list[str]:
    """Return the summary as lines: each outcome with its count, what the reports are now, and the failures again."""
    counts = Counter(result.outcome for result in results)
    shown = [outcome for outcome in (BUILT, UNCHANGED, FAILED, STOPPED) if counts[outcome]]
    lines = ["结果　　　　份数", *(f"{outcome:　<4}　{counts[outcome]:>6}" for outcome in shown)]
    lines.append("现有：" + "，".join(f"{state}{number}份" for state, number in states.items()) + f"；用时{duration(seconds)}。")
    failed = [result for result in results if result.outcome == FAILED]
    lines += [failure(result) for result in failed[:_MOST_LINES]]
    if len(failed) > _MOST_LINES:
        lines.append(f"另有{len(failed) - _MOST_LINES}份失败，没有在这里列出。")
    return lines


def fitted(text: str, columns: int) -> str:
    """Return what of *text* stands on a line of a terminal; an ideograph takes two columns."""
    width = 0
    for place, character in enumerate(text):
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width >= columns:
            return text[:place]
    return text


def clean(text: str) -> str:
    """Return *text* as one line that a terminal can show: a name may hold anything."""
    return re.sub(f"[{UNFIT}]", "�", " ".join(text.split()))
