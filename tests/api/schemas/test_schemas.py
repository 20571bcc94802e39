"""What every schema is made of."""

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

from api.schemas import Moment

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


@pytest.mark.parametrize(
    "written", ["2026-05-01T16:30:00+08:00", "2026-05-01T16:30:00.123456-03:30", "2026-05-01T16:30:00Z"]
)
def test_a_time_keeps_its_distance_from_utc_in_a_class_that_is_quick_to_compare(written: str) -> None:
    read = MOMENT.validate_json(orjson.dumps(written))
    assert (read, read.utcoffset()) == (datetime.fromisoformat(written), datetime.fromisoformat(written).utcoffset())
    assert isinstance(read.tzinfo, timezone)
    assert orjson.dumps(read, option=orjson.OPT_UTC_Z).decode().strip('"') == written


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-05-01T16:30:00"])
def test_what_is_no_believable_time_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_json(orjson.dumps(written))


def test_a_time_that_is_one_already_is_taken_as_it_is() -> None:
    east = timezone(timedelta(hours=8))
    moment = datetime(2026, 5, 1, 16, 30, tzinfo=east)
    assert MOMENT.validate_python(moment) == moment == moment.astimezone(UTC)
