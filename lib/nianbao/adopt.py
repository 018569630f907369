"""
Put placeholders in the place of numbers typed by hand, where words and value leave no doubt which figure is meant.

What is offered for a number is for `prose.typed`. A file is written whole or not at all, and every byte that is no such number stays.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from typing import TYPE_CHECKING

from nianbao.build import swap
from nianbao.indicators import frozen
from nianbao.indicators.errors import AdoptError
from nianbao.inputs.project import PROSE
from nianbao.notebook.source import examine
from nianbao.prose import language, typed
from nianbao.prose.lint import TYPED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nianbao.document.document import Document
    from nianbao.indicators.findings import Findings
    from nianbao.indicators.form import Forms
    from nianbao.inputs.project import Project
    from nianbao.prose.typed import Offer, Typed


@frozen
class Change:
    """A number in line `line` of the prose, as findings quote it, and what was put in its place."""

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


def adopt(project: Project, unit: str, year: str, forms: Forms, *, dry: bool = False) -> Adopted:
    """
    Put placeholders in the place of the numbers in the prose of *unit* for *year* that can mean one figure only.

    Args:
        dry: whether nothing is to be written.

    Raises:
        InvalidInputError: where parameters or notebook cannot be used.
        AdoptError: where the file was changed meanwhile; nothing is written then.
    """
    path = project.params(unit, year) / PROSE
    before = path.read_bytes()
    document = examine(project, unit, year, forms)
    after, changes = _mended(before, document)
    shown = f"{document.report.folder}/{PROSE}"
    difference = "".join(_difference(before, after, shown))
    if changes and not dry:
        if path.read_bytes() != before:
            raise AdoptError(f"{shown} 在这期间改动了，没有写入，请再来一次。")
        swap.write_beside(path.resolve(), after)
        document = examine(project, unit, year, forms)
    # What a run that writes would have mended is told as it was found.
    done = tuple(f"{shown} 第{each.line}行有手写的数“{each.quote}”" for each in changes) if dry else ()
    rest = tuple(each for each in document.findings if each.rule == TYPED and not (done and each.sentence.startswith(done)))
    return Adopted(changes=changes, rest=rest, difference=difference)


def _mended(content: bytes, document: Document) -> tuple[bytes, tuple[Change, ...]]:
    """Return *content*, the prose of *document*, with placeholders for the numbers that can mean one figure only, and what changed."""
    lines = content.decode("utf-8").split("\n")
    changes: list[Change] = []
    for number, sure in sorted(_sure(document, lines).items()):
        line = lines[number - 1]
        for _each, offer in reversed(sure):
            line = line[: offer.start] + offer.text + line[offer.end :]
        changes += [Change(line=number, quote=each.quote, before=each.mention.text, after=offer.text) for each, offer in sure]
        lines[number - 1] = line
    return "\n".join(lines).encode("utf-8"), tuple(changes)


def _sure(document: Document, lines: list[str]) -> dict[int, list[tuple[Typed, Offer]]]:
    """Return the offers without doubt by the line of the file, where that is what was read."""
    report, found = document.report, defaultdict(list)
    literals = tuple(literal.text for literal in report.literals)
    for passage in report.narrative.values():
        prepared = language.prepare(passage, document.names)
        source = passage.source.split("\n")
        for each, offer in document.offers.of(prepared, passage, typed.find(prepared, passage, literals)):
            # A character that no face has is read as its code: there the columns are others.
            if offer.text and lines[each.line - 1].removesuffix("\r") == source[each.line - passage.line]:
                found[each.line].append((each, offer))
    return found


def _difference(before: bytes, after: bytes, file: str) -> Iterator[str]:
    """Yield the lines of the difference, each with its end."""
    old, new = (content.decode("utf-8").splitlines(keepends=True) for content in (before, after))
    for line in difflib.unified_diff(old, new, file, file):
        yield line if line.endswith("\n") else f"{line}\n"
