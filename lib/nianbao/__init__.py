"""
Annual government-information-disclosure reports that prove their own numbers.

A notebook needs one name: `nianbao.open(params_path)` reads a folder of parameters and returns the report as a `Document`, which
gives prose, tables and charts; `nianbao.audit` and `nianbao.trend` do the same for a published text and for a unit over its years.
Importing this package does no work and loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
