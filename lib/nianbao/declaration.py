"""
What `report.yaml` may declare, key by key, and what one declared value says about another.

The shapes are data; `report` reads the file with them. A slip in one value does not keep the others from being checked.
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import formfile
from .errors import Problem
from .facts import APPROXIMATIONS, SCALES, Acceptance, Fact, Gap, Literal, Published
from .project import UNIT, UNIT_WORDS
from .shapes import Choice, Day, ListOf, MapOf, Number, Record, Sketch, Text
from .yamlfile import Door

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .form import Form


def _fact(*, line: int, **values: Any) -> Fact:
    return Fact(line=line, **values)


_AT: dict[str, Any] = {"at": Text()}
_NUMBER = Number(places=6, signed=True)
_FACT = Record(
    _fact,
    required={"label": Text(), "source": Text()},
    optional={
        **_AT,
        "value": _NUMBER,
        "unit": Text(),
        "scale": Choice(tuple(key for key in SCALES if key)),
        "approx": Choice(APPROXIMATIONS),
        "text": Text(),
    },
    line="line",
)
_CONTACT = Record(functools.partial(Fact, label=""), {"text": Text(), "source": Text()}, _AT, "line")
_PERCENT = Text(r"[0-9]+(\.[0-9]+)?", '带引号的百分数，如 "14.43"')
_PUBLISHED = Record(
    dict,
    required={
        "source": Text(),
        "percentages": ListOf(Record(Published, {"figure": Text(), "text": _PERCENT}, _AT, "line")),
    },
)
# A spreadsheet takes what begins with one of these signs for a formula, wide or narrow.
_NAME = Text(r"[^=＝+＋@＠\-－\s](.*\S)?", "单位名称，一行文字，不以 =、+、-、@ 开头")
_REPORT = Record(
    dict,
    required={
        "schema": Number(least=1, most=1),
        "unit": Text(),
        "name": Text(),
        "short_name": Text(),
        "province": Text(),
        "year": Number(least=2000, most=2999),
        "sources": MapOf(Text()),
        "contact": MapOf(_CONTACT),
    },
    optional={
        "form": Text(),
        "publication": Record(dict, {}, {"date": Day(), "source": Text()}),
        "rounding": Record(dict, {}, formfile.ROUNDING),
        "facts": MapOf(_FACT),
        "published": _PUBLISHED,
        "gaps": MapOf(Record(Gap, {"at": Text(), "after": Text(), "missing": Text()}, line="line")),
        "literals": ListOf(Record(Literal, {"text": Text(), "reason": Text()}, line="line")),
        "accepted": ListOf(Record(Acceptance, {"finding": Text(), "reason": Text()}, {"difference": _NUMBER}, "line")),
        "members": MapOf(_NAME, UNIT, f"params/ 下的文件夹名，{UNIT_WORDS}"),
    },
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """
    What a `report.yaml` declares.

    Args:
        values: by key, as the shapes took them; where something in the file is wrong, those that could be taken.

        lines: the line of each key, by its place (`facts.departments`).
    """

    values: dict[str, Any]
    file: str
    lines: Mapping[str, int]

    def problem(self, place: str, found: str, *, allowed: str = "", remedy: str = "") -> Problem:
        """Return the problem *found* at *place*, with the line where that stands, or where what should hold it stands."""
        line = self.lines.get(place) or self.lines.get(place.rpartition(".")[0])
        return Problem(file=self.file, line=line, place=place, found=found, allowed=allowed, remedy=remedy)


def read(text: str, file: str, problems: list[Problem]) -> Declaration:
    """Return what *text* declares; what is wrong with single values goes to *problems*."""
    door = Door(file)
    values = door.take(text, _REPORT)
    problems.extend(door.problems)
    if door.problems:
        values = Door(file).take(text, Sketch({**_REPORT.required, **_REPORT.optional}))
    return Declaration(values=values or {}, file=file, lines=door.lines)


def choose(declared: Declaration, forms: Mapping[str, Form], problems: list[Problem]) -> Form | None:
    """Return the form that *declared* names, or the one in force in its year and province; without one, note the problem."""
    names = "、".join(sorted(forms))
    if named := declared.values.get("form"):
        if named not in forms:
            problems.append(declared.problem("form", f"没有叫“{named}”的表式", allowed=names))
        return forms.get(named)
    province, year = declared.values.get("province"), declared.values.get("year")
    if province is None or year is None:
        return None
    fitting = [form for form in forms.values() if form.covers(province, year)]
    if len(fitting) == 1:
        return fitting[0]
    found = f"{province}{year}年{'没有' if not fitting else '不止一种'}适用的表式"
    problems.append(declared.problem("year", found, allowed=names, remedy="用 form 指明"))
    return None


def cross_check(declared: Declaration, form: Form, unit: str, year: str, problems: list[Problem]) -> None:
    """
    Note what one value says about another.

    Args:
        unit, year: the names of the folders that hold the report.
    """
    values = declared.values
    if str(values.get("year", year)) != year:
        problems.append(declared.problem("year", f"year 是{values['year']}，文件夹却是{year}", remedy="改为一致"))
    if values.get("unit", unit) != unit:
        problems.append(declared.problem("unit", f"unit 是“{values['unit']}”，文件夹却是“{unit}”", remedy="改为一致"))
    _check_contact(declared, form, problems)
    facts = {f"facts.{key}": fact for key, fact in values.get("facts", {}).items()}
    facts |= {f"contact.{key}": fact for key, fact in values.get("contact", {}).items()}
    for place, fact in facts.items():
        _check_fact(declared, place, fact, problems)
    for place in ("published", "publication"):
        if (source := values.get(place, {}).get("source")) is not None:
            _check_source(declared, f"{place}.source", source, problems)
    for repeated, times in Counter(each.finding for each in values.get("accepted", ())).items():
        if times > 1:
            problems.append(declared.problem("accepted", f"“{repeated}”认可了{times}次", remedy="只留一个"))
    _check_members(declared, unit, problems)
    whole = values.get("rounding", {}).get("sum_to_100", ())
    lone = [row for row in whole if row not in form.rows or not form.parts(row)]
    problems.extend(declared.problem("rounding.sum_to_100", f"“{row}”不是由几部分相加的行") for row in lone)


def _check_contact(declared: Declaration, form: Form, problems: list[Problem]) -> None:
    contact = declared.values.get("contact", {})
    missing = [key for key in form.contact if f"contact.{key}" not in declared.lines and "contact" in declared.lines]
    problems.extend(declared.problem(f"contact.{key}", f"缺少{form.contact[key]}", remedy='补上；没有就填 "-"') for key in missing)
    strange = [key for key in contact if key not in form.contact]
    allowed = "、".join(form.contact)
    problems.extend(declared.problem(f"contact.{key}", f"不认识的键“{key}”", allowed=allowed) for key in strange)


def _check_members(declared: Declaration, unit: str, problems: list[Problem]) -> None:
    first: dict[str, str] = {}
    for member, name in declared.values.get("members", {}).items():
        place = f"members.{member}"
        if member == unit:
            remedy = "删去；本级机关自己的数另建一个文件夹填报"
            problems.append(declared.problem(place, "本级不能是自己的成员", remedy=remedy))
        if (other := first.setdefault(name, member)) != member:
            problems.append(declared.problem(place, f"与 {other} 的名称都是“{name}”", remedy="写成不同的名称，或删去重复的"))


def _check_fact(declared: Declaration, place: str, fact: Fact, problems: list[Problem]) -> None:
    _check_source(declared, place, fact.source, problems)
    if (fact.value is None) == (fact.text == ""):
        problems.append(declared.problem(place, "数（value）和文字（text）要填一样，且只填一样"))
    elif fact.value is None and (fact.unit or fact.scale or fact.approx):
        problems.append(declared.problem(place, "文字没有单位，也不带“万”“余”", remedy="写进 text"))
    elif fact.value is not None and not fact.unit:
        problems.append(declared.problem(place, "数没有单位", remedy="填 unit"))


def _check_source(declared: Declaration, place: str, source: str, problems: list[Problem]) -> None:
    sources = declared.values.get("sources")
    if sources is not None and source not in sources:
        allowed = "、".join(sources)
        problems.append(declared.problem(place, f"来源“{source}”没有在 sources 中说明", allowed=allowed))
