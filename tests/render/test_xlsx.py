"""The tables of a report as a workbook: exact values, and shares as divisions that show what the report prints."""

import csv
import io
import random
from dataclasses import replace
from decimal import Decimal

import builds
import openpyxl
import pytest
from calc import formulas, without_results
from nianbao.indicators import figures
from nianbao.indicators import values as quantity
from nianbao.indicators.report import Cell
from nianbao.indicators.values import MISSING, State
from nianbao.inputs import formfile, report
from nianbao.page import grid
from nianbao.render import xlsx

FORMS = formfile.shipped()
# Every sheet as a file of its own, cells as they are shown.
CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
SHOWN, PRINTED, WHY, ID = 3, 4, 5, 6


def loaded(folder):
    return report.load(builds.ROOT / "params" / folder, FORMS)


def written(found):
    return xlsx.tables(found, figures.compute(found))


def with_values(found, value):
    """Return *found* with the cells that *value* gives for row and column."""
    held = {(row.id, column.id): Cell(value(row, column), 1, "A1") for _table, row, column in found.form.cells()}
    return replace(found, cells=held)


def halves(longtan):
    """Return a report whose shares all lie exactly between two that can be printed: odd parts of twenty thousand."""
    dice = random.Random(1)

    def one(row, _column):
        return quantity.given(20000 if row.parent is None else 2 * dice.randint(0, 9999) + 1)

    return with_values(longtan, one)


def lots(longtan, seed):
    dice = random.Random(seed)
    return with_values(longtan, lambda _row, _column: quantity.given(dice.randint(0, 640)))


def long(longtan):
    """Return a report with a part of more digits than a spreadsheet keeps, and one that is missing."""
    odd = {"disclosed.district": quantity.given(12345678901234567), "disclosed.township": MISSING}
    return with_values(longtan, lambda row, _column: odd.get(row.id, quantity.given(4)))


@pytest.fixture(scope="module")
def reports(longtan):
    found = {name: loaded(folder) for name, folder in (("r1", "specimen/2025"), ("r2", "invented/2018"), ("r3", "invented/2024"))}
    for method in ("half-even", "truncate"):
        found[method] = replace(halves(longtan), policy=replace(longtan.policy, method=method))
    found["places"] = replace(lots(longtan, 3), policy=replace(longtan.policy, places=0))
    found |= {"longtan": longtan, "halves": halves(longtan), "long": long(longtan), "l1": lots(longtan, 1), "l2": lots(longtan, 2)}
    return found


@pytest.fixture(scope="module")
def made(reports):
    return {name: written(each) for name, each in reports.items()}


@pytest.fixture(scope="module")
def shown(calc, made):
    """The sheet of shares as Calc shows it, computed anew: lines by report and figure."""
    files = calc.converted(without_results(made), CSV)
    found = {}
    for name in made:
        lines = list(csv.reader(io.StringIO(files[f"{name}-{xlsx.RATIOS}"].decode())))
        found[name] = {line[ID]: line for line in lines[3:]}
    return found


def test_a_share_computed_by_calc_shows_what_the_report_prints(reports, shown):
    for name, found in reports.items():
        ratios = [each for each in figures.compute(found) if each.kind in {"share", "rate"}]

        assert list(shown[name]) == [each.id for each in ratios]
        for each in ratios:
            line, given = shown[name][each.id], each.quantity.state is State.GIVEN
            computed = given and not line[WHY]
            assert (name, each.id, line[PRINTED]) == (name, each.id, each.number if given else "")
            assert (name, each.id, line[SHOWN]) == (name, each.id, each.number if computed else "")


def test_halves_of_the_last_decimal_are_seen_to(shown):
    up, even, cut = ([line[SHOWN] for line in shown[name].values()] for name in ("halves", "half-even", "truncate"))

    assert sum(one != other for one, other in zip(up, cut, strict=True)) > 50
    assert sum(one != other for one, other in zip(up, even, strict=True)) > 10


def test_what_formulas_say_at_first_is_what_calc_computes(calc, made):
    books = calc.recomputed(made)
    for name, content in made.items():
        for sheet, address, _formula, value in formulas(content):
            # Calc saves fifteen digits.
            assert (name, sheet, address, books[name][sheet][address].value) == (
                name,
                sheet,
                address,
                pytest.approx(value, rel=1e-14),
            )


@pytest.mark.parametrize("name", ["longtan", "r1", "r2", "r3", "long"])
def test_every_value_is_exact_in_its_place(name, reports, made):
    found, book = reports[name], openpyxl.load_workbook(io.BytesIO(made[name]))
    for sheet in grid.sheets(found.form, found.year):
        for key, at in sheet.cells.items():
            read, cell = found.cells[key].quantity, book[sheet.name][at.address]
            if read.state is State.GIVEN:
                assert Decimal(str(cell.value)) == Decimal(read.exact)
                assert (cell.data_type == "s") == (len(read.exact) > 15)
            else:
                assert cell.value == {State.MISSING: None, State.NOT_APPLICABLE: "-"}[read.state]


@pytest.mark.parametrize(
    ("text", "held"), [("9.95", "9.95"), ("0.000001", "0.000001"), ("123456789.123456", "123456789.123456"), ("0.10", "0.1")]
)
def test_an_amount_is_written_with_its_own_digits_and_no_others(text, held):
    found = with_values(loaded("specimen/2025"), lambda row, _column: quantity.given(Decimal(text) if row.id == "fees" else 0))
    book = openpyxl.load_workbook(io.BytesIO(written(found)))
    sheet = next(sheet for sheet in grid.sheets(found.form, 2025) if ("fees", "amount") in sheet.cells)

    assert str(book[sheet.name][sheet.cells["fees", "amount"].address].value) in {held, str(float(held))}


def test_a_number_too_long_for_a_spreadsheet_is_told_of(made, shown):
    book = openpyxl.load_workbook(io.BytesIO(made["long"]))
    words = [cell.value for line in book["统计表"].iter_rows() for cell in line if isinstance(cell.value, str)]

    assert "12345678901234567" in words
    assert any("按文字写出，一位不少" in each for each in words)
    assert any("空格表示没有填报" in each for each in words)
    assert "数太长，没有用公式" in shown["long"]["disclosed.district.year.share"][WHY]
    assert shown["long"]["disclosed.township.year.share"][WHY] == "缺数"


def test_shares_made_to_add_up_to_a_hundred_say_so(longtan):
    policy = replace(longtan.policy, sum_to_100=("content",))
    found = replace(lots(longtan, 5), policy=policy)
    parts = found.form.parts("content")
    values = dict(zip(parts, (1, 1, 1, 3, 0), strict=True))
    held = dict(found.cells)
    for column in ("cumulative", "year"):
        held |= {(row, column): Cell(quantity.given(value), 1, "A1") for row, value in values.items()}
        held["content", column] = Cell(quantity.given(6), 1, "A1")
    page = openpyxl.load_workbook(io.BytesIO(written(replace(found, cells=held))))[xlsx.RATIOS]
    notes = {line[ID].value: line[WHY].value for line in page.iter_rows(min_row=4)}

    assert notes["content.normative.year.share"] == "最大余数法"


def test_one_sheet_a_table_and_one_of_shares(reports, made):
    book = openpyxl.load_workbook(io.BytesIO(made["r1"]))

    assert book.sheetnames == [*grid.sheet_names(reports["r1"].form).values(), xlsx.RATIOS]
    assert book.properties.title == reports["r1"].title
    assert book.properties.language == "zh-CN"


def test_every_sheet_has_its_headings_in_sight_and_on_each_page(made):
    for page in openpyxl.load_workbook(io.BytesIO(made["r1"])):
        assert page.freeze_panes
        assert page.print_title_rows
        assert page.page_setup.paperSize == 9


def test_two_writings_are_the_same(reports, made):
    assert {name: written(each) for name, each in reports.items()} == made
