"""
Versions of installed packages, read from the names of their folders.

`importlib.metadata` reads each package's description as a letter with headers; that is a fifth of the time of finding out that nothing
changed. It is asked where a folder's name does not tell.
"""

from __future__ import annotations

import os
import sys
from functools import cache

_SUFFIX = ".dist-info"


def version(name: str) -> str:
    """
    Return the version of the package *name*, the first on the path as for `import`.

    Raises:
        importlib.metadata.PackageNotFoundError: where it is not installed.
    """
    wanted = _plain(name)
    for folder in sys.path:
        found = [version for package, version in _packages(folder) if package == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            # What an update left behind.
            break
    from importlib import metadata  # noqa: PLC0415 - see the module

    return metadata.version(name)


@cache
def _packages(folder: str) -> tuple[tuple[str, str], ...]:
    """Return (package, version) of each that is installed in *folder*."""
    try:
        names = os.listdir(folder or ".")  # noqa: PTH208 - names, not files
    except OSError:
        # A zip file, or a folder that is not there: both may stand on the path.
        return ()
    parts = (name.removesuffix(_SUFFIX).partition("-") for name in names if name.endswith(_SUFFIX))
    return tuple((_plain(package), version) for package, _dash, version in parts if version)


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")
