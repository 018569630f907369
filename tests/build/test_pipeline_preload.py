"""The parent of all builds: what it has imported, and what it must not have."""

import json
import os
import subprocess
import sys

import builds
import pytest

# A build may load what is cheap; these are what takes a second together.
COSTLY = {
    "fontTools",
    "IPython",
    "ipykernel",
    "lxml",
    "matplotlib",
    "nbclient",
    "nbconvert",
    "nianbao",
    "papermill",
    "pikepdf",
    "pypdfium2",
}
COSTLY |= {"tqdm", "typst", "uharfbuzz", "zmq"}
PARENT = """
import json, os, sys, threading
from nianbao.build import pipeline as warm
from nianbao.fleet import batch
warm.preload()
loaded = set(sys.modules)
print(json.dumps({"threads": threading.active_count(), "tasks": len(os.listdir("/proc/self/task")), "loaded": sorted(sys.modules)}))
"""
CHILD = """
from pathlib import Path
from nianbao.inputs.project import Project
if not os.fork():
    batch.build(Project(Path(sys.argv[1])), "longtan", "2013")
    print(json.dumps(sorted(set(sys.modules) - loaded)), flush=True)
    os._exit(0)
os.wait()
"""


def _told(code, *arguments):
    # As the command sets itself, so that notebooks run in copies.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, encoding="utf-8", check=True, env=environment
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def parent():
    """What a process says of itself after the imports."""
    return _told(PARENT)[0]


def test_the_parent_has_one_thread(parent):
    assert (parent["threads"], parent["tasks"]) == (1, 1)


@pytest.mark.parametrize("module", ["matplotlib_inline.backend_inline", "matplotlib.pyplot"])
def test_the_parent_has_not_chosen_how_figures_are_shown(parent, module):
    assert module not in parent["loaded"]


def test_a_build_in_a_child_imports_nothing_costly(tmp_path):
    _parent, fresh = _told(PARENT + CHILD, str(builds.new_project(tmp_path)))

    assert [name for name in fresh if name.partition(".")[0] in COSTLY] == []


@pytest.mark.parametrize("module", ["nianbao.fleet.batch", "nianbao.preview.maker"])
def test_the_server_of_a_batch_and_of_a_preview_has_imported_what_builds_need(module):
    # Multiprocessing says nothing of a module that could not be imported.
    code = """
import importlib, json, sys
from functools import partial
sys.path.append(sys.argv[2])
import jobs
from nianbao.processes import pool
module = importlib.import_module(sys.argv[1])
preload = getattr(module, "PRELOAD", None) or module._PRELOAD
names = ["matplotlib", "papermill", "nbconvert", "typst", *preload]
print(json.dumps([names, pool.run(partial(jobs.loaded, *names), preload=preload).value]))
"""
    ((wanted, loaded),) = _told(code, module, str(builds.ROOT / "tests"))

    assert loaded == wanted
