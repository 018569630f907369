"""
The one door for YAML: text in, checked values out, every problem at once with its line.

PyYAML alone is not a safe door: the last of two equal keys wins, `3.10` becomes 3.1, `NO` becomes false, `12:30` becomes 750
and `010` becomes 8. Here a scalar keeps its text until a shape says what it must be. What a value may
look like is `shapes`' business; this module does not know any file's keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml

from .errors import UNFIT, Problem

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
_CONTROL = re.compile(f"[{UNFIT}]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")


class Shape(Protocol):
    """What a value must look like."""

    def take(self, node: yaml.Node, door: Door, place: str) -> Any:
        """Return the value of *node*, or None after telling *door* what is wrong with it."""


@dataclass(slots=True)
class Door:
    """Gathers the problems of one file while its values are taken, and the line of each key by its place."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def refuse(self, node: yaml.Node, place: str, found: str, *, allowed: str = "", remedy: str = "") -> None:
        """Note that the value at *place* cannot be used."""
        line = node.start_mark.line + 1
        self.problems.append(Problem(file=self.file, line=line, place=place, found=found, allowed=allowed, remedy=remedy))

    def take(self, text: str, shape: Shape) -> Any:
        """Return what *shape* makes of the YAML in *text*; look at `problems` before using it."""
        text = text.removeprefix("\ufeff")
        if found := _CONTROL.search(text):
            line = text.count("\n", 0, found.start()) + 1
            words = f"含有控制字符 U+{ord(found.group()):04X}"
            self.problems.append(Problem(file=self.file, line=line, found=words, remedy="检查这一行，删去它"))
            return None
        try:
            if self._is_trap(text):
                return None
            node = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self._unreadable(error.problem or "", mark.line + 1 if mark else None)
            return None
        except yaml.YAMLError as error:
            self._unreadable(str(error).splitlines()[0], None)
            return None
        if node is None or is_blank(node):
            self.problems.append(Problem(file=self.file, found="文件是空的", remedy="填写内容"))
            return None
        return shape.take(node, self, "")

    def _is_trap(self, text: str) -> bool:
        """
        Refuse `&` and `*`, and brackets in brackets without end.

        One value standing in many places is how a small file grows without end; the time to read brackets grows by the square.
        """
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else None
                self.problems.append(Problem(file=self.file, line=line, found=f"嵌套多于{_DEEPEST}层", remedy="检查括号和缩进"))
                return True
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else None
                self.problems.append(Problem(file=self.file, line=line, found=f"用了引用“*{event.anchor}”", remedy="把值写全"))
                return True
        return False

    def _unreadable(self, reason: str, line: int | None) -> None:
        found = f"不是有效的 YAML（{reason}）"
        self.problems.append(Problem(file=self.file, line=line, found=found, remedy="检查这一行及上一行的缩进、冒号和引号"))


def plain(node: yaml.Node, door: Door, place: str, allowed: str) -> str | None:
    """Return the text of a scalar, refusing what is no scalar and characters that no report may hold."""
    if not isinstance(node, yaml.ScalarNode):
        door.refuse(node, place, "应是一个值，这里却是一组", allowed=allowed)
        return None
    for what, pattern in (("控制字符", _CONTROL), ("私用区字符", _PRIVATE_USE)):
        if found := pattern.search(node.value):
            door.refuse(node, place, f"含有{what} U+{ord(found.group()):04X}", remedy="改用正式的字符")
            return None
    return str(node.value)


def is_blank(node: yaml.Node) -> bool:
    """Tell whether nothing, `~` or `null` stands where a value could."""
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in {"", "~", "null"}


def pairs(node: yaml.Node, door: Door, place: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Return key → (key node, value node), refusing what is no mapping, repeated keys, and aliases' merge keys."""
    if is_blank(node):
        return {}
    if not isinstance(node, yaml.MappingNode):
        door.refuse(node, place, "应是若干“键: 值”", allowed="每个键一行")
        return {}
    found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key_node, child in node.value:
        key = plain(key_node, door, place, "键")
        if key is None:
            continue
        if key in found:
            first = found[key][0].start_mark.line + 1
            door.refuse(key_node, join(place, key), f"键“{key}”重复，第{first}行已有", remedy="只留一个")
        else:
            found[key] = (key_node, child)
            door.lines[join(place, key)] = key_node.start_mark.line + 1
    return found


def join(place: str, key: str) -> str:
    """Return the place of *key* below *place*."""
    return f"{place}.{key}" if place else key
