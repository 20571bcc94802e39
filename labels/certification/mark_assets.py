"""The official picture of a mark, uploaded by the certifier and tied to one certificate. Only ever added to.

The last picture counts; the earlier ones stay on record. It is shown while its certificate is valid, and no longer.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import new_id
from labels.certificates import Status
from labels.certification.histories import History, histories
from labels.certification.pictures import MediaType, picture_fault
from labels.certification.tables import MarkAsset
from labels.errors import UnknownCertificateError, UnknownMarkError
from labels.queries import run
from labels.registrations import CertificateKind, Registered, Rejected, Result, Unchanged

_LATEST: Final = text("""
    SELECT DISTINCT ON (certificate_id) certificate_id, id, media_type, sha256 FROM mark_asset
    WHERE certificate_id = ANY(CAST(:ids AS uuid[])) ORDER BY certificate_id, id DESC
""")
_DATA: Final = text("""
    SELECT media_type, data FROM mark_asset WHERE certificate_id = :id ORDER BY id DESC LIMIT 1
""")
# Two uploads for one certificate wait for each other, so that the same picture is kept once.
_LOCK: Final = text("SELECT 1 FROM certificate WHERE id = :id FOR NO KEY UPDATE")


@dataclass(frozen=True, slots=True)
class NewMark:
    """A picture for the mark of the certificate `number`, handed in by its certifier."""

    number: str
    certifier_id: UUID
    actor: str
    media_type: MediaType
    data: bytes


@dataclass(frozen=True, slots=True)
class MarkPicture:
    """The picture that counts for a certificate, without its bytes."""

    id: UUID
    media_type: str
    sha256: str


async def keep_mark(session: AsyncSession, given: NewMark, *, now: datetime) -> Result:
    """Keep a picture as the mark of a certificate; the same as before changes nothing.

    Raises:
        UnknownCertificateError: when no certificate has the number.
    """
    history = (await histories(session, [given.number])).get(given.number)
    if history is None:
        raise UnknownCertificateError
    fault = _fault(given, history)
    if fault is not None:
        return fault
    await run(session, _LOCK, {"id": history.id})
    digest = sha256(given.data).hexdigest()
    before = (await _latest(session, [history.id])).get(history.id)
    if before is not None and (before.sha256, before.media_type) == (digest, given.media_type):
        return Unchanged(before.id)
    asset = MarkAsset(
        id=new_id(),
        certificate_id=history.id,
        media_type=given.media_type.value,
        sha256=digest,
        data=given.data,
        actor=given.actor,
        recorded_at=now,
    )
    session.add(asset)
    await session.flush()
    return Registered(asset.id)


async def pictures_of(session: AsyncSession, certificates: Collection[History], day: date) -> dict[UUID, MarkPicture]:
    """Return the pictures of those certificates that are valid on `day` and have one, by certificate."""
    return await _latest(session, [each.id for each in certificates if each.status_on(day) is Status.VALID])


async def picture(session: AsyncSession, number: str, day: date) -> tuple[str, bytes]:
    """Return the media type and bytes of a certificate's mark, which may be shown on `day`.

    Raises:
        UnknownCertificateError: when no certificate has the number.
        UnknownMarkError: when it is not valid on `day`, so that its mark may not be shown, or has no picture.
    """
    history = (await histories(session, [number])).get(number)
    if history is None:
        raise UnknownCertificateError
    status = history.status_on(day)
    if status is not Status.VALID:
        raise UnknownMarkError(f"{number} is {status.replace('_', ' ')} on {day}: its mark may not be shown.")
    rows = await run(session, _DATA, {"id": history.id})
    if not rows:
        raise UnknownMarkError(f"No picture was uploaded for the mark of {number}.")
    media_type, data = rows[0]
    return str(media_type), bytes(data)


async def _latest(session: AsyncSession, certificate_ids: Collection[UUID]) -> dict[UUID, MarkPicture]:
    if not certificate_ids:
        return {}
    rows = await run(session, _LATEST, {"ids": sorted(certificate_ids)})
    return {row[0]: MarkPicture(*row[1:]) for row in rows}


def _fault(given: NewMark, history: History) -> Rejected | None:
    if history.certifier_id != given.certifier_id:
        return Rejected("number", f"{given.number} is another certifier's.")
    if history.kind == CertificateKind.SELF_DECLARED:
        return Rejected("number", f"{given.number} is its maker's own claim, for which there is no official mark.")
    fault = picture_fault(given.data, given.media_type)
    return None if fault is None else Rejected("data", fault)
