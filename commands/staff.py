"""`tanhui staff`: who works for a programme."""

import secrets
from typing import Annotated

import typer
from rich.console import Console

from api.passwords import MINIMUM_LENGTH, WeakPasswordError, hashed
from commands.door import chosen_programme, perform
from core import clock
from core.db import transaction
from core.errors import OperatorError
from points.programmes.access import Role, add_staff, disable_staff
from points.programmes.tables import Staff

app = typer.Typer(help="Who works for a programme.", no_args_is_help=True)
_console = Console()


@app.command("add")
def add(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    role: Annotated[Role, typer.Option(help="What they may do.")],
    programme: Annotated[
        str | None, typer.Option(help="The programme's slug; may be left out if there is one.")
    ] = None,
    *,
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and show it once.")] = False,
) -> None:
    """Add a member of staff, who can then get tokens from POST /v1/staff/tokens.

    The password is asked for twice, or made and shown once with --generate. Only its Argon2id hash is kept.

    Example: tanhui staff add ling@example.org --role operator --programme demo --generate
    """
    password = secrets.token_urlsafe(18) if generate else _asked()
    try:
        password_hash = hashed(password)
    except WeakPasswordError as error:
        raise OperatorError(str(error)) from error

    async def work() -> tuple[Staff, str]:
        async with transaction() as session:
            found = await chosen_programme(session, programme)
            added = await add_staff(session, found.programme_id, email=email, role=role, password_hash=password_hash)
            return added, found.slug

    added, slug = perform(work)
    _console.print(f"{added.email} is {added.role} of {slug} now.", highlight=False, markup=False)
    if generate:
        _console.print(f"Password: {password}\nIt is shown this once.", highlight=False, markup=False)


@app.command("disable")
def disable(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    programme: Annotated[
        str | None, typer.Option(help="The programme's slug; may be left out if there is one.")
    ] = None,
) -> None:
    """End what a member of staff may do: they get no more tokens. What they did stays under their name.

    A token they already have ends by itself, after TANHUI_TOKEN_MINUTES at the latest.

    Example: tanhui staff disable ling@example.org --programme demo
    """

    async def work() -> tuple[Staff, str]:
        async with transaction() as session:
            found = await chosen_programme(session, programme)
            return await disable_staff(session, found.programme_id, email=email, now=clock.now()), found.slug

    disabled, slug = perform(work)
    _console.print(f"{disabled.email} can not sign in to {slug} any more.", highlight=False, markup=False)


def _asked() -> str:
    text = f"Password (at least {MINIMUM_LENGTH} characters)"
    return str(typer.prompt(text, hide_input=True, confirmation_prompt="Once more"))
