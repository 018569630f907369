"""
Read the folder of a report: what `report.yaml` declares, the prose of `narrative.md` by chapter, and the tables.

All problems of all files are told at once. `narrative.md` is Markdown whose first-level headings are chapter titles of the form; what
stands under one is the year's own prose of that chapter. A chapter that holds nothing but notes (`{# … #}`), which are not printed,
has no prose. What prose says is not read here.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from nianbao.indicators import figures, positional, rules
from nianbao.indicators.errors import UNFIT, InvalidInputError, Reading, listed
from nianbao.indicators.form import same
from nianbao.indicators.report import (
    APPROXIMATIONS,
    SCALES,
    Acceptance,
    AnnualReport,
    Fact,
    Gap,
    Literal,
    Member,
    Odd,
    OwnRate,
    Passage,
    Published,
    unnoted,
)
from nianbao.inputs import project
from nianbao.inputs.formfile import ROUNDING
from nianbao.inputs.project import UNIT, UNIT_WORDS
from nianbao.inputs.tables import TableReader
from nianbao.inputs.yaml import TEXT, Day, Door, Keys, ListOf, MapOf, Number, Text, choice, record, written
from nianbao.page.faces import SONG, coded, lacking, uncovered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nianbao.indicators.errors import Problems
    from nianbao.indicators.form import Chapter, Form, Forms
    from nianbao.indicators.report import Cells, Key
    from nianbao.inputs.yaml import Taken


YAML, PROSE = project.YAML, project.PROSE

_NUMBER = Number(places=6, signed=True)
_FACT = record(Fact, line="line", label=TEXT, source=TEXT).optionally(
    at=TEXT,
    value=_NUMBER,
    unit=TEXT,
    scale=choice(*filter(None, SCALES)),
    approx=choice(*APPROXIMATIONS),
    text=TEXT,
    of=TEXT,
)
_RATE = record(dict, line="line", label=TEXT, numerator=TEXT, denominator=TEXT)
_CONTACT = record(partial(Fact, label=""), line="line", text=TEXT, source=TEXT).optionally(at=TEXT)
_PERCENT = Text(r"[0-9]+(\.[0-9]+)?", '带引号的百分数，如 "14.43"')
_PERCENTAGE = record(Published, line="line", figure=TEXT, text=_PERCENT).optionally(at=TEXT)
# A spreadsheet takes what begins with one of these signs for a formula, wide or narrow.
_NAME = Text(r"[^=＝+＋@＠\-－\s](.*\S)?", "单位名称，一行文字，不以 =、+、-、@ 开头")
_REPORT = record(
    dict,
    schema=Number(least=1, most=1),
    unit=TEXT,
    name=TEXT,
    short_name=TEXT,
    province=TEXT,
    year=Number(least=2000, most=2999),
    sources=MapOf(TEXT),
    contact=MapOf(_CONTACT),
).optionally(
    form=TEXT,
    publication=record(dict).optionally(date=Day(), source=TEXT),
    rounding=ROUNDING,
    facts=MapOf(_FACT),
    rates=MapOf(_RATE),
    published=record(dict, source=TEXT, percentages=ListOf(_PERCENTAGE)),
    gaps=MapOf(record(Gap, line="line", at=TEXT, after=TEXT, missing=TEXT)),
    literals=ListOf(record(Literal, line="line", text=TEXT, reason=TEXT)),
    accepted=ListOf(record(Acceptance, line="line", finding=TEXT, reason=TEXT).optionally(difference=_NUMBER)),
    members=MapOf(_NAME, UNIT, f"params/ 下的文件夹名，{UNIT_WORDS}"),
)


@dataclass(slots=True)
class Declaration(Reading):
    """
    What a `report.yaml` declares.

    Args:
        values: by key, as the shapes took them; where something in the file is wrong, those that could be taken.

        lines: the line of each key, by its place (`facts.departments`).
    """

    values: Taken
    lines: Mapping[str, int]

    def refuse(self, place: str, found: str, *, allowed: str = "", remedy: str = "") -> None:
        """Note what is wrong at *place*, with the line where that stands, or where what should hold it stands."""
        line = self.lines.get(place) or self.lines.get(place.rpartition(".")[0])
        self.note(found, line=line, place=place, allowed=allowed, remedy=remedy)


def read(text: str, file: str, problems: Problems) -> Declaration:
    """Return what *text* declares; what is wrong with it goes to *problems*, now and later."""
    door = Door(file, private_use=True)
    values = door.take(text, _REPORT)
    problems.extend(door.problems)
    if door.problems:
        values = Door(file, private_use=True).take(text, Keys({**_REPORT.required, **_REPORT.optional}))
    return Declaration(file, problems, values or {}, door.lines)


def choose(declared: Declaration, forms: Forms) -> Form | None:
    """Return the form that *declared* names, or the one in force in its year and province; without one, note the problem."""
    names = listed(sorted(forms))
    if named := declared.values.get("form"):
        if named not in forms:
            declared.refuse("form", f"没有叫“{named}”的表式", allowed=names)
        return forms.get(named)
    province, year = declared.values.get("province"), declared.values.get("year")
    if province is None or year is None:
        return None
    form = in_force(forms, province, year)
    if isinstance(form, str):
        declared.refuse("year", form, allowed=names, remedy="用 form 指明")
        return None
    return form


def in_force(forms: Forms, province: str, year: int) -> Form | str:
    """Return the form in force in *year* and *province*, or say in words that there is none or more than one."""
    fitting = [form for form in forms.values() if form.covers(province, year)]
    if len(fitting) == 1:
        return fitting[0]
    return f"{province}{year}年{'不止一种' if fitting else '没有'}适用的表式"


def cross_check(declared: Declaration, form: Form, unit: str, year: str) -> None:
    """
    Note what one value says about another.

    Args:
        unit, year: the names of the folders that hold the report.
    """
    values = declared.values
    if str(values.get("year", year)) != year:
        declared.refuse("year", f"year 是{values['year']}，文件夹却是{year}", remedy="改为一致")
    if values.get("unit", unit) != unit:
        declared.refuse("unit", f"unit 是“{values['unit']}”，文件夹却是“{unit}”", remedy="改为一致")
    _check_contact(declared, form)
    _check_facts(declared, form)
    for place in ("published", "publication"):
        if (source := values.get(place, {}).get("source")) is not None:
            _check_source(declared, f"{place}.source", source)
    for repeated, times in Counter(each.finding for each in values.get("accepted", ())).items():
        if times > 1:
            declared.refuse("accepted", f"“{repeated}”认可了{times}次", remedy="只留一个")
    for key in values.get("rates", {}):
        _check_rate(declared, form, key)
    _check_members(declared, unit)
    _check_rounding(declared, form)


def _check_contact(declared: Declaration, form: Form) -> None:
    for key, label in form.contact.items():
        if f"contact.{key}" not in declared.lines and "contact" in declared.lines:
            declared.refuse(f"contact.{key}", f"缺少{label}", remedy='补上；没有就填 "-"')
    for key in declared.values.get("contact", {}):
        if key not in form.contact:
            declared.refuse(f"contact.{key}", f"不认识的键“{key}”", allowed=listed(form.contact))


def _check_rounding(declared: Declaration, form: Form) -> None:
    for row in declared.values.get("rounding", {}).get("sum_to_100", ()):
        if row not in form.rows or not form.parts(row):
            declared.refuse("rounding.sum_to_100", f"“{row}”不是由几部分相加的行")


def _check_members(declared: Declaration, unit: str) -> None:
    first: dict[str, str] = {}
    for member, name in declared.values.get("members", {}).items():
        place = f"members.{member}"
        if member == unit:
            declared.refuse(place, "本级不能是自己的成员", remedy="删去；本级机关自己的数另建一个文件夹填报")
        if (other := first.setdefault(name, member)) != member:
            declared.refuse(place, f"与 {other} 的名称都是“{name}”", remedy="写成不同的名称，或删去重复的")


def _check_facts(declared: Declaration, form: Form) -> None:
    for group in ("facts", "contact"):
        for key, fact in declared.values.get(group, {}).items():
            _check_fact(declared, f"{group}.{key}", fact)
            if fact.of:
                _check_part(declared, form, f"{group}.{key}", fact)


def _check_fact(declared: Declaration, place: str, fact: Fact) -> None:
    _check_source(declared, place, fact.source)
    if (fact.value is None) == (fact.text == ""):
        declared.refuse(place, "数（value）和文字（text）要填一样，且只填一样")
    elif fact.value is None and (fact.unit or fact.scale or fact.approx):
        declared.refuse(place, "文字没有单位，也不带“万”“余”", remedy="写进 text")
    elif fact.value is not None and not fact.unit:
        declared.refuse(place, "数没有单位", remedy="填 unit")


def _check_part(declared: Declaration, form: Form, place: str, fact: Fact) -> None:
    """Make sure that *fact* can be a part of what it says: a number of the same unit, and no bound."""
    whole = declared.values["facts"].get(fact.of.removeprefix("facts.")) if fact.of.startswith("facts.") else None
    cell = form.cell_named(fact.of)
    place = f"{place}.of"
    if whole is None and cell is None:
        remedy = "写统计表的行（如 received）、行和栏（如 received.natural），或另一项事实（如 facts.名称）"
        declared.refuse(place, f"没有叫“{fact.of}”的数", remedy=remedy)
        return
    if fact.value is None or fact.approx or (whole and (whole.value is None or whole.approx)):
        declared.refuse(place, "文字和约数没有占比", remedy="删去 of，或写明准确的数")
        return
    unit = form.unit_at(*cell) if cell else ""
    unit = whole.unit if whole else unit
    if unit != fact.unit:
        declared.refuse(place, f"“{fact.of}”的单位是“{unit}”，这里的单位是“{fact.unit}”，不能算占比", remedy="改为同一单位")
    elif whole is fact:
        declared.refuse(place, "一项事实不能是自己的一部分", remedy="写明它是哪个总数的一部分")
    elif whole and (whole.exact or 0) < (fact.exact or 0):
        declared.refuse(place, f"{fact.display}大于总数{whole.display}", remedy="核对两个数，或改写 of")


def _check_within(declared: Declaration, report: AnnualReport) -> None:
    """Make sure that no fact is larger than the cell that it says it is a part of."""
    for key, fact in report.facts.items():
        cell = report.form.cell_named(fact.of)
        whole = figures.value(report, *cell) if cell else None
        if whole and whole.is_given and fact.exact is not None and whole.fraction < fact.exact:
            remedy = "核对两个数，或改写 of"
            declared.refuse(f"facts.{key}.of", f"{fact.display}大于“{fact.of}”的{whole.exact}{fact.unit}", remedy=remedy)


def _check_rate(declared: Declaration, form: Form, key: str) -> None:
    """Make sure that a rate divides cells that can be added up, of one unit."""
    place, rate = f"rates.{key}", declared.values["rates"][key]
    if any(each.id == key for each in form.rates):
        declared.refuse(place, f"表式已有叫“{key}”的比率", remedy="换一个名称")
    sides = [_named_cells(declared, form, f"{place}.{side}", rate[side]) for side in ("numerator", "denominator")]
    if not all(sides):
        return
    units = [form.unit_at(*cells[0]) for cells in sides]
    if units[0] != units[1]:
        declared.refuse(place, f"分子的单位是“{units[0]}”，分母的是“{units[1]}”，除不出百分数", remedy="改用同一单位的数")
    if set(sides[0]) == set(sides[1]):
        declared.refuse(place, "分子和分母是同一个数", remedy="核对 numerator 和 denominator")


def _named_cells(declared: Declaration, form: Form, place: str, text: str) -> tuple[Key, ...]:
    """Return the cells that *text* adds up, `handled.granted + handled.partial`; none after noting what is wrong with it."""
    names = [name.strip() for name in text.split("+")]
    cells = [form.cell_named(name) for name in names]
    unknown = [name for name, cell in zip(names, cells, strict=True) if cell is None]
    for name in unknown:
        remedy = "写统计表的行（如 handled）或行和栏（如 handled.natural），几项相加写成 a + b"
        declared.refuse(place, f"没有叫“{name}”的数", remedy=remedy)
    known = tuple(cell for cell in cells if cell)
    if not unknown and (said := rules.overlap(form, known)):
        declared.refuse(place, f"{said}，不能相加", remedy="只把互不重合、单位相同的数相加")
        return ()
    return () if unknown else known


def _check_source(declared: Declaration, place: str, source: str) -> None:
    sources = declared.values.get("sources")
    if sources is not None and source not in sources:
        declared.refuse(place, f"来源“{source}”没有在 sources 中说明", allowed=listed(sources))


def split(text: str, chapters: Sequence[Chapter], reading: Reading) -> dict[str, Passage]:
    """Return the passages of the narrative *text* by chapter id; what cannot be placed is noted."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    _check_characters(text, reading)
    by_title = {same(chapter.title): chapter for chapter in chapters}
    passages: dict[str, Passage] = {}
    for line, title, body in _parts(text):
        chapter = by_title.get(same(title))
        said = unnoted(body)
        _check_levels(said, line, reading)
        if title == "" and said.strip():
            first = line + said[: len(said) - len(said.lstrip())].count("\n")
            reading.note("第一个章标题之前有文字", line=first, remedy="移到某一章之下")
        elif title and chapter is None:
            titles = listed(f"“{each.title}”" for each in chapters)
            reading.note(f"没有叫“{title}”的一章", line=line - 1, allowed=titles)
        elif chapter and chapter.id in passages:
            reading.note(f"“{title}”一章重复", line=line - 1, remedy="合并到一处")
        elif chapter and said.strip():
            passages[chapter.id] = Passage(source=body, file=reading.file, line=line)
    return passages


def _parts(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line of the first character, title, body) of what stands under each first-level heading, and before the first."""
    pieces = ["", *re.split(r"^#[ \t]+(.*?)[ \t#]*$\n?", text, flags=re.MULTILINE)]
    line = 1
    for title, body in zip(pieces[::2], pieces[1::2], strict=True):
        yield line, title, body
        line += body.count("\n") + 1


_SUBHEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")


def _check_levels(said: str, first: int, reading: Reading) -> None:
    """Note each heading under a chapter, whose text *said* begins in line *first*, that skips a level: nobody could follow it."""
    level = 1
    for number, text in enumerate(said.split("\n"), first):
        if found := _SUBHEADING.match(text):
            own = len(found[1])
            if own > level + 1:
                wanted = f"“{'#' * (level + 1)} ”"
                reading.note(f"标题“{(found[2] or '').strip()}”跳级，用了{own}个“#”", line=number, remedy=f"改用{wanted}开头")
            level = own


_UNFIT = re.compile(f"[{UNFIT}]")


def _check_characters(text: str, reading: Reading) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        for character in line:
            if character == "\r" or _UNFIT.match(character):
                reading.note(f"含有不能印出的字符 U+{ord(character):04X}", line=number, remedy="删去或改用正式的字符")


def odd(lines: Iterable[tuple[int, Iterable[str]]], file: str) -> Iterator[Odd]:
    """Yield the characters of each of *lines*, numbered, that the face of the text has not; a line may come in pieces."""
    found: dict[int, set[str]] = {}
    for number, characters in lines:
        if lacked := lacking(SONG, characters):
            found.setdefault(number, set()).update(lacked)
    for number, characters in sorted(found.items()):
        unseen = uncovered(characters)
        for some, shown in ((characters - unseen, True), (unseen, False)):
            if some:
                yield Odd(characters="".join(sorted(some)), file=file, line=number, shown=shown)


def load(folder: Path, forms: Forms) -> AnnualReport:
    """
    Read the report in *folder*, `…/unit/year`, and last year's where its folder stands beside it.

    Args:
        forms: the forms there are, by id.

    Raises:
        InvalidInputError: with every problem of every file.
    """
    before = folder.parent / str(int(folder.name) - 1) if folder.name.isdecimal() else folder
    both = [folder, before] if before != folder and (before / YAML).is_file() else [folder]
    report, *last = _read(both, forms)
    return replace(report, last_year=last[0]) if last else report


def load_tables(folder: Path, forms: Forms) -> AnnualReport:
    """
    Read what `report.yaml` and the tables in *folder* hold, and neither its prose nor last year's report.

    Raises:
        InvalidInputError: with every problem of these files.
    """
    (report,) = _read([folder], forms, prose=False)
    return report


def _read(folders: Iterable[Path], forms: Forms, *, prose: bool = True) -> list[AnnualReport]:
    problems: Problems = []
    reports = [_Loader(folder, forms, problems).report(prose=prose) for folder in folders]
    if problems:
        raise InvalidInputError(problems)
    return [report for report in reports if report]


def _own_rate(form: Form, taken: Taken) -> OwnRate:
    sides = ([form.cell_named(name.strip()) for name in taken[side].split("+")] for side in ("numerator", "denominator"))
    numerator, denominator = (tuple(cell for cell in cells if cell) for cells in sides)
    return OwnRate(label=taken["label"], numerator=numerator, denominator=denominator, line=taken["line"])


@positional
class _Loader:
    folder: Path
    forms: Forms
    problems: Problems

    def report(self, *, prose: bool = True) -> AnnualReport | None:
        """Return the report, or None after noting all that is wrong with it."""
        before = len(self.problems)
        file = self._reading(YAML)
        text = self._text(file)
        if text is None:
            return None
        declared = read(text, file.file, self.problems)
        form = choose(declared, self.forms)
        if form is None:
            return None
        # Labels follow the folder's year: a slip in `year` is one problem, not one in each header.
        cells = self._cells(form, int(self.folder.name))
        narrative = self._reading(PROSE)
        said = ((self._text(narrative) if prose else None) or "").removeprefix("\ufeff")
        passages = split(coded(said), form.chapters, narrative)
        cross_check(declared, form, self.folder.parent.name, self.folder.name)
        if len(self.problems) > before:
            return None
        declares = written(text) if "\\" in text or lacking(SONG, text) else ()
        strange = (*odd(declares, file.file), *odd(enumerate(unnoted(said).split("\n"), 1), narrative.file))
        built = self._built(declared, form, cells, passages)
        _check_within(declared, built)
        return None if len(self.problems) > before else replace(built, odd=strange)

    def _cells(self, form: Form, year: int) -> Cells:
        cells: Cells = {}
        for table in form.tables:
            file = self._reading(f"{table.id}.csv")
            content = self._content(file)
            if content is not None:
                cells |= TableReader(file.file, self.problems, form, table, year).read(content)
        return cells

    def _built(self, declared: Declaration, form: Form, cells: Cells, passages: dict[str, Passage]) -> AnnualReport:
        lines, members = declared.lines, declared.values.get("members", {})
        # Names of folders stay what they are.
        taken = coded({key: value for key, value in declared.values.items() if key not in {"unit", "members"}})
        published = taken.get("published", {})
        same_name = ("name", "short_name", "province", "year", "sources", "facts", "gaps", "literals", "accepted")
        return AnnualReport(
            folder=self._shown,
            directory=str(self.folder),
            form=form,
            unit=declared.values["unit"],
            policy=replace(form.rounding, **taken.get("rounding", {})),
            date=taken.get("publication", {}).get("date"),
            contact={key: replace(taken["contact"][key], label=label) for key, label in form.contact.items()},
            published=published.get("percentages", ()),
            published_source=published.get("source", ""),
            cells=cells,
            narrative=passages,
            rates={key: _own_rate(form, rate) for key, rate in taken.get("rates", {}).items()},
            members={unit: Member(name=coded(name), line=lines[f"members.{unit}"]) for unit, name in members.items()},
            **{key: taken[key] for key in same_name if key in taken},
        )

    @property
    def _shown(self) -> str:
        """How messages name the folder."""
        return f"params/{self.folder.parent.name}/{self.folder.name}"

    def _reading(self, name: str) -> Reading:
        return Reading(f"{self._shown}/{name}", self.problems)

    def _content(self, reading: Reading) -> bytes | None:
        path = self.folder / reading.file.rpartition("/")[2]
        if not path.is_file():
            reading.note("没有这个文件", remedy="补上，或从上一年的文件夹复制后修改")
        elif path.stat().st_size > project.MOST_BYTES:
            self.problems.append(project.too_large(reading.file))
        else:
            return path.read_bytes()
        return None

    def _text(self, reading: Reading) -> str | None:
        content = self._content(reading)
        return None if content is None else reading.text(content)
