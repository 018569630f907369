"""
What is wrong with prose as its author typed it: digits where a placeholder should stand, and sentences of last year's report.

Which numerals are no figures (years of the report, dates, numbering, document numbers, and what names hold) is one rule for the prose
as typed and the pages as rendered, so a number cannot pass one and fail the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from nianbao.indicators import figures, frozen, rules, values
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.findings import REPEATED, Finding
from nianbao.indicators.form import labelled
from nianbao.prose import language, markdown, typed
from nianbao.prose.language import slug
from nianbao.reading import lines
from nianbao.reading.numbers import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nianbao.indicators.figures import Figure
    from nianbao.indicators.findings import Findings
    from nianbao.indicators.form import Chapter, Form
    from nianbao.indicators.report import AnnualReport, Literal, Passage
    from nianbao.indicators.values import Strings
    from nianbao.prose.names import Namespace
    from nianbao.prose.typed import Offer, Offers


# The rule that a number typed by hand breaks.
TYPED = "T01"
_QUOTING = "有手写的数“"
# Source that would be printed; nobody can accept that.
SOURCE = "T02"
_QUOTED_SOURCE = 12


def lint(
    passage: Passage,
    root: Namespace,
    *,
    literals: Iterable[Literal],
    known: Iterable[str] = (),
    offers: Offers | None = None,
    hanzi: bool = True,
) -> Findings:
    """
    Return what is wrong with the text of *passage* as typed.

    Args:
        known: texts that hold digits by their nature and that placeholders may print.

        offers: what may stand instead of a number.

        hanzi: whether numbers in Chinese numerals count.

    Raises:
        InvalidInputError: where a placeholder cannot be said.
    """
    prepared = language.prepare(passage, root)
    if prepared.problems:
        raise InvalidInputError(prepared.problems)
    texts = tuple(literal.text for literal in literals)
    found = [*typed.find(prepared, passage, texts, hanzi=hanzi)]
    offered = offers.of(prepared, passage, found) if offers else [(each, typed.NOTHING) for each in found]
    told = [_typed(passage, each.line, each.quote, offer) for each, offer in offered]
    # A page reads lines joined and without marks of Markdown: what it would object to is told too, so that no build is refused for it.
    quoted = {number for finding in told for number in numbers_told(finding)}
    blocks = language.render(passage, root).blocks
    told += [
        _typed(passage, passage.line, each, typed.NOTHING) for each in typed.shown(blocks, (*texts, *known)) if each not in quoted
    ]
    told += [_source(passage, found) for found in dict.fromkeys(markdown.raw(blocks))]
    return tuple(_numbered(told))


def _source(passage: Passage, found: str) -> Finding:
    """Return the finding that source would be printed as it stands."""
    before, _found, after = passage.source.partition(found)
    line = passage.line + before.count("\n")
    quote = f"{found}{after[:_QUOTED_SOURCE]}".partition("\n")[0]
    remedy = "图片要单独成段，写成 ![说明](文件)；加粗写成 **…**；删除线和 HTML 不能用"
    sentence = f"{passage.file} 第{line}行的“{quote}”排不出来，会照原样印出；{remedy}"
    return Finding(id=f"{SOURCE}.{slug(passage)}.{line}", rule=SOURCE, severity="error", parts=(sentence,))


def _typed(passage: Passage, line: int, quote: str, offer: Offer) -> Finding:
    sentence = f"{passage.file} 第{line}行{_QUOTING}{quote}”，{offer.advice}"
    return Finding(id=f"{TYPED}.{slug(passage)}.{line}", rule=TYPED, severity="error", parts=(sentence,))


def numbers_told(finding: Finding) -> Strings:
    """Return the numbers in digits that *finding* tells of as typed by hand."""
    # What names a cell of a notebook before it may hold digits too.
    quote = finding.sentence.partition(_QUOTING)[2].partition("”")[0]
    return tuple(NUMBER.findall(quote)) if finding.rule == TYPED else ()


def _numbered(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield *findings* with different ids where several stand in one line."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.id] += 1
        yield replace(finding, id=f"{finding.id}.{seen[finding.id]}") if seen[finding.id] > 1 else finding


def names(report: AnnualReport) -> Strings:
    """Return the texts of *report* that hold numerals by their nature: labels, titles, sources, literals; the longest first."""
    form = report.form
    found = {report.title, report.name, report.short_name, *form.contact.values(), *report.sources.values()}
    for table in form.tables:
        found.add(labelled(table.title, year=report.year, name=report.name))
        found |= {labelled(column.label, year=report.year) for column in table.columns}
    for row in form.rows.values():
        found |= {row.label, row.name, row.zero, row.section, row.group, row.numbered_label}
    found |= {rate.label for rate in form.rates} | {rule.id for rule in form.rules} | {chapter.title for chapter in form.chapters}
    found |= {each.label for each in report.rates.values()}
    found |= {text for gap in report.gaps.values() for text in (gap.at, gap.after, gap.missing)}
    found |= {published.at for published in report.published} | {literal.text for literal in report.literals}
    return tuple(sorted((text for text in found if NUMBER.search(text)), key=lambda text: (-len(text), text)))


def without(text: str, known: Iterable[str], instead: str = " ") -> str:
    """Return *text* with *instead* for every text of *known*, in the order given."""
    for each in filter(None, known):
        text = text.replace(each, instead)
    return text


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
_HEADING, _ITEM = re.compile(r"\s*#"), re.compile(r"\s*(?:[-*+>|]|\d+[.)])\s")
_LEGAL_BASIS = re.compile(r"\W*(?:根据|依据|按照|依照|遵照|按)《.*报告")
_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年)")
_NUMBERING = re.compile(f"^[{lines.NUMERAL}]+、")


@frozen
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
            key = without(letters(text), names, "")
            customary = _CONTACT in text or _LEGAL_BASIS.match(text) or any(each in text for each in (*words, *contact))
            if not customary and len(without(key, titles, "")) >= LEAST:
                yield Sentence(text=text, key=key, chapter=chapter, line=line)


def letters(text: str) -> str:
    """Return the letters of *text* alone, of one width and case: no digits, years in hanzi, punctuation or white space."""
    return "".join(filter(str.isalpha, unicodedata.normalize("NFKC", _YEAR.sub("", text)))).lower()


def _required(form: Form, chapter: Chapter) -> list[str]:
    """Return the words of *chapter* whose sentence the form asks for every year."""
    return [rule.words[0] for rule in rules.stated(form, chapter.id) if len(rule.words) == 1]


def _split(passage: Passage) -> Iterator[tuple[int, str]]:
    """Yield (line, sentence) for each sentence of *passage*; headings are none, and a paragraph or item ends one."""
    held, begun = "", 0
    for number, line in enumerate(_masked(passage.source).split("\n"), passage.line):
        is_heading = _HEADING.match(line)
        if held and (not line.strip() or is_heading or _ITEM.match(line)):
            yield begun, held
            held = ""
        for piece in lines.sentences("" if is_heading else line, _ENDS):
            begun = begun if held else number
            held += piece.group()
            if held[-1] in _ENDS:
                yield begun, held
                held = ""
    if held:
        yield begun, held


def _masked(source: str) -> str:
    """
    Return *source* with the characters of placeholders masked and notes blank, every line where it was.

    What is opened and never closed is looked for once, so that the time grows with the text and not with its square.
    """
    pieces: list[str] = []
    unclosed: set[str] = set()
    end = 0
    for opening in _OPENING.finditer(source):
        kind = opening.group()
        if opening.start() < end or kind in unclosed:
            continue
        closing = source.find(_CLOSING[kind], opening.end())
        if closing < 0:
            unclosed.add(kind)
            continue
        chunk = source[opening.start() : closing + 2]
        mask = " " if kind == "{#" else _CONTACT if "contact." in chunk else _NUMBER
        pieces += [source[end : opening.start()], re.sub(r"[^\n]", mask, chunk)]
        end = closing + 2
    return "".join([*pieces, source[end:]])


def _finding(report: AnnualReport, last: AnnualReport, pairs: list[tuple[Sentence, Sentence]], total: int) -> Finding:
    repeated = _counted("repeated", "与上一年相同的句数", len(pairs))
    whole = _counted("sentences", "本年自写文字的句数", total)
    share = figures.ratio(f"{REPEATED}.share", "与上一年相同的句数的比例", "share", repeated, whole, report.policy)
    once = {own.key: (own, old) for own, old in reversed(pairs)}
    listed = sorted(once.values(), key=lambda pair: (-len(pair[0].key), pair[0].line))[:_LISTED]
    said = "；".join(f"{_quoted(own)}（“{own.chapter.title}”第{own.line}行，上一年第{old.line}行）" for own, old in listed)
    more = "等" if len(once) > len(listed) else ""
    files = (f"{report.folder}/narrative.md 的", f"句与 {last.folder}/narrative.md 的相同")
    parts = (files[0], whole, "句中，有", repeated, files[1], "，占", share, f"：{said}{more}。请写本年的情况")
    severity = "warning" if share.quantity.fraction >= WARNED else "info"
    return Finding(id=REPEATED, rule=REPEATED, severity=severity, parts=parts, left=repeated, right=whole, difference=repeated)


def _counted(name: str, label: str, number: int) -> Figure:
    return figures.counted(f"{REPEATED}.{name}", label, "check", values.given(number), "句")


def _quoted(sentence: Sentence) -> str:
    shown = re.sub(rf"[{_CONTACT}{_NUMBER}]+", "…", "".join(sentence.text.split()))
    return f"“{shown[:_QUOTED]}…”" if len(shown) > _QUOTED else f"“{shown}”"
