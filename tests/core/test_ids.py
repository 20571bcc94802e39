"""Ids: time order is key order, whatever the clock does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core import ids
from core.ids import first_id, made_at, new_id, new_ids


def test_each_id_is_greater_than_the_one_before_it() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))
    assert [id_.bytes for id_ in made] == sorted(id_.bytes for id_ in made)


def test_threads_never_make_the_same_id_and_each_sees_its_own_in_order() -> None:
    with ThreadPoolExecutor(8) as threads:
        batches = list(threads.map(lambda _: [new_id() for _ in range(2_000)], range(8)))
    assert all(batch == sorted(batch) for batch in batches)
    assert len({id_ for batch in batches for id_ in batch}) == 16_000


def test_an_id_is_a_uuid_of_version_7_and_tells_when_it_was_made() -> None:
    before = datetime.now(UTC)
    made = new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before - timedelta(milliseconds=1) <= made_at(made) <= datetime.now(UTC) + timedelta(milliseconds=1)


def test_ids_made_together_are_in_order_among_all_others_and_as_random() -> None:
    before, together, after = new_id(), new_ids(3_000), new_id()
    made = [before, *together, after]
    assert made == sorted(set(made))
    assert {(each.version, each.variant) for each in together} == {(7, "specified in RFC 4122")}
    assert len({each.int & 0xFFFFFFFF for each in together}) > 2_990
    assert new_ids(0) == []


def test_ids_made_together_are_as_any_other_uuid_of_their_bytes() -> None:
    [made] = new_ids(1)
    other = UUID(bytes=made.bytes)
    assert (made, hash(made), str(made)) == (other, hash(other), str(other))


def test_order_holds_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr("core.ids.time.time_ns", lambda: 1_000_000_000_000_000_000)
    assert new_id() > first


def test_order_holds_when_a_millisecond_runs_out_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = ids._Monotonic()
    monkeypatch.setattr(ids, "_monotonic", ticks)
    first = new_id()
    ticks._millisecond += 10_000
    ticks._counter = (1 << 42) - 2
    second, third, fourth = new_id(), new_id(), new_id()
    assert first < second < third < fourth
    assert made_at(fourth) - made_at(second) == timedelta(milliseconds=1)


def test_the_first_id_of_a_moment_parts_what_was_made_before_from_what_comes_after() -> None:
    before, made = first_id(datetime.now(UTC)), new_id()
    assert before < made < first_id(datetime.now(UTC) + timedelta(milliseconds=1))
    assert (before.version, before.variant) == (7, "specified in RFC 4122")
    assert made_at(first_id(datetime(2026, 3, 1, 0, 0, 0, 1999, tzinfo=UTC))).microsecond == 1000
