"""
The auditor's working paper: a published text held against the table, verdict by verdict, as its notebook sees it; and its making.

Like a report's `Document` a `WorkingPaper` gives displays and computes nothing; claims, issues and defects come from this package,
findings about the table from the rules. `AuditJob` says in what its making differs from a report's.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from nianbao.auditing import audit
from nianbao.auditing.claims import CONFIRMED, CONTRADICTED, EXPLAINED, NOT_CHECKABLE, PERCENTAGE
from nianbao.auditing.coherence import CODES
from nianbao.auditing.language import defects
from nianbao.build import evidence, gate, swap
from nianbao.build.inputs import of_report
from nianbao.build.pipeline import Job, Making
from nianbao.document import charts
from nianbao.document.document import ASIDE, Display, Document, Opened
from nianbao.indicators import values
from nianbao.indicators.errors import UnknownReportError, listed
from nianbao.indicators.figures import Figure, counted
from nianbao.inputs.report import load
from nianbao.page import faces, grid
from nianbao.page.blocks import Text, datum, paragraph
from nianbao.page.faces import decoded, drawn
from nianbao.reading import files
from nianbao.reading.lines import Line
from nianbao.render import outputs
from nianbao.render.outputs import FIGURES, FINDINGS, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from nianbao.auditing.claims import Claim
    from nianbao.auditing.language import Defect
    from nianbao.build.evidence import Told
    from nianbao.build.inputs import Scope
    from nianbao.indicators.findings import Finding
    from nianbao.indicators.form import Forms
    from nianbao.indicators.values import Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json
    from nianbao.page.blocks import Blocks, Notice, Widths
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
        report = document.report
        # A published text has the characters themselves where a report shows their codes.
        typed = replace(report, name=decoded(report.name), short_name=decoded(report.short_name))
        self.audit = audit(typed, document.figures, self.lines)
        self.defects = defects(self.lines, typed)
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

    def answer(self) -> Strings:
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
        counts = self._counts()
        longest = max(count.quantity.fraction for count in counts)
        if not longest:
            return self._display(paragraph("公布文本中没有可核对的说法。"))
        bars = [charts.Bar(name=count.label, shown=(count,), length=count.quantity.fraction / longest) for count in counts]
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

    def _faults(self, caption: str, faults: Sequence[Defect], sentences: Sequence[str]) -> Display:
        rows = []
        for fault, sentence in zip(faults, sentences, strict=True):
            place = f"第{fault.line}行第{fault.start + 1}字"
            rows.append((fault.code, place, _quoted(fault.clause), _said(sentence)))
        return self._rows(caption, ("代码", "位置", "原文", "问题"), rows, (9, 13, 33, 45))

    def record(self) -> list[Json]:
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

    def _expected(self, claim: Claim) -> Blocks | tuple[Any, ...]:
        if not claim.figure or not claim.expected:
            return (Text("—"),)
        figure = self._figure(claim)
        return (datum(figure) if figure else Text(claim.expected),)

    def _figure(self, claim: Claim) -> Figure | None:
        """Return what *claim* should say, as a figure that stands on the report's; None where the report has none that it stands on."""
        if not claim.figure or not claim.expected or claim.figure not in self.document.figures:
            return None
        figure = self.document.figures[claim.figure]
        return replace(
            figure,
            id=f"{NAME}.{claim.id}",
            label=f"{figure.label}（{claim.id}按表应为）",
            number=claim.expected,
            display=claim.expected,
            formula=figure.id,
            inputs=(figure.id,),
            source="",
        )

    def figures(self) -> Iterator[Figure]:
        """Yield the figures of the paper itself: how many claims came to each verdict, and what claims should say."""
        yield from self._counts()
        for claim in self.audit.claims:
            if (figure := self._figure(claim)) is not None:
                yield figure

    def _counts(self) -> list[Figure]:
        counts = Counter(claim.verdict for claim in self.audit.claims)
        return [
            counted(f"{NAME}.{verdict}", words, "check", values.given(counts[verdict]), "处") for verdict, words in WORDS.items()
        ]

    def _rows(self, caption: str, head: Strings, rows: Sequence[tuple[Any, ...]], widths: Widths) -> Display:
        if not rows:
            return self._display(paragraph(f"{caption}：没有。"))
        return self._display(grid.listing(caption, head, rows, widths))


def _about_the_table(finding: Finding) -> bool:
    return finding.severity == "error" and bool(finding.cells) and finding.left is not None


def _quoted(clause: str) -> tuple[Text, ...]:
    return _said(f"“{clause}”")


def _said(text: str) -> tuple[Text, ...]:
    """Return *text*, which may hold any character that was published, with the code of each that the page cannot show."""
    return (Text("".join(map(_shown, text))),)


def _shown(character: str) -> str:
    """Return *character* as a working paper shows it: what is not seen by its code too, for it may be what is wrong with the text."""
    if drawn(character):
        return character
    return " " if character.isspace() else faces.code(character)


NAME = "audit"
NOTEBOOK = "audit.ipynb"
PARAMETERS = ("params_path", "published_path")
# Where the published text stands among the inputs, which may lie anywhere.
PUBLISHED = "published/"
_TITLE = "审计工作底稿"


def told(paper: WorkingPaper) -> Told:
    """Return what *paper* tells: what its report does, what the claims should say, and the lines that were read."""
    document = evidence.of_document(paper.document)
    return replace(
        document,
        title=document.title + _TITLE,
        figures={**document.figures, **{figure.id: figure for figure in paper.figures()}},
        allowance=gate.ANYTHING,
        more={"lines": [[line.number, line.text, line.page] for line in paper.lines]},
    )


def told_again(unit: Path, held: Json, forms: Forms) -> Told:
    """Return what a working paper tells of which only *held*, its evidence, is there, with its parameters in the folder *unit*."""
    document = Document(load(unit / held["manifest"]["report"]["year"], forms))
    return told(WorkingPaper(document, [Line(number=number, text=text, page=page) for number, text, page in held["lines"]]))


class AuditJob(Job):
    """The making of the working paper that holds the published text *text* against the table of *unit* for *year*."""

    name = NAME
    running, writing = "执行审计底稿", "生成网页和 PDF"
    notebook_name = NOTEBOOK
    opened: WorkingPaper

    def __init__(self, project: Project, unit: str, year: str, text: Path, scratch: Path, forms: Forms) -> None:
        self.text = text
        self.copy = scratch / f"published{text.suffix}"
        shutil.copyfile(text, self.copy)
        super().__init__(project, of_report(unit, year), scratch, forms)
        self.inputs[f"{PUBLISHED}{text.name}"] = self.copy.read_bytes()

    def read(self, folder: Path, scope: Scope, forms: Forms) -> None:
        """Read the report and the published text."""
        document = Document(load(folder / scope.years[0], forms))
        self.opened = WorkingPaper(document, files.read(self.copy, self.text.name))
        self.report, self.place = document.report, str(document.report.year)
        self.folder, self.title_lines = self.report.folder, (*self.report.title_lines, _TITLE)
        self.given = dict(zip(PARAMETERS, (self.folder, self.copy.name), strict=True))
        last = self.report.last_year
        self.forms = (self.report.form.id, *([last.form.id] if last else []))

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The files that a working paper consists of."""
        record = replace(FINDINGS, write=lambda job: job.json(self.opened.record()))
        return (*outputs.pages(NAME), record, FIGURES, MANIFEST)

    def notice(self) -> tuple[Notice, ...]:
        """Return nothing: a working paper is no draft."""
        return ()

    def tell(self) -> Told:
        """Return what the working paper tells."""
        return told(self.opened)

    def check(self, lost: list[str]) -> None:
        """Let every numeral stand: most are the published text's."""

    def heading(self) -> Json:
        """Return which report it is about, and which text."""
        return {**super().heading(), NAME: {"published": self.text.name}}


def making(project: Project, unit: str, year: str, published: Path | None, forms: Forms) -> Making:
    """
    Return the working paper on *published* (or the text `published.*` beside the parameters) and *unit* for *year*, to be made.

    Raises:
        UnknownReportError: where there is no such report or no text.
    """
    text = published or _beside(project.params(unit, year), f"params/{unit}/{year}")
    return Making(
        target=project.output(unit, year, swap.AUDIT),
        scope=of_report(unit, year),
        reading="读取公布文本，与统计表逐项核对",
        begin=lambda scratch: AuditJob(project, unit, year, text, scratch, forms),
        apart={f"{PUBLISHED}{text.name}": text},
    )


def _beside(params: Path, shown: str) -> Path:
    for suffix in files.SUFFIXES:
        if (params / f"published{suffix}").is_file():
            return params / f"published{suffix}"
    first, *others = (each.suffixes[0] for each in files.FORMATS)
    names = f"published{first}（或 {listed(others)}）"
    raise UnknownReportError(f"没有公布文本：放在 {shown}/{names}，或用 --published 指明文件。")
