"""Jobs for `nianbao.processes.pool`: functions that another process can import, told by their arguments what to do."""

import os
import subprocess
import sys
import time
from pathlib import Path

state = {"reports": 0}


def noted(path, seconds=10.0):
    """Return the number that a process writes to *path*, waiting for it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.is_file() and (text := path.read_text()).endswith("\n"):
            return int(text)
        time.sleep(0.02)
    raise TimeoutError(path)


def given(value):
    return value


def repeated(text, number):
    return text * number


def raised(error):
    raise error


def slept(seconds=60.0):
    time.sleep(seconds)


def killed(number):
    os.kill(os.getpid(), number)


def left(code):
    os._exit(code)


def worked(size, number):
    return len(b"x" * size) + sum(range(number))


def said(*words):
    for word in words:
        os.write(1, word)
        os.write(2, word)


def said_and_killed(word, number):
    os.write(2, word)
    killed(number)


def changed():
    state["reports"] += 1
    os.environ["NIANBAO_TEST"] = "changed"
    return state["reports"]


def hashed(text):
    return hash(text)


def told_of_its_files():
    """Return where each descriptor of this process leads."""
    return [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]


def noted_and_slept(path):
    path.write_text(f"{os.getpid()}\n")
    time.sleep(60)


def with_grandchild(path, *, session):
    """Start a process that sleeps, note it in *path*, and sleep."""
    path.with_name("child").write_text(f"{os.getpid()}\n")
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=session)
    path.write_text(f"{sleeper.pid}\n")
    time.sleep(60)


def killed_with_grandchild(path, number):
    subprocess.Popen(["sh", "-c", f"echo $$ > {path}; exec sleep 60"])
    noted(path)
    killed(number)


def loaded(*names):
    """Return those of the modules *names* that this process has."""
    return [name for name in names if name in sys.modules]
