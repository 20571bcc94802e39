import stat
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from core import secrets
from core.secrets import WeakSecretError, derived_key
from core.settings import settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TANHUI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("TANHUI_SECRET_KEY", raising=False)
    settings.cache_clear()
    derived_key.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()
    derived_key.cache_clear()


def test_the_secret_is_made_once_and_is_the_owners_alone(folder: Path) -> None:
    first = derived_key("tokens")
    derived_key.cache_clear()
    assert derived_key("tokens") == first
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert derived_key("tokens") != derived_key("codes")


def test_processes_that_start_at_once_agree(folder: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        kept = set(pool.map(secrets._kept, [folder / "secret_key"] * 16))
    assert len(kept) == 1
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_a_short_secret_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANHUI_SECRET_KEY", "short")
    settings.cache_clear()
    with pytest.raises(WeakSecretError, match="TANHUI_SECRET_KEY"):
        derived_key("tokens")
