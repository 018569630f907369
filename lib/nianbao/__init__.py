"""
Annual government-information-disclosure reports that prove their own numbers.

A notebook needs one name: `nianbao.open(params_path)` reads a folder of parameters and returns the report as a `Document`, which
gives prose, tables and charts; `nianbao.audit`, `nianbao.trend` and `nianbao.roll_up` do the same for a published text, a unit over
its years, and the tables of its members.
A script asks `nianbao.load` for a report as data, or `nianbao.ratios` for all its ratios as one frame of pandas.
Importing this package does no work and loads nothing heavy; but it waits for matplotlib: where that is imported later, or is there
already, it draws with the report's faces, colours and sizes, so that Chinese is no row of empty boxes.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from nianbao.auditing.paper import WorkingPaper
    from nianbao.document.document import Document
    from nianbao.document.loaded import Loaded
    from nianbao.rollup.rollup import Rollup
    from nianbao.trends.trend import Trend


# The whole public API: everything else is internal.
__all__ = ["audit", "load", "open", "ratios", "roll_up", "trend"]


def __dir__() -> list[str]:
    """Return the public names alone, for whoever completes a name in a notebook."""
    return __all__


def open(report: str | Path | int, year: str | int | None = None) -> Document:  # noqa: A001 - `nianbao.open` is how a notebook reads it
    """
    Open a report, for its notebook: it gives prose, tables and charts that enter the report.

    *report* is a unit with its *year* (`"longtan", 2013`), or `"longtan/2013"`, or a folder (`"params/longtan/2013"`); the project is
    found from any folder inside it. A year alone will do where one unit has it.

    Raises:
        UnknownReportError: where there is no such report, or several are meant; the message lists those there are.
        InvalidInputError: with everything that is wrong with the folder, in Chinese, by file and line.

    >>> import nianbao
    >>> report = nianbao.open("longtan", 2013)
    >>> print(report.status())
    <aside: Paragraph>
    """
    from nianbao.document.document import open_report  # noqa: PLC0415 - keeps `import nianbao` at milliseconds

    return open_report(report, year)


def load(report: str | Path | int, year: str | int | None = None) -> Loaded:
    """
    Load a report as data, for a script or a fresh notebook: `ratios()`, `figures()`, `findings()` and `frame(table)` are frames of pandas.

    *report* and *year* are as for `open`. The numbers are plain ones to compute with: float64, Int64, Float64; beside them stand the
    exact value, the unit, and why a value is missing. A ratio is a part of 1: 37.15 % is 0.3715.

    Raises:
        UnknownReportError: where there is no such report, or several are meant; the message lists those there are.
        InvalidInputError: with everything that is wrong with the folder, in Chinese, by file and line.

    >>> import nianbao
    >>> report = nianbao.load("longtan", 2013)
    >>> int(report.frame("statistics").loc["disclosed", "13年发生数"])
    2565
    """
    from nianbao.document.document import Document  # noqa: PLC0415
    from nianbao.document.loaded import Loaded  # noqa: PLC0415
    from nianbao.inputs import formfile  # noqa: PLC0415
    from nianbao.inputs.report import load as read  # noqa: PLC0415

    return Loaded(Document(read(_folder(report, year), formfile.shipped())))


def ratios(report: str | Path | int, year: str | int | None = None) -> pd.DataFrame:
    """
    Return every ratio of a report as one frame, a line each by its id: see `Loaded.ratios`.

    *report* and *year* are as for `open`, and so is what may be raised.

    >>> import nianbao
    >>> float(round(nianbao.ratios("longtan", 2013).loc["disclosed.district.year.share", "value"], 4))
    0.3715
    """
    return load(report, year).ratios()


def audit(report: str | Path | int, published_path: str) -> WorkingPaper:
    """
    Hold the published text *published_path* against the table of *report*, which is named as for `open`, in one argument.

    Raises:
        UnknownReportError: where there is no such report, or several are meant.
        InvalidInputError, UnreadableError: where either cannot be read, in Chinese.

    >>> import nianbao
    >>> print(nianbao.audit("longtan/2013", "params/longtan/2013/published.txt").status())
    <aside: Paragraph>
    """
    from pathlib import Path  # noqa: PLC0415

    from nianbao.auditing.paper import WorkingPaper  # noqa: PLC0415
    from nianbao.reading.files import read  # noqa: PLC0415

    return WorkingPaper(open(report), read(Path(published_path)))


def roll_up(params_path: str) -> Rollup:
    """
    Add up the tables of the members that the report in the folder *params_path* names.

    Raises:
        InvalidInputError: where it cannot be read or has no members, or a unit would be counted twice, in Chinese.

    >>> import nianbao
    >>> nianbao.roll_up("params/specimen/2025")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    nianbao.indicators.errors.InvalidInputError: 有1处需要改正：
      1. params/specimen/2025/report.yaml（members）：没有写明由哪些单位汇总。请加上 members，每行一个单位，...
    """
    from nianbao.rollup.rollup import open_rollup  # noqa: PLC0415

    return open_rollup(params_path)


def trend(params_path: str) -> Trend:
    """
    Follow a unit over the years in its folder *params_path*.

    Raises:
        InvalidInputError, UnknownReportError: where a year cannot be read or there are too few, in Chinese.

    >>> import nianbao
    >>> len(nianbao.trend("params/invented").documents)
    3
    """
    from nianbao.trends.trend import open_trend  # noqa: PLC0415

    return open_trend(params_path)


def _folder(report: str | Path | int, year: str | int | None) -> Path:
    from pathlib import Path  # noqa: PLC0415

    from nianbao.inputs.project import located  # noqa: PLC0415

    return located(report, year, Path.cwd())


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
