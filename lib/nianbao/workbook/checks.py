"""
The cells that say, while a form is filled in, whether its rules hold: where they stand, their formulas, what they show at first.

A rule between rows has a line under the grid, one between columns a column beside it. What a rule of words wants is not held here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.indicators import rules
from nianbao.indicators.rules import checks
from nianbao.indicators.values import rounded
from nianbao.page.grid import HEADS, Label, Position
from nianbao.render import worksheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nianbao.indicators.form import Form, Rule
    from nianbao.indicators.rules import Addend, Check, Key
    from nianbao.page.grid import Sheet
    from nianbao.render.worksheet import Content


LAST_YEAR = "上年数"
_MARKS = {"error": "", "warning": "（警告）", "info": "（提示）"}
_RULE_WIDTH = 30.0
# A rule between columns that holds in no more rows than these has lines under the grid.
_FEW = 2
_HEADING = "核对（随填随变，不打印）"
_WORDS = {"filled": "每格都要有数，没有发生的填“0”", "not-applicable": "表式规定不填数的格填“-”"}


@dataclass(frozen=True, slots=True)
class Live:
    """A formula, the cell it stands in, and what it shows until it is computed again."""

    at: Position
    formula: str
    shown: Content


@dataclass(frozen=True, slots=True, kw_only=True)
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

    def have(self, check: Check) -> bool:
        """Tell whether last year's cells that *check* takes are there."""
        return all(each.key in self.places for each in check.addends if each.last_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A rule in words and the live cells that hold it; `width` is that of its column, where it has one of its own."""

    label: Label
    width: float = 0.0
    cells: tuple[Live, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The rules held on a sheet; the first of them sums up the others."""

    lines: tuple[Line, ...]

    @property
    def sum_up(self) -> Live:
        """The cell that sums up all the others."""
        return self.lines[0].cells[0]


def checked(form: Form, year: int, sheet: Sheet, everywhere: Sequence[Sheet], contents: Contents) -> Checked:
    """Return the checks of *sheet*; cells on other sheets are found in *everywhere*."""
    return _Checker(form, year, sheet, everywhere, contents).checked()


def runnable(form: Form, contents: Contents) -> Iterator[Rule]:
    """Yield the rules that cells can be held against: all but those of words, and those that need last year's cells without them."""
    for rule in form.rules:
        if rule.kind != "stated" and (rule.relation is None or any(map(contents.have, checks(form, rule)))):
            yield rule


def left_out(form: Form, contents: Contents) -> tuple[str, ...]:
    """Return the ids of the rules between years that are not held, because last year's cells are not there."""
    run = {rule.id for rule in runnable(form, contents)}
    return tuple(rule.id for rule in form.rules if rule.relation and rule.relation.needs_last_year and rule.id not in run)


class _Checker:
    def __init__(self, form: Form, year: int, sheet: Sheet, everywhere: Sequence[Sheet], contents: Contents) -> None:
        self.form, self.year, self.sheet, self.contents = form, year, sheet, contents
        self.where = {key: (each.name, at) for each in everywhere for key, at in each.cells.items()}
        self.lines: list[Line] = []
        # The line that sums up comes first.
        self.line = sheet.last.line + 3
        self.column = sheet.last.column + 2

    def checked(self) -> Checked:
        for rule in runnable(self.form, self.contents):
            if rule.relation is None:
                self._count(rule)
            elif own := [check for check in checks(self.form, rule) if self._is_here(check) and self.contents.have(check)]:
                (self._beside if rule.rows and len(own) > _FEW else self._under)(rule, own)
        return Checked(lines=(self._sum_up(), *self.lines))

    def _is_here(self, check: Check) -> bool:
        return check.left[0].key in self.sheet.cells

    def _stub(self, text: str, cells: Iterable[Live]) -> None:
        label = Label(text=text, kind="rule", at=Position(self.line, 0), width=len(self.sheet.stub))
        self.lines.append(Line(label=label, cells=tuple(cells)))
        self.line += 1

    def _under(self, rule: Rule, own: Sequence[Check]) -> None:
        """Give a rule between rows one line, a rule between columns one for each row it holds in."""
        words = rules.relation(self.form, rule, self.year)
        if rule.rows:
            for check in own:
                where = f"{self.form.rows[check.row].numbered_label}：" if len(own) > 1 else ""
                at = Position(self.line, self.sheet.cells[check.left[0].key].column)
                self._stub(_named(rule, where + words), [self._live(check, at)])
        else:
            live = [self._live(check, Position(self.line, self._column_of(check.column))) for check in own]
            self._stub(_named(rule, words), live)

    def _beside(self, rule: Rule, own: Sequence[Check]) -> None:
        text = _named(rule, rules.relation(self.form, rule, self.year))
        head = Label(text=text, kind="rule", at=Position(HEADS, self.column), height=self.sheet.first.line - HEADS)
        live = [self._live(check, Position(self.sheet.cells[check.left[0].key].line, self.column)) for check in own]
        self.lines.append(Line(label=head, width=_RULE_WIDTH, cells=tuple(live)))
        self.column += 1

    def _count(self, rule: Rule) -> None:
        """Count, column by column, the cells that do not hold what *rule* wants."""
        dashed = rule.kind == "not-applicable"
        live = []
        for column in self.sheet.table.columns:
            own = [key for key in self.sheet.cells if key[1] == column.id]
            keys = [key for key in own if (column.id in self.form.rows[key[0]].not_applicable) == dashed]
            if keys:
                live.append(self._counted(rule, keys, Position(self.line, self._column_of(column.id))))
        if live:
            self._stub(_named(rule, _WORDS[rule.kind]), live)

    def _counted(self, rule: Rule, keys: Sequence[Key], at: Position) -> Live:
        cells = worksheet.ranges(self.sheet.cells[key] for key in keys)
        held = [self.contents.now[key] for key in keys]
        if rule.kind == "not-applicable":
            wrong = sum(each != "-" for each in held)
            shown = f"{rule.id} {worksheet.FAILS}：{wrong}格应填“-”" if wrong else worksheet.AGREES
            return Live(at, worksheet.not_dashes(rule.id, cells, len(keys)), shown)
        lacks = sum(not worksheet.is_number(each) for each in held)
        shown = f"{worksheet.LACKS}{lacks}格" if lacks else worksheet.AGREES
        return Live(at, worksheet.lacking(cells, len(keys)), shown)

    def _column_of(self, column: str) -> int:
        return next(at.column for key, at in self.sheet.cells.items() if key[1] == column)

    def _live(self, check: Check, at: Position) -> Live:
        assert check.rule.relation is not None
        cells = {(each.key, each.last_year): each for each in check.addends}
        sides = tuple(self._side(side) for side in (check.left, check.right))
        relation = check.rule.relation.operator, (sides[0], sides[1])
        places = max(self._places(each.key) for each in cells.values())
        formula = worksheet.check(check.rule.id, *relation, self._ranges(cells.values()), len(cells), places)
        return Live(at, formula, self._shown(check, places))

    def _shown(self, check: Check, places: int) -> str:
        """Return what the formula of *check* comes to."""
        held = [self.contents.of(each) for each in check.addends]
        if not all(worksheet.is_number(each) for each in held):
            return worksheet.NOT_APPLICABLE if "-" in held else worksheet.WAITS
        sums = [sum(each.sign * Fraction(self.contents.of(each)) for each in side) for side in (check.left, check.right)]
        assert check.rule.relation is not None
        gap = Fraction(sums[0] - sums[1])
        if {"==": gap == 0, "<=": gap <= 0, ">=": gap >= 0}[check.rule.relation.operator]:
            return worksheet.AGREES
        said = worksheet.MORE if gap > 0 else worksheet.LESS
        return f"{check.rule.id} {worksheet.FAILS}：{said}{rounded(abs(gap), places, 'half-up')}"

    def _places(self, key: Key) -> int:
        row, column = key
        return self.form.units[self.form.unit_of(self.form.rows[row], self.form.table_of(row).column(column))].places

    def _side(self, side: Sequence[Addend]) -> str:
        return "".join(("+" if each.sign > 0 else "-") + self._reference(each) for each in side).removeprefix("+")

    def _reference(self, addend: Addend) -> str:
        name, at = self._at(addend)
        return worksheet.prefix(name) + at.address

    def _at(self, addend: Addend) -> tuple[str, Position]:
        """Return the sheet, nothing where it is this one, and the cell of *addend*."""
        if addend.last_year:
            return LAST_YEAR, self.contents.places[addend.key]
        name, at = self.where[addend.key]
        return "" if name == self.sheet.name else name, at

    def _ranges(self, addends: Iterable[Addend]) -> tuple[str, ...]:
        found: dict[str, list[Position]] = {}
        for each in addends:
            name, at = self._at(each)
            found.setdefault(name, []).append(at)
        return tuple(each for name, cells in found.items() for each in worksheet.ranges(cells, name))

    def _sum_up(self) -> Line:
        cells = [live for line in self.lines for live in line.cells]
        fails, lacks = (sum(word in str(live.shown) for live in cells) for word in (worksheet.FAILS, worksheet.LACKS))
        unfilled = worksheet.UNFILLED if lacks else ""
        said = "；".join(each for each in (f"{fails}处{worksheet.FAILS}" if fails else "", unfilled) if each)
        at = Position(self.sheet.last.line + 2, 0)
        label = Label(text=_HEADING, kind="rule", at=at, width=len(self.sheet.stub))
        formula = worksheet.overview(worksheet.ranges(live.at for live in cells))
        said = said or (worksheet.AGREES if cells else worksheet.NOTHING)
        return Line(label=label, cells=(Live(Position(at.line, self.sheet.first.column), formula, said),))


def _named(rule: Rule, words: str) -> str:
    return f"{rule.id}{_MARKS[rule.severity]}　{words}"
