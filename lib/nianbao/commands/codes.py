"""
The exit codes of the commands.

0 done; 1 `check` (with which `table import` ends) found an error that nobody accepted, `verify` or `repro` a difference, `audit` or
`rollup` something to look at, `batch` a report that failed; 2 it could not be done. An interrupted command ends with 130.
"""

from __future__ import annotations

DONE, FOUND, FAILED = 0, 1, 2
