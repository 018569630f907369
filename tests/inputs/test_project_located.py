"""Which report is meant: a unit and a year, a path, or a year alone, from any folder of the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import builds
import pytest
from nianbao.indicators.errors import UnknownReportError, UnsafeNameError
from nianbao.inputs.project import located

PARAMS = Path(__file__).parents[2] / "params"


@pytest.fixture
def project(tmp_path):
    for unit, year in (("longtan", "2013"), ("invented", "2023"), ("invented", "2024"), ("specimen", "2025")):
        folder = tmp_path / "params" / unit / year
        folder.mkdir(parents=True)
        (folder / "report.yaml").write_text("")
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    (tmp_path / "outputs" / "longtan" / "2013").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    "start", [".", "notebooks", "notebooks/deep", "params", "params/longtan", "params/longtan/2013", "outputs/longtan/2013"]
)
@pytest.mark.parametrize(
    "meant",
    [("longtan", 2013), ("longtan", "2013"), ("longtan/2013", None), ("params/longtan/2013", None), (2013, None), ("2013", None),
     ("longtan", None), ("../params/longtan/2013", None), ("params/longtan", 2013), (Path("params/longtan/2013"), None)],
)  # fmt: skip
def test_a_report_is_found_from_any_folder_of_its_project(project, start, meant):
    assert located(*meant, project / start).resolve() == project / "params/longtan/2013"


def test_a_path_that_is_there_is_taken_before_a_name_of_the_project(project, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(project / "params", other / "params")
    assert located("params/longtan/2013", None, other) == other / "params/longtan/2013"
    assert located(str(other / "params/longtan/2013"), None, project) == other / "params/longtan/2013"


@pytest.mark.parametrize(
    ("meant", "words"),
    [
        (("nosuch", 2013), "没有单位“nosuch”.*invented、longtan、specimen"),
        (("longtan", 2014), "没有2014年的资料.*2013"),
        (("invented", None), "单位“invented”有几年的资料：invented 2023、invented 2024。请写明单位和年份"),
        ((2030, None), "没有2030年的资料。已有：invented 2023"),
        (("", None), "没有 .*report.yaml"),
        (("/nowhere/params/longtan/2013", None), "没有 /nowhere/params/longtan/2013"),
        (("a/b/c", None), "没有 .*a/b/c"),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(project, meant, words):
    with pytest.raises(UnknownReportError, match=words):
        located(*meant, project)


def test_a_year_alone_is_refused_where_several_units_have_it(project):
    shutil.copytree(project / "params/longtan", project / "params/yongji")
    with pytest.raises(UnknownReportError, match="有2013年资料的单位不止一个：longtan 2013、yongji 2013"):
        located(2013, None, project)


@pytest.mark.parametrize("meant", [("lon gtan", 2013), ("longtan", 13), ("longtan", "二〇一三")])
def test_a_name_that_is_no_folder_s_is_refused(project, meant):
    with pytest.raises(UnsafeNameError):
        located(*meant, project)


def test_outside_of_every_project_the_one_that_the_library_is_in_is_meant(tmp_path):
    assert located("longtan", 2013, tmp_path) == builds.ROOT / "params" / "longtan" / "2013"


def test_where_the_library_is_in_no_project_either_the_folder_that_was_searched_is_named(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "nianbao").symlink_to(builds.ROOT / "lib" / "nianbao")
    code = "import nianbao; nianbao.open('longtan', 2013)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "lib")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert f"从 {tmp_path} 往上找，没有含 params/ 的文件夹" in told.stderr
