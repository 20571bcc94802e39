"""From a GTIN to the links it has today: one statement, whatever a product's history."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.certificates import EventFact, Status, status_on
from labels.links import Item, item
from labels.queries import run

_ITEM: Final = text("""
    SELECT p.name_zh, p.name_en, c.number, c.valid_from, c.valid_until, e.kind, e.effective_on, e.recorded_at,
        e.valid_until
    FROM product AS p
    LEFT JOIN certificate AS c ON c.gtin = p.gtin
    LEFT JOIN certificate_event AS e ON e.certificate_id = c.id
    WHERE p.gtin = :gtin ORDER BY c.number, e.effective_on, e.recorded_at, e.id
""")


async def resolve(session: AsyncSession, gtin: str, *, day: date) -> Item | None:
    """Return a product with the links it has on `day`, or None when it is not registered.

    Only a certificate that holds that day has links; what became of the others stands on the product's page.
    """
    rows = await run(session, _ITEM, {"gtin": gtin})
    if not rows:
        return None
    certificates: dict[str, list[Sequence[Any]]] = {}
    for row in rows:
        if row[2] is not None:
            certificates.setdefault(row[2], []).append(row)
    holding = [number for number, events in certificates.items() if _holds(events, day)]
    return item(gtin, [rows[0][0], rows[0][1]], holding)


def _holds(rows: Sequence[Sequence[Any]], day: date) -> bool:
    events = [EventFact(*row[5:]) for row in rows if row[5] is not None]
    return status_on(events, rows[0][3], rows[0][4], day) is Status.VALID
