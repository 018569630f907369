"""
What a new folder of parameters holds: the form's tables, blank but for what last year's report settles, and what to write where.

Pure: texts by file name; putting them into place is for the caller.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nianbao.indicators import rules
from nianbao.indicators.errors import NewReportError
from nianbao.indicators.findings import PENDING
from nianbao.inputs import tables as tablefile
from nianbao.inputs.report import PROSE, YAML

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nianbao.indicators.form import Column, Form, Row
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.rules import Carried


_LEAST_PROVINCE = 2
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for on the command line; empty where nothing was."""

    province: str = ""
    form: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """
    A folder of parameters that is still to be filled in.

    Args:
        files: text by file name.

        taken: what was filled in and where it was taken from, a sentence each.

        reminders: the rules that tie this year's cells to last year's and settle none alone, in words.
    """

    form: Form
    files: Mapping[str, str]
    taken: tuple[str, ...]
    reminders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _New:
    """The report to begin."""

    form: Form
    unit: str
    year: int
    name: str
    short_name: str
    province: str
    last: AnnualReport | None
    cells: Mapping[tuple[str, str], Carried] = field(default_factory=dict)


def begin(forms: Mapping[str, Form], unit: str, year: int, wishes: Wishes, last: AnnualReport | None = None) -> Scaffold:
    """
    Return the folder that the report of *unit* for *year* begins with.

    Args:
        forms: the forms there are, by id.

        last: the report of the year before, where there is one.

    Raises:
        NewReportError: where the form, the name or the province cannot be told; the message says what to add.
    """
    named = _named(forms, wishes.form)
    province = _province(forms, wishes.province) or (last.province if last else "") or (named.province if named else "")
    name = wishes.name or (last.name if last else "")
    missing = [
        words
        for words, value in (
            ("--name 单位名称（如：--name 龙潭区人民政府）", name),
            ("--province 省份（如：--province 吉林省）", province),
        )
        if not value.strip()
    ]
    if missing:
        raise NewReportError(f"没有 params/{unit}/{year - 1} 可以沿用，请写明：{'、'.join(missing)}。")
    form = named or _in_force(forms, province, year)
    new = _New(
        form=form,
        unit=unit,
        year=year,
        name=name,
        short_name=last.short_name if last and name == last.name else name,
        province=province,
        last=last,
        cells=rules.settled(form, last) if last else {},
    )
    tables = {f"{table.id}.csv": tablefile.written(table, year, functools.partial(_value, new)).decode() for table in form.tables}
    files = {YAML: _declaration(new), PROSE: _narrative(new), **tables}
    return Scaffold(
        form=form,
        files=files,
        taken=tuple(_taken(new, wishes)),
        reminders=rules.reminders(form, last) if last else (),
    )


def _named(forms: Mapping[str, Form], wanted: str) -> Form | None:
    if wanted and wanted not in forms:
        raise NewReportError(f"没有叫“{wanted}”的表式；有：{_listed(forms)}。")
    return forms.get(wanted)


def _province(forms: Mapping[str, Form], wanted: str) -> str:
    """Return *wanted* as a form writes it, where it is the beginning of a form's province: 吉林 is 吉林省."""
    known = {form.province for form in forms.values() if form.province}
    longer = [each for each in known if each.startswith(wanted)] if len(wanted) >= _LEAST_PROVINCE else []
    return longer[0] if len(longer) == 1 else wanted


def _in_force(forms: Mapping[str, Form], province: str, year: int) -> Form:
    fitting = [form for form in forms.values() if form.covers(province, year)]
    if len(fitting) == 1:
        return fitting[0]
    found = "没有" if not fitting else "不止一种"
    raise NewReportError(f"{province}{year}年{found}适用的表式，请用 --form 指明；有：{_listed(forms)}。")


def _listed(forms: Mapping[str, Form]) -> str:
    return "、".join(f"{form.id}（{form.province}{form.first_year}年至{form.last_year}年）" for form in forms.values())


def _value(new: _New, row: Row, column: Column) -> str:
    if column.id in row.not_applicable:
        return "-"
    carried = new.cells.get((row.id, column.id))
    return carried.value if carried else ""


def _quoted(text: str) -> str:
    """Return *text* in quotes that the reader of YAML takes off again."""
    return json.dumps(text, ensure_ascii=False)


def _declaration(new: _New) -> str:
    last = new.last
    lines = [
        f"# {_one_line(new.name)}{new.year}年度报告的申报内容。统计表的数填在同一文件夹的 CSV 文件里，不在这里。",
        "schema: 1",
        f"unit: {_quoted(new.unit)}    # 文件夹名，不改",
        f"name: {_quoted(new.name)}    # 单位全称，用于标题",
        f"short_name: {_quoted(new.short_name)}    # 简称，用于正文",
        f"province: {_quoted(new.province)}",
        f"year: {new.year}",
        f"form: {new.form.id}    # 表式：{new.form.title}",
        "",
        "publication:",
        "  date:    # 公布日期，写成年-月-日，如 2014-03-05；定稿前填",
        "  source: own",
        "",
        "# 来源：每个事实都要说明取自哪里。可以再加，如 ledger: 依申请公开台账",
        "sources:",
        "  own: 本单位统计",
        *([f"  last_year: {_quoted(f'《{last.title}》')}"] if last else []),
        "",
        f'# 联系方式。没有的填 "-"；标着{PENDING}的一定要改。{"沿用上一年的，请逐项核对，变了就改，并把 source 改为 own。" if last else ""}',
        "contact:",
        *(_contact(new, key, label) for key, label in new.form.contact.items()),
        *_rounding(new),
        "",
        "# 正文要用、统计表里没有的数和文字，每项一行；正文中写 {{ facts.名称 }}。如：",
        "#   departments: {label: 政府部门, value: 36, unit: 个, source: own}",
        *_old_facts(new),
        "facts: {}",
        "",
        "# 正文中不得不手写的数，逐个说明理由。如：",
        '#   - {text: "12345", reason: 热线号码}',
        "literals: []",
        "",
        "# 核对后确认无误、仍与勾稽关系不符之处，写明理由。如：",
        "#   - {finding: 编号, difference: 差数, reason: 理由}",
        "accepted: []",
        *_members(new),
    ]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _contact(new: _New, key: str, label: str) -> str:
    carried = new.last.contact.get(key) if new.last else None
    text, source = (carried.text, "last_year") if carried else (PENDING, "own")
    return f"  {key}: {{text: {_quoted(text)}, source: {source}}}    # {label}"


def _rounding(new: _New) -> Iterator[str]:
    """Yield the rounding that last year's report declares, where it is on the same form and not as the form has it."""
    if new.last is None or new.last.form.id != new.form.id or new.last.policy == new.form.rounding:
        return
    policy = new.last.policy
    yield from ("", "# 比例怎样印出，沿用上一年", "rounding:")
    yield from (f"  places: {policy.places}", f"  method: {policy.method}", f"  zeros: {policy.zeros}")
    yield f"  sum_to_100: [{', '.join(map(_quoted, policy.sum_to_100))}]"


def _old_facts(new: _New) -> Iterator[str]:
    """Yield a comment for each fact of last year's report, without its value: that is for this year to say."""
    facts = new.last.facts if new.last else {}
    if facts:
        yield "# 上一年申报过下列各项，今年仍要用的，去掉行首的“#”，填上今年的数，并删去 facts 后面的 {}："
    for key, fact in facts.items():
        value = "text: " if fact.value is None else f"value: , unit: {_quoted(fact.unit)}"
        yield f"#   {key}: {{label: {_quoted(fact.label)}, {value}, source: own}}"


def _members(new: _New) -> Iterator[str]:
    """Yield the units that last year's table was added up from; they submit this year too, or are struck out."""
    members = new.last.members if new.last else {}
    yield from ("", "# 本级统计表由各部门、乡镇街道的表汇总的，逐个写明 params/ 下的文件夹名和单位名称，用 make rollup 汇总。如：")
    yield "#   jinzhu: 金珠镇"
    if members:
        yield "# 以下沿用上一年，新设、撤并的请增减。"
    yield "members:" if members else "members: {}"
    yield from (f"  {_quoted(unit)}: {_quoted(member.name)}" for unit, member in members.items())


def _narrative(new: _New) -> str:
    row = new.form.rows[new.form.rates[0].denominator] if new.form.rates else next(iter(new.form.rows.values()))
    named = [each for each in new.form.rows.values() if each.parent is None and not each.heading]
    names = "\n".join(f"    {each.id}　{each.numbered_label}" for each in named)
    example = f"{{{{ {row.id} | say({_quoted(row.name + '{}')}, zero={_quoted(row.zero)}) }}}}"
    parted = next((each for each in named if each.children), row)
    below = f"组成部分接着写，如 {parted.children[0]}；" if parted.children else ""
    opening = (
        "{# 大括号加井号之间的是说明，不会印出，可以删去。每章的正文写在章标题之下，章标题不改；小标题以“## ”开头。\n"
        f"统计表里的数不手写，用占位符，如：{example}\n"
        "统计表里没有的数写在 report.yaml 的 facts 里，这里写 {{ facts.名称 }}。\n"
        f"可用的名称（{below}写错时，核对会列出可用的）：\n{names} #}}\n"
    )
    parts = [opening]
    for chapter in new.form.chapters:
        must = chapter.prose == "required"
        note = "必写：在这里写本年的情况。" if must else "可以不写：这一章的统计表和例行文字自动生成，要补充的写在这里。"
        words = [word for rule in new.form.stated(chapter.id) if not rule.when for word in rule.words]
        if words:
            note += f"要写到{'、'.join(words)}，没有发生的也写明。" + (f"写好一处，删去一处“{PENDING}”。" if len(words) > 1 else "")
        before = new.last.narrative.get(chapter.id) if new.last else None
        if new.last and before and new.last.form.id == new.form.id:
            note += f"上一年写的见 {new.last.folder}/{PROSE} 第{before.line}行起；照抄的句子多了，核对时会列出。"
        parts.append(f"# {chapter.title}\n\n{{# {note} #}}\n{''.join(_aspects(words) if len(words) > 1 else ())}")
    return "\n".join(parts)


def _aspects(words: list[str]) -> Iterator[str]:
    """Yield a heading for each aspect of a chapter, with room for what is to be said under it."""
    for number, word in enumerate(words):
        yield f"\n## （{_NUMERALS[number]}）{word}\n\n{PENDING}\n"


def _taken(new: _New, wishes: Wishes) -> Iterator[str]:
    """Yield what was filled in from last year's report and from where, a sentence each."""
    if new.last is None:
        yield f"说明　没有 params/{new.unit}/{new.year - 1}，没有可以沿用的内容"
        return
    names = [words for words, asked in (("单位名称", wishes.name), ("省份", wishes.province)) if not asked]
    kept = [label for key, label in new.form.contact.items() if key in new.last.contact]
    said = "、".join([*names, *kept])
    yield f"已填　{YAML}：{said}，取自 {new.last.folder}/{YAML}"
    for table in new.form.tables:
        for row in table.rows:
            for column in table.columns:
                if carried := new.cells.get((row.id, column.id)):
                    label = f"{row.numbered_label}（{column.heading(new.year)}）"
                    yield f"已填　{table.id}.csv：{label}填{carried.value}，取自 {carried.source}（规则{carried.rule}）"
    if new.last.form.id != new.form.id:
        figures = "只沿用两种表式中意义相同的格" if new.cells else "不沿用"
        yield f"说明　上一年用的是表式 {new.last.form.id}，与今年的 {new.form.id} 不同，统计表的数{figures}"
