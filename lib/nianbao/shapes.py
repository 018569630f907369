"""
What values in a YAML file must look like: text, numbers, dates, choices, lists and records of them.

A shape takes a node and returns its value, or tells the door what is wrong with it. Which keys a file has is declared with these
by the modules that own it (`formfile`, `declaration`).
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from . import numerals
from .yamlfile import is_blank, join, pairs, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .yamlfile import Door, Shape


@dataclass(frozen=True, slots=True)
class Text:
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
class Number:
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
class Truth:
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
class Choice:
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
class Day:
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
class ListOf:
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


@dataclass(frozen=True, slots=True)
class MapOf:
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


@dataclass(frozen=True, slots=True)
class Record:
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
class Sketch:
    """A few keys of a record that has something wrong elsewhere: those that can be taken, whatever else there is."""

    shapes: Mapping[str, Shape]

    def take(self, node: yaml.Node, door: Door, place: str) -> dict[str, Any]:
        """Return the values that could be taken, by key."""
        found = pairs(node, door, place)
        taken = {key: shape.take(found[key][1], door, join(place, key)) for key, shape in self.shapes.items() if key in found}
        return {key: value for key, value in taken.items() if value is not None}
