"""
What the commands share: how one is asked for, how it speaks while it works, and how it begins again.

What a command does is not known here.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nianbao.indicators.findings import Finding


DONE, FOUND, FAILED = 0, 1, 2

_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
# Seconds without a word before work that goes on says how far it is.
_PATIENCE = 2


class _Usage(argparse.HelpFormatter):
    """Help whose own words are Chinese."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser whose own words are Chinese."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(add_help=False, formatter_class=_Usage, **settings)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示本说明")

    def error(self, message: str) -> NoReturn:
        """Say how a command is written, and exit; what *message* says in English is shown by the usage."""
        del message
        self.exit(FAILED, f"nianbao：命令写得不对。{self.format_usage().strip()}；说明：{self.prog} --help\n")


class Version(argparse.Action):
    """Say which version this is; finding it out takes longer than all else here."""

    def __call__(self, parser: argparse.ArgumentParser, *_args: Any, **_named: Any) -> NoReturn:
        """Print the version and exit."""
        from importlib.metadata import version

        print(f"nianbao {version('nianbao')}")
        parser.exit(DONE)


def add_command(commands: Any, name: str, words: str, run: Any, **defaults: str | bool) -> argparse.ArgumentParser:
    """Add the command *name*, which *words* explain and *run* carries out."""
    command: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    command.set_defaults(run=run, **defaults)
    return command


def add_report_command(commands: Any, name: str, words: str, run: Any, **defaults: str | bool) -> argparse.ArgumentParser:
    """Add the command *name*, as `add_command` does, which asks for one report."""
    command = add_command(commands, name, words, run, **defaults)
    command.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")
    command.add_argument("year", help="年份，如 2013")
    return command


def count(text: str) -> int:
    """Return *text* as a number from 1 up; argparse takes a ValueError for a command written wrongly."""
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise ValueError(text)
    return int(text)


def fix_hashes(options: argparse.Namespace) -> None:
    """
    Begin again, with the same command line, where this process is its own and hashes of strings are not fixed.

    The order of a set follows them. A kernel is started with fixed ones; a notebook that runs in a copy of this process has ours.
    """
    if options.own_process and options.engine == "fork" and sys.flags.hash_randomization and not sys.flags.ignore_environment:
        become(sys.orig_argv[1:], PYTHONHASHSEED="0")


def become(arguments: Sequence[str], **environment: str) -> NoReturn:
    """Go on as our interpreter with other *arguments*, and with *environment* added to what there is."""
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *arguments], {**os.environ, **environment})  # noqa: S606 - our own interpreter


def refuse(words: str) -> int:
    """Say on stderr why nothing was done, and return the exit code."""
    print(f"nianbao：{spoken(words)}", file=sys.stderr)
    return FAILED


# What the Makefile says of itself, so that whoever typed `make new` is told NAME= and not --name.
_CALLER = "NIANBAO_CALLER"
_FOR_MAKE = (
    (re.compile(r"--(name|province|form|jobs) (?=\S)"), lambda found: f"{found[1].upper()}="),
    (re.compile(r"--(force|dry-run)\b"), lambda found: {"force": "FORCE=1", "dry-run": "DRY=1"}[found[1]]),
    (re.compile(r"--port\b"), lambda _found: "PORT="),
    (re.compile(r"-o\b"), lambda _found: "FILE="),
    (re.compile(r"\bnianbao table (\w+)"), lambda found: f"make table-{found[1]}"),
    (re.compile(r"\bnianbao (\w+) ([\w-]+) ([0-9]{4})\b"), lambda found: f"make {found[1]} UNIT={found[2]} YEAR={found[3]}"),
    (re.compile(r"\bnianbao (check|report|new|adopt)\b"), lambda found: f"make {found[1]}"),
)


def spoken(words: str) -> str:
    """Return *words* in the language of make where that called: the names it has for options and commands."""
    if os.environ.get(_CALLER) == "make":
        for pattern, said in _FOR_MAKE:
            words = pattern.sub(said, words)
    return words


def print_findings(findings: Iterable[Finding]) -> None:
    """Print *findings*, a line each."""
    from nianbao.page import faces

    for finding in findings:
        mark = "已认可" if finding.accepted else _SEVERITIES[finding.severity]
        print(f"{mark}　{finding.id}：{faces.spelled(finding.sentence)}。")


def print_made(folder: object, files: Iterable[str]) -> None:
    """Say which *files* were made in *folder*."""
    print("已生成：" + "、".join(f"{folder}/{name}" for name in files))


def numbered_steps(total: int) -> Callable[[str], None]:
    """Return what says each of *total* steps as it begins."""
    numbers = iter(range(1, total + 1))
    return lambda step: print(f"[{next(numbers)}/{total}] {step}…", flush=True)


def print_step(words: str) -> None:
    """Say a step as it begins."""
    print(f"{words}…", flush=True)


def seldom() -> Callable[[str], None]:
    """Return what says on stderr how far the work is, but not more often than a reader wants."""
    last = time.monotonic()

    def say(words: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _PATIENCE:
            last = time.monotonic()
            print(f"{words}…", file=sys.stderr, flush=True)

    return say
