"""What a verification came to: the things compared, each with its outcome, and the answer. It compares nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nianbao import render
from nianbao.indicators import frozen
from nianbao.page.blocks import Paragraph, Text
from nianbao.page.grid import listing
from nianbao.page.html import PageWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nianbao.indicators.values import Strings
    from nianbao.inputs.yaml import Json
    from nianbao.page.blocks import Block

    Compared = Iterator["Item"]


SAME, DIFFERS, SKIPPED = "相同", "不同", "未核对"


@frozen
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


@frozen
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

    def counts(self, depth: str) -> dict[str, int]:
        """Return how many items compared at *depth* have each outcome."""
        outcomes = [item.outcome for item in self.items if item.depth == depth]
        return {outcome: outcomes.count(outcome) for outcome in (SAME, DIFFERS, SKIPPED)}


def compared(depth: str, what: str, expected: str, found: str, source: str) -> Item:
    """Return the item that comparing *expected* with *found* gives."""
    return Item(
        depth=depth, what=what, expected=expected, found=found, source=source, outcome=SAME if expected == found else DIFFERS
    )


def compared_by_name(
    depth: str,
    expected: Mapping[str, str],
    found: Mapping[str, str],
    source: str,
    absent: tuple[str, str] = ("清单中没有", "没有这个文件"),
) -> Compared:
    """Yield an item for each name that *expected* or *found* has; *absent* says of the one and the other that they have it not."""
    for name in sorted({*expected, *found}):
        yield compared(depth, name, expected.get(name, absent[0]), found.get(name, absent[1]), source)


def passed_over(depth: str, what: str, expected: str, found: str, source: str) -> Item:
    """Return the item for what could not be compared; *found* says why."""
    return Item(depth=depth, what=what, expected=expected, found=found, source=source, outcome=SKIPPED)


def figure_words(figure: Json | None) -> str:
    """Return a figure as files and manifests have it in words, display and exact value."""
    return "没有这个数" if figure is None else f"{figure['display']}（{figure['value']}）"


def page(verdict: Verdict, depths: Strings) -> str:
    """Return *verdict* as a page: the answer, how much was compared at each of *depths*, each difference, what was not compared."""
    return render.page(
        "verdict.html.j2",
        title=f"核对：{verdict.title}",
        answer=answer(verdict),
        style=render.template("report.css"),
        body=PageWriter().blocks(_blocks(verdict, depths)),
    )


def answer(verdict: Verdict) -> str:
    """Return the outcome in one sentence."""
    if verdict.differences:
        return f"不一致：有{len(verdict.differences)}处不同，逐一列出。"
    if not verdict.ran:
        return "没有核对完：程序没能执行，原因见下；不能算通过。"
    skipped = f"；另有{len(verdict.skipped)}项未核对" if verdict.skipped else ""
    return f"一致：核对过的{sum(item.outcome == SAME for item in verdict.items)}项全部相同{skipped}。"


def _blocks(verdict: Verdict, depths: Strings) -> list[Block]:
    rows = [(depth, *map(str, verdict.counts(depth).values())) for depth in depths]
    blocks: list[Block] = [listing("核对的深度", ("深度", SAME, DIFFERS, SKIPPED), rows, (40, 20, 20, 20))]
    for caption, items in (("不同之处", verdict.differences), ("未核对的项目", verdict.skipped)):
        rows = [(item.what, item.expected, item.found, item.source) for item in items]
        if rows:
            blocks.append(listing(caption, ("项目", "应为", "现为", "出处"), rows, (25, 28, 28, 19)))
    if verdict.environment:
        blocks.append(listing("环境的差别（仅告知）", ("项目", "封存时", "现在"), verdict.environment, (40, 30, 30)))
    else:
        blocks.append(Paragraph((Text("Python、各软件包和平台与封存时相同，或未作比较。"),)))
    return blocks
