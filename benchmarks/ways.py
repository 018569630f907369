"""The ways to make a report that are compared, each from the shell, in a project of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import measuring
from environments import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = ROOT / ".venv" / "bin" / "nianbao"
_NOTEBOOKS = {"2013": "report-jilin.ipynb", "2025": "report-national.ipynb"}
_SENTENCE = "这句话是刚写上的。"


class Report:
    """One report of a project that may be spoilt."""

    def __init__(self, project: Path, unit: str, year: str) -> None:
        self.project = project
        self.unit = unit
        self.year = year
        self.outputs = project / "outputs" / unit / year

    def papermill(self, programs: Path) -> tuple[float, float]:
        """Make the notebook and the web page by the command lines in *programs*, as one would by hand."""
        made = self.project / ".bench" / f"{self.unit}.ipynb"
        shutil.rmtree(made.parent, ignore_errors=True)
        made.parent.mkdir()
        # The library is imported from where it lies: what is compared is how the same cells are run.
        settings = {"PYTHONPATH": str(ROOT / "lib"), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        parameters = f"../params/{self.unit}/{self.year}"
        execute = [programs / "papermill", "--no-progress-bar", _NOTEBOOKS[self.year], made, "-p", "params_path", parameters]
        convert = [programs / "jupyter", "nbconvert", "--to", "html", made]
        costs = [measuring.run(each, self.project / "notebooks", settings) for each in (execute, convert)]
        if not made.with_suffix(".html").is_file():
            raise RuntimeError("nbconvert made no page")
        return sum(cost[0] for cost in costs), sum(cost[1] for cost in costs)

    def cold(self) -> tuple[float, float]:
        """Make all outputs where there are none."""
        shutil.rmtree(self.outputs, ignore_errors=True)
        return self._asked("report")

    def unchanged(self) -> tuple[float, float]:
        """Ask for the report where all its outputs are there."""
        return self._asked("report")

    def check(self) -> tuple[float, float]:
        return self._asked("check")

    def _asked(self, command: str) -> tuple[float, float]:
        return measuring.run([COMMAND, command, self.unit, self.year], self.project)

    @contextmanager
    def preview(self) -> Iterator[Preview]:
        """Start a preview, and wait for its first page."""
        command = [COMMAND, "preview", self.unit, self.year]
        with subprocess.Popen(command, cwd=self.project, stdout=subprocess.PIPE, stderr=sys.stderr, text=True) as process:
            try:
                assert process.stdout
                yield Preview(self, *re.search(r"(127\.0\.0\.1:\d+)(/[\w-]+)/ ", process.stdout.readline()).groups())
            finally:
                process.send_signal(signal.SIGINT)


class Preview:
    """A preview as a browser has it."""

    def __init__(self, report: Report, address: str, opening: str) -> None:
        self._narrative = report.project / "params" / report.unit / report.year / "narrative.md"
        self._address = address
        self._opening = opening
        self._number = self._until(1)

    def edited(self) -> float:
        """Save one sentence more, or one less, and return the seconds until the page with it has arrived."""
        text = self._narrative.read_text("utf-8")
        shown = _SENTENCE not in text
        text = text.replace("。", f"。{_SENTENCE}", 1) if shown else text.replace(_SENTENCE, "")
        began = time.perf_counter()
        self._narrative.write_text(text, "utf-8")
        self._number = self._until(self._number + 1)
        page = self._got("/report.html").read().decode("utf-8")
        seconds = time.perf_counter() - began
        if (_SENTENCE in page) != shown:
            raise RuntimeError("the page is not that of what was saved")
        return seconds

    def _until(self, number: int) -> int:
        """Wait for the making of that number."""
        for line in self._got("/events"):
            if line.startswith(b"data: "):
                told = json.loads(line.removeprefix(b"data: "))
                if told and told["number"] >= number and not told["building"]:
                    if told["problem"]:
                        raise RuntimeError(str(told["problem"]))
                    return told["number"]
        raise RuntimeError("the preview ended")

    def _got(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self._address, timeout=120)
        connection.request("GET", self._opening + path)
        return connection.getresponse()
