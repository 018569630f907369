"""Outputs of the forked shell against those of the ordinary kernel, and what a forked process leaves and takes along."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import builds
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nianbao.document.cells import first_line
from nianbao.processes import fork

pytestmark = pytest.mark.slow

# Runs a notebook as papermill does with one engine, and writes what became of it, whether it failed or not.
RUNNER = """
import json, sys
from nianbao.notebook import forked, source as notebooks
NAME = "nianbao"
source, name, written = sys.argv[1:]
notebook = notebooks.parsed(open(source, encoding="utf-8").read())
from papermill.engines import papermill_engines
papermill_engines.register(NAME, forked)
notebook.metadata["papermill"] = notebooks.made({})
for cell in notebook.cells:
    cell.metadata.setdefault("tags", [])
    cell.metadata["papermill"] = notebooks.made({})
failure = ""
try:
    papermill_engines.execute_notebook_with_engine(
        None if name == "kernel" else NAME,
        notebook,
        kernel_name=notebook.metadata.kernelspec.name,
        progress_bar=False,
        extra_arguments=["--log-level=CRITICAL"],
    )
except Exception as error:
    failure = f"{type(error).__name__}: {error}"
with open(written, "w", encoding="utf-8") as file:
    json.dump({"notebook": notebook, "failure": failure}, file)
"""

# Each cell is one thing that a notebook may do; a cell sees what those above it left.
TORTURE = {
    "streams": 'print("a"); import sys; print("b", file=sys.stderr); print("c")',
    "programs": 'import os, subprocess, time; print("1", flush=True); os.system("echo 2"); time.sleep(1)',
    "programs-both": 'subprocess.run(["sh", "-c", "echo 3; echo 4 >&2"]); time.sleep(1)',
    "result": "1 + 1",
    "history": "_ + 1, Out[4], In[4], _ih[4]",
    "display": "from IPython.display import HTML, JSON, SVG, Image, clear_output, display, update_display\n"
    'handle = display("one", display_id="x"); display(HTML("<b>1</b>")); handle.update("two")',
    "update": 'update_display("three", display_id="x")',
    "clear": 'print("gone"); clear_output(); print("stays")',
    "clear-wait": 'print("gone"); clear_output(wait=True); print("stays")',
    "clear-never": 'print("kept"); clear_output(wait=True)',
    "chart": '%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2, 3]); plt.title("T")',
    "chart-shown": 'figure, axes = plt.subplots(); axes.bar([1], [2]); print("before"); plt.show(); print("after"); figure',
    "chart-svg": '%config InlineBackend.figure_formats = ["svg"]\nplt.rcParams["svg.hashsalt"] = "x"\n'
    'from matplotlib_inline.backend_inline import set_matplotlib_formats\nset_matplotlib_formats("svg", metadata={"Date": None})\n'
    "plt.plot([3, 1]); None",
    "warning": 'import warnings; warnings.warn("careful"); warnings.warn("old", DeprecationWarning)',
    "shell": "!echo shell; echo error >&2",
    "shell-caught": "found = !echo caught\nfound",
    "shell-status": "!false\n_exit_code",
    "bash": "%%bash\necho out; echo err >&2",
    "capture": '%%capture held\nprint("hidden"); display(3)',
    "captured": "held.stdout, len(held.outputs)",
    "await": 'import asyncio\nawait asyncio.sleep(0.01); print("awaited"); 7',
    "loop": "task = asyncio.create_task(asyncio.sleep(0, 5)); asyncio.get_running_loop().is_running()",
    "task": "await task",
    "thread": 'import threading\nt = threading.Thread(target=lambda: print("from a thread")); t.start(); t.join()',
    "thread-late": 'import time\nthreading.Thread(target=lambda: (time.sleep(0.5), print("late"))).start()',
    "thread-later": 'time.sleep(1); print("next cell")',
    "pause": 'print("first"); time.sleep(0.6); print("second", file=sys.stderr); time.sleep(0.6); print("third")',
    "big": 'print("数" * 1_500_000); print("\\x00 \\x1b[31mred\\x1b[0m")',
    "rich": "class Rich:\n    def _repr_html_(self): return '<i>rich</i>'\n    def _repr_latex_(self): return '$x$'\n"
    "    def __repr__(self): return 'Rich()'\nRich()",
    "bundle": "class Bundle:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'text/plain': 'b', 'application/x-own+json': {'中': [1, None, 2.5]}}, {'application/x-own+json': {'a': True}}\n"
    "Bundle()",
    "bad-repr": "class Bad:\n    def _repr_html_(self): raise ValueError('bad repr')\n    def __repr__(self): return 'Bad()'\nBad()",
    "frame": 'import pandas; pandas.DataFrame({"a": [1, 2], "中": ["x", None]})',
    "json": 'display({"application/json": {"k": [1]}, "text/plain": "j"}, raw=True); JSON({"a": 1})',
    "image": 'Image(data=b"\\x89PNG\\r\\n\\x1a\\n" + b"0" * 20, format="png")',
    "logging": 'import logging; logging.warning("logged"); logging.info("not")',
    "magics": "%whos int\n%store -z\n2",
    "help": "a = 5; a?",
    "write": "%%writefile /dev/null\ntext",
    "pool": 'import multiprocessing\nwith multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(abs, [-1, -2]))',
    "child": 'p = multiprocessing.get_context("fork").Process(target=lambda: print("in a process", flush=True))\n'
    "p.start(); p.join(); time.sleep(0.4)",
    "sets": 'hash("a"), list({"a", "b", "c", "d"})',
    "place": 'type(get_ipython()).__name__, __name__, sys.path, sys.stdout.encoding, sys.stdout.isatty(), os.environ["PAGER"]',
    "ends": 'sys.stdout.write("counted\\n")',
    "unended": 'print("", end=""); print(end="no line end")',
    "value-error": "def f(x):\n    raise ValueError('bad ' + x)\nf('中')",
    "chained": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('k') from error",
    "deep": "import json; json.loads('{')",
    "syntax": "print('x'\n",
    "indent": "if 1:\nprint(1)",
    "name": "undefined_name",
    "group": "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])",
    "async-error": "await asyncio.sleep(0)\nraise ValueError('async')",
    "nested-loop": "coroutine = asyncio.sleep(0)\ntry:\n    asyncio.run(coroutine)\nfinally:\n    coroutine.close()",
    "no-magic": "%nosuchmagic",
    "no-cell-magic": "%%nosuch\nx",
    "bash-error": "%%bash\nexit 3",
    "display-error": "class A:\n    def _ipython_display_(self): raise RuntimeError('disp')\n    def __repr__(self): return 'A()'\nA()",
    "interrupt": "raise KeyboardInterrupt",
    "leave": "raise SystemExit(3)",
    "base": "class B(BaseException): pass\nraise B('b')",
    "reset": "%reset -f",
    "empty": "  ",
    "after": '"a" in globals(), 3',
}


def _notebook(cells, kernel="python3"):
    made = [new_code_cell(source, id=name, metadata={"tags": ["raises-exception"]}) for name, source in cells.items()]
    return new_notebook(cells=made, metadata={"kernelspec": {"name": kernel, "display_name": "x", "language": "python"}})


def _untagged(cells):
    notebook = _notebook(cells)
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def _start(folder, notebook, name):
    source, written = folder / f"{name}.ipynb", folder / f"{name}.json"
    nbformat.write(notebook, source)
    # Under pytest, ipykernel does not read what other programs write.
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"} | {"PYTHONHASHSEED": "0"}
    command = [sys.executable, "-c", RUNNER, source, name, written]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE), written


def _run(folder, notebook, name="nianbao"):
    started, written = _start(folder, notebook, name)
    started.communicate(timeout=120)
    return json.loads(written.read_text("utf-8"))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The cells of the torture notebook as each engine leaves them, by engine and id."""
    started = {name: _start(tmp_path_factory.mktemp(name), _notebook(TORTURE), name) for name in ("nianbao", "kernel")}
    found = {}
    for name, (process, written) in started.items():
        _out, errors = process.communicate(timeout=120)
        assert written.exists(), errors.decode()
        found[name] = json.loads(written.read_text("utf-8"))
    return found


def _told(cell):
    """Return what a cell says, apart from process numbers and from how a stream's text was cut."""
    text = json.dumps(cell["outputs"], ensure_ascii=False)
    outputs = json.loads(re.sub(r"ipykernel_\d+", "ipykernel", text))
    joined = []
    for output in outputs:
        if output["output_type"] == "stream" and joined and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    if cell["id"].startswith("programs"):
        # In the kernel a thread reads what other programs write, and either stream may come first.
        joined.sort(key=lambda output: output["name"])
    return cell["execution_count"], joined, sorted(cell["metadata"])


@pytest.mark.parametrize("cell", TORTURE)
def test_a_cell_says_the_same_in_both_engines(both, cell):
    one, other = (next(each for each in both[name]["notebook"]["cells"] if each["id"] == cell) for name in ("nianbao", "kernel"))

    assert _told(one) == _told(other)


def test_both_engines_name_the_language_alike(both):
    one, other = (both[name]["notebook"]["metadata"]["language_info"] for name in ("nianbao", "kernel"))

    assert one == other


def test_a_character_that_comes_in_two_halves_is_whole(tmp_path):
    halves = 'import os\nos.write(1, "字".encode()[:2]); os.write(1, "字".encode()[2:]); None'
    (cell,) = _run(tmp_path, _notebook({"halves": halves}))["notebook"]["cells"]

    assert [output["text"] for output in cell["outputs"]] == ["字"]


def test_half_a_character_is_a_question_mark_and_ends_nothing(tmp_path):
    half, after = _run(tmp_path, _untagged({"half": r"print('\ud800')", "after": "1"}))["notebook"]["cells"]

    assert [output["text"] for output in half["outputs"]] == ["?\n"]
    assert after["execution_count"] == 2


def test_a_stream_that_a_cell_takes_away_is_there_for_the_next(tmp_path):
    _taken, after = _run(tmp_path, _notebook({"taken": "import sys\nsys.stdout = None", "after": "print('here')"}))["notebook"][
        "cells"
    ]

    assert after["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "here\n"}]


def test_a_copy_that_a_cell_makes_of_itself_is_heard_only_by_what_it_prints(tmp_path):
    forks = "import os\nchild = os.fork()\nif child == 0: print('below')\nelse: os.waitpid(child, 0)\nchild > 0"
    forking_cell, after = _run(tmp_path, _untagged({"forks": forks, "after": "1"}))["notebook"]["cells"]

    assert [each.get("text") or each["data"]["text/plain"] for each in forking_cell["outputs"]] == ["below\n", "True"]
    assert after["execution_count"] == 2


@pytest.mark.parametrize("name", ["nianbao", "kernel"])
def test_a_cell_that_raises_is_the_last_to_run(tmp_path, name):
    ran = _run(tmp_path, _untagged({"first": "1", "bad": "1 / 0", "after": "2"}), name)

    assert [cell["execution_count"] for cell in ran["notebook"]["cells"]] == [1, 2, None]


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "被信号 SIGSEGV 终止"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "被信号 SIGKILL 终止，可能内存不足"),
        ("import os; os._exit(5)", "自行退出，退出码5"),
    ],
)
def test_a_cell_that_kills_its_process_is_named_with_how_it_ended(tmp_path, source, how):
    ran = _run(tmp_path, _untagged({"first": "1", "bad": source, "after": "2"}))

    assert ran["failure"] == f"CellKilledError: 执行单元格“{first_line(source)}”时，笔记本的进程意外停止（{how}）"


def test_no_cell_runs_after_exit(tmp_path):
    ran = _run(tmp_path, _untagged({"bad": "exit()", "after": "2"}))

    assert ran["failure"] == "CellKilledError: 执行单元格“2”时，笔记本的进程意外停止（自行退出，退出码0）"


@pytest.mark.parametrize(
    ("source", "needs"),
    [
        ("import ipywidgets; ipywidgets.IntSlider()", "控件"),
        ("try:\n    import comm; comm.create_comm()\nexcept RuntimeError:\n    pass", "控件"),
        ("get_ipython().kernel.session.session[:0]", "内核本身（session）"),
    ],
)
def test_a_notebook_that_needs_more_than_a_shell_is_run_by_the_ordinary_kernel_and_says_why(tmp_path, source, needs):
    ran = _run(tmp_path, _untagged({"first": "print(1)", "needy": source, "after": "2"}))

    assert ran["failure"] == ""
    assert ran["notebook"]["metadata"]["nianbao_needs"] == needs
    assert [cell["execution_count"] for cell in ran["notebook"]["cells"]] == [1, 2, 3]


def test_a_question_to_the_reader_is_refused_as_the_kernel_refuses_it(tmp_path):
    (tmp_path / "k").mkdir()
    asked = {"asked": "input('? ')"}
    one = _run(tmp_path, _untagged(asked))["notebook"]["cells"][0]["outputs"]
    other = _run(tmp_path / "k", _untagged(asked), "kernel")["notebook"]["cells"][0]["outputs"]

    assert [(each["ename"], each["evalue"]) for each in one] == [(each["ename"], each["evalue"]) for each in other]


def test_papermill_finds_the_engine_by_its_entry_point():
    project = builds.ROOT / "pyproject.toml"

    assert '[project.entry-points."papermill.engine"]\nnianbao = "nianbao.notebook:forked"\n' in project.read_text("utf-8")


def test_the_module_of_the_entry_point_imports_nothing():
    code = "import sys; before = set(sys.modules); import nianbao.notebook; print(*sorted(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)

    assert {name.partition(".")[0] for name in run.stdout.split()} - sys.stdlib_module_names == {"nianbao"}


# ---- what a copy of a process leaves and takes along


def _echo(channel):
    while True:
        channel.send(channel.receive())


def test_messages_of_any_length_come_back_whole():
    with fork.fork(_echo) as other:
        for message in (b"", b"x", b"y" * 5_000_000):
            other.channel.send(message)
            assert other.channel.receive() == message


def test_a_copy_holds_no_file_of_the_process_it_was_made_from(tmp_path):
    def serve(channel):
        held = [each for each in Path("/proc/self/fd").iterdir() if int(each.name) > 2 and int(each.name) != channel.fileno()]
        channel.send(json.dumps([str(each.readlink()) for each in held if each.is_symlink()]).encode())

    with (tmp_path / "held").open("w"), fork.fork(serve) as other:
        # What it says of its own end goes where errors went.
        assert set(json.loads(other.channel.receive())) <= {os.devnull, str(Path("/proc/self/fd/2").readlink())}


def _alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def _gone(pids):
    until = time.monotonic() + 10
    while any(_alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    return [pid for pid in pids if _alive(pid)] == []


def test_a_copy_and_what_it_started_end_with_the_context():
    def serve(channel):
        started = subprocess.Popen(["sleep", "60"])
        channel.send(f"{os.getpid()} {started.pid}".encode())
        channel.receive()

    with fork.fork(serve) as other:
        pids = other.channel.receive().decode().split()

    assert _gone(pids)


def test_a_copy_ends_with_the_process_that_made_it(tmp_path):
    code = """
import os, pathlib, sys, time
from nianbao.processes import fork
def serve(channel):
    pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
    time.sleep(60)
with fork.fork(serve):
    time.sleep(60)
"""
    marker = tmp_path / "pid"
    maker = subprocess.Popen([sys.executable, "-c", code, marker])
    until = time.monotonic() + 10
    while not (marker.exists() and marker.read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    maker.kill()
    maker.wait()

    assert _gone([marker.read_text()])


def test_what_was_printed_before_is_printed_once():
    code = "from nianbao.processes import fork\nprint('once', end='')\nwith fork.fork(lambda channel: print(end='')):\n    pass"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)

    assert run.stdout == "once"


def test_a_process_with_threads_is_not_copied():
    code = "import threading, time\nfrom nianbao.processes import fork\n"
    code += "threading.Thread(target=time.sleep, args=(1,), daemon=True).start(); print(fork.possible())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)

    assert run.stdout == "False\n"


# ---- whole reports


def test_a_report_is_the_same_byte_for_byte_in_both_engines(built, tmp_path):
    project = builds.new_project(tmp_path / "project")
    said = builds.nianbao(project, "report", "longtan", "2013", "--engine", "kernel")

    assert said.returncode == 0, said.stderr
    assert builds.hashes(project / "outputs/longtan/2013") == builds.hashes(built.folder)


def test_a_cell_that_kills_its_process_ends_the_build_with_its_name_and_the_signal(built, workshop):
    builds.edit(workshop, "chart-content", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    said = builds.nianbao(workshop, "report", "longtan", "2013")

    assert said.returncode == 2
    assert "执行单元格“import os, signal”时，笔记本的进程意外停止（被信号 SIGKILL 终止，可能内存不足）" in said.stderr
    assert builds.hashes(workshop / "outputs/longtan/2013") == builds.hashes(built.folder)


@pytest.mark.parametrize("engine", ["fork", "kernel"])
def test_a_cell_whose_error_cannot_be_sent_whole_is_named(workshop, engine):
    builds.edit(workshop, "gaps", r"raise ValueError('\ud800')")
    said = builds.nianbao(workshop, "report", "longtan", "2013", "--engine", engine)

    named = r"笔记本在单元格“raise ValueError('\ud800')”（“（三）资料说明”之下）处出错"
    assert (said.returncode, named in said.stderr) == (2, True)
    assert "Traceback" not in said.stderr


def test_of_an_error_as_long_as_a_book_the_beginning_is_told(workshop):
    builds.edit(workshop, "gaps", "raise ValueError('x' * 1_000_000)")
    said = builds.nianbao(workshop, "report", "longtan", "2013")

    assert (said.returncode, len(said.stderr) < 10_000) == (2, True)


def test_a_notebook_with_widgets_is_built_by_the_kernel_and_that_is_said(workshop):
    builds.edit(workshop, "gaps", "import comm\ncomm.get_comm_manager()\nreport.gaps()")
    said = builds.nianbao(workshop, "report", "longtan", "2013")

    assert said.returncode == 0, said.stderr
    assert "注意：笔记本用到控件，已改由普通内核从头执行。" in said.stdout
