"""The hashes of the library in a manifest: one for each part that can change a report, which coreutils can compute again."""

import re
import shutil
import subprocess
from pathlib import Path

import nianbao
import pytest
from nianbao.build import manifest

# (a file of the library, the part that it belongs to)
FILES = [
    ("indicators/values.py", "indicators"),
    ("forms/concepts.yaml", "forms"),
    ("forms/jilin-2013.yaml", "forms"),
    ("fonts/ReportSong-Regular.ttf", "fonts"),
    ("fonts/licenses/OFL-NotoSansSC.txt", "fonts"),
    ("templates/html/report.css", "templates"),
    ("templates/typst/report.typ", "templates"),
    ("workbook/formulas.py", "workbook"),
]
# No report is made of these.
APART = [
    "cli/many.py",
    "preview/maker.py",
    "auditing/language.py",
    "verify/file.py",
    "fleet/batch.py",
    "workbook/form.py",
    "trends/trend.py",
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
    assert list(manifest.library()) == ["nianbao", "fonts", "forms", "templates", "workbook"]


@pytest.mark.parametrize(("name", "part"), FILES)
def test_a_changed_file_changes_the_hash_of_its_part_and_of_no_other(library, name, part):
    assert _changed(library, _append(name)) == [part]


@pytest.mark.parametrize("name", APART)
def test_a_comment_in_a_module_of_the_commands_or_the_audit_changes_no_hash(library, name):
    assert (library[0] / name).is_file()
    assert _changed(library, _append(name)) == []


def test_every_folder_of_the_library_but_these_is_a_part(copied):
    folders = {path.name for path in copied.iterdir() if path.is_dir()} - {"__pycache__"}

    assert folders - {"commands", "auditing"} == {*manifest.library()} - {"nianbao"}


def test_what_makes_a_report_imports_nothing_of_the_commands_or_the_audit(copied):
    files = [path for path in copied.rglob("*.py") if path.parent.name not in {"commands", "auditing"}]
    imports = re.compile(r"^ *(?:from|import) +\S*\b(?:commands|auditing)\b", re.MULTILINE)

    # The command, the working paper that a notebook of an audit asks for, and what makes the audit.
    assert {path.name for path in files if imports.search(path.read_text("utf-8"))} == {"cli.py", "__init__.py", "auditbuild.py"}


@pytest.mark.parametrize(("name", "part"), FILES)
def test_a_file_left_out_changes_the_hash_of_its_part(library, name, part):
    assert _changed(library, lambda folder: (folder / name).unlink()) == [part]


@pytest.mark.parametrize(
    ("name", "part"), [("more.py", "nianbao"), ("forms/more.yaml", "forms"), ("fonts/more/a.ttf", "fonts"), ("more/a.py", None)]
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
        for place in (folder, folder / "workbook"):
            (place / "__pycache__").mkdir(exist_ok=True)
            (place / "__pycache__/form.cpython-399.pyc").write_bytes(b"x")

    assert _changed(library, compiled) == []


@pytest.mark.parametrize("part", ["nianbao", "fonts", "forms", "templates", "workbook"])
def test_the_hash_of_a_part_is_that_of_what_sha256sum_prints_of_its_files_by_name(part):
    own = Path(nianbao.__file__).parent
    folder, depth = (own, "-maxdepth 1") if part == "nianbao" else (own / part, "")
    listed = f"find . {depth} -type f ! -name '*.py[co]' -printf '%P\\n' | LC_ALL=C sort"
    told = subprocess.run(
        f"{listed} | xargs sha256sum | sha256sum", shell=True, cwd=folder, capture_output=True, encoding="ascii", check=True
    )

    assert told.stdout.split() == [manifest.library()[part], "-"]


def test_the_hashes_are_those_of_when_they_were_first_asked_for(library):
    manifest.library.cache_clear()
    try:
        before = manifest.library()
        _append("rounding.py")(library[0])

        assert manifest.library() == before != library[1]()
    finally:
        manifest.library.cache_clear()
