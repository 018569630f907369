"""
Read `concepts.yaml` into `Group`s of `Concept`s, held against the forms.

Everything that the file can get wrong is told here, with line and key: a cell that a form does not have, a unit that does not fit,
a form under two definitions.
"""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .concepts import Concept, Definition, Group
from .errors import InvalidInputError, Problem
from .shapes import ListOf, MapOf, Number, Record, Text, Truth
from .yamlfile import Door

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .concepts import Cell
    from .form import Form

FILE = "concepts.yaml"

_ID = Text(r"[a-z][a-z0-9_]*", "小写英文字母、数字和下划线")
_FORM = r"[a-z][a-z0-9-]*"
_REF = r"[a-z][a-z0-9_.]*/[a-z][a-z0-9_]*"
_CELLS = Text(rf"{_REF}( \+ {_REF})*", "行/栏，如 applications/year；几格相加写成 a/x + b/x")
_DEFINITION = Record(dict, {"cells": MapOf(_CELLS, key=_FORM)}, {"times": Number(places=6), "note": Text()}, "line")
_CONCEPT = Record(
    dict,
    {"id": _ID, "label": Text(), "unit": Text(), "definitions": ListOf(_DEFINITION)},
    {"absent": MapOf(Text(), key=_FORM), "glance": Truth()},
    "line",
)
_GROUP = Record(dict, {"id": _ID, "title": Text(), "concepts": ListOf(_CONCEPT)}, {}, "line")
_FILE = Record(dict, {"groups": ListOf(_GROUP)})


def shipped(forms: Mapping[str, Form]) -> tuple[Group, ...]:
    """Return the concepts that come with the library, held against *forms*."""
    return parse((files(__package__) / FILE).read_text("utf-8"), f"lib/nianbao/{FILE}", forms)


def parse(text: str, file: str, forms: Mapping[str, Form]) -> tuple[Group, ...]:
    """
    Read the concepts in *text*.

    Raises:
        InvalidInputError: with every problem in the file.
    """
    door = Door(file)
    taken = door.take(text, _FILE)
    if door.problems:
        raise InvalidInputError(door.problems)
    builder = _Builder(file, forms)
    groups = tuple(builder.group(each) for each in taken["groups"])
    builder.unique("组", taken["groups"])
    builder.unique("概念", [concept for group in taken["groups"] for concept in group["concepts"]])
    if builder.problems:
        raise InvalidInputError(builder.problems)
    return groups


class _Builder:
    """Turn what the file says into values, noting what no single value shows."""

    def __init__(self, file: str, forms: Mapping[str, Form]) -> None:
        self.file = file
        self.forms = forms
        self.problems: list[Problem] = []

    def group(self, taken: dict[str, Any]) -> Group:
        """Return the group that *taken* says."""
        return Group(id=taken["id"], title=taken["title"], concepts=tuple(self._concept(each) for each in taken["concepts"]))

    def unique(self, what: str, taken: Iterable[Mapping[str, Any]]) -> None:
        """Refuse an id that stands twice."""
        first: dict[str, int] = {}
        for each in taken:
            if each["id"] in first:
                self._refuse(each["line"], each["id"], f"{what}“{each['id']}”重复，第{first[each['id']]}行已有")
            first.setdefault(each["id"], each["line"])

    def _concept(self, taken: dict[str, Any]) -> Concept:
        definitions = tuple(self._definition(each, taken) for each in taken["definitions"])
        absent = taken.get("absent", {})
        if not definitions:
            self._refuse(taken["line"], taken["id"], "没有写定义", "写明至少一种表式的格子")
        named = Counter([*absent, *(form for definition in definitions for form in definition.cells)])
        for form, times in named.items():
            if form not in self.forms:
                self._refuse(taken["line"], taken["id"], f"没有叫“{form}”的表式", f"改为：{'、'.join(self.forms)}")
            if times > 1:
                self._refuse(taken["line"], taken["id"], f"表式“{form}”出现{times}次", "只留一处")
        kept = {key: taken[key] for key in ("id", "label", "unit")}
        return Concept(definitions=definitions, absent=absent, glance=taken.get("glance", False), **kept)

    def _definition(self, taken: dict[str, Any], concept: dict[str, Any]) -> Definition:
        cells = {form: tuple(_cells(text)) for form, text in taken["cells"].items()}
        if not cells:
            self._refuse(taken["line"], concept["id"], "没有写格子", "写明表式和行/栏")
        for form_id, found in cells.items():
            for cell in found if form_id in self.forms else ():
                self._check(self.forms[form_id], cell, taken, concept)
        return Definition(cells=cells, times=taken.get("times"), note=taken.get("note", ""))

    def _check(self, form: Form, cell: Cell, taken: dict[str, Any], concept: dict[str, Any]) -> None:
        """Make sure that *cell* is one of *form*, and counted in the unit of the concept or one brought to it."""
        row, column = cell
        place, line = f"{concept['id']}.{form.id}", taken["line"]
        if row not in form.rows or form.rows[row].heading:
            self._refuse(line, place, f"表式中没有叫“{row}”的行")
            return
        if column not in {each.id for each in form.table_of(row).columns}:
            self._refuse(line, place, f"行“{row}”所在的表没有叫“{column}”的栏")
            return
        unit = form.unit_of(form.rows[row], form.table_of(row).column(column))
        if (unit == concept["unit"]) == ("times" in taken):
            said = "却写了 times" if "times" in taken else "没有写 times"
            self._refuse(line, place, f"格子的单位是“{unit}”，概念的单位是“{concept['unit']}”，{said}", "只在单位不同时写 times")

    def _refuse(self, line: int, place: str, found: str, remedy: str = "") -> None:
        self.problems.append(Problem(file=self.file, line=line, place=place, found=found, remedy=remedy))


def _cells(text: str) -> Iterator[Cell]:
    for piece in text.split(" + "):
        row, _, column = piece.partition("/")
        yield row, column
