"""What `nianbao check` takes to run: figures and rules, no kernel, no plot, no frame."""

import subprocess
import sys

import builds

HEAVY = {
    "pandas",
    "numpy",
    "matplotlib",
    "nbconvert",
    "papermill",
    "nbclient",
    "ipykernel",
    "IPython",
    "zmq",
    "asyncio",
    "typst",
    "pikepdf",
}
HEAVY |= {"pypdfium2", "fontTools", "uharfbuzz", "lxml", "lark", "nianbao.build.pipeline", "nianbao.notebook.run"}


def test_checking_imports_no_kernel_plot_or_frame(tmp_path):
    project = builds.new_project(tmp_path / "project")
    command = [sys.executable, "-X", "importtime", "-m", "nianbao", "check", "longtan", "2013"]
    checked = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=True)
    names = {line.rpartition("|")[2].strip() for line in checked.stderr.splitlines()}

    assert "nianbao.document.document" in names
    assert names & HEAVY == set()
