"""The sources that the base library is derived from: who says so, for where, and under which licence. Pure.

The files are not part of the project. ATTRIBUTION.md names each as its licence asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from labels.quantities import Boundary

_AGRICULTURE_TO_GATE: Final = ("agriculture_kgco2e_per_kg", "processing_kgco2e_per_kg", "packaging_kgco2e_per_kg")
_NOT_STATED: Final = "not stated in the extract"


@dataclass(frozen=True, slots=True)
class Source:
    """How a table of figures is read, and what is to be said of every figure from it.

    `values` are the columns whose sum is a figure in kg CO2e, for each boundary the source can tell. Empty `standard`,
    `year_column` and so on mean that the source says nothing.
    """

    key: str
    file: str
    title: str
    region: str
    standard: str
    gwp_set: str
    data_quality: str
    verification: str
    licence: str
    id_column: str
    values: Mapping[Boundary, tuple[str, ...]]
    group_column: str = ""
    text_columns: tuple[str, ...] = ()
    year: int | None = None
    year_column: str = ""
    one_of_column: str = ""
    needs_above: tuple[str, str] = ("", "0")


_AGRIBALYSE: Final = Source(
    key="agribalyse",
    file="pcf/agribalyse_311_food_stages.csv",
    title="ADEME, Agribalyse 3.1.1",
    region="FR",
    standard="Agribalyse 3.1 (ISO 14040/14044)",
    gwp_set=_NOT_STATED,
    data_quality="average products of France; data quality rating per product in the source",
    verification="published by ADEME and INRAE; stage sums checked against the published totals",
    licence="Etalab Open Licence 2.0",
    id_column="agb_code",
    group_column="subgroup_fr",
    text_columns=("name_en",),
    values={
        Boundary.CRADLE_TO_GATE: _AGRICULTURE_TO_GATE,
        Boundary.CRADLE_TO_CONSUMER: ("total_kgco2e_per_kg",),
    },
    year=2023,
)
_IMPACTCO2: Final = Source(
    key="impactco2",
    file="pcf/impactco2_items.csv",
    title="ADEME, Impact CO2 (Base Empreinte, Agribalyse 3.2)",
    region="FR",
    standard="Base Empreinte (ISO 14040/14044)",
    gwp_set=_NOT_STATED,
    data_quality="one typical product of France",
    verification="published by ADEME",
    licence="Etalab Open Licence 2.0",
    id_column="slug",
    values=dict.fromkeys(
        (Boundary.CRADLE_TO_GRAVE, Boundary.CRADLE_TO_CONSUMER, Boundary.CRADLE_TO_SHELF), ("total_kgco2e_per_unit",)
    ),
)
_DEFRA: Final = Source(
    key="defra",
    file="factors/defra_2025_scope3.csv",
    title="UK Government GHG Conversion Factors for Company Reporting 2025, material use",
    region="GB",
    standard="UK Government conversion factors 2025 methodology",
    gwp_set="AR5",
    data_quality="average of the material group, UK consumption",
    verification="published by DESNZ and Defra",
    licence="Open Government Licence v3.0",
    id_column="id",
    values={Boundary.CRADLE_TO_SHELF: ("factor",)},
    year=2025,
)
_CARBON_CATALOGUE: Final = Source(
    key="carbon_catalogue",
    file="pcf/carbon_catalogue_products.csv",
    title="The Carbon Catalogue (Meinrenken et al., Scientific Data 2022)",
    region="GLO",
    standard="as reported to CDP (ISO, GHG Protocol or PAS 2050)",
    gwp_set=_NOT_STATED,
    data_quality="makers' own figures, one for each product; the latest year reported",
    verification="as reported to CDP; adjusted by the authors where units were wrong",
    licence="CC BY 4.0",
    id_column="pcf_id",
    text_columns=("product_name", "product_detail"),
    values={Boundary.CRADLE_TO_GRAVE: ("pcf_kgco2e",)},
    year_column="year_reported",
    one_of_column="product_group_id",
    needs_above=("downstream_fraction", "0.05"),
)
_POORE_NEMECEK: Final = Source(
    key="poore_nemecek",
    file="pcf/poore_nemecek_food_stages.csv",
    title="Poore and Nemecek, Science 2018, through Our World in Data",
    region="GLO",
    standard="Poore and Nemecek 2018 (harmonised life cycle assessments)",
    gwp_set="AR5",
    data_quality="global mean of 38,700 farms, as published",
    verification="peer reviewed; sums of stages checked",
    licence="CC BY 4.0",
    id_column="food",
    values={Boundary.CRADLE_TO_SHELF: ("total_kgco2e_per_kg",)},
    year=2018,
)
_CPCD: Final = Source(
    key="cpcd",
    file="pcf/cpcd_cn.csv",
    title="China Products Carbon Footprint Factors Database (CPCD), China City Greenhouse Gas Working Group",
    region="CN",
    standard="as in the study that CPCD cites",
    gwp_set=_NOT_STATED,
    data_quality="a single study",
    verification="collected from literature by the working group",
    licence="single figure cited with its source; CPCD names no data licence",
    id_column="product_id",
    values=dict.fromkeys((Boundary.CRADLE_TO_GATE, Boundary.CRADLE_TO_GRAVE), ("value_kgco2e_per_unit",)),
    year_column="data_year",
)

SOURCES: Final[Mapping[str, Source]] = MappingProxyType(
    {source.key: source for source in (_AGRIBALYSE, _IMPACTCO2, _DEFRA, _CARBON_CATALOGUE, _POORE_NEMECEK, _CPCD)}
)
