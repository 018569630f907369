"""
What a report, a trend, a roll-up or an audit is made from: the one list of kinds of input, and how their files are found, copied and hashed.

A new kind of input is a line of `KINDS`; builds, the question whether anything changed, verification, batches, clusters, the preview
and the second build of `repro` follow it. What stands in the files is for `nianbao.inputs`, which reads them.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from nianbao.build.manifest import digest
from nianbao.indicators import frozen
from nianbao.indicators.errors import InvalidInputError, Problem, Reading
from nianbao.inputs.project import MOST_BYTES, PROSE, YAML, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nianbao.indicators.errors import Problems
    from nianbao.indicators.values import Strings
    from nianbao.inputs.yaml import Json

    # What files hold, by their names.
    Files = Mapping[str, bytes]
    Hashes = dict[str, str]


LIBRARY = Path(__file__).parents[1]
PARAMS, NOTEBOOKS, FORMS = "params/", "notebooks/", "forms/"
# What stands for every notebook where it is not known yet which is used; none of what editors leave beside them.
ANY_NOTEBOOK = "[!.]*.ipynb"
ANY_FORM = "*"
# Which files are pictures that text can show, by what their names end in.
PICTURES = ("png", "jpg", "jpeg", "svg")


@frozen
class Kind:
    """
    One kind of input.

    Args:
        words: what messages call it.

        path: where its files are, by `{unit}` and `{name}`; the last part may be a pattern, `**` stands for all in all folders below.

        each: which names of a `Scope` stand for `{name}`, each once: `years`, `tables`, `forms` or `notebooks`; empty where none does.

        shipped: whether it comes with this library rather than with the project.

        carried: whether a report carries it inside itself, so that it must be text; what an office adds may be anything.

        most: how many bytes a file of it may have.
    """

    words: str
    path: str
    each: str = ""
    shipped: bool = False
    carried: bool = True
    most: int = MOST_BYTES


# A photograph as a camera makes it; a table of many thousands of rows.
_MOST_OWN = 20_000_000
# What any year and any form is called, where it is asked of which kind a file is.
_ANY = {"years": "2[0-9][0-9][0-9]", "forms": "*"}
# What all files of a unit's own may come to, which are copied for each report.
_MOST_IN_ALL, _MOST_FILES = 100_000_000, 1000

KINDS = (
    Kind(words="资料", each="years", path=f"{PARAMS}{{unit}}/{{name}}/{YAML}"),
    Kind(words="表", each="years", path=f"{PARAMS}{{unit}}/{{name}}/[!.~]*.csv"),
    Kind(words="叙述", each="years", path=f"{PARAMS}{{unit}}/{{name}}/{PROSE}"),
    Kind(words="汇总的表", each="tables", path=f"{PARAMS}{{name}}"),
    *(
        Kind(words="图片", each="years", path=f"{PARAMS}{{unit}}/{{name}}/[!.~]*.{suffix}", carried=False, most=_MOST_OWN)
        for suffix in PICTURES
    ),
    # What stands beside the years' folders: a notebook of the unit's own, its pictures and data. A notebook may read any of it, so
    # all of it is what the report is made from.
    Kind(words="本单位的数据", path=f"{PARAMS}{{unit}}/data/**", carried=False, most=_MOST_OWN),
    Kind(words="Word 文件的样式", path=f"{PARAMS}{{unit}}/reference.docx", carried=False),
    Kind(words="本单位的文件", path=f"{PARAMS}{{unit}}/[!.~]*", carried=False, most=_MOST_OWN),
    Kind(words="表式", each="forms", path=f"{FORMS}{{name}}.yaml", shipped=True),
    Kind(words="笔记本", each="notebooks", path=f"{NOTEBOOKS}{{name}}", carried=False),
    Kind(words="锁", path="requirements.lock", carried=False),
)


@frozen
class Scope:
    """
    What one of the papers of *unit* is made from.

    Args:
        years: those whose folders are read, the paper's own first.

        tables: files below the parameters of any unit that are read one by one; nothing beside them is taken, so they may be links.

        notebooks, forms: the names of those that are used, or patterns.
    """

    unit: str
    years: Strings = ()
    tables: Strings = ()
    notebooks: Strings = ()
    forms: Strings = ()

    def kinds(self) -> Iterator[Kind]:
        """Yield every kind with its path, in the order in which they are told."""
        for year in self.years:
            before = "" if year == self.years[0] else "上一年的"
            for kind in KINDS:
                if kind.each == "years":
                    yield replace(kind, words=before + kind.words, path=kind.path.format(unit=self.unit, name=year))
        others = {"tables": self.tables, "forms": self.forms, "notebooks": self.notebooks, "": ("",)}
        for kind in KINDS:
            for name in others.get(kind.each, ()):
                yield replace(kind, path=kind.path.format(unit=self.unit, name=name))

    def called(self, name: str) -> tuple[int, str]:
        """Return what kind of input the file *name* is: its place in the order, and in words."""
        number = 0
        for number, kind in enumerate(replace(self, notebooks=("*",), forms=("*",)).kinds()):
            if fnmatchcase(name, kind.path):
                return number, kind.words
        return number, "资料"


def of_report(unit: str, year: str, notebooks: Strings = (), forms: Strings = ()) -> Scope:
    """Return what the report of *unit* for *year* is made from."""
    return Scope(unit=unit, years=(year, str(int(year) - 1)), notebooks=notebooks, forms=forms)


def reference(unit: str) -> str:
    """Return the name of the file by which the Word documents of *unit* look, where it has one."""
    return f"{PARAMS}{unit}/reference.docx"


def sealed_in(sealed: Json, scope: Scope) -> Scope:
    """Return *scope* with the notebooks and forms that the manifest *sealed* names; what that says may be made up."""
    names = {*sealed["inputs"], f"{FORMS}{sealed['report']['form']}.yaml"}
    notebooks = tuple(sorted(PurePosixPath(name).name for name in names if name.startswith(NOTEBOOKS)))
    forms = tuple(sorted(file.stem for file in (LIBRARY / FORMS).iterdir() if f"{FORMS}{file.name}" in names))
    return replace(scope, notebooks=notebooks, forms=forms)


def files(root: Path | None, scope: Scope) -> dict[str, Path]:
    """
    Return the files that are there, by the names that a manifest has for them.

    Args:
        root: the folder of the project; None asks only for what comes with this library.
    """
    return {name: path for _kind, name, path in _found(root, scope)}


def _found(root: Path | None, scope: Scope) -> Iterator[tuple[Kind, str, Path]]:
    for kind in scope.kinds():
        base = LIBRARY if kind.shipped else root
        if base is None:
            continue
        path = base / kind.path
        for file in _matching(path):
            if file.is_file():
                yield kind, file.relative_to(base).as_posix(), file


def _matching(path: Path) -> Iterator[Path]:
    """Yield in order what may be the files that *path*, the last part of which may be a pattern, stands for."""
    if path.name == "**":
        for folder, folders, names in os.walk(path.parent):
            # What editors and systems leave beside the files: folders of checkpoints, lists of thumbnails.
            folders[:] = sorted(name for name in folders if name[0] not in ".~")
            yield from (Path(folder, name) for name in sorted(names) if name[0] not in ".~")
    elif "*" in path.name:
        yield from sorted(path.parent.glob(path.name))
    else:
        yield path


def check(root: Path, scope: Scope) -> None:
    """
    Make sure that no parameter file is a link to somewhere else, or larger than it can be.

    What is taken is published with the report: whoever hands in a folder may not have another file of this machine carried along.

    Raises:
        InvalidInputError: with every file that is.
    """
    params = (root / PARAMS).resolve()
    problems = []
    sizes: list[int] = []
    for kind, name, path in _found(root, scope):
        # Tables that are named one by one were read before.
        if not name.startswith(PARAMS) or kind.each == "tables":
            continue
        size = path.stat().st_size
        sizes += [] if kind.carried else [size]
        if not path.resolve().is_relative_to(params):
            problems.append(Problem(file=name, found="经过链接，在 params/ 之外", remedy="把文件本身放进来"))
        elif size > kind.most:
            problems.append(too_large(name, kind.most))
    if len(sizes) > _MOST_FILES or sum(sizes) > _MOST_IN_ALL:
        found = f"本单位自己的文件有{len(sizes)}个，共{sum(sizes) // 1_000_000}MB"
        allowed = f"不多于{_MOST_FILES}个、{_MOST_IN_ALL // 1_000_000}MB"
        problems.append(Problem(file=f"{PARAMS}{scope.unit}", found=found, allowed=allowed, remedy="把用不到的移走"))
    if problems:
        raise InvalidInputError(problems)


def is_carried(name: str) -> bool:
    """Tell whether a report carries the input called *name* inside itself."""
    path = PurePosixPath(name)
    patterns = [kind.path.format(unit="*", name=_ANY[kind.each]) for kind in KINDS if kind.carried and kind.each in _ANY]
    return any(path.match(each) and name.count("/") == each.count("/") for each in patterns)


def check_text(read: Files) -> None:
    """
    Make sure that every one of the files *read*, by name, that a report carries is text; a table that the form does not know is one.

    Raises:
        InvalidInputError: with every file that is not.
    """
    problems: Problems = []
    for name, content in read.items():
        if not is_carried(name):
            continue
        Reading(name, problems).text(content, "另存为 UTF-8，或把它移走")
    if problems:
        raise InvalidInputError(problems)


def copied(root: Path, scope: Scope, scratch: Path) -> dict[str, bytes]:
    """
    Copy what is not there yet from the project in *root* to the folder *scratch*, and return all that is, by name.

    Raises:
        InvalidInputError: where a parameter file may not be taken.
    """
    check(root, scope)
    for kind, name, path in _found(root, scope):
        target = scratch / name
        # What was copied before was read already; it may have been saved meanwhile.
        if not kind.shipped and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            if kind.each == "tables":
                target.write_bytes(_content(kind, path))
            else:
                shutil.copyfile(path, target)
    return {name: path.read_bytes() for name, path in files(scratch, scope).items()}


def _content(kind: Kind, path: Path) -> bytes:
    """Return what the file *path* holds; of a table that is larger than it can be, as much as tells so."""
    if kind.each != "tables":
        return path.read_bytes()
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def hashes(root: Path | None, scope: Scope, shared: dict[Path, str] | None = None) -> Hashes:
    """
    Return the hash of each file as it is now, by name.

    Args:
        root: the folder of the project; None asks only for what comes with this library.

        shared: the hashes of files that many papers are made from, filled as they are asked for.
    """
    shared = {} if shared is None else shared
    found = {}
    for kind, name, path in _found(root, scope):
        if kind.each in {"years", "tables"}:
            found[name] = digest(_content(kind, path))
        else:
            found[name] = shared[path] = shared.get(path) or digest(path.read_bytes())
    return found
