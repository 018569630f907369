"""A district's members read, added up, told of, held against its own table, and filled into it; its page is for the other file."""

import csv
import io
import shutil
from types import SimpleNamespace

import builds
import pytest
from districts import FEES, FORMS, LICENCES, YEAR, district, fill, put
from nianbao.cli import console
from nianbao.indicators.errors import InvalidInputError
from nianbao.inputs import report
from nianbao.inputs.project import Project
from nianbao.rollup import rollup


@pytest.fixture
def project(tmp_path):
    """A district of three members with different numbers, and its own table that agrees with their sum."""
    return district(tmp_path / "project")


def added(project, unit="district", year=YEAR, *, write=False):
    """Add up the members of *unit*, and tell of it as the command does: what it says, its exit code, and the roll-up."""
    filled = rollup.fill(Project(project), unit, str(year), FORMS, print) if write else ()
    done = rollup.read(project / "params" / unit / str(year), FORMS)
    lines = [*filled, *done.sentences()]
    return SimpleNamespace(stdout="\n".join(lines), returncode=int(bool(done.findings)), rollup=done)


@pytest.fixture
def roll(project):
    """Add up the members of the district."""
    return lambda **wishes: added(project, **wishes)


@pytest.fixture
def refused(project):
    """Have the roll-up of the district refused, and return what is said."""

    def said():
        with pytest.raises(InvalidInputError) as refusal:
            added(project)
        return str(refusal.value)

    return said


def paper(said):
    """Return the data by row of the form's grid: a dictionary for each cell."""
    text = said.rollup.data().decode("utf-8-sig")
    return {(line["文件"], line["格"]): line for line in csv.DictReader(io.StringIO(text, newline=""))}


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- what adds up


def test_a_district_that_agrees_with_its_members_ends_with_0(roll):
    said = roll()
    assert said.returncode == 0
    assert said.stdout.splitlines() == [
        "district镇2025年，3个单位：齐全3个。",
        "本级统计表200格：与汇总相同200格，不同0格，本级没有填0格。",
    ]


def test_a_cell_that_differs_is_told_with_place_both_values_difference_and_who_has_most(roll, project):
    fill(project / "params/district/2025", {LICENCES: "50", FEES: "1.5"})
    said = roll()
    assert said.returncode == 1
    assert said.stdout.splitlines()[:2] == [
        "不同　licences.csv E2 行政许可（本年处理决定数量）：本级填报50件，汇总46件，本级多4件；汇总中：北镇30、南镇12、区政府办公室4。",
        "不同　charges.csv E2 行政事业性收费（本年收费金额）：本级填报1.5万元，汇总1.55万元，本级少0.05万元；汇总中：北镇1.05、南镇0.5。",
    ]


def test_a_dash_against_a_number_is_told(roll, project):
    fill(project / "params/district/2025", {LICENCES: "46", FEES: "-"})
    assert "本级填报“-”，汇总1.55万元；汇总中" in roll().stdout


def test_the_working_paper_has_each_members_value_the_sum_the_own_value_and_the_difference(roll, project):
    fill(project / "params/district/2025", {LICENCES: "50", FEES: ""})
    lines = paper(roll())
    assert len(lines) == 200
    assert lines["licences.csv", "E2"] == {
        "文件": "licences.csv",
        "格": "E2",
        "部分": "",
        "类别": "",
        "指标": "行政许可",
        "单位": "件",
        "栏目": "本年处理决定数量",
        "汇总": "46",
        "本级填报": "50",
        "相差": "4",
        "说明": "不同",
        "北镇": "30",
        "南镇": "12",
        "区政府办公室": "4",
    }
    fees = lines["charges.csv", "E2"]
    assert [fees[key] for key in ("汇总", "本级填报", "相差", "说明", "北镇", "区政府办公室")] == [
        "1.55",
        "",
        "",
        "本级没有填",
        "1.05",
        "-",
    ]


def test_the_working_paper_opens_in_excel_and_is_the_same_each_time(roll):
    first = roll().rollup.data()
    assert roll().rollup.data() == first
    assert first.startswith(b"\xef\xbb\xbf")
    assert first.count(b"\r\n") == first.count(b"\n") == 201


def test_counts_of_an_older_form_add_up_likewise(tmp_path):
    for unit, number in (("a", "7"), ("b", "8")):
        put(tmp_path, unit, {("disclosed", "year"): number}, form="jilin-2013", year=2013)
    put(tmp_path, "d", {("disclosed", "year"): "16"}, form="jilin-2013", year=2013, members={"a": "甲镇", "b": "乙镇"})
    said = added(tmp_path, "d", 2013).stdout
    assert "本级填报16条，汇总15条，本级多1条；汇总中：乙镇8、甲镇7。" in said


# ---- who has not submitted


def test_a_member_without_a_folder_is_named_and_the_sum_is_called_incomplete(roll, project):
    shutil.rmtree(project / "params/south")
    said = roll()
    assert said.returncode == 1
    assert "没有报送　南镇：没有 params/south/2025。" in said.stdout
    assert "3个单位：齐全2个，没有报送1个。" in said.stdout
    assert "汇总不完整" in said.stdout
    assert "本级填报46件，汇总34件，本级多12件；汇总中：北镇30、区政府办公室4；缺：南镇。" in said.stdout
    assert paper(said)["licences.csv", "E2"]["南镇（没有报送）"] == ""


def test_a_member_with_another_year_only_has_not_handed_in(roll, project):
    (project / "params/south/2025").rename(project / "params/south/2024")
    assert "没有报送　南镇：没有 params/south/2025。" in roll().stdout


def test_a_folder_that_was_only_just_begun_is_not_filled(roll, run, project):
    shutil.rmtree(project / "params/south")
    run(project, "new", "south", "2025", "--name", "南镇", "--province", "吉林省")
    said = roll()
    assert said.returncode == 1
    cells = "regulations.csv E2、regulations.csv F2、regulations.csv G2、regulations.csv E3、regulations.csv F3等200格"
    assert f"没有填完　南镇：params/south/2025 的200格中空着200格：{cells}。" in said.stdout


def test_one_blank_cell_is_named_and_its_sum_alone_is_incomplete(roll, project):
    fill(project / "params/south/2025", {LICENCES: "", FEES: "0.5"})
    said = roll()
    assert said.returncode == 1
    assert "没有填完　南镇：params/south/2025 的200格中空着1格：licences.csv E2。" in said.stdout
    lines = paper(said)
    assert lines["licences.csv", "E2"]["说明"] == "不同；汇总不完整，缺：南镇"
    assert lines["charges.csv", "E2"]["说明"] == ""


def test_a_member_that_cannot_be_read_is_named_with_each_problem_and_stops_nothing(roll, project):
    fill(project / "params/south/2025", {LICENCES: "１２", FEES: "五"})
    said = roll()
    assert said.returncode == 1
    assert "读不了　南镇：有2处需要改正，它的数没有加进去：" in said.stdout
    assert "params/south/2025/licences.csv 第2行（E2 行政许可 本年处理决定数量）：读到“１２”，含全角数字" in said.stdout
    assert "params/south/2025/charges.csv 第2行（E2 行政事业性收费 本年收费金额）：读到“五”，不是数" in said.stdout


def test_a_member_with_many_problems_shows_some_and_says_where_the_rest_is(roll, project):
    fill(project / "params/south/2025", {}, filling="x")
    said = roll().stdout
    assert "读不了　南镇：有200处需要改正" in said
    assert "  5. " in said
    assert "  6. " not in said
    assert "  其余见：nianbao check south 2025" in said


def test_a_member_on_another_form_is_refused_by_name(roll, project):
    shutil.rmtree(project / "params/south")
    put(project, "south", form="national-2019")
    said = roll()
    assert said.returncode == 1
    assert "表式不同　南镇：params/south/2025 用的是 national-2019，本级是 national-2021，不能相加" in said.stdout


def test_all_that_is_wrong_with_members_is_told_at_once(roll, project):
    shutil.rmtree(project / "params/north")
    fill(project / "params/south/2025", {LICENCES: "x"})
    fill(project / "params/office/2025", {LICENCES: ""})
    said = roll().stdout
    assert [words for words in ("没有报送　北镇", "读不了　南镇", "没有填完　区政府办公室") if words not in said] == []
    assert "3个单位：没有填完1个，读不了1个，没有报送1个。" in said


def test_the_prose_of_a_member_is_not_asked_for(roll, project):
    (project / "params/south/2025/narrative.md").unlink()
    assert roll().returncode == 0


def test_last_years_folder_of_a_member_is_not_read(roll, project):
    shutil.copytree(project / "params/south/2025", project / "params/south/2024")
    (project / "params/south/2024/report.yaml").write_text("坏", "utf-8")
    assert roll().returncode == 0


# ---- rules


def test_a_rule_that_a_members_table_breaks_is_told_with_its_name_and_breaks_the_sum(roll, project):
    fill(project / "params/south/2025", {LICENCES: "12", FEES: "0.5", ("received", "natural"): "3"})
    fill(project / "params/district/2025", {LICENCES: "46", FEES: "1.55", ("received", "natural"): "3"})
    said = roll()
    assert said.returncode == 1
    assert "对不上　C01.natural　自然人：一、本年新收政府信息公开申请数量＋" in said.stdout
    assert "：南镇、汇总表。" in said.stdout


def test_faults_of_two_members_that_cancel_out_are_told_all_the_same(roll, project):
    fill(project / "params/north/2025", {LICENCES: "30", FEES: "1.05", ("received", "total"): "3"})
    fill(project / "params/south/2025", {LICENCES: "12", FEES: "0.5", ("received", "natural"): "3"})
    values = {LICENCES: "46", FEES: "1.55", ("received", "natural"): "3", ("received", "total"): "3"}
    fill(project / "params/district/2025", values)
    lines = [line for line in roll().stdout.splitlines() if line.startswith("对不上　C03.received")]
    assert [line.rpartition("：")[2] for line in lines] == ["北镇、南镇。"]


# ---- into the district's own table


@pytest.fixture
def empty(project):
    """The district's own table, blank."""
    folder = project / "params/district/2025"
    fill(folder, {}, filling="")
    return folder


@pytest.mark.usefixtures("empty")
def test_a_blank_own_table_is_no_difference(roll):
    said = roll()
    assert said.returncode == 0
    assert "与汇总相同0格，不同0格，本级没有填200格。" in said.stdout
    assert {line["汇总"] for line in paper(said).values()} == {"0", "46", "1.55"}


def test_a_complete_sum_is_written_into_a_blank_table(roll, empty):
    said = roll(write=True)
    assert said.returncode == 0
    assert "已填入 params/district/2025/licences.csv：1格。" in said.stdout
    cells = report.load_tables(empty, FORMS).cells
    assert (cells[LICENCES].quantity.exact, cells[FEES].quantity.exact) == ("46", "1.55")
    assert said.stdout.splitlines()[-1] == "本级统计表200格：与汇总相同200格，不同0格，本级没有填0格。"


@pytest.mark.usefixtures("empty")
def test_writing_a_second_time_changes_nothing(roll, project):
    roll(write=True)
    before = tree(project / "params")
    said = roll(write=True)
    assert "没有写入本级统计表：没有空格。" in said.stdout
    assert tree(project / "params") == before


def test_blank_cells_are_filled_and_cells_that_agree_stay_as_they_were_typed(roll, empty):
    fill(empty, {FEES: "1.550"}, filling="")
    before = (empty / "charges.csv").read_bytes()
    assert roll(write=True).returncode == 0
    assert (empty / "charges.csv").read_bytes() == before


def test_a_cell_that_holds_another_number_is_not_overwritten_and_nothing_is_written(roll, project, empty):
    fill(empty, {FEES: "1.5"}, filling="")
    before = tree(project / "params")
    said = roll(write=True)
    assert said.returncode == 1
    assert "没有写入本级统计表：有1格已填了不同的数，请先改为一致，或清空这几格。" in said.stdout
    assert tree(project / "params") == before


def test_a_table_that_someone_changed_meanwhile_is_not_written(project, empty):
    def told(_step):
        fill(empty, {LICENCES: "45"}, filling="")

    filled = rollup.fill(Project(project), "district", str(YEAR), FORMS, told)
    assert filled == ("没有写入本级统计表：汇总的时候有人改了它，请重新汇总。",)
    assert report.load_tables(empty, FORMS).cells[LICENCES].quantity.exact == "45"


@pytest.mark.usefixtures("empty")
def test_an_incomplete_sum_is_not_written(roll, project):
    shutil.rmtree(project / "params/south")
    before = tree(project / "params")
    said = roll(write=True)
    assert said.returncode == 1
    assert "没有写入本级统计表：汇总不完整。" in said.stdout
    assert tree(project / "params") == before


# ---- who is a member


def test_a_report_without_members_is_told_how_to_name_them(project):
    with pytest.raises(
        InvalidInputError, match=r"params/south/2025/report\.yaml（members）：没有写明由哪些单位汇总。请加上 members"
    ):
        added(project, "south")


def test_a_unit_that_two_members_add_up_is_told_and_nothing_is_added(refused, project):
    shutil.rmtree(project / "params/south")
    put(project, "south", members={"north": "北镇", "village": "某村"})
    said = refused()
    assert "（members.south）：south 的表已由“北镇”（north）汇总，north 另外还有一处汇总，会加两次。请只留一处" in said
    assert "village" not in said


def test_a_member_that_adds_up_the_district_is_refused(refused, project):
    shutil.rmtree(project / "params/south")
    put(project, "south", members={"district": "本区"})
    assert "district 另外还有一处汇总，会加两次" in refused()


def test_the_members_of_a_member_are_not_read(roll, project):
    shutil.rmtree(project / "params/south")
    put(project, "south", {LICENCES: "12", FEES: "0.5"}, members={"village": "某村"})
    assert roll().returncode == 0


def test_a_member_that_is_a_link_to_a_folder_elsewhere_is_read(roll, project, tmp_path):
    (project / "params/south").rename(tmp_path / "elsewhere")
    (project / "params/south").symlink_to(tmp_path / "elsewhere")
    assert roll().returncode == 0


@pytest.mark.parametrize(("link", "target"), [("params/south", "north"), ("params/south/2025", "../north/2025")])
def test_a_member_that_is_a_link_to_another_member_is_not_counted_twice(roll, project, link, target):
    shutil.rmtree(project / link)
    (project / link).symlink_to(target)
    said = roll()
    assert said.returncode == 1
    assert "读不了　南镇：" in said.stdout
    assert "unit 是“north”，文件夹却是“south”" in said.stdout


def test_a_member_that_is_a_link_to_nothing_has_not_handed_in(roll, project):
    shutil.rmtree(project / "params/south")
    (project / "params/south").symlink_to("nowhere")
    assert "没有报送　南镇：没有 params/south/2025。" in roll().stdout


def test_the_districts_own_table_must_be_readable(refused, project):
    fill(project / "params/district/2025", {LICENCES: "４６"})
    assert "params/district/2025/licences.csv 第2行（E2 行政许可 本年处理决定数量）" in refused()


@pytest.mark.parametrize(("unit", "year"), [("../north", "2025"), ("nowhere", "2025"), ("district", "2024"), ("district", "25")])
def test_a_district_or_year_that_there_is_not_is_refused(run, project, unit, year):
    said = run(project, "rollup", unit, year)
    assert said.returncode == 2
    assert said.stderr.startswith("nianbao：")
    assert not (project / "outputs").exists()


@pytest.mark.parametrize("link", ["outputs/district", "outputs/district/2025", "outputs/district/2025/rollup"])
def test_outputs_that_a_link_would_lead_elsewhere_are_refused(run, project, tmp_path, link):
    (project / link).parent.mkdir(parents=True)
    (project / link).symlink_to(tmp_path)
    said = run(project, "rollup", "district", str(YEAR))
    assert said.returncode == 2
    assert f"{link} 是一个链接" in said.stderr


def test_a_name_with_quotes_and_commas_stays_one_column(roll, project):
    builds.replace(project / "params/district/2025/report.yaml", "  south: 南镇", """  south: '南镇,"x"'""")
    assert paper(roll())["licences.csv", "E2"]['南镇,"x"'] == "12"


def test_many_members_are_listed_by_their_first_and_their_number(tmp_path):
    names = {f"u{number:02}": f"第{number}镇" for number in range(12)}
    put(tmp_path, "d", {LICENCES: "1"}, members=names)
    for unit in list(names)[:7]:
        put(tmp_path, unit, {LICENCES: "1"})
    said = added(tmp_path, "d").stdout
    assert "汇总中：第0镇1、第1镇1、第2镇1、第3镇1、第4镇1等7个单位；缺：第7镇、第8镇、第9镇、第10镇、第11镇。" in said


def test_long_work_says_how_far_it_is(project, monkeypatch, capsys):
    monkeypatch.setattr(console, "_PATIENCE", 0)
    rollup.read(project / "params/district" / str(YEAR), FORMS, console.seldom())
    assert capsys.readouterr().err.splitlines() == [
        *(f"已读{number}个单位，共3个…" for number in (1, 2, 3)),
        *(f"已核对{number}个单位的表，共3个…" for number in (1, 2, 3)),
    ]
