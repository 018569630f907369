"""Words and addresses that are misprints: 转结, 务公开, [2011] for 〔2011〕, .con for .com (E22)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .language_text import Found
from .lines import HAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .language_text import Text

# What is printed, and what is wrong with it: `{}` is what was found.
_MISPRINTS = (
    (
        re.compile(r"(?<=上年)转结|(?<=上年度)转结|(?<=上一年度)转结|转结(?=到?至?下年|到?至?下一年|到?至?本年|继续办理)"),
        "“{}”应为“结转”",
    ),
    (re.compile(r"(?:^|(?<=[，。、；：“《的在]))务公开(?=栏|工作|办|网|领导|信息)"), "“{}”前缺“政”字，应为“政务公开”"),
    (re.compile(rf"(?<=[{HAN}])[\[［【(（](?:19|20)\d{{2}}[\]］】)）]第?\d{{1,4}}号"), "文号“{}”中的年份应括以六角括号“〔〕”"),
    (
        re.compile(r"(?:https?://|www\.|@)[\w.-]+\.(?:ccm|con|cmo|cim|xom|vom|comm|ocm|og)(?![\w.-])", re.ASCII),
        "网址或邮箱“{}”的后缀有误，似为“.com”",
    ),
    (re.compile(r"(?:https?(?::/(?!/)|//|：//)|htpp://|htttp://)[\w.-]+", re.ASCII), "网址“{}”的开头有误，应为“http://”"),
    (re.compile(r"[A-Za-z0-9][。，](?:com|cn|gov|net|org)(?![a-z])"), "网址或邮箱中的“{}”用了中文标点，应为半角的点"),
    (
        re.compile(
            r"(?:https?://|www\.)[\w./-]+(?=(?:本(?:报告|年报)|欢迎|如对|如有|联系|地址|邮编|电话|传真|电子邮箱))", re.ASCII
        ),
        "网址“{}”与后面的文字连在一起，中间缺标点",
    ),
    (re.compile(r"(?:https?://|www\.)[\w./-]+?(?=https?://)", re.ASCII), "两个网址连在一起：“{}”后面缺标点"),
)


def misprints(text: Text) -> Iterator[Found]:
    """Yield the known misprints."""
    for index, line in enumerate(text.plain):
        for pattern, reason in _MISPRINTS:
            for found in pattern.finditer(line):
                yield Found("E22", index, found.start(), found.end(), reason.format(found.group()))
