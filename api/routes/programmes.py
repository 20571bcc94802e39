"""A city programme's public face: who it is, where, and by which announced rules it pays."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path

from api.dependencies import Now, Session
from api.openapi import answers
from api.routing import router as new_router
from api.schemas import Slug
from api.schemas.programmes import CapsInForce, DistrictName, ProgrammePage, RulesInForce
from points.programmes.policy import PolicyVersion, Rate
from points.programmes.queries import programme_by_slug, rulebook
from points.residents.queries import districts

router = new_router(tag="programmes")

_PAGE: Final = {
    "slug": "huzhou",
    "name_zh": "湖州碳普惠",
    "name_en": "Huzhou Carbon Inclusion",
    "time_zone": "Asia/Shanghai",
    "districts": [
        {"district_id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f", "name_zh": "吴兴区", "name_en": "Wuxing District"}
    ],
    "rules": {
        "policy_version": 1,
        "rate_version": 1,
        "points_per_tonne": 50_000,
        "schemes": ["carbon_label", "low_carbon", "green_product"],
        "certifiers": ["019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e11"],
        "sale_evidence_bp": 10_000,
        "scan_evidence_bp": 0,
        "discovery_points": 1,
        "discoveries_per_day": 5,
        "maturity_days": 7,
        "expiry_months": 12,
        "backdating_days": 30,
        "scan_backdating_days": 2,
        "shortage": "grams_only",
        "caps": {
            "grams_per_day": 20_000,
            "grams_per_month": 200_000,
            "points_per_day": 2_000,
            "points_per_month": 20_000,
            "units_per_activity": 100,
        },
    },
}


@router.get("/programmes/{slug}", summary="A programme and its rules", responses=answers(200, "The programme.", _PAGE))
async def show_programme(slug: Annotated[Slug, Path(examples=["huzhou"])], session: Session, now: Now) -> ProgrammePage:
    """Show names, districts, and the policy and rate in force, announced before anybody earns by them."""
    found = await programme_by_slug(session, slug)
    rules = await rulebook(session, found.programme_id)
    policy, rate = rules.policy_at(now), rules.rate_at(now)
    return ProgrammePage(
        slug=found.slug,
        name_zh=found.name_zh,
        name_en=found.name_en,
        time_zone=found.time_zone,
        districts=[DistrictName.model_validate(each) for each in await districts(session, found.programme_id)],
        rules=None if policy is None or rate is None else _rules(policy, rate),
    )


def _rules(policy: PolicyVersion, rate: Rate) -> RulesInForce:
    terms = policy.terms
    return RulesInForce(
        policy_version=policy.version,
        rate_version=rate.version,
        points_per_tonne=rate.points_per_tonne,
        schemes=list(terms.schemes),
        certifiers=[UUID(each) for each in terms.certifiers],
        sale_evidence_bp=terms.sale_evidence_bp,
        scan_evidence_bp=terms.scan_evidence_bp,
        discovery_points=terms.discovery_points,
        discoveries_per_day=terms.discoveries_per_day,
        maturity_days=terms.maturity_days,
        expiry_months=terms.expiry_months,
        backdating_days=terms.backdating_days,
        scan_backdating_days=terms.scan_backdating_days,
        shortage=terms.shortage,
        caps=CapsInForce.model_validate(terms.caps),
    )
