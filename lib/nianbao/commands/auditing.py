"""`nianbao verify`, `nianbao repro` and `nianbao audit`: a report held against its seal, against itself, against a published text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import arguments, process
from .codes import DONE, FAILED, FOUND

if TYPE_CHECKING:
    import argparse

    from nianbao.verdict import Verdict


def add(commands: Any) -> None:
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
    from nianbao import formfile, manifest, verdictpage, verify, verifyfile  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415

    if options.year is None:
        verdict = verifyfile.verify(Path(options.unit), options.expect)
        _tell(verdict, verifyfile.DEPTHS)
        return _verdict_code(verdict)
    if options.expect is not None:
        print("nianbao：--expect 只用于核对一个文件：nianbao verify 文件 --expect SHA256。", file=sys.stderr)
        return FAILED
    project = Project(options.project.resolve())
    bar = sys.stderr.isatty()
    verdict = verify.verify(project, options.unit, options.year, formfile.shipped(), process.step, progress=bar)
    folder = project.output(options.unit, options.year)
    (folder / "verdict.json").write_text(manifest.text(verify.record(verdict)), "utf-8")
    (folder / "verdict.html").write_text(verdictpage.page(verdict, verify.DEPTHS), "utf-8")
    _tell(verdict, verify.DEPTHS)
    print(f"详见 outputs/{options.unit}/{options.year}/verdict.html 和 verdict.json。")
    return _verdict_code(verdict)


def _repro(options: argparse.Namespace) -> int:
    from nianbao import repro  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    verdict = repro.repeat(project, options.unit, options.year, process.step)
    _tell(verdict, (repro.DEPTH,))
    return _verdict_code(verdict)


def _audit(options: argparse.Namespace) -> int:
    published = ("--published", str(options.published)) if options.published else ()
    process.fix_hashes(options, "audit", *published, "--", options.unit, options.year)
    from nianbao import auditbuild, formfile  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415

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
        process.step,
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
    from nianbao import verdict as words  # noqa: PLC0415
    from nianbao import verdictpage  # noqa: PLC0415

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
