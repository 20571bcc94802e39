"""The bytes of entries are as docs/ledger-serialisation.md says, for good."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock, db
from core.ids import new_id
from points import ledger
from points.ledger import Account, AccountKind, Asset, EntryKind, Posting, RecordedEntry, digest, serialised
from points.programmes.tables import Programme
from tests.factories.ledgers import award, draft_award, resident_of

PAGE = (Path(__file__).parents[3] / "docs" / "ledger-serialisation.md").read_text(encoding="utf-8")
NOW = clock.now()


def named(what: str) -> UUID:
    """Return an id from the example's table."""
    return UUID(re.findall(rf"^\| {re.escape(what)}[^|]*\| `([0-9a-f-]{{36}})`", PAGE, re.MULTILINE)[-1])


def example() -> RecordedEntry:
    programme_id, resident_id = named("programme"), named("resident")
    own, budget = Account(AccountKind.RESIDENT, resident_id), UUID(re.findall(r"account 5 of `([^`]+)`", PAGE)[0])
    return RecordedEntry(
        programme_id=programme_id,
        entry_id=named("entry"),
        kind=EntryKind.REVERSAL,
        effective_at=datetime(2026, 5, 1, 8, 30, 0, 250_000, UTC),
        resident_id=resident_id,
        subject_id=named("subject (the award)"),
        postings=(
            Posting(own, Account(AccountKind.ISSUED, programme_id), Asset.GRAMS, 412),
            Posting(own, Account(AccountKind.BUDGET, budget), Asset.POINTS, 9),
        ),
    )


def test_the_example_of_the_page_is_what_is_written() -> None:
    shown, told = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    expected = bytes.fromhex(re.sub(r"\s", "", shown))
    assert len(expected) == int(re.findall(r"Its (\d+) bytes", PAGE)[0])
    assert serialised(example()) == expected
    assert digest(example()).hex() == told.strip() == hashlib.sha256(expected).hexdigest()


def test_the_page_knows_every_kind() -> None:
    for heading, kinds in (("entries", EntryKind), ("accounts", AccountKind)):
        [told] = re.findall(rf"\*\*Kinds of {heading}\*\*: (.*?)\n\n", PAGE, re.DOTALL)
        assert {int(number): word for number, word in re.findall(r"(\d+) (\w+)", told)} == {
            int(kind): kind.name.lower() for kind in kinds
        }


def test_a_moment_has_the_same_bytes_in_every_time_zone_and_none_without() -> None:
    entry = example()
    shanghai = replace(entry, effective_at=entry.effective_at.astimezone(timezone(timedelta(hours=8))))
    assert serialised(shanghai) == serialised(entry)
    with pytest.raises(ValueError, match="needs a time zone"):
        serialised(replace(entry, effective_at=entry.effective_at.replace(tzinfo=None)))


IDS = st.integers(1, 3).map(lambda number: UUID(int=number))
ACCOUNTS = st.builds(Account, st.sampled_from(AccountKind), IDS)
POSTINGS = st.builds(Posting, ACCOUNTS, ACCOUNTS, st.sampled_from(Asset), st.integers(1, 3))
ENTRIES = st.builds(
    RecordedEntry,
    programme_id=IDS,
    entry_id=IDS,
    kind=st.sampled_from(EntryKind),
    effective_at=st.integers(-2, 2).map(lambda tick: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=tick)),
    resident_id=st.none() | IDS,
    subject_id=st.none() | IDS,
    postings=st.lists(POSTINGS, max_size=2).map(tuple),
)


@given(ENTRIES, ENTRIES)
def test_different_entries_have_different_bytes(one: RecordedEntry, other: RecordedEntry) -> None:
    assert (serialised(one) == serialised(other)) == (one == other)


async def test_the_log_tells_every_entry_once_in_the_order_of_ids_as_it_was_made(programme: Programme) -> None:
    resident_id = await resident_of(programme)
    draft = draft_award(programme, resident_id, 5, now=NOW, grams=70)
    bare = ledger.Draft(new_id(), EntryKind.AWARD, NOW, (), resident_id)
    programme_id = programme.programme_id
    async with db.transaction() as session:
        await ledger.lock(session, programme_id, [resident_id])
        await ledger.append(session, programme_id, [bare, draft])
    await award(programme, resident_id, 9, now=NOW)
    async with db.transaction() as session:
        whole = await ledger.log(session, programme_id, before=new_id())
        first = await ledger.log(session, programme_id, before=new_id(), limit=2)
        rest = await ledger.log(session, programme_id, after=first[-1].entry_id, before=new_id())
        upto = await ledger.log(session, programme_id, before=whole[-1].entry_id)
    assert [*first, *rest] == whole
    assert upto == whole[:-1]
    assert [entry.entry_id for entry in whole] == sorted(entry.entry_id for entry in whole)
    found = {entry.entry_id: entry for entry in whole}
    assert found[draft.entry_id] == RecordedEntry(
        programme_id, draft.entry_id, draft.kind, NOW, resident_id, None, draft.postings
    )
    assert found[bare.entry_id].postings == ()
    assert len({digest(entry) for entry in whole}) == len(whole)
