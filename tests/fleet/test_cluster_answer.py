"""An answer from another machine becomes outputs only where it is believed; whatever it holds, what stood there stands."""

import dataclasses

import builds
import pytest
from nianbao.build import manifest
from nianbao.fleet import cluster
from nianbao.fleet.batch import BUILT, FAILED, Plan, Result
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
def order(tmp_path, forms):
    """A project that has the parameters and no outputs yet."""
    return Plan(project=Project(builds.new_project(tmp_path / "project")), forms=forms, stale=[REPORT])


def _take(order, answer):
    asked = cluster.request(order, 60, *REPORT)
    sent = {name: manifest.digest(content) for name, content in asked["files"].items()}
    return cluster.take(order.project, REPORT, sent, answer)


def _outputs(order):
    folder = order.project.output(*REPORT)
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_a_believed_answer_becomes_the_outputs(order, answer, built):
    assert _take(order, answer) == Result(**answer["result"])
    assert _outputs(order) == built.files


def test_nothing_else_is_left_in_the_outputs(order, answer):
    _take(order, answer)

    assert [path.name for path in order.project.outputs.iterdir()] == [UNIT]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda answer: {**answer, "files": {**answer["files"], "report.pdf": b"%PDF"}},
            rf"{WORKER} .*report\.pdf 与 manifest.json 不符",
        ),
        (lambda answer: {**answer, "files": {**answer["files"], "../x": b""}}, r"多出文件 '\.\./x'"),
        (lambda answer: {**answer, "files": {**answer["files"], "table-../x.csv": b""}}, r"多出文件 'table-\.\./x\.csv'"),
        (lambda answer: {**answer, "files": {**answer["files"], "table-甲.csv": b""}}, r"table-甲\.csv 与 manifest.json 不符"),
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
def test_an_answer_that_is_not_believed_changes_nothing(order, answer, change, words):
    _take(order, answer)
    before = _outputs(order)

    with pytest.raises(ClusterError, match=words):
        _take(order, change(answer))

    assert _outputs(order) == before


def test_an_answer_from_parameters_changed_meanwhile_is_not_taken(order, answer):
    (order.project.root / "params/longtan/2013/narrative.md").write_text("# 另一稿\n", "utf-8")

    with pytest.raises(ClusterError, match=r"narrative\.md 与 manifest\.json 不符"):
        _take(order, answer)


def test_a_failure_leaves_what_stood_there_and_the_failed_notebook_beside_it(order, answer, built):
    _take(order, answer)
    failed = {**answer["result"], "outcome": FAILED, "message": "坏了"}

    result = _take(order, {**answer, "result": failed, "files": {"report.failed.ipynb": "{}坏".encode()}})

    assert (result.outcome, result.message, result.trace) == (FAILED, "坏了", f"执行机 {WORKER}")
    assert _outputs(order) == {**built.files, "report.failed.ipynb": "{}坏".encode()}


def test_a_failure_brings_no_other_file(order, answer):
    _take(order, {**answer, "result": {**answer["result"], "outcome": FAILED}, "files": {"../evil": b"x", "report.html": b"x"}})

    assert _outputs(order) == {}


def test_a_report_whose_outputs_could_not_be_put_into_place_is_not_asked_for(order, tmp_path):
    (order.project.outputs / UNIT).mkdir(parents=True)
    (order.project.outputs / UNIT / YEAR).symlink_to(tmp_path)

    with pytest.raises(UnsafeNameError, match="是一个链接"):
        cluster.request(order, 60, *REPORT)
