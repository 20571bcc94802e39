"""A registry as a country has it: 600,000 products, each with a footprint, a certificate and a category."""

from typing import Final

import asyncpg

CATEGORIES: Final = 1_000
PRODUCTS: Final = 600_000
PRODUCT_PATH: Final = "/v1/products-without-database"
COMPARISON_PATH: Final = "/v1/comparisons-without-database"
"""Where `bench.looked_up` answers without asking it."""

# GTINs of GS1's demonstration range, 952: nine digits are free, then the check digit (modulo 10, weights 3 and 1).
_GTINS: Final = """
    CREATE TEMPORARY TABLE numbered AS
    SELECT n AS number, body || CAST((10 - total % 10) % 10 AS text) AS gtin
    FROM generate_series(0, $1 - 1) AS n, LATERAL (SELECT '0952' || lpad(CAST(n AS text), 9, '0')) AS b (body),
        LATERAL (
            SELECT sum(CAST(substr(body, place, 1) AS integer) * CASE WHEN place % 2 = 1 THEN 3 ELSE 1 END)
            FROM generate_series(1, 13) AS place
        ) AS t (total)
"""
_REGISTRY: Final = """
    INSERT INTO organization (id, name_zh, name_en, roles, created_at)
    VALUES ('00000000-0000-7000-8000-000000000001', '测速机构', 'Bench Certifier', 'certifier,maker', now());
    INSERT INTO category (id, name_zh, name_en, functional_unit)
    SELECT 'bench.' || n, '测速', 'Bench', 'kg' FROM generate_series(0, {categories} - 1) AS n;
    INSERT INTO baseline (
        id, category_id, model, milligrams_per_unit, functional_unit, boundary, standard, region, sample_size,
        lower_quartile_mg, upper_quartile_mg, method, source, source_row, licence, valid_from, recorded_at
    )
    SELECT uuidv7(), id, 'category_mean', 5000000, 'kg', 'cradle_to_grave', 'ISO 14067', 'CN', 12, 4000000, 6000000,
        'median/1', 'made for a measurement', '', 'none', DATE '2020-01-01', now()
    FROM category WHERE id LIKE 'bench.%';
    INSERT INTO product (
        gtin, name_zh, name_en, brand, category_id, net_content_micro, pack, source, model, created_at, updated_at
    )
    SELECT gtin, '测速饮料 ' || number, 'Bench drink ' || number, 'Bench', 'bench.' || number % {categories}, 500000,
        '500g', 'made for a measurement', '', now(), now()
    FROM numbered;
    INSERT INTO footprint (
        id, gtin, milligrams_per_unit, uptake_mg, functional_unit, boundary, standard, region, uncertainty_bp, status,
        source, valid_from, recorded_at
    )
    SELECT uuidv7(), gtin, 2000000 + CAST(number AS bigint) * 7919 % 5000000, 0, 'kg', 'cradle_to_grave', 'ISO 14067',
        'CN', 0, 'accepted', 'made for a measurement', DATE '2020-01-01', now()
    FROM numbered;
    INSERT INTO certificate (
        id, number, scheme, kind, gtin, footprint_id, certifier_id, valid_from, valid_until, recorded_at
    )
    SELECT uuidv7(), 'BENCH-' || gtin, 'carbon_label', 'carbon_label', gtin, id,
        '00000000-0000-7000-8000-000000000001', DATE '2020-01-01', DATE '2040-01-01', now()
    FROM footprint;
    INSERT INTO certificate_event (id, certificate_id, kind, effective_on, recorded_at, actor, reason)
    SELECT uuidv7(), id, 'issued', valid_from, now(), 'bench', '' FROM certificate;
"""


async def fill(owner_url: str, *, products: int = PRODUCTS, categories: int = CATEGORIES) -> list[str]:
    """Fill an empty registry and tell the planner so; return every GTIN."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(_GTINS.replace("$1", str(products)))
        await connection.execute(_REGISTRY.format(categories=categories))
        await connection.execute("VACUUM ANALYZE")
        return [row[0] for row in await connection.fetch("SELECT gtin FROM numbered ORDER BY number")]
    finally:
        await connection.close()
