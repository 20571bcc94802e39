"""How a footprint is made up: what each stage of life adds to it."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.disclosures.tables import FootprintStage


async def stages_of(session: AsyncSession, footprint_id: UUID) -> Sequence[FootprintStage]:
    """Return the stages that a footprint's disclosure names, the greatest first; none where nothing was disclosed."""
    statement = select(FootprintStage).where(FootprintStage.footprint_id == footprint_id)
    return (await session.exec(statement.order_by(col(FootprintStage.milligrams).desc()))).all()
