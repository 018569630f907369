"""One process for each job: what comes back, and what is gone afterwards."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from functools import partial
from pathlib import Path

import jobs
import pytest
from nianbao.indicators.errors import PublishError
from nianbao.processes import pool


def _gone(pid, seconds=5.0):
    """Tell whether the process *pid* is gone, or goes within some seconds; one that waits to be reaped is gone."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


# ---- what comes back


def test_a_job_s_result_comes_back_as_json_has_it():
    outcome = pool.run(partial(jobs.given, {"title": "年报", "numbers": (1, 2)}))

    assert (outcome.ending, outcome.value) == (pool.DONE, {"title": "年报", "numbers": [1, 2]})


def test_a_result_larger_than_a_pipe_holds_comes_back_whole():
    assert pool.run(partial(jobs.repeated, "长", 1_000_000)).value == "长" * 1_000_000


def test_a_refusal_comes_back_in_its_own_words():
    outcome = pool.run(partial(jobs.raised, PublishError("成果没有改动。")))

    assert (outcome.ending, outcome.message) == (pool.REFUSED, "成果没有改动。")


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt(), SystemExit(0)])
def test_any_other_exception_comes_back_as_its_traceback(error):
    outcome = pool.run(partial(jobs.raised, error))

    assert outcome.ending == pool.BROKEN
    assert type(error).__name__ in outcome.message


def test_a_result_that_json_cannot_hold_is_a_fault_of_the_job():
    assert pool.run(partial(jobs.given, {1j})).ending == pool.BROKEN


def test_a_job_over_the_limit_ends_as_late():
    began = time.monotonic()

    assert pool.run(jobs.slept, limit=0.3).ending == pool.LATE
    assert time.monotonic() - began < 5


def test_a_job_that_was_killed_names_the_signal():
    outcome = pool.run(partial(jobs.killed, signal.SIGKILL))

    assert (outcome.ending, outcome.signal) == (pool.KILLED, signal.SIGKILL)


@pytest.mark.parametrize("code", [0, 3])
def test_a_job_that_leaves_without_an_answer_is_no_success(code):
    assert pool.run(partial(jobs.left, code)).ending == pool.BROKEN


def test_what_a_job_used_is_measured():
    outcome = pool.run(partial(jobs.worked, 80_000_000, 3_000_000))

    assert outcome.peak > 80_000_000
    assert 0 < outcome.cpu <= outcome.seconds + 1


def test_what_a_job_prints_does_not_reach_the_terminal(capfd):
    pool.run(partial(jobs.said, b"loud", b"louder"))

    assert capfd.readouterr() == ("", "")


def test_the_end_of_what_a_job_said_is_kept_where_it_was_killed():
    outcome = pool.run(partial(jobs.said_and_killed, "长".encode() * 500_000 + b"last", signal.SIGKILL))

    assert outcome.message.endswith("长last")
    assert len(outcome.message) < 4000


def test_of_a_job_that_could_not_answer_nothing_is_said_to_be_measured():
    outcome = pool.run(partial(jobs.killed, signal.SIGKILL))

    assert (outcome.cpu, outcome.peak) == (None, None)


def test_a_job_changes_nothing_in_its_parent():
    outcomes = pool.run_all([("a", jobs.changed), ("b", jobs.changed)], at_most=1)

    assert [outcome.value for outcome in outcomes] == [1, 1]
    assert jobs.state == {"reports": 0}
    assert "NIANBAO_TEST" not in os.environ


@pytest.mark.parametrize("start", ["forkserver", "spawn"])
def test_a_job_is_the_same_where_nothing_can_be_forked(start, monkeypatch):
    monkeypatch.setattr(pool, "START", start)

    assert pool.run(partial(jobs.given, "年报")).value == "年报"
    assert pool.run(partial(jobs.raised, PublishError("没有改动。"))).message == "没有改动。"
    assert pool.run(jobs.slept, limit=0.3).ending == pool.LATE


def test_hashes_of_strings_are_the_same_in_every_job_and_this_process_s_own_settings_stay():
    before = dict(os.environ)

    values = {pool.run(partial(jobs.hashed, "年报")).value for _time in range(2)}

    code = "print(hash('年报'))"
    command = [sys.executable, "-c", code]
    fixed = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True)
    assert values == {int(fixed.stdout)}
    assert os.environ == before


def test_a_job_holds_no_file_of_its_parent(tmp_path):
    with (tmp_path / "held").open("w"):
        files = pool.run(jobs.told_of_its_files).value

    assert [file for file in files if not file.startswith(("pipe:", os.devnull, "/proc/"))] == []


def test_jobs_run_beside_threads():
    outcomes = []
    threads = [
        threading.Thread(target=lambda number=number: outcomes.append(pool.run(partial(jobs.given, number)).value))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [0, 1, 2, 3]


def test_no_file_of_the_folder_that_the_user_is_in_is_imported(tmp_path):
    for name in ("json", "multiprocessing", "statistics"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'read')!r}, 'w')\nraise SystemExit", "utf-8")
    code = "from nianbao.processes import pool\nprint(pool.run(print, preload=['statistics']).ending)"

    run = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert (run.stdout, run.stderr) == ("done\n", "")
    assert not (tmp_path / "read").exists()


# ---- many


def test_one_job_s_fault_stops_no_other():
    waiting = [
        ("good", partial(jobs.given, 1)),
        ("raises", partial(jobs.raised, ValueError())),
        ("killed", partial(jobs.killed, signal.SIGKILL)),
        ("late", jobs.slept),
        ("better", partial(jobs.given, 2)),
    ]

    endings = {outcome.name: outcome.ending for outcome in pool.run_all(waiting, at_most=2, limit=3)}

    assert endings == {
        "good": pool.DONE,
        "raises": pool.BROKEN,
        "killed": pool.KILLED,
        "late": pool.LATE,
        "better": pool.DONE,
    }


def test_never_more_run_at_a_time_than_asked():
    seen = []

    list(
        pool.run_all(
            [(str(n), partial(jobs.slept, 0.05)) for n in range(9)], at_most=3, beat=lambda running: seen.append(len(running))
        )
    )

    assert max(seen) == 3


def test_a_job_is_taken_when_there_is_room_for_it():
    taken = []

    def waiting():
        for number in range(100):
            taken.append(number)
            yield str(number), partial(jobs.given, None)

    next(pool.run_all(waiting(), at_most=2))

    assert len(taken) == 2


# ---- what is gone afterwards


@pytest.mark.parametrize("session", [False, True])
def test_a_late_job_s_own_children_go_with_it(tmp_path, session):
    pool.run(partial(jobs.with_grandchild, tmp_path / "grandchild", session=session), limit=2)

    assert _gone(jobs.noted(tmp_path / "grandchild"))


def test_a_killed_job_leaves_nothing_of_its_session(tmp_path):
    pool.run(partial(jobs.killed_with_grandchild, tmp_path / "grandchild", signal.SIGKILL))

    assert _gone(jobs.noted(tmp_path / "grandchild"))


def test_whoever_stops_asking_leaves_no_job_behind(tmp_path):
    waiting = [("quick", partial(jobs.given, None)), ("slow", partial(jobs.with_grandchild, tmp_path / "grandchild", session=True))]
    outcomes = pool.run_all(waiting, at_most=2)
    next(outcomes)
    pids = [jobs.noted(tmp_path / "child"), jobs.noted(tmp_path / "grandchild")]

    outcomes.close()

    assert all(_gone(pid) for pid in pids)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_children_die_with_their_parent(tmp_path, sent):
    code = f"""
        import sys
        from functools import partial
        from pathlib import Path
        sys.path.append("{Path(jobs.__file__).parent}")
        import jobs
        from nianbao.processes import pool

        pool.run(partial(jobs.with_grandchild, Path("{tmp_path}/grandchild"), session=False))
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stderr=subprocess.DEVNULL)
    child = jobs.noted(tmp_path / "child")
    (server,) = [each for each in pool._children(parent.pid) if child in pool._children(each)]

    parent.send_signal(sent)

    assert parent.wait(10) == -sent
    assert _gone(child)
    assert _gone(server)


def test_children_die_with_the_server_and_the_next_job_has_another(tmp_path):
    outcomes = pool.run_all(
        [("slow", partial(jobs.noted_and_slept, tmp_path / "child")), ("next", partial(jobs.given, 1))],
        at_most=1,
        beat=lambda running: _kill_server(tmp_path / "child") if running == ("slow",) else None,
    )

    endings = [outcome.ending for outcome in outcomes]

    assert endings == [pool.KILLED, pool.DONE]
    assert _gone(jobs.noted(tmp_path / "child"))


def _kill_server(path):
    child = jobs.noted(path)
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        parent = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(parent, signal.SIGKILL)


def test_no_descriptor_stays_open_in_the_parent():
    pool.run(partial(jobs.given, None))
    before = len(list(Path("/proc/self/fd").iterdir()))

    list(pool.run_all([(str(number), partial(jobs.given, None)) for number in range(20)], at_most=4))

    assert len(list(Path("/proc/self/fd").iterdir())) == before
