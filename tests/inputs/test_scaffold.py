"""`nianbao new`: a folder that begins a year, and what an office makes of it."""

import csv
import io
import re
import shutil

import builds
import pytest
from nianbao.indicators.errors import InvalidInputError, NewReportError
from nianbao.indicators.findings import PENDING
from nianbao.inputs import formfile, report, scaffold

FORMS = formfile.shipped()


@pytest.fixture
def project(tmp_path):
    """A project in which the unit `demo` has the specimen of 2025 and nothing else."""
    made = builds.new_project(tmp_path / "project", units=())
    shutil.copytree(builds.ROOT / "params/specimen/2025", made / "params/demo/2025")
    builds.replace(made / "params/demo/2025/report.yaml", "unit: specimen", "unit: demo")
    return made


@pytest.fixture
def run(run, project):
    """Run the command on that project."""
    return lambda *arguments: run(project, *arguments)


def _rows(path):
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def _loaded(project, unit, year):
    return report.load(project / "params" / unit / year, FORMS)


def _jilin(project, unit, year):
    """Put 龙潭区's table of 2013 into *project* as that of *unit* for *year*."""
    folder = project / "params" / unit / year
    shutil.copytree(builds.ROOT / "params/longtan/2013", folder)
    builds.replace(folder / "report.yaml", "unit: longtan", f"unit: {unit}")
    if year != "2013":
        builds.replace(folder / "report.yaml", "year: 2013", f"year: {year}")
        builds.replace(folder / "statistics.csv", "13年发生数", f"{year[2:]}年发生数")


def _fill(folder, last):
    """Fill the folder as an office would: the numbers of *last*, made to follow from what was carried."""
    for name in ("licences.csv", "penalties.csv", "charges.csv", "disputes.csv"):
        (folder / name).write_bytes((last / name).read_bytes())
    regulations, requests, old = _rows(last / "regulations.csv"), _rows(folder / "requests.csv"), _rows(last / "requests.csv")
    for line in regulations[1:]:
        line[6] = int(line[6]) + int(line[4]) - int(line[5])
    for line, values in zip(requests[3:], old[3:], strict=True):
        line[4:] = values[4:]
    carried = zip(requests[-2][4:], requests[-1][4:], requests[2][4:], strict=True)
    requests[1][4:] = [int(handled) + int(out) - int(into) for handled, out, into in carried]
    for name, rows in (("regulations.csv", regulations), ("requests.csv", requests)):
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as written:
            csv.writer(written).writerows(rows)
    facts = "facts:\n  notices: {label: 收费通知件数, value: 204, unit: 件, source: own}\n"
    builds.replace(folder / "report.yaml", "facts: {}\n", facts)
    builds.replace(folder / "report.yaml", "  date:    #", "  date: 2027-01-20    #")
    _write(folder / "narrative.md")


def _write(path):
    """Write the year's own prose into the folder's skeleton, as an office would."""
    text = path.read_text("utf-8")
    for number in range(5):
        text = text.replace(PENDING + "\n", f"全年围绕{'甲乙丙丁戊'[number]}项工作推进落实，取得实效。\n", 1)
    said = {
        "problems": "主要问题是解读形式单一，已制作图解改进。",
        "other": "发出信息处理费收费通知{{ facts.notices }}，均未缴纳。",
    }
    chapters = {chapter.id: chapter.title for chapter in FORMS["national-2021"].chapters}
    for chapter, words in said.items():
        text = text.replace(f"# {chapters[chapter]}\n", f"# {chapters[chapter]}\n\n{words}\n")
    path.write_text(text, "utf-8")


def test_a_new_year_is_on_the_form_in_force(run, project):
    run("new", "demo", "2026")
    assert _loaded(project, "demo", "2026").form.id == "national-2021"


@pytest.mark.parametrize(
    ("year", "province", "form"),
    [
        ("2010", "吉林省", "jilin-2013"),
        ("2013", "吉林", "jilin-2013"),
        ("2014", "吉林", "national-2014"),
        ("2018", "湖北省", "national-2014"),
        ("2020", "湖北省", "national-2019"),
        ("2021", "湖北省", "national-2021"),
    ],
)
def test_year_and_province_choose_the_form(run, project, year, province, form):
    assert run("new", "other", year, "--province", province, "--name", "某市").returncode == 0
    assert _loaded(project, "other", year).form.id == form


def test_a_province_cut_short_is_written_as_the_form_writes_it(run, project):
    run("new", "other", "2013", "--province", "吉林", "--name", "某市")
    assert _loaded(project, "other", "2013").province == "吉林省"


def test_a_form_can_be_named(run, project):
    run("new", "demo", "2026", "--form", "national-2019")
    assert _loaded(project, "demo", "2026").form.id == "national-2019"


def test_a_form_that_has_a_province_gives_it_to_a_new_unit(run, project):
    run("new", "other", "2013", "--form", "jilin-2013", "--name", "某区")
    assert _loaded(project, "other", "2013").province == "吉林省"


def test_a_form_that_there_is_not_is_refused_with_those_there_are(run):
    said = run("new", "demo", "2026", "--form", "national-2030")
    assert said.returncode == 2
    assert "没有叫“national-2030”的表式" in said.stderr
    assert all(form in said.stderr for form in FORMS)


def test_a_year_without_a_form_is_refused_with_what_to_type(run, project):
    said = run("new", "other", "2010", "--province", "湖北省", "--name", "某市")
    assert said.returncode == 2
    assert "湖北省2010年没有适用的表式，请用 --form 表式 指明" in said.stderr
    assert not (project / "params/other").exists()


def test_a_unit_without_last_year_must_say_its_name_and_province_and_hears_both_at_once(run):
    said = run("new", "other", "2026")
    assert said.returncode == 2
    assert "--name" in said.stderr
    assert "--province" in said.stderr


def test_what_was_left_over_last_year_comes_into_this_year_in_every_column(run, project):
    run("new", "demo", "2026")
    assert _rows(project / "params/demo/2026/requests.csv")[2][4:] == ["783", "6", "0", "2", "25", "3", "819"]


def test_cells_that_last_year_does_not_settle_are_blank(run, project):
    run("new", "demo", "2026")
    given = [cell for cell, each in _loaded(project, "demo", "2026").cells.items() if each.quantity.value is not None]
    assert {row for row, _column in given} == {"carried_in"}


def test_a_cell_that_last_year_left_blank_is_left_blank(run, project):
    builds.replace(project / "params/demo/2025/requests.csv", "继续办理,件,783,", "继续办理,件,,")
    run("new", "demo", "2026")
    assert _rows(project / "params/demo/2026/requests.csv")[2][4:6] == ["", "6"]


def test_running_totals_stay_blank_and_the_rule_for_them_is_told(run, project):
    _jilin(project, "region", "2012")
    said = run("new", "region", "2013")
    assert "J91：累计数－13年发生数 = 2012年报告的累计数" in said.stdout
    cells = _loaded(project, "region", "2013").cells
    assert all(each.quantity.value is None for each in cells.values())


def test_cells_that_the_form_does_not_want_hold_a_dash(run, project):
    run("new", "other", "2013", "--province", "吉林省", "--name", "某区")
    form, cells = FORMS["jilin-2013"], _loaded(project, "other", "2013").cells
    dashes = {cell for cell, each in cells.items() if each.quantity.state == "not-applicable"}
    assert dashes == {(row.id, column.id) for _table, row, column in form.cells() if column.id in row.not_applicable}


def test_numbers_are_not_carried_from_another_form_and_that_is_said(run, project):
    _jilin(project, "region", "2013")
    said = run("new", "region", "2014")
    assert "表式 jilin-2013，与今年的 national-2014 不同，统计表的数不沿用" in said.stdout
    assert all(each.quantity.value is None for each in _loaded(project, "region", "2014").cells.values())


def test_contact_and_names_are_those_of_last_year(run, project):
    run("new", "demo", "2026")
    old, new = _loaded(project, "demo", "2025"), _loaded(project, "demo", "2026")
    assert {key: fact.text for key, fact in new.contact.items()} == {key: fact.text for key, fact in old.contact.items()}
    assert (new.name, new.short_name, new.province) == (old.name, old.short_name, old.province)


def test_the_source_of_what_is_carried_is_last_years_report(run, project):
    run("new", "demo", "2026")
    new = _loaded(project, "demo", "2026")
    assert new.sources[new.contact["phone"].source] == "《样本市人民政府（示例）2025年政府信息公开工作年度报告》"


def test_another_name_replaces_that_of_last_year(run, project):
    run("new", "demo", "2026", "--name", "示范市")
    assert _loaded(project, "demo", "2026").title == "示范市2026年政府信息公开工作年度报告"


def test_rounding_that_last_year_declared_is_kept(run, project):
    with (project / "params/demo/2025/report.yaml").open("a", encoding="utf-8") as opened:
        opened.write("\nrounding: {places: 1, sum_to_100: [handled]}\n")
    run("new", "demo", "2026")
    assert _loaded(project, "demo", "2026").policy == _loaded(project, "demo", "2025").policy


def test_a_fact_of_last_year_is_remembered_without_its_value(run, project):
    run("new", "demo", "2026")
    text = (project / "params/demo/2026/report.yaml").read_text("utf-8")
    assert '#   processing_fee: {label: "信息处理费实收金额", value: , unit: "元", source: own}' in text
    assert _loaded(project, "demo", "2026").facts == {}


def test_the_members_of_last_year_are_kept(run, project):
    with (project / "params/demo/2025/report.yaml").open("a", encoding="utf-8") as opened:
        opened.write("\nmembers:\n  '220203': '某\"镇\" # 一'\n  south: 南镇\n")
    run("new", "demo", "2026")
    names = {unit: member.name for unit, member in _loaded(project, "demo", "2026").members.items()}
    assert names == {"220203": '某"镇" # 一', "south": "南镇"}


def test_a_new_unit_has_no_members_and_is_shown_how_to_name_them(run, project):
    run("new", "other", "2026", "--name", "某市", "--province", "湖北省")
    assert _loaded(project, "other", "2026").members == {}
    assert "用 make rollup 汇总" in (project / "params/other/2026/report.yaml").read_text("utf-8")


def test_a_name_with_quotes_and_a_hash_is_read_as_it_was_given(run, project):
    name = '某"市" # {人民政府}: \\'
    run("new", "demo", "2026", "--name", name)
    assert _loaded(project, "demo", "2026").name == name


def test_a_name_that_no_report_may_hold_leaves_nothing_behind(run, project):
    said = run("new", "other", "2026", "--province", "湖北省", "--name", "坏\u0001名")
    assert said.returncode == 2
    assert sorted(path.name for path in (project / "params").iterdir()) == ["demo"]


def test_it_says_what_was_filled_from_where_and_what_is_next(run):
    said = run("new", "demo", "2026").stdout
    assert (
        "上年结转政府信息公开申请数量（总计）填819，取自 params/demo/2025/requests.csv K26“四、结转下年度继续办理”（规则C05）"
        in said
    )
    assert "make check UNIT=demo YEAR=2026" in said
    assert "make report UNIT=demo YEAR=2026" in said


def test_a_folder_that_is_there_is_refused_and_not_touched(run, project):
    before = {path.name: path.read_bytes() for path in (project / "params/demo/2025").iterdir()}
    said = run("new", "demo", "2025", "--name", "另一个")
    assert said.returncode == 2
    assert "params/demo/2025 已经有了，没有改动它" in said.stderr
    assert {path.name: path.read_bytes() for path in (project / "params/demo/2025").iterdir()} == before


@pytest.mark.parametrize(("unit", "year"), [("../x", "2026"), ("a/b", "2026"), (".x", "2026"), ("demo", "26"), ("demo", "../2026")])
def test_what_is_no_plain_name_is_refused(run, project, unit, year):
    said = run("new", unit, year, "--name", "某市", "--province", "湖北省")
    assert said.returncode == 2
    assert sorted(path.name for path in project.glob("params/*/*")) == ["2025"]


def test_last_years_report_must_be_readable(run, project):
    builds.replace(project / "params/demo/2025/report.yaml", "year: 2025", "year: 二〇二五")
    said = run("new", "demo", "2026")
    assert said.returncode == 2
    assert "params/demo/2025/report.yaml" in said.stderr
    assert not (project / "params/demo/2026").exists()


def test_nothing_but_the_new_folder_is_left_in_params(run, project):
    run("new", "demo", "2026")
    assert sorted(path.relative_to(project).as_posix() for path in project.glob("params/**/*") if path.is_dir()) == [
        "params/demo",
        "params/demo/2025",
        "params/demo/2026",
    ]


def test_check_counts_every_blank_cell_and_lists_every_chapter_to_write_at_once(run, project):
    run("new", "demo", "2026")
    said = run("check", "demo", "2026").stdout
    cells = _loaded(project, "demo", "2026").cells.values()
    folded = [int(number) for number in re.findall(r"csv 还有(\d+)格没有填：", said)]
    assert said.count("没有填（params/demo/2026/") + sum(folded) == sum(each.quantity.value is None for each in cells)
    assert len(said.splitlines()) < 40
    assert said.count(f"还写着“{PENDING}”，请换成本年的情况") == len(
        ["主动公开", "依申请公开", "政府信息管理", "平台建设", "监督保障"]
    )
    assert "缺少“六、其他需要报告的事项”一章" in said


def test_check_says_that_the_date_is_not_filled_in(run):
    run("new", "demo", "2026")
    said = run("check", "demo", "2026").stdout
    assert "未填　公布日期：报告上不印日期（params/demo/2026/report.yaml 的 publication.date）。" in said


def test_the_narrative_begins_with_the_names_that_prose_can_use(run, project):
    run("new", "demo", "2026")
    text = (project / "params/demo/2026/narrative.md").read_text("utf-8")
    assert '如：{{ handled | say("办理结果总数{}", zero="没有办结的政府信息公开申请") }}\n' in text
    assert "    received　一、本年新收政府信息公开申请数量\n" in text
    assert "组成部分接着写，如 handled.granted" in text


def test_it_leads_to_the_workbook(run):
    said = run("new", "demo", "2026").stdout
    assert "make table-export UNIT=demo YEAR=2026：得到工作簿 demo-2026.xlsx" in said
    assert "make table-import UNIT=demo YEAR=2026 FILE=demo-2026.xlsx" in said
    assert said.index("table-export") < said.index("table-import") < said.index("make adopt") < said.index("make report")


def test_it_speaks_the_language_of_make_where_make_called_it(run, monkeypatch):
    monkeypatch.setenv("NIANBAO_CALLER", "make")
    said = run("new", "other", "2026").stderr
    assert "NAME=单位名称（如：NAME=龙潭区人民政府）、PROVINCE=省份（如：PROVINCE=吉林省）" in said
    assert "--" not in said
    assert "请用 FORM=表式 指明" in run("new", "other", "2010", "--province", "湖北省", "--name", "某市").stderr


def test_check_names_the_contact_that_a_new_unit_has_not_filled_in(run):
    run("new", "other", "2026", "--name", "某市", "--province", "湖北省")
    said = run("check", "other", "2026")
    assert said.returncode == 1
    assert "错误　F02.phone：电话没有填（params/other/2026/report.yaml 第23行）；没有的填“-”。" in said.stdout


def test_what_is_still_to_be_filled_in_is_marked(run, project):
    run("new", "other", "2026", "--name", "某市", "--province", "湖北省")
    assert {fact.text for fact in _loaded(project, "other", "2026").contact.values()} == {PENDING}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_begins_a_folder_that_can_be_read(form, tmp_path):
    year = FORMS[form].first_year
    begun = scaffold.begin(FORMS, "some", year, scaffold.Wishes(form=form, name="某市", province="某省"))
    folder = tmp_path / "some" / str(year)
    folder.mkdir(parents=True)
    for name, text in begun.files.items():
        (folder / name).write_text(text, "utf-8", newline="")
    assert report.load(folder, FORMS).form.id == form


def test_a_name_of_spaces_is_no_name():
    with pytest.raises(NewReportError, match="--name"):
        scaffold.begin(FORMS, "some", 2026, scaffold.Wishes(name="  ", province="某省"))


def test_a_folder_filled_in_as_an_office_would_has_no_findings(run, project):
    run("new", "demo", "2026", "--name", "示范市")
    _fill(project / "params/demo/2026", project / "params/demo/2025")
    said = run("check", "demo", "2026")
    assert said.stdout == "示范市2026年政府信息公开工作年度报告：未认可的错误0个，其他待处理0个，已认可0个。\n"


def test_a_note_before_the_first_chapter_is_no_text(run, project):
    run("new", "demo", "2026")
    assert set(_loaded(project, "demo", "2026").narrative) == {"overall"}


def test_chapter_one_begins_with_a_heading_for_each_aspect_that_the_form_names(run, project):
    run("new", "demo", "2026")
    text = (project / "params/demo/2026/narrative.md").read_text("utf-8")
    assert [line for line in text.split("\n") if line.startswith("## ")] == [
        "## （一）主动公开",
        "## （二）依申请公开",
        "## （三）政府信息管理",
        "## （四）平台建设",
        "## （五）监督保障",
    ]


def test_text_after_a_note_before_the_first_chapter_is_refused_at_its_line(run, project):
    run("new", "demo", "2026")
    path = project / "params/demo/2026/narrative.md"
    path.write_text("{# 说明\n说明 #}\n多余\n# 前言\n", "utf-8")
    with pytest.raises(InvalidInputError, match="第3行：第一个章标题之前有文字"):
        _loaded(project, "demo", "2026")


@pytest.mark.slow
def test_a_folder_just_begun_builds_a_draft(project):
    assert builds.nianbao(project, "new", "demo", "2026").returncode == 0
    built = builds.report(project, "demo", "2026")
    assert "草稿：有14个问题没有处理，不得公布" in built.run.stdout


@pytest.mark.slow
def test_a_folder_filled_in_builds_a_report_to_publish(project):
    assert builds.nianbao(project, "new", "demo", "2026", "--name", "示范市").returncode == 0
    _fill(project / "params/demo/2026", project / "params/demo/2025")
    assert "成稿：没有待处理的问题" in builds.report(project, "demo", "2026").run.stdout
