"""Categories with their baselines: the browser of what products are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.dependencies import Now, Session
from api.readers import reader_of, shown
from api.routing import Route
from core.clock import local_day
from labels import baselines as published
from labels import listings
from labels.baselines import BaselineSearch
from labels.tables import Category
from labels.wording import Language, name_in

router = APIRouter(route_class=Route, include_in_schema=False)

_METHODS: Final = ["GET", "HEAD"]
_TIME_ZONE: Final = "Asia/Shanghai"
_SHOWN: Final = 24


@dataclass(frozen=True, slots=True)
class Branch:
    """A category with those below it."""

    category: Category
    children: tuple["Branch", ...]


@router.api_route("/categories", methods=_METHODS)
async def show_categories(
    request: Request, session: Session, q: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Show every category as a tree, or those whose names contain some words."""
    everything = await listings.categories(session)
    words = " ".join(q.split())
    by_id = {each.id: each for each in everything}
    found = [each for each in everything if words and _is_called(each, words.lower())]
    language = reader_of(request).language
    return shown(
        request,
        "pages/categories.html",
        words=words,
        found=found,
        trails={each.id: _trail(each, by_id, language) for each in found},
        roots=_branches(everything, None),
    )


@router.api_route("/categories/{category_id}", methods=_METHODS)
async def show_category(category_id: str, request: Request, session: Session, now: Now) -> Response:
    """Show a category with the baselines that hold today, its neighbours and its labelled products."""
    everything = await listings.categories(session)
    by_id = {each.id: each for each in everything}
    category = by_id.get(category_id)
    if category is None:
        raise HTTPException(404)
    wanted = BaselineSearch(category_id=category_id, on=local_day(now, _TIME_ZONE))
    baselines = [each for each in await published.search(session, wanted) if each.gtin is None]
    return shown(
        request,
        "pages/category.html",
        category=category,
        above=_above(category, by_id),
        below=[each for each in everything if each.parent_id == category_id],
        baselines=baselines,
        products=await listings.products(session, category_id=category_id, certified=True, limit=_SHOWN),
    )


def _branches(categories: Sequence[Category], parent_id: str | None) -> tuple[Branch, ...]:
    by_parent: dict[str | None, list[Category]] = {}
    for each in categories:
        by_parent.setdefault(each.parent_id, []).append(each)

    def below(category_id: str | None) -> tuple[Branch, ...]:
        return tuple(Branch(each, below(each.id)) for each in by_parent.get(category_id, ()))

    return below(parent_id)


def _above(category: Category, by_id: dict[str, Category]) -> list[Category]:
    """Return the wider categories, the widest first."""
    above: list[Category] = []
    step = category.parent_id
    while step is not None and by_id[step] not in above:
        above.insert(0, by_id[step])
        step = by_id[step].parent_id
    return above


def _is_called(category: Category, words: str) -> bool:
    return any(words in name.lower() for name in (category.name_zh, category.name_en, category.id))


def _trail(category: Category, by_id: dict[str, Category], language: Language) -> str:
    return " › ".join(name_in(language, each.name_zh, each.name_en) for each in _above(category, by_id))
