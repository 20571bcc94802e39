"""Three kinds of module, no fourth: pure, tables and queries, use cases."""

import ast
import re
import tomllib

from tests.tidy.conftest import Plant
from tests.tidy.tree import File, Tree, expect_none

_SQL = {"sqlalchemy", "sqlmodel"}
_PURE = "Pure modules do no I/O"


def unlisted(tree: Tree) -> list[str]:
    """Return modules that call themselves pure and are not in the import contract, and the other way round."""
    contracts = tomllib.loads(tree.read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    listed = {name for contract in contracts if contract["name"] == _PURE for name in contract["source_modules"]}
    declared = {file.module for file in tree.domain if _says_pure(file)}
    uncovered = {name for name in declared if not any(f"{name}.".startswith(f"{above}.") for above in listed)}
    return [f"{name}: says it is pure; list it in the contract" for name in sorted(uncovered)] + [
        f"{name}: listed as pure; its docstring does not say so" for name in sorted(listed - declared)
    ]


def impure(tree: Tree) -> list[str]:
    """Return what a pure module may not hold: coroutines, globals, files, the environment."""
    return [
        file.at(node, "a pure module takes values and returns values")
        for file in _pure(tree)
        for node in file.nodes
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Global)
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"open", "print", "input"}
        )
        or (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "read_text", "write_text"})
    ]


def fourth_kinds(tree: Tree) -> list[str]:
    """Return domain modules that are neither pure, nor tables or queries, nor use cases; mere texts are no code."""
    return [
        f"{file.path}: does no I/O and has no tables, so it is pure: say so in its docstring, and in the contract"
        for file in tree.domain
        if file.name not in {"__init__.py", "errors.py"}
        and file not in _pure(tree)
        and not _is_about_rows(file)
        and not any(isinstance(node, ast.AsyncFunctionDef) for node in file.nodes)
        and any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in file.nodes)
    ]


def stray_tables(tree: Tree) -> list[str]:
    """Return tables that lie elsewhere than in a tables.py."""
    return [
        file.at(node, f"{node.name} is a table; it belongs in tables.py")
        for file in tree.source
        if file.name != "tables.py"
        for node in file.nodes
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords)
    ]


def _pure(tree: Tree) -> list[File]:
    """Return modules that say they are pure, and everything in packages that do."""
    packages = {f"{file.folder}/" for file in tree.domain if file.name == "__init__.py" and _says_pure(file)}
    return [file for file in tree.domain if _says_pure(file) or file.path.startswith(tuple(packages))]


def _says_pure(file: File) -> bool:
    return re.search(r"\bPure\b", ast.get_docstring(file.syntax) or "") is not None


def _is_about_rows(file: File) -> bool:
    """Say whether a module writes SQL or turns rows into values: then it is of the kind of tables and queries."""
    names = {alias.name for node in file.nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in file.nodes if isinstance(node, ast.ImportFrom)}
    return any(name.partition(".")[0] in _SQL or name.endswith(".tables") for name in names)


def test_pure_modules_and_their_contract_agree(tree: Tree) -> None:
    expect_none(unlisted(tree))


def test_a_disagreement_about_purity_is_found(plant: Plant) -> None:
    contract = f'[[tool.importlinter.contracts]]\nname = "{_PURE}"\nsource_modules = ["labels.old"]\n'
    tree = plant({"pyproject.toml": contract, "labels/new.py": '"""Sums. Pure."""', "labels/old.py": '"""Sums."""'})
    assert unlisted(tree) == [
        "labels.new: says it is pure; list it in the contract",
        "labels.old: listed as pure; its docstring does not say so",
    ]


def test_pure_modules_are_pure(tree: Tree) -> None:
    expect_none(impure(tree))


def test_a_coroutine_in_a_pure_module_is_found(plant: Plant) -> None:
    text = '"""Pure."""\nasync def f(): ...\nx = open("a")\ny = os.environ["A"]\n'
    assert [breach.partition(": ")[0] for breach in impure(plant({"labels/a.py": text}))] == [
        "labels/a.py:2",
        "labels/a.py:3",
        "labels/a.py:4",
    ]


def test_there_is_no_fourth_kind_of_module(tree: Tree) -> None:
    expect_none(fourth_kinds(tree))


def test_a_fourth_kind_of_module_is_found(plant: Plant) -> None:
    tree = plant(
        {
            "points/maths.py": "def f(): ...\n",
            "points/pure.py": '"""Pure."""\n',
            "points/gs1/__init__.py": '"""Rules. Pure."""\n',
            "points/gs1/dates.py": "def f(): ...\n",
            "points/queries.py": "import sqlmodel\n",
            "points/uses.py": "async def f(session): ...\n",
        }
    )
    assert [breach.partition(":")[0] for breach in fourth_kinds(tree)] == ["points/maths.py"]


def test_tables_are_in_their_files(tree: Tree) -> None:
    expect_none(stray_tables(tree))


def test_a_table_elsewhere_is_found(plant: Plant) -> None:
    tree = plant({"points/holds.py": "class Hold(SQLModel, table=True): ...\n"})
    assert stray_tables(tree) == ["points/holds.py:1: Hold is a table; it belongs in tables.py"]
