"""Numbers of a list go with names or counts in their order."""

import pytest


@pytest.mark.parametrize(
    "text",
    [
        "网上、当面、其他形式申请分别为258件、1083件和4件。",
        "纸质信息与电子信息分别为11218条和27540条，分别占28.94%和71.06%。",
        "专职人员14人，兼职人员83人，分别占14.43%、85.57%。",
    ],
)
def test_each_number_goes_with_its_own_name(said, text):
    assert {claim.verdict for claim in said(text).claims} == {"confirmed"}


def test_a_list_in_the_wrong_order_is_contradicted(said):
    found = said("网上、当面、其他形式申请分别为1083件、258件和4件。")
    assert [claim.verdict for claim in found.claims] == ["contradicted", "contradicted", "confirmed"]


def test_a_list_of_other_length_than_its_names_is_left_alone(said):
    found = said("网上、当面申请分别为258件、1083件和4件。")
    assert "contradicted" not in {claim.verdict for claim in found.claims}
