"""
Make the faces in `lib/nianbao/page/fonts` from packages: each cut down to the characters it is to have, and renamed.

The same packages and the same fontTools make the same bytes. Which packages, and how to get them, is in README.md and sources.toml.
"""

from __future__ import annotations

import argparse
import bz2
import hashlib
import io
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import characters
import fontTools
import outlines
import packages
from fontTools import subset
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FACES = "lib/nianbao/page/fonts"
LIST = "tests/data/tongyong-guifan-hanzi.txt"
FONTTOOLS = "4.68.0"

# Features of layout that are kept; those of styles nobody asks for go.
_FEATURES = ["kern", "halt", "palt", "chws", "locl", "mark", "ccmp", "vert", "liga", "fwid", "hwid", "cpct"]
# Who made a face, its version, trademark, address and licence stay in it; its name does not, as the licences ask.
_KEPT_NAMES = {0, 5, 7, 8, 9, 11, 13, 14}
# What a face that only stands in for single characters has no use for.
_LAYOUT = ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "VORG", "gasp", "vhea", "vmtx", "FFTM"]
_SONG_ASCENT, _SONG_DESCENT = 1151, -286

# Face → (its source, its family, its style).
_NAMES = {
    "song-regular": ("song-regular", "Report Song", "Regular"),
    "song-bold": ("song-bold", "Report Song", "Bold"),
    "hei-regular": ("hei-regular", "Report Hei", "Regular"),
    "hei-bold": ("hei-bold", "Report Hei", "Bold"),
    "kai": ("kai", "Report Kai", "Regular"),
    "fang": ("fang", "Report Fang", "Regular"),
    "fang-extra": ("song-thin", "Report Fang Extra", "Regular"),
    "wide": ("song-regular", "Report Wide", "Regular"),
    "rare": ("rare", "Report Rare", "Regular"),
}

# 仿宋 is narrower and taller than 宋, stands lower and is lighter. Mean over 600 characters that both have, in thousandths: width
# 843, height 938, centre 497 across and 309 up, against 916, 905, 502 and 380 of the lightest Song.
_FANG = {"across": 0.920, "up": 1.037, "right": 35, "rise": -85}
# The glyphs of the fallback face have 1,024 units to the em. 512 are a third of a dot of a 1,200 dpi printer at the size of the
# text; the outline keeps to 1.5 units. The face then weighs two thirds of its source.
_RARE_SCALE, _RARE_MOST = 0.5, 1.5
# Its characters stand 7 thousandths higher than those of Song.
_RARE_RISE = -3.6


def main() -> int:
    """Make the faces and the list of characters; tell whether they are the ones that the repository has."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("packages", type=Path, help="the folder that the packages were downloaded to")
    asked.add_argument("--write", action="store_true", help="put it into the repository, and its hashes into sources.toml")
    options = asked.parse_args()
    if fontTools.version != FONTTOOLS:
        raise SystemExit(f"this needs fontTools {FONTTOOLS}, as in requirements.lock; here is {fontTools.version}")
    recipe = tomllib.loads((HERE / "sources.toml").read_text("utf-8"))
    other = []
    made = {}
    for name, content in _all(packages.read(options.packages, recipe["packages"])):
        made[name] = hashlib.sha256(content).hexdigest()
        same = recipe["made"].get(name) == made[name]
        other += [] if same else [name]
        print(f"{len(content):>10,}  {'same ' if same else 'OTHER'}  {name}", flush=True)
        if options.write:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_bytes(content)
    if options.write:
        _record(made)
    return 1 if other and not options.write else 0


def _record(made: dict[str, str]) -> None:
    text = (HERE / "sources.toml").read_text("utf-8")
    head = text[: text.index("[made]\n") + len("[made]\n")]
    (HERE / "sources.toml").write_text(head + "".join(f'"{name}" = "{value}"\n' for name, value in made.items()), "utf-8")


def _all(files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield (path in the repository, content) of all that is made."""
    table = characters.table(bz2.decompress(files["mappings"]).decode("utf-8"))
    every = set(table) | characters.traditional(bz2.decompress(files["variants"]).decode("utf-8"), table) | {characters.ZERO}
    sources = sorted({source for source, _family, _style in _NAMES.values()})
    has = {name: set(TTFont(io.BytesIO(files[name]), lazy=True).getBestCmap()) for name in sources}
    begun = characters.begun()
    shown = begun & set.union(*has.values())
    # A sign that one of the first faces showed stays with it, so that no page changes.
    signs = characters.signs(has["song-regular"]) - shown
    few = signs & characters.gbk()
    song = {code for code in has["song-regular"] if characters.is_han(code)}
    fang = {code for code in has["fang"] if characters.is_han(code)}
    # Characters that no face but this has.
    latest = set(range(characters.LATER.stop, 0x40000))
    wanted = {
        "song-regular": begun | few | every,
        "song-bold": begun | few | every,
        "hei-regular": begun | few | every,
        # Nothing is set in it but words within words, none of them a unit's name.
        "hei-bold": begun | few | set(table) | {characters.ZERO},
        "kai": begun | few | every | latest,
        "fang": begun | fang,
        "fang-extra": every - fang,
        # A family of its own: what a bold face lacks is never looked for in the regular face of the same family.
        "wide": (signs | song) - few - every - begun,
        "rare": set(characters.LATER) - song,
    }
    yield LIST, _list(table)
    for name, codes in wanted.items():
        source, family, style = _NAMES[name]
        path = f"{FACES}/{family.replace(' ', '')}-{style}.ttf"
        yield path, _face(name, files[source], codes & has[source])
    yield "tests/data/LICENSE-Unicode.txt", _section(files["unicode-licence"], "EXHIBIT 1", "")
    yield f"{FACES}/licenses/Hanazono.txt", _section(files["rare-licence"], "Files: *", "Files: debian/*")


def _face(name: str, source: bytes, codes: set[int]) -> bytes:
    """Return the face called *name* with the characters *codes* of *source*."""
    _source, family, style = _NAMES[name]
    options = subset.Options()
    options.layout_features, options.name_IDs = _FEATURES, ["*"]
    options.notdef_outline, options.hinting, options.recalc_timestamp, options.glyph_names = True, False, False, False
    # Brackets and the like bring no partner: what a face has is said above.
    options.bidi_closure = False
    options.drop_tables += ["DSIG", *(_LAYOUT if name in ("fang-extra", "wide", "rare") else ())]
    font = subset.load_font(io.BytesIO(source), options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=codes)
    cut.subset(font)
    if name == "fang":
        outlines.to_quadratic(font, 1.0)
    elif name == "fang-extra":
        outlines.fit(font, **_FANG)
    elif name == "rare":
        outlines.smooth(font, _RARE_SCALE, _RARE_RISE, _RARE_MOST)
        _measure(font, round(1024 * _RARE_SCALE))
    _rename(font, family, style)
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def _measure(font: TTFont, em: int) -> None:
    """Give *font* an em of *em* units and the height of a line of Song."""
    ascent, descent = round(_SONG_ASCENT * em / 1000), round(_SONG_DESCENT * em / 1000)
    font["head"].unitsPerEm = em
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = ascent, descent, 0
    table = font["OS/2"]
    table.usWinAscent, table.usWinDescent = ascent, -descent
    table.sTypoAscender, table.sTypoDescender, table.sTypoLineGap = round(0.88 * em), round(-0.12 * em), 0


def _rename(font: TTFont, family: str, style: str) -> None:
    names = font["name"]
    names.names = [each for each in names.names if each.nameID in _KEPT_NAMES and each.platformID == 3 and each.langID == 0x409]  # noqa: PLR2004
    own = f"{family}-{style}".replace(" ", "")
    full = family if style == "Regular" else f"{family} {style}"
    for number, value in ((1, family), (2, style), (3, f"{own};subset"), (4, full), (6, own)):
        names.setName(value, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 700 if style == "Bold" else 400


def _list(table: list[int]) -> bytes:
    """Return the list of 《通用规范汉字表》 as text: 100 characters a line, a line of its own for each level's beginning."""
    lines = [
        "# 《通用规范汉字表》（国务院 2013 年公布）的 8,105 个字，按表中顺序：一级字 3,500，二级字 3,000，三级字 1,605。",
        "# Source: property kTGH of the Unihan Database, Unicode 15.0.0, written by docs/fonts/make.py.",
        "# Copyright © 2022 Unicode, Inc.; licence in LICENSE-Unicode.txt. Changed: the characters alone, in the order of their numbers.",
    ]
    for level, (first, last) in enumerate(((0, 3500), (3500, 6500), (6500, 8105)), 1):
        lines.append(f"# {level}")
        lines += ["".join(map(chr, table[at : min(at + 100, last)])) for at in range(first, last, 100)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _section(text: bytes, begin: str, end: str) -> bytes:
    """Return the licence in *text*, from *begin* up to *end*."""
    part = text.decode("utf-8")
    part = part[part.index(begin) :]
    part = part[: part.index(end)] if end and end in part else part
    return ("\n".join(line.rstrip() for line in part.strip().splitlines()) + "\n").encode("utf-8")


if __name__ == "__main__":
    sys.exit(main())
