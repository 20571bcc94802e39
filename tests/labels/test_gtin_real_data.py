import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labels.errors import InvalidCodeError
from labels.gtin import Code, parse_code, require_labelled

pytestmark = pytest.mark.real_data


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def parsed(text: str) -> Code | None:
    try:
        return parse_code(text)
    except InvalidCodeError:
        return None


def verdicts(folder: Path) -> list[dict[str, Any]]:
    """The reference engine's verdicts, without those on short GTINs in a path, which a lenient flag let through."""
    listed: list[dict[str, Any]] = json.loads((folder / "gs1" / "sample_verdicts.json").read_text(encoding="utf-8"))
    lenient = [each for each in listed if each.get("permit_zero_suppressed_gtin") and each["ok"]]
    short = [each for each in lenient if len(each["input"].partition("/01/")[2].partition("/")[0]) < 14]
    return [each for each in listed if each not in short]


def test_every_verdict_of_the_reference_engine_is_ours(data_folder: Path) -> None:
    judged = verdicts(data_folder)
    assert len(judged) >= 60
    for verdict in judged:
        code = parsed(verdict["input"])
        assert (code is not None) == verdict.get("valid", verdict.get("ok")), verdict
        if code is None:
            continue
        if verdict["kind"] == "gtin":
            assert code.gtin == verdict["gtin14"]
        if verdict.get("ai") is not None:
            assert code.element_string == verdict["ai"]
        if verdict.get("dl") is not None:
            assert code.canonical_uri == verdict["dl"]
        if "hri" in verdict:
            assert [f"({identifier}) {value}" for identifier, value in code.elements] == verdict["hri"]
        assert list(code.ignored) == verdict.get("ignored", [])


@pytest.mark.parametrize(
    "name",
    [
        "products_usda_branded.csv",
        "products_branded_named.csv",
        "products_cn_retail.csv",
        "products_off_cn_prefix.csv",
        "products_off_categorised.csv",
        "products_off_bulk.csv.gz",
    ],
)
def test_every_real_product_number_is_read(data_folder: Path, name: str) -> None:
    unread = []
    count = 0
    for row in rows(data_folder / "products" / name):
        count += 1
        code = parse_code(row["gtin14"])
        shop = row.get("gs1_scope", "global") not in {"global", ""}
        if code.gtin != row["gtin14"] or (shop and code.can_carry_label and row["gs1_scope"] != "demo"):
            unread.append(row)
    assert count > 1_000
    assert unread == []


def test_products_of_the_two_master_data_files_can_all_carry_a_label(data_folder: Path) -> None:
    for name in ("products_branded_named.csv", "products_cn_retail.csv"):
        for row in rows(data_folder / "products" / name):
            assert require_labelled(parse_code(row["gtin"].zfill(8))) == row["gtin14"]


def test_every_code_that_real_sources_got_wrong_is_refused_for_what_is_wrong(data_folder: Path) -> None:
    for row in rows(data_folder / "products" / "gtins_invalid_real.csv"):
        with pytest.raises(InvalidCodeError) as caught:
            require_labelled(parse_code(row["code"]))
        if row["reason"].startswith("scope:"):
            lengths = {8, 12, 13, 14}
            wanted = row["reason"].removeprefix("scope:") if len(row["code"]) in lengths else "bad_length"
            assert caught.value.reason == wanted
        elif row["reason"] == "bad_check_digit":
            assert caught.value.reason == "bad_check_digit"
        else:
            assert caught.value.reason in {"bad_length", "bad_check_digit"}
