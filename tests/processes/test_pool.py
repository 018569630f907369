"""One process for each job: what comes back, and what is gone afterwards."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

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


def _noted(path, seconds=10.0):
    """Return the number that a process writes to *path*, waiting for it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.is_file() and (text := path.read_text()).endswith("\n"):
            return int(text)
        time.sleep(0.02)
    pytest.fail(f"nothing was written to {path}")


def _note(path):
    path.write_text(f"{os.getpid()}\n")


def _with_grandchild(path, *, session):
    """Start a process that sleeps, note it in *path*, and sleep."""
    _note(path.with_name("child"))
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=session)
    path.write_text(f"{sleeper.pid}\n")
    time.sleep(60)


def _raised(error):
    raise error


# ---- what comes back


def test_a_job_s_result_comes_back_as_json_has_it():
    outcome = pool.run(lambda: {"title": "年报", "numbers": (1, 2)})

    assert (outcome.ending, outcome.value) == (pool.DONE, {"title": "年报", "numbers": [1, 2]})


def test_a_result_larger_than_a_pipe_holds_comes_back_whole():
    assert pool.run(lambda: "长" * 1_000_000).value == "长" * 1_000_000


def test_a_refusal_comes_back_in_its_own_words():
    outcome = pool.run(lambda: _raised(PublishError("成果没有改动。")))

    assert (outcome.ending, outcome.message) == (pool.REFUSED, "成果没有改动。")


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt(), SystemExit(0)])
def test_any_other_exception_comes_back_as_its_traceback(error):
    outcome = pool.run(lambda: _raised(error))

    assert outcome.ending == pool.BROKEN
    assert type(error).__name__ in outcome.message


def test_a_result_that_json_cannot_hold_is_a_fault_of_the_job():
    assert pool.run(lambda: {1j}).ending == pool.BROKEN


def test_a_job_over_the_limit_ends_as_late():
    began = time.monotonic()

    assert pool.run(lambda: time.sleep(60), limit=0.3).ending == pool.LATE
    assert time.monotonic() - began < 5


def test_a_job_that_was_killed_names_the_signal():
    outcome = pool.run(lambda: os.kill(os.getpid(), signal.SIGKILL))

    assert (outcome.ending, outcome.signal) == (pool.KILLED, signal.SIGKILL)


@pytest.mark.parametrize("code", [0, 3])
def test_a_job_that_leaves_without_an_answer_is_no_success(code):
    assert pool.run(lambda: os._exit(code)).ending == pool.BROKEN


def test_what_a_job_used_is_measured():
    outcome = pool.run(lambda: len(b"x" * 80_000_000) + sum(range(3_000_000)))

    assert outcome.peak > 80_000_000
    assert 0 < outcome.cpu <= outcome.seconds + 1


def test_what_a_job_prints_does_not_reach_the_terminal(capfd):
    pool.run(lambda: os.write(1, b"loud") + os.write(2, b"louder"))

    assert capfd.readouterr() == ("", "")


def test_a_job_changes_nothing_in_its_parent():
    state = {"reports": 0}

    def job():
        state["reports"] += 1
        os.environ["NIANBAO_TEST"] = "changed"
        return state["reports"]

    assert [outcome.value for outcome in pool.run_all([("a", job), ("b", job)], at_most=1)] == [1, 1]
    assert state == {"reports": 0}
    assert "NIANBAO_TEST" not in os.environ


def test_a_command_answers_by_its_exit_code_and_its_last_words():
    good, bad = ([sys.executable, "-c", f"print('说'); raise SystemExit({code})"] for code in (0, 2))

    assert pool.run(good).ending == pool.DONE
    assert (pool.run(bad).ending, pool.run(bad).message) == (pool.BROKEN, "说")


# ---- many


def test_one_job_s_fault_stops_no_other():
    jobs = [
        ("good", lambda: 1),
        ("raises", lambda: _raised(ValueError())),
        ("killed", lambda: os.kill(os.getpid(), signal.SIGKILL)),
        ("late", lambda: time.sleep(60)),
        ("better", lambda: 2),
    ]

    endings = {outcome.name: outcome.ending for outcome in pool.run_all(jobs, at_most=2, limit=1)}

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
            [(str(n), lambda: time.sleep(0.05)) for n in range(9)], at_most=3, beat=lambda running: seen.append(len(running))
        )
    )

    assert max(seen) == 3


def test_a_job_is_taken_when_there_is_room_for_it():
    taken = []

    def jobs():
        for number in range(100):
            taken.append(number)
            yield str(number), lambda: None

    next(pool.run_all(jobs(), at_most=2))

    assert len(taken) == 2


# ---- what is gone afterwards


@pytest.mark.parametrize("session", [False, True])
def test_a_late_job_s_own_children_go_with_it(tmp_path, session):
    pool.run(lambda: _with_grandchild(tmp_path / "grandchild", session=session), limit=0.5)

    assert _gone(_noted(tmp_path / "grandchild"))


def test_a_killed_job_leaves_nothing_of_its_session(tmp_path):
    def job():
        subprocess.Popen(["sh", "-c", f"echo $$ > {tmp_path}/grandchild; exec sleep 60"])
        _noted(tmp_path / "grandchild")
        os.kill(os.getpid(), signal.SIGKILL)

    pool.run(job)

    assert _gone(_noted(tmp_path / "grandchild"))


def test_whoever_stops_asking_leaves_no_job_behind(tmp_path):
    jobs = [("quick", lambda: None), ("slow", lambda: _with_grandchild(tmp_path / "grandchild", session=True))]
    outcomes = pool.run_all(jobs, at_most=2)
    next(outcomes)
    pids = [_noted(tmp_path / "child"), _noted(tmp_path / "grandchild")]

    outcomes.close()

    assert all(_gone(pid) for pid in pids)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_children_die_with_their_parent(tmp_path, sent):
    code = f"""
        import os, time
        from pathlib import Path
        from nianbao.processes import pool

        def job():
            Path("{tmp_path}/child").write_text(f"{{os.getpid()}}\\n")
            time.sleep(60)

        pool.run(job)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stderr=subprocess.DEVNULL)
    child = _noted(tmp_path / "child")

    parent.send_signal(sent)

    assert parent.wait(10) == -sent
    assert _gone(child)


def test_no_descriptor_stays_open_in_the_parent():
    pool.run(lambda: None)
    before = len(list(Path("/proc/self/fd").iterdir()))

    list(pool.run_all([(str(number), lambda: None) for number in range(20)], at_most=4))

    assert len(list(Path("/proc/self/fd").iterdir())) == before
