"""Tests that are not marked as slow start no build, so that `make test-fast` stays fast; and each lies where its module says."""

import subprocess
from pathlib import Path

import builds
import nianbao
import pytest

LIBRARY = Path(nianbao.__file__).parent
TESTS = Path(__file__).parent


@pytest.fixture
def project(tmp_path):
    return builds.new_project(tmp_path / "project")


def test_a_test_not_marked_as_slow_cannot_build_a_report(project):
    with pytest.raises(RuntimeError, match="only a test marked as slow"):
        builds.report(project)
    assert not (project / "outputs").exists()


def test_nor_can_it_in_its_own_process(run, project):
    with pytest.raises(RuntimeError, match="only a test marked as slow"):
        run(project, "report", "longtan", "2013")


@pytest.mark.parametrize("program", ["chromium", "/usr/bin/soffice"])
def test_nor_start_a_browser_or_an_office(program):
    with pytest.raises(RuntimeError, match="only a test marked as slow"):
        subprocess.run([program, "--version"], check=False)


def test_a_test_that_asks_for_a_built_report_is_slow(request):
    slow = [item for item in request.session.items if "built" in item.fixturenames]

    assert all(item.get_closest_marker("slow") for item in slow)


def test_a_test_file_lies_in_the_folder_of_its_package_and_is_called_as_its_module():
    def module(path):
        folder, words = LIBRARY / path.parent.name, path.stem.removeprefix("test_").split("_")
        names = {"_".join(words[: count + 1]) for count in range(len(words))}
        return [name for name in {*names} if (folder / f"{name}.py").is_file()] or words[0] == folder.name

    assert [path.name for path in TESTS.glob("*/test_*.py") if not module(path)] == []
