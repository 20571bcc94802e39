"""A year of a gift shop's invoices (UCI Online Retail, 2010 and 2011) as sales and returns, as dirty as they are."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from bench.groceries.shelf import Shelf
from core.ids import new_id
from labels.catalogue import NewProduct
from labels.tables import Organization
from points.earning.activities import SaleLine
from points.residents.residents import new_member_code
from points.residents.tables import Resident

ZONE: Final = "Europe/London"
"""The shop's own; the source's times do not say."""
_PRODUCT_DIGITS: Final = 5
_LABELLED_IN_TEN: Final = 7
"""Of ten gifts, so many are taken for a labelled product, the others for one that nobody certified."""
Reported = tuple[UUID, SaleLine]


@dataclass(frozen=True, slots=True)
class Shop:
    """Who buys, by customer number, with member codes; and the one who sells."""

    members: Mapping[str, str]
    retailer_id: UUID


def rows(data: Path) -> Iterator[dict[str, str]]:
    """Yield the lines of all invoices, in the order of time."""
    with gzip.open(data / "transactions" / "online_retail_uci.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


async def open_shop(session: AsyncSession, data: Path, programme_id: UUID) -> Shop:
    """Make a resident of every customer, and a retailer of the shop."""
    customers = sorted({row["customer_id"] for row in rows(data)} - {""})
    residents = {
        customer: Resident(
            programme_id=programme_id,
            resident_id=(resident_id := new_id()),
            contact_digest=resident_id.bytes,
            member_code=new_member_code(),
            nickname=f"customer {customer}",
            ranked=True,
        )
        for customer in customers
    }
    shop = Organization(name_zh="礼品店", name_en="Gift Shop", roles="retailer")
    session.add_all([*residents.values(), shop])
    await session.flush()
    return Shop({customer: each.member_code for customer, each in residents.items()}, shop.id)


def orders(
    data: Path, shelf: Shelf, products: Sequence[NewProduct], shop: Shop, *, most: int | None = None
) -> Iterator[Reported]:
    """Yield the lines, at most so many: quantities, times and codes that are no products as they are.

    A negative quantity is a return; the source does not say of which invoice, and numbers its invoice `C`.
    """
    labelled = sorted(gtin for gtins in shelf.gtins.values() for gtin in gtins)
    others = sorted({each.gtin for each in products} - set(labelled))
    return islice(_orders(data, labelled, others, shop), most)


def _orders(data: Path, labelled: Sequence[str], others: Sequence[str], shop: Shop) -> Iterator[Reported]:
    zone = ZoneInfo(ZONE)
    for row in rows(data):
        yield (
            shop.retailer_id,
            SaleLine(
                receipt=row["invoice_no"],
                line=int(row["line_no"]),
                member_code=shop.members.get(row["customer_id"]),
                code=_code(row["stock_code"], labelled, others),
                quantity=int(row["quantity"]),
                sold_at=datetime.fromisoformat(row["invoice_datetime"]).replace(tzinfo=zone),
            ),
        )


def _code(stock_code: str, labelled: Sequence[str], others: Sequence[str]) -> str:
    """Return the product number a stock code is taken for, always the same; postage, bank charges and the like none."""
    if not stock_code[:_PRODUCT_DIGITS].isdigit():
        return stock_code
    number = int.from_bytes(sha256(stock_code.encode()).digest()[:8])
    shelf = labelled if number % 10 < _LABELLED_IN_TEN else others
    return shelf[number // 10 % len(shelf)]
