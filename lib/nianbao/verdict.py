"""What a verification came to: the things compared, each with its outcome, and the answer. It compares nothing itself."""

from __future__ import annotations

from dataclasses import dataclass

SAME, DIFFERS, SKIPPED = "相同", "不同", "未核对"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    One thing compared.

    Args:
        depth: how deep the comparison goes, in the words of whoever compares.

        what: what it is called; `source` is where it comes from.

        outcome: `SAME`, `DIFFERS` or `SKIPPED`.
    """

    depth: str
    what: str
    expected: str
    found: str
    source: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What a verification came to.

    Args:
        environment: (what, when sealed, now) where these differ; told, not judged.

        ran: whether everything that should be compared could be.
    """

    title: str
    items: tuple[Item, ...]
    environment: tuple[tuple[str, str, str], ...] = ()
    ran: bool = True

    @property
    def differences(self) -> tuple[Item, ...]:
        """The items that differ."""
        return tuple(item for item in self.items if item.outcome == DIFFERS)

    @property
    def skipped(self) -> tuple[Item, ...]:
        """The items that could not be compared."""
        return tuple(item for item in self.items if item.outcome == SKIPPED)


def compared(depth: str, what: str, expected: str, found: str, source: str) -> Item:
    """Return the item that comparing *expected* with *found* gives."""
    return Item(
        depth=depth, what=what, expected=expected, found=found, source=source, outcome=SAME if expected == found else DIFFERS
    )
