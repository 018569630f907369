"""Published percentages, against what is computed, at the precision they were printed with."""

from dataclasses import replace
from decimal import Decimal

import pytest
from nianbao.indicators import figures, findings, rules, values
from nianbao.indicators.report import Published
from nianbao.indicators.values import Policy


def compared(report, *percentages):
    """Return the findings about *percentages* (figure, text) in *report*."""
    declared = tuple(Published(figure=figure, text=text, at="三（二）", line=9) for figure, text in percentages)
    return list(findings.compare(replace(report, published=declared), figures.compute(report)))


@pytest.mark.parametrize("text", ["14", "14.4", "14.43", "14.433", "14.4330"])
def test_a_percentage_rounded_half_up_agrees_at_whatever_precision_it_was_printed(longtan, text):
    assert compared(longtan, ("staff.full_time.share", text)) == []


@pytest.mark.parametrize(
    ("text", "computed", "difference"),
    [
        ("15", "14.43%", "0.57%"),
        ("14.5", "14.43%", "0.07%"),
        ("14.42", "14.43%", "-0.01%"),
        ("14.44", "14.43%", "0.01%"),
        ("14.432", "14.433%", "-0.001%"),
        ("14.43299", "14.43299%", None),
    ],
)
def test_a_difference_is_told_at_the_finer_of_both_precisions(longtan, text, computed, difference):
    found = compared(longtan, ("staff.full_time.share", text))
    told = [(each.left.number, each.right.number, each.difference.number) for each in found]
    assert told == ([(f"{text}%", computed, difference)] if difference else [])


def test_the_six_differences_of_2013_are_these(longtan):
    found = {each.id: each.difference.quantity.value for each in findings.compare(longtan, figures.compute(longtan))}
    assert found == {
        "P01.content.other.share": Decimal("0.01"),
        "P01.content.public_interest.share": Decimal("-0.01"),
        "P01.replies.refused.share": Decimal("-0.01"),
        "P01.replies.refused.absent.share": Decimal("-0.01"),
        "P01.replies.refused.secret.share": Decimal("-0.07"),
        "P01.replies.refused.other.share": Decimal("0.08"),
    }


def test_a_finding_says_what_was_published_where_and_what_is_computed(longtan):
    (finding,) = compared(longtan, ("replies.refused.secret.share", "0.3"))
    assert (finding.rule, finding.severity) == ("P01", "warning")
    assert finding.sentence.endswith("（三（二））：公布为0.3%，按表计算为0.37%")
    assert "涉密免于公开数占否决公开答复的比例" in finding.sentence
    assert finding.cells == ("replies.refused.secret.year.share",)


def test_the_numbers_of_a_finding_name_what_they_come_from(longtan):
    (finding,) = compared(longtan, ("replies.refused.secret.share", "0.3"))
    assert (finding.left.kind, finding.right.kind, finding.difference.kind) == ("published", "check", "check")
    assert finding.right.inputs == ("replies.refused.secret.year.share",)
    assert finding.difference.inputs == (finding.left.id, finding.right.id)
    assert finding.left.quantity.value - finding.right.quantity.value == finding.difference.quantity.value


def test_the_policy_of_printing_does_not_change_what_agrees(longtan):
    truncating = replace(longtan, policy=Policy(places=0, method="truncate"))
    assert [each.id for each in findings.compare(truncating, figures.compute(truncating))] == [
        each.id for each in findings.compare(longtan, figures.compute(longtan))
    ]


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("staff", values.given(0), "无定义"),
        ("staff", values.MISSING, "缺数"),
        ("staff.full_time", values.MISSING, "缺数"),
        ("staff", values.NOT_APPLICABLE, "-"),
    ],
)
def test_a_percentage_of_what_has_no_value_is_a_finding_without_difference(longtan, cell, value, words):
    read = replace(longtan.cells[cell, "year"], quantity=value)
    (finding,) = compared(replace(longtan, cells=longtan.cells | {(cell, "year"): read}), ("staff.full_time.share", "14.43"))
    assert finding.sentence.endswith(f"公布为14.43%，按表计算：{words}")
    assert (finding.right, finding.difference) == (None, None)


# A row that is no part of another has no share; a cell is no percentage.
@pytest.mark.parametrize(
    "name", ["staff.full_tme.share", "rates.answers", "facts.departments", "staff.share", "staff", "disclosed.year"]
)
def test_a_name_that_is_no_percentage_is_told_with_its_line(longtan, name):
    (finding,) = compared(longtan, (name, "14.43"))
    assert (finding.id, finding.severity) == (f"P01.{name}", "warning")
    assert finding.sentence == f"params/longtan/2013/report.yaml 第9行的“{name}”不是本表的比例"


def test_a_percentage_printed_wrong_in_two_places_is_two_findings(longtan):
    declared = tuple(Published(figure="staff.full_time.share", text=text) for text in ("14.42", "14.5"))
    found = rules.run(replace(longtan, published=declared, accepted=()), figures.compute(longtan))
    assert [each.left.number for each in found if each.rule == "P01"] == ["14.42%", "14.5%"]
