"""
What `report.yaml` declares as sheets to fill in: 单位信息 and 事实, written, read back, and put into its text.

Of that text nothing changes but what was filled in: comments, order and every other character stay where they are.
"""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from nianbao.indicators import frozen
from nianbao.indicators.findings import PENDING
from nianbao.indicators.form import same
from nianbao.indicators.report import AFTER, BEFORE, SCALES, WITHIN
from nianbao.inputs.yaml import Edited
from nianbao.page import faces
from nianbao.page.grid import Position
from nianbao.reading import xlsx
from nianbao.render.worksheet import plain, set_out, set_up, write_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from nianbao.indicators.form import Form
    from nianbao.indicators.report import AnnualReport, Fact
    from nianbao.indicators.values import Strings
    from nianbao.render.worksheet import Styles

    # What is wrong with a cell, by its place: what was found, and what to do.
    Refuse = Callable[[str, str, str], None]


UNIT, FACTS = "单位信息", "事实"
_DATE = "公布日期"
_HEADS = ("项目", "内容")
_FACT_HEADS = ("名称", "数或文字", "单位", "代号（可不填）")
_UNIT_WIDTHS, _FACT_WIDTHS = (26.0, 70.0), (44.0, 26.0, 12.0, 24.0)
# Where the lines to fill in begin, and how many there are for new facts.
_TOP, _MORE = 3, 30
_PROTECTION = {"format_columns": True, "format_rows": True}

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_SPOKEN_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_NUMBER = re.compile(
    rf"(?P<before>{'|'.join(BEFORE)})?(?P<digits>-?\d{{1,3}}(?:[,，]\d{{3}})+|-?\d+)(?P<decimals>\.\d{{1,6}})?"
    rf"(?P<scale>{'|'.join(filter(None, SCALES))})?(?P<within>{'|'.join(WITHIN)})?(?P<percent>[%％])?(?P<after>{'|'.join(AFTER)})?"
)
_EPOCH = datetime.date(1899, 12, 30)


@frozen
class Declared:
    """
    What was filled in.

    Args:
        date: as ISO has it; empty where nothing stands there.

        contact: texts by key; `facts`, what YAML writes between braces, by key, without the source.
    """

    date: str = ""
    contact: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def write(book: xlsxwriter.Workbook, report: AnnualReport, styles: Styles) -> None:
    """Write both sheets with what *report* declares so far."""
    page = book.add_worksheet(UNIT)
    set_out(page, UNIT, _UNIT_WIDTHS, styles)
    words = "填白色的格。没有的填“-”。沿用上一年的请逐项核对，变了就改。导入后写进 report.yaml，不用另外打开。"
    page.write_string(1, 0, words, styles("remark"))
    write_texts(page, _TOP - 1, _HEADS, styles("head"))
    date = report.date.isoformat() if report.date else ""
    told = [(f"{_DATE}（年-月-日）", date), *((fact.label, fact.text) for fact in report.contact.values())]
    for line, (label, text) in enumerate(told, _TOP):
        page.write_string(line, 0, label, styles("label"))
        page.write_string(line, 1, "" if text == PENDING else plain(text), styles("typed"))
        page.set_row(line, 22)
    set_up(page, across=False)
    page.protect("", _PROTECTION)
    _write_facts(book.add_worksheet(FACTS), report, styles)


def _write_facts(page: Worksheet, report: AnnualReport, styles: Styles) -> None:
    set_out(page, FACTS, _FACT_WIDTHS, styles)
    words = "正文要用、统计表里没有的数和文字，一项一行，如：信息处理费实收金额｜400｜元；文字不写单位。正文中照名称写，make adopt 换成占位符。"
    page.write_string(1, 0, words, styles("remark"))
    write_texts(page, _TOP - 1, _FACT_HEADS, styles("head"))
    lines = [(fact.label, _shown(fact), fact.unit, key) for key, fact in report.facts.items()]
    for line, texts in enumerate([*lines, *[("", "", "", "")] * _MORE], _TOP):
        write_texts(page, line, map(plain, texts), styles("typed"))
    set_up(page, across=False)
    page.protect("", _PROTECTION)


def _shown(fact: Fact) -> str:
    """Return the number or text of *fact* without its unit."""
    return fact.number.removesuffix("%") if fact.value is not None and not fact.approx else fact.number


def read(book: xlsx.Book, form: Form, known: dict[str, Fact], refuse: Refuse) -> Declared:
    """
    Return what both sheets of *book* hold; a workbook without them declares nothing.

    Args:
        known: the facts declared so far, by key.

        refuse: told what is wrong with a cell.
    """
    sheets = {sheet.name.strip(): sheet for sheet in book.sheets}
    date, contact, facts = "", [], []
    if UNIT in sheets:
        labels = {same(label): key for key, label in form.contact.items()}
        for line, cells in _lines(sheets[UNIT], 2):
            label, text = cells
            if text and label.startswith(_DATE):
                date = _date(text)
                if not date:
                    refuse(f"{UNIT}!B{line + 1}", f"“{text}”不是日期", "写成年-月-日，如 2026-01-20")
            elif text and same(label) in labels:
                contact.append((labels[same(label)], text))
    if FACTS in sheets:
        facts = list(_facts(sheets[FACTS], known, refuse))
    return Declared(date=date, contact=tuple(contact), facts=tuple(facts))


def _lines(sheet: xlsx.Sheet, columns: int) -> Iterator[tuple[int, Strings]]:
    """Yield the number and the texts of each line of *sheet* below its heads that holds something."""
    heads = {_HEADS[0], _FACT_HEADS[0]}
    found = {at.line for at in sheet.cells}
    begin = next((line for line in sorted(found) if _text(sheet, Position(line, 0)) in heads), -1)
    for line in sorted(each for each in found if each > begin >= 0):
        texts = tuple(_text(sheet, Position(line, column)) for column in range(columns))
        if any(texts):
            yield line, texts


def _text(sheet: xlsx.Sheet, at: Position) -> str:
    """Return what stands in a cell as text; a number is written as people would."""
    stored = sheet.cells.get(at)
    if stored is None:
        return ""
    text = faces.decoded(" ".join(stored.text.split()))
    return re.sub(r"\.0+$", "", text) if stored.kind == "number" else text


def _date(text: str) -> str:
    """Return the day that *text* says, as ISO has it, or nothing; a number is what a spreadsheet makes of a date."""
    try:
        if found := _SPOKEN_DATE.fullmatch(text.partition("T")[0].strip()):
            return datetime.date(*map(int, found.groups())).isoformat()
        if re.fullmatch(r"[1-9]\d{4}", text):
            return (_EPOCH + datetime.timedelta(days=int(text))).isoformat()
    except ValueError:
        return ""
    return ""


def _facts(sheet: xlsx.Sheet, known: dict[str, Fact], refuse: Refuse) -> Iterator[tuple[str, str]]:
    by_label = {same(fact.label): key for key, fact in known.items()}
    taken: set[str] = set()
    for line, (label, value, unit, code) in _lines(sheet, len(_FACT_HEADS)):
        at = f"{FACTS}!"
        if not (label and value):
            refuse(f"{at}{'B' if label else 'A'}{line + 1}", "一项事实要有名称，也要有数或文字", "补上，或清空这一行")
            continue
        if (stored := _otherwise_shown(sheet, Position(line, 1))) is not None:
            found = f"这一格显示的与文件里存的不同，存的是 {stored.text}"
            refuse(f"{at}B{line + 1}", found, "把格式改为“常规”，写出要印的数；百分数写成如 37.15，单位写 %")
            continue
        if code and not _KEY.fullmatch(code):
            refuse(f"{at}D{line + 1}", f"代号“{code}”不合规", "用小写英文字母、数字和下划线，以字母开头；也可以不填")
            continue
        key = (
            code
            or by_label.get(same(label))
            or next(each for each in map("fact_{}".format, count(1)) if each not in {*known, *taken})
        )
        if key in taken:
            refuse(f"{at}D{line + 1}", f"代号“{key}”重复", "每项用自己的代号，名称也不要重复")
            continue
        taken.add(key)
        if (said := _value(value, unit)) is None:
            refuse(
                f"{at}C{line + 1}",
                f"“{value}”是数，没有单位" if not unit else f"“{value}”是文字，不带单位",
                "数要有单位，文字不写单位",
            )
            continue
        yield key, f"label: {_quoted(label)}, {said}"


def _otherwise_shown(sheet: xlsx.Sheet, at: Position) -> xlsx.Stored | None:
    """Return the number in a cell whose format shows another: a percentage, a day, thousands; None where it shows what is stored."""
    stored = sheet.cells.get(at)
    if stored is None or stored.kind != "number":
        return None
    sign = -1 if stored.text.startswith("-") else 1
    return stored if xlsx.shown(stored.code, sign) in {xlsx.Shown.PERCENT, xlsx.Shown.DATE, xlsx.Shown.SCALED} else None


def _value(text: str, unit: str) -> str | None:
    """Return what YAML writes of a value and its unit, or None where one of them is missing or too much."""
    found = _NUMBER.fullmatch(text.replace(" ", ""))
    if found and found["percent"]:
        # A percentage has that unit alone.
        if unit not in {"", "%", "％"}:
            return None
        unit = "%"
    if found is None:
        return None if unit else f"text: {_quoted(text)}"
    if not unit:
        return None
    number = Decimal(re.sub("[,，]", "", found["digits"]) + (found["decimals"] or ""))
    approx = found["before"] or found["within"] or found["after"]
    more = [f"scale: {found['scale']}"] if found["scale"] else []
    more += [f"approx: {approx}"] if approx else []
    return ", ".join([f"value: {number:f}", *more, f"unit: {_quoted(unit)}"])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def put(text: str, declared: Declared) -> str:
    """Return *text*, that of a `report.yaml` that could be read, with what is *declared* in its place."""
    edited = Edited(text)
    names = edited.keys("sources")
    own = "own" if "own" in names or not names else names[0]
    if declared.date and edited.scalar("publication", "date") is not None:
        edited.set(("publication", "date"), declared.date, declared.date)
    elif declared.date:
        edited.append(f"publication:\n  date: {declared.date}\n  source: {own}\n")
    for key, said in declared.contact:
        changed = edited.set(("contact", key, "text"), _quoted(said), said)
        # What was changed is no longer last year's.
        if changed and edited.scalar("contact", key, "source") == "last_year":
            edited.set(("contact", key, "source"), own, own)
    known, fresh = edited.keys("facts"), []
    for key, said in declared.facts:
        if key not in known:
            fresh.append(f"{key}: {{{said}, source: {own}}}")
        else:
            edited.put_mapping(("facts", key), said, kept=("source", "at", "of"))
    edited.insert("facts", fresh)
    return edited.text()
