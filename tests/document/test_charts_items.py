"""What the charts of a report take: rows, columns, sums, last year's values, facts and shares; and what they refuse, each in a sentence."""

import builds
import pytest
from nianbao.document.document import Document
from nianbao.indicators.errors import UnknownNameError
from nianbao.indicators.figures import LAST
from nianbao.inputs import formfile, report
from nianbao.page.blocks import Datum, Picture, walk

ROOT = builds.ROOT
FORMS = ("longtan/2013", "invented/2018", "invented/2024", "specimen/2025")


def _open(name):
    return Document(report.load(ROOT / "params" / name, formfile.shipped()))


@pytest.fixture(scope="module")
def national():
    """A report on the national form with a year before it."""
    return _open("invented/2024")


def _drawn(document, *names, **options):
    (picture,) = document.bars(*names, caption="题", **options).blocks
    assert isinstance(picture, Picture)
    return picture


def _numbers(document, *names, **options):
    """Return what is printed in the data of the chart, in order."""
    return [node.text for node in walk(_drawn(document, *names, **options).data) if isinstance(node, Datum)]


def test_a_column_is_drawn_with_its_own_number(national):
    cell = national.figures["received.natural"]

    assert _numbers(national, "received.natural", shares=False) == [cell.number]


def test_a_row_divided_by_its_columns_has_a_bar_for_each_and_its_share_of_the_row(national):
    columns = [each for each in national.form.table_of("received").columns if each.id != "total"]
    given = [each for each in columns if not national.figures[f"received.{each.id}"].quantity.is_zero]
    picture = _drawn(national, "received", by="applicant")
    shown = [node.figure for node in walk(picture.data) if isinstance(node, Datum)]

    assert [name for name in shown if "._of_." not in name] == [f"received.{each.id}" for each in columns]
    assert len(shown) == len(columns) + len(given)
    assert [each.noun for each in columns if each.noun not in picture.alt] == []


def test_the_applicants_of_a_row_are_its_columns(national):
    assert (
        national.bars("received", caption="题", by="column").blocks
        == national.bars("received", caption="题", by="applicant").blocks
    )


def test_a_sum_of_rows_is_drawn_as_their_sum(national):
    one, other = (national.figures[f"handled.{row}.total"].quantity.value for row in ("granted", "partial"))

    assert _numbers(national, "handled.granted + handled.partial", shares=False) == [f"{one + other}"]


def test_two_years_stand_side_by_side(national):
    now, before = national.figures["received.total"], national.figures[f"{LAST}received.total"]

    assert _numbers(national, "received", "received.last_year", shares=False) == [now.number, before.number]


def test_facts_are_drawn():
    specimen = _open("specimen/2025")

    assert _numbers(specimen, "facts.fee_notices") == [specimen.figures["facts.fee_notices"].number]


def test_shares_are_drawn_beside_shares(national):
    numbers = _numbers(national, "handled.granted.share", "handled.partial.share")

    assert all(number.endswith("%") for number in numbers)


REFUSED = {
    "nothing": ((), {}, "至少一项"),
    "a list": ((["received", "handled"],), {}, "一项一项写成文字"),
    "a number": ((3,), {}, "一项一项写成文字"),
    "a name that there is none of": (("received.naturel",), {}, "received.naturel"),
    "a word": (("name",), {}, "不是数"),
    "cells that overlap": (("handled + handled.granted",), {}, "不能相加"),
    "two units": (("received", "handled.granted.share"), {}, "不能画在一张图里"),
    "two rows by column": (("received", "handled"), {"by": "column"}, "只写一行"),
    "a column by column": (("received.natural",), {"by": "column"}, "没有分栏的数"),
    "a dimension that there is none of": (("received",), {"by": "applicants"}, "是不是“applicant”"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(national, case):
    names, options, words = REFUSED[case]

    with pytest.raises(UnknownNameError, match=words):
        national.bars(*names, caption="题", **options)


def test_a_row_without_parts_is_no_chart_of_parts(national):
    with pytest.raises(UnknownNameError, match="之下没有分项"):
        national.parts("received", caption="题")


def test_bars_of_parts_take_as_many_names_as_rows(national):
    with pytest.raises(UnknownNameError, match="一样多"):
        national.stacks("handled", caption="题", names=("甲", "乙"))


@pytest.mark.parametrize("name", FORMS)
def test_every_row_in_every_column_is_drawn_with_the_number_of_that_cell_or_told_empty(name):
    document = _open(name)
    for row_id in (row.id for row in document.form.rows.values() if not row.heading):
        for column in document.form.table_of(row_id).columns:
            cell = document.figures[f"{row_id}.{column.id}"]
            if column.signed and cell.quantity.is_given and cell.quantity.fraction < 0:
                continue
            (block,) = document.bars(f"{row_id}.{column.id}", caption="题", shares=False).blocks
            drawn = [node.text for node in walk(block) if isinstance(node, Datum)]
            empty = not cell.quantity.is_given or cell.quantity.is_zero

            assert set(drawn) == (set() if empty else {cell.number}), cell.id


@pytest.mark.parametrize("drawn", ["parts", "stacks"])
def test_a_list_of_rows_is_refused_in_a_sentence(national, drawn):
    with pytest.raises(UnknownNameError, match="一项一项写成文字"):
        getattr(national, drawn)(["handled"], caption="题")
