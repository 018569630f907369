"""The panel behind the numbers: evidence that cannot break out, one script that the policy names, and what a reader can do with it."""

import base64
import copy
import hashlib
import json
import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import lxml.html
import nianbao
import pytest
from nianbao.build import evidence

TEMPLATES = Path(nianbao.__file__).parent / "render" / "templates" / "html"
SCRIPT = (TEMPLATES / "panel.js").read_text("utf-8")
STYLE = (TEMPLATES / "panel.css").read_text("utf-8")
HOSTILE = "</script><script>document.title = 'broken'</script><!-- & \u2028 \u2029 ]]>"

PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:">
<title>报告</title>
</head>
<body>
<main id="main">
<h2>一、数量</h2>
<p>2013年公开<data class="figure" id="a" data-figure="a" value="3" title="数">3条</data>。</p>
</main>
<!-- nianbao:evidence -->
</body>
</html>
"""


def _evidence(label="数"):
    figure = {"id": "a", "label": label, "kind": "sum", "state": "given", "value": "3", "display": "3条", "unit": "条"}
    figure |= {"formula": "", "inputs": [], "source": "", "note": "", "shown": {"cells": [], "html": ["a"]}}
    manifest = {"report": {"year": "2013"}, "inputs": {}}
    return {"figures": [figure], "findings": [], "checks": [], "policy": {}, "files": {}, "manifest": manifest, "report": {}}


def _policy(page):
    (policy,) = lxml.html.document_fromstring(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    return dict(rule.strip().split(" ", 1) for rule in policy.split(";"))


# ---- what is put into the page


def test_the_evidence_is_read_back_as_it_was_given():
    page = lxml.html.document_fromstring(evidence.attach(PAGE, _evidence(HOSTILE)))

    assert json.loads(page.get_element_by_id("nianbao-evidence").text) == _evidence(HOSTILE)


def test_a_label_cannot_end_the_element_it_stands_in():
    page = lxml.html.document_fromstring(evidence.attach(PAGE, _evidence(HOSTILE)))

    assert [each.get("type") for each in page.iter("script")] == ["application/json", None]
    assert re.search("[<>&\u2028\u2029]", page.get_element_by_id("nianbao-evidence").text) is None


def test_the_policy_names_the_script_that_is_there_by_its_hash():
    page = evidence.attach(PAGE, _evidence())
    (script,) = lxml.html.document_fromstring(page).xpath("//script[not(@type)]")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()

    assert _policy(page)["script-src"] == f"'sha256-{digest}'"


def test_the_rest_of_the_policy_stays_as_it_was():
    rules = _policy(evidence.attach(PAGE, _evidence()))

    assert {name: rule for name, rule in rules.items() if name != "script-src"} == _policy(PAGE)


def test_the_same_evidence_gives_the_same_page():
    assert evidence.attach(PAGE, _evidence()) == evidence.attach(PAGE, copy.deepcopy(_evidence()))


@pytest.mark.parametrize(
    "page", [PAGE.replace(evidence.MARKER, ""), PAGE + evidence.MARKER, PAGE.replace("default-src 'none'", "")]
)
def test_a_page_that_the_template_did_not_make_is_refused(page):
    with pytest.raises(ValueError, match="not once"):
        evidence.attach(page, _evidence())


def test_without_script_the_body_is_what_it_was():
    attached = lxml.html.document_fromstring(evidence.attach(PAGE, _evidence()))
    for script in attached.xpath("//script"):
        script.drop_tree()
    before, after = (
        lxml.html.tostring(each.find("body"), encoding="unicode").replace(evidence.MARKER, "").split()
        for each in (lxml.html.document_fromstring(PAGE), attached)
    )

    assert before == after


def test_every_rule_of_style_is_about_something_that_the_script_made():
    plain = re.sub(r"/\*.*?\*/|@(?:media|keyframes)[^{]*\{|from\s*\{[^}]*\}", "", STYLE, flags=re.DOTALL)
    selectors = [each.strip() for rule in re.findall(r"([^{}]+)\{[^{}]*\}", plain) for each in rule.split(",")]

    assert len(selectors) > 40
    assert [each for each in selectors if not re.search(r'nb-|\[role="button"\]', each)] == []


# ---- the script as text


@pytest.mark.parametrize(
    "word",
    [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "http",
        "fetch(",
        "XMLHttp",
        "import(",
        "<!--",
    ],
)
def test_the_script_makes_no_markup_from_data_and_asks_nobody(word):
    assert word not in SCRIPT


def test_the_script_cannot_end_its_own_element():
    assert "</" not in SCRIPT


def test_the_script_is_short_enough_to_be_read():
    assert len(SCRIPT.splitlines()) < 500


# ---- the script at work, in a browser


@pytest.fixture(name="opened")
def _opened(needs, tmp_path):
    """Open a page, its policy in force, in a headless Chromium; return what its document has become."""

    def open_(page):
        (tmp_path / "page.html").write_text(page, "utf-8")
        command = [needs("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", (tmp_path / "page.html").as_uri()]
        environment = {**os.environ, "HOME": str(tmp_path)}
        run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=90, env=environment, check=True)
        return lxml.html.document_fromstring(run.stdout)

    return open_


ACT = """
<script>
addEventListener("load", () => {
  const $ = (selector) => document.querySelector(selector);
  const number = (id) => document.getElementById(id);
  const press = (key, shiftKey = false) =>
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
  const follow = (words) => [...document.querySelectorAll(".nb-panel :is(a, button)")].find((each) => each.textContent.includes(words)).click();
  const act = () => { ACTIONS };
  let told;
  try { told = act(); } catch (error) { told = String(error); }
  parent.postMessage(JSON.stringify(told ?? null), "*");
});
</script>
"""


@pytest.fixture(name="act", scope="module")
def _act(built, told):
    """Do something on the page of 2013 and return what it comes to."""
    return lambda actions, width=1280: told(built, ACT.replace("ACTIONS", actions), width)


@pytest.mark.slow
def test_the_policy_lets_this_script_run_and_no_other(opened):
    page = evidence.attach(PAGE, _evidence()).replace("</body>", "<script>document.title = 'other'</script></body>")
    document = opened(page)

    assert document.get_element_by_id("a").get("role") == "button"
    assert document.findtext(".//title") == "报告"


@pytest.mark.slow
def test_a_label_is_shown_as_text_whatever_it_says(opened):
    document = opened(evidence.attach(PAGE, _evidence(HOSTILE)))

    assert document.get_element_by_id("a").get("aria-label") == f"3条，{HOSTILE}"
    assert document.findtext(".//title") == "报告"


@pytest.mark.slow
def test_every_number_of_the_page_is_a_control_with_its_label_in_its_name(act):
    wrong = act("""
      return [...document.querySelectorAll("[data-figure]")].filter((each) => each.getAttribute("role") !== "button"
        || each.tabIndex !== 0 || each.getAttribute("aria-haspopup") !== "dialog"
        || !/.，./.test(each.getAttribute("aria-label"))).map((each) => each.outerHTML);
    """)

    assert wrong == []


@pytest.mark.slow
def test_a_click_opens_the_panel_with_the_formula_filled_in(act):
    shown = act("""
      number("disclosed.district.year.share").click();
      return [$(".nb-formula").textContent, $("#nb-title").textContent, document.activeElement.id, $(".nb-panel").hidden];
    """)

    assert shown == [
        "953 ÷ 2565 = 37.15%",
        "⑴县（市）区、开发区本级公开信息数占公开信息总数的比例（13年发生数）",
        "nb-title",
        False,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_key_opens_the_panel_too(act, key):
    shown = act(f'number("staff.full_time.year.share").focus(); press("{key}"); return $(".nb-formula").textContent;')

    assert shown == "14 ÷ 97 = 14.43%"


@pytest.mark.slow
def test_escape_closes_the_panel_and_gives_the_focus_back(act):
    left = act("""
      number("staff.year").click(); follow("专职"); press("Escape");
      return [$(".nb-panel").hidden, document.activeElement.id];
    """)

    assert left == [True, "staff.year"]


@pytest.mark.slow
def test_tab_stays_in_the_panel(act):
    ends = act("""
      number("staff.year").click();
      const stops = [...document.querySelectorAll(".nb-panel :is(button, a)")].filter((each) => each.offsetParent);
      stops.at(-1).focus(); press("Tab"); const first = document.activeElement === stops[0];
      press("Tab", true); return [first, document.activeElement === stops.at(-1)];
    """)

    assert ends == [True, True]


@pytest.mark.slow
def test_links_lead_from_a_share_to_its_cell_and_the_line_of_the_file(act):
    source = act("""
      number("disclosed.district.year.share").click(); follow("⑴县（市）区、开发区本级公开信息数（13年发生数）　953条");
      return [$(".nb-quote figcaption").textContent, $(".nb-quote code").textContent, $(".nb-quote mark").textContent,
        $(".nb-quote + p").textContent.slice(0, 4)];
    """)

    line = "二、主动公开情况,公开数量,其中：⑴县（市）区、开发区本级公开信息数,条,765,953"
    assert source == ["params/longtan/2013/statistics.csv 第8行", line, "953", "✓ 相符"]


@pytest.mark.slow
def test_back_returns_to_the_figure_before(act):
    titles = act("""
      const title = () => $("#nb-title").textContent;
      number("staff.full_time.year.share").click(); const first = title(); follow("1.从事信息公开工作人员数"); const second = title();
      follow("返回"); return [first === second, first === title(), $(".nb-bar button").hidden];
    """)

    assert titles == [False, True, True]


@pytest.mark.slow
def test_a_link_leads_to_the_cell_in_the_table(act):
    place = act("""
      number("staff.year").click(); follow("到统计表中看这一格"); const cell = document.activeElement;
      return [cell.dataset.figure, cell.closest("td").className, cell.closest("table").caption.textContent.includes("统计表")];
    """)

    assert place == ["staff.year", "number", True]


@pytest.mark.slow
def test_a_number_in_a_chart_opens_the_panel_too(act):
    assert (
        act("""$('svg [data-figure="staff.full_time.year"]').dispatchEvent(new MouseEvent("click", { bubbles: true }));
      return $("#nb-title").textContent;""")
        == "⑴专职人员数（13年发生数）"
    )


@pytest.mark.slow
def test_a_fact_shows_its_source_and_the_line_that_declares_it(act):
    words = act("""number("facts.departments").click(); return $(".nb-content").textContent;""")

    assert "公布文本 一（二）2" in words
    assert "departments: {label: 区政府部门, value: 36, unit: 个, source: published, at: 一（二）2}" in words


@pytest.mark.slow
def test_a_check_that_fails_is_shown_with_its_sentence_and_the_reason_it_was_accepted(built, act):
    (finding,) = (each for each in built.findings if each["id"] == "J02.cumulative")
    shown = act("""
      number("disclosed.district.cumulative").click();
      return [...document.querySelectorAll(".nb-check")].map((each) => each.textContent);
    """)

    (item,) = (each for each in shown if "（J02.cumulative）" in each)
    assert item.startswith("✗ 不符")
    assert finding["sentence"] in item
    assert f"已认可：{finding['reason']}" in item


@pytest.mark.slow
def test_what_the_browser_computes_again_agrees_with_every_formula(built, act):
    counts = act("""
      const found = { "✓": 0, "✗": 0, "–": 0 };
      $(".nb-tools button").click();
      for (let at = 0; at < document.querySelectorAll(".nb-entry").length; at += 1) {
        document.querySelectorAll(".nb-entry")[at].click();
        if ($(".nb-formula")) found[$(".nb-formula ~ p strong").textContent[0]] += 1;
        $(".nb-bar button").click();
      }
      return found;
    """)
    computed = [each for each in built.figures.values() if each["formula"]]

    assert counts["✗"] == 0
    assert counts["✓"] == sum(each["value"] is not None for each in computed)
    assert counts["–"] == sum(each["value"] is None for each in computed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("答复率", "答复率（累计数）100.00%"),
        ("contact.fax", "传真0432-63041988"),
        ("37.15 占比", "⑴县（市）区、开发区本级公开信息数占"),
    ],
)
def test_search_finds_by_label_id_and_value_and_says_how_many(act, query, first):
    found = act(
        """
      $(".nb-tools button").click(); const query = $("#nb-query"); query.value = "QUERY"; query.dispatchEvent(new Event("input"));
      const all = [...document.querySelectorAll(".nb-entries li")], left = all.filter((each) => !each.hidden);
      press("ArrowDown");
      return [left[0].textContent, document.activeElement === left[0].firstChild,
        $(".nb-panel [role=status]").textContent === `找到${left.length}个数，共${all.length}个`];
    """.replace("QUERY", query)
    )

    assert found[0].startswith(first)
    assert found[1:] == [True, True]


@pytest.mark.slow
def test_review_finds_every_number_of_2013_traced(built, act):
    shown = act("""
      $("[aria-pressed]").click();
      return [$("#nb-verdict").textContent, document.querySelectorAll(".nb-panel .nb-list li").length,
        document.querySelectorAll("main [data-figure]").length, $("[aria-pressed]").getAttribute("aria-pressed")];
    """)

    assert shown == [f"✓ {shown[2]}个数，均可追溯", 0, shown[2], "true"]
    assert shown[2] >= len(built.page.xpath("//main//data"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ('$("main p").append("另有37件。")', "…另有37件。…"),
        ('number("staff.year").textContent = "98人"', "【98人】"),
        ('number("staff.year").value = "98"', "【97人】"),
        ('number("staff.year").dataset.figure = "staff.none"', "【97人】"),
    ],
)
def test_review_names_the_number_that_has_no_source_or_another_value(act, spoil, said):
    (listed,) = act(f"""
      {spoil}; $("[aria-pressed]").click();
      return [...document.querySelectorAll(".nb-panel .nb-list li")].map((each) => each.textContent);
    """)

    assert said in listed


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("opening", ['[id="disclosed.district.cumulative"]', ".nb-tools button", "[aria-pressed]"])
def test_axe_finds_no_violation_with_the_panel_open(built, audited, opening, width):
    script = f"<script>document.querySelector('{opening}').click()</script></body>"
    page = built.files["report.html"].decode().replace("</body>", script)

    assert audited(SimpleNamespace(files={"report.html": page.encode()}), width) == []
