"""
One unit over all its years: what its notebook opens, giving sentences, tables and charts that show themselves; and its making.

Like a report's `Document` a `Trend` gives displays and computes nothing; values and changes are `series`' business. Which concepts
there are, and which of them are read together, is data. `TrendJob` says in what its making differs from a report's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.build.evidence import Told, policy
from nianbao.build.gate import Allowance
from nianbao.build.inputs import Scope
from nianbao.build.pipeline import Gathered, GatheredJob, Making
from nianbao.document import charts
from nianbao.document.document import ASIDE, Display, Document, rounded_words
from nianbao.indicators import series
from nianbao.indicators.errors import InvalidInputError, UnknownNameError, UnknownReportError, listed
from nianbao.indicators.findings import open_findings
from nianbao.indicators.series import spans
from nianbao.inputs import report
from nianbao.inputs.formfile import shipped, shipped_concepts
from nianbao.inputs.project import years_in
from nianbao.page.blocks import Items, Notice, Paragraph, paragraph
from nianbao.prose import lint
from nianbao.reading import numbers
from nianbao.render.opendata import csv_file
from nianbao.trends import text as worded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nianbao.indicators.errors import Problems
    from nianbao.indicators.form import Forms
    from nianbao.indicators.series import Group, Point, Series
    from nianbao.indicators.values import Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json


NAME = "trend"


class Trend(Gathered):
    """
    One unit over its years.

    Args:
        documents: its reports, by year; at least two.

        groups: the concepts to follow.
    """

    def __init__(self, documents: Mapping[int, Document], groups: Sequence[Group]) -> None:
        self.documents = dict(sorted(documents.items()))
        self.groups = {group.id: group for group in groups}
        self.reports = {year: (each.report, each.figures) for year, each in self.documents.items()}
        self.years = range(min(self.documents), max(self.documents) + 1)
        followed = {group.id: tuple(series.follow(concept, self.reports) for concept in group.concepts) for group in groups}
        # A concept that no year has is no concept of this unit.
        self.series = {group: tuple(each for each in found if each.counted) for group, found in followed.items()}
        self.figures = tuple(series.traced([each for found in self.series.values() for each in found], self.reports))
        waiting = {year: open_findings(each.findings) for year, each in self.documents.items()}
        self.drafts = {year: found for year, found in waiting.items() if found}
        self.report = self.documents[self.years[-1]].report
        self.title_lines = (f"{self.report.name}{self.years[0]}年至{self.years[-1]}年", "政府信息公开工作情况变化")
        super().__init__(f"{self.report.unit}/{NAME}")

    def __repr__(self) -> str:
        return f"<{''.join(self.title_lines)}>"

    def status(self) -> Display:
        """Return what an editor should know: which years were read, and which are drafts."""
        words = f"读入{spans(list(self.documents))}的资料；草稿：{spans(list(self.drafts)) or '没有'}。"
        return self._display(paragraph(words), part=ASIDE)

    def notice(self) -> tuple[Notice, ...]:
        """Return the box that names the years whose reports are drafts, or nothing where there are none."""
        if not self.drafts:
            return ()
        words = "这些年份的年度报告还有没有处理的问题，表中的数可能改动。用 nianbao check 列出问题，处理以后再生成一次。"
        return (Notice(title=f"含草稿：{spans(list(self.drafts))}", children=(paragraph(words),)),)

    def allowance(self) -> Allowance:
        """Return what may stand on the pages of a trend without being a figure: years, and what the forms call things."""
        known = {text for read, _figures in self.reports.values() for text in (*lint.names(read), read.form.title)}
        for found in self.series.values():
            for each in found:
                known |= {definition.note for definition in each.concept.definitions} | set(each.concept.absent.values())
                known |= {point.quoted for point in each.points}
        known = {text for text in known if numbers.NUMBER.search(text)}
        return Allowance(known=tuple(sorted(known, key=lambda text: (-len(text), text))))

    def sources(self, caption: str) -> Display:
        """Return which years and forms there are, and which years are missing between."""
        rows = [
            (f"{year}年", each.report.name, each.form.title, "草稿" if year in self.drafts else "成稿")
            for year, each in self.documents.items()
        ]
        missing = [year for year in self.years if year not in self.documents]
        words = f"本文取自{spans(list(self.documents))}的政府信息公开工作年度报告。"
        words += f"其间{spans(missing)}没有资料。" if missing else "其间各年都有资料。"
        return self._display(
            paragraph(words), worded.words(caption, ("年份", "单位", "所用的表式", "状态"), rows, (13, 35, 40, 12))
        )

    def sentences(self, group: str) -> Display:
        """Return what the last year says of each concept of *group*, and how it compares, in sentences."""
        found = self._given(group)
        said = [Paragraph(tuple(worded.sentence(each, self.documents))) for each in found]
        said += [paragraph(words) for words in worded.apart(found)]
        return self._display(*(said or [paragraph("各年的表中都没有这方面的数。")]))

    def chart(self, group: str, caption: str) -> Display:
        """Return a chart of the concepts of *group* over the years."""
        found = self._given(group)
        return self._display(*(charts.lines(found, caption) if found else ()))

    def changes(self, group: str) -> Display:
        """Return the numbered notes of where the definitions of *group* changed, or nothing where they did not."""
        notes = [(paragraph(note),) for each in self._given(group) for note in worded.notes(each)]
        if not notes:
            return self._display()
        return self._display(paragraph("口径的变化（图中虚线处，前后不作比较）："), Items(ordered=False, items=tuple(notes)))

    def table(self, group: str, caption: str) -> Display:
        """Return the values of *group* by year, each with its change on the year before."""
        found = self._given(group)
        return self._display(*([worded.by_year(caption, found, self._year)] if found else []))

    def definitions(self, caption: str) -> Display:
        """Return which cell of which form every concept was taken from, and what is known of the difference."""
        every = [each for found in self.series.values() for each in found]
        reports = {year: read for year, (read, _figures) in self.reports.items()}
        return self._display(worded.origins(caption, every, reports))

    def rounding(self) -> Display:
        """Return how the percentages are printed."""
        words = rounded_words(self.report.policy)
        return self._display(paragraph(f"{words}。增减幅度的分母是上年的数，上年为零的，增减幅度无定义。"))

    def told(self) -> Told:
        """Return what the trend tells; what does not agree within a year is told by the year's own report."""
        allowance = self.allowance()
        return Told(
            title="".join(self.title_lines),
            figures={figure.id: figure for figure in self.figures},
            findings=[],
            checks=[],
            policy=policy(self.report.policy, rounded_words(self.report.policy)),
            names=(*allowance.known, *(f"{year}年" for year in self.years)),
            allowance=allowance,
            in_words=True,
        )

    def data(self) -> bytes:
        """Return every concept in every year as a line of UTF-8 CSV; a change is exact, and a rate a fraction."""
        every = [followed for group in self.series.values() for followed in group]
        return csv_file([_FIELDS, *(_line(self, followed, point) for followed in every for point in followed.counted)])

    def _given(self, group: str) -> list[Series]:
        """Return the concepts of *group* that have a number in some year."""
        if group not in self.groups:
            raise UnknownNameError(f"没有叫“{group}”的组；有：{listed(self.groups)}")
        return [each for each in self.series[group] if each.given]

    def _year(self, year: int) -> str:
        return f"{year}年（草稿）" if year in self.drafts else f"{year}年"


def open_trend(params_path: str) -> Trend:
    """
    Open all years of the unit whose folder of parameters is *params_path*.

    Raises:
        InvalidInputError: with everything that is wrong with any of them.
        UnknownReportError: where there are fewer than two.
    """
    return read(Path(params_path), shipped())


def read(folder: Path, forms: Forms) -> Trend:
    """
    Read every year of the unit in *folder*.

    Raises:
        InvalidInputError: with everything that is wrong with any of them.
        UnknownReportError: where there are fewer than two.
    """
    unit, years = folder.name, years_in(folder)
    if len(years) < 2:  # noqa: PLR2004 - a change has two ends
        found = f"只有{years[0]}年一年的资料" if years else "还没有一年的资料"
        after = int(years[0]) + 1 if years else "年份"
        raise UnknownReportError(f"单位“{unit}”{found}，看变化至少要有两年。请先建立另一年：make new UNIT={unit} YEAR={after}。")
    loaded = {}
    problems: Problems = []
    for year in years:
        try:
            loaded[int(year)] = report.load(folder / year, forms)
        except InvalidInputError as error:
            problems += error.problems
    if problems:
        raise InvalidInputError(problems)
    return Trend({year: Document(each) for year, each in loaded.items()}, shipped_concepts(forms))


NOTEBOOK = "trend.ipynb"

_FIELDS = (
    *("unit", "year", "form", "concept", "concept_label", "definition", "cells"),
    *("value", "unit_of_measure", "status", "change", "change_rate", "not_compared"),
)


class TrendJob(GatheredJob):
    """The making of the trend of a unit."""

    name = NAME
    notebook_name = NOTEBOOK
    opened: Trend

    def read(self, folder: Path, scope: Scope, forms: Forms) -> None:
        """Read every year."""
        del scope
        trend = read(folder, forms)
        self.take(trend, NAME, f"params/{trend.report.unit}", (document.form.id for document in trend.documents.values()))

    def heading(self) -> Json:
        """Return which years of which unit it is made of."""
        years = {str(year): document.form.id for year, document in self.opened.documents.items()}
        return {**super().heading(), NAME: {"years": years, "drafts": [str(year) for year in self.opened.drafts]}}


def making(project: Project, unit: str, forms: Forms) -> Making:
    """
    Return the trend of *unit*, to be made.

    Raises:
        UnknownReportError: where there is no such unit.
    """
    project.unit(unit)
    scope = Scope(unit=unit, years=tuple(project.years(unit)))
    return Making(
        target=project.output(unit, NAME),
        scope=scope,
        reading="读取各年的资料，对照各表式的口径",
        begin=lambda scratch: TrendJob(project, scope, scratch, forms),
    )


def told_again(unit: Path, held: Json, forms: Forms) -> Told:
    """Return what a trend tells of which only *held*, its evidence, is there, with its parameters in the folder *unit*."""
    del held
    # The concepts name forms that no year of the unit may be on.
    return read(unit, {**shipped(), **forms}).told()


def _line(trend: Trend, followed: Series, point: Point) -> Strings:
    assert point.value is not None
    assert point.definition is not None
    concept, form = followed.concept, trend.documents[point.year].form.id
    cells = " + ".join("/".join(cell) for cell in point.definition.cells[form])
    number = str(concept.definitions.index(point.definition) + 1)
    said = (trend.report.unit, str(point.year), form, concept.id, concept.label, number, cells)
    read = point.value.quantity
    compared = [figure.quantity.exact or "" if figure else "" for figure in (point.change, point.rate)]
    return (*said, read.exact or "", concept.unit, str(read.state), *compared, point.apart)
