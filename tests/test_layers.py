"""The modules of the library stand in rows; a module imports only from rows below its own."""

import ast
import subprocess
import sys
from pathlib import Path

import nianbao
import pytest

LIBRARY = Path(nianbao.__file__).parent

# From the bottom up; modules of one row do not import each other.
ROWS = (
    # values and rules, and doors to the outside that know nothing of reports
    {"errors", "facts", "form", "numerals", "quantity", "rounding", "blocks", "verdict"},
    {"pdftags", "publish", "typeface", "webfont"},
    {"carried"},
    # exact figures; readers of one kind of file; writers of one kind of page; the seal
    {"figures", "yamlfile", "tablefile", "narrative", "project", "markdown", "typstpage", "webpage", "manifest"},
    {"findings", "formfile", "placeholders", "sources", "tables", "structural", "pdftext", "panel"},
    {"relations", "published", "declaration", "template", "charts", "execute", "verdictpage"},
    # a folder of parameters, what does not agree in it, what its prose says
    {"report", "checks", "prose"},
    # what a notebook opens
    {"document"},
    # the pages, what they carry, and what may stand on them
    {"exporters", "gate"},
    {"evidence", "__init__"},
    {"job"},
    # into place; against the manifest; against itself
    {"build", "verify", "verifyfile", "repro"},
    {"cli"},
    {"__main__"},
)
PURE = {"form", "rounding", "quantity", "numerals", "figures", "relations", "checks", "findings", "published"}
HEAVY = {
    "pandas",
    "numpy",
    "matplotlib",
    "nbformat",
    "nbconvert",
    "papermill",
    "IPython",
    "typst",
    "pikepdf",
    "fontTools",
    "uharfbuzz",
}
HEAVY |= {"jinja2", "mistune", "yaml"}
OUTSIDE = HEAVY | {"pathlib", "os", "io", "shutil", "subprocess", "tempfile", "csv", "importlib"}


def _parsed(module):
    return ast.parse((LIBRARY / f"{module}.py").read_text("utf-8"))


def _at_runtime(tree):
    """Yield the nodes of *tree* that run, leaving out what is under `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        yield from _at_runtime(node)


def _imports(module):
    """Return (modules of the library, first names of other packages) that *module* imports, in functions too."""
    own, others = set(), set()
    for node in _at_runtime(_parsed(module)):
        if isinstance(node, ast.ImportFrom) and node.level:
            own |= {node.module} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            others.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Import):
            others |= {alias.name.partition(".")[0] for alias in node.names}
    return own, others


MODULES = sorted(path.stem for path in LIBRARY.glob("*.py"))
GRAPH = {module: _imports(module)[0] for module in MODULES}


def _reached(module):
    found, left = set(), [module]
    while left:
        for each in GRAPH[left.pop()] - found:
            found.add(each)
            left.append(each)
    return found


def test_every_module_has_a_place_in_the_rows():
    assert sorted(module for row in ROWS for module in row) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_rows_below(module):
    height = {each: index for index, row in enumerate(ROWS) for each in row}

    assert {each for each in GRAPH[module] if height[each] >= height[module]} == set()


def test_no_import_goes_round_in_a_circle():
    assert [module for module in MODULES if module in _reached(module)] == []


@pytest.mark.parametrize("module", sorted(PURE))
def test_a_pure_module_knows_no_file_frame_plot_or_notebook(module):
    assert _imports(module)[1] & OUTSIDE == set()


@pytest.mark.parametrize("module", sorted(PURE))
def test_a_pure_module_stands_on_pure_modules_alone(module):
    assert _reached(module) - PURE == set()


@pytest.mark.parametrize(("package", "home"), [("papermill", "execute"), ("nbconvert", "exporters"), ("typst", "exporters")])
def test_an_engine_is_known_to_one_module_only(package, home):
    assert [module for module in MODULES if package in _imports(module)[1]] == [home]


@pytest.mark.parametrize(("package", "homes"), [("pandas", {"tables", "charts"}), ("matplotlib", {"charts"})])
def test_frames_and_plots_are_known_to_those_who_show_them(package, homes):
    assert {module for module in MODULES if package in _imports(module)[1]} <= homes


@pytest.mark.parametrize("module", [module for module in MODULES if module not in {"cli", "__main__"}])
def test_only_the_command_prints_reads_or_exits(module):
    called = {ast.unparse(node.func) for node in ast.walk(_parsed(module)) if isinstance(node, ast.Call)}
    raised = {ast.unparse(node.exc) for node in ast.walk(_parsed(module)) if isinstance(node, ast.Raise) and node.exc}

    assert called & {"print", "input", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"} == set()
    assert not any(each.startswith("SystemExit") for each in raised)


@pytest.mark.parametrize("module", MODULES)
def test_no_module_starts_another_program(module):
    called = {ast.unparse(node.func) for node in ast.walk(_parsed(module)) if isinstance(node, ast.Call)}

    assert "subprocess" not in _imports(module)[1]
    assert not any(each.startswith(("os.system", "os.popen", "os.exec", "os.spawn")) for each in called)


@pytest.mark.parametrize("module", [module for module in MODULES if module != "__init__"])
def test_the_first_paragraph_says_what_belongs_in_a_module(module):
    assert ast.get_docstring(_parsed(module))


@pytest.fixture(scope="module")
def imported():
    """What `import nianbao` loads: microseconds with everything below, by module."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import nianbao"], capture_output=True, encoding="utf-8", check=True
    )
    lines = [line.removeprefix("import time:").split("|") for line in run.stderr.splitlines()]
    return {line[2].strip(): int(line[1]) for line in lines if line[1].strip().isdecimal()}


def test_importing_the_library_loads_nothing_heavy(imported):
    assert "nianbao" in imported
    assert {name.partition(".")[0] for name in imported} & HEAVY == set()


def test_importing_the_library_loads_none_of_its_own_modules(imported):
    assert [name for name in imported if name.startswith("nianbao.")] == []


def test_importing_the_library_costs_milliseconds(imported):
    assert imported["nianbao"] < 20_000
