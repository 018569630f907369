"""What is offered for a number typed by hand: a placeholder where words and value fit, else a fact to declare."""

import re
from functools import cached_property

import pytest
from builds import ROOT
from hypothesis import given
from hypothesis import strategies as st
from nianbao.document.document import Document
from nianbao.indicators.report import Passage
from nianbao.inputs import report
from nianbao.page.blocks import Datum, Text, walk
from nianbao.prose import language, typed


class Prose:
    """The specimen of 2025, in which 14069 are received, 13612 of them of natural persons, 5548 granted, that is 40.17 %."""

    @cached_property
    def document(self):
        return Document(report.load(ROOT / "params/specimen/2025", self.forms))

    def offers(self, text):
        passage = Passage(source=text, file="narrative.md")
        prepared = language.prepare(passage, self.document.names)
        return self.document.offers.of(prepared, passage, typed.find(prepared, passage, ()))

    def put(self, text):
        """Return *text* with all that is offered without doubt in its place; it is one line."""
        for _each, offer in reversed(self.offers(text)):
            text = text[: offer.start] + offer.text + text[offer.end :] if offer.text else text
        return text

    def shown(self, text):
        """Return what a reader sees of *text*, without the marks between thousands."""
        nodes = walk(self.document.prose(text).blocks)
        return "".join(each.text for each in nodes if isinstance(each, Text | Datum)).replace(",", "")


@pytest.fixture(scope="module")
def prose(forms):
    made = Prose()
    made.forms = forms
    return made


SURE = [
    ("新收政府信息公开申请14069件，其中自然人13612件。", "新收政府信息公开申请{{ received }}，其中自然人{{ received.natural }}。"),
    ("予以公开5548件，占40.17%。", "予以公开{{ handled.granted }}，占{{ handled.granted.share }}。"),
    ("收到申请14069件。", "收到申请{{ received }}。"),
    ("收到申请一万四千零六十九件。", "收到申请{{ received }}。"),
    ("收到申请14,069件。", "收到申请{{ received }}。"),
    ("收到申请１４０６９件。", "收到申请{{ received }}。"),
    ("受理政府信息公开申请14069件", "受理政府信息公开申请{{ received }}"),
    ("新收政府信息公开申请数量：14069", "新收政府信息公开申请数量：{{ received.number }}"),
    ("办结率98.16%。", "办结率{{ rates.handled }}。"),
    ("行政事业性收费316441万元", "行政事业性收费{{ fees }}"),
    ("信息处理费实收金额400元。", "信息处理费实收金额{{ facts.processing_fee }}。"),
    ("**予以公开**5548件，", "**予以公开**{{ handled.granted }}，"),
    ("{{ received | say('收到申请{}') }}。予以公开5548件。", "{{ received | say('收到申请{}') }}。予以公开{{ handled.granted }}。"),
    (
        "新收政府信息公开申请{{ received }}，其中自然人13612件。",
        "新收政府信息公开申请{{ received }}，其中自然人{{ received.natural }}。",
    ),
]
# Equal to a figure, or named as one, and yet no word says that it is this one.
UNSURE = [
    "收到网民留言14069件。",
    "收到信访申请14069件。",
    "公开信息5548条。",
    "举办培训14069次。",
    "约14069件申请",
    "收到申请1.4万件。",
    "收到申请14070件。",
    "2024年收到申请14069件。",
    "2024年，收到申请14069件。",
    "予以公开5548件，占40.2%。",
    "予以公开5549件。",
    "另有3件。",
    "三分之一的申请",
]


@pytest.mark.parametrize(("text", "put"), SURE)
def test_words_and_value_that_fit_one_figure_offer_its_placeholder(prose, text, put):
    assert prose.put(text) == put


@pytest.mark.parametrize("text", [text for text, _put in SURE])
def test_what_was_put_in_place_prints_what_was_typed(prose, text):
    typed_digits = re.sub(r"一万四千零六十九", "14069", text).replace("１４０６９", "14069")
    assert prose.shown(prose.put(text)) == prose.shown(typed_digits)


@pytest.mark.parametrize("text", UNSURE)
def test_a_number_of_another_name_value_or_year_is_left_to_a_person(prose, text):
    kept = {offer.text for each, offer in prose.offers(text) if each.mention.text != "5548件" or "信息" in text}
    assert kept == {""}


def advice(prose, text):
    return [offer.advice for _each, offer in prose.offers(text)]


def test_a_value_that_equals_a_figure_of_another_name_is_told_with_it(prose):
    (said,) = advice(prose, "收到网民留言14069件。")
    assert "与它相等的有“一、本年新收政府信息公开申请数量（总计）”（“{{ received }}”）" in said


def test_a_value_that_is_not_what_the_table_has_under_that_name_is_told_with_it(prose):
    (said,) = advice(prose, "予以公开99件。")
    assert said == "“（一）予以公开（总计）”是“5548件”，与它不同，请核对；说的就是它，改为“{{ handled.granted }}”"


def test_a_number_of_no_table_is_offered_the_line_of_a_fact(prose):
    (said,) = advice(prose, "举办培训3次，")
    assert "“number_" in said
    assert 'label: "举办培训", value: 3, unit: "次", source: specimen}' in said


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("印发宣传册1.2万册", 'value: 1.2, scale: 万, unit: "册"'),
        ("满意率99%以上", 'value: 99, approx: 以上, unit: "%"'),
        ("培训24小时", 'value: 24, unit: "小时"'),
        ("举办培训三次。", 'value: 3, unit: "次"'),
        ("近三成", 'text: "三成"'),
        ("编号77", 'value: 77, unit: "（待填）"'),
    ],
)
def test_a_fact_is_declared_as_it_was_typed(prose, text, declared):
    assert declared in advice(prose, text)[0]


def test_each_number_is_offered_a_fact_of_its_own_name_and_keeps_it(prose):
    first, second = (re.search(r"facts\.(\w+)", said)[1] for said in advice(prose, "举办培训3次，讲座4次。"))
    assert first != second
    assert re.search(r"facts\.(\w+)", advice(prose, "举办培训3次，讲座4次。")[1])[1] == second


def test_a_zero_is_offered_a_sentence_that_says_so(longtan):
    row = longtan.form.rows["litigation"]
    (said,) = Document(longtan).lint(Passage(source=f"{row.name}0{row.unit}。", file="narrative.md"))
    assert f'请改写成“{{{{ litigation | say("…{{}}", zero="{row.zero}") }}}}”' in said.sentence


@given(
    st.lists(
        st.sampled_from(
            ["收到申请", "予以公开", "占", "14069件", "5548件", "40.17%", "，", "。", "其中", "自然人", "13612件", "网民留言"]
        ),
        max_size=9,
    )
)
def test_no_offer_changes_what_is_printed(prose, pieces):
    text = "甲" + "".join(pieces)
    assert prose.shown(prose.put(text)) == prose.shown(text)
