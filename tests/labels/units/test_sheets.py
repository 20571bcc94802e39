from xml.etree import ElementTree as ET

import segno
from hypothesis import given
from hypothesis import strategies as st

from labels.units.sheets import PER_SHEET, Label, numbers_on, sheet_svg, sheets_for

LABEL = Label(
    "09521234543213", "7Q2MXB4T9KDH3WRE5N0C", "https://id.example.org/01/09521234543213/21/7Q2MXB4T9KDH3WRE5N0C"
)
SVG = "{http://www.w3.org/2000/svg}"


@given(st.integers(1, 2000))
def test_every_unit_is_on_exactly_one_sheet(count: int) -> None:
    printed = [number for sheet in range(1, sheets_for(count) + 1) for number in numbers_on(sheet, count)]
    assert printed == list(range(1, count + 1))


def test_a_sheet_holds_every_label_within_its_edges() -> None:
    root = ET.fromstring(sheet_svg([LABEL] * PER_SHEET, "A & B <C>"))
    frames = root.findall(f"{SVG}rect[@stroke]")
    assert len(frames) == PER_SHEET
    assert all(float(each.get("x", "")) + float(each.get("width", "")) <= 200.01 for each in frames)
    assert all(float(each.get("y", "")) + float(each.get("height", "")) <= 287.01 for each in frames)
    assert root.findtext(f"{SVG}title") == "A & B <C>"
    assert [each.text for each in root.findall(f"{SVG}text")][:2] == [f"(01){LABEL.gtin}", f"(21){LABEL.serial}"]


def test_the_symbol_has_the_dark_modules_of_its_code() -> None:
    path = ET.fromstring(sheet_svg([LABEL], "")).find(f"{SVG}path")
    assert path is not None
    drawn = set()
    for run in (path.get("d") or "").removesuffix("z").split("z"):
        at, _, rest = run.removeprefix("M").partition("h")
        left, top = (int(part) for part in at.split())
        drawn |= {(top - 4, column - 4) for column in range(left, left + int(rest.partition("v")[0]))}
    matrix = segno.make_qr(LABEL.uri, error="m").matrix
    assert drawn == {(top, left) for top, row in enumerate(matrix) for left, dark in enumerate(row) if dark}
