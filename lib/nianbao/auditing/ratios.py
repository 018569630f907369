"""
Bind a percentage to a numerator and a base: 占X的Y%, 分别为, 两者, declared rates, and the whole that nobody names.

The numerator is the row named before 占, or the count just told; the base is named, or it is the row's whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nianbao import figures as fig

from . import listing, scope
from .conventions import HALF_UP, TRUNCATED, Part, of_percentage
from .counts import NO_ROW, nearest
from .naming import Name, canonical, divides, fit
from .targets import ratio
from .thread import PART, Binding, windows

if TYPE_CHECKING:
    from .mentions import Mention
    from .targets import Board, Target
    from .thread import Thread

SHARE = re.compile(
    r"(?P<part>.*?)(?P<verb>占比|占|比例|比重)(?P<base>.*?)(?:的?(?:比例|比重|百分比|比率))?(?:分别)?(?:约|近)?(?:为|是|达到?)?[:\s]*$",
    re.DOTALL,
)
_PRONOUN = re.compile(r"(?:两者|二者|三者|四者|各类|各项|其|它们|前者|后者|分别)")
_RATE = re.compile(r"率(?:为|是|达到?|均为|约为|实现|保持在|已达)?\s*$")
_BASE_LEAST = 40
_NO_NUMERATOR = "看不出是哪一项的比例"
_NO_BASE = "表中没有可作这一比例基数的项目"


@dataclass(frozen=True, slots=True)
class Ratios:
    """Binds percentages, given the board and the names of its form."""

    board: Board
    names: tuple[Name, ...]
    idle: re.Pattern[str]

    def bind(self, mention: Mention, thread: Thread) -> Binding:
        """Return what *mention* is a ratio of."""
        pieces = thread.pieces(mention)
        words = "，".join(piece.strip() for piece in pieces)
        blank = Binding(mention=mention, clause=thread.paragraph.clause_at(mention.start), words=words)
        read = self._read(blank, thread, pieces)
        raw = thread.said(mention)[-len("".join(pieces)) - 1 :] if pieces else ""
        away = scope.elsewhere(raw, thread.before(mention)[: mention.start - len(raw)], self.board.report.year)
        if away and (read.target or scope.is_change(raw)):
            return replace(blank, reason=away)
        return read

    def _read(self, blank: Binding, thread: Thread, pieces: list[str]) -> Binding:
        if found := listing.of(blank.mention, thread):
            share = SHARE.fullmatch(found.opening.split(",")[-1])
            return self._ratio(blank, found.target, share["base"] if share else "")
        if _RATE.search("".join(pieces)):
            return self._rate(blank, pieces)
        return self._share(blank, thread, pieces)

    def _rate(self, blank: Binding, pieces: list[str]) -> Binding:
        """Bind 答复率 and the like to a declared rate."""
        texts = windows(pieces, self.idle)
        for rate in self.board.report.form.rates:
            best = max((fit(text, canonical(rate.label), self.idle) for text in texts), key=lambda each: each.quality, default=None)
            if best and best.is_strong:
                column = self.board.report.form.column_of(rate.numerator)
                part, whole = (self.board.target(row, (column,)) for row in (rate.numerator, rate.denominator))
                return replace(blank, target=part, base=whole, figure=fig.rate_id(rate.id, column), firm=True)
        return replace(blank, reason="表中没有这一比率，无从核对")

    def _share(self, blank: Binding, thread: Thread, pieces: list[str]) -> Binding:
        found = SHARE.fullmatch(pieces[-1] if pieces else "")
        if found is None:
            return replace(blank, reason=NO_ROW)
        part = self._numerator(found, thread, pieces)
        if part is None:
            return replace(blank, reason=_NO_NUMERATOR)
        return self._ratio(blank, part, found["base"])

    def _numerator(self, found: re.Match[str], thread: Thread, pieces: list[str]) -> Target | None:
        """Return the row named before 占, or the count just told."""
        own = [*pieces[:-1], _PRONOUN.sub("", found["part"])]
        texts = [text for text in windows(own, self.idle) if self.idle.sub("", text)]
        if texts:
            return self._named(texts, thread)
        last = thread.last_count
        direct = bool(thread.bound) and (last is thread.bound[-1])
        return last.target if last and direct else None

    def _named(self, texts: list[str], thread: Thread) -> Target | None:
        wholes = thread.wholes()
        usable = tuple(replace(name, parent="") for name in self.names if not name.parent or name.parent in wholes)
        group = thread.group(PART)
        inside = tuple(name for name in usable if name.row and self.board.report.form.rows[name.row].parent == group)
        for pool in (inside, usable):
            best, row = nearest(texts, pool, self.idle)
            if best.is_strong:
                return self.board.target(row)
        return None

    def _ratio(self, blank: Binding, part: Target, base_text: str) -> Binding:
        whole, firm = self._base(blank.mention, part, canonical(_PRONOUN.sub("", base_text)))
        if whole is None:
            return replace(blank, reason=_NO_BASE, near=part)
        return replace(blank, target=part, base=whole, figure=self._figure(part, whole), firm=firm)

    def _base(self, mention: Mention, part: Target, text: str) -> tuple[Target | None, bool]:
        """Return the base, and whether the text can be held to it."""
        likely = self._likely_bases(part)
        if not self.idle.sub("", text) and not text:
            whole = next(iter(self._agreeing(mention, part, likely)), likely[0] if likely else None)
            return whole, whole is not None
        fits = {row: self._base_fit(text, row) for row in self.board.report.form.rows}
        top = max(fits.values(), default=0)
        if top < _BASE_LEAST:
            return None, False
        alike = [row for row, quality in fits.items() if quality >= top - 15]
        near = [row for row in (each.row for each in likely) if row in alike]
        wholes = [self.board.target(row, part.columns) for row in near or alike if self._same_table(row, part.row)]
        return next(iter(self._agreeing(mention, part, wholes)), wholes[0] if wholes else None), bool(wholes)

    def _base_fit(self, text: str, row: str) -> int:
        return max(
            (fit(text, name.text, self.idle).quality for name in self.names if name.row == row and not name.parent), default=0
        )

    def _same_table(self, row: str, other: str) -> bool:
        form = self.board.report.form
        return form.table_of(row) is form.table_of(other)

    def _likely_bases(self, part: Target) -> list[Target]:
        """Return the wholes of *part*, the nearest first, then the denominators of rates that it is the numerator of."""
        form = self.board.report.form
        rows, row = [], form.rows[part.row].parent
        while row:
            rows.append(row)
            row = form.rows[row].parent
        rows += [rate.denominator for rate in form.rates if rate.numerator == part.row]
        total = self.board.target(part.row)
        divided = [total] if divides(form.table_of(part.row)) and part.columns != total.columns else []
        return divided + [self.board.target(each, part.columns) for each in dict.fromkeys(rows)]

    def _agreeing(self, mention: Mention, part: Target, wholes: list[Target]) -> list[Target]:
        """Return the bases with which the printed number agrees, the better agreement first."""
        shares = [(whole, ratio(part, whole)) for whole in wholes]
        named = [
            (whole, of_percentage(Part(exact=share, printed=mention.decimal, places=mention.places), ()))
            for whole, share in shares
            if share is not None
        ]
        return [whole for way in (HALF_UP, TRUNCATED) for whole, ways in named if way in ways]

    def _figure(self, part: Target, whole: Target) -> str:
        form, (column, *more) = self.board.report.form, part.columns
        if not more and form.rows[part.row].parent == whole.row:
            return fig.share_id(part.row, column)
        for rate in form.rates:
            if (rate.numerator, rate.denominator) == (part.row, whole.row) and not more:
                return fig.rate_id(rate.id, column)
        return part.figure
