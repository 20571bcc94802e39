"""The application: every router, what wraps them, and the refusal to start with a route that nobody guards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from api import openapi, problems
from api.batching import Batchers
from api.delivery import require_decided
from api.middleware import Bounds, RequestContext
from api.pages import categories as category_pages
from api.pages import certificates as certificate_pages
from api.pages import factors as factor_pages
from api.pages import home
from api.pages import products as product_pages
from api.pages import receipt_claims as receipt_claim_pages
from api.routes import (
    applications,
    artwork,
    baseline_drafts,
    baselines,
    budgets,
    campaigns,
    certificates,
    clawbacks,
    comparators,
    factors,
    footprints,
    forgivenesses,
    gtin,
    health,
    history,
    households,
    imports,
    leaderboards,
    loyalty_numbers,
    mark_assets,
    marks,
    me,
    member_codes,
    notices,
    pilot_industries,
    policies,
    products,
    programmes,
    quarantine,
    rates,
    reasons,
    receipt_claims,
    redemptions,
    reference,
    reinstatements,
    resolver,
    retailer_staff,
    returns,
    reviews,
    revisions,
    rewards,
    sales,
    scans,
    statements,
    suggestions,
    tokens,
    unit_series,
    units,
    uploads,
)
from api.routes import problems as problem_pages
from api.routing import audiences_of
from core import db, redis
from core.garbage import settle
from core.logging import configure
from core.settings import settings

ROUTERS: Final[tuple[APIRouter, ...]] = (
    tokens.router,
    scans.router,
    sales.router,
    returns.router,
    reasons.router,
    receipt_claims.router,
    member_codes.router,
    loyalty_numbers.router,
    me.router,
    history.router,
    notices.router,
    reviews.router,
    clawbacks.router,
    forgivenesses.router,
    reinstatements.router,
    households.router,
    retailer_staff.router,
    programmes.router,
    policies.router,
    rates.router,
    gtin.router,
    products.router,
    suggestions.router,
    comparators.router,
    artwork.router,
    footprints.router,
    statements.router,  # this and the next before certificates, whose numbers may hold slashes
    mark_assets.router,
    certificates.router,
    applications.router,
    statements.well_known,
    marks.router,
    revisions.router,
    factors.router,
    baselines.router,
    baseline_drafts.router,
    quarantine.router,
    pilot_industries.router,
    imports.router,
    uploads.router,
    leaderboards.router,
    campaigns.router,
    budgets.router,
    rewards.router,
    redemptions.router,
    unit_series.router,
    units.router,
    resolver.router,
    home.router,
    receipt_claim_pages.router,
    product_pages.router,
    certificate_pages.router,
    category_pages.router,
    factor_pages.router,
    health.router,
    problem_pages.router,
    reference.router,
)
"""One line for each file in api/routes and api/pages."""

PUBLIC: Final = frozenset(
    {
        "create_code",
        "create_resident_token",
        "create_staff_token",
        "read_code",
        "show_product",
        "show_programme",
        "list_policies",
        "show_policy",
        "compare_policies",
        "list_rates",
        "list_reasons",
        "list_marks",
        "list_schemes",
        "show_footprint",
        "list_revisions",
        "show_certificate",
        "show_certificate_mark",
        "verify_certificates",
        "show_statement",
        "show_signing_keys",
        "show_comparison",
        "show_label",
        "show_home",
        "show_receipt_claim",
        "show_methodology",
        "search_products",
        "show_product_page",
        "show_certificate_page",
        "show_categories",
        "show_category",
        "show_factors",
        "list_factors",
        "show_applicable_factor",
        "show_factor",
        "list_baselines",
        "show_baseline",
        "list_pilot_industries",
        "show_health",
        "show_readiness",
        "show_metrics",
        "list_problems",
        "show_problem",
        "show_reference",
        "show_unit",
        "resolve_digital_link",
        "probe_digital_link",
        "show_resolver",
        "probe_resolver",
        "list_methods",
        "list_resolver_methods",
        "openapi",
        "static",
    }
)
"""Names of the routes that anybody may call. Every other one names its audience, or the app does not start."""

_STATIC: Final = Path(__file__).parent / "static"


class UnguardedRouteError(RuntimeError):
    """A route has no audience and is not listed in api.app.PUBLIC: nobody has decided who may call it."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    configure(settings().log_level)
    require_decided()
    settle()  # what was made to start with stays: going over it again and again took a third of every request
    try:
        yield
    finally:
        await app.state.batchers.close()
        await redis.dispose()
        await db.dispose()


def create_app() -> FastAPI:
    """Return the application.

    Raises:
        UnguardedRouteError: when a route has neither an audience nor a place in PUBLIC.
    """
    app = FastAPI(
        **openapi.DESCRIPTION,
        openapi_tags=openapi.TAGS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
        lifespan=_lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        middleware=[
            Middleware(RequestContext),
            Middleware(
                Bounds,
                body_limit_bytes=settings().body_limit_bytes,
                larger_bytes={
                    "/v1/imports": settings().import_limit_bytes + imports.FORM_BYTES,
                    "/v1/imports/uploads": max(settings().import_limit_bytes, settings().sales_file_limit_bytes),
                },
            ),
        ],
    )
    app.state.batchers = Batchers(max_items=settings().batch_max_items, queue_limit=settings().batch_queue_limit)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.openapi = partial(openapi.describe, app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    require_guards(app)
    return app


def require_guards(app: FastAPI) -> None:
    """Raise UnguardedRouteError for the first route that nobody guards."""
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if context.name in PUBLIC:
            continue
        if dependant is None or not any(audiences_of(dependant)):
            raise UnguardedRouteError(f"{context.path} ({context.name}): {UnguardedRouteError.__doc__}")


app: Final = create_app()
"""What an ASGI server runs: `uvicorn api.app:app`."""
