"""Many reports: each is what it would be alone, one failure is its own, what is whole stays whole, what is done is not done again."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import builds
import pytest
from nianbao.fleet import batch, index
from nianbao.indicators.errors import BatchError, UnknownReportError
from nianbao.inputs import formfile
from nianbao.inputs.project import Project
from nianbao.processes import pool

LONGTAN, SPECIMEN, INVENTED = "longtan/2013", "specimen/2025", "invented/2018"


def _project(folder, *reports):
    """Make a project with the parameters of *reports*, each of this project under a name of one's own: `longtan/2013` or that `as` name."""
    builds.new_project(folder, units=())
    for each in reports:
        shutil.copytree(builds.ROOT / "params" / each, folder / "params" / each)
    return folder


def _renamed(project, report, unit):
    """Give *project* the parameters of *report* as another *unit*'s."""
    old, year = report.split("/")
    folder = project / "params" / unit / year
    shutil.copytree(builds.ROOT / "params" / report, folder)
    builds.replace(folder / "report.yaml", f"\nunit: {old}\n", f"\nunit: {unit}\n")
    return folder


def _summary(project):
    return json.loads((project / "outputs/summary.json").read_text("utf-8"))


def _outcomes(project):
    return {f"{row['unit']}/{row['year']}": row["outcome"] for row in _summary(project)["reports"]}


def _message(project, report):
    return next(row["message"] for row in _summary(project)["reports"] if f"{row['unit']}/{row['year']}" == report)


def _states(project):
    """What the list says of the report of each unit."""
    text = (project / "outputs/index.html").read_text("utf-8")
    return dict(re.findall(r'<tr data-unit="([^"]+)"[^>]*data-states="([^" ]+)', text))


def _begun(project, *arguments):
    """Start a batch and return it once it builds something, with the process that does."""
    run = subprocess.Popen(
        [builds.COMMAND, "batch", *arguments], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if any((project / "outputs").glob(".building-*/notebooks/*")) and (building := _building(run.pid)):
            return run, building[0]
        time.sleep(0.01)
    run.kill()
    pytest.fail("no build began")


def _children(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _building(pid):
    """Return the processes that build for the batch *pid*: copies of the server that it has started."""
    found = []
    for each in _children(pid):
        found += _children(each)
    return found


def _tree(pid):
    found = [pid]
    for each in found:
        found += _children(each)
    return found


def _gone(pids, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


def _whole(folder):
    """Tell whether *folder* holds all that the manifest in it seals, byte for byte."""
    sealed = json.loads((folder / "manifest.json").read_text("utf-8"))["outputs"]
    found = builds.hashes(folder)
    return all(found[name] == digest for name, digest in sealed.items())


# ---- which reports are meant


@pytest.mark.parametrize(("text", "years"), [("2013", ("2013", "2013")), ("2013-2020", ("2013", "2020"))])
def test_years_are_one_or_a_span(text, years):
    assert batch.span(text) == years


@pytest.mark.parametrize("text", ["", "13", "2020-2013", "2013-", "-2013", "2013–2020", "２０１３", "2013-2020-2021", "a"])
def test_years_that_are_none_are_refused(text):
    with pytest.raises(BatchError, match="如 2013"):
        batch.span(text)


@pytest.fixture
def folders(tmp_path):
    """A project of folders without files."""
    for name in ("a/2013", "a/2014", "b/2014", "b/x", "c", ".git/2013", "two words/2013", "new\nline/2013"):
        (tmp_path / "params" / name).mkdir(parents=True)
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("units", "years", "meant"),
    [
        ((), None, [("a", "2013"), ("a", "2014"), ("b", "2014")]),
        (("a",), None, [("a", "2013"), ("a", "2014")]),
        (("b", "a", "b"), ("2014", "2020"), [("a", "2014"), ("b", "2014")]),
    ],
)
def test_units_and_years_choose_the_reports(folders, units, years, meant):
    assert batch.chosen(folders, units, years) == meant


def test_an_unknown_unit_is_told(folders):
    with pytest.raises(UnknownReportError, match="没有单位“x”。已有单位：a、b、c。"):
        batch.chosen(folders, ["a", "x"], None)


def test_no_report_at_all_is_told(folders):
    with pytest.raises(UnknownReportError, match="没有要生成的报告"):
        batch.chosen(folders, ["a"], ("2020", "2021"))


def test_of_thousands_of_units_a_message_names_the_first(folders):
    for number in range(3000):
        (folders.root / "params" / f"unit{number:04d}").mkdir()

    with pytest.raises(UnknownReportError, match=r"已有单位：a、b、c、unit0000.* 等3003个。$") as told:
        batch.chosen(folders, ["x"], None)
    assert len(str(told.value)) < 400


def test_folders_with_other_names_are_passed_over_with_a_reason(folders):
    assert folders.passed_over() == [
        ("params/new\nline", "不是单位名"),
        ("params/two words", "不是单位名"),
        ("params/b/x", "不是年份"),
    ]


# ---- the command


@pytest.mark.parametrize("jobs", ["0", "-1", "x", "1.5", "２"])
def test_a_number_of_jobs_that_is_none_is_refused(run, tmp_path, jobs):
    assert run(tmp_path, "batch", "--jobs", jobs).returncode == 2


@pytest.mark.slow
class TestGoodAmongBad:
    """One batch over good folders and hostile ones."""

    @pytest.fixture(scope="class")
    @staticmethod
    def project(tmp_path_factory):
        """A project with two good reports and one of each kind of bad one."""
        project = _project(tmp_path_factory.mktemp("batch"), LONGTAN, SPECIMEN, INVENTED)
        (project / "params/empty/2013").mkdir(parents=True)
        (_renamed(project, LONGTAN, "garbled") / "report.yaml").write_bytes(b"\xff\xfe: [")
        (_renamed(project, LONGTAN, "huge") / "narrative.md").write_text("很长。" * 1_000_000, "utf-8")
        (project / "params/alias").symlink_to("longtan")
        (project / "params/loop").symlink_to("loop")
        for name in ("two words", "new\nline"):
            shutil.copytree(project / "params/longtan", project / "params" / name)
        _renamed(project, LONGTAN, "blocked")
        (project / "outputs/blocked").mkdir(parents=True)
        (project / "outputs/blocked/2013").write_text("mine")
        # The notebook of 2018 never ends.
        notebook = project / "notebooks/report-national-2014.ipynb"
        held = json.loads(notebook.read_text("utf-8"))
        [cell for cell in held["cells"] if cell["cell_type"] == "code"][-1]["source"] = "while True:\n    pass"
        notebook.write_text(json.dumps(held), "utf-8")
        return project

    @pytest.fixture(scope="class")
    @staticmethod
    def told(project):
        """What the batch said."""
        return builds.nianbao(project, "batch", "--jobs", "2", "--time-limit", "15")

    def test_it_ends_with_1(self, told):
        assert (told.returncode, told.stderr) == (1, "")

    def test_each_report_has_its_own_outcome(self, told, project):
        assert told.returncode == 1
        good, bad = ("longtan/2013", "specimen/2025"), ("alias", "blocked", "empty", "garbled", "huge")

        assert _outcomes(project) == {
            **dict.fromkeys(good, "已生成"),
            **dict.fromkeys([f"{unit}/2013" for unit in bad], "失败"),
            "invented/2018": "失败",
        }

    @pytest.mark.parametrize(
        ("report", "words"),
        [
            ("alias/2013", "unit"),
            ("blocked/2013", "outputs/blocked/2013 是一个文件"),
            ("empty/2013", "没有这个文件"),
            ("garbled/2013", "不是 UTF-8"),
            ("huge/2013", "文件大于4MB"),
            ("invented/2018", "超过时限15秒"),
        ],
    )
    def test_each_failure_says_why(self, told, project, report, words):
        assert told.returncode == 1
        assert words in _message(project, report)

    def test_each_failure_is_told_on_a_line(self, told):
        failures = [line for line in told.stdout.splitlines() if line.startswith("失败　") and "：" in line]

        # As it happens, and once more at the end.
        assert len(failures) == 2 * 6

    def test_folders_with_other_names_are_told(self, told):
        assert [line for line in told.stdout.splitlines() if line.startswith("跳过　")] == [
            "跳过　params/new line：不是单位名。",
            "跳过　params/two words：不是单位名。",
        ]

    def test_what_is_built_is_byte_for_byte_what_is_built_alone(self, told, project, built):
        assert told.returncode == 1
        assert builds.hashes(project / "outputs/longtan/2013") == builds.hashes(built.folder)

    def test_what_stood_in_the_way_stays(self, told, project):
        assert told.returncode == 1
        assert (project / "outputs/blocked/2013").read_text() == "mine"

    def test_nothing_half_made_is_left(self, told, project):
        assert told.returncode == 1
        assert list((project / "outputs").glob(".building-*")) == []

    def test_the_summary_tells_what_each_report_cost(self, told, project):
        assert told.returncode == 1
        row = next(row for row in _summary(project)["reports"] if row["unit"] == "longtan")

        assert row["seconds"] > 0.1
        assert row["cpu_seconds"] > 0.1
        assert row["peak_memory_bytes"] > 30_000_000
        assert row["findings"] == {"waiting": 0, "accepted": 10}

    def test_the_page_has_a_row_for_each_report(self, told, project):
        assert told.returncode == 1
        text = (project / "outputs/index.html").read_text("utf-8")

        assert text.count("<tr data-unit=") == 8
        assert text.count('data-states="失败"') == 6

    def test_a_second_run_builds_what_failed_and_nothing_else(self, told, project):
        assert told.returncode == 1
        before = (project / "outputs/longtan/2013/report.html").stat().st_ino

        again = builds.nianbao(project, "batch", "longtan", "specimen", "empty")

        assert (again.returncode, _outcomes(project)["empty/2013"]) == (1, "失败")
        assert {_outcomes(project)[each] for each in (LONGTAN, SPECIMEN)} == {"没有变化"}
        assert (project / "outputs/longtan/2013/report.html").stat().st_ino == before

    def test_a_report_of_an_older_version_is_told_in_the_list_until_it_is_built_again(self, told, project):
        assert told.returncode == 1
        builds.age(project / "outputs/specimen/2025/manifest.json", 1)

        builds.nianbao(project, "batch", "longtan")
        assert _states(project)["specimen"] == "清单版本不同"
        builds.nianbao(project, "batch", "longtan", "specimen")

        assert _outcomes(project) == {LONGTAN: "没有变化", SPECIMEN: "已生成"}
        assert _states(project)["specimen"] == "成稿"

    def test_a_report_whose_parameters_changed_is_built_again(self, told, project):
        assert told.returncode == 1
        with (project / "params/specimen/2025/narrative.md").open("a", encoding="utf-8") as written:
            written.write("\n")

        builds.nianbao(project, "batch", "longtan", "specimen")

        assert _outcomes(project) == {LONGTAN: "没有变化", SPECIMEN: "已生成"}


# ---- whatever is killed


@pytest.fixture
def three(tmp_path):
    """A project with three reports of one kind."""
    project = _project(tmp_path / "project", LONGTAN)
    for unit in ("second", "third"):
        _renamed(project, LONGTAN, unit)
    return project


@pytest.mark.slow
def test_a_build_that_is_killed_stops_no_other(three):
    run, child = _begun(three, "--jobs", "1")

    os.kill(child, signal.SIGKILL)

    said, _nothing = run.communicate(timeout=120)
    assert (run.returncode, sorted(_outcomes(three).values())) == (1, ["失败", "已生成", "已生成"])
    assert "信号9" in said


@pytest.mark.slow
def test_whatever_kills_the_batch_ends_its_builds_and_leaves_whole_reports(three):
    run, _child = _begun(three, "--jobs", "2")
    processes = _tree(run.pid)

    run.kill()
    run.communicate()

    assert _gone(processes)
    assert all(_whole(folder) for folder in (three / "outputs").glob("[!.]*/*"))
    again = builds.nianbao(three, "batch")
    assert (again.returncode, set(_outcomes(three).values()) <= {"已生成", "没有变化"}) == (0, True)
    assert list((three / "outputs").glob(".building-*")) == []


@pytest.mark.slow
def test_an_interrupt_leaves_whole_reports_and_ends_with_130(three):
    run, _child = _begun(three, "--jobs", "1")
    processes = _tree(run.pid)

    run.send_signal(signal.SIGINT)

    said, _nothing = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "已中断" in said
    assert _gone(processes)
    assert list((three / "outputs").glob(".building-*")) == []
    assert "中断" in _outcomes(three).values()


@pytest.mark.slow
def test_two_batches_at_once_leave_whole_reports(three):
    runs = [subprocess.Popen([builds.COMMAND, "batch"], cwd=three, stdout=subprocess.DEVNULL) for _number in range(2)]

    assert [run.wait(120) for run in runs] == [0, 0]
    assert all(_whole(three / "outputs" / unit / "2013") for unit in ("longtan", "second", "third"))
    assert list((three / "outputs").glob(".building-*")) == []


@pytest.mark.slow
def test_a_notebook_s_process_that_is_killed_stops_no_other(three):
    run, child = _begun(three, "--jobs", "1")
    end = time.monotonic() + 10
    while not (copies := _children(child)) and time.monotonic() < end:
        time.sleep(0.005)

    os.kill(copies[0], signal.SIGKILL)

    run.communicate(timeout=120)
    assert (run.returncode, sorted(_outcomes(three).values())) == (1, ["失败", "已生成", "已生成"])
    assert "SIGKILL" in _message(three, "longtan/2013")


@pytest.mark.slow
def test_a_disk_that_takes_no_more_fails_the_report_and_leaves_nothing(three):
    run = builds.nianbao(
        three, "batch", "longtan", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    )

    assert (run.returncode, _outcomes(three)) == (1, {"longtan/2013": "失败"})
    assert sorted(path.name for path in (three / "outputs").iterdir()) == ["index.html", "summary.json"]


@pytest.mark.slow
def test_where_nothing_can_be_forked_each_report_has_a_process_begun_anew(three, built, monkeypatch):
    monkeypatch.setattr(pool, "START", "spawn")
    (three / "params/second/2013/report.yaml").write_text("{", "utf-8")
    project = Project(three)
    order = batch.plan(project, batch.chosen(project, ["longtan", "second"], None), formfile.shipped())

    good, bad = sorted(batch.run(order, 2, 60, lambda _running: None), key=lambda result: result.unit)

    assert (good.outcome, bad.outcome) == ("已生成", "失败")
    assert bad.message.startswith("有1处需要改正")
    assert builds.hashes(three / "outputs/longtan/2013") == builds.hashes(built.folder)


@pytest.mark.slow
def test_a_folder_that_goes_while_the_batch_runs_fails_alone(three):
    run, _child = _begun(three, "--jobs", "1")
    shutil.rmtree(three / "params/third")

    run.communicate(timeout=120)

    assert _outcomes(three) == {"longtan/2013": "已生成", "second/2013": "已生成", "third/2013": "失败"}
    assert "没有单位“third”" in _message(three, "third/2013")


# ---- the summary


def test_the_summary_tells_of_each_report_what_became_of_it_and_what_lies_there(tmp_path):
    builds.lay(tmp_path, "a", "2013", draft=True)
    entries = {("a", "2013"): index.entry(Project(tmp_path), "a", "2013")}
    result = batch.Result(unit="a", year="2013", outcome="失败", message="坏了", seconds=1.23456, cpu=0.5, peak=7)

    told = batch.summary([result], entries, [("params/x y", "不是单位名")])

    assert told == {
        "schema": 1,
        "counts": {"已生成": 0, "没有变化": 0, "失败": 1, "中断": 0},
        "reports": [
            {
                "unit": "a",
                "year": "2013",
                "outcome": "失败",
                "message": "坏了",
                "trace": "",
                "notes": [],
                "state": "草稿",
                "verified": "",
                "findings": {"waiting": 0, "accepted": 0},
                "seconds": 1.235,
                "cpu_seconds": 0.5,
                "peak_memory_bytes": 7,
            }
        ],
        "passed_over": [{"folder": "params/x y", "reason": "不是单位名"}],
    }
