"""The form's rules: what they find in 2013, one way to break each, and what it takes to accept a finding."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from builds import ROOT
from nianbao.document.document import Document
from nianbao.indicators import figures, values
from nianbao.indicators import rules as checks
from nianbao.indicators.findings import PENDING, Finding, blocking, open_findings
from nianbao.indicators.report import Acceptance, Passage
from nianbao.indicators.values import MISSING, NOT_APPLICABLE, Quantity
from nianbao.inputs import report

# id, left, right, difference, implied values (the likeliest first)
FOUND_IN_2013 = [
    (
        "J02.cumulative",
        14613,
        10611,
        4002,
        {"disclosed.district.cumulative": 4767, "disclosed.cumulative": 10611, "disclosed.township.cumulative": 13848},
    ),
    (
        "J08.cumulative",
        84525,
        84453,
        72,
        {"reading_items.cumulative": 84453, "reading_items.electronic.cumulative": 57106, "reading_items.paper.cumulative": 27491},
    ),
    (
        "J11.cumulative",
        3955,
        3956,
        -1,
        {
            "applications.cumulative": 3956,
            "applications.online.cumulative": 258,
            "applications.in_person.cumulative": 2115,
            "applications.other.cumulative": 1580,
        },
    ),
    ("J90.disclosed.district", 765, 953, -188, {}),
]
KNOWN = {row[0] for row in FOUND_IN_2013}

# rule, the cells that break it, the finding that it must give, and no other
BREAKS = [
    ("J01", {"staff.year": 98}, "J01.year"),
    ("J02", {"disclosed.township.year": 1613}, "J02.year"),
    ("J03", {"content.normative.year": 326}, "J03.year"),
    ("J04", {"content.year": 2566, "content.other.year": 1115}, "J04.year"),
    ("J05", {"content.public_interest.year": 2566}, "J05.year"),
    ("J06", {"web_posts.year": 2566}, "J06.year"),
    ("J07", {"reading_points.electronic.cumulative": 11}, "J07.cumulative"),
    ("J08", {"reading_items.paper.year": 11219}, "J08.year"),
    ("J09", {"web_timely.over.year": 209}, "J09.year"),
    ("J10", {"web_timely.within.year": 2400, "reading_timely.within.year": 2426}, "J10.year"),
    ("J11", {"applications.other.year": 5}, "J11.year"),
    ("J12", {"replies.granted.year": 1074}, "J12.year"),
    ("J13", {"replies.refused.other.year": 126}, "J13.year"),
    ("J14", {"replies.year": 1346, "replies.granted.year": 1074}, "J14.year"),
    ("J15", {"reviews.accepted.cumulative": 1}, "J15.cumulative"),
    ("J16", {"reviews.accepted.concluded.cumulative": 1}, "J16.cumulative"),
    ("J17", {"reviews.accepted.concluded.upheld.cumulative": 1}, "J17.cumulative"),
    ("J18", {"fees.cost.cumulative": Decimal("0.01")}, "J18.cumulative"),
    ("J90", {"training_sessions.year": 95}, "J90.training_sessions"),
    ("J92", {"staff.full_time.cumulative": 14}, "J92.staff.full_time.cumulative"),
    ("J93", {"gazettes.year": MISSING}, "J93.gazettes.year"),
]


def changed(read, cells):
    """Return the report *read* with other values in *cells*, named as figures are."""
    changes = {
        tuple(name.rsplit(".", 1)): each if isinstance(each, Quantity) else values.given(each) for name, each in cells.items()
    }
    return replace(read, cells=read.cells | {key: replace(read.cells[key], quantity=each) for key, each in changes.items()})


def run(read):
    """Return the findings about the table of *read*, by id."""
    table_only = replace(read, published=())
    return {finding.id: finding for finding in checks.run(table_only, figures.compute(table_only))}


def bare(read, **changes):
    """Return the findings of *read* with *changes* where nothing has been accepted before."""
    return run(replace(read, **{"accepted": (), **changes}))


def accepting(read, *acceptances):
    return run(replace(read, accepted=acceptances))


def year_before(params, cells):
    """Make the folder of 2012 beside *params*: cumulative counts less this year's, except in *cells* (row id: count)."""
    folder = params.parent / "2012"
    folder.mkdir()
    declared = (params / "report.yaml").read_text("utf-8").replace("year: 2013", "year: 2012")
    declared = re.sub(r"^(facts|published|gaps|literals|accepted):.*?(?=^\S|\Z)", "", declared, flags=re.MULTILINE | re.DOTALL)
    (folder / "report.yaml").write_text(declared, "utf-8")
    (folder / "narrative.md").write_text("# 一、基本工作情况\n\n略。\n", "utf-8")
    header, *lines = (params / "statistics.csv").read_text("utf-8-sig").splitlines()
    before = [header.replace("13年", "12年")]
    for line in lines:
        *stub, cumulative, year = line.split(",")
        value = cells.get(stub[2]) or (cumulative if cumulative == "-" else str(max(int(cumulative) - int(year), 0)))
        before.append(",".join([*stub, value, "0"]))
    (folder / "statistics.csv").write_text("\n".join(before) + "\n", "utf-8")


@pytest.fixture(scope="module")
def found(longtan):
    return {finding.id: finding for finding in checks.run(longtan, figures.compute(longtan))}


def test_2013_has_exactly_four_errors(found):
    assert [finding.id for finding in found.values() if finding.severity == "error"] == [row[0] for row in FOUND_IN_2013]


def test_2013_has_nothing_else_but_the_six_published_percentages(found):
    rest = {finding.rule for key, finding in found.items() if key not in KNOWN}
    assert (rest, len(found)) == ({"P01"}, 10)


def test_every_finding_of_2013_is_accepted_with_a_reason(found):
    assert [finding.id for finding in found.values() if not finding.accepted or not finding.reason] == []
    assert (open_findings(found.values()), blocking(found.values())) == ((), ())


def test_no_other_rule_fails_when_nothing_is_accepted(longtan):
    assert set(bare(longtan)) == KNOWN


@pytest.mark.parametrize(("finding", "left", "right", "difference", "implied"), FOUND_IN_2013)
def test_a_finding_of_2013_holds_both_sides_and_what_they_differ_by(found, finding, left, right, difference, implied):
    numbers = [each.quantity.value for each in (found[finding].left, found[finding].right, found[finding].difference)]
    assert numbers == [left, right, difference]
    assert {cell: figure.quantity.value for cell, figure in found[finding].implied} == implied


def test_the_likeliest_value_of_j02_stands_first_because_j90_doubts_the_same_cell(found):
    cell, figure = found["J02.cumulative"].implied[0]
    assert (cell, figure.display) == ("disclosed.district.cumulative", "4767条")
    assert found["J02.cumulative"].sentence.index("4767") < found["J02.cumulative"].sentence.index("应为13848")


@pytest.mark.parametrize(("finding", "implied"), [(row[0], row[4]) for row in FOUND_IN_2013 if row[4]])
def test_each_offered_value_alone_would_settle_its_rule(longtan, finding, implied):
    for cell, value in implied.items():
        assert finding not in bare(changed(longtan, {cell: value}))


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ("J02.cumulative", ["累计数：", "公开信息总数14613 ≠ ", "（合计10611）", "应为“=”，左边多4002"]),
        ("J11.cumulative", ["累计数：", "政府信息公开申请数3955 ≠ ", "（合计3956）", "左边少1"]),
        ("J90.disclosed.district", ["县（市）区、开发区本级公开信息数：累计数765 < 13年发生数953", "应为“≥”，左边少188"]),
    ],
)
def test_a_finding_says_in_words_what_does_not_agree(found, finding, words):
    assert [word for word in words if word not in found[finding].sentence] == []


def test_a_value_below_zero_is_never_offered(longtan):
    offered = dict(bare(changed(longtan, {"applications.other.year": 5}))["J11.year"].implied)
    assert {cell: figure.quantity.value for cell, figure in offered.items()} == {
        "applications.year": 1346,
        "applications.online.year": 257,
        "applications.in_person.year": 1082,
        "applications.other.year": 4,
    }


def test_a_finding_gives_its_numbers_to_whoever_accepts_it(found):
    numbers = {key: figure.number for key, figure in found["J02.cumulative"].numbers().items()}
    assert numbers == {"left": "14613", "right": "10611", "difference": "4002", "implied": "4767"}
    assert set(found["J90.disclosed.district"].numbers()) == {"left", "right", "difference"}


@pytest.mark.parametrize(("rule", "cells", "finding"), BREAKS, ids=[row[0] for row in BREAKS])
def test_each_rule_fails_where_its_cells_are_broken_and_only_there(longtan, rule, cells, finding):
    found = bare(changed(longtan, cells))
    assert set(found) - KNOWN == {finding}
    assert (found[finding].rule, found[finding].severity) == (rule, severities(longtan)[rule])


def severities(read):
    return {rule.id: rule.severity for rule in read.form.rules}


def test_every_rule_of_the_form_has_its_case(form):
    assert [rule.id for rule in form.rules if rule.id != "J91"] == [row[0] for row in BREAKS]


@pytest.mark.parametrize(
    ("severity", "rules"),
    [
        ("warning", {"J06", "J09", "J10", "J14"}),
        ("info", {"J92"}),
    ],
)
def test_all_rules_are_errors_but_these(longtan, severity, rules):
    assert {rule for rule, found in severities(longtan).items() if found == severity} == rules
    assert set(severities(longtan).values()) == {"error", "warning", "info"}


def test_rules_hold_in_every_column(longtan):
    found = bare(changed(longtan, {"replies.granted.year": 1074, "replies.granted.cumulative": 3176}))
    assert set(found) - KNOWN == {"J12.year", "J12.cumulative"}


def test_a_difference_of_one_fen_is_told_exactly(longtan):
    found = bare(changed(longtan, {"fees.cumulative": Decimal("100.10"), "fees.cost.cumulative": Decimal("100.11")}))
    assert found["J18.cumulative"].difference.quantity.value == Decimal("-0.01")


def test_values_of_thirty_digits_are_compared_exactly(longtan):
    cells = {"staff.year": 10**30 - 1, "staff.full_time.year": 10**30 - 3, "staff.part_time.year": 1}
    assert bare(changed(longtan, cells))["J01.year"].difference.quantity.value == 1


# Last year's report


def test_without_last_years_report_its_rule_is_listed_as_not_run(longtan):
    assert checks.not_run(longtan) == ("J91", "R01")


def on_another_form(longtan, form, **rows):
    """The report with one of the year before, whose form has another id and *rows*."""
    return replace(longtan, last_year=replace(longtan, form=replace(form, id="jilin-2008", **rows), year=2012))


def test_last_years_cells_of_other_labels_are_not_compared(longtan, form):
    read = on_another_form(longtan, form, rows={key: replace(row, label=f"旧{row.label}") for key, row in form.rows.items()})
    assert checks.not_run(read) == ("J91",)
    assert set(bare(read)) == KNOWN


def test_last_years_cells_are_compared_across_forms_where_both_mean_the_same(longtan, form):
    rows = {key: row if key == "training_sessions" else replace(row, label=f"旧{row.label}") for key, row in form.rows.items()}
    read = on_another_form(longtan, form, rows=rows)
    assert checks.not_run(read) == ()
    assert set(bare(read)) - KNOWN == {"J91.training_sessions"}


def test_last_years_cumulative_count_must_be_this_years_less_what_was_added(params, forms):
    year_before(params, {"2.举办培训次数": "61"})
    read = report.load(params, forms)
    found = bare(read)
    assert checks.not_run(read) == ()
    # 765 − 953 is no count, so the district's line cannot agree either.
    assert set(found) - KNOWN == {"J91.training_sessions", "J91.disclosed.district"}
    finding = found["J91.training_sessions"]
    assert [each.quantity.value for each in (finding.left, finding.right, finding.difference)] == [60, 61, -1]
    assert finding.severity == "error"


def test_a_difference_to_last_year_names_both_years(params, forms):
    year_before(params, {"2.举办培训次数": "61"})
    sentence = bare(report.load(params, forms))["J91.training_sessions"].sentence
    assert "2012年报告的累计数61" in sentence
    assert "累计数94－13年发生数34（合计60）" in sentence


def test_only_this_years_cells_are_offered_another_value(params, forms):
    year_before(params, {"2.举办培训次数": "61"})
    implied = bare(report.load(params, forms))["J91.training_sessions"].implied
    assert {cell: figure.quantity.value for cell, figure in implied} == {
        "training_sessions.cumulative": 95,
        "training_sessions.year": 33,
    }


# Cells without a value


@pytest.mark.parametrize(
    ("cell", "skipped", "offered"),
    [
        ("disclosed.district.cumulative", {"J02.cumulative", "J90.disclosed.district"}, 4767),
        ("disclosed.district.year", {"J90.disclosed.district"}, 953),
        ("replies.granted.year", set(), 1073),
        ("replies.refused.year", set(), 268),
        ("content.year", set(), 2565),
        ("web_timely.within.year", set(), 962),
        ("reading_items.paper.year", set(), 11218),
        ("gazettes.year", set(), None),
        ("content.public_interest.year", set(), None),
        ("reading_points.cumulative", set(), None),
    ],
)
def test_a_missing_cell_is_one_finding_and_other_rules_pass_over_it(longtan, cell, skipped, offered):
    found = bare(changed(longtan, {cell: MISSING}))
    assert set(found) == KNOWN - skipped | {f"J93.{cell}"}
    assert [(key, figure.quantity.value) for key, figure in found[f"J93.{cell}"].implied] == ([(cell, offered)] if offered else [])


def test_a_missing_cell_is_named_with_its_place_and_what_the_equations_settle(longtan):
    sentence = bare(changed(longtan, {"replies.granted.year": MISSING}))["J93.replies.granted.year"].sentence
    assert "没有填（params/longtan/2013/statistics.csv 第40行 F40）；没有发生的填“0”" in sentence
    assert sentence.endswith("按勾稽关系可推出1073")


def test_two_missing_parts_of_one_whole_settle_nothing(longtan):
    found = bare(changed(longtan, {"staff.full_time.year": MISSING, "staff.part_time.year": MISSING}))
    assert [found[f"J93.{row}.year"].implied for row in ("staff.full_time", "staff.part_time")] == [(), ()]


def test_a_value_below_zero_settles_nothing(longtan):
    found = bare(changed(longtan, {"staff.full_time.year": MISSING, "staff.part_time.year": 98}))
    assert found["J93.staff.full_time.year"].implied == ()


def test_a_dash_where_the_form_wants_a_number_is_not_taken_for_zero(longtan):
    found = bare(changed(longtan, {"gazettes.year": NOT_APPLICABLE}))
    assert set(found) - KNOWN == {"J93.gazettes.year"}
    assert "填了“-”，表式中这一格应有数" in found["J93.gazettes.year"].sentence


@pytest.mark.parametrize(("value", "words"), [(MISSING, "空着"), (values.given(97), "填了97"), (values.given(0), "填了0")])
def test_a_cell_that_the_form_leaves_out_wants_a_dash(longtan, value, words):
    found = bare(changed(longtan, {"staff.cumulative": value}))
    assert set(found) - KNOWN == {"J92.staff.cumulative"}
    assert found["J92.staff.cumulative"].sentence.endswith(f"在表式中不适用，应填“-”，现在{words}")


# Accepting


def test_an_accepted_finding_keeps_its_reason_and_stops_nothing(longtan):
    found = accepting(longtan, Acceptance(finding="J02.cumulative", difference=4002, reason="照录"))
    assert (found["J02.cumulative"].accepted, found["J02.cumulative"].reason) == (True, "照录")
    assert {each.id for each in blocking(found.values())} == KNOWN - {"J02.cumulative"}


@pytest.mark.parametrize(
    ("acceptance", "words"),
    [
        ({"finding": "J02.cumulative", "difference": 4001}, "接受时差数是4001，现在差数是4002，请重新核对"),
        ({"finding": "J11.cumulative", "difference": 1}, "接受时差数是1，现在差数是-1"),
        ({"finding": "J02.cumulative"}, "没有写明接受的差数，请填 difference: 4002"),
        ({"finding": "J02.year", "difference": 4002}, "现在没有这个问题，请删去"),
        ({"finding": "J99.cumulative"}, "现在没有这个问题，请删去"),
    ],
)
def test_an_acceptance_that_does_not_fit_accepts_nothing_and_says_so(longtan, acceptance, words):
    found = accepting(longtan, Acceptance(reason="照录", line=77, **acceptance))
    told = found[f"A01.{acceptance['finding']}"]
    assert (told.rule, told.severity) == ("A01", "warning")
    assert told.sentence.startswith(f"params/longtan/2013/report.yaml 第77行接受了“{acceptance['finding']}”，但{words}")
    assert {each.id for each in blocking(found.values())} == KNOWN


def test_a_finding_without_difference_is_accepted_without_one(longtan):
    missing = changed(longtan, {"gazettes.year": MISSING})
    found = accepting(missing, Acceptance(finding="J93.gazettes.year", reason="原表空着"))
    assert found["J93.gazettes.year"].accepted
    found = accepting(missing, Acceptance(finding="J93.gazettes.year", reason="原表空着", difference=1))
    assert not found["J93.gazettes.year"].accepted
    assert found["A01.J93.gazettes.year"].sentence.endswith("这个问题没有差数，请删去 difference")


def test_a_finding_that_changed_must_be_looked_at_again(longtan):
    found = run(changed(longtan, {"disclosed.township.cumulative": 9847}))
    assert not found["J02.cumulative"].accepted
    assert "A01.J02.cumulative" in found


def test_findings_about_the_prose_are_accepted_like_any_other(longtan):
    typed = Finding(id="T01.narrative.md.7", rule="T01", severity="error", parts=("手写的数",))
    read = replace(longtan, published=(), accepted=(Acceptance(finding=typed.id, reason="引文"),))
    found = {finding.id: finding for finding in checks.run(read, figures.compute(read), [typed])}
    assert found[typed.id].accepted


@pytest.mark.parametrize(
    ("severity", "accepted", "is_open", "blocks"),
    [
        ("error", False, True, True),
        ("warning", False, True, False),
        ("info", False, False, False),
        ("error", True, False, False),
        ("warning", True, False, False),
        ("info", True, False, False),
    ],
)
def test_what_is_not_accepted_makes_a_draft_and_an_error_blocks(severity, accepted, is_open, blocks):
    finding = Finding(id="X", rule="X", severity=severity, parts=("x",), accepted=accepted)
    assert (bool(open_findings([finding])), bool(blocking([finding]))) == (is_open, blocks)


# ---- what chapters must say


@pytest.fixture(scope="module")
def specimen(forms):
    """The specimen of the form of 2021; 203 of its applications ended because nobody paid the fee asked for."""
    return report.load(ROOT / "params/specimen/2025", forms)


def saying(read, chapter, text):
    """Return the findings about *read* with *text* as the prose of *chapter*, severities by id."""
    passage = Passage(source=text, file="narrative.md", line=3)
    document = Document(replace(read, narrative={**read.narrative, chapter: passage}))
    return {finding.id: finding.severity for finding in document.findings}


ASPECTS = ("主动公开", "依申请公开", "政府信息管理", "平台建设", "监督保障")


@pytest.mark.parametrize("aspect", ASPECTS)
def test_chapter_one_wants_each_of_its_five_aspects(specimen, aspect):
    text = "".join(f"## {each}\n\n各项工作均按要求推进落实。\n\n" for each in ASPECTS if each != aspect)
    assert saying(specimen, "overall", text) == {"C10.overall": "warning"}


def test_words_in_a_note_are_not_said(specimen):
    assert "C10.overall" in saying(specimen, "overall", f"{{# {'、'.join(ASPECTS)} #}}\n各项工作均按要求推进落实。")


@pytest.mark.parametrize("text", ["无", "无。", "没有其他需要报告的事项。"])
def test_chapter_six_never_is_a_bare_no_where_a_fee_was_asked_for(specimen, text):
    assert saying(specimen, "other", text)["C09.other"] == "error"


def test_chapter_six_must_speak_of_the_notices_where_nobody_paid(specimen):
    assert saying(specimen, "other", "本年实际收取信息处理费零元。") == {"C09.other": "error"}


def test_chapter_six_speaks_of_the_fee_when_there_was_none_too(specimen):
    none = changed(specimen, {"handled.other.unpaid.total": 0})
    assert saying(none, "other", "没有其他需要报告的事项。")["C11.other"] == "warning"
    assert {"C09.other", "C11.other"} & set(saying(none, "other", "没有收取信息处理费，没有其他需要报告的事项。")) == set()


@pytest.mark.parametrize("text", ["无", "无。", "暂无问题。", "\n\n略。\n"])
def test_a_chapter_that_must_be_written_says_more_than_no(specimen, text):
    assert saying(specimen, "problems", text) == {"T05.problems": "warning"}


@pytest.mark.parametrize("text", ["解读材料偏少，已增加图解。", "{{ facts.processing_fee }}", "## 问题\n\n解读材料的形式偏少。"])
def test_a_chapter_that_says_something_is_not_too_short(specimen, text):
    assert saying(specimen, "problems", text) == {}


def test_a_line_still_to_be_written_is_told_with_its_line(specimen):
    text = f"## 问题\n\n解读材料的形式还偏少。\n\n## 改进\n\n{PENDING}\n"
    assert saying(specimen, "problems", text) == {"F02.narrative.9": "error"}


@pytest.mark.parametrize(
    ("cells", "areas"),
    [
        (["E2"], ["E2"]),
        (["E2", "F2", "E3", "F3"], ["E2:F3"]),
        (["E2", "G2"], ["E2", "G2"]),
        (["E2", "E3", "F3"], ["E2", "E3:F3"]),
        (["Z1", "AA1", "AB1"], ["Z1:AB1"]),
        (["E9", "E10", "E11"], ["E9:E11"]),
        ([], []),
    ],
)
def test_cells_are_named_by_the_rectangles_they_make_up(cells, areas):
    assert checks.areas(cells) == areas


def test_many_blank_cells_of_a_table_are_one_finding_and_each_of_them_takes_part_in_it(specimen):
    blank = {key: replace(cell, quantity=MISSING) for key, cell in specimen.cells.items() if key[0] == "cases"}
    (told,) = [each for each in Document(replace(specimen, cells={**specimen.cells, **blank})).findings if each.rule == "C06"]
    assert told.id == "C06.disputes"
    assert told.sentence.startswith("params/specimen/2025/disputes.csv 还有15格没有填：E2:S2；")
    assert len(told.cells) == len(blank) == 15


def test_a_few_blank_cells_of_a_table_are_told_one_by_one(specimen):
    keys = [("rules", "issued"), ("normative", "repealed")]
    blank = {key: replace(specimen.cells[key], quantity=MISSING) for key in keys}
    told = Document(replace(specimen, cells={**specimen.cells, **blank})).findings
    assert [each.id for each in told if each.rule == "C06"] == ["C06.rules.issued", "C06.normative.repealed"]
