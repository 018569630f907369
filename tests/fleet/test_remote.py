"""An answer from another machine becomes outputs only where it is believed; whatever it holds, what stood there stands."""

import dataclasses

import builds
import pytest
from nianbao.build import manifest
from nianbao.fleet.batch import BUILT, FAILED, Result
from nianbao.fleet.remote import Remote
from nianbao.indicators.errors import ClusterError, UnsafeNameError
from nianbao.inputs.project import Project

REPORT = UNIT, YEAR = "longtan", "2013"
WORKER = "tcp://10.0.0.9:4000"


@pytest.fixture(scope="module")
def answer(built):
    """What a worker would answer for the report."""
    result = dataclasses.asdict(Result(unit=UNIT, year=YEAR, outcome=BUILT, seconds=2.0, cpu=1.5, peak=10**8))
    return {"result": result, "files": built.files, "worker": WORKER}


@pytest.fixture
def remote(tmp_path, forms):
    """A project that has the parameters and no outputs yet."""
    return Remote(project=Project(builds.new_project(tmp_path / "project")), forms=forms, limit=60)


def _take(remote, answer):
    sent = {name: manifest.digest(content) for name, content in remote.request(*REPORT)["files"].items()}
    return remote.take(answer, *REPORT, sent)


def _outputs(remote):
    folder = remote.project.output(*REPORT)
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_a_believed_answer_becomes_the_outputs(remote, answer, built):
    assert _take(remote, answer) == Result(**answer["result"])
    assert _outputs(remote) == built.files


def test_nothing_else_is_left_in_the_outputs(remote, answer):
    _take(remote, answer)

    assert [path.name for path in remote.project.outputs.iterdir()] == [UNIT]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda answer: {**answer, "files": {**answer["files"], "report.pdf": b"%PDF"}},
            rf"{WORKER} .*report\.pdf 与 manifest.json 不符",
        ),
        (lambda answer: {**answer, "files": {**answer["files"], "../x": b""}}, r"多出文件 '\.\./x'"),
        (lambda answer: {**answer, "files": {**answer["files"], "report.pdf": "text"}}, "送回的不是成果"),
        (lambda answer: {**answer, "files": {}}, "缺少或多出文件"),
        (lambda answer: {**answer, "result": {**answer["result"], "year": "2014"}}, "是“longtan/2014”的"),
        (lambda answer: {**answer, "result": {**answer["result"], "outcome": "没有变化"}}, "是“longtan/2013”的"),
        (lambda answer: {**answer, "result": {}}, "送回的不是成果"),
        (lambda answer: {"files": answer["files"]}, "送回的不是成果"),
        (lambda _answer: None, "送回的不是成果"),
        (
            lambda _answer: {"software": {"nianbao": "b" * 64}, "worker": WORKER},
            rf"{WORKER} 的软件与本机不同.*nianbao 本机 .*那边 bbbb",
        ),
    ],
)
def test_an_answer_that_is_not_believed_changes_nothing(remote, answer, change, words):
    _take(remote, answer)
    before = _outputs(remote)

    with pytest.raises(ClusterError, match=words):
        _take(remote, change(answer))

    assert _outputs(remote) == before


def test_an_answer_from_parameters_changed_meanwhile_is_not_taken(remote, answer):
    (remote.project.root / "params/longtan/2013/narrative.md").write_text("# 另一稿\n", "utf-8")

    with pytest.raises(ClusterError, match=r"narrative\.md 与 manifest\.json 不符"):
        _take(remote, answer)


def test_a_failure_leaves_what_stood_there_and_the_failed_notebook_beside_it(remote, answer, built):
    _take(remote, answer)
    failed = {**answer["result"], "outcome": FAILED, "message": "坏了"}

    result = _take(remote, {**answer, "result": failed, "files": {"report.failed.ipynb": "{}坏".encode()}})

    assert (result.outcome, result.message, result.trace) == (FAILED, "坏了", f"执行机 {WORKER}")
    assert _outputs(remote) == {**built.files, "report.failed.ipynb": "{}坏".encode()}


def test_a_failure_brings_no_other_file(remote, answer):
    _take(remote, {**answer, "result": {**answer["result"], "outcome": FAILED}, "files": {"../evil": b"x", "report.html": b"x"}})

    assert _outputs(remote) == {}


def test_a_report_whose_outputs_could_not_be_put_into_place_is_not_asked_for(remote, tmp_path):
    (remote.project.outputs / UNIT).mkdir(parents=True)
    (remote.project.outputs / UNIT / YEAR).symlink_to(tmp_path)

    with pytest.raises(UnsafeNameError, match="是一个链接"):
        remote.request(*REPORT)
