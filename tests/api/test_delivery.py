from collections.abc import Iterator

import pytest

from api.delivery import require_decided
from commands import up
from core.embedded import exported
from core.errors import OperatorError
from core.settings import settings

YOURS = {"TANHUI_DATABASE_URL": "postgresql://db/tanhui"}


@pytest.fixture(autouse=True)
def _undecided(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("TANHUI_DATABASE_URL", "TANHUI_CODE_DELIVERY"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_a_database_of_ones_own_needs_a_decision_before_anything_starts() -> None:
    with exported(YOURS):
        with pytest.raises(OperatorError, match="TANHUI_CODE_DELIVERY has to be set"):
            require_decided()
        with pytest.raises(OperatorError, match="TANHUI_CODE_DELIVERY has to be set"):
            up.run(once_ready=print)


@pytest.mark.parametrize("decided", ["console", "none"])
def test_either_decision_will_do(decided: str) -> None:
    with exported(YOURS | {"TANHUI_CODE_DELIVERY": decided}):
        require_decided()


def test_without_a_database_of_ones_own_nothing_has_to_be_decided() -> None:
    require_decided()
