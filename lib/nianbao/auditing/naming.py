"""
The names by which a text can call a row or column, derived from the form, and how well words fit a name.

No name of any particular form stands here: labels, the names of prose, brackets, numbering, units and the tail that a child
shares with its whole are all read from the form. What the words are used for is for `binding`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING

from .clauses import half_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nianbao.form import Form, Row, Table

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


@dataclass(frozen=True, slots=True, kw_only=True)
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
    columns: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True, slots=True)
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


def neutral(names: Iterable[str] = ()) -> re.Pattern[str]:
    """Return a pattern of the words that distinguish nothing; *names* are the body's own."""
    words = {canonical(word) for word in (*_NEUTRAL.split(), *names)} - {""}
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def names(form: Form, idle: re.Pattern[str]) -> tuple[Name, ...]:
    """Return every name of every row of *form*, in full and without what *idle* matches, and of columns that divide a row."""
    found = [name for row in form.rows.values() if not row.heading for name in _row_names(form, row)]
    found += [short for name in found if not name.parent and len((short := plain(name, idle)).text) >= _LEAST_PLAIN]
    found += [name for table in form.tables for name in _column_names(table)]
    return tuple(dict.fromkeys(found))


def divides(table: Table) -> bool:
    """Tell whether the columns of *table* divide its rows (自然人 …), and are not periods."""
    return len(table.columns) > 1 and not any(_COLUMN_OF_TIME.search(column.label) for column in table.columns)


@cache
def fit(words: str, name: str, idle: re.Pattern[str]) -> Fit:
    """Return how *words*, which stand before a number, fit *name*; both canonical, *idle* from `neutral`."""
    if len(set(words) & set(name)) < _SHORTEST or not set(re.findall(r"\d+", name)) <= set(re.findall(r"\d+", words)):
        return NONE
    blocks = [each for each in SequenceMatcher(None, name, words, autojunk=False).get_matching_blocks() if each.size > 1]
    matched = sum(each.size for each in blocks)
    if not matched:
        return NONE
    borders = [0, *(edge for each in blocks for edge in (each.b, each.b + each.size)), len(words)]
    rest = [len(idle.sub("", words[low:high])) for low, high in zip(borders[::2], borders[1::2], strict=True)]
    return Fit(100 * matched // len(name), 100 * matched // (matched + sum(rest) + 2 * rest[-1]), rest[-1], sum(rest))


def plain(name: Name, idle: re.Pattern[str]) -> Name:
    """Return *name* without the words that distinguish nothing; single characters (上年) may be parts of words that do."""
    return replace(name, text=idle.sub(lambda found: found[0] if len(found[0]) == 1 else "", name.text))


def shared(words: str, name: str, unit: str, idle: re.Pattern[str]) -> int:
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
    pairs = zip(reversed(first), reversed(second), strict=False)
    return next((index for index, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))


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
