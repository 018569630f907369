"""What the contracts of import-linter in pyproject.toml cannot say of the library's modules."""

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import nianbao
import pytest

LIBRARY = Path(nianbao.__file__).parent
MODULES = {
    ".".join(path.relative_to(LIBRARY).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text("utf-8"))
    for path in sorted(LIBRARY.rglob("*.py"))
}
INSIDE = [module for module in MODULES if module.split(".")[0] not in {"cli", "__main__"}]
# (a library from outside, the modules that know it)
ENGINES = [
    ("distributed", {"fleet.cluster"}),
    # python-docx.
    ("docx", {"render.docx"}),
    ("ipykernel", {"notebook.shell"}),
    ("matplotlib", {"document.charts", "document.drawings"}),
    ("mistune", {"prose.markdown"}),
    ("nbconvert", {"render.exporters"}),
    # A notebook as its file says it, and as nbconvert gives it.
    ("nbformat", {"notebook.source", "render.exporters"}),
    ("pandas", {"document.frames", "document.loaded", "document.tables"}),
    # What calls it, and the engine that it calls.
    ("papermill", {"notebook.run", "notebook.engine"}),
    ("pikepdf", {"render.pdf"}),
    ("tornado", {"preview.server"}),
    ("typst", {"page.faces", "render.docx", "render.exporters"}),
    ("xlsxwriter", {"render.worksheet"}),
    ("yaml", {"inputs.yaml"}),
    # The comparison of two builds, and the one door to other processes.
    ("multiprocessing", {"fleet.cluster", "processes.fork", "processes.pool"}),
    ("subprocess", {"verify.project"}),
]
HEAVY = {engine for engine, _modules in ENGINES} | {"numpy", "IPython", "fontTools", "uharfbuzz", "jinja2", "lxml", "openpyxl"}


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("nianbao", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None)


def _called(module):
    return {ast.unparse(node.func) for node in ast.walk(MODULES[module]) if isinstance(node, ast.Call)}


@pytest.mark.parametrize(("engine", "modules"), ENGINES)
def test_an_engine_is_known_to_few(graph, engine, modules):
    assert graph.find_modules_that_directly_import(engine) == {f"nianbao.{module}" for module in modules}


@pytest.mark.parametrize("module", INSIDE)
def test_only_the_command_prints_reads_or_exits(module):
    raised = {ast.unparse(node.exc) for node in ast.walk(MODULES[module]) if isinstance(node, ast.Raise) and node.exc}
    ending = {"print", "input", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}

    # A copy of a process ends where it was made: it must not go back into the code that it was copied from.
    assert _called(module) & ending <= ({"os._exit"} if module.startswith("processes.") else set())
    assert not any(each.startswith("SystemExit") for each in raised)


def test_only_the_command_begins_again_and_a_process_is_copied_in_one_place():
    # The command begins again where hashes of strings are not fixed.
    started = ("os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn", "os.fork")
    found = {(module, call) for module in MODULES for call in _called(module) if call.startswith(started)}

    assert found == {("cli.console", "os.execve"), ("processes.fork", "os.fork")}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_belongs_there(module):
    assert ast.get_docstring(MODULES[module])


def test_importing_the_library_loads_nothing_heavy_and_no_module_of_its_own():
    code = "import sys, nianbao; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout.split()

    assert "nianbao" in loaded
    assert {name.partition(".")[0] for name in loaded} & (HEAVY - {"subprocess"}) == set()
    assert [name for name in loaded if name.startswith("nianbao.")] == []


def test_a_test_file_lies_in_the_folder_of_its_package_and_is_called_as_its_module():
    files = [path.relative_to(Path(__file__).parent) for path in Path(__file__).parent.glob("*/test_*.py")]
    # Of a package that is one idea, a test may be called as the package.
    wanted = [(file, f"{file.parent}.{file.stem.split('_')[1]}", f"{file.parent}.{file.parent}") for file in files]

    assert len(files) > 80
    assert [str(file) for file, module, package in wanted if module not in MODULES and module != package] == []
