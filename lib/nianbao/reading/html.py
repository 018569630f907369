"""The lines of a web page: scripts and styles are left out, blocks are lines, a row of a table is one line."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from nianbao.reading.lines import Collector

if TYPE_CHECKING:
    from nianbao.reading.lines import Line


_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "title",
        "ul",
    ]
)
# What these hold is no text of the page; charts repeat what the text says.
_SILENT = frozenset({"head", "iframe", "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title"})
_CELLS = frozenset({"td", "th"})


def lines(text: str) -> tuple[Line, ...]:
    """Return the lines of the page *text*."""
    page = _Page()
    page.feed(text)
    page.close()
    return page.collected.finish()


class _Page(HTMLParser):
    """Follows the tags, tolerating what browsers tolerate: a page may leave out the end of a paragraph, cell or row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.collected = Collector()
        self.silent: list[str] = []
        # One entry a table: whether a row of it is open.
        self.tables: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin what *tag* begins."""
        if tag == "body":
            self.silent.clear()
        if self.silent or tag in _SILENT or _is_hidden(attrs):
            if tag not in _VOID:
                self.silent.append(tag)
        elif tag == "table":
            self.collected.end_line()
            self.tables.append(False)
        elif self.tables and tag == "tr":
            self._end_row()
            self._start_row()
        elif self.tables and tag in _CELLS:
            if not self.tables[-1]:
                self._start_row()
            self.collected.start_cell()
        elif tag in _BLOCKS:
            self.collected.end_line()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take `<p/>` as browsers do: as its beginning."""
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End what *tag* ends."""
        if self.silent:
            if tag in self.silent:
                del self.silent[len(self.silent) - 1 - self.silent[::-1].index(tag) :]
        elif self.tables and tag == "table":
            self._end_row()
            self.tables.pop()
        elif self.tables and tag == "tr":
            self._end_row()
        elif tag in _BLOCKS or tag in _CELLS:
            self.collected.end_line()

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self.silent:
            self.collected.write(data)

    def _start_row(self) -> None:
        self.collected.start_row()
        self.tables[-1] = True

    def _end_row(self) -> None:
        if self.tables[-1]:
            self.collected.end_row()
        self.tables[-1] = False


_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
    style = "".join((dict(attrs).get("style") or "").split()).lower()
    return any(name == "hidden" for name, _value in attrs) or "display:none" in style
