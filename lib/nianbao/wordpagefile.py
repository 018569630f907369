"""The parts of a Word file, what leads from one to another, and the zip file they go into: the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from .wordpagexml import NAMESPACES, element, serialized

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PACKAGE = "application/vnd.openxmlformats-package"
_DEFAULTS = {"rels": f"{_PACKAGE}.relationships+xml", "xml": "application/xml", "png": "image/png"}
# Parts whose kind is not their name.
_KINDS = {"document": "document.main", "odd": "footer", "even": "footer"}
_ENTRIES = {"document": ("officeDocument", "word/document.xml"), "properties": ("core-properties", "docProps/core.xml")}
# A date that claims nothing.
_NO_DATE = "1980-01-01"


def assembled(
    metadata: Mapping[str, Any], parts: Mapping[str, Any], *, figures: Any, pictures: Sequence[bytes], links: Sequence[str]
) -> bytes:
    """
    Return the file.

    Args:
        parts: Word's own by name, which is also what the document calls them; `document` is the document.

        figures: which figure each bookmark is; it travels with the file and Word does not show it.

        pictures, links: what the document calls `picture1`, `link1` and so on.
    """
    targets = {name: (_KINDS.get(name, name), f"{name}.xml") for name in parts if name != "document"}
    targets["figures"] = ("customXml", "../customXml/item1.xml")
    targets |= {f"picture{number}": ("image", f"media/picture{number}.png") for number in range(1, len(pictures) + 1)}
    targets |= {f"link{number}": ("hyperlink", address) for number, address in enumerate(links, 1)}
    return zipped(
        {
            "[Content_Types].xml": serialized(_types(parts)),
            "_rels/.rels": serialized(_relationships(_ENTRIES)),
            **{f"word/{name}.xml": serialized(root) for name, root in parts.items()},
            "word/_rels/document.xml.rels": serialized(_relationships(targets)),
            **{f"word/media/picture{number}.png": image for number, image in enumerate(pictures, 1)},
            "customXml/item1.xml": serialized(figures),
            "docProps/core.xml": serialized(_properties(metadata)),
        }
    )


def _types(parts: Mapping[str, Any]) -> Any:
    root = element("type:Types", *(element("type:Default", Extension=key, ContentType=kind) for key, kind in _DEFAULTS.items()))
    named = {f"word/{name}.xml": f"{_MAIN}.{_KINDS.get(name, name)}+xml" for name in parts}
    named["docProps/core.xml"] = f"{_PACKAGE}.core-properties+xml"
    root.extend([element("type:Override", PartName=f"/{name}", ContentType=kind) for name, kind in named.items()])
    return root


def _relationships(targets: Mapping[str, tuple[str, str]]) -> Any:
    """Return the part that says what names in another part lead to: of what kind, and where."""
    root = element("rel:Relationships")
    for name, (kind, target) in targets.items():
        space = f"{NAMESPACES['rel']}/metadata" if kind == "core-properties" else NAMESPACES["r"]
        outside: dict[str, str | int] = {"TargetMode": "External"} if kind == "hyperlink" else {}
        root.append(element("rel:Relationship", Id=name, Type=f"{space}/{kind}", Target=target, **outside))
    return root


def _properties(metadata: Mapping[str, Any]) -> Any:
    moment = f"{metadata.get('date') or _NO_DATE}T00:00:00Z"
    author = metadata.get("author", "")
    dates = [element(f"dcterms:{name}", moment, **{"xsi:type": "dcterms:W3CDTF"}) for name in ("created", "modified")]
    return element(
        "cp:coreProperties",
        element("dc:title", metadata["title"]),
        element("dc:creator", author),
        element("cp:lastModifiedBy", author),
        *dates,
        element("dc:language", "zh-CN"),
    )


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return *parts* as one file, stored as they are: what a compressor makes of them depends on its version."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made.getvalue()
