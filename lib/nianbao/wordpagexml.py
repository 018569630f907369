"""WordprocessingML as elements, so that text can only be text. What the elements mean is decided elsewhere."""

from __future__ import annotations

from typing import Any

from lxml import etree

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": f"{_OFFICE}/relationships",
    "wp": f"{_DRAWING}/wordprocessingDrawing",
    "a": f"{_DRAWING}/main",
    "pic": f"{_DRAWING}/picture",
    "cp": f"{_PACKAGE}/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "rel": f"{_PACKAGE}/relationships",
    "type": f"{_PACKAGE}/content-types",
    "nb": "urn:nianbao:figures",
}
# These stand alone in their parts, and some readers want them without a prefix.
_UNPREFIXED = {"rel", "type", "nb"}
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def qualified(name: str) -> str:
    """Return *name* (`tbl`, `a:blip`) with its namespace; without a prefix it is Word's."""
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix or 'w']}}}{local}"


def element(name: str, /, *children: Any, **attributes: str | int) -> Any:
    """
    Return an element with *children*: elements, or text.

    Args:
        attributes: Word's own are in its namespace, as Word wants them; others only where they have a prefix.
    """
    prefix = name.rpartition(":")[0] or "w"
    made = etree.Element(qualified(name), nsmap={None if prefix in _UNPREFIXED else prefix: NAMESPACES[prefix]})
    for key, value in attributes.items():
        made.set(qualified(key) if prefix == "w" or ":" in key else key, str(value))
    for child in children:
        if isinstance(child, str):
            made.text = child
            if prefix == "w":
                made.set(_SPACE, "preserve")
        else:
            made.append(child)
    return made


def run(text: str, *looks: Any) -> Any:
    """Return *text* as a run; *looks* are the properties in which it differs from its paragraph's style."""
    return element("r", *([element("rPr", *looks)] if looks else []), element("t", text))


def paragraph(style: str, *content: Any, properties: tuple[Any, ...] = ()) -> Any:
    """Return a paragraph of *style*; *properties* stand in the order of the schema."""
    return element("p", element("pPr", element("pStyle", val=style), *properties), *content)


def field(instruction: str, *shown: Any) -> tuple[Any, ...]:
    """Return a field as runs: what Word computes, and what is shown until it does."""

    def mark(kind: str) -> Any:
        return element("r", element("fldChar", fldCharType=kind))

    asked = element("r", element("instrText", f" {instruction} "))
    return (mark("begin"), asked, mark("separate"), *shown, mark("end"))


def serialized(root: Any) -> bytes:
    """Return *root* as the content of a part."""
    etree.cleanup_namespaces(root, top_nsmap={key: value for key, value in root.nsmap.items() if key})
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    assert isinstance(content, bytes)
    return content
