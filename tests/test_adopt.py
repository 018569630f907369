"""`nianbao adopt`: placeholders in the place of typed numbers, nothing else touched, and nothing written that was not asked for."""

import json
import subprocess

import builds
import pytest
from nianbao import adopt
from nianbao.indicators.errors import AdoptError
from nianbao.inputs.project import Project

FILE = "params/specimen/2025/narrative.md"
TYPED = "新收政府信息公开申请14069件，予以公开5548件，占40.17%。收到网民留言14069件，部分公开99件，举办培训三次。"
PUT = "新收政府信息公开申请{{ received }}，予以公开{{ handled.granted }}，占{{ handled.granted.share }}。收到网民留言14069件，部分公开99件，举办培训三次。"


@pytest.fixture
def project(tmp_path):
    """A project with the specimen, whose prose holds six numbers typed by hand; three of them leave no doubt."""
    made = builds.new_project(tmp_path, units=("specimen",))
    builds.replace(made / FILE, "样本市围绕重点领域", f"{TYPED}样本市围绕重点领域")
    return made


def content(project):
    return (project / FILE).read_bytes()


def test_what_leaves_no_doubt_is_put_in_place_and_every_other_byte_stays(run, project):
    before = content(project)
    told = run(project, "adopt", "specimen", "2025")
    assert told.returncode == 0
    assert content(project) == before.replace(TYPED.encode(), PUT.encode())
    assert f"已改　{FILE} 第5行：14069件 → {{{{ received }}}}" in told.stdout


def test_the_rest_is_told_with_what_to_do(run, project):
    lines = run(project, "adopt", "specimen", "2025").stdout.splitlines()
    assert sum(line.startswith("错误　T01") for line in lines) == 3
    assert lines[-1] == "改了3个数；还有3个手写的数要由人决定。"
    assert any("收到网民留言14069件”，与它相等的有" in line for line in lines)
    assert any("“2168件”，与它不同" in line for line in lines)
    assert any('label: "举办培训", value: 3, unit: "次"' in line for line in lines)


def test_a_dry_run_shows_the_difference_and_writes_nothing(run, project):
    before = content(project)
    lines = run(project, "adopt", "--dry-run", "specimen", "2025").stdout.splitlines()
    assert content(project) == before
    assert [line[:1] for line in lines if TYPED in line or PUT in line] == ["-", "+"]
    assert lines[-1] == "可以改3个数；还有3个手写的数要由人决定。"


def test_a_second_run_has_nothing_to_do(run, project):
    run(project, "adopt", "specimen", "2025")
    before = content(project)
    assert "改了0个数；还有3个" in run(project, "adopt", "specimen", "2025").stdout
    assert content(project) == before


@pytest.mark.parametrize(
    "change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text, lambda text: text.rstrip("\n")]
)
def test_line_ends_and_marks_of_the_file_stay(run, project, change):
    text = change((project / FILE).read_text("utf-8"))
    (project / FILE).write_bytes(text.encode())
    run(project, "adopt", "specimen", "2025")
    assert content(project).decode() == text.replace(TYPED, PUT)


def test_a_line_with_a_character_that_no_face_has_is_left(run, project):
    builds.replace(project / FILE, "新收政府", "\U0003fffd新收政府")
    before = content(project)
    run(project, "adopt", "specimen", "2025")
    assert content(project) == before


def test_what_cannot_be_read_is_told_and_left(run, project):
    builds.replace(project / FILE, "样本市围绕", "{{ nosuch }}样本市围绕")
    before = content(project)
    told = run(project, "adopt", "specimen", "2025")
    assert (told.returncode, content(project)) == (2, before)
    assert "第5行" in told.stderr


def test_a_file_that_is_saved_meanwhile_is_not_written_over(project, forms, monkeypatch):
    examine = adopt.examine

    def examine_while_someone_saves(*arguments):
        document = examine(*arguments)
        (project / FILE).write_text("# 一、总体情况\n\n别人写的。\n", "utf-8")
        return document

    monkeypatch.setattr(adopt, "examine", examine_while_someone_saves)
    with pytest.raises(AdoptError, match="在这期间改动了"):
        adopt.adopt(Project(project), "specimen", "2025", forms)
    assert content(project).decode() == "# 一、总体情况\n\n别人写的。\n"


def test_literals_are_left_alone(run, project):
    builds.replace(
        project / "params/specimen/2025/report.yaml", "facts:\n", 'literals:\n  - {text: "5548件", reason: 引文}\n\nfacts:\n'
    )
    run(project, "adopt", "specimen", "2025")
    assert "予以公开5548件".encode() in content(project)


def test_make_has_it_too():
    said = subprocess.run(
        ["make", "-n", "adopt", "UNIT=a", "YEAR=2014", "DRY=1"], cwd=builds.ROOT, capture_output=True, text=True, check=True
    )
    assert "nianbao adopt --dry-run" in said.stdout


def notebook(project, *cells):
    """Add Markdown *cells* to the unit's own notebook, a copy of the shared one, and return its path."""
    path = project / "params/specimen/report.ipynb"
    held = json.loads((project / "notebooks/report-national.ipynb").read_text("utf-8"))
    held["cells"] += [
        {"cell_type": "markdown", "id": f"own-{number}", "metadata": {}, "source": source} for number, source in enumerate(cells)
    ]
    path.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return path


def test_numbers_in_markdown_cells_are_put_in_place_and_every_other_byte_of_the_notebook_stays(run, project):
    path = notebook(project, ["补充一句。\n", "予以公开5548件，举办讲座3次。\n", "完。"], ["办理答复13810件。"])
    before = path.read_bytes()
    told = run(project, "adopt", "specimen", "2025")
    assert told.returncode == 0, told.stderr
    after = before.replace(
        "予以公开5548件，".encode(), b"\xe4\xba\x88\xe4\xbb\xa5\xe5\x85\xac\xe5\xbc\x80{{ handled.granted }}\xef\xbc\x8c"
    )
    assert path.read_bytes() == after.replace("办理答复13810件。".encode(), "办理答复{{ handled }}。".encode())
    assert "举办讲座3次" in told.stdout


def test_a_line_that_stands_twice_in_a_notebook_is_left_to_a_person(run, project):
    path = notebook(project, ["予以公开5548件。"], ["予以公开5548件。"])
    before = path.read_bytes()
    run(project, "adopt", "specimen", "2025")
    assert path.read_bytes() == before


def test_a_notebook_that_units_share_is_left_to_a_person(run, project):
    shared = project / "notebooks/report-national.ipynb"
    notebook(project, ["予以公开5548件。"]).rename(shared)
    before = shared.read_bytes()
    told = run(project, "adopt", "specimen", "2025")
    assert shared.read_bytes() == before
    assert "“{{ handled.granted }}”" in told.stdout
