"""Names: the glossary's words, one file name per noun, and no drawer for odds and ends."""

import ast
import re
from collections.abc import Iterator

from tests.tidy.conftest import Plant
from tests.tidy.tree import File, Tree, expect_none

DRAWERS = {"utils", "util", "service", "services", "helper", "helpers", "manager", "managers", "common", "misc"}

FORBIDDEN = {
    "user": "resident, staff or partner",
    "users": "residents, staff or partners",
    "barcode": "gtin or code",
    "barcodes": "gtins or codes",
    "offset": "saving",
    "offsets": "savings",
    "helper": "what it does",
    "manager": "what it does",
    "utils": "what it does",
}
IN_DOMAIN = {"transaction": "entry: a transaction is the database's", "transactions": "entries"}

ALLOWED = {
    ("core/embedded.py", "user"): "the operating system's account that PostgreSQL runs as",
}
"""(path, word) -> whose word it is there"""

DOORS = {
    "app": "assembles the others",
    "health": "the process's own state",
    "me": "the resident who asks",
    "tokens": "who asks, not what for",
    "sales": "sale lines arrive through one door and become activities",
    "scans": "codes arrive through one door and become activities",
    "products": "the catalogue of labels, seen from outside",
    "footprints": "the catalogue of labels, seen from outside",
    "problems": "the catalogue of error types",
    "resolver": "a product's links, as GS1's standard of resolvers wants them asked for",
    "reference": "the API's description of itself",
}
"""Route files whose noun exists only at the door."""


def drawers(tree: Tree) -> list[str]:
    """Return files named after no noun at all."""
    return [
        f"{file.path}: name the noun it is about" for file in tree.python if file.stem.removeprefix("test_") in DRAWERS
    ]


def forbidden_words(tree: Tree) -> list[str]:
    """Return names defined in the tree that use a word the glossary replaces."""
    return [
        f"{file.path}:{line}: {name}: say {instead[word]}"
        for file in tree.python
        for instead in [FORBIDDEN | IN_DOMAIN if file.top in {"labels", "points"} else FORBIDDEN]
        for name, line in _definitions(file)
        for word in _words(name)
        if word in instead and (file.path, word) not in ALLOWED
    ]


def strangers(tree: Tree) -> list[str]:
    """Return files of a door whose noun is nowhere in the domain, and tests of a file that is not there."""
    domain = {part for file in tree.domain for part in (file.stem, *file.folder.split("/"))}
    at_doors = [file for file in tree.source if file.folder in {"api/routes", "api/schemas", "workers/tasks"}]
    unknown = [
        f"{file.path}: no file of this name in points/ or labels/"
        for file in at_doors
        if file.stem not in domain | set(DOORS) | {"__init__"}
    ]
    plurals = {file.stem for file in tree.source}
    twins = [
        f"{file.path}: elsewhere it is called {file.stem}s"
        for file in tree.source
        if f"{file.stem}s" in plurals and file.top != "core"
    ]
    return unknown + twins + list(_astray(tree))


def _astray(tree: Tree) -> Iterator[str]:
    """Yield tests that lie elsewhere than what they test: tests/points/x/test_y.py is about points/x/y.py."""
    for file in tree.python:
        folder = file.folder.removeprefix("tests/")
        if not file.path.startswith("tests/") or not file.name.startswith("test_"):
            continue
        if folder.split("/")[0] not in {"core", "labels", "points", "workers", "api"}:
            continue
        below = [source.path.removesuffix(".py") for source in tree.source if source.path.startswith(f"{folder}/")]
        nouns = {part for path in [*below, folder] for part in path.split("/")}
        subject = file.stem.removeprefix("test_")
        if not any(subject == noun or subject.startswith(f"{noun}_") for noun in nouns):
            yield f"{file.path}: nothing below {folder}/ is called {subject}"


def _definitions(file: File) -> Iterator[tuple[str, int]]:
    yield file.stem, 1
    for node in file.nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def _words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


def test_no_file_is_a_drawer(tree: Tree) -> None:
    expect_none(drawers(tree))


def test_a_drawer_is_found(plant: Plant) -> None:
    tree = plant(
        {"points/earning/service.py": "", "core/utils.py": "", "tests/core/test_helpers.py": "", "core/ids.py": ""}
    )
    assert [breach.partition(":")[0] for breach in drawers(tree)] == [
        "core/utils.py",
        "points/earning/service.py",
        "tests/core/test_helpers.py",
    ]


def test_names_use_the_words_of_the_glossary(tree: Tree) -> None:
    expect_none(forbidden_words(tree))


def test_a_word_the_glossary_replaces_is_found(plant: Plant) -> None:
    text = (
        "class UserCard:\n    barcode: str\ndef f(carbon_offset):\n    self.user_id = 1\nrows.offset(5)\nutcoffset = 1"
    )
    tree = plant(
        {
            "api/cards.py": text,
            "points/ledger/x.py": "def transaction(): ...\n",
            "core/db.py": "def transaction(): ...\n",
        }
    )
    assert sorted(breach.split(":")[:3] for breach in forbidden_words(tree)) == [
        ["api/cards.py", "1", " UserCard"],
        ["api/cards.py", "2", " barcode"],
        ["api/cards.py", "3", " carbon_offset"],
        ["api/cards.py", "4", " user_id"],
        ["points/ledger/x.py", "1", " transaction"],
    ]


def test_a_noun_has_one_file_name(tree: Tree) -> None:
    expect_none(strangers(tree))


def test_a_noun_with_a_second_name_is_found(plant: Plant) -> None:
    tree = plant(
        {
            "points/rewards/redemptions.py": "",
            "api/routes/redemptions.py": "",
            "api/schemas/redemption.py": "",
            "workers/tasks/exchanges.py": "",
            "tests/points/rewards/test_redemptions_race.py": "",
            "tests/points/ledger/test_redemptions.py": "",
        }
    )
    assert [breach.partition(":")[0] for breach in strangers(tree)] == [
        "api/schemas/redemption.py",
        "workers/tasks/exchanges.py",
        "api/schemas/redemption.py",
        "tests/points/ledger/test_redemptions.py",
    ]
