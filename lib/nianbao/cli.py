"""
The `nianbao` command: the only place that prints or exits.

Exit codes: 0 done; 1 `check` (with which `table import` ends) found an error that nobody accepted, `verify` a difference, `audit` or
`rollup` something to look at; 2 it could not be done.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from .errors import NianbaoError, of_system

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from .batch import Plan, Result
    from .findings import Finding
    from .progress import Progress
    from .project import Project
    from .report import AnnualReport
    from .verdict import Verdict

DONE, FOUND, FAILED = 0, 1, 2

# Seconds without a word before work that goes on says how far it is.
_PATIENCE = 2
_MOST_CHANGES = 20
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    options.own_process = arguments is None
    try:
        code: int = options.run(options)
    except NianbaoError as error:
        print(f"nianbao：{error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever read the output has gone; leave without a word, as `head` expects.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        print(f"nianbao：{of_system(error)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("nianbao：已中断；上一次的成果没有改动。", file=sys.stderr)
        return 130
    return code


def _fix_hashes(options: argparse.Namespace, *again: str) -> None:
    """
    Begin again with the command *again* where this process is its own and hashes of strings are not fixed.

    The order of a set follows them. A kernel is started with fixed ones; a notebook that runs in a copy of this process has ours.
    """
    if options.own_process and options.engine == "fork" and sys.flags.hash_randomization and not sys.flags.ignore_environment:
        sys.stdout.flush()
        command = [sys.executable, "-P", "-m", __package__, "--project", str(options.project), *again]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606 - our own interpreter


class _Usage(argparse.HelpFormatter):
    """Help whose own words are Chinese."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """A parser whose own words are Chinese."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(add_help=False, formatter_class=_Usage, **settings)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示本说明")

    def error(self, message: str) -> NoReturn:
        """Say how a command is written, and exit; what *message* says in English is shown by the usage."""
        del message
        self.exit(FAILED, f"nianbao：命令写得不对。{self.format_usage().strip()}；说明：{self.prog} --help\n")


class _Version(argparse.Action):
    """Say which version this is; finding it out takes longer than all else here."""

    def __call__(self, parser: argparse.ArgumentParser, *_args: Any, **_named: Any) -> NoReturn:
        """Print the version and exit."""
        from importlib.metadata import version  # noqa: PLC0415 - see above

        print(f"nianbao {version('nianbao')}")
        parser.exit(DONE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="nianbao", description="政府信息公开工作年度报告：从参数到网页和 PDF，每个数都能追溯。")
    parser.add_argument("--version", action=_Version, nargs=0, help="显示版本")
    parser.set_defaults(engine="")
    parser.add_argument("--project", type=Path, default=Path(), help="含 params/、notebooks/ 的文件夹（默认：当前文件夹）")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    for name, run, words in (
        ("report", _report, "生成一份报告：outputs/单位/年份/"),
        ("check", _check, "核对数据和文字，列出问题；有未认可的错误时退出码为1"),
        ("repro", _repro, "在两种截然不同的环境中各生成一次，逐字节比较"),
    ):
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")
        command.add_argument("year", help="年份，如 2013")
        command.set_defaults(run=run)
        if name == "report":
            ways = "执行笔记本：fork（快，默认）或 kernel（普通内核）"
            command.add_argument("--engine", choices=("fork", "kernel"), default="fork", help=ways)
            command.add_argument("--force", action="store_true", help="没有变化也重新生成")
            command.add_argument("--explain", action="store_true", help="只说成果取决于什么、变了什么，不生成")
    words = "建立一年的资料：params/单位/年份/，表式按省份和年份选定，能沿用上一年的都填好"
    command = commands.add_parser("new", help=words, description=words)
    command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")
    command.add_argument("year", help="年份，如 2014")
    command.add_argument("--name", default="", metavar="名称", help="单位全称（默认：沿用上一年）")
    command.add_argument("--province", default="", metavar="省份", help="省份，如 吉林省（默认：沿用上一年）")
    command.add_argument("--form", default="", metavar="表式", help="表式（默认：按省份和年份选定）")
    command.set_defaults(run=_new)
    _add_rollup(commands)
    _add_table(commands)
    _add_preview(commands)
    words = "把公布的文本与统计表逐项核对，生成审计底稿；有需要处理的问题时退出码为1"
    command = commands.add_parser("audit", help=words, description=words)
    command.add_argument("unit", help="单位，如 longtan")
    command.add_argument("year", help="年份，如 2013")
    command.add_argument(
        "--published", type=Path, metavar="文件", help="公布的文本：.txt、.html、.docx 或 .pdf（默认：参数文件夹中的 published.*）"
    )
    command.set_defaults(run=_audit, engine="fork")
    words = "生成许多份报告：params/ 下的每一份，没有变化的不再生成；有失败的，退出码为1"
    command = commands.add_parser("batch", help=words, description=words)
    command.add_argument("units", nargs="*", metavar="unit", help="单位（默认：所有单位）")
    command.add_argument("--years", metavar="年份", help="年份，如 2013 或 2013-2020（默认：所有年份）")
    command.add_argument("--jobs", type=_count, metavar="N", help="同时生成几份（默认：处理器的个数）")
    command.add_argument("--time-limit", type=_count, default=300, metavar="秒", help="一份最多用多少秒（默认：300）")
    command.add_argument("--scheduler", metavar="地址", help="交给 Dask 集群生成：调度器的地址，如 tcp://主机:8786")
    command.set_defaults(run=_batch, engine="fork")
    words = "一个单位各年的变化：outputs/单位/trend/，跨表式，口径不同的不作比较"
    command = commands.add_parser("trend", help=words, description=words)
    command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")
    command.set_defaults(run=_trend, engine="fork")
    words = "核对：重新执行，与封存的清单逐项比较；或只凭一个 PDF、网页文件核对它自己"
    command = commands.add_parser("verify", help=words, description=words)
    command.add_argument("unit", help="单位；或要核对的文件（.pdf、.html）")
    command.add_argument("year", nargs="?", help="年份，如 2013；核对文件时不写")
    command.add_argument("--expect", metavar="SHA256", help="核对文件时，它应有的 SHA-256")
    command.set_defaults(run=_verify)
    return parser


def _add_rollup(commands: Any) -> None:
    words = "把所属单位（部门、乡镇街道）的统计表逐格相加，列出没有报送的，与本级填报的比较；有要处理的退出码为1"
    command = commands.add_parser("rollup", help=words, description=words)
    command.add_argument("unit", help="本级单位，它的 report.yaml 用 members 写明所属单位")
    command.add_argument("year", help="年份，如 2025")
    command.add_argument("--write", action="store_true", help="把完整的汇总数填入本级统计表的空格；已填的格不改")
    command.set_defaults(run=_rollup)


def _add_table(commands: Any) -> None:
    words = "统计表与 Excel 工作簿互转"
    tables = commands.add_parser("table", help=words, description=words).add_subparsers(title="命令", metavar="命令", required=True)
    words = "把统计表写成 Excel 工作簿，照表式的格子填：合计自动算，不符的变红；填到一半的也行"
    command = tables.add_parser("export", help=words, description=words)
    command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")
    command.add_argument("year", help="年份，如 2014")
    command.add_argument("-o", "--output", type=Path, metavar="文件", help="写到哪里（默认：当前文件夹中的 单位-年份.xlsx）")
    command.add_argument("--force", action="store_true", help="文件已经有了也覆盖")
    command.set_defaults(run=_table_export)
    words = "把填好的 Excel 工作簿读进 params/单位/年份/ 的统计表，再核对；有问题时一格也不改"
    command = tables.add_parser("import", help=words, description=words)
    command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")
    command.add_argument("year", help="年份，如 2014")
    command.add_argument("workbook", type=Path, metavar="文件", help="填好的工作簿（.xlsx）")
    command.set_defaults(run=_table_import)


def _count(text: str) -> int:
    """Return *text* as a number from 1 up; argparse takes a ValueError for a command written wrongly."""
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise ValueError(text)
    return int(text)


def _add_preview(commands: Any) -> None:
    words = "在浏览器中预览一份报告：保存笔记本、表、YAML 或正文，页面随即更新；不改动 outputs/"
    command = commands.add_parser("preview", help=words, description=words)
    command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")
    command.add_argument("year", help="年份，如 2013")
    command.add_argument("--port", type=int, choices=range(1, 65536), metavar="端口", help="端口（默认：从8013起第一个空着的）")
    command.add_argument("--open", action="store_true", help="同时打开浏览器")
    command.set_defaults(run=_preview, engine="fork")


def _report(options: argparse.Namespace) -> int:
    from . import freshness  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    project.params(options.unit, options.year)
    if options.force and not options.explain:
        return _build(options, project)
    key = freshness.key(project, options.unit, options.year)
    if options.explain:
        print("\n".join(key.explained()))
        return DONE
    if key.unchanged:
        kind = "草稿，不得公布；make check 列出没有处理的问题" if key.draft else "成稿"
        print(f"没有变化，没有重新生成：outputs/{options.unit}/{options.year} 就是现在的资料、笔记本和程序的结果（{kind}）。")
        return DONE
    if key.reasons():
        print(f"重新生成，因为：{'；'.join(key.reasons())}。")
    return _build(options, project)


def _build(options: argparse.Namespace, project: Project) -> int:
    _fix_hashes(options, "report", "--force", "--", options.unit, options.year)
    if options.own_process:
        # It ends with the report; looking for rubbish until then takes a tenth of the time.
        gc.disable()
    # What runs and sets a report takes most of a second to import.
    from . import build, formfile  # noqa: PLC0415

    steps = iter(range(1, 4))

    def say(step: str) -> None:
        print(f"[{next(steps)}/3] {step}…", flush=True)

    built = build.build(
        project, options.unit, options.year, formfile.shipped(), say, progress=sys.stderr.isatty(), by=options.engine
    )
    for need in built.needs:
        print(f"注意：笔记本用到{need}，已改由普通内核从头执行。")
    for cell in built.stray:
        print(f"注意：单元格 {cell} 有不属于报告的输出，没有进入网页和 PDF。")
    print("已生成：" + "、".join(f"{built.folder}/{name}" for name in built.files))
    accepted = sum(finding.accepted for finding in built.findings)
    if built.waiting:
        _print_findings(built.waiting)
        print(f"草稿：有{len(built.waiting)}个问题没有处理，不得公布。改正数据，或在 report.yaml 的 accepted 中写明理由。")
    else:
        print(f"成稿：没有待处理的问题；已认可的差异{accepted}个，列在附表中。")
    return DONE


def _preview(options: argparse.Namespace) -> int:
    port = ("--port", str(options.port)) if options.port else ()
    _fix_hashes(options, "preview", *port, *(("--open",) if options.open else ()), "--", options.unit, options.year)
    from . import preview  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

    def began(address: str) -> None:
        print(f"预览在 {address} ；按 Ctrl-C 结束。", flush=True)
        if options.open:
            import webbrowser  # noqa: PLC0415

            webbrowser.open(address)

    project = Project(options.project.resolve())
    try:
        preview.serve(project, options.unit, options.year, options.port, lambda words: print(words, flush=True), began)
    except KeyboardInterrupt:
        print("预览已结束；outputs/ 没有改动。")
    return DONE


def _check(options: argparse.Namespace) -> int:
    from . import checks, examination, formfile  # noqa: PLC0415
    from .findings import blocking, open_findings  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    document = examination.examine(project, options.unit, options.year, formfile.shipped())
    _print_findings(document.findings)
    for rule in checks.not_run(document.report):
        print(f"未核对　{rule}：{_why_not_run(document.report)}。")
    if document.report.date is None:
        print(f"未填　公布日期：报告上不印日期（{document.report.folder}/report.yaml 的 publication.date）。")
    waiting, errors = open_findings(document.findings), blocking(document.findings)
    accepted = sum(finding.accepted for finding in document.findings)
    print(f"{document.report.title}：未认可的错误{len(errors)}个，其他待处理{len(waiting) - len(errors)}个，已认可{accepted}个。")
    return FOUND if errors else DONE


def _why_not_run(report: AnnualReport) -> str:
    if report.last_year:
        return f"上一年的表式 {report.last_year.form.id} 没有意义相同的格"
    return f"需要上一年的资料（params/{report.unit}/{report.year - 1}）"


def _batch(options: argparse.Namespace) -> int:
    from . import batch, formfile, progress  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

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
        _fix_hashes(options, "batch", *told, "--", *options.units)
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
    from . import batch, cluster  # noqa: PLC0415

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
        from .progress import fitted  # noqa: PLC0415

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


def _new(options: argparse.Namespace) -> int:
    from . import formfile, publish, report, scaffold  # noqa: PLC0415
    from .form import labelled  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    unit, year = options.unit, options.year
    target, shown, before = project.fresh(unit, year), f"params/{unit}/{year}", str(int(year) - 1)
    forms = formfile.shipped()
    last = None
    if (target.parent / before / report.YAML).is_file():
        last = report.load(target.parent / before, f"params/{unit}/{before}", forms)
    wishes = scaffold.Wishes(province=options.province, form=options.form, name=options.name)
    begun = scaffold.begin(forms, unit, int(year), wishes, last)
    with publish.scratch(project.root / "params") as scratch:
        fresh = scratch / unit / year
        fresh.mkdir(parents=True)
        for name, text in begun.files.items():
            (fresh / name).write_bytes(text.encode())
        # A name that no report may hold is told before anything stands in its place.
        report.load(fresh, shown, forms)
        publish.add(fresh, project.fresh(unit, year))
    print(f"已建立 {shown}/：" + "、".join(begun.files))
    print(f"表式：{begun.form.id}（{begun.form.title}）")
    print("\n".join(f"{sentence}。" for sentence in begun.taken))
    print("接下来：")
    titles = ((table.id, labelled(table.title, year=int(year), name="")) for table in begun.form.tables)
    tables = "、".join(f"{name}.csv（{title}）" for name, title in titles)
    steps = (
        f"在 Excel 或 WPS 中填 {tables} 的空格，没有发生的填“0”，另存为“CSV UTF-8”",
        f"在 {report.YAML} 中核对单位名称和联系方式，填公布日期；正文要用而统计表里没有的数（如信息处理费）填在 facts 里",
        f"在 {report.PROSE} 中写各章正文",
        f"make check UNIT={unit} YEAR={year}：列出还缺什么、什么对不上",
        f"make report UNIT={unit} YEAR={year}：随时可以生成，没有填完的是草稿",
    )
    print("\n".join(f"  {number}. {step}。" for number, step in enumerate(steps, 1)))
    if begun.reminders:
        print("填的时候注意与上一年的关系：")
        print("\n".join(f"  {reminder}" for reminder in begun.reminders))
    return DONE


def _rollup(options: argparse.Namespace) -> int:
    from . import formfile, rollupbuild, rolluppaper  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    last = time.monotonic()

    def told(step: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _PATIENCE:
            last = time.monotonic()
            print(f"{step}…", file=sys.stderr, flush=True)

    done = rollupbuild.build(project, options.unit, options.year, formfile.shipped(), told, write=options.write)
    print("\n".join([*rolluppaper.sentences(done.rollup), *done.filled]))
    if done.rollup.complete and done.rollup.blank and not options.write:
        print(f"要把汇总数填入本级统计表的空格：make rollup UNIT={options.unit} YEAR={options.year} WRITE=1")
    print(f"各单位的数见 {done.paper}，可用 Excel 或 WPS 打开。")
    return DONE if done.rollup.clean else FOUND


def _table_export(options: argparse.Namespace) -> int:
    from . import formfile  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415
    from .workbook import exporting  # noqa: PLC0415

    unit, year = options.unit, options.year
    target = options.output or Path(f"{unit}-{year}{exporting.SUFFIX}")
    made = exporting.write(Project(options.project.resolve()), unit, year, target, formfile.shipped(), force=options.force)
    print(f"已生成：{target}（{made.form.title}，工作表：{'、'.join(made.sheets)}；空格{made.blank}个）")
    if made.kept:
        print(f"注意：{len(made.kept)}个合计与各项之和不符，或各项没有填齐，照原数写出，没有改成公式：{'、'.join(made.kept)}。")
    if made.not_checked:
        print(f"{'、'.join(made.not_checked)}要与上一年核对；没有上一年意义相同的数，工作簿中不核对。")
    print(f"填好并保存后：make table-import UNIT={unit} YEAR={year} FILE={target}")
    return DONE


def _table_import(options: argparse.Namespace) -> int:
    from . import formfile  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415
    from .workbook import importing  # noqa: PLC0415

    taken = importing.take(Project(options.project.resolve()), options.unit, options.year, options.workbook, formfile.shipped())
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
    return _check(options)


def _verify(options: argparse.Namespace) -> int:
    from . import formfile, manifest, verdictpage, verify, verifyfile  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

    if options.year is None:
        verdict = verifyfile.verify(Path(options.unit), options.expect)
        _print_verdict(verdict, verifyfile.DEPTHS)
        return _verdict_code(verdict)
    if options.expect is not None:
        print("nianbao：--expect 只用于核对一个文件：nianbao verify 文件 --expect SHA256。", file=sys.stderr)
        return FAILED
    project = Project(options.project.resolve())
    bar = sys.stderr.isatty()
    verdict = verify.verify(
        project, options.unit, options.year, formfile.shipped(), lambda step: print(f"{step}…", flush=True), progress=bar
    )
    folder = project.output(options.unit, options.year)
    (folder / "verdict.json").write_text(manifest.text(verify.record(verdict)), "utf-8")
    (folder / "verdict.html").write_text(verdictpage.page(verdict, verify.DEPTHS), "utf-8")
    _print_verdict(verdict, verify.DEPTHS)
    print(f"详见 outputs/{options.unit}/{options.year}/verdict.html 和 verdict.json。")
    return _verdict_code(verdict)


def _audit(options: argparse.Namespace) -> int:
    published = ("--published", str(options.published)) if options.published else ()
    _fix_hashes(options, "audit", *published, "--", options.unit, options.year)
    from . import auditbuild, formfile  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    if options.published is not None and not options.published.is_file():
        print(f"nianbao：没有文件 {options.published}。", file=sys.stderr)
        return FAILED
    audited = auditbuild.build(
        project,
        options.unit,
        options.year,
        options.published,
        formfile.shipped(),
        lambda step: print(f"{step}…", flush=True),
        progress=sys.stderr.isatty(),
    )
    print("已生成：" + "、".join(f"{audited.folder}/{name}" for name in audited.files))
    print("\n".join(audited.paper.answer()))
    return DONE if audited.paper.clean else FOUND


def _trend(options: argparse.Namespace) -> int:
    from . import formfile, trendbuild  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415
    from .series import spans  # noqa: PLC0415

    _fix_hashes(options, "trend", "--", options.unit)
    project = Project(options.project.resolve())
    steps = iter(range(1, 4))

    def say(step: str) -> None:
        print(f"[{next(steps)}/3] {step}…", flush=True)

    built = trendbuild.build(project, options.unit, formfile.shipped(), say, progress=sys.stderr.isatty())
    trend = built.trend
    print("已生成：" + "、".join(f"{built.folder}/{name}" for name in built.files))
    missing = [year for year in trend.years if year not in trend.documents]
    print(f"所据年份：{spans(list(trend.documents))}" + (f"；没有资料：{spans(missing)}。" if missing else "。"))
    for year, waiting in trend.drafts.items():
        print(f"草稿　{year}年：有{len(waiting)}个问题没有处理（make check UNIT={options.unit} YEAR={year}）。")
    return DONE


def _repro(options: argparse.Namespace) -> int:
    from . import repro  # noqa: PLC0415
    from .project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    verdict = repro.repeat(project, options.unit, options.year, lambda step: print(f"{step}…", flush=True))
    _print_verdict(verdict, (repro.DEPTH,))
    return _verdict_code(verdict)


def _verdict_code(verdict: Verdict) -> int:
    if verdict.differences:
        return FOUND
    return DONE if verdict.ran else FAILED


def _print_verdict(verdict: Verdict, depths: tuple[str, ...]) -> None:
    from . import verdict as words  # noqa: PLC0415
    from . import verdictpage  # noqa: PLC0415

    for item in (*verdict.differences, *verdict.skipped):
        print(
            f"{item.outcome}　{item.depth}　{item.what}\n      应为：{item.expected}\n      现为：{item.found}\n      出处：{item.source}"
        )
    for depth in depths:
        outcomes = [item.outcome for item in verdict.items if item.depth == depth]
        print(
            f"{depth}："
            + "，".join(f"{outcome}{outcomes.count(outcome)}" for outcome in (words.SAME, words.DIFFERS, words.SKIPPED))
        )
    for what, sealed, now in verdict.environment:
        print(f"环境不同（仅告知）　{what}：封存时 {sealed}，现在 {now}")
    print(verdictpage.answer(verdict))


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        mark = "已认可" if finding.accepted else _SEVERITIES[finding.severity]
        print(f"{mark}　{finding.id}：{finding.sentence}。")
