"""Outlines as TrueType has them: cubics become quadratics, polygons that stand for curves become curves, glyphs are fitted to a size."""

from __future__ import annotations

from array import array
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables._g_l_y_f import GlyphCoordinates
from fontTools.ttLib.tables.ttProgram import Program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fontTools.ttLib import TTFont

Point = tuple[float, float]

# A turn sharper than this is a corner: the cosine of 40°.
_CORNER = 0.766
_ON, _OFF = 1, 0
_MOST_POINTS = 48
# Between points further apart than this many units, the outline is held to the straight line.
_FAR = 8


def to_quadratic(font: TTFont, most: float) -> None:
    """Turn the cubic outlines of *font* (`CFF `) into quadratic ones (`glyf`), nowhere further apart than *most* units."""
    order, shapes = font.getGlyphOrder(), font.getGlyphSet()
    made = {}
    for name in order:
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, most, reverse_direction=True))
        made[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, made
    for name in order:
        made[name].recalcBounds(font["glyf"])
    font["hmtx"].metrics = {name: (font["hmtx"].metrics[name][0], getattr(made[name], "xMin", 0)) for name in order}
    font["post"].formatType, font.sfntVersion = 3.0, "\0\1\0\0"
    _count(font)
    for tag in ("VORG", "CFF "):
        if tag in font:
            del font[tag]


def _count(font: TTFont) -> None:
    """Give *font* the table of limits that quadratic outlines need; what it counts is counted when the font is saved."""
    table = font["maxp"]
    table.tableVersion = 0x10000
    counted = "Points Contours CompositePoints CompositeContours ComponentElements ComponentDepth"
    programs = "TwilightPoints Storage FunctionDefs InstructionDefs StackElements SizeOfInstructions"
    for name in f"{counted} {programs}".split():
        setattr(table, f"max{name}", 0)
    table.maxZones = 1


def fit(font: TTFont, *, across: float, up: float, right: float, rise: float) -> None:
    """Scale every glyph of *font* that has an outline by *across* and *up*, then move it; advance widths stay."""
    glyphs = font["glyf"]
    for name in font.getGlyphOrder():
        glyph = glyphs[name]
        if glyph.numberOfContours > 0:
            moved = [(round(x * across + right), round(y * up + rise)) for x, y in glyph.coordinates]
            glyph.coordinates = GlyphCoordinates(moved)
            glyph.recalcBounds(glyphs)
            font["hmtx"][name] = (font["hmtx"][name][0], glyph.xMin)


def smooth(font: TTFont, scale: float, rise: float, most: float) -> None:
    """
    Draw the glyphs of *font*, polygons with a point every few units, with as few lines and curves as do.

    Args:
        scale: by which coordinates and advance widths are multiplied.
        rise: by how many units, after scaling, glyphs are moved up.
        most: how far, in units after scaling, a point of the polygon may lie off the new outline.
    """
    glyphs, widths = font["glyf"], font["hmtx"]
    for name in font.getGlyphOrder():
        glyph = glyphs[name]
        if glyph.numberOfContours > 0:
            _redraw(glyph, scale, rise, most)
            glyph.recalcBounds(glyphs)
        widths[name] = (round(widths[name][0] * scale), getattr(glyph, "xMin", 0))


def _redraw(glyph: Any, scale: float, rise: float, most: float) -> None:
    points = [(x * scale, y * scale + rise) for x, y in glyph.coordinates]
    coordinates: list[tuple[int, int]] = []
    flags: list[int] = []
    ends: list[int] = []
    start = 0
    for end in glyph.endPtsOfContours:
        for x, y, flag in _contour(points[start : end + 1], most):
            coordinates.append((round(x), round(y)))
            flags.append(flag)
        ends.append(len(coordinates) - 1)
        start = end + 1
    glyph.coordinates, glyph.flags, glyph.endPtsOfContours = GlyphCoordinates(coordinates), array("B", flags), ends
    glyph.program = Program()
    glyph.program.fromBytecode(b"")


def _contour(polygon: Sequence[Point], most: float) -> list[tuple[float, float, int]]:
    """Return the points of the closed *polygon* anew, each with whether the outline passes through it."""
    corners = [at for at in range(len(polygon)) if _is_corner(polygon, at)]
    first = corners[0] if corners else min(range(len(polygon)), key=lambda at: polygon[at])
    closed = [*polygon[first:], *polygon[:first], polygon[first]]
    stops = sorted({(at - first) % len(polygon) for at in corners} | {0, len(polygon)})
    if len(corners) < 2:  # noqa: PLR2004 - a piece must not end where it begins
        far = max(range(len(polygon)), key=lambda at: _apart(closed[at], closed[0]))
        stops = [0, far, len(polygon)]
    made = []
    for begin, end in pairwise(stops):
        made += _run(closed[begin : end + 1], most)
    return made


def _is_corner(polygon: Sequence[Point], at: int) -> bool:
    (ax, ay), (bx, by), (cx, cy) = polygon[at - 1], polygon[at], polygon[(at + 1) % len(polygon)]
    ux, uy, vx, vy = bx - ax, by - ay, cx - bx, cy - by
    return ux * vx + uy * vy < _CORNER * sqrt((ux * ux + uy * uy) * (vx * vx + vy * vy))


def _apart(one: Point, other: Point) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _run(line: Sequence[Point], most: float) -> list[tuple[float, float, int]]:
    """Return lines and curves along *line* from its first point up to, without, its last; the longest that fit come first."""
    made, at, last = [], 0, len(line) - 1
    while at < last:
        made.append((*line[at], _ON))
        end, control = at + 1, None
        for candidate in range(min(last, at + _MOST_POINTS), at + 1, -1):
            piece = line[at : candidate + 1]
            if _straight(piece, most):
                end, control = candidate, None
                break
            found = _curve(piece, most)
            if found:
                end, control = candidate, found
                break
        if control:
            made.append((*control, _OFF))
        at = end
    return made


def _straight(piece: Sequence[Point], most: float) -> bool:
    """Tell whether the straight line between the ends of *piece* passes all its points."""
    (ax, ay), (bx, by) = piece[0], piece[-1]
    dx, dy = bx - ax, by - ay
    length = sqrt(dx * dx + dy * dy)
    return all(abs((x - ax) * dy - (y - ay) * dx) <= most * length for x, y in piece[1:-1])


def _curve(piece: Sequence[Point], most: float) -> Point | None:
    """Return the control point of the one curve between the ends of *piece* that passes all its points, if there is one."""
    if len(piece) < 4:  # noqa: PLR2004 - a curve in place of one point saves nothing
        return None
    places = [0.0]
    for one, other in pairwise(piece):
        places.append(places[-1] + sqrt(_apart(one, other)))
    control = _control(piece, [place / places[-1] for place in places])
    if not control:
        return None
    (ax, ay), (px, py), (bx, by) = piece[0], control, piece[-1]
    # The points lie on the curve, but not evenly along it: look where each is nearest.
    for x, y in _along(piece):
        if _off(ax - x, ay - y, px - x, py - y, bx - x, by - y) > most * most:
            return None
    return control


def _along(piece: Sequence[Point]) -> Iterator[Point]:
    """Yield the inner points of *piece* and, between points far apart, others, so that what is straight stays so."""
    for (ax, ay), (bx, by) in pairwise(piece):
        count = int(sqrt((bx - ax) ** 2 + (by - ay) ** 2) / _FAR) + 1
        for part in range(1, count + 1):
            yield ax + (bx - ax) * part / count, ay + (by - ay) * part / count


def _control(piece: Sequence[Point], shares: Sequence[float]) -> Point | None:
    """Return the control point with the least squares of distances, its sides no longer than the piece is."""
    (ax, ay), (bx, by) = piece[0], piece[-1]
    across = up = weight = 0.0
    for (x, y), share in zip(piece[1:-1], shares[1:-1], strict=True):
        rest = 1 - share
        middle = 2 * share * rest
        across += middle * (x - rest * rest * ax - share * share * bx)
        up += middle * (y - rest * rest * ay - share * share * by)
        weight += middle * middle
    px, py = across / weight, up / weight
    # One that turns back on itself is no curve of a stroke.
    if (px - ax) * (bx - px) + (py - ay) * (by - py) < 0:
        return None
    return px, py


def _off(ax: float, ay: float, px: float, py: float, bx: float, by: float) -> float:
    """Return the square of the distance from the origin to a curve, by three rounds of ever closer steps."""
    low, high, best = 0.0, 1.0, 0.0
    nearest = float("inf")
    for _round in range(3):
        step = (high - low) / 8
        for count in range(9):
            share = low + step * count
            rest = 1 - share
            x = rest * rest * ax + 2 * rest * share * px + share * share * bx
            y = rest * rest * ay + 2 * rest * share * py + share * share * by
            distance = x * x + y * y
            if distance < nearest:
                nearest, best = distance, share
        low, high = max(0.0, best - step), min(1.0, best + step)
    return nearest
