"""`nianbao batch`: many reports, with a bar that says how far they are."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

from nianbao.errors import NianbaoError

from . import arguments, process
from .codes import DONE, FAILED, FOUND

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Generator, Sequence

    from nianbao.batch import Plan, Result
    from nianbao.progress import Progress


def add(commands: Any) -> None:
    """Add the command."""
    words = "生成许多份报告：params/ 下的每一份，没有变化的不再生成；有失败的，退出码为1"
    command = arguments.command(commands, "batch", words, _batch, engine="fork")
    command.add_argument("units", nargs="*", metavar="unit", help="单位（默认：所有单位）")
    command.add_argument("--years", metavar="年份", help="年份，如 2013 或 2013-2020（默认：所有年份）")
    command.add_argument("--jobs", type=arguments.count, metavar="N", help="同时生成几份（默认：处理器的个数）")
    command.add_argument("--time-limit", type=arguments.count, default=300, metavar="秒", help="一份最多用多少秒（默认：300）")
    command.add_argument("--scheduler", metavar="地址", help="交给 Dask 集群生成：调度器的地址，如 tcp://主机:8786")


def _batch(options: argparse.Namespace) -> int:
    from nianbao import batch, formfile, progress  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415

    if options.scheduler is not None and options.jobs is not None:
        print("nianbao：--jobs 只用于本机；集群同时生成几份，由执行机的线程数定。", file=sys.stderr)
        return FAILED
    project = Project(options.project.resolve())
    years = batch.span(options.years) if options.years is not None else None
    order = batch.plan(project, batch.chosen(project, options.units, years), formfile.shipped())
    jobs = options.jobs or batch.processors()
    # With a cluster nothing is built in a copy of this process.
    if order.stale and options.scheduler is None:
        told = ("--jobs", str(jobs), "--time-limit", str(options.time_limit), *(("--years", options.years) if years else ()))
        process.fix_hashes(options, "batch", *told, "--", *options.units)
    for folder, reason in order.passed_over:
        print(f"跳过　{progress.clean(folder)}：{reason}。")
    state = progress.Progress(total=len(order.reports), unchanged=len(order.unchanged))
    print(f"共{len(order.reports)}份，没有变化{len(order.unchanged)}份，要生成{len(order.stale)}份。", flush=True)
    results: list[batch.Result] = []
    stopped: KeyboardInterrupt | NianbaoError | None = None
    with _Bar() as bar, closing(_ended(order, options, jobs, lambda names: bar.show(state, names))) as ended:
        try:
            for result in ended:
                results.append(result)
                state.take(result)
                if result.outcome == batch.FAILED:
                    bar.say(progress.failure(result))
        except (KeyboardInterrupt, NianbaoError) as error:
            stopped = error
    results += order.rest(results)
    now = batch.record(order, results)
    print("\n".join(progress.closing(results, now, time.monotonic() - state.started)))
    print(f"详见 outputs/{batch.INDEX} 和 outputs/{batch.SUMMARY}。")
    if stopped is not None:
        raise stopped
    return FOUND if any(result.outcome == batch.FAILED for result in results) else DONE


def _ended(order: Plan, options: argparse.Namespace, jobs: int, beat: Callable[[tuple[str, ...]], None]) -> Generator[Result]:
    """Return the results of *order* as they come, from this machine or from the cluster named."""
    from nianbao import batch, cluster  # noqa: PLC0415

    if options.scheduler is None or not order.stale:
        return batch.run(order, jobs, options.time_limit, beat)
    return cluster.run(order, options.scheduler, options.time_limit, beat)


class _Bar:
    """The last line of the terminal, drawn anew in its place; where there is no terminal, now and then a line."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._draw("")

    def show(self, state: Progress, names: Sequence[str]) -> None:
        """Show how far the batch has come."""
        from nianbao.progress import fitted  # noqa: PLC0415

        if self.terminal:
            self._draw(fitted(state.bar(names), shutil.get_terminal_size().columns))
        elif words := state.line():
            print(words, flush=True)

    def say(self, line: str) -> None:
        """Print *line* above the bar."""
        self._draw("")
        print(line, flush=True)

    def _draw(self, text: str) -> None:
        if self.terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
