"""`nianbao verify FILE`: what was doctored in a report shows from the file alone, and the answer says which part it is."""

import contextlib
import hashlib
import io
import json
import re
import tempfile
from pathlib import Path

import builds
import pikepdf
import pytest
from nianbao import cli, render
from nianbao.build import evidence, gate

pytestmark = pytest.mark.slow

CSV = "params/longtan/2013/statistics.csv"
FORM = "forms/jilin-2013.yaml"
BLOCK = re.compile(r'(?<=<script type="application/json" id="nianbao-evidence">).*?(?=</script>)', re.DOTALL)
SKIPPED = "没有用 --expect 给出应有的 SHA-256"


class Told:
    """What the command said of a file."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        found = re.findall(
            r"^(不同|未核对)　(\S+?)　(.*)\n +应为：(.*(?:\n(?! +现为).*)*)\n +现为：(.*(?:\n(?! +出处).*)*)\n", out, re.MULTILINE
        )
        self.differences = [each[1:] for each in found if each[0] == "不同"]
        self.skipped = [each[1:] for each in found if each[0] == "未核对"]

    def names(self, *words):
        """Tell whether one difference holds all *words*."""
        return any(all(word in " ".join(each) for word in words) for each in self.differences)


def _expect(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def page(built):
    """The HTML report as text."""
    return built.files["report.html"].decode()


@pytest.fixture(scope="module")
def pdf(built):
    """The PDF report."""
    return built.files["report.pdf"]


@pytest.fixture
def tell(tmp_path, monkeypatch):
    """Verify a file that holds *content*, in a folder for temporary files of its own."""
    own = tmp_path / "temporary"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))

    def told(content, *options, name="report.bin"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            code = cli.main(["verify", str(path), *options])
        return Told(code, out.getvalue(), err.getvalue())

    return told


# ---- how a page is doctored


def _changed(old, new):
    """Replace the first *old*, which is there."""

    def change(text):
        assert old in text
        return text.replace(old, new, 1)

    return change


def _swapped(text, one, other):
    """Exchange the first *one* and the first *other*."""
    assert one in text
    assert other in text
    return text.replace(one, "\0", 1).replace(other, one, 1).replace("\0", other, 1)


def _element(text, figure, number=1):
    """The data element that shows *figure* for the *number*-th time, for the last time where that is 0."""
    return re.findall(rf'<data [^>]*data-figure="{re.escape(figure)}"[^>]*>[^<]*</data>', text)[number - 1]


def _displays_swapped(text):
    one, other = (_element(text, f"staff.{part}.year") for part in ("full_time", "part_time"))
    return text.replace(one, one.replace(">14人<", ">83人<")).replace(other, other.replace(">83人<", ">14人<"))


def _elements_swapped(text):
    return _swapped(text, *(_element(text, f"staff.{part}.year") for part in ("full_time", "part_time")))


def _cells_swapped(text):
    return _swapped(text, *(_element(text, f"{row}.year", 0) for row in ("gazettes", "other_bulletins")))


def _plain(text):
    return text.replace(_element(text, "web_visits.year"), "115352次", 1)


def _hidden(text):
    element = _element(text, "web_visits.year")
    return text.replace(element, f"<template>{element}</template>", 1)


def _repeated(text):
    """A true figure where the report does not state it."""
    element = _element(text, "staff.year").replace('id="staff.year"', 'id="staff.year--99"')
    return _changed("区里开展政务公开监督评议活动", f"{element}开展政务公开监督评议活动")(text)


def _with_evidence(change):
    """Change the evidence in the page: *change* is given what the block holds, and returns something else or nothing."""

    def changed(text):
        held = json.loads(BLOCK.search(text)[0])
        other = change(held)
        data = json.dumps(held if other is None else other).translate(render._ESCAPES)
        return BLOCK.sub(lambda _found: data, text, count=1)

    return changed


def _figure(held, name):
    return next(each for each in held["figures"] if each["id"] == name)


def _set(*path, value):
    """Put *value* where the *path* of keys leads; a figure may be named in a list of figures."""

    def change(held):
        for key in path[:-1]:
            held = (
                next(each for each in held if each["id"] == key) if isinstance(held, list) and isinstance(key, str) else held[key]
            )
        held[path[-1]] = value

    return change


def _delete(*path):
    def change(held):
        for key in path[:-1]:
            held = held[key]
        del held[path[-1]]

    return change


def _csv(held):
    held["files"][CSV] = _changed("387275,115352", "387275,115325")(held["files"][CSV])


def _all_the_same(held):
    """Change the CSV, its hash, the figure and the manifest so that they agree."""
    _csv(held)
    held["manifest"]["inputs"][CSV] = _expect(held["files"][CSV].encode())
    figure = _figure(held, "web_visits.year")
    figure["value"], figure["display"] = "115325", "115325次"
    held["manifest"]["figures"]["web_visits.year"] = {"value": "115325", "display": "115325次"}


def _consistent(text):
    found = _with_evidence(_all_the_same)(text)
    assert "115352" in found
    return found.replace("115352", "115325")


# ---- how a PDF is doctored


def _saved(opened):
    written = io.BytesIO()
    opened.save(written)
    return written.getvalue()


def _with_files(change):
    """Change the files in the PDF: *change* is given them by name as bytes."""

    def changed(content):
        with pikepdf.open(io.BytesIO(content)) as opened:
            before = {name: spec.get_file().read_bytes() for name, spec in opened.attachments.items()}
            after = dict(before)
            change(after)
            for name in before:
                if name not in after:
                    del opened.attachments[name]
            for name, held in after.items():
                if before.get(name) != held:
                    opened.attachments[name] = pikepdf.AttachedFileSpec(opened, held, filename=name)
            return _saved(opened)

    return changed


def _with_parts(change):
    """Change the evidence in the PDF in the shape that it has in a page; `places` is there too."""

    def changed(files):
        held = {name.removesuffix(".json"): json.loads(content) for name, content in files.items() if name.endswith(".json")}
        held["files"] = {name: content.decode() for name, content in files.items() if not name.endswith(".json")}
        change(held)
        for name in list(files):
            if name.removesuffix(".json") not in held and name not in held["files"]:
                del files[name]
        for name, part in held.items():
            if name != "files":
                files[f"{name}.json"] = json.dumps(part, ensure_ascii=False).encode()
        files.update({name: text.encode() for name, text in held["files"].items()})

    return _with_files(changed)


def _letters(font):
    """What each two-byte code of *font* stands for."""
    table = font.ToUnicode.read_bytes().decode("ascii")
    found = {}
    for lines in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        found |= {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in re.findall(r"<(\w+)>\s*<(\w+)>", lines)}
    for lines in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", lines):
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = chr(int(text, 16) + step)
    return found


def _set_on_page(number, old, new):
    """Replace the glyphs of *old* on page *number*, counted from 1, by those of *new*, which are in the same font."""

    def changed(content):
        with pikepdf.open(io.BytesIO(content)) as opened:
            page = opened.pages[number - 1]
            instructions = list(pikepdf.parse_content_stream(page))
            glyphs = list(_glyphs(page, instructions))
            shown = "".join(letter for letter, *_rest in glyphs)
            assert old in shown, shown
            start = shown.index(old)
            for letter, (_old, font, string, offset) in zip(new, glyphs[start : start + len(old)], strict=True):
                code = next(code for code, each in font.items() if each == letter)
                string[offset : offset + 2] = code.to_bytes(2, "big")
            page.Contents = opened.make_stream(pikepdf.unparse_content_stream([_rebuilt(each) for each in instructions]))
            return _saved(opened)

    return changed


def _glyphs(page, instructions):
    """Yield (letter, letters of the font, the string it is in, where); strings become arrays of bytes, for the caller to change."""
    font = {}
    for index, (operands, operator) in enumerate(instructions):
        if str(operator) == "Tf":
            font = _letters(page.Resources.Font[str(operands[0])])
        elif str(operator) in {"Tj", "TJ"}:
            parts = list(operands[0]) if str(operator) == "TJ" else [operands[0]]
            parts = [bytearray(bytes(each)) if isinstance(each, pikepdf.String) else each for each in parts]
            instructions[index] = (parts, operator)
            for string in parts:
                if isinstance(string, bytearray):
                    yield from ((font[int.from_bytes(string[at : at + 2])], font, string, at) for at in range(0, len(string), 2))


def _rebuilt(instruction):
    operands, operator = instruction
    if str(operator) not in {"Tj", "TJ"}:
        return instruction
    parts = [pikepdf.String(bytes(each)) if isinstance(each, bytearray) else each for each in operands]
    return ([pikepdf.Array(parts)] if str(operator) == "TJ" else parts, operator)


def _pages(change):
    def changed(content):
        with pikepdf.open(io.BytesIO(content)) as opened:
            change(opened)
            return _saved(opened)

    return changed


def _annotated(opened):
    """Lay a note with a number over the text of a page."""
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[80, 700, 300, 730], F=4)
    note.Contents, note.DA = pikepdf.String("999999"), pikepdf.String("/Helv 20 Tf 0 g")
    opened.pages[3].Annots = pikepdf.Array([*opened.pages[3].get("/Annots", []), opened.make_indirect(note)])


def _page_reversed(opened):
    opened.pages[3], opened.pages[4] = opened.pages[4], opened.pages[3]


def _added_page(opened):
    opened.pages.append(opened.pages[3])


def _same(told, depth):
    """How much was found equal at *depth*, where nothing differed and nothing was left out."""
    return int(re.search(rf"^{depth}：相同(\d+)，不同0，未核对0$", told.out, re.MULTILINE)[1])


# ---- nothing was doctored


@pytest.fixture(params=["report.html", "report.pdf"])
def sound(request, built):
    """The HTML and the PDF as they were built."""
    return built.files[request.param]


def test_a_sound_file_ends_with_0_with_the_hash_it_should_have(tell, sound):
    told = tell(sound, "--expect", _expect(sound))

    assert (told.code, told.err, told.differences, told.skipped) == (0, "", [], [])
    assert "文件：相同1，不同0，未核对0" in told.out


def test_the_hash_may_be_given_in_capitals(tell, sound):
    assert tell(sound, "--expect", _expect(sound).upper()).code == 0


def test_without_a_hash_to_compare_with_the_file_as_a_whole_is_named_as_not_compared(tell, sound):
    told = tell(sound)

    assert (told.code, [each[1:3] for each in told.skipped]) == (0, [("SHA-256", SKIPPED)])
    assert "另有1项未核对" in told.out


def test_another_hash_than_expected_ends_with_1_and_names_the_file(tell, sound):
    told = tell(sound, "--expect", "0" * 64)

    assert (told.code, [each[:2] for each in told.differences]) == (1, [("文件", "SHA-256")])


def test_every_figure_is_computed_again(tell, sound, built):
    assert _same(tell(sound), "重算的数") >= len(built.figures)


def test_every_place_of_a_figure_on_the_page_is_read(tell, page):
    shown = len(re.findall(r"<data [^>]*data-figure=|<g data-figure=", page))

    assert _same(tell(page), "看得见的文字") >= shown > 300


def test_the_answer_does_not_depend_on_how_the_file_is_called(tell, sound):
    assert tell(sound, name="2013 年报").code == 0


def test_verifying_a_file_leaves_nothing_behind(tell, sound, tmp_path):
    tell(sound)

    assert sorted(each.name for each in tmp_path.rglob("*")) == ["report.bin", "temporary"]


# ---- a page that was doctored

# what was done; what the answer has to name
DOCTORED = {
    "a digit of a figure in a sentence": (_changed(">97人<", ">98人<"), ("staff.year", "97人", "98人")),
    "the exact value of a figure": (_changed('value="14/97"', 'value="15/97"'), ("staff.full_time.year.share", "14/97", "15/97")),
    "a percentage": (_changed(">14.43%<", ">14.44%<"), ("staff.full_time.year.share", "14.43%", "14.44%")),
    "a unit": (_changed(">97人<", ">97万人<"), ("staff.year", "97人", "97万人")),
    "full-width digits": (_changed(">97人<", ">９８人<"), ("staff.year", "97人", "９８人")),
    "a figure that claims to be another": (
        _changed('data-figure="staff.year"', 'data-figure="applications.year"'),
        ("applications.year", "97人"),
    ),
    "a figure that does not exist": (_changed('data-figure="staff.year"', 'data-figure="staff.yaer"'), ("staff.yaer", "97人")),
    "a figure emptied": (_changed(">97人<", "><"), ("staff.year", "97人")),
    "two displays exchanged": (_displays_swapped, ("staff.full_time.year", "14人", "83人")),
    "two figures exchanged with all they carry": (_elements_swapped, ("staff.full_time.year",)),
    "two cells of the table exchanged with all they carry": (_cells_swapped, ("gazettes.year",)),
    "a figure replaced by plain text": (_plain, ("115352", "没有来历")),
    "a figure no longer shown": (_plain, ("web_visits.year", "没有显示")),
    "a figure hidden": (_hidden, ("web_visits.year", "没有显示")),
    "a figure repeated where the report does not state it": (_repeated, ("staff.year--99",)),
    "a number added to a sentence": (
        _changed("区里开展政务公开监督评议活动", "另有37件。区里开展政务公开监督评议活动"),
        ("37", "没有来历"),
    ),
    "a number added in full-width digits": (
        _changed("区里开展政务公开监督评议活动", "另有３７件。区里开展政务公开监督评议活动"),
        ("３７", "没有来历"),
    ),
    "a number in pieces": (
        _changed("区里开展政务公开监督评议活动", "另有3<em>7</em>件。区里开展政务公开监督评议活动"),
        ("37", "没有来历"),
    ),
    "a number in a heading": (_changed(">（一）加强组织领导</h3>", ">（一）加强37个组织领导</h3>"), ("37", "没有来历")),
    "a number in a caption": (
        _changed("<figcaption>图1　从事信息公开工作人员构成", "<figcaption>图1　从事信息公开工作人员98人的构成"),
        ("98", "没有来历"),
    ),
    "a digit of the table": (_changed(">115352</data>", ">115353</data>"), ("web_visits.year--", "115352", "115353")),
    "a label of the table": (
        _changed(">16.文件信息从生成到网上公开不超过20个", ">16.文件信息从生成到网上公开不超过30个"),
        ("30",),
    ),
    "a digit of a chart": (_changed(">14人</text>", ">15人</text>"), ("staff.full_time.year", "图中", "14人", "15人")),
    "a number added to a chart": (_changed(">专职人员</text>", ">专职人员37</text>"), ("37", "没有来历")),
    "the year of the title": (_changed("<h1><span>龙潭区人民政府2013年", "<h1><span>龙潭区人民政府2012年"), ("2012",)),
    "a month": (_changed("2013年7月至8月，", "2013年7月至9月，"), ("9",)),
    "the number of a heading": (_changed(">3.对标区政务大厅", ">4.对标区政务大厅"), ("4",)),
    "the number of a chart": (_changed("<figcaption>图1　", "<figcaption>图3　"), ("3",)),
    "a word": (_changed("政务公开栏直观易懂", "政务公开栏晦涩难懂"), ("政务公开栏晦涩难懂",)),
    "a sentence left out": (_changed("五是组织监督评议。", ""), ()),
    "a heading left out": (_changed("（三）公开的形式</h3>", "</h3>"), ()),
    "a script added": (_changed("</main>", "</main><script>document.body.textContent = 99</script>"), ()),
    "a style that prints a number": (_changed("</head>", '<style>p::after{content:"另有37件"}</style></head>'), ()),
    "the CSV inside": (_with_evidence(_csv), (CSV,)),
    "the CSV inside, seen in the figure": (_with_evidence(_csv), ("web_visits.year", "115325次", "115352次")),
    "the CSV and its hash": (
        _with_evidence(
            lambda held: (_csv(held), _set("manifest", "inputs", CSV, value=_expect(held["files"][CSV].encode()))(held))[0]
        ),
        ("web_visits.year", "115325次", "115352次"),
    ),
    "the text and the CSV but not the figures": (
        lambda text: _with_evidence(_csv)(text.replace(">115352", ">115325")),
        ("web_visits.year", "115325次", "115352次"),
    ),
    "a parameter file left out": (_with_evidence(_delete("files", CSV)), (CSV, "没有带")),
    "a parameter file added": (
        _with_evidence(_set("files", "params/longtan/2012/report.yaml", value="")),
        ("2012/report.yaml", "清单中没有"),
    ),
    "the form left out": (_with_evidence(_delete("files", FORM)), ("参数和表式",)),
    "the form inside": (
        _with_evidence(
            lambda held: _set("files", FORM, value=held["files"][FORM].replace("method: half-up", "method: truncate"))(held)
        ),
        (FORM,),
    ),
    "the form and its hash": (
        _with_evidence(
            lambda held: (
                _set("files", FORM, value=held["files"][FORM].replace("method: half-up", "method: truncate"))(held),
                _set("manifest", "inputs", FORM, value=_expect(held["files"][FORM].encode()))(held),
            )[0]
        ),
        ("disclosed.township.year.share",),
    ),
    "the hash of the form left out": (_with_evidence(_delete("manifest", "inputs", FORM)), (FORM, "清单中没有")),
    "the hash of the form": (_with_evidence(_set("manifest", "inputs", FORM, value="0" * 64)), (FORM, "0" * 64)),
    "a form that is sealed and not carried": (
        _with_evidence(_set("manifest", "inputs", "forms/national-2014.yaml", value="0" * 64)),
        ("forms/national-2014.yaml", "没有带"),
    ),
    "the display of a figure listed": (
        _with_evidence(_set("figures", "staff.year", "display", value="98人")),
        ("staff.year", "97人（97）", "98人（97）"),
    ),
    "the value of a figure listed": (
        _with_evidence(_set("figures", "staff.year", "value", value="98")),
        ("staff.year", "97人（97）", "97人（98）"),
    ),
    "a figure left out of the list": (
        _with_evidence(lambda held: held["figures"].remove(_figure(held, "staff.year"))),
        ("staff.year", "没有这个数"),
    ),
    "a figure made up in the list": (
        _with_evidence(lambda held: held["figures"].append({**held["figures"][0], "id": "made.up"})),
        ("made.up", "没有这个数"),
    ),
    "the formula of a figure listed": (
        _with_evidence(_set("figures", "staff.full_time.year.share", "formula", value="staff.part_time.year / staff.year")),
        ("staff.full_time.year.share", "staff.part_time.year / staff.year"),
    ),
    "the inputs of a figure listed": (
        _with_evidence(_set("figures", "staff.full_time.year.share", "inputs", value=["staff.year"])),
        ("staff.full_time.year.share",),
    ),
    "the label of a figure listed": (
        _with_evidence(_set("figures", "staff.year", "label", value="别的数")),
        ("staff.year", "别的数"),
    ),
    "the source of a figure listed": (
        _with_evidence(_set("figures", "staff.year", "source", value=f"{CSV} 第3行 F3")),
        ("staff.year", "第3行 F3"),
    ),
    "a figure in the manifest": (
        _with_evidence(_set("manifest", "figures", "staff.year", "display", value="98人")),
        ("staff.year", "97人（97）", "98人（97）"),
    ),
    "a finding left out": (_with_evidence(_delete("findings", 0)), ("J02.cumulative",)),
    "the sentence of a finding": (_with_evidence(_set("findings", 0, "sentence", value="没有差异")), ("J02.cumulative",)),
    "the outcome of a check": (_with_evidence(_set("checks", 1, "holds", value=False)), ("J01.year",)),
    "the rounding that the panel tells": (_with_evidence(_set("policy", "words", value="一律进位")), ()),
    "the title that the evidence has": (_with_evidence(_set("report", "title", value="另一份报告")), ()),
}


@pytest.mark.parametrize("deed", DOCTORED)
def test_a_doctored_page_ends_with_1_and_the_answer_names_what_was_doctored(tell, page, deed):
    change, words = DOCTORED[deed]
    doctored = change(page)
    assert doctored != page

    told = tell(doctored)

    assert told.names(*words), told.out
    assert told.code == 1


@pytest.mark.parametrize("deed", ["a digit of a figure in a sentence", "the exact value of a figure", "a digit of a chart"])
def test_a_digit_changed_in_one_place_is_the_only_difference_named(tell, page, deed):
    assert len(tell(DOCTORED[deed][0](page)).differences) == 1


def test_a_page_without_parameters_does_not_pass_what_it_could_not_compute(tell, page):
    told = tell(DOCTORED["a parameter file left out"][0](page))

    assert {each[0] for each in told.skipped} == {"文件", "重算的数", "勾稽关系和问题", "看得见的文字"}
    assert "重算的数：相同0" in told.out


def test_a_page_changed_consistently_throughout_is_caught_by_the_hash_from_outside(tell, page):
    told = tell(_consistent(page), "--expect", _expect(page.encode()))

    assert (told.code, [each[1] for each in told.differences]) == (1, ["SHA-256"])


def test_without_the_hash_from_outside_nothing_in_a_page_changed_consistently_can_show_it(tell, page):
    # Text, table, CSV, its hash, figures and manifest agree: this is another report, and as such it is sound. Only whoever holds
    # the hash of the published file can tell; the answer says that this was not compared.
    told = tell(_consistent(page))

    assert (told.code, told.differences) == (0, [])
    assert [each[1:3] for each in told.skipped] == [("SHA-256", SKIPPED)]


# ---- a PDF that was doctored

DOCTORED_PDF = {
    "the CSV attached": (_with_parts(_csv), (CSV,)),
    "the CSV attached, seen in the figure": (_with_parts(_csv), ("web_visits.year", "115325次", "115352次")),
    "a parameter file no longer attached": (_with_parts(_delete("files", CSV)), (CSV, "没有带")),
    "the form no longer attached": (_with_parts(_delete("files", FORM)), (FORM, "没有带")),
    "the hash of the form": (_with_parts(_set("manifest", "inputs", FORM, value="0" * 64)), (FORM, "0" * 64)),
    "the display of a figure listed": (
        _with_parts(_set("figures", "staff.year", "display", value="98人")),
        ("staff.year", "97人（97）", "98人（97）"),
    ),
    "the formula of a figure listed": (
        _with_parts(_set("figures", "staff.full_time.year.share", "formula", value="staff.part_time.year / staff.year")),
        ("staff.full_time.year.share", "staff.part_time.year / staff.year"),
    ),
    "a figure in the manifest": (
        _with_parts(_set("manifest", "figures", "staff.year", "display", value="98人")),
        ("staff.year", "97人（97）", "98人（97）"),
    ),
    "the outcome of a check": (_with_parts(_set("checks", 1, "holds", value=False)), ("J01.year",)),
    "a word": (_set_on_page(4, "信息安全", "安全信息"), ("第4页",)),
    "the page of a number in the list of places": (_with_parts(lambda held: held["places"][3].pop(2)), ("第4页",)),
    "a number in the list of places": (_with_parts(_set("places", 3, 2, value=["63", "facts.departments"])), ("第4页", "36", "63")),
    "a figure in the list of places": (
        _with_parts(_set("places", 3, 2, value=["36", "staff.year"])),
        ("第4页", "staff.year", "36"),
    ),
    "a figure passed off as numbering": (_with_parts(_set("places", 3, 2, value=["36", ""])), ("第4页", "36", "没有来历")),
    "a page removed": (_pages(lambda opened: opened.pages.remove(p=11)), ("页数", "20", "19")),
    "a page added": (_pages(_added_page), ("页数", "20", "21")),
    "two pages exchanged": (_pages(_page_reversed), ("第4页",)),
    "a note laid over a page": (_pages(_annotated), ()),
}


@pytest.mark.parametrize("deed", DOCTORED_PDF)
def test_a_doctored_pdf_ends_with_1_and_the_answer_names_what_was_doctored(tell, pdf, deed):
    change, words = DOCTORED_PDF[deed]

    told = tell(change(pdf))

    assert told.names(*words), told.out
    assert told.code == 1


def test_a_pdf_written_anew_without_any_change_is_sound(tell, pdf):
    # What the doctored ones differ by is what was done to them, not that they were saved by another program.
    assert tell(_set_on_page(4, "36", "36")(pdf)).code == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("36", "63", ("facts.departments", "36", "63")),
        ("14.43", "41.43", ("staff.full_time.year.share", "14.43", "41.43")),
        ("929", "299", ("training_attendance.year", "929", "299")),
        ("2012", "2102", ("不是数", "2012", "2102")),
    ],
)
def test_digits_exchanged_on_a_page_of_a_pdf_are_named_with_the_page(tell, pdf, old, new, words):
    told = tell(_set_on_page(4, old, new)(pdf))

    assert told.names("第4页", *words), told.out
    assert told.code == 1


def test_a_number_of_a_pdf_and_its_place_changed_alike_is_still_not_what_the_figure_says(tell, pdf):
    doctored = _with_parts(_set("places", 3, 2, value=["63", "facts.departments"]))(_set_on_page(4, "36", "63")(pdf))
    told = tell(doctored)

    assert told.names("第4页", "facts.departments", "63"), told.out
    assert told.code == 1


def test_a_number_added_to_a_pdf_that_claims_to_be_a_figure_is_named(tell, pdf):
    claimed = _with_parts(lambda held: held["places"][3].__setitem__(0, ["2", "staff.year"]))
    told = tell(claimed(pdf))

    assert told.names("第4页", "staff.year"), told.out


def _places(held):
    _all_the_same(held)
    for placed in held["places"]:
        for each in placed:
            each[0] = each[0].replace("115352", "115325")


@pytest.fixture(scope="module")
def another(pdf):
    """A PDF that says another number on its pages, in its attachments and in its list of places."""
    doctored = _with_parts(_places)(pdf)
    for number, text in enumerate(gate.pages(pdf), 1):
        for _time in range(text.count("115352")):
            doctored = _set_on_page(number, "115352", "115325")(doctored)
    return _with_parts(_set("reading", value=evidence.digests(gate.pages(doctored))))(doctored)


def test_a_pdf_changed_consistently_throughout_is_caught_by_the_hash_from_outside(tell, pdf, another):
    told = tell(another, "--expect", _expect(pdf))

    assert (told.code, [each[1] for each in told.differences]) == (1, ["SHA-256"]), told.out


def test_without_the_hash_from_outside_nothing_in_a_pdf_changed_consistently_can_show_it(tell, another):
    # As for a page: pages, attachments and places agree, and so this is another report.
    told = tell(another)

    assert (told.code, told.differences) == (0, []), told.out
    assert [each[1:3] for each in told.skipped] == [("SHA-256", SKIPPED)]


# ---- what is no report


def _one_line(told):
    """Make sure that the command ended with one clear line, and return it."""
    assert (told.code, told.out) == (2, "")
    (line,) = told.err.splitlines()
    assert line.startswith("nianbao：")
    return line


def _without_attachments(content):
    return _with_files(dict.clear)(content)


def _locked(content):
    with pikepdf.open(io.BytesIO(content)) as opened:
        written = io.BytesIO()
        opened.save(written, encryption=pikepdf.Encryption(owner="a", user="b"))
        return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param("政府信息公开工作年度报告，另有37件。".encode(), id="a text"),
        pytest.param("政府信息公开工作年度报告".encode("gbk"), id="a text in another encoding"),
        pytest.param(b"\x00\xff" * 1000, id="bytes"),
        pytest.param(b"<!DOCTYPE html><html><body><p>37</p></body></html>", id="another page"),
        pytest.param(b'<script type="application/json" id="nianbao-evidence">{</script>', id="broken evidence"),
        pytest.param(b'<script type="application/json" id="nianbao-evidence">[]</script>', id="evidence that is a list"),
        pytest.param(b'<script type="application/json" id="nianbao-evidence">{}</script>', id="evidence that is empty"),
        pytest.param(
            b'<script type="application/json" id="nianbao-evidence">' + b"[" * 100_000 + b"</script>", id="evidence without end"
        ),
        pytest.param(b"%PDF-1.7\n", id="the head of a PDF"),
        pytest.param(b"%PDF-1.7\n" + b"37" * 5000, id="a PDF of junk"),
    ],
)
def test_a_file_that_is_no_report_is_refused_in_one_line(tell, content):
    _one_line(tell(content))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda page: BLOCK.sub("", page), id="an empty block"),
        pytest.param(lambda page: page.replace(' id="nianbao-evidence"', ""), id="a block without its name"),
        pytest.param(lambda page: page[: page.index("nianbao-evidence") + 5000], id="cut off"),
        pytest.param(_with_evidence(_delete("files")), id="without files"),
        pytest.param(_with_evidence(_delete("figures")), id="without figures"),
        pytest.param(_with_evidence(_delete("manifest")), id="without a manifest"),
        pytest.param(_with_evidence(_delete("manifest", "library")), id="without the hashes of the library"),
        pytest.param(_with_evidence(_set("manifest", "library", value=[])), id="a library that is a list"),
        pytest.param(_with_evidence(_set("manifest", "schema", value="1")), id="a version that is a text"),
    ],
)
def test_a_page_without_its_evidence_is_refused_in_one_line(tell, page, change):
    assert "证据" in _one_line(tell(change(page)))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_without_attachments, id="without attachments"),
        pytest.param(_with_files(lambda files: files.pop("figures.json")), id="without figures"),
        pytest.param(_with_files(lambda files: files.pop("places.json")), id="without places"),
        pytest.param(_with_parts(_delete("manifest", "library")), id="without the hashes of the library"),
        pytest.param(_with_files(lambda files: files.update({"manifest.json": b"{"})), id="a broken manifest"),
        pytest.param(_with_files(lambda files: files.update({"manifest.json": b"[" * 100_000})), id="a manifest without end"),
        pytest.param(_with_files(lambda files: files.update({CSV: b"\xff\xfe"})), id="a CSV in another encoding"),
        pytest.param(lambda pdf: pdf[: len(pdf) // 2], id="cut off"),
        pytest.param(_locked, id="locked with a password"),
    ],
)
def test_a_pdf_without_its_evidence_is_refused_in_one_line(tell, pdf, change):
    assert _one_line(tell(change(pdf)))


@pytest.mark.parametrize(("schema", "age"), [(1, "旧"), (99, "新")])
@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_a_file_of_another_version_is_told_as_one_in_one_line_with_what_to_do(tell, built, kind, schema, age):
    def aged(held):
        held["manifest"] = builds.of_another_version(held["manifest"], schema)

    content = built.files[f"report.{kind}"]
    doctored = _with_parts(aged)(content) if kind == "pdf" else _with_evidence(aged)(content.decode())

    assert _one_line(tell(doctored)) == (
        f"nianbao：这个文件是{age}版程序写的（清单第{schema}版，本程序是第2版）：用写它的那一版核对，或用 make report 重新生成。"
    )


def test_a_file_that_is_not_there_is_refused_in_one_line(tmp_path, capsys):
    assert cli.main(["verify", str(tmp_path / "report.pdf")]) == 2
    assert "没有文件" in capsys.readouterr().err


def test_a_folder_is_no_file(tmp_path, capsys):
    assert cli.main(["verify", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


# ---- evidence that means harm

JUNK = 10_000_000
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "a file name that leads out": _set("files", "../../etc/x", value="x"),
    "a parameter name that leads out": _set("files", "params/longtan/2013/../../../../x.csv", value="x"),
    "an absolute file name": _set("files", "/tmp/nianbao-x.csv", value="x"),
    "a file name with a zero byte": _set("files", "params/longtan/2013/x\0.csv", value="x"),
    "a file name of another unit": _set("files", "params/other/2013/report.yaml", value="x"),
    "a file of ten megabytes": _set("files", "params/longtan/2013/report.yaml", value="x" * JUNK),
    "a table of ten megabytes": _set("files", CSV, value="1,2\n" * (JUNK // 4)),
    "a form of ten megabytes": _set("files", FORM, value="x" * JUNK),
    "a form that is no YAML": _set("files", FORM, value="\t{{{: ]"),
    "a form that is a list": _set("files", FORM, value="[1, 2]"),
    "a form that is empty": _set("files", FORM, value=""),
    "a form that makes objects": _set("files", FORM, value="!!python/object/apply:os.system ['exit 37']"),
    "a form without end": _set("files", FORM, value="[" * 1000),
    "a form that grows": _set("files", FORM, value=BOMB),
    "parameters that grow": _set("files", "params/longtan/2013/report.yaml", value=BOMB),
    "parameters without end": _set("files", "params/longtan/2013/report.yaml", value="{a: " * 1000),
    "prose that is a program": _set(
        "files", "params/longtan/2013/narrative.md", value="{{ ''.__class__.__mro__ }}{% for x in y %}"
    ),
    "a unit that leads out": _set("manifest", "report", "unit", value="../.."),
    "a year that leads out": _set("manifest", "report", "year", value=".."),
    "a year that is none": _set("manifest", "report", "year", value="2999"),
    "a form name that leads out": _set("manifest", "report", "form", value="../../../etc/passwd"),
    "a report that is a list": _set("manifest", "report", value=[]),
    "a manifest that is a list": _set("manifest", value=[]),
    "inputs that are a list": _set("manifest", "inputs", value=[]),
    "inputs of another version that are a list": lambda held: held["manifest"].update(schema=1, inputs=[]),
    "a part of the library whose hash is a number": _set("manifest", "library", "fonts", value=37),
    "an input whose hash is a number": _set("manifest", "inputs", CSV, value=37),
    "figures in the manifest that are a list": _set("manifest", "figures", value=[]),
    "a figure in the manifest that is a number": _set("manifest", "figures", "staff.year", value=37),
    "files that are a list": _set("files", value=[]),
    "a file that is a number": _set("files", CSV, value=37),
    "a file with half a character": _set("files", "params/longtan/2013/narrative.md", value="\ud800"),
    "figures that are a number": _set("figures", value=37),
    "a figure that is a number": _set("figures", 0, value=37),
    "a figure without a name": _set("figures", 0, value={}),
    "a figure whose name is a list": _set("figures", 0, "id", value=[]),
    "digests of the text that are a number": _set("reading", value=37),
    "digests of the text that are numbers": _set("reading", "blocks", value=[37]),
    "an order of figures that is a number": _set("reading", "order", value=37),
    "an order of figures that are numbers": _set("reading", "order", value=[37]),
    "no digests of the text": _delete("reading"),
    "a figure without places": _set("figures", 0, "shown", value=None),
}


def _harmless(told):
    """Make sure that a hostile file was not called sound, and that the answer is one for people."""
    assert told.code in {1, 2}
    if told.code == 2 and not told.out:
        _one_line(told)
    else:
        assert told.err == ""
        assert not told.out.splitlines()[-1].startswith("一致")


@pytest.mark.parametrize("deed", HOSTILE)
def test_hostile_evidence_does_no_harm_and_ends_in_a_clear_answer(tell, page, tmp_path, deed):
    _harmless(tell(_with_evidence(HOSTILE[deed])(page)))

    assert sorted(each.name for each in tmp_path.rglob("*")) == ["report.bin", "temporary"]
    assert [path for path in ("/tmp/nianbao-x.csv", "/etc/x") if Path(path).exists()] == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_set("places", value=37), id="a number"),
        pytest.param(_set("places", value=[37] * 20), id="pages that are numbers"),
        pytest.param(_set("reading", value=37), id="digests of the text that are a number"),
        pytest.param(_set("reading", value=[37] * 20), id="digests of the text that are numbers"),
        pytest.param(_set("places", 3, value=[["36"]] * 13), id="a place without a figure"),
        pytest.param(_set("places", 3, value=[[36, "facts.departments"]] * 13), id="a place with a number"),
        pytest.param(_set("places", 3, 2, value=["36", ["facts.departments"]]), id="a figure that is a list"),
        pytest.param(_set("files", "params/longtan/2013/../../x.csv", value="x"), id="a name that leads out"),
        pytest.param(_set("files", FORM, value="\t{{{: ]"), id="a form that is no YAML"),
        pytest.param(_set("manifest", value=[]), id="a manifest that is a list"),
        pytest.param(_set("figures", value={}), id="figures that are no list"),
    ],
)
def test_hostile_attachments_do_no_harm_and_end_in_a_clear_answer(tell, pdf, tmp_path, change):
    _harmless(tell(_with_parts(change)(pdf)))

    assert sorted(each.name for each in tmp_path.rglob("*")) == ["report.bin", "temporary"]


# ---- the command


def test_a_hash_belongs_to_a_file_and_is_refused_with_a_unit_and_a_year(built, capsys):
    # What the auditor gave and nobody looks at would pass for something that was compared.
    code = cli.main(["--project", str(built.project), "verify", "longtan", "2031", "--expect", "0" * 64])

    assert code == 2
    assert "--expect" in capsys.readouterr().err


@pytest.mark.parametrize("expect", ["", "abc", "0" * 63, "z" * 64])
def test_what_is_no_hash_is_never_taken_for_the_one_expected(tell, page, expect):
    assert tell(page, "--expect", expect).code in {1, 2}


# A sentence of the notebook with what makes it a finding: a number typed by hand, a character that no face has.
ODD = {
    "a typed number": ("本年整理了{}份目录。", "31", "T01"),
    "a character that no face has": ("由{}起草。", "\U00032001", "T06"),
    "a character of a fallback face": ("由{}起草。", "㙟", "T07"),
}


@pytest.fixture(scope="module", params=ODD)
def own_notebook(request, shared):
    """A report whose notebook says something that is a finding, and the rule of that finding."""
    sentence, odd, rule = ODD[request.param]

    def make(folder):
        project = builds.new_project(folder)
        builds.edit(project, "title", f"%%prose\n# {{{{ title }}}}\n\n{sentence.format(odd)}")
        return builds.report(project)

    return shared(f"own-notebook-{rule}", make), rule


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_a_finding_about_the_notebook_is_no_difference(tell, own_notebook, name):
    outputs, rule = own_notebook

    assert any(each["rule"] == rule and "notebooks/" in each["sentence"] for each in outputs.findings)
    told = tell(outputs.files[name])
    assert told.differences == []


CLAIMS = {
    "another number": lambda each: (
        each | {"sentence": "notebooks/a.ipynb 单元格“%%prose”（“一、总体情况”之下） 第4行：本年收到67件。"}
    ),
    "another severity": lambda each: each | {"severity": "warning"},
    "a rule of the tables": lambda each: each | {"rule": "J01"},
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_finding_that_says_more_than_a_notebook_can_is_a_difference(tell, page, claim):
    odd = "notebooks/a.ipynb 单元格“%%prose”（“一、总体情况”之下） 第4行的“〔U+E000〕”所有字体都没有"
    finding = {"id": "T06.a.4", "rule": "T06", "severity": "error", "reason": "", "sentence": odd, "accepted": False}
    finding |= {"left": None, "right": None, "difference": None, "cells": [], "implied": []}

    def added(carried):
        carried["findings"].append(CLAIMS[claim](finding))

    assert tell(_with_evidence(added)(page)).names("问题", "T06.a.4")
