"""`nianbao table`, `nianbao rollup` and `nianbao trend`: tables as workbooks, of many units, and over many years."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import arguments, process
from .checking import check
from .codes import DONE, FOUND

if TYPE_CHECKING:
    import argparse

_MOST_CHANGES = 20


def add(commands: Any) -> None:
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
    from nianbao import formfile  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415
    from nianbao.workbook import exporting  # noqa: PLC0415

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


def _import(options: argparse.Namespace) -> int:
    from nianbao import formfile  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415
    from nianbao.workbook import importing  # noqa: PLC0415

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
    return check(options)


def _rollup(options: argparse.Namespace) -> int:
    from nianbao import formfile, rollupbuild, rolluppaper  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415

    project = Project(options.project.resolve())
    done = rollupbuild.build(project, options.unit, options.year, formfile.shipped(), process.now_and_then(), write=options.write)
    print("\n".join([*rolluppaper.sentences(done.rollup), *done.filled]))
    if done.rollup.complete and done.rollup.blank and not options.write:
        print(f"要把汇总数填入本级统计表的空格：make rollup UNIT={options.unit} YEAR={options.year} WRITE=1")
    print(f"各单位的数见 {done.paper}，可用 Excel 或 WPS 打开。")
    return DONE if done.rollup.clean else FOUND


def _trend(options: argparse.Namespace) -> int:
    from nianbao import formfile, trendbuild  # noqa: PLC0415
    from nianbao.project import Project  # noqa: PLC0415
    from nianbao.series import spans  # noqa: PLC0415

    process.fix_hashes(options, "trend", "--", options.unit)
    project = Project(options.project.resolve())
    built = trendbuild.build(project, options.unit, formfile.shipped(), process.steps(3), progress=sys.stderr.isatty())
    trend = built.trend
    print("已生成：" + "、".join(f"{built.folder}/{name}" for name in built.files))
    missing = [year for year in trend.years if year not in trend.documents]
    print(f"所据年份：{spans(list(trend.documents))}" + (f"；没有资料：{spans(missing)}。" if missing else "。"))
    for year, waiting in trend.drafts.items():
        print(f"草稿　{year}年：有{len(waiting)}个问题没有处理（make check UNIT={options.unit} YEAR={year}）。")
    return DONE
