"""What footprints disclose, written with them and read back, whatever their number in a fixed number of statements."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from labels.disclosures.terms import COLUMNS, Disclosure
from labels.queries import run

_WRITE: Final = text("""
    INSERT INTO footprint_disclosure
    SELECT * FROM jsonb_populate_recordset(CAST(NULL AS footprint_disclosure), CAST(CAST(:rows AS text) AS jsonb))
""")
_WRITE_STAGES: Final = text("""
    INSERT INTO footprint_stage
    SELECT * FROM jsonb_populate_recordset(CAST(NULL AS footprint_stage), CAST(CAST(:rows AS text) AS jsonb))
""")
_OF: Final = text("""
    SELECT d.footprint_id, d.declared_unit, d.declared_unit_amount_micro, d.reference_period_start,
        d.reference_period_end, d.geography, d.fossil_mg, d.product_mass_mg, d.land_use_change_mg,
        d.land_management_mg, d.biogenic_non_co2_mg, d.biogenic_uptake_mg, d.land_removals_mg,
        d.technological_removals_mg, d.aircraft_mg, d.packaging_mg, d.fossil_carbon_mg, d.biogenic_carbon_mg,
        d.exempted_bp, d.primary_data_share_bp, d.technological_dqr, d.geographical_dqr, d.temporal_dqr, d.gwp_sets,
        d.product_rules, d.boundary_description, d.secondary_sources, d.verifier, d.verification_standard, d.assurance,
        d.verified_on,
        (SELECT jsonb_object_agg(s.stage, s.milligrams) FROM footprint_stage AS s
            WHERE s.footprint_id = d.footprint_id)
    FROM footprint_disclosure AS d WHERE d.footprint_id = ANY(CAST(:ids AS uuid[]))
""")


async def write_disclosures(session: AsyncSession, disclosures: Mapping[UUID, Disclosure]) -> None:
    """Write what footprints that were just registered disclose, in two statements, or in none."""
    if not disclosures:
        return
    rows = [_row(footprint_id, each) for footprint_id, each in disclosures.items()]
    stages = [
        {"footprint_id": str(footprint_id), "stage": stage, "milligrams": amount}
        for footprint_id, each in disclosures.items()
        for stage, amount in each.stages
    ]
    await run(session, _WRITE, {"rows": json.dumps(rows, default=str)})
    await run(session, _WRITE_STAGES, {"rows": json.dumps(stages)})


async def disclosures_of(session: AsyncSession, footprint_ids: Collection[UUID]) -> dict[UUID, Disclosure]:
    """Return what footprints disclose, by id, in one statement; those that disclose nothing are not in it."""
    if not footprint_ids:
        return {}
    rows = await run(session, _OF, {"ids": sorted(footprint_ids)})
    return {row[0]: _disclosure(row[1:-1], row[-1]) for row in rows}


def _row(footprint_id: UUID, disclosed: Disclosure) -> dict[str, Any]:
    return {"footprint_id": footprint_id} | {name: getattr(disclosed, name) for name in COLUMNS}


def _disclosure(values: Collection[Any], stages: Mapping[str, int] | None) -> Disclosure:
    kept: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in zip(COLUMNS, values, strict=True)
    }
    return Disclosure(**kept, stages=tuple(sorted((stages or {}).items())))
