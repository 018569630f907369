"""How much of a year's own prose is last year's."""

from dataclasses import replace
from fractions import Fraction

import pytest
from builds import ROOT
from hypothesis import given
from hypothesis import strategies as st
from nianbao.document.document import Document
from nianbao.indicators.report import Acceptance, Passage
from nianbao.inputs import report
from nianbao.prose import lint

OLD = "全县建立公开清单，逐项明确责任。"
NEW = "各镇增设便民查阅点，方便群众查询。"
SHORT = "特此报告。"


@pytest.fixture(scope="module")
def invented(forms):
    """The invented report of 2024, with that of 2023 beside it."""
    return report.load(ROOT / "params/invented/2024", forms)


def written(read, text, chapter="overall"):
    return replace(read, narrative={chapter: Passage(source=text, file="narrative.md")})


def pair(read, text, last, chapter="overall"):
    """Return *read* with *text* as its prose, and *last* as last year's."""
    return replace(written(read, text, chapter), last_year=written(read.last_year, last, chapter))


def found(read):
    return [(each.severity, each.left.quantity.value, each.right.quantity.value) for each in lint.compare(read)]


def only(read):
    (finding,) = lint.compare(read)
    return finding


def test_the_invented_pair_repeats_nothing(invented):
    assert found(invented) == []


def test_there_is_nothing_to_compare_without_last_year(invented):
    assert found(replace(invented, last_year=None)) == []


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (OLD, OLD),
        (OLD, "全县建立 公开清单,逐项明确责任！"),
        (OLD, "全县建立公开清单，\n逐项明确责任"),
        ("2024年，全县建立公开清单，逐项明确责任。", "2023年，全县建立公开清单，逐项明确责任。"),
        ("二〇二四年1月起全县建立公开清单。", "二〇二三年３月起全县建立公开清单。"),
        ("{{ year }}年全县建立公开清单目录。", "2023年全县建立公开清单目录。"),
        ("全县公开目录清单{{ received }}，均已更新。", "全县公开目录清单{{ handled | say('{}') }}，均已更新。"),
        ("## 小标题\n\n- 全县建立公开清单，逐项明确责任；", "**全县**建立公开清单，逐项明确责任。"),
        ("虚构县人民政府（示例）建立了公开目录和清单。", "建立了公开目录和清单。"),
        ("ＡＢＣ系统上线并接入统一平台。", "abc系统上线并接入统一平台。"),
    ],
)
def test_a_sentence_is_last_years_where_only_form_tells_them_apart(invented, text, last):
    assert found(pair(invented, text, last)) == [("warning", 1, 1)]


@pytest.mark.parametrize(
    "text",
    [
        SHORT,
        "# 建立健全政务公开工作机制情况\n",
        "{# 全县建立公开清单，逐项明确责任。 #}",
        "根据《中华人民共和国政府信息公开条例》的规定，编制并公布本年度报告。",
        "如有疑问请与我们联系，电话：{{ contact.phone }}。",
        "如有疑问请与本机关联系，地址：虚构县示例街2号。",
        "没有其他需要报告的事项。",
        '{{ received | say("新收政府信息公开申请{}") }}，{{ handled }}。',
    ],
)
def test_what_is_said_alike_every_year_does_not_count(invented, text):
    assert list(lint.sentences(written(invented, text))) == []


def test_the_sentence_about_fees_that_the_form_asks_for_does_not_count(invented):
    assert found(pair(invented, *["本年度没有收取任何信息处理费。"] * 2, chapter="other")) == []


def test_a_sentence_that_cites_a_law_and_then_tells_of_the_year_counts(invented):
    said = "根据《中华人民共和国政府信息公开条例》，全县修订了公开指南。"
    assert found(pair(invented, said, said)) == [("warning", 1, 1)]


@pytest.mark.parametrize(("repeated", "of", "severity"), [(1, 10, "info"), (2, 7, "info"), (3, 10, "warning"), (10, 10, "warning")])
def test_from_three_in_ten_on_it_is_a_warning(invented, repeated, of, severity):
    each = [f"本年推进第{'甲乙丙丁戊己庚辛壬癸'[number]}类公开事项落地。" for number in range(of)]
    assert found(pair(invented, "".join(each), "".join(each[:repeated]))) == [(severity, repeated, of)]


def test_the_finding_says_how_much_where_and_which(invented):
    said = only(pair(invented, f"甲\n\n{NEW}{NEW[:-1]}{OLD}\n\n{OLD}", f"{OLD}")).sentence
    assert said == (
        "params/invented/2024/narrative.md 的3句中，有1句与 params/invented/2023/narrative.md 的相同，占33.33%："
        "“全县建立公开清单，逐项明确责任。”（“一、总体情况”第5行，上一年第1行）。请写本年的情况"
    )


def test_the_longest_stand_first_and_no_more_than_five(invented):
    text = "".join(f"本年推进第{'甲' * number}类公开事项落地。" for number in range(1, 8))
    said = only(pair(invented, text, text)).sentence
    assert said.index("甲" * 7) < said.index("第甲甲甲甲甲甲类")
    assert said.count("上一年第") == 5
    assert "）等。请写" in said


def test_a_sentence_moved_to_another_chapter_is_still_last_years(invented):
    moved = replace(written(invented, OLD, "problems"), last_year=written(invented.last_year, OLD))
    assert found(moved) == [("warning", 1, 1)]


def test_reports_on_different_forms_are_compared(invented, forms):
    last = replace(written(invented.last_year, OLD), form=forms["national-2019"])
    assert found(replace(written(invented, OLD), last_year=last)) == [("warning", 1, 1)]


def test_a_warning_makes_a_draft_until_it_is_accepted_with_its_number(invented):
    read = pair(invented, OLD, OLD)
    accepted = replace(read, accepted=(Acceptance(finding="R01", reason="原样沿用。", difference=1, line=3),))
    assert [each.accepted for each in Document(read).findings if each.id == "R01"] == [False]
    assert [each.accepted for each in Document(accepted).findings if each.id == "R01"] == [True]


def test_an_acceptance_of_fewer_sentences_no_longer_holds(invented):
    read = pair(invented, OLD + NEW, OLD + NEW)
    stale = replace(read, accepted=(Acceptance(finding="R01", reason="原样沿用。", difference=1, line=3),))
    assert "现在差数是2" in next(each.sentence for each in Document(stale).findings if each.id == "A01.R01")


@given(st.integers(0, 12), st.integers(1, 12))
def test_the_share_is_exact_and_its_severity_follows_from_it(invented, repeated, fresh):
    own = [f"本年推进第{'甲' * (number + 1)}类公开事项落地。" for number in range(repeated + fresh)]
    findings = list(lint.compare(pair(invented, "".join(own), "".join(own[:repeated]))))
    shares = [part.quantity.fraction for each in findings for part in each.parts if getattr(part, "kind", "") == "share"]
    assert shares == ([Fraction(repeated, repeated + fresh)] if repeated else [])
    assert [each.severity == "warning" for each in findings] == [share >= Fraction(3, 10) for share in shares]


@given(st.text(alphabet="公开信息。；，\n {}%#-年2"))
def test_no_text_is_too_strange_and_all_of_it_is_its_own_repetition(invented, text):
    own = list(lint.sentences(written(invented, text)))
    assert found(pair(invented, text, text)) == ([("warning", len(own), len(own))] if own else [])


@given(st.text(alphabet="公开信息。，\n", max_size=60))
def test_every_sentence_begins_in_the_line_that_it_names(invented, text):
    lines = text.split("\n")
    assert all(each.text.split("。")[0][:1] in lines[each.line - 1] for each in lint.sentences(written(invented, text)))
