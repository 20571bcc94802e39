"""Every mark of a maker's model in one view: whichever scheme gave it, and on whichever size of pack it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.certificates import Status
from labels.certification.histories import History, SchemeFact, histories_of
from labels.queries import run

# A product without maker or model is its own only sibling. Packs of one model stay in the hundreds. Anybody may name
# any maker, so only those merge that the maker or the staff registered, or one organization: nobody borrows marks.
_SIBLINGS: Final = text("""
    SELECT o.gtin, o.name_zh, o.name_en, o.pack, o.maker_id, m.name_zh, m.name_en, o.model
    FROM product AS o LEFT JOIN organization AS m ON m.id = o.maker_id
    WHERE o.gtin = :gtin OR o.gtin IN (
        SELECT s.gtin FROM product AS p JOIN product AS s ON s.maker_id = p.maker_id AND s.model = p.model
            AND (s.registered_by_id IS NOT DISTINCT FROM p.registered_by_id
                OR coalesce(s.registered_by_id, s.maker_id) = s.maker_id
                AND coalesce(p.registered_by_id, p.maker_id) = p.maker_id)
        WHERE p.gtin = :gtin AND s.model <> '' ORDER BY s.gtin LIMIT 1000
    ) ORDER BY o.gtin
""")
_BEST_FIRST: Final = (Status.VALID, Status.SUSPENDED, Status.NOT_ISSUED, Status.EXPIRED, Status.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Sibling:
    """One trade item of the model."""

    gtin: str
    name_zh: str
    name_en: str
    pack: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One scheme's mark on a model, with its certificates; `status` is that of the best of them on the day."""

    kind: str
    scheme: SchemeFact
    status: Status
    certificates: tuple[History, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """A maker's model, the trade items it is sold as, and the marks on them."""

    gtin: str
    maker_id: UUID | None
    maker_name_zh: str
    maker_name_en: str
    model: str
    items: tuple[Sibling, ...]
    marks: tuple[Mark, ...]


async def marks_of(session: AsyncSession, gtin: str, day: date) -> Marks | None:
    """Return the marks on a product's model as of `day`, in two statements; None when it is not registered."""
    rows = await run(session, _SIBLINGS, {"gtin": gtin})
    if not rows:
        return None
    found = await histories_of(session, [row[0] for row in rows])
    maker_id, maker_name_zh, maker_name_en, model = rows[0][4:8]
    return Marks(
        gtin,
        maker_id,
        maker_name_zh or "",
        maker_name_en or "",
        model,
        tuple(Sibling(*row[:4]) for row in rows),
        merged(found, day),
    )


def merged(certificates: Sequence[History], day: date) -> tuple[Mark, ...]:
    """Return certificates by scheme, what holds on `day` first, then by kind and scheme."""
    ordered = sorted(certificates, key=lambda each: (each.kind, each.scheme.id, each.number))
    marks = []
    for (kind, _), group in groupby(ordered, key=lambda each: (each.kind, each.scheme.id)):
        members = tuple(group)
        best = min((each.status_on(day) for each in members), key=_BEST_FIRST.index)
        marks.append(Mark(kind, members[0].scheme, best, members))
    return tuple(sorted(marks, key=lambda mark: (_BEST_FIRST.index(mark.status), mark.kind, mark.scheme.id)))
