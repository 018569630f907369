"""What it takes to run `nianbao`, to make projects of one's own, and to read what a build leaves. The fixtures are in fixtures_build."""

import csv
import dataclasses
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path

import lxml.html
import nbformat

ROOT = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).with_name("nianbao")
NAMES = (
    "report.ipynb",
    "report.html",
    "report.pdf",
    "report.docx",
    "tables.xlsx",
    "data.csv",
    "datapackage.json",
    "figures.json",
    "findings.json",
    "manifest.json",
)
NOTEBOOK = "report-jilin.ipynb"
# The chapters of the report for 2013, by their titles.
PARTS = [
    "一、基本工作情况",
    "二、主动公开政府信息情况",
    "三、依申请公开政府信息情况",
    "四、行政复议、诉讼和申诉情况",
    "五、政府信息公开的收费和减免情况",
    "六、主要问题及下一步工作打算",
    "七、附表",
]


@dataclasses.dataclass(frozen=True)
class Outputs:
    """The outputs of one report, read as what they are."""

    project: Path
    unit: str
    year: str
    run: subprocess.CompletedProcess | None = None

    @property
    def folder(self):
        return self.project / "outputs" / self.unit / self.year

    @cached_property
    def files(self):
        return {name: (self.folder / name).read_bytes() for name in NAMES}

    @cached_property
    def page(self):
        return lxml.html.document_fromstring(self.files["report.html"].decode())

    @cached_property
    def notebook(self):
        return nbformat.reads(self.files["report.ipynb"].decode(), as_version=4)

    @cached_property
    def figures(self):
        return {each["id"]: each for each in json.loads(self.files["figures.json"])}

    @cached_property
    def findings(self):
        return json.loads(self.files["findings.json"])

    @cached_property
    def manifest(self):
        return json.loads(self.files["manifest.json"])

    @cached_property
    def pdf_text(self):
        return _pdftotext(self.folder / "report.pdf", "-raw")

    @cached_property
    def pdf_words(self):
        """(left, top, right, bottom, word) of every word, by page."""
        pages = _pdftotext(self.folder / "report.pdf", "-bbox").split("<page ")[1:]
        word = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')
        return [[(*map(float, found[:4]), found[4]) for found in word.findall(page)] for page in pages]

    def prose(self):
        """What a reader reads outside tables and charts, one paragraph a line."""
        found = self.page.xpath("//main//*[self::p or self::li][not(ancestor::table or ancestor::figure or @class='note')]")
        return "\n".join(each.text_content() for each in found)


def _pdftotext(pdf, *options):
    return subprocess.run(["pdftotext", *options, pdf, "-"], check=True, capture_output=True, encoding="utf-8").stdout


def nianbao(project, *arguments, **options):
    """Run the `nianbao` command in the folder *project*."""
    command = [COMMAND, *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False, timeout=120, **options)


def new_project(folder, *, units=("longtan",)):
    """Make a project in *folder*: the notebooks, the lock, and the parameters of *units* of this one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*(f"params/{unit}" for unit in units), "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / "requirements.lock", folder)
    return folder


def report(project, unit="longtan", year="2013", **options):
    """Build one report, and make sure that it was built."""
    run = nianbao(project, "report", unit, year, **options)
    assert run.returncode == 0, run.stderr
    return Outputs(project, unit, year, run)


def edit(project, cell, source):
    """Replace the source of the cell called *cell* in the project's notebook."""
    path = project / "notebooks" / NOTEBOOK
    notebook = json.loads(path.read_text("utf-8"))
    next(each for each in notebook["cells"] if each["id"] == cell)["source"] = source
    path.write_text(json.dumps(notebook, ensure_ascii=False), "utf-8")


def replace(path, old, new):
    """Replace *old*, which is there, by *new* in the file *path*."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def hashes(folder):
    """Return the hash of each of the six files in *folder*."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in NAMES}


def of_another_version(sealed, schema):
    """Return the manifest *sealed* as a program wrote it, or will, that hashes each file of the library and has no part of it."""
    kept = {section: held for section, held in sealed.items() if section != "library"}
    return {**kept, "schema": schema, "inputs": {**sealed["inputs"], "lib/nianbao/build.py": "0" * 64}}


def age(manifest, schema):
    """Make the file *manifest* one of another version."""
    held = of_another_version(json.loads(manifest.read_text("utf-8")), schema)
    manifest.write_text(json.dumps(held, ensure_ascii=False), "utf-8")


def squeezed(text):
    """Return *text* without white space and hyphens of broken lines: what is left of it in any layout."""
    return re.sub(r"[\s\u00ad\u2060\u200b]+", "", text)


def write_report(folder, *, declared, narrative, values, year):
    """
    Make a folder of parameters.

    Args:
        declared: what report.yaml says beyond what every report must say.

        values: called with the row's number in the table and the column (`cumulative` or `year`), gives what the cell holds.
    """
    folder.mkdir(parents=True)
    names = ("office", "address", "postcode", "phone", "fax", "email", "website", "disclosure_site")
    said = {
        "schema": 1,
        "unit": folder.parent.name,
        "name": "某区人民政府",
        "short_name": "某区",
        "province": "吉林省",
        "year": year,
        "sources": {"own": "本单位统计"},
        "contact": {name: {"text": "-", "source": "own"} for name in names},
        **declared,
    }
    # A report.yaml may be written as JSON is: every value in one line, texts in quotes.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
    (folder / "report.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "narrative.md").write_text(narrative, "utf-8")
    grid = list(csv.reader(io.StringIO((ROOT / "params/longtan/2013/statistics.csv").read_text("utf-8-sig"))))
    grid[0][-1] = f"{year % 100:02d}年发生数"
    for number, line in enumerate(grid[1:]):
        line[-2:] = values(number, "cumulative"), values(number, "year")
    with (folder / "statistics.csv").open("w", encoding="utf-8-sig", newline="") as written:
        csv.writer(written).writerows(grid)
    return folder


def lay(
    project, unit, year, /, *, findings=(), figures=None, draft=False, pages=("report.html", "report.pdf", "report.docx"), **report
):
    """Put outputs into place that say what is asked of them, without a build; return their folder."""
    folder = project / "outputs" / unit / year
    folder.mkdir(parents=True)
    for name in pages:
        (folder / name).write_bytes(b"page")
    (folder / "findings.json").write_text(json.dumps(list(findings)), "utf-8")
    said = {"unit": unit, "year": year, "form": "national-2021", "title": f"{unit}{year}年度报告", "draft": draft, **report}
    manifest = {
        "schema": 2,
        "report": said,
        "inputs": {},
        "library": {},
        "figures": {name: {"value": value, "display": "…"} for name, value in (figures or {}).items()},
        "outputs": {"findings.json": hashlib.sha256((folder / "findings.json").read_bytes()).hexdigest()},
        "environment": {"packages": {}, "python": "3", "platform": "x"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder
