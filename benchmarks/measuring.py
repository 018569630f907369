"""What a command costs: seconds by the clock, and seconds of processor of all that it ran and waited for."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


_PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Samples:
    """Seconds by the clock and of processor, by what was measured, in the order of the rounds."""

    clock: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    processor: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def take(self, name: str, seconds: float, processor: float | None = None) -> None:
        self.clock[name].append(seconds)
        if processor is not None:
            self.processor[name].append(processor)

    def held(self) -> dict[str, dict[str, list[float]]]:
        """Return what a file holds of it."""
        return {
            kind: {name: [round(each, 4) for each in values] for name, values in found.items()} for kind, found in self._kinds()
        }

    def _kinds(self) -> tuple[tuple[str, dict[str, list[float]]], ...]:
        return ("seconds", self.clock), ("processor_seconds", self.processor)


def run(command: Sequence[str | Path], folder: Path, settings: Mapping[str, str] | None = None) -> tuple[float, float]:
    """
    Run *command* in *folder* and return its seconds by the clock and of processor.

    Raises:
        RuntimeError: where it fails; with what it said.
    """
    _adopt()
    before, began = _children(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env={**os.environ, **(settings or {})}, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    _wait_for_all()
    processor = _children() - before
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds, processor


def _adopt() -> None:
    """Become the parent of what a command leaves behind: the server of its processes ends a moment after it."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_all() -> None:
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
