"""
Blocks to a Word file by python-docx: blocks get the styles of a reference file, each number a bookmark that names its figure.

How text, tables and pages look is no business of this module: styles, page, footers and numbering are those of
`templates/word/reference.docx`, which is changed in Word, or made again by `docs/reference.py`. Where spans stand is the grid's business.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import io
import re
import unicodedata
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import accumulate, chain, count, groupby, pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.exceptions import PythonDocxError
from docx.opc.constants import CONTENT_TYPE as CT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.exceptions import OpcError
from docx.opc.packuri import PackURI
from docx.opc.part import Part, PartFactory, XmlPart
from docx.oxml.coreprops import CT_CoreProperties
from docx.oxml.exceptions import XmlchemyError
from docx.oxml.ns import nsdecls, nspfxmap, qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.oxml.table import CT_Tbl
from docx.shared import Emu, Mm, Twips
from lxml import etree

from nianbao.indicators.errors import InvalidInputError, PublishError, Reading
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
from nianbao.reading.docx import plain_parts
from nianbao.render import TEMPLATES, unzipped, zipped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nianbao.indicators.errors import Problems


REFERENCE = TEMPLATES / "word" / "reference.docx"

# python-docx takes the table of faces for bytes; faces are added to it.
PartFactory.part_type_for[CT.WML_FONT_TABLE] = XmlPart


def made(name: str, /, *children: Any, **attributes: Any) -> Any:
    """Return an element of Word's for which python-docx has no call, with *children*, of which None is left out."""
    said = {qn(f"w:{key}"): str(value) for key, value in attributes.items()}
    # By their usual prefixes: what lxml takes for a namespace that it is not told depends on what else was imported.
    element: Any = OxmlElement(f"w:{name}", said, nspfxmap("w", "r"))
    element.extend(child for child in children if child is not None)
    return element


def faces(face: str, latin: str) -> Any:
    """Return the faces of a run: *face* for ideographs, *latin* for the rest."""
    # Without the hint, quotation marks and dashes would be Latin.
    return made("rFonts", hint="eastAsia", ascii=latin, hAnsi=latin, eastAsia=face, cs=latin)


# Faces.

_CARRIED_FACE = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
# The faces of this project that hold what the faces of a reader may lack, in the order in which they are asked.
_CARRIED = {
    "Report Song": typeface.SONG,
    "Report Kai": typeface.KAI,
    "Report Wide": typeface.WIDE,
    "Report Rare": typeface.RARE,
}


def _family(character: str) -> str:
    """Return the family that is to show a Chinese *character* that is not in GBK, which every reader's faces have; else nothing."""
    if character <= "\u2e80" or unicodedata.category(character) != "Lo" or character.encode("gbk", "ignore"):
        return ""
    return next((family for family, file in _CARRIED.items() if not typeface.lacking(file, character)), "")


def _locked(face: bytes) -> tuple[str, bytes]:
    """Return a key, and *face* with its first bytes turned by the key as ECMA-376 has it (17.8.1)."""
    turn = hashlib.sha256(face).digest()[:16]
    turned = bytes(one ^ other for one, other in zip(face, 2 * turn, strict=False))
    return f"{{{uuid.UUID(bytes=turn[::-1])}}}".upper(), turned + face[len(turned) :]


# Pictures.

_PPI = 300
_SOURCE = f"""
#set page(width: {theme.TEXT_WIDTH}mm, height: auto, margin: 0pt)
#align(center, image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.share) * 100%))
""".encode()
# What a picture leaves of the height of a page to its caption.
_CAPTION = Mm(21)


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
    """Return the file of *picture*: of PNG or JPEG, which Word takes as they are."""
    if isinstance(picture, Photo):
        return base64.b64decode(picture.content)
    if picture.data:
        return png(picture.svg)
    return png(images.printed(picture.svg), images.share(picture.svg))


# The document.

# How words differ from their paragraph: by a character style, and in weight.
Look = Mapping[str, str]
_PLAIN: Look = {}

# What python-docx says of a file that it cannot work on.
_UNUSABLE = (
    AttributeError,
    LookupError,
    OpcError,
    PythonDocxError,
    RuntimeError,
    TypeError,
    ValueError,
    XmlchemyError,
    etree.XMLSyntaxError,
)
# What an office's reference must have room for, and a report with lists, a table and a character whose face travels in the file.
_NARROWEST = Mm(80)
_REHEARSAL = (
    Heading(2, (Text("㙍"),)),
    Items(ordered=True, items=()),
    Items(ordered=False, items=()),
    Grid(caption="", head=(), bodies=(), widths=(1,)),
)

DRAFT = "　草稿　不得公布　"
FIGURES = "urn:nianbao:figures"
_FIGURE = f"{{{FIGURES}}}figure"
DEEPEST_CONTENTS = 2
_DEEPEST_HEADING = 5
_DEEPEST_ITEM = 8
# A date that claims nothing.
_NO_DATE = "1980-01-01"
# Word reads no more than 40 characters of a bookmark's name; a number of five digits finds room behind it.
_LONGEST_NAME = 34
# What an address may hold as it is (RFC 3986); Word refuses a file in which one holds anything else.
_ADDRESS = ":/?#[]@!$&'()*+,;=%"
# With more columns than these the text is 小五.
_MANY_COLUMNS = 7
_HEADINGS = {"col", "colgroup", "rowgroup"}
_NOTHING = GridCell(children=())
# What a reference gives to a report, beside the headers and footers of its last section.
_GIVEN = {RT.STYLES, RT.NUMBERING, RT.SETTINGS, RT.FONT_TABLE, RT.THEME, RT.FOOTNOTES, RT.ENDNOTES}
# What stands in the settings before the word that faces travel in the file.
_BEFORE_FACES = {
    "writeProtection",
    "view",
    "zoom",
    "removePersonalInformation",
    "removeDateAndTime",
    "doNotDisplayPageBoundaries",
    "displayBackgroundShape",
    "printPostScriptOverText",
    "printFractionalCharacterWidth",
    "printFormsData",
}
_CONTENTS = f"""
<w:sdt {nsdecls("w")}>
<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj></w:sdtPr>
<w:sdtContent><w:p>
<w:r><w:fldChar w:fldCharType="begin"/></w:r>
<w:r><w:instrText xml:space="preserve"> TOC \\o "1-{DEEPEST_CONTENTS}" \\h \\z \\u </w:instrText></w:r>
<w:r><w:fldChar w:fldCharType="separate"/></w:r>
<w:r><w:fldChar w:fldCharType="end"/></w:r>
</w:p></w:sdtContent>
</w:sdt>
"""


def checked(content: bytes, file: str) -> bytes:
    """
    Return *content*, the reference of an office, as a file that reports can be written into.

    Args:
        file: how messages name it.

    Raises:
        InvalidInputError: where it holds more than text and looks, or lacks what reports need.
        UnreadableError: where it is broken.
    """
    problems: Problems = []
    reading = Reading(file, problems)
    reference = zipped(plain_parts(content, file))
    try:
        writer = _Writer(reference)
        lacking = [name for name in _Writer(REFERENCE.read_bytes()).styles if name not in writer.styles]
        if lacking:
            reading.note(f"没有样式{'、'.join(lacking)}", remedy="从自带的 reference.docx 改起，样式可以改，不要删")
        elif not writer.has_footers():
            reading.note("有的页没有页脚，页码和草稿的标记无处可写", remedy="加上页脚；奇偶页不同时两种都要")
        elif writer.width < _NARROWEST or writer.height < _NARROWEST:
            reading.note("版心太小", allowed="宽和高都不小于80毫米", remedy="改页边距")
        else:
            # Each part of the file that a report can ask for is asked for.
            document({"title": file, "draft": True}, _REHEARSAL, reference)
    except _UNUSABLE as error:
        reading.note(f"报告写不进去（{error}）", remedy="从自带的 reference.docx 改起")
    if problems:
        raise InvalidInputError(problems)
    return reference


def document(metadata: Mapping[str, Any], blocks: Iterable[Block], reference: bytes | None = None) -> bytes:
    """
    Return a report as a Word file, the same bytes each time.

    Args:
        metadata: what the notebook says of itself under `nianbao`; its notice stands above the contents.

        blocks: the report's, without the notice.

        reference: an office's own that was `checked`; without it, that of this library.
    """
    writer = _Writer(reference or REFERENCE.read_bytes())
    writer.title(metadata)
    writer.blocks(from_json(list(metadata.get("notice", []))))
    front = writer.end.getprevious()
    writer.blocks(blocks)
    writer.part_from(front)
    if metadata.get("draft"):
        writer.mark_as_draft()
    if writer.rare:
        writer.carry_faces()
    return writer.file(metadata)


class _Writer:
    """Writes the blocks of one report into a reference file, and remembers what its other parts need to know of them."""

    def __init__(self, reference: bytes) -> None:
        self.word = Document(io.BytesIO(reference))
        self.part: Any = self.word.part
        self.package = self.part.package
        self.word.element.body.clear_content()
        # Everything is put before the properties of the last section.
        self.end = self.word.element.body.get_or_add_sectPr()
        _drop(self.package.rels, {RT.OFFICE_DOCUMENT})
        _drop(self.part.rels, _GIVEN, self.end.xpath("*/@r:id"))
        # Programs differ in how they write a name.
        self.styles = {style.name.lower(): style for style in self.word.styles if style.name and style.style_id}
        section: Any = self.word.sections[0]
        self.width = Emu(section.page_width - section.left_margin - section.right_margin)
        self.height = section.page_height - section.top_margin - section.bottom_margin
        self.figures = etree.Element(_FIGURE + "s", nsmap={None: FIGURES})
        # The lines of the contents; pages come when Word updates them.
        self.contents: list[Any] = []
        self.rare: dict[str, set[str]] = defaultdict(set)
        self.counts: Counter[str] = Counter()
        self.bookmarks = count(1)

    # What stands before and around the blocks.

    def title(self, metadata: Mapping[str, Any]) -> None:
        """Write the title in its lines, and the date below."""
        lines = metadata.get("title_lines") or [metadata["title"]]
        broken = [inline for line in lines for inline in (LineBreak(), Text(line))]
        self._add("Title", self.inlines(broken[1:]))
        if date := metadata.get("date_text"):
            self._add("Date", self.runs(date))

    def part_from(self, front: Any) -> None:
        """Put the contents behind the element *front*, and what follows on a new page."""
        if front.getnext().tag == qn("w:tbl"):
            front.addnext(self._paragraph("表注"))
        if front.getnext() is not self.end:
            front.getnext().pPr.get_or_add_pageBreakBefore()
        if self.contents:
            contents = parse_xml(_CONTENTS)
            *begins, end = contents[-1][0]
            self.contents[0][1:1] = begins
            self.contents[-1].append(end)
            contents[-1][:] = [self._paragraph("TOC Heading", self.runs("目　录")), *self.contents]
            front.addnext(contents)

    def has_footers(self) -> bool:
        """Tell whether all pages but a first one have a footer."""
        even = ["even"] if self.word.settings.odd_and_even_pages_header_footer else []
        return {"default", *even} <= {*self.end.xpath("w:footerReference/@w:type")}

    def mark_as_draft(self) -> None:
        """Say in every footer, beside the number of the page, that this is a draft."""
        for name in self.end.xpath("w:footerReference/@r:id"):
            footer = self.part.related_parts[name].element
            line = footer.p_lst[0] if footer.p_lst else footer.add_p()
            said = made("r")
            said.add_t(DRAFT)
            # The number stands outside.
            line.insert(1 if line.alignment == WD_ALIGN_PARAGRAPH.RIGHT else len(line), said)

    def carry_faces(self) -> None:
        """Put the faces of rare characters into the file."""
        fonts: Any = self.part.part_related_by(RT.FONT_TABLE)
        for family, characters in self.rare.items():
            key, face = _locked(typeface.cut(_CARRIED[family], characters))
            part = Part(PackURI(f"/word/fonts/{_CARRIED[family].stem}.odttf"), _CARRIED_FACE, face, self.package)
            kept = made("embedRegular", fontKey=key)
            kept.set(qn("r:id"), fonts.relate_to(part, RT.FONT))
            fonts.element.append(made("font", made("charset", val="86"), kept, name=family))
        settings = self.word.settings.element
        place = sum(etree.QName(each).localname in _BEFORE_FACES for each in settings)
        settings[place:place] = [made("embedTrueTypeFonts"), made("saveSubsetFonts")]

    def file(self, metadata: Mapping[str, Any]) -> bytes:
        """Return the file, which says of itself what *metadata* do, and nothing that the reference said."""
        author = metadata.get("author", "")
        root: Any = CT_CoreProperties.new()
        for name, text in {"title": metadata["title"], "creator": author, "lastModifiedBy": author, "language": "zh-CN"}.items():
            getattr(root, f"get_or_add_{name}")().text = text
        root.created_datetime = root.modified_datetime = datetime.datetime.fromisoformat(metadata.get("date") or _NO_DATE)
        core = XmlPart(PackURI("/docProps/core.xml"), CT.OPC_CORE_PROPERTIES, root, self.package)
        self.package.relate_to(core, RT.CORE_PROPERTIES)
        self.part.relate_to(XmlPart(PackURI("/customXml/item1.xml"), CT.XML, self.figures, self.package), RT.CUSTOM_XML)
        made = io.BytesIO()
        self.package.save(made)
        return zipped(unzipped(made))

    # Blocks.

    def blocks(self, blocks: Iterable[Block], style: str = "Normal") -> None:
        """Write *blocks*; *style* is that of their paragraphs."""
        for block in blocks:
            self._block(block, style)

    def _block(self, block: Block, style: str, level: int = 0) -> None:
        match block:
            case Heading():
                self._heading(block)
            case Paragraph(children):
                self._add(style, self.inlines(children))
            case Items():
                self._items(block, level)
            case Quote(children):
                self.blocks(children, "Quote")
            case Grid():
                self._grid(block)
            case Picture() | Photo():
                self._picture(block)
            case Own(children=children):
                self.blocks(children, style)
                self._add("表注", self.runs(block.note))
            case Notice():
                self._add("草稿标题", self.runs(block.title))
                self.blocks(block.children, "草稿")

    def _heading(self, block: Heading) -> None:
        # Level 1 is the title, which stands above everything.
        level = min(max(block.level - 1, 1), _DEEPEST_HEADING)
        content = self.inlines(block.children)
        if level <= DEEPEST_CONTENTS:
            name = f"_Toc{len(self.contents) + 1:08}"
            leading = made("hyperlink", *self.runs(plain(block.children)), anchor=name)
            self.contents.append(self._paragraph(f"toc {level}", [leading]))
            content = self._bookmark(name, content)
        self._add(f"Heading {level}", content)

    def _items(self, block: Items, level: int) -> None:
        """Write the items of a list; lists in it go one level deeper."""
        style = "List Number" if block.ordered else "List Bullet"
        level = min(level, _DEEPEST_ITEM)
        number = self._number(style, level, begins=block.ordered)
        for item in block.items:
            line = self._add(style)
            line.pPr.append(made("numPr", made("ilvl", val=level), made("numId", val=number)))
            rest: list[Any] = [*item]
            if rest and isinstance(rest[0], Paragraph):
                line.extend(self.inlines(rest.pop(0).children))
            for each in rest:
                self._block(each, "List Continue", level + 1)

    def _number(self, style: str, level: int, *, begins: bool) -> int:
        """Return which numbering paragraphs of *style* have; where one *begins*, a new one of that kind, which counts from one."""
        numbering = self.part.numbering_part.element
        number = self.styles[style.lower()].element.pPr.numPr.numId.val
        if begins:
            new = numbering.add_num(numbering.num_having_numId(number).abstractNumId.val)
            new.add_lvlOverride(level).add_startOverride(1)
            number = new.numId
        return int(number)

    def _picture(self, picture: Picture | Photo) -> None:
        content = io.BytesIO(_pixels(picture))
        image = self.part.get_or_add_image(content)[1]
        # As wide as the text, and no higher than leaves room for a caption.
        widest = (self.height - _CAPTION) * image.px_width // image.px_height
        inline: Any = self.part.new_pic_inline(content, min(self.width, widest))
        self._add("图", [made("r", made("drawing", inline))])
        self._caption("图", picture.caption)
        inline.docPr.name = f"图{self.counts['图']}"
        inline.docPr.set("descr", picture.alt)
        # Some readers take what is not said for a distance from the text.
        inline.attrib.update(dict.fromkeys(("distT", "distB", "distL", "distR"), "0"))

    def _caption(self, what: str, words: str) -> Any:
        self.counts[what] += 1
        number = made("fldSimple", *self.runs(str(self.counts[what])), instr=rf" SEQ {what} \* ARABIC ")
        return self._add("Caption", [*self.runs(what), number, *self.runs(f"　{words}")])

    # Tables.

    def _grid(self, grid: Grid) -> None:
        if grid.caption:
            self._caption("表", grid.caption).pPr.keepNext_val = True
        self.end.addprevious(self._table(grid))
        # Without a paragraph between them Word would make one table of two.
        self._add("表注", self.runs(grid.note))

    def _table(self, grid: Grid) -> Any:
        rows = [*grid.head, *chain.from_iterable(grid.bodies)]
        share = self.width.twips / sum(grid.widths)
        widths = [Twips(round(share * end) - round(share * start)) for start, end in pairwise(accumulate(grid.widths, initial=0))]
        table: Any = CT_Tbl.new_tbl(len(rows), len(widths), self.width)
        table.tblStyle_val = self.styles["table grid"].style_id
        table.tblPr.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.tblPr.autofit = False
        if grid.caption:
            table.tblPr.append(made("tblCaption", val=grid.caption))
        for column, width in zip(table.tblGrid.gridCol_lst, widths, strict=True):
            column.w = width
        taken = placed(rows)
        for line, row in enumerate(table.tr_lst):
            head = line < len(grid.head)
            row.insert(0, made("trPr", made("cantSplit"), made("tblHeader") if head else None))
            for column, cell in enumerate(row.tc_lst):
                at = Position(line, column)
                place = taken.get(at, Place(_NOTHING, at))
                if place.at.column == column:
                    cell.width = sum(widths[column : column + place.cell.colspan])
                    self._fill(cell, place, at, head=head, columns=len(widths))
                else:
                    row.remove(cell)
        return table

    def _fill(self, cell: Any, place: Place, at: Position, *, head: bool, columns: int) -> None:
        """Put into the *cell* of a table what takes its place: of cells that are merged the first shows it."""
        given, shown = place.cell, place.cell.children if place.at == at else ()
        style = ("表头" if given.header in _HEADINGS else "表文") + (" 小五" if columns > _MANY_COLUMNS else "")
        cell[-1] = words = self._paragraph(style, self.inlines(shown))
        if given.indent:
            words.pPr.append(made("ind", leftChars=100 * given.indent, left=210 * given.indent))
        if given.numeric:
            words.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        cell.grid_span = given.colspan
        if given.rowspan > 1:
            cell.vMerge = "restart" if place.at == at else "continue"
        across = given.header and given.colspan == columns
        # A heading across the table stays with what it heads.
        words.pPr.keepNext_val = bool(head or across) or None
        if head:
            cell.tcPr.append(made("tcBorders", made("bottom", val="single", sz=6, color=theme.digits("black"))))
        elif across:
            cell.tcPr.append(made("shd", val="clear", fill=theme.digits("band")))
        cell.tcPr.append(made("vAlign", val="center"))

    # Text.

    def _add(self, style: str, content: Iterable[Any] = ()) -> Any:
        """Write a paragraph of *style*, and return it."""
        written = self._paragraph(style, content)
        self.end.addprevious(written)
        return written

    def _paragraph(self, style: str, content: Iterable[Any] = ()) -> Any:
        return made("p", made("pPr", made("pStyle", val=self.styles[style.lower()].style_id)), *content)

    def inlines(self, children: Iterable[Inline], look: Look = _PLAIN) -> list[Any]:
        """Return *children* as the content of a paragraph."""
        return [each for child in children for each in self._inline(child, look)]

    def _inline(self, inline: Inline, look: Look) -> Iterable[Any]:
        match inline:
            case Text(text):
                return self.runs(text, look)
            case Datum():
                return self._bookmark(self._named(inline), self.runs(inline.text, look))
            case Strong(children):
                return self.inlines(children, {**look, "strong": "b"})
            case Emphasis(children):
                # A link that is set apart looks like a link.
                return self.inlines(children, {"style": "emphasis", **look})
            case Link():
                return [self._link(inline, look)]
            case LineBreak():
                return [made("r", made("br"))]

    def _link(self, link: Link, look: Look) -> Any:
        address = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quote(link.url, safe=_ADDRESS))
        leading = made("hyperlink", *self.inlines(link.children, {**look, "style": "hyperlink"}))
        leading.rId = self.part.relate_to(address, RT.HYPERLINK, is_external=True)
        return leading

    def runs(self, text: str, look: Look = _PLAIN) -> list[Any]:
        """Return *text* as runs: rare characters stand in runs of their own, in faces that travel in the file."""
        runs = []
        for family, some in groupby(text, _family):
            run = made("r")
            runs.append(run)
            run.add_t("".join(some))
            if look:
                run.style = self.styles[look["style"]].style_id if "style" in look else None
            if "strong" in look:
                run.rPr.get_or_add_b()
            if family:
                self.rare[family].update(run.text)
                run.get_or_add_rPr().get_or_add_rFonts().attrib.update(faces(family, family).attrib)
        return runs

    def _bookmark(self, name: str, content: Iterable[Any]) -> list[Any]:
        """Return *content* between the ends of a bookmark."""
        number = next(self.bookmarks)
        return [made("bookmarkStart", id=number, name=name), *content, made("bookmarkEnd", id=number)]

    def _named(self, datum: Datum) -> str:
        """Return the name of a bookmark, and write down which figure that is, where Word does not show it."""
        name = f"{re.sub(r'[^A-Za-z0-9]', '_', datum.figure)[:_LONGEST_NAME]}_{len(self.figures) + 1}"
        said = {"bookmark": name, "id": datum.figure, "label": datum.label, "text": datum.text}
        if datum.value is not None:
            said["value"] = datum.value
        etree.SubElement(self.figures, _FIGURE, said)
        return name


def _drop(relationships: Any, kinds: Iterable[str], names: Iterable[str] = ()) -> None:
    """Drop of *relationships* all but those of some *kinds*, and some by *names*."""
    for name, each in tuple(relationships.items()):
        if each.reltype not in kinds and name not in names:
            del relationships[name]
