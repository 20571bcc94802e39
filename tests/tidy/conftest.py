"""The real tree, and trees with something planted in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT, Tree

Plant = Callable[[dict[str, str]], Tree]


@pytest.fixture(scope="session")
def tree() -> Tree:
    """The tree these tests lie in."""
    return Tree(ROOT)


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Write files into an empty tree: `plant({"core/db.py": "..."})`."""

    def write(files: dict[str, str]) -> Tree:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        return Tree(tmp_path)

    return write
