"""
What a trend notebook opens: one unit over all its years, giving sentences, tables and charts that show themselves.

Like a report's `Document` it gives displays and computes nothing; values and changes are `series`' business. Which concepts there
are, and which of them are read together, is data.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import conceptfile, formfile, gate, linechart, report, series, structural
from .blocks import Datum, Grid, GridCell, Items, Notice, Paragraph, Text, datum
from .document import ASIDE, SHOWN, Display, Document
from .errors import InvalidInputError, Problem, UnknownNameError, UnknownReportError
from .findings import open_findings
from .project import years_in
from .quantity import State
from .series import sign, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .blocks import Block, Inline
    from .concepts import Group
    from .figures import Figure
    from .form import Form
    from .series import Point, Series

    Cells = tuple[GridCell, ...]

NAME = "trend"
# A run of comparable years shorter than this has no greatest and least worth a sentence.
_RUN = 3
_NONE = "—"


class Trend:
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
        self.drafts = {year: open_findings(each.findings) for year, each in self.documents.items() if open_findings(each.findings)}
        self.last = self.documents[self.years[-1]].report

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return self.status()._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        return f"<{''.join(self.title_lines)}>"

    @property
    def title_lines(self) -> tuple[str, ...]:
        """The title in the lines in which it is set."""
        return (f"{self.last.name}{self.years[0]}年至{self.years[-1]}年", "政府信息公开工作情况变化")

    def status(self) -> Display:
        """Return what an editor should know: which years were read, and which are drafts."""
        words = f"读入{spans(list(self.documents))}的资料；草稿：{spans(list(self.drafts)) or '没有'}。"
        return self._display(Paragraph((Text(words),)), part=ASIDE)

    def notice(self) -> tuple[Notice, ...]:
        """Return the box that names the years whose reports are drafts, or nothing where there are none."""
        if not self.drafts:
            return ()
        words = "这些年份的年度报告还有没有处理的问题，表中的数可能改动。用 nianbao check 列出问题，处理以后再生成一次。"
        return (Notice(title=f"含草稿：{spans(list(self.drafts))}", children=(Paragraph((Text(words),)),)),)

    def allowance(self) -> gate.Allowance:
        """Return what may stand on the pages of a trend without being a figure: years, and what the forms call things."""
        known = {text for read, _figures in self.reports.values() for text in (*structural.names(read), read.form.title)}
        for found in self.series.values():
            for each in found:
                known |= {definition.note for definition in each.concept.definitions} | set(each.concept.absent.values())
                known |= {point.quoted for point in each.points}
        known = {text for text in known if structural.NUMERAL.search(text)}
        return gate.Allowance(
            structural=structural.pattern(*self.years), known=tuple(sorted(known, key=lambda text: (-len(text), text)))
        )

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
            Paragraph((Text(words),)), _words(caption, ("年份", "单位", "所用的表式", "状态"), rows, (13, 35, 40, 12))
        )

    def sentences(self, group: str) -> Display:
        """Return what the last year says of each concept of *group*, and how it compares, in sentences."""
        found = [each for each in self._group(group) if each.given]
        said = [Paragraph(tuple(self._sentence(each))) for each in found]
        apart: dict[tuple[int, str], list[str]] = {}
        for each in found:
            last = each.given[-1]
            if other := [point.year for point in each.given if point.definition is not last.definition]:
                apart.setdefault((last.year, spans(other)), []).append(each.concept.label)
        said += [
            Paragraph((Text(f"{year}年的{'、'.join(names)}，与{other}口径不同，不作比较。"),))
            for (year, other), names in apart.items()
        ]
        return self._display(*(said or [Paragraph((Text("各年的表中都没有这方面的数。"),))]))

    def chart(self, group: str, caption: str) -> Display:
        """Return a chart of the concepts of *group* over the years."""
        found = self._group(group)
        return self._display(linechart.lines(found, caption)) if any(each.given for each in found) else self._display()

    def changes(self, group: str) -> Display:
        """Return the numbered notes of where the definitions of *group* changed, or nothing where they did not."""
        notes = tuple(
            (Paragraph((Text(f"{each.concept.label}{sign(number)}：{_note(before)}；{_note(after)}。"),)),)
            for each in self._group(group)
            if each.given
            for number, (before, after) in enumerate(each.breaks)
        )
        if not notes:
            return self._display()
        return self._display(Paragraph((Text("口径的变化（图中虚线处，前后不作比较）："),)), Items(ordered=False, items=notes))

    def table(self, group: str, caption: str) -> Display:
        """Return the values of *group* by year, each with its change on the year before."""
        found = [each for each in self._group(group) if each.given]
        if not found:
            return self._display()
        head = tuple(_cell(label, "col") for label in ("年份", "数量", "比上年增减", "增减幅度", "说明"))
        bodies = tuple(tuple(self._lines(each)) for each in found)
        return self._display(Grid(caption=caption, head=(head,), bodies=bodies, widths=(20, 15, 16, 17, 32)))

    def definitions(self, caption: str) -> Display:
        """Return which cell of which form every concept was taken from, and what is known of the difference."""
        rows = [row for found in self.series.values() for each in found for row in self._origins(each)]
        return self._display(_words(caption, ("项目", "年份", "表中的指标", "说明"), rows, (15, 22, 34, 29)))

    def rounding(self) -> Display:
        """Return how the percentages are printed."""
        words = self.documents[self.years[-1]].rounding_words()
        return self._display(Paragraph((Text(f"{words}。增减幅度的分母是上年的数，上年为零的，增减幅度无定义。"),)))

    def _group(self, name: str) -> tuple[Series, ...]:
        if name not in self.groups:
            raise UnknownNameError(f"没有叫“{name}”的组；有：{'、'.join(self.groups)}")
        return self.series[name]

    def _sentence(self, followed: Series) -> Iterator[Inline]:
        """Yield the last number of *followed* with its change, and the extremes of the years that compare with it."""
        point = followed.given[-1]
        yield from _value(point, f"{point.year}年，{followed.concept.label}")
        yield from _moved(point, self.years[0])
        run = [each for each in followed.given if each.definition is point.definition]
        if len(run) >= _RUN:
            yield from _extremes(run)
        later = [each for each in followed.points if each.year > point.year and each.year in self.documents]
        for words, years in series.blanks(later):
            yield Text(f"；{spans(years)}{words}")
        yield Text("。")

    def _lines(self, followed: Series) -> Iterator[Cells]:
        """Yield the rows of one concept: its name, then a row a year, years without a number that follow each other in one."""
        yield (_cell(f"{followed.concept.label}（{followed.concept.unit}）", "rowgroup", colspan=5),)
        gaps = {years[0]: (words, years) for words, years in series.blanks(followed.points)}
        changed = {after.year: number for number, (_before, after) in enumerate(followed.breaks)}
        for point in followed.points:
            note = f"{sign(changed[point.year])}口径有变" if point.year in changed else ""
            if point.given and point.value:
                told = note or point.apart
                told += "，不作比较" if told else ""
                values = (_figure(point.value), _figure(point.change), _figure(point.rate))
                yield (_cell(self._year(point.year), "row"), *values, _cell(told))
            elif point.year in gaps:
                words, years = gaps[point.year]
                blank = tuple(_cell(_NONE, numeric=True) for _each in range(3))
                name = spans(years) if len(years) > 1 else self._year(point.year)
                yield (_cell(name, "row"), *blank, _cell("，".join(filter(None, (words, note)))))

    def _year(self, year: int) -> str:
        return f"{year}年（草稿）" if year in self.drafts else f"{year}年"

    def _origins(self, followed: Series) -> Iterator[tuple[str, ...]]:
        """Yield, for each way in which a form words the concept, the years and the words; and why a form has it not."""
        found: dict[tuple[str, str], list[int]] = {}
        for point in followed.points:
            if point.year not in self.documents:
                continue
            form = self.documents[point.year].form
            note = point.definition.note if point.definition else followed.concept.absent.get(form.id, "")
            found.setdefault((point.quoted, note), []).append(point.year)
        for (quoted, note), years in found.items():
            yield followed.concept.label, spans(years), quoted or series.NO_CELL, note

    def _display(self, *blocks: Block, part: str = SHOWN) -> Display:
        return Display(f"{self.last.unit}/{NAME}", blocks, part=part)


def open_trend(params_path: str) -> Trend:
    """
    Open all years of the unit whose folder of parameters is *params_path*.

    Raises:
        InvalidInputError: with everything that is wrong with any of them.
        UnknownReportError: where there are fewer than two.
    """
    return read(Path(params_path), formfile.shipped())


def read(folder: Path, forms: Mapping[str, Form]) -> Trend:
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
    problems: list[Problem] = []
    for year in years:
        try:
            loaded[int(year)] = report.load(folder / year, f"params/{unit}/{year}", forms)
        except InvalidInputError as error:
            problems += error.problems
    if problems:
        raise InvalidInputError(problems)
    return Trend({year: Document(each) for year, each in loaded.items()}, conceptfile.shipped(forms))


def _value(point: Point, words: str) -> Iterator[Inline]:
    assert point.value is not None
    if point.value.quantity.is_zero:
        yield Text(f"{words}为零")
    else:
        yield Text(f"{words}为")
        yield datum(point.value)


def _moved(point: Point, first: int) -> Iterator[Inline]:
    """Yield the change on the year before in words, or why there is none."""
    if point.change is None or point.rate is None:
        if point.year != first:
            yield Text(f"，{point.apart}，不作比较")
    elif point.change.quantity.is_zero:
        yield Text("，与上年持平")
    else:
        up = point.change.quantity.fraction > 0
        yield Text("，比上年增加" if up else "，比上年减少")
        yield _plain(point.change)
        if point.rate.quantity.state is State.GIVEN:
            yield Text("，增长" if up else "，下降")
            yield _plain(point.rate)
        else:
            yield Text("（上年为零，增减幅度无定义）")


def _extremes(run: Sequence[Point]) -> Iterator[Inline]:
    """Yield in which of the years of *run*, which compare with each other, the concept was greatest and least."""
    read = [(point.value.quantity.fraction, point) for point in run if point.value]
    most, least = max(value for value, _point in read), min(value for value, _point in read)
    if most == least:
        yield Text("。同一口径的各年都相同")
        return
    for words, wanted in (("。同一口径的各年中，最多的是", most), ("，最少的是", least)):
        found = [point for value, point in read if value == wanted]
        yield from _value(found[0], f"{words}{spans([point.year for point in found])}，")


def _plain(figure: Figure) -> Datum:
    """Return a change without its sign, which the words beside it say."""
    return Datum(
        figure=figure.id, text=figure.display.removeprefix("+").removeprefix("−"), value=figure.quantity.exact, label=figure.label
    )


def _note(point: Point) -> str:
    """Return what *point* was counted by: its cells as the form words them, and what is known of them."""
    note = f"（{point.definition.note}）" if point.definition and point.definition.note else ""
    return f"{point.year}年取{point.quoted}{note}"


def _words(caption: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]], widths: tuple[int, ...]) -> Grid:
    """Return a table of words; a heading that is the same as in the row above stands once."""
    body: list[Cells] = []
    listed = list(rows)
    for index, (first, *rest) in enumerate(listed):
        above = index > 0 and listed[index - 1][0] == first
        below = 1
        while index + below < len(listed) and listed[index + below][0] == first:
            below += 1
        heading = () if above else (_cell(first, "row" if below == 1 else "rowgroup", rowspan=below),)
        body.append((*heading, *(_cell(text) for text in rest)))
    return Grid(caption=caption, head=(tuple(_cell(label, "col") for label in head),), bodies=(tuple(body),), widths=widths)


def _figure(figure: Figure | None) -> GridCell:
    if figure is None:
        return _cell(_NONE, numeric=True)
    return GridCell(children=(datum(figure, bare=True),), numeric=True)


def _cell(text: str, header: str = "", *, colspan: int = 1, rowspan: int = 1, numeric: bool = False) -> GridCell:
    return GridCell(children=(Text(text),), header=header, colspan=colspan, rowspan=rowspan, numeric=numeric)
