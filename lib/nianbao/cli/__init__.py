"""The `nianbao` command: its commands put together, and what becomes of an error. Nothing else ends the process."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.cli import many, reports
from nianbao.cli.console import FAILED, Parser, Version, refuse
from nianbao.indicators.errors import NianbaoError, of_system

if TYPE_CHECKING:
    from collections.abc import Sequence


# Every command, in the order of the help.
COMMANDS = [
    reports.add_check,
    reports.add_adopt,
    reports.add_new,
    reports.add_table,
    many.add_rollup,
    many.add_trend,
    reports.add_report,
    reports.add_edit,
    reports.add_preview,
    many.add_batch,
    reports.add_verify,
    reports.add_repro,
    reports.add_audit,
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    options.own_process = arguments is None
    brief = options.own_process and options.brief
    if brief:
        # The process ends with the command; looking for rubbish until then takes a tenth of the time.
        gc.disable()
    try:
        from nianbao.inputs.project import Project

        options.project = Project(options.project.resolve())
        code: int = options.run(options)
    except NianbaoError as error:
        return refuse(str(error))
    except BrokenPipeError:
        # Whoever read the output has gone; leave without a word, as `head` expects.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return refuse(of_system(error))
    except KeyboardInterrupt:
        print("nianbao：已中断；上一次的成果没有改动。", file=sys.stderr)
        return 130
    finally:
        if brief:
            # Nor is it looked for at the end.
            gc.freeze()
    return code


def _parser() -> Parser:
    parser = Parser(prog="nianbao", description="政府信息公开工作年度报告：从参数到网页和 PDF，每个数都能追溯。")
    parser.add_argument("--version", action=Version, nargs=0, help="显示版本")
    parser.add_argument("--project", type=Path, default=Path(), help="含 params/、notebooks/ 的文件夹（默认：当前文件夹）")
    parser.set_defaults(engine="", brief=False)
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    for add in COMMANDS:
        add(commands)
    return parser
