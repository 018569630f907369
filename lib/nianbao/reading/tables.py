"""
Where a table of the form lies in a sheet of a file: each row by its label, each column by the headings above it, each cell as typed.

The place on the sheet counts for nothing: lines and columns may have been put in, moved or taken out. What is missing, there twice
or worded otherwise is noted (`Mismatch`), and never guessed. `typed` says what number a cell means.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from nianbao.indicators import positional
from nianbao.indicators.errors import Problem, listed, short
from nianbao.indicators.form import same
from nianbao.indicators.values import NotANumeralError
from nianbao.page.grid import HEADS, STUB, Position, letter
from nianbao.reading.xlsx import Shown, places, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nianbao.indicators.form import Column, Row
    from nianbao.indicators.values import Strings
    from nianbao.page import grid
    from nianbao.reading import xlsx
    from nianbao.reading.xlsx import Stored


# How many lines above the first row may hold its headings; further up stands something else.
_HEADINGS = 12
_QUOTES = str.maketrans("“”„‟＂〝〞‘’＇", '"""""""' + "'''")


def key(text: str) -> str:
    """Return what of a label counts in a spreadsheet: no blanks, no width, no kind of quotation mark, nothing invisible."""
    visible = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return same(visible).translate(_QUOTES)


def keys(sheet: xlsx.Sheet) -> dict[Position, str]:
    """Return what counts of each text of *sheet*."""
    return {at: key(cell.text) for at, cell in sheet.cells.items() if cell.kind == "text"}


@dataclass(eq=False)
class Found:
    """The rows and columns of one table of the form, as far as a sheet has them; `keys` is what counts of the sheet's texts."""

    wanted: grid.Sheet
    sheet: xlsx.Sheet
    keys: Mapping[Position, str]

    @cached_property
    def labels(self) -> Mapping[str, Sequence[Position]]:
        """Where each label of a row stands, by its key, from the top: the leftmost on a line counts."""
        known = {key(row.printed_label) for row in self.wanted.table.rows}
        found: dict[str, list[Position]] = defaultdict(list)
        taken = set()
        for at, text in sorted(self.keys.items()):
            if text in known and at.line not in taken:
                taken.add(at.line)
                found[text].append(at)
        return found

    @cached_property
    def rows(self) -> Mapping[str, Position]:
        """Where the label of each row stands, by the row's id, where that is beyond doubt."""
        found: dict[str, Position] = {}
        for text, rows in self.by_label.items():
            places = self.labels.get(text, ())
            if len(places) == len(rows):
                found |= {row.id: at for row, at in zip(rows, places, strict=True)}
        for row in self._ambiguous(found):
            del found[row.id]
        return found

    @cached_property
    def columns(self) -> Mapping[str, Sequence[int]]:
        """The columns that stand under the headings of each column of the form, by its id; one where all is well."""
        wanted = {path: column.id for column in self.wanted.table.columns for path in self._paths(column)}
        found: dict[str, list[int]] = defaultdict(list)
        for column in sorted({at.column for at, text in self.keys.items() if at.line < self.top and text in self._heads}):
            if (name := wanted.get(self._path(column))) is not None:
                found[name].append(column)
        return found

    @property
    def likeness(self) -> tuple[int, int]:
        """How many of the form's labels, and of its columns, the sheet has."""
        return len(self.labels), len(self.columns)

    @cached_property
    def top(self) -> int:
        """The line of the first row that is there; the headings stand above it."""
        return min((places[0].line for places in self.labels.values()), default=0)

    def cell(self, row: str, column: str) -> Position | None:
        """Return the cell of a value, where its row and its column are beyond doubt."""
        columns = self.columns.get(column, ())
        if row not in self.rows or len(columns) != 1:
            return None
        return Position(self.rows[row].line, columns[0])

    def text(self, at: Position) -> str:
        """Return the key of the text that *at* shows: its own, or that of the merged cells it is one of."""
        merge = self.sheet.merge(at)
        return self.keys.get(merge.first if merge else at, "")

    def under(self, head: grid.Label) -> Sequence[Column]:
        """Return the columns of the form that the heading *head* stands over."""
        first = self.wanted.first.column
        return self.wanted.table.columns[head.at.column - first : head.end.column - first + 1]

    def lacking_heads(self, columns: Sequence[str]) -> list[grid.Label]:
        """Return the headings over the form's *columns* that the sheet has less often than the form, from the left."""
        above = Counter(text for at, text in self.keys.items() if self.top - _HEADINGS <= at.line < self.top)
        wanted = Counter(key(label.text) for label in self._value_heads)
        over = [label for label in self._value_heads if any(column.id in columns for column in self.under(label))]
        lacking = [label for label in over if above[key(label.text)] < wanted[key(label.text)]]
        return sorted(lacking, key=lambda label: (label.at.column, label.at.line))

    @cached_property
    def by_label(self) -> Mapping[str, Sequence[Row]]:
        """The rows of the form by the key of their label."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.wanted.table.rows:
            found[key(row.printed_label)].append(row)
        return found

    def _ambiguous(self, found: Mapping[str, Position]) -> Iterator[Row]:
        """Yield the rows that share their label with another and do not follow the row that they follow in the form."""
        order = [row.id for row in self.wanted.table.rows if row.id in found]
        there = sorted(order, key=lambda row: found[row])
        follows = {*pairwise([None, *order])} & {*pairwise([None, *there])}
        rest = found.keys() - {row for _before, row in follows}
        for rows in self.by_label.values():
            yield from (row for row in rows if len(rows) > 1 and row.id in rest)

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(text for column in self.wanted.table.columns for path in self._paths(column) for text in path)

    @cached_property
    def _value_heads(self) -> tuple[grid.Label, ...]:
        return tuple(label for label in self.wanted.labels if label.kind == "head" and label.at.column >= self.wanted.first.column)

    def _paths(self, column: Column) -> Iterator[Strings]:
        """Yield the headings over *column*, outermost first, as the sheet has them, and in one cell, as the table's CSV file does."""
        over = sorted((label for label in self._value_heads if column in self.under(label)), key=lambda label: label.at.line)
        yield tuple(key(label.text) for label in over)
        yield (key("/".join(label.text.removesuffix(f"（{column.unit}）") for label in over)),)

    def _path(self, column: int) -> Strings:
        """Return the headings over *column*, outermost first; empty where what stands lowest is no heading of the form."""
        found: list[str] = []
        for line in range(self.top - 1, max(self.top - _HEADINGS, 0) - 1, -1):
            at = Position(line, column)
            text = self.text(at) or (self._left_of(at) if found else "")
            if text in self._heads:
                if text not in found[-1:]:
                    found.append(text)
            elif text and not found:
                return ()
        return tuple(reversed(found))

    def _left_of(self, at: Position) -> str:
        """Return the text that stands left of the blank cell *at*, where the heading that covered both is no longer merged."""
        if self.sheet.merge(at):
            return ""
        for column in range(at.column - 1, -1, -1):
            left = Position(at.line, column)
            if text := self.text(left):
                return "" if self.sheet.merge(left) else text
        return ""


_DIGITS = 15
_MOST_PLACES = 30
_NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?", re.ASCII)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
_LONG_DASH = re.compile(r"-{2,}")
_WIDE = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {ord("．"): ".", ord("，"): ","}
_DASHES = dict.fromkeys(map(ord, "－—–−‐‑‒―─﹣"), "-")
_APOSTROPHES = "'‘’＇`"
_DAYS = 2_950_000
_NEVER = 60
_REFILL = "把单元格格式改为“常规”，重新填数"


@positional
class Typed:
    """
    The text that a cell means.

    Args:
        habits: what was overlooked to read it so, in words.

        rounded: whether the screen shows fewer decimals than there are.
    """

    text: str
    habits: Strings = ()
    rounded: bool = False


def typed(stored: Stored | None, *, since_1904: bool = False) -> Typed:
    """
    Return what *stored* says.

    Raises:
        NotANumeralError: where it cannot be what a cell of a form holds.
    """
    if stored is None:
        return Typed("")
    if not stored.computed:
        raise NotANumeralError("是公式，文件里没有存计算结果", "用 Excel 或 WPS 打开、保存一次，再导入")
    if stored.kind == "error":
        raise NotANumeralError(f"是错误值 {stored.text}", "改正公式，或直接填数")
    if stored.kind == "truth":
        raise NotANumeralError(f"是逻辑值 {'TRUE' if stored.text == '1' else 'FALSE'}", _REFILL)
    if stored.kind == "date":
        raise NotANumeralError(f"是日期 {stored.text}", _REFILL)
    return _text(stored.text) if stored.kind == "text" else _number(stored, since_1904=since_1904)


def _number(stored: Stored, *, since_1904: bool) -> Typed:
    if not _NUMBER.fullmatch(stored.text):
        raise NotANumeralError(f"写的是“{stored.text}”，不是数", _REFILL)
    value = exact(stored.text)
    match shown(stored.code, (value > 0) - (value < 0)):
        case Shown.DATE:
            raise NotANumeralError(f"是日期或时间{_day(value, since_1904=since_1904)}", _REFILL)
        case Shown.PERCENT:
            raise NotANumeralError(f"显示为百分数，存的是{value:f}", _REFILL)
        case Shown.SCALED:
            raise NotANumeralError(f"显示的数缩小了千倍或更多，存的是{value:f}", _REFILL)
        case Shown.OTHER:
            habits: Strings = ("的数字格式不显示这个数，按存的数读",)
        case _:
            habits = ()
    text, decimals = format(value, "f"), places(stored.code)
    if decimals is not None and decimals < len(text.partition(".")[2]):
        return Typed(text, (*habits, "显示的是四舍五入后的数，按存的数读"), rounded=True)
    return Typed(text, habits)


def exact(text: str) -> Decimal:
    """
    Return the number that a file writes as *text*, to the 15 significant digits that a spreadsheet keeps.

    Raises:
        NotANumeralError: where it has more digits before the decimal point, or more decimals than any table has.
    """
    value = Decimal(text)
    if not value:
        return Decimal(0)
    if len(value.as_tuple().digits) > _DIGITS:
        value = Decimal(format(float(text), f".{_DIGITS}g"))
    if value.adjusted() >= _DIGITS:
        raise NotANumeralError(
            f"是{value:.4E}，多于{_DIGITS}位；电子表格只保留前{_DIGITS}位", "核对原数，把单元格格式改为“文本”后重新填写"
        )
    if value.adjusted() < -_MOST_PLACES:
        raise NotANumeralError(f"是{value:.4E}，小得不是数", "核对后重新填数")
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if whole == value else value.normalize()


def _day(value: Decimal, *, since_1904: bool) -> str:
    """Return the day that *value* counts up to, where there is one."""
    if not 1 <= value < _DAYS:
        return ""
    # The calendar that begins in 1900 has a 29 February of that year, its day 60, that never was.
    first = datetime.date(1904, 1, 1) if since_1904 else datetime.date(1899, 12, 31 if value < _NEVER else 30)
    day = first + datetime.timedelta(days=int(value))
    return f"（{day.year}年{day.month}月{day.day}日）"


def _text(raw: str) -> Typed:
    """Read a text as people type a number, overlooking what changes nothing."""
    habits = []
    text = "".join(each for each in raw if unicodedata.category(each) != "Cf").strip()
    if text != raw:
        habits.append("只有空格，按空（缺数）读" if not text else "带空格或看不见的字符，已去掉")
    if text[:1] in set(_APOSTROPHES):
        text = text[1:].strip()
        habits.append("带撇号，已去掉")
    if text.startswith("="):
        raise NotANumeralError(f"写的是“{text}”，是没有计算的公式", "把单元格格式改为“常规”，重新输入公式，或直接填数")
    for table, words in ((_WIDE, "是全角数字，按半角读"), (_DASHES, "用了其他横线，按“-”读")):
        if (narrow := text.translate(table)) != text:
            text = narrow
            habits.append(words)
    text = "-" if _LONG_DASH.fullmatch(text) else text
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
        habits.append("带千位分隔符，已去掉")
    if text and text != "-":
        habits.append("是文字形式的数字，按数读")
    return Typed(text, tuple(habits))


_RESTORE = "恢复表式的文字"
_DASH_MARKS = frozenset("-—－–―─")


class Mismatch:
    """Holds what was found on a sheet against the table of the form."""

    def __init__(self, found: Found, file: str, year: int) -> None:
        self.found = found
        self.file = file
        self.year = year
        self.sheet = found.sheet
        self.table = found.wanted.table
        self.known = {key(label.text) for label in found.wanted.labels}
        self.lines = sorted(at.line for at in found.rows.values())
        self.columns = sorted(columns[0] for columns in found.columns.values())
        # Lines that take the place of a row that is missing, which is said of them once.
        self.taken: set[int] = set()

    def problems(self) -> Iterator[Problem]:
        """Yield what makes the table unreadable, in part or as a whole."""
        yield from self._columns()
        repeated = [row for row in self.table.rows if len(self._places(row)) > self._wanted(row)]
        if len(repeated) * 2 > len(self.table.rows) > 1:
            where = listed(at.address for at in self._places(repeated[0]))
            found = f"同一张表不止一次，如“{repeated[0].printed_label}”在 {where}，不知道以哪一处为准"
            yield self._problem(found, remedy="只留一处")
            return
        for row in self.table.rows:
            yield from self._row(row)
        if len(self.columns) == len(self.table.columns):
            yield from self._stubs()
        yield from self._headings()

    def extras(self) -> Iterator[str]:
        """Yield what the sheet holds between the rows and beside the columns of the table, which is not read."""
        last = self.lines[-1] if self.lines else -1
        inside = {at.line for at in self.sheet.cells if self.found.top <= at.line <= last}
        for line in sorted(inside - set(self.lines) - self.taken):
            yield f"{self.sheet.name} 第{line + 1}行{self._first(line)}不是表式的行，没有读"
        beyond = [
            at
            for at, cell in self.sheet.cells.items()
            if at.line in self.lines and not cell.formula and self._is_beyond(at.column) and self.sheet.merge(at) is None
        ]
        for column, count in sorted(Counter(at.column for at in beyond).items()):
            yield f"{self.sheet.name} {letter(column)}列有{count}格内容，不是表式的栏，没有读"

    def _is_beyond(self, column: int) -> bool:
        """Tell whether *column* stands beside the columns of the table or between them."""
        return bool(self.columns) and column > self.columns[0] and column not in self.columns

    def _columns(self) -> Iterator[Problem]:
        """Yield a problem for each heading that is missing or worded otherwise, and for each column that is there twice or not."""
        missing = [column.id for column in self.table.columns if column.id not in self.found.columns]
        lacking = self.found.lacking_heads(missing)
        strange = self._strange_heads()
        if len(strange) == len(lacking):
            for at, head in zip(strange, lacking, strict=True):
                stands = short(self.sheet.cells[at].text)
                yield self._problem(f"表头是“{stands}”", at=at, allowed=f"“{head.text}”", remedy="恢复表式的表头")
        else:
            for head in lacking:
                yield self._problem(f"没有表头“{head.text}”", remedy="恢复表式的表头")
        under = {column.id for head in lacking for column in self.found.under(head)}
        for column in self.table.columns:
            heading, places = column.heading(self.year), self.found.columns.get(column.id, ())
            if len(places) > 1:
                letters = listed(letter(each) for each in places)
                found = f"表头“{heading}”出现了{len(places)}次（{letters}列），不知道以哪一栏为准"
                yield self._problem(found, remedy="只留一栏")
            elif not places and column.id not in under:
                yield self._problem(f"没有一栏的表头是“{heading}”", remedy="恢复表式的表头")

    def _strange_heads(self) -> list[Position]:
        """Return the texts beside the headings that are none, from the left."""
        lines = range(self.found.top - (self.found.wanted.first.line - HEADS), self.found.top)
        strange = [at for at, text in self.found.keys.items() if at.line in lines and text not in self.known]
        return sorted(strange, key=lambda at: (at.column, at.line))

    def _row(self, row: Row) -> Iterator[Problem]:
        if row.id in self.found.rows:
            return
        label, places = row.printed_label, self._places(row)
        if places:
            where = listed(at.address for at in places)
            found = f"“{label}”应有{self._wanted(row)}行，有{len(places)}行（{where}），分不清是哪一行"
            yield self._problem(found, remedy="按表式的次序，每行只留一次")
            return
        at = self._line_instead(row)
        if at is None:
            yield self._problem(f"缺少“{label}”一行", remedy="按表式补上")
        else:
            self.taken.add(at.line)
            stands = short(self.sheet.cells[at].text)
            yield self._problem(f"行名是“{stands}”", at=at, allowed=f"“{label}”", remedy=_RESTORE)

    def _places(self, row: Row) -> Sequence[Position]:
        return self.found.labels.get(key(row.printed_label), ())

    def _wanted(self, row: Row) -> int:
        """Return how many rows of the form are called as *row* is."""
        return len(self.found.by_label[key(row.printed_label)])

    def _line_instead(self, row: Row) -> Position | None:
        """Return the label of the line that stands where *row* should: right below the row before it, or above the one after."""
        order = [each.id for each in self.table.rows]
        index = order.index(row.id)
        columns = [label.at.column for label in self.found.wanted.labels if label.kind == "label"]
        for other, step in ((index - 1, 1), (index + 1, -1)):
            if 0 <= other < len(order) and (near := self.found.rows.get(order[other])):
                line = near.line + step
                stub = [at for at in self._texts(line) if not self.columns or at.column < self.columns[0]]
                if stub and line not in self.lines and line not in self.taken and line >= self.found.top - 1:
                    return min(stub, key=lambda at: abs(at.column - near.column - columns[index] + columns[other]))
        return None

    def _stubs(self) -> Iterator[Problem]:
        """Yield a problem for each section, group and unit that is not beside its rows."""
        told = set()
        for row in self.table.rows:
            if row.id not in self.found.rows or row.heading:
                continue
            beside = list(self._beside(self.found.rows[row.id].line))
            texts = {text for _at, text in beside}
            for kind in self.found.wanted.stub:
                wanted = "" if kind == "label" else str(getattr(row, kind))
                if not wanted or key(wanted) in texts or (kind == "unit" and not self._unit(row)):
                    continue
                strange = next((at for at, text in beside if text not in self.known), None)
                if (kind, wanted, strange) not in told:
                    told.add((kind, wanted, strange))
                    at = strange or self.found.rows[row.id]
                    words = f"是“{short(self.sheet.cells[at].text)}”" if strange else f"不对（“{row.printed_label}”这一行）"
                    yield self._problem(f"{STUB[kind]}{words}", at=at, allowed=f"“{wanted}”", remedy=_RESTORE)

    def _unit(self, row: Row) -> str:
        """Return what stands between the label of *row* and its values."""
        at = self.found.rows[row.id]
        between = (self.found.text(Position(at.line, column)) for column in range(at.column + 1, self.columns[0]))
        return "".join(text for text in between if text != self.found.text(at))

    def _beside(self, line: int) -> Iterator[tuple[Position, str]]:
        """Yield the texts left of the values on *line*; a blank goes on with what stands above it, as a section does."""
        for column in range(self.columns[0]):
            for above in range(line, self.found.top - 1, -1):
                at = Position(above, column)
                merge = self.sheet.merge(at)
                if text := self.found.text(at):
                    yield (merge.first if merge else at), text
                    break

    def _headings(self) -> Iterator[Problem]:
        """Yield a problem for each number on a line that has none."""
        for row in self.table.rows:
            if row.heading and row.id in self.found.rows:
                line = self.found.rows[row.id].line
                for column in self.columns:
                    at = Position(line, column)
                    cell = self.sheet.cells.get(at)
                    if cell and set(cell.text.strip()) - _DASH_MARKS:
                        found = f"读到“{short(cell.text)}”，“{row.printed_label}”是标题行，不填数"
                        yield self._problem(found, at=at, remedy="把数填到它应在的行")

    def _first(self, line: int) -> str:
        """Return the first text of *line* in quotes, or nothing."""
        texts = self._texts(line)
        return f"“{short(self.sheet.cells[texts[0]].text)}”" if texts else ""

    def _texts(self, line: int) -> list[Position]:
        """Return where texts stand on *line*, from the left."""
        return sorted(at for at, cell in self.sheet.cells.items() if at.line == line and cell.kind == "text")

    def _problem(self, found: str, *, at: Position | None = None, allowed: str = "", remedy: str = "") -> Problem:
        place = f"{self.sheet.name}!{at.address}" if at else self.sheet.name
        return Problem(file=self.file, place=place, found=found, allowed=allowed, remedy=remedy)
