"""
Read `forms/*.yaml` into `Form`s, and choose the form of a report.

Everything that a form file can get wrong is told here, with file, line and key; no other module validates a form.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import MISSING, fields, replace
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from nianbao.indicators import frozen
from nianbao.indicators.errors import InvalidInputError, Reading, listed
from nianbao.indicators.form import SEVERITIES, Chapter, Column, Form, Rate, Row, Table, Unit
from nianbao.indicators.rules import KINDS, OPERATORS, Comparison, Relation, parse_relation
from nianbao.indicators.series import Concept, Definition, Group
from nianbao.indicators.values import METHODS, MOST_PLACES, ZEROS, Policy
from nianbao.inputs.yaml import TEXT, TEXTS, TRUTH, Door, ListOf, MapOf, Number, Scalar, Shape, Text, choice, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from yaml import Node

    from nianbao.indicators.form import Forms
    from nianbao.indicators.report import Key
    from nianbao.indicators.rules import Rule
    from nianbao.indicators.values import Strings
    from nianbao.inputs.yaml import Taken


# Words that prose may put after a row's id; no row or column may be called so.
PROPERTIES = ("share", "name", "number", "unit", "label", "last_year")

_ID = Text(r"[a-z][a-z0-9_]*", "小写英文字母、数字和下划线")
_FORM_ID = r"[a-z][a-z0-9-]*"


@frozen
class _Branch:
    """A row as written, before it knows its place in the tree."""

    row: Row
    children: tuple[_Branch, ...]
    line: int


class _Branches(Shape):
    """A row with its children, which are rows again."""

    def take(self, node: Node, door: Door, place: str) -> _Branch | None:
        """Return the row and all below it."""
        taken: _Branch | None = _BRANCH.take(node, door, place)
        return taken


class _RelationText(Scalar):
    """`a == b + c`: the notation of the rules."""

    allowed = f"如 a == b + c，可用 {listed(OPERATORS)}、+、-"

    def value(self, text: str) -> Relation | None:
        """Return the relation."""
        return parse_relation(text)


def _branch(*, line: int, children: tuple[_Branch, ...] = (), not_applicable: Strings = (), **values: Any) -> _Branch:
    row = Row(not_applicable=frozenset(not_applicable), **values)
    return _Branch(row=row, children=children, line=line)


_BRANCH = record(_branch, line="line", id=_ID, label=TEXT, name=TEXT, zero=TEXT, nature=choice("stock", "flow")).optionally(
    no=TEXT,
    unit=TEXT,
    group=TEXT,
    also=TEXTS,
    subset=TRUTH,
    printed=TRUTH,
    heading=TRUTH,
    closes=TRUTH,
    not_applicable=ListOf(_ID),
    narrative_column=_ID,
    called=TEXT,
    children=ListOf(_Branches()),
)

ROUNDING = record(dict).optionally(
    places=Number(least=0, most=MOST_PLACES), method=choice(*METHODS), zeros=choice(*ZEROS), sum_to_100=TEXTS
)


_ANY = Text(r"(?s).*", '文字，可以为空（写成 ""）')
_GROUP = record(dict, title=_ANY, rows=ListOf(_Branches()))
_SECTION = record(dict, title=_ANY, groups=ListOf(_GROUP))
_COLUMN = record(Column, id=_ID, label=TEXT).optionally(groups=TEXTS, unit=TEXT, signed=TRUTH, noun=TEXT, called=TEXT, zero=TEXT)
_TABLE = record(
    dict, line="line", id=_ID, title=TEXT, narrative_column=_ID, columns=ListOf(_COLUMN), sections=ListOf(_SECTION)
).optionally(lead=TEXT, chapter=_ID)
# What the keys of a rule hold, by the words that its kind has for it.
_RULE_VALUES: dict[str, Shape] = {
    "relation": _RelationText(),
    "nature": choice("stock", "flow", "all"),
    "row": TEXT,
    "rows": TEXTS,
    "chapter": _ID,
    "texts": TEXTS,
}
_RULE_KEYS = {key: what for kind in KINDS.values() for key, what in kind.keys.items()}
_RULE = record(dict, line="line", id=Text(r"[A-Z][A-Z0-9]*", "大写字母和数字"), severity=choice(*SEVERITIES)).optionally(
    kind=choice(*KINDS), **{key: _RULE_VALUES[what] for key, what in _RULE_KEYS.items()}
)
_FORM = record(
    dict,
    id=Text(_FORM_ID, "小写英文字母、数字和连字符"),
    title=TEXT,
    basis=TEXT,
    province=_ANY,
    years=record(dict, line="line", first=Number(least=2000, most=2999), last=Number(least=2000, most=2999)),
    notebook=Text(r"[a-z0-9-]+\.ipynb", "notebooks/ 下的文件名"),
    report_title=TEXT,
    rounding=replace(ROUNDING, build=Policy),
    units=MapOf(record(Unit, kind=choice("count", "amount")).optionally(places=Number(least=0, most=6)), key=r"\w+"),
    chapters=ListOf(record(Chapter, id=_ID, title=TEXT, prose=choice("required", "optional"))),
    contact=MapOf(TEXT),
    tables=ListOf(_TABLE),
    rates=ListOf(record(dict, line="line", id=_ID, label=TEXT, numerator=TEXT, denominator=TEXT)),
    rules=ListOf(_RULE),
)


def parse(text: str, file: str) -> Form:
    """
    Read the form in *text*.

    Raises:
        InvalidInputError: with every problem in the file.
    """
    return _FormReading(text, file).form()


def shipped() -> dict[str, Form]:
    """Return every form that comes with the library, by id."""
    names = sorted(entry.name for entry in (files("nianbao") / "forms").iterdir())
    texts = {name: _text(name) for name in names if name.endswith(".yaml") and name != CONCEPTS}
    forms = [_parsed(text, f"lib/nianbao/forms/{name}") for name, text in texts.items()]
    return {each.id: each for each in forms}


@lru_cache(maxsize=64)
def _parsed(text: str, file: str) -> Form:
    # Copies of a process that has read the forms need not read them again, while the same text lies there.
    return parse(text, file)


def _text(name: str) -> str:
    return (files("nianbao") / "forms" / name).read_text("utf-8")


class _Checked(Reading):
    """What the shapes make of a file, `taken`; its problems, too, are those that no single value shows."""

    def __init__(self, text: str, file: str, shape: Shape) -> None:
        door = Door(file)
        super().__init__(file, door.problems)
        self.taken = door.take(text, shape)
        self.check()

    def check(self) -> None:
        """Raise all problems, where there are any."""
        if self.problems:
            raise InvalidInputError(self.problems)

    def refuse(self, line: int | None, place: str, found: str, remedy: str = "") -> None:
        """Note that what stands at *place* cannot be used."""
        self.note(found, line=line, place=place, remedy=remedy)


class _FormReading(_Checked):
    def __init__(self, text: str, file: str) -> None:
        super().__init__(text, file, _FORM)
        self.rows: dict[str, Row] = {}
        self.lines: dict[str, int] = {}
        self.columns: dict[str, set[str]] = {}
        # Of the table being read: the words before a first child, and whether its columns say their units.
        self.lead, self.counted = "", False

    def form(self) -> Form:
        """Return the form, or raise all that is wrong with it."""
        taken = dict(self.taken)
        years = taken.pop("years")
        first, last = years["first"], years["last"]
        tables = tuple(self._table(table) for table in taken.pop("tables"))
        rates = tuple(self._rate(rate) for rate in taken.pop("rates"))
        rules = tuple(made for rule in taken.pop("rules") if (made := self._rule(rule, tables)))
        self._unique(tables, rates, rules)
        if first > last:
            self.refuse(years["line"], "years", f"first（{first}）在 last（{last}）之后")
        for row in taken["rounding"].sum_to_100:
            self._known(row, self.rows, None, "rounding.sum_to_100", "行")
        self.check()
        return Form(first_year=first, last_year=last, tables=tables, rows=self.rows, rates=rates, rules=rules, **taken)

    def _table(self, table: Taken) -> Table:
        line, columns = table["line"], table["columns"]
        ids = {column.id for column in columns}
        self.lead = table.get("lead", "")
        self.counted = all(column.unit for column in columns)
        for column in columns:
            if column.unit and column.unit not in self.taken["units"]:
                self.refuse(line, column.id, f"单位“{column.unit}”没有在 units 中说明")
        self._worded(table)
        printed: list[Row] = []
        for section in table["sections"]:
            for group in section["groups"]:
                for branch in group["rows"]:
                    printed += self._grow(branch, None, section["title"], group["title"], ids)
        self._known(table["narrative_column"], ids, line, "narrative_column", "栏")
        for name in sorted(ids & set(PROPERTIES)):
            self.refuse(line, name, "栏名与保留字相同")
        kept = {key: table[key] for key in ("id", "title", "columns", "narrative_column", "chapter") if key in table}
        return Table(rows=tuple(printed), **kept)

    def _worded(self, table: Taken) -> None:
        """Make sure that the words of the columns of *table* can be filled in."""
        for column in table["columns"]:
            if column.called and "{name}" not in column.called:
                self.refuse(table["line"], column.id, f"called 写作“{column.called}”，没有行名的位置", "在行名的位置写 {name}")
            if column.zero and not column.called:
                self.refuse(table["line"], column.id, "只写了 zero", "补上 called，如 制发{name}")

    def _grow(self, branch: _Branch, parent: Row | None, section: str, group: str, columns: set[str]) -> Iterator[Row]:
        """Give *branch* its full id and place, note it, and yield it and its descendants where the table prints them."""
        path = f"{parent.id}.{branch.row.id}" if parent else branch.row.id
        children = tuple(f"{path}.{child.row.id}" for child in branch.children)
        leads = bool(parent and parent.printed and not parent.closes and parent.children[0] == path)
        row = replace(
            branch.row,
            id=path,
            children=children,
            parent=parent.id if parent else None,
            section=section,
            group=branch.row.group or group,
            prefix=self.lead if leads else "",
            depth=parent.depth + (parent.printed and not parent.closes) if parent else 0,
        )
        self._check(row, branch, columns)
        self.rows[path] = row
        self.lines[path] = branch.line
        self.columns[path] = columns
        if row.printed and not row.closes:
            yield row
        for child in branch.children:
            yield from self._grow(child, row, section, row.group, columns)
        if row.printed and row.closes:
            yield row

    def _check(self, row: Row, branch: _Branch, columns: set[str]) -> None:
        line, name = branch.line, row.id
        if name in self.rows:
            self.refuse(line, name, f"行“{name}”重复，第{self.lines[name]}行已有")
        if branch.row.id in {*PROPERTIES, *(columns if row.parent else ())}:
            self.refuse(line, name, "行的编号与栏名或保留字相同")
        if row.unit not in self.taken["units"] and not (self.counted and not row.unit) and not row.heading:
            self.refuse(line, name, f"单位“{row.unit}”没有在 units 中说明")
        if not row.printed and all(child.row.subset for child in branch.children):
            self.refuse(line, name, "不印出的行没有可相加的下级")
        for column in filter(None, (*sorted(row.not_applicable), row.narrative_column)):
            self._known(column, columns, line, name, "栏")

    def _rate(self, rate: Taken) -> Rate:
        line = rate.pop("line")
        self._comparable((rate["numerator"], rate["denominator"]), line, rate["id"])
        return Rate(**rate)

    def _rule(self, rule: Taken, tables: tuple[Table, ...]) -> Rule | None:
        line, kind = rule.pop("line"), KINDS[rule.pop("kind", Comparison.kind)]
        required = {field.name for field in fields(kind) if field.default is MISSING}
        unfit = sorted((rule.keys() ^ required) - (kind.keys.keys() - required))
        for key in unfit:
            kinds = listed(name for name, each in KINDS.items() if key in each.keys)
            self.refuse(line, rule["id"], f"kind 为 {kinds} 时{'要' if key in required else '才'}有 {key}")
        if unfit:
            return None
        made = kind(**rule)
        for key in kind.keys.keys() & rule.keys():
            self._refer(kind.keys[key], rule[key], made, line, tables)
        return made

    def _refer(self, what: str, value: Any, rule: Rule, line: int, tables: tuple[Table, ...]) -> None:
        """Make sure that what a key of *rule* names is there."""
        if what in {"row", "rows"}:
            for row in (value,) if what == "row" else value:
                self._known(row, self.rows, line, rule.id, "行")
        elif what == "chapter":
            self._known(value, [chapter.id for chapter in self.taken["chapters"]], line, rule.id, "章")
        elif isinstance(rule, Comparison) and what == "relation":
            refs = [term.ref for term in rule.relation.terms]
            if not rule.rows:
                self._comparable(refs, line, rule.id)
            columns = {column.id for table in tables for column in table.columns}
            for ref in refs if rule.rows else ():
                self._known(ref, columns, line, rule.id, "栏")

    def _comparable(self, rows: Iterable[str], line: int, place: str) -> None:
        """Make sure that *rows* exist and stand in tables with the same columns."""
        known = [row for row in rows if self._known(row, self.rows, line, place, "行")]
        for row in known[1:]:
            if self.columns[row] != self.columns[known[0]]:
                self.refuse(line, place, f"“{row}”与“{known[0]}”所在的表栏目不同，不能相比")

    def _unique(self, tables: tuple[Table, ...], rates: tuple[Rate, ...], rules: tuple[Rule, ...]) -> None:
        named: list[tuple[str, Iterable[Any]]] = [("章", self.taken["chapters"]), ("表", tables), ("指标", rates), ("规则", rules)]
        for what, things in (*named, *(("栏", table.columns) for table in tables)):
            for repeated, times in Counter(thing.id for thing in things).items():
                if times > 1:
                    self.refuse(None, repeated, f"{what}“{repeated}”重复{times}次")

    def _known(self, name: str, names: Any, line: int | None, place: str, what: str) -> bool:
        if name not in names:
            self.refuse(line, place, f"没有叫“{name}”的{what}")
        return name in names


CONCEPTS = "concepts.yaml"

_REF = r"[a-z][a-z0-9_.]*/[a-z][a-z0-9_]*"
_CELLS = Text(rf"{_REF}( \+ {_REF})*", "行/栏，如 applications/year；几格相加写成 a/x + b/x")
_DEFINITION = record(dict, line="line", cells=MapOf(_CELLS, key=_FORM_ID)).optionally(times=Number(places=6), note=TEXT)
_CONCEPT = record(dict, line="line", id=_ID, label=TEXT, unit=TEXT, definitions=ListOf(_DEFINITION)).optionally(
    absent=MapOf(TEXT, key=_FORM_ID), glance=TRUTH
)
_CONCEPT_GROUP = record(dict, line="line", id=_ID, title=TEXT, concepts=ListOf(_CONCEPT))
_FILE = record(dict, groups=ListOf(_CONCEPT_GROUP))


def shipped_concepts(forms: Forms) -> tuple[Group, ...]:
    """Return the concepts that come with the library, held against *forms*."""
    return parse_concepts(_text(CONCEPTS), f"lib/nianbao/forms/{CONCEPTS}", forms)


def parse_concepts(text: str, file: str, forms: Forms) -> tuple[Group, ...]:
    """
    Read the concepts in *text*.

    Raises:
        InvalidInputError: with every problem in the file.
    """
    read = _ConceptReading(text, file, forms)
    groups = read.taken["groups"]
    made = tuple(read.group(each) for each in groups)
    read.unique("组", groups)
    read.unique("概念", [concept for group in groups for concept in group["concepts"]])
    read.check()
    return made


class _ConceptReading(_Checked):
    def __init__(self, text: str, file: str, forms: Forms) -> None:
        super().__init__(text, file, _FILE)
        self.forms = forms

    def group(self, taken: Taken) -> Group:
        """Return the group that *taken* says."""
        return Group(id=taken["id"], title=taken["title"], concepts=tuple(self._concept(each) for each in taken["concepts"]))

    def unique(self, what: str, taken: Iterable[Mapping[str, Any]]) -> None:
        """Refuse an id that stands twice."""
        first: dict[str, int] = {}
        for each in taken:
            name, line = each["id"], each["line"]
            if name in first:
                self.refuse(line, name, f"{what}“{name}”重复，第{first[name]}行已有")
            first.setdefault(name, line)

    def _concept(self, taken: Taken) -> Concept:
        definitions = tuple(self._definition(each, taken) for each in taken["definitions"])
        absent, where = taken.get("absent", {}), (taken["line"], taken["id"])
        if not definitions:
            self.refuse(*where, "没有写定义", "写明至少一种表式的格子")
        named = Counter([*absent, *(form for definition in definitions for form in definition.cells)])
        for form, times in named.items():
            if form not in self.forms:
                self.refuse(*where, f"没有叫“{form}”的表式", f"改为：{listed(self.forms)}")
            if times > 1:
                self.refuse(*where, f"表式“{form}”出现{times}次", "只留一处")
        rest = {key: taken[key] for key in ("id", "label", "unit", "glance") if key in taken}
        return Concept(definitions=definitions, absent=absent, **rest)

    def _definition(self, taken: Taken, concept: Taken) -> Definition:
        cells = {form: tuple(_cells(text)) for form, text in taken["cells"].items()}
        if not cells:
            self.refuse(taken["line"], concept["id"], "没有写格子", "写明表式和行/栏")
        for form_id, found in cells.items():
            for cell in found if form_id in self.forms else ():
                self._check(self.forms[form_id], cell, taken, concept)
        return Definition(cells=cells, times=taken.get("times"), note=taken.get("note", ""))

    def _check(self, form: Form, cell: Key, taken: Taken, concept: Taken) -> None:
        """Make sure that *cell* is one of *form*, and counted in the unit of the concept or one brought to it."""
        row, column = cell
        where, wanted, scaled = (taken["line"], f"{concept['id']}.{form.id}"), concept["unit"], "times" in taken
        if row not in form.rows or form.rows[row].heading:
            self.refuse(*where, f"表式中没有叫“{row}”的行")
        elif column not in {each.id for each in form.table_of(row).columns}:
            self.refuse(*where, f"行“{row}”所在的表没有叫“{column}”的栏")
        elif ((unit := form.unit_at(row, column)) == wanted) == scaled:
            said = "却写了 times" if scaled else "没有写 times"
            self.refuse(*where, f"格子的单位是“{unit}”，概念的单位是“{wanted}”，{said}", "只在单位不同时写 times")


def _cells(text: str) -> Iterator[Key]:
    for piece in text.split(" + "):
        row, _, column = piece.partition("/")
        yield row, column
