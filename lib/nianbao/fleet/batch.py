"""
Many reports: which of them are meant, each built in a process of its own, and what became of each.

A report is built as one alone is, by `build`; here nothing is made and nothing put into place. One report's failure is its own.
"""

from __future__ import annotations

import gc
import os
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from nianbao.build import freshness, manifest, swap
from nianbao.fleet import index
from nianbao.indicators import frozen
from nianbao.indicators.errors import BatchError, PublishError, UnknownReportError, UnsafeNameError, of_system
from nianbao.inputs import formfile
from nianbao.inputs.project import some
from nianbao.processes import pool

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from pathlib import Path

    from nianbao.fleet.index import Entry
    from nianbao.indicators.form import Forms
    from nianbao.indicators.values import Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json
    from nianbao.processes.pool import Beat, Outcome

    # A unit and a year.
    Report = tuple[str, str]


SCHEMA = 1
SUMMARY, INDEX = "summary.json", "index.html"
BUILT, UNCHANGED, FAILED, STOPPED = "已生成", "没有变化", "失败", "中断"

# What the server of the builds' processes imports.
PRELOAD = (__name__, "nianbao.build.preload")

_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?", re.ASCII)
_SIGKILL = 9


@frozen
class Result:
    """
    What became of one report.

    Args:
        outcome: `BUILT`, `UNCHANGED`, `FAILED` or `STOPPED`, which is before it was done.

        message: why it failed; `trace` is what a programmer needs beyond that.

        notes: what an editor of the notebook should know.

        peak: the most memory that a process of it held, in bytes; None, as `cpu` is, where it was stopped.
    """

    unit: str
    year: str
    outcome: str
    message: str = ""
    trace: str = ""
    notes: Strings = ()
    seconds: float = 0.0
    cpu: float | None = None
    peak: int | None = None

    @property
    def report(self) -> Report:
        """Its unit and year."""
        return self.unit, self.year


def span(text: str) -> tuple[str, str]:
    """
    Return the first and the last year of *text*, `2013` or `2013-2020`.

    Raises:
        BatchError: where it is neither.
    """
    years = _YEARS.fullmatch(text)
    first, last = (years[1], years[2] or years[1]) if years else ("", "")
    if not first or last < first:
        raise BatchError(f"年份“{text}”不对：写一个年份，如 2013，或从早到晚的两个年份，如 2013-2020。")
    return first, last


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chosen(project: Project, units: Sequence[str], years: tuple[str, str] | None) -> list[Report]:
    """
    Return (unit, year) of the reports meant, in order.

    Args:
        units: the units meant; all where none is named.

        years: the first and the last year meant.

    Raises:
        UnknownReportError: where a unit is unknown, or no report is meant.
    """
    known = project.units()
    for unit in units:
        if unit not in known:
            raise UnknownReportError(f"没有单位“{unit}”。已有单位：{some(known)}。")
    first, last = years or ("", "9999")
    reports = [(unit, year) for unit, year in project.reports() if first <= year <= last and (not units or unit in units)]
    if not reports:
        raise UnknownReportError("params/ 下没有所说的单位和年份，没有要生成的报告。")
    return reports


@frozen
class Plan:
    """
    What a batch is to do.

    Args:
        stale: the reports that are missing or made from something else than lies there now; `unchanged` stand as they are.

        passed_over: (folder, why) of what lies among the parameters and is no report.
    """

    project: Project
    forms: Forms
    stale: Sequence[Report]
    unchanged: Sequence[Report] = ()
    passed_over: Sequence[tuple[str, str]] = ()

    @property
    def total(self) -> int:
        """How many reports are meant."""
        return len(self.stale) + len(self.unchanged)

    def rest(self, results: Iterable[Result]) -> list[Result]:
        """Return the results of what *results* leave out: unchanged, or stopped before its end."""
        ended = {result.report for result in results}
        left = [Result(unit=unit, year=year, outcome=UNCHANGED) for unit, year in self.unchanged]
        stopped = [report for report in self.stale if report not in ended]
        return left + [Result(unit=unit, year=year, outcome=STOPPED) for unit, year in stopped]


def plan(project: Project, reports: Sequence[Report], forms: Forms) -> Plan:
    """Return what is to be done for *reports*."""
    shared: dict[Path, str] = {}
    stale: list[Report] = []
    unchanged: list[Report] = []
    for report in reports:
        (unchanged if _stands(project, *report, shared) else stale).append(report)
    return Plan(project=project, forms=forms, stale=stale, unchanged=unchanged, passed_over=project.passed_over())


def _stands(project: Project, unit: str, year: str, shared: dict[Path, str]) -> bool:
    try:
        return freshness.untouched(project, unit, year, shared)
    except (OSError, UnsafeNameError):
        # The build will meet the same, and tell it.
        return False


def run(order: Plan, at_most: int, limit: float, beat: Beat) -> Generator[Result]:
    """
    Build what is stale, each report in a process of its own, and yield what became of each as it ends.

    Args:
        at_most: how many are built at a time.

        limit: the seconds that one may take.

        beat: told the names of what is being built, several times a second.
    """
    jobs = ((f"{unit}/{year}", partial(build, order.project, unit, year)) for unit, year in order.stale)
    for outcome in pool.run_all(jobs, at_most=at_most, limit=limit, beat=beat, preload=PRELOAD):
        yield _result(outcome, limit)


def build(project: Project, unit: str, year: str) -> list[str]:
    """Build one report, in a process that ends with it; return what an editor of its notebook should know."""
    # It need not look for what could be thrown away.
    gc.disable()
    from nianbao.build import pipeline  # noqa: PLC0415 - only a build should pay for what it imports

    try:
        making = pipeline.report(project, unit, year, formfile.shipped())
        built = pipeline.make(project, making, lambda _step: None, progress=False)
    except OSError as error:
        raise PublishError(of_system(error)) from error
    return [*built.needs, *(f"单元格{cell}有不属于报告的输出" for cell in built.stray)]


def record(order: Plan, results: Sequence[Result]) -> Counter[str]:
    """Write `summary.json` and `index.html`; return how many of the reports meant are in which state."""
    outputs = order.project.outputs
    swap.sweep(outputs)
    concepts = []
    for group in formfile.shipped_concepts(order.forms):
        concepts += [concept for concept in group.concepts if concept.glance]
    # Of a report whose parameters have gone meanwhile there may be no entry.
    entries = index.entries(order.project, index.cells(concepts), also=[result.report for result in results])
    swap.write_beside(outputs / SUMMARY, manifest.text(summary(results, entries, order.passed_over)))
    failures = {result.report: result.message for result in results if result.outcome == FAILED}
    swap.write_beside(outputs / INDEX, index.page(list(entries.values()), failures, concepts))
    return Counter(entries[result.report].state for result in results)


def summary(results: Iterable[Result], entries: Mapping[Report, Entry], passed_over: Iterable[tuple[str, str]]) -> Any:
    """Return what `summary.json` holds: what became of each report, and what lies there of it now."""
    rows = sorted(results, key=lambda result: result.report)
    outcomes = [row.outcome for row in rows]
    return {
        "schema": SCHEMA,
        "counts": {outcome: outcomes.count(outcome) for outcome in (BUILT, UNCHANGED, FAILED, STOPPED)},
        "reports": [_row(row, entries[row.report]) for row in rows],
        "passed_over": [{"folder": folder, "reason": reason} for folder, reason in passed_over],
    }


def _row(result: Result, entry: Entry) -> Json:
    return {
        "unit": result.unit,
        "year": result.year,
        "outcome": result.outcome,
        "message": result.message,
        "trace": result.trace,
        "notes": list(result.notes),
        "state": entry.state,
        "verified": entry.verified,
        "findings": {"waiting": entry.waiting, "accepted": entry.accepted},
        "seconds": round(result.seconds, 3),
        "cpu_seconds": result.cpu and round(result.cpu, 3),
        "peak_memory_bytes": result.peak,
    }


def _result(outcome: Outcome, limit: float) -> Result:
    unit, _, year = outcome.name.partition("/")
    message, trace = _failure(outcome, limit)
    return Result(
        unit=unit,
        year=year,
        outcome=BUILT if outcome.ending == pool.DONE else FAILED,
        message=message,
        trace=trace,
        notes=tuple(outcome.value or ()),
        seconds=outcome.seconds,
        cpu=outcome.cpu,
        peak=outcome.peak,
    )


def _failure(outcome: Outcome, limit: float) -> tuple[str, str]:
    """Return why a report failed, and what a programmer needs beyond that; nothing where it did not."""
    said = outcome.message
    if outcome.ending in {pool.DONE, pool.REFUSED}:
        return said, ""
    if outcome.ending == pool.LATE:
        return f"超过时限{limit:g}秒，已停止；上一次的成果没有改动。", ""
    if outcome.ending == pool.KILLED:
        likely = "，多半是内存不足" if outcome.signal == _SIGKILL else ""
        return f"进程被强行停止（信号{outcome.signal}{likely}）；上一次的成果没有改动。", said
    last = said.rpartition("\n")[2] or "没有说明"
    return f"程序出错（{last}）；上一次的成果没有改动。", said
