"""`nianbao check` and `nianbao new`: what a folder of parameters lacks, and a folder begun."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.auditing import paper
from nianbao.build import freshness, manifest, pipeline, swap
from nianbao.cli import arguments
from nianbao.cli.arguments import DONE, FAILED, FOUND
from nianbao.document import document as examination
from nianbao.indicators import rules
from nianbao.inputs import formfile
from nianbao.preview import maker
from nianbao.verify import file
from nianbao.verify import project as repro
from nianbao.verify import project as verify
from nianbao.verify import verdict as verdictpage

if TYPE_CHECKING:
    import argparse

    from nianbao.indicators.report import AnnualReport
    from nianbao.inputs.project import Project
    from nianbao.verify.verdict import Verdict


def add_checking(commands: Any) -> None:
    """Add the commands."""
    words = "核对数据和文字，列出问题；有未认可的错误时退出码为1"
    arguments.report(arguments.command(commands, "check", words, check, brief=True))
    words = "建立一年的资料：params/单位/年份/，表式按省份和年份选定，能沿用上一年的都填好"
    command = arguments.command(commands, "new", words, _new)
    arguments.report(command)
    command.add_argument("--name", default="", metavar="名称", help="单位全称（默认：沿用上一年）")
    command.add_argument("--province", default="", metavar="省份", help="省份，如 吉林省（默认：沿用上一年）")
    command.add_argument("--form", default="", metavar="表式", help="表式（默认：按省份和年份选定）")


def check(options: argparse.Namespace) -> int:
    """Print what is wrong with a report, and return the exit code."""
    from nianbao.indicators.findings import (  # noqa: PLC0415
        blocking,
        open_findings,
    )
    from nianbao.inputs.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    document = examination.examine(project, options.unit, options.year, formfile.shipped())
    arguments.findings(document.findings)
    for rule in rules.not_run(document.report):
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


def _new(options: argparse.Namespace) -> int:
    from nianbao.indicators.form import labelled  # noqa: PLC0415
    from nianbao.inputs import scaffold  # noqa: PLC0415
    from nianbao.inputs.project import Project  # noqa: PLC0415
    from nianbao.inputs.report import (  # noqa: PLC0415
        PROSE,
        YAML,
        load,
    )

    project = Project(options.project.resolve())
    unit, year = options.unit, options.year
    target, shown, before = project.fresh(unit, year), f"params/{unit}/{year}", str(int(year) - 1)
    forms = formfile.shipped()
    last = None
    if (target.parent / before / YAML).is_file():
        last = load(target.parent / before, forms)
    wishes = scaffold.Wishes(province=options.province, form=options.form, name=options.name)
    begun = scaffold.begin(forms, unit, int(year), wishes, last)
    with swap.scratch(project.root / "params") as scratch:
        fresh = scratch / unit / year
        fresh.mkdir(parents=True)
        for name, text in begun.files.items():
            (fresh / name).write_bytes(text.encode())
        # A name that no report may hold is told before anything stands in its place.
        load(fresh, forms)
        swap.add(fresh, project.fresh(unit, year))
    print(f"已建立 {shown}/：" + "、".join(begun.files))
    print(f"表式：{begun.form.id}（{begun.form.title}）")
    print("\n".join(f"{sentence}。" for sentence in begun.taken))
    print("接下来：")
    titles = ((table.id, labelled(table.title, year=int(year), name="")) for table in begun.form.tables)
    tables = "、".join(f"{name}.csv（{title}）" for name, title in titles)
    steps = (
        f"在 Excel 或 WPS 中填 {tables} 的空格，没有发生的填“0”，另存为“CSV UTF-8”",
        f"在 {YAML} 中核对单位名称和联系方式，填公布日期；正文要用而统计表里没有的数（如信息处理费）填在 facts 里",
        f"在 {PROSE} 中写各章正文",
        f"make check UNIT={unit} YEAR={year}：列出还缺什么、什么对不上",
        f"make report UNIT={unit} YEAR={year}：随时可以生成，没有填完的是草稿",
    )
    print("\n".join(f"  {number}. {step}。" for number, step in enumerate(steps, 1)))
    if begun.reminders:
        print("填的时候注意与上一年的关系：")
        print("\n".join(f"  {reminder}" for reminder in begun.reminders))
    return DONE


def add_reporting(commands: Any) -> None:
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
    from nianbao.inputs.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    project.params(options.unit, options.year)
    if not options.explain and (options.force or not project.output(options.unit, options.year).is_dir()):
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
    arguments.fix_hashes(options, "report", "--force", "--", options.unit, options.year)

    built = pipeline.build(
        project, options.unit, options.year, formfile.shipped(), arguments.steps(3), progress=sys.stderr.isatty(), by=options.engine
    )
    for need in built.needs:
        print(f"注意：笔记本用到{need}，已改由普通内核从头执行。")
    for cell in built.stray:
        print(f"注意：单元格 {cell} 有不属于报告的输出，没有进入网页和 PDF。")
    print("已生成：" + "、".join(f"{built.folder}/{name}" for name in built.files))
    accepted = sum(finding.accepted for finding in built.findings)
    if built.waiting:
        arguments.findings(built.waiting)
        print(f"草稿：有{len(built.waiting)}个问题没有处理，不得公布。改正数据，或在 report.yaml 的 accepted 中写明理由。")
    else:
        print(f"成稿：没有待处理的问题；已认可的差异{accepted}个，列在附表中。")
    return DONE


def _preview(options: argparse.Namespace) -> int:
    port = ("--port", str(options.port)) if options.port else ()
    arguments.fix_hashes(options, "preview", *port, *(("--open",) if options.open else ()), "--", options.unit, options.year)
    from nianbao.inputs.project import Project  # noqa: PLC0415

    def began(address: str) -> None:
        print(f"预览在 {address} ；按 Ctrl-C 结束。", flush=True)
        if options.open:
            import webbrowser  # noqa: PLC0415

            webbrowser.open(address)

    project = Project(options.project.resolve())
    try:
        maker.serve(project, options.unit, options.year, options.port, lambda words: print(words, flush=True), began)
    except KeyboardInterrupt:
        print("预览已结束；outputs/ 没有改动。")
    return DONE


def add_auditing(commands: Any) -> None:
    """Add the commands."""
    words = "核对：重新执行，与封存的清单逐项比较；或只凭一个 PDF、网页文件核对它自己"
    command = arguments.command(commands, "verify", words, _verify)
    command.add_argument("unit", help="单位；或要核对的文件（.pdf、.html）")
    command.add_argument("year", nargs="?", help="年份，如 2013；核对文件时不写")
    command.add_argument("--expect", metavar="SHA256", help="核对文件时，它应有的 SHA-256")
    arguments.report(arguments.command(commands, "repro", "在两种截然不同的环境中各生成一次，逐字节比较", _repro))
    words = "把公布的文本与统计表逐项核对，生成审计底稿；有需要处理的问题时退出码为1"
    command = arguments.command(commands, "audit", words, _audit, engine="fork")
    arguments.report(command)
    command.add_argument(
        "--published", type=Path, metavar="文件", help="公布的文本：.txt、.html、.docx 或 .pdf（默认：参数文件夹中的 published.*）"
    )


def _verify(options: argparse.Namespace) -> int:
    from nianbao.inputs.project import Project  # noqa: PLC0415

    if options.year is None:
        verdict = file.verify(Path(options.unit), options.expect)
        _tell(verdict, file.DEPTHS)
        return _verdict_code(verdict)
    if options.expect is not None:
        print("nianbao：--expect 只用于核对一个文件：nianbao verify 文件 --expect SHA256。", file=sys.stderr)
        return FAILED
    project = Project(options.project.resolve())
    bar = sys.stderr.isatty()
    verdict = verify.verify(project, options.unit, options.year, formfile.shipped(), arguments.step, progress=bar)
    folder = project.output(options.unit, options.year)
    (folder / "verdict.json").write_text(manifest.text(verify.record(verdict)), "utf-8")
    (folder / "verdict.html").write_text(verdictpage.page(verdict, verify.DEPTHS), "utf-8")
    _tell(verdict, verify.DEPTHS)
    print(f"详见 outputs/{options.unit}/{options.year}/verdict.html 和 verdict.json。")
    return _verdict_code(verdict)


def _repro(options: argparse.Namespace) -> int:
    from nianbao.inputs.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    verdict = repro.repeat(project, options.unit, options.year, arguments.step)
    _tell(verdict, (repro.DEPTH,))
    return _verdict_code(verdict)


def _audit(options: argparse.Namespace) -> int:
    published = ("--published", str(options.published)) if options.published else ()
    arguments.fix_hashes(options, "audit", *published, "--", options.unit, options.year)
    from nianbao.inputs.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    if options.published is not None and not options.published.is_file():
        print(f"nianbao：没有文件 {options.published}。", file=sys.stderr)
        return FAILED
    audited = paper.build(
        project,
        options.unit,
        options.year,
        options.published,
        formfile.shipped(),
        arguments.step,
        progress=sys.stderr.isatty(),
    )
    print("已生成：" + "、".join(f"{audited.folder}/{name}" for name in audited.files))
    print("\n".join(audited.paper.answer()))
    return DONE if audited.paper.clean else FOUND


def _verdict_code(verdict: Verdict) -> int:
    if verdict.differences:
        return FOUND
    return DONE if verdict.ran else FAILED


def _tell(verdict: Verdict, depths: tuple[str, ...]) -> None:
    from nianbao.verify.verdict import (  # noqa: PLC0415
        DIFFERS,
        SAME,
        SKIPPED,
    )

    for item in (*verdict.differences, *verdict.skipped):
        print(
            f"{item.outcome}　{item.depth}　{item.what}\n      应为：{item.expected}\n      现为：{item.found}\n      出处：{item.source}"
        )
    for depth in depths:
        outcomes = [item.outcome for item in verdict.items if item.depth == depth]
        print(f"{depth}：" + "，".join(f"{outcome}{outcomes.count(outcome)}" for outcome in (SAME, DIFFERS, SKIPPED)))
    for what, sealed, now in verdict.environment:
        print(f"环境不同（仅告知）　{what}：封存时 {sealed}，现在 {now}")
    print(verdictpage.answer(verdict))
