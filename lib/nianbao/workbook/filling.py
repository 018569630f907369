"""
The form as a workbook to be filled in: what may be typed where, totals that compute themselves, checks that say what fails.

The grid is drawn by `drawing`, the checks are made by `checking`, the sheet that explains by `explaining`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nianbao import quantity
from nianbao.tablefile import allowed, number_words

from . import checking, exact, explaining, formulas
from .checking import Contents
from .drawing import draw, put
from .layout import FORM_NAME, OWNER, YEAR, YEAR_NAME, Position, sheets
from .packing import packed, plain
from .relating import totals
from .styles import Styles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from nianbao.form import Column, Form, Row
    from nianbao.quantity import Quantity

    from .checking import Checked
    from .exact import Content
    from .layout import Sheet
    from .relating import Key

_MOST = 10**exact.MOST_DIGITS - 1
# Who fills in a form may widen a column; nothing else of a locked sheet.
_PROTECTION = {"format_columns": True, "format_rows": True}
_MARKS = (("red", formulas.FAILS), ("amber", formulas.LACKS), ("green", formulas.AGREES))


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
        last = {key: exact.content(last_year[key]) for key in explaining.needed(form) if last_year and key in last_year}
        places = {key: Position(explaining.FIRST_LINE + index, explaining.VALUE) for index, key in enumerate(last)}
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
        front = book.add_worksheet(explaining.FRONT)
        overview = []
        for sheet in self.sheets:
            page = book.add_worksheet(sheet.name)
            found = checking.checked(self.form, self.year, sheet, self.sheets, self.contents)
            overview.append((sheet.name, found.sum_up))
            self._sheet(page, sheet, found, styles)
        told = explaining.Told(form=self.form, year=self.year, name=self.name, contents=self.contents, kept=self.kept)
        _marks(front, explaining.explain(front, told, overview, styles), styles)
        front.protect("", _PROTECTION)
        if self.contents.places:
            page = book.add_worksheet(checking.LAST_YEAR)
            explaining.last_year(page, told, styles)
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
            fails = f"={formulas.failing(formulas.ranges(cells, fixed=True))}>0"
            page.conditional_format(line.label.range, {"type": "formula", "criteria": fails, "format": styles("red")})
        page.protect("", _PROTECTION)

    def _cell(self, page: Worksheet, sheet: Sheet, row: Row, column: Column, styles: Styles) -> None:
        key = row.id, column.id
        at, held = sheet.cells[key], self.contents.now[key]
        places = self.form.units[self.form.unit_of(row, column)].places
        if (total := self.totals.get(key)) is not None:
            parts = formulas.ranges(sheet.cells[part] for part in total.parts)
            formula = formulas.total(parts, len(total.parts), places)
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
            for run in formulas.ranges(cells):
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
    for run in formulas.ranges(cells):
        for look, word in _MARKS:
            page.conditional_format(run, {"type": "text", "criteria": "containing", "value": word, "format": styles(look)})


def _given(row: Row, column: Column, cells: Mapping[Key, Quantity] | None) -> Quantity:
    """Return what is known of a cell; of a blank form, the `-` that it wants there."""
    if cells is not None:
        return cells[row.id, column.id]
    return quantity.NOT_APPLICABLE if column.id in row.not_applicable else quantity.MISSING


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
                comes = quantity.total((1, held(part)) for part in parts[key])
                short = not any(exact.is_long(exact.content(each)) for each in (comes, *(known[part] for part in parts[key])))
                if short and given[key] in {quantity.MISSING, comes}:
                    known[key] = comes
                    found[key] = _Total(parts[key], exact.content(comes))
        return known[key]

    return found, {key: exact.content(held(key)) for key in given}
