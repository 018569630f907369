"""
Split `narrative.md` into the form's chapters.

The file is Markdown whose first-level headings are chapter titles of the form; what stands under one is the year's own prose of
that chapter. A chapter that holds nothing but notes (`{# … #}`), which are not printed, has no prose. What the prose says is `prose`'s business.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nianbao.indicators.errors import UNFIT, InvalidInputError, Problem
from nianbao.indicators.report import (
    APPROXIMATIONS,
    SCALES,
    Acceptance,
    AnnualReport,
    Fact,
    Gap,
    Literal,
    Member,
    Passage,
    Published,
    unnoted,
)
from nianbao.inputs import formfile, project
from nianbao.inputs.project import UNIT, UNIT_WORDS
from nianbao.inputs.tables import TableReader
from nianbao.inputs.yaml import Choice, Day, Door, Keys, ListOf, MapOf, Number, Record, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nianbao.indicators.form import Chapter, Form
    from nianbao.indicators.report import Cell


_UNFIT = re.compile(f"[{UNFIT}]")


def split(text: str, chapters: Sequence[Chapter], file: str, problems: list[Problem]) -> dict[str, Passage]:
    """Return the passages by chapter id; what cannot be placed goes to *problems*."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    problems.extend(_bad_characters(text, file))
    by_title = {_same(chapter.title): chapter for chapter in chapters}
    found: dict[str, Passage] = {}
    for line, title, body in _parts(text):
        chapter = by_title.get(_same(title))
        allowed = "、".join(f"“{each.title}”" for each in chapters)
        said = unnoted(body)
        if title == "" and said.strip():
            first = line + said[: len(said) - len(said.lstrip())].count("\n")
            problems.append(Problem(file=file, line=first, found="第一个章标题之前有文字", remedy="移到某一章之下"))
        elif title and chapter is None:
            problems.append(Problem(file=file, line=line - 1, found=f"没有叫“{title}”的一章", allowed=allowed))
        elif chapter and chapter.id in found:
            problems.append(Problem(file=file, line=line - 1, found=f"“{title}”一章重复", remedy="合并到一处"))
        elif chapter and said.strip():
            found[chapter.id] = Passage(source=body, file=file, line=line)
    return found


def _parts(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line of the first character, title, body) of what stands under each first-level heading, and before the first."""
    pieces = re.split(r"^#[ \t]+(.*?)[ \t#]*$\n?", text, flags=re.MULTILINE)
    line = 1
    yield line, "", pieces[0]
    line += pieces[0].count("\n")
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        line += 1
        yield line, title, body
        line += body.count("\n")


def _bad_characters(text: str, file: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        for character in line:
            if character == "\r" or _UNFIT.match(character) or unicodedata.category(character) in {"Co", "Cs", "Cn"}:
                found = f"含有不能印出的字符 U+{ord(character):04X}"
                yield Problem(file=file, line=number, found=found, remedy="删去或改用正式的字符")


def _same(title: str) -> str:
    return "".join(title.split()).translate(str.maketrans("(),", "（），"))


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
        values = Door(file).take(text, Keys({**_REPORT.required, **_REPORT.optional}))
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


YAML, PROSE = project.YAML, project.PROSE


def load(folder: Path, forms: Mapping[str, Form]) -> AnnualReport:
    """
    Read the report in *folder*, `…/unit/year`, and last year's where its folder stands beside it.

    Args:
        forms: the forms there are, by id.

    Raises:
        InvalidInputError: with every problem of every file.
    """
    problems: list[Problem] = []
    report = _Loader(folder, forms, problems).report()
    before = folder.parent / str(int(folder.name) - 1) if folder.name.isdecimal() else folder
    last_year = None
    if before != folder and (before / YAML).is_file():
        last_year = _Loader(before, forms, problems).report()
    if problems or report is None:
        raise InvalidInputError(problems)
    return replace(report, last_year=last_year)


def load_tables(folder: Path, forms: Mapping[str, Form]) -> AnnualReport:
    """
    Read what `report.yaml` and the tables in *folder* hold, and neither its prose nor last year's report.

    Raises:
        InvalidInputError: with every problem of these files.
    """
    problems: list[Problem] = []
    report = _Loader(folder, forms, problems).report(prose=False)
    if problems or report is None:
        raise InvalidInputError(problems)
    return report


class _Loader:
    def __init__(self, folder: Path, forms: Mapping[str, Form], problems: list[Problem]) -> None:
        self.folder = folder
        self.shown = f"params/{folder.parent.name}/{folder.name}"
        self.forms = forms
        self.problems = problems

    def report(self, *, prose: bool = True) -> AnnualReport | None:
        """Return the report, or None after noting all that is wrong with it."""
        before = len(self.problems)
        text = self._text(YAML)
        if text is None:
            return None
        declared = read(text, f"{self.shown}/{YAML}", self.problems)
        form = choose(declared, self.forms, self.problems)
        if form is None:
            return None
        # Labels follow the folder's year: a slip in `year` is one problem, not one in each header.
        cells = self._tables(form, int(self.folder.name))
        passages = self._narrative(form) if prose else {}
        cross_check(declared, form, self.folder.parent.name, self.folder.name, self.problems)
        if len(self.problems) > before:
            return None
        return self._built(declared, form, cells, passages)

    def _tables(self, form: Form, year: int) -> dict[tuple[str, str], Cell]:
        cells: dict[tuple[str, str], Cell] = {}
        for table in form.tables:
            name = f"{table.id}.csv"
            content = self._content(name)
            if content is not None:
                cells |= TableReader(form, table, year, f"{self.shown}/{name}", self.problems).read(content)
        return cells

    def _built(self, declared: Declaration, form: Form, cells: dict[Any, Cell], passages: dict[str, Passage]) -> AnnualReport:
        taken, lines = declared.values, declared.lines
        members = taken.get("members", {}).items()
        contact = {key: replace(taken["contact"][key], label=label) for key, label in form.contact.items()}
        return AnnualReport(
            folder=self.shown,
            form=form,
            policy=replace(form.rounding, **taken.get("rounding", {})),
            date=taken.get("publication", {}).get("date"),
            contact=contact,
            facts=taken.get("facts", {}),
            published=taken.get("published", {}).get("percentages", ()),
            published_source=taken.get("published", {}).get("source", ""),
            gaps=taken.get("gaps", {}),
            literals=taken.get("literals", ()),
            accepted=taken.get("accepted", ()),
            cells=cells,
            narrative=passages,
            members={unit: Member(name=name, line=lines[f"members.{unit}"]) for unit, name in members},
            **{key: taken[key] for key in ("unit", "name", "short_name", "province", "year", "sources")},
        )

    def _content(self, name: str) -> bytes | None:
        path = self.folder / name
        if not path.is_file():
            self._refuse(name, "没有这个文件", remedy="补上，或从上一年的文件夹复制后修改")
            return None
        if path.stat().st_size > project.MOST_BYTES:
            self.problems.append(project.too_large(f"{self.shown}/{name}"))
            return None
        return path.read_bytes()

    def _text(self, name: str) -> str | None:
        content = self._content(name)
        if content is None:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._refuse(name, "不是 UTF-8 编码（可能是 GBK）", line=line, remedy="用编辑器另存为 UTF-8")
            return None

    def _narrative(self, form: Form) -> dict[str, Passage]:
        text = self._text(PROSE)
        if text is None:
            return {}
        return split(text, form.chapters, f"{self.shown}/{PROSE}", self.problems)

    def _refuse(self, name: str, found: str, *, remedy: str, line: int | None = None) -> None:
        self.problems.append(Problem(file=f"{self.shown}/{name}", line=line, found=found, remedy=remedy))
