"""
The typography of the Word file: GB/T 9704-2012 as styles with the names that Word and WPS know.

`templates/typst/report.typ` says the same for the PDF. Lengths are twips (a twentieth of a point), sizes half points: 三号 is 32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .wordpagexml import element

XIAOBIAOSONG, HEI, KAI, FANG, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
LATIN = "Times New Roman"

# 225 mm ÷ 22 lines, and 156 mm wide.
PITCH = 580
WIDTH = 8844
_SAN = 32
_RED = "A40000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """
    A paragraph style.

    Args:
        name: as Word knows it, in any language.

        indent, left: of the first line and of all lines, in characters.

        line: exact height of a line; 0 for as high as what stands in it.

        outline: the level of a heading, from 1.

        keep: whether it stays with what follows.

        box: whether it has a border that must not be overlooked.

        leader: whether dots lead to a page number.

        following: the style of the paragraph that a writer begins after it.
    """

    id: str
    name: str
    face: str = FANG
    latin: str = LATIN
    size: int = _SAN
    bold: bool = False
    colour: str = ""
    align: str = "both"
    indent: int = 0
    left: int = 0
    line: int = PITCH
    before: int = 0
    after: int = 0
    outline: int = 0
    keep: bool = False
    box: bool = False
    leader: bool = False
    following: str = ""


STYLES = (
    Style(id="Normal", name="Normal", indent=2),
    Style(id="Title", name="Title", face=XIAOBIAOSONG, size=44, align="center", line=720, before=PITCH, following="Date"),
    Style(id="Date", name="Date", face=KAI, align="center", following="Normal"),
    Style(id="Heading1", name="heading 1", face=HEI, indent=2, outline=1, keep=True, following="Normal"),
    Style(id="Heading2", name="heading 2", face=KAI, indent=2, outline=2, keep=True, following="Normal"),
    Style(id="Heading3", name="heading 3", bold=True, indent=2, outline=3, keep=True, following="Normal"),
    Style(id="Heading4", name="heading 4", indent=2, outline=4, keep=True, following="Normal"),
    Style(id="Heading5", name="heading 5", indent=2, outline=5, keep=True, following="Normal"),
    Style(id="TOCHeading", name="TOC Heading", face=HEI, align="center", before=PITCH, keep=True),
    Style(id="TOC1", name="toc 1", face=HEI, line=460, leader=True),
    Style(id="TOC2", name="toc 2", line=460, left=2, leader=True),
    Style(id="Caption", name="caption", face=HEI, size=24, align="center", line=400, before=120, after=60),
    Style(id="Picture", name="图", align="center", line=0, before=120, keep=True, following="Caption"),
    Style(id="TableText", name="表文", face=SONG, size=21, align="left", line=300),
    Style(id="TableHead", name="表头", face=HEI, size=21, align="center", line=300),
    Style(id="TableTextSmall", name="表文 小五", face=SONG, size=18, align="left", line=260),
    Style(id="TableHeadSmall", name="表头 小五", face=HEI, size=18, align="center", line=260),
    Style(id="TableNote", name="表注", face=SONG, size=21, line=300, before=60, after=120),
    Style(id="Quote", name="Quote", face=KAI, indent=2),
    Style(id="ListBullet", name="List Bullet"),
    Style(id="ListNumber", name="List Number"),
    Style(id="ListContinue", name="List Continue", indent=2),
    Style(id="NoticeTitle", name="草稿标题", face=HEI, size=28, colour=_RED, align="center", line=440, keep=True, box=True),
    Style(id="Notice", name="草稿", face=SONG, size=21, line=320, box=True),
    Style(id="Footer", name="footer", face=SONG, latin=SONG, size=28, line=280),
)


def styles() -> Any:
    """Return the part of the styles."""
    # Latin text is English, as Word has it: Chinese rules would divide 82.22% at the end of a line.
    language = element("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA")
    defaults = element("rPrDefault", element("rPr", faces(FANG), element("sz", val=_SAN), language))
    root = element("styles", element("docDefaults", defaults, element("pPrDefault")))
    root.extend([_style(each) for each in STYLES])
    root.append(_named("character", "DefaultParagraphFont", "Default Paragraph Font", default=True))
    underlined = element("rPr", element("color", val="000000"), element("u", val="single"))
    root.append(_named("character", "Hyperlink", "Hyperlink", underlined))
    root.append(_named("table", "TableNormal", "Normal Table", default=True))
    root.append(_named("table", "TableGrid", "Table Grid", element("tblPr", _table_borders(), _cell_margins())))
    return root


def faces(face: str, latin: str = LATIN) -> Any:
    """Return the faces of a run: *face* for ideographs, *latin* for the rest."""
    # Without the hint, quotation marks and dashes would be Latin.
    return element("rFonts", hint="eastAsia", ascii=latin, hAnsi=latin, eastAsia=face, cs=latin)


def _style(style: Style) -> Any:
    normal = style.id == "Normal"
    based = [] if normal else [element("basedOn", val="Normal")]
    following = [element("next", val=style.following)] if style.following else []
    looks = (element("qFormat"), _paragraph_look(style), _run_look(style))
    return _named("paragraph", style.id, style.name, *based, *following, *looks, default=normal)


def _paragraph_look(style: Style) -> Any:
    spacing: dict[str, str | int] = {"line": style.line, "lineRule": "exact"} if style.line else {"line": 240, "lineRule": "auto"}
    first = {"firstLineChars": 100 * style.indent, "firstLine": 10 * style.indent * style.size}
    # Word draws a box around the paragraph; this brings it back between the margins.
    sides = {"left": 140, "right": 140} if style.box else {"leftChars": 100 * style.left, "left": 10 * style.left * style.size}
    return element(
        "pPr",
        *([element("keepNext")] if style.keep else []),
        # The type area is filled: 22 lines a page, whatever paragraph they belong to.
        element("widowControl", val=0),
        *([_box()] if style.box else []),
        *([element("tabs", element("tab", val="right", leader="dot", pos=WIDTH))] if style.leader else []),
        # LibreOffice puts exact lines on the grid too.
        *([] if style.line == PITCH else [element("snapToGrid", val=0)]),
        element("spacing", before=style.before, after=style.after, **spacing),
        element("ind", **sides, **first),
        element("jc", val=style.align),
        *([element("outlineLvl", val=style.outline - 1)] if style.outline else []),
    )


def _run_look(style: Style) -> Any:
    return element(
        "rPr",
        faces(style.face, style.latin),
        *([element("b")] if style.bold else []),
        *([element("color", val=style.colour)] if style.colour else []),
        # 156 mm hold 28 characters of 15.75 pt, so 三号, which is 16 pt in Word, gives up a quarter.
        element("spacing", val=-5 if style.size == _SAN else 0),
        element("sz", val=style.size),
        element("szCs", val=style.size),
    )


def _named(kind: str, identity: str, name: str, *looks: Any, default: bool = False) -> Any:
    chosen = {"default": 1} if default else {}
    return element("style", element("name", val=name), *looks, type=kind, styleId=identity, **chosen)


def _box() -> Any:
    sides = ("top", "left", "bottom", "right")
    return element("pBdr", *(element(side, val="single", sz=16, space=6, color=_RED) for side in sides))


def _table_borders() -> Any:
    thick: dict[str, str | int] = {"val": "single", "sz": 12, "color": "000000"}
    thin: dict[str, str | int] = {"val": "single", "sz": 4, "color": "737373"}
    sides = {"top": thick, "left": thin, "bottom": thick, "right": thin, "insideH": thin, "insideV": thin}
    return element("tblBorders", *(element(side, space=0, **look) for side, look in sides.items()))


def _cell_margins() -> Any:
    sides = {"top": 60, "left": 60, "bottom": 60, "right": 60}
    return element("tblCellMar", *(element(side, w=width, type="dxa") for side, width in sides.items()))
