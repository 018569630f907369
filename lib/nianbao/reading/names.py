"""
The names by which a text can call a row or column, how well words fit a name, and the cells that are meant.

No name of any particular form stands here: labels, the names of prose, brackets, numbering, units and the tail that a child shares
with its whole are all read from the form. A `Board` gives the cells of one report as `Target`s, and what conventions print their values.
Which name words are used for is for `binding`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from fractions import Fraction
from functools import cache
from os.path import commonprefix
from typing import TYPE_CHECKING

from nianbao.indicators import frozen, positional, values
from nianbao.indicators.errors import listed
from nianbao.indicators.figures import WORDS, cell_id
from nianbao.indicators.values import largest_remainder, rounded
from nianbao.reading import numbers
from nianbao.reading.lines import half_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal
    from re import Pattern

    from nianbao.indicators.figures import Figures
    from nianbao.indicators.form import Form, Row, Table
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Quantity, Strings
    from nianbao.reading.numbers import Bounds, Mention


# Particles, and the words between a name and its number; dropped from names and words alike.
_PARTICLES = str.maketrans("", "", "的了和或与及等之数总量为是共达有对")
_NUMBERING = re.compile(r"^(?:\s*(?:其中:?|\d+[.、]|\([一二三四五六七八九十]+\)|[一二三四五六七八九十]+、|[①-⒛Ⅰ-ⅿ]))+[.、]?")
_BRACKETS = re.compile(r"\([^()]*\)")
_NO_WORD = re.compile(r"[^\w%]|[_①-⒛Ⅰ-ⅿ]")

# Words that say who, when or that something happened, and so do not make a quantity another one.
_NEUTRAL = (
    "全区 全市 全县 全省 全镇 全街道 全局 全州 全旗 全年 全社会 全部 我区 我市 我县 我省 我局 我镇 "
    "我街道 我办 我委 我厅 本区 本市 本县 本局 本机关 本单位 本部门 本街道 本镇 本年度 本年 年度 当年 "
    "今年 年内 年 各级 各部门 各单位 各行政机关 行政机关 政府部门 政府信息公开 政府信息 政务公开 政府 "
    "信息公开 信息 公开 事务 工作 提出 收到 接到 接收 接受 受理 办理 处理 发布 主动 依法 相关 "
    "有关 情况 合计 总计 共计 累计 分别 比例 比重 目前 年末 年底 截至 截止 止 底 末 已 新收 新 发生 "
    "上述 以上 社会 公众 群众 社会公众 中 在 向 由 从 经 并 其中 一共 里 内 又 则 还 也 公民法人其他组织 公民法人其它组织 公民 申请人 到 最多 最少 主要 其余 均 约 仅 "
    "只 就 即 个 条 件 于 以 上 我们 我 本 该 占 比 各类 各项 各种 各 设立 设置 开展 进行 组织 "
    "实际 统计 显示 据 含 全 人员 作出 决定 制发"
)
_COLUMN_OF_TIME = re.compile(r"累计|发生|年|本期|历年|合计数|统计数")

_TOTALS = {"总计", "合计"}
_REST = "其他"
_OF_OBJECT = re.compile(r"^对(?P<object>.+)的(?P<act>.+)$")

# Below this a name covers too little of itself, or leaves too much of the words unexplained, to hold a text to it: two
# characters that no name explains (法院, 网站) can make a quantity another one.
STRONG_RECALL, STRONG_PRECISION = 60, 75
_UNEXPLAINED = 1
_SHORTEST, _LEAST_PLAIN = 2, 4
# A part called by so few characters (办结, 维持) is meant only where its whole has been named.
_GENERAL = 3


@frozen
class Name:
    """
    One way to call a row, or columns of it.

    Args:
        text: in the canonical form of words.

        row: the row's id; empty for columns, which are called after a row has been.

        columns: the ids of the columns meant together; empty for the column that prose means.

        parent: the whole that must have been named before, where the name leaves out what both share.
    """

    text: str
    row: str = ""
    columns: Strings = ()
    parent: str = ""


@positional
class Fit:
    """
    How well words fit a name, in hundredths.

    Args:
        recall: how much of the name the words hold; `precision`, how much of the words it explains.

        tail: how many characters stand unexplained between the name and the number; `rest`, how many in all.
    """

    recall: int
    precision: int
    tail: int
    rest: int = 0

    @property
    def quality(self) -> int:
        """Both together, of 100."""
        return self.recall * self.precision // 100

    @property
    def is_strong(self) -> bool:
        """Whether a text can be held to this reading of it."""
        return self.recall >= STRONG_RECALL and self.precision >= STRONG_PRECISION and self.rest <= _UNEXPLAINED and not self.tail


NONE = Fit(0, 0, 0)


def canonical(text: str) -> str:
    """Return *text* without width, punctuation and particles: what names and words are compared in."""
    return _NO_WORD.sub("", half_width(text)).translate(_PARTICLES)


def neutral(names: Iterable[str] = ()) -> Pattern[str]:
    """Return a pattern of the words that distinguish nothing; *names* are the body's own."""
    words = {canonical(word) for word in (*_NEUTRAL.split(), *names)} - {""}
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def names(form: Form, idle: Pattern[str]) -> tuple[Name, ...]:
    """Return every name of every row of *form*, in full and without what *idle* matches, and of columns that divide a row."""
    found = [name for row in form.rows.values() if not row.heading for name in _row_names(form, row)]
    found += [short for name in found if not name.parent and len((short := plain(name, idle)).text) >= _LEAST_PLAIN]
    found += [name for table in form.tables for name in _column_names(table)]
    return tuple(dict.fromkeys(found))


def divides(table: Table) -> bool:
    """Tell whether the columns of *table* divide its rows (自然人 …), and are not periods."""
    return len(table.columns) > 1 and not any(_COLUMN_OF_TIME.search(column.label) for column in table.columns)


@cache
def fit(words: str, name: str, idle: Pattern[str]) -> Fit:
    """Return how *words*, which stand before a number, fit *name*; both canonical, *idle* from `neutral`."""
    if len(set(words) & set(name)) < _SHORTEST or not set(re.findall(r"\d+", name)) <= set(re.findall(r"\d+", words)):
        return NONE
    blocks = [each for each in SequenceMatcher(None, name, words, autojunk=False).get_matching_blocks() if each.size > 1]
    matched = sum(each.size for each in blocks)
    if not matched:
        return NONE
    rest = []
    end = 0
    for each in blocks:
        rest.append(len(idle.sub("", words[end : each.b])))
        end = each.b + each.size
    tail = len(idle.sub("", words[end:]))
    unexplained = sum(rest) + tail
    return Fit(100 * matched // len(name), 100 * matched // (matched + unexplained + 2 * tail), tail, unexplained)


def best_fit(texts: Iterable[str], name: str, idle: Pattern[str]) -> Fit:
    """Return the best fit of *texts* with *name*."""
    return max((fit(text, name, idle) for text in texts), key=lambda each: each.quality, default=NONE)


def plain(name: Name, idle: Pattern[str]) -> Name:
    """Return *name* without the words that distinguish nothing; single characters (上年) may be parts of words that do."""
    return replace(name, text=idle.sub(lambda found: found[0] if len(found[0]) == 1 else "", name.text))


def shared(words: str, name: str, unit: str, idle: Pattern[str]) -> int:
    """Return how many telling characters *words* and *name* share: none of those that distinguish nothing, nor the unit's."""
    return len((set(idle.sub("", words)) & set(idle.sub("", name))) - set(unit) - set(_REST))


def _row_names(form: Form, row: Row) -> Iterator[Name]:
    own = set(_variants(row))
    general = row.parent or ""
    yield from (Name(text=text, row=row.id, parent=general if len(text) <= _GENERAL else "") for text in sorted(own))
    if row.parent:
        shorter = {_without_shared_tail(text, set(_variants(form.rows[row.parent]))) for text in own}
        yield from (Name(text=text, row=row.id, parent=row.parent) for text in sorted(shorter - own - {""}))


def _variants(row: Row) -> Iterator[str]:
    for written in (row.label, row.name, *row.also):
        for text in {written, _BRACKETS.sub("", half_width(written))}:
            whole = canonical(_NUMBERING.sub("", half_width(text)))
            yield whole
            shorter = whole.removesuffix("情况").removesuffix(canonical(row.unit))
            if len(shorter) >= _SHORTEST:
                yield shorter
            # 对申请的答复 is also told as 答复申请.
            if turned := _OF_OBJECT.match(half_width(text)):
                yield canonical(turned["act"] + turned["object"])


def _without_shared_tail(text: str, wholes: set[str]) -> str:
    longest = max((_shared_tail(text, whole) for whole in wholes), default=0)
    left = text[: len(text) - longest]
    return left if longest >= _SHORTEST and len(left) >= _SHORTEST else ""


def _shared_tail(first: str, second: str) -> int:
    return len(commonprefix([first[::-1], second[::-1]]))  # noqa: RUF071 - characters are meant, not parts of a path


def _column_names(table: Table) -> Iterator[Name]:
    if not divides(table):
        return
    for column in table.columns:
        yield from (
            Name(text=canonical(text), columns=(column.id,))
            for text in {column.label, "".join((*column.groups[-1:], column.label))}
        )
    for path in dict.fromkeys(column.groups[:depth] for column in table.columns for depth in range(1, len(column.groups) + 1)):
        inside = [column for column in table.columns if column.groups[: len(path)] == path]
        totals = [column for column in inside if column.label in _TOTALS]
        yield Name(text=canonical(path[-1]), columns=tuple(column.id for column in totals or inside))


_UNIT_CLASSES = tuple(
    frozenset(units.split())
    for units in (
        "件 条 份 篇 项 宗 起 例 封 册 本 期 部 批",
        "人 名 人次 位",
        "次 场 场次 班次 批次 期次 期 轮 批 人次 件次 条次",
        "个 家 处 所",
        "元",
    )
)


@frozen
class Target:
    """
    A row in one column, or in several that are added.

    Args:
        figures: the ids of the cells.

        unit: without 万 or 亿, which `quantity` already holds.
    """

    row: str
    columns: Strings
    figures: Strings
    label: str
    quantity: Quantity
    unit: str

    @property
    def value(self) -> Fraction | None:
        """The exact value, or None where the table has no number."""
        return self.quantity.fraction if self.quantity.is_given else None

    @property
    def figure(self) -> str:
        """The id of the cell, or of the cells with + between them."""
        return "+".join(self.figures)

    @property
    def display(self) -> str:
        """The value with its unit, as a text would print it."""
        return f"{self.quantity.exact}{self.unit}" if self.value is not None else WORDS[self.quantity.state]

    @property
    def cited(self) -> str:
        """The label with the value, for a sentence."""
        return f"{self.label}为{self.display}"


class Board:
    """Makes targets from the figures of one report."""

    def __init__(self, report: AnnualReport, figures: Figures) -> None:
        self.report = report
        self.form = report.form
        self.figures = figures
        self._made: dict[tuple[str, Strings], Target] = {}

    def target(self, row: str, columns: Strings = ()) -> Target:
        """Return *row* in *columns* together, or in the column that prose means."""
        key = (row, columns or (self.form.column_of(row),))
        if key not in self._made:
            self._made[key] = self._target(*key)
        return self._made[key]

    def _target(self, row: str, columns: Strings) -> Target:
        ids = tuple(cell_id(row, column) for column in columns)
        held = [self.form.table_of(row).column(column) for column in columns]
        scale, unit = split_unit(self.form.unit_of(self.form.rows[row], held[0]))
        total = values.total((scale, self.figures[each].quantity) for each in ids)
        label = f"{self.form.rows[row].numbered_label}（{_together([column.heading(self.report.year) for column in held])}）"
        return Target(row=row, columns=columns, figures=ids, label=label, quantity=total, unit=unit)

    def columns_of(self, row: str) -> Strings:
        """Return the ids of all columns of *row*'s table."""
        return tuple(column.id for column in self.form.table_of(row).columns)

    def others(self, target: Target) -> tuple[Target, ...]:
        """Return the same row in each other column, the column of prose first."""
        rest = [each for each in self.columns_of(target.row) if (each,) != target.columns]
        return tuple(self.target(target.row, (each,)) for each in rest)

    def near(self, target: Target) -> tuple[Target, ...]:
        """Return what may be taken for *target*: its row in other columns, and the rows around it."""
        return (*self.others(target), *self.relatives(target))

    def relatives(self, target: Target) -> tuple[Target, ...]:
        """Return the whole, the parts and the siblings of *target* in its columns."""
        row = self.form.rows[target.row]
        around = (row.parent, *self.form.rows[row.parent].children) if row.parent else ()
        return tuple(self.target(each, target.columns) for each in (*row.children, *around) if each != target.row)


def _together(titles: list[str]) -> str:
    """Name columns: by the title over them, where there are several, or by their own."""
    over = {title.rpartition("/")[0] for title in titles}
    return over.pop() if len(titles) > 1 and len(over) == 1 and "" not in over else listed(titles)


def split_unit(unit: str) -> tuple[int, str]:
    """Split 万元 into 10000 and 元."""
    for scale in ("万", "亿"):
        if unit.startswith(scale) and len(unit) > 1:
            return numbers.SCALES[scale], unit[1:]
    return 1, unit


def same_kind(first: str, second: str) -> bool:
    """Tell whether two units count the same sort of thing (件 and 条); without a unit nothing is excluded."""
    return not first or not second or first == second or any({first, second} <= kind for kind in _UNIT_CLASSES)


def ratio(part: Target, whole: Target) -> Fraction | None:
    """Return *part* in hundredths of *whole*, or None where that has no value."""
    read = values.ratio(part.quantity, whole.quantity)
    return read.fraction * 100 if read.is_given else None


EXACT, BOUND, HALF_UP = "准确数", "概数", "四舍五入"
TRUNCATED, RESIDUAL, LARGEST_REMAINDER = "截去尾数", "倒减", "最大余数法"

# What agrees without need of an explanation.
PLAIN = frozenset({EXACT, BOUND, HALF_UP})

_WHOLE = Fraction(100)


@frozen
class Part:
    """
    A percentage of an enumeration.

    Args:
        exact: what the table gives, in hundredths; `printed`, what the text says, of `places` decimals.
    """

    exact: Fraction
    printed: Decimal
    places: int


def agrees(mention: Mention, target: Target) -> bool:
    """Tell whether a count fits the value of *target*: exactly, within its bounds, or rounded to its last 万."""
    return bool(target.value is not None and of_count(mention, target.value))


def of_count(mention: Mention, value: Fraction) -> Strings:
    """Return the conventions by which *mention* can state *value*."""
    if mention.bounds is not None:
        return within(mention.bounds, value)
    if mention.value == value:
        return (EXACT,)
    if mention.place <= 1:
        return ()
    return _roundings(value / mention.place, 0, mention.value / mention.place)


def within(bounds: Bounds, value: Fraction) -> Strings:
    """Return the convention by which an approximate number states *value*, or none."""
    return (BOUND,) if bounds.admits(value) else ()


def _roundings(exact: Fraction, places: int, printed: Decimal | Fraction) -> Strings:
    methods = {HALF_UP: "half-up", TRUNCATED: "truncate"}
    return tuple(name for name, method in methods.items() if rounded(exact, places, method) == printed)


def of_percentage(part: Part, siblings: Sequence[Part], *, closes: bool = False) -> Strings:
    """
    Return the conventions by which *part* can be printed as it is.

    Args:
        siblings: the other parts of the same whole in the same enumeration.

        closes: whether *part* stands last in it, where 100 is usually made up.
    """
    found = [*_roundings(part.exact, part.places, part.printed)]
    if siblings and part.exact + sum(each.exact for each in siblings) == _WHOLE:
        found += [RESIDUAL] if _is_residual(part, siblings, closes=closes) else []
        found += [LARGEST_REMAINDER] if _is_apportioned(part, siblings) else []
    return tuple(found)


def own(part: Part) -> bool:
    """Tell whether *part* can be printed as it is without regard to others."""
    return bool(of_percentage(part, ()))


def _is_residual(part: Part, siblings: Sequence[Part], *, closes: bool) -> bool:
    """
    Tell whether *part* is what the printed siblings leave of 100.

    A sibling that no convention of its own gives may be the one that is wrong: before the last part, it is taken as it should
    have been; after another part, it is more likely to be the residual itself.
    """
    slack = sum((Fraction(1, 10**each.places) for each in siblings), Fraction())
    wrong = [each for each in siblings if not own(each)]
    if abs(Fraction(part.printed) - part.exact) > slack or (wrong and not closes):
        return False
    printed = sum((Fraction(each.printed) for each in siblings if own(each)), Fraction())
    mended = [sum((Fraction(rounded(each.exact, each.places, way)) for each in wrong), printed) for way in ("half-up", "truncate")]
    return Fraction(part.printed) in {_WHOLE - total for total in mended}


def _is_apportioned(part: Part, siblings: Sequence[Part]) -> bool:
    """Tell whether the largest-remainder method gives *part* and every sibling as printed."""
    every = (part, *siblings)
    shares = largest_remainder([each.exact for each in every], part.places)
    return [(each.places, each.printed) for each in every] == [(part.places, share) for share in shares]
