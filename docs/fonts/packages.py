"""Files out of packages that lie in a folder, as the registries serve them; each package is held to its hash."""

from __future__ import annotations

import hashlib
import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read(folder: Path, packages: Mapping[str, Mapping[str, str]]) -> dict[str, bytes]:
    """
    Return the contents of the files that *packages* name, by the names that they have there.

    Args:
        folder: holds the packages, whatever they are called.
        packages: for each, its hash (`sha256`) and, under names of our own, the paths of files in it.
    """
    lying = {hashlib.sha256(each.read_bytes()).hexdigest(): each for each in sorted(folder.iterdir()) if each.is_file()}
    made = {}
    for name, package in packages.items():
        if package["sha256"] not in lying:
            raise SystemExit(f"{folder} has no {name} {package['version']} with the hash {package['sha256']}")
        paths = {path: own for own, path in package.items() if own not in {"registry", "version", "sha256"}}
        with _opened(lying[package["sha256"]]) as archive:
            for member in archive:
                own = paths.pop(member.name.removeprefix("./"), "")
                file = archive.extractfile(member) if own else None
                if file:
                    made[own] = file.read()
        assert not paths, f"{name} lacks {sorted(paths)}"
    return made


def _opened(file: Path) -> tarfile.TarFile:
    if file.suffix == ".deb":
        return tarfile.open(fileobj=io.BytesIO(_data(file.read_bytes())))
    return tarfile.open(file)


def _data(archive: bytes) -> bytes:
    """Return the part with the files of a Debian package, which is an `ar` archive."""
    at = 8
    while at < len(archive):
        name, size = archive[at : at + 16].decode().strip(), int(archive[at + 48 : at + 58])
        if name.startswith("data.tar"):
            return archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    raise ValueError("not a Debian package")
