"""
What Typst leaves to be done to a PDF: row headings of tables tagged as such, and the evidence attached.

PDF/UA-1 (ISO 14289-1, 7.5) wants header cells tagged TH with their scope. The structure tree is walked in the order of the
tables on the pages; the bytes stay the same from run to run.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from nianbao.indicators.errors import DamagedPdfError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def tag_row_headings(pdf: bytes, tables: Iterable[list[int]]) -> bytes:
    """
    Return *pdf* with the row headings of its tables tagged.

    Args:
        tables: for each table, how many cells at the start of each body row are headings.

    Raises:
        ValueError: where the tables of *pdf* are not the ones told of.
    """
    import pikepdf  # noqa: PLC0415 - only a PDF needs it

    with pikepdf.open(BytesIO(pdf)) as opened:
        found = list(_tables(opened.Root.StructTreeRoot))
        for table, counts in zip(found, tables, strict=True):
            # Typst has tagged section headings already; the rest of the body starts as data cells.
            bodies = [part for part in _kids(table) if part.S == "/TBody"]
            # A table without a head has no parts.
            rows = [row for part in bodies or [table] for row in _kids(part) if _kids(row)[0].S == "/TD"]
            for row, count in zip(rows, counts, strict=True):
                for cell in _kids(row)[:count]:
                    _tag(cell)
        return _saved(opened)


def attach(pdf: bytes, files: Iterable[tuple[str, bytes, str, str]]) -> bytes:
    """
    Return *pdf* with *files* attached (ISO 32000-2, 7.11.4), associated with the document as PDF/A-3 wants.

    Args:
        files: name, content, MIME type, relationship (`Source`, `Data`).
    """
    import pikepdf  # noqa: PLC0415

    with pikepdf.open(BytesIO(pdf)) as opened:
        made = str(opened.docinfo.get("/ModDate") or opened.docinfo.get("/CreationDate") or "")
        for name, content, kind, relationship in files:
            spec = pikepdf.AttachedFileSpec(
                opened,
                content,
                filename=name,
                description=name,
                mime_type=kind,
                relationship=pikepdf.Name("/" + relationship),
                creation_date=made,
                mod_date=made,
            )
            opened.attachments[name] = spec
        opened.Root.AF = pikepdf.Array([opened.attachments[name].obj for name in sorted(opened.attachments)])
        return _saved(opened)


def attached(pdf: bytes) -> dict[str, bytes]:
    """
    Return the files that *pdf* carries, by name.

    Raises:
        DamagedPdfError: where it cannot be opened.
    """
    import pikepdf  # noqa: PLC0415

    try:
        with pikepdf.open(BytesIO(pdf)) as opened:
            return {str(name): bytes(spec.get_file().read_bytes()) for name, spec in opened.attachments.items()}
    except (pikepdf.PdfError, pikepdf.PasswordError, AttributeError, TypeError) as error:
        raise DamagedPdfError(f"PDF 打不开（{error}）。") from error


def laid_over(pdf: bytes) -> list[tuple[int, str]]:
    """Return (page, kind) of everything that lies over the pages of *pdf* and is no link: notes, stamps, fields."""
    import pikepdf  # noqa: PLC0415

    with pikepdf.open(BytesIO(pdf)) as opened:
        notes = [(number, note) for number, page in enumerate(opened.pages, 1) for note in page.get("/Annots", [])]
        return [(number, str(note.get("/Subtype", ""))) for number, note in notes if note.get("/Subtype") != "/Link"]


def _saved(opened: Any) -> bytes:
    from pikepdf import ObjectStreamMode  # noqa: PLC0415

    written = BytesIO()
    opened.save(written, deterministic_id=True, object_stream_mode=ObjectStreamMode.preserve)
    return written.getvalue()


def _tag(cell: Any) -> None:
    from pikepdf import Array, Dictionary, Name  # noqa: PLC0415

    cell.S = Name.TH
    attributes = cell.get("/A")
    of_table = Dictionary(O=Name.Table, Scope=Name.Row)
    if attributes is None:
        cell.A = of_table
        return
    for each in attributes if isinstance(attributes, Array) else [attributes]:
        if each.get("/O") == "/Table":
            each.Scope = Name.Row
            return
    cell.A = Array([*attributes, of_table])


def _tables(element: Any) -> Iterator[Any]:
    for kid in _kids(element):
        if kid.S == "/Table":
            yield kid
        else:
            yield from _tables(kid)


def _kids(element: Any) -> list[Any]:
    """Return the structure elements right below *element*."""
    from pikepdf import Array, Dictionary  # noqa: PLC0415

    kids = element.get("/K")
    listed = list(kids) if isinstance(kids, Array) else [kids]
    return [kid for kid in listed if isinstance(kid, Dictionary) and "/S" in kid]
