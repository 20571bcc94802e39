"""What is committed says nothing of the machine it was written on and leaves no notes to self."""

import re

from tests.tidy.conftest import Plant
from tests.tidy.tree import Tree, expect_none

_ITSELF = "tests/tidy/test_text.py"
_LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD)\b|\bNotImplementedError\b|\blorem ipsum\b")
_PLACES = re.compile(
    r"(?<![\w.$}])/(?:(?:work|tmp|root|home/\w+|Users/\w+)/|work\b|home/\w+)|[A-Z]:\\\\?Users"
    r"|pypi\.org|pythonhosted\.org|npmjs\.|proxy\.golang\.org|--(?:extra-)?index-url|\btrusted-host\b|\bPIP_INDEX_URL\b"
)
CONTAINER_FILES = {"Dockerfile", "compose.yaml"}
"""Their paths are inside a container, the same on every machine."""


def notes_to_self(tree: Tree) -> list[str]:
    """Return lines that promise to be finished later."""
    return _lines(tree, _LATER, "do it now or leave it out")


def machine_places(tree: Tree) -> list[str]:
    """Return lines that name a folder of one machine or the host of a package registry."""
    return [
        breach
        for breach in _lines(tree, _PLACES, "a place that exists on one machine only")
        if breach.partition(":")[0] not in CONTAINER_FILES
    ]


def _lines(tree: Tree, pattern: re.Pattern[str], why: str) -> list[str]:
    return [
        f"{file.path}:{number}: {found[0]!r}: {why}"
        for file in tree.files
        if file.path != _ITSELF
        for number, line in enumerate(file.lines, 1)
        if (found := pattern.search(line))
    ]


def test_nothing_is_left_for_later(tree: Tree) -> None:
    expect_none(notes_to_self(tree))


def test_a_note_to_self_is_found(plant: Plant) -> None:
    tree = plant(
        {"a.py": "x = 1  # TODO tidy\n", "b.md": "FIXME\n", "c.py": "raise NotImplementedError\n", "d.py": "TODOS = 1"}
    )
    assert [breach.partition(":")[0] for breach in notes_to_self(tree)] == ["a.py", "b.md", "c.py"]


def test_no_file_names_a_place_on_one_machine(tree: Tree) -> None:
    expect_none(machine_places(tree))


def test_places_on_one_machine_are_found(plant: Plant) -> None:
    texts = [
        "cd /work/main",
        "open('/tmp/x')",
        "/root/.cache",
        "see /home/ana/x",
        "--index-url x",
        "https://pypi.org/simple",
    ]
    files = {f"bad{n}.txt": text for n, text in enumerate(texts)}
    good = {
        "good.md": "GET /v1/homes and a/tmp/b, ../shared/data, $DIR/tmp, https://www.apache.org/licenses/",
        "Dockerfile": "/tmp/x",
    }
    assert [breach.partition(":")[0] for breach in machine_places(plant(files | good))] == sorted(files)
