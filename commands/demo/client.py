"""The demonstration's way to the service: HTTP, many requests at once, and plain words when something is wrong."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from core.errors import OperatorError

AT_ONCE: Final = 64
_SECONDS: Final = 30.0
_BROKEN: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered: its status and its JSON."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A POST by whoever `bearer` is."""

    path: str
    bearer: str
    body: dict[str, Any]


class Service:
    """A running service, seen from outside."""

    def __init__(self, url: str) -> None:
        """Take the service's address; use as a context manager."""
        self.url = url
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        self._client = httpx.AsyncClient(base_url=url, timeout=_SECONDS, limits=limits, trust_env=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def get(self, path: str, bearer: str | None = None) -> Answer:
        """Read something.

        Raises:
            OperatorError: the service does not know us, is broken, or does not answer.
        """
        return await self._send("GET", path, bearer, None)

    async def post(self, call: Call) -> Answer:
        """Change something.

        Raises:
            OperatorError: as `get` does.
        """
        return await self._send("POST", call.path, call.bearer, call.body)

    async def post_all(self, calls: Sequence[Call]) -> list[Answer]:
        """Send all of these at once, as many at a time as there are connections; answers stand in the same order."""
        return list(await asyncio.gather(*(self.post(call) for call in calls)))

    async def _send(self, method: str, path: str, bearer: str | None, body: dict[str, Any] | None) -> Answer:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        try:
            response = await self._client.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            raise OperatorError(f"{self.url} does not answer {method} {path}: {error!r}.") from error
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise OperatorError(
                f"{self.url} does not accept what this command signs in with ({response.status_code} for {path}): it "
                "runs on another database or with another secret key. Give both the same TANHUI_ settings."
            )
        if response.status_code >= _BROKEN:
            raise OperatorError(f"{method} {path} was answered {response.status_code}: {response.text[:300]}")
        return Answer(response.status_code, response.json())
