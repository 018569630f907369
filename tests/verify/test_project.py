"""`nianbao verify UNIT YEAR`: what was tampered with is found and named, what was not compared is never counted as passed."""

import contextlib
import functools
import io
import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import builds
import lxml.html
import nianbao
import pytest
from nianbao import cli
from nianbao.build import manifest, pipeline, swap
from nianbao.indicators import errors
from nianbao.inputs.project import Project
from nianbao.verify import project as verify
from nianbao.verify import verdict

pytestmark = pytest.mark.slow

OWN = "outputs/longtan/2013"
VERDICT = {"verdict.json", "verdict.html"}
SEALED = [name for name in builds.NAMES if name != "manifest.json"]
CSV, YAML, PROSE = (f"params/longtan/2013/{name}" for name in ("statistics.csv", "report.yaml", "narrative.md"))
NOTEBOOK = f"notebooks/{builds.NOTEBOOK}"
FORM = "forms/jilin-2013.yaml"
PARTS = manifest.SEALED
NO_MANIFEST = "残缺或被改动，不是本工具写出的清单；从版本库取回。"
COMPILED = shutil.ignore_patterns("__pycache__")
HOSTILE = '<script>alert("某区")</script>&<b>"\'{{ 1 + 1 }}{% raw %}'


class Verified:
    """One run of `nianbao verify longtan 2013` and what it wrote."""

    def __init__(self, project, before, run):
        self.project, self.before, self.run = project, before, run
        self.after = _files(project)

    @property
    def record(self):
        return json.loads((self.project / OWN / "verdict.json").read_text("utf-8"))

    @property
    def page(self):
        return lxml.html.document_fromstring((self.project / OWN / "verdict.html").read_text("utf-8"))

    def items(self, outcome, depth=None):
        """The items with this *outcome*, at *depth* or at any: (what, expected, found, source)."""
        found = [each for each in self.record["items"] if each["outcome"] == outcome and depth in {None, each["depth"]}]
        return [(each["what"], each["expected"], each["found"], each["source"]) for each in found]

    def named(self, depth):
        """What differs at *depth*, by its name alone."""
        return [item[0].split()[0] for item in self.items(verdict.DIFFERS, depth)]


# ---- what is done to a project before it is verified


def _nothing(_project, _library):
    pass


def _fresh_clone(project, _library):
    for name in SEALED:
        (project / OWN / name).unlink()


def _digit_of_the_csv(project, _library):
    builds.replace(project / CSV, "387275,115352", "387275,115353")


def _fact(project, _library):
    builds.replace(project / YAML, "label: 区政府部门, value: 36", "label: 区政府部门, value: 37")


def _word(project, _library):
    builds.replace(project / PROSE, "政务公开栏直观易懂", "政务公开栏通俗易懂")


def _cell(project, _library):
    builds.edit(project, "chart-staff", 'report.stacks("staff", caption="从事信息公开工作人员组成")')


def _rule(_project, library):
    builds.replace(library / "nianbao/forms/jilin-2013.yaml", "method: half-up", "method: truncate")


def _line(_project, library):
    builds.replace(
        library / "nianbao/indicators/values.py",
        "return self.printed(rounded(ratio * 100,",
        "return self.printed(rounded(ratio * 99,",
    )


def _digit_of_the_page(project, _library):
    builds.replace(project / OWN / "report.html", ">115352次<", ">115353次<")


def _byte_of_the_pdf(project, _library):
    content = bytearray((project / OWN / "report.pdf").read_bytes())
    content[len(content) // 2] ^= 1
    (project / OWN / "report.pdf").write_bytes(content)


def _figure_of_the_manifest(project, _library):
    builds.replace(project / OWN / "manifest.json", '"display": "115352次"', '"display": "115353次"')


def _added(project, _library):
    (project / "params/longtan/2013/extra.csv").write_text("a,b\n", "utf-8")


def _removed(project, _library):
    (project / PROSE).unlink()


def _unreadable(project, _library):
    builds.replace(project / CSV, "387275,115352", "387275,一一五三五二")


def _raises(project, _library):
    builds.edit(project, "chart-content", 'report.bars("no_such_row", caption="x")')


def _environment(project, _library):
    path = project / OWN / "manifest.json"
    held = json.loads(path.read_text("utf-8"))
    held["environment"]["python"] = "3.0.0"
    held["environment"]["packages"]["typst"] = "0.1"
    path.write_text(json.dumps(held, ensure_ascii=False), "utf-8")


# What is done before a process of its own verifies the report, with the library that it is told of.
DEEDS = {
    "nothing": _nothing,
    "fresh clone": _fresh_clone,
    "digit of the CSV": _digit_of_the_csv,
    "rule": _rule,
    "line": _line,
}
# What this process can verify, which saves a second each.
INSIDE = {
    "fact": _fact,
    "word": _word,
    "cell": _cell,
    "removed": _removed,
    "unreadable": _unreadable,
    "raises": _raises,
}
# What is done to what came out, or to the manifest, or beside the inputs: what is made again is the same each time.
OUTSIDE = {
    "digit of the page": _digit_of_the_page,
    "byte of the PDF": _byte_of_the_pdf,
    "figure of the manifest": _figure_of_the_manifest,
    "added": _added,
    "environment": _environment,
}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A copy of the library to run and to change, so that what is changed is what runs."""
    copied = tmp_path_factory.mktemp("library")
    shutil.copytree(Path(nianbao.__file__).parent, copied / "nianbao", ignore=COMPILED)
    return copied


@pytest.fixture(scope="module")
def sealed(library, tmp_path_factory):
    """The 2013 report built with that copy."""
    return builds.report(builds.new_project(tmp_path_factory.mktemp("sealed")), env=_with(library))


@pytest.fixture(scope="module")
def reissued(forms, tmp_path_factory):
    """A sound project for this process, in which the report is made once for all that verify it."""
    project = builds.new_project(tmp_path_factory.mktemp("reissued") / "project")
    made = {}

    class Once(pipeline.ReportJob):
        """A job that does its work the first time only."""

        def run(self, shell, *, progress):
            if "executed" not in made:
                super().run(shell, progress=progress)
                made["executed"] = self.executed
            self.executed = made["executed"]

        def made(self):
            if "outputs" not in made:
                made["outputs"] = super().made()
            return made["outputs"]

    own = manifest.library()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "library", lambda: own)
        with swap.scratch(project / "outputs") as scratch:
            first = Once(Project(project), "longtan", "2013", scratch, forms)
            first.run(None, progress=False)
            (project / OWN).mkdir(parents=True)
            for name, content in first.made().items():
                (project / OWN / name).write_bytes(content)
        yield project, Once


@pytest.fixture(scope="module")
def verified(library, sealed, request, tmp_path_factory):
    """Verify a copy of the project after one of DEEDS, INSIDE or OUTSIDE, each in a project of its own; two run side by side."""

    def prepared(deed, source, change, own):
        project = Path(shutil.copytree(source, tmp_path_factory.mktemp(deed.replace(" ", "-")) / "project"))
        change(project, own)
        return project, _files(project)

    def run(deed):
        own = library
        if deed in {"rule", "line"}:
            own = Path(shutil.copytree(library, tmp_path_factory.mktemp(deed) / "library", ignore=COMPILED))
        project, before = prepared(deed, sealed.project, DEEDS[deed], own)
        return Verified(
            project, before, builds.nianbao(project, "verify", "longtan", "2013", env={**environment, "PYTHONPATH": str(own)})
        )

    @functools.cache
    def run_here(deed):
        source, once = request.getfixturevalue("reissued")
        project, before = prepared(deed, source, {**INSIDE, **OUTSIDE}[deed], None)
        with pytest.MonkeyPatch.context() as patch:
            if deed in OUTSIDE:
                patch.setattr(pipeline, "ReportJob", once)
            return Verified(project, before, _verify(project))

    environment = _with(library)
    pool = ThreadPoolExecutor(max_workers=2)
    runs = {deed: pool.submit(run, deed) for deed in DEEDS}
    yield lambda deed: runs[deed].result() if deed in runs else run_here(deed)
    pool.shutdown(cancel_futures=True)


def _verify(project):
    """Run the command in this process; return what `subprocess.run` would."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = cli.main(["--project", str(project), "verify", "longtan", "2013"])
    return subprocess.CompletedProcess([], code, out.getvalue(), err.getvalue())


def _with(library):
    """The environment in which the package in the folder *library* is the one that runs, in the kernel too."""
    return {**os.environ, "PYTHONPATH": str(library)}


def _files(folder):
    """Every file and folder below *folder* with what it holds."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


# ---- nothing was touched


def test_an_untouched_report_ends_with_0_and_says_that_all_is_equal(verified):
    run = verified("nothing").run

    assert (run.returncode, run.stderr) == (0, "")
    assert re.fullmatch(r"一致：核对过的\d+项全部相同。", run.stdout.splitlines()[-2])


def _sealed_hashes(sealed):
    """How many hashes there are of what went in: of files, and of the parts of the library."""
    assert list(sealed["library"]) == list(PARTS)
    return len(sealed["inputs"]) + len(sealed["library"])


def test_every_depth_of_an_untouched_report_is_compared_in_full(verified, sealed):
    expected = {
        verify.HASHES: _sealed_hashes(sealed.manifest) + len(SEALED),
        verify.HEADING: len(sealed.manifest["report"]),
        verify.FIGURES: len(sealed.figures),
        verify.BYTES: len(SEALED),
    }

    assert verified("nothing").record["counts"] == {
        depth: {verdict.SAME: count, verdict.DIFFERS: 0, verdict.SKIPPED: 0} for depth, count in expected.items()
    }


def test_the_terminal_counts_every_depth(verified):
    lines = verified("nothing").run.stdout.splitlines()

    assert [line.split("：")[0] for line in lines if line.endswith("不同0，未核对0")] == list(verify.DEPTHS)


def test_the_environment_of_the_same_machine_is_not_told(verified):
    assert verified("nothing").record["environment"] == []
    assert "环境不同" not in verified("nothing").run.stdout


# ---- a fresh clone, which has the manifest and no other output


def test_a_fresh_clone_that_is_sound_ends_with_0(verified):
    assert verified("fresh clone").run.returncode == 0


def test_outputs_that_are_not_there_are_named_as_not_compared(verified):
    skipped = verified("fresh clone").items(verdict.SKIPPED)

    assert sorted(item[0] for item in skipped) == sorted(SEALED)
    assert {item[2] for item in skipped} == {"没有这个文件"}


def test_outputs_that_are_not_there_are_not_counted_as_passed(verified, sealed):
    counts = verified("fresh clone").record["counts"]

    same = _sealed_hashes(sealed.manifest)
    assert counts[verify.HASHES] == {verdict.SAME: same, verdict.DIFFERS: 0, verdict.SKIPPED: len(SEALED)}
    assert f"另有{len(SEALED)}项未核对" in verified("fresh clone").run.stdout.splitlines()[-2]


def test_figures_and_files_are_made_again_without_any_earlier_output(verified, sealed):
    counts = verified("fresh clone").record["counts"]

    assert (counts[verify.FIGURES][verdict.SAME], counts[verify.BYTES][verdict.SAME]) == (len(sealed.figures), len(SEALED))


# ---- what was tampered with is named

# (deed, files whose hash differs, figures that moved, files that come out otherwise)
ALL = {name for name in SEALED if name.startswith("report.")}
TAMPERED = [
    ("digit of the CSV", {CSV}, {"web_visits.year"}, {*SEALED} - {"findings.json"}),
    ("fact", {YAML}, {"facts.departments"}, {*SEALED} - {"findings.json", "data.csv", "datapackage.json", "tables.xlsx"}),
    ("word", {PROSE}, set(), ALL),
    ("cell", {NOTEBOOK}, set(), ALL),
    ("digit of the page", {"report.html"}, set(), set()),
    ("byte of the PDF", {"report.pdf"}, set(), set()),
    ("figure of the manifest", set(), {"web_visits.year"}, set()),
]


@pytest.mark.parametrize("deed", [*(case[0] for case in TAMPERED), "rule", "line", "added", "removed", "unreadable", "raises"])
def test_a_tampered_project_ends_with_1(verified, deed):
    assert verified(deed).run.returncode == 1


@pytest.mark.parametrize(("deed", "files"), [case[:2] for case in TAMPERED])
def test_the_file_that_was_changed_is_named_and_no_other(verified, deed, files):
    assert set(verified(deed).named(verify.HASHES)) == files


@pytest.mark.parametrize(("deed", "moved"), [(case[0], case[2]) for case in TAMPERED])
def test_the_figures_that_moved_are_named_and_no_others(verified, deed, moved):
    assert set(verified(deed).named(verify.FIGURES)) == moved


@pytest.mark.parametrize(("deed", "remade"), [(case[0], case[3]) for case in TAMPERED])
def test_the_files_that_come_out_otherwise_are_named(verified, deed, remade):
    assert set(verified(deed).named(verify.BYTES)) == remade


@pytest.mark.parametrize(("deed", "words"), [(case[0], case[1] | case[2]) for case in TAMPERED])
def test_what_was_changed_is_named_on_the_terminal(verified, deed, words):
    assert [
        each for each in words if not re.search(rf"^不同　\S+　{re.escape(each)}", verified(deed).run.stdout, re.MULTILINE)
    ] == []


def test_a_digit_of_the_csv_is_told_with_both_values_and_its_cell(verified, sealed):
    (item,) = verified("digit of the CSV").items(verdict.DIFFERS, verify.FIGURES)

    assert item[1:] == ("115352次（115352）", "115353次（115353）", sealed.figures["web_visits.year"]["source"])
    assert re.fullmatch(rf"{CSV} 第\d+行 F\d+", item[3])


def test_a_fact_is_told_with_both_values_and_its_source(verified):
    (item,) = verified("fact").items(verdict.DIFFERS, verify.FIGURES)

    assert item[1:] == ("36个（36）", "37个（37）", "《龙潭区人民政府2013年政府信息公开工作年度报告》公布文本 一（二）2")


def test_a_figure_of_the_manifest_is_told_with_the_manifest_as_what_was_expected(verified):
    (item,) = verified("figure of the manifest").items(verdict.DIFFERS)

    assert item[1:3] == ("115353次（115352）", "115352次（115352）")


def test_a_rule_of_the_form_is_named_with_the_figures_that_moved(verified):
    done = verified("rule")

    assert done.named(verify.HASHES) == ["forms/jilin-2013.yaml", "forms"]
    assert "disclosed.township.year.share" in done.named(verify.FIGURES)


def test_a_line_of_the_library_is_named_by_its_part_with_the_figures_that_moved(verified, sealed):
    done = verified("line")
    given = {each["id"] for each in sealed.figures.values() if each["kind"] in {"share", "rate"} and each["state"] == "given"}

    assert done.named(verify.HASHES) == ["indicators"]
    assert {"staff.full_time.year.share", "rates.reply.year"} <= set(done.named(verify.FIGURES))
    assert {name for name in done.named(verify.FIGURES) if not name.startswith("P01")} <= given


def test_a_parameter_file_that_was_added_is_named(verified):
    (item,) = verified("added").items(verdict.DIFFERS, verify.HASHES)

    assert item[:2] == ("params/longtan/2013/extra.csv", "清单中没有")


# ---- inputs that can no longer be used

# (deed, the input that is at fault, words that say what is wrong with it)
UNUSABLE = [("removed", PROSE, "没有这个文件"), ("unreadable", CSV, "一一五三五二"), ("raises", NOTEBOOK, "“no_such_row”")]


@pytest.mark.parametrize(("deed", "file"), [case[:2] for case in UNUSABLE])
def test_an_input_that_can_no_longer_be_used_is_named_as_changed(verified, deed, file):
    assert verified(deed).named(verify.HASHES) == [file]


@pytest.mark.parametrize(("deed", "words"), [(case[0], case[2]) for case in UNUSABLE])
def test_why_the_report_could_not_be_made_again_is_told(verified, deed, words):
    assert words in verified(deed).run.stdout


@pytest.mark.parametrize("deed", [case[0] for case in UNUSABLE])
def test_depths_that_could_not_be_reached_are_named_as_not_compared(verified, deed):
    counts = verified(deed).record["counts"]

    for depth in (verify.FIGURES, verify.BYTES):
        assert (counts[depth][verdict.SAME], counts[depth][verdict.DIFFERS]) == (0, 0)
        assert counts[depth][verdict.SKIPPED] >= 1


@pytest.mark.parametrize("deed", [case[0] for case in UNUSABLE])
def test_a_report_that_could_not_be_made_again_is_not_called_equal(verified, deed):
    assert not any(line.startswith("一致") for line in verified(deed).run.stdout.splitlines())
    assert "Traceback" not in verified(deed).run.stderr


@pytest.mark.parametrize("deed", [case[0] for case in UNUSABLE])
def test_the_hashes_of_the_other_inputs_are_still_compared(verified, deed):
    done = verified(deed)
    sealed = json.loads((done.project / OWN / "manifest.json").read_text("utf-8"))

    assert done.record["counts"][verify.HASHES][verdict.SAME] == _sealed_hashes(sealed) - 1 + len(SEALED)


# ---- another environment


def test_another_environment_does_not_change_the_exit_code(verified):
    assert verified("environment").run.returncode == 0


def test_another_environment_is_told_with_what_it_was_and_is(verified):
    now = manifest.environment()

    assert verified("environment").record["environment"] == [
        {"what": "python", "sealed": "3.0.0", "now": now["python"]},
        {"what": "typst", "sealed": "0.1", "now": now["packages"]["typst"]},
    ]


@pytest.mark.parametrize("word", ["python", "typst"])
def test_another_environment_is_told_on_the_terminal_and_on_the_page(verified, word):
    done = verified("environment")

    assert f"环境不同（仅告知）　{word}：" in done.run.stdout
    assert word in done.page.text_content()


# ---- what verify writes


@pytest.mark.parametrize("deed", [*DEEDS, *INSIDE, *OUTSIDE])
def test_nothing_is_written_but_the_two_verdict_files(verified, deed):
    done = verified(deed)
    left = {name: content for name, content in done.after.items() if name.rpartition("/")[2] not in VERDICT}

    assert left == done.before
    assert done.after.keys() - done.before.keys() == {f"{OWN}/{name}" for name in VERDICT}


@pytest.mark.parametrize("deed", [*DEEDS, *INSIDE, *OUTSIDE])
def test_the_counts_of_the_verdict_are_those_of_its_items(verified, deed):
    record = verified(deed).record

    for depth in verify.DEPTHS:
        outcomes = [each["outcome"] for each in record["items"] if each["depth"] == depth]
        assert record["counts"][depth] == {each: outcomes.count(each) for each in (verdict.SAME, verdict.DIFFERS, verdict.SKIPPED)}


def test_every_item_of_the_verdict_says_what_was_expected_what_was_found_and_where_it_comes_from(verified):
    keys = ["depth", "what", "expected", "found", "source", "outcome"]

    assert [each for each in verified("digit of the CSV").record["items"] if list(each) != keys or not each["source"]] == []


@pytest.mark.parametrize("deed", ["nothing", "digit of the CSV", "unreadable", "environment"])
def test_the_page_of_the_verdict_is_one_document_in_chinese_with_one_first_heading(verified, deed):
    page = verified(deed).page

    assert page.get("lang") == "zh-CN"
    assert [each.text_content() for each in page.iter("h1")] == [f"核对：{verified(deed).record['title']}"]
    assert (page.findtext(".//title"), len(page.xpath("//main"))) == (f"核对：{verified(deed).record['title']}", 1)


@pytest.mark.parametrize("deed", ["nothing", "digit of the CSV"])
def test_the_page_of_the_verdict_loads_and_runs_nothing(verified, deed):
    page = verified(deed).page

    assert page.xpath("//script | //link | //img | //iframe | //object | //form | //@src | //@*[starts-with(name(), 'on')]") == []
    assert not re.search(r"https?://|url\(", (verified(deed).project / OWN / "verdict.html").read_text("utf-8"))
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_page_of_the_verdict_shows_each_difference_with_both_values(verified):
    (table,) = [each for each in verified("digit of the CSV").page.iter("table") if "不同之处" in each.findtext("caption")]

    assert [
        words for words in (CSV, "web_visits.year", "115352次", "115353次", "report.pdf") if words not in table.text_content()
    ] == []


def _hostile():
    """A verdict in which every text is an attempt to break out of the page."""
    item = verdict.compared("哈希", HOSTILE, HOSTILE, HOSTILE + "！", HOSTILE)
    return verdict.Verdict(title=HOSTILE, items=(item,), environment=((HOSTILE, HOSTILE, HOSTILE),))


def test_the_page_of_a_verdict_shows_hostile_names_as_text():
    page = lxml.html.document_fromstring(verdict.page(_hostile(), verify.DEPTHS))

    assert page.xpath("//script | //b") == []
    assert page.findtext(".//h1") == f"核对：{HOSTILE}"
    assert page.text_content().count(HOSTILE) >= 8


# ---- a manifest that says less, or more, than it should


@pytest.fixture(scope="module")
def against(reissued, forms, tmp_path_factory):
    """Verify a sound project against a manifest of which something was changed."""
    source, once = reissued
    project = Path(shutil.copytree(source, tmp_path_factory.mktemp("against") / "project"))
    path = project / OWN / "manifest.json"
    sound = path.read_text("utf-8")

    def compared(change):
        held = json.loads(sound)
        changed = change(held)
        path.write_text(json.dumps(held if changed is None else changed, ensure_ascii=False), "utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "ReportJob", once)
            making = pipeline.report(Project(project), "longtan", "2013", forms)
            return verify.verify(Project(project), making, lambda _step: None, progress=False)

    return compared


def _delete(*keys):
    def change(held):
        for key in keys[:-1]:
            held = held[key]
        del held[keys[-1]]

    return change


def _set(*keys, value):
    def change(held):
        for key in keys[:-1]:
            held = held[key]
        held[keys[-1]] = value

    return change


def test_the_manifest_of_this_build_is_equal(against):
    assert against(_set("schema", value=2)).differences == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(_delete("figures", "staff.year"), "staff.year", id="a figure left out"),
        pytest.param(_set("figures", "made.up", value={"value": "1", "display": "1件"}), "made.up", id="a figure made up"),
        pytest.param(_set("figures", "staff.year", "value", value="98"), "staff.year", id="the exact value of a figure"),
        pytest.param(_delete("inputs", CSV), CSV, id="an input left out"),
        pytest.param(_delete("inputs", FORM), FORM, id="the form left out"),
        pytest.param(_set("inputs", FORM, value="0" * 64), FORM, id="the hash of the form"),
        pytest.param(_set("inputs", "forms/jilin-2099.yaml", value="0" * 64), "forms/jilin-2099.yaml", id="a form made up"),
        *(pytest.param(_delete("library", part), part, id=f"{part} left out of the library") for part in PARTS),
        *(pytest.param(_set("library", part, value="0" * 64), part, id=f"the hash of {part}") for part in PARTS),
        pytest.param(_set("library", "lib/nianbao/made_up.py", value="0" * 64), "made_up.py", id="a part made up"),
        pytest.param(_set("library", value={}), "indicators", id="nothing of the library"),
        pytest.param(_set("inputs", PROSE, value="0" * 64), PROSE, id="the hash of an input"),
        pytest.param(_set("inputs", "params/longtan/2012/report.yaml", value="0" * 64), "2012/report.yaml", id="an input made up"),
        pytest.param(_set("outputs", "report.pdf", value="0" * 64), "report.pdf", id="the hash of an output"),
        pytest.param(_set("outputs", "other.pdf", value="0" * 64), "other.pdf", id="an output made up"),
        pytest.param(_delete("outputs", "report.html"), "report.html", id="an output left out"),
        pytest.param(_set("report", "draft", value=True), "", id="final or draft"),
        pytest.param(_set("report", "title", value="另一份报告"), "另一份报告", id="the title"),
        pytest.param(_set("report", "form", value="jilin-2099"), "jilin-2099", id="the form"),
        pytest.param(_set("report", "year", value="2012"), "2012", id="the year"),
    ],
)
def test_a_manifest_that_says_something_else_is_found_and_what_it_says_is_named(against, change, words):
    found = against(change).differences

    assert found
    assert any(words in f"{item.what} {item.expected} {item.found}" for item in found)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _held: [], id="a list"),
        pytest.param(lambda _held: "text", id="a text"),
        pytest.param(_delete("schema"), id="no schema"),
        pytest.param(_delete("report"), id="no report"),
        pytest.param(_set("report", value={}), id="a report without a title"),
        pytest.param(_delete("inputs"), id="no inputs"),
        pytest.param(_set("inputs", value=[]), id="inputs that are a list"),
        pytest.param(_delete("library"), id="no library"),
        pytest.param(_set("library", value=[]), id="a library that is a list"),
        pytest.param(_set("library", "fonts", value=None), id="a part without a hash"),
        pytest.param(_set("schema", value="2"), id="a schema that is a text"),
        pytest.param(_set("schema", value=True), id="a schema that is neither"),
        pytest.param(_delete("outputs"), id="no outputs"),
        pytest.param(_set("outputs", value=["report.pdf"]), id="outputs that are a list"),
        pytest.param(_delete("figures"), id="no figures"),
        pytest.param(_delete("figures", "staff.year", "display"), id="a figure without a display"),
        pytest.param(_set("figures", "staff.year", value="97"), id="a figure that is a text"),
        pytest.param(_set("environment", value=[]), id="an environment that is a list"),
        pytest.param(_set("environment", "packages", value=None), id="no packages"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_in_one_line(against, change):
    with pytest.raises(errors.UnknownReportError, match=rf"^outputs/longtan/2013/manifest\.json {NO_MANIFEST}$"):
        against(change)


@pytest.mark.parametrize(("schema", "age"), [(0, "旧"), (1, "旧"), (3, "新"), (99, "新")])
def test_a_manifest_of_another_version_is_told_as_one_with_what_to_do(against, schema, age):
    with pytest.raises(errors.UnknownReportError) as told:
        against(lambda held: builds.of_another_version(held, schema))

    assert str(told.value) == (
        f"outputs/longtan/2013/manifest.json 是{age}版程序写的（清单第{schema}版，本程序是第2版）："
        "用写它的那一版核对，或用 make report 重新生成。"
    )


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd"])
def test_an_output_whose_name_leads_out_of_the_folder_is_not_read(against, name):
    with contextlib.suppress(errors.UnknownReportError):
        found = against(_set("outputs", name, value="0" * 64)).items

        assert {item.found for item in found if item.what == name and item.depth == verify.HASHES} <= {"没有这个文件"}


# ---- what cannot be verified


@pytest.fixture
def bare(tmp_path):
    """A project that was never built."""
    return builds.new_project(tmp_path / "bare")


def _refused(project, *arguments):
    """Run `verify`, make sure that it ended with one line and wrote nothing, and return the line."""
    before = _files(project)
    run = builds.nianbao(project, "verify", *arguments)
    assert run.returncode == 2
    assert _files(project).keys() - before.keys() <= {"outputs"}
    (line,) = run.stderr.splitlines()
    return line


def test_a_report_of_an_older_version_is_refused_in_one_line(sealed, bare):
    (bare / OWN).mkdir(parents=True)
    shutil.copy(sealed.folder / "manifest.json", bare / OWN)
    builds.age(bare / OWN / "manifest.json", 1)

    assert _refused(bare, "longtan", "2013").startswith(f"nianbao：{OWN}/manifest.json 是旧版程序写的")


def test_a_report_without_a_manifest_cannot_be_verified_and_says_what_to_do(bare):
    line = _refused(bare, "longtan", "2013")

    assert line.startswith("nianbao：没有 outputs/longtan/2013/manifest.json")
    assert "make report" in line


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"schema": 1}', b'{"schema": 2, "inputs": {}}'])
def test_a_broken_manifest_is_refused_in_one_line(bare, content):
    (bare / OWN).mkdir(parents=True)
    (bare / OWN / "manifest.json").write_bytes(content)

    with pytest.raises(errors.UnknownReportError, match=rf"^{OWN}/manifest\.json {NO_MANIFEST}$"):
        verify.read_manifest(bare / OWN / "manifest.json", f"{OWN}/manifest.json")


@pytest.mark.parametrize(
    ("arguments", "words"), [(("longtna", "2013"), "没有单位“longtna”"), (("longtan", "2031"), "没有2031年的资料")]
)
def test_an_unknown_report_is_refused_in_one_line(bare, arguments, words):
    assert words in _refused(bare, *arguments)
