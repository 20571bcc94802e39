"""The base library: sourced, derived again to the last milligram, and registered once."""

import re
from pathlib import Path

import pytest

from core import clock, db
from labels import listings
from labels.seed import library
from labels.seed.sources import SOURCES
from tests.factories.seed import derive_all

GROUPS = {
    "food": 80,
    "drink": 15,
    "tea": 6,
    "textiles": 5,
    "clothing": 15,
    "furniture": 9,
    "bamboo_wood": 8,
    "appliances": 11,
    "electronics": 17,
    "cleaning": 4,
    "paper": 5,
    "personal_care": 5,
}


def _sourced() -> set[str]:
    return {each.category_id for each in library.baselines()}


def test_a_city_programme_finds_its_categories_with_figures() -> None:
    categories = {each.id: each for each in library.categories()}
    assert len(_sourced()) >= 120
    assert _sourced() <= set(categories)
    for group, least in GROUPS.items():
        assert sum(each.startswith(f"{group}.") for each in categories) >= least, group
    assert all(
        re.search("[\u4e00-\u9fff]", each.name_zh) and each.name_en.isprintable() for each in categories.values()
    )


def test_at_least_120_categories_have_a_figure_that_may_be_redistributed() -> None:
    licensed = {each.category_id for each in library.baselines() if "no data licence" not in each.licence}
    assert len(licensed) >= 120


def test_every_figure_says_where_it_comes_from() -> None:
    titles = {source.title for source in SOURCES.values()}
    attribution = (Path(library.__file__).parent / "ATTRIBUTION.md").read_text("utf-8")
    for each in library.baselines():
        assert each.source in titles
        assert all((each.source_row, each.licence, each.region, each.standard, each.method, each.gwp_set))
        assert (each.lower_quartile_mg is None) == (each.sample_size < 3), each.category_id
    for factor in library.factors():
        assert all((factor.source, factor.source_row, factor.licence, factor.standard, factor.verification))
    for source in SOURCES.values():
        assert source.licence.split(" ", maxsplit=1)[0] in attribution


def test_every_baseline_lies_within_its_categorys_plausible_range() -> None:
    categories = {each.id: each for each in library.categories()}
    for each in library.baselines():
        low, high = categories[each.category_id].plausible_low_mg, categories[each.category_id].plausible_high_mg
        assert low is not None
        assert high is not None
        assert low <= each.milligrams_per_unit <= high, each.category_id


@pytest.mark.real_data
def test_every_figure_is_derived_again_from_its_source(data_folder: Path) -> None:
    categories, baselines, factors = derive_all(data_folder)
    assert library.categories() == categories
    assert library.baselines() == baselines
    assert library.factors() == factors


async def test_the_library_is_registered_once(database: str) -> None:
    async with db.transaction() as session:
        first = await library.register_library(session, now=clock.now())
        again = await library.register_library(session, now=clock.now())
        tea = await listings.baselines_of(session, "tea.green")
    whole = len(library.categories()) + len(library.baselines()) + len(library.factors())
    assert first.rejected == again.rejected == ()
    assert first.registered + first.unchanged == whole
    assert (again.registered, again.unchanged) == (0, whole)
    assert [each.source_row for each in tea] == ["product_id 01620X0052019A"]
