"""A kind of rule, a way to compare and a way to round, each added in the one place that the library names; every command knows them."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import builds
import nianbao
import pytest
from calc import formulas

pytest_plugins = ("fixtures_build",)

KIND = '''@dataclass(frozen=True, slots=True, kw_only=True)
class Positive(Rule):
    """A row is above 0 in every column in which it is filled."""

    kind = "positive"
    keys: ClassVar[Mapping[str, str]] = {"row": "row"}

    row: str

    def checks(self, form, before):
        for column in form.table_of(self.row).columns:
            yield Check(rule=self, column=column.id, left=(Addend((self.row, column.id)),), operator=">")


KINDS: '''
OPERATOR = 'OPERATORS = {\n    ">": Operator(">", "≤", ">", lambda gap: gap > 0),\n'
METHOD = 'METHODS = {\n    "half-down": Method("五舍六入", lambda _whole, rest: rest > _HALF, "-INT(0.5-{0})"),\n'
RULE = "rules:\n  - {id: C90, severity: info, kind: positive, row: received}\n"
# Of the specimen: the column of a row that has nothing in it, and a rate that lies between two printed ones.
NOTHING, BETWEEN = "received.research", "rates.handled.other_body"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A folder with a copy of the library to which the three are added, and a form that uses them."""
    folder = tmp_path_factory.mktemp("library")
    copied = folder / "nianbao"
    shutil.copytree(Path(nianbao.__file__).parent, copied, ignore=shutil.ignore_patterns("__pycache__"))
    builds.replace(copied / "indicators/rules.py", "KINDS: ", KIND)
    builds.replace(copied / "indicators/rules.py", "NotApplicable, Filled, Stated)", "NotApplicable, Filled, Stated, Positive)")
    builds.replace(copied / "indicators/rules.py", "OPERATORS = {\n", OPERATOR)
    builds.replace(copied / "indicators/values.py", "METHODS = {\n", METHOD)
    builds.replace(copied / "forms/national-2021.yaml", "\nrules:\n", f"\n{RULE}")
    builds.replace(copied / "forms/national-2021.yaml", "method: half-up", "method: half-down")
    return folder


@pytest.fixture(scope="module")
def run(library):
    """Run a command of that library in a project."""
    return lambda project, *command: builds.nianbao(project, *command, env={**os.environ, "PYTHONPATH": str(library)})


@pytest.fixture(scope="module")
def project(run, tmp_path_factory):
    """The specimen, built by that library, and the same report of two other units, not built."""
    made = builds.new_project(tmp_path_factory.mktemp("kinds") / "project", units=())
    for unit in ("specimen", "north", "south"):
        folder = shutil.copytree(builds.ROOT / "params/specimen/2025", made / "params" / unit / "2025")
        builds.replace(folder / "report.yaml", "\nunit: specimen\n", f"\nunit: {unit}\n")
    told = run(made, "report", "specimen", "2025")
    assert told.returncode == 0, told.stderr
    return made


@pytest.fixture(scope="module")
def outputs(project):
    return builds.Outputs(project, "specimen", "2025")


@pytest.mark.slow
def test_check_says_where_the_rule_does_not_hold(run, project):
    told = run(project, "check", "specimen", "2025")

    assert told.returncode == 0
    assert "科研机构：一、本年新收政府信息公开申请数量0 ≤ 0，应为“>”" in told.stdout


@pytest.mark.slow
def test_the_report_carries_the_finding_and_the_outcomes_of_the_rule(outputs):
    found = [finding for finding in outputs.findings if finding["rule"] == "C90"]

    assert [finding["cells"] for finding in found] == [[NOTHING]]
    assert "五舍六入" in outputs.page.text_content()


@pytest.mark.slow
def test_the_report_rounds_by_the_method(outputs):
    over, under = (Fraction(outputs.figures[each]["value"]) for each in outputs.figures[BETWEEN]["inputs"])
    between = over / under * 10_000

    assert between % 1 == Fraction(1, 2)
    assert outputs.figures[BETWEEN]["display"] == f"{int(between) / 100:.2f}%"


@pytest.mark.slow
def test_the_formulas_of_the_tables_round_by_the_method(outputs, calc):
    content = outputs.files["tables.xlsx"]
    computed = calc.recomputed({"tables": content})["tables"]
    shown = [(value, computed[sheet][address].value) for sheet, address, _formula, value in formulas(content)]

    assert any("-INT(0.5-" in formula for _sheet, _address, formula, _value in formulas(content))
    assert [pair for pair in shown if pair[0] != pytest.approx(pair[1], abs=1e-12)] == []


@pytest.mark.slow
def test_the_form_to_fill_in_has_the_rule_as_formulas_that_say_at_first_what_they_come_to(run, project, calc, tmp_path):
    told = run(project, "table", "export", "-o", str(tmp_path / "form.xlsx"), "specimen", "2025")
    assert told.returncode == 0, told.stderr
    content = (tmp_path / "form.xlsx").read_bytes()
    computed = calc.recomputed({"form": content})["form"]
    own = [each for each in formulas(content) if "C90" in each[2]]

    assert {value for *_place, value in own} == {"✓ 相符", "C90 不符：左边少0"}
    assert [each for each in own if computed[each[0]][each[1]].value != each[3]] == []


@pytest.mark.slow
def test_the_form_is_taken_back(run, project, tmp_path):
    run(project, "table", "export", "-o", str(tmp_path / "form.xlsx"), "specimen", "2025")
    told = run(project, "table", "import", "specimen", "2025", str(tmp_path / "form.xlsx"))

    assert told.returncode == 0, told.stderr
    assert "与工作簿相同，没有改动" in told.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "what", [("specimen", "2025"), ("outputs/specimen/2025/report.html",), ("outputs/specimen/2025/report.pdf",)]
)
def test_verify_finds_nothing_else_in_the_report_or_in_one_file(run, project, what):
    told = run(project, "verify", *what)

    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.slow
def test_a_batch_builds_it_and_a_cluster_answers_with_the_same(run, project, library, tmp_path):
    assert run(project, "batch", "specimen", "north").returncode == 0
    with _cluster(library, tmp_path) as address:
        told = run(project, "batch", "--scheduler", address, "south")
    assert told.returncode == 0, told.stdout + told.stderr
    north, south = (json.loads((project / f"outputs/{unit}/2025/findings.json").read_text("utf-8")) for unit in ("north", "south"))

    assert "C90" in {finding["rule"] for finding in south}
    assert north == south


@contextlib.contextmanager
def _cluster(library, folder):
    """Give the address of a cluster of one worker that has that library."""
    file = folder / "scheduler.json"
    quiet = ("--no-dashboard", "--host", "127.0.0.1")
    commands = (
        ("scheduler", *quiet, "--port", "0", "--scheduler-file", str(file)),
        ("worker", *quiet, "--scheduler-file", str(file), "--nthreads", "1", "--local-directory", str(folder)),
    )
    environment = {**os.environ, "PYTHONPATH": str(library)}
    with (folder / "log").open("wb") as log, contextlib.ExitStack() as stack:
        for command in commands:
            started = subprocess.Popen(
                [sys.executable, "-m", "dask", *command], stdout=log, stderr=log, env=environment, start_new_session=True
            )
            stack.callback(started.wait)
            stack.callback(os.killpg, started.pid, signal.SIGKILL)
            end = time.monotonic() + 60
            while not file.is_file():
                assert time.monotonic() < end, (folder / "log").read_text("utf-8")
                time.sleep(0.05)
        yield json.loads(file.read_text("utf-8"))["address"]
