"""
Serve what was made to a browser on this machine alone, from a thread, so that an answer waits for no making.

The page is told each change as it comes. Who asks is held against the address that was given out, which nobody else can guess: it has
a token in it. What is made, and when, is not known here.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import secrets
import socket
import threading
from typing import TYPE_CHECKING, Any

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler

from nianbao.indicators.errors import PreviewError
from nianbao.render import outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nianbao.inputs.yaml import Json


PAGE, EVENTS, ADOPT = "", "events", "adopt"

_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_WORDS = {
    403: "请用启动预览时显示的完整地址访问；别的网页的请求不予回答。",
    404: "没有这个文件。",
    405: "只能读取，不能提交。",
    421: "请用启动预览时显示的地址访问。",
    503: "这个文件没有做成，原因见预览页。",
}


def _types() -> dict[str, str]:
    """Return the type of each file that can be asked for."""
    return {output.name: output.type for output in outputs.REPORT}


class Desk:
    """
    What there is to say and to serve now.

    Args:
        page: the page that stands around the report; `policy` is its Content-Security-Policy.

        ask: asks for the files that are not there, to be made; `adopt`, for placeholders in the place of typed numbers.
    """

    def __init__(self, page: bytes, policy: str, ask: Callable[[], None], adopt: Callable[[], None]) -> None:
        self.page = page
        self.policy = policy
        self.said: Json = {}
        self._ask = ask
        self.adopt = adopt
        self._waiting = False
        self._files: Mapping[str, bytes] = {}
        self._news = asyncio.Event()

    def take(self, said: Json, files: Mapping[str, bytes] | None) -> None:
        """Say *said* and serve *files*, or what was served before, from now on; what is `whole` answers who asked for the rest."""
        self.said = said
        if files is not None:
            self._files = files
        if said.get("whole"):
            self._waiting = False
        self._news.set()
        self._news = asyncio.Event()

    async def news(self) -> None:
        """Wait for the next news."""
        await self._news.wait()

    async def file(self, name: str) -> bytes:
        """
        Return the file *name*, waiting while it is made.

        Raises:
            HTTPError: where a report has no such file, or it could not be made.
        """
        if name not in _types():
            raise HTTPError(404)
        if name not in self._files and not self._waiting:
            self._waiting = True
            self._ask()
        while name not in self._files and self._waiting:
            await self.news()
        if name not in self._files:
            raise HTTPError(503)
        return self._files[name]


class _Request(RequestHandler):
    """The answer to one request, whatever its path."""

    def initialize(self, desk: Desk, host: str, token: str) -> None:
        self.desk = desk
        self.host = host
        self.opening = f"/{token}/"

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in _ALWAYS.items():
            self.set_header(name, value)

    def compute_etag(self) -> None:
        """Give no mark to ask again with: nothing is kept."""

    def prepare(self) -> None:
        # A page elsewhere whose name was made to lead here is told apart by the name.
        if self.request.headers.get_list("Host") != [self.host]:
            raise HTTPError(421)
        wished = self.request.method == "POST" and self.request.path == self.opening + ADOPT
        if self.request.method != "GET" and not wished:
            raise HTTPError(405)
        # Another user of this machine does not know the token; how long the comparison takes tells nothing of it.
        given = self.request.path[: len(self.opening)]
        if not secrets.compare_digest(given.encode("utf-8", "replace"), self.opening.encode("ascii")):
            raise HTTPError(403)
        self.name = self.request.path.removeprefix(self.opening)
        # Another page may lead a reader here, but not read or set off anything.
        site = self.request.headers.get("Sec-Fetch-Site", "none")
        if (site not in {"none", "same-origin"} and self.name != PAGE) or (wished and site != "same-origin"):
            raise HTTPError(403)

    async def get(self) -> None:
        if self.name == PAGE:
            self.set_header("Content-Security-Policy", self.desk.policy)
            self.finish(self.desk.page)
        elif self.name == EVENTS:
            await self._tell()
        else:
            content = await self.desk.file(self.name)
            self.set_header("Content-Type", _types()[self.name])
            self.finish(content)

    def post(self) -> None:
        """Ask for placeholders in the place of typed numbers, the one thing that a reader of the page can set off."""
        self.desk.adopt()
        self.set_status(204)
        self.finish()

    def write_error(self, status_code: int, **settings: Any) -> None:
        del settings
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}　{_WORDS.get(status_code, '不能回答。')}\n")

    async def _tell(self) -> None:
        """Send what there is to say, and again whenever that changes, until the browser goes."""
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        try:
            while True:
                self.write(f"data: {json.dumps(self.desk.said, ensure_ascii=False)}\n\n")
                await self.flush()
                await self.desk.news()
        except StreamClosedError:
            return


ADDRESS = "127.0.0.1"
# Where nobody asks for a port: the first that is free from here.
PORT, _TRIED = 8013, 20

_REASONS = {errno.EADDRINUSE: "已被别的程序占用", errno.EACCES: "没有权限"}
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
    What serves, as seen from what makes the report.

    Args:
        page: the page that stands around the report; `policy` is its Content-Security-Policy.
    """

    def __init__(self, listening: socket.socket, page: bytes, policy: str) -> None:
        self.host = f"{ADDRESS}:{listening.getsockname()[1]}"
        token = secrets.token_urlsafe(16)
        self.address = f"http://{self.host}/{token}/"
        self._asked, self._wished = threading.Event(), threading.Event()
        self._desk = Desk(page, policy, self._asked.set, self._wished.set)
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = self._runner.get_loop()
        self._over = asyncio.Event()
        # Whatever the path is; requests are not written down.
        settings = {"desk": self._desk, "host": self.host, "token": token}
        self._application = Application([(".*", _Request, settings)], log_function=lambda _handler: None)
        self._thread = threading.Thread(target=self._runner.run, args=(self._serve(listening),), daemon=True)
        self._thread.start()

    def tell(self, said: Json, files: Mapping[str, bytes] | None = None) -> None:
        """Say *said* to the page and serve *files*, or what was served before, from now on."""
        self._loop.call_soon_threadsafe(self._desk.take, said, files)

    def asked(self, seconds: float) -> bool:
        """Wait for *seconds*, or until the files are asked for that are made on demand; tell whether they were."""
        asked = self._asked.wait(seconds)
        self._asked.clear()
        return asked

    def wished(self) -> bool:
        """Tell whether placeholders were asked for since the last call."""
        wished = self._wished.is_set()
        self._wished.clear()
        return wished

    def close(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()
        self._runner.close()

    async def _serve(self, listening: socket.socket) -> None:
        # Requests that are refused are answered, and nobody's business beyond that.
        logging.getLogger("tornado").setLevel(logging.CRITICAL)
        server = HTTPServer(self._application, max_header_size=_LONGEST_HEAD, max_body_size=0)
        # Tornado takes callers until there are none.
        listening.settimeout(0)
        server.add_socket(listening)
        await self._over.wait()
        server.stop()
        await server.close_all_connections()
