"""The small helper library is used alone: its own example runs, and nothing else of the library comes along."""

import doctest
import subprocess
import sys

from nianbao import indicators

ALONE = """
import sys
from nianbao.indicators import figures, form, report, rules, series, values
own = {name.split(".")[1] for name in sys.modules if name.startswith("nianbao.")}
print(sorted(own), sorted({"yaml", "pandas", "lxml", "nbformat", "xlsxwriter", "multiprocessing"} & {*sys.modules}))
"""


def test_the_example_of_the_package_says_what_comes_of_it():
    assert doctest.testmod(indicators).failed == 0
    assert doctest.testmod(indicators).attempted > 10


def test_the_indicators_import_nothing_else_of_the_library_and_no_library_of_files_or_frames():
    run = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, encoding="utf-8", check=True)

    assert run.stdout == "['indicators'] []\n"
