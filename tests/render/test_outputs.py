"""What a report consists of stands in one list: a file added there, and nowhere else, is known wherever outputs are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import builds
import pytest
from nianbao.build import freshness, manifest, pipeline
from nianbao.fleet import batch, cluster, index
from nianbao.inputs import formfile
from nianbao.inputs.project import Project
from nianbao.preview import maker
from nianbao.preview.server import Desk
from nianbao.render import outputs
from nianbao.verify import project as verify

REPORT = UNIT, YEAR = "longtan", "2013"
NAME = "summary.txt"
MORE = outputs.Output(name=NAME, type="text/plain; charset=utf-8", label="摘要", write=lambda job: job.report.name.encode() + b"\n")


def test_the_list_names_the_files_of_a_report(built):
    assert [output.name for output in outputs.REPORT] == list(builds.NAMES)
    assert {path.name for path in built.folder.iterdir()} == {output.name for output in outputs.REPORT}


def test_every_file_has_a_type_and_the_manifest_is_the_last():
    assert all(output.type for output in outputs.REPORT)
    assert outputs.REPORT[-1] is outputs.MANIFEST


# ---- one more file


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A report that consists of one file more, built as one of a batch; the list has it as long as this module is at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "REPORT", (MORE, *outputs.REPORT))
        root = builds.new_project(tmp_path_factory.mktemp("more"))
        _apart("build_with_more", root)
        yield Project(root)


def _built(project, forms):
    order = batch.plan(project, [REPORT], forms)
    assert batch.build(project, *REPORT) == []
    batch.record(order, [batch.Result(unit=UNIT, year=YEAR, outcome=batch.BUILT)])
    return project


def _apart(function, root):
    """Call a function of this module in a process of its own, without threads and with fixed hashes; return what it prints."""
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    code = f"import sys; sys.path[:0] = {folders!r}; import test_outputs; test_outputs.{function}(sys.argv[1])"
    command = [sys.executable, "-c", code, str(root)]
    settings = {**os.environ, "PYTHONHASHSEED": "0"}
    return subprocess.run(command, check=True, env=settings, stdout=subprocess.PIPE, encoding="utf-8").stdout


def build_with_more(root):
    """Build the report in *root* as one of a batch, with the file more."""
    outputs.REPORT = (MORE, *outputs.REPORT)
    _built(Project(Path(root)), formfile.shipped())


def verify_with_more(root):
    """Verify the report in *root*, with the file more, and print what was compared."""
    outputs.REPORT = (MORE, *outputs.REPORT)
    project = Project(Path(root))
    making = pipeline.report(project, *REPORT, formfile.shipped())
    verdict = verify.verify(project, making, lambda _step: None, progress=False)
    sys.stdout.write(json.dumps([(item.depth, item.what, item.outcome) for item in verdict.items]))


def _files(project):
    return {path.name: path.read_bytes() for path in project.output(*REPORT).iterdir()}


@pytest.mark.slow
def test_a_batch_builds_and_seals_a_file_that_was_added(made):
    files = _files(made)

    assert files[NAME].decode() == "龙潭区人民政府\n"
    assert json.loads(files["manifest.json"])["outputs"][NAME] == manifest.digest(files[NAME])


@pytest.mark.slow
def test_a_file_that_was_added_and_is_gone_is_a_reason_to_build_again(made):
    path = made.output(*REPORT) / NAME
    assert freshness.untouched(made, *REPORT, {})
    content = path.read_bytes()
    path.unlink()
    said = freshness.key(made, *REPORT).reasons()
    path.write_bytes(content)

    assert said == [f"成果 {NAME} 不见了"]


@pytest.mark.slow
def test_the_index_leads_to_a_file_that_was_added(made):
    assert f'href="longtan/2013/{NAME}">摘要</a>' in (made.outputs / batch.INDEX).read_text("utf-8")
    assert index.entry(made, *REPORT).pages[0] == NAME


@pytest.mark.slow
def test_a_verification_compares_a_file_that_was_added(made):
    path = made.output(*REPORT) / NAME
    content = path.read_bytes()
    path.write_bytes(b"another")
    items = json.loads(_apart("verify_with_more", made.root))
    path.write_bytes(content)

    assert [(depth, what) for depth, what, outcome in items if outcome == "不同"] == [(verify.HASHES, NAME)]
    assert [outcome for depth, what, outcome in items if (depth, what) == (verify.BYTES, NAME)] == ["相同"]


@pytest.mark.slow
def test_an_answer_from_another_machine_has_a_file_that_was_added_or_is_not_believed(made, forms):
    sent = {name: manifest.digest(content) for name, content in cluster.pack(made, *REPORT, forms.values()).items()}
    answer = cluster.collect(made.output(*REPORT))

    assert cluster.doubt(*REPORT, sent, answer) == ""
    assert cluster.doubt(*REPORT, sent, {**answer, NAME: b"another"}) == f"{NAME} 与 manifest.json 不符"
    del answer[NAME]
    assert cluster.doubt(*REPORT, sent, answer) == f"缺少或多出文件 '{NAME}'"


@pytest.mark.slow
def test_the_preview_makes_and_serves_a_file_that_was_added(made, tmp_path):
    said = maker.make(made, made.params(*REPORT), tmp_path, whole=True, renewed=False)
    desk = Desk(b"", "", ask=lambda: None, adopt=lambda: None)
    desk.take({"whole": True}, {name: (tmp_path / name).read_bytes() for name in said["files"]})

    assert (tmp_path / NAME).read_bytes() == _files(made)[NAME]
    with pytest.raises(StopIteration) as answer:
        desk.file(NAME).send(None)
    assert answer.value.value == _files(made)[NAME]


def test_own_tables_stand_before_what_seals_them_each_under_a_name_of_its_own():
    found = outputs.of_report([("各镇（村）", "甲\n"), ("各镇 村", "乙\n"), ("", "丙\n"), ("长" * 90, "丁\n")])
    own = [each for each in found if outputs.TABLE.fullmatch(each.name)]
    assert [each.name for each in own] == ["table-各镇-村.csv", "table-各镇-村--2.csv", "table-1.csv", f"table-{'长' * 40}.csv"]
    assert [each.write(None).decode() for each in own] == ["甲\n", "乙\n", "丙\n", "丁\n"]
    assert [each.name for each in found][-3:] == ["figures.json", "findings.json", "manifest.json"]
