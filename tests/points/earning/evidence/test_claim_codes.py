from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from points.earning.evidence.claim_codes import LENGTH, claim_code, normalized

SECRET = b"k" * 32


def test_a_receipt_has_one_code_and_no_other_has_it() -> None:
    programme_id, retailer_id = new_id(), new_id()
    code = claim_code(programme_id, retailer_id, "R1", SECRET)
    assert (len(code), code) == (LENGTH, claim_code(programme_id, retailer_id, "R1", SECRET))
    others = {
        claim_code(programme_id, retailer_id, "R2", SECRET),
        claim_code(programme_id, new_id(), "R1", SECRET),
        claim_code(new_id(), retailer_id, "R1", SECRET),
        claim_code(programme_id, retailer_id, "R1", b"l" * 32),
    }
    assert len(others | {code}) == 5


@given(st.uuids(), st.uuids(), st.text(max_size=100))
def test_every_code_is_read_as_it_was_printed(programme_id: UUID, retailer_id: UUID, receipt: str) -> None:
    code = claim_code(programme_id, retailer_id, receipt, SECRET)
    spaced = " ".join(code[place : place + 5] for place in range(0, LENGTH, 5)).lower()
    confused = code.replace("0", "O").replace("1", "l")
    assert {normalized(code), normalized(spaced), normalized(spaced.replace(" ", "-")), normalized(confused)} == {code}


@pytest.mark.parametrize("typed", ["", "7Q2MX", "U" * 20, "0" * 21, "7Q2MXB4T9KDH3WRE5N0Ç", "码" * 20, "\0" * 20])
def test_what_can_be_no_code_is_none(typed: str) -> None:
    assert normalized(typed) is None
