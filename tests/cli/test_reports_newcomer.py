"""An office that never used this: from an empty project to a final report, with a spreadsheet, a text editor and what the commands say."""

import re

import builds
import openpyxl
import pytest

pytestmark = pytest.mark.slow

FOLDER = "params/yongji/2025"
UNIT = {"公布日期": "2026年1月20日", "联系机构": "永吉县人民政府办公室", "地址": "口前镇滨北路1号", "邮编": "132200"}
UNIT |= {"电话": "0432-64235000", "传真": "-", "电子邮箱": "yj@example.cn", "政府网站": "www.yongji.gov.cn"}
FACTS = [("信息处理费收费通知件数", "2", "件"), ("举办培训", "3", "次")]
# Table three by its row labels: natural persons, companies.
REQUESTS = {
    "本年新收": (56, 11),
    "上年结转": (1, 0),
    "予以公开": (28, 4),
    "部分公开": (3, 1),
    "信访举报投诉": (24, 6),
    "结转下年度": (2, 0),
}
ASPECTS = {
    "主动公开": "全年公开政府信息，重点领域信息及时更新。",
    "依申请公开": "新收政府信息公开申请67件，其中自然人56件。予以公开32件，占48.48%。",
    "政府信息管理": "严格审查，定期清理，到2030年实现全部数字化。",
    "平台建设": "网站开通5G专栏，与12345热线对接，上午9:00前更新。",
    "监督保障": "举办培训3次，第3季度开展评议。另有走访七十次。",
}


def column(sheet, heading):
    return next(cell.column for row in sheet.iter_rows(max_row=6) for cell in row if str(cell.value).strip() == heading)


def filled(path):
    """Fill in the workbook as an office does: what happened, and a mark that the rest is nothing."""
    book = openpyxl.load_workbook(path)
    for row in book["单位信息"].iter_rows(min_row=4, max_row=11):
        row[1].value = next(text for label, text in UNIT.items() if row[0].value.startswith(label))
    for number, texts in enumerate(FACTS, 4):
        for place, text in enumerate(texts, 1):
            book["事实"].cell(number, place).value = text
    requested(book["表三"])
    for row in book["填表说明"].iter_rows(min_row=2):
        if row[0].value in book.sheetnames:
            row[2].value = "是"
    # A library that writes workbooks computes no formula; a spreadsheet would.
    for cell in (cell for sheet in book for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")):
        cell.value = None
    book.save(path)


def requested(table):
    """Fill in what was requested and what became of it."""
    places = [column(table, "自然人"), column(table, "商业企业")]
    for row in table.iter_rows():
        words = "".join(str(cell.value or "") for cell in row[:3])
        values = next((values for label, values in REQUESTS.items() if label in words), ())
        for place, value in zip(places, values, strict=False):
            table.cell(row[0].row, place).value = value


def written(project):
    """Write the chapters as people do, numbers and all."""
    path = project / FOLDER / "narrative.md"
    text = path.read_text("utf-8")
    for aspect, said in ASPECTS.items():
        text = re.sub(rf"(## （.）{aspect}\n\n)（待填）", rf"\g<1>{said}", text)
    problems = "问题：解读形式不够丰富。改进情况：增加图解，加强培训。"
    text = re.sub(r"(# 五、[^\n]*\n)", rf"\1\n{problems}\n", text)
    text = re.sub(r"(# 六、[^\n]*\n)", "\\1\n本年发出信息处理费收费通知，信息处理费收费通知件数2件，实际没有收取。\n", text)
    path.write_text(text, "utf-8")


def test_a_newcomer_comes_to_a_final_report_without_opening_any_yaml(run, tmp_path, monkeypatch):
    project = builds.new_project(tmp_path / "project", units=())
    (project / "params").mkdir(exist_ok=True)
    monkeypatch.chdir(project)
    begun = run(project, "new", "yongji", "2025", "--name", "永吉县人民政府", "--province", "吉林省")
    assert "make table-export UNIT=yongji YEAR=2025" in begun.stdout

    # An empty year says what is to be done in a few lines.
    assert len(run(project, "check", "yongji", "2025").stdout.splitlines()) < 35

    assert run(project, "table", "export", "yongji", "2025").returncode == 0
    filled(project / "yongji-2025.xlsx")
    told = run(project, "table", "import", "yongji", "2025", "yongji-2025.xlsx")
    assert told.returncode == 0, told.stderr
    assert "C0" not in "".join(line for line in told.stdout.splitlines() if line.startswith(("错误", "警告")))

    # Numbers typed by hand make a draft that says what to write instead; no build is refused.
    written(project)
    draft = builds.nianbao(project, "report", "yongji", "2025")
    assert draft.returncode == 0, draft.stderr
    assert draft.stdout.splitlines()[-1].startswith("草稿")
    typed = [line for line in draft.stdout.splitlines() if "有手写的数" in line]
    quotes = [re.search("有手写的数“(.*?)”", line)[1] for line in typed]
    numbers = ("67件", "56件", "32件", "48.48%", "3次", "七十次", "2件")
    assert [next(number for number in numbers if quote.endswith(number)) for quote in quotes] == list(numbers)

    # What leaves no doubt is put in place; the rest is for a person.
    adopted = run(project, "adopt", "yongji", "2025").stdout
    assert "改了6个数；还有1个手写的数要由人决定。" in adopted
    text = (project / FOLDER / "narrative.md").read_text("utf-8")
    assert (
        "新收政府信息公开申请{{ received }}，其中自然人{{ received.natural }}。予以公开{{ handled.granted }}，占{{ handled.granted.share }}。"
        in text
    )
    assert "举办培训{{ facts.fact_2 }}" in text
    builds.replace(project / FOLDER / "narrative.md", "另有走访七十次。", "")

    final = builds.nianbao(project, "report", "yongji", "2025")
    assert final.stdout.splitlines()[-1].startswith("成稿"), final.stdout
    page = (project / "outputs/yongji/2025/report.html").read_text("utf-8")
    shown = re.sub(r"<[^>]+>", "", page)
    assert "新收政府信息公开申请67件，其中自然人56件。予以公开32件，占48.48%。" in shown
    assert "2026年1月20日" in shown
