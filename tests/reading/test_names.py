"""Names are derived from the form; words are measured against them."""

import pytest
from nianbao.reading import names

IDLE = names.neutral(("龙潭区",))


def named(form, row):
    return {(name.text, name.parent) for name in names.names(form, IDLE) if name.row == row}


def test_a_row_is_called_by_label_and_name_with_and_without_its_unit(form):
    texts = {text for text, parent in named(form, "training_attendance") if not parent}
    assert {"参加培训人次", "参加培训"} <= texts


def test_a_child_drops_the_tail_it_shares_with_its_whole_once_that_was_named(form):
    assert ("网上", "applications") in named(form, "applications.online")
    assert ("同意公开", "replies") in named(form, "replies.granted")


def test_brackets_may_be_left_out(form):
    assert "公众利益密切相关事项类信息" in {text for text, _parent in named(form, "content.public_interest")}


def test_an_answer_to_a_request_may_be_told_as_answering_a_request(form):
    assert "答复申请" in {text for text, _parent in named(form, "replies")}


def test_columns_that_divide_rows_have_names_alone_and_under_their_title(national):
    columns = {name.text: name.columns for name in names.names(national.form, IDLE) if name.columns}
    assert columns["自然人"] == ("c0",)
    assert columns["法人其他组织"] == ("c1", "c2", "c3")


def test_columns_of_periods_have_no_names(form):
    assert not any(name.columns for name in names.names(form, IDLE))


def best(words, name):
    return names.fit(names.canonical(words), names.canonical(name), IDLE)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("全区从事政府信息公开工作人员", "从事信息公开工作人员数"),
        ("其中，龙潭区网上申请数为", "网上申请数"),
        ("超过20个工作日的数量", "超过20个工作日的数量"),
        ("县(市)区本级公开信息数", "县（市）区、开发区本级公开信息数"),
    ],
)
def test_words_that_a_name_explains_are_a_strong_fit(words, name):
    assert best(words, name).is_strong


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("区法院政府信息公开申请", "政府信息公开申请数"),
        ("通过政府网站公开信息", "公开信息总数"),
        ("政府信息公开申请的答复数", "政府信息公开申请数"),
        ("超过30个工作日的数量", "超过20个工作日的数量"),
        ("接待查阅档案信息人数", "查阅点接待公众查阅"),
        ("发布信息", "在信息公开专栏或信息公开网站发布信息数"),
    ],
)
def test_words_that_say_more_or_something_else_are_not(words, name):
    assert not best(words, name).is_strong
