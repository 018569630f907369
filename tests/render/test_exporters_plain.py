"""Plain tools on a report's notebook: papermill's command, nbconvert's, and a run where the outputs lie."""

import subprocess
import sys

import builds
import nbformat
import pypdfium2
import pytest
from nianbao.document.document import MIMETYPE

pytestmark = pytest.mark.slow

PROGRAMS = builds.COMMAND.parent
SUFFIXES = ("html", "pdf", "docx")


def _run(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def _papermill(folder, source, target, *parameters):
    return _run(folder, PROGRAMS / "papermill", "--no-progress-bar", source, target, *parameters)


def _titles(path):
    """Return the reports whose displays the notebook *path* holds."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return {data[MIMETYPE]["report"] for data in outputs if MIMETYPE in data}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of two units."""
    return builds.new_project(tmp_path_factory.mktemp("plain") / "一个 项目", units=("longtan", "specimen", "invented"))


@pytest.fixture(scope="module")
def made(project):
    """A notebook that papermill's command ran."""
    _papermill(project, "notebooks/report-national.ipynb", "made.ipynb", "-p", "UNIT", "invented", "-p", "YEAR", "2024")
    return project / "made.ipynb"


def test_papermill_takes_a_unit_and_a_year(made):
    assert _titles(made) == {"invented/2024"}


def test_papermill_takes_a_unit_and_a_year_from_a_folder_of_the_project(project, tmp_path):
    target = tmp_path / "made.ipynb"
    done = _papermill(project / "params" / "longtan", "../../notebooks/report-jilin.ipynb", target, "-p", "YEAR", "2013")

    assert _titles(target) == {"longtan/2013"}
    assert "unknown parameter" not in done.stderr


def test_papermill_takes_the_path_of_a_folder(project, tmp_path):
    target = tmp_path / "made.ipynb"
    _papermill(project, "notebooks/report-national.ipynb", target, "-p", "params_path", "params/invented/2023")

    assert _titles(target) == {"invented/2023"}


def test_papermill_runs_a_notebook_of_this_project_from_any_folder(tmp_path):
    target = tmp_path / "made.ipynb"
    _papermill(
        tmp_path, builds.ROOT / "notebooks" / "report-national.ipynb", target, "-p", "UNIT", "specimen", "-p", "YEAR", "2025"
    )

    assert _titles(target) == {"specimen/2025"}


@pytest.fixture(scope="module")
def converted(made):
    """The folder in which nbconvert's command turned that notebook into every kind of file."""
    for suffix in SUFFIXES:
        _run(made.parent, sys.executable, "-m", "nbconvert", "--to", f"nianbao-{suffix}", made)
    return made.parent


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nbconvert_writes_the_report_of_a_notebook_that_papermill_saved(converted, suffix):
    assert (converted / f"made.{suffix}").stat().st_size > 0


def test_what_no_build_made_says_that_it_was_not_checked(converted):
    page = (converted / "made.html").read_text("utf-8")
    first = pypdfium2.PdfDocument(converted / "made.pdf")[0].get_textpage().get_text_range()

    assert "未经核对和封存的转换稿，不得公布" in page
    assert "未经核对和封存的转换稿" in "".join(first.split())


def test_a_notebook_that_was_not_run_is_refused_with_what_to_do(project):
    command = [sys.executable, "-m", "nbconvert", "--to", "nianbao-html", "notebooks/report-national.ipynb"]
    done = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False, timeout=120)

    assert done.returncode != 0
    assert "先从头到尾运行一遍" in done.stderr


@pytest.mark.parametrize("own", [False, True])
def test_the_notebook_among_the_outputs_can_be_run_again_where_it_lies(project, own):
    if own:
        text = (project / "notebooks" / "report-jilin.ipynb").read_text("utf-8")
        (project / "params" / "longtan" / "report.ipynb").write_text(text, "utf-8")
    outputs = builds.report(project)

    _papermill(outputs.folder, "report.ipynb", "again.ipynb")

    assert _titles(outputs.folder / "again.ipynb") == {"longtan/2013"}
