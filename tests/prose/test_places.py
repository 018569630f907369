"""Where a placeholder stands: what could leave half a sentence there in some year is refused, whatever this year's values are."""

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from nianbao.document.document import Document
from nianbao.indicators import figures, values
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.report import AnnualReport, Cell, Fact, Passage
from nianbao.inputs import formfile
from nianbao.page.blocks import plain
from nianbao.prose import language, names

ROOT = Path(__file__).parents[2]
FORMS = formfile.shipped()
LAST = {"jilin-2013": 2012, "national-2014": 2016, "national-2019": 2019, "national-2021": 2023}
VALUES = {
    "missing": values.MISSING,
    "dash": values.NOT_APPLICABLE,
    "zero": values.given(0),
    "some": values.given(7),
    "more": values.given(9),
}


def filled(form, year, value, last=None):
    """Return a report in which every cell holds *value*."""
    cells = {(row.id, column.id): Cell(VALUES[value]) for _table, row, column in FORMS[form].cells()}
    contact = {key: Fact(label=label, text="某处", source="own") for key, label in FORMS[form].contact.items()}
    return AnnualReport(
        form=FORMS[form],
        year=year,
        cells=cells,
        last_year=last,
        name="某市人民政府",
        short_name="某市",
        folder=f"params/x/{year}",
        sources={"own": "本单位统计"},
        contact=contact,
        facts={"visits": Fact(label="接待", value=12, unit="件", source="own")},
    )


# Every pair of years that a filter can meet: none before, blank, a dash, zero, the same, less and more.
PAIRS = [(now, before) for now in VALUES for before in (None, *VALUES)]


def pair(form, now, before):
    last = filled(form, LAST[form], before) if before else None
    return filled(form, LAST[form] + 1, now, last)


def rendered(read, source):
    found = figures.compute(read)
    found.take(list(figures.compute_changes(read, found)))
    return language.render(Passage(source=source, file="params/x/narrative.md"), names.tree(read, found))


def said(read, source):
    return "\n".join(plain(block.children) for block in rendered(read, source).blocks if hasattr(block, "children"))


@pytest.fixture(scope="module")
def read():
    return pair("national-2021", "more", "some")


REFUSED = [
    # A change is nothing in the first year, and begins with a comma in others.
    ("比上年增长{{ received | change }}。", "前面的“比上年……”就不成句"),
    ("收到申请{{ received }}，比上年增长{{ received | change }}。", "比上年……”就不成句"),
    ("同比增长{{ received }}{{ received | change }}。", "“同比……”就不成句"),
    ("较去年{{ received | change }}。", "“较去年……”就不成句"),
    ("收到申请{{ received | change }}。", "只能紧跟在这个数之后"),
    ("{{ received | change }}。", "只能紧跟在这个数之后"),
    ("收到{{ handled }}{{ received | change }}。", "只能紧跟在这个数之后"),
    ("收到{{ received.natural }}{{ received | change }}。", "只能紧跟在这个数之后"),
    ('{{ received | say("收到{}", zero="") }}{{ received | change }}。', "只能紧跟在这个数之后"),
    ("{% if handled is zero %}没有{{ received | change }}。{% endif %}", "只能紧跟在这个数之后"),
    ("{% if received is zero or handled is zero %}没有{{ received | change }}。{% endif %}", "只能紧跟在这个数之后"),
    ("{% if not received is zero %}没有{{ received | change }}。{% endif %}", "只能紧跟在这个数之后"),
    ("{% if received is zero %}没有{% else %}有{{ received | change }}{% endif %}。", "只能紧跟在这个数之后"),
    ("收到{{ received }}{% if handled is zero %}申请{% endif %}{{ received | change }}。", "只能紧跟在这个数之后"),
    ("收到{{ received }}{{ received | change }}的申请。", "后面的文字接不上"),
    ("收到{{ received }}{{ received | change }}\n申请。", "后面的文字接不上"),
    ("收到{{ received }}{{ received | change }}{% if handled is positive %}，{% endif %}申请。", "后面的文字接不上"),
    ("收到{{ received }}{{ received | change }}{{ handled }}。", "后面的文字接不上"),
    ("| 甲 |\n|---|\n| {{ received | change }} |\n", "只能紧跟在这个数之后"),
    ("- 比上年{{ received | change }}", "比上年……”就不成句"),
    ("# 收到申请{{ received | change }}", "只能紧跟在这个数之后"),
    # The clause of a zero is a whole clause.
    ("共收到{{ received | portion }}。", "写成“没有新收政府信息公开申请”，接在“共收到”后面不成句"),
    ("共{{ handled | breakdown }}。", "接在“共”后面不成句"),
    ("{{ handled.granted | portion }}的申请。", "后面的文字接不上"),
    ("{{ handled | breakdown }}{{ received }}。", "后面的文字接不上"),
    ('收到{{ received | say("申请{}") }}。', "写成“没有新收政府信息公开申请”，接在“收到”后面不成句"),
    ('{{ received | say("收到{}") }}申请。', "后面的文字接不上"),
    # Shifts are a sentence.
    ("办理结果{{ handled | shifts }}", "单独成句"),
    ("办理结果，{{ handled | shifts }}", "单独成句"),
    ("甲。{{ handled | shifts }}。", "单独成句"),
    # What may be left out takes its words with it.
    ('答复率为{{ rates.granted | say("{}") }}。', "前后的话就不成句"),
    ('答复率为{{ rates.granted | say("（{}）") }}。', "前后的话就不成句"),
    ('收到{{ received | say("{}", zero="") }}。', "前后的话就不成句"),
    ('占{{ handled.granted.share | say("的比例为{}", zero="") }}。', "前面的“占”就没有着落"),
    ('传真：{{ contact.fax | say("{}") }}。', "前后的话就不成句"),
    ('上年为{{ received.last_year | say("{}") }}。', "前后的话就不成句"),
    # A value of this year is not last year's.
    ("上年收到{{ received }}。", "不是上年的"),
    ("去年为{{ handled.granted + handled.partial }}。", "不是上年的"),
    ('{{ received.natural | say("上一年收到申请{}", zero="没有") }}。', "不是上年的"),
    # A number brings its unit.
    ("收到{{ received }}件。", "单位印了两遍"),
    ("收到**{{ received }}**件", "单位印了两遍"),
    ("收到{{ received.natural }} 件的申请。", "单位印了两遍"),
    ('{{ received | say("收到{}件", zero="没有收到") }}。', "单位印了两遍"),
    ("占{{ handled.granted.share }}%。", "单位印了两遍"),
    ("接待{{ facts.visits }}{% if received is zero %}件{% endif %}。", "单位印了两遍"),
    # A value is no difference.
    ("比上年增长{{ received }}。", "不是比上年的增减"),
    ("比上年增加了{{ received.natural }}。", "不是比上年的增减"),
    ("同比{{ received }}。", "不是比上年的增减"),
    ("比上年\n增长 **{{ received }}**。", "不是比上年的增减"),
    ('{{ received | say("比上年增长{}", zero="没有") }}。', "不是比上年的增减"),
    ("予以公开率比去年同期提高{{ rates.granted }}。", "不是比上年的增减"),
    ("占比比上年下降{{ handled.granted.share }}。", "不是比上年的增减"),
]


@pytest.mark.parametrize(("source", "words"), REFUSED)
def test_what_could_leave_no_sentence_is_refused_with_its_line_and_what_to_write(read, source, words):
    with pytest.raises(InvalidInputError, match=rf"params/x/narrative\.md 第[1-5]行（.*{re.escape(words)}.*。请"):
        rendered(read, source)


@pytest.mark.parametrize(("now", "before"), [("some", None), ("zero", "zero"), ("dash", "missing")])
def test_it_is_refused_whatever_the_values_are(now, before):
    read = pair("national-2021", now, before)
    for source, _words in REFUSED:
        with pytest.raises(InvalidInputError):
            rendered(read, source)


ALLOWED = [
    "收到{{ received }}{{ received | change }}。",
    "收到{{ received.number }}件{{ received | change }}。",
    "收到{{ received }}\n{{ received | change }}；{{ handled }}。",
    '{{ received | say("收到{}", zero="没有收到") }}{{ received | change }}，{{ handled }}。',
    "{{ received | portion }}{{ received | change }}。",
    "{% if received is zero %}没有收到申请{{ received | change }}。{% endif %}",
    "{% if received is zero and handled is zero %}都没有{{ received | change }}。{% endif %}",
    "{% if handled is zero %}甲{% else %}收到{{ received }}{% endif %}。",
    "收到{{ received }}{{ received | change }}\n{% if received is positive %}\n，其中{{ received | breakdown }}\n{% endif %}\n。",
    "收到{{ received }}{{ received | change }}\n{% if received is positive %}\n甲\n{% endif %}\n\n乙".replace("甲", "，甲"),
    "收到{{ received }}{{ received | change }}",
    "- 收到{{ received }}{{ received | change }}\n- 乙",
    "| 甲 |\n|---|\n| {{ received }}{{ received | change }} |\n",
    "（收到{{ received }}{{ received | change }}）",
    "{{ received.natural }}{{ received.natural | change }}。",
    "{{ handled.granted + handled.partial }}{{ handled.granted + handled.partial | change }}。",
    "{{ handled | breakdown }}。",
    "{{ year }}年，{{ handled | breakdown }}。",
    "{{ short_name }}{{ received | portion }}，{{ handled | portion }}。",
    "其中{{ handled | breakdown }}；另{{ received | portion }}。",
    "- {{ received | portion }}\n- {{ handled | portion }}",
    "甲：{{ handled | breakdown }}。{{ handled | shifts }}",
    "{{ handled | shifts }}\n\n乙",
    "甲。\n{{ handled | shifts }}乙。",
    '收到申请{{ received }}{{ rates.granted | say("，予以公开率为{}") }}。',
    '本报告{{ contact.website | say("通过政府网站（{}）") }}向社会公布。',
    '{{ received.last_year | say("上年为{}", absent="上年没有统计") }}。',
    "{% if received.last_year is positive %}上年为{{ received.last_year }}。{% endif %}",
    "上年结转{{ carried_in }}，在去年基础上办结{{ handled }}，与上年的{{ received.number }}件相当。",
    "增长到{{ received }}，比上年的情况好。",
    "新增加{{ rules }}。",
    "增加{{ facts.visits }}，比上年增长{{ facts.visits }}。",
    '{{ received.number | say("收到{}件", zero="没有收到") }}。',
    "**{{ received }}**{{ received | change }}。",
    "收到{{ received }}{{ received | change }}（不含转送的）。",
    "{{ received.number }}件，{{ received }}件件落实，{{ facts.visits.number }}件。",
]


@pytest.mark.parametrize(("now", "before"), PAIRS)
def test_what_is_allowed_is_a_sentence_in_every_year(now, before):
    read = pair("national-2021", now, before)
    for source in ALLOWED:
        text = said(read, source)
        assert broken(text) is None, text


# What no finished sentence holds.
BROKEN = re.compile(
    r"[，、；：。]{2}|[（(][，。；）)]|^[，、；。）]|[{}|]|(?:比上年|同比|增长|增加|减少|下降|占|(?<!行)为|共|(?<!没有)收到|和)[，。；）]|其中[。；）]"
    r"|的(?:没有|未)|(?:收到|发生)(?:没有|未)|[0-9]%的|-[0-9]",
    re.MULTILINE,
)


def broken(text):
    """Return what of *text* is no sentence, or None."""
    found = BROKEN.search(text)
    return found and found.group()


def prose(notebook):
    """Return the sentences of a notebook of ours, cell by cell."""
    cells = json.loads((ROOT / "notebooks" / notebook).read_text("utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [source.removeprefix("%%prose\n") for source in sources if source.startswith("%%prose\n")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("now", "before"), PAIRS)
def test_the_shipped_notebooks_are_sentences_in_every_year(form, now, before):
    read = pair(form, now, before)
    for source in prose(FORMS[form].notebook):
        text = said(read, source)
        assert broken(text) is None, text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(6))
def test_the_shipped_notebooks_are_sentences_whatever_the_tables_hold(form, seed):
    def drawn(year, last=None):
        draw = random.Random(f"{form} {year} {seed}")
        read = filled(form, year, "some", last)
        return replace(read, cells={key: Cell(VALUES[draw.choice(list(VALUES))]) for key in read.cells})

    read = drawn(LAST[form] + 1, drawn(LAST[form]) if seed % 3 else None)
    for source in prose(FORMS[form].notebook):
        text = said(read, source)
        assert broken(text) is None, text


@pytest.mark.parametrize(("now", "before"), PAIRS)
def test_a_change_tells_what_the_two_years_tell(now, before):
    read = pair("national-2021", now, before)
    told = said(read, "甲{{ received.natural }}{{ received.natural | change }}。").removeprefix("甲").removesuffix("。")
    number = {"missing": "缺数", "dash": "不适用", "zero": "0件", "some": "7件", "more": "9件"}[now]
    words = {
        ("zero", "zero"): "，上年也没有",
        ("some", "some"): "，与上年持平",
        ("more", "more"): "，与上年持平",
        ("some", "zero"): "，比上年增加7件（上年为零，不计算增长率）",
        ("more", "zero"): "，比上年增加9件（上年为零，不计算增长率）",
        ("zero", "some"): "，比上年减少7件，下降100.00%",
        ("zero", "more"): "，比上年减少9件，下降100.00%",
        ("more", "some"): "，比上年增加2件，增长28.57%",
        ("some", "more"): "，比上年减少2件，下降22.22%",
    }
    assert told == number + words.get((now, before), "")


@pytest.mark.parametrize("before", [None, "missing", "dash"])
@pytest.mark.parametrize(
    "source", ["{{ received.last_year }}", "{{ received.natural.last_year }}", "{{ handled.granted.last_year.share }}"]
)
def test_a_value_that_last_year_does_not_have_is_refused_where_it_would_be_printed(before, source):
    read = pair("national-2021", "some", before)
    with pytest.raises(InvalidInputError, match=r"第2行.*没有可比的上年数。请写成"):
        rendered(read, f"甲。\n上年为{source}。")


def test_last_years_value_is_last_years():
    read = pair("national-2021", "more", "some")
    assert said(
        read, "上年{{ received.last_year }}，{{ received.natural.last_year.number }}，占{{ handled.granted.last_year.share }}。"
    ) == ("上年7件，7，占100.00%。")


def test_what_the_form_of_last_year_does_not_call_the_same_is_not_told():
    last = filled("national-2019", 2020, "some")
    read = filled("national-2021", 2021, "more", last)
    assert said(read, "{{ received.last_year }}") == "7件"
    with pytest.raises(InvalidInputError, match="没有可比的上年数"):
        rendered(read, "{{ rules.in_force.last_year }}")


@pytest.mark.parametrize(
    "source", ["{{ licensing.change }}{{ licensing.change | change }}。", "甲。{{ licensing.change | shifts }}"]
)
def test_a_column_that_is_a_difference_is_not_compared(source):
    read = pair("national-2019", "some", "more")
    with pytest.raises(InvalidInputError, match=r"本身就是增减|没有组成部分"):
        rendered(read, source)


def test_a_negative_number_is_not_positive():
    read = filled("national-2019", 2020, "some")
    key = ("licensing", "change")
    read = replace(read, cells=read.cells | {key: Cell(values.given(-3))})
    assert said(read, "{% if licensing.change is positive %}增{% else %}未增{% endif %}") == "未增"
    assert said(read, "{{ licensing.change | portion }}。") == "行政许可项目本年增减-3项。"


def test_a_heading_of_the_table_names_no_figure():
    with pytest.raises(InvalidInputError, match="没有叫“disclosure_heading”的数"):
        rendered(filled("national-2014", 2017, "some"), "{{ disclosure_heading }}")


def test_a_passage_of_many_branches_is_read_in_a_moment(read):
    source = "".join(f"甲{{% if received is zero %}}{number}乙{{% endif %}}" for number in "一二三四五六七八九十" * 20)
    assert language.prepare(Passage(source=source, file="x"), Document(read).names).problems == []
