"""Applications out of a table: only those that were not sent before are sent."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.certification.applications import submit
from labels.errors import InvalidCodeError
from labels.gtin import parse_code
from labels.queries import run
from labels.registrations import Batch, NewApplication, Registered, Result, Unchanged

# Of two imports of one applicant at once, the second waits and then sees what the first sent.
_ALONE: Final = text("""
    SELECT id FROM organization WHERE id = ANY(CAST(:applicants AS uuid[])) ORDER BY id FOR NO KEY UPDATE
""")
_SENT: Final = text("""
    SELECT a.gtin, a.scheme_id, a.applicant_id, a.certifier_id, a.footprint_id, a.id
    FROM certificate_application AS a CROSS JOIN LATERAL (
        SELECT t.step FROM application_step AS t WHERE t.application_id = a.id ORDER BY t.id DESC LIMIT 1
    ) AS last
    WHERE a.applicant_id = ANY(CAST(:applicants AS uuid[])) AND a.gtin = ANY(CAST(:gtins AS varchar[]))
        AND last.step NOT IN ('refused', 'retracted')
    ORDER BY a.id
""")
_Key = tuple[str, str, UUID, UUID, UUID | None]


async def submit_new(
    session: AsyncSession, rows: Sequence[NewApplication], *, now: datetime, day: date
) -> list[Result]:
    """Take those applications on `day` that are not under way or granted yet; the others are unchanged.

    So the same table again sends nothing twice. What was refused or retracted is sent anew.
    """
    batch = Batch(len(rows))
    keys = [_key(row) for row in rows]
    applicants = sorted({row.applicant_id for row in rows})
    await run(session, _ALONE, {"applicants": applicants})
    sent = await run(session, _SENT, {"applicants": applicants, "gtins": sorted({key[0] for key in keys})})
    known: dict[_Key, UUID] = {(row[0], row[1], row[2], row[3], row[4]): row[5] for row in sent}
    first: dict[_Key, int] = {}
    for place, key in enumerate(keys):
        if key not in known:
            first.setdefault(key, place)
    results = await submit(session, [rows[place] for place in first.values()], now=now, day=day)
    made = dict(zip(first, results, strict=True))
    for place, key in enumerate(keys):
        result = made.get(key)
        if result is None:
            batch.answer(place, Unchanged(known[key]))
        elif isinstance(result, Registered) and first[key] != place:
            batch.answer(place, Unchanged(result.id))
        else:
            batch.answer(place, result)
    return batch.results()


def _key(row: NewApplication) -> _Key:
    """Return what makes two rows one application."""
    try:
        gtin = parse_code(row.gtin).gtin or row.gtin
    except InvalidCodeError:
        gtin = row.gtin
    return gtin, row.scheme_id, row.applicant_id, row.certifier_id, row.footprint_id
