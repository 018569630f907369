"""What is wrong with the language of a published text: every defect is found at its place, and a right text has none."""

from dataclasses import replace
from pathlib import Path

import pytest
from nianbao.auditing import language
from nianbao.reading import files
from nianbao.reading import lines as readers

FILES = Path(__file__).parent / "files"


@pytest.fixture
def found(longtan):
    """Return (code, quoted words) of each defect in a text, published for a year by an agency."""

    def find(text, *, year=2013, name="龙潭区人民政府"):
        lines = [readers.Line(number, line) for number, line in enumerate(text.split("\n"), 1)]
        told = language.defects(lines, replace(longtan, year=year, name=name))
        return [(each.code, lines[each.line - 1].text[each.start : each.end]) for each in told]

    return find


# Full-width throughout, so that a half-width mark is a stray one.
FILLER = "认真落实，明确责任；公开（含附件）及时：群众满意。" * 4

CASES = [
    ("由概述、主动公开情况、依申请公开情况、收费情况、附表共六个部分组成。", "E13", "六个部分"),
    ("本报告由概述，主动公开，依申请公开，收费和减免，复议诉讼，主要问题，附表共8个部分组成。", "E13", "8个部分"),
    ("本年报由一、概述；二、主动公开；三、依申请公开；四、收费；五、附表等六部分组成。", "E13", "六部分"),
    ("全文共九个部分：概述；主动公开；依申请公开；收费；复议；诉讼；问题；附表。", "E13", "九个部分"),
    (
        "报告由总体情况、主动公开情况、依申请公开情况、行政复议、行政诉讼情况、主要问题情况、其他事项情况七部分组成。",
        "E13",
        "七部分",
    ),
    ("从三个方面推进工作。一是加强领导。二是完善制度。", "E13", "三个方面"),
    ("从两个方面推进工作：一是加强领导；二是完善制度；三是抓好培训。", "E13", "两个方面"),
    ("统计期限自2013年1月1日起至12月30日止。", "E14", "自2013年1月1日起至12月30日止"),
    ("本报告数据统计期限为2012年1月1日至2012年12月31日。", "E14", "2012年1月1日至2012年12月31日"),
    ("工作自2013年1月1日起至2013年12月30日止开展。", "E14", "自2013年1月1日起至2013年12月30日止"),
    ("会议于2013年2月30日召开。", "E15", "2013年2月30日"),
    ("会议于2013年2月29日召开。", "E15", "2013年2月29日"),
    ("会议于13月5日召开。", "E15", "13月5日"),
    ("会议于2013年13月召开。", "E15", "2013年13月"),
    ("（2013年2月10日）", "E15", "2013年2月10日"),
    ("二〇一三年三月十日", "E15", "二〇一三年三月十日"),
    ("发布日期：2013-03-05", "E15", "2013-03-05"),
    ("如有疑问，请与昌邑区人民政府办公室联系。", "E16", "昌邑区人民政府办公室"),
    ("我县主动开展公开工作。", "E16", "我县"),
    ("昌邑区人民政府2013年政府信息公开工作年度报告", "E16", "昌邑区人民政府"),
    ("龙潭区人民政府2012年政府信息公开工作年度报告", "E17", "2012年"),
    ("2011年，全区共主动公开政府信息1200条。", "E17", "2011年"),
    ("2011年工作计划：进一步完善制度。", "E17", "2011年"),
    ("截至2012年12月31日，全区未发生行政复议案件。", "E17", "2012年"),
    ("截止2013年末，全区未发生行政复议案件。", "E22", "截止"),
    ("截止目前，共公开信息5条。", "E22", "截止"),
    ("我区完善制度。所有信息必须于", "E22", "所有信息必须于"),
    ("现有审批项目122项，截止", "E22", "截止"),
    ("新馆位于江北公园，建筑面积", "E22", "建筑面积"),
    ("我区完善制度。群众给予了很高的评价", "E22", "群众给予了很高的评价"),
    ("（", "E22", "（"),
    ("公开及时。。内容全面。", "E22", "。。"),
    ("公开及时，，内容全面。", "E22", "，，"),
    ("公开及时、，内容全面。", "E22", "、，"),
    ("制定了《办法》、《制度》、等一系列文件。", "E22", "》、等"),
    ("下发了《安排意见 》的文件。", "E22", "见 》"),
    ("推进“阳光示权” 。", "E22", "” 。"),
    ("我区政府信息公开工作取得了较好的成 效，群众满意。", "E22", "成 效"),
    (f"{FILLER}培训929人次.", "E22", "人次."),
    (f"{FILLER}培训929人次.公开及时。", "E22", "人次."),
    (f"{FILLER}公开及时,内容全面。", "E22", ","),
    (f"{FILLER}公开及时;内容全面。", "E22", ";"),
    (f"{FILLER}主要做法:加强领导。", "E22", ":"),
    ("成立了领导小组（组长由区长担任，成员为各部门负责人。", "E22", "（"),
    ("成立了领导小组，组长由区长担任）。", "E22", "）"),
    ("开展“阳光示权活动，群众满意。", "E22", "“"),
    ("制定了考核办法》，严格执行。", "E22", "》"),
    ("根据吉市政公办发[2011]3号文件，开展工作。", "E22", "[2011]3号"),
    ("根据吉市政公办发（2011）3号文件，开展工作。", "E22", "（2011）3号"),
    ("上年转结申请3件。", "E22", "转结"),
    ("申请3件转结下年度办理。", "E22", "转结"),
    ("在务公开栏目中公布。", "E22", "务公开"),
    ("电子邮箱：ltqzwgk@163.ccm。", "E22", "@163.ccm"),
    ("网址：www.longtan.con。", "E22", "www.longtan.con"),
    ("网址为http://www.longtan.gov.cn本报告可下载。", "E22", "http://www.longtan.gov.cn"),
    ("网址为http:/www.longtan.gov.cn。", "E22", "http:/www.longtan.gov.cn"),
    ("首先，健全制度。\n其次，加强培训。\n第三，强化考核。", "E22", "第三，"),
    ("第一，健全制度。\n第二，加强培训。\n第三、强化考核。", "E22", "第三、"),
    ("第一，健全制度。\n第二，加强培训。\n第三，强化考核。第四，抓好落实。", "E22", "第四，"),
    (
        "根据《关于做好年度报告编制工作的通知》（吉市政公办发〔2012〕3号）。\n依照《关于做好年度报告编制工作的通知》（吉市政公组〔2012〕3号）。",
        "E25",
        "吉市政公组〔2012〕3号",
    ),
    (
        "各部门对照目录逐项梳理应公开的政府信息并及时更新。\n全区各部门对照目录逐项梳理公开事项。\n各部门对照目录逐项梳理应公开的政府信息并及时更新。",
        "E20",
        "各部门对照目录逐项梳理应公开的政府信息并及时更新。",
    ),
]


@pytest.mark.parametrize(("text", "code", "words"), CASES, ids=[f"{code}-{words}" for _text, code, words in CASES])
def test_a_defect_is_found_with_its_code_and_the_very_words(found, text, code, words):
    assert (code, words) in found(text)


@pytest.mark.parametrize(("text", "code", "words"), CASES, ids=[f"{code}-{words}" for _text, code, words in CASES])
def test_one_defect_is_told_once(found, text, code, words):
    told = found(text)
    assert set(told) == {(code, words)}


@pytest.mark.parametrize(
    ("text", "year", "name", "code", "words"),
    [
        ("如有疑问，请与某县文化局办公室联系。", 2010, "某县交通局", "E16", "某县文化局办公室"),
        ("2017年2月10日", 2017, "某县交通局", "E15", "2017年2月10日"),
        ("2011年度工作计划：完善制度。", 2008, "某县交通局", "E17", "2011年"),
        ("根据《条例》（国务院令第492号），编制本报告。", 2021, "某县交通局", "E18", "国务院令第492号"),
        ("根据国办公开办函〔2019〕60号，编制本报告。", 2021, "某县交通局", "E18", "国办公开办函〔2019〕60号"),
    ],
)
def test_what_is_wrong_depends_on_the_year_and_the_agency(found, text, year, name, code, words):
    assert found(text, year=year, name=name) == [(code, words)]


@pytest.mark.parametrize(
    ("file", "year", "name"),
    [
        ("right-district-2013.txt", 2013, "昌邑区人民政府"),
        ("right-bureau-2022.txt", 2022, "某县交通运输局"),
        ("right-department-2009.txt", 2009, "某省财政厅"),
    ],
)
def test_a_right_text_has_no_defect(longtan, file, year, name):
    assert language.defects(files.read(FILES / file), replace(longtan, year=year, name=name)) == ()


@pytest.mark.parametrize(
    "text",
    [
        # Lists that may be counted as they say.
        "由概述、主动公开情况、依申请公开情况、行政复议、行政诉讼情况、附表情况五部分组成。",
        "由概述、主动公开、依申请公开、行政复议、行政诉讼、附表六部分组成。",
        "由概述、主动公开情况、依申请公开情况、问题及改进情况以及附表五个部分组成。",
        "包括组织领导、制度建设等五个方面的内容。",
        "包括规划、预算、采购，涉及5个方面。",
        "领导小组由区长任组长，下设3个方面工作组：宣传组、督查组、保障组。",
        "从三个方面推进工作。一是加强领导。二是完善制度。\n三是抓好培训。",
        # History, plans, comparisons and quoted names.
        "2010年经区委、区政府研究决定，建设综合档案馆。",
        "公开08年至12年年报网址，共5份。",
        "下发了《关于做好2010年政府信息公开年度报告编制工作的通知》。",
        "2011年，全区公开100条，2012年公开200条，2013年公开300条。",
        "到2020年，全区建成阳光政府。",
        "集中整治活动自2013年5月1日起至6月30日止。",
        "2月29日、8月31日、12月31日前完成。",
        "2014年2月10日",
        "截至2012年底，访问量为100万次；截至2013年底，为150万次。",
        # Other agencies where they belong.
        "请与龙潭区政府信息公开工作领导小组办公室联系。",
        "请与吉林市人民政府办公厅联系。",
        "收费由区财政局负责解释。",
        # Marks that are right.
        "（1）公开目录。公开时间为9:00至16:30，比例为1:2。",
        "咨询电话：12345（工作日8:30-17:30）。",
        "1）公开目录；2）公开指南；3）公开制度。",
        "“规定一。\n“规定二。”",
        "详见http://222.162.179.83/zwdtSjgl/,或拨打电话。",
        "申请截止日期为12月31日，报名于12月31日截止。",
        "推行村务公开、党务公开、政务公开。",
        "(2013)龙行初字第12号判决，驳回起诉。",
        "第一、第二产业信息公开及时。",
        "全年流转结果公开12条。",
        "地址：遵义东路65号，邮编：132021",
        "我区完善制度。联系电话：0432-63041810",
    ],
)
def test_what_is_right_is_not_called_wrong(found, text):
    assert found(text) == []


def test_lines_broken_at_a_width_are_not_sentences_cut_off(found):
    words = "我区认真落实条例，不断健全制度。各部门明确责任，及时更新目录，公开"
    assert found("\n".join([f"{words}{number}条" for number in range(8)]) + "\n信息。") == []


def test_a_text_that_is_half_width_throughout_is_not_told_at_each_mark(found):
    assert found("公开信息(含附件)12条,其中:电子5条;纸质7条.公开及时,内容全面。") == []


# Each was looked up in the text: three sentences lost dates, one an area; the line 3 held the date of the report.
EXPECTED_2013 = [
    (3, "E22", "("),
    (7, "E22", "见 》"),
    (12, "E22", "19个乡镇、街道所有公开的信息必须于"),
    (14, "E22", "人次."),
    (25, "E22", "建筑面积"),
    (27, "E22", "截止"),
    (31, "E22", "》、等"),
    (33, "E22", "截止"),
    (50, "E22", "截止"),
    (52, "E22", "截止"),
    (57, "E22", "第三,"),
    (59, "E22", "第五、"),
    (60, "E22", "” 。"),
    (60, "E22", "第七、"),
]


def test_the_report_published_for_2013_has_these_defects(longtan):
    lines = files.read(FILES / "published-2013.txt")
    texts = {line.number: line.text for line in lines}
    told = language.defects(lines, longtan)
    assert [(each.line, each.code, texts[each.line][each.start : each.end]) for each in told] == EXPECTED_2013


def test_the_prose_written_anew_for_2013_has_none(longtan):
    path = Path(__file__).parents[2] / "params" / "longtan" / "2013" / "narrative.md"
    assert language.defects(files.read(path), longtan) == ()


def test_a_defect_cites_its_clause_and_says_what_is_meant(longtan):
    (defect,) = language.defects([readers.Line(7, "全区公开及时，截止2013年末，未发生案件。")], longtan)
    assert (defect.line, defect.start, defect.end) == (7, 7, 9)
    assert defect.clause == "截止2013年末，"
    assert defect.sentence == "“截止”是到期停止的意思，后面不带日期；表示到某日为止，用“截至”"


def test_an_empty_text_has_no_defect(longtan):
    assert language.defects([], longtan) == ()


@pytest.mark.parametrize(
    "text", ["二三十，健全制度。\n第二三十，加强培训。", "由概述、主动公开、依申请公开、收费、复议、诉讼组成，共二三十个部分。"]
)
def test_a_numeral_that_is_none_is_no_error_of_ours(found, text):
    assert all(code == "E13" for code, _words in found(text))
