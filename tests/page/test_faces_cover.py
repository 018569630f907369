"""Which characters the faces in the wheel can show, that those of before are drawn as before, and where the files come from."""

import hashlib
import json
import tomllib
import zlib
from functools import cache
from pathlib import Path

import characters
import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "lib" / "nianbao" / "page" / "fonts"
LINES = (ROOT / "tests" / "data" / "tongyong-guifan-hanzi.txt").read_text("utf-8").splitlines()
TABLE = "".join(line for line in LINES if not line.startswith("#"))
MADE = tomllib.loads((ROOT / "docs" / "fonts" / "sources.toml").read_text("utf-8"))["made"]

# Face → the files that show its words, the second where the first has no glyph.
FACES = {
    "ReportSong-Regular": ("ReportSong-Regular",),
    "ReportSong-Bold": ("ReportSong-Bold",),
    "ReportHei-Regular": ("ReportHei-Regular",),
    "ReportHei-Bold": ("ReportHei-Bold",),
    "ReportKai-Regular": ("ReportKai-Regular",),
    "ReportFang-Regular": ("ReportFang-Regular", "ReportFangExtra-Regular"),
}
FALLBACK = ("ReportWide-Regular", "ReportRare-Regular")

# The seven counties, four places and two names that could not be set, and the year.
NAMES = "湾沚埇桥瀍河浉河硚口猇亭鄠邑垟埗塱喆堃二〇一三年"
TRADITIONAL = "臺灣縣鄉鎮區廳國務院辦公室資訊公開條例書記長龍門澤陽雲財經濟貿發展與統計協會學術團體醫藥衛環護檢驗檔館"

# What GB 18030-2022 asks for: extension → (first, last).
EXTENSIONS = {
    "basic": (0x4E00, 0x9FEF),
    "A": (0x3400, 0x4DB5),
    "B": (0x20000, 0x2A6D6),
    "C": (0x2A700, 0x2B734),
    "D": (0x2B740, 0x2B81D),
    "E": (0x2B820, 0x2CEA1),
    "F": (0x2CEB0, 0x2EBE0),
}
UNIFIED = "﨎﨏﨑﨓﨔﨟﨡﨣﨤﨧﨨﨩"


@cache
def font(name):
    """The opened face."""
    return TTFont(FOLDER / f"{name}.ttf", lazy=True)


@cache
def codes(*names):
    """The characters that the faces show together."""
    return frozenset().union(*(font(name).getBestCmap() for name in names))


def lacking(text, *names):
    """The characters of *text* that none of the faces shows."""
    return "".join(sorted({each for each in text if ord(each) not in codes(*names)}))


def test_the_list_holds_the_three_levels_of_the_table():
    assert len(TABLE) == len(set(TABLE)) == 3500 + 3000 + 1605
    assert TABLE.startswith("一乙二十丁厂七卜八人")
    at = [sum(map(len, (each for each in LINES[: LINES.index(f"# {level}")] if not each.startswith("#")))) for level in (1, 2, 3)]
    assert at == [0, 3500, 6500]


@pytest.mark.parametrize("face", FACES)
def test_every_face_has_the_whole_table(face):
    assert lacking(TABLE, *FACES[face]) == ""


@pytest.mark.parametrize("face", FACES)
def test_every_face_has_the_names_that_stopped_a_build(face):
    assert lacking(NAMES, *FACES[face]) == ""


@pytest.mark.parametrize("face", [face for face in FACES if face != "ReportHei-Bold"])
def test_a_name_in_traditional_characters_can_be_set_in_every_face_of_names(face):
    assert lacking(TRADITIONAL, *FACES[face]) == ""


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_with_its_fallback_a_face_has_level_3_of_gb_18030(extension):
    first, last = EXTENSIONS[extension]
    assert lacking(map(chr, range(first, last + 1)), "ReportSong-Regular", *FALLBACK) == ""
    assert lacking(UNIFIED, "ReportSong-Bold", *FALLBACK) == ""


def test_that_is_all_of_the_87_887_characters_of_the_standard():
    assert sum(last - first + 1 for first, last in EXTENSIONS.values()) + len(UNIFIED) == 87_887


@pytest.mark.parametrize("face", FACES)
def test_no_fallback_takes_a_character_from_a_face_that_has_it(face):
    own = codes(*FACES[face])
    if face in ("ReportSong-Regular", "ReportSong-Bold"):
        assert not own & codes(*FALLBACK)
    assert not codes("ReportFang-Regular") & codes("ReportFangExtra-Regular")
    assert not codes("ReportWide-Regular") & codes("ReportRare-Regular")


@pytest.mark.parametrize("face", FACES)
def test_the_characters_of_before_are_drawn_as_before(face):
    known = json.loads((ROOT / "tests" / "data" / "faces-before.json").read_text("utf-8"))[face]
    before = sorted(characters.begun() & codes(face))
    assert {"characters": len(before), "outlines": outlines(face, before)} == known


def outlines(face, wanted):
    """A hash of the width and the outline of each of the characters *wanted*."""
    opened, hashed = font(face), hashlib.sha256()
    glyphs, widths = opened["glyf"], opened["hmtx"]
    for code in wanted:
        name = opened.getBestCmap()[code]
        points, ends, flags = glyphs[name].getCoordinates(glyphs)
        hashed.update(repr((code, widths[name], list(points), list(ends), [flag & 1 for flag in flags])).encode("ascii"))
    return hashed.hexdigest()


@pytest.mark.parametrize("face", FACES)
def test_a_sign_is_shown_by_the_face_that_showed_it_before(face):
    begun = {code for code in characters.begun() if not characters.is_han(code)}
    shown = begun & codes(*FACES)
    added = {code for code in codes(face) if not characters.is_han(code)} - begun
    assert not added & shown
    assert not shown & codes("ReportFangExtra-Regular", *FALLBACK)


def test_what_stands_in_for_fangsong_is_as_large_and_stands_as_high():
    shapes = {name: boxes(name) for name in ("ReportFang-Regular", "ReportFangExtra-Regular")}
    fang, extra = shapes.values()
    assert all(abs(one - other) < 0.02 for one, other in zip(fang, extra, strict=True)), shapes


def boxes(name):
    """The mean width, height and centre of the characters of a face, in em."""
    opened = font(name)
    em, glyphs = opened["head"].unitsPerEm, opened["glyf"]
    drawn = [glyphs[glyph] for code, glyph in opened.getBestCmap().items() if 0x4E00 <= code < 0xA000]
    count = em * len(drawn)
    return (
        sum(each.xMax - each.xMin for each in drawn) / count,
        sum(each.yMax - each.yMin for each in drawn) / count,
        sum(each.xMax + each.xMin for each in drawn) / count / 2,
        sum(each.yMax + each.yMin for each in drawn) / count / 2,
    )


@pytest.mark.parametrize("face", [*FACES, "ReportFangExtra-Regular", *FALLBACK])
def test_a_face_is_called_as_its_file_and_by_no_reserved_name(face):
    names = font(face)["name"]
    own = names.getDebugName(6)
    assert own == face
    assert names.getDebugName(1).replace(" ", "") == face.split("-")[0]
    for number in (1, 2, 3, 4, 6):
        assert not any(each in names.getDebugName(number) for each in ("Source", "LXGW", "霞鹜", "Hana", "花園", "Noto", "Fandol"))


@pytest.mark.parametrize("path", MADE)
def test_a_file_is_the_one_that_the_recipe_makes(path):
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == MADE[path]


def test_the_faces_make_the_wheel_no_more_than_25_megabytes_heavier():
    before = 12_631_000

    assert sum(len(zlib.compress(each.read_bytes())) for each in FOLDER.glob("*.ttf")) <= before + 25_000_000


def test_no_face_is_without_a_recipe():
    assert {str(each.relative_to(ROOT)) for each in FOLDER.glob("*.ttf")} == {path for path in MADE if path.endswith(".ttf")}
