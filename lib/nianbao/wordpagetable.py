"""A grid as a table of Word: merged cells, header rows that every page repeats, rows that no page divides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .blocks import Grid, GridCell
from .wordpagestyles import WIDTH
from .wordpagexml import element, paragraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .blocks import Inline

# With more columns than these the text is 小五.
_MANY_COLUMNS = 7
_HEADINGS = {"col", "colgroup", "rowgroup"}


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands at a place of the grid: the beginning of a cell, or its going on in the row below."""

    cell: GridCell
    begins: bool = True


def table(grid: Grid, inlines: Callable[[Iterable[Inline]], list[Any]]) -> Any:
    """Return *grid* as a table; *inlines* writes what stands in its cells."""
    rows = [*grid.head, *(row for body in grid.bodies for row in body)]
    columns = len(grid.widths)
    widths = _widths(grid.widths)
    layout = element(
        "tblPr",
        element("tblStyle", val="TableGrid"),
        element("tblW", w=WIDTH, type="dxa"),
        element("jc", val="center"),
        element("tblLayout", type="fixed"),
        element("tblLook", val="0420", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=0, noVBand=1),
        *([element("tblCaption", val=grid.caption)] if grid.caption else []),
    )
    made = element("tbl", layout, element("tblGrid", *(element("gridCol", w=width) for width in widths)))
    for y, places in enumerate(_places(rows, columns)):
        made.append(_row(places, widths, inlines, head=y < len(grid.head)))
    return made


def _widths(shares: Sequence[float]) -> list[int]:
    """Return the widths of the columns, which fill the line exactly."""
    ends = [round(WIDTH * sum(shares[: index + 1]) / sum(shares)) for index in range(len(shares))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _places(rows: Iterable[tuple[GridCell, ...]], columns: int) -> list[dict[int, _Place]]:
    """Return for each row what stands at which column, cells that come down from rows above included."""
    found = []
    hanging: dict[int, tuple[GridCell, int]] = {}
    for row in rows:
        places = {x: _Place(cell, begins=False) for x, (cell, _left) in hanging.items()}
        hanging = {x: (cell, left - 1) for x, (cell, left) in hanging.items() if left > 1}
        covered = {x + right for x, place in places.items() for right in range(place.cell.colspan)}
        x = 0
        for cell in row:
            while x in covered:
                x += 1
            places[x] = _Place(cell)
            if cell.rowspan > 1:
                hanging[x] = (cell, cell.rowspan - 1)
            x += cell.colspan
            covered |= set(range(x - cell.colspan, x))
        places |= {x: _Place(GridCell(children=())) for x in set(range(columns)) - covered}
        found.append(dict(sorted(places.items())))
    return found


def _row(places: dict[int, _Place], widths: Sequence[int], inlines: Callable[[Iterable[Inline]], list[Any]], *, head: bool) -> Any:
    properties = [element("cantSplit"), *([element("tblHeader")] if head else [])]
    made = element("tr", element("trPr", *properties))
    across = len(places) == 1 and bool(places[0].cell.header)
    for x, place in places.items():
        content = inlines(place.cell.children) if place.begins else []
        width = sum(widths[x : x + place.cell.colspan])
        # A heading across the table stays with what it heads.
        look = _look(place.cell, small=len(widths) > _MANY_COLUMNS, keep=head or across)
        made.append(element("tc", _cell(place, width, head=head, across=across), paragraph(look[0], *content, properties=look[1:])))
    return made


def _cell(place: _Place, width: int, *, head: bool, across: bool) -> Any:
    cell = place.cell
    line = element("tcBorders", element("bottom", val="single", sz=6, space=0, color="000000"))
    return element(
        "tcPr",
        element("tcW", w=width, type="dxa"),
        *([element("gridSpan", val=cell.colspan)] if cell.colspan > 1 else []),
        *([element("vMerge", val="restart" if place.begins else "continue")] if cell.rowspan > 1 else []),
        *([line] if head else []),
        *([element("shd", val="clear", color="auto", fill="F0F0F0")] if across and not head else []),
        element("vAlign", val="center"),
    )


def _look(cell: GridCell, *, small: bool, keep: bool) -> tuple[Any, ...]:
    """Return the style of a cell's paragraph, and in what it differs from that."""
    style = ("TableHead" if cell.header in _HEADINGS else "TableText") + ("Small" if small else "")
    indent = [element("ind", leftChars=100 * cell.indent, left=210 * cell.indent)] if cell.indent else []
    side = [element("jc", val="right")] if cell.numeric else []
    return (style, *([element("keepNext")] if keep else []), *indent, *side)
