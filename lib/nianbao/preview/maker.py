"""
A report made again and again while it is written: each making in a process of its own, and what the page says of it.

The page stands around the report: a bar, what is wrong, and the report in a frame. What it does is in `templates/html/preview.js`, how
it looks in `preview.css`; another process, of `server`, serves it. Saves are found by looking again and again: that works wherever
files do, network drives included, and whatever an editor does: write in place, rename over, delete and write anew. Importing this
loads nothing heavy, so that the page is there before anything is made.
"""

from __future__ import annotations

import gc
import hashlib
import re
import shutil
import signal
import stat
import time
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nianbao import render
from nianbao.build import inputs, manifest, swap
from nianbao.indicators.errors import InvalidInputError, NianbaoError, Problem, of_system
from nianbao.inputs import formfile
from nianbao.preview.server import Server, listen
from nianbao.processes import pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nianbao.indicators.values import Strings
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json
    from nianbao.notebook.run import CellFailed
    from nianbao.processes.pool import Outcome


def page(title: str) -> tuple[bytes, str]:
    """Return the page for the report called *title*, and the Content-Security-Policy that it is sent with."""
    script, style = render.template("preview.js"), render.template("preview.css")
    made = render.page("preview.html.j2", title=title, script=script, style=style)
    policy = (
        f"default-src 'none'; script-src '{render.policy_source(script)}'; style-src '{render.policy_source(style)}'; "
        "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return made.encode(), policy


PAGE = "report.html"

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"(?:Cell In\[\d+\]|<ipython-input[^>]*>), line (\d+)")


def make(project: Project, params: Path, folder: Path, *, whole: bool, renewed: bool) -> Json:
    """
    Make the report of *params* in *folder*; return the `files` it left there, and what is `waiting`, or the `problem`.

    Args:
        whole: every file, or the web page alone.

        renewed: what the library holds as data is not what it was when the server of this process read it.
    """
    from nianbao.build.pipeline import ReportJob  # noqa: PLC0415 - see the module
    from nianbao.document import charts  # noqa: PLC0415
    from nianbao.notebook import run  # noqa: PLC0415
    from nianbao.prose.lint import TYPED  # noqa: PLC0415

    # The process ends with the making; until then it need not look for what could be thrown away.
    gc.disable()
    if renewed:
        manifest.library.cache_clear()
    notebook = ""
    try:
        with run.ready(folder, warm=charts.load) as shell:
            job = ReportJob(project, params.parent.name, params.name, folder, formfile.shipped())
            notebook = job.source.file
            job.run(shell, progress=False)
        made = job.made() if whole else job.made_page()
        for name, content in made.items():
            (folder / name).write_bytes(content)
    except (NianbaoError, run.CellFailed, OSError) as error:
        return {"problem": problem(error, notebook)}
    waiting = job.waiting()
    typed = sum(finding.rule == TYPED for finding in waiting)
    return {"files": list(made), "waiting": len(waiting), "typed": typed, "stray": job.stray, "needs": job.needs}


def mend(project: Project, params: Path) -> Json:
    """Put placeholders in the place of the typed numbers of *params* that leave no doubt; return what to say of it, or the `problem`."""
    from nianbao import adopt  # noqa: PLC0415 - see the module

    try:
        adopted = adopt.adopt(project, params.parent.name, params.name, formfile.shipped())
    except (NianbaoError, OSError) as error:
        return {"problem": problem(error, "")}
    rest = f"还有{len(adopted.rest)}个要由人决定，见草稿框。" if adopted.rest else ""
    changes = len(adopted.changes)
    return {"changes": changes, "words": f"{changes}个手写的数改成了占位符。{rest}"}


def standing(made: Mapping[str, Any]) -> str:
    """Return what is to be said of a report that was made: whether it may be published, what made it slow, and what did not enter it."""
    words = [f"笔记本用到{need}，已改由普通内核执行，所以慢。" for need in made["needs"]]
    words += [f"单元格{cell}有不属于报告的输出，没有进入网页。" for cell in made["stray"]]
    words.append(f"草稿：有{made['waiting']}个问题没有处理。" if made["waiting"] else "成稿：没有待处理的问题。")
    return "".join(words)


def stopped(outcome: Outcome) -> Json:
    """Return what the page shows where the making itself did not come to its end."""
    titles = {
        pool.LATE: f"生成了{outcome.seconds:.0f}秒还没有完，已经停止",
        pool.KILLED: f"生成报告的进程被中止（信号{outcome.signal}，可能内存不足）",
    }
    return _shown(titles.get(outcome.ending, "程序出错：这是程序的缺陷，不是资料的问题"), text=outcome.message)


def problem(error: NianbaoError | CellFailed | OSError, notebook: str) -> Json:
    """
    Return what the page shows of *error*: a title, items that say where and what, and a text to be read as it stands.

    Args:
        notebook: the notebook that ran, relative to the project.
    """
    from nianbao.notebook.run import CellFailed  # noqa: PLC0415

    if isinstance(error, InvalidInputError):
        return _shown(f"有{len(error.problems)}处需要改正", *error.problems)
    if isinstance(error, CellFailed):
        line = _line(error)
        reason = Problem(file=f"{notebook} 单元格{error.cell}", line=line, found=f"原因：{error.reason}")
        return _shown("笔记本在一个单元格处出错", reason, text=_numbered(error.source, line))
    return _shown(of_system(error) if isinstance(error, OSError) else str(error))


def _shown(title: str, *problems: Problem, text: str = "") -> Json:
    items = [{"where": each.where, "found": each.found, "allowed": each.allowed, "remedy": each.remedy} for each in problems]
    return {"title": title, "items": items, "text": text}


def _line(error: CellFailed) -> int | None:
    """Return the line of the cell that raised, the last that its traceback names."""
    traceback: list[str] = []
    for cell in error.notebook.cells:
        for output in cell.get("outputs", []):
            traceback += output.get("traceback", [])
    lines = _LINE.findall(_COLOURS.sub("", "\n".join(traceback)))
    return int(lines[-1]) if lines else None


def _numbered(source: str, marked: int | None) -> str:
    """Return *source* with its lines numbered and one of them marked."""
    lines = source.splitlines()
    return "\n".join(f"{'>' if number == marked else ' '}{number:>3}  {line}" for number, line in enumerate(lines, 1))


# Content, or nothing where the file cannot be read now, and the marks by which it was known: number, size, time.
_Seen = tuple[bytes | None, tuple[int, int, int] | None]
_NOTHING: _Seen = (None, None)

# A save is over when nothing has moved for this long, in seconds; one that goes on for `_MOST` is taken as it is.
_STILL, _MOST = 0.02, 2.0
# Times of files are as coarse as two seconds; a file younger than this may change again and keep its time.
_YOUNG = 3.0


class Watch:
    """
    Looks at files, and says which have changed.

    Args:
        files: gives those to look at; asked every time, because files come and go.
    """

    def __init__(self, files: Callable[[], Iterable[Path]]) -> None:
        self._files = files
        self._seen = self._look({})

    def changed(self) -> list[Path]:
        """Return the files that changed, came or went since the last call, once their saving is over."""
        now = self._look(self._seen)
        start = time.monotonic()
        while now != self._seen and time.monotonic() - start < _MOST:
            time.sleep(_STILL)
            before, now = now, self._look(now)
            if before == now:
                break
        earlier, self._seen = self._seen, now
        return sorted(path for path in {*earlier, *now} if earlier.get(path, _NOTHING)[0] != now.get(path, _NOTHING)[0])

    def _look(self, before: dict[Path, _Seen]) -> dict[Path, _Seen]:
        return {path: _seen(path, before.get(path)) for path in self._files()}


def _seen(path: Path, before: _Seen | None) -> _Seen:
    """Return how *path* looks, reading it only where it may have changed since it looked like *before*."""
    try:
        found = path.stat()
        marks = (found.st_ino, found.st_size, found.st_mtime_ns)
        if before is not None and before[1] == marks and abs(time.time() - found.st_mtime) > _YOUNG:
            return before
        if not stat.S_ISREG(found.st_mode):
            # A pipe would be waited for.
            return None, marks
        return hashlib.sha256(path.read_bytes()).digest(), marks
    except OSError:
        # Between being deleted and written anew, or held by another program; it is looked at again at once.
        return _NOTHING


_LIBRARY = Path(__file__).parents[1]
# What the server of the makings imports.
_PRELOAD = (__name__, "nianbao.build.preload")
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
        PreviewError: where it cannot listen.
        KeyboardInterrupt: when it is ended, from the keyboard or by a signal.
    """
    params = project.params(unit, year)
    front = page(f"预览　{unit} {year}")
    with _ended_by_signals(), swap.scratch(project.outputs) as scratch, closing(Server(listen(port), *front)) as server:
        preview = _Preview(project, params, scratch, server, say)
        began(server.address)
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
        self.problem: Json | None = None
        # How many numbers typed by hand the page shows, and what is to be said of those that were mended.
        self.typed = 0
        self.mended = ""
        # Read once, by this process and the server of the makings.
        self.program = Watch(lambda: _LIBRARY.rglob("*.py"))
        # Read by each making anew.
        self.sources = Watch(self._sources)
        self.outdated: set[str] = set()
        self.renewed = False
        # Seen while something was made, and still to be made; files that are made on demand.
        self.saved: list[Path] = []
        self.asked = False
        # Whoever opens the page at once is told something.
        self._tell("正在准备…", building=True)

    def begin(self) -> None:
        """Make the report for the first time."""
        self._make("第一次生成", whole=False)

    def turn(self) -> None:
        """Make the report again where something was saved, or files were asked for; else wait a little."""
        self.asked |= self.server.asked(_PAUSE)
        if self.server.wished():
            self._mend()
        saved = self.saved or self.sources.changed()
        self.saved = []
        self.renewed |= any(path.is_relative_to(_LIBRARY) for path in saved)
        if saved:
            self._make(f"{'、'.join(path.name for path in saved)} 已保存", whole=self.asked)
        elif self.asked:
            self._make("生成 PDF 和数据文件", whole=True)

    def _mend(self) -> None:
        """Put placeholders in the place of typed numbers; what is written is a save like any other."""
        self._tell("正在把手写的数改为占位符…", building=True)
        outcome = pool.run(partial(mend, self.project, self.params), limit=_LIMIT, preload=_PRELOAD)
        came: Json = outcome.value if outcome.ending == pool.DONE else {"problem": stopped(outcome)}
        self.problem = came.get("problem")
        words = came.get("words") or f"没有改动：{came['problem']['title']}"
        # Said again with the report that is made of it; where nothing changed, none is made.
        self.mended = words if came.get("changes") else ""
        self.say(words)
        self._tell(words)

    def _make(self, why: str, *, whole: bool) -> None:
        self._tell(f"{why}，正在生成…", building=True)
        self.outdated |= {path.name for path in self.program.changed()}
        folder = self.scratch / "making"
        # Whoever cleans up the outputs meanwhile takes the scratch folder along.
        folder.mkdir(parents=True, exist_ok=True)
        outcome = self._outcome(partial(make, self.project, self.params, folder, whole=whole, renewed=self.renewed))
        if outcome is not None:
            self.asked &= not whole
            self._take(why, outcome, folder, whole=whole)
        shutil.rmtree(folder, ignore_errors=True)

    def _take(self, why: str, outcome: Outcome, folder: Path, *, whole: bool) -> None:
        """Show what a making came to that left its files in *folder*."""
        made: Json = outcome.value if outcome.ending == pool.DONE else {"problem": stopped(outcome)}
        self.problem, files = made.get("problem"), None
        if self.problem:
            words = f"{why}，没有做成：{self.problem['title']}"
        else:
            files = {name: (folder / name).read_bytes() for name in made["files"]}
            self.number += files[PAGE] != self.page
            self.page = files[PAGE]
            self.typed = made["typed"]
            words = f"{self.mended}{why}，用时{outcome.seconds:.2f}秒。{standing(made)}"
            self.mended = ""
        self.say(words)
        self._tell(words, files, whole=whole)

    def _outcome(self, work: Callable[[], Any]) -> Outcome | None:
        """Return how *work* ended in a child, or None where it took long and gave way to a save."""
        began = time.monotonic()

        def look(_running: Strings) -> None:
            if time.monotonic() - began > _SOON:
                self.saved = self.sources.changed()
            if self.saved:
                raise _GaveWay

        try:
            return pool.run(work, limit=_LIMIT, beat=look, preload=_PRELOAD)
        except _GaveWay:
            return None

    def _tell(self, state: str, files: dict[str, bytes] | None = None, *, building: bool = False, whole: bool = False) -> None:
        outdated = "、".join(sorted(self.outdated))
        notice = f"程序改动了（{outdated}），这里用的还是改动以前的：请停止预览，重新启动。" if outdated else ""
        said = {
            "state": state,
            "building": building,
            "whole": whole,
            "number": self.number,
            "problem": self.problem,
            "notice": notice,
            "typed": self.typed,
        }
        self.server.tell(said, files)

    def _sources(self) -> Iterator[Path]:
        """Yield the files that a making reads: what the report is made from, and what else the library holds as data."""
        scope = inputs.of_report(self.params.parent.name, self.params.name, (inputs.ANY_NOTEBOOK,), (inputs.ANY_FORM,))
        yield from inputs.files(self.project.root, scope).values()
        yield from render.TEMPLATES.glob("*/*")


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
