"""The code on the receipt of an anonymous sale, by which whoever has the receipt claims it. Pure.

20 characters of Crockford's base 32 hold 100 bits of a keyed hash: without the key nobody finds one by trying, and the
till need not keep it, for the same receipt always has the same code.
"""

import hmac
from typing import Final
from uuid import UUID

from labels.units.serials import ALPHABET, text_of

LENGTH: Final = 20
_BITS: Final = 5 * LENGTH
_READ_AS: Final = {ord("O"): "0", ord("I"): "1", ord("L"): "1", ord(" "): None, ord("-"): None}


def claim_code(programme_id: UUID, retailer_id: UUID, receipt: str, secret: bytes) -> str:
    """Return the code of a till receipt, the same for all of its lines."""
    message = programme_id.bytes + retailer_id.bytes + receipt.encode()
    digest = hmac.digest(secret, message, "sha256")
    return text_of(int.from_bytes(digest) >> (8 * len(digest) - _BITS), LENGTH)


def normalized(typed: str) -> str | None:
    """Return the code somebody typed or scanned, or None when it can be none.

    Letters may be small, spaces and hyphens are passed over, O is read as 0, I and L as 1, as Crockford wants it.
    """
    code = typed.upper().translate(_READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None
