"""What a worker answers, and what is left when it or a process that builds for it goes."""

import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import builds
import pytest
from nianbao.fleet import batch, cluster
from nianbao.fleet.batch import Plan
from nianbao.inputs.project import Project

pytestmark = pytest.mark.slow

UNIT, YEAR = "longtan", "2013"


@pytest.fixture
def project(tmp_path):
    return builds.new_project(tmp_path / "project")


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def ask(forms, scratch):
    """Ask for the 2013 report of a project as a worker is asked, with changes to what is asked."""

    def asked(project, **changes):
        order = Plan(project=Project(project), forms=forms, stale=[(UNIT, YEAR)])
        return cluster.answer({**cluster.request(order, 60, UNIT, YEAR), **changes}, scratch)

    return asked


def _with_cell(project, source):
    """Let the notebook begin with *source*."""
    path = project / "notebooks" / builds.NOTEBOOK
    notebook = json.loads(path.read_text("utf-8"))
    cell = {"cell_type": "code", "execution_count": None, "id": "added", "metadata": {}, "outputs": [], "source": source}
    notebook["cells"].append(cell)
    path.write_text(json.dumps(notebook), "utf-8")


# Finds the server from which the notebook's own process was copied: the highest of those with its command.
SERVER = """
import os, signal
from pathlib import Path
pid = os.getpid()
parent = lambda pid: int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
serves = lambda pid: b"multiprocessing.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
while not serves(pid) or serves(parent(pid)):
    pid = parent(pid)
"""


def test_a_report_is_answered_as_it_is_built_alone(ask, built):
    answer = ask(built.project)

    assert answer["result"]["outcome"] == batch.BUILT
    assert answer["files"] == built.files


def test_what_it_took_is_told(ask, built):
    result = ask(built.project)["result"]

    assert result["cpu"] > 0.5
    assert result["peak"] > 50_000_000


def test_nothing_is_left_to_lie(ask, built, scratch):
    ask(built.project)

    assert list(scratch.iterdir()) == []


def test_other_software_is_refused_and_its_own_told(ask, project):
    answer = ask(project, software={"nianbao": "other"})

    assert answer.keys() == {"software"}
    assert len(answer["software"]["nianbao"]) == 64


def test_a_bad_folder_is_told_in_the_words_of_one_machine(ask, project):
    (project / "params/longtan/2013/report.yaml").unlink()

    result = ask(project)["result"]

    assert result["outcome"] == batch.FAILED
    assert "params/longtan/2013/report.yaml：没有这个文件" in result["message"]


def test_a_failed_notebook_comes_back(ask, project):
    builds.edit(project, "chart-staff", "raise ValueError('坏了')")

    answer = ask(project)

    assert "outputs/longtan/2013/report.failed.ipynb" in answer["result"]["message"]
    assert "坏了" in answer["files"]["report.failed.ipynb"].decode()


def test_a_report_over_the_limit_is_stopped(ask, project):
    _with_cell(project, "import time\ntime.sleep(60)")

    assert "超过时限3秒" in ask(project, limit=3)["result"]["message"]


def test_a_report_that_kills_the_server_fails_alone_and_the_next_is_built(ask, project, built, scratch):
    _with_cell(project, SERVER + "os.kill(pid, signal.SIGKILL)")

    assert "信号9" in ask(project)["result"]["message"]
    assert ask(built.project)["files"] == built.files
    assert list(scratch.iterdir()) == []


def test_when_the_worker_is_killed_all_goes_that_was_begun_for_it(ask, project, scratch, tmp_path):
    _with_cell(project, SERVER + f"Path('{tmp_path}/pids').write_text(f'{{pid}} {{os.getpid()}}\\n')\nimport time\ntime.sleep(60)")
    code = f"""
        from pathlib import Path
        from nianbao.fleet import cluster
        from nianbao.fleet.batch import Plan
        from nianbao.inputs import formfile
        from nianbao.inputs.project import Project

        order = Plan(project=Project(Path("{project}")), forms=formfile.shipped(), stale=[])
        cluster.answer(cluster.request(order, 60, "{UNIT}", "{YEAR}"), Path("{scratch}"))
    """
    worker = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stderr=subprocess.DEVNULL)
    pids = _noted(tmp_path / "pids")

    worker.send_signal(signal.SIGKILL)
    worker.wait()

    assert _gone(pids)
    # What it was building in is removed by the next that builds there.
    assert ask(project, files={})["result"]["outcome"] == batch.FAILED
    assert list(scratch.iterdir()) == []


def _noted(path):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if path.is_file() and path.read_text().endswith("\n"):
            return [int(pid) for pid in path.read_text().split()]
        time.sleep(0.05)
    pytest.fail(f"{path} was not written")


def _gone(pids):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False
