"""
A form as a workbook to fill in: its tables with what is known, the checks around them, how it is filled in, and last year's values.

The sheet of a table is `page.grid`'s, how it looks `render.worksheet`'s; what stands in its cells is said here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nianbao.build import swap
from nianbao.indicators import frozen, values
from nianbao.indicators.errors import WorkbookError, listed
from nianbao.indicators.rules import all_checks, totals
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, State
from nianbao.inputs import report
from nianbao.inputs.tables import allowed, number_words
from nianbao.page.grid import FORM_NAME, OWNER, YEAR, YEAR_NAME, Position, sheet_names, sheets
from nianbao.render import worksheet
from nianbao.render.worksheet import (
    AGREES,
    FAILS,
    LACKS,
    MOST_DIGITS,
    Styles,
    content,
    draw,
    height,
    is_long,
    is_number,
    packed,
    plain,
    prefix,
    put,
    ranges,
    set_out,
    set_up,
    write_texts,
)
from nianbao.workbook import declared
from nianbao.workbook.checks import LAST_YEAR, Checker, Contents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from nianbao.indicators.form import Column, Form, Forms
    from nianbao.indicators.report import AnnualReport, Key
    from nianbao.indicators.series import Cells
    from nianbao.indicators.values import Quantity, Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json
    from nianbao.page.grid import Sheet
    from nianbao.workbook.checks import Line, Live


SUFFIX = ".xlsx"
FRONT = "填表说明"
# The head of the marks by which all blank cells of a table are 0, and such a mark.
ZEROS, YES = "空格都填0", "是"
_WIDTHS = (16.0, 90.0, 12.0)
# On the sheet of last year's values: its first line of values, and their column.
_FIRST_LINE, _VALUE = 2, 3
_LAST_WIDTHS = (22.0, 48.0, 26.0, 18.0)
_MOST = 10**MOST_DIGITS - 1
# Who fills in a form may widen a column; nothing else of a locked sheet.
_PROTECTION = {"format_columns": True, "format_rows": True}
_MARKS = (("red", FAILS), ("amber", LACKS), ("green", AGREES))


@frozen
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
    sheets: Strings
    blank: int
    kept: Strings
    not_checked: Strings


def write(project: Project, unit: str, year: str, target: Path, forms: Forms, *, force: bool) -> Exported:
    """
    Write the tables of *unit* for *year* as the workbook *target*; what stood there is replaced only where *force* says so.

    Raises:
        InvalidInputError: where the folder of parameters cannot be read.
        WorkbookError: where *target* cannot be written; nothing is changed then.
    """
    folder = project.params(unit, year)
    _check(target, force=force)
    read = report.load(folder, forms)
    form, last = read.form, read.last_year
    now = {key: cell.quantity for key, cell in read.cells.items()}
    before = {key: cell.quantity for key, cell in last.cells.items() if form.alike(last.form, *key)} if last else {}
    book = Book(form, read.year, read.name, now, before, declares=read)
    swap.write_beside(target, book.file())
    return Exported(
        form=form,
        sheets=tuple(sheet.name for sheet in book.sheets),
        blank=sum(quantity.is_missing for quantity in now.values()),
        kept=book.kept,
        not_checked=book.contents.left_out(form),
    )


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


class Book:
    """
    The form of one unit and year with what is known of its cells, to be written as a file.

    `kept` names the totals that stand as they are given, by sheet and address: a formula would change them.

    Args:
        name: the unit's.

        cells: what is known already, by row and column id; where nothing is, the form is blank but for the `-` that it wants.

        last_year: last year's cells that mean the same; the rules that need others are left out, and the file says so.

        declares: the report whose contacts, date and facts are filled in as well.
    """

    def __init__(
        self, form: Form, year: int, name: str, cells: Cells, last_year: Cells, declares: AnnualReport | None = None
    ) -> None:
        self.form, self.year, self.name, self.declares = form, year, plain(name), declares
        self.sheets = sheets(form, year, self.name)
        self.cells = [(row.id, column.id) for _table, row, column in form.cells()]
        # The cells that a rule wants a number in.
        self.numbered = {key for rule in form.rules if rule.wants is State.GIVEN for key in rule.cells(form)}
        self.parts = totals(form)
        self.given = {key: NOT_APPLICABLE if self._is_dashed(*key) else MISSING for key in self.cells}
        self.given |= cells
        # What each cell comes to, and which of the totals are computed in the workbook.
        self.known: dict[Key, Quantity] = {}
        self.computed: set[Key] = set()
        now = {key: content(self._value(key)) for key in self.cells}
        checks = [check.printed(form) for check in all_checks(form, form)]
        needed = {each.key for check in checks for each in check.addends if each.last_year}
        last = {key: content(last_year[key]) for key in self.cells if key in needed and key in last_year}
        places = {key: Position(_FIRST_LINE + index, _VALUE) for index, key in enumerate(last)}
        self.contents = Contents(now=now, last=last, places=places)
        kept = {key for key in self.parts if key not in self.computed and now[key] not in {"", "-"}}
        self.kept = tuple(sheet.place(*key) for sheet in self.sheets for key in sheet.cells if key in kept)

    def _is_dashed(self, row: str, column: str) -> bool:
        return column in self.form.rows[row].not_applicable

    def _value(self, key: Key) -> Quantity:
        """
        Return what a cell holds: of a total, what its parts come to.

        A total that is given and is not what its parts come to stays as it is given: a formula would change it unseen.
        """
        if key not in self.known:
            self.known[key] = self.given[key]
            if parts := [self._value(part) for part in self.parts.get(key, ())]:
                total = values.total((1, part) for part in parts)
                short = not any(is_long(content(each)) for each in (total, *parts))
                if short and self.given[key] in {MISSING, total}:
                    self.known[key] = total
                    self.computed.add(key)
        return self.known[key]

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
            lines = Checker(self.form, self.year, sheet, self.sheets, self.contents).lines()
            overview.append((sheet.name, lines[0].cells[0]))
            self._sheet(page, sheet, lines, styles)
        self._front(front, overview, styles)
        if self.declares:
            declared.write(book, self.declares, styles)
        if self.contents.places:
            self._last_year(book.add_worksheet(LAST_YEAR), styles)

    def _sheet(self, page: Worksheet, sheet: Sheet, lines: Sequence[Line], styles: Styles) -> None:
        unit = f"　单位：{sheet.table.common_unit}" if sheet.table.common_unit else ""
        about = f"{OWNER}{self.name}{YEAR}{self.year}年{unit}"
        draw(page, sheet, styles, about, [(line.label, line.width) for line in lines])
        for key, at in sheet.cells.items():
            self._cell(page, sheet, key, at, styles)
        for column in sheet.table.columns:
            self._validate(page, sheet, column)
        for line in lines:
            for live in line.cells:
                page.write_formula(*live.at, live.formula, styles("check"), live.shown)
            cells = [live.at for live in line.cells]
            _mark(page, cells, styles)
            fails = f"={worksheet.failing(ranges(cells, fixed=True))}>0"
            page.conditional_format(line.label.range, {"type": "formula", "criteria": fails, "format": styles("red")})
        page.protect("", _PROTECTION)

    def _cell(self, page: Worksheet, sheet: Sheet, key: Key, at: Position, styles: Styles) -> None:
        held = self.contents.now[key]
        if key in self.computed:
            parts = self.parts[key]
            runs = ranges(sheet.cells[part] for part in parts)
            places = self.form.units[self.form.unit_at(*key)].places
            page.write_formula(*at, worksheet.total(runs, len(parts), places), styles("total"), held)
        else:
            put(page, at, held, styles("input"))

    def _validate(self, page: Worksheet, sheet: Sheet, column: Column) -> None:
        """Say what may be typed into the cells of *column*, once for each run of cells that may hold the same."""
        kinds: dict[tuple[str, bool, bool], list[Position]] = {}
        for key, at in sheet.cells.items():
            if key[1] == column.id and key not in self.computed:
                kind = self.form.unit_at(*key), self._is_dashed(*key), key in self.numbered
                kinds.setdefault(kind, []).append(at)
        for (unit, dashed, numbered), cells in kinds.items():
            for run in ranges(cells):
                first = run.partition(":")[0]
                page.data_validation(run, _DASH if dashed else self._number(unit, column, first, dash=not numbered))

    def _number(self, unit_name: str, column: Column, first: str, *, dash: bool) -> Json:
        """Return what may be typed where a number belongs, in a run of cells from *first* on; *dash*: or a `-`."""
        unit = self.form.units[unit_name]
        least = -_MOST if column.signed else 0
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

    def _front(self, page: Worksheet, overview: Sequence[tuple[str, Live]], styles: Styles) -> None:
        """Write the sheet that explains; *overview* is the sum of the checks of each sheet."""
        # The title is counted twice among the texts of the file, as in every workbook so far.
        page.write_string(0, 0, FRONT, styles("title"))
        set_out(page, FRONT, _WIDTHS, styles)
        about = (
            ("填报单位", self.name),
            ("年份", f"{self.year}年"),
            ("表式", f"{self.form.title}（{self.form.id}）"),
            ("依据", self.form.basis),
        )
        lines = [*about, *((f"{number}.", text) for number, text in enumerate(self._how(), 1))]
        for line, (label, text) in enumerate(lines, 1):
            page.write_string(line, 0, label, styles("label"))
            page.write_string(line, 1, text, styles("word"))
            page.set_row(line, max(height(text, _WIDTHS[1]), 20))
        top = len(lines) + 2
        write_texts(page, top, ("工作表", "核对结果", ZEROS), styles("head"))
        cells = [Position(top + index, 1) for index in range(1, len(overview) + 1)]
        for at, (name, live) in zip(cells, overview, strict=True):
            page.write_string(at.line, 0, name, styles("label"))
            page.write_formula(at.line, 1, f"={prefix(name)}{live.at.address}", styles("check"), live.shown)
            page.write_blank(at.line, 2, None, styles("typed"))
            page.data_validation(at.line, 2, at.line, 2, _YES)
        set_up(page, across=False)
        _mark(page, cells, styles)
        page.protect("", _PROTECTION)

    def _last_year(self, page: Worksheet, styles: Styles) -> None:
        """Write last year's values that rules take."""
        set_out(page, f"{self.year - 1}年报告的数，供核对用，不填", _LAST_WIDTHS, styles)
        write_texts(page, 1, ("工作表", "指标", "栏目", "数"), styles("head"))
        names = sheet_names(self.form)
        for key, at in self.contents.places.items():
            label = self.form.rows[key[0]].printed_label
            words = (names[self.form.table_of(key[0]).id], label, self.form.column(*key).name(self.year - 1))
            write_texts(page, at.line, words, styles("word"))
            put(page, at, self.contents.last[key], styles("total"))
            page.set_row(at.line, height(label, _LAST_WIDTHS[1]))
        page.freeze_panes(_FIRST_LINE, 0)
        page.repeat_rows(1)
        set_up(page, across=False)
        page.protect("", _PROTECTION)

    def _how(self) -> Iterator[str]:
        """Yield how the form is filled in, a paragraph each."""
        form = self.form
        yield "只填白色的格。灰色的格是表式的文字和自动算出的合计，已锁定，没有密码（“审阅”中“撤消工作表保护”）。不要增删行列。"
        amounts = "".join(f"；以{name}计的，最多{unit.places}位小数" for name, unit in form.units.items() if unit.places)
        signed = listed(column.name(self.year) for table in form.tables for column in table.columns if column.signed)
        below = f"（{signed}可以小于0）" if signed else ""
        yield f"每格填不小于0的整数{below}{amounts}。只写数。没有发生的填“0”；空格表示还没有填，不当作0。"
        yield f"一张表里余下的空格都没有发生的，不用逐格填：在下面“{ZEROS}”一栏对着这张表填“{YES}”。"
        dashed = any(row.not_applicable for row in form.rows.values())
        yield "“-”表示不适用，" + ("只填在表式规定的格中。" if dashed else "本表式没有填“-”的格。")
        yield "合计在各项填齐以后自动算出；没有填齐的时候空着。"
        yield "核对结果在各表的下方和右侧，随填随变：不符的变红，写明规则和差数；缺数的变黄，写明还缺几格。下面的表是各工作表的汇总。"
        yield from self._not_in_the_tables()
        if self.kept:
            yield f"下列合计原来就有数，与各项之和不符，或各项没有填齐，照原数写出，没有改成公式：{listed(self.kept)}。"
        if any(is_long(held) for held in self.contents.now.values()):
            yield f"电子表格只能保留{MOST_DIGITS}位数字。多于{MOST_DIGITS}位的数按文字写出，公式不计算它们。"
        if self.declares:
            yield f"联系方式和公布日期填在工作表“{declared.UNIT}”中，正文要用、统计表里没有的数填在“{declared.FACTS}”中。"
        yield "填好后保存为 .xlsx，用 make table-import 导入；导入时全部重新核对。"

    def _not_in_the_tables(self) -> Iterator[str]:
        """Yield which rules take what does not stand in the tables of this year."""
        left = self.contents.left_out(self.form)
        if held := [rule.id for rule in self.form.rules if rule.needs_last_year and rule.id not in left]:
            blank = "" if all(map(is_number, self.contents.last.values())) else "上一年没有数的，核对不了，一直是“待填”。"
            yield f"{listed(held)}要与上一年核对，上一年的数在工作表“{LAST_YEAR}”中。{blank}"
        if left:
            yield f"{listed(left)}要与上一年核对；没有上一年意义相同的数，本文件不核对。"
        if rest := [rule.id for rule in self.form.rules if not rule.about_cells]:
            yield f"{listed(rest)}核对的是报告正文，不在本文件中。"


_YES = {
    "validate": "list",
    "source": [YES],
    "error_title": "只填“是”",
    "error_message": f"余下的空格都没有发生，填“{YES}”；不然空着。",
}
_DASH = {
    "validate": "list",
    "source": ["-"],
    "dropdown": False,
    "error_title": "这一格不填数",
    "error_message": "表式规定这一格不适用，只填“-”。",
    "input_title": "不适用",
    "input_message": "表式规定填“-”。",
}


def _mark(page: Worksheet, cells: Iterable[Position], styles: Styles) -> None:
    """Colour the *cells* that say how a check ended by their words."""
    for run in ranges(cells):
        for look, word in _MARKS:
            page.conditional_format(run, {"type": "text", "criteria": "containing", "value": word, "format": styles(look)})
