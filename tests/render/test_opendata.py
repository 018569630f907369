"""A report's cells as open data: the lines of the file, and the package that describes them."""

import csv
import hashlib
import io
import json
import re
from dataclasses import replace

import pytest
from nianbao.indicators import figures, values
from nianbao.indicators.report import Cell
from nianbao.render import opendata


@pytest.fixture(scope="module")
def data(longtan):
    return opendata.data_csv(longtan, figures.compute(longtan))


@pytest.fixture(scope="module")
def package(longtan, data):
    return opendata.datapackage(longtan, data)


def lines_of(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def test_there_is_a_line_for_each_cell(longtan, data):
    assert len(lines_of(data)) == len(longtan.cells)


def test_a_line_says_all_about_its_cell(data):
    assert lines_of(data)[1] == {
        "unit": "longtan",
        "year": "2013",
        "form": "jilin-2013",
        "table": "statistics",
        "row": "staff",
        "row_label": "1.从事信息公开工作人员数",
        "column": "year",
        "column_label": "13年发生数",
        "value": "97",
        "unit_of_measure": "人",
        "status": "given",
    }


@pytest.mark.parametrize(
    ("read", "value", "status"),
    [
        (values.MISSING, "", "missing"),
        (values.NOT_APPLICABLE, "", "not-applicable"),
        (values.given(0), "0", "given"),
        (values.given(10**29 + 1), str(10**29 + 1), "given"),
    ],
)
def test_missing_not_applicable_and_zero_are_three_things_and_no_digit_is_lost(longtan, read, value, status):
    other = replace(longtan, cells={**longtan.cells, ("staff", "year"): Cell(read, 1, "F2")})
    line = lines_of(opendata.data_csv(other, figures.compute(other)))[1]
    assert (line["value"], line["status"]) == (value, status)


def test_the_file_is_plain_utf8_with_line_feeds(data):
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert data.endswith(b"\n")


def test_the_same_report_is_the_same_data(longtan, data, package):
    assert opendata.data_csv(longtan, figures.compute(longtan)) == data
    assert json.dumps(opendata.datapackage(longtan, data)) == json.dumps(package)


# ------------------------------------------------------------------------------------------------ the rules of the specification


def test_the_package_has_a_name_as_the_specification_wants_it(longtan, package, data):
    assert package["name"] == "longtan-2013"
    chinese = opendata.datapackage(replace(longtan, unit="龙潭_区"), data)
    assert chinese["name"] == "u9f99u6f6d_u533a-2013"
    assert re.fullmatch(r"[-a-z0-9._/]+", chinese["name"])


def test_the_resource_says_how_the_file_is_written_and_what_it_weighs(package, data):
    (resource,) = package["resources"]
    assert resource["path"] == "data.csv"
    assert not re.match(r"[/~]|\.\./", resource["path"])
    assert (resource["format"], resource["mediatype"], resource["encoding"]) == ("csv", "text/csv", "utf-8")
    assert resource["bytes"] == len(data)
    assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()


def test_the_schema_has_the_fields_of_the_file_in_their_order(package, data):
    schema = package["resources"][0]["schema"]
    assert [field["name"] for field in schema["fields"]] == data.decode().splitlines()[0].split(",")
    assert {field["type"] for field in schema["fields"]} <= {"string", "number", "year"}
    assert schema["missingValues"] == [""]


def test_every_line_keeps_the_constraints_of_the_schema(package, data):
    for line in lines_of(data):
        for field in package["resources"][0]["schema"]["fields"]:
            value, rules = line[field["name"]], field.get("constraints", {})
            assert value or not rules.get("required")
            assert value in rules.get("enum", [value])
            assert re.fullmatch(rules.get("pattern", ".*"), value)
            if field["type"] == "number" and value:
                assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value)
                assert float(value) >= rules.get("minimum", float("-inf"))
            if field["type"] == "year":
                assert re.fullmatch(r"[0-9]{4}", value)


def test_the_primary_key_tells_each_line_from_every_other(package, data):
    key = package["resources"][0]["schema"]["primaryKey"]
    lines = [tuple(line[name] for name in key) for line in lines_of(data)]
    assert len(set(lines)) == len(lines)


def test_a_form_with_negative_values_sets_no_least_value(forms, longtan, data):
    other = replace(longtan, form=forms["national-2019"])
    fields = opendata.datapackage(other, data)["resources"][0]["schema"]["fields"]
    assert next(field for field in fields if field["name"] == "value").get("constraints") is None


def test_a_licence_is_claimed_only_where_the_unit_gave_one(longtan, data, package):
    assert "licenses" not in package
    licence = {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}
    assert opendata.datapackage(longtan, data, licence)["licenses"] == [licence]


def test_the_package_is_json_and_says_which_report_it_is(package, longtan):
    assert json.loads(json.dumps(package)) == package
    assert package["title"] == longtan.title
    assert longtan.form.basis in package["description"]
