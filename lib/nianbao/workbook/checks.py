"""
The cells that say, while a form is filled in, whether its rules hold: where they stand, their formulas, what they show at first.

A rule between rows has a line under the grid, one between columns a column beside it, one about single cells a line that counts
them column by column. What a rule of words wants is not held here. No kind of rule is named here: rules say what they compare.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.indicators import frozen, positional
from nianbao.indicators.rules import OPERATORS
from nianbao.indicators.values import State, rounded
from nianbao.page.grid import HEADS, Label, Position
from nianbao.render import worksheet
from nianbao.render.worksheet import (
    AGREES,
    FAILS,
    LACKS,
    LESS,
    MORE,
    NOT_APPLICABLE,
    NOTHING,
    UNFILLED,
    WAITS,
    is_number,
    prefix,
    ranges,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nianbao.indicators.form import Form
    from nianbao.indicators.report import Key
    from nianbao.indicators.rules import Addend, Check, Rule
    from nianbao.indicators.values import Strings
    from nianbao.page.grid import Sheet
    from nianbao.render.worksheet import Content


LAST_YEAR = "上年数"
_MARKS = {"error": "", "warning": "（警告）", "info": "（提示）"}
_RULE_WIDTH = 30.0
# A rule between columns that holds in no more rows than these has lines under the grid.
_FEW = 2
_HEADING = "核对（随填随变，不打印）"


@positional
class Live:
    """A formula, the cell it stands in, and what it shows until it is computed again."""

    at: Position
    formula: str
    shown: Content


@positional
class Line:
    """A rule in words and the live cells that hold it; `width` is that of its column, where it has one of its own."""

    label: Label
    cells: tuple[Live, ...]
    width: float = 0.0


@frozen
class Contents:
    """
    What the cells of this year and of the last hold.

    Args:
        places: where last year's stand on their sheet, those that mean the same as this year's.
    """

    now: Mapping[Key, Content]
    last: Mapping[Key, Content]
    places: Mapping[Key, Position]

    def of(self, addend: Addend) -> Content:
        """Return what the cell of *addend* holds."""
        return (self.last if addend.last_year else self.now)[addend.key]

    def checks(self, form: Form, rule: Rule) -> list[Check]:
        """Return the checks of *rule* between printed cells, those for which last year's cells are there."""
        checks = [check.printed(form) for check in rule.checks(form, form)]
        return [check for check in checks if self.places.keys() >= {each.key for each in check.addends if each.last_year}]

    def runnable(self, form: Form) -> list[Rule]:
        """Return the rules that the cells can be held against: not those of words, nor those between years without last year's."""
        own = [rule for rule in form.rules if rule.about_cells]
        return [rule for rule in own if not rule.needs_last_year or self.checks(form, rule)]

    def left_out(self, form: Form) -> Strings:
        """Return the ids of the rules between years that are not held, because last year's cells are not there."""
        run = self.runnable(form)
        return tuple(rule.id for rule in form.rules if rule.needs_last_year and rule not in run)


class Checker:
    """Sets the checks of one sheet out around its grid; cells on other sheets are found in *everywhere*."""

    def __init__(self, form: Form, year: int, sheet: Sheet, everywhere: Sequence[Sheet], contents: Contents) -> None:
        self.form, self.year, self.sheet, self.contents = form, year, sheet, contents
        self.where = {key: (each.name, at) for each in everywhere for key, at in each.cells.items()}
        self.columns = {key[1]: at.column for key, at in sheet.cells.items()}
        self.found: list[Line] = []
        # The line that sums up comes first.
        self.line = sheet.last.line + 3
        self.column = sheet.last.column + 2

    def lines(self) -> tuple[Line, ...]:
        """Return the rules held on the sheet; the first line sums up the others."""
        for rule in self.contents.runnable(self.form):
            own = [check for check in self.contents.checks(self.form, rule) if check.left[0].key in self.sheet.cells]
            across = [check for check in own if check.row]
            if len(across) > _FEW:
                self._beside(rule, across)
            else:
                self._each_row(rule, across)
                self._under(rule, "", [self._live(check, self.columns[check.column]) for check in own if check.column])
            self._under(rule, "", self._counts(rule))
        return (self._sum_up(), *self.found)

    def _under(self, rule: Rule, where: str, cells: Sequence[Live]) -> None:
        """Give *rule* the next line under the grid, where *cells* hold it."""
        if cells:
            at = Position(self.line, 0)
            text = _named(rule, where + rule.wording(self.form, self.year))
            self.found.append(Line(Label(text=text, kind="rule", at=at, width=len(self.sheet.stub)), tuple(cells)))
            self.line += 1

    def _each_row(self, rule: Rule, across: Sequence[Check]) -> None:
        """Give a rule between columns a line for each row it holds in."""
        for check in across:
            where = f"{self.form.rows[check.row].numbered_label}：" if len(across) > 1 else ""
            self._under(rule, where, [self._live(check, self.sheet.cells[check.left[0].key].column)])

    def _beside(self, rule: Rule, across: Sequence[Check]) -> None:
        text = _named(rule, rule.wording(self.form, self.year))
        head = Label(text=text, kind="rule", at=Position(HEADS, self.column), height=self.sheet.first.line - HEADS)
        live = [self._live(check, self.column, self.sheet.cells[check.left[0].key].line) for check in across]
        self.found.append(Line(head, tuple(live), _RULE_WIDTH))
        self.column += 1

    def _counts(self, rule: Rule) -> list[Live]:
        """Count, column by column, the cells that do not hold what *rule* wants."""
        wanted = [key for key in rule.cells(self.form) if key in self.sheet.cells]
        found = []
        for column, place in self.columns.items():
            keys = [key for key in wanted if key[1] == column]
            if keys:
                found.append(self._counted(rule, keys, Position(self.line, place)))
        return found

    def _counted(self, rule: Rule, keys: Sequence[Key], at: Position) -> Live:
        cells = ranges(self.sheet.cells[key] for key in keys)
        held = [self.contents.now[key] for key in keys]
        if rule.wants is State.NOT_APPLICABLE:
            wrong = sum(each != "-" for each in held)
            shown = f"{rule.id} {FAILS}：{wrong}格应填“-”" if wrong else AGREES
            return Live(at, worksheet.not_dashes(rule.id, cells, len(keys)), shown)
        lacks = sum(not is_number(each) for each in held)
        shown = f"{LACKS}{lacks}格" if lacks else AGREES
        return Live(at, worksheet.lacking(cells, len(keys)), shown)

    def _live(self, check: Check, column: int, line: int | None = None) -> Live:
        """Return the cell that holds *check*, on the next line under the grid or on *line*."""
        cells = {(each.key, each.last_year): each for each in check.addends}
        units = [self.form.units[self.form.unit_at(*key)] for key, _last_year in cells]
        places = max(unit.places for unit in units)
        sides = (self._side(check.left), self._side(check.right))
        formula = worksheet.check(check.rule.id, check.operator, sides, self._ranges(cells.values()), len(cells), places)
        return Live(Position(self.line if line is None else line, column), formula, self._shown(check, places))

    def _shown(self, check: Check, places: int) -> str:
        """Return what the formula of *check* comes to."""
        held = [self.contents.of(each) for each in check.addends]
        if not all(is_number(each) for each in held):
            return NOT_APPLICABLE if "-" in held else WAITS
        signs = [each.sign for each in check.left] + [-each.sign for each in check.right]
        gap = sum((sign * Fraction(each) for sign, each in zip(signs, held, strict=True)), Fraction())
        if OPERATORS[check.operator].holds(gap):
            return AGREES
        said = MORE if gap > 0 else LESS
        return f"{check.rule.id} {FAILS}：{said}{rounded(abs(gap), places, 'half-up')}"

    def _side(self, side: Sequence[Addend]) -> str:
        added = ""
        for each in side:
            name, at = self._at(each)
            added += ("+" if each.sign > 0 else "-") + prefix(name) + at.address
        return added.removeprefix("+") or "0"

    def _at(self, addend: Addend) -> tuple[str, Position]:
        """Return the sheet, nothing where it is this one, and the cell of *addend*."""
        if addend.last_year:
            return LAST_YEAR, self.contents.places[addend.key]
        name, at = self.where[addend.key]
        return "" if name == self.sheet.name else name, at

    def _ranges(self, addends: Iterable[Addend]) -> Strings:
        cells: dict[str, list[Position]] = {}
        for each in addends:
            name, at = self._at(each)
            cells.setdefault(name, []).append(at)
        return tuple(each for name, places in cells.items() for each in ranges(places, name))

    def _sum_up(self) -> Line:
        cells = [live for line in self.found for live in line.cells]
        fails = sum(FAILS in str(live.shown) for live in cells)
        lacks = any(LACKS in str(live.shown) for live in cells)
        said = [f"{fails}处{FAILS}"] if fails else []
        if lacks:
            said.append(UNFILLED)
        at = Position(self.sheet.last.line + 2, 0)
        label = Label(text=_HEADING, kind="rule", at=at, width=len(self.sheet.stub))
        formula = worksheet.overview(ranges(live.at for live in cells))
        shown = "；".join(said) or (AGREES if cells else NOTHING)
        return Line(label, (Live(Position(at.line, self.sheet.first.column), formula, shown),))


def _named(rule: Rule, words: str) -> str:
    return f"{rule.id}{_MARKS[rule.severity]}　{words}"
