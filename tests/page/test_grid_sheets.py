"""Where everything of a form stands in a workbook."""

import re

import pytest
from nianbao.inputs import formfile
from nianbao.page import grid

FORMS = formfile.shipped()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_sheet_names_are_such_as_excel_takes_and_each_is_there_once(form):
    names = [sheet.name for sheet in grid.sheets(form, form.first_year)]

    assert len({name.lower() for name in names}) == len(form.tables)
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\']", name) for name in names)


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("jilin-2013", ["统计表"]),
        ("national-2014", ["统计表"]),
        ("national-2021", ["表二·规章", "表二·行政许可", "表二·行政处罚", "表二·行政事业性收费", "表三", "表四"]),
    ],
)
def test_a_sheet_is_called_by_the_number_of_its_chapter(form, names):
    assert [sheet.name for sheet in grid.sheets(FORMS[form], 2021)] == names


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_cell_of_the_form_has_one_place(form):
    placed = {(sheet.table.id, *key): (sheet.name, at) for sheet in grid.sheets(form, 2021) for key, at in sheet.cells.items()}

    assert set(placed) == {(table.id, row.id, column.id) for table, row, column in form.cells()}
    assert len(set(placed.values())) == len(placed)


def covered(sheet):
    """Return the places of everything that stands on *sheet*, in order."""
    places = [
        (line, column)
        for label in sheet.labels
        for line in range(label.at.line, label.end.line + 1)
        for column in range(label.at.column, label.end.column + 1)
    ]
    return sorted([*places, *sheet.cells.values()])


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_labels_and_values_fill_the_grid_and_overlap_nowhere(form):
    for sheet in grid.sheets(form, 2021):
        lines = [grid.TITLE, *range(grid.HEADS, sheet.last.line + 1)]

        assert covered(sheet) == [(line, column) for line in lines for column in range(sheet.last.column + 1)]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_page_too_is_filled_and_says_what_the_sheet_says(form):
    for sheet in grid.sheets(form, 2021):
        page = grid.laid_out(sheet.table, 2021, across=True)
        left = len(sheet.stub) - len(page.stub)

        assert covered(page) == [(line, column) for line in range(page.last.line + 1) for column in range(page.last.column + 1)]
        assert sorted(label.text for label in page.labels) == sorted(
            label.text for label in sheet.labels[1:] if not (left and label.text == grid.STUB["section"])
        )
        assert list(page.cells) == list(sheet.cells)
        assert [at.column + left for at in page.cells.values()] == [at.column for at in sheet.cells.values()]


def test_a_message_names_a_cell_as_a_spreadsheet_does():
    sheet = next(sheet for sheet in grid.sheets(FORMS["national-2021"], 2025) if sheet.name == "表三")

    assert sheet.place("handled.refused.internal", "natural") == "表三!D13"
