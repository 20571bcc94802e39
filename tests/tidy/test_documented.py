"""What an operator can set or say is written down where an operator looks."""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping

import click
import typer
from typer.main import get_command

from migrations.metadata import APPEND_ONLY
from tests.tidy.conftest import Plant
from tests.tidy.tree import Tree, expect_none

SETTINGS_PAGES = ("docs/operations.md", ".env.example")
COMMAND_PAGES = ("docs/operations.md", "README.md")

_VARIABLE = re.compile(r"\bTANHUI_[A-Z0-9_]+\b")


def settings_breaches(tree: Tree) -> list[str]:
    """Return settings that a page does not name, and variables a page names that are no setting."""
    names = set(_settings(tree))
    breaches = [] if names else ["core/settings.py: has no settings"]
    for page in SETTINGS_PAGES:
        named = set(_VARIABLE.findall(tree.read(page)))
        breaches += [f"{page}: does not name {name}" for name in sorted(names - named)]
        breaches += [f"{page}: names {name}, which is no setting" for name in sorted(named - names)]
    return breaches


def undocumented(commands: Iterable[str], pages: Mapping[str, str]) -> list[str]:
    """Return commands that a page does not name as `tanhui command`."""
    return [
        f"{page}: does not name `tanhui {command}`"
        for page, text in pages.items()
        for command in commands
        if not re.search(rf"tanhui {re.escape(command)}(?![\w-])", text)
    ]


def commands_of(app: typer.Typer) -> list[str]:
    """Return every command of the application with the groups it stands in."""
    return sorted(_commands(get_command(app)))


def _commands(command: object, prefix: str = "") -> Iterator[str]:
    children: dict[str, click.Command] | None = getattr(command, "commands", None)
    if children is None:
        yield prefix.strip()
        return
    for name, child in children.items():
        yield from _commands(child, f"{prefix} {name}")


def _settings(tree: Tree) -> Iterator[str]:
    for node in ast.walk(ast.parse(tree.read("core/settings.py"))):
        if isinstance(node, ast.ClassDef) and node.name == "Settings":
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield f"TANHUI_{field.target.id.upper()}"


def test_every_setting_is_documented(tree: Tree) -> None:
    expect_none(settings_breaches(tree))


def test_an_undocumented_setting_is_found(plant: Plant) -> None:
    settings = "class Settings(BaseSettings):\n    port: int = 1\n    host: str = ''\n"
    tree = plant({"core/settings.py": settings, "docs/operations.md": "TANHUI_PORT", ".env.example": "TANHUI_PORTS=1"})
    assert settings_breaches(tree) == [
        "docs/operations.md: does not name TANHUI_HOST",
        ".env.example: does not name TANHUI_HOST",
        ".env.example: does not name TANHUI_PORT",
        ".env.example: names TANHUI_PORTS, which is no setting",
    ]


def test_every_table_that_is_only_added_to_is_documented(tree: Tree) -> None:
    page = tree.read("docs/operations.md")
    expect_none(
        [f"docs/operations.md: does not name {name}" for name in sorted(APPEND_ONLY) if f"`{name}`" not in page]
    )


def test_every_command_is_documented(tree: Tree) -> None:
    commands = commands_of(importlib.import_module("cli").app)
    assert commands
    expect_none(undocumented(commands, {page: tree.read(page) for page in COMMAND_PAGES}))


def test_an_undocumented_command_is_found() -> None:
    app, staff = typer.Typer(), typer.Typer()
    app.command("up")(lambda: None)
    staff.command("add")(lambda: None)
    staff.command("list")(lambda: None)
    app.add_typer(staff, name="staff")
    assert commands_of(app) == ["staff add", "staff list", "up"]
    page = {"README.md": "`tanhui staff add` and `tanhui upgrade`"}
    assert undocumented(commands_of(app), page) == [
        "README.md: does not name `tanhui staff list`",
        "README.md: does not name `tanhui up`",
    ]
