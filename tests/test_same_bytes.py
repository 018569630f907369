"""`tests/tools/same_bytes.py`: what a change of the library may change in its outputs, and that nothing else passes for the same."""

import hashlib
import json
import zipfile

import pikepdf
import pytest
from tools import same_bytes

OLD, NEW = "a" * 64, "b" * 64
PAGE = '<title>{title}</title>\n<script type="application/json" id="nianbao-evidence">{evidence}</script>\n</html>\n'
# What a change of the library makes different in each file; no figure, and no text.
MOVED = {
    "a changed file": {"inputs": {"lib/nianbao/form.py": NEW}},
    "a moved file": {"inputs": {"lib/nianbao/core/form.py": OLD}},
    "more files": {"inputs": {"lib/nianbao/form.py": OLD, "lib/nianbao/rows.py": NEW}, "files": 9},
    "a tool in the lock": {"inputs": {"lib/nianbao/form.py": OLD, "requirements.lock": NEW}},
    "a hash for each part": {"schema": 2, "inputs": {"forms/x.yaml": NEW}, "library": {"nianbao": NEW, "fonts": OLD}},
}


def sealed(*, schema=1, inputs=None, figure="12", **sections):
    """Return what a manifest says before there are outputs."""
    own = {"lib/nianbao/form.py": OLD} if inputs is None else inputs
    held = {
        "schema": schema,
        "inputs": {"params/x/2025/report.yaml": OLD, "requirements.lock": OLD, **own},
        "figures": {"total": {"value": figure}},
    }
    return held | sections


def dumped(held):
    """Return *held* as the library writes JSON."""
    return json.dumps(held, ensure_ascii=False, indent=1) + "\n"


def pdf(path, text="12", attached=None, title="x"):
    """Write a PDF of one page that says *text* and carries *attached*, texts by name."""
    with pikepdf.new() as made:
        made.docinfo["/Title"] = title
        made.add_blank_page()
        made.pages[0].Contents = made.make_stream(f"BT ({text}) Tj ET".encode())
        for name, content in (attached or {}).items():
            spec = pikepdf.AttachedFileSpec(made, content.encode(), filename=name, creation_date="", mod_date="")
            made.attachments[name] = spec
        made.save(path, deterministic_id=True)


def zipped(path, members, date=(1980, 1, 1, 0, 0, 0)):
    """Write a zip file of *members*, texts by name."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, date), content)


def verdict(files, page, schema):
    """Return what verdict.json says of a library of so many *files*."""
    source = "程序、表式、字体和模板" if schema == 1 else "程序、表式、字体和模板，每个部分一项"
    own = {"depth": "哈希", "what": "lib/form.py", "source": source, "outcome": "相同"}
    made = {"depth": "哈希", "what": "report.html", "found": page, "source": "outputs 中的 report.html", "outcome": "相同"}
    return {
        "counts": {"哈希": {"相同": files + 1, "不同": 0}, "数": {"相同": 5, "不同": 0}},
        "items": [*[own] * files, {**own, "source": "表式"}, made],
    }


def make(folder, *, files=3, seconds=1.5, **sections):
    """Write a folder of outputs as a library of so many *files* makes them."""
    held = sealed(**sections)
    folder.mkdir()
    evidence = json.dumps({"figures": ["12"], "manifest": held}, separators=(",", ":"))
    (folder / "report.html").write_text(PAGE.format(title="x", evidence=evidence))
    pdf(folder / "report.pdf", attached={"figures.json": dumped(["12"]), "manifest.json": dumped(held)})
    pdf(folder / "trend.pdf")
    zipped(folder / "report.docx", {"word/document.xml": "<p>12</p>", "customXml/item1.xml": "12"})
    zipped(folder / "tables.xlsx", {"xl/worksheets/sheet1.xml": "<v>12</v>"})
    (folder / "data.csv").write_text("row,value\ntotal,12\n")
    (folder / "report.ipynb").write_text(dumped({"cells": [{"id": "chart", "outputs": ["12"]}]}))
    seal(folder, held)
    page = digest(folder / "report.html")
    (folder / "verdict.json").write_text(dumped(verdict(files, page, held["schema"])))
    counted = f'<th scope="row">哈希</th><td>{files + 1}</td><th scope="row">数</th><td>5</td>'
    (folder / "verdict.html").write_text(f"<p><strong>一致：核对过的{files + 6}项全部相同。</strong></p>\n{counted}\n")
    said = f"现为：{page}\n哈希：相同{files + 1}，不同0\n数：相同5，不同0\n一致：核对过的{files + 6}项全部相同。\n用时{seconds:.0f}秒。\n"
    (folder / "verify.txt").write_text(said)
    (folder / "summary.json").write_text(dumped({"reports": [{"unit": "x", "seconds": seconds, "peak_memory_bytes": files}]}))
    return folder


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def seal(folder, held):
    outputs = {path.name: digest(path) for path in sorted(folder.iterdir()) if path.suffix in {".html", ".pdf", ".csv"}}
    (folder / "manifest.json").write_text(dumped(held | {"outputs": outputs}))


def edit(name, old, new):
    """Return what replaces *old* by *new* in the text *name* of a folder."""

    def spoil(folder):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return spoil


def pdf_with(**changes):
    """Return what makes the report's PDF anew with *changes*."""
    own = {"attached": {"figures.json": dumped(["12"]), "manifest.json": dumped(sealed())}}
    return lambda folder: pdf(folder / "report.pdf", **own | changes)


@pytest.fixture
def before(tmp_path):
    return make(tmp_path / "before")


@pytest.fixture
def after(tmp_path):
    return make(tmp_path / "after")


def compare(capsys, before, after):
    """Return the exit code and the line of each file that differs, by name."""
    code = same_bytes.main(before, after)
    lines = capsys.readouterr().out.splitlines()[:-1]
    return code, dict(line.removeprefix("不同　").split("：", 1) for line in lines if line.startswith("不同"))


def test_two_folders_made_by_the_same_library_are_the_same(capsys, before, after):
    assert compare(capsys, before, after) == (0, {})


@pytest.mark.parametrize("sections", MOVED.values(), ids=MOVED)
def test_what_follows_from_the_librarys_own_hashes_is_no_difference(capsys, tmp_path, before, sections):
    after = make(tmp_path / "after", **sections)
    assert (after / "report.html").read_bytes() != (before / "report.html").read_bytes()
    assert compare(capsys, before, after) == (0, {})


def test_how_long_a_batch_took_is_no_difference(capsys, tmp_path, before):
    assert compare(capsys, before, make(tmp_path / "after", seconds=7)) == (0, {})


@pytest.mark.parametrize(
    ("spoil", "name", "place"),
    [
        (edit("manifest.json", '"value": "12"', '"value": "13"'), "manifest.json", "$.figures.total.value"),
        (
            edit("manifest.json", f'report.yaml": "{OLD}', f'report.yaml": "{NEW}'),
            "manifest.json",
            "$.inputs.params/x/2025/report.yaml",
        ),
        (edit("manifest.json", ' "inputs"', '  "inputs"'), "manifest.json", "整个文件"),
        (edit("report.html", "<title>x", "<title>y"), "report.html", "第1行"),
        (edit("report.html", '["12"]', '["13"]'), "report.html", "证据 $.figures[0]"),
        (edit("report.html", '"value":"12"', '"value":"13"'), "report.html", "证据 $.manifest.figures.total.value"),
        (pdf_with(text="13"), "report.pdf", "第1页 对象"),
        (pdf_with(title="y"), "report.pdf", "对象"),
        (
            pdf_with(attached={"figures.json": dumped(["13"]), "manifest.json": dumped(sealed())}),
            "report.pdf",
            "附件 figures.json",
        ),
        (
            pdf_with(attached={"figures.json": dumped(["12"]), "manifest.json": dumped(sealed(figure="13"))}),
            "report.pdf",
            "附件 manifest.json $.figures.total.value",
        ),
        (lambda folder: pdf(folder / "trend.pdf", text="13"), "trend.pdf", "第1页 对象"),
        (
            lambda folder: zipped(folder / "report.docx", {"word/document.xml": "<p>13</p>", "customXml/item1.xml": "12"}),
            "report.docx",
            "word/document.xml",
        ),
        (
            lambda folder: zipped(folder / "report.docx", {"word/document.xml": "<p>12</p>", "customXml/item1.xml": "13"}),
            "report.docx",
            "customXml/item1.xml",
        ),
        (
            lambda folder: zipped(folder / "tables.xlsx", {"xl/worksheets/sheet1.xml": "<v>13</v>"}),
            "tables.xlsx",
            "xl/worksheets/sheet1.xml",
        ),
        (
            lambda folder: zipped(folder / "tables.xlsx", {"xl/worksheets/sheet1.xml": "<v>12</v>"}, (1981, 1, 1, 0, 0, 0)),
            "tables.xlsx",
            "整个文件",
        ),
        (edit("data.csv", "12", "13"), "data.csv", "第2行"),
        (edit("report.ipynb", '"12"', '"13"'), "report.ipynb", "$.cells[0].outputs[0]"),
        (edit("verdict.json", '"相同": 5', '"相同": 6'), "verdict.json", "$.counts.数.相同"),
        (edit("verdict.json", '"不同": 0', '"不同": 1'), "verdict.json", "$.counts.哈希.不同；$.counts.数.不同"),
        (edit("verdict.html", "<td>5", "<td>6"), "verdict.html", "第2行"),
        (edit("verify.txt", "数：相同5", "数：相同6"), "verify.txt", "第3行"),
        (edit("verify.txt", "不同0\n数", "不同1\n数"), "verify.txt", "第2行"),
        (edit("summary.json", '"unit": "x"', '"unit": "y"'), "summary.json", "$.reports[0].unit"),
        (lambda folder: (folder / "data.csv").unlink(), "data.csv", "只有前一份"),
        (lambda folder: (folder / "more.csv").touch(), "more.csv", "只有后一份"),
    ],
)
def test_whatever_else_differs_is_named_with_its_place(capsys, before, after, spoil, name, place):
    spoil(after)
    code, differing = compare(capsys, before, after)
    assert code == 1
    assert differing[name].startswith(place)


def test_a_page_that_the_manifest_does_not_seal_is_a_difference_of_the_manifest(capsys, tmp_path, before):
    after = make(tmp_path / "after", inputs={"lib/nianbao/form.py": NEW})
    edit("manifest.json", digest(after / "report.html"), OLD)(after)
    assert compare(capsys, before, after) == (1, {"manifest.json": "$.outputs.report.html"})


def test_of_many_places_the_first_are_named(capsys, before, after):
    edit("data.csv", "total,12\n", "total,12\n" * 9)(after)
    code, differing = compare(capsys, before, after)
    assert (code, differing["data.csv"]) == (1, "第3行；第4行；第5行；第6行；第7行；第8行 等9处")


def test_folders_without_a_file_are_not_the_same(capsys, tmp_path):
    assert compare(capsys, tmp_path, tmp_path) == (1, {})
