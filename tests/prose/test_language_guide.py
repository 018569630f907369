"""The guides of the placeholder language: every example prints what they say, and what they call wrong is refused."""

import re
from pathlib import Path

import pytest
from nianbao.document.document import Document
from nianbao.indicators.errors import InvalidInputError
from nianbao.indicators.report import Passage
from nianbao.inputs import report
from nianbao.page.blocks import plain
from nianbao.prose import language

ROOT = Path(__file__).parents[2]
GUIDES = ("placeholders.zh-CN.md", "placeholders.md")


def tables(kind):
    """Return the rows of the tables that the guides mark as *kind*: the report they speak of, and their cells."""
    for guide in GUIDES:
        text = (ROOT / "docs" / guide).read_text("utf-8")
        for where, table in re.findall(rf"<!-- {kind}: (\S+) -->\n\n((?:\|.*\n)+)", text):
            for line in table.splitlines()[2:]:
                yield guide, where, [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def typed(cell):
    return re.findall(r"`([^`]*)`", cell)


@pytest.fixture(scope="module")
def said(forms):
    documents = {}

    def rendered(where, source):
        if where not in documents:
            documents[where] = Document(report.load(ROOT / "params" / where, forms))
        blocks = language.render(Passage(source=source, file="narrative.md"), documents[where].names).blocks
        return "\n".join(plain(block.children) for block in blocks)

    return rendered


def test_every_example_prints_what_the_guide_says(said):
    count = 0
    for guide, where, (source, printed) in tables("examples"):
        shown = [said(where, each) for each in typed(source)]
        assert printed in {"、".join(shown), ", ".join(shown)}, (guide, source)
        count += 1
    assert count > 40


def test_what_the_guide_calls_wrong_is_refused_and_what_it_writes_instead_is_not(said):
    rows = list(tables("refused"))
    for _guide, where, (wrong, _why, right) in rows:
        for each in typed(wrong):
            with pytest.raises(InvalidInputError, match=r"narrative\.md 第1行.*。请"):
                said(where, each)
        for each in typed(right):
            assert said(where, each)
    assert len(rows) > 10
