"""
One report built on another machine: what travels there and back, what must hold before it is believed, and the process that builds.

What travels is plain text and bytes by name, so that two versions of this library can still tell each other that they differ. How it
is sent is not known here.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.build import inputs, manifest, swap
from nianbao.build.freshness import SEAL
from nianbao.fleet import batch
from nianbao.fleet.batch import BUILT, FAILED, Result
from nianbao.indicators.errors import ClusterError
from nianbao.inputs import formfile
from nianbao.inputs.project import some
from nianbao.inputs.yaml import STRING, Keys, MapOf, Of
from nianbao.render import outputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nianbao.indicators.form import Form
    from nianbao.inputs.project import Project

    # By name.
    Hashes = Mapping[str, str]
    Files = Mapping[str, bytes]


FAILED_NOTEBOOK = "report.failed.ipynb"
_FINGERPRINT = 12


def software() -> dict[str, str]:
    """Return what a report depends on beside its inputs: the hash of this library, the kind of machine, the versions of the rest."""
    there = manifest.environment()
    library = manifest.digest(manifest.text(dict(manifest.library())).encode())
    return {"nianbao": library, "python": there["python"], "platform": there["platform"], **there["packages"]}


def differences(here: Hashes, there: Hashes) -> str:
    """Return in words how the software *there* differs from that *here*; empty where it does not."""
    return "；".join(f"{name} 本机 {_short(here.get(name))}，那边 {_short(there.get(name))}" for name in _unequal(here, there))


def pack(project: Project, unit: str, year: str, forms: Iterable[Form]) -> dict[str, bytes]:
    """
    Return all files that the report of *unit* for *year* can be made from, by path in the project.

    Args:
        forms: the forms there are; only the worker reads which of their notebooks it takes.

    Raises:
        UnknownReportError: where its folder of parameters is not there.
        InvalidInputError: where a file of it is too large, or a link to somewhere else.
    """
    project.params(unit, year)
    scope = inputs.of_report(unit, year, tuple({form.notebook: None for form in forms}))
    inputs.check(project.root, scope)
    return {name: path.read_bytes() for name, path in inputs.files(project.root, scope).items()}


def unpack(files: Files, root: Path, unit: str, year: str) -> None:
    """Make a project in the folder *root* of what was packed of *unit* for *year*."""
    for name in ("notebooks", f"params/{unit}/{year}"):
        (root / name).mkdir(parents=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def names() -> tuple[str, ...]:
    """Return the name of every file of a report's outputs: no other is ever taken from an answer, and no path."""
    return tuple(output.name for output in outputs.REPORT)


def collect(folder: Path) -> dict[str, bytes]:
    """Return what a build has left in the folder of outputs *folder*."""
    return {name: (folder / name).read_bytes() for name in (*names(), FAILED_NOTEBOOK) if (folder / name).is_file()}


def doubt(unit: str, year: str, sent: Hashes, library: Hashes, files: Files) -> str:
    """
    Return in words why *files* are not what they must be; empty where they are.

    They must be whole, of *unit* and *year*, and made by this library from what was sent.

    Args:
        sent: the hash of each file that was packed; *library*, that of each part of this library.
    """
    strange = sorted({*files} ^ {*names()})
    if strange:
        return f"缺少或多出文件 {'、'.join(map(repr, strange))}"
    try:
        sealed = json.loads(files[SEAL])
    except (ValueError, RecursionError):
        return f"{SEAL} 不能读取"
    if not manifest.fits(sealed, manifest.MANIFEST) or sealed["schema"] != manifest.SCHEMA:
        return f"{SEAL} 残缺"
    named = f"{sealed['report']['unit']}/{sealed['report']['year']}"
    if named != f"{unit}/{year}":
        return f"{SEAL} 是“{named}”的"
    made = {name: manifest.digest(content) for name, content in files.items() if name != SEAL}
    taken = {name: digest for name, digest in sent.items() if not name.startswith("notebooks/") or name in sealed["inputs"]}
    taken |= inputs.hashes(None, inputs.sealed_in(sealed, inputs.of_report(unit, year)))
    wrong = _unequal(made, sealed["outputs"]) + _unequal(taken, sealed["inputs"]) + _unequal(library, sealed["library"])
    return f"{some(wrong)} 与 {SEAL} 不符" if wrong else ""


def _unequal(found: Hashes, expected: Hashes) -> list[str]:
    return sorted(name for name in {**found, **expected} if found.get(name) != expected.get(name))


def _short(told: str | None) -> str:
    return "没有" if told is None else told[:_FINGERPRINT]


REMEDY = "请在各机装同一份 nianbao，依赖照同一份 requirements.lock。"
_RESULT = {
    **dict.fromkeys(("unit", "year", "outcome", "message", "trace"), STRING),
    **dict.fromkeys(("seconds", "cpu"), Of(float)),
    "peak": Of(int),
}
_ANSWER = {"result": Keys(_RESULT), "files": MapOf(Of(bytes)), "worker": STRING}
_REFUSAL = {"software": MapOf(STRING), "worker": STRING}


@dataclass(frozen=True, kw_only=True)
class Remote:
    """
    The reports of a project, to be built elsewhere.

    Args:
        limit: the seconds that one may take.

        software: what must be the same there, `library` the hash of each part of this library.
    """

    project: Project
    forms: Mapping[str, Form]
    limit: float
    software: Hashes = field(default_factory=software)
    library: Hashes = field(default_factory=manifest.library)

    def request(self, unit: str, year: str) -> dict[str, Any]:
        """
        Return what to ask for the report of *unit* for *year*.

        Raises:
            UnknownReportError, UnsafeNameError: where its parameters are not there, or its outputs could not be put into place.
        """
        self.project.output(unit, year)
        files = pack(self.project, unit, year, self.forms.values())
        return {"unit": unit, "year": year, "files": files, "limit": self.limit, "software": dict(self.software)}

    def take(self, answer: Any, unit: str, year: str, sent: Hashes) -> Result:
        """
        Put into place what was built, once it is believed, and return the result.

        Args:
            sent: the hash of each file that was asked with.

        Raises:
            ClusterError: where it is not believed; nothing is changed then.
        """
        result = self._believed(answer, unit, year, sent)
        files, target = answer["files"], self.project.output(unit, year)
        if result.outcome == BUILT:
            with swap.scratch(self.project.outputs) as scratch:
                # In their order: the manifest is the youngest, as a build leaves it.
                swap.put({name: files[name] for name in names()}, scratch, target)
            return result
        if FAILED_NOTEBOOK in files:
            swap.write_beside(target / FAILED_NOTEBOOK, files[FAILED_NOTEBOOK].decode("utf-8", "replace"))
        return replace(result, trace=f"执行机 {answer['worker']}\n{result.trace}".strip())

    def _believed(self, answer: Any, unit: str, year: str, sent: Hashes) -> Result:
        if manifest.fits(answer, _REFUSAL):
            told = differences(self.software, answer["software"])
            raise ClusterError(f"执行机 {answer['worker']} 的软件与本机不同，没有生成：{told}。{REMEDY}")
        if not manifest.fits(answer, _ANSWER):
            raise ClusterError("执行机送回的不是成果，没有采用；上一次的成果没有改动。")
        result = Result(**{name: answer["result"][name] for name in _RESULT})
        wrong = ""
        if result.report != (unit, year) or result.outcome not in {BUILT, FAILED}:
            wrong = f"是“{'/'.join(result.report)}”的"
        elif result.outcome == BUILT:
            wrong = doubt(unit, year, sent, self.library, answer["files"])
        if wrong:
            raise ClusterError(f"执行机 {answer['worker']} 送回的成果不对，没有采用：{wrong}；上一次的成果没有改动。")
        return result


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
    own, forms = software(), formfile.shipped()
    while connection.poll(_IDLE):
        try:
            request = connection.recv()
            connection.send(_answer(request, own, forms, connection))
        except (EOFError, ConnectionError, _AskerGone):
            return


def _answer(request: Mapping[str, Any], own: Hashes, forms: Mapping[str, Form], connection: Connection) -> Any:
    from nianbao.inputs.project import Project  # noqa: PLC0415

    if request["software"] != own:
        return {"software": own}

    def beat(_running: tuple[str, ...]) -> None:
        # Only one thing is asked at a time, so what can be read now is the end.
        if connection.poll():
            raise _AskerGone

    unit, year = request["unit"], request["year"]
    with swap.scratch(Path(request["folder"]) / "nianbao") as folder:
        project = Project(folder)
        unpack(request["files"], project.root, unit, year)
        order = batch.Plan(project=project, forms=forms, stale=[(unit, year)])
        (result,) = batch.run(order, 1, request["limit"], beat)
        return {"result": dataclasses.asdict(result), "files": collect(project.output(unit, year))}


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
