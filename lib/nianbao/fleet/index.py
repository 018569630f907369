"""A row of numbers over years as a drawing the size of a word, with the same in words: SVG that needs no script and no library."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nianbao import render
from nianbao.build import manifest
from nianbao.build.freshness import SEAL
from nianbao.indicators import values as quantity
from nianbao.indicators.errors import UnsafeNameError
from nianbao.indicators.figures import cell_id
from nianbao.indicators.values import Quantity, State
from nianbao.verify.verdict import DIFFERS, SAME, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from fractions import Fraction
    from pathlib import Path

    from nianbao.indicators.series import Concept, Definition
    from nianbao.inputs.project import Project


WIDTH, HEIGHT = 120, 32
_MARGIN = 3


def sparkline(points: Sequence[tuple[int, Fraction, int]], words: str) -> str:
    """
    Return *points* as a drawing.

    Args:
        points: (year, value, run), in order of the years; a line joins only points of one run.

        words: what a reader who does not see it is told.
    """
    years = [year for year, _value, _run in points]
    values = [value for _year, value, _run in points]
    across, up = max(years) - min(years) or 1, max(values) - min(values) or 1
    placed = [
        (
            _MARGIN + (WIDTH - 2 * _MARGIN) * (year - years[0]) / across,
            # The one length that is drawn, not read: a float will do.
            HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * float((value - min(values)) / up),
            run,
        )
        for year, value, run in points
    ]
    path = "".join(_run([(x, y) for x, y, _run in run]) for _number, run in groupby(placed, key=lambda point: point[2]))
    name = escape(words)
    return f'<svg class="line" role="img" aria-label="{name}" viewBox="0 0 {WIDTH} {HEIGHT}"><title>{name}</title><path d="{path}"/></svg>'


def _run(points: Sequence[tuple[float, float]]) -> str:
    """Return the points of one run as a line; a single one as a stroke as short as it is wide, which its round ends make a dot."""
    first, *rest = (f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{first}" + ("L" + "L".join(rest) if rest else "h.01")


# What a cell of a form can hold; a manifest may hold anything.
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One year's value; `run` counts the stretches of years that follow each other and count by one definition."""

    year: int
    value: Quantity
    run: int


@dataclass(frozen=True, slots=True, kw_only=True)
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
            apart = "（与前不连续）" if point.run != run else ""
            told.append(f"{point.year}年{point.value.exact}{self.unit}{apart}")
            run = point.run
        return f"{self.label}：{'；'.join(told)}。"

    @property
    def last(self) -> str:
        """The last year in words; empty where there is none."""
        return f"{self.points[-1].year}年{self.points[-1].value.exact}{self.unit}" if self.points else ""

    @property
    def svg(self) -> str:
        """The drawing; empty where there is nothing to compare."""
        points: list[tuple[int, Fraction, int]] = [(point.year, point.value.fraction, point.run) for point in self.points]
        return sparkline(points, self.words) if len(points) > 1 else ""


def cells(concepts: Iterable[Concept]) -> set[str]:
    """Return the ids of the figures that *concepts* are made from, in any form."""
    found = (cell for concept in concepts for each in concept.definitions for own in each.cells.values() for cell in own)
    return {cell_id(*cell) for cell in found}


def follow(concepts: Sequence[Concept], entries: Sequence[Entry]) -> tuple[Line, ...]:
    """Return each of *concepts* over *entries*, the reports of one unit by year."""
    return tuple(_line(concept, entries) for concept in concepts)


def _line(concept: Concept, entries: Sequence[Entry]) -> Line:
    points: list[Point] = []
    before: tuple[int, Definition] | None = None
    for entry in entries:
        definition = concept.definition(entry.form)
        value = _value(definition, entry) if definition else quantity.MISSING
        if definition is None or value.state is not State.GIVEN:
            continue
        follows = before is not None and before[0] == int(entry.year) - 1 and before[1] is definition
        run = points[-1].run + (not follows) if points else 0
        points.append(Point(year=int(entry.year), value=value, run=run))
        before = int(entry.year), definition
    return Line(label=concept.label, unit=concept.unit, points=tuple(points))


def _value(definition: Definition, entry: Entry) -> Quantity:
    cells = definition.cells[entry.form]
    read = quantity.total((1, _number(entry.values.get(cell_id(*cell)))) for cell in cells)
    return read if definition.times is None else quantity.scaled(read, definition.times)


def _number(text: str | None) -> Quantity:
    return quantity.given(Decimal(text)) if text is not None and _NUMBER.fullmatch(text) else quantity.MISSING


FINAL, DRAFT, ABSENT, SPOILED, OUTDATED = "成稿", "草稿", "未生成", "清单损坏", "清单版本不同"
VERIFIED, UNEQUAL, UNFINISHED = "已核对", "核对不一致", "未核对完"

FINDINGS, VERDICT = "findings.json", "verdict.json"
_ALONE = "只有清单，没有成果文件"
PAGES = ("report.html", "report.pdf", "report.docx", "tables.xlsx")

_FINDINGS = [{"severity": str, "accepted": bool}]
_VERDICT = {"counts": {"*": {SAME: int, DIFFERS: int, SKIPPED: int}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One report as it lies there.

    Args:
        state: `FINAL`, `DRAFT`, `ABSENT`, `SPOILED` or `OUTDATED`.

        doubt: what of it is not believed, and why.

        verified: `VERIFIED`, `UNEQUAL`, `UNFINISHED`, or empty where nobody has verified it since it was built.

        waiting, accepted: how many findings wait, and how many were accepted; None where that cannot be told.

        values: the exact values of the figures asked for, by id.

        pages: which of `PAGES` are there.
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
    pages: tuple[str, ...] = ()


def take(project: Project, figures: Collection[str] = ()) -> Iterator[Entry]:
    """Yield an entry for each report that has parameters or outputs, by unit and year, with the values of *figures*."""
    for unit, year in sorted({*project.reports(), *project.built()}):
        yield entry(project, unit, year, figures)


def entry(project: Project, unit: str, year: str, figures: Collection[str] = ()) -> Entry:
    """Return what the outputs of *unit* for *year* say of themselves, with the values of *figures*."""
    try:
        folder = project.output(unit, year)
        held = manifest.sealed(folder / SEAL)
    except (FileNotFoundError, NotADirectoryError):
        return Entry(unit=unit, year=year, state=ABSENT)
    except UnsafeNameError as error:
        return Entry(unit=unit, year=year, state=SPOILED, doubt=str(error))
    except OSError as error:
        return Entry(unit=unit, year=year, state=SPOILED, doubt=f"{SEAL} 不能读取：{error.strerror}")
    if held is None:
        return Entry(unit=unit, year=year, state=SPOILED, doubt=f"{SEAL} 残缺或被改动，不是本工具写出的样子")
    pages = tuple(name for name in PAGES if (folder / name).is_file())
    if held["schema"] != manifest.SCHEMA:
        state, doubt = (OUTDATED, f"{SEAL} {manifest.other_version(held['schema'])}") if pages else (ABSENT, _ALONE)
        return Entry(unit=unit, year=year, state=state, doubt=doubt)
    report = held["report"]
    if (report["unit"], report["year"]) != (unit, year):
        doubt = f"{SEAL} 是“{report['unit']}/{report['year']}”的，不是这份报告的"
        return Entry(unit=unit, year=year, state=SPOILED, doubt=doubt)
    told: dict[str, Any] = {"title": report["title"], "form": report["form"]}
    told["values"] = {name: held["figures"][name]["value"] for name in figures if name in held["figures"]}
    if not pages:
        return Entry(unit=unit, year=year, state=ABSENT, doubt=_ALONE, **told)
    told |= _findings(folder, held["outputs"])
    return Entry(unit=unit, year=year, state=DRAFT if report["draft"] else FINAL, verified=_verified(folder), pages=pages, **told)


def _findings(folder: Path, outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return how many findings there are, from the file whose hash is in the manifest and from no other."""
    try:
        content = manifest.content(folder / FINDINGS)
    except OSError:
        return {"doubt": f"{FINDINGS} 不能读取"}
    same = content is not None and manifest.digest(content) == outputs.get(FINDINGS)
    held = manifest.from_json(content, _FINDINGS) if same else None
    if held is None:
        return {"doubt": f"{FINDINGS} 与清单不符"}
    accepted = sum(each["accepted"] for each in held)
    return {"accepted": accepted, "waiting": sum(not each["accepted"] and each["severity"] != "info" for each in held)}


def _verified(folder: Path) -> str:
    """Return what the verification came to that was made since the report was built."""
    path = folder / VERDICT
    try:
        if path.stat().st_mtime_ns < (folder / SEAL).stat().st_mtime_ns:
            return ""
        held = manifest.from_json(manifest.content(path), _VERDICT)
    except OSError:
        return ""
    if held is None:
        return UNFINISHED
    same, differs, skipped = (sum(depth[outcome] for depth in held["counts"].values()) for outcome in (SAME, DIFFERS, SKIPPED))
    if differs:
        return UNEQUAL
    return VERIFIED if same and not skipped else UNFINISHED


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

_MOST_WORDS = 300
_SHORT = dict(zip(PAGES, ("网页", "PDF", "Word", "Excel"), strict=True))


def page(entries: Sequence[Entry], failures: Mapping[tuple[str, str], str], concepts: Sequence[Concept]) -> str:
    """
    Return the page.

    Args:
        entries: by unit and year.

        failures: by (unit, year), why the last attempt failed.

        concepts: what is drawn of a unit over its years.
    """
    rows = [_row(entry, failures.get((entry.unit, entry.year), "")) for entry in entries]
    counts = Counter(state for row in rows for state in row["states"])
    told = "，".join(f"{state}{counts[state]}份" for state in KINDS if counts[state])
    script = render.template("reports.js")
    followed = ((unit, follow(concepts, list(own))) for unit, own in groupby(entries, key=lambda entry: entry.unit))
    return render.page(
        "reports.html.j2",
        counts=f"共{len(rows)}份{'：' if told else ''}{told}。",
        kinds=KINDS,
        labels=[concept.label for concept in concepts],
        lines=[(unit, lines) for unit, lines in followed if any(line.svg for line in lines)],
        policy=render.policy_source(script),
        rows=rows,
        script=script,
        states=[state for state in KINDS if counts[state]],
        style=render.template("report.css") + render.template("reports.css"),
        years=sorted({entry.year for entry in entries}),
    )


def _row(entry: Entry, failure: str) -> dict[str, Any]:
    base = f"{quote(entry.unit)}/{entry.year}/"
    links = [(_SHORT[name], base + name) for name in entry.pages]
    if links and entry.pages[0] == PAGES[0]:
        links[0] = (entry.title, links[0][1])
    if failure:
        stands = f"现有成果：{entry.state}。" if entry.pages else ""
        states, notes = [FAILED], [failure, stands]
    else:
        states, notes = [entry.state, *([entry.verified] if entry.verified else [])], [entry.doubt]
    return {
        "unit": entry.unit,
        "year": entry.year,
        "title": entry.title,
        "links": links,
        "states": states,
        "waiting": "" if entry.waiting is None else entry.waiting,
        "accepted": "" if entry.accepted is None else entry.accepted,
        "note": "　".join(_brief(note) for note in notes if note),
    }


def _brief(words: str) -> str:
    return words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]}…"
