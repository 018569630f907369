"""
Blocks to a Word file: styles that an office can change, tables as tables, each number a bookmark that names its figure.

From the ground up: WordprocessingML as elements, so that text can only be text; the styles of GB/T 9704; the parts of the file;
pictures; and the document, whose writer remembers what other parts want to know. Where spans stand is the grid's business, colours
and sizes are the theme's.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import struct
import unicodedata
import zipfile
from collections import Counter, defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lxml import etree

from nianbao.indicators.errors import PublishError
from nianbao.page import faces as typeface
from nianbao.page import images, theme
from nianbao.page.blocks import (
    Block,
    Datum,
    Emphasis,
    Grid,
    GridCell,
    Heading,
    Inline,
    Items,
    LineBreak,
    Link,
    Notice,
    Own,
    Paragraph,
    Photo,
    Picture,
    Quote,
    Strong,
    Text,
    from_json,
    plain,
)
from nianbao.page.grid import Place, Position, placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_PACKAGE_SCHEMA = "http://schemas.openxmlformats.org/package/2006"
NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": f"{_OFFICE}/relationships",
    "wp": f"{_DRAWING}/wordprocessingDrawing",
    "a": f"{_DRAWING}/main",
    "pic": f"{_DRAWING}/picture",
    "cp": f"{_PACKAGE_SCHEMA}/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "rel": f"{_PACKAGE_SCHEMA}/relationships",
    "type": f"{_PACKAGE_SCHEMA}/content-types",
    "nb": "urn:nianbao:figures",
}
# These stand alone in their parts, and some readers want them without a prefix.
_UNPREFIXED = {"rel", "type", "nb"}
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def qualified(name: str) -> str:
    """Return *name* (`tbl`, `a:blip`) with its namespace; without a prefix it is Word's."""
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix or 'w']}}}{local}"


def element(name: str, /, *children: Any, **attributes: Any) -> Any:
    """
    Return an element with *children*: elements, or text; None is left out, as a child and as an attribute.

    Args:
        attributes: Word's own are in its namespace, as Word wants them; others only where they have a prefix.
    """
    prefix = name.rpartition(":")[0] or "w"
    made = etree.Element(qualified(name), nsmap={None if prefix in _UNPREFIXED else prefix: NAMESPACES[prefix]})
    for key, value in attributes.items():
        if value is not None:
            made.set(qualified(key) if prefix == "w" or ":" in key else key, str(value))
    for child in children:
        if isinstance(child, str):
            made.text = child
            if prefix == "w":
                made.set(_SPACE, "preserve")
        elif child is not None:
            made.append(child)
    return made


def run(text: str, *looks: Any) -> Any:
    """Return *text* as a run; *looks* are the properties in which it differs from its paragraph's style."""
    return element("r", element("rPr", *looks) if looks else None, element("t", text))


def paragraph(style: str, *content: Any, properties: Iterable[Any] = ()) -> Any:
    """Return a paragraph of *style*; *properties* stand in the order of the schema."""
    return element("p", element("pPr", element("pStyle", val=style), *properties), *content)


def page_field(instruction: str, *shown: Any) -> tuple[Any, ...]:
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


# The styles.

XIAOBIAOSONG, HEI, KAI, FANG, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
LATIN = "Times New Roman"

# Twips: a line of 22 on a page, A4, and the type area.
PITCH = 20 * theme.PITCH
_PAPER = 11906, 16838
WIDTH = theme.twips(theme.TEXT_WIDTH)


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
    Style(id="ListBullet", name="List Bullet"),
    Style(id="ListNumber", name="List Number"),
    Style(id="ListContinue", name="List Continue", indent=2),
    Style(id="NoticeTitle", name="草稿标题", face=HEI, size="si", colour="red", align="center", line=440, keep=True, box=True),
    Style(id="Notice", name="草稿", face=SONG, size="wu", line=320, box=True),
    Style(id="Footer", name="footer", face=SONG, latin=SONG, size="si", line=280),
)


def styles() -> Any:
    """Return the part of the styles."""
    # Latin text is English, as Word has it: Chinese rules would divide 82.22% at the end of a line.
    language = element("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA")
    defaults = element("rPrDefault", element("rPr", faces(FANG), element("sz", val=half_points("san")), language))
    root = element("styles", element("docDefaults", defaults, element("pPrDefault")))
    root.extend([_style(each) for each in STYLES])
    root.append(_named("character", "DefaultParagraphFont", "Default Paragraph Font", default=True))
    underlined = element("rPr", element("color", val=theme.digits("black")), element("u", val="single"))
    root.append(_named("character", "Hyperlink", "Hyperlink", underlined))
    root.append(_named("table", "TableNormal", "Normal Table", default=True))
    root.append(_named("table", "TableGrid", "Table Grid", element("tblPr", _table_borders(), _cell_margins())))
    return root


def half_points(size: str) -> int:
    """Return how Word says the type size *size*."""
    return round(2 * theme.SIZES[size])


def faces(face: str, latin: str = LATIN) -> Any:
    """Return the faces of a run: *face* for ideographs, *latin* for the rest."""
    # Without the hint, quotation marks and dashes would be Latin.
    return element("rFonts", hint="eastAsia", ascii=latin, hAnsi=latin, eastAsia=face, cs=latin)


def _style(style: Style) -> Any:
    normal = style.id == "Normal"
    based = None if normal else element("basedOn", val="Normal")
    following = element("next", val=style.following) if style.following else None
    looks = (based, following, element("qFormat"), _paragraph_look(style), _run_look(style))
    return _named("paragraph", style.id, style.name, *looks, default=normal)


def _paragraph_look(style: Style) -> Any:
    size = half_points(style.size)
    spacing = {"line": style.line, "lineRule": "exact"} if style.line else {"line": 240, "lineRule": "auto"}
    first = {"firstLineChars": 100 * style.indent, "firstLine": 10 * style.indent * size}
    # Word draws a box around the paragraph; this brings it back between the margins.
    sides = {"left": 140, "right": 140} if style.box else {"leftChars": 100 * style.left, "left": 10 * style.left * size}
    return element(
        "pPr",
        element("keepNext") if style.keep else None,
        # The type area is filled: 22 lines a page, whatever paragraph they belong to.
        element("widowControl", val=0),
        _box() if style.box else None,
        element("tabs", element("tab", val="right", leader="dot", pos=WIDTH)) if style.leader else None,
        # LibreOffice puts exact lines on the grid too.
        None if style.line == PITCH else element("snapToGrid", val=0),
        element("spacing", before=style.before, after=style.after, **spacing),
        element("ind", **sides, **first),
        element("jc", val=style.align),
        element("outlineLvl", val=style.outline - 1) if style.outline else None,
    )


def _run_look(style: Style) -> Any:
    return element(
        "rPr",
        faces(style.face, style.latin),
        element("b") if style.bold else None,
        element("color", val=theme.digits(style.colour)) if style.colour else None,
        # 156 mm hold 28 characters of 15.75 pt, so 三号, which is 16 pt in Word, gives up a quarter.
        element("spacing", val=-5 if style.size == "san" else 0),
        element("sz", val=half_points(style.size)),
        element("szCs", val=half_points(style.size)),
    )


def _named(kind: str, identity: str, name: str, *looks: Any, default: bool = False) -> Any:
    chosen = 1 if default else None
    return element("style", element("name", val=name), *looks, type=kind, styleId=identity, default=chosen)


def _box() -> Any:
    sides = ("top", "left", "bottom", "right")
    return element("pBdr", *(element(side, val="single", sz=16, space=6, color=theme.digits("red")) for side in sides))


def _table_borders() -> Any:
    thick = {"val": "single", "sz": 12, "color": theme.digits("black")}
    thin = {"val": "single", "sz": 4, "color": theme.digits("grid")}
    sides = {"top": thick, "left": thin, "bottom": thick, "right": thin, "insideH": thin, "insideV": thin}
    return element("tblBorders", *(element(side, space=0, **look) for side, look in sides.items()))


def _cell_margins() -> Any:
    sides = {"top": 60, "left": 60, "bottom": 60, "right": 60}
    return element("tblCellMar", *(element(side, w=width, type="dxa") for side, width in sides.items()))


# The file.

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PACKAGE_TYPE = "application/vnd.openxmlformats-package"
_DEFAULTS = {
    "rels": f"{_PACKAGE_TYPE}.relationships+xml",
    "xml": "application/xml",
    "png": "image/png",
}
_CARRIED_FACE = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
# Parts whose kind is not their name.
_KINDS = {"document": "document.main", "odd": "footer", "even": "footer"}
_ENTRIES = {"document": ("officeDocument", "word/document.xml"), "properties": ("core-properties", "docProps/core.xml")}
# A date that claims nothing.
_NO_DATE = "1980-01-01"


def assembled(
    metadata: Mapping[str, Any],
    parts: Mapping[str, Any],
    *,
    figures: Any,
    pictures: Sequence[bytes],
    links: Sequence[str],
    carried: Mapping[str, bytes],
) -> bytes:
    """
    Return the file.

    Args:
        parts: Word's own by name, which is also what the document calls them; `document` is the document.

        figures: which figure each bookmark is; it travels with the file and Word does not show it.

        pictures, links: what the document calls `picture1`, `link1` and so on.

        carried: faces that travel in the file, by what the table of faces calls them.
    """
    targets = {name: (_KINDS.get(name, name), f"{name}.xml") for name in parts if name != "document"}
    targets["figures"] = ("customXml", "../customXml/item1.xml")
    targets |= {f"picture{number}": ("image", f"media/picture{number}.png") for number in range(1, len(pictures) + 1)}
    targets |= {f"link{number}": ("hyperlink", address) for number, address in enumerate(links, 1)}
    carrying = {name: ("font", f"fonts/{name}.odttf") for name in carried}
    return zipped(
        {
            "[Content_Types].xml": serialized(_types(parts, carried)),
            "_rels/.rels": serialized(_relationships(_ENTRIES)),
            **{f"word/{name}.xml": serialized(root) for name, root in parts.items()},
            "word/_rels/document.xml.rels": serialized(_relationships(targets)),
            **({"word/_rels/fontTable.xml.rels": serialized(_relationships(carrying))} if carried else {}),
            **{f"word/fonts/{name}.odttf": face for name, face in carried.items()},
            **{f"word/media/picture{number}.png": image for number, image in enumerate(pictures, 1)},
            "customXml/item1.xml": serialized(figures),
            "docProps/core.xml": serialized(_core_properties(metadata)),
        }
    )


def _types(parts: Mapping[str, Any], carried: Mapping[str, bytes]) -> Any:
    kinds = {**_DEFAULTS, "odttf": _CARRIED_FACE} if carried else _DEFAULTS
    root = element("type:Types", *(element("type:Default", Extension=key, ContentType=kind) for key, kind in kinds.items()))
    named = {f"word/{name}.xml": f"{_MAIN}.{_KINDS.get(name, name)}+xml" for name in parts}
    named["docProps/core.xml"] = f"{_PACKAGE_TYPE}.core-properties+xml"
    root.extend([element("type:Override", PartName=f"/{name}", ContentType=kind) for name, kind in named.items()])
    return root


def _relationships(targets: Mapping[str, tuple[str, str]]) -> Any:
    """Return the part that says what names in another part lead to: of what kind, and where."""
    root = element("rel:Relationships")
    for name, (kind, target) in targets.items():
        space = f"{NAMESPACES['rel']}/metadata" if kind == "core-properties" else NAMESPACES["r"]
        mode = "External" if kind == "hyperlink" else None
        root.append(element("rel:Relationship", Id=name, Type=f"{space}/{kind}", Target=target, TargetMode=mode))
    return root


def _core_properties(metadata: Mapping[str, Any]) -> Any:
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


# Pages, footers, settings, lists and faces.

DRAFT = "　草稿　不得公布　"
BULLETS = 1

_SUBSTITUTES = {XIAOBIAOSONG: "华文中宋,宋体", HEI: "SimHei", KAI: "楷体", FANG: "仿宋", SONG: "SimSun"}
_ABSTRACT_ORDERED, _ABSTRACT_BULLETS = 1, 2


def page() -> Any:
    """Return A4 with the type area of GB/T 9704-2012, 22 lines of 28 characters, and footers outside."""
    width, height = _PAPER
    top, right, bottom = (theme.twips(theme.MARGINS[side]) for side in ("top", "right", "bottom"))
    margins = {"top": top, "right": right, "bottom": bottom, "left": width - WIDTH - right}
    return element(
        "sectPr",
        element("footerReference", type="default", **{"r:id": "odd"}),
        element("footerReference", type="even", **{"r:id": "even"}),
        element("pgSz", w=width, h=height),
        # The folio's line (14 pt) begins 7 mm below the type area.
        element("pgMar", **margins, header=851, footer=1307, gutter=0),
        # A grid of characters (`linesAndChars`) is Word's own way to 28 a line; LibreOffice makes 19 of it. See `_run_look`.
        element("docGrid", type="lines", linePitch=PITCH),
    )


def footer(*, odd: bool, draft: bool) -> Any:
    """Return a page number between dashes, on the outer side, one character in."""
    number = [run("— "), *page_field("PAGE", run("1" if odd else "2")), run(" —")]
    mark = [run(DRAFT)] if draft else []
    side = element("ind", **{"rightChars" if odd else "leftChars": 100, "right" if odd else "left": 280})
    properties = (side, element("jc", val="right" if odd else "left"))
    return element("ftr", paragraph("Footer", *(mark + number if odd else number + mark), properties=properties))


def settings(*, carrying: bool) -> Any:
    """Return the part of the settings: odd and even pages differ, faces travel if *carrying*, and Word need not think the file old."""
    uri = "http://schemas.microsoft.com/office/word"
    kept = [element("embedTrueTypeFonts"), element("saveSubsetFonts")] if carrying else []
    return element(
        "settings",
        element("zoom", percent=100),
        *kept,
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


# The faces of this project that hold what the faces of a reader may lack, in the order in which they are asked.
_CARRIED = {
    "Report Song": typeface.SONG,
    "Report Kai": typeface.KAI,
    "Report Wide": typeface.WIDE,
    "Report Rare": typeface.RARE,
}


def _is_rare(character: str) -> bool:
    """Tell whether *character* is a Chinese one that is not in GBK, which every reader's faces have."""
    return unicodedata.category(character) == "Lo" and character > "\u2e80" and not character.encode("gbk", "ignore")


def set_apart(root: Any) -> dict[str, set[str]]:
    """Put the rare characters below *root* into runs of their own; return them by the family of our faces that has them."""
    found: dict[str, set[str]] = defaultdict(set)
    for text in list(root.iter(qualified("t"))):
        pieces = [(family, "".join(some)) for family, some in groupby(text.text or "", _family)]
        if all(family == "" for family, _some in pieces):
            continue
        whole = text.getparent()
        for family, some in pieces:
            piece = deepcopy(whole)
            piece.find(qualified("t")).text = some
            if family:
                found[family] |= set(some)
                _in_face(piece, family)
            whole.addprevious(piece)
        whole.getparent().remove(whole)
    return dict(found)


def _family(character: str) -> str:
    """Return the family that is to show *character*, or nothing where the face of its paragraph does."""
    having = (family for family, file in _CARRIED.items() if not typeface.lacking(file, character))
    return next(having, "") if _is_rare(character) else ""


def _in_face(run: Any, family: str) -> None:
    """Set *run* in *family*."""
    looks = run.find(qualified("rPr"))
    if looks is None:
        looks = element("rPr")
        run.insert(0, looks)
    for before in looks.findall(qualified("rFonts")):
        looks.remove(before)
    looks.insert(len(looks.findall(qualified("rStyle"))), faces(family, family))


def _part(family: str) -> str:
    return family.replace(" ", "").lower()


def _carried(family: str, characters: set[str]) -> tuple[str, bytes]:
    """Return a key, and the face *family* with *characters* alone, its first bytes turned by the key as ECMA-376 has it (17.8.1)."""
    face = typeface.cut(_CARRIED[family], characters)
    turn = hashlib.sha256(face).digest()[:16]
    digits = turn[::-1].hex().upper()
    key = f"{{{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}}}"
    return key, bytes(each ^ turn[place % 16] for place, each in enumerate(face[:32])) + face[32:]


def fonts(carried: Mapping[str, str]) -> Any:
    """Return the part that names substitutes for the faces, and the families that travel in the file, each with its key."""
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
    for family, key in carried.items():
        kept = element("embedRegular", fontKey=key, **{"r:id": _part(family)})
        root.append(element("font", element("charset", val="86"), element("pitch", val="variable"), kept, name=family))
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


# Pictures.

_PPI = 300
# English metric units: the width of the type area, and what leaves room for a caption in its height.
_MM = 36_000
_WIDTH, _HEIGHT = theme.TEXT_WIDTH * _MM, 205 * _MM
_SOURCE = f"""
#set page(width: {theme.TEXT_WIDTH}mm, height: auto, margin: 0pt)
#align(center, image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.share) * 100%))
""".encode()


def png(svg: str, share: float = 1.0) -> bytes:
    """
    Return *svg* as PNG, drawn with our faces only.

    Args:
        share: how much of the width it takes, in the middle.

    Raises:
        PublishError: where it cannot be drawn.
    """
    import typst  # noqa: PLC0415 - only a picture needs it

    try:
        made = typst.compile(
            _SOURCE,
            font_paths=typeface.for_typst(),
            ignore_system_fonts=True,
            format="png",
            ppi=_PPI,
            sys_inputs={"svg": svg, "share": str(share)},
        )
    except typst.TypstError as error:
        raise PublishError(f"Word 文件中的图无法绘制（{error}）；上一次的成果没有改动。") from error
    assert isinstance(made, bytes)
    return made


def _pixels(picture: Picture | Photo) -> bytes:
    """Return *picture* as PNG."""
    if isinstance(picture, Picture):
        if picture.data:
            return png(picture.svg)
        return png(images.printed(picture.svg), images.share(picture.svg))
    content = base64.b64decode(picture.content)
    if picture.mimetype == "image/png":
        return content
    from PIL import Image  # noqa: PLC0415 - only who has photos pays for it

    out = io.BytesIO()
    Image.open(io.BytesIO(content)).save(out, "PNG")
    return out.getvalue()


def drawing(image: bytes, number: int, alt: str) -> Any:
    """Return a run that shows *image*, the report's picture *number*, across the type area."""
    name = f"图{number}"
    width, height = struct.unpack(">II", image[16:24])
    scale = min(_WIDTH / width, _HEIGHT / height)
    extent = {"cx": int(width * scale), "cy": int(height * scale)}
    blip = element("a:blip", **{"r:embed": f"picture{number}"})
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


# Text and tables.

# Word reads no more than 40 characters of a bookmark's name; a number of five digits finds room behind it.
_LONGEST_NAME = 34
# What an address may hold as it is (RFC 3986); Word refuses a file in which one holds anything else.
_ADDRESS = ":/?#[]@!$&'()*+,;=%"


def _properties(look: frozenset[str]) -> tuple[Any, ...]:
    """Return how a run differs from its paragraph, in the order of the schema."""
    return (
        *([element("rStyle", val="Hyperlink")] if "link" in look else []),
        *([faces(KAI)] if "emphasis" in look else []),
        *([element("b")] if "strong" in look else []),
    )


# With more columns than these the text is 小五.
_MANY_COLUMNS = 7
_HEADINGS = {"col", "colgroup", "rowgroup"}


def _widths(shares: Sequence[float]) -> list[int]:
    """Return the widths of the columns, which fill the line exactly."""
    ends = [round(WIDTH * sum(shares[:index]) / sum(shares)) for index in range(len(shares) + 1)]
    return [end - start for start, end in pairwise(ends)]


def _look(cell: GridCell, *, small: bool, keep: bool) -> tuple[Any, ...]:
    """Return the style of a cell's paragraph, and in what it differs from that."""
    style = ("TableHead" if cell.header in _HEADINGS else "TableText") + ("Small" if small else "")
    return (
        style,
        element("keepNext") if keep else None,
        element("ind", leftChars=100 * cell.indent, left=210 * cell.indent) if cell.indent else None,
        element("jc", val="right") if cell.numeric else None,
    )


# The document.

DEEPEST_CONTENTS = 2
_DEEPEST_HEADING = 5
_BEFORE_PAGE_BREAK = ("}pStyle", "}keepNext", "}keepLines")


def document(metadata: Mapping[str, Any], blocks: Iterable[Block]) -> bytes:
    """
    Return a report as a Word file, the same bytes each time.

    Args:
        metadata: what the notebook says of itself under `nianbao`; its notice stands above the contents.

        blocks: the report's, without the notice.
    """
    writer = _Writer()
    notice = writer.blocks(from_json(list(metadata.get("notice", []))))
    body = writer.blocks(blocks)
    if body:
        _on_a_new_page(body)
    front = [*_title(metadata), *notice, *writer.contents()]
    draft = bool(metadata.get("draft"))
    main = element("document", element("body", *front, *body, page()))
    rare = set_apart(main)
    carried = {family: _carried(family, characters) for family, characters in rare.items()}
    parts = {
        "document": main,
        "styles": styles(),
        "settings": settings(carrying=bool(carried)),
        "fontTable": fonts({family: key for family, (key, _face) in carried.items()}),
        "numbering": lists(writer.counts["ordered"]),
        "odd": footer(odd=True, draft=draft),
        "even": footer(odd=False, draft=draft),
    }
    files = {_part(family): face for family, (_key, face) in carried.items()}
    return assembled(metadata, parts, figures=writer.figures(), pictures=writer.pictures, links=writer.links, carried=files)


@dataclass(slots=True)
class _Writer:
    """Writes the blocks of one report, and remembers what its other parts need to know of them."""

    shown: list[tuple[str, Datum]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    bookmarks: int = 0
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def blocks(self, blocks: Iterable[Block], style: str = "Normal") -> list[Any]:
        """Return *blocks* as paragraphs and tables; *style* is that of their paragraphs."""
        return [each for block in blocks for each in self._block(block, style)]

    def contents(self) -> list[Any]:
        """Return the headings written so far as a table of contents; pages come when Word updates it."""
        found = [heading for heading in self.headings if heading[0] <= DEEPEST_CONTENTS]
        if not found:
            return []
        lines = [paragraph(f"TOC{level}", element("hyperlink", run(text), anchor=name)) for level, name, text in found]
        begin, asked, separate, end = page_field(rf'TOC \o "1-{DEEPEST_CONTENTS}" \h \z \u')
        for place, mark in enumerate((begin, asked, separate), 1):
            lines[0].insert(place, mark)
        lines[-1].append(end)
        gallery = element("docPartObj", element("docPartGallery", val="Table of Contents"), element("docPartUnique"))
        heading = paragraph("TOCHeading", run("目　录"))
        return [element("sdt", element("sdtPr", gallery), element("sdtContent", heading, *lines))]

    def _block(self, block: Block, style: str) -> list[Any]:
        match block:
            case Heading():
                return [self._heading(block)]
            case Paragraph(children):
                return [paragraph(style, *self.inlines(children))]
            case Items():
                return self._items(block, 0)
            case Quote(children):
                return self.blocks(children, "Quote")
            case Grid():
                return self._grid(block)
            case Picture() | Photo():
                return self._picture(block)
            case Own(children=children):
                return [*self.blocks(children, style), paragraph("TableNote", run(block.note))]
            case Notice():
                return [paragraph("NoticeTitle", run(block.title)), *self.blocks(block.children, "Notice")]

    def _heading(self, block: Heading) -> Any:
        # Level 1 is the title, which stands above everything.
        level = min(max(block.level - 1, 1), _DEEPEST_HEADING)
        name = f"_Toc{len(self.headings) + 1:08}"
        self.headings.append((level, name, plain(block.children)))
        return paragraph(f"Heading{level}", *self.bookmark(name, self.inlines(block.children)))

    def _items(self, block: Items, level: int) -> list[Any]:
        """Return the items of a list; lists in it go one level deeper."""
        number = BULLETS
        if block.ordered:
            self.counts["ordered"] += 1
            number = BULLETS + self.counts["ordered"]
        style = "ListNumber" if block.ordered else "ListBullet"
        made = []
        for item in block.items:
            numbered = element("numPr", element("ilvl", val=min(level, 8)), element("numId", val=number))
            first, rest = (item[0].children, item[1:]) if item and isinstance(item[0], Paragraph) else ((), item)
            made.append(paragraph(style, *self.inlines(first), properties=(numbered,)))
            for each in rest:
                made += self._items(each, level + 1) if isinstance(each, Items) else self._block(each, "ListContinue")
        return made

    def _grid(self, grid: Grid) -> list[Any]:
        caption = [self._caption("表", grid.caption, element("keepNext"))] if grid.caption else []
        # Without a paragraph between them Word would make one table of two.
        note = paragraph("TableNote", run(grid.note))
        return [*caption, self._table(grid), note]

    def _table(self, grid: Grid) -> Any:
        rows = [*grid.head, *(row for body in grid.bodies for row in body)]
        widths = _widths(grid.widths)
        layout = element(
            "tblPr",
            element("tblStyle", val="TableGrid"),
            element("tblW", w=WIDTH, type="dxa"),
            element("jc", val="center"),
            element("tblLayout", type="fixed"),
            element("tblLook", val="0420", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=0, noVBand=1),
            element("tblCaption", val=grid.caption) if grid.caption else None,
        )
        made = element("tbl", layout, element("tblGrid", *(element("gridCol", w=width) for width in widths)))
        taken = placed(rows)
        for line in range(len(rows)):
            # Word wants a cell in every column, where nothing stands too.
            places = [Position(line, column) for column in range(len(widths))]
            row = {at: taken.get(at) or Place(GridCell(children=()), at) for at in places}
            made.append(self._row(row, widths, head=line < len(grid.head)))
        return made

    def _row(self, row: Mapping[Position, Place], widths: Sequence[int], *, head: bool) -> Any:
        made = element("tr", element("trPr", element("cantSplit"), element("tblHeader") if head else None))
        first = next(iter(row.values())).cell
        across = first.colspan == len(widths) and bool(first.header)
        for at, place in row.items():
            if place.at.column != at.column:
                continue
            cell, begins = place.cell, place.at == at
            edge = element("tcBorders", element("bottom", val="single", sz=6, space=0, color=theme.digits("black")))
            properties = element(
                "tcPr",
                element("tcW", w=sum(widths[at.column : at.column + cell.colspan]), type="dxa"),
                element("gridSpan", val=cell.colspan) if cell.colspan > 1 else None,
                element("vMerge", val="restart" if begins else "continue") if cell.rowspan > 1 else None,
                edge if head else None,
                element("shd", val="clear", color="auto", fill=theme.digits("band")) if across and not head else None,
                element("vAlign", val="center"),
            )
            # A heading across the table stays with what it heads.
            style, *look = _look(cell, small=len(widths) > _MANY_COLUMNS, keep=head or across)
            content = self.inlines(cell.children) if begins else []
            made.append(element("tc", properties, paragraph(style, *content, properties=look)))
        return made

    def _picture(self, picture: Picture | Photo) -> list[Any]:
        self.pictures.append(_pixels(picture))
        shown = drawing(self.pictures[-1], len(self.pictures), picture.alt)
        return [paragraph("Picture", shown), self._caption("图", picture.caption)]

    def _caption(self, what: str, words: str, *properties: Any) -> Any:
        self.counts[what] += 1
        number = page_field(rf"SEQ {what} \* ARABIC", run(str(self.counts[what])))
        return paragraph("Caption", run(what), *number, run(f"　{words}"), properties=properties)

    def inlines(self, children: Iterable[Inline], look: frozenset[str] = frozenset()) -> list[Any]:
        """Return *children* as the content of a paragraph."""
        return [each for child in children for each in self._inline(child, look)]

    def bookmark(self, name: str, content: Iterable[Any]) -> tuple[Any, ...]:
        """Return *content* between the ends of a bookmark."""
        self.bookmarks += 1
        start = element("bookmarkStart", id=self.bookmarks, name=name)
        return (start, *content, element("bookmarkEnd", id=self.bookmarks))

    def figures(self) -> Any:
        """Return the part that says which figure each bookmark is."""
        root = element("nb:figures")
        for name, datum in self.shown:
            shown = {"id": datum.figure, "label": datum.label, "text": datum.text, "value": datum.value}
            root.append(element("nb:figure", bookmark=name, **shown))
        return root

    def _inline(self, inline: Inline, look: frozenset[str]) -> Iterable[Any]:
        match inline:
            case Text(text):
                return [run(text, *_properties(look))]
            case Datum():
                return self._datum(inline, look)
            case Strong(children):
                return self.inlines(children, look | {"strong"})
            case Emphasis(children):
                return self.inlines(children, look | {"emphasis"})
            case Link():
                return [self._link(inline, look)]
            case LineBreak():
                return [element("r", element("br"))]

    def _datum(self, datum: Datum, look: frozenset[str]) -> Iterable[Any]:
        name = f"{re.sub(r'[^A-Za-z0-9]', '_', datum.figure)[:_LONGEST_NAME]}_{len(self.shown) + 1}"
        self.shown.append((name, datum))
        return self.bookmark(name, [run(datum.text, *_properties(look))])

    def _link(self, link: Link, look: frozenset[str]) -> Any:
        self.links.append(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quote(link.url, safe=_ADDRESS)))
        content = self.inlines(link.children, look | {"link"})
        return element("hyperlink", *content, **{"r:id": f"link{len(self.links)}"})


def _title(metadata: Mapping[str, Any]) -> list[Any]:
    lines = metadata.get("title_lines") or [metadata["title"]]
    content = [run(lines[0])]
    for line in lines[1:]:
        content += [element("r", element("br")), run(line)]
    date = metadata.get("date_text", "")
    return [paragraph("Title", *content), paragraph("Date", run(date)) if date else None]


def _on_a_new_page(body: list[Any]) -> None:
    """Make *body* begin on a new page."""
    if not body[0].tag.endswith("}p"):
        body.insert(0, paragraph("TableNote"))
    properties = body[0][0]
    place = sum(each.tag.endswith(_BEFORE_PAGE_BREAK) for each in properties)
    properties.insert(place, element("pageBreakBefore"))
