"""Doors commit, and all doors are core.db.transaction()."""

import ast

from tests.tidy.conftest import Plant
from tests.tidy.tree import Tree, expect_none

DOOR = "core/db.py"


def breaches(tree: Tree) -> list[str]:
    """Return every call of a `commit` or `begin` beside the one in the door, and the door's own if it is not one."""
    calls = [
        (file, node)
        for file in tree.source
        for node in file.nodes
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "begin"}
    ]
    found = [file.at(node, f"{node.attr}: only {DOOR} does") for file, node in calls if file.path != DOOR]
    in_door = sum(file.path == DOOR for file, _ in calls)
    return found + ([] if in_door == 1 else [f"{DOOR}: commits in {in_door} places, not in one"])


def test_the_tree_commits_in_one_place(tree: Tree) -> None:
    expect_none(breaches(tree))


def test_a_commit_in_domain_code_is_found(plant: Plant) -> None:
    door = "async def transaction(session):\n    await session.commit()\n"
    use_case = "async def record(session):\n    await session.commit()\n"
    tree = plant({DOOR: door, "points/earning/scans.py": use_case})
    assert breaches(tree) == ["points/earning/scans.py:2: commit: only core/db.py does"]


def test_a_second_commit_in_the_door_is_found(plant: Plant) -> None:
    tree = plant({DOOR: "async def f(s):\n    await s.commit()\n    await s.commit()\n"})
    assert breaches(tree) == ["core/db.py: commits in 2 places, not in one"]
