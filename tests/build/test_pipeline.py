"""A build, end to end: what lands in outputs/, the same bytes everywhere, and good outputs that survive bad builds."""

import contextlib
import getpass
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import builds
import nianbao
import pytest
from nianbao.build import manifest, pipeline, swap
from nianbao.document import document
from nianbao.inputs.project import Project
from nianbao.render import exporters

pytestmark = pytest.mark.slow

ROOT = builds.ROOT
COMMITTED = ROOT / "outputs" / "longtan" / "2013" / "manifest.json"
TEXTS = ("report.ipynb", "figures.json", "findings.json", "manifest.json")

# ---- what is there


def test_six_files_are_there_and_nothing_else(built):
    assert sorted(path.name for path in built.folder.iterdir()) == sorted(builds.NAMES)


def test_nothing_is_left_beside_the_outputs(built):
    assert [path.name for path in (built.project / "outputs").iterdir()] == ["longtan"]


def test_the_parameters_and_the_notebook_are_left_as_they_were(built):
    for name in ("params", "notebooks"):
        for path in (built.project / name).rglob("*.*"):
            assert path.read_bytes() == (ROOT / path.relative_to(built.project)).read_bytes()


def test_the_command_names_the_six_files(built):
    assert [name for name in builds.NAMES if f"outputs/longtan/2013/{name}" not in built.run.stdout] == []


def test_the_last_line_says_that_the_report_is_final(built):
    assert built.run.stdout.splitlines()[-1].startswith("成稿：")


def test_a_build_says_nothing_on_the_error_stream(built):
    assert built.run.stderr == ""


def test_text_files_end_in_a_line_end(built):
    assert [name for name in TEXTS if not built.files[name].endswith(b"\n")] == []


def test_no_text_file_holds_a_carriage_return(built):
    assert [name for name in (*TEXTS, "report.html") if b"\r" in built.files[name]] == []


# ---- unit and year


def test_the_page_names_unit_and_year(built):
    assert built.page.findtext(".//title") == "龙潭区人民政府2013年政府信息公开工作年度报告"


def test_the_notebook_names_unit_and_year(built):
    assert (built.notebook.metadata.nianbao.unit, built.notebook.metadata.nianbao.year) == ("longtan", "2013")


def test_every_output_of_the_notebook_names_unit_and_year(built):
    payloads = [data for cell in _code(built) for output in cell.outputs for data in [output.data]]
    owners = {data["application/vnd.nianbao.blocks+json"]["report"] for data in payloads}

    assert owners == {"longtan/2013"}


def test_the_manifest_names_unit_and_year(built):
    assert (built.manifest["report"]["unit"], built.manifest["report"]["year"]) == ("longtan", "2013")


# ---- figures.json


def test_every_figure_of_the_report_is_listed_once(built):
    listed = [each["id"] for each in json.loads(built.files["figures.json"])]

    assert len(set(listed)) == len(listed)
    # 54 rows of the table in two columns, and two sums that it does not print
    assert sum(each["kind"] == "cell" for each in built.figures.values()) == 108
    assert sum(each["kind"] == "sum" for each in built.figures.values()) == 4


def test_a_figure_has_the_same_fields_each_time(built):
    fields = ["id", "label", "kind", "state", "value", "display", "unit", "formula", "inputs", "source", "note", "shown"]

    assert [each["id"] for each in built.figures.values() if list(each) != fields] == []


def test_a_value_is_an_exact_number_as_text_or_nothing(built):
    numeral = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+|/[1-9][0-9]*)?")
    wrong = [each for each in built.figures.values() if each["value"] is not None and not numeral.fullmatch(each["value"])]

    assert wrong == []


def test_a_figure_has_a_value_where_its_state_says_so(built):
    words = {"not-applicable": "不适用", "undefined": "无定义", "missing": "缺数"}
    for each in built.figures.values():
        if each["state"] == "given":
            assert each["value"] is not None or each["kind"] == "fact"
        else:
            assert (each["value"], each["display"]) == (None, words[each["state"]])


def test_every_figure_has_a_label_and_a_display(built):
    assert [each["id"] for each in built.figures.values() if not each["label"] or not each["display"]] == []


def test_a_declared_figure_says_where_it_comes_from_and_a_computed_one_how(built):
    for each in built.figures.values():
        declared = each["kind"] in {"cell", "fact", "published"}

        assert bool(each["source"]) == declared, each["id"]
        assert bool(each["formula"]) != declared, each["id"]


def test_the_source_of_a_cell_is_its_line_in_the_table(built):
    lines = (built.project / "params/longtan/2013/statistics.csv").read_text("utf-8-sig").splitlines()
    for each in built.figures.values():
        if each["kind"] == "cell":
            line, column = re.fullmatch(r"params/longtan/2013/statistics.csv 第(\d+)行 ([EF])\1", each["source"]).groups()

            assert lines[int(line) - 1].split(",")["ABCDEF".index(column)] == (each["value"] or "-")


def test_the_inputs_of_a_formula_are_the_figures_it_names(built):
    for each in built.figures.values():
        names = re.findall(r"[A-Za-z]\w*(?:\.\w+)+", each["formula"])

        assert sorted(set(names)) == sorted(set(each["inputs"])), each["id"]
        assert set(names) <= set(built.figures), each["id"]


def test_a_stranger_computes_every_value_from_its_formula(built):
    values = {each["id"]: Fraction(each["value"]) for each in built.figures.values() if each["value"]}
    for each in built.figures.values():
        if each["formula"] and each["state"] == "given":
            assert _evaluated(each["formula"], values) == values[each["id"]], each["id"]


def test_a_percentage_is_its_value_rounded_half_up_to_two_decimals(built):
    shares = [each for each in built.figures.values() if each["kind"] in {"share", "rate"} and each["state"] == "given"]
    with localcontext() as context:
        context.prec = 60
        for each in shares:
            value = Fraction(each["value"]) * 100
            exact = Decimal(value.numerator) / value.denominator

            assert each["display"] == f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


def test_the_places_where_a_figure_is_shown_are_in_the_page(built):
    elements = {each.get("id"): each for each in built.page.iter("data")}
    listed = [(each["id"], place) for each in built.figures.values() for place in each["shown"]["html"]]

    assert sorted(place for _id, place in listed) == sorted(elements)
    assert [place for figure, place in listed if elements[place].get("data-figure") != figure] == []


def test_the_page_shows_a_figure_as_it_is_listed(built):
    for each in built.figures.values():
        number = each["display"].removesuffix(each["unit"]) if each["unit"] != "%" else each["display"]
        shown = {"" if each["state"] == "missing" else "-" if each["state"] == "not-applicable" else number, each["display"]}
        for place in each["shown"]["html"]:
            element = built.page.get_element_by_id(place)

            assert element.text_content() in shown
            assert element.get("value") == (each["value"] or element.text_content())


def test_the_cells_that_show_a_figure_are_in_the_notebook(built):
    ids = {cell.id for cell in built.notebook.cells}

    assert {cell for each in built.figures.values() for cell in each["shown"]["cells"]} <= ids


def test_a_figure_that_a_chart_draws_is_listed(built):
    drawn = set(built.page.xpath("//*[local-name()='svg']//@data-figure"))

    assert len(drawn) > 20
    assert drawn <= set(built.figures)


def test_every_cell_of_the_table_is_shown(built):
    assert [each["id"] for each in built.figures.values() if each["kind"] == "cell" and not each["shown"]["html"]] == []


# ---- findings.json


def test_a_finding_has_the_same_fields_each_time(built):
    fields = ["id", "rule", "severity", "accepted", "reason", "cells", "left", "right", "difference", "implied", "sentence"]

    assert [each["id"] for each in built.findings if list(each) != fields] == []


def test_the_cells_and_implied_values_of_a_finding_are_figures(built):
    named = {cell for each in built.findings for cell in [*each["cells"], *(offer["cell"] for offer in each["implied"])]}

    assert named <= set(built.figures)


def test_the_difference_of_a_finding_is_left_less_right(built):
    for each in built.findings:
        assert Fraction(each["left"]) - Fraction(each["right"]) == Fraction(each["difference"])


def test_the_findings_of_2013_are_its_four_faults_and_six_percentages_all_accepted(built):
    assert [each["id"] for each in built.findings if each["severity"] == "error"] == [
        "J02.cumulative",
        "J08.cumulative",
        "J11.cumulative",
        "J90.disclosed.district",
    ]
    assert [each["rule"] for each in built.findings if each["severity"] != "error"] == ["P01"] * 6
    assert all(each["accepted"] and each["reason"] for each in built.findings)


def test_the_implied_value_of_the_first_fault_is_4767(built):
    assert built.findings[0]["implied"][0] == {"cell": "disclosed.district.cumulative", "value": "4767"}


def test_an_accepted_finding_stands_in_the_annex_with_its_reason(built):
    (annex,) = [table for table in built.page.iter("table") if "认可" in (table.findtext("caption") or "")]

    assert "4767" in annex.text_content()
    assert "照录不改" in annex.text_content()


# ---- manifest.json


def test_the_hashes_of_the_outputs_are_those_of_the_files(built):
    assert built.manifest["outputs"] == {
        name: hashlib.sha256(content).hexdigest() for name, content in sorted(built.files.items()) if name != "manifest.json"
    }


def test_the_hashes_of_the_inputs_are_those_of_the_files(built):
    library = Path(nianbao.__file__).parent
    for name, digest in built.manifest["inputs"].items():
        home = library if name.startswith("forms/") else built.project

        assert hashlib.sha256((home / name).read_bytes()).hexdigest() == digest, name


def test_parameters_notebook_lock_and_the_form_used_are_inputs(built):
    folder = built.project / "params" / "longtan" / "2013"
    own = {path.relative_to(built.project).as_posix() for path in folder.iterdir() if path.name != "published.txt"}

    assert set(built.manifest["inputs"]) == own | {"notebooks/report-jilin.ipynb", "requirements.lock", "forms/jilin-2013.yaml"}


def test_every_file_of_a_sealed_part_is_in_its_hash(built):
    library = Path(nianbao.__file__).parent
    files = [path for path in library.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    parts = {}
    for path in files:
        folder, _slash, _rest = path.relative_to(library).as_posix().rpartition("/")[0].partition("/")
        shown = path.relative_to(library / folder).as_posix()
        parts.setdefault(folder or "nianbao", []).append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {shown}\n")
    expected = {
        part: hashlib.sha256("".join(sorted(lines, key=lambda line: line.split("  ")[1])).encode()).hexdigest()
        for part, lines in parts.items()
        if part in manifest.SEALED
    }

    assert built.manifest["library"] == expected


def test_every_figure_is_in_the_manifest_as_text(built):
    expected = {each["id"]: {"value": each["value"], "display": each["display"]} for each in built.figures.values()}

    assert built.manifest["figures"] == expected
    assert {type(each[key]) for each in expected.values() for key in each} <= {str, type(None)}


@pytest.mark.parametrize("name", TEXTS)
def test_no_path_host_user_or_clock_time_is_told(built, name):
    text = built.files[name].decode()
    names = {str(built.project), str(ROOT), sys.prefix, str(Path.home()) + "/", f"/{getpass.getuser()}/", "/tmp/"}

    assert [each for each in names if each in text] == []
    assert re.search(rf"\b{re.escape(socket.gethostname())}\b", text) is None
    assert re.search(r"\d\d:\d\d:\d\d|T\d\d:\d\d", text) is None


def test_the_committed_manifest_is_that_of_a_fresh_build(built):
    committed, fresh = json.loads(COMMITTED.read_text("utf-8")), dict(built.manifest)
    del committed["environment"], fresh["environment"]

    assert committed == fresh


# ---- the executed notebook


def test_the_executed_notebook_ran_once_from_top_to_bottom(built):
    counts = [cell.execution_count for cell in _code(built)]

    assert counts == list(range(1, len(counts) + 1))


def test_the_executed_notebook_is_the_source_and_one_injected_cell(built):
    source = json.loads((built.project / "notebooks" / builds.NOTEBOOK).read_text("utf-8"))["cells"]
    executed = [(cell.id, cell.source) for cell in built.notebook.cells]

    assert [each for each in executed if each[0] != "injected-parameters"] == [
        (cell["id"], "".join(cell["source"])) for cell in source
    ]
    assert [cell for cell, _source in executed].count("injected-parameters") == 1


def test_the_executed_notebook_holds_nothing_of_the_run(built):
    assert set(built.notebook.metadata) == {"kernelspec", "language_info", "nianbao"}
    assert {key for cell in built.notebook.cells for key in cell.metadata} == {"tags"}


def test_figures_travel_inside_the_outputs_of_the_notebook(built):
    assert "disclosed.district.year.share" in json.dumps([cell.outputs for cell in _code(built)])


# ---- the same bytes everywhere


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The same report built by another user in another place, with settings of his own that would change it."""
    base = tmp_path_factory.mktemp("elsewhere")
    home = base / "家" / "someone else"
    own = {
        ".ipython/profile_default/startup/00-hello.py": "print('hello')\nimport pandas as pd",
        ".ipython/profile_default/ipython_config.py": "c.InteractiveShell.ast_node_interactivity = 'all'",
        ".config/matplotlib/matplotlibrc": "font.size: 30\nsvg.fonttype: path\naxes.facecolor: red\n",
        ".local/share/jupyter/kernels/python3/kernel.json": '{"argv": ["false"], "display_name": "Mine", "language": "python"}',
        ".local/share/jupyter/nbconvert/templates/html/index.html.j2": "mine",
        ".jupyter/jupyter_nbconvert_config.py": "c.TemplateExporter.exclude_output = True",
    }
    for name, text in own.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, "utf-8")
    project = builds.new_project(base / "a" / "b" / "c d" / "报告")
    (project / "params" / "longtan" / "2013" / "report.yaml").touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "XDG_", "PYTHON"))}
    environment |= {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "HOME": str(home), "USER": "someone"}
    environment |= {"LOGNAME": "someone", "COLUMNS": "40", "SOURCE_DATE_EPOCH": "1", "TMPDIR": str(home), "MPLBACKEND": "svg"}
    arguments = ("--project", str(project), "report", "longtan", "2013")
    run = builds.nianbao(base, *arguments, env=environment, umask=0o077)
    assert run.returncode == 0, run.stderr
    return builds.Outputs(project, "longtan", "2013", run), home


@pytest.mark.parametrize("name", builds.NAMES)
def test_another_user_place_time_zone_locale_and_hash_seed_give_the_same_bytes(built, elsewhere, name):
    assert elsewhere[0].files[name] == built.files[name]


def test_the_command_speaks_chinese_in_the_c_locale(elsewhere):
    assert elsewhere[0].run.stdout.splitlines()[-1].startswith("成稿：")


def test_a_build_leaves_nothing_in_the_folder_for_temporary_files(elsewhere):
    assert [path.name for path in elsewhere[1].iterdir() if not path.name.startswith(".")] == []


# ---- a cell that fails


@pytest.fixture(scope="module")
def failed(built, tmp_path_factory):
    """A build of a project with good outputs whose notebook raises."""
    project = _copied(built, tmp_path_factory)
    builds.edit(project, "chart-content", 'report.bars("no_such_row", caption="x")')
    return project, builds.nianbao(project, "report", "longtan", "2013")


def test_a_failing_cell_ends_the_command_with_2(failed):
    assert failed[1].returncode == 2


def test_a_failing_cell_is_shown_on_the_terminal_with_its_reason(failed):
    for words in (
        "（二）公开的内容",
        'report.bars("no_such_row", caption="x")',
        "  原因：",
        "“no_such_row”",
        "上一次的成果没有改动",
    ):
        assert words in failed[1].stderr
    assert "Traceback" not in failed[1].stderr


def test_a_failing_cell_leaves_the_last_good_outputs_as_they_were(built, failed):
    assert builds.hashes(failed[0] / "outputs/longtan/2013") == builds.hashes(built.folder)


def test_the_failed_notebook_lies_beside_the_good_outputs_with_its_error(failed):
    (left,) = [path for path in (failed[0] / "outputs/longtan/2013").iterdir() if path.name not in builds.NAMES]
    cells = json.loads(left.read_text("utf-8"))["cells"]

    assert left.name == "report.failed.ipynb"
    assert [cell["id"] for cell in cells if any(each["output_type"] == "error" for each in cell.get("outputs", []))] == [
        "chart-content"
    ]
    assert "outputs/longtan/2013/report.failed.ipynb" in failed[1].stderr


def test_a_failing_cell_leaves_no_scratch_folder(failed):
    assert [path.name for path in (failed[0] / "outputs").iterdir()] == ["longtan"]


# ---- a build that is killed


def _started(project, tmp_path, **options):
    """Start a build and return it while its notebook runs."""
    marker = tmp_path / "running"
    builds.edit(project, "title", f"import pathlib, time\npathlib.Path({str(marker)!r}).touch()\ntime.sleep(60)")
    command = [builds.COMMAND, "report", "longtan", "2013"]
    build = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **options)
    until = time.monotonic() + 30
    while not marker.exists() and build.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert marker.exists()
    return build


@pytest.fixture(scope="module")
def killed(built, tmp_path_factory):
    """A project whose build was killed while its notebook ran, and what it left."""
    project = _copied(built, tmp_path_factory)
    build = _started(project, tmp_path_factory.mktemp("marker"), env={**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("tmp"))})
    build.kill()
    build.communicate()
    return project, builds.hashes(project / "outputs/longtan/2013"), sorted(path.name for path in (project / "outputs").iterdir())


def test_a_killed_build_leaves_the_last_good_outputs_as_they_were(built, killed):
    assert killed[1] == builds.hashes(built.folder)


def test_the_next_build_clears_what_a_killed_one_left(built, killed):
    project, _hashes, left = killed
    assert len(left) == 2
    (project / "outputs/longtan/2013/report.failed.ipynb").write_text("{}")
    (project / "notebooks" / builds.NOTEBOOK).write_bytes((built.project / "notebooks" / builds.NOTEBOOK).read_bytes())

    builds.report(project)

    assert [path.name for path in (project / "outputs").iterdir()] == ["longtan"]
    assert sorted(path.name for path in (project / "outputs/longtan/2013").iterdir()) == sorted(builds.NAMES)
    assert builds.hashes(project / "outputs/longtan/2013") == builds.hashes(built.folder)


def test_an_interrupted_build_says_so_and_cleans_up(built, workshop, tmp_path):
    build = _started(workshop, tmp_path, start_new_session=True)
    os.killpg(build.pid, signal.SIGINT)
    _out, errors = build.communicate(timeout=30)

    assert build.returncode in {2, 130}
    assert "上一次的成果没有改动" in errors
    assert "Traceback" not in errors
    assert [path.name for path in (workshop / "outputs").iterdir()] == ["longtan"]
    assert builds.hashes(workshop / "outputs/longtan/2013") == builds.hashes(built.folder)


# ---- a disk that is full or cannot be written


def _one_line_and_nothing_lost(run, project, built):
    lines = run.stderr.splitlines()
    assert run.returncode == 2
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("nianbao：")
    assert builds.hashes(project / "outputs/longtan/2013") == builds.hashes(built.folder)


def test_a_notebook_that_cannot_be_written_whole_leaves_the_good_outputs(built, workshop):
    most = 200_000  # bytes, less than the executed notebook
    run = builds.nianbao(
        workshop, "report", "longtan", "2013", "--force", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    )

    _one_line_and_nothing_lost(run, workshop, built)
    assert [path.name for path in (workshop / "outputs").iterdir()] == ["longtan"]


@contextlib.contextmanager
def _mounted(folder, size):
    """Put a small disk where *folder* is, with the same files on it; only root can."""
    saved = folder.with_name("saved")
    folder.rename(saved)
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True, check=False).returncode:
        pytest.skip("needs a user who can mount a small disk")
    try:
        subprocess.run(["cp", "-r", f"{saved}/.", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_leaves_the_good_outputs(built, workshop):
    with _mounted(workshop / "outputs", "4m"):
        run = builds.nianbao(workshop, "report", "longtan", "2013", "--force")

        _one_line_and_nothing_lost(run, workshop, built)
        assert "No space left" in run.stderr or "空间" in run.stderr


def test_a_disk_that_cannot_be_written_leaves_the_good_outputs(built, workshop):
    with _mounted(workshop / "outputs", "9m"):
        subprocess.run(["mount", "-o", "remount,ro", workshop / "outputs"], check=True)
        run = builds.nianbao(workshop, "report", "longtan", "2013", "--force")

        _one_line_and_nothing_lost(run, workshop, built)


# ---- a report that is not the one asked for


def test_a_notebook_that_speaks_for_another_unit_is_refused(built, workshop, tmp_path):
    other = tmp_path / "elsewhere" / "other" / "2013"
    shutil.copytree(workshop / "params/longtan/2013", other)
    builds.replace(other / "report.yaml", "unit: longtan", "unit: other")
    builds.edit(workshop, "open", f"import nianbao\n\nreport = nianbao.open({str(other)!r})\nreport")

    run = builds.nianbao(workshop, "report", "longtan", "2013")

    assert run.returncode == 2
    assert "other/2013" in run.stderr
    assert "longtan/2013" in run.stderr
    assert builds.hashes(workshop / "outputs/longtan/2013") == builds.hashes(built.folder)


# ---- a draft


@pytest.fixture(scope="module")
def draft(tmp_path_factory):
    """The 2013 report with a fault that nobody has accepted."""
    project = builds.new_project(tmp_path_factory.mktemp("draft"))
    path = project / "params/longtan/2013/report.yaml"
    text = path.read_text("utf-8")
    path.write_text(re.sub(r"  - finding: J08\.cumulative\n(?:    .*\n)+", "", text), "utf-8")
    return builds.report(project)


def test_a_draft_is_built_and_the_last_line_says_that_it_is_one(draft):
    assert draft.run.stdout.splitlines()[-1].startswith("草稿：有1个问题没有处理，不得公布")


def test_a_draft_names_its_open_finding_on_the_terminal(draft):
    assert "J08.cumulative" in draft.run.stdout


def test_the_page_of_a_draft_opens_with_a_banner_that_lists_the_finding(draft):
    (banner,) = draft.page.xpath("//section[@class='notice']")

    assert "草稿" in banner.text_content()
    assert "84525" in banner.text_content()
    assert banner.getnext().tag == "nav"


def test_the_pdf_of_a_draft_says_so_on_the_first_page_and_on_every_folio(draft, poppler):
    assert poppler
    pages = draft.pdf_text.split("\f")[:-1]

    assert "草稿：有1个问题没有处理，不得公布" in builds.squeezed(pages[0])
    assert [number for number, page in enumerate(pages, 1) if "草稿不得公布" not in builds.squeezed(page)] == []


def test_the_manifest_of_a_draft_says_so(draft):
    assert draft.manifest["report"]["draft"] is True


def test_a_final_report_has_no_banner(built):
    assert built.page.xpath("//section[@class='notice']") == []
    assert built.manifest["report"]["draft"] is False


# ---- a character that no face has


def test_a_character_that_no_face_has_makes_a_draft_and_is_named(workshop):
    builds.replace(workshop / "params/longtan/2013/report.yaml", "text: 几十面", "text: 几十面😀")

    run = builds.nianbao(workshop, "report", "longtan", "2013")

    assert run.returncode == 0
    assert "〔U+1F600〕" in run.stdout
    assert "草稿" in run.stdout


# ---- a table that the form does not have


def test_a_table_that_is_no_text_is_told_by_its_name(workshop):
    (workshop / "params/longtan/2013/old.csv").write_bytes("旧表".encode("gbk"))

    run = builds.nianbao(workshop, "report", "longtan", "2013")

    assert (run.returncode, "params/longtan/2013/old.csv 第1行：不是 UTF-8 编码（可能是 GBK）" in run.stderr) == (2, True)


@pytest.mark.parametrize("content", [b"\xff", b"[" * 100_000])
def test_a_notebook_that_is_none_is_told_by_its_name(workshop, content):
    (workshop / "notebooks/report-jilin.ipynb").write_bytes(content)

    run = builds.nianbao(workshop, "report", "longtan", "2013")

    assert (run.returncode, "notebooks/report-jilin.ipynb：不是有效的笔记本" in run.stderr) == (2, True)


# ---- helpers


def _code(outputs):
    return [cell for cell in outputs.notebook.cells if cell.cell_type == "code"]


def _copied(built, tmp_path_factory):
    return Path(shutil.copytree(built.project, tmp_path_factory.mktemp("spoilt") / "project"))


def _evaluated(formula, values):
    """Work out *formula*: figure ids and whole numbers joined by `+ - * /`, brackets, and `rounded(x, places)`."""

    def rounded(value, places):
        scaled = abs(value) * 10 ** int(places)
        return Fraction((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator), 10 ** int(places)) * (
            1 if value >= 0 else -1
        )

    terms = re.sub(r"[A-Za-z]\w*(?:\.\w+)+", lambda found: f"value[{found.group()!r}]", formula)
    terms = re.sub(r"(?<![\w.'\[])\d+(?![\w'])", lambda found: f"Fraction({found.group()})", terms)
    assert re.fullmatch(r"(value\['[\w.]+'\]|Fraction\(\d+\)|rounded\(|[-+*/(), ])+", terms), formula
    return eval(terms, {"__builtins__": {}}, {"value": values, "Fraction": Fraction, "rounded": rounded})


def test_the_helper_of_these_tests_works_formulas_out():
    values = {"a.b": Fraction(1, 3), "J02.c": Fraction(2)}

    assert _evaluated("a.b + J02.c - 1", values) == Fraction(4, 3)
    assert _evaluated("rounded(100 * a.b, 2)", values) == Fraction("33.33")


# ---- once


def test_the_blocks_of_each_cell_are_read_once_and_the_rules_run_once(forms, tmp_path, monkeypatch):
    counts = Counter()
    for module, name in ((exporters, "_of_cell"), (document.rules, "run")):
        monkeypatch.setattr(module, name, _counting(getattr(module, name), counts, name))
    project = Project(builds.new_project(tmp_path / "project"))
    with swap.scratch(project.outputs) as scratch:
        job = pipeline.ReportJob(project, "longtan", "2013", scratch, forms)
        # In this process; the notebook's own runs them for itself.
        job.run(None, progress=False)
        job.made()

    assert counts == {"_of_cell": len(job.source.notebook.cells) + 1, "run": 1}


def _counting(function, counts, name):
    def counted(*given, **named):
        counts[name] += 1
        return function(*given, **named)

    return counted
