"""What a report carries inside itself: the same files byte for byte in HTML and PDF, and what makes of a PDF an archive of them."""

import hashlib
import io
import json
import re
import subprocess

import pikepdf
import pytest
from nianbao.build import evidence, inputs
from nianbao.document.document import Document
from nianbao.indicators import rules
from nianbao.render import pdf as pdftags

OWN = "params/longtan/2013"
PARAMETERS = [f"{OWN}/{name}" for name in ("narrative.md", "report.yaml", "statistics.csv")]
FORM = "forms/jilin-2013.yaml"
PARTS = [
    "checks.json",
    "figures.json",
    "findings.json",
    "manifest.json",
    "places.json",
    "policy.json",
    "reading.json",
    "report.json",
]
KINDS = {"csv": "text/csv", "yaml": "application/yaml", "md": "text/markdown", "json": "application/json"}


@pytest.fixture(scope="module")
def document(longtan):
    """The 2013 report."""
    return Document(longtan)


def _collected(document, read):
    return evidence.collect(evidence.of_document(document), read, figures=[], sealed={})


# ---- what is collected


def test_parameter_files_are_carried_with_mark_and_line_ends_as_they_are(document):
    content = "\ufeff甲,乙\r\n一,二\r\n".encode()

    assert _collected(document, {f"{OWN}/statistics.csv": content})["files"][f"{OWN}/statistics.csv"].encode() == content


def test_neither_notebook_nor_lock_nor_library_is_carried(document):
    read = {
        "notebooks/report-jilin.ipynb": b"{}",
        "requirements.lock": b"x",
        "lib/nianbao/cli.py": b"x",
        f"{OWN}/report.yaml": b"x",
        FORM: b"x",
    }

    assert list(_collected(document, read)["files"]) == [f"{OWN}/report.yaml", FORM]


def test_the_parameters_of_the_year_before_are_carried_too(document):
    read = {f"{OWN}/report.yaml": b"now", "params/longtan/2012/report.yaml": b"then"}

    assert list(_collected(document, read)["files"]) == ["params/longtan/2012/report.yaml", f"{OWN}/report.yaml"]


def test_the_order_in_which_files_were_read_does_not_show(document):
    read = {name: name.encode() for name in (*PARAMETERS, "forms/a.yaml", "forms/b.yaml")}

    assert json.dumps(_collected(document, read)) == json.dumps(_collected(document, dict(reversed(read.items()))))


def test_the_form_is_carried_as_the_library_has_it(document, tmp_path):
    carried = inputs.copied(tmp_path, inputs.of_report("longtan", "2013", (), (document.form.id,)), tmp_path)

    assert _collected(document, carried)["files"] == {FORM: (inputs.LIBRARY / FORM).read_bytes().decode()}


def test_the_form_of_the_year_before_is_carried_where_it_is_another():
    for used in (("national-2021", "national-2019"), ("national-2021", "national-2021"), ("national-2021",)):
        scope = inputs.of_report("longtan", "2013", (), used)

        assert set(inputs.files(None, scope)) == {f"forms/{form}.yaml" for form in used}


def test_every_check_is_carried_with_its_outcome(document):
    carried = _collected(document, {})["checks"]

    assert [(each["id"], each["holds"]) for each in carried] == [(each.id, each.holds) for each in rules.outcomes(document.report)]
    assert {each["id"] for each in carried if each["holds"] is False} == {
        finding.id for finding in document.findings if finding.severity == "error"
    }


def test_the_rounding_is_carried_as_data_and_in_words(document):
    policy = _collected(document, {})["policy"]

    assert (policy["places"], policy["method"], policy["zeros"]) == (2, "half-up", "keep")
    assert policy["words"] == document.rounding_words()


def test_every_attachment_has_a_type_and_a_relationship(document):
    carried = _collected(document, dict.fromkeys(PARAMETERS, b"x"))

    for name, content, kind, relationship in evidence.attachments(carried, [[]], ["甲"]):
        assert (kind, relationship) == (KINDS[name.rpartition(".")[2]], "Data" if name.endswith(".json") else "Source")
        assert isinstance(content, bytes)


def test_places_are_attached_as_they_are(document):
    places = [[["97", "staff.year"], ["2", ""]], []]
    attached = {name: content for name, content, *_rest in evidence.attachments(_collected(document, {}), places, ["甲", "乙"])}

    assert json.loads(attached["places.json"]) == places


def test_the_text_of_each_page_is_attached_as_a_digest_that_no_blank_changes(document):
    attached = {
        name: content for name, content, *_rest in evidence.attachments(_collected(document, {}), [], ["共 97 人\n", "共 98 人"])
    }
    digests = json.loads(attached["reading.json"])

    assert digests == evidence.digests(["共97人", "共98\n人"])
    assert len(set(digests)) == 2


def test_a_page_carries_the_digests_of_its_blocks_and_its_figures_in_their_order():
    page = "<html><body><p>共<data id='a' data-figure='b'>97人</data></p><p>又</p></body></html>"

    assert evidence.of_page({"x": 1}, page) == {
        "x": 1,
        "reading": {"blocks": evidence.digests(["共\ufffc", "又"]), "order": [["a", "b"]]},
    }


# ---- what the built files carry


@pytest.fixture(scope="module")
def carried(built):
    """The evidence in the HTML, as a page's script reads it."""
    return json.loads(built.page.xpath("//script[@id='nianbao-evidence']")[0].text)


@pytest.fixture(scope="module")
def attached(built):
    """The files in the PDF, by name."""
    return pdftags.attached(built.files["report.pdf"])


@pytest.mark.slow
def test_the_page_carries_the_parameter_files_byte_for_byte(built, carried):
    assert {name: carried["files"][name].encode() for name in PARAMETERS} == {
        name: (built.project / name).read_bytes() for name in PARAMETERS
    }


@pytest.mark.slow
def test_the_pdf_carries_the_parameter_files_byte_for_byte(built, attached):
    assert {name: attached[name] for name in PARAMETERS} == {name: (built.project / name).read_bytes() for name in PARAMETERS}


@pytest.mark.slow
def test_the_mark_and_the_line_ends_of_the_csv_are_kept(attached):
    content = attached[f"{OWN}/statistics.csv"]

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") > 30


@pytest.mark.slow
def test_page_and_pdf_carry_the_same_files(carried, attached):
    assert {name: text.encode() for name, text in carried["files"].items()} == {
        name: content for name, content in attached.items() if name not in PARTS
    }


@pytest.mark.slow
@pytest.mark.parametrize("part", ["report", "policy", "figures", "findings", "checks", "manifest"])
def test_page_and_pdf_carry_the_same_evidence(carried, attached, part):
    assert carried[part] == json.loads(attached[f"{part}.json"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["figures.json", "findings.json"])
def test_the_pdf_carries_figures_and_findings_as_they_lie_beside_it(built, attached, name):
    assert attached[name] == built.files[name]


@pytest.mark.slow
def test_the_manifest_inside_is_the_one_outside_but_for_the_outputs_and_the_environment(built, carried):
    # The hash of a file cannot stand in it, and an environment in it would give other bytes on another machine.
    assert carried["manifest"] == {key: value for key, value in built.manifest.items() if key not in {"outputs", "environment"}}


@pytest.mark.slow
def test_the_hashes_inside_are_those_of_the_files_inside(carried):
    inputs = carried["manifest"]["inputs"]

    assert FORM in carried["files"]
    for name, text in carried["files"].items():
        assert hashlib.sha256(text.encode()).hexdigest() == inputs[name], name


@pytest.mark.slow
def test_every_parameter_and_form_among_the_inputs_is_carried(carried):
    wanted = {name for name in carried["manifest"]["inputs"] if name.startswith(("params/", "forms/"))}

    assert set(carried["files"]) == wanted


@pytest.mark.slow
def test_nothing_in_the_block_can_end_the_element_it_stands_in(built):
    page = built.files["report.html"].decode()
    block = page.partition('id="nianbao-evidence">')[2].partition("</script>")[0]

    assert json.loads(block)["files"].keys() == {*PARAMETERS, FORM}
    assert re.findall("[<>&\u2028\u2029]", block) == []


@pytest.mark.slow
def test_no_path_of_the_machine_is_carried(built, attached):
    assert [name for name, content in attached.items() if str(built.project).encode() in content] == []


# ---- the PDF as an archive of them


@pytest.fixture(scope="module")
def pdf(built):
    """The PDF of 2013, opened."""
    with pikepdf.open(io.BytesIO(built.files["report.pdf"])) as opened:
        yield opened


@pytest.mark.slow
def test_exactly_the_evidence_is_attached_and_the_names_are_sorted(pdf):
    assert list(pdf.attachments) == sorted([*PARAMETERS, FORM, *PARTS])


@pytest.mark.slow
def test_every_attachment_is_associated_with_the_document_in_the_order_of_the_names(pdf):
    assert [str(each.UF) for each in pdf.Root.AF] == list(pdf.attachments)
    assert [each.objgen for each in pdf.Root.AF] == [pdf.attachments[name].obj.objgen for name in pdf.attachments]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "relationship"), [(name, "Source") for name in (*PARAMETERS, FORM)] + [(name, "Data") for name in PARTS]
)
def test_an_attachment_says_what_it_is_to_the_document(pdf, name, relationship):
    assert str(pdf.attachments[name].obj.AFRelationship) == f"/{relationship}"


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PARAMETERS, FORM, *PARTS])
def test_an_attachment_has_name_description_type_size_and_checksum(pdf, attached, name):
    spec = pdf.attachments[name].obj
    embedded = spec.EF.F

    assert (str(spec.F), str(spec.UF), str(spec.Desc) != "") == (name, name, True)
    assert str(embedded.Subtype) == f"/{KINDS[name.rpartition('.')[2]]}"
    assert int(embedded.Params.Size) == len(attached[name])
    assert bytes(embedded.Params.CheckSum) == hashlib.md5(attached[name]).digest()


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PARAMETERS, FORM, *PARTS])
def test_an_attachment_has_the_time_of_the_document_and_not_of_the_clock(pdf, name):
    times = pdf.attachments[name].obj.EF.F.Params

    assert {str(times.ModDate), str(times.CreationDate)} == {"D:19800101000000Z"}


@pytest.mark.slow
def test_the_document_says_that_it_is_pdf_a_3_and_pdf_ua_1(pdf):
    with pdf.open_metadata() as told:
        assert (told["pdfaid:part"], told["pdfaid:conformance"], told["pdfuaid:part"]) == ("3", "A", "1")


@pytest.mark.slow
def test_attaching_the_same_files_twice_gives_the_same_bytes(built):
    files = [("b.csv", b"\xef\xbb\xbf1\r\n", "text/csv", "Source"), ("a.json", b"{}", "application/json", "Data")]

    assert pdftags.attach(built.files["report.pdf"], files) == pdftags.attach(built.files["report.pdf"], files)


@pytest.mark.slow
def test_attaching_leaves_what_the_pages_show(built, pdf):
    with pikepdf.open(io.BytesIO(pdftags.attach(built.files["report.pdf"], [("z.csv", b"1", "text/csv", "Source")]))) as after:
        assert [page.Contents.read_bytes() for page in after.pages] == [page.Contents.read_bytes() for page in pdf.pages]
        assert [str(each.UF) for each in after.Root.AF] == [*pdf.attachments, "z.csv"]


@pytest.mark.slow
def test_a_viewer_reads_the_attachments(built, needs):
    run = subprocess.run(
        [needs("pdfdetach"), "-list", built.folder / "report.pdf"], capture_output=True, encoding="utf-8", check=True
    )

    assert run.stdout.splitlines()[0] == f"{len(PARAMETERS) + 1 + len(PARTS)} embedded files"
