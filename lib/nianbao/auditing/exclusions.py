"""
Numbers that state no quantity of the table: dates, addresses, document numbers, headings, terms. Each with its reason.

The patterns are about Chinese official prose, not about a form; they read a line made half-width.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DATE, TERM = "年份或日期", "期限"
LABEL = "指标名称中的数"
TOO_LONG = "位数过多的数"

_CN = "一二三四五六七八九十百零〇两"
# The end of a number is enough to tell what it is; a pattern that may begin anywhere in a long one takes too long.
_SOME = r"\d{1,20}"

_REASONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern))
    for reason, pattern in (
        ("网址或邮箱", r"(?:https?://|www\.)[!-~]+|[\w.\-]{1,64}@[\w.\-]+|(?<!\d)\d{1,3}(?:\.\d{1,3}){3}"),
        (
            "电话、传真或邮编",
            (
                r"(?:电话|传真|邮编|邮政编码|邮码)(?:号码)?\s*[:为是]?\s*[\d\-()]{5,}|(?<!\d)\d{3,4}-\d{7,8}(?:-\d+)?"
                r"|(?<!\d)1[3-9]\d{9}(?!\d)|\d{5}(?=[^\d,。;]{0,6}(?:热线|平台))"
            ),
        ),
        ("文件名称", r"《[^》]*》"),
        ("文号", r"(?:[〔\[(]\d{4}[〕\])]|令)\s*第?\s*\d+\s*号"),
        (
            DATE,
            (
                r"(?<!\d)(?:\d{4}|\d{2})\s*[-—~至到]\s*(?:\d{4}|\d{2})\s*年度?|(?<![\d.])\d{1,4}\s*年(?:度|\d{1,2}月(?:\d{1,2}[日号])?)?"
                rf"|(?<!\d)\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*[日号]|份)?|[{_CN}]{{4}}年|(?<!\d)\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}}"
                r"|(?<!\d)\d{1,2}日(?=[前后起止至,。;])"
            ),
        ),
        ("时刻", r"(?<!\d)\d{1,2}:\d{2}|\d{1,2}\s*[时点]\s*\d{1,2}\s*分"),
        (TERM, rf"(?:{_SOME}|[{_CN}]{{1,20}})\s*个?(?:工作日|自然日|小时|分钟|秒钟|天|日|月|星期|周)"),
        ("序次", rf"第\s*(?:\d+|[{_CN}]+)\s*[条章节款项号届次个位批期名]?"),
        ("地址", rf"{_SOME}\s*(?:号楼|号|楼|层|室|栋|幢|单元|弄)"),
        ("篇章数", rf"(?:{_SOME}|[{_CN}]{{1,20}})\s*(?:大|个)?(?:部分|方面|章|大类)"),
        ("比例尺或分数", r"(?<![\d.])\d+\s*[:/]\s*\d+|分之(?!百)(?<!百分之)\S"),
        ("图表编号", r"[图表]\s*\d+(?:[-.]\d+)?(?![\d.]*\s*[张份个幅%])"),
        ("引号中的名称", r"“[^”]{0,12}”"),
        (
            "序号",
            rf"(?:^|(?<=[。;:\s)!?]))\s*(?:\([{_CN}]+\)|[{_CN}]+、|\(\d{{1,2}}\)|\d{{1,2}}(?:\.(?!\d)|、|\)))",
        ),
    )
)


def spans(text: str, label_numbers: re.Pattern[str] | None = None) -> Iterator[tuple[int, int, str]]:
    """
    Yield (start, end, reason) of what holds no quantity in *text*, a line made half-width.

    Args:
        label_numbers: what the form's own labels hold, such as 20个工作日.
    """
    if label_numbers:
        yield from ((found.start(), found.end(), LABEL) for found in label_numbers.finditer(text))
    for reason, pattern in _REASONS:
        yield from ((found.start(), found.end(), reason) for found in pattern.finditer(text))


def label_pattern(labels: Iterator[str]) -> re.Pattern[str] | None:
    """Return a pattern of the numbers that *labels* hold, each with the two characters after it."""
    found = {number for label in labels for number in re.findall(r"\d+[^\d\s]{2,4}", label)}
    return re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True)))) if found else None
