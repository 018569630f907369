"""
Annual government-information-disclosure reports that prove their own numbers.

A notebook needs one name: `nianbao.open(params_path)` reads a folder of parameters and returns the report as a `Document`, which
gives prose, tables and charts; `nianbao.audit` and `nianbao.trend` do the same for a published text and for a unit over its years.
Importing this package does no work and loads nothing heavy; but it waits for matplotlib: where that is imported later, or is there
already, it draws with the report's faces, colours and sizes, so that Chinese is no row of empty boxes.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nianbao.auditing.paper import WorkingPaper
    from nianbao.document.document import Document
    from nianbao.trends.trend import Trend


# The whole public API: everything else is internal.
__all__ = ["audit", "open", "trend"]


def __dir__() -> list[str]:
    """Return the public names alone, for whoever completes a name in a notebook."""
    return __all__


def open(params_path: str) -> Document:  # noqa: A001 - `nianbao.open` is how a notebook reads it
    """
    Open the report in the folder *params_path*.

    Raises:
        InvalidInputError: with everything that is wrong with the folder, in Chinese.
    """
    from nianbao.document.document import open_report  # noqa: PLC0415 - keeps `import nianbao` at milliseconds

    return open_report(params_path)


def audit(params_path: str, published_path: str) -> WorkingPaper:
    """
    Hold the published text *published_path* against the table in the folder *params_path*.

    Raises:
        InvalidInputError, UnreadableError: where either cannot be read, in Chinese.
    """
    from pathlib import Path  # noqa: PLC0415

    from nianbao.auditing.paper import WorkingPaper  # noqa: PLC0415
    from nianbao.reading.files import read  # noqa: PLC0415

    return WorkingPaper(open(params_path), read(Path(published_path)))


def trend(params_path: str) -> Trend:
    """
    Follow a unit over the years in its folder *params_path*.

    Raises:
        InvalidInputError, UnknownReportError: where a year cannot be read or there are too few, in Chinese.
    """
    from nianbao.trends.trend import open_trend  # noqa: PLC0415

    return open_trend(params_path)


class Dresser:
    """Finds matplotlib when it is first imported, and has it draw as a report looks once it is there."""

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:
        """Return how to load *name*, where it is matplotlib; everything else is for other finders."""
        del path, target
        if name != "matplotlib" or cls not in sys.meta_path:
            return None
        sys.meta_path.remove(cls)
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment] # it does what a loader does
        return spec


class _Loader:
    """Loads matplotlib as *loader* does, and dresses it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: Any) -> None:
        """Run the module, then set how it draws."""
        self._loader.exec_module(module)
        module.__spec__.loader = module.__loader__ = self._loader
        _dress()


def dress() -> None:
    """Have matplotlib draw as a report looks: at once where it is imported already, else when it is."""
    if hasattr(sys.modules.get("matplotlib"), "rcParams"):
        _dress()
    elif Dresser not in sys.meta_path:
        sys.meta_path.insert(0, Dresser)


def _dress() -> None:
    from nianbao.document.drawings import theme  # noqa: PLC0415

    theme()


dress()
