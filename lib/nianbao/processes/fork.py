"""
A second process that is a copy of this one, and a socket to it that carries messages.

This module knows what a fork leaves behind and takes along; it knows nothing of notebooks. The copy is made from the main thread of a
process without other threads, holds none of its files, is in a session of its own, and dies with the process that made it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct
import sys
import threading
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType


_LENGTH = struct.Struct(">Q")
_PR_SET_PDEATHSIG = 1
_FIRST_OWN = 3  # below are standard input, output and error
_DONE, _BROKEN = 0, 70


class Channel:
    """One end of the socket: messages are bytes, whole or not at all. It is deaf and mute in copies of the process that made it."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._read = end.makefile("rb")
        self._lock = threading.Lock()
        self._owner = os.getpid()

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
                self._end.sendall(_LENGTH.pack(len(message)) + message)
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
        with suppress(ConnectionError):
            head = self._read.read(_LENGTH.size)
            if len(head) == _LENGTH.size:
                (length,) = _LENGTH.unpack(head)
                message = self._read.read(length)
                if len(message) == length:
                    return message
        raise EOFError

    def close(self) -> None:
        """Close this end."""
        self._read.close()
        self._end.close()

    def fileno(self) -> int:
        """Return the descriptor of this end."""
        return self._end.fileno()


class Forked:
    """The other process, as this one sees it; leaving its context ends it and everything it started."""

    def __init__(self, pid: int, channel: Channel) -> None:
        self._pid = pid
        self._status: int | None = None
        self.channel = channel

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
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


@contextmanager
def held_back(*signals: signal.Signals) -> Iterator[None]:
    """
    Let none of *signals* through meanwhile.

    A terminal sends them to every process. An interrupt between the start of a child and its note would leave one that nobody knows;
    whoever is forked in between does not get them until it says so.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def possible() -> bool:
    """Tell whether this process may be copied: on Linux, and without threads that a copy would leave halfway."""
    return sys.platform.startswith("linux") and threading.active_count() == 1


def fork(serve: Callable[[Channel], None]) -> Forked:
    """Return a copy of this process that runs *serve* with its end of the socket and ends with it."""
    here, there = socket.socketpair()

    def life() -> int:
        channel = Channel(there)
        # `serve` may turn the streams to its own use.
        terminal = os.fdopen(os.dup(2), "w", encoding="utf-8")
        try:
            serve(channel)
        except BaseException:  # noqa: BLE001 - there is no one else to tell
            traceback.print_exc(file=terminal)
            terminal.flush()
            return _BROKEN
        return _DONE

    pid = copy(life, there.fileno())
    there.close()
    return Forked(pid, Channel(here))


def copy(life: Callable[[], int], *kept: int) -> int:
    """
    Return the number of a copy of this process, which does *life* and ends with the code that it returns.

    Args:
        kept: the descriptors that it keeps open.
    """
    for stream in (sys.stdout, sys.stderr):
        # What is buffered would be printed by both.
        stream.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    # The copy never goes back into the code that it was copied from.
    status = _BROKEN
    try:
        break_away(parent, *kept)
        status = life()
    finally:
        os._exit(status)


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
