"""
One report as its folder declares it: its cells, its prose, and what `report.yaml` says beside them; nothing in it is computed.

Each declaration (facts that the table does not hold, figures as published, gaps, accepted findings, members) is a frozen value that
knows its line in the file. Reading them is `inputs.report`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from nianbao.indicators import frozen, positional
from nianbao.indicators.form import labelled
from nianbao.indicators.values import USUAL

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from nianbao.indicators.form import Form
    from nianbao.indicators.values import Policy, Quantity, Strings

    # The row and the column of a cell, by their ids.
    Key = tuple[str, str]
    Cells = dict[Key, "Cell"]


SCALES = {"": 1, "万": 10_000, "亿": 100_000_000}

# Where the word of an approximate number stands: before the numeral, between numeral and unit, or after the unit.
BEFORE = ("约", "近", "超过")
WITHIN = ("余", "多")
AFTER = ("以上", "以下", "左右")
APPROXIMATIONS = (*BEFORE, *WITHIN, *AFTER)


@frozen
class Fact:
    """
    A declared fact: a number with its unit, or a text, and the source that states it.

    Args:
        value: the number as written, times `scale` (789 万); None for a text.

        approx: the word that makes it approximate (3000余): the number is then a bound.

        of: what it is a part of, a cell (`received.natural`) or another fact (`facts.visits`); empty where nobody said.

        source: a key of the report's sources; `at` is the place in it.
    """

    label: str
    source: str
    at: str = ""
    value: int | Decimal | None = None
    unit: str = ""
    scale: str = ""
    approx: str = ""
    text: str = ""
    of: str = ""
    line: int = 0

    @property
    def exact(self) -> int | Decimal | None:
        """The number in plain units: 789 万 is 7890000."""
        return None if self.value is None else self.value * SCALES[self.scale]

    @property
    def display(self) -> str:
        """The fact as printed, unit included: 789万余次, 99%以上, 约20平方米."""
        return self._printed(self.unit)

    @property
    def number(self) -> str:
        """The fact as printed, without its unit; a percentage keeps its sign, as shares do."""
        return self._printed(self.unit if self.unit == "%" else "")

    def _printed(self, unit: str) -> str:
        if self.value is None:
            return self.text
        number = format(self.value, "f") if isinstance(self.value, Decimal) else str(self.value)
        before = self.approx if self.approx in BEFORE else ""
        within = self.approx if self.approx in WITHIN else ""
        after = self.approx if self.approx in AFTER else ""
        return f"{before}{number}{self.scale}{within}{unit}{after}"


@frozen
class OwnRate:
    """A ratio that one report declares for itself: the cells *numerator* added up ÷ the cells *denominator* added up."""

    label: str
    numerator: tuple[Key, ...]
    denominator: tuple[Key, ...]
    line: int = 0


@frozen
class Published:
    """A percentage as an earlier text printed it: `text` without its sign, compared with the figure named `figure`."""

    figure: str
    text: str
    at: str = ""
    line: int = 0

    @property
    def value(self) -> Decimal:
        """The percentage as a number."""
        return Decimal(self.text)


@frozen
class Gap:
    """A place where the source breaks off: `after` are its last words, `missing` says what is not there."""

    at: str
    after: str
    missing: str
    line: int = 0


@frozen
class Literal:
    """Digits that prose may hold by hand, and why."""

    text: str
    reason: str
    line: int = 0


@frozen
class Acceptance:
    """
    A finding that someone has looked at and lets stand.

    Args:
        difference: the difference it was accepted with; another difference is another finding.
    """

    finding: str
    reason: str
    difference: int | Decimal | None = None
    line: int = 0


@frozen
class Member:
    """A unit whose table is added up into this report's, as people call it."""

    name: str
    line: int = 0


@frozen
class Odd:
    """
    Characters of one line that the face of the text has not, in the order of their codes.

    Args:
        shown: another face stands in for them; else no face has them, and their codes are printed.

        line: 0 where no line of the file shows them.
    """

    characters: str
    file: str
    line: int
    shown: bool


@positional
class Cell:
    """What stands in one cell, and where: `line` of the file, `address` as a spreadsheet names it (`E14`)."""

    quantity: Quantity
    line: int = 0
    address: str = ""


@frozen
class Passage:
    """
    Prose from a file or a notebook cell, as written.

    Args:
        file: where it stands; `line` is the line of its first character.
    """

    source: str
    file: str
    line: int = 1

    @property
    def said(self) -> str:
        """The source without its notes, every line where it was."""
        return unnoted(self.source)


def unnoted(text: str) -> str:
    """Return *text* with nothing but the line ends of its notes, in one pass: a search from each opening would take the square."""
    pieces: list[str] = []
    end = 0
    while (start := text.find("{#", end)) >= 0 and (close := text.find("#}", start + 2)) >= 0:
        pieces += [text[end:start], "\n" * text.count("\n", start, close)]
        end = close + 2
    return "".join([*pieces, text[end:]])


@dataclass(frozen=True, kw_only=True)
class AnnualReport:
    """
    One report as its folder declares it; nothing in it is computed.

    Args:
        folder: how messages name the folder, relative to the project; `directory`, where it lies.

        cells: by row and column id; every printed cell of the form is there, a blank one as missing.

        narrative: the year's own prose by chapter id.

        last_year: the report of the year before, where its folder is there.

        members: the units whose tables are added up into this one, by the names of their folders.

        odd: the characters of its texts that are not as easily shown as others, line by line.
    """

    form: Form
    year: int
    cells: Mapping[Key, Cell]
    last_year: AnnualReport | None = None
    folder: str = ""
    directory: str = ""
    unit: str = ""
    name: str = ""
    short_name: str = ""
    province: str = ""
    date: datetime.date | None = None
    policy: Policy = USUAL
    sources: Mapping[str, str] = field(default_factory=dict)
    contact: Mapping[str, Fact] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    rates: Mapping[str, OwnRate] = field(default_factory=dict)
    published: tuple[Published, ...] = ()
    published_source: str = ""
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    literals: tuple[Literal, ...] = ()
    accepted: tuple[Acceptance, ...] = ()
    narrative: Mapping[str, Passage] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    odd: tuple[Odd, ...] = ()

    @property
    def title(self) -> str:
        """The report's title."""
        return "".join(self.title_lines)

    @property
    def title_lines(self) -> Strings:
        """The report's title in the lines in which it is set."""
        return tuple(labelled(line, year=self.year, name=self.name) for line in self.form.report_title.split("|"))
