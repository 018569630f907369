"""The page around a report: what it may do, and that it shows the next report where the reader was in the last."""

import asyncio
import base64
import hashlib
import json
import os
import re
import subprocess
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import lxml.html
import pytest
from nianbao.preview import maker
from nianbao.preview import server as previewserver
from tornado.websocket import websocket_connect

PAGE, POLICY = maker.page("预览　<b>&")
SCRIPT = lxml.html.document_fromstring(PAGE.decode()).findtext(".//script")


# ---- the page as text


@pytest.mark.parametrize(("tag", "rule"), [("script", "script-src"), ("style", "style-src")])
def test_the_policy_knows_what_stands_in_the_page_by_its_hash(tag, rule):
    (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", PAGE.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert f"{rule} 'sha256-{digest}';" in POLICY


def test_the_policy_allows_nothing_from_elsewhere_and_no_frame_around_it():
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))

    assert rules["default-src"] == rules["frame-ancestors"] == rules["form-action"] == rules["base-uri"] == "'none'"
    assert rules["connect-src"] == rules["frame-src"] == "'self'"
    assert "unsafe" not in POLICY


def test_a_title_is_text():
    assert "<title>预览　&lt;b&gt;&amp;</title>" in PAGE.decode()


@pytest.mark.parametrize(
    "word", ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "//127", "</"]
)
def test_the_script_makes_no_markup_from_what_it_is_told(word):
    assert word not in SCRIPT


# ---- in a browser


class _Tab:
    """A page in a browser, asked through its debugging port."""

    def __init__(self, address):
        self.address = address

    def __call__(self, expression):
        """Return what *expression* comes to in the page; `report` is the window of the report that is shown."""
        opening = "const $ = (s) => document.querySelector(s); const report = $('iframe:not(.coming)')?.contentWindow;"
        return asyncio.run(self._evaluated(f"(() => {{ {opening} return ({expression}); }})()"))

    def until(self, expression):
        """Wait for *expression* to become true; a page that is still coming has nothing to ask."""
        for _try in range(300):
            if self(f"(() => {{ try {{ return {expression}; }} catch {{ return false; }} }})()"):
                return
            time.sleep(0.1)
        pytest.fail(f"never came true: {expression}; {self('document.body.innerText')}")

    async def _evaluated(self, expression):
        connection = await websocket_connect(self.address)
        asked = {"id": 1, "method": "Runtime.evaluate", "params": {"expression": expression, "returnByValue": True}}
        await connection.write_message(json.dumps(asked))
        message = json.loads(await connection.read_message())
        connection.close()
        while await connection.read_message() is not None:
            """Wait until the other side has closed too."""
        # Between two pages the browser has none to ask, and says so.
        answer = message.get("result", {"result": {}})
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")


@pytest.fixture(name="browser", scope="module")
def _browser(needs, tmp_path_factory):
    """Open an address in a headless Chromium, and give the tab."""
    folder = tmp_path_factory.mktemp("chromium")
    command = [needs("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=1280,900"]
    command += [f"--user-data-dir={folder}", "--remote-debugging-port=0", "--disable-background-networking", "about:blank"]
    environment = {**os.environ, "HOME": str(folder), "no_proxy": "*"}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment) as process:
        told = folder / "DevToolsActivePort"
        for _try in range(300):
            if told.is_file() and told.read_text("ascii").count("\n"):
                break
            time.sleep(0.1)
        port = told.read_text("ascii").split()[0]

        def opened(address):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/json/new?{address}", method="PUT")
            with urllib.request.urlopen(request, timeout=30) as answer:
                return _Tab(json.loads(answer.read())["webSocketDebuggerUrl"])

        yield opened
        process.kill()


@pytest.fixture(name="server")
def _server():
    with closing(previewserver.Server(previewserver.listen(0), PAGE, POLICY)) as server:
        yield server


def _news(number, problem=None):
    return {"state": f"第{number}次", "building": False, "number": number, "problem": problem, "notice": ""}


@pytest.fixture(name="tab")
def _tab(browser, server, built):
    """The preview of the 2013 report."""
    server.tell(_news(1), {"report.html": built.files["report.html"]})
    tab = browser(server.address)
    tab.until("document.documentElement.dataset.shown === '1'")
    return tab


@pytest.fixture(name="renew")
def _renew(server, built, tab):
    """Serve the 2013 report with something changed."""

    def renew(old, new):
        page = built.files["report.html"].decode()
        assert page.count(old) == 1
        server.tell(_news(2), {"report.html": page.replace(old, new).encode()})
        tab.until("document.documentElement.dataset.shown === '2'")

    return renew


FIRST = '<main id="main">'
LONG = FIRST + "<p>新写的一段。</p>" * 40
HERE = "[...report.document.querySelectorAll('main h3')][8].getBoundingClientRect().top"


@pytest.mark.slow
def test_the_report_in_the_page_is_the_published_one_and_its_script_works(server, tab):
    assert server.address + "report.html" == tab("report.location.origin + report.location.pathname")
    assert tab("report.document.querySelectorAll('data[role=button]').length") > 200


@pytest.mark.slow
def test_the_reader_stays_where_she_was_when_text_is_added_above(tab, renew):
    tab("report.document.querySelectorAll('main h3')[8].scrollIntoView()")
    before = tab(HERE)
    renew(FIRST, LONG)

    assert abs(tab(HERE) - before) <= 1
    assert tab("report.document.body.textContent.includes('新写的一段。')")


@pytest.mark.slow
def test_the_reader_stays_where_she_was_when_text_above_and_below_is_changed(tab, server, built):
    tab("report.document.querySelectorAll('main h3')[8].scrollIntoView()")
    before = tab(HERE)
    page = built.files["report.html"].decode().replace(FIRST, LONG).replace("</main>", "<p>末尾。</p></main>")
    server.tell(_news(2), {"report.html": page.encode()})
    tab.until("document.documentElement.dataset.shown === '2'")

    assert abs(tab(HERE) - before) <= 1


@pytest.mark.slow
def test_a_reader_at_the_top_stays_at_the_top(tab, renew):
    renew(FIRST, LONG)

    assert tab("report.scrollY") == 0


@pytest.mark.slow
def test_the_open_panel_and_the_open_data_of_a_chart_stay_open(tab, renew):
    tab("report.document.querySelectorAll('main details')[1].open = true")
    tab("report.document.getElementById('disclosed.district.year.share').click()")
    renew(FIRST, LONG)

    assert tab("[...report.document.querySelectorAll('main details')].map((each) => each.open).indexOf(true)") == 1
    assert tab("report.document.querySelector('.nb-formula').textContent") == "953 ÷ 2565 = 37.15%"
    assert tab("report.document.querySelector('.nb-here').id") == "disclosed.district.year.share"


@pytest.mark.slow
def test_the_list_of_numbers_keeps_what_was_searched_for(tab, renew):
    tab("[...report.document.querySelectorAll('.nb-tools button')].find((each) => each.textContent === '查数').click()")
    tab(
        "(() => { const query = report.document.getElementById('nb-query'); query.value = '专职'; "
        "query.dispatchEvent(new Event('input')); })()"
    )
    found = tab("report.document.querySelector('.nb-panel [role=status]').textContent")
    renew(FIRST, LONG)

    assert tab("report.document.getElementById('nb-query').value") == "专职"
    assert tab("report.document.querySelector('.nb-panel [role=status]').textContent") == found


@pytest.mark.slow
def test_a_closed_panel_stays_closed(tab, renew):
    renew(FIRST, LONG)

    assert tab("report.document.querySelector('.nb-panel').hidden")


@pytest.mark.slow
def test_a_problem_is_shown_above_the_last_good_report_and_goes_when_it_is_mended(server, tab, built):
    item = {"where": "params/longtan/2013/narrative.md 第5行", "found": "<b>不是标记", "allowed": "甲、乙", "remedy": "核对名称"}
    server.tell(_news(1, {"title": "有1处需要改正", "items": [item], "text": ""}))
    tab.until("!$('#problem').hidden")

    assert tab("$('#problem-title').textContent") == "有1处需要改正"
    assert tab("[...$('#problem-items').querySelectorAll('p')].map((each) => each.textContent)") == [
        item["where"],
        "<b>不是标记",
        "应为：甲、乙",
        "请核对名称",
    ]
    assert tab("report.document.querySelectorAll('h1').length") == 1
    assert tab("document.title").startswith("✗")

    server.tell(_news(2), {"report.html": built.files["report.html"]})
    tab.until("$('#problem').hidden && document.documentElement.dataset.shown === '2'")


@pytest.mark.slow
def test_typed_numbers_have_a_button_and_a_click_on_it_asks_for_placeholders(server, tab):
    hidden = "$('#adopt').hidden"
    assert tab(hidden)
    server.tell({**_news(1), "typed": 3})
    tab.until("!$('#adopt').hidden && $('#adopt').textContent === '把3个手写的数改为占位符'")
    tab("$('#adopt').click()")
    for _try in range(100):
        if server.wished():
            break
        time.sleep(0.05)
    else:
        pytest.fail("nobody asked")
    server.tell({**_news(1), "typed": 0})
    tab.until(hidden)


def test_a_browser_that_lost_its_preview_says_so(server, tab):
    server.close()
    tab.until("$('#state').textContent.startsWith('预览已经停止')")


@pytest.mark.slow
def test_axe_finds_no_violation_in_the_page_with_a_problem(server, browser, built):
    source = Path(os.environ.get("AXE_JS", ""))
    if not source.is_file():
        absent = pytest.fail if os.environ.get("NIANBAO_NO_SKIP") else pytest.skip
        absent("needs axe-core: npm install axe-core, and AXE_JS=…/node_modules/axe-core/axe.min.js")
    item = {"where": "narrative.md 第5行", "found": "没有", "allowed": "有", "remedy": "改"}
    problem = {"title": "有1处需要改正", "items": [item], "text": "1  report"}
    server.tell(_news(1, problem), {"report.html": built.files["report.html"]})
    tab = browser(server.address)
    tab.until("document.documentElement.dataset.shown === '1' && !$('#problem').hidden")
    tab(f"(() => {{ {source.read_text('utf-8')} }})()")
    tab(
        "void axe.run({exclude: ['iframe']}, {iframes: false}).then((found) => { window.found = found.violations.map((each) => each.id); })"
    )
    tab.until("window.found !== undefined")

    assert tab("window.found") == []
