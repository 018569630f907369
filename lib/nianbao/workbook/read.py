"""
Read a filled form back from an Excel workbook, whatever was done to it on the way, and say what is wrong by cell: `表三!D14`.

A table is found by its labels, on whichever sheet it stands; what is meant beyond doubt is read and told in a note, anything else is
refused. Nothing in the file is run, followed or trusted: a total is what the file holds, and the form's rules judge it.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nianbao.build import swap
from nianbao.indicators import frozen
from nianbao.indicators.errors import InvalidInputError, Problem, Reading, UnknownNameError, listed, short
from nianbao.indicators.form import labelled
from nianbao.indicators.report import Cell
from nianbao.indicators.rules import totals
from nianbao.indicators.values import MISSING, NotANumeralError, given, total
from nianbao.inputs import report
from nianbao.inputs.report import YAML
from nianbao.inputs.tables import TableReader, allowed, quantity_of, written
from nianbao.page import faces
from nianbao.page.grid import FORM_NAME, OWNER, YEAR, YEAR_NAME, Position, letter
from nianbao.page.grid import sheets as laid_out
from nianbao.reading import xlsx
from nianbao.reading.tables import Found, Mismatch, key, keys, typed
from nianbao.reading.xlsx import MOST_BYTES, NotAWorkbookError
from nianbao.render.worksheet import ranges
from nianbao.workbook import declared
from nianbao.workbook.checks import LAST_YEAR
from nianbao.workbook.write import FRONT, YES, ZEROS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nianbao.build.inputs import Files
    from nianbao.indicators.errors import Problems
    from nianbao.indicators.form import Form, Forms
    from nianbao.indicators.report import Cells, Key
    from nianbao.indicators.values import Quantity, Strings
    from nianbao.inputs.project import Project
    from nianbao.page import grid


_MOST_RANGES = 6
_FORMULA = "是公式，按文件里存的计算结果读"


def read(
    content: bytes, form: Form, year: int, file: str, problems: Problems, notes: list[str] | None = None, name: str = ""
) -> Cells:
    """
    Return the cells of the workbook *content* by row and column id, leaving out those that could not be read.

    Args:
        file: how messages name it.

        problems: what is wrong is added to it.

        notes: what was overlooked is added to it.

        name: the unit's; a workbook of another is refused.
    """
    try:
        book = xlsx.read(content)
    except NotAWorkbookError as error:
        Reading(file, problems).note(error.found, remedy=error.remedy)
        return {}
    reader = _Reader(file, problems, form, year, [] if notes is None else notes, book)
    return reader.read() if reader.fits(name) else {}


@dataclass
class _Reader(Reading):
    """Reads the tables of a form from the sheets of `book`."""

    form: Form
    year: int
    notes: list[str]
    book: xlsx.Book

    @cached_property
    def totals(self) -> Container[Key]:
        """Where an exported workbook has formulas of its own."""
        return totals(self.form)

    def fits(self, name: str) -> bool:
        """Tell whether the workbook is, by what it says of itself, one of this form and year, and that of the unit *name*."""
        names = self.book.names
        if self.book.macros:
            self.notes.append("文件带有宏，没有运行，只读了数")
        if FORM_NAME not in names:
            self.notes.append("文件不是由本程序导出的，或去掉了表式标记；各表按表头和行名认出")
            return self._is_of(name)
        form, year = names[FORM_NAME], names.get(YEAR_NAME, "")
        if (form, year) == (self.form.id, str(self.year)):
            return self._is_of(name)
        found, wanted = f"是表式 {short(form)} {short(year)}年的表", f"表式 {self.form.id} {self.year}年的表"
        self.note(found, allowed=wanted, remedy="选对文件，或重新导出空表填写")
        return False

    def _is_of(self, name: str) -> bool:
        """Tell whether every sheet that names a unit names this one, where that is known."""
        for sheet in self.book.sheets if name else ():
            for at, cell in sheet.cells.items():
                owner = cell.text.removeprefix(OWNER).partition(YEAR)[0] if cell.text.startswith(OWNER) else name
                # A workbook that was exported has the code of a character that no face has.
                if key(faces.decoded(owner)) != key(name):
                    found, remedy = f"填报单位是“{short(owner)}”", "选对文件；确是本单位的表，先改正这一格"
                    self.note(found, place=f"{sheet.name}!{at.address}", allowed=f"“{name}”", remedy=remedy)
                    return False
        return True

    def read(self) -> Cells:
        """Return the cells of all tables."""
        texts = [(sheet, keys(sheet)) for sheet in self.book.sheets]
        found = [each for wanted in laid_out(self.form, self.year) if (each := self._find(wanted, texts))]
        known = {each.sheet.name for each in found} | {FRONT, LAST_YEAR, declared.UNIT, declared.FACTS}
        if ignored := [sheet.name for sheet in self.book.sheets if sheet.name not in known and sheet.cells]:
            self.notes.append(f"没有读这些工作表，它们不是表式的表：{listed(ignored)}")
        cells: Cells = {}
        for each in found:
            cells |= _Table(self, each).read()
        marked = {each.wanted.table.id: each.sheet.name for each in found if each.wanted.name in self._marked}
        if marked and not self.problems:
            self.notes.append(f"{listed(marked.values())}的空格都按0读，{FRONT}中填了“{YES}”")
            cells = zeroed(self.form, cells, marked)
        return cells

    @cached_property
    def _marked(self) -> set[str]:
        """The sheets, as they were exported, whose blank cells are 0 because the front says so."""
        marked: set[str] = set()
        for sheet in (each for each in self.book.sheets if each.name == FRONT):
            texts = {at: stored.text.strip() for at, stored in sheet.cells.items()}
            for head in (at for at, text in texts.items() if text == ZEROS):
                below = (at for at in texts if at.column == head.column and at.line > head.line)
                for at in below:
                    if texts[at] == YES:
                        marked.add(texts.get(Position(at.line, 0), ""))
                    else:
                        place = f"{FRONT}!{at.address}"
                        self.note(f"“{short(texts[at])}”看不懂", place=place, allowed=f"“{YES}”或空着", remedy="改正或清空")
        return marked

    def _find(self, wanted: grid.Sheet, texts: Sequence[tuple[xlsx.Sheet, Mapping[Position, str]]]) -> Found | None:
        """Return the one sheet that holds the table *wanted*, or None after saying why there is none."""
        labels, columns = len(wanted.table.rows), len(wanted.table.columns)
        read = [Found(wanted, *pair) for pair in texts]
        likely = [each for each in read if each.likeness[0] * 2 >= labels]
        sure = [each for each in likely if each.likeness[1] * 2 >= columns] or likely
        named = [each for each in sure if each.sheet.name == wanted.name]
        title = f"{wanted.name}（{labelled(wanted.table.title, year=self.year)}）"
        if not sure:
            self.note(f"没有找到{title}：没有一张工作表有它的行名", remedy="从导出的空表补上这张表")
        elif len(sure) > 1 and (len(named) != 1 or sure[0].likeness[1]):
            names = listed(each.sheet.name for each in sure)
            self.note(f"有{len(sure)}张工作表都像{title}，不知道以哪张为准", place=names, remedy="只留一张，其余删去")
        else:
            return (named or sure)[0]
        return None


class _Table:
    """Reads one table from the sheet on which it was found."""

    def __init__(self, reader: _Reader, found: Found) -> None:
        self.reader = reader
        self.found = found
        self.sheet = found.sheet
        self.habits: dict[str, list[Position]] = defaultdict(list)
        self.uncomputed: list[Position] = []

    def read(self) -> Cells:
        """Return the cells that could be read; say what was wrong with the others."""
        reader = self.reader
        mismatch = Mismatch(self.found, reader.file, reader.year)
        reader.problems.extend(mismatch.problems())
        cells = dict(self._cells())
        if self.uncomputed:
            found = f"{len(self.uncomputed)}格是公式，文件里没有存计算结果"
            self._refuse(_listed(self.uncomputed), found, remedy="用 Excel 或 WPS 打开、保存一次，再导入")
        reader.notes.extend(self._notes())
        reader.notes.extend(mismatch.extras())
        return cells

    def _cells(self) -> Iterator[tuple[Key, Cell]]:
        for cell in self.found.wanted.cells:
            at = self.found.cell(*cell)
            if at is None or self._swallowed(at):
                continue
            stored = self.sheet.cells.get(at)
            if stored is not None and not stored.computed:
                self.uncomputed.append(at)
            elif (read := self._quantity(cell, at, stored)) is not None:
                yield cell, Cell(read, at.line + 1, f"{self.sheet.name}!{at.address}")

    def _quantity(self, cell: Key, at: Position, stored: xlsx.Stored | None) -> Quantity | None:
        form, column = self.reader.form, self.reader.form.column(*cell)
        unit = form.units[form.unit_at(*cell)]
        meant = None
        try:
            meant = typed(stored, since_1904=self.reader.book.since_1904)
            read = quantity_of(meant.text, unit, signed=column.signed)
        except NotANumeralError as error:
            place = f"{at.address} {form.rows[cell[0]].printed_label} {column.name(self.reader.year)}"
            quoted = f"读到“{short(meant.text)}”，{error.found}" if meant else error.found
            found = quoted + ("（显示的是四舍五入后的数）" if meant and meant.rounded else "")
            self._refuse(place, found, allowed=allowed(unit, signed=column.signed), remedy=error.remedy)
            return None
        for habit in meant.habits:
            self.habits[habit].append(at)
        if stored is not None and stored.formula and cell not in self.reader.totals:
            self.habits[_FORMULA].append(at)
        return read

    def _swallowed(self, at: Position) -> bool:
        """Tell whether *at* vanished behind other cells with something in them, and say so."""
        merge = self.sheet.merge(at)
        if merge is None or at == merge.first or not ({merge.first, at} & set(self.sheet.cells)):
            return False
        found = f"合并了单元格，只看得见 {merge.first.address}，盖住了要填数的格"
        self._refuse(merge.address, found, remedy="取消合并，逐格填写")
        return True

    def _notes(self) -> Iterator[str]:
        name, places = self.sheet.name, [at for key in self.found.wanted.cells if (at := self.found.cell(*key))]
        if name != self.found.wanted.name:
            yield f"{self.found.wanted.name}现在叫“{name}”，按表头和行名认出"
        for words, cells in self.habits.items():
            yield f"{name}!{_listed(cells)} {words}"
        if self.sheet.hidden:
            yield f"{name}是隐藏的工作表，照样读了"
        if lines := sorted({at.line for at in places} & set(self.sheet.hidden_lines)):
            yield f"{name} 第{listed(str(line + 1) for line in lines)}行是隐藏的，照样读了"
        if columns := sorted({at.column for at in places if self.sheet.column_hidden(at.column)}):
            yield f"{name} {listed(map(letter, columns))}列是隐藏的，照样读了"

    def _refuse(self, place: str, found: str, *, allowed: str = "", remedy: str = "") -> None:
        place = f"{self.sheet.name}!{place}"
        problem = Problem(file=self.reader.file, place=place, found=found, allowed=allowed, remedy=remedy)
        if problem not in self.reader.problems:
            self.reader.problems.append(problem)


def _listed(cells: Iterable[Position]) -> str:
    """Return *cells* as few ranges, at most six of them."""
    runs = ranges(cells)
    more = f"等{len(runs)}处" if len(runs) > _MOST_RANGES else ""
    return listed(runs[:_MOST_RANGES]) + more


@frozen
class Change:
    """A cell whose value is another than before: where it stands in the workbook, whose it is, what it was and is, as text."""

    place: str
    label: str
    before: str
    after: str


@frozen
class Imported:
    """
    What an import came to.

    Args:
        folder: relative to the project.

        files: those that were written; none where every value was there already.
    """

    folder: str
    files: Strings
    changes: tuple[Change, ...]
    notes: Strings


def take(project: Project, unit: str, year: str, workbook: Path, forms: Forms) -> Imported:
    """
    Read *workbook* and put its values into the tables of *unit* for *year*, and what else it declares into `report.yaml`.

    Raises:
        InvalidInputError: with every problem of the workbook; nothing is changed then.
    """
    folder, shown = project.params(unit, year), f"params/{unit}/{year}"
    form, name = _form(folder, shown, unit, forms)
    problems: Problems = []
    notes: list[str] = []
    content = _content(workbook)
    cells = read(content, form, int(year), str(workbook), problems, notes, name)
    said, told = _declared(content, folder / YAML, form, Reading(str(workbook), problems)) if not problems else (b"", ())
    if problems:
        raise InvalidInputError(problems)
    before = _before(folder, form, int(year))
    # A value that is the same stays as it was written: 12.50 is no 12.5.
    kept = cells | {key: cell for key, cell in before.items() if cell.quantity == cells[key].quantity}
    fresh = dict(files(form, int(year), kept))
    if told:
        fresh[YAML] = said
    changed = {name: content for name, content in fresh.items() if not _holds(folder / name, content)}
    if changed:
        _write(folder, changed)
    changes = (*told, *_changes(form, int(year), before, cells))
    return Imported(folder=shown, files=tuple(changed), changes=changes, notes=tuple(notes))


def _declared(content: bytes, path: Path, form: Form, reading: Reading) -> tuple[bytes, tuple[Change, ...]]:
    """Return the text of the `report.yaml` at *path* with what the workbook *content* declares, and what changed; note what is wrong."""

    def refuse(place: str, found: str, remedy: str) -> None:
        reading.note(found, place=place, remedy=remedy)

    text = path.read_bytes().decode("utf-8")
    before = report.read(text, path.name, []).values
    filled = declared.read(xlsx.read(content), form, before.get("facts", {}), refuse)
    if reading.problems:
        return b"", ()
    made = declared.put(text, filled)
    after = report.read(made, path.name, reading.problems).values
    return made.encode(), tuple(_told(form, before, after))


def _told(form: Form, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what *after* declares otherwise than *before*."""
    dates = [values.get("publication", {}).get("date") for values in (before, after)]
    if dates[0] != dates[1]:
        yield Change(place=declared.UNIT, label="公布日期", before=str(dates[0] or ""), after=str(dates[1] or ""))
    for group, sheet in (("contact", declared.UNIT), ("facts", declared.FACTS)):
        old = before.get(group, {})
        for code, fact in after.get(group, {}).items():
            was = old[code].display if code in old else ""
            label = form.contact.get(code, code) if group == "contact" else f"{fact.label}（{code}）"
            if was != fact.display or (code in old and old[code].label != fact.label):
                yield Change(place=sheet, label=label, before=was, after=fact.display)


def fill_zeros(project: Project, unit: str, year: str, forms: Forms, tables: Iterable[str] = ()) -> Imported:
    """
    Put 0 into every blank cell of *tables*, or of all, of *unit* for *year*, and into totals what their parts come to.

    Raises:
        InvalidInputError: where the folder cannot be read.
        UnknownNameError: where the form has no such table.
    """
    folder = project.params(unit, year)
    report_now = report.load_tables(folder, forms)
    form = report_now.form
    known = [table.id for table in form.tables]
    wanted = list(tables) or known
    if unknown := [table for table in wanted if table not in known]:
        raise UnknownNameError(f"没有叫“{'、'.join(unknown)}”的表；有：{'、'.join(known)}。")
    before = dict(report_now.cells)
    after = zeroed(form, before, wanted)
    changes = _changes(form, int(year), before, after)
    changed = {name: content for name, content in files(form, int(year), after).items() if not _holds(folder / name, content)}
    if changes:
        _write(folder, changed)
    return Imported(folder=report_now.folder, files=tuple(changed) if changes else (), changes=changes, notes=())


def zeroed(form: Form, cells: Cells, tables: Iterable[str]) -> Cells:
    """Return *cells* with 0 where a cell of *tables* is blank and wants a number; a total holds what its parts come to."""
    sums, wanted = totals(form), set(tables)
    blank = [
        (row.id, column.id)
        for table, row, column in form.cells()
        if table.id in wanted and column.id not in row.not_applicable and cells[row.id, column.id].quantity == MISSING
    ]
    filled = {at: replace(cells[at], quantity=given(0)) for at in blank if at not in sums}
    made = {**cells, **filled}
    # A total may be a part of another: the parts that are still blank come first.
    waiting = [at for at in blank if at in sums]
    while ready := [at for at in waiting if all(made[part].quantity != MISSING for part in sums[at])]:
        for at in ready:
            made[at] = replace(made[at], quantity=total((1, made[part].quantity) for part in sums[at]))
        waiting = [at for at in waiting if at not in ready]
    return made


def files(form: Form, year: int, cells: Cells) -> Files:
    """Return the files of the tables of *form* that hold *cells*, by name."""
    return {
        f"{table.id}.csv": written(table, year, lambda row, column: _text(cells[row.id, column.id].quantity))
        for table in form.tables
    }


def _form(folder: Path, shown: str, unit: str, forms: Forms) -> tuple[Form, str]:
    """Return the form that the folder's report is on, and the unit's name."""
    path, file = folder / YAML, f"{shown}/{YAML}"
    if not path.is_file():
        remedy = f"先用 nianbao new {unit} {folder.name} 建立这一年的资料"
        raise InvalidInputError([Problem(file=file, found="没有这个文件，不知道用哪种表式", remedy=remedy)])
    reading = Reading(file, [])
    text = reading.text(path.read_bytes())
    declared = report.read(text, file, reading.problems) if text is not None else None
    form = report.choose(declared, forms) if declared else None
    if declared is None or form is None:
        raise InvalidInputError(reading.problems)
    return form, declared.values.get("name", "")


def _content(workbook: Path) -> bytes:
    if not workbook.is_file():
        found, remedy = ("是文件夹", "写明其中的文件") if workbook.is_dir() else ("没有这个文件", "检查文件名和所在的文件夹")
        raise InvalidInputError([Problem(file=str(workbook), found=found, remedy=remedy)])
    with workbook.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _before(folder: Path, form: Form, year: int) -> Cells:
    """Return the cells that the folder holds so far; a table that cannot be read has none."""
    cells: Cells = {}
    for table in form.tables:
        path = folder / f"{table.id}.csv"
        if path.is_file():
            cells |= TableReader(path.name, [], form, table, year).read(path.read_bytes())
    return cells


def _changes(form: Form, year: int, before: Cells, after: Cells) -> tuple[Change, ...]:
    changes = []
    for _table, row, column in form.cells():
        key = (row.id, column.id)
        was, now = before[key].quantity if key in before else MISSING, after[key].quantity
        if was != now:
            label = f"{row.numbered_label} {column.name(year)}"
            changes.append(Change(place=after[key].address, label=label, before=_text(was), after=_text(now)))
    return tuple(changes)


def _text(quantity: Quantity) -> str:
    """Return *quantity* as a cell of a table's file holds it."""
    if quantity.exact is not None:
        return quantity.exact
    return "" if quantity == MISSING else "-"


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _write(folder: Path, contents: Files) -> None:
    """Put *contents* into *folder* in one step: the folder with them is made beside it, and the two are exchanged."""
    target = folder.resolve()
    with swap.scratch(target.parent) as scratch:
        fresh = scratch / target.name
        shutil.copytree(target, fresh, symlinks=True)
        for name, content in contents.items():
            # A link is replaced, and what it leads to stays as it is.
            (fresh / name).unlink(missing_ok=True)
            (fresh / name).write_bytes(content)
        swap.replace(fresh, target)
