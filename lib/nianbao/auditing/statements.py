"""
What the text states in words alone: that nothing happened (未发生), or that all of a whole was so (均, 全部).

The rows are found by name, as for numbers, and by the form's own words for zero. Only what names a row plainly is held against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import naming, scope
from .claims import CONFIRMED, CONTRADICTED, STATEMENT, Claim
from .clauses import half_width
from .counts import nearest
from .naming import Name, canonical, fit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .binding import Binder
    from .claims import Judged
    from .clauses import Clause, Paragraph
    from .naming import Fit
    from .targets import Board, Target

_VERB = "发生|收到|受理|收取|产生|出现|接到|办理|举办|召开|发放|发布|公开|设立|提起|开展|接待|提供|有"
_NONE = re.compile(rf"(?:均未|尚未|从未|未曾|未|没有|暂无|无|不存在)(?:主动)?(?P<verb>{_VERB})?(?:过|任何)?(?P<object>.+)$")
_HAPPENED = re.compile(r"(?:的?(?:情况|现象|事件|问题))?(?:发生|产生|出现)?$")
_CASE = re.compile(r"(?:申请|案件|案)$")
_ALL = re.compile(
    r"(?:均|全部|全都)(?:已经|已|予以|依法|按时|按期|及时|获得?|被|为|得到|作出|进行|按规定|在法定期限内)*(?P<object>.+?)(?:完毕|了)?$"
)
_AND = re.compile(r"[和及与、或]")
# Among the parts of one whole, half a name is enough.
_AMONG_PARTS = 50
_DOUBT = re.compile(r"是否|如(?!下)|若|凡|对于?未|防止|避免|杜绝|确保|不得|应当|的$")


@dataclass(frozen=True, slots=True)
class _Said:
    """A clause in words: the part of it that speaks, and the row it is about."""

    clause: Clause
    start: int
    target: Target
    holds: bool
    reason: str


def claims(binder: Binder, paragraph: Paragraph, judged: tuple[Judged, ...]) -> Iterator[Claim]:
    """Yield a claim for each clause of *paragraph* that says in words what the table can tell."""
    spoken = [said for clause in paragraph.clauses for said in _said(binder, paragraph, clause, judged)]
    for order, said in enumerate(spoken, 1):
        text = paragraph.text[said.start : said.clause.end]
        yield Claim(
            id=f"L{paragraph.line}.w{order}",
            kind=STATEMENT,
            line=paragraph.line,
            start=said.start,
            end=said.clause.end,
            clause=said.clause.text,
            text=text,
            figure=said.target.figure,
            base=None,
            expected=said.target.display,
            exact=said.target.quantity.exact or "",
            verdict=CONFIRMED if said.holds else CONTRADICTED,
            conventions=(),
            reason=said.reason,
        )


def _said(binder: Binder, paragraph: Paragraph, clause: Clause, judged: tuple[Judged, ...]) -> Iterator[_Said]:
    text = half_width(clause.text)
    before = paragraph.flat[: clause.start]
    if _DOUBT.search(text) or scope.elsewhere(text, before, binder.board.report.year):
        return
    if found := _NONE.search(text):
        yield from _nothing(binder, clause, found)
    elif (found := _ALL.search(text)) and not re.search(r"\d", found["object"]):
        yield from _everything(binder, clause, found, judged)


def _nothing(binder: Binder, clause: Clause, found: re.Match[str]) -> Iterator[_Said]:
    names = _names(binder)
    taken = set()
    for object_ in _objects(_HAPPENED.sub("", found["object"])):
        said = (object_, (found["verb"] or "") + object_, _CASE.sub("", object_))
        texts = [canonical(text) for text in said]
        best, row = nearest(texts, names, binder.idle)
        target = binder.board.target(row) if best.is_strong and row else _column_named(binder, texts)
        if target is None or target.figure in taken:
            continue
        taken.add(target.figure)
        if target.value is not None:
            zero = target.value == 0
            how = "一致" if zero else "不一致"
            reason = f"{target.cited}，公布为“{found[0]}”，与表{how}。"
            yield _Said(clause, clause.start + found.start(), target, zero, reason)


def _column_named(binder: Binder, texts: list[str]) -> Target | None:
    """Return the columns that one of *texts* calls in a table of a single row (行政诉讼); None where none or several are meant."""
    for table in binder.board.report.form.tables:
        held = {column.id for column in table.columns}
        found = [name for name in binder.names if name.columns and {*name.columns} <= held and name.text in texts]
        if len(table.rows) == len(found) == 1:
            return binder.board.target(table.rows[0].id, found[0].columns)
    return None


def _objects(text: str) -> Iterator[str]:
    """Yield what A和B names: A, and B with as much of A's beginning as it may share."""
    pieces = [piece for piece in _AND.split(text) if piece]
    yield text
    if len(pieces) > 1:
        yield pieces[0]
        for piece in pieces[1:]:
            yield piece
            yield from (pieces[0][:length] + piece for length in range(len(pieces[0]) - 1, 1, -1))


def _names(binder: Binder) -> tuple[Name, ...]:
    """Return the names of rows, those that the form's words for zero (未发生…) give, and each in its plainest form."""
    rows = {row: place for place, row in enumerate(binder.board.report.form.rows)}
    found = [name for name in binder.names if name.row]
    for row in rows:
        match = _NONE.search(half_width(binder.board.report.form.rows[row].zero))
        if match:
            found.append(Name(text=canonical(match["object"]), row=row))
    found += [naming.plain(name, binder.idle) for name in found if not name.parent]
    return tuple(sorted((name for name in found if len(name.text) > 1), key=lambda name: rows[name.row]))


def _everything(binder: Binder, clause: Clause, found: re.Match[str], judged: tuple[Judged, ...]) -> Iterator[_Said]:
    told = [each.binding for each in judged if each.binding.mention.start < clause.start + found.start()]
    last = next((each for each in reversed(told) if not each.mention.is_percentage), None)
    if last is None or last.target is None or last.base is not None:
        return
    row = _part_named(binder, canonical(found["object"]), last.target.row)
    if not row:
        return
    part, whole = binder.board.target(row), binder.board.target(last.target.row)
    if part.value is None or not whole.value:
        return
    holds = part.value == whole.value
    relation = "相等，与表一致" if holds else "不相等，与表不一致"
    yield _Said(
        clause, clause.start + found.start(), part, holds, f"{whole.cited}，{part.cited}，公布为“{found[0]}”，两者{relation}。"
    )


def _part_named(binder: Binder, text: str, whole: str) -> str:
    """Return the part of *whole* that *text* names better than any other part and than the whole; empty where none."""
    found: dict[str, Fit] = {}
    for row in (whole, *sorted(_parts_of(binder.board, whole))):
        own = [name.text for name in binder.names if name.row == row]
        found[row] = max((fit(text, name, binder.idle) for name in own), key=lambda each: each.quality)
    ranked = sorted(found, key=lambda row: -found[row].quality)
    best = ranked[0]
    tied = len(ranked) > 1 and found[ranked[1]].quality == found[best].quality
    return "" if tied or best == whole or found[best].rest or found[best].recall < _AMONG_PARTS else best


def _parts_of(board: Board, row: str) -> frozenset[str]:
    """Return all rows below *row*, and those that a rate takes of it."""
    form = board.report.form
    found = {rate.numerator for rate in form.rates if rate.denominator == row}
    left = [*form.rows[row].children, *(child for each in found for child in form.rows[each].children)]
    while left:
        each = left.pop()
        found.add(each)
        left += form.rows[each].children
    return frozenset(found)
