"""What is put into place is there whole or not at all, takes nothing away that was made apart, and leaves nothing behind."""

import fcntl
import subprocess
import sys

import pytest
from nianbao.build import swap
from nianbao.indicators.errors import PublishError

# Ends as a kill would, right after the step that it is given the name of.
ENDED = """
import os, sys
from pathlib import Path
from nianbao.build import swap as publish
step, folder = getattr(publish, sys.argv[1]), Path(sys.argv[2])
def ends(*arguments):
    step(*arguments)
    os._exit(9)
setattr(publish, sys.argv[1], ends)
(folder / "scratch").mkdir()
publish.put({"report.html": b"new"}, folder / "scratch", folder / "2013")
"""


@pytest.fixture
def good(tmp_path):
    """A folder of outputs with an auditor's papers and a roll-up in it."""
    for name in ("report.html", "audit/audit.html", "rollup/rollup.csv"):
        (tmp_path / "2013" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "2013" / name).write_text("old")
    return tmp_path / "2013"


def _held(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_papers_that_were_made_apart_stay(good, tmp_path):
    (tmp_path / "scratch").mkdir()

    swap.put({"report.html": b"new"}, tmp_path / "scratch", good)

    assert _held(good) == {"report.html": "new", "audit/audit.html": "old", "rollup/rollup.csv": "old"}


@pytest.mark.parametrize("step", ["_bring", "_exchange"])
def test_whatever_ends_the_process_takes_no_papers_along(good, tmp_path, step):
    ended = subprocess.run([sys.executable, "-c", ENDED, step, tmp_path], check=False)

    assert ended.returncode == 9
    assert _held(good) == {
        "report.html": "new" if step == "_exchange" else "old",
        "audit/audit.html": "old",
        "rollup/rollup.csv": "old",
    }


def test_a_file_that_a_killed_writer_left_goes_with_the_next(tmp_path):
    (tmp_path / ".building-abcdefgh").write_text("half")

    swap.write_beside(tmp_path / "index.html", "whole")

    assert _held(tmp_path) == {"index.html": "whole"}


def test_a_file_that_a_killed_writer_left_goes_with_what_builds_left(tmp_path):
    (tmp_path / ".building-abcdefgh").write_text("half")

    swap.sweep(tmp_path)

    assert _held(tmp_path) == {}


@pytest.mark.parametrize("clean", [swap.sweep, lambda folder: swap.write_beside(folder / "index.html", "whole")])
def test_what_another_writes_at_the_moment_stays(tmp_path, clean):
    with (tmp_path / ".building-abcdefgh").open("w") as written:
        fcntl.flock(written, fcntl.LOCK_EX)

        clean(tmp_path)

        assert (tmp_path / ".building-abcdefgh").exists()


def test_a_link_that_looks_like_a_leftover_is_not_followed(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs/.building-abcdefgh").symlink_to(tmp_path / "precious")

    swap.sweep(tmp_path / "outputs")

    assert list((tmp_path / "precious").iterdir()) == []


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path):
    (tmp_path / "summary.json").mkdir()

    with pytest.raises(PublishError, match=r"summary\.json 是一个文件夹，要写的是同名的文件，请把它移走"):
        swap.write_beside(tmp_path / "summary.json", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]
