"""
Hold two folders of what nianbao made against each other, byte for byte, but for what follows from the library's own hashes.

    python tests/tools/same_bytes.py BEFORE AFTER

A change that only moves code must leave every report as it was. Yet a manifest holds the hash of each file of the library, the page
and the PDF carry the manifest, and the manifest of a folder holds their hashes in turn. These are blanked, and the time a batch took;
nothing else is. It imports nothing of the library, so that it reads what any version made.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE, MANIFEST, PAGE = "整个文件", "manifest.json", "report.html"
_MOST_NAMED = 6
_HASH = r"[0-9a-f]{64}"
_EVIDENCE = re.compile(r'(?<=<script type="application/json" id="nianbao-evidence">).*?(?=</script>)', re.DOTALL)
_MADE = re.compile(rf'(?<=")([\w-]+\.(?:html|pdf))(":\s*"){_HASH}')


def _entry(words: str) -> str:
    """Return the pattern of an entry of JSON with the comma that goes with it."""
    return rf",\s*{words}|{words}(?:,\s*)?"


# (names of files, what is blanked in them, what stands there instead)
_BLANKS = (
    # One hash for each file of the library, or, since schema 2, one for each part of it and for each form used.
    (r"manifest\.json", _entry(rf'"(?:lib|forms)/[^"]*":\s*"{_HASH}"'), ""),
    (r"manifest\.json", _entry(r'"library":\s*\{[^{}]*\}'), ""),
    (r"manifest\.json", r'("schema": ?)\d+', r"\g<1>0"),
    # The lock is an input of every report; a tool that it adds for lint or tests makes no report another. What makes them is in the pages.
    (r"manifest\.json", rf'("requirements\.lock":\s*"){_HASH}', r"\g<1>…"),
    (r"verdict\.json", _entry(r'\{[^{}]*"source": "(?:程序、)?表式[^"]*",\s*"outcome": "相同"\s*\}'), ""),
    (r"verdict\.json", r'("哈希": \{\s*"相同": )\d+', r"\g<1>0"),
    (r"verdict\.html", r'(<strong>一致：核对过的|<th scope="row">哈希</th><td>)\d+', r"\g<1>0"),
    (r".*\.txt", r"(^哈希：相同)\d+(?s:(.*^一致：核对过的)\d+)?", r"\g<1>0\g<2>"),
    (r"verdict\.json|.*\.txt", _HASH, "…"),
    (r".*\.txt", r"(用时)\d+(?=秒)", r"\g<1>0"),
    (r"summary\.json", r'("(?:seconds|cpu_seconds|peak_memory_bytes)": )[\d.]+', r"\g<1>0"),
)


def blanked(name: str, text: str) -> str:
    """Return *text*, of a file called *name*, without what follows from the library's own hashes."""
    for names, pattern, instead in _BLANKS:
        if re.fullmatch(names, name):
            text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text


def of_text(path: Path) -> dict[str, Any]:
    """Return the lines of a text by number; a page's evidence by place in its JSON."""
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    found: dict[str, Any] = {}
    if path.name == PAGE and (evidence := _EVIDENCE.search(text)):
        found = _carried("证据", evidence[0])
        text = _EVIDENCE.sub("", text)
    text = blanked(path.name, text)
    return found | {f"第{number}行": line for number, line in enumerate(text.split("\n"), 1)} | {WHOLE: text}


def of_json(path: Path) -> dict[str, Any]:
    """Return what a file of JSON says by place in it; of a manifest, whether the hashes of the pages are theirs."""
    text = blanked(path.name, path.read_bytes().decode("utf-8", "surrogateescape"))
    if path.name == MANIFEST:
        text = _MADE.sub(lambda made: f"{made[1]}{made[2]}{_is_sealed(path.with_name(made[1]), made[0])}", text)
    return dict(_said(text)) | {WHOLE: text}


def of_zip(path: Path) -> dict[str, Any]:
    """Return the members of a Word file or workbook by name."""
    content = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()} | {WHOLE: content}


def of_pdf(path: Path) -> dict[str, Any]:
    """Return the attachments of a PDF by name and its objects by number or page; where no manifest is attached, its bytes too."""
    with pikepdf.open(path) as opened:
        attached = {name: spec.get_file() for name, spec in opened.attachments.items()}
        found: dict[str, Any] = {f"附件 {name}": file.read_bytes() for name, file in attached.items()}
        if MANIFEST in attached:
            text = found.pop(f"附件 {MANIFEST}").decode("utf-8", "surrogateescape")
            found |= _carried(f"附件 {MANIFEST}", text)
            # The sizes and the sum that a changed text brings with it.
            own = attached[MANIFEST].obj
            own.write(b"")
            own.Params.Size, own.Params.CheckSum = 0, b""
        else:
            found[WHOLE] = path.read_bytes()
        if "/ID" in opened.trailer:
            del opened.trailer.ID
        pages = _pages(opened)
        for each in opened.objects:
            plain, stream = (each.stream_dict, each.read_raw_bytes()) if isinstance(each, pikepdf.Stream) else (each, b"")
            found[pages.get(each.objgen, f"对象{each.objgen[0]}")] = plain.unparse(resolved=True), stream
        return found | {"文件尾": opened.trailer.unparse(resolved=True), "版本": opened.pdf_version}


_READERS = {".json": of_json, ".ipynb": of_json, ".docx": of_zip, ".xlsx": of_zip, ".pdf": of_pdf}


def differences(before: Path, after: Path) -> list[str]:
    """Return the places in which two files differ; the whole only where no place in it can be named."""
    if not (before.is_file() and after.is_file()):
        return ["只有前一份" if before.is_file() else "只有后一份"]
    read = _READERS.get(before.suffix, of_text)
    was, now = read(before), read(after)
    found = [place for place in {**was, **now} if was.get(place) != now.get(place)]
    return [place for place in found if not place.endswith(WHOLE)] or found


def main(before: Path, after: Path) -> int:
    """Print of each file in two folders whether it is the same, and where not; return 1 if any differs or there is none."""
    names = {path.relative_to(root) for root in (before, after) for path in root.rglob("*") if path.is_file()}
    lines, differing = [], 0
    for name in sorted(names):
        places = differences(before / name, after / name)
        differing += bool(places)
        more = f" 等{len(places)}处" if len(places) > _MOST_NAMED else ""
        lines.append(f"不同　{name}：{'；'.join(places[:_MOST_NAMED])}{more}" if places else f"相同　{name}")
    sys.stdout.write("\n".join([*lines, f"共{len(names)}个文件，不同{differing}个。"]) + "\n")
    return 1 if differing or not names else 0


def _carried(name: str, text: str) -> dict[str, str]:
    """Return what the JSON *text*, a manifest or what holds one, says by place after *name*, and the text itself."""
    text = blanked(MANIFEST, text)
    return {f"{name} {place}": value for place, value in _said(text)} | {f"{name} {WHOLE}": text}


def _said(text: str) -> Iterator[tuple[str, str]]:
    """Yield what the JSON *text* says, each value with its place; nothing where it is no JSON."""
    try:
        held = json.loads(text)
    except ValueError:
        return
    yield from _leaves(held, "$")


def _leaves(held: Any, place: str) -> Iterator[tuple[str, str]]:
    inside = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
    for key, each in inside:
        yield from _leaves(each, f"{place}.{key}" if isinstance(held, dict) else f"{place}[{key}]")
    if not inside:
        yield place, json.dumps(held, ensure_ascii=False)


def _is_sealed(file: Path, entry: str) -> str:
    """Say whether *entry* of a manifest ends in the hash of *file*."""
    return "相符" if file.is_file() and entry.endswith(hashlib.sha256(file.read_bytes()).hexdigest()) else "不符"


def _pages(opened: pikepdf.Pdf) -> dict[tuple[int, int], str]:
    """Return the page of each object that is one, or what stands on one."""
    found = {}
    for number, page in enumerate(opened.pages, 1):
        contents = page.obj.get("/Contents")
        streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        found |= {each.objgen: f"第{number}页 对象{each.objgen[0]}" for each in (page.obj, *filter(None, streams))}
    return found


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
