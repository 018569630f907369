"""
Write what docs/ says of the code from the code: `python docs/pages.py`, after a change of a docstring, a module or a layer.

docs/api.md is what notebooks call and docs/indicators.md the small helper library, both in the words of their docstrings; in
docs/architecture.md the layers and the rooms stand between marks. A test holds the pages to the code.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nianbao
from nianbao import indicators
from nianbao.auditing.paper import WorkingPaper
from nianbao.document.document import Document
from nianbao.document.loaded import Loaded
from nianbao.rollup.rollup import Rollup
from nianbao.trends.trend import Trend

DOCS = Path(__file__).parent
LIBRARY = Path(nianbao.__file__).parent

_MARKED = re.compile(r"(<!-- (layers|rooms): written by docs/pages.py -->\n).*?(<!-- end -->)", re.DOTALL)

_INTRODUCTION = """\
# The API: what a notebook or a script may use

Written by `python docs/pages.py` from the docstrings; edit those. What is not on this page is internal and may change.
Words in *slanted* type are names of arguments. Everything that a notebook shows is a `Display`: the last line of a cell shows it.

笔记本里能用的都在这一页：`nianbao.open` 打开一份报告，得到 `Document`；`nianbao.trend` 打开一个单位的各年，得到 `Trend`；
`nianbao.roll_up` 把所属单位的表相加，得到 `Rollup`；`nianbao.audit` 把公布文本与统计表对照，得到 `WorkingPaper`。脚本里用 `nianbao.load`，得到 `Loaded`：各种比例、数、问题和统计表都是 DataFrame；
`nianbao.ratios` 一步取得全部比例。单独计算指标用 `nianbao.indicators`（[indicators.md](indicators.md)），它不读文件。

Two kinds of frame: `Document.frame` carries figures, which lead back to their cells where the frame is shown in a report; `Loaded.frame`
holds plain numbers to compute with, and nothing of it enters a report with a source. 要进报告的表用 `report.frame()`，只为计算用 `nianbao.load()`。
"""

_LIBRARY = """\
# `nianbao.indicators`: the small helper library

Written by `python docs/pages.py` from the docstrings; edit those.

小巧的指标库：只算数，不读文件，可以单独使用。下面的例子照样输入就能运行；读文件的 `load` 和数据框在它上面各层。
"""

# How a section of a docstring begins.
_SECTION = re.compile(r"^(Args|Raises|Returns|Yields):$")


def architecture(text: str) -> str:
    """Return *text*, that of docs/architecture.md, with its marked parts as the code has them."""
    parts = {"layers": _layers, "rooms": _rooms}
    return _MARKED.sub(lambda found: f"{found[1]}```\n{parts[found[2]]()}\n```\n{found[3]}", text)


def _layers() -> str:
    settings = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]
    return "\n".join(contract["layers"])


def _rooms() -> str:
    """Return the packages from the top layer down, each with its modules and what they are for."""
    lines = []
    for package in re.findall(r"\w+", _layers()):
        folder = LIBRARY / package
        if not folder.is_dir():
            continue
        lines.append(f"{package + '/':16}{_purpose(folder / '__init__.py')}")
        modules = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
        lines += [f"  {path.name:14}{_purpose(path)}" for path in modules]
    return "\n".join(lines)


def _purpose(path: Path) -> str:
    """Return the first sentence of what the module *path* says of itself."""
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return said.split("\n\n")[0].replace("\n", " ")


def api() -> str:
    """Return the text of docs/api.md."""
    lines = [_INTRODUCTION, "## Opening\n"]
    for name in sorted(nianbao.__all__):
        lines += _entry(f"nianbao.{name}", getattr(nianbao, name), level=3)
    for kind in (Document, Loaded, Trend, Rollup, WorkingPaper):
        lines += _class(kind)
    return "\n".join(lines).rstrip() + "\n"


def library() -> str:
    """Return the text of docs/indicators.md."""
    blocks = (textwrap.dedent(block) for block in inspect.getdoc(indicators).split("\n\n"))
    lines = [_LIBRARY, *map(_block, blocks)]
    for module in sorted(found.name for found in pkgutil.iter_modules(indicators.__path__)):
        lines += _module(module)
    return "\n".join(lines).rstrip() + "\n"


def _block(text: str) -> str:
    """Return a paragraph as Markdown, an example as code."""
    return f"```python\n{text}\n```\n" if text.startswith(">>> ") else f"{_joined(text)}\n"


def _class(kind: type) -> Iterator[str]:
    yield f"## `{kind.__name__}`\n"
    yield from _said(kind)
    for name, member in vars(kind).items():
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            yield from _entry(name, member, level=3)


def _module(name: str) -> Iterator[str]:
    """Yield one module of the small library: what it is for, and a line for each of its names."""
    module = importlib.import_module(f"nianbao.indicators.{name}")
    yield f"## `indicators.{name}`\n"
    yield f"{_first(module)}\n"
    for own, member in vars(module).items():
        if own.startswith("_") or getattr(member, "__module__", "") != module.__name__ or not callable(member):
            continue
        yield f"- `{own}{_signature(member) if inspect.isfunction(member) else ''}`: {_first(member)}"
    yield ""


def _entry(name: str, member: object, *, level: int) -> Iterator[str]:
    shown = name if isinstance(member, property) else f"{name}{_signature(member)}"
    yield f"{'#' * level} `{shown}`\n"
    yield from _said(member)


def _signature(member: object) -> str:
    """Return how *member* is called, without `self`; what it gives follows the arrow."""
    signature = inspect.signature(member)
    own = [each for each in signature.parameters.values() if each.name != "self"]
    # Annotations are text, and quoted; a default that is text stays so.
    return re.sub(r"(: |-> )'([^']+)'", r"\1\2", str(signature.replace(parameters=own)))


def _first(member: object) -> str:
    return (inspect.getdoc(member) or "").split("\n\n")[0].replace("\n", " ")


def _said(member: object) -> Iterator[str]:
    """Yield a docstring as Markdown: its sections as headed paragraphs."""
    for block in (inspect.getdoc(member) or "").split("\n\n"):
        head, _newline, rest = block.partition("\n")
        if _SECTION.match(head):
            yield f"**{head}** {_joined(rest)}\n"
        else:
            yield _block(block)


def _joined(text: str) -> str:
    return " ".join(textwrap.dedent(text).split("\n"))


if __name__ == "__main__":
    (DOCS / "api.md").write_text(api(), "utf-8")
    (DOCS / "indicators.md").write_text(library(), "utf-8")
    page = DOCS / "architecture.md"
    page.write_text(architecture(page.read_text("utf-8")), "utf-8")
