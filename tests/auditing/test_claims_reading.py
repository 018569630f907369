"""A text is read paragraph by paragraph."""

from nianbao.auditing import audit, claims
from nianbao.reading.lines import Line


def test_headings_and_tables_are_no_passages(longtan, computed):
    lines = [Line(1, "三、依申请公开情况"), Line(2, "网上申请258件。"), Line(3, "⑴网上申请数 | 259 | 258")]
    assert [passage.paragraph.line for passage in claims.read(longtan, computed, lines)] == [2]


def test_numbers_and_words_come_in_the_order_of_the_line(said):
    found = said("2013年未召开新闻发布会，网上申请258件。")
    assert [claim.id for claim in found.claims] == ["L1.w1", "L1.1"]


def test_a_text_without_claims_has_none(longtan, computed):
    assert audit(longtan, computed, [Line(1, "我区高度重视政府信息公开工作。")]).claims == ()


def test_reading_twice_gives_the_same(longtan, computed, published):
    assert audit(longtan, computed, published) == audit(longtan, computed, published)
