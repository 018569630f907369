"""
Verify a report, a trend, a roll-up or a working paper from its own file alone: recompute what the PDF or HTML carries, and read its text.

Nothing but the file is needed and nothing in it is trusted: the parameters inside are read again with the forms inside, every
figure is computed again, each must stand in the visible text where the file says, and nothing else there may look like a figure.
What cannot be seen from inside, a file changed consistently throughout, only a hash from outside can show (`--expect`).
"""

from __future__ import annotations

import json
import re
import tempfile
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nianbao.build import evidence, gate, manifest
from nianbao.build.gate import tokens, untraced, untraced_in_pdf
from nianbao.build.inputs import is_carried
from nianbao.build.manifest import ANY_MANIFEST, CARRIED_MANIFEST, other_version
from nianbao.document import cells
from nianbao.document.calculation import KIND
from nianbao.document.document import Document
from nianbao.indicators.errors import DamagedPdfError, NianbaoError, UnknownNameError, UnknownReportError
from nianbao.indicators.findings import Finding
from nianbao.inputs import formfile
from nianbao.inputs.report import load
from nianbao.inputs.yaml import STRING, STRING_OR_NOTHING, STRINGS, ListOf, MapOf, Of, keys
from nianbao.reading import numbers
from nianbao.render import pdf
from nianbao.verify.verdict import Item, Verdict, compared, compared_by_name, figure_words, passed_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nianbao.build.evidence import Told
    from nianbao.build.gate import Numerals
    from nianbao.indicators.form import Forms
    from nianbao.indicators.values import Strings
    from nianbao.inputs.yaml import Json
    from nianbao.verify.verdict import Compared

    # What reads a paper again: given the folder of its unit, its evidence, and the forms inside.
    Reader = Callable[[Path, Json, Forms], Told]

_FIGURE = keys(
    **dict.fromkeys(("id", "label", "kind", "state", "display", "unit", "formula", "source", "note"), STRING),
    value=STRING_OR_NOTHING,
    inputs=STRINGS,
    shown=keys(cells=STRINGS, html=STRINGS),
)
_FINDING = keys(
    **dict.fromkeys(("id", "rule", "severity", "reason", "sentence"), STRING),
    **dict.fromkeys(("left", "right", "difference"), STRING_OR_NOTHING),
    accepted=Of(bool),
    cells=STRINGS,
    implied=ListOf(keys(cell=STRING, value=STRING_OR_NOTHING)),
)
_COMMON = keys(
    files=MapOf(STRING),
    figures=ListOf(_FIGURE),
    findings=ListOf(_FINDING),
    checks=ListOf(
        keys(id=STRING, rule=STRING, severity=STRING, words=STRING, cells=STRINGS, holds=Of(bool, type(None))),
    ),
    manifest=CARRIED_MANIFEST,
    policy=keys(places=Of(int), method=STRING, zeros=STRING, sum_to_100=STRINGS, words=STRING),
    report=keys(title=STRING),
)
PAGE = keys(**_COMMON.shapes, reading=keys(blocks=STRINGS, order=ListOf(STRINGS)))
PDF = keys(**_COMMON.shapes, reading=STRINGS, places=ListOf(ListOf(STRINGS)))
_PLACE = 2  # a numeral and its figure


def from_pdf(content: bytes) -> Json:
    """
    Return the evidence attached to the PDF *content*.

    Raises:
        UnknownReportError: where it is damaged, locked, or carries no evidence.
    """
    try:
        files = pdf.attached(content)
        held: Json = {name.removesuffix(".json"): json.loads(content) for name, content in files.items() if name.endswith(".json")}
        held["files"] = {name: text.decode() for name, text in files.items() if name.startswith(("params/", "forms/"))}
    except (KeyError, ValueError, RecursionError, DamagedPdfError) as error:
        raise UnknownReportError("这个 PDF 已损坏、加了密，或没有带齐证据（附件），无法只凭它核对。") from error
    same_version(held)
    if not PDF.holds(held) or any(len(place) != _PLACE for page in held["places"] for place in page):
        raise UnknownReportError("这个 PDF 所带的证据残缺或被改动，不是本工具写出的样子，无法核对。")
    return held


def from_page(content: bytes) -> Json:
    """
    Return the evidence inside the HTML page *content*.

    Raises:
        UnknownReportError: where there is none, or not in the shape of evidence.
    """
    try:
        text = content.decode()
        found = re.search(r'<script type="application/json" id="nianbao-evidence">(.*?)</script>', text, re.DOTALL)
        held = json.loads(found[1]) if found else None
    except (ValueError, RecursionError) as error:
        raise UnknownReportError("这个文件读不出证据：不是 UTF-8 的网页，或证据已损坏。") from error
    if held is None:
        raise UnknownReportError("这个文件不是带有证据的报告（应为本工具生成的 .html 或 .pdf）。")
    same_version(held)
    if not PAGE.holds(held):
        raise UnknownReportError("这个网页所带的证据残缺或被改动，不是本工具写出的样子，无法核对。")
    return dict(held)


def same_version(held: Any) -> None:
    """
    Make sure that the evidence *held* was written by this version of the program.

    Raises:
        UnknownReportError: where it was not.
    """
    sealed: Any = held.get("manifest") if isinstance(held, dict) else None
    if ANY_MANIFEST.holds(sealed) and sealed["schema"] != manifest.SCHEMA:
        raise UnknownReportError(f"这个文件{other_version(sealed['schema'])}")


# Findings about sentences, characters and what cells show, with their severity; they may stand in the notebook, which the file does not carry.
_OF_SENTENCES = {"T01": "error", "T02": "warning", "T03": "warning", "T06": "error", "T07": "info", **cells.RULES}
# What such a finding quotes, and where it says that it stands; there digits are no claim about the tables.
_QUOTED = re.compile(
    r"“[^”]*”|（U\+[0-9A-F]{4,6}）|(?:notebooks|params/[\w-]+)/[\w.-]+\.ipynb(?: 单元格[\w-]+)?|第[0-9]+行|[0-9]+×[0-9]+点|[0-9]+(?:百万点|兆)"
)
FILE, CARRIED, FIGURES, RULES, TEXT = "文件", "所带的证据", "重算的数", "勾稽关系和问题", "看得见的文字"
DEPTHS = (FILE, CARRIED, FIGURES, RULES, TEXT)

_PARAMETER = re.compile(r"params/(\w[\w-]{0,63})/(2[0-9]{3})/([\w-]+\.(?:yaml|csv|md))")


def report_told(unit: Path, held: Json, forms: Forms) -> Told:
    """Return what a report tells of which only *held*, its evidence, is there, with its parameters in the folder *unit*."""
    document = Document(load(unit / held["manifest"]["report"]["year"], forms))
    computed = {finding.id for finding in document.findings}
    document.take_up(_of_notebook(each for each in held["findings"] if each["id"] not in computed))
    for each in held["figures"]:
        document.figures.derived(each["id"])
        # One that does not follow from the report is missed then among what was computed again.
        with suppress(UnknownNameError):
            document.take_up_figures([each["id"]] if each["kind"] == KIND else [])
    return evidence.of_document(document)


def _of_notebook(told: Iterable[Json]) -> Iterator[Finding]:
    """Yield those of the findings *told* that can only come from the notebook: about a sentence in it, and claiming no number."""
    for each in told:
        if _OF_SENTENCES.get(each["rule"]) == each["severity"] and not numbers.NUMBER.search(_QUOTED.sub("", each["sentence"])):
            yield Finding(id=each["id"], rule=each["rule"], severity=each["severity"], parts=(each["sentence"],))


def verify(path: Path, expect: str | None, others: Mapping[str, Reader] = MappingProxyType({})) -> Verdict:
    """
    Verify the report in the file *path*, or another paper of ours.

    Args:
        expect: the SHA-256 that the file must have, where the auditor holds it.

        others: what reads other papers again, each by the section that their manifest has.

    Raises:
        UnknownReportError: where the file is no report that carries its evidence.
    """
    if not path.is_file():
        raise UnknownReportError(
            f"没有文件 {path}。核对一份报告写：nianbao verify 单位 年份；核对一个文件写：nianbao verify 文件。"
        )
    content = path.read_bytes()
    is_pdf = content.startswith(b"%PDF-")
    held = from_pdf(content) if is_pdf else from_page(content)
    items = [_hash(content, expect), *_files(held)]
    try:
        reader = next((others[kind] for kind in others if kind in held["manifest"]), report_told)
        told = _told_again(held, reader)
    except (NianbaoError, KeyError, TypeError, ValueError) as error:
        words = str(error).splitlines()[0] if isinstance(error, NianbaoError) else f"证据残缺（{error!r}）"
        items += [compared(CARRIED, "参数和表式", "可以重算", words, "文件所带的参数")]
        items += [passed_over(depth, "全部", "", words, "证据") for depth in (FIGURES, RULES, TEXT)]
        return Verdict(title=path.name, items=tuple(items), ran=False)
    items += _figures(held, told)
    items += _pdf_text(content, held, told) if is_pdf else _page_text(content.decode(), held, told)
    return Verdict(title=told.title, items=tuple(items))


def _hash(content: bytes, expect: str | None) -> Item:
    found = manifest.digest(content)
    if expect is None:
        return passed_over(FILE, "SHA-256", "没有用 --expect 给出应有的 SHA-256", found, "整个文件")
    return compared(FILE, "SHA-256", expect.lower(), found, "整个文件")


def _files(held: Json) -> Compared:
    """Compare the files inside with the hashes of the manifest inside."""
    files, sealed = held["files"], held["manifest"]["inputs"]
    found = {name: manifest.digest(text.encode()) for name, text in files.items()}
    expected = {name: digest for name, digest in sealed.items() if name in files or is_carried(name)}
    # Of some units of a roll-up only the numbers are carried.
    units = held["units"] if isinstance(held.get("units"), dict) else {}
    apart = {name for name in expected if (of := _PARAMETER.fullmatch(name)) and of[1] in units and name not in files}
    if apart:
        words = "用 nianbao verify 单位 年份/rollup 核对"
        yield passed_over(
            CARRIED, f"{len(units)}个单位的{len(apart)}个文件", "清单中的哈希值", f"没有带，只带各格的数；{words}", "文件所带的清单"
        )
    expected = {name: digest for name, digest in expected.items() if name not in apart}
    yield from compared_by_name(CARRIED, expected, found, "文件所带的清单", ("清单中没有", "没有带"))


def _told_again(held: Json, reader: Reader) -> Told:
    """Return what *reader* makes of the files inside, read with the forms inside."""
    sealed = held["manifest"]["report"]
    unit, year, form_id = sealed["unit"], sealed["year"], sealed["form"]
    names = [name for name in held["files"] if name.startswith("forms/")]
    forms = {form.id: form for form in (formfile.parse(held["files"][name], name) for name in names)}
    if form_id not in forms:
        raise UnknownReportError("证据中没有这份报告的表式")
    with tempfile.TemporaryDirectory(prefix="nianbao-") as scratch:
        for name, text in held["files"].items():
            found = _PARAMETER.fullmatch(name)
            if found:
                path = Path(scratch) / found[1] / found[2] / found[3]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
        folder = Path(scratch) / unit
        if not re.fullmatch(r"\w[\w-]{0,63}/[\w-]{1,63}", f"{unit}/{year}") or not folder.is_dir():
            raise UnknownReportError("证据中没有这份报告的参数")
        return reader(folder, held, forms)


def _figures(held: Json, told: Told) -> Compared:
    """Compute every figure, finding and check again, and compare them with what the file tells of them."""
    listed = {each["id"]: each for each in held["figures"]}
    sealed = held["manifest"]["figures"]
    for fresh in manifest.figures(told.figures.values(), {}, {}):
        figure_id = fresh["id"]
        what = f"{figure_id} {fresh['label']}"
        own = listed.pop(figure_id, None)
        expected = figure_words(fresh)
        yield compared(FIGURES, what, expected, figure_words(own), fresh["source"] or fresh["formula"])
        if own is not None:
            yield from _unequal(what, fresh, own, ("label", "kind", "state", "unit", "formula", "inputs", "source", "note"))
        if (claimed := figure_words(sealed.get(figure_id))) != expected:
            yield compared(FIGURES, f"{what}（清单）", expected, claimed, "文件所带的清单")
    for figure_id, each in listed.items():
        yield compared(FIGURES, figure_id, figure_words(None), figure_words(each), "figures.json")
    yield from _entries("问题", told.findings, held["findings"])
    yield from _entries("核对", told.checks, held["checks"])
    yield from _unequal("舍入", told.policy, held["policy"], tuple(held["policy"]))
    yield from _unequal("标题", {"title": told.title}, held["report"], ("title",))


def _unequal(what: str, fresh: Json, own: Json, keys: Strings) -> Compared:
    """Yield an item for each of *keys* that the file tells otherwise."""
    for key in keys:
        if fresh.get(key) != own.get(key):
            yield compared(RULES, f"{what} 的 {key}", str(fresh.get(key)), str(own.get(key)), "文件所带的证据")


def _entries(what: str, fresh: list[Json], own: list[Json]) -> Compared:
    """Compare findings or checks one by one."""
    wanted = {each["id"]: each for each in fresh}
    found = {each["id"]: each for each in own}
    for key in [*wanted, *(key for key in found if key not in wanted)]:
        expected, now = (str(held[key]) if key in held else f"没有这个{what}" for held in (wanted, found))
        yield compared(RULES, f"{what} {key}", expected, now, "文件所带的证据")


def _page_text(page: str, held: Json, told: Told) -> Compared:
    """Compare the visible text of an HTML page with the recomputed figures."""
    reading = gate.read(page)
    printed = told.printed()
    places = {element for each in held["figures"] for element in each["shown"]["html"]}
    for shown in reading.figures:
        texts, value = printed.get(shown.figure, ((), None))
        where = f"{shown.figure}（{shown.element or '图中'}）"
        known = shown.text in texts
        if known and shown.element and value is not None and shown.value != value:
            yield compared(TEXT, f"{where}的 value", value, shown.value or "", "网页")
        else:
            yield compared(TEXT, where, shown.text if known else _either(texts), shown.text, "网页")
    for what, shipped, found in evidence.active_parts(page):
        yield compared(TEXT, what, shipped, found, "网页")
    order = [[shown.element, shown.figure] for shown in reading.figures]
    yield from _unchanged("网页", "段", held["reading"]["blocks"], reading.blocks)
    if order != held["reading"]["order"]:
        pairs = zip_longest(held["reading"]["order"], order, fillvalue=["", "没有了"])
        claimed, now = next((one, other) for one, other in pairs if one != other)
        yield compared(TEXT, "各数的次序", str(claimed[0] or claimed[-1]), str(now[0] or now[-1]), "网页")
    for missing in sorted(places - {shown.element for shown in reading.figures}):
        yield compared(TEXT, missing, "显示在网页上", "没有显示", "figures.json")
    if own := [text for text in map(reading.blocks.__getitem__, sorted(reading.own)) if tokens(text)]:
        words = "本单位自行计算的，或坐标轴上的，没有重算"
        yield passed_over(TEXT, f"{len(own)}处数", words, "、".join("".join(text.split())[:20] for text in own[:6]), "网页")
    for numeral, text in untraced(reading.claimed, told.allowance):
        yield compared(TEXT, f"“{numeral}”", "来自某个数", f"没有来历：{text[:60]}", "网页")


def _pdf_text(content: bytes, held: Json, told: Told) -> Compared:
    """Compare the visible text of a PDF, page by page, with the recomputed figures."""
    printed = told.printed()
    shown = gate.pages(content)
    if len(shown) != len(held["places"]):
        yield compared(TEXT, "页数", str(len(held["places"])), str(len(shown)), "places.json")
        return
    yield from _unchanged("PDF", "页", held["reading"], shown)
    for number, kind in pdf.laid_over(content):
        yield compared(TEXT, f"第{number}页", "没有批注和覆盖物", f"有覆盖在页面上的 {kind}", "PDF")
    for number, (text, placed) in enumerate(zip(shown, held["places"], strict=True), 1):
        found = tokens(text)
        claimed = [token for token, _figure in placed]
        if found != claimed:
            yield from _moved(number, claimed, found, placed)
            continue
        yield from _on_page(number, placed, printed)
        for numeral, line in untraced_in_pdf(text, placed, told.allowance):
            yield compared(TEXT, f"第{number}页“{numeral}”", "来自某个数", f"没有来历：{line[:60]}", "PDF")


def _unchanged(where: str, unit: str, claimed: list[str], texts: Iterable[str]) -> Compared:
    """Compare the words of each block or page with the digests inside, and name those that were changed."""
    texts = list(texts)
    found = evidence.digests(texts)
    if len(found) != len(claimed):
        yield compared(TEXT, f"{where}的{unit}数", f"{len(claimed)}{unit}", f"{len(found)}{unit}", "reading")
    for number, (expected, now, text) in enumerate(zip(claimed, found, texts, strict=False), 1):
        if expected != now:
            yield compared(TEXT, f"{where} 第{number}{unit}的文字", f"摘要{expected}", f"摘要{now}：{text[:60]}", "reading")


def _moved(number: int, claimed: list[str], found: list[str], placed: Numerals) -> Compared:
    """Name the first numeral of a page that is not the one the file says."""
    for index, token in enumerate(claimed):
        if index >= len(found) or found[index] != token:
            figure = placed[index][1] or "不是数"
            now = found[index] if index < len(found) else "没有了"
            yield compared(TEXT, f"第{number}页第{index + 1}个数字（{figure}）", token, now, "PDF")
            return
    yield compared(TEXT, f"第{number}页", f"{len(claimed)}个数字", f"{len(found)}个，多出“{found[len(claimed)]}”", "PDF")


def _on_page(number: int, placed: Numerals, printed: Mapping[str, tuple[Strings, str | None]]) -> Compared:
    """Compare the numerals of a page that are figures with what the figures print."""
    own = [token for token, figure in placed if figure == gate.OWN]
    if own:
        yield passed_over(TEXT, f"第{number}页的{len(own)}个数", "本单位自行计算的，没有重算", "、".join(own[:6]), "PDF")
    for token, figure in placed:
        if figure and figure != gate.OWN:
            texts, _value = printed.get(figure, ((), None))
            wanted = {each for text in texts for each in tokens(text)}
            yield compared(TEXT, f"{figure}（第{number}页）", token if token in wanted else _either(texts), token, "PDF")


def _either(texts: Iterable[str]) -> str:
    return " 或 ".join(filter(None, dict.fromkeys(texts))) or figure_words(None)
