"""
What a report carries inside itself, so that whoever has only the file can recompute it.

The parameter files as they were read, their forms, every figure and finding, every check with its outcome, and the manifest but for
the hashes of the outputs, which cannot stand inside themselves.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from nianbao.build import gate, manifest
from nianbao.indicators import rules
from nianbao.prose import lint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nianbao.document.document import Document


# MIME type and PDF relationship (ISO 32000-2, 7.11.3) by suffix.
_KINDS = {
    ".csv": ("text/csv", "Source"),
    ".yaml": ("application/yaml", "Source"),
    ".md": ("text/markdown", "Source"),
    ".json": ("application/json", "Data"),
}
_OTHER = ("text/plain", "Source")


def collect(
    document: Document, inputs: Mapping[str, bytes], figures: Any, findings: Any, sealed: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Return the evidence of *document*.

    Args:
        inputs: the files that the report was made from, by path; the parameters and forms of them are carried.

        figures, findings, sealed: what `figures.json`, `findings.json` and the manifest hold.
    """
    files: dict[str, str] = {}
    for folder in ("params/", "forms/"):
        files |= {path: inputs[path].decode("utf-8") for path in sorted(inputs) if path.startswith(folder)}
    return {
        "report": {"title": document.report.title},
        "policy": policy(document),
        "figures": figures,
        "findings": findings,
        "checks": outcomes(document),
        "files": files,
        "names": list(lint.names(document.report)),
        "manifest": dict(sealed),
    }


def policy(document: Document) -> dict[str, Any]:
    """Return how the percentages of *document* are printed."""
    used = document.report.policy
    words = document.rounding_words()
    return {"places": used.places, "method": used.method, "zeros": used.zeros, "sum_to_100": list(used.sum_to_100), "words": words}


def outcomes(document: Document) -> list[dict[str, Any]]:
    """Return every relation of the form with its outcome in *document*."""
    return [
        {"id": each.id, "rule": each.rule, "severity": each.severity}
        | {"cells": list(each.cells), "holds": each.holds, "words": each.words}
        for each in rules.outcomes(document.report)
    ]


def of_page(carried: Mapping[str, Any], page: str) -> dict[str, Any]:
    """Return the evidence as the HTML *page* carries it: with the digests of its text, and its figures in their order."""
    reading = gate.read(page)
    order = [[shown.element, shown.figure] for shown in reading.figures]
    return {**carried, "reading": {"blocks": digests(reading.blocks), "order": order}}


def digests(texts: Iterable[str]) -> list[str]:
    """Return the beginning of the SHA-256 of each of *texts*, blanks left out: enough to tell which one was changed."""
    return [manifest.digest("".join(text.split()).encode("utf-8"))[:16] for text in texts]


def attachments(
    carried: Mapping[str, Any], places: list[list[list[str]]], pages: Iterable[str]
) -> tuple[tuple[str, bytes, str, str], ...]:
    """
    Return the evidence as files to attach to a PDF: name, content, MIME type, relationship.

    Args:
        places: for each page, its numerals and the figures they are; `pages` are their texts.
    """
    files = {path: text.encode("utf-8") for path, text in carried["files"].items()}
    own = ("report", "policy", "figures", "findings", "checks", "manifest")
    parts = {**{name: carried[name] for name in own}, "places": places, "reading": digests(pages)}
    files |= {f"{name}.json": manifest.text(part).encode("utf-8") for name, part in parts.items()}
    return tuple((name, content, *_KINDS.get(PurePosixPath(name).suffix, _OTHER)) for name, content in files.items())
