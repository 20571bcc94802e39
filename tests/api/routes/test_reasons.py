"""Texts for every stable name that an answer can have."""

import re

from httpx import AsyncClient

from labels.savings import ObstacleReason
from points.earning.activities import Cut, Reason
from points.programmes.guard_terms import Rule


async def test_every_reason_rule_and_cut_has_its_texts_in_both_languages(client: AsyncClient) -> None:
    told = await client.get("/v1/reasons")
    assert told.status_code == 200
    texts = told.json()["reasons"]
    assert {(each["about"], each["code"]) for each in texts} == {
        *(("refusal", each.value) for each in Reason),
        *(("rule", each.value) for each in Rule),
        *(("cut", each.value) for each in Cut),
    }
    for each in texts:
        for field in ("name", "todo"):
            assert re.search(r"[\u4e00-\u9fff]", each[f"{field}_zh"]), each
            assert not re.search(r"[\u4e00-\u9fff]", each[f"{field}_en"]), each
        assert each["todo_zh"].endswith("。")
        assert each["todo_en"].endswith(".")


async def test_no_stable_name_means_two_things(client: AsyncClient) -> None:
    codes = [each["code"] for each in (await client.get("/v1/reasons")).json()["reasons"]]
    assert len(codes) == len(set(codes))


def test_what_stands_between_a_product_and_its_saving_is_a_reason_too() -> None:
    assert {each.value for each in ObstacleReason} <= {each.value for each in Reason}
