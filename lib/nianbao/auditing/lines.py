"""The lines of a published text as a reader gives them, why a file is refused, and how blocks and table rows become lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nianbao.errors import UNFIT, NianbaoError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"

# What stands between the cells of a table row.
BETWEEN = " | "

# A cell with more text than this, in several paragraphs, is a column of the page's layout and no cell of a table.
_LONGEST_CELL = 200

_WRAPPED = re.compile(rf"(?<=[{HAN}，。、；：！？“”《》（）])[ \t]*[\r\n]\s*(?=[{HAN}，。、；：！？“”《》（）])")
_SPACE = re.compile(r"\s+")
_UNFIT = re.compile(f"[{UNFIT}\u200b\u2060\ufeff\u00ad]")


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a published text.

    Args:
        number: the line of a text file, from 1; elsewhere the paragraph, counting those that hold text.

        page: the page of a PDF on which the line begins.
    """

    number: int
    text: str
    page: int | None = None


class UnreadableError(NianbaoError):
    """The file holds no text that can be read; `problem` says what it is, what is allowed and what to do."""

    def __init__(self, file: str, found: str, *, remedy: str, allowed: str = "", line: int | None = None) -> None:
        self.problem = Problem(file=file, line=line, found=found, allowed=allowed, remedy=remedy)
        super().__init__(str(self.problem))


@dataclass(slots=True)
class _Cell:
    lines: list[str] = field(default_factory=list)
    nested: bool = False

    @property
    def is_layout(self) -> bool:
        return self.nested or (len(self.lines) > 1 and sum(map(len, self.lines)) > _LONGEST_CELL)


class Collector:
    """
    Gathers text into lines as a document is read from its beginning to its end.

    A row of a table becomes one line. A cell that holds a table, or pages of prose, is layout: its paragraphs are lines.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._text: list[str] = []
        self._rows: list[list[_Cell]] = []

    def write(self, text: str) -> None:
        """Add *text* to the line at hand."""
        self._text.append(text)

    def end_line(self) -> None:
        """Close the line at hand; what is only white space is no line."""
        line = tidy("".join(self._text))
        self._text.clear()
        if line:
            self._open.append(line)

    def start_row(self) -> None:
        """Begin a row, in a cell too."""
        self.end_line()
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].nested = True
        self._rows.append([])

    def start_cell(self) -> None:
        """Begin a cell of the row at hand."""
        self.end_line()
        if self._rows:
            self._rows[-1].append(_Cell())

    def end_row(self) -> None:
        """Close the row at hand."""
        self.end_line()
        if self._rows:
            self._add(self._rows.pop())

    def finish(self) -> tuple[Line, ...]:
        """Return all lines, closing what is still open."""
        while self._rows:
            self.end_row()
        self.end_line()
        return tuple(Line(number, text) for number, text in enumerate(self.lines, 1))

    @property
    def _open(self) -> list[str]:
        """Where a finished line goes: the cell at hand, or the page."""
        return self._rows[-1][-1].lines if self._rows and self._rows[-1] else self.lines

    def _add(self, cells: Sequence[_Cell]) -> None:
        filled = [cell for cell in cells if cell.lines]
        if len(filled) <= 1 or any(cell.is_layout for cell in cells):
            self._open.extend(line for cell in filled for line in cell.lines)
        else:
            self._open.append(BETWEEN.join("".join(cell.lines) for cell in cells))


def tidy(text: str) -> str:
    """Return *text* as a browser shows it: white space is one blank, and a line end between Chinese characters is nothing."""
    return _SPACE.sub(" ", _WRAPPED.sub("", _UNFIT.sub("", text))).strip()
