"""
Prose with placeholders to blocks, and what is wrong with its text: numbers typed by hand, placeholders that are none.

The template language is `template`'s, the names are `placeholders`', Markdown is `markdown`'s; here they meet.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from . import markdown, structural, template
from .errors import InvalidInputError
from .findings import Finding
from .placeholders import Indicator, Leaf, Shown, Words
from .quantity import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .blocks import Block
    from .facts import Literal
    from .figures import Figure
    from .narrative import Passage
    from .placeholders import Change, Namespace
    from .template import Template


_REMEDY = (
    "统计表里的数请改用占位符，别的数写进 report.yaml 的 facts 再用占位符，名称、号码里的数在 report.yaml 的 literals 中说明理由"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A rendered passage: its blocks, and findings about its text."""

    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...]


def render(passage: Passage, root: Namespace, *, deeper: int = 0) -> Prose:
    """
    Return what *passage* says with its placeholders filled.

    Args:
        root: what placeholders may name.

        deeper: how many levels its headings move down.

    Raises:
        InvalidInputError: where it names what does not exist.
    """
    prepared = template.prepare(passage, root)
    if prepared.problems:
        raise InvalidInputError(prepared.problems)
    environment = _Environment(prepared, passage)
    text = environment.from_string(prepared.source).render(root.children)
    blocks = markdown.parse(text, prepared.values, deeper=deeper)
    return Prose(blocks=blocks, findings=tuple(environment.zeros))


def lint(passage: Passage, root: Namespace, *, year: int, literals: Iterable[Literal]) -> tuple[Finding, ...]:
    """
    Return what is wrong with the text of *passage* as typed, without rendering it.

    Raises:
        InvalidInputError: where it names what does not exist.
    """
    prepared = template.prepare(passage, root)
    if prepared.problems:
        raise InvalidInputError(prepared.problems)
    return tuple(_numbered([*_typed_digits(prepared, passage, year, tuple(literals)), *_literal_chunks(prepared, passage)]))


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja with our filters and tests, no globals, and attributes looked up in nodes only."""

    def __init__(self, prepared: Template, passage: Passage) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True)
        self.prepared = prepared
        self.passage = passage
        self.zeros: list[Finding] = []
        self.globals.clear()
        own = (self.say, self.portion, self.breakdown, self.change, self.shifts, self.printed)
        self.filters = {each.__name__: each for each in own}
        self.tests = {
            "zero": lambda node: node.figure.quantity.is_zero,
            "positive": lambda node: node.figure.quantity.state is State.GIVEN and not node.figure.quantity.is_zero,
            "missing": lambda node: node.figure.quantity.state is State.MISSING,
            "not_applicable": lambda node: node.figure.quantity.state is State.NOT_APPLICABLE,
        }

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the child node called *attribute*; Python attributes do not exist here."""
        return obj.child(attribute)

    def printed(self, value: Leaf | str, line: int, newline: str) -> str:
        """Return what stands where a placeholder stood, with *newline* unless that is nothing; a bare zero is a finding."""
        if isinstance(value, str):
            return value + newline if value else ""
        if not isinstance(value, Words) and value.figure.kind != "fact" and value.figure.quantity.is_zero:
            self.zeros.append(_bare_zero(self.passage, line, value))
        return self._token(value) + newline

    def say(self, node: Leaf, phrase: str, zero: str | None = None, absent: str | None = None) -> str:
        """
        Return *phrase* with the figure at `{}`.

        Args:
            zero: what to say where the value is 0; without it, the form's own clause.

            absent: what to say where it is not applicable; without it, nothing for a fact or share, and 不适用 for a row.
        """
        if isinstance(node, Words):
            return phrase.replace("{}", self._token(node))
        if node.figure.quantity.state is State.NOT_APPLICABLE and (absent is not None or not node.zero):
            return absent or ""
        if node.figure.quantity.is_zero and (zero is not None or node.zero):
            return zero if zero is not None else self.prepared.hold(Words(node.zero).inline())
        return phrase.replace("{}", self._token(node))

    def portion(self, node: Indicator) -> str:
        """Return `网上申请258件，占申请总数的19.18%`, or the form's clause for zero."""
        row = node.report.form.rows[node.row]
        hold = self.prepared.hold
        if node.figure.quantity.is_zero:
            return hold(Words(node.zero).inline())
        said = hold(Words(node.name).inline()) + self._token(node)
        if row.parent is None or node.called or node.share().figure.quantity.state in {State.MISSING, State.NOT_APPLICABLE}:
            return said
        whole = hold(Words(node.report.form.rows[row.parent].name).inline())
        word = "比例" if node.share().figure.quantity.state is State.UNDEFINED else ""
        return f"{said}，占{whole}的{word}{self._token(node.share())}"

    def breakdown(self, node: Indicator) -> str:
        """Return the portions of all parts, those that are zero last."""
        parts = sorted(node.parts(), key=lambda part: part.figure.quantity.is_zero)
        return "；".join(self.portion(part) for part in parts)

    def change(self, node: Indicator) -> str:
        """Return `，比上年增加34件，增长39.08%`, or nothing where last year has nothing to compare with."""
        found = node.change()
        if found is None:
            return ""
        if found.difference.quantity.is_zero:
            return "，上年也没有" if node.figure.quantity.is_zero else "，与上年持平"
        said = f"，比上年{'增加' if found.risen else '减少'}{self._token(Shown(found.difference))}"
        if found.rate is None or found.rate.quantity.state is State.UNDEFINED:
            return f"{said}（上年为零，不计算增长率）"
        return said if _prints_zero(found.rate) else f"{said}，{'增长' if found.risen else '下降'}{self._token(Shown(found.rate))}"

    def shifts(self, node: Indicator) -> str:
        """Return a sentence: by how much the share of each part changed; nothing where last year has none to compare with."""
        pairs = [(part, part.shift()) for part in node.parts() if not part.called]
        if not pairs or any(found is None for _part, found in pairs):
            return ""
        moved = [self._shift(part, found) for part, found in pairs if found and not _prints_zero(found.difference)]
        rest = "" if len(moved) == len(pairs) else "其余基本持平" if moved else "各项所占比例与上年基本持平"
        return f"与上年相比，{'，'.join([*moved, *([rest] if rest else [])])}。"

    def _shift(self, part: Indicator, found: Change) -> str:
        name = self.prepared.hold(Words(part.name).inline())
        return f"{name}所占比例{'上升' if found.risen else '下降'}{self._token(Shown(found.difference))}"

    def _token(self, node: Leaf) -> str:
        return self.prepared.hold(node.inline())


def _prints_zero(figure: Figure) -> bool:
    """Tell whether *figure* is printed as a zero, be it one or not."""
    return not figure.number.strip("0.%")


def _bare_zero(passage: Passage, line: int, node: Shown | Indicator) -> Finding:
    where = f"{passage.file} 第{line}行"
    sentence = f'{where}印出“{node.figure.display}”，请写成 say("…{{}}", zero="{node.zero}")'
    return Finding(id=f"T03.{_slug(passage)}.{line}", rule="T03", severity="warning", parts=(sentence,))


def _typed_digits(prepared: Template, passage: Passage, year: int, literals: tuple[Literal, ...]) -> Iterator[Finding]:
    """Yield a finding for each line with a number typed by hand that is no year of the report, date, or numbering."""
    allowed = structural.pattern(year)
    for line, text in prepared.typed:
        left = structural.without(text, (literal.text for literal in literals))
        for found in re.finditer(r"\S{0,6}?\d[\d.,，:％%]*\S{0,4}", allowed.sub(" ", left)):
            number = found.group().removeprefix(template.INLINE)
            sentence = f"{passage.file} 第{line}行有手写的数“{number}”，{_REMEDY}"
            yield Finding(id=f"T01.{_slug(passage)}.{line}", rule="T01", severity="error", parts=(sentence,))


def _literal_chunks(prepared: Template, passage: Passage) -> Iterator[Finding]:
    for line, chunk in prepared.literal:
        sentence = f"{passage.file} 第{line}行的“{chunk}”不是占位符，已按文字印出"
        yield Finding(id=f"T02.{_slug(passage)}.{line}", rule="T02", severity="warning", parts=(sentence,))


def _numbered(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield *findings* with different ids where several stand in one line."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.id] += 1
        yield replace(finding, id=f"{finding.id}.{seen[finding.id]}") if seen[finding.id] > 1 else finding


def _slug(passage: Passage) -> str:
    return passage.file.rpartition("/")[2].replace(" ", "-")
