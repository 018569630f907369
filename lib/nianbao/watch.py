"""
Which of a few files were saved, found by looking again and again.

Looking works wherever files do, network drives included, and whatever an editor does on saving: write in place, rename over, delete
and write anew. A file counts as saved where its content is another; that its time moved is only why it is read again.
"""

from __future__ import annotations

import hashlib
import stat
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

# Content, or nothing where the file cannot be read now, and the marks by which it was known: number, size, time.
_Seen = tuple[bytes | None, tuple[int, int, int] | None]

# A save is over when nothing has moved for this long, in seconds; one that goes on for `_MOST` is taken as it is.
_STILL, _MOST = 0.02, 2.0
# Times of files are as coarse as two seconds; a file younger than this may change again and keep its time.
_YOUNG = 3.0


class Watch:
    """
    Looks at files, and says which have changed.

    Args:
        files: gives those to look at; asked every time, because files come and go.
    """

    def __init__(self, files: Callable[[], Iterable[Path]]) -> None:
        self._files = files
        self._seen = self._look({})

    def changed(self) -> list[Path]:
        """Return the files that changed, came or went since the last call, once their saving is over."""
        now = self._look(self._seen)
        start = time.monotonic()
        while now != self._seen and time.monotonic() - start < _MOST:
            time.sleep(_STILL)
            before, now = now, self._look(now)
            if before == now:
                break
        found = sorted(path for path in self._seen.keys() | now.keys() if _content(self._seen, path) != _content(now, path))
        self._seen = now
        return found

    def _look(self, before: dict[Path, _Seen]) -> dict[Path, _Seen]:
        return {path: _seen(path, before.get(path)) for path in self._files()}


def _seen(path: Path, before: _Seen | None) -> _Seen:
    """Return how *path* looks, reading it only where it may have changed since it looked like *before*."""
    try:
        found = path.stat()
        marks = (found.st_ino, found.st_size, found.st_mtime_ns)
        if before is not None and before[1] == marks and abs(time.time() - found.st_mtime) > _YOUNG:
            return before
        if not stat.S_ISREG(found.st_mode):
            # A pipe would be waited for.
            return None, marks
        return hashlib.sha256(path.read_bytes()).digest(), marks
    except OSError:
        # Between being deleted and written anew, or held by another program; it is looked at again at once.
        return None, None


def _content(seen: dict[Path, _Seen], path: Path) -> bytes | None:
    return seen[path][0] if path in seen else None
