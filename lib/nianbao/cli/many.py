"""
The commands about many reports: all that are meant built, a unit's years followed, its members' tables added up.

Each imports what it needs when it runs, so that one that needs little is quick.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

from nianbao.cli.console import (
    DONE,
    FOUND,
    add_command,
    count,
    fix_hashes,
    numbered_steps,
    print_made,
    refuse,
    seldom,
)
from nianbao.indicators.errors import UNFIT, NianbaoError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Generator, Mapping, Sequence

    from nianbao.fleet.batch import Plan, Result
    from nianbao.processes.pool import Beat


_BAR, _NAMES = 24, 3
_LEAST_BETWEEN = 10.0  # seconds between two lines where there is no terminal
_MOST_LINES, _MOST_WORDS = 50, 160


def add_batch(commands: Any) -> None:
    """Add `nianbao batch`."""
    words = "生成许多份报告：params/ 下的每一份，没有变化的不再生成；有失败的，退出码为1"
    command = add_command(commands, "batch", words, _batch)
    command.add_argument("units", nargs="*", metavar="unit", help="单位（默认：所有单位）")
    command.add_argument("--years", metavar="年份", help="年份，如 2013 或 2013-2020（默认：所有年份）")
    command.add_argument("--jobs", type=count, metavar="N", help="同时生成几份（默认：处理器的个数）")
    command.add_argument("--time-limit", type=count, default=300, metavar="秒", help="一份最多用多少秒（默认：300）")
    command.add_argument("--scheduler", metavar="地址", help="交给 Dask 集群生成：调度器的地址，如 tcp://主机:8786")


def _batch(options: Namespace) -> int:
    from nianbao.fleet import batch
    from nianbao.inputs import formfile

    if options.scheduler is not None and options.jobs is not None:
        return refuse("--jobs 只用于本机；集群同时生成几份，由执行机的线程数定。")
    years = batch.span(options.years) if options.years is not None else None
    order = batch.plan(options.project, batch.chosen(options.project, options.units, years), formfile.shipped())
    for folder, reason in order.passed_over:
        print(f"跳过　{one_line(folder)}：{reason}。")
    print(f"共{order.total}份，没有变化{len(order.unchanged)}份，要生成{len(order.stale)}份。", flush=True)
    started = time.monotonic()
    results, stopped = _built(order, options)
    results += order.rest(results)
    states = batch.record(order, results)
    print("\n".join(summary(results, states, time.monotonic() - started)))
    print(f"详见 outputs/{batch.INDEX} 和 outputs/{batch.SUMMARY}。")
    if stopped is not None:
        raise stopped
    return FOUND if any(result.outcome == batch.FAILED for result in results) else DONE


def _built(order: Plan, options: Namespace) -> tuple[list[Result], KeyboardInterrupt | NianbaoError | None]:
    """Build what *order* says, showing how far it is; return what became of each report, and what stopped it before its end."""
    results: list[Result] = []
    with Progress(order.total, len(order.unchanged)) as progress, closing(_results(order, options, progress.show)) as ended:
        try:
            for result in ended:
                results.append(result)
                progress.take(result)
        except (KeyboardInterrupt, NianbaoError) as error:
            return results, error
    return results, None


def _results(order: Plan, options: Namespace, beat: Beat) -> Generator[Result]:
    """Return the results of *order* as they come, from this machine or from the cluster named."""
    from nianbao.fleet import batch

    if options.scheduler is None or not order.stale:
        return batch.run(order, options.jobs or batch.processors(), options.time_limit, beat)
    from nianbao.fleet import cluster

    return cluster.run(order, options.scheduler, options.time_limit, beat)


class Progress:
    """
    How far a batch is: the last line of the terminal, drawn anew in its place; where there is no terminal, now and then a line.

    Args:
        total: how many reports are meant; `unchanged` of them need no building.
    """

    def __init__(self, total: int, unchanged: int) -> None:
        self.total = total
        self.unchanged = unchanged
        self.ended = self.failed = 0
        self.started = self.told = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._draw("")

    def take(self, result: Result) -> None:
        """Count *result*, and print it above the bar where it is a failure."""
        from nianbao.fleet.batch import FAILED

        self.ended += 1
        if result.outcome == FAILED:
            self.failed += 1
            self._draw("")
            print(failure(result), flush=True)

    def show(self, running: Sequence[str]) -> None:
        """Show how far the batch has come, and what is *running*."""
        now = time.monotonic()
        if self.terminal:
            self._draw(fitted(self.bar(running), shutil.get_terminal_size().columns))
        elif now - self.told >= _LEAST_BETWEEN:
            self.told = now
            print(self.words(), flush=True)

    def bar(self, running: Sequence[str]) -> str:
        """Return the state as one line for a terminal."""
        filled = _BAR * (self.unchanged + self.ended) // self.total
        names = "、".join(running[:_NAMES]) + ("…" if len(running) > _NAMES else "")
        return f"[{'█' * filled:·<{_BAR}}] {self.words()}　{names}"

    def words(self) -> str:
        """Return the state, and how long the rest will take once that can be told."""
        done = self.unchanged + self.ended
        words = f"{done}/{self.total}　失败{self.failed}"
        if not self.ended:
            return words
        left = (time.monotonic() - self.started) / self.ended * (self.total - done)
        return f"{words}　约剩{duration(left)}"

    def _draw(self, text: str) -> None:
        if self.terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Return *seconds* in words, as fine as is of use."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}小时{minutes:02d}分"
    return f"{minutes}分{rest:02d}秒" if minutes else f"{max(rest, 1)}秒"


def failure(result: Result) -> str:
    """Return one line about a report that failed."""
    words = one_line(result.message)
    return f"失败　{result.unit} {result.year}：{words if len(words) <= _MOST_WORDS else words[:_MOST_WORDS] + '…'}"


def summary(results: Sequence[Result], states: Mapping[str, int], seconds: float) -> list[str]:
    """Return what a batch came to: each outcome with its count, what the reports are now, and the failures again."""
    from nianbao.fleet.batch import BUILT, FAILED, STOPPED, UNCHANGED

    outcomes = [result.outcome for result in results]
    shown = [outcome for outcome in (BUILT, UNCHANGED, FAILED, STOPPED) if outcome in outcomes]
    lines = ["结果　　　　份数", *(f"{outcome:　<4}　{outcomes.count(outcome):>6}" for outcome in shown)]
    lines.append("现有：" + "，".join(f"{state}{number}份" for state, number in states.items()) + f"；用时{duration(seconds)}。")
    failures = [failure(result) for result in results if result.outcome == FAILED]
    lines += failures[:_MOST_LINES]
    if len(failures) > _MOST_LINES:
        lines.append(f"另有{len(failures) - _MOST_LINES}份失败，没有在这里列出。")
    return lines


def fitted(text: str, columns: int) -> str:
    """Return what of *text* stands on a line of a terminal; an ideograph takes two columns."""
    width = 0
    for place, character in enumerate(text):
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width >= columns:
            return text[:place]
    return text


def one_line(text: str) -> str:
    """Return *text* as one line that a terminal can show: a name may hold anything."""
    return re.sub(f"[{UNFIT}]", "�", " ".join(text.split()))


def add_trend(commands: Any) -> None:
    """Add `nianbao trend`."""
    words = "一个单位各年的变化：outputs/单位/trend/，跨表式，口径不同的不作比较"
    command = add_command(commands, "trend", words, _trend, engine="fork")
    command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")


def _trend(options: Namespace) -> int:
    fix_hashes(options)
    from nianbao.build.pipeline import make
    from nianbao.indicators.series import spans
    from nianbao.inputs import formfile
    from nianbao.trends.trend import making

    built = make(
        options.project, making(options.project, options.unit, formfile.shipped()), numbered_steps(3), progress=sys.stderr.isatty()
    )
    trend = built.opened
    print_made(built.folder, built.files)
    missing = [year for year in trend.years if year not in trend.documents]
    lacking = f"；没有资料：{spans(missing)}" if missing else ""
    print(f"所据年份：{spans(list(trend.documents))}{lacking}。")
    for year, waiting in trend.drafts.items():
        print(f"草稿　{year}年：有{len(waiting)}个问题没有处理（make check UNIT={options.unit} YEAR={year}）。")
    return DONE


def add_rollup(commands: Any) -> None:
    """Add `nianbao rollup`."""
    words = "把所属单位（部门、乡镇街道）的统计表逐格相加，与本级填报的比较：outputs/单位/年份/rollup/；有要处理的退出码为1"
    command = add_command(commands, "rollup", words, _rollup, engine="fork")
    command.add_argument("unit", help="本级单位，它的 report.yaml 用 members 写明所属单位")
    command.add_argument("year", help="年份，如 2025")
    command.add_argument("--write", action="store_true", help="把完整的汇总数填入本级统计表的空格；已填的格不改")


def _rollup(options: Namespace) -> int:
    fix_hashes(options)
    from nianbao.build.pipeline import make
    from nianbao.inputs import formfile
    from nianbao.rollup.rollup import fill, making

    project, unit, year, forms, say = options.project, options.unit, options.year, formfile.shipped(), seldom()
    if options.write:
        print("\n".join(fill(project, unit, year, forms, say)), flush=True)
    built = make(project, making(project, unit, year, forms, say), numbered_steps(3), progress=sys.stderr.isatty())
    rollup = built.opened
    print_made(built.folder, built.files)
    print("\n".join(rollup.sentences()))
    if rollup.complete and rollup.blank and not options.write:
        print(f"要把汇总数填入本级统计表的空格：make rollup UNIT={unit} YEAR={year} WRITE=1")
    print(f"各单位的数见 {built.folder}/rollup.csv，可用 Excel 或 WPS 打开。")
    return FOUND if rollup.findings else DONE
