"""What is delivered: the wheel, the lock, and the files that say what is kept."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import builds
import pytest

ROOT = builds.ROOT
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FONTS = {f"Report{name}-Regular" for name in ("Fang", "FangExtra", "Hei", "Kai", "Rare", "Song", "Wide")}
FONTS |= {"ReportHei-Bold", "ReportSong-Bold"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel built from a copy of what is committed, with no network."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    shutil.copytree(ROOT / "lib", tree / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".gitignore", tree)
    target = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        target,
        tree,
    ]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def names(wheel):
    """The files in the wheel."""
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


def test_the_wheel_is_pure_python(wheel):
    assert re.fullmatch(r"nianbao-[\d.]+-py3-none-any\.whl", wheel.name)


def test_the_wheel_holds_every_file_of_the_library(names):
    library = ROOT / "lib"
    files = {
        path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }

    assert {name for name in names if name.startswith("nianbao/")} == files


def test_the_wheel_holds_forms_templates_and_type_information(names):
    templates = {
        "html/index.html.j2",
        "html/report.css",
        "html/conf.json",
        "typst/index.typ.j2",
        "typst/report.typ",
        "typst/conf.json",
    }

    assert {"nianbao/py.typed", "nianbao/forms/jilin-2013.yaml", "nianbao/forms/concepts.yaml"} <= names
    assert {f"nianbao/render/templates/{name}" for name in templates} <= names


def test_the_wheel_holds_the_fonts_beside_their_licences(names):
    assert {f"nianbao/page/fonts/{name}.ttf" for name in FONTS} <= names
    assert {name for name in names if name.startswith("nianbao/page/fonts/licenses/")} >= {
        f"nianbao/page/fonts/licenses/{name}"
        for name in ("GPL-Fandol.txt", "OFL-LXGWWenKai.txt", "OFL-NotoSansSC.txt", "OFL-NotoSerifSC.txt", "Hanazono.txt")
    }


def test_the_wheel_holds_the_licence_of_the_project(names):
    assert any(re.fullmatch(r"nianbao-[\d.]+\.dist-info/licenses/LICENSE", name) for name in names)


def test_the_wheel_holds_no_tests_parameters_or_outputs(names):
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"nianbao"}


def test_the_wheel_declares_the_command_and_the_exporters(wheel, names):
    (entries,) = [name for name in names if name.endswith("entry_points.txt")]
    with zipfile.ZipFile(wheel) as opened:
        text = opened.read(entries).decode()

    for name, module in (("nianbao", "cli"), ("nianbao-html", "render.exporters"), ("nianbao-pdf", "render.exporters")):
        assert f"{name} = nianbao.{module}:" in text
    assert "nianbao = nianbao.notebook:forked" in text


@pytest.mark.slow
def test_an_installed_wheel_builds_the_same_report(wheel, built, tmp_path):
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(tmp_path / "site")
    project = builds.new_project(tmp_path / "project")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    where = subprocess.run(
        [sys.executable, "-c", "import nianbao; print(nianbao.__file__)"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert Path(where.stdout.strip()).is_relative_to(tmp_path)
    assert builds.report(project, env=environment).files == built.files


# ---- the lock


def _requirements():
    joined = re.sub(r"\s*\\\n\s*", " ", LOCK)
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_every_requirement_of_the_lock_is_one_version_with_a_hash():
    wrong = [
        line[:60]
        for line in _requirements()
        if not re.match(r"[\w.-]+==[\w.!+]+( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+( *#.*)?$", line)
    ]

    assert len(_requirements()) > 50
    assert wrong == []


def test_the_lock_names_no_address():
    assert re.findall(r"https?:|file:|--(?:extra-)?index-url|--find-links|-i |@ |/(?:home|root|work|tmp)/", LOCK) == []


def test_the_lock_holds_all_that_the_project_declares():
    locked = {re.split(r"[=\s]", line, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-") for line in _requirements()}
    declared = [*DECLARED["project"]["dependencies"], *DECLARED["dependency-groups"]["dev"], *DECLARED["build-system"]["requires"]]

    assert {re.match(r"[\w.-]+", each).group().lower() for each in declared} <= locked


def test_the_lock_holds_no_package_twice_under_the_same_condition():
    named = [
        (line.split("==")[0], (re.search(r" ; ([^-]+?) --hash", line) or [""])[0].partition(" --hash")[0])
        for line in _requirements()
    ]

    assert len(set(named)) == len(named)


# ---- what is kept


@pytest.fixture(scope="module")
def ignored(tmp_path_factory, needs):
    """Tell whether git would leave out a file of the project, by the project's own rules alone."""
    git = needs("git")
    folder = tmp_path_factory.mktemp("rules")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for name in [name for name in environment if name in {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}]:
        del environment[name]
    subprocess.run([git, "init", "--quiet", folder], env=environment, check=True)
    shutil.copy(ROOT / ".gitignore", folder)

    def tell(name):
        command = [git, "-C", folder, "check-ignore", "--quiet", "--no-index", name]
        return subprocess.run(command, env=environment, check=False).returncode == 0

    return tell


@pytest.mark.parametrize(
    "name",
    [
        "lib/nianbao/__init__.py",
        "lib/nianbao/build/pipeline.py",
        "lib/nianbao/page/fonts/ReportHei-Regular.ttf",
        "lib/nianbao/forms/jilin-2013.yaml",
        "params/longtan/2013/statistics.csv",
        "notebooks/report-jilin.ipynb",
        "outputs/longtan/2013/manifest.json",
        "tests/build/test_pipeline.py",
        "requirements.lock",
        ".ci/run",
    ],
)
def test_git_keeps_what_the_project_is_made_of(ignored, name):
    assert not ignored(name)


@pytest.mark.parametrize(
    "name",
    [
        "outputs/longtan/2013/report.html",
        "outputs/longtan/2013/report.pdf",
        "outputs/longtan/2013/report.ipynb",
        "outputs/longtan/2013/report.failed.ipynb",
        "outputs/longtan/2013/figures.json",
        "outputs/longtan/trend/trend.html",
        "outputs/longtan/trend/manifest.json",
        "outputs/.building-1-abc/new/manifest.json",
        ".venv/bin/python",
        "lib/nianbao/__pycache__/build.cpython-311.pyc",
        "notebooks/.ipynb_checkpoints/report-jilin-checkpoint.ipynb",
    ],
)
def test_git_leaves_out_what_is_made_again(ignored, name):
    assert ignored(name)


def test_line_ends_are_the_same_on_every_machine():
    assert re.search(r"^\* text=auto eol=lf$", (ROOT / ".gitattributes").read_text("utf-8"), re.MULTILINE)


def test_the_licence_is_the_one_declared():
    assert DECLARED["project"]["license"] == "BSD-3-Clause"
    assert "Redistribution and use in source and binary forms" in (ROOT / "LICENSE").read_text("utf-8")


def test_every_committed_manifest_is_valid_json_of_a_report_that_is_there():
    for path in (ROOT / "outputs").glob("*/2*/manifest.json"):
        report = json.loads(path.read_text("utf-8"))["report"]

        assert (report["unit"], report["year"]) == (path.parent.parent.name, path.parent.name)
        assert (ROOT / "params" / report["unit"] / report["year"]).is_dir()
