"""
What a text claims, each claim judged against the table, with the one sentence that says why.

`read` gives the paragraphs with their claims: numbers, which `reading.binding` has bound to cells, and clauses that say in words alone
what the table can tell (未发生, 均已办结). A sentence names the cells with their values, the arithmetic and the convention.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.indicators.errors import listed
from nianbao.indicators.values import rounded
from nianbao.reading import names, numbers
from nianbao.reading.binding import Binder, nearest, title
from nianbao.reading.lines import half_width, paragraphs
from nianbao.reading.names import (
    BOUND,
    EXACT,
    LARGEST_REMAINDER,
    PLAIN,
    RESIDUAL,
    TRUNCATED,
    Name,
    Part,
    agrees,
    canonical,
    divides,
    fit,
    of_count,
    of_percentage,
    ratio,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from fractions import Fraction
    from re import Match

    from nianbao.indicators.figures import Figures
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Strings
    from nianbao.reading.context import Binding, Bindings
    from nianbao.reading.lines import Clause, Line, Paragraph
    from nianbao.reading.names import Board, Target
    from nianbao.reading.numbers import Mention


_SHOWN_PLACES = 4


def unbound(binding: Binding, board: Board) -> str:
    """Say why a number is held against nothing, and what comes nearest."""
    reason = binding.reason or "表中没有这一项，无从核对"
    near = binding.near
    if near is None or near.value is None:
        return f"{reason}。"
    others = () if divides(board.form.table_of(near.row)) else board.others(near)
    cited = "，".join([near.cited, *(f"{title(each)}为{each.display}" for each in others if each.value is not None)])
    return f"{reason}；最接近的是{cited}，口径是否相同须另行核实。"


def no_ratio(binding: Binding) -> str:
    """Say why a ratio has no value."""
    assert binding.target
    assert binding.base
    return f"{binding.target.cited}，{binding.base.cited}，比例无定义，无从核对。"


def count(binding: Binding, target: Target, ways: Strings, board: Board) -> str:
    """Say how a count and its cell compare."""
    text = binding.mention.text
    if ways:
        kind = {EXACT: "与表一致", BOUND: "表中数在其范围之内"}.get(ways[0], f"由表中数{ways[0]}到最后一位得出")
        note = f"；{binding.note}" if binding.note else ""
        return f"{target.cited}，公布为{text}，{kind}{note}。"
    if not binding.firm:
        return f"表中最接近的{target.cited}，与公布的{text}不同，但所指是否为同一项不能确定。"
    return f"{target.cited}，公布为{text}，不一致{_gap(binding, target)}{_elsewhere(binding, target, board)}。"


def percentage(binding: Binding, mine: Part, ways: Strings, others: Bindings, board: Board) -> str:
    """Say how a percentage follows from its cells, or does not."""
    part, whole = binding.target, binding.base
    assert part
    assert whole
    sum_ = f"{_name(part, board)}{part.quantity.exact}÷{_name(whole, board)}{whole.quantity.exact}={_digits(mine.exact)}%"
    rounded_to = percent(mine.exact, mine.places)
    text = binding.mention.text
    if PLAIN & set(ways):
        how = "在其范围之内" if BOUND in ways else f"四舍五入为{rounded_to}"
        return f"{sum_}，{how}，与公布的{text}一致。"
    head = f"{sum_}，四舍五入为{rounded_to}，公布为{text}"
    if ways:
        return f"{head}；{_explained(ways, mine, others)}。"
    if not binding.firm:
        return f"{head}，但所指是否为这一比例不能确定。"
    return f"{head}，不一致，也不合截尾、倒减等常见做法{_other_base(binding, board)}。"


def percent(exact: Fraction, places: int) -> str:
    """Print *exact*, in hundredths, rounded half up."""
    return f"{rounded(exact, places, 'half-up'):f}%"


def _digits(exact: Fraction) -> str:
    """Print *exact* with enough digits to see how it was rounded; … where more follow."""
    cut = rounded(exact, _SHOWN_PLACES, "truncate")
    return f"{cut:f}".rstrip("0").rstrip(".") if cut == exact else f"{cut:f}…"


def _explained(ways: Strings, mine: Part, others: Bindings) -> str:
    parts = []
    if TRUNCATED in ways:
        parts.append(f"与截去第{mine.places + 1}位小数起的尾数的结果一致" if mine.places else "与截去小数的结果一致")
    if RESIDUAL in ways:
        rest = listed(each.mention.text for each in others)
        parts.append(f"与100%减去{rest}的结果一致")
    if LARGEST_REMAINDER in ways:
        parts.append("与使各项之和为100%的最大余数法的结果一致")
    return "；".join(parts)


def _gap(binding: Binding, target: Target) -> str:
    mention = binding.mention
    if mention.bounds is not None or target.value is None:
        return ""
    difference = mention.value - target.value
    shown = abs(difference)
    digits = str(shown.numerator) if shown.denominator == 1 else f"{rounded(shown, 2, 'half-up'):f}"
    return f"，{'多' if difference > 0 else '少'}{digits}{target.unit}"


def _elsewhere(binding: Binding, target: Target, board: Board) -> str:
    """Name the cell whose value the printed number has, where there is one near."""
    near = next((each for each in board.near(target) if agrees(binding.mention, each)), None)
    return f"；公布数与{near.label}相同，可能取错了单元格" if near else ""


def _other_base(binding: Binding, board: Board) -> str:
    near = fitting_base(binding, board)
    return f"；若以{near.label}{near.quantity.exact}为基数则相符" if near else ""


def fitting_base(binding: Binding, board: Board) -> Target | None:
    """Return the row near the base of *binding* of which its number is the share, where there is one."""
    target, base = binding.target, binding.base
    if target is None or base is None:
        return None
    for near in board.relatives(base):
        mine = _part(binding, target, near) if near.row != target.row else None
        if mine and names.own(mine):
            return near
    return None


def _name(target: Target, board: Board) -> str:
    return board.form.rows[target.row].name


CONFIRMED, EXPLAINED, CONTRADICTED, NOT_CHECKABLE = VERDICTS = ("confirmed", "explained", "contradicted", "not-checkable")
COUNT, PERCENTAGE, CHANGE, STATEMENT = KINDS = ("count", "percentage", "change", "statement")


@frozen
class Claim:
    """
    Something that the text states and the table may know.

    Args:
        id: line and order in it, `L33.4`.

        kind: `count`, `percentage`, `change` (百分点) or `statement` (words without a number).

        start, end: columns of the line, from 0; `clause` is what stands around.

        figure: the id of the figure it is held against; `base`, of a ratio's denominator.

        expected: what the table gives, at the precision of the text; `exact`, without loss.

        conventions: the ways in which the printed number can come from the exact one.

        reason: one sentence in Chinese.
    """

    id: str
    kind: str
    line: int
    start: int
    end: int
    clause: str
    text: str
    figure: str | None = None
    base: str | None = None
    expected: str = ""
    exact: str = ""
    verdict: str = NOT_CHECKABLE
    conventions: Strings = ()
    reason: str = ""


@frozen
class Judged:
    """A claim with the binding it was judged by."""

    claim: Claim
    binding: Binding

    @property
    def mention(self) -> Mention:
        """The number as printed."""
        return self.binding.mention


def judge(bindings: Bindings, board: Board) -> tuple[Judged, ...]:
    """Judge *bindings*, all of one line in their order."""
    shown = [each for each in bindings if _is_shown(each)]
    return tuple(
        Judged(claim=_claim(binding, f"L{binding.mention.line}.{order}", bindings, board), binding=binding)
        for order, binding in enumerate(shown, 1)
    )


def enumeration(binding: Binding, bindings: Iterable[Binding], board: Board) -> list[Binding]:
    """
    Return the other percentages of the line that are parts of the same whole, each row once.

    One that is told as a share of another whole, and is none, counts as a part of this one.
    """
    found: dict[str, Binding] = {}
    for each in bindings:
        if each is not binding and each.mention.is_percentage and _same_whole(binding, each, board):
            assert each.target
            found.setdefault(each.target.row, replace(each, base=binding.base))
    if binding.target:
        found.pop(binding.target.row, None)
    return list(found.values())


def part(binding: Binding) -> Part | None:
    """Return *binding* as a part of an enumeration, or None where the table gives no ratio."""
    return _part(binding, binding.target, binding.base) if binding.target and binding.base else None


def _part(binding: Binding, target: Target, base: Target) -> Part | None:
    exact = ratio(target, base)
    mention = binding.mention
    return None if exact is None else Part(exact=exact, printed=mention.decimal, places=mention.places)


def _is_shown(binding: Binding) -> bool:
    """Tell whether a number is worth a verdict; a Chinese numeral only where it is bound or approximate."""
    mention = binding.mention
    return not mention.chinese or binding.target is not None or bool(mention.approx) or mention.is_percentage


def _same_whole(one: Binding, other: Binding, board: Board) -> bool:
    if not (one.base and other.base and one.target and other.target and one.target.columns == other.target.columns):
        return False
    told = part(other)
    strayed = board.form.rows[other.target.row].parent == one.base.row and told is not None and not names.own(told)
    return one.base.figure == other.base.figure or strayed


def _claim(binding: Binding, claim_id: str, bindings: Bindings, board: Board) -> Claim:
    mention = binding.mention
    claim = Claim(
        id=claim_id,
        kind=_kind(mention),
        line=mention.line,
        start=mention.start,
        end=mention.end,
        clause=binding.clause.text,
        text=mention.text,
        figure=binding.figure or None,
        base=binding.base.figure if binding.base else None,
    )
    if binding.target is None:
        return replace(claim, reason=unbound(binding, board))
    return _of_ratio(claim, binding, bindings, board) if binding.base else _of_count(claim, binding, binding.target, board)


def _kind(mention: Mention) -> str:
    if mention.is_percentage:
        return PERCENTAGE
    return CHANGE if mention.unit == "百分点" else COUNT


def _of_count(claim: Claim, binding: Binding, target: Target, board: Board) -> Claim:
    if target.value is None:
        return replace(claim, reason=f"{target.label}在表中{target.display}，无从核对。")
    ways = of_count(binding.mention, target.value)
    return replace(
        claim,
        expected=target.display,
        exact=target.quantity.exact or "",
        conventions=ways,
        verdict=_verdict(ways, firm=binding.firm),
        reason=count(binding, target, ways, board),
    )


def _of_ratio(claim: Claim, binding: Binding, bindings: Bindings, board: Board) -> Claim:
    mine = part(binding)
    if mine is None:
        return replace(claim, reason=no_ratio(binding))
    others = _disjoint(binding, bindings, board)
    ways = _ways(binding, mine, others)
    return replace(
        claim,
        expected=percent(mine.exact, mine.places),
        exact=str(mine.exact / 100),
        conventions=ways,
        verdict=_verdict(ways, firm=binding.firm),
        reason=percentage(binding, mine, ways, others, board),
    )


def _disjoint(binding: Binding, bindings: Bindings, board: Board) -> list[Binding]:
    """Return the siblings that add up to the whole with *binding*; what is only contained in it (其中) has none."""
    rows = board.form.rows
    if binding.target is None or rows[binding.target.row].subset:
        return []
    siblings = enumeration(binding, bindings, board)
    return [each for each in siblings if each.target and not rows[each.target.row].subset and part(each)]


def _ways(binding: Binding, mine: Part, others: list[Binding]) -> Strings:
    if binding.mention.bounds is not None:
        return names.within(binding.mention.bounds, mine.exact)
    closes = all(each.mention.start < binding.mention.start for each in others)
    return of_percentage(mine, [sibling for each in others if (sibling := part(each))], closes=closes)


def _verdict(ways: Strings, *, firm: bool) -> str:
    if not ways:
        return CONTRADICTED if firm else NOT_CHECKABLE
    return CONFIRMED if PLAIN & set(ways) else EXPLAINED


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


def statement_claims(binder: Binder, paragraph: Paragraph, judged: tuple[Judged, ...]) -> Iterator[Claim]:
    """Yield a claim for each clause of *paragraph* that says in words what the table can tell."""
    spoken = (claim for clause in paragraph.clauses for claim in _said(binder, paragraph, clause, judged))
    yield from (replace(claim, id=f"L{paragraph.line}.w{order}") for order, claim in enumerate(spoken, 1))


def _statement(paragraph: Paragraph, clause: Clause, found: Match[str], target: Target, reason: str, *, holds: bool) -> Claim:
    """Return what *found*, a part of *clause*, says of *target*."""
    start = clause.start + found.start()
    return Claim(
        id="",
        kind=STATEMENT,
        line=paragraph.line,
        start=start,
        end=clause.end,
        clause=clause.text,
        text=paragraph.text[start : clause.end],
        figure=target.figure,
        expected=target.display,
        exact=target.quantity.exact or "",
        verdict=CONFIRMED if holds else CONTRADICTED,
        reason=reason,
    )


def _said(binder: Binder, paragraph: Paragraph, clause: Clause, judged: tuple[Judged, ...]) -> Iterator[Claim]:
    text = half_width(clause.text)
    before = paragraph.flat[: clause.start]
    if _DOUBT.search(text) or numbers.elsewhere(text, before, binder.board.report.year):
        return
    if found := _NONE.search(text):
        yield from _nothing(binder, paragraph, clause, found)
    elif (found := _ALL.search(text)) and not re.search(r"\d", found["object"]):
        counts = [each.binding for each in judged if not each.mention.is_percentage]
        last = next((each for each in reversed(counts) if each.mention.start < clause.start + found.start()), None)
        if last and last.target and not last.base:
            yield from _everything(binder, paragraph, clause, found, last.target)


def _nothing(binder: Binder, paragraph: Paragraph, clause: Clause, found: Match[str]) -> Iterator[Claim]:
    called = _names(binder)
    taken = set()
    for object_ in _objects(_HAPPENED.sub("", found["object"])):
        said = (object_, (found["verb"] or "") + object_, _CASE.sub("", object_))
        texts = [canonical(text) for text in said]
        best, row = nearest(texts, called, binder.idle)
        target = binder.board.target(row) if best.is_strong and row else _column_named(binder, texts)
        if target is None or target.figure in taken:
            continue
        taken.add(target.figure)
        if target.value is not None:
            holds = target.value == 0
            reason = f"{target.cited}，公布为“{found[0]}”，与表{'一致' if holds else '不一致'}。"
            yield _statement(paragraph, clause, found, target, reason, holds=holds)


def _column_named(binder: Binder, texts: list[str]) -> Target | None:
    """Return the columns that one of *texts* calls in a table of a single row (行政诉讼); None where none or several are meant."""
    for table in binder.board.form.tables:
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
    form = binder.board.form
    found = [name for name in binder.names if name.row]
    zeros = ((row.id, _NONE.search(half_width(row.zero))) for row in form.rows.values())
    found += [Name(text=canonical(match["object"]), row=row) for row, match in zeros if match]
    found += [names.plain(name, binder.idle) for name in found if not name.parent]
    order = {row: place for place, row in enumerate(form.rows)}
    return tuple(sorted((name for name in found if len(name.text) > 1), key=lambda name: order[name.row]))


def _everything(binder: Binder, paragraph: Paragraph, clause: Clause, found: Match[str], told: Target) -> Iterator[Claim]:
    row = _part_named(binder, canonical(found["object"]), told.row)
    if not row:
        return
    part, whole = binder.board.target(row), binder.board.target(told.row)
    if part.value is not None and whole.value:
        holds = part.value == whole.value
        relation = "相等，与表一致" if holds else "不相等，与表不一致"
        reason = f"{whole.cited}，{part.cited}，公布为“{found[0]}”，两者{relation}。"
        yield _statement(paragraph, clause, found, part, reason, holds=holds)


def _part_named(binder: Binder, text: str, whole: str) -> str:
    """Return the part of *whole* that *text* names better than any other part and than the whole; empty where none."""
    fits = {
        row: max((fit(text, name.text, binder.idle) for name in binder.names if name.row == row), key=lambda each: each.quality)
        for row in (whole, *sorted(_parts_of(binder.board, whole)))
    }
    best, *others = sorted(fits, key=lambda row: -fits[row].quality)
    tied = any(fits[row].quality == fits[best].quality for row in others)
    return "" if tied or best == whole or fits[best].rest or fits[best].recall < _AMONG_PARTS else best


def _parts_of(board: Board, row: str) -> frozenset[str]:
    """Return all rows below *row*, and those that a rate takes of it."""
    form = board.form
    found = {rate.numerator for rate in form.rates if rate.denominator == row}
    left = [*form.rows[row].children, *(child for each in found for child in form.rows[each].children)]
    while left:
        each = left.pop()
        found.add(each)
        left += form.rows[each].children
    return frozenset(found)


_ITEM = re.compile(r"\s*(?:\d{1,2}[.、)]|\(\d{1,2}\)|[①-⒛]|其中)")


@frozen
class Passage:
    """A paragraph with its judged numbers, and what it states in words alone."""

    paragraph: Paragraph
    judged: tuple[Judged, ...]
    statements: tuple[Claim, ...] = ()


def read(report: AnnualReport, figures: Figures, lines: Iterable[Line]) -> tuple[Passage, ...]:
    """Return the paragraphs of *lines* with their claims."""
    by = Binder(report, figures)
    passages: list[Passage] = []
    for paragraph in paragraphs(lines):
        passages.append(_passage(by, paragraph, _inherited(passages[-1], paragraph) if passages else ""))
    return tuple(passages)


def _inherited(before: Passage, paragraph: Paragraph) -> str:
    """Return the row that the passage before spoke of last, where *paragraph* is an item of its list."""
    rows = [each.binding.target.row for each in before.judged if each.binding.target and not each.binding.base]
    same = before.paragraph.headings[:1] == paragraph.headings[:1]
    return rows[-1] if rows and same and _ITEM.match(half_width(paragraph.text)) else ""


def claims(passages: Iterable[Passage]) -> Iterator[Claim]:
    """Yield all claims in reading order."""
    for passage in passages:
        found = (*(each.claim for each in passage.judged), *passage.statements)
        yield from sorted(found, key=lambda claim: (claim.start, claim.id))


def _passage(by: Binder, paragraph: Paragraph, inherited: str) -> Passage:
    judged = judge(by.bind(paragraph, inherited), by.board)
    return Passage(paragraph=paragraph, judged=judged, statements=tuple(statement_claims(by, paragraph, judged)))
