"""How findings are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nianbao.findings import Finding

_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}


def findings(found: Iterable[Finding]) -> None:
    """Print *found*, a line each."""
    for finding in found:
        mark = "已认可" if finding.accepted else _SEVERITIES[finding.severity]
        print(f"{mark}　{finding.id}：{finding.sentence}。")
