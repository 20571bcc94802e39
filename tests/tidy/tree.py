"""The tree under scrutiny: its files, read and parsed once, or a planted one that a rule must object to."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

SOURCE = ("api", "bench", "cli.py", "commands", "core", "labels", "migrations", "points", "workers")
"""What ships. Beside it there are tests and papers."""

_NOT_OURS = frozenset(
    {".git", ".venv", ".tanhui", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
    | {".import_linter_cache", ".schemathesis", "build", "dist", "node_modules"}
)
_NEVER_COMMITTED = frozenset({".env", "uv.lock", "dump.rdb"})
_BINARY = frozenset({".png", ".ico", ".jpg", ".woff2", ".gz", ".zip", ".pyc", ".so", ".db"})


@dataclass(frozen=True)
class File:
    """One file by its path within the tree, with forward slashes."""

    path: str
    text: str

    @property
    def top(self) -> str:
        return self.path.partition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def stem(self) -> str:
        return self.name.partition(".")[0]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.syntax))

    def at(self, node: ast.AST, what: str) -> str:
        """Return a breach as an editor can open it: path, line, what is wrong."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {what}"


class Tree:
    """Every text file below a folder that git would hold."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> tuple[File, ...]:
        return tuple(File(path, (self.root / path).read_text("utf-8")) for path in sorted(self._walk(self.root)))

    @cached_property
    def python(self) -> tuple[File, ...]:
        return tuple(file for file in self.files if file.path.endswith(".py"))

    @cached_property
    def source(self) -> tuple[File, ...]:
        return tuple(file for file in self.python if file.top in SOURCE)

    @cached_property
    def domain(self) -> tuple[File, ...]:
        """Return what knows no door: labels and points."""
        return tuple(file for file in self.source if file.top in {"labels", "points"})

    def read(self, path: str) -> str:
        """Return a file's text, or nothing where there is no such file: the rule then says what is missing."""
        return next((file.text for file in self.files if file.path == path), "")

    def _walk(self, folder: Path) -> Iterator[str]:
        for entry in folder.iterdir():
            if entry.is_dir():
                if entry.name not in _NOT_OURS and not entry.name.endswith(".egg-info"):
                    yield from self._walk(entry)
            elif entry.name not in _NEVER_COMMITTED and entry.suffix not in _BINARY:
                yield entry.relative_to(self.root).as_posix()


def expect_none(breaches: list[str]) -> None:
    """Fail with every breach on a line of its own."""
    if breaches:
        raise AssertionError("\n".join(["", *breaches]))
