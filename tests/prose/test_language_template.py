"""The placeholder language: what is a placeholder, what is text, and what is refused."""

import pytest
from nianbao.indicators import figures
from nianbao.indicators.report import Passage
from nianbao.prose import language, names

NOT_PLACEHOLDERS = [
    "{{ ''.__class__ }}",
    "{{ staff.__class__ }}",
    "{{ staff.__init__.__globals__ }}",
    "{{ 7*7 }}",
    "{{ }}",
    "{{ 'a' }}",
    "{{ true }}",
    "{{ staff, staff }}",
    "{{ staff[0] }}",
    "{{ facts['departments'] }}",
    "{{ staff() }}",
    "{{ staff.full_time() }}",
    "{{ staff | say(name) }}",
    "{{ staff | say(*facts) }}",
    "{{ staff if staff else staff }}",
    "{{ staff + staff }}",
    "{{ not staff }}",
    "{{ staff is zero }}",
    "{{ staff {# x #} }}",
    "{% for x in y %}",
    "{% include 'x' %}",
    "{% import 'x' as x %}",
    "{% extends 'x' %}",
    "{% set x = staff %}",
    "{% raw %}",
    "{% iffy staff %}",
    "{% macro x() %}",
]

# What Jinja alone would choke on, or what would make a filter or test of ours fail.
MISUSED = [
    "{% if staff is zero %}甲{% else if name %}乙{% endif %}",
    "{% if staff is zero %}甲{% else %}乙{% else %}丙{% endif %}",
    "{% if staff is zero %}甲{% else %}乙{% elif staff is missing %}丙{% endif %}",
    "{% if staff is zero %}甲{% endif staff %}",
    "{% if staff is zero(1) %}甲{% endif %}",
    "{% if name is zero %}甲{% endif %}",
    "{% if gap.deadline is missing %}甲{% endif %}",
    "{% if staff.unit is positive %}甲{% endif %}",
    "{{ name | portion }}",
    "{{ name | breakdown }}",
    "{{ facts.departments | portion }}",
    "{{ facts.departments | breakdown }}",
    "{{ staff.full_time.share | portion }}",
    "{{ rates.reply | breakdown }}",
    "{{ staff | say }}",
    "{{ staff | say() }}",
    '{{ staff | say(zero="无") }}',
    '{{ staff | say("{}", "无", "无", "无") }}',
    '{{ staff | say("{}", nothing="无") }}',
    '{{ staff | portion("{}") }}',
    '{{ staff | breakdown("{}") }}',
    '{{ staff | portion | say("{}") }}',
    '{{ staff | say("{}") | breakdown }}',
]


@pytest.fixture(scope="module")
def root(longtan):
    return names.tree(longtan, figures.compute(longtan))


def prepared(source, root, line=1):
    return language.prepare(Passage(source=source, file="params/x/narrative.md", line=line), root)


def typed(made):
    """Return what is typed by hand, placeholders masked with one star for each character, and what is typed inside of them."""
    return made.typed.replace(language.MASK, "*"), made.inside


def problems(source, root, line=1):
    return [str(problem) for problem in prepared(source, root, line).problems]


@pytest.mark.parametrize(
    "source",
    [
        "{{ staff }}",
        "{{staff}}",
        "{{- staff -}}",
        "{{ (staff) }}",
        "{{ staff.full_time }}",
        "{{ staff.cumulative }}",
        "{{ staff.full_time.share.number }}",
        "{{ staff.unit }}",
        "{{ rates.reply }}",
        "{{ facts.departments.number }}",
        "{{ contact.phone }}",
        "{{ gap.deadline }}",
        "{{ short_name }}",
        '{{ staff | say("共{}") }}',
        '{{ staff | say("共{}", zero="没有", absent="") }}',
        '{{ staff | say(phrase="共{}") }}',
        "{{ staff | portion }}",
        "{{ staff | breakdown }}",
        "{% if staff is zero %}甲{% elif staff is positive %}乙{% else %}丙{% endif %}",
        "{%- if not staff is missing and (staff is not zero or staff is not_applicable) -%}甲{%- endif -%}",
        "{% if facts.departments is positive %}甲{% endif %}",
        "{% if rates.reply is zero %}甲{% endif %}",
    ],
)
def test_a_placeholder_is_taken(source, root):
    made = prepared(source, root)
    assert (made.problems, made.values) == ([], {})
    assert made.placed or made.asked


@pytest.mark.parametrize("source", NOT_PLACEHOLDERS)
def test_what_only_looks_like_a_placeholder_is_refused_with_its_line(source, root):
    (problem,) = problems(f"甲\n乙{source}丙", root)
    assert problem.startswith("params/x/narrative.md 第2行")
    assert "{" not in prepared(f"甲{source}乙", root).source


@pytest.mark.parametrize(
    "source",
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{ staff",
        "staff }}",
        "{% if staff is zero",
        "{# 注",
        "甲{{ staff } }乙",
        "｛｛ staff ｝｝",
        "{ { staff } }",
    ],
)
def test_what_is_left_of_a_placeholder_is_refused_with_its_line(source, root):
    assert all(problem.startswith("params/x/narrative.md 第2行：“") for problem in problems(f"甲\n{source}", root))
    assert problems(f"甲\n{source}", root)


@pytest.mark.parametrize("source", ["{", "}", "甲{乙}丙", "{ staff }", "{}", "｛甲｝"])
def test_a_single_brace_is_text(source, root):
    made = prepared(source, root)
    assert made.problems == []
    assert "{" not in made.source


# Taking out a comment must not let the characters around it become a statement.
@pytest.mark.parametrize(
    "source",
    ["{{##}% include 'x' %}", "{{#甲#}% set x = staff %}", "{{##}% if staff is zero %}", "{{##}{{##}% raw %}", "{{##}# 注 #}"],
)
def test_a_comment_cannot_hide_a_statement(source, root):
    assert "{" not in prepared(source, root).source


def test_a_comment_is_nobodys_text(root):
    made = prepared("甲{# 12件，待核 #}乙", root)
    assert (typed(made), made.problems) == ((f"甲{' ' * 12}乙", []), [])


@pytest.mark.parametrize(
    ("source", "place", "suggestion"),
    [
        ("{{ stafff }}", "stafff", "是不是“staff”"),
        ("{{ staff.fulltime }}", "staff.fulltime", "是不是“full_time”"),
        ("{{ rates.replies }}", "rates.replies", "是不是“reply”"),
        ("{{ facts.department }}", "facts.department", "是不是“departments”"),
        ("{{ gap.dedline }}", "gap.dedline", "是不是“deadline”"),
        ("{{ short_nam }}", "short_nam", "是不是“short_name”"),
        ("{{ disclosed.culumative.share }}", "disclosed.culumative.share", "是不是“cumulative”"),
        ('{{ stafff | say("共{}") }}', "stafff", "是不是“staff”"),
        ("{% if stafff is zero %}甲{% endif %}", "stafff", "是不是“staff”"),
        ("{{ staff.share }}", "staff.share", "full_time、part_time、cumulative、year"),
        ("{{ name.number }}", "name.number", "到此为止，之后不能再写"),
        ("{{ facts }}", "facts", "departments、townships"),
        ("{{ finding.left }}", "finding.left", "staff"),
        ("{% if staff.__class__ is zero %}甲{% endif %}", "staff.__class__", "full_time、part_time"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_its_place_and_what_there_is(root, source, place, suggestion):
    (problem,) = problems(f"第一段。\n\n第三行{source}。", root, line=40)
    assert problem.startswith(f"params/x/narrative.md 第42行（{place}）：")
    assert suggestion in problem


def test_every_wrong_name_is_told_at_once(root):
    assert [text.partition("（")[0] for text in problems("{{ a }}\n{{ b }}\n\n{{ staff }}{{ c }}", root)] == [
        "params/x/narrative.md 第1行",
        "params/x/narrative.md 第2行",
        "params/x/narrative.md 第4行",
    ]


def test_a_line_is_counted_behind_a_placeholder_of_several_lines(root):
    assert "第4行" in problems('{{ staff |\n  say(\n"共{}") }}\n{{ nothing }}', root)[0]


@pytest.mark.parametrize("name", ["upper", "safe", "attr", "printed", "sya"])
def test_a_filter_that_does_not_exist_is_refused(root, name):
    (problem,) = problems("{{ staff | " + name + '("x") }}', root)
    assert f"第1行（{name}）：没有叫“{name}”的写法" in problem
    assert "say、portion、breakdown" in problem


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("甲\n{% if staff is zero %}乙", "第2行（{% if … %}）：没有配对的 {% endif %}"),
        ("{% if staff is zero %}{% if staff is zero %}甲{% endif %}", "第1行（{% if … %}）：没有配对的 {% endif %}"),
        ("甲{% endif %}", "（{% endif %}）：前面没有 {% if … %}"),
        ("甲{% else %}乙", "（{% else %}）：前面没有 {% if … %}"),
        ("{% if staff is zero %}甲{% endif %}{% elif staff is zero %}", "（{% elif %}）：前面没有 {% if … %}"),
    ],
)
def test_an_unbalanced_condition_is_refused(root, source, words):
    assert any(words in problem for problem in problems(source, root))


@pytest.mark.parametrize(
    "condition", ["", "staff", "staff > 1", "staff is even", "staff is zero == true", "7*7", "not", "staff + staff is zero"]
)
def test_a_condition_is_a_name_and_one_of_four_tests(root, condition):
    (problem,) = problems("{% if " + condition + " %}甲{% endif %}", root)
    assert "条件读不懂" in problem
    assert "zero、positive、missing、not_applicable" in problem


@pytest.mark.parametrize("source", MISUSED)
def test_what_a_filter_or_test_cannot_do_is_refused_with_its_line(root, source):
    found = problems(f"甲\n{source}", root)
    assert found
    assert found[0].startswith("params/x/narrative.md 第2行")


@pytest.mark.parametrize(
    "source",
    [
        "甲\ue000乙",
        "甲\uf8ff乙",
        "\ue0000\ue001",
        '{{ staff | say("\ue0000\ue001{}") }}',
        r'{{ staff | say("\ue0000\ue001{}") }}',
        r'{{ staff | say("{}", zero="\ue0009\ue001") }}',
    ],
)
def test_private_use_characters_are_refused_however_they_are_written(root, source):
    assert "私用区字符 U+" in problems(source, root)[0]


def test_what_is_typed_by_hand_is_kept_with_its_line(root):
    made = prepared('甲{{ staff | say("共{}", zero="没有") }}乙\n丙{{ staff }}', root, line=5)
    text = f"甲{'*' * 35}乙\n丙{'*' * 11}"
    assert typed(made) == (text, [(5, "共{}"), (5, "没有")])
