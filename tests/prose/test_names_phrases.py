"""
What sentences call figures, in every row and column of every form, held against phrases that a person wrote (`data/phrases.yaml`).

The tables are drawn; what the sentences should hold is worked out here from the drawn values and those phrases alone.
"""

import random
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
import yaml
from nianbao.indicators import figures, values
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.report import AnnualReport, Cell, Passage
from nianbao.inputs import formfile
from nianbao.page.blocks import Datum, plain, walk
from nianbao.prose import language, names

PHRASES = yaml.safe_load((Path(__file__).parents[1] / "data/phrases.yaml").read_text("utf-8"))
FORMS = formfile.shipped()
YEARS = {"jilin-2013": 2013, "national-2014": 2017, "national-2019": 2020, "national-2021": 2024}
SEEDS = (1, 2, 3)
UNITS = "件|条|人次|次|人|个|份|篇|元|万元|项"


class Told:
    """What a person calls one cell: its name, its words for a zero, what opens its clause, and the cell and words of its base."""

    def __init__(self, name, zero, base=None, base_words="", opening=""):
        self.name, self.zero, self.base, self.base_words, self.opening = name, zero, base, base_words, opening


def _parent(row):
    return row.rpartition(".")[0]


def _of_requests(phrases):
    for row, (name, zero, base) in phrases["requests"].items():
        if row in phrases.get("absent", ()):
            continue
        yield (row, "total"), Told(name, zero, (_parent(row), "total") if base else None, base)
        for column, who in phrases["applicants"].items():
            if row in phrases["by_applicant"]:
                own = phrases["by_applicant"][row].replace("〈谁〉", who)
                yield (row, column), Told(own, f"没有{own}", (row, "total"), phrases["requests"][row][0])
            else:
                opening = phrases["by_applicant"]["outcomes"].replace("〈谁〉", who)
                whole = "" if _parent(row) == "handled" else base
                yield (row, column), Told(name, zero, (_parent(row), column), whole, opening)


def _of_disputes(phrases):
    for column, (name, whole) in phrases["disputes"].items():
        total = next((each for each, (other, _base) in phrases["disputes"].items() if other == whole), None)
        yield ("cases", column), Told(name, f"没有{name}", ("cases", total) if total else None, whole)


def _of_jilin(phrases):
    for row, (name, zero, base) in phrases["rows"].items():
        yield (row, "year"), Told(name, zero, (_parent(row), "year") if base else None, base)
        yield (
            (row, "cumulative"),
            Told(f"累计{name}", f"历年{zero}", (_parent(row), "cumulative") if base else None, base and f"累计{base}"),
        )
    for row, (name, zero, base, new, new_base) in phrases["stock"].items():
        yield (row, "cumulative"), Told(name, zero, (_parent(row), "cumulative") if base else None, base)
        yield (row, "year"), Told(new, f"没有{new}", (_parent(row), "year") if base else None, new_base)


@cache
def told(form_id):
    """Return what a person calls each cell of a form."""
    phrases = PHRASES[form_id]
    if form_id == "jilin-2013":
        return dict(_of_jilin(phrases))
    if form_id == "national-2014":
        every = phrases["rows"].items()
        return {
            (row, "count"): Told(name, zero, (_parent(row), "count") if base else None, base) for row, (name, zero, base) in every
        }
    cells = {tuple(cell.rsplit(".", 1)): Told(*words) for cell, words in phrases["cells"].items()}
    return cells | dict(_of_requests(phrases)) | dict(_of_disputes(phrases))


def drawn(form, seed, *, whole=False):
    """Return a report whose cells hold numbers, and unless *whole* blanks and dashes too."""
    draw = random.Random(f"{form.id} {seed}")
    cells = {}
    for _table, row, column in form.cells():
        kind = draw.choice("000nnnnnnn" if whole else "000nnnnnnnmd")
        number = draw.randint(1, 10 ** draw.randint(1, 6))
        if form.units[form.unit_at(row.id, column.id)].kind == "amount":
            number = Decimal(number) / 100
        if column.signed:
            number = -number
        quantity = {"0": values.given(0), "n": values.given(number), "m": values.MISSING, "d": values.NOT_APPLICABLE}[kind]
        cells[row.id, column.id] = Cell(quantity)
    return AnnualReport(form=form, year=YEARS[form.id], cells=cells, folder="params/x/2013", name="某市", short_name="某市")


def held(read, cell):
    """Return what the table holds in a cell, or in the sum of the lines below where it has none: a number, `m` or `d`."""
    row, column = cell
    if cell in read.cells:
        quantity = read.cells[cell].quantity
        return {"missing": "m", "not-applicable": "d"}.get(str(quantity.state), quantity.value)
    parts = [held(read, (each, column)) for each in read.form.rows if _parent(each) == row]
    return next((state for state in "md" if state in parts), None) or sum(
        each for each in parts if isinstance(each, (int, Decimal))
    )


def number(read, cell):
    """Return a cell as a sentence prints it."""
    value = held(read, cell)
    if value in ("m", "d"):
        return {"m": "缺数", "d": "不适用"}[value]
    return f"{value:f}{read.form.unit_at(*cell)}" if isinstance(value, Decimal) else f"{value}{read.form.unit_at(*cell)}"


def percent(part, whole):
    exact = Fraction(part) * 100 / Fraction(whole)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded}%"


def portion(read, cell, *, opening=True):
    """Return the clause that a person would write about a cell."""
    words, value = told(read.form.id)[cell], held(read, cell)
    said = words.opening if opening else ""
    if value == 0:
        return said + words.zero
    said += words.name + number(read, cell)
    whole = held(read, words.base) if words.base else "m"
    if "m" in (value, whole) or "d" in (value, whole):
        return said
    base = f"{words.base_words}的" if words.base_words else ""
    return f"{said}，占{base}比例无定义" if whole == 0 else f"{said}，占{base}{percent(value, whole)}"


def said(read, source):
    rendered = language.render(Passage(source=source, file="narrative.md"), names.tree(read, figures.compute(read)))
    return "\n".join(plain(block.children) for block in rendered.blocks)


def every_cell(form):
    """Return every cell that prose can name, lines that are sums among them."""
    rows = [row for row in form.rows.values() if not row.heading]
    return [(row.id, column.id) for row in rows for column in form.table_of(row.id).columns]


@pytest.fixture(scope="module", params=[(form, seed) for form in FORMS for seed in SEEDS], ids=lambda each: f"{each[0]}-{each[1]}")
def read(request):
    form, seed = request.param
    return drawn(FORMS[form], seed)


@pytest.mark.parametrize("form", FORMS)
def test_a_person_wrote_a_phrase_for_every_row_in_every_column(form):
    assert sorted(told(form)) == sorted(every_cell(FORMS[form]))


def test_a_portion_says_the_row_the_column_the_number_and_what_its_share_is_of(read):
    cells = every_cell(read.form)
    lines = said(read, "\n\n".join(f"{{{{ {row}.{column} | portion }}}}。" for row, column in cells)).split("\n")
    assert lines == [portion(read, cell) + "。" for cell in cells]


def test_a_name_is_the_row_in_its_column(read):
    cells = every_cell(read.form)
    lines = said(read, "\n\n".join(f"{{{{ {row}.{column}.name }}}}" for row, column in cells)).split("\n")
    words = [told(read.form.id)[cell] for cell in cells]
    assert lines == [each.opening.replace("，", "") + each.name for each in words]


def test_a_bare_value_is_that_of_the_cell_with_its_own_unit(read):
    cells = every_cell(read.form)
    source = "\n\n".join(f"{{{{ {row}.{column} }}}}、{{{{ {row}.{column}.unit }}}}" for row, column in cells)
    assert said(read, source).split("\n") == [f"{number(read, cell)}、{read.form.unit_at(*cell)}" for cell in cells]


def test_the_forms_own_clause_for_a_zero_names_row_and_column(read):
    cells = [cell for cell in every_cell(read.form) if held(read, cell) == 0]
    source = "\n\n".join(f'{{{{ {row}.{column} | say("甲{{}}") }}}}。' for row, column in cells)
    words = [told(read.form.id)[cell] for cell in cells]
    assert said(read, source).split("\n") == [f"{each.opening}{each.zero}。" for each in words]


def test_a_breakdown_is_the_portions_of_the_rows_that_add_up(read):
    form = read.form
    rows = [(row, column) for row, column in every_cell(form) if form.parts(row)]
    lines = said(read, "\n\n".join(f"{{{{ {row}.{column} | breakdown }}}}。" for row, column in rows)).split("\n")
    for (row, column), line in zip(rows, lines, strict=True):
        parts = [(part, column) for part in form.parts(row)]
        clauses = [portion(read, part, opening=False) for part in sorted(parts, key=lambda part: held(read, part) == 0)]
        assert line == f"{told(form.id)[parts[0]].opening}{'；'.join(clauses)}。"


@pytest.mark.parametrize(("form", "row", "total"), [(form, "received", "total") for form in ("national-2019", "national-2021")])
def test_columns_broken_down_alone_are_called_in_full_and_behind_their_whole_in_short(form, row, total):
    read = drawn(FORMS[form], 7, whole=True)
    columns = [(row, column) for column in PHRASES[form]["applicants"]]
    ordered = sorted(columns, key=lambda cell: held(read, cell) == 0)
    assert said(read, f"{{{{ {row} | breakdown }}}}。") == "；".join(portion(read, cell) for cell in ordered) + "。"
    whole = told(form)[row, total].name
    short = []
    for cell in ordered:
        who = PHRASES[form]["applicants"][cell[1]]
        share = "" if held(read, (row, total)) == 0 else percent(held(read, cell), held(read, (row, total)))
        part = f"，占{whole}的{share}" if share else f"，占{whole}的比例无定义"
        short.append(f"没有{who}的" if held(read, cell) == 0 else f"{who}{number(read, cell)}{part}")
    assert (
        said(read, f"共{{{{ {row} }}}}，其中{{{{ {row} | breakdown }}}}。")
        == f"共{number(read, (row, total))}，其中{'；'.join(short)}。"
    )


def test_in_another_paragraph_the_whole_is_told_no_more():
    read = drawn(FORMS["national-2021"], 3, whole=True)
    source = "共{{ cases.review_total }}。\n\n{{ cases.review_total | breakdown }}。"
    assert "结果维持的行政复议案件" in said(read, source)
    assert "结果维持的行政复议案件" not in said(read, source.replace("\n\n", ""))


# A second reader: it knows the phrases and the tables, and nothing of placeholders.


def clauses(text):
    """Yield (words, number) for each number that a text tells, with the opening of its sentence."""
    for sentence in filter(None, re.split(r"[。\n]", text)):
        opening = re.match(r"(?:与上年相比，)?(.*?的申请中，)", sentence)
        for clause in sentence.removeprefix(opening[0] if opening else "").split("；"):
            found = re.match(rf"(.*?)(-?[0-9]+(?:\.[0-9]+)?)({UNITS})(?:，占(?:(.*)的)?(?:([0-9.]+%)|比例无定义))?$", clause)
            if found:
                yield (opening[1] if opening else ""), *found.groups()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(4))
def test_a_reader_who_has_only_the_phrases_finds_every_number_in_its_cell(form, seed):
    read = drawn(FORMS[form], f"read {seed}", whole=True)
    by_words = {}
    for cell, words in told(form).items():
        by_words.setdefault((words.opening, words.name), []).append(cell)
    broken = [f"{row}.{column}" for row, column in every_cell(read.form) if read.form.parts(row)]
    source = [f"{{{{ {row}.{column} | portion }}}}。" for row, column in every_cell(read.form)]
    source += [f"{{{{ {name} | breakdown }}}}。" for name in broken]
    text = said(read, "\n\n".join(source))
    count = 0
    for opening, name, digits, unit, base, share in clauses(text):
        cells = by_words[opening, name]
        exact = [cell for cell in cells if number(read, cell) == f"{digits}{unit}"]
        assert exact, (opening, name, digits)
        words = [told(form)[cell] for cell in exact]
        if share:
            assert any(
                share == percent(held(read, cell), held(read, each.base)) and (base or "") == each.base_words
                for cell, each in zip(exact, words, strict=True)
                if each.base
            )
        count += 1
    shown = re.findall(rf"[0-9]+(?:\.[0-9]+)?(?:{UNITS})", re.sub("[0-9]+个工作日", "", text))
    assert count == len(shown) > 60


def test_every_number_of_a_sentence_is_a_figure_that_leads_to_its_cells():
    read = drawn(FORMS["national-2021"], 5, whole=True)
    found = figures.compute(read)
    source = (
        "{{ handled.granted + handled.partial | portion }}。{{ received.natural.share }}，{{ handled.granted.natural / handled }}。"
    )
    shown = [
        node
        for node in walk(language.render(Passage(source=source, file="x"), names.tree(read, found)).blocks)
        if isinstance(node, Datum)
    ]
    assert len(shown) == 4
    for node in shown:
        waiting = [node.figure]
        while waiting:
            figure = found[waiting.pop()]
            assert figure.kind == "cell" or (figure.formula and figure.inputs)
            waiting += figure.inputs


# Sums


@pytest.mark.parametrize(
    ("source", "cells", "name", "base", "words"),
    [
        (
            "handled.granted + handled.partial",
            ["handled.granted.total", "handled.partial.total"],
            "予以公开和部分公开",
            "handled.total",
            "办理结果总数",
        ),
        (
            "handled.refused.secret + handled.refused.safety + handled.refused.internal",
            ["handled.refused.secret.total", "handled.refused.safety.total", "handled.refused.internal.total"],
            "属于国家秘密、危及“三安全一稳定”和属于三类内部事务信息",
            "handled.refused.total",
            "不予公开",
        ),
        (
            "received.business + received.research",
            ["received.business", "received.research"],
            "商业企业和科研机构提出的新收政府信息公开申请",
            "received.total",
            "新收政府信息公开申请",
        ),
        (
            "handled.granted.business + handled.partial.business",
            ["handled.granted.business", "handled.partial.business"],
            "本年办理的商业企业的申请中，予以公开和部分公开",
            "handled.business",
            "",
        ),
        ("punishment + compulsion", ["punishment.decisions", "compulsion.decisions"], "行政处罚处理决定和行政强制处理决定", "", ""),
        (
            "cases.review_total + cases.suit_total",
            ["cases.review_total", "cases.suit_total"],
            "行政复议案件和未经复议直接起诉的行政诉讼案件",
            "",
            "",
        ),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_sum_is_called_by_all_that_it_adds_up(seed, source, cells, name, base, words):
    read = drawn(FORMS["national-2021"], f"sum {seed}", whole=True)
    parts = [held(read, tuple(cell.rsplit(".", 1))) for cell in cells]
    if not sum(parts):
        pytest.skip("nothing was drawn to be said")
    expected = f"{name}{sum(parts)}件"
    whole = held(read, tuple(base.rsplit(".", 1))) if base else 0
    if base:
        share = percent(sum(parts), whole) if whole else "比例无定义"
        expected += f"，占{words}的{share}" if words else f"，占{share}"
    assert said(read, f"{{{{ {source} | portion }}}}。") == f"{expected}。"
    assert said(read, f"{{{{ {source} }}}}") == f"{sum(parts)}件"


@pytest.mark.parametrize(
    ("form", "source", "words"),
    [
        ("national-2021", "handled + handled.granted", "有重合"),
        ("national-2021", "handled.granted + handled.granted", "加了两次"),
        ("national-2021", "received + handled", "有重合"),
        ("national-2021", "received.natural + received.total", "一个含在另一个中"),
        ("national-2021", "received.natural + handled.business", "既不同行，又不同栏"),
        ("national-2021", "rules + fees", "单位不同"),
        ("national-2021", "rules.issued + rules.in_force", "没有写明"),
        ("national-2019", "licensing.change + licensing.last", "增减数"),
        ("jilin-2013", "disclosed + content", "有重合"),
        ("jilin-2013", "content.public_interest + content.plans", "有重合"),
        ("jilin-2013", "reviews + reviews.accepted", "有重合"),
        ("jilin-2013", "disclosed.year + disclosed.cumulative", "没有写明"),
        ("jilin-2013", "applications + replies", "有重合"),
        ("national-2021", "received + rates.granted", "只有统计表中的数可以相加"),
        ("national-2021", "received + received.share", "没有“share”"),
    ],
)
def test_what_would_be_counted_twice_is_not_added(form, source, words):
    with pytest.raises(InvalidInputError, match=f"第1行.*{words}.*请"):
        said(drawn(FORMS[form], 1), f"{{{{ {source} }}}}")


@pytest.mark.parametrize(
    ("source", "cells"),
    [
        ("received.natural.share", ("received.natural", "received.total")),
        ("received.natural / received", ("received.natural", "received.total")),
        ("handled.granted.natural / handled.natural", ("handled.granted.natural", "handled.natural")),
        ("handled.granted.natural / handled.granted", ("handled.granted.natural", "handled.granted.total")),
        ("handled.granted.natural / handled", ("handled.granted.natural", "handled.total")),
        ("handled.granted.share", ("handled.granted.total", "handled.total")),
        ("cases.suit_upheld.share", ("cases.suit_upheld", "cases.suit_total")),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_share_is_of_what_it_names(seed, source, cells):
    read = drawn(FORMS["national-2021"], f"share {seed}", whole=True)
    part, whole = (held(read, tuple(cell.rsplit(".", 1))) for cell in cells)
    assert said(read, f"{{{{ {source} }}}}") == (percent(part, whole) if whole else "无定义")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "handled.granted.natural.share",
            r"比例不止一种.*handled\.granted\.natural / handled\.natural.*handled\.granted\.natural / handled\.granted ",
        ),
        ("received / handled", "不是“handled”的一部分"),
        ("handled / handled.granted", "不是“handled.granted”的一部分"),
        ("handled.granted / handled.natural", "不是“handled.natural”的一部分"),
        ("received / received", "不是“received”的一部分"),
        ("received.share", "没有“share”"),
    ],
)
def test_a_share_whose_base_is_not_clear_is_refused_with_what_to_write(source, words):
    with pytest.raises(InvalidInputError, match=words):
        said(drawn(FORMS["national-2021"], 1), f"{{{{ {source} }}}}")


def test_words_that_a_form_lacks_are_asked_for_with_file_line_and_what_to_write():
    form = FORMS["national-2021"]
    table = form.table_of("received")
    bare = replace(table, columns=tuple(replace(column, noun="") for column in table.columns))
    read = drawn(form, 1)
    read = replace(read, form=replace(form, tables=tuple(bare if each is table else each for each in form.tables)))
    for source in ("received.natural | portion", "received.natural.name", "handled | breakdown", "received | breakdown"):
        if source == "handled | breakdown":
            assert said(read, f"{{{{ {source} }}}}。")
            continue
        with pytest.raises(
            InvalidInputError,
            match=r"narrative\.md 第2行（.*received.*没有写明“本年新收政府信息公开申请数量”在“自然人”一栏怎样称呼。请自己写出名称，数写 \{\{ received\.natural \}\}；或在 lib/nianbao/forms/national-2021\.yaml",
        ):
            said(read, f"甲。\n{{{{ {source} }}}}。")
