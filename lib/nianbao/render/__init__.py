"""
A notebook that was run becomes files; and the one way to a page around something, with its style, script and policy, and to a ZIP file.

Everything that a template is given is escaped by it, but for what it calls safe. Importing this loads nothing heavy.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.page import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nianbao.inputs.yaml import Json


TEMPLATES = Path(__file__).parent / "templates"

# What could end the element or, to a reader of JavaScript, the line; `\u` escapes mean the same to a reader of JSON.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def template(name: str) -> str:
    """Return the text of *name* among what pages are made of: a script, or a style with the colours of the theme."""
    text = (TEMPLATES / "html" / name).read_text("utf-8")
    return theme.filled(text) if name.endswith(".css") else text


def page(name: str, **values: Any) -> str:
    """Return the page that the template *name* makes of *values*."""
    from jinja2 import Environment, FileSystemLoader  # noqa: PLC0415 - who wants a style or a hash alone needs no templates

    environment = Environment(loader=FileSystemLoader(TEMPLATES / "html"), autoescape=True)
    return environment.get_template(name).render(values)


def policy_source(text: str) -> str:
    """Return how a Content-Security-Policy names the script or style *text*: by the hash of what stands between its tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def embeddable(value: Json) -> str:
    """Return *value* as JSON that can stand inside an element of a page."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_ESCAPES)


def unzipped(made: io.BytesIO) -> dict[str, bytes]:
    """Return the parts of a ZIP file, by name."""
    from zipfile import ZipFile  # noqa: PLC0415 - who wants a page needs none

    with ZipFile(made) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return *parts* as one ZIP file, stored as they are: what a compressor makes of them depends on its version."""
    from zipfile import ZipFile, ZipInfo  # noqa: PLC0415 - who wants a page needs none

    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        for name, content in parts.items():
            # Dated 1980, as it comes.
            entry = ZipInfo(name)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made.getvalue()
