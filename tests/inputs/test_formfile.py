import re
from dataclasses import replace

import pytest
from nianbao.indicators import figures, rules
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.form import labelled
from nianbao.inputs import formfile, report

# What the domain notes ask of each rule of the form for 2008–2013.
SEVERITIES = {
    "J01": "error",
    "J02": "error",
    "J03": "error",
    "J04": "error",
    "J05": "error",
    "J06": "warning",
    "J07": "error",
    "J08": "error",
    "J09": "warning",
    "J10": "warning",
    "J11": "error",
    "J12": "error",
    "J13": "error",
    "J14": "warning",
    "J15": "error",
    "J16": "error",
    "J17": "error",
    "J18": "error",
    "J90": "error",
    "J91": "error",
    "J92": "info",
}

# The unit of each numbered indicator; what stands under it has the same.
UNITS = [
    "人",
    "次",
    "人次",
    "条",
    "条",
    "条",
    "次",
    "个",
    "条",
    "人",
    "份",
    "件",
    "件",
    "次",
    "条",
    "条",
    "条",
    "条",
    "条",
    "件",
    "件",
    "件",
    "件",
    "元",
]

STOCKS = {"staff", "staff.full_time", "staff.part_time", "reading_points", "reading_points.electronic"}
SUBSETS = {
    "content.public_interest",
    "reading_points.electronic",
    "reviews.accepted",
    "reviews.accepted.concluded",
    "reviews.accepted.concluded.upheld",
    "reviews.accepted.concluded.corrected",
}

TINY = """\
id: tiny
title: 小表
basis: 测试
province: 某省
years: {first: 2020, last: 2029}
notebook: tiny.ipynb
report_title: "{name}{year}年|报告"
rounding: {places: 1, method: truncate}
units:
  件: {kind: count}
  万元: {kind: amount, places: 4}
chapters:
  - {id: basics, title: 一、情况, prose: required}
contact: {}
tables:
  - id: numbers
    title: "{name}{year}年统计表"
    narrative_column: year
    columns:
      - {id: year, label: "{yy}年发生数"}
    sections:
      - title: 一、申请
        groups:
          - title: 申请
            rows:
              - id: requests
                no: 1.
                label: 申请数
                name: 申请
                zero: 没有申请
                unit: 件
                nature: flow
                children:
                  - {id: mail, no: ⑴, label: 信函申请数, name: 信函申请, zero: 没有信函申请, unit: 件, nature: flow}
                  - {id: net, no: ⑵, label: 网上申请数, name: 网上申请, zero: 没有网上申请, unit: 件, nature: flow}
              - {id: fees, no: 2., label: 收费, name: 收费, zero: 没有收费, unit: 万元, nature: flow}
rates: []
rules:
  - {id: T01, severity: error, relation: requests == requests.mail + requests.net}
"""
FEES = "              - {id: fees, no: 2., label: 收费, name: 收费, zero: 没有收费, unit: 万元, nature: flow}\n"
SECOND_TABLE = """\
  - id: others
    title: 又一表
    narrative_column: month
    columns: [{id: month, label: 本月数}]
    sections:
      - title: 一、来访
        groups:
          - title: 来访
            rows:
              - {id: visits, label: 来访数, name: 来访, zero: 没有来访, unit: 件, nature: flow}
"""
PHONE = "                  - {id: phone, no: ⑶, label: 电话申请数, name: 电话申请, zero: 没有电话申请, unit: 件, nature: flow}\n"

TINY_REPORT = """\
schema: 1
unit: somewhere
name: 某地
short_name: 某地
province: 某省
year: 2024
sources: {published: 公布文本}
contact: {}
"""
TINY_TABLE = """\
部分,类别,指标,单位,24年发生数
一、申请,申请,1.申请数,件,10
一、申请,申请,⑴信函申请数,件,3
一、申请,申请,⑵网上申请数,件,4
一、申请,申请,⑶电话申请数,件,2
一、申请,申请,2.收费,万元,0.2500
"""


def numbered(form):
    return [row for row in form.rows.values() if re.fullmatch(r"[0-9]+\.", row.no)]


def words_of(text):
    """Return what the message says about the form in *text*."""
    with pytest.raises(InvalidInputError, match=r"^有[1-9][0-9]*处需要改正：\n") as refused:
        formfile.parse(text, "forms/tiny.yaml")
    return str(refused.value)


# ------------------------------------------------------------------------------------------------ the form of 2008–2013


def test_the_jilin_form_has_24_numbered_indicators_in_54_printed_rows_and_two_columns(form):
    assert [row.no for row in numbered(form)] == [f"{number}." for number in range(1, 25)]
    assert [len(table.rows) for table in form.tables] == [54]
    assert [labelled(column.label, year=2013) for column in form.tables[0].columns] == ["累计数", "13年发生数"]


def test_the_jilin_form_was_in_force_from_2008_to_2013_in_jilin(form):
    assert [year for year in range(2000, 2031) if form.covers("吉林省", year)] == [*range(2008, 2014)]
    assert not form.covers("辽宁省", 2013)


def test_the_printed_table_has_five_sections_and_eleven_groups(form):
    rows = form.tables[0].rows
    assert [title[:2] for title in dict.fromkeys(row.section for row in rows)] == ["一、", "二、", "三、", "四、", "五、"]
    assert len(dict.fromkeys((row.section, row.group) for row in rows)) == 11


def test_each_indicator_and_all_under_it_have_the_unit_of_the_indicator(form):
    assert [row.unit for row in numbered(form)] == UNITS
    assert all(row.unit == form.rows[row.parent].unit for row in form.rows.values() if row.parent)


def test_counts_are_whole_and_money_has_two_decimals(form):
    assert {name for name, unit in form.units.items() if unit.kind == "count"} == {"人", "次", "人次", "条", "个", "份", "件"}
    assert (form.units["元"].kind, form.units["元"].places) == ("amount", 2)


def test_staff_and_reading_points_are_stocks_and_all_else_is_a_flow(form):
    assert {row.id for row in form.rows.values() if row.nature == "stock"} == STOCKS


def test_what_is_only_contained_in_a_row_is_not_one_of_its_parts(form):
    assert {row.id for row in form.rows.values() if row.subset} == SUBSETS
    assert not SUBSETS & {part for row in form.rows for part in form.parts(row)}


def test_only_the_cumulative_staff_cells_are_not_applicable(form):
    blank = {(row.id, column) for row in form.rows.values() for column in row.not_applicable}
    assert blank == {("staff", "cumulative"), ("staff.full_time", "cumulative"), ("staff.part_time", "cumulative")}


def test_the_denominators_that_no_row_prints_are_sums_of_printed_rows(form):
    assert [row.id for row in form.rows.values() if not row.printed] == ["web_timely", "reading_timely"]
    assert form.parts("web_timely") == ("web_timely.within", "web_timely.over")


@pytest.mark.parametrize(("rule", "severity"), SEVERITIES.items())
def test_a_rule_has_the_severity_of_the_domain_notes(form, rule, severity):
    assert [each.severity for each in form.rules if each.id == rule] == [severity]


def test_every_rule_that_breaks_down_one_row_adds_up_exactly_its_parts(form):
    broken_down = {}
    for rule in form.rules:
        if (
            rule.kind == "relation"
            and not rule.rows
            and rule.relation.operator == "=="
            and len(rule.relation.right) > len(rule.relation.left) == 1
        ):
            assert {term.sign for term in (*rule.relation.left, *rule.relation.right)} == {1}
            broken_down[rule.relation.left[0].ref] = tuple(term.ref for term in rule.relation.right)
    assert broken_down == {row.id: form.parts(row.id) for row in form.rows.values() if row.printed and form.parts(row.id)}


def test_every_row_that_is_only_contained_in_another_is_held_below_it(form):
    bounded = {
        (term.ref, rule.relation.right[0].ref)
        for rule in form.rules
        if rule.kind == "relation" and rule.relation.operator == "<=" and len(rule.relation.right) == 1
        for term in rule.relation.left
    }
    assert {(row, form.rows[row].parent) for row in SUBSETS} <= bounded


def test_only_the_comparison_with_last_year_needs_last_year(form):
    assert [rule.id for rule in form.rules if rule.needs_last_year] == ["J91"]


def test_the_labels_of_the_form_are_those_of_the_published_table(form, longtan):
    assert {(row.id, column.id) for _table, row, column in form.cells()} == set(longtan.cells)


# ------------------------------------------------------------------------------------------------ a form is data


@pytest.fixture
def tiny_folder(tmp_path):
    folder = tmp_path / "params" / "somewhere" / "2024"
    folder.mkdir(parents=True)
    (folder / "report.yaml").write_text(TINY_REPORT, "utf-8")
    (folder / "numbers.csv").write_text(TINY_TABLE, "utf-8")
    (folder / "narrative.md").write_text("# 一、情况\n\n正常。\n", "utf-8")
    return folder


def test_a_form_with_one_more_indicator_rule_and_rate_needs_no_code(tiny_folder):
    text = TINY.replace(FEES, PHONE + FEES).replace("requests.net}", "requests.net + requests.phone}")
    text = text.replace("rates: []", "rates:\n  - {id: by_phone, label: 电话率, numerator: requests.phone, denominator: requests}")
    text += "  - {id: T02, severity: warning, relation: requests.phone >= requests.mail}\n"
    loaded = report.load(tiny_folder, {"tiny": formfile.parse(text, "forms/tiny.yaml")})
    computed = figures.compute(loaded)
    assert loaded.title == "某地2024年报告"
    assert {figure.id: figure.display for figure in computed} == {
        "requests.year": "10件",
        "requests.mail.year": "3件",
        "requests.net.year": "4件",
        "requests.phone.year": "2件",
        "fees.year": "0.2500万元",
        "requests.mail.year.share": "30.0%",
        "requests.net.year.share": "40.0%",
        "requests.phone.year.share": "20.0%",
        "rates.by_phone.year": "20.0%",
    }
    found = {finding.id: (finding.severity, finding.difference.number) for finding in rules.run(loaded, computed)}
    assert found == {"T01.year": ("error", "1"), "T02.year": ("warning", "-1")}


def test_a_sum_of_amounts_in_a_finding_keeps_their_quarters(tiny_folder):
    text = TINY.replace(FEES, PHONE + FEES) + "  - {id: T03, severity: error, relation: fees <= requests - requests}\n"
    loaded = report.load(tiny_folder, {"tiny": formfile.parse(text, "forms/tiny.yaml")})
    differences = {finding.id: finding.difference.quantity.exact for finding in rules.run(loaded, figures.compute(loaded))}
    assert differences["T03.year"] == "0.25"


@pytest.mark.parametrize(
    ("text", "left", "operator", "right"),
    [
        ("a == b + c", [("a", 1)], "==", [("b", 1), ("c", 1)]),
        ("a<=b", [("a", 1)], "<=", [("b", 1)]),
        ("  a.b >= c.d - e ", [("a.b", 1)], ">=", [("c.d", 1), ("e", -1)]),
        ("a + b - c == d", [("a", 1), ("b", 1), ("c", -1)], "==", [("d", 1)]),
    ],
)
def test_a_relation_is_two_sums_of_signed_terms(text, left, operator, right):
    relation = rules.parse_relation(text)
    assert [(term.ref, term.sign) for term in relation.left] == left
    assert relation.operator == operator
    assert [(term.ref, term.sign) for term in relation.right] == right


def test_a_term_may_come_from_last_year():
    relation = rules.parse_relation("cumulative - year == last_year.cumulative")
    assert [(term.ref, term.last_year) for term in relation.right] == [("cumulative", True)]
    assert relation.needs_last_year


@pytest.mark.parametrize(
    "text", ["", "a", "a = b", "a == ", "== b", "a == b == c", "a == b * c", "a == 2", "a < b", "a == b +", "A == b", "a b == c"]
)
def test_what_is_no_relation_is_not_read_as_one(text):
    assert rules.parse_relation(text) is None


# One bad form for each defect: what is replaced, by what, and the words of the message.
FORM_DEFECTS = [
    ("no: ⑵, label: 网上申请数", "no: ⑵, label2: 网上申请数", "第35行", "不认识的键“label2”"),
    ("{id: net,", "{id: mail,", "第35行（requests.mail）", "行“requests.mail”重复，第34行已有"),
    ("{id: fees,", "{id: requests,", "第36行（requests）", "行“requests”重复，第26行已有"),
    ("unit: 万元, nature", "unit: 亿元, nature", "第36行（fees）", "单位“亿元”没有在 units 中说明"),
    ("+ requests.net}", "+ requests.nett}", "第39行（T01）", "没有叫“requests.nett”的行"),
    ("relation: requests ==", "rows: flow, relation: cumulative ==", "第39行（T01）", "没有叫“cumulative”的栏"),
    ("{id: year, label", "{id: share, label", "第16行（share）", "栏名与保留字相同"),
    ("{id: net,", "{id: year,", "第35行（requests.year）", "行的编号与栏名或保留字相同"),
    ("{id: fees,", "{id: number,", "第36行（number）", "行的编号与栏名或保留字相同"),
    ("relation: requests ==", "relation: requests =", "第39行（rules[1].relation）", "如 a == b + c"),
    ("relation: requests ==", "relation: requests == 2 *", "第39行（rules[1].relation）", "如 a == b + c"),
    ("severity: error", "severity: warn", "第39行（rules[1].severity）", "error、warning、info"),
    ("relation: requests", "kind: filled, relation: requests", "第39行（T01）", "kind 为 relation 时"),
    (", relation: requests == requests.mail + requests.net", "", "第39行（T01）", "kind 为 relation 时"),
    ("rules:\n", "rules:\n  - {id: T01, severity: info, kind: filled}\n", "（T01）", "规则“T01”重复2次"),
    ("narrative_column: year", "narrative_column: month", "第16行（narrative_column）", "没有叫“month”的栏"),
    ("nature: flow}\nrates", "nature: flow, not_applicable: [month]}\nrates", "第36行（fees）", "没有叫“month”的栏"),
    ("nature: flow}\nrates", "nature: flow, printed: false}\nrates", "第36行（fees）", "不印出的行没有可相加的下级"),
    ("nature: flow}\nrates", "nature: ebb}\nrates", "第36行", "stock、flow"),
    ("rates: []", "rates:\n  - {id: r, label: 率, numerator: nothing, denominator: fees}", "第38行（r）", "没有叫“nothing”的行"),
    ("first: 2020", "first: 20", "第5行（years.first）", "2000到2999之间的数"),
    ("places: 1,", "places: 7,", "第8行（rounding.places）", "0到6之间的数"),
    ("method: truncate", "method: up", "第8行（rounding.method）", "half-up、half-even、truncate"),
    ("notebook: tiny.ipynb", "notebook: ../tiny.ipynb", "第6行（notebook）", "notebooks/ 下的文件名"),
    ("kind: count", "kind: number", "第10行（units.件.kind）", "count、amount"),
    ("basis: 测试\n", "", "（basis）", "缺少这一项"),
    ("years: {first: 2020, last: 2029}", "years:", "第5行（years.first）", "缺少这一项"),
    ("years: {first: 2020", "years: {first: 2030", "第5行（years", "2030"),
    ('- {id: year, label: "{yy}年发生数"}', "- {id: year, label: 甲}\n      - {id: year, label: 乙}", "year", "重复"),
    ("- {id: basics,", "- {id: basics, title: 甲, prose: optional}\n  - {id: basics,", "basics", "重复"),
    ("places: 1,", "places: 1, sum_to_100: [nothing],", "sum_to_100", "nothing"),
    ("province: 某省", "province: 某省\ntitle: 又一", "第5行（title）", "键“title”重复，第2行已有"),
    (
        "rates: []",
        SECOND_TABLE.replace("id: others", "id: numbers") + "rates: []",
        "numbers",
        "重复",
    ),
    ("rates: []", SECOND_TABLE.replace("id: visits", "id: fees") + "rates: []", "第46行（fees）", "行“fees”重复，第36行已有"),
    (
        "rates: []",
        SECOND_TABLE + "rates:\n  - {id: r, label: 率, numerator: visits, denominator: fees}",
        "第48行（r）",
        "fees",
    ),
    (
        "rates: []\nrules:\n",
        SECOND_TABLE + "rates: []\nrules:\n  - {id: T02, severity: info, relation: visits <= fees}\n",
        "第49行（T02）",
        "fees",
    ),
]


@pytest.mark.parametrize(("old", "new", "where", "words"), FORM_DEFECTS)
def test_a_bad_form_is_refused_with_the_line_and_the_reason(old, new, where, words):
    assert old in TINY
    said = words_of(TINY.replace(old, new, 1))
    assert "forms/tiny.yaml" in said
    assert where in said
    assert words in said


def test_the_tiny_form_is_good_until_it_is_spoiled():
    assert formfile.parse(TINY, "forms/tiny.yaml").id == "tiny"


def test_everything_wrong_with_a_form_is_told_at_once_in_the_order_of_the_file():
    said = words_of(
        TINY.replace("{id: net,", "{id: mail,").replace("unit: 万元,", "unit: 亿元,").replace("+ requests.net}", "+ requests.n}")
    )
    assert said.startswith("有3处需要改正：")
    assert [line.partition("：")[0].split()[-1] for line in said.splitlines()[1:]] == [
        "第35行（requests.mail）",
        "第36行（fees）",
        "第39行（T01）",
    ]


# ------------------------------------------------------------------------------------------------ which form a report is on


def unnamed(params):
    """Take the line out of report.yaml that names the form."""
    path = params / "report.yaml"
    path.write_text(path.read_text("utf-8").replace("form: jilin-2013\n", ""), "utf-8")


def test_a_report_that_names_no_form_gets_the_one_of_its_province_and_year(params, forms):
    unnamed(params)
    assert report.load(params, forms).form.id == "jilin-2013"


@pytest.mark.parametrize(
    ("province", "first", "last", "words"),
    [
        ("辽宁省", 2008, 2013, "吉林省2013年没有适用的表式"),
        ("吉林省", 2008, 2012, "吉林省2013年没有适用的表式"),
        ("吉林省", 2014, 2018, "吉林省2013年没有适用的表式"),
    ],
)
def test_where_no_form_fits_the_message_says_so_and_which_there_are(params, form, province, first, last, words):
    unnamed(params)
    other = replace(form, province=province, first_year=first, last_year=last)
    with pytest.raises(InvalidInputError, match=words) as refused:
        report.load(params, {"jilin-2013": other})
    assert "params/longtan/2013/report.yaml" in str(refused.value)
    assert "jilin-2013。请用 form 指明" in str(refused.value)


def test_where_two_forms_fit_the_report_has_to_name_one(params, form):
    forms = {"jilin-2013": form, "national": replace(form, id="national", province="")}
    assert report.load(params, forms).form.id == "jilin-2013"
    unnamed(params)
    with pytest.raises(InvalidInputError, match=r"吉林省2013年不止一种适用的表式；.*jilin-2013、national。请用 form 指明"):
        report.load(params, forms)


def test_a_form_without_a_province_fits_every_province(params, form):
    unnamed(params)
    national = replace(form, id="national", province="")
    assert report.load(params, {"national": national}).form.id == "national"
