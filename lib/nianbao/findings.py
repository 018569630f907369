"""A finding: one thing in a report that does not agree, as a value. What finds it is `checks` and `prose`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a new folder of parameters says where an office has to say something; a report that still says it is a draft.
PENDING = "（待填）"


@dataclass(frozen=True, slots=True, kw_only=True)
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
    parts: tuple[str | Figure, ...]
    cells: tuple[str, ...] = ()
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


def open_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that make the report a draft: neither accepted nor mere information."""
    return tuple(finding for finding in findings if not finding.accepted and finding.severity != "info")


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings at severity error that nobody has accepted."""
    return tuple(finding for finding in findings if not finding.accepted and finding.severity == "error")
