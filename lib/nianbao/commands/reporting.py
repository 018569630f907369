"""`nianbao report` and `nianbao preview`: one report made, and one shown while it is written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from . import arguments, printing, process
from .codes import DONE

if TYPE_CHECKING:
    import argparse

    from nianbao.project import Project


def add(commands: Any) -> None:
    """Add the commands."""
    command = arguments.command(commands, "report", "生成一份报告：outputs/单位/年份/", _report, brief=True)
    arguments.report(command)
    ways = "执行笔记本：fork（快，默认）或 kernel（普通内核）"
    command.add_argument("--engine", choices=("fork", "kernel"), default="fork", help=ways)
    command.add_argument("--force", action="store_true", help="没有变化也重新生成")
    command.add_argument("--explain", action="store_true", help="只说成果取决于什么、变了什么，不生成")
    words = "在浏览器中预览一份报告：保存笔记本、表、YAML 或正文，页面随即更新；不改动 outputs/"
    command = arguments.command(commands, "preview", words, _preview, engine="fork")
    arguments.report(command)
    command.add_argument("--port", type=int, choices=range(1, 65536), metavar="端口", help="端口（默认：从8013起第一个空着的）")
    command.add_argument("--open", action="store_true", help="同时打开浏览器")


def _report(options: argparse.Namespace) -> int:
    from nianbao.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    project.params(options.unit, options.year)
    if not options.explain and (options.force or not project.output(options.unit, options.year).is_dir()):
        return _build(options, project)
    from nianbao import freshness  # noqa: PLC0415

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
    process.fix_hashes(options, "report", "--force", "--", options.unit, options.year)
    # What runs and sets a report takes most of a second to import.
    from nianbao import build, formfile  # noqa: PLC0415

    built = build.build(
        project, options.unit, options.year, formfile.shipped(), process.steps(3), progress=sys.stderr.isatty(), by=options.engine
    )
    for need in built.needs:
        print(f"注意：笔记本用到{need}，已改由普通内核从头执行。")
    for cell in built.stray:
        print(f"注意：单元格 {cell} 有不属于报告的输出，没有进入网页和 PDF。")
    print("已生成：" + "、".join(f"{built.folder}/{name}" for name in built.files))
    accepted = sum(finding.accepted for finding in built.findings)
    if built.waiting:
        printing.findings(built.waiting)
        print(f"草稿：有{len(built.waiting)}个问题没有处理，不得公布。改正数据，或在 report.yaml 的 accepted 中写明理由。")
    else:
        print(f"成稿：没有待处理的问题；已认可的差异{accepted}个，列在附表中。")
    return DONE


def _preview(options: argparse.Namespace) -> int:
    port = ("--port", str(options.port)) if options.port else ()
    process.fix_hashes(options, "preview", *port, *(("--open",) if options.open else ()), "--", options.unit, options.year)
    from nianbao import preview  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415

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
