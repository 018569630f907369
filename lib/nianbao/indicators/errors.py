"""
What can go wrong, one class per thing the reader can do about it.

Every message an official reads is built here or from a `Problem`, in Chinese. Error classes live at the bottom so that every
module can raise them; anything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nianbao.indicators import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    Problems = list["Problem"]


# What a system refuses most, in words; the rest in its own.
_REFUSALS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOSPC: "磁盘空间已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EROFS: "文件系统只读，不能写入",
}

# Characters that no text of a report may hold: they show nothing, or turn the order in which the rest is read.
UNFIT = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff"


def listed(words: Iterable[str]) -> str:
    """Return *words* as messages list them: 甲、乙."""
    return "、".join(words)


@frozen
class Problem:
    """
    One thing wrong with an input: what, where, what is allowed, what to do.

    Args:
        file: the file as the reader knows it, relative to the project.

        line: the line in *file*, from 1, or None where the file as a whole is meant.

        place: the key (`facts.departments.value`) or cell (`E14`) inside the line.
    """

    file: str
    line: int | None = None
    place: str = ""
    found: str
    allowed: str = ""
    remedy: str = ""

    @property
    def where(self) -> str:
        """The file, the line and the place, in words."""
        line = f" 第{self.line}行" if self.line else ""
        return self.file + line + (f"（{self.place}）" if self.place else "")

    def __str__(self) -> str:
        allowed = f"；应为：{self.allowed}" if self.allowed else ""
        remedy = f"。请{self.remedy}" if self.remedy else ""
        return f"{self.where}：{self.found}{allowed}{remedy}。"


@dataclass(slots=True)
class Reading:
    """A file while it is read, and what is wrong with it; whoever reads several lets them share one list of *problems*."""

    file: str
    problems: Problems

    def note(self, found: str, *, line: int | None = None, place: str = "", allowed: str = "", remedy: str = "") -> None:
        """Note that something in the file, or all of it, cannot be used."""
        self.problems.append(Problem(file=self.file, line=line, place=place, found=found, allowed=allowed, remedy=remedy))

    def text(self, content: bytes, remedy: str = "用编辑器另存为 UTF-8") -> str | None:
        """Return *content* as text, or None after noting where it is none."""
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            self.note("不是 UTF-8 编码（可能是 GBK）", line=content.count(b"\n", 0, error.start) + 1, remedy=remedy)
            return None


class NotFitError(ValueError):
    """
    What was read is not what it should be; whoever knows where it stands makes a `Problem` of it.

    Args:
        found: what it is, as the middle of a sentence.

        remedy: what to do, as an imperative.
    """

    def __init__(self, found: str, remedy: str) -> None:
        self.found = found
        self.remedy = remedy
        super().__init__(found)


class NianbaoError(Exception):
    """Base of every error that is not a bug."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows under the cell that raised: the message, which says what to do, and not the way through us."""
        return [str(self)]


class InvalidInputError(NianbaoError):
    """The inputs cannot be read as they stand; `problems` holds all that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=_position))
        lines = [f"  {number}. {problem}" for number, problem in enumerate(self.problems, 1)]
        super().__init__("\n".join([f"有{len(lines)}处需要改正：", *lines]))


class UnknownReportError(NianbaoError):
    """No such unit or year; the message lists what exists and what to type."""


class NewReportError(NianbaoError):
    """A report cannot be begun as asked; the message says what to add, or what stands in the way."""


class WorkbookError(NianbaoError):
    """A workbook cannot be written where it was asked for; the message says why, and what to do."""


class AdoptError(NianbaoError):
    """What was offered cannot be put in place as things are; the message says why."""


class UnknownNameError(NianbaoError):
    """A notebook asked for a row, chapter or table that the form does not have; the message says what there is."""


class UnsafeNameError(NianbaoError):
    """A unit or year that is not a plain folder name."""


class NotebookFailedError(NianbaoError):
    """
    A cell of the notebook raised.

    Args:
        saved: where the failed notebook was put, relative to the project.
    """

    def __init__(self, *, cell: str, source: str, reason: str, saved: str) -> None:
        self.cell = cell
        self.saved = saved
        indented = "\n".join(f"    {line}" for line in source.splitlines())
        super().__init__(
            f"笔记本在单元格{cell}处出错：\n{indented}\n  原因：{reason}\n  出错的笔记本存为 {saved}；上一次的成果没有改动。"
        )


class KernelDiedError(NianbaoError):
    """The process that ran the notebook stopped by itself."""


class DamagedPdfError(NianbaoError):
    """A PDF that cannot be opened: cut off, locked, or none."""


class PublishError(NianbaoError):
    """The report was made but could not be put into place, or a step of making it was refused."""


class PreviewError(NianbaoError):
    """The preview cannot listen; the message says what to do."""


class BatchError(NianbaoError):
    """Which reports are meant cannot be made out."""


class ClusterError(NianbaoError):
    """A cluster cannot be reached or used as it is, or what it answered cannot be believed."""


def of_system(error: OSError) -> str:
    """Return what the system refused, in words for a reader."""
    words = _REFUSALS.get(error.errno or 0, error.strerror or str(error))
    return f"{words}{f'（{error.filename}）' if error.filename else ''}；上一次的成果没有改动。"


def _position(problem: Problem) -> tuple[str, int, str, str]:
    """Return where *problem* comes among others; D5 comes before D14."""
    return (problem.file, problem.line or 0, re.sub("[0-9]+", lambda digits: digits[0].zfill(9), problem.place), problem.found)


_LONGEST_QUOTE = 40
_UNFIT = re.compile(f"[{UNFIT}]")


def short(text: str) -> str:
    """Return *text* as a message quotes it: one line, not too long, and nothing that a terminal would obey."""
    line = _UNFIT.sub("\ufffd", " ".join(text.split()))
    return line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE] + "……"
