"""Which face shows a character, what is shown where none does, and which faces a page carries."""

import dataclasses

import pytest
from nianbao.indicators.report import Fact
from nianbao.page import faces


@pytest.mark.parametrize(
    "text", ["龙潭区人民政府", "〇埇桥垟埗塱喆堃", "臺灣縣", "Aé—…“”①㎡", "葛\U000e0100\u200b\u2060", "\n\u3000\xa0", ""]
)
def test_what_the_face_of_the_text_has_is_neither_stood_in_for_nor_coded(text):
    assert (faces.stood_in(text), faces.uncovered(text), faces.coded(text)) == (set(), set(), text)


@pytest.mark.parametrize("character", "㐀龥裏𠮷𪚥𫝀𮯠")
def test_what_another_face_has_is_stood_in_for(character):
    assert (faces.stood_in("区" + character), faces.coded(character)) == ({character}, character)


@pytest.mark.parametrize(
    ("character", "code"),
    {
        "\U00030000": "〔U+30000〕",
        "\U000323b0": "〔U+323B0〕",
        "\U0001f600": "〔U+1F600〕",
        "\ue000": "〔U+E000〕",
        "\ufeff": "〔U+FEFF〕",
        "\U0010fffd": "〔U+10FFFD〕",
        "\ud800": "〔U+D800〕",
    }.items(),
)
def test_what_no_face_has_is_shown_as_its_code_and_found_again(character, code):
    assert faces.uncovered("县" + character) == {character}
    assert faces.coded(f"县{character}乡") == f"县{code}乡"
    assert faces.decoded(f"县{code}乡") == f"县{character}乡"
    assert faces.spelled(f"县{code}乡") == f"县{character}{code}乡"


def test_a_code_of_a_character_that_a_face_has_is_words():
    assert faces.decoded("〔U+4E00〕〔U+FFFFFF〕") == "〔U+4E00〕〔U+FFFFFF〕"


def test_texts_are_coded_wherever_they_are_held():
    fact = Fact(label="甲\U00030000", source="own", value=3)

    assert faces.coded({"\U00030000": [("\U00030000", 1), fact, None]}) == {
        "〔U+30000〕": [("〔U+30000〕", 1), dataclasses.replace(fact, label="甲〔U+30000〕"), None]
    }


def test_a_page_carries_no_face_that_it_does_not_need():
    families = [rule.split('"')[1] for rule in faces.page(set("龙潭区湾沚"), set("龙"))]

    assert families == ["Report Song", "Report Song", "Report Hei", "Report Kai"]


def test_a_page_carries_the_faces_that_stand_in():
    families = [rule.split('"')[1] for rule in faces.page(set("龙潭区㐀𪚥"), set("龙"))]

    assert families[4:] == ["Report Wide", "Report Rare"]


def test_what_is_set_in_one_face_carries_those_that_stand_in_for_it():
    assert [rule.split('"')[1] for rule in faces.alone("Report Panel", set("龙"))] == ["Report Panel"]
    assert [rule.split('"')[1] for rule in faces.alone("Report Panel", set("龙\U00030001㐀𪚥"))] == [
        "Report Panel",
        "Report Panel Kai",
        "Report Panel Wide",
        "Report Panel Rare",
    ]
