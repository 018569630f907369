"""
Run a report's notebook with papermill, in a process that knows nothing of the user's own settings.

That process is a copy of this one, or by choice the ordinary kernel. Its profile, connection files and caches live in a scratch
folder, so start-up scripts, kernels installed by hand and histories cannot change a report. The outcome is a clean notebook: no times,
no random ids, no paths; and the same whichever of the two ran it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import threading
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.document import cells
from nianbao.document.document import EDITED
from nianbao.indicators.errors import KernelDiedError
from nianbao.notebook import shell as forked_shell
from nianbao.notebook import source as notebooks
from nianbao.processes import fork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nbformat import NotebookNode

    from nianbao.inputs.yaml import Json
    from nianbao.processes.fork import Channel, Forked


INJECTED = "injected-parameters"
FORK, KERNEL = "fork", "kernel"
# How matplotlib shows figures in a notebook.
BACKEND = "module://matplotlib_inline.backend_inline"

# The tag of the cells that papermill puts into a notebook that failed.
_ERROR = "papermill-error-cell-tag"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Seconds; the imports take half of one, and what never ends holds up nobody.
_WHILE = 5
_MOST_SAID = 2000
# What the ordinary kernel runs first; it leaves no name behind.
_STARTUP = "__import__('nianbao.notebook.shell').notebook.shell.refuse_network()\n"
_OWN_FOLDERS = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")
# Made when the environment is set up: matplotlib's list of fonts, which takes it a second or more.
_FONT_LIST = Path(sys.prefix) / "share" / "nianbao" / "matplotlib"


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


@contextmanager
def ready(folder: Path, by: str = FORK, warm: Callable[[], None] = lambda: None) -> Iterator[Forked | None]:
    """
    Set Jupyter's settings to our own, kept in *folder*, and give the process that is to run a notebook, if a copy of this one is to.

    It is made at once, so that it gets ready while this process reads what the notebook is about. A copy of a process whose string
    hashes differ from run to run would order sets differently each time; there, and where no copy can be made, it is the kernel's turn.

    Args:
        by: `FORK`, or `KERNEL` for the ordinary kernel.

        warm: run in the copy, to import what its notebook will want.
    """

    def serve(channel: Channel) -> None:
        warm()
        forked_shell.serve(channel)

    with _own_settings(folder):
        if by == FORK and fork.possible() and not sys.flags.hash_randomization:
            with fork.fork(serve) as shell:
                yield shell
        else:
            yield None


def run(
    source: Path,
    output: Path,
    parameters: Mapping[str, str],
    shell: Forked | None = None,
    *,
    progress: bool,
    told: Callable[[str], None] = lambda _needs: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> NotebookNode:
    """
    Return *source* executed with *parameters*, in the folder of *source*.

    Args:
        output: where papermill saves a notebook that failed, and any that the ordinary kernel ran.

        shell: what `ready` gave; without it the ordinary kernel runs the notebook.

        progress: whether to draw a bar on the terminal.

        told: called with what the notebook needs that only the ordinary kernel has, where that ran it instead.

        meanwhile: done in a thread while the notebook runs.

    Raises:
        CellFailed: where a cell raised.
        KernelDiedError: where the process stopped by itself.
    """
    # `import papermill` takes a third of a second, which only a build should pay.
    with notebooks.addresses_on_demand():
        from nbclient.exceptions import DeadKernelError  # noqa: PLC0415
        from papermill.engines import papermill_engines  # noqa: PLC0415
        from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415
        from papermill.execute import execute_notebook  # noqa: PLC0415
        from traitlets.config import Config  # noqa: PLC0415

        from nianbao.notebook import engine  # noqa: PLC0415

    papermill_engines.register(engine.NAME, engine.ForkedEngine)
    kept: list[NotebookNode] = []
    settings: Json = {"engine_name": engine.NAME, "shell": shell, "kept": kept} if shell else {}
    begun = _begun(meanwhile)
    try:
        executed = execute_notebook(
            str(source),
            str(output),
            parameters=dict(parameters),
            kernel_name="python3",
            cwd=str(source.parent),
            progress_bar={"desc": "执行笔记本", "leave": False} if progress else False,
            request_save_on_cell_execute=False,
            extra_arguments=["--log-level=CRITICAL"],
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            **settings,
        )
    except DeadKernelError as error:
        _waited(begun)
        how = str(error) if isinstance(error, engine.CellKilledError) else "执行笔记本的进程意外停止（可能内存或磁盘不足）"
        raise KernelDiedError(f"{how}；上一次的成果没有改动。") from error
    except PapermillExecutionError as error:
        _waited(begun)
        raise _failed(error, output) from error
    begun.result()
    executed = kept.pop() if kept else executed
    if engine.FALLBACK in executed.metadata:
        told(executed.metadata[engine.FALLBACK])
    return clean(executed)


def _begun(work: Callable[[], None]) -> Future[None]:
    """
    Begin *work* in a thread of its own.

    Nobody waits for it where this thread is interrupted: an interrupted import may leave the imports of others waiting for good.
    """
    promise: Future[None] = Future()

    def go() -> None:
        try:
            work()
            promise.set_result(None)
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            promise.set_exception(error)

    threading.Thread(target=go, daemon=True).start()
    return promise


def _failed(error: Any, output: Path) -> CellFailed:
    """Return what papermill's *error* says of the notebook that it saved as *output*."""
    notebook = clean(notebooks.parsed(output.read_text("utf-8")))
    # A cell may have failed so that even its error could not be sent.
    cell = notebook.cells[error.cell_index]
    reason = _COLOURS.sub("", f"{error.ename}: {error.evalue[:_MOST_SAID]}")
    return CellFailed(notebook, cells.called(notebook.cells, error.cell_index, {}), cell.source, reason)


def _waited(begun: Future[None]) -> None:
    """Wait a while for what *begun* does: where this process ends in the midst of an import of C++ code, it may end by a crash."""
    wait([begun], timeout=_WHILE)


def clean(notebook: NotebookNode) -> NotebookNode:
    """Return *notebook* without anything that differs from run to run or from machine to machine."""
    return notebooks.made(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": notebook.metadata.kernelspec, "language_info": {"name": "python"}},
            "cells": [_clean_cell(cell) for cell in notebook.cells if _ERROR not in cell.metadata.get("tags", [])],
        }
    )


def _clean_cell(cell: NotebookNode) -> NotebookNode:
    tags = list(cell.metadata.get("tags", []))
    kept = {key: value for key, value in cell.items() if key not in {"metadata", "id"}}
    return {**kept, "id": INJECTED if INJECTED in tags else cell.id, "metadata": {"tags": tags} if tags else {}}


@contextmanager
def _own_settings(folder: Path) -> Iterator[None]:
    """Point Jupyter and IPython at an empty folder inside *folder*, and back."""
    scratch = tempfile.mkdtemp(dir=folder)
    startup = Path(scratch, "profile_default", "startup")
    startup.mkdir(parents=True)
    (startup / "network.py").write_text(_STARTUP, "utf-8")
    own = dict.fromkeys(_OWN_FOLDERS, scratch) | {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_PATH": "", "PYTHONHASHSEED": "0"}
    # As the kernel sets it; a copy of this process imports matplotlib before it is the notebook's.
    own["MPLBACKEND"] = BACKEND
    own[EDITED] = ""
    if _FONT_LIST.is_dir():
        # matplotlib takes no list from a folder that it cannot write to.
        for file in _FONT_LIST.iterdir():
            shutil.copyfile(file, Path(scratch) / file.name)
        own["MPLCONFIGDIR"] = scratch
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if value is not None})
        shutil.rmtree(scratch, ignore_errors=True)
