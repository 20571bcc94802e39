"""Notices: one for each thing, read, counted, and appealed against once."""

from uuid import UUID

import pytest

from core import db
from core.ids import new_id
from points.errors import NotFoundError, StateConflictError
from points.programmes.tables import Programme
from points.residents import notices
from points.residents.notice_queries import NewNotice, Subject
from points.residents.notice_wording import NoticeKind, Told, wording
from points.residents.tables import Notice
from tests.factories.credits import NOW
from tests.factories.residents import make_residents


def about(kind: NoticeKind = NoticeKind.CLAWBACK) -> Subject:
    return Subject(kind, new_id(), "原因", "Why")


async def tell(programme: Programme, subject: Subject, *told: NewNotice) -> None:
    async with db.transaction() as session:
        await notices.tell(session, programme.programme_id, subject, told, now=NOW)


async def test_a_resident_has_one_notice_of_each_thing_and_only_their_own(programme: Programme) -> None:
    async with db.transaction() as session:
        one, two = await make_residents(session, programme, 2)
    subject = about()
    await tell(programme, subject, NewNotice(one, 100, 5, 2, 0), NewNotice(two, 7, 7, 0, 0))
    async with db.transaction() as session:
        [first] = (await notices.listed(session, programme.programme_id, one, before=None, limit=9)).notices
        assert await notices.read(session, programme.programme_id, one, first.notice_id, now=NOW) == 0
        with pytest.raises(NotFoundError):
            await notices.read(session, programme.programme_id, two, first.notice_id, now=NOW)
    await tell(programme, subject, NewNotice(one, 10, 1, 1, 0))
    await tell(programme, about(), NewNotice(one, 1, 1, 0, 1))
    async with db.transaction() as session:
        found = await notices.listed(session, programme.programme_id, one, before=None, limit=1)
        older = await notices.listed(session, programme.programme_id, one, before=found.notices[0].notice_id, limit=9)
    assert found.unread == 2, "what has grown is new again"
    assert [(each.grams, each.points, each.owed) for each in older.notices] == [(110, 6, 3)]
    assert older.notices[0].notice_id == first.notice_id


async def test_who_disagrees_says_so_once_and_staff_find_it(programme: Programme) -> None:
    async with db.transaction() as session:
        one, two = await make_residents(session, programme, 2)
    subject, forgiven = about(), about(NoticeKind.FORGIVENESS)
    await tell(programme, subject, NewNotice(one, 1, 1, 0, 0), NewNotice(two, 1, 1, 0, 0))
    await tell(programme, forgiven, NewNotice(one, 0, 1, 0, 0))
    async with db.transaction() as session:
        listed = await notices.listed(session, programme.programme_id, one, before=None, limit=9)
    newest, oldest = (each.notice_id for each in listed.notices)

    async def appeal(notice_id: UUID) -> Notice:
        async with db.transaction() as session:
            return await notices.appeal(session, programme.programme_id, one, notice_id, note="Mine.", now=NOW)

    assert (await appeal(oldest)).appeal == "Mine."
    with pytest.raises(StateConflictError, match="before"):
        await appeal(oldest)
    with pytest.raises(StateConflictError, match="nothing to appeal"):
        await appeal(newest)
    assert subject.about_id is not None
    async with db.transaction() as session:
        found = await notices.appealed(session, programme.programme_id, subject.about_id, after=None, limit=9)
        rest = await notices.appealed(session, programme.programme_id, subject.about_id, after=one, limit=9)
    assert [each.resident_id for each in found] == [one]
    assert rest == []


async def test_a_notice_that_grew_is_appealed_against_again_for_what_is_new(programme: Programme) -> None:
    async with db.transaction() as session:
        [one] = await make_residents(session, programme, 1)
    subject = about()
    assert subject.about_id is not None
    await tell(programme, subject, NewNotice(one, 100, 5, 2, 0))
    async with db.transaction() as session:
        [notice] = (await notices.listed(session, programme.programme_id, one, before=None, limit=9)).notices

    async def appeal(note: str) -> Notice:
        async with db.transaction() as session:
            return await notices.appeal(session, programme.programme_id, one, notice.notice_id, note=note, now=NOW)

    await appeal("The first was mine.")
    with pytest.raises(StateConflictError, match="should more be taken"):
        await appeal("Really.")
    await tell(programme, subject, NewNotice(one, 10, 1, 1, 0))
    assert (await appeal("And the second.")).appeal == "And the second."
    with pytest.raises(StateConflictError, match="should more be taken"):
        await appeal("Really.")
    async with db.transaction() as session:
        [found] = await notices.appealed(session, programme.programme_id, subject.about_id, after=None, limit=9)
    assert (found.appeal, found.grams) == ("And the second.", 110)
    assert [(each["appeal"], each["grams"], each["owed"]) for each in found.earlier_appeals] == [
        ("The first was mine.", 100, 2)
    ], "what they said before stays beside what it was about"


def test_what_is_given_back_needs_no_appeal() -> None:
    told = wording(NoticeKind.REINSTATEMENT, Told(1_234, 12, 3, 4))
    assert told.text_en.startswith("1,234 g of CO2e and 12 points were given back.")
    assert "3 积分您已使用,不再欠付" in told.text_zh


def test_a_notice_names_what_was_spent_only_where_something_was() -> None:
    plain = wording(NoticeKind.CLAWBACK, Told(1_234, 12, 0, 0))
    assert plain.text_en == "1,234 g of CO2e and 12 points were taken back."
    both = wording(NoticeKind.CORRECTION, Told(1, 12, 3, 4))
    assert "3 积分已使用,将从今后" in both.text_zh
    assert "4 points were spent already; you need not" in both.text_en
    assert plain.title_zh != both.title_zh
    assert "10 points you owed" in wording(NoticeKind.FORGIVENESS, Told(0, 10, 0, 0)).text_en
