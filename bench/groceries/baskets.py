"""A year of grocery baskets (The Complete Journey, 2017) as sales: households buy, stores report."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from bench.groceries.figures import rows_of
from bench.groceries.shelf import Shelf
from core.ids import new_id
from labels.tables import Organization
from points.earning.activities import SaleLine
from points.residents.residents import new_member_code
from points.residents.tables import Resident

ZONE: Final = "America/New_York"
"""The source's times are local and do not say where; this is where its publisher is."""
Reported = tuple[UUID, SaleLine]


@dataclass(frozen=True, slots=True)
class Town:
    """Who buys, by household number, with member codes; and who sells, by store number."""

    members: Mapping[str, str]
    stores: Mapping[str, UUID]


def lines(data: Path) -> Iterator[dict[str, str]]:
    """Yield the lines of all baskets, in the order of time."""
    with gzip.open(data / "transactions" / "cj_transactions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


async def settle_town(session: AsyncSession, data: Path, programme_id: UUID) -> Town:
    """Make a resident of every household and a retailer of every store."""
    households, stores = set(), set()
    for line in lines(data):
        households.add(line["household_id"])
        stores.add(line["store_id"])
    residents = {
        household: Resident(
            programme_id=programme_id,
            resident_id=(resident_id := new_id()),
            contact_digest=resident_id.bytes,
            member_code=new_member_code(),
            nickname=f"household {household}",
            ranked=True,
        )
        for household in sorted(households)
    }
    retailers = {
        store: Organization(name_zh=f"商店 {store}", name_en=f"Store {store}", roles="retailer")
        for store in sorted(stores)
    }
    session.add_all([*residents.values(), *retailers.values()])
    await session.flush()
    return Town(
        {household: each.member_code for household, each in residents.items()},
        {store: each.id for store, each in retailers.items()},
    )


def sales(data: Path, shelf: Shelf, town: Town, *, most: int | None = None) -> Iterator[Reported]:
    """Yield the sales of what is on the shelf, at most so many: quantities and times as they are, returns included.

    A grocery product is taken for one of its category's labelled products, always the same one.
    """
    categories = {
        row["product_id"]: row["product_category"] for row in rows_of(data / "transactions" / "cj_products.csv")
    }
    return islice(_sales(data, shelf, town, categories), most)


def _sales(data: Path, shelf: Shelf, town: Town, categories: Mapping[str, str]) -> Iterator[Reported]:
    zone = ZoneInfo(ZONE)
    numbers: defaultdict[str, int] = defaultdict(int)
    for line in lines(data):
        numbers[line["basket_id"]] += 1
        gtins = shelf.gtins.get(categories.get(line["product_id"], ""))
        if gtins is None:
            continue
        yield (
            town.stores[line["store_id"]],
            SaleLine(
                receipt=line["basket_id"],
                line=numbers[line["basket_id"]],
                member_code=town.members[line["household_id"]],
                code=gtins[int(line["product_id"]) % len(gtins)],
                quantity=int(line["quantity"]),
                sold_at=datetime.fromisoformat(line["transaction_timestamp"]).replace(tzinfo=zone),
            ),
        )
