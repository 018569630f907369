"""What a unit adds beside its years: a notebook or cells of its own, pictures and data; all of it sealed, and nothing else there."""

import json
import shutil

import builds
import pytest
from nianbao.build import inputs
from nianbao.indicators.errors import InvalidInputError

pytestmark = pytest.mark.slow

SPECIMEN = ("specimen", "2025")
SCOPE = inputs.of_report(*SPECIMEN)
HEAD = ('params_path = "2025"', "import nianbao\nreport = nianbao.open(params_path)")


def _cell(number, source):
    cell = {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    if source.startswith("#"):
        cell = {key: value for key, value in cell.items() if key not in {"outputs", "execution_count"}} | {"cell_type": "markdown"}
    if source.startswith("params_path"):
        cell["metadata"] = {"tags": ["parameters"]}
    return cell


def _write(path, *sources):
    cells = [_cell(number, source) for number, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False), "utf-8")


@pytest.fixture
def project(tmp_path):
    """A project of the committed reports."""
    return builds.new_project(tmp_path / "project", units=("longtan", "specimen", "invented"))


@pytest.fixture
def unit(project):
    """The folder of a unit."""
    return project / "params" / "specimen"


def _data(unit, name, content=b"a\n1\n"):
    path = unit / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return f"params/specimen/data/{name}"


# ---- which files


@pytest.mark.parametrize("name", ["x.csv", "表 一.csv", "deep/er/x.bin", "无扩展名"])
def test_every_file_of_the_data_is_an_input(project, unit, name):
    assert _data(unit, name) in inputs.hashes(project, SCOPE)


@pytest.mark.parametrize("name", [".DS_Store", "~$x.xlsx", ".ipynb_checkpoints/x.csv"])
def test_what_editors_leave_is_no_input(project, unit, name):
    assert _data(unit, name) not in inputs.hashes(project, SCOPE)


def test_the_data_of_another_unit_is_no_input(project):
    _data(project / "params" / "longtan", "x.csv")

    assert not any("data/" in name for name in inputs.hashes(project, SCOPE))


@pytest.mark.parametrize("suffix", inputs.PICTURES)
def test_a_picture_beside_the_tables_of_a_year_is_an_input(project, unit, suffix):
    (unit / "2025" / f"photo.{suffix}").write_bytes(b"x")

    assert f"params/specimen/2025/photo.{suffix}" in inputs.hashes(project, SCOPE)


def test_a_link_out_of_the_parameters_is_refused(project, unit):
    name = _data(unit, "x.csv")
    (project / name).unlink()
    (project / name).symlink_to(project / "requirements.lock")

    with pytest.raises(InvalidInputError, match="经过链接"):
        inputs.check(project, SCOPE)


def test_a_file_may_be_larger_than_a_table_can_be_but_not_without_bound(project, unit):
    _data(unit, "x.bin", bytes(5_000_000))
    inputs.check(project, SCOPE)
    _data(unit, "y.bin", bytes(20_000_001))

    with pytest.raises(InvalidInputError, match=r"y\.bin"):
        inputs.check(project, SCOPE)


def test_there_may_not_be_more_files_than_a_report_can_be_given(project, unit):
    for number in range(1001):
        _data(unit, f"{number}.csv")

    with pytest.raises(InvalidInputError, match="1001个"):
        inputs.check(project, SCOPE)


# ---- in a report


def test_cells_of_a_unit_stand_in_the_chapter_they_name_and_read_its_data_as_from_where_they_lie(project, unit):
    name = _data(unit, "x.csv", "部门\n文广旅局\n".encode())
    words = 'words = open("data/x.csv").read().split()[1]\nassert words == "文广旅局"'
    _write(unit / "cells.ipynb", *HEAD, "# 一、总体情况", "%%prose\n这一句是本单位加的。", words)

    outputs = builds.report(project, *SPECIMEN)
    heading = outputs.page.xpath("//p[contains(., '这一句是本单位加的')]/preceding::h2[1]")[0]
    assert heading.text_content() == "一、总体情况"
    assert {name, "params/specimen/cells.ipynb", "notebooks/report-national.ipynb"} <= outputs.manifest["inputs"].keys()


def test_a_notebook_of_a_unit_is_run_in_the_place_of_the_shared_one_and_is_sealed(project, unit):
    _write(unit / "report.ipynb", *HEAD, "%%prose\n# {{ title }}", "%%prose\n只有这一句。")

    outputs = builds.report(project, *SPECIMEN)
    assert "只有这一句" in "".join(outputs.page.itertext())
    assert "params/specimen/report.ipynb" in outputs.manifest["inputs"]
    assert not any(name.startswith("notebooks/") for name in outputs.manifest["inputs"])
    assert builds.nianbao(project, "verify", *SPECIMEN).returncode == 0


def test_a_notebook_of_one_unit_changes_nothing_for_another(project):
    before = builds.report(project, "invented", "2018").manifest["outputs"]
    _write(project / "params" / "specimen" / "report.ipynb", "一派胡言")

    assert builds.report(project, "invented", "2018").manifest["outputs"] == before


def test_a_change_of_the_data_makes_the_report_anew_whether_it_is_read_or_not(project, unit):
    _data(unit, "x.csv")
    builds.report(project, *SPECIMEN)
    _data(unit, "x.csv", b"a\n2\n")

    assert "本单位的数据 x.csv 有改动" in builds.nianbao(project, "report", *SPECIMEN).stdout


REFUSED = {
    "a chapter that there is none of": (("# 一、总的情况", "%%prose\n话。"), "“# 一、总的情况”不是本表式的章"),
    "no parameters": ((), "parameters 标签"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("command", ["check", "report"])
def test_cells_without_a_place_are_refused_before_anything_is_made(project, unit, case, command):
    sources, words = REFUSED[case]
    _write(unit / "cells.ipynb", *(HEAD if sources else HEAD[1:]), *sources)

    run = builds.nianbao(project, command, *SPECIMEN)
    assert run.returncode != 0
    assert "params/specimen/cells.ipynb" in run.stderr
    assert words in run.stderr
    assert not (project / "outputs" / "specimen" / "2025" / "report.html").exists()


def test_a_notebook_and_cells_of_a_unit_are_one_too_many(project, unit):
    shutil.copyfile(project / "notebooks" / "report-national.ipynb", unit / "report.ipynb")
    _write(unit / "cells.ipynb", *HEAD)

    assert "两个之中的一个" in builds.nianbao(project, "report", *SPECIMEN).stderr


def test_a_file_that_is_not_there_is_told_with_the_path_that_was_tried_and_where_it_is_looked_for(project, unit):
    _write(unit / "cells.ipynb", *HEAD, "# 一、总体情况", 'open("data/没有.csv")')

    told = builds.nianbao(project, "report", *SPECIMEN).stderr
    assert "'data/没有.csv'" in told
    assert "params/specimen/" in told


REACHING = {
    "a web page": 'import urllib.request\nurllib.request.urlopen("http://example.com/")',
    "a table": 'import pandas\npandas.read_csv("https://example.com/x.csv")',
    "a machine": 'import socket\nsocket.create_connection(("192.0.2.1", 80))',
    "this machine": 'import socket\nsocket.socket().connect(("127.0.0.1", 80))',
    "a datagram": 'import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))',
    "a name": 'import socket\nsocket.gethostbyname("example.com")',
}


@pytest.mark.parametrize("engine", ["fork", "kernel"])
@pytest.mark.parametrize("case", REACHING)
def test_a_notebook_reaches_no_network_whatever_runs_it(project, unit, case, engine):
    _write(unit / "cells.ipynb", *HEAD, "# 一、总体情况", REACHING[case])

    run = builds.nianbao(project, "report", "--engine", engine, *SPECIMEN)
    assert run.returncode != 0
    assert "生成报告时不能联网" in run.stderr


FORGED = """
from IPython.display import display
from nianbao.page.blocks import MIMETYPE, Datum, Paragraph, to_json
shown = Datum(figure="received.total", text="99999件", value="99999", label="甲")
display({MIMETYPE: {"report": "specimen/2025", "part": "report", "findings": [], "blocks": to_json((Paragraph((shown,)),))}}, raw=True)
"""


def test_a_display_made_by_hand_that_shows_another_number_for_a_figure_is_refused(project, unit):
    _write(unit / "cells.ipynb", *HEAD, "# 一、总体情况", FORGED.strip())

    run = builds.nianbao(project, "report", *SPECIMEN)
    assert run.returncode != 0
    assert "“99999件”不是 received.total 的数" in run.stderr
