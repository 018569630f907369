"""
Which cell a number of a text is about: a count by the words around it, a percentage by its numerator and its base.

A number is bound by words and never by its value alone; the value decides only between readings that the words leave open. `binder`
makes what binds the numbers of paragraphs to one report.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.indicators import frozen, positional
from nianbao.indicators.figures import rate_id, share_id
from nianbao.reading import context, names, numbers
from nianbao.reading.context import PART, Binding, Thread, windows
from nianbao.reading.names import (
    HALF_UP,
    NONE,
    TRUNCATED,
    Board,
    Name,
    Part,
    agrees,
    best_fit,
    canonical,
    divides,
    fit,
    of_percentage,
    ratio,
    same_kind,
    shared,
)
from nianbao.reading.numbers import POINTS, elsewhere, is_change, is_cumulative, is_standing, label_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Match, Pattern

    from nianbao.indicators.figures import Figures
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Strings
    from nianbao.reading.lines import Paragraph
    from nianbao.reading.names import Fit, Target
    from nianbao.reading.numbers import Mention


_CUMULATIVE = "累计"


def chosen(board: Board, mention: Mention, said: str, row: str, columns: Strings = ()) -> tuple[Target, str]:
    """
    Return the target of *row* in the column that the words ask for, and what to say about the choice.

    Args:
        said: the sentence up to the number.

        columns: those that the words named themselves.
    """
    target = board.target(row, columns)
    if columns or divides(board.form.table_of(row)):
        return target, ""
    others = board.others(target)
    standing = [each for each in others if _CUMULATIVE in each.label.rpartition("（")[2]]
    if is_cumulative(said, board.report.year) and standing:
        target, others = standing[0], (target,)
    if agrees(mention, target):
        return target, _beside(board, target)
    open_to_both = board.form.rows[row].nature == "stock" or is_standing(said)
    other = next((each for each in others if agrees(mention, each)), None)
    if other and open_to_both and target.value is not None:
        return other, f"取自{title(other)}一栏，{title(target)}一栏为{target.display}"
    return target, ""


def title(target: Target) -> str:
    """Return what the column of *target* is called."""
    return target.label.rpartition("（")[2].removesuffix("）")


def _beside(board: Board, target: Target) -> str:
    """Say which column a number is from where it is not the one that prose of its table means, and what stands there."""
    table = board.form.table_of(target.row)
    if target.columns == (table.narrative_column,):
        return ""
    usual = board.target(target.row, (table.narrative_column,))
    return f"取自{title(target)}一栏，{title(usual)}一栏为{usual.display}"


_INCLUDING = re.compile(r"\s*[(,]?\s*(?:其中)?(?:含|包括|包含|不含|不包括)")
# So many characters at the end of two labels make their rows two of a kind: 本年新收…申请数量, 上年结转…申请数量.
_KIN = 4


def is_qualified(after: str, idle: Pattern[str]) -> bool:
    """Tell whether what follows a number takes it for something more (含上年结转) or of something else (的乡镇街道)."""
    describes = after.startswith("的") and bool(idle.sub("", canonical(after)))
    return describes or bool(_INCLUDING.match(after))


def is_joint(value: Fraction, target: Target, board: Board) -> bool:
    """Tell whether *value* is that of *target* and a row of its kind together: new requests with those carried in."""
    form = board.form
    if form.rows[target.row].parent:
        return False
    own = canonical(form.rows[target.row].label)
    kin = [row for row in form.rows.values() if row.id != target.row and canonical(row.label)[-_KIN:] == own[-_KIN:]]
    others = [board.target(row.id, target.columns) for row in kin if form.table_of(row.id) is form.table_of(target.row)]
    return any(other.value and target.value is not None and value == target.value + other.value for other in others)


def goes_on(target: Target, last: Binding | None, board: Board) -> bool:
    """Tell whether *target* goes on with the columns of the row told before: 自然人38件、法人或其他组织4件."""
    if last is None or last.target is None or last.target.row != target.row:
        return False
    return last.target.columns not in {target.columns, board.target(target.row).columns}


NO_ROW = "表中没有这一项，无从核对"

# In hundredths of quality: what the group, the unit and the heading add, and how far apart two rows still fit alike.
_IN_GROUP, _SAME_UNIT, _UNDER_HEADING, _ALIKE = 15, 6, 5, 8
# What a loose fit must reach to be confirmed by its value, and what that value must reach to tell anything.
_LOOSE, _TELLING, _LOOSE_SMALL = 30, 10, 40
# How many telling characters a row must share with words that it does not fit, to be told as the nearest; one is enough for
# a number so large that few rows of its unit can be meant.
_NEAR, _LARGE = 2, 1000
_PLAIN_RECALL, _PLAIN_PRECISION = 80, 90


@frozen
class _Candidate:
    target: Target
    fit: Fit
    score: int
    note: str
    agrees: bool
    name: Name


@positional
class _Numbers:
    """Binds numbers of one kind, given the board and the names of its form."""

    board: Board
    names: tuple[Name, ...]
    idle: Pattern[str]

    def _away(self, mention: Mention, thread: Thread, pieces: list[str], beside: int, name: str = "") -> tuple[str, str]:
        """Return the words before *mention* as they stand, with so many marks *beside* them, and why they are of no matter to the year."""
        raw = thread.said(mention)[-len("".join(pieces)) - beside :] if pieces else ""
        return raw, elsewhere(raw, thread.before(mention)[: mention.start - len(raw)], self.board.report.year, name)


class Counts(_Numbers):
    """Binds counts."""

    __slots__ = ()

    def bind(self, mention: Mention, thread: Thread) -> Binding:
        """Return what *mention* is about."""
        own = thread.pieces(mention)
        pieces = thread.carried(mention, own)
        last = thread.bound[-1].target if pieces is not own else None
        blank = thread.blank(mention, pieces)
        found = [each for each in self._candidates(mention, thread, pieces) if last is None or each.target.row != last.row]
        best = self._best(found)
        name = "".join(each.text for each in self.names if best and each.row == best.target.row)
        raw, away = self._away(mention, thread, pieces, 2, name)
        if best is None or not (best.fit.is_strong or _is_loose(mention, best)):
            return replace(blank, reason=away) if is_change(raw) else self._cross_unit(mention, thread, pieces, blank)
        if away:
            return replace(blank, reason=away, near=best.target)
        firm = best.fit.is_strong and self._is_held(best, found, mention, thread, "".join(pieces))
        return replace(blank, target=best.target, figure=best.target.figure, firm=firm, note=best.note)

    def _is_held(self, best: _Candidate, found: list[_Candidate], mention: Mention, thread: Thread, words: str) -> bool:
        """Tell whether a text can be held to *best*: nothing around the number says that it may count something more or less."""
        if is_qualified(thread.after(mention), self.idle):
            return False
        if best.name.row:
            return not is_joint(mention.value, best.target, self.board)
        rivals = {each.target for each in found if each.fit.is_strong and each.name.text == best.name.text}
        return len(rivals) == 1 and (PART in words or goes_on(best.target, thread.last_count, self.board))

    def _candidates(self, mention: Mention, thread: Thread, pieces: list[str], *, any_unit: bool = False) -> list[_Candidate]:
        listed = context.names(mention, thread)
        texts = self._texts(mention, thread, pieces) if listed is None else [text for name in listed if (text := canonical(name))]
        joined = "".join(pieces)
        group, wholes, said = thread.group(joined), thread.wholes(), thread.said(mention)
        headings = canonical("".join(thread.paragraph.headings))
        found = []
        divided = self._divided(thread)
        for name, row in ((each, row) for each in self.names for row in self._rows(each, divided)):
            if (name.parent and name.parent not in wholes) or (row == group and PART in joined and name.row):
                continue
            if mention.unit and not any_unit and not same_kind(mention.unit, self.board.target(row).unit):
                continue
            told = texts if name.row else [_without_row(text, row, self.names) for text in texts]
            best = best_fit(told, name.text, self.idle)
            if best.quality:
                found.append(self._candidate(mention, said, headings, name, row, best, group))
        return found

    def _candidate(self, mention: Mention, said: str, headings: str, name: Name, row: str, best: Fit, group: str) -> _Candidate:
        target, note = chosen(self.board, mention, said, row, name.columns)
        rows = self.board.form.rows
        over = canonical(rows[row].group)
        score = best.quality
        score += _IN_GROUP * (bool(group) and rows[row].parent == group)
        score += _SAME_UNIT * (mention.unit == target.unit)
        score += _UNDER_HEADING * (bool(over) and over[-4:] in headings)
        return _Candidate(target=target, fit=best, score=score, note=note, agrees=agrees(mention, target), name=name)

    def _best(self, found: list[_Candidate]) -> _Candidate | None:
        pool = [each for each in found if each.fit.is_strong] or found
        top = max((each.score for each in pool), default=0)
        alike = [each for each in pool if each.score >= top - _ALIKE]
        return max(alike, key=lambda each: (each.agrees, each.score), default=None)

    def _cross_unit(self, mention: Mention, thread: Thread, pieces: list[str], blank: Binding) -> Binding:
        """Bind a count whose unit is of another kind, where the words are plain and the value agrees."""
        found = self._candidates(mention, thread, pieces, any_unit=True)
        best = self._best([each for each in found if each.agrees and _is_plain(each.fit)])
        if best is None or mention.value < _TELLING:
            return replace(blank, reason=NO_ROW, near=self._nearest(mention, pieces))
        return replace(blank, target=best.target, figure=best.target.figure, cross_unit=True)

    def _nearest(self, mention: Mention, pieces: list[str]) -> Target | None:
        """Return the row that the words share most with, to be told and not held against anything."""
        text = max(windows(pieces, self.idle), key=len, default="")
        ranked = []
        for name in self.names:
            unit = self.board.form.rows[name.row].unit if name.row and not name.parent else ""
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

    def _rows(self, name: Name, divided: Strings) -> Strings:
        """Return the row that *name* calls, or those of *divided* whose table has the columns that it calls."""
        return (name.row,) if name.row else tuple(row for row in divided if {*name.columns} <= {*self.board.columns_of(row)})

    def _divided(self, thread: Thread) -> Strings:
        """Return the rows named so far whose tables divide rows into columns, the last first, and those alone in their table."""
        form = self.board.form
        rows = [each.target.row for each in reversed(thread.bound) if each.target]
        rows += [table.rows[0].id for table in form.tables if len(table.rows) == 1]
        return tuple(row for row in dict.fromkeys(rows) if divides(form.table_of(row)))


def nearest(texts: Iterable[str], names: Iterable[Name], idle: Pattern[str]) -> tuple[Fit, str]:
    """Return the best fit of *texts* with names that need no whole, and its row."""
    fits = ((fit(text, name.text, idle), name.row) for text in texts for name in names if name.row and not name.parent)
    return max(fits, key=lambda each: (each[0].is_strong, each[0].quality), default=(NONE, ""))


def _is_plain(found: Fit) -> bool:
    return found.is_strong and found.recall >= _PLAIN_RECALL and found.precision >= _PLAIN_PRECISION


def _is_loose(mention: Mention, best: _Candidate) -> bool:
    """Tell whether the value agrees with a row that the words name in part; a number below ten agrees with too much."""
    told = best.fit.quality >= _LOOSE and best.fit.tail <= 1
    return best.agrees and told and (mention.value >= _TELLING or (best.fit.rest == 0 and best.fit.recall >= _LOOSE_SMALL))


def _without_row(text: str, row: str, names: tuple[Name, ...]) -> str:
    """Return *text*, which names a column, without the tail that is the row's: 自然人申请."""
    tails = (name.text[start:] for name in names if name.row == row for start in range(len(name.text) - 1))
    return text.removesuffix(max((tail for tail in tails if text.endswith(tail)), key=len, default=""))


SHARE = re.compile(
    r"(?P<part>.*?)(?P<verb>占比|占|比例|比重)(?P<base>.*?)(?:的?(?:比例|比重|百分比|比率))?(?:分别)?(?:约|近)?(?:为|是|达到?)?[:\s]*$",
    re.DOTALL,
)
_PRONOUN = re.compile(r"(?:两者|二者|三者|四者|各类|各项|其|它们|前者|后者|分别)")
_RATE = re.compile(r"率(?:为|是|达到?|均为|约为|实现|保持在|已达)?\s*$")
# What a base must fit at least, in hundredths, and how far apart two still fit alike.
_BASE_LEAST, _BASE_ALIKE = 40, 15
_NO_NUMERATOR = "看不出是哪一项的比例"
_NO_BASE = "表中没有可作这一比例基数的项目"


class Ratios(_Numbers):
    """Binds percentages."""

    __slots__ = ()

    def bind(self, mention: Mention, thread: Thread) -> Binding:
        """Return what *mention* is a ratio of."""
        pieces = thread.pieces(mention)
        blank = thread.blank(mention, pieces)
        read = self._read(blank, thread, pieces)
        raw, away = self._away(mention, thread, pieces, 1)
        if away and (read.target or is_change(raw)):
            return replace(blank, reason=away)
        return read

    def _read(self, blank: Binding, thread: Thread, pieces: list[str]) -> Binding:
        if found := context.of(blank.mention, thread):
            share = SHARE.fullmatch(found.opening.split(",")[-1])
            return self._ratio(blank, found.target, share["base"] if share else "")
        if _RATE.search("".join(pieces)):
            return self._rate(blank, pieces)
        return self._share(blank, thread, pieces)

    def _rate(self, blank: Binding, pieces: list[str]) -> Binding:
        """Bind 答复率 and the like to a declared rate."""
        texts = windows(pieces, self.idle)
        for rate in self.board.form.rates:
            if best_fit(texts, canonical(rate.label), self.idle).is_strong:
                column = self.board.form.column_of(rate.numerator)
                part, whole = (self.board.target(row, (column,)) for row in (rate.numerator, rate.denominator))
                return replace(blank, target=part, base=whole, figure=rate_id(rate.id, column), firm=True)
        return replace(blank, reason="表中没有这一比率，无从核对")

    def _share(self, blank: Binding, thread: Thread, pieces: list[str]) -> Binding:
        found = SHARE.fullmatch(pieces[-1] if pieces else "")
        if found is None:
            return replace(blank, reason=NO_ROW)
        part = self._numerator(found, thread, pieces)
        if part is None:
            return replace(blank, reason=_NO_NUMERATOR)
        return self._ratio(blank, part, found["base"])

    def _numerator(self, found: Match[str], thread: Thread, pieces: list[str]) -> Target | None:
        """Return the row named before 占, or the count just told."""
        own = [*pieces[:-1], _PRONOUN.sub("", found["part"])]
        texts = [text for text in windows(own, self.idle) if self.idle.sub("", text)]
        if texts:
            return self._named(texts, thread)
        last = thread.bound[-1] if thread.bound else None
        return last.target if last and not last.mention.is_percentage else None

    def _named(self, texts: list[str], thread: Thread) -> Target | None:
        wholes = thread.wholes()
        usable = tuple(replace(name, parent="") for name in self.names if not name.parent or name.parent in wholes)
        group = thread.group(PART)
        inside = tuple(name for name in usable if name.row and self.board.form.rows[name.row].parent == group)
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
        if not text:
            wholes = likely
        else:
            fits = {row: self._base_fit(text, row) for row in self.board.form.rows}
            top = max(fits.values(), default=0)
            if top < _BASE_LEAST:
                return None, False
            alike = [row for row, quality in fits.items() if quality >= top - _BASE_ALIKE]
            near = [each.row for each in likely if each.row in alike]
            table = self.board.form.table_of(part.row)
            wholes = [self.board.target(row, part.columns) for row in near or alike if self.board.form.table_of(row) is table]
        whole = next(iter([*self._agreeing(mention, part, wholes), *wholes]), None)
        return whole, whole is not None

    def _base_fit(self, text: str, row: str) -> int:
        called = (name.text for name in self.names if name.row == row and not name.parent)
        return max((fit(text, name, self.idle).quality for name in called), default=0)

    def _likely_bases(self, part: Target) -> list[Target]:
        """Return the wholes of *part*, the nearest first, then the denominators of rates that it is the numerator of."""
        form = self.board.form
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
        ways = [
            (whole, of_percentage(Part(exact=share, printed=mention.decimal, places=mention.places), ()))
            for whole, share in shares
            if share is not None
        ]
        return [whole for way in (HALF_UP, TRUNCATED) for whole, found in ways if way in found]

    def _figure(self, part: Target, whole: Target) -> str:
        form, (column, *more) = self.board.form, part.columns
        if not more and form.rows[part.row].parent == whole.row:
            return share_id(part.row, column)
        for rate in form.rates:
            if (rate.numerator, rate.denominator) == (part.row, whole.row) and not more:
                return rate_id(rate.id, column)
        return part.figure


class Binder:
    """Binds the numbers of paragraphs to one report's table."""

    def __init__(self, report: AnnualReport, figures: Figures) -> None:
        own = (report.name, report.short_name, *(report.short_name[-1:] + level for level in ("级", "本级", "政府")))
        self.board = Board(report, figures)
        self.idle = names.neutral(own)
        self.names = names.names(report.form, self.idle)
        self.label_numbers = label_pattern(text for row in report.form.rows.values() for text in (row.label, row.name))
        self._counts = Counts(self.board, self.names, self.idle)
        self._ratios = Ratios(self.board, self.names, self.idle)

    def bind(self, paragraph: Paragraph, inherited: str = "") -> tuple[Binding, ...]:
        """Return what each number of *paragraph* is about; *inherited* is the row of which it goes on to tell the parts."""
        mentions = numbers.find(paragraph.line, paragraph.text, self.label_numbers)
        thread = Thread(paragraph=paragraph, form=self.board.form, mentions=mentions, inherited=inherited)
        for mention in thread.counted:
            thread.bound.append(self._one(mention, thread))
        return _loosened(thread.bound)

    def _one(self, mention: Mention, thread: Thread) -> Binding:
        if mention.is_percentage:
            return self._ratios.bind(mention, thread)
        if mention.unit == POINTS:
            return replace(thread.blank(mention, []), reason="说的是比例的升降，表中没有可比的上年数")
        return self._counts.bind(mention, thread)


def _loosened(bound: list[Binding]) -> tuple[Binding, ...]:
    """Hold no text to numbers that tell one cell in pieces: 乡镇1000条、街道612条, where the row is 乡镇街道."""
    pieces: dict[str, list[Binding]] = {}
    for each in bound:
        if each.target and not each.base and not each.mention.bounds:
            pieces.setdefault(each.figure, []).append(each)
    split = [each for group in pieces.values() if _is_split(group) for each in group]
    return tuple(replace(each, firm=False) if each in split else each for each in bound)


def _is_split(group: list[Binding]) -> bool:
    target = group[0].target
    total = sum((each.mention.value for each in group), Fraction())
    return len(group) > 1 and target is not None and total == target.value
