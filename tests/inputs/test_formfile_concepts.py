"""What the forms have in common, and what a file that says so can get wrong."""

import pytest
from nianbao.indicators.errors import InvalidInputError
from nianbao.inputs import formfile

HEAD = "groups:\n  - id: requests\n    title: 申请\n    concepts:\n"
RECEIVED = """\
      - id: received
        label: 收到的申请
        unit: 件
        definitions:
          - {cells: {jilin-2013: applications/year}}
          - {cells: {national-2014: applications/count}, note: 另一张表}
"""
FEES = """\
      - id: fees
        label: 收费
        unit: 万元
        definitions:
          - {cells: {jilin-2013: fees/year}, times: 0.0001}
          - {cells: {national-2014: fees/count}}
"""


@pytest.fixture(scope="module")
def read(forms):
    """Read concepts from a text."""
    return lambda text: formfile.parse_concepts(HEAD + text, "concepts.yaml", forms)


@pytest.fixture(scope="module")
def concepts(forms):
    """Every concept that comes with the library."""
    return [concept for group in formfile.shipped_concepts(forms) for concept in group.concepts]


# ---- the concepts that come with the library


def test_every_form_has_a_cell_for_the_main_concepts(concepts, forms):
    wanted = {"received", "answered", "granted", "partial", "refused", "reviews", "litigation"}
    found = {concept.id: {form for each in concept.definitions for form in each.cells} for concept in concepts}

    assert [name for name in wanted if found[name] != set(forms)] == []


def test_staff_is_counted_until_2018_only(concepts, forms):
    (staff,) = [concept for concept in concepts if concept.id == "staff"]
    counted = [form for form in forms.values() if staff.definition(form.id)]

    assert max(form.last_year for form in counted) == 2018


@pytest.mark.parametrize("name", ["received", "answered", "granted", "refused", "reviews", "litigation"])
def test_the_tables_of_2013_of_2018_and_of_2019_count_by_three_definitions(concepts, name):
    (concept,) = [concept for concept in concepts if concept.id == name]

    assert len({id(concept.definition(form)) for form in ("jilin-2013", "national-2014", "national-2019")}) == 3


def test_cells_of_one_definition_are_worded_alike_in_every_form(concepts, forms):
    for concept in concepts:
        for definition in concept.definitions:
            worded = {tuple(forms[form].rows[row].label for row, _column in cells) for form, cells in definition.cells.items()}

            assert len(worded) == 1


def test_lawsuits_with_and_without_a_review_before_them_are_added_up(concepts):
    (litigation,) = [concept for concept in concepts if concept.id == "litigation"]

    assert litigation.definition("national-2021").cells["national-2021"] == (("cases", "suit_total"), ("cases", "suit_after_total"))


def test_general_charges_are_not_taken_for_charges_on_disclosure(concepts):
    (fees,) = [concept for concept in concepts if concept.id == "fees"]

    assert fees.definition("national-2021") is None
    assert "不是信息公开收费" in fees.absent["national-2021"]


# ---- what a file can get wrong


def test_a_concept_has_its_cells_by_form(read):
    ((concept,),) = [group.concepts for group in read(RECEIVED)]

    assert concept.definition("jilin-2013").cells == {"jilin-2013": (("applications", "year"),)}
    assert concept.definition("national-2014").note == "另一张表"
    assert concept.definition("national-2021") is None


def test_amounts_in_two_units_are_brought_to_one(read):
    ((concept,),) = [group.concepts for group in read(FEES)]

    assert str(concept.definition("jilin-2013").times) == "0.0001"
    assert concept.definition("national-2014").times is None


WRONG = {
    "a row that is not there": (
        RECEIVED,
        "applications/year",
        "application/year",
        r"第9行（received\.jilin-2013）：表式中没有叫“application”的行",
    ),
    "a column that is not there": (
        RECEIVED,
        "applications/year",
        "applications/total",
        "第9行.*：行“applications”所在的表没有叫“total”的栏",
    ),
    "a heading": (RECEIVED, "applications/count", "requests_heading/count", "第10行.*：表式中没有叫“requests_heading”的行"),
    "a form that is not there": (RECEIVED, "jilin-2013", "jilin-2012", "第5行.*：没有叫“jilin-2012”的表式。请改为：jilin-2013、"),
    "no cell": (RECEIVED, "applications/year", "applications", "第9行.*：读到“applications”；应为：行/栏"),
    "a sum without spaces": (
        RECEIVED,
        "applications/year",
        "replies/year+applications/year",
        "第9行.*：读到“replies/year.*；应为：行/栏",
    ),
    "no definition": (RECEIVED, RECEIVED.partition("        definitions:\n")[2], "", "第5行.*：没有写定义"),
    "no form": (RECEIVED, "{jilin-2013: applications/year}", "{}", "第9行.*：没有写格子"),
    "a form under two definitions": (
        RECEIVED,
        "{national-2014: applications/count}",
        "{jilin-2013: replies/year}",
        "第5行.*：表式“jilin-2013”出现2次",
    ),
    "a form that is absent all the same": (
        RECEIVED,
        "另一张表}\n",
        "另一张表}\n        absent: {jilin-2013: 没有}\n",
        "第5行.*出现2次",
    ),
    "another unit": (RECEIVED, "unit: 件", "unit: 人", "第9行.*：格子的单位是“件”，概念的单位是“人”，没有写 times"),
    "the same unit converted": (
        FEES,
        "fees/count}",
        "fees/count}, times: 10",
        "第10行.*：格子的单位是“万元”，概念的单位是“万元”，却写了 times",
    ),
    "an unknown key": (RECEIVED, "note:", "notes:", "第10行.*：不认识的键“notes”"),
    "a concept twice": (RECEIVED + RECEIVED, "另一张表", "另一张表", "第11行.*：概念“received”重复，第5行已有"),
}


@pytest.mark.parametrize(("text", "old", "new", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_with_its_line(read, text, old, new, words):
    assert old in text

    with pytest.raises(InvalidInputError, match=words):
        read(text.replace(old, new))


def test_everything_that_is_wrong_is_told_at_once(read):
    with pytest.raises(InvalidInputError, match="有2处需要改正"):
        read(RECEIVED.replace("applications", "application"))


def test_a_group_stands_once(forms):
    text = HEAD + RECEIVED + (HEAD + FEES).removeprefix("groups:\n")

    with pytest.raises(InvalidInputError, match=r"第11行.*：组“requests”重复，第2行已有"):
        formfile.parse_concepts(text, "concepts.yaml", forms)


def test_a_few_concepts_are_for_a_glance(forms):
    glanced = [concept.id for group in formfile.shipped_concepts(forms) for concept in group.concepts if concept.glance]

    assert 1 <= len(glanced) <= 4
