"""
The shapes that values from outside must have, and the one door for YAML: text in, checked values out, every problem with its line.

A shape is made once, of others (`MapOf(ListOf(Text()))`). `Door.take` holds YAML, which people write, against it: each scalar keeps its
text until the shape says what it must be, for PyYAML alone is not a safe door: the last of two equal keys wins, `3.10` becomes 3.1,
`NO` becomes false, `12:30` becomes 750 and `010` becomes 8. `from_json` and `holds` answer yes or no of JSON, which this program wrote:
`Keys({"schema": Of(int), "inputs": MapOf(Of(str))})`. No file's own keys are known here.
"""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from nianbao.indicators import values as numerals
from nianbao.indicators.errors import UNFIT, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
_CONTROL = re.compile(f"[{UNFIT}]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Shape:
    """What a value must look like: one written in YAML, which `take` reads, or one of JSON, of which `holds` says yes or no."""

    __slots__ = ()

    def take(self, node: yaml.Node, door: Door, place: str) -> Any:
        """Return the value of *node*, or None after telling *door* what is wrong with it."""
        raise NotImplementedError

    def holds(self, value: Any) -> bool:
        """Tell whether *value*, as JSON gives it, has this shape; text must be text that can be written out."""
        raise NotImplementedError


def from_json(content: bytes | None, shape: Shape) -> Any:
    """Return what the JSON *content* says, or None where it has not *shape*."""
    try:
        value = json.loads(content or b"")
    except (ValueError, RecursionError):
        return None
    return value if shape.holds(value) else None


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


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """Text, exactly as written; `pattern` narrows it and `allowed` says so to the reader."""

    pattern: str = r"(?s).*\S.*"
    allowed: str = "文字"

    def take(self, node: yaml.Node, door: Door, place: str) -> str | None:
        """Return the scalar's own characters, never a number or a truth value."""
        text = plain(node, door, place, self.allowed)
        if text is None:
            return None
        if is_blank(node) or not re.fullmatch(self.pattern, text):
            door.refuse(node, place, f"读到“{text}”", allowed=self.allowed)
            return None
        return text


@dataclass(frozen=True, slots=True)
class Number(Shape):
    """A plain numeral: a whole number, or a decimal where `places` is above 0. Digits in quotes are text, and refused."""

    places: int = 0
    signed: bool = False
    least: int | None = None
    most: int | None = None

    def take(self, node: yaml.Node, door: Door, place: str) -> Any:
        """Return an int, or a Decimal where the text has decimals."""
        text = plain(node, door, place, "数")
        if text is None:
            return None
        if isinstance(node, yaml.ScalarNode) and node.style:
            door.refuse(node, place, f"“{text}”带引号，是文字", allowed="数", remedy="去掉引号")
            return None
        try:
            number = self._read(text)
        except numerals.NotANumeralError as error:
            door.refuse(node, place, f"读到“{text}”，{error.found}", allowed="数", remedy=error.remedy)
            return None
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            door.refuse(node, place, f"读到“{text}”", allowed=f"{self.least}到{self.most}之间的数")
            return None
        return number

    def _read(self, text: str) -> Any:
        if self.places and "." in text:
            return numerals.amount(text, self.places, signed=self.signed)
        return numerals.count(text, signed=self.signed)


@dataclass(frozen=True, slots=True)
class Truth(Shape):
    """`true` or `false`, nothing else."""

    def take(self, node: yaml.Node, door: Door, place: str) -> bool | None:
        """Return the truth value."""
        text = plain(node, door, place, "true 或 false")
        if text in {"true", "false"}:
            return text == "true"
        if text is not None:
            door.refuse(node, place, f"读到“{text}”", allowed="true 或 false")
        return None


@dataclass(frozen=True, slots=True)
class Choice(Shape):
    """One of a few words."""

    words: tuple[str, ...]

    def take(self, node: yaml.Node, door: Door, place: str) -> str | None:
        """Return the word."""
        text = plain(node, door, place, "、".join(self.words))
        if text in self.words:
            return text
        if text is not None:
            door.refuse(node, place, f"读到“{text}”", allowed="、".join(self.words))
        return None


@dataclass(frozen=True, slots=True)
class Day(Shape):
    """A date that exists, written YYYY-MM-DD."""

    def take(self, node: yaml.Node, door: Door, place: str) -> datetime.date | None:
        """Return the date."""
        text = plain(node, door, place, "日期")
        if text is None:
            return None
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
                return datetime.date.fromisoformat(text)
        except ValueError:
            pass  # the words below say so
        door.refuse(node, place, f"读到“{text}”", allowed="存在的日期，写成年-月-日，如 2014-03-05")
        return None


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    """A list whose items all have one shape; nothing counts as an empty list."""

    item: Shape

    def take(self, node: yaml.Node, door: Door, place: str) -> tuple[Any, ...]:
        """Return the items that could be read, in order."""
        if is_blank(node):
            return ()
        if not isinstance(node, yaml.SequenceNode):
            door.refuse(node, place, "应是列表", allowed="每项一行，以“- ”开头")
            return ()
        taken = [self.item.take(child, door, f"{place}[{number}]") for number, child in enumerate(node.value, 1)]
        return tuple(value for value in taken if value is not None)

    def holds(self, value: Any) -> bool:
        """Tell whether *value* is a list of such items."""
        return isinstance(value, list) and all(map(self.item.holds, value))


@dataclass(frozen=True, slots=True)
class MapOf(Shape):
    """Keys of the writer's choice (they match `key`, which is `allowed` in words), values of one shape; nothing counts as empty."""

    item: Shape
    key: str = r"[a-z][a-z0-9_]*"
    allowed: str = "小写英文字母、数字和下划线，以字母开头"

    def take(self, node: yaml.Node, door: Door, place: str) -> dict[str, Any]:
        """Return the values that could be read, by key."""
        taken = {}
        for key, (key_node, child) in pairs(node, door, place).items():
            if not re.fullmatch(self.key, key):
                door.refuse(key_node, join(place, key), f"键“{key}”不合规", allowed=self.allowed)
            elif (value := self.item.take(child, door, join(place, key))) is not None:
                taken[key] = value
        return taken

    def holds(self, value: Any) -> bool:
        """Tell whether *value* is a dict of such values; in JSON any key will do."""
        return isinstance(value, dict) and all(map(_writable, value)) and all(map(self.item.holds, value.values()))


@dataclass(frozen=True, slots=True)
class Record(Shape):
    """
    A fixed set of keys.

    Args:
        build: called with the values by key; what it returns is the record's value.

        required, optional: the shape of each key. A blank optional value is left out.

        line: the name under which `build` wants the line of the record, if it does.
    """

    build: Callable[..., Any]
    required: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)
    line: str = ""

    def take(self, node: yaml.Node, door: Door, place: str) -> Any:
        """Return what `build` makes of the record, or None where anything in it is wrong."""
        before = len(door.problems)
        found = pairs(node, door, place)
        known = {**self.required, **self.optional}
        self._unknown(found, door, place, known)
        values: dict[str, Any] = {}
        for key, shape in known.items():
            if key in found and not (key in self.optional and is_blank(found[key][1])):
                values[key] = shape.take(found[key][1], door, join(place, key))
            elif key in self.required and (isinstance(node, yaml.MappingNode) or is_blank(node)):
                door.refuse(node, join(place, key), "缺少这一项", remedy="补上")
        if len(door.problems) > before:
            return None
        return self.build(**values, **({self.line: node.start_mark.line + 1} if self.line else {}))

    @staticmethod
    def _unknown(found: Mapping[str, Any], door: Door, place: str, known: Mapping[str, Shape]) -> None:
        for key, (key_node, _child) in found.items():
            if key not in known:
                door.refuse(key_node, join(place, key), f"不认识的键“{key}”", allowed="、".join(known))


@dataclass(frozen=True, slots=True)
class Keys(Shape):
    """Some keys, whatever others there are: in YAML those of them that can be taken, where something else is wrong; in JSON all of them."""

    shapes: Mapping[str, Shape]

    def take(self, node: yaml.Node, door: Door, place: str) -> dict[str, Any]:
        """Return the values that could be taken, by key."""
        found = pairs(node, door, place)
        taken = {key: shape.take(found[key][1], door, join(place, key)) for key, shape in self.shapes.items() if key in found}
        return {key: value for key, value in taken.items() if value is not None}

    def holds(self, value: Any) -> bool:
        """Tell whether *value* is a dict that has all of these."""
        return isinstance(value, dict) and all(key in value and shape.holds(value[key]) for key, shape in self.shapes.items())


class Of(Shape):
    """A single value of JSON, of exactly one of these types: `True` is no `int`, and `Of(str, type(None))` is text or null."""

    __slots__ = ("types",)

    def __init__(self, *types: type) -> None:
        self.types = types

    def holds(self, value: Any) -> bool:
        """Tell whether *value* is such a value."""
        return type(value) in self.types and (type(value) is not str or _writable(value))


def _writable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not _SURROGATE.search(text))
