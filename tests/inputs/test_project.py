"""Where things are in a project, and what its Makefile offers."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from nianbao.indicators.errors import UnknownReportError, UnsafeNameError
from nianbao.inputs.project import Project

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
# Help is printed from these lines.
DOCUMENTED = dict(re.findall(r"^([a-z-]+):.*?## (.+)$", MAKEFILE, re.MULTILINE))
PHONY = re.findall(r"^\.PHONY: ([a-z-]+)$", MAKEFILE, re.MULTILINE)


@pytest.fixture
def project(tmp_path):
    """A project with two units."""
    for name in ("longtan/2012", "longtan/2013", "changyi/2013", "longtan/draft", ".git/2013", "a b/2013"):
        (tmp_path / "params" / name).mkdir(parents=True)
    (tmp_path / "params" / "notes").write_text("")
    (tmp_path / "params" / "longtan" / "2011").write_text("")
    return Project(tmp_path)


def test_units_are_the_folders_with_plain_names(project):
    assert project.units() == ["changyi", "longtan"]


def test_years_are_the_folders_named_by_four_digits(project):
    assert project.years("longtan") == ["2012", "2013"]


def test_a_report_that_exists_has_its_folder(project):
    assert project.params("longtan", "2012") == project.root / "params" / "longtan" / "2012"


@pytest.mark.parametrize(("unit", "year", "there"), [("longtan", "2012", True), ("longtan", "2011", False), ("x", "2012", False)])
def test_a_report_can_be_looked_for(project, unit, year, there):
    assert project.find(unit, year) == (project.root / "params" / unit / year if there else None)


def test_what_is_no_plain_name_is_not_looked_for(project):
    with pytest.raises(UnsafeNameError, match="不是文件夹名"):
        project.find("../x", "2012")


@pytest.mark.parametrize("unit", ["..", "../x", "/etc", "a/b", "", ".git", "a b", "-x", "x\n"])
def test_a_unit_that_is_no_plain_name_is_unsafe(project, unit):
    with pytest.raises(UnsafeNameError, match="不是文件夹名"):
        project.params(unit, "2013")


@pytest.mark.parametrize("year", ["..", "2013/..", "20133", "213", "２０１３", "2013\n", "1999"])
def test_a_year_that_is_no_four_digits_is_unsafe(project, year):
    with pytest.raises(UnsafeNameError, match="不是四位数的年份"):
        project.params("longtan", year)


def test_an_unknown_unit_names_those_there_are(project):
    with pytest.raises(UnknownReportError, match="没有单位“x”。已有单位：changyi、longtan；如：make report UNIT=changyi YEAR=2013"):
        project.params("x", "2013")


def test_an_unknown_year_names_those_there_are_and_the_last_as_an_example(project):
    with pytest.raises(UnknownReportError, match="没有2010年的资料。已有年份：2012、2013；如：make report UNIT=longtan YEAR=2013"):
        project.params("longtan", "2010")


def test_a_suggested_command_names_a_report_that_exists(tmp_path):
    (tmp_path / "params" / "changyi" / "2009").mkdir(parents=True)

    with pytest.raises(UnknownReportError, match="make report UNIT=changyi YEAR=2009"):
        Project(tmp_path).params("longtan", "2013")


def test_a_project_without_parameters_says_so(tmp_path):
    with pytest.raises(UnknownReportError, match="params/ 下还没有单位"):
        Project(tmp_path).params("longtan", "2013")


def test_a_unit_has_a_folder_of_all_its_years(project):
    assert project.unit("longtan") == project.root / "params" / "longtan"


@pytest.mark.parametrize("unit", ["..", "../x", "/etc", "a/b", "", ".git", "a b", "-x", "x\n"])
def test_a_unit_without_a_year_must_be_a_plain_name_too(project, unit):
    with pytest.raises(UnsafeNameError, match="不是文件夹名"):
        project.unit(unit)


def test_a_unit_that_is_not_there_is_answered_with_those_that_are(project):
    with pytest.raises(UnknownReportError, match="没有单位“x”。已有单位：changyi、longtan"):
        project.unit("x")


def test_outputs_lie_where_the_parameters_do(project):
    assert project.output("longtan", "2013") == project.root / "outputs" / "longtan" / "2013"


def test_outputs_that_lead_elsewhere_are_unsafe(project, tmp_path):
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "longtan").symlink_to(tmp_path / "params" / "longtan")

    with pytest.raises(UnsafeNameError, match="之外"):
        project.output("longtan", "2013")


def test_a_file_in_the_place_of_outputs_is_unsafe(project):
    (project.root / "outputs").mkdir()
    os.mkfifo(project.root / "outputs" / "longtan")

    with pytest.raises(UnsafeNameError, match="是一个文件"):
        project.output("longtan", "2013")


def test_a_notebook_that_is_not_there_is_named(project):
    with pytest.raises(UnknownReportError, match=r"没有笔记本 notebooks/report-x\.ipynb"):
        project.notebook("report-x.ipynb")


# ---- the Makefile


@pytest.fixture
def workshop(tmp_path, needs):
    """A folder with the Makefile and a report's parameters, and no environment."""
    needs("make")
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "params", tmp_path / "params")
    return tmp_path


def _make(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if name not in {"UNIT", "YEAR", "MAKEFLAGS", "MAKELEVEL"}}
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, encoding="utf-8", env=environment, check=False, timeout=60
    )


def test_make_alone_prints_a_line_for_every_target(workshop):
    run = _make(workshop)
    printed = {line.split()[1]: line for line in run.stdout.splitlines() if line.startswith("  make ")}

    assert (run.returncode, run.stderr) == (0, "")
    assert set(printed) == set(DOCUMENTED)
    assert [name for name, words in DOCUMENTED.items() if words not in printed[name]] == []


def test_every_verb_of_the_makefile_is_documented():
    assert set(PHONY) - set(DOCUMENTED) <= {"unit", "year"}
    assert set(DOCUMENTED) <= set(PHONY)


def test_the_makefile_has_the_targets_that_it_must_have():
    assert set(DOCUMENTED) >= {"report", "edit", "check", "test", "lint", "golden", "clean", "distclean"}


def test_no_verb_is_called_like_a_folder():
    assert [name for name in PHONY if (ROOT / name).exists()] == []


def test_a_line_of_help_speaks_chinese_and_english():
    for words in DOCUMENTED.values():
        assert re.match(r"[\u4e00-\u9fff]", words)
        assert re.search(r"[A-Z][a-z]+", words)


@pytest.mark.parametrize("target", ["report", "check"])
def test_without_a_year_make_says_in_one_line_what_there_is_and_what_to_type(workshop, target):
    run = _make(workshop, target)

    assert run.returncode != 0
    (line,) = (run.stdout + run.stderr).splitlines()
    assert "缺少 YEAR" in line
    assert "2013" in line
    assert f"make {target} YEAR=2013" in line
    assert not (workshop / ".venv").exists()


@pytest.mark.parametrize(("target", "words"), [("new", "make new UNIT=longtan YEAR=2014"), ("trend", "make trend UNIT=longtan")])
def test_without_a_unit_make_says_in_one_line_what_to_type(workshop, target, words):
    run = _make(workshop, target, "YEAR=2014")

    assert run.returncode != 0
    (line,) = (run.stdout + run.stderr).splitlines()
    assert "缺少 UNIT" in line
    assert re.search(rf"{words}(?! YEAR)", line)


def _python(folder, *, version):
    """Make a `python3` that says it is *version* and can do nothing."""
    program = folder / "old-python"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "Python {version}"\nexit 0\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_an_older_python_is_told_which_one_is_needed(workshop):
    run = _make(workshop, "report", "YEAR=2013", f"PYTHON={_python(workshop, version='3.8.10')}")

    assert run.returncode != 0
    (line,) = (run.stdout + run.stderr).splitlines()
    for words in ("3.11", "3.8.10", "make PYTHON="):
        assert words in line
    assert not (workshop / ".venv").exists()


def test_a_python_that_is_not_there_is_told_so(workshop):
    run = _make(workshop, "report", "YEAR=2013", "PYTHON=no-such-python")

    assert run.returncode != 0
    (line,) = (run.stdout + run.stderr).splitlines()
    assert "no-such-python" in line


@pytest.fixture
def ready(workshop):
    """The same folder with an environment whose `nianbao` tells what it is called with."""
    binaries = workshop / ".venv" / "bin"
    binaries.mkdir(parents=True)
    teller = binaries / "nianbao"
    teller.write_text("#!/bin/sh\nfor each; do printf '<%s>' \"$each\"; done\n")
    teller.chmod(0o755)
    for name in (".packages", ".ready"):
        (workshop / ".venv" / name).touch()
    return workshop


def test_make_report_calls_the_command_with_unit_and_year(ready):
    assert _make(ready, "report", "YEAR=2013").stdout == "<report><--><longtan><2013>"
    assert _make(ready, "check", "YEAR=2012", "UNIT=changyi").stdout == "<check><--><changyi><2012>"


def test_make_reports_calls_the_command_with_what_narrows_it(ready):
    assert _make(ready, "reports").stdout == "<batch><-->"
    given = ("UNITS=longtan changyi", "YEARS=2013-2020", "JOBS=4")
    assert _make(ready, "reports", *given).stdout == "<batch><--years=2013-2020><--jobs=4><--><longtan><changyi>"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("UNITS=$$(touch hacked) *", "<batch><--><$(touch><hacked)><*>"),
        ("YEARS=2013; touch hacked", "<batch><--years=2013; touch hacked><-->"),
        ("JOBS=`touch hacked`", "<batch><--jobs=`touch hacked`><-->"),
    ],
)
def test_what_narrows_a_batch_reaches_the_command_and_never_the_shell(ready, given, told):
    assert _make(ready, "reports", given).stdout == told
    assert not (ready / "hacked").exists()


@pytest.mark.parametrize("name", ["../../x", "$(touch hacked)", "`touch hacked`", "x; touch hacked", "a b", "'", '"', "--help"])
def test_a_name_reaches_the_command_as_it_was_typed_and_never_the_shell(ready, name):
    # `$` is make's own sign; whoever means it types it twice.
    run = _make(ready, "report", "YEAR=2013", f"UNIT={name.replace('$', '$$')}")

    assert run.stdout == f"<report><--><{name}><2013>"
    assert not (ready / "hacked").exists()


def test_make_trend_calls_the_command_with_the_unit_alone(ready):
    assert _make(ready, "trend", "UNIT=changyi").stdout == "<trend><--><changyi>"


def test_an_environment_that_is_ready_is_not_made_again(ready):
    before = {path: path.stat().st_mtime_ns for path in (ready / ".venv").rglob("*")}
    _make(ready, "report", "YEAR=2013")

    assert {path: path.stat().st_mtime_ns for path in (ready / ".venv").rglob("*")} == before


def test_clean_removes_what_was_generated_and_keeps_manifests(workshop):
    made = workshop / "outputs" / "longtan" / "2013"
    made.mkdir(parents=True)
    for name in ("report.html", "report.pdf", "report.failed.ipynb", "manifest.json"):
        (made / name).touch()
    (workshop / "outputs" / "longtan" / "trend").mkdir()
    (workshop / "outputs" / "longtan" / "trend" / "manifest.json").touch()
    (workshop / "outputs" / ".building-1-x" / "new").mkdir(parents=True)
    (workshop / "outputs" / ".building-1-x" / "new" / "report.pdf").touch()

    assert _make(workshop, "clean").returncode == 0

    assert [path.relative_to(workshop / "outputs").as_posix() for path in (workshop / "outputs").rglob("*") if path.is_file()] == [
        "longtan/2013/manifest.json"
    ]
    assert not (workshop / "outputs" / ".building-1-x").exists()
    assert (workshop / "params" / "longtan" / "2013" / "report.yaml").is_file()


# ---- what the texts promise


READMES = sorted(ROOT.glob("*.md"))


@pytest.mark.parametrize("path", READMES, ids=[path.name for path in READMES])
def test_a_command_of_the_texts_is_a_target_of_the_makefile(path):
    text = path.read_text("utf-8")
    code = re.findall(r"```.*?```", text, re.DOTALL) + re.findall(r"`[^`\n]+`", text)
    named = {name for each in code for name in re.findall(r"\bmake (?:[A-Z]+=\S+ )*([a-z][a-z-]*)", each)}

    assert named <= set(DOCUMENTED)


@pytest.mark.parametrize("path", READMES, ids=[path.name for path in READMES])
def test_a_file_that_the_texts_link_to_is_there(path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8"))

    assert [link for link in links if not re.match(r"[a-z]+:", link) and not (path.parent / link).exists()] == []
