"""Suggestions for those who register products: which category a name points to, and how much is in the pack."""

from typing import Final

from api.audiences import ProductsPartner
from api.dependencies import Session
from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.suggestions import (
    NamedProduct,
    NamedProducts,
    SuggestedCategory,
    SuggestedProduct,
    SuggestionPage,
)
from labels import listings
from labels.quantities import FunctionalUnit, net_content_micro, pack_in
from labels.seed import library
from labels.suggestions import METHOD, Suggester, words_of
from labels.tables import Category

router = new_router(tag="products")

_EXAMPLE: Final = {
    "method": METHOD,
    "products": [
        {
            "pack": "33克*30",
            "categories": [
                {
                    "category_id": "tea.oolong",
                    "name_zh": "乌龙茶",
                    "name_en": "Oolong tea",
                    "word": "乌龙茶",
                    "functional_unit": "kg",
                    "net_content_micro": 990_000,
                }
            ],
        }
    ],
}


@router.post(
    "/products/suggestions",
    summary="Suggest categories for products",
    openapi_extra=example({"products": [{"name": "示范乌龙茶", "pack": "33克*30"}]}),
    responses=answers(200, "One entry for each product.", _EXAMPLE),
)
async def suggest_categories(body: NamedProducts, partner: ProductsPartner, session: Session) -> SuggestionPage:  # noqa: ARG001 - who may ask
    """Suggest a category and read the pack size. It changes nothing, and a person should look before registering."""
    categories = await listings.categories(session)
    suggester = Suggester(words_of([(each.id, each.name_zh, each.name_en) for each in categories], library.words()))
    by_id = {each.id: each for each in categories}
    return SuggestionPage(method=METHOD, products=[_suggested(each, suggester, by_id) for each in body.products])


def _suggested(product: NamedProduct, suggester: Suggester, categories: dict[str, Category]) -> SuggestedProduct:
    pack = product.pack or pack_in(product.name)
    found = suggester.suggest(product.name)
    shown = [
        SuggestedCategory(
            category_id=each.category_id,
            name_zh=categories[each.category_id].name_zh,
            name_en=categories[each.category_id].name_en,
            word=each.word,
            functional_unit=(unit := categories[each.category_id].functional_unit),
            net_content_micro=net_content_micro(pack, FunctionalUnit(unit)) if pack else None,
        )
        for each in found
    ]
    return SuggestedProduct(pack=pack, categories=shown)
