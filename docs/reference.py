"""
Make `lib/nianbao/render/templates/word/reference.docx` again: `python docs/reference.py`, after a change of a size or colour of the theme.

The file says how Word documents look: styles of GB/T 9704, the page, footers, numbering. It lies in git and is read as it is; this
program is no part of the library. Its text shows each style to whoever opens it in Word; a report has none of it.
"""

import io
from dataclasses import dataclass
from typing import Any

from docx.opc.constants import CONTENT_TYPE as CT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.package import Package
from docx.parts.document import DocumentPart
from nianbao.page import theme
from nianbao.render import unzipped, zipped
from nianbao.render.docx import REFERENCE, faces, made

XIAOBIAOSONG, HEI, KAI, FANG, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
LATIN = "Times New Roman"
SUBSTITUTES = {XIAOBIAOSONG: "华文中宋,宋体", HEI: "SimHei", KAI: "楷体", FANG: "仿宋", SONG: "SimSun"}

# Twips: a line of 22 on a page, A4, and the type area.
PITCH = 20 * theme.PITCH
PAPER = 11906, 16838
WIDTH = theme.twips(theme.TEXT_WIDTH)

BULLETS, ORDERED = 1, 2


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

        number: which numbering its paragraphs have; 0 for none.

        following: the style of the paragraph that a writer begins after it.
    """

    id: str
    name: str
    face: str = FANG
    latin: str = LATIN
    size: str = "san"
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
    number: int = 0
    following: str = ""


STYLES = (
    Style(id="Normal", name="Normal", indent=2),
    Style(id="Title", name="Title", face=XIAOBIAOSONG, size="er", align="center", line=720, before=PITCH, following="Date"),
    Style(id="Date", name="Date", face=KAI, align="center", following="Normal"),
    Style(id="Heading1", name="heading 1", face=HEI, indent=2, outline=1, keep=True, following="Normal"),
    Style(id="Heading2", name="heading 2", face=KAI, indent=2, outline=2, keep=True, following="Normal"),
    Style(id="Heading3", name="heading 3", bold=True, indent=2, outline=3, keep=True, following="Normal"),
    Style(id="Heading4", name="heading 4", indent=2, outline=4, keep=True, following="Normal"),
    Style(id="Heading5", name="heading 5", indent=2, outline=5, keep=True, following="Normal"),
    Style(id="TOCHeading", name="TOC Heading", face=HEI, align="center", before=PITCH, keep=True),
    Style(id="TOC1", name="toc 1", face=HEI, line=460, leader=True),
    Style(id="TOC2", name="toc 2", line=460, left=2, leader=True),
    Style(id="Caption", name="caption", face=HEI, size="xiaosi", align="center", line=400, before=120, after=60),
    Style(id="Picture", name="图", align="center", line=0, before=120, keep=True, following="Caption"),
    Style(id="TableText", name="表文", face=SONG, size="wu", align="left", line=300),
    Style(id="TableHead", name="表头", face=HEI, size="wu", align="center", line=300),
    Style(id="TableTextSmall", name="表文 小五", face=SONG, size="xiaowu", align="left", line=260),
    Style(id="TableHeadSmall", name="表头 小五", face=HEI, size="xiaowu", align="center", line=260),
    Style(id="TableNote", name="表注", face=SONG, size="wu", line=300, before=60, after=120),
    Style(id="Quote", name="Quote", face=KAI, indent=2),
    Style(id="ListBullet", name="List Bullet", number=BULLETS),
    Style(id="ListNumber", name="List Number", number=ORDERED),
    Style(id="ListContinue", name="List Continue", indent=2),
    Style(id="NoticeTitle", name="草稿标题", face=HEI, size="si", colour="red", align="center", line=440, keep=True, box=True),
    Style(id="Notice", name="草稿", face=SONG, size="wu", line=320, box=True),
    Style(id="Footer", name="footer", face=SONG, latin=SONG, size="si", line=280),
)


def styles() -> Any:
    """Return the part of the styles."""
    # Latin text is English, as Word has it: Chinese rules would divide 82.22% at the end of a line.
    language = made("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA")
    defaults = made("rPrDefault", made("rPr", faces(FANG, LATIN), made("sz", val=half_points("san")), language))
    root = made("styles", made("docDefaults", defaults, made("pPrDefault")), *map(_style, STYLES))
    root.append(_named("character", "DefaultParagraphFont", "Default Paragraph Font", default=True))
    underlined = made("rPr", made("color", val=theme.digits("black")), made("u", val="single"))
    root.append(_named("character", "Hyperlink", "Hyperlink", underlined))
    root.append(_named("character", "Emphasis", "Emphasis", made("qFormat"), made("rPr", faces(KAI, LATIN))))
    root.append(_named("table", "TableNormal", "Normal Table", default=True))
    root.append(_named("table", "TableGrid", "Table Grid", made("tblPr", _table_borders(), _cell_margins())))
    return root


def half_points(size: str) -> int:
    """Return how Word says the type size *size*."""
    return round(2 * theme.SIZES[size])


def _style(style: Style) -> Any:
    normal = style.id == "Normal"
    based = None if normal else made("basedOn", val="Normal")
    following = made("next", val=style.following) if style.following else None
    looks = (based, following, made("qFormat"), _paragraph_look(style), _run_look(style))
    return _named("paragraph", style.id, style.name, *looks, default=normal)


def _paragraph_look(style: Style) -> Any:
    size = half_points(style.size)
    spacing = {"line": style.line, "lineRule": "exact"} if style.line else {"line": 240, "lineRule": "auto"}
    first = {"firstLineChars": 100 * style.indent, "firstLine": 10 * style.indent * size}
    # Word draws a box around the paragraph; this brings it back between the margins.
    sides = {"left": 140, "right": 140} if style.box else {"leftChars": 100 * style.left, "left": 10 * style.left * size}
    return made(
        "pPr",
        made("keepNext") if style.keep else None,
        # The type area is filled: 22 lines a page, whatever paragraph they belong to.
        made("widowControl", val=0),
        made("numPr", made("numId", val=style.number)) if style.number else None,
        _box() if style.box else None,
        made("tabs", made("tab", val="right", leader="dot", pos=WIDTH)) if style.leader else None,
        # LibreOffice puts exact lines on the grid too.
        None if style.line == PITCH else made("snapToGrid", val=0),
        made("spacing", before=style.before, after=style.after, **spacing),
        made("ind", **sides, **first),
        made("jc", val=style.align),
        made("outlineLvl", val=style.outline - 1) if style.outline else None,
    )


def _run_look(style: Style) -> Any:
    return made(
        "rPr",
        faces(style.face, style.latin),
        made("b") if style.bold else None,
        made("color", val=theme.digits(style.colour)) if style.colour else None,
        # 156 mm hold 28 characters of 15.75 pt, so 三号, which is 16 pt in Word, gives up a quarter.
        made("spacing", val=-5 if style.size == "san" else 0),
        made("sz", val=half_points(style.size)),
        made("szCs", val=half_points(style.size)),
    )


def _named(kind: str, identity: str, name: str, *looks: Any, default: bool = False) -> Any:
    chosen = {"default": 1} if default else {}
    return made("style", made("name", val=name), *looks, type=kind, styleId=identity, **chosen)


def _box() -> Any:
    sides = ("top", "left", "bottom", "right")
    return made("pBdr", *(made(side, val="single", sz=16, space=6, color=theme.digits("red")) for side in sides))


def _table_borders() -> Any:
    thick = {"val": "single", "sz": 12, "color": theme.digits("black")}
    thin = {"val": "single", "sz": 4, "color": theme.digits("grid")}
    sides = {"top": thick, "left": thin, "bottom": thick, "right": thin, "insideH": thin, "insideV": thin}
    return made("tblBorders", *(made(side, space=0, **look) for side, look in sides.items()))


def _cell_margins() -> Any:
    return made("tblCellMar", *(made(side, w=60, type="dxa") for side in ("top", "left", "bottom", "right")))


def section(odd: str, even: str) -> Any:
    """Return A4 with the type area of GB/T 9704-2012, 22 lines of 28 characters, and the footers *odd* and *even* outside."""
    width, height = PAPER
    top, right, bottom = (theme.twips(theme.MARGINS[side]) for side in ("top", "right", "bottom"))
    margins = {"top": top, "right": right, "bottom": bottom, "left": width - WIDTH - right}
    footers = {"default": odd, "even": even}
    references = [made("footerReference", type=kind) for kind in footers]
    for reference, name in zip(references, footers.values(), strict=True):
        reference.rId = name
    return made(
        "sectPr",
        *references,
        made("pgSz", w=width, h=height),
        # The folio's line (14 pt) begins 7 mm below the type area.
        made("pgMar", **margins, header=851, footer=1307, gutter=0),
        # A grid of characters (`linesAndChars`) is Word's own way to 28 a line; LibreOffice makes 19 of it. See `_run_look`.
        made("docGrid", type="lines", linePitch=PITCH),
    )


def footer(*, odd: bool) -> Any:
    """Return a page number between dashes, on the outer side, one character in."""
    number = [run("— "), made("fldSimple", run("1" if odd else "2"), instr=" PAGE "), run(" —")]
    side = made("ind", **{"rightChars" if odd else "leftChars": 100, "right" if odd else "left": 280})
    look = made("pPr", made("pStyle", val="Footer"), side, made("jc", val="right" if odd else "left"))
    return made("ftr", made("p", look, *number))


def settings() -> Any:
    """Return the part of the settings: odd and even pages differ, and Word need not think the file old."""
    uri = "http://schemas.microsoft.com/office/word"
    return made(
        "settings",
        made("zoom", percent=100),
        made("evenAndOddHeaders"),
        made("drawingGridVerticalSpacing", val=PITCH // 2),
        made("characterSpacingControl", val="compressPunctuation"),
        made(
            "compat",
            made("doNotExpandShiftReturn"),
            made("useFELayout"),
            made("compatSetting", name="compatibilityMode", uri=uri, val=15),
        ),
        made("themeFontLang", val="zh-CN", eastAsia="zh-CN"),
    )


def numbering() -> Any:
    """Return the part that numbers lists: a numbering with bullets, and one that counts."""
    kinds = {BULLETS: ("bullet", "•"), ORDERED: ("decimal", "%{}.")}
    root = made("numbering", *(_abstract(number, *kind) for number, kind in kinds.items()))
    root.extend([made("num", made("abstractNumId", val=number), numId=number) for number in kinds])
    return root


def _abstract(identity: int, kind: str, text: str) -> Any:
    levels = [
        made(
            "lvl",
            made("start", val=1),
            made("numFmt", val=kind),
            made("suff", val="space"),
            made("lvlText", val=text.format(level + 1)),
            made("lvlJc", val="left"),
            made("pPr", made("ind", left=0, firstLineChars=200 * (level + 1), firstLine=640 * (level + 1))),
            ilvl=level,
        )
        for level in range(9)
    ]
    return made("abstractNum", made("multiLevelType", val="multilevel"), *levels, abstractNumId=identity)


def fonts() -> Any:
    """Return the part that names substitutes for the faces."""
    root = made("fonts")
    for face, other in SUBSTITUTES.items():
        look = {"charset": "86", "family": "auto", "pitch": "variable"}
        root.append(made("font", made("altName", val=other), *(made(key, val=value) for key, value in look.items()), name=face))
    return root


def run(text: str) -> Any:
    """Return *text* as a run."""
    shown = made("r")
    shown.add_t(text)
    return shown


def specimen() -> list[Any]:
    """Return a paragraph of each style, which says what the style is called."""
    return [made("p", made("pPr", made("pStyle", val=style.id)), run(f"样式：{style.name}")) for style in STYLES]


def document() -> bytes:
    """Return the file."""
    package = Package()
    body = made("body", *specimen())
    main = DocumentPart(PackURI("/word/document.xml"), CT.WML_DOCUMENT_MAIN, made("document", body), package)
    package.relate_to(main, RT.OFFICE_DOCUMENT)

    def related(name: str, kind: str, relation: str, root: Any) -> str:
        return main.relate_to(XmlPart(PackURI(f"/word/{name}.xml"), kind, root, package), relation)

    related("styles", CT.WML_STYLES, RT.STYLES, styles())
    related("settings", CT.WML_SETTINGS, RT.SETTINGS, settings())
    related("fontTable", CT.WML_FONT_TABLE, RT.FONT_TABLE, fonts())
    related("numbering", CT.WML_NUMBERING, RT.NUMBERING, numbering())
    odd, even = (related(name, CT.WML_FOOTER, RT.FOOTER, footer(odd=name == "odd")) for name in ("odd", "even"))
    body.append(section(odd, even))
    file = io.BytesIO()
    package.save(file)
    return zipped(unzipped(file))


if __name__ == "__main__":
    REFERENCE.parent.mkdir(exist_ok=True)
    REFERENCE.write_bytes(document())
