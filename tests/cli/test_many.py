"""How far a batch has come, and what it came to, in words."""

from collections import Counter

import pytest
from nianbao.cli import many
from nianbao.fleet.batch import Result


def _result(outcome, message=""):
    return Result(unit="longtan", year="2013", outcome=outcome, message=message)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "1秒"), (59.4, "59秒"), (60, "1分00秒"), (3599, "59分59秒"), (3660, "1小时01分")]
)
def test_a_time_is_told_as_finely_as_is_of_use(seconds, words):
    assert many.duration(seconds) == words


def test_the_bar_counts_what_ended_and_what_failed_and_what_is_left():
    progress = many.Progress(total=10, unchanged=5)
    for outcome in ("已生成", "失败"):
        progress.take(_result(outcome))

    bar = progress.bar(["longtan/2013"])

    assert "7/10　失败1　约剩" in bar
    assert bar.endswith("longtan/2013")
    assert bar.count("█") == 24 * 7 // 10


def test_the_bar_does_not_guess_before_anything_ended():
    assert "约剩" not in many.Progress(total=10, unchanged=5).bar([])


def test_without_a_terminal_a_line_comes_only_now_and_then(capsys):
    progress = many.Progress(total=10, unchanged=0)
    progress.show([])
    progress.told -= 11
    progress.show([])
    progress.show([])

    assert capsys.readouterr().out == "0/10　失败0\n"


def test_a_failure_is_told_as_it_happens(capsys):
    many.Progress(total=10, unchanged=0).take(_result("失败", "坏了"))

    assert capsys.readouterr().out == "失败　longtan 2013：坏了\n"


def test_a_failure_is_one_line_without_control_characters():
    line = many.failure(_result("失败", "第一行\n  第二行\x1b[2J" + "长" * 500))

    assert line.startswith("失败　longtan 2013：第一行 第二行�[2J长")
    assert len(line) < 200


def test_the_summary_counts_every_outcome_and_names_each_failure():
    results = [_result("已生成"), _result("没有变化"), _result("没有变化"), _result("失败", "坏了")]

    lines = many.summary(results, Counter({"成稿": 3, "未生成": 1}), 61)

    assert [line.split() for line in lines[1:4]] == [["已生成", "1"], ["没有变化", "2"], ["失败", "1"]]
    assert lines[4:] == ["现有：成稿3份，未生成1份；用时1分01秒。", "失败　longtan 2013：坏了"]


def test_very_many_failures_are_not_all_listed():
    lines = many.summary([_result("失败", "坏了")] * 70, Counter(), 1)

    assert lines[-1] == "另有20份失败，没有在这里列出。"


@pytest.mark.parametrize(("text", "columns", "shown"), [("abcdef", 4, "abc"), ("年报年报", 6, "年报"), ("ab", 10, "ab")])
def test_a_line_is_cut_to_the_terminal_where_an_ideograph_takes_two_columns(text, columns, shown):
    assert many.fitted(text, columns) == shown
