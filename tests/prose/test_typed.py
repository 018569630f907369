"""Which numbers of a sentence somebody typed and owes an origin: every sentence here was written and judged by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nianbao.document.document import Document
from nianbao.indicators.report import Passage
from nianbao.prose import lint, typed
from nianbao.reading import numbers

NONE = [
    "拨打12345热线咨询",
    "拨打12345政务服务便民热线",
    "12345、12315等热线",
    "致电12388",
    "接听12333人社热线",
    "5G基站覆盖全区",
    "到2030年，拨打12345热线，5G，第3季度，上午9:00。",
    "4K超高清",
    "推进IPv6部署",
    "PM2.5实时公布",
    "使用A4纸印制",
    "第3季度公布",
    "第1至3季度按期公布",
    "1—3季度",
    "第二季度",
    "上午9:00开放",
    "上午9时至11时开放",
    "下午2点30分",
    "8:30—17:00",
    "每天8时至17时",
    "到2030年基本建成",
    "2021—2025年规划",
    "自2008年施行以来",
    "二〇二四年",
    "截至12月31日",
    "1—12月",
    "2025-03-31",
    "5·15政务公开日",
    "国办公开办函〔2021〕30号",
    "国务院令第711号",
    "《条例》第20条",
    "第三十六条",
    "第2批目录",
    "《关于做好2024年工作的通知》",
    "电话：0432-63041810",
    "手机13812345678",
    "0432—64235000",
    "（0432）64235000转8012",
    "400-888-1234",
    "8008881234",
    "7×24小时在线",
    "平台升级到V2.0",
    "一网通办2.0版",
    "邮编132021",
    "见 http://222.162.179.83/zwdt/ 网页",
    "发至 zwgk163@163.com",
    "在20个工作日内答复",
    "如图3所示",
    "建立制度。2.公开流程",
    "（3）其他",
    "三项制度、四种载体、五公开",
    "一次性告知，一件事一次办",
    "千家万户",
    "每月检查一次",
    "以下八个方面的工作",
    "“十四五”期间",
    "部分公开两项的合计",
]
SOME = [
    ("新收申请67件。", ["67件"]),
    ("予以公开32件，占47.06%。", ["32件", "47.06%"]),
    ("予以公开３２件，占４７.０６％。", ["３２件", "４７.０６％"]),
    ("收费1,234.56元", ["1,234.56元"]),
    ("点击1.2万次", ["1.2万次"]),
    ("收到申请六十七件，占百分之五十。", ["六十七件", "百分之五十"]),
    ("占百分之十二点五", ["百分之十二点五"]),
    ("行政规范性文件八件，废止二十六件", ["八件", "二十六件"]),
    ("行政复议一件，维持一件。", ["一件", "一件"]),
    ("举办培训三次。", ["三次"]),
    ("全区三十七个部门", ["三十七个"]),
    ("三分之一的申请", ["三分之一"]),
    ("近三成无法提供", ["三成"]),
    ("共12件，13条、14份", ["12件", "13条", "14份"]),
    ("接听电话86400次", ["86400次"]),
    ("热线12345件", ["12345件"]),
    ("受理12345件热线诉求", ["12345件"]),
    ("5个5G基站", ["5个"]),
    ("上线APP12个", ["12"]),
    ("提出3点整改意见", ["3"]),
    ("数量：67.", ["67"]),
    ("（新收：67)", ["67"]),
    ("3个季度", ["3个"]),
    ("第37件", ["37件"]),
    ("收费4008881234元", ["4008881234元"]),
    ("近百人参加", ["近百人"]),
    ("共12013年", ["12013"]),
    ("2013条", ["2013条"]),
    ("培训24小时", ["24"]),
    ("按1:15配备", ["1", "15"]),
    ("9月收到9件", ["9件"]),
]


@pytest.mark.parametrize("text", NONE)
def test_what_counts_nothing_needs_no_origin(text):
    assert [each.text for each in numbers.typed(1, text)] == []


@pytest.mark.parametrize(("text", "found"), SOME)
def test_what_counts_is_told_whole_and_one_by_one(text, found):
    assert [each.text for each in numbers.typed(1, text)] == found


@pytest.mark.parametrize("text", [text for text, _found in SOME])
def test_the_reader_of_pages_owes_an_origin_to_no_more_digits_than_that_of_lines(text):
    told = "".join(each.text for each in numbers.typed(1, text))
    assert all(found.group() in told for found in numbers.unfounded(text))


@given(st.text(alphabet="收件占年月第号%.,，。；：（)《》 \t0129６三十百分之约余万AGg", max_size=60))
def test_every_digit_of_a_line_is_excused_or_told_and_none_is_told_twice(text):
    told = numbers.typed(1, text)
    owed = [place for found in numbers.unfounded(text) for place in range(*found.span())]
    covered = [place for each in told for place in range(each.start, each.end)]
    assert set(owed) <= set(covered)
    assert len(covered) == len(set(covered))
    assert all(text[each.start : each.end] == each.text for each in told)


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("予以公开32件，占47.06%。", ["予以公开32件", "占47.06%"]),
        ("本年依法新收政府信息公开申请67件", ["信息公开申请67件"]),
        ("{{ staff }}和13条", ["和13条"]),
        ("**12**件，“34份”", ["12", "34份"]),
    ],
)
def test_a_number_is_quoted_whole_and_with_no_other_digit(longtan, text, quotes):
    told = Document(longtan).lint(Passage(source=text, file="narrative.md"))
    assert [each.sentence.partition("手写的数“")[2].partition("”")[0] for each in told if each.rule == lint.TYPED] == quotes


TRICKS = ["1\\.5件", "甲\n3) 乙", "67\n件", "第\n3季度", "a|1\n-|-\n2|3", "- 4件\n  5件", "{% if staff is zero %}6件{% endif %}7件"]


@pytest.mark.parametrize("text", [*TRICKS, *(text for text, _found in SOME)])
def test_what_a_page_would_object_to_is_always_told(longtan, text):
    document = Document(longtan)
    passage = Passage(source=text, file="narrative.md")
    told = {number for each in document.lint(passage) for number in lint.numbers_told(each)}
    blocks = document.prose(text).blocks
    assert set(typed.shown(blocks, ())) <= told


def test_the_name_of_a_cell_is_not_taken_for_the_number(longtan):
    (told,) = Document(longtan).lint(Passage(source="甲\n共13件", file="report.ipynb 单元格“收到12件”"))
    assert lint.numbers_told(told) == ("13",)
