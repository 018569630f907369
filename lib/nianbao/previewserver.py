"""
The process that serves one report to the browser on this machine, and to nobody else: where it listens, how it starts and ends.

What it answers is `previewhttp`'s; how a report is made is known to neither. It is a process of its own, so that whoever makes the
report stays one thread, which can fork; it lives as long as the other end of its pipe.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import multiprocessing
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import PreviewError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.connection import Connection

ADDRESS = "127.0.0.1"
# Where nobody asks for a port: the first that is free from here.
PORT, _TRIED = 8013, 20

_REASONS = {errno.EADDRINUSE: "已被别的程序占用", errno.EACCES: "没有权限"}
_REST = "rest"
_LONGEST_HEAD = 1 << 15


def listen(port: int | None) -> socket.socket:
    """
    Return a socket that listens on *port* of this machine's own address, or on the first free one.

    Raises:
        PreviewError: where it is taken or not allowed.
    """
    reason = ""
    for each in range(PORT, PORT + _TRIED) if port is None else (port,):
        try:
            return socket.create_server((ADDRESS, each))
        except OSError as error:
            reason = _REASONS.get(error.errno or 0) or str(error)
    if port is None:
        raise PreviewError(f"端口{PORT}至{PORT + _TRIED - 1}都不能用（{reason}），请用 --port 另选一个。")
    raise PreviewError(f"端口{port}不能用（{reason}），请换一个，或不写 --port。")


class Server:
    """
    The serving process, as seen from the one that makes the report.

    Args:
        page: the page that stands around the report; `policy` is its Content-Security-Policy.
    """

    def __init__(self, listening: socket.socket, page: bytes, policy: str) -> None:
        self.address = f"{ADDRESS}:{listening.getsockname()[1]}"
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        arguments = (listening, self.address, (page, policy), theirs, self._pipe)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        try:
            with _held_back():
                self._process.start()
        except KeyboardInterrupt:
            self.close()
            raise
        # What is forked later shall hold neither.
        listening.close()
        theirs.close()

    def tell(self, said: dict[str, Any], files: Mapping[str, bytes] | None = None) -> None:
        """
        Say *said* to the page and serve *files*, or what was served before, from now on.

        Raises:
            PreviewError: where the process is gone.
        """
        try:
            self._pipe.send((said, files))
        except OSError as error:
            raise _gone() from error

    def asked(self, seconds: float) -> bool:
        """
        Wait for *seconds*, or until the files are asked for that are made on demand; tell whether they were.

        Raises:
            PreviewError: where the process is gone.
        """
        found = False
        try:
            while self._pipe.poll(0 if found else seconds):
                found = self._pipe.recv() == _REST
        except (EOFError, OSError) as error:
            raise _gone() from error
        return found

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _gone() -> PreviewError:
    return PreviewError("提供页面的进程意外停止了，请重新启动预览。")


@contextmanager
def _held_back() -> Iterator[None]:
    """
    Let no signal that ends a program through.

    A terminal sends them to every process. Whoever is forked in between never gets them: the one at the other end of its pipe decides.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(listening: socket.socket, address: str, front: tuple[bytes, str], pipe: Connection, other_end: Connection) -> None:
    """Be the serving process."""
    other_end.close()
    # Requests that are refused are answered, and nobody's business beyond that.
    logging.disable(logging.WARNING)
    asyncio.run(_answer(listening, address, front, pipe))


async def _answer(listening: socket.socket, address: str, front: tuple[bytes, str], pipe: Connection) -> None:
    from tornado.httpserver import HTTPServer  # noqa: PLC0415 - needed in this process only

    from .previewhttp import Desk, application  # noqa: PLC0415

    held = Desk(*front, ask=lambda: pipe.send(_REST))
    server = HTTPServer(application(held, address), max_header_size=_LONGEST_HEAD, max_body_size=0)
    # Tornado takes callers until there are none.
    listening.settimeout(0)
    server.add_socket(listening)
    over = asyncio.Event()

    def hear() -> None:
        try:
            held.take(*pipe.recv())
        except (EOFError, OSError):
            over.set()

    asyncio.get_running_loop().add_reader(pipe.fileno(), hear)
    await over.wait()
