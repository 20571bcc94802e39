"""Settings completed with embedded servers for whatever is not set."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.embedded import configured, exported
from core.settings import settings


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A process with no configuration but a folder of its own."""
    for name in ("TANHUI_DATABASE_URL", "TANHUI_MIGRATION_DATABASE_URL", "TANHUI_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "data"
    monkeypatch.setenv("TANHUI_DATA_DIR", str(folder))
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


def test_with_urls_of_your_own_nothing_is_started(unset: Path) -> None:
    yours = {"TANHUI_DATABASE_URL": "postgresql://db/tanhui", "TANHUI_REDIS_URL": "redis://cache"}
    with exported(yours), configured() as found:
        assert (found.children, settings().database_url) == ((), "postgresql://db/tanhui")
    assert not unset.exists()


@pytest.mark.parametrize(
    ("yours", "started"), [({"TANHUI_REDIS_URL": "redis://c"}, "PostgreSQL"), ({"TANHUI_DATABASE_URL": "x"}, "Redis")]
)
def test_only_what_is_not_set_is_started(unset: Path, yours: dict[str, str], started: str) -> None:
    with exported(yours), configured(attach=False) as found:
        assert [child.program.name for child in found.children] == [started]
        assert settings().redis_url == (yours | found.as_environment())["TANHUI_REDIS_URL"]
    assert settings().redis_url is None
