"""A city programme's public face: who it is, where, and by which announced rules it pays."""

from typing import Annotated, Final

from fastapi import Path

from api.dependencies import Now, Session
from api.openapi import answers
from api.routes.policies import TERMS
from api.routing import router as new_router
from api.schemas import Slug
from api.schemas.policies import TermsInForce
from api.schemas.programmes import DistrictName, ProgrammePage, RulesInForce
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
        **TERMS,
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
    versions = {"policy_version": policy.version, "rate_version": rate.version}
    told = TermsInForce.told(policy.terms)
    return RulesInForce.model_validate(told | versions | {"points_per_tonne": rate.points_per_tonne})
