"""pgbench, which comes with PostgreSQL, at the same work one activity at a time: the rate to beat."""

import re
import subprocess
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from bench.world import World
from core.embedded.postgresql import install_folder

_RATE: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)

_ACTIVITY: Final = r"""
\set resident random(0, :residents - 1)
\set a random(1, 9000000000000000000)
"""
# The way it is usually written: one statement a table. The claim's id comes back without a round trip of its own.
_STATEMENTS: Final = r"""
BEGIN;
INSERT INTO claim (programme_id, key, input_hash, entry_id)
VALUES (:programme_id, 'sale:' || to_hex(CAST(:a AS bigint)), int8send(CAST(:a AS bigint)), uuidv7())
ON CONFLICT (programme_id, key) DO NOTHING
RETURNING entry_id, :prefix || lpad(to_hex(CAST(:resident AS integer)), 8, '0') AS owner
\gset
SELECT amount FROM balance WHERE programme_id = :programme_id AND owner_id = CAST(:owner AS uuid)
    AND kind = 1 AND asset = 2 FOR NO KEY UPDATE;
"""
# Fenced: the row is taken only where it covers what is drawn. Always base before campaign, so that nobody deadlocks.
_BUDGETS: Final = """
UPDATE balance SET amount = amount - 100
WHERE programme_id = :programme_id AND owner_id = :base AND kind = 5 AND asset = 2 AND amount >= 100;
UPDATE balance SET amount = amount - 50
WHERE programme_id = :programme_id AND owner_id = :campaign AND kind = 5 AND asset = 2 AND amount >= 50;
"""
_ROWS: Final = """
INSERT INTO entry (programme_id, entry_id, resident_id, effective_at, kind)
VALUES (:programme_id, CAST(:entry_id AS uuid), CAST(:owner AS uuid), now(), 2);
INSERT INTO posting (
    programme_id, entry_id, number, source_kind, source_id, destination_kind, destination_id, asset, amount
) VALUES
    (:programme_id, CAST(:entry_id AS uuid), 1, 6, :programme_id, 1, CAST(:owner AS uuid), 1, 1000),
    (:programme_id, CAST(:entry_id AS uuid), 2, 5, :base, 1, CAST(:owner AS uuid), 2, 100),
    (:programme_id, CAST(:entry_id AS uuid), 3, 5, :campaign, 1, CAST(:owner AS uuid), 2, 50);
INSERT INTO activity (
    programme_id, activity_id, resident_id, basis_id, retailer_id, effective_at, saving_grams, grams, points, day,
    quantity, kind, evidence_bp, policy_version, rate_version, detail
) VALUES (
    :programme_id, CAST(:entry_id AS uuid), CAST(:owner AS uuid), :basis, :retailer, now(), 1000, 1000, 150,
    current_date, 1, 1, 10000, 1, 1, '{"awards": {"AZqrDgAAcACAAAAAAAAAAA": 50}}'
);
INSERT INTO lot (programme_id, lot_id, resident_id, amount, remaining, matures_at, expires_at, mature, priority)
VALUES (
    :programme_id, CAST(:entry_id AS uuid), CAST(:owner AS uuid), 150, 150, now(), now() + interval '1 year', true, 0
);
INSERT INTO balance AS b (programme_id, owner_id, kind, asset, amount)
VALUES
    (:programme_id, CAST(:owner AS uuid), 1, 1, 1000),
    (:programme_id, CAST(:owner AS uuid), 1, 2, 150)
ON CONFLICT (programme_id, owner_id, kind, asset) DO UPDATE SET amount = b.amount + excluded.amount;
INSERT INTO resident_day AS d (programme_id, resident_id, day, grams, points, activities, discoveries, last_at)
VALUES (:programme_id, CAST(:owner AS uuid), current_date, 1000, 150, 1, 0, now())
ON CONFLICT (programme_id, resident_id, day) DO UPDATE SET
    grams = d.grams + excluded.grams, points = d.points + excluded.points, activities = d.activities + 1,
    last_at = excluded.last_at;
"""
# The strongest way: all tables in one statement, which without budgets is the whole of its own transaction.
_ONE_STATEMENT: Final = """
WITH made AS MATERIALIZED (
    SELECT uuidv7() AS id, CAST(:prefix || lpad(to_hex(CAST(:resident AS integer)), 8, '0') AS uuid) AS owner
), claims AS (
    INSERT INTO claim (programme_id, key, input_hash, entry_id)
    SELECT :programme_id, 'sale:' || to_hex(CAST(:a AS bigint)), int8send(CAST(:a AS bigint)), id
    FROM made ON CONFLICT (programme_id, key) DO NOTHING
), entries AS (
    INSERT INTO entry (programme_id, entry_id, resident_id, effective_at, kind)
    SELECT :programme_id, id, owner, now(), 2 FROM made
), postings AS (
    INSERT INTO posting (
        programme_id, entry_id, number, source_kind, source_id, destination_kind, destination_id, asset, amount
    )
    SELECT :programme_id, id, p.number, p.kind, p.source, 1, owner, p.asset, p.amount
    FROM made, (VALUES (1, 6, :programme_id, 1, 1000), (2, 5, :base, 2, 100), (3, 5, :campaign, 2, 50))
        AS p (number, kind, source, asset, amount)
), activities AS (
    INSERT INTO activity (
        programme_id, activity_id, resident_id, basis_id, retailer_id, effective_at, saving_grams, grams, points, day,
        quantity, kind, evidence_bp, policy_version, rate_version, detail
    )
    SELECT :programme_id, id, owner, :basis, :retailer, now(), 1000, 1000, 150, current_date, 1, 1, 10000, 1, 1,
        '{"awards": {"AZqrDgAAcACAAAAAAAAAAA": 50}}'
    FROM made
), lots AS (
    INSERT INTO lot (programme_id, lot_id, resident_id, amount, remaining, matures_at, expires_at, mature, priority)
    SELECT :programme_id, id, owner, 150, 150, now(), now() + interval '1 year', true, 0 FROM made
), balances AS (
    INSERT INTO balance AS b (programme_id, owner_id, kind, asset, amount)
    SELECT :programme_id, owner, 1, a.asset, a.amount FROM made, (VALUES (1, 1000), (2, 150)) AS a (asset, amount)
    ON CONFLICT (programme_id, owner_id, kind, asset) DO UPDATE SET amount = b.amount + excluded.amount
)
INSERT INTO resident_day AS d (programme_id, resident_id, day, grams, points, activities, discoveries, last_at)
SELECT :programme_id, owner, current_date, 1000, 150, 1, 0, now() FROM made
ON CONFLICT (programme_id, resident_id, day) DO UPDATE SET
    grams = d.grams + excluded.grams, points = d.points + excluded.points, activities = d.activities + 1,
    last_at = excluded.last_at;
"""


class Shape(StrEnum):
    """How the SQL of one activity is written."""

    STATEMENTS = "one statement a table"
    ONE_STATEMENT = "one statement for all"


def _script(shape: Shape, *, with_budget: bool) -> str:
    budgets = _BUDGETS if with_budget else ""
    if shape is Shape.STATEMENTS:
        return f"{_ACTIVITY}{_STATEMENTS}{_ROWS}{budgets}COMMIT;\n"
    return f"{_ACTIVITY}BEGIN;\n{_ONE_STATEMENT}{budgets}COMMIT;\n" if with_budget else _ACTIVITY + _ONE_STATEMENT


def rate(url: str, world: World, shape: Shape, *, clients: int, seconds: int, with_budget: bool) -> float:
    """Return the activities a second that pgbench writes with `clients` connections.

    The budgets come last, when all else is written: the kindest order for a hot row.

    Raises:
        RuntimeError: pgbench failed; with what it said.
    """
    script = _script(shape, with_budget=with_budget)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(_filled(script, world))
        file.flush()
        done = subprocess.run(  # noqa: S603 - the program of the wheel, told by constants
            _command(url, file.name, world, clients, seconds), capture_output=True, text=True, check=False
        )
    found = _RATE.search(done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench failed:\n{done.stderr or done.stdout}")
    return float(found[1])


def _command(url: str, script: str, world: World, clients: int, seconds: int) -> list[str]:
    address, _, host = url.partition("?host=")
    role, _, database = address.removeprefix("postgresql://").partition("@/")
    program = Path(install_folder(), "bin", "pgbench")
    sizes = ["-D", f"residents={len(world.resident_ids)}"]
    load = ["-c", str(clients), "-j", str(min(clients, 4)), "-T", str(seconds), "-M", "prepared", "-n"]
    return [str(program), "-h", unquote(host), "-U", role, *load, *sizes, "-f", script, database]


def _filled(script: str, world: World) -> str:
    """Return the script with the world's ids as literals."""
    ids = {
        "programme_id": world.programme_id,
        "base": world.base_budget_id,
        "campaign": world.campaign_budget_id,
        "basis": world.certificate_id,  # any id: the service, too, only writes it
        "retailer": world.retailer_id,
    }
    for name, value in ids.items():
        script = re.sub(rf":{name}\b", f"'{value}'::uuid", script)
    return script.replace(":prefix", f"'{world.resident_ids[0].hex[:24]}'")
