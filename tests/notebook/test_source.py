"""Notebooks through nbformat, and the grammar of web addresses that it does not need."""

import subprocess
import sys

import pytest
from nianbao.notebook import source


def _said(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout.split()


def test_a_notebook_is_read_and_written_without_the_grammar():
    code = """
import sys
from nianbao.notebook import source
made = source.made({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
source.parsed(source.written(made))
print("jsonschema" in sys.modules, "rfc3987_syntax" in sys.modules, "lark" in sys.modules)
"""
    assert _said(code) == ["True", "False", "False"]


@pytest.mark.slow
def test_addresses_are_checked_as_ever_by_whoever_asks():
    pytest.importorskip("rfc3987_syntax")
    code = """
from nianbao.notebook import source
source.made({})
import jsonschema
checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
validator = jsonschema.Draft202012Validator({"format": "iri"}, format_checker=checker)
print(validator.is_valid("https://例.cn/x"), validator.is_valid("::"))
import rfc3987_syntax
print(hasattr(rfc3987_syntax, "make_syntax_validator"))
"""
    assert _said(code) == ["True", "False", "True"]


@pytest.mark.parametrize(
    "text",
    [
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [null]}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}',
        '{"nbformat": 4, "nbformat_minor": "x", "metadata": {}, "cells": []}',
        '{"nbformat": 1, "metadata": {}, "cells": [{"cell_type": "raw"}]}',
        "{}",
    ],
)
def test_what_is_no_notebook_is_told(text):
    with pytest.raises(ValueError, match=r"\w"):
        source.parsed(text)
