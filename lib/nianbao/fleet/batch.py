"""
Many reports: which of them are meant, each built in a process of its own, and what became of each.

A report is built as one alone is, by `build`; here nothing is made and nothing put into place. One report's failure is its own.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nianbao.build import freshness, manifest, swap
from nianbao.fleet import index
from nianbao.indicators.errors import UNFIT, BatchError, PublishError, UnknownReportError, UnsafeNameError, of_system
from nianbao.inputs import formfile
from nianbao.inputs.project import some
from nianbao.processes import pool

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from pathlib import Path

    from nianbao.fleet.index import Entry
    from nianbao.indicators.form import Form
    from nianbao.inputs.project import Project
    from nianbao.processes.pool import Outcome, Work


SCHEMA = 1
SUMMARY, INDEX = "summary.json", "index.html"
BUILT, UNCHANGED, FAILED, STOPPED = "已生成", "没有变化", "失败", "中断"

_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?", re.ASCII)
_SIGKILL = 9
_COMMAND_SAYS = "nianbao："


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    What became of one report.

    Args:
        outcome: `BUILT`, `UNCHANGED`, `FAILED` or `STOPPED`, which is before it was done.

        message: why it failed; `trace` is what a programmer needs beyond that.

        notes: what an editor of the notebook should know.

        peak: the most memory that a process of it held, in bytes.
    """

    unit: str
    year: str
    outcome: str
    message: str = ""
    trace: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu: float = 0.0
    peak: int = 0


def span(text: str) -> tuple[str, str]:
    """
    Return the first and the last year of *text*, `2013` or `2013-2020`.

    Raises:
        BatchError: where it is neither.
    """
    found = _YEARS.fullmatch(text)
    if found is None or (found[2] or found[1]) < found[1]:
        raise BatchError(f"年份“{text}”不对：写一个年份，如 2013，或从早到晚的两个年份，如 2013-2020。")
    return found[1], found[2] or found[1]


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chosen(project: Project, units: Sequence[str], years: tuple[str, str] | None) -> list[tuple[str, str]]:
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
    found = [
        (unit, year)
        for unit in known
        if not units or unit in units
        for year in project.years(unit)
        if years is None or years[0] <= year <= years[1]
    ]
    if not found:
        raise UnknownReportError("params/ 下没有所说的单位和年份，没有要生成的报告。")
    return found


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    What a batch is to do.

    Args:
        reports: (unit, year) of all that are meant; `unchanged` of them stand as they are, `stale` are to be built.

        passed_over: (folder, why) of what lies among the parameters and is no report.
    """

    project: Project
    forms: Mapping[str, Form]
    reports: tuple[tuple[str, str], ...]
    unchanged: tuple[tuple[str, str], ...]
    passed_over: tuple[tuple[str, str], ...]

    @cached_property
    def stale(self) -> tuple[tuple[str, str], ...]:
        """The reports that are missing or made from something else than lies there now."""
        unchanged = set(self.unchanged)
        return tuple(report for report in self.reports if report not in unchanged)

    def rest(self, results: Iterable[Result]) -> list[Result]:
        """Return the results of what *results* leave out: unchanged, or stopped before its end."""
        ended = {(result.unit, result.year) for result in results}
        left = dict.fromkeys(self.unchanged, UNCHANGED) | {report: STOPPED for report in self.stale if report not in ended}
        return [Result(unit=unit, year=year, outcome=outcome) for (unit, year), outcome in left.items()]


def plan(project: Project, reports: Sequence[tuple[str, str]], forms: Mapping[str, Form]) -> Plan:
    """Return what is to be done for *reports*."""
    shared: dict[Path, str] = {}
    return Plan(
        project=project,
        forms=forms,
        reports=tuple(reports),
        unchanged=tuple(report for report in reports if _stands(project, *report, shared)),
        passed_over=tuple(project.passed_over()),
    )


def _stands(project: Project, unit: str, year: str, shared: dict[Path, str]) -> bool:
    try:
        return freshness.untouched(project, unit, year, shared)
    except (OSError, UnsafeNameError):
        # The build will meet the same, and tell it.
        return False


def run(order: Plan, at_most: int, limit: float, beat: Callable[[tuple[str, ...]], None]) -> Generator[Result]:
    """
    Build what is stale, each report in a process of its own, and yield what became of each as it ends.

    Args:
        at_most: how many are built at a time.

        limit: the seconds that one may take.

        beat: told the names of what is being built, several times a second.
    """
    if not order.stale:
        return
    if pool.SUPPORTED:
        from nianbao.build import pipeline  # noqa: PLC0415 - papermill and nbconvert take a second to import, which only a build should pay

        pipeline.preload()
    jobs = ((f"{unit}/{year}", _work(order, unit, year)) for unit, year in order.stale)
    for outcome in pool.run_all(jobs, at_most=at_most, limit=limit, beat=beat):
        yield _result(outcome, limit)


def record(order: Plan, results: Sequence[Result]) -> Counter[str]:
    """Write `summary.json` and `index.html`; return how many of the reports meant are in which state."""
    outputs = order.project.outputs
    swap.sweep(outputs)
    concepts = [each for group in formfile.shipped_concepts(order.forms) for each in group.concepts if each.glance]
    cells = index.cells(concepts)
    entries = {(entry.unit, entry.year): entry for entry in index.entries(order.project, cells)}
    for result in results:
        # Its parameters may have gone meanwhile, and with them the entry.
        key = result.unit, result.year
        if key not in entries:
            entries[key] = index.entry(order.project, *key)
    swap.write_beside(outputs / SUMMARY, manifest.text(summary(results, entries, order.passed_over)))
    failures = {(result.unit, result.year): result.message for result in results if result.outcome == FAILED}
    swap.write_beside(outputs / INDEX, index.page([entries[key] for key in sorted(entries)], failures, concepts))
    return Counter(entries[result.unit, result.year].state for result in results)


def summary(results: Iterable[Result], entries: Mapping[tuple[str, str], Entry], passed_over: Iterable[tuple[str, str]]) -> Any:
    """Return what `summary.json` holds: what became of each report, and what lies there of it now."""
    rows = sorted(results, key=lambda result: (result.unit, result.year))
    counts = {outcome: sum(row.outcome == outcome for row in rows) for outcome in (BUILT, UNCHANGED, FAILED, STOPPED)}
    return {
        "schema": SCHEMA,
        "counts": counts,
        "reports": [_row(row, entries[row.unit, row.year]) for row in rows],
        "passed_over": [{"folder": folder, "reason": reason} for folder, reason in passed_over],
    }


def _row(result: Result, entry: Entry) -> dict[str, Any]:
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
        "cpu_seconds": round(result.cpu, 3),
        "peak_memory_bytes": result.peak,
    }


def _work(order: Plan, unit: str, year: str) -> Work:
    """Return what builds one report: a function to be run in a child, or a command where there can be none."""
    if not pool.SUPPORTED:
        return [sys.executable, "-m", "nianbao", "--project", str(order.project.root), "report", "--", unit, year]

    def work() -> list[str]:
        # A process that ends with its report need not look for what could be thrown away.
        gc.disable()
        from nianbao.build import pipeline  # noqa: PLC0415 - see above

        try:
            built = pipeline.build(order.project, unit, year, order.forms, lambda _step: None, progress=False)
        except OSError as error:
            raise PublishError(of_system(error)) from error
        return [*built.needs, *(f"单元格 {cell} 有不属于报告的输出" for cell in built.stray)]

    return work


def _result(outcome: Outcome, limit: float) -> Result:
    unit, _, year = outcome.name.partition("/")
    message, trace = "", ""
    if outcome.ending == pool.REFUSED:
        message = outcome.message
    elif outcome.ending == pool.LATE:
        message = f"超过时限{limit:g}秒，已停止；上一次的成果没有改动。"
    elif outcome.ending == pool.KILLED:
        likely = "，多半是内存不足" if outcome.signal == _SIGKILL else ""
        message, trace = f"进程被强行停止（信号{outcome.signal}{likely}）；上一次的成果没有改动。", outcome.message
    elif outcome.ending == pool.BROKEN and _COMMAND_SAYS in outcome.message:
        message = outcome.message.rpartition(_COMMAND_SAYS)[2]
    elif outcome.ending == pool.BROKEN:
        last = outcome.message.rpartition("\n")[2] or "没有说明"
        message, trace = f"程序出错（{last}）；上一次的成果没有改动。", outcome.message
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


_BAR = 24
_MINUTE, _HOUR = 60, 3600
_NAMES = 3
_LEAST_BETWEEN = 10.0  # seconds between two lines where there is no terminal
_MOST_LINES = 50
_MOST_WORDS = 160


@dataclass(slots=True)
class Progress:
    """
    The count of what has ended.

    Args:
        total: how many reports are meant; `unchanged` of them need no building.
    """

    total: int
    unchanged: int
    counts: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def take(self, result: Result) -> None:
        """Count *result*."""
        self.counts[result.outcome] += 1

    def bar(self, running: Sequence[str]) -> str:
        """Return the state as one line for a terminal."""
        done = self.unchanged + self.counts.total()
        filled = _BAR * done // self.total
        names = "、".join(running[:_NAMES]) + ("…" if len(running) > _NAMES else "")
        return f"[{'█' * filled}{'·' * (_BAR - filled)}] {self._words()}　{names}"

    def line(self) -> str:
        """Return the state as a line where there is no terminal; empty where the last one is not long ago."""
        now = time.monotonic()
        if now - self.told < _LEAST_BETWEEN:
            return ""
        self.told = now
        return self._words()

    def _words(self) -> str:
        ended = self.counts.total()
        words = f"{self.unchanged + ended}/{self.total}　失败{self.counts[FAILED]}"
        if not ended:
            return words
        left = (time.monotonic() - self.started) / ended * (self.total - self.unchanged - ended)
        return f"{words}　约剩{duration(left)}"


def duration(seconds: float) -> str:
    """Return *seconds* in words, as fine as is of use."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{max(whole, 1)}秒"
    if whole < _HOUR:
        return f"{whole // _MINUTE}分{whole % _MINUTE:02d}秒"
    return f"{whole // _HOUR}小时{whole % _HOUR // _MINUTE:02d}分"


def failure(result: Result) -> str:
    """Return one line about a report that failed."""
    words = clean(result.message)
    return f"失败　{result.unit} {result.year}：{words if len(words) <= _MOST_WORDS else words[:_MOST_WORDS] + '…'}"


def closing(results: Sequence[Result], states: Counter[str], seconds: float) -> list[str]:
    """Return the summary as lines: each outcome with its count, what the reports are now, and the failures again."""
    counts = Counter(result.outcome for result in results)
    shown = [outcome for outcome in (BUILT, UNCHANGED, FAILED, STOPPED) if counts[outcome]]
    lines = ["结果　　　　份数", *(f"{outcome:　<4}　{counts[outcome]:>6}" for outcome in shown)]
    lines.append("现有：" + "，".join(f"{state}{number}份" for state, number in states.items()) + f"；用时{duration(seconds)}。")
    failed = [result for result in results if result.outcome == FAILED]
    lines += [failure(result) for result in failed[:_MOST_LINES]]
    if len(failed) > _MOST_LINES:
        lines.append(f"另有{len(failed) - _MOST_LINES}份失败，没有在这里列出。")
    return lines


def fitted(text: str, columns: int) -> str:
    """Return what of *text* stands on a line of a terminal; an ideograph takes two columns."""
    width = 0
    for place, character in enumerate(text):
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width >= columns:
            return text[:place]
    return text


def clean(text: str) -> str:
    """Return *text* as one line that a terminal can show: a name may hold anything."""
    return re.sub(f"[{UNFIT}]", "�", " ".join(text.split()))
