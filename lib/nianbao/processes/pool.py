"""
One process for each job, forked from a parent that has everything imported: started, watched, ended, and told how it ended.

It knows nothing of reports: a job is a function whose result JSON can hold, or a command where the system cannot fork safely. Each
child has a session of its own and dies with its parent; at a limit or an interrupt it goes with all that descends from it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.indicators.errors import NianbaoError
from nianbao.processes import fork

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Generator, Iterable, Sequence

    Work = Callable[[], Any] | Sequence[str]
    # Told the names of what runs, several times a second.
    Beat = Callable[[tuple[str, ...]], None]


# macOS can fork, but its own libraries do not survive it.
SUPPORTED = sys.platform.startswith("linux")

DONE, REFUSED, BROKEN, LATE, KILLED = "done", "refused", "broken", "late", "killed"

_BEAT = 0.1
_MOST_SAID = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    How a job ended.

    Args:
        ending: `DONE`; `REFUSED`, a `NianbaoError`; `BROKEN`, any other exception; `LATE`, over the limit; `KILLED` by a signal.

        value: what the job returned, where it is done.

        message: the error's own words; a traceback where it broke; where it was killed, what it said last.

        seconds: from start to end; `cpu` is the processor time of the child and of what it waited for.

        peak: the most memory that it or one of those held, in bytes.
    """

    name: str
    ending: str
    value: Any = None
    message: str = ""
    signal: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    peak: int = 0


def run_all(
    jobs: Iterable[tuple[str, Work]],
    *,
    at_most: int,
    limit: float | None = None,
    beat: Beat = lambda _running: None,
) -> Generator[Outcome]:
    """
    Run *jobs*, never more than *at_most* at a time, and yield how each ended, as they end.

    What still runs when the caller stops asking, or is interrupted, is killed. The caller must have one thread only.

    Args:
        jobs: (name, work); each is taken when there is room for it.

        limit: the seconds that a job may take.

        beat: told the names of what runs several times a second.
    """
    waiting = iter(jobs)
    running: list[_Child] = []
    try:
        while True:
            while len(running) < at_most and (job := next(waiting, None)):
                with fork.held_back(signal.SIGINT):
                    running.append(_start(*job))
            if not running:
                return
            beat(tuple(child.name for child in running))
            for child in _ended(running, limit):
                running.remove(child)
                yield child.outcome()
    finally:
        for child in running:
            # The number of one that was reaped may be another's by now.
            if child.status is None:
                _kill(child.pid)
            child.outcome()


def run(work: Work, *, limit: float | None = None, beat: Beat = lambda _running: None) -> Outcome:
    """Run one job and return how it ended."""
    return next(run_all([("", work)], at_most=1, limit=limit, beat=beat))


@dataclass(slots=True, eq=False)
class _Child:
    """A job that was started; `answer` is the pipe's end that it answers on, `said` holds its standard output and error."""

    name: str
    pid: int
    answer: int
    said: io.BufferedRandom
    command: bool
    started: float = field(default_factory=time.monotonic)
    heard: bytearray = field(default_factory=bytearray)
    late: bool = False
    status: int | None = None
    used: Any = None

    def hear(self) -> bool:
        """Take what has come in the pipe; tell whether the child has closed it."""
        try:
            while some := os.read(self.answer, 1 << 16):
                self.heard += some
        except BlockingIOError:
            return False
        return True

    def reap(self, options: int = 0) -> bool:
        """Take note of the child's end, waiting for it unless *options* say otherwise; tell whether it has ended."""
        pid, status, used = os.wait4(self.pid, options)
        if pid:
            self.status, self.used = os.waitstatus_to_exitcode(status), used
        return bool(pid)

    def outcome(self) -> Outcome:
        """Wait for the child to end, and tell how it did."""
        if self.status is None:
            self.reap()
        assert self.status is not None
        # What is left of its session.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.hear()
        os.close(self.answer)
        kilobyte = 1024 if SUPPORTED else 1
        return Outcome(
            name=self.name,
            seconds=time.monotonic() - self.started,
            cpu=self.used.ru_utime + self.used.ru_stime,
            peak=self.used.ru_maxrss * kilobyte,
            **self._told(self.status),
        )

    def _told(self, code: int) -> dict[str, Any]:
        with self.said:
            self.said.seek(max(0, self.said.seek(0, os.SEEK_END) - _MOST_SAID))
            said = self.said.read().decode("utf-8", "replace").strip()
        if self.late:
            return {"ending": LATE, "message": said}
        if code < 0:
            return {"ending": KILLED, "signal": -code, "message": said}
        if self.heard:
            ending, word = json.loads(self.heard)
            return {"ending": ending, "value" if ending == DONE else "message": word}
        return {"ending": DONE if self.command and code == 0 else BROKEN, "message": said}


def _ended(running: list[_Child], limit: float | None) -> list[_Child]:
    """Wait a beat for *running*; return what has ended, killing what is over the limit."""
    with selectors.DefaultSelector() as selector:
        for child in running:
            selector.register(child.answer, selectors.EVENT_READ, child)
        closed = [key.data for key, _events in selector.select(_BEAT) if key.data.hear()]
    now = time.monotonic()
    for child in running:
        if limit is not None and now - child.started > limit and child not in closed:
            child.late = True
            _kill(child.pid)
    # A child that was killed may have left one behind that holds the pipe open.
    return [child for child in running if child.late or child in closed or child.reap(os.WNOHANG)]


def _start(name: str, work: Work) -> _Child:
    # Closed when the outcome is told.
    said = tempfile.TemporaryFile()  # noqa: SIM115
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    pid = _fork(work, writer, said.fileno()) if callable(work) else _spawn(work, writer, said)
    os.close(writer)
    return _Child(name=name, pid=pid, answer=reader, said=said, command=not callable(work))


def _spawn(command: Sequence[str], writer: int, said: io.BufferedRandom) -> int:
    """Start *command*, which answers by its exit code and what it says; it holds *writer* until it ends."""
    streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": said}
    started = subprocess.Popen(  # noqa: S603 - the caller's own command
        command, start_new_session=True, pass_fds=(writer,), **streams
    )
    # Reaped by `outcome`, so that what it used is told.
    started.returncode = 0
    return started.pid


def _fork(work: Callable[[], Any], writer: int, said: int) -> int:
    def life() -> int:
        try:
            _settle(said)
            try:
                answer = DONE, work()
            except NianbaoError as error:
                answer = REFUSED, str(error)
            told = json.dumps(answer)
            with os.fdopen(writer, "w", encoding="ascii") as pipe:
                pipe.write(told)
        except BaseException:  # noqa: BLE001 - nothing may run on into the parent's code
            os.write(said, traceback.format_exc().encode("utf-8", "replace"))
            return 1
        return int(answer[0] != DONE)

    return fork.copy(life, writer, said)


def _settle(said: int) -> None:
    """Let an interrupt through again, and say all that is said to *said*."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for place in (1, 2):
        os.dup2(said, place)
    # Where memory runs out, the report goes and not the parent.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", "ascii")


def _kill(pid: int) -> None:
    """Kill *pid* and all that descends from it, whatever sessions they have made; each is stopped before its children are read."""
    found = [pid]
    for each in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGSTOP)
        found += _children(each)
    for each in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name, in brackets, may hold anything; the parent's number is the second word after it.
            parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid:
            found.append(int(folder.name))
    return found
