from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from labels.certificates import EventFact, EventKind, Status, issued_on, status_on, valid_until_on

FIRST = date(2026, 1, 1)
FOREVER = date(2030, 1, 1)
DAYS = 14
"""Histories play within a fortnight, so that events meet and every day can be asked about."""
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
days = st.integers(0, DAYS).map(lambda number: FIRST + timedelta(days=number))
moments = st.integers(0, DAYS).map(lambda number: MIDNIGHT + timedelta(days=number))
facts = st.builds(
    lambda kind, effective, recorded, until: EventFact(kind, effective, recorded, until if kind == "renewed" else None),
    st.sampled_from(list(EventKind)),
    days,
    moments,
    days,
)
histories = st.lists(facts, max_size=10, unique_by=lambda event: (event.effective_on, event.recorded_at))
"""At most one event a day and moment, so that their order is what the reference model says it is."""


def lived(events: list[EventFact], valid_from: date, end: date, last: date, known_at: datetime) -> Status:
    """Live through every day until `last` with the events known then, doing what each says when its day comes.

    It keeps what has happened as so many flags, and looks at them only at the end of the last day.
    """
    been: set[str] = set()
    day = FIRST - timedelta(days=1)
    while day <= last:
        due = [event for event in events if event.effective_on == day and not event.recorded_at > known_at]
        for event in sorted(due, key=lambda each: each.recorded_at):
            if event.kind in {"issued", "withdrawn"} or "issued" in been:
                been.add(event.kind)
            been -= {"reinstated": {"suspended"}, "renewed": {"expired"}}.get(event.kind, set())
            end = event.valid_until if event.valid_until and "issued" in been else end
        day += timedelta(days=1)
    if "withdrawn" in been:
        return Status.WITHDRAWN
    if "issued" not in been or last < valid_from:
        return Status.NOT_ISSUED
    if last >= end or "expired" in been:
        return Status.EXPIRED
    return Status.SUSPENDED if "suspended" in been else Status.VALID


@given(histories, days, days)
def test_for_every_day_and_time_the_status_is_what_living_through_it_gives(
    events: list[EventFact], start: date, end: date
) -> None:
    start, end = min(start, end), max(start, end) + timedelta(days=1)
    for number in range(-1, DAYS + 2):
        day = FIRST + timedelta(days=number)
        for known in range(-1, DAYS + 1):
            known_at = MIDNIGHT + timedelta(days=known)
            expected = lived(events, start, end, day, known_at)
            assert status_on(events, start, end, day, known_at=known_at) is expected
            assert status_on(list(reversed(events)), start, end, day, known_at=known_at) is expected


@given(histories, days, days, days)
def test_as_known_at_the_end_is_as_known(events: list[EventFact], start: date, end: date, day: date) -> None:
    last = MIDNIGHT + timedelta(days=DAYS)
    assert status_on(events, start, end, day) is status_on(events, start, end, day, known_at=last)


@given(histories, days, moments)
def test_what_was_known_at_a_time_never_changes(events: list[EventFact], day: date, known_at: datetime) -> None:
    later = EventFact("withdrawn", FIRST, known_at + timedelta(seconds=1))
    before = status_on(events, FIRST, FOREVER, day, known_at=known_at)
    assert status_on([*events, later], FIRST, FOREVER, day, known_at=known_at) is before


@given(histories, days, days)
def test_withdrawn_is_final_from_its_day_on(events: list[EventFact], withdrawn: date, day: date) -> None:
    history = [*events, EventFact("withdrawn", withdrawn, datetime(2027, 1, 1, tzinfo=UTC))]
    if day >= withdrawn:
        assert status_on(history, FIRST, FOREVER, day) is Status.WITHDRAWN


@given(histories, days)
def test_an_event_of_a_later_day_changes_nothing_before_it(events: list[EventFact], day: date) -> None:
    until = [event for event in events if event.effective_on <= day]
    assert status_on(events, FIRST, FOREVER, day) is status_on(until, FIRST, FOREVER, day)


@given(histories, days)
def test_a_passed_surveillance_changes_no_status(events: list[EventFact], day: date) -> None:
    others = [event for event in events if event.kind != "surveilled"]
    assert status_on(events, FIRST, FOREVER, day) is status_on(others, FIRST, FOREVER, day)


def test_an_event_recorded_late_takes_effect_on_the_day_it_names_and_was_not_known_before() -> None:
    issued = EventFact("issued", FIRST, MIDNIGHT)
    late = EventFact("suspended", date(2026, 2, 1), datetime(2026, 6, 1, tzinfo=UTC))
    assert status_on((issued, late), FIRST, FOREVER, date(2026, 1, 31)) is Status.VALID
    assert status_on((issued, late), FIRST, FOREVER, date(2026, 2, 1)) is Status.SUSPENDED
    asked = datetime(2026, 3, 1, tzinfo=UTC)
    assert status_on((issued, late), FIRST, FOREVER, date(2026, 2, 1), known_at=asked) is Status.VALID
    assert status_on((issued,), FIRST, FOREVER, FIRST, known_at=MIDNIGHT - timedelta(1)) is Status.NOT_ISSUED


def test_a_renewal_moves_the_end_from_its_day_on_and_leaves_the_gap_expired() -> None:
    end, again, new_end = date(2026, 3, 1), date(2026, 3, 10), date(2027, 3, 1)
    events = (EventFact("issued", FIRST, MIDNIGHT), EventFact("renewed", again, MIDNIGHT, new_end))
    stands = [status_on(events, FIRST, end, day) for day in (date(2026, 2, 28), end, again, new_end)]
    assert stands == [Status.VALID, Status.EXPIRED, Status.VALID, Status.EXPIRED]
    assert [valid_until_on(events, end, day) for day in (end, again)] == [end, new_end]


def test_a_suspension_outlasts_a_renewal() -> None:
    events = (
        EventFact("issued", FIRST, MIDNIGHT),
        EventFact("suspended", date(2026, 1, 5), MIDNIGHT),
        EventFact("renewed", date(2026, 1, 6), MIDNIGHT, FOREVER),
    )
    assert status_on(events, FIRST, date(2026, 2, 1), date(2026, 3, 1)) is Status.SUSPENDED
    lifted = replace(events[1], kind="reinstated", effective_on=date(2026, 3, 1))
    assert status_on((*events, lifted), FIRST, date(2026, 2, 1), date(2026, 3, 1)) is Status.VALID


@given(histories)
def test_the_day_of_issue_is_the_first_there_was(events: list[EventFact]) -> None:
    days_of_issue = sorted(event.effective_on for event in events if event.kind == "issued")
    assert issued_on(events) == (days_of_issue[0] if days_of_issue else None)
