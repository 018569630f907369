"""
What a report carries inside itself, so that whoever has only the file can recompute it, and the panel of the web page that shows it.

The parameter files as they were read, their forms, every figure and finding, every check with its outcome, and the manifest but for
the hashes of the outputs, which cannot stand inside themselves.
"""

from __future__ import annotations

import re
from dataclasses import field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from nianbao.build import gate, manifest
from nianbao.build.inputs import FORMS, is_carried
from nianbao.build.manifest import digest
from nianbao.indicators import frozen, rules
from nianbao.indicators.errors import listed
from nianbao.page import faces
from nianbao.page.blocks import plain
from nianbao.prose import lint
from nianbao.render import embeddable, policy_source, template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nianbao.build.gate import Numerals
    from nianbao.build.inputs import Files
    from nianbao.document.document import Document
    from nianbao.indicators.figures import Figure
    from nianbao.indicators.report import AnnualReport
    from nianbao.indicators.values import Policy, Strings
    from nianbao.inputs.yaml import Json


# MIME type and PDF relationship (ISO 32000-2, 7.11.3) by suffix.
_KINDS = {
    ".csv": ("text/csv", "Source"),
    ".yaml": ("application/yaml", "Source"),
    ".md": ("text/markdown", "Source"),
    ".json": ("application/json", "Data"),
}
_OTHER = ("text/plain", "Source")

# Where the template wants the evidence: once, before the end of the body.
MARKER = "<!-- nianbao:evidence -->"
# The policy of the template; what it forbids stays forbidden.
_POLICY = "content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"


@frozen
class Told:
    """
    What a report tells, or another paper of ours: what can be computed again from what it was made from.

    Args:
        figures: those that it shows or computes, by id.

        findings, checks, policy: what does not agree, what was held against what, and how percentages are printed, as JSON.

        names: texts that hold digits by their nature.

        allowance: what may stand on its pages without being a figure.

        more: what else it takes to compute it again, as JSON.

        in_words: whether its sentences say in words whether a change is a rise or a fall, and print it without its sign.
    """

    title: str
    figures: Mapping[str, Figure]
    findings: list[Json]
    checks: list[Json]
    policy: Json
    names: Strings
    allowance: gate.Allowance
    more: Json = field(default_factory=dict)
    in_words: bool = False

    def printed(self) -> dict[str, tuple[Strings, str | None]]:
        """Return, for each figure, what it may print as (with unit, without, blank where missing) and its exact value."""
        printed = {}
        for key, figure in self.figures.items():
            texts = [figure.display, figure.number]
            if self.in_words and figure.kind in {"change", "rate"}:
                texts += [text.lstrip("+−") for text in texts]
            if figure.quantity.value is None:
                texts.append("")
            printed[key] = (tuple(texts), figure.quantity.exact)
        return printed


def of_document(document: Document) -> Told:
    """Return what the report *document* tells."""
    return Told(
        title=document.report.title,
        figures=manifest.every_figure(document),
        findings=manifest.findings(document.findings, lambda finding: plain(document.reason(finding))),
        checks=outcomes(document.report),
        policy=policy(document.report.policy, document.rounding_words()),
        names=tuple(lint.names(document.report)),
        allowance=gate.allowance(document),
    )


def collect(told: Told, inputs: Files, figures: Any, sealed: Json) -> Json:
    """
    Return the evidence of *told*.

    Args:
        inputs: the files that it was made from, by path; the parameters and forms of them are carried.

        figures, sealed: what `figures.json` and the manifest hold.
    """
    # The parameters first.
    names = sorted(filter(is_carried, inputs), key=lambda name: (name.startswith(FORMS), name))
    files = {name: inputs[name].decode() for name in names}
    return {
        "report": {"title": told.title},
        "policy": told.policy,
        "figures": figures,
        "findings": told.findings,
        "checks": told.checks,
        "files": files,
        "names": list(told.names),
        "manifest": dict(sealed),
        **told.more,
    }


def policy(used: Policy, words: str) -> Json:
    """Return how percentages are printed that follow *used*, as data and in *words*."""
    return {"places": used.places, "method": used.method, "zeros": used.zeros, "sum_to_100": list(used.sum_to_100), "words": words}


def outcomes(report: AnnualReport) -> list[Json]:
    """Return every relation of the form with its outcome in *report*."""
    return [
        {"id": each.id, "rule": each.rule, "severity": each.severity}
        | {"cells": list(each.cells), "holds": each.holds, "words": each.words}
        for each in rules.outcomes(report)
    ]


def of_page(carried: Json, page: str) -> Json:
    """Return the evidence as the HTML *page* carries it: with the digests of its text, and its figures in their order."""
    reading = gate.read(page)
    order = [[shown.element, shown.figure] for shown in reading.figures]
    return {**carried, "reading": {"blocks": digests(reading.blocks), "order": order}}


def digests(texts: Iterable[str]) -> list[str]:
    """Return the beginning of the SHA-256 of each of *texts*, blanks left out: enough to tell which one was changed."""
    return [digest("".join(text.split()).encode())[:16] for text in texts]


def attachments(carried: Json, places: list[Numerals], pages: Iterable[str]) -> tuple[tuple[str, bytes, str, str], ...]:
    """
    Return the evidence as files to attach to a PDF: name, content, MIME type, relationship.

    Args:
        places: for each page, its numerals and the figures they are; `pages` are their texts.
    """
    files = {path: text.encode() for path, text in carried["files"].items()}
    parts = {name: part for name, part in carried.items() if name not in {"files", "names"}}
    parts |= {"places": places, "reading": digests(pages)}
    files |= {f"{name}.json": manifest.text(part).encode() for name, part in parts.items()}
    return tuple((name, content, *_KINDS.get(PurePosixPath(name).suffix, _OTHER)) for name, content in files.items())


def attach(page: str, evidence: Json) -> str:
    """
    Return *page* with the panel and its *evidence*; the same arguments give the same page.

    Args:
        page: a finished page with the marker and the template's Content-Security-Policy, each once.

        evidence: `figures` and `findings` as in their files, `checks`, `policy`, `files` by name, `manifest`, `report`; digits that
            prose may hold by hand as `literals`.

    Raises:
        ValueError: where the page is not one that the template made.
    """
    script, style, data = template("panel.js"), template("panel.css"), embeddable(evidence)
    rules = "\n".join(faces.alone("Report Panel", {*page, *data}, script))
    block = f'<script type="application/json" id="nianbao-evidence">{data}</script>\n<script>{script}</script>'
    page = _replaced(page, MARKER, block)
    page = _replaced(page, _POLICY, f"{_POLICY}; script-src '{policy_source(script)}'")
    return _replaced(page, "\n</head>", f"\n<style>\n{rules}\n{style}</style>\n</head>")


def active_parts(page: str) -> Iterator[tuple[str, str, str]]:
    """Yield (what, as shipped, as found) for the script, styles and handlers of *page*: whatever could change what is seen."""
    without_data = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", without_data, re.DOTALL)
    styles = [_plain_style(each) for each in re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL)]
    shipped = [_plain_style(template(name)) for name in ("report.css", "panel.css")]
    bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    handlers = re.findall(r"<[^>]*\s(on[a-z]+)\s*=", bare, re.IGNORECASE)
    yield "网页的脚本", _digests([template("panel.js")]), _digests(scripts)
    yield "网页的样式", _digests(shipped), _digests(styles)
    yield "网页的事件属性", "没有", listed(handlers) or "没有"


def _plain_style(style: str) -> str:
    """Return *style* without the faces, which differ from page to page."""
    return re.sub(r"@font-face\{[^}]*\}", "", style).strip()


def _digests(texts: list[str]) -> str:
    return listed(digest(text.encode())[:16] for text in texts) or "没有"


def _replaced(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        message = f"the page holds {old!r} {page.count(old)} times, not once"
        raise ValueError(message)
    return page.replace(old, new)
