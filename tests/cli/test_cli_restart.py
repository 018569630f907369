"""A command that begins again with fixed hashes of strings is the same command: whatever was typed is there again."""

import os
import subprocess
import sys

import builds
import pytest

# A command with one option more, which says what it was given and how its process came to be; begun again, it does nothing else.
PROGRAM = """
import sys
from nianbao import cli

def add_extra(commands):
    command = commands.choices[sys.argv[1]]
    command.add_argument("--extra")
    run = command.get_default("run")

    def say(options):
        print(options.extra, "random" if sys.flags.hash_randomization else "fixed", flush=True)
        return run(options) if sys.flags.hash_randomization else 0

    command.set_defaults(run=say)

cli.COMMANDS.append(add_extra)
sys.exit(cli.main())
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with the parameters of 2013 and nothing built, and the program in it."""
    folder = builds.new_project(tmp_path_factory.mktemp("project"))
    (folder / "extra.py").write_text(PROGRAM, "utf-8")
    return folder


def _said(project, *arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"} | variables
    command = [sys.executable, "extra.py", *arguments]
    run = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=True, timeout=60, env=environment)
    return run.stdout.splitlines()


@pytest.mark.parametrize(
    "typed",
    [
        ("report", "longtan", "2013"),
        ("report", "--force", "--", "longtan", "2013"),
        ("audit", "longtan", "2013"),
        ("trend", "longtan"),
    ],
)
def test_an_option_added_to_a_command_is_there_again_when_it_begins_again(project, typed):
    command, *rest = typed

    assert _said(project, command, "--extra=两 words", *rest) == ["两 words random", "两 words fixed"]


def test_what_was_fixed_from_outside_is_not_begun_again(project):
    assert _said(project, "trend", "--extra=a", "longtan", PYTHONHASHSEED="0") == ["a fixed"]
