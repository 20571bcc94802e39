from bench.sizes import Share, shares, sizes
from core.settings import settings


def test_a_share_is_what_a_relation_has_grown_by_for_each_activity() -> None:
    before = {"activity": 8_192, "activity_pkey": 16_384, "product": 50_000}
    after = {"activity": 308_192, "activity_pkey": 66_384, "product": 50_000, "lot": 1_000}

    assert shares(before, after, 1_000) == [Share("activity", 300.0), Share("activity_pkey", 50.0), Share("lot", 1.0)]


async def test_every_table_and_every_index_is_counted_apart(database: str) -> None:
    url = settings().migration_database_url or database
    found = await sizes(url)
    assert {"activity", "activity_pkey", "posting", "posting_pkey", "entry", "claim", "lot"} <= found.keys()
    assert all(size >= 0 for size in found.values())
