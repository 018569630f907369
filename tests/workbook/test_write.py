"""The form as a workbook to fill in, computed anew by LibreOffice Calc and held against the library's own arithmetic."""

import io
import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import builds
import filled
import openpyxl
import pytest
from calc import formulas
from nianbao.indicators import rules as checks
from nianbao.indicators import values as quantity
from nianbao.indicators.report import Cell
from nianbao.indicators.rules import totals
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, State
from nianbao.inputs import formfile, report
from nianbao.page import grid as layout
from nianbao.workbook import write

FORMS = formfile.shipped()
YEARS = {name: max(form.first_year, min(form.last_year, 2021)) for name, form in FORMS.items()}
RIGHT = ("specimen/2025", "invented/2018", "invented/2024")
NAME = "某市人民政府"


def loaded(folder):
    return report.load(builds.ROOT / "params" / folder, FORMS)


def quantities(found):
    return {key: cell.quantity for key, cell in found.cells.items()}


def exported(found):
    last = quantities(found.last_year) if found.last_year else None
    return filled.export(found.form, found.year, found.name, quantities(found), last)


def with_cells(longtan, form, now, last):
    """Return a report of *form* that holds the quantities *now*, and *last* the year before."""
    cells = [{key: Cell(each, 1, "A1") for key, each in held.items()} for held in (now, last)]
    made = replace(longtan, form=form, year=YEARS[form.id], cells=cells[0], accepted=(), published=(), narrative={})
    return replace(made, last_year=replace(made, year=made.year - 1, cells=cells[1]))


def zeros(form):
    return {
        (row.id, column.id): NOT_APPLICABLE if column.id in row.not_applicable else quantity.given(0)
        for _table, row, column in form.cells()
    }


def wrong(form, rule):
    """Return the cells of this year and the last, all 0 but for one that breaks *rule*."""
    now, last = zeros(form), zeros(form)
    if rule.kind != "relation":
        dashed = rule.kind == "not-applicable"
        keys = [key for key, each in now.items() if (each == NOT_APPLICABLE) == dashed and key not in totals(form)]
        now[keys[-1]] = MISSING
        return now, last
    check = list(rule.checks(form, form))[-1]
    sides = check.left if check.operator != ">=" else check.right
    addend = next((each for each in sides if not each.last_year), sides[0])
    (last if addend.last_year else now)[addend.key] = quantity.given(1)
    return now, last


def drawn(form, seed):
    """Return cells drawn by lot, numbers with and without decimals; blanks, `-` and long numbers among them where *seed* is odd."""
    dice = random.Random(seed)
    odd = (MISSING, NOT_APPLICABLE, quantity.given(10**15), quantity.given(10**20 + 1)) if seed % 2 else ()

    def one(row, column):
        unit = form.units[form.unit_of(row, column)]
        if odd and dice.random() < 0.04:
            return dice.choice(odd)
        places = dice.randint(0, unit.places)
        return quantity.given(Decimal(dice.randint(0, 99)).scaleb(-places) if places else dice.randint(0, 3))

    found = {(row.id, column.id): one(row, column) for _table, row, column in form.cells()}
    for key, parts in totals(form).items():
        if dice.random() < 0.7:
            found[key] = quantity.total((1, found[part]) for part in parts)
    return found


def says(book):
    """Return what the formulas of *book*, as computed, say of rules: how many cells by rule, and the words."""
    found = [value for _sheet, _address, _formula, value in book if isinstance(value, str)]
    return Counter(said[1] for value in found if (said := re.match(r"(\S+) 不符", value))), Counter(found)


@pytest.fixture(scope="module")
def made(longtan):
    """Workbooks by name: blank forms, right ones, one wrong in each rule, and some drawn by lot, with their reports."""
    found = {f"blank {name}": (filled.export(form, YEARS[name], NAME), None) for name, form in FORMS.items()}
    reports = {f"right {folder}": loaded(folder) for folder in RIGHT} | {"longtan": longtan}
    for name, form in FORMS.items():
        reports[f"zeros {name}"] = with_cells(longtan, form, zeros(form), zeros(form))
        for rule in form.rules:
            if rule.kind != "stated":
                reports[f"wrong {name} {rule.id}"] = with_cells(longtan, form, *wrong(form, rule))
        for seed in range(2):
            reports[f"drawn {name} {seed}"] = with_cells(longtan, form, drawn(form, seed), drawn(form, seed + 100))
    bare = replace(FORMS["national-2021"], rules=())
    found["bare"] = (filled.export(bare, 2025, NAME), None)
    return found | {name: (exported(each), each) for name, each in reports.items()}


@pytest.fixture(scope="module")
def computed(calc, made):
    """The same workbooks, their formulas computed by Calc: sheet, address, formula, value."""
    numbered = {f"b{number}": content for number, (content, _report) in enumerate(made.values())}
    books = calc.recomputed(numbered)
    return {
        name: [
            (sheet, address, formula, books[key][sheet][address].value) for sheet, address, formula, _written in formulas(content)
        ]
        for (key, content), name in zip(numbered.items(), made, strict=True)
    }


def test_every_formula_says_at_first_what_calc_computes(made, computed):
    differing = [
        (name, was, now)
        for name, (content, _report) in made.items()
        for was, now in zip(formulas(content), computed[name], strict=True)
        if was != now
    ]

    assert sum(map(len, computed.values())) > 5000
    assert differing == []


def test_in_a_right_form_every_check_agrees(computed):
    for name, book in computed.items():
        if name.startswith(("right", "zeros")):
            fails, words = says(book)
            assert (name, fails, {word for word in words if not word.isdecimal()} - {"-", "不适用"}) == (
                name,
                Counter(),
                {"✓ 相符"},
            )


@pytest.mark.parametrize(
    "name", [f"{name} {rule.id}" for name, form in FORMS.items() for rule in form.rules if rule.kind != "stated"]
)
def test_a_form_wrong_in_a_rule_says_so_by_the_rules_name(name, computed):
    form, _, rule = name.rpartition(" ")
    kind = next(each.kind for each in FORMS[form].rules if each.id == rule)
    fails, words = says(computed[f"wrong {name}"])

    assert any(each.startswith("还缺") for each in words) if kind == "filled" else fails[rule] >= 1


def test_checks_fail_in_as_many_places_as_the_library_finds(made, computed):
    for name, (_content, found) in made.items():
        if found is None or (name.startswith("drawn") and name.endswith("1")):
            continue  # a number too long for a spreadsheet is compared by the library alone
        outcomes = Counter(each.rule for each in checks.outcomes(found) if each.holds is False)
        rules = {rule.id for rule in found.form.rules if rule.kind == "relation"}
        fails, _words = says(computed[name])

        assert (name, {key: count for key, count in fails.items() if key in rules}) == (name, dict(outcomes))


def test_checks_wait_where_the_library_cannot_compare(made, computed):
    for name, (_content, found) in made.items():
        if found is not None and not name.startswith("drawn"):
            held = Counter(each.holds for each in checks.outcomes(found))
            _fails, words = says(computed[name])

            assert (name, words["待填"] + words["不适用"]) == (name, held[None])


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_blank_form_has_blank_totals_and_not_noughts(form, made, computed):
    known = {
        (sheet.name, sheet.cells[key].address) for sheet in layout.sheets(form, 2021) for key in totals(form) if key in sheet.cells
    }
    found = [value for sheet, address, _formula, value in computed[f"blank {form.id}"] if (sheet, address) in known]

    assert found
    assert set(found) == {None}
    assert {value for *_place, value in formulas(made[f"blank {form.id}"][0])} >= {"待填"}


@pytest.fixture(scope="module")
def typed(calc):
    """What Calc computes once an office has typed into the blank form in force, or pasted a fraction into another, by case."""
    cases = {
        "all": [1, 2, 3, 4, 5, 6],
        "some": [1, None, 3, None, None, None],
        "dash": [1, "-", 3, 4, 5, 6],
        "text": [1, "二", 3, 4, 5, 6],
    }
    books = {}
    for name, values in cases.items():
        book = openpyxl.load_workbook(io.BytesIO(filled.export(FORMS["national-2021"], 2025, NAME)))
        for column, value in zip("DEFGHI", values, strict=True):
            book["表三"][f"{column}5"] = value
        saved = io.BytesIO()
        book.save(saved)
        books[name] = saved.getvalue()
    book = openpyxl.load_workbook(io.BytesIO(filled.export(FORMS["national-2014"], 2014, NAME, zeros(FORMS["national-2014"]))))
    sheet = layout.sheets(FORMS["national-2014"], 2014)[0]
    book["统计表"][sheet.cells["disclosed.normative", "count"].address] = 0.4
    saved = io.BytesIO()
    book.save(saved)
    return calc.recomputed(books | {"fraction": saved.getvalue()})


@pytest.mark.parametrize(("case", "total"), [("all", 21), ("some", None), ("dash", "-"), ("text", None)])
def test_a_total_appears_once_all_its_parts_are_typed(case, total, typed):
    assert typed[case]["表三"]["J5"].value == total


def test_a_fraction_that_was_pasted_in_is_not_rounded_away(typed):
    said = {cell.value for line in typed["fraction"]["统计表"].iter_rows() for cell in line}

    assert {"N08 不符：左边多0.4", "N09 不符：左边多0.4"} <= said


def test_a_sheet_without_rules_says_that_there_are_none(computed):
    assert {value for *_place, value in computed["bare"]} == {"没有勾稽关系"}


def test_where_no_rule_asks_for_a_number_a_dash_may_be_typed():
    form = replace(FORMS["national-2021"], rules=())
    book = openpyxl.load_workbook(io.BytesIO(filled.export(form, 2025, NAME)))
    first = book["表三"].data_validations.dataValidation[0]

    assert first.formula1 == 'IF(ISNUMBER(D5),AND(ISNUMBER(D5),D5>=0,D5<=999999999999999,ROUND(D5,0)=D5),EXACT(D5,"-"))'
    assert "“-”（不适用）" in first.error


def test_a_total_that_its_parts_do_not_make_stays_as_it_is_given(longtan):
    page = openpyxl.load_workbook(io.BytesIO(exported(longtan)))["统计表"]
    sheet = layout.sheets(longtan.form, 2013)[0]
    at = sheet.cells["disclosed", "cumulative"].address

    assert longtan.cells["disclosed", "cumulative"].quantity.value == page[at].value == 14613
    assert not page[at].protection.locked
    assert page[sheet.cells["disclosed", "year"].address].value.startswith("=IF(COUNT(")


@pytest.mark.parametrize("name", FORMS)
def test_values_are_open_and_everything_else_is_locked(name, made):
    book = openpyxl.load_workbook(io.BytesIO(made[f"blank {name}"][0]))
    computing = totals(FORMS[name])
    for sheet in layout.sheets(FORMS[name], YEARS[name]):
        page = book[sheet.name]
        free = {cell.coordinate for line in page.iter_rows() for cell in line if not cell.protection.locked}

        assert page.protection.sheet
        assert not page.protection.password
        assert free == {at.address for key, at in sheet.cells.items() if key not in computing}


@pytest.mark.parametrize("name", FORMS)
def test_every_open_cell_says_once_what_may_be_typed(name, made):
    form, book = FORMS[name], openpyxl.load_workbook(io.BytesIO(made[f"blank {name}"][0]))
    for sheet in layout.sheets(form, YEARS[name]):
        found = [
            (at, each) for each in book[sheet.name].data_validations.dataValidation for area in each.sqref for at in area.cells
        ]
        by_cell = {f"{layout.letter(column - 1)}{line}": each for (line, column), each in found}
        wanted = {key: at.address for key, at in sheet.cells.items() if key not in totals(form)}

        assert len(found) == len(by_cell)
        assert set(by_cell) == set(wanted.values())
        for (row, column), address in wanted.items():
            unit = form.units[form.unit_of(form.rows[row], sheet.table.column(column))]
            kind = "list" if column in form.rows[row].not_applicable else "whole" if unit.kind == "count" else "custom"
            each = by_cell[address]
            assert (row, column, each.type) == (row, column, kind)
            assert each.showErrorMessage
            assert each.error
            assert len(each.errorTitle) <= 32
            least = "-999999999999999" if sheet.table.column(column).signed else "0"
            assert kind != "whole" or (each.formula1, each.formula2) == (least, "999999999999999")


def test_an_amount_may_have_as_many_decimals_as_its_unit():
    book = openpyxl.load_workbook(io.BytesIO(filled.export(FORMS["national-2021"], 2025, NAME)))
    (only,) = book["表二·行政事业性收费"].data_validations.dataValidation

    assert only.formula1 == "AND(ISNUMBER(B4),B4>=0,B4<=999999999999999,ROUND(B4,6)=B4)"
    assert "最多6位小数" in only.error


@pytest.mark.parametrize("name", FORMS)
def test_a_sheet_prints_its_grid_on_a4_with_its_headings_on_each_page(name, made):
    book = openpyxl.load_workbook(io.BytesIO(made[f"blank {name}"][0]))
    for sheet in layout.sheets(FORMS[name], YEARS[name]):
        page = book[sheet.name]
        grid = f"$A$1:${layout.letter(sheet.last.column)}${sheet.last.line + 1}"

        assert page.page_setup.paperSize == 9
        assert page.print_area == f"'{sheet.name}'!{grid}"
        assert page.print_title_rows == f"$1:${sheet.first.line}"
        assert page.freeze_panes == sheet.first.address
        assert (page.page_setup.orientation == "landscape") == (len(sheet.table.columns) > 5)


def test_the_workbook_knows_its_form_and_year_after_calc_has_saved_it(calc):
    book = calc.recomputed({"one": filled.export(FORMS["national-2021"], 2025, NAME)})["one"]

    assert book.defined_names[layout.FORM_NAME].attr_text == '"national-2021"'
    assert book.defined_names[layout.YEAR_NAME].attr_text == "2025"


HOSTILE = [
    "=1+1",
    "+1",
    "@SUM(A1)",
    "https://example.cn",
    "{=1}",
    "甲\x07\x00乙\u202e",
    "名" * 40000,
    "a\nb",
    "<b>&amp;\"'",
    "_x0041_",
    "\ud800",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_text(name):
    book = openpyxl.load_workbook(io.BytesIO(filled.export(FORMS["jilin-2013"], 2013, name)))
    shown = book[write.FRONT]["B2"]

    assert shown.data_type == "s"
    assert shown.value in {name, "甲乙", "名" * 198 + "……", "a b", ""}
    assert book["统计表"]["A1"].data_type == "s"
    assert book["统计表"]["A1"].hyperlink is None


ONE = "import hashlib,sys;from nianbao.inputs import formfile;from nianbao.workbook import write;print(hashlib.sha256(b''.join(write.Book(f,2021,'某市',{},{}).file() for f in formfile.shipped().values())).hexdigest())"


def test_the_bytes_are_the_same_in_any_place_and_at_any_time():
    settings = (("UTC", "0", "C.UTF-8"), ("Asia/Shanghai", "7", "C"), ("America/Lima", "99", "POSIX"))
    told = {
        subprocess.run(
            [sys.executable, "-c", ONE],
            check=True,
            capture_output=True,
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONUTF8": "1"},
        ).stdout
        for zone, seed, locale in settings
    }

    assert len(told) == 1


def test_nobody_and_no_time_stands_in_the_properties(made):
    book = openpyxl.load_workbook(io.BytesIO(made["blank jilin-2013"][0]))

    assert book.properties.created.year == 1980
    assert book.properties.creator == book.properties.lastModifiedBy == NAME
    assert book.properties.language == "zh-CN"
    assert book.vba_archive is None


def test_without_last_year_its_rules_are_left_out_and_the_file_says_so():
    told = filled.export(FORMS["national-2021"], 2025, NAME)
    book = openpyxl.load_workbook(io.BytesIO(told))
    words = [cell.value for cell in book[write.FRONT]["B"] if cell.value]

    assert "上年数" not in book.sheetnames
    assert any("C05、C07、C07B、C07C、C08要与上一年核对；没有上一年意义相同的数" in each for each in words)
    assert any(each.startswith("C09、C10、C11核对的是报告正文") for each in words)


def test_last_years_values_stand_on_a_locked_sheet_of_their_own(made):
    content, found = made["right invented/2024"]
    page = openpyxl.load_workbook(io.BytesIO(content))["上年数"]
    held = [[cell.value for cell in line] for line in page.iter_rows(min_row=3)]
    given = found.last_year.cells["carried_out", "natural"].quantity.value

    assert page.protection.sheet
    assert ["表三", "四、结转下年度继续办理", "自然人", given] in held


def test_a_number_too_long_for_a_spreadsheet_is_text_and_the_file_says_so(longtan):
    form = FORMS["jilin-2013"]
    now = zeros(form) | {("training_sessions", "year"): quantity.given(10**15 + 1)}
    book = openpyxl.load_workbook(io.BytesIO(exported(with_cells(longtan, form, now, zeros(form)))))
    at = layout.sheets(form, 2013)[0].cells["training_sessions", "year"].address

    assert book["统计表"][at].value == "1000000000000001"
    assert any("多于15位的数按文字写出" in (cell.value or "") for cell in book[write.FRONT]["B"])


def test_the_cells_say_the_same_quantities_as_they_were_given(made):
    for name, (content, found) in made.items():
        if name.startswith(("right", "longtan", "drawn")):
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            for sheet in layout.sheets(found.form, found.year):
                for key, at in sheet.cells.items():
                    given, held = found.cells[key].quantity, book[sheet.name][at.address].value
                    if given.state is State.GIVEN:
                        assert (name, key, Decimal(str(held))) == (name, key, Decimal(given.exact))
