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
    {"errors", "facts", "form", "numerals", "quantity", "rounding", "blocks", "verdict", "concepts", "wordpagexml"},
    {"previewhttp", "previewpage", "watch"},
    {"forking", "installed", "notebookfile", "notebookwire", "sparkline"},
    {"pdftags", "publish", "typeface", "webfont", "wordpagefile", "wordpagestyles"},
    {"forked", "notebookshell", "previewserver"},
    {"heads", "rulewords", "wordpageimage", "wordpagesetup", "wordpagetable", "wordpagetext"},
    # exact figures; readers of one kind of file; writers of one kind of page; the seal
    {"figures", "yamlfile", "tablefile", "narrative", "project", "markdown", "typstpage", "webpage", "manifest", "forkedengine"},
    {"shapes", "changes"},
    {"findings", "formfile", "placeholders", "sources", "tables", "structural", "pdftext", "panel", "wordpage"},
    {"carried", "opendata", "relations", "published", "declaration", "template", "charts", "execute", "verdictpage"},
    {"rollup", "repetition", "engine", "freshness"},
    # what forms have in common, and what became of it over the years
    {"conceptfile", "series"},
    {"linechart", "trendtables", "trendtext"},
    # a folder of parameters, what does not agree in it, what its prose says; what lies in outputs
    {"report", "checks", "prose", "inventory"},
    # what a notebook opens; what last year settles of a new one; the tables of a district's members
    {"document", "carryover", "members"},
    # the pages, what they carry, and what may stand on them; what a roll-up says
    {"exporters", "gate", "rolluppaper", "examination"},
    {"evidence", "papers", "trendpage", "warm"},
    {"job", "__init__", "glance"},
    # into place; against the manifest; against itself
    {"build", "verify", "verifyfile", "repro", "auditbuild", "scaffold", "trendbuild", "rollupbuild"},
    {"indexpage", "parcel", "previewmake"},
    {"batch", "preview"},
    {"progress", "remote", "workshop"},
    {"cluster"},
    {"cli"},
    {"__main__"},
)
# The same for the package `auditing`, which stands on what is below the exporters.
AUDITING_ROWS = (
    # amounts, clauses and lines, and what of them is no number to judge
    {"amounts", "clauses", "exclusions", "lines", "scope"},
    # numbers and names in them, ways to round, what is wrong with words, one kind of file each
    {"conventions", "language_text", "listing", "mentions", "naming", "readers_docx", "readers_html", "readers_pdf"},
    {"columns", "firmness", "readers", "targets", "thread"},
    {"language_counts", "language_endings", "language_lists", "language_marks", "language_names"},
    {"language_repeats", "language_times", "language_words"},
    # which cell a number is of, and how that is said
    {"counts", "language", "wording"},
    {"claims", "ratios", "sums"},
    {"binding", "coherence", "statements"},
    {"reading"},
    {"__init__"},
    # what a notebook shows
    {"paper"},
)
# The same for the package `workbook`; what opens a workbook stands on the report and its checks.
WORKBOOK_ROWS = (
    # where everything stands; what a file holds, how a cell looks, what ties cells together
    {"exact", "layout", "numberformat", "package", "packing", "relating", "styles"},
    {"drawing", "formulas", "sheets"},
    # what a cell means, which row and column it is in; what says whether a rule holds
    {"checking", "labels", "typed"},
    {"explaining", "mismatch"},
    {"filling", "reading", "reporting"},
    {"exporting", "importing"},
    {"__init__"},
)
# The same for the package `commands`, which stands on all that is below the command.
COMMANDS_ROWS = (
    {"__init__", "codes", "printing", "process"},
    {"arguments"},
    {"auditing", "checking", "many", "reporting"},
    {"tables"},
)
PACKAGES = {"auditing": AUDITING_ROWS, "workbook": WORKBOOK_ROWS, "commands": COMMANDS_ROWS}
PURE = {"form", "rounding", "quantity", "numerals", "figures", "relations", "checks", "findings", "published"}
PURE |= {"rollup", "repetition", "changes", "concepts", "series"}
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
HEAVY |= {"jinja2", "mistune", "openpyxl", "xlsxwriter", "yaml"}
OUTSIDE = HEAVY | {"pathlib", "os", "io", "shutil", "subprocess", "tempfile", "csv", "importlib"}


def _parsed(module):
    return ast.parse((LIBRARY / f"{module.replace('.', '/')}.py").read_text("utf-8"))


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
        if isinstance(node, ast.ImportFrom):
            home = f"nianbao.{module}".split(".")[: -node.level] if node.level else []
            whole = ".".join([*home, *([node.module] if node.module else [])])
            if whole.partition(".")[0] == "nianbao":
                own |= {_module(whole, alias.name) for alias in node.names}
            else:
                others.add(whole.partition(".")[0])
        elif isinstance(node, ast.Import):
            others |= {alias.name.partition(".")[0] for alias in node.names}
    return own, others


def _module(package, name):
    """Return the module of the library that `from package import name` opens, as EVERY calls it."""
    inside = package.removeprefix("nianbao").removeprefix(".")
    nearest = (f"{inside}.{name}", f"{inside}.{name}.__init__", inside, f"{inside}.__init__")
    return next(each for each in (each.removeprefix(".") for each in nearest) if each in {*EVERY})


MODULES = sorted(path.stem for path in LIBRARY.glob("*.py"))
INSIDE = {package: sorted(f"{package}.{path.stem}" for path in (LIBRARY / package).glob("*.py")) for package in PACKAGES}
AUDITING = INSIDE["auditing"]
# The command and its parts: they alone print, read or end the process.
COMMAND = {"cli", "__main__", *INSIDE["commands"]}
EVERY = [*MODULES, *(module for modules in INSIDE.values() for module in modules)]
GRAPH = {module: _imports(module)[0] for module in EVERY}


def _reached(module):
    found, left = set(), [module]
    while left:
        for each in GRAPH[left.pop()] - found:
            found.add(each)
            left.append(each)
    return found


def _too_high(module, rows, modules):
    """Return what *module* imports of *modules* that does not stand below it in *rows*."""
    height = {each: index for index, row in enumerate(rows) for each in row}
    return {each for each in GRAPH[module] & set(modules) if height[each] >= height[module]}


def test_every_module_has_a_place_in_the_rows():
    assert sorted(module for row in ROWS for module in row) == MODULES


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_of_a_package_has_a_place_in_rows_of_its_own(package):
    assert sorted(f"{package}.{module}" for row in PACKAGES[package] for module in row) == INSIDE[package]


def test_every_package_has_rows():
    assert sorted(path.parent.name for path in LIBRARY.glob("*/__init__.py")) == sorted(PACKAGES)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_rows_below(module):
    assert _too_high(module, ROWS, MODULES) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_module_of_a_package_imports_only_from_rows_below(package):
    rows = [{f"{package}.{each}" for each in row} for row in PACKAGES[package]]

    assert {module: high for module in INSIDE[package] if (high := _too_high(module, rows, INSIDE[package]))} == {}


def test_audits_stand_on_what_is_below_the_exporters():
    below = set().union(*ROWS[: next(index for index, row in enumerate(ROWS) if "exporters" in row)])
    outer = {each for module in AUDITING for each in GRAPH[module]} - set(AUDITING)

    assert outer - below == set()


def test_nothing_else_knows_of_audits_but_their_build_and_the_names_for_notebooks():
    outside = [module for module in EVERY if module not in AUDITING]
    assert {module for module in outside if GRAPH[module] & set(AUDITING)} <= {"auditbuild", "__init__"}


def test_no_import_goes_round_in_a_circle():
    assert [module for module in EVERY if module in _reached(module)] == []


@pytest.mark.parametrize("module", sorted(PURE))
def test_a_pure_module_knows_no_file_frame_plot_or_notebook(module):
    assert _imports(module)[1] & OUTSIDE == set()


@pytest.mark.parametrize("module", sorted(PURE))
def test_a_pure_module_stands_on_pure_modules_alone(module):
    assert _reached(module) - PURE == set()


@pytest.mark.parametrize(
    ("package", "home"),
    [("nbformat", "notebookfile"), ("nbconvert", "exporters"), ("xlsxwriter", "workbook.packing"), ("distributed", "cluster")],
)
def test_an_engine_is_known_to_one_module_only(package, home):
    assert [module for module in EVERY if package in _imports(module)[1]] == [home]


@pytest.mark.parametrize(
    ("package", "homes"),
    [
        ("tornado", {"previewhttp", "previewserver"}),
        # What calls it, and the engine that it calls.
        ("papermill", {"execute", "forkedengine"}),
        ("ipykernel", {"notebookshell"}),
        ("pandas", {"tables", "charts"}),
        ("matplotlib", {"charts"}),
        ("typst", {"exporters", "typeface", "wordpageimage"}),
    ],
)
def test_frames_plots_and_type_are_known_to_those_who_show_them(package, homes):
    assert {module for module in EVERY if package in _imports(module)[1]} <= homes


@pytest.mark.parametrize("module", [module for module in EVERY if module not in COMMAND])
def test_only_the_command_prints_reads_or_exits(module):
    called = {ast.unparse(node.func) for node in ast.walk(_parsed(module)) if isinstance(node, ast.Call)}
    raised = {ast.unparse(node.exc) for node in ast.walk(_parsed(module)) if isinstance(node, ast.Raise) and node.exc}

    # A copy of a process ends where it was made: it must not go back into the code that it was copied from.
    allowed = {"os._exit"} if module in {"forking", "forked"} else set()
    ending = {"print", "input", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}
    assert called & ending <= allowed
    assert not any(each.startswith("SystemExit") for each in raised)


@pytest.mark.parametrize("module", [module for module in EVERY if module not in {"repro", "forked", "workshop"}])
def test_only_the_comparison_of_two_builds_and_the_doors_to_processes_start_another_program(module):
    called = {ast.unparse(node.func) for node in ast.walk(_parsed(module)) if isinstance(node, ast.Call)}
    # The command begins itself again where hashes of strings are not fixed.
    allowed = {"os.execve"} if module == "commands.process" else set()

    assert "subprocess" not in _imports(module)[1]
    assert {each for each in called if each.startswith(("os.system", "os.popen", "os.exec", "os.spawn"))} <= allowed


def test_verify_takes_nothing_from_earlier_builds():
    assert "freshness" not in _reached("verify")


def test_two_modules_copy_the_process():
    assert [module for module in EVERY if "os.fork" in ast.unparse(_parsed(module))] == ["forked", "forking"]


@pytest.mark.parametrize("module", [module for module in EVERY if module != "__init__"])
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
