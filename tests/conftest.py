"""What every test may ask for: the forms, the 2013 report, a folder of parameters to spoil, golden files, and programs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from nianbao import cli
from nianbao.inputs import formfile, report

pytest_plugins = ["fixtures_build", "fixtures_trend", "fixtures_audit"]

# A test that asks for one of these is slow: a built report, a cluster, a browser, LibreOffice. Others that build say so themselves.
SLOW_FIXTURES = {"built", "browser", "calc", "cluster", "runs", "told"}
# What only a slow test may start: these commands of nianbao, these programs.
BUILDING = {"report", "batch", "preview", "verify", "repro", "trend", "rollup", "audit"}
PROGRAMS = {"chromium", "soffice", "dask", "ipykernel_launcher"}

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
LONGTAN = "params/longtan/2013"

# `make test` is make, too; what the commands say is asked of the commands.
os.environ.pop("NIANBAO_CALLER", None)
# The same cases on every machine and in every run, and nothing written beside the tests.
settings.register_profile("nianbao", derandomize=True, database=None, deadline=None)
settings.load_profile("nianbao")


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="rewrite tests/golden/ instead of comparing with it")


def pytest_collection_modifyitems(items):
    for item in items:
        if SLOW_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)
    # Long modules first: the short ones fill the gaps that they leave between processors.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


class Watch:
    """Refuses builds and big programs while a test is run, or set up, that is not marked as slow."""

    fast = False

    def __call__(self, event, arguments):
        if self.fast and event == "subprocess.Popen" and self.builds({Path(str(each)).name for each in arguments[1]}):
            raise RuntimeError(f"only a test marked as slow may start {arguments[1]}")
        if self.fast and event == "os.fork" and self.runs_a_notebook():
            raise RuntimeError("only a test marked as slow may run a notebook")

    @staticmethod
    def builds(words):
        return bool(words & PROGRAMS or ("nianbao" in words and words & BUILDING))

    @staticmethod
    def runs_a_notebook():
        frame = sys._getframe()
        while frame and not frame.f_code.co_filename.endswith("nianbao/notebook/run.py"):
            frame = frame.f_back
        return bool(frame)


WATCH = Watch()
sys.addaudithook(WATCH)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    WATCH.fast = item.get_closest_marker("slow") is None
    try:
        return (yield)
    finally:
        WATCH.fast = False


@pytest.fixture
def run(capsys):
    """Run the command in this process, which spares its start, and return what it said and its code."""

    def nianbao(project, *arguments):
        try:
            code = cli.main(["--project", str(project), *arguments])
        except SystemExit as exit_:
            code = exit_.code
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return nianbao


@pytest.fixture(scope="session")
def forms():
    """Every form that comes with the library, by id."""
    return formfile.shipped()


@pytest.fixture(scope="session")
def form(forms):
    """The form that the 2013 report is on."""
    return forms["jilin-2013"]


@pytest.fixture(scope="session")
def longtan(forms):
    """The 2013 report of 龙潭区, as committed."""
    return report.load(ROOT / LONGTAN, forms)


@pytest.fixture
def params(tmp_path):
    """A copy of the 2013 report's folder, for a test to spoil."""
    return Path(shutil.copytree(ROOT / LONGTAN, tmp_path / LONGTAN))


@pytest.fixture(scope="session")
def golden(request):
    """Compare a text with tests/golden/<name>; with --golden, write it there instead."""

    def compare(name, text):
        path = GOLDEN / name
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
        if not path.is_file():
            pytest.fail(f"tests/golden/{name} is not there: run `make golden` and review what it writes")
        assert text == path.read_text("utf-8"), f"tests/golden/{name} differs: if that is meant, run `make golden`"

    return compare


@pytest.fixture(scope="session")
def needs():
    """Return where a program is; without it skip the test, or fail it where NIANBAO_NO_SKIP is set."""

    def find(program):
        path = shutil.which(program)
        if path is None:
            absent = pytest.fail if os.environ.get("NIANBAO_NO_SKIP") else pytest.skip
            absent(f"needs the program {program}, which is not installed")
        return path

    return find
