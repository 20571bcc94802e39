import csv
from pathlib import Path

import pytest
from sqlmodel import select

import commands.import_runs
from commands.door import completed
from core.db import transaction
from core.errors import OperatorError
from core.ids import new_id
from labels.tables import Baseline, Category, Footprint, Product
from tests.commands.conftest import Run, Write
from tests.factories.labels import fresh_gtin

BASELINE = (
    "category_id",
    "category_name_en",
    "kg_co2e_per_unit",
    "functional_unit",
    "boundary",
    "standard",
    "region",
    "sample_size",
    "model",
    "method",
    "licence",
    "valid_from",
)
FOOTPRINT = ("gtin", "kg_co2e_per_unit", "functional_unit", "boundary", "standard", "region", "valid_from")


def _stored(*gtins: str) -> list[Product]:
    async def work() -> list[Product]:
        async with transaction() as session:
            return [one for gtin in gtins if (one := await session.get(Product, gtin.zfill(14))) is not None]

    return completed(work)


def _category() -> str:
    return f"test.{new_id().hex}"


def _baseline(category: str, kilograms: object = "5.0", model: str = "category_mean") -> tuple[object, ...]:
    figures = (kilograms, "kg", "cradle-to-grave", "ISO 14067", "CN", 3)
    return (category, "Tea", *figures, model, "median/1", "CC0", "2020-01-01")


def test_good_rows_are_registered_and_bad_ones_are_told_by_row_field_value_and_reason(
    command: Run, table: Write, tmp_path: Path
) -> None:
    good, report = fresh_gtin(), tmp_path / "refused.csv"
    rows = [(good, "Tea"), ("9521234543214", "Wrong check digit"), (fresh_gtin(), ""), (f"０{good[1:]}", "全角")]
    done = command("import", "products", table("p.csv", ("gtin", "name"), rows), "--report", report)
    assert done.code == 1
    assert "1 registered, 0 were registered before. 3 refused." in done.text
    with report.open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert [(each["row"], each["field"], each["value"]) for each in told] == [
        ("3", "gtin", "9521234543214"),
        ("4", "name", ""),
        ("5", "gtin", f"０{good[1:]}"),
    ]
    assert "check digit" in told[0]["reason"]
    assert [each.name_en for each in _stored(good)] == ["Tea"]


def test_the_same_file_again_changes_nothing(command: Run, table: Write) -> None:
    path = table("p.csv", ("gtin", "name_zh", "spec"), [(fresh_gtin(), "茶", "33克*30")])
    assert command("import", "products", path).code == 0
    assert "0 registered, 1 were registered before." in command("import", "products", path).text


def test_a_dry_run_says_the_same_and_leaves_nothing(command: Run, table: Write) -> None:
    gtin = fresh_gtin()
    done = command("import", "products", table("p.csv", ("gtin", "name"), [(gtin, "Tea")]), "--dry-run")
    assert "1 would be registered" in done.text
    assert _stored(gtin) == []


def test_an_import_that_breaks_off_leaves_nothing(command: Run, table: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.import_runs, "_BATCH", 1)
    first, second = fresh_gtin(), fresh_gtin()
    path = table("p.csv", ("gtin", "name"), [(first, "Tea"), (second, "Tea")])
    with path.open("ab") as file:
        file.write(b'9521,"\xff\n')
    done = command("import", "products", path)
    assert isinstance(done.error, OperatorError)
    assert "UTF-8" in str(done.error)
    assert _stored(first, second) == []


def test_a_product_registered_with_other_values_is_kept_unless_it_is_to_be_amended(command: Run, table: Write) -> None:
    gtin = fresh_gtin()
    command("import", "products", table("a.csv", ("gtin", "name"), [(gtin, "Tea")]))
    other = table("b.csv", ("gtin", "name"), [(gtin, "Green tea")])
    assert command("import", "products", other).code == 1
    assert [each.name_en for each in _stored(gtin)] == ["Tea"]
    assert command("import", "products", other, "--amend").code == 0
    assert [each.name_en for each in _stored(gtin)] == ["Green tea"]


def test_a_sources_own_words_become_categories_as_listed(command: Run, table: Write) -> None:
    gtin, category = fresh_gtin(), _category()
    assert command("import", "baselines", table("b.csv", BASELINE, [_baseline(category)])).code == 0
    words = table("words.csv", ("category", "category_id"), [("Tea & Herbs", category)])
    products = table("p.csv", ("gtin", "name", "category", "pack"), [(gtin, "Tea", "Tea & Herbs", "250g")])
    assert command("import", "products", products, "--categories", words).code == 0
    [stored] = _stored(gtin)
    assert (stored.category_id, stored.net_content_micro) == (category, 250_000)


def test_baselines_bring_their_category_along_and_each_supersedes_the_last(command: Run, table: Write) -> None:
    category = _category()
    later = (*_baseline(category, "4.0")[:-1], "2024-01-01")
    rows = [later, _baseline(category), _baseline(category, "-1"), _baseline(category, model="guess")]
    done = command("import", "baselines", table("b.csv", BASELINE, rows))
    assert "2 registered" in done.text
    assert "2 refused" in done.text

    async def found() -> tuple[Category | None, list[Baseline]]:
        async with transaction() as session:
            stored = (await session.exec(select(Baseline).where(Baseline.category_id == category))).all()
            return await session.get(Category, category), sorted(stored, key=lambda each: each.valid_from)

    registered, (old, new) = completed(found)
    assert registered is not None
    assert (old.milligrams_per_unit, new.milligrams_per_unit) == (5_000_000, 4_000_000)
    assert new.supersedes_id == old.id


def test_a_footprint_out_of_its_categorys_range_is_kept_for_review(command: Run, table: Write) -> None:
    gtin, category = fresh_gtin(), _category()
    header = (*BASELINE, "plausible_low_kg", "plausible_high_kg")
    command("import", "baselines", table("b.csv", header, [(*_baseline(category), "1", "9")]))
    command("import", "products", table("p.csv", ("gtin", "name", "category_id"), [(gtin, "Tea", category)]))
    figures = ("kg", "cradle_to_grave", "ISO 14067", "CN", "2024-01-01")
    rows = [(gtin, "3.5", *figures), (gtin, "922", *figures), (gtin, "much", *figures), (fresh_gtin(), "1", *figures)]
    done = command("import", "footprints", table("f.csv", FOOTPRINT, rows))
    assert "1 registered" in done.text
    assert "1 kept for review" in done.text
    assert "2 refused" in done.text

    async def found() -> list[tuple[int, str]]:
        async with transaction() as session:
            stored = (await session.exec(select(Footprint).where(Footprint.gtin == gtin.zfill(14)))).all()
            return sorted((each.milligrams_per_unit, each.status) for each in stored)

    assert completed(found) == [(3_500_000, "accepted"), (922_000_000, "quarantined")]


def test_a_file_without_the_column_it_needs_is_refused_whole(command: Run, table: Write) -> None:
    done = command("import", "products", table("p.csv", ("number", "name"), [("1", "Tea")]))
    assert isinstance(done.error, OperatorError)
    assert "no column gtin" in str(done.error)


def test_a_row_with_more_cells_than_columns_is_refused_alone(command: Run, table: Write) -> None:
    rows = [(fresh_gtin(), "Tea", "one too many"), (fresh_gtin(), "Tea")]
    done = command("import", "products", table("p.csv", ("gtin", "name"), rows))
    assert "1 registered" in done.text
    assert "more cells than the header" in done.text
