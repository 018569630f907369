"""
The reports of a batch, built by the workers of a Dask cluster: the one module that knows Dask.

Inputs travel there and outputs back as bytes by name, so that two versions of this library can still tell each other that they differ.
Outputs are put into place once they are what the manifest among them says. What takes its worker along is given up alone.
"""

from __future__ import annotations

import dataclasses
import logging
import multiprocessing
import re
import time
import traceback
import uuid
from collections import deque
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.build import inputs, manifest, swap
from nianbao.build.freshness import SEAL
from nianbao.fleet import batch
from nianbao.fleet.batch import BUILT, FAILED, Result
from nianbao.indicators.errors import ClusterError, NianbaoError, of_system
from nianbao.inputs.project import Project, some
from nianbao.inputs.yaml import STRING, Keys, MapOf, Of, from_json
from nianbao.render import outputs

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from distributed import Client, Future

    from nianbao.fleet.batch import Plan, Report
    from nianbao.indicators.form import Form
    from nianbao.indicators.values import Strings
    from nianbao.inputs.yaml import Json
    from nianbao.processes.pool import Beat

    # By name.
    Hashes = Mapping[str, str]
    Files = Mapping[str, bytes]


FAILED_NOTEBOOK = "report.failed.ipynb"
_FINGERPRINT = 12
_REACH = 10  # seconds to find the scheduler, and its workers
_NOBODY = 60  # seconds without any worker before a batch is given up
_AHEAD = 4  # reports sent for each thread of the cluster, so that none waits and memory stays bounded
_BEAT = 0.2
_ADDRESS = re.compile(r"(?:(?P<scheme>tcp|tls)://)?[^\s/]+:(?P<port>[0-9]{1,5})", re.ASCII)
_LAST_PORT = 65535
# What the scheduler must have as it is here.
_SAME = ("dask", "distributed")
_REMEDY = "请在各机装同一份 nianbao，依赖照同一份 requirements.lock。"

_NOTHING = type(None)
_RESULT = dict.fromkeys(("unit", "year", "outcome", "message", "trace"), STRING)
_RESULT |= {"seconds": Of(float), "cpu": Of(float, _NOTHING), "peak": Of(int, _NOTHING)}
_ANSWER = {"result": Keys(_RESULT), "files": MapOf(Of(bytes)), "worker": STRING}
_REFUSAL = {"software": MapOf(STRING), "worker": STRING}


def run(order: Plan, address: str, limit: float, beat: Beat) -> Generator[Result]:
    """
    Have the cluster whose scheduler is at *address* build what is stale, and yield what became of each as it ends.

    Args:
        limit: the seconds that one may take.

        beat: told the names of what was sent and has not come back, the oldest first, several times a second.

    Raises:
        ClusterError: where the cluster cannot be reached or used, or is lost on the way.
    """
    return _Batch(_connected(address), order, limit, beat).results()


def build(request: Json) -> Any:
    """Build one report: this is the task, and it runs on a worker."""
    from distributed import get_worker  # noqa: PLC0415

    worker = get_worker()
    # Dask ends a worker with its nanny, for which the library takes a process that may have none of its own; these end with it too.
    multiprocessing.current_process().daemon = False
    return answer(request, Path(worker.local_directory) / "nianbao") | {"worker": worker.address}


def answer(request: Mapping[str, Any], folder: Path) -> Json:
    """Build what is asked for in *folder*, and return the `result` and the `files`, or the `software` where that is another."""
    if request["software"] != software():
        return {"software": software()}
    unit, year = request["unit"], request["year"]
    with swap.scratch(folder) as root:
        project = Project(root)
        unpack(request["files"], root, unit, year)
        order = batch.Plan(project=project, forms={}, stale=[(unit, year)])
        (result,) = batch.run(order, 1, request["limit"], lambda _running: None)
        return {"result": dataclasses.asdict(result), "files": collect(project.output(unit, year))}


def _connected(address: str) -> Client:
    try:
        import distributed  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ClusterError("没有安装集群所需的软件。请运行：pip install 'nianbao[cluster]'。") from error
    # What it would say on the terminal is said here, in the reader's language.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    parts = _ADDRESS.fullmatch(address)
    if parts is None or int(parts["port"]) > _LAST_PORT:
        raise ClusterError(f"调度器的地址“{address}”不对。写如 tcp://主机:8786；加密的写如 tls://主机:8786。")
    if parts["scheme"] == "tls" and distributed.Security().get_connection_args("client").get("ssl_context") is None:
        raise ClusterError("加密的地址 tls:// 要先设置证书：Dask 的设置 distributed.comm.tls，见 docs/scale.md。")
    try:
        client = distributed.Client(address, timeout=_REACH, set_as_default=False)
    except OSError as error:
        raise ClusterError(f"{_REACH}秒内连不上调度器“{address}”（{error}）。请看它是否已启动，地址、端口和防火墙。") from error
    try:
        _examine(client)
    except BaseException:
        client.close()
        raise
    return client


def _examine(client: Client) -> None:
    """Make sure that there are workers, and that what must be the same is the same here and there."""
    try:
        client.wait_for_workers(1, timeout=_REACH)
    except TimeoutError as error:
        raise ClusterError(f"调度器已连上，但{_REACH}秒内没有一台执行机。请先启动：dask worker 调度器地址。") from error
    here = _software()
    scheduler = client.get_versions()["scheduler"]["packages"]
    unlike = {"调度器": differences({name: here[name] for name in _SAME}, {name: scheduler.get(name) for name in _SAME})}
    for worker, there in client.run(_software, on_error="return").items():
        usable = isinstance(there, dict)
        unlike[f"执行机 {worker}"] = differences(here, there) if usable else f"没有可用的 nianbao（{there}）"
    wrong = [f"{place}：{words}" for place, words in unlike.items() if words]
    if wrong:
        raise ClusterError("\n  ".join([f"集群上的软件与本机不同，没有生成任何报告。{_REMEDY}", *wrong]))


def _software() -> dict[str, str]:
    return {**software(), **{name: metadata.version(name) for name in _SAME}}


def software() -> dict[str, str]:
    """Return what a report depends on beside its inputs: the hash of this library, the kind of machine, the versions of the rest."""
    there = manifest.environment()
    library = manifest.digest(manifest.text(dict(manifest.library())).encode())
    return {"nianbao": library, "python": there["python"], "platform": there["platform"], **there["packages"]}


def differences(here: Hashes, there: Hashes) -> str:
    """Return in words how the software *there* differs from that *here*; empty where it does not."""
    return "；".join(f"{name} 本机 {_short(here.get(name))}，那边 {_short(there.get(name))}" for name in _unequal(here, there))


def _short(told: str | None) -> str:
    return "没有" if told is None else told[:_FINGERPRINT]


def _unequal(here: Hashes, there: Hashes) -> list[str]:
    return sorted(name for name in {**here, **there} if here.get(name) != there.get(name))


def request(order: Plan, limit: float, unit: str, year: str) -> Json:
    """
    Return what to ask for the report of *unit* for *year*.

    Raises:
        UnknownReportError, UnsafeNameError: where its parameters are not there, or its outputs could not be put into place.
    """
    order.project.output(unit, year)
    files = pack(order.project, unit, year, order.forms.values())
    return {"unit": unit, "year": year, "files": files, "limit": limit, "software": software()}


def pack(project: Project, unit: str, year: str, forms: Iterable[Form]) -> dict[str, bytes]:
    """
    Return all files that the report of *unit* for *year* can be made from, by path in the project, the notebooks of all *forms* among them.

    Raises:
        UnknownReportError, InvalidInputError: where its folder is not there; where a file is too large, or a link to somewhere else.
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
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def names(there: Iterable[str] = ()) -> Strings:
    """Return the name of every file of a report's outputs, its own tables *there* among them: no other is ever taken, and no path."""
    *first, last = (output.name for output in outputs.REPORT)
    return (*first, *sorted(filter(outputs.TABLE.fullmatch, there)), last)


def collect(folder: Path) -> dict[str, bytes]:
    """Return what a build has left in the folder of outputs *folder*."""
    there = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return {name: (folder / name).read_bytes() for name in (*names(there), FAILED_NOTEBOOK) if name in there}


def doubt(unit: str, year: str, sent: Hashes, files: Files) -> str:
    """Return in words why *files* are not whole, of *unit* and *year*, and made by this library from what was *sent*, by hash."""
    strange = sorted({*files} ^ {*names(files)})
    if strange:
        return f"缺少或多出文件 {'、'.join(map(repr, strange))}"
    sealed = from_json(files[SEAL], Keys(manifest.MANIFEST))
    if sealed is None or sealed["schema"] != manifest.SCHEMA:
        return f"{SEAL} 残缺"
    report = sealed["report"]
    if (report["unit"], report["year"]) != (unit, year):
        return f"{SEAL} 是“{report['unit']}/{report['year']}”的"
    made = {name: manifest.digest(content) for name, content in files.items() if name != SEAL}
    taken = {name: digest for name, digest in sent.items() if not name.startswith("notebooks/") or name in sealed["inputs"]}
    taken |= inputs.hashes(None, inputs.sealed_in(sealed, inputs.of_report(unit, year)))
    wrong = _unequal(made, sealed["outputs"]) + _unequal(taken, sealed["inputs"]) + _unequal(manifest.library(), sealed["library"])
    return f"{some(wrong)} 与 {SEAL} 不符" if wrong else ""


def take(project: Project, report: Report, sent: Hashes, answer: Any) -> Result:
    """
    Put into place what was built of *report* from what was *sent*, by hash, and return the result.

    Raises:
        ClusterError: where it is not believed; nothing is changed then.
    """
    if manifest.fits(answer, _REFUSAL):
        told = differences(software(), answer["software"])
        raise ClusterError(f"执行机 {answer['worker']} 的软件与本机不同，没有生成：{told}。{_REMEDY}")
    if not manifest.fits(answer, _ANSWER):
        raise ClusterError("执行机送回的不是成果，没有采用；上一次的成果没有改动。")
    worker, files = answer["worker"], answer["files"]
    result = Result(**{name: answer["result"][name] for name in _RESULT})
    wrong = ""
    if result.report != report or result.outcome not in {BUILT, FAILED}:
        wrong = f"是“{'/'.join(result.report)}”的"
    elif result.outcome == BUILT:
        wrong = doubt(*report, sent, files)
    if wrong:
        raise ClusterError(f"执行机 {worker} 送回的成果不对，没有采用：{wrong}；上一次的成果没有改动。")
    target = project.output(*report)
    if result.outcome == BUILT:
        with swap.scratch(project.outputs) as scratch:
            # In their order: the manifest is the youngest, as a build leaves it.
            swap.put({name: files[name] for name in names(files)}, scratch, target)
        return result
    if FAILED_NOTEBOOK in files:
        swap.write_beside(target / FAILED_NOTEBOOK, files[FAILED_NOTEBOOK].decode("utf-8", "replace"))
    return dataclasses.replace(result, trace=f"执行机 {worker}\n{result.trace}".strip())


class _Batch:
    """One batch on one cluster."""

    def __init__(self, client: Client, order: Plan, limit: float, beat: Beat) -> None:
        self.client = client
        self.order = order
        self.limit = limit
        self.beat = beat
        self.last_seen = time.monotonic()

    def results(self) -> Generator[Result]:
        """Yield what became of each report."""
        waiting = self.order.stale
        with self.client:
            try:
                # What died with its workers may have died of another that ran there: it has a chance without any other.
                for alone in (False, True):
                    suspects: list[Report] = []
                    with closing(self._round(waiting, alone=alone)) as ended:
                        for report, result in ended:
                            if result:
                                yield result
                            else:
                                suspects.append(report)
                    waiting = suspects
            except OSError as error:
                raise _lost(error) from error
            for report in waiting:
                yield _failed(report, "执行机在生成它时一再停止，单独再试也是如此；上一次的成果没有改动。")

    def _round(self, reports: Iterable[Report], *, alone: bool) -> Generator[tuple[Report, Result | None]]:
        """Have *reports* built; yield each with its result as it ends, None where its workers died."""
        from distributed import as_completed  # noqa: PLC0415

        waiting = deque(reports)
        sent: dict[Future, tuple[Report, Hashes]] = {}
        ended = as_completed(loop=self.client.loop)
        try:
            while sent or waiting:
                room = self._room(alone=alone)
                while waiting and len(sent) < room:
                    report = waiting.popleft()
                    try:
                        asked = request(self.order, self.limit, *report)
                    except (NianbaoError, OSError) as error:
                        yield report, _failed(report, _words(error))
                        continue
                    # As the cluster's own pages show it.
                    key = f"nianbao-{'-'.join(report)}-{uuid.uuid4()}"
                    future = self.client.submit(build, asked, key=key, pure=False)
                    sent[future] = report, {name: manifest.digest(content) for name, content in asked["files"].items()}
                    ended.add(future)
                self.beat(tuple(f"{unit}/{year}" for (unit, year), _digests in sent.values()))
                for future in ended.next_batch(block=False):
                    report, digests = sent.pop(future)
                    yield report, self._result(future, report, digests)
                time.sleep(_BEAT)
        finally:
            self.client.cancel(list(sent))

    def _room(self, *, alone: bool) -> int:
        """Return how many reports may be out at a time."""
        threads = int(sum(self.client.nthreads().values()))
        now = time.monotonic()
        if threads:
            self.last_seen = now
        elif now - self.last_seen > _NOBODY:
            raise ClusterError(f"{_NOBODY}秒没有一台执行机了。已取回的成果完好；有了执行机再运行一次，只生成没有取回的。")
        return min(threads, 1) if alone else threads * _AHEAD

    def _result(self, future: Future, report: Report, digests: Hashes) -> Result | None:
        """Take what came back for *report*; return None where its workers died."""
        from distributed import CancelledError, KilledWorker  # noqa: PLC0415

        try:
            return take(self.order.project, report, digests, future.result())
        except KilledWorker:
            return None
        except CancelledError as error:
            raise _lost(error) from error
        except (NianbaoError, OSError) as error:
            return _failed(report, _words(error))
        except Exception as error:  # noqa: BLE001 - a task may raise anything; it is told, with its traceback
            trace = "".join(traceback.format_exception(error))
            return _failed(report, f"执行机出错（{type(error).__name__}: {error}）；上一次的成果没有改动。", trace)


def _failed(report: Report, message: str, trace: str = "") -> Result:
    unit, year = report
    return Result(unit=unit, year=year, outcome=FAILED, message=message, trace=trace)


def _words(error: NianbaoError | OSError) -> str:
    return of_system(error) if isinstance(error, OSError) else str(error)


def _lost(error: Exception) -> ClusterError:
    return ClusterError(f"与调度器的连接断了（{error}）。已取回的成果完好；再运行一次，只生成没有取回的。")
