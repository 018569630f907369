"""
Put a finished folder into the place of the last good one, in one step.

A reader sees the old files or the new ones, whole, whatever is killed or fills up in between.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from errno import EEXIST, ENOTDIR, ENOTEMPTY
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import IO, TYPE_CHECKING

from nianbao.indicators.errors import NewReportError, PublishError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nianbao.build.inputs import Files


_PREFIX = ".building-"
_LOCK = "lock"
AUDIT, ROLLUP = "audit", "rollup"
# The papers in a report's folder that are made apart, each in a folder of its own, and what a link to each is called.
APART = {ROLLUP: "汇总", AUDIT: "审计底稿"}
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextmanager
def scratch(outputs: Path) -> Iterator[Path]:
    """
    Give a folder beside the outputs to build in.

    It is gone afterwards. What builds that were killed have left is removed first: a living build holds a lock on its folder.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    sweep(outputs)
    folder, lock = _locked(outputs)
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(outputs: Path) -> None:
    """Remove what builds that were killed have left in *outputs*."""
    for left in outputs.glob(f"{_PREFIX}*"):
        _remove_unless_locked(left)


def _locked(outputs: Path) -> tuple[Path, IO[str]]:
    """Return a new folder in *outputs*, and its lock, held; another build may take a folder without one for a leftover."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=outputs))
        with suppress(FileNotFoundError):
            lock = (folder / _LOCK).open("w")
            flock(lock, LOCK_EX)
            if (folder / _LOCK).exists():
                return folder, lock
            lock.close()


def _remove_unless_locked(left: Path) -> None:
    if left.is_symlink() or not (left.is_dir() or left.is_file()):
        # Nothing that was made here.
        return
    try:
        with (left / _LOCK if left.is_dir() else left).open("a") as lock:
            flock(lock, LOCK_EX | LOCK_NB)
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
    except (BlockingIOError, FileNotFoundError, NotADirectoryError):
        # Being built, being begun, or gone already.
        return


def put(files: Files, scratch: Path, target: Path) -> None:
    """Put *files*, written to a new folder in *scratch*, where the folder *target* is."""
    fresh = scratch / "new"
    fresh.mkdir()
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    replace(fresh, target)


def replace(fresh: Path, target: Path) -> None:
    """
    Put the folder *fresh* where *target* is; what stood there is removed after the exchange.

    An auditor's papers and a roll-up, in the folders `audit` and `rollup` of *target*, are made apart and stay.
    """
    _flush(fresh)
    fresh.chmod(0o755)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Another build of the same report may come between any two steps.
    if _moved(fresh, target):
        return
    _bring(target, fresh)
    if _exchange(fresh, target):
        _keep(fresh, target)
        shutil.rmtree(fresh)
    else:
        # No exchange on this system: two renames, and between them nothing stands in the place.
        old = fresh.with_name(fresh.name + "-old")
        target.rename(old)
        fresh.rename(target)
        _keep(old, target)
        shutil.rmtree(old)


def add(fresh: Path, target: Path) -> None:
    """
    Put the folder *fresh* where nothing stands yet, in one step.

    Raises:
        NewReportError: where something has come to stand there.
    """
    _flush(fresh)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        fresh.rename(target)
    except OSError as error:
        if error.errno in {EEXIST, ENOTEMPTY, ENOTDIR}:
            raise NewReportError(f"{target} 刚刚由别人建立，没有改动它。") from error
        raise


def write_beside(target: Path, content: str | bytes) -> None:
    """
    Write *content* to the file *target* so that it is there whole or not at all.

    Raises:
        PublishError: where a folder is in its place.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f"{_PREFIX}????????"):
        if left.is_file():
            _remove_unless_locked(left)
    if target.is_dir() and not target.is_symlink():
        raise PublishError(f"{target} 是一个文件夹，要写的是同名的文件，请把它移走。")
    beside, written = _locked_file(target.parent)
    with written:
        try:
            written.write(content.encode() if isinstance(content, str) else content)
            written.flush()
            beside.chmod(0o644)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


def _locked_file(folder: Path) -> tuple[Path, IO[bytes]]:
    """Return a new file in *folder*, opened and locked; another writer may take one without a lock for a leftover."""
    while True:
        handle, name = tempfile.mkstemp(dir=folder, prefix=_PREFIX)
        written = os.fdopen(handle, "wb")
        flock(written, LOCK_EX)
        if Path(name).exists():
            return Path(name), written
        written.close()


def _moved(fresh: Path, target: Path) -> bool:
    """Rename *fresh* to *target* where nothing stands there; tell whether it could be done."""
    try:
        fresh.rename(target)
    except OSError as error:
        if error.errno in {EEXIST, ENOTEMPTY}:
            return False
        raise
    return True


def _bring(target: Path, fresh: Path) -> None:
    """Copy what stays of *target* to *fresh* beforehand: whatever ends this process after the exchange takes nothing along."""
    for name in APART:
        kept, copied = target / name, fresh / name
        if kept.is_dir() and not copied.exists():
            shutil.copytree(kept, copied, symlinks=True)
        elif kept.is_file() and not copied.exists():
            shutil.copyfile(kept, copied)


def _keep(old: Path, target: Path) -> None:
    """Move what has come to stand in *old* since it was copied."""
    for name in APART:
        if (old / name).exists() and not (target / name).exists():
            (old / name).rename(target / name)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step where the system can; tell whether it did."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _flush(folder: Path) -> None:
    for file in folder.iterdir():
        # A folder inside was not made here but copied, as a link was.
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
