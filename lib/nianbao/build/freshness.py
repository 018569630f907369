"""
Whether the outputs of a report are what a build would make now, and if not, what changed since.

The key is what the manifest seals: notebook, parameters of the year and of the year before, forms, library, lock, Python and packages;
and the outputs as they lie there. Nothing is imported that only a build needs, and `verify` asks nothing here.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nianbao.build import inputs, manifest
from nianbao.build.inputs import of_report, sealed_in
from nianbao.build.manifest import SCHEMA, digest
from nianbao.indicators import frozen
from nianbao.indicators.errors import listed
from nianbao.render import embeddable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nianbao.inputs.project import Project
    from nianbao.inputs.yaml import Json


SEAL = "manifest.json"
_PAGE = "report.html"
_FAILED = "report.failed.ipynb"
_LIBRARY = "程序"
_MOST_NAMED = 3
_RIGHT_AFTER = 2 * 10**9  # nanoseconds
_DIGEST, _SHORT = 64, 12


@frozen
class Part:
    """
    One part of the key.

    Args:
        kind: what it is, in words; `name` which one.

        sealed, now: its hash or version in the manifest and now; None where it is not there.
    """

    kind: str
    name: str
    sealed: str | None
    now: str | None

    @property
    def state(self) -> str:
        """Whether it changed, in words."""
        if self.sealed == self.now:
            return "未变"
        if self.sealed is None:
            return "新增"
        return "不见了" if self.now is None else "有改动"

    @property
    def line(self) -> str:
        """The part in one line; of a hash its beginning."""
        values = dict.fromkeys(value[:_SHORT] if len(value) == _DIGEST else value for value in (self.sealed, self.now) if value)
        return f"{self.state}　{f'{self.kind} {self.name}'.strip()}　{' → '.join(values)}"


@frozen
class Key:
    """
    Everything that a report's outputs depend on, sealed and as it is now.

    Args:
        built: whether there are outputs to compare; `draft` whether they are a draft.
    """

    parts: tuple[Part, ...]
    built: bool
    draft: bool = False

    @property
    def changed(self) -> list[Part]:
        """The parts that are not as they were sealed."""
        return [part for part in self.parts if part.sealed != part.now]

    @property
    def unchanged(self) -> bool:
        """Whether a build would make what is there."""
        return self.built and not self.changed

    def reasons(self) -> list[str]:
        """Return what changed, in words."""
        return [_said(list(group)) for _kind, group in groupby(self.changed, lambda part: (part.kind, part.state))]

    def explained(self) -> list[str]:
        """Return a line for each part, parts of the library that did not change taken together, and what follows."""
        own = [part for part in self.parts if part.kind == _LIBRARY and part.sealed == part.now]
        lines = [part.line for part in self.parts if part not in own]
        lines += [f"未变　{_LIBRARY}　{len(own)}个部分"] if own else []
        if not self.built:
            return [*lines, "还没有生成过。"]
        if self.unchanged:
            return [*lines, "没有变化：不会重新生成。"]
        return [*lines, f"会重新生成，因为：{'；'.join(self.reasons())}。"]


def key(project: Project, unit: str, year: str) -> Key:
    """Return the key of the report of *unit* for *year*."""
    folder = project.output(unit, year)
    sealed = _sealed(folder / SEAL)
    if sealed is None:
        if not folder.is_dir() or not any(folder.iterdir()):
            return Key(parts=(), built=False)
        return Key(parts=(Part(kind="清单", name=SEAL, sealed="可用", now=None),), built=True)
    if sealed["schema"] != SCHEMA:
        built = any(file.name != SEAL for file in folder.iterdir())
        return Key(parts=(_version(sealed["schema"]),) if built else (), built=built)
    if not any((folder / PurePosixPath(name).name).exists() for name in sealed["outputs"]):
        # A manifest alone, as the project's history keeps it.
        return Key(parts=(), built=False)
    scope = sealed_in(sealed, of_report(unit, year))
    before, now = sealed["inputs"], inputs.hashes(project.root, scope)
    parts = [
        Part(kind=kind, name=PurePosixPath(name).name, sealed=before.get(name), now=now.get(name))
        for (_place, kind), name in sorted((scope.called(name), name) for name in {*before, *now})
    ]
    library, own = sealed["library"], manifest.library()
    parts += [Part(kind=_LIBRARY, name=name, sealed=library.get(name), now=own.get(name)) for name in sorted({*library, *own})]
    parts += _environment(sealed["environment"])
    parts += _outputs(sealed, folder)
    return Key(parts=tuple(parts), built=True, draft=sealed["report"]["draft"])


def untouched(project: Project, unit: str, year: str, shared: dict[Path, str]) -> bool:
    """
    Tell whether a build would make what is there: the question that `Key.unchanged` answers, for whoever asks it of thousands.

    An output that is no younger than the manifest, which is written right after it, is taken for what was sealed; else all are read.

    Args:
        shared: the hashes of files that all reports are made from, filled as they are asked for.
    """
    folder = project.output(unit, year)
    sealed = _sealed(folder / SEAL)
    if sealed is None or sealed["schema"] != SCHEMA or sealed["environment"] != manifest.environment():
        return False
    scope = sealed_in(sealed, of_report(unit, year))
    if sealed["library"] != manifest.library() or sealed["inputs"] != inputs.hashes(project.root, scope, shared):
        return False
    files = [folder / PurePosixPath(name).name for name in sealed["outputs"]]
    if (folder / _FAILED).exists() or not all(file.is_file() for file in files):
        return False
    written, made = _touched(folder / SEAL), [_touched(file) for file in files]
    if max(made) <= written < max(made) + _RIGHT_AFTER:
        return True
    return key(project, unit, year).unchanged


def _touched(file: Path) -> int:
    """Return when *file* was last changed; the time of its content can be set back by whoever changes it, that of its entry cannot."""
    found = file.stat()
    return max(found.st_mtime_ns, found.st_ctime_ns)


def _sealed(path: Path) -> Json | None:
    """Return the manifest at *path*, or None where there is none that can be used."""
    try:
        held: Json | None = manifest.sealed(path)
    except OSError:
        # Missing or spoilt: it is built again either way.
        return None
    return held


def _version(schema: int) -> Part:
    return Part(kind="清单", name="版本", sealed=f"第{schema}版", now=f"第{SCHEMA}版")


def _environment(sealed: Json) -> Iterator[Part]:
    now = manifest.environment()
    yield Part(kind="Python", name="", sealed=sealed["python"], now=now["python"])
    yield Part(kind="平台", name="", sealed=sealed["platform"], now=now["platform"])
    before = sealed["packages"]
    for name in sorted({*before, *now["packages"]}):
        yield Part(kind="组件", name=name, sealed=before.get(name), now=now["packages"].get(name))


def _outputs(sealed: Json, folder: Path) -> Iterator[Part]:
    for name, expected in sealed["outputs"].items():
        file = folder / PurePosixPath(name).name
        found = digest(file.read_bytes()) if file.is_file() else None
        yield Part(kind="成果", name=name, sealed=expected, now=found)
        if name == _PAGE and found == expected:
            # The page carries the manifest too, but for what is compared here already.
            rest = {section: held for section, held in sealed.items() if section not in {"outputs", "environment"}}
            same = f'"manifest":{embeddable(rest)}' in file.read_text("utf-8")
            same &= (folder / SEAL).read_text("utf-8") == manifest.text(sealed)
            yield Part(kind="成果", name=SEAL, sealed="同网页所载", now="同网页所载" if same else "与网页所载不同")
    if (folder / _FAILED).exists():
        yield Part(kind="上一次失败的执行", name=_FAILED, sealed=None, now="还在")


def _said(parts: list[Part]) -> str:
    """Say in words how *parts*, which are of one kind, changed."""
    first = parts[0]
    if first.kind in {"Python", "平台", "组件", "清单"} and None not in {first.sealed, first.now}:
        return listed(f"{part.kind} {part.name} {part.sealed} → {part.now}".replace("  ", " ") for part in parts)
    names = listed(part.name for part in parts[:_MOST_NAMED]) + (f" 等{len(parts)}个" if len(parts) > _MOST_NAMED else "")
    return f"{first.kind} {names} {first.state}"
