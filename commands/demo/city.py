"""The demonstration city as plain facts. Pure data: what is done with it stands elsewhere.

Baselines: medians and quartiles of the average foods of a subgroup, ADEME, Agribalyse 3.1.1 (2023), Etalab Open Licence
2.0, in mg CO2e per kilogram from cradle to consumer, France. `rows` says of how many foods. The medians were taken by
labels.medians. Plausible ranges are the least and the greatest food of the subgroup, rounded outwards.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from labels.factors import BaselineDraft
from labels.registrations import NewCategory, NewProduct
from points.programmes.policy import Terms

SLUG: Final = "demo"
NAME_ZH: Final = "示范市碳惠"
NAME_EN: Final = "Demo City"
TIME_ZONE: Final = "Asia/Shanghai"
SINCE: Final = datetime(2024, 1, 1, tzinfo=UTC)
TERMS: Final = Terms(maturity_days=0)
"""The default rules, except that points can be spent at once: a demonstration has no week to wait."""
POINTS_PER_TONNE: Final = 50_000
BASE_POINTS: Final = 10_000_000
ENGAGEMENT_POINTS: Final = 1_000_000
DISTRICTS: Final = (
    ("湖滨区", "Lakeside"),
    ("青山区", "Greenhill"),
    ("老城区", "Old Town"),
    ("新港区", "New Harbour"),
    ("竹林区", "Bamboo Grove"),
)

MAKER: Final = ("示范食品厂", "Demo Foods")
CERTIFIER: Final = ("示范认证中心", "Demo Certification Centre")
RETAILERS: Final = (("绿源超市", "Green Mart"), ("邻里便利店", "Corner Store"), ("江南菜场", "Jiangnan Market"))

STANDARD: Final = "Agribalyse 3.1"
BOUNDARY: Final = "cradle_to_consumer"
REGION: Final = "FR"
SCHEME: Final = "DEMO-CFP"
MARK: Final[dict[str, Any]] = {
    "id": SCHEME,
    "kind": "carbon_label",
    "name_zh": "示范碳足迹标识",
    "name_en": "Demonstration carbon footprint mark",
    "owner_zh": "示范市",
    "owner_en": "Demo City",
    "region": "CN",
    "placements": ["product", "packaging"],
    "must_show": ["figure", "certificate_number"],
    "rules_zh": "仅供示范，不得用于真实产品。",
    "rules_en": "For demonstration only; it may not stand on a real product.",
    "source": "made up for the demonstration",
}
"""The city's own scheme, as labels.certification.tables.Scheme takes it."""
VALID_FROM: Final = date(2024, 1, 1)
VALID_UNTIL: Final = date(2036, 1, 1)
EXPIRED_ON: Final = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Usual:
    """What the usual product of a category emits."""

    category_id: str
    milligrams: int
    lower_quartile: int
    upper_quartile: int
    rows: int
    subgroup: str

    def draft(self) -> BaselineDraft:
        """Return it as the registry takes it."""
        return BaselineDraft(
            category_id=self.category_id,
            from_category_id=self.category_id,
            milligrams_per_unit=self.milligrams,
            functional_unit="kg",
            boundary=BOUNDARY,
            standard=STANDARD,
            region=REGION,
            sample_size=self.rows,
            lower_quartile_mg=self.lower_quartile,
            upper_quartile_mg=self.upper_quartile,
            source="ADEME, Agribalyse 3.1.1 (2023)",
            source_row=f"subgroup: {self.subgroup}",
            licence="Etalab Open Licence 2.0",
        )


@dataclass(frozen=True, slots=True)
class Labelled:
    """A product with what its label says. `expires_on` is the first day its certificate no longer holds."""

    gtin: str
    name_zh: str
    name_en: str
    category_id: str
    pack: str
    milligrams: int
    expires_on: date = VALID_UNTIL
    boundary: str = BOUNDARY

    def product(self) -> NewProduct:
        """Return the product as the registry takes it."""
        return NewProduct(
            gtin=self.gtin,
            name_zh=self.name_zh,
            name_en=self.name_en,
            brand="示范",
            category_id=self.category_id,
            pack=self.pack,
            source="made up for the demonstration",
        )


DAIRY: Final = "demo.dairy"
CATEGORIES: Final = (
    NewCategory(DAIRY, "乳品", "Dairy", "kg"),
    NewCategory("demo.dairy.milk", "牛奶", "Milk", "kg", DAIRY, 1_000_000, 15_000_000),
    NewCategory("demo.dairy.yoghurt", "酸奶和新鲜乳品", "Yoghurt and fresh dairy", "kg", DAIRY, 800_000, 12_000_000),
    NewCategory("demo.bakery", "烘焙", "Bakery", "kg"),
    NewCategory("demo.bakery.bread", "面包", "Bread", "kg", "demo.bakery", 600_000, 6_000_000),
    NewCategory(
        "demo.bakery.biscuits", "饼干和早餐谷物", "Biscuits and cereals", "kg", "demo.bakery", 900_000, 7_000_000
    ),
    NewCategory("demo.drinks", "饮料", "Soft drinks", "kg", None, 30_000, 29_000_000),
    NewCategory("demo.staples", "米面", "Rice and noodles", "kg", None, 400_000, 8_000_000),
    NewCategory("demo.pulses", "豆类", "Pulses", "kg", None, 200_000, 2_000_000),
    NewCategory("demo.vegetables", "蔬菜", "Vegetables", "kg", None, 300_000, 8_000_000),
    NewCategory("demo.eggs", "蛋类", "Eggs", "kg", None, 1_500_000, 5_000_000),
)

USUAL: Final = (
    Usual("demo.dairy.milk", 1_471_202, 1_306_215, 1_775_937, 11, "laits"),
    Usual("demo.dairy.yoghurt", 1_786_627, 1_585_017, 2_128_116, 62, "produits laitiers frais et assimilés"),
    Usual("demo.bakery.bread", 1_244_475, 948_263, 2_368_391, 53, "pains et viennoiseries"),
    Usual("demo.bakery.biscuits", 2_856_230, 2_122_218, 3_502_317, 94, "céréales de petit-déjeuner et biscuits"),
    Usual("demo.drinks", 560_211, 467_522, 930_206, 81, "boissons sans alcool"),
    Usual("demo.staples", 1_320_164, 877_900, 1_664_593, 46, "pâtes, riz et céréales"),
    Usual("demo.pulses", 907_975, 418_443, 949_307, 26, "légumineuses"),
    Usual("demo.vegetables", 941_066, 727_581, 1_255_634, 151, "légumes"),
    Usual("demo.eggs", 3_508_146, 3_168_256, 3_801_526, 16, "œufs"),
)

PRODUCTS: Final = (
    Labelled("9521234000013", "示范低碳纯牛奶", "Demo low-carbon milk", "demo.dairy.milk", "1kg", 1_120_000),
    Labelled("9521234000020", "示范草场鲜牛奶", "Demo pasture milk", "demo.dairy.milk", "250g*12", 1_240_000),
    Labelled("9521234000037", "示范原味酸奶", "Demo plain yoghurt", "demo.dairy.yoghurt", "100g*8", 1_310_000),
    Labelled("9521234000044", "示范全麦吐司", "Demo wholemeal toast", "demo.bakery.bread", "400g", 830_000),
    Labelled("9521234000051", "示范燕麦饼干", "Demo oat biscuits", "demo.bakery.biscuits", "300g", 1_900_000),
    Labelled("9521234000068", "示范乌龙茶饮", "Demo oolong tea drink", "demo.drinks", "500g*6", 310_000),
    Labelled("9521234000075", "示范挂面", "Demo dried noodles", "demo.staples", "1kg", 910_000),
    Labelled("9521234000082", "示范节水大米", "Demo water-saving rice", "demo.staples", "5kg", 1_010_000),
    Labelled("9521234000099", "示范黄豆", "Demo soy beans", "demo.pulses", "500g", 430_000),
    Labelled("9521234000105", "示范大棚外番茄", "Demo open-field tomatoes", "demo.vegetables", "500g", 520_000),
    Labelled("9521234000112", "示范散养鸡蛋", "Demo farm eggs", "demo.eggs", "600g", 2_900_000),
)
"""Products whose labels hold."""

EXPIRED: Final = Labelled(
    "9521234000129",
    "示范旧标酸奶",
    "Demo yoghurt with an old label",
    "demo.dairy.yoghurt",
    "100g*8",
    1_250_000,
    EXPIRED_ON,
)
"""Its certificate has run out, so it earns nothing."""

TO_THE_GATE: Final = Labelled(
    "9521234000136",
    "示范工厂数据牛奶",
    "Demo milk, figure to the gate",
    "demo.dairy.milk",
    "1kg",
    1_050_000,
    boundary="cradle_to_gate",
)
"""Its figure ends at the factory gate and the baseline at the consumer: not comparable, so it earns nothing."""

NEWCOMER: Final = Labelled("9521234000143", "示范新品豆浆粉", "Demo soy milk powder", "demo.pulses", "500g", 390_000)
"""Registered over HTTP by its maker, and certified by its certifier, on the demonstration's day."""

UNLABELLED: Final = NewProduct(
    gtin="9521234000150",
    name_zh="示范普通薯片",
    name_en="Demo ordinary crisps",
    brand="示范",
    category_id="demo.bakery.biscuits",
    pack="70g",
    source="made up for the demonstration",
)
"""A product without any certificate."""

UNREGISTERED: Final = "9521234000167"
WRONG_CHECK_DIGIT: Final = "9521234000014"

REWARDS: Final = (("一杯茶", "A cup of tea", 10, 500), ("公交一日票", "A day on the bus", 40, 200))
"""Name, price in points, and how many there are at first."""
