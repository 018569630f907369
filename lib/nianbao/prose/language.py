"""
The placeholder language: which `{{ … }}` and `{% … %}` prose may hold, and the blocks that a passage becomes.

Jinja, cut down to names, five filters and four tests. A name that does not exist is refused; anything that is no placeholder
at all (`{{ ''.__class__ }}`, `{% include %}`) is text, shown as it stands and reported. Nothing here prints.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nianbao.indicators.errors import InvalidInputError, Reading
from nianbao.indicators.findings import Finding
from nianbao.indicators.values import State
from nianbao.page.blocks import Text
from nianbao.prose import markdown, names
from nianbao.prose.markdown import token
from nianbao.prose.names import Indicator, Leaf, Shown, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from nianbao.indicators.errors import Problem
    from nianbao.indicators.figures import Figure
    from nianbao.indicators.report import Odd, Passage
    from nianbao.page.blocks import Block, Inline
    from nianbao.prose.names import Change, Namespace


FILTERS = ("say", "portion", "breakdown", "change", "shifts")
_SAY = ("phrase", "zero", "absent")
TESTS: dict[str, Callable[[Shown | Indicator], bool]] = {
    "zero": lambda node: node.quantity.is_zero,
    "positive": lambda node: node.quantity.state is State.GIVEN and not node.quantity.is_zero,
    "missing": lambda node: node.quantity.state is State.MISSING,
    "not_applicable": lambda node: node.quantity.state is State.NOT_APPLICABLE,
}

# What stands alone on its line takes the line end with it, so that it leaves no empty line, which would end the paragraph.
_CHUNK = re.compile(
    r"^[ \t]*(?:\{%(?:(?!%\})[^\n])*%\}|\{\{(?:(?!\}\})[^\n])*\}\})[ \t]*\n|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}",
    re.DOTALL | re.MULTILINE,
)
_STATEMENT = re.compile(r"\{%[-+]?\s*(if|elif|else|endif)\b(.*?)[-+]?%\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{([-+]?)(.*?)([-+]?)\}\}", re.DOTALL)
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
# Stands, character by character, where a placeholder stood.
MASK = "\ufffc"


@dataclass(slots=True)
class Template:
    """
    A passage made ready for Jinja.

    Args:
        source: what Jinja reads; placeholders carry their line, everything else that looks like Jinja is a token.

        values: what the tokens stand for.

        typed: the passage with placeholders masked and notes blank, every character where it was, for those who look for numbers in it.

        inside: what is typed by hand inside of placeholders, as (line, text).

        literal: the chunks that look like placeholders and are none, as (line, text).
    """

    source: str = ""
    values: dict[int, Inline] = field(default_factory=dict)
    typed: str = ""
    inside: list[tuple[int, str]] = field(default_factory=list)
    literal: list[tuple[int, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def hold(self, inline: Inline) -> str:
        """Keep *inline* and return the token that stands for it."""
        number = len(self.values)
        self.values[number] = inline
        return token(number)


def prepare(passage: Passage, root: Namespace) -> Template:
    """Read *passage* once, sorting placeholders from text; `problems` names every name that does not exist."""
    return _Preparation(passage, root).template()


class _Preparation(Reading):
    def __init__(self, passage: Passage, root: Namespace) -> None:
        self.made = Template()
        super().__init__(passage.file, self.made.problems)
        self.passage = passage
        self.root = root
        self.grammar = ImmutableSandboxedEnvironment()
        self.line = passage.line
        # The statements that are open: the line of each {% if %}, and whether its {% else %} has come.
        self.opened: list[tuple[int, bool]] = []

    def template(self) -> Template:
        """Return the template."""
        pieces: list[str] = []
        typed: list[str] = []
        end = 0
        source = self.passage.source
        for chunk in _CHUNK.finditer(source):
            text = source[end : chunk.start()]
            typed += [text, re.sub(r"[^\n]", " " if chunk.group().startswith("{#") else MASK, chunk.group())]
            pieces += [self._typed(text), self._chunk(chunk.group())]
            end = chunk.end()
        pieces.append(self._typed(source[end:]))
        for line, _closing in self.opened:
            self.note("没有配对的 {% endif %}", line=line, place="{% if … %}", remedy="补上 {% endif %}")
        self.made.source = "".join(pieces)
        self.made.typed = "".join([*typed, source[end:]])
        return self.made

    def _typed(self, text: str) -> str:
        self._private_use(text, self.line)
        self.line += text.count("\n")
        # Jinja never sees a brace of the text: no piece of it, joined to what stands beside it, can become a statement.
        return re.sub(r"\{+", lambda braces: self.made.hold(Text(braces.group())), text)

    def _chunk(self, chunk: str) -> str:
        line = self.line
        self.line += chunk.count("\n")
        chunk, newline = chunk.strip(), "\n" * chunk.endswith("\n")
        if chunk.startswith("{#"):
            return ""
        kept = self._statement(chunk, line) if chunk.startswith("{%") else self._expression(chunk, line, newline)
        if kept is not None:
            return kept
        self.made.literal.append((line, chunk))
        self.made.inside.append((line, chunk))
        return self.made.hold(Text(chunk)) + newline

    def _statement(self, chunk: str, line: int) -> str | None:
        statement = _STATEMENT.fullmatch(chunk)
        if not statement:
            return None
        word, condition = statement[1], statement[2].strip()
        self._balance(word, line)
        if word in {"if", "elif"}:
            branch = self._parse(f"{{% if {condition} %}}{{% endif %}}")
            if not isinstance(branch, nodes.If) or not self._is_condition(branch.test, line):
                remedy = f"写成“名称 is 检验”，检验有：{'、'.join(TESTS)}；可用 not、and、or"
                self.note("条件读不懂", line=line, place=chunk, remedy=remedy)
        elif condition:
            self.note(f"{word} 后面不能再写", line=line, place=chunk, remedy="改用 {% elif … %} 或删去")
        return chunk

    def _balance(self, word: str, line: int) -> None:
        place = f"{{% {word} %}}"
        if word == "if":
            self.opened.append((line, False))
        elif not self.opened:
            self.note("前面没有 {% if … %}", line=line, place=place, remedy="删去或补上 {% if … %}")
        elif word == "endif":
            self.opened.pop()
        else:
            opened, closing = self.opened.pop()
            self.opened.append((opened, closing or word == "else"))
            if closing:
                self.note("前面已有 {% else %}", line=line, place=place, remedy="删去或移到 {% else %} 之前")

    def _expression(self, chunk: str, line: int, newline: str) -> str | None:
        expression = _EXPRESSION.fullmatch(chunk)
        if not expression:
            return None
        before, text, after = expression.groups()
        output = self._parse("{{" + text + "}}")
        if not isinstance(output, nodes.Output) or len(output.nodes) != 1 or not self._is_placeholder(output.nodes[0], line):
            return None
        return f"{{{{{before} ({text.strip()}) | printed({line}, {newline!r}) {after}}}}}"

    def _parse(self, text: str) -> nodes.Node | None:
        """Return the one node that *text* is to Jinja, or None where it is none or several."""
        try:
            body = self.grammar.parse(text).body
        except (TemplateSyntaxError, RecursionError):
            return None
        return body[0] if len(body) == 1 else None

    def _is_placeholder(self, node: nodes.Node, line: int) -> bool:
        """Tell whether *node* is a name, with a filter or without; names and filters that do not exist are refused."""
        if not isinstance(node, nodes.Filter) or node.node is None:
            return self._is_name(node, line)
        if isinstance(node.node, nodes.Filter):
            remedy = f"只留 {'、'.join(FILTERS)} 中的一个"
            self.note("一个占位符只能用一种写法", line=line, place=node.name, remedy=remedy)
            return True
        arguments = [*node.args, *(pair.value for pair in node.kwargs)]
        plain = all(isinstance(each, nodes.Const) and isinstance(each.value, str) for each in arguments)
        if not plain or node.dyn_args or node.dyn_kwargs or not self._is_name(node.node, line):
            return False
        for each in arguments:
            self._private_use(each.as_const(), line)
            self.made.inside.append((line, each.as_const()))
        if wrong := _misuse(node, names.find(_path(node.node), self.root)):
            self.note(wrong[0], line=line, place=node.name, remedy=wrong[1])
        return True

    def _private_use(self, text: str, line: int) -> None:
        if private := _PRIVATE_USE.search(text):
            self.note(f"含有私用区字符 U+{ord(private.group()):04X}", line=line, remedy="改用正式的字符")

    def _is_name(self, node: nodes.Node, line: int) -> bool:
        path = _path(node)
        if not path or any(name.startswith("_") for name in path):
            return False
        if wrong := names.unknown(path, self.root):
            self.note(wrong[0], line=line, place=".".join(path), allowed=wrong[1], remedy="核对名称")
        return True

    def _is_condition(self, node: nodes.Node, line: int) -> bool:
        if isinstance(node, nodes.Not):
            return self._is_condition(node.node, line)
        if isinstance(node, nodes.And | nodes.Or):
            return self._is_condition(node.left, line) and self._is_condition(node.right, line)
        if not isinstance(node, nodes.Test) or node.name not in TESTS or node.args or node.kwargs:
            return False
        return self._is_name(node.node, line) and not isinstance(names.find(_path(node.node), self.root), Words)


def _path(node: nodes.Node) -> tuple[str, ...]:
    """Return the names of `a.b.c`, or nothing where *node* is not such a chain."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr) and (before := _path(node.node)):
        return (*before, node.attr)
    return ()


def _misuse(node: nodes.Filter, target: names.Node | None) -> tuple[str, str] | None:
    """Return (what is wrong, what to do) with a filter on *target*, or None."""
    keywords = [pair.key for pair in node.kwargs]
    if node.name not in FILTERS:
        return f"没有叫“{node.name}”的写法", f"用 {'、'.join(FILTERS)}"
    if node.name == "say":
        given = [*_SAY[: len(node.args)], *keywords]
        if len(node.args) > len(_SAY) or given[:1] != ["phrase"] or len(set(given)) < len(given) or set(given) - set(_SAY):
            return "say 的写法不对", '写成 say("有{}", zero="没有", absent="不统计")，后两项可省'
        phrase = node.args[0] if node.args else node.kwargs[0].value
        if "{}" not in phrase.as_const():
            return "say 的话里没有“{}”，数印不出来", "在数的位置写 {}"
        return None
    if node.args or keywords:
        return f"{node.name} 不带参数", "去掉括号里的内容"
    if not isinstance(target, Indicator):
        return f"{node.name} 只用于表中的行", "改用 say"
    if node.name in {"breakdown", "shifts"} and not target.parts():
        return f"“{target.id}”没有组成部分", "改用 portion 或 say"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A rendered passage: its blocks, and findings about its text."""

    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...]


def render(passage: Passage, root: Namespace, *, deeper: int = 0) -> Prose:
    """
    Return what *passage* says with its placeholders filled.

    Args:
        root: what placeholders may name.

        deeper: how many levels its headings move down.

    Raises:
        InvalidInputError: where it names what does not exist.
    """
    prepared = prepare(passage, root)
    if prepared.problems:
        raise InvalidInputError(prepared.problems)
    environment = _Environment(prepared, passage)
    text = environment.from_string(prepared.source).render(root.children)
    blocks = markdown.parse(text, prepared.values, deeper=deeper)
    return Prose(blocks=blocks, findings=tuple(environment.zeros))


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja with our filters and tests, no globals, and attributes looked up in nodes only."""

    def __init__(self, prepared: Template, passage: Passage) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True)
        self.prepared = prepared
        self.passage = passage
        self.zeros: list[Finding] = []
        self.globals.clear()
        self.filters = {name: getattr(self, name) for name in (*FILTERS, "printed")}
        self.tests = dict(TESTS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the child node called *attribute*; Python attributes do not exist here."""
        return obj.child(attribute)

    def printed(self, value: Leaf | str, line: int, newline: str) -> str:
        """Return what stands where a placeholder stood, with *newline* unless that is nothing; a bare zero is a finding."""
        if isinstance(value, str):
            return value + newline if value else ""
        if not isinstance(value, Words) and value.figure.kind != "fact" and value.quantity.is_zero:
            self.zeros.append(_bare_zero(self.passage, line, value))
        return self._token(value) + newline

    def say(self, node: Leaf, phrase: str, zero: str | None = None, absent: str | None = None) -> str:
        """
        Return *phrase* with the figure at `{}`.

        Args:
            zero: what to say where the value is 0; without it, the form's own clause.

            absent: what to say where it is not applicable; without it, nothing for a fact or share, and 不适用 for a row.
        """
        if not isinstance(node, Words):
            if node.quantity.state is State.NOT_APPLICABLE and (absent is not None or not node.zero):
                return absent or ""
            if node.quantity.is_zero and (zero is not None or node.zero):
                return zero if zero is not None else self._words(node.zero)
        return phrase.replace("{}", self._token(node))

    def portion(self, node: Indicator) -> str:
        """Return `网上申请258件，占申请总数的19.18%`, or the form's clause for zero."""
        if node.quantity.is_zero:
            return self._words(node.zero)
        said = self._words(node.name) + self._token(node)
        whole = node.whole
        if not whole or node.called or node.share().quantity.state in {State.MISSING, State.NOT_APPLICABLE}:
            return said
        word = "比例" if node.share().quantity.state is State.UNDEFINED else ""
        return f"{said}，占{self._words(whole)}的{word}{self._token(node.share())}"

    def breakdown(self, node: Indicator) -> str:
        """Return the portions of all parts, those that are zero last."""
        return "；".join(map(self.portion, sorted(node.parts(), key=lambda part: part.quantity.is_zero)))

    def change(self, node: Indicator) -> str:
        """Return `，比上年增加34件，增长39.08%`, or nothing where last year has nothing to compare with."""
        change = node.change()
        if change is None:
            return ""
        if change.difference.quantity.is_zero:
            return "，上年也没有" if node.quantity.is_zero else "，与上年持平"
        said = f"，比上年{'增加' if change.risen else '减少'}{self._token(Shown(change.difference))}"
        if change.rate is None or change.rate.quantity.state is State.UNDEFINED:
            return f"{said}（上年为零，不计算增长率）"
        if _prints_zero(change.rate):
            return said
        return f"{said}，{'增长' if change.risen else '下降'}{self._token(Shown(change.rate))}"

    def shifts(self, node: Indicator) -> str:
        """Return a sentence: by how much the share of each part changed; nothing where last year has none to compare with."""
        parts = [part for part in node.parts() if not part.called]
        shifts = [part.shift() for part in parts]
        if not parts or None in shifts:
            return ""
        pairs = zip(parts, shifts, strict=True)
        said = [self._shift(part, shift) for part, shift in pairs if shift and not _prints_zero(shift.difference)]
        if len(said) < len(parts):
            said.append("其余基本持平" if said else "各项所占比例与上年基本持平")
        return f"与上年相比，{'，'.join(said)}。"

    def _shift(self, part: Indicator, shift: Change) -> str:
        return f"{self._words(part.name)}所占比例{'上升' if shift.risen else '下降'}{self._token(Shown(shift.difference))}"

    def _token(self, node: Leaf) -> str:
        return self.prepared.hold(node.inline())

    def _words(self, text: str) -> str:
        return self.prepared.hold(Text(text))


def _prints_zero(figure: Figure) -> bool:
    """Tell whether *figure* is printed as a zero, be it one or not."""
    return not figure.number.strip("0.%")


def _bare_zero(passage: Passage, line: int, node: Shown | Indicator) -> Finding:
    where = f"{passage.file} 第{line}行"
    sentence = f'{where}印出“{node.figure.display}”，请写成 say("…{{}}", zero="{node.zero}")'
    return Finding(id=f"T03.{slug(passage)}.{line}", rule="T03", severity="warning", parts=(sentence,))


def slug(passage: Passage | Odd) -> str:
    """Return the name of *passage*'s file as a part of ids."""
    return passage.file.rpartition("/")[2].replace(" ", "-")
