"""`nianbao edit`: JupyterLab as an analyst finds it."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import builds
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of two units, one with a notebook of its own."""
    made = builds.new_project(tmp_path_factory.mktemp("edit") / "一个 项目", units=("longtan", "specimen"))
    own = (made / "notebooks" / "report-jilin.ipynb").read_text("utf-8").replace('\\"../params/longtan/2013\\"', '\\"2013\\"')
    (made / "params" / "longtan" / "report.ipynb").write_text(own, "utf-8")
    return made


class Lab:
    """A running JupyterLab: where it leads, and what it answers."""

    def __init__(self, project, home, *report):
        # A browser that is a program which does nothing: none is started.
        environment = {**os.environ, "BROWSER": "true", "HOME": str(home), "PYTHONUNBUFFERED": "1"}
        command = [builds.COMMAND, "--project", str(project), "edit", *report]
        self._process = subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, encoding="utf-8", cwd=home, start_new_session=True
        )
        self.address = next(found[0] for line in self._process.stderr if (found := re.search(r"http://127\S+", line)))

    def ask(self, path):
        """Return the JSON that stands at *path*."""
        parts = urllib.parse.urlsplit(self.address)
        # It says its address shortly before it listens.
        for _attempt in range(600):
            try:
                with urllib.request.urlopen(f"{parts.scheme}://{parts.netloc}/{path}?{parts.query}") as answer:
                    return json.load(answer)
            except urllib.error.URLError:
                time.sleep(0.1)
        raise AssertionError(f"no answer at {path}")

    def default(self, plugin, setting):
        """Return how *setting* of *plugin* is set where nobody has set it otherwise."""
        return self.ask(f"lab/api/settings/{plugin}")["schema"]["properties"][setting]["default"]

    def end(self):
        """End it with all that it started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stderr.close()


@pytest.fixture(scope="module")
def lab(project, tmp_path_factory):
    """JupyterLab, asked for the report of a unit with the shared notebook."""
    running = Lab(project, tmp_path_factory.mktemp("home"), "specimen", "2025")
    yield running
    running.end()


def test_the_notebook_of_the_report_is_open(lab):
    assert urllib.parse.urlsplit(lab.address).path == "/lab/tree/notebooks/report-national.ipynb"


def test_it_speaks_chinese(lab):
    assert lab.default("@jupyterlab/translation-extension:plugin", "locale") == "zh_CN"
    assert "zh_CN" in lab.ask("lab/api/translations/")["data"]


def test_it_asks_for_no_news(lab):
    assert lab.default("@jupyterlab/apputils-extension:notification", "fetchNews") == "false"


def test_a_notebook_of_the_units_own_is_opened_where_there_is_one(project, tmp_path):
    running = Lab(project, tmp_path, "longtan", "2013")
    running.end()

    assert urllib.parse.urlsplit(running.address).path == "/lab/tree/params/longtan/report.ipynb"


def test_a_report_that_is_not_there_is_refused_before_anything_is_opened(project):
    told = builds.nianbao(project, "edit", "longtan", "2001")

    assert told.returncode != 0
    assert "没有2001年的资料" in told.stderr


OWN = {"cells": "cells.ipynb", "notebook": "report.ipynb"}


@pytest.mark.parametrize("own", OWN)
def test_a_notebook_of_the_units_own_is_begun_where_there_is_none_and_makes_the_report_as_it_is(tmp_path, own):
    project = builds.new_project(tmp_path / "project", units=("specimen",))
    before = builds.report(project, "specimen", "2025")
    running = Lab(project, tmp_path, "specimen", "2025", "--own", own)
    running.end()

    assert urllib.parse.urlsplit(running.address).path == f"/lab/tree/params/specimen/{OWN[own]}"
    after = builds.report(project, "specimen", "2025")
    assert f"params/specimen/{OWN[own]}" in after.manifest["inputs"]
    assert after.prose() == before.prose()


def test_what_is_there_is_not_begun_again(tmp_path):
    project = builds.new_project(tmp_path / "project", units=("specimen",))
    cells = project / "params" / "specimen" / "cells.ipynb"
    for _time in range(2):
        running = Lab(project, tmp_path, "specimen", "2025", "--own", "cells")
        running.end()
        cells.write_text(cells.read_text("utf-8") + "\n", "utf-8")

    assert cells.read_text("utf-8").endswith("\n\n\n")


def test_a_unit_has_cells_or_a_notebook(project):
    told = builds.nianbao(project, "edit", "longtan", "2013", "--own", "cells")

    assert told.returncode != 0
    assert "已经有 params/longtan/report.ipynb" in told.stderr
