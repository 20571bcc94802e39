"""Every error has a way out to the person who meets it, and none is swallowed."""

import ast
import re

from tests.tidy.conftest import Plant
from tests.tidy.tree import File, Tree, expect_none

ERROR_FILES = ("points/errors.py", "labels/errors.py", "api/errors.py")
CATCH_ALLS = {
    "api/batching.py": "one item's surprise must reach its own request and fail no other (design, section 4)",
    "workers/tasks/clawbacks.py": "one resident's surprise must be seen at the order and hold up no other's",
}
"""path -> why it must catch whatever comes"""

_EVERYTHING = {"Exception", "BaseException"}


def without_row(tree: Tree) -> list[str]:
    """Return error classes that api/problems.py does not name, and domain errors defined elsewhere."""
    problems = [node for file in tree.source if file.path == "api/problems.py" for node in file.nodes]
    rows = (key for node in problems if isinstance(node, ast.Dict) for key in node.keys if key is not None)
    named = {name for key in rows for name in _names(key)}
    missing = [
        file.at(node, f"{node.name} has no row in api/problems.py")
        for file in tree.source
        if file.path in ERROR_FILES
        for node in _error_classes(file)
        if node.name not in named and not _is_root(node)
    ]
    stray = [
        file.at(node, f"{node.name} belongs in {file.top}/errors.py")
        for file in tree.domain
        if file.path not in ERROR_FILES
        for node in _error_classes(file)
    ]
    return missing + stray


def catch_alls(tree: Tree) -> list[str]:
    """Return every `except` that would catch what nobody thought of."""
    handlers = [
        file.at(node, "catches everything; name what you expect")
        for file in tree.python
        if file.path not in CATCH_ALLS
        for node in file.nodes
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _names(node.type) & _EVERYTHING)
    ]
    suppressed = [
        file.at(node, "suppresses everything; name what you expect")
        for file in tree.python
        if file.path not in CATCH_ALLS
        for node in file.nodes
        if isinstance(node, ast.Call) and "suppress" in _names(node.func)
        if _EVERYTHING & {name for argument in node.args for name in _names(argument)}
    ]
    return handlers + suppressed


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def _error_classes(file: File) -> list[ast.ClassDef]:
    """Return the errors that leave their module; one that starts with an underscore does not."""
    return [node for node in file.nodes if isinstance(node, ast.ClassDef) and re.fullmatch(r"[^_]\w*Error", node.name)]


def _is_root(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Exception" for base in node.bases)


def test_every_error_has_its_problem(tree: Tree) -> None:
    expect_none(without_row(tree))


def test_an_error_without_a_problem_is_found(plant: Plant) -> None:
    errors = (
        "class PointsError(Exception): ...\nclass KnownError(PointsError): ...\nclass LostError(PointsError): ...\n"
    )
    problems = "from points.errors import LostError, KnownError\nROWS = {KnownError: 409}\nx = LostError\n"
    tree = plant({"points/errors.py": errors, "api/problems.py": problems})
    assert without_row(tree) == ["points/errors.py:3: LostError has no row in api/problems.py"]


def test_an_error_outside_its_file_is_found(plant: Plant) -> None:
    tree = plant({"labels/gtin.py": "class GtinError(ValueError): ...\nclass _OursError(ValueError): ...\n"})
    assert without_row(tree) == ["labels/gtin.py:1: GtinError belongs in labels/errors.py"]


def test_nothing_is_swallowed(tree: Tree) -> None:
    expect_none(catch_alls(tree))


def test_every_catch_all_is_found(plant: Plant) -> None:
    texts = ["except:", "except Exception:", "except BaseException as e:", "except (ValueError, Exception):"]
    files = {f"api/a{n}.py": f"try:\n    f()\n{text}\n    pass\n" for n, text in enumerate(texts)}
    files["api/b.py"] = "with contextlib.suppress(Exception):\n    f()\n"
    files["api/good.py"] = "try:\n    f()\nexcept ValueError:\n    pass\n"
    assert [breach.split(":")[0] for breach in catch_alls(plant(files))] == sorted(set(files) - {"api/good.py"})
