"""Idempotency-Key, as in the IETF httpapi draft: a POST that is sent again does nothing again and is answered alike.

A route that changes something takes `dependencies=[ONCE]`: its whole work, the claim of the key and the answer kept for
repeats are one database transaction (the route's `Session`), so either all of it stands or nothing. A route behind a
batcher takes a `Ticket` instead, and its batch does the same for all of its items at once with `admit` and `keep`.
Only successes are kept: what failed changed nothing, and may be tried again under the same key.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, Request
from python_multipart.multipart import parse_options_header
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from api.errors import InvalidParameterError
from api.principals import Principal
from points import ledger
from points.errors import KeyReusedError, PointsError, RequestInProgressError

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = {"Idempotent-Replayed": "true"}
_HASH_BYTES: Final = 16
FORM: Final = r'^(?:"(?:[ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~][ -~]{0,254})$'
MUST: Final = f"{HEADER} must have 1 to 255 printable ASCII characters, bare or as a quoted string."
_ACCEPTED: Final = re.compile(FORM)
_ESCAPED: Final = re.compile(r"\\(.)")

# Another process may be at it right now: to wait for it would hold a connection, so the caller is told to come back.
_TRY: Final = text("""
    SELECT t.key FROM unnest(CAST(:keys AS text[])) AS t (key)
    WHERE pg_try_advisory_xact_lock(hashtextextended(:programme_id || t.key, 0))
""")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that must count once: its key within the programme, and what came with it."""

    key: str
    input_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given: status and JSON text."""

    status: int
    body: str
    location: str | None = None
    replayed: bool = False

    def response(self) -> Response:
        """Return it as a response, marked when it is a repeat."""
        headers = dict(REPLAYED) if self.replayed else {}
        if self.location is not None:
            headers["Location"] = self.location
        return Response(self.body, self.status, headers=headers, media_type="application/json")


async def _declared(
    _: Annotated[
        str | None,
        Header(
            alias=HEADER,
            pattern=FORM,
            description="Makes a repeat of this request harmless: 1 to 255 printable ASCII characters, bare or as a "
            "quoted string. The same key with the same body is answered as the first time, with "
            "`Idempotent-Replayed: true`; with another body it is refused.",
            examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
        ),
    ] = None,
) -> None:
    """Document the header; `ticket_of` reads it."""


async def _run_by_route(_: Annotated[None, Depends(_declared)]) -> None:
    """Mark a route whose work the route class itself runs once."""


ONCE: Final = Depends(_run_by_route)
"""Put into a route's `dependencies` to run it once for each Idempotency-Key."""

ONCE_DECLARED: Final = Depends(_declared)
"""The same for the API's description only: the route calls `ticket_of` and sees to it itself."""


def is_once(call: object) -> bool:
    """Tell whether a dependency is ONCE."""
    return call is _run_by_route


async def ticket_of(request: Request, principal: Principal) -> Ticket | None:
    """Return the ticket of a request that carries an Idempotency-Key.

    Raises:
        InvalidParameterError: when the key is not 1 to 255 printable ASCII characters.
    """
    key = key_of(request)
    return None if key is None else ticket_for(request, principal, key, _content(request, await request.body()))


def ticket_for(request: Request, principal: Principal, key: str, content: bytes) -> Ticket:
    """Return the ticket of a request under a key; `content` is all that tells it from others at its address."""
    digest = sha256(f"{request.method} {request.scope['path']}\n".encode())
    digest.update(content)
    return Ticket(f"request:{principal.label}:{key}", digest.digest()[:_HASH_BYTES])


def key_of(request: Request) -> str | None:
    """Return the Idempotency-Key of a request, if it has one.

    Raises:
        InvalidParameterError: when the key is not 1 to 255 printable ASCII characters.
    """
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not _ACCEPTED.fullmatch(sent):
        raise InvalidParameterError(MUST, pointer=f"#/{HEADER}", part="header")
    return _ESCAPED.sub(r"\1", sent[1:-1]) if sent.startswith('"') else sent


def _content(request: Request, body: bytes) -> bytes:
    """Return what a request says, whatever boundary was drawn this time to keep the parts of a form apart."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    return body.replace(b"--" + boundary, b"--") if boundary else body


async def admit(
    session: AsyncSession, programme_id: UUID, tickets: Sequence[Ticket]
) -> list[Answer | PointsError | None]:
    """Claim every ticket in three statements; for each return None when it is new, its first answer, or its refusal."""
    if not tickets:
        return []
    keys = sorted({ticket.key for ticket in tickets})
    connection = await session.connection()
    rows = await connection.execute(_TRY, {"keys": keys, "programme_id": str(programme_id)})
    ours = {row.key for row in rows}
    uses = [ledger.KeyUse(ticket.key, ticket.input_hash) for ticket in tickets if ticket.key in ours]
    claimed = iter(await ledger.claim(session, programme_id, uses))
    return [_verdict(next(claimed)) if ticket.key in ours else RequestInProgressError() for ticket in tickets]


async def is_used(session: AsyncSession, programme_id: UUID, ticket: Ticket) -> bool:
    """Tell whether something has come under a ticket's key before, the same or not."""
    [standing] = await ledger.find(session, programme_id, [ledger.KeyUse(ticket.key, ticket.input_hash)])
    return standing is not None


async def first_answer(session: AsyncSession, programme_id: UUID, ticket: Ticket) -> Answer | None:
    """Claim a ticket before its work begins, for work that is more than one transaction; return its first answer.

    None where there is no answer yet: the work is new, or was cut off, or is under way elsewhere.

    Raises:
        KeyReusedError: when its key came with something else.
    """
    (claimed,) = await ledger.claim(session, programme_id, [ledger.KeyUse(ticket.key, ticket.input_hash)])
    verdict = _verdict(claimed)
    if isinstance(verdict, KeyReusedError):
        raise verdict
    return verdict if isinstance(verdict, Answer) else None


async def settled(session: AsyncSession, programme_id: UUID, ticket: Ticket, answer: Answer) -> Answer:
    """Keep the answer of a ticket whose work is done, unless another is kept already; return the one that is kept."""
    if await keep(session, programme_id, {ticket.key: answer}):
        return answer
    return await first_answer(session, programme_id, ticket) or answer


def _verdict(claimed: ledger.Claimed) -> Answer | PointsError | None:
    if claimed.state is ledger.ClaimState.FRESH:
        return None
    if claimed.state is ledger.ClaimState.CONFLICT:
        return KeyReusedError()
    if claimed.answer is None:  # claimed a moment ago in this same batch: the first has no answer yet
        return RequestInProgressError()
    stored = claimed.answer
    location = stored.get("location")
    return Answer(
        status=int(str(stored["status"])),
        body=str(stored["body"]),
        location=None if location is None else str(location),
        replayed=True,
    )


async def once_each(
    session: AsyncSession,
    programme_id: UUID,
    tickets: Sequence[Ticket | None],
    do: Callable[[Sequence[int]], Awaitable[Sequence[Answer]]],
) -> list[Answer | PointsError]:
    """Do what is new of a batch and answer the rest as the first time; return one answer or refusal each, in order.

    `do` is handed the places of the new items and returns their answers. Items without a ticket are always new.
    """
    with_ticket = {place: ticket for place, ticket in enumerate(tickets) if ticket is not None}
    admitted = await admit(session, programme_id, list(with_ticket.values()))
    verdicts = dict(zip(with_ticket, admitted, strict=True))
    new = [place for place in range(len(tickets)) if verdicts.get(place) is None]
    fresh = dict(zip(new, await do(new) if new else (), strict=True))
    answers = {ticket.key: fresh[place] for place, ticket in with_ticket.items() if place in fresh}
    await keep(session, programme_id, answers)
    return [fresh[place] if (verdict := verdicts.get(place)) is None else verdict for place in range(len(tickets))]


async def keep(session: AsyncSession, programme_id: UUID, answers: Mapping[str, Answer]) -> set[str]:
    """Keep the first answers under the keys of their tickets, which are claimed; return the keys that had none yet."""
    stored: dict[str, dict[str, object]] = {
        key: {"status": answer.status, "body": answer.body, "location": answer.location}
        for key, answer in answers.items()
    }
    return await ledger.answer(session, programme_id, stored)
