"""
A process beside one with many threads, which must not fork: it has imported what builds need, and builds one report at a time.

What it is given and what it answers are files by name, see `parcel`; each report is built by `batch`, as one of a batch on one
machine is. It ends when the process that started it does, or when nothing is asked for a while.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .form import Form

_IDLE = 300
_ATTEMPTS = 2


class Workshop:
    """The end of it that asks; one thread has one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: Connection | None = None

    def ask(self, request: Mapping[str, Any]) -> Any:
        """
        Have a report built and return the answer.

        Args:
            request: `unit`, `year`, the packed `files`, the `limit` in seconds, the `folder` to work in, and the `software` wanted.

        Raises:
            ClusterError: where the process ended twice without an answer.
        """
        for _attempt in range(_ATTEMPTS):
            try:
                connection = self._opened()
                connection.send(request)
                return connection.recv()
            except (EOFError, OSError):
                self.close()
        raise ClusterError("生成报告的进程两次意外停止；上一次的成果没有改动。")

    def close(self) -> None:
        """End the process and what it runs."""
        if self._process is not None and self._asked is not None:
            self._asked.close()
            self._process.kill()
            self._process.wait()
        self._process = self._asked = None

    def _opened(self) -> Connection:
        if self._asked is None:
            self._asked, theirs = Pipe()
            with theirs:
                number = theirs.fileno()
                command = [sys.executable, "-P", "-m", __name__, str(number)]
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(number,),
                    start_new_session=True,
                    # The order of a set follows the hashes of strings; a notebook that runs in a copy of the process has its.
                    env={**os.environ, "PYTHONHASHSEED": "0"},
                )
        return self._asked


class _AskerGone(Exception):  # noqa: N818 - it is no error, it ends the process
    """Nobody waits for the answer any more."""


def serve(connection: Connection) -> None:
    """Answer what comes on *connection*, until nothing more does."""
    from . import formfile, parcel  # noqa: PLC0415

    own, forms = parcel.software(), formfile.shipped()
    while connection.poll(_IDLE):
        try:
            request = connection.recv()
            connection.send(_answer(request, own, forms, connection))
        except (EOFError, ConnectionError, _AskerGone):
            return


def _answer(request: Mapping[str, Any], own: Mapping[str, str], forms: Mapping[str, Form], connection: Connection) -> Any:
    from . import batch, parcel, publish  # noqa: PLC0415 - a Dask worker, which only asks, need not import what builds
    from .project import Project  # noqa: PLC0415

    if request["software"] != own:
        return {"software": own}

    def beat(_running: tuple[str, ...]) -> None:
        # Only one thing is asked at a time, so what can be read now is the end.
        if connection.poll():
            raise _AskerGone

    unit, year = request["unit"], request["year"]
    with publish.scratch(Path(request["folder"]) / "nianbao") as folder:
        project = Project(folder)
        parcel.unpack(request["files"], project.root, unit, year)
        order = batch.Plan(project=project, forms=forms, reports=((unit, year),), unchanged=(), passed_over=())
        (result,) = batch.run(order, 1, request["limit"], beat)
        return {"result": dataclasses.asdict(result), "files": parcel.collect(project.output(unit, year))}


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
