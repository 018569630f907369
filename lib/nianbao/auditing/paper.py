"""
The auditor's working paper, as its notebook sees it: a published text held against the table, verdict by verdict.

Like a report's `Document` it gives displays and computes nothing; claims, issues and defects come from this package, findings
about the table from `checks`.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from nianbao.auditing import audit
from nianbao.auditing.claims import CONFIRMED, CONTRADICTED, EXPLAINED, NOT_CHECKABLE, PERCENTAGE
from nianbao.auditing.coherence import CODES
from nianbao.auditing.language import defects
from nianbao.build import swap
from nianbao.build.inputs import Scope
from nianbao.build.pipeline import Built, Job, make
from nianbao.document import charts
from nianbao.document.document import ASIDE, Display, Document, Opened
from nianbao.indicators import values
from nianbao.indicators.errors import UnknownReportError
from nianbao.indicators.figures import Figure, counted
from nianbao.inputs.report import load
from nianbao.page import faces, grid
from nianbao.page.blocks import Datum, Text, paragraph
from nianbao.reading import files
from nianbao.render import outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from nianbao.auditing.claims import Claim
    from nianbao.auditing.coherence import Issue
    from nianbao.auditing.language import Defect
    from nianbao.indicators.findings import Finding
    from nianbao.indicators.form import Form
    from nianbao.inputs.project import Project
    from nianbao.page.blocks import Block, Notice
    from nianbao.reading.lines import Line
    from nianbao.render.outputs import Output


WORDS = {CONFIRMED: "相符", EXPLAINED: "可解释", CONTRADICTED: "不符", NOT_CHECKABLE: "无从核对"}


class WorkingPaper(Opened):
    """
    One published text against one report's table.

    Args:
        document: the report whose table the text is held against.

        lines: the text.
    """

    def __init__(self, document: Document, lines: Iterable[Line]) -> None:
        super().__init__(document.name)
        self.document = document
        self.lines = tuple(lines)
        self.audit = audit(document.report, document.figures, self.lines)
        self.defects = defects(self.lines, document.report)
        self.table = tuple(finding for finding in document.findings if _about_the_table(finding))

    def __repr__(self) -> str:
        return f"<working paper: {self.document.report.title}>"

    def status(self) -> Display:
        """Return what an editor should know: what was read."""
        words = f"公布文本{len(self.lines)}行，读出{len(self.audit.claims)}处可核对的说法。"
        return self._display(paragraph(words), part=ASIDE)

    def summary(self) -> Display:
        """Return the answer in three sentences."""
        return self._display(*map(paragraph, self.answer()))

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
            return self._display(paragraph("公布文本中没有可核对的说法。"))
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
        return self._rows(caption, ("规则", "问题"), [(finding.rule, grid.said(finding)) for finding in self.table], (12, 88))

    def issues(self, caption: str) -> Display:
        """Return what does not hold together across claims."""
        return self._faults(caption, self.audit.issues, [f"{CODES[issue.code]}：{issue.sentence}" for issue in self.audit.issues])

    def language(self, caption: str) -> Display:
        """Return what is wrong with the text as text."""
        return self._faults(caption, self.defects, [defect.sentence for defect in self.defects])

    def _faults(self, caption: str, faults: Sequence[Issue | Defect], sentences: Sequence[str]) -> Display:
        rows = []
        for fault, sentence in zip(faults, sentences, strict=True):
            place = f"第{fault.line}行第{fault.start + 1}字"
            rows.append((fault.code, place, _quoted(fault.clause), _said(sentence)))
        return self._rows(caption, ("代码", "位置", "原文", "问题"), rows, (9, 13, 33, 45))

    def record(self) -> list[dict[str, Any]]:
        """Return everything that was found, for machines: stable ids, positions, verdicts, reasons."""
        found = [
            {"id": claim.id, "type": "claim", **asdict(claim), "conventions": list(claim.conventions)}
            for claim in self.audit.claims
        ]
        found += [{"id": issue.id, "type": "issue", **asdict(issue), "claims": list(issue.claims)} for issue in self.audit.issues]
        found += [{"id": f"{each.code}.L{each.line}.{each.start}", "type": "language", **asdict(each)} for each in self.defects]
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
            return self._display(paragraph(f"{caption}：没有。"))
        return self._display(grid.listing(caption, head, rows, widths))


def _about_the_table(finding: Finding) -> bool:
    return finding.severity == "error" and bool(finding.cells) and finding.left is not None


def _count(verdict: str, number: int) -> Figure:
    return counted(f"audit.{verdict}", WORDS[verdict], "check", values.given(number), "处")


def _quoted(clause: str) -> tuple[Text, ...]:
    return _said(f"“{clause}”")


def _said(text: str) -> tuple[Text, ...]:
    """Return *text*, which may hold any character that was published, with the code of each that the page cannot show."""
    return (Text("".join(_shown(character) for character in text)),)


def _shown(character: str) -> str:
    if ord(character) in faces.drawn():
        return character
    return " " if character.isspace() else f"〔U+{ord(character):04X}〕"


NAME = "audit"
NOTEBOOK = "audit.ipynb"
PARAMETERS = ("params_path", "published_path")


class AuditJob(Job):
    """The making of the working paper that holds the published text *text* against the table of *unit* for *year*."""

    name = NAME
    running, writing = "执行审计底稿，生成网页和 PDF", ""
    notebook_name = NOTEBOOK
    opened: WorkingPaper

    def __init__(self, project: Project, unit: str, year: str, text: Path, scratch: Path, forms: Mapping[str, Form]) -> None:
        self.text = text
        self.copy = scratch / f"published{text.suffix}"
        shutil.copyfile(text, self.copy)
        super().__init__(project, Scope(unit=unit, years=(year,)), scratch, forms)

    def read(self, folder: Path, scope: Scope, forms: Mapping[str, Form]) -> None:
        """Read the report and the published text."""
        document = Document(load(folder / scope.years[0], forms))
        self.opened = WorkingPaper(document, files.read(self.copy, self.text.name))
        self.report = document.report
        self.folder, self.title_lines = self.report.folder, (*self.report.title_lines, "审计工作底稿")
        self.given = dict(zip(PARAMETERS, (f"../{self.folder}", f"../{self.copy.name}"), strict=True))
        self.forms = (self.report.form.id,)

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The files that a working paper consists of."""
        return (*outputs.pages(NAME), outputs.FINDINGS)

    @property
    def findings(self) -> Any:
        """Everything that was found."""
        return self.opened.record()

    def notice(self) -> tuple[Notice, ...]:
        """Return nothing: a working paper is no draft."""
        return ()

    def check(self, lost: list[str]) -> None:
        """Let every numeral stand: most are the published text's."""

    def listed(self) -> Iterable[Figure]:
        """Return no figure: the report has them."""
        return ()

    def heading(self) -> dict[str, Any]:
        """Return which report it is about."""
        return {"audit": {"unit": self.report.unit, "year": str(self.report.year)}}


def build(
    project: Project,
    unit: str,
    year: str,
    published: Path | None,
    forms: Mapping[str, Form],
    say: Callable[[str], None],
    *,
    progress: bool,
) -> Built:
    """
    Hold *published* (or the text `published.*` beside the parameters) against the table of *unit* for *year*, as `pipeline.make` does.

    Raises:
        InvalidInputError, UnreadableError: where the parameters or the text cannot be read.
        UnknownReportError: where there is no such report or no text.
    """
    params = project.params(unit, year)
    text = published or _beside(params, f"params/{unit}/{year}")

    def begin(scratch: Path) -> Job:
        say("读取公布文本，与统计表逐项核对")
        return AuditJob(project, unit, year, text, scratch, forms)

    return make(project, project.output(unit, year) / swap.AUDIT, begin, say, progress=progress)


def _beside(params: Path, shown: str) -> Path:
    for suffix in files.SUFFIXES:
        if (params / f"published{suffix}").is_file():
            return params / f"published{suffix}"
    first, *others = (each.suffixes[0] for each in files.FORMATS)
    names = f"published{first}（或 {'、'.join(others)}）"
    raise UnknownReportError(f"没有公布文本：放在 {shown}/{names}，或用 --published 指明文件。")
