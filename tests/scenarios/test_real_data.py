"""Real product numbers, published footprints and real baskets: from the files as they are to the audit."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

import core.redis
from bench.groceries.figures import rows_of, subgroup_id
from bench.groceries.mapping import SUBCLASSES, SUBGROUPS
from bench.replay import Stock, Year, live, stocked
from cli import app
from core import db
from core.db import transaction
from labels.tables import Baseline, Certificate, Footprint
from points.earning.activities import Reason

pytestmark = pytest.mark.real_data

LINES = 6_000
PRODUCT_FILES = ("products_branded_named.csv", "products_cn_retail.csv")
INVALID = "gtins_invalid_real.csv"
Files = dict[str, "Imported"]


@dataclass(frozen=True)
class Imported:
    """What `tanhui import products` printed for a file, how it ended, and what it reported as refused."""

    code: int
    text: str
    refused: list[dict[str, str]]


@pytest.fixture(scope="module")
async def quiet(database: str) -> None:
    """No connection of this loop is open: a command has a loop of its own."""
    await db.dispose()
    await core.redis.dispose()


@pytest.fixture(scope="module")
def imported(quiet: None, redis_url: str, data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Each file as an operator imports it."""
    report = tmp_path_factory.mktemp("reports") / "refused.csv"
    found = {}
    for name in (*PRODUCT_FILES, INVALID):
        arguments = ["import", "products", str(data_folder / "products" / name), "--report", str(report)]
        done = CliRunner().invoke(app, arguments)
        found[name] = Imported(done.exit_code, done.output, list(rows_of(report)))
    return found


@pytest.fixture(scope="module")
async def stock(imported: Files, data_folder: Path) -> Stock:
    """What there is to buy."""
    return await stocked(data_folder)


@pytest.fixture(scope="module")
async def gifts(stock: Stock, data_folder: Path) -> Year:
    """The first lines of a gift shop's year, replayed twice and audited."""
    return await live(data_folder, stock, stream="gifts", most=LINES)


@pytest.fixture(scope="module")
async def year(stock: Stock, data_folder: Path) -> Year:
    """The first lines of a year of baskets, replayed twice and audited."""
    return await live(data_folder, stock, most=LINES)


def test_every_real_product_is_registered_as_its_file_has_it(imported: Files, data_folder: Path) -> None:
    for name in PRODUCT_FILES:
        count = len(list(rows_of(data_folder / "products" / name)))
        assert (imported[name].code, imported[name].refused) == (0, [])
        assert f"{count:,} registered" in imported[name].text


def test_every_code_that_is_no_products_is_refused_with_a_reason(
    imported: Files, year: Year, data_folder: Path
) -> None:
    rows = list(rows_of(data_folder / "products" / INVALID))
    assert imported[INVALID].code == 1
    assert imported[INVALID].text.startswith("0 registered")
    assert {each["row"] for each in imported[INVALID].refused} == {str(row) for row in range(2, len(rows) + 2)}
    for each in imported[INVALID].refused:
        # A row without a name may be refused for that alone; its code by itself is looked at below.
        assert (each["field"], each["value"]) in {("gtin", rows[int(each["row"]) - 2]["code"]), ("name", "")}
        assert each["reason"]
    assert year.invalid_codes == len(rows)


async def test_a_baseline_is_the_median_of_its_subgroup_with_spread_and_provenance(
    year: Year, data_folder: Path
) -> None:
    rows = list(rows_of(data_folder / "pcf" / "agribalyse_311_food_stages.csv"))
    async with transaction() as session:
        stored = {
            each.category_id: each
            for each in (await session.exec(select(Baseline).where(col(Baseline.region) == "FR"))).all()
        }
    for subgroup, _ in SUBGROUPS.values():
        figures = [Fraction(row["total_kgco2e_per_kg"]) for row in rows if row["subgroup_fr"] == subgroup]
        baseline = stored[subgroup_id(subgroup)]
        assert abs(baseline.milligrams_per_unit - median(figures) * 1_000_000) <= 1
        assert baseline.sample_size == len(figures)
        assert baseline.lower_quartile_mg is not None
        assert baseline.upper_quartile_mg is not None
        assert baseline.lower_quartile_mg <= baseline.milligrams_per_unit <= baseline.upper_quartile_mg
        assert baseline.source.startswith("Agribalyse")
        assert baseline.licence == "Etalab Open Licence 2.0"


async def test_a_code_with_fewer_than_three_figures_takes_the_next_wider_one(year: Year) -> None:
    async with transaction() as session:
        statement = select(Baseline).where(col(Baseline.category_id).startswith("cpc."))
        stored = (await session.exec(statement)).all()
    assert min(each.sample_size for each in stored) >= 3
    wider = [each for each in stored if each.source_row.startswith("from ")]
    assert wider
    for each in wider:
        assert each.category_id.startswith(each.source_row.split()[1].rstrip(":"))


async def test_every_link_between_a_number_and_a_footprint_says_that_it_is_a_test(year: Year) -> None:
    bound = [gtin.zfill(14) for gtins in year.shelf.gtins.values() for gtin in gtins]
    assert len(set(bound)) == len(bound) == year.shelf.labelled
    async with transaction() as session:
        statement = select(Footprint).where(col(Footprint.gtin).in_(bound))
        footprints = (await session.exec(statement)).all()
        certificates = (await session.exec(select(Certificate).where(col(Certificate.gtin).in_(bound)))).all()
    assert len(footprints) == len(certificates) == len(bound)
    assert all(each.source.startswith("TEST BINDING: ") for each in footprints)
    assert all(each.number.startswith("TEST-") for each in certificates)


def test_lines_are_credited_or_refused_with_the_reasons_that_fit_their_data(year: Year) -> None:
    tally = year.tally
    sold = tally.sales
    assert tally.lines == LINES == sold.credited + sold.replayed + sum(sold.refused.values())
    assert sold.credited > LINES // 2
    assert sold.grams > 0
    # Above the median saves nothing, makers' own boundaries are others, two beers make no baseline.
    assert {Reason.NO_SAVING, Reason.NOT_COMPARABLE, Reason.NO_BASELINE} <= set(sold.refused)
    assert set(year.shelf.gtins) == {*SUBGROUPS, *SUBCLASSES}


def test_gifts_are_credited_left_to_be_claimed_taken_back_or_refused_and_no_line_is_lost(gifts: Year) -> None:
    sold, back = gifts.tally.sales, gifts.tally.returns
    refused = sum(sold.refused.values()) + sum(back.refused.values())
    assert gifts.tally.lines == LINES == sold.credited + sold.claimable + back.returned + refused
    assert sold.credited > LINES // 5
    assert sold.claimable > LINES // 10  # who buys without an account, shows no code
    assert {Reason.INVALID_CODE, Reason.NO_CERTIFICATE, Reason.TOO_MANY_UNITS} <= set(sold.refused)
    assert back.returned > 0
    assert 0 < back.grams < sold.grams
    assert back.units > 0
    assert {Reason.NO_SUCH_SALE, Reason.INVALID_CODE} <= set(back.refused)


@pytest.mark.parametrize("stream", ["year", "gifts"])
def test_the_same_lines_again_credit_and_take_back_nothing(stream: str, request: pytest.FixtureRequest) -> None:
    lived: Year = request.getfixturevalue(stream)
    first, again = lived.tally, lived.again
    assert (again.sales.credited, again.sales.grams, again.sales.points) == (0, 0, 0)
    assert (again.returns.returned, again.returns.grams, again.returns.points) == (0, 0, 0)
    assert (again.sales.replayed, again.sales.claimable) == (first.sales.credited, first.sales.claimable)
    assert again.sales.refused == first.sales.refused
    assert again.returns.replayed == first.returns.returned
    # Which reason it has may change: what was left of a purchase then has come back since.
    assert again.returns.refused.total() == first.returns.refused.total()


@pytest.mark.parametrize("stream", ["year", "gifts"])
def test_everything_adds_up_and_every_receipt_recomputes(stream: str, request: pytest.FixtureRequest) -> None:
    lived: Year = request.getfixturevalue(stream)
    found = {each.name: each for each in lived.audit.findings}
    assert {each.differences for each in found.values()} == {0}
    [recomputed] = [each for name, each in found.items() if re.search("receipt recomputes", name)]
    assert recomputed.checked == lived.tally.sales.credited
