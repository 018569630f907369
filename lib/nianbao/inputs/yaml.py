"""
The shapes that values from outside must have, and the one door for YAML: text in, checked values out, each problem with its line.

A shape is made of others: `MapOf(ListOf(Text()))`. `Door.take` holds YAML, which people write, against it. Each scalar keeps its text
until the shape says what it must be, for PyYAML alone is not a safe door: the last of two equal keys wins, `3.10` becomes 3.1, `NO`
becomes false, `12:30` becomes 750 and `010` becomes 8. `from_json` and `holds` answer yes or no of JSON, which this program wrote:
`keys(schema=Of(int), inputs=MapOf(STRING))`. No file's own keys are known here.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nianbao.indicators import positional, values
from nianbao.indicators.errors import UNFIT, Reading, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from yaml import Node

    from nianbao.indicators.errors import Problems
    from nianbao.indicators.values import Strings

    # What JSON holds in braces, and what is taken of a mapping in YAML, by key.
    Json = dict[str, Any]
    Taken = dict[str, Any]


_DEEPEST = 20
_CONTROL = re.compile(f"[{UNFIT}]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Shape:
    """What a value must look like: one written in YAML, which `take` reads, or one of JSON, of which `holds` says yes or no."""

    __slots__ = ()

    def take(self, node: Node, door: Door, place: str) -> Any:
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
class Door(Reading):
    """Gathers the problems of one file while its values are taken, and the line of each key by its place."""

    problems: Problems = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    # Whether characters for private use may stand in its texts: whoever lets them in shows their codes.
    private_use: bool = False

    def refuse(self, node: Any, place: str, found: str, *, allowed: str = "", remedy: str = "") -> None:
        """Note that what *node*, a node or event, holds at *place* cannot be used."""
        self.note(found, line=node.start_mark.line + 1, place=place, allowed=allowed, remedy=remedy)

    def take(self, text: str, shape: Shape) -> Any:
        """Return what *shape* makes of the YAML in *text*; look at `problems` before using it."""
        import yaml  # noqa: PLC0415 - shapes hold JSON too, where nothing of YAML is needed

        text = text.removeprefix("\ufeff")
        if control := _CONTROL.search(text):
            line = text.count("\n", 0, control.start()) + 1
            self.note(f"含有控制字符 U+{ord(control.group()):04X}", line=line, remedy="检查这一行，删去它")
            return None
        try:
            if self._is_trap(text):
                return None
            node = yaml.compose(text, Loader=_loader())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self._unreadable(error.problem or "", mark.line + 1 if mark else None)
            return None
        except yaml.YAMLError as error:
            self._unreadable(str(error).splitlines()[0], None)
            return None
        if node is None or is_blank(node):
            self.note("文件是空的", remedy="填写内容")
            return None
        return shape.take(node, self, "")

    def _is_trap(self, text: str) -> bool:
        """
        Refuse `&` and `*`, and brackets in brackets without end.

        One value standing in many places is how a small file grows without end; the time to read brackets grows by the square.
        """
        import yaml  # noqa: PLC0415 - shapes hold JSON too, where nothing of YAML is needed

        depth = 0
        for event in yaml.parse(text, Loader=_loader()):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                self.refuse(event, "", f"嵌套多于{_DEEPEST}层", remedy="检查括号和缩进")
                return True
            if isinstance(event, yaml.AliasEvent):
                self.refuse(event, "", f"用了引用“*{event.anchor}”", remedy="把值写全")
                return True
        return False

    def _unreadable(self, reason: str, line: int | None) -> None:
        self.note(f"不是有效的 YAML（{reason}）", line=line, remedy="检查这一行及上一行的缩进、冒号和引号")


def _loader() -> Any:
    """Return the loader of YAML that is in C, where there is one."""
    import yaml  # noqa: PLC0415 - shapes hold JSON too, where nothing of YAML is needed

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _kind(node: Any) -> str:
    """Return what *node* is: `scalar`, `sequence` or `mapping`."""
    return str(node.id)


def written(text: str) -> Iterator[tuple[int, set[str]]]:
    """Yield (line, characters) for each line of the scalars of the YAML in *text*; what only an escape shows is its first line's."""
    import yaml  # noqa: PLC0415 - see above

    lines = text.removeprefix("\ufeff").split("\n")
    for token in yaml.scan(text, Loader=_loader()):
        if isinstance(token, yaml.ScalarToken):
            first, last = token.start_mark.line, token.end_mark.line
            characters = set(token.value)
            yield first + 1, characters.difference(*lines[first : last + 1])
            for number, line in enumerate(lines[first : last + 1], first + 1):
                yield number, characters.intersection(line)


def plain(node: Node, door: Door, place: str, allowed: str) -> str | None:
    """Return the text of a scalar, refusing what is no scalar and characters that no report may hold."""
    if _kind(node) != "scalar":
        door.refuse(node, place, "应是一个值，这里却是一组", allowed=allowed)
        return None
    refused = (("控制字符", _CONTROL),) if door.private_use else (("控制字符", _CONTROL), ("私用区字符", _PRIVATE_USE))
    for what, pattern in refused:
        if unfit := pattern.search(node.value):
            door.refuse(node, place, f"含有{what} U+{ord(unfit.group()):04X}", remedy="改用正式的字符")
            return None
    return str(node.value)


def is_blank(node: Any) -> bool:
    """Tell whether nothing, `~` or `null` stands where a value could."""
    return _kind(node) == "scalar" and not node.style and node.value in {"", "~", "null"}


def pairs(node: Node, door: Door, place: str) -> dict[str, Node] | None:
    """Return the values by key, whose lines *door* learns; a repeated key is refused, and None stands for what is no mapping."""
    if is_blank(node):
        return {}
    if _kind(node) != "mapping":
        door.refuse(node, place, "应是若干“键: 值”", allowed="每个键一行")
        return None
    nodes: dict[str, Node] = {}
    for key_node, child in node.value:
        key = plain(key_node, door, place, "键")
        if key is None:
            continue
        at = join(place, key)
        if key in nodes:
            door.refuse(key_node, at, f"键“{key}”重复，第{door.lines[at]}行已有", remedy="只留一个")
        else:
            nodes[key] = child
            door.lines[at] = key_node.start_mark.line + 1
    return nodes


def join(place: str, key: str) -> str:
    """Return the place of *key* below *place*."""
    return f"{place}.{key}" if place else key


class Scalar(Shape):
    """A single value, of whose text `value` makes what it says; `allowed` says to the reader what it may be."""

    __slots__ = ()
    allowed: str

    def take(self, node: Node, door: Door, place: str) -> Any:
        """Return the value that the scalar's own characters are, never what YAML takes them for."""
        text = plain(node, door, place, self.allowed)
        if text is None:
            return None
        value = None if is_blank(node) else self.value(text)
        if value is None:
            door.refuse(node, place, f"读到“{text}”", allowed=self.allowed)
        return value

    def value(self, text: str) -> Any:
        """Return what *text* says, or None where it says nothing that is allowed."""
        raise NotImplementedError


@positional
class Text(Scalar):
    """Text, exactly as written; `pattern` narrows it."""

    pattern: str = r"(?s).*\S.*"
    allowed: str = "文字"

    def value(self, text: str) -> str | None:
        """Return the text itself."""
        return text if re.fullmatch(self.pattern, text) else None


def choice(*words: str) -> Text:
    """Return the shape of one of a few *words*."""
    return Text("|".join(map(re.escape, words)), listed(words))


@positional
class Number(Shape):
    """A plain numeral: a whole number, or a decimal where `places` is above 0. Digits in quotes are text, and refused."""

    places: int = 0
    signed: bool = False
    least: float = -math.inf
    most: float = math.inf

    def take(self, node: Node, door: Door, place: str) -> Any:
        """Return an int, or a Decimal where the text has decimals."""
        text = plain(node, door, place, "数")
        if text is None:
            return None
        if getattr(node, "style", None):
            door.refuse(node, place, f"“{text}”带引号，是文字", allowed="数", remedy="去掉引号")
            return None
        try:
            decimal = self.places and "." in text
            number = values.amount(text, self.places, signed=self.signed) if decimal else values.count(text, signed=self.signed)
        except values.NotANumeralError as error:
            door.refuse(node, place, f"读到“{text}”，{error.found}", allowed="数", remedy=error.remedy)
            return None
        if self.least <= number <= self.most:
            return number
        door.refuse(node, place, f"读到“{text}”", allowed=f"{self.least}到{self.most}之间的数")
        return None


class Truth(Scalar):
    """`true` or `false`, nothing else."""

    __slots__ = ()
    allowed = "true 或 false"

    def value(self, text: str) -> bool | None:
        """Return the truth value."""
        return {"true": True, "false": False}.get(text)


class Day(Scalar):
    """A date that exists, written YYYY-MM-DD."""

    __slots__ = ()
    allowed = "存在的日期，写成年-月-日，如 2014-03-05"

    def value(self, text: str) -> datetime.date | None:
        """Return the date."""
        try:
            return datetime.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
        except ValueError:
            return None


@positional
class ListOf(Shape):
    """A list whose items all have one shape; nothing counts as an empty list."""

    item: Shape

    def take(self, node: Node, door: Door, place: str) -> tuple[Any, ...]:
        """Return the items that could be read, in order."""
        if is_blank(node):
            return ()
        if _kind(node) != "sequence":
            door.refuse(node, place, "应是列表", allowed="每项一行，以“- ”开头")
            return ()
        taken = [self.item.take(child, door, f"{place}[{number}]") for number, child in enumerate(node.value, 1)]
        return tuple(value for value in taken if value is not None)

    def holds(self, value: Any) -> bool:
        """Tell whether *value* is a list of such items."""
        return isinstance(value, list) and all(map(self.item.holds, value))


@positional
class MapOf(Shape):
    """Keys of the writer's choice (they match `key`, which is `allowed` in words), values of one shape; nothing counts as empty."""

    item: Shape
    key: str = r"[a-z][a-z0-9_]*"
    allowed: str = "小写英文字母、数字和下划线，以字母开头"

    def take(self, node: Node, door: Door, place: str) -> Taken:
        """Return the values that could be read, by key."""
        taken = {}
        for key, child in (pairs(node, door, place) or {}).items():
            at = join(place, key)
            if not re.fullmatch(self.key, key):
                door.note(f"键“{key}”不合规", line=door.lines[at], place=at, allowed=self.allowed)
            elif (value := self.item.take(child, door, at)) is not None:
                taken[key] = value
        return taken

    def holds(self, value: Any) -> bool:
        """Tell whether *value* is a dict of such values; in JSON any key will do."""
        return isinstance(value, dict) and all(map(_writable, value)) and all(map(self.item.holds, value.values()))


@positional
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

    def optionally(self, **shapes: Shape) -> Record:
        """Return the same that may have the keys of *shapes*, too."""
        return replace(self, optional=shapes)

    def take(self, node: Node, door: Door, place: str) -> Any:
        """Return what `build` makes of the record, or None where anything in it is wrong."""
        before = len(door.problems)
        nodes = pairs(node, door, place)
        if nodes is None:
            return None
        known = {**self.required, **self.optional}
        taken: Taken = {self.line: node.start_mark.line + 1} if self.line else {}
        for key, child in nodes.items():
            at = join(place, key)
            if key not in known:
                door.note(f"不认识的键“{key}”", line=door.lines[at], place=at, allowed=listed(known))
            elif key in self.required or not is_blank(child):
                taken[key] = known[key].take(child, door, at)
        for key in self.required:
            if key not in nodes:
                door.refuse(node, join(place, key), "缺少这一项", remedy="补上")
        return self.build(**taken) if len(door.problems) == before else None


def record(build: Callable[..., Any], /, *, line: str = "", **required: Shape) -> Record:
    """Return the shape of a record that has the keys of *required*."""
    return Record(build, required, line=line)


@positional
class Keys(Shape):
    """Some keys, whatever others there are: in YAML those of them that can be taken where something is wrong, in JSON all."""

    shapes: Mapping[str, Shape]

    def take(self, node: Node, door: Door, place: str) -> Taken:
        """Return the values that could be taken, by key."""
        nodes = pairs(node, door, place) or {}
        taken = {key: shape.take(nodes[key], door, join(place, key)) for key, shape in self.shapes.items() if key in nodes}
        return {key: value for key, value in taken.items() if value is not None}

    def holds(self, value: Any) -> bool:
        """Tell whether *value* is a dict that has all of these."""
        return isinstance(value, dict) and all(key in value and shape.holds(value[key]) for key, shape in self.shapes.items())


def keys(**shapes: Shape) -> Keys:
    """Return the shape of what has the keys of *shapes*, whatever others there are."""
    return Keys(shapes)


class Of(Shape):
    """A single value of JSON, of exactly one of these types: `True` is no `int`, and `Of(str, type(None))` is text or null."""

    __slots__ = ("types",)

    def __init__(self, *types: type) -> None:
        self.types = types

    def holds(self, value: Any) -> bool:
        """Tell whether *value* is such a value."""
        return type(value) in self.types and (type(value) is not str or _writable(value))


# The shapes that YAML and JSON are mostly made of.
TEXT, TRUTH = Text(), Truth()
TEXTS = ListOf(TEXT)
STRING, STRING_OR_NOTHING = Of(str), Of(str, type(None))
STRINGS = ListOf(STRING)


def _writable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not _SURROGATE.search(text))


class Edited:
    """The text of a YAML file that could be read, changed in places; comments, order and every other character stay where they are."""

    def __init__(self, text: str) -> None:
        self._mark, self._text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
        import yaml  # noqa: PLC0415 - see above

        self._loader = yaml.SafeLoader
        self._root = yaml.compose(self._text, Loader=self._loader)
        self._edits: list[tuple[int, int, str]] = []

    def text(self) -> str:
        """Return the text with all changes."""
        text = self._text
        for start, end, said in sorted(self._edits, reverse=True):
            text = text[:start] + said + text[end:]
        return self._mark + text

    def _node(self, *path: str) -> Any:
        node: Any = self._root
        for name in path:
            pairs = node.value if _is(node, "mapping") else []
            node = next((value for key, value in pairs if key.value == name), None)
        return node

    def keys(self, *path: str) -> list[str]:
        """Return the keys of the mapping at *path*; none where there is no mapping."""
        node = self._node(*path)
        return [str(key.value) for key, _value in node.value] if _is(node, "mapping") else []

    def scalar(self, *path: str) -> str | None:
        """Return the characters of the scalar at *path*, or None where there is none."""
        node = self._node(*path)
        return str(node.value) if _is(node, "scalar") else None

    def set(self, path: Strings, said: str, meant: str) -> bool:
        """Let the scalar at *path*, where there is one, be written as *said*, which means *meant*; tell whether that changed it."""
        node = self._node(*path)
        if not _is(node, "scalar") or node.value == meant:
            return False
        start, end = node.start_mark.index, node.end_mark.index
        self._edits.append((start, end, said if start != end else f" {said}"))
        return True

    def put_mapping(self, path: Strings, said: str, kept: Strings) -> None:
        """Let the mapping at *path* hold *said*, as written between braces, and what it holds under the keys *kept*; the same stays."""
        node = self._node(*path)
        if not _is(node, "mapping") or self._held(node, kept) == self._meant(said):
            return
        # A mapping of several lines ends where its last value does; what follows that is white space and comments.
        end = node.end_mark if node.flow_style else node.value[-1][1].end_mark
        rest = [
            f", {key.value}: {self._text[value.start_mark.index : value.end_mark.index]}"
            for key, value in node.value
            if key.value in kept
        ]
        self._edits.append((node.start_mark.index, end.index, f"{{{said}{''.join(rest)}}}"))

    def _meant(self, said: str) -> object:
        return self._loader(f"{{{said}}}").get_single_data()

    def _held(self, node: Any, kept: Strings) -> object:
        held = self._loader("").construct_mapping(node, deep=True)
        return {key: value for key, value in held.items() if key not in kept}

    def insert(self, name: str, lines: list[str]) -> None:
        """Add *lines*, a key with its value each, to the mapping *name* at the top."""
        node = self._node(name)
        if not lines:
            return
        if node is None:
            self.append(f"{name}:\n" + "".join(f"  {line}\n" for line in lines))
        elif _is(node, "mapping") and node.value and node.flow_style:
            end = node.end_mark.index - 1
            self._edits.append((end, end, "".join(f", {line}" for line in lines)))
        elif _is(node, "mapping") and node.value:
            first = node.value[0][0].start_mark
            begin = first.index - first.column
            self._edits.append((begin, begin, "".join(f"{' ' * first.column}{line}\n" for line in lines)))
        else:
            start = node.start_mark.index
            said = "".join(f"\n  {line}" for line in lines)
            self._edits.append((start - self._text[:start].endswith(" "), node.end_mark.index, said))

    def append(self, said: str) -> None:
        """Add *said* at the end."""
        end = len(self._text)
        self._edits.append((end, end, said if self._text.endswith("\n") else f"\n{said}"))


def _is(node: Any, kind: str) -> bool:
    return getattr(node, "id", "") == kind
