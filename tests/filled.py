"""Workbooks that people fill in: a form's grid with values, made with other programs' libraries or taken apart as a zip file."""

import io
import itertools
import re
import zipfile
from functools import cache

import openpyxl
from nianbao.page import grid
from nianbao.workbook import read as reading
from nianbao.workbook import write

NAME = "filled.xlsx"


def export(form, year, name, cells=None, last_year=None):
    """Return *form* as a file to fill in, with what is known of its *cells*."""
    return write.Book(form, year, name, cells or {}, last_year or {}).file()


def numbered(form, year):
    """Return a workbook of *form* whose values are 0, 1, 2 … in reading order, open to be spoilt."""
    values = itertools.count()
    return with_values(form, year, lambda _row, _column: next(values))


def with_values(form, year, value):
    """Return a workbook of *form* in which each cell holds what *value* says of its row and column."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in ((grid.FORM_NAME, f'"{form.id}"'), (grid.YEAR_NAME, str(year))):
        book.defined_names[name] = openpyxl.workbook.defined_name.DefinedName(name, attr_text=text)
    for sheet in grid.sheets(form, year, "某市"):
        page = book.create_sheet(sheet.name)
        for label in sheet.labels:
            page[label.at.address] = label.text
            if label.at != label.end:
                page.merge_cells(label.range)
        for (row, column), at in sheet.cells.items():
            page[at.address] = value(row, column)
    return book


def saved(book):
    """Return the file of *book*."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read(content, form, year):
    """Return the cells, the problems and the notes that reading *content* gives."""
    problems, notes = [], []
    cells = reading.read(content, form, year, NAME, problems, notes)
    return cells, problems, notes


def values(cells):
    """Return what is in *cells*, by row and column."""
    return {key: cell.quantity for key, cell in cells.items()}


def parts(content):
    """Return the parts of the zip file *content*, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(contents, method=zipfile.ZIP_DEFLATED):
    """Return a zip file of *contents*, by name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return made.getvalue()


def edited(content, part, old, new):
    """Return the workbook *content* with *old*, a pattern that is there, replaced by *new* in *part*."""
    there = parts(content)
    text = there[part].decode()
    assert re.search(old, text)
    return zipped(there | {part: re.sub(old, new, text).encode()})


@cache
def cell_xml(address):
    """Return the pattern of the cell *address* in a sheet's XML."""
    return rf'<c r="{address}"(?:[^>]*/>|.*?</c>)'
