"""Whole reports for tests to read, and programs to read them with; a test module that wants them lists this one as a plugin."""

import fcntl
import json
import os
import pickle
import re
import shutil
import subprocess
from pathlib import Path

import builds
import lxml.html
import pytest
from calc import Calc

POLICY = '<meta http-equiv="Content-Security-Policy"'
AUDIT = """
<script>{axe}</script>
<script>
axe.run(document, {{resultTypes: ["violations"]}}).then(function (found) {{
  parent.postMessage(JSON.stringify(found.violations.map(function (each) {{
    return {{id: each.id, impact: each.impact, nodes: each.nodes.map(function (node) {{ return node.html.slice(0, 200); }})}};
  }})), "*");
}});
</script>
"""
MEASURE = """
<script>
window.addEventListener("load", function () {
  var page = document.documentElement, wide = [];
  document.querySelectorAll("body *").forEach(function (each) {
    var box = each.getBoundingClientRect();
    if (!each.closest(".table, svg, .skip") && box.width && (box.right > innerWidth + 1 || box.left < -1)) {
      wide.push(each.tagName + "." + each.className + " " + box.left + " " + box.right);
    }
  });
  parent.postMessage(JSON.stringify({scroll: page.scrollWidth, client: page.clientWidth, wide: wide.slice(0, 5)}), "*");
});
</script>
"""
# Chromium's window is never narrower than 500 px; a frame of 390 px is. What runs in the frame tells what it found.
FRAME = """<!DOCTYPE html>
<pre id="told"></pre>
<script>addEventListener("message", function (event) {{ document.getElementById("told").textContent = event.data; }});</script>
<iframe src="page.html" style="border: 0; width: {width}px; height: 800px"></iframe>
"""


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Make something in a folder of its own, once in a run: of several test processes the first makes it, the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent

    def once(name, make):
        made = base / f"{name}.made"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.is_file():
                shutil.rmtree(base / name, ignore_errors=True)
                made.write_bytes(pickle.dumps(make(base / name)))
        return pickle.loads(made.read_bytes())

    return once


@pytest.fixture(scope="session")
def built(shared):
    """The 2013 report, built once in a copy of the project."""
    return shared("built", lambda folder: builds.report(builds.new_project(folder)))


@pytest.fixture
def workshop(built, tmp_path):
    """A copy of a project whose 2013 report is built, for a test to spoil."""
    return Path(shutil.copytree(built.project, tmp_path / "project"))


@pytest.fixture(scope="session")
def told(needs, tmp_path_factory):
    """Open a report's page with an addition in a frame of some width in a headless Chromium; return what the addition tells."""
    program = needs("chromium")
    quiet = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
    quiet += ("--disable-component-update", "--disable-sync", "--no-sandbox", "--hide-scrollbars")

    def tell(outputs, addition, width):
        folder = tmp_path_factory.mktemp("chromium")
        text = outputs.files["report.html"].decode()
        unlocked = re.sub(re.escape(POLICY) + "[^>]*>", "", text)
        assert unlocked != text
        (folder / "page.html").write_text(unlocked.replace("</body>", addition + "</body>"), "utf-8")
        (folder / "frame.html").write_text(FRAME.format(width=width), "utf-8")
        command = [program, "--headless", *quiet, f"--user-data-dir={folder / 'profile'}", "--window-size=1400,900"]
        command += ["--virtual-time-budget=20000", "--dump-dom", (folder / "frame.html").as_uri()]
        environment = {**os.environ, "HOME": str(folder)}
        run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=90, env=environment, check=True)
        return json.loads(lxml.html.document_fromstring(run.stdout).get_element_by_id("told").text)

    return tell


@pytest.fixture(scope="session")
def measured(told):
    """Return how wide a report's page is in a frame of some width, and what stands out of it."""
    return lambda outputs, width: told(outputs, MEASURE, width)


@pytest.fixture(scope="session")
def audited(told):
    """Return the violations that axe-core, from the file that AXE_JS names, finds in a report's page."""
    path = os.environ.get("AXE_JS", "")
    if not Path(path).is_file():
        absent = pytest.fail if os.environ.get("NIANBAO_NO_SKIP") else pytest.skip
        absent("needs axe-core: npm install axe-core, and AXE_JS=…/node_modules/axe-core/axe.min.js")
    source = Path(path).read_text("utf-8").replace("</script", r"<\/script")
    return lambda outputs, width: told(outputs, AUDIT.format(axe=source), width)


@pytest.fixture(scope="session")
def poppler(needs):
    """Make sure that pdftotext is there."""
    return needs("pdftotext")


@pytest.fixture(scope="session")
def calc(needs, tmp_path_factory):
    """LibreOffice Calc, to compute workbooks anew."""
    return Calc(needs("soffice"), tmp_path_factory.mktemp("calc"))
