"""Which comparable products a grocery category of 2017 is taken for. Made by hand, coarse, and for tests only.

Left: `product_category` of the grocery baskets. Right: a category of a source of footprints, and what one unit weighs
in kilograms, unless it is counted by the item. The weights are round guesses at a usual American pack.
"""

from decimal import Decimal
from typing import Final

FRESH_DAIRY: Final = "produits laitiers frais et assimilés"
SOFT_DRINKS: Final = "boissons sans alcool"
BREAD: Final = "pains et viennoiseries"
MEALS: Final = "plats composés"
BREAKFAST: Final = "céréales de petit-déjeuner et biscuits"
CHEESE: Final = "fromages"
MEAT: Final = "viandes crues"
COLD_CUTS: Final = "charcuteries"
VEGETABLES: Final = "légumes"
FRUIT: Final = "fruits"
CAKES: Final = "gâteaux et pâtisseries"
SAUCES: Final = "sauces"

SUBGROUPS: Final[dict[str, tuple[str, Decimal]]] = {
    "SOFT DRINKS": (SOFT_DRINKS, Decimal("2.0")),
    "REFRGRATD JUICES/DRNKS": (SOFT_DRINKS, Decimal("1.9")),
    "CANNED JUICES": (SOFT_DRINKS, Decimal("1.4")),
    "ISOTONIC DRINKS": (SOFT_DRINKS, Decimal("0.9")),
    "FLUID MILK PRODUCTS": ("laits", Decimal("3.8")),
    "BAKED BREAD/BUNS/ROLLS": (BREAD, Decimal("0.5")),
    "BREAD": (BREAD, Decimal("0.5")),
    "CHEESE": (CHEESE, Decimal("0.25")),
    "CHEESES": (CHEESE, Decimal("0.25")),
    "FRZN MEAT/MEAT DINNERS": (MEALS, Decimal("0.3")),
    "DINNER MXS:DRY": (MEALS, Decimal("0.2")),
    "BEEF": (MEAT, Decimal("0.5")),
    "CHICKEN": (MEAT, Decimal("0.8")),
    "PORK": (MEAT, Decimal("0.6")),
    "YOGURT": (FRESH_DAIRY, Decimal("0.17")),
    "MILK BY-PRODUCTS": (FRESH_DAIRY, Decimal("0.4")),
    "SOUP": ("soupes", Decimal("0.3")),
    "FROZEN PIZZA": ("pizzas, tartes et crêpes salées", Decimal("0.4")),
    "VEGETABLES - SHELF STABLE": (VEGETABLES, Decimal("0.4")),
    "FRZN VEGETABLE/VEG DSH": (VEGETABLES, Decimal("0.4")),
    "ONIONS": (VEGETABLES, Decimal("1.0")),
    "TOMATOES": (VEGETABLES, Decimal("0.5")),
    "CARROTS": (VEGETABLES, Decimal("0.5")),
    "COLD CEREAL": (BREAKFAST, Decimal("0.4")),
    "CRACKERS/MISC BKD FD": (BREAKFAST, Decimal("0.25")),
    "COOKIES/CONES": (BREAKFAST, Decimal("0.3")),
    "TROPICAL FRUIT": (FRUIT, Decimal("1.0")),
    "APPLES": (FRUIT, Decimal("1.0")),
    "CITRUS": (FRUIT, Decimal("1.0")),
    "GRAPES": (FRUIT, Decimal("0.9")),
    "BERRIES": (FRUIT, Decimal("0.4")),
    "LUNCHMEAT": (COLD_CUTS, Decimal("0.25")),
    "DELI MEATS": (COLD_CUTS, Decimal("0.25")),
    "HOT DOGS": (COLD_CUTS, Decimal("0.4")),
    "BACON": (COLD_CUTS, Decimal("0.4")),
    "ICE CREAM/MILK/SHERBTS": ("glaces", Decimal("1.0")),
    "EGGS": ("œufs", Decimal("0.6")),
    "BAKED SWEET GOODS": (CAKES, Decimal("0.35")),
    "CONDIMENTS/SAUCES": (SAUCES, Decimal("0.4")),
    "PASTA SAUCE": (SAUCES, Decimal("0.7")),
    "DRY NOODLES/PASTA": ("pâtes, riz et céréales", Decimal("0.45")),
    "MARGARINES": ("margarines", Decimal("0.4")),
    "POTATOES": ("pommes de terre et autres tubercules", Decimal("2.3")),
}
"""Taken for an Agribalyse subgroup, counted by the kilogram."""

SUBCLASSES: Final[dict[str, str]] = {
    "COFFEE": "239",
    "WATER - CARBONATED/FLVRD DRINK": "244",
    "PASTRY": "234",
    "BREAKFAST SWEETS": "234",
    "BEERS/ALES": "243",
}
"""Taken for a group of the UN's central product classification (CPC 2.1) in the Chinese database, by the item."""

REPORTED: Final[dict[str, tuple[str, ...]]] = {
    BREAKFAST: ("10056-1-2015",),
    FRESH_DAIRY: ("39118-1-2014",),
    "pâtes, riz et céréales": ("38359-9-2016",),
}
"""Products whose makers reported a footprint (Carbon Catalogue), and the subgroup they are sold in.

Their boundaries and standards are not those of the subgroup's baseline, so a sale of one must be refused.
"""
