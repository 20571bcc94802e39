"""The wall clock is read in one place, and domain code is handed `now`."""

import ast
import re

from tests.tidy.conftest import Plant
from tests.tidy.tree import Tree, expect_none

READERS = {
    "core/clock.py": "the one place",
    "core/ids.py": "a UUIDv7 starts with the millisecond it was made in",
}
_CALLS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
    "func": {"now", "current_date", "current_timestamp", "localtimestamp"},
}
_SQL = re.compile(r"\b(now\(\)|current_(date|timestamp|time)\b|clock_timestamp\(\))", re.IGNORECASE)


def breaches(tree: Tree) -> list[str]:
    """Return every reading of the wall clock outside core/clock.py."""
    return [
        file.at(node, f"{_dotted(node)} reads the wall clock; take `now`, or core.clock.now() at the door")
        for file in tree.source
        if file.path not in READERS and file.top != "bench"
        for node in file.nodes
        if isinstance(node, ast.Attribute) and node.attr in _CALLS.get(_owner(node), set())
    ]


def not_handed(tree: Tree) -> list[str]:
    """Return where domain code asks the clock, in Python or in SQL, instead of being handed `now`."""
    asked = [
        file.at(node, "domain code is handed `now`; it does not ask the clock")
        for file in tree.domain
        for node in file.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _dotted(node.func) == "clock.now"
    ]
    in_sql = [
        file.at(node, "SQL is handed `now` as a parameter; it does not ask the server's clock")
        for file in tree.domain
        for node in file.nodes
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _is_sql(node.value)
        and _SQL.search(node.value)
    ]
    return asked + in_sql


def _owner(node: ast.Attribute) -> str:
    owner = node.value
    return owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""


def _dotted(node: ast.Attribute) -> str:
    return f"{_owner(node)}.{node.attr}"


def _is_sql(text: str) -> bool:
    return re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE)\b", text) is not None


def test_the_tree_reads_the_clock_in_one_place(tree: Tree) -> None:
    expect_none(breaches(tree))


def test_domain_code_is_handed_now(tree: Tree) -> None:
    expect_none(not_handed(tree))


def test_every_way_of_reading_the_clock_is_found(plant: Plant) -> None:
    lines = [
        "datetime.now(UTC)",
        "datetime.utcnow()",
        "datetime.datetime.now()",
        "date.today()",
        "time.time()",
        "func.now()",
    ]
    tree = plant({"api/app.py": "\n".join(lines), "core/clock.py": "datetime.now(UTC)", "bench/run.py": "time.time()"})
    assert [breach.split(" ")[0] for breach in breaches(tree)] == [f"api/app.py:{n}:" for n in range(1, 7)]


def test_asking_the_clock_in_domain_code_is_found(plant: Plant) -> None:
    tree = plant({"points/lots.py": "x = clock.now()\ny = 'SELECT 1 WHERE expires_at < now()'\nz: F = f(clock.now)\n"})
    assert [breach.split(" ")[0] for breach in not_handed(tree)] == ["points/lots.py:1:", "points/lots.py:2:"]
