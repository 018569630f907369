"""The hashes of the library in a manifest: one for each part that can change a report, which coreutils can compute again."""

import shutil
import subprocess
from pathlib import Path

import grimp
import nianbao
import pytest
from nianbao.build import manifest

# (a file of the library, the part that it belongs to)
FILES = [
    ("indicators/values.py", "indicators"),
    ("forms/concepts.yaml", "forms"),
    ("forms/jilin-2013.yaml", "forms"),
    ("page/fonts/ReportSong-Regular.ttf", "page"),
    ("page/fonts/licenses/OFL-NotoSansSC.txt", "page"),
    ("render/templates/html/report.css", "render"),
    ("render/templates/typst/report.typ", "render"),
    ("render/worksheet.py", "render"),
    ("inputs/yaml.py", "inputs"),
    ("prose/language.py", "prose"),
    ("document/charts.py", "document"),
    ("notebook/engine.py", "notebook"),
    ("build/pipeline.py", "build"),
]
# No report is made of these.
APART = [
    "cli/many.py",
    "preview/maker.py",
    "auditing/language.py",
    "verify/file.py",
    "fleet/batch.py",
    "workbook/write.py",
    "trends/trend.py",
    "rollup/rollup.py",
    "processes/pool.py",
]


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the library."""
    folder = tmp_path_factory.mktemp("library") / "nianbao"
    return Path(shutil.copytree(Path(nianbao.__file__).parent, folder))


@pytest.fixture
def library(copied, tmp_path, monkeypatch):
    """A copy of the library to change, and what a program that lies there says of it."""
    folder = Path(shutil.copytree(copied, tmp_path / "nianbao"))
    monkeypatch.setattr(manifest, "_LIBRARY", folder)
    return folder, lambda: dict(manifest.library.__wrapped__())


def _changed(library, change):
    """Return the parts of which the hash is another after *change* to the folder."""
    folder, hashes = library
    before = hashes()
    change(folder)
    after = hashes()
    assert list(after) == list(before)
    return [part for part in before if before[part] != after[part]]


def _append(name):
    def change(folder):
        with (folder / name).open("ab") as file:
            file.write(b"\n# a comment\n")

    return change


def test_the_parts_are_those_that_a_report_can_be_changed_by():
    parts = ["indicators", "forms", "inputs", "page", "reading", "prose", "document", "notebook", "render", "build"]

    assert list(manifest.library()) == parts


@pytest.mark.parametrize(("name", "part"), FILES)
def test_a_changed_file_changes_the_hash_of_its_part_and_of_no_other(library, name, part):
    assert _changed(library, _append(name)) == [part]


@pytest.mark.parametrize("name", APART)
def test_a_comment_in_what_makes_no_report_changes_no_hash(library, name):
    assert (library[0] / name).is_file()
    assert _changed(library, _append(name)) == []


def test_the_parts_are_the_packages_that_making_a_report_imports():
    graph = grimp.build_graph("nianbao", exclude_type_checking_imports=True, cache_dir=None)
    # The forms are data, which no import shows.
    reached = {name.split(".")[1] for name in graph.find_upstream_modules("nianbao.build.pipeline")} | {"forms"}

    # A process for the notebook to run in: it can end a build, it writes no byte of one.
    assert reached | {"build"} == {*manifest.SEALED, "processes"}


@pytest.mark.parametrize(("name", "part"), FILES)
def test_a_file_left_out_changes_the_hash_of_its_part(library, name, part):
    assert _changed(library, lambda folder: (folder / name).unlink()) == [part]


@pytest.mark.parametrize(
    ("name", "part"), [("more.py", None), ("forms/more.yaml", "forms"), ("page/fonts/more/a.ttf", "page"), ("more/a.py", None)]
)
def test_a_file_that_is_new_changes_the_hash_of_its_part(library, name, part):
    def change(folder):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"")

    assert _changed(library, change) == ([part] if part else [])


def test_a_file_under_another_name_changes_the_hash_of_its_part(library):
    assert _changed(library, lambda folder: (folder / "forms/jilin-2013.yaml").rename(folder / "forms/jilin.yaml")) == ["forms"]


def test_what_python_compiles_changes_no_hash(library):
    def compiled(folder):
        for place in (folder, folder / "build"):
            (place / "__pycache__").mkdir(exist_ok=True)
            (place / "__pycache__/form.cpython-399.pyc").write_bytes(b"x")

    assert _changed(library, compiled) == []


@pytest.mark.parametrize("part", manifest.SEALED)
def test_the_hash_of_a_part_is_that_of_what_sha256sum_prints_of_its_files_by_name(part):
    folder = Path(nianbao.__file__).parent / part
    listed = "find . -type f ! -name '*.py[co]' -printf '%P\\n' | LC_ALL=C sort"
    told = subprocess.run(
        f"{listed} | xargs sha256sum | sha256sum", shell=True, cwd=folder, capture_output=True, encoding="ascii", check=True
    )

    assert told.stdout.split() == [manifest.library()[part], "-"]


def test_the_hashes_are_those_of_when_they_were_first_asked_for(library):
    manifest.library.cache_clear()
    try:
        before = manifest.library()
        _append("indicators/values.py")(library[0])

        assert manifest.library() == before != library[1]()
    finally:
        manifest.library.cache_clear()
