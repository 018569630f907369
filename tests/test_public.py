"""The public API: what a notebook or a script may use, and nothing beside it."""

import subprocess
import sys

import nianbao


def test_dir_shows_the_public_names_alone():
    assert dir(nianbao) == sorted(nianbao.__all__)


def test_dir_shows_no_package_that_was_imported_meanwhile():
    code = "import nianbao.indicators, nianbao; print(*dir(nianbao))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)

    assert shown.stdout.split() == sorted(nianbao.__all__)


def test_every_public_name_says_what_it_does():
    assert [name for name in nianbao.__all__ if not getattr(nianbao, name).__doc__] == []
