"""The sheets of a form's workbook that are not tables: how it is filled in, whether its checks hold, and last year's values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nianbao.build import swap
from nianbao.indicators import values
from nianbao.indicators.errors import WorkbookError
from nianbao.indicators.rules import checks, totals
from nianbao.indicators.values import State
from nianbao.inputs import report
from nianbao.inputs.tables import allowed, number_words
from nianbao.page.grid import FORM_NAME, OWNER, YEAR, YEAR_NAME, Position, sheet_names, sheets
from nianbao.render import worksheet
from nianbao.render.worksheet import MOST_DIGITS, Styles, draw, height, is_long, is_number, packed, plain, put, set_up
from nianbao.workbook import checks as checking
from nianbao.workbook.checks import LAST_YEAR, Contents, left_out, runnable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from nianbao.indicators.form import Column, Form, Row
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.rules import Key
    from nianbao.indicators.values import Quantity
    from nianbao.inputs.project import Project
    from nianbao.page.grid import Sheet
    from nianbao.render.worksheet import Content
    from nianbao.workbook.checks import Checked, Live


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
        page.write_formula(at.line, 1, f"={worksheet.prefix(name)}{live.at.address}", styles("check"), live.shown)
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


_MOST = 10**worksheet.MOST_DIGITS - 1
# Who fills in a form may widen a column; nothing else of a locked sheet.
_PROTECTION = {"format_columns": True, "format_rows": True}
_MARKS = (("red", worksheet.FAILS), ("amber", worksheet.LACKS), ("green", worksheet.AGREES))


@dataclass(frozen=True, slots=True)
class _Total:
    """A cell that is the sum of `parts`, and what it comes to."""

    parts: tuple[Key, ...]
    shown: Content


class Filling:
    """
    The form of one unit and year, and what is known of its cells; `workbook.export` says what is what.

    `kept` names the totals that stand as they are given, by sheet and address: a formula would change them.
    """

    def __init__(
        self, form: Form, year: int, name: str, cells: Mapping[Key, Quantity] | None, last_year: Mapping[Key, Quantity] | None
    ) -> None:
        self.form, self.year, self.name = form, year, plain(name)
        self.sheets = sheets(form, year, self.name)
        given = {(row.id, column.id): _given(row, column, cells) for _table, row, column in form.cells()}
        self.totals, now = _computed(form, given)
        last = {key: worksheet.content(last_year[key]) for key in needed(form) if last_year and key in last_year}
        places = {key: Position(FIRST_LINE + index, VALUE) for index, key in enumerate(last)}
        self.contents = Contents(now=now, last=last, places=places)
        kept = {key for key in totals(form) if key not in self.totals and now[key] not in {"", "-"}}
        self.kept = tuple(sheet.place(*key) for sheet in self.sheets for key in sheet.cells if key in kept)

    def file(self) -> bytes:
        """Return the file."""
        return packed(self._write, title=f"{self.name}{self.year}年{self.form.title}", author=self.name)

    def _write(self, book: xlsxwriter.Workbook) -> None:
        styles = Styles(book)
        book.define_name(FORM_NAME, f'="{self.form.id}"')
        book.define_name(YEAR_NAME, f"={self.year}")
        front = book.add_worksheet(FRONT)
        overview = []
        for sheet in self.sheets:
            page = book.add_worksheet(sheet.name)
            found = checking.checked(self.form, self.year, sheet, self.sheets, self.contents)
            overview.append((sheet.name, found.sum_up))
            self._sheet(page, sheet, found, styles)
        told = Told(form=self.form, year=self.year, name=self.name, contents=self.contents, kept=self.kept)
        _marks(front, explain(front, told, overview, styles), styles)
        front.protect("", _PROTECTION)
        if self.contents.places:
            page = book.add_worksheet(checking.LAST_YEAR)
            last_year(page, told, styles)
            page.protect("", _PROTECTION)

    def _sheet(self, page: Worksheet, sheet: Sheet, found: Checked, styles: Styles) -> None:
        unit = f"　单位：{sheet.table.common_unit}" if sheet.table.common_unit else ""
        about = f"{OWNER}{self.name}{YEAR}{self.year}年{unit}"
        draw(page, sheet, styles, about, [(line.label, line.width) for line in found.lines])
        for row, column in ((row, column) for row in sheet.table.rows for column in sheet.table.columns if not row.heading):
            self._cell(page, sheet, row, column, styles)
        for column in sheet.table.columns:
            self._validate(page, sheet, column)
        for line in found.lines:
            for live in line.cells:
                page.write_formula(live.at.line, live.at.column, live.formula, styles("check"), live.shown)
            cells = [live.at for live in line.cells]
            _marks(page, cells, styles)
            fails = f"={worksheet.failing(worksheet.ranges(cells, fixed=True))}>0"
            page.conditional_format(line.label.range, {"type": "formula", "criteria": fails, "format": styles("red")})
        page.protect("", _PROTECTION)

    def _cell(self, page: Worksheet, sheet: Sheet, row: Row, column: Column, styles: Styles) -> None:
        key = row.id, column.id
        at, held = sheet.cells[key], self.contents.now[key]
        places = self.form.units[self.form.unit_of(row, column)].places
        if (total := self.totals.get(key)) is not None:
            parts = worksheet.ranges(sheet.cells[part] for part in total.parts)
            formula = worksheet.total(parts, len(total.parts), places)
            page.write_formula(at.line, at.column, formula, styles("total"), total.shown)
        else:
            put(page, at, held, styles("input"))

    def _validate(self, page: Worksheet, sheet: Sheet, column: Column) -> None:
        """Say what may be typed into the cells of *column*, once for each run of cells that may hold the same."""
        kinds: dict[tuple[str, bool], list[Position]] = {}
        for row in sheet.table.rows:
            key = row.id, column.id
            if not row.heading and key not in self.totals:
                kind = self.form.unit_of(row, column), column.id in row.not_applicable
                kinds.setdefault(kind, []).append(sheet.cells[key])
        for (unit, dashed), cells in kinds.items():
            for run in worksheet.ranges(cells):
                first = run.partition(":")[0]
                page.data_validation(run, _dash() if dashed else self._number(unit, column, first))

    def _number(self, unit_name: str, column: Column, first: str) -> dict[str, Any]:
        unit = self.form.units[unit_name]
        least = -_MOST if column.signed else 0
        dash = not any(rule.kind == "filled" for rule in self.form.rules)
        said = allowed(unit, signed=column.signed) if dash else number_words(unit, signed=column.signed)
        words = {"error_title": "这一格填得不对", "error_message": f"应填{said}，没有发生的填“0”。只写数，不带单位、逗号和空格。"}
        if unit.kind == "count" and not dash:
            return {"validate": "integer", "criteria": "between", "minimum": least, "maximum": _MOST, **words}
        test = f"AND(ISNUMBER({first}),{first}>={least},{first}<={_MOST},ROUND({first},{unit.places})={first})"
        formula = f'=IF(ISNUMBER({first}),{test},EXACT({first},"-"))' if dash else f"={test}"
        if unit.places:
            places = f"最多{unit.places}位小数"
            words["error_message"] += places + "。"
            words |= {"input_title": f"单位：{unit_name}", "input_message": f"按{unit_name}填，{places}；没有发生的填“0”。"}
        return {"validate": "custom", "value": formula, **words}


def _dash() -> dict[str, Any]:
    return {
        "validate": "list",
        "source": ["-"],
        "dropdown": False,
        "error_title": "这一格不填数",
        "error_message": "表式规定这一格不适用，只填“-”。",
        "input_title": "不适用",
        "input_message": "表式规定填“-”。",
    }


def _marks(page: Worksheet, cells: Iterable[Position], styles: Styles) -> None:
    for run in worksheet.ranges(cells):
        for look, word in _MARKS:
            page.conditional_format(run, {"type": "text", "criteria": "containing", "value": word, "format": styles(look)})


def _given(row: Row, column: Column, cells: Mapping[Key, Quantity] | None) -> Quantity:
    """Return what is known of a cell; of a blank form, the `-` that it wants there."""
    if cells is not None:
        return cells[row.id, column.id]
    return values.NOT_APPLICABLE if column.id in row.not_applicable else values.MISSING


def _computed(form: Form, given: Mapping[Key, Quantity]) -> tuple[dict[Key, _Total], dict[Key, Content]]:
    """
    Return the totals that are computed in the workbook, and what every cell then holds.

    A total that is given and is not what its parts come to stays as it is given: a formula would change it unseen.
    """
    parts = totals(form)
    known: dict[Key, Quantity] = {}
    found: dict[Key, _Total] = {}

    def held(key: Key) -> Quantity:
        if key not in known:
            known[key] = given[key]
            if key in parts:
                comes = values.total((1, held(part)) for part in parts[key])
                short = not any(
                    worksheet.is_long(worksheet.content(each)) for each in (comes, *(known[part] for part in parts[key]))
                )
                if short and given[key] in {values.MISSING, comes}:
                    known[key] = comes
                    found[key] = _Total(parts[key], worksheet.content(comes))
        return known[key]

    return found, {key: worksheet.content(held(key)) for key in given}


SUFFIX = ".xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """
    What was written.

    Args:
        sheets: the names of the tables' sheets.

        blank: how many cells hold nothing yet.

        kept: totals that stand as they were given, by sheet and address.

        not_checked: the rules that need last year's report on the same form where there is none.
    """

    form: Form
    sheets: tuple[str, ...]
    blank: int
    kept: tuple[str, ...]
    not_checked: tuple[str, ...]


def write(project: Project, unit: str, year: str, target: Path, forms: Mapping[str, Form], *, force: bool) -> Exported:
    """
    Write the tables of *unit* for *year* as the workbook *target*; what stood there is replaced only where *force* says so.

    Raises:
        InvalidInputError: where the folder of parameters cannot be read.
        WorkbookError: where *target* cannot be written; nothing is changed then.
    """
    folder = project.params(unit, year)
    _check(target, force=force)
    found = report.load(folder, forms)
    filling = Filling(found.form, found.year, found.name, _quantities(found), _last_values(found))
    swap.write_beside(target, filling.file())
    return Exported(
        form=found.form,
        sheets=tuple(sheet.name for sheet in filling.sheets),
        blank=sum(cell.quantity.state is State.MISSING for cell in found.cells.values()),
        kept=filling.kept,
        not_checked=left_out(found.form, filling.contents),
    )


def _quantities(found: AnnualReport) -> dict[tuple[str, str], Quantity]:
    return {key: cell.quantity for key, cell in found.cells.items()}


def _last_values(found: AnnualReport) -> dict[tuple[str, str], Quantity]:
    """Return last year's cells that mean the same as this year's."""
    if found.last_year is None:
        return {}
    form = found.last_year.form
    return {key: value for key, value in _quantities(found.last_year).items() if found.form.alike(form, *key)}


def _check(target: Path, *, force: bool) -> None:
    """Refuse a place where no workbook can stand, or where something stands that was not to be replaced."""
    if target.suffix.lower() != SUFFIX:
        raise WorkbookError(f"{target} 不是 {SUFFIX} 文件名，请写成 {target.stem or 'table'}{SUFFIX}。")
    if not target.parent.is_dir():
        raise WorkbookError(f"没有文件夹 {target.parent}，请先建立，或换一个地方。")
    if target.is_dir():
        raise WorkbookError(f"{target} 是文件夹，请换一个文件名。")
    if (target.exists() or target.is_symlink()) and not force:
        raise WorkbookError(f"{target} 已经有了，没有改动它。换一个文件名（-o），或加 --force 覆盖。")
