import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from bench import hordak


def test_what_is_not_installed_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert hordak.missing() == "hordak and psycopg not installed; `make bench-peers` installs what it needs"


def test_nothing_is_missing_where_all_of_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    assert hordak.missing() is None
