"""What one report declares beside its form: rates of its own, and facts that are a part of something."""

import shutil

import pytest
from builds import ROOT
from nianbao.document.document import Document
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.report import Passage
from nianbao.inputs import report
from nianbao.page.blocks import plain
from nianbao.prose import language

RATE = "  openness: {label: 公开率, numerator: handled.granted + handled.partial, denominator: handled}\n"
MAILS = "  mails: {label: 电子邮件申请, value: 30, unit: 件, source: own, of: received}\n"


@pytest.fixture
def read(tmp_path, forms):
    """Return what reads the invented report of 2024 with these facts and rates."""

    def opened(facts="", rates=""):
        folder = tmp_path / "invented/2024"
        shutil.copytree(ROOT / "params/invented/2024", folder, dirs_exist_ok=True)
        text = (folder / "report.yaml").read_text("utf-8").replace("sources:\n", "sources:\n  own: 本单位统计\n", 1)
        text = (
            text.replace("facts:\n", f"facts:\n{facts}", 1)
            if "\nfacts:\n" in text
            else f"{text}\nfacts:\n{facts}"
            if facts
            else text
        )
        (folder / "report.yaml").write_text(text + (f"\nrates:\n{rates}" if rates else ""), "utf-8")
        return report.load(folder, forms)

    return opened


def said(read, source):
    blocks = language.render(Passage(source=source, file="narrative.md"), Document(read).names).blocks
    return "\n".join(plain(block.children) for block in blocks)


def test_a_rate_of_its_own_is_a_figure_with_formula_and_source(read):
    document = Document(read(rates=RATE))
    figure = document.figures["rates.openness"]
    assert (figure.label, figure.display, figure.quantity.exact) == ("公开率", "77.87%", "95/122")
    assert figure.formula == "handled.granted.total._and_.handled.partial.total / handled.total"
    assert figure.source.startswith("params/invented/2024/report.yaml 第")
    summed = document.figures[figure.inputs[0]]
    assert (summed.quantity.value, summed.inputs) == (95, ("handled.granted.total", "handled.partial.total"))


def test_prose_calls_a_rate_of_its_own_as_those_of_the_form(read):
    found = read(rates=RATE + "  people: {label: 自然人占比, numerator: received.natural, denominator: received}\n")
    assert said(found, "{{ rates.openness.name }}为{{ rates.openness }}，{{ rates.people }}，{{ rates.granted }}。") == (
        "公开率为77.87%，86.78%，77.87%。"
    )


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (
            "granted: {label: 率, numerator: handled.granted, denominator: handled}",
            r"第[0-9]+行（rates\.granted）：表式已有叫“granted”的比率。请换",
        ),
        (
            "x: {label: 率, numerator: handled.grnted, denominator: handled}",
            r"（rates\.x\.numerator）：没有叫“handled\.grnted”的数。请写",
        ),
        ("x: {label: 率, numerator: handled, denominator: received + nothing}", r"（rates\.x\.denominator）：没有叫“nothing”的数"),
        ("x: {label: 率, numerator: handled + handled.granted, denominator: handled}", "有重合，相加会重复计算，不能相加"),
        ("x: {label: 率, numerator: fees, denominator: handled}", "分子的单位是“万元”，分母的是“件”"),
        ("x: {label: 率, numerator: handled, denominator: handled}", "分子和分母是同一个数"),
        ("x: {label: 率, numerator: handled, denominator: handled - handled.granted}", "没有叫“handled - handled.granted”的数"),
        ("x: {label: 率, numerator: handled}", "denominator"),
        ("x: {label: 率, numerator: '', denominator: handled}", "numerator"),
        ("x: [1]", r"rates\.x"),
        ("X: {label: 率, numerator: handled.granted, denominator: handled}", "rates"),
    ],
)
def test_a_rate_that_cannot_be_is_refused_with_line_and_what_to_write(read, rate, words):
    with pytest.raises(InvalidInputError, match=words) as raised:
        read(rates=f"  {rate}\n")
    assert "params/invented/2024/report.yaml 第" in str(raised.value)


def test_a_rate_over_zero_is_not_defined(read):
    found = read(rates="  secret: {label: 率, numerator: handled.refused.secret, denominator: handled.refused.safety}\n")
    assert {said(found, "{{ rates.secret }}")} <= {"无定义", "0.00%"} or "%" in said(found, "{{ rates.secret }}")


def test_a_fact_is_a_part_of_a_cell_or_of_another_fact(read):
    found = read(facts=MAILS + "  scans: {label: 扫描件, value: 12, unit: 件, source: own, of: facts.mails}\n")
    assert said(found, "{{ facts.mails | portion }}；{{ facts.scans | portion }}。占{{ facts.mails.share }}。") == (
        "电子邮件申请30件，占新收政府信息公开申请的24.79%；扫描件12件，占电子邮件申请的40.00%。占24.79%。"
    )
    figure = Document(found).figures["facts.mails.share"]
    assert (figure.formula, figure.quantity.exact) == ("facts.mails / received.total", "30/121")


def test_a_fact_may_be_a_part_of_a_column(read):
    assert said(read(facts=MAILS.replace("of: received", "of: received.natural")), "{{ facts.mails | portion }}。") == (
        "电子邮件申请30件，占自然人提出的新收政府信息公开申请的28.57%。"
    )


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (MAILS.replace("of: received", "of: recieved"), r"（facts\.mails\.of）：没有叫“recieved”的数。请写统计表的行"),
        (MAILS.replace("of: received", "of: facts.nothing"), "没有叫“facts.nothing”的数"),
        (MAILS.replace("of: received", "of: facts.mails"), "不能是自己的一部分"),
        (MAILS.replace("of: received", "of: fees"), "“fees”的单位是“万元”，这里的单位是“件”"),
        (MAILS.replace("value: 30", "value: 300"), "300件大于“received”的121件"),
        (MAILS.replace("value: 30,", "value: 30, approx: 余,"), "文字和约数没有占比"),
        (MAILS.replace("value: 30, unit: 件", "text: 几十件"), "文字和约数没有占比"),
        (MAILS + "  more: {label: 大, value: 31, unit: 件, source: own, of: facts.mails}\n", "31件大于总数30件"),
    ],
)
def test_a_fact_that_is_no_such_part_is_refused_with_line_and_what_to_write(read, fact, words):
    with pytest.raises(InvalidInputError, match=words):
        read(facts=fact)


def test_a_fact_without_a_whole_has_no_share(read):
    found = read(facts=MAILS.replace(", of: received", ""))
    for source in ("{{ facts.mails.share }}", "{{ facts.mails | portion }}"):
        with pytest.raises(InvalidInputError, match="第1行"):
            said(found, source)
