"""
What a notebook opens: one report with its figures, giving prose, tables and charts that show themselves.

`open_report` also registers the cell magic `%%prose`, so that a sentence typed in a cell stands under it with its numbers in
place, in JupyterLab and under papermill alike. What a trend or a working paper gives its notebook begins with `Opened` too. Nothing
here computes a figure.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from functools import cached_property, partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.document import calculation, charts, drawings
from nianbao.document.calculation import Traced
from nianbao.indicators import figures as fig
from nianbao.indicators import positional, rules
from nianbao.indicators.errors import UnknownNameError, listed
from nianbao.indicators.figures import compute
from nianbao.indicators.findings import RULE as PUBLISHED
from nianbao.indicators.findings import Finding, open_findings
from nianbao.indicators.report import Passage
from nianbao.indicators.values import METHODS
from nianbao.inputs import formfile
from nianbao.inputs.project import located
from nianbao.inputs.report import load, odd
from nianbao.page import faces, grid, images
from nianbao.page.blocks import MIMETYPE, Grid, Heading, Notice, Paragraph, Text, paragraph, to_json, walk
from nianbao.page.html import PageWriter
from nianbao.prose import language, lint
from nianbao.prose import names as placeholders
from nianbao.prose.language import slug
from nianbao.prose.names import Indicator, UnsayableError, likely
from nianbao.prose.typed import Offers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from nianbao.document.calculation import Owner
    from nianbao.indicators.figures import Figure
    from nianbao.indicators.findings import Findings
    from nianbao.indicators.form import Chapter, Table
    from nianbao.indicators.report import AnnualReport, Odd
    from nianbao.indicators.values import Policy, Strings
    from nianbao.inputs.yaml import Json
    from nianbao.page.blocks import Block, Blocks, Inlines


# Names in the environment the folder of the report that `nianbao edit` was asked for: the notebook may be shared, and name another.
EDITED = "NIANBAO_REPORT"
# The name by which a notebook is told which report it is about.
PARAMETER = "params_path"
# Whose blocks a display holds: the library's, those that somebody made in a cell, or nobody's who reads the report.
SHOWN, MADE, ASIDE = "report", "cell", "aside"

_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_PLACES = "零一两三四五六"


@positional
class Display:
    """
    Blocks that show themselves in a notebook and travel in the output of its cell.

    Args:
        report: whose it is, `unit/year`, so that no output can pass for another report's.

        part: `report` where the blocks belong to the report, `cell` where somebody made them in a cell, so that what they say is still
            to be traced, `aside` where they only speak to whoever edits it.

        zeros: findings about zeros that the blocks print.

        untraced: why numbers in them may stand that lead to no figure.

        data: the whole of a table as CSV, of which they may show the beginning; `misplaced` says in words which of its figures stand
            where its labels name other cells.

        refused: why a frame can be no table of the report.
    """

    report: str
    blocks: Blocks
    part: str = SHOWN
    zeros: Findings = ()
    untraced: str = ""
    data: str = ""
    misplaced: Strings = ()
    refused: str = ""

    def __repr__(self) -> str:
        kinds = "、".join(type(block).__name__ for block in self.blocks)
        return f"<{self.part}: {kinds}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Json:
        del include, exclude
        payload = {
            "report": self.report,
            "part": self.part,
            "blocks": to_json(self.blocks),
            "findings": [{"id": each.id, "sentence": each.sentence} for each in self.zeros],
        }
        payload |= {"untraced": self.untraced} if self.untraced else {}
        payload |= {"misplaced": list(self.misplaced)} if self.misplaced else {}
        payload |= {"refused": self.refused} if self.refused else {}
        if self.data:
            payload |= {
                "data": self.data,
                "caption": next((each.caption for each in walk(self.blocks) if isinstance(each, Grid)), ""),
            }
        return {MIMETYPE: payload, "text/html": PageWriter(numbered=False).blocks(self.blocks), "text/plain": repr(self)}


class Opened:
    """
    What a notebook opens: displays under one name, and a status that shows itself where it ends a cell.

    Args:
        name: whose the displays are, `unit/year`.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def status(self) -> Display:
        """Return what an editor should know."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Json:
        return self.status()._repr_mimebundle_(include, exclude)

    def _display(self, *blocks: Block, part: str = SHOWN, zeros: Findings = ()) -> Display:
        return Display(self.name, blocks, part, zeros)


class Document(Opened):
    """The report in one folder, as its notebook sees it."""

    def __init__(self, read: AnnualReport) -> None:
        super().__init__(f"{read.unit}/{read.year}")
        self.report = read
        self.form = read.form
        self.figures = compute(read)
        self.figures.take(list(fig.compute_changes(read, self.figures)))
        # Figures that follow from those, shown by the notebook alone.
        self.calculated: dict[str, Figure] = {}
        self.names = placeholders.tree(read, self.figures)
        self.offers = Offers(read)
        self.prose_findings = self._narrative_findings()

    def __repr__(self) -> str:
        return f"<{self.report.title}>"

    def take_up(self, findings: Iterable[Finding]) -> None:
        """Add *findings* about sentences that stand outside the parameters: those of the notebook."""
        self.prose_findings = [*self.prose_findings, *findings]
        vars(self).pop("findings", None)

    def take_up_printed(self, payloads: Iterable[Json]) -> None:
        """Add the bare zeros that sentences printed while the notebook ran, as its displays, *payloads*, say."""
        known = {finding.id for finding in self.prose_findings}
        printed = {each["id"]: each["sentence"] for payload in payloads for each in payload["findings"]}
        self.take_up(
            Finding(id=key, rule="T03", severity="warning", parts=(sentence,))
            for key, sentence in printed.items()
            if key not in known
        )

    @cached_property
    def findings(self) -> Findings:
        """All that does not agree, in the tables and in the prose that was taken up so far."""
        return rules.run(self.report, self.figures, self.prose_findings)

    def status(self) -> Display:
        """
        Return what an editor should know: the title, and the findings that make the report a draft.

        >>> import nianbao
        >>> report = nianbao.open("longtan", 2013)
        >>> report.status()
        <aside: Paragraph>
        """
        waiting = open_findings(self.findings)
        accepted = sum(finding.accepted for finding in self.findings)
        head = paragraph(f"{self.report.title}：待处理的问题{len(waiting)}个，已认可的差异{accepted}个。")
        return self._display(head, *draft_notice(waiting), part=ASIDE)

    def prose(self, text: str) -> Display:
        """
        Return *text* (Markdown with placeholders) with its numbers in place.

        >>> import nianbao
        >>> report = nianbao.open("longtan", 2013)
        >>> report.prose("公开{{ disclosed }}，其中区本级占{{ disclosed.district.share }}。")
        <report: Paragraph>
        """
        # Characters for private use stand for figures while prose is read; others are coded, and told, when the notebook has run.
        source = _PRIVATE_USE.sub(lambda found: faces.code(found.group()), text)
        return self._rendered(Passage(source=source, file="%%prose"), deeper=0)

    def narrative(self, chapter: str) -> Display:
        """
        Return the year's own prose of *chapter*, or nothing where the year has none.

        Raises:
            UnknownNameError: where the form has no such chapter.
        """
        named(chapter, self.form.chapters, "章")
        passage = self.report.narrative.get(chapter)
        return self._rendered(passage, deeper=1) if passage else self._display()

    def chapter(self, chapter: str) -> Display:
        """
        Return the heading of *chapter*, worded as the form of the year words it.

        Raises:
            UnknownNameError: where the form has no such chapter.

        >>> import nianbao
        >>> report = nianbao.open("longtan", 2013)
        >>> report.chapter(report.form.chapters[0].id)
        <report: Heading>
        """
        return self._display(Heading(2, (Text(named(chapter, self.form.chapters, "章").title),)))

    def table(self, table: str) -> Display:
        """
        Return a statistical table in its official layout.

        >>> import nianbao
        >>> report = nianbao.open("longtan", 2013)
        >>> report.table("statistics")
        <report: Grid>
        """
        return self._display(self._statistics(named(table, self.form.tables, "表")))

    def tables(self, chapter: str) -> Display:
        """
        Return the statistical tables of *chapter* in their official layout.

        Raises:
            UnknownNameError: where the form has no such chapter.

        >>> import nianbao
        >>> report = nianbao.open("specimen", 2025)
        >>> report.tables("requests")
        <report: Grid>
        """
        named(chapter, self.form.chapters, "章")
        return self._display(*(self._statistics(table) for table in self.form.tables if table.chapter == chapter))

    def frame(self, table: str) -> pd.DataFrame:
        """
        Return a statistical table to work with in pandas, each cell a figure that stays one: see `document.frames`.

        One line per row of the table, by its id; 指标 and 单位 as texts, then a column for each of the table, called by its heading, and
        its shares (`…占比`). A number that was calculated by adding, subtracting or dividing is a figure too.

        Raises:
            UnknownNameError: where the form has no such table.

        >>> import nianbao
        >>> report = nianbao.open("specimen", 2025)
        >>> frame = report.frame("requests")
        >>> frame.loc["received", "自然人"], frame.loc["received", "自然人"] / frame.loc["received", "总计"]
        (13612, 96.75%)
        """
        from nianbao.document import frames  # noqa: PLC0415 - half a second that only those who ask pay

        return frames.of_table(self.figures, named(table, self.form.tables, "表"), self.owner)

    @cached_property
    def owner(self) -> Owner:
        """Whose the figures are that are calculated with."""
        return calculation.owner(self.report)

    def figure(self, figure_id: str) -> Figure:
        """
        Return the figure called *figure_id*: the report's own, last year's, or one calculated from these, which its name tells.

        Raises:
            UnknownNameError: where there is no such figure.

        >>> import nianbao
        >>> report = nianbao.open("specimen", 2025)
        >>> report.figure("received.natural/received.total").display
        '96.75%'
        """
        try:
            return self._own(figure_id)
        except KeyError:
            pass
        try:
            return calculation.calculated(figure_id, self._own, self.owner)
        except (KeyError, ValueError) as error:
            raise UnknownNameError(f"没有编号为“{figure_id}”的数，也不能由本报告的数算出它") from error

    def _own(self, figure_id: str) -> Figure:
        if found := self.figures.derived(figure_id):
            return found
        before = self.report.last_year
        if before is None or not figure_id.startswith(fig.LAST):
            raise KeyError(figure_id)
        assert self.figures.before is not None
        return calculation.of_last_year(self.figures.before[figure_id.removeprefix(fig.LAST)], before.year)

    def take_up_figures(self, ids: Iterable[str]) -> None:
        """
        Add the figures *ids* that the notebook shows beyond the report's own, with all that they follow from.

        Raises:
            UnknownNameError: where one of them is no figure of this report.
        """
        waiting = [figure_id for figure_id in ids if figure_id not in self.figures]
        while waiting:
            figure = self.figure(waiting.pop())
            if figure.id not in self.figures and figure.id not in self.calculated:
                self.calculated[figure.id] = figure
                waiting += [each for each in figure.inputs if each not in self.figures]

    def bars(self, *names: str, caption: str, shares: bool = True, by: str = "") -> Display:
        """
        Return a chart with a bar for each of *names*, with its share of what it is a part of unless not *shares*.

        Args:
            names: as a placeholder writes them: `handled.granted`, a column `received.natural`, a sum `handled.granted + handled.partial`,
                `received.last_year`, a fact `facts.fee_notices`, a rate or share. All of one unit.

            by: `"column"`, or `"applicant"` in a table of applicants: a bar for each column that the one name is divided into.

        Raises:
            UnknownNameError: where one of *names* is none, or they cannot stand on one scale.
        """
        if not names:
            raise UnknownNameError('横条图要至少一项，如：report.bars("received", caption="…")')
        items = [self._item(name) for name in names]
        drawn = self._divided(items, by) if by else items
        return self._display(charts.bars(drawn, caption, shares=shares))

    def _item(self, name: str) -> charts.Item:
        """Return the number that *name*, a name or a sum of names, means."""
        _check_text(name)
        try:
            found = [placeholders.find(tuple(term.strip().split(".")), self.names) for term in name.split("+")]
            item = reduce(placeholders.added, found)
        except UnsayableError as error:
            raise UnknownNameError(f"“{name}”：{error}") from error
        if not isinstance(item, charts.Item):
            raise UnknownNameError(f"“{name}”不是数：图中写统计表中的行、栏、它们的和，或 facts、rates 中的数")
        return item

    def _divided(self, items: Sequence[charts.Item], by: str) -> Sequence[charts.Item]:
        """Return the columns that the one of *items* is divided into, each as it is called beside the others."""
        one = items[0]
        if len(items) != 1 or not isinstance(one, Indicator):
            raise UnknownNameError('用 by 时只写一行，如：report.bars("received", by="column", caption="…")')
        parts = [replace(one, named_column=column) for column in rules.column_parts(self.form, one.id, one.column)]
        known = {"column"} | (
            {"applicant"} if parts and all(self.form.column(one.id, each.column).noun for each in parts) else set()
        )
        if not parts:
            raise UnknownNameError(f"“{one.path}”没有分栏的数，不能用 by")
        if by not in known:
            raise UnknownNameError(f"by 没有“{by}”{likely(by, known)}；有：{listed(sorted(known))}")
        return [part.beside() for part in parts]

    def parts(self, whole: str, *, caption: str, deep: bool = False) -> Display:
        """
        Return a chart with a bar for each part of *whole*, and for their parts too where *deep*.

        Raises:
            UnknownNameError: where *whole* is no row of the form, or has no parts.

        >>> import nianbao
        >>> report = nianbao.open("specimen", 2025)
        >>> report.parts("handled", caption="办理结果")
        <report: Picture>
        """
        self._check_parts(whole)
        return self.bars(*self._parts(whole, deep=deep), caption=caption)

    def _check_parts(self, whole: str) -> str:
        """Return what the row *whole* is called; it has parts."""
        row = named(whole, self.form.rows.values(), "行")
        if not self.form.parts(whole):
            raise UnknownNameError(
                f'“{whole}”（{row.name}）之下没有分项；要按栏分，写 report.bars("{whole}", by="column", caption=…)'
            )
        return str(row.name)

    def stacks(self, *wholes: str, caption: str, names: Strings = ()) -> Display:
        """
        Return a chart with a full bar for each of *wholes*, divided into its parts.

        Args:
            names: what the bars are called, one for each of *wholes*; what the form calls them where none are given.

        Raises:
            UnknownNameError: where one of *wholes* is no row of the form, or has no parts; where there are not as many *names*.
        """
        called = [self._check_parts(whole) for whole in wholes]
        if not wholes or len(names or called) != len(wholes):
            raise UnknownNameError(f"比例条图的 names 要与各行一样多：行{len(wholes)}个，名称{len(names)}个")
        return self._display(charts.stacks(self.report, self.figures, list(zip(names or called, wholes, strict=True)), caption))

    def chart(self, drawn: Any, *, caption: str, alt: str = "", untraced: str = "") -> Display:
        """
        Return a figure of matplotlib, or what pandas or seaborn drew, as a chart of the report; it need not be closed.

        Args:
            alt: what it shows, for who cannot see it; without it, made from its words.

            untraced: why numbers may stand in it that come from no figure of the report; a reader is told that the office computed them.

        Raises:
            TypeError, ValueError: where nothing is drawn there, or the drawing is too large, in Chinese.
        """
        shown = Display(self.name, (drawings.picture(drawn, caption, alt, self.row_names()),), MADE, untraced=untraced)
        drawings.close(drawn)
        return shown

    def table_of(self, frame: Any, caption: str = "", *, untraced: str = "") -> Display:
        """
        Return a frame or series of pandas as a table of the report; where it ends a cell, the frame alone does the same.

        Numbers of `report.frame()`, and what was added, subtracted or divided of them, are figures as in any other table, with their
        units, as long as the labels of row and column do not name other cells. Of more than a hundred rows the first are shown; all stand
        in a CSV file beside the report, which is called after the caption.

        Args:
            untraced: why numbers may stand in it that come from no figure of the report; a reader is told that the office computed them.

        Raises:
            TypeError, ValueError: where it is no frame, empty, or too large, in Chinese.

        >>> import nianbao
        >>> report = nianbao.open("specimen", 2025)
        >>> wide = report.frame("requests")[["自然人", "总计"]].head(2)
        >>> report.table_of(wide.div(wide["总计"], axis=0), caption="自然人的申请所占比例")
        <cell: Grid>
        """
        from nianbao.document import tables  # noqa: PLC0415 - half a second that only those who ask pay

        laid = tables.laid_out(frame, self, caption)
        return Display(self.name, laid.grids, MADE, untraced=untraced, data=laid.data, misplaced=laid.misplaced)

    def row_names(self) -> dict[str, str]:
        """Return what rows are called in words, by their ids."""
        return {row.id: row.name for row in self.form.rows.values() if row.name}

    def label(self, figure: Any, *, unit: bool = True) -> str:
        """
        Return the number of *figure* as a text for a chart, which tells wherever it is put which figure it is.

        Args:
            figure: a name as in a placeholder (`handled.granted`, `handled.granted.share`), or what has a `figure` of its own.

            unit: whether it is printed with its unit.

        Raises:
            UnknownNameError: where there is no such figure.

        >>> import nianbao
        >>> report = nianbao.open("specimen", 2025)
        >>> text = report.label("received")
        >>> "14069件" in text
        True
        """
        if isinstance(figure, Traced):
            return fig.carrying(figure.figure, bare=not unit, of=figure.of.name)
        found = getattr(figure, "figure", figure)
        if isinstance(found, str):
            try:
                node: Any = placeholders.find(tuple(found.split(".")), self.names)
                found = node.figure
            except (placeholders.UnsayableError, AttributeError) as error:
                words = f"没有叫“{figure}”的数；写法与占位符相同，如 report.label('applications')"
                raise UnknownNameError(words) from error
        return fig.carrying(found, bare=not unit)

    def accepted(self) -> Display:
        """Return the accepted findings about the table with their reasons, or a sentence that there are none."""
        none = "本年统计表各项勾稽关系均相符，没有需要认可的差异。"
        return self._accepted("已认可的差异及理由", none, published=False)

    def comparison(self) -> Display:
        """Return where the percentages published before differ from the computed ones, with the reasons."""
        if not self.report.published:
            return self._display()
        return self._accepted("与原公布百分比的差异及理由", "原公布的百分比与按表计算的结果一致。", published=True)

    def rounding(self) -> Display:
        """Return how the percentages are printed."""
        return self._display(paragraph(f"{self.rounding_words()}。"))

    def rounding_words(self) -> str:
        """
        Return how the percentages are printed, in words.

        >>> import nianbao
        >>> report = nianbao.open("longtan", 2013)
        >>> report.rounding_words()
        '比例由表中各数精确计算，印出时四舍五入，保留两位小数'
        """
        sentence = rounded_words(self.report.policy)
        if whole_sums := self.report.policy.sum_to_100:
            wholes = "、".join(self.form.rows[row].name for row in whole_sums)
            sentence += f"；{wholes}各组成部分的比例按最大余数法调整，使相加恰为百分之百"
        return sentence

    def sources(self) -> Display:
        """Return where the declared facts come from."""
        return self._display(paragraph(f"本报告引用的事实取自{'；'.join(self.report.sources.values())}。"))

    def gaps(self) -> Display:
        """Return the places where the source breaks off, or nothing."""
        if not self.report.gaps:
            return self._display()
        rows = [(gap.at, f"“……{gap.after}”", gap.missing) for gap in self.report.gaps.values()]
        return self._display(grid.listing("原公布文本的缺漏", ("位置", "中断处", "所缺内容"), rows, (20, 50, 30)))

    def _accepted(self, caption: str, none: str, *, published: bool) -> Display:
        findings = [finding for finding in self.findings if (finding.rule == PUBLISHED) == published]
        accepted = [(finding, self.reason(finding)) for finding in findings if finding.accepted]
        if accepted:
            return self._display(grid.findings(caption, accepted))
        return self._display(paragraph("尚有没有处理的问题，见文首。" if open_findings(findings) else none))

    def reason(self, finding: Finding) -> Inlines:
        """Return the reason of an accepted finding; it may name the finding's own numbers."""
        numbers = {key: placeholders.Shown(figure) for key, figure in finding.numbers().items()}
        rendered = language.render(self._reason(finding.reason), placeholders.with_finding(self.names, numbers))
        return tuple(inline for block in rendered.blocks if isinstance(block, Paragraph) for inline in block.children)

    def _reason(self, reason: str, line: int = 1) -> Passage:
        return Passage(source=reason, file=f"{self.report.folder}/report.yaml", line=line)

    def _rendered(self, passage: Passage, deeper: int) -> Display:
        rendered = self.rendered(passage, deeper)
        return self._display(*rendered.blocks, zeros=rendered.findings)

    def rendered(self, passage: Passage, deeper: int = 0) -> language.Prose:
        """
        Return what *passage* says, its pictures included.

        Raises:
            InvalidInputError: where a placeholder cannot be said, or a picture cannot be shown.
        """
        return language.render(passage, self.names, deeper=deeper, pictures=self._album.block)

    @cached_property
    def _album(self) -> images.Album:
        """The pictures of the year's folder, and of the unit's."""
        year = Path(self.report.directory)
        return images.Album((year, year.parent, year.parent / "data"), year.parent)

    def _statistics(self, table: Table) -> Grid:
        return grid.statistics(self.report, self.figures, table)

    def _narrative_findings(self) -> list[Finding]:
        """Return what is wrong with the year's own prose as text, chapters that are missing included."""
        findings: list[Finding] = []
        numbers = dict.fromkeys(("left", "right", "difference", "implied"), placeholders.Words(""))
        root = placeholders.with_finding(self.names, numbers)
        for acceptance in self.report.accepted:
            findings += self.lint(self._reason(acceptance.reason, acceptance.line), root, hanzi=False)
        for chapter in self.form.chapters:
            passage = self.report.narrative.get(chapter.id)
            if passage:
                findings += self.lint(passage)
                findings += language.render(passage, self.names).findings
                findings += _too_short(passage, chapter) if chapter.prose == "required" else ()
            elif chapter.prose == "required":
                sentence = f"{self.report.folder}/narrative.md 缺少“{chapter.title}”一章"
                findings.append(Finding(id=f"T04.{chapter.id}", rule="T04", severity="error", parts=(sentence,)))
        return [*findings, *lint.compare(self.report), *map(_told, self.report.odd)]

    def lint(self, passage: Passage, root: placeholders.Namespace | None = None, *, hanzi: bool = True) -> Findings:
        """
        Return what is wrong with *passage* as typed.

        Args:
            root: what placeholders may name, where it is more than the report.

            hanzi: whether numbers in Chinese numerals count.
        """
        known = lint.names(self.report)
        return lint.lint(passage, root or self.names, literals=self.report.literals, known=known, offers=self.offers, hanzi=hanzi)

    def odd(self, lines: Iterable[tuple[int, str]], file: str) -> list[Finding]:
        """Return findings about the characters of *lines*, numbered, that the face of the text has not."""
        return [_told(each) for each in odd(lines, file)]

    def _parts(self, whole: str, *, deep: bool) -> list[str]:
        parts = []
        for part in self.form.parts(whole):
            parts += [part, *(self._parts(part, deep=True) if deep else ())]
        return parts


def _too_short(passage: Passage, chapter: Chapter) -> Iterator[Finding]:
    """Yield a finding where a chapter that must be written says next to nothing, such as 无."""
    said = "".join(passage.said.split())
    if len(lint.letters(said)) < lint.LEAST and "{{" not in said:
        sentence = f"{passage.file} 第{passage.line}行起的“{chapter.title}”一章只写了“{said}”，应写明本年的情况"
        yield Finding(id=f"T05.{chapter.id}", rule="T05", severity="warning", parts=(sentence,))


def _told(strange: Odd) -> Finding:
    """Return the finding that another face stands in for some characters of a line, or that no face has them and codes are printed."""
    where = strange.file + (f" 第{strange.line}行" if strange.line else "")
    if strange.shown:
        rule, severity = "T07", "info"
        characters = "、".join(f"“{each}”（U+{ord(each):04X}）" for each in strange.characters)
        words = "不在正文的字体中，用备用字体印出"
    else:
        rule, severity = "T06", "error"
        characters = "、".join(f"“{faces.code(each)}”" for each in strange.characters)
        words = "所有字体都没有，各种成果中都印成这样的编码，请改用别的字"
    name = slug(strange) + (f".{strange.line}" if strange.line else "")
    return Finding(id=f"{rule}.{name}", rule=rule, severity=severity, parts=(f"{where}的{characters}{words}",))


def open_report(reference: str | Path | int, year: str | int | None = None) -> Document:
    """
    Open the report that *reference* and *year* mean, as `nianbao.open` has it, and make `%%prose` and frames that are shown speak of it.

    Raises:
        UnknownReportError: where there is no such report, or several are meant.
        InvalidInputError: with everything that is wrong with the folder.
    """
    asked = _asked()
    edited = os.environ.get(EDITED) if year is None and asked in {None, reference} else None
    folder = Path(edited) if edited else located(reference, year, Path.cwd())
    document = Document(load(folder.absolute(), formfile.shipped()))
    _register(document, is_asked=asked in {None, reference})
    return document


def _asked() -> str | None:
    """Return which report the notebook that runs was told to be about, as it opens it; None where no notebook was told any."""
    names = _shell_names()
    by_name = f"{names['UNIT']}/{names['YEAR']}" if {"UNIT", "YEAR"} <= names.keys() else None
    return names.get(PARAMETER) or by_name


def _shell_names() -> Json:
    """Return the names of the notebook that runs, none where there is no notebook."""
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 - there only inside a notebook

    shell = get_ipython()
    return {} if shell is None else shell.user_ns


def rounded_words(policy: Policy) -> str:
    """Return how *policy* prints a percentage, in words."""
    return f"比例由表中各数精确计算，印出时{METHODS[policy.method].words}，保留{_PLACES[policy.places]}位小数"


def draft_notice(waiting: Iterable[Finding]) -> tuple[Notice, ...]:
    """Return the 草稿 box with the findings that nobody has accepted, or nothing where there are none."""
    lines = tuple(Paragraph((Text(f"{finding.id}　"), *grid.said(finding))) for finding in waiting)
    if not lines:
        return ()
    return (Notice(title=f"草稿：有{len(lines)}个问题没有处理，不得公布", children=lines),)


def _register(document: Document, *, is_asked: bool) -> None:
    """
    Register `%%prose`, and what is made of drawings and frames, with the running IPython, if there is one.

    Args:
        is_asked: whether the notebook is about this report; others may be opened beside it, to compare.
    """
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 - there only inside a notebook

    shell = get_ipython()
    if shell is None:
        return
    # pyplot shows a figure at the end of its cell; it comes as what it becomes in the report.
    bundles = shell.display_formatter.mimebundle_formatter
    first = bundles.for_type_by_name("matplotlib.figure", "Figure", partial(_drawn, document)) is None
    if first:
        sys.modules["nianbao"].dress()
    if first or is_asked:
        shell.register_magic_function(lambda _line, cell: document.prose(cell), "cell", "prose")
        for module, kind in _FRAMES:
            bundles.for_type_by_name(module, kind, partial(_tabled, document))


def _drawn(document: Document, figure: Any, include: object = None, exclude: object = None) -> Json:
    """Return the bundle of a figure of matplotlib that a cell shows; where it cannot be drawn, what is said instead."""
    try:
        return Display("", (drawings.picture(figure, "", "", document.row_names()),), MADE)._repr_mimebundle_(include, exclude)
    except ValueError as error:
        return {"text/plain": f"这张图{error}"}


# What pandas has that is a table, by module and name.
_FRAMES = (("pandas", "DataFrame"), ("pandas", "Series"), ("pandas.io.formats.style", "Styler"))


def _tabled(document: Document, frame: Any, include: object = None, exclude: object = None) -> Json:
    """Return the bundle of a frame that a cell shows; where it can be no table why, and pandas shows it to whoever edits the notebook."""
    try:
        return document.table_of(frame)._repr_mimebundle_(include, exclude)
    except ValueError as error:
        bundle = Display(document.name, (), MADE, refused=str(error))._repr_mimebundle_(include, exclude)
        return {MIMETYPE: bundle[MIMETYPE], "text/plain": f"这张表{error}"}


def _check_text(name: object) -> None:
    if not isinstance(name, str):
        example = '"received", "handled"'
        raise UnknownNameError(f"名称要一项一项写成文字，如：{example}；这里是 {name!r:.60}")


def named(name: str, things: Iterable[Any], what: str) -> Any:
    """Return the one of *things* whose id is *name*; *what* they are, in words."""
    _check_text(name)
    known = {thing.id: thing for thing in things}
    if name not in known:
        raise UnknownNameError(f"没有叫“{name}”的{what}{likely(name, known)}；有：{'、'.join(known)}")
    return known[name]
