"""Labelled products: real product numbers bound to published footprints, with baselines from the same sources."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bench.groceries.figures import (
    Published,
    agribalyse,
    group_id,
    labelled_candidates,
    reported,
    rows_of,
    subgroup_id,
)
from bench.groceries.mapping import REPORTED, SUBCLASSES, SUBGROUPS
from labels import catalogue
from labels.catalogue import NewCategory, NewCertificate, NewFootprint, NewProduct, Registered, Rejected, Result, Role
from labels.factors import build_baselines, register_baselines
from labels.product_imports import product_of
from labels.quantities import MICRO, micro_units

SINCE: Final = date(2000, 1, 1)
"""Everything holds from here, so that sales of 2017 fall under figures published later. Test bindings, all of them."""
UNTIL: Final = date(2100, 1, 1)
_SHARES: Final = (10, 30, 60)
"""Of a subgroup's foods in order of footprint, those at these percentages are taken for products on the shelf."""
PRODUCT_FILES: Final = ("products_branded_named.csv", "products_cn_retail.csv")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which numbers stand for each grocery category, and how many baselines and certificates there are."""

    gtins: dict[str, list[str]]
    baselines: int
    labelled: int


@dataclass(frozen=True, slots=True)
class _Binding:
    """A product number bound to a footprint, sold in packs of `content` functional units under `sold_as`."""

    product: NewProduct
    published: Published
    content: int
    sold_as: str

    @property
    def source(self) -> str:
        figure = self.published.figure
        return f"TEST BINDING: {figure.source}, {figure.source_row}, {self.published.name}"[:500]


async def import_products(session: AsyncSession, data: Path, *, now: datetime) -> list[NewProduct]:
    """Register the product files as they are; return the products.

    Raises:
        ValueError: when a row is refused: all of these numbers are good.
    """
    parsed = [
        product_of(row, source=name, categories={})
        for name in PRODUCT_FILES
        for row in rows_of(data / "products" / name)
    ]
    products = [each for each in parsed if isinstance(each, NewProduct)]
    if len(products) < len(parsed):
        raise ValueError(f"{len(parsed) - len(products)} rows of {', '.join(PRODUCT_FILES)} can not be read.")
    require(await catalogue.register_products(session, products, now=now))
    return products


async def furnish(session: AsyncSession, data: Path, products: Sequence[NewProduct], *, now: datetime) -> Shelf:
    """Register categories, baselines, and a labelled product for every footprint that is taken."""
    foods, items = agribalyse(data), labelled_candidates(data)
    makers = [reported(data, pcf_id, subgroup) for subgroup, ids in REPORTED.items() for pcf_id in ids]
    require(await catalogue.register_categories(session, list(_categories(foods, items))))
    drafts = build_baselines([each.figure for each in (*foods, *items)])
    require(await register_baselines(session, drafts, valid_from=SINCE, now=now))
    bindings = list(_bindings(products, foods, items, makers))
    await _label(session, bindings, now)
    gtins: dict[str, list[str]] = defaultdict(list)
    for binding in bindings:
        gtins[binding.sold_as].append(binding.product.gtin)
    return Shelf(dict(gtins), len(drafts), len(bindings))


def require(results: Sequence[Result]) -> list[Registered]:
    """Return the results; everything here is meant to be registered.

    Raises:
        ValueError: when a row was rejected.
    """
    if wrong := [each for each in results if isinstance(each, Rejected)]:
        raise ValueError(f"{len(wrong)} rows rejected, first: {wrong[0]}")
    return [each for each in results if isinstance(each, Registered)]


def _categories(foods: Sequence[Published], items: Sequence[Published]) -> Iterator[NewCategory]:
    for category_id in sorted({each.figure.path[0] for each in foods}):
        yield NewCategory(category_id, category_id, category_id, "kg")
    for path in sorted({each.figure.path[:depth] for each in items for depth in (1, 2, 3)}):
        yield NewCategory(path[-1], path[-1], path[-1], "item", parent_id=path[-2] if len(path) > 1 else None)


def _bindings(
    products: Sequence[NewProduct], foods: Sequence[Published], items: Sequence[Published], makers: Sequence[Published]
) -> Iterator[_Binding]:
    """Yield the bindings; each takes the next product number, so none has two."""
    free = iter(products)
    for sold_as, (subgroup, kilograms) in sorted(SUBGROUPS.items()):
        of_subgroup = [each for each in foods if each.figure.path[0] == subgroup_id(subgroup)]
        ordered = sorted(of_subgroup, key=lambda each: each.figure.milligrams_per_unit)
        on_shelf = [ordered[len(ordered) * share // 100] for share in _SHARES]
        on_shelf += [each for each in makers if each.figure.path[0] == subgroup_id(subgroup)]
        for published in on_shelf:
            yield _Binding(next(free), published, micro_units(Decimal(kilograms)), sold_as)
    for sold_as, group in sorted(SUBCLASSES.items()):
        for published in items:
            if published.figure.path[0] == group_id(group):
                yield _Binding(next(free), published, MICRO, sold_as)


async def _label(session: AsyncSession, bindings: Sequence[_Binding], now: datetime) -> None:
    certifier = await catalogue.register_organization(
        session, name_zh="测试认证机构", name_en="Test Certifier", roles=[Role.CERTIFIER], now=now
    )
    products = [
        replace(
            each.product,
            category_id=each.published.figure.path[-1],
            pack="",  # the binding is a test's, and so is its content: what is printed on the pack is another
            net_content_micro=each.content,
            source=each.source,
        )
        for each in bindings
    ]
    require(await catalogue.register_products(session, products, now=now, amend=True))
    registered = require(await catalogue.register_footprints(session, [_footprint(each) for each in bindings], now=now))
    certificates = [
        NewCertificate(
            number=f"TEST-{each.product.gtin}",
            scheme="city.carbon_label",
            kind="carbon_label",
            gtin=each.product.gtin,
            certifier_id=certifier.id,
            valid_from=SINCE,
            valid_until=UNTIL,
            footprint_id=footprint.id if not isinstance(footprint.id, str) else None,
            actor="TEST BINDING",
        )
        for each, footprint in zip(bindings, registered, strict=True)
    ]
    require(await catalogue.register_certificates(session, certificates, now=now))


def _footprint(binding: _Binding) -> NewFootprint:
    figure = binding.published.figure
    return NewFootprint(
        gtin=binding.product.gtin,
        milligrams_per_unit=figure.milligrams_per_unit,
        functional_unit=figure.functional_unit,
        boundary=figure.boundary,
        standard=figure.standard,
        region=figure.region,
        valid_from=SINCE,
        source=binding.source,
    )
