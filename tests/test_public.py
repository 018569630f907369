"""The public API: what a notebook or a script may use, and nothing beside it."""

import doctest
import subprocess
import sys
from pathlib import Path

import nianbao
import pytest
from nianbao.document import document, loaded


def test_dir_shows_the_public_names_alone():
    assert dir(nianbao) == sorted(nianbao.__all__)


def test_dir_shows_no_package_that_was_imported_meanwhile():
    code = "import nianbao.indicators, nianbao; print(*dir(nianbao))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)

    assert shown.stdout.split() == sorted(nianbao.__all__)


def test_every_public_name_says_what_it_does():
    assert [name for name in nianbao.__all__ if not getattr(nianbao, name).__doc__] == []


@pytest.mark.parametrize("module", [nianbao, loaded, document], ids=lambda module: module.__name__)
def test_the_examples_of_the_public_api_do_what_they_say(module, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[1] / "notebooks" / "..")
    tried = doctest.testmod(module)
    assert tried.attempted
    assert tried.failed == 0


@pytest.mark.parametrize("name", nianbao.__all__)
def test_every_public_function_has_an_example(name):
    assert f"nianbao.{name}(" in getattr(nianbao, name).__doc__
