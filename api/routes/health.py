"""Whether this process lives, whether it can serve, and its figures."""

import asyncio
import os
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import structlog
from alembic.script import ScriptDirectory
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import Field
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.routing import Route
from api.schemas import Schema
from core import db
from core import redis as redis_door

router = APIRouter(tags=["operation"], route_class=Route)

_MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
_SHARED_FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"
_VERSION: Final = text("SELECT version_num FROM alembic_version")
_PATIENCE_SECONDS: Final = 2.0
"""What takes longer to say that it is there is not: a load balancer waits no longer either."""
_log = structlog.get_logger("api.health")


class Health(Schema):
    """The process answers."""

    status: Literal["ok"]


class Readiness(Schema):
    """What the process depends on."""

    ready: bool
    database: Annotated[str, Field(examples=["ok"], description="ok, unreachable, or not migrated.")]
    redis: Annotated[str, Field(examples=["ok"], description="ok or unreachable.")]


@router.get("/healthz", summary="Does this process answer?")
async def show_health() -> Health:
    """Answer, and nothing else: for a supervisor that restarts what hangs."""
    return Health(status="ok")


@router.get(
    "/readyz",
    summary="Can this process serve?",
    responses={503: {"model": Readiness, "description": "Something it depends on is missing."}},
)
async def show_readiness(response: Response) -> Readiness:
    """Check the database, its migrations and Redis: for a load balancer that sends requests here."""
    database, redis = await _database(), await _redis()
    ready = database == redis == "ok"
    if not ready:
        response.status_code = 503
        response.headers["Retry-After"] = "1"
    return Readiness(ready=ready, database=database, redis=redis)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def show_metrics() -> Response:
    """Show counters and timings: of all processes where PROMETHEUS_MULTIPROC_DIR is set, else of this one."""
    registry = REGISTRY
    if _SHARED_FIGURES in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no annotations
    return Response(await run_in_threadpool(generate_latest, registry), media_type=CONTENT_TYPE_LATEST)


async def _database() -> str:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), db.transaction() as session:
            connection = await session.connection()
            versions = set((await connection.execute(_VERSION)).scalars())
    except (SQLAlchemyError, OSError, db.DatabaseNotConfiguredError) as error:
        _log.warning("database unreachable", cause=repr(error))
        return "unreachable"
    return "ok" if versions == await run_in_threadpool(_heads) else "not migrated: run `tanhui migrate`"


async def _redis() -> str:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await redis_door.redis().ping()
    except (RedisError, OSError, redis_door.RedisNotConfiguredError) as error:
        _log.warning("redis unreachable", cause=repr(error))
        return "unreachable"
    return "ok"


@cache
def _heads() -> frozenset[str]:
    """Return the newest revisions this version of the code knows."""
    return frozenset(ScriptDirectory(str(_MIGRATIONS)).get_heads())
