import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from api.schemas.sales import NewSales
from bench.till import Till, till_of
from bench.world import World, member_code

NOBODY = UUID(int=0)
WORLD = World("bench-1", NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, ("09521234543213",), (NOBODY,) * 9)


@pytest.fixture
def till() -> Till:
    return till_of(WORLD, "tanhui_key", 8000, name="t", lines=7, sold_at=datetime(2026, 5, 1, tzinfo=UTC), kinds=2)


def _body(request: bytes) -> bytes:
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"content-length: "))
    assert length == len(body)
    return body


def test_every_request_is_one_that_the_service_takes(till: Till) -> None:
    lines = NewSales.model_validate_json(_body(till.request(12))).lines
    assert len(lines) == 7
    assert {line.member_code for line in lines} <= {member_code(number) for number in range(9)}


def test_no_line_of_two_requests_is_the_same(till: Till) -> None:
    receipts = [line["receipt"] for number in range(5) for line in json.loads(_body(till.request(number)))["lines"]]
    assert len(set(receipts)) == 35


def test_what_is_counted_is_what_the_answer_says_was_credited(till: Till) -> None:
    assert till.done(b'{"credited":998,"replayed":2,"refused":0}') == 998
    assert till.done(b'{"type":"about:blank"}') == 0
