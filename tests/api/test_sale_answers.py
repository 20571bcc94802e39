"""What is written about sale lines without models says to the letter what the models would say."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from api.sale_answers import answer_of
from api.schemas.receipts import ActivityResult
from api.schemas.sales import NewSaleLine, SalesResult
from core.ids import new_id
from points.earning.activities import (
    CampaignAward,
    Claimable,
    Cut,
    Held,
    Kind,
    Outcome,
    Reason,
    Receipt,
    Refusal,
)
from points.earning.withholding import told_to_tills

MOMENTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - the zone comes beside
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), ZoneInfo("Asia/Shanghai")]),
)
GRAMS = st.integers(0, 10**12)
RECEIPTS = st.builds(
    lambda kind, moment, grams, awards, cuts, potential, *, replayed: Receipt(
        activity_id=new_id(),
        resident_id=new_id(),
        kind=kind,
        gtin="09521234543213",
        quantity=2,
        effective_at=moment,
        day=moment.date(),
        potential_grams=potential,
        saving_grams=grams,
        grams=grams,
        points=sum(awards) + 7,
        awards=tuple(CampaignAward(new_id(), points + 1, points) for points in awards),
        cuts=tuple(cuts),
        replayed=replayed,
        waiting_points=len(cuts),
        matched=tuple(new_id() for _ in awards),
    ),
    st.sampled_from(Kind),
    MOMENTS,
    GRAMS,
    st.lists(st.integers(0, 100), max_size=2),
    st.lists(st.sampled_from(Cut), max_size=2),
    st.none() | GRAMS,
    replayed=st.booleans(),
)
OTHERS: tuple[Outcome, ...] = (
    Refusal(Reason.NO_SAVING, "It saves nothing."),
    Claimable(Reason.ANONYMOUS, "Nobody.", "0123456789ABCDEFGHJK"),
    Held(new_id(), "velocity", "Too fast."),
)


def _line(number: int) -> NewSaleLine:
    return NewSaleLine(
        receipt=f"收据 {number}",
        line=number,
        member_code=None,
        code="9521234543213",
        quantity=2,
        sold_at=datetime(2026, 5, 1, tzinfo=UTC),
    )


@given(outcomes=st.lists(RECEIPTS | st.sampled_from(OTHERS), min_size=1, max_size=5))
def test_an_answer_is_what_its_models_write(outcomes: list[Outcome]) -> None:
    lines = [_line(number) for number in range(1, len(outcomes) + 1)]
    written = answer_of(lines, outcomes, "https://example.org/{}".format)

    read = SalesResult.model_validate_json(written)
    assert read.model_dump_json() == written
    assert read.credited + read.replayed + read.refused + read.held == len(outcomes)
    for line, outcome, result in zip(lines, outcomes, read.results, strict=True):
        assert (result.till_receipt, result.line) == (line.receipt, line.line)
        assert ActivityResult.model_validate(
            result.model_dump(include={"outcome", "receipt", "refusal", "held"})
        ) == ActivityResult.of(told_to_tills(outcome))
        assert (result.claim_url is not None) == isinstance(outcome, Claimable)
