"""
One notebook and its run: `source` reads its file, `run` runs it with papermill, `engine` and `shell` are what papermill runs it by.

Here is only the entry point that papermill knows as the engine `nianbao`. papermill imports every engine that is installed, whoever
runs it, so nothing is imported before the engine is used.
"""

from __future__ import annotations

from typing import Any


class _Engine:
    """Stands for the engine until papermill asks something of it."""

    def __getattr__(self, name: str) -> Any:
        from nianbao.notebook.engine import ForkedEngine  # noqa: PLC0415 - see the module

        return getattr(ForkedEngine, name)


forked = _Engine()
