"""How the command line is read: a parser whose own words are Chinese."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from .codes import DONE, FAILED


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
        from importlib.metadata import version  # noqa: PLC0415 - see above

        print(f"nianbao {version('nianbao')}")
        parser.exit(DONE)


def command(commands: Any, name: str, words: str, run: Any, **defaults: str | bool) -> argparse.ArgumentParser:
    """Add the command *name*, which *words* explain and *run* carries out."""
    added: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    added.set_defaults(run=run, **defaults)
    return added


def report(parser: argparse.ArgumentParser) -> None:
    """Have *parser* ask for one report."""
    parser.add_argument("unit", help="单位，即 params/ 下的文件夹名，如 longtan")
    parser.add_argument("year", help="年份，如 2013")


def count(text: str) -> int:
    """Return *text* as a number from 1 up; argparse takes a ValueError for a command written wrongly."""
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise ValueError(text)
    return int(text)
