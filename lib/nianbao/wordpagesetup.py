"""What a Word file says once: its page and footers after GB/T 9704-2012, its settings, its lists, and what stands in for a face."""

from __future__ import annotations

from typing import Any

from .wordpagestyles import FANG, HEI, KAI, PITCH, SONG, XIAOBIAOSONG
from .wordpagexml import element, field, paragraph, run

DRAFT = "　草稿　不得公布　"
BULLETS = 1

_SUBSTITUTES = {XIAOBIAOSONG: "华文中宋,宋体", HEI: "SimHei", KAI: "楷体", FANG: "仿宋", SONG: "SimSun"}
_ABSTRACT_ORDERED, _ABSTRACT_BULLETS = 1, 2


def page() -> Any:
    """Return A4 with the type area of GB/T 9704-2012, 22 lines of 28 characters, and footers outside."""
    return element(
        "sectPr",
        element("footerReference", type="default", **{"r:id": "odd"}),
        element("footerReference", type="even", **{"r:id": "even"}),
        element("pgSz", w=11906, h=16838),
        # The folio's line (14 pt) begins 7 mm below the type area.
        element("pgMar", top=2098, right=1474, bottom=1984, left=1588, header=851, footer=1307, gutter=0),
        # A grid of characters (`linesAndChars`) is Word's own way to 28 a line; LibreOffice makes 19 of it. See `_run_look`.
        element("docGrid", type="lines", linePitch=PITCH),
    )


def footer(*, odd: bool, draft: bool) -> Any:
    """Return a page number between dashes, on the outer side, one character in."""
    number = [run("— "), *field("PAGE", run("1" if odd else "2")), run(" —")]
    mark = [run(DRAFT)] if draft else []
    side = element("ind", **{"rightChars" if odd else "leftChars": 100, "right" if odd else "left": 280})
    properties = (side, element("jc", val="right" if odd else "left"))
    return element("ftr", paragraph("Footer", *(mark + number if odd else number + mark), properties=properties))


def settings() -> Any:
    """Return the part of the settings: odd and even pages differ, and Word need not think the file old."""
    uri = "http://schemas.microsoft.com/office/word"
    return element(
        "settings",
        element("zoom", percent=100),
        element("evenAndOddHeaders"),
        element("drawingGridVerticalSpacing", val=PITCH // 2),
        element("characterSpacingControl", val="compressPunctuation"),
        element(
            "compat",
            element("doNotExpandShiftReturn"),
            element("useFELayout"),
            element("compatSetting", name="compatibilityMode", uri=uri, val=15),
        ),
        element("themeFontLang", val="zh-CN", eastAsia="zh-CN"),
    )


def lists(ordered: int) -> Any:
    """Return the part that numbers lists: number 1 has bullets, each of the others starts from one."""
    root = element("numbering", _abstract(_ABSTRACT_ORDERED, "decimal", "%{}."), _abstract(_ABSTRACT_BULLETS, "bullet", "•"))
    root.append(element("num", element("abstractNumId", val=_ABSTRACT_BULLETS), numId=BULLETS))
    for number in range(BULLETS + 1, BULLETS + 1 + ordered):
        starts = [element("lvlOverride", element("startOverride", val=1), ilvl=level) for level in range(9)]
        root.append(element("num", element("abstractNumId", val=_ABSTRACT_ORDERED), *starts, numId=number))
    return root


def fonts() -> Any:
    """Return the part that names substitutes for the faces."""
    root = element("fonts")
    for face, substitute in _SUBSTITUTES.items():
        root.append(
            element(
                "font",
                element("altName", val=substitute),
                element("charset", val="86"),
                element("family", val="auto"),
                element("pitch", val="variable"),
                name=face,
            )
        )
    return root


def _abstract(identity: int, kind: str, text: str) -> Any:
    levels = [
        element(
            "lvl",
            element("start", val=1),
            element("numFmt", val=kind),
            element("suff", val="space"),
            element("lvlText", val=text.format(level + 1)),
            element("lvlJc", val="left"),
            element("pPr", element("ind", left=0, firstLineChars=200 * (level + 1), firstLine=640 * (level + 1))),
            ilvl=level,
        )
        for level in range(9)
    ]
    return element("abstractNum", element("multiLevelType", val="multilevel"), *levels, abstractNumId=identity)
