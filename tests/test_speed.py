"""Tests that are not marked as slow start no build, so that `make test-fast` stays fast."""

import subprocess

import builds
import pytest


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
