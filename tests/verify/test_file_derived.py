"""A report whose sentences ask for sums, parts, rates of its own and columns is computed again from its file alone."""

import json
import re

import builds
import pytest
from nianbao.verify import file as verification
from nianbao.verify.verdict import DIFFERS

pytestmark = pytest.mark.slow

SENTENCES = (
    "%%prose\n# {{ title }}\n\n{{ replies.granted + replies.partial | portion }}。{{ disclosed.district.cumulative | portion }}。"
    "占{{ applications.online / applications }}，公开率{{ rates.openness }}。{{ facts.halves | portion }}。"
)
SUM = "replies.granted.year._and_.replies.partial.year"


@pytest.fixture(scope="module")
def asked(shared):
    def make(folder):
        project = builds.new_project(folder)
        declared = project / "params/longtan/2013/report.yaml"
        rates = "\nrates:\n  openness: {label: 公开率, numerator: replies.granted + replies.partial, denominator: replies}\n"
        facts = "facts:\n  halves: {label: 半数, value: 10, unit: 个, source: published, of: facts.departments}\n"
        declared.write_text(declared.read_text("utf-8").replace("facts:\n", facts, 1) + rates, "utf-8")
        builds.edit(project, "title", SENTENCES)
        return builds.report(project)

    return shared("asked", make)


def test_the_figures_stand_in_their_file_with_formula_and_inputs(asked):
    held = {each["id"]: each for each in json.loads(asked.files["figures.json"])}
    whole = f"{SUM}._of_.replies.year"
    assert held[SUM]["formula"] == "replies.granted.year + replies.partial.year"
    assert held[whole]["inputs"] == [SUM, "replies.year"]
    assert held["rates.openness"]["value"] == held[whole]["value"]
    assert {each for figure in held.values() for each in figure["inputs"]} <= held.keys()


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_they_are_computed_again_from_the_file_alone(asked, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(asked.files[name])
    verdict = verification.verify(path, None)
    assert [item for item in verdict.items if item.outcome == DIFFERS] == []
    assert any(SUM in item.what for item in verdict.items)


def test_one_that_is_not_what_its_cells_come_to_is_noticed(asked, tmp_path):
    page = asked.files["report.html"].decode()
    held = json.loads(asked.files["figures.json"])
    display = next(each["display"] for each in held if each["id"] == SUM)
    forged = re.sub(rf'("id":\s*"{re.escape(SUM)}".*?"display":\s*)"{display}"', r'\1"1件"', page, count=1, flags=re.DOTALL)
    assert forged != page
    path = tmp_path / "report.html"
    path.write_text(forged, "utf-8")
    assert any(SUM in item.what and item.outcome == DIFFERS for item in verification.verify(path, None).items)
