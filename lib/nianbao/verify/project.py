"""
Hold what was made against its committed manifest: hashes, then what it is and the figures of a fresh run, then its bytes.

A report, a trend, a roll-up and a working paper are held in one way. Nothing is taken from earlier outputs but what the manifest claims of them.
A depth that could not be reached is named, never counted as passed. `repeat` makes a report twice, in settings as unlike as can be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.build import inputs, manifest, swap
from nianbao.build.inputs import FORMS, of_report, sealed_in
from nianbao.build.manifest import SCHEMA, digest, other_version
from nianbao.indicators import frozen
from nianbao.indicators.errors import NianbaoError, PublishError, UnknownReportError
from nianbao.notebook.run import FORK, KERNEL, CellFailed, ready
from nianbao.render.outputs import MANIFEST
from nianbao.verify.verdict import Verdict, compared, compared_by_name, figure_words, passed_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nianbao.build.inputs import Hashes
    from nianbao.build.pipeline import Job, Making
    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json
    from nianbao.verify.verdict import Compared


HASHES, HEADING, FIGURES, BYTES = "哈希", "报告信息", "数", "重做的文件"
DEPTHS = (HASHES, HEADING, FIGURES, BYTES)


def verify(project: Project, making: Making, say: Callable[[str], None], *, progress: bool) -> Verdict:
    """
    Compare what lies where *making* would put it with its committed manifest, and that with what *making* comes to.

    Raises:
        UnknownReportError: where there is no manifest of it.
    """
    folder = making.target
    sealed = read_manifest(folder / MANIFEST.name, (folder / MANIFEST.name).relative_to(project.root).as_posix())
    now = inputs.hashes(project.root, sealed_in(sealed, making.scope))
    now |= {name: digest(path.read_bytes()) for name, path in making.apart.items()}
    with swap.scratch(project.outputs) as scratch, ready(scratch, KERNEL) as shell:
        say("核对参数、笔记本、程序和成果文件的哈希")
        try:
            job = making.begin(scratch)
        except NianbaoError as error:
            items = [*_inputs(sealed, now), *_outputs(sealed, folder), *_not_reached(sealed, str(error))]
            return Verdict(title=_title(sealed), items=tuple(items), ran=False)
        used = {name: digest(content) for name, content in job.inputs.items() if name.startswith(FORMS)}
        items = [*_inputs(sealed, now | used), *_outputs(sealed, folder)]
        ran = True
        say("从参数重新执行，逐个核对数，逐字节核对文件")
        try:
            job.run(shell, progress=progress)
            fresh = json.loads(job.made()[MANIFEST.name])
        except (NianbaoError, CellFailed) as error:
            items += _not_reached(sealed, str(error))
            ran = False
        else:
            items += [*_figures(sealed, fresh, job), *_bytes(sealed, fresh)]
    environment = tuple(_environment(sealed.get("environment", {}), manifest.environment()))
    return Verdict(title=_title(sealed), items=tuple(items), environment=environment, ran=ran)


def read_manifest(path: Path, shown: str) -> Json:
    """
    Return the manifest at *path*.

    Raises:
        UnknownReportError: where there is none that can be read.
    """
    if not path.is_file():
        raise UnknownReportError(f"没有 {shown}，无从核对。先用 make report 生成，或从版本库取回。")
    held = manifest.sealed(path)
    if held is None:
        raise UnknownReportError(f"{shown} 残缺或被改动，不是本工具写出的清单；从版本库取回。")
    if held["schema"] != SCHEMA:
        raise UnknownReportError(f"{shown} {other_version(held['schema'])}")
    return dict(held)


def record(verdict: Verdict) -> Json:
    """Return what `verdict.json` holds."""
    environment = [{"what": what, "sealed": sealed, "now": now} for what, sealed, now in verdict.environment]
    counts = {depth: verdict.counts(depth) for depth in DEPTHS}
    items = [asdict(item) for item in verdict.items]
    return {"schema": 1, "title": verdict.title, "counts": counts, "environment": environment, "items": items}


def _title(sealed: Json) -> str:
    return f"{sealed['report']['title']}{'（草稿）' if sealed['report'].get('draft') else ''}"


def _inputs(sealed: Json, now: Hashes) -> Compared:
    """Compare the inputs and the parts of the library with the hashes they have *now*, whether they can be read or not."""
    for source, shipped in (("参数、笔记本和锁文件", False), ("表式", True)):
        names = {name for name in {*sealed["inputs"], *now} if name.startswith(FORMS) is shipped}
        yield from compared_by_name(HASHES, _those(names, sealed["inputs"]), _those(names, now), source)
    yield from compared_by_name(HASHES, sealed["library"], manifest.library(), "程序、表式、字体和模板，每个部分一项")


def _those(names: set[str], hashes: Hashes) -> Hashes:
    return {name: hashes[name] for name in names if name in hashes}


def _outputs(sealed: Json, folder: Path) -> Compared:
    """Compare the files that lie in the output folder; one that is not there was not made here, and is skipped."""
    for name, expected in sealed["outputs"].items():
        path = folder / name
        if path.is_file():
            yield compared(HASHES, name, expected, digest(path.read_bytes()), f"outputs 中的 {name}")
        else:
            yield passed_over(HASHES, name, expected, "没有这个文件", "outputs")


def _figures(sealed: Json, fresh: Json, job: Job) -> Compared:
    """Compare what the report is, then the figures one by one as strings: exact value and display."""
    for key, found in fresh["report"].items():
        yield compared(HEADING, f"report.{key}", str(sealed["report"].get(key)), str(found), "report.yaml 和表式")
    # What a paper says of itself: the years of a trend, the members of a roll-up, the text of an audit.
    for key in sorted(fresh.keys() - manifest.MANIFEST):
        yield compared(HEADING, key, str(sealed.get(key)), str(fresh[key]), "参数")
    before, now = sealed["figures"], fresh["figures"]
    for figure_id in {**before, **now}:
        figure = job.told.figures.get(figure_id)
        source = (figure.source or figure.formula) if figure else "核对所得"
        label = f"{figure_id} {figure.label}" if figure else figure_id
        yield compared(FIGURES, label, figure_words(before.get(figure_id)), figure_words(now.get(figure_id)), source)


def _bytes(sealed: Json, fresh: Json) -> Compared:
    """Compare the files that a fresh run made, as its manifest has them."""
    return compared_by_name(BYTES, sealed["outputs"], fresh["outputs"], "从参数重新生成")


def _not_reached(sealed: Json, reason: str) -> Compared:
    """Yield an item that names the failure of the run, and one for each depth that it leaves untested."""
    why = reason.splitlines()[0]
    yield passed_over(FIGURES, "重新执行", "能够执行", reason, "参数和笔记本")
    untested = (HEADING, "report"), (FIGURES, f"{len(sealed['figures'])}个数"), (BYTES, f"{len(sealed['outputs'])}个文件")
    for depth, what in untested:
        yield passed_over(depth, what, "", why, "重新执行")


def _environment(sealed: Json, now: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    then = {**sealed, **sealed.get("packages", {})}
    today = {**now, **now.get("packages", {})}
    for name in sorted((then.keys() | today.keys()) - {"packages"}):
        if then.get(name) != today.get(name):
            yield name, str(then.get(name, "没有")), str(today.get(name, "没有"))


DEPTH = "两次生成的文件"


@frozen
class Setting:
    """What differs between two builds; `folder` is where the copy of the project lies."""

    name: str
    by: str
    folder: str
    umask: int
    environment: Mapping[str, str]


def _environment_of(zone: str, locale: str, seed: str, user: str, threads: str) -> dict[str, str]:
    named = {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed, "USER": user, "LOGNAME": user}
    return named | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), threads)


SETTINGS = (
    Setting(name="甲", by=KERNEL, folder="a", umask=0o022, environment=_environment_of("UTC", "C", "4294967295", "jia", "1")),
    Setting(
        name="乙",
        by=FORK,
        folder="b/乙 的 文件夹/深处/再深处",
        umask=0o077,
        environment=_environment_of("Pacific/Kiritimati", "zh_CN.UTF-8", "0", "yi", "4"),
    ),
)


def repeat(project: Project, unit: str, year: str, say: Callable[[str], None]) -> Verdict:
    """
    Build the report of *unit* for *year* under both settings and compare what comes out.

    Raises:
        PublishError: where a build failed; the message is the build's own.
    """
    project.params(unit, year)
    with tempfile.TemporaryDirectory(prefix="nianbao-") as scratch:
        made = []
        for setting in SETTINGS:
            say(f"在环境{setting.name}中生成")
            made.append(_built(project, unit, year, Path(scratch), setting))
        one, other = made
        items = compared_by_name(DEPTH, one, other, "环境甲与环境乙", ("没有这个文件", "没有这个文件"))
        return Verdict(title=f"{unit} {year}", items=tuple(items))


def _built(project: Project, unit: str, year: str, scratch: Path, setting: Setting) -> Hashes:
    """Return the hashes of the outputs of a build under *setting*."""
    root = scratch / setting.folder / "project"
    home = scratch / setting.folder / "home"
    home.mkdir(parents=True)
    inputs.copied(project.root, of_report(unit, year, (inputs.ANY_NOTEBOOK,)), root)
    environment = {**os.environ, **setting.environment, "HOME": str(home), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "nianbao", "--project", str(root), "report", "--engine", setting.by, "--", unit, year]
    run = subprocess.run(  # noqa: S603 - our own interpreter, and names that `Project` has checked
        command, env=environment, umask=setting.umask, capture_output=True, encoding="utf-8", check=False
    )
    if run.returncode:
        raise PublishError(f"环境{setting.name}中的生成失败：\n{run.stderr.strip()}")
    return {path.name: digest(path.read_bytes()) for path in (root / "outputs" / unit / year).iterdir()}
