"""What stands before a number, in canonical form."""

import pytest
from nianbao.reading import context
from nianbao.reading import names as naming

IDLE = naming.neutral()


@pytest.mark.parametrize(
    ("pieces", "names"),
    [
        (["网上申请数为"], ["网上申请"]),
        (["与公众利益密切相关事项类", "包括公共卫生等信息"], ["包括公卫生信息", "公众利益密切相关事项类包括公卫生信息"]),
        (["通过政府网站", "公开信息"], ["通过政府网站公开信息"]),
        (["在人员配置方面", "工作人员"], ["工作人员", "在人员配置方面工作人员"]),
        (["其中", "网上申请"], ["网上申请"]),
        (["  ", ","], []),
    ],
)
def test_a_name_is_the_clause_or_more_and_never_less_than_how_it_was_done(pieces, names):
    assert context.windows(pieces, IDLE) == names
