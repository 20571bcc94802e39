"""How a command gets to the database: servers found or started, tables there, refusals told as messages."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

import core.redis
from commands.migrate import bring_up_to_date
from core import db
from core.embedded import configured
from core.errors import OperatorError
from points.errors import UnknownProgrammeError
from points.programmes import queries
from points.programmes.tables import Programme

Result = TypeVar("Result")

_NO_SUCH_TABLE: Final = "42P01"
_NO_SUCH_COLUMN: Final = "42703"


def perform(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a command's work on the servers of the settings, of a running `tanhui up`, or of our own meanwhile.

    Raises:
        OperatorError: the work can not be done; the message says why and what to do.
    """
    with prepared():
        return completed(work)


@contextmanager
def prepared() -> Iterator[None]:
    """Have servers with up-to-date tables while the block runs.

    Raises:
        OperatorError: they can not be had.
    """
    with configured() as servers:
        if servers.children:  # ours, and perhaps brand new; a server of the operator's is migrated by its owner
            bring_up_to_date()
        yield


def completed(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a command's work inside `prepared`.

    Raises:
        OperatorError: the work can not be done; the message says why and what to do.
    """
    try:
        return asyncio.run(_finished(work))
    except DBAPIError as error:
        raise OperatorError(_explained(error)) from error
    except OSError as error:
        raise OperatorError(f"The database or Redis can not be reached ({error}). See TANHUI_DATABASE_URL.") from error


async def _finished(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Do the work, and close this process's connections inside the loop they were opened in."""
    try:
        return await work()
    finally:
        await core.redis.dispose()
        await db.dispose()


def _explained(error: DBAPIError) -> str:
    if getattr(error.orig, "sqlstate", None) in {_NO_SUCH_TABLE, _NO_SUCH_COLUMN}:
        return "The tables are not up to date; run `tanhui migrate` first."
    return f"The database refused: {error.orig}"


async def chosen_programme(session: AsyncSession, slug: str | None) -> Programme:
    """Return the programme called `slug`; without a slug the only one there is.

    Raises:
        OperatorError: when there is no such programme, or when which one is meant has to be said.
    """
    known = await queries.programmes(session)
    if slug is None and len(known) == 1:
        return known[0]
    if slug is not None:
        try:
            return await queries.programme_by_slug(session, slug)
        except UnknownProgrammeError as error:
            raise OperatorError(f"There is no programme called {slug}. {_those(known)}") from error
    raise OperatorError(f"Say which programme with --programme. {_those(known)}" if known else _those(known))


async def chosen_programmes(session: AsyncSession, slug: str | None) -> list[Programme]:
    """Return the programme called `slug`; without a slug all of them.

    Raises:
        OperatorError: when there is no such programme.
    """
    return await queries.programmes(session) if slug is None else [await chosen_programme(session, slug)]


def _those(known: list[Programme]) -> str:
    if not known:
        return "There is none yet: `tanhui programmes add` sets one up, and `tanhui demo` a demonstration."
    return f"There are: {', '.join(sorted(each.slug for each in known))}."
