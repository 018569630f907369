"""
A notebook that was run becomes files; and the one way to a page around something: its template, style and script, and its policy.

Everything that a template is given is escaped by it, but for what it calls safe. Importing this loads nothing heavy.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.page import theme

if TYPE_CHECKING:
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
