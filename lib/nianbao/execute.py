"""
Run a report's notebook with papermill, in a fresh kernel that knows nothing of the user's own settings.

The kernel, its connection files and its profile live in a scratch folder, so start-up scripts, kernels installed by hand and
histories cannot change a report. The outcome is a clean notebook: no times, no random ids, no paths.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import nbformat
from traitlets.config import Config

from .errors import KernelDiedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbformat import NotebookNode

INJECTED = "injected-parameters"

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_OWN_FOLDERS = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")


class CellFailed(Exception):  # noqa: N818 - it is caught by `build`, which tells the reader
    """
    A cell raised.

    Args:
        notebook: the notebook as far as it got, the error in its output.
    """

    def __init__(self, notebook: NotebookNode, cell: str, source: str, reason: str) -> None:
        self.notebook = notebook
        self.cell = cell
        self.source = source
        self.reason = reason
        super().__init__(f"{cell}: {reason}")


def run(source: Path, output: Path, parameters: Mapping[str, str], *, progress: bool) -> NotebookNode:
    """
    Return *source* executed with *parameters*, in the folder of *source*.

    Args:
        output: where papermill saves it.

        progress: whether to draw a bar on the terminal.

    Raises:
        CellFailed: where a cell raised.
        KernelDiedError: where the kernel stopped by itself.
    """
    # `import papermill` takes a third of a second, which only a build should pay.
    from nbclient.exceptions import DeadKernelError  # noqa: PLC0415
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415
    from papermill.execute import execute_notebook  # noqa: PLC0415

    with _own_settings(output.parent):
        try:
            executed = execute_notebook(
                str(source),
                str(output),
                parameters=dict(parameters),
                kernel_name="python3",
                cwd=str(source.parent),
                progress_bar={"disable": not progress, "desc": "执行笔记本", "leave": False},
                request_save_on_cell_execute=False,
                extra_arguments=["--log-level=CRITICAL"],
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            )
        except DeadKernelError as error:
            raise KernelDiedError("执行笔记本的进程意外停止（可能内存或磁盘不足）；上一次的成果没有改动。") from error
        except PapermillExecutionError as error:
            failed = clean(nbformat.read(output, as_version=4))
            cell = next(cell for cell in failed.cells if any(each.output_type == "error" for each in cell.get("outputs", [])))
            reason = _COLOURS.sub("", f"{error.ename}: {error.evalue}")
            raise CellFailed(failed, cell.id, cell.source, reason) from error
    return clean(executed)


def clean(notebook: NotebookNode) -> NotebookNode:
    """Return *notebook* without anything that differs from run to run or from machine to machine."""
    cleaned = nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": notebook.metadata.kernelspec, "language_info": {"name": "python"}},
            "cells": [
                _clean_cell(cell) for cell in notebook.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])
            ],
        }
    )
    assert isinstance(cleaned, nbformat.NotebookNode)
    return cleaned


def _clean_cell(cell: NotebookNode) -> NotebookNode:
    tags = list(cell.metadata.get("tags", []))
    kept = {key: value for key, value in cell.items() if key not in {"metadata", "id"}}
    return {**kept, "id": INJECTED if INJECTED in tags else cell.id, "metadata": {"tags": tags} if tags else {}}


@contextmanager
def _own_settings(folder: Path) -> Iterator[None]:
    """Point Jupyter and IPython at an empty folder inside *folder*, and back."""
    scratch = tempfile.mkdtemp(dir=folder)
    own = dict.fromkeys(_OWN_FOLDERS, scratch) | {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_PATH": "", "PYTHONHASHSEED": "0"}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        shutil.rmtree(scratch, ignore_errors=True)
