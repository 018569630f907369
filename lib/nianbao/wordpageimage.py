"""
Charts for Word: an SVG as PNG, and the drawing that shows a PNG.

Word shows text in an SVG in whatever face it has, and does not say what it makes of hatches; so a chart goes in as the picture
that Typst makes of it with our faces, the same on each machine, and its alternative text says every number.
"""

from __future__ import annotations

import struct
from typing import Any

from . import typeface
from .errors import PublishError
from .wordpagexml import NAMESPACES, element

_PPI = 300
# English metric units: the width of the type area, and what leaves room for a caption in its height.
_MM = 36_000
_WIDTH, _HEIGHT = 156 * _MM, 205 * _MM
_SOURCE = b"""
#set page(width: 156mm, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", width: 100%)
"""


def png(svg: str) -> bytes:
    """
    Return *svg* as PNG, drawn with our faces only.

    Raises:
        PublishError: where it cannot be drawn.
    """
    import typst  # noqa: PLC0415 - only a picture needs it

    try:
        made = typst.compile(
            _SOURCE, font_paths=typeface.for_typst(), ignore_system_fonts=True, format="png", ppi=_PPI, sys_inputs={"svg": svg}
        )
    except typst.TypstError as error:
        raise PublishError(f"Word 文件中的图无法绘制（{error}）；上一次的成果没有改动。") from error
    assert isinstance(made, bytes)
    return made


def drawing(image: bytes, *, number: int, relationship: str, name: str, alt: str) -> Any:
    """Return a run that shows *image* across the type area."""
    width, height = struct.unpack(">II", image[16:24])
    scale = min(_WIDTH / width, _HEIGHT / height)
    extent = {"cx": int(width * scale), "cy": int(height * scale)}
    blip = element("a:blip", **{"r:embed": relationship})
    shape = element(
        "pic:pic",
        element("pic:nvPicPr", element("pic:cNvPr", id=number, name=name), element("pic:cNvPicPr")),
        element("pic:blipFill", blip, element("a:stretch", element("a:fillRect"))),
        element(
            "pic:spPr",
            element("a:xfrm", element("a:off", x=0, y=0), element("a:ext", **extent)),
            element("a:prstGeom", element("a:avLst"), prst="rect"),
        ),
    )
    graphic = element("a:graphic", element("a:graphicData", shape, uri=NAMESPACES["pic"]))
    inline = element(
        "wp:inline",
        element("wp:extent", **extent),
        element("wp:docPr", id=number, name=name, descr=alt),
        element("wp:cNvGraphicFramePr", element("a:graphicFrameLocks", noChangeAspect=1)),
        graphic,
        **dict.fromkeys(("distT", "distB", "distL", "distR"), 0),
    )
    return element("r", element("drawing", inline))
