"""A file is read in one sitting, a function in one look."""

import ast

from tests.tidy.conftest import Plant
from tests.tidy.tree import Tree, expect_none

FILE_LINES = 300
FUNCTION_LINES = 40
A_LIST = "migrations/versions/"
"""A revision is one long list of tables, written once and never changed."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_files(tree: Tree) -> list[str]:
    """Return files of more than 300 lines."""
    return [
        f"{file.path}: {len(file.lines)} lines; {FILE_LINES} at most"
        for file in tree.python
        if len(file.lines) > FILE_LINES and not file.path.startswith(A_LIST)
    ]


def long_functions(tree: Tree) -> list[str]:
    """Return functions of more than 40 lines; a docstring does not count, so that nobody saves on it."""
    return [
        file.at(node, f"{node.name} has {_length(node)} lines; {FUNCTION_LINES} at most")
        for file in tree.source
        if not file.path.startswith(A_LIST)
        for node in file.nodes
        if isinstance(node, Function) and _length(node) > FUNCTION_LINES
    ]


def _length(node: Function) -> int:
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_no_file_is_too_long(tree: Tree) -> None:
    expect_none(long_files(tree))


def test_no_function_is_too_long(tree: Tree) -> None:
    expect_none(long_functions(tree))


def test_a_long_file_is_found(plant: Plant) -> None:
    tree = plant({"api/app.py": "x = 1\n" * 301, "api/short.py": "x = 1\n" * 300})
    assert long_files(tree) == ["api/app.py: 301 lines; 300 at most"]


def test_a_long_function_is_found_and_its_docstring_is_free(plant: Plant) -> None:
    body = "    x = 1\n" * 39
    text = f'async def fits():\n    """One\n\n    Two.\n    """\n{body}\n\ndef long():\n{body}    return x\n'
    assert long_functions(plant({"api/app.py": text})) == ["api/app.py:47: long has 41 lines; 40 at most"]
