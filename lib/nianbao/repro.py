"""
Build one report twice, under settings as different as a machine allows, and compare every byte.

Each build runs in a process of its own, in a copy of the project: another time zone, locale, hash seed, home, user name, folder,
umask and number of threads. One notebook is run by the ordinary kernel, the other in a copy of its process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import execute, manifest
from .errors import PublishError
from .verdict import Item, Verdict, compared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .project import Project

DEPTH = "两次生成的文件"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What differs between two builds; `folder` is where the copy of the project lies."""

    name: str
    by: str
    folder: str
    umask: int
    environment: tuple[tuple[str, str], ...]


def _setting(place: tuple[str, str, str, int], zone: str, locale: str, seed: str, user: str, threads: str) -> Setting:
    name, by, folder, umask = place
    named = {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed, "USER": user, "LOGNAME": user}
    counted = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), threads)
    return Setting(name=name, by=by, folder=folder, umask=umask, environment=tuple((named | counted).items()))


SETTINGS = (
    _setting(("甲", execute.KERNEL, "a", 0o022), "UTC", "C", "4294967295", "jia", "1"),
    _setting(("乙", execute.FORK, "b/乙 的 文件夹/深处/再深处", 0o077), "Pacific/Kiritimati", "zh_CN.UTF-8", "0", "yi", "4"),
)


def repeat(project: Project, unit: str, year: str, say: Callable[[str], None]) -> Verdict:
    """
    Build the report of *unit* for *year* under both settings and compare what comes out.

    Raises:
        PublishError: where a build failed; the message is the build's own.
    """
    project.params(unit, year)
    with tempfile.TemporaryDirectory(prefix="nianbao-") as scratch:
        made = []
        for setting in SETTINGS:
            say(f"在环境{setting.name}中生成")
            made.append(_built(project, unit, year, Path(scratch), setting))
        return Verdict(title=f"{unit} {year}", items=tuple(_compare(*made)))


def _built(project: Project, unit: str, year: str, scratch: Path, setting: Setting) -> dict[str, bytes]:
    """Return the outputs of a build under *setting*."""
    root = scratch / setting.folder / "project"
    home = scratch / setting.folder / "home"
    home.mkdir(parents=True)
    for name in ("notebooks", f"params/{unit}"):
        shutil.copytree(project.root / name, root / name)
    if (project.root / "requirements.lock").is_file():
        shutil.copyfile(project.root / "requirements.lock", root / "requirements.lock")
    environment = {**os.environ, **dict(setting.environment), "HOME": str(home), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "nianbao", "--project", str(root), "report", "--engine", setting.by, "--", unit, year]
    run = subprocess.run(  # noqa: S603 - our own interpreter, and names that `Project` has checked
        command, env=environment, umask=setting.umask, capture_output=True, encoding="utf-8", check=False
    )
    if run.returncode:
        raise PublishError(f"环境{setting.name}中的生成失败：\n{run.stderr.strip()}")
    return {path.name: path.read_bytes() for path in sorted((root / "outputs" / unit / year).iterdir())}


def _compare(one: dict[str, bytes], other: dict[str, bytes]) -> Iterator[Item]:
    for name in sorted({*one, *other}):
        expected, found = (manifest.digest(made[name]) if name in made else "没有这个文件" for made in (one, other))
        yield compared(DEPTH, name, expected, found, "环境甲与环境乙")
