"""
The page that stands around a report being written: a bar, what is wrong, and the report in a frame.

What it does is in `templates/html/preview.js`, how it looks in `preview.css`. Here it is put together, with a policy that allows
this script and this style and no other. Importing it loads nothing heavy, so that the page is there before anything is made.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

_TEMPLATES = Path(__file__).parent / "templates" / "html"


def page(title: str) -> tuple[bytes, str]:
    """Return the page for the report called *title*, and the Content-Security-Policy that it is sent with."""
    script, style = ((_TEMPLATES / name).read_text("utf-8") for name in ("preview.js", "preview.css"))
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    made = environment.get_template("preview.html.j2").render(title=title, script=script, style=style)
    policy = (
        f"default-src 'none'; script-src '{_source(script)}'; style-src '{_source(style)}'; connect-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return made.encode(), policy


def _source(text: str) -> str:
    """Return how a policy names *text*: by the hash of what stands between its tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
