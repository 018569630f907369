"""The sheets of a form's workbook that are not tables: how it is filled in, whether its checks hold, and last year's values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import formulas
from .checking import LAST_YEAR, Contents, left_out, runnable
from .drawing import height, put, set_up
from .exact import MOST_DIGITS, is_long, is_number
from .layout import Position, sheet_names
from .relating import checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlsxwriter.worksheet import Worksheet

    from nianbao.form import Form

    from .checking import Live
    from .relating import Key
    from .styles import Styles

FRONT = "填表说明"
# On the sheet of last year's values: its first line of values, and their column.
FIRST_LINE, VALUE = 2, 3
_WIDTHS = (16.0, 90.0)
_LAST_WIDTHS = (22.0, 48.0, 26.0, 18.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What is explained.

    Args:
        kept: totals that stand as they were given and not as formulas, by sheet and address.
    """

    form: Form
    year: int
    name: str
    contents: Contents
    kept: tuple[str, ...]


def needed(form: Form) -> tuple[Key, ...]:
    """Return the cells of last year's report that rules of *form* take, in reading order."""
    taken = {each.key for rule in form.rules for check in checks(form, rule) for each in check.addends if each.last_year}
    return tuple(key for _table, row, column in form.cells() if (key := (row.id, column.id)) in taken)


def explain(page: Worksheet, told: Told, overview: Sequence[tuple[str, Live]], styles: Styles) -> list[Position]:
    """Write the sheet that explains; *overview* is the sum of the checks of each sheet. Return the cells that show them."""
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    form = told.form
    page.write_string(0, 0, FRONT, styles("title"))
    page.merge_range(0, 0, 0, 1, FRONT, styles("title"))
    page.set_row(0, 30)
    about = (
        ("填报单位", told.name),
        ("年份", f"{told.year}年"),
        ("表式", f"{form.title}（{form.id}）"),
        ("依据", form.basis),
    )
    lines = [*about, *((f"{number}.", text) for number, text in enumerate(_how(told), 1))]
    for line, (label, text) in enumerate(lines, 1):
        page.write_string(line, 0, label, styles("label"))
        page.write_string(line, 1, text, styles("word"))
        page.set_row(line, max(height(text, _WIDTHS[1]), 20))
    top = len(lines) + 2
    for column, text in enumerate(("工作表", "核对结果")):
        page.write_string(top, column, text, styles("head"))
    cells = [Position(top + index, 1) for index in range(1, len(overview) + 1)]
    for at, (name, live) in zip(cells, overview, strict=True):
        page.write_string(at.line, 0, name, styles("label"))
        page.write_formula(at.line, 1, f"={formulas.prefix(name)}{live.at.address}", styles("check"), live.shown)
    set_up(page, across=False)
    return cells


def last_year(page: Worksheet, told: Told, styles: Styles) -> None:
    """Write last year's values that rules take."""
    for column, width in enumerate(_LAST_WIDTHS):
        page.set_column(column, column, width)
    page.merge_range(0, 0, 0, VALUE, f"{told.year - 1}年报告的数，供核对用，不填", styles("title"))
    page.set_row(0, 30)
    for column, text in enumerate(("工作表", "指标", "栏目", "数")):
        page.write_string(1, column, text, styles("head"))
    names = sheet_names(told.form)
    for key, at in told.contents.places.items():
        row, table = told.form.rows[key[0]], told.form.table_of(key[0])
        words = (names[table.id], row.printed_label, table.column(key[1]).name(told.year - 1))
        for column, text in enumerate(words):
            page.write_string(at.line, column, text, styles("word"))
        put(page, at, told.contents.last[key], styles("total"))
        page.set_row(at.line, height(words[1], _LAST_WIDTHS[1]))
    page.freeze_panes(FIRST_LINE, 0)
    page.repeat_rows(1)
    set_up(page, across=False)


def _how(told: Told) -> Iterator[str]:
    form = told.form
    yield "只填白色的格。灰色的格是表式的文字和自动算出的合计，已锁定，没有密码（“审阅”中“撤消工作表保护”）。不要增删行列。"
    amounts = "".join(f"；以{name}计的，最多{unit.places}位小数" for name, unit in form.units.items() if unit.places)
    signed = "、".join(column.name(told.year) for table in form.tables for column in table.columns if column.signed)
    below = f"（{signed}可以小于0）" if signed else ""
    yield f"每格填不小于0的整数{below}{amounts}。只写数。没有发生的填“0”；空格表示还没有填，不当作0。"
    dashed = any(row.not_applicable for row in form.rows.values())
    yield "“-”表示不适用，" + ("只填在表式规定的格中。" if dashed else "本表式没有填“-”的格。")
    yield "合计在各项填齐以后自动算出；没有填齐的时候空着。"
    yield "核对结果在各表的下方和右侧，随填随变：不符的变红，写明规则和差数；缺数的变黄，写明还缺几格。下面的表是各工作表的汇总。"
    yield from _last_year(told)
    if told.kept:
        yield f"下列合计原来就有数，与各项之和不符，或各项没有填齐，照原数写出，没有改成公式：{'、'.join(told.kept)}。"
    if any(is_long(held) for held in told.contents.now.values()):
        yield f"电子表格只能保留{MOST_DIGITS}位数字。多于{MOST_DIGITS}位的数按文字写出，公式不计算它们。"
    yield "填好后保存为 .xlsx，用 nianbao table import 导入；导入时全部重新核对。"


def _last_year(told: Told) -> Iterator[str]:
    form = told.form
    across = [rule.id for rule in form.rules if rule.relation and rule.relation.needs_last_year]
    left = left_out(form, told.contents)
    if held := [each for each in across if each not in left]:
        blank = "" if all(map(is_number, told.contents.last.values())) else "上一年没有数的，核对不了，一直是“待填”。"
        yield f"{'、'.join(held)}要与上一年核对，上一年的数在工作表“{LAST_YEAR}”中。{blank}"
    if left:
        yield f"{'、'.join(left)}要与上一年核对；没有上一年意义相同的数，本文件不核对。"
    run = {rule.id for rule in runnable(form, told.contents)}
    rest = [rule.id for rule in form.rules if rule.id not in {*run, *across}]
    if rest:
        yield f"{'、'.join(rest)}核对的是报告正文，不在本文件中。"
