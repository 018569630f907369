"""
Verify a report from its own file alone: recompute every figure from what the PDF or HTML carries, and read its text.

Nothing but the file is needed and nothing in it is trusted: the parameters inside are read again with the form inside, every
figure is computed again, each must stand in the visible text where the file says, and nothing else there may look like a figure.
What cannot be seen from inside, a file changed consistently throughout, only a hash from outside can show (`--expect`).
"""

from __future__ import annotations

import json
import re
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import evidence, formfile, gate, manifest, pdftags, pdftext
from .document import Document
from .errors import NianbaoError, UnknownReportError
from .report import load
from .verdict import SKIPPED, Item, Verdict, compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILE, CARRIED, FIGURES, TEXT = "文件", "所带的证据", "重算的数", "看得见的文字"
DEPTHS = (FILE, CARRIED, FIGURES, TEXT)

_PARAMETER = re.compile(r"params/(\w[\w-]{0,63})/(2[0-9]{3})/([\w-]+\.(?:yaml|csv|md))")
_PARTS = ("figures", "findings", "checks", "manifest", "places", "reading", "report", "policy")


def verify(path: Path, expect: str | None) -> Verdict:
    """
    Verify the report in the file *path*.

    Args:
        expect: the SHA-256 that the file must have, where the auditor holds it.

    Raises:
        UnknownReportError: where the file is no report that carries its evidence.
    """
    if not path.is_file():
        raise UnknownReportError(
            f"没有文件 {path}。核对一份报告写：nianbao verify 单位 年份；核对一个文件写：nianbao verify 文件。"
        )
    content = path.read_bytes()
    is_pdf = content.startswith(b"%PDF-")
    carried = _from_pdf(content) if is_pdf else _from_page(content)
    items = [_hash(content, expect), *_files(carried)]
    try:
        document = _document(carried)
    except (NianbaoError, KeyError, TypeError, ValueError) as error:
        words = str(error).splitlines()[0] if isinstance(error, NianbaoError) else f"证据残缺（{error!r}）"
        items += [compared(CARRIED, "参数和表式", "可以重算", words, "文件所带的参数")]
        items += [
            Item(depth=depth, what="全部", expected="", found=words, source="证据", outcome=SKIPPED) for depth in (FIGURES, TEXT)
        ]
        return Verdict(title=path.name, items=tuple(items), ran=False)
    items += _figures(carried, document)
    items += _pdf_text(content, carried, document) if is_pdf else _page_text(content.decode("utf-8"), carried, document)
    return Verdict(title=document.report.title, items=tuple(items))


def _from_pdf(content: bytes) -> dict[str, Any]:
    files = pdftags.attached(content)
    try:
        carried = {name: json.loads(files[f"{name}.json"]) for name in _PARTS}
        own = {name: held.decode("utf-8") for name, held in files.items() if name.startswith(("params/", "forms/"))}
    except (KeyError, ValueError) as error:
        raise UnknownReportError("这个 PDF 没有带齐证据（附件），无法只凭它核对。") from error
    return {**carried, "files": own}


def _from_page(content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8")
        found = re.search(r'<script type="application/json" id="nianbao-evidence">(.*?)</script>', text, re.DOTALL)
        held = json.loads(found[1]) if found else None
    except ValueError as error:
        raise UnknownReportError("这个文件读不出证据：不是 UTF-8 的网页，或证据已损坏。") from error
    if not isinstance(held, dict) or not all(name in held for name in ("files", "figures", "findings", "manifest")):
        raise UnknownReportError("这个文件不是带有证据的报告（应为本工具生成的 .html 或 .pdf）。")
    return held


def _hash(content: bytes, expect: str | None) -> Item:
    found = manifest.digest(content)
    if expect is None:
        words = "没有用 --expect 给出应有的 SHA-256"
        return Item(depth=FILE, what="SHA-256", expected=words, found=found, source="整个文件", outcome=SKIPPED)
    return compared(FILE, "SHA-256", expect.lower(), found, "整个文件")


def _files(carried: Mapping[str, Any]) -> Iterator[Item]:
    """Compare the files inside with the hashes of the manifest inside."""
    sealed = carried["manifest"].get("inputs", {})
    for name, text in carried["files"].items():
        path = f"lib/nianbao/{name}" if name.startswith("forms/") else name
        yield compared(CARRIED, name, sealed.get(path, "清单中没有"), manifest.digest(text.encode("utf-8")), "文件所带的清单")
    for name in sorted(sealed):
        if name.startswith("params/") and name not in carried["files"]:
            yield compared(CARRIED, name, sealed[name], "没有带", "文件所带的清单")


def _document(carried: Mapping[str, Any]) -> Document:
    """Return the report that the files inside declare, read with the form inside."""
    sealed = carried["manifest"]["report"]
    unit, year, form_id = str(sealed["unit"]), str(sealed["year"]), str(sealed["form"])
    form = formfile.parse(carried["files"][f"forms/{form_id}.yaml"], f"forms/{form_id}.yaml")
    with tempfile.TemporaryDirectory(prefix="nianbao-") as scratch:
        for name, text in carried["files"].items():
            found = _PARAMETER.fullmatch(name)
            if found and found[1] == unit:
                path = Path(scratch) / found[1] / found[2] / found[3]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode("utf-8"))
        folder = Path(scratch) / unit / year
        if not re.fullmatch(r"\w[\w-]{0,63}/2[0-9]{3}", f"{unit}/{year}") or not folder.is_dir():
            raise UnknownReportError("证据中没有这份报告的参数")
        return Document(load(folder, f"params/{unit}/{year}", {form.id: form}))


def _figures(carried: Mapping[str, Any], document: Document) -> Iterator[Item]:
    """Compute every figure again, and compare it with what the file lists and with the manifest inside."""
    listed = {each["id"]: each for each in carried["figures"]}
    sealed = carried["manifest"].get("figures", {})
    for fresh in manifest.figures(document, {}, {}):
        figure_id = fresh["id"]
        what = f"{figure_id} {fresh['label']}"
        expected = _words(fresh)
        yield compared(FIGURES, what, expected, _words(listed.pop(figure_id, None)), fresh["source"] or fresh["formula"])
        if _words(sealed.get(figure_id)) != expected:
            yield compared(FIGURES, what, expected, _words(sealed.get(figure_id)), "文件所带的清单")
    for figure_id, each in listed.items():
        # A sentence of the notebook may have findings with figures of their own; there is no other kind.
        yield compared(FIGURES, figure_id, "没有这个数", _words(each), "figures.json")


def _words(figure: Mapping[str, Any] | None) -> str:
    return "没有这个数" if figure is None else f"{figure['display']}（{figure['value']}）"


def _page_text(page: str, carried: Mapping[str, Any], document: Document) -> Iterator[Item]:
    """Compare the visible text of an HTML page with the recomputed figures."""
    reading = gate.read(page)
    printed = _printed(document)
    places = {element for each in carried["figures"] for element in each["shown"]["html"]}
    for shown in reading.figures:
        texts, value = printed.get(shown.figure, ((), None))
        where = shown.element or "图中"
        if shown.text not in texts:
            yield compared(
                TEXT,
                f"{shown.figure}（{where}）",
                " 或 ".join(text for text in dict.fromkeys(texts) if text) or "没有这个数",
                shown.text,
                "网页",
            )
        elif shown.element and value is not None and shown.value != value:
            yield compared(TEXT, f"{shown.figure}（{where}）的 value", value, shown.value or "", "网页")
        else:
            yield compared(TEXT, f"{shown.figure}（{where}）", shown.text, shown.text, "网页")
    order = [[shown.element, shown.figure] for shown in reading.figures]
    yield from _unchanged("网页", carried["reading"]["blocks"], reading.blocks)
    if order != carried["reading"]["order"]:
        pairs = zip_longest(carried["reading"]["order"], order, fillvalue=["", "没有了"])
        claimed, now = next((one, other) for one, other in pairs if one != other)
        yield compared(TEXT, "各数的次序", str(claimed[0] or claimed[-1]), str(now[0] or now[-1]), "网页")
    for missing in sorted(places - {shown.element for shown in reading.figures}):
        yield compared(TEXT, missing, "显示在网页上", "没有显示", "figures.json")
    for numeral, text in gate.untraced(reading.blocks, document):
        yield compared(TEXT, f"“{numeral}”", "来自某个数", f"没有来历：{text[:60]}", "网页")


def _pdf_text(content: bytes, carried: Mapping[str, Any], document: Document) -> Iterator[Item]:
    """Compare the visible text of a PDF, page by page, with the recomputed figures."""
    printed = _printed(document)
    shown = pdftext.pages(content)
    if len(shown) != len(carried["places"]):
        yield compared(TEXT, "页数", str(len(carried["places"])), str(len(shown)), "places.json")
        return
    yield from _unchanged("PDF", carried["reading"], shown)
    for number, (text, placed) in enumerate(zip(shown, carried["places"], strict=True), 1):
        found = pdftext.tokens(text)
        claimed = [token for token, _figure in placed]
        if found != claimed:
            yield from _moved(number, claimed, found, placed)
            continue
        yield from _on_page(number, placed, printed)
        for numeral, line in gate.untraced_in_pdf(text, placed, document):
            yield compared(TEXT, f"第{number}页“{numeral}”", "来自某个数", f"没有来历：{line[:60]}", "PDF")


def _unchanged(where: str, claimed: list[str], texts: Iterable[str]) -> Iterator[Item]:
    """Compare the words of each block or page with the digests inside, and name those that were changed."""
    texts = list(texts)
    found = evidence.digests(texts)
    if len(found) != len(claimed):
        yield compared(TEXT, f"{where}的段落", f"{len(claimed)}段", f"{len(found)}段", "reading")
    for number, (expected, now, text) in enumerate(zip(claimed, found, texts, strict=False), 1):
        if expected != now:
            yield compared(TEXT, f"{where}第{number}段的文字", f"摘要{expected}", f"摘要{now}：{text[:60]}", "reading")


def _moved(number: int, claimed: list[str], found: list[str], placed: list[list[str]]) -> Iterator[Item]:
    """Name the first numeral of a page that is not the one the file says."""
    for index, token in enumerate(claimed):
        if index >= len(found) or found[index] != token:
            figure = placed[index][1] or "不是数"
            now = found[index] if index < len(found) else "没有了"
            yield compared(TEXT, f"第{number}页第{index + 1}个数字（{figure}）", token, now, "PDF")
            return
    yield compared(TEXT, f"第{number}页", f"{len(claimed)}个数字", f"{len(found)}个，多出“{found[len(claimed)]}”", "PDF")


def _on_page(number: int, placed: list[list[str]], printed: Mapping[str, tuple[tuple[str, ...], str | None]]) -> Iterator[Item]:
    """Compare the numerals of a page that are figures with what the figures print."""
    for token, figure in placed:
        if figure:
            texts, _value = printed.get(figure, ((), None))
            wanted = {each for text in texts for each in pdftext.tokens(text)}
            expected = token if token in wanted else " 或 ".join(text for text in dict.fromkeys(texts) if text) or "没有这个数"
            yield compared(TEXT, f"{figure}（第{number}页）", expected, token, "PDF")


def _printed(document: Document) -> dict[str, tuple[tuple[str, ...], str | None]]:
    """Return, for each figure, what it may print as (with unit, without, blank where missing) and its exact value."""
    found = {figure.id: figure for figure in document.figures}
    found |= {part.id: part for finding in document.findings for part in finding.parts if not isinstance(part, str)}
    found |= {figure.id: figure for finding in document.findings for figure in finding.figures()}
    return {
        key: ((figure.display, figure.number, *([""] if figure.quantity.value is None else [])), figure.quantity.exact)
        for key, figure in found.items()
    }
