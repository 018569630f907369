"""
What is answered to a browser that asks for the report being previewed, and what is refused.

The files are held in memory under fixed names: no path of a request reaches the file system. A request is answered only where it
names this very address, reads, and comes from the preview's own page; where the rest of the files comes from is not known here.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAGE, EVENTS = "/", "/events"

# What can be asked for: the files of a report, each with its type.
FILES = {
    "report.html": "text/html; charset=utf-8",
    "report.pdf": "application/pdf",
    "report.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "report.ipynb": "application/x-ipynb+json",
    "tables.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "data.csv": "text/csv; charset=utf-8",
    "datapackage.json": "application/json",
    "figures.json": "application/json",
    "findings.json": "application/json",
    "manifest.json": "application/json",
}
_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_WORDS = {
    403: "这个请求来自别的网页，不予回答。",
    404: "没有这个文件。",
    405: "只能读取，不能提交。",
    421: "请用启动预览时显示的地址访问。",
    503: "这个文件没有做成，原因见预览页。",
}


class Desk:
    """
    What there is to say and to serve now.

    Args:
        page: the page that stands around the report; `policy` is its Content-Security-Policy.

        ask: asks for the files that are not there, to be made.
    """

    def __init__(self, page: bytes, policy: str, ask: Callable[[], None]) -> None:
        self.page = page
        self.policy = policy
        self.said: dict[str, Any] = {}
        self._ask = ask
        self._waiting = False
        self._files: Mapping[str, bytes] = {}
        self._news = asyncio.Event()

    def take(self, said: dict[str, Any], files: Mapping[str, bytes] | None) -> None:
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
        if name not in FILES:
            raise HTTPError(404)
        if name not in self._files and not self._waiting:
            self._waiting = True
            self._ask()
        while name not in self._files and self._waiting:
            await self.news()
        if name not in self._files:
            raise HTTPError(503)
        return self._files[name]


class _Answer(RequestHandler):
    """The answer to one request, whatever its path."""

    def initialize(self, desk: Desk, address: str) -> None:
        self.desk = desk
        self.address = address

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in _ALWAYS.items():
            self.set_header(name, value)

    def compute_etag(self) -> None:
        """Give no mark to ask again with: nothing is kept."""

    def prepare(self) -> None:
        # A page elsewhere whose name was made to lead here is told apart by the name.
        if self.request.headers.get_list("Host") != [self.address]:
            raise HTTPError(421)
        if self.request.method != "GET":
            raise HTTPError(405)
        # Another page may lead a reader here, but not read or set off anything.
        if self.request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"} and self.request.path != PAGE:
            raise HTTPError(403)

    async def get(self) -> None:
        if self.request.path == PAGE:
            self.set_header("Content-Security-Policy", self.desk.policy)
            self.finish(self.desk.page)
        elif self.request.path == EVENTS:
            await self._tell()
        else:
            name = self.request.path.removeprefix("/")
            content = await self.desk.file(name)
            self.set_header("Content-Type", FILES[name])
            self.finish(content)

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


def application(desk: Desk, address: str) -> Application:
    """Return what answers requests that name *address*, from *desk*."""
    return Application([(r".*", _Answer, {"desk": desk, "address": address})], log_function=lambda _handler: None)
