"""A batch on a real cluster of two workers: the same bytes as on one machine, whatever dies; one poisoned report fails alone."""

import contextlib
import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import builds
import nianbao
import pytest
from nianbao.fleet import batch
from nianbao.fleet import cluster as cluster_module
from nianbao.indicators.errors import ClusterError
from nianbao.inputs.project import Project
from nianbao.processes import pool

REPORTS = ("longtan/2013", "invented/2023", "invented/2024", "specimen/2025")
# Kills the process that runs the task: the parent of the highest of those that build for it.
KILL = """
import os, signal
from pathlib import Path
if "{unit}" in params_path:
    pid = os.getpid()
    parent = lambda pid: int(Path(f"/proc/{{pid}}/stat").read_text().rpartition(")")[2].split()[1])
    serves = lambda pid: b"multiprocessing.forkserver" in Path(f"/proc/{{pid}}/cmdline").read_bytes()
    while not serves(pid) or serves(parent(pid)):
        pid = parent(pid)
    os.kill(parent(pid), signal.SIGKILL)
"""


@dataclasses.dataclass
class Cluster:
    """A scheduler and its workers, on this machine."""

    folder: Path
    address: str = ""
    started: list = dataclasses.field(default_factory=list)

    def start(self, *command, library=None, **settings):
        """Start a part of it, with a library of its own where one is given."""
        environment = {**os.environ, **settings}
        if library:
            environment["PYTHONPATH"] = os.pathsep.join((str(library), os.environ.get("PYTHONPATH", "")))
        log = (self.folder / f"{len(self.started)}.log").open("wb")
        with log:
            self.started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *command], stdout=log, stderr=log, env=environment, start_new_session=True
                )
            )
        return self.started[-1]

    def schedule(self):
        """Start the scheduler, for which one death of a worker is an accident and two are not."""
        file = self.folder / "scheduler.json"
        self.start(
            *("scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", file),
            DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1",
        )
        self.address = json.loads(_soon(lambda: file.is_file() and file.read_text()))["address"]

    def work(self, **options):
        """Start a worker, which is started again when it dies."""
        quiet = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--local-directory", self.folder)
        return self.start("worker", self.address, *quiet, **options)

    def end(self):
        """Kill all that was started."""
        for each in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def _soon(found, seconds=60):
    """Return what *found* gives once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.05)
    pytest.fail("it did not come about")


@contextlib.contextmanager
def _of(workers, folder):
    """Give a cluster of so many *workers*."""
    made = Cluster(folder)
    try:
        made.schedule()
        for _worker in range(workers):
            made.work()
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers, for all tests that leave it whole."""
    with _of(2, tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A project whose reports were built on this machine."""
    project = _project(tmp_path_factory.mktemp("local") / "project", *REPORTS)
    assert builds.nianbao(project, "batch").returncode == 0
    return project


def _project(folder, *reports):
    builds.new_project(folder, units=())
    for each in reports:
        shutil.copytree(builds.ROOT / "params" / each, folder / "params" / each)
    return folder


def _renamed(project, unit):
    """Give *project* the specimen's parameters as another *unit*'s."""
    folder = shutil.copytree(builds.ROOT / "params/specimen/2025", project / "params" / unit / "2025")
    builds.replace(folder / "report.yaml", "\nunit: specimen\n", f"\nunit: {unit}\n")


def _with_cells(project, *sources):
    """Let the notebook of the specimen end with cells that do *sources*."""
    path = project / "notebooks/report-national.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    empty = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    notebook["cells"] += [{**empty, "id": f"added-{number}", "source": source} for number, source in enumerate(sources)]
    path.write_text(json.dumps(notebook), "utf-8")


@contextlib.contextmanager
def _begun(project, *arguments):
    """Give a batch that was started; it is gone afterwards."""
    command = [builds.COMMAND, "batch", *arguments]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8") as run:
        try:
            yield run
        finally:
            run.kill()


def _outcomes(project):
    rows = json.loads((project / "outputs/summary.json").read_text("utf-8"))["reports"]
    return {f"{row['unit']}/{row['year']}": (row["outcome"], row["message"]) for row in rows}


def _files(project):
    folders = (project / "outputs" / each for each in REPORTS)
    return {path.relative_to(project): path.read_bytes() for folder in folders for path in folder.iterdir()}


def _building(nanny):
    """Return the worker that *nanny* looks after, where it builds something."""
    for worker in pool._children(nanny):
        for server in pool._children(worker):
            if b"multiprocessing.forkserver" in Path(f"/proc/{server}/cmdline").read_bytes() and pool._children(server):
                return worker
    return None


def _refused(project, *arguments):
    """Run a batch of a project and make sure that it was refused before anything was made."""
    run = builds.nianbao(project, "batch", *arguments)
    assert run.returncode == 2, run.stdout
    assert "Traceback" not in run.stderr
    assert not (project / "outputs").exists()
    return run


# ---- the same bytes, whatever dies


@pytest.mark.slow
def test_reports_come_out_as_on_one_machine_though_a_worker_is_killed_in_the_middle(cluster, local, tmp_path):
    project = _project(tmp_path / "project", *REPORTS)
    with _begun(project, "--scheduler", cluster.address) as run:
        os.kill(_soon(lambda: _building(cluster.started[1].pid)), signal.SIGKILL)
        said, _none = run.communicate(timeout=120)

    assert run.returncode == 0, said
    assert {outcome for outcome, _message in _outcomes(project).values()} == {"已生成"}
    assert _files(project) == _files(local)


@pytest.mark.slow
def test_a_report_that_kills_its_process_or_its_worker_fails_alone(cluster, tmp_path):
    project = _project(tmp_path / "project", "longtan/2013", "specimen/2025")
    _renamed(project, "deadly")
    _renamed(project, "mortal")
    _with_cells(project, KILL.format(unit="deadly"), 'import os\nif "mortal" in params_path:\n    os.kill(os.getpid(), 9)')

    run = builds.nianbao(project, "batch", "--scheduler", cluster.address)

    assert run.returncode == 1, run.stderr
    outcomes = _outcomes(project)
    assert {report for report, (outcome, _message) in outcomes.items() if outcome == "失败"} == {"deadly/2025", "mortal/2025"}
    assert "执行机在生成它时一再停止，单独再试也是如此" in outcomes["deadly/2025"][1]
    assert not (project / "outputs/deadly").exists()


@pytest.mark.slow
def test_an_interrupt_leaves_whole_reports_and_nothing_to_do_for_the_cluster(cluster, tmp_path):
    project = _project(tmp_path / "project", *REPORTS)
    with _begun(project, "--scheduler", cluster.address) as run:
        _soon(lambda: list(project.glob("outputs/*/2*/manifest.json")))
        run.send_signal(signal.SIGINT)
        said, _none = run.communicate(timeout=60)

    assert run.returncode == 130, said
    assert "中断" in {outcome for outcome, _message in _outcomes(project).values()}
    code = f"""if True:
        from distributed import Client
        client = Client("{cluster.address}")
        print(client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))
    """
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "0\n"


@pytest.mark.slow
def test_a_scheduler_that_dies_leaves_what_came_back_and_a_second_run_builds_the_rest(local, tmp_path):
    project = _project(tmp_path / "project", *REPORTS)
    with _of(1, tmp_path) as own, _begun(project, "--scheduler", own.address) as run:
        _soon(lambda: list(project.glob("outputs/*/2*/manifest.json")))
        own.started[0].kill()
        said, _none = run.communicate(timeout=60)

    assert run.returncode == 2, said
    assert "与调度器的连接断了" in said
    assert {"已生成", "中断"} == {outcome for outcome, _message in _outcomes(project).values()}
    assert builds.nianbao(project, "batch").returncode == 0
    assert _files(project) == _files(local)


# ---- clusters that cannot be used


@pytest.fixture
def unbuilt(tmp_path):
    """A project with one report to build."""
    return _project(tmp_path / "unbuilt", "specimen/2025")


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_told_within_seconds(unbuilt):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        begun = time.monotonic()

        run = _refused(unbuilt, "--scheduler", address)

    assert f"秒内连不上调度器“{address}”" in run.stderr
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("address", ["here", "", "http://127.0.0.1:8786", "tcp://127.0.0.1", "127.0.0.1:65536", "a b:1"])
def test_an_address_that_is_none_is_told_with_one_that_is(forms, unbuilt, address):
    project = Project(unbuilt)
    order = batch.plan(project, batch.chosen(project, (), None), forms)

    with pytest.raises(ClusterError, match="写如 tcp://主机:8786"):
        cluster_module.run(order, address, 60, lambda _names: None)


@pytest.mark.slow
def test_an_encrypted_address_asks_for_certificates(unbuilt):
    assert "distributed.comm.tls" in _refused(unbuilt, "--scheduler", "tls://127.0.0.1:8786").stderr


@pytest.mark.slow
def test_a_cluster_builds_as_many_at_a_time_as_it_has_threads(unbuilt):
    assert "由执行机的线程数定" in _refused(unbuilt, "--scheduler", "tcp://127.0.0.1:8786", "--jobs", "2").stderr


@pytest.mark.slow
def test_a_worker_with_another_library_is_named_and_nothing_is_built(cluster, unbuilt, tmp_path):
    shutil.copytree(Path(nianbao.__file__).parent, tmp_path / "lib/nianbao", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "lib/nianbao/indicators/values.py").open("a") as file:
        file.write("\n")
    stranger = cluster.work(library=tmp_path / "lib")
    try:
        _soon(lambda: "Registered to" in (cluster.folder / f"{len(cluster.started) - 1}.log").read_text())

        run = _refused(unbuilt, "--scheduler", cluster.address)
    finally:
        os.killpg(stranger.pid, signal.SIGKILL)

    told = re.findall(r"执行机 tcp://[\d.:]+：nianbao 本机 (\w{12})，那边 (\w{12})", run.stderr)
    assert len(told) == 1
    assert len(set(told[0])) == 2


@pytest.mark.slow
def test_without_the_extra_it_is_told_how_to_install_it(unbuilt, tmp_path):
    farm = tmp_path / "packages"
    farm.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("distributed", "dask")):
            (farm / entry.name).symlink_to(entry)
    command = [sys.executable, "-S", "-m", "nianbao", "batch", "--scheduler", "tcp://127.0.0.1:8786"]
    path = os.pathsep.join((str(Path(nianbao.__file__).parents[1]), str(farm)))

    run = subprocess.run(
        command, cwd=unbuilt, capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONPATH": path}, check=False
    )

    assert run.returncode == 2
    assert "pip install 'nianbao[cluster]'" in run.stderr
