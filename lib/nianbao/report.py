"""
Read a folder of parameters into one frozen `AnnualReport`: the only place that parses, and it tells all problems at once.

What the values mean is for `figures`, whether they agree is for `checks`; here they are only made sure to be what they claim.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import formfile, narrative
from .errors import InvalidInputError, Problem
from .facts import APPROXIMATIONS, SCALES, Acceptance, Fact, Gap, Literal, Published
from .form import labelled
from .tablefile import TableReader
from .yamlfile import Choice, Day, Door, ListOf, MapOf, Number, Record, Text

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping
    from pathlib import Path

    from .form import Form
    from .narrative import Passage
    from .rounding import Policy
    from .tablefile import Cell

YAML, PROSE = "report.yaml", "narrative.md"

_MOST_BYTES = 4_000_000


@dataclass(frozen=True, kw_only=True)
class AnnualReport:
    """
    One report as its folder declares it; nothing in it is computed.

    Args:
        folder: how messages name the folder, relative to the project.

        cells: by row and column id; every printed cell of the form is there, a blank one as missing.

        narrative: the year's own prose by chapter id.

        last_year: the report of the year before, where its folder is there.
    """

    folder: str
    form: Form
    unit: str
    name: str
    short_name: str
    year: int
    date: datetime.date | None
    policy: Policy
    sources: Mapping[str, str]
    contact: Mapping[str, Fact]
    facts: Mapping[str, Fact]
    published: tuple[Published, ...]
    gaps: Mapping[str, Gap]
    literals: tuple[Literal, ...]
    accepted: tuple[Acceptance, ...]
    cells: Mapping[tuple[str, str], Cell]
    narrative: Mapping[str, Passage]
    last_year: AnnualReport | None = None

    @property
    def title(self) -> str:
        """The report's title."""
        return "".join(self.title_lines)

    @property
    def title_lines(self) -> tuple[str, ...]:
        """The report's title in the lines in which it is set."""
        return tuple(labelled(line, year=self.year, name=self.name) for line in self.form.report_title.split("|"))


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
    },
)


def load(folder: Path, shown: str, forms: Mapping[str, Form]) -> AnnualReport:
    """
    Read the report in *folder*, and last year's where its folder stands beside it.

    Args:
        shown: how messages name *folder*.

        forms: the forms there are, by id.

    Raises:
        InvalidInputError: with every problem of every file.
    """
    problems: list[Problem] = []
    report = _Loader(folder, shown, forms, problems).report()
    before = folder.parent / str(int(folder.name) - 1) if folder.name.isdecimal() else folder
    last_year = None
    if before != folder and (before / YAML).is_file():
        last_year = _Loader(before, shown.rpartition("/")[0] + f"/{before.name}", forms, problems).report()
    if problems or report is None:
        raise InvalidInputError(problems)
    return replace(report, last_year=last_year)


class _Loader:
    def __init__(self, folder: Path, shown: str, forms: Mapping[str, Form], problems: list[Problem]) -> None:
        self.folder = folder
        self.shown = shown
        self.forms = forms
        self.problems = problems

    def report(self) -> AnnualReport | None:
        """Return the report, or None after noting all that is wrong with it."""
        before = len(self.problems)
        taken = self._declared()
        form = self._form(taken) if taken else None
        if not taken or not form:
            return None
        year = taken["year"]
        cells: dict[tuple[str, str], Cell] = {}
        for table in form.tables:
            name = f"{table.id}.csv"
            content = self._content(name)
            if content is not None:
                cells |= TableReader(form, table, year, f"{self.shown}/{name}", self.problems).read(content)
        passages = self._narrative(form)
        self._cross_check(taken, form)
        if len(self.problems) > before:
            return None
        return self._built(taken, form, cells, passages)

    def _built(self, taken: dict[str, Any], form: Form, cells: dict[Any, Cell], passages: dict[str, Passage]) -> AnnualReport:
        contact = {key: replace(taken["contact"][key], label=label) for key, label in form.contact.items()}
        return AnnualReport(
            folder=self.shown,
            form=form,
            policy=replace(form.rounding, **taken.get("rounding", {})),
            date=taken.get("publication", {}).get("date"),
            contact=contact,
            facts=taken.get("facts", {}),
            published=taken.get("published", {}).get("percentages", ()),
            gaps=taken.get("gaps", {}),
            literals=taken.get("literals", ()),
            accepted=taken.get("accepted", ()),
            cells=cells,
            narrative=passages,
            **{key: taken[key] for key in ("unit", "name", "short_name", "year", "sources")},
        )

    def _content(self, name: str) -> bytes | None:
        path = self.folder / name
        if not path.is_file():
            self._refuse(name, "没有这个文件", remedy="补上，或从上一年的文件夹复制后修改")
            return None
        if path.stat().st_size > _MOST_BYTES:
            self._refuse(name, f"文件大于{_MOST_BYTES // 1_000_000}MB", remedy="检查是否放错了文件")
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

    def _declared(self) -> dict[str, Any] | None:
        text = self._text(YAML)
        if text is None:
            return None
        door = Door(f"{self.shown}/{YAML}")
        taken: dict[str, Any] | None = door.take(text, _REPORT)
        self.problems.extend(door.problems)
        return None if door.problems else taken

    def _narrative(self, form: Form) -> dict[str, Passage]:
        text = self._text(PROSE)
        if text is None:
            return {}
        return narrative.split(text, form.chapters, f"{self.shown}/{PROSE}", self.problems)

    def _form(self, taken: dict[str, Any]) -> Form | None:
        year, province = taken["year"], taken["province"]
        names = "、".join(sorted(self.forms))
        if named := taken.get("form"):
            if named not in self.forms:
                self._refuse(YAML, f"没有叫“{named}”的表式", place="form", allowed=names)
            return self.forms.get(named)
        fitting = [form for form in self.forms.values() if form.covers(province, year)]
        if len(fitting) == 1:
            return fitting[0]
        found = f"{province}{year}年{'没有' if not fitting else '不止一种'}适用的表式"
        self._refuse(YAML, found, place="form", allowed=names, remedy="用 form 指明")
        return None

    def _cross_check(self, taken: dict[str, Any], form: Form) -> None:
        """Check what one value says about another."""
        if str(taken["year"]) != self.folder.name:
            self._refuse(YAML, f"year 是{taken['year']}，文件夹却是{self.folder.name}", place="year", remedy="改为一致")
        if taken["unit"] != self.folder.parent.name:
            found = f"unit 是“{taken['unit']}”，文件夹却是“{self.folder.parent.name}”"
            self._refuse(YAML, found, place="unit", remedy="改为一致")
        for key in form.contact:
            if key not in taken["contact"]:
                self._refuse(YAML, f"缺少{form.contact[key]}", place=f"contact.{key}", remedy='补上；没有就填 "-"')
        for key, fact in taken["contact"].items():
            if key not in form.contact:
                allowed = "、".join(form.contact)
                self._refuse(YAML, f"不认识的键“{key}”", place=f"contact.{key}", line=fact.line, allowed=allowed)
        facts = {f"facts.{key}": fact for key, fact in taken.get("facts", {}).items()}
        facts |= {f"contact.{key}": fact for key, fact in taken["contact"].items()}
        for place, fact in facts.items():
            self._fact(place, fact, taken["sources"])
        self._published_source(taken)
        self._rounding(taken, form)

    def _fact(self, place: str, fact: Fact, sources: Mapping[str, str]) -> None:
        if fact.source not in sources:
            allowed = "、".join(sources)
            self._refuse(YAML, f"来源“{fact.source}”没有在 sources 中说明", place=place, line=fact.line, allowed=allowed)
        if (fact.value is None) == (fact.text == ""):
            self._refuse(YAML, "数（value）和文字（text）要填一样，且只填一样", place=place, line=fact.line)
        elif fact.value is None and (fact.unit or fact.scale or fact.approx):
            self._refuse(YAML, "文字没有单位，也不带“万”“余”", place=place, line=fact.line, remedy="写进 text")
        elif fact.value is not None and not fact.unit:
            self._refuse(YAML, "数没有单位", place=place, line=fact.line, remedy="填 unit")

    def _published_source(self, taken: dict[str, Any]) -> None:
        source = taken.get("published", {}).get("source")
        if source is not None and source not in taken["sources"]:
            self._refuse(YAML, f"来源“{source}”没有在 sources 中说明", place="published.source")

    def _rounding(self, taken: dict[str, Any], form: Form) -> None:
        for row in taken.get("rounding", {}).get("sum_to_100", ()):
            if row not in form.rows or not form.parts(row):
                self._refuse(YAML, f"“{row}”不是由几部分相加的行", place="rounding.sum_to_100")

    def _refuse(
        self, name: str, found: str, *, line: int | None = None, place: str = "", allowed: str = "", remedy: str = ""
    ) -> None:
        file = f"{self.shown}/{name}"
        self.problems.append(Problem(file=file, line=line, place=place, found=found, allowed=allowed, remedy=remedy))
