"""
Run each job in a process of its own: started, watched, ended, and told how it ended.

`multiprocessing` starts the processes: where it is safe, as copies of a server that has imported everything beforehand, so this
process may have threads and need import nothing. It knows nothing of reports: a job is a function that can be pickled, and its result
is one that JSON can hold. Each process has a session of its own and dies with this one; at a limit or an interrupt it goes with all
that descends from it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.indicators import frozen
from nianbao.indicators.errors import NianbaoError
from nianbao.processes import fork

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from nianbao.indicators.values import Strings

    Work = Callable[[], Any]
    # Told the names of what runs, several times a second.
    Beat = Callable[[Strings], None]


# macOS can fork, but its own libraries do not survive it.
START = "forkserver" if fork.LINUX else "spawn"

DONE, REFUSED, BROKEN, LATE, KILLED = "done", "refused", "broken", "late", "killed"

_BEAT = 0.1
_ATTEMPTS = 10
_LOST = 255
_MOST_SAID = 4000
_PIPE = 1 << 20  # no pipe holds more than that
# The order of a set follows the hashes of strings; and no file of the folder that the user is in is imported in place of a library's.
_FIXED = "PYTHONHASHSEED"
_SAFE = "PYTHONSAFEPATH"
# Threads share one environment, and one server.
_STARTING = threading.Lock()


@frozen
class Outcome:
    """
    How a job ended.

    Args:
        ending: `DONE`; `REFUSED`, a `NianbaoError`; `BROKEN`, any other exception; `LATE`, over the limit; `KILLED` by a signal.

        value: what the job returned, where it is done.

        message: the error's own words; a traceback where it broke; where it was killed, what it said last.

        seconds: from start to end; `cpu` is the processor time of the process and of what it waited for.

        peak: the most memory that it or one of those held, in bytes. A process that could not answer has told neither: both are None.
    """

    name: str
    ending: str
    value: Any = None
    message: str = ""
    signal: int = 0
    seconds: float = 0.0
    cpu: float | None = None
    peak: int | None = None


def run_all(
    jobs: Iterable[tuple[str, Work]],
    *,
    at_most: int,
    limit: float | None = None,
    beat: Beat = lambda _running: None,
    preload: Sequence[str] = (),
) -> Generator[Outcome]:
    """
    Run *jobs*, never more than *at_most* at a time, and yield how each ended, as they end.

    What still runs when the caller stops asking, or is interrupted, is killed.

    Args:
        jobs: (name, work); each is taken when there is room for it.

        limit: the seconds that a job may take.

        beat: told the names of what runs several times a second.

        preload: the modules that the server imports before it makes the first process; it lasts as long as this one.
    """
    context = multiprocessing.get_context(START)
    context.set_forkserver_preload(list(preload))
    waiting = iter(jobs)
    running: list[_Child] = []
    try:
        while True:
            while len(running) < at_most and (job := next(waiting, None)):
                with _STARTING, _held_back(signal.SIGINT), fork.environment({_FIXED: "0", _SAFE: "1"}):
                    running.append(_Child(context, *job))
            if not running:
                return
            beat(tuple(child.name for child in running))
            for child in _ended(running, limit):
                running.remove(child)
                yield child.outcome()
    finally:
        for child in running:
            # The number of one that has ended may be another's by now.
            if child.process.exitcode is None:
                _kill(child.process.pid)
            child.outcome()


def run(work: Work, *, limit: float | None = None, beat: Beat = lambda _running: None, preload: Sequence[str] = ()) -> Outcome:
    """Run one job and return how it ended."""
    return next(run_all([("", work)], at_most=1, limit=limit, beat=beat, preload=preload))


class _Child:
    """The process of a job: what it answered, and the end of what it said on its standard output and error."""

    def __init__(self, context: Any, name: str, work: Work) -> None:
        self.name = name
        self.late = False
        self._answer: list[Any] = []
        self._said = b""
        self._answers, answer = context.Pipe(duplex=False)
        self._words, words = context.Pipe(duplex=False)
        # A notebook finds itself in the main process of a kernel.
        self.process = context.Process(name="MainProcess", target=_live, args=(work, answer, words))
        _start(self.process)
        self._started = time.monotonic()
        answer.close()
        words.close()

    def over(self, limit: float | None) -> bool:
        """Take what has come, kill the process where it is over the *limit*, and tell whether it has come to an end."""
        self._hear()
        if self.process.exitcode is None and limit is not None and time.monotonic() - self._started > limit:
            self.late = True
            _kill(self.process.pid)
        return self.late or self.process.exitcode is not None

    def outcome(self) -> Outcome:
        """Wait for the process to end, and tell how it did."""
        self.process.join()
        # What is left of its session.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._hear()
        # Where its server was killed, so was the process, and multiprocessing knows no more.
        code = -signal.SIGKILL if self.process.exitcode == _LOST else self.process.exitcode
        for each in (self._answers, self._words, self.process):
            each.close()
        ending, word, cpu, peak = self._answer or (BROKEN, self._said.decode("utf-8", "replace").strip(), None, None)
        if self.late or code < 0:
            ending = LATE if self.late else KILLED
        return Outcome(
            name=self.name,
            ending=ending,
            value=word if ending == DONE else None,
            message="" if ending == DONE else word,
            signal=-code if ending == KILLED else 0,
            seconds=time.monotonic() - self._started,
            cpu=cpu,
            peak=peak,
        )

    def _hear(self) -> None:
        if self._words.poll():
            # At the end of the pipe nothing is read.
            self._said = (self._said + os.read(self._words.fileno(), _PIPE))[-_MOST_SAID:]
        if not self._answer and self._answers.poll():
            # It may have ended without an answer, or in the middle of one.
            with suppress(EOFError, OSError):
                self._answer = json.loads(self._answers.recv_bytes())


def _start(process: Any) -> None:
    """Start *process*, again where the server was killed a moment ago, which the system may not have said yet."""
    for _attempt in range(_ATTEMPTS):
        with suppress(ConnectionError, EOFError):
            process.start()
            return
        time.sleep(_BEAT)
    process.start()


def _ended(running: list[_Child], limit: float | None) -> list[_Child]:
    """Wait a beat for *running*; return what has ended, or was over the limit."""
    wait([child.process.sentinel for child in running], _BEAT)
    return [child for child in running if child.over(limit)]


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[None]:
    """
    Let no signal *number* through meanwhile.

    A terminal sends an interrupt to every process. One between the start of a child and its note would leave a child that nobody
    knows; a server that starts meanwhile never gets them, and a job lets them through again.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live(work: Work, answer: Connection, words: Connection) -> None:
    """Be the process of a job."""
    if START == "forkserver":
        fork.break_away(os.getppid(), answer.fileno(), words.fileno())
    else:
        os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    for place in (1, 2):
        os.dup2(words.fileno(), place)
    # It was for the start of this process, not for what this process starts.
    os.environ.pop(_SAFE, None)
    # Where memory runs out, the report goes and not the parent.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", "ascii")
    status = 1
    try:
        try:
            ending, word = DONE, work()
        except NianbaoError as error:
            ending, word = REFUSED, str(error)
        answer.send_bytes(json.dumps([ending, word, *_used()]).encode("ascii"))
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, it is told
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        # Nothing is left to be done, and threads that a job began are not waited for.
        os._exit(status)


def _used() -> tuple[float, int]:
    """Return the processor time and the most memory of this process and of what it waited for."""
    used = [resource.getrusage(which) for which in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    return cpu, max(each.ru_maxrss for each in used) * (1024 if fork.LINUX else 1)


def _kill(pid: int) -> None:
    """Kill *pid* and all that descends from it, whatever sessions they have made; each is stopped before its children are read."""
    doomed = [pid]
    for each in doomed:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGSTOP)
        doomed += _children(each)
    for each in doomed:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    children = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name, in brackets, may hold anything; the parent's number is the second word after it.
            parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid:
            children.append(int(folder.name))
    return children
