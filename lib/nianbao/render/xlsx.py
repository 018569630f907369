"""
A report's tables as a workbook: the exact value of every cell in the official grid, and every share and rate as a division of cells.

Nothing here is to be filled in, and nothing is locked. What the report prints of a share stands beside the formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nianbao.indicators import figures as fig
from nianbao.indicators.rules import printed
from nianbao.indicators.values import METHODS, rounded
from nianbao.page.grid import Position, note, sheets
from nianbao.render import worksheet
from nianbao.render.worksheet import (
    MOST_DIGITS,
    Styles,
    content,
    draw,
    height,
    is_long,
    is_number,
    number_format,
    packed,
    plain,
    put,
    ranges,
    set_out,
    set_up,
    write_texts,
)

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from nianbao.indicators.figures import Figure, Figures
    from nianbao.indicators.report import AnnualReport
    from nianbao.page.grid import Sheet


RATIOS = "指标"
_HEADS = {"指标": 64.0, "分子": 16.0, "分母": 16.0, "比例": 14.0, "报告中印作": 14.0, "说明": 26.0, "编号": 52.0}
_ABOUT, _HEAD, _FIRST = 1, 2, 3
_NUMERATOR, _DENOMINATOR, _RATIO, _PRINTED, _WHY, _ID = range(1, 7)
_TOO_LONG = "数太长，没有用公式"
_LONG = f"多于{MOST_DIGITS}位数字的数按文字写出，一位不少；公式不计算它们。"


def tables(report: AnnualReport, figures: Figures) -> bytes:
    """Return the workbook of *report*: a sheet for each of its tables, and one for its shares and rates."""
    written = _Report(report, figures)
    return packed(written.write, title=report.title, author=report.name, date=report.date)


class _Report:
    def __init__(self, report: AnnualReport, figures: Figures) -> None:
        self.report, self.figures = report, figures
        self.name = plain(report.name)
        self.sheets = sheets(report.form, report.year, self.name)
        self.where = {key: (sheet.name, at) for sheet in self.sheets for key, at in sheet.cells.items()}

    def write(self, book: xlsxwriter.Workbook) -> None:
        styles = Styles(book)
        for sheet in self.sheets:
            self._table(book.add_worksheet(sheet.name), sheet, styles)
        ratios = [figure for figure in self.figures if figure.kind in {"share", "rate"}]
        if ratios:
            self._ratios(book.add_worksheet(RATIOS), ratios, styles)

    def _table(self, page: Worksheet, sheet: Sheet, styles: Styles) -> None:
        unit = f"　单位：{sheet.table.common_unit}" if sheet.table.common_unit else ""
        draw(page, sheet, styles, f"{self.name}　{self.report.year}年{unit}")
        long = False
        shown = [self.figures.cell(*key) for key in sheet.cells]
        for at, figure in zip(sheet.cells.values(), shown, strict=True):
            held = content(figure.quantity)
            long = long or is_long(held)
            put(page, at, held, styles("value", number_format(self._places(figure))))
        line = sheet.last.line + 1
        for text in filter(None, (note(shown), _LONG if long else "")):
            page.write_string(line, 0, text, styles("remark"))
            line += 1
        page.print_area(0, 0, line - 1, sheet.last.column)

    def _ratios(self, page: Worksheet, ratios: list[Figure], styles: Styles) -> None:
        policy = self.report.policy
        set_out(page, f"{plain(self.report.title)}：比例", list(_HEADS.values()), styles)
        about = f"比例是分子除以分母，{METHODS[policy.method].words}到百分数的{policy.places}位小数；“说明”中写着最大余数法的，报告另有调整。"
        page.write_string(_ABOUT, 0, about, styles("remark"))
        write_texts(page, _HEAD, _HEADS, styles("head"))
        for line, figure in enumerate(ratios, _FIRST):
            self._ratio(page, line, figure, styles)
        page.freeze_panes(_FIRST, 1)
        page.autofilter(_HEAD, 0, _FIRST + len(ratios) - 1, len(_HEADS) - 1)
        page.repeat_rows(_HEAD)
        set_up(page, across=True)

    def _ratio(self, page: Worksheet, line: int, figure: Figure, styles: Styles) -> None:
        policy = self.report.policy
        page.write_string(line, 0, figure.label, styles("word"))
        page.set_row(line, height(figure.label, _HEADS["指标"]))
        bases = [self.figures[each] for each in figure.inputs]
        over, under = Position(line, _NUMERATOR), Position(line, _DENOMINATOR)
        computable = [self._base(page, at, base, styles) for at, base in zip((over, under), bases, strict=True)]
        percent = styles("value", f"0.{'0' * policy.places}%" if policy.places else "0%")
        given = figure.quantity.is_given
        if given and all(computable):
            scale = max(self._places(each) for each in bases)
            formula = worksheet.percentage(over.address, under.address, scale=scale, places=policy.places, method=policy.method)
            shown = rounded(figure.quantity.fraction * 100, policy.places, policy.method).scaleb(-2)
            page.write_formula(line, _RATIO, formula, percent, shown or 0)
        else:
            page.write_blank(line, _RATIO, None, percent)
        why = [figure.note if given else fig.WORDS[figure.quantity.state]]
        if given and not all(computable):
            why.append(_TOO_LONG)
        page.write_string(line, _PRINTED, figure.number if given else "", styles("value"))
        page.write_string(line, _WHY, "；".join(filter(None, why)), styles("word"))
        page.write_string(line, _ID, figure.id, styles("word"))

    def _base(self, page: Worksheet, at: Position, figure: Figure, styles: Styles) -> bool:
        """
        Write a numerator or denominator as what its cells come to, or as it is where no formula can.

        Return whether a formula sees numbers in all of them, and loses none of their digits.
        """
        row, _, column = figure.id.rpartition(".")
        # None where it is no cell of this year, as last year's are not and differences.
        rows = printed(self.report.form, row) if row in self.report.form.rows else ()
        keys = [(part, column) for part in rows]
        figures = [figure, *(self.figures.cell(*key) for key in keys)]
        held = [content(each.quantity) for each in figures]
        computable = all(map(is_number, held))
        places = self._places(figure)
        look = styles("value", number_format(places))
        if keys and computable:
            name, _at = self.where[keys[0]]
            parts = ranges((self.where[key][1] for key in keys), name)
            page.write_formula(*at, worksheet.taken(parts, len(keys), places), look, held[0])
        else:
            put(page, at, held[0], look)
        return computable

    def _places(self, figure: Figure) -> int:
        return self.report.form.units[figure.unit].places
