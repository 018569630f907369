"""
The project's own faces: which files, which families, and which characters they can show.

Charts, HTML, PDF and working papers use the same files, so a page does not depend on what a machine has installed. What the face of the
text lacks another stands in for; what none has is shown as its code, 〔U+30000〕, the same in every output.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from re import Match

    import typst


FOLDER = Path(__file__).parent / "fonts"

HEI = FOLDER / "ReportHei-Regular.ttf"
SONG = FOLDER / "ReportSong-Regular.ttf"
KAI = FOLDER / "ReportKai-Regular.ttf"
WIDE = FOLDER / "ReportWide-Regular.ttf"
RARE = FOLDER / "ReportRare-Regular.ttf"

# CSS family → (file, weight) of the faces that the HTML page embeds, and of those it embeds where a character needs them.
EMBEDDED = {
    "Report Song": ((SONG, 400), (FOLDER / "ReportSong-Bold.ttf", 700)),
    "Report Hei": ((HEI, 400),),
    "Report Kai": ((KAI, 400),),
}
STANDING_IN = {"Wide": WIDE, "Rare": RARE}

# Characters that show nothing and may stand in any text: Default_Ignorable_Code_Point of Unicode but for the byte order mark.
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Python has other codes for the dash and the dot of GB/T 2312 than people write.
_COMMON = "—·"
_CODE = re.compile(r"〔U\+((?:10)?[0-9A-F]{4}|[0-9A-F]{5})〕")


@cache
def for_typst() -> typst.Fonts:
    """Return the faces as Typst takes them, found once for all that it sets; it takes no others."""
    import typst  # noqa: PLC0415 - only what is set needs it

    # The types that Typst ships want these to be of the same kind as the source.
    folder: Any = str(FOLDER)
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def lacking(file: Path, characters: Iterable[str]) -> set[str]:
    """Return the visible ones among *characters* that the face in *file* has not."""
    wanted = {each for each in set(characters) if not (_is_common(each) or each.isspace() or _INVISIBLE.match(each))}
    return {each for each in wanted if ord(each) not in _codes(file)} if wanted else wanted


def stood_in(characters: Iterable[str]) -> set[str]:
    """Return those of *characters* that another face shows, for the face of the text has them not."""
    found = lacking(SONG, characters)
    return found - uncovered(found)


def uncovered(characters: Iterable[str]) -> set[str]:
    """Return the visible ones among *characters* that no face can show."""
    found = lacking(SONG, characters)
    for file in sorted(FOLDER.glob("*.ttf")) if found else ():
        found = lacking(file, found)
    return found


def drawn(character: str) -> bool:
    """Tell whether a face has *character*, one that is not seen included."""
    return any(ord(character) in _codes(file) for file in (SONG, *sorted(FOLDER.glob("*.ttf"))))


def code(character: str) -> str:
    """Return what stands for a *character* that no face can show."""
    return f"〔U+{ord(character):04X}〕"


def coded(value: Any) -> Any:
    """Return *value*, a text or what holds texts, with the code of each character that no face can show in its place."""
    if isinstance(value, str):
        found = uncovered(value)
        return value.translate({ord(each): code(each) for each in found}) if found else value
    if isinstance(value, dict):
        return {coded(key): coded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(coded(each) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **{each.name: coded(getattr(value, each.name)) for each in dataclasses.fields(value)})
    return value


def decoded(text: str) -> str:
    """Return *text* with the characters that no face can show where `coded` has put their codes."""

    def character(found: Match[str]) -> str:
        meant = chr(int(found[1], 16))
        return meant if uncovered(meant) else found.group()

    return _CODE.sub(character, text)


def spelled(text: str) -> str:
    """Return *text* with each character that no face can show before its code: for a terminal, which has faces of its own."""
    return _CODE.sub(lambda found: decoded(found.group()) + found.group(), text)


def _is_common(character: str) -> bool:
    """Tell whether *character* is one of GB/T 2312, which the face of the text has; finding that out opens no file."""
    return character in _COMMON or bool(character.encode("gb2312", "ignore"))


@cache
def _codes(file: Path) -> frozenset[int]:
    """Return the codes of the characters that the face in *file* has."""
    import uharfbuzz as hb  # noqa: PLC0415 - only what holds a rare character, and a build, need it

    # PDF/A forbids a byte order mark, whoever has it.
    return frozenset(hb.Face(hb.Blob.from_file_path(str(file))).unicodes) - {0xFEFF}


def page(everywhere: set[str], set_apart: set[str]) -> Iterator[str]:
    """
    Yield the `@font-face` rules of a page.

    Args:
        everywhere: the characters of the page; `set_apart` are those of its headings, tables and pictures.
    """
    rare = lacking(SONG, everywhere)
    for family, some in EMBEDDED.items():
        for file, weight in some:
            yield face(family, file, weight, everywhere if file == SONG else set_apart | rare)
    yield from _standing_in("Report", lacking(KAI, lacking(HEI, rare)))


def alone(family: str, characters: set[str], furniture: str = "") -> Iterator[str]:
    """
    Yield the `@font-face` rules of what is set in one face, *family*, and of its stand-ins where *characters* need them.

    Args:
        furniture: what is the same on every page; for what the face lacks of it no stand-in is carried.
    """
    yield face(family, HEI, 400, {*characters, *furniture})
    rare = lacking(HEI, characters)
    left = lacking(KAI, rare)
    if left != rare:
        yield face(f"{family} Kai", KAI, 400, rare - left)
    yield from _standing_in(family, left)


def _standing_in(family: str, characters: set[str]) -> Iterator[str]:
    for name, file in STANDING_IN.items():
        some = characters - lacking(file, characters)
        if some:
            yield face(f"{family} {name}", file, 400, some)


def face(family: str, file: Path, weight: int, characters: Iterable[str]) -> str:
    """Return the `@font-face` rule of *file* for *characters*, with the face inside it."""
    encoded = base64.b64encode(_woff(cut(file, characters))).decode("ascii")
    source = f'url(data:font/woff;base64,{encoded}) format("woff")'
    return f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:block;src:{source}}}'


def cut(file: Path, characters: Iterable[str]) -> bytes:
    """Return the face in *file* with *characters* alone."""
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
