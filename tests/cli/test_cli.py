"""The `nianbao` command: what it says, and the code it ends with."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version

import builds
import pytest

ENGLISH = re.compile(r"[A-Za-z]{3,}(?: [a-z']+){2,}")


@pytest.fixture
def project(tmp_path):
    """A project with the parameters of 2013 and nothing built."""
    return builds.new_project(tmp_path / "inside" / "project")


def _tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def _refused(run):
    """Return the one line that a refusal is."""
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith("nianbao：")
    assert run.stdout == ""
    return line


# ---- names of units and years


@pytest.mark.parametrize("command", ["report", "check"])
def test_an_unknown_unit_is_told_which_units_there_are_and_what_to_type(run, project, command):
    line = _refused(run(project, command, "nowhere", "2013"))

    assert "没有单位“nowhere”" in line
    assert "已有单位：longtan" in line
    assert "make report UNIT=longtan YEAR=2013" in line


@pytest.mark.parametrize("command", ["report", "check"])
def test_an_unknown_year_is_told_which_years_there_are_and_what_to_type(run, project, command):
    line = _refused(run(project, command, "longtan", "2010"))

    assert "没有2010年的资料" in line
    assert "已有年份：2013" in line
    assert "make report UNIT=longtan YEAR=2013" in line


@pytest.mark.parametrize("unit", ["../../x", "..", ".", "/etc", "a/b", "longtan/..", "longtan/", "", "\\x", "~", "C:x", "x" * 200])
def test_a_unit_that_is_a_path_is_refused(run, project, unit):
    line = _refused(run(project, "report", "--", unit, "2013"))

    assert "不是文件夹名" in line
    assert "已有单位：longtan" in line


@pytest.mark.parametrize("year", ["../2013", "2013/..", "/2013", "13", "02013", "２０１３", "", "二〇一三", "-2013", "1899"])
def test_a_year_that_is_no_year_is_refused(run, project, year):
    line = _refused(run(project, "report", "--", "longtan", year))

    assert "不是四位数的年份" in line
    assert "已有年份：2013" in line


@pytest.mark.parametrize(("unit", "year"), [("longtan\n", "2013"), ("longtan", "2013\n"), ("long\0tan", "2013")])
def test_a_name_with_a_control_character_is_refused(run, project, unit, year):
    told = run(project, "report", "--", unit, year)

    assert told.returncode == 2
    assert told.stderr.startswith("nianbao：")


def test_what_is_refused_writes_nothing_anywhere(run, project, tmp_path):
    (tmp_path / "x" / "2013").mkdir(parents=True)
    shutil.copytree(project / "params/longtan/2013", project / "params" / "x" / "2013")
    before = _tree(tmp_path)

    for unit in ("../../x", "../x", str(tmp_path / "x"), "nowhere"):
        run(project, "report", "--", unit, "2013")

    assert _tree(tmp_path) == before


def test_a_unit_that_leads_out_of_outputs_is_refused(run, project, tmp_path):
    outside = tmp_path / "outside"
    (outside / "2013").mkdir(parents=True)
    (outside / "2013" / "mine.txt").write_text("mine")
    (project / "outputs").mkdir()
    (project / "outputs" / "longtan").symlink_to(outside)

    line = _refused(run(project, "report", "longtan", "2013"))

    assert "outputs/longtan" in line
    assert "之外" in line
    assert _tree(outside) == ["2013", "2013/mine.txt"]


def test_a_year_that_leads_out_of_outputs_is_refused(run, project, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / "outputs" / "longtan").mkdir(parents=True)
    (project / "outputs" / "longtan" / "2013").symlink_to(outside)

    line = _refused(run(project, "report", "longtan", "2013"))

    assert "之外" in line
    assert _tree(outside) == []


@pytest.mark.slow
def test_outputs_that_are_a_link_to_another_report_are_refused(project):
    other = project / "outputs" / "other" / "2013"
    other.mkdir(parents=True)
    (other / "report.html").write_text("other")
    link = project / "outputs" / "longtan" / "2013"
    link.parent.mkdir()
    link.symlink_to(other)

    # A whole build, where it is not refused: that is what this is about.
    line = _refused(builds.nianbao(project, "report", "longtan", "2013"))

    assert "outputs/longtan/2013" in line
    assert link.is_symlink()
    assert _tree(other) == ["report.html"]


def test_a_folder_that_is_no_project_is_told_so(run, tmp_path):
    line = _refused(run(tmp_path, "report", "longtan", "2013"))

    assert "params/" in line
    assert _tree(tmp_path) == []


def test_a_project_without_its_notebook_is_told_which_one(run, project):
    (project / "notebooks" / builds.NOTEBOOK).unlink()

    told = run(project, "report", "longtan", "2013")

    assert told.returncode == 2
    assert told.stderr.splitlines() == [f"nianbao：没有笔记本 notebooks/{builds.NOTEBOOK}。"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 1}', "\x00"])
def test_a_notebook_that_is_none_is_told_so(run, project, text):
    (project / "notebooks" / builds.NOTEBOOK).write_text(text, "utf-8")

    told = run(project, "check", "longtan", "2013")

    assert told.returncode == 2
    assert f"notebooks/{builds.NOTEBOOK}" in told.stderr
    assert "Traceback" not in told.stderr


# ---- check


def test_check_ends_with_0_where_every_error_is_accepted(run, project):
    told = run(project, "check", "longtan", "2013")

    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[-1].endswith("未认可的错误0个，其他待处理0个，已认可10个。")


def test_check_lists_the_findings_with_their_marks(run, project):
    lines = run(project, "check", "longtan", "2013").stdout.splitlines()

    assert sum(line.startswith("已认可　") for line in lines) == 10
    assert any("J02.cumulative" in line and "4767" in line for line in lines)


def test_check_says_which_rules_need_last_year(run, project):
    assert "未核对　J91：需要上一年的资料（params/longtan/2012）。" in run(project, "check", "longtan", "2013").stdout


def test_check_ends_with_1_where_an_error_is_not_accepted(run, project):
    builds.replace(
        project / "params/longtan/2013/statistics.csv", "乡镇街道公开信息数,条,9846,1612", "乡镇街道公开信息数,条,9846,1611"
    )

    told = run(project, "check", "longtan", "2013")

    assert (told.returncode, told.stderr) == (1, "")
    assert "错误　J02.year" in told.stdout
    assert "未认可的错误1个" in told.stdout.splitlines()[-1]


def test_check_ends_with_0_where_only_a_warning_waits(run, project):
    builds.replace(project / "params/longtan/2013/report.yaml", 'text: "14.43"', 'text: "14.53"')

    told = run(project, "check", "longtan", "2013")

    assert (told.returncode, told.stderr) == (0, "")
    assert "警告　P01.staff.full_time.share" in told.stdout
    assert "其他待处理1个" in told.stdout.splitlines()[-1]


def test_check_finds_a_number_typed_by_hand_in_the_notebook(run, project):
    builds.edit(project, "appendix", "%%prose\n共收到1345件。")

    told = run(project, "check", "longtan", "2013")

    assert told.returncode == 1
    assert "1345" in told.stdout


def test_check_writes_nothing(run, project):
    before = _tree(project)
    run(project, "check", "longtan", "2013")

    assert _tree(project) == before


# ---- bad input


@pytest.mark.parametrize("command", ["report", "check"])
def test_bad_input_lists_every_problem_of_every_file_and_ends_with_2(run, project, command):
    folder = project / "params/longtan/2013"
    builds.replace(
        folder / "statistics.csv",
        "条,14613,2565\n二、主动公开情况,公开数量,其中",
        '条,"14,613",２５６５\n二、主动公开情况,公开数量,其中',
    )
    builds.replace(folder / "report.yaml", "province: 吉林省\n", "province: 吉林省\ncolour: red\n")
    builds.replace(folder / "narrative.md", "# 六、主要问题", "# 六、重要问题")
    before = _tree(project / "params")

    told = run(project, command, "longtan", "2013")

    assert told.returncode == 2
    for words in ("statistics.csv 第7行", "14,613", "千位分隔符", "２５６５", "全角数字", "report.yaml 第", "colour"):
        assert words in told.stderr
    assert "Traceback" not in told.stderr
    assert _tree(project / "params") == before


def test_a_placeholder_that_names_nothing_is_told_with_its_line_and_a_near_name(run, project):
    builds.replace(project / "params/longtan/2013/narrative.md", "{{ facts.departments }}", "{{ facts.departmets }}")

    told = run(project, "report", "longtan", "2013")

    assert told.returncode == 2
    assert re.search(r"narrative\.md 第\d+行", told.stderr)
    assert "departments" in told.stderr


@pytest.mark.parametrize(("name", "words"), [("narrative.md", "第五，推动"), ("report.yaml", "几十面")])
@pytest.mark.parametrize("character", ["\u202e", "\u2067"])
def test_a_character_that_turns_the_reading_order_is_refused(run, project, name, words, character):
    # After it a page shows 2565 as 5652.
    builds.replace(project / "params/longtan/2013" / name, words, character + words)

    told = run(project, "check", "longtan", "2013")

    assert told.returncode == 2
    assert f"U+{ord(character):04X}" in told.stderr


def test_bad_input_leaves_no_scratch_folder(run, project):
    (project / "params/longtan/2013/report.yaml").write_text("", "utf-8")

    assert run(project, "report", "longtan", "2013").returncode == 2
    assert not list((project / "outputs").glob("*")) or not (project / "outputs").exists()


# ---- the command itself


def test_the_version_is_that_of_the_package(run, tmp_path):
    told = run(tmp_path, "--version")

    assert (told.returncode, told.stdout) == (0, f"nianbao {version('nianbao')}\n")


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"], ["check", "-h"]])
def test_the_help_says_in_chinese_what_the_command_does(run, tmp_path, arguments):
    told = run(tmp_path, *arguments)

    assert told.returncode == 0
    assert re.search(r"报告|核对", told.stdout)


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"], ["check", "-h"]])
def test_the_help_has_no_english_sentence(run, tmp_path, arguments):
    assert ENGLISH.findall(run(tmp_path, *arguments).stdout) == []


@pytest.mark.parametrize(
    "arguments", [[], ["report"], ["report", "longtan"], ["build"], ["report", "longtan", "2013", "x"], ["--colour"]]
)
def test_a_command_that_cannot_be_read_ends_with_2_and_says_so_in_chinese(run, tmp_path, arguments):
    told = run(tmp_path, *arguments)

    assert told.returncode == 2
    assert ENGLISH.findall(told.stderr) == []
    assert re.search(r"[\u4e00-\u9fff]{2,}", told.stderr.splitlines()[-1])


def test_the_folder_of_the_project_is_the_one_where_the_command_is_typed(project):
    assert builds.nianbao(project, "check", "longtan", "2013").returncode == 0


def test_the_module_is_the_command(project):
    command = [sys.executable, "-m", "nianbao", "check", "longtan", "2010"]
    told = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False)

    assert told.returncode == 2
    assert told.stderr.startswith("nianbao：")


@pytest.mark.parametrize("arguments", [["--help"], ["check", "无此单位", "2013"], ["check", "--", "longtan", "../2013"]])
def test_chinese_is_written_as_utf8_whatever_the_terminal_is_said_to_be(project, arguments):
    told = builds.nianbao(project, *arguments, env={**os.environ, "PYTHONIOENCODING": "ascii"})

    assert "Traceback" not in told.stderr
    assert re.search(r"[\u4e00-\u9fff]{2,}", told.stdout + told.stderr)


def test_a_reader_that_goes_away_is_no_bug(project):
    told = subprocess.run(
        f"'{builds.COMMAND}' check longtan 2013 | head -n 1",
        cwd=project,
        shell=True,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert "Traceback" not in told.stderr
