"""Nothing in a mark's picture can run, fetch, or stop a browser."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labels.certification.pictures import LARGEST_BYTES, MediaType, picture_fault
from tests.factories.pictures import BODY, SIGNATURE, chunk, png, svg

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10"'


@pytest.mark.parametrize(
    "data",
    [
        svg(),
        svg(before='<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn by hand -->\n'),
        svg('<style>.a { fill: url(#b); } /* " */</style><g transform="translate(1 2) rotate(9)"/>'),
        svg('<linearGradient id="b" xlink:href="#a"><stop offset="0"/></linearGradient>', XLINK),
        svg(root='viewBox="0,0,10.5,0.5"'),
    ],
)
def test_a_plain_drawing_is_taken(data: bytes) -> None:
    assert picture_fault(data, MediaType.SVG) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<script>alert(1)</script>", "element script"),
        ('<a href="#x"/>', "element a,"),
        ("<foreignObject/>", "element foreignObject"),
        ('<image href="data:image/png;base64,AA"/>', "element image"),
        ('<use href="#a"/>', "element use"),
        ('<animate attributeName="x"/>', "element animate"),
        ('<h:iframe xmlns:h="http://www.w3.org/1999/xhtml"/>', "element iframe"),
        ('<path onload="alert(1)"/>', "attribute onload"),
        ('<path ONCLICK="alert(1)"/>', "attribute ONCLICK"),
        ('<path href="https://evil.example/"/>', "attribute href"),
        ('<path xmlns:x="http://www.w3.org/1999/xlink" x:href="javascript:alert(1)"/>', "attribute href"),
        ('<path xml:base="https://evil.example/"/>', "attribute base"),
        ('<path xmlns:i="urn:i" i:label="a"/>', "attribute label"),
        ('<path fill="url(https://evil.example/#a)"/>', "has a fill"),
        ("<path fill=\"url( '//evil.example/a' )\"/>", "has a fill"),
        ('<path style="background: image-set(&quot;//evil.example&quot; 1x)"/>', "has a style"),
        ('<path style="fill: u\\72l(//evil.example)"/>', "style with @ or"),
        ("<style>@import '//evil.example/a.css';</style>", "style with @ or"),
        ("<style>.a { fill: URL(//evil.example); }</style>", "has a style"),
        ("<style><![CDATA[.a { fill: url(x); }]]></style>", "has a style"),
        ("<?xml-stylesheet href='//evil.example'?>", "processing instruction"),
        ("<g>" * 64 + "</g>" * 64, "in each other"),
        ("<g/>" * 20_000, "more than 20000 elements"),
    ],
)
def test_what_could_run_or_fetch_is_refused_with_its_name_and_a_remedy(body: str, reason: str) -> None:
    fault = picture_fault(svg(body), MediaType.SVG)
    assert fault is not None
    assert reason in fault
    assert "plain SVG" in fault


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (svg(before='<!DOCTYPE svg [<!ENTITY a "b">]>'), "DOCTYPE"),
        (svg(before='<?xml version="1.0" encoding="UTF-7"?>'), "UTF-7"),
        (svg(root=""), "viewBox"),
        (svg(root='viewBox="0 0 0 10"'), "viewBox"),
        (b'<g xmlns="http://www.w3.org/2000/svg"/>', "begin with an element svg"),
        (b"<svg/>", "element svg"),
        (svg()[:-3], "well-formed"),
        (svg().decode().encode("utf-16"), "UTF-8"),
        (b"", "well-formed"),
        (png(), "UTF-8"),
    ],
)
def test_what_is_no_plain_svg_is_refused(data: bytes, reason: str) -> None:
    assert reason in (picture_fault(data, MediaType.SVG) or "")


def test_pngs_of_other_programs_are_taken() -> None:
    written = BytesIO()
    Image.new("RGBA", (200, 100)).save(written, "PNG")
    assert picture_fault(written.getvalue(), MediaType.PNG) is None
    assert picture_fault(png(), MediaType.PNG) is None
    assert Image.open(BytesIO(png(40, 50))).size == (40, 50)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (svg(), "no PNG"),
        (SIGNATURE, "no whole PNG"),
        (png()[:-1], "no whole PNG"),
        (png() + b"<script>", "something follows"),
        (png().replace(b"IDAT", b"IDAX"), "damaged"),
        (SIGNATURE + chunk(b"IDAT") + chunk(b"IEND"), "no whole PNG"),
        (png(31), "pixels"),
        (png(32, 4097), "pixels"),
        (png() + bytes(LARGEST_BYTES), "512 KiB"),
    ],
)
def test_what_is_no_whole_png_is_refused(data: bytes, reason: str) -> None:
    assert reason in (picture_fault(data, MediaType.PNG) or "")


@given(st.binary(max_size=200), st.sampled_from(MediaType), st.integers(0, 60))
def test_nothing_but_a_fault_comes_of_any_bytes(data: bytes, media_type: MediaType, kept: int) -> None:
    assert picture_fault(data, media_type) is not None
    whole = png() if media_type is MediaType.PNG else svg(BODY)
    assert picture_fault(whole[:kept] + data, media_type) is not None or data == whole[kept:]
