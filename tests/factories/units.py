"""Label units for tests, and the codes that scanners read from them."""

from hashlib import sha256
from itertools import count

from sqlmodel.ext.asyncio.session import AsyncSession

from core import clock
from core.ids import new_id
from labels.units.serials import CODE_LENGTH, key_id, series_key, text_of
from labels.units.tables import UnitSeries
from tests.factories.labels import Labelled

SECRET = sha256(b"a secret for tests of label units").digest()
_CODES = count(new_id().int % 2 ** (5 * CODE_LENGTH))


async def make_units(
    session: AsyncSession, product: Labelled, units: int, *, revoked: str | None = None, secret: bytes = SECRET
) -> list[str]:
    """Order labels for a product; return what is printed on each: an element string with its serial."""
    code = text_of(next(_CODES) % 2 ** (5 * CODE_LENGTH), CODE_LENGTH)
    session.add(
        UnitSeries(
            code=code,
            organization_id=product.certifier_id,
            gtin=product.gtin,
            count=units,
            key_id=key_id(secret),
            ordered_by="test",
            revoked_by=None if revoked is None else "test",
            revoked_reason=revoked,
            revoked_at=None if revoked is None else clock.now(),
        )
    )
    await session.flush()
    key = series_key(secret, code, product.gtin)
    return [f"(01){product.gtin}(21){key.serial(number)}" for number in range(1, units + 1)]
