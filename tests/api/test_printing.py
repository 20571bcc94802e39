"""Labels as a scanner and a printer meet them."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from api import printing
from api.errors import MissingFontError
from api.printing import archive, fonts, png_of, svg_of, unprintable
from core.settings import settings
from labels.artwork import Size, face_of
from labels.wording import Language
from tests.factories.artwork import URI, label_facts

THERMAL = 203


@pytest.fixture(scope="module", autouse=True)
def _font() -> None:
    try:
        fonts()
    except MissingFontError:
        pytest.skip("There is no Noto Sans CJK on this machine (Debian: fonts-noto-cjk); labels can not be drawn.")


def drawn(language: Language = Language.CHINESE, dpi: int = THERMAL) -> Image.Image:
    return Image.open(BytesIO(png_of(svg_of(face_of(label_facts(), URI, language), Size.SMALL), dpi))).convert("L")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("degrees", [0, 15, 45, 90])
@pytest.mark.parametrize("blur", [0.0, 0.8, 1.5])
def test_a_label_printed_at_203_dpi_is_read_however_it_is_held(language: Language, degrees: int, blur: float) -> None:
    seen = drawn(language).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    seen = seen.filter(ImageFilter.GaussianBlur(blur))
    assert [(code.text, code.format) for code in zxingcpp.read_barcodes(seen)] == [(URI, zxingcpp.BarcodeFormat.QRCode)]


def test_the_symbol_is_20_mm_wide_with_its_quiet_zone() -> None:
    (code,) = zxingcpp.read_barcodes(drawn(dpi=1_016))  # 40 dots to the millimetre
    width = (code.position.top_right.x - code.position.top_left.x) / 40
    assert width == pytest.approx(20 * 29 / 37, abs=0.3)


def test_a_png_has_the_size_of_its_paper_and_says_so() -> None:
    image = Image.open(BytesIO(png_of(svg_of(face_of(label_facts(), URI, Language.CHINESE), Size.LARGE), 300)))
    assert image.size == (1063, 709)  # 90 x 60 mm
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_chinese_is_drawn_and_not_boxes() -> None:
    name = drawn(dpi=600).crop((40, 150, 440, 230))
    boxes = Image.open(
        BytesIO(png_of(svg_of(face_of(label_facts("\U0002fa1d" * 5), URI, Language.CHINESE), Size.SMALL), 600))
    ).convert("L")
    assert name.tobytes() != boxes.crop((40, 150, 440, 230)).tobytes()
    assert len({name.crop((left, 0, left + 60, 80)).tobytes() for left in range(0, 300, 60)}) == 5


def test_without_a_chinese_font_nothing_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TANHUI_FONT_DIR", str(tmp_path))
        settings.cache_clear()
        with pytest.raises(MissingFontError, match="no font with Chinese"):
            png_of("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>", THERMAL)
    settings.cache_clear()


def test_a_family_is_taken_only_with_both_weights(tmp_path: Path) -> None:
    (tmp_path / "NotoSansSC-Regular.otf").touch()
    assert printing._found(str(tmp_path)) == ()
    (tmp_path / "NotoSansSC-Bold.otf").touch()
    printing._found.cache_clear()
    assert [Path(each).name for each in printing._found(str(tmp_path))] == [
        "NotoSansSC-Regular.otf",
        "NotoSansSC-Bold.otf",
    ]


def test_an_archive_comes_in_pieces_and_is_whole() -> None:
    faces = {f"{number:014d}": face_of(label_facts(), URI, Language.ENGLISH) for number in range(5)}
    pieces = list(archive(faces, Size.SMALL, THERMAL, "gtin\n"))
    assert len(pieces) == 6
    with ZipFile(BytesIO(b"".join(pieces))) as folder:
        assert folder.testzip() is None
        assert folder.namelist() == ["report.csv", *(f"{gtin}.png" for gtin in faces)]
        assert zxingcpp.read_barcodes(Image.open(folder.open("00000000000003.png")))[0].text == URI


@pytest.mark.parametrize(
    ("name", "characters"),
    [
        ("示范乌龙茶 33克·30 é ㎏ 𠮷", ""),
        ("茶\u200d\ufe0f", ""),
        ("奶茶🧋", "🧋 (U+1F9CB)"),
        ("ชา茶ช", "ช (U+0E0A), า (U+0E32)"),
    ],
)
def test_characters_that_would_come_out_as_boxes_are_named(name: str, characters: str) -> None:
    said = unprintable(face_of(label_facts(name), URI, Language.CHINESE))
    assert (said or "").partition("lack ")[2].partition(": ask")[0] == characters
