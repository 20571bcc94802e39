"""What the tables are, gathered from every part that has some."""

import importlib
import pkgutil
from types import ModuleType
from typing import Literal

import sqlalchemy as sa
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import labels
import points

APPEND_ONLY = frozenset(
    {"entry", "posting", "certificate_event", "factor", "baseline", "footprint_review", "pilot_judgement"}
    | {"application_step", "footprint_disclosure", "footprint_stage", "product_revision", "mark_asset", "adjustment"}
    | {"review_step", "debt_forgiveness", "basis", "reinstatement"}
)
"""Tables the service may only add to. The revision that makes one puts a trigger on it; docs/operations.md names it."""


def target() -> sa.MetaData:
    """Return the tables of the whole tree, from every module named `tables`."""
    for package in (labels, points):
        for module in _tables_of(package):
            importlib.import_module(module)
    return SQLModel.metadata


def _tables_of(package: ModuleType) -> list[str]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [module.name for module in found if module.name.endswith(".tables")]


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write SQLModel's string type as SQLAlchemy's own, so that revisions do not depend on SQLModel."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False
