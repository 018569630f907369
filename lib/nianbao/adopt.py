"""
Put placeholders in the place of numbers typed by hand, where words and value leave no doubt which figure is meant.

What is offered for a number is for `prose.typed`. A file is written whole or not at all, and every byte that is no such number stays.
"""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from typing import TYPE_CHECKING

from nianbao.build import swap
from nianbao.indicators import frozen
from nianbao.indicators.errors import AdoptError
from nianbao.inputs.project import PROSE
from nianbao.notebook.source import examine, of_report, passages
from nianbao.prose import language, typed
from nianbao.prose.lint import TYPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from nianbao.document.document import Document
    from nianbao.indicators.findings import Findings
    from nianbao.indicators.form import Forms
    from nianbao.indicators.report import Passage
    from nianbao.inputs.project import Project
    from nianbao.prose.typed import Offer, Typed


@frozen
class Change:
    """A number in line `line` of the prose in `file`, as findings quote it, and what was put in its place."""

    file: str
    line: int
    quote: str
    before: str
    after: str


@frozen
class Adopted:
    """
    What was changed, or would be.

    Args:
        rest: the findings about numbers that stay as they are, for a person to decide.

        difference: the changed lines as `diff -u` shows them.
    """

    changes: tuple[Change, ...]
    rest: Findings
    difference: str


@frozen
class Line:
    """A line of prose with placeholders in it: its number in the passage's file or cell, what it was and what it becomes."""

    number: int
    before: str
    after: str
    changes: tuple[Change, ...]


@frozen
class Mended:
    """A file with placeholders in it: its path in the project, what it held and what it is to hold."""

    file: str
    before: bytes
    after: bytes
    changes: tuple[Change, ...]


def adopt(project: Project, unit: str, year: str, forms: Forms, *, dry: bool = False) -> Adopted:
    """
    Put placeholders in the place of the numbers in the prose of *unit* for *year* that can mean one figure only.

    Args:
        dry: whether nothing is to be written.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
        AdoptError: where a file was changed meanwhile; nothing is written to it then.
    """
    # What is saved from here on is not written over.
    told = (project.params(unit, year) / PROSE).read_bytes()
    document = examine(project, unit, year, forms)
    mended = [each for each in _mended(project, unit, document, told) if each.changes]
    if mended and not dry:
        for each in mended:
            _write(project.root / each.file, each)
        document = examine(project, unit, year, forms)
    changes = tuple(change for each in mended for change in each.changes)
    # What a run that writes would have mended is told as it was found.
    done = tuple(f"{each.file} 第{each.line}行有手写的数“{each.quote}”" for each in changes) if dry else ()
    rest = tuple(each for each in document.findings if each.rule == TYPED and not (done and each.sentence.startswith(done)))
    return Adopted(changes=changes, rest=rest, difference="".join(line for each in mended for line in _difference(each)))


def _write(path: Path, mended: Mended) -> None:
    if path.read_bytes() != mended.before:
        raise AdoptError(f"{mended.file} 在这期间改动了，没有写入，请再来一次。")
    swap.write_beside(path.resolve(), mended.after)


def _mended(project: Project, unit: str, document: Document, told: bytes) -> Iterator[Mended]:
    """Yield the files that hold prose of the report, with what is to stand in them; *told* is what `narrative.md` held."""
    report = document.report
    narrative = f"{report.folder}/{PROSE}"
    lines = [line for passage in report.narrative.values() for line in _lines(passage, document)]
    yield _put(narrative, told, lines, _in_text)
    homes: dict[str, list[Line]] = defaultdict(list)
    for home, passage in passages(of_report(project, unit, document.form), document):
        # A notebook that other units share is for a person to change: they may lack a fact that this one has.
        if home.startswith(f"params/{unit}/"):
            homes[home] += _lines(passage, document)
    for home, lines in homes.items():
        yield _put(home, (project.root / home).read_bytes(), lines, _in_notebook)


def _lines(passage: Passage, document: Document) -> Iterator[Line]:
    """Yield the lines of *passage* with placeholders for the numbers that can mean one figure only."""
    prepared = language.prepare(passage, document.names)
    literals = tuple(literal.text for literal in document.report.literals)
    sure: dict[int, list[tuple[Typed, Offer]]] = defaultdict(list)
    for each, offer in document.offers.of(prepared, passage, typed.find(prepared, passage, literals)):
        if offer.text:
            sure[each.line].append((each, offer))
    source = passage.source.split("\n")
    for number, offers in sorted(sure.items()):
        before = after = source[number - passage.line]
        for _each, offer in reversed(offers):
            after = after[: offer.start] + offer.text + after[offer.end :]
        changes = tuple(
            Change(file=passage.file, line=number, quote=each.quote, before=each.mention.text, after=offer.text)
            for each, offer in offers
        )
        yield Line(number=number, before=before, after=after, changes=changes)


def _put(file: str, before: bytes, lines: Iterable[Line], put: Callable[[str, Line], str]) -> Mended:
    """Return *file*, which held *before*, with *lines* put into its text by *put*; a line that it does not find is left."""
    text = before.decode("utf-8")
    changes: list[Change] = []
    for line in lines:
        made = put(text, line)
        changes += line.changes if made != text else ()
        text = made
    return Mended(file=file, before=before, after=text.encode("utf-8"), changes=tuple(changes))


def _in_text(text: str, line: Line) -> str:
    """Return *text* with *line* where its number says, if that is what was read: a character that no face has is read as its code."""
    lines = text.split("\n")
    held = lines[line.number - 1] if line.number <= len(lines) else ""
    if held.removesuffix("\r") == line.before:
        lines[line.number - 1] = line.after + held[len(line.before) :]
    return "\n".join(lines)


def _in_notebook(text: str, line: Line) -> str:
    """Return the *text* of a notebook with *line* where it stands in a cell; one that stands there twice, or in another way, is left."""
    for escaped in (False, True):
        for end in ("\n", ""):
            before, after = (json.dumps(each + end, ensure_ascii=escaped) for each in (line.before, line.after))
            if text.count(before) == 1:
                return text.replace(before, after)
    return text


def _difference(mended: Mended) -> Iterator[str]:
    """Yield the lines of the difference, each with its end."""
    old, new = (content.decode("utf-8").splitlines(keepends=True) for content in (mended.before, mended.after))
    for line in difflib.unified_diff(old, new, mended.file, mended.file):
        yield line if line.endswith("\n") else f"{line}\n"
