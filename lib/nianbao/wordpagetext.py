"""
Inline blocks as Word's runs. A number is a run like any other with a bookmark around it, so that its figure can be found.

Bookmark names are short and simple; which figure each one is stands in a part of its own, with the exact value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .blocks import Datum, Emphasis, Inline, LineBreak, Link, Strong, Text
from .wordpagestyles import KAI, faces
from .wordpagexml import element, run

if TYPE_CHECKING:
    from collections.abc import Iterable

# Word reads no more than 40 characters of a bookmark's name; a number of five digits finds room behind it.
_LONGEST_NAME = 34
# What an address may hold as it is (RFC 3986); Word refuses a file in which one holds anything else.
_ADDRESS = ":/?#[]@!$&'()*+,;=%"


@dataclass(slots=True)
class TextWriter:
    """Writes inline blocks, and remembers the figures, the bookmarks and the addresses in them."""

    shown: list[tuple[str, Datum]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    bookmarks: int = 0

    def inlines(self, children: Iterable[Inline], look: frozenset[str] = frozenset()) -> list[Any]:
        """Return *children* as the content of a paragraph."""
        return [each for child in children for each in self._inline(child, look)]

    def bookmark(self, name: str, content: Iterable[Any]) -> tuple[Any, ...]:
        """Return *content* between the ends of a bookmark."""
        self.bookmarks += 1
        start = element("bookmarkStart", id=self.bookmarks, name=name)
        return (start, *content, element("bookmarkEnd", id=self.bookmarks))

    def figures(self) -> Any:
        """Return the part that says which figure each bookmark is."""
        root = element("nb:figures")
        for name, datum in self.shown:
            value: dict[str, str | int] = {} if datum.value is None else {"value": datum.value}
            root.append(element("nb:figure", bookmark=name, id=datum.figure, label=datum.label, text=datum.text, **value))
        return root

    def _inline(self, inline: Inline, look: frozenset[str]) -> Iterable[Any]:
        if isinstance(inline, Text):
            return [run(inline.text, *_properties(look))]
        if isinstance(inline, Datum):
            return self._datum(inline, look)
        if isinstance(inline, Strong):
            return self.inlines(inline.children, look | {"strong"})
        if isinstance(inline, Emphasis):
            return self.inlines(inline.children, look | {"emphasis"})
        if isinstance(inline, Link):
            return [self._link(inline, look)]
        assert isinstance(inline, LineBreak)
        return [element("r", element("br"))]

    def _datum(self, datum: Datum, look: frozenset[str]) -> Iterable[Any]:
        name = f"{re.sub(r'[^A-Za-z0-9]', '_', datum.figure)[:_LONGEST_NAME]}_{len(self.shown) + 1}"
        self.shown.append((name, datum))
        return self.bookmark(name, [run(datum.text, *_properties(look))])

    def _link(self, link: Link, look: frozenset[str]) -> Any:
        self.links.append(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quote(link.url, safe=_ADDRESS)))
        content = self.inlines(link.children, look | {"link"})
        return element("hyperlink", *content, **{"r:id": f"link{len(self.links)}"})


def _properties(look: frozenset[str]) -> tuple[Any, ...]:
    """Return how a run differs from its paragraph, in the order of the schema."""
    return (
        *([element("rStyle", val="Hyperlink")] if "link" in look else []),
        *([faces(KAI)] if "emphasis" in look else []),
        *([element("b")] if "strong" in look else []),
    )
