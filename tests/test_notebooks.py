"""What a notebook of the project may contain, held against every notebook there is."""

import ast
import itertools
import re
from pathlib import Path

import nbformat
import pytest
from nianbao.auditing import paper
from nianbao.document.document import Document
from nianbao.inputs import formfile, report
from nianbao.notebook import source
from nianbao.rollup import rollup
from nianbao.trends import trend

ROOT = Path(__file__).resolve().parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROSE = "%%prose\n"

pytestmark = pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])


def _cells(path, kind=None):
    return [cell for cell in nbformat.read(path, as_version=4).cells if kind in {None, cell.cell_type}]


def _prose(path):
    return [cell for cell in _cells(path, "code") if cell.source.startswith("%%")]


def _code(path):
    return [cell for cell in _cells(path, "code") if not cell.source.startswith("%%")]


def _nodes(path):
    """Yield (cell, node) for every piece of Python in the notebook."""
    for cell in _code(path):
        for node in ast.walk(ast.parse(cell.source)):
            yield cell.id, node


def _parameters(path):
    return [cell for cell in _cells(path) if "parameters" in cell.metadata.get("tags", [])]


def _declared(path):
    """Return the parameters that a notebook of its kind declares."""
    if path.name == paper.NOTEBOOK:
        return paper.PARAMETERS
    gathered = path.name in {trend.NOTEBOOK, rollup.NOTEBOOK}
    return (source.PARAMETER,) if gathered else ("UNIT", "YEAR", source.PARAMETER)


def _document(path):
    """Open the report that the notebook opens by default."""
    folder = _folders(path)[-1]
    return Document(report.load(folder, formfile.shipped()))


def _folders(path):
    """Return the folder of the report that the notebook opens by default, or those of all years of a unit."""
    given = {each.targets[0].id: ast.literal_eval(each.value) for each in ast.parse(_parameters(path)[0].source).body}
    default = given[source.PARAMETER] or f"../params/{given['UNIT']}/{given['YEAR']}"
    assert not Path(default).is_absolute()
    folder = (path.parent / default).resolve()
    return sorted(folder.iterdir()) if path.name == trend.NOTEBOOK else [folder]


def test_a_notebook_is_valid_as_it_stands(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)

    nbformat.validate(notebook)

    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)


def test_no_output_is_stored(path):
    assert [cell.id for cell in _cells(path, "code") if cell.outputs] == []


def test_no_execution_count_is_stored(path):
    assert [cell.id for cell in _cells(path, "code") if cell.execution_count is not None] == []


def test_no_metadata_of_an_editor_or_a_run_is_stored(path):
    notebook = nbformat.read(path, as_version=4)

    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert {key for cell in notebook.cells for key in cell.metadata} <= {"tags"}


def test_the_kernel_is_the_one_of_the_environment(path):
    assert nbformat.read(path, as_version=4).metadata.kernelspec.name == "python3"


def test_no_version_of_python_is_stored(path):
    assert nbformat.read(path, as_version=4).metadata.language_info == {"name": "python"}


def test_ids_are_unique(path):
    ids = [cell.id for cell in _cells(path)]

    assert len(set(ids)) == len(ids)


def test_ids_are_names_and_not_drawn_by_lot(path):
    drawn = r"(?=.*\d)[0-9a-f]{8}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    assert [cell.id for cell in _cells(path) if not re.fullmatch(r"[a-z][a-z-]*", cell.id) or re.fullmatch(drawn, cell.id)] == []


def test_one_cell_is_tagged_parameters_and_it_is_the_first_with_code(path):
    assert [cell.id for cell in _parameters(path)] == [_cells(path, "code")[0].id]


def test_the_parameters_cell_declares_the_paths_it_reads_and_nothing_else(path):
    declared = ast.parse(_parameters(path)[0].source).body

    assert tuple(ast.unparse(each.targets[0]) for each in declared) == _declared(path)
    assert all(isinstance(each.value, ast.Constant) for each in declared)


def test_the_default_folder_of_parameters_is_there(path):
    assert [folder for folder in _folders(path) if not (folder / "report.yaml").is_file()] == []


def test_nothing_depends_on_clock_chance_network_or_machine(path):
    names = {alias.name for _cell, node in _nodes(path) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for _cell, node in _nodes(path) if isinstance(node, ast.ImportFrom)}

    assert (
        names & {"datetime", "time", "random", "secrets", "uuid", "socket", "urllib", "http", "os", "platform", "subprocess", "sys"}
        == set()
    )


def test_no_cell_prints(path):
    calls = [(cell, ast.unparse(node.func)) for cell, node in _nodes(path) if isinstance(node, ast.Call)]

    assert [call for call in calls if call[1] in {"print", "display", "exec", "eval"}] == []


def test_no_magic_but_prose_and_no_shell(path):
    assert [cell.id for cell in _prose(path) if not cell.source.startswith(PROSE)] == []
    assert [
        cell.id for cell in _code(path) if re.search(r"^\s*[%!?]|\?\s*$|get_ipython|sys\.path", cell.source, re.MULTILINE)
    ] == []


def test_no_path_is_absolute(path):
    absolute = re.compile(r"[/\\~].|[A-Za-z]:[/\\]|file:")
    texts = [(cell, node.value) for cell, node in _nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)]

    assert [text for text in texts if absolute.match(text[1])] == []


def test_no_digit_is_typed_into_prose(path):
    prose = [*_cells(path, "markdown"), *_prose(path)]
    typed = [(cell.id, re.search(r"\S{0,6}\d\S{0,6}", cell.source)) for cell in prose]

    assert [(cell, found.group()) for cell, found in typed if found] == []


def test_a_cell_that_shows_ends_in_what_it_shows(path):
    shown = [ast.parse(cell.source).body for cell in _code(path) if "parameters" not in cell.metadata.get("tags", [])]

    assert [ast.unparse(body[-1]) for body in shown if not isinstance(body[-1], ast.Expr)] == []


def test_every_sentence_is_made_of_names_that_the_report_has(path):
    file = f"notebooks/{path.name}"
    notebook = source.read(path, file, _declared(path))
    if not path.name.startswith("report"):
        # The words around a paper over reports are its own, not prose of a report.
        notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    given = source.Source(notebook=notebook, file=file, folder="notebooks")

    assert source.lint(given, _document(path)) == []


def test_every_sentence_shows_what_it_says(path):
    document = _document(path)

    assert [cell.id for cell in _prose(path) if not document.prose(cell.source.removeprefix(PROSE)).blocks] == []


def test_headings_go_down_one_level_at_a_time(path):
    levels = [len(found[1]) for cell in _cells(path) for found in re.finditer(r"^(#+) ", cell.source, re.MULTILINE)]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_a_heading_stands_at_least_every_six_cells(path):
    headed = [bool(re.search(r"^#+ |^report\.chapter\(", cell.source, re.MULTILINE)) for cell in _cells(path)]

    assert "x" * 6 not in "".join("#" if each else "x" for each in headed)
