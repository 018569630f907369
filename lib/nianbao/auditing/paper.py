"""
The auditor's working paper, as its notebook sees it: a published text held against the table, verdict by verdict.

Like a report's `Document` it gives displays and computes nothing; claims, issues and defects come from this package, findings
about the table from `checks`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from nianbao import charts, quantity, tables, typeface
from nianbao.blocks import Datum, Grid, GridCell, Paragraph, Text
from nianbao.document import ASIDE, SHOWN, Display, Document
from nianbao.figures import Figure, counted

from . import audit
from .claims import CONFIRMED, CONTRADICTED, EXPLAINED, NOT_CHECKABLE, PERCENTAGE
from .coherence import CODES
from .language import defects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nianbao.blocks import Block
    from nianbao.findings import Finding

    from .claims import Claim
    from .lines import Line

WORDS = {CONFIRMED: "相符", EXPLAINED: "可解释", CONTRADICTED: "不符", NOT_CHECKABLE: "无从核对"}


class WorkingPaper:
    """
    One published text against one report's table.

    Args:
        document: the report whose table the text is held against.

        lines: the text.
    """

    def __init__(self, document: Document, lines: Iterable[Line]) -> None:
        self.document = document
        self.lines = tuple(lines)
        self.audit = audit(document.report, document.figures, self.lines)
        self.defects = defects(self.lines, document.report)
        self.table = tuple(finding for finding in document.findings if _about_the_table(finding))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return self.status()._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        return f"<working paper: {self.document.report.title}>"

    def status(self) -> Display:
        """Return what an editor should know: what was read."""
        words = f"公布文本{len(self.lines)}行，读出{len(self.audit.claims)}处可核对的说法。"
        return self._display(Paragraph((Text(words),)), part=ASIDE)

    def summary(self) -> Display:
        """Return the answer in three sentences."""
        return self._display(*(Paragraph((Text(sentence),)) for sentence in self.answer()))

    def answer(self) -> tuple[str, ...]:
        """Return how many claims came to each verdict, and what else was found, in sentences."""
        claims = self.audit.claims
        ratios = [claim for claim in claims if claim.kind == PERCENTAGE and claim.figure]
        return (
            f"公布文本中由统计表可以核对的百分比{len(ratios)}个：{self._tally(ratios)}。",
            f"全部说法{len(claims)}处：{self._tally(claims)}。",
            f"统计表自身的勾稽关系有{len(self.table)}处不符；前后不一致的说法{len(self.audit.issues)}处；文字差错{len(self.defects)}处。",
        )

    def verdicts(self, caption: str) -> Display:
        """Return a chart of how many claims came to each verdict."""
        counts = {verdict: sum(claim.verdict == verdict for claim in self.audit.claims) for verdict in WORDS}
        longest = max(counts.values(), default=0)
        if not longest:
            return self._display(Paragraph((Text("公布文本中没有可核对的说法。"),)))
        bars = [
            charts.Bar(name=WORDS[verdict], shown=(_count(verdict, number),), length=Fraction(number, longest))
            for verdict, number in counts.items()
        ]
        return self._display(charts.picture(bars, caption))

    def percentages(self, caption: str) -> Display:
        """Return every percentage that the table can judge, with its verdict."""
        return self._claims([claim for claim in self.audit.claims if claim.kind == PERCENTAGE and claim.figure], caption)

    def counts(self, caption: str) -> Display:
        """Return every other claim that the table can judge, with its verdict."""
        return self._claims([claim for claim in self.audit.claims if claim.kind != PERCENTAGE and claim.figure], caption)

    def unchecked(self, caption: str) -> Display:
        """Return the numbers that the table does not know, with the reason."""
        return self._claims([claim for claim in self.audit.claims if not claim.figure], caption)

    def table_faults(self, caption: str) -> Display:
        """Return where the table contradicts itself, with the values that would mend it."""
        return self._rows(caption, ("规则", "问题"), [(finding.rule, tables.said(finding)) for finding in self.table], (12, 88))

    def issues(self, caption: str) -> Display:
        """Return what does not hold together across claims."""
        rows = [
            (issue.code, _place(issue.line, issue.start), _quoted(issue.clause), _said(f"{CODES[issue.code]}：{issue.sentence}"))
            for issue in self.audit.issues
        ]
        return self._rows(caption, ("代码", "位置", "原文", "问题"), rows, (9, 13, 33, 45))

    def language(self, caption: str) -> Display:
        """Return what is wrong with the text as text."""
        rows = [
            (defect.code, _place(defect.line, defect.start), _quoted(defect.clause), _said(defect.sentence))
            for defect in self.defects
        ]
        return self._rows(caption, ("代码", "位置", "原文", "问题"), rows, (9, 13, 33, 45))

    def record(self) -> list[dict[str, Any]]:
        """Return everything that was found, for machines: stable ids, positions, verdicts, reasons."""
        found: list[dict[str, Any]] = [
            {
                "id": claim.id,
                "type": "claim",
                "kind": claim.kind,
                "line": claim.line,
                "start": claim.start,
                "end": claim.end,
                "clause": claim.clause,
                "text": claim.text,
                "figure": claim.figure,
                "base": claim.base,
                "expected": claim.expected,
                "exact": claim.exact,
                "verdict": claim.verdict,
                "conventions": list(claim.conventions),
                "reason": claim.reason,
            }
            for claim in self.audit.claims
        ]
        found += [
            {"id": issue.id, "type": "issue", "code": issue.code, "line": issue.line, "start": issue.start, "end": issue.end}
            | {"clause": issue.clause, "sentence": issue.sentence, "claims": list(issue.claims)}
            for issue in self.audit.issues
        ]
        found += [
            {"id": f"{each.code}.L{each.line}.{each.start}", "type": "language", "code": each.code, "line": each.line}
            | {"start": each.start, "end": each.end, "clause": each.clause, "sentence": each.sentence}
            for each in self.defects
        ]
        found += [
            {"id": each.id, "type": "table", "rule": each.rule, "severity": each.severity, "accepted": each.accepted}
            | {"cells": list(each.cells), "sentence": each.sentence}
            | {"implied": [{"cell": cell, "value": figure.quantity.exact} for cell, figure in each.implied]}
            for each in self.table
        ]
        return found

    @property
    def clean(self) -> bool:
        """Whether nothing was found that someone has to look at."""
        judged = any(claim.verdict in {EXPLAINED, CONTRADICTED} for claim in self.audit.claims)
        return not (judged or self.audit.issues or self.defects or self.table)

    def _tally(self, claims: Sequence[Claim]) -> str:
        return "，".join(f"{words}{sum(claim.verdict == verdict for claim in claims)}个" for verdict, words in WORDS.items())

    def _claims(self, claims: Sequence[Claim], caption: str) -> Display:
        rows = [
            (
                claim.id,
                _quoted(claim.clause),
                _said(claim.text),
                self._expected(claim),
                _said(f"{WORDS[claim.verdict]}。{claim.reason}"),
            )
            for claim in claims
        ]
        return self._rows(caption, ("编号", "原文", "公布数", "按表应为", "结论和依据"), rows, (9, 27, 11, 13, 40))

    def _expected(self, claim: Claim) -> tuple[Block, ...] | tuple[Any, ...]:
        if not claim.figure or not claim.expected:
            return (Text("—"),)
        known = claim.figure in self.document.figures
        label = self.document.figures[claim.figure].label if known else claim.figure
        return (Datum(figure=claim.figure, text=claim.expected, value=claim.exact or None, label=label),)

    def _rows(self, caption: str, head: tuple[str, ...], rows: Sequence[tuple[Any, ...]], widths: tuple[float, ...]) -> Display:
        if not rows:
            return self._display(Paragraph((Text(f"{caption}：没有。"),)))
        body = tuple(
            (
                GridCell(children=(Text(first),), header="row"),
                *(GridCell(children=tuple(cell)) if not isinstance(cell, str) else _words(cell) for cell in rest),
            )
            for first, *rest in rows
        )
        heading = tuple(GridCell(children=(Text(label),), header="col") for label in head)
        return self._display(Grid(caption=caption, head=(heading,), bodies=(body,), widths=widths))

    def _display(self, *blocks: Block, part: str = SHOWN) -> Display:
        report = self.document.report
        return Display(f"{report.unit}/{report.year}", blocks, part=part)


def _about_the_table(finding: Finding) -> bool:
    return finding.severity == "error" and bool(finding.cells) and finding.left is not None


def _count(verdict: str, number: int) -> Figure:
    return counted(f"audit.{verdict}", WORDS[verdict], "check", quantity.given(number), "处")


def _quoted(clause: str) -> tuple[Text, ...]:
    return _said(f"“{clause}”")


def _said(text: str) -> tuple[Text, ...]:
    """Return *text*, which may hold any character that was published, with the code of each that the page cannot show."""
    return (Text("".join(_shown(character) for character in text)),)


def _shown(character: str) -> str:
    if ord(character) in typeface.drawn():
        return character
    return " " if character.isspace() else f"〔U+{ord(character):04X}〕"


def _place(line: int, start: int) -> str:
    return f"第{line}行第{start + 1}字"


def _words(text: str) -> GridCell:
    return GridCell(children=(Text(text),))
