"""Evidence comes back from a review as it was reported."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.ids import new_id
from points.earning.activities import Evidence, Sale, Scan
from points.earning.guards.reported import restored, stored

AT = datetime(2026, 5, 1, 16, 30, 15, 123_456, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    "evidence",
    [
        Sale(new_id(), "S042-1", 3, "7KQ2MXB4WRTN", new_id(), "9521234543213", 2, AT),
        Sale(new_id(), "小票", 1, None, None, "9521234543213", -1, AT.astimezone(UTC)),
        Scan(new_id(), "https://id.gs1.org/01/09521234543213", AT, "]Q1"),
    ],
)
def test_evidence_survives_being_stored(evidence: Evidence) -> None:
    assert restored(json.loads(json.dumps(stored(evidence)))) == evidence
