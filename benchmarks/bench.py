"""
Measure the project against today's way, papermill and nbconvert as command lines, and write what came of it.

    make bench [REPORTS=1000]

All ways are run in turn, round by round, so that what else the machine does meets all of them; medians are compared, and what is told
is ratios. Written are `results.json` with every sample, `results.md` with the ratios and `cost.svg`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import sys
import time
from importlib.metadata import version
from pathlib import Path

import environments
import fleet
import province
import telling
from environments import FULL, LEAN
from measuring import Samples
from ways import Report

HERE = Path(__file__).resolve().parent
_LOOP = "loop"
_BATCH = 48
_LEAST = 20
_SIZES = (1, 3, 10, 30, 100)
_BYTES = 3_500_000  # of disk for a report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0].strip())
    parser.add_argument("--reports", type=int, default=1000, help="how many the longest batch makes (1000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything else is measured (5)")
    options = parser.parse_args()
    if options.reports < _LEAST or options.rounds < 1:
        parser.error(f"at least {_LEAST} reports and one round")
    need = max(options.reports, _BATCH) * _BYTES
    environments.FOLDER.mkdir(exist_ok=True)
    if shutil.disk_usage(environments.FOLDER).free < need:
        sys.exit(f"bench: {environments.FOLDER} needs {need / 1e9:.1f} GB of disk; with REPORTS={options.reports // 4} less")
    programs = {name: environments.baseline(name) for name in (LEAN, FULL)}
    scratch = environments.FOLDER / "projects"
    found = {
        "machine": _machine(),
        "rounds": options.rounds,
        "one": _one(scratch / "one", programs, options.rounds).held(),
        "many": _many(scratch, programs, options.rounds).held(),
        "growth": _growth(scratch / "growth", options.reports),
        "long": fleet.long(scratch / "long", options.reports),
    }
    found["nothing_to_do"] = [round(fleet.again(scratch / "long")[0], 3) for _round in range(options.rounds)]
    shutil.rmtree(scratch)
    _write(HERE / "results.json", json.dumps(found, indent=1) + "\n")
    _write(HERE / "results.md", telling.page(found))
    _write(HERE / "cost.svg", telling.chart(found))
    print("\n" + telling.page(found))


def _one(folder: Path, programs: dict[str, Path], rounds: int) -> Samples:
    """Measure one report each way; the first round warms the disk and is not kept."""
    shutil.rmtree(folder, ignore_errors=True)
    ((unit, year),) = province.make(folder, 1, ("longtan/2013",))
    report, samples = Report(folder, unit, year), Samples()
    for number in range(rounds + 1):
        _say(f"one report, round {number} of {rounds}")
        kept = samples if number else Samples()
        for name, where in programs.items():
            kept.take(name, *report.papermill(where))
        kept.take("cold", *report.cold())
        kept.take("unchanged", *report.unchanged())
        kept.take("check", *report.check())
        with report.preview() as preview:
            # Nobody saves at the very moment at which the preview has looked.
            time.sleep(random.uniform(0.5, 1))
            kept.take("edited", preview.edited())
    return samples


def _many(folder: Path, programs: dict[str, Path], rounds: int) -> Samples:
    """Measure a report of many, by loops of command lines and by a batch."""
    samples = Samples()
    for number in range(1, rounds + 1):
        _say(f"loops and a batch of {_BATCH}, round {number} of {rounds}")
        for name, where in programs.items():
            samples.take(name, *fleet.loop(folder / _LOOP, where))
        samples.take("batch", *fleet.batch(folder / "batch", _BATCH))
    return samples


def _growth(folder: Path, most: int) -> list[dict[str, float]]:
    """Measure a report of batches that grow."""
    found = []
    for size in (each for each in _SIZES if each < most):
        _say(f"a batch of {size}")
        seconds, processor = fleet.batch(folder, size)
        found.append({"reports": size, "seconds": round(seconds, 4), "processor_seconds": round(processor, 4)})
    _say(f"a batch of {most}")
    return found


def _machine() -> dict[str, object]:
    packages = ("ipykernel", "matplotlib", "nbconvert", "papermill", "typst")
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "processors": len(os.sched_getaffinity(0)),
        "packages": {name: version(name) for name in packages},
    }


def _say(words: str) -> None:
    print(f"{words} …", file=sys.stderr, flush=True)


def _write(path: Path, text: str) -> None:
    """Put *text* into the place of what *path* holds, whole."""
    beside = path.with_suffix(".new")
    beside.write_text(text, "utf-8")
    beside.replace(path)


if __name__ == "__main__":
    main()
