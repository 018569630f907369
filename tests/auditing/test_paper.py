"""`nianbao audit`: a published text held against its table, as a working paper in six files and an exit code."""

import dataclasses
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import time
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import builds
import lxml.html
import nbformat
import nianbao
import pytest
import typst
from nianbao import cli

ROOT = Path(__file__).resolve().parents[2]
LONGTAN = "params/longtan/2013"
PUBLISHED = ROOT / LONGTAN / "published.txt"
NAMES = ("audit.html", "audit.ipynb", "audit.pdf", "figures.json", "findings.json", "manifest.json")
NOTEBOOK = "audit.ipynb"
# Published percentages that are not the table's own, rounded half up.
DEVIANT = ["43.44%", "36.64%", "19.92%", "52.98%", "0.3%", "46.72%"]
# The table's errors: (old cell, right cell), each with as much of its line as makes it one of a kind.
MENDED = (
    ("级公开信息数,条,765,", "级公开信息数,条,4767,"),
    ("汇集信息总数,条,84525,", "汇集信息总数,条,84453,"),
    ("20.政府信息公开申请数,件,3955,", "20.政府信息公开申请数,件,3956,"),
)
# A right report of a right table: `{id}` is the figure as the table gives it.
RIGHT = """二、主动公开政府信息情况

2013年，全区公开信息总数{disclosed.year}。其中，区本级公开信息数{disclosed.district.year}，占{disclosed.district.year.share}；\
乡镇街道公开信息数{disclosed.township.year}，占{disclosed.township.year.share}。

公共信息查阅点汇集信息总数{reading_items.year}。其中，电子信息数{reading_items.electronic.year}，占汇集信息总数的\
{reading_items.electronic.year.share}；纸质信息数{reading_items.paper.year}，占{reading_items.paper.year.share}。

三、依申请公开政府信息情况

2013年，政府信息公开申请总数为{applications.year}。其中，网上申请数为{applications.online.year}，\
占申请总数的比例为{applications.online.year.share}；当面申请数为{applications.in_person.year}，\
占申请总数的比例为{applications.in_person.year.share}。

2013年，对政府信息公开申请的答复数为{replies.year}，答复率为{rates.reply.year}。

2013年，全区未发生与信息公开相关的行政复议和诉讼案件。
"""
# (what is doctored, right words, wrong words): each a text that the table contradicts.
DOCTORED = (
    ("count", "全区公开信息总数2565条", "全区公开信息总数2656条"),
    ("share", "占37.15%", "占73.15%"),
    ("words", "未发生与信息公开相关的行政复议", "未收到政府信息公开申请，也未发生与信息公开相关的行政复议"),
)
HOSTILE = (
    "<script>alert('in')</script>",
    "</style></title><svg onload=alert('in')>",
    "<img src=x onerror=alert('in')>",
    '#read("/etc/passwd")',
    '"];#read("/etc/passwd")',
    "{{ ''.__class__ }}",
    "$x^y$ @ref <label> *e* _f_ `g` \\ ~",
    "[点击](javascript:alert('in'))",
    "![图](https://example.org/x.png)",
    "&lt;b&gt;&#x3c;",
)
FORBIDDEN = {"script", "img", "iframe", "object", "embed", "base", "form", "input", "link", "b", "label"}
# What no font shows: control characters, symbols of Word lists, a rare character of a name, a foreign letter, an emoji.
ODD = """二、主动公开政府信息情况
2013年，全区公开\a信息总数\u202e2566\x1b[31m条。
2013年，\u27a2\uf0d8\U00020bb7\u20ac\U0001f600公开信息总数为2566条。
"""
FAILING = 'raise ValueError("no such thing")'
NOT_TEXT = {
    "scan.png": (b"\x89PNG\r\n\x1a\n" + bytes(64), "图片"),
    "scan.txt": (b"\x89PNG\r\n\x1a\n" + bytes(64), "图片"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "旧版 Office"),
    "empty.txt": (b"", "没有文字"),
    "blank.txt": (b" \r\n\t\n", "没有文字"),
    "binary.txt": (b"\x00\x01\x02", "二进制"),
    "broken.docx": (b"PK\x03\x04broken", "已损坏"),
    "broken.pdf": (b"%PDF-1.7\nbroken", "broken.pdf"),
}


@dataclasses.dataclass(frozen=True)
class Audit:
    """One run of the command, and the files it left."""

    project: Path
    run: subprocess.CompletedProcess

    @property
    def folder(self):
        return self.project / "outputs/longtan/2013/audit"

    @cached_property
    def files(self):
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    @cached_property
    def page(self):
        return lxml.html.document_fromstring(self.files["audit.html"].decode())

    @cached_property
    def found(self):
        return json.loads(self.files["findings.json"])

    @cached_property
    def claims(self):
        return _claims(self.found)

    @cached_property
    def pdf_text(self):
        command = ["pdftotext", "-raw", self.folder / "audit.pdf", "-"]
        return builds.squeezed(subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout)


def _claims(found):
    return [each for each in found if each["type"] == "claim"]


def _percentages(found):
    return [each for each in _claims(found) if each["kind"] == "percentage" and each["figure"]]


def _audit(project, *arguments, **options):
    return Audit(project, builds.nianbao(project, "audit", "longtan", "2013", *arguments, **options))


def _mended(folder):
    """Make a project whose table agrees with itself, and publish a right report of it."""
    project = builds.new_project(folder)
    for old, new in MENDED:
        builds.replace(project / LONGTAN / "statistics.csv", old, new)
    declared = project / LONGTAN / "report.yaml"
    declared.write_text(declared.read_text("utf-8").partition("accepted:")[0], "utf-8")
    figures = nianbao.open(str(project / LONGTAN)).figures
    text = re.sub(r"\{([\w.]+)\}", lambda found: figures[found[1]].display, RIGHT)
    (project / LONGTAN / "published.txt").unlink()
    (project / LONGTAN / "published.txt").write_text(text, "utf-8")
    return project


def _published(project, text):
    path = project / "text.txt"
    path.write_text(text, "utf-8")
    return "--published", path.name


# ---- the runs, begun together because each waits for a kernel; a test waits for its own


def _plain(folder):
    return _audit(builds.new_project(folder))


def _elsewhere(folder):
    """The same audit by another user in another place, with settings of his own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    home = folder / "家"
    home.mkdir()
    environment |= {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "HOME": str(home), "USER": "someone"}
    return _audit(builds.new_project(folder / "a" / "b c" / "报告"), env=environment, umask=0o077)


def _right(folder):
    return _audit(_mended(folder))


def _wrong(folder):
    project = _mended(folder)
    _name, old, new = DOCTORED[0]
    return _audit(project, *_published(project, (project / LONGTAN / "published.txt").read_text("utf-8").replace(old, new)))


def _hostile(folder):
    project = builds.new_project(folder)
    lines = "".join(f"2013年，{each}公开信息总数2566条。\n" for each in HOSTILE)
    return _audit(project, *_published(project, f"二、主动公开政府信息情况\n{lines}"))


def _odd(folder):
    project = builds.new_project(folder)
    return _audit(project, *_published(project, ODD))


RUNS = {run.__name__.strip("_"): run for run in (_plain, _right, _wrong, _hostile, _odd, _elsewhere)}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Every run by name, as something to wait for."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {name: pool.submit(run, tmp_path_factory.mktemp(name)) for name, run in RUNS.items()}
        pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def plain(runs):
    """The audit of the text published in 2013."""
    return runs["plain"].result()


@pytest.fixture(scope="module")
def right(runs):
    """The audit of a right text of a right table."""
    return runs["right"].result()


@pytest.fixture(scope="module")
def wrong(runs):
    """The audit of a text in which one count was changed."""
    return runs["wrong"].result()


@pytest.fixture(scope="module")
def hostile(runs):
    """The audit of a text whose every sentence is an attack."""
    return runs["hostile"].result()


@pytest.fixture(scope="module")
def mended(right):
    """The parameters whose table agrees with itself."""
    return right.project / LONGTAN


@pytest.fixture
def workshop(plain, tmp_path):
    """A copy of the audited project, for a test to spoil."""
    return Path(shutil.copytree(plain.project, tmp_path / "project"))


@pytest.fixture
def refused(capsys):
    """Run the audit in this process, which is to refuse; return the one line that it says."""

    def line(project, *arguments):
        assert cli.main(["--project", str(project), "audit", "longtan", "2013", *map(str, arguments)]) == 2
        (said,) = capsys.readouterr().err.splitlines()
        assert said.startswith("nianbao：")
        return said

    return line


def _hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


# ---- the text of 2013


def test_the_text_of_2013_has_something_to_look_at(plain):
    assert (plain.run.returncode, plain.run.stderr) == (1, "")


def test_an_audit_leaves_six_files_and_names_them(plain):
    assert tuple(sorted(plain.files)) == NAMES
    assert [name for name in NAMES if f"outputs/longtan/2013/audit/{name}" not in plain.run.stdout] == []


def test_each_file_is_whole(plain):
    nbformat.validate(nbformat.reads(plain.files["audit.ipynb"].decode(), as_version=nbformat.NO_CONVERT))

    assert plain.files["audit.html"].rstrip().endswith(b"</html>")
    assert plain.files["audit.pdf"].startswith(b"%PDF-")
    assert plain.files["audit.pdf"].rstrip().endswith(b"%%EOF")
    assert plain.files["findings.json"].endswith(b"]\n")


def test_an_audit_is_sealed_with_its_report_its_text_and_its_outputs(plain):
    sealed = json.loads(plain.files["manifest.json"])
    text = (ROOT / "params/longtan/2013/published.txt").read_bytes()

    assert (sealed["report"]["unit"], sealed["report"]["year"], sealed["audit"]) == (
        "longtan",
        "2013",
        {"published": "published.txt"},
    )
    assert sealed["inputs"]["published/published.txt"] == hashlib.sha256(text).hexdigest()
    assert {"notebooks/audit.ipynb", "params/longtan/2013/statistics.csv"} <= set(sealed["inputs"])
    assert set(sealed["outputs"]) == set(NAMES) - {"manifest.json"}


def test_every_number_of_the_page_leads_to_a_figure_that_stands_on_the_report_s(plain):
    carried = json.loads(plain.page.get_element_by_id("nianbao-evidence").text)
    figures = {figure["id"]: figure for figure in carried["figures"]}
    shown = {figures[name]["id"] for name in plain.page.xpath("//*[@data-figure]/@data-figure")}
    expected = [figures[name] for name in shown if figures[name]["formula"] in figures]

    assert expected
    assert [each["id"] for each in expected if each["value"] != figures[each["formula"]]["value"]] == []


def test_an_audit_is_held_against_its_manifest(plain, run, tmp_path):
    project = shutil.copytree(plain.project, tmp_path / "project")
    done = run(project, "verify", "longtan", "2013/audit")

    assert (done.returncode, done.stderr) == (0, "")
    assert "详见 outputs/longtan/2013/audit/verdict.html" in done.stdout
    builds.replace(project / "params/longtan/2013/published.txt", "19.18", "19.17")
    done = run(project, "verify", "longtan", "2013/audit")
    assert done.returncode == 1
    assert "不同　哈希　published/published.txt" in done.stdout


@pytest.mark.parametrize("name", ["audit.html", "audit.pdf"])
def test_a_page_of_an_audit_is_held_against_itself(plain, run, tmp_path, name):
    (tmp_path / name).write_bytes(plain.files[name])
    done = run(tmp_path, "verify", str(tmp_path / name))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("一致：")


def test_an_audit_leaves_nothing_else(plain):
    assert [path.name for path in (plain.project / "outputs").iterdir()] == ["longtan"]
    assert [path.name for path in (plain.project / "outputs/longtan/2013").iterdir()] == ["audit"]


def test_an_audit_changes_no_input(plain):
    for name in ("params", "notebooks"):
        for path in (plain.project / name).rglob("*.*"):
            assert path.read_bytes() == (ROOT / path.relative_to(plain.project)).read_bytes()


def test_the_answer_counts_27_percentages_21_of_them_confirmed(plain):
    (line,) = [line for line in plain.run.stdout.splitlines() if "百分比" in line]
    words = "公布文本中由统计表可以核对的百分比27个：相符21个，可解释{}个，不符{}个，无从核对0个。"

    assert line in [words.format(6 - number, number) for number in range(7)]


def test_27_percentages_are_judged_21_confirmed_and_none_left_open(plain):
    verdicts = Counter(each["verdict"] for each in _percentages(plain.found))

    assert (verdicts.total(), verdicts["confirmed"], verdicts["not-checkable"]) == (27, 21, 0)


def test_the_six_that_are_not_confirmed_are_explained_or_contradicted(plain):
    odd = [each for each in _percentages(plain.found) if each["verdict"] != "confirmed"]

    assert [each["text"] for each in odd] == DEVIANT
    assert {each["verdict"] for each in odd} <= {"explained", "contradicted"}
    assert [each["text"] for each in odd if bool(each["conventions"]) != (each["verdict"] == "explained")] == []


def test_no_right_number_of_2013_is_called_wrong(plain):
    assert [each for each in plain.claims if each["verdict"] == "contradicted" and each["text"] not in DEVIANT] == []


def test_the_judged_percentages_are_those_that_the_report_declares(plain, longtan):
    declared = [f"{each.text}%" for each in longtan.published]

    assert [each["text"] for each in _percentages(plain.found)] == declared


def test_the_four_faults_of_the_table_come_with_the_values_that_would_mend_them(plain):
    faults = {each["id"]: [offer["value"] for offer in each["implied"]] for each in plain.found if each["type"] == "table"}

    assert faults == {
        "J02.cumulative": ["4767", "10611", "13848"],
        "J08.cumulative": ["84453", "57106", "27491"],
        "J11.cumulative": ["3956", "258", "2115", "1580"],
        "J90.disclosed.district": [],
    }


def test_the_ten_reading_points_are_the_stock_and_not_the_flow(plain):
    (points,) = [each for each in plain.claims if each["text"] == "10个"]

    assert (points["figure"], points["verdict"]) == ("reading_points.cumulative", "confirmed")
    assert "累计" in points["reason"]


def test_every_claim_stands_where_it_is_cited(plain):
    lines = PUBLISHED.read_text("utf-8").splitlines()
    for each in plain.claims:
        line = lines[each["line"] - 1]

        assert line[each["start"] : each["end"]] == each["text"]
        assert each["text"] in each["clause"]
        assert each["clause"] in line


def test_every_issue_and_defect_stands_where_it_is_cited(plain):
    lines = PUBLISHED.read_text("utf-8").splitlines()
    cited = [each for each in plain.found if each["type"] in {"issue", "language"}]

    assert cited
    assert [each["id"] for each in cited if each["clause"] not in lines[each["line"] - 1]] == []
    assert [each["id"] for each in cited if not 0 <= each["start"] < each["end"] <= len(lines[each["line"] - 1])] == []


def test_an_issue_names_claims_that_there_are(plain):
    ids = {each["id"] for each in plain.claims}

    assert [each["id"] for each in plain.found if each["type"] == "issue" and not ids.issuperset(each["claims"])] == []


def test_every_verdict_has_its_reason_in_one_sentence(plain):
    assert [each["id"] for each in plain.claims if not re.fullmatch(r"[^。]+。", each["reason"])] == []


def test_no_two_findings_share_an_id(plain):
    ids = [each["id"] for each in plain.found]

    assert len(set(ids)) == len(ids)


# ---- the same text, however it is published


def _as_html(path, lines):
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    path.write_text(f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>x</title></head><body>{body}</body></html>', "utf-8")


def _as_docx(path, lines):
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{html.escape(line)}</w:t></w:r></w:p>' for line in lines)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')


def _as_pdf(path, lines, *, justify=True):
    shown = "".join(f"#par({json.dumps(line, ensure_ascii=False)})\n" for line in lines)
    layout = f"first-line-indent: (amount: 2em, all: true), justify: {json.dumps(justify)}"
    source = f'#set text(font: "Report Song", lang: "zh")\n#set par({layout})\n{shown}'
    fonts = [Path(nianbao.__file__).parent / "page" / "fonts"]
    path.write_bytes(typst.compile(source.encode(), font_paths=fonts, ignore_system_fonts=True))


def _as_ragged_pdf(path, lines):
    _as_pdf(path, lines, justify=False)


WRITERS = {"page.html": _as_html, "word.docx": _as_docx, "justified.pdf": _as_pdf, "ragged.pdf": _as_ragged_pdf}


@pytest.mark.parametrize("name", WRITERS)
def test_a_text_gives_the_same_verdicts_as_page_word_document_and_pdf(plain, tmp_path, name):
    WRITERS[name](tmp_path / name, [line for line in PUBLISHED.read_text("utf-8").splitlines() if line.strip()])
    found = nianbao.audit(str(ROOT / LONGTAN), str(tmp_path / name)).record()
    keys = ("text", "figure", "base", "expected", "verdict", "conventions")
    judged = lambda each: [each[key] for key in keys]  # noqa: E731

    assert list(map(judged, _percentages(found))) == list(map(judged, _percentages(plain.found)))


# ---- right and doctored texts


def test_a_right_text_of_a_right_table_ends_with_0(right):
    assert (right.run.returncode, right.run.stderr) == (0, ""), right.run.stdout


def test_a_right_text_is_confirmed_throughout(right):
    verdicts = Counter(each["verdict"] for each in right.claims)

    assert set(verdicts) == {"confirmed"}
    assert len(_percentages(right.found)) == 7
    assert [each for each in right.found if each["type"] != "claim"] == []


def test_what_was_not_found_is_said_in_words(right):
    text = right.page.text_content()

    assert "文字差错：没有。" in text
    assert "前后不一致之处：没有。" in text


def test_a_doctored_text_ends_with_1(wrong):
    assert (wrong.run.returncode, wrong.run.stderr) == (1, "")
    assert "不符1个" in wrong.run.stdout


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in DOCTORED], ids=[case[0] for case in DOCTORED])
def test_a_doctored_text_is_contradicted(mended, tmp_path, old, new):
    text = (mended / "published.txt").read_text("utf-8")
    assert old in text
    (tmp_path / "text.txt").write_text(text.replace(old, new), "utf-8")
    paper = nianbao.audit(str(mended), str(tmp_path / "text.txt"))
    contradicted = [each for each in _claims(paper.record()) if each["verdict"] == "contradicted"]

    assert not paper.clean
    assert [each["text"] for each in contradicted if each["text"] not in new] == []
    assert contradicted


def test_three_values_of_one_quantity_give_findings_with_ids_of_their_own(tmp_path):
    sentences = "".join(f"2013年，全区公开信息总数{number}条。\n" for number in (2565, 2566, 2567))
    (tmp_path / "text.txt").write_text(f"二、主动公开政府信息情况\n{sentences}", "utf-8")
    found = nianbao.audit(str(ROOT / LONGTAN), str(tmp_path / "text.txt")).record()
    ids = [each["id"] for each in found]

    assert [each for each, times in Counter(ids).items() if times > 1] == []


# ---- what cannot be read


def test_without_a_published_text_the_command_says_where_to_put_one(workshop, refused):
    (workshop / LONGTAN / "published.txt").unlink()

    assert "params/longtan/2013/published.txt" in (line := refused(workshop))
    assert "--published" in line


def test_a_missing_file_is_named(workshop, refused):
    assert "no-such-file.txt" in refused(workshop, "--published", "no-such-file.txt")


def test_a_folder_is_no_published_text(workshop, refused):
    refused(workshop, "--published", workshop)


@pytest.mark.parametrize("name", NOT_TEXT)
def test_a_file_without_text_is_refused_with_its_name_and_what_it_is(workshop, refused, name):
    content, words = NOT_TEXT[name]
    (workshop / name).write_bytes(content)
    before = _hashes(workshop / "outputs/longtan/2013/audit")
    line = refused(workshop, "--published", workshop / name)

    assert name in line
    assert words in line
    assert _hashes(workshop / "outputs/longtan/2013/audit") == before


def test_an_unknown_year_is_told_which_years_there_are(workshop, capsys):
    assert cli.main(["--project", str(workshop), "audit", "longtan", "2012"]) == 2
    assert "已有年份：2013" in capsys.readouterr().err


# ---- what an audit leaves alone, and what leaves it alone


def test_a_report_built_afterwards_keeps_the_audit(workshop):
    before = _hashes(workshop / "outputs/longtan/2013/audit")
    outputs = builds.report(workshop)

    assert _hashes(outputs.folder / "audit") == before
    assert {path.name for path in outputs.folder.iterdir()} == {*builds.NAMES, "audit"}


@pytest.fixture(scope="module")
def failed(plain, tmp_path_factory):
    """An audit that fails in a project with a good one."""
    project = Path(shutil.copytree(plain.project, tmp_path_factory.mktemp("failed") / "project"))
    path = project / "notebooks" / NOTEBOOK
    notebook = json.loads(path.read_text("utf-8"))
    next(cell for cell in notebook["cells"] if cell["id"] == "summary")["source"] = FAILING
    path.write_text(json.dumps(notebook, ensure_ascii=False), "utf-8")
    return _audit(project)


def test_a_failing_audit_ends_with_2_and_shows_the_cell(failed):
    assert failed.run.returncode == 2
    assert [words for words in (FAILING, "上一次的成果没有改动") if words not in failed.run.stderr] == []
    assert "Traceback" not in failed.run.stderr


def test_a_failing_audit_keeps_the_last_good_one(plain, failed):
    assert {name: failed.files[name] for name in NAMES} == plain.files


def test_a_failing_audit_leaves_its_notebook_beside_the_good_one(failed):
    assert {path.name for path in failed.folder.iterdir()} == {*NAMES, "audit.failed.ipynb"}


# ---- the same bytes everywhere


@pytest.mark.parametrize("name", NAMES)
def test_another_user_place_time_zone_locale_and_hash_seed_give_the_same_bytes(plain, runs, name):
    assert runs["elsewhere"].result().files[name] == plain.files[name]


@pytest.mark.parametrize("name", ["audit.html", "audit.ipynb", "findings.json"])
def test_no_path_of_the_machine_is_told(plain, name):
    text = plain.files[name].decode()

    assert [each for each in (str(plain.project), str(ROOT), "/tmp/", str(Path.home()) + "/") if each in text] == []


# ---- hostile texts


def test_a_hostile_text_is_audited_like_any_other(hostile):
    assert (hostile.run.returncode, hostile.run.stderr) == (1, "")
    assert len(hostile.claims) >= len(HOSTILE)


def test_a_hostile_text_puts_nothing_on_the_page_but_text(hostile):
    assert [each.get("type") for each in hostile.page.iter("script")] == ["application/json", None]
    assert {each.tag for each in hostile.page.iter() if isinstance(each.tag, str)} & FORBIDDEN == {"script"}
    assert [name for each in hostile.page.iter() for name in each.keys() if name.startswith("on")] == []  # noqa: SIM118 - lxml
    assert hostile.page.xpath("//a[not(starts-with(@href, '#'))]") == []


def test_a_hostile_text_is_quoted_with_every_claim(hostile):
    attacks = builds.squeezed("".join(HOSTILE))
    tails = [each["clause"].partition("公开信息总数")[0] for each in hostile.claims]

    assert [tail for tail in tails if builds.squeezed(tail) not in attacks] == []
    assert sum(tail in HOSTILE for tail in tails) >= 5


def test_a_hostile_clause_is_shown_as_it_was_published(hostile):
    shown = builds.squeezed(hostile.page.text_content())

    assert [each["clause"] for each in hostile.claims if builds.squeezed(f"“{each['clause']}”") not in shown] == []


def test_a_hostile_clause_is_printed_as_it_was_published(hostile, poppler):
    assert poppler
    assert [each["clause"] for each in hostile.claims if builds.squeezed(f"“{each['clause']}”") not in hostile.pdf_text] == []


def test_no_file_of_the_machine_gets_into_a_working_paper(hostile, poppler):
    secret = Path("/etc/passwd").read_text("utf-8").splitlines()[0]

    assert poppler
    assert secret not in hostile.pdf_text
    assert [name for name, content in hostile.files.items() if secret.encode() in content] == []


@pytest.mark.slow
def test_a_character_that_no_font_shows_stops_no_audit(runs):
    audited = runs["odd"].result()

    assert (audited.run.returncode, audited.run.stderr) == (1, "")
    assert audited.page.text_content().count("2566条") >= 2


@pytest.mark.slow
def test_control_characters_do_not_reach_the_page(runs):
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f\u202e]", runs["odd"].result().files["audit.html"].decode()) == []


@pytest.mark.parametrize(
    "number", ["9" * 5000 + "条", "9" * 4299 + "万条", "0." + "3" * 5000 + "%"], ids=["long", "scaled", "decimal"]
)
def test_a_number_of_any_length_is_read(tmp_path, number):
    path = tmp_path / "text.txt"
    path.write_text(f"二、主动公开政府信息情况\n2013年，全区公开信息总数{number}。\n", "utf-8")

    assert nianbao.audit(str(ROOT / LONGTAN), str(path)).record()


def _seconds(path, text):
    path.write_text(text, "utf-8")
    start = time.process_time()
    nianbao.audit(str(ROOT / LONGTAN), str(path)).record()
    return time.process_time() - start


@pytest.mark.slow
def test_two_megabytes_are_read_in_seconds(tmp_path):
    sentence = "区政府办公室认真落实各项工作要求，于2013年进一步完善了第{}项制度。\n"
    text = "".join(sentence.format(number) for number in range(21_000))
    assert len(text.encode()) > 2_000_000

    assert _seconds(tmp_path / "text.txt", text) < 20


@pytest.mark.parametrize(
    ("piece", "length"),
    [("《", 8000), ("一", 8000), ("其中，", 8000), ("公开信息总数2565条，", 3000)],
    ids=["marks", "numerals", "clauses", "counts"],
)
def test_a_long_line_is_read_in_a_moment(tmp_path, piece, length):
    assert _seconds(tmp_path / "text.txt", "2013年，" + piece * (length // len(piece))) < 1


# ---- the working paper


def test_the_page_is_in_chinese_and_has_a_title(plain):
    assert plain.page.get("lang") == "zh-CN"
    assert plain.page.findtext(".//title") == "龙潭区人民政府2013年政府信息公开工作年度报告审计工作底稿"
    assert len(plain.page.xpath("//h1")) == 1


def test_the_page_has_no_script_but_the_panel_s_and_loads_nothing(plain):
    sources = plain.page.xpath("//@src | //link/@href | //*[local-name()='use']/@href")

    assert [each.get("type") for each in plain.page.iter("script")] == ["application/json", None]
    assert [source for source in sources if not source.startswith(("data:", "#"))] == []
    assert plain.page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0].startswith("default-src 'none'")


def test_every_table_has_a_caption_and_heads(plain):
    tables = list(plain.page.iter("table"))

    assert len(tables) >= 6
    assert [table for table in tables if not (table.findtext("caption") or "").strip()] == []
    assert [table for table in tables if not table.xpath(".//th[@scope='col']") or not table.xpath(".//th[@scope='row']")] == []


def test_no_two_elements_of_the_page_share_an_id(plain):
    assert [each for each, times in Counter(plain.page.xpath("//@id")).items() if times > 1] == []


def test_every_claim_stands_in_the_page_with_its_number_clause_and_reason(plain):
    rows = {row.findtext("th"): row.text_content() for row in plain.page.xpath("//tr[th[@scope='row']]")}
    told = {each["id"]: (each["clause"], each["text"], each["reason"]) for each in plain.claims}

    assert [claim for claim, words in told.items() if any(word not in rows.get(claim, "") for word in words)] == []


def test_every_issue_defect_and_fault_stands_in_the_page(plain):
    text = builds.squeezed(plain.page.text_content())

    assert [each["id"] for each in plain.found if builds.squeezed(each.get("sentence", "")) not in text] == []


def test_the_pdf_says_why_a_percentage_is_explained(plain, poppler):
    (odd,) = [each for each in plain.claims if each["text"] == "43.44%"]

    assert poppler
    assert builds.squeezed(odd["reason"]) in plain.pdf_text


def test_the_pdf_gives_the_answer(plain, poppler):
    assert poppler
    assert "百分比27个：相符21个" in plain.pdf_text


def test_the_executed_notebook_is_the_source_and_one_injected_cell(plain):
    source = json.loads((ROOT / "notebooks" / NOTEBOOK).read_text("utf-8"))["cells"]
    executed = [(cell.id, cell.source) for cell in nbformat.reads(plain.files["audit.ipynb"].decode(), as_version=4).cells]

    assert [each for each in executed if each[0] != "injected-parameters"] == [
        (cell["id"], "".join(cell["source"])) for cell in source
    ]


@pytest.mark.slow
def test_axe_finds_no_violation(plain, audited):
    @dataclasses.dataclass
    class Page:
        files: dict

    assert audited(Page({"report.html": plain.files["audit.html"]}), 1200) == []
