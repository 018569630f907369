"""The process that a command is: how it begins again, and how it says how far it is."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

# Seconds without a word before work that goes on says how far it is.
_PATIENCE = 2


def fix_hashes(options: argparse.Namespace, *again: str) -> None:
    """
    Begin again with the command *again* where this process is its own and hashes of strings are not fixed.

    The order of a set follows them. A kernel is started with fixed ones; a notebook that runs in a copy of this process has ours.
    """
    if options.own_process and options.engine == "fork" and sys.flags.hash_randomization and not sys.flags.ignore_environment:
        sys.stdout.flush()
        command = [sys.executable, "-P", "-m", "nianbao", "--project", str(options.project), *again]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606 - our own interpreter


def steps(total: int) -> Callable[[str], None]:
    """Return what says each of *total* steps as it begins."""
    numbers = iter(range(1, total + 1))
    return lambda step: print(f"[{next(numbers)}/{total}] {step}…", flush=True)


def step(words: str) -> None:
    """Say a step as it begins."""
    print(f"{words}…", flush=True)


def now_and_then() -> Callable[[str], None]:
    """Return what says on stderr how far the work is, but not more often than a reader wants."""
    last = time.monotonic()

    def told(words: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _PATIENCE:
            last = time.monotonic()
            print(f"{words}…", file=sys.stderr, flush=True)

    return told
