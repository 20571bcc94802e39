"""What routes ask for: the session, the time, the page they are on."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock
from core.db import transaction

SESSION: Final = "tanhui.session"
"""Where a route that runs once puts the session it opened."""


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    opened: AsyncSession | None = request.scope.get(SESSION)
    if opened is not None:  # by the route, which commits it together with the answer it keeps
        yield opened
        return
    async with transaction() as session:
        yield session


async def _now() -> datetime:
    return clock.now()


# `scope="function"`: by default the commit would come after the client has its answer.
Session = Annotated[AsyncSession, Depends(_session, scope="function")]
"""The request's transaction; committed before the answer is sent, rolled back when the route raises."""

Now = Annotated[datetime, Depends(_now)]
"""The time of the request, to hand to use cases."""
