"""
What a new folder of parameters holds: the form's tables, blank but for what last year's report settles, and what to write where.

Pure: texts by file name; putting them into place is for the caller.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nianbao.indicators import frozen, rules
from nianbao.indicators.errors import NewReportError, listed
from nianbao.indicators.findings import PENDING
from nianbao.inputs import tables
from nianbao.inputs.report import PROSE, YAML, in_force
from nianbao.page import faces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nianbao.indicators.form import Chapter, Column, Form, Forms, Row
    from nianbao.indicators.report import AnnualReport, Key
    from nianbao.indicators.rules import Carried
    from nianbao.indicators.values import Strings


_LEAST_PROVINCE = 2
_NUMERALS = "一二三四五六七八九十"


@frozen
class Wishes:
    """What was asked for on the command line; empty where nothing was."""

    province: str = ""
    form: str = ""
    name: str = ""


@frozen
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
    taken: Strings
    reminders: Strings


def begin(forms: Forms, unit: str, year: int, wishes: Wishes, last: AnnualReport | None = None) -> Scaffold:
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
    wanted = {"--name 单位名称（如：--name 龙潭区人民政府）": name, "--province 省份（如：--province 吉林省）": province}
    if missing := [words for words, value in wanted.items() if not value.strip()]:
        raise NewReportError(f"没有 params/{unit}/{year - 1} 可以沿用，请写明：{listed(missing)}。")
    form = named or _in_force(forms, province, year)
    short_name = last.short_name if last and name == last.name else name
    cells = rules.settled(form, last) if last else {}
    new = _New(form=form, unit=unit, year=year, name=name, short_name=short_name, province=province, last=last, cells=cells)
    return Scaffold(
        form=form,
        files={
            # What last year's report shows by its code is written as it is.
            YAML: faces.decoded(new.declaration()),
            PROSE: new.narrative(),
            **{f"{table.id}.csv": tables.written(table, year, new.value).decode() for table in form.tables},
        },
        taken=tuple(new.taken(wishes)),
        reminders=rules.reminders(form, last) if last else (),
    )


def _named(forms: Forms, wanted: str) -> Form | None:
    if wanted and wanted not in forms:
        raise NewReportError(f"没有叫“{wanted}”的表式；有：{_listed(forms)}。")
    return forms.get(wanted)


def _province(forms: Forms, wanted: str) -> str:
    """Return *wanted* as a form writes it, where it is the beginning of a form's province: 吉林 is 吉林省."""
    known = {form.province for form in forms.values() if form.province}
    longer = [each for each in known if each.startswith(wanted)] if len(wanted) >= _LEAST_PROVINCE else []
    return longer[0] if len(longer) == 1 else wanted


def _in_force(forms: Forms, province: str, year: int) -> Form:
    form = in_force(forms, province, year)
    if isinstance(form, str):
        raise NewReportError(f"{form}，请用 --form 表式 指明；有：{_listed(forms)}。")
    return form


def _listed(forms: Forms) -> str:
    return listed(f"{form.id}（{form.province}{form.first_year}年至{form.last_year}年）" for form in forms.values())


def _quoted(text: str) -> str:
    """Return *text* in quotes that the reader of YAML takes off again."""
    return json.dumps(text, ensure_ascii=False)


@frozen
class _New:
    """The report to begin; `cells` are those that last year's report settles."""

    form: Form
    unit: str
    year: int
    name: str
    short_name: str
    province: str
    last: AnnualReport | None
    cells: Mapping[Key, Carried]

    def value(self, row: Row, column: Column) -> str:
        """Return what stands in a cell of the tables."""
        if column.id in row.not_applicable:
            return "-"
        carried = self.cells.get((row.id, column.id))
        return carried.value if carried else ""

    def declaration(self) -> str:
        """Return the text of `report.yaml`."""
        last = self.last
        source = f"\n  last_year: {_quoted(f'《{last.title}》')}" if last else ""
        return f"""\
# {" ".join(self.name.split())}{self.year}年度报告的申报内容。统计表的数填在同一文件夹的 CSV 文件里，不在这里。
schema: 1
unit: {_quoted(self.unit)}    # 文件夹名，不改
name: {_quoted(self.name)}    # 单位全称，用于标题
short_name: {_quoted(self.short_name)}    # 简称，用于正文
province: {_quoted(self.province)}
year: {self.year}
form: {self.form.id}    # 表式：{self.form.title}

publication:
  date:    # 公布日期，写成年-月-日，如 2014-03-05；定稿前填
  source: own

# 来源：每个事实都要说明取自哪里。可以再加，如 ledger: 依申请公开台账
sources:
  own: 本单位统计{source}

{self._contacts()}
{self._rounding()}
# 正文要用、统计表里没有的数和文字，每项一行；正文中写 {{{{ facts.名称 }}}}。如：
#   departments: {{label: 政府部门, value: 36, unit: 个, source: own}}
# 是哪个总数的一部分，可以写 of: 行名 或 of: facts.名称，正文中就有 {{{{ facts.名称.share }}}}。
{"".join(self._old_facts())}facts: {{}}

{self._rates()}

# 正文中不得不手写的数，逐个说明理由。如：
#   - {{text: "12345", reason: 热线号码}}
literals: []

# 核对后确认无误、仍与勾稽关系不符之处，写明理由。如：
#   - {{finding: 编号, difference: 差数, reason: 理由}}
accepted: []

# 本级统计表由各部门、乡镇街道的表汇总的，逐个写明 params/ 下的文件夹名和单位名称，用 make rollup 汇总。如：
#   jinzhu: 金珠镇
{self._members()}
"""

    def _contacts(self) -> str:
        carried = "沿用上一年的，请逐项核对，变了就改，并把 source 改为 own。" if self.last else ""
        lines = [self._contact(key, label) for key, label in self.form.contact.items()]
        return "\n".join([f'# 联系方式。没有的填 "-"；标着{PENDING}的一定要改。{carried}', "contact:", *lines])

    def _contact(self, key: str, label: str) -> str:
        carried = self.last.contact.get(key) if self.last else None
        text, source = (carried.text, "last_year") if carried else (PENDING, "own")
        return f"  {key}: {{text: {_quoted(text)}, source: {source}}}    # {label}"

    def _rounding(self) -> str:
        """Return the rounding that last year's report declares, where it is on the same form and not as the form has it."""
        if self.last is None or self.last.form.id != self.form.id or self.last.policy == self.form.rounding:
            return ""
        policy = self.last.policy
        return f"""
# 比例怎样印出，沿用上一年
rounding:
  places: {policy.places}
  method: {policy.method}
  zeros: {policy.zeros}
  sum_to_100: [{", ".join(map(_quoted, policy.sum_to_100))}]
"""

    def _old_facts(self) -> Iterator[str]:
        """Yield a comment for each fact of last year's report, without its value: that is for this year to say."""
        facts = self.last.facts if self.last else {}
        if facts:
            yield "# 上一年申报过下列各项，今年仍要用的，去掉行首的“#”，填上今年的数，并删去 facts 后面的 {}：\n"
        for key, fact in facts.items():
            value = "text: " if fact.value is None else f"value: , unit: {_quoted(fact.unit)}"
            yield f"#   {key}: {{label: {_quoted(fact.label)}, {value}, source: own}}\n"

    def _rates(self) -> str:
        """Return the rates of its own that last year's report declares, as far as the form has their cells, or how to declare one."""
        whole, parts = next(((row, self.form.parts(row)) for row in self.form.rows if len(self.form.parts(row)) > 1), ("", ()))
        lines = []
        for key, rate in (self.last.rates if self.last else {}).items():
            names = [" + ".join(map(".".join, cells)) for cells in (rate.numerator, rate.denominator)]
            if all(self.form.cell_named(".".join(cell)) for cell in rate.numerator + rate.denominator):
                lines.append(f"  {key}: {{label: {_quoted(rate.label)}, numerator: {names[0]}, denominator: {names[1]}}}")
        return "\n".join(
            [
                "# 表式之外、本单位自己用的比率，分子、分母写统计表的行或“行.栏”，可以相加；正文中写 {{ rates.名称 }}。如：",
                f"#   own: {{label: 名称, numerator: {parts[0]}, denominator: {whole}}}" if parts else "#",
                *(["# 以下沿用上一年。", "rates:", *lines] if lines else ["rates: {}"]),
            ]
        )

    def _members(self) -> str:
        """Return the units that last year's table was added up from; they submit this year too, or are struck out."""
        members = self.last.members if self.last else {}
        lines = [f"  {_quoted(unit)}: {_quoted(member.name)}" for unit, member in members.items()]
        return "\n".join(["# 以下沿用上一年，新设、撤并的请增减。", "members:", *lines]) if lines else "members: {}"

    def narrative(self) -> str:
        """Return the text of `narrative.md`."""
        rows = self.form.rows
        named = [row for row in rows.values() if row.parent is None and not row.heading]
        names = "\n".join(f"    {row.id}　{row.numbered_label}" for row in named)
        row = rows[self.form.rates[0].denominator] if self.form.rates else next(iter(rows.values()))
        example = f"{{{{ {row.id} | say({_quoted(row.name + '{}')}, zero={_quoted(row.zero)}) }}}}"
        parted = next((each for each in named if each.children), row)
        below = f"组成部分接着写，如 {parted.children[0]}；" if parted.children else ""
        opening = f"""\
{{# 大括号加井号之间的是说明，不会印出，可以删去。每章的正文写在章标题之下，章标题不改；小标题以“## ”开头。
统计表里的数不手写，用占位符，如：{example}
统计表里没有的数写在 report.yaml 的 facts 里，这里写 {{{{ facts.名称 }}}}。
可用的名称（{below}写错时，核对会列出可用的）：
{names} #}}
"""
        return "\n".join([opening, *map(self._chapter, self.form.chapters)])

    def _chapter(self, chapter: Chapter) -> str:
        """Return the heading of *chapter*, a note on what to write, and a heading for each of several aspects it must have."""
        note = "可以不写：这一章的统计表和例行文字自动生成，要补充的写在这里。"
        if chapter.prose == "required":
            note = "必写：在这里写本年的情况。"
        words = [word for rule in rules.stated(self.form, chapter.id) if not rule.when for word in rule.words]
        aspects = ""
        if words:
            note += f"要写到{listed(words)}，没有发生的也写明。"
        if len(words) > 1:
            note += f"写好一处，删去一处“{PENDING}”。"
            aspects = "".join(f"\n## （{_NUMERALS[number]}）{word}\n\n{PENDING}\n" for number, word in enumerate(words))
        if self.last and self.last.form.id == self.form.id and (before := self.last.narrative.get(chapter.id)):
            note += f"上一年写的见 {before.file} 第{before.line}行起；照抄的句子多了，核对时会列出。"
        return f"# {chapter.title}\n\n{{# {note} #}}\n{aspects}"

    def taken(self, wishes: Wishes) -> Iterator[str]:
        """Yield what was filled in from last year's report and from where, a sentence each."""
        if self.last is None:
            yield f"说明　没有 params/{self.unit}/{self.year - 1}，没有可以沿用的内容"
            return
        names = [words for words, asked in (("单位名称", wishes.name), ("省份", wishes.province)) if not asked]
        names += [label for key, label in self.form.contact.items() if key in self.last.contact]
        yield f"已填　{YAML}：{listed(names)}，取自 {self.last.folder}/{YAML}"
        for table, row, column in self.form.cells():
            if carried := self.cells.get((row.id, column.id)):
                label = f"{row.numbered_label}（{column.heading(self.year)}）"
                yield f"已填　{table.id}.csv：{label}填{carried.value}，取自 {carried.source}（规则{carried.rule}）"
        if self.last.form.id != self.form.id:
            figures = "只沿用两种表式中意义相同的格" if self.cells else "不沿用"
            yield f"说明　上一年用的是表式 {self.last.form.id}，与今年的 {self.form.id} 不同，统计表的数{figures}"
