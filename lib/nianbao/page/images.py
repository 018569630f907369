"""
Pictures that people bring: files of pixels and drawings as SVG, taken apart and put together again from what is allowed.

Nothing of a file gets into a report as it came: pixels are read and written anew, so that no words about camera, place or person travel
with them; of a drawing only known elements with known attributes are kept, nothing that runs, nothing from outside.
"""

from __future__ import annotations

import base64
import io
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from nianbao.indicators import positional
from nianbao.page import faces, theme
from nianbao.page.blocks import Photo, Picture, carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


MOST_BYTES = 20_000_000
MOST_PIXELS = 60_000_000
# Three hundred to the inch across the type area, and on a page of its height.
_WIDEST, _HIGHEST = 1843, 2430
_QUALITY = 90
SUFFIXES = (".png", ".jpg", ".jpeg", ".svg")


@positional
class Pixels:
    """A picture made of pixels, its file written by us."""

    mimetype: str
    content: bytes
    width: int
    height: int

    @property
    def encoded(self) -> str:
        """The file in Base64."""
        return base64.b64encode(self.content).decode("ascii")


def pixels(content: bytes) -> Pixels:
    """
    Return the PNG or JPEG file *content* upright, no larger than a page asks for, and without anything but the picture.

    Raises:
        ValueError: where it is no such file, or too large; the message says so in Chinese.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - only who has pictures pays for it

    if len(content) > MOST_BYTES:
        raise ValueError(f"有{len(content) // 1_000_000}兆字节，最多{MOST_BYTES // 1_000_000}兆")
    try:
        opened = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(f"是{opened.width}×{opened.height}点，最多{MOST_PIXELS // 1_000_000}百万点")
        kind = str(opened.format)
        upright = ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise ValueError("不是完好的 PNG 或 JPEG 图片") from error
    see_through = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if see_through else "RGB")
    plain.thumbnail((_WIDEST, _HIGHEST), Image.Resampling.LANCZOS)
    # What the file said of itself would be written again.
    bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    out = io.BytesIO()
    if kind == "JPEG":
        bare.save(out, "JPEG", quality=_QUALITY, optimize=True)
    else:
        bare.save(out, "PNG", optimize=True)
    return Pixels(f"image/{kind.lower()}", out.getvalue(), bare.width, bare.height)


class Album:
    """
    The folders that pictures of a text may lie in, and the pictures found there, each read once.

    Args:
        folders: where they are looked for, in this order; `root` is what none may lead out of.
    """

    def __init__(self, folders: tuple[Path, ...], root: Path) -> None:
        self._folders = folders
        self._root = root
        self._found: dict[str, Pixels | str] = {}

    def block(self, url: str, caption: str, alt: str) -> Picture | Photo:
        """
        Return the picture that Markdown calls *url* as a block.

        Raises:
            ValueError: where there is none, or it cannot be shown; the message says so in Chinese.
        """
        if url not in self._found:
            self._found[url] = self._read(url)
        return shown(self._found[url], caption, alt or caption)

    def _read(self, url: str) -> Pixels | str:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", url):
            raise ValueError("是网址；把图存成文件，放进本单位的文件夹")
        name = re.sub(r"^(?:\.\./)+params/[^/]+/", "../", url)
        if not name.lower().endswith(SUFFIXES):
            raise ValueError(f"不是可以用的图，文件名应以 {'、'.join(SUFFIXES)} 结尾")
        paths = [(folder / name).resolve() for folder in self._folders]
        path = next((each for each in paths if each.is_file() and each.is_relative_to(self._root.resolve())), None)
        if path is None:
            raise ValueError("没有这个文件；把图放进本单位这一年的文件夹，或 data/")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if path.suffix.lower() != ".svg":
            return pixels(content)
        try:
            return drawing(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValueError("不是 UTF-8 的 SVG 图") from error


def shown(found: Pixels | str, caption: str, alt: str) -> Picture | Photo:
    """Return the block that shows a picture, of pixels or drawn."""
    if isinstance(found, str):
        return Picture(caption=caption, svg=found, alt=alt)
    return Photo(caption=caption, alt=alt, mimetype=found.mimetype, content=found.encoded, width=found.width, height=found.height)


# Drawings.

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
MOST_CHARACTERS = 4_000_000
MOST_ELEMENTS = 100_000


def _listed(names: str) -> frozenset[str]:
    return frozenset(names.split())


_ELEMENTS = _listed(
    "svg g path rect circle ellipse line polyline polygon text tspan defs linearGradient radialGradient stop clipPath mask pattern"
    " marker symbol use image title desc style"
)
# What tools write into their drawings for themselves.
_DROPPED = frozenset({"metadata", "title", "desc", "style"})
_PRESENTATION = _listed(
    "clip-path clip-rule color display dominant-baseline fill fill-opacity fill-rule font-family font-size font-style font-weight"
    " letter-spacing marker-end marker-mid marker-start mask opacity overflow paint-order shape-rendering stop-color stop-opacity stroke"
    " stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor"
    " text-decoration text-rendering vector-effect visibility word-spacing writing-mode alignment-baseline baseline-shift"
)
_GEOMETRY = _listed(
    "class clipPathUnits cx cy d dx dy fx fy gradientTransform gradientUnits height id markerHeight markerUnits markerWidth maskUnits"
    " offset orient patternContentUnits patternTransform patternUnits points preserveAspectRatio r refX refY rotate rx ry spreadMethod"
    " transform version viewBox width x x1 x2 y y1 y2 data-figure data-tick"
)
_OWN_URL = re.compile(r"url\(\s*[\"']?#[\w.:-]+[\"']?\s*\)")
_PICTURE_INSIDE = re.compile(r"data:image/(?:png|jpe?g);base64,[A-Za-z0-9+/=\s]+")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"\*|[.#]?[A-Za-z_][\w-]*")
_LENGTH = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(?:px|pt|mm|cm|in)?\s*")


def drawing(text: str) -> str:
    """
    Return the SVG *text* with what is allowed in it and nothing else.

    Raises:
        ValueError: where it is none, is too large, or holds what runs or comes from outside; the message says so in Chinese.
    """
    root = _parsed(text)
    if _name(root) != "svg":
        raise ValueError("不是 SVG 图")
    rules = list(_style_rules(root))
    for number, element in enumerate(list(root.iter())):
        if number > MOST_ELEMENTS:
            raise ValueError(f"图形太多，最多{MOST_ELEMENTS}个")
        if not isinstance(element.tag, str) or not element.tag.startswith(f"{{{SVG}}}") or _name(element) in _DROPPED:
            _check_dropped(element)
            _remove(element)
        elif _name(element) not in _ELEMENTS:
            raise ValueError(f"含有 {_name(element)}，不能放进报告")
        else:
            _clean_attributes(element, rules)
    _check_uses(root)
    _set_size(root)
    return _written(root)


def _parsed(text: str) -> Any:
    from lxml import etree  # noqa: PLC0415 - a tenth of a second

    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"有{len(text) // 1_000_000}兆字符，最多{MOST_CHARACTERS // 1_000_000}兆；请减少图中的点，或画成位图")
    if "<!ENTITY" in text:
        raise ValueError("含有实体定义（ENTITY），不能放进报告")
    start = text.find("<svg")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text[max(start, 0) :].encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("不是完好的 SVG 图") from error


def _written(root: Any) -> str:
    from lxml import etree  # noqa: PLC0415

    etree.cleanup_namespaces(root)
    return str(etree.tostring(root, encoding="unicode", with_tail=False))


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _check_dropped(element: Any) -> None:
    """Tell what runs, whatever it is inside: it is never passed over."""
    names = {_name(each).lower() for each in element.iter()}
    if names & {"script", "foreignobject", "iframe", "handler"}:
        raise ValueError("含有脚本，不能放进报告")


def _remove(element: Any) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _style_rules(root: Any) -> Iterator[tuple[str, str]]:
    """Yield (selector, declarations) of the style sheets inside; only single classes, names and ids are understood."""
    for sheet in root.iter(f"{{{SVG}}}style"):
        text = re.sub(r"/\*.*?\*/", "", sheet.text or "", flags=re.DOTALL)
        if "@" in text or _RULE.sub("", text).strip():
            raise ValueError("含有样式表里的 @ 规则或读不懂的样式，请把样式写在图形的属性里")
        for selectors, declared in _RULE.findall(text):
            for selector in map(str.strip, selectors.split(",")):
                if not _SELECTOR.fullmatch(selector):
                    raise ValueError(f"样式“{selector}”读不懂，请把样式写在图形的属性里")
                yield selector, declared


def _applies(selector: str, element: Any) -> bool:
    if selector == "*":
        # What is said of everything is inherited from the drawing.
        return element.getparent() is None
    if selector.startswith("."):
        return selector[1:] in element.get("class", "").split()
    return selector[1:] == element.get("id") if selector.startswith("#") else selector == _name(element)


def _clean_attributes(element: Any, rules: list[tuple[str, str]]) -> None:
    """Leave *element* the attributes that are allowed, with the style sheet's words for it as its own."""
    inherited = ";".join(declared for selector, declared in rules if _applies(selector, element))
    style = _declarations(f"{inherited};{element.get('style', '')}")
    for key, value in list(element.attrib.items()):
        name = key.rpartition("}")[2]
        if name.lower().startswith("on"):
            raise ValueError(f"含有 {name}，那是脚本，不能放进报告")
        if name == "href":
            _check_reference(element, value)
        elif key not in _PRESENTATION and key not in _GEOMETRY:
            del element.attrib[key]
        else:
            _check_value(value)
    if style:
        element.set("style", style)
    element.attrib.pop("class", None)


def _declarations(style: str) -> str:
    kept: dict[str, str] = {}
    for declared in style.split(";"):
        name, _colon, value = (part.strip() for part in declared.partition(":"))
        if name in _PRESENTATION:
            _check_value(value)
            kept[name] = value
    return "; ".join(f"{name}: {value}" for name, value in kept.items())


def _check_value(value: str) -> None:
    if re.search(r"url\(|expression\(|javascript:|@import", _OWN_URL.sub("", value), re.IGNORECASE):
        raise ValueError(f"引用了图外的东西（{value[:60]}），不能放进报告")


def _check_reference(element: Any, value: str) -> None:
    inside = _name(element) == "image" and _PICTURE_INSIDE.fullmatch(value)
    if not inside and not re.fullmatch(r"#[\w.:-]+", value):
        raise ValueError(f"引用了图外的东西（{value[:60]}），不能放进报告")


def _check_uses(root: Any) -> None:
    """Refuse a part that is used again and itself uses others: a few lines could then draw for ever."""
    for use in root.iter(f"{{{SVG}}}use"):
        target = use.get(f"{{{XLINK}}}href") or use.get("href", "")
        found = root.xpath("//*[@id=$id]", id=target[1:])
        if any(_name(inner) == "use" for each in found for inner in each.iter()):
            raise ValueError("图中的引用套着引用，不能放进报告")


def _set_size(root: Any) -> None:
    """Give *root* a view box, by which it can be drawn at any width."""
    sizes = [_LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    if "viewBox" not in root.attrib:
        if not all(sizes):
            raise ValueError("没有写明图的大小（viewBox）")
        root.set("viewBox", " ".join(["0", "0", *(found[1] for found in sizes if found)]))
    box = root.get("viewBox").replace(",", " ").split()
    if len(box) != 4 or not all(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE]-?[0-9]+)?", each) for each in box):  # noqa: PLR2004 - its four numbers
        raise ValueError("图的大小（viewBox）读不懂")
    width, height = float(box[2]), float(box[3])
    if width <= 0 or height <= 0:
        raise ValueError("图的大小（viewBox）是零")
    root.set("width", f"{width:g}")
    root.set("height", f"{height:g}")


# Millimetres that a picture may be high, so that its caption has room on the same page.
HIGHEST = 190
# A photograph takes half a page at most.
PHOTO_HIGHEST = 120


def share(svg: str) -> float:
    """Return how much of the width of a page the drawing *svg*, whose lengths are points, takes: no more than there is, or its height has."""
    found = re.search(r'viewBox="[^"]*?([0-9.eE+-]+)[ ,]+([0-9.eE+-]+)"', svg)
    if found is None:
        return 1.0
    width, height = float(found[1]), float(found[2])
    return min(1.0, width / 72 * theme.INCH / theme.TEXT_WIDTH, HIGHEST * width / (theme.TEXT_WIDTH * height))


# The words of a drawing.


def traced(svg: str, printed: Callable[[str, str], str]) -> str:
    """
    Return the drawing *svg* with an element around each text that carries a figure, and the marks of all gone.

    Args:
        printed: returns the id of the figure of that name which a text prints, or nothing.
    """
    root = _parsed(svg)
    for element in list(root.iter(f"{{{SVG}}}text", f"{{{SVG}}}tspan")):
        element.attrib.pop("data-figure", None)
        if element.text:
            _mark(element, carried(element.text), printed)
    return _written(root)


def _mark(element: Any, pieces: Iterable[tuple[str, str]], printed: Callable[[str, str], str]) -> None:
    """Put *pieces* in the place of the text of *element*."""
    from lxml import etree  # noqa: PLC0415

    element.text, last = "", None
    for number, (text, figure) in enumerate(pieces):
        if figure and (found := printed(text, figure)):
            last = etree.Element(f"{{{SVG}}}tspan", {"data-figure": found})
            last.text = text
            element.insert(number, last)
        elif last is None:
            element.text += text
        else:
            last.tail = (last.tail or "") + text


@positional
class Words:
    """
    One text of a drawing.

    Args:
        pieces: its words in order, each with the id of the figure that it prints, or nothing.

        tick: whether it names a place on an axis.
    """

    pieces: tuple[tuple[str, str], ...]
    tick: bool

    @property
    def text(self) -> str:
        """What a reader sees."""
        return "".join(text for text, _figure in self.pieces)


def words(svg: str) -> tuple[Words, ...]:
    """Return the texts of the drawing *svg* in order."""
    return tuple(_words(element) for element in _parsed(svg).iter(f"{{{SVG}}}text"))


def _words(element: Any) -> Words:
    above = [element, *element.iterancestors()]
    figure = next((each.get("data-figure") for each in above if each.get("data-figure")), "")
    tick = any("data-tick" in each.attrib for each in above)
    return Words(tuple(_pieces(element, figure)), tick)


def _pieces(element: Any, figure: str) -> Iterator[tuple[str, str]]:
    # A line end between the pieces of a formula is how the file is written.
    if element.text and (element.text.strip() or "\n" not in element.text):
        yield element.text, figure
    for child in element:
        yield from _pieces(child, child.get("data-figure") or figure)
        if child.tail and (child.tail.strip() or "\n" not in child.tail):
            yield child.tail, figure


def printed(svg: str) -> str:
    """
    Return the drawing *svg* for paper: text that stands upright and holds no number but figures stays text, the rest becomes outlines.

    What is set slantwise, or close together, cannot be read back from a page digit by digit.
    """
    root = _parsed(svg)
    for element in list(root.iter(f"{{{SVG}}}text")):
        found = _words(element)
        numbers = any(re.search(r"\d", text) for text, figure in found.pieces if not figure)
        if numbers or found.tick or not _is_upright(element):
            element.getparent().replace(element, _outlines(element, found.text))
    return _written(root)


def _is_upright(element: Any) -> bool:
    """Tell whether *element* is one line of text that is not turned, its pieces where they follow each other."""
    turned = [each.get("transform", "") for each in (element, *element.iterancestors())]
    moved = any(inner.get("x") or inner.get("dx") for inner in element.iter() if inner is not element)
    return not moved and all(re.fullmatch(r"(?:translate\([^)]*\)|rotate\(-?0(?:\.0+)? [^)]*\)|\s)*", each) for each in turned)


def _outlines(element: Any, text: str) -> Any:
    """Return the shapes of *element*, a text, in its place."""
    from lxml import etree  # noqa: PLC0415

    group = etree.Element(f"{{{SVG}}}g")
    if transform := element.get("transform"):
        group.set("transform", transform)
    runs = list(element) if len(element) and not (element.text or "").strip() else [element]
    for run in runs:
        said = text if run is element else "".join(run.itertext())
        style = _style_of(element) | _style_of(run)
        size = float((re.match(r"[0-9.]+", style.get("font-size", "")) or ["10"])[0])
        width, path = _shapes(said, size)
        anchor = {"middle": 0.5, "end": 1.0}.get(style.get("text-anchor", ""), 0.0)
        x = float((run.get("x") or "0").split()[0]) - anchor * width
        y = float((run.get("y") or "0").split()[0])
        drawn = etree.SubElement(group, f"{{{SVG}}}path", d=path, transform=f"translate({x:.3f} {y:.3f})")
        drawn.set("fill", style.get("fill", theme.COLOURS["black"]))
    group.tail = element.tail
    return group


def _style_of(element: Any) -> dict[str, str]:
    declared = (each.partition(":") for each in element.get("style", "").split(";"))
    style = {name.strip(): value.strip() for name, _colon, value in declared}
    return {**{name: element.get(name) for name in _PRESENTATION & set(element.attrib)}, **style}


def _shapes(text: str, size: float) -> tuple[float, str]:
    """Return how wide *text* stands, and its outlines with the first letter at the origin."""
    x, path = 0.0, ""
    for character in text:
        file = next(
            (each for each in (faces.HEI, faces.KAI, faces.WIDE, faces.RARE) if not faces.lacking(each, character)), faces.HEI
        )
        width, commands, unit = _outline(file, character)
        scale = size / unit
        for command, points in commands:
            placed = [f"{x + scale * px:.2f} {-scale * py:.2f}" for px, py in points]
            path += command + " ".join(placed)
        x += width * scale
    return x, path


@cache
def _font(file: Any) -> Any:
    import uharfbuzz as hb  # noqa: PLC0415 - only a build needs it

    return hb.Font(hb.Face(hb.Blob.from_file_path(str(file))))


@cache
def _outline(file: Any, character: str) -> tuple[float, tuple[tuple[str, tuple[tuple[float, float], ...]], ...], int]:
    """Return the width of *character* in the face *file*, the commands of its outline, and how many units an em has."""
    from fontTools.pens.recordingPen import RecordingPen  # noqa: PLC0415 - only a build needs it

    font = _font(file)
    glyph = font.get_nominal_glyph(ord(character)) or 0
    pen = RecordingPen()
    font.draw_glyph_with_pen(glyph, pen)
    letters = {"moveTo": "M", "lineTo": "L", "qCurveTo": "Q", "curveTo": "C", "closePath": "Z", "endPath": ""}
    commands = tuple((letters[name], tuple(points)) for name, points in pen.value)
    return font.get_glyph_h_advance(glyph), commands, font.face.upem
