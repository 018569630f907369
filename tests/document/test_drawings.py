"""Figures that an analyst draws: how they look, and what becomes of them as pictures."""

import subprocess
import sys
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure
from nianbao.document import charts, drawings
from nianbao.page import images


@pytest.fixture(autouse=True)
def _themed():
    with mpl.rc_context():
        drawings.theme()
        yield
        plt.close("all")


def _run(code):
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, encoding="utf-8", check=True).stdout


DRAWN = "import matplotlib.pyplot as p; f, a = p.subplots(); a.set_title('政务公开𠮷'); f.canvas.draw(); print(p.rcParams['font.family'][0])"


@pytest.mark.parametrize(
    "code",
    [
        f"import nianbao; {DRAWN}",
        f"import matplotlib, nianbao; {DRAWN}",
        f"import matplotlib.pyplot, nianbao; {DRAWN}",
        f"import nianbao; from matplotlib import rcParams; {DRAWN}",
    ],
)
def test_chinese_is_drawn_without_a_word_whichever_is_imported_first(code):
    assert _run("import matplotlib; matplotlib.use('agg');" * ("import matplotlib, " in code) + code).split() == ["Report", "Hei"]


def test_a_style_with_faces_of_its_own_shows_chinese_too():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with mpl.rc_context({"font.family": "sans-serif", "font.sans-serif": ["Arial", "DejaVu Sans"]}):
            figure, axes = plt.subplots()
            axes.set_title("办理结果")
            figure.tight_layout()
            figure.canvas.draw()


def test_importing_the_library_leaves_matplotlib_alone_until_it_is_asked_for():
    assert _run("import sys, nianbao; print('matplotlib' in sys.modules)").strip() == "False"


def test_whatever_face_a_figure_asks_for_it_is_drawn_in_the_reports_own():
    figure, axes = plt.subplots()
    axes.set_title("标题", fontfamily="DejaVu Sans")
    axes.set_xlabel("横", fontproperties=mpl.font_manager.FontProperties(fname=str(charts.FILES[1])))

    svg = drawings.picture(figure, "图", "").svg

    assert "DejaVu" not in svg
    assert "Report Hei" in svg
    assert "标题" in svg


def test_a_drawing_is_the_same_each_time():
    def drawn():
        figure, axes = plt.subplots()
        axes.plot([1, 2], [3, 4], marker="o")
        axes.bar([1], [2], hatch="//")
        return drawings.picture(figure, "图", "").svg

    assert drawn() == drawn()


def test_names_of_places_on_an_axis_are_told_from_what_is_said():
    figure, axes = plt.subplots()
    axes.bar(["2024年", "67件"], [1, 2])
    axes.text(0, 1, "32")

    words = {each.text: each.tick for each in images.words(drawings.picture(figure, "图", "").svg)}

    assert words["2024年"] is True
    assert words["67件"] is False
    assert words["32"] is False
    assert words["0.00"] is True


@pytest.mark.parametrize("make", [lambda axes: axes, lambda axes: [axes], lambda axes: axes.figure, lambda axes: (axes, axes)])
def test_a_figure_is_found_from_what_pandas_and_pyplot_return(make):
    _figure, axes = plt.subplots()

    assert isinstance(drawings.canvas(make(axes)), Figure)


@pytest.mark.parametrize("thing", [None, 3, "图", [], object()])
def test_what_is_no_figure_is_told(thing):
    with pytest.raises(TypeError, match="要一张 matplotlib 的图"):
        drawings.canvas(thing)


def test_a_drawing_of_a_hundred_thousand_points_is_refused_in_words():
    figure, axes = plt.subplots()
    axes.scatter(range(60_000), range(60_000))

    with pytest.raises(ValueError, match="请减少图中的点"):
        drawings.picture(figure, "图", "")


def test_a_figure_is_described_in_its_own_words():
    figure, axes = plt.subplots()
    axes.bar(["自然人", "企业"], [1, 2], label="本年")
    axes.set_ylabel("件数")
    axes.legend()

    assert drawings.described(figure) == "柱形图；横轴各项：自然人、企业；纵轴：件数；图例：本年。"


@pytest.mark.parametrize(
    "draw", [lambda axes, places: axes.bar(places, [1, 2]), lambda axes, places: axes.set_xticks([0, 1], places)]
)
def test_places_are_called_by_what_rows_are_called(draw):
    figure, axes = plt.subplots()
    draw(axes, ["handled.granted", "甲"])
    picture = drawings.picture(figure, "图", "", {"handled.granted": "予以公开"})

    assert {each.text for each in images.words(picture.svg) if each.tick} >= {"予以公开", "甲"}
    assert "予以公开" in picture.alt


def test_a_twin_axis_a_pie_and_a_logarithmic_scale_are_drawn():
    figure, (left, right) = plt.subplots(1, 2)
    left.bar(["甲"], [1])
    left.set_yscale("log")
    left.twinx().plot([1, 2])
    right.pie([1, 2], labels=["甲", "乙"], autopct="%1.0f%%")

    words = images.words(drawings.picture(figure, "图", "").svg)

    assert {each.text for each in words if not each.tick} >= {"甲", "乙", "33%", "67%"}
    assert not [each.text for each in words if each.text == "33%" and each.tick]


def test_a_graph_of_seaborn_is_a_figure_like_any_other():
    seaborn = pytest.importorskip("seaborn")
    grid = seaborn.catplot({"x": ["自然人", "企业"], "y": [1, 2]}, x="x", y="y", kind="bar")

    assert "自然人" in drawings.picture(grid, "图", "").svg
