"""
The panel behind the numbers of an HTML page: the evidence as data, and the one script that shows it.

What the panel does is in `templates/html/panel.js`, how it looks in `panel.css`. Here they are put into a finished page, so that
the page's policy allows this script and no other, and so that no text of a report can become markup or script.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import typeface, webfont

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Where the template wants the evidence: once, before the end of the body.
MARKER = "<!-- nianbao:evidence -->"

_TEMPLATES = Path(__file__).parent / "templates" / "html"
# The policy of the template; what it forbids stays forbidden.
_POLICY = "content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
# What could end the element or, to a reader of JavaScript, the line; `\u` escapes mean the same to a reader of JSON.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def attach(page: str, evidence: Mapping[str, Any]) -> str:
    """
    Return *page* with the panel and its *evidence*; the same arguments give the same page.

    Args:
        page: a finished page with the marker and the template's Content-Security-Policy, each once.

        evidence: `figures` and `findings` as in their files, `checks`, `policy`, `files` by name, `manifest`, `report`; digits that
            prose may hold by hand as `literals`.

    Raises:
        ValueError: where the page is not one that the template made.
    """
    script, style, data = _template("panel.js"), _template("panel.css"), embeddable(evidence)
    face = webfont.face("Report Panel", typeface.HEI, 400, set(page) | set(script) | set(data))
    block = f'<script type="application/json" id="nianbao-evidence">{data}</script>\n<script>{script}</script>'
    page = _replaced(page, MARKER, block)
    page = _replaced(page, _POLICY, f"{_POLICY}; script-src '{_source(script)}'")
    return _replaced(page, "\n</head>", f"\n<style>\n{face}\n{style}</style>\n</head>")


def active_parts(page: str) -> Iterator[tuple[str, str, str]]:
    """Yield (what, as shipped, as found) for the script, styles and handlers of *page*: whatever could change what is seen."""
    without_data = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", without_data, re.DOTALL)
    styles = [_plain_style(each) for each in re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL)]
    shipped = [_plain_style(_template(name)) for name in ("report.css", "panel.css")]
    bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    handlers = re.findall(r"<[^>]*\s(on[a-z]+)\s*=", bare, re.IGNORECASE)
    yield "网页的脚本", _digests([_template("panel.js")]), _digests(scripts)
    yield "网页的样式", _digests(shipped), _digests(styles)
    yield "网页的事件属性", "没有", "、".join(handlers) or "没有"


def _plain_style(style: str) -> str:
    """Return *style* without the faces, which differ from page to page."""
    return re.sub(r"@font-face\{[^}]*\}", "", style).strip()


def _digests(texts: list[str]) -> str:
    return "、".join(hashlib.sha256(text.encode("utf-8")).hexdigest()[:16] for text in texts) or "没有"


def embeddable(evidence: Mapping[str, Any]) -> str:
    """Return *evidence*, or a part of it, as JSON that can stand inside an element of a page."""
    return json.dumps(evidence, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_ESCAPES)


def _source(script: str) -> str:
    """Return how a policy names *script*: by the hash of the text between its tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text("utf-8")


def _replaced(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        message = f"the page holds {old!r} {page.count(old)} times, not once"
        raise ValueError(message)
    return page.replace(old, new)
