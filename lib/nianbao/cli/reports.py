"""
The commands about one report: to begin, fill in, check, make and preview it, and to hold it against what is sealed or published.

Each imports what it needs when it runs, so that one that needs little is quick.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nianbao.cli.console import (
    DONE,
    FAILED,
    FOUND,
    add_command,
    add_report_command,
    become,
    fix_hashes,
    numbered_steps,
    print_findings,
    print_made,
    print_step,
    refuse,
)

if TYPE_CHECKING:
    from argparse import Namespace

    from nianbao.build.pipeline import Making
    from nianbao.indicators.form import Forms
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.scaffold import Scaffold
    from nianbao.verify.verdict import Verdict


_MOST_CHANGES = 20
# How JupyterLab is set where it has not been set otherwise.
_LAB = Path(__file__).with_name("lab")


def add_check(commands: Any) -> None:
    """Add `nianbao check`."""
    words = "核对数据和文字，列出问题；有未认可的错误时退出码为1"
    add_report_command(commands, "check", words, _check, brief=True)


def _check(options: Namespace) -> int:
    """Print what is wrong with a report."""
    from nianbao.indicators import rules
    from nianbao.indicators.findings import blocking, open_findings
    from nianbao.inputs import formfile
    from nianbao.notebook.source import examine

    document = examine(options.project, options.unit, options.year, formfile.shipped())
    _check_reference(options.project, options.unit)
    report, findings = document.report, document.findings
    print_findings(findings)
    for rule in rules.not_run(report):
        print(f"未核对　{rule}：{_why_not_run(report)}。")
    if report.date is None:
        print(f"未填　公布日期：报告上不印日期（{report.folder}/report.yaml 的 publication.date）。")
    errors = len(blocking(findings))
    others = len(open_findings(findings)) - errors
    accepted = sum(finding.accepted for finding in findings)
    print(f"{report.title}：未认可的错误{errors}个，其他待处理{others}个，已认可{accepted}个。")
    return FOUND if errors else DONE


def _check_reference(project: Project, unit: str) -> None:
    """Make sure that what the unit may have for its Word documents can be used; what can loads what writes them."""
    from nianbao.build import inputs

    scope, name = inputs.Scope(unit=unit), inputs.reference(unit)
    inputs.check(project.root, scope)
    if found := inputs.files(project.root, scope).get(name):
        from nianbao.render.docx import checked

        checked(found.read_bytes(), name)


def _why_not_run(report: AnnualReport) -> str:
    if report.last_year:
        return f"上一年的表式 {report.last_year.form.id} 没有意义相同的格"
    return f"需要上一年的资料（params/{report.unit}/{report.year - 1}）"


def add_adopt(commands: Any) -> None:
    """Add `nianbao adopt`."""
    words = "正文里手写的数，词和值都对得上的改为占位符，其余的列出怎样改"
    command = add_report_command(commands, "adopt", words, _adopt)
    command.add_argument("--dry-run", action="store_true", help="只列出会改什么，不写入")


def _adopt(options: Namespace) -> int:
    from nianbao import adopt
    from nianbao.inputs import formfile

    adopted = adopt.adopt(options.project, options.unit, options.year, formfile.shipped(), dry=options.dry_run)
    if options.dry_run:
        print(adopted.difference, end="")
    else:
        for change in adopted.changes:
            print(f"已改　{change.file} 第{change.line}行：{change.before} → {change.after}")
    print_findings(adopted.rest)
    done = f"{'可以改' if options.dry_run else '改了'}{len(adopted.changes)}个数"
    print(f"{done}；还有{len(adopted.rest)}个手写的数要由人决定。" if adopted.rest else f"{done}；没有别的手写的数。")
    return DONE


def add_new(commands: Any) -> None:
    """Add `nianbao new`."""
    words = "建立一年的资料：params/单位/年份/，表式按省份和年份选定，能沿用上一年的都填好"
    command = add_report_command(commands, "new", words, _new)
    command.add_argument("--name", default="", metavar="名称", help="单位全称（默认：沿用上一年）")
    command.add_argument("--province", default="", metavar="省份", help="省份，如 吉林省（默认：沿用上一年）")
    command.add_argument("--form", default="", metavar="表式", help="表式（默认：按省份和年份选定）")


def _new(options: Namespace) -> int:
    from nianbao.build import swap
    from nianbao.inputs import formfile, scaffold
    from nianbao.inputs.report import YAML, load

    project, unit, year = options.project, options.unit, options.year
    forms = formfile.shipped()
    target = project.fresh(unit, year)
    before = str(int(year) - 1)
    last = None
    if (target.with_name(before) / YAML).is_file():
        last = load(target.with_name(before), forms)
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
    _print_begun(begun, unit, year)
    return DONE


def _print_begun(begun: Scaffold, unit: str, year: str) -> None:
    """Say what a new folder holds, and what to do with it."""
    from nianbao.inputs.report import PROSE, YAML

    print(f"已建立 params/{unit}/{year}/：" + "、".join(begun.files))
    print(f"表式：{begun.form.id}（{begun.form.title}）")
    print("\n".join(f"{sentence}。" for sentence in begun.taken))
    report, workbook = f"UNIT={unit} YEAR={year}", f"{unit}-{year}.xlsx"
    print("接下来：")
    print(f"  1. make table-export {report}：得到工作簿 {workbook}，在 Excel 或 WPS 中填统计表，没有发生的填“0”。")
    print("     联系方式和公布日期填在工作表“单位信息”中，正文要用而统计表里没有的数（如信息处理费）填在“事实”中。")
    print(f"  2. make table-import {report} FILE={workbook}：读进来并核对。")
    print(f"  3. 在 {PROSE} 中写各章正文；手写的数，make adopt {report} 改为占位符。")
    print(f"  4. make check {report}：列出还缺什么、什么对不上；make preview {report}：边写边看。")
    print(f"  5. make report {report}：随时可以生成，没有填完的是草稿。")
    print(f"要加自己的图、表和句子：make edit {report} OWN=cells 在 JupyterLab 中写本单位的单元格，OWN=notebook 写整本。")
    print(f"不用工作簿的，也可以直接填这个文件夹中的 CSV 文件和 {YAML}。")
    if begun.reminders:
        print("填的时候注意与上一年的关系：")
    for reminder in begun.reminders:
        print(f"  {reminder}")


def add_table(commands: Any) -> None:
    """Add `nianbao table export` and `nianbao table import`."""
    words = "统计表与 Excel 工作簿互转"
    tables = commands.add_parser("table", help=words, description=words).add_subparsers(title="命令", metavar="命令", required=True)
    words = "把统计表写成 Excel 工作簿，照表式的格子填：合计自动算，不符的变红；填到一半的也行"
    command = add_report_command(tables, "export", words, _export)
    command.add_argument("-o", "--output", type=Path, metavar="文件", help="写到哪里（默认：当前文件夹中的 单位-年份.xlsx）")
    command.add_argument("--force", action="store_true", help="文件已经有了也覆盖")
    words = "把填好的 Excel 工作簿读进 params/单位/年份/ 的统计表，再核对；有问题时一格也不改"
    command = add_report_command(tables, "import", words, _import)
    command.add_argument("workbook", type=Path, metavar="文件", help="填好的工作簿（.xlsx）")
    words = "没有填的格都填“0”，合计按各项之和填好；确实没有发生时才用"
    command = add_report_command(tables, "zeros", words, _zeros)
    command.add_argument("tables", nargs="*", metavar="表", help="只填这些表，如 disputes（默认：所有的表）")


def _export(options: Namespace) -> int:
    from nianbao.inputs import formfile
    from nianbao.workbook import write

    unit, year = options.unit, options.year
    target = options.output or Path(f"{unit}-{year}{write.SUFFIX}")
    exported = write.write(options.project, unit, year, target, formfile.shipped(), force=options.force)
    print(f"已生成：{target}（{exported.form.title}，工作表：{'、'.join(exported.sheets)}；空格{exported.blank}个）")
    if exported.kept:
        words = "个合计与各项之和不符，或各项没有填齐，照原数写出，没有改成公式："
        print(f"注意：{len(exported.kept)}{words}{'、'.join(exported.kept)}。")
    if exported.not_checked:
        print(f"{'、'.join(exported.not_checked)}要与上一年核对；没有上一年意义相同的数，工作簿中不核对。")
    print(f"填好并保存后：make table-import UNIT={unit} YEAR={year} FILE={target}")
    return DONE


def _zeros(options: Namespace) -> int:
    from nianbao.inputs import formfile
    from nianbao.workbook import read

    filled = read.fill_zeros(options.project, options.unit, options.year, formfile.shipped(), options.tables)
    if filled.files:
        print(f"已写入 {filled.folder}/：{'、'.join(filled.files)}；填了{len(filled.changes)}格。")
    else:
        print(f"{filled.folder} 没有空格，没有改动。")
    _check(options)
    return DONE


def _import(options: Namespace) -> int:
    from nianbao.inputs import formfile
    from nianbao.workbook import read

    taken = read.take(options.project, options.unit, options.year, options.workbook, formfile.shipped())
    changes = len(taken.changes)
    for note in taken.notes:
        print(f"注意：{note}。")
    for change in taken.changes[:_MOST_CHANGES]:
        print(f"改动　{change.place}　{change.label}：{change.before or '空'} → {change.after or '空'}")
    if changes > _MOST_CHANGES:
        print(f"……　共改动{changes}格，只列出前{_MOST_CHANGES}格。")
    if taken.files:
        print(f"已写入 {taken.folder}/：{'、'.join(taken.files)}；改动{changes}格。")
    else:
        print(f"{taken.folder} 的统计表与工作簿相同，没有改动。")
    _check(options)
    # What is still open is for check to answer; the workbook was read, and all of it is in place.
    return DONE


def add_report(commands: Any) -> None:
    """Add `nianbao report`."""
    command = add_report_command(commands, "report", "生成一份报告：outputs/单位/年份/", _report, brief=True)
    ways = "执行笔记本：fork（快，默认）或 kernel（普通内核）"
    command.add_argument("--engine", choices=("fork", "kernel"), default="fork", help=ways)
    command.add_argument("--force", action="store_true", help="没有变化也重新生成")
    command.add_argument("--explain", action="store_true", help="只说成果取决于什么、变了什么，不生成")


def _report(options: Namespace) -> int:
    project, unit, year = options.project, options.unit, options.year
    project.params(unit, year)
    reasons = []
    if options.explain or (not options.force and project.output(unit, year).is_dir()):
        from nianbao.build import freshness

        key = freshness.key(project, unit, year)
        if options.explain:
            print("\n".join(key.explained()))
            return DONE
        if key.unchanged:
            kind = "草稿，不得公布；make check 列出没有处理的问题" if key.draft else "成稿"
            print(f"没有变化，没有重新生成：outputs/{unit}/{year} 就是现在的资料、笔记本和程序的结果（{kind}）。")
            return DONE
        reasons = key.reasons()
    fix_hashes(options)
    if reasons:
        print(f"重新生成，因为：{'；'.join(reasons)}。")
    return _build(options)


def _build(options: Namespace) -> int:
    # What runs and sets a report takes most of a second to import.
    from nianbao.build import pipeline
    from nianbao.indicators.findings import open_findings
    from nianbao.inputs import formfile

    making = pipeline.report(options.project, options.unit, options.year, formfile.shipped())
    progress = sys.stderr.isatty()
    built = pipeline.make(options.project, making, numbered_steps(3), progress=progress, by=options.engine)
    for need in built.needs:
        print(f"注意：笔记本用到{need}，已改由普通内核从头执行。")
    for cell in built.stray:
        print(f"注意：单元格{cell}有不属于报告的输出，没有进入网页和 PDF。")
    print_made(built.folder, built.files)
    waiting = open_findings(built.opened.findings)
    if waiting:
        print_findings(waiting)
        print(f"草稿：有{len(waiting)}个问题没有处理，不得公布。改正数据，或在 report.yaml 的 accepted 中写明理由。")
    else:
        accepted = sum(finding.accepted for finding in built.opened.findings)
        print(f"成稿：没有待处理的问题；已认可的差异{accepted}个，列在附表中。")
    return DONE


def add_edit(commands: Any) -> None:
    """Add `nianbao edit`."""
    words = "在 JupyterLab 中编辑一份报告的笔记本：单位有自己的打开自己的，没有的打开共用的"
    command = add_report_command(commands, "edit", words, _edit)
    own = "本单位自己的：cells 是加进共用笔记本的单元格，notebook 是代替它的整本；没有就建一个"
    command.add_argument("--own", choices=("cells", "notebook"), help=own)


def _edit(options: Namespace) -> int:
    """Become JupyterLab, in Chinese, with the notebook of a report; the notebook opens that report whatever year it names."""
    from nianbao.document.document import EDITED
    from nianbao.inputs import formfile
    from nianbao.inputs.project import OWN_CELLS
    from nianbao.inputs.report import load

    project, unit, year = options.project, options.unit, options.year
    folder = project.params(unit, year)
    report = load(folder, formfile.shipped())
    cells = project.unit(unit) / OWN_CELLS
    notebook = cells if cells.is_file() else project.notebook(report.form.notebook, unit)
    if options.own:
        notebook = _begin_own(project, report, whole=options.own == "notebook")
    address = quote(notebook.relative_to(project.root).as_posix())
    command = [
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={project.root}",
        f"--LabApp.default_url=/lab/tree/{address}",
    ]
    command += [f"--LabApp.app_settings_dir={_LAB}"]
    # JupyterLab does not serve root unless it is told to; in a container there is nobody else.
    command += ["--allow-root"] if os.geteuid() == 0 else []
    become(command, **{EDITED: str(folder)})


def _begin_own(project: Project, report: AnnualReport, *, whole: bool) -> Path:
    """Return the notebook or the cells of the unit's own, which are begun where there are none."""
    from nianbao.build import swap
    from nianbao.indicators.errors import NewReportError
    from nianbao.inputs.project import OWN_CELLS, OWN_NOTEBOOK
    from nianbao.notebook import source

    folder = project.unit(report.unit)
    wanted, other = (folder / name for name in ((OWN_NOTEBOOK, OWN_CELLS) if whole else (OWN_CELLS, OWN_NOTEBOOK)))
    if other.is_file():
        shown = [path.relative_to(project.root).as_posix() for path in (other, wanted)]
        raise NewReportError(f"已经有 {shown[0]}，不能再有 {shown[1]}：两个之中用一个，把用不到的移走。")
    if not wanted.is_file():
        shared = project.notebook(report.form.notebook)
        given = source.read(shared, shared.relative_to(project.root).as_posix())
        begun = source.begun(given, report.form, report.unit, str(report.year), whole=whole)
        swap.write_beside(wanted, source.written(begun) + "\n")
        print(f"已建立 {wanted.relative_to(project.root).as_posix()}")
    return wanted


def add_preview(commands: Any) -> None:
    """Add `nianbao preview`."""
    words = "在浏览器中预览一份报告：保存笔记本、表、YAML 或正文，页面随即更新；不改动 outputs/"
    command = add_report_command(commands, "preview", words, _preview)
    command.add_argument("--port", type=int, choices=range(1, 65536), metavar="端口", help="端口（默认：从8013起第一个空着的）")
    command.add_argument("--open", action="store_true", help="同时打开浏览器")


def _preview(options: Namespace) -> int:
    from nianbao.preview import maker

    def began(address: str) -> None:
        print(f"预览在 {address} ；按 Ctrl-C 结束。", flush=True)
        if options.open:
            import webbrowser

            webbrowser.open(address)

    def say(words: str) -> None:
        print(words, flush=True)

    try:
        maker.serve(options.project, options.unit, options.year, options.port, say, began)
    except KeyboardInterrupt:
        print("预览已结束；outputs/ 没有改动。")
    return DONE


def add_verify(commands: Any) -> None:
    """Add `nianbao verify`."""
    words = "核对：重新执行，与封存的清单逐项比较；或只凭一个 PDF、网页文件核对它自己"
    command = add_command(commands, "verify", words, _verify)
    command.add_argument("unit", help="单位；或要核对的文件（.pdf、.html）")
    command.add_argument(
        "year", nargs="?", help="年份，如 2013；各年变化写 trend，审计底稿写 2013/audit，汇总写 2013/rollup；核对文件时不写"
    )
    command.add_argument("--expect", metavar="SHA256", help="核对文件时，它应有的 SHA-256")


def _verify(options: Namespace) -> int:
    if options.year is None:
        from nianbao.auditing import paper
        from nianbao.rollup import rollup
        from nianbao.trends import trend
        from nianbao.verify import file

        others = {each.NAME: each.told_again for each in (trend, rollup, paper)}
        return _answered(file.verify(Path(options.unit), options.expect, others), file.DEPTHS)
    if options.expect is not None:
        return refuse("--expect 只用于核对一个文件：nianbao verify 文件 --expect SHA256。")
    from nianbao.build import manifest
    from nianbao.inputs import formfile
    from nianbao.verify import project as sealed
    from nianbao.verify import verdict as page

    project, unit, year = options.project, options.unit, options.year
    making = _sealed_making(project, unit, year, formfile.shipped())
    verdict = sealed.verify(project, making, print_step, progress=sys.stderr.isatty())
    folder = making.target
    (folder / "verdict.json").write_text(manifest.text(sealed.record(verdict)), "utf-8")
    (folder / "verdict.html").write_text(page.page(verdict, sealed.DEPTHS), "utf-8")
    details = f"详见 outputs/{unit}/{year}/verdict.html 和 verdict.json。"
    return _answered(verdict, sealed.DEPTHS, details)


def _sealed_making(project: Project, unit: str, year: str, forms: Forms) -> Making:
    """Return what lies in the folder that *year* names: a year's report, `trend`, or `audit` or `rollup` in a year's folder."""
    from nianbao.auditing import paper
    from nianbao.build import pipeline
    from nianbao.rollup import rollup
    from nianbao.trends import trend

    if year == trend.NAME:
        return trend.making(project, unit, forms)
    if year.endswith(f"/{paper.NAME}"):
        return paper.making(project, unit, year.removesuffix(f"/{paper.NAME}"), None, forms)
    if year.endswith(f"/{rollup.NAME}"):
        return rollup.making(project, unit, year.removesuffix(f"/{rollup.NAME}"), forms)
    return pipeline.report(project, unit, year, forms)


def add_repro(commands: Any) -> None:
    """Add `nianbao repro`."""
    add_report_command(commands, "repro", "在两种截然不同的环境中各生成一次，逐字节比较", _repro)


def _repro(options: Namespace) -> int:
    from nianbao.verify import project as sealed

    verdict = sealed.repeat(options.project, options.unit, options.year, print_step)
    return _answered(verdict, (sealed.DEPTH,))


def _answered(verdict: Verdict, depths: Strings, details: str = "") -> int:
    """Print *verdict*, and where its *details* are, and return the exit code."""
    from nianbao.verify.verdict import DIFFERS, SAME, SKIPPED, answer

    for item in (*verdict.differences, *verdict.skipped):
        print(f"{item.outcome}　{item.depth}　{item.what}")
        print(f"      应为：{item.expected}\n      现为：{item.found}\n      出处：{item.source}")
    for depth in depths:
        counts = verdict.counts(depth)
        print(f"{depth}：" + "，".join(f"{outcome}{counts[outcome]}" for outcome in (SAME, DIFFERS, SKIPPED)))
    for what, sealed, now in verdict.environment:
        print(f"环境不同（仅告知）　{what}：封存时 {sealed}，现在 {now}")
    print(answer(verdict))
    if details:
        print(details)
    if verdict.differences:
        return FOUND
    return DONE if verdict.ran else FAILED


def add_audit(commands: Any) -> None:
    """Add `nianbao audit`."""
    words = "把公布的文本与统计表逐项核对，生成审计底稿；有需要处理的问题时退出码为1"
    command = add_report_command(commands, "audit", words, _audit, engine="fork")
    words = "公布的文本：.txt、.html、.docx 或 .pdf（默认：参数文件夹中的 published.*）"
    command.add_argument("--published", type=Path, metavar="文件", help=words)


def _audit(options: Namespace) -> int:
    fix_hashes(options)
    published = options.published
    if published is not None and not published.is_file():
        return refuse(f"没有文件 {published}。")
    from nianbao.auditing import paper
    from nianbao.build import pipeline
    from nianbao.inputs import formfile

    bar, forms = sys.stderr.isatty(), formfile.shipped()
    making = paper.making(options.project, options.unit, options.year, published, forms)
    audited = pipeline.make(options.project, making, print_step, progress=bar)
    print_made(audited.folder, audited.files)
    print("\n".join(audited.opened.answer()))
    return DONE if audited.opened.clean else FOUND
