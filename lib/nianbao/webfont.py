"""Cut the project's faces down to the characters of one page, so that it looks the same where no Chinese font is installed."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def face(family: str, file: Path, weight: int, characters: Iterable[str]) -> str:
    """Return the `@font-face` rule of *file* for *characters*, with the face inside it."""
    encoded = base64.b64encode(_woff(_subset(file, characters))).decode("ascii")
    source = f'url(data:font/woff;base64,{encoded}) format("woff")'
    return f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:block;src:{source}}}'


def _subset(file: Path, characters: Iterable[str]) -> bytes:
    import uharfbuzz as hb  # noqa: PLC0415 - only a build needs it

    wanted = hb.SubsetInput()
    wanted.unicode_set.update({ord(character) for character in characters})
    wanted.flags = hb.SubsetFlags.NO_HINTING
    return bytes(hb.subset(hb.Face(hb.Blob.from_file_path(str(file))), wanted).blob.data)


def _woff(font: bytes) -> bytes:
    """Put the tables of *font*, as they are, into a WOFF file, which compresses each."""
    from fontTools.ttLib.sfnt import SFNTReader, SFNTWriter  # noqa: PLC0415 - only a build needs it

    read, written = SFNTReader(io.BytesIO(font)), io.BytesIO()
    writer = SFNTWriter(written, len(read.keys()), read.sfntVersion, flavor="woff")
    for tag in read.keys():  # noqa: SIM118 - iterating over a reader is not iterating over its tables
        writer[tag] = read[tag]
    writer.close()
    return written.getvalue()
