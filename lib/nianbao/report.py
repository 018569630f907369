"""
Read a folder of parameters into one frozen `AnnualReport`: the only place that parses, and it tells all problems at once.

What the values mean is for `figures`, whether they agree is for `checks`; here they are only made sure to be what they claim.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import declaration, narrative, project
from .errors import InvalidInputError, Problem
from .facts import Member
from .form import labelled
from .tablefile import TableReader

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping
    from pathlib import Path

    from .declaration import Declaration
    from .facts import Acceptance, Fact, Gap, Literal, Published
    from .form import Form
    from .narrative import Passage
    from .rounding import Policy
    from .tablefile import Cell

YAML, PROSE = project.YAML, project.PROSE


@dataclass(frozen=True, kw_only=True)
class AnnualReport:
    """
    One report as its folder declares it; nothing in it is computed.

    Args:
        folder: how messages name the folder, relative to the project.

        cells: by row and column id; every printed cell of the form is there, a blank one as missing.

        narrative: the year's own prose by chapter id.

        last_year: the report of the year before, where its folder is there.

        members: the units whose tables are added up into this one, by the names of their folders.
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
    published_source: str
    gaps: Mapping[str, Gap]
    literals: tuple[Literal, ...]
    accepted: tuple[Acceptance, ...]
    cells: Mapping[tuple[str, str], Cell]
    narrative: Mapping[str, Passage]
    last_year: AnnualReport | None = None
    province: str = ""
    members: Mapping[str, Member] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The report's title."""
        return "".join(self.title_lines)

    @property
    def title_lines(self) -> tuple[str, ...]:
        """The report's title in the lines in which it is set."""
        return tuple(labelled(line, year=self.year, name=self.name) for line in self.form.report_title.split("|"))


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


def load_tables(folder: Path, shown: str, forms: Mapping[str, Form]) -> AnnualReport:
    """
    Read what `report.yaml` and the tables in *folder* hold, and neither its prose nor last year's report.

    Raises:
        InvalidInputError: with every problem of these files.
    """
    problems: list[Problem] = []
    report = _Loader(folder, shown, forms, problems).report(prose=False)
    if problems or report is None:
        raise InvalidInputError(problems)
    return report


class _Loader:
    def __init__(self, folder: Path, shown: str, forms: Mapping[str, Form], problems: list[Problem]) -> None:
        self.folder = folder
        self.shown = shown
        self.forms = forms
        self.problems = problems

    def report(self, *, prose: bool = True) -> AnnualReport | None:
        """Return the report, or None after noting all that is wrong with it."""
        before = len(self.problems)
        text = self._text(YAML)
        if text is None:
            return None
        declared = declaration.read(text, f"{self.shown}/{YAML}", self.problems)
        form = declaration.choose(declared, self.forms, self.problems)
        if form is None:
            return None
        # Labels follow the folder's year: a slip in `year` is one problem, not one in each header.
        cells = self._tables(form, int(self.folder.name))
        passages = self._narrative(form) if prose else {}
        declaration.cross_check(declared, form, self.folder.parent.name, self.folder.name, self.problems)
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
        return narrative.split(text, form.chapters, f"{self.shown}/{PROSE}", self.problems)

    def _refuse(self, name: str, found: str, *, remedy: str, line: int | None = None) -> None:
        self.problems.append(Problem(file=f"{self.shown}/{name}", line=line, found=found, remedy=remedy))
