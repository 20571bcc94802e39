"""Keys are made once whoever comes first, stay what they are, and a file that is none is told by name."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.settings import settings
from core.signing_keys import SigningKeyError, rotate, signing_keys


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TANHUI_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path / "signing_keys"
    settings.cache_clear()


def test_a_key_is_made_once_and_stays(folder: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: signing_keys().signing.kid, range(16)))
    assert len(set(made)) == 1
    assert [path.name for path in folder.iterdir()] == ["0001.json"]
    assert signing_keys().signing.kid == made[0]
    assert stat.S_IMODE((folder / "0001.json").stat().st_mode) == 0o600


def test_a_rotation_adds_a_key_that_signs_and_keeps_those_before_it(folder: Path) -> None:
    first = signing_keys().signing.kid
    second = rotate().signing.kid
    third = rotate().signing.kid
    assert [key["kid"] for key in signing_keys().published()] == [third, second, first]
    (folder / "0001.json").unlink()
    assert [key.kid for key in signing_keys().keys] == [second, third]


def test_only_public_halves_are_published(folder: Path) -> None:
    (key,) = signing_keys().published()
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kty": "OKP", "crv": "Ed25519", "x": "AA"}', "\u00e9"])
def test_a_file_that_is_no_key_is_named(folder: Path, content: str) -> None:
    signing_keys()
    (folder / "0002.json").write_text(content, "utf-8")
    with pytest.raises(SigningKeyError, match=r"0002\.json is no signing key"):
        signing_keys()


def test_a_bare_signature_is_proven_by_the_key_with_its_mark_as_long_as_it_is_there(folder: Path) -> None:
    first = signing_keys()
    signature = first.signature(b"message")
    both = rotate()
    assert both.proves(first.mark, b"message", signature)
    assert not both.proves(first.mark, b"another", signature)
    assert not both.proves(first.mark, b"message", signature[:-1])
    assert not both.proves((first.mark + 1) % 256, b"message", signature)
