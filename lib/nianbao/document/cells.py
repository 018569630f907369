"""
What the cells of a notebook show, settled: whatever is not the library's own display becomes blocks of the report, or a finding.

Nothing is dropped without a word, and no number without a source passes for one that has it: blocks that hold such numbers are put into
an `Own`, which a reader sees; without a reason for them the report is a draft. People are told of a cell by its first line and the
heading above it, never by its id.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nianbao.document import calculation
from nianbao.document.document import ASIDE, MADE, Display
from nianbao.indicators.errors import InvalidInputError, Problem, UnknownNameError
from nianbao.indicators.findings import Finding
from nianbao.indicators.report import Passage
from nianbao.page import faces, grid, images
from nianbao.page.blocks import (
    MIMETYPE,
    Datum,
    Emphasis,
    Grid,
    GridCell,
    Heading,
    Items,
    LineBreak,
    Link,
    Own,
    Paragraph,
    Photo,
    Picture,
    Quote,
    Strong,
    Text,
    carried,
    datum,
    from_json,
    own,
    to_json,
    walk,
)
from nianbao.prose import lint
from nianbao.reading import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nianbao.document.document import Document
    from nianbao.indicators.errors import Problems
    from nianbao.indicators.figures import Figure
    from nianbao.page.blocks import Block, Blocks, Inline


# An output without a source for its numbers, one that wants a caption or has one too many, one that cannot enter the report, one whose
# numbers the office answers for, and what the tools said while they ran: each with its severity.
UNTRACED, CAPTION, LEFT_OUT, OWN, TOLD = "N01", "N02", "N03", "N04", "N05"
RULES = {UNTRACED: "error", CAPTION: "warning", LEFT_OUT: "warning", OWN: "info", TOLD: "info"}

_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)
_CHAPTER = re.compile(r"^\s*\w+\.chapter\(\s*[\"'](\w+)[\"']\s*\)", re.MULTILINE)
_LONGEST = 40
# What stands in a draft where a caption should.
_NO_CAPTION = "（没有图题）"
# What a list calls what has no caption; its first words might be numbers without a source.
_NO_NAME = "（没有题名）"
_LISTED, _NAMED = 6, 2


# How people are told of a cell.


def called(cells: Sequence[Any], index: int, titles: Mapping[str, str]) -> str:
    """
    Return how people are told of the cell at *index*: by its first line and the heading above it.

    Args:
        titles: of the form's chapters, by id.
    """
    # What a cell says to editors is no heading of the report.
    above = [cell for cell in cells[: index + 1] if ASIDE not in cell.metadata.get("tags", [])]
    heading = next(filter(None, (_heading(cell, titles) for cell in reversed(above))), "")
    return f"“{first_line(cells[index].source)}”" + (f"（“{heading}”之下）" if heading else "")


def first_line(source: str) -> str:
    """Return the first line of a cell that says something."""
    lines = [line.strip() for line in source.split("\n") if line.strip()]
    said = next((line for line in lines if not line.startswith("%%")), *lines[:1] or [""])
    said = re.sub("[“”]", '"', said)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def in_file(home: str, cells: Sequence[Any], index: int, document: Document) -> str:
    """Return how people are told of the cell at *index*, which stands in the file *home*."""
    return f"{home} 单元格{called(cells, index, chapters(document))}"


def _heading(cell: Any, titles: Mapping[str, str]) -> str:
    """Return the last heading that *cell* sets; a comment in code is none."""
    source = cell.source
    if cell.cell_type == "markdown" or source.startswith("%%prose"):
        return _plain(next(reversed(_HEADING.findall(source)), ""))
    return next(reversed([titles.get(name, "") for name in _CHAPTER.findall(source)]), "")


def _plain(words: str) -> str:
    return re.sub(r"\{\{.*?\}\}|[*_`]", "", words).strip()


def chapters(document: Document) -> dict[str, str]:
    """Return the titles of the form's chapters, by id."""
    return {chapter.id: chapter.title for chapter in document.form.chapters}


# What a cell says of its outputs, in comments: `# 图：…`, `# 说明：…`, `# 未追溯：…`.

_NOTE = re.compile(r"^\s*#\s*(图|表|说明|未追溯|自行计算|untraced)\s*[:：=]\s*(.*?)\s*$", re.MULTILINE)
_PICTURE, _TABLE = "图", "表"
_REASONS = {"未追溯", "自行计算", "untraced"}


@dataclass(slots=True)
class Note:
    """What a cell says of one output: what it is (图, 表, or nothing), its caption, what it shows, why it may be untraced."""

    kind: str = ""
    caption: str = ""
    alt: str = ""
    reason: str = ""


def notes(source: str, tags: Iterable[str] = ()) -> list[Note]:
    """Return what the comments of a cell, and its tags, say of its outputs, in order."""
    found: list[Note] = []
    for kind, words in _NOTE.findall("\n".join([*(f"# {tag}" for tag in tags), source])):
        begins = kind in {_PICTURE, _TABLE}
        if not found or (begins and found[-1].kind):
            found.append(Note())
        if begins:
            found[-1].kind, found[-1].caption = kind, words
        elif kind in _REASONS:
            found[-1].reason = words.strip("\"'“”")
        else:
            found[-1].alt = words
    return found


# Outputs of other tools as blocks.


class _CannotShowError(ValueError):
    """An output that has no place in a report; the message says why, and what to do."""


_PLAIN_REMEDY = "要进入报告，写成 %%prose，或用 display(Markdown(…))；不要它，就删去这一行，或给单元格加 aside 标签"
_SKIPPED = {"text/plain", "text/html", "text/latex"}


def _converted(data: Mapping[str, Any], document: Document, file: str) -> Blocks:
    """
    Return the blocks that the bundle *data* of an output is.

    Raises:
        _CannotShowError: where it can be none.
    """
    if svg := data.get("image/svg+xml"):
        return (Picture(caption="", svg=_refused(images.drawing, _joined(svg)), alt=""),)
    for mimetype in ("image/png", "image/jpeg"):
        if mimetype in data:
            return (images.shown(_refused(images.pixels, base64.b64decode(data[mimetype])), "", ""),)
    if words := data.get("text/markdown"):
        passage = Passage(source=faces.coded(_joined(words)), file=file)
        return tuple(_with_figures(document.rendered(passage).blocks, document))
    others = [each for each in data if each not in _SKIPPED]
    if others:
        raise _CannotShowError(f"是只能在 Jupyter 里看的内容（{others[0]}），请改用 matplotlib 的图，或 %%prose")
    if page := data.get("text/html"):
        return tuple(_with_figures(_Html().blocks(_joined(page)), document))
    if "text/latex" in data:
        raise _CannotShowError("是公式，报告里不能排；请写成文字")
    raise _CannotShowError(f"是一个值“{_shortened(_joined(data.get('text/plain', '')))}”，没有进入报告；{_PLAIN_REMEDY}")


def _joined(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def _shortened(text: str) -> str:
    """Return the beginning of *text* in one line, without what tells in it which figures it prints."""
    text = "".join(piece for piece, _figure in carried(text))
    line = re.sub("[“”]", '"', " ".join(re.sub(r" at 0x[0-9a-f]+", "", text).split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _refused(clean: Any, content: Any) -> Any:
    try:
        return clean(content)
    except ValueError as error:
        raise _CannotShowError(f"是图，但{error}") from error


def _with_figures(node: Any, document: Document) -> Any:
    """Return the blocks or inlines *node* with a datum for each text that carries a figure and prints it."""
    if isinstance(node, tuple):
        made: list[Any] = []
        for each in node:
            made += _data(each.text, document) if isinstance(each, Text) else [_with_figures(each, document)]
        return tuple(made)
    if not hasattr(node, "__dataclass_fields__"):
        return node
    nested = {name: getattr(node, name) for name in ("children", "items", "head", "bodies") if hasattr(node, name)}
    return replace(node, **{name: _with_figures(value, document) for name, value in nested.items()})


def _checked(node: Any, document: Document, *, own: bool) -> Any:
    """Return the block *node* with a mere text for each number in it that is not what it claims to be, as all are of another report."""
    if isinstance(node, tuple):
        return tuple(_checked(each, document, own=own) for each in node)
    if isinstance(node, Datum):
        figure = _printed(document, node.text, node.figure) if own else None
        return replace(_datum(node.text, figure), text=node.text) if figure else Text(node.text)
    nested = {name: getattr(node, name) for name in ("children", "head", "bodies") if hasattr(node, name)}
    return replace(node, **{name: _checked(value, document, own=own) for name, value in nested.items()}) if nested else node


def _data(text: str, document: Document) -> Iterator[Inline]:
    for piece, name in carried(text):
        figure = _printed(document, piece, name) if name else None
        yield _datum(piece, figure) if figure else Text(piece)


def _datum(text: str, figure: Figure) -> Datum:
    return datum(figure, bare=text != figure.display)


def _printed(document: Document, text: str, name: str) -> Figure | None:
    """Return the figure called *name* where *text* is what it prints, in a table nothing where it is missing; a calculated one is kept."""
    of, _colon, figure_id = name.rpartition(":")
    if of and of == document.owner.last:
        figure_id = calculation.last_name(figure_id)
    elif of and of != document.name:
        return None
    try:
        figure = document.figure(figure_id)
    except UnknownNameError:
        return None
    document.take_up_figures([figure_id])
    return figure if text in {figure.display, figure.number, *([""] if figure.quantity.is_missing else [])} else None


_MANY_COLUMNS = 6
_IGNORED = {"style", "colgroup", "caption", "head", "title", "meta", "link"}
_REFUSED = {"script", "iframe", "object", "embed", "form", "input", "button", "video", "audio", "canvas"}
_INLINE: dict[str, type[Strong | Emphasis]] = {"b": Strong, "strong": Strong, "i": Emphasis, "em": Emphasis}


class _Html:
    """Reads HTML that a cell shows: paragraphs, headings, lists, quotes, tables; what it looks like is the report's business."""

    def blocks(self, text: str) -> Blocks:
        """
        Return the blocks of *text*.

        Raises:
            _CannotShowError: where it holds what cannot be shown.
        """
        from lxml import html  # noqa: PLC0415 - a tenth of a second

        if len(text) > images.MOST_CHARACTERS:
            raise _CannotShowError(f"有{len(text) // 1_000_000}兆字符，太大了")
        root = html.fragment_fromstring(text, create_parent="div")
        for element in root.iter():
            if element.tag in _REFUSED:
                raise _CannotShowError(f"是带有 {element.tag} 的网页，不能排进报告")
            if element.tag in {"svg", "img", "math"}:
                raise _CannotShowError(f"是带有 {element.tag} 的网页；图请用 report.chart，或写成 ![说明](文件)")
        return tuple(self._flow(root))

    def _flow(self, element: Any) -> Iterator[Block]:
        """Yield the blocks inside *element*, the text between them as paragraphs of its own."""
        held: list[Inline] = [Text(element.text or "")]
        for child in element:
            made = tuple(self._block(child))
            if made:
                yield from _paragraph(held)
                yield from made
                held = []
            elif isinstance(child.tag, str) and child.tag not in _IGNORED:
                held += self._inline(child)
            held.append(Text(child.tail or ""))
        yield from _paragraph(held)

    def _block(self, element: Any) -> Iterator[Block]:
        tag = element.tag
        if tag == "table":
            yield self._table(element)
        elif isinstance(tag, str) and re.fullmatch("h[1-6]", tag):
            yield Heading(max(int(tag[1]), 3), tuple(self._inlines(element)))
        elif tag in {"ul", "ol"}:
            yield Items(tag == "ol", tuple(tuple(self._flow(item)) for item in element.iterchildren("li")))
        elif tag == "blockquote":
            yield Quote(tuple(self._flow(element)))
        elif tag in {"p", "div", "section", "article", "pre", "center", "header", "footer", "details", "figure"}:
            yield from self._flow(element)

    def _inlines(self, element: Any) -> Iterator[Inline]:
        if element.text:
            yield Text(_spaced(element.text))
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _IGNORED:
                yield from self._inline(child)
            if child.tail:
                yield Text(_spaced(child.tail))

    def _inline(self, element: Any) -> Iterator[Inline]:
        children = tuple(self._inlines(element))
        if element.tag == "br":
            yield LineBreak()
        elif element.tag in _INLINE:
            yield _INLINE[element.tag](children)
        elif element.tag == "a" and re.match(r"(https?://|mailto:)\S+$", element.get("href", ""), re.IGNORECASE):
            yield Link(element.get("href"), children)
        else:
            yield from children

    def _table(self, table: Any) -> Grid:
        rows = [(row, [cell for cell in row if cell.tag in {"th", "td"}]) for row in table.iter("tr")]
        heads = [cells for row, cells in rows if row.getparent().tag == "thead"]
        bodies = [cells for row, cells in rows if row.getparent().tag != "thead" and cells]
        widest = max((sum(_span(cell, "colspan") for cell in cells) for cells in (*heads, *bodies)), default=0)
        if not bodies or not widest:
            raise _CannotShowError("是一张空表")
        if not heads and len(bodies) > 1 and all(cell.tag == "th" for cell in bodies[0]):
            heads, bodies = bodies[:1], bodies[1:]
        head = tuple(tuple(self._cell(cell, "col") for cell in cells) for cells in heads)
        body = tuple(tuple(self._cell(cell, "row" if cell.tag == "th" else "") for cell in cells) for cells in bodies)
        said = table.find("caption")
        caption = "" if said is None else str(said.text_content()).strip()
        return Grid(caption=caption, head=head, bodies=(body,), widths=(1,) * widest, small=widest > _MANY_COLUMNS)

    def _cell(self, cell: Any, header: str) -> GridCell:
        children = tuple(self._inlines(cell))
        said = "".join(cell.itertext()).strip()
        spans = {name: _span(cell, name) for name in ("colspan", "rowspan")}
        return GridCell(
            children=children, header=header, numeric=not header and bool(re.fullmatch(r"[-−+]?[\d.,]+%?", said)), **spans
        )


def _span(cell: Any, name: str) -> int:
    said = cell.get(name, "1")
    return min(max(int(said), 1), 1000) if said.isdecimal() else 1


def _spaced(text: str) -> str:
    return re.sub(r"[ \t\n\r]+", " ", text)


def _paragraph(held: list[Inline]) -> Iterator[Paragraph]:
    said = [replace(each, text=_spaced(each.text)) if isinstance(each, Text) else each for each in held]
    if any(not isinstance(each, Text) or each.text.strip() for each in said):
        yield Paragraph(tuple(each for each in said if each != Text("")))


# Numbers without a source.


def untraced(blocks: Iterable[Block], document: Document) -> list[str]:
    """Return the numerals of *blocks* that are no figure and may not stand without being one; places on an axis may."""
    known = faces.coded(lint.names(document.report))
    found = [each.group() for line in _lines(blocks) for each in numbers.unfounded(lint.without(line, known))]
    return list(dict.fromkeys(found))


def _lines(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the lines that a reader sees of *blocks*, with a sign for each figure in them."""
    for node in walk(tuple(blocks)):
        if isinstance(node, Paragraph | Heading | GridCell):
            yield "".join(
                "\ufffc" if isinstance(each, Datum) else each.text for each in walk(node.children) if hasattr(each, "text")
            )
        elif isinstance(node, Picture):
            said = [words for words in images.words(node.svg) if not words.tick]
            yield from ("".join("\ufffc" if figure else text for text, figure in words.pieces) for words in said)


# The cells of a notebook that was run.

# What pyplot, pandas and seaborn return when they draw, which nobody means to show.
_LEAVINGS = re.compile(r"matplotlib\.|seaborn\.|<\w*Axes|<\w*Container object|<Figure size|^\W*Text\(")


def settle(notebook: Any, document: Document, home: Callable[[Any], str]) -> list[Finding]:
    """
    Make every output of *notebook*, which was run, one that the report can read; return what is wrong with them.

    Args:
        home: tells how messages name the file that a cell stands in.

    Raises:
        InvalidInputError: where a Markdown cell, or one that is shown, names what does not exist.
    """
    settling = _Settling(document, home, notebook.cells, set(_given(notebook.cells)))
    for index, cell in enumerate(notebook.cells):
        if ASIDE in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown":
            settling.prose(index, cell)
        elif cell.cell_type == "code":
            settling.code(index, cell)
    if settling.problems:
        raise InvalidInputError(settling.problems)
    if answered := list(_answered(notebook.cells)):
        notebook.cells.append(_annex(answered, notebook.cells[0]))
    return settling.findings


def _answered(cells: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Yield what is told apart in *cells* as not traced, and the words under it."""
    for cell in cells:
        payloads = [output.get("data", {}).get(MIMETYPE) for output in cell.get("outputs", [])]
        shown = [payload["blocks"] for payload in payloads if payload and payload["part"] != ASIDE]
        for node in walk(from_json([cell.metadata.get("nianbao", {}).get("blocks", []), *shown])):
            if isinstance(node, Own):
                captions = [each.caption for each in walk(node.children) if isinstance(each, Picture | Photo | Grid)]
                yield "、".join(filter(None, captions)) or _NO_NAME, node.note.removeprefix("注：")


def _annex(answered: list[tuple[str, str]], like: Any) -> Any:
    """Return a cell that lists what the office answers for, with its reasons."""
    table = grid.listing("没有追溯到统计表的内容及说明", ("内容", "说明"), answered, (50, 50))
    blocks = (Heading(2, (Text("附：没有追溯到统计表的内容"),)), table)
    made = {"cell_type": "markdown", "id": "own-calculations", "source": "", "metadata": {"nianbao": {"blocks": to_json(blocks)}}}
    return type(like)(made)


@dataclass(slots=True)
class _Settling:
    """The cells of one notebook as they are settled, and what was found."""

    document: Document
    home: Callable[[Any], str]
    cells: Sequence[Any]
    given: set[str]
    seen: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    problems: Problems = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)

    def prose(self, index: int, cell: Any) -> None:
        """Fill the placeholders of a Markdown cell; its blocks travel with it where its source does not say all."""
        where = in_file(self.home(cell), self.cells, index, self.document)
        try:
            said = self.document.rendered(Passage(source=faces.coded(cell.source), file=where))
        except InvalidInputError as error:
            self.problems += error.problems
            return
        self.findings += said.findings
        if re.search(r"\{[{%#]|!\[", cell.source):
            cell.metadata["nianbao"] = {"blocks": to_json(said.blocks)}

    def code(self, index: int, cell: Any) -> None:
        """Settle the outputs of a code cell."""
        where = called(self.cells, index, chapters(self.document))
        said = notes(cell.source, cell.metadata.get("tags", []))
        reasons = [note.reason for note in said if note.reason]
        kept, drawn = [], False
        self.seen.clear()
        for output in cell.outputs:
            payload = output.get("data", {}).get(MIMETYPE)
            if payload is not None and payload["part"] != MADE:
                kept.append(output)
                continue
            if output.output_type == "error":
                kept.append(output)
                continue
            blocks = self._shown(output, payload, where, drawn=drawn or _draws(cell))
            drawn = drawn or any(isinstance(block, Picture | Photo) for block in blocks)
            if blocks:
                own_notes = [_note_for(block, said) for block in blocks]
                given = ((payload or {}).get("untraced", ""), *(note.reason for note in own_notes), *reasons[: len(reasons) == 1])
                reason = next(filter(None, given), "")
                if misplaced := not reason and payload and payload.get("misplaced"):
                    self._misplaced(misplaced, where)
                kept.append(self._settled(output, blocks, own_notes, reason, where))
        for note in said:
            if note.kind and note.caption:
                words = f"单元格{where}写了{note.kind}题“{note.caption}”，却没有这样一张{note.kind}；删去，或让单元格显示它"
                self._find(CAPTION, where, words)
        cell.outputs = kept

    def _shown(self, output: Any, payload: Any, where: str, *, drawn: bool) -> Blocks:
        """Return the blocks of *output*, or nothing after noting why it has none."""
        if payload is not None and payload.get("refused"):
            self._find(LEFT_OUT, where, f"单元格{where}的表没有进入报告：{payload['refused']}")
            return ()
        if payload is not None:
            found: Blocks = from_json(payload["blocks"])
            shown = [block for block in found if not self._is_repeated(block)]
            is_own = payload["report"] in {"", self.document.name}
            return tuple(self._traced(block, own=is_own) for block in shown)
        if output.output_type == "stream":
            self._stream(output, where)
            return ()
        data = output.get("data", {})
        if set(data) == {"text/plain"} and _LEAVINGS.search(_joined(data["text/plain"])):
            if not drawn:
                words = f"单元格{where}画了图，但没有显示出来；在末行写 plt.show() 或图的名字，不要它就在末行加分号"
                self._find(LEFT_OUT, where, words)
            return ()
        try:
            return tuple(self._traced(block) for block in _converted(data, self.document, f"单元格{where}"))
        except _CannotShowError as error:
            self._find(LEFT_OUT, where, f"单元格{where}的输出{error}")
        except InvalidInputError as error:
            self.problems += error.problems
        return ()

    def _is_repeated(self, block: Block) -> bool:
        """Tell whether *block* is a figure that the report has: pyplot shows again, at the end of a cell, what was shown or given."""
        if not isinstance(block, Picture) or block.caption:
            return False
        repeated = block.svg in self.given | self.seen
        self.seen.add(block.svg)
        return repeated

    def _stream(self, output: Any, where: str) -> None:
        text = _shortened(_joined(output.text))
        if output.name == "stdout":
            words = f"单元格{where}打印了“{text}”，没有进入报告；{_PLAIN_REMEDY}"
            self._find(LEFT_OUT, where, words)
        elif text:
            warned = re.search(r"\w*(?:Warning|Error): .*", _joined(output.text))
            self._find(TOLD, where, f"执行单元格{where}时有提示：“{_shortened(warned[0] if warned else text)}”")

    def _traced(self, block: Block, *, own: bool = True) -> Block:
        """Return *block* with the figures told apart that the texts of a drawing carry, and no number that is not what it claims to be."""
        if isinstance(block, Grid):
            checked: Grid = _checked(block, self.document, own=own)
            return checked
        if isinstance(block, Picture):
            svg = images.traced(block.svg, self._figure_id)
            return replace(block, svg=svg)
        return block

    def _figure_id(self, text: str, name: str) -> str:
        """Return the id of the figure called *name* where *text* is what it prints, or nothing."""
        figure = _printed(self.document, text, name)
        return figure.id if figure else ""

    def _settled(self, output: Any, blocks: Blocks, said: list[Note], reason: str, where: str) -> Any:
        """Return *output* with its *blocks*: captioned, and told apart where their numbers have no source."""
        blocks = _continued([self._captioned(block, note, where) for block, note in zip(blocks, said, strict=True)])
        found = untraced(blocks, self.document)
        pixels = any(isinstance(block, Photo) for block in blocks)
        if reason:
            self._check_words(reason, where, "未追溯的理由")
            self._find(OWN, where, f"单元格{where}的输出由本单位自行计算：“{reason}”")
        elif found or pixels:
            listed = "、".join(f"“{each}”" for each in found[:_LISTED]) + ("等" if len(found) > _LISTED else "")
            numbers = f"有没有来历的数{listed}" if found else "是位图，其中的数无法追溯"
            remedy = "改用 report.label(…)、report.frame() 里的数，或写明理由：untraced=“…”，或注释一行“# 未追溯：…”"
            self._find(UNTRACED, where, f"单元格{where}的输出{numbers}；{remedy}")
        shown = (own(reason, blocks),) if reason or found or pixels else blocks
        data = output.get("data", {}).get(MIMETYPE, {}).get("data", "")
        bundle = Display(self.document.name, shown, data=data)._repr_mimebundle_()
        return type(output)({"output_type": "display_data", "data": bundle, "metadata": {}})

    def _misplaced(self, found: list[str], where: str) -> None:
        """Tell of the figures in a table whose labels name other cells."""
        more = f"等{len(found)}处" if len(found) > _NAMED else ""
        words = f"{'；'.join(found[:_NAMED])}{more}。行、列的名称是别的数的，请改正名称"
        self._find(UNTRACED, where, f"单元格{where}的表中，{words}")

    def _captioned(self, block: Block, note: Note, where: str) -> Block:
        """Return *block* with the caption that its cell gives it; one that wants it and has none is told."""
        if isinstance(block, Picture | Photo):
            block = replace(block, caption=block.caption or note.caption, alt=note.alt or block.alt)
            if not block.caption:
                block = replace(block, caption=_NO_CAPTION)
                words = f"单元格{where}的图没有图题；在单元格里写一行“# 图：……”，或用 report.chart(图, caption=“……”)"
                self._find(CAPTION, where, words)
            self._check_words(block.caption, where, "图题")
            if note.alt:
                self._check_words(note.alt, where, "图的说明")
            return replace(block, alt=block.alt or block.caption)
        if isinstance(block, Grid):
            self._check_words(block.caption or note.caption, where, "表题")
            return replace(block, caption=block.caption or note.caption)
        return block

    def _check_words(self, words: str, where: str, what: str) -> None:
        """Words of a caption are prose as typed: no placeholder works in them, and no number is typed."""
        place = f"单元格{where}的{what}"
        if "{{" in words or "{%" in words:
            found = "占位符在这里不起作用"
            self.problems.append(Problem(file=place, found=found, remedy="写成文字；数放在正文或图里"))
        elif words:
            self.findings += self.document.lint(Passage(source=words, file=place))

    def _find(self, rule: str, where: str, words: str) -> None:
        name = re.sub(r"[^0-9A-Za-z_\u4e00-\u9fff]+", "-", where.partition("”")[0]).strip("-")
        name = f"{rule}.{name or 'cell'}"
        self.ids[name] += 1
        name += f".{self.ids[name]}" if self.ids[name] > 1 else ""
        self.findings.append(Finding(id=name, rule=rule, severity=RULES[rule], parts=(words,)))


def _given(cells: Iterable[Any]) -> Iterator[str]:
    """Yield the drawings that *cells* give to the report with a caption."""
    for cell in cells:
        payloads = [output.get("data", {}).get(MIMETYPE) for output in cell.get("outputs", [])]
        for payload in payloads:
            blocks = from_json(payload["blocks"]) if payload and payload["part"] == MADE else ()
            yield from (_svg(block) for block in blocks if _svg(block) and block.caption)


def _svg(block: Block) -> str:
    return block.svg if isinstance(block, Picture) else ""


def _draws(cell: Any) -> bool:
    """Tell whether *cell* shows a figure somewhere among its outputs."""
    payloads = [output.get("data", {}).get(MIMETYPE) for output in cell.outputs]
    return any(payload and payload["part"] == MADE for payload in payloads)


def _continued(blocks: list[Block]) -> Blocks:
    """Return *blocks*, where the further parts of a wide table are called after the first."""
    for index, block in enumerate(blocks):
        if isinstance(block, Grid) and block.caption == grid.CONTINUED:
            first = getattr(blocks[index - 1], "caption", "").removesuffix(grid.CONTINUED)
            blocks[index] = replace(block, caption=f"{first}{grid.CONTINUED}" if first else "")
    return tuple(blocks)


def _note_for(block: Block, said: list[Note]) -> Note:
    """Take from *said*, and return, what is said of *block*: the first note of its kind, or of none."""
    kind = ""
    if isinstance(block, Picture | Photo | Grid) and not block.caption:
        kind = _TABLE if isinstance(block, Grid) else _PICTURE
    found = next((note for note in said if note.kind in {kind, ""} and (kind or not note.kind)), None)
    if found is None:
        return Note()
    said.remove(found)
    return found
