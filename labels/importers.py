"""What can be imported from tables: for each kind its columns, how a row is read, and the use case it goes to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Final, Generic, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import local_day
from labels.certification.application_imports import submit_new
from labels.factor_imports import FACTOR_COLUMNS, factor_of
from labels.factors import register_baselines, register_factors
from labels.footprints import register_footprints
from labels.import_rows import Parse
from labels.imports import (
    APPLICATION_COLUMNS,
    BASELINE_COLUMNS,
    CERTIFICATE_COLUMNS,
    FOOTPRINT_COLUMNS,
    NewBaseline,
    application_of,
    baseline_of,
    certificate_of,
    footprint_of,
)
from labels.issuance import register_certificates
from labels.metrics import NewFactor
from labels.product_imports import PRODUCT_COLUMNS, ProductReader, Row
from labels.product_rows import ProductRow
from labels.products import register_categories, register_rows
from labels.registrations import NewApplication, NewCertificate, NewFootprint, Rejected, Result

Item = TypeVar("Item")
Register = Callable[[AsyncSession, Sequence[Item], datetime], Awaitable[list[Result]]]

_TIME_ZONE: Final = "Asia/Shanghai"
_GTIN: Final = ("gtin", "gtin14", "code")
_FIGURE: Final = (("kg_co2e_per_unit",), ("functional_unit",), ("boundary",), ("valid_from",))


@dataclass(frozen=True, slots=True)
class Importer(Generic[Item]):
    """One kind of table: the columns it needs, how rows are read by its header, and what registers a batch of them."""

    what: str
    columns: Mapping[str, str]
    needed: tuple[tuple[str, ...], ...]
    reading: Callable[[Sequence[str]], Parse[Item]]
    register: Register[Item]


def products(
    *,
    source: str,
    categories: Mapping[str, str] | None = None,
    amend: bool = False,
    registered_by_id: UUID | None = None,
    actor: str = "",
) -> Importer[ProductRow]:
    """Import products; `categories` leads from the source's own words to registered categories.

    With `amend`, those that the same organization registered take new values, which is written down with `actor`.
    """

    def reading(header: Sequence[str]) -> Parse[ProductRow]:
        return ProductReader(header, source=source, categories=categories, registered_by_id=registered_by_id)

    async def register(session: AsyncSession, rows: Sequence[ProductRow], now: datetime) -> list[Result]:
        return await register_rows(session, rows, now=now, amend=amend, actor=actor, reason=f"Imported: {source}")

    return Importer("products", PRODUCT_COLUMNS, (_GTIN,), reading, register)


def footprints(*, source: str, by_id: UUID | None = None) -> Importer[NewFootprint]:
    """Import footprints of registered products; with `by_id` an organization's, of those it may speak for."""

    async def register(session: AsyncSession, rows: Sequence[NewFootprint], now: datetime) -> list[Result]:
        return await register_footprints(session, rows, now=now, by_id=by_id)

    read = partial(footprint_of, source=source)
    return Importer("footprints", FOOTPRINT_COLUMNS, (_GTIN, *_FIGURE), _by_name(read), register)


def certificates(*, certifier_id: UUID, actor: str) -> Importer[NewCertificate]:
    """Import certificates of one certifier."""

    async def register(session: AsyncSession, rows: Sequence[NewCertificate], now: datetime) -> list[Result]:
        return await register_certificates(session, rows, now=now)

    needed = (("number",), ("scheme",), ("kind",), _GTIN, ("valid_from",), ("valid_until",))
    read = partial(certificate_of, certifier_id=certifier_id, actor=actor)
    return Importer("certificates", CERTIFICATE_COLUMNS, needed, _by_name(read), register)


def applications(*, applicant_id: UUID, actor: str) -> Importer[NewApplication]:
    """Import applications of one maker for certificates; they are submitted on the day in China."""

    async def register(session: AsyncSession, rows: Sequence[NewApplication], now: datetime) -> list[Result]:
        return await submit_new(session, rows, now=now, day=local_day(now, _TIME_ZONE))

    needed = (_GTIN, ("scheme_id",), ("certifier_id",))
    read = partial(application_of, applicant_id=applicant_id, actor=actor)
    return Importer("applications", APPLICATION_COLUMNS, needed, _by_name(read), register)


def baselines(*, source: str) -> Importer[NewBaseline]:
    """Import baselines, each superseding the one before it, and the categories they bring along."""
    read = partial(baseline_of, source=source)
    needed = (("category_id",), *_FIGURE)
    return Importer("baselines", BASELINE_COLUMNS, needed, _by_name(read), _register_baselines)


def factors(*, source: str) -> Importer[NewFactor]:
    """Import emission factors, each vintage superseding the one before it."""

    async def register(session: AsyncSession, rows: Sequence[NewFactor], now: datetime) -> list[Result]:
        return await register_factors(session, rows, now=now)

    needed = (("metric",), ("value",), ("unit",), ("year",), ("boundary",))
    return Importer("factors", FACTOR_COLUMNS, needed, _by_name(partial(factor_of, source=source)), register)


def _by_name(read: Callable[[Row], Item | list[Rejected]]) -> Callable[[Sequence[str]], Parse[Item]]:
    """Return a reading for what takes a row by the names of its columns."""

    def reading(header: Sequence[str]) -> Parse[Item]:
        return lambda cells: read(dict(zip(header, cells, strict=True)))

    return reading


async def _register_baselines(session: AsyncSession, items: Sequence[NewBaseline], now: datetime) -> list[Result]:
    """Register the categories that rows bring along, then the baselines, day by day as they hold."""
    bringing = [place for place, item in enumerate(items) if item.category is not None]
    brought = [category for item in items if (category := item.category) is not None]
    answers = dict(zip(bringing, await register_categories(session, brought), strict=True))
    results: dict[int, Result] = {place: one for place, one in answers.items() if isinstance(one, Rejected)}
    rest = sorted((place for place in range(len(items)) if place not in results), key=lambda place: _days(items[place]))
    for (valid_from, valid_until), group in groupby(rest, key=lambda place: _period(items[place])):
        places = list(group)
        drafts = [items[place].draft for place in places]
        registered = await register_baselines(session, drafts, valid_from=valid_from, valid_until=valid_until, now=now)
        results |= dict(zip(places, registered, strict=True))
    return [results[place] for place in range(len(items))]


def _period(item: NewBaseline) -> tuple[date, date | None]:
    return item.valid_from, item.valid_until


def _days(item: NewBaseline) -> tuple[date, date]:
    return item.valid_from, item.valid_until or date.max
