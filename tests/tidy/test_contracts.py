"""The import contracts hold for the tree, and each of them really objects to what it forbids."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tidy.conftest import Plant
from tests.tidy.tree import ROOT, Tree, expect_none

_LINT = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c(['--no-cache', '--no-logo']))"

_LADDER = "The ladder: every import points down"
_TOP = "Nothing imports the command line"
_INSIDE = "The layers inside points"
_DOOR = "The ledger is entered by its front door"
_DOMAIN = "Domain code knows neither HTTP, nor queues, nor templates, nor how to commit"
_CORE = "Core holds no domain words"
_PURE = "Pure modules do no I/O"

BREACHES = [
    (_LADDER, "core/ids.py", "import labels.tables"),
    (_LADDER, "labels/tables.py", "import points.errors"),
    (_LADDER, "points/errors.py", "import workers"),
    (_LADDER, "workers/app.py", "import api"),
    (_LADDER, "api/app.py", "import bench"),
    (_LADDER, "bench/run.py", "import commands"),
    (_TOP, "api/app.py", "from cli import main"),
    (_INSIDE, "points/programmes/tables.py", "import points.residents"),
    (_INSIDE, "points/residents/tables.py", "import points.ledger"),
    (_INSIDE, "points/ledger/holds.py", "import points.campaigns"),
    (_INSIDE, "points/campaigns/tables.py", "import points.earning"),
    (_INSIDE, "points/earning/tables.py", "import points.rewards"),
    (_INSIDE, "points/earning/tables.py", "import points.leaderboards"),
    (_INSIDE, "points/badges.py", ""),
    (_DOOR, "points/earning/tables.py", "from points.ledger.tables import Lot"),
    (_DOOR, "points/rewards/tables.py", "import points.ledger.holds"),
    (_DOOR, "api/app.py", "from points.ledger.accounts import Asset"),
    (_DOMAIN, "points/earning/tables.py", "from fastapi import Depends"),
    (_DOMAIN, "points/earning/tables.py", "from starlette.requests import Request"),
    (_DOMAIN, "points/rewards/tables.py", "import celery"),
    (_DOMAIN, "labels/tables.py", "import jinja2"),
    (_DOMAIN, "labels/tables.py", "from core.settings import settings"),
    (_DOMAIN, "points/errors.py", "from core.db import transaction"),
    (_CORE, "core/ids.py", "import celery"),
    (_PURE, "labels/savings.py", "import sqlmodel"),
    (_PURE, "labels/savings.py", "from labels.tables import Product"),
    (_PURE, "points/campaigns/rules.py", "import redis.asyncio"),
    (_PURE, "points/programmes/policy.py", "from sqlalchemy.ext.asyncio import AsyncSession"),
    (_PURE, "points/ledger/accounts.py", "from secrets import token_hex"),
    (_PURE, "points/earning/activities.py", "from core.ids import new_id"),
]
"""(contract that must break, file, the line that breaks it)"""


def _configuration() -> dict[str, Any]:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    configuration: dict[str, Any] = tomllib.loads(text)["tool"]["importlinter"]
    return configuration


def _lint(folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", _LINT], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _broken(report: str) -> set[str]:
    assert "Contracts: " in report, report
    names = (contract["name"] for contract in _configuration()["contracts"])
    return {name for name in names if f"{name} BROKEN" in report}


def _skeleton() -> Iterator[tuple[str, str]]:
    """Yield an innocent tree with every module that the contracts and the breaches name."""
    configuration = _configuration()
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    yield "pyproject.toml", text[text.index("[tool.importlinter]") :]
    layers = (c["layers"] for c in configuration["contracts"] if c.get("containers") == ["points"])
    inner = [name.strip() for layer in next(layers) for name in layer.split("|") if name.strip() != "errors"]
    packages = [*configuration["root_packages"], *(f"points.{name}" for name in inner)]
    modules = ["core.db", "core.settings", "core.ids", "labels.tables", "points.errors", "points.ledger.holds"]
    modules += [f"points.{name}.tables" for name in inner]
    modules += [name for c in configuration["contracts"] if c["name"] == _PURE for name in c["source_modules"]]
    packages += sorted({name.rpartition(".")[0] for name in modules} - set(packages))
    yield "cli.py", ""
    for name in packages:
        yield f"{name.replace('.', '/')}/__init__.py", ""
    for name in modules:
        path = name.replace(".", "/")
        is_package = (ROOT / path).is_dir()
        yield (f"{path}/__init__.py" if is_package else f"{path}.py"), ""
    yield "labels/tables.py", "import sqlmodel"
    yield "points/ledger/__init__.py", "import points.ledger.accounts\nimport points.ledger.tables"


@pytest.fixture
def skeleton(plant: Plant) -> Tree:
    return plant(dict(_skeleton()))


def test_every_contract_holds_for_the_tree() -> None:
    report = _lint(ROOT)
    assert "Contracts: " in report, report
    assert " 0 broken." in report, report


def test_every_contract_is_seen_to_break_below() -> None:
    assert {contract["name"] for contract in _configuration()["contracts"]} == {name for name, _, _ in BREACHES}


def test_the_skeleton_is_innocent(skeleton: Tree) -> None:
    report = _lint(skeleton.root)
    assert _broken(report) == set(), report
    assert " 0 broken." in report, report


@pytest.mark.parametrize(("contract", "path", "line"), BREACHES)
def test_a_breach_breaks_its_contract(contract: str, path: str, line: str, skeleton: Tree) -> None:
    target = skeleton.root / path
    before = target.read_text("utf-8") if target.exists() else ""
    target.write_text(f"{before}\n{line}\n", "utf-8")
    report = _lint(skeleton.root)
    assert contract in _broken(report), report


def unwatched(tree: Tree) -> list[str]:
    """Return packages and files the contracts do not see: a wall around part of the house is none."""
    watched = set(tomllib.loads(tree.read("pyproject.toml"))["tool"]["importlinter"]["root_packages"])
    watched |= {"migrations", "tests", "cli.py"}  # alembic's scripts import tables and nothing imports them
    return sorted(f"{top}: not in import-linter's root_packages" for top in {f.top for f in tree.python} - watched)


def test_the_contracts_watch_every_package(tree: Tree) -> None:
    expect_none(unwatched(tree))


def test_an_unwatched_package_is_found(plant: Plant) -> None:
    planted = plant(
        {"pyproject.toml": '[tool.importlinter]\nroot_packages = ["core"]\n', "mail/app.py": "", "core/x.py": ""}
    )
    assert unwatched(planted) == ["mail: not in import-linter's root_packages"]
