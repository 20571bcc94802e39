"""A batch costs a fixed number of statements: no statement stands inside a loop."""

import ast
from collections.abc import Iterator

from tests.tidy.conftest import Plant
from tests.tidy.tree import File, Tree, expect_none

SWEEPS = {
    "points/leaderboards/projection.py:_project_dirty": "one statement for each chunk of a few thousand residents",
    "points/leaderboards/projection.py:rebuild_all": "one board for each period, of which there are a handful",
    "labels/importers.py:_register_baselines": "one round for each period of validity that a table of baselines has",
    "points/earning/audit.py:audit": "one statement for each check, over all rows",
    "points/ledger/audit.py:audit": "one statement for each check, over all rows",
}
"""path:function -> what a round of its loop stands for, never an item of a batch"""

_STATEMENTS = {"exec", "execute", "scalar", "scalars", "stream", "stream_scalars", "flush", "refresh", "merge"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def breaches(tree: Tree) -> list[str]:
    """Return awaited statements, and awaited calls that are handed the session, inside a loop of domain code."""
    found = {
        (file.path, call.lineno, name)
        for file in tree.domain
        for name, call in _looped(file)
        if f"{file.path}:{name}" not in SWEEPS and _talks(call)
    }
    why = "talks to the database inside a loop; take the batch in one statement"
    return [f"{path}:{line}: {name} {why}" for path, line, name in sorted(found)]


def _looped(file: File) -> Iterator[tuple[str, ast.Call]]:
    functions = [node for node in file.nodes if isinstance(node, _FUNCTIONS)]
    for function in functions:
        for loop in ast.walk(function):
            for part in _repeated(loop):
                for node in ast.walk(part):
                    if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
                        yield function.name, node.value


def _repeated(loop: ast.AST) -> list[ast.AST]:
    """Return the parts of a loop that run once per round; what it iterates over is computed once."""
    if isinstance(loop, ast.While):
        return [loop.test, *loop.body]
    if isinstance(loop, ast.For | ast.AsyncFor):
        return list(loop.body)
    if isinstance(loop, ast.DictComp):
        parts: list[ast.AST] = [loop.key, loop.value]
    elif isinstance(loop, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        parts = [loop.elt]
    else:
        return []
    conditions = [condition for generator in loop.generators for condition in generator.ifs]
    return [*parts, *conditions, *(generator.iter for generator in loop.generators[1:])]


def _talks(call: ast.Call) -> bool:
    owner = getattr(getattr(call.func, "value", None), "id", "")  # a Redis pipeline's execute is one round trip
    is_statement = isinstance(call.func, ast.Attribute) and call.func.attr in _STATEMENTS and owner != "pipeline"
    on_session = is_statement or owner == "session"
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return on_session or any(isinstance(argument, ast.Name) and argument.id == "session" for argument in arguments)


def test_no_statement_stands_in_a_loop(tree: Tree) -> None:
    expect_none(breaches(tree))


def test_statements_in_loops_are_found(plant: Plant) -> None:
    text = """
async def good(session, items):
    for row in await session.exec(one(items)):
        use(row)
    return [row async for row in await session.stream(one(items))]

async def bad(session, items):
    for item in items:
        await session.exec(one(item))
    while await session.scalar(more()):
        pass
    rows = [await session.get(Row, item) for item in items]
    for item in items:
        await ledger.post(session, [item])
"""
    found = breaches(plant({"points/earning/scans.py": text}))
    assert [breach.partition(": ")[0] for breach in found] == [f"points/earning/scans.py:{n}" for n in (9, 10, 12, 14)]


def test_every_sweep_still_exists(tree: Tree) -> None:
    names = {f"{file.path}:{node.name}" for file in tree.domain for node in file.nodes if isinstance(node, _FUNCTIONS)}
    assert set(SWEEPS) - names == set()
