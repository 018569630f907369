"""When a report is built again, what that is put down to, and what is left alone."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

import builds
import pytest
from nianbao.build import freshness, inputs, manifest
from nianbao.inputs.project import Project

pytestmark = pytest.mark.slow

PARAMS, OUTPUTS = "params/longtan/2013", "outputs/longtan/2013"
NEEDED_BY_A_BUILD = {
    "pandas",
    "numpy",
    "matplotlib",
    "nbformat",
    "nbconvert",
    "papermill",
    "IPython",
    "typst",
    "yaml",
    "jinja2",
    "lxml",
}


def _reasons(project):
    return freshness.key(Project(project), "longtan", "2013").reasons()


def _marks(project):
    return {path.name: path.stat().st_mtime_ns for path in (project / OUTPUTS).iterdir()}


def test_a_report_of_which_nothing_changed_is_not_built_again_and_that_is_said(run, workshop):
    before = _marks(workshop)
    said = run(workshop, "report", "longtan", "2013")

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == "没有变化，没有重新生成：outputs/longtan/2013 就是现在的资料、笔记本和程序的结果（成稿）。\n"
    assert _marks(workshop) == before


def _append(name, text="\n"):
    def change(project):
        with (project / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def _add_last_year(project):
    shutil.copytree(project / PARAMS, project / "params/longtan/2012")


CHANGES = [
    (_append(f"{PARAMS}/narrative.md"), ["叙述 narrative.md 有改动"]),
    (_append(f"{PARAMS}/report.yaml"), ["资料 report.yaml 有改动"]),
    (_append(f"{PARAMS}/statistics.csv"), ["表 statistics.csv 有改动"]),
    (_append(f"{PARAMS}/extra.csv"), ["表 extra.csv 新增"]),
    (lambda project: (project / PARAMS / "narrative.md").unlink(), ["叙述 narrative.md 不见了"]),
    (_add_last_year, ["上一年的资料 report.yaml 新增", "上一年的表 statistics.csv 新增", "上一年的叙述 narrative.md 新增"]),
    (_append("requirements.lock"), ["锁 requirements.lock 有改动"]),
    (lambda project: (project / "requirements.lock").unlink(), ["锁 requirements.lock 不见了"]),
    (
        lambda project: builds.edit(project, "part-basics", "## 一、基本情况"),
        ["笔记本 report-jilin.ipynb 有改动"],
    ),
    (_append(f"{OUTPUTS}/report.failed.ipynb"), ["上一次失败的执行 report.failed.ipynb 新增"]),
]


@pytest.mark.parametrize(("change", "reasons"), CHANGES)
def test_what_changed_is_named(workshop, change, reasons):
    change(workshop)

    assert _reasons(workshop) == reasons


@pytest.mark.parametrize("name", [".~lock.statistics.csv#", "notes.txt", "published.txt"])
def test_a_file_that_no_report_is_made_from_changes_nothing(workshop, name):
    _append(f"{PARAMS}/{name}")(workshop)

    assert _reasons(workshop) == []


@pytest.mark.parametrize("name", [name for name in builds.NAMES if name != "manifest.json"])
@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        (lambda path: path.write_bytes(path.read_bytes() + b" "), "有改动"),
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "有改动"),
        (lambda path: path.unlink(), "不见了"),
    ],
)
def test_an_output_that_is_not_as_it_was_made_is_a_reason(workshop, name, spoil, state):
    spoil(workshop / OUTPUTS / name)

    assert f"成果 {name} {state}" in _reasons(workshop)


def _manifest(workshop, change):
    path = workshop / OUTPUTS / "manifest.json"
    held = json.loads(path.read_text("utf-8"))
    change(held)
    path.write_text(manifest.text(held), "utf-8")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda held: held["figures"]["disclosed.year"].update(value="1"), "成果 manifest.json 有改动"),
        (lambda held: held["report"].update(draft=True), "成果 manifest.json 有改动"),
        (lambda held: held["environment"].update(python="3.9.0"), f"Python 3.9.0 → {sys.version.split()[0]}"),
        (lambda held: held["environment"]["packages"].update(typst="0.1"), r"组件 typst 0\.1 → .+"),
        (lambda held: held["environment"].update(platform="Plan9 mips"), "平台 Plan9 mips → .+"),
        (lambda held: held.update(schema=0), "清单 版本 第0版 → 第2版"),
        (lambda held: held.update(schema=1), "清单 版本 第1版 → 第2版"),
        (lambda held: held.update(schema=99), "清单 版本 第99版 → 第2版"),
    ],
)
def test_a_manifest_that_says_something_else_is_a_reason(workshop, change, reason):
    _manifest(workshop, change)
    (said,) = _reasons(workshop)

    assert re.fullmatch(reason, said)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda held: held["inputs"].update({"forms/jilin-2013.yaml": "0" * 64}), "表式 jilin-2013.yaml 有改动"),
        (lambda held: held["inputs"].pop("forms/jilin-2013.yaml"), "表式 jilin-2013.yaml 新增"),
        (lambda held: held["inputs"].update({"forms/gone.yaml": "0" * 64}), "表式 gone.yaml 不见了"),
        (lambda held: held["library"].update(forms="0" * 64), "程序 forms 有改动"),
        (lambda held: held["library"].pop("page"), "程序 page 新增"),
        (lambda held: held["library"].update(made_up="0" * 64), "程序 made_up 不见了"),
        (
            lambda held: held["library"].update(dict.fromkeys(held["library"], "0" * 64)),
            "程序 build、document、forms 等10个 有改动",
        ),
    ],
)
def test_a_manifest_that_says_something_else_of_the_form_or_the_library_is_a_reason(workshop, change, reason):
    _manifest(workshop, change)

    assert _reasons(workshop) == [reason, "成果 manifest.json 有改动"]
    assert not _untouched(workshop)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_a_manifest_that_is_none_is_a_reason(workshop, text):
    (workshop / OUTPUTS / "manifest.json").write_text(text)

    assert _reasons(workshop) == ["清单 manifest.json 不见了"]


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held["environment"].update(packages=5),
        lambda held: held.pop("library"),
        lambda held: held.update(library=["0" * 64]),
        lambda held: held["library"].update(forms=None),
        lambda held: held["inputs"].update({"notebooks/a": ["b"]}),
        lambda held: held["inputs"].update({f"notebooks/{'a' * 300}": "b"}),
        lambda held: held["inputs"].update({"../a": "b"}),
        lambda held: held["outputs"].update({"a" * 300: "b"}),
        lambda held: held["outputs"].update({"../a.html": "b"}),
    ],
)
def test_a_manifest_that_holds_what_none_of_ours_does_is_a_reason(workshop, change):
    _manifest(workshop, change)

    assert _reasons(workshop) == ["清单 manifest.json 不见了"]


def test_a_pipe_in_the_place_of_the_manifest_is_not_waited_for(workshop):
    (workshop / OUTPUTS / "manifest.json").unlink()
    os.mkfifo(workshop / OUTPUTS / "manifest.json")

    assert _reasons(workshop) == ["清单 manifest.json 不见了"]


def test_another_layout_of_the_manifest_is_a_reason(workshop):
    path = workshop / OUTPUTS / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False), "utf-8")

    assert _reasons(workshop) == ["成果 manifest.json 有改动"]


def test_many_files_are_named_by_three_and_their_number(workshop):
    for number in range(5):
        _append(f"{PARAMS}/extra{number}.csv")(workshop)

    assert _reasons(workshop) == ["表 extra0.csv、extra1.csv、extra2.csv 等5个 新增"]


def test_explain_tells_every_part_and_builds_nothing(run, workshop):
    _append(f"{PARAMS}/narrative.md")(workshop)
    before = _marks(workshop)
    said = run(workshop, "report", "longtan", "2013", "--explain")
    lines = said.stdout.splitlines()

    assert said.returncode == 0
    assert _marks(workshop) == before
    assert [line for line in lines if re.fullmatch(r"有改动　叙述 narrative.md　[0-9a-f]{12} → [0-9a-f]{12}", line)]
    assert {"表 statistics.csv", "表式 jilin-2013.yaml", "笔记本 report-jilin.ipynb", "锁 requirements.lock", "Python"} <= {
        line.split("　")[1] for line in lines if line.startswith("未变")
    }
    assert "未变　程序　10个部分" in lines
    assert lines[-1] == "会重新生成，因为：叙述 narrative.md 有改动。"


def test_explain_names_the_part_of_the_library_that_changed_with_both_hashes(run, workshop):
    _manifest(workshop, lambda held: held["library"].update(page="0" * 64))
    lines = run(workshop, "report", "longtan", "2013", "--explain").stdout.splitlines()

    assert f"有改动　程序 page　{'0' * 12} → {manifest.library()['page'][:12]}" in lines
    assert "未变　程序　9个部分" in lines


@pytest.mark.parametrize("schema", [1, 99])
def test_explain_says_that_a_report_is_of_another_version_and_would_be_built_again(run, workshop, schema):
    builds.age(workshop / OUTPUTS / "manifest.json", schema)
    before = _marks(workshop)
    said = run(workshop, "report", "longtan", "2013", "--explain")

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines() == [
        f"有改动　清单 版本　第{schema}版 → 第2版",
        f"会重新生成，因为：清单 版本 第{schema}版 → 第2版。",
    ]
    assert _marks(workshop) == before


def test_explain_says_of_an_older_manifest_alone_that_nothing_was_built_yet(run, built, tmp_path):
    project = builds.new_project(tmp_path / "project")
    (project / OUTPUTS).mkdir(parents=True)
    shutil.copy(built.folder / "manifest.json", project / OUTPUTS)
    builds.age(project / OUTPUTS / "manifest.json", 1)

    assert run(project, "report", "longtan", "2013", "--explain").stdout == "还没有生成过。\n"


@pytest.mark.parametrize("kept", [(), ("manifest.json",)])
def test_explain_says_that_nothing_was_built_yet(run, built, tmp_path, kept):
    project = builds.new_project(tmp_path / "project")
    (project / OUTPUTS).mkdir(parents=True)
    for name in kept:
        shutil.copy(built.folder / name, project / OUTPUTS)
    said = run(project, "report", "longtan", "2013", "--explain")

    assert said.stdout == "还没有生成过。\n"


def test_a_changed_report_is_built_again_and_says_why(workshop):
    _append(f"{PARAMS}/narrative.md")(workshop)
    rebuilt = builds.report(workshop)

    assert rebuilt.run.stdout.splitlines()[0] == "重新生成，因为：叙述 narrative.md 有改动。"
    assert _reasons(workshop) == []


def test_a_report_of_an_older_version_is_built_again_and_says_why(built, workshop):
    builds.age(workshop / OUTPUTS / "manifest.json", 1)
    rebuilt = builds.report(workshop)

    assert rebuilt.run.stdout.splitlines()[0] == "重新生成，因为：清单 版本 第1版 → 第2版。"
    assert builds.hashes(workshop / OUTPUTS) == builds.hashes(built.folder)


def test_a_forced_build_makes_the_same_bytes_anew(built, workshop):
    before = _marks(workshop)
    said = builds.nianbao(workshop, "report", "longtan", "2013", "--force")

    assert said.stdout.startswith("[1/3]")
    assert not set(_marks(workshop).items()) & set(before.items())
    assert builds.hashes(workshop / OUTPUTS) == builds.hashes(built.folder)


def test_looking_whether_anything_changed_imports_nothing_that_a_build_needs(workshop):
    command = [sys.executable, "-X", "importtime", "-m", "nianbao", "report", "longtan", "2013"]
    looked = subprocess.run(command, cwd=workshop, capture_output=True, encoding="utf-8", check=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in looked.stderr.splitlines()}

    assert looked.stdout.startswith("没有变化")
    assert imported & NEEDED_BY_A_BUILD == set()


# ---- the same for thousands


def _untouched(project):
    return freshness.untouched(Project(project), "longtan", "2013", {})


def test_a_report_that_nobody_touched_stands(workshop):
    assert _untouched(workshop)


@pytest.mark.parametrize(
    "name", [f"{PARAMS}/narrative.md", f"{PARAMS}/statistics.csv", "notebooks/report-jilin.ipynb", "requirements.lock"]
)
def test_a_report_whose_inputs_changed_does_not_stand(workshop, name):
    _append(name)(workshop)

    assert not _untouched(workshop)


@pytest.mark.parametrize("part", ["build", "page", "forms", "render", "indicators"])
def test_a_report_that_another_library_made_does_not_stand(workshop, monkeypatch, part):
    changed = {**manifest.library(), part: "0" * 64}
    monkeypatch.setattr(manifest, "library", lambda: changed)

    assert not _untouched(workshop)
    assert _reasons(workshop) == [f"程序 {part} 有改动"]


def test_a_report_of_which_the_form_changed_does_not_stand(workshop, monkeypatch):
    shutil.copytree(inputs.LIBRARY / "forms", workshop / "lib/forms")
    _append("lib/forms/jilin-2013.yaml")(workshop)
    monkeypatch.setattr(inputs, "LIBRARY", workshop / "lib")

    assert not _untouched(workshop)
    assert _reasons(workshop) == ["表式 jilin-2013.yaml 有改动"]


@pytest.mark.parametrize("schema", [1, 99])
def test_a_report_of_another_version_does_not_stand(workshop, schema):
    builds.age(workshop / OUTPUTS / "manifest.json", schema)

    assert not _untouched(workshop)


@pytest.mark.parametrize("name", ["report.html", "report.pdf", "findings.json", "manifest.json"])
def test_a_report_without_one_of_its_files_does_not_stand(workshop, name):
    (workshop / OUTPUTS / name).unlink()

    assert not _untouched(workshop)


@pytest.mark.parametrize("name", ["report.html", "manifest.json"])
def test_a_file_that_was_touched_since_is_read(workshop, name):
    path = workshop / OUTPUTS / name
    os.utime(path, (time.time() + 60, time.time() + 60))
    assert _untouched(workshop)
    path.write_text(path.read_text("utf-8").replace("龙潭区人民政府", "某区人民政府"), "utf-8")
    os.utime(path, (time.time() + 60, time.time() + 60))

    assert not _untouched(workshop)


def test_a_file_that_was_changed_and_its_time_set_back_is_read(workshop):
    for path in sorted((workshop / OUTPUTS).iterdir(), key=lambda path: path.name == "manifest.json"):
        path.write_bytes(path.read_bytes())
    assert _untouched(workshop)
    path = workshop / OUTPUTS / "figures.json"
    marks = path.stat()
    path.write_bytes(path.read_bytes() + b" ")
    os.utime(path, ns=(marks.st_atime_ns, marks.st_mtime_ns))

    assert not _untouched(workshop)


def test_a_report_whose_last_run_failed_does_not_stand(workshop):
    (workshop / OUTPUTS / "report.failed.ipynb").touch()

    assert not _untouched(workshop)


def test_files_that_all_reports_share_are_hashed_once(workshop):
    lock, notebook = workshop / "requirements.lock", workshop / "notebooks/report-jilin.ipynb"
    shared = {lock: "another"}

    assert not freshness.untouched(Project(workshop), "longtan", "2013", shared)
    assert set(shared) == {lock, notebook, inputs.LIBRARY / "forms/jilin-2013.yaml"}
