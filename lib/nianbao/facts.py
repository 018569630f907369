"""
What `report.yaml` declares: facts that the table does not hold, figures as published, gaps, accepted findings, and members.

Each is a frozen value that knows its line in the file. Reading them is `report`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

SCALES = {"": 1, "万": 10_000, "亿": 100_000_000}

# Where the word of an approximate number stands: before the numeral, between numeral and unit, or after the unit.
BEFORE = ("约", "近", "超过")
WITHIN = ("余", "多")
AFTER = ("以上", "以下", "左右")
APPROXIMATIONS = (*BEFORE, *WITHIN, *AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """
    A declared fact: a number with its unit, or a text, and the source that states it.

    Args:
        value: the number as written, times `scale` (789 万); None for a text.

        approx: the word that makes it approximate (3000余): the number is then a bound.

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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A place where the source breaks off: `after` are its last words, `missing` says what is not there."""

    at: str
    after: str
    missing: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """Digits that prose may hold by hand, and why."""

    text: str
    reason: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A unit whose table is added up into this report's, as people call it."""

    name: str
    line: int = 0
