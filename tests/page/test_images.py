"""Pictures that people bring: what of them gets into a report, and what is refused."""

import io
import re

import pytest
from nianbao.indicators.figures import carrying, counted
from nianbao.indicators.values import given
from nianbao.page import images
from nianbao.page.blocks import carried
from PIL import Image
from PIL.PngImagePlugin import PngInfo

SECRET = "taken by a phone at home"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="50">{}</svg>'


def photo(kind="JPEG", size=(400, 300), mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **more)
    return out.getvalue()


def with_exif():
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = SECRET, 6
    return photo(exif=exif)


def test_what_a_camera_says_is_gone_and_the_picture_stands_upright():
    made = images.pixels(with_exif())

    assert SECRET.encode() not in made.content
    assert dict(Image.open(io.BytesIO(made.content)).getexif()) == {}
    assert (made.mimetype, made.width, made.height) == ("image/jpeg", 300, 400)


def test_words_inside_a_png_are_gone():
    said = PngInfo()
    said.add_text("Author", SECRET)
    made = images.pixels(photo("PNG", pnginfo=said))

    assert SECRET.encode() not in made.content
    assert made.mimetype == "image/png"


def test_a_large_picture_becomes_as_large_as_a_page_asks_for():
    made = images.pixels(photo(size=(5000, 4000)))

    assert made.width == 1843


def test_the_same_file_gives_the_same_bytes():
    assert images.pixels(with_exif()) == images.pixels(with_exif())


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "LA", "I;16"])
def test_every_mode_of_colour_becomes_one_that_a_pdf_takes(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert Image.open(io.BytesIO(images.pixels(photo(kind, mode=mode)).content)).mode in {"RGB", "RGBA"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GIF89a", "不是完好的 PNG 或 JPEG"),
        (b"", "不是完好的 PNG 或 JPEG"),
        (photo()[:500], "不是完好的 PNG 或 JPEG"),
        (photo("PNG", size=(9000, 9000), mode="1"), "最多60百万点"),
        (b"\0" * 20_000_001, "最多20兆"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(content, words):
    with pytest.raises(ValueError, match=words):
        images.pixels(content)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "script"),
        ("<metadata><script xmlns='http://www.w3.org/2000/svg'/></metadata>", "脚本"),
        ("<x:y xmlns:x='urn:x'><x:script/></x:y>", "脚本"),
        ("<rect onload='alert(1)'/>", "onload"),
        ("<rect ONCLICK='alert(1)'/>", "ONCLICK"),
        ("<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", "foreignObject"),
        ("<image href='http://a.cn/x.png'/>", "引用了图外的东西"),
        ("<image xlink:href='file:///etc/passwd'/>", "引用了图外的东西"),
        ("<image href='data:text/html;base64,AAAA'/>", "引用了图外的东西"),
        ("<use href='other.svg#a'/>", "引用了图外的东西"),
        ("<rect fill='url(http://a.cn/x#y)'/>", "引用了图外的东西"),
        ("<rect style='fill: url(http://a.cn/x)'/>", "引用了图外的东西"),
        ("<style>@import 'http://a.cn/x.css';</style>", "样式"),
        ("<style>rect{fill:url(//a.cn)}</style><rect/>", "引用了图外的东西"),
        ("<style>g > rect{fill:red}</style>", "样式"),
        ("<animate attributeName='href'/>", "animate"),
        ("<set attributeName='x'/>", "set"),
        ("<a href='http://a.cn'><text>x</text></a>", "不能放进报告"),
        ("<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>", "套着引用"),
        ("<g>", "不是完好的 SVG"),
    ],
)
def test_a_drawing_that_runs_or_reaches_out_is_refused(inside, words):
    with pytest.raises(ValueError, match=words):
        images.drawing(SVG.format(inside))


def test_entities_are_refused_before_anything_is_read():
    with pytest.raises(ValueError, match="ENTITY"):
        images.drawing('<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("<text>&a;</text>"))


@pytest.mark.parametrize("size", ["", 'viewBox="0 0 0 5"', 'viewBox="a b c d"'])
def test_a_drawing_without_a_size_is_refused(size):
    with pytest.raises(ValueError, match="大小"):
        images.drawing(f'<svg xmlns="http://www.w3.org/2000/svg" {size}/>')


def test_a_drawing_of_too_many_characters_is_refused():
    with pytest.raises(ValueError, match="最多4兆"):
        images.drawing(SVG.format("<!--" + "x" * 4_000_001 + "-->"))


def test_nothing_but_what_is_known_is_kept():
    drawn = images.drawing(
        SVG.format("<metadata>私</metadata><title>私</title><rect data-secret='私' inkscape='1' x='1' fill='red'/>")
    )

    assert "私" not in drawn
    assert 'x="1" fill="red"' in drawn


def test_a_style_sheet_becomes_the_style_of_what_it_speaks_of():
    drawn = images.drawing(SVG.format("<style>.a, #b {fill: #123456}</style><rect class='a'/><rect id='b'/><rect/>"))

    assert drawn.count("#123456") == 2
    assert "<style" not in drawn


def test_the_numbers_that_a_text_carries_lead_to_their_figures_however_it_was_put_together():
    figure = counted("received", "收到", "cell", given(67), "件")
    text = "、".join([f"共{carrying(figure)}", carrying(figure, bare=True) + "起"])

    assert carried(text) == [("共", ""), ("67件", "received"), ("、", ""), ("67", "received"), ("起", "")]


def test_a_text_of_a_drawing_that_carries_a_figure_is_told_apart_where_it_prints_that_figure():
    figure = counted("received", "收到", "cell", given(67), "件")
    drawn = SVG.format(f"<text>共{carrying(figure)}</text><text>{carrying(figure).replace('67', '99')}</text>")

    traced = images.traced(drawn, lambda text, name: name if (name, text) == ("received", "67件") else "")

    assert [words.pieces for words in images.words(traced)] == [(("共", ""), ("67件", "received")), (("99件", ""),)]


def test_a_drawing_cannot_say_by_itself_that_it_prints_a_figure():
    traced = images.traced(SVG.format("<text data-figure='received'>67件</text>"), lambda _text, name: name)

    assert images.words(traced)[0].pieces == (("67件", ""),)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<text>自然人</text>", True),
        ("<text>共<tspan data-figure='a'>67件</tspan></text>", True),
        ("<text>67件</text>", False),
        ("<text transform='rotate(-90 3 4)'>件数</text>", False),
        ("<g data-tick=''><text>自然人</text></g>", False),
        ("<text><tspan x='0'>x</tspan><tspan x='9'>y</tspan></text>", False),
    ],
)
def test_what_could_not_be_read_back_from_a_page_is_drawn_as_outlines(text, kept):
    assert ("<text" in images.printed(SVG.format(text))) is kept


def test_outlines_are_as_wide_as_the_text_and_stand_where_it_stood():
    drawn = images.printed(SVG.format("<text x='40' y='9' style='font-size: 10px; text-anchor: end'>67件</text>"))

    x, y = map(float, re.search(r"translate\(([\d.]+) ([\d.]+)\)", drawn).groups())
    assert 40 - 25 < x < 40 - 15
    assert y == 9
