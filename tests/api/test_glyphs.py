from pathlib import Path
from struct import pack

import pytest

from api.glyphs import lacking


def font(*groups: tuple[int, int], kind: int = 12, start: int = 0) -> bytes:
    """Return a font file with nothing in it but runs of characters."""
    runs = b"".join(pack(">III", first, last, 1) for first, last in groups)
    table = pack(">HHIII", kind, 0, 16 + len(runs), 0, len(groups)) + runs
    cmap = pack(">HHHHI", 0, 1, 3, 10, 12) + table
    return b"OTTO" + pack(">HHHH", 1, 0, 0, 0) + pack(">4sIII", b"cmap", 0, start + 28, len(cmap)) + cmap


@pytest.mark.parametrize("words", ["az", "AZ", "🧋", "a\u200d\ufe0f", ""])
def test_what_some_font_holds_is_not_lacking(tmp_path: Path, words: str) -> None:
    (tmp_path / "a.otf").write_bytes(font((0x61, 0x6D), (0x6E, 0x7A), (0x1F9CB, 0x1F9CB)))
    (tmp_path / "b.otf").write_bytes(font((0x41, 0x5A)))
    assert lacking(words, [str(tmp_path / "a.otf"), str(tmp_path / "b.otf")]) == ""


def test_what_no_font_holds_is_named_once_and_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.otf").write_bytes(font((0x62, 0x79)))
    assert lacking("zabcaz{", [str(tmp_path / "a.otf")]) == "za{"


def test_every_font_of_a_collection_counts(tmp_path: Path) -> None:
    head = 4 + 8 + 8
    first = font((0x61, 0x61), start=head)
    second = font((0x62, 0x62), start=head + len(first))
    (tmp_path / "c.ttc").write_bytes(b"ttcf" + pack(">IIII", 0x10000, 2, head, head + len(first)) + first + second)
    assert lacking("abc", [str(tmp_path / "c.ttc")]) == "c"


def test_a_font_that_can_not_be_judged_is_let_pass(tmp_path: Path) -> None:
    (tmp_path / "a.otf").write_bytes(font((0x61, 0x61), kind=13))
    assert lacking("xyz", [str(tmp_path / "a.otf")]) == ""
