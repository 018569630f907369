"""`nianbao batch`: many reports, with a bar that says how far they are."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nianbao.cli import arguments
from nianbao.cli.arguments import DONE, FAILED, FOUND
from nianbao.cli.reports import check
from nianbao.fleet import batch, cluster
from nianbao.indicators.errors import NianbaoError
from nianbao.inputs import formfile
from nianbao.rollup import rollup
from nianbao.trends import trend as trendbuild
from nianbao.workbook import form, read

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Generator, Sequence

    from nianbao.fleet.batch import Plan, Progress, Result


def add_many(commands: Any) -> None:
    """Add the command."""
    words = "生成许多份报告：params/ 下的每一份，没有变化的不再生成；有失败的，退出码为1"
    command = arguments.command(commands, "batch", words, _batch, engine="fork")
    command.add_argument("units", nargs="*", metavar="unit", help="单位（默认：所有单位）")
    command.add_argument("--years", metavar="年份", help="年份，如 2013 或 2013-2020（默认：所有年份）")
    command.add_argument("--jobs", type=arguments.count, metavar="N", help="同时生成几份（默认：处理器的个数）")
    command.add_argument("--time-limit", type=arguments.count, default=300, metavar="秒", help="一份最多用多少秒（默认：300）")
    command.add_argument("--scheduler", metavar="地址", help="交给 Dask 集群生成：调度器的地址，如 tcp://主机:8786")


def _batch(options: argparse.Namespace) -> int:
    from nianbao.inputs.project import Project  # noqa: PLC0415

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
        arguments.fix_hashes(options, "batch", *told, "--", *options.units)
    for folder, reason in order.passed_over:
        print(f"跳过　{batch.clean(folder)}：{reason}。")
    state = batch.Progress(total=len(order.reports), unchanged=len(order.unchanged))
    print(f"共{len(order.reports)}份，没有变化{len(order.unchanged)}份，要生成{len(order.stale)}份。", flush=True)
    results: list[batch.Result] = []
    stopped: KeyboardInterrupt | NianbaoError | None = None
    with _Bar() as bar, closing(_ended(order, options, jobs, lambda names: bar.show(state, names))) as ended:
        try:
            for result in ended:
                results.append(result)
                state.take(result)
                if result.outcome == batch.FAILED:
                    bar.say(batch.failure(result))
        except (KeyboardInterrupt, NianbaoError) as error:
            stopped = error
    results += order.rest(results)
    now = batch.record(order, results)
    print("\n".join(batch.closing(results, now, time.monotonic() - state.started)))
    print(f"详见 outputs/{batch.INDEX} 和 outputs/{batch.SUMMARY}。")
    if stopped is not None:
        raise stopped
    return FOUND if any(result.outcome == batch.FAILED for result in results) else DONE


def _ended(order: Plan, options: argparse.Namespace, jobs: int, beat: Callable[[tuple[str, ...]], None]) -> Generator[Result]:
    """Return the results of *order* as they come, from this machine or from the cluster named."""
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
        from nianbao.fleet.batch import fitted  # noqa: PLC0415

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


_MOST_CHANGES = 20


def add_tables(commands: Any) -> None:
    """Add the commands."""
    words = "统计表与 Excel 工作簿互转"
    tables = commands.add_parser("table", help=words, description=words).add_subparsers(title="命令", metavar="命令", required=True)
    words = "把统计表写成 Excel 工作簿，照表式的格子填：合计自动算，不符的变红；填到一半的也行"
    command = arguments.command(tables, "export", words, _export)
    arguments.report(command)
    command.add_argument("-o", "--output", type=Path, metavar="文件", help="写到哪里（默认：当前文件夹中的 单位-年份.xlsx）")
    command.add_argument("--force", action="store_true", help="文件已经有了也覆盖")
    words = "把填好的 Excel 工作簿读进 params/单位/年份/ 的统计表，再核对；有问题时一格也不改"
    command = arguments.command(tables, "import", words, _import)
    arguments.report(command)
    command.add_argument("workbook", type=Path, metavar="文件", help="填好的工作簿（.xlsx）")
    words = "把所属单位（部门、乡镇街道）的统计表逐格相加，列出没有报送的，与本级填报的比较；有要处理的退出码为1"
    command = arguments.command(commands, "rollup", words, _rollup)
    command.add_argument("unit", help="本级单位，它的 report.yaml 用 members 写明所属单位")
    command.add_argument("year", help="年份，如 2025")
    command.add_argument("--write", action="store_true", help="把完整的汇总数填入本级统计表的空格；已填的格不改")
    words = "一个单位各年的变化：outputs/单位/trend/，跨表式，口径不同的不作比较"
    command = arguments.command(commands, "trend", words, _trend, engine="fork")
    command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")


def _export(options: argparse.Namespace) -> int:
    from nianbao.inputs.project import Project  # noqa: PLC0415

    unit, year = options.unit, options.year
    target = options.output or Path(f"{unit}-{year}{form.SUFFIX}")
    made = form.write(Project(options.project.resolve()), unit, year, target, formfile.shipped(), force=options.force)
    print(f"已生成：{target}（{made.form.title}，工作表：{'、'.join(made.sheets)}；空格{made.blank}个）")
    if made.kept:
        print(f"注意：{len(made.kept)}个合计与各项之和不符，或各项没有填齐，照原数写出，没有改成公式：{'、'.join(made.kept)}。")
    if made.not_checked:
        print(f"{'、'.join(made.not_checked)}要与上一年核对；没有上一年意义相同的数，工作簿中不核对。")
    print(f"填好并保存后：make table-import UNIT={unit} YEAR={year} FILE={target}")
    return DONE


def _import(options: argparse.Namespace) -> int:
    from nianbao.inputs.project import Project  # noqa: PLC0415

    taken = read.take(Project(options.project.resolve()), options.unit, options.year, options.workbook, formfile.shipped())
    for note in taken.notes:
        print(f"注意：{note}。")
    for change in taken.changes[:_MOST_CHANGES]:
        print(f"改动　{change.place}　{change.label}：{change.before or '空'} → {change.after or '空'}")
    if len(taken.changes) > _MOST_CHANGES:
        print(f"……　共改动{len(taken.changes)}格，只列出前{_MOST_CHANGES}格。")
    if taken.files:
        print(f"已写入 {taken.folder}/：" + "、".join(taken.files) + f"；改动{len(taken.changes)}格。")
    else:
        print(f"{taken.folder} 的统计表与工作簿相同，没有改动。")
    return check(options)


def _rollup(options: argparse.Namespace) -> int:
    from nianbao.inputs.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    done = rollup.build(project, options.unit, options.year, formfile.shipped(), arguments.now_and_then(), write=options.write)
    print("\n".join([*rollup.sentences(done.rollup), *done.filled]))
    if done.rollup.complete and done.rollup.blank and not options.write:
        print(f"要把汇总数填入本级统计表的空格：make rollup UNIT={options.unit} YEAR={options.year} WRITE=1")
    print(f"各单位的数见 {done.paper}，可用 Excel 或 WPS 打开。")
    return DONE if done.rollup.clean else FOUND


def _trend(options: argparse.Namespace) -> int:
    from nianbao.indicators.series import spans  # noqa: PLC0415
    from nianbao.inputs.project import Project  # noqa: PLC0415

    arguments.fix_hashes(options, "trend", "--", options.unit)
    project = Project(options.project.resolve())
    built = trendbuild.build(project, options.unit, formfile.shipped(), arguments.steps(3), progress=sys.stderr.isatty())
    trend = built.trend
    print("已生成：" + "、".join(f"{built.folder}/{name}" for name in built.files))
    missing = [year for year in trend.years if year not in trend.documents]
    print(f"所据年份：{spans(list(trend.documents))}" + (f"；没有资料：{spans(missing)}。" if missing else "。"))
    for year, waiting in trend.drafts.items():
        print(f"草稿　{year}年：有{len(waiting)}个问题没有处理（make check UNIT={options.unit} YEAR={year}）。")
    return DONE
