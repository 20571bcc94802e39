"""Published footprints as comparable figures: Agribalyse's subgroups, and the Chinese database's product groups."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from labels.factors import ComparableFigure
from labels.quantities import milligrams

AGRIBALYSE: Final = "Agribalyse 3.1.1 (ADEME)"
AGRIBALYSE_LICENCE: Final = "Etalab Open Licence 2.0"
CPCD: Final = "China Products Carbon Footprint Factors Database (CPCD)"
CPCD_LICENCE: Final = "none stated; for tests only"
CATALOGUE: Final = "Carbon Catalogue (Meinrenken et al., Sci Data 2022)"
_FINEST: Final = 5
_WIDEST: Final = 3


@dataclass(frozen=True, slots=True)
class Published:
    """One published footprint: its figure, and what it is called."""

    name: str
    figure: ComparableFigure


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of one of the data folder's CSV files."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def subgroup_id(subgroup: str) -> str:
    """Return the category of an Agribalyse subgroup: its French name without accents."""
    plain = unicodedata.normalize("NFKD", subgroup.replace("œ", "oe")).encode("ascii", "ignore").decode().lower()
    return "agribalyse." + re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def group_id(code: str) -> str:
    """Return the category of a code of the UN's central product classification, of 3 to 5 digits."""
    return f"cpc.{code}"


def agribalyse(data: Path) -> list[Published]:
    """Return the average foods of Agribalyse, to the consumer, per kilogram. Averages, not products of a maker."""
    return [
        Published(
            row["name_en"],
            ComparableFigure(
                path=(subgroup_id(row["subgroup_fr"]),),
                milligrams_per_unit=milligrams(Decimal(row["total_kgco2e_per_kg"])),
                functional_unit="kg",
                boundary="cradle_to_consumer",
                standard="Agribalyse 3.1",
                region="FR",
                source=AGRIBALYSE,
                source_row=f"agb {row['agb_code']}",
                licence=AGRIBALYSE_LICENCE,
            ),
        )
        for row in rows_of(data / "pcf" / "agribalyse_311_food_stages.csv")
    ]


def labelled_candidates(data: Path) -> list[Published]:
    """Return the Chinese database's consumer products, to the grave, per item; of the same product the newest row.

    Foreign entries are named after their country ("-德国") and left out: their region is another.
    """
    newest: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows_of(data / "pcf" / "cpcd_cn.csv"):
        if row["labelled_candidate"] == "1" and not row["name_zh"].endswith("-德国"):
            key = (row["cpc5"], row["name_zh"])
            if key not in newest or newest[key]["data_year"] < row["data_year"]:
                newest[key] = row
    return [
        Published(
            row["name_zh"],
            ComparableFigure(
                path=tuple(group_id(row["cpc5"][:digits]) for digits in range(_WIDEST, _FINEST + 1)),
                milligrams_per_unit=milligrams(Decimal(row["value_kgco2e_per_unit"])),
                functional_unit="item",
                boundary="cradle_to_grave",
                standard="as published",
                region="CN",
                source=CPCD,
                source_row=row["product_id"],
                licence=CPCD_LICENCE,
            ),
        )
        for row in newest.values()
    ]


def reported(data: Path, pcf_id: str, subgroup: str) -> Published:
    """Return a maker's own footprint of the Carbon Catalogue, per kilogram, as it was reported.

    Raises:
        StopIteration: when the extract does not hold the product.
    """
    path = data / "pcf" / "carbon_catalogue_products.csv"
    row = next(row for row in rows_of(path) if row["pcf_id"] == pcf_id)
    figure = ComparableFigure(
        path=(subgroup_id(subgroup),),
        milligrams_per_unit=milligrams(Decimal(row["carbon_intensity_kgco2e_per_kg"])),
        functional_unit="kg",
        boundary="cradle_to_grave",
        standard=row["protocol"],
        region=row["country_incorporated"],
        source=CATALOGUE,
        source_row=pcf_id,
        licence="CC BY 4.0",
    )
    return Published(row["product_name"][:100], figure)
