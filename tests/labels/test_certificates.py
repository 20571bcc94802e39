from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from labels.certificates import EventFact, EventKind, Status, issued_on, status_on

FIRST = date(2026, 1, 1)
days = st.integers(0, 30).map(lambda number: FIRST + timedelta(days=number))
moments = st.integers(0, 50).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
histories = st.lists(st.builds(EventFact, st.sampled_from(list(EventKind)), days, moments), max_size=8, unique=True)


def walk(events: list[EventFact], valid_from: date, valid_until: date, last: date) -> Status:
    """Live through every day from long before until `last`, doing what each event says when its day comes."""
    been: set[str] = set()
    day = FIRST - timedelta(days=1)
    while day <= last:
        for event in sorted((each for each in events if each.effective_on == day), key=lambda each: each.recorded_at):
            if event.kind in {"issued", "withdrawn"} or "issued" in been:
                been.add(event.kind)
            if event.kind == "reinstated":
                been.discard("suspended")
        day += timedelta(days=1)
    if "withdrawn" in been:
        return Status.WITHDRAWN
    if "issued" not in been or (last < valid_from and last < valid_until):
        return Status.NOT_ISSUED
    if last >= valid_until or "expired" in been:
        return Status.EXPIRED
    return Status.SUSPENDED if "suspended" in been else Status.VALID


def distinct(events: list[EventFact]) -> list[EventFact]:
    """Keep one event per day and moment, so that their order is what the model says it is."""
    return list({(event.effective_on, event.recorded_at): event for event in events}.values())


@given(histories, days, days, days)
def test_the_status_is_what_living_through_every_day_gives(
    events: list[EventFact], start: date, end: date, day: date
) -> None:
    history = distinct(events)
    start, end = min(start, end), max(start, end) + timedelta(days=1)
    expected = walk(history, start, end, day)
    assert status_on(history, start, end, day) is expected
    assert status_on(list(reversed(history)), start, end, day) is expected


@given(histories, days, days)
def test_withdrawn_is_final_from_its_day_on(events: list[EventFact], withdrawn: date, day: date) -> None:
    history = [*events, EventFact("withdrawn", withdrawn, datetime(2027, 1, 1, tzinfo=UTC))]
    if day >= withdrawn:
        assert status_on(history, FIRST, date(2030, 1, 1), day) is Status.WITHDRAWN


@given(histories, days)
def test_an_event_of_a_later_day_changes_nothing_before_it(events: list[EventFact], day: date) -> None:
    until = [event for event in events if event.effective_on <= day]
    assert status_on(events, FIRST, date(2030, 1, 1), day) is status_on(until, FIRST, date(2030, 1, 1), day)


def test_an_event_recorded_late_takes_effect_on_the_day_it_names() -> None:
    issued = EventFact("issued", FIRST, datetime(2026, 1, 1, tzinfo=UTC))
    late = EventFact("suspended", date(2026, 2, 1), datetime(2026, 6, 1, tzinfo=UTC))
    assert status_on((issued, late), FIRST, date(2030, 1, 1), date(2026, 1, 31)) is Status.VALID
    assert status_on((issued, late), FIRST, date(2030, 1, 1), date(2026, 2, 1)) is Status.SUSPENDED


@given(histories)
def test_the_day_of_issue_is_the_first_there_was(events: list[EventFact]) -> None:
    days_of_issue = sorted(event.effective_on for event in events if event.kind == "issued")
    assert issued_on(events) == (days_of_issue[0] if days_of_issue else None)
