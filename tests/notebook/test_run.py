"""The settings that a notebook is run with: our own, and gone afterwards."""

import json
import os
import threading
from pathlib import Path

import pytest
from nianbao.notebook import run


@pytest.fixture
def listed(tmp_path, monkeypatch):
    """A list of fonts, as made when the environment is set up."""
    folder = tmp_path / "share" / "matplotlib"
    folder.mkdir(parents=True)
    (folder / "fontlist-v1.json").write_text("{}")
    monkeypatch.setattr(run, "_FONT_LIST", folder)
    return folder


def test_the_list_of_fonts_is_there_for_the_notebook_and_can_be_written_to(listed, tmp_path):
    listed.chmod(0o555)
    with run.ready(tmp_path, run.KERNEL):
        own = os.environ["MPLCONFIGDIR"]
        assert (Path(own) / "fontlist-v1.json").read_text() == "{}"
        assert Path(own).stat().st_mode & 0o200


@pytest.mark.usefixtures("listed")
def test_settings_are_as_they_were_afterwards(tmp_path):
    before = dict(os.environ)
    with run.ready(tmp_path, run.KERNEL):
        assert dict(os.environ) != before

    assert dict(os.environ) == before
    assert [each.name for each in tmp_path.iterdir()] == ["share"]


def test_the_kernel_needs_no_copy_of_the_process(tmp_path):
    with run.ready(tmp_path, run.KERNEL) as shell:
        assert shell is None


FAILING = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "cells": [
        {
            "cell_type": "code",
            "id": "given",
            "metadata": {"tags": ["parameters"]},
            "source": "",
            "outputs": [],
            "execution_count": None,
        },
        {"cell_type": "code", "id": "fails", "metadata": {}, "source": "1 / 0", "outputs": [], "execution_count": None},
    ],
}


def _run(folder, notebook, meanwhile):
    source = folder / "notebook.ipynb"
    source.write_text(json.dumps(notebook), "utf-8")
    with run.ready(folder, run.KERNEL) as shell:
        return run.run(source, folder / "executed.ipynb", {}, shell, progress=False, meanwhile=meanwhile)


@pytest.mark.slow
def test_what_is_done_meanwhile_holds_up_no_run_that_fails(tmp_path):
    endless = threading.Event()

    with pytest.raises(run.CellFailed, match="ZeroDivisionError"):
        _run(tmp_path, FAILING, endless.wait)

    endless.set()


@pytest.mark.slow
def test_what_fails_meanwhile_is_raised_when_the_notebook_has_run(tmp_path):
    def fail():
        raise LookupError("no face")

    with pytest.raises(LookupError, match="no face"):
        _run(tmp_path, {**FAILING, "cells": FAILING["cells"][:1]}, fail)
