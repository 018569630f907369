"""
A report in the browser while it is being written: made again whenever a file that it comes from is saved.

This process watches, and stays one thread with everything imported; each making is a forked child of its own, in a scratch folder,
and publishes nothing, so the outputs of the report are not touched. What a child does is `previewmake`'s, the page `previewpage`'s,
serving it `previewserver`'s.
"""

from __future__ import annotations

import shutil
import signal
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from . import forked, manifest, previewpage, publish, warm
from .previewserver import Server, listen
from .project import parameter_files
from .watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .project import Project

_LIBRARY = Path(__file__).parent
# How long nobody looks whether something was saved, in seconds.
_PAUSE = 0.03
# What is not made by then has come to a stop.
_LIMIT = 300.0
# A making that has gone on for longer gives way to a save; a shorter one ends, or saving without end would leave no page at all.
_SOON = 5.0


def serve(
    project: Project, unit: str, year: str, port: int | None, say: Callable[[str], None], began: Callable[[str], None]
) -> NoReturn:
    """
    Serve the report of *unit* for *year*, and make it again whenever it is saved, until interrupted.

    Args:
        port: where to listen; None takes the first that is free.

        say: told of each making, in a line.

        began: told the address, once.

    Raises:
        PreviewError: where it cannot listen, or what serves the page is gone.
        KeyboardInterrupt: when it is ended, from the keyboard or by a signal.
    """
    params = project.params(unit, year)
    front = previewpage.page(f"预览　{unit} {year}")
    with _ended_by_signals(), publish.scratch(project.outputs) as scratch, closing(Server(listen(port), *front)) as server:
        began(f"http://{server.address}/")
        preview = _Preview(project, params, scratch, server, say)
        preview.begin()
        while True:
            preview.turn()


class _GaveWay(Exception):  # noqa: N818 - it is caught where it is raised
    """A making was given up for what was saved meanwhile."""


class _Preview:
    """The report as it is made again and again: what was made last, and what is said of it."""

    def __init__(self, project: Project, params: Path, scratch: Path, server: Server, say: Callable[[str], None]) -> None:
        self.project = project
        self.params = params
        self.scratch = scratch
        self.server = server
        self.say = say
        self.number = 0
        self.page = b""
        self.problem: dict[str, Any] | None = None
        # Read once, by this process.
        self.program = Watch(lambda: _LIBRARY.rglob("*.py"))
        self.outdated: set[str] = set()
        # Seen while something was made, and still to be made; files that are made on demand.
        self.saved: list[Path] = []
        self.asked = False

    def begin(self) -> None:
        """Make the report for the first time."""
        self._tell("正在准备…", building=True)
        warm.preload()
        # Read by each making anew.
        self.sources = Watch(self._sources)
        self._make("第一次生成", whole=False)

    def turn(self) -> None:
        """Make the report again where something was saved, or files were asked for; else wait a little."""
        self.asked |= self.server.asked(_PAUSE)
        saved = self.saved or self.sources.changed()
        self.saved = []
        if any(path.is_relative_to(_LIBRARY) for path in saved):
            manifest.library.cache_clear()
        if saved:
            self._make(f"{'、'.join(path.name for path in saved)} 已保存", whole=self.asked)
        elif self.asked:
            self._make("生成 PDF 和数据文件", whole=True)

    def _make(self, why: str, *, whole: bool) -> None:
        # Importing it takes a while, and what it imports is prepared by `warm`.
        from . import previewmake  # noqa: PLC0415

        self._tell(f"{why}，正在生成…", building=True)
        self.outdated |= {path.name for path in self.program.changed()}
        folder = self.scratch / "making"
        # Whoever cleans up the outputs meanwhile takes the scratch folder along.
        folder.mkdir(parents=True, exist_ok=True)
        outcome = self._outcome(lambda: previewmake.make(self.project, self.params, folder, whole=whole))
        if outcome is None:
            shutil.rmtree(folder, ignore_errors=True)
            return
        self.asked &= not whole
        made = outcome.value if outcome.ending == forked.DONE else {"problem": previewmake.stopped(outcome)}
        files = {name: (folder / name).read_bytes() for name in made.get("files", [])}
        shutil.rmtree(folder, ignore_errors=True)
        self.problem = made.get("problem")
        if self.problem:
            self._end(f"{why}，没有做成：{self.problem['title']}", None, whole=whole)
            return
        page = files[previewmake.PAGE]
        self.number += page != self.page
        self.page = page
        self._end(f"{why}，用时{outcome.seconds:.2f}秒。{previewmake.standing(made)}", files, whole=whole)

    def _outcome(self, work: Callable[[], Any]) -> forked.Outcome | None:
        """Return how *work* ended in a child, or None where it took long and gave way to a save."""
        began = time.monotonic()

        def look(_running: tuple[str, ...]) -> None:
            if time.monotonic() - began > _SOON:
                self.saved = self.sources.changed()
            if self.saved:
                raise _GaveWay

        try:
            return next(forked.run_all([("", work)], at_most=1, limit=_LIMIT, beat=look))
        except _GaveWay:
            return None

    def _end(self, words: str, files: dict[str, bytes] | None, *, whole: bool) -> None:
        self.say(words)
        self._tell(words, files, whole=whole)

    def _tell(self, state: str, files: dict[str, bytes] | None = None, *, building: bool = False, whole: bool = False) -> None:
        outdated = "、".join(sorted(self.outdated))
        notice = f"程序改动了（{outdated}），这里用的还是改动以前的：请停止预览，重新启动。" if outdated else ""
        said = {"state": state, "building": building, "whole": whole, "number": self.number}
        self.server.tell({**said, "problem": self.problem, "notice": notice}, files)

    def _sources(self) -> Iterator[Path]:
        """Yield the files that a making reads: parameters, notebooks, lock, and what the library holds as data."""
        yield from parameter_files(self.params)
        yield from parameter_files(self.params.with_name(str(int(self.params.name) - 1)))
        yield from self.project.root.glob("notebooks/[!.]*.ipynb")
        yield self.project.root / "requirements.lock"
        yield from _LIBRARY.glob("forms/*.yaml")
        yield from _LIBRARY.glob("templates/*/*")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let the signals by which a terminal or a service ends a program do what an interrupt from the keyboard does."""

    def interrupt(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
