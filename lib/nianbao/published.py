"""Percentages as an earlier text printed them, against the same figures computed exactly."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from . import figures as fig
from . import quantity
from .findings import Finding
from .quantity import State
from .rounding import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .facts import Published
    from .figures import Figure, Figures
    from .report import AnnualReport

RULE = "P01"


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
    printed = _percent(
        f"{finding_id}.left", f"{computed.label}，公布数", quantity.given(published.value), published.text, source=source
    )
    where: dict[str, str | tuple[str, ...]] = {"id": finding_id, "rule": RULE, "severity": "warning", "cells": (computed.id,)}
    if computed.quantity.state is not State.GIVEN:
        parts = (f"{computed.label}{at}：公布为", printed, "，按表计算：", computed)
        return Finding(parts=parts, left=printed, **where)  # type: ignore[arg-type]
    exact = computed.quantity.fraction * 100
    if rounded(exact, len(published.text.partition(".")[2]), "half-up") == published.value:
        return None
    places = max(len(published.text.partition(".")[2]), report.policy.places)
    value = rounded(exact, places, "half-up")
    formula = f"rounded(100 * {computed.id}, {places})"
    fresh = _percent(
        f"{finding_id}.right", f"{computed.label}，计算数", quantity.given(value), format(value, "f"), formula, (computed.id,)
    )
    gap = quantity.total([(1, printed.quantity), (-1, fresh.quantity)])
    label, formula = f"{computed.label}，公布数与计算数之差", f"{printed.id} - {fresh.id}"
    difference = _percent(f"{finding_id}.difference", label, gap, gap.exact or "", formula, (printed.id, fresh.id))
    parts = (f"{computed.label}{at}：公布为", printed, "，按表计算为", fresh)
    return Finding(parts=parts, left=printed, right=fresh, difference=difference, **where)  # type: ignore[arg-type]


def _percent(
    figure_id: str,
    label: str,
    read: quantity.Quantity,
    text: str,
    formula: str = "",
    inputs: tuple[str, ...] = (),
    source: str = "",
) -> Figure:
    return fig.Figure(
        id=figure_id,
        label=label,
        kind="check" if inputs else "published",
        quantity=read,
        number=f"{text}%",
        display=f"{text}%",
        unit="%",
        formula=formula,
        inputs=inputs,
        source=source,
    )
