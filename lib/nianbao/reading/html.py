"""The lines of a web page: scripts and styles are left out, blocks are lines, a row of a table is one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nianbao.reading.lines import Collector

if TYPE_CHECKING:
    from lxml import etree

    from nianbao.reading.lines import Lines


# Elements that begin and end a line; the text of all others, known or not, runs on in that of the block around them.
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
        "td",
        "tfoot",
        "th",
        "thead",
        "ul",
    ]
)
# What these hold is no text of the page; charts repeat what the text says.
_SILENT = frozenset({"head", "iframe", "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title"})


def lines(text: str) -> Lines:
    """Return the lines of the page *text*."""
    # lxml takes a tenth of a second to import.
    from lxml import etree  # noqa: PLC0415

    # Encoded here, a page is not decoded by what it says of itself.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    collected = Collector()
    if root is None:
        return ()
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        is_shown = not _is_silent(element)
        if event == "end":
            if is_shown:
                _end(element, collected)
            collected.write(element.tail or "")
        elif is_shown:
            _start(element, collected)
            collected.write(element.text or "")
        else:
            walk.skip_subtree()
    return collected.finish()


def _start(element: etree._Element, collected: Collector) -> None:
    if element.tag == "tr":
        collected.start_row()
    elif element.tag in {"td", "th"}:
        collected.start_cell()
    elif element.tag in _BLOCKS:
        collected.end_line()


def _end(element: etree._Element, collected: Collector) -> None:
    if element.tag == "tr":
        collected.end_row()
    elif element.tag in _BLOCKS:
        collected.end_line()


def _is_silent(element: etree._Element) -> bool:
    style = "".join(element.get("style", "").split()).lower()
    return element.tag in _SILENT or "hidden" in element.attrib or "display:none" in style
