"""All reports of a project as one page of HTML: what lies there of each, whether the last attempt failed, a few numbers over the years."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from . import glance
from .inventory import ABSENT, DRAFT, FINAL, OUTDATED, PAGES, SPOILED, UNEQUAL, UNFINISHED, VERIFIED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .concepts import Concept
    from .inventory import Entry

FAILED = "失败"
# How each word is shown; also the order in which the filter offers them.
KINDS = {
    FINAL: "good",
    DRAFT: "bad",
    FAILED: "bad",
    ABSENT: "idle",
    SPOILED: "bad",
    OUTDATED: "bad",
    VERIFIED: "good",
    UNEQUAL: "bad",
    UNFINISHED: "idle",
}

_MOST_WORDS = 300
_TEMPLATES = Path(__file__).parent / "templates" / "html"
_SHORT = dict(zip(PAGES, ("网页", "PDF", "Word", "Excel"), strict=True))


def page(entries: Sequence[Entry], failures: Mapping[tuple[str, str], str], concepts: Sequence[Concept]) -> str:
    """
    Return the page.

    Args:
        entries: by unit and year.

        failures: by (unit, year), why the last attempt failed.

        concepts: what is drawn of a unit over its years.
    """
    rows = [_row(entry, failures.get((entry.unit, entry.year), "")) for entry in entries]
    counts = Counter(state for row in rows for state in row["states"])
    told = "，".join(f"{state}{counts[state]}份" for state in KINDS if counts[state])
    script = (_TEMPLATES / "reports.js").read_text("utf-8")
    followed = ((unit, glance.follow(concepts, list(own))) for unit, own in groupby(entries, key=lambda entry: entry.unit))
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    return environment.get_template("reports.html.j2").render(
        counts=f"共{len(rows)}份{'：' if told else ''}{told}。",
        kinds=KINDS,
        labels=[concept.label for concept in concepts],
        lines=[(unit, lines) for unit, lines in followed if any(line.svg for line in lines)],
        policy="sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        rows=rows,
        script=script,
        states=[state for state in KINDS if counts[state]],
        style="".join((_TEMPLATES / name).read_text("utf-8") for name in ("report.css", "reports.css")),
        years=sorted({entry.year for entry in entries}),
    )


def _row(entry: Entry, failure: str) -> dict[str, Any]:
    base = f"{quote(entry.unit)}/{entry.year}/"
    links = [(_SHORT[name], base + name) for name in entry.pages]
    if links and entry.pages[0] == PAGES[0]:
        links[0] = (entry.title, links[0][1])
    if failure:
        stands = f"现有成果：{entry.state}。" if entry.pages else ""
        states, notes = [FAILED], [failure, stands]
    else:
        states, notes = [entry.state, *([entry.verified] if entry.verified else [])], [entry.doubt]
    return {
        "unit": entry.unit,
        "year": entry.year,
        "title": entry.title,
        "links": links,
        "states": states,
        "waiting": "" if entry.waiting is None else entry.waiting,
        "accepted": "" if entry.accepted is None else entry.accepted,
        "note": "　".join(_brief(note) for note in notes if note),
    }


def _brief(words: str) -> str:
    return words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]}…"
