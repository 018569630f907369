"""Notebooks through nbformat, and the grammar of web addresses that it does not need."""

import subprocess
import sys

import nbformat
import pytest
from nianbao.document.document import Document
from nianbao.indicators.errors import InvalidInputError
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


def _linted(longtan, *cells):
    made = [nbformat.v4.new_markdown_cell("# 甲"), *cells]
    given = source.Source(notebook=nbformat.v4.new_notebook(cells=made), file="notebooks/x.ipynb", folder="notebooks")
    return source.lint(given, Document(longtan))


def test_a_number_typed_into_a_markdown_cell_is_told_with_its_first_line_heading_and_line(longtan):
    found = _linted(longtan, nbformat.v4.new_markdown_cell("办理情况如下。\n\n另有37件正在办理。", id="8f2a9c1d"))

    assert [each.rule for each in found] == ["T01"]
    assert "notebooks/x.ipynb 单元格“办理情况如下。”（“甲”之下） 第3行" in found[0].sentence
    assert "8f2a9c1d" not in found[0].sentence + found[0].id


def test_what_speaks_to_editors_alone_is_not_looked_at(longtan):
    assert _linted(longtan, nbformat.v4.new_markdown_cell("另有37件{{ no }}", metadata={"tags": ["aside"]})) == []


def test_a_comment_in_code_is_no_heading(longtan):
    with pytest.raises(InvalidInputError, match=r"单元格“\{\{ no \}\}”（“甲”之下） 第1行"):
        _linted(longtan, nbformat.v4.new_code_cell("# Parameters\nx = 1"), nbformat.v4.new_markdown_cell("{{ no }}"))
