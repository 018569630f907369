"""
All reports of a project on one page: what the outputs of each say of themselves, and what a few concepts came to over the years.

A manifest and what lies beside it may be anybody's: nothing is believed that has not the shape in which it is written here.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import field, replace
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from nianbao import render
from nianbao.build import manifest, swap
from nianbao.build.freshness import SEAL
from nianbao.indicators import frozen, values
from nianbao.indicators.errors import UnsafeNameError
from nianbao.indicators.figures import cell_id
from nianbao.indicators.values import Quantity, State
from nianbao.inputs.yaml import STRING, Keys, ListOf, MapOf, Of, from_json
from nianbao.render import outputs
from nianbao.verify.verdict import DIFFERS, SAME, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from nianbao.indicators.series import Concept, Definition
    from nianbao.indicators.values import Strings
    from nianbao.inputs.project import Project


FINAL, DRAFT, ABSENT, SPOILED, OUTDATED = "成稿", "草稿", "未生成", "清单损坏", "清单版本不同"
VERIFIED, UNEQUAL, UNFINISHED = "已核对", "核对不一致", "未核对完"

FINDINGS, VERDICT, PAGE = outputs.FINDINGS.name, "verdict.json", "report.html"
_ALONE = "只有清单，没有成果文件"

_FINDINGS = ListOf(Keys({"severity": STRING, "accepted": Of(bool)}))
_VERDICT = Keys({"counts": MapOf(Keys(dict.fromkeys((SAME, DIFFERS, SKIPPED), Of(int))))})


@frozen
class Entry:
    """
    One report as it lies there.

    Args:
        state: `FINAL`, `DRAFT`, `ABSENT`, `SPOILED` or `OUTDATED`.

        doubt: what of it is not believed, and why.

        verified: `VERIFIED`, `UNEQUAL`, `UNFINISHED`, or empty where nobody has verified it since it was built.

        waiting, accepted: how many findings wait, and how many were accepted; None where that cannot be told.

        values: the exact values of the figures asked for, by id.

        pages: the files among its outputs that readers are led to; `apart` the pages of papers in its folder that are made apart.
    """

    unit: str
    year: str
    state: str
    doubt: str = ""
    title: str = ""
    form: str = ""
    verified: str = ""
    waiting: int | None = None
    accepted: int | None = None
    values: Mapping[str, str | None] = field(default_factory=dict)
    pages: Strings = ()
    apart: Strings = ()


def labels() -> dict[str, str]:
    """Return what links to a report's files are called, by name, of those that readers are led to."""
    return {output.name: output.label for output in outputs.REPORT if output.label}


def entries(project: Project, figures: Collection[str] = (), also: Iterable[tuple[str, str]] = ()) -> dict[tuple[str, str], Entry]:
    """Return an entry for each report that has parameters or outputs, and of each of *also*, in order, with the values of *figures*."""
    reports = sorted({*project.reports(), *project.built(), *also})
    return {(unit, year): entry(project, unit, year, figures) for unit, year in reports}


def entry(project: Project, unit: str, year: str, figures: Collection[str] = ()) -> Entry:
    """Return what the outputs of *unit* for *year* say of themselves, with the values of *figures*."""
    bare = Entry(unit=unit, year=year, state=ABSENT)
    spoiled = replace(bare, state=SPOILED)
    try:
        folder = project.output(unit, year)
        bare = replace(bare, apart=tuple(name for name in swap.APART if (folder / name / f"{name}.html").is_file()))
        spoiled = replace(bare, state=SPOILED)
        sealed = manifest.sealed(folder / SEAL)
    except (FileNotFoundError, NotADirectoryError):
        return bare
    except UnsafeNameError as error:
        return replace(spoiled, doubt=str(error))
    except OSError as error:
        return replace(spoiled, doubt=f"{SEAL} 不能读取：{error.strerror}")
    if sealed is None:
        return replace(spoiled, doubt=f"{SEAL} 残缺或被改动，不是本工具写出的样子")
    pages = tuple(name for name in labels() if (folder / name).is_file())
    if sealed["schema"] != manifest.SCHEMA:
        other = replace(bare, state=OUTDATED, doubt=f"{SEAL} {manifest.other_version(sealed['schema'])}")
        return other if pages else replace(bare, doubt=_ALONE)
    report, shown = sealed["report"], sealed["figures"]
    if (report["unit"], report["year"]) != (unit, year):
        return replace(spoiled, doubt=f"{SEAL} 是“{report['unit']}/{report['year']}”的，不是这份报告的")
    found = {name: shown[name]["value"] for name in figures if name in shown}
    told = replace(bare, title=report["title"], form=report["form"], values=found)
    if not pages:
        return replace(told, doubt=_ALONE)
    state = DRAFT if report["draft"] else FINAL
    told = replace(told, state=state, verified=_verified(folder), pages=pages)
    return _with_findings(told, folder, sealed["outputs"])


def _with_findings(told: Entry, folder: Path, hashes: Mapping[str, str]) -> Entry:
    """Return *told* with how many findings there are, from the file whose hash is in the manifest and from no other."""
    try:
        content = manifest.content(folder / FINDINGS)
    except OSError:
        return replace(told, doubt=f"{FINDINGS} 不能读取")
    same = content is not None and manifest.digest(content) == hashes.get(FINDINGS)
    findings = from_json(content, _FINDINGS) if same else None
    if findings is None:
        return replace(told, doubt=f"{FINDINGS} 与清单不符")
    waiting = [finding for finding in findings if not finding["accepted"]]
    pressing = sum(finding["severity"] != "info" for finding in waiting)
    return replace(told, accepted=len(findings) - len(waiting), waiting=pressing)


def _verified(folder: Path) -> str:
    """Return what the verification came to that was made since the report was built."""
    path = folder / VERDICT
    try:
        if path.stat().st_mtime_ns < (folder / SEAL).stat().st_mtime_ns:
            return ""
        verdict = from_json(manifest.content(path), _VERDICT)
    except OSError:
        return ""
    if verdict is None:
        return UNFINISHED
    same, differs, skipped = (sum(depth[outcome] for depth in verdict["counts"].values()) for outcome in (SAME, DIFFERS, SKIPPED))
    if differs:
        return UNEQUAL
    return VERIFIED if same and not skipped else UNFINISHED


# What a cell of a form can hold; a manifest may hold anything.
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)


@frozen
class Point:
    """One year's value; `run` counts the stretches of years that follow each other and count by one definition."""

    year: int
    value: Quantity
    run: int


@frozen
class Line:
    """One concept of one unit, in the years that have a number."""

    label: str
    unit: str
    points: tuple[Point, ...]

    @property
    def words(self) -> str:
        """Every year in words, and where years may not be compared."""
        told, run = [], 0
        for point in self.points:
            told.append(self._told(point) + ("（与前不连续）" if point.run != run else ""))
            run = point.run
        return f"{self.label}：{'；'.join(told)}。"

    @property
    def last(self) -> str:
        """The last year in words; empty where there is none."""
        return self._told(self.points[-1]) if self.points else ""

    @property
    def path(self) -> str:
        """The drawing; empty where there is nothing to compare."""
        return sparkline(self.points) if len(self.points) > 1 else ""

    def _told(self, point: Point) -> str:
        return f"{point.year}年{point.value.exact}{self.unit}"


def cells(concepts: Iterable[Concept]) -> set[str]:
    """Return the ids of the figures that *concepts* are made from, in any form."""
    ids = set()
    for concept in concepts:
        for definition in concept.definitions:
            for of_form in definition.cells.values():
                ids |= {cell_id(*cell) for cell in of_form}
    return ids


def follow(concept: Concept, reports: Iterable[Entry]) -> Line:
    """Return *concept* over *reports*, those of one unit by year."""
    points: list[Point] = []
    before: tuple[int, Definition] | None = None
    for report in reports:
        definition = concept.definition(report.form)
        if definition is None:
            continue
        value = _value(definition, report)
        if value.state is not State.GIVEN:
            continue
        year, run = int(report.year), 0
        if points:
            run = points[-1].run + (before != (year - 1, definition))
        points.append(Point(year=year, value=value, run=run))
        before = year, definition
    return Line(label=concept.label, unit=concept.unit, points=tuple(points))


def _value(definition: Definition, report: Entry) -> Quantity:
    numbers = [_number(report.values.get(cell_id(*cell))) for cell in definition.cells[report.form]]
    total = values.total((1, number) for number in numbers)
    return total if definition.times is None else values.scaled(total, definition.times)


def _number(text: str | None) -> Quantity:
    return values.given(Decimal(text)) if text is not None and _NUMBER.fullmatch(text) else values.MISSING


WIDTH, HEIGHT = 120, 32
_MARGIN = 3


def sparkline(points: Sequence[Point]) -> str:
    """
    Return *points* as the path of a drawing the size of a word, `WIDTH` by `HEIGHT`, as SVG has it.

    Args:
        points: in order of the years; a line joins only points of one run.
    """
    heights = [point.value.fraction for point in points]
    first, least = points[0].year, min(heights)
    years, rise = points[-1].year - first or 1, max(heights) - least or 1
    path, run = "", None
    for point, height in zip(points, heights, strict=True):
        x = _MARGIN + (WIDTH - 2 * _MARGIN) * (point.year - first) / years
        # The one length that is drawn, not read: a float will do.
        y = HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * float((height - least) / rise)
        path += f"{'L' if point.run == run else 'M'}{x:.1f} {y:.1f}"
        run = point.run
    # A run of one year is a stroke as short as it is wide, which its round ends make a dot.
    return re.sub(r"(M[^ML]+)(?=M|$)", r"\1h.01", path)


FAILED = "失败"
# How each word is shown; also the order in which the filter offers them.
KINDS = {
    FINAL: "good",
    DRAFT: "bad",
    FAILED: "bad",
    ABSENT: "idle",
    SPOILED: "bad",
    OUTDATED: "bad",
    VERIFIED: "good",
    UNEQUAL: "bad",
    UNFINISHED: "idle",
}


def page(reports: Sequence[Entry], failures: Mapping[tuple[str, str], str], concepts: Sequence[Concept]) -> str:
    """
    Return the page of *reports*.

    Args:
        reports: by unit and year.

        failures: by (unit, year), why the last attempt failed.

        concepts: what is drawn of a unit over its years.
    """
    counts: Counter[str] = Counter()
    rows = []
    for entry in reports:
        failure = failures.get((entry.unit, entry.year), "")
        states = list(filter(None, [FAILED] if failure else [entry.state, entry.verified]))
        counts.update(states)
        rows.append((entry, failure, states))
    script = render.template("reports.js")
    return render.page(
        "reports.html.j2",
        apart=swap.APART,
        concepts=concepts,
        counts=counts,
        kinds=KINDS,
        labels=labels(),
        lines=_lines(reports, concepts),
        policy=render.policy_source(script),
        rows=rows,
        script=script,
        size=(WIDTH, HEIGHT),
        style=render.template("report.css") + render.template("reports.css"),
        years=sorted({entry.year for entry in reports}),
    )


def _lines(reports: Iterable[Entry], concepts: Sequence[Concept]) -> list[tuple[str, list[Line]]]:
    """Return each unit with its lines, where there is anything to compare."""
    found = []
    for unit, group in groupby(reports, key=lambda report: report.unit):
        own = list(group)
        lines = [follow(concept, own) for concept in concepts]
        if any(line.path for line in lines):
            found.append((unit, lines))
    return found
