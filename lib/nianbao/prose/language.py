"""
The placeholder language: which `{{ … }}` and `{% … %}` prose may hold, and the blocks that a passage becomes.

Jinja, cut down to names, `+`, `/`, five filters and four tests. What each placeholder names is found once, when the passage is read:
Jinja sees numbers of placeholders, and no name at all. What names nothing, what only looks like a placeholder, and what could leave
no sentence where it stands (`places`) is refused with its line. Nothing here prints.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nianbao.indicators import frozen
from nianbao.indicators.errors import InvalidInputError, Problem, Reading, short
from nianbao.indicators.findings import Finding
from nianbao.indicators.values import State
from nianbao.page.blocks import Datum, Own, Paragraph, Text, own, plain, walk
from nianbao.prose import markdown, names, places
from nianbao.prose.markdown import token
from nianbao.prose.names import Counted, Indicator, Shown, UnsayableError, Words
from nianbao.prose.places import Branch, Placeholder, Typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from nianbao.indicators.errors import Problems
    from nianbao.indicators.figures import Figure
    from nianbao.indicators.findings import Findings
    from nianbao.indicators.report import Odd, Passage
    from nianbao.indicators.values import Strings
    from nianbao.page.blocks import Block, Blocks, Inline, Inlines
    from nianbao.prose.names import Change, Namespace, Node
    from nianbao.prose.places import Leaf

    # What gives the block of a picture by its address, its caption and what it shows.
    Pictures = Callable[[str, str, str], Block]


FILTERS = ("say", "portion", "breakdown", "change", "shifts")
_SAY = ("phrase", "zero", "absent")
TESTS: dict[str, Callable[[Shown | Counted], bool]] = {
    "zero": lambda node: node.quantity.is_zero,
    "positive": lambda node: node.quantity.state is State.GIVEN and (node.quantity.value is None or node.quantity.value > 0),
    "missing": lambda node: node.quantity.state is State.MISSING,
    "not_applicable": lambda node: node.quantity.state is State.NOT_APPLICABLE,
}

# What stands alone on its line takes the line end with it, so that it leaves no empty line, which would end the paragraph.
_CHUNK = re.compile(
    r"^[ \t]*(?:\{%(?:(?!%\})[^\n])*%\}|\{\{(?:(?!\}\})[^\n])*\}\})[ \t]*\n|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}",
    re.DOTALL | re.MULTILINE,
)
_STATEMENT = re.compile(r"\{%([-+]?)\s*(if|elif|else|endif)\b(.*?)([-+]?)%\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{([-+]?)(.*?)([-+]?)\}\}", re.DOTALL)
# What is left of a placeholder that was not closed, or was typed with wide braces.
_REMNANT = re.compile(r"[{｛]\s*[{｛]|[}｝]\s*[}｝]|[{｛]\s*[%％#]|[%％#]\s*[}｝]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
# Stands, character by character, where a placeholder stood.
MASK = "\ufffc"
_HOW = "写成 {{ 名称 }}、{{ 名称 | 写法 }}、{{ 名称 + 名称 }} 或 {{ 部分 / 总数 }}；不是占位符就删去这些括号"


@dataclass(slots=True)
class Template:
    """
    A passage made ready for Jinja.

    Args:
        source: what Jinja reads; placeholders and conditions are numbers in it, and every brace of the text is a token.

        values: what the tokens stand for.

        typed: the passage with placeholders masked and notes blank, every character where it was, for those who look for numbers in it.

        inside: what is typed by hand inside of placeholders, as (line, text).

        placed: the placeholders, and `asked` what conditions ask about, by their numbers.

        pieces: text, placeholders and branches in their order.
    """

    source: str = ""
    values: dict[int, Inline] = field(default_factory=dict)
    typed: str = ""
    inside: list[tuple[int, str]] = field(default_factory=list)
    placed: list[Placeholder] = field(default_factory=list)
    asked: list[Shown | Counted] = field(default_factory=list)
    pieces: list[Typed | Placeholder | Branch] = field(default_factory=list)
    problems: Problems = field(default_factory=list)

    def hold(self, inline: Inline) -> str:
        """Keep *inline* and return the token that stands for it."""
        number = len(self.values)
        self.values[number] = inline
        return token(number)


def prepare(passage: Passage, root: Namespace) -> Template:
    """Read *passage* once, sorting placeholders from text; `problems` names every placeholder that cannot be said."""
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
        self.balanced = True
        self.fresh_line = True
        self.paragraph = 0

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
        for first, _closing in self.opened:
            self.note("没有配对的 {% endif %}", line=first, place="{% if … %}", remedy="补上 {% endif %}")
        if self.balanced and not self.opened:
            for here, (found, remedy) in places.faults(self.made.pieces):
                self.note(found, line=here.line, place=here.written, remedy=remedy)
        self.made.source = "".join(pieces)
        self.made.typed = "".join([*typed, source[end:]])
        return self.made

    def _typed(self, text: str) -> str:
        self._private_use(text, self.line)
        self.made.pieces.append(Typed(text=text))
        self.paragraph += len(re.findall(r"\n[ \t]*\n", "\n" * self.fresh_line + text))
        for remnant in _REMNANT.finditer(text):
            at = self.line + text.count("\n", 0, remnant.start())
            self.note(f"“{remnant.group()}”像占位符，而没有写全", line=at, remedy=_HOW)
        self.line += text.count("\n")
        self.fresh_line = text.endswith("\n") if text else self.fresh_line
        # Jinja never sees a brace of the text: no piece of it, joined to what stands beside it, can become a statement.
        return re.sub(r"\{+", lambda braces: self.made.hold(Text(braces.group())), text)

    def _chunk(self, chunk: str) -> str:
        line = self.line
        self.line += chunk.count("\n")
        self.fresh_line = chunk.endswith("\n")
        chunk, newline = chunk.strip(), "\n" * self.fresh_line
        if chunk.startswith("{#"):
            return ""
        try:
            return self._statement(chunk, line) if chunk.startswith("{%") else self._expression(chunk, line, newline)
        except UnsayableError as refusal:
            self.note(refusal.found, line=line, place=refusal.place or short(chunk), allowed=refusal.allowed, remedy=refusal.remedy)
            self.made.pieces.append(Typed(text=places.NUMBER))
            self.balanced = self.balanced and not chunk.startswith("{%")
            return ""

    def _statement(self, chunk: str, line: int) -> str:
        statement = _STATEMENT.fullmatch(chunk)
        if not statement:
            raise UnsayableError(f"“{short(chunk)}”不是占位符", "只能写 {% if … %}、{% elif … %}、{% else %}、{% endif %}，或删去")
        before, word, condition, after = statement[1], statement[2], statement[3].strip(), statement[4]
        self._balance(word, line)
        zeros: frozenset[str] = frozenset()
        if word in {"if", "elif"}:
            branch = self._parse(f"{{% if {condition} %}}{{% endif %}}")
            unread = UnsayableError(
                "条件读不懂", f"写成“名称 is 检验”，检验有：{'、'.join(TESTS)}；可用 not、and、or，相加的要加括号"
            )
            if not isinstance(branch, nodes.If):
                raise unread
            condition, zeros = self._condition(branch.test, unread)
        elif condition:
            self.note(f"{word} 后面不能再写", line=line, place=chunk, remedy="改用 {% elif … %} 或删去")
        self.made.pieces.append(Branch(word=word, zeros=zeros))
        return f"{{%{before} {word} {condition} {after}%}}"

    def _balance(self, word: str, line: int) -> None:
        place = f"{{% {word} %}}"
        if word == "if":
            self.opened.append((line, False))
        elif not self.opened:
            self.balanced = False
            self.note("前面没有 {% if … %}", line=line, place=place, remedy="删去或补上 {% if … %}")
        elif word == "endif":
            self.opened.pop()
        else:
            opened, closing = self.opened.pop()
            self.opened.append((opened, closing or word == "else"))
            if closing:
                self.balanced = False
                self.note("前面已有 {% else %}", line=line, place=place, remedy="删去或移到 {% else %} 之前")

    def _condition(self, node: nodes.Node, unread: UnsayableError) -> tuple[str, frozenset[str]]:
        """Return a condition as Jinja reads it, and the figures that are zero where it holds."""
        if isinstance(node, nodes.Not):
            said, _zeros = self._condition(node.node, unread)
            return f"(not {said})", frozenset()
        if isinstance(node, nodes.And | nodes.Or):
            (one, first), (other, second) = (self._condition(each, unread) for each in (node.left, node.right))
            both = isinstance(node, nodes.And)
            return f"({one} {'and' if both else 'or'} {other})", first | second if both else first & second
        if not isinstance(node, nodes.Test) or node.name not in TESTS or node.args or node.kwargs:
            raise unread
        asked = self._value(node.node)
        if not isinstance(asked, Shown | Counted):
            raise unread
        self.made.asked.append(asked)
        zeros = frozenset({asked.figure.id} if node.name == "zero" else ())
        return f"(asked({len(self.made.asked) - 1}) is {node.name})", zeros

    def _expression(self, chunk: str, line: int, newline: str) -> str:
        expression = _EXPRESSION.fullmatch(chunk)
        output = self._parse("{{" + expression[2] + "}}") if expression else None
        if not expression or not isinstance(output, nodes.Output) or len(output.nodes) != 1:
            raise _no_placeholder(chunk)
        made = self._placeholder(_all_filtered(output.nodes[0]), chunk, line, newline)
        self.made.placed.append(made)
        self.made.pieces.append(made)
        return f"{{{{{expression[1]} placed({len(self.made.placed) - 1}) {expression[3]}}}}}"

    def _parse(self, text: str) -> nodes.Node | None:
        """Return the one node that *text* is to Jinja, or None where it is none or several."""
        try:
            body = self.grammar.parse(text).body
        except (TemplateSyntaxError, RecursionError):
            return None
        return body[0] if len(body) == 1 else None

    def _placeholder(self, node: nodes.Node, chunk: str, line: int, newline: str) -> Placeholder:
        """Return what *node* says: a value, with a filter or without."""
        name, given = "", dict[str, str]()
        if isinstance(node, nodes.Filter) and node.node is not None:
            if isinstance(node.node, nodes.Filter):
                raise UnsayableError("一个占位符只能用一种写法", f"只留 {'、'.join(FILTERS)} 中的一个")
            name, given = node.name, _given(node, chunk)
            for text in given.values():
                self._private_use(text, line)
                self.made.inside.append((line, text))
            node = node.node
        value = self._value(node, chunk)
        if name:
            _check(name, given, value)
        return Placeholder(node=value, filter=name, given=given, line=line, newline=newline, paragraph=self.paragraph)

    def _private_use(self, text: str, line: int) -> None:
        if private := _PRIVATE_USE.search(text):
            self.note(f"含有私用区字符 U+{ord(private.group()):04X}", line=line, remedy="改用正式的字符")

    def _value(self, node: nodes.Node, chunk: str = "") -> Leaf:
        """Return what an expression names: a name, cells added up, a part of a whole, or a property of these."""
        found: Node
        if path := _path(node):
            found = names.find(path, self.root)
        elif isinstance(node, nodes.Add):
            found = names.added(self._value(node.left, chunk), self._value(node.right, chunk))
        elif isinstance(node, nodes.Div):
            found = names.divided(self._value(node.left, chunk), self._value(node.right, chunk))
        elif isinstance(node, nodes.Getattr):
            found = names.find((node.attr,), self._value(node.node, chunk))
        else:
            raise _no_placeholder(chunk)
        assert isinstance(found, Words | Shown | Counted)
        return found


def _no_placeholder(chunk: str) -> UnsayableError:
    return UnsayableError(f"“{short(chunk)}”不是占位符", _HOW)


def _path(node: nodes.Node) -> Strings:
    """Return the names of `a.b.c`, or nothing where *node* is not such a chain."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr) and (before := _path(node.node)):
        return (*before, node.attr)
    return ()


def _all_filtered(node: nodes.Node) -> nodes.Node:
    """Return *node* with a filter behind its last term as a filter of all of it: nothing else of a sum can be said."""
    if isinstance(node, nodes.Add | nodes.Div) and isinstance(node.right, nodes.Filter) and node.right.node is not None:
        last = node.right
        whole = type(node)(node.left, last.node)
        return nodes.Filter(whole, last.name, last.args, last.kwargs, last.dyn_args, last.dyn_kwargs)
    return node


def _given(node: nodes.Filter, chunk: str) -> dict[str, str]:
    """Return what a filter is given, by name."""
    pairs = [*zip(_SAY, node.args, strict=False), *((pair.key, pair.value) for pair in node.kwargs)]
    texts = [value.value for _name, value in pairs if isinstance(value, nodes.Const) and isinstance(value.value, str)]
    if node.dyn_args or node.dyn_kwargs or len(texts) < len(pairs):
        raise UnsayableError(f"“{short(chunk)}”括号里只能写带引号的文字", '如 say("有{}", zero="没有")')
    if len(node.args) > len(_SAY) or len(dict(pairs)) < len(pairs):
        raise _misused_say()
    return {str(name): text for (name, _value), text in zip(pairs, texts, strict=True)}


def _misused_say() -> UnsayableError:
    return UnsayableError("say 的写法不对", '写成 say("有{}", zero="没有", absent="不统计")，后两项可省')


def _check(name: str, given: dict[str, str], value: Leaf) -> None:
    """Make sure that there is a filter *name*, that it was *given* what it takes, and that it can say *value*."""
    if name not in FILTERS:
        raise UnsayableError(f"没有叫“{name}”的写法", f"用 {'、'.join(FILTERS)}", place=name)
    if name == "say":
        if "phrase" not in given or set(given) - set(_SAY):
            raise _misused_say()
        if "{}" not in given["phrase"]:
            raise UnsayableError("say 的话里没有“{}”，数印不出来", "在数的位置写 {}")
    elif given:
        raise UnsayableError(f"{name} 不带参数", "去掉括号里的内容")
    elif isinstance(value, Shown) and value.share and name == "portion":
        return
    elif not isinstance(value, Counted):
        raise UnsayableError(f"{name} 只用于表中的行、栏和它们的和", "改用 say")
    else:
        _check_counted(name, value)


def _check_counted(name: str, value: Counted) -> None:
    form = value.report.form
    parts = value.parts() if isinstance(value, Indicator) else []
    if name in {"breakdown", "shifts"} and not parts:
        raise UnsayableError(f"“{value.path}”没有组成部分", "改用 portion 或 say")
    if name == "shifts" and not form.parts(value.cells[0][0]):
        raise UnsayableError("shifts 只用于由几行相加的数", "改用 breakdown")
    if name in {"change", "shifts"} and any(form.column(*cell).signed for cell in value.cells):
        raise UnsayableError(f"“{value.path}”的数本身就是增减，不与上年相比", "改用 say")
    # Raises where the form has no words for one of them.
    for each in parts if name in {"breakdown", "shifts"} else [value]:
        each.wording  # noqa: B018 - asked for what it raises


@frozen
class Prose:
    """A rendered passage: its blocks, and findings about its text."""

    blocks: Blocks
    findings: Findings


def render(passage: Passage, root: Namespace, *, deeper: int = 0, pictures: Pictures | None = None) -> Prose:
    """
    Return what *passage* says with its placeholders filled.

    Args:
        root: what placeholders may name.

        deeper: how many levels its headings move down.

        pictures: gives the block of a picture; without it, pictures are of nothing.

    Raises:
        InvalidInputError: where a placeholder cannot be said, or a picture cannot be shown.
    """
    prepared = prepare(passage, root)
    if prepared.problems:
        raise InvalidInputError(prepared.problems)
    environment = _Environment(prepared, passage)
    text = environment.from_string(prepared.source).render()
    if environment.problems:
        raise InvalidInputError(environment.problems)
    problems: Problems = []

    def picture(url: str, caption: Inlines, title: str) -> Block:
        """Return the picture; what is wrong with it is noted with its line."""
        try:
            return _picture(pictures, url, caption, title)
        except ValueError as error:
            before = passage.source.partition(f"]({url}")[0]
            line = passage.line + before.count("\n")
            problems.append(Problem(file=passage.file, line=line, place=f"![…]({url})", found=f"这张图{error}"))
            return Paragraph(caption)

    blocks = markdown.parse(text, prepared.values, deeper=deeper, pictures=picture)
    if problems:
        raise InvalidInputError(problems)
    return Prose(blocks=blocks, findings=tuple(environment.zeros))


# What the title of a picture begins with where it says why its numbers may stand.
_UNTRACED = re.compile(r"(?:未追溯|自行计算|untraced)\s*[:：=]\s*")
_PROVIDED = "注：图片由本单位提供，其中的数未经核对。"


def _picture(pictures: Pictures | None, url: str, caption: Inlines, title: str) -> Block:
    """
    Return a picture of Markdown with the words that say that nobody traced its numbers.

    Raises:
        ValueError: where it has no caption, or cannot be shown.
    """
    if not plain(caption).strip():
        raise ValueError("没有说明文字；写在方括号里，看不见图的人靠它知道图上是什么")
    if any(isinstance(node, Datum) for node in walk(caption)):
        raise ValueError("的题里有占位符，那里不能用；数写在正文里")
    reason = _UNTRACED.match(title)
    if reason and not title[reason.end() :].strip():
        raise ValueError("写了“未追溯”，却没有理由")
    if pictures is None:
        return markdown.unread(url, caption, title)
    shown = (pictures(url, plain(caption), "" if reason else title),)
    return own(title[reason.end() :], shown) if reason else Own(note=_PROVIDED, children=shown)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja with nothing in it but the placeholders and conditions of a passage, by their numbers, and our tests."""

    def __init__(self, prepared: Template, passage: Passage) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True)
        self.prepared = prepared
        self.passage = passage
        self.zeros: list[Finding] = []
        self.problems: Problems = []
        # The figures that each paragraph has spoken of so far.
        self.told: dict[int, set[str]] = {}
        self.globals = {"placed": self.placed, "asked": prepared.asked.__getitem__}
        self.filters = {}
        self.tests = dict(TESTS)

    def placed(self, number: int) -> str:
        """Return what stands where a placeholder stood, with its line end unless that is nothing; a bare zero is a finding."""
        here = self.prepared.placed[number]
        said = getattr(self, here.filter)(here.node, here) if here.filter else self._bare(here)
        if isinstance(here.node, Counted | Shown):
            self.told.setdefault(here.paragraph, set()).add(here.node.figure.id)
        return said + here.newline if said else ""

    def _bare(self, here: Placeholder) -> str:
        node = here.node
        if isinstance(node, Shown) and node.of_last_year and node.quantity.state is State.NOT_APPLICABLE:
            remedy = '写成 {{ … | say("上年为{}", absent="…") }}，或放在 {% if … is positive %} 与 {% endif %} 之间'
            self.problems.append(Problem(file=self.passage.file, line=here.line, found="没有可比的上年数", remedy=remedy))
        elif not isinstance(node, Words) and node.figure.kind != "fact" and node.quantity.is_zero:
            self.zeros.append(_bare_zero(self.passage, here.line, node))
        return self._token(node)

    def say(self, node: Leaf, here: Placeholder) -> str:
        """Return the phrase with the figure at `{}`, or the words for a zero, or for what is not applicable."""
        zero, absent = here.given.get("zero"), here.given.get("absent")
        if not isinstance(node, Words):
            if node.quantity.state is State.NOT_APPLICABLE and (absent is not None or not node.zero):
                return absent or ""
            if node.quantity.is_zero and (zero is not None or node.zero):
                return zero if zero is not None else self._words(node.zero)
        return here.given["phrase"].replace("{}", self._token(node))

    def portion(self, node: Counted | Shown, _here: Placeholder) -> str:
        """Return `网上申请258件，占申请总数的19.18%`, or the form's clause for zero."""
        if isinstance(node, Shown):
            return self._words(node.name) + self._token(node) + self._part(node.whole, node.share)
        return self._words(node.wording.opening) + self._portion(node)

    def _portion(self, node: Counted) -> str:
        """Return the portion without what it is told inside."""
        if node.quantity.is_zero:
            return self._words(node.wording.zero)
        said = self._words(node.wording.name) + self._token(node)
        base = next(iter(node.bases()), None)
        share = node.share_in(base) if base else None
        return said + self._part(node.base_words(base), share) if base else said

    def _part(self, whole: str, share: Shown | None) -> str:
        """Return `，占申请总数的19.18%`, or nothing where there is no such share."""
        if share is None or share.quantity.state in {State.MISSING, State.NOT_APPLICABLE}:
            return ""
        word = "比例" if share.quantity.state is State.UNDEFINED else ""
        return f"，占{self._words(f'{whole}的' if whole else '')}{word}{self._token(share)}"

    def breakdown(self, node: Indicator, here: Placeholder) -> str:
        """Return the portions of all parts, those that are zero last; columns are called short where their whole was told."""
        parts = sorted(node.parts(), key=lambda part: part.quantity.is_zero)
        by_column = not node.report.form.parts(node.id)
        if by_column and node.figure.id in self.told.get(here.paragraph, ()):
            return "；".join(map(self._beside, parts))
        opening = "" if by_column else self._words(parts[0].wording.opening)
        return opening + "；".join(self.portion(part, here) if by_column else self._portion(part) for part in parts)

    def _beside(self, part: Indicator) -> str:
        """Return the portion of a column whose row and whole were told just now; its share where the form has a noun for it."""
        short = part.beside()
        if part.quantity.is_zero:
            return self._words(short.wording.zero)
        if part.report.form.column(part.id, part.column).noun:
            return self._portion(short)
        return self._words(short.wording.name) + self._token(part)

    def change(self, node: Counted, _here: Placeholder) -> str:
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

    def shifts(self, node: Indicator, _here: Placeholder) -> str:
        """Return a sentence: by how much the share of each part changed; nothing where last year has none to compare with."""
        parts = node.parts()
        shifts = [part.shift() for part in parts]
        if None in shifts:
            return ""
        pairs = zip(parts, shifts, strict=True)
        said = [self._shift(part, shift) for part, shift in pairs if shift and not _prints_zero(shift.difference)]
        if len(said) < len(parts):
            said.append("其余基本持平" if said else "各项所占比例与上年基本持平")
        return f"与上年相比，{self._words(parts[0].wording.opening)}{'，'.join(said)}。"

    def _shift(self, part: Indicator, shift: Change) -> str:
        return f"{self._words(part.wording.name)}所占比例{'上升' if shift.risen else '下降'}{self._token(Shown(shift.difference))}"

    def _token(self, node: Leaf) -> str:
        return self.prepared.hold(node.inline())

    def _words(self, text: str) -> str:
        return self.prepared.hold(Text(text)) if text else ""


def _prints_zero(figure: Figure) -> bool:
    """Tell whether *figure* is printed as a zero, be it one or not."""
    return not figure.number.strip("0.%")


def _bare_zero(passage: Passage, line: int, node: Shown | Counted) -> Finding:
    where = f"{passage.file} 第{line}行"
    sentence = f'{where}印出“{node.figure.display}”，请写成 say("…{{}}", zero="{node.zero}")'
    return Finding(id=f"T03.{slug(passage)}.{line}", rule="T03", severity="warning", parts=(sentence,))


def slug(passage: Passage | Odd) -> str:
    """Return the name of *passage*'s file as a part of ids."""
    file, cell, place = passage.file.partition("单元格")
    return re.sub(r"[^\w.%]+", "-", file.rpartition("/")[2] + cell + place.partition("（")[0]).strip("-")
