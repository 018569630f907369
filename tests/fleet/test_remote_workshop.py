"""A process that builds one report at a time for another: what it answers, and what is left when either of them goes."""

import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import builds
import pytest
from nianbao.fleet import batch
from nianbao.fleet.remote import Remote, Workshop
from nianbao.indicators.errors import ClusterError
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
    """Ask a workshop for the 2013 report of a project, with changes to what is asked."""
    workshop = Workshop()

    def asked(project, **changes):
        request = Remote(project=Project(project), forms=forms, limit=60).request(UNIT, YEAR)
        return workshop.ask({**request, "folder": str(scratch), **changes})

    yield asked
    workshop.close()


def _with_cell(project, source):
    """Let the notebook begin with *source*."""
    path = project / "notebooks" / builds.NOTEBOOK
    notebook = json.loads(path.read_text("utf-8"))
    cell = {"cell_type": "code", "execution_count": None, "id": "added", "metadata": {}, "outputs": [], "source": source}
    notebook["cells"].append(cell)
    path.write_text(json.dumps(notebook), "utf-8")


# Finds the process that serves: the highest of those with its name that the notebook's own descends from.
SERVER = """
import os, signal
from pathlib import Path
pid = os.getpid()
parent = lambda pid: int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
serves = lambda pid: b"nianbao.fleet.remote" in Path(f"/proc/{pid}/cmdline").read_bytes()
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

    assert list(scratch.rglob("*")) == [scratch / "nianbao"]


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


def test_a_report_that_kills_the_process_twice_is_given_up_and_the_next_is_built(ask, project, built, scratch):
    _with_cell(project, SERVER + "os.kill(pid, signal.SIGKILL)")

    with pytest.raises(ClusterError, match="两次意外停止"):
        ask(project)

    assert ask(built.project)["files"] == built.files
    assert list(scratch.rglob("*")) == [scratch / "nianbao"]


def test_when_the_asker_is_killed_all_goes_that_was_begun_for_it(project, scratch, tmp_path):
    _with_cell(project, SERVER + f"Path('{tmp_path}/pids').write_text(f'{{pid}} {{os.getpid()}}\\n')\nimport time\ntime.sleep(60)")
    code = f"""
        from pathlib import Path
        from nianbao.fleet.remote import Remote, Workshop
        from nianbao.inputs import formfile
        from nianbao.inputs.project import Project

        request = Remote(project=Project(Path("{project}")), forms=formfile.shipped(), limit=60).request("{UNIT}", "{YEAR}")
        Workshop().ask({{**request, "folder": "{scratch}"}})
    """
    asker = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stderr=subprocess.DEVNULL)
    pids = _noted(tmp_path / "pids")

    asker.send_signal(signal.SIGKILL)
    asker.wait()

    assert _gone(pids)
    assert list(scratch.rglob("*")) == [scratch / "nianbao"]


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
