"""
One making of a report for its preview: its page, or all its files, into a scratch folder; and what is wrong where it cannot be made.

It runs in a forked child, so all it gives back is what JSON can hold and files on the way. Errors are taken apart here into what
the page shows of them.
"""

from __future__ import annotations

import gc
import re
from typing import TYPE_CHECKING, Any

from . import charts, execute, forked, formfile
from .errors import InvalidInputError, NianbaoError, of_system
from .execute import CellFailed
from .job import NAME, Job

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .errors import Problem
    from .forked import Outcome
    from .project import Project

PAGE = f"{NAME}.html"

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def make(project: Project, params: Path, folder: Path, *, whole: bool) -> dict[str, Any]:
    """
    Make the report of *params* in *folder*; return the `files` it left there, and what is `waiting`, or the `problem`.

    Args:
        whole: every file, or the web page alone.
    """
    # The process ends with the making; until then it need not look for what could be thrown away.
    gc.disable()
    notebook = ""
    try:
        with execute.ready(folder, warm=charts.load) as shell:
            job = Job.prepare(project, params, folder, formfile.shipped())
            notebook = f"notebooks/{job.path.name}"
            job.run(shell, progress=False)
        made = job.outputs() if whole else job.page()
        for name, content in made.items():
            (folder / name).write_bytes(content)
    except (NianbaoError, CellFailed, OSError) as error:
        return {"problem": problem(error, notebook)}
    return {"files": list(made), "waiting": len(job.waiting), "stray": list(job.stray()), "needs": job.needs}


def standing(made: Mapping[str, Any]) -> str:
    """Return what is to be said of a report that was made: whether it may be published, what made it slow, and what did not enter it."""
    stray = "".join(f"单元格 {cell} 有不属于报告的输出，没有进入网页。" for cell in made["stray"])
    needs = "".join(f"笔记本用到{need}，已改由普通内核执行，所以慢。" for need in made["needs"])
    waiting = made["waiting"]
    return needs + stray + (f"草稿：有{waiting}个问题没有处理。" if waiting else "成稿：没有待处理的问题。")


def stopped(outcome: Outcome) -> dict[str, Any]:
    """Return what the page shows where the making itself did not come to its end."""
    if outcome.ending == forked.LATE:
        return _shown(f"生成了{outcome.seconds:.0f}秒还没有完，已经停止", text=outcome.message)
    if outcome.ending == forked.KILLED:
        return _shown(f"生成报告的进程被中止（信号{outcome.signal}，可能内存不足）", text=outcome.message)
    return _shown("程序出错：这是程序的缺陷，不是资料的问题", text=outcome.message)


def problem(error: NianbaoError | CellFailed | OSError, notebook: str) -> dict[str, Any]:
    """
    Return what the page shows of *error*: a title, items that say where and what, and a text to be read as it stands.

    Args:
        notebook: the notebook that ran, relative to the project.
    """
    if isinstance(error, InvalidInputError):
        return _shown(f"有{len(error.problems)}处需要改正", *map(_item, error.problems))
    if isinstance(error, CellFailed):
        line = _line(error)
        where = f"{notebook} 单元格 {error.cell}" + (f" 第{line}行" if line else "")
        return _shown("笔记本在一个单元格处出错", _said(where, f"原因：{error.reason}"), text=_numbered(error.source, line))
    if isinstance(error, OSError):
        return _shown(of_system(error))
    return _shown(str(error))


def _item(found: Problem) -> dict[str, str]:
    where = found.file + (f" 第{found.line}行" if found.line else "") + (f"（{found.place}）" if found.place else "")
    return {"where": where, "found": found.found, "allowed": found.allowed, "remedy": found.remedy}


def _said(where: str, found: str) -> dict[str, str]:
    return {"where": where, "found": found, "allowed": "", "remedy": ""}


def _shown(title: str, *items: dict[str, str], text: str = "") -> dict[str, Any]:
    return {"title": title, "items": list(items), "text": text}


def _line(error: CellFailed) -> int | None:
    """Return the line of the cell that raised, the last that its traceback names."""
    outputs = [output for cell in error.notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    told = _COLOURS.sub("", "\n".join(line for output in outputs for line in output.traceback))
    found = re.findall(r"(?:Cell In\[\d+\]|<ipython-input[^>]*>), line (\d+)", told)
    return int(found[-1]) if found else None


def _numbered(source: str, marked: int | None) -> str:
    """Return *source* with its lines numbered and one of them marked."""
    lines = source.splitlines()
    return "\n".join(f"{'>' if number == marked else ' '}{number:>3}  {line}" for number, line in enumerate(lines, 1))
