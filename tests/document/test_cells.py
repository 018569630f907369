"""What cells show: each output becomes a block of the report, or a finding that says where and what to do."""

import base64
import io

import matplotlib.pyplot as plt
import nbformat
import pytest
from nianbao.document import cells, drawings
from nianbao.document.document import MADE, Display, Document
from nianbao.indicators.errors import InvalidInputError
from nianbao.page.blocks import MIMETYPE, Datum, Own, Picture, from_json, plain, walk
from PIL import Image

FIRST = 'report.frame("statistics").plot.bar()'


@pytest.fixture
def document(longtan):
    return Document(longtan)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def shown(data, **more):
    return nbformat.v4.new_output("display_data", data=data, **more)


def drawn(*, title="", caption="", untraced=""):
    figure, axes = plt.subplots()
    axes.bar(["甲", "乙"], [1, 2])
    axes.set_title(title)
    picture = drawings.picture(figure, caption, "")
    return shown(Display("", (picture,), MADE, untraced=untraced)._repr_mimebundle_())


def png():
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def settled(document, *outputs, source=FIRST, tags=()):
    heading = nbformat.v4.new_markdown_cell("### （一）图表", id="heading")
    cell = nbformat.v4.new_code_cell(source, id="8f2a9c1d", outputs=list(outputs), metadata={"tags": list(tags)})
    notebook = nbformat.v4.new_notebook(cells=[heading, cell])
    return notebook, cells.settle(notebook, document, lambda _cell: "notebooks/x.ipynb")


def blocks(notebook):
    found = []
    for output in notebook.cells[1].outputs:
        found += from_json(output.data[MIMETYPE]["blocks"])
    return found


def told(findings):
    return [(each.rule, each.severity) for each in findings]


def test_a_figure_with_a_caption_in_a_comment_enters_the_report(document):
    notebook, findings = settled(document, drawn(), source="# 图：甲和乙\n# 说明：甲少乙多\ndf.plot.bar()")

    assert [(each.caption, each.alt) for each in blocks(notebook)] == [("甲和乙", "甲少乙多")]
    assert findings == []


def test_a_figure_with_a_caption_as_a_tag_enters_the_report(document):
    notebook, findings = settled(document, drawn(), tags=["图：甲和乙"])

    assert blocks(notebook)[0].caption == "甲和乙"
    assert findings == []


def test_a_figure_without_a_caption_enters_and_a_finding_asks_for_one(document):
    notebook, findings = settled(document, drawn())

    assert isinstance(blocks(notebook)[0], Picture)
    assert told(findings) == [("N02", "warning")]


def test_people_are_told_of_a_cell_by_its_first_line_and_heading_and_never_by_its_id(document):
    _notebook, findings = settled(document, drawn())

    assert 'report.frame("statistics").plot.bar()' in findings[0].sentence
    assert "（“（一）图表”之下）" in findings[0].sentence
    assert "8f2a9c1d" not in findings[0].sentence + findings[0].id


def test_two_figures_of_a_cell_take_its_captions_in_order(document):
    notebook, findings = settled(document, drawn(), drawn(title="又一张"), source="# 图：一\n# 图：二\nx()")

    assert [each.caption for each in blocks(notebook)] == ["一", "二"]
    assert findings == []


def test_a_caption_for_which_there_is_no_figure_is_told(document):
    _notebook, findings = settled(document, drawn(), source="# 图：一\n# 图：二\nx()")

    assert told(findings) == [("N02", "warning")]
    assert "“二”，却没有这样一张图" in findings[0].sentence


def test_a_number_typed_into_a_caption_is_a_finding(document):
    _notebook, findings = settled(document, drawn(), source="# 图：办理999件\nx()")

    assert told(findings) == [("T01", "error")]
    assert "999" in findings[0].sentence


def test_a_placeholder_in_a_caption_is_refused(document):
    with pytest.raises(InvalidInputError, match="占位符在这里不起作用"):
        settled(document, drawn(), source="# 图：收到{{ applications }}\nx()")


def test_a_figure_given_to_the_report_and_shown_again_appears_once(document):
    notebook, findings = settled(document, drawn(), drawn(caption="甲和乙"))

    assert [each.caption for each in blocks(notebook)] == ["甲和乙"]
    assert findings == []


def test_a_figure_that_ends_its_cell_and_is_shown_by_pyplot_again_appears_once(document):
    notebook, findings = settled(document, drawn(), drawn(), source="# 图：甲和乙\nfigure")

    assert [each.caption for each in blocks(notebook)] == ["甲和乙"]
    assert findings == []


def test_a_number_written_into_a_figure_is_a_finding_and_its_block_is_told_apart(document):
    notebook, findings = settled(document, drawn(title="共67件", caption="甲和乙"))

    assert told(findings) == [("N01", "error")]
    assert "“67”" in findings[0].sentence
    assert [(each.note, each.children[0].caption) for each in blocks(notebook)] == [
        ("注：本单位自行计算，没有说明理由。", "甲和乙")
    ]


def test_a_number_that_the_report_labels_is_traced(document):
    label = document.label("applications")
    notebook, findings = settled(document, drawn(title=f"共{label}", caption="甲和乙"))

    assert findings == []
    assert 'data-figure="applications.year"' in blocks(notebook)[0].svg


@pytest.mark.parametrize("comment", ["# 未追溯：取自台账", '# untraced="取自台账"', "# untraced: 取自台账", "# 自行计算：取自台账"])
def test_a_reason_lets_a_number_stand_where_the_reader_and_the_annex_say_so(document, comment):
    notebook, findings = settled(document, drawn(title="共67件", caption="甲和乙"), source=f"{comment}\nx()")

    assert told(findings) == [("N04", "info")]
    assert blocks(notebook)[0].note == "注：本单位自行计算，取自台账。"
    annex = from_json(notebook.cells[-1].metadata["nianbao"]["blocks"])
    assert "甲和乙" in plain(node for node in walk(annex) if hasattr(node, "text"))


def test_a_reason_given_to_the_chart_does_the_same(document):
    _notebook, findings = settled(document, drawn(title="共67件", caption="甲和乙", untraced="取自台账"))

    assert told(findings) == [("N04", "info")]


def test_a_reason_that_holds_a_number_is_prose_as_typed(document):
    _notebook, findings = settled(document, drawn(title="共67件", caption="甲和乙", untraced="共999件"))

    assert set(told(findings)) == {("N04", "info"), ("T01", "error")}


def test_pixels_that_a_cell_shows_are_never_traced(document):
    notebook, findings = settled(document, shown({"image/png": png(), "text/plain": "<Image>"}), source="# 图：照片\nx()")

    assert told(findings) == [("N01", "error")]
    assert isinstance(blocks(notebook)[0], Own)


def test_markdown_that_a_cell_shows_is_prose(document):
    notebook, findings = settled(document, shown({"text/markdown": "收到**{{ applications }}**", "text/plain": "<Markdown>"}))

    assert findings == []
    assert [node.figure for node in walk(tuple(blocks(notebook))) if isinstance(node, Datum)] == ["applications.year"]


def test_markdown_may_carry_figures_too(document):
    notebook, findings = settled(document, shown({"text/markdown": f"收到{document.label('applications')}"}))

    assert findings == []
    assert [node.figure for node in walk(tuple(blocks(notebook))) if isinstance(node, Datum)] == ["applications.year"]


def test_html_that_a_cell_shows_becomes_blocks(document):
    page = "<style>td{color:red}</style><p>甲<b>乙</b></p><table><tr><th>项</th><th>数</th></tr><tr><td>甲</td><td>67</td></tr></table>"
    notebook, findings = settled(document, shown({"text/html": page, "text/plain": "x"}))

    assert told(findings) == [("N01", "error")]
    assert [type(each).__name__ for each in blocks(notebook)[0].children] == ["Paragraph", "Grid"]


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (nbformat.v4.new_output("stream", name="stdout", text="共67件\n"), "打印了“共67件”"),
        (nbformat.v4.new_output("execute_result", data={"text/plain": "42"}), "是一个值“42”"),
        (nbformat.v4.new_output("execute_result", data={"text/plain": "<X at 0x7f001122>"}), "是一个值“<X>”"),
        (shown({"text/html": "<script>1</script>"}), "带有 script 的网页"),
        (shown({"text/html": "<img src='x.png'>"}), "带有 img 的网页"),
        (shown({"text/latex": "$x$", "text/plain": "x"}), "是公式"),
        (shown({"application/vnd.plotly.v1+json": {}, "text/html": "<div></div>"}), "只能在 Jupyter 里看的内容"),
        (shown({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"}), "是图，但含有"),
        (shown({"image/png": base64.b64encode(b"x").decode()}), "是图，但不是完好的"),
        (nbformat.v4.new_output("execute_result", data={"text/plain": "<Axes: >"}), "画了图，但没有显示出来"),
    ],
)
def test_what_cannot_enter_is_a_finding_that_says_so(document, output, words):
    notebook, findings = settled(document, output)

    assert told(findings) == [("N03", "warning")]
    assert words in findings[0].sentence
    assert notebook.cells[1].outputs == []


def test_what_drawing_returns_beside_its_figure_is_nothing(document):
    leaving = nbformat.v4.new_output("execute_result", data={"text/plain": "[<matplotlib.lines.Line2D at 0x7f>]"})
    _notebook, findings = settled(document, leaving, drawn(caption="甲和乙"))

    assert findings == []


def test_a_warning_is_told_and_makes_no_draft(document):
    output = nbformat.v4.new_output("stream", name="stderr", text="/tmp/ipykernel_12/3.py:1: FutureWarning: 要变了\n  x()\n")
    _notebook, findings = settled(document, output)

    assert told(findings) == [("N05", "info")]
    assert "/tmp" not in findings[0].sentence


def test_a_cell_for_editors_says_nothing_to_readers_and_is_no_finding(document):
    notebook, findings = settled(document, nbformat.v4.new_output("stream", name="stdout", text="67"), tags=["aside"])

    assert findings == []
    assert len(notebook.cells[1].outputs) == 1


def test_what_a_cell_printed_is_quoted_without_what_tells_which_figures_are_in_it(document):
    text = f"共{document.label('disclosed')}\n"
    _notebook, findings = settled(document, nbformat.v4.new_output("stream", name="stdout", text=text))

    assert any(f"打印了“共{document.figures['disclosed.year'].display}”" in each.sentence for each in findings)


def test_what_is_said_to_editors_is_no_heading_over_a_cell():
    aside = nbformat.v4.new_markdown_cell("# 给编辑的话", metadata={"tags": ["aside"]})

    assert cells.called([aside, nbformat.v4.new_code_cell("f()")], 1, {}) == "“f()”"
