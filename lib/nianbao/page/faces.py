"""
The project's own faces: which files, which families, and which characters they can show.

Charts, HTML and PDF use the same six files, so a page does not depend on what a machine has installed. A character that no face
has stops the build and is named.
"""

from __future__ import annotations

import base64
import io
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.indicators.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    import typst


FOLDER = Path(str(files(__package__) / "fonts"))

HEI = FOLDER / "ReportHei-Regular.ttf"
SONG = FOLDER / "ReportSong-Regular.ttf"

# CSS family → (file, weight) of the faces that the HTML page embeds.
EMBEDDED = {
    "Report Song": ((SONG, 400), (FOLDER / "ReportSong-Bold.ttf", 700)),
    "Report Hei": ((HEI, 400),),
    "Report Kai": ((FOLDER / "ReportKai-Regular.ttf", 400),),
}


@cache
def for_typst() -> typst.Fonts:
    """Return the faces as Typst takes them, found once for all that it sets; it takes no others."""
    import typst  # noqa: PLC0415 - only what is set needs it

    # The types that Typst ships want these to be of the same kind as the source.
    folder: Any = str(FOLDER)
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def drawn() -> frozenset[int]:
    """Return the codes of the characters that the face of tables has; a PDF takes no character of it from another face."""
    return _codes(SONG)


def uncovered(characters: Iterable[str]) -> list[str]:
    """Return the visible characters that no face can show, in order."""
    wanted = {ord(character) for character in characters if not character.isspace() and character.isprintable()}
    for file in sorted(FOLDER.glob("*.ttf")):
        wanted -= _codes(file)
    return sorted(map(chr, wanted))


@cache
def _codes(file: Path) -> frozenset[int]:
    """Return the codes of the characters that the face in *file* has."""
    import uharfbuzz as hb  # noqa: PLC0415 - only a build needs it

    return frozenset(hb.Face(hb.Blob.from_file_path(str(file))).unicodes)


def require(words: Iterable[str], folder: str) -> None:
    """
    Make sure that every character of *words* can be shown.

    Args:
        folder: how messages name the parameters that the words come from.

    Raises:
        InvalidInputError: with each character that no face has, and where it stands.
    """
    words = sorted(set(words))
    problems = []
    for character in uncovered({character for each in words for character in each}):
        where = next(each for each in words if character in each)
        found = f"字体中没有“{character}”（U+{ord(character):04X}），在“{where[:40]}”中"
        problems.append(Problem(file=folder, found=found, remedy="换用常用字，或在 fonts/ 中补字"))
    if problems:
        raise InvalidInputError(problems)


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
