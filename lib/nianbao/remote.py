"""
One report built by another machine: what is asked for, and what becomes of the answer. How both travel is not known here.

An answer is believed once it is what the manifest in it says, made by this very library from the files that were sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import carried, manifest, parcel, publish
from .batch import BUILT, FAILED, Result
from .errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .form import Form
    from .project import Project

REMEDY = "请在各机装同一份 nianbao，依赖照同一份 requirements.lock。"
_RESULT = {
    **dict.fromkeys(("unit", "year", "outcome", "message", "trace"), str),
    **dict.fromkeys(("seconds", "cpu"), float),
    "peak": int,
}
_ANSWER = {"result": _RESULT, "files": {"*": bytes}, "worker": str}
_REFUSAL = {"software": {"*": str}, "worker": str}


@dataclass(frozen=True, kw_only=True)
class Remote:
    """
    The reports of a project, to be built elsewhere.

    Args:
        limit: the seconds that one may take.

        software: what must be the same there, `library` the hash of each part of this library.
    """

    project: Project
    forms: Mapping[str, Form]
    limit: float
    software: Mapping[str, str] = field(default_factory=parcel.software)
    library: Mapping[str, str] = field(default_factory=manifest.library)

    def request(self, unit: str, year: str) -> dict[str, Any]:
        """
        Return what to ask for the report of *unit* for *year*.

        Raises:
            UnknownReportError, UnsafeNameError: where its parameters are not there, or its outputs could not be put into place.
        """
        self.project.output(unit, year)
        files = parcel.pack(self.project, unit, year, self.forms.values())
        return {"unit": unit, "year": year, "files": files, "limit": self.limit, "software": dict(self.software)}

    def take(self, answer: Any, unit: str, year: str, sent: Mapping[str, str]) -> Result:
        """
        Put into place what was built, once it is believed, and return the result.

        Args:
            sent: the hash of each file that was asked with.

        Raises:
            ClusterError: where it is not believed; nothing is changed then.
        """
        result = self._believed(answer, unit, year, sent)
        files, target = answer["files"], self.project.output(unit, year)
        if result.outcome == BUILT:
            with publish.scratch(self.project.outputs) as scratch:
                # In their order: the manifest is the youngest, as a build leaves it.
                publish.put({name: files[name] for name in parcel.NAMES}, scratch, target)
            return result
        if parcel.FAILED in files:
            publish.write_beside(target / parcel.FAILED, files[parcel.FAILED].decode("utf-8", "replace"))
        return replace(result, trace=f"执行机 {answer['worker']}\n{result.trace}".strip())

    def _believed(self, answer: Any, unit: str, year: str, sent: Mapping[str, str]) -> Result:
        if carried.fits(answer, _REFUSAL):
            told = parcel.differences(self.software, answer["software"])
            raise ClusterError(f"执行机 {answer['worker']} 的软件与本机不同，没有生成：{told}。{REMEDY}")
        if not carried.fits(answer, _ANSWER):
            raise ClusterError("执行机送回的不是成果，没有采用；上一次的成果没有改动。")
        result = Result(**{name: answer["result"][name] for name in _RESULT})
        wrong = ""
        if (result.unit, result.year) != (unit, year) or result.outcome not in {BUILT, FAILED}:
            wrong = f"是“{result.unit}/{result.year}”的"
        elif result.outcome == BUILT:
            wrong = parcel.doubt(unit, year, sent, self.library, answer["files"])
        if wrong:
            raise ClusterError(f"执行机 {answer['worker']} 送回的成果不对，没有采用：{wrong}；上一次的成果没有改动。")
        return result
