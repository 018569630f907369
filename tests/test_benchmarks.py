"""The benchmarks compare what they say they compare; their speed is told by `make bench`, not here."""

import json
import re

import builds
import environments
import province
import pytest
import telling

BENCHMARKS = builds.ROOT / "benchmarks"
LOCK = (builds.ROOT / "requirements.lock").read_text("utf-8")


@pytest.fixture
def found():
    return json.loads((BENCHMARKS / "results.json").read_text("utf-8"))


def _listed():
    return dict(re.findall(r"^([a-z0-9_.-]+)==([^ \\]+)", environments._listed(LOCK), re.MULTILINE))


def test_the_lean_baseline_has_the_tools_as_the_lock_pins_them():
    pins = dict(re.findall(r"^([a-z0-9_.-]+)==([^ \\]+)", LOCK, re.MULTILINE))

    listed = _listed()

    assert {"papermill", "nbconvert", "ipykernel", "pandas", "matplotlib"} <= listed.keys()
    assert listed.items() <= pins.items()


def test_every_package_of_the_baseline_is_in_the_lock():
    names = {line for line in (BENCHMARKS / "baseline.txt").read_text("utf-8").splitlines() if not line.startswith("#")}

    assert names == _listed().keys()


def test_the_lean_baseline_has_neither_jupyterlab_nor_its_grammar():
    assert not {"jupyter", "jupyterlab", "rfc3987-syntax"} & _listed().keys()


def test_a_province_has_a_unit_for_each_report(tmp_path):
    made = province.make(tmp_path, 3)

    assert [(tmp_path / "params" / unit / year / "report.yaml").is_file() for unit, year in made] == [True] * 3
    assert len(set(made)) == 3


def test_the_page_of_results_is_what_the_results_say(found):
    assert (BENCHMARKS / "results.md").read_text("utf-8") == telling.page(found)


def test_the_chart_of_results_is_what_the_results_say(found):
    assert (BENCHMARKS / "cost.svg").read_text("utf-8") == telling.chart(found)


def test_a_target_that_is_missed_is_told(found):
    found["one"]["seconds"]["cold"] = found["one"]["seconds"]["lean"]

    assert "| 1.000 |" in telling.page(found)
    assert "**missed**" in telling.page(found)


def test_five_rounds_were_measured(found):
    assert all(len(samples) == 5 for part in ("one", "many") for samples in found[part]["seconds"].values())
