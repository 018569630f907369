"""
A finding: one thing in a report that does not agree, as a value; and what does not agree with percentages once published.

What else finds one is `rules`, and `prose.lint` for the text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from nianbao.indicators import figures as fig
from nianbao.indicators import frozen, values
from nianbao.indicators.figures import Figure, added, counted
from nianbao.indicators.values import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nianbao.indicators.figures import Figures
    from nianbao.indicators.report import AnnualReport, Published
    from nianbao.indicators.values import Strings

    Findings = tuple["Finding", ...]
    # A sentence with its figures in place.
    Parts = tuple[str | Figure, ...]


# What a new folder of parameters says where an office has to say something; a report that still says it is a draft.
PENDING = "（待填）"


@frozen
class Finding:
    """
    One thing that does not agree.

    Args:
        id: stable: the rule and where it fails, `J02.cumulative`.

        parts: the finding in Chinese, for a person: words, and the figures between them.

        cells: the ids of the figures that take part.

        left, right: both sides of the relation; `difference` is left − right.

        implied: for each cell that could be put right alone, the value that would satisfy the rule, the likeliest first.
            Offered, never written.

        reason: why it was accepted, where it was.
    """

    id: str
    rule: str
    severity: str
    parts: Parts
    cells: Strings = ()
    left: Figure | None = None
    right: Figure | None = None
    difference: Figure | None = None
    implied: tuple[tuple[str, Figure], ...] = ()
    accepted: bool = False
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The finding as one sentence."""
        return "".join(part.number if isinstance(part, Figure) else part for part in self.parts)

    def numbers(self) -> dict[str, Figure]:
        """Return the figures that the finding itself makes, by the names a reason may use."""
        named = {"left": self.left, "right": self.right, "difference": self.difference}
        found = {key: figure for key, figure in named.items() if figure is not None}
        return found | ({"implied": self.implied[0][1]} if self.implied else {})

    def figures(self) -> tuple[Figure, ...]:
        """Return every figure that the finding itself makes."""
        own = (self.left, self.right, self.difference, *(figure for _cell, figure in self.implied))
        return tuple(figure for figure in own if figure is not None)


def open_findings(findings: Iterable[Finding]) -> Findings:
    """Return the findings that make the report a draft: neither accepted nor mere information."""
    return tuple(finding for finding in findings if not finding.accepted and finding.severity != "info")


def blocking(findings: Iterable[Finding]) -> Findings:
    """Return the findings at severity error that nobody has accepted."""
    return tuple(finding for finding in findings if not finding.accepted and finding.severity == "error")


# The rules that hold what was published, and the prose, against what it should be.
RULE, REPEATED = "P01", "R01"


def compare(report: AnnualReport, figures: Figures) -> Iterator[Finding]:
    """Yield a finding for each published percentage that half up does not give at the precision it was printed with."""
    seen: Counter[str] = Counter()
    for published in report.published:
        seen[published.figure] += 1
        times = seen[published.figure]
        finding_id = f"{RULE}.{published.figure}" + (f".{times}" if times > 1 else "")
        figure_id = fig.named(report, published.figure)
        if figure_id is None or figures[figure_id].unit != "%":
            sentence = f"{report.folder}/report.yaml 第{published.line}行的“{published.figure}”不是本表的比例"
            yield Finding(id=finding_id, rule=RULE, severity="warning", parts=(sentence,))
        elif finding := _compare(published, figures[figure_id], finding_id, report):
            yield finding


def _compare(published: Published, computed: Figure, finding_id: str, report: AnnualReport) -> Finding | None:
    at = f"（{published.at}）" if published.at else ""
    source = f"{report.sources[report.published_source]}{at}"
    name, read = f"{finding_id}.left", values.given(published.value)
    printed = _percent(counted(name, f"{computed.label}，公布数", "published", read, "%", source=source))
    begin = (f"{computed.label}{at}：公布为", printed)
    found = Finding(id=finding_id, rule=RULE, severity="warning", parts=begin, cells=(computed.id,), left=printed)
    if not computed.quantity.is_given:
        return replace(found, parts=(*begin, "，按表计算：", computed))
    exact = computed.quantity.fraction * 100
    places = len(published.text.partition(".")[2])
    if rounded(exact, places, "half-up") == published.value:
        return None
    places = max(places, report.policy.places)
    name, read = f"{finding_id}.right", values.given(rounded(exact, places, "half-up"))
    formula = f"rounded(100 * {computed.id}, {places})"
    label = f"{computed.label}，计算数"
    fresh = _percent(counted(name, label, "check", read, "%", formula=formula, inputs=(computed.id,)))
    name, label = f"{finding_id}.difference", f"{computed.label}，公布数与计算数之差"
    difference = _percent(added(name, label, "check", "%", ((1, printed), (-1, fresh))))
    return replace(found, parts=(*begin, "，按表计算为", fresh), right=fresh, difference=difference)


def _percent(figure: Figure) -> Figure:
    """Return a percentage with its sign, which it keeps in a table too."""
    return replace(figure, number=figure.display)
