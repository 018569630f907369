"""
The papermill engine `nianbao`: papermill and nbclient as they are, with a forked shell in the place of a kernel.

What a message does to a cell is nbclient's business, whichever process it comes from. A notebook that needs what the forked shell
lacks is run again from its first cell by the ordinary kernel, and its metadata say why.
"""

from __future__ import annotations

import json
import platform
import signal
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import run_sync
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger

from nianbao.document.cells import first_line
from nianbao.notebook import shell as forked_shell
from nianbao.notebook import source
from nianbao.notebook.shell import NEEDS, REPLY
from nianbao.processes import fork

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from nianbao.inputs.yaml import Json


PYTHON = "python3"
NAME = "nianbao"
# In the metadata of a notebook that the ordinary kernel ran because it needs something else than a forked shell: what.
FALLBACK = "nianbao_needs"

# What ipykernel answers when it is asked.
_LANGUAGE = {
    "name": "python",
    "mimetype": "text/x-python",
    "file_extension": ".py",
    "pygments_lexer": "ipython3",
    "nbconvert_exporter": "python",
    "codemirror_mode": {"name": "ipython", "version": 3},
}


class _NeedsKernelError(Exception):
    """The notebook cannot be run by a forked shell."""


class CellKilledError(DeadKernelError):
    """
    The process of the notebook ended in the middle of a cell, as the message says for the reader.

    Args:
        cell: its first line.

        code: how the process ended: minus the signal where one ended it.
    """

    def __init__(self, cell: str, code: int) -> None:
        how = f"自行退出，退出码{code}"
        if code < 0:
            name = next((each.name for each in signal.Signals if each == -code), str(-code))
            how = f"被信号 {name} 终止" + ("，可能内存不足" if name == "SIGKILL" else "")
        super().__init__(f"执行单元格“{cell}”时，笔记本的进程意外停止（{how}）")


class _Client(PapermillNotebookClient):  # type: ignore[misc] # papermill ships no types
    """nbclient with one pipe for its kernel."""

    def __init__(self, nb_man: Any, shell: fork.Forked, **settings: Any) -> None:
        super().__init__(nb_man, **settings)
        self._shell = shell

    def execute(self, **_settings: Any) -> NotebookNode:
        self.reset_execution_trackers()
        with suppress(EOFError):
            # Where the process is gone already, the first cell says so.
            self._shell.channel.send(str(Path.cwd()).encode())
        self.papermill_execute_cells()
        self.nb.metadata["language_info"] = _LANGUAGE | {"version": platform.python_version()}
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int, **_settings: Any) -> NotebookNode:
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in cell.metadata.get("tags", []):
            return cell
        if self.record_timing:
            cell.metadata["execution"] = {}
        cell.outputs = []
        self.clear_before_next_output = False
        try:
            reply = self._run(cell, cell_index)
        except EOFError as error:
            raise CellKilledError(first_line(cell.source), self._shell.end()) from error
        if reply["status"] == "error":
            run_sync(self._check_raise_for_error)(cell, cell_index, {"content": reply})
        return cell

    def _run(self, cell: NotebookNode, cell_index: int) -> Json:
        """Take up each message about *cell* and return the reply."""
        channel = self._shell.channel
        channel.send(cell.source.encode())
        while (message := json.loads(channel.receive()))["msg_type"] != REPLY:
            if message["msg_type"] == NEEDS:
                raise _NeedsKernelError(message["content"]["what"])
            self.process_message(message, cell, cell_index)
        content: Json = message["content"]
        return content


class ForkedEngine(NBClientEngine):  # type: ignore[misc] # papermill ships no types
    """Runs a Python notebook in a copy of this process where that is possible, else as papermill does."""

    @classmethod
    def execute_notebook(
        cls,
        nb: NotebookNode,
        kernel_name: str,
        shell: fork.Forked | None = None,
        kept: list[NotebookNode] | None = None,
        **settings: Any,
    ) -> NotebookNode:
        """
        Run *nb* in *shell*; where none is given it is made before papermill draws its bar, which starts a thread.

        Args:
            kept: takes the executed notebook where no cell failed, and papermill gets an empty one: for who would not read what it saves.
        """
        own = not shell and kernel_name == PYTHON and fork.possible()
        with fork.fork(forked_shell.serve) if own else nullcontext(shell) as used:
            executed = super().execute_notebook(nb, kernel_name, shell=used, **settings)
        if kept is None or any(_failed(cell) for cell in executed.cells):
            return executed
        kept.append(executed)
        return source.empty()

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, shell: fork.Forked | None, **settings: Any) -> None:
        """Run the notebook of *nb_man* in *shell*, or by the ordinary kernel where there is none or it does not do."""
        needs = "" if kernel_name == PYTHON else f"内核 {kernel_name}"
        if shell:
            known = {name: settings.get(name) for name in ("log_output", "stdout_file", "stderr_file")}
            try:
                _Client(nb_man, shell, log=logger, **known).execute()
                return  # noqa: TRY300 - what follows is for who could not run here
            except _NeedsKernelError as need:
                needs = str(need)
        if nb_man.pbar:
            nb_man.pbar.reset()
        nb_man.notebook_start()
        super().execute_managed_notebook(nb_man, kernel_name, **settings)
        if needs:
            nb_man.nb.metadata[FALLBACK] = needs


def _failed(cell: NotebookNode) -> bool:
    """Whether papermill would look at *cell* for an error to raise."""
    return bool(cell.metadata.get("papermill", {}).get("exception")) or any(
        output.output_type == "error" for output in cell.get("outputs", [])
    )
