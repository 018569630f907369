"""
The reports of a batch, built by the workers of a Dask cluster: the one module that knows Dask.

Inputs travel with the task and outputs come back as bytes, which are put into place here once they are what the manifest among them
says. What is lost with a worker is run again; what takes workers with it is run again alone, and given up alone.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import traceback
import uuid
from collections import deque
from contextlib import closing
from importlib import metadata
from typing import TYPE_CHECKING, Any

from nianbao.build import manifest
from nianbao.fleet.batch import FAILED, Result
from nianbao.fleet.remote import REMEDY, Remote, Workshop, differences, software
from nianbao.indicators.errors import ClusterError, NianbaoError, of_system

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from distributed import Client, Future

    from nianbao.fleet.batch import Plan, Report
    from nianbao.processes.pool import Beat


_REACH = 10  # seconds to find the scheduler, and its workers
_NOBODY = 60  # seconds without any worker before a batch is given up
_AHEAD = 4  # reports sent for each thread of the cluster, so that none waits and memory stays bounded
_BEAT = 0.2
_ADDRESS = re.compile(r"(?:(?P<scheme>tcp|tls)://)?[^\s/]+:(?P<port>[0-9]{1,5})", re.ASCII)
_LAST_PORT = 65535
# What the scheduler must have as it is here.
_SAME = ("dask", "distributed")

# On a worker: the process beside each of its threads.
_BESIDE = threading.local()


def run(order: Plan, address: str, limit: float, beat: Beat) -> Generator[Result]:
    """
    Have the cluster whose scheduler is at *address* build what is stale, and yield what became of each as it ends.

    Args:
        limit: the seconds that one may take.

        beat: told the names of what was sent and has not come back, the oldest first, several times a second.

    Raises:
        ClusterError: where the cluster cannot be reached or used, or is lost on the way.
    """
    remote = Remote(project=order.project, forms=order.forms, limit=limit)
    return _Batch(_connected(address), remote, beat).results(order.stale)


def build(request: dict[str, Any]) -> Any:
    """Build one report: this is the task, and it runs on a worker."""
    from distributed import get_worker  # noqa: PLC0415

    worker = get_worker()
    if not hasattr(_BESIDE, "workshop"):
        _BESIDE.workshop = Workshop()
    try:
        return _BESIDE.workshop.ask({**request, "folder": worker.local_directory}) | {"worker": worker.address}
    except ClusterError as error:
        raise ClusterError(f"执行机 {worker.address}：{error}") from error


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
        raise ClusterError("\n  ".join([f"集群上的软件与本机不同，没有生成任何报告。{REMEDY}", *wrong]))


def _software() -> dict[str, str]:
    return {**software(), **{name: metadata.version(name) for name in _SAME}}


class _Batch:
    """One batch on one cluster."""

    def __init__(self, client: Client, remote: Remote, beat: Beat) -> None:
        self.client = client
        self.remote = remote
        self.beat = beat
        self.last_seen = time.monotonic()

    def results(self, reports: Iterable[Report]) -> Generator[Result]:
        """Yield what became of each of *reports*."""
        with self.client:
            try:
                # What died with its workers may have died of another that ran there: it has a chance without any other.
                suspects: list[Report] = []
                with closing(self._round(reports, alone=False)) as ended:
                    for report, result in ended:
                        if result:
                            yield result
                        else:
                            suspects.append(report)
                with closing(self._round(suspects, alone=True)) as ended:
                    for report, result in ended:
                        yield result or _failed(report, "执行机在生成它时一再停止，单独再试也是如此；上一次的成果没有改动。")
            except OSError as error:
                raise _lost(error) from error

    def _round(self, reports: Iterable[Report], *, alone: bool) -> Generator[tuple[Report, Result | None]]:
        """Have *reports* built; yield each with its result as it ends, None where its workers died."""
        from distributed import as_completed  # noqa: PLC0415

        waiting = deque(reports)
        sent: dict[Future, tuple[Report, Mapping[str, str]]] = {}
        ended = as_completed(loop=self.client.loop)
        try:
            while sent or waiting:
                room = self._room(alone=alone)
                while waiting and len(sent) < room:
                    report = waiting.popleft()
                    try:
                        request = self.remote.request(*report)
                    except (NianbaoError, OSError) as error:
                        yield report, _failed(report, _words(error))
                        continue
                    # As the cluster's own pages show it.
                    name = f"nianbao-{'-'.join(report)}-{uuid.uuid4()}"
                    future = self.client.submit(build, request, key=name, pure=False)
                    sent[future] = report, {name: manifest.digest(content) for name, content in request["files"].items()}
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

    def _result(self, future: Future, report: Report, digests: Mapping[str, str]) -> Result | None:
        """Take what came back for *report*; return None where its workers died."""
        from distributed import CancelledError, KilledWorker  # noqa: PLC0415

        try:
            return self.remote.take(future.result(), *report, digests)
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
