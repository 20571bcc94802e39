"""The schemes there are. They come with the tables; a city adds its own with a revision or by its administrator."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.certification.tables import Scheme


async def schemes(session: AsyncSession) -> Sequence[Scheme]:
    """Return every scheme, by region and slug."""
    return (await session.exec(select(Scheme).order_by(col(Scheme.region), col(Scheme.id)))).all()
