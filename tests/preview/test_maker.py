"""`nianbao preview` as an analyst has it: started, asked by a browser, its files saved, ended."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path

import builds
import nianbao
import pytest

pytestmark = pytest.mark.slow

PARAMS = Path("params/longtan/2013")


class Preview:
    """A running preview, as a browser sees it."""

    def __init__(self, process):
        self.process = process
        self.said = []
        self.address, self.opening = re.search(r"(127\.0\.0\.1:\d+)(/[\w-]+)/ ", self.line()).groups()

    def line(self):
        line = self.process.stdout.readline()
        self.said.append(line)
        return line

    def get(self, path):
        with closing(http.client.HTTPConnection(self.address, timeout=120)) as connection:
            connection.request("GET", self.opening + path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def page(self):
        return self.get("/report.html")[1].decode()

    def until(self, holds):
        """Wait until what is said *holds*, and return it."""
        with closing(http.client.HTTPConnection(self.address, timeout=120)) as connection:
            connection.request("GET", f"{self.opening}/events")
            answer = connection.getresponse()
            while True:
                line = answer.readline()
                assert line, self.said
                if line.startswith(b"data: ") and holds(told := json.loads(line.removeprefix(b"data: "))):
                    return told

    def mended(self):
        """Wait until nothing is wrong."""
        self.until(lambda told: not told["building"] and not told["problem"])

    def made(self, number):
        """Wait for the page of that number, which nothing may stand in the way of."""
        told = self.until(lambda told: not told["building"] and (told["number"] >= number or told["problem"]))
        assert not told["problem"], told
        return told


@contextmanager
def _started(project, *options, **settings):
    command = [builds.COMMAND, "preview", "longtan", "2013", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    with subprocess.Popen(command, cwd=project, start_new_session=True, **pipes, **settings) as process:
        try:
            yield Preview(process)
        finally:
            if process.poll() is None:
                process.kill()


def _ended(preview, number=signal.SIGINT):
    """End the preview as a terminal does, all its processes at once, and return its code and last words."""
    os.killpg(preview.process.pid, number)
    words = preview.process.stdout.read()
    return preview.process.wait(30), words


@pytest.fixture(name="preview", scope="module")
def _preview(tmp_path_factory):
    """A preview of a project of its own, made once; tests mend what they break."""
    project = builds.new_project(tmp_path_factory.mktemp("preview"))
    with _started(project) as running:
        running.project = project
        running.made(1)
        yield running


@contextmanager
def _saved(path, content):
    """Save *content* in *path*, and what was there before afterwards."""
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def _edited(preview, path, old, new):
    """Save an edit, give what the page became, and wait until it is what it was."""
    file = preview.project / path
    before = preview.until(lambda told: not told["building"])["number"]
    with _saved(file, file.read_text("utf-8").replace(old, new, 1).encode()):
        assert file.read_text("utf-8").count(new) >= 1
        preview.made(before + 1)
        page = preview.page()
    preview.made(before + 2)
    return page


# ---- what is shown


def test_the_page_is_the_published_one_byte_for_byte(preview, built):
    assert preview.get("/report.html") == (200, built.files["report.html"])


def test_every_file_is_the_published_one_made_on_demand(preview, built):
    assert {name: preview.get(f"/{name}")[1] for name in builds.NAMES} == built.files


def test_nothing_is_published(preview):
    assert [path.name for path in (preview.project / "outputs").glob("[!.]*")] == []


@pytest.mark.parametrize(
    ("path", "old", "new", "shown"),
    [
        (PARAMS / "narrative.md", "。", "，新写的话。", "，新写的话。"),
        (PARAMS / "report.yaml", "0432-63041810", "0432-63041811", "0432-63041811"),
        (PARAMS / "statistics.csv", ",963\n", ",964\n", ">964条<"),
        (Path("notebooks") / builds.NOTEBOOK, "# 政府信息公开工作年度报告（吉林省表式）", "## 新的标题", ""),
        (Path("notebooks") / builds.NOTEBOOK, "## 一、基本工作情况", "## 一、基本的情况", "一、基本的情况"),
    ],
)
def test_a_save_is_seen_in_the_page(preview, path, old, new, shown):
    assert shown in _edited(preview, path, old, new)


def test_mended_the_page_is_again_what_it_was(preview, built):
    assert preview.page().encode() == built.files["report.html"]


def test_what_the_library_holds_as_data_is_read_anew_and_a_changed_program_is_told(tmp_path):
    project = builds.new_project(tmp_path / "project")
    library = tmp_path / "lib" / "nianbao"
    shutil.copytree(Path(nianbao.__file__).parent, library, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(library.parent)}
    with _started(project, env=environment) as preview:
        preview.made(1)
        builds.replace(library / "render/templates/html/report.css", "--ink: theme(ink)", "--ink: #1b1b1b")
        preview.made(2)
        page = preview.page()
        errors = library / "indicators/errors.py"
        errors.write_text(errors.read_text("utf-8") + "\n", "utf-8")
        builds.replace(library / "render/templates/html/report.css", "--ink: #1b1b1b", "--ink: theme(ink)")
        told = preview.made(3)

    assert "--ink: #1b1b1b" in page
    assert "程序改动了（errors.py）" in told["notice"]


# ---- what is wrong


def test_every_problem_is_told_with_file_and_line_and_the_last_good_page_stays(preview, built):
    path = preview.project / PARAMS / "narrative.md"
    text = path.read_text("utf-8").replace("。", "。{{ no.such }}{{ disclosed.distrct }}", 1)
    line = 1 + text[: text.index("{{ no.such")].count("\n")
    with _saved(path, text.encode()):
        told = preview.until(lambda told: not told["building"] and told["problem"])
        page = preview.page()
    preview.mended()

    assert [each["where"] for each in told["problem"]["items"]] == [
        f"params/longtan/2013/narrative.md 第{line}行（disclosed.distrct）",
        f"params/longtan/2013/narrative.md 第{line}行（no.such）",
    ]
    assert page.encode() == built.files["report.html"]


def test_a_failed_cell_is_told_with_its_line_and_reason(preview):
    path = preview.project / "notebooks" / builds.NOTEBOOK
    text = path.read_text("utf-8").replace('"report.narrative(\\"preface\\")"', '"year = report\\nreport.nothing"')
    with _saved(path, text.encode()):
        told = preview.until(lambda told: not told["building"] and told["problem"])
    preview.mended()

    (item,) = told["problem"]["items"]
    assert item["where"].startswith(f"notebooks/{builds.NOTEBOOK} 单元格“year = report”")
    assert item["where"].endswith(" 第2行")
    assert "no attribute 'nothing'" in item["found"]


def test_a_cell_without_end_gives_way_to_the_next_save(preview):
    path = preview.project / "notebooks" / builds.NOTEBOOK
    text = path.read_text("utf-8").replace('"report.narrative(\\"preface\\")"', '"while True: pass"')
    assert "while True" in text
    with _saved(path, text.encode()):
        preview.until(lambda told: told["building"])
        time.sleep(6)
        number = preview.until(lambda told: told["building"])["number"]
    preview.until(lambda told: not told["building"])

    assert preview.made(number)["problem"] is None


def test_a_text_that_is_none_is_told_by_its_name(preview):
    path = preview.project / PARAMS / "narrative.md"
    with _saved(path, b"\xff\xfe"):
        told = preview.until(lambda told: not told["building"] and told["problem"])
    preview.mended()

    assert "narrative.md" in json.dumps(told["problem"], ensure_ascii=False)


def test_a_half_written_save_is_made_good_by_the_next(preview):
    path = preview.project / "notebooks" / builds.NOTEBOOK
    whole = path.read_bytes()
    with _saved(path, whole[: len(whole) // 2]):
        told = preview.until(lambda told: not told["building"] and told["problem"])

    assert f"notebooks/{builds.NOTEBOOK}" in told["problem"]["items"][0]["where"]
    preview.mended()


def test_a_link_out_of_the_report_leads_nowhere(preview):
    outputs = preview.project / "outputs" / "longtan" / "2013"
    outputs.mkdir(parents=True)
    (outputs / "link.html").symlink_to(preview.project / PARAMS / "report.yaml")
    (outputs / "report.html").symlink_to(preview.project / PARAMS / "report.yaml")
    page = preview.page()

    assert preview.get("/link.html")[0] == 404
    assert page.startswith("<!DOCTYPE html>")


# ---- how it ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_without_a_trace(tmp_path, number):
    project = builds.new_project(tmp_path)
    with _started(project) as preview:
        code, words = _ended(preview, number)

    assert (code, words.splitlines()[-1]) == (0, "预览已结束；outputs/ 没有改动。")
    assert "Traceback" not in words
    assert list((project / "outputs").iterdir()) == []
    _none_left(preview)


def test_killed_it_leaves_no_process(tmp_path):
    with _started(builds.new_project(tmp_path)) as preview:
        os.kill(preview.process.pid, signal.SIGKILL)
        preview.process.wait()
        _none_left(preview)


def _none_left(preview):
    """Wait until no process of *preview* is left: the server that its makings are copied from sees its end a moment later."""
    for _try in range(300):
        try:
            os.killpg(preview.process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("a process is left")


def test_two_previews_run_beside_each_other(preview):
    with _started(preview.project) as second:
        assert second.address != preview.address


def test_a_port_that_is_taken_ends_it_with_a_word(preview):
    port = preview.address.partition(":")[2]
    run = builds.nianbao(preview.project, "preview", "longtan", "2013", "--port", port)

    assert (run.returncode, run.stderr) == (2, f"nianbao：端口{port}不能用（已被别的程序占用），请换一个，或不写 --port。\n")


def test_a_report_that_is_not_there_ends_it_with_a_word(preview):
    run = builds.nianbao(preview.project, "preview", "longtan", "2031")

    assert (run.returncode, "没有2031年的资料" in run.stderr) == (2, True)


def test_the_button_puts_placeholders_in_place_and_the_page_follows(preview):
    file = preview.project / PARAMS / "narrative.md"
    number = preview.until(lambda told: not told["building"])["number"]
    typed = "2013年公开信息总数2565条，举办讲座3次。"
    with _saved(file, file.read_text("utf-8").replace("五是组织监督评议。", f"五是组织监督评议。{typed}", 1).encode()):
        assert preview.made(number + 1)["typed"] == 2
        with closing(http.client.HTTPConnection(preview.address, timeout=120)) as connection:
            connection.request("POST", f"{preview.opening}/adopt", headers={"Sec-Fetch-Site": "same-origin"})
            assert connection.getresponse().status == 204
        told = preview.until(lambda told: not told["building"] and told.get("typed") == 1)
        assert "1个手写的数改成了占位符。还有1个要由人决定" in told["state"]
        assert "公开信息总数{{ disclosed }}，举办讲座3次。" in file.read_text("utf-8")
    preview.until(lambda told: not told["building"] and not told["typed"])
