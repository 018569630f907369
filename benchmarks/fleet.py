"""Many reports: a loop of command lines against `nianbao batch`, and what a batch costs as it grows."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import measuring
import province
from ways import COMMAND, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JOBS = 2
_TENTH = 10


def loop(folder: Path, programs: Path) -> tuple[float, float]:
    """Make one report of each kind by the command lines in *programs*; return the seconds, by the clock and of processor, of one."""
    shutil.rmtree(folder, ignore_errors=True)
    made = [Report(folder, unit, year) for unit, year in province.make(folder, len(province.REPORTS))]
    costs = [report.papermill(programs) for report in made]
    return sum(cost[0] for cost in costs) / len(made), sum(cost[1] for cost in costs) / len(made)


def batch(folder: Path, units: int) -> tuple[float, float]:
    """Make all outputs of *units* reports, where there are none; return the seconds, by the clock and of processor, of one."""
    shutil.rmtree(folder, ignore_errors=True)
    province.make(folder, units)
    seconds, processor = again(folder)
    return seconds / units, processor / units


def again(folder: Path) -> tuple[float, float]:
    """Run a batch over *folder* as it is."""
    return measuring.run([COMMAND, "batch", "--jobs", str(JOBS)], folder)


def long(folder: Path, units: int) -> dict[str, Any]:
    """Make *units* reports in one batch, and tell what the first and the last tenth of them cost, and whether its memory grew."""
    shutil.rmtree(folder, ignore_errors=True)
    province.make(folder, units)
    began = time.perf_counter()
    command = [COMMAND, "batch", "--jobs", str(JOBS)]
    held: list[int] = []
    # Its bar shows how far it is.
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    with process, _every(1.0, lambda: held.append(_resident(process.pid))):
        code = process.wait()
    seconds = time.perf_counter() - began
    if code:
        raise RuntimeError(f"the batch ended with {code}")
    rows = json.loads((folder / "outputs" / "summary.json").read_text("utf-8"))["reports"]
    costs = [row["cpu_seconds"] for row in rows]
    kinds = len(province.REPORTS)
    tenth = units // _TENTH
    tenths = [sum(costs[at : at + tenth]) / tenth for at in range(0, tenth * _TENTH, tenth)]
    # What it holds before the first report is not yet all that it imports.
    settled = [each for each in held if each][2:] or held
    ends = max(1, len(settled) // _TENTH)
    return {
        "reports": units,
        "seconds": round(seconds, 2),
        "processor_seconds_of_a_report": round(sum(costs) / units, 4),
        "processor_seconds_by_kind": {
            kind: round(sum(costs[at::kinds]) / len(costs[at::kinds]), 4) for at, kind in enumerate(province.REPORTS)
        },
        "processor_seconds_by_tenth": [round(each, 4) for each in tenths],
        "last_tenth_to_first": round(tenths[-1] / tenths[0], 3),
        "parent_bytes_first_tenth": max(settled[:ends]),
        "parent_bytes_last_tenth": max(settled[-ends:]),
        "child_bytes_peak": max(row["peak_memory_bytes"] for row in rows),
        "output_bytes_of_a_report": sum(file.stat().st_size for file in (folder / "outputs").glob("*/*/*")) // units,
    }


def _resident(pid: int) -> int:
    """Return the bytes of memory that the process holds, or 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0
    held = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(held[0].split()[1]) * 1024 if held else 0


@contextmanager
def _every(seconds: float, look: Callable[[], None]) -> Iterator[None]:
    """Call *look* every so many *seconds* until the context is left."""
    over = threading.Event()

    def go() -> None:
        while not over.wait(seconds):
            look()

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
