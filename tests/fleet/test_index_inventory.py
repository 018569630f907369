"""What lies in outputs/: what is believed of it, and what is said where it cannot be."""

import json
import os

import builds
import pytest
from nianbao.fleet import index
from nianbao.inputs.project import Project

WAITS = {"severity": "error", "accepted": False}
TELLS = {"severity": "info", "accepted": False}
ACCEPTED = {"severity": "warning", "accepted": True}


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def _entry(project):
    return index.entry(project, "unit", "2025")


def _verdict(folder, *, same=1, differs=0, skipped=0):
    counts = {"输出文件": {"相同": same, "不同": differs, "未核对": skipped}}
    (folder / "verdict.json").write_text(json.dumps({"counts": counts}), "utf-8")


@pytest.mark.parametrize(("draft", "state"), [(False, "成稿"), (True, "草稿")])
def test_a_report_is_what_its_manifest_says(project, draft, state):
    builds.lay(project.root, "unit", "2025", draft=draft)

    assert (_entry(project).state, _entry(project).doubt) == (state, "")


def test_findings_are_counted_by_whether_they_wait(project):
    builds.lay(project.root, "unit", "2025", findings=[WAITS, WAITS, TELLS, ACCEPTED])

    assert (_entry(project).waiting, _entry(project).accepted) == (2, 1)


@pytest.mark.parametrize("text", ["[]", "[{}]", "{", ""])
def test_findings_that_the_manifest_does_not_hold_are_not_counted(project, text):
    (builds.lay(project.root, "unit", "2025", findings=[WAITS]) / "findings.json").write_text(text, "utf-8")

    assert (_entry(project).waiting, _entry(project).doubt) == (None, "findings.json 与清单不符")


def test_findings_that_are_gone_are_not_counted(project):
    (builds.lay(project.root, "unit", "2025") / "findings.json").unlink()

    assert (_entry(project).waiting, _entry(project).doubt) == (None, "findings.json 不能读取")


def test_parameters_without_outputs_are_a_report_still_to_be_built(project):
    (project.root / "params/unit/2025").mkdir(parents=True)

    assert [(each.unit, each.year, each.state) for each in index.entries(project).values()] == [("unit", "2025", "未生成")]


def test_outputs_whose_parameters_have_gone_are_still_there(project):
    builds.lay(project.root, "unit", "2025")

    assert [(each.unit, each.state) for each in index.entries(project).values()] == [("unit", "成稿")]


def test_a_manifest_alone_is_no_report(project):
    builds.lay(project.root, "unit", "2025", pages=())

    assert (_entry(project).state, _entry(project).doubt) == ("未生成", "只有清单，没有成果文件")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000, b'{"schema": 2, "report": {}}'])
def test_a_manifest_that_is_none_is_told(project, content):
    (builds.lay(project.root, "unit", "2025") / "manifest.json").write_bytes(content)

    assert _entry(project).state == "清单损坏"
    assert "manifest.json" in _entry(project).doubt


def test_a_manifest_without_the_hashes_of_the_library_is_none(project):
    path = builds.lay(project.root, "unit", "2025") / "manifest.json"
    held = json.loads(path.read_text("utf-8"))
    del held["library"]
    path.write_text(json.dumps(held), "utf-8")

    assert _entry(project).state == "清单损坏"


@pytest.mark.parametrize(("schema", "age"), [(1, "旧"), (99, "新")])
def test_a_manifest_of_another_version_is_told_as_one_and_not_as_spoilt(project, schema, age):
    builds.age(builds.lay(project.root, "unit", "2025") / "manifest.json", schema)

    assert _entry(project).state == "清单版本不同"
    assert _entry(project).doubt.startswith(f"manifest.json 是{age}版程序写的（清单第{schema}版，本程序是第2版）：")


def test_a_manifest_of_another_version_alone_is_no_report(project):
    builds.age(builds.lay(project.root, "unit", "2025", pages=()) / "manifest.json", 1)

    assert (_entry(project).state, _entry(project).doubt) == ("未生成", "只有清单，没有成果文件")


def test_nothing_else_is_believed_of_a_manifest_of_another_version(project):
    folder = builds.lay(project.root, "unit", "2025", findings=[WAITS], figures={"received.total": "97"})
    _verdict(folder)
    builds.age(folder / "manifest.json", 1)
    found = index.entry(project, "unit", "2025", ("received.total",))

    assert (found.title, found.waiting, found.accepted, found.values, found.verified, found.pages) == ("", None, None, {}, "", ())


@pytest.mark.parametrize("name", ["manifest.json", "findings.json", "verdict.json"])
def test_a_pipe_is_not_waited_for(project, name):
    folder = builds.lay(project.root, "unit", "2025")
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)

    assert _entry(project).verified != index.VERIFIED


def test_a_manifest_larger_than_any_is_not_read(project):
    with (builds.lay(project.root, "unit", "2025") / "manifest.json").open("wb") as written:
        written.truncate(1 << 40)

    assert _entry(project).state == "清单损坏"


def test_another_report_s_manifest_is_told(project):
    builds.lay(project.root, "unit", "2025", unit="other")

    assert _entry(project).state == "清单损坏"
    assert "other/2025" in _entry(project).doubt


def test_outputs_behind_a_link_are_not_followed(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    builds.lay(elsewhere, "unit", "2025")
    project.outputs.mkdir()
    (project.outputs / "unit").symlink_to(elsewhere / "outputs/unit")

    assert _entry(project).state == "清单损坏"
    assert "链接" in _entry(project).doubt


def test_a_file_in_the_place_of_outputs_is_told(project):
    (project.outputs / "unit").mkdir(parents=True)
    (project.outputs / "unit/2025").write_text("mine")

    assert "是一个文件" in _entry(project).doubt


@pytest.mark.parametrize(
    ("counts", "verified"),
    [
        ({}, "已核对"),
        ({"differs": 1}, "核对不一致"),
        ({"skipped": 1}, "未核对完"),
        ({"same": 0}, "未核对完"),
    ],
)
def test_a_verdict_is_told_as_it_is(project, counts, verified):
    _verdict(builds.lay(project.root, "unit", "2025"), **counts)

    assert _entry(project).verified == verified


def test_a_verdict_that_is_none_verifies_nothing(project):
    (builds.lay(project.root, "unit", "2025") / "verdict.json").write_text('{"counts": {"": {}}}', "utf-8")

    assert _entry(project).verified == "未核对完"


def test_a_verdict_from_before_the_build_does_not_count(project):
    folder = builds.lay(project.root, "unit", "2025")
    _verdict(folder)
    os.utime(folder / "verdict.json", (0, 0))

    assert _entry(project).verified == ""


def test_the_values_of_the_figures_asked_for_are_the_manifest_s(project):
    builds.lay(project.root, "unit", "2025", figures={"received.total": "97", "a.share": "1/3", "b": None})
    asked = ("received.total", "b", "absent")

    assert index.entry(project, "unit", "2025", asked).values == {"received.total": "97", "b": None}
