"""`nianbao check` and `nianbao new`: what a folder of parameters lacks, and a folder begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import arguments, printing
from .codes import DONE, FOUND

if TYPE_CHECKING:
    import argparse

    from nianbao.report import AnnualReport


def add(commands: Any) -> None:
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
    from nianbao import checks, examination, formfile  # noqa: PLC0415
    from nianbao.findings import blocking, open_findings  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    document = examination.examine(project, options.unit, options.year, formfile.shipped())
    printing.findings(document.findings)
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


def _new(options: argparse.Namespace) -> int:
    from nianbao import formfile, publish, report, scaffold  # noqa: PLC0415
    from nianbao.form import labelled  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415

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
