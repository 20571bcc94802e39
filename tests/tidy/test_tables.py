"""A programme is the tenant and the unit of distribution, and the tables know it."""

import importlib

import pytest
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint
from sqlmodel import SQLModel

from tests.tidy.tree import Tree, expect_none

TENANT = "programme_id"
GLOBAL_KEYS = {"programme.slug": "the directory of tenants: a programme is found by its slug before its id is known"}
"""Unique without the tenant, and why."""

HOT = {"claim", "entry", "posting", "balance", "lot", "hold", "lot_draw", "activity", "resident_day"} | {"unit_claim"}
"""Written on every credited activity or redemption; the audit proves what foreign keys would (decision 0006)."""


def untenanted(tables: list[Table]) -> list[str]:
    """Return tables of points whose primary key does not lead with the programme, and unique constraints without it."""
    keys = [(table, [column.name for column in table.primary_key.columns]) for table in tables]
    leading = [f"{table.name}: its primary key starts with {key[:1]}" for table, key in keys if key[:1] != [TENANT]]
    unique = [
        f"{table.name}.{'+'.join(columns)}: unique without {TENANT}"
        for table in tables
        for columns in _unique(table)
        if TENANT not in columns and f"{table.name}.{'+'.join(columns)}" not in GLOBAL_KEYS
    ]
    return leading + unique


def reaching_up(labels: list[Table], points: list[Table]) -> list[str]:
    """Return foreign keys from the registry to what people hold: the registry knows nothing of people."""
    above = {table.name for table in points}
    return [
        f"{table.name}: refers to {_target(key)}" for table in labels for key in _keys(table) if _target(key) in above
    ]


def hot_keys(tables: list[Table]) -> list[str]:
    """Return foreign keys of hot tables."""
    return [f"{table.name}: refers to {_target(key)}" for table in tables if table.name in HOT for key in _keys(table)]


def _keys(table: Table) -> list[ForeignKey]:
    return sorted(table.foreign_keys, key=_target)


def _target(key: ForeignKey) -> str:
    return key.target_fullname.partition(".")[0]


def _unique(table: Table) -> list[list[str]]:
    constraints = [c.columns for c in table.constraints if isinstance(c, UniqueConstraint)]
    indexes = [index.columns for index in table.indexes if index.unique]
    return [[column.name for column in columns] for columns in (*constraints, *indexes)]


@pytest.fixture(scope="module")
def tables(tree: Tree) -> dict[str, list[Table]]:
    for file in tree.domain:
        if file.name == "tables.py":
            importlib.import_module(file.module)
    found: dict[str, list[Table]] = {"labels": [], "points": []}
    for mapper in SQLModel._sa_registry.mappers:
        top = mapper.class_.__module__.partition(".")[0]
        if top in found and isinstance(mapper.local_table, Table):
            found[top].append(mapper.local_table)
    return {top: sorted(some, key=lambda table: table.name) for top, some in found.items()}


def test_every_key_of_points_holds_the_programme(tables: dict[str, list[Table]]) -> None:
    assert tables["points"]
    expect_none(untenanted(tables["points"]))


def test_keys_without_the_programme_are_found() -> None:
    bad = Table(
        "badge",
        MetaData(),
        Column("badge_id", Integer, primary_key=True),
        Column(TENANT, Integer, primary_key=True),
        Column("code", Integer),
        UniqueConstraint("code"),
    )
    Index("uq_badge_name", bad.c.code, unique=True)
    assert untenanted([bad]) == [
        "badge: its primary key starts with ['badge_id']",
        "badge.code: unique without programme_id",
        "badge.code: unique without programme_id",
    ]


def test_labels_do_not_refer_to_points(tables: dict[str, list[Table]]) -> None:
    assert tables["labels"]
    expect_none(reaching_up(tables["labels"], tables["points"]))


def test_a_reference_to_points_is_found() -> None:
    data = MetaData()
    resident = Table("resident", data, Column("id", Integer, primary_key=True))
    product = Table("product", data, Column("scanned_by_id", ForeignKey("resident.id")))
    assert reaching_up([product], [resident]) == ["product: refers to resident"]


def test_hot_tables_have_no_foreign_keys(tables: dict[str, list[Table]]) -> None:
    assert {table.name for table in tables["points"]} >= HOT
    expect_none(hot_keys(tables["points"]))


def test_a_foreign_key_on_a_hot_table_is_found() -> None:
    lot = Table("lot", MetaData(), Column("resident_id", ForeignKey("resident.id")))
    assert hot_keys([lot]) == ["lot: refers to resident"]
