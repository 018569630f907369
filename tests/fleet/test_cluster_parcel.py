"""What travels of one report: all that it is made from, and an answer is taken only where every byte of it is accounted for."""

import json
import shutil
from pathlib import Path

import builds
import pytest
from nianbao.build import manifest
from nianbao.fleet import cluster
from nianbao.indicators.errors import InvalidInputError, UnknownReportError
from nianbao.inputs.project import Project

UNIT, YEAR = "longtan", "2013"


@pytest.fixture
def project(tmp_path):
    return Project(builds.new_project(tmp_path / "project"))


@pytest.fixture
def sent(built, forms):
    """The hash of each file that the report was packed from."""
    packed = cluster.pack(Project(built.project), UNIT, YEAR, forms.values())
    return {name: manifest.digest(content) for name, content in packed.items()}


@pytest.fixture(scope="module")
def library():
    return manifest.library()


def _doubt(sent, outputs, unit=UNIT, year=YEAR):
    return cluster.doubt(unit, year, sent, outputs)


def _sealed(outputs, **changes):
    """Return *outputs* with another manifest."""
    return {**outputs, "manifest.json": json.dumps({**json.loads(outputs["manifest.json"]), **changes}).encode()}


# ---- there


def test_a_report_is_packed_with_its_tables_texts_notebooks_and_lock(project, forms):
    names = set(cluster.pack(project, UNIT, YEAR, forms.values()))

    assert {f"params/longtan/2013/{name}" for name in ("report.yaml", "narrative.md", "statistics.csv")} <= names
    assert {f"notebooks/{form.notebook}" for form in forms.values()} <= names
    assert "requirements.lock" in names


def test_last_year_s_folder_goes_along(project, forms):
    shutil.copytree(project.root / "params/longtan/2013", project.root / "params/longtan/2012")

    assert "params/longtan/2012/statistics.csv" in cluster.pack(project, UNIT, YEAR, forms.values())


def test_no_other_unit_s_files_and_no_notebook_of_another_kind_go_along(project, forms):
    shutil.copytree(project.root / "params/longtan", project.root / "params/other")

    assert not [name for name in cluster.pack(project, UNIT, YEAR, forms.values()) if "other" in name or "trend" in name]


def test_a_file_too_large_to_be_read_goes_nowhere(project, forms):
    with (project.root / "params/longtan/2013/statistics.csv").open("ab") as file:
        file.truncate(5 << 30)

    with pytest.raises(InvalidInputError, match=r"statistics\.csv：文件大于4MB"):
        cluster.pack(project, UNIT, YEAR, forms.values())


def test_a_file_that_a_link_leads_to_goes_nowhere(project, forms, tmp_path):
    (tmp_path / "secret").write_text("a secret")
    (project.root / "params/longtan/2013/a.csv").symlink_to(tmp_path / "secret")

    with pytest.raises(InvalidInputError, match="经过链接"):
        cluster.pack(project, UNIT, YEAR, forms.values())


def test_a_report_without_a_folder_cannot_be_packed(project, forms):
    with pytest.raises(UnknownReportError, match="2014"):
        cluster.pack(project, UNIT, "2014", forms.values())


def test_what_is_unpacked_is_what_was_packed(project, forms, tmp_path):
    packed = cluster.pack(project, UNIT, YEAR, forms.values())

    cluster.unpack(packed, tmp_path / "there", UNIT, YEAR)

    assert cluster.pack(Project(tmp_path / "there"), UNIT, YEAR, forms.values()) == packed


def test_a_report_whose_folder_is_empty_arrives_as_an_empty_folder(tmp_path):
    cluster.unpack({}, tmp_path / "there", UNIT, YEAR)

    assert Project(tmp_path / "there").params(UNIT, YEAR).is_dir()


# ---- back


def test_the_names_of_outputs_are_those_that_a_build_leaves(built):
    assert set(cluster.names()) == {path.name for path in built.folder.iterdir()}


def test_only_what_a_build_leaves_is_collected(workshop):
    folder = workshop / "outputs/longtan/2013"
    (folder / "more.html").write_text("x")
    (folder / "report.failed.ipynb").write_text("x")

    assert set(cluster.collect(folder)) == {*cluster.names(), "report.failed.ipynb"}


def test_a_whole_answer_leaves_no_doubt(built, sent):
    assert _doubt(sent, built.files) == ""


@pytest.mark.parametrize("name", [name for name in builds.NAMES if name != "manifest.json"])
def test_one_wrong_byte_is_noticed_in_every_file(built, sent, name):
    content = built.files[name]
    spoilt = {**built.files, name: content[:-1] + bytes([content[-1] ^ 1])}

    assert _doubt(sent, spoilt) == f"{name} 与 manifest.json 不符"


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"{}", b"[]", b'{"report": "x"}'])
def test_a_manifest_that_is_none_is_noticed(built, sent, content):
    assert _doubt(sent, {**built.files, "manifest.json": content}).startswith("manifest.json ")


@pytest.mark.parametrize("name", builds.NAMES)
def test_a_missing_file_is_named(built, sent, name):
    assert _doubt(sent, {each: built.files[each] for each in builds.NAMES if each != name}) == f"缺少或多出文件 '{name}'"


@pytest.mark.parametrize(
    "name", ["../../../params/longtan/2013/report.yaml", "/etc/passwd", "report.exe", "audit", "verdict.json", ""]
)
def test_a_file_of_another_name_is_refused_and_no_path_is_a_name(built, sent, name):
    assert _doubt(sent, {**built.files, name: b""}) == f"缺少或多出文件 {name!r}"


@pytest.mark.parametrize(("unit", "year"), [("longtan", "2014"), ("other", "2013")])
def test_another_report_s_answer_is_noticed(built, sent, unit, year):
    assert _doubt(sent, built.files, unit, year) == "manifest.json 是“longtan/2013”的"


@pytest.mark.parametrize("name", ["params/longtan/2013/statistics.csv", "notebooks/report-jilin.ipynb", "requirements.lock"])
def test_an_answer_made_from_something_else_is_noticed(built, sent, name):
    assert name in _doubt({**sent, name: "0" * 64}, built.files)


@pytest.mark.parametrize("part", manifest.SEALED)
def test_an_answer_made_by_another_library_is_noticed(built, sent, library, part):
    assert _doubt(sent, _sealed(built.files, library={**library, part: "0" * 64})) == f"{part} 与 manifest.json 不符"


def test_an_answer_that_leaves_a_part_of_the_library_out_is_noticed(built, sent, library):
    told = {part: digest for part, digest in library.items() if part != "page"}

    assert _doubt(sent, _sealed(built.files, library=told)) == "page 与 manifest.json 不符"


def test_an_answer_that_has_no_hashes_of_the_library_is_noticed(built, sent):
    sealed = {section: held for section, held in built.manifest.items() if section != "library"}

    assert _doubt(sent, {**built.files, "manifest.json": json.dumps(sealed).encode()}) == "manifest.json 残缺"


def test_an_answer_made_with_another_form_is_noticed(built, sent):
    inputs = {**built.manifest["inputs"], "forms/jilin-2013.yaml": "0" * 64}

    assert _doubt(sent, _sealed(built.files, inputs=inputs)) == "forms/jilin-2013.yaml 与 manifest.json 不符"


def test_an_answer_that_leaves_the_form_out_is_noticed(built, sent):
    inputs = {name: digest for name, digest in built.manifest["inputs"].items() if not name.startswith("forms/")}

    assert _doubt(sent, _sealed(built.files, inputs=inputs)) == "forms/jilin-2013.yaml 与 manifest.json 不符"


@pytest.mark.parametrize("name", ["forms/../manifest.py", "forms/none.yaml", f"forms/{'a' * 300}.yaml"])
def test_an_answer_that_names_a_form_there_is_none_of_is_noticed(built, sent, name):
    inputs = {**built.manifest["inputs"], name: manifest.digest(Path(manifest.__file__).read_bytes())}

    assert _doubt(sent, _sealed(built.files, inputs=inputs)).endswith("与 manifest.json 不符")


@pytest.mark.parametrize("schema", [1, 99])
def test_an_answer_of_another_version_is_noticed(built, sent, library, schema):
    sealed = builds.of_another_version(built.manifest, schema) | {"library": dict(library)}

    assert _doubt(sent, {**built.files, "manifest.json": json.dumps(sealed).encode()}) == "manifest.json 残缺"


def test_an_answer_made_from_more_than_was_sent_is_noticed(built, sent):
    inputs = {**built.manifest["inputs"], "params/longtan/2012/statistics.csv": "0" * 64}

    assert "2012" in _doubt(sent, _sealed(built.files, inputs=inputs))


# ---- the same software


def test_software_is_told_by_hash_and_versions():
    told = cluster.software()

    assert len(told["nianbao"]) == 64
    assert told["python"].startswith("3.")
    assert {"typst", "matplotlib", "papermill", "platform"} <= set(told)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ({"nianbao": "a" * 64, "typst": "1"}, ""),
        ({"nianbao": "b" * 64, "typst": "1"}, "nianbao 本机 aaaaaaaaaaaa，那边 bbbbbbbbbbbb"),
        ({"nianbao": "a" * 64, "typst": "2"}, "typst 本机 1，那边 2"),
        ({"nianbao": "a" * 64}, "typst 本机 1，那边 没有"),
        ({"nianbao": "a" * 64, "typst": "2", "more": "3"}, "more 本机 没有，那边 3；typst 本机 1，那边 2"),
    ],
)
def test_what_differs_is_told_with_both_sides(there, words):
    assert cluster.differences({"nianbao": "a" * 64, "typst": "1"}, there) == words
