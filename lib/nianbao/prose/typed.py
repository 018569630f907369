"""
Numbers that prose holds as typed by hand: where each stands, how it is quoted, and what may stand in its place.

What counts as a number is for `reading.numbers`, which reads the finished pages too; which figure words mean is for `reading.binding`.
"""

from __future__ import annotations

import functools
import re
from collections import deque
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.indicators.figures import cell_id, compute
from nianbao.indicators.report import APPROXIMATIONS
from nianbao.indicators.report import SCALES as _FACT_SCALES
from nianbao.indicators.values import rounded
from nianbao.page.blocks import Datum, GridCell, Heading, Paragraph, Text, walk
from nianbao.prose import names
from nianbao.prose.language import MASK
from nianbao.prose.names import Counted, Shown, UnsayableError
from nianbao.reading import numbers
from nianbao.reading.binding import Binder
from nianbao.reading.lines import HAN, Line, half_width, paragraphs
from nianbao.reading.names import canonical, fit, same_kind, split_unit
from nianbao.reading.numbers import NUMBER, PERCENT, SCALES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from re import Match

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.report import AnnualReport, Passage
    from nianbao.indicators.values import Strings
    from nianbao.page.blocks import Blocks
    from nianbao.prose.language import Template
    from nianbao.prose.names import Namespace, Node
    from nianbao.reading.context import Binding
    from nianbao.reading.numbers import Mention


# What a placeholder prints as a number.
Printable = Shown | Counted

# How many characters before a number its quotation holds, and what ends the clause that they are taken from.
_BEFORE, _LONGEST = 6, 40
_PICTURE = re.compile(r"(!\[[^\]\n]*\]\()([^()\s]*)")
_BORDER = re.compile(rf"[\d\s,.;:!?。、|*_“”{MASK}]")


@frozen
class Typed:
    """
    A number typed by hand.

    Args:
        line: of the file; `text`, that line with its placeholders masked.

        placed: whether it stands in the line itself, at the columns of `mention`, and not in the words of a placeholder.
    """

    line: int
    text: str
    mention: Mention
    placed: bool = True

    @property
    def words(self) -> str:
        """What stands before it in its clause."""
        before = self.text[max(self.mention.start - _LONGEST, 0) : self.mention.start]
        border = max((found.end() for found in _BORDER.finditer(half_width(before))), default=0)
        return before[border:]

    @property
    def quote(self) -> str:
        """The number, whole, with a few characters before it."""
        return self.words[-_BEFORE:] + self.mention.text


def find(prepared: Template, passage: Passage, known: Iterable[str], *, hanzi: bool = True) -> Iterator[Typed]:
    """
    Yield the numbers typed by hand in *passage*, but for those of the texts *known*, line by line.

    Args:
        hanzi: whether those in Chinese numerals count.
    """
    texts = tuple(known)
    # The name of a picture's file is none of the words.
    said = _PICTURE.sub(lambda found: found[1] + " " * len(found[2]), prepared.typed)
    for line, text in enumerate(said.split("\n"), passage.line):
        left = blanked(text, texts)
        yield from (Typed(line=line, text=text, mention=each) for each in numbers.typed(line, left, hanzi=hanzi))
    for line, text in prepared.inside:
        # It stands inside a line: nothing at its beginning passes for the number of a list or heading.
        left = blanked(MASK + text, texts)
        yield from (
            Typed(line=line, text=MASK + text, mention=each, placed=False) for each in numbers.typed(line, left, hanzi=hanzi)
        )


def blanked(text: str, known: Iterable[str]) -> str:
    """Return *text* with blanks in the place of each text of *known*, every other character where it was."""
    for each in filter(None, known):
        text = text.replace(each, " " * len(each))
    return text


def shown(blocks: Blocks, known: Iterable[str]) -> Iterator[str]:
    """Yield each number in digits that a page with *blocks* would owe an origin, but for those of the texts *known*."""
    texts = tuple(known)
    for node in walk(blocks):
        if isinstance(node, Heading | Paragraph | GridCell):
            text = "".join(_seen(node))
            yield from (found.group() for found in numbers.unfounded(blanked(text, texts)))


def _seen(node: Heading | Paragraph | GridCell) -> Iterator[str]:
    """Yield what is seen of *node*, figures masked."""
    for each in walk(node.children):
        if isinstance(each, Text | Datum):
            yield each.text if isinstance(each, Text) else MASK


@frozen
class Offer:
    """
    What may stand instead of a number typed by hand.

    Args:
        advice: what to do, as a sentence says it.

        text: what takes the place of the columns from `start` to `end`; empty where nothing is offered without doubt.
    """

    advice: str
    text: str = ""
    start: int = 0
    end: int = 0


NOTHING = Offer(
    advice="统计表里的数请改用占位符，别的数写进 report.yaml 的 facts 再用占位符，名称、号码里的数在 report.yaml 的 literals 中说明理由"
)

# What is read of so many numbers takes long, and nobody reads it.
_MOST_NUMBERS, _LONGEST_LINE = 200, 4000
# A smaller number equals too much to tell anything; more figures than this say nothing either.
_TELLING, _MOST_EQUAL = 10, 3
_DEEPEST = 5
# Names under which no figure of this year's tables and facts stands.
_ASIDE = frozenset(["contact", "gap", "last_year", "number", "name", "unit", "label"])
_ALL, _TELLING_WORDS = 100, 2
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# The marks of a heading or item of Markdown, which are none of its words.
_BARE = re.compile(r"^\s*(?:#+|[-*+>])(?=\s)|\*\*|`")
_PRINTS = re.compile(r"\{\{\s*(?P<path>[a-z][\w.]*)\s*(?:\|\s*say\(\s*\"(?P<phrase>[^\"\\\n]*)\"[^{}]*(?:\{\}[^{}]*)*)?\}\}")
_UNIT_AFTER = re.compile(rf"^\s*(小时|分钟|公里|工作日|个月|[{HAN}])")
_QUOTATION = str.maketrans("", "", "“”")


@frozen
class _Fit:
    """A figure that a number may be, by the placeholder that names it; `firm` where the words around it can mean no other."""

    path: str
    node: Printable
    firm: bool

    @property
    def figure(self) -> Figure:
        return self.node.figure

    @property
    def placeholder(self) -> str:
        return f"{{{{ {self.path} }}}}"

    @property
    def label(self) -> str:
        return self.figure.label.translate(_QUOTATION)


class Offers:
    """
    What may stand instead of the numbers typed by hand in one report: a placeholder where words and value fit, else a fact to declare.

    Equal values alone offer nothing: 67件 of another thing is another number.
    """

    def __init__(self, report: AnnualReport) -> None:
        self.report = report
        self._numbered: dict[tuple[str, int, int], str] = {}

    @cached_property
    def figures(self) -> Figures:
        """The figures of the report, apart from its own: looking for one that fits makes more of them."""
        return compute(self.report)

    @cached_property
    def root(self) -> Namespace:
        """What placeholders may name."""
        return names.tree(self.report, self.figures)

    @cached_property
    def binder(self) -> Binder:
        """What says which figure the words around a number mean."""
        return Binder(self.report, self.figures)

    @cached_property
    def nodes(self) -> dict[str, tuple[str, Printable]]:
        """The shortest name of each figure that a placeholder can print, and what it leads to, by the figure's id."""
        return {node.figure.id: (path, node) for path, node in _paths(self.root)}

    def of(self, prepared: Template, passage: Passage, found: Iterable[Typed]) -> list[tuple[Typed, Offer]]:
        """Return the numbers *found* in *passage*, each with what may stand instead."""
        found = list(found)
        if len(found) > _MOST_NUMBERS:
            return [(each, NOTHING) for each in found]
        bound = self._bound(prepared, passage, {each.line for each in found if each.placed})
        return [(each, self._offer(each, passage, bound.get((each.line, each.mention.end)))) for each in found]

    def _bound(self, prepared: Template, passage: Passage, wanted: set[int]) -> dict[tuple[int, int], Binding]:
        """Return what the numbers of the lines *wanted* are about, by line and end."""
        if not wanted:
            return {}
        told = list(prepared.typed)
        for found in _PRINTS.finditer(passage.source):
            # A number before it that is a placeholder already says what 其中 is about; every column stays where it is.
            printed = self._printed(found)
            told[found.start() : found.start() + len(printed)] = printed
        texts = enumerate("".join(told).split("\n"), passage.line)
        lines = [Line(number, _BARE.sub(_blank, text)) for number, text in texts if len(text) < _LONGEST_LINE]
        read = [each for each in paragraphs(lines) if each.line in wanted]
        return {(each.line, binding.mention.end): binding for each in read for binding in self.binder.bind(each)}

    def _printed(self, found: Match[str]) -> str:
        """Return what the placeholder *found* prints, as far as that is no longer than the placeholder; nothing where it is not plain."""
        try:
            node = names.find(tuple(found["path"].split(".")), self.root)
        except UnsayableError:
            # A name of a finding, for the reason why it was accepted.
            return ""
        if not isinstance(node, Printable):
            return ""
        text = (found["phrase"] or "{}").replace("{}", node.figure.display)
        return text if len(text) <= len(found[0]) and "\n" not in text else ""

    def _offer(self, each: Typed, passage: Passage, binding: Binding | None) -> Offer:
        fits = [*self._by_words(each, binding), *self._facts(each)]
        agreeing = [fit for fit in fits if _agrees(each.mention, fit.figure)]
        if len(fits) == 1 and fits[0].firm:
            return self._firm(each, fits[0])
        possible = agreeing or self._equal(each.mention)
        if len(possible) == 1 and self._is_plain(each, possible[0].figure):
            return self._firm(each, possible[0])
        declare = self._declared(each, passage)
        if possible:
            said = "、".join(f"“{fit.label}”（“{fit.placeholder}”）" for fit in possible)
            return Offer(advice=f"与它相等的有{said}，说的是它就改用它；说的是别的，{declare}")
        return Offer(advice=f"统计表和 facts 里没有合适的数，{declare}")

    def _firm(self, each: Typed, fit: _Fit) -> Offer:
        """Return the offer of the one figure that the words mean."""
        figure, mention = fit.figure, each.mention
        called = f"“{fit.label}”是“{figure.display}”"
        if figure.quantity.is_zero:
            zero = _zero(fit.node) or "没有发生"
            written = f'{{{{ {fit.path} | say("…{{}}", zero="{zero}") }}}}'
            return Offer(advice=f"{called}，请改写成“{written}”，省略号处写数前面的话")
        if not _agrees(mention, figure):
            return Offer(advice=f"{called}，与它不同，请核对；说的就是它，改为“{fit.placeholder}”")
        if not each.placed:
            return Offer(advice=f"请改用“{fit.placeholder}”（{called}），不写在引号里")
        text = _written(mention, fit)
        advice = f"请改为“{text or fit.placeholder}”（{called}）"
        return Offer(advice=advice, text=text, start=mention.start, end=mention.end) if text else Offer(advice=advice)

    def _by_words(self, each: Typed, binding: Binding | None) -> list[_Fit]:
        """Return the figure of the tables that the words around the number mean, if they mean one."""
        if binding is None or binding.target is None:
            return []
        named = self._share(binding) if each.mention.is_percentage else self._sum(binding.target.figures)
        if named is None or each.mention.is_percentage != (named[1].figure.unit == PERCENT):
            return []
        return [_Fit(path=named[0], node=named[1], firm=binding.firm and not binding.note)]

    def _sum(self, figures: Strings) -> tuple[str, Printable] | None:
        """Return how the sum of *figures*, cells, is named, or a single one, and what the name leads to; None where it has no name."""
        terms = [self.nodes[each] for each in figures if each in self.nodes]
        if len(terms) < len(figures):
            return None
        if len(terms) == 1:
            return terms[0]
        path = " + ".join(path for path, _node in terms)
        try:
            return path, functools.reduce(names.added, (node for _path, node in terms))
        except UnsayableError:
            return None

    def _share(self, binding: Binding) -> tuple[str, Printable] | None:
        """Return how the share that *binding* tells is named, and what the name leads to; None where it has no name."""
        if binding.figure in self.nodes and self.nodes[binding.figure][1].figure.unit == PERCENT:
            return self.nodes[binding.figure]
        part = self._sum(binding.target.figures) if binding.target else None
        whole = self._sum(binding.base.figures) if binding.base else None
        if part is None or whole is None:
            return None
        path = " / ".join(f"({path})" if " " in path else path for path, _node in (part, whole))
        try:
            return path, names.divided(part[1], whole[1])
        except UnsayableError:
            return None

    def _is_plain(self, each: Typed, figure: Figure) -> bool:
        """Tell whether the words before the number say nothing that a name of *figure*, the only one it equals, does not: 收到申请67件."""
        before = half_width(each.text[: each.mention.start])
        if numbers.elsewhere(half_width(each.words), before, self.report.year):
            return False
        words, form = canonical(each.words), self.report.form
        # 公开 and 办理 stand before any number of such a text.
        if len(self.binder.idle.sub("", words)) < _TELLING_WORDS or each.mention.unit not in {"", figure.unit}:
            return False
        rows = {row.id for row in form.rows.values() if cell_id(row.id, form.column_of(row.id)) == figure.id}
        told = [fit(words, name.text, self.binder.idle) for name in self.binder.names if name.row in rows and not name.parent]
        return any(each.precision == _ALL and not each.rest for each in told)

    def _facts(self, each: Typed) -> list[_Fit]:
        """Return the declared facts whose labels the words before the number fit."""
        words = canonical(each.words)
        found = []
        for key in self.report.facts:
            figure = self.figures[f"facts.{key}"]
            if fit(words, canonical(figure.label), self.binder.idle).is_strong and _agrees(each.mention, figure):
                found.append(_Fit(path=f"facts.{key}", node=self.nodes[figure.id][1], firm=True))
        return found

    def _equal(self, mention: Mention) -> list[_Fit]:
        """Return the figures that the number equals, where they are few enough to tell something."""
        if mention.value < _TELLING:
            return []
        named = self.nodes.values()
        found = [_Fit(path=path, node=node, firm=False) for path, node in named if _agrees(mention, node.figure)]
        return found if len(found) <= _MOST_EQUAL else []

    def _declared(self, each: Typed, passage: Passage) -> str:
        """Return the advice to declare the number as a fact, with the line to write."""
        place = (passage.file, each.line, each.mention.start)
        taken = {*self.report.facts, *self._numbered.values()}
        if place not in self._numbered:
            self._numbered[place] = next(key for key in map("number_{}".format, count(1)) if key not in taken)
        key = self._numbered[place]
        line = f"{key}: {{{declaration(each, next(iter(self.report.sources), 'own'))}}}"
        return f"就在 report.yaml 的 facts 下写“{line}”，这里改为“{{{{ facts.{key} }}}}”；名称、号码里的数在 literals 中说明理由"


def declaration(each: Typed, source: str) -> str:
    """Return what a number typed by hand declares as a fact, as YAML writes it between braces."""
    mention = each.mention
    label = each.words.translate(_QUOTATION) or "正文中的数"
    if mention.excluded:
        return f'label: "{label}", text: "{mention.text}", source: {source}'
    places = max(mention.places, 0)
    value = mention.value / SCALES.get(mention.scale, 1)
    printed = f"{rounded(value, places, 'half-up')}"
    unit = mention.unit or next(iter(_UNIT_AFTER.findall(each.text[mention.end :])[:1]), "（待填）")
    scale = f", scale: {mention.scale}" if mention.scale and mention.scale in _FACT_SCALES else ""
    approx = f", approx: {mention.approx}" if mention.approx in APPROXIMATIONS else ""
    return f'label: "{label}", value: {printed}{scale}{approx}, unit: "{unit}", source: {source}'


def _written(mention: Mention, fit: _Fit) -> str:
    """Return *mention* with the placeholder of *fit* in the place of its digits, so that the same is printed; nothing where it would not."""
    figure = fit.figure
    same = _plain(mention.text) == _plain(figure.display)
    if mention.is_percentage or same or (mention.chinese and not mention.scale and mention.unit == figure.unit):
        return fit.placeholder
    if " " in fit.path:
        # A sum or share that is written out has no name to print it without its unit.
        return ""
    bare = f"{{{{ {fit.path}.number }}}}"
    if mention.chinese:
        return "" if mention.scale else bare + mention.unit
    digits = NUMBER.search(mention.text)
    if digits is None or _plain(digits.group()) != figure.number:
        return ""
    return mention.text[: digits.start()] + bare + mention.text[digits.end() :]


def _agrees(mention: Mention, figure: Figure) -> bool:
    """Tell whether *mention* states exactly what *figure* is."""
    if mention.excluded or mention.bounds is not None or figure.quantity.value is None:
        return False
    if figure.unit == PERCENT or mention.is_percentage:
        printed = _plain(figure.number).removesuffix(PERCENT)
        return (
            figure.unit == PERCENT
            and mention.is_percentage
            and _DECIMAL.fullmatch(printed) is not None
            and mention.value == Fraction(printed)
        )
    scale, unit = split_unit(figure.unit)
    return mention.value == figure.quantity.fraction * scale and same_kind(mention.unit, unit)


def _zero(node: Printable) -> str:
    """Return the clause that the form has for a zero of *node*; nothing where it has none."""
    try:
        return node.zero
    except UnsayableError:
        return ""


def _paths(root: Namespace) -> Iterator[tuple[str, Printable]]:
    """Yield the shortest path to each figure that a placeholder can print, and what it leads to."""
    told: set[str] = set()
    waiting: deque[tuple[Strings, Node]] = deque([((), root)])
    while waiting:
        path, node = waiting.popleft()
        if isinstance(node, Printable):
            figure = node.figure.id
            if figure in told:
                continue
            told.add(figure)
            yield ".".join(path), node
        waiting += [((*path, name), child) for name, child in _children(node)] if len(path) < _DEEPEST else []


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield the names under *node* that lead to a figure of this year, each with what it leads to."""
    for name in node.names():
        if name not in _ASIDE:
            with suppress(UnsayableError):
                child = node.child(name)
                if child is not None:
                    yield name, child


def _plain(text: str) -> str:
    """Return *text* half-width, without the marks between thousands and white space."""
    return half_width(text).replace(",", "").replace(" ", "")


def _blank(found: Match[str]) -> str:
    return " " * len(found[0])
