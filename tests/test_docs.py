"""The maps in docs/ say what the code has: the API, the layers, the rooms, the stations of a digit, and the files to open."""

import importlib
import re
from pathlib import Path

import nianbao
import pages
import pytest

ROOT = Path(__file__).resolve().parents[1]
MAP = (ROOT / "docs/architecture.md").read_text("utf-8")
JOURNEY = MAP[MAP.index("## The journey of a digit") : MAP.index("## To change X")]
CHANGES = MAP[MAP.index("## To change X") :]
STATIONS = re.findall(r"^\d+\. ", JOURNEY, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`([a-z_]+(?:\.\w+)+)`", JOURNEY)))
CHANGES_NAMED = sorted(set(re.findall(r"`(nianbao(?:\.\w+)+)`", (ROOT / "CHANGELOG.md").read_text("utf-8"))))
PATHS = sorted({path for path in re.findall(r"`([\w./-]+)`", MAP) if "/" in path})


def _found(dotted):
    """Return what *dotted* names, beginning with the longest module of the library that it can be."""
    parts = dotted.removeprefix("nianbao.").split(".")
    for length in range(len(parts), -1, -1):
        try:
            found = importlib.import_module(".".join(["nianbao", *parts[:length]]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise AssertionError(dotted)


def test_the_page_of_the_api_says_what_the_docstrings_say():
    assert (ROOT / "docs/api.md").read_text("utf-8") == pages.api(), "run `python docs/pages.py`"


def test_the_page_of_the_small_library_says_what_the_docstrings_say():
    assert (ROOT / "docs/indicators.md").read_text("utf-8") == pages.library(), "run `python docs/pages.py`"


def test_the_map_shows_the_layers_and_rooms_that_there_are():
    assert pages.architecture(MAP) == MAP, "run `python docs/pages.py`"


def test_a_map_that_lies_is_noticed():
    told = re.search(r"^  figures\.py.*$", MAP, re.MULTILINE)[0]

    assert pages.architecture(MAP.replace(told, "  figures.py    something else")) == MAP


def test_every_package_stands_in_the_map():
    packages = {path.parent.name for path in Path(nianbao.__file__).parent.glob("*/__init__.py")}

    assert packages == set(re.findall(r"^(\w+)/ ", MAP, re.MULTILINE))


def test_a_digit_passes_twenty_stations_at_most():
    assert 0 < len(STATIONS) <= 20


@pytest.mark.parametrize("name", NAMED)
def test_what_a_digit_passes_is_there(name):
    assert _found(name) is not None


@pytest.mark.parametrize("path", PATHS)
def test_every_file_in_the_map_is_there(path):
    assert (ROOT / path).exists()


def test_twenty_changes_are_told():
    assert len(re.findall(r"^\| (?!to change|---)", CHANGES, re.MULTILINE)) >= 20


@pytest.mark.parametrize("name", CHANGES_NAMED)
def test_what_the_changelog_names_is_there(name):
    assert _found(name) is not None
