"""
How much of a report's own prose is last year's, sentence by sentence, and the finding that says so.

Two sentences are the same where nothing but numbers, placeholders, punctuation, width, white space or the unit's name tells them apart.
What is said alike every year by its nature does not count. Pure: no file, no notebook.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from . import figures as fig
from . import quantity
from .findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figure
    from .form import Chapter, Form
    from .narrative import Passage
    from .report import AnnualReport

RULE = "R01"
# A supervising office once found a report that equalled an earlier one word for word. No norm says how much may return; from
# three sentences in ten on, the usual line of plagiarism checks in China, somebody has to mend the text or say why it stands.
WARNED = Fraction(3, 10)
# Shorter sentences return by chance: 特此报告, 下一步将做好以下工作.
LEAST = 10
_LISTED = 5
_QUOTED = 40

_OPENING = re.compile(r"\{\{|\{%|\{#")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
# Stand, character by character, where a placeholder stood: one that names a way of contact, or another.
_CONTACT, _NUMBER = "\ufffb", "\ufffc"
_ENDS = "。！？；!?;"
_PIECE = re.compile(f"[^{_ENDS}]*[{_ENDS}]?")
_HEADING, _ITEM = re.compile(r"\s*#"), re.compile(r"\s*(?:[-*+>|]|\d+[.)])\s")
_LEGAL_BASIS = re.compile(r"\W*(?:根据|依据|按照|依照|遵照|按)《.*报告")
_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年)")
_NUMBERING = re.compile(r"^[一二三四五六七八九十]+、")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of the own prose: as typed with placeholders masked, what is left of it to compare, and where it begins."""

    text: str
    key: str
    chapter: Chapter
    line: int


def compare(report: AnnualReport) -> Iterator[Finding]:
    """Yield a finding where the own prose of *report* has sentences of last year's."""
    if report.last_year is None:
        return
    before: dict[str, Sentence] = {}
    for each in sentences(report.last_year):
        before.setdefault(each.key, each)
    own = list(sentences(report))
    pairs = [(each, before[each.key]) for each in own if each.key in before]
    if pairs:
        yield _finding(report, report.last_year, pairs, len(own))


def sentences(report: AnnualReport) -> Iterator[Sentence]:
    """Yield the sentences of the own prose of *report* that can tell one year from another."""
    names = [letters(name) for name in (report.name, report.short_name)]
    titles = [letters(_NUMBERING.sub("", chapter.title)) for chapter in report.form.chapters]
    contact = [fact.text for fact in report.contact.values() if len(fact.text) > 1]
    for chapter in report.form.chapters:
        passage = report.narrative.get(chapter.id)
        words = _required(report.form, chapter)
        for line, text in _split(passage) if passage else ():
            key = _without(letters(text), names)
            customary = _CONTACT in text or _LEGAL_BASIS.match(text) or any(each in text for each in (*words, *contact))
            if not customary and len(_without(key, titles)) >= LEAST:
                yield Sentence(text=text, key=key, chapter=chapter, line=line)


def letters(text: str) -> str:
    """Return the letters of *text* alone, of one width and case: no digits, years in hanzi, punctuation or white space."""
    return "".join(filter(str.isalpha, unicodedata.normalize("NFKC", _YEAR.sub("", text)))).lower()


def _without(text: str, known: list[str]) -> str:
    for each in known:
        text = text.replace(each, "") if each else text
    return text


def _required(form: Form, chapter: Chapter) -> list[str]:
    """Return the words of *chapter* whose sentence the form asks for every year."""
    return [rule.words[0] for rule in form.stated(chapter.id) if len(rule.words) == 1]


def _split(passage: Passage) -> Iterator[tuple[int, str]]:
    """Yield (line, sentence) for each sentence of *passage*; headings are none, and a paragraph or item ends one."""
    held: list[str] = []
    begun = 0
    for number, line in enumerate(_masked(passage.source).split("\n"), passage.line):
        if held and (not line.strip() or _HEADING.match(line) or _ITEM.match(line)):
            yield begun, "".join(held)
            held = []
        if _HEADING.match(line):
            continue
        for piece in filter(str.strip, _PIECE.findall(line)):
            begun = begun if held else number
            held.append(piece)
            if piece[-1] in _ENDS:
                yield begun, "".join(held)
                held = []
    if held:
        yield begun, "".join(held)


def _masked(source: str) -> str:
    """Return *source* with the characters of placeholders masked and notes blank, every line where it was."""
    pieces: list[str] = []
    unclosed: set[str] = set()
    end = 0
    for opening in _OPENING.finditer(source):
        if opening.start() < end or opening.group() in unclosed:
            continue
        closing = source.find(_CLOSING[opening.group()], opening.end())
        if closing < 0:
            unclosed.add(opening.group())
            continue
        chunk = source[opening.start() : closing + 2]
        mask = " " if opening.group() == "{#" else _CONTACT if "contact." in chunk else _NUMBER
        pieces += [source[end : opening.start()], re.sub(r"[^\n]", mask, chunk)]
        end = closing + 2
    return "".join([*pieces, source[end:]])


def _finding(report: AnnualReport, last: AnnualReport, pairs: list[tuple[Sentence, Sentence]], total: int) -> Finding:
    repeated = _counted("repeated", "与上一年相同的句数", len(pairs))
    whole = _counted("sentences", "本年自写文字的句数", total)
    inputs = (repeated.id, whole.id)
    share = fig.percentage(
        f"{RULE}.share",
        "与上一年相同的句数的比例",
        "share",
        quantity.ratio(repeated.quantity, whole.quantity),
        inputs,
        report.policy,
    )
    once = {own.key: (own, old) for own, old in reversed(pairs)}
    listed = sorted(once.values(), key=lambda pair: (-len(pair[0].key), pair[0].line))[:_LISTED]
    said = "；".join(f"{_quoted(own)}（“{own.chapter.title}”第{own.line}行，上一年第{old.line}行）" for own, old in listed)
    more = "等" if len(once) > len(listed) else ""
    files = (f"{report.folder}/narrative.md 的", f"句与 {last.folder}/narrative.md 的相同")
    parts = (files[0], whole, "句中，有", repeated, files[1], "，占", share, f"：{said}{more}。请写本年的情况")
    severity = "warning" if share.quantity.fraction >= WARNED else "info"
    return Finding(id=RULE, rule=RULE, severity=severity, parts=parts, left=repeated, right=whole, difference=repeated)


def _counted(name: str, label: str, number: int) -> Figure:
    return fig.counted(f"{RULE}.{name}", label, "check", quantity.given(number), "句")


def _quoted(sentence: Sentence) -> str:
    shown = re.sub(rf"[{_CONTACT}{_NUMBER}]+", "…", "".join(sentence.text.split()))
    return f"“{shown[:_QUOTED]}…”" if len(shown) > _QUOTED else f"“{shown}”"
