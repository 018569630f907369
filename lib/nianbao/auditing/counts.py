"""
Bind a count to a row and a column: by the words before it, after it, its unit, and the group being told.

The label decides; a value that agrees only chooses between rows that the words fit alike. Where words fit nothing well enough,
the count stays unbound, with the row they come nearest to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import columns, firmness, listing, scope
from .conventions import agrees
from .naming import NONE, canonical, divides, fit, shared
from .targets import same_kind
from .thread import PART, Binding, windows

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from .mentions import Mention
    from .naming import Fit, Name
    from .targets import Board, Target
    from .thread import Thread

NO_ROW = "表中没有这一项，无从核对"

# In hundredths of quality: what the group, the unit and the heading add, and how far apart two rows still fit alike.
_IN_GROUP, _SAME_UNIT, _UNDER_HEADING, _ALIKE = 15, 6, 5, 8
# What a loose fit must reach to be confirmed by its value, and what that value must reach to tell anything.
_LOOSE, _TELLING, _LOOSE_SMALL = 30, 10, 40
# How many telling characters a row must share with words that it does not fit, to be told as the nearest; one is enough for
# a number so large that few rows of its unit can be meant.
_NEAR, _LARGE = 2, 1000
_PLAIN_RECALL, _PLAIN_PRECISION = 80, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    target: Target
    fit: Fit
    score: int
    note: str
    agrees: bool
    name: Name


@dataclass(frozen=True, slots=True)
class Counts:
    """Binds counts, given the board and the names of its form."""

    board: Board
    names: tuple[Name, ...]
    idle: re.Pattern[str]

    def bind(self, mention: Mention, thread: Thread) -> Binding:
        """Return what *mention* is about."""
        own = thread.pieces(mention)
        pieces = thread.carried(mention, own)
        last = thread.bound[-1].target if pieces is not own else None
        words = "，".join(piece.strip() for piece in pieces)
        blank = Binding(mention=mention, clause=thread.paragraph.clause_at(mention.start), words=words)
        found = [each for each in self._candidates(mention, thread, pieces) if last is None or each.target.row != last.row]
        best = self._best(found)
        name = "".join(each.text for each in self.names if best and each.row == best.target.row)
        raw = thread.said(mention)[-len("".join(pieces)) - 2 :] if pieces else ""
        away = scope.elsewhere(raw, thread.before(mention)[: mention.start - len(raw)], self.board.report.year, name)
        if best is None or not (best.fit.is_strong or _is_loose(mention, best)):
            return replace(blank, reason=away) if scope.is_change(raw) else self._cross_unit(mention, thread, pieces, blank)
        if away:
            return replace(blank, reason=away, near=best.target)
        firm = best.fit.is_strong and self._is_held(best, found, mention, thread, "".join(pieces))
        return replace(blank, target=best.target, figure=best.target.figure, firm=firm, note=best.note)

    def _is_held(self, best: _Candidate, found: list[_Candidate], mention: Mention, thread: Thread, words: str) -> bool:
        """Tell whether a text can be held to *best*: nothing around the number says that it may count something more or less."""
        if firmness.is_qualified(thread.after(mention), self.idle):
            return False
        if best.name.row:
            return not firmness.is_joint(mention.value, best.target, self.board)
        rivals = {each.target for each in found if each.fit.is_strong and each.name.text == best.name.text}
        return len(rivals) == 1 and (PART in words or firmness.goes_on(best.target, thread.last_count, self.board))

    def _candidates(self, mention: Mention, thread: Thread, pieces: list[str], *, any_unit: bool = False) -> list[_Candidate]:
        listed = listing.names(mention, thread)
        texts = self._texts(mention, thread, pieces) if listed is None else [text for name in listed if (text := canonical(name))]
        joined = "".join(pieces)
        group, wholes, said = thread.group(joined), thread.wholes(), thread.said(mention)
        headings = canonical("".join(thread.paragraph.headings))
        found = []
        divided = self._divided(thread)
        for name, row in ((each, row) for each in self.names for row in self._rows(each, divided)):
            if (name.parent and name.parent not in wholes) or (row == group and PART in joined and name.row):
                continue
            unit = self.board.target(row).unit if any_unit or mention.unit else ""
            if not any_unit and not same_kind(mention.unit, unit):
                continue
            told = texts if name.row else [_without_row(text, row, self.names) for text in texts]
            best = max((fit(text, name.text, self.idle) for text in told), key=lambda each: each.quality, default=NONE)
            if best.quality:
                found.append(self._candidate(mention, said, headings, name, row, best, group))
        return found

    def _candidate(self, mention: Mention, said: str, headings: str, name: Name, row: str, best: Fit, group: str) -> _Candidate:
        target, note = columns.chosen(self.board, mention, said, row, name.columns)
        rows = self.board.report.form.rows
        score = best.quality
        score += _IN_GROUP * (bool(group) and rows[row].parent == group)
        score += _SAME_UNIT * (mention.unit == target.unit)
        score += _UNDER_HEADING * any(canonical(title) and canonical(title)[-4:] in headings for title in (rows[row].group,))
        return _Candidate(target=target, fit=best, score=score, note=note, agrees=agrees(mention, target), name=name)

    def _best(self, found: list[_Candidate]) -> _Candidate | None:
        if not found:
            return None
        strong = [each for each in found if each.fit.is_strong]
        pool = strong or found
        top = max(each.score for each in pool)
        alike = [each for each in pool if each.score >= top - _ALIKE]
        return max(alike, key=lambda each: (each.agrees, each.score))

    def _cross_unit(self, mention: Mention, thread: Thread, pieces: list[str], blank: Binding) -> Binding:
        """Bind a count whose unit is of another kind, where the words are plain and the value agrees."""
        found = [
            each
            for each in self._candidates(mention, thread, pieces, any_unit=True)
            if each.fit.is_strong and each.fit.recall >= _PLAIN_RECALL and each.fit.precision >= _PLAIN_PRECISION and each.agrees
        ]
        best = self._best(found)
        if best is None or mention.value < _TELLING:
            return replace(blank, reason=NO_ROW, near=self._nearest(mention, pieces))
        return replace(blank, target=best.target, figure=best.target.figure, cross_unit=True)

    def _nearest(self, mention: Mention, pieces: list[str]) -> Target | None:
        """Return the row that the words share most with, to be told and not held against anything."""
        text = max(windows(pieces, self.idle), key=len, default="")
        ranked = []
        for name in self.names:
            unit = self.board.report.form.rows[name.row].unit if name.row and not name.parent else ""
            if unit and mention.unit and same_kind(mention.unit, unit):
                common = shared(text, name.text, unit + mention.unit, self.idle)
                ranked.append((common + (mention.unit == unit), common, name.row))
        score, common, row = max(ranked, key=lambda each: each[:2], default=(0, 0, ""))
        enough = common >= _NEAR or (score > common > 0 and mention.value >= _LARGE)
        return self.board.target(row) if enough else None

    def _texts(self, mention: Mention, thread: Thread, pieces: list[str]) -> list[str]:
        """Return the readings of the words: before the number, with its unit, and joined with what follows it."""
        before = windows(pieces, self.idle)
        unit = canonical(mention.unit)
        bare = [text.removesuffix(unit) for text in before]
        texts = [*before, *bare, *(text + unit for text in bare), *(self.idle.sub("", text) + unit for text in bare)]
        after = canonical(thread.after(mention))
        own = canonical(pieces[-1].replace(PART, "")) if pieces else ""
        if after and not self.idle.sub("", own):
            texts += [own + after]
        return [each for each in dict.fromkeys(texts) if each]

    def _rows(self, name: Name, divided: tuple[str, ...]) -> tuple[str, ...]:
        """Return the row that *name* calls, or those of *divided* whose table has the columns that it calls."""
        return (name.row,) if name.row else tuple(row for row in divided if {*name.columns} <= {*self.board.columns_of(row)})

    def _divided(self, thread: Thread) -> tuple[str, ...]:
        """Return the rows named so far whose tables divide rows into columns, the last first, and those alone in their table."""
        form = self.board.report.form
        rows = [each.target.row for each in reversed(thread.bound) if each.target]
        rows += [table.rows[0].id for table in form.tables if len(table.rows) == 1]
        return tuple(row for row in dict.fromkeys(rows) if divides(form.table_of(row)))


def nearest(texts: Iterable[str], names: Iterable[Name], idle: re.Pattern[str]) -> tuple[Fit, str]:
    """Return the best fit of *texts* with names that need no whole, and its row."""
    fits = ((fit(text, name.text, idle), name.row) for text in texts for name in names if name.row and not name.parent)
    return max(fits, key=lambda each: (each[0].is_strong, each[0].quality), default=(NONE, ""))


def _is_loose(mention: Mention, best: _Candidate) -> bool:
    """Tell whether the value agrees with a row that the words name in part; a number below ten agrees with too much."""
    told = best.fit.quality >= _LOOSE and best.fit.tail <= 1
    return best.agrees and told and (mention.value >= _TELLING or (best.fit.rest == 0 and best.fit.recall >= _LOOSE_SMALL))


def _without_row(text: str, row: str, names: tuple[Name, ...]) -> str:
    """Return *text*, which names a column, without the tail that is the row's: 自然人申请."""
    tails = (name.text[start:] for name in names if name.row == row for start in range(len(name.text) - 1))
    return text.removesuffix(max((tail for tail in tails if text.endswith(tail)), key=len, default=""))
