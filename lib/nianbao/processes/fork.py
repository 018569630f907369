"""
Copy this process, for a notebook to run in, and talk to the copy.

It is what `multiprocessing` lacks: a copy made at once, without a server, that holds none of the files of the process it was made
from, is in a session of its own, and dies with it. Notebooks are not known here.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import traceback
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from multiprocessing.connection import Connection


LINUX = sys.platform.startswith("linux")

_PR_SET_PDEATHSIG = 1
_FIRST_OWN = 3  # below are standard input, output and error
_DONE, _BROKEN = 0, 70


class Channel:
    """One end of the pipe: messages are bytes, whole or not at all. It is deaf and mute in copies of the process that made it."""

    def __init__(self, end: Connection) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self.fileno, self.close = end.fileno, end.close

    def send(self, message: bytes) -> None:
        """
        Send *message*; threads may do so at once.

        Raises:
            EOFError: where the other process is gone.
        """
        if os.getpid() != self._owner:
            return
        try:
            with self._lock:
                self._end.send_bytes(message)
        except ConnectionError as error:
            raise EOFError from error

    def receive(self) -> bytes:
        """
        Return the next message.

        Raises:
            EOFError: where the other process is gone.
        """
        if os.getpid() != self._owner:
            raise EOFError
        try:
            return self._end.recv_bytes()
        except OSError as error:
            # It may have gone in the middle of a message.
            raise EOFError from error


class Forked:
    """The other process, as this one sees it; leaving its context ends it and everything it started."""

    def __init__(self, pid: int, channel: Channel) -> None:
        self._pid = pid
        self._status: int | None = None
        self.channel = channel

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()

    def end(self) -> int:
        """End the process, unless it has ended by itself, and return its exit code: minus the signal where one ended it."""
        if self._status is None:
            for kill in (os.killpg, os.kill):
                with suppress(ProcessLookupError):
                    kill(self._pid, signal.SIGKILL)
            self._status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
            self.channel.close()
        return self._status


def possible() -> bool:
    """Tell whether this process may be copied: on Linux, and without threads that a copy would leave halfway."""
    return LINUX and threading.active_count() == 1


def fork(serve: Callable[[Channel], None]) -> Forked:
    """Return a copy of this process that runs *serve* with its end of the pipe and ends with it."""
    here, there = Pipe()
    for stream in (sys.stdout, sys.stderr):
        # What is buffered would be printed by both.
        stream.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        there.close()
        return Forked(pid, Channel(here))
    # The copy never goes back into the code that it was copied from.
    status = _BROKEN
    try:
        break_away(parent, there.fileno())
        status = _served(serve, Channel(there))
    finally:
        os._exit(status)


def _served(serve: Callable[[Channel], None], channel: Channel) -> int:
    # `serve` may turn the streams to its own use.
    terminal = os.fdopen(os.dup(2), "w", encoding="utf-8")
    try:
        serve(channel)
    except BaseException:  # noqa: BLE001 - there is no one else to tell
        traceback.print_exc(file=terminal)
        terminal.flush()
        return _BROKEN
    return _DONE


def break_away(parent: int, *kept: int) -> None:
    """Tie the life of this process to *parent*, and leave its terminal, its files but *kept*, and its ways with signals."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise EOFError
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - numbers, not files
        if int(name) >= _FIRST_OWN and int(name) not in {*kept, nothing}:
            # Closed, the number would be given to another file, and closed again with the object that once had it.
            os.dup2(nothing, int(name), inheritable=False)


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set *variables* in the environment of this process, and put back what was there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
