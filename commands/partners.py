"""`tanhui partners`: retailers, makers and certifiers, and the keys their systems use."""

from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.door import chosen_programme, perform
from core import clock
from core.db import transaction
from core.errors import OperatorError
from labels import listings
from labels.catalogue import Role, register_organization
from labels.tables import Organization
from points.programmes.access import NewKey, Scope, issue_key, revoke_key
from points.programmes.access_queries import keys_by_prefix
from points.programmes.tables import PartnerKey

app = typer.Typer(help="Retailers, makers and certifiers, and the keys their systems use.", no_args_is_help=True)
_console = Console()


@app.command("add")
def add(
    name_en: Annotated[str, typer.Argument(help="Its name in English.")],
    name_zh: Annotated[str, typer.Option(help="Its name in Chinese.")],
    role: Annotated[list[Role], typer.Option(help="What it is; may be given several times.")],
) -> None:
    """Register an organization and print its id. It can do nothing before it has a key.

    Example: tanhui partners add "Green Mart" --name-zh 绿源超市 --role retailer
    """

    async def work() -> Organization:
        async with transaction() as session:
            return await register_organization(session, name_zh=name_zh, name_en=name_en, roles=role, now=clock.now())

    made = perform(work)
    _console.print(f"{made.name_en} is registered as {made.id}.", highlight=False, markup=False)


@app.command("add-key")
def add_key(
    organization: Annotated[str, typer.Argument(help="Its id, or its English name where only one has it.")],
    scope: Annotated[list[Scope], typer.Option(help="What the key may do; may be given several times.")],
    name: Annotated[str, typer.Option(help="What the key is for, such as the shop it is used in.")] = "first key",
    programme: Annotated[
        str | None, typer.Option(help="The programme's slug; may be left out if there is one.")
    ] = None,
) -> None:
    """Make an API key for an organization within a programme. The key is shown once; only a digest of it is kept.

    Example: tanhui partners add-key "Green Mart" --scope sales:write --name "All tills" --programme demo
    """

    async def work() -> NewKey:
        async with transaction() as session:
            found = await chosen_programme(session, programme)
            owner = await chosen_organization(session, organization)
            return await issue_key(session, found.programme_id, owner.id, name=name, scopes=scope)

    made = perform(work)
    _console.print(f"API key: {made.secret}\nIt is shown this once.", highlight=False, markup=False, soft_wrap=True)


@app.command("revoke")
def revoke(
    prefix: Annotated[str, typer.Argument(help="The 12 characters of the key between `tanhui_` and the next `_`.")],
    programme: Annotated[
        str | None, typer.Option(help="The programme's slug; needed only if keys of two have the prefix.")
    ] = None,
) -> None:
    """End an API key, such as one that became known to others. Nothing it did is undone; again changes nothing.

    Example: tanhui partners revoke 3f9a1c7be204
    """

    async def work() -> PartnerKey:
        async with transaction() as session:
            key = await _chosen_key(session, prefix, programme)
            await revoke_key(session, key.programme_id, key.key_id, now=clock.now())
            return key

    ended = perform(work)
    _console.print(f"The key tanhui_{ended.prefix}_... ({ended.name}) is revoked.", highlight=False, markup=False)


async def _chosen_key(session: AsyncSession, prefix: str, programme: str | None) -> PartnerKey:
    keys = await keys_by_prefix(session, prefix)
    if programme is not None:
        found = await chosen_programme(session, programme)
        keys = [key for key in keys if key.programme_id == found.programme_id]
    if not keys:
        raise OperatorError(f"No key begins with tanhui_{prefix}_; give the 12 characters after `tanhui_`.")
    if len(keys) > 1:
        raise OperatorError(f"Keys of several programmes begin with tanhui_{prefix}_; say which with --programme.")
    return keys[0]


async def chosen_organization(session: AsyncSession, wanted: str) -> Organization:
    """Return the organization with this id or English name.

    Raises:
        OperatorError: when there is none, or the name is that of several.
    """
    try:
        found = await listings.organization(session, UUID(wanted))
        named = [] if found is None else [found]
    except ValueError:
        named = [each for each in await listings.organizations(session) if each.name_en == wanted]
    if not named:
        raise OperatorError(f"No organization is called {wanted}; `tanhui partners add` registers one.")
    if len(named) > 1:
        ids = ", ".join(str(each.id) for each in named)
        raise OperatorError(f"Several are called {wanted}; say which by its id: {ids}.")
    return named[0]
