"""`nianbao repro`: two builds under different settings, compared byte by byte."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import builds
import nianbao
import pytest
from nianbao import cli
from nianbao.verify import project as repro

# What a careless developer might write into every page: who made it.
CARELESS = """
import getpass as _getpass
_page = ReportHTMLExporter.from_notebook_node
def _signed(self, *given, **named):
    page, resources = _page(self, *given, **named)
    return page + f"<!-- {_getpass.getuser()} -->\\n", resources
ReportHTMLExporter.from_notebook_node = _signed
"""

pytestmark = pytest.mark.slow


def _repeated(folder, addition=""):
    """Run the command on a copy of the library, which nobody edits meanwhile, with an *addition* to its exporters."""
    library = Path(shutil.copytree(Path(nianbao.__file__).parent, folder / "lib/nianbao"))
    with (library / "render/exporters.py").open("a", encoding="utf-8") as code:
        code.write(addition)
    project = builds.new_project(folder / "project")
    command = [sys.executable, "-m", "nianbao", "repro", "longtan", "2013"]
    environment = {**os.environ, "PYTHONPATH": str(library.parent)}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=120)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The command with the library as it is and with a careless one, begun together."""
    with ThreadPoolExecutor() as pool:
        additions = {"right": "", "careless": CARELESS}
        yield {name: pool.submit(_repeated, tmp_path_factory.mktemp(name), addition) for name, addition in additions.items()}


def test_two_builds_under_different_settings_are_equal(runs):
    run = runs["right"].result()

    assert (run.returncode, run.stderr) == (0, "")


def test_every_file_of_a_report_is_compared(runs):
    assert f"两次生成的文件：相同{len(builds.NAMES)}，不同0，未核对0" in runs["right"].result().stdout


def test_a_user_name_on_the_page_ends_the_command_with_1_and_the_page_is_named(runs):
    run = runs["careless"].result()
    named = re.findall(r"^不同　两次生成的文件　(\S+)$", run.stdout, re.MULTILINE)

    assert run.returncode == 1
    # The manifest holds the hash of the page.
    assert named == ["manifest.json", "report.html"]


def test_a_comparison_leaves_nothing_in_the_project(tmp_path, monkeypatch):
    project = builds.new_project(tmp_path / "project")
    monkeypatch.setattr(repro, "_built", lambda *_given: {"report.html": b"x"})

    assert cli.main(["--project", str(project), "repro", "longtan", "2013"]) == 0
    assert sorted(path.name for path in project.iterdir()) == ["notebooks", "params", "requirements.lock"]


def test_a_file_that_only_one_build_made_is_a_difference(tmp_path, monkeypatch, capsys):
    project = builds.new_project(tmp_path / "project")
    made = iter([{"report.html": b"x", "report.pdf": b"y"}, {"report.html": b"x"}])
    monkeypatch.setattr(repro, "_built", lambda *_given: next(made))

    assert cli.main(["--project", str(project), "repro", "longtan", "2013"]) == 1
    assert re.search(r"report\.pdf\n.*\n\s+现为：没有这个文件", capsys.readouterr().out)


def test_the_two_settings_differ_in_everything_they_set():
    one, other = repro.SETTINGS
    pairs = zip(one.environment.items(), other.environment.items(), strict=True)

    assert [name for (name, value), (also, another) in pairs if name != also or value == another] == []
    assert one.umask != other.umask
    assert Path(one.folder).parts < Path(other.folder).parts
    assert len(Path(one.folder).parts) != len(Path(other.folder).parts)


@pytest.mark.parametrize(("unit", "year"), [("longtan", "2012"), ("nowhere", "2013"), ("../longtan", "2013"), ("longtan", "13")])
def test_an_unknown_unit_or_year_is_told_what_there_is(tmp_path, capsys, unit, year):
    project = builds.new_project(tmp_path / "project")

    assert cli.main(["--project", str(project), "repro", unit, year]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "已有" in line


def test_a_build_that_fails_is_no_difference(tmp_path, capsys):
    project = builds.new_project(tmp_path / "project")
    (project / "params/longtan/2013/statistics.csv").unlink()

    assert cli.main(["--project", str(project), "repro", "longtan", "2013"]) == 2
    assert "环境甲中的生成失败" in capsys.readouterr().err
