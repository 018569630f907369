"""One making for the preview, and what the page shows of what went wrong."""

import nbformat
import pytest
from nianbao.indicators.errors import InvalidInputError, PreviewError, Problem
from nianbao.notebook.run import CellFailed
from nianbao.preview import maker
from nianbao.processes import pool

NOTEBOOK = "notebooks/report-jilin.ipynb"


def _failed(*traceback, source="x = 1\ny"):
    error = nbformat.v4.new_output("error", ename="NameError", evalue="y", traceback=list(traceback))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="staff", outputs=[error])])
    return CellFailed(notebook, "staff", source, "NameError: name 'y' is not defined")


def test_every_problem_of_the_inputs_is_shown_with_file_and_line():
    one = Problem(
        file="params/longtan/2013/statistics.csv", line=5, place="F5", found="读到“３４”", allowed="整数", remedy="改用半角"
    )
    two = Problem(file="params/longtan/2013/narrative.md", found="没有标题")

    assert maker.problem(InvalidInputError([one, two]), NOTEBOOK) == {
        "title": "有2处需要改正",
        "items": [
            {"where": "params/longtan/2013/narrative.md", "found": "没有标题", "allowed": "", "remedy": ""},
            {
                "where": "params/longtan/2013/statistics.csv 第5行（F5）",
                "found": "读到“３４”",
                "allowed": "整数",
                "remedy": "改用半角",
            },
        ],
        "text": "",
    }


def test_a_failed_cell_is_shown_with_notebook_line_reason_and_source():
    colours = "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[7]\x1b[39m\x1b[32m, line 2\x1b[39m"
    shown = maker.problem(_failed("NameError  Traceback", colours, "NameError: y"), NOTEBOOK)

    assert shown["items"][0]["where"] == f"{NOTEBOOK} 单元格staff 第2行"
    assert shown["items"][0]["found"] == "原因：NameError: name 'y' is not defined"
    assert shown["text"] == "   1  x = 1\n>  2  y"


def test_a_failed_cell_whose_traceback_names_no_line_is_shown_without_one():
    shown = maker.problem(_failed("SystemExit"), NOTEBOOK)

    assert (shown["items"][0]["where"], shown["text"]) == (f"{NOTEBOOK} 单元格staff", "   1  x = 1\n   2  y")


def test_any_other_refusal_is_shown_in_its_own_words():
    assert maker.problem(PreviewError("说明。"), NOTEBOOK) == {"title": "说明。", "items": [], "text": ""}


def test_a_file_that_the_system_refuses_is_named():
    shown = maker.problem(FileNotFoundError(2, "No such file", "narrative.md"), NOTEBOOK)

    assert "（narrative.md）" in shown["title"]


@pytest.mark.parametrize(
    ("ending", "words"),
    [(pool.LATE, "生成了300秒还没有完"), (pool.KILLED, "信号9，可能内存不足"), (pool.BROKEN, "程序的缺陷，不是资料的问题")],
)
def test_a_making_that_did_not_end_is_shown_with_what_it_said_last(ending, words):
    shown = maker.stopped(pool.Outcome(name="", ending=ending, message="Traceback", seconds=300.0, signal=9))

    assert words in shown["title"]
    assert shown["text"] == "Traceback"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"waiting": 0, "stray": [], "needs": []}, "成稿：没有待处理的问题。"),
        ({"waiting": 3, "stray": [], "needs": []}, "草稿：有3个问题没有处理。"),
        (
            {"waiting": 0, "stray": ["staff"], "needs": []},
            "单元格staff有不属于报告的输出，没有进入网页。成稿：没有待处理的问题。",
        ),
        (
            {"waiting": 0, "stray": [], "needs": ["input()"]},
            "笔记本用到input()，已改由普通内核执行，所以慢。成稿：没有待处理的问题。",
        ),
    ],
)
def test_a_report_is_said_to_be_final_or_a_draft(made, words):
    assert maker.standing(made) == words
