"""What a report is made from stands in one list: a kind of input added there, and nowhere else, is known wherever inputs are."""

import contextlib
import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import builds
import pytest
from nianbao.build import inputs, manifest
from nianbao.fleet import cluster
from nianbao.indicators.errors import InvalidInputError, PublishError
from nianbao.inputs.project import Project
from nianbao.preview import maker
from nianbao.verify import project as verify

REPORT = UNIT, YEAR = "longtan", "2013"
SCOPE = inputs.of_report(*REPORT)
NOTES = "params/longtan/2013/notes.txt"
FORM = "forms/jilin-2013.yaml"


@pytest.fixture
def project(tmp_path):
    return Project(builds.new_project(tmp_path / "project"))


def _sealed(*names, form="none"):
    return {"inputs": dict.fromkeys(names, "0" * 64), "report": {"form": form}}


# ---- one more kind


@pytest.fixture
def noted(project, monkeypatch):
    """A project whose report is made from notes too: a kind of input that this test adds, and its file."""
    kind = inputs.Kind(words="笔记", each="years", path="params/{unit}/{name}/notes.txt")
    monkeypatch.setattr(inputs, "KINDS", (*inputs.KINDS, kind))
    (project.root / NOTES).write_text("see above", "utf-8")
    return project


@pytest.fixture
def made(run, noted):
    """The same, with the report built."""
    assert run(noted.root, "report", *REPORT).returncode == 0
    return noted


@pytest.mark.slow
def test_a_report_seals_and_carries_a_kind_of_input_that_was_added(made):
    outputs = builds.Outputs(made.root, *REPORT)
    evidence = json.loads(outputs.page.get_element_by_id("nianbao-evidence").text)

    assert outputs.manifest["inputs"][NOTES] == manifest.digest(b"see above")
    assert evidence["files"][NOTES] == "see above"


@pytest.mark.slow
def test_what_changed_is_named_of_a_kind_of_input_that_was_added(run, made):
    assert run(made.root, "report", *REPORT).stdout.startswith("没有变化")
    (made.root / NOTES).write_text("see below", "utf-8")

    assert "会重新生成，因为：笔记 notes.txt 有改动。" in run(made.root, "report", *REPORT, "--explain").stdout


@pytest.mark.slow
def test_a_verification_notices_a_change_in_a_kind_of_input_that_was_added(run, made):
    (made.root / NOTES).write_text("see below", "utf-8")
    said = run(made.root, "verify", *REPORT)

    assert said.returncode == 1
    assert f"不同　哈希　{NOTES}" in said.stdout


def test_a_kind_of_input_that_was_added_travels_to_other_machines(noted, forms):
    assert cluster.pack(noted, *REPORT, forms.values())[NOTES] == b"see above"


@pytest.mark.slow
def test_an_answer_from_another_machine_is_held_against_a_kind_of_input_that_was_added(made, forms):
    sent = {name: manifest.digest(content) for name, content in cluster.pack(made, *REPORT, forms.values()).items()}
    answer = cluster.collect(made.output(*REPORT))

    assert cluster.doubt(*REPORT, sent, answer) == ""
    assert cluster.doubt(*REPORT, {**sent, NOTES: "0" * 64}, answer).startswith(NOTES)


def test_the_preview_looks_at_a_kind_of_input_that_was_added(noted):
    preview = maker._Preview(noted, noted.params(*REPORT), noted.root, server=SimpleNamespace(tell=lambda *_said: None), say=print)

    assert noted.root / NOTES in set(preview._sources())


def test_both_builds_of_repro_are_given_a_kind_of_input_that_was_added(noted, monkeypatch):
    given = []

    def refuse(command, **_settings):
        given.append((Path(command[command.index("--project") + 1]) / NOTES).read_text("utf-8"))
        return subprocess.CompletedProcess(command, returncode=2, stderr="")

    monkeypatch.setattr(subprocess, "run", refuse)
    with contextlib.suppress(PublishError):
        verify.repeat(noted, *REPORT, lambda _step: None)

    assert given == ["see above"]


# ---- finding


def test_what_a_report_is_made_from_is_found_by_the_names_of_its_manifest(project):
    scope = inputs.of_report(*REPORT, ("report-jilin.ipynb",), ("jilin-2013",))
    own = [f"params/longtan/2013/{name}" for name in ("report.yaml", "statistics.csv", "narrative.md")]

    assert list(inputs.files(project.root, scope)) == [*own, FORM, "notebooks/report-jilin.ipynb", "requirements.lock"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("params/longtan/2013/report.yaml", "资料"),
        ("params/longtan/2012/report.yaml", "上一年的资料"),
        ("params/longtan/2013/any.csv", "表"),
        ("params/longtan/2012/narrative.md", "上一年的叙述"),
        (FORM, "表式"),
        ("notebooks/report-jilin.ipynb", "笔记本"),
        ("requirements.lock", "锁"),
    ],
)
def test_an_input_is_called_what_it_is(name, words):
    assert inputs.sealed_in(_sealed(name), SCOPE).called(name)[1] == words


@pytest.mark.parametrize("name", ["none.yaml", "", "../rounding.py", "/jilin-2013.yaml", f"{'a' * 300}.yaml", "*.yaml"])
def test_a_form_that_there_is_none_of_is_not_looked_for(name):
    assert inputs.files(None, inputs.sealed_in(_sealed(f"forms/{name}", form=name), SCOPE)) == {}


def test_the_form_of_the_report_is_asked_for_where_the_inputs_leave_it_out():
    scope = inputs.sealed_in(_sealed("forms/national-2014.yaml", form="jilin-2013"), SCOPE)

    assert sorted(inputs.hashes(None, scope)) == [FORM, "forms/national-2014.yaml"]


def test_the_hash_of_a_form_is_that_of_its_file():
    scope = inputs.sealed_in(_sealed(FORM, "params/a/2013/a.csv", "requirements.lock"), SCOPE)

    assert inputs.hashes(None, scope) == {FORM: manifest.digest((inputs.LIBRARY / FORM).read_bytes())}


# ---- copying


def test_what_was_copied_before_stays_as_it_was_read(project, tmp_path):
    before = inputs.copied(project.root, SCOPE, tmp_path / "scratch")
    (project.root / "params/longtan/2013/report.yaml").write_text("saved meanwhile", "utf-8")

    assert inputs.copied(project.root, SCOPE, tmp_path / "scratch") == before


def test_forms_are_taken_from_the_library_as_they_are(project, tmp_path):
    scope = inputs.of_report(*REPORT, (), ("jilin-2013",))

    assert inputs.copied(project.root, scope, tmp_path)[FORM] == (inputs.LIBRARY / FORM).read_bytes()


# ---- what may not be taken


@pytest.mark.parametrize("link", ["params/longtan/2013/a.csv", "params/longtan/2013", "params/longtan"])
def test_parameters_that_lead_out_of_their_folder_are_refused(tmp_path, link):
    outside = tmp_path / "outside"
    (outside / "2013").mkdir(parents=True)
    for path in (outside / "a.csv", outside / "2013/a.csv"):
        path.write_text("a secret")
    place = tmp_path / "project" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(outside / "a.csv" if link.endswith(".csv") else outside / "2013" if link.endswith("2013") else outside)

    with pytest.raises(InvalidInputError, match=r"params/longtan/2013/a\.csv：经过链接，在 params/ 之外。请把文件本身放进来"):
        inputs.check(tmp_path / "project", SCOPE)


def test_parameters_that_lead_to_another_unit_are_taken(project):
    (project.root / "params/longtan/2012").mkdir()
    (project.root / "params/longtan/2012/a.csv").write_text("")
    (project.root / "params/longtan/2013/a.csv").symlink_to("../2012/a.csv")

    inputs.check(project.root, SCOPE)


def test_a_table_that_is_too_large_is_refused_whether_or_not_the_form_has_it(project):
    with (project.root / "params/longtan/2013/a.csv").open("wb") as written:
        written.truncate(5 << 30)

    with pytest.raises(InvalidInputError, match=r"params/longtan/2013/a\.csv：文件大于4MB"):
        inputs.check(project.root, SCOPE)
