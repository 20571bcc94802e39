"""What a product's name and pack size say, for a person to look at."""

from typing import Annotated

from pydantic import Field

from api.schemas import Name, Schema

MOST_NAMES = 100


class NamedProduct(Schema):
    """A product as its maker or shop calls it."""

    name: Name
    pack: Name | None = Field(
        None, description="The pack size as printed; without it, what stands in the name is read."
    )


class NamedProducts(Schema):
    """Several products."""

    products: Annotated[list[NamedProduct], Field(min_length=1, max_length=MOST_NAMES)]


class SuggestedCategory(Schema):
    """A category the name points to."""

    category_id: str
    name_zh: str
    name_en: str
    word: str = Field(description="The word of the name by which it was found.")
    functional_unit: str
    net_content_micro: int | None = Field(description="The pack in millionths of that unit, where it says so clearly.")


class SuggestedProduct(Schema):
    """What was found for one product, the likeliest category first; none where no word is known."""

    pack: str = Field(description="The pack size that was read; empty when there is none.")
    categories: list[SuggestedCategory]


class SuggestionPage(Schema):
    """One entry for each product, in the order they were sent."""

    method: str = Field(description="How categories are found, with its version.")
    products: list[SuggestedProduct]
