"""Whole reports for tests to read, and programs to read them with; a test module that wants them lists this one as a plugin."""

import os
import shutil
import subprocess
from pathlib import Path

import builds
import lxml.html
import pytest


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The 2013 report, built once in a copy of the project."""
    return builds.report(builds.new_project(tmp_path_factory.mktemp("built")))


@pytest.fixture
def workshop(built, tmp_path):
    """A copy of a project whose 2013 report is built, for a test to spoil."""
    return Path(shutil.copytree(built.project, tmp_path / "project"))


@pytest.fixture(scope="session")
def chromium(needs, tmp_path_factory):
    """Return what a headless Chromium makes of a page, as its DOM."""
    program = needs("chromium")
    quiet = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
    quiet += ("--disable-component-update", "--disable-sync", "--no-sandbox", "--hide-scrollbars")

    def dom(page, width, height=900):
        profile = tmp_path_factory.mktemp("chromium")
        command = [program, "--headless", *quiet, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        command += ["--virtual-time-budget=20000", "--dump-dom", page.as_uri()]
        environment = {**os.environ, "HOME": str(profile)}
        run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=90, env=environment, check=True)
        return lxml.html.document_fromstring(run.stdout)

    return dom


@pytest.fixture(scope="session")
def poppler(needs):
    """Make sure that pdftotext is there."""
    return needs("pdftotext")
