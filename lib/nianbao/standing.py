"""
Whether what lies in the place of a report is what a build would put there now: by the hashes in its manifest, without building.

What is believed here spares a build and no more; `verify` believes nothing. The library, the lock and the notebooks are the same
for all reports of a project, so they are hashed once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import inventory, manifest
from .errors import UnsafeNameError
from .project import parameter_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .project import Project

LOCK = "requirements.lock"


class Standing:
    """What all reports of a project are made from, as it is when first asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._notebooks: dict[str, str | None] = {}

    @cached_property
    def _shared(self) -> dict[str, str]:
        lock = self._project.root / LOCK
        return manifest.library() | ({LOCK: manifest.digest(lock.read_bytes())} if lock.is_file() else {})

    @cached_property
    def _environment(self) -> Mapping[str, Any]:
        return manifest.environment()

    def unchanged(self, unit: str, year: str) -> bool:
        """Tell whether the report of *unit* for *year* is there, whole, and made from what lies there now."""
        try:
            folder = self._project.output(unit, year)
            sealed = inventory.sealed(folder)
            return (
                sealed is not None
                and sealed["environment"] == self._environment
                and sealed["inputs"] == self._inputs(unit, year, sealed["inputs"])
                and _whole(folder, sealed["outputs"])
            )
        except (OSError, UnsafeNameError):
            # A build will meet the same and tell it.
            return False

    def _inputs(self, unit: str, year: str, sealed: Mapping[str, str]) -> dict[str, str | None]:
        """Return the hashes of the inputs as they lie there now; which notebook it is follows from the rest."""
        found: dict[str, str | None] = dict(self._shared)
        found |= {name: self._notebook(name) for name in sealed if name.startswith("notebooks/")}
        params = self._project.root / "params" / unit
        for folder in (params / str(int(year) - 1), params / year):
            for file in parameter_files(folder):
                found[f"params/{unit}/{folder.name}/{file.name}"] = manifest.digest(file.read_bytes())
        return found

    def _notebook(self, name: str) -> str | None:
        if name not in self._notebooks:
            path = self._project.root / name
            self._notebooks[name] = manifest.digest(path.read_bytes()) if path.is_file() else None
        return self._notebooks[name]


def _whole(folder: Path, outputs: Mapping[str, str]) -> bool:
    """
    Tell whether every output is there as sealed.

    A file as old as the manifest was written with it and is taken for what it was; one that was touched since is read.
    """
    written = (folder / inventory.SEAL).stat().st_mtime_ns
    return all(
        (folder / name).is_file()
        and ((folder / name).stat().st_mtime_ns <= written or manifest.digest((folder / name).read_bytes()) == digest)
        for name, digest in outputs.items()
    )
