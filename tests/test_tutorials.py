"""The tutorials are notebooks that run as they are written."""

from pathlib import Path

import nbclient
import nbformat
import pytest
from nianbao.page.blocks import MIMETYPE

TUTORIALS = Path(__file__).parents[1] / "docs" / "tutorials"
pytestmark = pytest.mark.slow


def ran(name):
    notebook = nbformat.read(TUTORIALS / name, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(TUTORIALS)}}
    ).execute()
    return {cell.id: cell.get("outputs", []) for cell in notebook.cells}


def said(outputs):
    return "".join(each.get("text", "") or each.get("data", {}).get("text/plain", "") for each in outputs)


def test_an_official_s_first_report_is_begun_checked_built_and_verified():
    outputs = ran("official.ipynb")
    assert "params/yongji/2025" in said(outputs["new"])
    assert ".xlsx" in said(outputs["export"])
    assert MIMETYPE in outputs["preview-words"][0].data
    assert "成稿" in said(outputs["built"])
    assert "table" in said(outputs["outputs"])
    assert "一致" in said(outputs["verified"])


def test_an_analyst_s_own_chart_and_table_are_displays_of_the_report():
    outputs = ran("analyst.ipynb")
    assert "value" in said(outputs["load"])
    shown = {name: outputs[name][-1].data[MIMETYPE] for name in ("open", "shares", "renamed", "chart", "own-number")}
    assert all(payload["report"] == "specimen/2025" and payload["part"] == "cell" for payload in shown.values())
    assert shown["own-number"]["untraced"] == "按上表四行平均"
    assert not any("misplaced" in payload for payload in shown.values())


@pytest.mark.parametrize("path", sorted(TUTORIALS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_tutorial_is_stored_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    nbformat.validate(notebook)
